// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gem
 *
 * GEM objects: creation, CPU mapping, life and death. An object is a struct
 * nova_bo, which knows where its memory is, plus what user space said about it.
 *
 * A private object shares the reservation lock of its VM; it can be bound nowhere
 * else and never leaves the file.
 *
 * Before memory moves, every GPU mapping of it goes; afterwards they are put back
 * at once if the object may be used from where it is now, else when it is next
 * bound.
 *
 * Locking: the object's reservation for memory and mappings; the device's object
 * list has its own mutex.
 */
#include "nova_gem.h"

#include "nova_compat.h"
#include "nova_foreign.h"
#include "nova_prime.h"
#include "nova_room.h"
#include "nova_vm_bo.h"

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_gpuvm.h>
#include <drm/drm_vma_manager.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/dma-buf.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

/*
 * TTM has a page and a DMA address for each page of an object in one array, and the
 * kernel warns of an array of more than INT_MAX bytes. Rounded as sizes are, so that the
 * limit itself is a size.
 */
#define NOVA_GEM_MAX_PAGES	(INT_MAX / (sizeof(struct page *) + sizeof(dma_addr_t)))
#define NOVA_GEM_MAX_SIZE	round_down((u64)NOVA_GEM_MAX_PAGES << PAGE_SHIFT, SZ_64K)

static void nova_gem_destroy(struct ttm_buffer_object *tbo)
{
	struct nova_gem *gem = container_of(nova_bo(tbo), struct nova_gem, bo);

	nova_gem_list_remove(gem);
	if (tbo->base.import_attach)
		nova_foreign_fini(&gem->bo);
	nova_bo_free_sink(&gem->bo);
	drm_gem_object_release(&tbo->base);
	if (gem->private_root)
		drm_gem_object_put(gem->private_root);
	kfree(gem->label);
	kfree(gem);
}

static void nova_gem_free(struct drm_gem_object *obj)
{
	nova_ttm_bo_fini(&nova_bo_from_gem(obj)->ttm);
}

static int nova_gem_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	struct nova_gem *gem = to_nova_gem(obj);
	int ret;

	if (gem->flags & DRM_NOVA_GEM_NO_CPU_ACCESS || nova_bo_is_imported(&gem->bo))
		return -EPERM;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	vm_flags_clear(vma, VM_MAYEXEC);
	ret = ttm_bo_mmap_obj(vma, &gem->bo.ttm);
	/* TTM took a reference of its own. */
	if (!ret)
		drm_gem_object_put(obj);
	return ret;
}

static const struct drm_gem_object_funcs nova_gem_funcs = {
	.free = nova_gem_free,
	.export = nova_prime_export,
	.mmap = nova_gem_mmap,
	.vm_ops = &nova_bo_vm_ops,
};

/*
 * Any sub-range of an object, unlike drm_gem_mmap(), which wants its start. Its offset
 * is there to be guessed before the object is complete, and if that fails it is freed
 * whoever refers to it; so only who has a handle may, and that comes last.
 */
static struct drm_gem_object *nova_gem_find_mapped(struct drm_file *file,
						   struct vm_area_struct *vma)
{
	struct drm_vma_offset_manager *mgr = file->minor->dev->vma_offset_manager;
	struct drm_gem_object *obj = ERR_PTR(-EINVAL);
	struct drm_vma_offset_node *node;

	drm_vma_offset_lock_lookup(mgr);
	node = drm_vma_offset_lookup_locked(mgr, vma->vm_pgoff, vma_pages(vma));
	if (node && !drm_vma_node_is_allowed(node, file)) {
		obj = ERR_PTR(-EACCES);
	} else if (node) {
		obj = container_of(node, struct drm_gem_object, vma_node);
		if (!kref_get_unless_zero(&obj->refcount))
			obj = ERR_PTR(-EINVAL);
	}
	drm_vma_offset_unlock_lookup(mgr);
	return obj;
}

/**
 * nova_gem_mmap_file - mmap() of the device file
 * @filp: the file
 * @vma: the mapping; its offset is inside an object's range of offsets
 *
 * Context: process, mmap lock held.
 *
 * Return: 0; -ENODEV after unplug; -EINVAL if the range is not inside one object
 * or the mapping is private and writable; -EACCES if the file has no handle to
 * the object; -EPERM for an executable mapping or an object without CPU access.
 */
int nova_gem_mmap_file(struct file *filp, struct vm_area_struct *vma)
{
	struct drm_file *file = filp->private_data;
	struct drm_gem_object *obj;
	int ret;

	if (drm_dev_is_unplugged(file->minor->dev))
		return -ENODEV;
	obj = nova_gem_find_mapped(file, vma);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	ret = drm_gem_mmap_obj(obj, obj->size, vma);
	drm_gem_object_put(obj);
	return ret;
}

/**
 * nova_gem_set_label - name an object, for debugfs and dumps
 * @gem: the object
 * @label: text from kmalloc, taken over; NULL for none
 */
void nova_gem_set_label(struct nova_gem *gem, char *label)
{
	struct nova_drm *ndrm = to_nova_drm(gem->bo.ttm.base.dev);

	scoped_guard(mutex, &ndrm->objects.lock)
		swap(gem->label, label);
	kfree(label);
}

static int nova_gem_moving(struct nova_bo *bo)
{
	struct drm_gem_object *obj = &bo->ttm.base;
	struct drm_gpuvm_bo *vm_bo;

	/* TTM's side has objects of its own, by which it makes room: nobody else knows them. */
	if (obj->funcs == &nova_gem_funcs)
		nova_prime_moving(to_nova_gem(obj));
	drm_gem_for_each_gpuvm_bo(vm_bo, obj) {
		int ret = nova_vm_evict_bo(vm_bo);

		if (ret)
			return ret;
	}
	return 0;
}

static int nova_gem_purging(struct nova_bo *bo)
{
	struct drm_gem_object *obj = &bo->ttm.base;
	struct drm_gpuvm_bo *vm_bo;

	drm_gem_for_each_gpuvm_bo(vm_bo, obj) {
		int ret = nova_vm_purge_bo(vm_bo);

		if (ret)
			return ret;
	}
	return 0;
}

/*
 * May mappings be used from where the object is now? An object for VRAM alone that
 * was pushed out waits to get back in; but without BAR1 the CPU's touch is what
 * moved it, and the GPU has to follow.
 */
static bool nova_gem_placed_well(const struct nova_bo *bo)
{
	u32 region = nova_bo_region(bo);

	if (!region)
		return false;
	return bo->placement & region || !to_nova_drm(bo->ttm.base.dev)->nd.bar1_size;
}

/* Restoring may fail for lack of table memory; the mapping then waits for the next bind. */
static void nova_gem_moved(struct nova_bo *bo)
{
	struct drm_gem_object *obj = &bo->ttm.base;
	struct drm_gpuvm_bo *vm_bo;

	if (!nova_gem_placed_well(bo))
		return;
	drm_gem_for_each_gpuvm_bo(vm_bo, obj)
		if (nova_vm_restore_bo(vm_bo))
			return;
}

const struct nova_ttm_client nova_gem_ttm_client = {
	.moving = nova_gem_moving,
	.purging = nova_gem_purging,
	.moved = nova_gem_moved,
};

/**
 * nova_gem_lookup - object of a handle
 * @file: the caller
 * @handle: handle in @file
 *
 * Return: the object with a reference for nova_gem_put(), NULL if unknown.
 */
struct nova_gem *nova_gem_lookup(struct drm_file *file, u32 handle)
{
	struct drm_gem_object *obj = drm_gem_object_lookup(file, handle);

	return obj ? to_nova_gem(obj) : NULL;
}

/**
 * nova_gem_put - drop a reference
 * @gem: the object, or NULL
 */
void nova_gem_put(struct nova_gem *gem)
{
	if (gem)
		drm_gem_object_put(&gem->bo.ttm.base);
}

/**
 * nova_gem_mmap_offset - where to mmap an object
 * @gem: the object
 *
 * Return: offset for mmap() of the DRM file; 0 if the CPU has no access.
 */
u64 nova_gem_mmap_offset(struct nova_gem *gem)
{
	if (gem->flags & DRM_NOVA_GEM_NO_CPU_ACCESS || nova_bo_is_imported(&gem->bo))
		return 0;
	return drm_vma_node_offset_addr(&gem->bo.ttm.base.vma_node);
}

/**
 * nova_gem_size_limit - largest object some regions could ever hold
 * @ndrm: the device
 * @placement: mask of NOVA_BO_*
 *
 * Return: bytes; less than 512 GiB, whatever there is.
 */
u64 nova_gem_size_limit(struct nova_drm *ndrm, u32 placement)
{
	u64 limit = 0;

	if (placement & NOVA_BO_VRAM)
		limit = nova_ttm_total(&ndrm->nt, TTM_PL_VRAM);
	if (placement & NOVA_BO_SYSTEM)
		limit = max(limit, nova_ttm_total(&ndrm->nt, TTM_PL_TT));
	return min(limit, NOVA_GEM_MAX_SIZE);
}

static void nova_gem_describe(struct nova_gem *gem, const struct drm_nova_gem_create2 *args)
{
	gem->flags = args->flags;
	gem->tile_mode = args->tile_mode;
	gem->cpu_caching = args->cpu_caching;
	gem->pte_kind = args->pte_kind;
}

static struct nova_gem *nova_gem_alloc(struct nova_drm *ndrm, u64 size)
{
	struct nova_gem *gem = kzalloc_obj(*gem, GFP_KERNEL_ACCOUNT);

	if (!gem)
		return NULL;
	gem->bo.ttm.base.funcs = &nova_gem_funcs;
	drm_gem_private_object_init(&ndrm->drm, &gem->bo.ttm.base, size);
	INIT_LIST_HEAD(&gem->link);
	return gem;
}

static void nova_gem_params(struct nova_bo_params *params, const struct drm_nova_gem_create2 *args,
			    struct nova_vm *vm)
{
	*params = (struct nova_bo_params) {
		.size = args->size,
		.alignment = args->alignment,
		.placement = args->placement,
		.contiguous = args->flags & DRM_NOVA_GEM_CONTIGUOUS,
		.write_combined = args->cpu_caching == DRM_NOVA_CACHING_WC,
		.eager = !(args->flags & DRM_NOVA_GEM_DEFER),
		.resv = vm ? drm_gpuvm_resv(&vm->base) : NULL,
		.destroy = nova_gem_destroy,
	};
}

static void nova_gem_make_private(struct nova_gem *gem, struct nova_vm *vm)
{
	gem->private_vm = vm->id;
	gem->private_root = vm->base.r_obj;
	drm_gem_object_get(gem->private_root);
}

/* With the reservation held that @params names, or none; returns with it dropped. */
static struct nova_gem *nova_gem_new(struct nova_drm *ndrm, struct nova_vm *vm,
				     const struct drm_nova_gem_create2 *args)
{
	struct nova_gem *gem = nova_gem_alloc(ndrm, args->size);
	struct nova_bo_params params;
	int ret;

	nova_gem_params(&params, args, vm);
	if (!gem) {
		ret = -ENOMEM;
		goto err_unlock;
	}
	nova_gem_describe(gem, args);
	if (vm)
		nova_gem_make_private(gem, vm);
	ret = nova_bo_init(&gem->bo, &ndrm->nt, &params);
	if (ret)
		goto err_unlock;
	nova_gem_list_add(gem);
	dma_resv_unlock(gem->bo.ttm.base.resv);
	return gem;

err_unlock:
	if (params.resv)
		dma_resv_unlock(params.resv);
	return ERR_PTR(ret);
}

/* Objects private to a VM may make room for each other. */
static int nova_gem_try_populate(void *arg, bool alone)
{
	struct nova_gem *gem = arg;
	struct dma_resv *resv = gem->bo.ttm.base.resv;
	struct ttm_operation_ctx ctx = {
		.interruptible = true,
		.gfp_retry_mayfail = true,
		.allow_res_evict = gem->private_root,
		.resv = resv,
	};
	int ret;

	if (alone)
		return nova_room_validate(&gem->bo, &ctx);
	ret = dma_resv_lock_interruptible(resv, NULL);
	if (ret)
		return ret;
	ret = nova_bo_validate(&gem->bo, &ctx);
	dma_resv_unlock(resv);
	return ret;
}

static struct nova_gem *nova_gem_populate(struct nova_drm *ndrm, struct nova_gem *gem)
{
	int ret = 0;

	/* It has what it asked for, unless somebody has taken that away already. */
	if (!nova_bo_region(&gem->bo))
		ret = nova_room_run(&ndrm->nt, nova_gem_try_populate, gem);
	if (!ret)
		return gem;
	nova_gem_put(gem);
	return ERR_PTR(ret);
}

static struct nova_gem *nova_gem_new_private(struct nova_drm *ndrm, struct drm_file *file,
					     const struct drm_nova_gem_create2 *args)
{
	struct nova_vm *vm = nova_vm_get(file, args->vm_id);
	struct nova_gem *gem;
	int ret;

	if (!vm)
		return ERR_PTR(-ENOENT);
	ret = dma_resv_lock_interruptible(drm_gpuvm_resv(&vm->base), NULL);
	gem = ret ? ERR_PTR(ret) : nova_gem_new(ndrm, vm, args);
	nova_vm_put(vm);
	return gem;
}

/**
 * nova_gem_create - make an object
 * @ndrm: the device
 * @file: the caller, for @args->vm_id
 * @args: checked arguments, size already rounded
 *
 * Context: process, may sleep and evict.
 *
 * Return: the object with one reference; ERR_PTR: -ENOENT if there is no such
 * VM; -ENOSPC, -ENOMEM; -EINTR or -ERESTARTSYS.
 */
struct nova_gem *nova_gem_create(struct nova_drm *ndrm, struct drm_file *file,
				 const struct drm_nova_gem_create2 *args)
{
	struct nova_gem *gem = args->vm_id ? nova_gem_new_private(ndrm, file, args) :
					     nova_gem_new(ndrm, NULL, args);

	if (IS_ERR(gem) || args->flags & DRM_NOVA_GEM_DEFER)
		return gem;
	return nova_gem_populate(ndrm, gem);
}

/**
 * nova_gem_adopt - make an object of another driver's memory
 * @ndrm: the device
 * @attach: attachment to the exporter's buffer; consumed, also on error
 *
 * Context: process, may sleep; the buffer's reservation not held.
 *
 * Return: the object with one reference; ERR_PTR: -ENOMEM, -EINTR, what the
 * exporter says.
 */
struct nova_gem *nova_gem_adopt(struct nova_drm *ndrm, struct dma_buf_attachment *attach)
{
	struct nova_gem *gem = nova_gem_alloc(ndrm, attach->dmabuf->size);
	struct ttm_operation_ctx ctx = { .interruptible = true };
	const struct nova_bo_params params = {
		.size = attach->dmabuf->size,
		.placement = NOVA_BO_SYSTEM,
		.resv = attach->dmabuf->resv,
		.attach = attach,
		.destroy = nova_gem_destroy,
	};
	int ret;

	if (!gem) {
		nova_foreign_detach(attach);
		return ERR_PTR(-ENOMEM);
	}
	dma_resv_lock(params.resv, NULL);
	ret = nova_bo_init(&gem->bo, &ndrm->nt, &params);
	if (ret) {
		dma_resv_unlock(params.resv);
		return ERR_PTR(ret);
	}
	nova_gem_list_add(gem);
	ret = nova_bo_validate(&gem->bo, &ctx);
	dma_resv_unlock(params.resv);
	if (!ret)
		return gem;
	nova_gem_put(gem);
	return ERR_PTR(ret);
}

/**
 * nova_gem_abandon_all - give back what was mapped for a device that is gone
 * @ndrm: the device, unplugged
 *
 * Context: process, may sleep.
 */
void nova_gem_abandon_all(struct nova_drm *ndrm)
{
	struct nova_gem *gem = NULL;

	while ((gem = nova_gem_list_next(ndrm, gem))) {
		dma_resv_lock(gem->bo.ttm.base.resv, NULL);
		nova_prime_moving(gem);
		nova_bo_abandon(&gem->bo);
		dma_resv_unlock(gem->bo.ttm.base.resv);
	}
}

/**
 * nova_gem_region - where an object lives, as user space knows it
 * @gem: the object
 *
 * Context: any; without the reservation the answer may be stale.
 *
 * Return: DRM_NOVA_REGION_*, DRM_NOVA_REGION_NONE without backing.
 */
u32 nova_gem_region(const struct nova_gem *gem)
{
	u32 region = nova_bo_region(&gem->bo);

	return region ? __ffs(region) : DRM_NOVA_REGION_NONE;
}
