/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_POOL_H__
#define __NOVA_POOL_H__

#include "nova_mem.h"

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct nova_bar1;
struct nova_buddy;
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
 * struct nova_pool - VRAM for page tables, apart from the objects of users
 *
 * Chunks are taken from the top of VRAM and cut into 4 KiB pages, some of those
 * into sixteen 256-byte big tables (nova-mm G-4).
 */
struct nova_pool {
	/** @buddy: where chunks come from; NULL: @base and @size are all there is */
	struct nova_buddy *buddy;
	/** @bar1: maps each chunk once, if not NULL; set after BAR1 is up */
	struct nova_bar1 *bar1;
	/** @lock: everything below; held across allocations */
	struct mutex lock;
	/** @partial: chunks with free pages; @lock */
	struct list_head partial;
	/** @full: chunks without; @lock */
	struct list_head full;
	/** @used: bytes handed out; @lock */
	u64 used;
	/** @peak: most bytes ever handed out; @lock */
	u64 peak;
	/** @reserved: bytes held from the buddy; @lock */
	u64 reserved;
	/** @lost: bytes never to be reused because hardware may still walk them; @lock */
	u64 lost;
};

void nova_pool_init(struct nova_pool *pool, struct nova_buddy *buddy);
int nova_pool_init_span(struct nova_pool *pool, u64 base, u64 size);
void nova_pool_fini(struct nova_pool *pool);
int nova_pool_alloc(struct nova_pool *pool, unsigned int size_lg2, struct nova_pool_mem *out);
void nova_pool_free(struct nova_pool *pool, unsigned int size_lg2, const struct nova_pool_mem *mem);
void nova_pool_lose(struct nova_pool *pool, unsigned int size_lg2);

#endif
