// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: the register and offset examples of hardware.md's PRAMIN section.
 * Model: what is written through the window is what the software GPU has in VRAM.
 */
#include "nova_kunit.h"
#include "nova_mem.h"
#include "nova_pramin.h"

#include <kunit/test.h>

#include <linux/kthread.h>
#include <linux/sizes.h>

struct nova_pramin_chip {
	const char *chip;
	u32 reg;
	/* VRAM, all of which the register reaches */
	u64 vram_size;
	/* first address the register cannot express */
	u64 unreachable;
};

static const struct nova_pramin_chip nova_pramin_chips[] = {
	{ "tu102", 0x1700, 24ULL * SZ_1G, 1ULL << 40 },
	{ "ga102", 0x1700, 24ULL * SZ_1G, 1ULL << 40 },
	{ "gh100", 0x10fd40, 80ULL * SZ_1G, 1ULL << 38 },
	{ "gb100", 0x10fd40, 80ULL * SZ_1G, 1ULL << 39 },
};

static void nova_pramin_chip_desc(const struct nova_pramin_chip *c, char *desc)
{
	strscpy(desc, c->chip, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nova_pramin, nova_pramin_chips, nova_pramin_chip_desc);

static struct nova_kunit *nova_pramin_test_create(struct kunit *test)
{
	const struct nova_pramin_chip *c = test->param_value;
	const struct nova_kunit_config config = { .chip = c->chip, .vram_size = c->vram_size };

	return nova_kunit_create(test, &config);
}

static u32 nova_pramin_test_vram32(struct nova_kunit *nk, u64 addr)
{
	__le32 word = 0;

	KUNIT_EXPECT_EQ(nk->test, nova_swgpu_vram_read(nk->gpu, addr, &word, sizeof(word)), 0);
	return le32_to_cpu(word);
}

static void the_register_holds_64k_units(struct kunit *test)
{
	const struct nova_pramin_chip *c = test->param_value;
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;

	KUNIT_ASSERT_EQ(test, nova_pramin_write32(pramin, nova_vram(0x123456788), 0xcafe), 0);
	KUNIT_EXPECT_EQ(test, nova_rd32(&nk->nd, c->reg) & 0xffffff, 0x12345);
	KUNIT_EXPECT_EQ(test, nova_rd32(&nk->nd, 0x706788), 0xcafe);
	KUNIT_EXPECT_EQ(test, nova_pramin_test_vram32(nk, 0x123456788), 0xcafe);
	/* Last word of 24 GiB. */
	KUNIT_ASSERT_EQ(test, nova_pramin_write32(pramin, nova_vram(0x5fffffffc), 0xbabe), 0);
	KUNIT_EXPECT_EQ(test, nova_rd32(&nk->nd, c->reg) & 0xffffff, 0x5ffff);
	KUNIT_EXPECT_EQ(test, nova_rd32(&nk->nd, 0x70fffc), 0xbabe);
}

static void bytes_are_little_endian_and_odd_addresses_work(struct kunit *test)
{
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;
	u16 half;
	u32 word;
	u8 byte;

	KUNIT_ASSERT_EQ(test, nova_pramin_write32(pramin, nova_vram(SZ_2M), 0x44332211), 0);
	for (unsigned int i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, nova_pramin_read8(pramin, nova_vram(SZ_2M + i), &byte), 0);
		KUNIT_EXPECT_EQ(test, byte, 0x11 * (i + 1));
	}
	KUNIT_EXPECT_EQ(test, nova_pramin_write8(pramin, nova_vram(SZ_2M + 1), 0xab), 0);
	KUNIT_EXPECT_EQ(test, nova_pramin_write16(pramin, nova_vram(SZ_2M + 2), 0xcdef), 0);
	KUNIT_EXPECT_EQ(test, nova_pramin_read32(pramin, nova_vram(SZ_2M), &word), 0);
	KUNIT_EXPECT_EQ(test, word, 0xcdefab11);
	KUNIT_EXPECT_EQ(test, nova_pramin_read16(pramin, nova_vram(SZ_2M + 2), &half), 0);
	KUNIT_EXPECT_EQ(test, half, 0xcdef);
	KUNIT_EXPECT_EQ(test, nova_pramin_test_vram32(nk, SZ_2M), 0xcdefab11);
}

static void places_far_apart_can_alternate(struct kunit *test)
{
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;
	u64 moves, val;

	for (u64 i = 0; i < 16; i++) {
		nova_vram_t near = nova_vram(SZ_4M + i * 8), far = nova_vram(SZ_4M + SZ_2M + i * 8);

		KUNIT_ASSERT_EQ(test, nova_pramin_write64(pramin, near, i), 0);
		KUNIT_ASSERT_EQ(test, nova_pramin_write64(pramin, far, ~i), 0);
		KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, near, &val), 0);
		KUNIT_EXPECT_EQ(test, val, i);
		KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, far, &val), 0);
		KUNIT_EXPECT_EQ(test, val, ~i);
	}
	/* Staying inside one MiB moves nothing (W-1). */
	KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, nova_vram(SZ_4M), &val), 0);
	moves = pramin->moves;
	for (u64 i = 0; i < SZ_1M; i += SZ_64K)
		KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, nova_vram(SZ_4M + i), &val), 0);
	KUNIT_EXPECT_EQ(test, pramin->moves, moves);
}

static void accesses_across_the_window_end_work(struct kunit *test)
{
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;
	u64 *out = kunit_kmalloc(test, SZ_64K, GFP_KERNEL);
	u64 *in = kunit_kzalloc(test, SZ_64K, GFP_KERNEL);
	/* The window is put at 8 MiB, so it ends in the middle of the copy. */
	nova_vram_t at = nova_vram(SZ_8M + SZ_1M - SZ_32K + 8);
	u64 val;

	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_ASSERT_NOT_NULL(test, in);
	for (unsigned int i = 0; i < SZ_64K / 8; i++)
		out[i] = i * 0x9e3779b97f4a7c15ULL;
	KUNIT_ASSERT_EQ(test, nova_pramin_write64(pramin, nova_vram(SZ_8M), 0), 0);
	KUNIT_ASSERT_EQ(test, nova_pramin_write(pramin, at, out, SZ_64K), 0);
	KUNIT_ASSERT_EQ(test, nova_swgpu_vram_read(nk->gpu, at.addr, in, SZ_64K), 0);
	KUNIT_EXPECT_EQ(test, memcmp(in, out, SZ_64K), 0);
	memset(in, 0, SZ_64K);
	KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, nova_vram(SZ_8M), &val), 0);
	KUNIT_ASSERT_EQ(test, nova_pramin_read(pramin, at, in, SZ_64K), 0);
	KUNIT_EXPECT_EQ(test, memcmp(in, out, SZ_64K), 0);
	KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, nova_vram(SZ_8M), &val), 0);
	KUNIT_ASSERT_EQ(test, nova_pramin_fill(pramin, at, 0x1234, SZ_64K - 8), 0);
	KUNIT_ASSERT_EQ(test, nova_swgpu_vram_read(nk->gpu, at.addr, in, SZ_64K), 0);
	KUNIT_EXPECT_EQ(test, in[0], 0x1234);
	KUNIT_EXPECT_EQ(test, in[SZ_64K / 8 - 2], 0x1234);
	KUNIT_EXPECT_EQ(test, in[SZ_64K / 8 - 1], out[SZ_64K / 8 - 1]);
}

static void runs_count_up_and_pairs_have_a_zero(struct kunit *test)
{
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;
	struct nova_mem_run run = {
		.at = { .vram = nova_vram(SZ_16M - 0x100) },
		.first = 0x1000, .stride = 0x10, .nr = 64, .pair = true,
	};
	u64 val;

	KUNIT_ASSERT_EQ(test, nova_pramin_write_run(pramin, &run), 0);
	for (unsigned int i = 0; i < 64; i++) {
		u64 addr = SZ_16M - 0x100 + i * 16;

		KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, nova_vram(addr), &val), 0);
		KUNIT_EXPECT_EQ(test, val, 0x1000 + i * 0x10);
		KUNIT_ASSERT_EQ(test, nova_pramin_read64(pramin, nova_vram(addr + 8), &val), 0);
		KUNIT_EXPECT_EQ(test, val, 0);
	}
}

static void bad_addresses_are_refused(struct kunit *test)
{
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;
	u64 end = nk->nd.vram_size, buf[2] = {}, v64 = 77;
	u32 v32 = 77;
	u16 v16 = 77;
	u8 v8 = 77;

	KUNIT_EXPECT_EQ(test, nova_pramin_read16(pramin, nova_vram(1), &v16), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read32(pramin, nova_vram(2), &v32), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read64(pramin, nova_vram(4), &v64), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_write16(pramin, nova_vram(1), 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_write32(pramin, nova_vram(2), 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_write64(pramin, nova_vram(4), 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read8(pramin, nova_vram(end), &v8), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read64(pramin, nova_vram(end), &v64), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_write8(pramin, nova_vram(end), 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read64(pramin, nova_vram(~7ULL), &v64), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read(pramin, nova_vram(end - 8), buf, 16), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_write(pramin, nova_vram(end - 8), buf, 16), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read(pramin, nova_vram(0), buf, 12), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_read(pramin, nova_vram(4), buf, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_fill(pramin, nova_vram(0), 0, 12), -EINVAL);
	/* Nothing was returned and the last byte is still there. */
	KUNIT_EXPECT_TRUE(test, v8 == 77 && v16 == 77 && v32 == 77 && v64 == 77);
	KUNIT_EXPECT_EQ(test, nova_pramin_read8(pramin, nova_vram(end - 1), &v8), 0);
}

/* A chip whose VRAM were larger than its register says. */
static void addresses_beyond_the_register_are_refused(struct kunit *test)
{
	const struct nova_pramin_chip *c = test->param_value;
	struct nova_kunit *nk = nova_pramin_test_create(test);
	u64 val;

	nk->mm.pramin.end = 1ULL << 41;
	KUNIT_EXPECT_EQ(test, nova_pramin_read64(&nk->mm.pramin, nova_vram(c->unreachable), &val),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, nova_pramin_write64(&nk->mm.pramin, nova_vram(c->unreachable), 0),
			-EINVAL);
}

static void reset_writes_the_register_again(struct kunit *test)
{
	const struct nova_pramin_chip *c = test->param_value;
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;
	u32 val;

	KUNIT_ASSERT_EQ(test, nova_pramin_write32(pramin, nova_vram(SZ_1G), 0x1111), 0);
	/* What resume finds: the register lost. */
	nova_wr32(&nk->nd, c->reg, 0);
	nova_pramin_reset(pramin);
	KUNIT_ASSERT_EQ(test, nova_pramin_read32(pramin, nova_vram(SZ_1G), &val), 0);
	KUNIT_EXPECT_EQ(test, val, 0x1111);
}

static void after_unplug_everything_is_refused(struct kunit *test)
{
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin *pramin = &nk->mm.pramin;
	u64 val = 77;

	nova_device_unplug(&nk->nd);
	KUNIT_EXPECT_EQ(test, nova_pramin_read64(pramin, nova_vram(0), &val), -ENODEV);
	KUNIT_EXPECT_EQ(test, nova_pramin_write64(pramin, nova_vram(0), 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, nova_pramin_read(pramin, nova_vram(0), &val, 8), -ENODEV);
	KUNIT_EXPECT_EQ(test, nova_pramin_barrier(pramin), -ENODEV);
	KUNIT_EXPECT_EQ(test, val, 77);
}

struct nova_pramin_writer {
	struct nova_pramin *pramin;
	u64 base;
	struct completion done;
};

static int nova_pramin_write_many(void *arg)
{
	struct nova_pramin_writer *w = arg;

	for (u64 i = 0; i < 2000; i++) {
		nova_pramin_write64(w->pramin, nova_vram(w->base + i % 512 * 8), w->base + i);
		if (i % 64 == 0)
			cond_resched();
	}
	complete(&w->done);
	return 0;
}

static void two_writers_do_not_disturb_each_other(struct kunit *test)
{
	struct nova_kunit *nk = nova_pramin_test_create(test);
	struct nova_pramin_writer w[2];
	u64 val;

	for (unsigned int i = 0; i < 2; i++) {
		w[i] = (struct nova_pramin_writer){ .pramin = &nk->mm.pramin,
						    .base = SZ_32M * (i + 1) };
		init_completion(&w[i].done);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(nova_pramin_write_many, &w[i],
							       "nova-writer"));
	}
	for (unsigned int i = 0; i < 2; i++)
		wait_for_completion(&w[i].done);
	/* The last 512 of 2000 writes are what is there. */
	for (unsigned int i = 0; i < 2; i++)
		for (u64 k = 1488; k < 2000; k++) {
			nova_vram_t at = nova_vram(w[i].base + k % 512 * 8);

			KUNIT_ASSERT_EQ(test, nova_pramin_read64(&nk->mm.pramin, at, &val), 0);
			KUNIT_ASSERT_EQ(test, val, w[i].base + k);
		}
}

static struct kunit_case nova_pramin_cases[] = {
	KUNIT_CASE_PARAM(the_register_holds_64k_units, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(bytes_are_little_endian_and_odd_addresses_work, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(places_far_apart_can_alternate, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(accesses_across_the_window_end_work, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(runs_count_up_and_pairs_have_a_zero, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(bad_addresses_are_refused, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(addresses_beyond_the_register_are_refused, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(reset_writes_the_register_again, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(after_unplug_everything_is_refused, nova_pramin_gen_params),
	KUNIT_CASE_PARAM(two_writers_do_not_disturb_each_other, nova_pramin_gen_params),
	{}
};

static struct kunit_suite nova_pramin_suite = {
	.name = "nova-pramin",
	.test_cases = nova_pramin_cases,
};

kunit_test_suite(nova_pramin_suite);
