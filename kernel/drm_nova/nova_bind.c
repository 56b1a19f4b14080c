// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bind
 *
 * Carrying out a VM_BIND call. Everything that can fail comes first, on copies
 * and reservations; then the change, which cannot fail; then what it made free.
 *
 *	lock      the VM, then the reservation of every object in reach
 *	populate  objects to be mapped get memory
 *	prepare   page tables for every range
 *	edit      the mapping tree, undone whole if an operation is refused
 *	------------------------------------------- nothing fails below
 *	commit    page-table entries in order, one acknowledged TLB flush
 *	finish    free tables and removed mappings
 *
 * Invariant: an error leaves tree and page tables as they were.
 *
 * Locking: takes the VM's lock and, through drm_exec, all reservations; both
 * are held to the end, so nobody sees a half-done call.
 */
#include "nova_bind.h"

#include "nova_compat.h"
#include "nova_gem.h"

#include <linux/mutex.h>

static int nova_bind_lock_gem(struct nova_bind *bind, struct drm_gem_object *obj)
{
	return obj ? drm_exec_prepare_obj(&bind->exec, obj, 1) : 0;
}

/* Objects that lose mappings in the range of an operation. */
static int nova_bind_lock_range(struct nova_bind *bind, const struct nova_bind_op *op)
{
	struct drm_gpuva *va;

	if (!op->range)
		return 0;
	drm_gpuvm_for_each_va_range(va, &bind->vm->base, op->va, op->va + op->range) {
		int ret = nova_bind_lock_gem(bind, va->gem.obj);

		if (ret)
			return ret;
	}
	return 0;
}

static int nova_bind_lock_all(struct nova_bind *bind)
{
	int ret = drm_gpuvm_prepare_vm(&bind->vm->base, &bind->exec, 1);

	for (u32 i = 0; !ret && i < bind->nr_ops; i++) {
		const struct nova_bind_op *op = &bind->ops[i];

		ret = nova_bind_lock_gem(bind, op->gem ? &op->gem->bo.ttm.base : NULL);
		if (!ret)
			ret = nova_bind_lock_range(bind, op);
	}
	return ret;
}

static int nova_bind_lock(struct nova_bind *bind)
{
	int ret = 0;

	drm_exec_init(&bind->exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES,
		      bind->nr_ops);
	drm_exec_until_all_locked(&bind->exec) {
		ret = nova_bind_lock_all(bind);
		drm_exec_retry_on_contention(&bind->exec);
		if (ret)
			break;
	}
	return ret;
}

static void nova_bind_op_map(const struct nova_bind_op *op, struct nova_vmm_map *map)
{
	const struct nova_vma vma = {
		.base = {
			.va = { .addr = op->va, .range = op->range },
			.gem = { .offset = op->offset },
		},
		.flags = op->flags,
		.pte_kind = op->pte_kind,
		.max_page_shift = op->max_page_shift,
	};

	nova_vm_map_of(map, &vma, &op->backing);
}

/* Mappings made before its memory moved must not be forgotten behind the new one. */
static int nova_bind_restore(struct nova_bind *bind, struct nova_gem *gem)
{
	struct drm_gpuvm_bo *vm_bo = drm_gpuvm_bo_find(&bind->vm->base, &gem->bo.ttm.base);
	int ret;

	if (!vm_bo)
		return 0;
	ret = nova_vm_restore_bo(vm_bo);
	drm_gpuvm_bo_put(vm_bo);
	return ret;
}

static int nova_bind_populate_op(struct nova_bind *bind, struct nova_bind_op *op)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	struct nova_vmm_map map;
	int ret;

	if (op->type != DRM_NOVA_VM_BIND_OP_MAP)
		return 0;
	ret = nova_bo_validate(&op->gem->bo, &ctx);
	if (ret)
		return ret;
	ret = nova_bind_restore(bind, op->gem);
	if (ret)
		return ret;
	nova_bo_backing(&op->gem->bo, &op->backing);
	nova_bind_op_map(op, &map);
	/* What the page-table format cannot hold, the caller could have known. */
	ret = nova_vmm_check(&bind->vm->vmm, &map);
	return ret == -ERANGE ? -EINVAL : ret;
}

static int nova_bind_prepare_op(struct nova_bind *bind, struct nova_bind_op *op)
{
	struct nova_vmm_map map;

	switch (op->type) {
	case DRM_NOVA_VM_BIND_OP_MAP:
		nova_bind_op_map(op, &map);
		return nova_vmm_prepare_map(&bind->upd, &map);
	case DRM_NOVA_VM_BIND_OP_MAP_SPARSE:
	case DRM_NOVA_VM_BIND_OP_UNMAP:
		return nova_vmm_prepare_cut(&bind->upd, op->va, op->range);
	}
	/* Whole mappings go without cutting anything. */
	return 0;
}

static int nova_bind_for_each_op(struct nova_bind *bind,
				 int (*fn)(struct nova_bind *bind, struct nova_bind_op *op))
{
	for (u32 i = 0; i < bind->nr_ops; i++) {
		int ret = fn(bind, &bind->ops[i]);

		if (ret) {
			bind->failed_op = i;
			return ret;
		}
	}
	return 0;
}

static int nova_bind_prepare(struct nova_bind *bind)
{
	int ret;

	ret = nova_bind_for_each_op(bind, nova_bind_populate_op);
	if (ret)
		return ret;
	nova_vmm_update_init(&bind->upd, &bind->vm->vmm);
	ret = nova_bind_for_each_op(bind, nova_bind_prepare_op);
	if (!ret)
		ret = nova_bind_edit_tree(bind);
	if (ret)
		nova_vmm_abort(&bind->upd);
	return ret;
}

static void nova_bind_commit(struct nova_bind *bind)
{
	struct list_head *pos = &bind->edits;
	struct nova_vmm_map map;

	for (u32 i = 0; i < bind->nr_ops; i++) {
		const struct nova_bind_op *op = &bind->ops[i];

		switch (op->type) {
		case DRM_NOVA_VM_BIND_OP_MAP:
			nova_bind_op_map(op, &map);
			nova_vmm_map(&bind->upd, &map);
			break;
		case DRM_NOVA_VM_BIND_OP_MAP_SPARSE:
			nova_vmm_sparse(&bind->upd, op->va, op->range);
			break;
		case DRM_NOVA_VM_BIND_OP_UNMAP:
			nova_vmm_unmap(&bind->upd, op->va, op->range);
			break;
		case DRM_NOVA_VM_BIND_OP_UNMAP_BO:
			nova_bind_edits_unmap(bind, i, &pos);
			break;
		}
	}
}

static bool nova_bind_only_unmaps(const struct nova_bind *bind)
{
	for (u32 i = 0; i < bind->nr_ops; i++)
		if (bind->ops[i].type != DRM_NOVA_VM_BIND_OP_UNMAP &&
		    bind->ops[i].type != DRM_NOVA_VM_BIND_OP_UNMAP_BO)
			return false;
	return true;
}

/* A banned VM still lets go of things (uapi.md §5.14). */
static int nova_bind_check_alive(const struct nova_bind *bind)
{
	if (bind->vm->dead)
		return -ENOENT;
	return READ_ONCE(bind->vm->banned) && !nova_bind_only_unmaps(bind) ? -ENOENT : 0;
}

static int nova_bind_run_locked(struct nova_bind *bind)
{
	int ret = nova_bind_check_alive(bind);

	if (ret)
		return ret;
	ret = nova_bind_lock(bind);
	if (!ret)
		ret = nova_bind_prepare(bind);
	if (!ret) {
		nova_bind_commit(bind);
		ret = nova_vmm_flush(&bind->upd);
		if (ret) {
			WRITE_ONCE(bind->vm->banned, true);
			ret = -ENOENT;
		}
		nova_bind_edits_free(bind);
		nova_vmm_finish(&bind->upd);
	}
	drm_exec_fini(&bind->exec);
	return ret;
}

/**
 * nova_bind_run - carry out a call and wait until the GPU sees it
 * @bind: checked operations; failed_op is DRM_NOVA_VM_BIND_NO_OP
 *
 * Context: process, may sleep and evict; no lock held.
 *
 * Return: 0; -ENOENT if the VM was destroyed or banned, also by this very call;
 * -EEXIST, -EINVAL, -ENOSPC, -ENOMEM, with failed_op set if one operation is to
 * blame; -EINTR or -ERESTARTSYS. On error nothing has changed, unless the VM is
 * now banned.
 */
int nova_bind_run(struct nova_bind *bind)
{
	int ret = mutex_lock_interruptible(&bind->vm->lock);

	if (ret)
		return ret;
	ret = nova_bind_run_locked(bind);
	mutex_unlock(&bind->vm->lock);
	return ret;
}
