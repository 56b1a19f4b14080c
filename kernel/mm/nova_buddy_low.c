// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: groups of the buddy allocator
 *
 * Nearly every block belongs to one of the three lowest levels, whose words are in one group, and
 * to which nobody can predict: sizes are as good as random to whoever has to serve them. A branch
 * that goes wrong costs as much as a hundred instructions here, as it is decided only when all the
 * words on the way have been read, one after the other. So nothing branches on the level: what an
 * order means in its word is looked up, what its level does not have is masked out, and the runs of
 * an order are worked out by one addition.
 *
 * A block that is taken leaves with the whole maximal block it is a part of. What remains are the
 * rarer cases, which are kept out of the way: a block was the last of its order, a part of it has
 * to come back, or one that is given back merges.
 *
 * Invariant and locking: as in nova_buddy_quick.c. Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_low.h"

#include "nova_buddy_inline.h"
#include "nova_buddy_quick.h"

#define NOVA_BUDDY_ONES(order)	(~0ull >> (64 - (1u << (order))))
#define NOVA_BUDDY_SHAPE(lvl, lg2) { \
	.span = NOVA_BUDDY_ONES(lg2), \
	.first = ~0ull / NOVA_BUDDY_ONES(lg2), \
	.last = ~0ull / NOVA_BUDDY_ONES(lg2) << ((1u << (lg2)) - 1), \
	.second = ~0ull / NOVA_BUDDY_ONES((lg2) + 1) << ((2u << (lg2)) - 1), \
	.in_leaf = (lvl) < 1, \
	.in_node = (lvl) < 2, \
	.keep = (0xfff << (6 * (lvl))) & 0xfff, \
	.in_row = (lvl) == 1 ? 0xfc0 : 0, \
	.order = 6 * (lvl) + (lg2), \
	.shift = 6 * (lvl), \
	.nr = 1u << (lg2), \
	.level = lvl, \
	.stride = (lvl) ? 1 : 3, \
	.more = (lvl) == 2 ? 6 : 0, \
	.no_leaf = (lvl) >= 1, \
	.no_node = (lvl) >= 2, \
}

const struct nova_buddy_shape nova_buddy_shapes[NOVA_BUDDY_LOW_ORDERS] = {
	NOVA_BUDDY_SHAPE(0, 0), NOVA_BUDDY_SHAPE(0, 1), NOVA_BUDDY_SHAPE(0, 2),
	NOVA_BUDDY_SHAPE(0, 3), NOVA_BUDDY_SHAPE(0, 4), NOVA_BUDDY_SHAPE(0, 5),
	NOVA_BUDDY_SHAPE(1, 0), NOVA_BUDDY_SHAPE(1, 1), NOVA_BUDDY_SHAPE(1, 2),
	NOVA_BUDDY_SHAPE(1, 3), NOVA_BUDDY_SHAPE(1, 4), NOVA_BUDDY_SHAPE(1, 5),
	NOVA_BUDDY_SHAPE(2, 0), NOVA_BUDDY_SHAPE(2, 1), NOVA_BUDDY_SHAPE(2, 2),
	NOVA_BUDDY_SHAPE(2, 3), NOVA_BUDDY_SHAPE(2, 4), NOVA_BUDDY_SHAPE(2, 5),
};

/**
 * nova_buddy_low_rest() - bring back, and count, what is left of a maximal block
 * @b: the pool
 * @node: of the group in which it was
 * @kind: of which kind
 * @order: log2 of the chunks that were taken of it
 * @m: of those that it had, more than that
 * @chunk: the first of those taken
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_low_rest(struct nova_buddy *b, struct nova_buddy_node *node,
			 enum nova_buddy_kind kind, unsigned int order, unsigned int m, u64 chunk)
{
	const struct nova_buddy_low at = nova_buddy_low_of(node, m, chunk);
	unsigned int shift = at.shape->shift, k = max(order, shift), pos = chunk >> shift & 63;

	*nova_buddy_low_word(&at, kind) |= at.shape->span << (pos & -at.shape->nr) &
					   ~(nova_buddy_shapes[k].span << pos);
	for (; k < m; k++) {
		nova_buddy_low_raise(b, &at, kind, k);
		b->free[k]++;
	}
	if (order >= shift)
		return;
	for (k = order; k < shift; k++)
		b->free[k]++;
	nova_buddy_quick_split(b, nova_buddy_low_place(&at), kind, order, chunk);
}

/* Returns log2 of the units of what the block is now, 6: the word is full. */
static __always_inline unsigned int nova_buddy_low_merge_at(struct nova_buddy *b,
							    const struct nova_buddy_low *at,
							    enum nova_buddy_kind kind,
							    u64 chunk)
{
	unsigned int shift = at->shape->shift, pos = chunk >> shift & 63;
	u64 now = *nova_buddy_low_word(at, kind);
	unsigned int hi = nova_buddy_merged(now, pos), gone;

	gone = (BIT(hi) - at->shape->nr) & ~nova_buddy_orders(now);
	for (; gone; gone &= gone - 1)
		nova_buddy_low_lower(b, at, kind, __ffs(gone) + shift, 0);
	if (hi < 6 || nova_buddy_low_is_root(at))
		nova_buddy_low_raise(b, at, kind, hi + shift);
	return hi;
}

/**
 * nova_buddy_low_merge() - merge a block with its neighbours
 * @b: the pool
 * @node: of the group in which it is
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @chunk: its first chunk; it has joined its word
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: log2 of the units of what it is now, 6: the word is full.
 */
unsigned int nova_buddy_low_merge(struct nova_buddy *b, struct nova_buddy_node *node,
				  enum nova_buddy_kind kind, unsigned int order, u64 chunk)
{
	const struct nova_buddy_low at = nova_buddy_low_of(node, order, chunk);

	return nova_buddy_low_merge_at(b, &at, kind, chunk);
}

/**
 * nova_buddy_low_merge_all() - the same while nothing is clear, and all that follows
 * @b: the pool
 * @node: of the group in which the block is
 * @order: log2 of its chunks
 * @chunk: its first chunk; it has joined its word
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_low_merge_all(struct nova_buddy *b, struct nova_buddy_node *node,
			      unsigned int order, u64 chunk)
{
	const struct nova_buddy_low at = nova_buddy_low_of(node, order, chunk);
	unsigned int hi = nova_buddy_low_merge_at(b, &at, NOVA_BUDDY_IS_DIRTY, chunk);

	if (hi < 6 || nova_buddy_low_is_root(&at))
		nova_buddy_count_merge(b, order, hi + at.shape->shift, 1);
	else
		nova_buddy_quick_fill(b, nova_buddy_low_place(&at), order, chunk);
}
