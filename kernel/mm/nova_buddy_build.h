/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_BUILD_H__
#define __NOVA_BUDDY_BUILD_H__

/*
 * Private to nova_buddy*.c: requests of all kinds. DOC: in nova_buddy_build.c.
 */

#include "nova_buddy.h"
#include "nova_buddy_find.h"
#include "nova_buddy_pool.h"

#include <linux/errno.h>

/** define NOVA_BUDDY_FLAGS - all that a request may have */
#define NOVA_BUDDY_FLAGS (NOVA_BUDDY_CONTIGUOUS | NOVA_BUDDY_CLEAR | NOVA_BUDDY_TRIM_DISABLE)

/**
 * nova_buddy_check_window() - where a request may be placed
 * @b: the pool
 * @req: the request, its mode a valid one
 * @where: filled in
 *
 * Context: any.
 *
 * Return: 0; -EINVAL for a window that is empty, outside the pool or not of whole chunks, and for
 * one that comes with a mode that has none.
 */
static __always_inline int nova_buddy_check_window(const struct nova_buddy *b,
						   const struct nova_buddy_req *req,
						   struct nova_buddy_where *where)
{
	where->first = b->first;
	where->end = b->end;
	where->whole = req->mode != NOVA_BUDDY_RANGE;
	where->top = req->mode == NOVA_BUDDY_TOPDOWN;
	if (where->whole)
		return req->start | req->end ? -EINVAL : 0;
	where->first = nova_buddy_chunk(b, req->start);
	where->end = nova_buddy_chunk(b, req->end - 1) + 1;
	/* what is below the origin is behind the end */
	return where->first >= b->first && where->first < where->end && where->end <= b->end &&
	       nova_buddy_is_chunks(b, req->start | req->end) ? 0 : -EINVAL;
}

bool nova_buddy_pick_block(struct nova_buddy *b, const struct nova_buddy_where *where,
			   bool clear, unsigned int order, u64 *chunk);
int nova_buddy_alloc_slowly(struct nova_buddy *b, const struct nova_buddy_req *req,
			    struct nova_buddy_alloc *out);

#endif
