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
 * Locking: one spinlock a pool, not irq-safe, held for one call or one pass of it. Nothing is
 * allocated under it: when a pass needs a longer extent list or a node of the tree it is undone,
 * the memory is allocated, and the pass is repeated. Allocating and trimming may therefore sleep
 * and belong into the prepare stage; freeing neither sleeps for memory nor fails.
 *
 * Units: bytes and absolute addresses in the interface, chunks from nova_buddy.origin inside.
 */

#include "nova_buddy.h"
#include "nova_buddy_extent.h"
#include "nova_buddy_find.h"
#include "nova_buddy_open.h"
#include "nova_buddy_pool.h"
#include "nova_buddy_tree.h"

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/string.h>

#define NOVA_BUDDY_FLAGS (NOVA_BUDDY_CONTIGUOUS | NOVA_BUDDY_CLEAR | NOVA_BUDDY_TRIM_DISABLE)

/* A checked request and what the current pass of it found missing. */
struct nova_buddy_job {
	struct nova_buddy_where where;
	struct nova_buddy_alloc *out;
	u64 nr;			/* chunks */
	unsigned int align;	/* order of min_block */
	unsigned int flags;
	bool mixed;		/* took partly clear memory, still in the clear set */
	unsigned int level;	/* of a node to populate, 0: the extent list is too short */
	u64 chunk;		/* a chunk below that node */
};

/* Gives back what nova_buddy_take() took. */
static void nova_buddy_put(struct nova_buddy *b, u64 first, u64 end, bool cleared)
{
	nova_buddy_add(b, NOVA_BUDDY_SET_FREE, first, end);
	if (cleared)
		nova_buddy_add(b, NOVA_BUDDY_SET_CLEAR, first, end);
	b->avail += end - first;
}

/* Takes free chunks; -EAGAIN: the job says what is missing. */
static int nova_buddy_take(struct nova_buddy *b, struct nova_buddy_job *job, u64 first, u64 end)
{
	enum nova_buddy_claim claim = NOVA_BUDDY_DIRTY;

	job->level = b->lazy ? nova_buddy_missing(b, first, end, &job->chunk) : 0;
	if (job->level || nova_buddy_extents_are_full(job->out))
		return -EAGAIN;
	if (b->root->clear) {
		if (nova_buddy_all(b, NOVA_BUDDY_SET_CLEAR, first, end))
			claim = NOVA_BUDDY_CLEARED;
		else if (!nova_buddy_none(b, NOVA_BUDDY_SET_CLEAR, first, end))
			claim = NOVA_BUDDY_MIXED;
	}
	if (claim == NOVA_BUDDY_CLEARED)
		nova_buddy_del(b, NOVA_BUDDY_SET_CLEAR, first, end);
	job->mixed |= claim == NOVA_BUDDY_MIXED;
	nova_buddy_del(b, NOVA_BUDDY_SET_FREE, first, end);
	b->avail -= end - first;
	nova_buddy_extents_push(job->out, b->origin + (first << b->chunk_lg2),
				(end - first) << b->chunk_lg2, claim);
	return 0;
}

static void nova_buddy_commit(struct nova_buddy *b, struct nova_buddy_job *job)
{
	struct nova_buddy_extent *ext = nova_buddy_extents_array(job->out);
	unsigned int i;

	for (i = 0; i < job->out->nr; i++) {
		u64 first = nova_buddy_chunk(b, ext[i].addr);
		u64 len = ext[i].len & ~NOVA_BUDDY_LEN_MIXED;

		if (ext[i].len != len)
			nova_buddy_del(b, NOVA_BUDDY_SET_CLEAR, first,
				       first + (len >> b->chunk_lg2));
		ext[i].len = len;
	}
	nova_buddy_extents_sort(job->out);
	for (i = 0; i < job->out->nr; i++) {
		u64 first = nova_buddy_chunk(b, ext[i].addr);

		nova_buddy_count_used(b, first, first + (ext[i].len >> b->chunk_lg2), 1);
	}
}

static void nova_buddy_undo(struct nova_buddy *b, struct nova_buddy_job *job)
{
	struct nova_buddy_extent *ext = nova_buddy_extents_array(job->out);

	for (; job->out->nr; job->out->nr--, ext++) {
		u64 first = nova_buddy_chunk(b, ext->addr);
		u64 len = ext->len & ~NOVA_BUDDY_LEN_MIXED;

		nova_buddy_put(b, first, first + (len >> b->chunk_lg2), ext->cleared);
		job->out->size -= len;
	}
	job->mixed = false;
}

/* The best free block of an order: in the window, at the right end, clear or dirty as wished. */
static bool nova_buddy_pick_block(struct nova_buddy *b, const struct nova_buddy_job *job,
				  unsigned int order, u64 *chunk)
{
	const struct nova_buddy_where *where = &job->where;

	if (job->flags & NOVA_BUDDY_CLEAR) {
		if (!job->mixed && where->whole &&
		    nova_buddy_find_clear(b, order, where->top, chunk))
			return true;
		if (!job->mixed && (!where->whole || order >= NOVA_BUDDY_CHOOSY_ORDER) &&
		    nova_buddy_find(b, NOVA_BUDDY_SET_CLEAR, order, where, chunk))
			return true;
	} else if (b->root->clear && where->whole) {
		if (nova_buddy_find_dirty(b, order, where->top, chunk))
			return true;
	}
	return nova_buddy_find(b, NOVA_BUDDY_SET_FREE, order, where, chunk);
}

/* @nr chunks from a block of @order, at the end that the mode prefers. */
static int nova_buddy_take_from(struct nova_buddy *b, struct nova_buddy_job *job, u64 chunk,
				unsigned int order, u64 nr)
{
	if (job->where.top)
		chunk += round_down((1ull << order) - nr, 1ull << job->align);
	return nova_buddy_take(b, job, chunk, chunk + nr);
}

/* The last piece, shorter than the alignment it needs. */
static int nova_buddy_build_tail(struct nova_buddy *b, struct nova_buddy_job *job, u64 nr)
{
	u64 chunk;

	if (nova_buddy_pick_block(b, job, job->align, &chunk))
		return nova_buddy_take_from(b, job, chunk, job->align, nr);
	if (nova_buddy_find_aligned(b, nr, job->align, &job->where, &chunk))
		return nova_buddy_take(b, job, chunk, chunk + nr);
	return -ENOSPC;
}

static int nova_buddy_build_blocks(struct nova_buddy *b, struct nova_buddy_job *job)
{
	u64 tail = job->nr & ((1ull << job->align) - 1), left = job->nr - tail, chunk;
	unsigned int order = NOVA_BUDDY_ORDERS;
	int ret;

	while (left) {
		order = min_t(unsigned int, order, __fls(left));
		while (!nova_buddy_pick_block(b, job, order, &chunk))
			if (order-- == job->align)
				return -ENOSPC;
		ret = nova_buddy_take(b, job, chunk, chunk + (1ull << order));
		if (ret)
			return ret;
		left -= 1ull << order;
	}
	return tail ? nova_buddy_build_tail(b, job, tail) : 0;
}

static int nova_buddy_build(struct nova_buddy *b, struct nova_buddy_job *job)
{
	const struct nova_buddy_where *where = &job->where;
	unsigned int order = job->nr > 1 ? __fls(job->nr - 1) + 1 : 0;
	u64 chunk;

	if (job->nr > b->avail)
		return -ENOSPC;
	nova_buddy_settle(b);
	if (where->end - where->first == job->nr) {
		if (!nova_buddy_all(b, NOVA_BUDDY_SET_FREE, where->first, where->end))
			return -ENOSPC;
		return nova_buddy_take(b, job, where->first, where->end);
	}
	if (order >= job->align && nova_buddy_pick_block(b, job, order, &chunk))
		return nova_buddy_take_from(b, job, chunk, order, job->nr);
	if (!(job->flags & NOVA_BUDDY_CONTIGUOUS))
		return nova_buddy_build_blocks(b, job);
	if (nova_buddy_find_run(b, job->nr, job->align, where, &chunk))
		return nova_buddy_take(b, job, chunk, chunk + job->nr);
	return -ENOSPC;
}

static int nova_buddy_run(struct nova_buddy *b, struct nova_buddy_job *job)
{
	int ret;

	memset(job->out, 0, sizeof(*job->out));
	do {
		spin_lock(&b->lock);
		ret = nova_buddy_build(b, job);
		if (ret)
			nova_buddy_undo(b, job);
		else
			nova_buddy_commit(b, job);
		spin_unlock(&b->lock);
		if (ret != -EAGAIN)
			break;
		ret = job->level ? nova_buddy_provide_node(b, job->level, job->chunk) :
				   nova_buddy_extents_grow(job->out);
	} while (!ret);
	if (ret)
		nova_buddy_extents_fini(job->out);
	return ret;
}

static int nova_buddy_check_window(struct nova_buddy *b, const struct nova_buddy_req *req,
				   struct nova_buddy_where *where)
{
	u64 base = b->origin + (b->first << b->chunk_lg2);
	u64 size = (b->end - b->first) << b->chunk_lg2;

	where->first = b->first;
	where->end = b->end;
	where->whole = req->mode != NOVA_BUDDY_RANGE;
	where->top = req->mode == NOVA_BUDDY_TOPDOWN;
	if (where->whole)
		return req->start || req->end ? -EINVAL : 0;
	if (req->start < base || req->start - base >= size ||
	    req->end - 1 < req->start || req->end - 1 - base >= size ||
	    !nova_buddy_is_chunks(b, req->start) || !nova_buddy_is_chunks(b, req->end))
		return -EINVAL;
	where->first = nova_buddy_chunk(b, req->start);
	where->end = nova_buddy_chunk(b, req->end - 1) + 1;
	return 0;
}

static int nova_buddy_check(struct nova_buddy *b, const struct nova_buddy_req *req,
			    struct nova_buddy_job *job)
{
	u64 min_block = req->min_block ?: nova_buddy_chunk_bytes(b), start;

	/* the origin's alignment is the most that an address of the tree can have */
	if (req->flags & ~NOVA_BUDDY_FLAGS || req->mode > NOVA_BUDDY_TOPDOWN ||
	    !req->size || !nova_buddy_is_chunks(b, req->size) ||
	    min_block < nova_buddy_chunk_bytes(b) || !is_power_of_2(min_block) ||
	    b->origin & (min_block - 1) ||
	    nova_buddy_check_window(b, req, &job->where))
		return -EINVAL;
	job->flags = req->flags;
	job->align = ilog2(min_block) - b->chunk_lg2;
	job->nr = req->size >> b->chunk_lg2;
	if (req->flags & NOVA_BUDDY_TRIM_DISABLE)
		job->nr = round_up(job->nr, 1ull << job->align);
	/* what would not fit an empty pool is a mistake, not a lack of space */
	start = round_up(job->where.first, 1ull << job->align);
	if (start >= job->where.end || job->nr > job->where.end - start)
		return -EINVAL;
	return 0;
}

/* A valid request that one block would answer? Others take the long way. */
static bool nova_buddy_is_block(struct nova_buddy *b, const struct nova_buddy_req *req,
				struct nova_buddy_job *job, unsigned int *order)
{
	u64 nr = req->size >> b->chunk_lg2;

	*order = __fls(nr | 1);
	job->nr = nr;
	job->flags = req->flags;
	return req->size == nova_buddy_chunk_bytes(b) << *order &&
	       req->min_block <= req->size &&
	       !(req->min_block & ((req->min_block - 1) | (nova_buddy_chunk_bytes(b) - 1))) &&
	       !(req->flags & ~NOVA_BUDDY_FLAGS) && req->mode <= NOVA_BUDDY_TOPDOWN &&
	       !nova_buddy_check_window(b, req, &job->where);
}

/* Finds the block, and takes it out of the free set. */
static bool nova_buddy_block_take(struct nova_buddy *b, struct nova_buddy_job *job,
				  unsigned int order, u64 *chunk, bool *cleared)
{
	const struct nova_buddy_where *where = &job->where;
	u64 end;

	if (order < NOVA_BUDDY_SMALL_ORDERS && where->whole && !where->top && !b->root->clear)
		return nova_buddy_open_take(b, order, chunk);
	nova_buddy_settle(b);
	if (where->end - where->first == job->nr) {
		*chunk = where->first;
		if (*chunk & (job->nr - 1))
			return false;
	} else if (!nova_buddy_pick_block(b, job, order, chunk)) {
		return false;
	}
	end = *chunk + job->nr;
	if (b->lazy && nova_buddy_missing(b, *chunk, end, &job->chunk))
		return false;
	if (!nova_buddy_mark_block(b, *chunk, order, false))
		return false;
	if (b->root->clear && !nova_buddy_none(b, NOVA_BUDDY_SET_CLEAR, *chunk, end)) {
		*cleared = nova_buddy_all(b, NOVA_BUDDY_SET_CLEAR, *chunk, end);
		nova_buddy_del(b, NOVA_BUDDY_SET_CLEAR, *chunk, end);
	}
	return true;
}

static bool nova_buddy_alloc_block(struct nova_buddy *b, struct nova_buddy_job *job,
				   unsigned int order)
{
	bool cleared = false, good;
	u64 chunk;

	spin_lock(&b->lock);
	good = nova_buddy_block_take(b, job, order, &chunk, &cleared);
	if (good) {
		b->avail -= 1ull << order;
		b->used[order]++;
	}
	spin_unlock(&b->lock);
	if (!good)
		return false;
	job->out->size = 0;
	job->out->nr = 0;
	job->out->cap = 0;
	nova_buddy_extents_push(job->out, b->origin + (chunk << b->chunk_lg2),
				nova_buddy_chunk_bytes(b) << order,
				cleared ? NOVA_BUDDY_CLEARED : NOVA_BUDDY_DIRTY);
	return true;
}

/**
 * nova_buddy_alloc() - allocate extents
 * @b: the pool
 * @req: what to allocate
 * @out: receives the extents; must own nothing; empty again on error
 *
 * The extents' lengths add up to @req->size (with NOVA_BUDDY_TRIM_DISABLE: rounded up to
 * min_block). One extent is taken whenever a free block holds the whole request; otherwise the
 * largest blocks that fit the rest are. Blocks come from where little else fits, at the lowest
 * (for NOVA_BUDDY_TOPDOWN highest) such place; with NOVA_BUDDY_RANGE from the lowest address that
 * fits. Only the last extent may be no multiple of min_block; all start at one.
 * With NOVA_BUDDY_CONTIGUOUS it is one extent, found whenever one exists, whether or not it is a
 * block.
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
	struct nova_buddy_job job = { .out = out };
	unsigned int order;
	int ret;

	if (nova_buddy_is_block(b, req, &job, &order) && nova_buddy_alloc_block(b, &job, order))
		return 0;
	memset(out, 0, sizeof(*out));
	ret = nova_buddy_check(b, req, &job);
	return ret ?: nova_buddy_run(b, &job);
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
	u64 first = nova_buddy_chunk(b, addr), nr = len >> b->chunk_lg2;
	u64 end = first + nr;

	if (addr < b->origin || !len || !nova_buddy_is_chunks(b, addr | len) ||
	    first < b->first || first >= end || end > b->end)
		return false;
	if (cleared)
		nova_buddy_settle(b);
	if (nova_buddy_open_give(b, first, end)) {
		b->avail += nr;
		return true;
	}
	if (is_power_of_2(nr) && !(first & (nr - 1))) {
		if (!nova_buddy_mark_block(b, first, __ffs64(nr), true))
			return false;
		if (cleared)
			nova_buddy_add(b, NOVA_BUDDY_SET_CLEAR, first, end);
		b->avail += nr;
		return true;
	}
	if (!nova_buddy_none(b, NOVA_BUDDY_SET_FREE, first, end))
		return false;
	nova_buddy_put(b, first, end, cleared);
	return true;
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
	const struct nova_buddy_extent *ext;
	bool bad = !b->root && alloc->nr;

	if (b->root) {
		spin_lock(&b->lock);
		nova_buddy_for_each_extent(ext, alloc) {
			u64 first = nova_buddy_chunk(b, ext->addr);
			u64 end = first + (ext->len >> b->chunk_lg2);

			if (nova_buddy_release(b, ext->addr, ext->len, cleared))
				nova_buddy_count_used(b, first, end, -1);
			else
				bad = true;
		}
		spin_unlock(&b->lock);
	}
	if (bad)
		nova_buddy_misused(b, "free of what is not allocated");
	nova_buddy_extents_fini(alloc);
}

/**
 * nova_buddy_forget_clear() - regard all free memory as dirty
 * @b: the pool
 *
 * For when the contents of VRAM were lost.
 *
 * Context: takes the pool's lock. O(1).
 */
void nova_buddy_forget_clear(struct nova_buddy *b)
{
	spin_lock(&b->lock);
	nova_buddy_node_fill(b->root, NOVA_BUDDY_SET_CLEAR, false);
	spin_unlock(&b->lock);
}
