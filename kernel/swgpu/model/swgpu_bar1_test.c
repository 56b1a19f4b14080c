// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu BAR1 tests
 *
 * BAR1 bound and unbound on both kinds of bind registers: golden values of
 * hardware.md 4, bad instance blocks, the faults that can be injected into a bind,
 * and what a CPU mapping is given. Every test has a GPU of its own, with the tables
 * of the shared fixture and an instance block at 0x10000.
 */

#include "swgpu_check.h"

static u32 rd(struct nova_swgpu *gpu, u32 off)
{
	return (u32)swgpu_bar0_read(gpu, off, 4);
}

static void wr(struct nova_swgpu *gpu, u32 off, u32 val)
{
	swgpu_bar0_write(gpu, off, val, 4);
}

/* Instance block at 0x10000 whose root word is given; then bind BAR1 to it, virtual. */
static void bind(struct nova_swgpu *gpu, u32 lo, u32 hi)
{
	u64 words = (u64)hi << 32 | lo;
	int i;

	CHECK_EQ(nova_swgpu_vram_write(gpu, 0x10200, &words, 8), 0);
	if (gpu->chip->feat & SWGPU_BAR1_BLOCK) {
		wr(gpu, 0xb80f40, 0x80000010);
		for (i = 0; i < 10 && rd(gpu, 0xb80f50) & 3; i++)
			;
	} else {
		wr(gpu, 0xb80f60, 0x00010200);
		wr(gpu, 0xb80f64, 0);
		for (i = 0; i < 10 && rd(gpu, 0xb80f60) & 3; i++)
			;
	}
	CHECK_EQ(i, 1);
}

static u32 root_word(const struct nova_swgpu *gpu)
{
	return (u32)swgpu_test_root(gpu) | 0xc00;	/* VRAM, VER2, 64K */
}

static const char *const bar1_chips[] = { "tu102", "gh100", NULL };

static void body_physical(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x5000, 0x1122334455667788);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5000, 8), 0x1122334455667788);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5004, 4), 0x11223344);
	swgpu_bar1_write(gpu, 0x5004, 0xaabbccdd, 4);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5000, 8), 0xaabbccdd55667788);
	swgpu_test_expect_quiet(gpu);
}

static void body_virtual(struct nova_swgpu *gpu)
{
	bind(gpu, root_word(gpu), 0);
	swgpu_test_put(gpu, TEST_PAGE + 0x10, 0x1122334455667788);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x10, 8), 0x1122334455667788);
	swgpu_bar1_write(gpu, 0x14, 0xaabbccdd, 4);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x10, 8), 0xaabbccdd55667788);
	swgpu_test_expect_quiet(gpu);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x1000, 4), 0xffffffff);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
	swgpu_bar1_write(gpu, 0x1000, 0, 4);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
}

/* Unbinding goes back to physical; binding does not touch the TLB. */
static void body_unbind(struct nova_swgpu *gpu)
{
	bool pair = gpu->chip->feat & SWGPU_BAR1_PAIR;

	bind(gpu, root_word(gpu), 0);
	swgpu_bar1_write(gpu, 0, 0x1234, 4);
	wr(gpu, pair ? 0xb80f60 : 0xb80f40, 0);
	if (pair)
		wr(gpu, 0xb80f64, 0);
	while (rd(gpu, pair ? 0xb80f60 : 0xb80f50) & 3)
		;
	swgpu_test_put(gpu, 0, 0x77);
	CHECK_EQ(swgpu_bar1_read(gpu, 0, 8), 0x77);
	swgpu_test_put(gpu, 0x204000, 0);
	bind(gpu, root_word(gpu), 0);
	CHECK_EQ(swgpu_bar1_read(gpu, 0, 4), 0x1234);
	swgpu_test_expect_quiet(gpu);
}

static void body_bad_instance(struct nova_swgpu *gpu)
{
	static const u32 flips[] = {
		0x400,			/* not VER2 */
		0x800,			/* 128K */
		0x1,			/* target invalid */
		0x8, 0x40, 0x200,	/* reserved */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flips); i++) {
		bind(gpu, root_word(gpu) ^ flips[i], 0);
		swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_INST);
		CHECK_EQ(swgpu_bar1_read(gpu, 0, 4), 0xffffffff);
		swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_UNBOUND, NOVA_SWGPU_WHY_PLAIN);
	}
	bind(gpu, root_word(gpu) | 0x30, 0);	/* replayable faults are allowed */
	swgpu_bar1_read(gpu, 0, 4);
	swgpu_test_expect_quiet(gpu);
	bind(gpu, root_word(gpu), 0x80);	/* a root beyond VRAM */
	swgpu_bar1_read(gpu, 0, 4);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
}

static void body_bind_lost_and_stuck(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0, 0x77);
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_BIND_LOST, 1);
	bind(gpu, root_word(gpu), 0);
	CHECK_EQ(swgpu_bar1_read(gpu, 0, 8), 0x77);	/* still physical */
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_BIND_LOST, 0);
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_BIND_STUCK, 1);
	if (gpu->chip->feat & SWGPU_BAR1_PAIR) {
		wr(gpu, 0xb80f64, 0);
		CHECK_EQ(rd(gpu, 0xb80f60) & 3, 3);
	} else {
		wr(gpu, 0xb80f40, 0x80000010);
		CHECK_EQ(rd(gpu, 0xb80f50), 3);
	}
	CHECK_EQ(swgpu_bar1_read(gpu, 0, 8), 0x77);
}

static void body_page(struct nova_swgpu *gpu)
{
	struct swgpu_frame frame;

	bind(gpu, root_word(gpu), 0);
	CHECK_EQ(swgpu_bar1_page(gpu, 0, true, &frame), 0);
	CHECK(frame.vram == swgpu_vram_page(&gpu->vram, TEST_PAGE));
	swgpu_port_st64(frame.vram, 0x55);
	CHECK_EQ(swgpu_bar1_read(gpu, 0, 8), 0x55);
	CHECK_ERR(swgpu_bar1_page(gpu, 0x1000, false, &frame), -EFAULT);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
	swgpu_test_put(gpu, 0x204010, 0x8);
	CHECK_ERR(swgpu_bar1_page(gpu, 0x2000, false, &frame), -EFAULT);
	nova_swgpu_fault_clear(gpu);
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_GONE, 1);
	CHECK_ERR(swgpu_bar1_page(gpu, 0, true, &frame), -ENODEV);
}

static void expect_bad_bind(struct nova_swgpu *gpu, u32 off, u32 val, u32 high)
{
	bool pair = gpu->chip->feat & SWGPU_BAR1_PAIR;

	wr(gpu, off, val);
	if (pair)
		wr(gpu, 0xb80f64, high);
	while (rd(gpu, pair ? 0xb80f60 : 0xb80f50) & 3)
		;
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
}

static void body_bad_bind_registers(struct nova_swgpu *gpu)
{
	if (!(gpu->chip->feat & SWGPU_BAR1_PAIR)) {
		expect_bad_bind(gpu, 0xb80f40, 0x40000000, 0);
		wr(gpu, 0xb80f40, 0);
		wr(gpu, 0xb80f40, 0);		/* while the first is pending */
	} else {
		expect_bad_bind(gpu, 0xb80f60, 0x004, 0);
		expect_bad_bind(gpu, 0xb80f60, 0x100, 0);
		expect_bad_bind(gpu, 0xb80f60, 0x000, 0x100000);
		wr(gpu, 0xb80f64, 0);
		wr(gpu, 0xb80f64, 0);
	}
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
}

/* The instance block and the root each in either kind of system memory. */
static void body_tables_in_sysmem(struct nova_swgpu *gpu)
{
	bool pair = gpu->chip->feat & SWGPU_BAR1_PAIR;
	u64 dma, root;
	u32 target;
	u8 *mem;

	mem = swgpu_test_sysmem_get(0x2000, &dma);
	if (!mem)
		swgpu_check_give_up();
	memset(mem, 0, 0x2000);
	root = dma + 0x1000;
	for (target = 2; target < 4; target++) {
		/* entry 0 of the root as in the fixture: to the table below it */
		swgpu_port_st64(mem + 0x1000, pair ? 0x200012 : 0x20102);
		swgpu_port_st64(mem + 0x200, root | 0xc00 | target);
		if (pair) {
			wr(gpu, 0xb80f60, (u32)dma | target << 10 | 0x200);
			wr(gpu, 0xb80f64, dma >> 32);
		} else {
			wr(gpu, 0xb80f40, (u32)(dma >> 12) | target << 28 | 0x80000000);
		}
		while (rd(gpu, pair ? 0xb80f60 : 0xb80f50) & 3)
			;
		swgpu_test_put(gpu, TEST_PAGE, 0x1234 + target);
		CHECK_EQ(swgpu_bar1_read(gpu, 0, 8), 0x1234 + target);
		CHECK(gpu->bar1.space.sysmem);
	}
	swgpu_test_expect_quiet(gpu);
	swgpu_test_sysmem_put(mem, 0x2000);
}

/* An instance block outside VRAM, and one whose TARGET is the one that does not exist. */
static void body_instance_nowhere(struct nova_swgpu *gpu)
{
	if (gpu->chip->feat & SWGPU_BAR1_PAIR) {
		wr(gpu, 0xb80f60, 0x00000200);
		wr(gpu, 0xb80f64, 0x4);		/* 16 GiB: just past the end */
		while (rd(gpu, 0xb80f60) & 3)
			;
	} else {
		wr(gpu, 0xb80f40, 0x80400000);
		while (rd(gpu, 0xb80f50) & 3)
			;
	}
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_INST);
}

/* BAR1 onto system memory that is not there: refused and recorded, both ways. */
static void body_sysmem_nowhere(struct nova_swgpu *gpu)
{
	bind(gpu, root_word(gpu), 0);
	swgpu_test_put(gpu, 0x204000, gpu->chip->mmu == 2 ? 0x000007fffff00005 :
							    0x000ffffffff00085);
	CHECK_EQ(swgpu_bar1_read(gpu, 0, 4), 0xffffffff);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	swgpu_bar1_write(gpu, 0, 1, 4);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_OUT_OF_RANGE);
}

static void bar1_larger_than_vram(void)
{
	const struct nova_swgpu_config cfg = {
		.chip = "tu102", .vram_size = 2ull << 20, .bar1_size = 16ull << 20,
	};
	struct nova_swgpu *gpu = nova_swgpu_create(&cfg);
	struct swgpu_frame frame;

	swgpu_bar1_write(gpu, 0x1ffff8, 5, 8);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x1ffff8, 8), 5);
	swgpu_test_expect_quiet(gpu);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x200000, 8), ~0ull);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_PLAIN);
	CHECK_ERR(swgpu_bar1_page(gpu, 0x200000, false, &frame), -EFAULT);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_PLAIN);
	nova_swgpu_destroy(gpu);
}

static void bar1_sizes(void)
{
	static const struct { u64 size; bool ok; } want[] = {
		{ 0, true }, { 1ull << 20, true }, { 2ull << 20, true }, { 16ull << 20, true },
		{ 96ull << 20, true },		/* as much as VRAM */
		{ 1ull << 40, true }, { 1ull << 41, false }, { 1ull << 19, false },
		{ 3ull << 20, false },
	};
	struct nova_swgpu_config cfg = { .chip = "ga102", .vram_size = 96ull << 20 };
	struct nova_swgpu *gpu;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		cfg.bar1_size = want[i].size;
		gpu = nova_swgpu_create(&cfg);
		CHECK_EQ(!IS_ERR_OR_NULL(gpu), want[i].ok);
		if (!IS_ERR_OR_NULL(gpu))
			nova_swgpu_destroy(gpu);
	}
}

#define EACH(name) static void bar1_##name(void) { swgpu_test_each(bar1_chips, body_##name); }
#define TEST(name) { "bar1_" #name, bar1_##name }

EACH(physical)
EACH(virtual)
EACH(unbind)
EACH(bad_instance)
EACH(bind_lost_and_stuck)
EACH(page)
EACH(bad_bind_registers)
EACH(tables_in_sysmem)
EACH(instance_nowhere)
EACH(sysmem_nowhere)

const struct swgpu_test swgpu_bar1_tests[] = {
	TEST(physical),
	TEST(virtual),
	TEST(unbind),
	TEST(bad_instance),
	TEST(bind_lost_and_stuck),
	TEST(page),
	TEST(bad_bind_registers),
	TEST(tables_in_sysmem),
	TEST(instance_nowhere),
	TEST(sysmem_nowhere),
	{ "bar1_larger_than_vram", bar1_larger_than_vram },
	{ "bar1_sizes", bar1_sizes },
	{ 0 }
};
