// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: KUnit tests of the buddy allocator: what others got wrong
 *
 * Kind: invariant, and one regression test for each fault that was found in the kernel's own
 * allocator (nova-mm.md 2.6) and for what its suite leaves out (2.4): requests that failed though
 * memory was there, alignments lost, a direction forgotten on a fallback, memory corrupted when an
 * allocation of metadata failed, sizes cut to 32 bits, claims of clear memory that were not true.
 */

#include "nova_buddy.h"
#include "nova_buddy_extent.h"
#include "nova_buddy_test.h"
#include "nova_buddy_tree.h"

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#define THREADS		8

static unsigned int nova_buddy_thread_rounds = 2000;
module_param_named(buddy_rounds, nova_buddy_thread_rounds, uint, 0444);
MODULE_PARM_DESC(buddy_rounds, "allocations per thread of the buddy allocator's thread test");

/* Half of the pool free in clear and dirty stripes: any two neighbours are one block. */
static void nova_buddy_test_stripes_serve_all(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 64 * PAGE);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 64), out;
	unsigned int i;

	nova_buddy_test_fill(test, b, a, 64);
	for (i = 0; i < 32; i++)
		nova_buddy_free(b, &a[i], i & 1);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 32 * PAGE, .min_block = 32 * PAGE),
					       &out), 0);
	KUNIT_EXPECT_EQ(test, out.nr, 1);
	nova_buddy_free(b, &out, false);
	for (i = 32; i < 64; i++)
		nova_buddy_free(b, &a[i], false);
	nova_buddy_test_done(test, b);
}

/* B-8: a page at 64 KiB alignment in a window that begins just behind such a place. */
static void nova_buddy_test_window_keeps_alignment(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_1M);
	struct nova_buddy_alloc out;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE, .min_block = SZ_64K,
						      .mode = NOVA_BUDDY_RANGE, .start = PAGE,
						      .end = SZ_1M), &out), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&out)->addr, SZ_64K);
	nova_buddy_free(b, &out, false);
	nova_buddy_test_done(test, b);
}

/* B-5: an alignment that no address of the pool has is refused, not met relative to the base. */
static void nova_buddy_test_alignment_beyond_the_pool(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 1ull << 40, SZ_64M);
	struct nova_buddy_alloc out;

	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE, .min_block = 1ull << 41), &out),
			-EINVAL);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE, .min_block = 1ull << 40), &out),
			0);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&out)->addr, 1ull << 40);
	nova_buddy_free(b, &out, false);
	nova_buddy_test_done(test, b);
}

/* B-9: 5 MiB in the free run [2 MiB, 7 MiB), with every mode and the window just large enough. */
static void nova_buddy_test_contiguous_is_exact(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_16M);
	struct nova_buddy_alloc low, high, out;
	unsigned int mode;

	KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, 0, SZ_2M, &low), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, 7 * SZ_1M, 9 * SZ_1M, &high), 0);
	for (mode = 0; mode < 3; mode++) {
		const bool range = mode == NOVA_BUDDY_RANGE;
		const struct nova_buddy_req req = {
			.size = 5 * SZ_1M, .mode = mode, .flags = NOVA_BUDDY_CONTIGUOUS,
			.start = range ? SZ_1M : 0, .end = range ? SZ_8M : 0,
		};

		KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, &req, &out), 0);
		KUNIT_EXPECT_EQ(test, nova_buddy_extents(&out)->addr, SZ_2M);
		nova_buddy_free(b, &out, false);
	}
	KUNIT_EXPECT_EQ(test, nova_buddy_alloc(b, REQ(.size = 5 * SZ_1M, .min_block = SZ_4M,
						      .flags = NOVA_BUDDY_CONTIGUOUS), &out),
			-ENOSPC);
	nova_buddy_free(b, &low, false);
	nova_buddy_free(b, &high, false);
	nova_buddy_test_done(test, b);
}

/* B-11: clear memory is gone, and the fallback still comes from the top. */
static void nova_buddy_test_fallback_keeps_direction(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_64M);
	struct nova_buddy_alloc low, out;

	KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, 0, SZ_1M, &low), 0);
	nova_buddy_free(b, &low, true);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_4M, .mode = NOVA_BUDDY_TOPDOWN,
						      .flags = NOVA_BUDDY_CLEAR), &out), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&out)->addr, SZ_64M - SZ_4M);
	nova_buddy_free(b, &out, false);
	nova_buddy_test_done(test, b);
}

/* B-2 */
static void nova_buddy_test_sizes_beyond_32_bits(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 64ull << 40);
	struct nova_buddy_alloc out, page;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 16ull << 40), &out), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&out), 16ull << 40);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE, .mode = NOVA_BUDDY_TOPDOWN),
					       &page), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_extents(&page)->addr, (64ull << 40) - PAGE);
	KUNIT_EXPECT_EQ(test, nova_buddy_verify(b), 0);
	nova_buddy_free(b, &out, false);
	nova_buddy_free(b, &page, false);
	nova_buddy_test_done(test, b);
}

/* B-12: when contents are lost nothing at all stays clear. */
static void nova_buddy_test_forget_clear(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_64M);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 64), out;
	unsigned int i;

	for (i = 0; i < 64; i++)
		KUNIT_ASSERT_EQ(test, nova_buddy_reserve(b, 2 * i * PAGE, PAGE, &a[i]), 0);
	for (i = 0; i < 64; i++)
		nova_buddy_free(b, &a[i], true);
	KUNIT_EXPECT_EQ(test, nova_buddy_test_clear(b), 64 * PAGE);
	nova_buddy_forget_clear(b);
	KUNIT_EXPECT_EQ(test, nova_buddy_test_clear(b), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_verify(b), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_64M, .flags = NOVA_BUDDY_CLEAR),
					       &out), 0);
	KUNIT_EXPECT_FALSE(test, nova_buddy_extents(&out)->cleared);
	nova_buddy_free(b, &out, false);
	nova_buddy_test_done(test, b);
}

/* B-7: what was handed out clear is dirty when it comes back without a word. */
static void nova_buddy_test_clear_is_not_inherited(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, SZ_1M);
	struct nova_buddy_alloc out;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_1M), &out), 0);
	nova_buddy_free(b, &out, true);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_64K, .flags = NOVA_BUDDY_CLEAR),
					       &out), 0);
	KUNIT_EXPECT_TRUE(test, nova_buddy_extents(&out)->cleared);
	nova_buddy_free(b, &out, false);
	KUNIT_EXPECT_EQ(test, nova_buddy_test_clear(b), SZ_1M - SZ_64K);
	nova_buddy_test_done(test, b);
}

/* Counts down to the allocation that fails; the others are made. */
static int nova_buddy_fail_in;

static struct nova_buddy_node *nova_buddy_failing_node(unsigned int level)
{
	struct kunit *test = kunit_get_current_test();
	struct nova_buddy_node *node;

	if (nova_buddy_fail_in-- == 0)
		return NULL;
	kunit_deactivate_static_stub(test, nova_buddy_node_create);
	node = nova_buddy_node_create(level);
	kunit_activate_static_stub(test, nova_buddy_node_create, nova_buddy_failing_node);
	return node;
}

static int nova_buddy_failing_grow(struct nova_buddy_alloc *alloc)
{
	struct kunit *test = kunit_get_current_test();
	int ret;

	if (nova_buddy_fail_in-- == 0)
		return -ENOMEM;
	kunit_deactivate_static_stub(test, nova_buddy_extents_grow);
	ret = nova_buddy_extents_grow(alloc);
	kunit_activate_static_stub(test, nova_buddy_extents_grow, nova_buddy_failing_grow);
	return ret;
}

static void nova_buddy_test_stub_memory(struct kunit *test)
{
	nova_buddy_fail_in = INT_MAX;
	kunit_activate_static_stub(test, nova_buddy_node_create, nova_buddy_failing_node);
	kunit_activate_static_stub(test, nova_buddy_extents_grow, nova_buddy_failing_grow);
}

/* Fails each allocation of metadata in turn; returns how many there were. */
static unsigned int nova_buddy_test_each_failure(struct kunit *test, struct nova_buddy *b,
						 const struct nova_buddy_req *req)
{
	const u32 before = nova_buddy_test_hash(b);
	struct nova_buddy_alloc out;
	unsigned int n;
	int ret;

	for (n = 0; ; n++) {
		nova_buddy_fail_in = n;
		ret = nova_buddy_alloc(b, req, &out);
		nova_buddy_fail_in = INT_MAX;
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		KUNIT_EXPECT_EQ(test, out.nr, 0);
		KUNIT_EXPECT_EQ(test, nova_buddy_test_hash(b), before);
		KUNIT_ASSERT_EQ(test, nova_buddy_verify(b), 0);
	}
	nova_buddy_free(b, &out, false);
	return n;
}

/* B-10: a long list of extents, in a pool striped clear and dirty. */
static void nova_buddy_test_no_memory_for_extents(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 512 * PAGE);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 512);
	unsigned int mode, i;

	nova_buddy_test_stub_memory(test);
	nova_buddy_test_fill(test, b, a, 512);
	for (i = 0; i < 512; i += 2)
		nova_buddy_free(b, &a[i], i & 2);
	for (mode = 0; mode < 3; mode++) {
		const struct nova_buddy_req req = {
			.size = 200 * PAGE, .mode = mode, .flags = NOVA_BUDDY_CLEAR,
			.end = mode == NOVA_BUDDY_RANGE ? 512 * PAGE : 0,
		};

		/* 2 extents in the object, then 16, 128 and 1024 */
		KUNIT_EXPECT_EQ(test, nova_buddy_test_each_failure(test, b, &req), 3);
	}
	for (i = 1; i < 512; i += 2)
		nova_buddy_free(b, &a[i], false);
	nova_buddy_test_done(test, b);
}

/* B-10: nodes of a pool too large to have them all from the beginning. */
static void nova_buddy_test_no_memory_for_nodes(struct kunit *test)
{
	const struct nova_buddy_cfg cfg = { .size = 1ull << 50, .chunk_size = PAGE };
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 1ull << 50);
	const u64 part = (1ull << 44) + PAGE;
	struct nova_buddy_alloc big;
	struct nova_buddy *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	u32 before;
	int n, ret;

	KUNIT_ASSERT_NOT_NULL(test, other);
	nova_buddy_test_stub_memory(test);
	KUNIT_EXPECT_GE(test, nova_buddy_test_each_failure(test, b, REQ(.size = PAGE)), 1);
	KUNIT_EXPECT_GE(test, nova_buddy_test_each_failure(test, b, REQ(.size = part,
			.flags = NOVA_BUDDY_CONTIGUOUS, .mode = NOVA_BUDDY_TOPDOWN)), 1);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 1ull << 48), &big), 0);
	before = nova_buddy_test_hash(b);
	for (n = 0, ret = -ENOMEM; ret; n++) {
		nova_buddy_fail_in = n;
		ret = nova_buddy_trim(b, &big, part, PAGE, false);
		nova_buddy_fail_in = INT_MAX;
		if (ret) {
			KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
			KUNIT_EXPECT_EQ(test, nova_buddy_size(&big), 1ull << 48);
			KUNIT_EXPECT_EQ(test, nova_buddy_test_hash(b), before);
		}
	}
	KUNIT_EXPECT_GE(test, n, 2);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&big), PAGE);
	nova_buddy_free(b, &big, false);
	nova_buddy_test_done(test, b);
	for (n = 0; n < 4; n++) {
		nova_buddy_fail_in = n;
		ret = nova_buddy_init(other, &cfg);
		nova_buddy_fail_in = INT_MAX;
		if (!ret)
			break;
		KUNIT_EXPECT_EQ(test, ret, -ENOMEM);
	}
	KUNIT_EXPECT_GE(test, n, 1);
	if (!ret)
		nova_buddy_fini(other);
}

static unsigned int nova_buddy_misuses;

static void nova_buddy_test_misused(struct nova_buddy *b, const char *what)
{
	nova_buddy_misuses++;
}

/* B-14: refused, reported, and nothing else happens. */
static void nova_buddy_test_misuse(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, SZ_1M, SZ_64M);
	struct nova_buddy_alloc page, copy, large, forged = {};
	u32 before;

	nova_buddy_misuses = 0;
	kunit_activate_static_stub(test, nova_buddy_misused, nova_buddy_test_misused);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &page), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 5 * SZ_1M), &large), 0);
	copy = page;
	nova_buddy_free(b, &page, false);
	before = nova_buddy_test_hash(b);
	nova_buddy_free(b, &copy, false);
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 1);
	copy = large;
	forged.nr = 1;
	forged.local[0] = (struct nova_buddy_extent){ .addr = 0, .len = PAGE };
	nova_buddy_free(b, &forged, false);
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 2);
	forged.nr = 1;
	forged.local[0] = (struct nova_buddy_extent){ .addr = SZ_64M, .len = SZ_2M };
	nova_buddy_free(b, &forged, true);
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 3);
	KUNIT_EXPECT_EQ(test, nova_buddy_test_hash(b), before);
	nova_buddy_free(b, &large, false);
	nova_buddy_free(b, &copy, false);
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 4);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &page), 0);
	KUNIT_EXPECT_EQ(test, nova_buddy_verify(b), 0);
	nova_buddy_fini(b);
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 5);
	nova_buddy_free(b, &page, false);
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 6);
}

/* B-14, for a part of what was freed before, and for what lies outside the pool. */
static void nova_buddy_test_misuse_part(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, SZ_1M, SZ_64M);
	struct nova_buddy_alloc page, copy, forged = { .nr = 1 };
	struct nova_buddy_stats stats;
	u32 before;

	nova_buddy_misuses = 0;
	kunit_activate_static_stub(test, nova_buddy_misused, nova_buddy_test_misused);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &page), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = SZ_1M), &copy), 0);
	forged.local[0] = copy.local[0];
	nova_buddy_free(b, &copy, false);
	before = nova_buddy_test_hash(b);
	KUNIT_EXPECT_EQ(test, nova_buddy_free_part(b, &forged, 0, PAGE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_trim(b, &forged, PAGE, PAGE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_trim(b, &forged, 0, PAGE, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_size(&forged), SZ_1M);
	forged.local[0].addr = SZ_64M;
	KUNIT_EXPECT_EQ(test, nova_buddy_free_part(b, &forged, 0, 2 * PAGE, false), -EINVAL);
	forged.local[0].addr = 1ull << 62;
	KUNIT_EXPECT_EQ(test, nova_buddy_trim(b, &forged, PAGE, PAGE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 5);
	KUNIT_EXPECT_EQ(test, nova_buddy_test_hash(b), before);
	nova_buddy_stats(b, &stats);
	KUNIT_EXPECT_EQ(test, stats.avail, SZ_64M - PAGE);
	KUNIT_EXPECT_EQ(test, stats.used[0], 1);
	KUNIT_EXPECT_EQ(test, nova_buddy_verify(b), 0);
	nova_buddy_free(b, &page, false);
	nova_buddy_test_done(test, b);
}

/* B-14, for a pool that never came to be: there is nothing in it. */
static void nova_buddy_test_misuse_without_pool(struct kunit *test)
{
	static const u64 len[] = { 1, PAGE, SZ_1M };
	struct nova_buddy *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	struct nova_buddy_cfg cfg = { .size = SZ_64M, .chunk_size = PAGE };
	struct nova_buddy_alloc forged = {}, got;
	unsigned int mode, i, n;

	KUNIT_ASSERT_NOT_NULL(test, b);
	nova_buddy_misuses = 0;
	kunit_activate_static_stub(test, nova_buddy_misused, nova_buddy_test_misused);
	nova_buddy_test_stub_memory(test);
	for (n = 0; n < 2; n++) {
		/* zeroes, then one without memory for its tree */
		for (i = 0; i < ARRAY_SIZE(len); i++) {
			forged.nr = 1;
			forged.local[0] = (struct nova_buddy_extent){ .len = len[i] };
			nova_buddy_free(b, &forged, false);
		}
		nova_buddy_fail_in = 0;
		KUNIT_ASSERT_EQ(test, nova_buddy_init(b, &cfg), -ENOMEM);
	}
	KUNIT_EXPECT_EQ(test, nova_buddy_misuses, 2 * ARRAY_SIZE(len));
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(b), 0);
	for (mode = 0; mode < 3; mode++)
		KUNIT_EXPECT_NE(test, nova_buddy_alloc(b, REQ(.size = PAGE, .mode = mode), &got),
				0);
	nova_buddy_fini(b);
}

/* Where no boundary has ever been there are no nodes, and somebody else's extent has none. */
static void nova_buddy_test_misuse_without_nodes(struct kunit *test)
{
	static const u64 len[] = { PAGE, 3 * PAGE, SZ_2M, 200 * PAGE };
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 1ull << 42);
	struct nova_buddy_alloc big, forged = {};
	unsigned int i;
	u32 before;

	nova_buddy_misuses = 0;
	kunit_activate_static_stub(test, nova_buddy_misused, nova_buddy_test_misused);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = 1ull << 40), &big), 0);
	before = nova_buddy_test_hash(b);
	for (i = 0; i < ARRAY_SIZE(len); i++) {
		forged.nr = 1;
		forged.local[0] = (struct nova_buddy_extent){ .addr = SZ_64M, .len = len[i] };
		nova_buddy_free(b, &forged, i & 1);
		KUNIT_EXPECT_EQ(test, nova_buddy_misuses, i + 1);
		KUNIT_EXPECT_EQ(test, nova_buddy_test_hash(b), before);
	}
	nova_buddy_free(b, &big, false);
	nova_buddy_test_done(test, b);
}

static u32 nova_buddy_test_replay(struct kunit *test, u64 seed)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, SZ_64K, SZ_64M + 5 * PAGE);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 256);
	struct rnd_state rnd;
	unsigned int i;
	u32 hash;

	prandom_seed_state(&rnd, seed);
	for (i = 0; i < 4000; i++) {
		struct nova_buddy_alloc *slot = &a[prandom_u32_state(&rnd) % 256];
		const u32 r = prandom_u32_state(&rnd);
		const struct nova_buddy_req req = {
			.size = (1 + r % 100) * PAGE, .mode = r & BIT(8) ? NOVA_BUDDY_TOPDOWN : 0,
			.flags = r >> 9 & 7, .min_block = r & BIT(13) ? PAGE << (r >> 14 & 3) : 0,
		};

		if (slot->nr)
			nova_buddy_free(b, slot, r & BIT(20));
		else
			nova_buddy_alloc(b, &req, slot);
	}
	hash = nova_buddy_test_hash(b);
	for (i = 0; i < 256; i++)
		nova_buddy_free(b, &a[i], false);
	nova_buddy_test_done(test, b);
	return hash;
}

/* B-17 */
static void nova_buddy_test_determinism(struct kunit *test)
{
	const u32 first = nova_buddy_test_replay(test, 1);

	KUNIT_EXPECT_EQ(test, nova_buddy_test_replay(test, 1), first);
	KUNIT_EXPECT_NE(test, nova_buddy_test_replay(test, 2), first);
}

/* One of several that use the same pool. */
struct nova_buddy_thread {
	struct nova_buddy *b;
	struct completion done;
	u64 seed;
	unsigned int failed;
};

static int nova_buddy_thread_run(void *data)
{
	struct nova_buddy_thread *t = data;
	struct nova_buddy_alloc a[16] = {};
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, t->seed);
	for (i = 0; i < nova_buddy_thread_rounds; i++) {
		const u32 r = prandom_u32_state(&rnd);
		struct nova_buddy_alloc *slot = &a[r % ARRAY_SIZE(a)];
		const struct nova_buddy_req req = {
			.size = PAGE * (1 + (r >> 8 & 63)), .flags = r >> 16 & 3,
			.mode = r & BIT(20) ? NOVA_BUDDY_TOPDOWN : NOVA_BUDDY_SIMPLE,
		};

		if (slot->nr)
			nova_buddy_free(t->b, slot, r & BIT(21));
		else if (nova_buddy_alloc(t->b, &req, slot))
			t->failed++;
		if (!(i % 64))
			cond_resched();
	}
	for (i = 0; i < ARRAY_SIZE(a); i++)
		nova_buddy_free(t->b, &a[i], false);
	complete(&t->done);
	return 0;
}

/* B-6: all of them fit at once, so none may be refused. */
static void nova_buddy_test_threads(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, PAGE, SZ_128M);
	struct nova_buddy_thread *t = kunit_kcalloc(test, THREADS, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	for (i = 0; i < THREADS; i++) {
		t[i].b = b;
		t[i].seed = i + 1;
		init_completion(&t[i].done);
		if (IS_ERR(kthread_run(nova_buddy_thread_run, &t[i], "nova-buddy-%u", i))) {
			KUNIT_FAIL(test, "no thread %u", i);
			complete(&t[i].done);
		}
	}
	for (i = 0; i < THREADS; i++) {
		wait_for_completion(&t[i].done);
		KUNIT_EXPECT_EQ(test, t[i].failed, 0);
	}
	nova_buddy_test_done(test, b);
}

/* Batches freed backwards and taken again, over more words than are open at a time. */
static void nova_buddy_test_batch_comes_again(struct kunit *test)
{
	struct nova_buddy *b = nova_buddy_test_pool(test, 0, 4096 * PAGE);
	struct nova_buddy_alloc *a = nova_buddy_test_slots(test, 4096);
	unsigned int round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 4096; i++) {
			KUNIT_ASSERT_EQ(test, nova_buddy_alloc(b, REQ(.size = PAGE), &a[i]), 0);
			KUNIT_EXPECT_EQ(test, nova_buddy_extents(&a[i])->addr, i * PAGE);
		}
		KUNIT_EXPECT_EQ(test, nova_buddy_avail(b), 0);
		while (i--)
			nova_buddy_free(b, &a[i], false);
	}
	nova_buddy_test_done(test, b);
}

static struct kunit_case nova_buddy_fault_cases[] = {
	KUNIT_CASE(nova_buddy_test_stripes_serve_all),
	KUNIT_CASE(nova_buddy_test_window_keeps_alignment),
	KUNIT_CASE(nova_buddy_test_alignment_beyond_the_pool),
	KUNIT_CASE(nova_buddy_test_contiguous_is_exact),
	KUNIT_CASE(nova_buddy_test_fallback_keeps_direction),
	KUNIT_CASE(nova_buddy_test_sizes_beyond_32_bits),
	KUNIT_CASE(nova_buddy_test_forget_clear),
	KUNIT_CASE(nova_buddy_test_clear_is_not_inherited),
	KUNIT_CASE(nova_buddy_test_no_memory_for_extents),
	KUNIT_CASE(nova_buddy_test_no_memory_for_nodes),
	KUNIT_CASE(nova_buddy_test_misuse),
	KUNIT_CASE(nova_buddy_test_misuse_part),
	KUNIT_CASE(nova_buddy_test_misuse_without_pool),
	KUNIT_CASE(nova_buddy_test_misuse_without_nodes),
	KUNIT_CASE(nova_buddy_test_determinism),
	KUNIT_CASE(nova_buddy_test_batch_comes_again),
	KUNIT_CASE_SLOW(nova_buddy_test_threads),
	{}
};

static struct kunit_suite nova_buddy_fault_suite = {
	.name = "nova-buddy-fault",
	.test_cases = nova_buddy_fault_cases,
};

kunit_test_suite(nova_buddy_fault_suite);
