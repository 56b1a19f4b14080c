// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: single blocks of the buddy allocator
 *
 * What nearly every call wants: one block of one kind, and the index that finds it. If a block of
 * order k leaves a maximal block of order m, one of order m goes and one each of k to m - 1 comes;
 * if it merges to one of order m, one each of k to m - 1 goes and one of m comes. Only these orders
 * are looked at and counted.
 *
 * An order that comes is set on the whole way up without a look at what was there; one that goes
 * is cleared as far up as it was the last.
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
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: its first chunk; NOVA_BUDDY_NOWHERE if a node is missing.
 */
u64 nova_buddy_quick_take_high(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			       unsigned int m)
{
	struct nova_buddy_place at = { b->root, 0, b->root->level };
	u64 chunk = 0, exact, missing;
	unsigned int shift, slot;

	for (; 6 * at.level > m; at = nova_buddy_child(&at, slot)) {
		slot = __ffs64(at.node->has[kind][m]);
		chunk += (u64)slot << (6 * at.level);
	}
	shift = 6 * at.level;
	exact = nova_buddy_exact(*nova_buddy_word(&at, kind), m - shift);
	chunk += (u64)__ffs64(exact) << shift;
	if (b->lazy && nova_buddy_missing(b, chunk, chunk + (1ull << order), &missing))
		return NOVA_BUDDY_NOWHERE;
	nova_buddy_quick_remove(b, &at, kind, order, chunk, m - shift, !(exact & (exact - 1)),
				b->clear);
	return chunk;
}

static void nova_buddy_quick_leave_high(struct nova_buddy *b, const struct nova_buddy_place *at,
					enum nova_buddy_kind kind, unsigned int order, u64 chunk)
{
	u64 units = *nova_buddy_word(at, kind), exact;
	unsigned int m = nova_buddy_merged(units, chunk >> (6 * at->level) & 63);

	exact = nova_buddy_exact(units, m);
	nova_buddy_quick_remove(b, at, kind, order, chunk, m, !(exact & (exact - 1)), b->clear);
}

static __always_inline void nova_buddy_quick_leave_of(struct nova_buddy *b,
						      const struct nova_buddy_place *at,
						      enum nova_buddy_kind kind,
						      unsigned int order, u64 chunk, bool kinds)
{
	u64 units = *nova_buddy_word(at, kind);
	unsigned int shift = 6 * at->level;
	unsigned int m = nova_buddy_merged(units, chunk >> shift & 63) + shift;

	if (m < NOVA_BUDDY_LOW_ORDERS)
		nova_buddy_low_leave(b, at->node, kind, order, chunk, units, m, kinds);
	else
		nova_buddy_quick_leave_high(b, at, kind, order, chunk);
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
	if (b->clear)
		nova_buddy_quick_leave_of(b, &at, kind, order, chunk, true);
	else
		nova_buddy_quick_leave_of(b, &at, NOVA_BUDDY_IS_DIRTY, order, chunk, false);
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

/* A block of which no neighbour is free. */
static __always_inline void nova_buddy_quick_rest_low(struct nova_buddy *b, unsigned int order,
						      u64 chunk)
{
	const struct nova_buddy_place place = nova_buddy_at(b, NOVA_BUDDY_GROUP_LEVEL, chunk);
	const struct nova_buddy_low at = nova_buddy_low_of(place.node, order, chunk);

	*nova_buddy_low_word(&at, NOVA_BUDDY_IS_DIRTY) |=
		at.shape->span << (chunk >> at.shape->shift & 63);
	nova_buddy_low_raise(b, &at, NOVA_BUDDY_IS_DIRTY, order);
	b->free[order]++;
}

static void nova_buddy_quick_rest_high(struct nova_buddy *b, unsigned int order, u64 chunk)
{
	unsigned int level = min_t(unsigned int, order / 6, b->root->level), lo;
	struct nova_buddy_place at = nova_buddy_at(b, level, chunk);

	lo = order - 6 * level;
	*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) |=
		nova_buddy_span(chunk >> (6 * level) & 63, lo);
	nova_buddy_raise(b, &at, NOVA_BUDDY_IS_DIRTY, lo, lo + 1);
	b->free[order]++;
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
	unsigned int order;

	for (; first < end; first += 1ull << order) {
		order = nova_buddy_first_order(first, end);
		if (order < NOVA_BUDDY_LOW_ORDERS)
			nova_buddy_quick_rest_low(b, order, first);
		else
			nova_buddy_quick_rest_high(b, order, first);
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

static void nova_buddy_quick_lift_high(struct nova_buddy *b, struct nova_buddy_place at)
{
	unsigned int order = 6 * at.level + 6, merged;

	do {
		*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) = 0;
		merged = nova_buddy_quick_merge(b, &at, NOVA_BUDDY_IS_DIRTY,
						__ffs64(nova_buddy_up(&at)), 0);
	} while (merged == 6 && !nova_buddy_is_root(&at));
	nova_buddy_count_merge(b, order, merged + 6 * at.level, 1);
}

/* All of a word is one block more, of the level above. */
static __always_inline void nova_buddy_quick_lift(struct nova_buddy *b,
						  const struct nova_buddy_place *at, u64 chunk)
{
	unsigned int order = 6 * at->level + 6;

	if (order < NOVA_BUDDY_LOW_ORDERS) {
		const struct nova_buddy_low above = nova_buddy_low_of(at->node, order, chunk);

		*nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) = 0;
		nova_buddy_low_join(b, &above, order, chunk, chunk >> order & 63);
	} else {
		nova_buddy_quick_lift_high(b, *at);
	}
}

/**
 * nova_buddy_quick_fill() - make a full word a unit of the one above, and so on
 * @b: the pool, in which nothing is clear
 * @at: the word
 * @order: log2 of the chunks of the block that filled it
 * @chunk: a chunk of it
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_quick_fill(struct nova_buddy *b, struct nova_buddy_place at, unsigned int order,
			   u64 chunk)
{
	for (; order < 6 * at.level + 6; order++)
		b->free[order]--;
	nova_buddy_quick_lift(b, &at, chunk);
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

/* All of a word that is not free yet becomes free. */
static void nova_buddy_quick_complete(struct nova_buddy *b, const struct nova_buddy_place *at,
				      u64 chunk)
{
	u64 was = *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY);
	unsigned int gone = nova_buddy_orders(was), k;

	for (; gone; gone &= gone - 1) {
		k = __ffs(gone);
		b->free[k + 6 * at->level] -= hweight64(nova_buddy_exact(was, k));
		nova_buddy_lower(b, at, NOVA_BUDDY_IS_DIRTY, k);
	}
	nova_buddy_quick_lift(b, at, chunk);
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
	if (level < b->root->level &&
	    (*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) | mask) == ~0ull) {
		nova_buddy_quick_complete(b, &at, first);
		return true;
	}
	for (; first < end; first += 1ull << order) {
		order = nova_buddy_first_order(first, end);
		merged = nova_buddy_quick_merge(b, &at, NOVA_BUDDY_IS_DIRTY, first >> shift & 63,
						order - shift);
		if (merged < 6 || nova_buddy_is_root(&at))
			nova_buddy_count_merge(b, order, merged + shift, 1);
		else
			nova_buddy_quick_fill(b, at, order, first);
	}
	return true;
}
