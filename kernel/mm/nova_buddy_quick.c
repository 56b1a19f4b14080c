// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: single blocks of the buddy allocator
 *
 * What nearly every call wants: one block of one kind, and the index that finds it. If a block of
 * order k leaves a maximal block of order m, one of order m goes and one each of k to m - 1 comes;
 * if it merges to one of order m, one each of k to m - 1 goes and one of m comes. Only these orders
 * are looked at, and the number of maximal blocks changes by three additions, however far the
 * block is split or merged.
 *
 * An order that comes is set on the whole way up without a look at what was there; one that goes
 * is cleared as far up as it was the last.
 *
 * Sizes are as good as random to whoever has to serve them, and a branch that depends on them costs
 * as much as fifty instructions. So most calls decide nothing by the order or the level of a block
 * (nova_buddy_low.h): the runs of an order are worked out by one addition, a table tells the rest.
 * What remains are the rarer cases: a block is split, or merges, or was the last of its order.
 *
 * While nothing is clear that is all. Else the block may be a part of a larger one of both kinds,
 * of which nova_buddy_tree.c keeps account.
 *
 * Invariant: an order is in the index of a word if and only if the word holds a maximal block of
 * it, and in that of a node if it is below. Locking: nova_buddy.lock held by the caller. Units:
 * chunks from nova_buddy.origin.
 */

#include "nova_buddy_quick.h"

#include "nova_buddy_index.h"
#include "nova_buddy_inline.h"

#define NOVA_BUDDY_ONES(order)	(~0ull >> (64 - (1u << (order))))
#define NOVA_BUDDY_SHAPE(lvl, order) { \
	.span = NOVA_BUDDY_ONES(order), \
	.first = ~0ull / NOVA_BUDDY_ONES(order), \
	.last = ~0ull / NOVA_BUDDY_ONES(order) << ((1u << (order)) - 1), \
	.second = ~0ull / NOVA_BUDDY_ONES((order) + 1) << ((2u << (order)) - 1), \
	.keep = (0xfff << (6 * (lvl))) & 0xfff, \
	.shift = 6 * (lvl), \
	.level = lvl, \
	.stride = (lvl) ? 1 : 3, \
	.lg2 = order, \
	.in_leaf = (lvl) < 1, \
	.in_node = (lvl) < 2, \
	.in_row = (lvl) == 1 ? 0xfc0 : 0, \
	.more = (lvl) == 2 ? 6 : 0, \
}

const struct nova_buddy_shape nova_buddy_shapes[NOVA_BUDDY_LOW_ORDERS] = {
	NOVA_BUDDY_SHAPE(0, 0), NOVA_BUDDY_SHAPE(0, 1), NOVA_BUDDY_SHAPE(0, 2),
	NOVA_BUDDY_SHAPE(0, 3), NOVA_BUDDY_SHAPE(0, 4), NOVA_BUDDY_SHAPE(0, 5),
	NOVA_BUDDY_SHAPE(1, 0), NOVA_BUDDY_SHAPE(1, 1), NOVA_BUDDY_SHAPE(1, 2),
	NOVA_BUDDY_SHAPE(1, 3), NOVA_BUDDY_SHAPE(1, 4), NOVA_BUDDY_SHAPE(1, 5),
	NOVA_BUDDY_SHAPE(2, 0), NOVA_BUDDY_SHAPE(2, 1), NOVA_BUDDY_SHAPE(2, 2),
	NOVA_BUDDY_SHAPE(2, 3), NOVA_BUDDY_SHAPE(2, 4), NOVA_BUDDY_SHAPE(2, 5),
};

/**
 * nova_buddy_change() - bring the index up to date
 * @b: the pool
 * @at: a word that has changed
 * @kind: whose units
 * @from: units before
 * @to: units now
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_change(struct nova_buddy *b, const struct nova_buddy_place *at,
		       enum nova_buddy_kind kind, u64 from, u64 to)
{
	unsigned int were = nova_buddy_orders(from), are = nova_buddy_orders(to);
	/* a full word is a unit of the next level, if there is one */
	unsigned int changed = (were ^ are) & (at->level < b->root->level ? 0x3f : 0x7f), k;

	for (; changed; changed &= changed - 1) {
		k = __ffs(changed);
		if (are >> k & 1)
			nova_buddy_raise(b, at, kind, k, k + 1);
		else
			nova_buddy_lower(b, at, kind, k);
	}
}

/**
 * nova_buddy_quick_split() - bring down what is left of a unit
 * @b: the pool
 * @at: the word in which the unit was
 * @kind: of which kind
 * @order: log2 of the chunks that were taken of it, less than it had
 * @chunk: the first of them
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_quick_split(struct nova_buddy *b, struct nova_buddy_place at,
			    enum nova_buddy_kind kind, unsigned int order, u64 chunk)
{
	unsigned int shift, lo;

	do {
		at = nova_buddy_child(&at, chunk >> (6 * at.level) & 63);
		shift = 6 * at.level;
		lo = order > shift ? order - shift : 0;
		*nova_buddy_word(&at, kind) = ~nova_buddy_span(chunk >> shift & 63, lo);
		nova_buddy_raise(b, &at, kind, lo, 6);
	} while (order < shift);
}

/* The block at @chunk leaves the maximal one of 2^@m units around it, the @last such in @at. */
static __always_inline void nova_buddy_quick_cut(struct nova_buddy *b,
						 const struct nova_buddy_place *at,
						 enum nova_buddy_kind kind, unsigned int order,
						 u64 chunk, unsigned int m, bool last)
{
	unsigned int shift = 6 * at->level, lo = order > shift ? order - shift : 0;

	*nova_buddy_word(at, kind) &= ~nova_buddy_span(chunk >> shift & 63, lo);
	if (last)
		nova_buddy_lower(b, at, kind, m);
	if (lo < m)
		nova_buddy_raise(b, at, kind, lo, m);
	if (order < shift)
		nova_buddy_quick_split(b, *at, kind, order, chunk);
}

/* A block of 2^@lo units joins the word; returns what it merges to, 6: the word is full. */
static __always_inline unsigned int nova_buddy_quick_merge(struct nova_buddy *b,
							   const struct nova_buddy_place *at,
							   enum nova_buddy_kind kind,
							   unsigned int pos, unsigned int lo)
{
	u64 *word = nova_buddy_word(at, kind), now = *word | nova_buddy_span(pos, lo);
	unsigned int hi = nova_buddy_merged(now, pos), gone = BIT(hi) - BIT(lo);

	*word = now;
	if (gone && now != nova_buddy_span(pos & -(1u << hi), hi))
		gone &= ~nova_buddy_orders(now);
	for (; gone; gone &= gone - 1)
		nova_buddy_lower(b, at, kind, __ffs(gone));
	if (hi < 6 || nova_buddy_is_root(at))
		nova_buddy_raise(b, at, kind, hi, hi + 1);
	return hi;
}

/* The block leaves a free one of one kind in @at, 2^@m units long; @kinds: there may be several. */
static __always_inline void nova_buddy_quick_remove(struct nova_buddy *b,
						    const struct nova_buddy_place *at,
						    enum nova_buddy_kind kind, unsigned int order,
						    u64 chunk, unsigned int m, bool last,
						    bool kinds)
{
	unsigned int merged = m + 6 * at->level;

	if (kinds)
		merged = nova_buddy_leave(b, at, chunk >> (6 * at->level) & 63);
	nova_buddy_quick_cut(b, at, kind, order, chunk, m, last);
	if (kinds && !*nova_buddy_word(at, kind))
		nova_buddy_blend(b, *at);
	if (kind == NOVA_BUDDY_IS_CLEAR)
		b->clear -= 1ull << order;
	nova_buddy_count_merge(b, order, merged, -1);
}

/**
 * nova_buddy_quick_take_high() - take a block from one that is no part of a group
 * @b: the pool
 * @kind: of which kind
 * @order: log2 of its chunks
 * @m: of those of the smallest maximal block that fits
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if a node is missing.
 */
bool nova_buddy_quick_take_high(struct nova_buddy *b, enum nova_buddy_kind kind,
				unsigned int order, unsigned int m, u64 *chunk)
{
	struct nova_buddy_place at = { b->root, 0, b->root->level };
	u64 base = 0, exact, missing;
	unsigned int shift, slot;

	for (; 6 * at.level > m; at = nova_buddy_child(&at, slot)) {
		slot = __ffs64(at.node->has[kind][m]);
		base += (u64)slot << (6 * at.level);
	}
	shift = 6 * at.level;
	exact = nova_buddy_exact(*nova_buddy_word(&at, kind), m - shift);
	*chunk = base + ((u64)__ffs64(exact) << shift);
	if (b->lazy && nova_buddy_missing(b, *chunk, *chunk + (1ull << order), &missing))
		return false;
	nova_buddy_quick_remove(b, &at, kind, order, *chunk, m - shift, !(exact & (exact - 1)),
				b->clear);
	return true;
}

/**
 * nova_buddy_quick_take() - take the smallest maximal block that fits, or its first part
 * @b: the pool, in which nothing is clear
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if there is none, or if a node is missing.
 */
bool nova_buddy_quick_take(struct nova_buddy *b, unsigned int order, u64 *chunk)
{
	return nova_buddy_take_dirty(b, order, chunk);
}

/**
 * nova_buddy_quick_take_kind() - the same, of one kind
 * @b: the pool
 * @kind: of which kind
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if there is none, or if a node is missing.
 */
bool nova_buddy_quick_take_kind(struct nova_buddy *b, enum nova_buddy_kind kind,
				unsigned int order, u64 *chunk)
{
	return b->present[kind] >> order && nova_buddy_take_of(b, kind, order, chunk, true);
}

static void nova_buddy_quick_leave_high(struct nova_buddy *b, const struct nova_buddy_place *at,
					enum nova_buddy_kind kind, unsigned int order, u64 chunk)
{
	u64 units = *nova_buddy_word(at, kind), exact;
	unsigned int m = nova_buddy_merged(units, chunk >> (6 * at->level) & 63);

	exact = nova_buddy_exact(units, m);
	nova_buddy_quick_remove(b, at, kind, order, chunk, m, !(exact & (exact - 1)), b->clear);
}

/**
 * nova_buddy_quick_leave() - take a block out of a larger one
 * @b: the pool
 * @at: the word in which it is free, as a part of a unit or of its own level
 * @kind: what it is
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned; the nodes on both boundaries are populated
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_quick_leave(struct nova_buddy *b, struct nova_buddy_place at,
			    enum nova_buddy_kind kind, unsigned int order, u64 chunk)
{
	unsigned int shift = 6 * at.level, m;
	struct nova_buddy_low low;
	u64 units, exact;

	units = *nova_buddy_word(&at, kind);
	m = nova_buddy_merged(units, chunk >> shift & 63) + shift;
	if (m >= NOVA_BUDDY_LOW_ORDERS) {
		nova_buddy_quick_leave_high(b, &at, kind, order, chunk);
		return;
	}
	low = (struct nova_buddy_low){
		nova_buddy_group(at.node), &nova_buddy_shapes[m], (at.idx << shift) & 0xfff,
	};
	exact = nova_buddy_low_exact(low.shape, units);
	nova_buddy_low_cut(b, &low, kind, order, chunk, m, !(exact & (exact - 1)), b->clear);
}

/**
 * nova_buddy_quick_take_at() - take a block by its address
 * @b: the pool, in which nothing is clear
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned; the nodes on both boundaries are populated
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if it is not wholly free.
 */
bool nova_buddy_quick_take_at(struct nova_buddy *b, unsigned int order, u64 chunk)
{
	unsigned int level = min_t(unsigned int, order / 6, b->root->level);
	struct nova_buddy_place at = nova_buddy_at(b, level, chunk);
	u64 mask = nova_buddy_span(chunk >> (6 * level) & 63, order - 6 * level), units;

	for (;;) {
		units = *nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY);
		if (units & mask || at.level == b->root->level)
			break;
		mask = nova_buddy_up(&at);
	}
	if (mask & ~units)
		return false;
	nova_buddy_quick_leave(b, at, NOVA_BUDDY_IS_DIRTY, order, chunk);
	return true;
}

/**
 * nova_buddy_quick_rest() - give back the upper part of a block whose lower part stays taken
 * @b: the pool, in which nothing is clear
 * @first: first chunk
 * @end: end of the block, from which nothing else has been given back
 *
 * None of the blocks can merge, because what would make a pair with it is taken.
 *
 * Context: nova_buddy.lock held. O(levels) a block, of which there is one of an order at most.
 */
void nova_buddy_quick_rest(struct nova_buddy *b, u64 first, u64 end)
{
	unsigned int order, level, lo;
	struct nova_buddy_place at;

	for (; first < end; first += 1ull << order) {
		order = nova_buddy_first_order(first, end);
		level = min_t(unsigned int, order / 6, b->root->level);
		lo = order - 6 * level;
		at = nova_buddy_at(b, level, first);
		*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) |=
			nova_buddy_span(first >> (6 * level) & 63, lo);
		nova_buddy_raise(b, &at, NOVA_BUDDY_IS_DIRTY, lo, lo + 1);
		nova_buddy_count_merge(b, order, order, 1);
	}
}

/* To the word at @level; false: its units are free as a part of more. */
static __always_inline bool nova_buddy_quick_at(const struct nova_buddy *b, unsigned int level,
						u64 chunk, struct nova_buddy_place *at, bool kinds)
{
	unsigned int to = max_t(unsigned int, level, NOVA_BUDDY_GROUP_LEVEL), slot;
	struct nova_buddy_node *node = b->root;
	struct nova_buddy_place above;

	for (; node->level > to; node = node->child[slot]) {
		slot = chunk >> (6 * node->level) & 63;
		above = (struct nova_buddy_place){ node, 0, NOVA_BUDDY_GROUP_LEVEL };
		if (nova_buddy_whole(&above, kinds) >> slot & 1)
			return false;
	}
	*at = (struct nova_buddy_place){ node, 0, level };
	if (level >= NOVA_BUDDY_GROUP_LEVEL)
		return true;
	above = (struct nova_buddy_place){ node, 0, NOVA_BUDDY_GROUP_LEVEL };
	at->idx = chunk >> 12 & 63;
	if (nova_buddy_whole(&above, kinds) >> at->idx & 1)
		return false;
	if (level)
		return true;
	above = (struct nova_buddy_place){ node, at->idx, 1 };
	at->idx = chunk >> 6 & 4095;
	return !(nova_buddy_whole(&above, kinds) >> (at->idx & 63) & 1);
}

static __always_inline bool nova_buddy_quick_taken(const struct nova_buddy *b, unsigned int level,
						   u64 chunk, u64 mask,
						   struct nova_buddy_place *at, bool kinds)
{
	return nova_buddy_quick_at(b, level, chunk, at, kinds) &&
	       !((nova_buddy_whole(at, kinds) |
		  (level ? nova_buddy_below(at, kinds) : 0)) & mask);
}

/**
 * nova_buddy_quick_is_taken() - find the word of some units, of which nothing is free
 * @b: the pool, in which nothing is clear
 * @level: level of the units
 * @chunk: a chunk among the 64 units; their node is populated
 * @mask: the units
 * @at: set to the word
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if any of it is free, at this level, below, or as a part of a unit above.
 */
bool nova_buddy_quick_is_taken(const struct nova_buddy *b, unsigned int level, u64 chunk, u64 mask,
			       struct nova_buddy_place *at)
{
	return nova_buddy_quick_taken(b, level, chunk, mask, at, false);
}

/**
 * nova_buddy_quick_fill() - make a full word a unit of the one above, and so on
 * @b: the pool, in which nothing is clear
 * @at: the word
 * @order: log2 of the chunks of the block that filled it
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_quick_fill(struct nova_buddy *b, struct nova_buddy_place at, unsigned int order)
{
	unsigned int merged;

	do {
		*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) = 0;
		merged = nova_buddy_quick_merge(b, &at, NOVA_BUDDY_IS_DIRTY,
						__ffs64(nova_buddy_up(&at)), 0);
	} while (merged == 6 && !nova_buddy_is_root(&at));
	nova_buddy_count_merge(b, order, merged + 6 * at.level, 1);
}

/**
 * nova_buddy_quick_fill_kind() - make a full word a unit of the one above, whatever its kind
 * @b: the pool
 * @at: the word
 * @kind: of which kind the block was that filled it
 * @order: log2 of its chunks
 * @pure: all of the word is of that kind; else it is a mixed unit of the one above
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_quick_fill_kind(struct nova_buddy *b, struct nova_buddy_place at,
				enum nova_buddy_kind kind, unsigned int order, bool pure)
{
	unsigned int pos;
	u64 all;

	do {
		if (pure)
			*nova_buddy_word(&at, kind) = 0;
		if (at.level)
			nova_buddy_blend(b, at);
		pos = __ffs64(nova_buddy_up(&at));
		if (pure)
			pure = nova_buddy_quick_merge(b, &at, kind, pos, 0) == 6;
		else
			*nova_buddy_word(&at, NOVA_BUDDY_IS_MIXED) |= BIT_ULL(pos);
		all = nova_buddy_union(&at);
	} while (!~all && !nova_buddy_is_root(&at));
	nova_buddy_blend(b, at);
	nova_buddy_count_merge(b, order, nova_buddy_merged(all, pos) + 6 * at.level, 1);
}

/* The block has joined its word, in which it is a part of 2^@merged units of its kind. */
static __always_inline void nova_buddy_quick_joined(struct nova_buddy *b,
						    const struct nova_buddy_place *at,
						    enum nova_buddy_kind kind, unsigned int order,
						    unsigned int pos, unsigned int merged)
{
	u64 all = nova_buddy_union(at);

	if (kind == NOVA_BUDDY_IS_CLEAR)
		b->clear += 1ull << order;
	if (!~all && !nova_buddy_is_root(at)) {
		nova_buddy_quick_fill_kind(b, *at, kind, order, merged == 6);
		return;
	}
	nova_buddy_blend(b, *at);
	nova_buddy_count_merge(b, order, nova_buddy_merged(all, pos) + 6 * at->level, 1);
}

/**
 * nova_buddy_low_merge() - merge a block with its neighbours
 * @b: the pool
 * @at: the word that it has joined, by the shape of its order
 * @kind: dirty or clear
 * @pos: its first unit
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: log2 of the units of what it is now, 6: the word is full.
 */
unsigned int nova_buddy_low_merge(struct nova_buddy *b, struct nova_buddy_low at,
				  enum nova_buddy_kind kind, unsigned int pos)
{
	u64 now = *nova_buddy_low_word(&at, kind);
	unsigned int hi = nova_buddy_merged(now, pos), gone;

	gone = (BIT(hi) - BIT(at.shape->lg2)) & ~nova_buddy_orders(now);
	for (; gone; gone &= gone - 1)
		nova_buddy_low_lower(b, &at, kind, __ffs(gone) + at.shape->shift, true);
	if (hi < 6 || nova_buddy_low_is_root(&at))
		nova_buddy_low_raise(b, &at, kind, hi + at.shape->shift);
	return hi;
}

/**
 * nova_buddy_quick_give_high() - give back a block that is no part of a group
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if any of it was free.
 */
bool nova_buddy_quick_give_high(struct nova_buddy *b, enum nova_buddy_kind kind,
				unsigned int order, u64 chunk)
{
	unsigned int level = min_t(unsigned int, order / 6, b->root->level), merged;
	unsigned int lo = order - 6 * level, pos = chunk >> (6 * level) & 63;
	struct nova_buddy_place at;

	if (!nova_buddy_quick_taken(b, level, chunk, nova_buddy_span(pos, lo), &at, true))
		return false;
	merged = nova_buddy_quick_merge(b, &at, kind, pos, lo);
	nova_buddy_quick_joined(b, &at, kind, order, pos, merged);
	return true;
}

/**
 * nova_buddy_quick_give_kind() - give back a block of a pool in which memory is, or will be, clear
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if any of it was free.
 */
bool nova_buddy_quick_give_kind(struct nova_buddy *b, enum nova_buddy_kind kind,
				unsigned int order, u64 chunk)
{
	return nova_buddy_give_of(b, kind, order, chunk, true);
}

/**
 * nova_buddy_quick_give() - give a block back
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if any of it was free.
 */
bool nova_buddy_quick_give(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			   u64 chunk)
{
	return nova_buddy_give_kind(b, kind, order, chunk);
}

/**
 * nova_buddy_quick_give_units() - give units of one word back
 * @b: the pool, in which nothing is clear
 * @first: first chunk
 * @end: behind the last chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if any of it was free.
 */
bool nova_buddy_quick_give_units(struct nova_buddy *b, u64 first, u64 end)
{
	unsigned int level = min_t(unsigned int, __ffs64(first | end) / 6, b->root->level);
	unsigned int shift = 6 * level, order, merged;
	struct nova_buddy_place at;
	u64 mask = nova_buddy_bits(first >> shift & 63, (end - first) >> shift);

	if (!nova_buddy_quick_taken(b, level, first, mask, &at, false))
		return false;
	for (; first < end; first += 1ull << order) {
		order = nova_buddy_first_order(first, end);
		merged = nova_buddy_quick_merge(b, &at, NOVA_BUDDY_IS_DIRTY, first >> shift & 63,
						order - shift);
		if (merged < 6 || nova_buddy_is_root(&at))
			nova_buddy_count_merge(b, order, merged + shift, 1);
		else
			nova_buddy_quick_fill(b, at, order);
	}
	return true;
}
