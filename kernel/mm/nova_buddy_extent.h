/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_EXTENT_H__
#define __NOVA_BUDDY_EXTENT_H__

/*
 * Private to nova_buddy*.c: the extent list of an allocation. DOC: in nova_buddy_extent.c.
 */

#include "nova_buddy.h"

/** define NOVA_BUDDY_LEN_JOIN - in a length while building: of the same block as the one before */
#define NOVA_BUDDY_LEN_JOIN	1ull

/** nova_buddy_extents_array() - the extents, to be changed */
static inline struct nova_buddy_extent *nova_buddy_extents_array(struct nova_buddy_alloc *alloc)
{
	return alloc->cap ? alloc->heap : alloc->local;
}

/** nova_buddy_extents_are_full() - whether one more needs nova_buddy_extents_grow() */
static inline bool nova_buddy_extents_are_full(const struct nova_buddy_alloc *alloc)
{
	return alloc->nr == (alloc->cap ?: NOVA_BUDDY_INLINE);
}

int nova_buddy_extents_grow(struct nova_buddy_alloc *alloc);
void nova_buddy_extents_fini(struct nova_buddy_alloc *alloc);
void nova_buddy_extents_push(struct nova_buddy_alloc *alloc, u64 addr, u64 len,
			     bool cleared);
void nova_buddy_extents_sort(struct nova_buddy_alloc *alloc);
bool nova_buddy_extents_split(const struct nova_buddy_alloc *alloc, u64 off, u64 len);
void nova_buddy_extents_remove(struct nova_buddy_alloc *alloc, u64 off, u64 len);

void nova_buddy_misused(struct nova_buddy *b, const char *what);

#endif
