/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_TTM_H__
#define __NOVA_TTM_H__

#include "nova_vram_mgr.h"

#include <drm/ttm/ttm_device.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

struct drm_device;
struct drm_printer;
struct nova_bo;
struct nova_mm;

/**
 * struct nova_ttm_client - what the layer above does when memory moves
 */
struct nova_ttm_client {
	/**
	 * @moving: @bo's memory is about to be given up. Remove every GPU
	 * mapping of it and wait until no unit can still use one. Called with
	 * the reservation held. An error cancels the move.
	 */
	int (*moving)(struct nova_bo *bo);
	/**
	 * @purging: @bo's content is about to be given up for good. Like @moving,
	 * but GPU mappings read zero afterwards.
	 */
	int (*purging)(struct nova_bo *bo);
	/**
	 * @moved: @bo has its new memory. Mappings may be restored now; if they
	 * are not, whoever uses them next must. Called with the reservation held.
	 */
	void (*moved)(struct nova_bo *bo);
};

/**
 * struct nova_ttm_stats - bytes that went somewhere since probe
 */
struct nova_ttm_stats {
	/** @to_vram: content copied from gtt to VRAM */
	atomic64_t to_vram;
	/** @from_vram: content copied from VRAM to gtt */
	atomic64_t from_vram;
	/** @cleared: VRAM zeroed before it was handed out */
	atomic64_t cleared;
	/** @purged: objects given up under pressure */
	atomic64_t purged;
};

/**
 * struct nova_ttm - TTM device of one GPU
 */
struct nova_ttm {
	/** @bdev: TTM's device */
	struct ttm_device bdev;
	/** @mm: VRAM, its accessors and BAR1 */
	struct nova_mm *mm;
	/** @drm: the DRM device; constant */
	struct drm_device *drm;
	/** @vram: manager of VRAM */
	struct nova_vram_mgr vram;
	/** @last_bo_id: &nova_bo.id given out last */
	atomic64_t last_bo_id;
	/** @client: the DRM face; constant */
	const struct nova_ttm_client *client;
	/** @room: who may want memory, see nova_room */
	struct rw_semaphore room;
	/** @stats: what moved; counted without a lock */
	struct nova_ttm_stats stats;
	/** @lost: system pages that dead hardware may still reach */
	struct {
		/** @lost.lock: protects @lost.list */
		spinlock_t lock;
		/** @lost.list: struct nova_ttm_lost.link */
		struct list_head list;
	} lost;
};

int nova_ttm_init(struct nova_ttm *nt, struct nova_mm *mm, struct drm_device *drm,
		  const struct nova_ttm_client *client);
void nova_ttm_fini(struct nova_ttm *nt);

u64 nova_ttm_total(struct nova_ttm *nt, unsigned int mem_type);
u64 nova_ttm_used(struct nova_ttm *nt, unsigned int mem_type);
void nova_ttm_release_lost(struct nova_ttm *nt);
int nova_ttm_evict(struct nova_ttm *nt, unsigned int mem_type);
void nova_ttm_print_gtt(struct nova_ttm *nt, struct drm_printer *p);
void nova_ttm_print(struct nova_ttm *nt, struct drm_printer *p);

static inline struct nova_ttm *nova_ttm_from_bdev(struct ttm_device *bdev)
{
	return container_of(bdev, struct nova_ttm, bdev);
}

/** nova_ttm_name - what fdinfo calls a kind of memory, TTM_PL_* */
static inline const char *nova_ttm_name(u32 mem_type)
{
	switch (mem_type) {
	case TTM_PL_VRAM:
		return "vram";
	case TTM_PL_TT:
		return "gtt";
	}
	return "memory";
}

#endif
