/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_TLB_H__
#define __NOVA_TLB_H__

#include "nova_types.h"

#include <linux/mutex.h>
#include <linux/types.h>

struct drm_printer;
struct nova_device;
struct nova_tlb;

/**
 * enum nova_tlb_scope - which translation caches an address space can be in
 * @NOVA_TLB_ALL: GPC and HUB: any VM an engine may run on
 * @NOVA_TLB_HUB: HUB only: the VMs behind BARs
 */
enum nova_tlb_scope {
	NOVA_TLB_ALL,
	NOVA_TLB_HUB,
};

/**
 * struct nova_tlb_gather - what an update has changed and not yet invalidated
 *
 * Zero is "nothing". Owned by the update; no lock.
 */
struct nova_tlb_gather {
	/** @start: lowest VA changed, if @nr is not 0 */
	u64 start;
	/** @end: end of the highest VA changed */
	u64 end;
	/** @nr: table runs written */
	u64 nr;
	/** @level: highest format level whose entries changed */
	u8 level;
	/** @tighten: something that was allowed is not any more: wait for the acknowledge */
	bool tighten;
};

/** struct nova_tlb_req - one invalidate */
struct nova_tlb_req {
	/** @pdb: root of the address space */
	nova_vram_t pdb;
	/** @scope: caches it can be in */
	enum nova_tlb_scope scope;
	/** @cache_level: CACHE_LEVEL field: 0 all, 1 PTE only, 2 up to PD0, … */
	u8 cache_level;
	/** @ack: wait until outstanding accesses through old entries are over */
	bool ack;
};

/** struct nova_tlb_ops - how caches are invalidated; replaced in tests and benchmarks */
struct nova_tlb_ops {
	/** @invalidate: run one invalidate to its end: as nova_tlb_invalidate() */
	int (*invalidate)(struct nova_tlb *tlb, const struct nova_tlb_req *req);
};

/**
 * struct nova_tlb - the GPU's translation caches
 */
struct nova_tlb {
	/** @ops: the hardware's way; constant after init */
	const struct nova_tlb_ops *ops;
	/** @nd: the device */
	struct nova_device *nd;
	/** @lock: one command at a time */
	struct mutex lock;
	/** @error: first failure, 0 if none; set once under @lock, read without */
	int error;
	/** @count: invalidates done; @lock */
	u64 count;
};

void nova_tlb_init(struct nova_tlb *tlb, struct nova_device *nd);
void nova_tlb_fini(struct nova_tlb *tlb);
int nova_tlb_invalidate(struct nova_tlb *tlb, const struct nova_tlb_req *req);
void nova_tlb_print(struct nova_tlb *tlb, struct drm_printer *p);

/** nova_tlb_gather_add - note a change of [start, end) in tables of @level */
static inline void nova_tlb_gather_add(struct nova_tlb_gather *g, u64 start, u64 end,
				       u8 level, bool tighten)
{
	if (!g->nr || start < g->start)
		g->start = start;
	if (end > g->end)
		g->end = end;
	if (level > g->level)
		g->level = level;
	g->tighten |= tighten;
	g->nr++;
}

#endif
