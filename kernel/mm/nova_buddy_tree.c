// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: bitmap tree of the buddy allocator
 *
 * Free chunks are the ones of a word. 64 units that are all free are one unit of the next level,
 * where they are one bit, and none below. So a free unit is in one place, taking or giving back
 * an aligned run of 2^k chunks changes one word, and only a word that becomes full, or stops to
 * be, concerns the level above. Every six orders share a level:
 *
 * ::
 *
 *   level 0   word    64 chunks        blocks of order  0..5
 *   level 1   leaf    64 words         blocks of order  6..11
 *   level 2   group   64 leaves        blocks of order 12..17
 *   level 3…  node    64 nodes         blocks of order 18…
 *
 * The index is kept beside the words: for each order the children below which there is a maximal
 * block of just that order. The smallest block that fits is found by one find-bit over the orders
 * and one a level.
 *
 * Dirty and clear memory are two such trees over the same nodes: dirty and clear words, that are
 * disjoint, each with an index of its own. 64 units that are free but not of one kind stay where
 * they are and show above as one mixed unit; where units of several kinds are in one word of level
 * 1 or higher, the blocks of their union are a third index. So memory of one kind is found as if
 * there was no other, and kinds never keep blocks from merging. While nothing is clear only the
 * dirty tree exists.
 *
 * Invariants: a word below the root that is full of one kind is empty, and its unit above is set;
 * a mixed unit is set if and only if all below is free and not of one kind. Everything, also the
 * number of maximal blocks of each order, follows from the free and the clear chunks.
 *
 * Units: chunks counted from nova_buddy.origin. Locking: nova_buddy.lock held by the caller.
 */

#include "nova_buddy_tree.h"

#include "nova_buddy_quick.h"

#include <linux/minmax.h>

static inline u64 nova_buddy_pure(const struct nova_buddy_place *at)
{
	return *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) |
	       *nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR);
}

/* What the index of the mixed kind sees of a word: the units, if they are not of one. */
static inline u64 nova_buddy_mixture(const struct nova_buddy *b, const struct nova_buddy_place *at)
{
	u64 units;
	bool pure;

	if (!b->clear || !at->level)
		return 0;
	units = nova_buddy_union(at);
	/* not ||: either is as likely */
	pure = units == *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY);
	pure |= units == *nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR);
	return pure ? 0 : units;
}

/* Of the dirty words a leaf has an index for each; the clear ones are looked at. */
static u64 nova_buddy_below_leaf(const struct nova_buddy *b, const struct nova_buddy_place *at,
				 u64 mask)
{
	const struct nova_buddy_group *group = nova_buddy_group(at->node);
	const u64 *words = &group->words[NOVA_BUDDY_IS_CLEAR][at->idx * 64];
	u64 below = nova_buddy_any_order(group->leaf[at->idx].has) & mask;

	for (mask &= ~below; mask && b->clear; mask &= mask - 1)
		below |= words[__ffs(mask)] ? mask & -mask : 0;
	return below;
}

/**
 * nova_buddy_below() - units of a word of level 1 or higher that are free in parts
 * @b: the pool
 * @at: the word
 * @mask: the units asked for
 *
 * Context: nova_buddy.lock held.
 *
 * Return: units with something free below them; mixed units, that are wholly free, among them.
 */
u64 nova_buddy_below(const struct nova_buddy *b, const struct nova_buddy_place *at, u64 mask)
{
	unsigned int level, kind, kinds = b->clear ? NOVA_BUDDY_PURE : 1;
	u64 below = 0;

	if (at->level < NOVA_BUDDY_GROUP_LEVEL)
		return nova_buddy_below_leaf(b, at, mask);
	for (kind = 0; kind < kinds; kind++)
		for (level = 0; level < at->level; level++)
			below |= nova_buddy_any_order(&at->node->has[kind][6 * level]);
	return below & mask;
}

static inline void nova_buddy_change_mixture(struct nova_buddy *b,
					     const struct nova_buddy_place *at, u64 from)
{
	u64 to = nova_buddy_mixture(b, at);

	if (from != to)
		nova_buddy_change(b, at, NOVA_BUDDY_IS_MIXED, from, to);
}

static inline void nova_buddy_count_range(struct nova_buddy *b, unsigned int lo, unsigned int hi,
					  int nr)
{
	b->free_diff[lo] += nr;
	b->free_diff[hi] -= nr;
}

/* @mask appears in (@nr 1) or leaves (@nr -1) @word of @level; @word includes @mask. */
static void nova_buddy_count_mask(struct nova_buddy *b, unsigned int level, u64 word, u64 mask,
				  int nr)
{
	unsigned int base = 6 * level;

	if (nr > 0)
		word &= ~mask;
	while (mask) {
		unsigned int pos = __ffs(mask), order, merged;
		u64 behind = ~(mask >> pos), run;

		order = nova_buddy_first_order(pos, pos + (behind ? __ffs(behind) : 64));
		run = nova_buddy_bits(pos, 1u << order);
		merged = nova_buddy_merged(word | run, pos);
		/* the halves on the way down from merged, then merged itself */
		nova_buddy_count_range(b, base + order, base + merged, -nr);
		if (merged < 6 || level == b->root->level)
			nova_buddy_count_range(b, base + merged, base + merged + 1, nr);
		mask &= ~run;
		word = nr > 0 ? word | run : word & ~run;
	}
}

/* The free units of a word were @from and are @to. */
static void nova_buddy_count_change(struct nova_buddy *b, unsigned int level, u64 from, u64 to)
{
	if (to & ~from)
		nova_buddy_count_mask(b, level, to | from, to & ~from, 1);
	if (from & ~to)
		nova_buddy_count_mask(b, level, to | from, from & ~to, -1);
}

/**
 * nova_buddy_tell() - tell the tree what became of a word
 * @b: the pool, in which nothing is clear
 * @at: the word
 * @base: its first chunk
 * @known: what its units were
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_tell(struct nova_buddy *b, const struct nova_buddy_place *at, u64 base, u64 known)
{
	u64 *word = nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY);
	bool full = *word == ~0ull && at->level < b->root->level;

	/* a full word is empty, and a unit of the one above */
	if (full)
		*word = 0;
	nova_buddy_change(b, at, NOVA_BUDDY_IS_DIRTY, known, *word);
	nova_buddy_count_change(b, at->level, known, *word);
	if (full)
		nova_buddy_quick_give(b, NOVA_BUDDY_IS_DIRTY, 6 * at->level + 6, base);
}

/**
 * nova_buddy_join() - make a block free
 * @b: the pool
 * @at: its word, at the level of its units, of which nothing is free
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @pos: its first unit
 *
 * What becomes full joins the word above, and so on.
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_join(struct nova_buddy *b, struct nova_buddy_place at, enum nova_buddy_kind kind,
		     unsigned int order, unsigned int pos)
{
	unsigned int lo = order - 6 * at.level;

	if (kind == NOVA_BUDDY_IS_CLEAR)
		b->clear += 1ull << order;
	for (;; lo = 0) {
		u64 mask = nova_buddy_bits(pos, 1u << lo), mixture = nova_buddy_mixture(b, &at);
		u64 *word = nova_buddy_word(&at, kind), to = *word | mask;
		u64 now = nova_buddy_union(&at) | mask;
		bool full = now == ~0ull && at.level < b->root->level;
		bool pure = full && to == ~0ull && kind != NOVA_BUDDY_IS_MIXED;

		*word = pure ? 0 : to;
		if (kind != NOVA_BUDDY_IS_MIXED)
			nova_buddy_index_join(b, &at, kind, to, pos, lo);
		nova_buddy_change_mixture(b, &at, mixture);
		if (!full) {
			nova_buddy_count_merge(b, order, 6 * at.level + nova_buddy_merged(now, pos),
					       1);
			return;
		}
		if (!pure)
			kind = NOVA_BUDDY_IS_MIXED;
		pos = __ffs64(nova_buddy_up(&at));
	}
}

/* What a block of 2^@lo units from @pos on has of a kind leaves the word. */
static void nova_buddy_leave_kind(struct nova_buddy *b, const struct nova_buddy_place *at,
				  enum nova_buddy_kind kind, unsigned int pos, unsigned int lo)
{
	u64 *word = nova_buddy_word(at, kind), from = *word;
	u64 mask = nova_buddy_bits(pos, 1u << lo);

	if (!(from & mask))
		return;
	*word = from & ~mask;
	if (kind == NOVA_BUDDY_IS_MIXED)
		return;
	if (mask & ~from)
		nova_buddy_change(b, at, kind, from, *word);
	else
		nova_buddy_index_leave(b, at, kind, from, pos, lo);
}

/* A block leaves the word; a mixed unit above, if the word was one, goes, and so on. */
static void nova_buddy_leave(struct nova_buddy *b, struct nova_buddy_place at, unsigned int order,
			     unsigned int pos, unsigned int lo)
{
	for (;; lo = 0) {
		u64 was = nova_buddy_union(&at), mixture = nova_buddy_mixture(b, &at);

		nova_buddy_leave_kind(b, &at, NOVA_BUDDY_IS_DIRTY, pos, lo);
		nova_buddy_leave_kind(b, &at, NOVA_BUDDY_IS_CLEAR, pos, lo);
		if (at.level)
			nova_buddy_leave_kind(b, &at, NOVA_BUDDY_IS_MIXED, pos, lo);
		nova_buddy_change_mixture(b, &at, mixture);
		if (was != ~0ull || at.level == b->root->level) {
			nova_buddy_count_merge(b, order, 6 * at.level + nova_buddy_merged(was, pos),
					       -1);
			return;
		}
		pos = __ffs64(nova_buddy_up(&at));
	}
}

/* Takes all that is free out of a word that is a mixed unit; returns how much of it was clear. */
static u64 nova_buddy_erase(struct nova_buddy *b, const struct nova_buddy_place *at)
{
	unsigned int kind;
	u64 clear = 0, mixed = 0;

	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++) {
		u64 *word = nova_buddy_word(at, kind), from = *word;

		*word = 0;
		nova_buddy_change(b, at, kind, from, 0);
		if (kind == NOVA_BUDDY_IS_CLEAR)
			clear = (u64)hweight64(from) << (6 * at->level);
	}
	if (at->level) {
		mixed = *nova_buddy_word(at, NOVA_BUDDY_IS_MIXED);
		*nova_buddy_word(at, NOVA_BUDDY_IS_MIXED) = 0;
	}
	for (; mixed; mixed &= mixed - 1) {
		const struct nova_buddy_place below = nova_buddy_child(at, __ffs(mixed));

		clear += nova_buddy_erase(b, &below);
	}
	return clear;
}

/*
 * A block of @order leaves the unit that it is in, at a level above @at: all of that unit but
 * @mask goes into @at.
 */
static enum nova_buddy_kind nova_buddy_split(struct nova_buddy *b, struct nova_buddy_place at,
					     unsigned int order, u64 chunk, u64 mask)
{
	struct nova_buddy_place above = at;
	enum nova_buddy_kind kind;
	unsigned int level = at.level;
	u64 bit;

	do
		bit = nova_buddy_up(&above);
	while (above.level < b->root->level && !(nova_buddy_pure(&above) & bit));
	kind = *nova_buddy_word(&above, NOVA_BUDDY_IS_CLEAR) & bit ? NOVA_BUDDY_IS_CLEAR :
								     NOVA_BUDDY_IS_DIRTY;
	nova_buddy_leave(b, above, order, __ffs64(bit), 0);
	while (above.level-- > level) {
		at = nova_buddy_at(b, above.level, chunk);
		bit = above.level == level ? mask : BIT_ULL(chunk >> (6 * above.level) & 63);
		*nova_buddy_word(&at, kind) = ~bit;
		nova_buddy_change(b, &at, kind, 0, ~bit);
	}
	return kind;
}

/**
 * nova_buddy_expose() - have a free block in the word of its own level
 * @b: the pool, in which nothing is clear
 * @at: the word, whose units are free, here or as a part of a unit above
 * @chunk: a chunk of it
 *
 * Context: nova_buddy.lock held. O(levels). The caller restores the invariant: a full word, which
 * is counted as if it was not free.
 */
void nova_buddy_expose(struct nova_buddy *b, const struct nova_buddy_place *at, u64 chunk)
{
	if (!(*nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) >> (chunk >> (6 * at->level) & 63) & 1))
		nova_buddy_split(b, *at, 6 * at->level + 6, chunk, 0);
}

/**
 * nova_buddy_take_block() - make a block, all free, not free
 * @b: the pool
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned; the nodes on both boundaries are populated
 *
 * Context: nova_buddy.lock held. O(levels), and O(words) of mixed units in it.
 *
 * Return: bit k: there was memory of that enum nova_buddy_kind.
 */
unsigned int nova_buddy_take_block(struct nova_buddy *b, unsigned int order, u64 chunk)
{
	unsigned int level = min_t(unsigned int, order / 6, b->root->level);
	struct nova_buddy_place at = nova_buddy_at(b, level, chunk), below;
	u64 mask = nova_buddy_bits(chunk >> (6 * level) & 63, 1u << (order - 6 * level));
	unsigned int kinds = 0;
	u64 clear, mixed;

	if (!b->clear) {
		nova_buddy_quick_take_at(b, order, chunk);
		return BIT(NOVA_BUDDY_IS_DIRTY);
	}
	if (mask & ~nova_buddy_union(&at)) {
		kinds = BIT(nova_buddy_split(b, at, order, chunk, mask));
		b->clear -= kinds == BIT(NOVA_BUDDY_IS_CLEAR) ? 1ull << order : 0;
		return kinds;
	}
	clear = *nova_buddy_word(&at, NOVA_BUDDY_IS_CLEAR) & mask;
	mixed = level ? *nova_buddy_word(&at, NOVA_BUDDY_IS_MIXED) & mask : 0;
	kinds |= clear ? BIT(NOVA_BUDDY_IS_CLEAR) : 0;
	kinds |= mixed ? BIT(NOVA_BUDDY_IS_MIXED) : 0;
	kinds |= mask & ~(clear | mixed) ? BIT(NOVA_BUDDY_IS_DIRTY) : 0;
	nova_buddy_leave(b, at, order, __ffs64(mask), order - 6 * level);
	clear = (u64)hweight64(clear) << (6 * level);
	for (; mixed; mixed &= mixed - 1) {
		below = nova_buddy_child(&at, __ffs(mixed));
		clear += nova_buddy_erase(b, &below);
	}
	b->clear -= clear;
	return kinds;
}

/**
 * nova_buddy_give() - make a range free
 * @b: the pool
 * @kind: dirty or clear
 * @first: first chunk
 * @end: behind the last chunk; nothing of it is free; the nodes on both boundaries are populated
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_give(struct nova_buddy *b, enum nova_buddy_kind kind, u64 first, u64 end)
{
	unsigned int order;

	for (; first < end; first += 1ull << order) {
		order = nova_buddy_first_order(first, end);
		nova_buddy_quick_give(b, kind, order, first);
	}
}

/**
 * nova_buddy_take_range() - make a range, all free, not free
 * @b: the pool
 * @first: first chunk
 * @end: behind the last chunk; the nodes on both boundaries are populated
 *
 * Context: nova_buddy.lock held. O(levels), and O(words) of mixed units in it.
 *
 * Return: bit k: there was memory of that enum nova_buddy_kind.
 */
unsigned int nova_buddy_take_range(struct nova_buddy *b, u64 first, u64 end)
{
	unsigned int order, kinds = 0;

	for (; first < end; first += 1ull << order) {
		order = nova_buddy_first_order(first, end);
		kinds |= nova_buddy_take_block(b, order, first);
	}
	return kinds;
}
