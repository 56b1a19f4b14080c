// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_prime
 *
 * Sharing objects with other drivers and other files (uapi.md §7).
 *
 * Export. An object becomes a dma-buf, which keeps object and device alive. Other
 * devices reach system memory only, because neither the software GPU nor a board
 * without a peer mapping can offer VRAM to one: whoever attaches brings the
 * object there, and an object that is for VRAM alone refuses to be attached to.
 * Who can be told that memory moves is told; who cannot has it pinned::
 *
 *	importer	attach	map			the object moves
 *	told of moves	-	to system memory	told, maps again
 *	other		-	to system memory, pin	not while mapped
 *	CPU (mmap)	-	fault, wherever it is	faults again
 *	kernel (vmap)	-	to system memory, pin	not while mapped
 *
 * Import. A dma-buf of this device gives the object itself; another's is adopted,
 * see nova_foreign.
 *
 * Lifetime. After unplug an existing map of another device stays valid, because
 * that device may be using it, and new ones fail with -ENODEV.
 *
 * Locking: as dma-buf has it: attach, detach, release, mmap come without the
 * reservation, the others with it.
 */
#include "nova_prime.h"

#include "nova_compat.h"
#include "nova_foreign.h"
#include "nova_gem.h"

#include <drm/drm_drv.h>
#include <drm/drm_prime.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/iosys-map.h>
#include <linux/module.h>
#include <linux/scatterlist.h>

static struct nova_gem *nova_prime_gem(const struct dma_buf *buf)
{
	return to_nova_gem(buf->priv);
}

static int nova_prime_attach(struct dma_buf *buf, struct dma_buf_attachment *attach)
{
	struct nova_gem *gem = nova_prime_gem(buf);

	if (drm_dev_is_unplugged(gem->bo.ttm.base.dev))
		return -ENODEV;
	attach->peer2peer = false;
	return gem->bo.placement & NOVA_BO_SYSTEM ? 0 : -EOPNOTSUPP;
}

static int nova_prime_pin(struct dma_buf_attachment *attach)
{
	struct nova_bo *bo = &nova_prime_gem(attach->dmabuf)->bo;
	int idx, ret;

	if (!drm_dev_enter(bo->ttm.base.dev, &idx))
		return -ENODEV;
	ret = nova_bo_pin_system(bo);
	drm_dev_exit(idx);
	return ret;
}

static void nova_prime_unpin(struct dma_buf_attachment *attach)
{
	ttm_bo_unpin(&nova_prime_gem(attach->dmabuf)->bo.ttm);
}

static struct sg_table *nova_prime_map_pages(struct dma_buf_attachment *attach, struct ttm_tt *tt,
					     enum dma_data_direction dir)
{
	struct drm_gem_object *obj = attach->dmabuf->priv;
	struct sg_table *sgt = drm_prime_pages_to_sg(obj->dev, tt->pages, tt->num_pages);
	int ret;

	if (IS_ERR(sgt))
		return sgt;
	ret = dma_map_sgtable(attach->dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (!ret)
		return sgt;
	sg_free_table(sgt);
	kfree(sgt);
	return ERR_PTR(ret);
}

static struct sg_table *nova_prime_map(struct dma_buf_attachment *attach,
				       enum dma_data_direction dir)
{
	struct nova_bo *bo = &nova_prime_gem(attach->dmabuf)->bo;
	struct ttm_operation_ctx ctx = { .interruptible = false };
	struct sg_table *sgt;
	int idx, ret;

	if (!drm_dev_enter(bo->ttm.base.dev, &idx))
		return ERR_PTR(-ENODEV);
	ret = nova_bo_validate_in(bo, NOVA_BO_SYSTEM, &ctx);
	if (!ret && !nova_bo_is_populated(bo))
		ret = -EBUSY;
	/* The other device may not ask how the move ended. */
	if (!ret)
		ret = nova_bo_settle(bo, false);
	sgt = ret ? ERR_PTR(ret) : nova_prime_map_pages(attach, bo->ttm.ttm, dir);
	drm_dev_exit(idx);
	return sgt;
}

/* With the reservation held. */
static int nova_prime_vmap(struct dma_buf *buf, struct iosys_map *map)
{
	struct nova_bo *bo = &nova_prime_gem(buf)->bo;
	int idx, ret;

	if (!drm_dev_enter(bo->ttm.base.dev, &idx))
		return -ENODEV;
	ret = nova_bo_pin_system(bo);
	if (!ret) {
		ret = nova_bo_settle(bo, false) ?: ttm_bo_vmap(&bo->ttm, map);
		if (ret)
			ttm_bo_unpin(&bo->ttm);
	}
	drm_dev_exit(idx);
	return ret;
}

static void nova_prime_vunmap(struct dma_buf *buf, struct iosys_map *map)
{
	struct nova_bo *bo = &nova_prime_gem(buf)->bo;

	ttm_bo_vunmap(&bo->ttm, map);
	ttm_bo_unpin(&bo->ttm);
}

static void nova_prime_set(struct nova_gem *gem, struct dma_buf *buf)
{
	dma_resv_lock(gem->bo.ttm.base.resv, NULL);
	gem->dma_buf = buf;
	dma_resv_unlock(gem->bo.ttm.base.resv);
}

static void nova_prime_release(struct dma_buf *buf)
{
	nova_prime_set(nova_prime_gem(buf), NULL);
	drm_gem_dmabuf_release(buf);
}

static const struct dma_buf_ops nova_prime_ops = {
	.attach = nova_prime_attach,
	.pin = nova_prime_pin,
	.unpin = nova_prime_unpin,
	.map_dma_buf = nova_prime_map,
	.unmap_dma_buf = drm_gem_unmap_dma_buf,
	.release = nova_prime_release,
	.mmap = drm_gem_dmabuf_mmap,
	.vmap = nova_prime_vmap,
	.vunmap = nova_prime_vunmap,
};

/**
 * nova_prime_export - make a dma-buf of an object
 * @obj: the object
 * @flags: DRM_CLOEXEC, DRM_RDWR
 *
 * Context: process; DRM's lock of names is held.
 *
 * Return: the dma-buf, which keeps @obj and its device alive; ERR_PTR: -EPERM for
 * a private object; -EBUSY for content that was advised away; -ENOMEM.
 */
struct dma_buf *nova_prime_export(struct drm_gem_object *obj, int flags)
{
	struct nova_gem *gem = to_nova_gem(obj);
	struct dma_buf_export_info info = {
		.exp_name = KBUILD_MODNAME,
		.owner = THIS_MODULE,
		.ops = &nova_prime_ops,
		.size = obj->size,
		.flags = flags,
		.priv = obj,
		.resv = obj->resv,
	};
	struct dma_buf *buf;

	if (gem->private_root)
		return ERR_PTR(-EPERM);
	if (!nova_bo_is_needed(&gem->bo))
		return ERR_PTR(-EBUSY);
	buf = drm_gem_dmabuf_export(obj->dev, &info);
	if (!IS_ERR(buf))
		nova_prime_set(gem, buf);
	return buf;
}

/* Our own: the dma-buf is only another name of the object. */
static struct drm_gem_object *nova_prime_find(struct drm_device *drm, const struct dma_buf *buf)
{
	struct drm_gem_object *obj;

	if (buf->ops != &nova_prime_ops)
		return NULL;
	obj = buf->priv;
	return obj->dev == drm ? obj : NULL;
}

static int nova_prime_check(struct nova_drm *ndrm, const struct dma_buf *buf)
{
	if (!buf->size || !PAGE_ALIGNED(buf->size))
		return -EINVAL;
	return buf->size > nova_gem_size_limit(ndrm, NOVA_BO_SYSTEM) ? -E2BIG : 0;
}

/**
 * nova_prime_import - make an object of a dma-buf
 * @drm: the device
 * @buf: the dma-buf
 *
 * Context: process; DRM's lock of names is held.
 *
 * Return: the object with one reference; ERR_PTR: -EINVAL for a size that is no
 * multiple of a page; -E2BIG; -ENOMEM; -EINTR; -EOPNOTSUPP or -ENODEV if the
 * exporter is one of ours that says so, and what others say.
 */
struct drm_gem_object *nova_prime_import(struct drm_device *drm, struct dma_buf *buf)
{
	struct nova_drm *ndrm = to_nova_drm(drm);
	struct drm_gem_object *obj = nova_prime_find(drm, buf);
	struct dma_buf_attachment *attach;
	struct nova_gem *gem;
	int ret;

	if (obj) {
		drm_gem_object_get(obj);
		return obj;
	}
	ret = nova_prime_check(ndrm, buf);
	if (ret)
		return ERR_PTR(ret);
	attach = nova_foreign_attach(buf, ndrm->nd.dev);
	if (IS_ERR(attach))
		return ERR_CAST(attach);
	gem = nova_gem_adopt(ndrm, attach);
	return IS_ERR(gem) ? ERR_CAST(gem) : &gem->bo.ttm.base;
}

/**
 * nova_prime_moving - the system memory of an object is about to be given up
 * @gem: the object, reserved
 *
 * Tells everyone who maps its dma-buf and can be told. Only system memory was
 * ever given to anyone.
 *
 * Context: process, may sleep.
 */
void nova_prime_moving(struct nova_gem *gem)
{
	dma_resv_assert_held(gem->bo.ttm.base.resv);
	if (gem->dma_buf && nova_bo_region(&gem->bo) == NOVA_BO_SYSTEM)
		nova_dma_buf_moving(gem->dma_buf);
}
