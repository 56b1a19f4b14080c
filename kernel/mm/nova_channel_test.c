// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model tests of channels: work is pushed through the driver's ring and done by the
 * software GPU, whose memory is then looked at. Each way a channel can end is taken,
 * and each step of its making fails once.
 */
#include "nova_channel.h"

#include "nova_ce.h"
#include "nova_channel_kunit.h"
#include "nova_chip.h"
#include "nova_fence.h"
#include "nova_regs.h"

#include <kunit/test.h>

#include <linux/bitfield.h>

/* More than are left in the chunks of page tables when VRAM is full. */
#define NR_PAGES	1100

static void a_copy_is_done_on_every_chip(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *fence;

	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), 0);
	KUNIT_EXPECT_TRUE(test, nova_channel_fixture_copied(f));
}

static void the_ring_wraps(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);

	/* Four entries a job, and more on chips whose entries need a base. */
	for (unsigned int i = 0; i < 2 * NOVA_CHANNEL_ENTRIES / 3; i += 64) {
		struct dma_fence *fence = NULL;

		for (unsigned int j = 0; j < 64; j++) {
			dma_fence_put(fence);
			fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
		}
		KUNIT_ASSERT_EQ(test, nova_channel_fixture_wait(f, fence), 0);
	}
	KUNIT_EXPECT_TRUE(test, nova_channel_fixture_copied(f));
}

static void a_join_waits_for_what_is_before_it(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *copy, *join;

	join = nova_channel_fixture_join(f, ch);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(join));
	dma_fence_put(join);
	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_SLOW, 20000);
	copy = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	join = nova_channel_fixture_join(f, ch);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(join));
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, join), 0);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(copy));
	dma_fence_put(copy);
	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_SLOW, 0);
}

static void a_fault_stops_one_channel_only(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *bad = nova_channel_fixture_add(f), *good;
	struct dma_fence *first, *second;

	good = nova_channel_fixture_add(f);
	first = nova_channel_fixture_copy(f, bad, f->hole_va, f->dst_va);
	second = nova_channel_fixture_copy(f, bad, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, first), -EFAULT);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, second), -ECANCELED);
	KUNIT_EXPECT_EQ(test, f->stops, 1);
	KUNIT_EXPECT_EQ(test, f->stop.cause, NOVA_CHANNEL_FAULT);
	KUNIT_EXPECT_TRUE(test, f->stop.recorded);
	KUNIT_EXPECT_EQ(test, f->stop.va, f->hole_va);
	KUNIT_EXPECT_EQ(test, f->stop.access, 0);
	first = nova_channel_fixture_copy(f, good, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, first), 0);
	KUNIT_EXPECT_TRUE(test, nova_channel_fixture_copied(f));
	/* Dead, so what comes late is cancelled at once. */
	first = nova_channel_fixture_copy(f, bad, f->src_va, f->dst_va);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(first));
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, first), -ECANCELED);
	nova_swgpu_fault_clear(f->nk->gpu);
}

static void a_write_to_a_read_only_page_faults(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *fence;

	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->code_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -EFAULT);
	KUNIT_EXPECT_EQ(test, f->stop.type, 6);
	KUNIT_EXPECT_EQ(test, f->stop.access, 1);
	nova_swgpu_fault_clear(f->nk->gpu);
}

static void a_bad_method_is_refused(struct kunit *test)
{
	static const u32 bad[] = { 0x20018fff, 0 };
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *fence;

	fence = nova_channel_fixture_push(f, ch, bad, ARRAY_SIZE(bad));
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -EINVAL);
	KUNIT_EXPECT_EQ(test, f->stop.cause, NOVA_CHANNEL_METHOD);
	KUNIT_EXPECT_NE(test, f->stop.method, 0);
	nova_swgpu_fault_clear(f->nk->gpu);
}

static void physical_copies_are_for_the_kernel(struct kunit *test)
{
	const struct nova_ce_copy copy = {
		.src_target = NOVA_CE_VRAM, .dst_target = NOVA_CE_VRAM, .dst = SZ_1M, .len = SZ_4K,
	};
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	u32 words[NOVA_CE_BEGIN_WORDS + NOVA_CE_COPY_WORDS];
	struct nova_pb pb = { .words = words };
	struct dma_fence *fence;

	nova_ce_begin(&pb, f->nk->nd.chip->family->copy_class);
	nova_ce_copy(&pb, &copy);
	fence = nova_channel_fixture_push(f, ch, words, pb.nr);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -EINVAL);
	nova_swgpu_fault_clear(f->nk->gpu);
}

static void a_lost_doorbell_is_rung_again(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *fence;

	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_DOORBELL_DROP, 2);
	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), 0);
	KUNIT_EXPECT_TRUE(test, nova_channel_fixture_copied(f));
}

static void cancelled_work_signals_in_order(struct kunit *test)
{
	const struct nova_channel_stop cancelled = { .cause = NOVA_CHANNEL_CANCELLED };
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *fence[8];

	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(fence); i++)
		fence[i] = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	nova_channel_kill(ch, &cancelled);
	for (unsigned int i = 0; i < ARRAY_SIZE(fence); i++) {
		KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(fence[i]));
		KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence[i]), -ECANCELED);
	}
	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 0);
}

static void work_that_takes_too_long_is_stopped(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 50);
	struct nova_channel *ch = nova_channel_fixture_add(f), *other;
	struct dma_fence *fence;

	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 1);
	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -ETIME);
	KUNIT_EXPECT_EQ(test, f->stop.cause, NOVA_CHANNEL_TIMEOUT);
	KUNIT_EXPECT_FALSE(test, nova_device_is_wedged(&f->nk->nd));
	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 0);
	other = nova_channel_fixture_add(f);
	fence = nova_channel_fixture_copy(f, other, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), 0);
}

static void an_engine_that_cannot_be_preempted_wedges_the_device(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 50);
	struct nova_channel *ch = nova_channel_fixture_add(f), *other;
	struct dma_fence *fence;

	other = nova_channel_fixture_add(f);
	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 2);
	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -ETIME);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&f->nk->nd));
	fence = nova_channel_fixture_copy(f, other, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -EIO);
	KUNIT_EXPECT_EQ(test, f->stop.cause, NOVA_CHANNEL_WEDGED);
	/* It stays stuck: nobody could stop it from using the page tables that go with the test. */
}

/* It may have waited for what the device never did. */
static void work_for_a_wedged_device_is_not_begun(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *fence;

	nova_device_wedge(&f->nk->nd, "by the test");
	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -EIO);
	KUNIT_EXPECT_EQ(test, f->stop.cause, NOVA_CHANNEL_WEDGED);
	KUNIT_EXPECT_FALSE(test, nova_channel_fixture_copied(f));
}

/* It is freed, and faults are still being looked for. */
static void the_host_forgets_a_channel_of_a_wedged_device(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);

	KUNIT_EXPECT_PTR_EQ(test, f->host.channels[ch->id], ch);
	nova_device_wedge(&f->nk->nd, "by the test");
	KUNIT_EXPECT_EQ(test, nova_host_detach(&f->host, ch), -EIO);
	KUNIT_EXPECT_NULL(test, f->host.channels[ch->id]);
}

static void a_new_start_finds_an_idle_host(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct nova_host *again = kunit_kzalloc(test, sizeof(*again), GFP_KERNEL);
	struct nova_device *nd = &f->nk->nd;
	struct dma_fence *fence;

	KUNIT_ASSERT_NOT_NULL(test, again);
	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), 0);
	/* Nobody takes channels from a wedged device: the next driver finds them bound. */
	nova_device_wedge(nd, "by the test");
	KUNIT_EXPECT_NE(test, nova_rd32(nd, NV_PCCSR_CHANNEL_INST(0)), 0);
	/* Nor does anybody wait for what the host was asked last. */
	nova_wr32(nd, NV_PFIFO_PREEMPT, FIELD_PREP(NV_PFIFO_PREEMPT_TYPE,
						   NV_PFIFO_PREEMPT_TYPE_CHANNEL));
	nova_wr32(nd, NV_PFIFO_RUNLIST_SUBMIT(0), 0);
	KUNIT_ASSERT_EQ(test, nova_host_init(again, &f->nk->mm, 50), 0);
	KUNIT_EXPECT_EQ(test, nova_rd32(nd, NV_PCCSR_CHANNEL_INST(0)), 0);
	nova_host_fini(again);
}

static void an_unplug_ends_what_is_under_way(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct dma_fence *fence;

	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 1);
	fence = nova_channel_fixture_copy(f, ch, f->src_va, f->dst_va);
	nova_host_remove(&f->host);
	KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, fence), -ENODEV);
	nova_swgpu_inject(f->nk->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 0);
}

static void an_unplug_ends_what_was_never_submitted(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel *ch = nova_channel_fixture_add(f);
	struct nova_fence *fence[3];

	for (unsigned int i = 0; i < ARRAY_SIZE(fence); i++) {
		fence[i] = nova_fence_alloc();
		KUNIT_ASSERT_NOT_NULL(test, fence[i]);
		nova_channel_arm(ch, fence[i]);
	}
	nova_host_remove(&f->host);
	for (unsigned int i = 0; i < ARRAY_SIZE(fence); i++)
		KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(&fence[i]->base));
	/* Their turn comes, and finds them over. */
	for (unsigned int i = 0; i < ARRAY_SIZE(fence); i++) {
		nova_channel_submit(ch, NULL, 0, fence[i]);
		KUNIT_EXPECT_EQ(test, nova_channel_fixture_wait(f, &fence[i]->base), -ENODEV);
	}
}

/* Everything a channel takes comes back, so as many as ids exist can be made twice over. */
static void channels_come_and_go(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel_config config = { .vmm = f->vmm, .va = SZ_1G };
	struct nova_channel ch;

	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, nova_channel_init(&ch, &f->host, &config), 0);
		KUNIT_EXPECT_EQ(test, ch.id, 0);
		nova_channel_fini(&ch);
	}
}

static void out_of_reach_is_refused(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel_config config = { .vmm = f->vmm };
	struct nova_channel ch;

	config.va = SZ_1G + SZ_4K;
	KUNIT_EXPECT_EQ(test, nova_channel_init(&ch, &f->host, &config), -EINVAL);
	config.va = 1ULL << f->nk->nd.chip->family->host_va_bits;
	KUNIT_EXPECT_EQ(test, nova_channel_init(&ch, &f->host, &config), -EINVAL);
	KUNIT_EXPECT_TRUE(test, nova_channel_reaches(&f->host, config.va - 4, 4));
	KUNIT_EXPECT_FALSE(test, nova_channel_reaches(&f->host, config.va - 4, 8));
	KUNIT_EXPECT_FALSE(test, nova_channel_reaches(&f->host, config.va, 4));
}

/* With all of VRAM taken there is neither a table nor an instance block to be had. */
static void without_vram_there_is_no_channel(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel_config config = { .vmm = f->vmm, .va = SZ_1G };
	struct nova_buddy_alloc all = {};
	struct nova_buddy_req req = { .size = nova_buddy_avail(f->nk->mm.buddy) };
	unsigned int taken = 0;
	struct nova_pool_mem *pages = kunit_kcalloc(test, NR_PAGES, sizeof(*pages), GFP_KERNEL);
	struct nova_channel ch;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(f->nk->mm.buddy, &req, &all), 0);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	while (taken < NR_PAGES && !nova_pool_alloc(&f->nk->mm.pool, 12, &pages[taken]))
		taken++;
	KUNIT_EXPECT_EQ(test, nova_channel_init(&ch, &f->host, &config), -ENOSPC);
	/* One page is enough for the block, not for the tables as well. */
	nova_pool_free(&f->nk->mm.pool, 12, &pages[--taken]);
	KUNIT_EXPECT_EQ(test, nova_channel_init(&ch, &f->host, &config), -ENOSPC);
	while (taken)
		nova_pool_free(&f->nk->mm.pool, 12, &pages[--taken]);
	nova_buddy_free(f->nk->mm.buddy, &all, false);
	KUNIT_ASSERT_EQ(test, nova_channel_init(&ch, &f->host, &config), 0);
	nova_channel_fini(&ch);
}

static void without_an_id_there_is_no_channel(struct kunit *test)
{
	struct nova_channel_fixture *f = nova_channel_fixture(test, 10000);
	struct nova_channel_config config = { .vmm = f->vmm, .va = SZ_1G };
	struct nova_channel ch, taken = {};

	for (unsigned int i = 0; i < NOVA_HOST_CHANNELS; i++)
		f->host.channels[i] = &taken;
	KUNIT_EXPECT_EQ(test, nova_channel_init(&ch, &f->host, &config), -ENOSPC);
	for (unsigned int i = 0; i < NOVA_HOST_CHANNELS; i++)
		f->host.channels[i] = NULL;
	KUNIT_ASSERT_EQ(test, nova_channel_init(&ch, &f->host, &config), 0);
	nova_channel_fini(&ch);
}

static struct kunit_case nova_channel_cases[] = {
	KUNIT_CASE_PARAM(a_copy_is_done_on_every_chip, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(the_ring_wraps, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_join_waits_for_what_is_before_it, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_fault_stops_one_channel_only, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_write_to_a_read_only_page_faults, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_bad_method_is_refused, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(physical_copies_are_for_the_kernel, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_lost_doorbell_is_rung_again, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(cancelled_work_signals_in_order, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(work_that_takes_too_long_is_stopped, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(an_engine_that_cannot_be_preempted_wedges_the_device, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(work_for_a_wedged_device_is_not_begun, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(the_host_forgets_a_channel_of_a_wedged_device, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_new_start_finds_an_idle_host, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(an_unplug_ends_what_is_under_way, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(an_unplug_ends_what_was_never_submitted, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(channels_come_and_go, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(out_of_reach_is_refused, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(without_vram_there_is_no_channel, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(without_an_id_there_is_no_channel, nova_kunit_gen_chip),
	{}
};

static struct kunit_suite nova_channel_suite = {
	.name = "nova-channel",
	.test_cases = nova_channel_cases,
};

kunit_test_suite(nova_channel_suite);
