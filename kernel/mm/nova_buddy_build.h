/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_BUILD_H__
#define __NOVA_BUDDY_BUILD_H__

/*
 * Private to nova_buddy*.c: requests of all kinds. DOC: in nova_buddy_build.c.
 */

#include "nova_buddy.h"
#include "nova_buddy_find.h"

/** define NOVA_BUDDY_FLAGS - all that a request may have */
#define NOVA_BUDDY_FLAGS (NOVA_BUDDY_CONTIGUOUS | NOVA_BUDDY_CLEAR | NOVA_BUDDY_TRIM_DISABLE)

bool nova_buddy_pick_block(struct nova_buddy *b, const struct nova_buddy_where *where,
			   bool clear, unsigned int order, u64 *chunk);
int nova_buddy_check_window(const struct nova_buddy *b, const struct nova_buddy_req *req,
			    struct nova_buddy_where *where);
int nova_buddy_alloc_slowly(struct nova_buddy *b, const struct nova_buddy_req *req,
			    struct nova_buddy_alloc *out);

#endif
