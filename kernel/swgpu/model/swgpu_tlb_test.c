// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu TLB tests
 *
 * What is cached, for how long, and each way of failing to invalidate it: the wrong
 * root, aperture, scope or level, a command that is malformed or not waited for. A
 * word of the fixture is changed behind the TLB's back, and whether the change is
 * seen tells what is cached.
 */

#include "swgpu_check.h"

static const char *const chips[] = { "tu102", "gh100", NULL };

/* The word of a small PTE for a VRAM page. */
static u64 pte(const struct nova_swgpu *gpu, u64 addr)
{
	return gpu->chip->mmu == 2 ? addr >> 4 | 0x01 : addr | 0x81;
}

static u64 where(struct nova_swgpu *gpu, u64 va, enum nova_swgpu_client client)
{
	struct nova_swgpu_xlate x;

	nova_swgpu_translate(gpu, swgpu_test_root(gpu), false, va, NOVA_SWGPU_READ, client, &x);
	return x.result == NOVA_SWGPU_MAPPED ? x.addr : ~0ull;
}

/* The fixture's VA 0 has been used and its PTE now says 0x5000: is that seen? */
static bool seen_after(struct nova_swgpu *gpu, u32 trigger, enum nova_swgpu_client client)
{
	bool seen;

	swgpu_test_put(gpu, 0x204000, pte(gpu, TEST_PAGE));
	swgpu_test_invalidate(gpu, 0x80000003);
	CHECK_EQ(where(gpu, 0, client), TEST_PAGE);
	swgpu_test_put(gpu, 0x204000, pte(gpu, 0x5000));
	CHECK_EQ(where(gpu, 0, client), TEST_PAGE);
	nova_swgpu_invalidate_clear(gpu);
	swgpu_test_invalidate(gpu, trigger);
	seen = where(gpu, 0, client) == 0x5000;
	if (!seen)
		CHECK_EQ(where(gpu, 0, client), TEST_PAGE);
	return seen;
}

static void body_leaf_is_kept(struct nova_swgpu *gpu)
{
	CHECK(seen_after(gpu, 0x80000001, NOVA_SWGPU_GPC));
	CHECK(seen_after(gpu, 0x80000001, NOVA_SWGPU_HUB));
	CHECK(seen_after(gpu, 0x80000003, NOVA_SWGPU_GPC));
	swgpu_test_expect_quiet(gpu);
}

static void body_invalid_is_kept(struct nova_swgpu *gpu)
{
	CHECK_EQ(where(gpu, 0x1000, NOVA_SWGPU_GPC), ~0ull);
	swgpu_test_put(gpu, 0x204008, pte(gpu, 0x6000));
	CHECK_EQ(where(gpu, 0x1000, NOVA_SWGPU_GPC), ~0ull);
	swgpu_test_invalidate(gpu, 0x80000001);
	CHECK_EQ(where(gpu, 0x1000, NOVA_SWGPU_GPC), 0x6000);
}

/* A directory found empty is remembered for all it covers, not for one page. */
static void body_invalid_directory_is_kept(struct nova_swgpu *gpu)
{
	u64 small = gpu->chip->mmu == 2 ? 0x20402 : 0x204012;

	CHECK_EQ(where(gpu, 0x200000, NOVA_SWGPU_GPC), ~0ull);
	swgpu_test_put(gpu, 0x203018, small);
	swgpu_test_put(gpu, 0x204028, pte(gpu, 0x6000));
	CHECK_EQ(where(gpu, 0x205000, NOVA_SWGPU_GPC), ~0ull);
	swgpu_test_invalidate(gpu, 0x80000001);
	CHECK_EQ(where(gpu, 0x205000, NOVA_SWGPU_GPC), 0x6000);
}

/* A cached directory entry leads to the old table for pages not yet seen. */
static void body_directory_is_kept(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x204008, pte(gpu, 0x6000));
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_put(gpu, 0x205008, pte(gpu, 0x7000));
	swgpu_test_put(gpu, 0x203008, gpu->chip->mmu == 2 ? 0x20502 : 0x205012);
	CHECK_EQ(where(gpu, 0x1000, NOVA_SWGPU_GPC), 0x6000);
	swgpu_test_invalidate(gpu, 0x80000001);
	CHECK_EQ(where(gpu, 0x1000, NOVA_SWGPU_GPC), 0x7000);
}

/* CACHE_LEVEL 1 leaves directories, 2 takes PD0, whose entry was changed, too. */
static void body_cache_level(struct nova_swgpu *gpu)
{
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_put(gpu, 0x205000, pte(gpu, 0x7000));
	swgpu_test_put(gpu, 0x203008, gpu->chip->mmu == 2 ? 0x20502 : 0x205012);
	swgpu_test_invalidate(gpu, 0x81000001);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_invalidate(gpu, 0x82000001);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), 0x7000);
	swgpu_test_expect_quiet(gpu);
}

/* An entry of the directory at level n needs CACHE_LEVEL n + 1 to go; 0 is all. */
static void body_cache_level_of_each_directory(struct nova_swgpu *gpu)
{
	unsigned int levels = gpu->chip->fmt->nr_levels;
	unsigned int level;
	u32 before;

	for (level = 1; level <= levels + 1; level++) {
		swgpu_test_invalidate(gpu, 0x80000001);
		CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
		before = gpu->tlb.nr;
		CHECK_EQ(before, levels + 1);
		swgpu_test_invalidate(gpu, 0x80000001 | level << 24);
		CHECK_EQ(gpu->tlb.nr, before - level);
	}
}

static void body_hub_only(struct nova_swgpu *gpu)
{
	CHECK(seen_after(gpu, 0x80000005, NOVA_SWGPU_HUB));
	CHECK(!seen_after(gpu, 0x80000005, NOVA_SWGPU_GPC));
	CHECK(!seen_after(gpu, 0x80000007, NOVA_SWGPU_GPC));
	swgpu_test_expect_quiet(gpu);
}

static void write_pdb_and_trigger(struct nova_swgpu *gpu, u32 pdb, u32 upper)
{
	swgpu_bar0_write(gpu, 0xb830a0, pdb, 4);
	swgpu_bar0_write(gpu, 0xb830a4, upper, 4);
	swgpu_bar0_write(gpu, 0xb830b0, 0x80000001, 4);
	while (swgpu_bar0_read(gpu, 0xb830b0, 4) >> 31)
		;
}

static void body_wrong_pdb(struct nova_swgpu *gpu)
{
	u32 pdb = swgpu_test_root(gpu) >> 8;

	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_put(gpu, 0x204000, pte(gpu, 0x5000));
	write_pdb_and_trigger(gpu, pdb + 0x10, 0);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	write_pdb_and_trigger(gpu, pdb | 2, 0);		/* right address, sysmem */
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	write_pdb_and_trigger(gpu, pdb, 1);		/* 1 TiB further up */
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_expect_quiet(gpu);
	write_pdb_and_trigger(gpu, pdb, 0);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), 0x5000);
}

/* A command nobody waits for has no effect. */
static void body_not_polled(struct nova_swgpu *gpu)
{
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_put(gpu, 0x204000, pte(gpu, 0x5000));
	swgpu_bar0_write(gpu, 0xb830a0, swgpu_test_root(gpu) >> 8, 4);
	swgpu_bar0_write(gpu, 0xb830b0, 0x80000001, 4);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	CHECK_EQ(swgpu_bar0_read(gpu, 0xb830b0, 4), 0x80000001);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	CHECK_EQ(swgpu_bar0_read(gpu, 0xb830b0, 4), 0x00000001);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), 0x5000);
}

static void bad_trigger(struct nova_swgpu *gpu, u32 trigger)
{
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	nova_swgpu_invalidate_clear(gpu);
	swgpu_test_invalidate(gpu, trigger);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_INVALIDATE);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
}

static void body_bad_commands(struct nova_swgpu *gpu)
{
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_put(gpu, 0x204000, pte(gpu, 0x5000));
	bad_trigger(gpu, 0x80000000);		/* no ALL_VA */
	bad_trigger(gpu, 0x80000009);		/* replay */
	bad_trigger(gpu, 0x80000181);		/* ACK 3 */
	bad_trigger(gpu, 0x80000201);		/* cancel client id */
	bad_trigger(gpu, 0x80200001);		/* PASID */
	bad_trigger(gpu, 0x88000001);		/* reserved */
	bad_trigger(gpu, 0xc0000001);		/* SKIPPED is not ours to write */
	bad_trigger(gpu, 0x80018001);		/* scope 3, or a cancel id on Turing */
	bad_trigger(gpu, 0x00000001);		/* no TRIGGER */
}

static void body_bad_pdb_and_overlap(struct nova_swgpu *gpu)
{
	write_pdb_and_trigger(gpu, swgpu_test_root(gpu) >> 8 | 4, 0);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_INVALIDATE);
	write_pdb_and_trigger(gpu, swgpu_test_root(gpu) >> 8, 1u << 20);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_INVALIDATE);
	swgpu_bar0_write(gpu, 0xb830b0, 0x80000003, 4);
	swgpu_bar0_write(gpu, 0xb830a0, 0, 4);	/* the registers are still in use */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_INVALIDATE);
	swgpu_bar0_write(gpu, 0xb830b0, 0x80000003, 4);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_INVALIDATE);
}

static void body_log(struct nova_swgpu *gpu)
{
	struct nova_swgpu_invalidate inv;

	where(gpu, 0, NOVA_SWGPU_GPC);
	swgpu_test_invalidate(gpu, 0x830000c5);
	CHECK_EQ(nova_swgpu_invalidate_count(gpu), 1);
	CHECK(nova_swgpu_invalidate_get(gpu, 0, &inv));
	CHECK_EQ(inv.pdb, swgpu_test_root(gpu));
	CHECK_EQ(inv.trigger, 0x830000c5);
	CHECK_EQ(inv.ack, 1);
	CHECK_EQ(inv.level, 3);
	CHECK(inv.hub_only && inv.membar && inv.done && !inv.all_pdb && !inv.pdb_sysmem);
	CHECK_EQ(inv.dropped, 0);		/* only GPC entries were there */
	swgpu_test_invalidate(gpu, 0x80000003);
	CHECK(nova_swgpu_invalidate_get(gpu, 1, &inv));
	CHECK(inv.all_pdb && inv.dropped > 1 && !inv.hub_only && !inv.membar);
	CHECK(!nova_swgpu_invalidate_get(gpu, 2, &inv));
	write_pdb_and_trigger(gpu, 0x00000012, 0xabcde);
	CHECK(nova_swgpu_invalidate_get(gpu, 2, &inv));
	CHECK_EQ(inv.pdb, 0xabcde0000001000);
	CHECK(inv.pdb_sysmem);
	swgpu_test_invalidate(gpu, 0x87000101);
	CHECK(nova_swgpu_invalidate_get(gpu, 3, &inv));
	CHECK_EQ(inv.level, 7);
	CHECK_EQ(inv.ack, 2);
	nova_swgpu_invalidate_clear(gpu);
	CHECK_EQ(nova_swgpu_invalidate_count(gpu), 0);
}

static void body_slow_and_stuck(struct nova_swgpu *gpu)
{
	int i;

	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_TLB_POLLS, 7);
	swgpu_bar0_write(gpu, 0xb830b0, 0x80000003, 4);
	for (i = 0; swgpu_bar0_read(gpu, 0xb830b0, 4) >> 31; i++)
		;
	CHECK_EQ(i, 7);
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_TLB_STUCK, 1);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
	swgpu_test_put(gpu, 0x204000, pte(gpu, 0x5000));
	swgpu_bar0_write(gpu, 0xb830b0, 0x80000003, 4);
	for (i = 0; i < 1000; i++)
		CHECK(swgpu_bar0_read(gpu, 0xb830b0, 4) >> 31);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
}

static void body_assert_not_cached(struct nova_swgpu *gpu)
{
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0, gpu->vram.size), 0);
	where(gpu, 0x1000, NOVA_SWGPU_GPC);		/* an invalid result, and directories */
	nova_swgpu_fault_clear(gpu);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x205000, 0x1000), 0);
	swgpu_test_expect_quiet(gpu);
	CHECK(nova_swgpu_assert_not_cached(gpu, 0x204000, 0x1000) > 0);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_CACHED);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, TEST_PAGE, 0x1000), 0);
	where(gpu, 0, NOVA_SWGPU_HUB);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, TEST_PAGE + 0xfff, 1), 1);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_CACHED);
	swgpu_test_invalidate(gpu, 0x80000001);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0, gpu->vram.size), 0);
}

/* A cached dual entry leads to its big and to its small table, 256 and 4096 bytes. */
static void body_assert_knows_both_halves(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;

	swgpu_test_put(gpu, 0x203020, v2 ? 0x20512 : 0x205112);	/* VA 0x400000: big only */
	CHECK_EQ(where(gpu, 0x400000, NOVA_SWGPU_HUB), ~0ull);
	swgpu_test_invalidate(gpu, 0x81000001);			/* leaves the directories */
	nova_swgpu_fault_clear(gpu);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x205000, 0x100), 0);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x205200, 0x100), 0);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x204000, 0x1000), 0);
	swgpu_test_expect_quiet(gpu);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x205100, 0x100), 1);
	swgpu_test_put(gpu, 0x203038, v2 ? 0x20402 : 0x204012);	/* VA 0x600000: small only */
	CHECK(where(gpu, 0x600000, NOVA_SWGPU_HUB) != ~0ull);
	swgpu_test_invalidate(gpu, 0x81000001);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x204ff8, 8), 1);
	/* both words of the dual entry, and the PD1 entry that leads to its table */
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x203038, 8), 2);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x203030, 8), 2);
	CHECK_EQ(nova_swgpu_assert_not_cached(gpu, 0x203040, 8), 1);
}

static void body_table_reused(struct nova_swgpu *gpu)
{
	u64 val = 0;

	swgpu_test_put(gpu, 0x204008, pte(gpu, 0x204000));	/* VA 0x1000 maps its own table */
	CHECK_EQ(nova_swgpu_mem_read(gpu, swgpu_test_root(gpu), false, 0x1000, &val, 8), 0);
	swgpu_test_expect_quiet(gpu);
	CHECK_EQ(nova_swgpu_mem_write(gpu, swgpu_test_root(gpu), false, 0x1100, &val, 8), 0);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_TABLE_REUSED);
}

static void body_eviction(struct nova_swgpu *gpu)
{
	struct nova_swgpu_counters c;
	int i;

	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_EVICT, 2);
	for (i = 0; i < 1000; i++)
		CHECK_EQ(where(gpu, i & 0xfff, NOVA_SWGPU_GPC), TEST_PAGE + (i & 0xfff));
	nova_swgpu_counters_get(gpu, &c);
	CHECK(c.evictions > 50);
	CHECK(c.tlb_misses > 50);
	CHECK_EQ(c.tlb_hits + c.tlb_misses, 1000);
}

/* More pages than entries: the TLB stays correct and throws out the oldest. */
static void body_overflow(struct nova_swgpu *gpu)
{
	struct nova_swgpu_counters c;
	u64 small = gpu->chip->mmu == 2 ? 0x30002 : 0x300012;
	u64 i;

	for (i = 0; i < 512; i++)
		swgpu_test_put(gpu, 0x300000 + i * 8, pte(gpu, i << 12));
	for (i = 1; i < 33; i++) {
		swgpu_test_put(gpu, 0x203000 + i * 16, 0);
		swgpu_test_put(gpu, 0x203008 + i * 16, small);
	}
	for (i = 0; i < 32 * 512; i++)
		CHECK_EQ(where(gpu, 0x200000 + (i << 12), NOVA_SWGPU_GPC), (i % 512) << 12);
	nova_swgpu_counters_get(gpu, &c);
	CHECK(c.evictions > 32 * 512 - SWGPU_TLB_ENTRIES);
	CHECK_EQ(gpu->tlb.nr, SWGPU_TLB_ENTRIES);
	swgpu_test_invalidate(gpu, 0x80000003);
	CHECK_EQ(gpu->tlb.nr, 0);
	CHECK_EQ(where(gpu, 0, NOVA_SWGPU_GPC), TEST_PAGE);
}

#define EACH(name) static void tlb_##name(void) { swgpu_test_each(chips, body_##name); }
#define TEST(name) { "tlb_" #name, tlb_##name }

EACH(leaf_is_kept)
EACH(invalid_is_kept)
EACH(invalid_directory_is_kept)
EACH(directory_is_kept)
EACH(cache_level)
EACH(cache_level_of_each_directory)
EACH(hub_only)
EACH(wrong_pdb)
EACH(not_polled)
EACH(bad_commands)
EACH(bad_pdb_and_overlap)
EACH(log)
EACH(slow_and_stuck)
EACH(assert_not_cached)
EACH(assert_knows_both_halves)
EACH(table_reused)
EACH(eviction)
EACH(overflow)

const struct swgpu_test swgpu_tlb_tests[] = {
	TEST(leaf_is_kept),
	TEST(invalid_is_kept),
	TEST(invalid_directory_is_kept),
	TEST(directory_is_kept),
	TEST(cache_level),
	TEST(cache_level_of_each_directory),
	TEST(hub_only),
	TEST(wrong_pdb),
	TEST(not_polled),
	TEST(bad_commands),
	TEST(bad_pdb_and_overlap),
	TEST(log),
	TEST(slow_and_stuck),
	TEST(assert_not_cached),
	TEST(assert_knows_both_halves),
	TEST(table_reused),
	TEST(eviction),
	TEST(overflow),
	{ 0 }
};
