// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: a client maps objects and touches them, with BAR1 of several sizes and
 * with none. What it wrote is looked for in the VRAM of the software GPU, and what
 * is there must be what it reads, wherever the object went in between.
 */
#include "nova_cursor.h"
#include "nova_kunit.h"
#include "nova_kunit_drm.h"

#include <drm/drm_gem.h>
#include <drm/ttm/ttm_placement.h>
#include <kunit/test.h>

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#define WINDOW_VRAM	SZ_64M
#define WINDOW_STEP	SZ_64K
#define WINDOW_BAR1	SZ_16M

struct window_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	struct nova_gem *gem;
	u64 size;
	unsigned long at;
	u32 handle;
};

static struct window_fixture *window_create(struct kunit *test, const char *chip, u64 bar1)
{
	const struct nova_swgpu_config config = {
		.chip = chip, .vram_size = WINDOW_VRAM, .bar1_size = bar1,
	};
	struct window_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->nkd = nova_kunit_drm_create_bound(test, &config);
	return f;
}

static void window_object(struct window_fixture *f, u64 size, u32 placement)
{
	f->size = size;
	f->gem = nova_kunit_drm_gem(f->nkd, size, placement, 0, &f->handle);
	f->at = nova_kunit_drm_mmap(f->nkd, f->gem);
}

static int window_put(struct window_fixture *f, u64 off, u32 val)
{
	return put_user(val, (u32 __user *)(f->at + off));
}

static int window_get(struct window_fixture *f, u64 off, u32 *val)
{
	return get_user(*val, (u32 __user *)(f->at + off));
}

static void window_expect(struct window_fixture *f, u64 off, u32 val)
{
	u32 got = ~val;

	KUNIT_EXPECT_EQ(f->test, window_get(f, off, &got), 0);
	KUNIT_EXPECT_EQ_MSG(f->test, got, val, "at 0x%llx", off);
}

static void window_fill(struct window_fixture *f)
{
	for (u64 off = 0; off < f->size; off += WINDOW_STEP)
		KUNIT_ASSERT_EQ(f->test, window_put(f, off, 0x1000 + off / WINDOW_STEP), 0);
}

static void window_expect_filled(struct window_fixture *f)
{
	for (u64 off = 0; off < f->size; off += WINDOW_STEP)
		window_expect(f, off, 0x1000 + off / WINDOW_STEP);
}

/* The word at @off of the object, which is in VRAM, as the GPU has it. */
static u32 window_vram(struct window_fixture *f, u64 off)
{
	struct dma_resv *resv = f->gem->bo.ttm.base.resv;
	struct nova_backing backing;
	struct nova_cursor cur;
	u32 word = 0;

	dma_resv_lock(resv, NULL);
	nova_bo_backing(&f->gem->bo, &backing);
	KUNIT_EXPECT_EQ(f->test, backing.aperture, NOVA_APERTURE_VRAM);
	nova_cursor_init(&cur, &backing, off, SZ_4K);
	nova_swgpu_vram_read(f->nkd->gpu, cur.addr, &word, sizeof(word));
	dma_resv_unlock(resv);
	return word;
}

static void window_evict(struct window_fixture *f)
{
	KUNIT_ASSERT_EQ(f->test, nova_ttm_evict(&f->nkd->ndrm->nt, TTM_PL_VRAM), 0);
	KUNIT_EXPECT_EQ(f->test, nova_gem_region(f->gem), DRM_NOVA_REGION_SYSTEM);
}

static void what_the_cpu_writes_is_in_vram(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);

	window_object(f, SZ_4M, DRM_NOVA_PLACEMENT_VRAM);
	window_expect(f, SZ_1M, 0);
	window_fill(f);
	for (u64 off = 0; off < f->size; off += WINDOW_STEP)
		KUNIT_EXPECT_EQ(test, window_vram(f, off), 0x1000 + off / WINDOW_STEP);
	KUNIT_EXPECT_GT(test, atomic64_read(&f->gem->bo.bar1_bytes), 0);
}

/* The same addresses go on working when the object leaves, and when it is back. */
static void an_object_is_followed_where_it_goes(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);
	struct ttm_operation_ctx ctx = {};

	window_object(f, SZ_2M, DRM_NOVA_PLACEMENT_VRAM);
	window_fill(f);
	window_evict(f);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->gem->bo.bar1_bytes), 0);
	window_expect_filled(f);
	KUNIT_EXPECT_EQ(test, window_put(f, 4, 0x4444), 0);
	dma_resv_lock(f->gem->bo.ttm.base.resv, NULL);
	KUNIT_ASSERT_EQ(test, nova_bo_validate(&f->gem->bo, &ctx), 0);
	dma_resv_unlock(f->gem->bo.ttm.base.resv);
	window_expect_filled(f);
	window_expect(f, 4, 0x4444);
	KUNIT_EXPECT_EQ(test, window_vram(f, 4), 0x4444);
}

/* Twice as much is touched as BAR1 has room for, twice. */
static void a_small_bar1_is_enough_for_a_large_object(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, SZ_2M);
	struct nova_bar1_stats stats;

	window_object(f, SZ_4M, DRM_NOVA_PLACEMENT_VRAM);
	window_fill(f);
	window_expect_filled(f);
	nova_bar1_stats(&f->nkd->ndrm->mm.bar1, &stats);
	KUNIT_EXPECT_GT(test, stats.evictions, 0);
	KUNIT_EXPECT_LE(test, stats.used, stats.size);
}

static void without_bar1_an_object_comes_to_the_cpu(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, 0);

	window_object(f, SZ_1M, DRM_NOVA_PLACEMENT_VRAM);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_VRAM);
	window_fill(f);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_SYSTEM);
	window_expect_filled(f);
}

/* Memory that was promised and is not there: as if it had been pushed out. */
static void a_deferred_object_finds_memory_somewhere(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);
	struct drm_nova_gem_create2 args = {
		.size = SZ_1M, .placement = DRM_NOVA_PLACEMENT_VRAM, .flags = DRM_NOVA_GEM_DEFER,
	};
	struct nova_buddy *buddy = f->nkd->ndrm->mm.buddy;
	struct nova_buddy_req all = { .size = nova_buddy_avail(buddy) - SZ_64K };
	struct nova_buddy_alloc alloc = {};

	KUNIT_ASSERT_EQ(test, nova_gem_create2_ioctl(&f->nkd->ndrm->drm, &args, f->nkd->file), 0);
	f->gem = nova_gem_lookup(f->nkd->file, args.handle);
	nova_gem_put(f->gem);
	f->at = nova_kunit_drm_mmap(f->nkd, f->gem);
	f->size = SZ_1M;
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_NONE);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(buddy, &all, &alloc), 0);
	window_fill(f);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_SYSTEM);
	nova_buddy_free(buddy, &alloc, false);
	window_expect_filled(f);
}

static void what_was_advised_away_cannot_be_touched(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);
	u32 word;

	window_object(f, SZ_64K, DRM_NOVA_PLACEMENT_VRAM);
	window_fill(f);
	KUNIT_ASSERT_EQ(test, nova_kunit_drm_advise(f->nkd, f->handle,
						    DRM_NOVA_MADVISE_DONTNEED), 0);
	KUNIT_EXPECT_EQ(test, window_get(f, 0, &word), -EFAULT);
	KUNIT_EXPECT_EQ(test, window_put(f, 0, 1), -EFAULT);
	KUNIT_ASSERT_EQ(test, nova_kunit_drm_advise(f->nkd, f->handle,
						    DRM_NOVA_MADVISE_WILLNEED), 0);
	window_expect_filled(f);
}

/* Programs keep running on a page that goes nowhere. */
static void an_unplugged_device_reads_as_zero(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);

	window_object(f, SZ_64K, DRM_NOVA_PLACEMENT_VRAM);
	/* As far as drm_dev_unplug() gets before it takes the mappings away */
	f->nkd->ndrm->drm.unplugged = true;
	window_expect(f, 0, 0);
	KUNIT_EXPECT_EQ(test, window_put(f, 0, 1), 0);
	KUNIT_EXPECT_NE(test, window_vram(f, 0), 1);
}

/* What the device itself must keep until it goes. */
static size_t window_kept(struct window_fixture *f)
{
	return list_count_nodes(&f->nkd->ndrm->drm.managed.resources);
}

/* The object is mapped, touched by reading and writing, and unmapped. */
static void window_touch(struct window_fixture *f)
{
	f->at = nova_kunit_drm_mmap(f->nkd, f->gem);
	for (u64 off = 0; off < f->size; off += WINDOW_STEP)
		window_expect(f, off, 0);
	KUNIT_EXPECT_EQ(f->test, window_put(f, 4, 1), 0);
	KUNIT_EXPECT_EQ(f->test, vm_munmap(f->at, f->size), 0);
}

/* However often it is mapped; nobody finds in it what somebody has left there. */
static void a_dead_device_costs_an_object_one_page(struct kunit *test)
{
	struct window_fixture *f = window_create(test, "gh100", WINDOW_BAR1);
	struct page *sink;
	size_t kept;

	window_object(f, SZ_1M, DRM_NOVA_PLACEMENT_VRAM);
	nova_device_wedge(&f->nkd->ndrm->nd, "by a test");
	kept = window_kept(f);
	window_touch(f);
	sink = f->gem->bo.sink;
	for (unsigned int i = 0; i < 4; i++)
		window_touch(f);
	KUNIT_EXPECT_EQ(test, window_kept(f), kept);
	KUNIT_EXPECT_PTR_EQ(test, f->gem->bo.sink, sink);
}

static void a_dead_device_keeps_objects_apart(struct kunit *test)
{
	struct window_fixture *f = window_create(test, "gh100", WINDOW_BAR1);
	unsigned long other;

	window_object(f, SZ_64K, DRM_NOVA_PLACEMENT_VRAM);
	other = f->at;
	window_object(f, SZ_64K, DRM_NOVA_PLACEMENT_VRAM);
	nova_device_wedge(&f->nkd->ndrm->nd, "by a test");
	window_expect(f, 0, 0);
	KUNIT_EXPECT_EQ(test, put_user(1, (u32 __user *)other), 0);
	window_expect(f, 0, 0);
}

/* The page is given back with the object; a reference of the test's tells. */
static void the_page_of_a_dead_device_goes_with_its_object(struct kunit *test)
{
	struct window_fixture *f = window_create(test, "gh100", WINDOW_BAR1);
	struct page *sink;

	window_object(f, SZ_64K, DRM_NOVA_PLACEMENT_VRAM);
	window_fill(f);
	KUNIT_ASSERT_EQ(test, vm_munmap(f->at, f->size), 0);
	nova_device_wedge(&f->nkd->ndrm->nd, "by a test");
	window_touch(f);
	sink = f->gem->bo.sink;
	KUNIT_ASSERT_NOT_NULL(test, sink);
	get_page(sink);
	KUNIT_EXPECT_EQ(test, page_count(sink), 2);
	KUNIT_ASSERT_EQ(test, drm_gem_handle_delete(f->nkd->file, f->handle), 0);
	KUNIT_EXPECT_EQ(test, page_count(sink), 1);
	put_page(sink);
}

static void hardware_that_does_not_answer_reads_as_zero(struct kunit *test)
{
	struct window_fixture *f = window_create(test, "gh100", WINDOW_BAR1);

	window_object(f, SZ_64K, DRM_NOVA_PLACEMENT_VRAM);
	KUNIT_ASSERT_EQ(test, nova_swgpu_inject(f->nkd->gpu, NOVA_SWGPU_INJECT_TLB_STUCK, 1), 0);
	window_expect(f, 0, 0);
	KUNIT_EXPECT_EQ(test, window_put(f, 0, 1), 0);
	KUNIT_EXPECT_NE(test, window_vram(f, 0), 1);
}

/* What others left behind in all of VRAM that is free, and that nobody has cleared. */
static void window_soil(struct window_fixture *f)
{
	const struct nova_buddy_req req = {
		.size = WINDOW_VRAM / 2, .min_block = SZ_64K, .flags = NOVA_BUDDY_CONTIGUOUS,
	};
	struct nova_buddy *buddy = f->nkd->ndrm->mm.buddy;
	struct nova_buddy_alloc alloc = {};
	const u64 word = 0x5ec2e75ec2e7;

	KUNIT_ASSERT_EQ(f->test, nova_buddy_alloc(buddy, &req, &alloc), 0);
	for (u64 off = 0; off < req.size; off += SZ_4K)
		nova_swgpu_vram_write(f->nkd->gpu, nova_buddy_extents(&alloc)->addr + off, &word,
				      sizeof(word));
	nova_buddy_free(buddy, &alloc, false);
}

/* The first clear is what the engine is stuck in, so that of the object here never begins. */
static void window_stuck(struct window_fixture *f)
{
	KUNIT_ASSERT_EQ(f->test, nova_swgpu_inject(f->nkd->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 1), 0);
	window_object(f, SZ_64K, DRM_NOVA_PLACEMENT_VRAM);
	window_object(f, SZ_2M, DRM_NOVA_PLACEMENT_VRAM);
}

/* From now on the kernel waits no longer for the engine. */
static void window_lose_patience(struct window_fixture *f)
{
	WRITE_ONCE(f->nkd->ndrm->copy.ch.config.timeout_ms, 1);
}

static void what_was_never_cleared_is_never_seen(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);
	u32 was = 0;

	window_soil(f);
	window_stuck(f);
	window_lose_patience(f);
	for (u64 off = 0; off < f->size; off += WINDOW_STEP)
		window_expect(f, off, 0);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&f->nkd->ndrm->nd));
	for (u64 off = 0; off < f->size; off += WINDOW_STEP)
		was |= window_vram(f, off);
	KUNIT_EXPECT_NE(test, was, 0);
}

/* Likewise, and it is a bind that waits for it. */
static void what_was_never_cleared_is_never_bound(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);
	u32 vm_id = nova_kunit_drm_vm(f->nkd, 0);

	window_stuck(f);
	window_lose_patience(f);
	KUNIT_EXPECT_EQ(test, nova_kunit_drm_map(f->nkd, vm_id, f->handle, SZ_4M, f->size),
			-ENODEV);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&f->nkd->ndrm->nd));
}

/* Out of VRAM in a pipeline, which the engine is stuck in. */
static void what_was_lost_on_its_way_out_is_never_seen(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	struct window_fixture *f = window_create(test, chip->name, WINDOW_BAR1);
	u32 placement = DRM_NOVA_PLACEMENT_VRAM | DRM_NOVA_PLACEMENT_SYSTEM;

	window_object(f, SZ_64K, placement);
	window_fill(f);
	window_object(f, SZ_64K, placement);
	window_fill(f);
	KUNIT_ASSERT_EQ(test, nova_swgpu_inject(f->nkd->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 1), 0);
	window_lose_patience(f);
	nova_ttm_evict(&f->nkd->ndrm->nt, TTM_PL_VRAM);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&f->nkd->ndrm->nd));
	window_expect(f, 0, 0);
	KUNIT_EXPECT_EQ(test, window_put(f, 0, 1), 0);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(what_the_cpu_writes_is_in_vram, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(an_object_is_followed_where_it_goes, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_small_bar1_is_enough_for_a_large_object, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(without_bar1_an_object_comes_to_the_cpu, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_deferred_object_finds_memory_somewhere, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(what_was_advised_away_cannot_be_touched, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(an_unplugged_device_reads_as_zero, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(what_was_never_cleared_is_never_seen, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(what_was_never_cleared_is_never_bound, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(what_was_lost_on_its_way_out_is_never_seen, nova_kunit_gen_chip),
	KUNIT_CASE(a_dead_device_costs_an_object_one_page),
	KUNIT_CASE(a_dead_device_keeps_objects_apart),
	KUNIT_CASE(the_page_of_a_dead_device_goes_with_its_object),
	KUNIT_CASE_SLOW(hardware_that_does_not_answer_reads_as_zero),
	{}
};

static struct kunit_suite window_suite = {
	.name = "nova-window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
