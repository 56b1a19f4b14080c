// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bind
 *
 * Carrying out a VM_BIND call. Everything that can fail comes first, on copies
 * and reservations; then the change, which cannot fail; then what it made free::
 *
 *	lock      the VM, then the reservation of every object in reach
 *	populate  objects to be mapped get memory
 *	edit      the mapping tree, logged, so that it can be undone
 *	prepare   page tables for every range
 *	------------------------------------------- nothing fails below
 *	commit    page-table entries in order, one acknowledged TLB flush
 *	finish    free tables and removed mappings
 *
 * Invariant: an error leaves tree and page tables as they were.
 *
 * VRAM that is full may not be so when our own reservations are out of the way: so
 * all of it runs inside nova_room_run(), which comes back after having made room.
 *
 * Locking: takes the VM's lock and, through drm_exec, all reservations; both
 * are held to the end, so nobody sees a half-done call.
 */
#include "nova_bind.h"

#include "nova_bind_job.h"
#include "nova_compat.h"
#include "nova_fence.h"
#include "nova_gem.h"
#include "nova_room.h"
#include "nova_trace.h"
#include "nova_vm_bo.h"

#include <linux/dma-fence.h>
#include <linux/mutex.h>

/* Neighbours often concern one object: what is done for the first is not done again. */
static bool nova_bind_op_repeats(const struct nova_bind *bind, const struct nova_bind_op *op)
{
	return op > bind->ops && op[-1].type == op->type && op[-1].gem == op->gem;
}

static int nova_bind_lock_gem(struct nova_bind *bind, struct drm_gem_object *obj)
{
	return obj ? drm_exec_lock_obj(bind->exec, obj) : 0;
}

/* Objects that lose mappings in the range of an operation. */
static int nova_bind_lock_range(struct nova_bind *bind, const struct nova_bind_op *op)
{
	struct drm_gpuva *va;

	if (!op->range || op->type == DRM_NOVA_VM_BIND_OP_PREFETCH)
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
	int ret = drm_gpuvm_prepare_vm(&bind->vm->base, bind->exec, 0);

	for (u32 i = 0; !ret && i < bind->nr_ops; i++) {
		const struct nova_bind_op *op = &bind->ops[i];

		if (!nova_bind_op_repeats(bind, op))
			ret = nova_bind_lock_gem(bind, op->gem ? &op->gem->bo.ttm.base : NULL);
		if (!ret)
			ret = nova_bind_lock_range(bind, op);
	}
	return ret;
}

static void nova_bind_op_map(const struct nova_bind_op *op, struct nova_vmm_map *map)
{
	*map = (struct nova_vmm_map) {
		.va = op->va,
		.len = op->range,
		.backing = &op->backing,
		.off = op->offset,
		.attr = nova_vm_attr(op->flags, op->pte_kind, &op->backing),
		.max_page_shift = op->max_page_shift,
	};
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

/* Objects private to the VM, whose reservation is held, may make room for each other. */
static int nova_bind_populate_op(struct nova_bind *bind, struct nova_bind_op *op)
{
	struct ttm_operation_ctx ctx = {
		.interruptible = true,
		.gfp_retry_mayfail = true,
		.allow_res_evict = true,
		.resv = drm_gpuvm_resv(&bind->vm->base),
	};

	if (op->type != DRM_NOVA_VM_BIND_OP_MAP || nova_bind_op_repeats(bind, op))
		return 0;
	if (!nova_bo_is_needed(&op->gem->bo))
		return -EBUSY;
	/* A mapping promises content: let the move or the clear of it be over. */
	return nova_bo_validate(&op->gem->bo, &ctx) ?: nova_bo_settle(&op->gem->bo, true);
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

/* Everything that the call is about, and where it has to be. */
static int nova_bind_lock(struct nova_bind *bind)
{
	int ret = 0;

	drm_exec_init(bind->exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES,
		      bind->nr_ops);
	drm_exec_until_all_locked(bind->exec) {
		ret = nova_bind_lock_all(bind);
		drm_exec_retry_on_contention(bind->exec);
		/* TTM may take the reservations of others with the same ticket. */
		if (!ret)
			ret = nova_bind_for_each_op(bind, nova_bind_populate_op);
		if (ret)
			break;
	}
	return ret;
}

/* With every object where it belongs; unless a later one pushed an earlier one out. */
static int nova_bind_locate_op(struct nova_bind *bind, struct nova_bind_op *op)
{
	int ret;

	if (op->type != DRM_NOVA_VM_BIND_OP_MAP)
		return 0;
	if (nova_bind_op_repeats(bind, op)) {
		op->backing = op[-1].backing;
		return 0;
	}
	if (!(nova_bo_region(&op->gem->bo) & op->gem->bo.placement))
		return -ENOSPC;
	ret = nova_bind_restore(bind, op->gem);
	if (ret)
		return ret;
	nova_bo_backing(&op->gem->bo, &op->backing);
	return 0;
}

static int nova_bind_prepare_map(struct nova_bind *bind, const struct nova_bind_op *op)
{
	struct nova_vmm_map map;
	int ret;

	nova_bind_op_map(op, &map);
	ret = nova_vmm_prepare_map(&bind->upd, &map);
	/* What the page-table format cannot hold, the caller could have known. */
	return ret == -ERANGE ? -EINVAL : ret;
}

static int nova_bind_prepare_op(struct nova_bind *bind, struct nova_bind_op *op)
{
	switch (op->type) {
	case DRM_NOVA_VM_BIND_OP_MAP:
		return nova_bind_prepare_map(bind, op);
	case DRM_NOVA_VM_BIND_OP_MAP_SPARSE:
		return nova_vmm_prepare_cut(&bind->upd, op->va, op->range);
	case DRM_NOVA_VM_BIND_OP_UNMAP:
		/* Whole mappings go without a table. */
		return op->cuts ? nova_vmm_prepare_cut(&bind->upd, op->va, op->range) : 0;
	}
	return 0;
}

static void nova_bind_undo(struct nova_bind *bind)
{
	nova_bind_edits_undo(bind);
	nova_vmm_abort(&bind->upd);
}

/* The tree first: only it knows what an operation cuts. */
static int nova_bind_prepare(struct nova_bind *bind)
{
	int ret = nova_bind_for_each_op(bind, nova_bind_locate_op);

	if (ret)
		return ret;
	ret = nova_bind_edit_tree(bind);
	if (ret)
		return ret;
	nova_vmm_update_init(&bind->upd, &bind->vm->vmm);
	ret = nova_bind_for_each_op(bind, nova_bind_prepare_op);
	if (ret)
		nova_bind_undo(bind);
	return ret;
}

static void nova_bind_trace(const struct nova_bind *bind, const struct nova_bind_op *op)
{
	trace_nova_bind_op(&bind->vm->ndrm->nd, bind->vm->id, bind->vm->pid, op->type, op->va,
			   op->range, op->gem ? op->gem->bo.id : 0, op->offset, op->flags,
			   op->pte_kind);
}

/**
 * nova_bind_commit - change the page tables
 * @bind: prepared and edited
 *
 * Cannot fail and allocates nothing. nova_vmm_flush() must follow.
 *
 * Context: process, may be inside fence signalling.
 */
void nova_bind_commit(struct nova_bind *bind)
{
	struct nova_bind_log_pos pos = {};
	struct nova_vmm_map map;

	for (u32 i = 0; i < bind->nr_ops; i++) {
		const struct nova_bind_op *op = &bind->ops[i];

		nova_bind_trace(bind, op);
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
	return nova_vm_is_banned(bind->vm) && !nova_bind_only_unmaps(bind) ? -ENOENT : 0;
}

/**
 * nova_bind_finish - free what a change made free
 * @bind: committed and flushed
 *
 * Context: process, no reservation held.
 */
void nova_bind_finish(struct nova_bind *bind)
{
	nova_bind_edits_free(bind);
	nova_vmm_finish(&bind->upd);
}

/* Now, in the caller's context: nothing was submitted that it would have to wait for. */
static int nova_bind_run_now(struct nova_bind *bind)
{
	int ret;

	bind->committed = true;
	nova_bind_commit(bind);
	ret = nova_vmm_flush(&bind->upd);
	if (!ret || ret == -ENODEV)
		return ret;
	nova_vm_ban(bind->vm, ret);
	return -ENOENT;
}

/* With everything locked: prepare, then change now or hand over to the queue. */
static int nova_bind_carry_out(struct nova_bind *bind, struct dma_fence **fence)
{
	bool busy = nova_bind_vm_busy(bind->vm), now = !bind->async && !busy;
	int ret = nova_bind_prepare(bind);

	if (ret)
		return ret;
	if (now)
		return nova_bind_run_now(bind);
	ret = nova_bind_job_init(bind);
	if (ret) {
		nova_bind_undo(bind);
		return ret;
	}
	*fence = nova_bind_job_submit(bind);
	return 0;
}

struct nova_bind_attempt {
	struct nova_bind *bind;
	struct dma_fence *fence;
	u32 failed_op;
};

static int nova_bind_try(void *arg, bool alone)
{
	struct nova_bind_attempt *attempt = arg;
	struct nova_bind *bind = attempt->bind;
	struct drm_exec exec;
	int ret;

	bind->exec = &exec;
	bind->failed_op = DRM_NOVA_VM_BIND_NO_OP;
	ret = nova_bind_lock(bind);
	if (!ret)
		ret = nova_bind_carry_out(bind, &attempt->fence);
	drm_exec_fini(&exec);
	/* Who has a fence has no call any more. */
	attempt->failed_op = attempt->fence ? DRM_NOVA_VM_BIND_NO_OP : bind->failed_op;
	return ret;
}

/* A join of what has happened needs nobody's reservation. */
static bool nova_bind_is_over(const struct nova_bind *bind)
{
	return !bind->nr_ops && !bind->async && !nova_bind_vm_busy(bind->vm);
}

/* On return @fence is set if and only if the queue has taken the call over. */
static int nova_bind_run_locked(struct nova_bind *bind, struct dma_fence **fence, u32 *failed_op)
{
	struct nova_bind_attempt attempt = {
		.bind = bind, .failed_op = DRM_NOVA_VM_BIND_NO_OP,
	};
	int ret = nova_bind_check_alive(bind);

	if (ret)
		return ret;
	if (!bind->queue)
		bind->queue = bind->vm->queue;
	if (nova_bind_is_over(bind)) {
		nova_vmm_update_init(&bind->upd, &bind->vm->vmm);
		return nova_bind_run_now(bind);
	}
	ret = nova_room_run(&bind->vm->ndrm->nt, nova_bind_try, &attempt);
	*failed_op = attempt.failed_op;
	*fence = attempt.fence;
	return ret;
}

/**
 * nova_bind_alloc - an empty call
 * @vm: the address space; a reference is taken
 * @nr_ops: room for so many operations
 *
 * Return: the call for nova_bind_free() or nova_bind_run(); NULL without memory.
 */
struct nova_bind *nova_bind_alloc(struct nova_vm *vm, u32 nr_ops)
{
	struct nova_bind *bind = kzalloc_obj(*bind, GFP_KERNEL_ACCOUNT);

	if (!bind)
		return NULL;
	if (nr_ops) {
		/* Each is written before it is counted. */
		bind->ops = kvmalloc_array(nr_ops, sizeof(*bind->ops), GFP_KERNEL_ACCOUNT);
		if (!bind->ops) {
			kfree(bind);
			return NULL;
		}
	}
	nova_bind_log_init(&bind->edits);
	INIT_LIST_HEAD(&bind->wishes);
	bind->failed_op = DRM_NOVA_VM_BIND_NO_OP;
	bind->vm = vm;
	drm_gpuvm_get(&vm->base);
	return bind;
}

/**
 * nova_bind_free - drop a call and what it refers to
 * @bind: not submitted, or finished
 *
 * Context: process, no lock held.
 */
void nova_bind_free(struct nova_bind *bind)
{
	for (u32 i = 0; i < bind->nr_ops; i++)
		nova_gem_put(bind->ops[i].gem);
	nova_bind_prefetch_fini(bind);
	nova_fence_put(bind->fence);
	nova_syncs_fini(&bind->syncs);
	kvfree(bind->ops);
	nova_vm_put(bind->vm);
	kfree(bind);
}

/* A call that was carried out here, or that failed. */
static void nova_bind_end(struct nova_bind *bind)
{
	if (bind->committed) {
		nova_bind_finish(bind);
		nova_bind_prefetch_run(bind);
	}
	nova_bind_free(bind);
}

/**
 * nova_bind_run - carry out a call, or see that it will be
 * @bind: checked operations; consumed
 * @failed_op: operation to blame for an error
 * @fence: set to the fence that signals when the GPU sees the change, a reference;
 *	NULL if it sees it already or the call failed
 *
 * Context: process, may sleep and evict; no lock held.
 *
 * Return: 0; -ENOENT if the VM was destroyed or banned, also by this very call;
 * -EBUSY for content that was advised away; -EEXIST, -EINVAL, -ENOSPC, -ENOMEM, with
 * failed_op set if one operation is to blame; -EINTR or -ERESTARTSYS; -ENODEV. On
 * error nothing has changed, unless the VM is now banned or the device is gone.
 */
int nova_bind_run(struct nova_bind *bind, u32 *failed_op, struct dma_fence **fence)
{
	struct nova_vm *vm = bind->vm;
	int ret = mutex_lock_interruptible(&vm->lock);

	*fence = NULL;
	if (!ret) {
		/* A submitted call may be gone at once, and its reference with it. */
		drm_gpuvm_get(&vm->base);
		ret = nova_bind_run_locked(bind, fence, failed_op);
		mutex_unlock(&vm->lock);
		nova_vm_put(vm);
	}
	if (!*fence)
		nova_bind_end(bind);
	return ret;
}
