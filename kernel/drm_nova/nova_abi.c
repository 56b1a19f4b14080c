// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_abi
 *
 * The numbers of the ABI, checked at build time against uapi.md §2. A struct
 * that grows or a command that moves fails here first. There is no code.
 */
#include <drm/nova_drm.h>

#include <linux/build_bug.h>

#define NOVA_ABI(name, type, size, cmd)					\
	static_assert(sizeof(struct drm_nova_##type) == (size));		\
	static_assert((unsigned int)DRM_IOCTL_NOVA_##name == (cmd))

NOVA_ABI(GETPARAM, getparam, 16, 0xc0106440);
NOVA_ABI(GEM_CREATE, gem_create, 16, 0xc0106441);
NOVA_ABI(GEM_INFO, gem_info, 16, 0xc0106442);
NOVA_ABI(INFO, info, 16, 0xc0106443);
NOVA_ABI(GEM_CREATE2, gem_create2, 48, 0xc0306460);
NOVA_ABI(GEM_QUERY, gem_query, 48, 0xc0306461);
NOVA_ABI(GEM_MMAP_OFFSET, gem_mmap_offset, 16, 0xc0106462);
NOVA_ABI(GEM_WAIT, gem_wait, 16, 0xc0106463);
NOVA_ABI(GEM_MADVISE, gem_madvise, 16, 0xc0106464);
NOVA_ABI(GEM_SET_LABEL, gem_set_label, 16, 0xc0106465);
NOVA_ABI(VM_CREATE, vm_create, 40, 0xc0286468);
NOVA_ABI(VM_DESTROY, vm_destroy, 8, 0xc0086469);
NOVA_ABI(VM_BIND, vm_bind, 48, 0xc030646a);
NOVA_ABI(VM_GET_STATE, vm_get_state, 32, 0xc020646b);
NOVA_ABI(VM_QUERY_RANGES, vm_query_ranges, 40, 0xc028646c);
NOVA_ABI(QUEUE_CREATE, queue_create, 24, 0xc0186470);
NOVA_ABI(QUEUE_DESTROY, queue_destroy, 8, 0xc0086471);
NOVA_ABI(QUEUE_GET_STATE, queue_get_state, 16, 0xc0106472);
NOVA_ABI(EXEC, exec, 40, 0xc0286473);

static_assert(sizeof(struct drm_nova_array) == 16);
static_assert(sizeof(struct drm_nova_sync) == 16);
static_assert(sizeof(struct drm_nova_vm_bind_op) == 48);
static_assert(sizeof(struct drm_nova_vm_fault) == 32);
static_assert(sizeof(struct drm_nova_vm_range) == 40);
static_assert(sizeof(struct drm_nova_exec_push) == 16);
static_assert(sizeof(struct drm_nova_info_gpu) == 160);
static_assert(sizeof(struct drm_nova_info_memory) == 200);
static_assert(sizeof(struct drm_nova_info_va) == 56);
static_assert(sizeof(struct drm_nova_info_bar1) == 48);
static_assert(sizeof(struct drm_nova_info_limits) == 32);
static_assert(sizeof(struct drm_nova_info_kinds) == 264);
static_assert(sizeof(struct drm_nova_info_time) == 32);
