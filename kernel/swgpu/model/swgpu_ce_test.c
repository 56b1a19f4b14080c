// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu copy engine tests
 *
 * What a launch does to memory: linear copies of any size, alignment and pitch, between
 * VRAM and system memory, virtual and physical; remaps of every component size and
 * count; semaphores; and what the engine refuses. Expected bytes are computed here, from
 * the manual's words. Each test has a rig of its own.
 */

#include "swgpu_rig.h"

static const char *const all_chips[] = {
	"tu102", "ga100", "ga102", "ad102", "gh100", "gb100", "gb202", NULL,
};

static const char *const one_of_each[] = { "tu102", "gh100", NULL };

/* Up anew, whatever became of channel 0, with nothing in the logs. */
static void again(struct swgpu_rig *rig, bool privileged)
{
	swgpu_rig_close(rig, 0);
	swgpu_rig_wr(rig, 0x800004, 0x00c00000);
	swgpu_rig_open(rig, 1, privileged);
	swgpu_rig_go(rig, 0);
}

static u8 byte_at(struct swgpu_rig *rig, u64 addr)
{
	u8 val = 0;

	CHECK_EQ(nova_swgpu_vram_read(rig->gpu, addr, &val, 1), 0);
	return val;
}

static u8 pattern(u32 off, u32 seed)
{
	return (u8)((((off & ~7u) + 1) * 0x9e3779b97f4a7c15ull + seed) >> (off & 7) * 8);
}

/* A page of pattern 2 with len bytes of pattern 1 from src on at dst, and nothing else. */
static void expect_line(struct swgpu_rig *rig, u32 src, u32 dst, u32 len)
{
	u32 i, wrong = 0;

	for (i = 0; i < 0x3000; i++) {
		u8 want = i >= dst && i < dst + len ? pattern(src + i - dst, 1) : pattern(i, 2);

		wrong += byte_at(rig, RIG_DATA_VRAM + 0x10000 + i) != want;
	}
	CHECK_EQ(wrong, 0);
}

static void body_lines(struct swgpu_rig *rig)
{
	static const u32 lines[][3] = {		/* from, to, length */
		{ 0, 0, 1 }, { 1, 2, 1 }, { 3, 0xffe, 5 }, { 0xfff, 1, 2 }, { 7, 13, 0x1fff },
		{ 0, 0, 0x2000 }, { 0x800, 0x7ff, 0x1801 }, { 5, 5, 0 },
	};
	unsigned int i;

	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x3000, 1);
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		swgpu_rig_fill(rig, RIG_DATA_VRAM + 0x10000, 0x3000, 2);
		swgpu_rig_copy(rig, 0, RIG_DATA + lines[i][0], RIG_DATA + 0x10000 + lines[i][1],
			       lines[i][2], 0x182);
		swgpu_rig_go(rig, 0);
		expect_line(rig, lines[i][0], lines[i][1], lines[i][2]);
	}
	CHECK_EQ(rig->gpu->log.count.launches, ARRAY_SIZE(lines));
	CHECK_EQ(rig->gpu->log.count.bytes_copied, 1 + 1 + 5 + 2 + 0x1fff + 0x2000 + 0x1801);
	swgpu_test_expect_quiet(rig->gpu);
}

static void lines_of_any_size_and_alignment(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_lines);
}

static void body_pitches(struct swgpu_rig *rig)
{
	u32 i, x, wrong = 0;

	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x3000, 1);
	swgpu_rig_fill(rig, RIG_DATA_VRAM + 0x10000, 0x3000, 2);
	swgpu_rig_ce(rig, 0, 0x410, 0x155);
	swgpu_rig_ce(rig, 0, 0x414, 0x201);
	swgpu_rig_ce(rig, 0, 0x41c, 9);
	swgpu_rig_copy(rig, 0, RIG_DATA + 3, RIG_DATA + 0x10001, 100, 0x382);
	swgpu_rig_go(rig, 0);
	for (i = 0; i < 0x3000; i++) {
		u32 line = (i - 1) / 0x201;
		u8 want = pattern(i, 2);

		x = (i - 1) % 0x201;
		if (i && line < 9 && x < 100)
			want = pattern(3 + line * 0x155 + x, 1);
		wrong += byte_at(rig, RIG_DATA_VRAM + 0x10000 + i) != want;
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(rig->gpu->log.count.bytes_copied, 900);
	swgpu_rig_ce(rig, 0, 0x41c, 0);				/* no lines, no access */
	swgpu_rig_copy(rig, 0, RIG_HOLE, RIG_HOLE, 100, 0x382);
	swgpu_rig_copy(rig, 0, RIG_HOLE, RIG_HOLE, 0, 0x182);
	swgpu_rig_copy(rig, 0, RIG_HOLE, RIG_HOLE, 100, 0x180);	/* transfer none */
	swgpu_rig_go(rig, 0);
	CHECK_EQ(rig->gpu->log.count.launches, 4);
	swgpu_test_expect_quiet(rig->gpu);
}

static void lines_with_pitches(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_pitches);
}

/* 2 MiB pages and 4 KiB pages, more than a step at once; poison stays what it was. */
static void body_big(struct swgpu_rig *rig)
{
	u64 i, wrong = 0;

	swgpu_rig_fill(rig, RIG_BIG_VRAM + 0x1000, 0x1000, 1);
	swgpu_rig_copy(rig, 0, RIG_BIG, RIG_DATA, 0x80000, 0x182);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_BIG + 0x100000, 0x80000, 0x182);
	swgpu_rig_go(rig, 0);
	for (i = 0; i < 0x80000; i += 8) {
		u64 want = swgpu_vram_poison(RIG_BIG_VRAM + i);

		if (i >= 0x1000 && i < 0x2000)
			want = (i - 0x1000 + 1) * 0x9e3779b97f4a7c15ull + 1;
		wrong += swgpu_rig_peek(rig, RIG_DATA_VRAM + i) != want;
		wrong += swgpu_rig_peek(rig, RIG_BIG_VRAM + 0x100000 + i) != want;
	}
	CHECK_EQ(wrong, 0);
	swgpu_test_expect_quiet(rig->gpu);
}

static void big_copies_between_page_sizes(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_big);
}

static void body_overlap(struct swgpu_rig *rig)
{
	u32 i, wrong = 0;

	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x1000, 1);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 8, 0x800, 0x182);
	swgpu_rig_go(rig, 0);
	for (i = 0; i < 0x800; i++)
		wrong += byte_at(rig, RIG_DATA_VRAM + 8 + i) != pattern(i, 1);
	CHECK_EQ(wrong, 0);
	swgpu_test_expect_quiet(rig->gpu);
}

static void overlap_within_a_page(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_overlap);
}

static void body_sysmem(struct swgpu_rig *rig)
{
	u32 i, wrong = 0;

	for (i = 0; i < 0x4000; i += 0x1000)	/* scattered: the pages in the wrong order */
		swgpu_rig_page(rig, RIG_DATA + 0x40000 + i, rig->dma + 0x3000 - i, true, 0);
	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x4000, 1);
	swgpu_rig_copy(rig, 0, RIG_DATA + 1, RIG_DATA + 0x40007, 0x3000, 0x182);
	swgpu_rig_copy(rig, 0, RIG_DATA + 0x40007, RIG_DATA + 0x10000, 0x3000, 0x182);
	swgpu_rig_go(rig, 0);
	for (i = 7; i < 0x3007; i++)
		wrong += rig->mem[0x3000 - (i & 0x3000) + (i & 0xfff)] != pattern(i - 6, 1);
	for (i = 0; i < 0x3000; i++)
		wrong += byte_at(rig, RIG_DATA_VRAM + 0x10000 + i) != pattern(i + 1, 1);
	CHECK_EQ(wrong, 0);
	swgpu_test_expect_quiet(rig->gpu);
}

static void system_memory_both_ways(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_sysmem);
}

static void body_physical(struct swgpu_rig *rig)
{
	unsigned int mode;

	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x2000, 1);
	for (mode = 1; mode <= 2; mode++) {
		swgpu_rig_ce(rig, 0, 0x260, 0);
		swgpu_rig_ce(rig, 0, 0x264, mode);
		swgpu_rig_copy(rig, 0, RIG_DATA_VRAM, rig->dma, 0x2000, 0x3182);
		swgpu_rig_ce(rig, 0, 0x260, mode);
		swgpu_rig_ce(rig, 0, 0x264, 0);
		swgpu_rig_copy(rig, 0, rig->dma, RIG_DATA_VRAM + mode * 0x10000, 0x2000, 0x3182);
		swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA_VRAM + mode * 0x10000 + 0x2000, 0x1000,
			       0x2182);
		swgpu_rig_go(rig, 0);
		CHECK(swgpu_rig_same(rig, RIG_DATA_VRAM, RIG_DATA_VRAM + mode * 0x10000, 0x2000));
		CHECK(swgpu_rig_same(rig, RIG_DATA_VRAM, RIG_DATA_VRAM + mode * 0x10000 + 0x2000,
				     0x1000));
		memset(rig->mem, 0, 0x2000);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void physical_copies(void)
{
	swgpu_rig_each(all_chips, 1, true, body_physical);
}

static void body_physical_end(struct swgpu_rig *rig)
{
	swgpu_rig_copy(rig, 0, 0x3fffff000, RIG_DATA, 0x1000, 0x1182);	/* the last page */
	swgpu_rig_go(rig, 0);
	swgpu_test_expect_quiet(rig->gpu);
	swgpu_rig_copy(rig, 0, 0x3fffff800, RIG_DATA, 0x1000, 0x1182);
	swgpu_rig_go(rig, 0);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	swgpu_rig_faulted(rig, 0, 0x3fffff000, 0x8018010d);	/* physical read, region */
	again(rig, true);
	swgpu_rig_ce(rig, 0, 0x264, 1);				/* nothing at that DMA address */
	swgpu_rig_copy(rig, 0, RIG_DATA, 0x7ffffffff000 - (rig->dma & ~0xfffull), 8, 0x2182);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83090), 0x8019010d);
	swgpu_rig_wr(rig, 0xb83094, 0x80000000);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	again(rig, true);
	swgpu_rig_ce(rig, 0, 0x260, 2);				/* likewise, to be read */
	swgpu_rig_copy(rig, 0, 0x7ffffffff000 - (rig->dma & ~0xfffull), RIG_DATA, 8, 0x1182);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83090), 0x8018010d);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_OUT_OF_RANGE);
}

static void body_no_memory(struct swgpu_rig *rig)
{
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x1000, 8, 0x182);
	swgpu_rig_kick(rig, 0);
	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_NO_MEMORY, 1);
	swgpu_rig_run(rig);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_NO_MEMORY);
	swgpu_rig_faulted(rig, 0, RIG_DATA + 0x1000, 0x8011010d);
}

static void no_memory_is_recorded(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_no_memory);
}

static void physical_copies_out_of_range(void)
{
	swgpu_rig_each(one_of_each, 1, true, body_physical_end);
}

static void body_sparse(struct swgpu_rig *rig)
{
	u32 i, wrong = 0;

	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x2000, 1);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_SPARSE + 0x10, 0x2000, 0x182);
	swgpu_rig_copy(rig, 0, RIG_SPARSE + 0x10, RIG_DATA + 8, 0x1000, 0x182);
	swgpu_rig_go(rig, 0);
	for (i = 0; i < 0x1000; i += 8)
		wrong += swgpu_rig_peek(rig, RIG_DATA_VRAM + 8 + i) != 0;
	CHECK_EQ(wrong, 0);
	CHECK_EQ(byte_at(rig, RIG_DATA_VRAM + 0x1008), pattern(0x1008, 1));
	swgpu_test_expect_quiet(rig->gpu);
}

static void sparse_reads_zero_and_swallows(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_sparse);
}

/* What follows the fault does not execute; others do. */
static void body_faults(struct swgpu_rig *rig)
{
	bool v3 = rig->gpu->chip->mmu == 3;
	u32 first;

	swgpu_rig_copy(rig, 0, RIG_DATA + 0x7f000, RIG_DATA + 0x7f800, 0x1800, 0x182);
	swgpu_rig_release(rig, 0, 0, 1);
	first = rig->words[0];
	swgpu_rig_entry(rig, 0, RIG_PUSH, first << 10);
	swgpu_rig_release(rig, 0, 1, 1);
	swgpu_rig_entry(rig, 0, RIG_PUSH + first * 4, 6 << 10);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_release(rig, 1, 2, 1);
	swgpu_rig_go(rig, 1);
	swgpu_rig_faulted(rig, 0, RIG_DATA + 0x80000, 0x80110102);	/* PTE, write, CE0 */
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM + 16), 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM + 32), 1);
	CHECK_EQ(swgpu_rig_peek(rig, 0x340088) & 0xffffffff, 0);
	again(rig, false);
	swgpu_rig_copy(rig, 0, RIG_HOLE - 4, RIG_DATA, 8, 0x182);
	swgpu_rig_go(rig, 0);
	swgpu_rig_faulted(rig, 0, RIG_HOLE, 0x80100100);		/* PDE, read */
	again(rig, false);
	swgpu_rig_page(rig, RIG_DATA + 0x70000, RIG_DATA_VRAM, false, v3 ? 0x20 : 0x40);
	swgpu_rig_copy(rig, 0, RIG_DATA + 0x70000, RIG_DATA, 8, 0x182);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x70000, 8, 0x182);
	swgpu_rig_go(rig, 0);
	swgpu_rig_faulted(rig, 0, RIG_DATA + 0x70000, 0x80110106);	/* RO, write */
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83090), 0);
	CHECK_EQ(rig->gpu->log.count.broken_rules, 0);
}

static void faults_stop_one_channel(void)
{
	swgpu_rig_each(one_of_each, 2, false, body_faults);
}

/* The first is shown, 64 wait behind it, the newest are dropped. */
static void body_fault_queue(struct swgpu_rig *rig)
{
	u32 i;

	for (i = 0; i < 70; i++) {
		swgpu_rig_copy(rig, 0, RIG_HOLE + i * 0x1000, RIG_DATA, 8, 0x182);
		swgpu_rig_go(rig, 0);
		again(rig, false);
	}
	for (i = 0; swgpu_rig_rd(rig, 0xb83090) >> 31; i++) {
		CHECK_EQ(swgpu_rig_rd(rig, 0xb83080), RIG_HOLE + i * 0x1000);
		CHECK_EQ(swgpu_rig_rd(rig, 0xb83094), 0x80000000);
		swgpu_rig_wr(rig, 0xb83094, 0x80000000);
	}
	CHECK_EQ(i, 65);
	CHECK_EQ(rig->gpu->log.count.chan_faults, 70);
}

static void faults_queue_up(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_fault_queue);
}

/* Data written over a page table in use, through the MMU and past it. */
static void body_reuse(struct swgpu_rig *rig)
{
	swgpu_rig_page(rig, RIG_DATA, 0x202000, false, 0);
	swgpu_rig_copy(rig, 0, RIG_DATA + 0x2000, RIG_DATA + 0x800, 8, 0x182);
	swgpu_rig_go(rig, 0);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_TABLE_REUSED);
	swgpu_rig_copy(rig, 0, RIG_DATA + 0x2000, 0x203800, 8, 0x2182);
	swgpu_rig_go(rig, 0);
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_TABLE_REUSED);
}

/* Each level's table copied onto itself; what is next to them is no table. */
static void body_reuse_levels(struct swgpu_rig *rig)
{
	u64 addr;

	for (addr = swgpu_test_root(rig->gpu); addr <= 0x204000; addr += 0x1000) {
		swgpu_rig_copy(rig, 0, addr, addr, 0x1000, 0x3182);
		swgpu_rig_go(rig, 0);
		swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE,
					NOVA_SWGPU_WHY_TABLE_REUSED);
	}
	swgpu_rig_copy(rig, 0, 0x206000, 0x205000, 0x1000, 0x3182);
	swgpu_rig_go(rig, 0);
	swgpu_test_expect_quiet(rig->gpu);
}

static void tables_of_all_levels_are_not_written(void)
{
	swgpu_rig_each(one_of_each, 1, true, body_reuse_levels);
}

static void tables_in_use_are_not_written(void)
{
	swgpu_rig_each(one_of_each, 1, true, body_reuse);
}

static void body_sems(struct swgpu_rig *rig)
{
	u32 feat = rig->gpu->chip->feat;
	u64 before = swgpu_port_ns();

	swgpu_rig_fill(rig, RIG_SEM_VRAM, 0x40, 5);
	swgpu_rig_ce(rig, 0, 0x240, 0);
	swgpu_rig_ce(rig, 0, 0x244, RIG_SEM + 4);
	swgpu_rig_ce(rig, 0, 0x248, 0x1111);
	swgpu_rig_ce(rig, 0, 0x300, 0xc);		/* one word, no transfer, flush */
	swgpu_rig_ce(rig, 0, 0x244, RIG_SEM + 16);
	swgpu_rig_ce(rig, 0, 0x248, 0x2222);
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x100, 8, 0x1d6);	/* four words, interrupt */
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM) >> 32, 0x1111);
	CHECK_EQ(byte_at(rig, RIG_SEM_VRAM + 3), pattern(3, 5));
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM + 16) & 0xffffffff, 0x2222);
	CHECK_EQ(byte_at(rig, RIG_SEM_VRAM + 20), pattern(20, 5));
	CHECK(swgpu_rig_peek(rig, RIG_SEM_VRAM + 24) >= before);
	CHECK(swgpu_rig_peek(rig, RIG_SEM_VRAM + 24) <= swgpu_port_ns());
	CHECK_EQ(rig->gpu->log.count.releases, 2);
	swgpu_test_expect_quiet(rig->gpu);
	if (!(feat & SWGPU_CE_PAYLOAD64))
		return;
	swgpu_rig_ce(rig, 0, 0x24c, 0x3333);
	swgpu_rig_ce(rig, 0, 0x300, 0x08000008);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM + 16), 0x333300002222);
	swgpu_test_expect_quiet(rig->gpu);
}

static void semaphores_of_a_launch(void)
{
	swgpu_rig_each(all_chips, 1, false, body_sems);
}

/* Refused by the engine: one method each, on an unprivileged channel. */
static void refused(struct swgpu_rig *rig, u32 method, u32 data)
{
	swgpu_rig_ce(rig, 0, 0x418, 8);
	swgpu_rig_ce(rig, 0, 0x244, RIG_SEM + 4);
	swgpu_rig_ce(rig, 0, method, data);
	swgpu_rig_go(rig, 0);
	swgpu_rig_stopped(rig, 0, 23, 0x80040000 | method, data);
	again(rig, false);
}

static void body_refused(struct swgpu_rig *rig)
{
	static const u32 launches[] = {
		0x102, 0x082, 0x183,		/* block-linear source, destination; prefetch */
		0x19a, 0x192,			/* conditional; four words, misaligned */
		0x80182, 0x400182, 0x800182, 0x1000182, 0x10000182, 0x80000182,
		0x1182, 0x2182, 0x3182,		/* physical, on a channel that may not */
	};
	bool wide = rig->gpu->chip->mmu == 3;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(launches); i++)
		refused(rig, 0x300, launches[i]);
	refused(rig, 0x400, wide ? 0x2000000 : 0x20000);
	refused(rig, 0x408, wide ? 0x2000000 : 0x20000);
	refused(rig, 0x240, wide ? 0x2000000 : 0x20000);
	refused(rig, 0x260, 4);
	refused(rig, 0x708, 0x8);
	if (wide)
		refused(rig, 0x300, 0x100182);			/* COPY_TYPE */
	if (rig->gpu->chip->feat & SWGPU_CE_PAYLOAD64) {
		refused(rig, 0x300, 0x0800018a);		/* 64 bits, misaligned */
		return;
	}
	refused(rig, 0x24c, 0);
	refused(rig, 0x300, 0x08000182);
}

static void launches_that_are_refused(void)
{
	swgpu_rig_each(all_chips, 1, false, body_refused);
}

static void body_peer(struct swgpu_rig *rig)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		swgpu_rig_ce(rig, 0, 0x260 + i * 4, 3);
		swgpu_rig_copy(rig, 0, 0, 0, 8, i ? 0x2182 : 0x1182);
		swgpu_rig_go(rig, 0);
		swgpu_rig_stopped(rig, 0, 23, 0x80040300, i ? 0x2182 : 0x1182);
		again(rig, true);
	}
}

static void peers_are_refused(void)
{
	swgpu_rig_each(one_of_each, 1, true, body_peer);
}

const struct swgpu_test swgpu_ce_tests[] = {
	{ "ce_lines_of_any_size_and_alignment", lines_of_any_size_and_alignment },
	{ "ce_lines_with_pitches", lines_with_pitches },
	{ "ce_big_copies_between_page_sizes", big_copies_between_page_sizes },
	{ "ce_overlap_within_a_page", overlap_within_a_page },
	{ "ce_system_memory_both_ways", system_memory_both_ways },
	{ "ce_physical_copies", physical_copies },
	{ "ce_physical_copies_out_of_range", physical_copies_out_of_range },
	{ "ce_no_memory_is_recorded", no_memory_is_recorded },
	{ "ce_sparse_reads_zero_and_swallows", sparse_reads_zero_and_swallows },
	{ "ce_faults_stop_one_channel", faults_stop_one_channel },
	{ "ce_faults_queue_up", faults_queue_up },
	{ "ce_tables_in_use_are_not_written", tables_in_use_are_not_written },
	{ "ce_tables_of_all_levels_are_not_written", tables_of_all_levels_are_not_written },
	{ "ce_semaphores_of_a_launch", semaphores_of_a_launch },
	{ "ce_launches_that_are_refused", launches_that_are_refused },
	{ "ce_peers_are_refused", peers_are_refused },
	{}
};
