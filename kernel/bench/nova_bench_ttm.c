// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmark of memory under pressure
 *
 * The driver's TTM device on a software GPU, without the DRM face:
 *
 * * evict and restore of one 64 MiB object, against a memcpy of the same pages;
 * * what is moved when objects of four times the VRAM that is left are used by a seeded trace,
 *   against what an ideal LRU of the same capacity moves;
 * * an object's creation and destruction, with clean memory at hand, against an object of bare
 *   TTM under TTM's own range manager;
 * * the same against an object as vgem creates it, which has no pages yet;
 * * first touches by the CPU, see nova_touch.c.
 *
 * Times are nanoseconds unless the row says otherwise. Everything runs in insmod.
 */

#include "nova_bench.h"

#include "nova_bo.h"
#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_device.h"
#include "nova_mm.h"
#include "nova_swgpu.h"
#include "nova_touch.h"
#include "nova_ttm.h"

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_range_manager.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#define TTM_BENCH_VRAM		SZ_128M
#define TTM_BENCH_RESERVED	SZ_1M
#define TTM_BENCH_PAGES		(SZ_64M / PAGE_SIZE)
#define TTM_BENCH_OBJECT	SZ_2M
#define TTM_BENCH_BALLAST	(96 * SZ_1M)	/* leaves little to thrash in */
#define TTM_BENCH_MAX_OBJECTS	64
#define TTM_BENCH_USES		2000
#define TTM_BENCH_LOOPS		2000

/* struct ttm_bench - the GPU, our TTM device and the bare one */
static struct ttm_bench {
	struct nova_swgpu *gpu;
	struct platform_device *pdev;
	struct drm_device *drm;
	struct nova_device nd;
	struct nova_mm mm;
	struct nova_ttm nt;
	struct ttm_device bare;
	/* frames of the software GPU's VRAM behind a 64 MiB object */
	struct page **vram;
} bench;

static const struct drm_driver ttm_bench_driver = {
	.driver_features = DRIVER_GEM,
	.name = "nova-bench",
	.desc = "nova-bench",
	NOVA_DRIVER_DATE
};

static int ttm_bench_nothing(struct nova_bo *bo)
{
	return 0;
}

static void ttm_bench_moved(struct nova_bo *bo)
{
}

static const struct nova_ttm_client ttm_bench_client = {
	.moving = ttm_bench_nothing,
	.purging = ttm_bench_nothing,
	.moved = ttm_bench_moved,
};

static struct ttm_tt *ttm_bench_tt_create(struct ttm_buffer_object *tbo, u32 page_flags)
{
	struct ttm_tt *tt = kzalloc_obj(*tt);

	if (tt && ttm_tt_init(tt, tbo, page_flags, ttm_cached, 0)) {
		kfree(tt);
		return NULL;
	}
	return tt;
}

static void ttm_bench_tt_destroy(struct ttm_device *bdev, struct ttm_tt *tt)
{
	ttm_tt_fini(tt);
	kfree(tt);
}

static int ttm_bench_move(struct ttm_buffer_object *tbo, bool evict,
			  struct ttm_operation_ctx *ctx, struct ttm_resource *new,
			  struct ttm_place *hop)
{
	ttm_bo_move_null(tbo, new);
	return 0;
}

static struct ttm_device_funcs ttm_bench_bare_funcs = {
	.ttm_tt_create = ttm_bench_tt_create,
	.ttm_tt_destroy = ttm_bench_tt_destroy,
	.move = ttm_bench_move,
};

static void ttm_bench_bo_destroy(struct ttm_buffer_object *tbo)
{
	drm_gem_object_release(&tbo->base);
	kfree(nova_bo(tbo));
}

static struct nova_bo *ttm_bench_bo(u64 size)
{
	const struct nova_bo_params params = {
		.size = size,
		.placement = NOVA_BO_VRAM,
		.eager = true,
		.destroy = ttm_bench_bo_destroy,
	};
	struct ttm_operation_ctx ctx = {};
	struct nova_bo *bo = kzalloc_obj(*bo);

	if (!bo)
		return NULL;
	drm_gem_private_object_init(bench.drm, &bo->ttm.base, size);
	if (nova_bo_init(bo, &bench.nt, &params))
		return NULL;
	if (!nova_bo_is_populated(bo) && nova_bo_validate(bo, &ctx)) {
		dma_resv_unlock(bo->ttm.base.resv);
		nova_ttm_bo_fini(&bo->ttm);
		return NULL;
	}
	return bo;
}

static void ttm_bench_bo_put(struct nova_bo *bo)
{
	dma_resv_unlock(bo->ttm.base.resv);
	nova_ttm_bo_fini(&bo->ttm);
}

static int ttm_bench_find_frames(struct nova_bo *bo)
{
	struct nova_bar1_map map;
	struct nova_backing backing;
	int ret;

	nova_bo_backing(bo, &backing);
	nova_bar1_map_init(&map, NULL);
	ret = nova_bar1_map_get(&bench.mm.bar1, &map, &backing, 0, SZ_64M);
	for (u64 i = 0; !ret && i < TTM_BENCH_PAGES; i++) {
		unsigned long pfn;

		ret = nova_bar1_pfn(&bench.mm.bar1, map.off + i * PAGE_SIZE, true, &pfn);
		if (!ret)
			bench.vram[i] = pfn_to_page(pfn);
	}
	if (map.size)
		nova_bar1_map_put(&bench.mm.bar1, &map);
	nova_bar1_map_drop(&bench.mm.bar1, &map);
	return ret;
}

/* What the copy alone costs, with the pages in the order in which the driver copies them. */
static u64 ttm_bench_memcpy(struct nova_bo *bo, bool restore)
{
	struct page **pages = bo->ttm.ttm->pages;
	u64 start = ktime_get_ns();

	for (unsigned int i = 0; i < TTM_BENCH_PAGES; i++) {
		if (restore)
			copy_page(page_address(bench.vram[i]), page_address(pages[i]));
		else
			copy_page(page_address(pages[i]), page_address(bench.vram[i]));
	}
	return ktime_get_ns() - start;
}

static int ttm_bench_validate(struct nova_bo *bo, u32 region, u64 *ns)
{
	struct ttm_operation_ctx ctx = {};
	u64 start = ktime_get_ns();
	int ret = nova_bo_validate_in(bo, region, &ctx);

	*ns = ktime_get_ns() - start;
	return ret;
}

static int ttm_bench_moves(void)
{
	struct nova_bench_row evict = { .name = "evict_64m", .unit = "ns", .goal = 950 };
	struct nova_bench_row restore = { .name = "restore_64m", .unit = "ns", .goal = 950 };
	struct nova_bo *bo = ttm_bench_bo(SZ_64M);
	u64 ns;
	int ret;

	if (!bo)
		return -ENOMEM;
	ret = ttm_bench_find_frames(bo) ?:
	      /* the host's first touch of the system pages */
	      ttm_bench_validate(bo, NOVA_BO_SYSTEM, &ns) ?:
	      ttm_bench_validate(bo, NOVA_BO_VRAM, &ns);
	for (unsigned int i = 0; !ret && i < NOVA_BENCH_REPS; i++) {
		ret = ttm_bench_validate(bo, NOVA_BO_SYSTEM, &evict.ours[i]);
		evict.ours[i] *= 1000;
		if (ret)
			break;
		evict.peer[i] = ttm_bench_memcpy(bo, false) * 1000;
		restore.peer[i] = ttm_bench_memcpy(bo, true) * 1000;
		ret = ttm_bench_validate(bo, NOVA_BO_VRAM, &restore.ours[i]);
		restore.ours[i] *= 1000;
	}
	ttm_bench_bo_put(bo);
	if (ret)
		return ret;
	evict.nr = NOVA_BENCH_REPS;
	restore.nr = NOVA_BENCH_REPS;
	nova_bench_emit(&evict);
	nova_bench_emit(&restore);
	return 0;
}

/* Objects by last use, the oldest first: what an ideal LRU of @capacity objects moves. */
struct ttm_bench_lru {
	unsigned int order[TTM_BENCH_MAX_OBJECTS];
	unsigned int nr, capacity;
	bool seen[TTM_BENCH_MAX_OBJECTS];
	u64 moved;
};

static void ttm_bench_lru_use(struct ttm_bench_lru *lru, unsigned int object)
{
	unsigned int i = 0;

	while (i < lru->nr && lru->order[i] != object)
		i++;
	if (i == lru->nr) {
		if (lru->nr == lru->capacity) {		/* the oldest goes */
			i = 0;
			lru->moved++;
		} else {
			lru->nr++;
		}
		lru->moved += lru->seen[object];
		lru->seen[object] = true;
	}
	memmove(&lru->order[i], &lru->order[i + 1], (lru->nr - 1 - i) * sizeof(lru->order[0]));
	lru->order[lru->nr - 1] = object;
}

/* Three uses of four are of a quarter of the objects. */
static unsigned int ttm_bench_pick(u64 *rng, unsigned int objects)
{
	u64 r = nova_bench_random(rng) >> 32;

	return (r >> 2) % (r & 3 ? objects / 4 : objects);
}

static u64 ttm_bench_moved_bytes(void)
{
	return atomic64_read(&bench.nt.stats.to_vram) + atomic64_read(&bench.nt.stats.from_vram);
}

static int ttm_bench_use(struct nova_bo **objects, struct ttm_bench_lru *lru)
{
	u64 rng = 0x51ed2701;
	struct ttm_operation_ctx ctx = {};
	int ret = 0;

	for (unsigned int use = 0; !ret && use < TTM_BENCH_USES; use++) {
		unsigned int i = ttm_bench_pick(&rng, 4 * lru->capacity);

		if (objects[i]) {
			dma_resv_lock(objects[i]->ttm.base.resv, NULL);
			ret = nova_bo_validate(objects[i], &ctx);
		} else {
			objects[i] = ttm_bench_bo(TTM_BENCH_OBJECT);
			if (!objects[i])
				return -ENOMEM;
		}
		dma_resv_unlock(objects[i]->ttm.base.resv);
		ttm_bench_lru_use(lru, i);
	}
	return ret;
}

static int ttm_bench_thrash(void)
{
	struct nova_bench_row row = {
		.name = "thrash_4x_vram", .unit = "MiB moved", .goal = 909, .nr = 1,
	};
	static struct nova_bo *objects[TTM_BENCH_MAX_OBJECTS];
	static struct ttm_bench_lru lru;
	struct nova_bo *ballast = ttm_bench_bo(TTM_BENCH_BALLAST);
	u64 before = ttm_bench_moved_bytes();
	int ret;

	if (!ballast)
		return -ENOMEM;
	ttm_bo_pin(&ballast->ttm);
	lru.capacity = min_t(u64, div_u64(nova_buddy_avail(bench.mm.buddy), TTM_BENCH_OBJECT),
			     TTM_BENCH_MAX_OBJECTS / 4);
	ret = ttm_bench_use(objects, &lru);
	row.ours[0] = (ttm_bench_moved_bytes() - before) / SZ_1M * 1000;
	row.peer[0] = lru.moved * (TTM_BENCH_OBJECT / SZ_1M) * 1000;
	for (unsigned int i = 0; i < TTM_BENCH_MAX_OBJECTS; i++)
		if (objects[i])
			nova_ttm_bo_fini(&objects[i]->ttm);
	ttm_bo_unpin(&ballast->ttm);
	ttm_bench_bo_put(ballast);
	if (!ret)
		nova_bench_emit(&row);
	return ret;
}

static void ttm_bench_bare_destroy(struct ttm_buffer_object *tbo)
{
	drm_gem_object_release(&tbo->base);
	kfree(tbo);
}

static int ttm_bench_ours_once(u64 size)
{
	struct nova_bo *bo = ttm_bench_bo(size);

	if (!bo)
		return -ENOMEM;
	ttm_bench_bo_put(bo);
	return 0;
}

static int ttm_bench_bare_once(u64 size)
{
	static const struct ttm_place place = { .mem_type = TTM_PL_VRAM };
	struct ttm_placement placement = { .num_placement = 1, .placement = &place };
	struct ttm_operation_ctx ctx = {};
	struct ttm_buffer_object *tbo = kzalloc_obj(*tbo);
	int ret;

	if (!tbo)
		return -ENOMEM;
	drm_gem_private_object_init(bench.drm, &tbo->base, size);
	ret = ttm_bo_init_reserved(&bench.bare, tbo, ttm_bo_type_device, &placement, 1, &ctx, NULL,
				   NULL, ttm_bench_bare_destroy);
	if (ret)
		return ret;
	dma_resv_unlock(tbo->base.resv);
	nova_ttm_bo_fini(tbo);
	return 0;
}

static int ttm_bench_shmem_once(u64 size)
{
	struct drm_gem_shmem_object *shmem = drm_gem_shmem_create(bench.drm, size);

	if (IS_ERR(shmem))
		return PTR_ERR(shmem);
	drm_gem_object_put(&shmem->base);
	return 0;
}

static int ttm_bench_loop(int (*once)(u64 size), u64 size, u64 *ns)
{
	u64 start = ktime_get_ns();
	int ret = 0;

	for (unsigned int i = 0; !ret && i < TTM_BENCH_LOOPS; i++)
		ret = once(size);
	*ns = div_u64((ktime_get_ns() - start) * 1000, TTM_BENCH_LOOPS);
	return ret;
}

static int ttm_bench_objects(const char *name, int (*peer)(u64 size), u64 size, u64 goal)
{
	struct nova_bench_row row = { .name = name, .unit = "ns", .goal = goal };
	u64 warm_up;
	int ret = ttm_bench_loop(ttm_bench_ours_once, size, &warm_up) ?:
		  ttm_bench_loop(peer, size, &warm_up);

	for (; !ret && row.nr < NOVA_BENCH_REPS; row.nr++)
		ret = ttm_bench_loop(ttm_bench_ours_once, size, &row.ours[row.nr]) ?:
		      ttm_bench_loop(peer, size, &row.peer[row.nr]);
	if (!ret)
		nova_bench_emit(&row);
	return ret;
}

static int ttm_bench_touch(void)
{
	struct nova_bo *bo = ttm_bench_bo(SZ_64M);
	int ret;

	if (!bo)
		return -ENOMEM;
	dma_resv_unlock(bo->ttm.base.resv);
	ret = nova_touch_rows(bo);
	nova_ttm_bo_fini(&bo->ttm);
	return ret;
}

static int ttm_bench_init_mm(void)
{
	const struct nova_swgpu_config cfg = {
		.chip = "ga102", .vram_size = TTM_BENCH_VRAM, .bar1_size = SZ_128M,
	};
	struct nova_mm_region usable = { .size = TTM_BENCH_VRAM - TTM_BENCH_RESERVED };
	struct nova_mm_config config = { .regions = &usable, .nr_regions = 1 };

	bench.gpu = nova_swgpu_create(&cfg);
	if (IS_ERR(bench.gpu))
		return PTR_ERR(bench.gpu);
	return nova_device_init(&bench.nd, &bench.pdev->dev, nova_swgpu_io(bench.gpu)) ?:
	       nova_mm_init(&bench.mm, &bench.nd, &config);
}

static int ttm_bench_init_ttm(void)
{
	int ret = nova_ttm_init(&bench.nt, &bench.mm, bench.drm, &ttm_bench_client);

	if (ret)
		return ret;
	return nova_ttm_device_init(&bench.bare, &ttm_bench_bare_funcs, &bench.pdev->dev,
				    bench.drm->anon_inode->i_mapping,
				    bench.drm->vma_offset_manager) ?:
	       ttm_range_man_init(&bench.bare, TTM_PL_VRAM, false, TTM_BENCH_VRAM >> PAGE_SHIFT);
}

static int ttm_bench_init(void)
{
	int ret;

	bench.pdev = platform_device_register_simple("nova-bench", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(bench.pdev))
		return PTR_ERR(bench.pdev);
	ret = dma_coerce_mask_and_coherent(&bench.pdev->dev, DMA_BIT_MASK(47));
	bench.drm = drm_dev_alloc(&ttm_bench_driver, &bench.pdev->dev);
	if (ret || IS_ERR(bench.drm))
		return ret ?: PTR_ERR(bench.drm);
	bench.vram = kvcalloc(TTM_BENCH_PAGES, sizeof(*bench.vram), GFP_KERNEL);
	if (!bench.vram)
		return -ENOMEM;
	return ttm_bench_init_mm() ?: ttm_bench_init_ttm();
}

static void ttm_bench_fini(void)
{
	ttm_range_man_fini(&bench.bare, TTM_PL_VRAM);
	ttm_device_fini(&bench.bare);
	nova_ttm_fini(&bench.nt);
	nova_mm_fini(&bench.mm);
	nova_device_unplug(&bench.nd);
	nova_swgpu_destroy(bench.gpu);
	kvfree(bench.vram);
	drm_dev_put(bench.drm);
	platform_device_unregister(bench.pdev);
}

static int ttm_bench_rows(void)
{
	int ret = 0;

	if (nova_bench_wanted("evict_64m"))
		ret = ttm_bench_moves();
	if (!ret && nova_bench_wanted("thrash_4x_vram"))
		ret = ttm_bench_thrash();
	if (!ret && nova_bench_wanted("create_64k"))
		ret = ttm_bench_objects("create_64k", ttm_bench_bare_once, SZ_64K, 500);
	if (!ret && nova_bench_wanted("create_2m"))
		ret = ttm_bench_objects("create_2m", ttm_bench_bare_once, SZ_2M, 500);
	if (!ret && nova_bench_wanted("create_64k_vs_vgem"))
		ret = ttm_bench_objects("create_64k_vs_vgem", ttm_bench_shmem_once, SZ_64K, 0);
	if (!ret && nova_bench_wanted("first_touch"))
		ret = ttm_bench_touch();
	return ret;
}

/**
 * nova_bench_ttm() - run the benchmark of memory under pressure
 *
 * Context: may sleep; one at a time. If it cannot be set up the machine is not cleaned up.
 * Return: 0 or an error.
 */
int nova_bench_ttm(void)
{
	int ret = ttm_bench_init();

	if (ret)
		return ret;
	ret = ttm_bench_rows();
	ttm_bench_fini();
	return ret;
}
