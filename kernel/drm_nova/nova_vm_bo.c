// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vm_bo
 *
 * An object in an address space: taken out of the page tables when its memory moves,
 * put back when it is used again, all of a VM's objects at once before work runs.
 *
 * Objects private to a VM share its reservation, which whoever validates them holds.
 * So they can make room for each other; for TTM, which takes the coldest first, those
 * that are bound are made the hottest before. If they do not fit all the same they
 * would push out each other for ever: each may be pushed out once.
 *
 * Invariant: an object is marked evicted in a VM if and only if the page tables have
 * none of its mappings there.
 *
 * Locking: the object's reservation, and for all of them also the VM's.
 */
#include "nova_vm_bo.h"

#include "nova_compat.h"
#include "nova_gem.h"

/* Until no unit of the GPU uses what the update took away; else the VM is over. */
static int nova_vm_bo_complete(struct nova_vm *vm, struct nova_vmm_update *upd)
{
	int ret = nova_vmm_flush(upd);

	nova_vmm_finish(upd);
	if (ret)
		nova_vm_ban(vm, ret);
	return ret;
}

/**
 * nova_vm_evict_bo - take an object out of the page tables of one VM
 * @vm_bo: the object's presence in the VM; the object's reservation is held
 *
 * Its mappings stay in the tree. When this returns 0 no unit of the GPU can use
 * a translation to the object's memory any more. Whole mappings go without
 * cutting anything, so no memory is needed.
 *
 * Context: process, may sleep.
 *
 * Return: 0; -EIO if the invalidate was not acknowledged, in which case the VM is
 * banned and the memory must not be reused.
 */
int nova_vm_evict_bo(struct drm_gpuvm_bo *vm_bo)
{
	struct nova_vm *vm = to_nova_vm(vm_bo->vm);
	struct nova_vmm_update upd;
	struct drm_gpuva *va;
	int ret;

	if (vm_bo->evicted)
		return 0;
	nova_vmm_update_init(&upd, &vm->vmm);
	drm_gpuvm_bo_for_each_va(va, vm_bo)
		nova_vmm_unmap(&upd, va->va.addr, va->va.range);
	ret = nova_vm_bo_complete(vm, &upd);
	if (!ret)
		drm_gpuvm_bo_evict(vm_bo, true);
	return ret;
}

/* Changes nothing on error. */
static int nova_vm_prepare_sparse(struct nova_vmm_update *upd, struct drm_gpuvm_bo *vm_bo)
{
	struct drm_gpuva *va;

	drm_gpuvm_bo_for_each_va(va, vm_bo) {
		int ret = nova_vmm_prepare_cut(upd, va->va.addr, va->va.range);

		if (ret) {
			nova_vmm_abort(upd);
			return ret;
		}
	}
	return 0;
}

/**
 * nova_vm_purge_bo - let mappings of an object read zero in one VM
 * @vm_bo: the object's presence in the VM; the object's reservation is held
 *
 * When this returns 0 no unit of the GPU can reach the object's memory any more.
 * Sparse mappings may want a page table; if there is none the mappings map nothing
 * and the object stays marked as evicted, to be tried again before its next use.
 *
 * Context: process, may sleep.
 *
 * Return: as nova_vm_evict_bo().
 */
int nova_vm_purge_bo(struct drm_gpuvm_bo *vm_bo)
{
	struct nova_vm *vm = to_nova_vm(vm_bo->vm);
	struct nova_vmm_update upd;
	struct drm_gpuva *va;
	int ret;

	nova_vmm_update_init(&upd, &vm->vmm);
	if (nova_vm_prepare_sparse(&upd, vm_bo))
		return nova_vm_evict_bo(vm_bo);
	drm_gpuvm_bo_for_each_va(va, vm_bo)
		nova_vmm_sparse(&upd, va->va.addr, va->va.range);
	ret = nova_vm_bo_complete(vm, &upd);
	if (!ret)
		drm_gpuvm_bo_evict(vm_bo, false);
	return ret;
}

/**
 * nova_vm_attr - attributes of the entries of a mapping
 * @flags: DRM_NOVA_VM_BIND_OP_* it was made with
 * @pte_kind: its kind
 * @backing: memory of its object
 *
 * Return: the attributes.
 */
struct nova_pte_attr nova_vm_attr(u32 flags, u8 pte_kind, const struct nova_backing *backing)
{
	return (struct nova_pte_attr) {
		.kind = pte_kind,
		.read_only = flags & DRM_NOVA_VM_BIND_OP_READONLY,
		.no_atomic = flags & DRM_NOVA_VM_BIND_OP_NO_ATOMIC,
		.uncached = flags & DRM_NOVA_VM_BIND_OP_UNCACHED ||
			    backing->aperture != NOVA_APERTURE_VRAM,
	};
}

static void nova_vm_map_of(struct nova_vmm_map *map, const struct nova_vma *vma,
			   const struct nova_backing *backing)
{
	*map = (struct nova_vmm_map) {
		.va = vma->base.va.addr,
		.len = vma->base.va.range,
		.backing = backing,
		.off = vma->base.gem.offset,
		.attr = nova_vm_attr(vma->flags, vma->pte_kind, backing),
		.max_page_shift = vma->max_page_shift,
	};
}

static int nova_vm_prepare_restore(struct nova_vmm_update *upd, struct drm_gpuvm_bo *vm_bo,
				   const struct nova_backing *backing)
{
	struct drm_gpuva *va;

	drm_gpuvm_bo_for_each_va(va, vm_bo) {
		struct nova_vmm_map map;
		int ret;

		nova_vm_map_of(&map, to_nova_vma(va), backing);
		ret = nova_vmm_check(upd->vmm, &map) ?: nova_vmm_prepare_map(upd, &map);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nova_vm_restore_bo - put an evicted object back into the page tables of one VM
 * @vm_bo: the object's presence in the VM; the object's reservation is held and
 *	the object is populated, or purged
 *
 * Not before what it holds has arrived: jobs wait for the fence of that, but one that only
 * claims to be over could see what was in the memory before.
 *
 * Context: process, may sleep; waits for the copy engine.
 *
 * Return: 0, also if there was nothing to do; -ENOMEM or -ENOSPC, nothing
 * changed; -EIO if the invalidate was not acknowledged; -ENODEV if the device is wedged.
 */
int nova_vm_restore_bo(struct drm_gpuvm_bo *vm_bo)
{
	struct nova_vm *vm = to_nova_vm(vm_bo->vm);
	struct nova_vmm_update upd;
	struct nova_backing backing;
	struct nova_vmm_map map;
	struct drm_gpuva *va;
	int ret;

	if (!vm_bo->evicted)
		return 0;
	if (nova_bo_from_gem(vm_bo->obj)->purged)
		return nova_vm_purge_bo(vm_bo);
	ret = nova_bo_settle(nova_bo_from_gem(vm_bo->obj), false);
	if (ret)
		return ret;
	nova_bo_backing(nova_bo_from_gem(vm_bo->obj), &backing);
	nova_vmm_update_init(&upd, &vm->vmm);
	ret = nova_vm_prepare_restore(&upd, vm_bo, &backing);
	if (ret) {
		nova_vmm_abort(&upd);
		return ret;
	}
	drm_gpuvm_bo_for_each_va(va, vm_bo) {
		nova_vm_map_of(&map, to_nova_vma(va), &backing);
		nova_vmm_map(&upd, &map);
	}
	drm_gpuvm_bo_evict(vm_bo, false);
	return nova_vm_bo_complete(vm, &upd);
}

static struct nova_vm_locks *to_nova_vm_locks(struct drm_exec *exec)
{
	return container_of(exec, struct nova_vm_locks, exec);
}

/**
 * nova_vm_validate_bo - drm_gpuvm: an object that was pushed out is to be used again
 * @vm_bo: the object's presence in the VM
 * @exec: &nova_vm_locks.exec
 *
 * Return: as nova_bo_validate() and nova_vm_restore_bo().
 */
int nova_vm_validate_bo(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec)
{
	struct nova_vm_locks *locks = to_nova_vm_locks(exec);
	struct ttm_operation_ctx ctx = {
		.interruptible = true,
		.gfp_retry_mayfail = true,
		.allow_res_evict = locks->turns,
		.resv = drm_gpuvm_resv(vm_bo->vm),
	};
	int ret = nova_bo_validate(nova_bo_from_gem(vm_bo->obj), &ctx);

	if (locks->turns)
		locks->turns--;
	return ret ?: nova_vm_restore_bo(vm_bo);
}

/* The coldest of all are then those that nothing binds. */
static unsigned int nova_vm_warm_bound(struct nova_vm *vm)
{
	unsigned int nr = 0;
	struct drm_gpuva *va;

	drm_gpuvm_for_each_va(va, &vm->base) {
		if (!va->gem.obj)
			continue;
		ttm_bo_move_to_lru_tail_unlocked(&nova_bo_from_gem(va->gem.obj)->ttm);
		nr++;
	}
	return nr;
}

static int nova_vm_prepare_bound(struct nova_vm_locks *locks)
{
	struct nova_vm *vm = locks->vm;
	int ret = drm_gpuvm_prepare_vm(&vm->base, &locks->exec, 0);

	return ret ?: drm_gpuvm_prepare_objects(&vm->base, &locks->exec, 0);
}

static int nova_vm_validate_bound(struct nova_vm_locks *locks, bool alone)
{
	locks->turns = alone ? 2 * nova_vm_warm_bound(locks->vm) : 0;
	return drm_gpuvm_validate(&locks->vm->base, &locks->exec);
}

/**
 * nova_vm_lock_bound - reserve everything bound in a VM, make it resident, and map it
 * @vm: the VM
 * @locks: filled; for nova_vm_unlock_bound() also on error
 * @alone: see nova_room; objects private to the VM may then make room for each other
 *
 * TTM may take the reservations of others with the same ticket, so all that evicts is done before
 * the ticket is.
 *
 * Context: process, no reservation held; may sleep and evict.
 *
 * Return: 0; -ENOSPC or -ENOMEM if it does not fit; -EINTR or -ERESTARTSYS; -EIO or
 * -ENODEV if the hardware gave up.
 */
int nova_vm_lock_bound(struct nova_vm *vm, struct nova_vm_locks *locks, bool alone)
{
	int ret = 0;

	locks->vm = vm;
	drm_exec_init(&locks->exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES, 0);
	drm_exec_until_all_locked(&locks->exec) {
		ret = nova_vm_prepare_bound(locks);
		drm_exec_retry_on_contention(&locks->exec);
		if (!ret)
			ret = nova_vm_validate_bound(locks, alone);
		if (ret)
			break;
	}
	return ret;
}

/**
 * nova_vm_unlock_bound - undo nova_vm_lock_bound()
 * @locks: as filled
 */
void nova_vm_unlock_bound(struct nova_vm_locks *locks)
{
	drm_exec_fini(&locks->exec);
}

/**
 * nova_vm_reserve_fence - have room for the fence of a submission
 * @exec: holds the reservations that it will be added to
 *
 * To be called behind all that may move an object: TTM adds fences of moves, of as many contexts
 * as there are, and takes no more room for them than they need.
 *
 * Context: process, may sleep.
 *
 * Return: 0; -ENOMEM.
 */
int nova_vm_reserve_fence(struct drm_exec *exec)
{
	struct drm_gem_object *obj;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && (obj = drm_exec_obj(exec, i)); i++)
		ret = dma_resv_reserve_fences(obj->resv, 1);
	return ret;
}
