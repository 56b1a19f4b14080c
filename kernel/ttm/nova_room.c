// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_room
 *
 * Who gets memory when there is not enough for all at once. Two callers that have
 * reserved their own objects and want each other's evicted cannot both go on: one has
 * to let go, and TTM tells it that there is no space, as if memory were full. The same
 * is said to one who finds everything reserved that could be evicted. Neither is for
 * user space to know. So who is told so tries again *alone*::
 *
 *	in company	many at once; -ENOSPC may mean that somebody was in the way
 *	alone		the others have dropped their reservations and wait;
 *			-ENOSPC means what it says
 *
 * VRAM for page tables does not come from TTM, and nothing is evicted for it. Between two
 * attempts of one who is alone room for them is made, too.
 *
 * Invariant: who waits here holds no reservation.
 *
 * Locking: &nova_ttm.room, inside of the locks of VMs and queues and outside of every
 * reservation: shared in company, exclusive alone. Who reserves a single object, a CPU
 * fault say, does not take it: it never waits for a second one with the first reserved.
 */
#include "nova_room.h"

#include "nova_bo.h"
#include "nova_compat.h"
#include "nova_ttm.h"

#include <drm/drm_exec.h>
#include <drm/drm_gem.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/rwsem.h>
#include <linux/sizes.h>
#include <linux/slab.h>

/* How often page tables may be short of VRAM before the caller is told so. */
#define NOVA_ROOM_TRIES	4

static void nova_room_destroy(struct ttm_buffer_object *tbo)
{
	drm_gem_object_release(&tbo->base);
	kfree(nova_bo(tbo));
}

/*
 * With a ticket, so that TTM may wait for the reservations of others; it takes them with the same
 * ticket, so what may evict belongs into the loop.
 */
static int nova_room_reserved(struct nova_bo *bo, struct ttm_operation_ctx *ctx,
			      int (*fn)(struct nova_bo *bo, struct ttm_operation_ctx *ctx))
{
	struct drm_exec exec;
	int ret = 0;

	drm_exec_init(&exec, DRM_EXEC_INTERRUPTIBLE_WAIT, 1);
	drm_exec_until_all_locked(&exec) {
		ret = drm_exec_lock_obj(&exec, &bo->ttm.base);
		drm_exec_retry_on_contention(&exec);
		if (!ret)
			ret = fn(bo, ctx);
		if (ret)
			break;
	}
	drm_exec_fini(&exec);
	return ret;
}

static int nova_room_claim(struct nova_bo *bo, struct ttm_operation_ctx *ctx)
{
	static const struct ttm_place place = {
		.mem_type = TTM_PL_VRAM,
		.flags = TTM_PL_FLAG_TOPDOWN | TTM_PL_FLAG_CONTIGUOUS,
	};
	struct ttm_placement placement = { .num_placement = 1, .placement = &place };
	struct ttm_resource *res;
	int ret = ttm_bo_mem_space(&bo->ttm, &placement, &res, ctx);

	if (!ret)
		ttm_resource_free(&bo->ttm, &res);
	return ret;
}

/**
 * nova_room_make - evict enough for page tables
 * @nt: the TTM device
 *
 * Somebody else may be faster to take it, unless the caller is alone.
 *
 * Context: process, no reservation held.
 *
 * Return: 0 if there was room a moment ago; -ENOSPC, -ENOMEM; -EINTR or
 * -ERESTARTSYS; -EIO or -ENODEV if the hardware does not let go.
 */
int nova_room_make(struct nova_ttm *nt)
{
	const struct nova_bo_params params = {
		.size = SZ_2M,
		.alignment = SZ_2M,
		.placement = NOVA_BO_VRAM,
		.hidden = true,
		.destroy = nova_room_destroy,
	};
	struct ttm_operation_ctx ctx = { .interruptible = true, .gfp_retry_mayfail = true };
	struct nova_bo *bo = kzalloc_obj(*bo);
	int ret;

	if (!bo)
		return -ENOMEM;
	drm_gem_private_object_init(nt->drm, &bo->ttm.base, params.size);
	ret = nova_bo_init(bo, nt, &params);
	if (ret)
		return ret;
	dma_resv_unlock(bo->ttm.base.resv);
	ret = nova_room_reserved(bo, &ctx, nova_room_claim);
	nova_ttm_bo_fini(&bo->ttm);
	return ret;
}

/**
 * nova_room_validate - reserve an object as one who is alone does, and validate it
 * @bo: the object, not reserved; nor is any other
 * @ctx: TTM's operation context
 *
 * Context: process, may sleep and evict.
 *
 * Return: as nova_bo_validate().
 */
int nova_room_validate(struct nova_bo *bo, struct ttm_operation_ctx *ctx)
{
	return nova_room_reserved(bo, ctx, nova_bo_validate);
}

static int nova_room_run_alone(struct nova_ttm *nt, nova_room_fn *fn, void *arg)
{
	int ret = -ENOSPC, made = 0;

	for (unsigned int i = 0; i < NOVA_ROOM_TRIES && ret == -ENOSPC && !made; i++) {
		ret = fn(arg, true);
		if (ret == -ENOSPC)
			made = nova_room_make(nt);
	}
	/* Who was interrupted may well succeed the next time. */
	return made == -EINTR || made == -ERESTARTSYS ? made : ret;
}

/**
 * nova_room_run - do something that wants memory
 * @nt: the TTM device
 * @fn: does it
 * @arg: for @fn
 *
 * Context: process, no reservation held; may sleep and evict.
 *
 * Return: what @fn does; -ENOSPC only if there was none for the caller alone; -EINTR or
 * -ERESTARTSYS.
 */
int nova_room_run(struct nova_ttm *nt, nova_room_fn *fn, void *arg)
{
	int ret = down_read_interruptible(&nt->room);

	if (ret)
		return ret;
	ret = fn(arg, false);
	up_read(&nt->room);
	if (ret != -ENOSPC)
		return ret;
	ret = down_write_killable(&nt->room);
	if (ret)
		return ret;
	ret = nova_room_run_alone(nt, fn, arg);
	up_write(&nt->room);
	return ret;
}
