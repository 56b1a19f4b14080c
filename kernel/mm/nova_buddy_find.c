// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: searches of the buddy allocator
 *
 * In the whole pool the smallest maximal block that fits is taken, the lowest of them: the index
 * knows for each order where there is one, and the way there is a find-bit a level. In a window it
 * is the lowest place that fits, and from the top the highest, found by descending from the root; a
 * window costs at most two more paths, because only the children cut by its two ends can
 * disappoint.
 *
 * Runs that are no blocks are in nova_buddy_run.c.
 *
 * Invariant: nothing here changes the tree. Locking: nova_buddy.lock held by the caller.
 * Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_find.h"

#include "nova_buddy_index.h"

/* A word, and where it begins. */
struct nova_buddy_cursor {
	struct nova_buddy_place at;
	u64 base;		/* first chunk */
};

static inline unsigned int nova_buddy_pick(u64 mask, bool top)
{
	return top ? __fls(mask) : __ffs(mask);
}

static struct nova_buddy_cursor nova_buddy_root(const struct nova_buddy *b)
{
	return (struct nova_buddy_cursor){ .at = { .node = b->root, .level = b->root->level } };
}

static inline struct nova_buddy_cursor nova_buddy_enter(const struct nova_buddy_cursor *cur,
							unsigned int slot)
{
	return (struct nova_buddy_cursor){
		.at = nova_buddy_child(&cur->at, slot),
		.base = cur->base + ((u64)slot << (6 * cur->at.level)),
	};
}

/* Units of a word of @kind; of any kind, the union. */
static u64 nova_buddy_units(const struct nova_buddy_place *at, unsigned int kind)
{
	return kind == NOVA_BUDDY_IS_ANY ? nova_buddy_union(at) : *nova_buddy_word(at, kind);
}

/* As nova_buddy_node_fits(). Behind the last order nothing is set; how many are left is random. */
static __always_inline u64 nova_buddy_fits_below(const struct nova_buddy_node *node,
						 enum nova_buddy_kind kind, unsigned int order)
{
	unsigned int end = min(order + 6 * node->level, 6u * NOVA_BUDDY_MAX_LEVEL), m;
	u64 fits = nova_buddy_any_order(&node->has[kind][order]);

	for (m = order + 6; m < end; m += 6)
		fits |= nova_buddy_any_order(&node->has[kind][m]);
	return fits;
}

/**
 * nova_buddy_node_fits() - children below which there is a block of at least an order
 * @node: the node
 * @kind: of which kind, dirty or clear
 * @order: log2 of its chunks, less than a child
 *
 * Context: nova_buddy.lock held.
 *
 * Return: a bit a child.
 */
u64 nova_buddy_node_fits(const struct nova_buddy_node *node, enum nova_buddy_kind kind,
			 unsigned int order)
{
	return nova_buddy_fits_below(node, kind, order);
}

/* The same for the words of a leaf. */
static __always_inline u64 nova_buddy_leaf_fits(const struct nova_buddy_leaf *leaf,
						enum nova_buddy_kind kind, unsigned int order)
{
	/* all are looked at, and none by a branch: @order is as good as random */
	static const u64 from[6][5] = {
		{ ~0ull, ~0ull, ~0ull, ~0ull, ~0ull },
		{ 0, ~0ull, ~0ull, ~0ull, ~0ull },
		{ 0, 0, ~0ull, ~0ull, ~0ull },
		{ 0, 0, 0, ~0ull, ~0ull },
		{ 0, 0, 0, 0, ~0ull },
	};
	const u64 *row = leaf->row[kind], *is = from[order];

	return row[5] | (row[4] & is[4]) | (row[3] & is[3]) | (row[2] & is[2]) |
	       (row[1] & is[1]) | (row[0] & is[0]);
}

/* Units of a word below which there is a maximal block of a pure @kind from @order on. */
static inline u64 nova_buddy_fits(const struct nova_buddy_place *at, enum nova_buddy_kind kind,
				  unsigned int order)
{
	if (at->level >= NOVA_BUDDY_GROUP_LEVEL)
		return nova_buddy_fits_below(at->node, kind, order);
	return nova_buddy_leaf_fits(&nova_buddy_group(at->node)->leaf[at->idx], kind, order);
}

/* The same for blocks of any kind: there may be none where both kinds are. */
static u64 nova_buddy_fits_any(const struct nova_buddy *b, const struct nova_buddy_place *at,
			       unsigned int order)
{
	u64 fits = nova_buddy_fits(at, NOVA_BUDDY_IS_DIRTY, order);
	unsigned int level = order / 6 ?: 1;

	if (!b->clear)
		return fits;
	if (order && order < 6)
		fits |= nova_buddy_fits(at, NOVA_BUDDY_IS_DIRTY, 0) &
			nova_buddy_fits(at, NOVA_BUDDY_IS_CLEAR, 0);
	for (; level < at->level; level++)
		fits |= at->node->blend[level];
	return fits | nova_buddy_fits(at, NOVA_BUDDY_IS_CLEAR, order);
}

/* Units that start a block of @order, or, if units are larger than that, may contain one. */
static u64 nova_buddy_candidates(const struct nova_buddy *b, const struct nova_buddy_place *at,
				 unsigned int kind, unsigned int order)
{
	if (order >= 6 * at->level)
		return nova_buddy_fold(nova_buddy_units(at, kind), order - 6 * at->level);
	return nova_buddy_units(at, kind) |
	       (kind == NOVA_BUDDY_IS_ANY ? nova_buddy_fits_any(b, at, order) :
					    nova_buddy_fits(at, kind, order));
}

/* The first unit below which there is a maximal block of @m, which there is. */
static unsigned int nova_buddy_holds(const struct nova_buddy_place *at, enum nova_buddy_kind kind,
				     unsigned int m)
{
	if (at->level >= NOVA_BUDDY_GROUP_LEVEL)
		return __ffs64(at->node->has[kind][m]);
	return __ffs64(nova_buddy_group(at->node)->leaf[at->idx].row[kind][m]);
}

/**
 * nova_buddy_find_best() - find the smallest block that fits, the lowest of them
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if there is one.
 */
bool nova_buddy_find_best(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			  u64 *chunk)
{
	struct nova_buddy_cursor cur = nova_buddy_root(b);
	u64 orders = b->present[kind] >> order, units;
	unsigned int m, shift;

	if (!orders)
		return false;
	m = order + __ffs64(orders);
	while (6 * cur.at.level > m)
		cur = nova_buddy_enter(&cur, nova_buddy_holds(&cur.at, kind, m));
	shift = 6 * cur.at.level;
	units = *nova_buddy_word(&cur.at, kind);
	*chunk = cur.base + ((u64)__ffs64(nova_buddy_exact(units, m - shift)) << shift);
	return true;
}

/**
 * nova_buddy_next_order() - the smallest blocks there are from an order on
 * @b: the pool
 * @order: the order
 *
 * Context: nova_buddy.lock held. O(orders).
 *
 * Return: the first order from @order on of which there is a maximal block of whatever kind;
 * NOVA_BUDDY_ORDERS if there is none.
 */
unsigned int nova_buddy_next_order(const struct nova_buddy *b, unsigned int order)
{
	for (; b->end >> order; order++)
		if (b->free[order])
			return order;
	return NOVA_BUDDY_ORDERS;
}

/* The lowest block of just @m in the blends of its level, of which none is above @cur. */
static bool nova_buddy_find_in_blends(const struct nova_buddy_cursor *cur, unsigned int m,
				      unsigned int level, u64 *chunk)
{
	u64 mask;

	if (cur->at.level == level) {
		mask = nova_buddy_is_blend(&cur->at) ?
		       nova_buddy_exact(nova_buddy_union(&cur->at), m - 6 * level) : 0;
		*chunk = mask ? cur->base + ((u64)__ffs64(mask) << (6 * level)) : 0;
		return mask;
	}
	for (mask = cur->at.node->blend[level]; mask; mask &= mask - 1) {
		const struct nova_buddy_cursor child = nova_buddy_enter(cur, __ffs64(mask));

		if (nova_buddy_find_in_blends(&child, m, level, chunk))
			return true;
	}
	return false;
}

/**
 * nova_buddy_find_blend() - find the smallest block among the blends, the lowest of them
 * @b: the pool
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(orders), and O(blends) for each order of which there is a
 * block.
 *
 * Return: true if there is one of 64 chunks or more.
 */
bool nova_buddy_find_blend(const struct nova_buddy *b, unsigned int order, u64 *chunk)
{
	const struct nova_buddy_cursor root = nova_buddy_root(b);
	unsigned int m = max(order, 6u);

	while ((m = nova_buddy_next_order(b, m)) < NOVA_BUDDY_ORDERS) {
		if (nova_buddy_find_in_blends(&root, m, min(m / 6, b->root->level), chunk))
			return true;
		m++;
	}
	return false;
}

/* Units of @cur that a block of @order may start in, or be in, without leaving the window. */
static u64 nova_buddy_window_mask(const struct nova_buddy_cursor *cur, unsigned int order,
				  const struct nova_buddy_where *where)
{
	unsigned int shift = 6 * cur->at.level;
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

/* Within @where, which lies inside @cur. */
static bool nova_buddy_find_in(struct nova_buddy *b, const struct nova_buddy_cursor *cur,
			       unsigned int kind, unsigned int order,
			       const struct nova_buddy_where *where, u64 *chunk)
{
	const unsigned int shift = 6 * cur->at.level;
	u64 units = nova_buddy_units(&cur->at, kind);
	u64 mask = nova_buddy_candidates(b, &cur->at, kind, order) &
		   nova_buddy_window_mask(cur, order, where);

	while (mask) {
		unsigned int slot = nova_buddy_pick(mask, where->top);
		struct nova_buddy_where in = *where;
		struct nova_buddy_cursor child;
		u64 base = cur->base + ((u64)slot << shift);

		*chunk = base;
		if (order >= shift)
			return true;
		mask &= ~BIT_ULL(slot);
		in.first = max(where->first, base);
		in.end = min(where->end, base + (1ull << shift));
		if (units >> slot & 1) {
			if (nova_buddy_window_full(&in, order, chunk))
				return true;
			continue;
		}
		child = nova_buddy_enter(cur, slot);
		if (nova_buddy_find_in(b, &child, kind, order, &in, chunk))
			return true;
	}
	return false;
}

/* Units of a word that start a block of a pure kind, or are or contain one. */
static __always_inline u64 nova_buddy_starting(const struct nova_buddy_place *at,
					       enum nova_buddy_kind kind,
					       unsigned int order)
{
	u64 units = *nova_buddy_word(at, kind);

	if (order >= 6 * at->level)
		return nova_buddy_fold(units, order - 6 * at->level);
	return units | nova_buddy_fits(at, kind, order);
}

/* Into the first or last of the units @mask; true: a block starts there, or it is free itself. */
static __always_inline bool nova_buddy_step(const struct nova_buddy_place *at,
					    enum nova_buddy_kind kind, unsigned int order,
					    u64 mask, bool top, unsigned int *slot, u64 *base)
{
	*slot = nova_buddy_pick(mask, top);
	*base += (u64)*slot << (6 * at->level);
	return order >= 6 * at->level || *nova_buddy_word(at, kind) >> *slot & 1;
}

/* Down from the units @mask of @at, of which some fit; level by level, as each is known then. */
static __always_inline struct nova_buddy_place
nova_buddy_descend(struct nova_buddy_place at, enum nova_buddy_kind kind, unsigned int order,
		   u64 mask, bool top, u64 *base)
{
	unsigned int slot;

	while (at.level > NOVA_BUDDY_GROUP_LEVEL) {
		if (nova_buddy_step(&at, kind, order, mask, top, &slot, base))
			return at;
		at.node = at.node->child[slot];
		at.level--;
		mask = nova_buddy_starting(&at, kind, order);
	}
	if (at.level == NOVA_BUDDY_GROUP_LEVEL) {
		if (nova_buddy_step(&at, kind, order, mask, top, &slot, base))
			return at;
		at.idx = slot;
		at.level = 1;
		mask = nova_buddy_starting(&at, kind, order);
	}
	if (at.level == 1) {
		if (nova_buddy_step(&at, kind, order, mask, top, &slot, base))
			return at;
		at.idx = at.idx * 64 + slot;
		at.level = 0;
		mask = nova_buddy_starting(&at, kind, order);
	}
	*base += nova_buddy_pick(mask, top);
	return at;
}

static __always_inline u64 nova_buddy_find_last_of(const struct nova_buddy *b,
						   enum nova_buddy_kind kind,
						   unsigned int order,
						   struct nova_buddy_place *where)
{
	struct nova_buddy_place at = { b->root, 0, b->root->level };
	u64 base = 0;

	at = nova_buddy_descend(at, kind, order, nova_buddy_starting(&at, kind, order), true,
				&base);
	/* of a unit the last */
	if (order < 6 * at.level)
		base += (1ull << (6 * at.level)) - (1ull << order);
	*where = at;
	return base;
}

/**
 * nova_buddy_find_last() - find the block with the highest address in the whole pool
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @where: set to the word in which it is free, as a part of a unit or of its own level
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels): no way down disappoints.
 *
 * Return: true if there is one.
 */
bool nova_buddy_find_last(const struct nova_buddy *b, enum nova_buddy_kind kind,
			  unsigned int order, struct nova_buddy_place *where, u64 *chunk)
{
	if (!(b->present[kind] >> order))
		return false;
	*chunk = kind == NOVA_BUDDY_IS_CLEAR ?
		 nova_buddy_find_last_of(b, NOVA_BUDDY_IS_CLEAR, order, where) :
		 nova_buddy_find_last_of(b, NOVA_BUDDY_IS_DIRTY, order, where);
	return true;
}

/* Units of a word that a block not below @from can start in, or be in. */
static __always_inline u64 nova_buddy_starting_from(const struct nova_buddy_place *at,
						    enum nova_buddy_kind kind,
						    unsigned int order, u64 from)
{
	return nova_buddy_starting(at, kind, order) & (~0ull << (from >> (6 * at->level) & 63));
}

/*
 * Down to the word of the order's level, or of a unit that is free, or that begins with @from, a
 * multiple of the order, and of which there are more in the window, or that is not there.
 */
static __always_inline struct nova_buddy_place
nova_buddy_find_around(const struct nova_buddy *b, enum nova_buddy_kind kind,
		       unsigned int order, u64 from, u64 end)
{
	struct nova_buddy_place at = { b->root, 0, b->root->level };
	unsigned int slot;
	u64 span;

	for (; order < 6 * at.level; at = nova_buddy_child(&at, slot)) {
		span = 1ull << (6 * at.level);
		if (!(from & (span - 1)) && (from ^ (end - 1)) >= span)
			break;
		slot = from >> (6 * at.level) & 63;
		if (*nova_buddy_word(&at, kind) >> slot & 1 ||
		    (at.level > NOVA_BUDDY_GROUP_LEVEL && !at.node->child[slot]))
			break;
	}
	return at;
}

static __always_inline bool nova_buddy_find_first_of(const struct nova_buddy *b,
						     enum nova_buddy_kind kind,
						     unsigned int order,
						     const struct nova_buddy_where *window,
						     struct nova_buddy_place *where, u64 *chunk)
{
	u64 from = round_up(window->first, 1ull << order), base, mask;
	struct nova_buddy_place at;

	if (from >= window->end || !(b->present[kind] >> order))
		return false;
	at = nova_buddy_find_around(b, kind, order, from, window->end);
	mask = nova_buddy_starting_from(&at, kind, order, from);
	while (!mask && at.level < b->root->level) {
		u64 bit = nova_buddy_up(&at);

		mask = nova_buddy_starting(&at, kind, order) & -(bit << 1);
	}
	if (!mask)
		return false;
	base = from >> (6 * at.level + 6) << (6 * at.level + 6);
	*where = nova_buddy_descend(at, kind, order, mask, false, &base);
	base = max(base, from);
	*chunk = base;
	return window->end - base >= 1ull << order && base < window->end;
}

/**
 * nova_buddy_find_first() - find the block with the lowest address in a window
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @window: where to look
 * @where: set to the word in which it is free, as a part of a unit or of its own level
 * @chunk: set to its first chunk
 *
 * Up from the first word of the window, and down again.
 *
 * Context: nova_buddy.lock held. O(levels): no way down disappoints.
 *
 * Return: true if there is one.
 */
bool nova_buddy_find_first(const struct nova_buddy *b, enum nova_buddy_kind kind,
			   unsigned int order, const struct nova_buddy_where *window,
			   struct nova_buddy_place *where, u64 *chunk)
{
	return kind == NOVA_BUDDY_IS_CLEAR ?
		nova_buddy_find_first_of(b, NOVA_BUDDY_IS_CLEAR, order, window, where, chunk) :
		nova_buddy_find_first_of(b, NOVA_BUDDY_IS_DIRTY, order, window, where, chunk);
}

/**
 * nova_buddy_find() - find the first block in a window
 * @b: the pool
 * @kind: dirty, clear or NOVA_BUDDY_IS_ANY
 * @order: log2 of its chunks
 * @where: window and direction
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels); of any kind, while there is clear memory, O(words that
 * are partly clear) for orders 1 to 5.
 *
 * Return: true if there is one.
 */
bool nova_buddy_find(struct nova_buddy *b, unsigned int kind, unsigned int order,
		     const struct nova_buddy_where *where, u64 *chunk)
{
	struct nova_buddy_cursor root = nova_buddy_root(b);
	struct nova_buddy_place at;

	if (order > 6u * b->root->level + 6)
		return false;
	if (kind != NOVA_BUDDY_IS_ANY && !where->top)
		return nova_buddy_find_first(b, kind, order, where, &at, chunk);
	if (kind != NOVA_BUDDY_IS_ANY && where->whole)
		return nova_buddy_find_last(b, kind, order, &at, chunk);
	return nova_buddy_find_in(b, &root, kind, order, where, chunk);
}

/* Units of a word in which a run aligned to 2^@align can start; the word itself is one such. */
static u64 nova_buddy_aligned_mask(const struct nova_buddy_place *at, unsigned int align)
{
	unsigned int shift = 6 * at->level;

	return align > shift ? nova_buddy_fold(~0ull, min(align - shift, 6u)) : ~0ull;
}

/* A run of @nr in the candidate unit, or beginning with it, that lies in @in. */
static bool nova_buddy_aligned_at(struct nova_buddy *b, u64 nr, unsigned int align,
				  const struct nova_buddy_where *in, u64 unit_end, u64 end,
				  u64 *chunk)
{
	u64 step = 1ull << align;

	*chunk = round_up(in->first, step);
	if (in->top && unit_end - in->first >= nr && end >= nr)
		*chunk = max(*chunk, round_down(min(unit_end, end) - nr, step));
	return *chunk >= in->first && *chunk < unit_end && *chunk + nr <= end &&
	       nova_buddy_all(b, *chunk, *chunk + nr);
}

static bool nova_buddy_aligned_in(struct nova_buddy *b, const struct nova_buddy_cursor *cur,
				  u64 nr, unsigned int align, const struct nova_buddy_where *where,
				  u64 *chunk)
{
	unsigned int order = __fls(nr), shift = 6 * cur->at.level;
	u64 units = nova_buddy_union(&cur->at);
	u64 mask = nova_buddy_candidates(b, &cur->at, NOVA_BUDDY_IS_ANY, order) &
		   nova_buddy_window_mask(cur, order, where) &
		   nova_buddy_aligned_mask(&cur->at, align);

	while (mask) {
		unsigned int slot = nova_buddy_pick(mask, where->top);
		struct nova_buddy_where in = *where;
		struct nova_buddy_cursor child;
		u64 base = cur->base + ((u64)slot << shift), end = base + (1ull << shift);

		mask &= ~BIT_ULL(slot);
		in.first = max(where->first, base);
		in.end = min(where->end, end);
		if (order >= shift || units >> slot & 1) {
			if (nova_buddy_aligned_at(b, nr, align, &in, end, where->end, chunk))
				return true;
			continue;
		}
		child = nova_buddy_enter(cur, slot);
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
