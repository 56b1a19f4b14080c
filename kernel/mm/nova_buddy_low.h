/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_LOW_H__
#define __NOVA_BUDDY_LOW_H__

/*
 * Private to nova_buddy*.c: words of the three lowest levels, those of a group. DOC: in
 * nova_buddy_low.c.
 */

#include "nova_buddy_index.h"
#include "nova_buddy_tree.h"

/** define NOVA_BUDDY_LOW_ORDERS - orders whose blocks are always in the words of a group */
#define NOVA_BUDDY_LOW_ORDERS	(6 * (NOVA_BUDDY_GROUP_LEVEL + 1))

/**
 * struct nova_buddy_shape - blocks of one order in the words of their level
 * @span: units of a block, if it is the first of the word
 * @first: first units of all blocks that a word has room for
 * @last: last units of them
 * @second: last units of every second one
 * @in_leaf: 1: leaves have the order in their index, else 0
 * @in_node: 1: groups have it, else 0
 * @keep: bits of nova_buddy_low.idx that tell words of the level apart
 * @in_row: bits of nova_buddy_low.idx that tell apart what is below words of the level
 * @order: log2 of the chunks of a block
 * @shift: log2 of the chunks of a unit
 * @nr: units of a block
 * @level: level of the words
 * @stride: log2 of the bytes between words, by nova_buddy_low.idx
 * @more: words from the first six orders of it to the next; 0: there are no more
 * @no_leaf: the opposite of @in_leaf
 * @no_node: the opposite of @in_node
 */
struct nova_buddy_shape {
	u64 span;
	u64 first;
	u64 last;
	u64 second;
	u64 in_leaf;
	u64 in_node;
	u16 keep;
	u16 in_row;
	u8 order;
	u8 shift;
	u8 nr;
	u8 level;
	u8 stride;
	u8 more;
	u8 no_leaf;
	u8 no_node;
};

/* by order */
extern const struct nova_buddy_shape nova_buddy_shapes[NOVA_BUDDY_LOW_ORDERS];

/** struct nova_buddy_low - a word of a group */
struct nova_buddy_low {
	/** @node: of the group */
	struct nova_buddy_node *node;
	/** @leaf: in or over which the word is; of a level 2 word, the first */
	struct nova_buddy_leaf *leaf;
	/** @shape: of some order of its level */
	const struct nova_buddy_shape *shape;
	/** @idx: of its first chunk, in units of 64 chunks, from the first of the group */
	unsigned long idx;
	/** @leaf_bit: of the word in the index of the leaf, 0 if that does not have its level */
	u64 leaf_bit;
	/** @node_bit: the same in the index of the group */
	u64 node_bit;
};

/** nova_buddy_low_of() - the word of a group in which blocks of an order are, by a chunk */
static __always_inline struct nova_buddy_low nova_buddy_low_of(struct nova_buddy_node *node,
							       unsigned int order, u64 chunk)
{
	const struct nova_buddy_shape *shape = &nova_buddy_shapes[order];
	unsigned long idx = chunk >> 6 & shape->keep;

	return (struct nova_buddy_low){
		node, &nova_buddy_group(node)->leaf[idx >> 6], shape, idx,
		shape->in_leaf << (idx & 63), shape->in_node << (idx >> 6),
	};
}

/** nova_buddy_low_word() - where the units of a pure kind are kept */
static __always_inline u64 *nova_buddy_low_word(const struct nova_buddy_low *at,
						enum nova_buddy_kind kind)
{
	u64 *first = nova_buddy_group(at->node)->way[kind].word[at->shape->level];

	static_assert(sizeof(struct nova_buddy_leaf) == 64 << 1);
	return (void *)first + (at->idx << at->shape->stride);
}

/** nova_buddy_low_place() - the same word */
static __always_inline struct nova_buddy_place nova_buddy_low_place(const struct nova_buddy_low *at)
{
	return (struct nova_buddy_place){
		at->node, at->idx >> at->shape->shift, at->shape->level,
	};
}

/** nova_buddy_low_exact() - last units of the maximal blocks of an order in a word */
static __always_inline u64 nova_buddy_low_exact(const struct nova_buddy_shape *shape, u64 word)
{
	/* one added to what a run holds below its last unit carries into that if all are there */
	u64 runs = ((word & ~shape->last) + shape->first) & word & shape->last;
	/* of two that would make one of the next order just one is there */
	u64 single = (runs ^ runs << shape->nr) & shape->second;

	return runs & (single | single >> shape->nr);
}

/** nova_buddy_low_pair() - units of what makes a pair with the block at @pos */
static __always_inline u64 nova_buddy_low_pair(const struct nova_buddy_shape *shape,
					       unsigned int pos)
{
	return shape->span << ((pos ^ shape->nr) & 63);
}

/** nova_buddy_low_merged() - order of the maximal block around one of @shape, by its word */
static __always_inline unsigned int nova_buddy_low_merged(const struct nova_buddy_shape *shape,
							  u64 word, unsigned int pos)
{
	/* most blocks have no free neighbour */
	if (nova_buddy_low_pair(shape, pos & -shape->nr) & ~word)
		return shape->order;
	return nova_buddy_merged(word, pos) + shape->shift;
}

/** nova_buddy_low_is_root() - whether there is no word above */
static __always_inline bool nova_buddy_low_is_root(const struct nova_buddy_low *at)
{
	return at->shape->level == NOVA_BUDDY_GROUP_LEVEL && !at->node->parent;
}

/** nova_buddy_low_row() - words of leaves from that of the first leaf to that of the word's own */
static __always_inline unsigned long nova_buddy_low_row(const struct nova_buddy_low *at)
{
	static_assert(sizeof(struct nova_buddy_leaf) == sizeof(u64) << (6 - 2));
	return (at->idx & at->shape->in_row) >> 2;
}

/** nova_buddy_low_mixed() - units of several kinds; there are none at level 0 */
static __always_inline u64 nova_buddy_low_mixed(const struct nova_buddy_low *at)
{
	return nova_buddy_group(at->node)->mixed[at->shape->level][nova_buddy_low_row(at)];
}

/** nova_buddy_low_whole() - units that are wholly free; @kinds: there may be clear ones */
static __always_inline u64 nova_buddy_low_whole(const struct nova_buddy_low *at, bool kinds)
{
	u64 units = *nova_buddy_low_word(at, NOVA_BUDDY_IS_DIRTY);

	return kinds ? units | *nova_buddy_low_word(at, NOVA_BUDDY_IS_CLEAR) |
		       nova_buddy_low_mixed(at) : units;
}

/** nova_buddy_low_below() - units that are free in parts */
static __always_inline u64 nova_buddy_low_below(const struct nova_buddy_low *at, bool kinds)
{
	unsigned int kind;
	u64 below = 0;

	for (kind = 0; kind < 1u + kinds; kind++) {
		const struct nova_buddy_ways *way = &nova_buddy_group(at->node)->way[kind];
		const u64 *has = way->below[at->shape->level] + nova_buddy_low_row(at);

		below |= nova_buddy_any_order(has);
		below |= nova_buddy_any_order(has + at->shape->more);
	}
	return below;
}

/** nova_buddy_low_above() - not 0 if it is in a unit of a higher level that is free */
static __always_inline u64 nova_buddy_low_above(const struct nova_buddy_low *at, bool kinds)
{
	const struct nova_buddy_place node = { at->node, 0, 2 };
	const struct nova_buddy_place leaf = { at->node, at->idx >> 6, 1 };

	return (nova_buddy_whole(&leaf, kinds) & at->leaf_bit) |
	       (nova_buddy_whole(&node, kinds) & at->node_bit);
}

/** nova_buddy_low_raise() - the word holds a block of 2^@m chunks, as a unit or of several */
static __always_inline void nova_buddy_low_raise(struct nova_buddy *b,
						 const struct nova_buddy_low *at,
						 enum nova_buddy_kind kind, unsigned int m)
{
	struct nova_buddy_node *node = at->node;
	u64 bit;

	b->present[kind] |= BIT_ULL(m);
	at->leaf->row[kind][m & 7] |= at->leaf_bit;
	node->has[kind][m] |= at->node_bit;
	for (bit = node->bit, node = node->parent; node; bit = node->bit, node = node->parent)
		node->has[kind][m] |= bit;
}

/**
 * nova_buddy_low_lower() - the word holds one maximal block of 2^@m chunks less
 * @b: the pool
 * @at: the word
 * @kind: of which kind
 * @m: the order
 * @others: 0 if it was the last of them in the word
 *
 * Context: nova_buddy.lock held. O(levels).
 */
static __always_inline void nova_buddy_low_lower(struct nova_buddy *b,
						 const struct nova_buddy_low *at,
						 enum nova_buddy_kind kind, unsigned int m,
						 u64 others)
{
	struct nova_buddy_node *node = at->node;
	u64 *has = &at->leaf->row[kind][m & 7], bit;
	u64 left = *has & ~(others ? 0 : at->leaf_bit);

	*has = left;
	/* there are others in the word, or in the leaf, if that keeps account of them */
	if (others | (left & -at->shape->in_leaf))
		return;
	left = node->has[kind][m] & ~at->node_bit;
	node->has[kind][m] = left;
	for (bit = node->bit, node = node->parent; node; bit = node->bit, node = node->parent) {
		left = node->has[kind][m] & ~(left ? 0 : bit);
		node->has[kind][m] = left;
	}
	b->present[kind] &= ~((u64)!left << m);
}

unsigned int nova_buddy_low_merge(struct nova_buddy *b, struct nova_buddy_node *node,
				  enum nova_buddy_kind kind, unsigned int order, u64 chunk);
void nova_buddy_low_merge_all(struct nova_buddy *b, struct nova_buddy_node *node,
			      unsigned int order, u64 chunk);
void nova_buddy_low_rest(struct nova_buddy *b, struct nova_buddy_node *node,
			 enum nova_buddy_kind kind, unsigned int order, unsigned int m, u64 chunk);

#endif
