/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_FIND_H__
#define __NOVA_BUDDY_FIND_H__

/*
 * Private to nova_buddy*.c: searching the tree. DOC: in nova_buddy_find.c.
 */

#include "nova_buddy_tree.h"

/** define NOVA_BUDDY_IS_ANY - for searches: whatever is free, mixed or not */
#define NOVA_BUDDY_IS_ANY	NOVA_BUDDY_KINDS

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

u64 nova_buddy_node_fits(const struct nova_buddy_node *node, enum nova_buddy_kind kind,
			 unsigned int order);
bool nova_buddy_find_best(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			  u64 *chunk);
unsigned int nova_buddy_next_order(const struct nova_buddy *b, unsigned int order);
bool nova_buddy_find_blend(const struct nova_buddy *b, unsigned int order, u64 *chunk);
bool nova_buddy_find_first(const struct nova_buddy *b, enum nova_buddy_kind kind,
			   unsigned int order, const struct nova_buddy_where *window,
			   struct nova_buddy_place *where, u64 *chunk);
bool nova_buddy_find_last(const struct nova_buddy *b, enum nova_buddy_kind kind,
			  unsigned int order, struct nova_buddy_place *where, u64 *chunk);
bool nova_buddy_find(struct nova_buddy *b, unsigned int kind, unsigned int order,
		     const struct nova_buddy_where *where, u64 *chunk);
bool nova_buddy_find_aligned(struct nova_buddy *b, u64 nr, unsigned int align,
			     const struct nova_buddy_where *where, u64 *chunk);
bool nova_buddy_find_run(struct nova_buddy *b, u64 nr, unsigned int align,
			 const struct nova_buddy_where *where, u64 *chunk);
u64 nova_buddy_run_end(struct nova_buddy *b, u64 chunk, u64 end);
u64 nova_buddy_run_first(struct nova_buddy *b, u64 chunk, u64 first);

#endif
