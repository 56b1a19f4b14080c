// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: the open words of the buddy allocator
 *
 * While many requests in a row are for blocks of one order, every free block of that order will be
 * of use, and the lowest address is the best choice: what is freed high up is left to grow
 * together. It is also the cheapest. The word that requests are being served from stays open: they
 * and the frees that fall into it change only its bits, and the index and the levels above learn
 * of the sum when it is closed. Splitting a block of 8 GiB for one chunk and merging it again is
 * then two bit operations, and so is taking what was just freed.
 *
 * A free below the open word opens the word where it falls on top of that: it is from there that
 * the next request is served. So a batch that is freed backwards, as batches are, and allocated
 * again comes and goes through words that look the same to the tree when they are closed as when
 * they were opened. A free above all open words goes to the tree, and one between them closes all.
 *
 * Nothing is parked: what is freed is free at once, in its place, for whoever searches, because
 * every search but this closes the words first. A request of another order ends the streak.
 *
 * Invariants: each open word is below the one before it, and none above nova_buddy_open.floor.
 * nova_buddy_open_word.known is what the index and the counters hold of a word, which may be full
 * without being a unit of the level above. Below nova_buddy_open.floor no free block holds one of
 * the streak's order, unless it is in an open word. Nothing is open while any memory is known to
 * be clear.
 *
 * Locking: nova_buddy.lock held by the caller. Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_open.h"

#include "nova_buddy_find.h"
#include "nova_buddy_pool.h"
#include "nova_buddy_quick.h"

static inline struct nova_buddy_open_word *nova_buddy_open_top(struct nova_buddy_open *open)
{
	return &open->words[open->nr - 1];
}

static inline bool nova_buddy_open_holds(struct nova_buddy_open *open, u64 chunk)
{
	return open->nr && chunk - nova_buddy_open_top(open)->base < open->span;
}

/* Below all that are open; there is room for one more. */
static void nova_buddy_open_at(struct nova_buddy *b, u64 chunk, u64 *word)
{
	struct nova_buddy_open *open = &b->open;

	open->words[open->nr++] = (struct nova_buddy_open_word){
		.word = word, .known = *word, .base = round_down(chunk, open->span),
	};
}

/**
 * nova_buddy_open_begin() - begin a streak of the order of the last requests
 * @b: the pool; nothing is open
 *
 * Context: nova_buddy.lock held.
 */
void nova_buddy_open_begin(struct nova_buddy *b)
{
	struct nova_buddy_open *open = &b->open;

	open->level = open->order / 6;
	open->lo = open->order % 6;
	open->span = 64ull << (6 * open->level);
	open->floor = 0;
}

/* Tells the tree what became of the lowest open word. O(1) if nothing did, else O(levels). */
static void nova_buddy_open_close(struct nova_buddy *b)
{
	struct nova_buddy_open *open = &b->open;
	const struct nova_buddy_open_word *top = nova_buddy_open_top(open);
	struct nova_buddy_place at;

	open->nr--;
	if (nova_buddy_fold(*top->word, open->lo))
		open->floor = min(open->floor, top->base);
	if (*top->word == top->known && ~top->known)
		return;
	at = nova_buddy_at(b, open->level, top->base);
	nova_buddy_tell(b, &at, top->base, top->known);
}

/**
 * nova_buddy_open_close_all() - tell the tree what became of all open words
 * @b: the pool
 *
 * Context: nova_buddy.lock held. O(levels) a word.
 */
void nova_buddy_open_close_all(struct nova_buddy *b)
{
	while (b->open.nr)
		nova_buddy_open_close(b);
}

/* Closes what is used up; where there is room in the lowest of the rest. */
static u64 nova_buddy_open_fits(struct nova_buddy *b)
{
	const struct nova_buddy_open *open = &b->open;
	u64 fits;

	for (; open->nr; nova_buddy_open_close(b)) {
		fits = nova_buddy_fold(*nova_buddy_open_top(&b->open)->word, open->lo);
		if (fits)
			return fits;
	}
	return 0;
}

static u64 nova_buddy_open_pick(struct nova_buddy *b)
{
	const struct nova_buddy_open *open = &b->open;
	const struct nova_buddy_open_word *top;
	u64 fits = nova_buddy_open_fits(b);
	unsigned int pos;

	if (!fits)
		return NOVA_BUDDY_NOWHERE;
	top = nova_buddy_open_top(&b->open);
	pos = __ffs(fits);
	*top->word &= ~nova_buddy_span(pos, open->lo);
	return top->base + ((u64)pos << (6 * open->level));
}

/* Opens the lowest word from which the order can be served. */
static bool nova_buddy_open_lowest(struct nova_buddy *b)
{
	struct nova_buddy_open *open = &b->open;
	const struct nova_buddy_where where = {
		.first = max(open->floor, b->first), .end = b->end,
	};
	struct nova_buddy_place at;
	u64 chunk, missing;

	if (!nova_buddy_find(b, NOVA_BUDDY_IS_DIRTY, open->order, &where, &chunk) ||
	    (b->lazy && nova_buddy_missing(b, chunk, chunk + (1ull << open->order), &missing)))
		return false;
	open->floor = round_down(chunk, open->span);
	at = nova_buddy_at(b, open->level, chunk);
	nova_buddy_expose(b, &at, chunk);
	nova_buddy_open_at(b, chunk, nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY));
	return true;
}

/**
 * nova_buddy_open_take() - take a block of a streak
 * @b: the pool, for which nova_buddy_open_is_next() is true
 *
 * Context: nova_buddy.lock held. O(1) from an open word, else O(levels).
 *
 * Return: its first chunk; NOVA_BUDDY_NOWHERE if there is none, or if a node is missing: nothing is
 * open then.
 */
u64 nova_buddy_open_take(struct nova_buddy *b)
{
	u64 chunk = nova_buddy_open_pick(b);

	if (chunk == NOVA_BUDDY_NOWHERE && nova_buddy_open_lowest(b))
		chunk = nova_buddy_open_pick(b);
	return chunk;
}

/* A block that falls into no open word, nor below them, goes to the tree. */
static bool nova_buddy_open_pass(struct nova_buddy *b, u64 first)
{
	struct nova_buddy_open *open = &b->open;

	if (open->nr && first < open->words[0].base + open->span)
		nova_buddy_settle(b);
	open->floor = min(open->floor, first);
	return nova_buddy_quick_give(b, NOVA_BUDDY_IS_DIRTY, open->order, first);
}

/* A block below all open words opens its own. */
static bool nova_buddy_open_below(struct nova_buddy *b, u64 first, u64 mask)
{
	struct nova_buddy_place at;

	if (!nova_buddy_quick_is_taken(b, b->open.level, first, mask, &at))
		return false;
	if (b->open.nr == NOVA_BUDDY_OPEN_WORDS)
		nova_buddy_settle(b);
	nova_buddy_open_at(b, first, nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY));
	return true;
}

/**
 * nova_buddy_open_give() - give a block of a streak back to its word, opening that if it is lowest
 * @b: the pool, for which nova_buddy_open_would_take() is true
 * @first: first chunk
 *
 * Context: nova_buddy.lock held. O(1) if the word is the lowest open one, else O(levels), and every
 * NOVA_BUDDY_OPEN_WORDS times that for all of them.
 *
 * Return: false, and nothing changed, if it was free.
 */
bool nova_buddy_open_give(struct nova_buddy *b, u64 first)
{
	struct nova_buddy_open *open = &b->open;
	u64 *word, mask = nova_buddy_span(first >> (6 * open->level) & 63, open->lo);

	if (!nova_buddy_open_holds(open, first))
		nova_buddy_open_fits(b);
	if (!nova_buddy_open_holds(open, first)) {
		if (first >= (open->nr ? nova_buddy_open_top(open)->base : open->floor))
			return nova_buddy_open_pass(b, first);
		if (!nova_buddy_open_below(b, first, mask))
			return false;
	}
	word = nova_buddy_open_top(open)->word;
	if (*word & mask)
		return false;
	*word |= mask;
	return true;
}
