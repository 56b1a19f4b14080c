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
 * is cleared as far up as it was the last. A word that holds nothing but one block, as nearly all
 * do in a pool of few large objects, answers both questions by a comparison; else the runs of all
 * orders are worked out from its bits.
 *
 * While nothing is clear that is all. Else the block may be a part of a larger one of both kinds,
 * of which nova_buddy_tree.c keeps account.
 *
 * Invariant: an order is in the index of a word if and only if the word holds a maximal block of
 * it, and in that of a node if it is below. Locking: nova_buddy.lock held by the caller. Units:
 * chunks from nova_buddy.origin.
 */

#include "nova_buddy_quick.h"

#include "nova_buddy_find.h"
#include "nova_buddy_index.h"

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

/* The first maximal run of 2^@order units of @word, which has one; @last: and no other. */
static __always_inline unsigned int nova_buddy_quick_first(u64 word, unsigned int order,
							   bool *last)
{
	unsigned int pos = __ffs64(word);
	u64 exact;

	*last = word >> pos == nova_buddy_bits(0, 1u << order);
	if (*last)
		return pos;
	exact = nova_buddy_exact(word, order);
	*last = !(exact & (exact - 1));
	return __ffs64(exact);
}

/*
 * The block at @chunk leaves the maximal one of 2^@m units around it in @at, the @last such there.
 * Of a unit that it is a part of, all the rest goes one level down, and so on.
 */
static __always_inline void nova_buddy_quick_cut(struct nova_buddy *b, struct nova_buddy_place at,
						 enum nova_buddy_kind kind, unsigned int order,
						 u64 chunk, unsigned int m, bool last)
{
	unsigned int shift = 6 * at.level, pos = chunk >> shift & 63;
	unsigned int lo = order > shift ? order - shift : 0;

	*nova_buddy_word(&at, kind) &= ~nova_buddy_bits(pos, 1u << lo);
	if (last)
		nova_buddy_lower(b, &at, kind, m);
	if (lo < m)
		nova_buddy_raise(b, &at, kind, lo, m);
	while (order < shift) {
		at = nova_buddy_child(&at, pos);
		shift -= 6;
		pos = chunk >> shift & 63;
		lo = order > shift ? order - shift : 0;
		*nova_buddy_word(&at, kind) = ~nova_buddy_bits(pos, 1u << lo);
		nova_buddy_raise(b, &at, kind, lo, 6);
	}
}

/* A block of 2^@lo units joins the word; returns what it merges to, 6: the word is full. */
static __always_inline unsigned int nova_buddy_quick_merge(struct nova_buddy *b,
							   const struct nova_buddy_place *at,
							   enum nova_buddy_kind kind,
							   unsigned int pos, unsigned int lo)
{
	u64 *word = nova_buddy_word(at, kind), now = *word | nova_buddy_bits(pos, 1u << lo);
	unsigned int hi = nova_buddy_merged(now, pos), gone = BIT(hi) - BIT(lo);

	*word = now;
	if (gone && now != nova_buddy_bits(pos & -(1u << hi), 1u << hi))
		gone &= ~nova_buddy_orders(now);
	for (; gone; gone &= gone - 1)
		nova_buddy_lower(b, at, kind, __ffs(gone));
	if (hi < 6 || at->level == b->root->level)
		nova_buddy_raise(b, at, kind, hi, hi + 1);
	return hi;
}

/* To the word with the first maximal block of order @m of a kind, which is there. */
static __always_inline u64 nova_buddy_quick_find(const struct nova_buddy *b,
						 enum nova_buddy_kind kind, unsigned int m,
						 struct nova_buddy_place *at)
{
	struct nova_buddy_node *node = b->root;
	unsigned int slot;
	u64 idx = 0;

	for (; node->level > NOVA_BUDDY_GROUP_LEVEL && 6 * node->level > m;
	     node = node->child[slot]) {
		slot = __ffs64(node->has[kind][m]);
		idx = idx << 6 | slot;
	}
	*at = (struct nova_buddy_place){ node, 0, node->level };
	if (m >= 6 * node->level)
		return idx << (6 * node->level + 6);
	at->level = 1;
	at->idx = __ffs64(node->has[kind][m]);
	idx = idx << 6 | at->idx;
	if (m >= 6)
		return idx << 12;
	slot = __ffs64(nova_buddy_group(node)->leaf[at->idx].row[kind][m]);
	at->level = 0;
	at->idx = at->idx << 6 | slot;
	return (idx << 6 | slot) << 6;
}

/* The block leaves a free one of one kind in @at, 2^@m units long. */
static __always_inline void nova_buddy_quick_remove(struct nova_buddy *b,
						    const struct nova_buddy_place *at,
						    enum nova_buddy_kind kind, unsigned int order,
						    u64 chunk, unsigned int m, bool last)
{
	unsigned int merged = m + 6 * at->level;

	if (b->clear)
		merged = nova_buddy_part(b, *at, chunk >> (6 * at->level) & 63);
	nova_buddy_quick_cut(b, *at, kind, order, chunk, m, last);
	if (b->clear)
		nova_buddy_blend(b, at);
	if (kind == NOVA_BUDDY_IS_CLEAR)
		b->clear -= 1ull << order;
	nova_buddy_count_merge(b, order, merged, -1);
}

/**
 * nova_buddy_quick_take() - take the smallest maximal block that fits, or its first part
 * @b: the pool
 * @kind: of which kind
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if there is none, or if a node is missing.
 */
bool nova_buddy_quick_take(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			   u64 *chunk)
{
	u64 orders = b->present[kind] >> order, missing;
	struct nova_buddy_place at;
	unsigned int m, shift;
	bool last;

	if (!orders)
		return false;
	m = order + __ffs64(orders);
	*chunk = nova_buddy_quick_find(b, kind, m, &at);
	shift = 6 * at.level;
	m -= shift;
	*chunk += (u64)nova_buddy_quick_first(*nova_buddy_word(&at, kind), m, &last) << shift;
	if (b->lazy && nova_buddy_missing(b, *chunk, *chunk + (1ull << order), &missing))
		return false;
	nova_buddy_quick_remove(b, &at, kind, order, *chunk, m, last);
	return true;
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
	u64 units = *nova_buddy_word(&at, kind), exact;
	unsigned int pos = chunk >> (6 * at.level) & 63, m = nova_buddy_merged(units, pos);
	bool last = units == nova_buddy_bits(pos & -(1u << m), 1u << m);

	if (!last) {
		exact = nova_buddy_exact(units, m);
		last = !(exact & (exact - 1));
	}
	nova_buddy_quick_remove(b, &at, kind, order, chunk, m, last);
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
	u64 mask = nova_buddy_bits(chunk >> (6 * level) & 63, 1u << (order - 6 * level)), units;

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
			nova_buddy_bits(first >> (6 * level) & 63, 1u << lo);
		nova_buddy_raise(b, &at, NOVA_BUDDY_IS_DIRTY, lo, lo + 1);
		nova_buddy_count_merge(b, order, order, 1);
	}
}

/* To the word at @level; false: its units are free as a part of more. */
static __always_inline bool nova_buddy_quick_at(const struct nova_buddy *b, unsigned int level,
						u64 chunk, struct nova_buddy_place *at)
{
	unsigned int to = max_t(unsigned int, level, NOVA_BUDDY_GROUP_LEVEL), slot;
	struct nova_buddy_node *node = b->root;
	const struct nova_buddy_leaf *leaf;

	for (; node->level > to; node = node->child[slot]) {
		slot = chunk >> (6 * node->level) & 63;
		if ((node->unit[0] | node->unit[1] | node->unit[2]) >> slot & 1)
			return false;
	}
	*at = (struct nova_buddy_place){ node, 0, level };
	if (level >= NOVA_BUDDY_GROUP_LEVEL)
		return true;
	slot = chunk >> 12 & 63;
	at->idx = slot;
	if ((node->unit[0] | node->unit[1] | node->unit[2]) >> slot & 1)
		return false;
	if (level)
		return true;
	leaf = &nova_buddy_group(node)->leaf[slot];
	slot = chunk >> 6 & 63;
	at->idx = at->idx << 6 | slot;
	return !((leaf->row[0][6] | leaf->row[1][6] | leaf->row[0][7]) >> slot & 1);
}

/**
 * nova_buddy_quick_is_taken() - find the word of some units, of which nothing is free
 * @b: the pool
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
	return nova_buddy_quick_at(b, level, chunk, at) && !(nova_buddy_union(at) & mask) &&
	       !(level && nova_buddy_below(at, mask));
}

/*
 * While there is clear memory: what becomes full joins the word above, as a unit of its kind or as
 * a mixed one, and so on.
 */
static void nova_buddy_quick_join(struct nova_buddy *b, struct nova_buddy_place at,
				  enum nova_buddy_kind kind, unsigned int order, unsigned int pos)
{
	unsigned int lo = order - 6 * at.level;
	bool full, pure;
	u64 all;

	if (kind == NOVA_BUDDY_IS_CLEAR)
		b->clear += 1ull << order;
	for (;; lo = 0) {
		pure = kind != NOVA_BUDDY_IS_MIXED &&
		       nova_buddy_quick_merge(b, &at, kind, pos, lo) == 6;
		if (kind == NOVA_BUDDY_IS_MIXED)
			*nova_buddy_word(&at, kind) |= BIT_ULL(pos);
		all = nova_buddy_union(&at);
		full = !~all && at.level < b->root->level;
		if (full && pure)
			*nova_buddy_word(&at, kind) = 0;
		nova_buddy_blend(b, &at);
		if (!full)
			break;
		if (!pure)
			kind = NOVA_BUDDY_IS_MIXED;
		pos = __ffs64(nova_buddy_up(&at));
	}
	nova_buddy_count_merge(b, order, nova_buddy_merged(all, pos) + 6 * at.level, 1);
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
	unsigned int level = min_t(unsigned int, order / 6, b->root->level), merged;
	unsigned int lo = order - 6 * level, pos = chunk >> (6 * level) & 63;
	struct nova_buddy_place at;

	if (!nova_buddy_quick_is_taken(b, level, chunk, nova_buddy_bits(pos, 1u << lo), &at))
		return false;
	if (b->clear || kind == NOVA_BUDDY_IS_CLEAR) {
		nova_buddy_quick_join(b, at, kind, order, pos);
		return true;
	}
	for (;; lo = 0) {
		merged = nova_buddy_quick_merge(b, &at, NOVA_BUDDY_IS_DIRTY, pos, lo);
		if (merged < 6 || at.level == b->root->level)
			break;
		*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) = 0;
		pos = __ffs64(nova_buddy_up(&at));
	}
	nova_buddy_count_merge(b, order, merged + 6 * at.level, 1);
	return true;
}
