// SPDX-License-Identifier: MIT

/**
 * DOC: Information
 *
 * The structures of INFO. A structure may be longer or shorter in the kernel
 * than in this program: what both know is copied and the rest of the caller's
 * is zero, so a member an old kernel lacks reads 0. Nothing is cached, so every
 * call gives the figures of the moment. There is no state and no lock.
 */

#include <stdlib.h>
#include <string.h>

#include "nova_priv.h"

NOVA_EXPORT int nova_info_size(const struct nova_device *dev, enum drm_nova_info_id id,
			       uint32_t *size)
{
	struct drm_nova_info args = { .id = id };
	int ret = nova_device_ioctl(dev, DRM_IOCTL_NOVA_INFO, &args);

	if (!ret)
		*size = args.size;
	return ret;
}

NOVA_EXPORT int nova_info(const struct nova_device *dev, enum drm_nova_info_id id, uint32_t size,
			  void *data)
{
	struct drm_nova_info args = { .id = id, .size = size, .data = (uintptr_t)data };
	int ret = nova_device_ioctl(dev, DRM_IOCTL_NOVA_INFO, &args);

	if (!ret && args.size < size)
		memset((char *)data + args.size, 0, size - args.size);
	return ret;
}

NOVA_EXPORT int nova_info_gpu(const struct nova_device *dev, struct drm_nova_info_gpu *info)
{
	return nova_info(dev, DRM_NOVA_INFO_GPU, sizeof(*info), info);
}

NOVA_EXPORT int nova_info_memory(const struct nova_device *dev, struct drm_nova_info_memory *info)
{
	return nova_info(dev, DRM_NOVA_INFO_MEMORY, sizeof(*info), info);
}

NOVA_EXPORT int nova_info_va(const struct nova_device *dev, struct drm_nova_info_va *info)
{
	return nova_info(dev, DRM_NOVA_INFO_VA, sizeof(*info), info);
}

NOVA_EXPORT int nova_info_bar1(const struct nova_device *dev, struct drm_nova_info_bar1 *info)
{
	return nova_info(dev, DRM_NOVA_INFO_BAR1, sizeof(*info), info);
}

NOVA_EXPORT int nova_info_limits(const struct nova_device *dev, struct drm_nova_info_limits *info)
{
	return nova_info(dev, DRM_NOVA_INFO_LIMITS, sizeof(*info), info);
}

NOVA_EXPORT int nova_info_kinds(const struct nova_device *dev, struct drm_nova_info_kinds *info)
{
	return nova_info(dev, DRM_NOVA_INFO_KINDS, sizeof(*info), info);
}

NOVA_EXPORT int nova_info_time(const struct nova_device *dev, struct drm_nova_info_time *info)
{
	return nova_info(dev, DRM_NOVA_INFO_TIME, sizeof(*info), info);
}
