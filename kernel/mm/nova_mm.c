// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_mm
 *
 * The memory side of one GPU, put together. It owns the allocator of VRAM, the
 * ways to reach VRAM, the translation caches and BAR1, and takes them down in the
 * reverse order of the way up (G-1)::
 *
 *     PRAMIN, writer, TLB -> buddy -> table pool -> BAR1
 *
 * VRAM: the caller lists what may be used. The allocator spans from the first
 * usable byte to the last, because TTM wants one manager; what lies between the
 * regions is reserved once and never handed out (G-2, G-3).
 *
 * Nothing to lock: constant after init but for what the parts lock themselves.
 * Units: bytes.
 */
#include "nova_mm.h"

#include "nova_buddy.h"
#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_device.h"

#include <drm/drm_print.h>

#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>

#define NOVA_MM_CHUNK	SZ_4K

/* Below this tables are written through PRAMIN, to leave BAR1 to users. */
#define NOVA_MM_MIN_BAR1_FOR_TABLES	SZ_64M

/* The allocator and the holes between the usable regions. */
struct nova_mm_vram {
	struct nova_buddy buddy;
	unsigned int nr_holes;
	struct nova_buddy_alloc hole[NOVA_MM_MAX_REGIONS];
};

static int nova_mm_region_cmp(const void *a, const void *b)
{
	u64 x = ((const struct nova_mm_region *)a)->base;
	u64 y = ((const struct nova_mm_region *)b)->base;

	return x < y ? -1 : x > y;
}

/* Shrink a region to whole chunks; its size may become 0. */
static int nova_mm_trim_region(const struct nova_mm *mm, struct nova_mm_region *r)
{
	u64 end;

	if (check_add_overflow(r->base, r->size, &end) || end > mm->nd->vram_size)
		return -EINVAL;
	end = ALIGN_DOWN(end, NOVA_MM_CHUNK);
	r->base = min(ALIGN(r->base, NOVA_MM_CHUNK), end);
	r->size = end - r->base;
	return 0;
}

/* Copy, trim, sort and merge; returns how many remain or an error. */
static int nova_mm_sort_regions(const struct nova_mm *mm, const struct nova_mm_config *config,
				struct nova_mm_region *out)
{
	unsigned int nr = 0;
	int ret;

	if (config->nr_regions > NOVA_MM_MAX_REGIONS)
		return -EINVAL;
	for (unsigned int i = 0; i < config->nr_regions; i++) {
		out[nr] = config->regions[i];
		ret = nova_mm_trim_region(mm, &out[nr]);
		if (ret)
			return ret;
		nr += out[nr].size != 0;
	}
	if (!nr)
		return -ENODEV;
	sort(out, nr, sizeof(*out), nova_mm_region_cmp, NULL);
	for (unsigned int i = 1; i < nr; i++)
		if (out[i].base < out[i - 1].base + out[i - 1].size)
			return -EINVAL;
	return nr;
}

static int nova_mm_init_buddy(struct nova_mm *mm, const struct nova_mm_region *r, unsigned int nr)
{
	u64 end = r[nr - 1].base + r[nr - 1].size;
	struct nova_buddy_cfg cfg = {
		.base_offset = r[0].base,
		.size = end - r[0].base,
		.chunk_size = NOVA_MM_CHUNK,
	};
	int ret = nova_buddy_init(&mm->vram->buddy, &cfg);

	if (ret)
		return ret;
	mm->usable = r[0].size;
	for (unsigned int i = 1; i < nr; i++) {
		u64 hole = r[i - 1].base + r[i - 1].size;

		mm->usable += r[i].size;
		if (hole == r[i].base)
			continue;
		ret = nova_buddy_reserve(&mm->vram->buddy, hole, r[i].base - hole,
					 &mm->vram->hole[mm->vram->nr_holes]);
		if (ret)
			return ret;
		mm->vram->nr_holes++;
	}
	return 0;
}

static void nova_mm_fini_vram(struct nova_mm *mm)
{
	while (mm->vram->nr_holes)
		nova_buddy_free(&mm->vram->buddy, &mm->vram->hole[--mm->vram->nr_holes], false);
	nova_buddy_fini(&mm->vram->buddy);
	kfree(mm->vram);
	mm->vram = NULL;
	mm->buddy = NULL;
}

static int nova_mm_init_vram(struct nova_mm *mm, const struct nova_mm_config *config)
{
	struct nova_mm_region regions[NOVA_MM_MAX_REGIONS];
	int ret = nova_mm_sort_regions(mm, config, regions);

	if (ret < 0)
		return ret;
	mm->vram = kzalloc_obj(*mm->vram);
	if (!mm->vram)
		return -ENOMEM;
	mm->buddy = &mm->vram->buddy;
	ret = nova_mm_init_buddy(mm, regions, ret);
	if (ret)
		nova_mm_fini_vram(mm);
	return ret;
}

/**
 * nova_mm_init - take a GPU's memory into use
 * @mm: memory is the caller's
 * @nd: the device, identified; outlives it
 * @config: what the caller knows about VRAM
 *
 * Context: allocates and sleeps; touches the hardware.
 *
 * Return: 0; -EINVAL if regions overlap, wrap or exceed VRAM, or are too many;
 * -ENODEV if none is usable or the chip's page-table format is unknown; -ENOMEM;
 * -ENOSPC if VRAM has no room for page tables; -ETIMEDOUT if BAR1 does not bind.
 */
int nova_mm_init(struct nova_mm *mm, struct nova_device *nd, const struct nova_mm_config *config)
{
	int ret;

	*mm = (struct nova_mm){
		.nd = nd,
		.fmt = nova_gmmu_fmt(nd->chip),
		.page_sizes = nd->chip->family->page_sizes,
	};
	if (!mm->fmt)
		return -ENODEV;
	ret = nova_mm_init_vram(mm, config);
	if (ret)
		return ret;
	nova_pramin_init(&mm->pramin, nd);
	nova_mem_init(&mm->mem, nd, &mm->pramin);
	nova_tlb_init(&mm->tlb, nd);
	nova_pool_init(&mm->pool, mm->buddy, ilog2(SZ_2M));
	nova_inject_init(&mm->inject);
	mm->pool.inject = &mm->inject;
	mm->pool.nd = nd;
	ret = nova_bar1_init(&mm->bar1, mm, config->bar1_borrowed ? &config->bar1_root : NULL);
	if (ret)
		goto err_pool;
	if (mm->bar1.size >= NOVA_MM_MIN_BAR1_FOR_TABLES)
		mm->pool.bar1 = &mm->bar1;
	return 0;

err_pool:
	nova_pool_fini(&mm->pool);
	nova_tlb_fini(&mm->tlb);
	nova_pramin_fini(&mm->pramin);
	nova_mm_fini_vram(mm);
	return ret;
}

/**
 * nova_mm_disconnect - have the hardware forget what we told it about memory
 * @mm: the memory side, or one that nova_mm_init() failed to make or never saw: zeroed
 *
 * Before nova_device_unplug(), engines stopped: afterwards nothing of ours is left in
 * tables that the hardware goes on using. nova_mm_fini() frees the memory when the
 * last user is gone. Idempotent, also at the same time; nothing if there is no
 * hardware any more.
 *
 * Context: sleeps; see nova_bar1_disconnect().
 */
void nova_mm_disconnect(struct nova_mm *mm)
{
	if (mm->vram && nova_device_answers(mm->nd))
		nova_bar1_disconnect(&mm->bar1);
}

/**
 * nova_mm_fini - give everything back
 * @mm: no address space, window or VRAM allocation of others is left
 *
 * Context: sleeps.
 */
void nova_mm_fini(struct nova_mm *mm)
{
	nova_pool_fini(&mm->pool);
	nova_bar1_fini(&mm->bar1);
	nova_tlb_fini(&mm->tlb);
	nova_pramin_fini(&mm->pramin);
	nova_mm_fini_vram(mm);
}

static u64 nova_mm_pool_reserved(struct nova_pool *pool)
{
	u64 reserved;

	mutex_lock(&pool->lock);
	reserved = pool->reserved;
	mutex_unlock(&pool->lock);
	return reserved;
}

/* Where VRAM went; @objects is what the layers above know of. */
static void nova_mm_print_vram(struct nova_mm *mm, u64 objects, struct drm_printer *p)
{
	u64 tables = nova_mm_pool_reserved(&mm->pool), bar1 = 0, known;
	struct nova_buddy_stats stats;

	if (mm->bar1.size)
		bar1 = nova_mm_pool_reserved(&mm->bar1.pool);
	nova_buddy_stats(mm->buddy, &stats);
	known = stats.avail + objects + tables + bar1 + stats.total - mm->usable;
	drm_printf(p, "%-24s %12llu KiB\n", "vram", stats.total / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "  free", stats.avail / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "  objects", objects / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "  page tables", tables / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "  page tables of bar1", bar1 / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "  not usable", (stats.total - mm->usable) / SZ_1K);
	drm_printf(p, "%-24s %12lld KiB\n", "  other", (s64)(stats.total - known) / SZ_1K);
}

static void nova_mm_print_tables(struct nova_pool *pool, struct drm_printer *p)
{
	mutex_lock(&pool->lock);
	drm_printf(p, "%-24s %12llu bytes\n", "page tables in use", pool->used);
	drm_printf(p, "%-24s %12llu bytes\n", "page tables lost", pool->lost);
	drm_printf(p, "%-24s %12llu KiB\n", "page tables in bar1", pool->windowed / SZ_1K);
	mutex_unlock(&pool->lock);
}

/**
 * nova_mm_set_copy - there is an engine to move memory with
 * @mm: the memory side; no object exists yet
 * @copy: the engine, which needed @mm to be made; outlives all objects
 *
 * Page tables take VRAM that the engine may still be reading, those of BAR1 as well.
 */
void nova_mm_set_copy(struct nova_mm *mm, struct nova_copy *copy)
{
	mm->copy = copy;
	mm->pool.copy = copy;
	mm->bar1.pool.copy = copy;
}

/**
 * nova_mm_print - describe the state of all parts for debugfs
 * @mm: the memory side
 * @objects: bytes of VRAM the layers above have given to objects
 * @p: where to
 *
 * The lines below "vram" add up to it while nobody allocates or frees.
 *
 * Context: may sleep.
 */
void nova_mm_print(struct nova_mm *mm, u64 objects, struct drm_printer *p)
{
	nova_mm_print_vram(mm, objects, p);
	nova_mm_print_tables(&mm->pool, p);
	nova_pramin_print(&mm->pramin, p);
	nova_tlb_print(&mm->tlb, p);
}
