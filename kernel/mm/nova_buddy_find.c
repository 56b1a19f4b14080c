// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: searches of the buddy allocator
 *
 * A block is taken from the unit (a leaf of 4096 chunks; for larger blocks a group, and so on)
 * whose largest free block is the smallest that fits, and of equals from the lowest one, or the
 * highest when asked for the top; within the unit the first that fits. Pure address order leaves
 * no large run alive among small blocks of mixed sizes, the smallest fit alone none among blocks
 * of one size; units do well in both. With a window it is the lowest, or highest, fit.
 *
 * An aligned block of order k is found by descending once from the root: O(levels). A window
 * costs at most two such paths, because only the children cut by its two ends can disappoint.
 * Runs that are no blocks are in nova_buddy_run.c.
 *
 * Invariant: nothing here changes the tree. Locking: nova_buddy.lock held by the caller.
 * Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_find.h"

#define NOVA_BUDDY_DIRTY_BUDGET	24	/* children looked into for dirty memory */

/* A node, leaf or word, by what is above it. */
struct nova_buddy_cursor {
	struct nova_buddy_node *node;	/* itself, or the group it is in */
	u64 base;			/* first chunk */
	unsigned int level;		/* of its units */
	unsigned int idx;		/* leaf or word in the group */
};

static u64 nova_buddy_cursor_full(const struct nova_buddy_cursor *cur, enum nova_buddy_set set)
{
	if (cur->level >= NOVA_BUDDY_GROUP_LEVEL)
		return nova_buddy_full(cur->node, set);
	if (cur->level == 1)
		return nova_buddy_leaf_full(&nova_buddy_group(cur->node)->leaf[set][cur->idx]);
	return nova_buddy_group(cur->node)->words[set][cur->idx];
}

static u64 nova_buddy_cursor_any(const struct nova_buddy_cursor *cur, enum nova_buddy_set set)
{
	if (cur->level >= NOVA_BUDDY_GROUP_LEVEL)
		return cur->node->ge[set][0];
	if (cur->level == 1)
		return nova_buddy_leaf_any(&nova_buddy_group(cur->node)->leaf[set][cur->idx]);
	return nova_buddy_group(cur->node)->words[set][cur->idx];
}

/* Units that start a block of @order, or, if units are larger than that, contain one. */
static u64 nova_buddy_cursor_mask(const struct nova_buddy_cursor *cur, enum nova_buddy_set set,
				  unsigned int order)
{
	if (order >= 6 * cur->level)
		return nova_buddy_fold(nova_buddy_cursor_full(cur, set), order - 6 * cur->level);
	if (cur->level == 1)
		return nova_buddy_leaf_ge(&nova_buddy_group(cur->node)->leaf[set][cur->idx], order);
	return cur->node->ge[set][order];
}

static struct nova_buddy_cursor nova_buddy_cursor_child(const struct nova_buddy_cursor *cur,
							unsigned int slot)
{
	struct nova_buddy_cursor child = {
		.node = cur->node,
		.base = cur->base + ((u64)slot << (6 * cur->level)),
		.level = cur->level - 1,
		.idx = cur->level == 1 ? cur->idx * 64 + slot : slot,
	};

	if (cur->level > NOVA_BUDDY_GROUP_LEVEL)
		child.node = cur->node->child[slot];
	return child;
}

static unsigned int nova_buddy_pick(u64 mask, bool top)
{
	return top ? __fls(mask) : __ffs(mask);
}

/* There is a block of @order below @cur. */
static u64 nova_buddy_descend(struct nova_buddy_cursor cur, enum nova_buddy_set set,
			      unsigned int order, bool top)
{
	for (;;) {
		u64 mask = nova_buddy_cursor_mask(&cur, set, order);
		unsigned int slot = nova_buddy_pick(mask, top);
		u64 chunk = cur.base + ((u64)slot << (6 * cur.level));

		if (order >= 6 * cur.level)
			return chunk;
		if (nova_buddy_cursor_full(&cur, set) >> slot & 1)
			return top ? chunk + (1ull << (6 * cur.level)) - (1ull << order) : chunk;
		cur = nova_buddy_cursor_child(&cur, slot);
	}
}

/* Units of @cur that a block of @order may start in, or be in, without leaving the window. */
static u64 nova_buddy_window_mask(const struct nova_buddy_cursor *cur, unsigned int order,
				  const struct nova_buddy_where *where)
{
	unsigned int shift = 6 * cur->level;
	u64 first = where->first - cur->base, end = where->end - cur->base;
	u64 lo = first >> shift, hi = (end - 1) >> shift;

	if (order >= shift) {
		if (end < 1ull << order)
			return 0;
		lo = (first + (1ull << shift) - 1) >> shift;
		hi = (end - (1ull << order)) >> shift;
	}
	return lo <= hi && lo < 64 ? nova_buddy_bits(lo, hi - lo + 1) : 0;
}

static bool nova_buddy_window_full(const struct nova_buddy_where *where, unsigned int order,
				   u64 *chunk)
{
	u64 nr = 1ull << order;

	if (where->end - where->first < nr)
		return false;
	*chunk = where->top ? round_down(where->end - nr, nr) : round_up(where->first, nr);
	return *chunk >= where->first && *chunk + nr <= where->end;
}

/* As descend, but only within @where, which lies inside @cur. */
static bool nova_buddy_find_in(const struct nova_buddy_cursor *cur, enum nova_buddy_set set,
			       unsigned int order, const struct nova_buddy_where *where,
			       u64 *chunk)
{
	const u64 span = 1ull << (6 * cur->level);
	u64 full = nova_buddy_cursor_full(cur, set);
	u64 mask = nova_buddy_cursor_mask(cur, set, order) &
		   nova_buddy_window_mask(cur, order, where);

	while (mask) {
		unsigned int slot = nova_buddy_pick(mask, where->top);
		u64 base = cur->base + slot * span;
		struct nova_buddy_where in = *where;
		struct nova_buddy_cursor child;

		*chunk = base;
		if (order >= 6 * cur->level)
			return true;
		mask &= ~BIT_ULL(slot);
		in.first = max(where->first, base);
		in.end = min(where->end, base + span);
		if (full >> slot & 1) {
			if (nova_buddy_window_full(&in, order, chunk))
				return true;
			continue;
		}
		child = nova_buddy_cursor_child(cur, slot);
		if (in.end - in.first == span) {
			*chunk = nova_buddy_descend(child, set, order, where->top);
			return true;
		}
		if (nova_buddy_find_in(&child, set, order, &in, chunk))
			return true;
	}
	return false;
}

static struct nova_buddy_cursor nova_buddy_root(const struct nova_buddy *b)
{
	return (struct nova_buddy_cursor){ .node = b->root, .level = b->root->level };
}

/* Largest class that is looked up; above it only units wholly in the set are left. */
static unsigned int nova_buddy_last_class(const struct nova_buddy *b)
{
	return 6 * b->root->level;
}

/* Smallest class above @order that a unit of the pool has, or one above the last. */
static unsigned int nova_buddy_best_class(const struct nova_buddy *b, enum nova_buddy_set set,
					  unsigned int order)
{
	unsigned int cls = order + 1;

	while (cls <= nova_buddy_last_class(b) && !nova_buddy_with_class(b->root, set, cls))
		cls++;
	return cls;
}

/*
 * How far up in classes a request may go for contents of its choice: small blocks not at all, or
 * the large runs would soon be in pieces.
 */
static unsigned int nova_buddy_choice_class(const struct nova_buddy *b, unsigned int order)
{
	if (order >= NOVA_BUDDY_CHOOSY_ORDER)
		return nova_buddy_last_class(b);
	return min(nova_buddy_best_class(b, NOVA_BUDDY_SET_FREE, order), nova_buddy_last_class(b));
}

/* The first unit of class @cls, which exists. */
static struct nova_buddy_cursor nova_buddy_unit(const struct nova_buddy *b,
						enum nova_buddy_set set, unsigned int cls, bool top)
{
	struct nova_buddy_cursor cur = nova_buddy_root(b);

	while (cur.level >= nova_buddy_home(cls)) {
		u64 mask = nova_buddy_with_class(cur.node, set, cls);

		cur = nova_buddy_cursor_child(&cur, nova_buddy_pick(mask, top));
	}
	return cur;
}

/**
 * nova_buddy_find() - find an aligned block in a set
 * @b: the pool
 * @set: which set
 * @order: log2 of its chunks
 * @where: window and direction
 * @chunk: set to its first chunk
 *
 * Without a window: first the units (leaves of 4096 chunks; for larger blocks, groups and so on)
 * that hold little more than this, then the lowest, or highest, of them.
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if there is one.
 */
bool nova_buddy_find(struct nova_buddy *b, enum nova_buddy_set set, unsigned int order,
		     const struct nova_buddy_where *where, u64 *chunk)
{
	struct nova_buddy_cursor from = nova_buddy_root(b);
	unsigned int cls;

	if (b->root->cls[set] <= order)
		return false;
	if (!where->whole)
		return nova_buddy_find_in(&from, set, order, where, chunk);
	cls = nova_buddy_best_class(b, set, order);
	if (cls <= nova_buddy_last_class(b))
		from = nova_buddy_unit(b, set, cls, where->top);
	*chunk = nova_buddy_descend(from, set, order, where->top);
	return true;
}

static u64 nova_buddy_clear_mask(const struct nova_buddy_cursor *cur, bool known,
				 unsigned int order)
{
	return known ? nova_buddy_cursor_mask(cur, NOVA_BUDDY_SET_CLEAR, order) : 0;
}

/* @known: the clear set is partial here; otherwise nothing below @cur is clear. */
static bool nova_buddy_dirty_in(const struct nova_buddy_cursor *cur, bool known,
				unsigned int order, bool top, unsigned int *budget, u64 *chunk)
{
	u64 free = nova_buddy_cursor_mask(cur, NOVA_BUDDY_SET_FREE, order);
	u64 mask = free & ~nova_buddy_clear_mask(cur, known, order);
	struct nova_buddy_cursor child;
	unsigned int slot;

	if (order >= 6 * cur->level) {
		if (!mask)
			return false;
		*chunk = cur->base + ((u64)nova_buddy_pick(mask, top) << (6 * cur->level));
		return true;
	}
	if (known)
		free &= ~nova_buddy_cursor_full(cur, NOVA_BUDDY_SET_CLEAR);
	/* a child without a clear block of this order has only dirty ones; others may have */
	for (; free && *budget; free &= ~BIT_ULL(slot), --*budget) {
		slot = nova_buddy_pick(mask ? mask : free, top);
		if (nova_buddy_cursor_full(cur, NOVA_BUDDY_SET_FREE) >> slot & 1) {
			*chunk = cur->base + ((u64)slot << (6 * cur->level));
			if (top)
				*chunk += (1ull << (6 * cur->level)) - (1ull << order);
			return true;
		}
		child = nova_buddy_cursor_child(cur, slot);
		if (mask) {
			*chunk = nova_buddy_descend(child, NOVA_BUDDY_SET_FREE, order, top);
			return true;
		}
		if (nova_buddy_dirty_in(&child, nova_buddy_cursor_any(cur, NOVA_BUDDY_SET_CLEAR) >>
					slot & 1, order, top, budget, chunk))
			return true;
	}
	return false;
}

/* As nova_buddy_unit(), but tries several units of the class for dirty memory. */
static bool nova_buddy_dirty_unit(struct nova_buddy *b, unsigned int cls, unsigned int order,
				  bool top, unsigned int *budget, u64 *chunk)
{
	struct nova_buddy_cursor cur = nova_buddy_root(b), child;
	bool known = true;
	u64 mask, full;

	for (;;) {
		mask = nova_buddy_with_class(cur.node, NOVA_BUDDY_SET_FREE, cls);
		full = known ? nova_buddy_cursor_full(&cur, NOVA_BUDDY_SET_CLEAR) : 0;
		if (cur.level == nova_buddy_home(cls) || !(mask & ~full))
			break;
		child = nova_buddy_cursor_child(&cur, nova_buddy_pick(mask & ~full, top));
		known = known && nova_buddy_cursor_any(&cur, NOVA_BUDDY_SET_CLEAR) >>
				 nova_buddy_pick(mask & ~full, top) & 1;
		cur = child;
	}
	for (mask &= ~full; mask && *budget; --*budget) {
		unsigned int slot = nova_buddy_pick(mask, top);

		child = nova_buddy_cursor_child(&cur, slot);
		if (nova_buddy_dirty_in(&child, known && nova_buddy_cursor_any(&cur,
					NOVA_BUDDY_SET_CLEAR) >> slot & 1, order, top, budget,
					chunk))
			return true;
		mask &= ~BIT_ULL(slot);
		if (!*budget)
			break;
	}
	return false;
}

/* Children of @cur that are, or hold, a unit of class @cls of the free set, and clear runs. */
static u64 nova_buddy_clear_candidates(const struct nova_buddy_cursor *cur, unsigned int cls,
				       unsigned int order)
{
	return nova_buddy_with_class(cur->node, NOVA_BUDDY_SET_FREE, cls) &
	       nova_buddy_cursor_mask(cur, NOVA_BUDDY_SET_CLEAR, order);
}

/**
 * nova_buddy_find_clear() - find a clear block where taking it breaks little
 * @b: the pool
 * @order: log2 of its chunks
 * @top: highest address first
 * @chunk: set to its first chunk
 *
 * Searching the clear set alone would cut clear pieces out of large blocks that are dirty
 * otherwise: the unit is chosen by its class in the free set.
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if one was found; there may be others.
 */
bool nova_buddy_find_clear(struct nova_buddy *b, unsigned int order, bool top, u64 *chunk)
{
	unsigned int cls;

	if (b->root->cls[NOVA_BUDDY_SET_CLEAR] <= order)
		return false;
	for (cls = order + 1; cls <= nova_buddy_choice_class(b, order); cls++) {
		struct nova_buddy_cursor cur = nova_buddy_root(b);
		u64 mask = nova_buddy_clear_candidates(&cur, cls, order);

		/* the clear set means something only below what is clear in part */
		while (mask && cur.level > nova_buddy_home(cls)) {
			mask &= ~nova_buddy_cursor_full(&cur, NOVA_BUDDY_SET_CLEAR);
			if (!mask)
				break;
			cur = nova_buddy_cursor_child(&cur, nova_buddy_pick(mask, top));
			mask = nova_buddy_clear_candidates(&cur, cls, order);
		}
		if (!mask)
			continue;
		mask &= ~nova_buddy_cursor_full(&cur, NOVA_BUDDY_SET_CLEAR);
		if (!mask)
			continue;
		cur = nova_buddy_cursor_child(&cur, nova_buddy_pick(mask, top));
		*chunk = nova_buddy_descend(cur, NOVA_BUDDY_SET_CLEAR, order, top);
		return true;
	}
	return false;
}

/**
 * nova_buddy_find_dirty() - find a free block that is not wholly clear
 * @b: the pool
 * @order: log2 of its chunks
 * @top: highest address first
 * @chunk: set to its first chunk
 *
 * Keeps clear memory for those who ask for it. Gives up after a bounded number of children that
 * hold nothing but clear blocks of this order.
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if one was found.
 */
bool nova_buddy_find_dirty(struct nova_buddy *b, unsigned int order, bool top, u64 *chunk)
{
	struct nova_buddy_cursor root = nova_buddy_root(b);
	unsigned int budget = NOVA_BUDDY_DIRTY_BUDGET, cls;

	for (cls = order + 1; cls <= nova_buddy_choice_class(b, order); cls++) {
		budget = NOVA_BUDDY_DIRTY_BUDGET;
		if (nova_buddy_with_class(b->root, NOVA_BUDDY_SET_FREE, cls) &&
		    nova_buddy_dirty_unit(b, cls, order, top, &budget, chunk))
			return true;
	}
	budget = NOVA_BUDDY_DIRTY_BUDGET;
	return order >= NOVA_BUDDY_CHOOSY_ORDER && b->root->cls[NOVA_BUDDY_SET_FREE] > order &&
	       nova_buddy_dirty_in(&root, true, order, top, &budget, chunk);
}

/* Units of @cur in which a run aligned to 2^@align can start; @cur itself is one such. */
static u64 nova_buddy_aligned_mask(const struct nova_buddy_cursor *cur, unsigned int align)
{
	unsigned int shift = 6 * cur->level;

	return align > shift ? nova_buddy_start_mask[min(align - shift, 6u)] : ~0ull;
}

static bool nova_buddy_aligned_in(struct nova_buddy *b, const struct nova_buddy_cursor *cur,
				  u64 nr, unsigned int align, const struct nova_buddy_where *where,
				  u64 *chunk)
{
	unsigned int order = __fls(nr), shift = 6 * cur->level;
	u64 full = nova_buddy_cursor_full(cur, NOVA_BUDDY_SET_FREE);
	u64 mask = nova_buddy_cursor_mask(cur, NOVA_BUDDY_SET_FREE, order) &
		   nova_buddy_window_mask(cur, order, where) & nova_buddy_aligned_mask(cur, align);

	while (mask) {
		unsigned int slot = nova_buddy_pick(mask, where->top);
		struct nova_buddy_where in = *where;
		struct nova_buddy_cursor child;
		u64 base = cur->base + ((u64)slot << shift);

		mask &= ~BIT_ULL(slot);
		in.first = max(where->first, base);
		in.end = min(where->end, base + (1ull << shift));
		if (order >= shift || full >> slot & 1) {
			u64 step = 1ull << align;

			*chunk = round_up(in.first, step);
			if (where->top && order < shift && in.end - base >= nr)
				*chunk = round_down(in.end - nr, step);
			if (*chunk >= in.first && *chunk < base + (1ull << shift) &&
			    *chunk + nr <= where->end &&
			    nova_buddy_all(b, NOVA_BUDDY_SET_FREE, *chunk, *chunk + nr))
				return true;
			continue;
		}
		child = nova_buddy_cursor_child(cur, slot);
		if (nova_buddy_aligned_in(b, &child, nr, align, &in, chunk))
			return true;
	}
	return false;
}

/**
 * nova_buddy_find_aligned() - find a run that is shorter than its alignment
 * @b: the pool
 * @nr: chunks, less than 2^@align
 * @align: log2 of the alignment in chunks
 * @where: window and direction
 * @chunk: set to the first chunk
 *
 * Context: nova_buddy.lock held. O(candidates): aligned places whose first block is free.
 *
 * Return: true if there is one.
 */
bool nova_buddy_find_aligned(struct nova_buddy *b, u64 nr, unsigned int align,
			     const struct nova_buddy_where *where, u64 *chunk)
{
	struct nova_buddy_cursor root = nova_buddy_root(b);

	return nova_buddy_aligned_in(b, &root, nr, align, where, chunk);
}
