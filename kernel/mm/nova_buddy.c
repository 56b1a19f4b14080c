// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: buddy allocator
 *
 * Hands out address space – VRAM, in drm_nova – in extents made of power-of-two blocks, aligned
 * by absolute address. It knows nothing of what is behind the addresses and allocates nothing
 * per block: which chunks are free is kept in a bitmap tree (nova_buddy_tree.c), an allocation
 * is a list of extents that its owner holds.
 *
 * What is free, and what of it is known to be zero, is all the state there is that can be seen:
 * there is nothing to merge later and no order in which things must be freed. An allocation that
 * fails leaves both as they were, and the same calls always place the same way.
 *
 * Clear tracking: a free chunk may be known to be zero. Requests without NOVA_BUDDY_CLEAR avoid
 * such memory as long as they can, requests with it look there first; both take whatever is left
 * rather than fail, and each extent says what it was. Memory that nobody vouched for is dirty. A
 * claim never keeps blocks from merging; it is dropped when a block is handed out that is clear
 * only in parts.
 *
 * One block of the whole pool, from its top or in a window, or the lower part of a block: what is
 * asked for nearly always is answered here; the rest is in nova_buddy_build.c.
 *
 * Locking: one spinlock a pool, not irq-safe, held for one call or one pass of it, and nothing is
 * allocated under it. Allocating and trimming may sleep and belong into the prepare stage; freeing
 * neither sleeps for memory nor fails.
 *
 * Units: bytes and absolute addresses in the interface, chunks from nova_buddy.origin inside.
 */

#include "nova_buddy.h"
#include "nova_buddy_build.h"
#include "nova_buddy_extent.h"
#include "nova_buddy_find.h"
#include "nova_buddy_inline.h"
#include "nova_buddy_open.h"
#include "nova_buddy_pool.h"
#include "nova_buddy_quick.h"
#include "nova_buddy_tree.h"

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/string.h>

/* so that what is asked of a request, and known of a block, is a mode or kind by itself */
static_assert(NOVA_BUDDY_SIMPLE == 0);
static_assert(!NOVA_BUDDY_IS_DIRTY && NOVA_BUDDY_IS_CLEAR == 1);

/* A valid request for one block, apart from where? */
static __always_inline bool nova_buddy_is_block(const struct nova_buddy *b,
						const struct nova_buddy_req *req)
{
	u64 size = req->size, min_block = req->min_block;

	return !((size & (size - 1)) | (req->flags & ~NOVA_BUDDY_FLAGS)) &&
	       size >= b->chunk_bytes &&
	       (!min_block || (!(min_block & (min_block - 1)) && min_block >= b->chunk_bytes &&
			       min_block <= size));
}

/* A valid request for less than a block, from anywhere? */
static inline bool nova_buddy_is_part(const struct nova_buddy *b, const struct nova_buddy_req *req)
{
	u64 min_block = req->min_block ?: b->chunk_bytes;

	return req->size & (req->size - 1) && req->size <= 1ull << 62 &&
	       min_block >= b->chunk_bytes && !(min_block & (min_block - 1)) &&
	       !(req->size & (min_block - 1)) && req->mode == NOVA_BUDDY_SIMPLE &&
	       !(req->start | req->end | (req->flags & ~NOVA_BUDDY_FLAGS));
}

/* What is left behind the request of the block it was taken from. */
static bool nova_buddy_block_cut(struct nova_buddy *b, unsigned int order, u64 chunk, u64 nr)
{
	u64 end = chunk + (1ull << order), missing;

	if (b->lazy && nova_buddy_missing(b, chunk, chunk + nr, &missing)) {
		nova_buddy_quick_give(b, NOVA_BUDDY_IS_DIRTY, order, chunk);
		return false;
	}
	nova_buddy_quick_rest(b, chunk + nr, end);
	return true;
}

/* Less than a block, from the bottom of one. */
static u64 nova_buddy_block_take_part(struct nova_buddy *b, u64 nr)
{
	unsigned int order = __fls(nr) + 1;
	u64 chunk;

	if (b->clear)
		return NOVA_BUDDY_NOWHERE;
	nova_buddy_settle(b);
	chunk = nova_buddy_take_dirty(b, order);
	if (chunk == NOVA_BUDDY_NOWHERE || !nova_buddy_block_cut(b, order, chunk, nr))
		return NOVA_BUDDY_NOWHERE;
	return chunk;
}

/* What was taken for a request; if that is nothing it goes the long way. */
static __always_inline int nova_buddy_hand_out(struct nova_buddy *b,
					       const struct nova_buddy_req *req, u64 chunk,
					       struct nova_buddy_alloc *out)
{
	if (chunk == NOVA_BUDDY_NOWHERE)
		return nova_buddy_alloc_slowly(b, req, out);
	out->nr = 1;
	out->cap = 0;
	out->local[0].addr = b->origin + (chunk << b->chunk_lg2);
	out->local[0].len = req->size;
	return 0;
}

/* Of the whole pool a part of a block, or what takes the long way. */
static noinline int nova_buddy_alloc_other(struct nova_buddy *b, const struct nova_buddy_req *req,
					   struct nova_buddy_alloc *out)
{
	u64 nr = req->size >> b->chunk_lg2, chunk;

	if (!nova_buddy_is_part(b, req))
		return nova_buddy_alloc_slowly(b, req, out);
	out->local[0].cleared = false;
	spin_lock(&b->lock);
	chunk = nova_buddy_block_take_part(b, nr);
	if (chunk != NOVA_BUDDY_NOWHERE)
		nova_buddy_count_used(b, chunk, nr, 1);
	spin_unlock(&b->lock);
	return nova_buddy_hand_out(b, req, chunk, out);
}

/* The lowest place in a window; often there is just one. */
static u64 nova_buddy_block_take_in(struct nova_buddy *b, const struct nova_buddy_where *window,
				    unsigned int order)
{
	u64 nr = 1ull << order, chunk = window->first;
	struct nova_buddy_place at;

	if (window->end - chunk == nr)
		return !(chunk & (nr - 1)) && nova_buddy_quick_take_at(b, order, chunk) ?
			chunk : NOVA_BUDDY_NOWHERE;
	if (!nova_buddy_find_first(b, NOVA_BUDDY_IS_DIRTY, order, window, &at, &chunk))
		return NOVA_BUDDY_NOWHERE;
	nova_buddy_quick_leave(b, at, NOVA_BUDDY_IS_DIRTY, order, chunk);
	return chunk;
}

static u64 nova_buddy_block_take_top(struct nova_buddy *b, unsigned int order)
{
	struct nova_buddy_place at;
	u64 chunk;

	if (!nova_buddy_find_last(b, NOVA_BUDDY_IS_DIRTY, order, &at, &chunk))
		return NOVA_BUDDY_NOWHERE;
	nova_buddy_quick_leave(b, at, NOVA_BUDDY_IS_DIRTY, order, chunk);
	return chunk;
}

/* One block in a window or from the top, if nothing is clear; or what is no valid request. */
static noinline int nova_buddy_alloc_at(struct nova_buddy *b, const struct nova_buddy_req *req,
					struct nova_buddy_alloc *out)
{
	unsigned int order = __ffs64(req->size) - b->chunk_lg2;
	u64 chunk = NOVA_BUDDY_NOWHERE;
	struct nova_buddy_where window;

	if (req->mode > NOVA_BUDDY_TOPDOWN || nova_buddy_check_window(b, req, &window))
		return nova_buddy_alloc_slowly(b, req, out);
	out->local[0].cleared = false;
	spin_lock(&b->lock);
	nova_buddy_settle(b);
	if (!b->clear && !b->lazy)
		chunk = window.top ? nova_buddy_block_take_top(b, order) :
				     nova_buddy_block_take_in(b, &window, order);
	if (chunk != NOVA_BUDDY_NOWHERE)
		b->used[order]++;
	spin_unlock(&b->lock);
	return nova_buddy_hand_out(b, req, chunk, out);
}

/* Where there is none of the wanted kind. */
static noinline u64 nova_buddy_block_take_any(struct nova_buddy *b, bool clear,
					      unsigned int order, bool *cleared)
{
	const struct nova_buddy_where where = { .first = b->first, .end = b->end, .whole = true };
	u64 chunk;

	if (!nova_buddy_pick_block(b, &where, clear, order, &chunk))
		return NOVA_BUDDY_NOWHERE;
	*cleared = nova_buddy_take_block(b, order, chunk) == BIT(NOVA_BUDDY_IS_CLEAR);
	return chunk;
}

/* From a pool with clear memory in it. */
static noinline u64 nova_buddy_block_take_kind(struct nova_buddy *b, bool clear,
					       unsigned int order, bool *cleared)
{
	if (b->lazy)
		return NOVA_BUDDY_NOWHERE;
	if (!(b->present[clear] >> order))
		return nova_buddy_block_take_any(b, clear, order, cleared);
	*cleared = clear;
	return nova_buddy_take_of(b, clear, order, true);
}

static __always_inline u64 nova_buddy_block_take(struct nova_buddy *b,
						 const struct nova_buddy_req *req,
						 unsigned int order, bool *cleared)
{
	*cleared = false;
	if (nova_buddy_open_is_next(b, order))
		return nova_buddy_open_take(b);
	if (b->clear)
		return nova_buddy_block_take_kind(b, req->flags & NOVA_BUDDY_CLEAR, order,
						  cleared);
	return nova_buddy_take_dirty(b, order);
}

/**
 * nova_buddy_alloc() - allocate extents
 * @b: the pool
 * @req: what to allocate
 * @out: receives the extents; must own nothing; empty again on error
 *
 * The extents' lengths add up to @req->size (with NOVA_BUDDY_TRIM_DISABLE: rounded up to
 * min_block). One extent is taken whenever a free block holds the whole request; otherwise the
 * largest blocks that fit the rest are. Where from, enum nova_buddy_mode says. Only the last extent
 * may be no multiple of min_block; all start at one. With NOVA_BUDDY_CONTIGUOUS it is one extent,
 * found whenever one exists, whether or not it is a block.
 *
 * Context: may sleep (GFP_KERNEL), not under a lock that reclaim or fence signalling needs.
 * O(levels) an extent; a contiguous request that no block holds: O(runs).
 *
 * Return: 0; -EINVAL for what B-3 lists and for what could not be had from an empty pool either;
 * -ENOSPC if the free memory does not hold it; -ENOMEM without memory for bookkeeping. On error
 * the pool is exactly as before.
 */
int nova_buddy_alloc(struct nova_buddy *b, const struct nova_buddy_req *req,
		     struct nova_buddy_alloc *out)
{
	unsigned int order;
	u64 chunk;

	if (!nova_buddy_is_block(b, req))
		return nova_buddy_alloc_other(b, req, out);
	if (req->start | req->end | req->mode)
		return nova_buddy_alloc_at(b, req, out);
	order = __ffs64(req->size) - b->chunk_lg2;
	spin_lock(&b->lock);
	chunk = nova_buddy_block_take(b, req, order, &out->local[0].cleared);
	if (chunk != NOVA_BUDDY_NOWHERE)
		b->used[order]++;
	spin_unlock(&b->lock);
	return nova_buddy_hand_out(b, req, chunk, out);
}

/**
 * nova_buddy_reserve() - allocate an exact range
 * @b: the pool
 * @start: first address, a multiple of the chunk size
 * @len: bytes, a multiple of the chunk size
 * @out: receives one extent; must own nothing; empty again on error
 *
 * Context: may sleep. O(levels).
 *
 * Return: 0; -EINVAL for an empty range, one outside the pool or not of whole chunks; -ENOSPC if
 * any of it is taken; -ENOMEM.
 */
int nova_buddy_reserve(struct nova_buddy *b, u64 start, u64 len, struct nova_buddy_alloc *out)
{
	const struct nova_buddy_req req = {
		.size = len,
		.start = start,
		.end = start + len,
		.mode = NOVA_BUDDY_RANGE,
	};

	return nova_buddy_alloc(b, &req, out);
}

static bool nova_buddy_release_range(struct nova_buddy *b, u64 first, u64 end,
				     enum nova_buddy_kind kind)
{
	if (!b->clear && kind == NOVA_BUDDY_IS_DIRTY && nova_buddy_in_a_word(first, end))
		return nova_buddy_quick_give_units(b, first, end);
	if (!nova_buddy_none(b, first, end))
		return false;
	nova_buddy_give(b, kind, first, end);
	return true;
}

/* One block of a streak, or what is none. */
static bool nova_buddy_release_other(struct nova_buddy *b, u64 first, u64 nr, bool cleared)
{
	enum nova_buddy_kind kind = cleared ? NOVA_BUDDY_IS_CLEAR : NOVA_BUDDY_IS_DIRTY;

	if (!cleared && nova_buddy_open_would_take(b, first, nr))
		return nova_buddy_open_give(b, first);
	nova_buddy_settle(b);
	b->open.floor = min(b->open.floor, first);
	if (nova_buddy_is_one(first, nr))
		return nova_buddy_quick_give(b, kind, __ffs64(nr), first);
	return nova_buddy_release_range(b, first, first + nr, kind);
}

/* What was allocated has its nodes. */
static noinline bool nova_buddy_release_chunks(struct nova_buddy *b, u64 first, u64 nr,
					       bool cleared)
{
	u64 missing;

	if (b->lazy && nova_buddy_missing(b, first, first + nr, &missing))
		return false;
	if (b->open.same == NOVA_BUDDY_STREAK || !nova_buddy_is_one(first, nr))
		return nova_buddy_release_other(b, first, nr, cleared);
	return nova_buddy_quick_give(b, cleared ? NOVA_BUDDY_IS_CLEAR : NOVA_BUDDY_IS_DIRTY,
				     __ffs64(nr), first);
}

/**
 * nova_buddy_release() - free a run of addresses
 * @b: the pool
 * @addr: first byte
 * @len: bytes
 * @cleared: they are zero
 *
 * Context: nova_buddy.lock held.
 *
 * Return: false, and nothing changed, if not all of it is allocated.
 */
bool nova_buddy_release(struct nova_buddy *b, u64 addr, u64 len, bool cleared)
{
	u64 first, nr;

	return nova_buddy_chunks(b, addr, len, &first, &nr) &&
	       nova_buddy_release_chunks(b, first, nr, cleared);
}

/* A whole extent. */
static bool nova_buddy_release_extent(struct nova_buddy *b, u64 first, u64 nr, bool cleared)
{
	bool good = nova_buddy_release_chunks(b, first, nr, cleared);

	if (good)
		nova_buddy_count_used(b, first, nr, -1);
	return good;
}

static noinline void nova_buddy_free_slowly(struct nova_buddy *b, struct nova_buddy_alloc *alloc,
					    bool cleared)
{
	const struct nova_buddy_extent *ext;
	bool good = b->root || !alloc->nr;
	u64 first, nr;

	if (b->root) {
		spin_lock(&b->lock);
		nova_buddy_for_each_extent(ext, alloc)
			good &= nova_buddy_chunks(b, ext->addr, ext->len, &first, &nr) &&
				nova_buddy_release_extent(b, first, nr, cleared);
		spin_unlock(&b->lock);
	}
	if (!good)
		nova_buddy_misused(b, "free of what is not allocated");
	nova_buddy_extents_fini(alloc);
}

/* One block of the pool, at @off from its origin? */
static __always_inline bool nova_buddy_is_ours(const struct nova_buddy *b, u64 off, u64 len)
{
	/* what is aligned to its length ends before the addresses do */
	return !((off | len) & (len - 1)) && len >= b->chunk_bytes && off >= b->low &&
	       off + (len - 1) <= b->high;
}

/**
 * nova_buddy_free() - free an allocation
 * @b: the pool it is from
 * @alloc: the allocation; empty afterwards; may be empty before
 * @cleared: the caller vouches that all its bytes are zero
 *
 * An extent that is not allocated in this pool, a double free for example, is refused with a
 * warning and counted in nova_buddy_stats.misuse (B-14).
 *
 * Context: any that may take a spinlock with interrupts on; process context if the allocation has
 * more extents than &struct nova_buddy_alloc holds. O(levels) an extent. Never fails, never
 * allocates.
 */
void nova_buddy_free(struct nova_buddy *b, struct nova_buddy_alloc *alloc, bool cleared)
{
	u64 len = alloc->local[0].len, off = alloc->local[0].addr - b->origin;
	unsigned int order;
	bool good;

	if (alloc->nr != 1 || alloc->cap || !b->root || !nova_buddy_is_ours(b, off, len)) {
		nova_buddy_free_slowly(b, alloc, cleared);
		return;
	}
	order = __ffs64(len) - b->chunk_lg2;
	spin_lock(&b->lock);
	if (b->lazy || b->open.same == NOVA_BUDDY_STREAK)
		good = nova_buddy_release_chunks(b, off >> b->chunk_lg2, 1ull << order, cleared);
	else
		good = nova_buddy_give_kind(b, cleared, order, off >> b->chunk_lg2);
	b->used[order] -= good;
	spin_unlock(&b->lock);
	alloc->nr = 0;
	if (!good)
		nova_buddy_misused(b, "free of what is not allocated");
}

/**
 * nova_buddy_forget_clear() - regard all free memory as dirty
 * @b: the pool
 *
 * For when the contents of VRAM were lost.
 *
 * Context: takes the pool's lock. O(levels) a clear block.
 */
void nova_buddy_forget_clear(struct nova_buddy *b)
{
	u64 first, end;

	spin_lock(&b->lock);
	while (nova_buddy_find_best(b, NOVA_BUDDY_IS_CLEAR, 0, &first)) {
		enum nova_buddy_kind kind;

		end = nova_buddy_piece(b, first, &kind);
		nova_buddy_take_range(b, first, end);
		nova_buddy_give(b, NOVA_BUDDY_IS_DIRTY, first, end);
	}
	spin_unlock(&b->lock);
}
