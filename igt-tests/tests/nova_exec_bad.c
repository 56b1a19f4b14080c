// SPDX-License-Identifier: MIT

/**
 * TEST: nova exec bad
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: EXEC on queues of class COPY
 * Description: calls that must be refused, and signal nothing
 */

#include <errno.h>
#include <stddef.h>

#include "igt.h"
#include "nova_scene.h"

IGT_TEST_DESCRIPTION("Calls of EXEC and QUEUE_CREATE that must be refused");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIGNAL DRM_NOVA_SYNC_SIGNAL

/**
 * SUBTEST: queue-classes
 * Description: COPY is there, COMPUTE and GRAPHICS are not, others do not exist
 */
static void test_classes(int fd)
{
	static const struct {
		uint32_t queue_class;
		int err;
	} classes[] = {
		{ DRM_NOVA_QUEUE_CLASS_BIND, 0 }, { DRM_NOVA_QUEUE_CLASS_COPY, 0 },
		{ DRM_NOVA_QUEUE_CLASS_COMPUTE, -EOPNOTSUPP },
		{ DRM_NOVA_QUEUE_CLASS_GRAPHICS, -EOPNOTSUPP }, { 4, -EINVAL },
	};
	uint32_t vm = nova_vm_create(fd), priority;
	unsigned int i;

	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	for (i = 0; i < NR(classes); i++) {
		for (priority = 0; priority < 3; priority++) {
			struct drm_nova_queue_create create = {
				.vm_id = vm, .queue_class = classes[i].queue_class,
				.priority = priority,
			};

			igt_assert_eq(__nova_queue_create(fd, &create), classes[i].err);
			if (!classes[i].err)
				igt_assert_eq(__nova_queue_destroy(fd, create.queue_id), 0);
		}
	}
	nova_vm_destroy(fd, vm);
}

static const struct {
	const char *name;
	struct drm_nova_exec_push push;
	int err;
} bad_pushes[] = {
	{ "va-unaligned", { NOVA_SCENE_PUSH + 2, 8, 0 }, -EINVAL },
	{ "size-unaligned", { NOVA_SCENE_PUSH, 6, 0 }, -EINVAL },
	{ "size-zero", { NOVA_SCENE_PUSH, 0, 0 }, -EINVAL },
	{ "size-above-limit", { NOVA_SCENE_PUSH, 1u << 23, 0 }, -EINVAL },
	{ "flag-unknown", { NOVA_SCENE_PUSH, 8, 1u << 1 }, -EINVAL },
	{ "va-wraps", { ~0ull - 3, 8, 0 }, -EINVAL },
	{ "va-outside", { 1ull << 57, 8, 0 }, -EINVAL },
};

/**
 * SUBTEST: bad-push-%s
 * Description: a bad field of a push is refused and signals nothing: %arg[1]
 *
 * arg[1]:
 *
 * @va-unaligned:     address
 * @size-unaligned:   size
 * @size-zero:        size
 * @size-above-limit: size
 * @flag-unknown:     flags
 * @va-wraps:         end of the address space
 * @va-outside:       beyond what a ring can name
 */
static void test_bad_push(int fd, unsigned int i)
{
	struct drm_nova_exec_push pushes[2] = { { NOVA_SCENE_PUSH, 8, 0 }, bad_pushes[i].push };
	struct drm_nova_sync sync = { .flags = SIGNAL };
	struct nova_scene s;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_VRAM);
	sync.handle = s.engine.syncobj;
	igt_assert_eq(__nova_exec(fd, s.engine.queue, pushes, 2, &sync, 1), bad_pushes[i].err);
	igt_assert_eq(nova_syncobj_wait(fd, sync.handle, 0, 0), -EINVAL);
	igt_assert_eq(__nova_exec(fd, s.engine.queue, pushes, 1, &sync, 1), 0);
	igt_assert_eq(nova_engine_wait(&s.engine), 0);
	nova_scene_fini(&s);
}

static const struct nova_bad bad_execs[] = {
	NOVA_BAD("flags", exec, flags, 1, -EINVAL),
	NOVA_BAD("queue-zero", exec, queue_id, 0, -ENOENT),
	NOVA_BAD("queue-unknown", exec, queue_id, 0x7fffffff, -ENOENT),
	NOVA_BAD("pushes-stride-odd", exec, pushes.stride, 12, -EINVAL),
	NOVA_BAD("pushes-stride-small", exec, pushes.stride, 8, -EINVAL),
	NOVA_BAD("pushes-stride-large", exec, pushes.stride, 264, -EINVAL),
	NOVA_BAD("pushes-many", exec, pushes.count, 1u << 20, -E2BIG),
	NOVA_BAD("pushes-null", exec, pushes.ptr, 0, -EFAULT),
	NOVA_BAD("syncs-stride", exec, syncs.stride, 20, -EINVAL),
	NOVA_BAD("syncs-many", exec, syncs.count, 1u << 20, -E2BIG),
	NOVA_BAD("syncs-null", exec, syncs.ptr, 0, -EFAULT),
};

/**
 * SUBTEST: bad-%s
 * Description: a bad field of the call is refused and signals nothing: %arg[1]
 *
 * arg[1]:
 *
 * @flags:               flags
 * @queue-zero:          queue_id
 * @queue-unknown:       queue_id
 * @pushes-stride-odd:   stride of pushes
 * @pushes-stride-small: stride of pushes
 * @pushes-stride-large: stride of pushes
 * @pushes-many:         count of pushes
 * @pushes-null:         address of pushes
 * @syncs-stride:        stride of syncs
 * @syncs-many:          count of syncs
 * @syncs-null:          address of syncs
 */
static void test_bad_exec(int fd, unsigned int i)
{
	struct drm_nova_exec_push push = { NOVA_SCENE_PUSH, 8, 0 };
	struct drm_nova_sync sync = { .flags = SIGNAL };
	struct drm_nova_exec exec;
	struct nova_scene s;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_VRAM);
	sync.handle = s.engine.syncobj;
	exec = (struct drm_nova_exec){
		.queue_id = s.engine.queue,
		.pushes = { (uintptr_t)&push, 1, sizeof(push) },
		.syncs = { (uintptr_t)&sync, 1, sizeof(sync) },
	};
	nova_poke(&exec, &bad_execs[i]);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_EXEC, &exec), bad_execs[i].err);
	igt_assert_eq(nova_syncobj_wait(fd, sync.handle, 0, 0), -EINVAL);
	nova_scene_fini(&s);
}

/**
 * SUBTEST: bad-queue-class
 * Description: EXEC on a BIND queue and VM_BIND on a COPY queue are refused
 */
static void test_bad_class(int fd)
{
	struct drm_nova_exec_push push = { NOVA_SCENE_PUSH, 8, 0 };
	struct drm_nova_vm_bind bind;
	struct nova_scene s;
	uint32_t queue;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_VRAM);
	queue = nova_queue_create(fd, s.vm, DRM_NOVA_QUEUE_CLASS_BIND);
	igt_assert_eq(__nova_exec(fd, queue, &push, 1, NULL, 0), -EINVAL);
	igt_assert_eq(__nova_exec(fd, queue, NULL, 0, NULL, 0), -EINVAL);
	bind = (struct drm_nova_vm_bind){ .vm_id = s.vm, .queue_id = s.engine.queue };
	igt_assert_eq(__nova_vm_bind(fd, &bind), -EINVAL);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	nova_scene_fini(&s);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	igt_subtest("queue-classes")
		test_classes(fd);
	igt_subtest("bad-queue-class")
		test_bad_class(fd);
	for (i = 0; i < NR(bad_pushes); i++)
		igt_subtest_f("bad-push-%s", bad_pushes[i].name)
			test_bad_push(fd, i);
	for (i = 0; i < NR(bad_execs); i++)
		igt_subtest_f("bad-%s", bad_execs[i].name)
			test_bad_exec(fd, i);

	igt_fixture()
		drm_close_driver(fd);
}
