// SPDX-License-Identifier: MIT

/**
 * TEST: nova sparse
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: MAP_SPARSE, scratch VMs
 * Description: addresses that read zero and swallow writes, seen through the GPU's own walk
 */

#include "igt.h"
#include "nova_ioctl.h"
#include "nova_space.h"

IGT_TEST_DESCRIPTION("Addresses that read zero and swallow writes");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static struct drm_nova_vm_bind_op sparse_op(const struct nova_space *space, unsigned int page,
					    unsigned int nr)
{
	return (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE,
		.va = nova_space_va(space, page),
		.range = nr * NOVA_4K,
	};
}

static void bind(const struct nova_space *space, const struct drm_nova_vm_bind_op *op)
{
	igt_assert_eq(__nova_vm_bind_op(space->fd, space->vm, op), 0);
}

static bool reads_zero(const struct nova_space *space, uint64_t va)
{
	uint32_t word = 1;

	return nova_eye_read(&space->eye, va, &word, sizeof(word)) == 0 && word == 0;
}

/* Sparse on pages [@first, @end) of the area and nowhere else. */
static void check_sparse(const struct nova_space *space, unsigned int first, unsigned int end)
{
	unsigned int page;

	for (page = 0; page < NOVA_SPACE_PAGES; page++) {
		uint64_t va = nova_space_va(space, page);

		if (page >= first && page < end)
			igt_assert_f(reads_zero(space, va), "page %u\n", page);
		else
			igt_assert_f(nova_eye_faults(&space->eye, va), "page %u\n", page);
	}
}

/**
 * SUBTEST: reads-zero-drops-writes
 * Description: a sparse range reads zero also after a write, and ends where it should
 */
static void test_zero(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	uint32_t word = 0xdeadbeef;

	nova_space_init(&space, fd);
	op = sparse_op(&space, 5, 40);
	bind(&space, &op);
	check_sparse(&space, 5, 45);
	igt_assert_eq(nova_eye_write(&space.eye, op.va + 8, &word, sizeof(word)), 0);
	igt_assert(reads_zero(&space, op.va + 8));
	op = nova_space_unmap_op(&space, 5, 40);
	bind(&space, &op);
	check_sparse(&space, 0, 0);
	nova_space_fini(&space);
}

/**
 * SUBTEST: map-inside
 * Description: memory mapped inside a sparse range shows, and MAP_SPARSE hides it again
 */
static void test_map_inside(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	unsigned int bo;

	nova_space_init(&space, fd);
	op = sparse_op(&space, 0, 64);
	bind(&space, &op);
	for (bo = 0; bo < 2; bo++) {
		uint32_t want = 0x5eed0000u | bo << 12 | 3;

		op = nova_space_map_op(&space, 20, 16, bo, 3);
		bind(&space, &op);
		igt_assert(nova_eye_sees(&space.eye, op.va, &want, sizeof(want)));
		igt_assert(reads_zero(&space, op.va - NOVA_4K));
		igt_assert(reads_zero(&space, op.va + op.range));
		op = sparse_op(&space, 20, 16);
		bind(&space, &op);
		check_sparse(&space, 0, 64);
	}
	nova_space_fini(&space);
}

/**
 * SUBTEST: over-mapping
 * Description: MAP_SPARSE replaces part of a mapping, the rest stays
 */
static void test_over_mapping(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	unsigned int page;

	nova_space_init(&space, fd);
	op = nova_space_map_op(&space, 8, 48, 0, 0);
	nova_space_apply(&space, &op);
	op = sparse_op(&space, 20, 8);
	bind(&space, &op);
	for (page = 20; page < 28; page++)
		igt_assert(reads_zero(&space, nova_space_va(&space, page)));
	op = nova_space_map_op(&space, 20, 8, 1, 90);
	nova_space_apply(&space, &op);
	nova_space_check(&space);
	nova_space_fini(&space);
}

/**
 * SUBTEST: noreplace
 * Description: a sparse range is a mapping to NOREPLACE, from both sides
 */
static void test_noreplace(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;

	nova_space_init(&space, fd);
	op = sparse_op(&space, 10, 10);
	op.flags = DRM_NOVA_VM_BIND_OP_NOREPLACE;
	bind(&space, &op);
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &op), -EEXIST);
	op = nova_space_map_op(&space, 19, 5, 0, 0);
	op.flags = DRM_NOVA_VM_BIND_OP_NOREPLACE;
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &op), -EEXIST);
	check_sparse(&space, 10, 20);
	nova_space_fini(&space);
}

/**
 * SUBTEST: huge
 * Description: a terabyte of sparse costs next to no page tables
 */
static void test_huge(int fd)
{
	const uint64_t start = 1ull << 40, size = (1ull << 40) - NOVA_4K;
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = start, .range = size,
	};
	struct nova_space space;
	uint64_t used;

	nova_space_init(&space, fd);
	used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	bind(&space, &op);
	igt_assert(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) <= used + NOVA_2M);
	igt_assert(reads_zero(&space, start));
	igt_assert(reads_zero(&space, start + size / 2));
	igt_assert(reads_zero(&space, start + size - 4));
	igt_assert(nova_eye_faults(&space.eye, start + size));
	op.op = DRM_NOVA_VM_BIND_OP_UNMAP;
	bind(&space, &op);
	igt_assert(nova_eye_faults(&space.eye, start + size / 2));
	nova_settle_vram(fd, used);
	nova_space_fini(&space);
}

/**
 * SUBTEST: scratch
 * Description: in a scratch VM what is not mapped reads zero, before and after a bind
 */
static void test_scratch(int fd)
{
	struct drm_nova_vm_create vm = { .flags = DRM_NOVA_VM_SCRATCH };
	struct nova_space space = { .fd = fd };
	const uint64_t vas[] = { 1ull << 33, (1ull << 33) + NOVA_2M, 1ull << 46 };
	uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM), word = 5;
	unsigned int i;

	igt_assert_eq(__nova_vm_create(fd, &vm), 0);
	space.vm = vm.vm_id;
	space.eye = nova_eye(fd, vm.vm_id);
	for (i = 0; i < NR(vas); i++) {
		igt_assert(reads_zero(&space, vas[i]));
		nova_vm_map(fd, vm.vm_id, handle, 0, vas[i], NOVA_64K);
		igt_assert_eq(nova_eye_write(&space.eye, vas[i], &word, sizeof(word)), 0);
		igt_assert(nova_eye_sees(&space.eye, vas[i], &word, sizeof(word)));
		igt_assert(reads_zero(&space, vas[i] + NOVA_64K));
		nova_vm_unmap(fd, vm.vm_id, vas[i], NOVA_64K);
		igt_assert(reads_zero(&space, vas[i]));
	}
	nova_eye_close(&space.eye);
	nova_vm_destroy(fd, vm.vm_id);
	nova_gem_close(fd, handle);
}

static const struct nova_bad bad_ops[] = {
	NOVA_BAD("flags-readonly", vm_bind_op, flags, DRM_NOVA_VM_BIND_OP_READONLY, -EINVAL),
	NOVA_BAD("flags-unknown", vm_bind_op, flags, 1 << 5, -EINVAL),
	NOVA_BAD("handle", vm_bind_op, handle, 1, -EINVAL),
	NOVA_BAD("pte-kind", vm_bind_op, pte_kind, 1, -EINVAL),
	NOVA_BAD("page-shift", vm_bind_op, max_page_shift, 12, -EINVAL),
	NOVA_BAD("pad", vm_bind_op, pad, 1, -EINVAL),
	NOVA_BAD("pad2", vm_bind_op, pad2, 1, -EINVAL),
	NOVA_BAD("offset", vm_bind_op, offset, NOVA_4K, -EINVAL),
	NOVA_BAD("region", vm_bind_op, region, 1, -EINVAL),
	NOVA_BAD("range-zero", vm_bind_op, range, 0, -EINVAL),
	NOVA_BAD("range-unaligned", vm_bind_op, range, 0x1800, -EINVAL),
	NOVA_BAD("range-wraps", vm_bind_op, range, ~0ull << 12, -EINVAL),
	NOVA_BAD("va-unaligned", vm_bind_op, va, (1ull << 33) + 8, -EINVAL),
	NOVA_BAD("va-beyond", vm_bind_op, va, 1ull << 57, -EINVAL),
};

/**
 * SUBTEST: bad-%s
 * Description: MAP_SPARSE refuses %arg[1] and maps nothing
 *
 * arg[1]:
 *
 * @flags-readonly:  a flag of MAP
 * @flags-unknown:   the first unknown flag
 * @handle:          a handle
 * @pte-kind:        a kind
 * @page-shift:      a page size
 * @pad:             padding that is not zero
 * @pad2:            padding that is not zero
 * @offset:          an offset
 * @region:          a region
 * @range-zero:      nothing
 * @range-unaligned: a part of a page
 * @range-wraps:     a range whose end wraps
 * @va-unaligned:    an address within a page
 * @va-beyond:       an address beyond the usable span
 */
static void test_bad(int fd, const struct nova_bad *bad)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;

	nova_space_init(&space, fd);
	op = sparse_op(&space, 0, 64);
	nova_poke(&op, bad);
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &op), bad->err);
	check_sparse(&space, 0, 0);
	nova_space_fini(&space);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture() {
		fd = nova_open();
		nova_require_feature(fd, DRM_NOVA_FEATURE_SPARSE);
	}

	igt_subtest("reads-zero-drops-writes")
		test_zero(fd);
	igt_subtest("map-inside")
		test_map_inside(fd);
	igt_subtest("over-mapping")
		test_over_mapping(fd);
	igt_subtest("noreplace")
		test_noreplace(fd);
	igt_subtest("huge")
		test_huge(fd);
	igt_subtest("scratch")
		test_scratch(fd);
	for (i = 0; i < NR(bad_ops); i++)
		igt_subtest_f("bad-%s", bad_ops[i].name)
			test_bad(fd, &bad_ops[i]);

	igt_fixture()
		drm_close_driver(fd);
}
