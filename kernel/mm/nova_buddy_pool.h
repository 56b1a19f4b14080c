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
	return 1ull << b->chunk_lg2;
}

/** nova_buddy_is_chunks() - whether a length or address is of whole chunks */
static inline bool nova_buddy_is_chunks(const struct nova_buddy *b, u64 bytes)
{
	return !(bytes & (nova_buddy_chunk_bytes(b) - 1));
}

/** nova_buddy_count_used() - count the blocks of an extent in (@nr 1) or out (-1); lock held */
static inline void nova_buddy_count_used(struct nova_buddy *b, u64 first, u64 end, int nr)
{
	while (first < end) {
		unsigned int order = __fls(end - first);

		if (first)
			order = min_t(unsigned int, order, __ffs64(first));
		b->used[order] += nr;
		first += 1ull << order;
	}
}

/** nova_buddy_mark_block() - nova_buddy_mark() for one block of the free set */
static inline bool nova_buddy_mark_block(struct nova_buddy *b, u64 chunk, unsigned int order,
					 bool add)
{
	unsigned int level = min_t(unsigned int, order / 6, b->root->level), shift = 6 * level;
	u64 mask;

	mask = nova_buddy_bits(chunk >> shift & 63, 1u << (order - shift));
	return nova_buddy_mark(b, NOVA_BUDDY_SET_FREE, level, chunk >> (shift + 6), mask, add);
}

int nova_buddy_provide_node(struct nova_buddy *b, unsigned int level, u64 chunk);
int nova_buddy_provide_range(struct nova_buddy *b, u64 first, u64 end);
bool nova_buddy_release(struct nova_buddy *b, u64 addr, u64 len, bool cleared);

#endif
