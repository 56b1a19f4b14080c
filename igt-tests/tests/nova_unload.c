// SPDX-License-Identifier: MIT

/**
 * TEST: nova unload
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: lifetime
 * Description: the driver's module goes, and comes back
 */

#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_push.h"
#include "nova_share.h"
#include "nova_unplug.h"

IGT_TEST_DESCRIPTION("The driver's module goes, and comes back");

#define SIZE (4 * NOVA_64K)
#define VA (1ull << 33)

/* A bind and, where there can be any, a job that wait for vgem; returns its number of the fence. */
static uint32_t submit_behind_vgem(int fd, const struct nova_peer *vgem,
				   const struct nova_peer_buf *buf)
{
	uint32_t fence, queue, vm = nova_vm_create(fd);
	struct drm_nova_sync sync = { .handle = nova_vgem_syncobj(fd, vgem, buf, &fence) };
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .va = VA, .range = SIZE,
		.handle = nova_gem_create(fd, SIZE, NOVA_SYSTEM),
	};
	struct drm_nova_vm_bind bind = {
		.vm_id = vm, .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { (uintptr_t)&op, 1, sizeof(op) },
		.syncs = { (uintptr_t)&sync, 1, sizeof(sync) },
	};

	igt_assert_eq(__nova_vm_bind(fd, &bind), 0);
	if (nova_getparam(fd, DRM_NOVA_PARAM_FEATURES) & DRM_NOVA_FEATURE_EXEC) {
		queue = nova_queue_create(fd, vm, DRM_NOVA_QUEUE_CLASS_COPY);
		igt_assert_eq(__nova_exec(fd, queue, NULL, 0, &sync, 1), 0);
	}
	return fence;
}

/* Until the driver has let go of every device, five seconds at most. */
static bool is_let_go_of(void)
{
	for (unsigned int i = 0; i < 500 && nova_driver_is_registered(); i++)
		usleep(10000);
	return !nova_driver_is_registered();
}

static int unload_status(pid_t pid)
{
	int status;

	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void unload_behind_vgem(int fd)
{
	struct nova_peer vgem = nova_peer_open(fd, NOVA_PEER_VGEM);
	struct nova_peer_buf buf = nova_peer_buf(&vgem, SIZE);
	uint32_t fence = submit_behind_vgem(fd, &vgem, &buf);
	pid_t pid;

	close(fd);
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid)
		_exit(-nova_driver_unload());
	igt_assert(is_let_go_of());
	/* Nothing is left to do but to wait. */
	usleep(300000);
	igt_assert_eq(waitpid(pid, NULL, WNOHANG), 0);
	/* An error if the fence had signalled by itself by now. */
	igt_assert_eq(nova_vgem_signal(&vgem, fence), 0);
	igt_assert_eq(unload_status(pid), 0);
	nova_peer_buf_close(&vgem, &buf);
	nova_peer_close(&vgem);
}

/* The first device there is. Not as nova_open() does: libigt would keep a file of its own open. */
static int open_first(void)
{
	return nova_peer_open(-1, NOVA_PEER_NOVA).fd;
}

static void check_driver_works(void)
{
	int fd = open_first();
	uint32_t handle = nova_gem_create(fd, SIZE, NOVA_VRAM), vm = nova_vm_create(fd);

	nova_vm_map(fd, vm, handle, 0, VA, SIZE);
	close(fd);
}

/**
 * SUBTEST: idle
 * Description: a driver that nobody uses is unloaded at once; one with an open file is not
 */
static void test_idle(int fd)
{
	igt_assert_eq(nova_driver_unload(), -EAGAIN);
	close(fd);
	igt_assert_eq(nova_driver_unload(), 0);
}

/**
 * SUBTEST: pending
 * Description: while a bind and a job of a file that was closed wait for a fence, unloading lets
 *              go of the devices, then waits for the fence as well
 */
static void test_pending(int fd)
{
	nova_require_feature(fd, DRM_NOVA_FEATURE_ASYNC_BIND);
	unload_behind_vgem(fd);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "idle", test_idle },
	{ "pending", test_pending },
};

int igt_main()
{
	const char *module;

	igt_fixture()
		module = nova_driver_file();

	for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		igt_subtest_f("%s", tests[i].name) {
			tests[i].run(open_first());
			igt_assert_eq(nova_driver_load(module), 0);
			check_driver_works();
		}
	}
}
