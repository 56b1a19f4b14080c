// SPDX-License-Identifier: MIT

/**
 * TEST: nova fail nth
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: all ioctls
 * Description: a call whose n-th allocation, of memory or of VRAM, or copy fails leaves no
 *              trace, for each n
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt.h"
#include "nova_space.h"
#include "nova_sync.h"

IGT_TEST_DESCRIPTION("A call whose n-th allocation or copy fails leaves no trace, for each n");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_NTH 1000
#define BIND DRM_NOVA_QUEUE_CLASS_BIND

/* What the calls are made on, and what the next object, VM and queue will be called. */
struct stage {
	int fd;
	struct nova_space space;
	uint32_t private_bo;
	uint32_t queue, copy_queue;
	uint32_t signal;
	uint32_t next_handle, next_vm, next_queue;
	uint64_t used;
};

/* Kept open: opening it is not what should fail. */
static int nth_fd = -1;

static void write_attr(const char *attr, const char *file, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", attr, file);
	fd = open(path, O_WRONLY);
	/* Not each kind of failure has each of the files. */
	if (fd < 0)
		return;
	igt_assert_eq(write(fd, value, strlen(value)), strlen(value));
	close(fd);
}

/* Any allocation may fail, also one that may sleep, and does so quietly. */
static void prepare_kernel(void)
{
	static const char * const attrs[] = { "failslab", "fail_page_alloc", "fail_usercopy" };
	unsigned int i;

	nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	igt_require_f(nth_fd >= 0, "this kernel does not let allocations fail\n");
	for (i = 0; i < NR(attrs); i++) {
		write_attr(attrs[i], "ignore-gfp-wait", "N");
		write_attr(attrs[i], "min-order", "0");
		write_attr(attrs[i], "verbose", "0");
	}
}

static void set_nth(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth), put;

	/* Its own copy is a step as well, and may be the one that fails. */
	do
		put = pwrite(nth_fd, text, len, 0);
	while (put < 0 && errno == EFAULT);
	igt_assert_eq(put, len);
}

/* How many steps were left, 0 if something failed; disarms. */
static unsigned int end_nth(void)
{
	char text[16] = "";

	while (pread(nth_fd, text, sizeof(text) - 1, 0) < 0 && errno == EFAULT)
		;
	set_nth(0);
	return strtoul(text, NULL, 10);
}

/* All that user space can see of the client, as text. */
static char *snapshot(const struct stage *s)
{
	struct drm_nova_vm_range ranges[32];
	struct drm_nova_vm_query_ranges query = {
		.vm_id = s->space.vm, .va = NOVA_2M, .range = 1ull << 46,
		.ranges = { (uintptr_t)ranges, NR(ranges), sizeof(ranges[0]) },
	};
	char *gem, *tables = nova_space_tables(&s->space), *text;
	uint32_t i;
	int len;

	igt_assert_eq(nova_debug_read(s->fd, "gem", &gem), 0);
	igt_assert_eq(__nova_ioctl(s->fd, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &query), 0);
	len = strlen(gem) + strlen(tables) + 64 + query.ranges.count * 64;
	text = malloc(len);
	igt_assert(text);
	len = sprintf(text, "%s\n%s\nsignal %d\n", gem, tables,
		      nova_syncobj_wait_until(s->fd, s->signal, 0, 0));
	for (i = 0; i < query.ranges.count; i++)
		len += sprintf(text + len, "%llx+%llx %u %llx\n", (long long)ranges[i].va,
			       (long long)ranges[i].range, ranges[i].handle,
			       (long long)ranges[i].offset);
	free(gem);
	free(tables);
	return text;
}

static int gem_create2(struct stage *s, uint32_t placement, uint32_t vm_id)
{
	struct drm_nova_gem_create2 args = {
		.size = NOVA_64K, .placement = placement, .vm_id = vm_id,
	};

	return __nova_gem_create2(s->fd, &args);
}

static int call_gem_create(struct stage *s)
{
	struct drm_nova_gem_create args = { .size = NOVA_4K };

	return __nova_ioctl(s->fd, DRM_IOCTL_NOVA_GEM_CREATE, &args);
}

static int call_gem_create2(struct stage *s)
{
	return gem_create2(s, NOVA_VRAM, 0);
}

static int call_gem_create2_system(struct stage *s)
{
	return gem_create2(s, NOVA_SYSTEM, 0);
}

static int call_gem_create2_private(struct stage *s)
{
	return gem_create2(s, NOVA_VRAM | NOVA_SYSTEM, s->space.vm);
}

static void undo_gem(struct stage *s)
{
	struct drm_gem_close args = { .handle = s->next_handle };

	__nova_ioctl(s->fd, DRM_IOCTL_GEM_CLOSE, &args);
}

static int call_getparam(struct stage *s)
{
	uint64_t value;

	return __nova_getparam(s->fd, DRM_NOVA_PARAM_VRAM_USED, &value);
}

static int call_info(struct stage *s)
{
	struct drm_nova_info_memory info;
	uint32_t size = sizeof(info);

	return __nova_info(s->fd, DRM_NOVA_INFO_MEMORY, &size, &info);
}

static int call_gem_info(struct stage *s)
{
	struct drm_nova_gem_info args = { .handle = s->private_bo };

	return __nova_ioctl(s->fd, DRM_IOCTL_NOVA_GEM_INFO, &args);
}

static int call_gem_query(struct stage *s)
{
	struct drm_nova_gem_query query;

	return __nova_gem_query(s->fd, s->private_bo, &query);
}

static int call_gem_mmap_offset(struct stage *s)
{
	uint64_t offset;

	return __nova_gem_mmap_offset(s->fd, s->private_bo, &offset);
}

static int call_gem_wait(struct stage *s)
{
	return __nova_gem_wait(s->fd, s->private_bo, DRM_NOVA_GEM_WAIT_NOWAIT, 0);
}

static int call_gem_set_label(struct stage *s)
{
	return __nova_gem_set_label(s->fd, s->private_bo, "named", 5);
}

static void undo_label(struct stage *s)
{
	igt_assert_eq(__nova_gem_set_label(s->fd, s->private_bo, NULL, 0), 0);
}

static int call_vm_create(struct stage *s)
{
	struct drm_nova_vm_create args = { 0 };

	return __nova_vm_create(s->fd, &args);
}

static void undo_vm_create(struct stage *s)
{
	__nova_vm_destroy(s->fd, s->next_vm);
}

/* A VM to be destroyed is there again before each attempt. */
static void make_vm(struct stage *s)
{
	struct drm_nova_vm_get_state state = { .vm_id = s->next_vm };

	if (__nova_ioctl(s->fd, DRM_IOCTL_NOVA_VM_GET_STATE, &state))
		igt_assert_eq_u32(nova_vm_create(s->fd), s->next_vm);
}

static int call_vm_destroy(struct stage *s)
{
	return __nova_vm_destroy(s->fd, s->next_vm);
}

static int call_vm_get_state(struct stage *s)
{
	struct drm_nova_vm_get_state args = { .vm_id = s->space.vm };

	return __nova_ioctl(s->fd, DRM_IOCTL_NOVA_VM_GET_STATE, &args);
}

static int call_vm_query_ranges(struct stage *s)
{
	struct drm_nova_vm_range ranges[8];
	struct drm_nova_vm_query_ranges args = {
		.vm_id = s->space.vm, .va = s->space.base, .range = NOVA_2M,
		.ranges = { (uintptr_t)ranges, NR(ranges), sizeof(ranges[0]) },
	};

	return __nova_ioctl(s->fd, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &args);
}

static int call_queue_create(struct stage *s)
{
	struct drm_nova_queue_create args = { .vm_id = s->space.vm };

	return __nova_ioctl(s->fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &args);
}

static void undo_queue_create(struct stage *s)
{
	__nova_queue_destroy(s->fd, s->next_queue);
}

static int call_queue_get_state(struct stage *s)
{
	struct drm_nova_queue_get_state args = { .queue_id = s->queue };

	return __nova_ioctl(s->fd, DRM_IOCTL_NOVA_QUEUE_GET_STATE, &args);
}

static void make_queue(struct stage *s)
{
	struct drm_nova_queue_get_state state = { .queue_id = s->next_queue };

	if (__nova_ioctl(s->fd, DRM_IOCTL_NOVA_QUEUE_GET_STATE, &state))
		igt_assert_eq_u32(nova_queue_create(s->fd, s->space.vm, BIND), s->next_queue);
}

static int call_queue_destroy(struct stage *s)
{
	return __nova_queue_destroy(s->fd, s->next_queue);
}

/* Without pushes it waits and signals like any other. */
static int call_exec(struct stage *s)
{
	struct drm_nova_sync sync = { .handle = s->signal, .flags = DRM_NOVA_SYNC_SIGNAL };
	struct drm_nova_exec args = {
		.queue_id = s->copy_queue, .syncs = { (uintptr_t)&sync, 1, sizeof(sync) },
	};

	return __nova_ioctl(s->fd, DRM_IOCTL_NOVA_EXEC, &args);
}

static void make_copy_queue(struct stage *s)
{
	struct drm_nova_queue_create args = {
		.vm_id = s->space.vm, .queue_class = DRM_NOVA_QUEUE_CLASS_COPY, .priority = 1,
	};

	nova_require_feature(s->fd, DRM_NOVA_FEATURE_EXEC);
	if (s->copy_queue)
		return;
	igt_assert_eq(__nova_ioctl(s->fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &args), 0);
	s->copy_queue = args.queue_id;
}

static void undo_signal(struct stage *s)
{
	nova_syncobj_destroy(s->fd, s->signal);
	s->signal = nova_syncobj_create(s->fd);
}

static int call_gem_madvise(struct stage *s)
{
	uint32_t retained;

	return __nova_gem_madvise(s->fd, s->space.bos[0], DRM_NOVA_MADVISE_WILLNEED, &retained);
}

static void require_madvise(struct stage *s)
{
	nova_require_feature(s->fd, DRM_NOVA_FEATURE_MADVISE);
}

/* Replaces, splits, unmaps, makes sparse and moves, all in one. */
static unsigned int all_ops(const struct stage *s, struct drm_nova_vm_bind_op ops[5])
{
	const struct nova_space *space = &s->space;

	ops[0] = nova_space_map_op(space, 10, 30, 1, 20);
	ops[1] = nova_space_unmap_op(space, 20, 3);
	ops[2] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = nova_space_va(space, 25),
		.range = 600 * NOVA_4K,
	};
	ops[3] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = s->private_bo,
		.va = space->base + (1ull << 39), .range = NOVA_64K,
	};
	ops[4] = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_PREFETCH, .va = ops[3].va, .range = NOVA_64K,
		.region = DRM_NOVA_REGION_SYSTEM,
	};
	return 5;
}

static int call_vm_bind(struct stage *s)
{
	struct drm_nova_vm_bind_op ops[5];
	unsigned int nr = all_ops(s, ops);

	return __nova_vm_bind_ops(s->fd, s->space.vm, ops, nr, NULL);
}

static int call_vm_bind_async(struct stage *s)
{
	struct drm_nova_vm_bind_op ops[5];
	struct drm_nova_sync sync = { .handle = s->signal, .flags = DRM_NOVA_SYNC_SIGNAL };
	struct drm_nova_vm_bind bind = {
		.vm_id = s->space.vm, .queue_id = s->queue, .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { (uintptr_t)ops, all_ops(s, ops), sizeof(ops[0]) },
		.syncs = { (uintptr_t)&sync, 1, sizeof(sync) },
	};

	return __nova_vm_bind(s->fd, &bind);
}

static int call_vm_bind_unmap(struct stage *s)
{
	struct drm_nova_vm_bind_op op = nova_space_unmap_op(&s->space, 0, NOVA_SPACE_PAGES);

	return __nova_vm_bind_op(s->fd, s->space.vm, &op);
}

static int call_vm_bind_unmap_bo(struct stage *s)
{
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = s->space.bos[0],
	};

	return __nova_vm_bind_op(s->fd, s->space.vm, &op);
}

/* Maps again what was mapped at the beginning, and nothing else; memory is back where it was. */
static void undo_bind(struct stage *s)
{
	const uint64_t far = s->space.base + (1ull << 39);
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_PREFETCH, .va = far, .range = NOVA_64K,
		.region = DRM_NOVA_REGION_VRAM,
	};

	/* All jobs of the queue and of the VM. */
	igt_assert_eq(__nova_vm_bind_async(s->fd, s->space.vm, s->queue, NULL, NULL, 0), 0);
	nova_vm_unmap(s->fd, s->space.vm, s->space.base, 700 * NOVA_4K);
	igt_assert_eq(__nova_vm_bind_op(s->fd, s->space.vm, &op), 0);
	nova_vm_unmap(s->fd, s->space.vm, far, NOVA_64K);
	op = nova_space_map_op(&s->space, 4, 16, 0, 8);
	igt_assert_eq(__nova_vm_bind_op(s->fd, s->space.vm, &op), 0);
	op = nova_space_map_op(&s->space, 30, 16, 1, 9);
	igt_assert_eq(__nova_vm_bind_op(s->fd, s->space.vm, &op), 0);
	undo_signal(s);
}

static const struct call {
	const char *name;
	int (*call)(struct stage *s);
	void (*before)(struct stage *s);
	void (*undo)(struct stage *s);
	bool never_fails;
} calls[] = {
	{ .name = "getparam", .call = call_getparam },
	{ .name = "info", .call = call_info },
	{ .name = "gem-create", .call = call_gem_create, .undo = undo_gem },
	{ .name = "gem-create2", .call = call_gem_create2, .undo = undo_gem },
	{ .name = "gem-create2-system", .call = call_gem_create2_system, .undo = undo_gem },
	{ .name = "gem-create2-private", .call = call_gem_create2_private, .undo = undo_gem },
	{ .name = "gem-info", .call = call_gem_info },
	{ .name = "gem-query", .call = call_gem_query },
	{ .name = "gem-mmap-offset", .call = call_gem_mmap_offset },
	{ .name = "gem-wait", .call = call_gem_wait },
	{ .name = "gem-madvise", .call = call_gem_madvise, .before = require_madvise },
	{ .name = "gem-set-label", .call = call_gem_set_label, .undo = undo_label },
	{ .name = "vm-create", .call = call_vm_create, .undo = undo_vm_create },
	{ .name = "vm-destroy", .call = call_vm_destroy, .before = make_vm,
	  .undo = undo_vm_create },
	{ .name = "vm-get-state", .call = call_vm_get_state },
	{ .name = "vm-query-ranges", .call = call_vm_query_ranges },
	{ .name = "queue-create", .call = call_queue_create, .undo = undo_queue_create },
	{ .name = "queue-destroy", .call = call_queue_destroy, .before = make_queue,
	  .undo = undo_queue_create },
	{ .name = "queue-get-state", .call = call_queue_get_state },
	{ .name = "exec", .call = call_exec, .before = make_copy_queue, .undo = undo_signal },
	{ .name = "vm-bind", .call = call_vm_bind, .undo = undo_bind },
	{ .name = "vm-bind-async", .call = call_vm_bind_async, .undo = undo_bind },
	{ .name = "vm-bind-unmap", .call = call_vm_bind_unmap,
	  .undo = undo_bind, .never_fails = true },
	{ .name = "vm-bind-unmap-bo", .call = call_vm_bind_unmap_bo,
	  .undo = undo_bind, .never_fails = true },
};

static void stage_init(struct stage *s, int fd)
{
	*s = (struct stage){ .fd = fd };
	nova_space_init(&s->space, fd);
	s->private_bo = nova_gem_create_private(fd, s->space.vm, NOVA_64K, NOVA_VRAM | NOVA_SYSTEM);
	s->queue = nova_queue_create(fd, s->space.vm, BIND);
	s->signal = nova_syncobj_create(fd);
	s->next_handle = nova_next_handle(fd);
	s->next_vm = nova_vm_create(fd);
	nova_vm_destroy(fd, s->next_vm);
	s->next_queue = nova_queue_create(fd, s->space.vm, BIND);
	igt_assert_eq(__nova_queue_destroy(fd, s->next_queue), 0);
	undo_bind(s);
	s->used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
}

static void stage_fini(struct stage *s)
{
	nova_syncobj_destroy(s->fd, s->signal);
	igt_assert_eq(__nova_queue_destroy(s->fd, s->queue), 0);
	if (s->copy_queue)
		igt_assert_eq(__nova_queue_destroy(s->fd, s->copy_queue), 0);
	nova_gem_close(s->fd, s->private_bo);
	nova_space_fini(&s->space);
}

/* An attempt; true if there was nothing left to fail. */
static bool attempt(struct stage *s, const struct call *call, unsigned int nth)
{
	char *before, *after;
	unsigned int left;
	bool same;
	int ret;

	if (call->before)
		call->before(s);
	before = snapshot(s);
	set_nth(nth);
	ret = call->call(s);
	left = end_nth();
	after = snapshot(s);
	same = !strcmp(before, after);
	igt_assert_f(!ret || ret == -ENOMEM || ret == -ENOSPC || ret == -EFAULT, "%u: %d\n", nth,
		     ret);
	igt_assert_f(!call->never_fails || !ret || ret == -EFAULT, "%u: %d\n", nth, ret);
	/*
	 * DRM copies the structure back when all is done: if that fails the call has
	 * happened. It is the last that can fail.
	 */
	igt_assert_f(!ret || same || ret == -EFAULT, "%u: error %d, was\n%sis\n%s", nth, ret,
		     before, after);
	if ((!ret || ret == -EFAULT) && call->undo)
		call->undo(s);
	free(before);
	free(after);
	return left;
}

/**
 * SUBTEST: %s
 * Description: %arg[1], its n-th allocation or copy failing, n from 1 until there is
 *              nothing left to fail: each error leaves all as it was, and no VRAM is lost
 *
 * arg[1]:
 *
 * @getparam:            GETPARAM
 * @info:                INFO
 * @gem-create:          GEM_CREATE
 * @gem-create2:         GEM_CREATE2 in VRAM
 * @gem-create2-system:  GEM_CREATE2 in SYSTEM
 * @gem-create2-private: GEM_CREATE2 for one VM
 * @gem-info:            GEM_INFO
 * @gem-query:           GEM_QUERY
 * @gem-mmap-offset:     GEM_MMAP_OFFSET
 * @gem-wait:            GEM_WAIT
 * @gem-madvise:         GEM_MADVISE
 * @gem-set-label:       GEM_SET_LABEL
 * @vm-create:           VM_CREATE
 * @vm-destroy:          VM_DESTROY
 * @vm-get-state:        VM_GET_STATE
 * @vm-query-ranges:     VM_QUERY_RANGES
 * @queue-create:        QUEUE_CREATE
 * @queue-destroy:       QUEUE_DESTROY
 * @queue-get-state:     QUEUE_GET_STATE
 * @exec:                EXEC that only waits and signals
 * @vm-bind:             VM_BIND with each kind of op
 * @vm-bind-async:       the same with ASYNC, on a queue, signalling a syncobj
 * @vm-bind-unmap:       UNMAP of whole mappings, which never fails for want of memory
 * @vm-bind-unmap-bo:    UNMAP_BO, likewise
 */
static void test_call(int fd, const struct call *call)
{
	struct stage s;
	unsigned int nth = 1;

	stage_init(&s, fd);
	while (!attempt(&s, call, nth))
		igt_assert_lt(nth++, MAX_NTH);
	igt_info("%s: %u failures\n", call->name, nth - 1);
	if (call->undo)
		call->undo(&s);
	/* One empty chunk of page tables may be kept. */
	nova_settle_vram(fd, s.used + NOVA_2M);
	stage_fini(&s);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture() {
		fd = nova_open();
		prepare_kernel();
	}

	for (i = 0; i < NR(calls); i++)
		igt_subtest_f("%s", calls[i].name)
			test_call(fd, &calls[i]);

	igt_fixture()
		drm_close_driver(fd);
}
