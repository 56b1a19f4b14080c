// SPDX-License-Identifier: MIT

/**
 * TEST: nova vm bind async
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_BIND with ASYNC, bind queues, syncobjs
 * Description: order, fences, and errors that leave no trace
 */

#include <errno.h>
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_debug.h"
#include "nova_ioctl.h"
#include "nova_sync.h"

IGT_TEST_DESCRIPTION("Asynchronous binds, their queues and their fences");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define VA (1ull << 33)
#define SIGNAL DRM_NOVA_SYNC_SIGNAL
#define TIMELINE DRM_NOVA_SYNC_TIMELINE

struct space {
	int fd;
	uint32_t vm, handle[2];
	void *ptr[2];
	struct nova_eye eye;
};

static void space_init(struct space *space, int fd)
{
	unsigned int i;

	nova_require_feature(fd, DRM_NOVA_FEATURE_ASYNC_BIND);
	space->fd = fd;
	space->vm = nova_vm_create(fd);
	for (i = 0; i < 2; i++) {
		space->handle[i] = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
		space->ptr[i] = nova_gem_mmap(fd, space->handle[i], 0, NOVA_64K);
		nova_fill(space->ptr[i], NOVA_64K, 100 + i);
	}
	space->eye = nova_eye(fd, space->vm);
}

static void space_fini(struct space *space)
{
	unsigned int i;

	nova_eye_close(&space->eye);
	for (i = 0; i < 2; i++) {
		munmap(space->ptr[i], NOVA_64K);
		nova_gem_close(space->fd, space->handle[i]);
	}
	nova_vm_destroy(space->fd, space->vm);
}

static struct drm_nova_vm_bind_op map_op(const struct space *space, unsigned int which)
{
	return (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = space->handle[which],
		.va = VA, .range = NOVA_64K,
	};
}

static struct drm_nova_vm_bind_op unmap_op(void)
{
	return (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = VA, .range = NOVA_64K,
	};
}

/* One operation, or none with @op NULL. */
static int bind_async(const struct space *space, uint32_t queue,
		      const struct drm_nova_vm_bind_op *op, const struct drm_nova_sync *syncs,
		      unsigned int nr_syncs)
{
	return __nova_vm_bind_async(space->fd, space->vm, queue, op, syncs, nr_syncs);
}

/**
 * SUBTEST: signals-when-mapped
 * Description: when the fence has signalled the GPU sees the map, and then the unmap
 */
static void test_signals(int fd)
{
	struct drm_nova_sync sync = { .flags = SIGNAL };
	struct drm_nova_vm_bind_op op;
	struct space space;

	space_init(&space, fd);
	sync.handle = nova_syncobj_create(fd);
	op = map_op(&space, 0);
	igt_assert_eq(bind_async(&space, 0, &op, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(30000)), 0);
	igt_assert(nova_eye_sees(&space.eye, VA, space.ptr[0], NOVA_64K));
	op = unmap_op();
	igt_assert_eq(bind_async(&space, 0, &op, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(30000)), 0);
	igt_assert(nova_eye_faults(&space.eye, VA));
	nova_syncobj_destroy(fd, sync.handle);
	space_fini(&space);
}

/**
 * SUBTEST: timeline-chain
 * Description: 256 binds, each waiting for the point of the one before
 */
static void test_timeline(int fd)
{
	uint32_t timeline = nova_syncobj_create(fd);
	struct drm_nova_vm_bind_op op;
	struct space space;
	unsigned int i;

	space_init(&space, fd);
	for (i = 1; i <= 256; i++) {
		struct drm_nova_sync syncs[2] = {
			{ timeline, TIMELINE | SIGNAL, i },
			{ timeline, TIMELINE, i - 1 },
		};

		op = map_op(&space, i & 1);
		igt_assert_eq(bind_async(&space, 0, &op, syncs, i > 1 ? 2 : 1), 0);
	}
	igt_assert_eq(nova_syncobj_wait_until(fd, timeline, 256, nova_deadline(30000)), 0);
	igt_assert(nova_eye_sees(&space.eye, VA, space.ptr[0], NOVA_64K));
	nova_syncobj_destroy(fd, timeline);
	space_fini(&space);
}

/**
 * SUBTEST: wait-and-signal-one-syncobj
 * Description: one call waits on a syncobj and signals it again
 */
static void test_wait_and_signal(int fd)
{
	struct drm_nova_sync syncs[2] = { { .flags = SIGNAL }, {} };
	struct drm_nova_vm_bind_op op;
	struct space space;
	unsigned int i;

	space_init(&space, fd);
	syncs[0].handle = syncs[1].handle = nova_syncobj_create(fd);
	op = map_op(&space, 0);
	igt_assert_eq(bind_async(&space, 0, &op, syncs, 1), 0);
	for (i = 1; i < 8; i++) {
		op = map_op(&space, i & 1);
		igt_assert_eq(bind_async(&space, 0, &op, syncs, 2), 0);
	}
	igt_assert_eq(nova_syncobj_wait_until(fd, syncs[0].handle, 0, nova_deadline(30000)), 0);
	igt_assert(nova_eye_sees(&space.eye, VA, space.ptr[1], NOVA_64K));
	nova_syncobj_destroy(fd, syncs[0].handle);
	space_fini(&space);
}

/**
 * SUBTEST: sync-follows-async
 * Description: a synchronous call takes effect after asynchronous ones on its queue
 */
static void test_sync_follows(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct space space;
	unsigned int i;

	space_init(&space, fd);
	for (i = 0; i < 64; i++) {
		op = map_op(&space, 0);
		igt_assert_eq(bind_async(&space, 0, &op, NULL, 0), 0);
		op = map_op(&space, 1);
		igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &op), 0);
		igt_assert(nova_eye_sees(&space.eye, VA, space.ptr[1], NOVA_64K));
	}
	space_fini(&space);
}

/**
 * SUBTEST: join
 * Description: a call without operations signals after all before it on its queue
 */
static void test_join(int fd)
{
	struct drm_nova_sync sync = { .flags = SIGNAL };
	struct drm_nova_vm_bind_op op;
	struct space space;
	unsigned int i;

	space_init(&space, fd);
	sync.handle = nova_syncobj_create(fd);
	for (i = 0; i < 32; i++) {
		op = i & 1 ? unmap_op() : map_op(&space, 0);
		igt_assert_eq(bind_async(&space, 0, &op, NULL, 0), 0);
	}
	igt_assert_eq(bind_async(&space, 0, NULL, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(30000)), 0);
	igt_assert(nova_eye_faults(&space.eye, VA));
	nova_syncobj_destroy(fd, sync.handle);
	space_fini(&space);
}

/**
 * SUBTEST: queues-overlap
 * Description: overlapping binds on two queues leave the page tables as the tree says
 */
static void test_queues_overlap(int fd)
{
	struct drm_nova_sync sync = { .flags = SIGNAL };
	struct drm_nova_vm_bind_op op;
	struct space space;
	uint32_t queue[2];
	unsigned int i;

	space_init(&space, fd);
	sync.handle = nova_syncobj_create(fd);
	queue[0] = nova_queue_create(space.fd, space.vm, DRM_NOVA_QUEUE_CLASS_BIND);
	queue[1] = nova_queue_create(space.fd, space.vm, DRM_NOVA_QUEUE_CLASS_BIND);
	for (i = 0; i < 101; i++) {
		op = map_op(&space, i & 1);
		igt_assert_eq(bind_async(&space, queue[i & 1], &op, &sync, 1), 0);
	}
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(30000)), 0);
	igt_assert(nova_eye_sees(&space.eye, VA, space.ptr[0], NOVA_64K));
	for (i = 0; i < 2; i++)
		igt_assert_eq(__nova_queue_destroy(fd, queue[i]), 0);
	nova_syncobj_destroy(fd, sync.handle);
	space_fini(&space);
}

/**
 * SUBTEST: object-outlives-handle
 * Description: objects closed while a bind is on its way are mapped and freed in order
 */
static void test_handles(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	struct drm_nova_vm_bind_op op;
	struct space space;
	unsigned int i;

	space_init(&space, fd);
	for (i = 0; i < 64; i++) {
		uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);

		op = map_op(&space, 0);
		op.handle = handle;
		igt_assert_eq(bind_async(&space, 0, &op, NULL, 0), 0);
		nova_gem_close(fd, handle);
	}
	op = map_op(&space, 1);
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &op), 0);
	igt_assert(nova_eye_sees(&space.eye, VA, space.ptr[1], NOVA_64K));
	space_fini(&space);
	nova_settle_vram(fd, used);
}

/**
 * SUBTEST: close-in-flight
 * Description: a file may be closed with queues and binds in flight
 */
static void test_close(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	unsigned int i, round;

	for (round = 0; round < 8; round++) {
		struct space space = { .fd = nova_open_again(fd) };
		struct drm_nova_vm_bind_op op;
		uint32_t queue;

		nova_require_feature(fd, DRM_NOVA_FEATURE_ASYNC_BIND);
		space.vm = nova_vm_create(space.fd);
		space.handle[0] = nova_gem_create(space.fd, NOVA_64K, NOVA_VRAM);
		queue = nova_queue_create(space.fd, space.vm, DRM_NOVA_QUEUE_CLASS_BIND);
		for (i = 0; i < 64; i++) {
			op = map_op(&space, 0);
			op.va += i * NOVA_2M;
			igt_assert_eq(bind_async(&space, i & 1 ? queue : 0, &op, NULL, 0), 0);
		}
		close(space.fd);
	}
	nova_settle_vram(fd, used);
}

/**
 * SUBTEST: bad-sync
 * Description: a bad syncobj element gives its error, changes nothing, signals nothing
 */
static void test_bad_sync(int fd)
{
	uint32_t good = nova_syncobj_create(fd), empty = nova_syncobj_create(fd);
	const struct {
		struct drm_nova_sync sync;
		int err;
	} bad[] = {
		{ { good, 2, 0 }, -EINVAL },
		{ { good, 1u << 8, 0 }, -EINVAL },
		{ { good, 1u << 30, 0 }, -EINVAL },
		{ { good, 0, 1 }, -EINVAL },
		{ { good, SIGNAL, 1 }, -EINVAL },
		{ { good, TIMELINE, 0 }, -EINVAL },
		{ { good, TIMELINE | SIGNAL, 0 }, -EINVAL },
		{ { 0, 0, 0 }, -ENOENT },
		{ { 0x7fffffff, SIGNAL, 0 }, -ENOENT },
		{ { 0x7fffffff, TIMELINE | SIGNAL, 1 }, -ENOENT },
		{ { empty, 0, 0 }, -EINVAL },
		{ { empty, TIMELINE, 1 }, -EINVAL },
	};
	struct drm_nova_vm_bind_op op;
	struct space space;
	unsigned int i;

	space_init(&space, fd);
	op = map_op(&space, 0);
	for (i = 0; i < NR(bad); i++) {
		struct drm_nova_sync syncs[2] = { { good, SIGNAL, 0 }, bad[i].sync };

		igt_assert_f(bind_async(&space, 0, &op, syncs, 2) == bad[i].err, "case %u\n", i);
		igt_assert(nova_eye_faults(&space.eye, VA));
		/* Nothing was attached, so there is nothing to wait for. */
		igt_assert_eq(nova_syncobj_wait_until(fd, good, 0, 0), -EINVAL);
	}
	nova_syncobj_destroy(fd, good);
	nova_syncobj_destroy(fd, empty);
	space_fini(&space);
}

/**
 * SUBTEST: bad-queue
 * Description: each bad field of the queue calls gives its error
 */
static void test_bad_queue(int fd)
{
	struct space space, other;
	struct drm_nova_vm_bind_op op;
	uint32_t queue;
	unsigned int i;
	const struct {
		struct drm_nova_queue_create create;
		int err;
	} bad[] = {
		{ { .queue_class = 4 }, -EINVAL },
		{ { .flags = 1 }, -EINVAL },
		{ { .priority = 3 }, -EINVAL },
		{ { .queue_id = 1 }, -EINVAL },
		{ { .pad = 1 }, -EINVAL },
		{ { .queue_class = 2 }, -EOPNOTSUPP },
		{ { .queue_class = 3 }, -EOPNOTSUPP },
		{ { .vm_id = 0x7fffffff }, -ENOENT },
	};

	space_init(&space, fd);
	space_init(&other, fd);
	for (i = 0; i < NR(bad); i++) {
		struct drm_nova_queue_create create = bad[i].create;

		if (!create.vm_id)
			create.vm_id = space.vm;
		igt_assert_f(__nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &create) == bad[i].err,
			     "case %u\n", i);
	}
	queue = nova_queue_create(space.fd, space.vm, DRM_NOVA_QUEUE_CLASS_BIND);
	op = map_op(&other, 0);
	igt_assert_eq(bind_async(&other, queue, &op, NULL, 0), -EINVAL);
	igt_assert_eq(bind_async(&other, 0x7fffffff, &op, NULL, 0), -ENOENT);
	igt_assert_eq(__nova_vm_destroy(fd, space.vm), -EBUSY);
	igt_assert_eq(__nova_queue_destroy(fd, 0x7fffffff), -ENOENT);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	igt_assert_eq(__nova_queue_destroy(fd, queue), -ENOENT);
	space_fini(&other);
	space_fini(&space);
}

/**
 * SUBTEST: max-queues
 * Description: the published number of queues can be made, one more gives ENOSPC
 */
static void test_max_queues(int fd)
{
	struct drm_nova_info_limits limits;
	struct space space;
	uint32_t *queues;
	unsigned int i;

	space_init(&space, fd);
	nova_info(fd, DRM_NOVA_INFO_LIMITS, sizeof(limits), &limits);
	queues = calloc(limits.max_queues, sizeof(*queues));
	for (i = 0; i < limits.max_queues; i++)
		queues[i] = nova_queue_create(space.fd, space.vm, DRM_NOVA_QUEUE_CLASS_BIND);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE,
				   &(struct drm_nova_queue_create){ .vm_id = space.vm }), -ENOSPC);
	for (i = 0; i < limits.max_queues; i++)
		igt_assert_eq(__nova_queue_destroy(fd, queues[i]), 0);
	free(queues);
	space_fini(&space);
}

int igt_main()
{
	int fd;

	igt_fixture()
		fd = nova_open();

	igt_subtest("signals-when-mapped")
		test_signals(fd);
	igt_subtest("timeline-chain")
		test_timeline(fd);
	igt_subtest("wait-and-signal-one-syncobj")
		test_wait_and_signal(fd);
	igt_subtest("sync-follows-async")
		test_sync_follows(fd);
	igt_subtest("join")
		test_join(fd);
	igt_subtest("queues-overlap")
		test_queues_overlap(fd);
	igt_subtest("object-outlives-handle")
		test_handles(fd);
	igt_subtest("close-in-flight")
		test_close(fd);
	igt_subtest("bad-sync")
		test_bad_sync(fd);
	igt_subtest("bad-queue")
		test_bad_queue(fd);
	igt_subtest("max-queues")
		test_max_queues(fd);

	igt_fixture()
		close(fd);
}
