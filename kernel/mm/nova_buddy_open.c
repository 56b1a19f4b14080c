// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: the open unit of the buddy allocator
 *
 * Most requests are for one small block, and most of them can be served from where the last one
 * came from. The word (64 chunks) or leaf (64 words) that the last search has led to stays open:
 * its bits live in the pool, requests and frees that fall into it change only them, and the tree
 * above learns of the sum when the unit is closed. Splitting a block of 8 GiB for one chunk and
 * merging it again is then two bit operations.
 *
 * Nothing is parked: what is freed is free at once, in its place, for whoever searches, because
 * every search closes the unit first. A unit is opened only where a search would have gone, and
 * left for a lower word of the same leaf when something is freed there.
 *
 * Invariants: the tree holds nova_buddy_open.known for the open unit, so adding or deleting other
 * units keeps it consistent. Nothing is open while any memory is known to be clear.
 *
 * Locking: nova_buddy.lock held by the caller. Units: chunks from nova_buddy.origin.
 */

#include "nova_buddy_open.h"

#include "nova_buddy_find.h"
#include "nova_buddy_pool.h"

static void nova_buddy_open_at(struct nova_buddy *b, unsigned int unit, u64 chunk)
{
	u64 bits = nova_buddy_view(b, NOVA_BUDDY_SET_FREE, unit / 6, chunk >> (unit + 6)).all;

	b->open = (struct nova_buddy_open){
		.base = round_down(chunk, 64ull << unit),
		.span = 64ull << unit,
		.bits = bits,
		.known = bits,
		.unit = unit,
	};
}

/**
 * nova_buddy_open_close() - tell the tree what became of the open unit
 * @b: the pool; a unit is open
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_open_close(struct nova_buddy *b)
{
	struct nova_buddy_open open = b->open;
	u64 idx = open.base >> (open.unit + 6);
	u64 added = open.bits & ~open.known, deleted = open.known & ~open.bits;

	b->open.span = 0;
	if (added)
		nova_buddy_mark(b, NOVA_BUDDY_SET_FREE, open.unit / 6, idx, added, true);
	if (deleted)
		nova_buddy_mark(b, NOVA_BUDDY_SET_FREE, open.unit / 6, idx, deleted, false);
}

static bool nova_buddy_open_fits(struct nova_buddy *b, unsigned int order, u64 *chunk)
{
	struct nova_buddy_open *open = &b->open;
	unsigned int pos;
	u64 mask;

	if (order - open->unit >= 6)
		return false;
	mask = nova_buddy_fold(open->bits, order - open->unit);
	if (!mask)
		return false;
	pos = __ffs(mask);
	*chunk = open->base + ((u64)pos << open->unit);
	open->bits &= ~nova_buddy_bits(pos, 1u << (order - open->unit));
	return true;
}

/**
 * nova_buddy_open_take() - take a small block
 * @b: the pool
 * @order: log2 of its chunks, below NOVA_BUDDY_SMALL_ORDERS
 * @chunk: set to the first
 *
 * Context: nova_buddy.lock held. O(1) from the open unit, else O(levels).
 *
 * Return: false if there is none, or if taking it is not simple.
 */
bool nova_buddy_open_take(struct nova_buddy *b, unsigned int order, u64 *chunk)
{
	const struct nova_buddy_where where = { .first = b->first, .end = b->end, .whole = true };
	u64 missing;

	if (b->root->clear)
		return false;
	if (b->open.span) {
		if (nova_buddy_open_fits(b, order, chunk))
			return true;
		nova_buddy_open_close(b);
	}
	if (!nova_buddy_find(b, NOVA_BUDDY_SET_FREE, order, &where, chunk) ||
	    (b->lazy && nova_buddy_missing(b, *chunk, *chunk + (1ull << order), &missing)))
		return false;
	/* requests of many sizes would only take turns in closing each other's unit */
	if (order != b->last_order) {
		b->last_order = order;
		return nova_buddy_mark_block(b, *chunk, order, false);
	}
	nova_buddy_open_at(b, order < 6 ? 0 : 6, *chunk);
	return nova_buddy_open_fits(b, order, chunk);
}

/**
 * nova_buddy_open_give() - give chunks back to the open unit
 * @b: the pool
 * @first: first chunk
 * @end: behind the last chunk
 *
 * A unit that is in the way of the caller's own change of the tree is closed.
 *
 * Context: nova_buddy.lock held. O(1), or O(levels) if the unit changes.
 *
 * Return: true if it was done; false: the tree is the caller's to change.
 */
bool nova_buddy_open_give(struct nova_buddy *b, u64 first, u64 end)
{
	struct nova_buddy_open *open = &b->open;
	u64 mask;

	/* down into a lower word of the same leaf */
	if (!open->unit && first < open->base && first / 4096 == open->base / 4096 &&
	    first / 64 == (end - 1) / 64 && open->span) {
		nova_buddy_open_close(b);
		nova_buddy_open_at(b, 0, first);
	}
	if (first >= open->base + open->span || end <= open->base)
		return false;
	if (first >= open->base && end <= open->base + open->span &&
	    !((first | end) & ((1u << open->unit) - 1))) {
		mask = nova_buddy_bits((first - open->base) >> open->unit,
				       (end - first) >> open->unit);
		if (!(open->bits & mask)) {
			open->bits |= mask;
			return true;
		}
	}
	if (open->span)
		nova_buddy_open_close(b);
	return false;
}
