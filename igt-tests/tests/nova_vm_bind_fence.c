// SPDX-License-Identifier: MIT

/**
 * TEST: nova vm bind fence
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_BIND with ASYNC and fences that do not signal
 * Description: while a bind waits for a fence nothing else has to
 */

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_sync.h"

IGT_TEST_DESCRIPTION("While a bind waits for a fence nothing else has to");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define VA (1ull << 33)
#define BIND DRM_NOVA_QUEUE_CLASS_BIND

/* A VM with a MAP on its way that waits for the first step of a timeline. */
struct waiting {
	int fd;
	int timeline;
	uint32_t vm;
	uint32_t handle;
	uint32_t done;	/* syncobj the MAP signals */
	struct drm_nova_vm_bind_op op;
};

static uint32_t wait_syncobj(int fd, int timeline, uint32_t value)
{
	int fence = nova_sw_fence(timeline, value);
	uint32_t syncobj = nova_syncobj_import(fd, fence);

	close(fence);
	return syncobj;
}

static void waiting_bind(struct waiting *w, uint32_t queue)
{
	struct drm_nova_sync syncs[2] = {
		{ .handle = wait_syncobj(w->fd, w->timeline, 1) },
		{ .handle = w->done, .flags = DRM_NOVA_SYNC_SIGNAL },
	};

	igt_assert_eq(__nova_vm_bind_async(w->fd, w->vm, queue, &w->op, syncs, 2), 0);
	nova_syncobj_destroy(w->fd, syncs[0].handle);
}

static void waiting_init(struct waiting *w, int fd)
{
	nova_require_feature(fd, DRM_NOVA_FEATURE_ASYNC_BIND);
	*w = (struct waiting){ .fd = fd, .timeline = nova_sw_timeline() };
	w->vm = nova_vm_create(fd);
	w->handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	w->done = nova_syncobj_create(fd);
	w->op = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = w->handle, .va = VA, .range = NOVA_2M,
	};
}

static void waiting_fini(struct waiting *w)
{
	close(w->timeline);
	igt_assert_eq(nova_syncobj_wait_until(w->fd, w->done, 0, nova_deadline(30000)), 0);
	nova_syncobj_destroy(w->fd, w->done);
	nova_gem_close(w->fd, w->handle);
	nova_vm_destroy(w->fd, w->vm);
}

static void settle(int fd, uint64_t used)
{
	/* One empty chunk of page tables is kept. */
	nova_settle_vram(fd, used + NOVA_2M);
}

/**
 * SUBTEST: waits
 * Description: the GPU sees nothing of a bind before its fence has signalled, and
 *              all of it afterwards; the object counts as busy
 */
static void test_waits(int fd)
{
	struct waiting w;
	struct nova_eye eye;
	uint32_t word;

	waiting_init(&w, fd);
	eye = nova_eye(fd, w.vm);
	waiting_bind(&w, 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, w.done, 0, nova_deadline(100)), -ETIME);
	igt_assert(nova_eye_faults(&eye, VA));
	igt_assert_eq(__nova_gem_wait(fd, w.handle, DRM_NOVA_GEM_WAIT_NOWAIT, 0), -EBUSY);
	nova_sw_signal(w.timeline, 1);
	igt_assert_eq(nova_syncobj_wait_until(fd, w.done, 0, nova_deadline(30000)), 0);
	igt_assert_eq(nova_eye_read(&eye, VA, &word, sizeof(word)), 0);
	nova_eye_close(&eye);
	waiting_fini(&w);
}

/**
 * SUBTEST: queue-waits-in-order
 * Description: what is submitted behind a waiting bind waits, on the same queue
 *              always, on another only where it overlaps
 */
static void test_order(int fd)
{
	struct drm_nova_sync sync = { .flags = DRM_NOVA_SYNC_SIGNAL };
	struct drm_nova_vm_bind_op other;
	struct waiting w;
	uint32_t queue;

	waiting_init(&w, fd);
	waiting_bind(&w, 0);
	queue = nova_queue_create(fd, w.vm, BIND);
	sync.handle = nova_syncobj_create(fd);
	other = w.op;
	other.va += NOVA_2M;
	igt_assert_eq(__nova_vm_bind_async(fd, w.vm, queue, &other, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(30000)), 0);
	igt_assert_eq(__nova_vm_bind_async(fd, w.vm, 0, NULL, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(100)), -ETIME);
	other.va -= NOVA_4K;
	igt_assert_eq(__nova_vm_bind_async(fd, w.vm, queue, &other, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(100)), -ETIME);
	nova_sw_signal(w.timeline, 1);
	igt_assert_eq(nova_syncobj_wait_until(fd, sync.handle, 0, nova_deadline(30000)), 0);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	nova_syncobj_destroy(fd, sync.handle);
	waiting_fini(&w);
}

/**
 * SUBTEST: fence-fails
 * Description: a fence that signals with an error is a fence that has signalled
 */
static void test_error(int fd)
{
	struct waiting w;
	struct nova_eye eye;
	uint32_t word;

	waiting_init(&w, fd);
	eye = nova_eye(fd, w.vm);
	waiting_bind(&w, 0);
	close(w.timeline);
	igt_assert_eq(nova_syncobj_wait_until(fd, w.done, 0, nova_deadline(30000)), 0);
	igt_assert_eq(nova_eye_read(&eye, VA, &word, sizeof(word)), 0);
	nova_eye_close(&eye);
	w.timeline = nova_sw_timeline();
	waiting_fini(&w);
}

/**
 * SUBTEST: destroy-vm
 * Description: destroying a VM does not wait for its binds; they and its memory go
 *              when the fence has signalled
 */
static void test_destroy_vm(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	struct waiting w;

	waiting_init(&w, fd);
	waiting_bind(&w, 0);
	nova_vm_destroy(fd, w.vm);
	igt_assert_eq(__nova_vm_destroy(fd, w.vm), -ENOENT);
	igt_assert_eq(nova_syncobj_wait_until(fd, w.done, 0, nova_deadline(100)), -ETIME);
	w.vm = nova_vm_create(fd);
	waiting_fini(&w);
	settle(fd, used);
}

/**
 * SUBTEST: destroy-queue
 * Description: destroying a queue does not wait for its binds, which still happen
 */
static void test_destroy_queue(int fd)
{
	struct waiting w;
	struct nova_eye eye;
	uint32_t word, queue;

	waiting_init(&w, fd);
	eye = nova_eye(fd, w.vm);
	queue = nova_queue_create(fd, w.vm, BIND);
	waiting_bind(&w, queue);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	nova_sw_signal(w.timeline, 1);
	igt_assert_eq(nova_syncobj_wait_until(fd, w.done, 0, nova_deadline(30000)), 0);
	igt_assert_eq(nova_eye_read(&eye, VA, &word, sizeof(word)), 0);
	nova_eye_close(&eye);
	waiting_fini(&w);
}

/**
 * SUBTEST: close
 * Description: closing the file does not wait for its binds
 */
static void test_close(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	struct waiting w;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		waiting_init(&w, nova_open_again(fd));
		waiting_bind(&w, i & 1 ? nova_queue_create(w.fd, w.vm, BIND) : 0);
		close(w.fd);
		igt_assert(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) >= used + NOVA_2M);
		nova_sw_signal(w.timeline, 1);
		settle(fd, used);
		close(w.timeline);
	}
}

static struct drm_nova_vm_bind_op unmap_op(const struct waiting *w)
{
	return (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = w->op.va, .range = w->op.range,
	};
}

static int sync_bind(const struct waiting *w)
{
	struct drm_nova_vm_bind_op op = unmap_op(w);

	return __nova_vm_bind_op(w->fd, w->vm, &op);
}

/* Not again after EINTR, as everybody else does. */
static int sync_bind_once(const struct waiting *w)
{
	struct drm_nova_vm_bind_op op = unmap_op(w);
	struct drm_nova_vm_bind args = {
		.vm_id = w->vm, .ops = { (uintptr_t)&op, 1, sizeof(op) },
	};

	return ioctl(w->fd, DRM_IOCTL_NOVA_VM_BIND, &args) ? -errno : 0;
}

/* A client in a synchronous bind that waits; @pipe tells when it begins. */
static int client(int fd, int pipe)
{
	struct waiting w;

	waiting_init(&w, nova_open_again(fd));
	waiting_bind(&w, 0);
	igt_assert_eq(write(pipe, "", 1), 1);
	return sync_bind(&w);
}

/* Forks a client and waits until it is in its bind; it exits with 0 if that gives @err. */
static pid_t client_fork(int fd, int err)
{
	int ends[2];
	char byte;
	pid_t pid;

	close(nova_sw_timeline());
	igt_assert_eq(pipe(ends), 0);
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid)
		_exit(client(fd, ends[1]) != err);
	igt_assert_eq(read(ends[0], &byte, 1), 1);
	usleep(500000);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

/**
 * SUBTEST: kill
 * Description: a client that is killed in a synchronous bind, holding the fence the
 *              bind waits for, is gone at once and leaves nothing behind
 */
static void test_kill(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	pid_t pid = client_fork(fd, 0);
	int status;

	igt_assert_eq(kill(pid, SIGKILL), 0);
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	settle(fd, used);
}

static void on_signal(int nr)
{
	(void)nr;
}

static void *interrupt(void *arg)
{
	unsigned int i;

	/* Until the bind is past its commit */
	usleep(100000);
	for (i = 0; i < 20; i++) {
		usleep(10000);
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
	}
	return NULL;
}

/**
 * SUBTEST: signals-do-not-interrupt
 * Description: after its commit a synchronous bind waits through signals and returns
 *              when the GPU sees the change
 */
static void test_signals(int fd)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t self = pthread_self(), thread;
	struct waiting w;
	struct nova_eye eye;
	pid_t pid;

	waiting_init(&w, fd);
	eye = nova_eye(fd, w.vm);
	waiting_bind(&w, 0);
	sigaction(SIGUSR1, &action, NULL);
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid) {
		usleep(400000);
		nova_sw_signal(w.timeline, 1);
		_exit(0);
	}
	igt_assert_eq(pthread_create(&thread, NULL, interrupt, &self), 0);
	igt_assert_eq(sync_bind_once(&w), 0);
	igt_assert(nova_eye_faults(&eye, VA));
	igt_assert_eq(nova_syncobj_wait_until(fd, w.done, 0, 0), 0);
	pthread_join(thread, NULL);
	waitpid(pid, NULL, 0);
	nova_eye_close(&eye);
	waiting_fini(&w);
}

static void write_sysfs(const char *path, const char *text)
{
	int file = open(path, O_WRONLY), put;

	igt_assert_f(file >= 0, "%s\n", path);
	put = write(file, text, strlen(text));
	close(file);
	igt_assert_eq(put, strlen(text));
}

/**
 * SUBTEST: unplug
 * Description: an unplug does not wait for a synchronous bind that waits for a
 *              fence: the bind returns ENODEV
 */
static int test_unplug(int fd)
{
	char device[64];
	int status;
	pid_t pid;

	igt_assert_eq(nova_debug_device(fd, device, sizeof(device)), 0);
	pid = client_fork(fd, -ENODEV);
	drm_close_driver(fd);
	write_sysfs("/sys/bus/platform/drivers/drm_nova/unbind", device);
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	write_sysfs("/sys/bus/platform/drivers/drm_nova/bind", device);
	return nova_open();
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "waits", test_waits },
	{ "queue-waits-in-order", test_order },
	{ "fence-fails", test_error },
	{ "destroy-vm", test_destroy_vm },
	{ "destroy-queue", test_destroy_queue },
	{ "close", test_close },
	{ "kill", test_kill },
	{ "signals-do-not-interrupt", test_signals },
};

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(tests); i++)
		igt_subtest_f("%s", tests[i].name)
			tests[i].run(fd);
	igt_subtest("unplug")
		fd = test_unplug(fd);

	igt_fixture()
		drm_close_driver(fd);
}
