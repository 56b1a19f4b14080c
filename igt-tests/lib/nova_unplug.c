// SPDX-License-Identifier: MIT

/**
 * DOC: Taking the driver off a device, and calls to be in the way of that
 *
 * nova_plug_out() and nova_plug_in() use the bus's files for binding drivers, so
 * that the device itself stays. Nodes may have other numbers afterwards: the
 * device is found by name. nova_driver_unload() takes the driver off all of them.
 *
 * A storm is a valid use of one call that leaves nothing behind. It needs nothing
 * but a file, so it can be run by a process that loses the device, or the file,
 * at any moment.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <drm.h>

#include "igt.h"
#include "nova_share.h"
#include "nova_unplug.h"

#define DRIVER "/sys/bus/platform/drivers/drm_nova/"
#define NR_MINORS 64
#define VA (1ull << 33)

/**
 * nova_plug() - the device behind a file
 * @fd: DRM file
 *
 * Skips the test if it is not on the platform bus, as software GPUs are.
 */
struct nova_plug nova_plug(int fd)
{
	struct nova_plug plug;
	char path[192];

	igt_assert_eq(nova_debug_device(fd, plug.name, sizeof(plug.name)), 0);
	snprintf(path, sizeof(path), DRIVER "%s", plug.name);
	igt_require_f(!access(path, F_OK), "not on the platform bus\n");
	return plug;
}

static void write_name(const char *path, const char *name)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t put;

	igt_assert_f(file >= 0, "%s: %s\n", path, strerror(errno));
	put = write(file, name, strlen(name));
	igt_assert_f(put == (ssize_t)strlen(name), "%s: %s\n", path, strerror(errno));
	close(file);
}

void nova_plug_out(const struct nova_plug *plug)
{
	write_name(DRIVER "unbind", plug->name);
}

void nova_plug_in(const struct nova_plug *plug)
{
	write_name(DRIVER "bind", plug->name);
}

/**
 * nova_plug_open() - open a device by name
 * @plug: the device
 *
 * Return: file descriptor of its render node, -1 if there is none.
 */
int nova_plug_open(const struct nova_plug *plug)
{
	char path[64], name[64];
	int fd;

	for (unsigned int i = 128; i < 128 + NR_MINORS; i++) {
		snprintf(path, sizeof(path), "/dev/dri/renderD%u", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!nova_debug_device(fd, name, sizeof(name)) && !strcmp(name, plug->name))
			return fd;
		close(fd);
	}
	return -1;
}

/**
 * nova_driver_file() - the driver's module
 *
 * Skips the test if the environment, NOVA_MODULE, does not say where it is.
 *
 * Return: its path.
 */
const char *nova_driver_file(void)
{
	const char *path = getenv("NOVA_MODULE");

	igt_require_f(path && !access(path, R_OK), "NOVA_MODULE names no module\n");
	return path;
}

/**
 * nova_driver_unload() - unload the driver's module
 *
 * Return: 0 or a negative errno: -EAGAIN while it is in use.
 */
int nova_driver_unload(void)
{
	return syscall(SYS_delete_module, "drm_nova", O_NONBLOCK) ? -errno : 0;
}

/**
 * nova_driver_load() - load the driver's module, which finds its devices
 * @path: as from nova_driver_file()
 *
 * Return: 0 or a negative errno.
 */
int nova_driver_load(const char *path)
{
	int ret, file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return -errno;
	ret = syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
	close(file);
	return ret;
}

/**
 * nova_driver_is_registered() - is the driver on its bus?
 *
 * Return: false when it has let go of every device there.
 */
bool nova_driver_is_registered(void)
{
	return !access(DRIVER, F_OK);
}

static int storm_getparam(int fd)
{
	uint64_t value;

	return __nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED, &value);
}

static int storm_info(int fd)
{
	struct drm_nova_info_memory memory;
	uint32_t size = sizeof(memory);

	return __nova_info(fd, DRM_NOVA_INFO_MEMORY, &size, &memory);
}

static int create(int fd, uint32_t placement, uint32_t *handle)
{
	struct drm_nova_gem_create2 args = { .size = NOVA_64K, .placement = placement };
	int ret = __nova_gem_create2(fd, &args);

	*handle = args.handle;
	return ret;
}

static void close_handle(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	__nova_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

/* Something done to a fresh object, which goes again. */
static int with_object(int fd, int (*act)(int fd, uint32_t handle))
{
	uint32_t handle;
	int ret = create(fd, NOVA_VRAM | NOVA_SYSTEM, &handle);

	if (ret)
		return ret;
	ret = act(fd, handle);
	close_handle(fd, handle);
	return ret;
}

static int act_query(int fd, uint32_t handle)
{
	struct drm_nova_gem_query query;

	return __nova_gem_query(fd, handle, &query);
}

static int act_wait(int fd, uint32_t handle)
{
	/* The GPU may still be clearing it. */
	return __nova_gem_wait(fd, handle, 0, INT64_MAX);
}

static int act_label(int fd, uint32_t handle)
{
	return __nova_gem_set_label(fd, handle, "storm", 5);
}

/* Nothing to do with the device's life: a feature that it lacks. */
static int unless_absent(int ret)
{
	return ret == -EOPNOTSUPP ? 0 : ret;
}

static int act_madvise(int fd, uint32_t handle)
{
	uint32_t retained;

	return unless_absent(__nova_gem_madvise(fd, handle, DRM_NOVA_MADVISE_DONTNEED,
						&retained));
}

/* Touching the mapping must work whatever happens to the device. */
static int act_mmap(int fd, uint32_t handle)
{
	uint64_t offset;
	int ret = __nova_gem_mmap_offset(fd, handle, &offset);
	volatile uint32_t *ptr;

	if (ret)
		return ret;
	ptr = mmap(NULL, NOVA_64K, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	if (ptr == MAP_FAILED)
		return -errno;
	for (unsigned int i = 0; i < NOVA_64K / 4; i += 1024)
		ptr[i] = i;
	munmap((void *)ptr, NOVA_64K);
	return 0;
}

static int act_share(int fd, uint32_t handle)
{
	uint32_t again;
	int dmabuf, ret = __nova_export(fd, handle, &dmabuf);

	if (ret)
		return ret;
	ret = __nova_import(fd, dmabuf, &again);
	close(dmabuf);
	return ret;
}

static int storm_create(int fd)
{
	uint32_t handle;
	int ret = create(fd, NOVA_VRAM, &handle);

	if (!ret)
		close_handle(fd, handle);
	return ret;
}

static int storm_query(int fd)
{
	return with_object(fd, act_query);
}

static int storm_wait(int fd)
{
	return with_object(fd, act_wait);
}

static int storm_label(int fd)
{
	return with_object(fd, act_label);
}

static int storm_madvise(int fd)
{
	return with_object(fd, act_madvise);
}

static int storm_mmap(int fd)
{
	return with_object(fd, act_mmap);
}

static int storm_share(int fd)
{
	return with_object(fd, act_share);
}

/* Something done to a fresh VM, which goes again. */
static int with_vm(int fd, int (*act)(int fd, uint32_t vm))
{
	struct drm_nova_vm_create args = {};
	int ret = __nova_vm_create(fd, &args);

	if (ret)
		return ret;
	ret = act(fd, args.vm_id);
	__nova_vm_destroy(fd, args.vm_id);
	return ret;
}

static int act_bind(int fd, uint32_t vm, uint32_t flags)
{
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .va = VA, .range = NOVA_64K,
	};
	struct drm_nova_vm_bind bind = {
		.vm_id = vm, .flags = flags, .ops = { (uintptr_t)&op, 1, sizeof(op) },
	};
	int ret = create(fd, NOVA_VRAM | NOVA_SYSTEM, &op.handle);

	if (ret)
		return ret;
	ret = __nova_vm_bind(fd, &bind);
	close_handle(fd, op.handle);
	return ret;
}

static int act_bind_sync(int fd, uint32_t vm)
{
	return act_bind(fd, vm, 0);
}

static int act_bind_async(int fd, uint32_t vm)
{
	return act_bind(fd, vm, DRM_NOVA_VM_BIND_ASYNC);
}

static int act_state(int fd, uint32_t vm)
{
	struct drm_nova_vm_get_state state = { .vm_id = vm };
	struct drm_nova_vm_query_ranges ranges = { .vm_id = vm, .va = VA, .range = NOVA_2M };

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_VM_GET_STATE, &state) ?:
	       __nova_ioctl(fd, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &ranges);
}

/* Something done to a fresh queue, which goes again. */
static int with_queue(int fd, uint32_t vm, uint32_t class, int (*act)(int fd, uint32_t queue))
{
	struct drm_nova_queue_create queue = { .vm_id = vm, .queue_class = class, .priority = 1 };
	struct drm_nova_queue_destroy destroy = {};
	int ret = __nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &queue);

	if (ret)
		return unless_absent(ret);
	destroy.queue_id = queue.queue_id;
	ret = act(fd, queue.queue_id);
	return __nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_DESTROY, &destroy) ?: ret;
}

static int act_queue_state(int fd, uint32_t queue)
{
	struct drm_nova_queue_get_state state = { .queue_id = queue };

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_GET_STATE, &state);
}

/* No pushes: only the order of things. */
static int act_join(int fd, uint32_t queue)
{
	struct drm_nova_exec exec = { .queue_id = queue };

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_EXEC, &exec);
}

static int act_queue(int fd, uint32_t vm)
{
	return with_queue(fd, vm, DRM_NOVA_QUEUE_CLASS_BIND, act_queue_state);
}

static int act_exec(int fd, uint32_t vm)
{
	return with_queue(fd, vm, DRM_NOVA_QUEUE_CLASS_COPY, act_join);
}

static int storm_vm(int fd)
{
	return with_vm(fd, act_state);
}

static int storm_bind(int fd)
{
	return with_vm(fd, act_bind_sync);
}

static int storm_bind_async(int fd)
{
	return with_vm(fd, act_bind_async);
}

static int storm_queue(int fd)
{
	return with_vm(fd, act_queue);
}

static int storm_exec(int fd)
{
	return with_vm(fd, act_exec);
}

static int storm_syncobj(int fd)
{
	struct drm_syncobj_create args = { .flags = DRM_SYNCOBJ_CREATE_SIGNALED };
	struct drm_syncobj_wait wait = { .count_handles = 1 };
	struct drm_syncobj_destroy destroy = {};
	int ret = __nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &args);

	if (ret)
		return ret;
	wait.handles = (uintptr_t)&args.handle;
	destroy.handle = args.handle;
	ret = __nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait);
	return __nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy) ?: ret;
}

/* Reading figures needs no device; the errno is that of the ioctl beside it. */
static int storm_fdinfo(int fd)
{
	char path[64], text[512];
	int file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	while (file >= 0 && read(file, text, sizeof(text)) > 0)
		;
	close(file);
	return storm_getparam(fd);
}

const struct nova_storm nova_storms[] = {
	{ "getparam", storm_getparam },
	{ "info", storm_info },
	{ "gem-create", storm_create },
	{ "gem-query", storm_query },
	{ "gem-wait", storm_wait },
	{ "gem-set-label", storm_label },
	{ "gem-madvise", storm_madvise },
	{ "mmap", storm_mmap },
	{ "prime", storm_share },
	{ "vm", storm_vm },
	{ "vm-bind", storm_bind },
	{ "vm-bind-async", storm_bind_async },
	{ "queue", storm_queue },
	{ "exec", storm_exec },
	{ "syncobj", storm_syncobj },
	{ "fdinfo", storm_fdinfo },
};

const unsigned int nova_nr_storms = sizeof(nova_storms) / sizeof(nova_storms[0]);

/**
 * nova_storm_until_error() - make a call until it fails
 * @storm: the call
 * @fd: DRM file
 *
 * Return: the error; 0 if none came in 20 seconds.
 */
int nova_storm_until_error(const struct nova_storm *storm, int fd)
{
	struct timespec now;
	time_t end;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (end = now.tv_sec + 20; now.tv_sec < end; clock_gettime(CLOCK_MONOTONIC, &now)) {
		ret = storm->once(fd);
		if (ret)
			return ret;
	}
	return 0;
}
