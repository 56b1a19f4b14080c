/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_POOL_H__
#define __NOVA_BUDDY_POOL_H__

/*
 * Private to nova_buddy*.c: what the public functions share.
 */

#include "nova_buddy.h"
#include "nova_buddy_tree.h"

#include <linux/bitops.h>
#include <linux/minmax.h>

/** nova_buddy_chunk() - the chunk at an address */
static inline u64 nova_buddy_chunk(const struct nova_buddy *b, u64 addr)
{
	return (addr - b->origin) >> b->chunk_lg2;
}

/** nova_buddy_chunk_bytes() - bytes of a chunk */
static inline u64 nova_buddy_chunk_bytes(const struct nova_buddy *b)
{
	return b->chunk_bytes;
}

/** nova_buddy_is_chunks() - whether a length or address is of whole chunks */
static inline bool nova_buddy_is_chunks(const struct nova_buddy *b, u64 bytes)
{
	return !(bytes & (nova_buddy_chunk_bytes(b) - 1));
}

/** nova_buddy_chunks() - the chunks of a run of addresses; false: not in the pool, or not whole */
static __always_inline bool nova_buddy_chunks(const struct nova_buddy *b, u64 addr, u64 len,
					      u64 *first, u64 *nr)
{
	*first = nova_buddy_chunk(b, addr);
	*nr = len >> b->chunk_lg2;
	/* what is below the origin is behind the end */
	return *nr && *first >= b->first && *first + *nr <= b->end &&
	       nova_buddy_is_chunks(b, (addr - b->origin) | len);
}

void nova_buddy_count_pieces(struct nova_buddy *b, u64 first, u64 end, int dir);

/** nova_buddy_is_one() - whether @nr chunks from @first on are one aligned block */
static inline bool nova_buddy_is_one(u64 first, u64 nr)
{
	return !((nr | first) & (nr - 1));
}

/** nova_buddy_count_used() - count the blocks of an extent in (@dir 1) or out (-1); lock held */
static __always_inline void nova_buddy_count_used(struct nova_buddy *b, u64 first, u64 nr, int dir)
{
	if (nova_buddy_is_one(first, nr))
		b->used[__ffs64(nr)] += dir;
	else
		nova_buddy_count_pieces(b, first, first + nr, dir);
}

/** nova_buddy_left() - free chunks: those of no extent; lock held. O(orders) */
static inline u64 nova_buddy_left(const struct nova_buddy *b)
{
	u64 left = b->end - b->first;
	unsigned int k;

	for (k = 0; b->end >> k; k++)
		left -= b->used[k] << k;
	return left;
}

int nova_buddy_provide_node(struct nova_buddy *b, unsigned int level, u64 chunk);
int nova_buddy_provide_range(struct nova_buddy *b, u64 first, u64 end);
bool nova_buddy_release(struct nova_buddy *b, u64 addr, u64 len, bool cleared);

#endif
