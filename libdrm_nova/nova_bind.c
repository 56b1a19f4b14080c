// SPDX-License-Identifier: MIT

/**
 * DOC: Batches of binds
 *
 * Gathers ops for one VM_BIND. An op that goes on where the last one ended, in
 * GPU addresses and in the object alike, is merged into it: a client that binds
 * page by page pays for one op. Merging looks at the last op only, since ops
 * take effect in order and one further back may be hidden by those between.
 *
 * Only ops that are right by themselves are merged: an empty or unaligned one, or
 * one that wraps, stays alone, so that the kernel can refuse it.
 *
 * Invariant: no two neighbours in the array could be merged, and no merged
 * range or offset wraps.
 *
 * A batch has no lock: one thread at a time.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nova_priv.h"

/* First capacity of a batch; it doubles from there. */
#define NOVA_BIND_MIN 16u

/* What va, range and offset of every op are multiples of. */
#define NOVA_BIND_PAGE 0x1000u

/**
 * struct nova_bind - ops waiting to be submitted
 */
struct nova_bind {
	/** @vm: VM they are for, not counted. */
	const struct nova_vm *vm;
	/** @ops: the ops. */
	struct drm_nova_vm_bind_op *ops;
	/** @nr: how many there are. */
	uint32_t nr;
	/** @capacity: how many have room. */
	uint32_t capacity;
};

NOVA_EXPORT int nova_bind_create(const struct nova_vm *vm, struct nova_bind **bind)
{
	struct nova_bind *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->vm = vm;
	*bind = new;
	return 0;
}

NOVA_EXPORT void nova_bind_destroy(struct nova_bind *bind)
{
	if (!bind)
		return;
	free(bind->ops);
	free(bind);
}

NOVA_EXPORT void nova_bind_reset(struct nova_bind *bind)
{
	bind->nr = 0;
}

/* Is the op one whose va and range say all about where it works? */
static bool nova_bind_is_ranged(uint32_t op)
{
	return op == DRM_NOVA_VM_BIND_OP_MAP || op == DRM_NOVA_VM_BIND_OP_UNMAP ||
	       op == DRM_NOVA_VM_BIND_OP_MAP_SPARSE || op == DRM_NOVA_VM_BIND_OP_PREFETCH ||
	       op == DRM_NOVA_VM_BIND_OP_MAP_USERPTR;
}

static bool nova_bind_has_offset(uint32_t op)
{
	return op == DRM_NOVA_VM_BIND_OP_MAP || op == DRM_NOVA_VM_BIND_OP_MAP_USERPTR;
}

/* Could the kernel take this range? */
static bool nova_bind_is_whole(const struct drm_nova_vm_bind_op *op)
{
	uint64_t end;

	return op->range && !((op->va | op->range | op->offset) % NOVA_BIND_PAGE) &&
	       !__builtin_add_overflow(op->va, op->range, &end) &&
	       !__builtin_add_overflow(op->offset, op->range, &end);
}

/* Does @next do the same as @last, right behind it? */
static bool nova_bind_continues(const struct drm_nova_vm_bind_op *last,
				const struct drm_nova_vm_bind_op *next)
{
	struct drm_nova_vm_bind_op want = *last;

	if (!nova_bind_is_ranged(last->op) || !nova_bind_is_whole(last) ||
	    !nova_bind_is_whole(next))
		return false;
	want.va += last->range;
	if (nova_bind_has_offset(last->op))
		want.offset += last->range;
	want.range = next->range;
	return memcmp(&want, next, sizeof(want)) == 0;
}

static int nova_bind_grow(struct nova_bind *bind)
{
	uint32_t capacity = bind->capacity ? bind->capacity * 2 : NOVA_BIND_MIN;
	struct drm_nova_vm_bind_op *ops;

	if (capacity < bind->capacity)
		return -ENOMEM;
	ops = realloc(bind->ops, capacity * sizeof(*ops));
	if (!ops)
		return -ENOMEM;
	bind->ops = ops;
	bind->capacity = capacity;
	return 0;
}

NOVA_EXPORT int nova_bind_add(struct nova_bind *bind, const struct drm_nova_vm_bind_op *op)
{
	int ret;

	if (bind->nr && nova_bind_continues(&bind->ops[bind->nr - 1], op)) {
		bind->ops[bind->nr - 1].range += op->range;
		return 0;
	}
	if (bind->nr == bind->capacity) {
		ret = nova_bind_grow(bind);
		if (ret)
			return ret;
	}
	bind->ops[bind->nr++] = *op;
	return 0;
}

NOVA_EXPORT int nova_bind_map(struct nova_bind *bind, const struct nova_bo *bo, uint64_t offset,
			      uint64_t va, uint64_t range, uint32_t flags)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP,
		.flags = flags,
		.handle = bo->handle,
		.va = va,
		.range = range,
		.offset = offset,
	};

	return nova_bind_add(bind, &op);
}

NOVA_EXPORT int nova_bind_unmap(struct nova_bind *bind, uint64_t va, uint64_t range)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP,
		.va = va,
		.range = range,
	};

	return nova_bind_add(bind, &op);
}

NOVA_EXPORT const struct drm_nova_vm_bind_op *nova_bind_ops(const struct nova_bind *bind,
							    uint32_t *nr)
{
	*nr = bind->nr;
	return bind->ops;
}

static int nova_bind_call(const struct nova_bind *bind, struct drm_nova_vm_bind *args,
			  uint32_t *failed_op)
{
	int ret = nova_vm_bind(bind->vm, args);

	/* A device that is gone has looked at nothing. */
	if (ret && failed_op)
		*failed_op = ret == -ENODEV ? DRM_NOVA_VM_BIND_NO_OP : args->failed_op;
	return ret;
}

NOVA_EXPORT int nova_bind_submit(struct nova_bind *bind, uint32_t *failed_op)
{
	struct drm_nova_vm_bind args = { .ops = NOVA_ARRAY(bind->ops, bind->nr) };
	int ret = nova_bind_call(bind, &args, failed_op);

	if (!ret)
		nova_bind_reset(bind);
	return ret;
}

/* Drops the first @nr ops. */
static void nova_bind_drop(struct nova_bind *bind, uint32_t nr)
{
	bind->nr -= nr;
	memmove(bind->ops, bind->ops + nr, bind->nr * sizeof(*bind->ops));
}

NOVA_EXPORT int nova_bind_submit_split(struct nova_bind *bind, uint32_t *failed_op)
{
	struct drm_nova_info_limits limits;
	uint32_t done = 0;
	int ret;

	if (!bind->nr)
		return nova_bind_submit(bind, failed_op);
	ret = nova_info_limits(bind->vm->dev, &limits);
	if (ret) {
		if (failed_op)
			*failed_op = DRM_NOVA_VM_BIND_NO_OP;
		return ret;
	}
	do {
		uint32_t left = bind->nr - done;
		uint32_t nr = left < limits.max_bind_ops ? left : limits.max_bind_ops;
		struct drm_nova_vm_bind args = { .ops = NOVA_ARRAY(bind->ops + done, nr) };

		ret = nova_bind_call(bind, &args, failed_op);
		if (ret)
			break;
		done += nr;
	} while (done < bind->nr);
	nova_bind_drop(bind, done);
	return ret;
}

NOVA_EXPORT int nova_bind_submit_async(struct nova_bind *bind, const struct nova_queue *queue,
				       const struct drm_nova_sync *syncs, uint32_t nr_syncs,
				       uint32_t *failed_op)
{
	struct drm_nova_vm_bind args = {
		.flags = DRM_NOVA_VM_BIND_ASYNC,
		.queue_id = queue ? nova_queue_id(queue) : 0,
		.ops = NOVA_ARRAY(bind->ops, bind->nr),
		.syncs = NOVA_ARRAY(syncs, nr_syncs),
	};
	int ret = nova_bind_call(bind, &args, failed_op);

	if (!ret)
		nova_bind_reset(bind);
	return ret;
}
