// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: each way to VRAM against plain loops over an array. The CPU's own memory
 * that stands for VRAM in benchmarks is one of them, so what is timed there does what
 * the driver does. Invariant: words around a run keep what they had.
 */
#include "nova_mem.h"

#include "nova_kunit.h"

#include <kunit/test.h>

#include <linux/math.h>
#include <linux/sizes.h>
#include <linux/string.h>

#define MEM_BASE	(SZ_16M + SZ_64K)
#define MEM_WORDS	2048
#define MEM_BYTES	(MEM_WORDS * sizeof(u64))

/* Page tables: one more than a chunk has. */
#define MEM_TABLES	513

struct mem_fixture {
	struct kunit *test;
	struct nova_kunit *nk;
	struct nova_mem own;	/* memory of the CPU's */
	struct nova_mem *mem;
	u64 *want;
	u64 *got;
};

struct mem_way {
	const char *name;
	bool own;
};

static const struct mem_way mem_ways[] = {
	{ "vram", false },
	{ "memory_of_the_cpu", true },
};

KUNIT_ARRAY_PARAM_DESC(mem_way, mem_ways, name);

static struct mem_fixture *mem_create(struct kunit *test)
{
	const struct mem_way *way = test->param_value;
	const struct nova_kunit_config config = { .chip = "gh100" };
	struct mem_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	void *cpu = kunit_kzalloc(test, MEM_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	f->test = test;
	f->want = kunit_kzalloc(test, MEM_BYTES, GFP_KERNEL);
	f->got = kunit_kzalloc(test, MEM_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->want);
	KUNIT_ASSERT_NOT_NULL(test, f->got);
	f->nk = nova_kunit_create(test, &config);
	nova_mem_init_cpu(&f->own, cpu, MEM_BASE, MEM_BYTES);
	f->mem = way->own ? &f->own : &f->nk->mm.mem;
	for (u32 i = 0; i < MEM_WORDS; i++)
		f->want[i] = 0xa5a5000000000000 | i;
	KUNIT_ASSERT_EQ(test, nova_mem_write(f->mem, nova_vram(MEM_BASE), f->want, MEM_BYTES), 0);
	return f;
}

static void mem_expect(struct mem_fixture *f)
{
	KUNIT_EXPECT_EQ(f->test, nova_mem_flush(f->mem), 0);
	KUNIT_EXPECT_EQ(f->test, nova_mem_read(f->mem, nova_vram(MEM_BASE), f->got, MEM_BYTES), 0);
	KUNIT_EXPECT_MEMEQ(f->test, f->got, f->want, MEM_BYTES);
}

static struct nova_mem_at mem_at(u32 word)
{
	return (struct nova_mem_at) {
		.vram = nova_vram(MEM_BASE + word * sizeof(u64)), .window = NOVA_MEM_NO_WINDOW,
	};
}

static void mem_run(struct mem_fixture *f, u32 word, unsigned int nr, bool pair)
{
	const struct nova_mem_run run = {
		.at = mem_at(word), .first = 0x1230000000000001 + nr, .stride = 0x1001,
		.nr = nr, .pair = pair,
	};

	nova_mem_write_run(f->mem, &run);
	for (u32 i = 0; i < nr; i++) {
		f->want[word + (pair ? 2 * i : i)] = run.first + i * run.stride;
		if (pair)
			f->want[word + 2 * i + 1] = 0;
	}
}

/* Every length up to where the unrolled loops have gone round twice, and one that is long. */
static void runs_are_written_and_nothing_else(struct kunit *test)
{
	struct mem_fixture *f = mem_create(test);
	u32 word = 1;

	for (unsigned int nr = 1; nr <= 17; nr++) {
		mem_run(f, word, nr, false);
		/* Pairs have places of 16 bytes. */
		word = round_up(word + nr + 1, 2);
		mem_run(f, word, nr, true);
		word += 2 * nr + 1;
	}
	mem_expect(f);
	mem_run(f, word, 512, false);
	mem_run(f, round_up(word + 513, 2), 512, true);
	mem_expect(f);
}

static void single_words_are_written_and_read(struct kunit *test)
{
	struct mem_fixture *f = mem_create(test);
	const struct nova_mem_at first = mem_at(7), second = mem_at(8);

	nova_mem_write64(f->mem, first, 0x1122334455667788);
	f->want[7] = 0x1122334455667788;
	nova_mem_order(f->mem);
	KUNIT_EXPECT_EQ(test, nova_mem_read64(f->mem, &first), 0x1122334455667788);
	KUNIT_EXPECT_EQ(test, nova_mem_read64(f->mem, &second), f->want[8]);
	mem_expect(f);
}

static void what_is_cleared_is_zero(struct kunit *test)
{
	struct mem_fixture *f = mem_create(test);

	KUNIT_EXPECT_EQ(test, nova_mem_zero(f->mem, nova_vram(MEM_BASE + 24), 4096 + 8), 0);
	memset(&f->want[3], 0, 4096 + 8);
	mem_expect(f);
}

static void what_is_outside_is_refused(struct kunit *test)
{
	struct mem_fixture *f = mem_create(test);
	const struct mem_way *way = test->param_value;
	u64 end = way->own ? MEM_BASE + MEM_BYTES : f->nk->nd.vram_size;
	u64 word = 1;

	KUNIT_EXPECT_EQ(test, nova_mem_read(f->mem, nova_vram(end - 8), &word, 8), 0);
	KUNIT_EXPECT_EQ(test, nova_mem_read(f->mem, nova_vram(end), &word, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_mem_write(f->mem, nova_vram(end), &word, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_mem_zero(f->mem, nova_vram(end - 8), 16), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_mem_read(f->mem, nova_vram(-8ull), &word, 8), -EINVAL);
	if (way->own)
		KUNIT_EXPECT_EQ(test, nova_mem_read(f->mem, nova_vram(MEM_BASE - 8), &word, 8),
				-EINVAL);
	mem_expect(f);
}

/* A window each for two chunks of tables; the second one goes, having been written last. */
static void a_window_that_went_is_not_read_back(struct kunit *test)
{
	const struct nova_kunit_config config = { .bar1_size = SZ_64M };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_pool *pool = &nk->mm.pool;
	struct nova_pool_mem *mem = kunit_kcalloc(test, MEM_TABLES, sizeof(*mem), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	for (unsigned int i = 0; i < MEM_TABLES; i++)
		KUNIT_ASSERT_EQ(test, nova_pool_alloc(pool, 12, &mem[i]), 0);
	KUNIT_ASSERT_EQ(test, pool->windowed, 2 * SZ_2M);
	nova_mem_write64(&nk->mm.mem, mem[MEM_TABLES - 1].at, 1);
	KUNIT_EXPECT_EQ(test, nova_mem_flush(&nk->mm.mem), 0);
	/* An empty chunk goes if it is not the only one with room. */
	nova_pool_free(pool, 12, &mem[0]);
	nova_pool_free(pool, 12, &mem[MEM_TABLES - 1]);
	KUNIT_EXPECT_EQ(test, pool->windowed, SZ_2M);
	/* Reading where nothing is mapped would be a fault, which fails the test. */
	KUNIT_EXPECT_EQ(test, nova_mem_flush(&nk->mm.mem), 0);
	KUNIT_EXPECT_EQ(test, nk->mm.mem.last_window, mem[1].at.window - SZ_4K);
	for (unsigned int i = 1; i < MEM_TABLES - 1; i++)
		nova_pool_free(pool, 12, &mem[i]);
}

static struct kunit_case mem_cases[] = {
	KUNIT_CASE_PARAM(runs_are_written_and_nothing_else, mem_way_gen_params),
	KUNIT_CASE_PARAM(single_words_are_written_and_read, mem_way_gen_params),
	KUNIT_CASE_PARAM(what_is_cleared_is_zero, mem_way_gen_params),
	KUNIT_CASE_PARAM(what_is_outside_is_refused, mem_way_gen_params),
	KUNIT_CASE(a_window_that_went_is_not_read_back),
	{}
};

static struct kunit_suite mem_suite = {
	.name = "nova-mem",
	.test_cases = mem_cases,
};

kunit_test_suite(mem_suite);
