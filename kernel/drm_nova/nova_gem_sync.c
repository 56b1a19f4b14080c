// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gem_sync
 *
 * Waiting for an object, and naming it.
 *
 * Locking: fences are read under RCU by the dma_resv helpers; a wait holds no
 * lock. Units: nanoseconds of CLOCK_MONOTONIC.
 */
#include "nova_gem.h"

#include "nova_compat.h"

#include <linux/ctype.h>
#include <linux/dma-resv.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/string.h>

/* Jiffies until an absolute time, rounded up; 0 if it has passed. */
static unsigned long nova_gem_timeout(s64 until_ns)
{
	s64 left = ktime_sub(ns_to_ktime(until_ns), ktime_get());

	if (left <= 0)
		return 0;
	return min_t(u64, nsecs_to_jiffies64(left) + 1, MAX_SCHEDULE_TIMEOUT);
}

static int nova_gem_wait(struct nova_gem *gem, const struct drm_nova_gem_wait *args)
{
	struct dma_resv *resv = gem->bo.ttm.base.resv;
	long ret;

	if (args->flags & DRM_NOVA_GEM_WAIT_NOWAIT)
		return dma_resv_test_signaled(resv, DMA_RESV_USAGE_BOOKKEEP) ? 0 : -EBUSY;
	ret = dma_resv_wait_timeout(resv, DMA_RESV_USAGE_BOOKKEEP, true,
				    nova_gem_timeout(args->timeout_ns));
	if (ret < 0)
		return ret;
	return ret ? 0 : -ETIME;
}

/**
 * nova_gem_wait_ioctl - DRM_NOVA_GEM_WAIT (uapi.md §5.8)
 * @drm: the device
 * @data: struct drm_nova_gem_wait
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT; -EBUSY; -ETIME; -ERESTARTSYS.
 */
int nova_gem_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_wait *args = data;
	struct nova_gem *gem;
	int ret;

	if (args->flags & ~DRM_NOVA_GEM_WAIT_NOWAIT || args->timeout_ns < 0)
		return -EINVAL;
	gem = nova_gem_lookup(file, args->handle);
	if (!gem)
		return -ENOENT;
	ret = nova_gem_wait(gem, args);
	nova_gem_put(gem);
	return ret;
}

/* Printable ASCII from user space, NUL-terminated; NULL for an empty label. */
static char *nova_gem_copy_label(const struct drm_nova_gem_set_label *args)
{
	char *label;

	if (!args->len)
		return NULL;
	label = memdup_user_nul(u64_to_user_ptr(args->text), args->len);
	if (IS_ERR(label))
		return label;
	for (u32 i = 0; i < args->len; i++) {
		if (!isascii(label[i]) || !isprint(label[i])) {
			kfree(label);
			return ERR_PTR(-EINVAL);
		}
	}
	return label;
}

/**
 * nova_gem_set_label_ioctl - DRM_NOVA_GEM_SET_LABEL (uapi.md §5.10)
 * @drm: the device
 * @data: struct drm_nova_gem_set_label
 * @file: the caller
 *
 * Return: 0; -E2BIG; -EFAULT; -EINVAL; -ENOENT; -ENOMEM.
 */
int nova_gem_set_label_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_set_label *args = data;
	struct nova_gem *gem;
	char *label;

	if (args->len > NOVA_MAX_LABEL)
		return -E2BIG;
	label = nova_gem_copy_label(args);
	if (IS_ERR(label))
		return PTR_ERR(label);
	gem = nova_gem_lookup(file, args->handle);
	if (!gem) {
		kfree(label);
		return -ENOENT;
	}
	nova_gem_set_label(gem, label);
	nova_gem_put(gem);
	return 0;
}
