// SPDX-License-Identifier: MIT

/**
 * DOC: Memory objects
 *
 * A struct nova_bo stands for one GEM handle. The kernel gives one handle to
 * one buffer in one file, so importing a buffer twice yields the same handle
 * and must yield the same object; otherwise closing one would pull the handle
 * away from the other.
 *
 * Invariant: a handle the library holds has exactly one object, found at its
 * index in nova_device.bos. The device's lock is held from the ioctl that
 * returns a handle, or closes one, until that table agrees with it.
 *
 * Handles are small numbers that the kernel reuses, so the table is an array.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <drm.h>
#include <fcntl.h>

#include "nova_priv.h"

/* First length of the table; it doubles from there. */
#define NOVA_BO_TABLE_MIN 64u

static void nova_bo_close_handle(const struct nova_device *dev, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	nova_device_ioctl(dev, DRM_IOCTL_GEM_CLOSE, &args);
}

/* Caller holds the device's lock. */
static int nova_bo_table_reserve(struct nova_device *dev, uint32_t handle)
{
	uint32_t nr = dev->nr_bos ? dev->nr_bos : NOVA_BO_TABLE_MIN;
	struct nova_bo **bos;

	if (handle < dev->nr_bos)
		return 0;
	while (nr <= handle) {
		if (nr > UINT32_MAX / 2)
			return -ENOMEM;
		nr *= 2;
	}
	bos = realloc(dev->bos, nr * sizeof(*bos));
	if (!bos)
		return -ENOMEM;
	memset(bos + dev->nr_bos, 0, (nr - dev->nr_bos) * sizeof(*bos));
	dev->bos = bos;
	dev->nr_bos = nr;
	return 0;
}

/* Takes @handle over, also on failure. Caller holds the device's lock. */
static int nova_bo_insert(struct nova_device *dev, uint32_t handle, uint64_t size,
			  struct nova_bo **out)
{
	struct nova_bo *bo = NULL;

	if (nova_bo_table_reserve(dev, handle) == 0)
		bo = malloc(sizeof(*bo));
	if (!bo) {
		nova_bo_close_handle(dev, handle);
		return -ENOMEM;
	}
	*bo = (struct nova_bo){ .dev = dev, .size = size, .handle = handle, .refs = 1 };
	dev->bos[handle] = bo;
	*out = bo;
	return 0;
}

NOVA_EXPORT int nova_bo_create(struct nova_device *dev, const struct drm_nova_gem_create2 *args,
			       struct nova_bo **bo)
{
	struct drm_nova_gem_create2 create = *args;
	int ret;

	create.handle = 0;
	create.mmap_offset = 0;
	pthread_mutex_lock(&dev->lock);
	ret = nova_device_ioctl(dev, DRM_IOCTL_NOVA_GEM_CREATE2, &create);
	if (!ret)
		ret = nova_bo_insert(dev, create.handle, create.size, bo);
	pthread_mutex_unlock(&dev->lock);
	return ret;
}

/* Takes @handle over, also on failure. Caller holds the device's lock. */
static int nova_bo_insert_import(struct nova_device *dev, uint32_t handle, struct nova_bo **bo)
{
	struct drm_nova_gem_info info = { .handle = handle };
	int ret;

	if (handle < dev->nr_bos && dev->bos[handle]) {
		*bo = dev->bos[handle];
		(*bo)->refs++;
		return 0;
	}
	ret = nova_device_ioctl(dev, DRM_IOCTL_NOVA_GEM_INFO, &info);
	if (ret) {
		nova_bo_close_handle(dev, handle);
		return ret;
	}
	return nova_bo_insert(dev, handle, info.size, bo);
}

NOVA_EXPORT int nova_bo_import(struct nova_device *dev, int dmabuf_fd, struct nova_bo **bo)
{
	struct drm_prime_handle args = { .fd = dmabuf_fd };
	int ret;

	pthread_mutex_lock(&dev->lock);
	ret = nova_device_ioctl(dev, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);
	if (!ret)
		ret = nova_bo_insert_import(dev, args.handle, bo);
	pthread_mutex_unlock(&dev->lock);
	return ret;
}

NOVA_EXPORT int nova_bo_export(const struct nova_bo *bo, int *dmabuf_fd)
{
	struct drm_prime_handle args = { .handle = bo->handle, .flags = DRM_CLOEXEC | DRM_RDWR };
	int ret = nova_device_ioctl(bo->dev, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	if (!ret)
		*dmabuf_fd = args.fd;
	return ret;
}

NOVA_EXPORT struct nova_bo *nova_bo_ref(struct nova_bo *bo)
{
	pthread_mutex_lock(&bo->dev->lock);
	bo->refs++;
	pthread_mutex_unlock(&bo->dev->lock);
	return bo;
}

NOVA_EXPORT void nova_bo_unref(struct nova_bo *bo)
{
	struct nova_device *dev;

	if (!bo)
		return;
	dev = bo->dev;
	pthread_mutex_lock(&dev->lock);
	if (--bo->refs == 0) {
		dev->bos[bo->handle] = NULL;
		nova_bo_close_handle(dev, bo->handle);
		free(bo);
	}
	pthread_mutex_unlock(&dev->lock);
}

NOVA_EXPORT uint32_t nova_bo_handle(const struct nova_bo *bo)
{
	return bo->handle;
}

NOVA_EXPORT uint64_t nova_bo_size(const struct nova_bo *bo)
{
	return bo->size;
}

NOVA_EXPORT int nova_bo_query(const struct nova_bo *bo, struct drm_nova_gem_query *query)
{
	struct drm_nova_gem_query args = { .handle = bo->handle };
	int ret = nova_device_ioctl(bo->dev, DRM_IOCTL_NOVA_GEM_QUERY, &args);

	if (!ret)
		*query = args;
	return ret;
}

NOVA_EXPORT int nova_bo_wait(const struct nova_bo *bo, int64_t deadline_ns)
{
	struct drm_nova_gem_wait args = {
		.handle = bo->handle,
		.flags = deadline_ns ? 0 : DRM_NOVA_GEM_WAIT_NOWAIT,
		.timeout_ns = deadline_ns,
	};

	return nova_device_ioctl(bo->dev, DRM_IOCTL_NOVA_GEM_WAIT, &args);
}

NOVA_EXPORT int nova_bo_madvise(const struct nova_bo *bo, enum drm_nova_madvise advice,
				bool *retained)
{
	struct drm_nova_gem_madvise args = { .handle = bo->handle, .advice = advice };
	int ret = nova_device_ioctl(bo->dev, DRM_IOCTL_NOVA_GEM_MADVISE, &args);

	if (!ret)
		*retained = args.retained;
	return ret;
}

NOVA_EXPORT int nova_bo_set_label(const struct nova_bo *bo, const char *label)
{
	size_t len = strlen(label);
	struct drm_nova_gem_set_label args = { .handle = bo->handle, .text = (uintptr_t)label };

	if (len > UINT32_MAX)
		return -E2BIG;
	args.len = len;
	return nova_device_ioctl(bo->dev, DRM_IOCTL_NOVA_GEM_SET_LABEL, &args);
}
