// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bind_tree
 *
 * The mapping-tree half of VM_BIND. drm_gpuvm says, step by step, which mappings an
 * operation splits and removes; every insertion and removal is logged as an edit, so that
 * a later operation that fails can have all of them undone. Undoing allocates
 * nothing and cannot fail, because a removed mapping is kept until the call is
 * over.
 *
 * Invariant: the edits, undone last to first, give the tree as it was.
 *
 * Locking: to edit and to undo, the VM's lock and the reservation of every object
 * in reach of the operations, all held by nova_bind_run(). Freeing takes the
 * reservations it needs, the VM's with those of one object at a time.
 */
#include "nova_bind.h"

#include "nova_compat.h"
#include "nova_gem.h"

#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/ww_mutex.h>

static int nova_bind_note(struct nova_bind *bind, u32 op, struct nova_vma *vma,
			  struct drm_gpuvm_bo *vm_bo, enum nova_bind_edit_kind kind)
{
	struct nova_bind_edit *edit = nova_bind_log_add(&bind->edits);

	if (!edit)
		return -ENOMEM;
	*edit = (struct nova_bind_edit) {
		.vma = vma,
		.vm_bo = vm_bo,
		.op = op,
		.kind = kind,
	};
	return 0;
}

static void nova_bind_link(struct nova_vma *vma, struct drm_gpuvm *gpuvm,
			   struct drm_gpuvm_bo *vm_bo)
{
	/* Only a range already taken could make this fail, and the caller just freed it. */
	WARN_ON_ONCE(drm_gpuva_insert(gpuvm, &vma->base));
	if (vm_bo)
		drm_gpuva_link(&vma->base, vm_bo);
}

static void nova_bind_unlink(struct nova_vma *vma)
{
	drm_gpuva_remove(&vma->base);
	drm_gpuva_unlink(&vma->base);
}

static int nova_bind_insert(struct nova_bind *bind, u32 op, struct nova_vma *vma,
			    struct drm_gpuvm_bo *vm_bo)
{
	int ret = nova_bind_note(bind, op, vma, vm_bo, NOVA_BIND_INSERTED);

	if (ret) {
		kfree(vma);
		return ret;
	}
	nova_bind_link(vma, &bind->vm->base, vm_bo);
	return 0;
}

static int nova_bind_remove(struct nova_bind *bind, u32 op, struct drm_gpuva *va)
{
	int ret = nova_bind_note(bind, op, to_nova_vma(va), va->vm_bo, NOVA_BIND_REMOVED);

	if (ret)
		return ret;
	if (va->vm_bo)
		drm_gpuvm_bo_get(va->vm_bo);
	nova_bind_unlink(to_nova_vma(va));
	return 0;
}

/* An object's presence in the VM, a reference. That of the last edit is at hand. */
static struct drm_gpuvm_bo *nova_bind_obtain(struct nova_bind *bind, struct drm_gem_object *obj)
{
	const struct nova_bind_edit *last = nova_bind_log_last(&bind->edits);
	struct drm_gpuvm_bo *vm_bo;

	if (last && last->vm_bo && last->vm_bo->obj == obj)
		return drm_gpuvm_bo_get(last->vm_bo);
	vm_bo = nova_gpuvm_bo_obtain(&bind->vm->base, obj);
	if (!IS_ERR(vm_bo))
		drm_gpuvm_bo_extobj_add(vm_bo);
	return vm_bo;
}

/* What drm_gpuvm hands to the steps of one operation. */
struct nova_bind_walk {
	struct nova_bind *bind;
	u32 op;
};

/**
 * nova_bind_step_map - drm_gpuvm: an operation puts a mapping into the tree
 * @base: the step
 * @priv: which operation
 *
 * Return: 0 or -ENOMEM.
 */
int nova_bind_step_map(struct drm_gpuva_op *base, void *priv)
{
	const struct nova_bind_walk *walk = priv;
	struct nova_bind *bind = walk->bind;
	const struct nova_bind_op *op = &bind->ops[walk->op];
	const struct drm_gpuva_op_map *step = &base->map;
	struct nova_vma *vma = kzalloc_obj(*vma, GFP_KERNEL_ACCOUNT);
	struct drm_gpuvm_bo *vm_bo = NULL;
	int ret;

	if (!vma)
		return -ENOMEM;
	if (step->gem.obj) {
		vm_bo = nova_bind_obtain(bind, step->gem.obj);
		if (IS_ERR(vm_bo)) {
			kfree(vma);
			return PTR_ERR(vm_bo);
		}
	}
	drm_gpuva_init_from_op(&vma->base, &base->map);
	vma->flags = op->flags & ~DRM_NOVA_VM_BIND_OP_NOREPLACE;
	vma->pte_kind = op->pte_kind;
	vma->max_page_shift = op->max_page_shift;
	ret = nova_bind_insert(bind, walk->op, vma, vm_bo);
	drm_gpuvm_bo_put(vm_bo);
	return ret;
}

/* A piece left of a mapping that was cut. */
static int nova_bind_insert_rest(struct nova_bind *bind, u32 op, struct drm_gpuva_op_map *rest,
				 const struct nova_vma *old, struct drm_gpuvm_bo *vm_bo)
{
	struct nova_vma *vma;

	if (!rest)
		return 0;
	vma = kzalloc_obj(*vma, GFP_KERNEL_ACCOUNT);
	if (!vma)
		return -ENOMEM;
	drm_gpuva_init_from_op(&vma->base, rest);
	vma->flags = old->flags;
	vma->pte_kind = old->pte_kind;
	vma->max_page_shift = old->max_page_shift;
	return nova_bind_insert(bind, op, vma, vm_bo);
}

/**
 * nova_bind_step_remap - drm_gpuvm: an operation cuts a mapping
 * @base: the step
 * @priv: which operation
 *
 * Return: 0 or -ENOMEM.
 */
int nova_bind_step_remap(struct drm_gpuva_op *base, void *priv)
{
	const struct nova_bind_walk *walk = priv;
	struct nova_bind *bind = walk->bind;
	const struct drm_gpuva_op_remap *step = &base->remap;
	struct drm_gpuva *va = step->unmap->va;
	struct drm_gpuvm_bo *vm_bo = va->vm_bo;
	int ret;

	bind->ops[walk->op].cuts = true;
	/* The edit keeps vm_bo alive. */
	ret = nova_bind_remove(bind, walk->op, va);
	if (ret)
		return ret;
	ret = nova_bind_insert_rest(bind, walk->op, step->prev, to_nova_vma(va), vm_bo);
	if (ret)
		return ret;
	return nova_bind_insert_rest(bind, walk->op, step->next, to_nova_vma(va), vm_bo);
}

/**
 * nova_bind_step_unmap - drm_gpuvm: an operation takes a mapping out of the tree
 * @base: the step
 * @priv: which operation
 *
 * Return: 0 or -ENOMEM.
 */
int nova_bind_step_unmap(struct drm_gpuva_op *base, void *priv)
{
	const struct nova_bind_walk *walk = priv;

	return nova_bind_remove(walk->bind, walk->op, base->unmap.va);
}

static int nova_bind_tree_map(struct nova_bind *bind, u32 i)
{
	const struct nova_bind_op *op = &bind->ops[i];
	struct drm_gpuvm *gpuvm = &bind->vm->base;
	struct nova_bind_walk walk = { bind, i };
	const struct drm_gpuva_op_map map = {
		.va = { .addr = op->va, .range = op->range },
		.gem = {
			.obj = op->gem ? &op->gem->bo.ttm.base : NULL,
			.offset = op->offset,
		},
	};

	if ((op->flags & DRM_NOVA_VM_BIND_OP_NOREPLACE) &&
	    drm_gpuva_find_first(gpuvm, op->va, op->range))
		return -EEXIST;
	return nova_gpuvm_sm_map(gpuvm, &walk, &map);
}

static int nova_bind_tree_unmap(struct nova_bind *bind, u32 i)
{
	const struct nova_bind_op *op = &bind->ops[i];
	struct nova_bind_walk walk = { bind, i };

	return drm_gpuvm_sm_unmap(&bind->vm->base, &walk, op->va, op->range);
}

static int nova_bind_tree_unmap_bo(struct nova_bind *bind, u32 i)
{
	struct drm_gpuvm_bo *vm_bo = drm_gpuvm_bo_find(&bind->vm->base,
						       &bind->ops[i].gem->bo.ttm.base);
	struct drm_gpuva *va, *next;
	int ret = 0;

	if (!vm_bo)
		return 0;
	list_for_each_entry_safe(va, next, &vm_bo->list.gpuva, gem.entry) {
		ret = nova_bind_remove(bind, i, va);
		if (ret)
			break;
	}
	drm_gpuvm_bo_put(vm_bo);
	return ret;
}

static int nova_bind_tree_op(struct nova_bind *bind, u32 i)
{
	switch (bind->ops[i].type) {
	case DRM_NOVA_VM_BIND_OP_MAP:
	case DRM_NOVA_VM_BIND_OP_MAP_SPARSE:
		return nova_bind_tree_map(bind, i);
	case DRM_NOVA_VM_BIND_OP_UNMAP:
		return nova_bind_tree_unmap(bind, i);
	case DRM_NOVA_VM_BIND_OP_UNMAP_BO:
		return nova_bind_tree_unmap_bo(bind, i);
	case DRM_NOVA_VM_BIND_OP_PREFETCH:
		return nova_bind_prefetch_note(bind, &bind->ops[i]);
	}
	return -EINVAL;
}

/**
 * nova_bind_edit_tree - apply every operation to the mapping tree
 * @bind: the call; locks as in the overview
 *
 * Return: 0; -EEXIST for a refused replacement, -EINVAL for a prefetch to where an
 * object is not allowed, -ENOMEM; with the tree as it was and &nova_bind.failed_op
 * set.
 */
int nova_bind_edit_tree(struct nova_bind *bind)
{
	for (u32 i = 0; i < bind->nr_ops; i++) {
		int ret = nova_bind_tree_op(bind, i);

		if (ret) {
			bind->failed_op = i;
			nova_bind_edits_undo(bind);
			return ret;
		}
	}
	return 0;
}

/**
 * nova_bind_edits_undo - give the tree back as it was
 * @bind: the call; locks as in the overview
 */
void nova_bind_edits_undo(struct nova_bind *bind)
{
	struct nova_bind_edit *edit;

	while ((edit = nova_bind_log_pop(&bind->edits))) {
		if (edit->kind == NOVA_BIND_REMOVED) {
			nova_bind_link(edit->vma, &bind->vm->base, edit->vm_bo);
			drm_gpuvm_bo_put(edit->vm_bo);
		} else {
			nova_bind_unlink(edit->vma);
			kfree(edit->vma);
		}
	}
}

/* From one object, and its reservation, to another; either may be none. */
static struct drm_gem_object *nova_bind_relock(struct nova_bind *bind, struct drm_gem_object *from,
					       struct drm_gem_object *to,
					       struct ww_acquire_ctx *ctx)
{
	if (from == to)
		return to;
	if (from)
		nova_vm_unlock_obj(bind->vm, from, ctx);
	if (to)
		nova_vm_lock_obj(bind->vm, to, ctx);
	return to;
}

/**
 * nova_bind_edits_free - make the edits final
 * @bind: the call, carried out
 *
 * Drops what removed mappings still hold, possibly the last reference to an
 * object.
 *
 * Context: process, no reservation held.
 */
void nova_bind_edits_free(struct nova_bind *bind)
{
	struct nova_bind_log_pos pos = {};
	const struct nova_bind_edit *edit;
	struct drm_gem_object *obj = NULL;
	struct ww_acquire_ctx ctx;

	while ((edit = nova_bind_log_next(&bind->edits, &pos))) {
		/* What was inserted is in the tree, what was removed nowhere else. */
		if (edit->kind == NOVA_BIND_INSERTED)
			continue;
		kfree(edit->vma);
		if (!edit->vm_bo)
			continue;
		obj = nova_bind_relock(bind, obj, edit->vm_bo->obj, &ctx);
		drm_gpuvm_bo_put(edit->vm_bo);
	}
	nova_bind_relock(bind, obj, NULL, &ctx);
	nova_bind_log_clear(&bind->edits);
}

/**
 * nova_bind_edits_span - smallest range with every mapping removed
 * @bind: the call, its tree edited
 * @start: filled; U64_MAX if there is none
 * @end: filled; 0 if there is none
 */
void nova_bind_edits_span(const struct nova_bind *bind, u64 *start, u64 *end)
{
	struct nova_bind_log_pos pos = {};
	const struct nova_bind_edit *edit;

	*start = U64_MAX;
	*end = 0;
	while ((edit = nova_bind_log_next(&bind->edits, &pos))) {
		if (edit->kind != NOVA_BIND_REMOVED)
			continue;
		*start = min(*start, edit->vma->base.va.addr);
		*end = max(*end, edit->vma->base.va.addr + edit->vma->base.va.range);
	}
}

/**
 * nova_bind_edits_unmap - take what one operation removed out of the page tables
 * @bind: the call, committing
 * @op: index of the operation; called with rising indices
 * @pos: where the last call stopped, initially zero
 */
void nova_bind_edits_unmap(struct nova_bind *bind, u32 op, struct nova_bind_log_pos *pos)
{
	struct nova_bind_log_pos next = *pos;
	const struct nova_bind_edit *edit;

	while ((edit = nova_bind_log_next(&bind->edits, &next)) && edit->op <= op) {
		if (edit->op == op && edit->kind == NOVA_BIND_REMOVED)
			nova_vmm_unmap(&bind->upd, edit->vma->base.va.addr,
				       edit->vma->base.va.range);
		*pos = next;
	}
}
