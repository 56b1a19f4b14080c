// SPDX-License-Identifier: MIT

/**
 * TEST: nova bad input
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: uapi
 * Functionality: all calls
 * Description: every field of every call and array element, with values that must be refused
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Every field of every call, with values that must be refused");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define VA (1ull << 33)
#define UNKNOWN 0x7777
/* Header of the host's NOP, with its data inside. */
#define PUSH_NOP 0x80000002u

/* What good requests refer to. */
struct objects {
	int fd;
	uint32_t vm, handle, queue, copy_queue, syncobj;
	struct drm_nova_vm_bind_op op;
	struct drm_nova_sync sync;
	struct drm_nova_exec_push push;
	struct drm_nova_vm_range ranges[4];
	char label[8];
};

/**
 * struct field - one field and what it must not be
 */
struct field {
	/** @name: of the field. */
	const char *name;
	/** @off: of the field in the structure. */
	unsigned int off;
	/** @len: bytes. */
	unsigned int len;
	/** @zero: bits that must be zero; each alone gives EINVAL. */
	uint64_t zero;
	/** @bad: values, and the errno each gives; an errno of 0 ends the list. */
	struct {
		uint64_t value;
		int err;
	} bad[4];
};

#define AT(type, member) #member, offsetof(struct drm_nova_##type, member), \
	sizeof(((struct drm_nova_##type *)0)->member)
/* Must be zero. */
#define ZERO(type, member) { AT(type, member), ~0ull, { { 0, 0 } } }
/* Some bits must be zero. */
#define BITS(type, member, mask) { AT(type, member), mask, { { 0, 0 } } }
/* Some values are refused. */
#define BAD(type, member, ...) { AT(type, member), 0, { __VA_ARGS__ } }
/* Any value is fine: it is written by the kernel, or means nothing to it. */
#define FREE(type, member) { AT(type, member), 0, { { 0, 0 } } }
#define NO_ID { 0, -ENOENT }, { UNKNOWN, -ENOENT }, { ~0u, -ENOENT }
#define STRIDE { 0, -EINVAL }, { 4, -EINVAL }, { 0x41, -EINVAL }, { 264, -EINVAL }
#define ARRAY(type, member) \
	BAD(type, member.ptr, { 0, -EFAULT }, { 8, -EFAULT }, { ~0ull << 12, -EFAULT }), \
	BAD(type, member.count, { ~0u, -E2BIG }), BAD(type, member.stride, STRIDE)

static const struct field getparam_fields[] = {
	BAD(getparam, param, { 0, -EINVAL }, { 0x1fff, -EINVAL }, { ~0ull, -EINVAL }),
	FREE(getparam, value),
};

static const struct field gem_create_fields[] = {
	FREE(gem_create, handle), ZERO(gem_create, pad),
	BAD(gem_create, size, { 0, -EINVAL }, { 1ull << 62, -E2BIG }, { ~0ull, -E2BIG }),
};

static const struct field gem_info_fields[] = {
	BAD(gem_info, handle, NO_ID), ZERO(gem_info, pad), FREE(gem_info, size),
};

static const struct field info_fields[] = {
	BAD(info, id, { 1, -EINVAL }, { 0xfff, -EINVAL }, { ~0u, -EINVAL }), FREE(info, size),
	BAD(info, data, { 8, -EFAULT }, { ~0ull << 12, -EFAULT }),
};

static const struct field gem_create2_fields[] = {
	BAD(gem_create2, size, { 0, -EINVAL }, { 1ull << 62, -E2BIG }, { ~0ull, -E2BIG }),
	BAD(gem_create2, alignment, { 0x800, -EINVAL }, { 0x3000, -EINVAL }, { 0x400000, -EINVAL },
	    { 1ull << 63, -EINVAL }),
	BITS(gem_create2, placement, ~3ull), BITS(gem_create2, flags, ~7ull),
	BAD(gem_create2, vm_id, { UNKNOWN, -ENOENT }, { ~0u, -ENOENT }),
	ZERO(gem_create2, handle),
	BAD(gem_create2, cpu_caching, { 1, -EINVAL }, { 3, -EINVAL }, { 0xffff, -EINVAL }),
	BAD(gem_create2, pte_kind, { 7, -EINVAL }, { 0xff, -EINVAL }),
	ZERO(gem_create2, pad), FREE(gem_create2, tile_mode), ZERO(gem_create2, mmap_offset),
};

static const struct field gem_query_fields[] = {
	BAD(gem_query, handle, NO_ID), FREE(gem_query, state), FREE(gem_query, size),
	FREE(gem_query, placement), FREE(gem_query, region), FREE(gem_query, create_flags),
	FREE(gem_query, tile_mode), FREE(gem_query, mmap_offset), FREE(gem_query, cpu_caching),
	FREE(gem_query, pte_kind), FREE(gem_query, page_shift), FREE(gem_query, vm_id),
};

static const struct field gem_mmap_offset_fields[] = {
	BAD(gem_mmap_offset, handle, NO_ID), ZERO(gem_mmap_offset, flags),
	FREE(gem_mmap_offset, offset),
};

static const struct field gem_wait_fields[] = {
	BAD(gem_wait, handle, NO_ID), BITS(gem_wait, flags, ~1ull),
	BAD(gem_wait, timeout_ns, { ~0ull, -EINVAL }, { 1ull << 63, -EINVAL }),
};

static const struct field gem_madvise_fields[] = {
	BAD(gem_madvise, handle, NO_ID), BAD(gem_madvise, advice, { 2, -EINVAL }, { ~0u, -EINVAL }),
	ZERO(gem_madvise, retained), ZERO(gem_madvise, pad),
};

static const struct field gem_set_label_fields[] = {
	BAD(gem_set_label, handle, NO_ID),
	BAD(gem_set_label, len, { 256, -E2BIG }, { ~0u, -E2BIG }),
	BAD(gem_set_label, text, { 0, -EFAULT }, { 8, -EFAULT }, { ~0ull << 12, -EFAULT }),
};

static const struct field vm_create_fields[] = {
	BITS(vm_create, flags, ~1ull), ZERO(vm_create, vm_id),
	BAD(vm_create, kernel_start, { 0x1000, -EINVAL }, { 1ull << 63, -EINVAL },
	    { ~0ull << 21, -EINVAL }),
	BAD(vm_create, kernel_size, { 0, -EINVAL }, { 0x1000, -EINVAL }, { 1ull << 63, -EINVAL },
	    { ~0ull << 21, -EINVAL }),
	ZERO(vm_create, va_start), ZERO(vm_create, va_size),
};

static const struct field vm_destroy_fields[] = {
	BAD(vm_destroy, vm_id, NO_ID), ZERO(vm_destroy, pad),
};

static const struct field vm_bind_fields[] = {
	BAD(vm_bind, vm_id, NO_ID), BITS(vm_bind, flags, ~1ull),
	BAD(vm_bind, queue_id, { UNKNOWN, -ENOENT }, { ~0u, -ENOENT }),
	ZERO(vm_bind, failed_op), ARRAY(vm_bind, ops), ARRAY(vm_bind, syncs),
};

static const struct field op_fields[] = {
	BAD(vm_bind_op, op, { 0, -EINVAL }, { 7, -EINVAL }, { ~0u, -EINVAL }),
	BITS(vm_bind_op, flags, ~0x1full), BAD(vm_bind_op, handle, NO_ID),
	BAD(vm_bind_op, pte_kind, { 7, -EINVAL }, { 0xff, -EINVAL }),
	BAD(vm_bind_op, max_page_shift, { 11, -EINVAL }, { 13, -EINVAL }, { 255, -EINVAL }),
	ZERO(vm_bind_op, pad),
	BAD(vm_bind_op, va, { 0, -EINVAL }, { VA + 0x800, -EINVAL }, { 1ull << 63, -EINVAL },
	    { ~0ull << 12, -EINVAL }),
	BAD(vm_bind_op, range, { 0, -EINVAL }, { 0x800, -EINVAL }, { NOVA_2M + NOVA_4K, -EINVAL },
	    { ~0ull << 12, -EINVAL }),
	BAD(vm_bind_op, offset, { 0x10, -EINVAL }, { NOVA_2M, -EINVAL }, { ~0ull << 12, -EINVAL }),
	ZERO(vm_bind_op, region), ZERO(vm_bind_op, pad2),
};

static const struct field sync_fields[] = {
	BAD(sync, handle, NO_ID), BITS(sync, flags, 0x7ffffffeull),
	BAD(sync, point, { 1, -EINVAL }, { ~0ull, -EINVAL }),
};

static const struct field vm_get_state_fields[] = {
	BAD(vm_get_state, vm_id, NO_ID), FREE(vm_get_state, state), FREE(vm_get_state, error),
	FREE(vm_get_state, fault_total), FREE(vm_get_state, faults.ptr),
	FREE(vm_get_state, faults.count), BAD(vm_get_state, faults.stride, STRIDE),
};

static const struct field vm_query_ranges_fields[] = {
	BAD(vm_query_ranges, vm_id, NO_ID), ZERO(vm_query_ranges, flags),
	FREE(vm_query_ranges, va), FREE(vm_query_ranges, range),
	BAD(vm_query_ranges, ranges.ptr, { 8, -EFAULT }, { ~0ull << 12, -EFAULT }),
	FREE(vm_query_ranges, ranges.count), BAD(vm_query_ranges, ranges.stride, STRIDE),
};

static const struct field queue_create_fields[] = {
	BAD(queue_create, vm_id, NO_ID),
	BAD(queue_create, queue_class, { 4, -EINVAL }, { ~0u, -EINVAL }),
	ZERO(queue_create, flags), BAD(queue_create, priority, { 3, -EINVAL }, { ~0u, -EINVAL }),
	ZERO(queue_create, queue_id), ZERO(queue_create, pad),
};

static const struct field queue_destroy_fields[] = {
	BAD(queue_destroy, queue_id, NO_ID), ZERO(queue_destroy, pad),
};

static const struct field queue_get_state_fields[] = {
	BAD(queue_get_state, queue_id, NO_ID), FREE(queue_get_state, state),
	FREE(queue_get_state, error), ZERO(queue_get_state, pad),
};

static const struct field exec_fields[] = {
	BAD(exec, queue_id, NO_ID), ZERO(exec, flags), ARRAY(exec, pushes), ARRAY(exec, syncs),
};

static const struct field push_fields[] = {
	BAD(exec_push, va, { VA + 2, -EINVAL }, { VA + 1, -EINVAL }),
	BAD(exec_push, size, { 0, -EINVAL }, { 2, -EINVAL }, { ~0u, -EINVAL }),
	BITS(exec_push, flags, ~1ull),
};

/* Good requests, one a call. */

static void good_getparam(struct objects *o, void *arg)
{
	(void)o;
	((struct drm_nova_getparam *)arg)->param = DRM_NOVA_PARAM_FEATURES;
}

static void good_gem_create(struct objects *o, void *arg)
{
	(void)o;
	((struct drm_nova_gem_create *)arg)->size = NOVA_64K;
}

static void good_info(struct objects *o, void *arg)
{
	*(struct drm_nova_info *)arg = (struct drm_nova_info){
		.id = DRM_NOVA_INFO_TIME, .size = sizeof(struct drm_nova_info_time),
		.data = (uintptr_t)o->ranges,
	};
}

static void good_gem_create2(struct objects *o, void *arg)
{
	(void)o;
	*(struct drm_nova_gem_create2 *)arg = (struct drm_nova_gem_create2){
		.size = NOVA_64K, .placement = NOVA_VRAM,
	};
}

/* Calls whose first word is a handle, and which need no more. */
static void good_handle(struct objects *o, void *arg)
{
	*(uint32_t *)arg = o->handle;
}

static void good_gem_set_label(struct objects *o, void *arg)
{
	*(struct drm_nova_gem_set_label *)arg = (struct drm_nova_gem_set_label){
		.handle = o->handle, .len = 3, .text = (uintptr_t)o->label,
	};
}

static void good_vm_create(struct objects *o, void *arg)
{
	(void)o;
	*(struct drm_nova_vm_create *)arg = (struct drm_nova_vm_create){
		.kernel_start = 1ull << 38, .kernel_size = 1ull << 30,
	};
}

static void good_vm_destroy(struct objects *o, void *arg)
{
	*(uint32_t *)arg = nova_vm_create(o->fd);
}

static void good_vm_bind(struct objects *o, void *arg)
{
	o->op = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = o->handle, .va = VA, .range = NOVA_64K,
	};
	o->sync = (struct drm_nova_sync){ o->syncobj, DRM_NOVA_SYNC_SIGNAL, 0 };
	*(struct drm_nova_vm_bind *)arg = (struct drm_nova_vm_bind){
		.vm_id = o->vm, .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { (uintptr_t)&o->op, 1, sizeof(o->op) },
		.syncs = { (uintptr_t)&o->sync, 1, sizeof(o->sync) },
	};
}

static void good_vm_get_state(struct objects *o, void *arg)
{
	*(struct drm_nova_vm_get_state *)arg = (struct drm_nova_vm_get_state){
		.vm_id = o->vm,
		.faults = { (uintptr_t)o->ranges, 1, sizeof(struct drm_nova_vm_fault) },
	};
}

static void good_vm_query_ranges(struct objects *o, void *arg)
{
	*(struct drm_nova_vm_query_ranges *)arg = (struct drm_nova_vm_query_ranges){
		.vm_id = o->vm, .va = 0, .range = 1ull << 40,
		.ranges = { (uintptr_t)o->ranges, NR(o->ranges), sizeof(o->ranges[0]) },
	};
}

static void good_queue_create(struct objects *o, void *arg)
{
	*(struct drm_nova_queue_create *)arg = (struct drm_nova_queue_create){
		.vm_id = o->vm, .queue_class = DRM_NOVA_QUEUE_CLASS_BIND,
		.priority = DRM_NOVA_QUEUE_PRIORITY_NORMAL,
	};
}

static void undo_queue_create(struct objects *o, void *arg)
{
	struct drm_nova_queue_destroy destroy = {
		.queue_id = ((struct drm_nova_queue_create *)arg)->queue_id,
	};

	igt_assert_eq(__nova_ioctl(o->fd, DRM_IOCTL_NOVA_QUEUE_DESTROY, &destroy), 0);
}

static void good_queue_destroy(struct objects *o, void *arg)
{
	struct drm_nova_queue_create create = { 0 };

	good_queue_create(o, &create);
	igt_assert_eq(__nova_ioctl(o->fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &create), 0);
	*(uint32_t *)arg = create.queue_id;
}

static void good_queue_get_state(struct objects *o, void *arg)
{
	*(uint32_t *)arg = o->queue;
}

static void good_exec(struct objects *o, void *arg)
{
	o->push = (struct drm_nova_exec_push){ .va = VA, .size = 4 };
	o->sync = (struct drm_nova_sync){ o->syncobj, DRM_NOVA_SYNC_SIGNAL, 0 };
	*(struct drm_nova_exec *)arg = (struct drm_nova_exec){
		.queue_id = o->copy_queue,
		.pushes = { (uintptr_t)&o->push, 1, sizeof(o->push) },
		.syncs = { (uintptr_t)&o->sync, 1, sizeof(o->sync) },
	};
}

static void undo_gem_create(struct objects *o, void *arg)
{
	nova_gem_close(o->fd, ((struct drm_nova_gem_create *)arg)->handle);
}

static void undo_gem_create2(struct objects *o, void *arg)
{
	nova_gem_close(o->fd, ((struct drm_nova_gem_create2 *)arg)->handle);
}

static void undo_vm_create(struct objects *o, void *arg)
{
	nova_vm_destroy(o->fd, ((struct drm_nova_vm_create *)arg)->vm_id);
}

/* Calls that destroy what their good request names: after refusals it is still there. */
static void undo_by_calling(struct objects *o, unsigned long request, void *arg)
{
	igt_assert_eq(__nova_ioctl(o->fd, request, arg), 0);
}

enum target { ARGUMENT, OP, SYNC, PUSH };

/**
 * struct call - a call, or an element of its arrays, and its fields
 */
struct call {
	/** @name: of the subtest. */
	const char *name;
	/** @request: ioctl number. */
	unsigned long request;
	/** @size: bytes of the structure whose fields these are. */
	unsigned int size;
	/** @target: which structure that is. */
	enum target target;
	/** @feature: bit that must be set, or 0. */
	uint32_t feature;
	/** @consumes: whether the good request makes something that it then destroys. */
	bool consumes;
	/** @good: writes a request that works. */
	void (*good)(struct objects *o, void *arg);
	/** @undo: undoes what it did, or NULL. */
	void (*undo)(struct objects *o, void *arg);
	/** @fields: all of them. */
	const struct field *fields;
	/** @nr: number of fields. */
	unsigned int nr;
};

#define CALL(id, nr_, good_, undo_, ...) { \
	.name = #id, .request = DRM_IOCTL_NOVA_##nr_, .size = sizeof(struct drm_nova_##id), \
	.good = good_, .undo = undo_, .fields = id##_fields, .nr = NR(id##_fields), __VA_ARGS__ }

static const struct call calls[] = {
	CALL(getparam, GETPARAM, good_getparam, NULL),
	CALL(gem_create, GEM_CREATE, good_gem_create, undo_gem_create),
	CALL(gem_info, GEM_INFO, good_handle, NULL),
	CALL(info, INFO, good_info, NULL),
	CALL(gem_create2, GEM_CREATE2, good_gem_create2, undo_gem_create2),
	CALL(gem_query, GEM_QUERY, good_handle, NULL),
	CALL(gem_mmap_offset, GEM_MMAP_OFFSET, good_handle, NULL),
	CALL(gem_wait, GEM_WAIT, good_handle, NULL),
	CALL(gem_madvise, GEM_MADVISE, good_handle, NULL, .feature = DRM_NOVA_FEATURE_MADVISE),
	CALL(gem_set_label, GEM_SET_LABEL, good_gem_set_label, NULL),
	CALL(vm_create, VM_CREATE, good_vm_create, undo_vm_create),
	CALL(vm_destroy, VM_DESTROY, good_vm_destroy, NULL, .consumes = true),
	CALL(vm_bind, VM_BIND, good_vm_bind, NULL, .feature = DRM_NOVA_FEATURE_ASYNC_BIND),
	{ "vm_bind_op", DRM_IOCTL_NOVA_VM_BIND, sizeof(struct drm_nova_vm_bind_op), OP,
	  DRM_NOVA_FEATURE_ASYNC_BIND, false, good_vm_bind, NULL, op_fields, NR(op_fields) },
	{ "vm_bind_sync", DRM_IOCTL_NOVA_VM_BIND, sizeof(struct drm_nova_sync), SYNC,
	  DRM_NOVA_FEATURE_ASYNC_BIND, false, good_vm_bind, NULL, sync_fields, NR(sync_fields) },
	CALL(vm_get_state, VM_GET_STATE, good_vm_get_state, NULL),
	CALL(vm_query_ranges, VM_QUERY_RANGES, good_vm_query_ranges, NULL,
	     .feature = DRM_NOVA_FEATURE_RANGE_QUERY),
	CALL(queue_create, QUEUE_CREATE, good_queue_create, undo_queue_create,
	     .feature = DRM_NOVA_FEATURE_ASYNC_BIND),
	CALL(queue_destroy, QUEUE_DESTROY, good_queue_destroy, NULL, .consumes = true,
	     .feature = DRM_NOVA_FEATURE_ASYNC_BIND),
	CALL(queue_get_state, QUEUE_GET_STATE, good_queue_get_state, NULL,
	     .feature = DRM_NOVA_FEATURE_ASYNC_BIND),
	CALL(exec, EXEC, good_exec, NULL, .feature = DRM_NOVA_FEATURE_EXEC),
	{ "exec_push", DRM_IOCTL_NOVA_EXEC, sizeof(struct drm_nova_exec_push), PUSH,
	  DRM_NOVA_FEATURE_EXEC, false, good_exec, NULL, push_fields, NR(push_fields) },
	{ "exec_sync", DRM_IOCTL_NOVA_EXEC, sizeof(struct drm_nova_sync), SYNC,
	  DRM_NOVA_FEATURE_EXEC, false, good_exec, NULL, sync_fields, NR(sync_fields) },
};

static void objects_init(struct objects *o, int fd)
{
	struct drm_syncobj_create syncobj = { 0 };
	struct drm_nova_queue_create queue = { 0 };
	uint32_t *ptr;
	uint64_t features = nova_getparam(fd, DRM_NOVA_PARAM_FEATURES);

	*o = (struct objects){ .fd = fd, .vm = nova_vm_create(fd), .label = "abc" };
	o->handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	nova_vm_map(fd, o->vm, o->handle, 0, VA, NOVA_64K);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &syncobj), 0);
	o->syncobj = syncobj.handle;
	if (!(features & DRM_NOVA_FEATURE_ASYNC_BIND))
		return;
	good_queue_create(o, &queue);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &queue), 0);
	o->queue = queue.queue_id;
	if (!(features & DRM_NOVA_FEATURE_EXEC))
		return;
	ptr = nova_gem_mmap(fd, o->handle, 0, NOVA_4K);
	ptr[0] = PUSH_NOP;
	munmap(ptr, NOVA_4K);
	queue.queue_id = 0;
	queue.queue_class = DRM_NOVA_QUEUE_CLASS_COPY;
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &queue), 0);
	o->copy_queue = queue.queue_id;
}

/* One request with one field changed; a value of no field leaves it as it is. */
static int attempt(struct objects *o, const struct call *call, const struct field *field,
		   uint64_t value, unsigned char *arg)
{
	void *targets[] = { arg, &o->op, &o->sync, &o->push };

	if (field)
		memcpy((char *)targets[call->target] + field->off, &value, field->len);
	return __nova_ioctl(o->fd, call->request, arg);
}

static void refuse(struct objects *o, const struct call *call, const struct field *field,
		   uint64_t value, int err)
{
	unsigned char arg[64] = { 0 }, saved[64];
	int ret;

	call->good(o, arg);
	memcpy(saved, arg, sizeof(arg));
	ret = attempt(o, call, field, value, arg);
	igt_assert_f(ret == err, "%s.%s = %#llx gives %d instead of %d\n", call->name, field->name,
		     (unsigned long long)value, ret, err);
	if (call->consumes)
		undo_by_calling(o, call->request, saved);
}

static void accept(struct objects *o, const struct call *call)
{
	unsigned char arg[64] = { 0 };

	call->good(o, arg);
	igt_assert_eq(attempt(o, call, NULL, 0, arg), 0);
	if (call->undo)
		call->undo(o, arg);
}

/* No byte of the structure may be missing in the table. */
static void check_table(const struct call *call)
{
	unsigned char seen[64] = { 0 };
	unsigned int i, j;

	igt_assert(call->size <= sizeof(seen));
	for (i = 0; i < call->nr; i++)
		for (j = 0; j < call->fields[i].len; j++)
			seen[call->fields[i].off + j]++;
	for (j = 0; j < call->size; j++)
		igt_assert_f(seen[j] == 1, "byte %u of %s is in %u fields\n", j, call->name,
			     seen[j]);
}

/**
 * SUBTEST: %s
 * Description: %arg[1] refuses bad values in each of its fields, and works before and after
 *
 * arg[1]:
 *
 * @getparam:        GETPARAM
 * @gem_create:      GEM_CREATE
 * @gem_info:        GEM_INFO
 * @info:            INFO
 * @gem_create2:     GEM_CREATE2
 * @gem_query:       GEM_QUERY
 * @gem_mmap_offset: GEM_MMAP_OFFSET
 * @gem_wait:        GEM_WAIT
 * @gem_madvise:     GEM_MADVISE
 * @gem_set_label:   GEM_SET_LABEL
 * @vm_create:       VM_CREATE
 * @vm_destroy:      VM_DESTROY
 * @vm_bind:         VM_BIND
 * @vm_bind_op:      an operation of VM_BIND
 * @vm_bind_sync:    a sync of VM_BIND
 * @vm_get_state:    VM_GET_STATE
 * @vm_query_ranges: VM_QUERY_RANGES
 * @queue_create:    QUEUE_CREATE
 * @queue_destroy:   QUEUE_DESTROY
 * @queue_get_state: QUEUE_GET_STATE
 * @exec:            EXEC
 * @exec_push:       a push of EXEC
 * @exec_sync:       a sync of EXEC
 */
static void test_call(int fd, const struct call *call)
{
	int client = nova_open_again(fd);
	struct objects objects;
	unsigned int i, j, bit, tried = 0;
	uint64_t used;

	check_table(call);
	if (call->feature)
		nova_require_feature(client, call->feature);
	objects_init(&objects, client);
	accept(&objects, call);
	used = nova_getparam(client, DRM_NOVA_PARAM_VRAM_USED);
	for (i = 0; i < call->nr; i++) {
		const struct field *field = &call->fields[i];

		for (bit = 0; bit < field->len * 8; bit++) {
			if (!(field->zero >> bit & 1))
				continue;
			refuse(&objects, call, field, 1ull << bit, -EINVAL);
			tried++;
		}
		for (j = 0; j < NR(field->bad) && field->bad[j].err; j++, tried++)
			refuse(&objects, call, field, field->bad[j].value, field->bad[j].err);
	}
	accept(&objects, call);
	nova_settle_vram(client, used);
	igt_info("%s: %u bad values of %u fields refused\n", call->name, tried, call->nr);
	drm_close_driver(client);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(calls); i++)
		igt_subtest(calls[i].name)
			test_call(fd, &calls[i]);

	igt_fixture()
		drm_close_driver(fd);
}
