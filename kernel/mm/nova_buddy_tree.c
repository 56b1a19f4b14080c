// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: bitmap tree of the buddy allocator
 *
 * A set of chunks kept so that the lowest, or highest, aligned run of 2^k of them is found by
 * one find-bit a level, and so that adding or deleting an aligned run touches one word a level,
 * however far the run has to be split off or merges back. Every six orders share a level:
 *
 * ::
 *
 *   level 0   word    64 chunks, a bit each              runs of order  0..5
 *   level 1   leaf    64 words, a class of 3 bits each   runs of order  6..11
 *   level 2   group   64 leaves, ge[0..12]               runs of order 12..17
 *   level 3…  node    64 nodes, ge[0..6*level]           runs of order 18…
 *
 * The class of a unit is one more than the order of the largest aligned run inside, 0 if it
 * holds none; a unit that is wholly in the set has the class one above what a broken one can
 * have. A leaf stores classes as bit planes, a node as one word per class threshold, so
 * "children with a run of order k" is a handful of instructions at a leaf and one load at a
 * node.
 *
 * Invariants: the class a parent knows is the class of the child. What lies below a child that
 * is wholly in or wholly out of the set is meaningless and written afresh before use, so an
 * operation on 2^k chunks never visits what is smaller. The clear set is a subset of the free
 * set whenever the lock is dropped. Blocks have no object of their own: buddies merge because
 * the bits of a word do.
 *
 * Two instances share nodes: the free chunks, and the free chunks known to be zero. For the first
 * the number of maximal blocks of each order is maintained as a difference array, three additions
 * for splitting a block however many orders deep.
 *
 * Units: chunks counted from nova_buddy.origin. Locking: nova_buddy.lock held by the caller, but
 * for creating and destroying nodes.
 */

#include "nova_buddy_tree.h"

#include <linux/slab.h>
#include <linux/string.h>

/* Bit i of a fold by 2^j can start an aligned run of 2^j. */
const u64 nova_buddy_start_mask[NOVA_BUDDY_WORD_CLASSES] = {
	~0ull,
	0x5555555555555555ull,
	0x1111111111111111ull,
	0x0101010101010101ull,
	0x0001000100010001ull,
	0x0000000100000001ull,
	0x0000000000000001ull,
};

/**
 * nova_buddy_word_class() - class of a word
 * @word: a set of 64 units
 *
 * Without branches: the class of a word is as good as random.
 *
 * Return: 0 if empty, else one more than the order of the largest aligned run.
 */
unsigned int nova_buddy_word_class(u64 word)
{
	u64 pairs = word & (word >> 1) & 0x5555555555555555ull;
	u64 quads = pairs & (pairs >> 2) & 0x1111111111111111ull;
	u64 bytes = quads & (quads >> 4) & 0x0101010101010101ull;
	u64 shorts = bytes & (bytes >> 8) & 0x0001000100010001ull;
	u64 halves = shorts & (shorts >> 16) & 0x0000000100000001ull;
	u64 whole = halves & (halves >> 32);

	return !!word + !!pairs + !!quads + !!bytes + !!shorts + !!halves + !!whole;
}

/**
 * nova_buddy_merged() - order of the maximal aligned run around a unit
 * @word: a set of 64 units
 * @pos: a unit in it
 *
 * The nearest missing neighbours decide: a run ends below the highest bit in which the position of
 * one of them differs from @pos.
 *
 * Return: 0 to 6.
 */
unsigned int nova_buddy_merged(u64 word, unsigned int pos)
{
	u64 below = ~word & ((1ull << pos) - 1);
	u64 above = ~word >> pos;
	unsigned int order = 6;

	if (below)
		order = __fls(pos ^ __fls(below));
	if (above)
		order = min_t(unsigned int, order, __fls(pos ^ (pos + __ffs(above))));
	return order;
}

static unsigned int nova_buddy_leaf_class(const struct nova_buddy_leaf *leaf, u64 full)
{
	u64 best, match;

	if (full)
		return 6 + nova_buddy_word_class(full);
	match = leaf->plane[2];
	best = match ?: ~0ull;
	if (best & leaf->plane[1])
		return (match ? 4 : 0) + 2 + !!(best & leaf->plane[1] & leaf->plane[0]);
	return (match ? 4 : 0) + !!(best & leaf->plane[0]);
}

static void nova_buddy_leaf_set(struct nova_buddy_leaf *leaf, u64 mask, unsigned int cls)
{
	leaf->plane[0] = (leaf->plane[0] & ~mask) | (mask & -(u64)(cls & 1));
	leaf->plane[1] = (leaf->plane[1] & ~mask) | (mask & -(u64)(cls >> 1 & 1));
	leaf->plane[2] = (leaf->plane[2] & ~mask) | (mask & -(u64)(cls >> 2));
}

/* Nothing above @limit is set. */
static unsigned int nova_buddy_node_class(const struct nova_buddy_node *node,
					  enum nova_buddy_set set, unsigned int limit)
{
	u64 full = nova_buddy_full(node, set);

	if (full)
		return 6 * node->level + nova_buddy_word_class(full);
	while (limit && !node->ge[set][limit - 1])
		limit--;
	return limit;
}

static void nova_buddy_count_range(struct nova_buddy *b, unsigned int lo, unsigned int hi, int nr)
{
	b->free_diff[lo] += nr;
	b->free_diff[hi] -= nr;
}

/* Largest aligned run that starts at the lowest bit of @mask. */
static unsigned int nova_buddy_piece(u64 mask, unsigned int *pos)
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
		unsigned int pos, order = nova_buddy_piece(mask, &pos);
		u64 piece = nova_buddy_bits(pos, 1u << order);
		unsigned int merged = nova_buddy_merged(word | piece, pos);

		/* the halves on the way down from merged, then merged itself */
		nova_buddy_count_range(b, base + order, base + merged, -nr);
		if (merged < 6 || level == b->root->level)
			nova_buddy_count_range(b, base + merged, base + merged + 1, nr);
		mask &= ~piece;
		word = nr > 0 ? word | piece : word & ~piece;
	}
}

static inline void nova_buddy_count_change(struct nova_buddy *b, unsigned int level, u64 from,
					   u64 to)
{
	if (to & ~from)
		nova_buddy_count(b, level, to, to & ~from, 1);
	if (from & ~to)
		nova_buddy_count(b, level, from, from & ~to, -1);
}

/* The ancestors of @node learn whether it still holds a unit of class @cls. */
static void nova_buddy_has_up(struct nova_buddy_node *node, enum nova_buddy_set set,
			      unsigned int cls)
{
	bool present = nova_buddy_with_class(node, set, cls);

	for (; node->parent; node = node->parent) {
		u64 *has = &node->parent->has[set][cls], was = *has;

		*has = present ? was | BIT_ULL(node->slot) : was & ~BIT_ULL(node->slot);
		/* our siblings decide what is seen from further up */
		if (*has == was || (present ? was : *has))
			return;
	}
}

static bool nova_buddy_at_home(const struct nova_buddy_node *node, unsigned int cls)
{
	return cls && cls <= 6 * node->level && nova_buddy_home(cls) == node->level;
}

/* Child @slot of @node went from class @old to @cls: tell the ancestors. */
static void nova_buddy_node_up(struct nova_buddy *b, enum nova_buddy_set set,
			       struct nova_buddy_node *node, unsigned int slot,
			       unsigned int old, unsigned int cls)
{
	while (node && old != cls) {
		u64 full = nova_buddy_full(node, set), now;
		u64 bit = BIT_ULL(slot);
		unsigned int k;

		for (k = old; k < cls; k++)
			node->ge[set][k] |= bit;
		for (k = cls; k < old; k++)
			node->ge[set][k] &= ~bit;
		if (nova_buddy_at_home(node, old))
			nova_buddy_has_up(node, set, old);
		if (nova_buddy_at_home(node, cls))
			nova_buddy_has_up(node, set, cls);
		now = nova_buddy_full(node, set);
		if (now == full && full)
			return;
		if (set == NOVA_BUDDY_SET_FREE)
			nova_buddy_count_change(b, node->level, full, now);
		old = node->cls[set];
		cls = nova_buddy_node_class(node, set, max_t(unsigned int, old, cls));
		node->cls[set] = cls;
		slot = node->slot;
		node = node->parent;
	}
}

/* Leaf @slot has changed; its full words were @full. */
static void nova_buddy_leaf_up(struct nova_buddy *b, enum nova_buddy_set set,
			       struct nova_buddy_group *group, unsigned int slot, u64 full)
{
	struct nova_buddy_leaf *leaf = &group->leaf[set][slot];
	u64 now = nova_buddy_leaf_full(leaf);
	unsigned int cls, old = group->leaf_cls[set][slot];

	/* the full words decide the class, if there are any */
	if (now == full && full)
		return;
	if (set == NOVA_BUDDY_SET_FREE)
		nova_buddy_count_change(b, 1, full, now);
	cls = nova_buddy_leaf_class(leaf, now);
	if (cls == old)
		return;
	group->leaf_cls[set][slot] = cls;
	nova_buddy_node_up(b, set, &group->node, slot, old, cls);
}

/**
 * nova_buddy_node_fill() - put all chunks below a node into a set, or take all out
 * @node: the node; its ancestors are the caller's to update
 * @set: which set
 * @full: in or out
 *
 * Context: nova_buddy.lock held.
 */
void nova_buddy_node_fill(struct nova_buddy_node *node, enum nova_buddy_set set, bool full)
{
	memset(node->ge[set], full ? 0xff : 0, (6 * node->level + 1) * sizeof(u64));
	if (node->level > NOVA_BUDDY_GROUP_LEVEL)
		memset(node->has[set], 0, (6 * node->level - 5) * sizeof(u64));
	node->cls[set] = full ? 6 * node->level + 7 : 0;
	if (set == NOVA_BUDDY_SET_CLEAR)
		node->clear = full ? 64ull << (6 * node->level) : 0;
}

static noinline void nova_buddy_rewrite(struct nova_buddy_node *node, enum nova_buddy_set set,
					unsigned int slot, bool full)
{
	struct nova_buddy_group *group;

	if (node->level > NOVA_BUDDY_GROUP_LEVEL) {
		nova_buddy_node_fill(node->child[slot], set, full);
		return;
	}
	group = nova_buddy_group(node);
	memset(&group->leaf[set][slot], full ? 0xff : 0, sizeof(group->leaf[set][slot]));
	group->leaf_cls[set][slot] = full ? 2 * 6 + 1 : 0;
	if (set == NOVA_BUDDY_SET_CLEAR)
		group->leaf_clear[slot] = full ? 64 * 64 : 0;
}

/* Makes what is below child @slot of @node mean what @node says about it. */
static inline void nova_buddy_refresh(struct nova_buddy_node *node, enum nova_buddy_set set,
				      unsigned int slot)
{
	bool full = nova_buddy_full(node, set) >> slot & 1;

	if (full || !(node->ge[set][0] >> slot & 1))
		nova_buddy_rewrite(node, set, slot, full);
}

/* @nr chunks joined (or, negative, left) the clear set below @node. */
static void nova_buddy_clear_up(struct nova_buddy_node *node, s64 nr)
{
	for (; node; node = node->parent)
		node->clear += nr;
}

static unsigned int nova_buddy_word_clear(const struct nova_buddy_group *group, unsigned int idx)
{
	const struct nova_buddy_leaf *leaf = &group->leaf[NOVA_BUDDY_SET_CLEAR][idx / 64];

	if (nova_buddy_leaf_full(leaf) >> (idx % 64) & 1)
		return 64;
	if (nova_buddy_leaf_any(leaf) >> (idx % 64) & 1)
		return hweight64(group->words[NOVA_BUDDY_SET_CLEAR][idx]);
	return 0;
}

static u64 nova_buddy_child_clear(const struct nova_buddy_node *node, unsigned int slot)
{
	if (nova_buddy_full(node, NOVA_BUDDY_SET_CLEAR) >> slot & 1)
		return 1ull << (6 * node->level);
	if (!(node->ge[NOVA_BUDDY_SET_CLEAR][0] >> slot & 1))
		return 0;
	if (node->level > NOVA_BUDDY_GROUP_LEVEL)
		return node->child[slot]->clear;
	return container_of(node, const struct nova_buddy_group, node)->leaf_clear[slot];
}

static unsigned int nova_buddy_slot(const struct nova_buddy_node *node, u64 chunk)
{
	return chunk >> (6 * node->level) & 63;
}

/*
 * Whether units of which @all are wholly and @any partly in the set may be changed: those of the
 * free set as a whole from one state to the other, of the clear set any.
 */
static bool nova_buddy_may_mark(enum nova_buddy_set set, u64 all, u64 any, u64 mask, bool add)
{
	return set == NOVA_BUDDY_SET_CLEAR || (add ? !(any & mask) : !(~all & mask));
}

static bool nova_buddy_mark_word(struct nova_buddy *b, enum nova_buddy_set set,
				 struct nova_buddy_group *group, unsigned int idx, u64 mask,
				 bool add)
{
	struct nova_buddy_leaf *leaf = &group->leaf[set][idx / 64];
	u64 bit = BIT_ULL(idx % 64), *word = &group->words[set][idx];
	u64 full = nova_buddy_leaf_full(leaf), from = *word;
	int nr;

	if (full & bit)
		from = ~0ull;
	else if (!(nova_buddy_leaf_any(leaf) & bit))
		from = 0;
	if (!nova_buddy_may_mark(set, from, from, mask, add))
		return false;
	*word = add ? from | mask : from & ~mask;
	nova_buddy_leaf_set(leaf, bit, nova_buddy_word_class(*word));
	if (set == NOVA_BUDDY_SET_FREE) {
		nova_buddy_count(b, 0, add ? *word : from, mask, add ? 1 : -1);
	} else {
		nr = (int)hweight64(*word) - (int)hweight64(from);
		group->leaf_clear[idx / 64] += nr;
		nova_buddy_clear_up(&group->node, nr);
	}
	nova_buddy_leaf_up(b, set, group, idx / 64, full);
	return true;
}

/* Accounts for the words @mask of a leaf becoming wholly clear, or not at all. */
static void nova_buddy_clear_leaf(struct nova_buddy_group *group, unsigned int slot, u64 mask,
				  bool add)
{
	int nr = 0;

	for (; mask; mask &= mask - 1)
		nr += (add ? 64 : 0) - (int)nova_buddy_word_clear(group, slot * 64 + __ffs(mask));
	group->leaf_clear[slot] += nr;
	nova_buddy_clear_up(&group->node, nr);
}

/* The same for the children @mask of a node. */
static void nova_buddy_clear_node(struct nova_buddy_node *node, u64 mask, bool add)
{
	u64 all = add ? 1ull << (6 * node->level) : 0;
	s64 nr = 0;

	for (; mask; mask &= mask - 1)
		nr += all - nova_buddy_child_clear(node, __ffs(mask));
	nova_buddy_clear_up(node, nr);
}

static bool nova_buddy_mark_leaf(struct nova_buddy *b, enum nova_buddy_set set,
				 struct nova_buddy_group *group, unsigned int slot, u64 mask,
				 bool add)
{
	struct nova_buddy_leaf *leaf = &group->leaf[set][slot];
	u64 full = nova_buddy_leaf_full(leaf);

	if (!nova_buddy_may_mark(set, full, nova_buddy_leaf_any(leaf), mask, add))
		return false;
	if (set == NOVA_BUDDY_SET_CLEAR)
		nova_buddy_clear_leaf(group, slot, mask, add);
	nova_buddy_leaf_set(leaf, mask, add ? NOVA_BUDDY_WORD_CLASSES : 0);
	nova_buddy_leaf_up(b, set, group, slot, full);
	return true;
}

/* The children @mask, which may have been partly in the set, are no longer. */
static void nova_buddy_forget_classes(struct nova_buddy_node *node, enum nova_buddy_set set,
				      u64 mask)
{
	unsigned int cls;

	for (cls = 1; cls <= 6 * node->level; cls++) {
		if (!nova_buddy_at_home(node, cls))
			node->has[set][cls] &= ~mask;
		nova_buddy_has_up(node, set, cls);
	}
}

static bool nova_buddy_mark_node(struct nova_buddy *b, enum nova_buddy_set set,
				 struct nova_buddy_node *node, u64 mask, bool add)
{
	u64 full = nova_buddy_full(node, set), *ge = node->ge[set];
	unsigned int cls, k, old = node->cls[set];

	if (!nova_buddy_may_mark(set, full, ge[0], mask, add))
		return false;
	if (set == NOVA_BUDDY_SET_CLEAR)
		nova_buddy_clear_node(node, mask, add);
	for (k = 0; k <= 6 * node->level; k++)
		ge[k] = add ? ge[k] | mask : ge[k] & ~mask;
	if (set == NOVA_BUDDY_SET_CLEAR)
		nova_buddy_forget_classes(node, set, mask);
	else
		nova_buddy_count(b, node->level, add ? ge[k - 1] : full, mask, add ? 1 : -1);
	cls = nova_buddy_node_class(node, set, 6 * node->level);
	node->cls[set] = cls;
	nova_buddy_node_up(b, set, node->parent, node->slot, old, cls);
	return true;
}

/**
 * nova_buddy_mark() - add or delete some of 64 units
 * @b: the pool
 * @set: which set
 * @level: level of the units
 * @idx: which word of that level; its node is populated
 * @mask: the units
 * @add: add rather than delete
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true; for the free set false, and nothing changed, unless all units were wholly out of
 * the set, or for deleting wholly in it, before.
 */
bool nova_buddy_mark(struct nova_buddy *b, enum nova_buddy_set set, unsigned int level, u64 idx,
		     u64 mask, bool add)
{
	u64 chunk = idx << (6 * level + 6);
	struct nova_buddy_node *node = b->root;
	unsigned int to = max_t(unsigned int, level, NOVA_BUDDY_GROUP_LEVEL);

	for (; node->level > to; node = node->child[nova_buddy_slot(node, chunk)])
		nova_buddy_refresh(node, set, nova_buddy_slot(node, chunk));
	if (level >= NOVA_BUDDY_GROUP_LEVEL)
		return nova_buddy_mark_node(b, set, node, mask, add);
	nova_buddy_refresh(node, set, nova_buddy_slot(node, chunk));
	if (level == 1)
		return nova_buddy_mark_leaf(b, set, nova_buddy_group(node),
					    idx % NOVA_BUDDY_GROUP_LEAVES, mask, add);
	return nova_buddy_mark_word(b, set, nova_buddy_group(node), idx % NOVA_BUDDY_GROUP_WORDS,
				    mask, add);
}

static void nova_buddy_mark_range(struct nova_buddy *b, enum nova_buddy_set set, u64 first,
				  u64 end, bool add)
{
	unsigned int level;

	for (level = 0; first < end; level++, first /= 64, end /= 64) {
		/* a whole word is a unit of the next level, whose own words may not exist */
		if (level < b->root->level && !(first % 64) && !(end % 64))
			continue;
		if (first / 64 == (end - 1) / 64) {
			nova_buddy_mark(b, set, level, first / 64,
					nova_buddy_bits(first % 64, end - first), add);
			return;
		}
		if (first % 64) {
			nova_buddy_mark(b, set, level, first / 64, ~0ull << (first % 64), add);
			first = round_up(first, 64);
		}
		if (end % 64) {
			nova_buddy_mark(b, set, level, end / 64, nova_buddy_bits(0, end % 64), add);
			end = round_down(end, 64);
		}
	}
}

/**
 * nova_buddy_add() - put chunks into a set
 * @b: the pool
 * @set: which set
 * @first: first chunk
 * @end: behind the last chunk; every node on both boundaries is populated
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_add(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end)
{
	nova_buddy_mark_range(b, set, first, end, true);
}

/**
 * nova_buddy_del() - take chunks out of a set
 * @b: the pool
 * @set: which set
 * @first: first chunk
 * @end: behind the last chunk; every node on both boundaries is populated
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_del(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end)
{
	nova_buddy_mark_range(b, set, first, end, false);
}
