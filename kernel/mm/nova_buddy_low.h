/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_LOW_H__
#define __NOVA_BUDDY_LOW_H__

/*
 * Private to nova_buddy*.c: words of the three lowest levels, those of a group.
 *
 * Nearly every block belongs to one of them, and to which nobody can predict. So nothing here
 * branches on the level: what an order means in its word is looked up, and what its level does not
 * have is masked out.
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
 * @keep: bits of nova_buddy_low.idx that tell words of the level apart
 * @shift: log2 of the chunks of a unit
 * @level: level of the words
 * @stride: log2 of the bytes between words, by nova_buddy_low.idx
 * @lg2: log2 of the units of a block
 * @in_leaf: 1: leaves have the order in their index, else 0
 * @in_node: 1: groups have it, else 0
 * @in_row: bits of nova_buddy_low.idx that tell apart what is below words of the level
 * @more: words from the first six orders of it to the next; 0: there are no more
 */
struct nova_buddy_shape {
	u64 span;
	u64 first;
	u64 last;
	u64 second;
	u16 keep;
	u8 shift;
	u8 level;
	u8 stride;
	u8 lg2;
	u8 in_leaf;
	u8 in_node;
	u16 in_row;
	u8 more;
};

/* by order */
extern const struct nova_buddy_shape nova_buddy_shapes[NOVA_BUDDY_LOW_ORDERS];

/** struct nova_buddy_low - a word of a group */
struct nova_buddy_low {
	/** @group: the group */
	struct nova_buddy_group *group;
	/** @shape: of some order of its level */
	const struct nova_buddy_shape *shape;
	/** @idx: of its first chunk, in units of 64 chunks, from the first of the group */
	unsigned int idx;
};

/** nova_buddy_low_leaf() - the leaf in or over which the word is; of a level 2 word, the first */
static __always_inline struct nova_buddy_leaf *nova_buddy_low_leaf(const struct nova_buddy_low *at)
{
	return &at->group->leaf[at->idx >> 6];
}

/** nova_buddy_low_word() - where the units of a pure kind are kept */
static __always_inline u64 *nova_buddy_low_word(const struct nova_buddy_low *at,
						enum nova_buddy_kind kind)
{
	static_assert(sizeof(struct nova_buddy_leaf) == 64 << 1);
	return (void *)at->group->way[kind].word[at->shape->level] + (at->idx << at->shape->stride);
}

/** nova_buddy_low_place() - the same word */
static __always_inline struct nova_buddy_place nova_buddy_low_place(const struct nova_buddy_low *at)
{
	return (struct nova_buddy_place){
		&at->group->node, at->idx >> at->shape->shift, at->shape->level,
	};
}

/** nova_buddy_low_exact() - last units of the maximal blocks of an order in a word */
static __always_inline u64 nova_buddy_low_exact(const struct nova_buddy_shape *shape, u64 word)
{
	/* one added to what a run holds below its last unit carries into that if all are there */
	u64 runs = ((word & ~shape->last) + shape->first) & word & shape->last;
	unsigned int nr = 1u << shape->lg2;
	u64 second = runs & (runs << nr) & shape->second;

	return runs & ~(second | second >> nr);
}

/** nova_buddy_low_merged() - order of the maximal block around one of @shape, by its word */
static __always_inline unsigned int nova_buddy_low_merged(const struct nova_buddy_shape *shape,
							  u64 word, unsigned int pos)
{
	unsigned int nr = 1u << shape->lg2;
	u64 pair = shape->span << ((pos ^ nr) & -nr);

	/* most blocks have no free neighbour */
	return (pair & ~word ? shape->lg2 : nova_buddy_merged(word, pos)) + shape->shift;
}

/** nova_buddy_low_is_root() - whether there is no word above */
static __always_inline bool nova_buddy_low_is_root(const struct nova_buddy_low *at)
{
	return at->shape->level == NOVA_BUDDY_GROUP_LEVEL && !at->group->node.parent;
}

/** nova_buddy_low_row() - words of leaves from that of the first leaf to that of the word's own */
static __always_inline unsigned int nova_buddy_low_row(const struct nova_buddy_low *at)
{
	static_assert(sizeof(struct nova_buddy_leaf) == sizeof(u64) << (6 - 2));
	return (at->idx & at->shape->in_row) >> 2;
}

/** nova_buddy_low_mixed() - units of several kinds; there are none at level 0 */
static __always_inline u64 nova_buddy_low_mixed(const struct nova_buddy_low *at)
{
	return at->group->mixed[at->shape->level][nova_buddy_low_row(at)];
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
		const u64 *has = at->group->way[kind].below[at->shape->level] +
				 nova_buddy_low_row(at);

		below |= nova_buddy_any_order(has);
		below |= nova_buddy_any_order(has + at->shape->more);
	}
	return below;
}

/** nova_buddy_low_above() - whether it is in a unit of a higher level that is free */
static __always_inline bool nova_buddy_low_above(const struct nova_buddy_low *at, bool kinds)
{
	const struct nova_buddy_place node = { &at->group->node, 0, 2 };
	const struct nova_buddy_place leaf = { &at->group->node, at->idx >> 6, 1 };

	return ((nova_buddy_whole(&leaf, kinds) >> (at->idx & 63)) & at->shape->in_leaf) |
	       ((nova_buddy_whole(&node, kinds) >> (at->idx >> 6)) & at->shape->in_node);
}

/** nova_buddy_low_raise() - the word holds a block of 2^@m chunks, as a unit or of several */
static __always_inline void nova_buddy_low_raise(struct nova_buddy *b,
						 const struct nova_buddy_low *at,
						 enum nova_buddy_kind kind, unsigned int m)
{
	struct nova_buddy_node *node = &at->group->node;
	u64 bit;

	b->present[kind] |= BIT_ULL(m);
	nova_buddy_low_leaf(at)->row[kind][m & 7] |= (u64)at->shape->in_leaf << (at->idx & 63);
	node->has[kind][m] |= (u64)at->shape->in_node << (at->idx >> 6);
	for (bit = node->bit, node = node->parent; node; bit = node->bit, node = node->parent)
		node->has[kind][m] |= bit;
}

/** nova_buddy_low_lower() - if it was the last, the word holds no block of 2^@m chunks any more */
static __always_inline void nova_buddy_low_lower(struct nova_buddy *b,
						 const struct nova_buddy_low *at,
						 enum nova_buddy_kind kind, unsigned int m,
						 bool last)
{
	struct nova_buddy_node *node = &at->group->node;
	u64 *has = &nova_buddy_low_leaf(at)->row[kind][m & 7], bit;

	*has &= ~((u64)(last & at->shape->in_leaf) << (at->idx & 63));
	if (!(last & ((at->shape->in_leaf ^ 1) | (*has == 0))))
		return;
	has = &node->has[kind][m];
	*has &= ~((u64)at->shape->in_node << (at->idx >> 6));
	last = !*has;
	for (bit = node->bit, node = node->parent; node; bit = node->bit, node = node->parent) {
		has = &node->has[kind][m];
		*has &= ~(bit & -(u64)last);
		last &= !*has;
	}
	b->present[kind] &= ~((u64)last << m);
}

#endif
