/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_TYPES_H__
#define __NOVA_BUDDY_TYPES_H__

/*
 * What a pool is made of. For nova_buddy.h, so that a pool can be embedded, and nova_buddy*.c.
 */

#include <linux/spinlock.h>
#include <linux/types.h>

struct nova_buddy_node;

/** define NOVA_BUDDY_ORDERS - orders a pool can have: 2^52 chunks of 4 KiB, and the sentinels */
#define NOVA_BUDDY_ORDERS	56

/* define NOVA_BUDDY_OPEN_WORDS - words that are open at a time, at most */
#define NOVA_BUDDY_OPEN_WORDS	32

/* An open word: its bits are what is free, the index and the levels above are not up to date. */
struct nova_buddy_open_word {
	u64 *word;
	u64 known;		/* what the index knows of it */
	u64 base;		/* first chunk */
};

/*
 * The words that requests of one size are being served from, the lowest of them last. While they
 * are open only their own bits change; the tree is told when they are closed.
 */
struct nova_buddy_open {
	struct nova_buddy_open_word words[NOVA_BUDDY_OPEN_WORDS];
	unsigned int nr;
	unsigned int level;	/* of the words, once there is a streak */
	unsigned int lo;	/* log2 of the units of a request */
	u64 span;		/* chunks of a word */
	u64 floor;		/* no room for the order below this chunk but in open words */
	unsigned int order;	/* of the last request, and how many in a row had it */
	unsigned int same;
};

/**
 * struct nova_buddy - a pool of address space handed out in power-of-two blocks
 *
 * Embed it, treat it as opaque, and use the functions of nova_buddy.h.
 */
struct nova_buddy {
/* private: */
	/* guards everything below that init does not fix; never held across an allocation */
	spinlock_t lock;
	/* bytes of a chunk; fixed */
	unsigned int chunk_lg2;
	u64 chunk_bytes;
	/* top of the tree; NULL before init and after fini; fixed between */
	struct nova_buddy_node *root;
	/* address of chunk 0 of the tree, aligned to the span of the tree; fixed */
	u64 origin;
	/* the pool in chunks from @origin, half open; empty without a tree, else fixed */
	u64 first, end;
	/* the first and the last byte of it from @origin; fixed */
	u64 low, high;
	/* free chunks known to be zero */
	u64 clear;
	/* dirty and clear, bit m: there is a maximal block of order m of that kind */
	u64 present[2];
	struct nova_buddy_open open;
	/* groups are made when they are needed; fixed */
	bool lazy;
	/* bytes cut off the end at init; fixed */
	u64 lost;
	/* calls refused because they would have freed what is not allocated */
	u64 misuse;
	/* bytes of metadata now held */
	size_t metadata;
	/* maximal free blocks of order k */
	u64 free[NOVA_BUDDY_ORDERS];
	/* pieces of order k in allocated extents */
	u64 used[NOVA_BUDDY_ORDERS];
};

#endif
