// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: statistics and checks of the buddy allocator
 *
 * Statistics come from counters that every change maintains and cost one step an order; the
 * checker walks the whole tree, works out the same figures from the bits alone, and compares.
 *
 * Locking: each function takes the pool's lock for its duration; nothing is allocated. Printing
 * and dumping call back under the lock: the callback must not sleep nor come back to the pool.
 * Units: bytes in the interface, chunks inside.
 */

#include "nova_buddy.h"
#include "nova_buddy_extent.h"
#include "nova_buddy_find.h"
#include "nova_buddy_index.h"
#include "nova_buddy_open.h"
#include "nova_buddy_pool.h"
#include "nova_buddy_tree.h"

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <kunit/static_stub.h>

/**
 * nova_buddy_misused() - report a caller's mistake
 * @b: the pool
 * @what: the mistake
 *
 * Context: any; without the pool's lock.
 */
void nova_buddy_misused(struct nova_buddy *b, const char *what)
{
	KUNIT_STATIC_STUB_REDIRECT(nova_buddy_misused, b, what);
	spin_lock(&b->lock);
	b->misuse++;
	spin_unlock(&b->lock);
	WARN_ONCE(1, "nova_buddy: %s\n", what);
}

/**
 * nova_buddy_avail() - free bytes
 * @b: the pool
 *
 * Context: takes the pool's lock. O(orders).
 *
 * Return: bytes.
 */
u64 nova_buddy_avail(struct nova_buddy *b)
{
	u64 avail;

	spin_lock(&b->lock);
	avail = nova_buddy_left(b) << b->chunk_lg2;
	spin_unlock(&b->lock);
	return avail;
}

/**
 * nova_buddy_count_pieces() - count the blocks of an extent
 * @b: the pool
 * @first: first chunk
 * @end: behind the last chunk
 * @dir: 1: in, -1: out
 *
 * Context: nova_buddy.lock held. O(orders).
 */
void nova_buddy_count_pieces(struct nova_buddy *b, u64 first, u64 end, int dir)
{
	unsigned int order;
	u64 nr;

	/* blocks grow up to a chunk that is aligned to the rest, and from there on they shrink */
	for (; first & ((1ull << __fls(end - first)) - 1); first += 1ull << order) {
		order = __ffs64(first);
		b->used[order] += dir;
	}
	for (nr = end - first; nr; nr &= nr - 1)
		b->used[__ffs64(nr)] += dir;
}

static unsigned int nova_buddy_max_order(const struct nova_buddy *b)
{
	return min(__fls(b->end - b->first), NOVA_BUDDY_ORDERS - 1ul);
}

/**
 * nova_buddy_stats() - the pool in numbers
 * @b: the pool
 * @stats: filled in
 *
 * Context: takes the pool's lock. O(orders).
 */
void nova_buddy_stats(struct nova_buddy *b, struct nova_buddy_stats *stats)
{
	unsigned int k;

	memset(stats, 0, sizeof(*stats));
	spin_lock(&b->lock);
	nova_buddy_settle(b);
	stats->chunk_size = 1ull << b->chunk_lg2;
	stats->total = (b->end - b->first) << b->chunk_lg2;
	stats->avail = nova_buddy_left(b) << b->chunk_lg2;
	stats->clear = b->clear << b->chunk_lg2;
	stats->lost = b->lost;
	stats->metadata = b->metadata;
	stats->misuse = b->misuse;
	stats->max_order = nova_buddy_max_order(b);
	for (k = 0; k < NOVA_BUDDY_ORDERS; k++) {
		stats->free[k] = b->free[k];
		stats->used[k] = b->used[k];
		if (b->free[k])
			stats->largest_free = 1ull << (k + b->chunk_lg2);
	}
	spin_unlock(&b->lock);
}

/**
 * nova_buddy_largest_run() - the longest run of free addresses
 * @b: the pool
 *
 * Context: takes the pool's lock. O(runs): for tools and tests.
 *
 * Return: bytes; a contiguous request without an alignment of its own succeeds up to this size.
 */
u64 nova_buddy_largest_run(struct nova_buddy *b)
{
	u64 first, end, best = 0;

	spin_lock(&b->lock);
	nova_buddy_settle(b);
	for (end = b->first; end < b->end; ) {
		const struct nova_buddy_where where = { .first = end, .end = b->end };

		/* a longer run holds a block of at least a quarter of it */
		if (!nova_buddy_find(b, NOVA_BUDDY_IS_ANY, best ? __fls(best + 2) - 1 : 0, &where,
				     &first))
			break;
		first = nova_buddy_run_first(b, first, b->first);
		end = nova_buddy_run_end(b, first, b->end);
		best = max(best, end - first);
	}
	spin_unlock(&b->lock);
	return best << b->chunk_lg2;
}

/* What a walk over the bits finds. */
struct nova_buddy_census {
	struct nova_buddy *b;
	u64 free[NOVA_BUDDY_ORDERS];
	u64 nr[NOVA_BUDDY_PURE];
	u64 run_first;		/* of the free run that ends at run_end */
	u64 run_end;
	int ret;
};

/* And below one word, itself included. */
struct nova_buddy_census_sum {
	u64 present[NOVA_BUDDY_PURE];
	u64 blends;		/* bit k: words of level k in which there are units of several kinds */
	bool any, full;
};

/* Counts the maximal aligned blocks which the free run consists of. */
static void nova_buddy_census_run(struct nova_buddy_census *c)
{
	while (c->run_first < c->run_end) {
		unsigned int order = __fls(c->run_end - c->run_first);

		if (c->run_first)
			order = min_t(unsigned int, order, __ffs64(c->run_first));
		c->free[order]++;
		c->run_first += 1ull << order;
	}
}

static void nova_buddy_census_add(struct nova_buddy_census *c, enum nova_buddy_kind kind, u64 first,
				  u64 end)
{
	c->nr[kind] += end - first;
	if (c->run_end != first) {
		nova_buddy_census_run(c);
		c->run_first = first;
	}
	c->run_end = end;
}

static void nova_buddy_census_check(struct nova_buddy_census *c, bool good)
{
	if (!good)
		c->ret = -EUCLEAN;
}

/* Orders of the maximal aligned runs in a word, the slow and obvious way. */
static u64 nova_buddy_census_orders(u64 word)
{
	unsigned int order, pos;
	u64 orders = 0;

	for (order = 7; word && order-- > 0; )
		for (pos = 0; pos < 64; pos += 1u << order)
			if (!(~word & nova_buddy_bits(pos, 1u << order))) {
				orders |= BIT_ULL(order);
				word &= ~nova_buddy_bits(pos, 1u << order);
			}
	return orders;
}

/* Whether the index of a word says of unit @slot what is below it. */
static void nova_buddy_census_index(struct nova_buddy_census *c, const struct nova_buddy_place *at,
				    unsigned int slot, const struct nova_buddy_census_sum *below)
{
	unsigned int m, kind;
	const u64 *has;

	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++) {
		has = at->level == 1 ? nova_buddy_group(at->node)->leaf[at->idx].row[kind] :
				       at->node->has[kind];
		for (m = 0; m < 6 * at->level; m++)
			nova_buddy_census_check(c, (has[m] >> slot & 1) ==
						   (below->present[kind] >> m & 1));
	}
	for (m = 1; m < at->level; m++)
		nova_buddy_census_check(c, (at->node->blend[m] >> slot & 1) ==
					   (below->blends >> m & 1));
}

/* The index of a node is read behind its orders, where nothing may be. */
static void nova_buddy_census_blank(struct nova_buddy_census *c, const struct nova_buddy_node *node)
{
	unsigned int m, kind;

	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++)
		for (m = 6 * node->level; m < NOVA_BUDDY_INDEX; m++)
			nova_buddy_census_check(c, !node->has[kind][m]);
}

static void nova_buddy_census_word(struct nova_buddy_census *c, const struct nova_buddy_place *at,
				   u64 base, struct nova_buddy_census_sum *sum);

/* Below unit @slot there is what the word and its index say, and nothing if it is free. */
static void nova_buddy_census_unit(struct nova_buddy_census *c, const struct nova_buddy_place *at,
				   unsigned int slot, u64 base, struct nova_buddy_census_sum *sum)
{
	u64 pure = *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) |
		   *nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR);
	u64 mixed = *nova_buddy_word(at, NOVA_BUDDY_IS_MIXED);
	const struct nova_buddy_place child = nova_buddy_child(at, slot);
	struct nova_buddy_census_sum below = {};
	unsigned int kind;

	if (at->level > NOVA_BUDDY_GROUP_LEVEL)
		nova_buddy_census_check(c, child.node->parent == at->node &&
					   child.node->bit == BIT_ULL(slot));
	nova_buddy_census_word(c, &child, base, &below);
	nova_buddy_census_check(c, !(pure >> slot & 1) || !below.any);
	nova_buddy_census_check(c, (mixed >> slot & 1) == below.full);
	nova_buddy_census_index(c, at, slot, &below);
	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++)
		sum->present[kind] |= below.present[kind];
	sum->blends |= below.blends;
	sum->any |= below.any;
}

static void nova_buddy_census_word(struct nova_buddy_census *c, const struct nova_buddy_place *at,
				   u64 base, struct nova_buddy_census_sum *sum)
{
	const unsigned int shift = 6 * at->level;
	const u64 orders = at->level == c->b->root->level ? 0x7f : 0x3f;
	u64 dirty = *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY);
	u64 clear = *nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR);
	u64 all = nova_buddy_union(at), mixed = all & ~(dirty | clear), look = 0;
	unsigned int slot;

	if (!at->level && !all)
		return;
	nova_buddy_census_check(c, !(dirty & clear) && (!at->level ||
		mixed == *nova_buddy_word(at, NOVA_BUDDY_IS_MIXED)));
	nova_buddy_census_check(c, orders == 0x7f || (~dirty && ~clear));
	if (at->level >= NOVA_BUDDY_GROUP_LEVEL)
		nova_buddy_census_blank(c, at->node);
	/*
	 * Of a node, what nothing leads to is not looked at: most of a large pool. Free memory
	 * lost there is missing in the sums.
	 */
	if (at->level)
		look = at->level > 1 ? nova_buddy_below(at, true) | mixed : ~0ull;
	for (slot = 0; slot < 64; slot++) {
		u64 first = base + ((u64)slot << shift), end = first + (1ull << shift);

		if (look >> slot & 1)
			nova_buddy_census_unit(c, at, slot, first, sum);
		if ((dirty | clear) >> slot & 1)
			nova_buddy_census_add(c, clear >> slot & 1, first, end);
	}
	sum->any |= all != 0;
	sum->full = orders == 0x3f && !~all;
	sum->present[NOVA_BUDDY_IS_DIRTY] |= (nova_buddy_census_orders(dirty) & orders) << shift;
	sum->present[NOVA_BUDDY_IS_CLEAR] |= (nova_buddy_census_orders(clear) & orders) << shift;
	if (at->level && (mixed || (dirty && clear)))
		sum->blends |= BIT_ULL(at->level);
}

/**
 * nova_buddy_verify() - check every invariant of a pool
 * @b: the pool
 *
 * Works out from the bits alone what all summaries and counters must be (B-18).
 *
 * Context: takes the pool's lock. O(metadata in use).
 *
 * Return: 0, or -EUCLEAN if anything does not agree.
 */
int nova_buddy_verify(struct nova_buddy *b)
{
	const struct nova_buddy_place root = { .node = b->root, .level = b->root->level };
	struct nova_buddy_census c = { .b = b };
	struct nova_buddy_census_sum sum = {};
	unsigned int k;

	spin_lock(&b->lock);
	nova_buddy_settle(b);
	nova_buddy_census_word(&c, &root, 0, &sum);
	nova_buddy_census_run(&c);
	for (k = 0; k < NOVA_BUDDY_PURE; k++)
		nova_buddy_census_check(&c, sum.present[k] == b->present[k]);
	for (k = 0; k < NOVA_BUDDY_ORDERS; k++)
		nova_buddy_census_check(&c, c.free[k] == b->free[k]);
	nova_buddy_census_check(&c, c.nr[NOVA_BUDDY_IS_DIRTY] + c.nr[NOVA_BUDDY_IS_CLEAR] ==
				    nova_buddy_left(b));
	nova_buddy_census_check(&c, c.nr[NOVA_BUDDY_IS_CLEAR] == b->clear);
	nova_buddy_census_check(&c, !b->first || nova_buddy_none(b, 0, b->first));
	spin_unlock(&b->lock);
	return c.ret;
}

/**
 * nova_buddy_print() - a table of a pool's blocks by size
 * @b: the pool
 * @emit: called with each line, without a newline
 * @arg: handed to @emit
 *
 * Context: takes the pool's lock. O(orders).
 */
void nova_buddy_print(struct nova_buddy *b, void (*emit)(void *arg, const char *line), void *arg)
{
	struct nova_buddy_stats stats;
	char line[96];

	nova_buddy_stats(b, &stats);
	snprintf(line, sizeof(line), "%12s %12s %14s %12s %14s", "block KiB", "free blocks",
		 "free KiB", "used pieces", "used KiB");
	emit(arg, line);
	for (unsigned int k = 0; k < NOVA_BUDDY_ORDERS; k++) {
		u64 kib = stats.chunk_size << k >> 10;

		if (!stats.free[k] && !stats.used[k])
			continue;
		snprintf(line, sizeof(line), "%12llu %12llu %14llu %12llu %14llu", kib,
			 stats.free[k], stats.free[k] * kib, stats.used[k], stats.used[k] * kib);
		emit(arg, line);
	}
	snprintf(line, sizeof(line), "%12s %12s %14llu %12s %14llu", "all", "",
		 stats.avail >> 10, "", (stats.total - stats.avail) >> 10);
	emit(arg, line);
}

/**
 * nova_buddy_next_free() - walk the runs of free memory
 * @b: the pool
 * @start: where to look from; returns the first address of the run, at least that
 * @end: returns the address behind the run
 *
 * The pool may change between two calls; each run was free when it was returned.
 *
 * Context: takes the pool's lock. O(levels).
 *
 * Return: true if there is one.
 */
bool nova_buddy_next_free(struct nova_buddy *b, u64 *start, u64 *end)
{
	struct nova_buddy_where where;
	bool found = false;
	u64 chunk;

	spin_lock(&b->lock);
	nova_buddy_settle(b);
	where = (struct nova_buddy_where){ .first = b->first, .end = b->end };
	if (*start > b->origin)
		where.first = max(b->first, (*start - b->origin) >> b->chunk_lg2);
	if (where.first < where.end)
		found = nova_buddy_find(b, NOVA_BUDDY_IS_ANY, 0, &where, &chunk);
	if (found) {
		*start = b->origin + (chunk << b->chunk_lg2);
		chunk = nova_buddy_run_end(b, chunk, b->end);
		*end = b->origin + (chunk << b->chunk_lg2);
	}
	spin_unlock(&b->lock);
	return found;
}

/**
 * nova_buddy_dump() - list the free runs of a pool
 * @b: the pool
 * @emit: called with each line, without a newline, under the pool's lock
 * @arg: handed to @emit
 *
 * Two pools in the same state give the same lines.
 *
 * Context: takes the pool's lock. O(runs).
 */
void nova_buddy_dump(struct nova_buddy *b, void (*emit)(void *arg, const char *line), void *arg)
{
	struct nova_buddy_where where = { .end = b->end };
	enum nova_buddy_kind kind, is;
	char line[96];
	u64 chunk;

	spin_lock(&b->lock);
	nova_buddy_settle(b);
	where.first = b->first;
	while (where.first < b->end &&
	       nova_buddy_find(b, NOVA_BUDDY_IS_ANY, 0, &where, &chunk)) {
		is = NOVA_BUDDY_KINDS;
		where.first = chunk;
		while (where.first < b->end && nova_buddy_all(b, where.first, where.first + 1)) {
			u64 end = nova_buddy_piece(b, where.first, &kind);

			if (is != NOVA_BUDDY_KINDS && is != kind)
				break;
			is = kind;
			where.first = end;
		}
		snprintf(line, sizeof(line), "%s %#llx-%#llx",
			 is == NOVA_BUDDY_IS_CLEAR ? "clear" : "dirty",
			 b->origin + (chunk << b->chunk_lg2),
			 b->origin + (where.first << b->chunk_lg2));
		emit(arg, line);
	}
	spin_unlock(&b->lock);
}
