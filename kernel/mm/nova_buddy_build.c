// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: requests of all kinds to the buddy allocator
 *
 * Any valid request: checked first, then built of blocks, or found as a run, in a pass under the
 * lock. When a pass needs a longer extent list or a node of the tree it is undone, the memory is
 * allocated, and the pass is repeated; so a request that fails leaves the pool as it was, also what
 * was known to be clear.
 *
 * A pass looks for one free block that holds the whole request, and trims it; if there is none, a
 * contiguous request looks for a run, and others take the largest blocks that fit the rest. The
 * mode holds at each of these steps, and so does the preference for clear or dirty memory.
 *
 * Locking: nova_buddy.lock is held for a pass, and not while memory is allocated. Units: chunks
 * from nova_buddy.origin.
 */

#include "nova_buddy_build.h"
#include "nova_buddy_extent.h"
#include "nova_buddy_open.h"
#include "nova_buddy_pool.h"

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/string.h>

/* A checked request and what the current pass of it found missing. */
struct nova_buddy_job {
	struct nova_buddy_where where;
	struct nova_buddy_alloc *out;
	u64 nr;			/* chunks */
	unsigned int align;	/* order of min_block */
	unsigned int flags;
	unsigned int level;	/* of a node to populate, 0: the extent list is too short */
	u64 chunk;		/* a chunk below that node */
};

/*
 * Takes free chunks; -EAGAIN: the job says what is missing. What was clear only in parts is dirty
 * from now on: nothing that may have to be undone takes it in one piece.
 */
static int nova_buddy_take(struct nova_buddy *b, struct nova_buddy_job *job, u64 first, u64 end)
{
	unsigned int kinds;

	job->level = b->lazy ? nova_buddy_missing(b, first, end, &job->chunk) : 0;
	if (job->level || nova_buddy_extents_are_full(job->out))
		return -EAGAIN;
	kinds = nova_buddy_take_range(b, first, end);
	nova_buddy_extents_push(job->out, b->origin + (first << b->chunk_lg2),
				(end - first) << b->chunk_lg2, kinds == BIT(NOVA_BUDDY_IS_CLEAR));
	return 0;
}

/* The same, kind by kind. */
static int nova_buddy_take_pieces(struct nova_buddy *b, struct nova_buddy_job *job, u64 first,
				  u64 end)
{
	enum nova_buddy_kind kind;
	u64 join = 0, stop;
	int ret;

	for (; first < end; first = stop) {
		stop = min(end, nova_buddy_piece(b, first, &kind));
		ret = nova_buddy_take(b, job, first, stop);
		if (ret)
			return ret;
		nova_buddy_extents_array(job->out)[job->out->nr - 1].len |= join;
		join = NOVA_BUDDY_LEN_JOIN;
	}
	return 0;
}

static void nova_buddy_commit(struct nova_buddy *b, struct nova_buddy_job *job)
{
	struct nova_buddy_extent *ext = nova_buddy_extents_array(job->out);
	unsigned int i;

	nova_buddy_extents_sort(job->out);
	for (i = 0; i < job->out->nr; i++) {
		u64 first = nova_buddy_chunk(b, ext[i].addr);

		nova_buddy_count_used(b, first, ext[i].len >> b->chunk_lg2, 1);
	}
}

static void nova_buddy_undo(struct nova_buddy *b, struct nova_buddy_job *job)
{
	struct nova_buddy_extent *ext = nova_buddy_extents_array(job->out);

	for (; job->out->nr; job->out->nr--, ext++) {
		u64 first = nova_buddy_chunk(b, ext->addr);
		u64 nr = ext->len >> b->chunk_lg2;

		nova_buddy_give(b, ext->cleared ? NOVA_BUDDY_IS_CLEAR : NOVA_BUDDY_IS_DIRTY, first,
				first + nr);
	}
}

/* By address: a block of the preferred kind, else of any. */
static bool nova_buddy_pick_first(struct nova_buddy *b, const struct nova_buddy_where *where,
				  enum nova_buddy_kind kind, unsigned int order, u64 *chunk)
{
	return nova_buddy_find(b, kind, order, where, chunk) ||
	       (b->clear && nova_buddy_find(b, NOVA_BUDDY_IS_ANY, order, where, chunk));
}

/**
 * nova_buddy_pick_block() - find a free block of an order
 * @b: the pool
 * @where: window and direction
 * @clear: it should be clear
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels); if only memory of both kinds is left, see
 * nova_buddy_find_blend() and nova_buddy_find().
 *
 * Return: false if there is none, of whatever kind.
 */
bool nova_buddy_pick_block(struct nova_buddy *b, const struct nova_buddy_where *where,
			   bool clear, unsigned int order, u64 *chunk)
{
	enum nova_buddy_kind kind = clear && b->clear ? NOVA_BUDDY_IS_CLEAR : NOVA_BUDDY_IS_DIRTY;

	if (!where->whole || where->top)
		return nova_buddy_pick_first(b, where, kind, order, chunk);
	if (nova_buddy_find_best(b, kind, order, chunk))
		return true;
	if (!b->clear || nova_buddy_next_order(b, order) == NOVA_BUDDY_ORDERS)
		return false;
	/* what is wanted clear spares what is clear in parts, the rest what is clear */
	if (kind == NOVA_BUDDY_IS_CLEAR &&
	    nova_buddy_find_best(b, NOVA_BUDDY_IS_DIRTY, order, chunk))
		return true;
	return nova_buddy_find_blend(b, order, chunk) ||
	       nova_buddy_find_best(b, NOVA_BUDDY_IS_CLEAR, order, chunk) ||
	       (order && order < 6 &&
		nova_buddy_find(b, NOVA_BUDDY_IS_ANY, order, where, chunk));
}

static bool nova_buddy_pick(struct nova_buddy *b, const struct nova_buddy_job *job,
			    unsigned int order, u64 *chunk)
{
	return nova_buddy_pick_block(b, &job->where, job->flags & NOVA_BUDDY_CLEAR, order, chunk);
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

	if (nova_buddy_pick(b, job, job->align, &chunk))
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

	/* more than one extent is near certain: have room before anything must be undone */
	if (left > 1ull << job->align && !job->out->cap) {
		job->level = 0;
		return -EAGAIN;
	}
	while (left) {
		order = min_t(unsigned int, order, __fls(left));
		for (; !nova_buddy_pick(b, job, order, &chunk); order--)
			if (order <= job->align)
				return -ENOSPC;
		ret = nova_buddy_take_pieces(b, job, chunk, chunk + (1ull << order));
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

	if (job->nr > nova_buddy_left(b))
		return -ENOSPC;
	nova_buddy_settle(b);
	if (where->end - where->first == job->nr) {
		if (!nova_buddy_all(b, where->first, where->end))
			return -ENOSPC;
		return nova_buddy_take(b, job, where->first, where->end);
	}
	if (order >= job->align && nova_buddy_pick(b, job, order, &chunk))
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

/**
 * nova_buddy_alloc_slowly() - allocate extents, whatever it takes
 * @b: the pool
 * @req: what to allocate
 * @out: receives the extents; empty on error
 *
 * Context: may sleep.
 *
 * Return: what nova_buddy_alloc() does.
 */
int nova_buddy_alloc_slowly(struct nova_buddy *b, const struct nova_buddy_req *req,
			    struct nova_buddy_alloc *out)
{
	struct nova_buddy_job job = { .out = out };
	int ret;

	memset(out, 0, sizeof(*out));
	ret = nova_buddy_check(b, req, &job);
	return ret ?: nova_buddy_run(b, &job);
}
