// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_move
 *
 * Moving an object's content between regions. The copy engine does it where there
 * is one that takes the work (nova_move_engine), else the CPU (nova_blit)::
 *
 *	from \ to	memory		gtt		vram
 *	nothing		relabel		relabel		clear
 *	memory		-		relabel		via gtt, or clear if fresh
 *	gtt		relabel		-		copy
 *	vram		via gtt		copy		-
 *
 * Relabelled pages keep their content; TTM zeroes fresh ones. An object whose
 * content nobody needs is not moved when its memory is wanted but purged: it ends up
 * in no memory at all, for good.
 *
 * Invariant: before memory is given up, no CPU map (TTM zaps those), no BAR1
 * window and no GPU mapping of it is left, and the TLB flush that removed the
 * last one was acknowledged. An error leaves the object where it was.
 *
 * Locking: TTM calls with the object's reservation held.
 */
#include "nova_bo.h"

#include "nova_blit.h"
#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_mm.h"
#include "nova_move_engine.h"
#include "nova_trace.h"
#include "nova_ttm.h"
#include "nova_vram_mgr.h"

#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

static int nova_move_clear(struct nova_ttm *nt, struct nova_vram_res *vres)
{
	const struct nova_buddy_extent *e;
	u64 off = 0;

	nova_buddy_for_each_extent(e, &vres->alloc) {
		int ret = e->cleared ? 0 : nova_blit_zero(nt->mm, &vres->backing, off, e->len);

		if (ret)
			return ret;
		off += e->len;
	}
	vres->zero = true;
	return 0;
}

static u64 nova_move_dirty_bytes(const struct nova_vram_res *vres)
{
	const struct nova_buddy_extent *e;
	u64 bytes = 0;

	nova_buddy_for_each_extent(e, &vres->alloc)
		bytes += e->cleared ? 0 : e->len;
	return bytes;
}

static void nova_move_count(struct nova_ttm *nt, u32 from, struct ttm_resource *new)
{
	struct nova_ttm_stats *stats = &nt->stats;

	if (from == TTM_PL_VRAM)
		atomic64_add(new->size, &stats->from_vram);
	else if (from == TTM_PL_TT)
		atomic64_add(new->size, &stats->to_vram);
	else
		atomic64_add(nova_move_dirty_bytes(nova_vram_res(new)), &stats->cleared);
}

/* System pages exist, in memory or in swap. */
static bool nova_move_has_pages(const struct ttm_tt *tt)
{
	return tt && (ttm_tt_is_populated((struct ttm_tt *)tt) || nova_tt_is_swapped(tt));
}

static bool nova_move_needs_hop(const struct ttm_buffer_object *tbo, u32 from, u32 to)
{
	if (from == TTM_PL_VRAM)
		return to == TTM_PL_SYSTEM;
	return from == TTM_PL_SYSTEM && to == TTM_PL_VRAM && nova_move_has_pages(tbo->ttm);
}

/* Nothing may reach the old memory any more: GPU mappings, then BAR1 windows. */
static int nova_move_detach(struct nova_ttm *nt, struct nova_bo *bo)
{
	int ret = nt->client->moving(bo);

	if (ret)
		return ret;
	nova_bo_drop_windows(bo);
	return 0;
}

/* Instead of moving: everything that is left of the object is its size. */
static int nova_move_purge(struct nova_ttm *nt, struct nova_bo *bo, struct ttm_operation_ctx *ctx)
{
	struct ttm_placement nowhere = {};
	int ret = nt->client->purging(bo);

	if (ret)
		return ret;
	nova_bo_drop_windows(bo);
	ret = ttm_bo_validate(&bo->ttm, &nowhere, ctx);
	if (ret) {
		/* The content is still there, and its mappings come back with the next use. */
		nt->client->moving(bo);
		return ret;
	}
	atomic64_add(bo->ttm.base.size, &nt->stats.purged);
	WRITE_ONCE(bo->purged, true);
	WRITE_ONCE(bo->mem_type, TTM_PL_SYSTEM);
	return 0;
}

/**
 * nova_bo_swap_notify - TTM is about to write an object's pages to swap
 * @tbo: the object, reserved, idle and in no memory the GPU can reach
 *
 * Nobody needs a copy of what nobody needs. If the hardware does not let go of the
 * pages they are kept.
 *
 * Context: process, may sleep.
 */
void nova_bo_swap_notify(struct ttm_buffer_object *tbo)
{
	struct ttm_operation_ctx ctx = {};

	if (nova_bo(tbo)->dontneed && !nova_bo(tbo)->purged)
		nova_move_purge(nova_ttm_from_bdev(tbo->bdev), nova_bo(tbo), &ctx);
}

static int nova_move_content(struct nova_ttm *nt, struct ttm_buffer_object *tbo, u32 from,
			     struct ttm_resource *new)
{
	if (new->mem_type == TTM_PL_VRAM && from == TTM_PL_TT)
		return nova_blit_copy(nt->mm, &nova_vram_res(new)->backing, tbo->ttm->pages,
				      NOVA_BLIT_TO_VRAM);
	if (new->mem_type == TTM_PL_VRAM)
		return nova_move_clear(nt, nova_vram_res(new));
	if (from == TTM_PL_VRAM)
		return nova_blit_copy(nt->mm, &nova_vram_res(tbo->resource)->backing,
				      tbo->ttm->pages, NOVA_BLIT_FROM_VRAM);
	return 0;
}

static int nova_move_by_cpu(struct nova_ttm *nt, struct ttm_buffer_object *tbo, u32 from,
			    struct ttm_resource *new)
{
	int ret = nova_move_content(nt, tbo, from, new);

	if (ret)
		return ret;
	/* TTM waits before it takes the old memory away; where there was none, for nobody. */
	if (from == TTM_PL_SYSTEM)
		ttm_bo_move_null(tbo, new);
	else
		ttm_bo_move_sync_cleanup(tbo, new);
	return 0;
}

/* By the engine if it takes the work, else by the CPU. */
static int nova_move_vram(struct nova_ttm *nt, struct ttm_buffer_object *tbo, bool evict,
			  struct ttm_resource *new)
{
	u32 from = tbo->resource ? tbo->resource->mem_type : TTM_PL_SYSTEM;
	struct dma_fence *fence = nova_move_engine_start(nt, tbo, from, new);
	int ret;

	if (fence)
		ret = nova_move_engine_finish(nt, tbo, evict, new, fence);
	else
		ret = nova_move_by_cpu(nt, tbo, from, new);
	if (!ret)
		nova_move_count(nt, from, new);
	return ret;
}

/*
 * Until nobody is at work in the old memory. Where the GPU does not reach nobody is, and whoever
 * shares the reservation may wait for what user space never does.
 */
static int nova_move_wait(struct nova_ttm *nt, struct ttm_buffer_object *tbo, bool pipelined,
			  struct ttm_operation_ctx *ctx)
{
	if (!tbo->resource || tbo->resource->mem_type == TTM_PL_SYSTEM)
		return 0;
	return pipelined ? nova_move_engine_wait(nt, tbo, ctx) : ttm_bo_wait_ctx(tbo, ctx);
}

/**
 * nova_bo_move - TTM's move callback
 * @tbo: the object, reserved
 * @evict: whether someone else needs its memory
 * @ctx: TTM's operation context
 * @new: where to go
 * @hop: filled if TTM must stop over in gtt
 *
 * Context: process, may sleep.
 *
 * Return: 0; -EMULTIHOP with @hop filled; -EINTR or -ERESTARTSYS while waiting
 * for the object to become idle; if it is busy and @ctx says not to wait, -EBUSY, or
 * -EINTR with @evict; -EIO or -ENODEV if the hardware gave up.
 */
int nova_bo_move(struct ttm_buffer_object *tbo, bool evict, struct ttm_operation_ctx *ctx,
		 struct ttm_resource *new, struct ttm_place *hop)
{
	struct nova_ttm *nt = nova_ttm_from_bdev(tbo->bdev);
	u32 from = tbo->resource ? tbo->resource->mem_type : TTM_PL_SYSTEM;
	bool vram = from == TTM_PL_VRAM || new->mem_type == TTM_PL_VRAM;
	bool purge = evict && nova_bo(tbo)->dontneed;
	int ret;

	if (!purge && nova_move_needs_hop(tbo, from, new->mem_type)) {
		*hop = (struct ttm_place) { .mem_type = TTM_PL_TT };
		return -EMULTIHOP;
	}
	ret = nova_move_wait(nt, tbo, vram && !purge, ctx);
	/* Who looks for room without waiting finds none; TTM would log any other error. */
	if (ret == -EBUSY && evict)
		return -EINTR;
	if (ret)
		return ret;
	if (purge)
		ret = nova_move_purge(nt, nova_bo(tbo), ctx);
	else
		ret = nova_move_detach(nt, nova_bo(tbo));
	if (ret)
		return ret;
	if (vram && !purge)
		ret = nova_move_vram(nt, tbo, evict, new);
	else
		ttm_bo_move_null(tbo, new);
	if (ret)
		return ret;
	WRITE_ONCE(nova_bo(tbo)->mem_type, new->mem_type);
	trace_nova_bo_move(nt->mm->nd, nova_bo(tbo)->id, tbo->base.size, nova_ttm_name(from),
			   nova_ttm_name(new->mem_type), evict);
	nt->client->moved(nova_bo(tbo));
	return 0;
}
