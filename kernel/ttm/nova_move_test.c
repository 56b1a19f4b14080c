// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: objects are filled through the software GPU or the kernel's mapping, moved
 * by TTM, and looked at where they went. BAR1 of no size, too small for a window of
 * the usual size, and large enough.
 */
#include "nova_bo.h"

#include "nova_blit.h"
#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_kunit_ttm.h"
#include "nova_room.h"

#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/highmem.h>
#include <linux/sizes.h>

struct nova_move_case {
	const char *desc;
	u64 bar1;
};

static const struct nova_move_case nova_move_cases[] = {
	{ "no_bar1", 0 },
	{ "bar1_1m", SZ_1M },
	{ "bar1_64m", SZ_64M },
};

KUNIT_ARRAY_PARAM_DESC(nova_move, nova_move_cases, desc);

static struct nova_kunit_ttm *nova_move_ttm(struct kunit *test)
{
	const struct nova_move_case *c = test->param_value;
	const struct nova_kunit_config config = { .vram_size = SZ_64M, .bar1_size = c->bar1 };

	return nova_kunit_ttm_create(test, &config);
}

/* One word a page that names it, seen from where the object lives. */
static u64 nova_move_addr(struct nova_bo *bo, u64 page)
{
	struct nova_backing backing;
	struct nova_cursor cur;

	nova_bo_backing(bo, &backing);
	nova_cursor_init(&cur, &backing, page * SZ_4K, SZ_4K);
	return cur.addr;
}

static void nova_move_fill(struct nova_kunit_ttm *nkt, struct nova_bo *bo, u64 seed)
{
	for (u64 i = 0; i < bo->ttm.base.size / SZ_4K; i++) {
		u64 word = seed + i, at = nova_move_addr(bo, i) + i % 512 * 8;

		nova_swgpu_vram_write(nkt->nk->gpu, at, &word, sizeof(word));
	}
}

static u64 nova_move_word(struct nova_kunit_ttm *nkt, struct nova_bo *bo, u64 page)
{
	u64 word = 0, *va;

	if (nova_bo_in_vram(bo)) {
		nova_swgpu_vram_read(nkt->nk->gpu, nova_move_addr(bo, page) + page % 512 * 8,
				     &word, sizeof(word));
		return word;
	}
	va = kmap_local_page(bo->ttm.ttm->pages[page]);
	word = va[page % 512];
	kunmap_local(va);
	return word;
}

static void nova_move_expect(struct nova_kunit_ttm *nkt, struct nova_bo *bo, u64 seed)
{
	for (u64 i = 0; i < bo->ttm.base.size / SZ_4K; i++)
		KUNIT_ASSERT_EQ(nkt->nk->test, nova_move_word(nkt, bo, i), seed + i);
}

static struct nova_bo *nova_move_bo(struct nova_kunit_ttm *nkt, u64 size, u64 seed)
{
	struct nova_bo_params params = {
		.size = size, .placement = NOVA_BO_VRAM | NOVA_BO_SYSTEM,
	};
	struct ttm_operation_ctx ctx = {};
	struct nova_bo *bo = nova_kunit_bo(nkt, &params);

	KUNIT_ASSERT_EQ(nkt->nk->test, nova_bo_validate_in(bo, NOVA_BO_VRAM, &ctx), 0);
	nova_move_fill(nkt, bo, seed);
	return bo;
}

static void content_survives_the_way_out_and_back(struct kunit *test)
{
	struct nova_kunit_ttm *nkt = nova_move_ttm(test);
	struct ttm_operation_ctx ctx = {};
	struct nova_bo *bo = nova_move_bo(nkt, SZ_4M + 3 * SZ_4K, 0x1000);

	for (unsigned int round = 0; round < 2; round++) {
		KUNIT_ASSERT_EQ(test, nova_bo_validate_in(bo, NOVA_BO_SYSTEM, &ctx), 0);
		KUNIT_EXPECT_EQ(test, nova_bo_region(bo), NOVA_BO_SYSTEM);
		nova_move_expect(nkt, bo, 0x1000);
		KUNIT_ASSERT_EQ(test, nova_bo_validate_in(bo, NOVA_BO_VRAM, &ctx), 0);
		nova_move_expect(nkt, bo, 0x1000);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&nkt->nt.stats.to_vram), 2 * bo->ttm.base.size);
	KUNIT_EXPECT_EQ(test, atomic64_read(&nkt->nt.stats.from_vram), 2 * bo->ttm.base.size);
	KUNIT_EXPECT_EQ(test, nkt->moved, nkt->moving);
	nova_kunit_bo_put(bo);
}

static void pieces_between_others_are_gathered(struct kunit *test)
{
	struct nova_kunit_ttm *nkt = nova_move_ttm(test);
	struct nova_bo_params params = { .size = SZ_64K, .placement = NOVA_BO_VRAM };
	struct ttm_operation_ctx ctx = {};
	struct nova_bo *small[32], *bo;

	for (unsigned int i = 0; i < ARRAY_SIZE(small); i++) {
		small[i] = nova_kunit_bo(nkt, &params);
		KUNIT_ASSERT_EQ(test, nova_bo_validate(small[i], &ctx), 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(small); i += 2)
		nova_kunit_bo_put(small[i]);
	bo = nova_move_bo(nkt, SZ_4M, 0x77000);
	KUNIT_ASSERT_EQ(test, nova_bo_validate_in(bo, NOVA_BO_SYSTEM, &ctx), 0);
	nova_move_expect(nkt, bo, 0x77000);
	nova_kunit_bo_put(bo);
	for (unsigned int i = 1; i < ARRAY_SIZE(small); i += 2)
		nova_kunit_bo_put(small[i]);
}

static void an_object_that_is_held_stays_where_it_is(struct kunit *test)
{
	struct nova_kunit_ttm *nkt = nova_move_ttm(test);
	struct ttm_operation_ctx ctx = {};
	struct nova_bo *bo = nova_move_bo(nkt, SZ_1M, 0x500);
	unsigned int moved = nkt->moved;

	nkt->refuse = -EIO;
	KUNIT_EXPECT_EQ(test, nova_bo_validate_in(bo, NOVA_BO_SYSTEM, &ctx), -EIO);
	KUNIT_EXPECT_EQ(test, nova_bo_region(bo), NOVA_BO_VRAM);
	nova_move_expect(nkt, bo, 0x500);
	KUNIT_EXPECT_EQ(test, nkt->moved, moved);
	nkt->refuse = 0;
	nova_kunit_bo_put(bo);
}

static void what_nobody_needs_is_purged_and_never_comes_back(struct kunit *test)
{
	struct nova_kunit_ttm *nkt = nova_move_ttm(test);
	struct ttm_operation_ctx ctx = {};
	struct nova_bo *bo = nova_move_bo(nkt, SZ_1M, 0x900);

	KUNIT_EXPECT_TRUE(test, nova_bo_advise(bo, false));
	KUNIT_EXPECT_TRUE(test, nova_bo_advise(bo, true));
	KUNIT_EXPECT_TRUE(test, nova_bo_advise(bo, false));
	dma_resv_unlock(bo->ttm.base.resv);
	KUNIT_EXPECT_EQ(test, nova_ttm_evict(&nkt->nt, TTM_PL_VRAM), 0);
	dma_resv_lock(bo->ttm.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, nkt->purging, 1);
	KUNIT_EXPECT_TRUE(test, bo->purged);
	KUNIT_EXPECT_FALSE(test, nova_bo_is_populated(bo));
	KUNIT_EXPECT_FALSE(test, nova_bo_advise(bo, true));
	KUNIT_EXPECT_EQ(test, nova_bo_validate(bo, &ctx), 0);
	KUNIT_EXPECT_FALSE(test, nova_bo_is_populated(bo));
	KUNIT_EXPECT_EQ(test, atomic64_read(&nkt->nt.stats.from_vram), 0);
	nova_kunit_bo_put(bo);
}

static void room_is_made_by_evicting(struct kunit *test)
{
	struct nova_kunit_ttm *nkt = nova_move_ttm(test);
	struct nova_bo_params params = { .size = SZ_4M, .placement = NOVA_BO_VRAM };
	struct nova_bo *bo[SZ_64M / SZ_4M] = {};
	struct ttm_operation_ctx ctx = {};
	unsigned int nr = 0;

	/* Until the last one pushes out the first, which nobody holds any more. */
	while (nr < ARRAY_SIZE(bo) && (!nr || nova_bo_region(bo[0]) == NOVA_BO_VRAM)) {
		bo[nr] = nova_kunit_bo(nkt, &params);
		KUNIT_ASSERT_EQ(test, nova_bo_validate(bo[nr], &ctx), 0);
		dma_resv_unlock(bo[nr++]->ttm.base.resv);
	}
	KUNIT_EXPECT_EQ(test, nova_bo_region(bo[0]), NOVA_BO_SYSTEM);
	KUNIT_EXPECT_EQ(test, nova_bo_region(bo[nr - 1]), NOVA_BO_VRAM);
	KUNIT_EXPECT_EQ(test, nova_room_make(&nkt->nt), 0);
	while (nr--) {
		dma_resv_lock(bo[nr]->ttm.base.resv, NULL);
		nova_kunit_bo_put(bo[nr]);
	}
}

/* A fence that tells whether anybody waited for it, and lets him go. */
struct nova_move_fence {
	struct dma_fence base;
	/* @lock: of @base */
	spinlock_t lock;
	bool waited;
};

static const char *nova_move_fence_name(struct dma_fence *fence)
{
	return "nova-move-test";
}

static bool nova_move_fence_waited(struct dma_fence *fence)
{
	container_of(fence, struct nova_move_fence, base)->waited = true;
	return false;
}

static void nova_move_fence_release(struct dma_fence *fence)
{
}

static const struct dma_fence_ops nova_move_fence_ops = {
	.get_driver_name = nova_move_fence_name,
	.get_timeline_name = nova_move_fence_name,
	.enable_signaling = nova_move_fence_waited,
	.release = nova_move_fence_release,
};

static void a_new_object_does_not_wait_for_its_neighbours(struct kunit *test)
{
	struct nova_move_fence *fence = kunit_kzalloc(test, sizeof(*fence), GFP_KERNEL);
	struct nova_kunit_ttm *nkt = nova_move_ttm(test);
	struct nova_bo_params params = { .size = SZ_64K, .placement = NOVA_BO_VRAM };
	struct nova_bo *first, *second, *third, *fourth;
	struct ttm_operation_ctx ctx = {};

	KUNIT_ASSERT_NOT_NULL(test, fence);
	first = nova_kunit_bo(nkt, &params);
	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &nova_move_fence_ops, &fence->lock,
		       dma_fence_context_alloc(1), 1);
	KUNIT_ASSERT_EQ(test, dma_resv_reserve_fences(first->ttm.base.resv, 1), 0);
	dma_resv_add_fence(first->ttm.base.resv, &fence->base, DMA_RESV_USAGE_BOOKKEEP);
	params.resv = first->ttm.base.resv;
	params.eager = true;
	second = nova_kunit_bo(nkt, &params);
	KUNIT_EXPECT_TRUE(test, nova_bo_in_vram(second));
	KUNIT_EXPECT_FALSE(test, fence->waited);
	params.placement = NOVA_BO_SYSTEM;
	third = nova_kunit_bo(nkt, &params);
	KUNIT_EXPECT_FALSE(test, fence->waited);
	params.placement = NOVA_BO_VRAM;
	params.eager = false;
	fourth = nova_kunit_bo(nkt, &params);
	KUNIT_EXPECT_EQ(test, nova_bo_validate(fourth, &ctx), 0);
	KUNIT_EXPECT_TRUE(test, nova_bo_in_vram(fourth));
	KUNIT_EXPECT_FALSE(test, fence->waited);
	dma_fence_signal(&fence->base);
	nova_ttm_bo_fini(&fourth->ttm);
	nova_ttm_bo_fini(&third->ttm);
	nova_ttm_bo_fini(&second->ttm);
	nova_kunit_bo_put(first);
	KUNIT_EXPECT_EQ(test, kref_read(&fence->base.refcount), 1);
}

/* What nobody has a handle of must not be found by its place in the file either. */
static void hidden_objects_have_no_offset(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_kunit_ttm *nkt = nova_kunit_ttm_create(test, &config);
	struct nova_bo_params params = {
		.size = SZ_64K, .placement = NOVA_BO_VRAM, .hidden = true,
	};
	struct nova_bo *bo = nova_kunit_bo(nkt, &params);

	KUNIT_EXPECT_EQ(test, drm_vma_node_offset_addr(&bo->ttm.base.vma_node), 0);
	nova_kunit_bo_put(bo);
	params.hidden = false;
	bo = nova_kunit_bo(nkt, &params);
	KUNIT_EXPECT_NE(test, drm_vma_node_offset_addr(&bo->ttm.base.vma_node), 0);
	nova_kunit_bo_put(bo);
}

static struct kunit_case nova_move_test_cases[] = {
	KUNIT_CASE_PARAM(content_survives_the_way_out_and_back, nova_move_gen_params),
	KUNIT_CASE_PARAM(pieces_between_others_are_gathered, nova_move_gen_params),
	KUNIT_CASE_PARAM(an_object_that_is_held_stays_where_it_is, nova_move_gen_params),
	KUNIT_CASE_PARAM(what_nobody_needs_is_purged_and_never_comes_back, nova_move_gen_params),
	KUNIT_CASE_PARAM(room_is_made_by_evicting, nova_move_gen_params),
	KUNIT_CASE_PARAM(a_new_object_does_not_wait_for_its_neighbours, nova_move_gen_params),
	KUNIT_CASE(hidden_objects_have_no_offset),
	{}
};

static struct kunit_suite nova_move_suite = {
	.name = "nova-move",
	.test_cases = nova_move_test_cases,
};

kunit_test_suite(nova_move_suite);
