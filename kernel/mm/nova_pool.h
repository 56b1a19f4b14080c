/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_POOL_H__
#define __NOVA_POOL_H__

#include "nova_mem.h"

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct nova_bar1;
struct nova_buddy;
struct nova_copy;
struct nova_inject;
struct nova_device;
struct nova_pool_chunk;

/**
 * struct nova_pool_mem - VRAM of one page table
 */
struct nova_pool_mem {
	/** @at: where it is and how it is reached */
	struct nova_mem_at at;
	/** @chunk: what it was cut from; the pool's own */
	struct nova_pool_chunk *chunk;
};

/**
 * enum nova_pool_class - the two sizes of page tables
 * @NOVA_POOL_PAGE: 4 KiB, cut from chunks of VRAM
 * @NOVA_POOL_SMALL: 256 bytes, cut from 4 KiB pages: 64 KiB-page tables
 * @NOVA_POOL_NR_CLASSES: number of classes
 */
enum nova_pool_class {
	NOVA_POOL_PAGE,
	NOVA_POOL_SMALL,
	NOVA_POOL_NR_CLASSES,
};

/**
 * struct nova_pool - VRAM for page tables, apart from the objects of users
 */
struct nova_pool {
	/** @buddy: where chunks come from; NULL: from @span only; constant */
	struct nova_buddy *buddy;
	/** @nd: whose VRAM it is, for tracing; NULL in unit tests; constant */
	const struct nova_device *nd;
	/** @chunk_lg2: log2 of the bytes of a chunk; constant */
	unsigned int chunk_lg2;
	/** @bar1: maps each new chunk once, NULL if tables are written another way; @lock */
	struct nova_bar1 *bar1;
	/**
	 * @copy: engine that may still be reading VRAM its owner has given back; NULL
	 * if there is none. Set before the first object exists, then constant.
	 */
	struct nova_copy *copy;
	/** @inject: requests that are to fail, NULL for none; constant */
	struct nova_inject *inject;
	/** @lock: everything below; held across allocations */
	struct mutex lock;
	/** @partial: chunks with room, by class; @lock */
	struct list_head partial[NOVA_POOL_NR_CLASSES];
	/** @full: chunks without, by class; @lock */
	struct list_head full[NOVA_POOL_NR_CLASSES];
	/** @span: next unused byte of the span, without a buddy; @lock */
	u64 span;
	/** @span_end: end of the span; constant */
	u64 span_end;
	/** @used: bytes handed out; @lock */
	u64 used;
	/** @lost: bytes of those that stay until the pool goes, see nova_pool_lose(); @lock */
	u64 lost;
	/** @reserved: bytes held from the buddy; @lock */
	u64 reserved;
	/** @windowed: bytes of those mapped in BAR1; @lock */
	u64 windowed;
};

void nova_pool_init(struct nova_pool *pool, struct nova_buddy *buddy, unsigned int chunk_lg2);
void nova_pool_init_span(struct nova_pool *pool, u64 base, u64 size);
void nova_pool_fini(struct nova_pool *pool);
int nova_pool_alloc(struct nova_pool *pool, unsigned int size_lg2, struct nova_pool_mem *out);
void nova_pool_free(struct nova_pool *pool, unsigned int size_lg2,
		    const struct nova_pool_mem *mem);
void nova_pool_lose(struct nova_pool *pool, unsigned int size_lg2);

#endif
