// SPDX-License-Identifier: MIT

/**
 * DOC: Fences, for tests
 *
 * Asynchronous binds, waits with a deadline, and fences that signal when a test
 * says so, from the kernel's sw_sync in debugfs. Tests that need those are skipped
 * where the kernel has none.
 */

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <drm.h>

#include "igt.h"
#include "nova_sync.h"

#define NOVA_SW_SYNC "/sys/kernel/debug/sync/sw_sync"

/* As in the kernel's drivers/dma-buf/sw_sync.c, which has no header for user space. */
struct nova_sw_create {
	uint32_t value;
	char name[32];
	int32_t fence;
};

#define NOVA_SW_CREATE _IOWR('W', 0, struct nova_sw_create)
#define NOVA_SW_INC _IOW('W', 1, uint32_t)

/**
 * nova_syncobj_wait_until() - wait for a syncobj that has a fence
 * @fd: device
 * @handle: the syncobj
 * @point: point of a timeline, 0 for a binary one
 * @timeout_ns: absolute CLOCK_MONOTONIC time
 *
 * Return: 0; -ETIME; -EINVAL if nothing was submitted.
 */
int nova_syncobj_wait_until(int fd, uint32_t handle, uint64_t point, int64_t timeout_ns)
{
	struct drm_syncobj_timeline_wait wait = {
		.handles = (uintptr_t)&handle, .points = (uintptr_t)&point,
		.count_handles = 1, .timeout_nsec = timeout_ns,
	};

	return __nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &wait);
}

/**
 * nova_syncobj_import() - a syncobj with the fence of a sync file
 * @fd: device
 * @sync_file: the sync file; stays the caller's
 *
 * Return: its handle.
 */
uint32_t nova_syncobj_import(int fd, int sync_file)
{
	struct drm_syncobj_handle args = {
		.handle = nova_syncobj_create(fd), .fd = sync_file,
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
	};

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args), 0);
	return args.handle;
}

/**
 * nova_deadline() - an absolute time not far away
 * @ms: milliseconds from now
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
int64_t nova_deadline(unsigned int ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec * 1000 + ms) * 1000000ll + now.tv_nsec;
}

/**
 * nova_sw_timeline() - a timeline of fences that the test signals
 *
 * Skips the test if the kernel has no sw_sync.
 *
 * Return: its file descriptor; closing it signals what is left, with an error.
 */
int nova_sw_timeline(void)
{
	int timeline = open(NOVA_SW_SYNC, O_RDWR | O_CLOEXEC);

	igt_require_f(timeline >= 0, "no sw_sync in debugfs\n");
	return timeline;
}

/**
 * nova_sw_fence() - a fence
 * @timeline: the timeline
 * @value: signals when the timeline has gone so far
 *
 * Return: a sync file.
 */
int nova_sw_fence(int timeline, uint32_t value)
{
	struct nova_sw_create create = { .value = value, .name = "nova" };

	igt_assert_eq(__nova_ioctl(timeline, NOVA_SW_CREATE, &create), 0);
	return create.fence;
}

/**
 * nova_sw_signal() - let fences signal
 * @timeline: the timeline
 * @steps: how far to go on
 */
void nova_sw_signal(int timeline, uint32_t steps)
{
	igt_assert_eq(__nova_ioctl(timeline, NOVA_SW_INC, &steps), 0);
}

/**
 * __nova_vm_bind_async() - asynchronous VM_BIND of one operation or none
 * @fd: device
 * @vm_id: the VM
 * @queue_id: BIND queue, 0 for the VM's own
 * @op: the operation, or NULL
 * @syncs: what to wait for and to signal
 * @nr_syncs: how many
 *
 * Return: 0 or a negative errno.
 */
int __nova_vm_bind_async(int fd, uint32_t vm_id, uint32_t queue_id,
			 const struct drm_nova_vm_bind_op *op, const struct drm_nova_sync *syncs,
			 unsigned int nr_syncs)
{
	struct drm_nova_vm_bind bind = {
		.vm_id = vm_id, .queue_id = queue_id, .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { (uintptr_t)op, op ? 1 : 0, sizeof(*op) },
		.syncs = { (uintptr_t)syncs, nr_syncs, sizeof(*syncs) },
	};

	return __nova_vm_bind(fd, &bind);
}
