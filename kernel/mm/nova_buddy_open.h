/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_OPEN_H__
#define __NOVA_BUDDY_OPEN_H__

/*
 * Private to nova_buddy*.c: the open words, which serve requests of one size. DOC: in
 * nova_buddy_open.c.
 */

#include "nova_buddy_tree.h"

/** define NOVA_BUDDY_STREAK - requests of one order that make a streak */
#define NOVA_BUDDY_STREAK	16

u64 nova_buddy_open_take(struct nova_buddy *b);
bool nova_buddy_open_give(struct nova_buddy *b, u64 first);
void nova_buddy_open_close_all(struct nova_buddy *b);
void nova_buddy_open_begin(struct nova_buddy *b);

/** nova_buddy_settle() - have the whole tree up to date, ready to be searched */
static inline void nova_buddy_settle(struct nova_buddy *b)
{
	if (b->open.nr)
		nova_buddy_open_close_all(b);
}

/** nova_buddy_open_is_next() - count a request; whether it is one of a streak */
static inline bool nova_buddy_open_is_next(struct nova_buddy *b, unsigned int order)
{
	struct nova_buddy_open *open = &b->open;

	if (order == open->order) {
		if (open->same == NOVA_BUDDY_STREAK)
			return !b->clear && open->level <= b->root->level;
		if (++open->same == NOVA_BUDDY_STREAK)
			nova_buddy_open_begin(b);
		return false;
	}
	nova_buddy_settle(b);
	open->order = order;
	open->same = 1;
	return false;
}

/** nova_buddy_open_would_take() - whether a block given back is one of a streak */
static inline bool nova_buddy_open_would_take(const struct nova_buddy *b, u64 first, u64 nr)
{
	return b->open.same == NOVA_BUDDY_STREAK && nr == 1ull << b->open.order &&
	       !(first & (nr - 1)) && !b->clear;
}

#endif
