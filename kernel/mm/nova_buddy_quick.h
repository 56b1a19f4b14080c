/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_QUICK_H__
#define __NOVA_BUDDY_QUICK_H__

/*
 * Private to nova_buddy*.c: one block of one kind. DOC: in nova_buddy_quick.c.
 */

#include "nova_buddy_low.h"
#include "nova_buddy_tree.h"

void nova_buddy_quick_split(struct nova_buddy *b, struct nova_buddy_place at,
			    enum nova_buddy_kind kind, unsigned int order, u64 chunk);
void nova_buddy_quick_fill(struct nova_buddy *b, struct nova_buddy_place at, unsigned int order,
			   u64 chunk);
void nova_buddy_quick_fill_kind(struct nova_buddy *b, struct nova_buddy_place at,
				enum nova_buddy_kind kind, unsigned int order, bool pure);
u64 nova_buddy_quick_take_high(struct nova_buddy *b, enum nova_buddy_kind kind,
			       unsigned int order, unsigned int m);
bool nova_buddy_quick_give_high(struct nova_buddy *b, enum nova_buddy_kind kind,
				unsigned int order, u64 chunk);
bool nova_buddy_quick_give_kind(struct nova_buddy *b, enum nova_buddy_kind kind,
				unsigned int order, u64 chunk);

void nova_buddy_quick_leave(struct nova_buddy *b, struct nova_buddy_place at,
			    enum nova_buddy_kind kind, unsigned int order, u64 chunk);
bool nova_buddy_quick_take_at(struct nova_buddy *b, unsigned int order, u64 chunk);
void nova_buddy_quick_rest(struct nova_buddy *b, u64 first, u64 end);
bool nova_buddy_quick_give_units(struct nova_buddy *b, u64 first, u64 end);
bool nova_buddy_quick_is_taken(const struct nova_buddy *b, unsigned int level, u64 chunk, u64 mask,
			       struct nova_buddy_place *at);
bool nova_buddy_quick_give(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			   u64 chunk);

#endif
