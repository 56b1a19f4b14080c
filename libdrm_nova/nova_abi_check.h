/* SPDX-License-Identifier: MIT */

#ifndef __NOVA_ABI_CHECK_H__
#define __NOVA_ABI_CHECK_H__

/*
 * The binary interface as literal numbers. Whoever includes this file after
 * nova_drm.h does not compile if a number, a size or an offset has moved. The
 * two tables are also lists for programs that print or test them one by one.
 */

#include <stddef.h>

#if defined(__cplusplus)
#define NOVA_ABI_ASSERT static_assert
#else
#define NOVA_ABI_ASSERT _Static_assert
#endif

/* X(name in capitals, structure, command number) */
#define NOVA_ABI_IOCTLS(X) \
	X(GETPARAM, getparam, 0xc0106440) \
	X(GEM_CREATE, gem_create, 0xc0106441) \
	X(GEM_INFO, gem_info, 0xc0106442) \
	X(INFO, info, 0xc0106443) \
	X(GEM_CREATE2, gem_create2, 0xc0306460) \
	X(GEM_QUERY, gem_query, 0xc0306461) \
	X(GEM_MMAP_OFFSET, gem_mmap_offset, 0xc0106462) \
	X(GEM_WAIT, gem_wait, 0xc0106463) \
	X(GEM_MADVISE, gem_madvise, 0xc0106464) \
	X(GEM_SET_LABEL, gem_set_label, 0xc0106465) \
	X(VM_CREATE, vm_create, 0xc0286468) \
	X(VM_DESTROY, vm_destroy, 0xc0086469) \
	X(VM_BIND, vm_bind, 0xc030646a) \
	X(VM_GET_STATE, vm_get_state, 0xc020646b) \
	X(VM_QUERY_RANGES, vm_query_ranges, 0xc028646c) \
	X(QUEUE_CREATE, queue_create, 0xc0186470) \
	X(QUEUE_DESTROY, queue_destroy, 0xc0086471) \
	X(QUEUE_GET_STATE, queue_get_state, 0xc0106472) \
	X(EXEC, exec, 0xc0286473)

/* X(structure, size in bytes) */
#define NOVA_ABI_STRUCTS(X) \
	X(getparam, 16) X(gem_create, 16) X(gem_info, 16) X(info, 16) \
	X(gem_create2, 48) X(gem_query, 48) X(gem_mmap_offset, 16) \
	X(gem_wait, 16) X(gem_madvise, 16) X(gem_set_label, 16) \
	X(vm_create, 40) X(vm_destroy, 8) X(vm_bind, 48) \
	X(vm_get_state, 32) X(vm_query_ranges, 40) \
	X(queue_create, 24) X(queue_destroy, 8) X(queue_get_state, 16) \
	X(exec, 40) \
	X(array, 16) X(sync, 16) X(vm_bind_op, 48) X(vm_fault, 32) \
	X(vm_range, 40) X(exec_push, 16) X(memory_region, 48) \
	X(info_gpu, 160) X(info_memory, 200) X(info_va, 56) \
	X(info_bar1, 48) X(info_limits, 32) X(info_kinds, 264) \
	X(info_time, 32)

/* X(structure, member, offset in bytes) */
#define NOVA_ABI_MEMBERS(X) \
	X(getparam, param, 0) X(getparam, value, 8) \
	X(gem_create, handle, 0) X(gem_create, pad, 4) X(gem_create, size, 8) \
	X(gem_info, handle, 0) X(gem_info, pad, 4) X(gem_info, size, 8) \
	X(info, id, 0) X(info, size, 4) X(info, data, 8) \
	X(gem_create2, size, 0) X(gem_create2, alignment, 8) \
	X(gem_create2, placement, 16) X(gem_create2, flags, 20) \
	X(gem_create2, vm_id, 24) X(gem_create2, handle, 28) \
	X(gem_create2, cpu_caching, 32) X(gem_create2, pte_kind, 34) \
	X(gem_create2, pad, 35) X(gem_create2, tile_mode, 36) \
	X(gem_create2, mmap_offset, 40) \
	X(gem_query, handle, 0) X(gem_query, state, 4) X(gem_query, size, 8) \
	X(gem_query, placement, 16) X(gem_query, region, 20) \
	X(gem_query, create_flags, 24) X(gem_query, tile_mode, 28) \
	X(gem_query, mmap_offset, 32) X(gem_query, cpu_caching, 40) \
	X(gem_query, pte_kind, 42) X(gem_query, page_shift, 43) \
	X(gem_query, vm_id, 44) \
	X(gem_mmap_offset, handle, 0) X(gem_mmap_offset, flags, 4) \
	X(gem_mmap_offset, offset, 8) \
	X(gem_wait, handle, 0) X(gem_wait, flags, 4) X(gem_wait, timeout_ns, 8) \
	X(gem_madvise, handle, 0) X(gem_madvise, advice, 4) \
	X(gem_madvise, retained, 8) X(gem_madvise, pad, 12) \
	X(gem_set_label, handle, 0) X(gem_set_label, len, 4) \
	X(gem_set_label, text, 8) \
	X(vm_create, flags, 0) X(vm_create, vm_id, 4) \
	X(vm_create, kernel_start, 8) X(vm_create, kernel_size, 16) \
	X(vm_create, va_start, 24) X(vm_create, va_size, 32) \
	X(vm_destroy, vm_id, 0) X(vm_destroy, pad, 4) \
	X(vm_bind, vm_id, 0) X(vm_bind, flags, 4) X(vm_bind, queue_id, 8) \
	X(vm_bind, failed_op, 12) X(vm_bind, ops, 16) X(vm_bind, syncs, 32) \
	X(vm_bind_op, op, 0) X(vm_bind_op, flags, 4) X(vm_bind_op, handle, 8) \
	X(vm_bind_op, pte_kind, 12) X(vm_bind_op, max_page_shift, 13) \
	X(vm_bind_op, pad, 14) X(vm_bind_op, va, 16) X(vm_bind_op, range, 24) \
	X(vm_bind_op, offset, 32) X(vm_bind_op, region, 40) \
	X(vm_bind_op, pad2, 44) \
	X(vm_get_state, vm_id, 0) X(vm_get_state, state, 4) \
	X(vm_get_state, error, 8) X(vm_get_state, fault_total, 12) \
	X(vm_get_state, faults, 16) \
	X(vm_fault, va, 0) X(vm_fault, time_ns, 8) X(vm_fault, queue_id, 16) \
	X(vm_fault, access, 20) X(vm_fault, reason, 24) X(vm_fault, level, 28) \
	X(vm_query_ranges, vm_id, 0) X(vm_query_ranges, flags, 4) \
	X(vm_query_ranges, va, 8) X(vm_query_ranges, range, 16) \
	X(vm_query_ranges, ranges, 24) \
	X(vm_range, va, 0) X(vm_range, range, 8) X(vm_range, offset, 16) \
	X(vm_range, handle, 24) X(vm_range, flags, 28) \
	X(vm_range, pte_kind, 32) X(vm_range, page_shift, 33) \
	X(vm_range, pad, 34) X(vm_range, region, 36) \
	X(queue_create, vm_id, 0) X(queue_create, queue_class, 4) \
	X(queue_create, flags, 8) X(queue_create, priority, 12) \
	X(queue_create, queue_id, 16) X(queue_create, pad, 20) \
	X(queue_destroy, queue_id, 0) X(queue_destroy, pad, 4) \
	X(queue_get_state, queue_id, 0) X(queue_get_state, state, 4) \
	X(queue_get_state, error, 8) X(queue_get_state, pad, 12) \
	X(exec, queue_id, 0) X(exec, flags, 4) X(exec, pushes, 8) \
	X(exec, syncs, 24) \
	X(exec_push, va, 0) X(exec_push, size, 8) X(exec_push, flags, 12) \
	X(array, ptr, 0) X(array, count, 8) X(array, stride, 12) \
	X(sync, handle, 0) X(sync, flags, 4) X(sync, point, 8) \
	X(memory_region, mem_class, 0) X(memory_region, instance, 2) \
	X(memory_region, min_page_size, 4) X(memory_region, total, 8) \
	X(memory_region, used, 16) X(memory_region, largest_free, 24) \
	X(memory_region, cpu_mappable, 32) X(memory_region, reserved, 40) \
	X(info_gpu, architecture, 0) X(info_gpu, chipid, 4) \
	X(info_gpu, vram_size, 8) X(info_gpu, name, 16) \
	X(info_gpu, short_name, 80) X(info_gpu, gid, 144) \
	X(info_memory, num_regions, 0) X(info_memory, region_stride, 4) \
	X(info_memory, regions, 8) \
	X(info_va, va_start, 0) X(info_va, va_size, 8) \
	X(info_va, kernel_min_size, 16) X(info_va, vram_page_sizes, 24) \
	X(info_va, sysmem_page_sizes, 32) X(info_va, va_bits, 40) \
	X(info_va, gmmu_version, 44) X(info_va, max_vms, 48) \
	X(info_va, pad, 52) \
	X(info_bar1, pci_size, 0) X(info_bar1, window_size, 8) \
	X(info_bar1, reserved_now, 16) X(info_bar1, reserved_peak, 24) \
	X(info_bar1, evictions, 32) X(info_bar1, granule, 40) \
	X(info_bar1, pad, 44) \
	X(info_limits, max_bind_ops, 0) X(info_limits, max_syncs, 4) \
	X(info_limits, max_pushes, 8) X(info_limits, max_push_bytes, 12) \
	X(info_limits, max_queues, 16) X(info_limits, max_label, 20) \
	X(info_limits, max_bo_size, 24) \
	X(info_kinds, num_kinds, 0) X(info_kinds, pad, 4) \
	X(info_kinds, attr, 8) \
	X(info_time, gpu_ns, 0) X(info_time, cpu_ns, 8) \
	X(info_time, delta_ns, 16) X(info_time, frequency_hz, 24)

#define NOVA_ABI_CHECK_IOCTL(name, type, cmd) \
	NOVA_ABI_ASSERT((unsigned int)DRM_IOCTL_NOVA_##name == (cmd), #name);
#define NOVA_ABI_CHECK_STRUCT(type, size) \
	NOVA_ABI_ASSERT(sizeof(struct drm_nova_##type) == (size), #type);
#define NOVA_ABI_CHECK_MEMBER(type, member, off) \
	NOVA_ABI_ASSERT(offsetof(struct drm_nova_##type, member) == (off), \
			#type "." #member);

NOVA_ABI_IOCTLS(NOVA_ABI_CHECK_IOCTL)
NOVA_ABI_STRUCTS(NOVA_ABI_CHECK_STRUCT)
NOVA_ABI_MEMBERS(NOVA_ABI_CHECK_MEMBER)

#endif /* __NOVA_ABI_CHECK_H__ */
