// SPDX-License-Identifier: MIT

/**
 * DOC: Work for the copy engine
 *
 * Builds pushes method by method, from the published class headers and on its own,
 * and runs them on a queue of class COPY. The push lies in an object of its own,
 * mapped in the VM; one push at a time.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <drm.h>
#include <linux/sync_file.h>

#include "igt.h"
#include "nova_push.h"

#define PUSH_BYTES (NOVA_PUSH_WORDS * 4ull)

static uint32_t copy_class(int fd)
{
	static const struct {
		uint32_t chip, copy_class;
	} classes[] = {
		{ 0x1b0, 0xcab5 }, { 0x1a0, 0xc9b5 }, { 0x190, 0xc7b5 }, { 0x180, 0xc8b5 },
		{ 0x171, 0xc7b5 }, { 0x170, 0xc6b5 }, { 0x160, 0xc5b5 },
	};
	uint64_t chip = nova_getparam(fd, DRM_NOVA_PARAM_CHIPSET_ID);
	unsigned int i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (chip >= classes[i].chip)
			return classes[i].copy_class;
	return 0;
}

/**
 * nova_engine_init() - create a queue and a place for pushes
 * @engine: returns it
 * @fd: device
 * @vm: VM
 * @va: where to map the place, a multiple of 64 KiB
 *
 * Skips the test where queues cannot execute.
 */
void nova_engine_init(struct nova_engine *engine, int fd, uint32_t vm, uint64_t va)
{
	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	*engine = (struct nova_engine){ .fd = fd, .vm = vm, .va = va };
	engine->copy_class = copy_class(fd);
	engine->handle = nova_gem_create(fd, PUSH_BYTES, NOVA_SYSTEM);
	engine->words = nova_gem_mmap(fd, engine->handle, 0, PUSH_BYTES);
	nova_vm_map(fd, vm, engine->handle, 0, va, PUSH_BYTES);
	engine->queue = nova_queue_create(fd, vm, DRM_NOVA_QUEUE_CLASS_COPY);
	engine->syncobj = nova_syncobj_create(fd);
	nova_push_start(engine);
}

/**
 * nova_engine_fini() - destroy all of it
 * @engine: the engine
 */
void nova_engine_fini(struct nova_engine *engine)
{
	nova_syncobj_destroy(engine->fd, engine->syncobj);
	igt_assert_eq(__nova_queue_destroy(engine->fd, engine->queue), 0);
	nova_vm_unmap(engine->fd, engine->vm, engine->va, PUSH_BYTES);
	munmap((void *)engine->words, PUSH_BYTES);
	nova_gem_close(engine->fd, engine->handle);
}

/**
 * nova_push_start() - begin a new push
 * @engine: the engine, idle
 *
 * Binds the copy class to subchannel 4.
 */
void nova_push_start(struct nova_engine *engine)
{
	engine->nr = 0;
	nova_push_method(engine, 4, 0, 1);
	nova_push_word(engine, engine->copy_class);
}

/**
 * nova_push_word() - add a word
 * @engine: the engine
 * @word: the word
 */
void nova_push_word(struct nova_engine *engine, uint32_t word)
{
	igt_assert(engine->nr < NOVA_PUSH_WORDS);
	engine->words[engine->nr++] = word;
}

/**
 * nova_push_method() - add the header of incrementing methods
 * @engine: the engine
 * @subchannel: 0 for the host, 4 for the copy engine
 * @method: offset of the first
 * @count: how many words follow
 */
void nova_push_method(struct nova_engine *engine, uint32_t subchannel, uint32_t method,
		      uint32_t count)
{
	nova_push_word(engine, 1u << 29 | count << 16 | subchannel << 13 | method >> 2);
}

static void push_address(struct nova_engine *engine, uint64_t va)
{
	nova_push_word(engine, va >> 32);
	nova_push_word(engine, (uint32_t)va);
}

/**
 * nova_push_copy() - add a launch
 * @engine: the engine
 * @copy: what
 */
void nova_push_copy(struct nova_engine *engine, const struct nova_copy2d *copy)
{
	uint32_t launch = 0x186 | copy->launch;

	if (copy->components) {
		nova_push_method(engine, 4, 0x700, 3);
		nova_push_word(engine, copy->constant[0]);
		nova_push_word(engine, copy->constant[1]);
		nova_push_word(engine, copy->components);
		launch |= 1u << 10;
	}
	if (copy->lines > 1)
		launch |= 1u << 9;
	nova_push_method(engine, 4, 0x400, 8);
	push_address(engine, copy->src);
	push_address(engine, copy->dst);
	nova_push_word(engine, copy->src_pitch);
	nova_push_word(engine, copy->dst_pitch);
	nova_push_word(engine, copy->width);
	nova_push_word(engine, copy->lines);
	nova_push_method(engine, 4, 0x300, 1);
	nova_push_word(engine, launch);
}

/**
 * nova_push_linear() - add a plain copy
 * @engine: the engine
 * @src: GPU address
 * @dst: GPU address
 * @len: bytes
 */
void nova_push_linear(struct nova_engine *engine, uint64_t src, uint64_t dst, uint32_t len)
{
	const struct nova_copy2d copy = {
		.src = src, .dst = dst, .width = len, .lines = 1,
	};

	nova_push_copy(engine, &copy);
}

static void push_semaphore(struct nova_engine *engine, uint64_t va, uint32_t payload, uint32_t op)
{
	nova_push_method(engine, 0, 0x5c, 5);
	nova_push_word(engine, (uint32_t)va);
	nova_push_word(engine, va >> 32);
	nova_push_word(engine, payload);
	nova_push_word(engine, 0);
	nova_push_word(engine, op);
}

/**
 * nova_push_release() - write a semaphore when all before is done
 * @engine: the engine
 * @va: GPU address
 * @payload: 32 bits
 */
void nova_push_release(struct nova_engine *engine, uint64_t va, uint32_t payload)
{
	push_semaphore(engine, va, payload, 1u << 20 | 1);
}

/**
 * nova_push_acquire() - wait until a semaphore has a value
 * @engine: the engine
 * @va: GPU address
 * @payload: 32 bits
 */
void nova_push_acquire(struct nova_engine *engine, uint64_t va, uint32_t payload)
{
	push_semaphore(engine, va, payload, 1u << 12);
}

/**
 * __nova_exec() - EXEC
 * @fd: device
 * @queue: the queue
 * @pushes: pushes
 * @nr: how many
 * @syncs: syncobjs
 * @nr_syncs: how many
 *
 * Return: 0 or a negative errno.
 */
int __nova_exec(int fd, uint32_t queue, const struct drm_nova_exec_push *pushes, uint32_t nr,
		const struct drm_nova_sync *syncs, uint32_t nr_syncs)
{
	struct drm_nova_exec exec = {
		.queue_id = queue,
		.pushes = { (uintptr_t)pushes, nr, sizeof(*pushes) },
		.syncs = { (uintptr_t)syncs, nr_syncs, sizeof(*syncs) },
	};

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_EXEC, &exec);
}

/**
 * __nova_engine_exec() - submit the push
 * @engine: the engine
 *
 * Return: 0 or a negative errno.
 */
int __nova_engine_exec(struct nova_engine *engine)
{
	const struct drm_nova_exec_push push = { .va = engine->va, .size = engine->nr * 4 };
	const struct drm_nova_sync sync = {
		.handle = engine->syncobj, .flags = DRM_NOVA_SYNC_SIGNAL,
	};

	return __nova_exec(engine->fd, engine->queue, &push, 1, &sync, 1);
}

/**
 * nova_engine_wait() - wait for the last __nova_engine_exec()
 * @engine: the engine
 *
 * Return: 0, the error of the job as a negative errno, -ETIME after a minute.
 */
int nova_engine_wait(struct nova_engine *engine)
{
	int ret = nova_syncobj_wait(engine->fd, engine->syncobj, 0, 60);

	return ret ? ret : nova_syncobj_error(engine->fd, engine->syncobj);
}

/**
 * nova_engine_run() - submit the push, wait for it, begin a new one
 * @engine: the engine
 *
 * Return: as nova_engine_wait().
 */
int nova_engine_run(struct nova_engine *engine)
{
	int ret;

	igt_assert_eq(__nova_engine_exec(engine), 0);
	ret = nova_engine_wait(engine);
	nova_push_start(engine);
	return ret;
}

/**
 * __nova_queue_create() - QUEUE_CREATE
 * @fd: device
 * @create: the request
 *
 * Return: 0 or a negative errno.
 */
int __nova_queue_create(int fd, struct drm_nova_queue_create *create)
{
	return __nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE, create);
}

/**
 * nova_queue_create() - create a queue of normal priority
 * @fd: device
 * @vm: VM
 * @queue_class: class
 *
 * Return: id of the queue.
 */
uint32_t nova_queue_create(int fd, uint32_t vm, uint32_t queue_class)
{
	struct drm_nova_queue_create create = {
		.vm_id = vm, .queue_class = queue_class,
		.priority = DRM_NOVA_QUEUE_PRIORITY_NORMAL,
	};

	igt_assert_eq(__nova_queue_create(fd, &create), 0);
	igt_assert_neq(create.queue_id, 0);
	return create.queue_id;
}

/**
 * __nova_queue_destroy() - QUEUE_DESTROY
 * @fd: device
 * @queue: the queue
 *
 * Return: 0 or a negative errno.
 */
int __nova_queue_destroy(int fd, uint32_t queue)
{
	struct drm_nova_queue_destroy destroy = { .queue_id = queue };

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_DESTROY, &destroy);
}

/**
 * nova_queue_state() - QUEUE_GET_STATE
 * @fd: device
 * @queue: the queue
 *
 * Return: the answer.
 */
struct drm_nova_queue_get_state nova_queue_state(int fd, uint32_t queue)
{
	struct drm_nova_queue_get_state state = { .queue_id = queue };

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_GET_STATE, &state), 0);
	return state;
}

/**
 * nova_syncobj_create() - a syncobj without a fence
 * @fd: device
 *
 * Return: handle.
 */
uint32_t nova_syncobj_create(int fd)
{
	struct drm_syncobj_create create = { 0 };

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &create), 0);
	return create.handle;
}

/**
 * nova_syncobj_destroy() - destroy a syncobj
 * @fd: device
 * @handle: handle
 */
void nova_syncobj_destroy(int fd, uint32_t handle)
{
	struct drm_syncobj_destroy destroy = { .handle = handle };

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy), 0);
}

/**
 * nova_syncobj_wait() - wait for a point
 * @fd: device
 * @handle: handle
 * @point: point of a timeline, 0 for a binary one
 * @seconds: how long at most
 *
 * Return: 0, -ETIME, -EINVAL if nothing was submitted.
 */
int nova_syncobj_wait(int fd, uint32_t handle, uint64_t point, unsigned int seconds)
{
	struct drm_syncobj_timeline_wait wait = {
		.handles = (uintptr_t)&handle, .points = (uintptr_t)&point, .count_handles = 1,
	};
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	wait.timeout_nsec = (now.tv_sec + seconds) * 1000000000ll + now.tv_nsec;
	return __nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &wait);
}

/**
 * nova_syncobj_export() - the fence of a syncobj, for when the device is gone
 * @fd: device
 * @handle: binary syncobj
 *
 * Return: a sync file.
 */
int nova_syncobj_export(int fd, uint32_t handle)
{
	struct drm_syncobj_handle args = {
		.handle = handle, .flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
	};

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args), 0);
	return args.fd;
}

/**
 * nova_sync_file_error() - error of a fence that has signalled
 * @sync_file: of the fence; closed
 *
 * Return: 0 or a negative errno.
 */
int nova_sync_file_error(int sync_file)
{
	struct sync_file_info info = { 0 };
	int ret = ioctl(sync_file, SYNC_IOC_FILE_INFO, &info);

	close(sync_file);
	igt_assert_eq(ret, 0);
	igt_assert_neq(info.status, 0);
	return info.status < 0 ? info.status : 0;
}

/**
 * nova_syncobj_error() - error of a fence that has signalled
 * @fd: device
 * @handle: binary syncobj
 *
 * Return: 0 or a negative errno.
 */
int nova_syncobj_error(int fd, uint32_t handle)
{
	return nova_sync_file_error(nova_syncobj_export(fd, handle));
}

/**
 * nova_inject() - make the software GPU misbehave
 * @fd: device
 * @text: what, as its debugfs file "inject" wants it
 *
 * Return: 0; -ENOENT if the device is no software GPU.
 */
int nova_inject(int fd, const char *text)
{
	char device[64], path[160];
	ssize_t put;
	int file, ret = nova_debug_device(fd, device, sizeof(device));

	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/sys/kernel/debug/nova_swgpu/%s/inject", device);
	file = open(path, O_WRONLY);
	if (file < 0)
		return -ENOENT;
	put = write(file, text, strlen(text));
	close(file);
	return put == (ssize_t)strlen(text) ? 0 : -EIO;
}
