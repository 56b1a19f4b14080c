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
#include "nova_buddy_open.h"
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
 * Context: takes the pool's lock. O(1).
 *
 * Return: bytes.
 */
u64 nova_buddy_avail(struct nova_buddy *b)
{
	u64 avail;

	spin_lock(&b->lock);
	avail = b->avail << b->chunk_lg2;
	spin_unlock(&b->lock);
	return avail;
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
	s64 nr = 0;

	memset(stats, 0, sizeof(*stats));
	spin_lock(&b->lock);
	nova_buddy_settle(b);
	stats->chunk_size = 1ull << b->chunk_lg2;
	stats->total = (b->end - b->first) << b->chunk_lg2;
	stats->avail = b->avail << b->chunk_lg2;
	stats->clear = b->root->clear << b->chunk_lg2;
	stats->lost = b->lost;
	stats->metadata = b->metadata;
	stats->misuse = b->misuse;
	stats->max_order = nova_buddy_max_order(b);
	for (k = 0; k < NOVA_BUDDY_ORDERS; k++) {
		nr += b->free_diff[k];
		stats->free[k] = nr;
		stats->used[k] = b->used[k];
		if (nr)
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
		if (!nova_buddy_find(b, NOVA_BUDDY_SET_FREE, best ? __fls(best + 2) - 1 : 0, &where,
				     &first))
			break;
		first = nova_buddy_run_first(b, first, b->first);
		end = nova_buddy_run_end(b, NOVA_BUDDY_SET_FREE, first, b->end);
		best = max(best, end - first);
	}
	spin_unlock(&b->lock);
	return best << b->chunk_lg2;
}

/* What a walk over the bits finds. */
struct nova_buddy_census {
	u64 free[NOVA_BUDDY_ORDERS];
	u64 nr[NOVA_BUDDY_SETS];
	u64 run_first;		/* of the free run that ends at run_end */
	u64 run_end;
	u64 classes;		/* bit c: the unit just left holds, or is, one of class c */
	int ret;
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

static void nova_buddy_census_add(struct nova_buddy_census *c, enum nova_buddy_set set, u64 first,
				  u64 end)
{
	c->nr[set] += end - first;
	if (set != NOVA_BUDDY_SET_FREE)
		return;
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

/* One more than the order of the largest aligned run in a word, the slow and obvious way. */
static unsigned int nova_buddy_census_class(u64 word)
{
	unsigned int order, pos;

	for (order = 7; order-- > 0; )
		for (pos = 0; pos < 64; pos += 1u << order)
			if (!(~word & nova_buddy_bits(pos, 1u << order)))
				return order + 1;
	return 0;
}

static unsigned int nova_buddy_census_leaf(struct nova_buddy_census *c,
					   const struct nova_buddy_group *group,
					   enum nova_buddy_set set, unsigned int slot, u64 base,
					   u64 *clear)
{
	const struct nova_buddy_leaf *leaf = &group->leaf[set][slot];
	unsigned int i, p, best = 0;
	u64 full = 0;

	for (i = 0; i < 64; i++, base += 64) {
		u64 word = group->words[set][slot * 64 + i], todo;
		unsigned int cls = 0;

		for (p = 0; p < 3; p++)
			cls |= (leaf->plane[p] >> i & 1) << p;
		if (cls == 0 || cls == NOVA_BUDDY_WORD_CLASSES)
			word = cls ? ~0ull : 0;
		nova_buddy_census_check(c, nova_buddy_census_class(word) == cls);
		best = max(best, cls);
		full |= cls == NOVA_BUDDY_WORD_CLASSES ? BIT_ULL(i) : 0;
		*clear += hweight64(word);
		for (todo = word; todo; ) {
			unsigned int pos = __ffs(todo);
			unsigned int end = ~(todo >> pos) ? pos + __ffs(~(todo >> pos)) : 64;

			nova_buddy_census_add(c, set, base + pos, base + end);
			todo &= end < 64 ? ~0ull << end : 0;
		}
	}
	return full ? 6 + nova_buddy_census_class(full) : best;
}

/* Classes that a node keeps a word for, class 0 included. */
static unsigned int nova_buddy_has_classes(const struct nova_buddy_node *node)
{
	return node->level > NOVA_BUDDY_GROUP_LEVEL ? 6 * node->level - 5 : 0;
}

static unsigned int nova_buddy_census_node(struct nova_buddy_census *c,
					   const struct nova_buddy_node *node,
					   enum nova_buddy_set set, u64 base, u64 *clear)
{
	const u64 span = 1ull << (6 * node->level);
	u64 sum = 0, classes = 0, expected[NOVA_BUDDY_MAX_LEVEL * 6] = {};
	unsigned int i, k, best = 0;

	for (i = 0; i < 64; i++, base += span) {
		unsigned int known = 0, cls;
		u64 below = 0;

		for (k = 0; k <= 6 * node->level; k++) {
			nova_buddy_census_check(c, known == k || !(node->ge[set][k] >> i & 1));
			known += node->ge[set][k] >> i & 1;
		}
		best = max(best, known);
		if (!known)
			continue;
		if (known == 6 * node->level + 1) {
			nova_buddy_census_add(c, set, base, base + span);
			sum += span;
			continue;
		}
		if (node->level > NOVA_BUDDY_GROUP_LEVEL) {
			cls = nova_buddy_census_node(c, node->child[i], set, base, &below);
			nova_buddy_census_check(c, node->child[i]->parent == node &&
						   node->child[i]->slot == i &&
						   node->child[i]->cls[set] == cls);
		} else {
			const struct nova_buddy_group *group =
				container_of(node, const struct nova_buddy_group, node);

			c->classes = 0;
			cls = nova_buddy_census_leaf(c, group, set, i, base, &below);
			nova_buddy_census_check(c, group->leaf_cls[set][i] == cls);
			nova_buddy_census_check(c, set == NOVA_BUDDY_SET_FREE ||
						   group->leaf_clear[i] == below);
		}
		nova_buddy_census_check(c, cls == known);
		sum += below;
		if (nova_buddy_home(cls) <= node->level)
			c->classes |= BIT_ULL(cls);
		classes |= c->classes;
		for (k = 1; k < nova_buddy_has_classes(node); k++)
			expected[k] |= (c->classes >> k & 1) << i;
	}
	for (k = 1; k < nova_buddy_has_classes(node); k++)
		nova_buddy_census_check(c, node->has[set][k] == expected[k]);
	c->classes = classes;
	nova_buddy_census_check(c, set == NOVA_BUDDY_SET_FREE || node->clear == sum);
	*clear = sum;
	if (best == 6 * node->level + 1)
		best += nova_buddy_census_class(nova_buddy_full(node, set)) - 1;
	return best;
}

static bool nova_buddy_clear_is_free(struct nova_buddy *b)
{
	struct nova_buddy_where where = { .first = b->first, .end = b->end };
	u64 chunk;

	/* by blocks: each clear one must be free as a whole */
	while (where.first < where.end &&
	       nova_buddy_find(b, NOVA_BUDDY_SET_CLEAR, 0, &where, &chunk)) {
		u64 nr = chunk ? chunk & -chunk : 1ull << (6 * b->root->level + 6);

		while (chunk + nr > b->end ||
		       !nova_buddy_all(b, NOVA_BUDDY_SET_CLEAR, chunk, chunk + nr))
			nr /= 2;
		if (!nova_buddy_all(b, NOVA_BUDDY_SET_FREE, chunk, chunk + nr))
			return false;
		where.first = chunk + nr;
	}
	return true;
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
	struct nova_buddy_census c = {};
	u64 used = 0, clear = 0;
	unsigned int k, set;
	s64 nr = 0;

	spin_lock(&b->lock);
	nova_buddy_settle(b);
	for (set = 0; set < NOVA_BUDDY_SETS; set++)
		nova_buddy_census_check(&c, nova_buddy_census_node(&c, b->root, set, 0, &clear) ==
					    b->root->cls[set]);
	nova_buddy_census_run(&c);
	for (k = 0; k < NOVA_BUDDY_ORDERS; k++) {
		nr += b->free_diff[k];
		nova_buddy_census_check(&c, nr >= 0 && c.free[k] == nr);
		used += b->used[k] << k;
	}
	nova_buddy_census_check(&c, c.nr[NOVA_BUDDY_SET_FREE] == b->avail);
	nova_buddy_census_check(&c, c.nr[NOVA_BUDDY_SET_CLEAR] == b->root->clear);
	nova_buddy_census_check(&c, used + b->avail == b->end - b->first);
	nova_buddy_census_check(&c, !b->first || nova_buddy_none(b, NOVA_BUDDY_SET_FREE, 0,
								 b->first));
	nova_buddy_census_check(&c, nova_buddy_clear_is_free(b));
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
		found = nova_buddy_find(b, NOVA_BUDDY_SET_FREE, 0, &where, &chunk);
	if (found) {
		*start = b->origin + (chunk << b->chunk_lg2);
		chunk = nova_buddy_run_end(b, NOVA_BUDDY_SET_FREE, chunk, b->end);
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
	enum nova_buddy_set set;
	char line[96];

	spin_lock(&b->lock);
	nova_buddy_settle(b);
	for (set = 0; set < NOVA_BUDDY_SETS; set++) {
		struct nova_buddy_where where = { .first = b->first, .end = b->end };
		u64 chunk;

		while (where.first < where.end && nova_buddy_find(b, set, 0, &where, &chunk)) {
			where.first = nova_buddy_run_end(b, set, chunk, b->end);
			snprintf(line, sizeof(line), "%s %#llx-%#llx",
				 set == NOVA_BUDDY_SET_FREE ? "free" : "clear",
				 b->origin + (chunk << b->chunk_lg2),
				 b->origin + (where.first << b->chunk_lg2));
			emit(arg, line);
		}
	}
	spin_unlock(&b->lock);
}
