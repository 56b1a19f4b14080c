// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu pushbuffer tests
 *
 * What the host makes of ring entries and pushbuffers: headers, its own methods,
 * semaphores of all kinds, privilege, and every way to get them wrong. Golden words from
 * hardware.md 9; each test has a rig of its own.
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

/* The words of hardware.md 9.4, executed: a physical copy with a semaphore, on GA10x. */
static void golden_pushbuffer(void)
{
	static const u32 words[] = {
		0x20018000, 0x0000c7b5,
		0x20028098, 0, 0,
		0x20088100, 0, 0x400000, 0, 0x440000, 0, 0, 0x1000, 1,
		0x20038090, 0, RIG_SEM, 0xcafe,
		0x200180c0, 0x0000318e,
	};
	struct swgpu_rig rig;
	u32 i;

	swgpu_rig_init(&rig, "ga102");
	swgpu_rig_open(&rig, 1, true);
	swgpu_rig_fill(&rig, 0x400000, 0x1000, 3);
	rig.words[0] = 0;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		swgpu_rig_word(&rig, 0, words[i]);
	swgpu_rig_go(&rig, 0);
	CHECK(swgpu_rig_same(&rig, 0x400000, 0x440000, 0x1000));
	CHECK_EQ(swgpu_rig_peek(&rig, RIG_SEM_VRAM), 0xcafe);
	swgpu_test_expect_quiet(rig.gpu);
	swgpu_rig_fini(&rig);
}

/* And the constant fill of 4-byte elements. */
static void golden_fill(void)
{
	static const u32 words[] = {
		0x20018000, 0x0000c7b5,
		0x200381c0, 0x11223344, 0, 0x00030004,
		0x20028102, 0, RIG_DATA,
		0x20018106, 4,
		0x200180c0, 0x00000586,
	};
	struct swgpu_rig rig;
	u32 i;

	swgpu_rig_init(&rig, "ga102");
	swgpu_rig_open(&rig, 1, false);
	swgpu_rig_poke(&rig, RIG_DATA_VRAM + 16, 0);
	rig.words[0] = 0;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		swgpu_rig_word(&rig, 0, words[i]);
	swgpu_rig_go(&rig, 0);
	CHECK_EQ(swgpu_rig_peek(&rig, RIG_DATA_VRAM), 0x1122334411223344);
	CHECK_EQ(swgpu_rig_peek(&rig, RIG_DATA_VRAM + 8), 0x1122334411223344);
	CHECK_EQ(swgpu_rig_peek(&rig, RIG_DATA_VRAM + 16), 0);
	swgpu_test_expect_quiet(rig.gpu);
	swgpu_rig_fini(&rig);
}

/* GP entry of hardware.md 9.4 for VA 0x123456000 and 16 words: fetched there, which faults. */
static void golden_entry(void)
{
	struct swgpu_rig rig;

	swgpu_rig_init(&rig, "tu102");
	swgpu_rig_open(&rig, 1, false);
	swgpu_rig_entry(&rig, 0, 0x23456000, 0x00004001);
	swgpu_rig_ring(&rig, 0);
	swgpu_rig_run(&rig);
	swgpu_rig_faulted(&rig, 0, 0x123456000, 0x80100600);
	CHECK_EQ(rig.gpu->host.chan[0].push.left, 16);
	swgpu_rig_fini(&rig);
}

static void body_headers(struct swgpu_rig *rig)
{
	const u32 words[] = {
		0x20020017, RIG_SEM, 0,		/* incrementing: address */
		0x60020019, 5, 6,		/* not: PAYLOAD_LO twice */
		0x8000001a,			/* immediate: PAYLOAD_HI 0 */
		0x8001001b,			/* immediate: release 32 bits */
		0xa003001a, 9, 0x01000001, 1,	/* once: PAYLOAD_HI 9, then SEM_EXECUTE twice */
		0, 0,				/* the universal NOP */
		0x20000017, 0x60000017,		/* no data at all */
		0x80000002,			/* NOP, WFI */
		0x8000001e,
		0xe0000000,			/* end of segment: the rest is not looked at */
		0x40000000,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		swgpu_rig_word(rig, 0, words[i]);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0x900000006);
	CHECK_EQ(rig->gpu->log.count.methods, 12);
	swgpu_test_expect_quiet(rig->gpu);
}

static void headers_of_all_kinds(void)
{
	swgpu_rig_each(all_chips, 1, false, body_headers);
}

/* A header in one segment, its data in the next two. */
static void body_split(struct swgpu_rig *rig)
{
	u32 at;

	swgpu_rig_word(rig, 0, 0x20050017);
	at = rig->words[0];
	swgpu_rig_entry(rig, 0, RIG_PUSH, at << 10);
	swgpu_rig_word(rig, 0, RIG_SEM);
	swgpu_rig_word(rig, 0, 0);
	swgpu_rig_entry(rig, 0, RIG_PUSH + at * 4, 2 << 10);
	swgpu_rig_word(rig, 0, 77);
	swgpu_rig_word(rig, 0, 0);
	swgpu_rig_word(rig, 0, 1);
	swgpu_rig_entry(rig, 0, RIG_PUSH + at * 4 + 8, 0x80000000 | 3 << 10);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 77);
	swgpu_test_expect_quiet(rig->gpu);
}

static void methods_split_over_segments(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_split);
}

static void body_bad_headers(struct swgpu_rig *rig)
{
	static const u32 bad[] = {
		0x00010017, 0x00000001, 0x40010017, 0xc0010017,	/* operations there are not */
		0x20011017,					/* bit 12 */
		0x20020fff, 0xa0020fff,				/* beyond the last method */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_rig_word(rig, 0, bad[i]);
		swgpu_rig_release(rig, 0, 0, 1);
		swgpu_rig_go(rig, 0);
		swgpu_rig_stopped(rig, 0, 18, bad[i], 0);
		CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
		again(rig, false);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void bad_headers_stop_the_channel(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_bad_headers);
}

static void body_bad_entries(struct swgpu_rig *rig)
{
	static const u32 bad[][2] = {
		{ 0, 1 }, { 0, 2 }, { 0, 3 }, { 0, 5 }, { 0, 0xff },	/* opcodes */
		{ RIG_PUSH | 2, 1 << 10 }, { RIG_PUSH, 1 << 10 | 0x100 },	/* reserved bits */
		{ 0xfffffffc, 1 << 10 | 0xff },			/* the last word there is */
		{ 0xffffff00, 0x1000 << 10 | 0xff },		/* and over the end */
		{ 0x02000000, 4 }, { 0x1, 4 },			/* operands of opcode 4 */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_rig_entry(rig, 0, bad[i][0], bad[i][1]);
		swgpu_rig_ring(rig, 0);
		swgpu_rig_run(rig);
		swgpu_rig_stopped(rig, 0, 15, bad[i][0], bad[i][1]);
		again(rig, false);
	}
	swgpu_rig_entry(rig, 0, 0, 0);				/* NOP, also with SYNC */
	swgpu_rig_entry(rig, 0, 0, 0x80000000);
	swgpu_rig_release(rig, 0, 0, 1);			/* conditional, subroutine */
	swgpu_rig_entry(rig, 0, RIG_PUSH | 1, rig->words[0] << 10 | 0x200);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 1);
	CHECK_EQ(swgpu_rig_peek(rig, 0x340088) & 0xffffffff, 4);
	swgpu_test_expect_quiet(rig->gpu);
}

static void bad_entries_stop_the_channel(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_bad_entries);
}

/* 57 bits: the pushbuffer at 1 << 40, through a root entry of its own. */
static void body_base(struct swgpu_rig *rig)
{
	swgpu_rig_entry(rig, 0, 0x100, 4);
	swgpu_rig_release(rig, 0, 0, 5);
	swgpu_rig_entry(rig, 0, RIG_PUSH, rig->words[0] << 10);
	swgpu_rig_ring(rig, 0);
	if (rig->gpu->chip->mmu == 2) {
		swgpu_rig_run(rig);
		swgpu_rig_stopped(rig, 0, 15, 0x100, 4);
		return;
	}
	swgpu_rig_poke(rig, 0x201000 + 4 * 8, 0x202012);	/* PD2: 1 << 40 is 0 again */
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 5);
	CHECK_EQ(rig->gpu->host.chan[0].base, 1ull << 40);
	swgpu_rig_entry(rig, 0, 0x01ffff00, 4);			/* the highest: not mapped */
	swgpu_rig_entry(rig, 0, RIG_PUSH, 1 << 10);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	swgpu_rig_faulted(rig, 0, 0x01ffff0000020000, 0x80100600);
}

static void extended_base_from_hopper_on(void)
{
	swgpu_rig_each(all_chips, 1, false, body_base);
}

/** struct acquire - does a value in memory satisfy a payload? */
static const struct acquire {
	u8 op;
	bool wide;
	u64 mem, payload;
	bool goes;
} acquires[] = {
	{ 0, false, 5, 5, true }, { 0, false, 5, 4, false },
	{ 0, false, 0x100000005, 5, true }, { 0, true, 0x100000005, 5, false },
	{ 0, true, 0x100000005, 0x100000005, true },
	{ 2, false, 5, 5, true }, { 2, false, 6, 5, true }, { 2, false, 4, 5, false },
	{ 2, false, 1, 0xfffffff0, false }, { 2, true, 1ull << 32, 5, true },
	{ 3, false, 5, 5, true }, { 3, false, 4, 5, false }, { 3, false, 1, 0xfffffff0, true },
	{ 3, false, 0xfffffff0, 1, false }, { 3, false, 0x80000004, 5, true },
	{ 3, false, 0x80000005, 5, false }, { 3, true, 0x80000005, 5, true },
	{ 3, true, 1, ~0ull, true }, { 3, true, ~0ull, 1, false },
	{ 4, false, 6, 2, true }, { 4, false, 5, 2, false },
	{ 4, true, 1ull << 40, 1ull << 40, true }, { 4, false, 1ull << 40, ~0ull, false },
	{ 5, false, 0xfffffff7, 0xfffffff0, true }, { 5, false, 0x0000000f, 0xfffffff0, false },
	{ 5, true, 0xffffffff, 0, true }, { 5, false, 0xffffffff, 0, false },
};

static void body_acquires(struct swgpu_rig *rig)
{
	const struct acquire *a;
	bool gone_on;

	for (a = acquires; a < acquires + ARRAY_SIZE(acquires); a++) {
		swgpu_rig_poke(rig, RIG_SEM_VRAM, a->mem);
		swgpu_rig_poke(rig, RIG_SEM_VRAM + 16, 0);
		swgpu_rig_word(rig, 0, 0x20050017);
		swgpu_rig_word(rig, 0, RIG_SEM);
		swgpu_rig_word(rig, 0, 0);
		swgpu_rig_word(rig, 0, (u32)a->payload);
		swgpu_rig_word(rig, 0, (u32)(a->payload >> 32));
		swgpu_rig_word(rig, 0, a->op | 0x1000 | (u32)a->wide << 24);
		swgpu_rig_release(rig, 0, 1, 1);
		swgpu_rig_go(rig, 0);
		gone_on = swgpu_rig_peek(rig, RIG_SEM_VRAM + 16);
		CHECK_EQ((u64)(a - acquires) << 1 | gone_on, (u64)(a - acquires) << 1 | a->goes);
		again(rig, false);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void acquires_of_all_kinds(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_acquires);
}

static void body_timestamp(struct swgpu_rig *rig)
{
	u64 before = swgpu_port_ns();

	swgpu_rig_method(rig, 0, 0, 0x5c, RIG_SEM + 16);
	swgpu_rig_method(rig, 0, 0, 0x64, 9);
	swgpu_rig_method(rig, 0, 0, 0x6c, 0x02000001);
	swgpu_rig_poke(rig, RIG_SEM_VRAM + 16, ~0ull);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM + 16), 0xffffffff00000009);
	CHECK(swgpu_rig_peek(rig, RIG_SEM_VRAM + 24) >= before);
	CHECK(swgpu_rig_peek(rig, RIG_SEM_VRAM + 24) <= swgpu_port_ns());
	swgpu_test_expect_quiet(rig->gpu);
}

static void release_with_timestamp(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_timestamp);
}

static void body_bad_sems(struct swgpu_rig *rig)
{
	static const struct {
		u32 addr, exec;
		unsigned int error;
		u32 method, data;
	} bad[] = {
		{ RIG_SEM + 2, 1, 25, 0x8000005c, RIG_SEM + 2 },
		{ RIG_SEM + 4, 0x01000001, 25, 0x8000006c, 0x01000001 },
		{ RIG_SEM + 8, 0x02000001, 25, 0x8000006c, 0x02000001 },
		{ RIG_SEM, 0x02000000, 25, 0x8000006c, 0x02000000 },	/* acquire, timestamp */
		{ RIG_SEM, 7, 25, 0x8000006c, 7 },
		{ RIG_SEM, 9, 25, 0x8000006c, 9 },
		{ RIG_SEM, 6, 21, 0x8000006c, 6 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_rig_method(rig, 0, 0, 0x5c, bad[i].addr);
		swgpu_rig_method(rig, 0, 0, 0x6c, bad[i].exec);
		swgpu_rig_go(rig, 0);
		swgpu_rig_stopped(rig, 0, bad[i].error, bad[i].method, bad[i].data);
		again(rig, false);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void bad_semaphores_stop_the_channel(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_bad_sems);
}

/* 40 bits of address before Hopper, 57 from there on. */
static void body_sem_width(struct swgpu_rig *rig)
{
	u32 hi = rig->gpu->chip->mmu == 3 ? 0x2000000 : 0x100;

	swgpu_rig_method(rig, 0, 0, 0x60, hi >> 1);
	swgpu_rig_method(rig, 0, 0, 0x60, hi);
	swgpu_rig_go(rig, 0);
	swgpu_rig_stopped(rig, 0, 21, 0x80000060, hi);
	CHECK_EQ(rig->gpu->log.count.methods, 3);
}

static void semaphore_addresses_have_a_width(void)
{
	swgpu_rig_each(all_chips, 1, false, body_sem_width);
}

static void body_unknown(struct swgpu_rig *rig)
{
	static const struct {
		u32 subch, method, data;
		unsigned int error;
	} bad[] = {
		{ 0, 0x004, 0, 21 }, { 0, 0x050, 1, 21 }, { 3, 0x07c, 0, 21 }, { 0, 0x0fc, 0, 21 },
		{ 0, 0x028, 0, 21 }, { 0, 0x02c, 0, 21 }, { 0, 0x030, 0, 21 },	/* privileged */
		{ 0, 0x034, 0x28000000, 21 },
		{ 4, 0x000, 0xc0b5, 23 }, { 1, 0x000, 0xc5b5, 23 }, { 0, 0x000, 0xc797, 23 },
		{ 0, 0x300, 0x182, 23 }, { 5, 0x100, 0, 23 },	/* the engine is on 4 */
		{ 4, 0x104, 0, 23 }, { 4, 0x250, 0, 23 }, { 4, 0x70c, 0, 23 }, { 4, 0x3ffc, 0, 23 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_rig_method(rig, 0, bad[i].subch, bad[i].method, bad[i].data);
		swgpu_rig_go(rig, 0);
		swgpu_rig_stopped(rig, 0, bad[i].error,
				  0x80000000 | bad[i].subch << 16 | (bad[i].method & 0xffc),
				  bad[i].data);
		again(rig, false);
	}
	swgpu_rig_method(rig, 0, 0, 0, rig->gpu->chip->host_class);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40108), 0);
	swgpu_test_expect_quiet(rig->gpu);
}

static void unknown_methods_stop_the_channel(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_unknown);
}

/* The engine is not there before its class has been set. */
static void body_no_object(struct swgpu_rig *rig)
{
	rig->words[0] = 0;
	swgpu_rig_ce(rig, 0, 0x100, 0);
	swgpu_rig_go(rig, 0);
	swgpu_rig_stopped(rig, 0, 23, 0x80040100, 0);
}

static void copy_methods_need_the_class(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_no_object);
}

/* Only the first error is in the registers, until it is cleared. */
static void body_sticky(struct swgpu_rig *rig)
{
	swgpu_rig_method(rig, 0, 0, 0x50, 0x111);
	swgpu_rig_go(rig, 0);
	swgpu_rig_word(rig, 1, 0x40000000);
	swgpu_rig_go(rig, 1);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40108), 0x240000);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40120), 0x2000);
	CHECK_EQ(swgpu_rig_rd(rig, 0x400c4), 0x111);
	CHECK_EQ(swgpu_rig_rd(rig, 0x80000c), 0x00400001);
	swgpu_rig_wr(rig, 0x40108, 0x40000);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40108), 0x200000);
	swgpu_rig_wr(rig, 0x40108, 0x200000);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40120), 0);
	CHECK_EQ(rig->gpu->log.count.chan_errors, 2);
}

static void first_error_stays(void)
{
	swgpu_rig_each(one_of_each, 2, false, body_sticky);
}

/* A semaphore's page changes places; the host sees it after MEM_OP, and no earlier. */
static void body_mem_op(struct swgpu_rig *rig)
{
	u32 root = (u32)swgpu_test_root(rig->gpu);

	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_go(rig, 0);
	swgpu_rig_page(rig, RIG_SEM, RIG_SEM_VRAM + 0x1000, false, 0);
	swgpu_rig_release(rig, 0, 0, 2);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 2);
	swgpu_rig_method(rig, 0, 0, 0x30, 0);
	swgpu_rig_method(rig, 0, 0, 0x34, 0x28000000);		/* a membar does not */
	swgpu_rig_method(rig, 0, 0, 0x28, 0);
	swgpu_rig_method(rig, 0, 0, 0x2c, 0);
	swgpu_rig_method(rig, 0, 0, 0x30, (root + 0x1000) | 0x20);
	swgpu_rig_method(rig, 0, 0, 0x34, 0x48000000);		/* nor another root's */
	swgpu_rig_release(rig, 0, 0, 3);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 3);
	swgpu_rig_method(rig, 0, 0, 0x30, root | 0x22);
	swgpu_rig_method(rig, 0, 0, 0x34, 0x48000000);
	swgpu_rig_release(rig, 0, 0, 4);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 3);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM + 0x1000), 4);
	CHECK_EQ(rig->gpu->log.count.inval_one_pdb, 2);
	swgpu_test_expect_quiet(rig->gpu);
}

static void mem_op_invalidates(void)
{
	swgpu_rig_each(one_of_each, 1, true, body_mem_op);
}

static void body_bad_mem_op(struct swgpu_rig *rig)
{
	static const u32 bad[][3] = {
		{ 0, 0, 0x50000000 }, { 0, 0, 0x70000000 }, { 0, 0, 0 },	/* operations */
		{ 0x1000, 0, 0x48000000 }, { 0, 4, 0x48000000 }, { 0, 0x60, 0x48000000 },
		{ 0, 0x400, 0x48000000 }, { 0, 2, 0x28000000 }, { 0, 0, 0x28000001 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_rig_method(rig, 0, 0, 0x28, bad[i][0]);
		swgpu_rig_method(rig, 0, 0, 0x30, bad[i][1]);
		swgpu_rig_method(rig, 0, 0, 0x34, bad[i][2]);
		swgpu_rig_go(rig, 0);
		swgpu_rig_stopped(rig, 0, 21, 0x80000034, bad[i][2]);
		again(rig, true);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void bad_mem_ops_stop_the_channel(void)
{
	swgpu_rig_each(one_of_each, 1, true, body_bad_mem_op);
}

/* Ring, pushbuffer and semaphores are the host's accesses. */
static void body_host_faults(struct swgpu_rig *rig)
{
	bool v3 = rig->gpu->chip->mmu == 3;
	u64 hole = RIG_HOLE;

	swgpu_rig_entry(rig, 0, RIG_HOLE + 0x1004, 1 << 10);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	swgpu_rig_faulted(rig, 0, RIG_HOLE + 0x1000, 0x80100600);	/* PDE, read */
	again(rig, false);
	swgpu_rig_method(rig, 0, 0, 0x5c, RIG_HOLE);
	swgpu_rig_method(rig, 0, 0, 0x6c, 0);
	swgpu_rig_go(rig, 0);
	swgpu_rig_faulted(rig, 0, RIG_HOLE, 0x80100600);
	again(rig, false);
	swgpu_rig_page(rig, RIG_SEM, RIG_SEM_VRAM, false, v3 ? 0x20 : 0x40);	/* read-only */
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_go(rig, 0);
	swgpu_rig_faulted(rig, 0, RIG_SEM, 0x80110606);			/* RO, write */
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
	swgpu_rig_close(rig, 0);
	swgpu_rig_wr(rig, 0x800004, 0x00400000);
	swgpu_rig_block(rig, 0, false);
	nova_swgpu_vram_write(rig->gpu, 0x330048, &hole, 4);
	swgpu_rig_bind(rig, 0);
	swgpu_rig_submit(rig, 1);
	swgpu_rig_kick(rig, 0);
	swgpu_rig_run(rig);
	swgpu_rig_faulted(rig, 0, RIG_HOLE, 0x80100600);
	CHECK_EQ(rig->gpu->log.count.chan_faults, 4);
	CHECK_EQ(rig->gpu->log.count.broken_rules, 0);
}

static void host_faults_stop_the_channel(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_host_faults);
}

const struct swgpu_test swgpu_push_tests[] = {
	{ "push_golden_pushbuffer", golden_pushbuffer },
	{ "push_golden_fill", golden_fill },
	{ "push_golden_entry", golden_entry },
	{ "push_headers_of_all_kinds", headers_of_all_kinds },
	{ "push_methods_split_over_segments", methods_split_over_segments },
	{ "push_bad_headers", bad_headers_stop_the_channel },
	{ "push_bad_entries", bad_entries_stop_the_channel },
	{ "push_extended_base_from_hopper_on", extended_base_from_hopper_on },
	{ "push_acquires_of_all_kinds", acquires_of_all_kinds },
	{ "push_release_with_timestamp", release_with_timestamp },
	{ "push_bad_semaphores", bad_semaphores_stop_the_channel },
	{ "push_semaphore_addresses_have_a_width", semaphore_addresses_have_a_width },
	{ "push_unknown_methods", unknown_methods_stop_the_channel },
	{ "push_copy_methods_need_the_class", copy_methods_need_the_class },
	{ "push_first_error_stays", first_error_stays },
	{ "push_mem_op_invalidates", mem_op_invalidates },
	{ "push_bad_mem_ops", bad_mem_ops_stop_the_channel },
	{ "push_host_faults", host_faults_stop_the_channel },
	{}
};
