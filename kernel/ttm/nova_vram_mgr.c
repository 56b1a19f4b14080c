// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vram_mgr
 *
 * TTM's view of VRAM. The memory belongs to the buddy allocator of struct
 * nova_mm; this unit turns a placement into a request and blocks into the
 * extents that page tables and copies walk.
 *
 * Invariant: a resource's extents are in object order, each starts where the one
 * before ended, and together they are exactly base.size bytes. Blocks are at
 * least the object's alignment, except that the last may be shorter.
 *
 * Errors decide what TTM does next: only -ENOSPC makes it evict and try again,
 * so a request that could never succeed is -E2BIG and lack of system memory for
 * bookkeeping is -ENOMEM.
 *
 * Memory goes back to the buddy as clean only if it was cleared and nobody asked
 * for its addresses afterwards. When the hardware is wedged it does not go back at
 * all: it is *lost* until the device is let go of, because a unit of the GPU may
 * still reach it through a translation that was never invalidated.
 *
 * Locking: the buddy has its own lock, and so has the list of lost memory. TTM
 * calls alloc and free with the object's reservation held, intersects and compatible
 * with the LRU lock or the reservation held; a resource does not change between its
 * alloc and its free.
 *
 * Units: bytes, except TTM's placements, which are 4 KiB frames.
 */
#include "nova_vram_mgr.h"

#include "nova_bo.h"
#include "nova_compat.h"
#include "nova_device.h"
#include "nova_mm.h"
#include "nova_trace.h"

#include <drm/drm_print.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

static struct nova_vram_mgr *to_vram_mgr(struct ttm_resource_manager *man)
{
	return container_of(man, struct nova_vram_mgr, base);
}

/* Content that comes from elsewhere does not need memory that was cleared. */
static bool nova_vram_wants_clear(const struct ttm_buffer_object *tbo)
{
	return !tbo->resource || tbo->resource->mem_type != TTM_PL_TT;
}

static void nova_vram_req(struct nova_buddy_req *req, const struct ttm_buffer_object *tbo,
			  const struct ttm_place *place)
{
	*req = (struct nova_buddy_req) {
		.size = tbo->base.size,
		.min_block = max_t(u64, (u64)tbo->page_alignment << PAGE_SHIFT, PAGE_SIZE),
		.mode = NOVA_BUDDY_SIMPLE,
	};
	if (place->flags & TTM_PL_FLAG_CONTIGUOUS)
		req->flags |= NOVA_BUDDY_CONTIGUOUS;
	if (nova_vram_wants_clear(tbo))
		req->flags |= NOVA_BUDDY_CLEAR;
	if (place->lpfn) {
		req->mode = NOVA_BUDDY_RANGE;
		req->start = (u64)place->fpfn << PAGE_SHIFT;
		req->end = (u64)place->lpfn << PAGE_SHIFT;
	} else if (place->flags & TTM_PL_FLAG_TOPDOWN) {
		req->mode = NOVA_BUDDY_TOPDOWN;
	}
}

static int nova_vram_res_extents(struct nova_vram_res *vres)
{
	const struct nova_buddy_extent *e;
	unsigned int nr = vres->alloc.nr, i = 0;
	u64 off = 0;

	vres->ext = nr == 1 ? &vres->one : kvmalloc_array(nr, sizeof(*vres->ext), GFP_KERNEL);
	if (!vres->ext)
		return -ENOMEM;
	nova_buddy_for_each_extent(e, &vres->alloc) {
		vres->ext[i++] = (struct nova_extent) { .off = off, .addr = e->addr, .len = e->len };
		off += e->len;
	}
	vres->backing = (struct nova_backing) {
		.aperture = NOVA_APERTURE_VRAM,
		.size = vres->base.size,
		.extents = vres->ext,
		.nr_extents = nr,
	};
	return 0;
}

static void nova_vram_res_release(struct nova_vram_mgr *mgr, struct nova_vram_res *vres)
{
	trace_nova_vram_free(mgr->mm->nd, vres->bo_id, vres->ext[0].addr, vres->base.size,
			     vres->alloc.nr);
	if (vres->ext != &vres->one)
		kvfree(vres->ext);
	nova_buddy_free(mgr->mm->buddy, &vres->alloc, vres->zero);
	kfree(vres);
}

static void nova_vram_res_lose(struct nova_vram_mgr *mgr, struct nova_vram_res *vres)
{
	guard(spinlock)(&mgr->lost_lock);
	list_add_tail(&vres->lost, &mgr->lost);
}

static int nova_vram_mgr_alloc(struct ttm_resource_manager *man, struct ttm_buffer_object *tbo,
			       const struct ttm_place *place, struct ttm_resource **res)
{
	struct nova_vram_mgr *mgr = to_vram_mgr(man);
	struct nova_vram_res *vres;
	struct nova_buddy_req req;
	int ret;

	if (tbo->base.size > (u64)man->size)
		return -E2BIG;
	vres = kzalloc_obj(*vres);
	if (!vres)
		return -ENOMEM;

	nova_vram_req(&req, tbo, place);
	ret = nova_inject_no_vram(&mgr->mm->inject, req.size) ? -ENOSPC :
		nova_buddy_alloc(mgr->mm->buddy, &req, &vres->alloc);
	if (ret)
		goto err_free;
	ttm_resource_init(tbo, place, &vres->base);
	ret = nova_vram_res_extents(vres);
	if (ret)
		goto err_fini;
	vres->base.start = vres->ext[0].addr >> PAGE_SHIFT;
	vres->bo_id = nova_bo(tbo)->id;
	trace_nova_vram_alloc(mgr->mm->nd, vres->bo_id, vres->ext[0].addr, vres->base.size,
			      vres->alloc.nr);
	*res = &vres->base;
	return 0;

err_fini:
	ttm_resource_fini(man, &vres->base);
	nova_buddy_free(mgr->mm->buddy, &vres->alloc, false);
err_free:
	kfree(vres);
	return ret;
}

static void nova_vram_mgr_free(struct ttm_resource_manager *man, struct ttm_resource *res)
{
	struct nova_vram_mgr *mgr = to_vram_mgr(man);
	const struct nova_device *nd = mgr->mm->nd;

	ttm_resource_fini(man, res);
	if (nova_device_is_wedged(nd) && !nova_device_is_gone(nd))
		nova_vram_res_lose(mgr, nova_vram_res(res));
	else
		nova_vram_res_release(mgr, nova_vram_res(res));
}

/* An lpfn of 0 means no upper bound. */
static u64 nova_place_end(const struct ttm_place *place)
{
	return place->lpfn ? (u64)place->lpfn << PAGE_SHIFT : U64_MAX;
}

static bool nova_vram_mgr_intersects(struct ttm_resource_manager *man, struct ttm_resource *res,
				     const struct ttm_place *place, size_t size)
{
	const struct nova_vram_res *vres = nova_vram_res(res);
	u64 start = (u64)place->fpfn << PAGE_SHIFT, end = nova_place_end(place);

	for (unsigned int i = 0; i < vres->alloc.nr; i++)
		if (vres->ext[i].addr < end && vres->ext[i].addr + vres->ext[i].len > start)
			return true;
	return false;
}

static bool nova_vram_mgr_compatible(struct ttm_resource_manager *man, struct ttm_resource *res,
				     const struct ttm_place *place, size_t size)
{
	const struct nova_vram_res *vres = nova_vram_res(res);
	u64 start = (u64)place->fpfn << PAGE_SHIFT, end = nova_place_end(place);

	if ((place->flags & TTM_PL_FLAG_CONTIGUOUS) && vres->alloc.nr > 1)
		return false;
	for (unsigned int i = 0; i < vres->alloc.nr; i++)
		if (vres->ext[i].addr < start || vres->ext[i].addr + vres->ext[i].len > end)
			return false;
	return true;
}

static void nova_vram_mgr_emit(void *arg, const char *line)
{
	drm_printf((struct drm_printer *)arg, "%s\n", line);
}

static void nova_vram_mgr_print_sums(struct nova_buddy *buddy, struct drm_printer *p)
{
	struct nova_buddy_stats stats;

	nova_buddy_stats(buddy, &stats);
	drm_printf(p, "%-24s %12llu KiB\n", "total", stats.total / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "used", (stats.total - stats.avail) / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "free", stats.avail / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "free and zero", stats.clear / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "largest free block", stats.largest_free / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "longest free run",
		   nova_buddy_largest_run(buddy) / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n\n", "bookkeeping in RAM",
		   DIV_ROUND_UP_ULL(stats.metadata, SZ_1K));
}

/**
 * nova_vram_mgr_print - describe VRAM for debugfs
 * @mgr: the manager
 * @p: where to
 *
 * Sums, a table of blocks by size, and the map of what is free.
 *
 * Context: process.
 */
void nova_vram_mgr_print(struct nova_vram_mgr *mgr, struct drm_printer *p)
{
	struct nova_buddy *buddy = mgr->mm->buddy;
	u64 start = 0, end;

	nova_vram_mgr_print_sums(buddy, p);
	nova_buddy_print(buddy, nova_vram_mgr_emit, p);
	drm_puts(p, "\n");
	for (; nova_buddy_next_free(buddy, &start, &end); start = end)
		drm_printf(p, "free 0x%011llx-0x%011llx %12llu KiB\n", start, end - 1,
			   (end - start) / SZ_1K);
}

static const struct ttm_resource_manager_func nova_vram_mgr_func = {
	.alloc = nova_vram_mgr_alloc,
	.free = nova_vram_mgr_free,
	.intersects = nova_vram_mgr_intersects,
	.compatible = nova_vram_mgr_compatible,
};

/**
 * nova_vram_mgr_init - make a manager over a device's usable VRAM
 * @mgr: manager to fill; ttm_resource_manager_init() must still be called
 * @mm: owner of the buddy; must outlive @mgr
 *
 * Context: process.
 */
void nova_vram_mgr_init(struct nova_vram_mgr *mgr, struct nova_mm *mm)
{
	mgr->mm = mm;
	mgr->base.func = &nova_vram_mgr_func;
	spin_lock_init(&mgr->lost_lock);
	INIT_LIST_HEAD(&mgr->lost);
}

/**
 * nova_vram_mgr_release_lost - give back what was lost
 * @mgr: the manager of a device that was let go of
 *
 * Context: process.
 */
void nova_vram_mgr_release_lost(struct nova_vram_mgr *mgr)
{
	struct nova_vram_res *vres, *next;
	LIST_HEAD(list);

	scoped_guard(spinlock, &mgr->lost_lock)
		list_splice_init(&mgr->lost, &list);
	list_for_each_entry_safe(vres, next, &list, lost)
		nova_vram_res_release(mgr, vres);
}
