/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_TEST_H__
#define __NOVA_BUDDY_TEST_H__

/*
 * What the test files of the buddy allocator share.
 */

#include "nova_buddy.h"

#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/string.h>

#define PAGE		4096ull
#define REQ(...)	(&(const struct nova_buddy_req){ __VA_ARGS__ })

/* A pool of 4 KiB chunks that the test's end need not free. */
static inline struct nova_buddy *nova_buddy_test_pool(struct kunit *test, u64 base, u64 size)
{
	const struct nova_buddy_cfg cfg = {
		.base_offset = base, .size = size, .chunk_size = PAGE,
	};
	struct nova_buddy *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_EQ(test, nova_buddy_init(b, &cfg), 0);
	return b;
}

static inline struct nova_buddy_alloc *nova_buddy_test_slots(struct kunit *test, unsigned int nr)
{
	struct nova_buddy_alloc *slots = kunit_kcalloc(test, nr, sizeof(*slots), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slots);
	return slots;
}

/* B-13: everything is free again, so the pool is as it was. */
static inline void nova_buddy_test_done(struct kunit *test, struct nova_buddy *b)
{
	struct nova_buddy_stats stats;

	KUNIT_EXPECT_EQ(test, nova_buddy_verify(b), 0);
	nova_buddy_stats(b, &stats);
	KUNIT_EXPECT_EQ(test, stats.avail, stats.total);
	KUNIT_EXPECT_EQ(test, stats.misuse, 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_largest_run(b), stats.total);
	nova_buddy_fini(b);
}

/* Page by page from the bottom of a pool that begins at 0. */
static inline void nova_buddy_test_fill(struct kunit *test, struct nova_buddy *b,
					struct nova_buddy_alloc *a, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, i * PAGE, PAGE, &a[i]), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_avail(b), 0);
}

static inline u64 nova_buddy_test_clear(struct nova_buddy *b)
{
	struct nova_buddy_stats stats;

	nova_buddy_stats(b, &stats);
	return stats.clear;
}

static inline void nova_buddy_test_count_line(void *arg, const char *line)
{
	unsigned int *lines = arg;

	*lines += 1;
}

static inline void nova_buddy_test_hash_line(void *arg, const char *line)
{
	u32 *hash = arg;

	*hash = crc32_le(*hash, line, strlen(line));
}

/* Two pools with the same free and the same clear runs have the same. */
static inline u32 nova_buddy_test_hash(struct nova_buddy *b)
{
	u32 hash = ~0u;

	nova_buddy_dump(b, nova_buddy_test_hash_line, &hash);
	return hash;
}

#endif
