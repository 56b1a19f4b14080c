/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_INLINE_H__
#define __NOVA_BUDDY_INLINE_H__

/*
 * Private to nova_buddy*.c: what nearly every call comes to, inlined into it. DOC: in
 * nova_buddy_quick.c.
 */

#include "nova_buddy_low.h"
#include "nova_buddy_quick.h"

/* A word holds none of @kind, before or after a change: is it a blend on the other side of that? */
static __always_inline void nova_buddy_low_blend(struct nova_buddy *b,
						 const struct nova_buddy_low *at,
						 enum nova_buddy_kind kind, bool none)
{
	/* one branch that is hardly ever taken in place of three that nobody can predict */
	if (*nova_buddy_low_word(at, !kind) & -(u64)none & ((u64)at->shape->in_leaf - 1))
		nova_buddy_blend(b, nova_buddy_low_place(at));
}

/* As nova_buddy_leave(). */
static __always_inline unsigned int nova_buddy_low_part(struct nova_buddy *b,
							const struct nova_buddy_low *at,
							unsigned int pos)
{
	u64 all = nova_buddy_low_whole(at, true);

	if (~all || nova_buddy_low_is_root(at))
		return nova_buddy_low_merged(at->shape, all, pos);
	return nova_buddy_part(b, nova_buddy_low_place(at));
}

/* The block at @chunk leaves the maximal one of 2^@m chunks at @pos, beside @others of the word. */
static __always_inline void nova_buddy_low_cut(struct nova_buddy *b,
					       const struct nova_buddy_low *at,
					       enum nova_buddy_kind kind, unsigned int order,
					       u64 chunk, unsigned int pos, unsigned int m,
					       u64 others, bool kinds)
{
	const struct nova_buddy_shape *shape = at->shape;
	unsigned int merged = kinds ? nova_buddy_low_part(b, at, chunk >> shape->shift & 63) : m;
	u64 *word = nova_buddy_low_word(at, kind);

	*word &= ~(shape->span << pos);
	nova_buddy_low_lower(b, at, kind, m, others);
	if (order < m)
		nova_buddy_low_rest(b, at->node, kind, order, m, chunk);
	if (kinds) {
		nova_buddy_low_blend(b, at, kind, !*word);
		b->clear -= (u64)(kind == NOVA_BUDDY_IS_CLEAR) << order;
	}
	nova_buddy_count_merge(b, m, merged, -1);
}

/**
 * nova_buddy_low_leave() - take a block out of a larger one
 * @b: the pool
 * @node: of the group
 * @kind: of which kind
 * @order: log2 of the chunks of the block
 * @chunk: its first chunk
 * @units: the word in which it is free, as a part of a unit or of its own level
 * @m: log2 of the chunks of the maximal block around it
 * @kinds: there may be clear memory in the pool
 *
 * Context: nova_buddy.lock held. O(levels).
 */
static __always_inline void nova_buddy_low_leave(struct nova_buddy *b,
						 struct nova_buddy_node *node,
						 enum nova_buddy_kind kind,
						 unsigned int order, u64 chunk, u64 units,
						 unsigned int m, bool kinds)
{
	const struct nova_buddy_low at = nova_buddy_low_of(node, m, chunk);
	unsigned int pos = chunk >> at.shape->shift & 63 & -at.shape->nr;
	u64 exact = nova_buddy_low_exact(at.shape, units);

	nova_buddy_low_cut(b, &at, kind, order, chunk, pos, m, exact & (exact - 1), kinds);
}

/* The lowest word of a group that holds a maximal block of @m. */
static __always_inline struct nova_buddy_low
nova_buddy_low_first(struct nova_buddy_node *node, enum nova_buddy_kind kind, unsigned int m)
{
	const struct nova_buddy_shape *shape = &nova_buddy_shapes[m];
	struct nova_buddy_leaf *first = nova_buddy_group(node)->leaf;
	unsigned long leaf, word;

	/* what the index does not have is in the first leaf, and in its first word */
	leaf = __ffs(node->has[kind][m] | shape->no_node);
	word = __ffs(first[leaf].row[kind][m & 7] | shape->no_leaf);
	return (struct nova_buddy_low){
		node, &first[leaf], shape, leaf << 6 | word,
		shape->in_leaf << word, shape->in_node << leaf,
	};
}

/* The lowest such block of the group, of which there is one, or its first part. */
static __always_inline u64 nova_buddy_low_take(struct nova_buddy *b,
					       struct nova_buddy_node *node, u64 base,
					       enum nova_buddy_kind kind, unsigned int order,
					       unsigned int m, bool kinds)
{
	const struct nova_buddy_low at = nova_buddy_low_first(node, kind, m);
	u64 exact = nova_buddy_low_exact(at.shape, *nova_buddy_low_word(&at, kind));
	unsigned long pos = __ffs(exact) + 1 - at.shape->nr;
	u64 chunk = (base | at.idx) * 64 + (pos << at.shape->shift);

	nova_buddy_low_cut(b, &at, kind, order, chunk, pos, m, exact & (exact - 1), kinds);
	return chunk;
}

/**
 * nova_buddy_take_of() - take the smallest maximal block that fits, or its first part
 * @b: the pool; there is one
 * @kind: of which kind
 * @order: log2 of its chunks
 * @kinds: there may be clear memory in the pool
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: its first chunk; NOVA_BUDDY_NOWHERE if it is larger than a group and a node is missing.
 */
static __always_inline u64 nova_buddy_take_of(struct nova_buddy *b, enum nova_buddy_kind kind,
					      unsigned int order, bool kinds)
{
	unsigned int m = order + __ffs(b->present[kind] >> order);
	struct nova_buddy_node *node = b->root;
	unsigned long slot;
	u64 base = 0;

	if (m >= NOVA_BUDDY_LOW_ORDERS)
		return nova_buddy_quick_take_high(b, kind, order, m);
	for (; node->level > NOVA_BUDDY_GROUP_LEVEL; node = node->child[slot]) {
		slot = __ffs(node->has[kind][m]);
		base = base << 6 | slot;
	}
	return nova_buddy_low_take(b, node, base << 12, kind, order, m, kinds);
}

/* Whether some units, beside @all that are wholly free in their word, are free in parts. */
static __always_inline bool nova_buddy_low_is_free(const struct nova_buddy_low *at, u64 units,
						   u64 all, bool kinds)
{
	return ((all | nova_buddy_low_below(at, kinds)) & units) |
	       nova_buddy_low_above(at, kinds);
}

/* As nova_buddy_quick_joined(): @all is free now, and before, the word held @was. */
static __always_inline void nova_buddy_low_joined(struct nova_buddy *b,
						  const struct nova_buddy_low *at,
						  enum nova_buddy_kind kind,
						  unsigned int order, unsigned int pos,
						  unsigned int merged, u64 was, u64 all)
{
	b->clear += (u64)(kind == NOVA_BUDDY_IS_CLEAR) << order;
	if (!~all && !nova_buddy_low_is_root(at)) {
		nova_buddy_quick_fill_kind(b, nova_buddy_low_place(at), kind, order, merged == 6);
		return;
	}
	nova_buddy_low_blend(b, at, kind, !was);
	nova_buddy_count_merge(b, order, nova_buddy_low_merged(at->shape, all, pos), 1);
}

/* A block of a pool in which nothing is clear joins its word. */
static __always_inline void nova_buddy_low_join(struct nova_buddy *b,
						const struct nova_buddy_low *at,
						unsigned int order, u64 chunk, unsigned int pos)
{
	u64 *word = nova_buddy_low_word(at, NOVA_BUDDY_IS_DIRTY);
	u64 now = *word | at->shape->span << pos;

	*word = now;
	if (nova_buddy_low_pair(at->shape, pos) & ~now) {
		nova_buddy_low_raise(b, at, NOVA_BUDDY_IS_DIRTY, order);
		b->free[order]++;
	} else {
		nova_buddy_low_merge_all(b, at->node, order, chunk);
	}
}

/* The same where there are kinds. */
static __always_inline void nova_buddy_low_join_kind(struct nova_buddy *b,
						     const struct nova_buddy_low *at,
						     enum nova_buddy_kind kind,
						     unsigned int order, u64 chunk,
						     unsigned int pos, u64 all)
{
	u64 *word = nova_buddy_low_word(at, kind), was = *word;
	u64 now = was | at->shape->span << pos;
	unsigned int merged = 0;

	*word = now;
	if (nova_buddy_low_pair(at->shape, pos) & ~now)
		nova_buddy_low_raise(b, at, kind, order);
	else
		merged = nova_buddy_low_merge(b, at->node, kind, order, chunk);
	nova_buddy_low_joined(b, at, kind, order, pos, merged, was, all);
}

static __always_inline bool nova_buddy_low_give(struct nova_buddy *b,
						struct nova_buddy_node *node,
						enum nova_buddy_kind kind,
						unsigned int order, u64 chunk, bool kinds)
{
	const struct nova_buddy_low at = nova_buddy_low_of(node, order, chunk);
	unsigned int pos = chunk >> at.shape->shift & 63;
	u64 units = at.shape->span << pos, all = nova_buddy_low_whole(&at, kinds);

	if (nova_buddy_low_is_free(&at, units, all, kinds))
		return false;
	if (kinds)
		nova_buddy_low_join_kind(b, &at, kind, order, chunk, pos, all | units);
	else
		nova_buddy_low_join(b, &at, order, chunk, pos);
	return true;
}

/**
 * nova_buddy_give_of() - give a block back
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned
 * @kinds: there may be clear memory in the pool, or there is to be
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if any of it was free.
 */
static __always_inline bool nova_buddy_give_of(struct nova_buddy *b,
					       enum nova_buddy_kind kind,
					       unsigned int order, u64 chunk, bool kinds)
{
	struct nova_buddy_node *node = b->root;
	unsigned int slot;

	if (order >= NOVA_BUDDY_LOW_ORDERS)
		return nova_buddy_quick_give_high(b, kind, order, chunk);
	for (; node->level > NOVA_BUDDY_GROUP_LEVEL; node = node->child[slot]) {
		const struct nova_buddy_place at = { node, 0, NOVA_BUDDY_GROUP_LEVEL };

		slot = chunk >> (6 * node->level) & 63;
		if (nova_buddy_whole(&at, kinds) >> slot & 1)
			return false;
	}
	return nova_buddy_low_give(b, node, kind, order, chunk, kinds);
}

/**
 * nova_buddy_take_dirty() - take the smallest maximal block that fits, or its first part
 * @b: the pool, in which nothing is clear
 * @order: log2 of its chunks
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: its first chunk; NOVA_BUDDY_NOWHERE if there is none, or if a node is missing.
 */
static __always_inline u64 nova_buddy_take_dirty(struct nova_buddy *b, unsigned int order)
{
	if (!(b->present[NOVA_BUDDY_IS_DIRTY] >> order))
		return NOVA_BUDDY_NOWHERE;
	return nova_buddy_take_of(b, NOVA_BUDDY_IS_DIRTY, order, false);
}

/** nova_buddy_give_kind() - nova_buddy_quick_give(), inlined while nothing is clear */
static __always_inline bool nova_buddy_give_kind(struct nova_buddy *b, enum nova_buddy_kind kind,
						 unsigned int order, u64 chunk)
{
	if (b->clear || kind == NOVA_BUDDY_IS_CLEAR)
		return nova_buddy_quick_give_kind(b, kind, order, chunk);
	return nova_buddy_give_of(b, NOVA_BUDDY_IS_DIRTY, order, chunk, false);
}

#endif
