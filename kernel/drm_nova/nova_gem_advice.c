// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gem_advice
 *
 * GEM_MADVISE: a client says that it can do without an object's content, so that
 * memory is found without copying anything. Such an object is purged when its
 * memory is wanted; whether that has happened is known when it is wanted back::
 *
 *	needed <-> DONTNEED -> purged
 *
 * Only an object that one client knows by one handle can be given up: nobody else
 * could be told. While it is given up nobody new learns of it either.
 *
 * Locking: the core's object_name_lock keeps handles and dma-bufs of the object as
 * they are, then the object's reservation.
 */
#include "nova_gem.h"

#include "nova_compat.h"

#include <drm/drm_device.h>
#include <drm/drm_gem.h>

#include <linux/dma-resv.h>
#include <linux/lockdep.h>

/* Does anybody else know the object, or may so? */
static bool nova_gem_is_shared(const struct drm_gem_object *obj)
{
	lockdep_assert_held(&obj->dev->object_name_lock);
	return obj->handle_count > 1 || obj->dma_buf || obj->import_attach;
}

static int nova_gem_advise_locked(struct nova_gem *gem, struct drm_nova_gem_madvise *args)
{
	struct dma_resv *resv = gem->bo.ttm.base.resv;
	int ret;

	if (nova_gem_is_shared(&gem->bo.ttm.base))
		return -EPERM;
	ret = dma_resv_lock_interruptible(resv, NULL);
	if (ret)
		return ret;
	args->retained = nova_bo_advise(&gem->bo, args->advice == DRM_NOVA_MADVISE_WILLNEED);
	dma_resv_unlock(resv);
	return 0;
}

/**
 * nova_gem_madvise_ioctl - DRM_NOVA_GEM_MADVISE (uapi.md §5.9)
 * @drm: the device
 * @data: struct drm_nova_gem_madvise
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT; -EPERM if the object is shared; -EINTR or
 * -ERESTARTSYS.
 */
int nova_gem_madvise_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_gem_madvise *args = data;
	struct nova_gem *gem;
	int ret;

	if (args->retained || args->pad || args->advice > DRM_NOVA_MADVISE_DONTNEED)
		return -EINVAL;
	gem = nova_gem_lookup(file, args->handle);
	if (!gem)
		return -ENOENT;
	ret = mutex_lock_interruptible(&drm->object_name_lock);
	if (!ret) {
		ret = nova_gem_advise_locked(gem, args);
		mutex_unlock(&drm->object_name_lock);
	}
	nova_gem_put(gem);
	return ret;
}
