// SPDX-License-Identifier: MIT

/**
 * TEST: nova vm query
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_GET_STATE, VM_QUERY_RANGES
 * Description: what the kernel answers about an address space
 */

#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"
#include "nova_space.h"

IGT_TEST_DESCRIPTION("What the kernel answers about an address space");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define RANGES 64

/* Ranges of the area, and of 2 MiB on both sides. Returns how many there are. */
static uint32_t query(const struct nova_space *space, struct drm_nova_vm_range *ranges,
		      uint32_t capacity)
{
	struct drm_nova_vm_query_ranges args = {
		.vm_id = space->vm,
		.va = space->base - NOVA_2M,
		.range = 3 * NOVA_2M,
		.ranges = { (uintptr_t)ranges, capacity, sizeof(*ranges) },
	};

	igt_assert_eq(__nova_ioctl(space->fd, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &args), 0);
	return args.ranges.count;
}

/**
 * SUBTEST: ranges-window
 * Description: only mappings with a byte in the window asked for are listed
 */
static void test_window(int fd)
{
	static const struct {
		uint64_t start, end;
		uint32_t nr;
	} windows[] = {
		{ 0, 8 * NOVA_4K, 0 }, { 0, 8 * NOVA_4K + 1, 1 },
		{ 9 * NOVA_4K - 1, 9 * NOVA_4K, 1 },
		{ 9 * NOVA_4K, 16 * NOVA_4K, 0 }, { 8 * NOVA_4K + 5, 16 * NOVA_4K + 5, 2 },
		{ 0, 64 * NOVA_4K, 3 }, { 16 * NOVA_4K, 16 * NOVA_4K, 0 },
	};
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	unsigned int i;

	nova_space_init(&space, fd);
	for (i = 8; i < 32; i += 8) {
		op = nova_space_map_op(&space, i, 1, 0, i);
		nova_space_apply(&space, &op);
	}
	for (i = 0; i < NR(windows); i++) {
		struct drm_nova_vm_query_ranges args = {
			.vm_id = space.vm,
			.va = space.base + windows[i].start,
			.range = windows[i].end - windows[i].start,
		};

		igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &args), 0);
		igt_assert_eq_u32(args.ranges.count, windows[i].nr);
	}
	nova_space_fini(&space);
}

/* Ascending, not overlapping, and together exactly what is mapped in the area. */
static void check_ranges(const struct nova_space *space)
{
	struct drm_nova_vm_range ranges[RANGES];
	uint32_t nr = query(space, ranges, RANGES), page, i = 0;

	igt_assert(nr <= RANGES);
	for (page = 0; page < NOVA_SPACE_PAGES; page++) {
		uint64_t va = nova_space_va(space, page), offset;
		uint32_t want = space->want[page];

		while (i < nr && ranges[i].va + ranges[i].range <= va)
			i++;
		igt_assert_f(!want == (i == nr || ranges[i].va > va), "page %u\n", page);
		if (!want)
			continue;
		offset = ranges[i].offset + va - ranges[i].va;
		igt_assert_eq_u32(ranges[i].handle, space->bos[want >> 12 & 1]);
		igt_assert_eq_u64(offset, (want & 0xfff) * NOVA_4K);
		igt_assert_eq_u32(ranges[i].region, want >> 12 & 1 ? DRM_NOVA_REGION_SYSTEM :
								     DRM_NOVA_REGION_VRAM);
		igt_assert_eq(ranges[i].pad, 0);
	}
	for (i = 1; i < nr; i++)
		igt_assert(ranges[i - 1].va + ranges[i - 1].range <= ranges[i].va);
}

/**
 * SUBTEST: ranges-empty
 * Description: a new VM has no ranges
 */
static void test_empty(int fd)
{
	struct drm_nova_vm_range ranges[1];
	struct nova_space space;

	nova_space_init(&space, fd);
	igt_assert_eq_u32(query(&space, ranges, 1), 0);
	igt_assert_eq_u32(query(&space, NULL, 0), 0);
	nova_space_fini(&space);
}

/**
 * SUBTEST: ranges-follow-binds
 * Description: after maps, splits and unmaps the ranges are what is mapped
 */
static void test_follow(int fd)
{
	struct drm_nova_vm_bind_op ops[6];
	struct nova_space space;
	unsigned int i;

	nova_space_init(&space, fd);
	ops[0] = nova_space_map_op(&space, 4, 40, 0, 8);
	ops[1] = nova_space_map_op(&space, 10, 5, 1, 100);
	ops[2] = nova_space_unmap_op(&space, 20, 3);
	ops[3] = nova_space_map_op(&space, 50, 14, 1, 0);
	ops[4] = nova_space_unmap_op(&space, 0, 5);
	ops[5] = nova_space_unmap_op(&space, 0, 64);
	for (i = 0; i < NR(ops); i++) {
		nova_space_apply(&space, &ops[i]);
		check_ranges(&space);
	}
	igt_assert_eq_u32(query(&space, NULL, 0), 0);
	nova_space_fini(&space);
}

/**
 * SUBTEST: ranges-attributes
 * Description: flags of the op, sparse ranges, handles no longer there
 */
static void test_attributes(int fd)
{
	struct drm_nova_vm_range ranges[RANGES];
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	uint32_t handle;

	nova_space_init(&space, fd);
	op = nova_space_map_op(&space, 0, 1, 0, 0);
	op.flags = DRM_NOVA_VM_BIND_OP_READONLY;
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &op), 0);
	handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	nova_vm_map(fd, space.vm, handle, 0, nova_space_va(&space, 4), NOVA_4K);
	nova_gem_close(fd, handle);
	igt_assert_eq_u32(query(&space, ranges, RANGES), 2);
	igt_assert_eq_u32(ranges[0].flags, DRM_NOVA_VM_BIND_OP_READONLY);
	igt_assert_eq(ranges[0].page_shift, 12);
	igt_assert_eq_u64(ranges[0].range, NOVA_4K);
	igt_assert_eq_u32(ranges[1].handle, 0);
	igt_assert_eq_u32(ranges[1].flags, 0);
	nova_space_fini(&space);
}

/**
 * SUBTEST: ranges-sparse
 * Description: a sparse range says so and has no object
 */
static void test_sparse(int fd)
{
	struct drm_nova_vm_range range;
	struct nova_space space;
	struct drm_nova_vm_bind_op op = { .op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE };

	nova_require_feature(fd, DRM_NOVA_FEATURE_SPARSE);
	nova_space_init(&space, fd);
	op.va = nova_space_va(&space, 3);
	op.range = 7 * NOVA_4K;
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &op), 0);
	igt_assert_eq_u32(query(&space, &range, 1), 1);
	igt_assert_eq_u32(range.flags, DRM_NOVA_VM_RANGE_SPARSE);
	igt_assert_eq_u64(range.va, op.va);
	igt_assert_eq_u64(range.range, op.range);
	igt_assert_eq_u32(range.handle, 0);
	nova_space_fini(&space);
}

/**
 * SUBTEST: ranges-page-sizes
 * Description: a mapping with large pages inside is listed by page size, and
 *              the GPU's walk agrees with each
 */
static void test_page_sizes(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = 3 * NOVA_2M, .alignment = NOVA_2M, .placement = NOVA_VRAM,
		.flags = DRM_NOVA_GEM_CONTIGUOUS,
	};
	struct drm_nova_vm_range ranges[RANGES];
	struct nova_space space;
	struct nova_walk walk;
	uint32_t nr, i;
	uint64_t sum = 0;

	nova_space_init(&space, fd);
	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	nova_vm_map(fd, space.vm, create.handle, 0xf000, space.base - NOVA_2M + 0xf000,
		    2 * NOVA_2M + 0x2000);
	nr = query(&space, ranges, RANGES);
	igt_assert(nr > 1 && nr <= RANGES);
	for (i = 0; i < nr; i++) {
		igt_assert_eq(nova_eye_result(fd, space.vm, ranges[i].va, &walk), 0);
		igt_assert_eq(walk.end, NOVA_WALK_MAPPED);
		igt_assert_eq_u64(walk.page, 1ull << ranges[i].page_shift);
		igt_assert_eq_u64(ranges[i].range & (walk.page - 1), 0);
		sum += ranges[i].range;
	}
	igt_assert_eq_u64(sum, 2 * NOVA_2M + 0x2000);
	nova_space_fini(&space);
	nova_gem_close(fd, create.handle);
}

/**
 * SUBTEST: ranges-capacity
 * Description: too little room gives the total and writes no more than there is room
 */
static void test_capacity(int fd)
{
	struct drm_nova_vm_range ranges[6];
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	uint32_t i, room;

	nova_space_init(&space, fd);
	for (i = 0; i < 5; i++) {
		op = nova_space_map_op(&space, i * 8, 1, i % 2, i);
		nova_space_apply(&space, &op);
	}
	for (room = 0; room <= NR(ranges); room++) {
		memset(ranges, 0xee, sizeof(ranges));
		igt_assert_eq_u32(query(&space, ranges, room), 5);
		for (i = 0; i < NR(ranges); i++)
			igt_assert_eq_u64(ranges[i].va, i < room && i < 5 ?
					  nova_space_va(&space, i * 8) : 0xeeeeeeeeeeeeeeeeull);
	}
	nova_space_fini(&space);
}

static const struct nova_bad bad_queries[] = {
	NOVA_BAD("vm-zero", vm_query_ranges, vm_id, 0, -ENOENT),
	NOVA_BAD("vm-unknown", vm_query_ranges, vm_id, 0x7777, -ENOENT),
	NOVA_BAD("flags", vm_query_ranges, flags, 1, -EINVAL),
	NOVA_BAD("flags-top", vm_query_ranges, flags, 0x80000000, -EINVAL),
	NOVA_BAD("range-wraps", vm_query_ranges, range, ~0ull << 12, -EINVAL),
	NOVA_BAD("stride-zero", vm_query_ranges, ranges.stride, 0, -EINVAL),
	NOVA_BAD("stride-short", vm_query_ranges, ranges.stride, 32, -EINVAL),
	NOVA_BAD("stride-odd", vm_query_ranges, ranges.stride, 44, -EINVAL),
	NOVA_BAD("stride-long", vm_query_ranges, ranges.stride, 264, -EINVAL),
	NOVA_BAD("unwritable", vm_query_ranges, ranges.ptr, 8, -EFAULT),
};

/**
 * SUBTEST: bad-ranges-%s
 * Description: VM_QUERY_RANGES refuses %arg[1]
 *
 * arg[1]:
 *
 * @vm-zero:         VM 0
 * @vm-unknown:      a VM that is not there
 * @flags:           a flag
 * @flags-top:       the last flag
 * @range-wraps:     a range whose end wraps
 * @stride-zero:     a stride of 0
 * @stride-short:    a stride shorter than the element
 * @stride-odd:      a stride that is no multiple of 8
 * @stride-long:     a stride above 256
 * @unwritable:      no memory to write to
 */
static void test_bad_ranges(int fd, const struct nova_bad *bad)
{
	struct drm_nova_vm_range ranges[2];
	struct drm_nova_vm_query_ranges args;
	struct drm_nova_vm_bind_op op;
	struct nova_space space;

	nova_space_init(&space, fd);
	op = nova_space_map_op(&space, 0, 4, 0, 0);
	nova_space_apply(&space, &op);
	args = (struct drm_nova_vm_query_ranges){
		.vm_id = space.vm, .va = space.base, .range = NOVA_2M,
		.ranges = { (uintptr_t)ranges, NR(ranges), sizeof(ranges[0]) },
	};
	nova_poke(&args, bad);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &args), bad->err);
	nova_space_fini(&space);
}

/**
 * SUBTEST: state-fresh
 * Description: a new VM is not banned and has no faults; what is in the output
 *              fields on entry does not matter
 */
static void test_state(int fd)
{
	struct drm_nova_vm_fault faults[4];
	struct drm_nova_vm_get_state args = {
		.vm_id = nova_vm_create(fd), .state = ~0u, .error = -1, .fault_total = ~0u,
		.faults = { (uintptr_t)faults, NR(faults), sizeof(faults[0]) },
	};

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_VM_GET_STATE, &args), 0);
	igt_assert_eq_u32(args.state, 0);
	igt_assert_eq(args.error, 0);
	igt_assert_eq_u32(args.fault_total, 0);
	igt_assert_eq_u32(args.faults.count, 0);
	nova_vm_destroy(fd, args.vm_id);
}

static const struct nova_bad bad_states[] = {
	NOVA_BAD("vm-zero", vm_get_state, vm_id, 0, -ENOENT),
	NOVA_BAD("vm-unknown", vm_get_state, vm_id, 0x7777, -ENOENT),
	NOVA_BAD("stride-zero", vm_get_state, faults.stride, 0, -EINVAL),
	NOVA_BAD("stride-short", vm_get_state, faults.stride, 24, -EINVAL),
	NOVA_BAD("stride-odd", vm_get_state, faults.stride, 36, -EINVAL),
	NOVA_BAD("stride-long", vm_get_state, faults.stride, 264, -EINVAL),
};

/**
 * SUBTEST: bad-state-%s
 * Description: VM_GET_STATE refuses %arg[1]
 *
 * arg[1]:
 *
 * @vm-zero:      VM 0
 * @vm-unknown:   a VM that is not there
 * @stride-zero:  a stride of 0
 * @stride-short: a stride shorter than the element
 * @stride-odd:   a stride that is no multiple of 8
 * @stride-long:  a stride above 256
 */
static void test_bad_state(int fd, const struct nova_bad *bad)
{
	struct drm_nova_vm_fault faults[2];
	struct drm_nova_vm_get_state args = {
		.vm_id = nova_vm_create(fd),
		.faults = { (uintptr_t)faults, NR(faults), sizeof(faults[0]) },
	};
	uint32_t vm = args.vm_id;

	nova_poke(&args, bad);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_VM_GET_STATE, &args), bad->err);
	nova_vm_destroy(fd, vm);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	igt_subtest("state-fresh")
		test_state(fd);
	for (i = 0; i < NR(bad_states); i++)
		igt_subtest_f("bad-state-%s", bad_states[i].name)
			test_bad_state(fd, &bad_states[i]);
	igt_subtest_group() {
		igt_fixture()
			nova_require_feature(fd, DRM_NOVA_FEATURE_RANGE_QUERY);
		igt_subtest("ranges-empty")
			test_empty(fd);
		igt_subtest("ranges-follow-binds")
			test_follow(fd);
		igt_subtest("ranges-window")
			test_window(fd);
		igt_subtest("ranges-attributes")
			test_attributes(fd);
		igt_subtest("ranges-sparse")
			test_sparse(fd);
		igt_subtest("ranges-page-sizes")
			test_page_sizes(fd);
		igt_subtest("ranges-capacity")
			test_capacity(fd);
		for (i = 0; i < NR(bad_queries); i++)
			igt_subtest_f("bad-ranges-%s", bad_queries[i].name)
				test_bad_ranges(fd, &bad_queries[i]);
	}

	igt_fixture()
		drm_close_driver(fd);
}
