// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu scheduling tests
 *
 * Who runs when: turns of groups and channels, acquires that wait, work without end,
 * preemption in the middle of a copy, invalidates in the middle of a copy, and the
 * faults that can be injected into the copy engine. Each test has a rig of its own.
 */

#include "swgpu_rig.h"

static const char *const one_of_each[] = { "tu102", "gh100", NULL };

static void step(struct swgpu_rig *rig, int nr)
{
	while (nr--)
		nova_swgpu_step(rig->gpu);
}

static u32 get(struct swgpu_rig *rig, u32 chid)
{
	return (u32)swgpu_rig_peek(rig, 0x340088 + chid * 0x200);
}

/* nr entries of a copy of 64 KiB each, and a doorbell. */
static void give_work(struct swgpu_rig *rig, u32 chid, u32 nr)
{
	swgpu_rig_copy(rig, chid, RIG_DATA, RIG_DATA + 0x10000, 0x10000, 0x182);
	while (nr--)
		swgpu_rig_entry(rig, chid, RIG_PUSH + chid * 0x4000, rig->words[chid] << 10);
	swgpu_rig_ring(rig, chid);
}

/* A copy of a thousand terabytes: 4 G lines of 256 KiB to the same place. */
static void give_endless_work(struct swgpu_rig *rig, u32 chid)
{
	swgpu_rig_ce(rig, chid, 0x41c, 0xffffffff);
	swgpu_rig_copy(rig, chid, RIG_DATA, RIG_DATA + 0x40000, 0x40000, 0x382);
	swgpu_rig_kick(rig, chid);
}

static void body_turns(struct swgpu_rig *rig)
{
	u32 i, low, high;

	for (i = 0; i < 3; i++)
		give_work(rig, i, 12);
	for (i = 0; i < 100; i++) {
		step(rig, 1);
		low = min(get(rig, 0), get(rig, 1));
		high = max(get(rig, 0), get(rig, 1));
		CHECK(high - low <= 1);
		CHECK(get(rig, 2) - low + 1 <= 2);
	}
	swgpu_rig_run(rig);
	for (i = 0; i < 3; i++)
		CHECK_EQ(get(rig, i), 12);
	swgpu_test_expect_quiet(rig->gpu);
}

static void channels_take_turns(void)
{
	swgpu_rig_each(one_of_each, 3, false, body_turns);
}

/* Channels 0 and 1 in one group, 2 in another: half the turns are 2's. */
static void body_groups(struct swgpu_rig *rig)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		swgpu_rig_poke(rig, 0x350010 + i * 16, 0x340000 + i * 0x200);
		swgpu_rig_poke(rig, 0x350018 + i * 16, 0x330000 + i * 0x1000 + i);
	}
	swgpu_rig_poke(rig, 0x350000, 0x280030001);
	swgpu_rig_poke(rig, 0x350030, 0x180030001);
	swgpu_rig_poke(rig, 0x350038, 0x101);
	swgpu_rig_poke(rig, 0x350040, 0x340400);
	swgpu_rig_poke(rig, 0x350048, 0x332002);
	swgpu_rig_wr(rig, 0x2b08, 5);
	while (swgpu_rig_rd(rig, 0x2b0c))
		;
	for (i = 0; i < 3; i++)
		give_work(rig, i, 12);
	for (i = 0; i < 1000 && get(rig, 2) < 12; i++)
		step(rig, 1);
	CHECK_EQ(get(rig, 0), 6);
	CHECK(get(rig, 1) == 5 || get(rig, 1) == 6);
	swgpu_test_expect_quiet(rig->gpu);
}

static void groups_take_turns(void)
{
	swgpu_rig_each(one_of_each, 3, false, body_groups);
}

/* 0 waits for 1, 1 for 2, 2 for nobody; and 3 for what never comes. */
static void body_acquire(struct swgpu_rig *rig)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		swgpu_rig_method(rig, i, 0, 0x5c, RIG_SEM + (i + 1) * 16);
		swgpu_rig_method(rig, i, 0, 0x64, i + 1);
		swgpu_rig_method(rig, i, 0, 0x6c, 0);
		swgpu_rig_release(rig, i, i, i);
		swgpu_rig_kick(rig, i);
	}
	swgpu_rig_method(rig, 3, 0, 0x5c, RIG_SEM);
	swgpu_rig_method(rig, 3, 0, 0x64, 99);
	swgpu_rig_method(rig, 3, 0, 0x6c, 0);
	swgpu_rig_kick(rig, 3);
	swgpu_rig_poke(rig, RIG_SEM_VRAM, 7);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 7);
	swgpu_rig_release(rig, 2, 2, 2);
	swgpu_rig_go(rig, 2);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x80001c), 0x10000001);
	CHECK_EQ(rig->gpu->log.count.acquires, 2);
	swgpu_test_expect_quiet(rig->gpu);
}

static void acquires_let_others_go(void)
{
	swgpu_rig_each(one_of_each, 4, false, body_acquire);
}

/* With nothing but waiting it is asked less and less often, but it is asked. */
static void body_backoff(struct swgpu_rig *rig)
{
	u32 us = 64, last = 0, i;

	swgpu_rig_method(rig, 0, 0, 0x5c, RIG_SEM);
	swgpu_rig_method(rig, 0, 0, 0x64, 1);
	swgpu_rig_method(rig, 0, 0, 0x6c, 0);
	swgpu_rig_kick(rig, 0);
	for (i = 0; i < 60; i++) {
		last = nova_swgpu_step(rig->gpu);
		CHECK(!last || last == us);
		us = last ? (us < 8192 ? us * 2 : 8192) : us;
	}
	CHECK_EQ(us, 8192);
	swgpu_rig_poke(rig, RIG_SEM_VRAM, 1);
	step(rig, 2);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 1);
}

static void waiting_gets_longer(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_backoff);
}

static void body_endless(struct swgpu_rig *rig)
{
	int i;

	give_endless_work(rig, 0);
	swgpu_rig_release(rig, 1, 0, 1);
	swgpu_rig_kick(rig, 1);
	for (i = 0; i < 60 && !swgpu_rig_peek(rig, RIG_SEM_VRAM); i++)
		step(rig, 1);
	CHECK(i < 60);
	CHECK(rig->gpu->log.count.bytes_copied <= 60ull * SWGPU_STEP);
	swgpu_rig_wr(rig, 0x800004, 0x800);
	swgpu_rig_preempt(rig, 0);
	step(rig, 2);
	CHECK_EQ(nova_swgpu_step(rig->gpu), NOVA_SWGPU_NEVER);
	swgpu_test_expect_quiet(rig->gpu);
}

static void endless_copies_do_not_block_others(void)
{
	swgpu_rig_each(one_of_each, 2, false, body_endless);
}

/* 8 MiB of words in one entry: NOPs, over and over the same pages. */
static void body_long(struct swgpu_rig *rig)
{
	u64 methods;
	int i;

	swgpu_rig_entry(rig, 0, RIG_SPARSE, 0x7ffffc00);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_release(rig, 1, 0, 1);
	swgpu_rig_kick(rig, 1);
	for (i = 0; i < 60 && !swgpu_rig_peek(rig, RIG_SEM_VRAM); i++) {
		methods = rig->gpu->host.chan[0].push.left;
		step(rig, 1);
		CHECK(!methods || methods - rig->gpu->host.chan[0].push.left <= 320);
	}
	CHECK(i < 60);
}

static void long_pushbuffers_do_not_block_others(void)
{
	swgpu_rig_each(one_of_each, 2, false, body_long);
}

/* Disabling alone lets the entry go on; preemption stops it at once, and it can go on. */
static void body_preempt(struct swgpu_rig *rig)
{
	u64 bytes;

	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x40000, 0x40000, 0x182);
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_kick(rig, 0);
	step(rig, 5);
	bytes = rig->gpu->log.count.bytes_copied;
	CHECK(bytes && bytes < 0x40000);
	swgpu_rig_wr(rig, 0x800004, 0x800);
	step(rig, 1);
	CHECK(rig->gpu->log.count.bytes_copied > bytes);
	swgpu_rig_wr(rig, 0x2634, 0);
	step(rig, 1);					/* nobody has polled yet */
	bytes = rig->gpu->log.count.bytes_copied;
	CHECK_EQ(swgpu_rig_rd(rig, 0x2634), 0x100000);
	CHECK_EQ(swgpu_rig_rd(rig, 0x2634), 0);
	swgpu_rig_run(rig);
	CHECK_EQ(rig->gpu->log.count.bytes_copied, bytes);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0x10000000);
	swgpu_rig_wr(rig, 0x800004, 0x400);
	swgpu_rig_run(rig);
	CHECK_EQ(rig->gpu->log.count.bytes_copied, 0x40000);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 1);
	CHECK_EQ(rig->gpu->log.count.preempts, 1);
	swgpu_test_expect_quiet(rig->gpu);
}

static void preempt_stops_a_copy_where_it_is(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_preempt);
}

/* By group and by runlist; and what is none. */
static void body_preempt_types(struct swgpu_rig *rig)
{
	static const u32 vals[] = { 0x01000100, 0x02000000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vals); i++) {
		give_endless_work(rig, 0);
		step(rig, 10);
		CHECK(rig->gpu->host.loaded);
		swgpu_rig_wr(rig, 0x800004, 0x800);
		swgpu_rig_wr(rig, 0x2634, vals[i]);
		while (swgpu_rig_rd(rig, 0x2634) & 0x100000)
			;
		CHECK(!rig->gpu->host.loaded);
		swgpu_rig_close(rig, 0);
		swgpu_test_expect_quiet(rig->gpu);
		swgpu_rig_open(rig, 1, false);
	}
	swgpu_rig_wr(rig, 0x2634, 0x03000000);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_wr(rig, 0x2634, 0);			/* while one is pending */
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_CHANNEL);
	while (swgpu_rig_rd(rig, 0x2634) & 0x100000)
		;
	swgpu_rig_wr(rig, 0x2634, 512);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_CHANNEL);
}

static void preempt_by_group_and_runlist(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_preempt_types);
}

static void body_stuck(struct swgpu_rig *rig)
{
	u32 i;

	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 2);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x10000, 8, 0x182);
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_kick(rig, 0);
	swgpu_rig_release(rig, 1, 1, 1);
	swgpu_rig_go(rig, 1);
	step(rig, 50);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM + 16), 1);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0x10000001);
	swgpu_rig_wr(rig, 0x800004, 0x800);
	swgpu_rig_wr(rig, 0x2634, 0);
	for (i = 0; i < 100; i++)
		CHECK_EQ(swgpu_rig_rd(rig, 0x2634), 0x100000);
	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 1);
	for (i = 0; i < 100 && swgpu_rig_rd(rig, 0x2634); i++)
		;
	CHECK(i < 2);
	swgpu_rig_wr(rig, 0x800004, 0x400);
	step(rig, 50);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_CE_STUCK, 0);
	step(rig, 50);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 1);
	swgpu_test_expect_quiet(rig->gpu);
}

static void stuck_engine_can_and_cannot_be_preempted(void)
{
	swgpu_rig_each(one_of_each, 2, false, body_stuck);
}

static void body_slow(struct swgpu_rig *rig)
{
	u64 start = swgpu_port_ns();

	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_CE_SLOW, 3000);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x10000, 8, 0x182);
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_go(rig, 0);
	while (!swgpu_rig_peek(rig, RIG_SEM_VRAM))
		step(rig, 1);
	CHECK(swgpu_port_ns() - start >= 3000000);
}

static void slow_engine_takes_its_time(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_slow);
}

static void body_corrupt(struct swgpu_rig *rig)
{
	u64 diff = 0;
	u32 i, bits = 0;

	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x1000, 1);
	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_COPY_CORRUPT, 1);
	swgpu_rig_ce(rig, 0, 0x41c, 0);			/* not in a copy of nothing */
	swgpu_rig_copy(rig, 0, RIG_HOLE, RIG_HOLE, 8, 0x382);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x10000, 0x1000, 0x182);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x20000, 0x1000, 0x182);
	swgpu_rig_go(rig, 0);
	for (i = 0; i < 0x1000; i += 8) {
		diff = swgpu_rig_peek(rig, RIG_DATA_VRAM + i) ^
		       swgpu_rig_peek(rig, RIG_DATA_VRAM + 0x10000 + i);
		for (; diff; diff &= diff - 1)
			bits++;
	}
	CHECK_EQ(bits, 1);
	CHECK(swgpu_rig_same(rig, RIG_DATA_VRAM, RIG_DATA_VRAM + 0x20000, 0x1000));
}

static void copies_can_be_corrupted(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_corrupt);
}

/*
 * In the middle of a long copy its destination moves. Before the invalidate is
 * acknowledged the old pages may be written; afterwards only the new ones are.
 */
static void body_invalidate(struct swgpu_rig *rig)
{
	u32 i;

	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x8000, 1);
	swgpu_rig_ce(rig, 0, 0x41c, 0xffffffff);
	swgpu_rig_ce(rig, 0, 0x410, 0);
	swgpu_rig_ce(rig, 0, 0x414, 0);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x10000, 0x8000, 0x382);
	swgpu_rig_kick(rig, 0);
	step(rig, 10);
	for (i = 0; i < 0x8000; i += 0x1000)
		swgpu_rig_page(rig, RIG_DATA + 0x10000 + i, RIG_DATA_VRAM + 0x30000 + i, false, 0);
	step(rig, 10);
	CHECK(!swgpu_rig_same(rig, RIG_DATA_VRAM, RIG_DATA_VRAM + 0x30000, 0x8000));
	swgpu_test_invalidate(rig->gpu, 0x80000001);
	swgpu_rig_fill(rig, RIG_DATA_VRAM + 0x10000, 0x8000, 9);
	swgpu_rig_fill(rig, RIG_DATA_VRAM + 0x40000, 0x8000, 9);
	step(rig, 10);
	CHECK(swgpu_rig_same(rig, RIG_DATA_VRAM, RIG_DATA_VRAM + 0x30000, 0x8000));
	CHECK(swgpu_rig_same(rig, RIG_DATA_VRAM + 0x10000, RIG_DATA_VRAM + 0x40000, 0x8000));
	swgpu_test_expect_quiet(rig->gpu);
}

static void acknowledged_invalidates_are_final(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_invalidate);
}

const struct swgpu_test swgpu_sched_tests[] = {
	{ "sched_channels_take_turns", channels_take_turns },
	{ "sched_groups_take_turns", groups_take_turns },
	{ "sched_acquires_let_others_go", acquires_let_others_go },
	{ "sched_waiting_gets_longer", waiting_gets_longer },
	{ "sched_endless_copies_do_not_block_others", endless_copies_do_not_block_others },
	{ "sched_long_pushbuffers_do_not_block_others", long_pushbuffers_do_not_block_others },
	{ "sched_preempt_stops_a_copy_where_it_is", preempt_stops_a_copy_where_it_is },
	{ "sched_preempt_by_group_and_runlist", preempt_by_group_and_runlist },
	{ "sched_stuck_engine", stuck_engine_can_and_cannot_be_preempted },
	{ "sched_slow_engine", slow_engine_takes_its_time },
	{ "sched_copies_can_be_corrupted", copies_can_be_corrupted },
	{ "sched_acknowledged_invalidates_are_final", acknowledged_invalidates_are_final },
	{}
};
