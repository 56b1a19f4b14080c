// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_move_engine
 *
 * Moves by the copy engine. The engine works in the order it is asked, so a move
 * need not wait for another one; what is done with the fence of a move depends on
 * who could notice that it is not over::
 *
 *	clear of fresh vram	fence on the object, nobody waits
 *	eviction vram to gtt	fence on the object and on vram's manager, nobody waits
 *	all others		waited for, so an error leaves the object where it was
 *
 * Whoever uses an object waits for its KERNEL fences: CPU faults, binds, jobs. VRAM
 * that an eviction still reads goes to users through TTM, which hands them the
 * fence, or to page tables, which wait.
 *
 * If there is no engine, or it does not take the work, the CPU does it. Work that the
 * engine took and did not do is lost, and the device with it (nova_copy): the memory an
 * eviction was to save may be somebody else's by then. Nobody waits in vain, and
 * nova_bo_settle() and nova_channel_submit() keep whoever waited from the memory.
 *
 * Locking: the object's reservation.
 */
#include "nova_move_engine.h"

#include "nova_bo.h"
#include "nova_copy.h"
#include "nova_mm.h"
#include "nova_ttm.h"
#include "nova_vram_mgr.h"

#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/err.h>

/**
 * nova_move_engine_wait - wait until an object may be moved
 * @nt: the TTM device
 * @tbo: the object, reserved
 * @ctx: TTM's operation context
 *
 * Moves of the engine need not be over.
 *
 * Return: 0; -EBUSY if @ctx says not to wait; -ERESTARTSYS.
 */
int nova_move_engine_wait(struct nova_ttm *nt, struct ttm_buffer_object *tbo,
			  const struct ttm_operation_ctx *ctx)
{
	struct nova_copy *copy = nt->mm->copy;
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_for_each_fence(&cursor, tbo->base.resv, DMA_RESV_USAGE_BOOKKEEP, fence) {
		long ret;

		if (copy && fence->context == copy->ch.context)
			continue;
		if (ctx->no_wait_gpu && !dma_fence_is_signaled(fence))
			return -EBUSY;
		ret = dma_fence_wait(fence, ctx->interruptible);
		if (ret)
			return ret;
	}
	return 0;
}

static struct dma_fence *nova_move_engine_clear(struct nova_copy *copy,
						const struct nova_vram_res *vres)
{
	const struct nova_buddy_extent *e;
	struct dma_fence *fence = NULL;

	nova_buddy_for_each_extent(e, &vres->alloc) {
		const struct nova_extent ext = { .addr = e->addr, .len = e->len };
		const struct nova_backing backing = {
			.aperture = NOVA_APERTURE_VRAM,
			.size = e->len,
			.extents = &ext,
			.nr_extents = 1,
		};
		const struct nova_copy_req req = { .dst = &backing, .len = e->len };

		if (e->cleared)
			continue;
		dma_fence_put(fence);
		fence = nova_copy_run(copy, &req);
		if (IS_ERR(fence))
			break;
	}
	return fence ?: dma_fence_get_stub();
}

static struct dma_fence *nova_move_engine_copy(struct nova_copy *copy, struct ttm_tt *tt,
					       struct nova_vram_res *vres, bool to_vram)
{
	const struct nova_backing gtt = {
		.aperture = NOVA_APERTURE_SYS_COH,
		.size = vres->backing.size,
		.pages = tt->dma_address,
	};
	const struct nova_copy_req req = {
		.src = to_vram ? &gtt : &vres->backing,
		.dst = to_vram ? &vres->backing : &gtt,
		.len = vres->backing.size,
	};

	return nova_copy_run(copy, &req);
}

/**
 * nova_move_engine_start - let the engine move an object's content
 * @nt: the TTM device
 * @tbo: the object, reserved, not used by anybody
 * @from: TTM_PL_* of its memory
 * @new: its next memory; one of both is VRAM
 *
 * Return: the fence of the work for nova_move_engine_finish(); NULL if the CPU has
 * to do it, with nothing of the engine's under way.
 */
struct dma_fence *nova_move_engine_start(struct nova_ttm *nt, struct ttm_buffer_object *tbo,
					 u32 from, struct ttm_resource *new)
{
	struct nova_copy *copy = nt->mm->copy;
	struct dma_fence *fence;

	if (!copy)
		return NULL;
	if (from == TTM_PL_VRAM)
		fence = nova_move_engine_copy(copy, tbo->ttm, nova_vram_res(tbo->resource), false);
	else if (from == TTM_PL_TT)
		fence = nova_move_engine_copy(copy, tbo->ttm, nova_vram_res(new), true);
	else
		fence = nova_move_engine_clear(copy, nova_vram_res(new));
	if (!IS_ERR(fence))
		return fence;
	nova_copy_wait(copy);
	return NULL;
}

/**
 * nova_move_engine_finish - give an object its new memory
 * @nt: the TTM device
 * @tbo: the object
 * @evict: somebody else needs its memory
 * @new: its next memory
 * @fence: of the work; the reference is taken over
 *
 * Return: 0; -EIO if the work was not done, -ENODEV if that is because the device goes.
 */
int nova_move_engine_finish(struct nova_ttm *nt, struct ttm_buffer_object *tbo, bool evict,
			    struct ttm_resource *new, struct dma_fence *fence)
{
	u32 from = tbo->resource ? tbo->resource->mem_type : TTM_PL_SYSTEM;
	int ret = 0;

	if (from == TTM_PL_SYSTEM) {
		dma_resv_add_fence(tbo->base.resv, fence, DMA_RESV_USAGE_KERNEL);
		ttm_bo_move_null(tbo, new);
	} else if (from == TTM_PL_VRAM && evict) {
		/* Out of VRAM in a pipeline: nothing in it can fail. */
		ttm_bo_move_accel_cleanup(tbo, fence, true, true, new);
	} else {
		dma_fence_wait(fence, false);
		if (fence->error)
			ret = fence->error == -ENODEV ? -ENODEV : -EIO;
		else
			ttm_bo_move_sync_cleanup(tbo, new);
	}
	dma_fence_put(fence);
	return ret;
}
