// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bo
 *
 * Where an object may live and where it lives now. An object starts without
 * memory; nova_bo_validate() gives it some in the best region it allows, and
 * TTM may move it later. What it is for user space (handles, kinds, labels, GPU
 * mappings) is the business of the DRM face.
 *
 * Invariant: memory handed out for the first time reads zero; afterwards its
 * content follows it from region to region.
 *
 * Locking: everything but nova_bo_init() wants the object's reservation.
 *
 * Units: bytes.
 */
#include "nova_bo.h"

#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_device.h"
#include "nova_foreign.h"
#include "nova_mm.h"
#include "nova_ttm.h"
#include "nova_vram_mgr.h"

#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include <asm/barrier.h>
#include <linux/dma-buf.h>

/**
 * nova_bo_region - where an object lives
 * @bo: the object
 *
 * Context: any; without the reservation the answer may be stale.
 *
 * Return: NOVA_BO_VRAM, NOVA_BO_SYSTEM, or 0 if it has no memory the GPU can
 * reach.
 */
u32 nova_bo_region(const struct nova_bo *bo)
{
	switch (READ_ONCE(bo->mem_type)) {
	case TTM_PL_VRAM:
		return NOVA_BO_VRAM;
	case TTM_PL_TT:
		return NOVA_BO_SYSTEM;
	}
	return 0;
}

static struct ttm_place nova_bo_place(const struct nova_bo *bo, u32 mem_type)
{
	struct ttm_place place = { .mem_type = mem_type };

	if (mem_type == TTM_PL_VRAM && bo->contiguous)
		place.flags |= TTM_PL_FLAG_CONTIGUOUS;
	return place;
}

/*
 * On some kernels TTM says -ENOMEM for VRAM that is full. Which of the two it was is
 * learned by asking for the memory alone; should it be there now, it is taken.
 */
static int nova_bo_validate_again(struct nova_bo *bo, struct ttm_placement *placement,
				  struct ttm_operation_ctx *ctx)
{
	struct ttm_resource *res;
	int ret = ttm_bo_mem_space(&bo->ttm, placement, &res, ctx);

	if (ret)
		return ret;
	ttm_resource_free(&bo->ttm, &res);
	return ttm_bo_validate(&bo->ttm, placement, ctx);
}

/* With TTM's help. Apart, because it keeps on the stack what most need not pay for. */
static noinline int nova_bo_validate_places(struct nova_bo *bo, u32 regions,
					    struct ttm_operation_ctx *ctx)
{
	struct ttm_place places[2];
	struct ttm_placement placement = { .placement = places };
	int ret;

	/* What could never fit must not keep the manager from trying the other one. */
	if (regions & NOVA_BO_SYSTEM &&
	    bo->ttm.base.size > nova_ttm_total(nova_ttm_from_bdev(bo->ttm.bdev), TTM_PL_VRAM))
		regions &= ~NOVA_BO_VRAM;
	if (regions & NOVA_BO_VRAM)
		places[placement.num_placement++] = nova_bo_place(bo, TTM_PL_VRAM);
	if (regions & NOVA_BO_SYSTEM)
		places[placement.num_placement++] = nova_bo_place(bo, TTM_PL_TT);

	ret = ttm_bo_validate(&bo->ttm, &placement, ctx);
	if (ret == -ENOMEM && regions == NOVA_BO_VRAM)
		ret = nova_bo_validate_again(bo, &placement, ctx);
	if (!ret)
		ttm_bo_move_to_lru_tail_unlocked(&bo->ttm);
	return ret;
}

/**
 * nova_bo_validate_in - make an object resident in one of some regions
 * @bo: the object, reserved
 * @regions: non-empty mask of NOVA_BO_*; VRAM is preferred
 * @ctx: TTM's operation context
 *
 * Does nothing if the object already lives in one of @regions, or was purged and
 * will never have memory again. May evict others; in any case the object is now the
 * last to be evicted. An imported object lives where its exporter put it.
 *
 * Return: 0; -ENOSPC if VRAM was the only choice and none could be freed;
 * -E2BIG if the object is larger than VRAM; -ENOMEM; -EINTR or -ERESTARTSYS if
 * @ctx is interruptible; -EIO if the hardware gave up on a move, -ENODEV if it
 * had done so before;
 * -EINVAL if the object is pinned elsewhere; an exporter's error.
 */
int nova_bo_validate_in(struct nova_bo *bo, u32 regions, struct ttm_operation_ctx *ctx)
{
	if (nova_bo_is_imported(bo))
		return nova_foreign_map(bo, ctx);
	if (bo->purged)
		return 0;
	if (nova_device_is_wedged(nova_ttm_from_bdev(bo->ttm.bdev)->mm->nd))
		return -ENODEV;
	/* The usual answer, without asking TTM. */
	if (regions & NOVA_BO_VRAM && nova_bo_in_vram(bo)) {
		ttm_bo_move_to_lru_tail_unlocked(&bo->ttm);
		return 0;
	}
	return nova_bo_validate_places(bo, regions, ctx);
}

/**
 * nova_bo_validate - make an object resident where it is allowed to be
 * @bo: the object, reserved
 * @ctx: TTM's operation context
 *
 * Return: as nova_bo_validate_in().
 */
int nova_bo_validate(struct nova_bo *bo, struct ttm_operation_ctx *ctx)
{
	return nova_bo_validate_in(bo, bo->placement, ctx);
}

/**
 * nova_bo_settle - let what moves or clears an object be over
 * @bo: the object, reserved
 * @interruptible: signals may end the wait
 *
 * For whoever looks at the memory without being a fence or waiting for one: until then
 * what is there may be somebody else's. It is for ever if that failed, and then the
 * device is wedged.
 *
 * Context: process; waits for the copy engine.
 *
 * Return: 0; -ERESTARTSYS; -ENODEV if the device is wedged.
 */
int nova_bo_settle(struct nova_bo *bo, bool interruptible)
{
	long ret = dma_resv_wait_timeout(bo->ttm.base.resv, DMA_RESV_USAGE_KERNEL,
					 interruptible, MAX_SCHEDULE_TIMEOUT);

	if (ret < 0)
		return ret;
	/* Pairs with xchg() in nova_device_wedge(), which came before the fences' end. */
	smp_rmb();
	return nova_device_is_wedged(nova_ttm_from_bdev(bo->ttm.bdev)->mm->nd) ? -ENODEV : 0;
}

/**
 * nova_bo_backing - the memory behind an object, for page tables
 * @bo: the object, reserved and populated
 * @backing: filled; refers to memory of @bo, valid until it moves
 */
void nova_bo_backing(struct nova_bo *bo, struct nova_backing *backing)
{
	dma_resv_assert_held(bo->ttm.base.resv);

	if (nova_bo_in_vram(bo)) {
		nova_vram_res(bo->ttm.resource)->zero = false;
		*backing = nova_vram_res(bo->ttm.resource)->backing;
		return;
	}
	*backing = (struct nova_backing) {
		.aperture = NOVA_APERTURE_SYS_COH,
		.size = bo->ttm.base.size,
		.pages = bo->ttm.ttm->dma_address,
	};
}

/* Under the LRU's lock, because the list to take it from follows from the priority. */
static void nova_bo_set_priority(struct nova_bo *bo, unsigned int priority)
{
	struct ttm_buffer_object *tbo = &bo->ttm;

	spin_lock(&tbo->bdev->lru_lock);
	tbo->priority = priority;
	ttm_bo_move_to_lru_tail(tbo);
	spin_unlock(&tbo->bdev->lru_lock);
}

/**
 * nova_bo_advise - say whether an object's content matters
 * @bo: the object, reserved
 * @needed: it does; else it is the first to go under pressure, without a copy, and
 *	the CPU's maps go at once
 *
 * Context: process, may sleep.
 *
 * Return: whether the content is still there.
 */
bool nova_bo_advise(struct nova_bo *bo, bool needed)
{
	dma_resv_assert_held(bo->ttm.base.resv);

	if (bo->purged)
		return false;
	WRITE_ONCE(bo->dontneed, !needed);
	nova_bo_set_priority(bo, needed ? NOVA_BO_PRIORITY_NORMAL : NOVA_BO_PRIORITY_DONTNEED);
	if (!needed) {
		nova_bo_drop_windows(bo);
		ttm_bo_unmap_virtual(&bo->ttm);
	}
	return true;
}

/* Where a new object goes: to VRAM if there is some, perhaps in one block; else it has nothing. */
static const struct ttm_place nova_bo_new[] = {
	{ .mem_type = TTM_PL_VRAM, .flags = TTM_PL_FLAG_DESIRED },
	{ .mem_type = TTM_PL_SYSTEM, .flags = TTM_PL_FLAG_FALLBACK },
	{ .mem_type = TTM_PL_VRAM, .flags = TTM_PL_FLAG_DESIRED | TTM_PL_FLAG_CONTIGUOUS },
	{ .mem_type = TTM_PL_SYSTEM, .flags = TTM_PL_FLAG_FALLBACK },
	{ .mem_type = TTM_PL_SYSTEM },
};

static const struct ttm_placement nova_bo_try_vram = {
	.num_placement = 2, .placement = &nova_bo_new[0],
};

static const struct ttm_placement nova_bo_try_block = {
	.num_placement = 2, .placement = &nova_bo_new[2],
};

static const struct ttm_placement nova_bo_nowhere = {
	.num_placement = 1, .placement = &nova_bo_new[4],
};

static bool nova_bo_may_take_vram(const struct nova_bo *bo, struct nova_ttm *nt)
{
	return bo->placement & NOVA_BO_VRAM && !nova_device_is_wedged(nt->mm->nd) &&
	       bo->ttm.base.size <= nova_ttm_total(nt, TTM_PL_VRAM);
}

/**
 * nova_bo_init - make an object
 * @bo: zeroed; its GEM part initialised by drm_gem_private_object_init()
 * @nt: the memory manager
 * @params: see there
 *
 * It has no memory, unless it wants VRAM at once and nobody has to be evicted for
 * it. On success it is reserved and has one reference; on error @params->destroy has
 * been called.
 *
 * Context: process, may sleep.
 *
 * Return: 0; -ENOMEM; -ENOSPC if the device's mmap offsets are exhausted.
 */
int nova_bo_init(struct nova_bo *bo, struct nova_ttm *nt, const struct nova_bo_params *params)
{
	struct ttm_placement placement = nova_bo_nowhere;
	struct ttm_operation_ctx ctx = { .interruptible = false };
	enum ttm_bo_type type = params->hidden ? ttm_bo_type_kernel :
				params->attach ? ttm_bo_type_sg : ttm_bo_type_device;

	bo->id = atomic64_inc_return(&nt->last_bo_id);
	bo->placement = params->placement;
	bo->contiguous = params->contiguous;
	bo->write_combined = params->write_combined;
	bo->ttm.priority = NOVA_BO_PRIORITY_NORMAL;
	xa_init(&bo->windows);
	bo->ttm.base.import_attach = params->attach;
	if (params->attach)
		params->attach->importer_priv = bo;
	if (params->eager && nova_bo_may_take_vram(bo, nt))
		placement = bo->contiguous ? nova_bo_try_block : nova_bo_try_vram;
	return ttm_bo_init_reserved(&nt->bdev, &bo->ttm, type, &placement,
				    params->alignment >> PAGE_SHIFT, &ctx, NULL, params->resv,
				    params->destroy);
}

/**
 * nova_bo_pin_system - bring an object to system memory, to stay
 * @bo: the object, reserved
 *
 * Undone by ttm_bo_unpin(), as often as it was done.
 *
 * Context: process, may sleep and evict.
 *
 * Return: 0; -EOPNOTSUPP if it may not live there; -EBUSY if it was purged;
 * otherwise as nova_bo_validate_in().
 */
int nova_bo_pin_system(struct nova_bo *bo)
{
	struct ttm_operation_ctx ctx = { .interruptible = false };
	int ret;

	if (!(bo->placement & NOVA_BO_SYSTEM))
		return -EOPNOTSUPP;
	ret = nova_bo_validate_in(bo, NOVA_BO_SYSTEM, &ctx);
	if (ret)
		return ret;
	if (!nova_bo_is_populated(bo))
		return -EBUSY;
	ttm_bo_pin(&bo->ttm);
	return 0;
}

/**
 * nova_bo_abandon - give back what was mapped for a device that is gone
 * @bo: the object, reserved
 *
 * DMA addresses end with the device's binding, so the system pages of the object
 * go, and with them its content. Pages that another device was given stay: they
 * are pinned until it lets go of them.
 *
 * Context: process, may sleep; the hardware was unplugged.
 */
void nova_bo_abandon(struct nova_bo *bo)
{
	struct ttm_operation_ctx ctx = { .interruptible = false };
	struct ttm_buffer_object *tbo = &bo->ttm;
	struct ttm_placement nowhere = {};

	if (nova_bo_is_imported(bo)) {
		nova_foreign_unmap(bo);
		return;
	}
	if (tbo->pin_count || !tbo->ttm || !ttm_tt_is_populated(tbo->ttm))
		return;
	/* Without memory for its bookkeeping the object keeps its pages a little longer. */
	if (!ttm_bo_validate(tbo, &nowhere, &ctx))
		WRITE_ONCE(bo->mem_type, TTM_PL_SYSTEM);
}
