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
 * disjoint, each with an index of its own. So memory of one kind is found as if there was no other.
 * 64 units that are free but not of one kind stay where they are and show above as one mixed unit,
 * so that kinds never keep blocks from merging. Blocks of both kinds are asked for only when none
 * of the wanted kind is large enough; they have no index by order, only one of the blends: words
 * of level 1 or higher in which there are units of several kinds. While nothing is clear only the
 * dirty tree exists.
 *
 * Invariants: a word below the root that is full of one kind is empty, and its unit above is set;
 * a mixed unit is set if and only if all below is free and not of one kind. Everything, also the
 * number of maximal blocks of each order, follows from the free and the clear chunks.
 *
 * Units: chunks counted from nova_buddy.origin. Locking: nova_buddy.lock held by the caller.
 */

#include "nova_buddy_tree.h"

#include "nova_buddy_index.h"
#include "nova_buddy_quick.h"

#include <linux/minmax.h>

/**
 * nova_buddy_below_node() - units of a node that are free in parts
 * @node: the node
 * @kinds: pure kinds there may be, 1 while nothing is clear
 *
 * Context: nova_buddy.lock held.
 *
 * Return: a bit a unit below which something is free; mixed units are among them.
 */
u64 nova_buddy_below_node(const struct nova_buddy_node *node, unsigned int kinds)
{
	unsigned int kind, m;
	u64 below = 0;

	for (kind = 0; kind < kinds; kind++)
		for (m = 0; m < 6 * node->level; m += 6)
			below |= nova_buddy_any_order(&node->has[kind][m]);
	return below;
}

/**
 * nova_buddy_blend() - keep the index of words in which there are units of several kinds
 * @b: the pool
 * @at: a word of level 1 or higher that has changed
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_blend(struct nova_buddy *b, struct nova_buddy_place at)
{
	struct nova_buddy_node *node = at.node;
	u64 bit, was, now;
	bool is;

	is = nova_buddy_is_blend(&at);
	bit = BIT_ULL(at.idx);
	if (at.level >= NOVA_BUDDY_GROUP_LEVEL) {
		bit = node->bit;
		node = node->parent;
	}
	for (; node; bit = node->bit, node = node->parent) {
		was = node->blend[at.level];
		now = is ? was | bit : was & ~bit;
		node->blend[at.level] = now;
		if (!was == !now)
			return;
	}
}

/**
 * nova_buddy_part() - have a block ready to leave a full word
 * @b: the pool
 * @at: the word, in which there are several kinds; not the root
 *
 * The mixed unit that it is of the word above is none any more, and so on.
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: order of the maximal block, of whatever kinds, that it has been a part of.
 */
unsigned int nova_buddy_part(struct nova_buddy *b, struct nova_buddy_place at)
{
	u64 all, bit;

	do {
		bit = nova_buddy_up(&at);
		all = nova_buddy_union(&at);
		*nova_buddy_word(&at, NOVA_BUDDY_IS_MIXED) &= ~bit;
		nova_buddy_blend(b, at);
	} while (!~all && !nova_buddy_is_root(&at));
	return nova_buddy_merged(all, __ffs64(bit)) + 6 * at.level;
}

static inline void nova_buddy_count_range(struct nova_buddy *b, unsigned int lo, unsigned int hi,
					  int nr)
{
	for (; lo < hi; lo++)
		b->free[lo] += nr;
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
		run = nova_buddy_span(pos, order);
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
		nova_buddy_blend(b, *at);
	}
	for (; mixed; mixed &= mixed - 1) {
		const struct nova_buddy_place below = nova_buddy_child(at, __ffs(mixed));

		clear += nova_buddy_erase(b, &below);
	}
	return clear;
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
	unsigned int order = 6 * at->level + 6;
	u64 *word = nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY);

	if (*word >> (chunk >> (6 * at->level) & 63) & 1)
		return;
	nova_buddy_quick_take_at(b, order, round_down(chunk, 1ull << order));
	*word = ~0ull;
}

/* A block of several kinds, in its own word. */
static unsigned int nova_buddy_tear(struct nova_buddy *b, const struct nova_buddy_place *at,
				    unsigned int order, u64 mask)
{
	unsigned int merged, kind, kinds = 0;
	u64 clear = 0, mixed = 0;

	merged = nova_buddy_leave(b, at, __ffs64(mask));
	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++) {
		u64 *word = nova_buddy_word(at, kind), from = *word;

		if (!(from & mask))
			continue;
		kinds |= BIT(kind);
		*word = from & ~mask;
		nova_buddy_change(b, at, kind, from, *word);
		if (kind == NOVA_BUDDY_IS_CLEAR)
			clear = (u64)hweight64(from & mask) << (6 * at->level);
	}
	if (at->level) {
		mixed = *nova_buddy_word(at, NOVA_BUDDY_IS_MIXED) & mask;
		*nova_buddy_word(at, NOVA_BUDDY_IS_MIXED) &= ~mask;
		nova_buddy_blend(b, *at);
	}
	kinds |= mixed ? BIT(NOVA_BUDDY_IS_MIXED) : 0;
	for (; mixed; mixed &= mixed - 1) {
		const struct nova_buddy_place below = nova_buddy_child(at, __ffs64(mixed));

		clear += nova_buddy_erase(b, &below);
	}
	b->clear -= clear;
	nova_buddy_count_merge(b, order, merged, -1);
	return kinds;
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
	unsigned int level = min_t(unsigned int, order / 6, b->root->level), kind;
	struct nova_buddy_place at = nova_buddy_at(b, level, chunk);
	u64 mask = nova_buddy_span(chunk >> (6 * level) & 63, order - 6 * level);

	/* it may be a part of a unit further up, which is of one kind */
	while (!(nova_buddy_union(&at) & mask))
		mask = nova_buddy_up(&at);
	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++)
		if (!(mask & ~*nova_buddy_word(&at, kind))) {
			nova_buddy_quick_leave(b, at, kind, order, chunk);
			return BIT(kind);
		}
	return nova_buddy_tear(b, &at, order, mask);
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
