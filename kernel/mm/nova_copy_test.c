// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model tests of the kernel's copy channel: memory in pieces, on both sides, copied
 * and cleared; expected bytes are what the test wrote into the software GPU's memory.
 */
#include "nova_copy.h"

#include "nova_channel_kunit.h"
#include "nova_selftest.h"

#include <drm/drm_print.h>

#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/string.h>

#define LEN	SZ_64K
#define PAGES	(LEN / SZ_4K)

/* More than the largest chunk of a pool has. */
#define MAX_TABLES	600

struct copy_fixture {
	struct nova_channel_fixture *f;
	struct nova_copy copy;
	struct nova_buddy_alloc vram;
	struct nova_extent ext[3];
	struct nova_backing in_vram;
	u8 *cpu;
	dma_addr_t dma;
	dma_addr_t pages[PAGES];
	struct nova_backing in_system;
	u8 want[LEN];
};

static void copy_fixture_fini(void *arg)
{
	struct copy_fixture *c = arg;

	nova_mm_set_copy(&c->f->nk->mm, NULL);
	nova_copy_fini(&c->copy);
	nova_buddy_free(c->f->nk->mm.buddy, &c->vram, false);
	dma_free_coherent(c->f->nk->nd.dev, LEN, c->cpu, c->dma);
}

/* Pieces of 16, 4 and 44 KiB, the last first; system pages backwards in pairs. */
static void copy_fixture_lay_out(struct copy_fixture *c)
{
	u64 base = nova_buddy_extents(&c->vram)->addr;

	c->ext[0] = (struct nova_extent) { .off = 0, .addr = base + SZ_64K, .len = SZ_16K };
	c->ext[1] = (struct nova_extent) { .off = SZ_16K, .addr = base, .len = SZ_4K };
	c->ext[2] = (struct nova_extent) {
		.off = SZ_16K + SZ_4K, .addr = base + SZ_8K, .len = LEN - SZ_16K - SZ_4K,
	};
	c->in_vram = (struct nova_backing) {
		.aperture = NOVA_APERTURE_VRAM, .size = LEN, .extents = c->ext, .nr_extents = 3,
	};
	for (unsigned int i = 0; i < PAGES; i++)
		c->pages[i] = c->dma + ((i & 1) + (PAGES - 2 - (i & ~1u))) * SZ_4K;
	c->in_system = (struct nova_backing) {
		.aperture = NOVA_APERTURE_SYS_COH, .size = LEN, .pages = c->pages,
	};
	for (u32 i = 0; i < LEN; i++)
		c->want[i] = i * 167 + i / 253;
}

static struct copy_fixture *copy_fixture(struct kunit *test)
{
	const struct nova_buddy_req req = {
		.size = 2 * SZ_64K, .min_block = SZ_64K, .flags = NOVA_BUDDY_CONTIGUOUS,
	};
	struct copy_fixture *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->f = nova_channel_fixture(test, 10000);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(c->f->nk->mm.buddy, &req, &c->vram), 0);
	c->cpu = dma_alloc_coherent(c->f->nk->nd.dev, LEN, &c->dma, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->cpu);
	copy_fixture_lay_out(c);
	KUNIT_ASSERT_EQ(test, nova_copy_init(&c->copy, &c->f->host), 0);
	nova_mm_set_copy(&c->f->nk->mm, &c->copy);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, copy_fixture_fini, c), 0);
	return c;
}

static int copy_fixture_run(struct copy_fixture *c, const struct nova_backing *src,
			    const struct nova_backing *dst)
{
	const struct nova_copy_req req = { .src = src, .dst = dst, .len = LEN };
	struct dma_fence *fence = nova_copy_run(&c->copy, &req);

	return IS_ERR(fence) ? PTR_ERR(fence) : nova_channel_fixture_wait(c->f, fence);
}

/* Whether each page of system memory, in the object's order, is as wanted. */
static bool copy_fixture_system_is(struct copy_fixture *c, const u8 *want)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (memcmp(c->cpu + (c->pages[i] - c->dma), want + i * SZ_4K, SZ_4K))
			return false;
	return true;
}

static void pieces_are_copied_there_and_back(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);

	for (unsigned int i = 0; i < PAGES; i++)
		memcpy(c->cpu + (c->pages[i] - c->dma), c->want + i * SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, copy_fixture_run(c, &c->in_system, &c->in_vram), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(c->ext); i++) {
		u8 *bytes = kunit_kzalloc(test, c->ext[i].len, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, bytes);
		nova_swgpu_vram_read(c->f->nk->gpu, c->ext[i].addr, bytes, c->ext[i].len);
		KUNIT_EXPECT_EQ(test, memcmp(bytes, c->want + c->ext[i].off, c->ext[i].len), 0);
	}
	memset(c->cpu, 0xee, LEN);
	KUNIT_EXPECT_EQ(test, copy_fixture_run(c, &c->in_vram, &c->in_system), 0);
	KUNIT_EXPECT_TRUE(test, copy_fixture_system_is(c, c->want));
}

static void pieces_are_cleared_and_nothing_else(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);
	u64 between = nova_buddy_extents(&c->vram)->addr + SZ_4K;
	u8 byte = 0;

	nova_swgpu_vram_write(c->f->nk->gpu, between, c->want, SZ_4K);
	KUNIT_EXPECT_EQ(test, copy_fixture_run(c, NULL, &c->in_vram), 0);
	memset(c->cpu, 0xee, LEN);
	KUNIT_EXPECT_EQ(test, copy_fixture_run(c, &c->in_vram, &c->in_system), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(c->cpu, 0, LEN));
	for (u32 i = 0; i < SZ_4K; i += 511) {
		nova_swgpu_vram_read(c->f->nk->gpu, between + i, &byte, 1);
		KUNIT_EXPECT_EQ(test, byte, c->want[i]);
	}
}

/* More requests than batches, so that batches are used again, and nothing overtakes. */
static void requests_keep_their_order(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);

	for (unsigned int i = 0; i < 3 * NOVA_COPY_BATCHES; i++) {
		const struct nova_copy_req req = {
			.src = i & 1 ? &c->in_system : NULL, .dst = &c->in_vram, .len = LEN,
		};
		struct dma_fence *fence = nova_copy_run(&c->copy, &req);

		KUNIT_ASSERT_FALSE(test, IS_ERR(fence));
		dma_fence_put(fence);
	}
	KUNIT_EXPECT_EQ(test, nova_copy_wait(&c->copy), 0);
	KUNIT_EXPECT_EQ(test, c->copy.bytes, 3 * NOVA_COPY_BATCHES * LEN);
}

static void a_dead_engine_is_not_used(struct kunit *test)
{
	const struct nova_channel_stop gone = { .cause = NOVA_CHANNEL_CANCELLED };
	struct copy_fixture *c = copy_fixture(test);

	nova_channel_kill(&c->copy.ch, &gone);
	KUNIT_EXPECT_EQ(test, copy_fixture_run(c, NULL, &c->in_vram), -EIO);
	KUNIT_EXPECT_FALSE(test, nova_device_is_wedged(&c->f->nk->nd));
}

/* One run of VRAM, so that launches are cut as well; a word each where a job begins and ends. */
static void long_requests_are_cut_into_jobs(struct kunit *test)
{
	const struct nova_buddy_req req = {
		.size = 2 * NOVA_COPY_JOB_BYTES + LEN, .min_block = SZ_64K,
		.flags = NOVA_BUDDY_CONTIGUOUS,
	};
	static const u64 at[] = {
		0, NOVA_COPY_JOB_BYTES - 8, NOVA_COPY_JOB_BYTES, 2 * NOVA_COPY_JOB_BYTES - 8,
		2 * NOVA_COPY_JOB_BYTES, 2 * NOVA_COPY_JOB_BYTES + LEN - 8,
	};
	struct copy_fixture *c = copy_fixture(test);
	struct nova_buddy_alloc alloc = {};
	struct nova_extent ext = { .len = req.size };
	const struct nova_backing dst = {
		.aperture = NOVA_APERTURE_VRAM, .size = req.size, .extents = &ext, .nr_extents = 1,
	};
	const struct nova_copy_req clear = { .dst = &dst, .len = req.size };
	u64 word = ~0ULL;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(c->f->nk->mm.buddy, &req, &alloc), 0);
	ext.addr = nova_buddy_extents(&alloc)->addr;
	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++)
		nova_swgpu_vram_write(c->f->nk->gpu, ext.addr + at[i], &word, sizeof(word));
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(c->f, nova_copy_run(&c->copy, &clear)), 0);
	KUNIT_EXPECT_EQ(test, c->copy.ch.armed, 3);
	KUNIT_EXPECT_EQ(test, c->copy.bytes, req.size);
	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++) {
		nova_swgpu_vram_read(c->f->nk->gpu, ext.addr + at[i], &word, sizeof(word));
		KUNIT_EXPECT_EQ_MSG(test, word, 0, "at 0x%llx", at[i]);
	}
	nova_buddy_free(c->f->nk->mm.buddy, &alloc, false);
}

static void a_stuck_engine_wedges_the_device(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);

	KUNIT_EXPECT_GT(test, c->copy.ch.config.timeout_ms, c->f->host.timeout_ms);
	c->copy.ch.config.timeout_ms = 50;
	nova_swgpu_inject(c->f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 1);
	KUNIT_EXPECT_EQ(test, copy_fixture_run(c, NULL, &c->in_vram), -ETIME);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&c->f->nk->nd));
	KUNIT_EXPECT_EQ(test, copy_fixture_run(c, NULL, &c->in_vram), -EIO);
	nova_swgpu_inject(c->f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 0);
}

static void a_copy_that_faults_wedges_the_device(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);

	c->ext[2].addr = c->f->nk->nd.vram_size;
	KUNIT_EXPECT_LT(test, copy_fixture_run(c, NULL, &c->in_vram), 0);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&c->f->nk->nd));
	nova_swgpu_fault_clear(c->f->nk->gpu);
}

/* A copy out of VRAM that is under way for a while yet. */
static struct dma_fence *copy_fixture_slowly(struct copy_fixture *c)
{
	const struct nova_copy_req req = { .src = &c->in_vram, .dst = &c->in_system, .len = LEN };
	struct dma_fence *fence;

	nova_swgpu_inject(c->f->nk->gpu, NOVA_SWGPU_INJECT_CE_SLOW, 10000);
	fence = nova_copy_run(&c->copy, &req);
	KUNIT_ASSERT_FALSE(c->f->nk->test, IS_ERR(fence));
	KUNIT_ASSERT_FALSE(c->f->nk->test, dma_fence_is_signaled(fence));
	return fence;
}

static void copy_fixture_is_over(struct copy_fixture *c, struct dma_fence *fence)
{
	KUNIT_EXPECT_TRUE(c->f->nk->test, dma_fence_is_signaled(fence));
	nova_swgpu_inject(c->f->nk->gpu, NOVA_SWGPU_INJECT_CE_SLOW, 0);
	dma_fence_put(fence);
}

/* Tables until one of them lies in VRAM that was just taken. */
static void copy_fixture_grow(struct copy_fixture *c, struct nova_pool *pool)
{
	struct kunit *test = c->f->nk->test;
	struct nova_pool_mem *mem = kunit_kcalloc(test, MAX_TABLES, sizeof(*mem), GFP_KERNEL);
	u64 reserved = pool->reserved;
	unsigned int nr = 0;

	KUNIT_ASSERT_NOT_NULL(test, mem);
	while (nr < MAX_TABLES && pool->reserved == reserved)
		KUNIT_ASSERT_EQ(test, nova_pool_alloc(pool, 12, &mem[nr++]), 0);
	KUNIT_EXPECT_NE(test, pool->reserved, reserved);
	while (nr--)
		nova_pool_free(pool, 12, &mem[nr]);
}

static void page_tables_wait_for_vram_to_be_read(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);
	struct nova_mm *mm = &c->f->nk->mm;
	struct nova_pool *pools[] = { &mm->pool, &mm->bar1.pool };

	for (unsigned int i = 0; i < ARRAY_SIZE(pools); i++) {
		struct dma_fence *fence = copy_fixture_slowly(c);

		copy_fixture_grow(c, pools[i]);
		copy_fixture_is_over(c, fence);
	}
}

static void self_tests_wait_for_vram_to_be_read(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);
	struct dma_fence *fence = copy_fixture_slowly(c);
	struct drm_print_iterator none = {};
	struct drm_printer p = drm_coredump_printer(&none);

	KUNIT_EXPECT_EQ(test, nova_selftest_run(&c->f->nk->mm, &p), 0);
	copy_fixture_is_over(c, fence);
}

static void an_unplug_wedges_nothing(struct kunit *test)
{
	struct copy_fixture *c = copy_fixture(test);
	struct dma_fence *fence = copy_fixture_slowly(c);

	nova_host_remove(&c->f->host);
	KUNIT_EXPECT_EQ(test, fence->error, -ENODEV);
	copy_fixture_is_over(c, fence);
	KUNIT_EXPECT_FALSE(test, nova_device_is_wedged(&c->f->nk->nd));
}

static struct kunit_case nova_copy_cases[] = {
	KUNIT_CASE_PARAM(pieces_are_copied_there_and_back, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(pieces_are_cleared_and_nothing_else, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(requests_keep_their_order, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(page_tables_wait_for_vram_to_be_read, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(self_tests_wait_for_vram_to_be_read, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(long_requests_are_cut_into_jobs, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_dead_engine_is_not_used, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_stuck_engine_wedges_the_device, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_copy_that_faults_wedges_the_device, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(an_unplug_wedges_nothing, nova_kunit_gen_chip),
	{}
};

static struct kunit_suite nova_copy_suite = {
	.name = "nova-copy",
	.test_cases = nova_copy_cases,
};

kunit_test_suite(nova_copy_suite);
