// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_move
 *
 * Moving an object's content between regions. The copy engine does it where there
 * is one (nova_move_engine); else the CPU copies, run by run: VRAM through nova_mem,
 * system pages through their kernel mapping::
 *
 *	from \ to	memory		gtt		vram
 *	nothing		relabel		relabel		clear
 *	memory		-		relabel		via gtt, or clear if fresh
 *	gtt		relabel		-		copy
 *	vram		via gtt		copy		-
 *
 * Relabelled pages keep their content; TTM zeroes fresh ones.
 *
 * Invariant: before memory is given up, no CPU map (TTM zaps those), no BAR1
 * window and no GPU mapping of it is left, and the TLB flush that removed the
 * last one was acknowledged. An error leaves the object where it was.
 *
 * Locking: TTM calls with the object's reservation held.
 */
#include "nova_bo.h"

#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_mm.h"
#include "nova_move_engine.h"
#include "nova_trace.h"
#include "nova_ttm.h"
#include "nova_vram_mgr.h"

#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/highmem.h>

enum nova_move_dir { NOVA_MOVE_TO_VRAM, NOVA_MOVE_FROM_VRAM };

static int nova_move_page(struct nova_mem *mem, u64 addr, struct page *page,
			  enum nova_move_dir dir)
{
	void *va = kmap_local_page(page);
	int ret;

	if (dir == NOVA_MOVE_TO_VRAM)
		ret = nova_mem_write(mem, nova_vram(addr), va, PAGE_SIZE);
	else
		ret = nova_mem_read(mem, nova_vram(addr), va, PAGE_SIZE);
	kunmap_local(va);
	return ret;
}

static int nova_move_copy(struct nova_ttm *nt, struct nova_vram_res *vres, struct ttm_tt *tt,
			  enum nova_move_dir dir)
{
	unsigned long page = 0;

	for (unsigned int i = 0; i < vres->alloc.nr; i++) {
		u64 addr = vres->ext[i].addr, end = addr + vres->ext[i].len;

		for (; addr < end; addr += PAGE_SIZE) {
			int ret = nova_move_page(&nt->mm->mem, addr, tt->pages[page++], dir);

			if (ret)
				return ret;
			cond_resched();
		}
	}
	return 0;
}

static int nova_move_clear(struct nova_ttm *nt, struct nova_vram_res *vres)
{
	const struct nova_buddy_extent *e;

	nova_buddy_for_each_extent(e, &vres->alloc) {
		int ret = e->cleared ? 0 : nova_mem_zero(&nt->mm->mem, nova_vram(e->addr), e->len);

		if (ret)
			return ret;
	}
	return 0;
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

static int nova_move_content(struct nova_ttm *nt, struct ttm_buffer_object *tbo, u32 from,
			     struct ttm_resource *new)
{
	if (new->mem_type == TTM_PL_VRAM && from == TTM_PL_TT)
		return nova_move_copy(nt, nova_vram_res(new), tbo->ttm, NOVA_MOVE_TO_VRAM);
	if (new->mem_type == TTM_PL_VRAM)
		return nova_move_clear(nt, nova_vram_res(new));
	if (from == TTM_PL_VRAM)
		return nova_move_copy(nt, nova_vram_res(tbo->resource), tbo->ttm,
				      NOVA_MOVE_FROM_VRAM);
	return 0;
}

/* By the engine if it can, else by the CPU. */
static int nova_move_vram(struct nova_ttm *nt, struct ttm_buffer_object *tbo, bool evict,
			  struct ttm_resource *new)
{
	u32 from = tbo->resource ? tbo->resource->mem_type : TTM_PL_SYSTEM;
	struct dma_fence *fence = nova_move_engine_start(nt, tbo, from, new);
	int ret;

	if (fence && nova_move_engine_finish(nt, tbo, evict, new, fence))
		return 0;
	ret = nova_move_content(nt, tbo, from, new);
	if (!ret)
		ttm_bo_move_sync_cleanup(tbo, new);
	return ret;
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
 * for the object to become idle; -EIO or -ENODEV if the hardware gave up.
 */
int nova_bo_move(struct ttm_buffer_object *tbo, bool evict, struct ttm_operation_ctx *ctx,
		 struct ttm_resource *new, struct ttm_place *hop)
{
	struct nova_ttm *nt = nova_ttm_from_bdev(tbo->bdev);
	u32 from = tbo->resource ? tbo->resource->mem_type : TTM_PL_SYSTEM;
	bool vram = from == TTM_PL_VRAM || new->mem_type == TTM_PL_VRAM;
	int ret;

	if (nova_move_needs_hop(tbo, from, new->mem_type)) {
		*hop = (struct ttm_place) { .mem_type = TTM_PL_TT };
		return -EMULTIHOP;
	}
	if (vram)
		ret = nova_move_engine_wait(nt, tbo, ctx);
	else
		ret = ttm_bo_wait_ctx(tbo, ctx);
	if (ret)
		return ret;
	ret = nova_move_detach(nt, nova_bo(tbo));
	if (ret)
		return ret;
	if (!vram)
		ttm_bo_move_null(tbo, new);
	else
		ret = nova_move_vram(nt, tbo, evict, new);
	if (ret)
		return ret;
	WRITE_ONCE(nova_bo(tbo)->mem_type, new->mem_type);
	trace_nova_bo_move(nt->mm->nd, nova_bo(tbo)->id, tbo->base.size, nova_ttm_name(from),
			   nova_ttm_name(new->mem_type), evict);
	nt->client->moved(nova_bo(tbo));
	return 0;
}
