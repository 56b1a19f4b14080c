/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_VRAM_MGR_H__
#define __NOVA_VRAM_MGR_H__

#include "nova_buddy.h"
#include "nova_cursor.h"

#include <drm/ttm/ttm_resource.h>

#include <linux/list.h>
#include <linux/spinlock.h>

struct drm_printer;
struct nova_mm;

/**
 * struct nova_vram_res - VRAM behind one buffer object
 */
struct nova_vram_res {
	/** @base: what TTM knows; base.start is the first extent's frame */
	struct ttm_resource base;
	/** @bo_id: &nova_bo.id of the object it was made for; TTM may outlive that */
	u64 bo_id;
	/** @alloc: the blocks, owned */
	struct nova_buddy_alloc alloc;
	/** @backing: the same memory in object order, for page tables and copies */
	struct nova_backing backing;
	/** @ext: extents of @backing; &@one if there is only one */
	struct nova_extent *ext;
	/** @one: the usual single extent, so that it costs no allocation */
	struct nova_extent one;
	/**
	 * @zero: all of it was zeroed and nobody was shown it since; the object's
	 * reservation
	 */
	bool zero;
	/** @lost: in &nova_vram_mgr.lost */
	struct list_head lost;
};

/**
 * struct nova_vram_mgr - TTM's resource manager for VRAM
 */
struct nova_vram_mgr {
	/** @base: the manager proper */
	struct ttm_resource_manager base;
	/** @mm: owner of the buddy allocator behind it */
	struct nova_mm *mm;
	/** @lost_lock: protects @lost */
	spinlock_t lost_lock;
	/** @lost: struct nova_vram_res.lost of what dead hardware may still reach */
	struct list_head lost;
};

void nova_vram_mgr_print(struct nova_vram_mgr *mgr, struct drm_printer *p);
void nova_vram_mgr_init(struct nova_vram_mgr *mgr, struct nova_mm *mm);
void nova_vram_mgr_release_lost(struct nova_vram_mgr *mgr);

static inline struct nova_vram_res *nova_vram_res(struct ttm_resource *res)
{
	return container_of(res, struct nova_vram_res, base);
}

#endif
