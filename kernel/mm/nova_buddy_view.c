// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: reading the buddy allocator's tree
 *
 * The state of any 64 units, and from that of any range: below a unit that is free as a whole
 * nothing is looked at.
 *
 * Invariant: nothing here changes the tree. Locking: nova_buddy.lock held by the caller.
 * Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_tree.h"

#include "nova_buddy_index.h"

#include <linux/minmax.h>

static inline unsigned int nova_buddy_slot(const struct nova_buddy_place *at, u64 chunk)
{
	return chunk >> (6 * at->level) & 63;
}

static inline bool nova_buddy_has_child(const struct nova_buddy_place *at, unsigned int slot)
{
	return at->level <= NOVA_BUDDY_GROUP_LEVEL || at->node->child[slot];
}

/**
 * nova_buddy_view() - read 64 units of a level
 * @b: the pool
 * @level: level of the units
 * @idx: which word of that level
 *
 * Context: nova_buddy.lock held. O(levels); changes nothing.
 *
 * Return: which of the units are wholly, and which at least partly, free.
 */
struct nova_buddy_view nova_buddy_view(struct nova_buddy *b, unsigned int level, u64 idx)
{
	const struct nova_buddy_view none = {}, all = { ~0ull, ~0ull };
	struct nova_buddy_place at = { .node = b->root, .level = b->root->level };
	u64 chunk = idx << (6 * level + 6), units;

	while (at.level > level) {
		unsigned int slot = nova_buddy_slot(&at, chunk);

		if (nova_buddy_union(&at) >> slot & 1)
			return all;
		if (!nova_buddy_has_child(&at, slot))
			return none;
		at = nova_buddy_child(&at, slot);
	}
	units = nova_buddy_union(&at);
	return (struct nova_buddy_view){
		units, level ? units | nova_buddy_below(&at, true) : units,
	};
}

/* Whether all chunks are free (@all), or none is. */
static bool nova_buddy_test(struct nova_buddy *b, u64 first, u64 end, bool all)
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
			view = nova_buddy_view(b, level, idx);
			mask = nova_buddy_bits(first % 64, nr);
			if (all ? mask & ~view.all : mask & view.any)
				return false;
			first += nr;
		}
		if (!last && end % 64) {
			view = nova_buddy_view(b, level, end / 64);
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
 * nova_buddy_all() - test whether a range is wholly free
 * @b: the pool
 * @first: first chunk
 * @end: behind the last chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if it is.
 */
bool nova_buddy_all(struct nova_buddy *b, u64 first, u64 end)
{
	return nova_buddy_test(b, first, end, true);
}

/**
 * nova_buddy_none() - test whether nothing of a range is free
 * @b: the pool
 * @first: first chunk
 * @end: behind the last chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: true if no chunk of the range is free.
 */
bool nova_buddy_none(struct nova_buddy *b, u64 first, u64 end)
{
	return nova_buddy_test(b, first, end, false);
}

/**
 * nova_buddy_piece() - free memory of one kind around a chunk
 * @b: the pool
 * @chunk: a chunk
 * @kind: set to what it is if it is free, dirty or clear
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: a chunk up to which all from @chunk on is of that kind; it may go on behind. @chunk
 * if it is not free.
 */
u64 nova_buddy_piece(struct nova_buddy *b, u64 chunk, enum nova_buddy_kind *kind)
{
	struct nova_buddy_place at = { .node = b->root, .level = b->root->level };

	for (;; at = nova_buddy_child(&at, nova_buddy_slot(&at, chunk))) {
		unsigned int slot = nova_buddy_slot(&at, chunk);

		for (*kind = 0; *kind < NOVA_BUDDY_PURE; ++*kind) {
			u64 units = *nova_buddy_word(&at, *kind) >> slot;
			u64 unit = chunk >> (6 * at.level);

			if (units & 1)
				return (unit + (~units ? __ffs(~units) : 64)) << (6 * at.level);
		}
		if (!at.level)
			return chunk;
	}
}
