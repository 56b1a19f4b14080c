// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bind_ioctl
 *
 * DRM_NOVA_VM_BIND: from user memory to checked operations (uapi.md §5.12). What
 * each operation may carry is a row of a table; nothing is looked up before every
 * operation has passed, and nothing is changed before every lookup has.
 *
 * Everything up to the submission is inside drm_dev_enter(); waiting is not.
 *
 * Locking: none; nova_bind_run() takes what it needs.
 */
#include "nova_bind.h"

#include "nova_bind_job.h"
#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_gem.h"
#include "nova_kind.h"
#include "nova_queue.h"
#include "nova_user.h"

#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include <linux/align.h>
#include <linux/nospec.h>
#include <linux/dma-fence.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#define NOVA_BIND_FLAGS		DRM_NOVA_VM_BIND_ASYNC
#define NOVA_BIND_MAP_FLAGS	(DRM_NOVA_VM_BIND_OP_READONLY | DRM_NOVA_VM_BIND_OP_NOREPLACE | \
				 DRM_NOVA_VM_BIND_OP_NO_ATOMIC | DRM_NOVA_VM_BIND_OP_UNCACHED | \
				 DRM_NOVA_VM_BIND_OP_DUMPABLE)

/* One call of user space. */
struct nova_bind_call {
	struct nova_drm *ndrm;
	struct drm_file *file;
	struct drm_nova_vm_bind *args;
	struct dma_fence *fence;	/* of a job, a reference; NULL if there is none */
};

/* Members of an operation that another kind of operation does without. */
enum nova_bind_member {
	NOVA_BIND_HANDLE	= BIT(0),
	NOVA_BIND_KIND		= BIT(1),
	NOVA_BIND_SHIFT		= BIT(2),
	NOVA_BIND_VA		= BIT(3),
	NOVA_BIND_OFFSET	= BIT(4),
	NOVA_BIND_REGION	= BIT(5),
};

static const struct nova_bind_rule {
	u32 members;	/* that may be other than zero */
	u32 flags;	/* that may be set */
	bool supported;
} nova_bind_rules[] = {
	[DRM_NOVA_VM_BIND_OP_MAP] = {
		NOVA_BIND_HANDLE | NOVA_BIND_KIND | NOVA_BIND_SHIFT | NOVA_BIND_VA |
		NOVA_BIND_OFFSET, NOVA_BIND_MAP_FLAGS, true },
	[DRM_NOVA_VM_BIND_OP_UNMAP] = { NOVA_BIND_VA, 0, true },
	[DRM_NOVA_VM_BIND_OP_UNMAP_BO] = { NOVA_BIND_HANDLE, 0, true },
	[DRM_NOVA_VM_BIND_OP_MAP_SPARSE] = {
		NOVA_BIND_VA, DRM_NOVA_VM_BIND_OP_NOREPLACE, true },
	[DRM_NOVA_VM_BIND_OP_PREFETCH] = {
		NOVA_BIND_VA | NOVA_BIND_REGION, 0, true },
	[DRM_NOVA_VM_BIND_OP_MAP_USERPTR] = {
		NOVA_BIND_VA | NOVA_BIND_OFFSET, DRM_NOVA_VM_BIND_OP_READONLY, false },
};

static u32 nova_bind_members(const struct drm_nova_vm_bind_op *op)
{
	return (op->handle ? NOVA_BIND_HANDLE : 0) |
	       (op->pte_kind ? NOVA_BIND_KIND : 0) |
	       (op->max_page_shift ? NOVA_BIND_SHIFT : 0) |
	       (op->va || op->range ? NOVA_BIND_VA : 0) |
	       (op->offset ? NOVA_BIND_OFFSET : 0) |
	       (op->region ? NOVA_BIND_REGION : 0);
}

/* An unknown operation has the empty rule of operation 0, which nothing satisfies. */
static const struct nova_bind_rule *nova_bind_rule(u32 type)
{
	if (type >= ARRAY_SIZE(nova_bind_rules))
		type = 0;
	return &nova_bind_rules[array_index_nospec(type, ARRAY_SIZE(nova_bind_rules))];
}

static int nova_bind_check_rule(const struct drm_nova_vm_bind_op *op)
{
	const struct nova_bind_rule *rule = nova_bind_rule(op->op);

	if (op->pad || op->pad2 || !rule->members)
		return -EINVAL;
	if (op->flags & ~rule->flags || nova_bind_members(op) & ~rule->members)
		return -EINVAL;
	return rule->supported ? 0 : -EOPNOTSUPP;
}

static int nova_bind_check_range(const struct drm_nova_vm_bind_op *op)
{
	u64 end;

	if (!op->range || !IS_ALIGNED(op->va | op->range | op->offset, SZ_4K))
		return -EINVAL;
	if (check_add_overflow(op->va, op->range, &end) ||
	    check_add_overflow(op->offset, op->range, &end))
		return -EINVAL;
	return 0;
}

static int nova_bind_check_map(const struct nova_drm *ndrm, const struct drm_nova_vm_bind_op *op)
{
	u64 sizes = ndrm->nd.chip->family->page_sizes;
	int ret = nova_kind_check(op->pte_kind);

	if (ret)
		return ret;
	if (op->max_page_shift && (op->max_page_shift >= 64 ||
				   !(sizes & BIT_ULL(op->max_page_shift))))
		return -EINVAL;
	if ((nova_kind_attr(op->pte_kind) & DRM_NOVA_KIND_NEEDS_64K) &&
	    !IS_ALIGNED(op->va | op->range | op->offset, SZ_64K))
		return -EINVAL;
	return 0;
}

/* All that the operation alone can tell. */
static int nova_bind_check_op(const struct nova_drm *ndrm, const struct drm_nova_vm_bind_op *op)
{
	int ret = nova_bind_check_rule(op);

	if (!ret && nova_bind_rule(op->op)->members & NOVA_BIND_VA)
		ret = nova_bind_check_range(op);
	if (!ret && op->op == DRM_NOVA_VM_BIND_OP_MAP)
		ret = nova_bind_check_map(ndrm, op);
	if (!ret && op->region > DRM_NOVA_REGION_VRAM)
		ret = -EINVAL;
	return ret;
}

/* What the operation means for this VM and this object. */
static int nova_bind_check_relations(const struct nova_bind *bind, const struct nova_bind_op *op)
{
	if (op->range && !drm_gpuvm_range_valid(&bind->vm->base, op->va, op->range))
		return -EINVAL;
	if (!op->gem)
		return 0;
	if (op->gem->private_root && op->gem->private_root != bind->vm->base.r_obj)
		return -EPERM;
	if (op->type != DRM_NOVA_VM_BIND_OP_MAP)
		return 0;
	if (op->offset + op->range > op->gem->bo.ttm.base.size)
		return -EINVAL;
	/* What an exporter keeps in its memory is linear. */
	if (op->pte_kind && nova_bo_is_imported(&op->gem->bo))
		return -EINVAL;
	if ((nova_kind_attr(op->pte_kind) & DRM_NOVA_KIND_VRAM_ONLY) &&
	    op->gem->bo.placement != NOVA_BO_VRAM)
		return -EINVAL;
	return 0;
}

/* The object of operation @i. Neighbours often name one. */
static struct nova_gem *nova_bind_lookup_gem(const struct nova_bind *bind,
					     const struct drm_nova_vm_bind_op *from, u32 i,
					     struct drm_file *file)
{
	struct nova_gem *last = i ? bind->ops[i - 1].gem : NULL;

	if (!last || from[i - 1].handle != from[i].handle)
		return nova_gem_lookup(file, from[i].handle);
	drm_gem_object_get(&last->bo.ttm.base);
	return last;
}

static int nova_bind_lookup_op(struct nova_bind *bind, const struct drm_nova_vm_bind_op *ops,
			       u32 i, struct drm_file *file)
{
	const struct drm_nova_vm_bind_op *from = &ops[i];
	struct nova_bind_op *op = &bind->ops[i];

	*op = (struct nova_bind_op) {
		.type = from->op,
		.flags = from->flags,
		.va = from->va,
		.range = from->range,
		.offset = from->offset,
		.pte_kind = from->pte_kind,
		.max_page_shift = from->max_page_shift,
		.region = from->region,
	};
	if (!(nova_bind_rule(from->op)->members & NOVA_BIND_HANDLE))
		return 0;
	op->gem = nova_bind_lookup_gem(bind, ops, i, file);
	return op->gem ? 0 : -ENOENT;
}

static int nova_bind_lookup(struct nova_bind *bind, const struct drm_nova_vm_bind_op *from,
			    u32 nr, struct drm_file *file)
{
	for (; bind->nr_ops < nr; bind->nr_ops++) {
		int ret = nova_bind_lookup_op(bind, from, bind->nr_ops, file);

		if (ret) {
			bind->failed_op = bind->nr_ops;
			return ret;
		}
	}
	return 0;
}

/* Of what was found to each other: a queue is a BIND queue of the same VM. */
static int nova_bind_relate(struct nova_bind *bind, const struct nova_queue *queue)
{
	if (queue && (queue->vm != bind->vm || queue->copy))
		return -EINVAL;
	for (u32 i = 0; i < bind->nr_ops; i++) {
		int ret = nova_bind_check_relations(bind, &bind->ops[i]);

		if (ret) {
			bind->failed_op = i;
			return ret;
		}
	}
	return 0;
}

/* The queue that the call names; NULL for the VM's own. */
static int nova_bind_find_queue(const struct drm_nova_vm_bind *args, struct drm_file *file,
				struct nova_queue **queue)
{
	*queue = args->queue_id ? nova_queue_get(file, args->queue_id) : NULL;
	return args->queue_id && !*queue ? -ENOENT : 0;
}

static int nova_bind_fill(struct nova_bind *bind, const struct drm_nova_vm_bind_op *ops,
			  struct nova_syncs *syncs, const struct drm_nova_vm_bind *args,
			  struct drm_file *file)
{
	int ret = nova_bind_lookup(bind, ops, args->ops.count, file);

	bind->async = args->flags & DRM_NOVA_VM_BIND_ASYNC;
	/* The call owns them from here on, also when it fails. */
	bind->syncs = *syncs;
	*syncs = (struct nova_syncs) {};
	return ret ?: nova_syncs_lookup(&bind->syncs, file);
}

static int nova_bind_submit(struct nova_bind_call *call, struct nova_vm *vm,
			    const struct drm_nova_vm_bind_op *ops, struct nova_syncs *syncs)
{
	struct drm_nova_vm_bind *args = call->args;
	struct drm_file *file = call->file;
	struct nova_bind *bind = nova_bind_alloc(vm, args->ops.count);
	struct nova_queue *queue = NULL;
	int ret;

	if (!bind)
		return -ENOMEM;
	ret = nova_bind_find_queue(args, file, &queue);
	if (!ret)
		ret = nova_bind_fill(bind, ops, syncs, args, file) ?: nova_bind_relate(bind, queue);
	bind->queue = queue;
	if (!ret) {
		ret = nova_bind_run(bind, &args->failed_op, &call->fence);
	} else {
		args->failed_op = bind->failed_op;
		nova_bind_free(bind);
	}
	nova_queue_put(queue);
	return ret;
}

static int nova_bind_check_ops(struct nova_bind_call *call, const struct drm_nova_vm_bind_op *ops)
{
	for (u32 i = 0; i < call->args->ops.count; i++) {
		int ret = nova_bind_check_op(call->ndrm, &ops[i]);

		if (ret) {
			call->args->failed_op = i;
			return ret;
		}
	}
	return 0;
}

static int nova_bind_check_args(struct drm_nova_vm_bind *args)
{
	u32 failed_op = args->failed_op;

	args->failed_op = DRM_NOVA_VM_BIND_NO_OP;
	if (args->flags & ~NOVA_BIND_FLAGS || failed_op)
		return -EINVAL;
	return !(args->flags & DRM_NOVA_VM_BIND_ASYNC) && args->syncs.count ? -EINVAL : 0;
}

static int nova_bind_call(struct nova_bind_call *call)
{
	static const struct nova_user_elem elem = {
		.min_size = sizeof(struct drm_nova_vm_bind_op),
		.size = sizeof(struct drm_nova_vm_bind_op),
		.max_count = NOVA_MAX_BIND_OPS,
	};
	struct drm_nova_vm_bind_op *ops = nova_user_array_copy(&call->args->ops, &elem);
	struct nova_syncs syncs = {};
	struct nova_vm *vm;
	int ret;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	ret = nova_bind_check_ops(call, ops);
	if (!ret)
		ret = nova_syncs_copy(&syncs, &call->args->syncs);
	if (ret)
		goto out_free;
	vm = nova_vm_get(call->file, call->args->vm_id);
	ret = vm ? nova_bind_submit(call, vm, ops, &syncs) : -ENOENT;
	if (vm)
		nova_vm_put(vm);
out_free:
	nova_syncs_fini(&syncs);
	kvfree(ops);
	return ret;
}

/* The kind of an operation, read again, since no array of them need have been had; 0 if gone. */
static u32 nova_bind_user_op(const struct drm_nova_vm_bind *args, u32 i)
{
	const struct drm_nova_vm_bind_op __user *op =
		u64_to_user_ptr(args->ops.ptr + (u64)i * args->ops.stride);
	u32 type;

	return get_user(type, &op->op) ? 0 : type;
}

/* Letting go never fails for want of memory (uapi.md §5.13): it waits for some. */
static bool nova_bind_try_again(const struct drm_nova_vm_bind *args, unsigned int tries)
{
	for (u32 i = 0; i < args->ops.count; i++) {
		u32 type = nova_bind_user_op(args, i);

		if (type != DRM_NOVA_VM_BIND_OP_UNMAP && type != DRM_NOVA_VM_BIND_OP_UNMAP_BO)
			return false;
	}
	if (!args->ops.count || signal_pending(current))
		return false;
	if (tries)
		schedule_timeout_interruptible(1);
	return true;
}

/* Until it is certain to happen. */
static int nova_bind_call_safely(struct nova_bind_call *call)
{
	struct drm_nova_vm_bind *args = call->args;
	unsigned int tries = 0;
	int ret, idx;

	do {
		args->failed_op = DRM_NOVA_VM_BIND_NO_OP;
		if (!drm_dev_enter(&call->ndrm->drm, &idx))
			return -ENODEV;
		ret = nova_bind_call(call);
		drm_dev_exit(idx);
	} while (ret == -ENOMEM && nova_bind_try_again(args, tries++));
	/* Cutting a mapping wants a table: memory, as far as the caller is concerned. */
	if (ret == -ENOSPC && args->failed_op != DRM_NOVA_VM_BIND_NO_OP &&
	    nova_bind_user_op(args, args->failed_op) == DRM_NOVA_VM_BIND_OP_UNMAP)
		ret = -ENOMEM;
	return ret;
}

/**
 * nova_vm_bind_ioctl - DRM_NOVA_VM_BIND (uapi.md §5.12)
 * @drm: the device
 * @data: struct drm_nova_vm_bind
 * @file: the caller
 *
 * A synchronous call returns when the GPU sees the change, an asynchronous one
 * when it is certain to happen.
 *
 * Return: 0; -EINVAL, -EOPNOTSUPP, -E2BIG, -EFAULT, -ENOENT, -EPERM, -EEXIST,
 * -ENOSPC, -ENOMEM, -EINTR, -ENODEV. On error nothing has changed but failed_op,
 * unless the VM was banned, the device is gone, or the caller was killed while it
 * waited.
 */
int nova_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct nova_bind_call call = { .ndrm = to_nova_drm(drm), .file = file, .args = data };
	int ret = nova_bind_check_args(call.args);

	if (ret)
		return ret;
	ret = nova_bind_call_safely(&call);
	if (call.fence) {
		if (!(call.args->flags & DRM_NOVA_VM_BIND_ASYNC))
			ret = nova_bind_job_wait(call.ndrm, call.fence);
		dma_fence_put(call.fence);
	}
	/* The call will be issued again as it was, and this field must be 0 then. */
	if (ret == -EINTR || ret == -ERESTARTSYS)
		call.args->failed_op = 0;
	return ret;
}
