// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_ttm
 *
 * The TTM device. Three kinds of memory, as fdinfo names them::
 *
 *	vram	TTM_PL_VRAM	the buddy's, through nova_vram_mgr
 *	gtt	TTM_PL_TT	system pages with DMA addresses, GPU visible
 *	memory	TTM_PL_SYSTEM	system pages the GPU cannot see: fresh, or swapped
 *
 * User space knows the first as region VRAM and the other two as region SYSTEM.
 * Eviction goes one step at a time, vram to gtt to memory; only what nobody needs
 * any more goes to memory at once, which for it means nowhere.
 *
 * Once the hardware is wedged nothing is given back: no flush says any more that it
 * has forgotten a page. System pages are then lost, like VRAM, until the driver lets
 * go of the device; and no object gets new memory.
 *
 * The number of gtt bytes is bounded by the machine's RAM; the range manager
 * that counts them hands out no addresses anyone uses.
 *
 * Locking: TTM's.
 */
#include "nova_ttm.h"

#include "nova_bo.h"
#include "nova_compat.h"
#include "nova_device.h"
#include "nova_mm.h"

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>
#include <drm/drm_vma_manager.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_pool.h>
#include <drm/ttm/ttm_range_manager.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sizes.h>

/* System pages of a wedged device, with the means to give them back. */
struct nova_ttm_lost {
	struct list_head link;
	struct ttm_tt tt;
};

static int nova_ttm_tt_populate(struct ttm_device *bdev, struct ttm_tt *tt,
				struct ttm_operation_ctx *ctx)
{
	/* Also keeps away from those whose pages were lost. */
	if (nova_device_is_wedged(nova_ttm_from_bdev(bdev)->mm->nd))
		return -EIO;
	return ttm_pool_alloc(&bdev->pool, tt, ctx);
}

/* If it cannot be noted down it is lost for ever, which is still better than reused. */
static void nova_ttm_tt_lose(struct nova_ttm *nt, struct ttm_tt *tt)
{
	struct nova_ttm_lost *lost = kmalloc_obj(*lost);

	if (lost) {
		lost->tt = *tt;
		lost->tt.swap_storage = NULL;
		scoped_guard(spinlock, &nt->lost.lock)
			list_add_tail(&lost->link, &nt->lost.list);
	}
	tt->pages = NULL;
	tt->dma_address = NULL;
}

static void nova_ttm_tt_unpopulate(struct ttm_device *bdev, struct ttm_tt *tt)
{
	struct nova_ttm *nt = nova_ttm_from_bdev(bdev);
	const struct nova_device *nd = nt->mm->nd;

	if (nova_device_is_wedged(nd) && !nova_device_is_gone(nd))
		nova_ttm_tt_lose(nt, tt);
	else
		ttm_pool_free(&bdev->pool, tt);
}

/**
 * nova_ttm_release_lost - give back memory that dead hardware could have reached
 * @nt: the TTM device; the hardware was let go of
 *
 * Context: process.
 */
void nova_ttm_release_lost(struct nova_ttm *nt)
{
	struct nova_ttm_lost *lost, *next;
	LIST_HEAD(list);

	scoped_guard(spinlock, &nt->lost.lock)
		list_splice_init(&nt->lost.list, &list);
	list_for_each_entry_safe(lost, next, &list, link) {
		ttm_pool_free(&nt->bdev.pool, &lost->tt);
		lost->tt.page_flags = 0;
		ttm_tt_fini(&lost->tt);
		kfree(lost);
	}
	nova_vram_mgr_release_lost(&nt->vram);
}

static struct ttm_tt *nova_ttm_tt_create(struct ttm_buffer_object *tbo, u32 page_flags)
{
	enum ttm_caching caching = nova_bo(tbo)->write_combined ? ttm_write_combined : ttm_cached;
	struct ttm_tt *tt = kzalloc_obj(*tt);

	if (!tt)
		return NULL;
	if (ttm_sg_tt_init(tt, tbo, page_flags, caching)) {
		kfree(tt);
		return NULL;
	}
	return tt;
}

static void nova_ttm_tt_destroy(struct ttm_device *bdev, struct ttm_tt *tt)
{
	ttm_tt_fini(tt);
	kfree(tt);
}

static void nova_ttm_evict_flags(struct ttm_buffer_object *tbo, struct ttm_placement *placement)
{
	static const struct ttm_place to_gtt = { .mem_type = TTM_PL_TT };
	static const struct ttm_place to_memory = { .mem_type = TTM_PL_SYSTEM };
	bool copy = tbo->resource->mem_type == TTM_PL_VRAM && !nova_bo(tbo)->dontneed;

	placement->num_placement = 1;
	placement->placement = copy ? &to_gtt : &to_memory;
}

static int nova_ttm_io_mem_reserve(struct ttm_device *bdev, struct ttm_resource *res)
{
	/* VRAM is reached through BAR1 windows, which nova_bo_fault() owns. */
	return res->mem_type == TTM_PL_VRAM ? -EINVAL : 0;
}

/*
 * While the mmap offset still exists, unlike in delete_mem_notify. What TTM makes to hold the
 * memory of a busy object until it is idle has no device: it is no nova_bo.
 */
static void nova_ttm_release_notify(struct ttm_buffer_object *tbo)
{
	if (tbo->base.dev)
		nova_bo_drop_windows(nova_bo(tbo));
}

static struct ttm_device_funcs nova_ttm_funcs = {
	.ttm_tt_create = nova_ttm_tt_create,
	.ttm_tt_populate = nova_ttm_tt_populate,
	.ttm_tt_unpopulate = nova_ttm_tt_unpopulate,
	.ttm_tt_destroy = nova_ttm_tt_destroy,
	.eviction_valuable = ttm_bo_eviction_valuable,
	.evict_flags = nova_ttm_evict_flags,
	.move = nova_bo_move,
	.release_notify = nova_ttm_release_notify,
	.swap_notify = nova_bo_swap_notify,
	.io_mem_reserve = nova_ttm_io_mem_reserve,
};

static u64 nova_ttm_gtt_pages(void)
{
	struct sysinfo si;

	si_meminfo(&si);
	return ((u64)si.totalram * si.mem_unit) >> PAGE_SHIFT;
}

static int nova_ttm_init_vram(struct nova_ttm *nt)
{
	struct ttm_resource_manager *man = &nt->vram.base;
	struct nova_buddy_stats stats;
	void *region = nova_cgroup_region(nt->drm, "vram0", nt->mm->usable);

	if (IS_ERR(region))
		return PTR_ERR(region);
	nova_buddy_stats(nt->mm->buddy, &stats);
	nova_vram_mgr_init(&nt->vram, nt->mm);
	ttm_resource_manager_init(man, &nt->bdev, stats.total);
	nova_ttm_set_region(man, region);
	ttm_set_driver_manager(&nt->bdev, TTM_PL_VRAM, man);
	ttm_resource_manager_set_used(man, true);
	return 0;
}

/**
 * nova_ttm_init - set up TTM over a device's memory
 * @nt: to fill
 * @mm: the mechanism below; must outlive @nt
 * @drm: the DRM device; its anonymous inode and mmap offsets are used
 * @client: callbacks into the DRM face
 *
 * Context: process, during probe.
 *
 * Return: 0 or -ENOMEM.
 */
int nova_ttm_init(struct nova_ttm *nt, struct nova_mm *mm, struct drm_device *drm,
		  const struct nova_ttm_client *client)
{
	int ret;

	nt->mm = mm;
	nt->drm = drm;
	spin_lock_init(&nt->lost.lock);
	INIT_LIST_HEAD(&nt->lost.list);
	init_rwsem(&nt->room);
	nt->client = client;
	ret = nova_ttm_device_init(&nt->bdev, &nova_ttm_funcs, mm->nd->dev,
				   drm->anon_inode->i_mapping, drm->vma_offset_manager);
	if (ret)
		return ret;
	ret = ttm_range_man_init(&nt->bdev, TTM_PL_TT, true, nova_ttm_gtt_pages());
	if (ret)
		goto err_device;
	ret = nova_ttm_init_vram(nt);
	if (ret)
		goto err_gtt;
	return 0;

err_gtt:
	ttm_range_man_fini(&nt->bdev, TTM_PL_TT);
err_device:
	ttm_device_fini(&nt->bdev);
	return ret;
}

/**
 * nova_ttm_fini - undo nova_ttm_init()
 * @nt: the TTM device; every object is gone
 *
 * Context: process.
 */
void nova_ttm_fini(struct nova_ttm *nt)
{
	struct ttm_resource_manager *man = &nt->vram.base;

	nova_ttm_release_lost(nt);
	ttm_resource_manager_set_used(man, false);
	if (!ttm_resource_manager_evict_all(&nt->bdev, man))
		ttm_resource_manager_cleanup(man);
	ttm_set_driver_manager(&nt->bdev, TTM_PL_VRAM, NULL);
	ttm_range_man_fini(&nt->bdev, TTM_PL_TT);
	ttm_device_fini(&nt->bdev);
}

/**
 * nova_ttm_total - bytes a kind of memory can hold
 * @nt: the TTM device
 * @mem_type: TTM_PL_VRAM or TTM_PL_TT
 *
 * Return: bytes.
 */
u64 nova_ttm_total(struct nova_ttm *nt, unsigned int mem_type)
{
	u64 size = ttm_manager_type(&nt->bdev, mem_type)->size;

	/* TTM's range manager counts pages. */
	return mem_type == TTM_PL_TT ? size << PAGE_SHIFT : size;
}

/**
 * nova_ttm_used - bytes of a kind of memory that objects occupy
 * @nt: the TTM device
 * @mem_type: TTM_PL_*
 *
 * Return: bytes.
 */
u64 nova_ttm_used(struct nova_ttm *nt, unsigned int mem_type)
{
	return ttm_resource_manager_usage(ttm_manager_type(&nt->bdev, mem_type));
}

/**
 * nova_ttm_evict - push every object out of a kind of memory
 * @nt: the TTM device
 * @mem_type: TTM_PL_VRAM or TTM_PL_TT
 *
 * What is in use comes back when it is used. For sleep and for tests.
 *
 * Context: process, no reservation held; waits until each object is idle.
 *
 * Return: 0; -ENOMEM if there is nowhere to go; -EIO or -ENODEV if the hardware
 * gave up on a move.
 */
int nova_ttm_evict(struct nova_ttm *nt, unsigned int mem_type)
{
	return ttm_resource_manager_evict_all(&nt->bdev, ttm_manager_type(&nt->bdev, mem_type));
}

/**
 * nova_ttm_print_gtt - describe the system pages the GPU can reach
 * @nt: the TTM device
 * @p: where to
 *
 * Context: process.
 */
void nova_ttm_print_gtt(struct nova_ttm *nt, struct drm_printer *p)
{
	u64 total = nova_ttm_total(nt, TTM_PL_TT), used = nova_ttm_used(nt, TTM_PL_TT);

	drm_printf(p, "%-24s %12llu KiB\n", "total", total / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "used", used / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "free", (total - used) / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "not visible to the GPU",
		   nova_ttm_used(nt, TTM_PL_SYSTEM) / SZ_1K);
}

/**
 * nova_ttm_print - describe what moved for debugfs
 * @nt: the TTM device
 * @p: where to
 *
 * Context: any.
 */
void nova_ttm_print(struct nova_ttm *nt, struct drm_printer *p)
{
	const struct nova_ttm_stats *stats = &nt->stats;

	drm_printf(p, "%-24s %12lld KiB\n", "moved to vram",
		   atomic64_read(&stats->to_vram) / SZ_1K);
	drm_printf(p, "%-24s %12lld KiB\n", "moved from vram",
		   atomic64_read(&stats->from_vram) / SZ_1K);
	drm_printf(p, "%-24s %12lld KiB\n", "cleared",
		   atomic64_read(&stats->cleared) / SZ_1K);
	drm_printf(p, "%-24s %12lld KiB\n", "purged", atomic64_read(&stats->purged) / SZ_1K);
}
