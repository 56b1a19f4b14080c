// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: reading the buddy allocator's tree
 *
 * The state of any 64 units, and from that of any range: as in the tree itself, what lies below a
 * unit that is wholly in or out of the set is not looked at.
 *
 * Invariant: nothing here changes the tree. Locking: nova_buddy.lock held by the caller.
 * Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_tree.h"

#include <linux/minmax.h>

/**
 * nova_buddy_view() - read 64 units of a level
 * @b: the pool
 * @set: which set
 * @level: level of the units
 * @idx: which word of that level
 *
 * Context: nova_buddy.lock held. O(levels); changes nothing.
 *
 * Return: which of the units are wholly, and which at least partly, in the set.
 */
struct nova_buddy_view nova_buddy_view(struct nova_buddy *b, enum nova_buddy_set set,
				       unsigned int level, u64 idx)
{
	const struct nova_buddy_view none = {}, all = { ~0ull, ~0ull };
	u64 chunk = idx << (6 * level + 6);
	struct nova_buddy_node *node = b->root;
	struct nova_buddy_group *group;
	struct nova_buddy_leaf *leaf;
	unsigned int slot;

	for (;;) {
		if (node->level == level)
			return (struct nova_buddy_view){ nova_buddy_full(node, set),
							 node->ge[set][0] };
		slot = chunk >> (6 * node->level) & 63;
		if (nova_buddy_full(node, set) >> slot & 1)
			return all;
		if (!(node->ge[set][0] >> slot & 1))
			return none;
		if (node->level == NOVA_BUDDY_GROUP_LEVEL)
			break;
		node = node->child[slot];
	}
	group = nova_buddy_group(node);
	leaf = &group->leaf[set][slot];
	if (level == 1)
		return (struct nova_buddy_view){ nova_buddy_leaf_full(leaf),
						 nova_buddy_leaf_any(leaf) };
	if (nova_buddy_leaf_full(leaf) >> (idx % 64) & 1)
		return all;
	if (!(nova_buddy_leaf_any(leaf) >> (idx % 64) & 1))
		return none;
	idx %= NOVA_BUDDY_GROUP_WORDS;
	return (struct nova_buddy_view){ group->words[set][idx], group->words[set][idx] };
}

/* Whether all chunks are in the set (@all), or none is. */
static bool nova_buddy_test(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end,
			    bool all)
{
	unsigned int level;

	for (level = 0; first < end; level++) {
		u64 idx = first / 64;
		unsigned int nr = min_t(u64, end - first, 64 - first % 64);
		bool last = idx == (end - 1) / 64;
		struct nova_buddy_view view;
		u64 mask;

		/* one word, or the ragged ends of the range; whole words are units one level up */
		if (last || first % 64) {
			view = nova_buddy_view(b, set, level, idx);
			mask = nova_buddy_bits(first % 64, nr);
			if (all ? mask & ~view.all : mask & view.any)
				return false;
			first += nr;
		}
		if (!last && end % 64) {
			view = nova_buddy_view(b, set, level, end / 64);
			mask = nova_buddy_bits(0, end % 64);
			if (all ? mask & ~view.all : mask & view.any)
				return false;
			end -= end % 64;
		}
		first /= 64;
		end /= 64;
	}
	return true;
}

/**
 * nova_buddy_all() - test whether a range lies wholly in a set
 * @b: the pool
 * @set: which set
 * @first: first chunk
 * @end: behind the last chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if it does.
 */
bool nova_buddy_all(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end)
{
	return nova_buddy_test(b, set, first, end, true);
}

/**
 * nova_buddy_none() - test whether a range does not touch a set
 * @b: the pool
 * @set: which set
 * @first: first chunk
 * @end: behind the last chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if no chunk of the range is in the set.
 */
bool nova_buddy_none(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end)
{
	return nova_buddy_test(b, set, first, end, false);
}
