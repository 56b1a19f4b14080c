// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu BAR tests
 *
 * Registers, PRAMIN and VRAM as a CPU sees them: the literal values of
 * hardware.md 3 to 7, each rule about them broken on purpose, and the injected
 * faults that belong to them. What needs an allocation to fail or a second context
 * runs in user space only.
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

/* hardware.md 6.1 and 7.1; 16 GiB is MAG 32, SCALE 9. */
static void identification(void)
{
	static const struct { const char *chip; u32 boot0, boot42, range, mib; } want[] = {
		{ "tu102", 0x162000a1, 0x162a1000, 0x209, 0 },
		{ "ga100", 0x170000a1, 0x170a1000, 0x209, 0 },
		{ "ga102", 0x172000a1, 0x172a1000, 0, 0x4000 },
		{ "ad102", 0x192000a1, 0x192a1000, 0, 0x4000 },
		{ "gh100", 0x180000a1, 0x180a1000, 0, 0x4000 },
		{ "gb100", 0x1a0000a1, 0x1a0a1000, 0, 0x4000 },
		{ "gb202", 0x1b2000a1, 0x1b2a1000, 0, 0x4000 },
	};
	struct nova_swgpu_counters c;
	struct nova_swgpu *gpu;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		gpu = swgpu_test_gpu(want[i].chip);
		CHECK_EQ(rd(gpu, 0x0), want[i].boot0);
		CHECK_EQ(rd(gpu, 0xa00), want[i].boot42);
		CHECK_EQ(rd(gpu, 0x100ce0), want[i].range);
		CHECK_EQ(rd(gpu, 0x1183a4), want[i].mib);
		nova_swgpu_counters_get(gpu, &c);
		CHECK_EQ(c.unknown_reads, 1);		/* the size register it lacks */
		nova_swgpu_destroy(gpu);
	}
	CHECK(!swgpu_chip_at(i));
}

/* Where firmware runs, the core that runs it says so, in one register or the other. */
static void gsp_core_is_active_with_firmware(void)
{
	static const struct { const char *chip; u32 off, active, other; } want[] = {
		{ "tu102", 0x111240, 0x01, 0x111388 }, { "ga100", 0x111240, 0x01, 0x111388 },
		{ "ga102", 0x111388, 0x80, 0x111240 }, { "gh100", 0x111388, 0x80, 0x111240 },
		{ "gb202", 0x111388, 0x80, 0x111240 },
	};
	struct nova_swgpu_config cfg = { 0 };
	struct nova_swgpu *gpu;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		cfg.chip = want[i].chip;
		cfg.gsp = true;
		gpu = nova_swgpu_create(&cfg);
		CHECK_EQ(rd(gpu, want[i].off), want[i].active);
		CHECK_EQ(rd(gpu, want[i].other), 0);
		nova_swgpu_destroy(gpu);
		gpu = swgpu_test_gpu(want[i].chip);
		CHECK_EQ(rd(gpu, want[i].off), 0);
		nova_swgpu_destroy(gpu);
	}
}

static void boot_status_before_hopper(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("ad102");

	CHECK_EQ(rd(gpu, 0x118128) & 1, 1);
	CHECK_EQ(rd(gpu, 0x118234) & 0xff, 0xff);
	nova_swgpu_destroy(gpu);
}

/* hardware.md 7.1: 11 GiB and 24 GiB as real boards say them. */
static void vram_sizes(void)
{
	struct nova_swgpu_config cfg = { .chip = "tu102" };
	struct nova_swgpu *gpu;

	CHECK_EQ(swgpu_chip_memory_range(11ull << 30), 0x2c8);
	CHECK_EQ(swgpu_chip_memory_range(24ull << 30), 0x309);
	CHECK_EQ(swgpu_chip_memory_range(2ull << 20), 0x20);
	cfg.vram_size = 65ull << 20;			/* MAG has six bits */
	CHECK(IS_ERR_OR_NULL(nova_swgpu_create(&cfg)));
	cfg.chip = "ga102";
	gpu = nova_swgpu_create(&cfg);
	CHECK(rd(gpu, 0x1183a4) == 65);
	nova_swgpu_destroy(gpu);
	cfg.vram_size = 256ull << 30;			/* beyond 37 bits */
	CHECK(IS_ERR_OR_NULL(nova_swgpu_create(&cfg)));
	cfg.vram_size = 4096;
	CHECK(IS_ERR_OR_NULL(nova_swgpu_create(&cfg)));
	cfg = (struct nova_swgpu_config){ .chip = "gh100", .vram_size = 80ull << 30 };
	gpu = nova_swgpu_create(&cfg);
	CHECK(rd(gpu, 0x1183a4) == 0x14000);
	nova_swgpu_destroy(gpu);
	cfg.chip = "gh10";
	CHECK(IS_ERR_OR_NULL(nova_swgpu_create(&cfg)));
	cfg = (struct nova_swgpu_config){ .chip = "gh100", .bar1_size = 3ull << 20 };
	CHECK(IS_ERR_OR_NULL(nova_swgpu_create(&cfg)));
}

static void unknown_registers_read_zero_and_are_listed(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("gh100");
	struct nova_swgpu_counters c;
	u32 i;

	CHECK_EQ(rd(gpu, 0x1700), 0);			/* Turing's window */
	wr(gpu, 0x1700, 5);
	CHECK_EQ(rd(gpu, 0x1700), 0);
	for (i = 0; i < 100; i++)
		rd(gpu, 0x900000 + i * 4);
	nova_swgpu_counters_get(gpu, &c);
	CHECK_EQ(c.unknown_reads, 102);
	CHECK_EQ(c.unknown_writes, 1);
	CHECK_EQ(gpu->log.unknown[0].off, 0x1700);
	CHECK_EQ(gpu->log.unknown[0].reads, 2);
	CHECK_EQ(gpu->log.unknown[0].writes, 1);
	CHECK_EQ(gpu->log.nr_unknown, SWGPU_LOG_UNKNOWN);
	swgpu_test_expect_quiet(gpu);
	nova_swgpu_destroy(gpu);
}

static void bad_register_accesses_are_recorded(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");

	CHECK_EQ(rd(gpu, 0x2), 0xffffffff);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	CHECK_EQ(rd(gpu, 0x1000000), 0xffffffff);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	CHECK_EQ(swgpu_bar0_read(gpu, 4, 8), ~0ull);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	wr(gpu, 0x0, 1);				/* PMC_BOOT_0 is read-only */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	wr(gpu, 0x1700, 0x04000000);			/* window: bit 26 */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	wr(gpu, 0x70000, 2);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	CHECK_EQ(swgpu_bar1_read(gpu, 256ull << 20, 4), 0xffffffff);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	CHECK_EQ(swgpu_bar1_read(gpu, 4, 8), ~0ull);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	nova_swgpu_destroy(gpu);
}

/* hardware.md 3, the example: VRAM 0x123456789 is BASE 0x12345, offset 0x6789. */
static void pramin_window(void)
{
	static const struct { const char *chip; u32 reg; } chips[] = {
		{ "tu102", 0x1700 }, { "ga100", 0x1700 }, { "gh100", 0x10fd40 },
		{ "gb100", 0x10fd40 }, { "gb202", 0x10fd40 },
	};
	struct nova_swgpu *gpu;
	u64 val;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(chips); i++) {
		gpu = swgpu_test_gpu(chips[i].chip);
		CHECK_EQ(rd(gpu, chips[i].reg), 0);
		wr(gpu, chips[i].reg, 0x12345);
		CHECK_EQ(rd(gpu, chips[i].reg), 0x12345);
		wr(gpu, 0x706788, 0xcafe0001);
		CHECK_EQ(nova_swgpu_vram_read(gpu, 0x123456788, &val, 4), 0);
		CHECK_EQ((u32)val, 0xcafe0001);
		swgpu_bar0_write(gpu, 0x7ffff8, 0x1122334455667788, 8);
		CHECK_EQ(nova_swgpu_vram_read(gpu, 0x12354fff8, &val, 8), 0);
		CHECK_EQ(val, 0x1122334455667788);
		CHECK_EQ(swgpu_bar0_read(gpu, 0x7ffff8, 8), 0x1122334455667788);
		swgpu_test_expect_quiet(gpu);
		wr(gpu, chips[i].reg, 0x3ffff);		/* last 64 KiB of 16 GiB */
		rd(gpu, 0x70fffc);
		swgpu_test_expect_quiet(gpu);
		CHECK_EQ(rd(gpu, 0x710000), 0xbad0fb00);
		swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_WINDOW_RANGE);
		wr(gpu, 0x710000, 1);
		swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_WINDOW_RANGE);
		nova_swgpu_destroy(gpu);
	}
}

/* TARGET 2 and 3 show system memory, through the same 1 MiB. */
static void pramin_window_on_sysmem(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("ga102");
	u64 dma;
	u8 *mem;
	u32 off;

	mem = swgpu_test_sysmem_get(0x1000, &dma);
	if (!mem)
		swgpu_check_give_up();
	off = 0x700000 + (dma & 0xffff);
	wr(gpu, 0x1700, (u32)(dma >> 16) | 2 << 24);
	wr(gpu, off + 8, 0xfeed);
	CHECK_EQ(swgpu_port_ld32(mem + 8), 0xfeed);
	wr(gpu, 0x1700, (u32)(dma >> 16) | 3 << 24);
	CHECK_EQ(rd(gpu, off + 8), 0xfeed);
	swgpu_test_expect_quiet(gpu);
	wr(gpu, 0x1700, 0x02ffffff);		/* nothing there */
	CHECK_EQ(rd(gpu, 0x7ffffc), 0xbad0fb00);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_WINDOW_RANGE);
	wr(gpu, 0x7ffffc, 1);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_WINDOW_RANGE);
	wr(gpu, 0x1700, 0x01000000);		/* TARGET 1 does not exist */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	swgpu_test_sysmem_put(mem, 0x1000);
	nova_swgpu_destroy(gpu);
}

/* 0x800000, where channels begin, is not PRAMIN any more, and 0x6ffffc not yet. */
static void pramin_ends_at_one_mib(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("gb202");
	struct nova_swgpu_counters c;

	rd(gpu, 0x6ffffc);
	rd(gpu, 0x800000);
	rd(gpu, 0x700000);
	rd(gpu, 0x7ffffc);
	nova_swgpu_counters_get(gpu, &c);
	CHECK_EQ(c.pramin_reads, 2);
	CHECK_EQ(c.unknown_reads, 1);
	nova_swgpu_destroy(gpu);
}

static void pramin_window_moved_during_access(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");

	wr(gpu, 0x1700, 0x20);
	swgpu_pramin_begin(gpu);	/* somebody is inside an access … */
	wr(gpu, 0x1700, 0x30);		/* … and the window moves */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_WINDOW_MOVED);
	swgpu_pramin_end(gpu);
	wr(gpu, 0x1700, 0x20);
	swgpu_test_expect_quiet(gpu);
	nova_swgpu_destroy(gpu);
}

#ifndef __KERNEL__
static void pramin_window_moved_before_use(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("gh100");

	swgpu_user_context = 1;
	wr(gpu, 0x10fd40, 0x20);
	rd(gpu, 0x700000);
	swgpu_user_context = 2;
	wr(gpu, 0x10fd40, 0x30);	/* 1 is through with it */
	swgpu_test_expect_quiet(gpu);
	swgpu_user_context = 1;
	wr(gpu, 0x10fd40, 0x20);	/* 2 has not even begun */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_WINDOW_MOVED);
	swgpu_user_context = 0;
	nova_swgpu_destroy(gpu);
}
#endif

static void gone_reads_ones_and_forgets_writes(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");
	u64 val = 0;

	swgpu_test_put(gpu, 0x5000, 0x77);
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_GONE, 1);
	CHECK_EQ(rd(gpu, 0), 0xffffffff);
	CHECK_EQ(swgpu_bar0_read(gpu, 0x700000, 8), ~0ull);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5000, 8), ~0ull);
	swgpu_bar1_write(gpu, 0x5000, 1, 8);
	wr(gpu, 0x1700, 1);
	CHECK_ERR(nova_swgpu_mem_read(gpu, 0x200000, false, 0, &val, 8), -ENODEV);
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_GONE, 0);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5000, 8), 0x77);
	CHECK_EQ(rd(gpu, 0x1700), 0);
	swgpu_test_expect_quiet(gpu);
	nova_swgpu_destroy(gpu);
}

static void flushes(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("ga102");
	u32 token;

	wr(gpu, 0x70000, 1);
	CHECK_EQ(rd(gpu, 0x70000), 3);
	CHECK_EQ(rd(gpu, 0x70000), 0);
	nova_swgpu_destroy(gpu);

	gpu = swgpu_test_gpu("gb202");
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_FLUSH_POLLS, 2);
	token = rd(gpu, 0x10f800);
	CHECK(rd(gpu, 0x10f804) >> 31);
	CHECK(rd(gpu, 0x10f804) >> 31);
	CHECK_EQ(rd(gpu, 0x10f804), token);
	CHECK_EQ(rd(gpu, 0x10f800), token + 1);
	swgpu_test_expect_quiet(gpu);
	nova_swgpu_destroy(gpu);
}

static void too_many_flush_tokens(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("gh100");
	int i;

	for (i = 0; i < 140; i++)
		rd(gpu, 0x10f800);
	swgpu_test_expect_quiet(gpu);
	rd(gpu, 0x10f800);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	nova_swgpu_destroy(gpu);
}

/* hardware.md 4.5: the low word is the time in ns, the high one the same above 32 bits. */
static void clock_goes_forward(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");
	u64 before = swgpu_port_ns();
	u32 high = rd(gpu, 0xbb0084);
	u32 low = rd(gpu, 0xbb0080);
	u64 after = swgpu_port_ns();

	CHECK(high >= before >> 32 && high <= after >> 32);
	CHECK(low - (u32)before <= (u32)after - (u32)before);
	swgpu_test_expect_quiet(gpu);
	nova_swgpu_destroy(gpu);
}

static void doorbell_without_gsp(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("gh100");

	wr(gpu, 0x110c00, 0);			/* no GSP to hear it */
	wr(gpu, 0x110004, ~0u);
	CHECK_EQ(rd(gpu, 0x110008), 0);
	swgpu_test_expect_quiet(gpu);
	wr(gpu, 0x110c00, 1);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BAD_REG);
	nova_swgpu_destroy(gpu);
}

/* Fresh memory is odd words that differ, whether seen by word, by byte or once populated. */
static void fresh_vram_is_poison(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");
	u8 bytes[64], again[64];
	u32 val, last = 0;
	u64 addr;
	int i;

	for (addr = 0x1000; addr < 0x2000; addr += 4) {
		CHECK_EQ(nova_swgpu_vram_read(gpu, addr, &val, 4), 0);
		CHECK(val & 1);
		CHECK(val != last);
		last = val;
		CHECK_EQ(swgpu_bar1_read(gpu, addr, 4), val);
	}
	CHECK_EQ(gpu->vram.nr_pages, 0);
	CHECK_EQ(nova_swgpu_vram_read(gpu, 0x1003, bytes, 64), 0);
	CHECK_EQ(nova_swgpu_vram_write(gpu, 0x1ff8, &addr, 8), 0);
	CHECK_EQ(gpu->vram.nr_pages, 1);
	CHECK_EQ(nova_swgpu_vram_read(gpu, 0x1003, again, 64), 0);
	for (i = 0; i < 64; i++)
		CHECK_EQ(bytes[i], again[i]);
	CHECK_ERR(nova_swgpu_vram_read(gpu, gpu->vram.size - 4, bytes, 8), -EINVAL);
	nova_swgpu_destroy(gpu);
}

static void poison_checks_its_range(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");
	u64 size = gpu->vram.size;
	u64 word = 0, fresh = 0;

	CHECK_EQ(nova_swgpu_vram_read(gpu, 0x5008, &fresh, 8), 0);
	swgpu_test_put(gpu, 0x5000, 1);
	swgpu_test_put(gpu, 0x5008, 2);
	swgpu_test_put(gpu, 0x5010, 3);
	CHECK_EQ(nova_swgpu_vram_poison(gpu, 0x5008, 8), 0);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5000, 8), 1);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5008, 8), fresh);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5010, 8), 3);
	CHECK_EQ(nova_swgpu_vram_poison(gpu, size - 8, 8), 0);
	CHECK_ERR(nova_swgpu_vram_poison(gpu, size - 8, 16), -EINVAL);
	CHECK_ERR(nova_swgpu_vram_poison(gpu, 8, size), -EINVAL);
	CHECK_ERR(nova_swgpu_vram_poison(gpu, 4, 8), -EINVAL);
	CHECK_ERR(nova_swgpu_vram_poison(gpu, 8, 4), -EINVAL);
	CHECK_ERR(nova_swgpu_vram_write(gpu, size, &word, 8), -EINVAL);
	nova_swgpu_destroy(gpu);
}

static void bit_flip(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");

	swgpu_test_put(gpu, 0x5000, 0);
	CHECK_EQ(nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_BIT_FLIP, 0x5001 * 8 + 3), 0);
	CHECK_EQ(swgpu_bar1_read(gpu, 0x5000, 8), 0x800);
	CHECK_ERR(nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_BIT_FLIP, ~0ull), -EINVAL);
	CHECK_ERR(nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_BIT_FLIP, gpu->vram.size * 8),
		  -EINVAL);
	CHECK_ERR(nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_GSP, 0), -EINVAL);	/* none here */
	CHECK_ERR(nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_COUNT, 0), -EINVAL);
	nova_swgpu_destroy(gpu);
}

#ifndef __KERNEL__
static void out_of_memory_is_recorded(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");
	struct swgpu_frame frame;
	u64 val = 0;
	long i;

	for (i = 0; i < 2; i++) {	/* the chunk's page list, then the page */
		swgpu_user_fail_after = i;
		swgpu_bar1_write(gpu, 0x600000, 5, 4);
		swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_NO_MEMORY);
		swgpu_user_fail_after = i ? 0 : 1;
		CHECK_ERR(swgpu_bar1_page(gpu, 0x800000, true, &frame), -ENOMEM);
		swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_NO_MEMORY);
	}
	CHECK_ERR(nova_swgpu_vram_write(gpu, 0x600000, &val, 8), -ENOMEM);
	swgpu_user_fail_after = -1;
	nova_swgpu_inject(gpu, NOVA_SWGPU_INJECT_NO_MEMORY, 1);
	nova_swgpu_fault_clear(gpu);
	swgpu_bar1_write(gpu, 0x600000, 5, 4);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_NO_MEMORY);
	nova_swgpu_destroy(gpu);
}
#endif

/* The ring keeps the newest; the counter and the sequence number keep counting. */
static void fault_log_wraps(void)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");
	struct nova_swgpu_counters c;
	struct nova_swgpu_fault f;
	unsigned int i;

	for (i = 0; i < 300; i++)
		rd(gpu, 0x1000000 + i * 4);
	CHECK_EQ(nova_swgpu_fault_count(gpu), 256);
	CHECK(nova_swgpu_fault_get(gpu, 0, &f));
	CHECK_EQ(f.seq, 45);
	CHECK(nova_swgpu_fault_get(gpu, 255, &f));
	CHECK_EQ(f.va, 0x1000000 + 299 * 4);
	CHECK(!nova_swgpu_fault_get(gpu, 256, &f));
	nova_swgpu_fault_clear(gpu);
	CHECK_EQ(nova_swgpu_fault_count(gpu), 0);
	nova_swgpu_counters_get(gpu, &c);
	CHECK_EQ(c.faults, 300);
	CHECK_EQ(c.broken_rules, 300);
	CHECK(nova_swgpu_broken_get(gpu, 15, &f));
	CHECK_EQ(f.va, 0x1000000 + 15 * 4);
	CHECK(!nova_swgpu_broken_get(gpu, 16, &f));
	nova_swgpu_counters_reset(gpu);
	CHECK(!nova_swgpu_broken_get(gpu, 0, &f));
	nova_swgpu_counters_get(gpu, &c);
	CHECK_EQ(c.faults, 0);
	nova_swgpu_destroy(gpu);
}

#define TEST(name) { #name, name }

const struct swgpu_test swgpu_bar_tests[] = {
	TEST(identification),
	TEST(gsp_core_is_active_with_firmware),
	TEST(boot_status_before_hopper),
	TEST(vram_sizes),
	TEST(unknown_registers_read_zero_and_are_listed),
	TEST(bad_register_accesses_are_recorded),
	TEST(pramin_window),
	TEST(pramin_window_on_sysmem),
	TEST(pramin_ends_at_one_mib),
	TEST(pramin_window_moved_during_access),
#ifndef __KERNEL__
	TEST(pramin_window_moved_before_use),
#endif
	TEST(gone_reads_ones_and_forgets_writes),
	TEST(flushes),
	TEST(too_many_flush_tokens),
	TEST(doorbell_without_gsp),
	TEST(clock_goes_forward),
	TEST(fresh_vram_is_poison),
	TEST(poison_checks_its_range),
	TEST(bit_flip),
#ifndef __KERNEL__
	TEST(out_of_memory_is_recorded),
#endif
	TEST(fault_log_wraps),
	{ 0 }
};
