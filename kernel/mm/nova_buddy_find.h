/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_FIND_H__
#define __NOVA_BUDDY_FIND_H__

/*
 * Private to nova_buddy*.c: searching the tree. DOC: in nova_buddy_find.c.
 */

#include "nova_buddy_tree.h"

/** define NOVA_BUDDY_CHOOSY_ORDER - blocks from this order on may be chosen by contents first */
#define NOVA_BUDDY_CHOOSY_ORDER	9

/**
 * struct nova_buddy_where - the part of the pool a search may use
 * @first: first chunk
 * @end: behind the last chunk
 * @whole: the window is the whole pool
 * @top: highest address first
 */
struct nova_buddy_where {
	u64 first;
	u64 end;
	bool whole;
	bool top;
};

bool nova_buddy_find(struct nova_buddy *b, enum nova_buddy_set set, unsigned int order,
		     const struct nova_buddy_where *where, u64 *chunk);
bool nova_buddy_find_clear(struct nova_buddy *b, unsigned int order, bool top, u64 *chunk);
bool nova_buddy_find_dirty(struct nova_buddy *b, unsigned int order, bool top, u64 *chunk);
bool nova_buddy_find_aligned(struct nova_buddy *b, u64 nr, unsigned int align,
			     const struct nova_buddy_where *where, u64 *chunk);
bool nova_buddy_find_run(struct nova_buddy *b, u64 nr, unsigned int align,
			 const struct nova_buddy_where *where, u64 *chunk);
u64 nova_buddy_run_end(struct nova_buddy *b, enum nova_buddy_set set, u64 chunk, u64 end);
u64 nova_buddy_run_first(struct nova_buddy *b, u64 chunk, u64 first);

#endif
