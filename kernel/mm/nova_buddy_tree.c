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

/* Bit i of a fold by 2^j can start an aligned run of 2^j. */
const u64 nova_buddy_start_mask[7] = {
	~0ull,
	0x5555555555555555ull,
	0x1111111111111111ull,
	0x0101010101010101ull,
	0x0001000100010001ull,
	0x0000000100000001ull,
	0x0000000000000001ull,
};

static inline void nova_buddy_count_range(struct nova_buddy *b, unsigned int lo, unsigned int hi,
					  int nr)
{
	b->free_diff[lo] += nr;
	b->free_diff[hi] -= nr;
}

/* Largest aligned run that starts at the lowest bit of @mask. */
static unsigned int nova_buddy_first_run(u64 mask, unsigned int *pos)
{
	unsigned int order, run;

	*pos = __ffs(mask);
	mask = ~(mask >> *pos);
	run = mask ? __ffs(mask) : 64;
	order = __fls(run);
	return *pos ? min_t(unsigned int, order, __ffs(*pos)) : order;
}

/* @mask appears in (@nr 1) or leaves (@nr -1) @word of @level; @word includes @mask. */
static void nova_buddy_count(struct nova_buddy *b, unsigned int level, u64 word, u64 mask, int nr)
{
	unsigned int base = 6 * level;

	if (nr > 0)
		word &= ~mask;
	while (mask) {
		unsigned int pos, order = nova_buddy_first_run(mask, &pos);
		u64 run = nova_buddy_bits(pos, 1u << order);
		unsigned int merged = nova_buddy_merged(word | run, pos);

		/* the halves on the way down from merged, then merged itself */
		nova_buddy_count_range(b, base + order, base + merged, -nr);
		if (merged < 6 || level == b->root->level)
			nova_buddy_count_range(b, base + merged, base + merged + 1, nr);
		mask &= ~run;
		word = nr > 0 ? word | run : word & ~run;
	}
}

/**
 * nova_buddy_count_change() - keep the number of maximal blocks
 * @b: the pool
 * @level: of the units
 * @from: free units of a word, before
 * @to: after
 *
 * Context: nova_buddy.lock held.
 */
void nova_buddy_count_change(struct nova_buddy *b, unsigned int level, u64 from, u64 to)
{
	if (to & ~from)
		nova_buddy_count(b, level, to | from, to & ~from, 1);
	if (from & ~to)
		nova_buddy_count(b, level, to | from, from & ~to, -1);
}

/* Splits runs of 2^@order units: returns the maximal ones, leaves those that pair up. */
static inline u64 nova_buddy_pairs(u64 *runs, unsigned int order)
{
	u64 all = *runs;

	if (order == 6)
		return all;
	*runs = all & (all >> (1u << order)) & nova_buddy_start_mask[order + 1];
	return all & ~(*runs | *runs << (1u << order));
}

/**
 * nova_buddy_change() - bring the index up to date
 * @b: the pool
 * @at: a word that has changed
 * @kind: whose units; mixed: units of any kind, if they are not of one
 * @from: units before
 * @to: units now
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_change(struct nova_buddy *b, const struct nova_buddy_place *at,
		       enum nova_buddy_kind kind, u64 from, u64 to)
{
	/* a full word is a unit of the next level, if there is one */
	unsigned int k, orders = at->level < b->root->level ? 6 : 7;

	/* both become the runs of 2^k that pair up to larger ones */
	for (k = 0; k < orders && (from | to); k++) {
		u64 were = nova_buddy_pairs(&from, k), are = nova_buddy_pairs(&to, k);

		if (!were != !are)
			nova_buddy_index(b, at, kind, k, are);
	}
}

static inline u64 nova_buddy_pure(const struct nova_buddy_place *at)
{
	return *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) |
	       *nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR);
}

/* What the index of the mixed kind sees of a word. */
static u64 nova_buddy_mixture(const struct nova_buddy *b, const struct nova_buddy_place *at)
{
	u64 units;

	if (!b->clear || !at->level)
		return 0;
	units = nova_buddy_union(at);
	return units == *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) ||
	       units == *nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR) ? 0 : units;
}

static u64 nova_buddy_below_leaf(const struct nova_buddy *b, const struct nova_buddy_place *at,
				 u64 mask)
{
	const struct nova_buddy_group *group = nova_buddy_group(at->node);
	const u64 *has = group->leaf[at->idx].has;
	const u64 *words = &group->words[NOVA_BUDDY_IS_CLEAR][at->idx * 64];
	u64 below = (has[0] | has[1] | has[2] | has[3] | has[4] | has[5]) & mask;

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
	u64 below = 0;
	unsigned int m;

	if (at->level < NOVA_BUDDY_GROUP_LEVEL)
		return nova_buddy_below_leaf(b, at, mask);
	for (m = 0; m < 6 * at->level; m++)
		below |= at->node->has[NOVA_BUDDY_IS_DIRTY][m];
	for (m = 0; m < 6 * at->level && b->clear; m++)
		below |= at->node->has[NOVA_BUDDY_IS_CLEAR][m];
	return below & mask;
}

static inline void nova_buddy_change_mixture(struct nova_buddy *b,
					     const struct nova_buddy_place *at, u64 from)
{
	u64 to = nova_buddy_mixture(b, at);

	if (from != to)
		nova_buddy_change(b, at, NOVA_BUDDY_IS_MIXED, from, to);
}

/* Units of @kind join the word; what becomes full joins the word above, and so on. */
static void nova_buddy_join(struct nova_buddy *b, struct nova_buddy_place at,
			    enum nova_buddy_kind kind, u64 mask)
{
	for (;;) {
		u64 *word = nova_buddy_word(&at, kind), from = *word, to = from | mask;
		u64 was = nova_buddy_union(&at), now = was | mask;
		u64 mixture = nova_buddy_mixture(b, &at);
		bool full = now == ~0ull && at.level < b->root->level;
		bool pure = full && to == ~0ull && kind != NOVA_BUDDY_IS_MIXED;

		*word = pure ? 0 : to;
		if (kind != NOVA_BUDDY_IS_MIXED)
			nova_buddy_change(b, &at, kind, from, *word);
		nova_buddy_count_change(b, at.level, was, now);
		nova_buddy_change_mixture(b, &at, mixture);
		if (!full)
			return;
		if (!pure)
			kind = NOVA_BUDDY_IS_MIXED;
		mask = nova_buddy_up(&at);
	}
}

/**
 * nova_buddy_give_units() - make some of 64 units free
 * @b: the pool
 * @kind: dirty or clear
 * @level: level of the units
 * @chunk: a chunk among the 64 units; their node is populated
 * @mask: the units
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true; false, and nothing changed, if anything of them was free.
 */
bool nova_buddy_give_units(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int level,
			   u64 chunk, u64 mask)
{
	struct nova_buddy_place at;

	if (!nova_buddy_quick_is_taken(b, level, chunk, mask, &at))
		return false;
	if (kind == NOVA_BUDDY_IS_CLEAR)
		b->clear += (u64)hweight64(mask) << (6 * level);
	nova_buddy_join(b, at, kind, mask);
	return true;
}

/* Units leave the word; a mixed unit above, if the word was one, goes, and so on. */
static void nova_buddy_leave(struct nova_buddy *b, struct nova_buddy_place at, u64 mask)
{
	unsigned int kind, kinds = b->clear ? NOVA_BUDDY_KINDS : 1;

	for (;;) {
		u64 was = nova_buddy_union(&at), mixture = nova_buddy_mixture(b, &at);

		for (kind = 0; kind < kinds; kind++) {
			u64 *word, from;

			if (kind == NOVA_BUDDY_IS_MIXED && !at.level)
				continue;
			word = nova_buddy_word(&at, kind);
			from = *word;
			*word = from & ~mask;
			if (from != *word && kind != NOVA_BUDDY_IS_MIXED)
				nova_buddy_change(b, &at, kind, from, *word);
		}
		nova_buddy_count_change(b, at.level, was, was & ~mask);
		nova_buddy_change_mixture(b, &at, mixture);
		if (was != ~0ull || at.level == b->root->level)
			return;
		mask = nova_buddy_up(&at);
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

/* The unit that @at is in, at a higher level, in parts: all of it but @mask goes into @at. */
static enum nova_buddy_kind nova_buddy_split(struct nova_buddy *b, struct nova_buddy_place at,
					     u64 chunk, u64 mask)
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
	nova_buddy_leave(b, above, bit);
	while (above.level-- > level) {
		at = nova_buddy_at(b, above.level, chunk);
		bit = above.level == level ? mask : BIT_ULL(chunk >> (6 * above.level) & 63);
		*nova_buddy_word(&at, kind) = ~bit;
		nova_buddy_change(b, &at, kind, 0, ~bit);
		nova_buddy_count_change(b, above.level, ~0ull, ~bit);
	}
	return kind;
}

/**
 * nova_buddy_expose() - have a free block in the word of its own level
 * @b: the pool, in which nothing is clear
 * @at: the word, whose units are free, here or as a part of a unit above
 * @chunk: a chunk of it
 *
 * Context: nova_buddy.lock held. O(levels). The caller restores the invariant: a full word.
 */
void nova_buddy_expose(struct nova_buddy *b, const struct nova_buddy_place *at, u64 chunk)
{
	if (!(*nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) >> (chunk >> (6 * at->level) & 63) & 1))
		nova_buddy_split(b, *at, chunk, 0);
}

/**
 * nova_buddy_take_units() - make some of 64 units, all free, not free
 * @b: the pool
 * @level: level of the units
 * @chunk: a chunk among the 64 units; their node is populated
 * @mask: the units
 *
 * Context: nova_buddy.lock held. O(levels), and O(words) of mixed units among them.
 *
 * Return: bit k: there was memory of that enum nova_buddy_kind.
 */
unsigned int nova_buddy_take_units(struct nova_buddy *b, unsigned int level, u64 chunk, u64 mask)
{
	struct nova_buddy_place at = nova_buddy_at(b, level, chunk), below;
	unsigned int kinds = 0;
	u64 clear, mixed;

	if (mask & ~nova_buddy_union(&at)) {
		kinds = BIT(nova_buddy_split(b, at, chunk, mask));
		if (kinds == BIT(NOVA_BUDDY_IS_CLEAR))
			b->clear -= (u64)hweight64(mask) << (6 * level);
		return kinds;
	}
	if (!b->clear) {
		nova_buddy_leave(b, at, mask);
		return BIT(NOVA_BUDDY_IS_DIRTY);
	}
	clear = *nova_buddy_word(&at, NOVA_BUDDY_IS_CLEAR) & mask;
	mixed = level ? *nova_buddy_word(&at, NOVA_BUDDY_IS_MIXED) & mask : 0;
	kinds |= clear ? BIT(NOVA_BUDDY_IS_CLEAR) : 0;
	kinds |= mixed ? BIT(NOVA_BUDDY_IS_MIXED) : 0;
	kinds |= mask & ~(clear | mixed) ? BIT(NOVA_BUDDY_IS_DIRTY) : 0;
	clear = (u64)hweight64(clear) << (6 * level);
	nova_buddy_leave(b, at, mask);
	for (; mixed; mixed &= mixed - 1) {
		below = nova_buddy_child(&at, __ffs(mixed));
		clear += nova_buddy_erase(b, &below);
	}
	b->clear -= clear;
	return kinds;
}

/* One step of a walk over a range: at most 64 units of one level. */
static u64 nova_buddy_step(const struct nova_buddy *b, u64 first, u64 end, unsigned int *level)
{
	u64 nr = end - first, room;

	*level = first ? min_t(unsigned int, __ffs64(first) / 6, b->root->level) : b->root->level;
	while (*level && 1ull << (6 * *level) > nr)
		--*level;
	/* to the end of the word, in whole units */
	room = (64ull << (6 * *level)) - (first & ((64ull << (6 * *level)) - 1));
	return min(room, round_down(nr, 1ull << (6 * *level)));
}

static inline u64 nova_buddy_step_mask(u64 first, u64 nr, unsigned int level)
{
	return nova_buddy_bits(first >> (6 * level) & 63, nr >> (6 * level));
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
	unsigned int level;
	u64 nr;

	for (; first < end; first += nr) {
		nr = nova_buddy_step(b, first, end, &level);
		nova_buddy_give_units(b, kind, level, first,
				      nova_buddy_step_mask(first, nr, level));
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
	unsigned int level, kinds = 0;
	u64 nr;

	for (; first < end; first += nr) {
		nr = nova_buddy_step(b, first, end, &level);
		kinds |= nova_buddy_take_units(b, level, first,
					       nova_buddy_step_mask(first, nr, level));
	}
	return kinds;
}
