// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gem_ioctl
 *
 * The calls on buffer objects. Each checks in the order of uapi.md §3.1: what
 * the struct alone can tell, then lookups, then relations, then resources; and
 * publishes a handle only when nothing can fail any more.
 *
 * Locking: none of its own.
 */
#include "nova_gem.h"

#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_kind.h"

#include <drm/drm_file.h>
#include <drm/drm_gem.h>

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sizes.h>

#define NOVA_GEM_PLACEMENTS	(DRM_NOVA_PLACEMENT_SYSTEM | DRM_NOVA_PLACEMENT_VRAM)
#define NOVA_GEM_CREATE_FLAGS	(DRM_NOVA_GEM_NO_CPU_ACCESS | DRM_NOVA_GEM_CONTIGUOUS | \
				 DRM_NOVA_GEM_DEFER)

static_assert((u32)DRM_NOVA_PLACEMENT_SYSTEM == NOVA_BO_SYSTEM);
static_assert((u32)DRM_NOVA_PLACEMENT_VRAM == NOVA_BO_VRAM);

static int nova_gem_check_reserved(const struct drm_nova_gem_create2 *args)
{
	if (args->pad || args->handle || args->mmap_offset)
		return -EINVAL;
	if (args->flags & ~NOVA_GEM_CREATE_FLAGS)
		return -EINVAL;
	return 0;
}

static int nova_gem_check_placement(const struct drm_nova_gem_create2 *args)
{
	if (!args->placement || args->placement & ~NOVA_GEM_PLACEMENTS)
		return -EINVAL;
	if ((args->flags & DRM_NOVA_GEM_CONTIGUOUS) &&
	    args->placement != DRM_NOVA_PLACEMENT_VRAM)
		return -EINVAL;
	if (args->cpu_caching > DRM_NOVA_CACHING_WC)
		return -EINVAL;
	if (args->cpu_caching == DRM_NOVA_CACHING_WB && (args->placement & DRM_NOVA_PLACEMENT_VRAM))
		return -EINVAL;
	return 0;
}

static int nova_gem_check_domain(const struct drm_nova_gem_create2 *args)
{
	int ret;

	if (!args->size)
		return -EINVAL;
	if (args->alignment && (!is_power_of_2(args->alignment) ||
				args->alignment < SZ_4K || args->alignment > SZ_2M))
		return -EINVAL;
	ret = nova_gem_check_placement(args);
	return ret ?: nova_kind_check(args->pte_kind);
}

static int nova_gem_round_size(struct nova_drm *ndrm, struct drm_nova_gem_create2 *args)
{
	u64 granule = args->placement & DRM_NOVA_PLACEMENT_VRAM ? SZ_64K : SZ_4K;
	u64 size;

	if (check_add_overflow(args->size, granule - 1, &size))
		return -E2BIG;
	size = round_down(size, granule);
	if (size > nova_gem_size_limit(ndrm, args->placement))
		return -E2BIG;
	args->size = size;
	return 0;
}

static int nova_gem_create_handle(struct nova_drm *ndrm, struct drm_file *file,
				  struct drm_nova_gem_create2 *args)
{
	struct nova_gem *gem = nova_gem_create(ndrm, file, args);
	u32 handle;
	int ret;

	if (IS_ERR(gem))
		return PTR_ERR(gem);
	ret = drm_gem_handle_create(file, &gem->bo.ttm.base, &handle);
	if (!ret) {
		args->handle = handle;
		args->mmap_offset = nova_gem_mmap_offset(gem);
	}
	nova_gem_put(gem);
	return ret;
}

/**
 * nova_gem_create2_ioctl - DRM_NOVA_GEM_CREATE2 (uapi.md §5.5)
 * @drm: the device
 * @data: struct drm_nova_gem_create2
 * @file: the caller
 *
 * Return: 0; -EINVAL, -E2BIG, -ENOENT, -ENOSPC, -ENOMEM, -EINTR.
 */
int nova_gem_create2_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_create2 *args = data;
	struct nova_drm *ndrm = to_nova_drm(drm);
	int ret;

	ret = nova_gem_check_reserved(args);
	if (ret)
		return ret;
	ret = nova_gem_check_domain(args);
	if (ret)
		return ret;
	ret = nova_gem_round_size(ndrm, args);
	if (ret)
		return ret;
	return nova_gem_create_handle(ndrm, file, args);
}

/**
 * nova_gem_create_ioctl - DRM_NOVA_GEM_CREATE (uapi.md §5.2)
 * @drm: the device
 * @data: struct drm_nova_gem_create
 * @file: the caller
 *
 * Return: as nova_gem_create2_ioctl() with both regions allowed.
 */
int nova_gem_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_create *args = data;
	struct drm_nova_gem_create2 args2 = {
		.size = args->size,
		.placement = NOVA_GEM_PLACEMENTS,
	};
	int ret;

	if (args->pad)
		return -EINVAL;
	ret = nova_gem_create2_ioctl(drm, &args2, file);
	if (!ret)
		args->handle = args2.handle;
	return ret;
}

/**
 * nova_gem_info_ioctl - DRM_NOVA_GEM_INFO (uapi.md §5.3)
 * @drm: the device
 * @data: struct drm_nova_gem_info
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT.
 */
int nova_gem_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_info *args = data;
	struct nova_gem *gem;

	if (args->pad)
		return -EINVAL;
	gem = nova_gem_lookup(file, args->handle);
	if (!gem)
		return -ENOENT;
	args->size = gem->bo.ttm.base.size;
	nova_gem_put(gem);
	return 0;
}

/* Largest page every part of the backing could be mapped with: its worst alignment. */
static u8 nova_gem_page_shift(struct nova_drm *ndrm, struct nova_bo *bo)
{
	struct nova_backing backing;
	struct nova_cursor cur;
	u64 bits = bo->ttm.base.size, sizes = ndrm->nd.chip->family->page_sizes;

	nova_bo_backing(bo, &backing);
	for (nova_cursor_init(&cur, &backing, 0, backing.size); cur.len;
	     nova_cursor_next(&cur, cur.len))
		bits |= cur.addr | cur.off;
	return __fls(sizes & ((bits & -bits) * 2 - 1));
}

static void nova_gem_query_locked(struct nova_drm *ndrm, struct nova_gem *gem,
				  struct drm_nova_gem_query *args)
{
	if (gem->bo.dontneed)
		args->state |= DRM_NOVA_GEM_STATE_DONTNEED;
	if (gem->bo.purged)
		args->state |= DRM_NOVA_GEM_STATE_PURGED;
	args->region = nova_gem_region(gem);
	args->page_shift = 0;
	if (args->region == DRM_NOVA_REGION_NONE)
		return;
	args->state |= DRM_NOVA_GEM_STATE_POPULATED;
	args->page_shift = nova_gem_page_shift(ndrm, &gem->bo);
}

static int nova_gem_query(struct nova_drm *ndrm, struct nova_gem *gem,
			  struct drm_nova_gem_query *args)
{
	struct dma_resv *resv = gem->bo.ttm.base.resv;
	int ret = dma_resv_lock_interruptible(resv, NULL);

	if (ret)
		return ret;
	args->state = gem->private_vm ? DRM_NOVA_GEM_STATE_PRIVATE : 0;
	if (gem->dma_buf)
		args->state |= DRM_NOVA_GEM_STATE_EXPORTED;
	if (nova_bo_is_imported(&gem->bo))
		args->state |= DRM_NOVA_GEM_STATE_IMPORTED;
	nova_gem_query_locked(ndrm, gem, args);
	dma_resv_unlock(resv);
	args->size = gem->bo.ttm.base.size;
	args->placement = gem->bo.placement;
	args->create_flags = gem->flags;
	args->tile_mode = gem->tile_mode;
	args->mmap_offset = nova_gem_mmap_offset(gem);
	args->cpu_caching = gem->cpu_caching;
	args->pte_kind = gem->pte_kind;
	args->vm_id = gem->private_vm;
	return 0;
}

/**
 * nova_gem_query_ioctl - DRM_NOVA_GEM_QUERY (uapi.md §5.6)
 * @drm: the device
 * @data: struct drm_nova_gem_query
 * @file: the caller
 *
 * Return: 0; -ENOENT; -EINTR.
 */
int nova_gem_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_query *args = data;
	struct nova_gem *gem = nova_gem_lookup(file, args->handle);
	int ret;

	if (!gem)
		return -ENOENT;
	ret = nova_gem_query(to_nova_drm(drm), gem, args);
	nova_gem_put(gem);
	return ret;
}

/**
 * nova_gem_mmap_offset_ioctl - DRM_NOVA_GEM_MMAP_OFFSET (uapi.md §5.7)
 * @drm: the device
 * @data: struct drm_nova_gem_mmap_offset
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT; -EPERM if the CPU has no access; -EBUSY if the
 * content was advised away.
 */
int nova_gem_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_mmap_offset *args = data;
	struct nova_gem *gem;
	int ret;

	if (args->flags)
		return -EINVAL;
	gem = nova_gem_lookup(file, args->handle);
	if (!gem)
		return -ENOENT;
	args->offset = nova_gem_mmap_offset(gem);
	ret = args->offset ? 0 : -EPERM;
	if (!ret && !nova_bo_is_needed(&gem->bo)) {
		args->offset = 0;
		ret = -EBUSY;
	}
	nova_gem_put(gem);
	return ret;
}
