/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_INDEX_H__
#define __NOVA_BUDDY_INDEX_H__

/*
 * Private to nova_buddy*.c: reading and keeping the index and the number of free blocks. DOC: in
 * nova_buddy_quick.c.
 */

#include "nova_buddy_tree.h"

/** nova_buddy_is_root() - whether there is no word above */
static __always_inline bool nova_buddy_is_root(const struct nova_buddy_place *at)
{
	return at->level >= NOVA_BUDDY_GROUP_LEVEL && !at->node->parent;
}

/** nova_buddy_is_blend() - whether units of several kinds are in a word of level 1 or higher */
static inline bool nova_buddy_is_blend(const struct nova_buddy_place *at)
{
	return *nova_buddy_word(at, NOVA_BUDDY_IS_MIXED) ||
	       (*nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) &&
		*nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR));
}

/** nova_buddy_whole() - units of a word that are wholly free; @kinds: there may be clear ones */
static __always_inline u64 nova_buddy_whole(const struct nova_buddy_place *at, bool kinds)
{
	return kinds ? nova_buddy_union(at) : *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY);
}

/** nova_buddy_any_order() - units below which there is a block of any of six orders in a row */
static inline u64 nova_buddy_any_order(const u64 has[6])
{
	return has[0] | has[1] | has[2] | has[3] | has[4] | has[5];
}

u64 nova_buddy_below_node(const struct nova_buddy_node *node, unsigned int kinds);

/* Units of a word of level 1 or higher that are free in parts; @kinds: there may be clear ones. */
static __always_inline u64 nova_buddy_below(const struct nova_buddy_place *at, bool kinds)
{
	const struct nova_buddy_leaf *leaf;

	if (at->level >= NOVA_BUDDY_GROUP_LEVEL)
		return nova_buddy_below_node(at->node, kinds ? NOVA_BUDDY_PURE : 1);
	leaf = &nova_buddy_group(at->node)->leaf[at->idx];
	return nova_buddy_any_order(leaf->row[NOVA_BUDDY_IS_DIRTY]) |
	       (kinds ? nova_buddy_any_order(leaf->row[NOVA_BUDDY_IS_CLEAR]) : 0);
}

/** struct nova_buddy_row - the index directly above a word */
struct nova_buddy_row {
	/** @has: a word an order of the level, NULL: there is none above */
	u64 *has;
	/** @bit: of the word in them */
	u64 bit;
	/** @up: the node above that, NULL at the root */
	struct nova_buddy_node *up;
	/** @up_bit: what @has belongs to, in @up */
	u64 up_bit;
};

/** nova_buddy_row() - the index directly above a word, for a pure kind */
static __always_inline struct nova_buddy_row nova_buddy_row(const struct nova_buddy_place *at,
							    enum nova_buddy_kind kind)
{
	struct nova_buddy_node *node = at->node;

	if (!at->level)
		return (struct nova_buddy_row){
			nova_buddy_group(node)->leaf[at->idx / 64].row[kind],
			BIT_ULL(at->idx % 64), node, BIT_ULL(at->idx / 64),
		};
	if (at->level < NOVA_BUDDY_GROUP_LEVEL)
		return (struct nova_buddy_row){
			&node->has[kind][6], BIT_ULL(at->idx), node->parent, node->bit,
		};
	if (!node->parent)
		return (struct nova_buddy_row){};
	return (struct nova_buddy_row){
		&node->parent->has[kind][6 * at->level], node->bit,
		node->parent->parent, node->parent->bit,
	};
}

/** nova_buddy_raise() - a word holds blocks of the orders @lo to @hi - 1 of its level */
static __always_inline void nova_buddy_raise(struct nova_buddy *b,
					     const struct nova_buddy_place *at,
					     enum nova_buddy_kind kind, unsigned int lo,
					     unsigned int hi)
{
	const struct nova_buddy_row row = nova_buddy_row(at, kind);
	unsigned int shift = 6 * at->level;
	struct nova_buddy_node *node;
	u64 bit;

	b->present[kind] |= (BIT_ULL(hi) - BIT_ULL(lo)) << shift;
	for (; lo < hi && row.has; lo++) {
		row.has[lo] |= row.bit;
		for (node = row.up, bit = row.up_bit; node; bit = node->bit, node = node->parent)
			node->has[kind][shift + lo] |= bit;
	}
}

/** nova_buddy_lower() - a word no longer holds a block of an order of its level */
static __always_inline void nova_buddy_lower(struct nova_buddy *b,
					     const struct nova_buddy_place *at,
					     enum nova_buddy_kind kind, unsigned int order)
{
	const struct nova_buddy_row row = nova_buddy_row(at, kind);
	struct nova_buddy_node *node;
	u64 bit = row.up_bit, left;

	if (row.has) {
		row.has[order] &= ~row.bit;
		if (row.has[order])
			return;
	}
	order += 6 * at->level;
	for (node = row.up; node; bit = node->bit, node = node->parent) {
		left = node->has[kind][order] & ~bit;
		node->has[kind][order] = left;
		if (left)
			return;
	}
	b->present[kind] &= ~BIT_ULL(order);
}

/**
 * nova_buddy_leave() - have a block ready to leave a word in which there may be several kinds
 * @b: the pool
 * @at: the word
 * @pos: a unit of the block
 *
 * Return: order of the maximal block, of whatever kinds, that it has been a part of.
 */
static __always_inline unsigned int nova_buddy_leave(struct nova_buddy *b,
						     const struct nova_buddy_place *at,
						     unsigned int pos)
{
	u64 all = nova_buddy_union(at);

	if (~all || nova_buddy_is_root(at))
		return nova_buddy_merged(all, pos) + 6 * at->level;
	return nova_buddy_part(b, *at);
}

/**
 * nova_buddy_count_merge() - keep the number of maximal blocks
 * @b: the pool
 * @order: log2 of the chunks of a block
 * @merged: of the maximal block that it becomes, or was, a part of
 * @nr: 1: it comes, and with it one of @merged in place of one each of the orders from @order on;
 *      -1: it goes, the other way round
 */
static inline void nova_buddy_count_merge(struct nova_buddy *b, unsigned int order,
					  unsigned int merged, int nr)
{
	b->free[merged] += nr;
	for (; order < merged; order++)
		b->free[order] -= nr;
}

void nova_buddy_change(struct nova_buddy *b, const struct nova_buddy_place *at,
		       enum nova_buddy_kind kind, u64 from, u64 to);

#endif
