/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_H__
#define __NOVA_BUDDY_H__

#include "nova_buddy_types.h"

#include <linux/bits.h>
#include <linux/types.h>

/** define NOVA_BUDDY_INLINE - extents kept inside &struct nova_buddy_alloc */
#define NOVA_BUDDY_INLINE	1

/**
 * struct nova_buddy_cfg - the range a pool manages
 * @base_offset: address of the first byte, a multiple of @chunk_size; any alignment above that is
 *               fine, blocks are aligned by their absolute address all the same
 * @size: bytes, at least @chunk_size; rounded down to a multiple of it
 * @chunk_size: granularity in bytes, a power of two of at least 4 KiB
 */
struct nova_buddy_cfg {
	u64 base_offset;
	u64 size;
	u64 chunk_size;
};

/**
 * enum nova_buddy_mode - where in the pool to look
 * @NOVA_BUDDY_SIMPLE: anywhere, where it breaks least: the smallest free block that fits, the
 *                    lowest of them; while many requests in a row are of one size, the lowest
 *                    address that fits
 * @NOVA_BUDDY_RANGE: only in [start, end), lowest address first
 * @NOVA_BUDDY_TOPDOWN: anywhere, highest address that fits first
 */
enum nova_buddy_mode {
	NOVA_BUDDY_SIMPLE,
	NOVA_BUDDY_RANGE,
	NOVA_BUDDY_TOPDOWN,
};

/** define NOVA_BUDDY_CONTIGUOUS - the result must be one run of addresses */
#define NOVA_BUDDY_CONTIGUOUS	BIT(0)
/** define NOVA_BUDDY_CLEAR - prefer memory known to be zero; each extent says whether it is */
#define NOVA_BUDDY_CLEAR	BIT(1)
/** define NOVA_BUDDY_TRIM_DISABLE - round the size up to min_block and keep the excess */
#define NOVA_BUDDY_TRIM_DISABLE	BIT(2)

/**
 * struct nova_buddy_req - what to allocate
 * @size: bytes, a multiple of the chunk size, not 0
 * @min_block: power of two of at least the chunk size, or 0 for the chunk size: every extent starts
 *             at a multiple of it, and all but the last are multiples of it long
 * @start: NOVA_BUDDY_RANGE only, else 0: first address of the window, a multiple of the chunk size
 * @end: NOVA_BUDDY_RANGE only, else 0: address behind the window, a multiple of the chunk size
 * @mode: where to look
 * @flags: NOVA_BUDDY_CONTIGUOUS, NOVA_BUDDY_CLEAR, NOVA_BUDDY_TRIM_DISABLE
 *
 * Addresses are absolute: they include nova_buddy_cfg.base_offset.
 */
struct nova_buddy_req {
	u64 size;
	u64 min_block;
	u64 start;
	u64 end;
	enum nova_buddy_mode mode;
	unsigned int flags;
};

/**
 * struct nova_buddy_extent - one run of allocated addresses
 * @addr: absolute address of the first byte
 * @len: bytes
 * @cleared: the bytes were known to be zero when they were handed out
 */
struct nova_buddy_extent {
	u64 addr;
	u64 len;
	bool cleared;
};

/**
 * struct nova_buddy_alloc - what an allocation owns
 * @nr: number of extents, 0 for an empty one
 *
 * The caller's memory; all zeroes is a valid empty allocation. The extents are sealed when
 * nova_buddy_alloc() returns: whoever owns the allocation reads them without a lock, while
 * others allocate and free. They ascend by address, do not overlap, and two that touch differ in
 * @cleared.
 */
struct nova_buddy_alloc {
	unsigned int nr;
/* private: */
	/* entries behind @heap, 0: the extents are in @local */
	unsigned int cap;
	union {
		struct nova_buddy_extent local[NOVA_BUDDY_INLINE];
		struct nova_buddy_extent *heap;
	};
};

/**
 * nova_buddy_extents() - the extents of an allocation
 * @alloc: the allocation
 *
 * Return: nova_buddy_alloc.nr extents, ascending; valid until @alloc is changed or freed.
 */
static inline const struct nova_buddy_extent *
nova_buddy_extents(const struct nova_buddy_alloc *alloc)
{
	return alloc->cap ? alloc->heap : alloc->local;
}

/**
 * nova_buddy_for_each_extent - iterate over the extents of an allocation by ascending address
 * @ext: const struct nova_buddy_extent * to use as the cursor
 * @alloc: the allocation, evaluated more than once
 */
#define nova_buddy_for_each_extent(ext, alloc) \
	for ((ext) = nova_buddy_extents(alloc); \
	     (ext) != nova_buddy_extents(alloc) + (alloc)->nr; (ext)++)

/** nova_buddy_size() - bytes of all extents of an allocation together */
static inline u64 nova_buddy_size(const struct nova_buddy_alloc *alloc)
{
	const struct nova_buddy_extent *ext;
	u64 size = 0;

	nova_buddy_for_each_extent(ext, alloc)
		size += ext->len;
	return size;
}

/**
 * struct nova_buddy_stats - the pool in numbers
 * @total: bytes managed
 * @avail: bytes free
 * @clear: bytes free and known to be zero, part of @avail
 * @lost: bytes of the configured size behind the last whole chunk
 * @largest_free: bytes of the largest free block (a power of two, aligned to itself); a run that
 *                crosses block boundaries can be longer, see nova_buddy_largest_run()
 * @metadata: bytes of kernel memory held for bookkeeping
 * @misuse: calls that were refused because they freed something not allocated
 * @chunk_size: bytes of a block of order 0
 * @max_order: largest order with a non-zero count possible in this pool
 * @free: number of free blocks of each order
 * @used: number of blocks of each order which the allocated extents consist of
 */
struct nova_buddy_stats {
	u64 total;
	u64 avail;
	u64 clear;
	u64 lost;
	u64 largest_free;
	u64 metadata;
	u64 misuse;
	u64 chunk_size;
	unsigned int max_order;
	u64 free[NOVA_BUDDY_ORDERS];
	u64 used[NOVA_BUDDY_ORDERS];
};

int nova_buddy_init(struct nova_buddy *b, const struct nova_buddy_cfg *cfg);
void nova_buddy_fini(struct nova_buddy *b);

int nova_buddy_alloc(struct nova_buddy *b, const struct nova_buddy_req *req,
		     struct nova_buddy_alloc *out);
int nova_buddy_reserve(struct nova_buddy *b, u64 start, u64 len, struct nova_buddy_alloc *out);
void nova_buddy_free(struct nova_buddy *b, struct nova_buddy_alloc *alloc, bool cleared);
int nova_buddy_free_part(struct nova_buddy *b, struct nova_buddy_alloc *alloc, u64 off, u64 len,
			 bool cleared);
int nova_buddy_trim(struct nova_buddy *b, struct nova_buddy_alloc *alloc, u64 off, u64 len,
		    bool cleared);
void nova_buddy_forget_clear(struct nova_buddy *b);

u64 nova_buddy_avail(struct nova_buddy *b);
bool nova_buddy_next_free(struct nova_buddy *b, u64 *start, u64 *end);
u64 nova_buddy_largest_run(struct nova_buddy *b);
void nova_buddy_stats(struct nova_buddy *b, struct nova_buddy_stats *stats);
int nova_buddy_verify(struct nova_buddy *b);
void nova_buddy_print(struct nova_buddy *b, void (*emit)(void *arg, const char *line), void *arg);
void nova_buddy_dump(struct nova_buddy *b, void (*emit)(void *arg, const char *line), void *arg);

#endif
