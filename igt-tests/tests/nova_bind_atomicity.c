// SPDX-License-Identifier: MIT

/**
 * TEST: nova bind atomicity
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: uapi
 * Functionality: VM_BIND
 * Description: binds that must be refused, with the right error and without a trace
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"
#include "nova_space.h"
#include "nova_sync.h"

IGT_TEST_DESCRIPTION("Binds that must be refused, with the right error and without a trace");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* Area, page tables and mapping tree before a call that must not change them. */
struct before {
	struct nova_space space;
	char *tables;
	char *vas;
	struct drm_nova_vm_range ranges[8];
};

static void before_ranges(const struct before *before, struct drm_nova_vm_range ranges[8])
{
	struct drm_nova_vm_query_ranges args = {
		.vm_id = before->space.vm, .va = NOVA_2M, .range = 1ull << 46,
		.ranges = { (uintptr_t)ranges, 8, sizeof(ranges[0]) },
	};

	memset(ranges, 0, sizeof(before->ranges));
	igt_assert_eq(__nova_ioctl(before->space.fd, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &args), 0);
	igt_assert(args.ranges.count <= 8);
}

static void before_init(struct before *before, int fd)
{
	struct drm_nova_vm_bind_op op;

	nova_space_init(&before->space, fd);
	op = nova_space_map_op(&before->space, 4, 16, 0, 8);
	nova_space_apply(&before->space, &op);
	op = nova_space_map_op(&before->space, 30, 16, 1, 9);
	nova_space_apply(&before->space, &op);
	before->tables = nova_space_tables(&before->space);
	before_ranges(before, before->ranges);
	igt_assert_eq(nova_debug_read(fd, "gpuvas", &before->vas), 0);
}

static void before_fini(struct before *before)
{
	char *after = nova_space_tables(&before->space), *vas;
	struct drm_nova_vm_range ranges[8];

	nova_space_check(&before->space);
	igt_assert_f(!strcmp(before->tables, after), "page tables were\n%sand are\n%s",
		     before->tables, after);
	before_ranges(before, ranges);
	igt_assert(!memcmp(before->ranges, ranges, sizeof(ranges)));
	igt_assert_eq(nova_debug_read(before->space.fd, "gpuvas", &vas), 0);
	igt_assert_f(!strcmp(before->vas, vas), "mappings were\n%sand are\n%s", before->vas, vas);
	free(vas);
	free(before->vas);
	free(after);
	free(before->tables);
	nova_space_fini(&before->space);
}

static const struct nova_bad bad_calls[] = {
	NOVA_BAD("vm-zero", vm_bind, vm_id, 0, -ENOENT),
	NOVA_BAD("vm-unknown", vm_bind, vm_id, 0x7777, -ENOENT),
	NOVA_BAD("vm-top", vm_bind, vm_id, 0xffffffff, -ENOENT),
	NOVA_BAD("flags-unknown", vm_bind, flags, 2, -EINVAL),
	NOVA_BAD("flags-top", vm_bind, flags, 0x80000000, -EINVAL),
	NOVA_BAD("queue-unknown", vm_bind, queue_id, 0x7777, -ENOENT),
	NOVA_BAD("failed-op-set", vm_bind, failed_op, 1, -EINVAL),
	NOVA_BAD("ops-null", vm_bind, ops.ptr, 0, -EFAULT),
	NOVA_BAD("ops-unreadable", vm_bind, ops.ptr, 8, -EFAULT),
	NOVA_BAD("ops-kernel-half", vm_bind, ops.ptr, ~0ull << 12, -EFAULT),
	NOVA_BAD("ops-too-many", vm_bind, ops.count, 0xffffffff, -E2BIG),
	NOVA_BAD("ops-stride-zero", vm_bind, ops.stride, 0, -EINVAL),
	NOVA_BAD("ops-stride-short", vm_bind, ops.stride, 40, -EINVAL),
	NOVA_BAD("ops-stride-odd", vm_bind, ops.stride, 52, -EINVAL),
	NOVA_BAD("ops-stride-long", vm_bind, ops.stride, 264, -EINVAL),
	NOVA_BAD("syncs-in-sync-mode", vm_bind, syncs.count, 1, -EINVAL),
};

/**
 * SUBTEST: call-%s
 * Description: VM_BIND refuses %arg[1] and changes nothing
 *
 * arg[1]:
 *
 * @vm-zero:            VM 0
 * @vm-unknown:         a VM that is not there
 * @vm-top:             the largest id
 * @flags-unknown:      the first unknown flag
 * @flags-top:          the last flag
 * @queue-unknown:      a queue that is not there
 * @failed-op-set:      an output field that is not zero
 * @ops-null:           ops at address 0
 * @ops-unreadable:     ops where nothing is mapped
 * @ops-kernel-half:    ops at a kernel address
 * @ops-too-many:       more ops than the limit
 * @ops-stride-zero:    a stride of 0
 * @ops-stride-short:   a stride shorter than the element
 * @ops-stride-odd:     a stride that is no multiple of 8
 * @ops-stride-long:    a stride above 256
 * @syncs-in-sync-mode: syncs without ASYNC
 */
static void test_bad_call(int fd, const struct nova_bad *bad)
{
	struct drm_nova_vm_bind_op op;
	struct drm_nova_sync sync = { 0 };
	struct drm_nova_vm_bind bind;
	struct before before;

	before_init(&before, fd);
	op = nova_space_map_op(&before.space, 10, 30, 1, 60);
	bind = (struct drm_nova_vm_bind){
		.vm_id = before.space.vm,
		.ops = { (uintptr_t)&op, 1, sizeof(op) },
		.syncs = { (uintptr_t)&sync, 0, sizeof(sync) },
	};
	nova_poke(&bind, bad);
	igt_assert_eq(__nova_vm_bind(fd, &bind), bad->err);
	before_fini(&before);
}

static const struct nova_bad bad_maps[] = {
	NOVA_BAD("op-zero", vm_bind_op, op, 0, -EINVAL),
	NOVA_BAD("op-unknown", vm_bind_op, op, 7, -EINVAL),
	NOVA_BAD("op-top", vm_bind_op, op, 0xffffffff, -EINVAL),
	NOVA_BAD("flags-unknown", vm_bind_op, flags, 1 << 5, -EINVAL),
	NOVA_BAD("flags-top", vm_bind_op, flags, 0x80000000, -EINVAL),
	NOVA_BAD("handle-zero", vm_bind_op, handle, 0, -ENOENT),
	NOVA_BAD("handle-unknown", vm_bind_op, handle, 0x7777, -ENOENT),
	NOVA_BAD("page-shift-odd", vm_bind_op, max_page_shift, 13, -EINVAL),
	NOVA_BAD("page-shift-small", vm_bind_op, max_page_shift, 11, -EINVAL),
	NOVA_BAD("page-shift-top", vm_bind_op, max_page_shift, 255, -EINVAL),
	NOVA_BAD("pad", vm_bind_op, pad, 1, -EINVAL),
	NOVA_BAD("pad2", vm_bind_op, pad2, 1, -EINVAL),
	NOVA_BAD("region", vm_bind_op, region, 1, -EINVAL),
	NOVA_BAD("va-unaligned", vm_bind_op, va, (1ull << 33) + 0x800, -EINVAL),
	NOVA_BAD("va-zero", vm_bind_op, va, 0, -EINVAL),
	NOVA_BAD("va-beyond", vm_bind_op, va, 1ull << 57, -EINVAL),
	NOVA_BAD("va-top", vm_bind_op, va, ~0ull << 12, -EINVAL),
	NOVA_BAD("range-zero", vm_bind_op, range, 0, -EINVAL),
	NOVA_BAD("range-unaligned", vm_bind_op, range, 0x1800, -EINVAL),
	NOVA_BAD("range-beyond-object", vm_bind_op, range, 129 * NOVA_4K, -EINVAL),
	NOVA_BAD("range-beyond-span", vm_bind_op, range, 1ull << 57, -EINVAL),
	NOVA_BAD("range-wraps", vm_bind_op, range, ~0ull << 12, -EINVAL),
	NOVA_BAD("offset-unaligned", vm_bind_op, offset, 0x10, -EINVAL),
	NOVA_BAD("offset-at-end", vm_bind_op, offset, 128 * NOVA_4K, -EINVAL),
	NOVA_BAD("offset-one-too-far", vm_bind_op, offset, 99 * NOVA_4K, -EINVAL),
	NOVA_BAD("offset-wraps", vm_bind_op, offset, ~0ull << 12, -EINVAL),
};

static const struct nova_bad bad_unmaps[] = {
	NOVA_BAD("flags", vm_bind_op, flags, DRM_NOVA_VM_BIND_OP_READONLY, -EINVAL),
	NOVA_BAD("flags-noreplace", vm_bind_op, flags, DRM_NOVA_VM_BIND_OP_NOREPLACE, -EINVAL),
	NOVA_BAD("handle", vm_bind_op, handle, 1, -EINVAL),
	NOVA_BAD("pte-kind", vm_bind_op, pte_kind, 1, -EINVAL),
	NOVA_BAD("page-shift", vm_bind_op, max_page_shift, 12, -EINVAL),
	NOVA_BAD("pad", vm_bind_op, pad, 1, -EINVAL),
	NOVA_BAD("pad2", vm_bind_op, pad2, 1, -EINVAL),
	NOVA_BAD("region", vm_bind_op, region, 1, -EINVAL),
	NOVA_BAD("offset", vm_bind_op, offset, NOVA_4K, -EINVAL),
	NOVA_BAD("va-unaligned", vm_bind_op, va, (1ull << 33) + 0x800, -EINVAL),
	NOVA_BAD("va-beyond", vm_bind_op, va, 1ull << 57, -EINVAL),
	NOVA_BAD("range-zero", vm_bind_op, range, 0, -EINVAL),
	NOVA_BAD("range-unaligned", vm_bind_op, range, 0x1800, -EINVAL),
	NOVA_BAD("range-wraps", vm_bind_op, range, ~0ull << 12, -EINVAL),
};

static const struct nova_bad bad_unmap_bos[] = {
	NOVA_BAD("flags", vm_bind_op, flags, DRM_NOVA_VM_BIND_OP_READONLY, -EINVAL),
	NOVA_BAD("handle-zero", vm_bind_op, handle, 0, -ENOENT),
	NOVA_BAD("handle-unknown", vm_bind_op, handle, 0x7777, -ENOENT),
	NOVA_BAD("pte-kind", vm_bind_op, pte_kind, 1, -EINVAL),
	NOVA_BAD("page-shift", vm_bind_op, max_page_shift, 12, -EINVAL),
	NOVA_BAD("pad", vm_bind_op, pad, 1, -EINVAL),
	NOVA_BAD("pad2", vm_bind_op, pad2, 1, -EINVAL),
	NOVA_BAD("region", vm_bind_op, region, 1, -EINVAL),
	NOVA_BAD("va", vm_bind_op, va, 1ull << 33, -EINVAL),
	NOVA_BAD("range", vm_bind_op, range, NOVA_4K, -EINVAL),
	NOVA_BAD("offset", vm_bind_op, offset, NOVA_4K, -EINVAL),
};

/**
 * SUBTEST: map-%s
 * Description: MAP refuses %arg[1], names the op, and changes nothing
 *
 * arg[1]:
 *
 * @op-zero:             op 0
 * @op-unknown:          the first unknown op
 * @op-top:              the largest op
 * @flags-unknown:       the first unknown flag
 * @flags-top:           the last flag
 * @handle-zero:         handle 0
 * @handle-unknown:      a handle that is not there
 * @page-shift-odd:      a page size that does not exist
 * @page-shift-small:    a page size below 4 KiB
 * @page-shift-top:      the largest page size
 * @pad:                 padding that is not zero
 * @pad2:                padding that is not zero
 * @region:              a region, which is for PREFETCH
 * @va-unaligned:        an address within a page
 * @va-zero:             address 0, below the usable span
 * @va-beyond:           an address beyond the usable span
 * @va-top:              the last page of 64 bits
 * @range-zero:          nothing
 * @range-unaligned:     a part of a page
 * @range-beyond-object: a page more than the object has
 * @range-beyond-span:   more than the address space
 * @range-wraps:         a range whose end wraps
 * @offset-unaligned:    an offset within a page
 * @offset-at-end:       an offset behind the object
 * @offset-one-too-far:  an offset that leaves a page too few
 * @offset-wraps:        an offset whose end wraps
 */

/**
 * SUBTEST: unmap-%s
 * Description: UNMAP refuses %arg[1], names the op, and changes nothing
 *
 * arg[1]:
 *
 * @flags:           a flag
 * @flags-noreplace: the other flag of mappings
 * @handle:          a handle
 * @pte-kind:        a kind
 * @page-shift:      a page size
 * @pad:             padding that is not zero
 * @pad2:            padding that is not zero
 * @region:          a region
 * @offset:          an offset
 * @va-unaligned:    an address within a page
 * @va-beyond:       an address beyond the usable span
 * @range-zero:      nothing
 * @range-unaligned: a part of a page
 * @range-wraps:     a range whose end wraps
 */

/**
 * SUBTEST: unmap-bo-%s
 * Description: UNMAP_BO refuses %arg[1], names the op, and changes nothing
 *
 * arg[1]:
 *
 * @flags:          a flag
 * @handle-zero:    handle 0
 * @handle-unknown: a handle that is not there
 * @pte-kind:       a kind
 * @page-shift:     a page size
 * @pad:            padding that is not zero
 * @pad2:           padding that is not zero
 * @region:         a region
 * @va:             an address
 * @range:          a range
 * @offset:         an offset
 */
static struct drm_nova_vm_bind_op good_op(const struct nova_space *space, uint32_t type)
{
	if (type == DRM_NOVA_VM_BIND_OP_MAP)
		return nova_space_map_op(space, 12, 30, 1, 20);
	if (type == DRM_NOVA_VM_BIND_OP_UNMAP)
		return nova_space_unmap_op(space, 12, 30);
	return (struct drm_nova_vm_bind_op){ .op = type, .handle = space->bos[0] };
}

static void test_bad_op(int fd, uint32_t type, const struct nova_bad *bad)
{
	struct drm_nova_vm_bind_op ops[3];
	struct before before;
	uint32_t failed_op;

	before_init(&before, fd);
	ops[0] = nova_space_map_op(&before.space, 0, 10, 0, 0);
	ops[1] = good_op(&before.space, type);
	ops[2] = nova_space_map_op(&before.space, 50, 10, 0, 0);
	nova_poke(&ops[1], bad);
	igt_assert_eq(__nova_vm_bind_ops(fd, before.space.vm, ops, NR(ops), &failed_op), bad->err);
	igt_assert_eq_u32(failed_op, 1);
	before_fini(&before);
}

/**
 * SUBTEST: map-kind
 * Description: MAP refuses every kind INFO does not call valid
 */
static void test_bad_kind(int fd)
{
	struct drm_nova_info_kinds kinds;
	struct before before;
	unsigned int i;

	nova_info(fd, DRM_NOVA_INFO_KINDS, sizeof(kinds), &kinds);
	igt_require(kinds.num_kinds < 256);
	before_init(&before, fd);
	for (i = 0; i < NR(kinds.attr); i++) {
		struct drm_nova_vm_bind_op op = nova_space_map_op(&before.space, 12, 30, 0, 20);

		op.pte_kind = i;
		if (!(kinds.attr[i] & DRM_NOVA_KIND_VALID))
			igt_assert_eq(__nova_vm_bind_op(fd, before.space.vm, &op), -EINVAL);
	}
	before_fini(&before);
}

/**
 * SUBTEST: map-kind-in-system
 * Description: MAP refuses a VRAM-only kind for an object in SYSTEM
 */
static void test_bad_kind_region(int fd)
{
	struct drm_nova_info_kinds kinds;
	struct before before;
	unsigned int i, nr = 0;

	nova_info(fd, DRM_NOVA_INFO_KINDS, sizeof(kinds), &kinds);
	before_init(&before, fd);
	for (i = 0; i < NR(kinds.attr); i++) {
		struct drm_nova_vm_bind_op op = nova_space_map_op(&before.space, 16, 16, 1, 16);

		op.pte_kind = i;
		if (!(kinds.attr[i] & DRM_NOVA_KIND_VRAM_ONLY) ||
		    kinds.attr[i] & DRM_NOVA_KIND_COMPRESSED)
			continue;
		igt_assert_eq(__nova_vm_bind_op(fd, before.space.vm, &op), -EINVAL);
		nr++;
	}
	before_fini(&before);
	igt_require_f(nr, "every kind may be in system memory\n");
}

/**
 * SUBTEST: array-ends-in-hole
 * Description: an array whose last element cannot be read changes nothing
 */
static void test_array_hole(int fd)
{
	char *area = mmap(NULL, 2 * NOVA_4K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct drm_nova_vm_bind_op *ops;
	struct before before;
	uint32_t failed_op;

	igt_assert(area != MAP_FAILED);
	igt_assert_eq(munmap(area + NOVA_4K, NOVA_4K), 0);
	ops = (void *)(area + NOVA_4K - 2 * sizeof(*ops));
	before_init(&before, fd);
	ops[0] = nova_space_map_op(&before.space, 0, 10, 0, 0);
	ops[1] = nova_space_unmap_op(&before.space, 12, 30);
	igt_assert_eq(__nova_vm_bind_ops(fd, before.space.vm, ops, 3, &failed_op), -EFAULT);
	before_fini(&before);
	munmap(area, NOVA_4K);
}

/**
 * SUBTEST: array-long-elements
 * Description: longer elements are accepted while their tails are zero, and
 *              give E2BIG when one is not
 */
static void test_array_long(int fd)
{
	struct long_op {
		struct drm_nova_vm_bind_op op;
		uint64_t tail[3];
	} ops[3] = { 0 };
	struct drm_nova_vm_bind bind = {
		.ops = { (uintptr_t)ops, NR(ops), sizeof(ops[0]) },
	};
	struct before before;
	unsigned int i, j;

	before_init(&before, fd);
	bind.vm_id = before.space.vm;
	for (i = 0; i < NR(ops); i++)
		ops[i].op = nova_space_map_op(&before.space, 50 + i, 1, 0, i);
	for (i = 0; i < NR(ops); i++) {
		for (j = 0; j < NR(ops[i].tail); j++) {
			ops[i].tail[j] = 1ull << (j * 31);
			igt_assert_eq(__nova_vm_bind(fd, &bind), -E2BIG);
			ops[i].tail[j] = 0;
			bind.failed_op = 0;
		}
	}
	nova_space_check(&before.space);
	igt_assert_eq(__nova_vm_bind(fd, &bind), 0);
	nova_vm_unmap(fd, before.space.vm, nova_space_va(&before.space, 50), 3 * NOVA_4K);
	before_fini(&before);
}

/**
 * SUBTEST: array-absent
 * Description: with a count of 0, pointer and stride of an array are not looked at
 */
static void test_array_absent(int fd)
{
	struct drm_nova_vm_bind bind = {
		.ops = { .ptr = 1, .stride = 3 },
		.syncs = { .ptr = 1, .stride = 1000 },
	};
	struct before before;

	before_init(&before, fd);
	bind.vm_id = before.space.vm;
	igt_assert_eq(__nova_vm_bind(fd, &bind), 0);
	before_fini(&before);
}

/**
 * SUBTEST: too-many-ops
 * Description: max_bind_ops ops are accepted, one more gives E2BIG
 */
static void test_too_many(int fd)
{
	struct drm_nova_info_limits limits;
	struct drm_nova_vm_bind_op *ops;
	struct before before;
	uint32_t i, failed_op;

	nova_info(fd, DRM_NOVA_INFO_LIMITS, sizeof(limits), &limits);
	igt_require_f(limits.max_bind_ops <= 1 << 16, "limit %u\n", limits.max_bind_ops);
	before_init(&before, fd);
	ops = calloc(limits.max_bind_ops + 1, sizeof(*ops));
	igt_assert(ops);
	for (i = 0; i <= limits.max_bind_ops; i++)
		ops[i] = nova_space_unmap_op(&before.space, 50, 1);
	igt_assert_eq(__nova_vm_bind_ops(fd, before.space.vm, ops, limits.max_bind_ops,
					 &failed_op), 0);
	igt_assert_eq(__nova_vm_bind_ops(fd, before.space.vm, ops, limits.max_bind_ops + 1,
					 &failed_op), -E2BIG);
	igt_assert_eq_u32(failed_op, DRM_NOVA_VM_BIND_NO_OP);
	free(ops);
	before_fini(&before);
}

/**
 * SUBTEST: pad-before-lookup
 * Description: padding is checked before handles, handles before relations
 */
static void test_order_of_checks(int fd)
{
	struct drm_nova_sync sync = { .handle = 0x7777 };
	struct drm_nova_vm_bind_op op;
	struct before before;

	before_init(&before, fd);
	op = nova_space_map_op(&before.space, 0, 200, 0, 0);
	igt_assert_eq(__nova_vm_bind_async(fd, before.space.vm, 0, &op, &sync, 1), -ENOENT);
	op.handle = 0x7777;
	op.pad = 1;
	igt_assert_eq(__nova_vm_bind_op(fd, before.space.vm, &op), -EINVAL);
	op.pad = 0;
	igt_assert_eq(__nova_vm_bind_op(fd, before.space.vm, &op), -ENOENT);
	op.handle = before.space.bos[0];
	igt_assert_eq(__nova_vm_bind_op(fd, before.space.vm, &op), -EINVAL);
	before_fini(&before);
}

/**
 * SUBTEST: private-of-other-vm
 * Description: an object that is private to another VM gives EPERM, for MAP and UNMAP_BO
 */
static void test_private(int fd)
{
	uint32_t other = nova_vm_create(fd), failed_op;
	uint32_t handle = nova_gem_create_private(fd, other, NOVA_64K, NOVA_VRAM);
	struct drm_nova_vm_bind_op ops[2];
	struct before before;

	before_init(&before, fd);
	ops[0] = nova_space_map_op(&before.space, 0, 10, 0, 0);
	ops[1] = nova_space_map_op(&before.space, 12, 4, 0, 0);
	ops[1].handle = handle;
	igt_assert_eq(__nova_vm_bind_ops(fd, before.space.vm, ops, 2, &failed_op), -EPERM);
	igt_assert_eq_u32(failed_op, 1);
	ops[1] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = handle,
	};
	igt_assert_eq(__nova_vm_bind_ops(fd, before.space.vm, ops, 2, &failed_op), -EPERM);
	igt_assert_eq_u32(failed_op, 1);
	before_fini(&before);
	nova_gem_close(fd, handle);
	nova_vm_destroy(fd, other);
}

/**
 * SUBTEST: no-room
 * Description: MAP of an object that never had memory and for which there is none gives
 *              ENOSPC and names the op; the rest of the call has not happened
 */
static void test_no_room(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE) & ~(NOVA_64K - 1),
		.placement = NOVA_VRAM, .flags = DRM_NOVA_GEM_DEFER,
	};
	struct drm_nova_vm_bind_op ops[2];
	struct nova_space space;
	uint32_t failed_op;

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	nova_space_init(&space, fd);
	ops[0] = nova_space_map_op(&space, 4, 16, 0, 8);
	nova_space_apply(&space, &ops[0]);
	ops[0] = nova_space_map_op(&space, 10, 30, 1, 60);
	ops[1] = nova_space_map_op(&space, 50, 1, 0, 0);
	ops[1].handle = create.handle;
	igt_assert_eq(__nova_vm_bind_ops(fd, space.vm, ops, 2, &failed_op), -ENOSPC);
	igt_assert_eq_u32(failed_op, 1);
	/* Other objects may have been moved to make room: addresses are not compared. */
	nova_space_check(&space);
	nova_space_fini(&space);
	nova_gem_close(fd, create.handle);
}

/**
 * SUBTEST: absent-userptr
 * Description: MAP_USERPTR gives EOPNOTSUPP while its feature bit is clear
 */
static void test_absent(int fd)
{
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP_USERPTR, .va = 1ull << 34, .range = NOVA_64K,
		.offset = 1ull << 32,
	};
	struct before before;

	igt_require(!(nova_getparam(fd, DRM_NOVA_PARAM_FEATURES) & DRM_NOVA_FEATURE_USERPTR));
	before_init(&before, fd);
	igt_assert_eq(__nova_vm_bind_op(fd, before.space.vm, &op), -EOPNOTSUPP);
	before_fini(&before);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(bad_calls); i++)
		igt_subtest_f("call-%s", bad_calls[i].name)
			test_bad_call(fd, &bad_calls[i]);
	for (i = 0; i < NR(bad_maps); i++)
		igt_subtest_f("map-%s", bad_maps[i].name)
			test_bad_op(fd, DRM_NOVA_VM_BIND_OP_MAP, &bad_maps[i]);
	for (i = 0; i < NR(bad_unmaps); i++)
		igt_subtest_f("unmap-%s", bad_unmaps[i].name)
			test_bad_op(fd, DRM_NOVA_VM_BIND_OP_UNMAP, &bad_unmaps[i]);
	for (i = 0; i < NR(bad_unmap_bos); i++)
		igt_subtest_f("unmap-bo-%s", bad_unmap_bos[i].name)
			test_bad_op(fd, DRM_NOVA_VM_BIND_OP_UNMAP_BO, &bad_unmap_bos[i]);
	igt_subtest("map-kind")
		test_bad_kind(fd);
	igt_subtest("map-kind-in-system")
		test_bad_kind_region(fd);
	igt_subtest("array-ends-in-hole")
		test_array_hole(fd);
	igt_subtest("array-long-elements")
		test_array_long(fd);
	igt_subtest("array-absent")
		test_array_absent(fd);
	igt_subtest("too-many-ops")
		test_too_many(fd);
	igt_subtest("pad-before-lookup")
		test_order_of_checks(fd);
	igt_subtest("private-of-other-vm")
		test_private(fd);
	igt_subtest("no-room")
		test_no_room(fd);
	igt_subtest("absent-userptr")
		test_absent(fd);

	igt_fixture()
		drm_close_driver(fd);
}
