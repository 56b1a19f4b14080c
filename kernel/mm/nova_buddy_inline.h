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
static __always_inline unsigned int nova_buddy_low_leave(struct nova_buddy *b,
							 const struct nova_buddy_low *at,
							 unsigned int pos)
{
	u64 all = nova_buddy_low_whole(at, true);

	if (~all || nova_buddy_low_is_root(at))
		return nova_buddy_low_merged(at->shape, all, pos);
	return nova_buddy_part(b, nova_buddy_low_place(at));
}

/* The block at @chunk leaves the maximal one of 2^@m chunks around it, the @last such in @at. */
static __always_inline void nova_buddy_low_cut(struct nova_buddy *b,
					       const struct nova_buddy_low *at,
					       enum nova_buddy_kind kind, unsigned int order,
					       u64 chunk, unsigned int m, bool last,
					       bool kinds)
{
	unsigned int shift = at->shape->shift, k = max(order, shift), pos = chunk >> shift & 63;
	unsigned int merged = kinds ? nova_buddy_low_leave(b, at, pos) : m;
	u64 *word = nova_buddy_low_word(at, kind);

	*word &= ~(nova_buddy_shapes[k].span << pos);
	nova_buddy_low_lower(b, at, kind, m, last);
	for (; k < m; k++)
		nova_buddy_low_raise(b, at, kind, k);
	if (order < shift)
		nova_buddy_quick_split(b, nova_buddy_low_place(at), kind, order, chunk);
	if (kinds)
		nova_buddy_low_blend(b, at, kind, !*word);
	b->clear -= (u64)(kind == NOVA_BUDDY_IS_CLEAR) << order;
	nova_buddy_count_merge(b, order, merged, -1);
}

/**
 * nova_buddy_take_of() - take the smallest maximal block that fits, or its first part
 * @b: the pool; there is one
 * @kind: of which kind
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 * @kinds: there may be clear memory in the pool
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if it is larger than a group and a node is missing.
 */
static __always_inline bool nova_buddy_take_of(struct nova_buddy *b,
					       enum nova_buddy_kind kind,
					       unsigned int order, u64 *chunk, bool kinds)
{
	unsigned int m = order + __ffs64(b->present[kind] >> order), slot;
	struct nova_buddy_node *node = b->root;
	struct nova_buddy_low at;
	u64 idx = 0, exact, first;

	if (m >= NOVA_BUDDY_LOW_ORDERS)
		return nova_buddy_quick_take_high(b, kind, order, m, chunk);
	for (; node->level > NOVA_BUDDY_GROUP_LEVEL; node = node->child[slot]) {
		slot = __ffs64(node->has[kind][m]);
		idx = idx << 6 | slot;
	}
	at.group = nova_buddy_group(node);
	at.shape = &nova_buddy_shapes[m];
	at.idx = __ffs64(node->has[kind][m] | (at.shape->in_node ^ 1)) << 6;
	at.idx |= __ffs64(nova_buddy_low_leaf(&at)->row[kind][m & 7] | (at.shape->in_leaf ^ 1));
	exact = nova_buddy_low_exact(at.shape, *nova_buddy_low_word(&at, kind));
	first = (idx << 18 | at.idx << 6) - (1ull << m) +
		((u64)(__ffs64(exact) + 1) << at.shape->shift);
	nova_buddy_low_cut(b, &at, kind, order, first, m, !(exact & (exact - 1)), kinds);
	*chunk = first;
	return true;
}

/* A block joins the low word; returns what it merges to, 6: the word is full. */
static __always_inline unsigned int nova_buddy_low_join(struct nova_buddy *b,
							const struct nova_buddy_low *at,
							enum nova_buddy_kind kind,
							unsigned int pos)
{
	const struct nova_buddy_shape *shape = at->shape;
	u64 *word = nova_buddy_low_word(at, kind), pair = shape->span << (pos ^ (1u << shape->lg2));

	*word |= shape->span << pos;
	if (!(pair & ~*word))
		return nova_buddy_low_merge(b, *at, kind, pos);
	nova_buddy_low_raise(b, at, kind, shape->lg2 + shape->shift);
	return shape->lg2;
}

/* To the low word in which a block is, nothing of which is free; false: something is. */
static __always_inline bool nova_buddy_low_at(const struct nova_buddy *b, unsigned int order,
					      u64 chunk, struct nova_buddy_low *at, bool kinds)
{
	struct nova_buddy_node *node = b->root;
	struct nova_buddy_place above;
	unsigned int slot;
	u64 mask;

	for (; node->level > NOVA_BUDDY_GROUP_LEVEL; node = node->child[slot]) {
		slot = chunk >> (6 * node->level) & 63;
		above = (struct nova_buddy_place){ node, 0, NOVA_BUDDY_GROUP_LEVEL };
		if (nova_buddy_whole(&above, kinds) >> slot & 1)
			return false;
	}
	at->group = nova_buddy_group(node);
	at->shape = &nova_buddy_shapes[order];
	at->idx = chunk >> 6 & at->shape->keep;
	mask = at->shape->span << (chunk >> at->shape->shift & 63);
	return !(((nova_buddy_low_whole(at, kinds) | nova_buddy_low_below(at, kinds)) & mask) |
		 nova_buddy_low_above(at, kinds));
}

/* As nova_buddy_quick_joined(); before, the word held @was. */
static __always_inline void nova_buddy_low_joined(struct nova_buddy *b,
						  const struct nova_buddy_low *at,
						  enum nova_buddy_kind kind,
						  unsigned int order, unsigned int pos,
						  unsigned int merged, u64 was)
{
	u64 all = nova_buddy_low_whole(at, true);

	b->clear += (u64)(kind == NOVA_BUDDY_IS_CLEAR) << order;
	if (!~all && !nova_buddy_low_is_root(at)) {
		nova_buddy_quick_fill_kind(b, nova_buddy_low_place(at), kind, order, merged == 6);
		return;
	}
	nova_buddy_low_blend(b, at, kind, !was);
	nova_buddy_count_merge(b, order, nova_buddy_low_merged(at->shape, all, pos), 1);
}

static __always_inline bool nova_buddy_low_give(struct nova_buddy *b,
						enum nova_buddy_kind kind,
						unsigned int order, u64 chunk, bool kinds)
{
	unsigned int pos, merged;
	struct nova_buddy_low at;
	u64 was;

	if (!nova_buddy_low_at(b, order, chunk, &at, kinds))
		return false;
	pos = chunk >> at.shape->shift & 63;
	was = *nova_buddy_low_word(&at, kind);
	merged = nova_buddy_low_join(b, &at, kind, pos);
	if (kinds)
		nova_buddy_low_joined(b, &at, kind, order, pos, merged, was);
	else if (merged < 6 || nova_buddy_low_is_root(&at))
		nova_buddy_count_merge(b, order, merged + at.shape->shift, 1);
	else
		nova_buddy_quick_fill(b, nova_buddy_low_place(&at), order);
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
	if (order >= NOVA_BUDDY_LOW_ORDERS)
		return nova_buddy_quick_give_high(b, kind, order, chunk);
	return nova_buddy_low_give(b, kind, order, chunk, kinds);
}

/** nova_buddy_take_dirty() - nova_buddy_quick_take(), inlined */
static __always_inline bool nova_buddy_take_dirty(struct nova_buddy *b, unsigned int order,
						  u64 *chunk)
{
	return b->present[NOVA_BUDDY_IS_DIRTY] >> order &&
	       nova_buddy_take_of(b, NOVA_BUDDY_IS_DIRTY, order, chunk, false);
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
