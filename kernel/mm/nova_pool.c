// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pool
 *
 * VRAM for page tables. It is taken from the top of VRAM in chunks and cut up
 * here, so that a table costs a bit in a map, tables lie close together, which
 * spares window moves, and the users' fragmentation does not reach them (G-4).
 * Big tables have only 256 bytes; a chunk of those is one 4 KiB page of the
 * other class::
 *
 *    chunk, 2 MiB (less when VRAM is short)
 *    +------+------+------+----------------------+------+
 *    | page | page | page | 16 big tables        | page | …
 *    +------+------+------+----------------------+------+
 *
 * A chunk is mapped in BAR1 once, as a whole, if the aperture is large: all its
 * tables are then written through that window. It gives the window and the
 * memory back when its last table is freed; one empty chunk is kept.
 *
 * Memory is handed out dirty and freed dirty: a table's words are all written
 * before the table is linked, and never trusted before.
 *
 * Locking: one mutex for everything, held while chunks are allocated and mapped;
 * so it is never taken where a fence waits to be signalled.
 */
#include "nova_pool.h"

#include "nova_bar1.h"
#include "nova_buddy.h"
#include "nova_compat.h"
#include "nova_copy.h"
#include "nova_inject.h"
#include "nova_mm.h"
#include "nova_trace.h"

#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/lockdep.h>

#define NOVA_POOL_PAGE_LG2	12
#define NOVA_POOL_SMALL_LG2	8
#define NOVA_POOL_MAX_UNITS	512

/* A chunk is mapped in BAR1 if all windows together stay below this part of it. */
#define NOVA_POOL_BAR1_SHARE	8

static const unsigned int nova_pool_unit_lg2[] = {
	[NOVA_POOL_PAGE] = NOVA_POOL_PAGE_LG2,
	[NOVA_POOL_SMALL] = NOVA_POOL_SMALL_LG2,
};

/* A piece of VRAM cut into equal units. Protected by the pool's lock. */
struct nova_pool_chunk {
	/* in &nova_pool.partial or &nova_pool.full */
	struct list_head node;
	/* first unit, and the page it is, if class SMALL */
	struct nova_pool_mem mem;
	/* what the buddy gave, if class PAGE */
	struct nova_buddy_alloc alloc;
	/* its window in BAR1, if class PAGE */
	struct nova_bar1_map map;
	u64 size;
	enum nova_pool_class class;
	u16 nr;
	u16 nr_used;
	DECLARE_BITMAP(used, NOVA_POOL_MAX_UNITS);
};

static void nova_pool_init_common(struct nova_pool *pool)
{
	mutex_init(&pool->lock);
	for (unsigned int i = 0; i < NOVA_POOL_NR_CLASSES; i++) {
		INIT_LIST_HEAD(&pool->partial[i]);
		INIT_LIST_HEAD(&pool->full[i]);
	}
}

/**
 * nova_pool_init - page tables from a buddy
 * @pool: memory is the caller's
 * @buddy: VRAM; outlives the pool
 * @chunk_lg2: log2 of the bytes to take at a time, 12…21
 */
void nova_pool_init(struct nova_pool *pool, struct nova_buddy *buddy, unsigned int chunk_lg2)
{
	*pool = (struct nova_pool){ .buddy = buddy, .chunk_lg2 = chunk_lg2 };
	nova_pool_init_common(pool);
}

/**
 * nova_pool_init_span - page tables from a fixed range
 * @pool: memory is the caller's
 * @base: first byte, a multiple of 2 MiB
 * @size: bytes, a multiple of 2 MiB
 *
 * For tests and benchmarks without a device.
 */
void nova_pool_init_span(struct nova_pool *pool, u64 base, u64 size)
{
	*pool = (struct nova_pool){ .chunk_lg2 = 21, .span = base, .span_end = base + size };
	nova_pool_init_common(pool);
}

/* VRAM from the buddy, in a smaller piece if there is no large one. */
static int nova_pool_take(struct nova_pool *pool, struct nova_pool_chunk *chunk)
{
	unsigned int lg2 = pool->chunk_lg2;
	int ret = -ENOSPC;

	if (!pool->buddy) {
		if (pool->span_end - pool->span < 1ULL << lg2)
			return -ENOSPC;
		chunk->mem.at.vram = nova_vram(pool->span);
		chunk->size = 1ULL << lg2;
		pool->span += chunk->size;
		return 0;
	}
	for (; lg2 >= NOVA_POOL_PAGE_LG2 && ret == -ENOSPC; lg2--) {
		struct nova_buddy_req req = {
			.size = 1ULL << lg2,
			.min_block = 1ULL << lg2,
			.mode = NOVA_BUDDY_TOPDOWN,
			.flags = NOVA_BUDDY_CONTIGUOUS,
		};

		ret = nova_buddy_alloc(pool->buddy, &req, &chunk->alloc);
		chunk->size = req.size;
	}
	if (ret)
		return ret;
	chunk->mem.at.vram = nova_vram(nova_buddy_extents(&chunk->alloc)->addr);
	if (pool->copy)
		nova_copy_wait(pool->copy);
	return 0;
}

static void nova_pool_give_back(struct nova_pool *pool, struct nova_pool_chunk *chunk)
{
	trace_nova_vram_free(pool->nd, 0, chunk->mem.at.vram.addr, chunk->size, 1);
	if (pool->buddy)
		nova_buddy_free(pool->buddy, &chunk->alloc, false);
}

/* Failure is no error: PRAMIN reaches everything. */
static void nova_pool_open_window(struct nova_pool *pool, struct nova_pool_chunk *chunk)
{
	struct nova_extent extent = { .addr = chunk->mem.at.vram.addr, .len = chunk->size };
	struct nova_backing backing = {
		.aperture = NOVA_APERTURE_VRAM,
		.size = chunk->size,
		.extents = &extent,
		.nr_extents = 1,
	};

	chunk->mem.at.window = NOVA_MEM_NO_WINDOW;
	nova_bar1_map_init(&chunk->map, NULL);
	if (!pool->bar1 || pool->windowed + chunk->size > pool->bar1->size / NOVA_POOL_BAR1_SHARE)
		return;
	if (nova_bar1_map_get(pool->bar1, &chunk->map, &backing, 0, chunk->size))
		return;
	chunk->mem.at.window = chunk->map.off;
	pool->windowed += chunk->size;
}

static u64 nova_pool_find_window(const struct list_head *chunks)
{
	const struct nova_pool_chunk *chunk;

	list_for_each_entry(chunk, chunks, node)
		if (chunk->mem.at.window != NOVA_MEM_NO_WINDOW)
			return chunk->mem.at.window;
	return NOVA_MEM_NO_WINDOW;
}

/* @chunk is on no list any more. */
static void nova_pool_close_window(struct nova_pool *pool, struct nova_pool_chunk *chunk)
{
	u64 other;

	if (chunk->mem.at.window == NOVA_MEM_NO_WINDOW)
		return;
	other = nova_pool_find_window(&pool->partial[NOVA_POOL_PAGE]);
	if (other == NOVA_MEM_NO_WINDOW)
		other = nova_pool_find_window(&pool->full[NOVA_POOL_PAGE]);
	nova_mem_forget(&pool->bar1->mm->mem, chunk->mem.at.window, chunk->size, other);
	nova_bar1_map_put(pool->bar1, &chunk->map);
	nova_bar1_map_drop(pool->bar1, &chunk->map);
	pool->windowed -= chunk->size;
}

static int nova_pool_get(struct nova_pool *pool, enum nova_pool_class class,
			 struct nova_pool_mem *out);
static void nova_pool_put(struct nova_pool *pool, const struct nova_pool_mem *mem);

static struct nova_pool_chunk *nova_pool_grow(struct nova_pool *pool, enum nova_pool_class class)
{
	struct nova_pool_chunk *chunk = kzalloc_obj(*chunk);
	int ret;

	if (!chunk)
		return ERR_PTR(-ENOMEM);
	chunk->class = class;
	if (class == NOVA_POOL_PAGE) {
		ret = nova_pool_take(pool, chunk);
	} else {
		ret = nova_pool_get(pool, NOVA_POOL_PAGE, &chunk->mem);
		chunk->size = 1ULL << NOVA_POOL_PAGE_LG2;
	}
	if (ret) {
		kfree(chunk);
		return ERR_PTR(ret);
	}
	if (class == NOVA_POOL_PAGE) {
		pool->reserved += chunk->size;
		trace_nova_vram_alloc(pool->nd, 0, chunk->mem.at.vram.addr, chunk->size, 1);
		nova_pool_open_window(pool, chunk);
	}
	chunk->nr = chunk->size >> nova_pool_unit_lg2[class];
	list_add(&chunk->node, &pool->partial[class]);
	return chunk;
}

static void nova_pool_release(struct nova_pool *pool, struct nova_pool_chunk *chunk)
{
	list_del(&chunk->node);
	if (chunk->class == NOVA_POOL_SMALL) {
		nova_pool_put(pool, &chunk->mem);
	} else {
		nova_pool_close_window(pool, chunk);
		pool->reserved -= chunk->size;
		nova_pool_give_back(pool, chunk);
	}
	kfree(chunk);
}

static int nova_pool_get(struct nova_pool *pool, enum nova_pool_class class,
			 struct nova_pool_mem *out)
{
	struct nova_pool_chunk *chunk;
	unsigned int i;

	chunk = list_first_entry_or_null(&pool->partial[class], struct nova_pool_chunk, node);
	if (!chunk)
		chunk = nova_pool_grow(pool, class);
	if (IS_ERR(chunk))
		return PTR_ERR(chunk);
	i = find_first_zero_bit(chunk->used, chunk->nr);
	__set_bit(i, chunk->used);
	if (++chunk->nr_used == chunk->nr)
		list_move(&chunk->node, &pool->full[class]);
	out->at = nova_mem_offset(chunk->mem.at, (u64)i << nova_pool_unit_lg2[class]);
	out->chunk = chunk;
	return 0;
}

static void nova_pool_put(struct nova_pool *pool, const struct nova_pool_mem *mem)
{
	struct nova_pool_chunk *chunk = mem->chunk;
	struct list_head *partial = &pool->partial[chunk->class];
	u64 off = mem->at.vram.addr - chunk->mem.at.vram.addr;

	__clear_bit(off >> nova_pool_unit_lg2[chunk->class], chunk->used);
	if (chunk->nr_used-- == chunk->nr)
		list_move(&chunk->node, partial);
	/* Keep one empty chunk, and all of them where they cannot be given back. */
	if (!chunk->nr_used && !list_is_singular(partial) &&
	    (pool->buddy || chunk->class == NOVA_POOL_SMALL))
		nova_pool_release(pool, chunk);
}

static void nova_pool_free_chunks(struct nova_pool *pool, struct list_head *list)
{
	struct nova_pool_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, list, node) {
		list_del(&chunk->node);
		if (chunk->class == NOVA_POOL_PAGE) {
			nova_pool_close_window(pool, chunk);
			nova_pool_give_back(pool, chunk);
		}
		kfree(chunk);
	}
}

/**
 * nova_pool_fini - give everything back
 * @pool: the pool; all tables were freed or lost, the hardware is quiet
 *
 * Context: may sleep.
 */
void nova_pool_fini(struct nova_pool *pool)
{
	WARN_ON_ONCE(pool->used != pool->lost);
	for (unsigned int i = 0; i < NOVA_POOL_NR_CLASSES; i++) {
		nova_pool_free_chunks(pool, &pool->partial[i]);
		nova_pool_free_chunks(pool, &pool->full[i]);
	}
	mutex_destroy(&pool->lock);
}

/**
 * nova_pool_alloc - get VRAM for a page table
 * @pool: the pool
 * @size_lg2: 12, or 8 for a big table; the memory is aligned to its size
 * @out: result; its content is undefined
 *
 * Context: allocates and sleeps.
 *
 * Return: 0; -ENOMEM; -ENOSPC if there is no VRAM left.
 */
int nova_pool_alloc(struct nova_pool *pool, unsigned int size_lg2, struct nova_pool_mem *out)
{
	enum nova_pool_class class = size_lg2 == NOVA_POOL_SMALL_LG2 ? NOVA_POOL_SMALL :
								      NOVA_POOL_PAGE;
	int ret;

	if (nova_inject_no_vram(pool->inject, 1ULL << size_lg2))
		return -ENOSPC;
	mutex_lock(&pool->lock);
	ret = nova_pool_get(pool, class, out);
	if (!ret)
		pool->used += 1ULL << size_lg2;
	mutex_unlock(&pool->lock);
	return ret;
}

/**
 * nova_pool_free - give VRAM of a page table back
 * @pool: the pool
 * @size_lg2: as it was allocated
 * @mem: the memory; no hardware may reach it any more
 *
 * Context: may sleep.
 */
void nova_pool_free(struct nova_pool *pool, unsigned int size_lg2,
		    const struct nova_pool_mem *mem)
{
	mutex_lock(&pool->lock);
	nova_pool_put(pool, mem);
	pool->used -= 1ULL << size_lg2;
	mutex_unlock(&pool->lock);
}

/**
 * nova_pool_lose - VRAM of a page table that the hardware may still walk
 * @pool: the pool
 * @size_lg2: as it was allocated
 *
 * Instead of nova_pool_free() after an invalidate that was never acknowledged:
 * the memory is not used again while the pool exists (T-2).
 *
 * Context: may sleep.
 */
void nova_pool_lose(struct nova_pool *pool, unsigned int size_lg2)
{
	mutex_lock(&pool->lock);
	pool->lost += 1ULL << size_lg2;
	mutex_unlock(&pool->lock);
}
