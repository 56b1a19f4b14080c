// SPDX-License-Identifier: MIT

/**
 * TEST: nova prefetch
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: PREFETCH of VM_BIND
 * Description: moves what is mapped where it may be, and nothing else
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_space.h"
#include "nova_sync.h"

IGT_TEST_DESCRIPTION("Moves what is mapped where it may be, and nothing else");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define VA (1ull << 33)
#define BOTH (NOVA_VRAM | NOVA_SYSTEM)

static struct drm_nova_vm_bind_op prefetch_op(uint64_t va, uint64_t range, uint32_t region)
{
	return (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_PREFETCH, .va = va, .range = range, .region = region,
	};
}

static uint32_t region_of(int fd, uint32_t handle)
{
	return nova_gem_query(fd, handle).region;
}

/* Three mapped objects, one for each placement, 4 MiB apart, with holes and a sparse range. */
struct places {
	int fd;
	uint32_t vm;
	uint32_t handle[3];	/* both, VRAM, SYSTEM */
	struct nova_eye eye;
	char data[NOVA_64K];
};

static void places_init(struct places *p, int fd)
{
	const uint32_t placements[3] = { BOTH, NOVA_VRAM, NOVA_SYSTEM };
	struct drm_nova_vm_bind_op sparse = {
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = VA + NOVA_2M, .range = NOVA_64K,
	};
	unsigned int i;

	nova_require_feature(fd, DRM_NOVA_FEATURE_PREFETCH);
	p->fd = fd;
	p->vm = nova_vm_create(fd);
	p->eye = nova_eye(fd, p->vm);
	nova_fill(p->data, sizeof(p->data), 7);
	for (i = 0; i < 3; i++) {
		void *ptr;

		p->handle[i] = nova_gem_create(fd, NOVA_64K, placements[i]);
		ptr = nova_gem_mmap(fd, p->handle[i], 0, NOVA_64K);
		memcpy(ptr, p->data, NOVA_64K);
		munmap(ptr, NOVA_64K);
		nova_vm_map(fd, p->vm, p->handle[i], 0, VA + 2 * i * NOVA_2M, NOVA_64K);
	}
	igt_assert_eq(__nova_vm_bind_op(fd, p->vm, &sparse), 0);
}

/* Wherever the objects went, the GPU finds their content. */
static void places_check(const struct places *p)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		igt_assert(nova_eye_sees(&p->eye, VA + 2 * i * NOVA_2M, p->data, NOVA_64K));
	igt_assert_eq_u32(region_of(p->fd, p->handle[1]), DRM_NOVA_REGION_VRAM);
	igt_assert_eq_u32(region_of(p->fd, p->handle[2]), DRM_NOVA_REGION_SYSTEM);
}

static void places_fini(struct places *p)
{
	unsigned int i;

	nova_eye_close(&p->eye);
	nova_vm_destroy(p->fd, p->vm);
	for (i = 0; i < 3; i++)
		nova_gem_close(p->fd, p->handle[i]);
}

/**
 * SUBTEST: moves
 * Description: an object goes where it is asked to and back, its mappings and its
 *              content follow; holes and sparse ranges do not matter
 */
static void test_moves(int fd)
{
	const uint32_t regions[] = {
		DRM_NOVA_REGION_SYSTEM, DRM_NOVA_REGION_SYSTEM, DRM_NOVA_REGION_VRAM,
		DRM_NOVA_REGION_VRAM, DRM_NOVA_REGION_SYSTEM, DRM_NOVA_REGION_VRAM,
	};
	struct drm_nova_vm_bind_op op;
	struct places p;
	unsigned int i;

	places_init(&p, fd);
	for (i = 0; i < NR(regions); i++) {
		op = prefetch_op(VA - NOVA_2M, 3 * NOVA_2M, regions[i]);
		igt_assert_eq(__nova_vm_bind_op(fd, p.vm, &op), 0);
		igt_assert_eq_u32(region_of(fd, p.handle[0]), regions[i]);
		places_check(&p);
	}
	op = prefetch_op(VA + (1ull << 32), NOVA_2M, DRM_NOVA_REGION_SYSTEM);
	igt_assert_eq(__nova_vm_bind_op(fd, p.vm, &op), 0);
	igt_assert_eq_u32(region_of(fd, p.handle[0]), DRM_NOVA_REGION_VRAM);
	places_fini(&p);
}

/**
 * SUBTEST: not-allowed
 * Description: a range with an object that is not allowed in the region gives EINVAL,
 *              names the op, and neither moves nor maps anything
 */
static void test_not_allowed(int fd)
{
	struct drm_nova_vm_bind_op ops[2];
	struct places p;
	uint32_t failed_op;

	places_init(&p, fd);
	ops[0] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = p.handle[0], .va = VA + NOVA_2M,
		.range = NOVA_64K,
	};
	ops[1] = prefetch_op(VA, 3 * NOVA_2M, DRM_NOVA_REGION_SYSTEM);
	igt_assert_eq(__nova_vm_bind_ops(fd, p.vm, ops, 2, &failed_op), -EINVAL);
	igt_assert_eq_u32(failed_op, 1);
	ops[1] = prefetch_op(VA, 5 * NOVA_2M, DRM_NOVA_REGION_VRAM);
	igt_assert_eq(__nova_vm_bind_ops(fd, p.vm, ops, 2, &failed_op), -EINVAL);
	igt_assert_eq_u32(failed_op, 1);
	igt_assert_eq_u32(region_of(fd, p.handle[0]), DRM_NOVA_REGION_VRAM);
	places_check(&p);
	igt_assert(!nova_eye_sees(&p.eye, VA + NOVA_2M, p.data, 4));
	places_fini(&p);
}

/**
 * SUBTEST: order-within-call
 * Description: a prefetch is about what the ops before it have left, whatever those
 *              after it do
 */
static void test_order(int fd)
{
	struct drm_nova_vm_bind_op ops[3];
	struct places p;
	uint32_t failed_op;

	places_init(&p, fd);
	/* The object for VRAM alone is gone when the prefetch comes, and back afterwards. */
	ops[0] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = p.handle[1],
	};
	ops[1] = prefetch_op(VA, 3 * NOVA_2M, DRM_NOVA_REGION_SYSTEM);
	ops[2] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = p.handle[1], .va = VA + 2 * NOVA_2M,
		.range = NOVA_64K,
	};
	igt_assert_eq(__nova_vm_bind_ops(fd, p.vm, ops, 3, &failed_op), 0);
	igt_assert_eq_u32(region_of(fd, p.handle[0]), DRM_NOVA_REGION_SYSTEM);
	places_check(&p);
	/* What is mapped by the call itself moves as well. */
	ops[0] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = p.handle[0], .va = VA + (1ull << 32),
		.range = NOVA_64K,
	};
	ops[1] = prefetch_op(VA + (1ull << 32), NOVA_64K, DRM_NOVA_REGION_VRAM);
	igt_assert_eq(__nova_vm_bind_ops(fd, p.vm, ops, 2, &failed_op), 0);
	igt_assert_eq_u32(region_of(fd, p.handle[0]), DRM_NOVA_REGION_VRAM);
	igt_assert(nova_eye_sees(&p.eye, VA + (1ull << 32), p.data, NOVA_64K));
	places_check(&p);
	places_fini(&p);
}

/**
 * SUBTEST: async
 * Description: an asynchronous prefetch moves soon after its fence has signalled
 */
static void test_async(int fd)
{
	struct drm_nova_vm_bind_op op = prefetch_op(VA, NOVA_64K, DRM_NOVA_REGION_SYSTEM);
	struct drm_nova_sync sync = { .flags = DRM_NOVA_SYNC_SIGNAL };
	struct places p;
	int tries = 200;

	places_init(&p, fd);
	sync.handle = nova_syncobj_create(fd);
	igt_assert_eq(__nova_vm_bind_async(fd, p.vm, 0, &op, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(30000)), 0);
	while (region_of(fd, p.handle[0]) != DRM_NOVA_REGION_SYSTEM && tries--)
		usleep(10000);
	igt_assert_eq_u32(region_of(fd, p.handle[0]), DRM_NOVA_REGION_SYSTEM);
	places_check(&p);
	nova_syncobj_destroy(fd, sync.handle);
	places_fini(&p);
}

/**
 * SUBTEST: busy-stays
 * Description: an object that a waiting bind needs stays where it is, and the
 *              prefetch does not wait for that
 */
static void test_busy(int fd)
{
	struct drm_nova_vm_bind_op op = prefetch_op(VA, NOVA_64K, DRM_NOVA_REGION_SYSTEM);
	struct drm_nova_sync wait = { 0 };
	struct places p;
	int timeline = nova_sw_timeline(), fence = nova_sw_fence(timeline, 1);
	uint32_t queue;

	places_init(&p, fd);
	queue = nova_queue_create(fd, p.vm, DRM_NOVA_QUEUE_CLASS_BIND);
	wait.handle = nova_syncobj_import(fd, fence);
	close(fence);
	op = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = p.handle[0], .va = VA + (1ull << 32),
		.range = NOVA_64K,
	};
	igt_assert_eq(__nova_vm_bind_async(fd, p.vm, queue, &op, &wait, 1), 0);
	op = prefetch_op(VA, NOVA_64K, DRM_NOVA_REGION_SYSTEM);
	igt_assert_eq(__nova_vm_bind_op(fd, p.vm, &op), 0);
	igt_assert_eq_u32(region_of(fd, p.handle[0]), DRM_NOVA_REGION_VRAM);
	nova_sw_signal(timeline, 1);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	nova_syncobj_destroy(fd, wait.handle);
	places_check(&p);
	places_fini(&p);
	close(timeline);
}

static const struct nova_bad bad_ops[] = {
	NOVA_BAD("region-unknown", vm_bind_op, region, 2, -EINVAL),
	NOVA_BAD("region-none", vm_bind_op, region, DRM_NOVA_REGION_NONE, -EINVAL),
	NOVA_BAD("flags-readonly", vm_bind_op, flags, DRM_NOVA_VM_BIND_OP_READONLY, -EINVAL),
	NOVA_BAD("flags-noreplace", vm_bind_op, flags, DRM_NOVA_VM_BIND_OP_NOREPLACE, -EINVAL),
	NOVA_BAD("flags-unknown", vm_bind_op, flags, 1u << 31, -EINVAL),
	NOVA_BAD("handle", vm_bind_op, handle, 1, -EINVAL),
	NOVA_BAD("pte-kind", vm_bind_op, pte_kind, 1, -EINVAL),
	NOVA_BAD("page-shift", vm_bind_op, max_page_shift, 12, -EINVAL),
	NOVA_BAD("pad", vm_bind_op, pad, 1, -EINVAL),
	NOVA_BAD("pad2", vm_bind_op, pad2, 1, -EINVAL),
	NOVA_BAD("offset", vm_bind_op, offset, NOVA_4K, -EINVAL),
	NOVA_BAD("range-zero", vm_bind_op, range, 0, -EINVAL),
	NOVA_BAD("range-unaligned", vm_bind_op, range, 0x1800, -EINVAL),
	NOVA_BAD("range-wraps", vm_bind_op, range, ~0ull << 12, -EINVAL),
	NOVA_BAD("va-unaligned", vm_bind_op, va, VA + 8, -EINVAL),
	NOVA_BAD("va-beyond", vm_bind_op, va, 1ull << 57, -EINVAL),
};

/**
 * SUBTEST: bad-%s
 * Description: PREFETCH refuses %arg[1] and moves nothing
 *
 * arg[1]:
 *
 * @region-unknown:  a region that is not there
 * @region-none:     no region
 * @flags-readonly:  a flag of MAP
 * @flags-noreplace: a flag of mappings
 * @flags-unknown:   the last flag
 * @handle:          a handle
 * @pte-kind:        a kind
 * @page-shift:      a page size
 * @pad:             padding that is not zero
 * @pad2:            padding that is not zero
 * @offset:          an offset
 * @range-zero:      nothing
 * @range-unaligned: a part of a page
 * @range-wraps:     a range whose end wraps
 * @va-unaligned:    an address within a page
 * @va-beyond:       an address beyond the usable span
 */
static void test_bad(int fd, const struct nova_bad *bad)
{
	struct drm_nova_vm_bind_op op = prefetch_op(VA, NOVA_64K, DRM_NOVA_REGION_SYSTEM);
	struct places p;

	places_init(&p, fd);
	nova_poke(&op, bad);
	igt_assert_eq(__nova_vm_bind_op(fd, p.vm, &op), bad->err);
	igt_assert_eq_u32(region_of(fd, p.handle[0]), DRM_NOVA_REGION_VRAM);
	places_check(&p);
	places_fini(&p);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	igt_subtest("moves")
		test_moves(fd);
	igt_subtest("not-allowed")
		test_not_allowed(fd);
	igt_subtest("order-within-call")
		test_order(fd);
	igt_subtest("async")
		test_async(fd);
	igt_subtest("busy-stays")
		test_busy(fd);
	for (i = 0; i < NR(bad_ops); i++)
		igt_subtest_f("bad-%s", bad_ops[i].name)
			test_bad(fd, &bad_ops[i]);

	igt_fixture()
		drm_close_driver(fd);
}
