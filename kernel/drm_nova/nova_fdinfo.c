// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_fdinfo
 *
 * Memory use of one open file, as Documentation/gpu/drm-usage-stats.rst names it.
 * Every object counts once, in one region: where it is now, else the first it is
 * allowed in::
 *
 *	vram	the GPU's memory
 *	gtt	system pages the GPU can reach
 *	memory	other system pages
 *
 * The time its work took on an engine comes from stamps around each job.
 *
 * Locking: the file's handle table and VM table, each by its own lock; objects
 * are read without their reservation, so that reading never waits for the GPU.
 * Units: the core prints KiB.
 */
#include "nova_drv.h"

#include "nova_compat.h"
#include "nova_gem.h"
#include "nova_queue.h"
#include "nova_vm.h"

#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include <linux/idr.h>

/* Every state an object can be in is reported, those of newer kernels too. */
#define NOVA_FDINFO_ALL		((enum drm_gem_object_status)~0)

enum nova_fdinfo_region {
	NOVA_FDINFO_VRAM,
	NOVA_FDINFO_GTT,
	NOVA_FDINFO_MEMORY,
	NOVA_FDINFO_REGIONS,
};

static const char * const nova_fdinfo_names[NOVA_FDINFO_REGIONS] = {
	[NOVA_FDINFO_VRAM] = "vram",
	[NOVA_FDINFO_GTT] = "gtt",
	[NOVA_FDINFO_MEMORY] = "memory",
};

static enum nova_fdinfo_region nova_fdinfo_region(const struct nova_bo *bo)
{
	u32 region = nova_bo_region(bo);

	if (!region && !(bo->placement & NOVA_BO_VRAM))
		return NOVA_FDINFO_MEMORY;
	return region == NOVA_BO_SYSTEM ? NOVA_FDINFO_GTT : NOVA_FDINFO_VRAM;
}

static void nova_fdinfo_count(struct drm_memory_stats *stats, struct drm_gem_object *obj)
{
	const struct nova_bo *bo = nova_bo_from_gem(obj);
	struct drm_memory_stats *s = &stats[nova_fdinfo_region(bo)];

	if (drm_gem_object_is_shared_for_memory_stats(obj))
		s->shared += obj->size;
	else
		s->private += obj->size;
	if (!nova_bo_region(bo))
		return;
	s->resident += obj->size;
	if (!dma_resv_test_signaled(obj->resv, DMA_RESV_USAGE_BOOKKEEP))
		s->active += obj->size;
	else if (READ_ONCE(bo->dontneed))
		s->purgeable += obj->size;
}

static u64 nova_fdinfo_table_bytes(struct nova_file *nf)
{
	struct nova_vmm_stats stats;
	struct nova_vm *vm;
	unsigned long id;
	u64 bytes = 0;

	xa_lock(&nf->vms);
	xa_for_each(&nf->vms, id, vm) {
		drm_gpuvm_get(&vm->base);
		xa_unlock(&nf->vms);
		nova_vmm_stats(&vm->vmm, &stats);
		nova_vm_put(vm);
		bytes += stats.table_bytes;
		xa_lock(&nf->vms);
	}
	xa_unlock(&nf->vms);
	return bytes;
}

/* What was pushed out of the only region it may be used from. */
static u64 nova_fdinfo_evicted(const struct nova_bo *bo)
{
	bool evicted = bo->placement == NOVA_BO_VRAM && nova_bo_region(bo) == NOVA_BO_SYSTEM;

	return evicted ? bo->ttm.base.size : 0;
}

/**
 * nova_show_fdinfo - print a file's memory use
 * @p: where to
 * @file: the file
 *
 * Context: process; never waits for the GPU.
 */
void nova_show_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	struct drm_memory_stats stats[NOVA_FDINFO_REGIONS] = {};
	struct drm_gem_object *obj;
	u64 evicted = 0, bar1 = 0;
	int handle;

	scoped_guard(spinlock, &file->table_lock) {
		idr_for_each_entry(&file->object_idr, obj, handle) {
			nova_fdinfo_count(stats, obj);
			evicted += nova_fdinfo_evicted(nova_bo_from_gem(obj));
			bar1 += atomic64_read(&nova_bo_from_gem(obj)->bar1_bytes);
		}
	}
	for (int i = 0; i < NOVA_FDINFO_REGIONS; i++)
		drm_print_memory_stats(p, &stats[i], NOVA_FDINFO_ALL, nova_fdinfo_names[i]);
	drm_printf(p, "nova-pagetables:\t%llu KiB\n",
		   nova_fdinfo_table_bytes(file->driver_priv) / 1024);
	drm_printf(p, "nova-bar1-reserved:\t%llu KiB\n", bar1 / 1024);
	drm_printf(p, "nova-evicted-vram:\t%llu KiB\n", evicted / 1024);
	if (to_nova_drm(file->minor->dev)->exec)
		drm_printf(p, "drm-engine-copy:\t%llu ns\n",
			   nova_queue_copy_ns(file->driver_priv));
}
