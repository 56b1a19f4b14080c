/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_POOLS_H__
#define __NOVA_BUDDY_POOLS_H__

/*
 * The two allocators that nova_bench_buddy.c compares, behind one interface. The calls are inlined
 * into the traces, so neither pays for the indirection. The peer runs under the mutex that its
 * documentation asks its users for.
 */

#include "nova_bench.h"

#include "nova_buddy.h"

#include <linux/gpu_buddy.h>
#include <linux/mutex.h>
#include <linux/sizes.h>

/** enum nova_pool_kind - whose allocator */
enum nova_pool_kind {
	NOVA_POOL_PEER,
	NOVA_POOL_OURS,
};

/**
 * struct nova_pool_slot - room for one allocation
 * @ours: extents of our allocator
 * @blocks: blocks of the peer
 */
struct nova_pool_slot {
	union {
		struct nova_buddy_alloc ours;
		struct list_head blocks;
	};
};

/**
 * struct nova_pool - one allocator
 * @kind: whose
 * @ours: our allocator
 * @peer: the kernel's allocator
 * @lock: held around each call of @peer
 */
struct nova_pool {
	enum nova_pool_kind kind;
	union {
		struct nova_buddy ours;
		struct gpu_buddy peer;
	};
	struct mutex lock;
};

static __always_inline int nova_pool_init(struct nova_pool *p, enum nova_pool_kind kind, u64 size)
{
	const struct nova_buddy_cfg cfg = { .size = size, .chunk_size = SZ_4K };

	p->kind = kind;
	mutex_init(&p->lock);
	return kind == NOVA_POOL_OURS ? nova_buddy_init(&p->ours, &cfg) :
					gpu_buddy_init(&p->peer, size, SZ_4K);
}

static __always_inline void nova_pool_fini(struct nova_pool *p, enum nova_pool_kind kind)
{
	if (kind == NOVA_POOL_OURS)
		nova_buddy_fini(&p->ours);
	else
		gpu_buddy_fini(&p->peer);
}

static inline unsigned long nova_pool_peer_flags(const struct nova_buddy_req *req)
{
	unsigned long flags = 0;

	if (req->mode == NOVA_BUDDY_RANGE)
		flags |= GPU_BUDDY_RANGE_ALLOCATION;
	if (req->mode == NOVA_BUDDY_TOPDOWN)
		flags |= GPU_BUDDY_TOPDOWN_ALLOCATION;
	if (req->flags & NOVA_BUDDY_CONTIGUOUS)
		flags |= GPU_BUDDY_CONTIGUOUS_ALLOCATION;
	if (req->flags & NOVA_BUDDY_CLEAR)
		flags |= GPU_BUDDY_CLEAR_ALLOCATION;
	return flags;
}

/** nova_pool_slot_init() - what the owner of an allocation does once: make it empty */
static inline void nova_pool_slot_init(struct nova_pool_slot *slot, enum nova_pool_kind kind)
{
	if (kind == NOVA_POOL_OURS)
		slot->ours = (struct nova_buddy_alloc){};
	else
		INIT_LIST_HEAD(&slot->blocks);
}

static __always_inline int nova_pool_alloc(struct nova_pool *p, enum nova_pool_kind kind,
					   const struct nova_buddy_req *req,
					   struct nova_pool_slot *slot)
{
	u64 end;
	int ret;

	if (kind == NOVA_POOL_OURS) {
		ret = nova_buddy_alloc(&p->ours, req, &slot->ours);
	} else {
		end = req->mode == NOVA_BUDDY_RANGE ? req->end : p->peer.size;
		mutex_lock(&p->lock);
		ret = gpu_buddy_alloc_blocks(&p->peer, req->start, end, req->size,
					     req->min_block ?: SZ_4K, &slot->blocks,
					     nova_pool_peer_flags(req));
		mutex_unlock(&p->lock);
	}
	return ret;
}

static __always_inline void nova_pool_free(struct nova_pool *p, enum nova_pool_kind kind,
					   struct nova_pool_slot *slot, bool cleared)
{
	if (kind == NOVA_POOL_OURS) {
		nova_buddy_free(&p->ours, &slot->ours, cleared);
	} else {
		mutex_lock(&p->lock);
		gpu_buddy_free_list(&p->peer, &slot->blocks, cleared ? GPU_BUDDY_CLEARED : 0);
		mutex_unlock(&p->lock);
	}
}

/** nova_pool_pieces() - extents (ours) or blocks (peer) of an allocation */
static inline unsigned int nova_pool_pieces(struct nova_pool *p, struct nova_pool_slot *slot)
{
	struct gpu_buddy_block *block;
	unsigned int nr = 0;

	if (p->kind == NOVA_POOL_OURS)
		return slot->ours.nr;
	list_for_each_entry(block, &slot->blocks, link)
		nr++;
	return nr;
}

/** nova_pool_cleared() - bytes of an allocation that were handed out as zero */
static inline u64 nova_pool_cleared(struct nova_pool *p, struct nova_pool_slot *slot)
{
	const struct nova_buddy_extent *ext;
	struct gpu_buddy_block *block;
	u64 bytes = 0;

	if (p->kind == NOVA_POOL_OURS) {
		nova_buddy_for_each_extent(ext, &slot->ours)
			bytes += ext->cleared ? ext->len : 0;
		return bytes;
	}
	list_for_each_entry(block, &slot->blocks, link)
		if (gpu_buddy_block_is_clear(block))
			bytes += gpu_buddy_block_size(&p->peer, block);
	return bytes;
}

/** nova_pool_free_2m() - aligned blocks of 2 MiB that are free */
static inline u64 nova_pool_free_2m(struct nova_pool *p)
{
	struct nova_buddy_stats stats;
	unsigned int order, tree;
	struct rb_node *node;
	u64 nr = 0;

	if (p->kind == NOVA_POOL_OURS) {
		nova_buddy_stats(&p->ours, &stats);
		for (order = 9; order < NOVA_BUDDY_ORDERS; order++)
			nr += stats.free[order] << (order - 9);
		return nr;
	}
	for (order = 9; order <= p->peer.max_order; order++)
		for (tree = 0; tree < GPU_BUDDY_MAX_FREE_TREES; tree++)
			for (node = rb_first(&p->peer.free_trees[tree][order]); node;
			     node = rb_next(node))
				nr += 1ull << (order - 9);
	return nr;
}

#endif
