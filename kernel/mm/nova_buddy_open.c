// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: the open word of the buddy allocator
 *
 * While many requests in a row are for blocks of one order, every free block of that order will be
 * of use, and the lowest address is the best choice: what is freed high up is left to grow
 * together. It is also the cheapest. The word that requests are being served from stays open: they
 * and the frees that fall into it change only its bits, and the index and the levels above learn
 * of the sum when it is closed. Splitting a block of 8 GiB for one chunk and merging it again is
 * then two bit operations, and so is taking what was just freed.
 *
 * Nothing is parked: what is freed is free at once, in its place, for whoever searches, because
 * every search but this closes the word first. A free that falls elsewhere closes it, and opens
 * the word where it falls; a request of another order ends the streak.
 *
 * Invariants: nova_buddy_open.known is what the index and the counters hold of the open word, which
 * may be full without being a unit of the level above. Below nova_buddy_open.floor no free block
 * holds one of the streak's order, unless it is in the open word. Nothing is open while any memory
 * is known to be clear.
 *
 * Locking: nova_buddy.lock held by the caller. Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_open.h"

#include "nova_buddy_find.h"
#include "nova_buddy_pool.h"
#include "nova_buddy_quick.h"

static void nova_buddy_open_at(struct nova_buddy *b, unsigned int level, u64 chunk, u64 *word)
{
	b->open.word = word;
	b->open.known = *word;
	b->open.span = 64ull << (6 * level);
	b->open.base = round_down(chunk, b->open.span);
	b->open.level = level;
}

/**
 * nova_buddy_open_close() - tell the tree what became of the open word
 * @b: the pool; a word is open
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_open_close(struct nova_buddy *b)
{
	struct nova_buddy_open *open = &b->open;
	u64 now = *open->word, known = open->known;
	bool full = now == ~0ull && open->level < b->root->level;
	struct nova_buddy_place at;

	if (nova_buddy_fold(now, open->order % 6))
		open->floor = min(open->floor, open->base);
	if (now != known || full) {
		at = nova_buddy_at(b, open->level, open->base);
		nova_buddy_change(b, &at, NOVA_BUDDY_IS_DIRTY, known, now);
		nova_buddy_count_change(b, open->level, known, now);
		if (full) {
			*open->word = 0;
			nova_buddy_give_units(b, NOVA_BUDDY_IS_DIRTY, open->level + 1, open->base,
					      BIT_ULL(open->base / open->span & 63));
		}
	}
	open->word = NULL;
}

static bool nova_buddy_open_fits(struct nova_buddy *b, u64 *chunk)
{
	struct nova_buddy_open *open = &b->open;
	unsigned int order = open->order % 6, pos;
	u64 fits = nova_buddy_fold(*open->word, order);

	if (!fits)
		return false;
	pos = __ffs(fits);
	*chunk = open->base + ((u64)pos << (6 * open->level));
	*open->word &= ~nova_buddy_bits(pos, 1u << order);
	return true;
}

/* Opens the lowest word from which the order can be served. */
static bool nova_buddy_open_lowest(struct nova_buddy *b)
{
	struct nova_buddy_open *open = &b->open;
	const struct nova_buddy_where where = {
		.first = max(open->floor, b->first), .end = b->end,
	};
	unsigned int level = open->order / 6;
	struct nova_buddy_place at;
	u64 chunk, missing;

	if (!nova_buddy_find(b, NOVA_BUDDY_IS_DIRTY, open->order, &where, &chunk) ||
	    (b->lazy && nova_buddy_missing(b, chunk, chunk + (1ull << open->order), &missing)))
		return false;
	at = nova_buddy_at(b, level, chunk);
	nova_buddy_expose(b, &at, chunk);
	nova_buddy_open_at(b, level, chunk, nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY));
	open->floor = open->base;
	return true;
}

/**
 * nova_buddy_open_take() - take a block, if it is one of a streak
 * @b: the pool
 * @order: log2 of its chunks
 * @chunk: set to the first
 *
 * Context: nova_buddy.lock held. O(1) from the open word, else O(levels).
 *
 * Return: false if it is not of a streak, or if taking it is not simple.
 */
bool nova_buddy_open_take(struct nova_buddy *b, unsigned int order, u64 *chunk)
{
	struct nova_buddy_open *open = &b->open;

	if (order != open->order) {
		nova_buddy_settle(b);
		open->order = order;
		open->same = 0;
		open->floor = 0;
	}
	if (open->same < NOVA_BUDDY_STREAK || b->clear || order / 6 > b->root->level) {
		open->same += open->same < NOVA_BUDDY_STREAK;
		return false;
	}
	if (open->word) {
		if (open->base <= open->floor && nova_buddy_open_fits(b, chunk))
			return true;
		nova_buddy_open_close(b);
	}
	return nova_buddy_open_lowest(b) && nova_buddy_open_fits(b, chunk);
}

/**
 * nova_buddy_open_give() - give a block of a streak back to the open word, or to one opened for it
 * @b: the pool, for which nova_buddy_open_would_take() is true
 * @first: first chunk
 *
 * Context: nova_buddy.lock held. O(1), or O(levels) if another word is opened.
 *
 * Return: false, and nothing changed, if it was free.
 */
bool nova_buddy_open_give(struct nova_buddy *b, u64 first)
{
	struct nova_buddy_open *open = &b->open;
	unsigned int level = open->order / 6;
	struct nova_buddy_place at;
	u64 mask;

	mask = nova_buddy_bits(first >> (6 * level) & 63, 1u << (open->order % 6));
	if (!open->word || first - open->base >= open->span) {
		nova_buddy_settle(b);
		if (!nova_buddy_quick_is_taken(b, level, first, mask, &at))
			return false;
		nova_buddy_open_at(b, level, first, nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY));
	}
	if (*open->word & mask)
		return false;
	*open->word |= mask;
	return true;
}
