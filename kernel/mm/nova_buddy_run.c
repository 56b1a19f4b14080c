// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: contiguous runs in the buddy allocator
 *
 * A run of n free chunks need not be a block, nor begin where one does. But it contains an
 * aligned block of order floor(log2(n + 1)) - 1, so runs are visited from block to block of that
 * order, each grown to its full extent: when none fits there is none. A run of 127 chunks or
 * more also contains whole words, (n - 63) / 64 in a row; leaves show sixty-four words at a
 * time, and what cannot hold so many is passed over at a few nanoseconds a leaf.
 *
 * Invariant: nothing here changes the tree. Locking: nova_buddy.lock held by the caller.
 * Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_find.h"
#include "nova_buddy_index.h"

#include <linux/prefetch.h>

#define NOVA_BUDDY_SCAN_MIN	127	/* chunks: a run this long holds a full word */
#define NOVA_BUDDY_SCAN_AHEAD	16	/* leaves that are fetched before they are read */

/**
 * nova_buddy_run_end() - end of the free run around a chunk
 * @b: the pool
 * @chunk: a free chunk
 * @end: where to stop looking
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: the first chunk behind @chunk that is not free, at most @end.
 */
u64 nova_buddy_run_end(struct nova_buddy *b, u64 chunk, u64 end)
{
	unsigned int level = 0;

	while (chunk < end) {
		unsigned int shift = 6 * level;
		u64 unit = chunk >> shift;
		u64 used = ~nova_buddy_view(b, level, unit / 64).all &
			   (~0ull << (unit % 64));

		if (used && !level)
			return min(end, round_down(chunk, 64) + __ffs(used));
		if (used) {
			chunk = (round_down(unit, 64) + __ffs(used)) << shift;
			level--;
		} else {
			chunk = (round_down(unit, 64) + 64) << shift;
			if (level < b->root->level)
				level++;
		}
	}
	return end;
}

/**
 * nova_buddy_run_first() - start of the free run around a chunk
 * @b: the pool
 * @chunk: a free chunk
 * @first: where to stop looking
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: the lowest chunk from which all up to @chunk are free, at least @first.
 */
u64 nova_buddy_run_first(struct nova_buddy *b, u64 chunk, u64 first)
{
	unsigned int level = 0;
	u64 last = chunk;	/* all of [last + 1, chunk] is free */

	for (;;) {
		unsigned int shift = 6 * level;
		u64 unit = last >> shift;
		u64 used = ~nova_buddy_view(b, level, unit / 64).all &
			   nova_buddy_bits(0, unit % 64 + 1);

		if (used && !level)
			return max(first, round_down(last, 64) + __fls(used) + 1);
		if (used) {
			last = ((round_down(unit, 64) + __fls(used) + 1) << shift) - 1;
			level--;
		} else {
			if (round_down(unit, 64) << shift <= first)
				return first;
			last = (round_down(unit, 64) << shift) - 1;
			if (level < b->root->level)
				level++;
		}
	}
}

static bool nova_buddy_run_fits(u64 first, u64 end, u64 nr, unsigned int align, bool top,
				u64 *chunk)
{
	u64 step = 1ull << align;

	if (end - first < nr)
		return false;
	*chunk = top ? round_down(end - nr, step) : round_up(first, step);
	return *chunk >= first && *chunk <= end - nr;
}

/* A scan for @words full words in a row, over whole leaves, and how many end where it stands. */
struct nova_buddy_scan {
	unsigned int words;
	bool kinds;		/* there may be clear memory */
	u64 tail;
};

/* The longest run of ones in @word is at least @nr long. */
static __always_inline bool nova_buddy_word_has_run(u64 word, unsigned int nr)
{
	unsigned int have = 1;

	if (nr > 64)
		return false;
	for (; have * 2 <= nr; have *= 2)
		word &= word >> have;
	return word & (word >> (nr - have));
}

/* The next sixty-four words, of which @full are wholly free. */
static __always_inline bool nova_buddy_scan_words(struct nova_buddy_scan *scan, u64 full)
{
	u64 used = ~full;

	if (!used) {
		scan->tail += 64;
		return scan->tail >= scan->words;
	}
	if (scan->tail + __ffs(used) >= scan->words)
		return true;
	/* most of them end with a word that is in use */
	scan->tail = full >> 63 ? 63 - __fls(used) : 0;
	return nova_buddy_word_has_run(full, scan->words);
}

/* Leaves of a group from *@slot on; stops with *@slot in the one it found. */
static __always_inline bool nova_buddy_scan_leaves(struct nova_buddy_scan *of,
						   const struct nova_buddy_node *node, u64 some,
						   u64 full, unsigned int *slot)
{
	const struct nova_buddy_leaf *leaf = nova_buddy_group(node)->leaf;
	struct nova_buddy_scan scan = *of;
	bool found = false;

	for (; *slot < 64; ++*slot) {
		const struct nova_buddy_place at = { (struct nova_buddy_node *)node, *slot, 1 };
		u64 words = -(full >> *slot & 1) | nova_buddy_whole(&at, scan.kinds);

		/* to wait for memory is what takes most of the time */
		prefetch(&leaf[(*slot + NOVA_BUDDY_SCAN_AHEAD) & 63].row[NOVA_BUDDY_IS_DIRTY][6]);
		if (some >> *slot & 1)
			found = nova_buddy_scan_words(&scan, words);
		else
			scan.tail = 0;
		if (found)
			break;
	}
	*of = scan;
	return found;
}

/* From *@chunk on, if that is below @node; stops with *@chunk in the child it found. */
static bool nova_buddy_scan_node(struct nova_buddy_scan *scan, const struct nova_buddy_node *node,
				 u64 base, u64 *chunk)
{
	const u64 span = 1ull << (6 * node->level);
	u64 full = node->unit[0] | node->unit[1] | node->unit[2];
	u64 some = full | nova_buddy_node_fits(node, NOVA_BUDDY_IS_DIRTY, 6) |
		   nova_buddy_node_fits(node, NOVA_BUDDY_IS_CLEAR, 6);
	unsigned int level, slot = *chunk > base ? (*chunk - base) / span : 0;
	bool found = false;

	for (level = 1; level < node->level; level++)
		some |= node->blend[level];
	if (node->level == NOVA_BUDDY_GROUP_LEVEL) {
		found = nova_buddy_scan_leaves(scan, node, some, full, &slot);
		*chunk = max(*chunk, base + slot * span);
		return found;
	}
	for (; slot < 64; slot++) {
		u64 at = base + slot * span;

		if (!(some >> slot & 1)) {
			scan->tail = 0;
			continue;
		}
		*chunk = max(*chunk, at);
		if (full >> slot & 1) {
			scan->tail += span / 64;
			if (scan->tail >= scan->words)
				return true;
		} else if (nova_buddy_scan_node(scan, node->child[slot], at, chunk)) {
			return true;
		}
	}
	return false;
}

/*
 * A run of @nr chunks holds (@nr - 63) / 64 words in a row that are wholly free; sixty-four
 * words are seen at a time. Moves @chunk over what cannot hold the start of one.
 */
static bool nova_buddy_scan(struct nova_buddy *b, u64 nr, u64 *chunk)
{
	struct nova_buddy_scan scan = {
		.words = min_t(u64, (nr - 63) / 64, U32_MAX), .kinds = b->clear,
	};
	u64 from = *chunk, words;

	if (!nova_buddy_scan_node(&scan, b->root, 0, chunk))
		return false;
	/* it may have begun in a leaf before */
	words = min_t(u64, scan.tail + 1, *chunk / 64);
	*chunk = max(from, (*chunk / 64 - words) * 64);
	return true;
}

/**
 * nova_buddy_find_run() - find a free run of any length and alignment
 * @b: the pool
 * @nr: chunks
 * @align: log2 of the alignment of its start, in chunks
 * @where: window and direction
 * @chunk: set to the first chunk
 *
 * Context: nova_buddy.lock held. O(runs that hold a block of a quarter of @nr), of which those
 * that are shorter by 64 chunks or more cost two nanoseconds per 4096 chunks.
 *
 * Return: true if there is one; false is exact.
 */
bool nova_buddy_find_run(struct nova_buddy *b, u64 nr, unsigned int align,
			 const struct nova_buddy_where *where, u64 *chunk)
{
	unsigned int order = __fls(nr + 1) - 1;
	struct nova_buddy_where left = *where;
	u64 from = where->first;

	if (nr >= NOVA_BUDDY_SCAN_MIN && !nova_buddy_scan(b, nr, &from))
		return false;
	/* by address: a window even if it is the whole pool */
	left.whole = false;
	while (left.first < left.end) {
		if (nr >= NOVA_BUDDY_SCAN_MIN && !where->top &&
		    !nova_buddy_scan(b, nr, &left.first))
			return false;
		if (left.first >= left.end ||
		    !nova_buddy_find(b, NOVA_BUDDY_IS_ANY, order, &left, chunk))
			return false;
		u64 first = nova_buddy_run_first(b, *chunk, where->first);
		u64 end = nova_buddy_run_end(b, *chunk, where->end);

		if (nova_buddy_run_fits(first, end, nr, align, where->top, chunk))
			return true;
		if (where->top)
			left.end = first;
		else
			left.first = end;
	}
	return false;
}
