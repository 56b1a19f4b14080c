// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model and invariant: the manager is asked as TTM asks it, and the answer is compared
 * with what the request alone says, with the buddy's own figures, and with what is in
 * VRAM according to the software GPU.
 */
#include "nova_vram_mgr.h"

#include "nova_compat.h"
#include "nova_kunit_ttm.h"

#include <drm/drm_print.h>
#include <drm/ttm/ttm_placement.h>

#include <kunit/test.h>

#include <linux/sizes.h>

#define VRAM_SIZE	SZ_64M

static struct nova_kunit_ttm *nova_mgr_ttm(struct kunit *test)
{
	const struct nova_kunit_config config = { .vram_size = VRAM_SIZE, .bar1_size = SZ_16M };

	return nova_kunit_ttm_create(test, &config);
}

static struct ttm_resource *nova_mgr_alloc(struct nova_kunit_ttm *nkt, struct nova_bo *bo,
					   const struct ttm_place *place, int want)
{
	struct ttm_resource_manager *man = &nkt->nt.vram.base;
	struct ttm_place vram = *place;
	struct ttm_resource *res = NULL;

	vram.mem_type = TTM_PL_VRAM;
	KUNIT_EXPECT_EQ(nkt->nk->test, man->func->alloc(man, &bo->ttm, &vram, &res), want);
	return res;
}

static void nova_mgr_free(struct nova_kunit_ttm *nkt, struct ttm_resource *res)
{
	struct ttm_resource_manager *man = &nkt->nt.vram.base;

	man->func->free(man, res);
}

struct nova_mgr_case {
	const char *desc;
	u64 size;
	u64 alignment;
	struct ttm_place place;
	int ret;
};

#define PFN(addr)	((addr) >> PAGE_SHIFT)

static const struct nova_mgr_case nova_mgr_cases[] = {
	{ "one_page", SZ_4K },
	{ "odd_number_of_pages", 7 * SZ_4K },
	{ "large_pages", SZ_4M, SZ_2M },
	{ "small_with_large_alignment", SZ_64K, SZ_2M },
	{ "contiguous", 5 * SZ_1M, 0, { .flags = TTM_PL_FLAG_CONTIGUOUS } },
	{ "topdown", SZ_1M, 0, { .flags = TTM_PL_FLAG_TOPDOWN } },
	{ "topdown_contiguous", SZ_4M, SZ_64K,
	  { .flags = TTM_PL_FLAG_TOPDOWN | TTM_PL_FLAG_CONTIGUOUS } },
	{ "in_a_range", SZ_1M, 0, { .fpfn = PFN(SZ_16M), .lpfn = PFN(SZ_32M) } },
	{ "exactly_a_range", SZ_8M, 0, { .fpfn = PFN(SZ_16M), .lpfn = PFN(24 * SZ_1M) } },
	{ "too_big_for_a_range", SZ_8M, 0, { .fpfn = PFN(SZ_16M), .lpfn = PFN(SZ_16M + SZ_4M) },
	  -EINVAL },
	{ "too_big_for_all_of_it", 2 * VRAM_SIZE, 0, {}, -E2BIG },
	{ "as_much_as_there_is_is_not_free", VRAM_SIZE - SZ_1M, 0, {}, -ENOSPC },
};

KUNIT_ARRAY_PARAM_DESC(nova_mgr, nova_mgr_cases, desc);

static void nova_mgr_check(struct kunit *test, const struct nova_mgr_case *c,
			   const struct nova_vram_res *vres)
{
	u64 align = c->alignment ?: SZ_4K, off = 0;

	KUNIT_EXPECT_EQ(test, vres->base.size, c->size);
	KUNIT_EXPECT_EQ(test, vres->base.start, PFN(vres->ext[0].addr));
	for (unsigned int i = 0; i < vres->backing.nr_extents; i++) {
		const struct nova_extent *e = &vres->ext[i];

		KUNIT_EXPECT_EQ(test, e->off, off);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(e->addr, align));
		KUNIT_EXPECT_GE(test, e->addr, (u64)c->place.fpfn << PAGE_SHIFT);
		if (c->place.lpfn)
			KUNIT_EXPECT_LE(test, e->addr + e->len, (u64)c->place.lpfn << PAGE_SHIFT);
		off += e->len;
	}
	KUNIT_EXPECT_EQ(test, off, c->size);
	if (c->place.flags & TTM_PL_FLAG_CONTIGUOUS)
		KUNIT_EXPECT_EQ(test, vres->backing.nr_extents, 1);
}

static void placements_are_honoured_and_usage_adds_up(struct kunit *test)
{
	const struct nova_mgr_case *c = test->param_value;
	struct nova_kunit_ttm *nkt = nova_mgr_ttm(test);
	struct nova_bo_params params = {
		.size = c->size, .alignment = c->alignment, .placement = NOVA_BO_VRAM,
	};
	struct nova_bo *bo = nova_kunit_bo(nkt, &params);
	u64 avail = nova_buddy_avail(nkt->nk->mm.buddy);
	struct ttm_resource *res = nova_mgr_alloc(nkt, bo, &c->place, c->ret);

	if (res) {
		nova_mgr_check(test, c, nova_vram_res(res));
		KUNIT_EXPECT_EQ(test, nova_ttm_used(&nkt->nt, TTM_PL_VRAM), c->size);
		KUNIT_EXPECT_EQ(test, nova_buddy_avail(nkt->nk->mm.buddy), avail - c->size);
		nova_mgr_free(nkt, res);
	}
	KUNIT_EXPECT_EQ(test, nova_ttm_used(&nkt->nt, TTM_PL_VRAM), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(nkt->nk->mm.buddy), avail);
	nova_kunit_bo_put(bo);
}

/* A resource of 4 MiB at 16 MiB, against windows around it. */
static const struct {
	u64 start, end;
	bool intersects, compatible;
} nova_mgr_windows[] = {
	{ 0, 0, true, true },
	{ 0, SZ_64M, true, true },
	{ SZ_16M, SZ_16M + SZ_4M, true, true },
	{ SZ_16M + SZ_4K, SZ_16M + SZ_4M, true, false },
	{ SZ_16M, SZ_16M + SZ_4M - SZ_4K, true, false },
	{ 0, SZ_16M + SZ_4K, true, false },
	{ 0, SZ_16M, false, false },
	{ SZ_16M + SZ_4M, SZ_64M, false, false },
	{ SZ_16M + SZ_4M, 0, false, false },
	{ SZ_8M, 0, true, true },
};

static void windows_intersect_and_fit_to_the_page(struct kunit *test)
{
	static const struct ttm_place at = {
		.fpfn = PFN(SZ_16M), .lpfn = PFN(SZ_16M + SZ_4M),
	};
	struct nova_bo_params params = { .size = SZ_4M, .placement = NOVA_BO_VRAM };
	struct nova_kunit_ttm *nkt = nova_mgr_ttm(test);
	struct ttm_resource_manager *man = &nkt->nt.vram.base;
	struct nova_bo *bo = nova_kunit_bo(nkt, &params);
	struct ttm_resource *res = nova_mgr_alloc(nkt, bo, &at, 0);

	KUNIT_ASSERT_NOT_NULL(test, res);
	for (unsigned int i = 0; i < ARRAY_SIZE(nova_mgr_windows); i++) {
		const struct ttm_place window = {
			.fpfn = PFN(nova_mgr_windows[i].start),
			.lpfn = PFN(nova_mgr_windows[i].end),
		};

		KUNIT_EXPECT_EQ_MSG(test, man->func->intersects(man, res, &window, SZ_4K),
				    nova_mgr_windows[i].intersects, "window %u", i);
		KUNIT_EXPECT_EQ_MSG(test, man->func->compatible(man, res, &window, SZ_4K),
				    nova_mgr_windows[i].compatible, "window %u", i);
	}
	nova_mgr_free(nkt, res);
	nova_kunit_bo_put(bo);
}

/* Every other 2 MiB taken: what is left is there, but not in one piece. */
static void scattered_memory_is_no_contiguous_memory(struct kunit *test)
{
	static const struct ttm_place contiguous = { .flags = TTM_PL_FLAG_CONTIGUOUS };
	struct nova_bo_params params = { .size = SZ_2M, .placement = NOVA_BO_VRAM };
	struct nova_bo_params big = { .size = SZ_4M, .placement = NOVA_BO_VRAM };
	struct nova_kunit_ttm *nkt = nova_mgr_ttm(test);
	struct ttm_resource_manager *man = &nkt->nt.vram.base;
	struct nova_bo *bo = nova_kunit_bo(nkt, &params), *other = nova_kunit_bo(nkt, &big);
	struct ttm_resource *res[VRAM_SIZE / SZ_4M] = {}, *piece;

	for (unsigned int i = 0; i < ARRAY_SIZE(res); i++) {
		const struct ttm_place place = {
			.mem_type = TTM_PL_VRAM,
			.fpfn = PFN(i * SZ_4M), .lpfn = PFN(i * SZ_4M + SZ_2M),
		};

		/* The ends belong to tables and firmware. */
		if (man->func->alloc(man, &bo->ttm, &place, &res[i]))
			res[i] = NULL;
	}
	nova_mgr_alloc(nkt, other, &contiguous, -ENOSPC);
	piece = nova_mgr_alloc(nkt, other, &(struct ttm_place){}, 0);
	KUNIT_ASSERT_NOT_NULL(test, piece);
	KUNIT_EXPECT_GT(test, nova_vram_res(piece)->backing.nr_extents, 1);
	KUNIT_EXPECT_FALSE(test, man->func->compatible(man, piece, &contiguous, SZ_4M));
	nova_mgr_free(nkt, piece);
	for (unsigned int i = 0; i < ARRAY_SIZE(res); i++)
		if (res[i])
			nova_mgr_free(nkt, res[i]);
	nova_kunit_bo_put(other);
	nova_kunit_bo_put(bo);
}

static u64 nova_mgr_clear_bytes(struct nova_kunit_ttm *nkt)
{
	struct nova_buddy_stats stats;

	nova_buddy_stats(nkt->nk->mm.buddy, &stats);
	return stats.clear;
}

static void only_untouched_memory_goes_back_as_clean(struct kunit *test)
{
	struct nova_bo_params params = { .size = SZ_1M, .placement = NOVA_BO_VRAM };
	struct nova_kunit_ttm *nkt = nova_mgr_ttm(test);
	struct ttm_operation_ctx ctx = {};
	struct nova_backing backing;
	struct nova_bo *bo = nova_kunit_bo(nkt, &params);

	KUNIT_ASSERT_EQ(test, nova_bo_validate(bo, &ctx), 0);
	nova_kunit_bo_put(bo);
	KUNIT_EXPECT_EQ(test, nova_mgr_clear_bytes(nkt), SZ_1M);
	KUNIT_EXPECT_EQ(test, atomic64_read(&nkt->nt.stats.cleared), SZ_1M);

	bo = nova_kunit_bo(nkt, &params);
	KUNIT_ASSERT_EQ(test, nova_bo_validate(bo, &ctx), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&nkt->nt.stats.cleared), SZ_1M);
	nova_bo_backing(bo, &backing);
	nova_kunit_bo_put(bo);
	KUNIT_EXPECT_EQ(test, nova_mgr_clear_bytes(nkt), 0);
}

static void what_was_written_is_cleared_before_the_next_owner(struct kunit *test)
{
	struct nova_bo_params params = { .size = SZ_1M, .placement = NOVA_BO_VRAM };
	struct nova_kunit_ttm *nkt = nova_mgr_ttm(test);
	struct ttm_operation_ctx ctx = {};
	struct nova_backing backing;
	u64 word = ~0ull;

	for (unsigned int round = 0; round < 2; round++) {
		struct nova_bo *bo = nova_kunit_bo(nkt, &params);

		KUNIT_ASSERT_EQ(test, nova_bo_validate(bo, &ctx), 0);
		nova_bo_backing(bo, &backing);
		for (u64 off = 0; off < SZ_1M; off += SZ_4K - 8) {
			struct nova_cursor cur;

			nova_cursor_init(&cur, &backing, off & ~(SZ_4K - 1ull), SZ_4K);
			nova_swgpu_vram_read(nkt->nk->gpu, cur.addr + off % SZ_4K, &word, 8);
			KUNIT_ASSERT_EQ(test, word, 0);
			word = off + 1;
			nova_swgpu_vram_write(nkt->nk->gpu, cur.addr + off % SZ_4K, &word, 8);
		}
		nova_kunit_bo_put(bo);
	}
}

static void memory_of_wedged_hardware_stays_away(struct kunit *test)
{
	struct nova_bo_params params = { .size = SZ_1M, .placement = NOVA_BO_VRAM };
	struct nova_bo_params system = { .size = SZ_1M, .placement = NOVA_BO_SYSTEM };
	struct nova_kunit_ttm *nkt = nova_mgr_ttm(test);
	struct ttm_operation_ctx ctx = {};
	struct nova_bo *bo = nova_kunit_bo(nkt, &params), *other = nova_kunit_bo(nkt, &system);
	u64 avail = nova_buddy_avail(nkt->nk->mm.buddy);

	KUNIT_ASSERT_EQ(test, nova_bo_validate(bo, &ctx), 0);
	KUNIT_ASSERT_EQ(test, nova_bo_validate(other, &ctx), 0);
	nova_device_wedge(&nkt->nk->nd, "the test says so");
	nova_kunit_bo_put(bo);
	nova_kunit_bo_put(other);
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(nkt->nk->mm.buddy), avail - SZ_1M);
	KUNIT_EXPECT_FALSE(test, list_empty(&nkt->nt.lost.list));
	bo = nova_kunit_bo(nkt, &params);
	KUNIT_EXPECT_EQ(test, nova_bo_validate(bo, &ctx), -ENODEV);
	nova_kunit_bo_put(bo);
	nova_ttm_release_lost(&nkt->nt);
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(nkt->nk->mm.buddy), avail);
	KUNIT_EXPECT_TRUE(test, list_empty(&nkt->nt.lost.list));
}

static void debug_says_what_is_free(struct kunit *test)
{
	struct nova_kunit_ttm *nkt = nova_mgr_ttm(test);
	char *text = kunit_kzalloc(test, SZ_16K, GFP_KERNEL);
	struct drm_print_iterator iter = { .data = text, .remain = SZ_16K - 1 };
	struct drm_printer p = drm_coredump_printer(&iter);

	KUNIT_ASSERT_NOT_NULL(test, text);
	ttm_resource_manager_debug(&nkt->nt.vram.base, &p);
	KUNIT_EXPECT_GT(test, strlen(text), 0);
}

static struct kunit_case nova_vram_mgr_cases[] = {
	KUNIT_CASE_PARAM(placements_are_honoured_and_usage_adds_up, nova_mgr_gen_params),
	KUNIT_CASE(windows_intersect_and_fit_to_the_page),
	KUNIT_CASE(scattered_memory_is_no_contiguous_memory),
	KUNIT_CASE(only_untouched_memory_goes_back_as_clean),
	KUNIT_CASE(what_was_written_is_cleared_before_the_next_owner),
	KUNIT_CASE(memory_of_wedged_hardware_stays_away),
	KUNIT_CASE(debug_says_what_is_free),
	{}
};

static struct kunit_suite nova_vram_mgr_suite = {
	.name = "nova-vram-mgr",
	.test_cases = nova_vram_mgr_cases,
};

kunit_test_suite(nova_vram_mgr_suite);
