/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_QUICK_H__
#define __NOVA_BUDDY_QUICK_H__

/*
 * Private to nova_buddy*.c: the index, and one block quickly. DOC: in nova_buddy_quick.c.
 */

#include "nova_buddy_tree.h"

/**
 * nova_buddy_count_merge() - keep the number of maximal blocks
 * @b: the pool
 * @order: log2 of the chunks of a block
 * @merged: of the maximal block that it becomes, or was, a part of
 * @nr: 1: it comes, and with it one of @merged in place of one each of the orders from @order on;
 *      -1: it goes, the other way round
 */
static inline void nova_buddy_count_merge(struct nova_buddy *b, unsigned int order,
					  unsigned int merged, int nr)
{
	b->free_diff[order] -= nr;
	b->free_diff[merged] += 2 * nr;
	b->free_diff[merged + 1] -= nr;
}

void nova_buddy_change(struct nova_buddy *b, const struct nova_buddy_place *at,
		       enum nova_buddy_kind kind, u64 from, u64 to);
void nova_buddy_index_join(struct nova_buddy *b, const struct nova_buddy_place *at,
			   enum nova_buddy_kind kind, u64 word, unsigned int pos, unsigned int lo);
void nova_buddy_index_leave(struct nova_buddy *b, const struct nova_buddy_place *at,
			    enum nova_buddy_kind kind, u64 word, unsigned int pos,
			    unsigned int lo);
bool nova_buddy_quick_take(struct nova_buddy *b, unsigned int order, u64 *chunk);
bool nova_buddy_quick_take_at(struct nova_buddy *b, unsigned int order, u64 chunk);
void nova_buddy_quick_rest(struct nova_buddy *b, u64 first, u64 end);
bool nova_buddy_quick_is_taken(const struct nova_buddy *b, unsigned int level, u64 chunk, u64 mask,
			       struct nova_buddy_place *at);
bool nova_buddy_quick_give(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			   u64 chunk);

#endif
