/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_TTM_H__
#define __NOVA_TTM_H__

#include "nova_vram_mgr.h"

#include <drm/ttm/ttm_device.h>

#include <linux/atomic.h>

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
	 * @moved: @bo has its new memory. Mappings may be restored now; if they
	 * are not, whoever uses them next must. Called with the reservation held.
	 */
	void (*moved)(struct nova_bo *bo);
};

/**
 * struct nova_ttm - TTM device of one GPU
 */
struct nova_ttm {
	/** @bdev: TTM's device */
	struct ttm_device bdev;
	/** @mm: VRAM, its accessors and BAR1 */
	struct nova_mm *mm;
	/** @vram: manager of VRAM */
	struct nova_vram_mgr vram;
	/** @last_bo_id: &nova_bo.id given out last */
	atomic64_t last_bo_id;
	/** @client: the DRM face; constant */
	const struct nova_ttm_client *client;
};

int nova_ttm_init(struct nova_ttm *nt, struct nova_mm *mm, struct drm_device *drm,
		  const struct nova_ttm_client *client);
void nova_ttm_fini(struct nova_ttm *nt);

const char *nova_ttm_name(u32 mem_type);
u64 nova_ttm_total(struct nova_ttm *nt, unsigned int mem_type);
u64 nova_ttm_used(struct nova_ttm *nt, unsigned int mem_type);
int nova_ttm_evict(struct nova_ttm *nt, unsigned int mem_type);
void nova_ttm_print_gtt(struct nova_ttm *nt, struct drm_printer *p);

static inline struct nova_ttm *nova_ttm_from_bdev(struct ttm_device *bdev)
{
	return container_of(bdev, struct nova_ttm, bdev);
}

#endif
