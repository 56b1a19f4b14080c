// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: KUnit tests of the buddy allocator: what it promises
 *
 * Kind: invariant and golden. Expected addresses and counts are worked out by hand from the size
 * of the pool; nova_buddy_verify() holds after each case. What other allocators got wrong is in
 * nova_buddy_fault_test.c, the comparison with a bitmap in the user-space tests.
 *
 * Units: bytes; PAGE below is the chunk of 4 KiB.
 */

#include "nova_buddy.h"
#include "nova_buddy_test.h"

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/sizes.h>

static void nova_buddy_test_limit(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 1ull << 63);
	struct nova_buddy_stats stats;
	struct nova_buddy_alloc a;

	nova_buddy_stats(b, &stats);
	KUNIT_EXPECT_EQ(test, stats.max_order, 51);
	KUNIT_EXPECT_EQ(test, stats.free[51], 1);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 1ull << 63), &a), 0);
	KUNIT_EXPECT_EQ(test, a.nr, 1);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a)->len, 1ull << 63);
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(b), 0);
	nova_buddy_free(b, &a, false);
	nova_buddy_test_done(test, b);
}

/* One block of each order 0 to 10: one request for each, largest first, and then nothing. */
static void nova_buddy_test_one_of_each(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 2047 * PAGE);
	struct nova_buddy_alloc a[11], none;
	unsigned int k;

	for (k = 11; k--; )
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE << k,
							      .flags = NOVA_BUDDY_CONTIGUOUS),
						       &a[k]), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &none), -ENOSPC);
	for (k = 0; k < 11; k++)
		nova_buddy_free(b, &a[k], false);
	nova_buddy_test_done(test, b);
}

/* Split to the bottom, full at every order, whole again step by step. */
static void nova_buddy_test_rising_order(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, PAGE << 16);
	struct nova_buddy_alloc a[17], big;
	unsigned int k;

	for (k = 0; k < 16; k++)
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE << k), &a[k]), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &a[16]), 0);
	for (k = 0; k < 17; k++)
		KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE << k), &big), -ENOSPC);
	nova_buddy_free(b, &a[16], false);
	for (k = 0; k < 16; k++) {
		nova_buddy_free(b, &a[k], false);
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE << (k + 1),
							      .flags = NOVA_BUDDY_CONTIGUOUS),
						       &big), 0);
		nova_buddy_free(b, &big, false);
	}
	nova_buddy_test_done(test, b);
}

static void nova_buddy_test_every_second_page(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 64 * PAGE);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 64), out;
	unsigned int i;

	nova_buddy_test_fill(test, b, a, 64);
	for (i = 0; i < 64; i += 2)
		nova_buddy_free(b, &a[i], false);
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(b), 32 * PAGE);
	KUNIT_EXPECT_EQ(test, nova_buddy_largest_run(b), PAGE);
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = 2 * PAGE, .min_block = 2 * PAGE),
					       &out), -ENOSPC);
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = 2 * PAGE,
						      .flags = NOVA_BUDDY_CONTIGUOUS), &out),
			-ENOSPC);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 32 * PAGE), &out), 0);
	KUNIT_EXPECT_EQ(test, out.nr, 32);
	nova_buddy_free(b, &out, false);
	for (i = 1; i < 64; i += 2)
		nova_buddy_free(b, &a[i], false);
	nova_buddy_test_done(test, b);
}

/* Pages 0, 3, 6… and so on in three hands: a run of three needs all three to let go. */
static void nova_buddy_test_contiguous(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 48 * PAGE);
	const struct nova_buddy_req three = { .size = 3 * PAGE, .flags = NOVA_BUDDY_CONTIGUOUS };
	const struct nova_buddy_req two = { .size = 2 * PAGE, .flags = NOVA_BUDDY_CONTIGUOUS };
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 48), out;
	unsigned int i;

	nova_buddy_test_fill(test, b, a, 48);
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, &three, &out), -ENOSPC);
	for (i = 1; i < 48; i += 3)
		nova_buddy_free(b, &a[i], false);
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, &two, &out), -ENOSPC);
	for (i = 2; i < 48; i += 3)
		nova_buddy_free(b, &a[i], false);
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, &three, &out), -ENOSPC);
	/* 1 and 2 are no buddies, 7 and 8 neither: a run all the same */
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, &two, &out), 0);
	KUNIT_EXPECT_EQ(test, out.nr, 1);
	nova_buddy_free(b, &out, false);
	for (i = 0; i < 48; i += 3)
		nova_buddy_free(b, &a[i], false);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, &three, &out), 0);
	KUNIT_EXPECT_EQ(test, out.nr, 1);
	nova_buddy_free(b, &out, false);
	nova_buddy_test_done(test, b);
}

static void nova_buddy_test_clear_goes_to_who_asks(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 64 * PAGE);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 64);
	struct nova_buddy_alloc *clear = nova_buddy_test_slots(test, 32);
	struct nova_buddy_alloc *dirty = nova_buddy_test_slots(test, 32);
	unsigned int i;

	nova_buddy_test_fill(test, b, a, 64);
	for (i = 0; i < 64; i++)
		nova_buddy_free(b, &a[i], i & 1);
	KUNIT_EXPECT_EQ(test, nova_buddy_test_clear(b), 32 * PAGE);
	for (i = 0; i < 32; i++) {
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &dirty[i]), 0);
		KUNIT_EXPECT_FALSE(test, nova_buddy_extents(&dirty[i])->cleared);
	}
	for (i = 0; i < 32; i++) {
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE,
							      .flags = NOVA_BUDDY_CLEAR),
						       &clear[i]), 0);
		KUNIT_EXPECT_TRUE(test, nova_buddy_extents(&clear[i])->cleared);
	}
	for (i = 0; i < 32; i++) {
		nova_buddy_free(b, &clear[i], true);
		nova_buddy_free(b, &dirty[i], false);
	}
	nova_buddy_test_done(test, b);
}

/* Who wants more clear memory than there is gets dirty memory, and is told. */
static void nova_buddy_test_clear_runs_out(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 16 * PAGE);
	struct nova_buddy_alloc first, out;
	const struct nova_buddy_extent *ext;
	u64 cleared = 0;

	KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, 4 * PAGE, 4 * PAGE, &first), 0);
	nova_buddy_free(b, &first, true);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 12 * PAGE, .flags = NOVA_BUDDY_CLEAR),
					       &out), 0);
	nova_buddy_for_each_extent(ext, &out)
		cleared += ext->cleared ? ext->len : 0;
	KUNIT_EXPECT_LE(test, cleared, 4 * PAGE);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&out), 12 * PAGE);
	nova_buddy_free(b, &out, false);
	nova_buddy_test_done(test, b);
}

/* A pool striped clear and dirty is one block all the same. */
static void nova_buddy_test_stripes_merge(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 7 * SZ_1M);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 1792);
	struct nova_buddy_stats stats;
	struct nova_buddy_alloc out;
	unsigned int i, k;

	nova_buddy_test_fill(test, b, a, 1792);
	for (i = 0; i < 1792; i++)
		nova_buddy_free(b, &a[i], i & 1);
	nova_buddy_stats(b, &stats);
	KUNIT_EXPECT_EQ(test, stats.free[10], 1);
	KUNIT_EXPECT_EQ(test, stats.free[9], 1);
	KUNIT_EXPECT_EQ(test, stats.free[8], 1);
	KUNIT_EXPECT_EQ(test, stats.largest_free, SZ_4M);
	for (k = 0; k <= 10; k++) {
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE << k,
							      .min_block = PAGE << k), &out), 0);
		KUNIT_EXPECT_EQ(test, nova_buddy_extents(&out)->cleared, false);
		nova_buddy_free(b, &out, false);
	}
	nova_buddy_test_done(test, b);
}

/* Exact ranges in a pool of 4 + 2 + 1 MiB, crossing the borders of its blocks. */
static void nova_buddy_test_exact_ranges(struct kunit *test)
{
	static const struct { u64 start, len; } pieces[] = {
		{ 3 * SZ_1M, 2 * SZ_1M }, { 0, SZ_1M }, { 6 * SZ_1M + PAGE, SZ_1M - PAGE },
		{ SZ_1M, 2 * SZ_1M }, { 5 * SZ_1M, SZ_1M + PAGE },
	};
	struct nova_buddy *b = nova_buddy_test_pool(test, SZ_1G, 7 * SZ_1M);
	struct nova_buddy_alloc a[ARRAY_SIZE(pieces)], again;
	unsigned int i, round;

	for (round = 0; round < 5; round++) {
		for (i = 0; i < ARRAY_SIZE(pieces); i++) {
			u64 start = SZ_1G + pieces[i].start;

			KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, start, pieces[i].len, &a[i]),
					0);
			KUNIT_EXPECT_EQ(test, a[i].nr, 1);
			KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a[i])->addr, start);
			KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a[i])->len, pieces[i].len);
			KUNIT_EXPECT_EQ(test, nova_buddy_reserve(b, start, pieces[i].len, &again),
					-ENOSPC);
			KUNIT_EXPECT_EQ(test, nova_buddy_reserve(b, start + pieces[i].len - PAGE,
								 PAGE, &again), -ENOSPC);
		}
		KUNIT_EXPECT_EQ(test, nova_buddy_avail(b), 0);
		for (i = 0; i < ARRAY_SIZE(pieces); i++)
			nova_buddy_free(b, &a[(i + round) % ARRAY_SIZE(pieces)], false);
	}
	nova_buddy_test_done(test, b);
}

/* A growing window fills up from its bottom and never leaks. */
static void nova_buddy_test_window(struct kunit *test)
{
	const u64 base = 3 * SZ_1M + 5 * PAGE;
	struct nova_buddy *b = nova_buddy_test_pool(test, base, 13 * SZ_1M + 3 * PAGE);
	struct nova_buddy_alloc a[13], none;
	unsigned int i;

	for (i = 0; i < 13; i++) {
		const struct nova_buddy_req req = {
			.mode = NOVA_BUDDY_RANGE, .size = SZ_1M,
			.start = base, .end = base + (i + 1) * SZ_1M,
		};

		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, &req, &a[i]), 0);
		KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, &req, &none), -ENOSPC);
		KUNIT_EXPECT_EQ(test, nova_buddy_verify(b), 0);
	}
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(b), 3 * PAGE);
	for (i = 0; i < 13; i++)
		nova_buddy_free(b, &a[i], false);
	nova_buddy_test_done(test, b);
}

/* 9 GiB in a pool of 8 + 2 GiB: no block holds it, a run does. */
static void nova_buddy_test_larger_than_a_block(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 10ull * SZ_1G);
	struct nova_buddy_alloc out;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 9ull * SZ_1G,
						      .flags = NOVA_BUDDY_CONTIGUOUS), &out), 0);
	KUNIT_EXPECT_EQ(test, out.nr, 1);
	nova_buddy_free(b, &out, false);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 9ull * SZ_1G,
						      .min_block = 8ull * SZ_1G), &out), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&out), 9ull * SZ_1G);
	nova_buddy_free(b, &out, false);
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = 9ull * SZ_1G,
						      .min_block = 16ull * SZ_1G,
						      .flags = NOVA_BUDDY_TRIM_DISABLE), &out),
			-EINVAL);
	nova_buddy_test_done(test, b);
}

/* 8 KiB at multiples of 256 KiB: as many as there are multiples, wherever the rest went. */
static void nova_buddy_test_small_at_large_alignment(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_4M);
	const struct nova_buddy_req req = { .size = SZ_8K, .min_block = SZ_256K };
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 16);
	struct nova_buddy_alloc *b2 = nova_buddy_test_slots(test, 16), none;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, &req, &a[i]), 0);
		KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a[i])->addr % SZ_256K, 0);
	}
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, &req, &none), -ENOSPC);
	/* fill half of the places between, free every other aligned one: those are found again */
	for (i = 0; i < 16; i++)
		KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, i * SZ_256K + SZ_8K, SZ_64K, &b2[i]),
				0);
	for (i = 0; i < 16; i += 2)
		nova_buddy_free(b, &a[i], false);
	for (i = 0; i < 16; i += 2) {
		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, &req, &a[i]), 0);
		KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a[i])->addr % SZ_256K, 0);
	}
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, &req, &none), -ENOSPC);
	for (i = 0; i < 16; i++) {
		nova_buddy_free(b, &a[i], false);
		nova_buddy_free(b, &b2[i], false);
	}
	nova_buddy_test_done(test, b);
}

static const u64 nova_buddy_bases[] = {
	0, SZ_4K, SZ_64K, 0x1f0000, 0x13000, SZ_1M + SZ_4K, SZ_1G - SZ_4K, (1ull << 40) - SZ_64K,
	(1ull << 47) + 0x7000,
};

static void nova_buddy_base_desc(const u64 *base, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "base %#llx", *base);
}

KUNIT_ARRAY_PARAM(nova_buddy_base, nova_buddy_bases, nova_buddy_base_desc);

/* B-5: aligned by absolute address in every mode, whatever the base. */
static void nova_buddy_test_absolute_alignment(struct kunit *test)
{
	const u64 base = *(const u64 *)test->param_value;
	struct nova_buddy *b = nova_buddy_test_pool(test, base, SZ_16M);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 3 * 10);
	unsigned int mode, k, n = 0;

	for (mode = 0; mode < 3; mode++) {
		for (k = 0; k < 10; k++, n++) {
			const bool range = mode == NOVA_BUDDY_RANGE;
			const struct nova_buddy_req req = {
				.mode = mode, .size = k & 1 ? PAGE << k : PAGE,
				.min_block = PAGE << k,
				.start = range ? base + PAGE : 0, .end = range ? base + SZ_16M : 0,
			};

			KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, &req, &a[n]), 0);
			KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a[n])->addr % (PAGE << k), 0);
			KUNIT_EXPECT_GE(test, nova_buddy_extents(&a[n])->addr, base);
		}
	}
	while (n--)
		nova_buddy_free(b, &a[n], false);
	nova_buddy_test_done(test, b);
}

static void nova_buddy_test_bad_pools(struct kunit *test)
{
	static const struct nova_buddy_cfg bad[] = {
		{ .size = SZ_1M, .chunk_size = 0 },
		{ .size = SZ_1M, .chunk_size = SZ_2K },
		{ .size = SZ_1M, .chunk_size = 3 * SZ_4K },
		{ .size = SZ_4K - 1, .chunk_size = SZ_4K },
		{ .size = 0, .chunk_size = SZ_4K },
		{ .base_offset = SZ_2K, .size = SZ_1M, .chunk_size = SZ_4K },
		{ .base_offset = -SZ_4K, .size = SZ_8K, .chunk_size = SZ_4K },
	};
	const struct nova_buddy_cfg odd = { .size = SZ_1M + 123, .chunk_size = SZ_4K };
	struct nova_buddy_stats stats;
	struct nova_buddy *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, nova_buddy_init(b, &bad[i]), -EINVAL, "%u", i);
	KUNIT_ASSERT_EQ(test, nova_buddy_init(b, &odd), 0);
	nova_buddy_stats(b, &stats);
	KUNIT_EXPECT_EQ(test, stats.total, SZ_1M);
	KUNIT_EXPECT_EQ(test, stats.lost, 123);
	nova_buddy_fini(b);
}

/* B-3: each of these is a mistake, also while the pool is full. */
static void nova_buddy_test_bad_requests(struct kunit *test)
{
	static const struct nova_buddy_req bad[] = {
		{ .size = 0 },
		{ .size = PAGE + 1 },
		{ .size = SZ_2M },
		{ .size = PAGE, .min_block = SZ_2K },
		{ .size = PAGE, .min_block = 3 * PAGE },
		{ .size = SZ_1M, .min_block = 1ull << 63 },
		{ .size = PAGE, .flags = BIT(3) },
		{ .size = PAGE, .mode = 3 },
		{ .size = PAGE, .start = SZ_1M },
		{ .size = PAGE, .end = SZ_1M + PAGE, .mode = NOVA_BUDDY_TOPDOWN },
		{ .size = PAGE, .mode = NOVA_BUDDY_RANGE },
		{ .size = PAGE, .mode = NOVA_BUDDY_RANGE, .start = SZ_1M, .end = SZ_1M },
		{ .size = PAGE, .mode = NOVA_BUDDY_RANGE, .start = SZ_1M + PAGE, .end = SZ_1M },
		{ .size = PAGE, .mode = NOVA_BUDDY_RANGE, .start = SZ_1M - PAGE, .end = SZ_2M },
		{ .size = PAGE, .mode = NOVA_BUDDY_RANGE, .start = SZ_1M, .end = SZ_2M + PAGE },
		{ .size = PAGE, .mode = NOVA_BUDDY_RANGE, .start = SZ_1M + 1, .end = SZ_2M },
		{ .size = PAGE, .mode = NOVA_BUDDY_RANGE, .start = SZ_1M, .end = SZ_2M - 1 },
		{ .size = 2 * PAGE, .mode = NOVA_BUDDY_RANGE, .start = SZ_1M, .end = SZ_1M + PAGE },
		{ .size = U64_MAX - PAGE + 1 },
	};
	struct nova_buddy *b = nova_buddy_test_pool(test, SZ_1M, SZ_1M);
	struct nova_buddy_alloc out, all;
	unsigned int i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			KUNIT_EXPECT_EQ_MSG(test, nova_buddy_alloc(b, &bad[i], &out), -EINVAL,
					    "%u", i);
			KUNIT_EXPECT_EQ(test, out.nr, 0);
		}
		KUNIT_EXPECT_EQ(test, nova_buddy_reserve(b, SZ_1M, 0, &out), -EINVAL);
		KUNIT_EXPECT_EQ(test, nova_buddy_reserve(b, SZ_1M, -PAGE, &out), -EINVAL);
		if (!round)
			KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_1M), &all), 0);
	}
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &out), -ENOSPC);
	nova_buddy_free(b, &all, false);
	nova_buddy_test_done(test, b);
}

static void nova_buddy_test_modes_pick_their_end(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, SZ_1G, SZ_64M);
	struct nova_buddy_alloc low, high, odd;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_16M), &low), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&low)->addr, SZ_1G);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_16M, .mode = NOVA_BUDDY_TOPDOWN),
					       &high), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&high)->addr, SZ_1G + SZ_64M - SZ_16M);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 3 * PAGE, .mode = NOVA_BUDDY_TOPDOWN),
					       &odd), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&odd)->addr, SZ_1G + SZ_64M - SZ_16M - 3 * PAGE);
	nova_buddy_free(b, &low, false);
	nova_buddy_free(b, &high, false);
	nova_buddy_free(b, &odd, false);
	nova_buddy_test_done(test, b);
}

/* B-15 */
static void nova_buddy_test_sizes_add_up(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_64M);
	struct nova_buddy_alloc out;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_64K + SZ_4K, .min_block = SZ_64K),
					       &out), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&out), SZ_64K + SZ_4K);
	nova_buddy_free(b, &out, false);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_64K + SZ_4K, .min_block = SZ_64K,
						      .flags = NOVA_BUDDY_TRIM_DISABLE), &out), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&out), SZ_128K);
	nova_buddy_free(b, &out, false);
	nova_buddy_test_done(test, b);
}

static void nova_buddy_test_parts(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_1M);
	struct nova_buddy_alloc a;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_64K), &a), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_free_part(b, &a, SZ_64K, PAGE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_free_part(b, &a, 0, SZ_64K + PAGE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_free_part(b, &a, 1, PAGE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_free_part(b, &a, 0, 0, false), -EINVAL);
	KUNIT_ASSERT_EQ(test, nova_buddy_free_part(b, &a, SZ_8K, SZ_8K, true), 0);
	KUNIT_EXPECT_EQ(test, a.nr, 2);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&a), SZ_64K - SZ_8K);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a)[1].addr, SZ_16K);
	KUNIT_EXPECT_EQ(test, nova_buddy_test_clear(b), SZ_8K);
	KUNIT_EXPECT_EQ(test, nova_buddy_verify(b), 0);
	/* bytes 4K to 16K of what is left: the second page, and two behind the hole */
	KUNIT_EXPECT_EQ(test, nova_buddy_trim(b, &a, PAGE, SZ_64K, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_trim(b, &a, PAGE, 0, false), -EINVAL);
	KUNIT_ASSERT_EQ(test, nova_buddy_trim(b, &a, PAGE, 3 * PAGE, false), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&a), 3 * PAGE);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a)[0].addr, PAGE);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a)[1].addr, SZ_16K);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a)[1].len, SZ_8K);
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(b), SZ_1M - 3 * PAGE);
	nova_buddy_free(b, &a, false);
	nova_buddy_test_done(test, b);
}

/* B-16: 1 MiB less one page and one block of 64 KiB. */
static void nova_buddy_test_statistics(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_1M);
	struct nova_buddy_stats stats;
	struct nova_buddy_alloc a, c;
	unsigned int k, lines = 0;
	u64 start = 0, end;

	KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, 0, PAGE, &a), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, SZ_512K, SZ_64K, &c), 0);
	nova_buddy_stats(b, &stats);
	KUNIT_EXPECT_EQ(test, stats.total, SZ_1M);
	KUNIT_EXPECT_EQ(test, stats.avail, SZ_1M - PAGE - SZ_64K);
	KUNIT_EXPECT_EQ(test, stats.clear, 0);
	KUNIT_EXPECT_EQ(test, stats.largest_free, SZ_256K);
	KUNIT_EXPECT_EQ(test, stats.used[0], 1);
	KUNIT_EXPECT_EQ(test, stats.used[4], 1);
	/* [4K, 512K): 4K to 256K once each; [576K, 1M): 64K, 128K, 256K */
	for (k = 0; k < 7; k++)
		KUNIT_EXPECT_EQ_MSG(test, stats.free[k], k < 4 ? 1 : 2, "order %u", k);
	KUNIT_EXPECT_EQ(test, stats.free[7], 0);
	nova_buddy_print(b, nova_buddy_test_count_line, &lines);
	KUNIT_EXPECT_EQ(test, lines, 9);
	KUNIT_EXPECT_TRUE(test, nova_buddy_next_free(b, &start, &end));
	KUNIT_EXPECT_EQ(test, start, PAGE);
	KUNIT_EXPECT_EQ(test, end, SZ_512K);
	start = end;
	KUNIT_EXPECT_TRUE(test, nova_buddy_next_free(b, &start, &end));
	KUNIT_EXPECT_EQ(test, start, SZ_512K + SZ_64K);
	KUNIT_EXPECT_EQ(test, end, SZ_1M);
	start = end;
	KUNIT_EXPECT_FALSE(test, nova_buddy_next_free(b, &start, &end));
	nova_buddy_free(b, &a, false);
	nova_buddy_free(b, &c, false);
	nova_buddy_test_done(test, b);
}

/* B-1: the list can be read any number of times, also while others free. */
static void nova_buddy_test_sealed_list(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 64 * PAGE);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 64), out, empty = {};
	const struct nova_buddy_extent *ext;
	unsigned int i, seen = 0;

	nova_buddy_test_fill(test, b, a, 64);
	for (i = 0; i < 40; i += 2)
		nova_buddy_free(b, &a[i], false);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 20 * PAGE), &out), 0);
	for (i = 0; i < 2; i++) {
		nova_buddy_for_each_extent(ext, &out) {
			seen++;
			nova_buddy_free(b, &a[2 * seen % 40 + 1], false);
		}
	}
	KUNIT_EXPECT_EQ(test, seen, 40);
	nova_buddy_for_each_extent(ext, &empty)
		KUNIT_FAIL(test, "an empty list has an extent");
	nova_buddy_free(b, &empty, false);
	nova_buddy_free(b, &out, false);
	for (i = 0; i < 64; i++)
		nova_buddy_free(b, &a[i], false);
	nova_buddy_test_done(test, b);
}

static struct kunit_case nova_buddy_cases[] = {
	KUNIT_CASE(nova_buddy_test_limit),
	KUNIT_CASE(nova_buddy_test_one_of_each),
	KUNIT_CASE(nova_buddy_test_rising_order),
	KUNIT_CASE(nova_buddy_test_every_second_page),
	KUNIT_CASE(nova_buddy_test_contiguous),
	KUNIT_CASE(nova_buddy_test_clear_goes_to_who_asks),
	KUNIT_CASE(nova_buddy_test_clear_runs_out),
	KUNIT_CASE(nova_buddy_test_stripes_merge),
	KUNIT_CASE(nova_buddy_test_exact_ranges),
	KUNIT_CASE(nova_buddy_test_window),
	KUNIT_CASE(nova_buddy_test_larger_than_a_block),
	KUNIT_CASE(nova_buddy_test_small_at_large_alignment),
	KUNIT_CASE_PARAM(nova_buddy_test_absolute_alignment, nova_buddy_base_gen_params),
	KUNIT_CASE(nova_buddy_test_bad_pools),
	KUNIT_CASE(nova_buddy_test_bad_requests),
	KUNIT_CASE(nova_buddy_test_modes_pick_their_end),
	KUNIT_CASE(nova_buddy_test_sizes_add_up),
	KUNIT_CASE(nova_buddy_test_parts),
	KUNIT_CASE(nova_buddy_test_statistics),
	KUNIT_CASE(nova_buddy_test_sealed_list),
	{}
};

static struct kunit_suite nova_buddy_suite = {
	.name = "nova-buddy",
	.test_cases = nova_buddy_cases,
};

kunit_test_suite(nova_buddy_suite);
