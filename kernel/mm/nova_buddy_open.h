/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_OPEN_H__
#define __NOVA_BUDDY_OPEN_H__

/*
 * Private to nova_buddy*.c: the open unit, which serves small requests. DOC: in nova_buddy_open.c.
 */

#include "nova_buddy_tree.h"

/** define NOVA_BUDDY_SMALL_ORDERS - orders that can be served from a word or a leaf */
#define NOVA_BUDDY_SMALL_ORDERS	12

bool nova_buddy_open_take(struct nova_buddy *b, unsigned int order, u64 *chunk);
bool nova_buddy_open_give(struct nova_buddy *b, u64 first, u64 end);
void nova_buddy_open_close(struct nova_buddy *b);

/** nova_buddy_settle() - have the whole free set in the tree, ready to be searched */
static inline void nova_buddy_settle(struct nova_buddy *b)
{
	if (b->open.span)
		nova_buddy_open_close(b);
}

#endif
