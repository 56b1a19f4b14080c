// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: a walk from any offset gives, page by page, what indexing the object
 * gives; runs are maximal. The seed is fixed.
 */
#include "nova_cursor.h"

#include <kunit/test.h>

#include <linux/prandom.h>
#include <linux/sizes.h>

static const struct nova_extent nova_cursor_extents[] = {
	{ .off = 0, .addr = 0x100000, .len = 0x4000 },
	{ .off = 0x4000, .addr = 0x104000, .len = 0x1000 },	/* touches the one before */
	{ .off = 0x5000, .addr = 0x0, .len = 0x2000 },		/* address 0 is an address */
	{ .off = 0x7000, .addr = 0x900000, .len = 0x100000 },
};

static const struct nova_backing nova_cursor_backing = {
	.size = 0x107000,
	.extents = nova_cursor_extents,
	.nr_extents = ARRAY_SIZE(nova_cursor_extents),
};

static u64 nova_cursor_addr_at(u64 off)
{
	const struct nova_extent *e = nova_cursor_extents;

	while (off - e->off >= e->len)
		e++;
	return e->addr + off - e->off;
}

static void touching_extents_are_one_run(struct kunit *test)
{
	struct nova_cursor cur;

	nova_cursor_init(&cur, &nova_cursor_backing, 0x1000, 0x5000);
	KUNIT_EXPECT_EQ(test, cur.addr, 0x101000);
	KUNIT_EXPECT_EQ(test, cur.len, 0x4000);
	nova_cursor_next(&cur, cur.len);
	KUNIT_EXPECT_EQ(test, cur.addr, 0x0);
	KUNIT_EXPECT_EQ(test, cur.len, 0x1000);
	nova_cursor_next(&cur, cur.len);
	KUNIT_EXPECT_EQ(test, cur.len, 0);
}

static void part_of_a_run_can_be_taken(struct kunit *test)
{
	struct nova_cursor cur;

	nova_cursor_init(&cur, &nova_cursor_backing, 0, nova_cursor_backing.size);
	nova_cursor_next(&cur, 0x2000);
	KUNIT_EXPECT_EQ(test, cur.addr, 0x102000);
	KUNIT_EXPECT_EQ(test, cur.len, 0x3000);
	nova_cursor_next(&cur, 0x3000);
	KUNIT_EXPECT_EQ(test, cur.addr, 0x0);
}

static void any_range_walks_every_page(struct kunit *test)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 7);
	for (unsigned int n = 0; n < 2000; n++) {
		u64 pages = nova_cursor_backing.size / SZ_4K;
		u64 off = prandom_u32_state(&rnd) % pages * SZ_4K;
		u64 len = (1 + prandom_u32_state(&rnd) % (pages - off / SZ_4K)) * SZ_4K;
		struct nova_cursor cur;
		u64 at = off;

		nova_cursor_init(&cur, &nova_cursor_backing, off, len);
		while (cur.len) {
			u64 step = (1 + prandom_u32_state(&rnd) % (cur.len / SZ_4K)) * SZ_4K;

			KUNIT_ASSERT_EQ(test, cur.addr, nova_cursor_addr_at(at));
			KUNIT_ASSERT_EQ(test, cur.addr + cur.len - SZ_4K,
					nova_cursor_addr_at(at + cur.len - SZ_4K));
			at += step;
			nova_cursor_next(&cur, step);
		}
		KUNIT_ASSERT_EQ(test, at, off + len);
	}
}

static void pages_are_gathered_into_runs(struct kunit *test)
{
	static const dma_addr_t pages[] = { 0x5000, 0x6000, 0x7000, 0x2000, 0x9000, 0xa000 };
	const struct nova_backing backing = {
		.aperture = NOVA_APERTURE_SYS_COH,
		.size = ARRAY_SIZE(pages) * SZ_4K,
		.pages = pages,
	};
	static const u64 runs[][2] = { { 0x6000, 0x2000 }, { 0x2000, 0x1000 }, { 0x9000, 0x1000 } };
	struct nova_cursor cur;

	nova_cursor_init(&cur, &backing, 0x1000, 0x4000);
	for (unsigned int i = 0; i < ARRAY_SIZE(runs); i++) {
		KUNIT_EXPECT_EQ(test, cur.addr, runs[i][0]);
		KUNIT_EXPECT_EQ(test, cur.len, runs[i][1]);
		nova_cursor_next(&cur, cur.len);
	}
	KUNIT_EXPECT_EQ(test, cur.len, 0);
}

/* Every extent is found from its offset, among many. */
static void seeking_finds_any_extent_among_many(struct kunit *test)
{
	const unsigned int nr = 1 << 16;
	struct nova_extent *extents = kunit_kmalloc_array(test, nr, sizeof(*extents), GFP_KERNEL);
	struct nova_backing backing = { .extents = extents, .nr_extents = nr };
	struct nova_cursor cur;

	KUNIT_ASSERT_NOT_NULL(test, extents);
	for (unsigned int i = 0; i < nr; i++)
		extents[i] = (struct nova_extent){
			.off = (u64)i * SZ_4K, .addr = (u64)i * SZ_8K, .len = SZ_4K
		};
	backing.size = (u64)nr * SZ_4K;
	for (unsigned int i = 0; i < nr; i += 97) {
		nova_cursor_init(&cur, &backing, (u64)i * SZ_4K, SZ_4K);
		KUNIT_ASSERT_EQ(test, cur.addr, (u64)i * SZ_8K);
		KUNIT_ASSERT_EQ(test, cur.i, i);
	}
}

static struct kunit_case nova_cursor_cases[] = {
	KUNIT_CASE(touching_extents_are_one_run),
	KUNIT_CASE(part_of_a_run_can_be_taken),
	KUNIT_CASE(any_range_walks_every_page),
	KUNIT_CASE(pages_are_gathered_into_runs),
	KUNIT_CASE(seeking_finds_any_extent_among_many),
	{}
};

static struct kunit_suite nova_cursor_suite = {
	.name = "nova-cursor",
	.test_cases = nova_cursor_cases,
};

kunit_test_suite(nova_cursor_suite);
