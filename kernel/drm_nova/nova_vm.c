// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vm
 *
 * Address spaces. drm_gpuvm keeps the tree of mappings that user space asked
 * for, struct nova_vmm the page tables that realise it. nova_bind changes both,
 * nova_vm_bo the tables when memory moves; this unit makes and destroys them::
 *
 *	0          NOVA_VM_START                                  2^va_bits
 *	| nothing  |  user                 | kernel reservation | user ...|
 *
 * Invariant: a mapping holds a reference to its object. A range is in the page
 * tables if and only if it is in the tree and its object is not marked evicted.
 *
 * Locking, outermost first: the VM's lock; reservations (the VM's own, which
 * private objects share, and those of shared objects); the locks of nova_vmm. The
 * tree is changed under the VM's lock and the reservations of all objects
 * touched, so either kind is enough to read what it covers. An object's presence in a
 * VM ends under the reservations of both.
 */
#include "nova_vm.h"

#include "nova_bind.h"
#include "nova_bind_job.h"
#include "nova_compat.h"
#include "nova_gem.h"
#include "nova_queue.h"
#include "nova_room.h"
#include "nova_trace.h"
#include "nova_vm_bo.h"

#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include <linux/dma-resv.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/ww_mutex.h>

/**
 * nova_vm_va_bits - width of a GPU virtual address
 * @ndrm: the device
 *
 * Return: bits.
 */
unsigned int nova_vm_va_bits(struct nova_drm *ndrm)
{
	return ndrm->mm.fmt->va_bits;
}

/**
 * nova_vm_va_end - first byte past the GPU's address space
 * @ndrm: the device
 *
 * Return: the address.
 */
u64 nova_vm_va_end(struct nova_drm *ndrm)
{
	return 1ULL << nova_vm_va_bits(ndrm);
}

static void nova_vm_free(struct drm_gpuvm *gpuvm)
{
	struct nova_vm *vm = to_nova_vm(gpuvm);

	scoped_guard(mutex, &vm->ndrm->vms.lock)
		list_del(&vm->link);
	nova_vmm_fini(&vm->vmm);
	mutex_destroy(&vm->lock);
	/* It may have outlived its file, and that the driver. */
	drm_dev_put(&vm->ndrm->drm);
	kfree(vm);
}

/**
 * nova_vm_get - address space of an id
 * @file: the caller
 * @id: id in @file
 *
 * Return: the VM with a reference for nova_vm_put(), NULL if unknown.
 */
struct nova_vm *nova_vm_get(struct drm_file *file, u32 id)
{
	struct nova_file *nf = file->driver_priv;
	struct nova_vm *vm;

	if (id > NOVA_MAX_VMS)
		return NULL;
	id = array_index_nospec(id, NOVA_MAX_VMS + 1);
	xa_lock(&nf->vms);
	vm = xa_load(&nf->vms, id);
	if (vm)
		drm_gpuvm_get(&vm->base);
	xa_unlock(&nf->vms);
	return vm;
}

/**
 * nova_vm_put - drop a reference
 * @vm: the address space
 *
 * Context: process; may free page tables.
 */
void nova_vm_put(struct nova_vm *vm)
{
	drm_gpuvm_put(&vm->base);
}

/**
 * nova_vm_ban - let an address space do nothing any more but be taken apart
 * @vm: the address space, whose page tables the hardware did not confirm
 * @error: why, -errno; the first one stays
 *
 * Context: any that need not be atomic; does not sleep. Idempotent.
 */
void nova_vm_ban(struct nova_vm *vm, int error)
{
	if (!cmpxchg(&vm->error, 0, error))
		trace_nova_vm_ban(&vm->ndrm->nd, vm->id, vm->pid, nova_vmm_pdb(&vm->vmm).addr);
}

/**
 * nova_vm_lock_obj - reserve a VM and an object, to take one out of the other
 * @vm: the VM; a reference is the caller's
 * @obj: the object; a reference is taken. One that is private to @vm shares its reservation
 * @ctx: filled, for nova_vm_unlock_obj()
 *
 * Who drops what may be the last reference to an object's presence needs both: the object's,
 * because it leaves the list of the VMs that the object is in; and the VM's, because whoever
 * reserves all that is bound, under that, holds references to what has none of its own any
 * more, and drops them without the object's.
 *
 * Context: process, no reservation held; uninterruptible. Allocates nothing and cannot fail.
 */
void nova_vm_lock_obj(struct nova_vm *vm, struct drm_gem_object *obj, struct ww_acquire_ctx *ctx)
{
	struct dma_resv *first = drm_gpuvm_resv(&vm->base), *second = obj->resv;

	drm_gem_object_get(obj);
	ww_acquire_init(ctx, &reservation_ww_class);
	/* With none held there is nothing to back off from. */
	dma_resv_lock(first, ctx);
	while (second != first && dma_resv_lock(second, ctx) == -EDEADLK) {
		dma_resv_unlock(first);
		dma_resv_lock_slow(second, ctx);
		swap(first, second);
	}
	ww_acquire_done(ctx);
}

/**
 * nova_vm_unlock_obj - undo nova_vm_lock_obj()
 * @vm: the VM
 * @obj: the object; may be freed by this
 * @ctx: as filled
 */
void nova_vm_unlock_obj(struct nova_vm *vm, struct drm_gem_object *obj, struct ww_acquire_ctx *ctx)
{
	struct dma_resv *resv = drm_gpuvm_resv(&vm->base);

	if (obj->resv != resv)
		dma_resv_unlock(obj->resv);
	dma_resv_unlock(resv);
	ww_acquire_fini(ctx);
	drm_gem_object_put(obj);
}

/* drm_gpuvm: the last reference is gone, under the locks of nova_vm_lock_obj(). */
static void nova_vm_free_bo(struct drm_gpuvm_bo *vm_bo)
{
	drm_gpuvm_resv_assert_held(vm_bo->vm);
	dma_resv_assert_held(vm_bo->obj->resv);
	kfree(vm_bo);
}

/* Work under way may still look at the mappings, under these reservations alone. */
static void nova_vm_drop_mapping(struct nova_vm *vm, struct drm_gpuva *va)
{
	struct drm_gem_object *obj = va->gem.obj ?: vm->base.r_obj;
	struct ww_acquire_ctx ctx;

	nova_vm_lock_obj(vm, obj, &ctx);
	drm_gpuva_remove(va);
	drm_gpuva_unlink(va);
	nova_vm_unlock_obj(vm, obj, &ctx);
	kfree(to_nova_vma(va));
}

/* Removing everything cuts nothing, so it needs no preparation and no memory. */
static void nova_vm_unmap_all(struct nova_vm *vm)
{
	struct nova_vmm_update upd;
	int ret;

	nova_vmm_update_init(&upd, &vm->vmm);
	nova_vmm_unmap(&upd, NOVA_VM_START, nova_vm_va_end(vm->ndrm) - NOVA_VM_START);
	ret = nova_vmm_flush(&upd);
	nova_vmm_finish(&upd);
	if (ret)
		nova_vm_ban(vm, ret);
}

/*
 * Every translation goes before the first object may. The VM's own queue holds a
 * reference to it, so this is also what breaks that circle.
 */
static void nova_vm_take_apart(struct nova_vm *vm)
{
	struct drm_gpuva *va, *next;

	trace_nova_vm_destroy(&vm->ndrm->nd, vm->id, vm->pid, nova_vmm_pdb(&vm->vmm).addr);
	nova_bind_vm_drain(vm);
	mutex_lock(&vm->lock);
	nova_vm_unmap_all(vm);
	drm_gpuvm_for_each_va_safe(va, next, &vm->base)
		if (va != &vm->base.kernel_alloc_node)
			nova_vm_drop_mapping(vm, va);
	mutex_unlock(&vm->lock);
	nova_queue_put(vm->queue);
	nova_vm_put(vm);
}

static void nova_vm_reap(struct work_struct *work)
{
	nova_vm_take_apart(container_of(work, struct nova_vm, reap));
}

/*
 * At once if nothing is under way. A job may wait for a fence that only the caller
 * can signal, by closing its next file; so if there are jobs, that is left to a
 * worker.
 */
static void nova_vm_destroy(struct nova_vm *vm)
{
	bool busy;

	scoped_guard(mutex, &vm->lock) {
		vm->dead = true;
		busy = nova_bind_vm_busy(vm);
	}
	if (busy)
		queue_work(nova_reaper, &vm->reap);
	else
		nova_vm_take_apart(vm);
}

/**
 * nova_vm_close_all - destroy what a file leaves behind
 * @nf: the file, which nobody else uses any more
 *
 * Context: process, may sleep.
 */
void nova_vm_close_all(struct nova_file *nf)
{
	struct nova_vm *vm;
	unsigned long id;

	xa_for_each(&nf->vms, id, vm) {
		xa_erase(&nf->vms, id);
		nova_vm_destroy(vm);
	}
}

static const struct drm_gpuvm_ops nova_vm_ops = {
	.vm_free = nova_vm_free,
	.vm_bo_free = nova_vm_free_bo,
	.sm_step_map = nova_bind_step_map,
	.sm_step_remap = nova_bind_step_remap,
	.sm_step_unmap = nova_bind_step_unmap,
	.vm_bo_validate = nova_vm_validate_bo,
};

static int nova_vm_check_reserved(const struct drm_nova_vm_create *args)
{
	if (args->flags & ~DRM_NOVA_VM_SCRATCH || args->vm_id || args->va_start || args->va_size)
		return -EINVAL;
	return 0;
}

/*
 * Both zero: as high as channels reach on every chip, since rings and semaphores of
 * queues go there.
 */
static int nova_vm_kernel_range(struct nova_drm *ndrm, struct drm_nova_vm_create *args)
{
	u64 va_end = nova_vm_va_end(ndrm);

	if (!args->kernel_start && !args->kernel_size) {
		args->kernel_size = NOVA_VM_KERNEL_MIN_SIZE;
		args->kernel_start = NOVA_VM_KERNEL_END - args->kernel_size;
		return 0;
	}
	if (!IS_ALIGNED(args->kernel_start | args->kernel_size, NOVA_VM_KERNEL_ALIGN) ||
	    args->kernel_size < NOVA_VM_KERNEL_MIN_SIZE)
		return -EINVAL;
	if (args->kernel_start >= va_end || args->kernel_size > va_end - args->kernel_start)
		return -EINVAL;
	return 0;
}

struct nova_vm_root {
	struct nova_vm *vm;
	struct nova_vmm_config config;
};

static int nova_vm_try_root(void *arg, bool alone)
{
	const struct nova_vm_root *root = arg;

	return nova_vmm_init(&root->vm->vmm, &root->vm->ndrm->mm, &root->config);
}

static struct nova_vm *nova_vm_alloc(struct nova_drm *ndrm, const struct drm_nova_vm_create *args)
{
	struct nova_vm_root root = { .config.scratch = args->flags & DRM_NOVA_VM_SCRATCH };
	struct nova_vm *vm = kzalloc_obj(*vm, GFP_KERNEL_ACCOUNT);
	int ret;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	vm->ndrm = ndrm;
	root.vm = vm;
	ret = nova_room_run(&ndrm->nt, nova_vm_try_root, &root);
	if (ret) {
		kfree(vm);
		return ERR_PTR(ret);
	}
	vm->pid = task_tgid_nr(current);
	mutex_init(&vm->lock);
	INIT_LIST_HEAD(&vm->pending);
	INIT_WORK(&vm->reap, nova_vm_reap);
	nova_vm_faults_init(vm);
	drm_dev_get(&ndrm->drm);
	return vm;
}

/* The order of locks from the overview, before anything else is done with them. */
static void nova_vm_prime_lockdep(struct nova_vm *vm)
{
	if (!IS_ENABLED(CONFIG_LOCKDEP))
		return;
	mutex_lock(&vm->lock);
	dma_resv_lock(drm_gpuvm_resv(&vm->base), NULL);
	mutex_lock(&vm->vmm.map_lock);
	mutex_unlock(&vm->vmm.map_lock);
	dma_resv_unlock(drm_gpuvm_resv(&vm->base));
	mutex_unlock(&vm->lock);
}

static struct nova_vm *nova_vm_create(struct nova_drm *ndrm, const struct drm_nova_vm_create *args)
{
	struct drm_gem_object *r_obj = drm_gpuvm_resv_object_alloc(&ndrm->drm);
	struct nova_vm *vm;

	if (!r_obj)
		return ERR_PTR(-ENOMEM);
	vm = nova_vm_alloc(ndrm, args);
	if (!IS_ERR(vm)) {
		drm_gpuvm_init(&vm->base, "nova", 0, &ndrm->drm, r_obj, NOVA_VM_START,
			       nova_vm_va_end(ndrm) - NOVA_VM_START, args->kernel_start,
			       args->kernel_size, &nova_vm_ops);
		nova_vm_prime_lockdep(vm);
		scoped_guard(mutex, &ndrm->vms.lock)
			list_add_tail(&vm->link, &ndrm->vms.list);
	}
	drm_gem_object_put(r_obj);
	return vm;
}

static int nova_vm_create_queue(struct nova_vm *vm)
{
	const struct nova_queue_params params = {
		.queue_class = DRM_NOVA_QUEUE_CLASS_BIND,
		.priority = DRM_NOVA_QUEUE_PRIORITY_NORMAL,
	};

	vm->queue = nova_queue_create(vm->ndrm, vm, &params);
	return PTR_ERR_OR_ZERO(vm->queue);
}

static int nova_vm_publish(struct nova_file *nf, struct nova_vm *vm)
{
	int ret = xa_alloc(&nf->vms, &vm->id, vm, XA_LIMIT(1, NOVA_MAX_VMS), GFP_KERNEL);

	if (!ret)
		trace_nova_vm_create(&vm->ndrm->nd, vm->id, vm->pid, nova_vmm_pdb(&vm->vmm).addr);
	return ret == -EBUSY ? -ENOSPC : ret;
}

/**
 * nova_vm_create_ioctl - DRM_NOVA_VM_CREATE (uapi.md §5.11)
 * @drm: the device
 * @data: struct drm_nova_vm_create
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOSPC for too many VMs or no VRAM for a root table;
 * -ENOMEM.
 */
int nova_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct nova_drm *ndrm = to_nova_drm(drm);
	struct drm_nova_vm_create *args = data;
	struct nova_vm *vm;
	int ret;

	ret = nova_vm_check_reserved(args);
	if (ret)
		return ret;
	ret = nova_vm_kernel_range(ndrm, args);
	if (ret)
		return ret;
	vm = nova_vm_create(ndrm, args);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	ret = nova_vm_create_queue(vm);
	if (ret) {
		nova_vm_put(vm);
		return ret;
	}
	/* From here on another thread may destroy it by guessing the id. */
	drm_gpuvm_get(&vm->base);
	ret = nova_vm_publish(file->driver_priv, vm);
	if (!ret) {
		args->vm_id = vm->id;
		args->va_start = NOVA_VM_START;
		args->va_size = nova_vm_va_end(ndrm) - NOVA_VM_START;
	} else {
		nova_vm_destroy(vm);
	}
	nova_vm_put(vm);
	return ret;
}

/* Exactly one caller gets to destroy a VM, and none while a queue is attached. */
static int nova_vm_retire(struct nova_vm *vm)
{
	guard(mutex)(&vm->lock);
	if (vm->nr_queues)
		return -EBUSY;
	if (vm->dead)
		return -ENOENT;
	vm->dead = true;
	return 0;
}

/**
 * nova_vm_destroy_ioctl - DRM_NOVA_VM_DESTROY (uapi.md §5.11)
 * @drm: the device
 * @data: struct drm_nova_vm_destroy
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT; -EBUSY while queues are attached.
 */
int nova_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_vm_destroy *args = data;
	struct nova_file *nf = file->driver_priv;
	struct nova_vm *vm;
	int ret;

	if (args->pad)
		return -EINVAL;
	vm = nova_vm_get(file, args->vm_id);
	if (!vm)
		return -ENOENT;
	ret = nova_vm_retire(vm);
	if (!ret) {
		xa_erase(&nf->vms, vm->id);
		nova_vm_destroy(vm);
	}
	nova_vm_put(vm);
	return ret;
}
