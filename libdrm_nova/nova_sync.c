// SPDX-License-Identifier: MIT

/**
 * DOC: Syncobjs
 *
 * Binary and timeline syncobjs by one set of calls: point 0 means the syncobj's
 * only fence, any other point one on its timeline. The kernel has two kinds of
 * requests for this; which one is used follows from the point.
 *
 * A syncobj is a plain handle of the device. Nothing is kept here, so nothing
 * needs a lock.
 */

#include <errno.h>

#include <drm.h>
#include <fcntl.h>

#include "nova_priv.h"

NOVA_EXPORT int nova_syncobj_create(const struct nova_device *dev, bool signaled,
				    uint32_t *handle)
{
	struct drm_syncobj_create args = {
		.flags = signaled ? DRM_SYNCOBJ_CREATE_SIGNALED : 0,
	};
	int ret = nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_CREATE, &args);

	if (!ret)
		*handle = args.handle;
	return ret;
}

NOVA_EXPORT int nova_syncobj_destroy(const struct nova_device *dev, uint32_t handle)
{
	struct drm_syncobj_destroy args = { .handle = handle };

	return nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_DESTROY, &args);
}

NOVA_EXPORT int nova_syncobj_wait(const struct nova_device *dev, const uint32_t *handles,
				  const uint64_t *points, uint32_t nr, int64_t deadline_ns)
{
	struct drm_syncobj_timeline_wait args = {
		.handles = (uintptr_t)handles,
		.points = (uintptr_t)points,
		.timeout_nsec = deadline_ns,
		.count_handles = nr,
		.flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL | DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT,
	};

	return nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &args);
}

NOVA_EXPORT int nova_syncobj_signal(const struct nova_device *dev, uint32_t handle,
				    uint64_t point)
{
	struct drm_syncobj_timeline_array timeline = {
		.handles = (uintptr_t)&handle, .points = (uintptr_t)&point, .count_handles = 1,
	};
	struct drm_syncobj_array binary = { .handles = (uintptr_t)&handle, .count_handles = 1 };

	if (point)
		return nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, &timeline);
	return nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_SIGNAL, &binary);
}

NOVA_EXPORT int nova_syncobj_query(const struct nova_device *dev, uint32_t handle,
				   uint64_t *point)
{
	uint64_t value = 0;
	struct drm_syncobj_timeline_array args = {
		.handles = (uintptr_t)&handle, .points = (uintptr_t)&value, .count_handles = 1,
	};
	int ret = nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_QUERY, &args);

	if (!ret)
		*point = value;
	return ret;
}

NOVA_EXPORT int nova_syncobj_export(const struct nova_device *dev, uint32_t handle, int *fd)
{
	struct drm_syncobj_handle args = { .handle = handle, .fd = -1 };
	int ret = nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args);

	if (!ret)
		*fd = args.fd;
	return ret;
}

NOVA_EXPORT int nova_syncobj_import(const struct nova_device *dev, int fd, uint32_t *handle)
{
	struct drm_syncobj_handle args = { .fd = fd };
	int ret = nova_device_ioctl(dev, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);

	if (!ret)
		*handle = args.handle;
	return ret;
}

static struct drm_nova_sync nova_sync_element(uint32_t handle, uint64_t point, uint32_t flags)
{
	return (struct drm_nova_sync){
		.handle = handle,
		.flags = flags | (point ? DRM_NOVA_SYNC_TIMELINE : DRM_NOVA_SYNC_BINARY),
		.point = point,
	};
}

NOVA_EXPORT struct drm_nova_sync nova_sync_wait(uint32_t handle, uint64_t point)
{
	return nova_sync_element(handle, point, 0);
}

NOVA_EXPORT struct drm_nova_sync nova_sync_signal(uint32_t handle, uint64_t point)
{
	return nova_sync_element(handle, point, DRM_NOVA_SYNC_SIGNAL);
}
