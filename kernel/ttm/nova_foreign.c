// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_foreign
 *
 * Objects whose memory belongs to another driver. Such an object is attached to
 * the exporter's dma-buf for its whole life, and *mapped* while somebody here
 * needs its addresses. The exporter may move the memory at any time; it says so
 * first, and by the time it gets an answer no unit of this GPU can reach the old
 * place any more::
 *
 *	attach -> unmapped --validate--> mapped --the exporter moves--> unmapped
 *
 * For TTM the object has no memory at all: it stays in TTM_PL_SYSTEM, is never
 * populated and never evicted. Only its array of DMA addresses is used.
 *
 * Invariant: &nova_bo.sgt is set if and only if the addresses in the array are
 * valid; page-table entries of the object exist only while they are.
 *
 * Locking: the dma-buf's reservation, which is also the object's, protects the
 * mapping. Attaching and detaching are done without it.
 *
 * Units: bytes; one DMA address a page.
 */
#include "nova_foreign.h"

#include "nova_bo.h"
#include "nova_compat.h"
#include "nova_ttm.h"

#include <drm/drm_drv.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/module.h>
#include <linux/scatterlist.h>

MODULE_INFO(import_ns, "DMA_BUF");

/* The GPU side of a device that is gone needs no care: nothing reaches memory through it. */
static void nova_foreign_moving(struct dma_buf_attachment *attach)
{
	struct nova_bo *bo = attach->importer_priv;
	int idx;

	/* Not set up yet, or not in use. */
	if (!bo || !bo->sgt)
		return;
	dma_resv_wait_timeout(bo->ttm.base.resv, DMA_RESV_USAGE_BOOKKEEP, false,
			      MAX_SCHEDULE_TIMEOUT);
	if (drm_dev_enter(bo->ttm.base.dev, &idx)) {
		/* Fails only if the hardware is dead, and then the VM was banned. */
		nova_ttm_from_bdev(bo->ttm.bdev)->client->moving(bo);
		drm_dev_exit(idx);
	}
	nova_foreign_unmap(bo);
}

/* VRAM of a peer is not asked for: nothing here could tell its addresses from memory's. */
static const struct dma_buf_attach_ops nova_foreign_ops = {
	.allow_peer2peer = false,
	.nova_moving = nova_foreign_moving,
};

/**
 * nova_foreign_attach - become a user of another driver's buffer
 * @buf: the buffer; a reference is taken
 * @dev: this device
 *
 * Until nova_bo_init() is given the attachment, the exporter's moves are none of
 * its concern.
 *
 * Context: process, may sleep; the buffer's reservation not held.
 *
 * Return: the attachment for nova_foreign_detach() or nova_bo_init(); ERR_PTR:
 * what the exporter says.
 */
struct dma_buf_attachment *nova_foreign_attach(struct dma_buf *buf, struct device *dev)
{
	struct dma_buf_attachment *attach;

	attach = dma_buf_dynamic_attach(buf, dev, &nova_foreign_ops, NULL);
	if (!IS_ERR(attach))
		get_dma_buf(buf);
	return attach;
}

/**
 * nova_foreign_detach - undo nova_foreign_attach()
 * @attach: an attachment that no object uses
 *
 * Context: process, may sleep; the buffer's reservation not held.
 */
void nova_foreign_detach(struct dma_buf_attachment *attach)
{
	struct dma_buf *buf = attach->dmabuf;

	dma_buf_detach(buf, attach);
	dma_buf_put(buf);
}

/* Whole pages, as many as the object has: what an exporter says is checked. */
static int nova_foreign_fill(struct nova_bo *bo, struct sg_table *sgt)
{
	struct ttm_tt *tt = bo->ttm.ttm;
	struct sg_dma_page_iter iter;
	u32 i = 0;

	for_each_sgtable_dma_page(sgt, &iter, 0) {
		dma_addr_t addr = sg_page_iter_dma_address(&iter);

		if (i == tt->num_pages || !PAGE_ALIGNED(addr))
			return -EINVAL;
		tt->dma_address[i++] = addr;
	}
	return i == tt->num_pages ? 0 : -EINVAL;
}

/**
 * nova_foreign_map - learn where the exporter's memory is
 * @bo: an imported object, reserved
 * @ctx: TTM's operation context
 *
 * Does nothing if that is known. May make the exporter move its memory, and waits
 * until it is there.
 *
 * Context: process, may sleep.
 *
 * Return: 0; -EINVAL if the exporter's table does not fit the object; -EINTR or
 * -ERESTARTSYS; what the exporter says.
 */
int nova_foreign_map(struct nova_bo *bo, struct ttm_operation_ctx *ctx)
{
	struct dma_buf_attachment *attach = bo->ttm.base.import_attach;
	struct sg_table *sgt;
	int ret;

	dma_resv_assert_held(bo->ttm.base.resv);
	if (bo->sgt)
		return 0;
	sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	ret = nova_bo_settle(bo, ctx->interruptible) ?: nova_foreign_fill(bo, sgt);
	if (ret) {
		dma_buf_unmap_attachment(attach, sgt, DMA_BIDIRECTIONAL);
		return ret;
	}
	bo->sgt = sgt;
	WRITE_ONCE(bo->mem_type, TTM_PL_TT);
	return 0;
}

/**
 * nova_foreign_unmap - forget where the exporter's memory is
 * @bo: an imported object, reserved; in no page table
 *
 * Context: process, may sleep.
 */
void nova_foreign_unmap(struct nova_bo *bo)
{
	dma_resv_assert_held(bo->ttm.base.resv);
	if (!bo->sgt)
		return;
	WRITE_ONCE(bo->mem_type, TTM_PL_SYSTEM);
	dma_buf_unmap_attachment(bo->ttm.base.import_attach, bo->sgt, DMA_BIDIRECTIONAL);
	bo->sgt = NULL;
}

/**
 * nova_foreign_fini - let go of the exporter's buffer
 * @bo: an imported object that nobody else refers to any more
 *
 * Context: process, may sleep; the reservation not held.
 */
void nova_foreign_fini(struct nova_bo *bo)
{
	struct dma_buf_attachment *attach = bo->ttm.base.import_attach;

	dma_resv_lock(attach->dmabuf->resv, NULL);
	nova_foreign_unmap(bo);
	attach->importer_priv = NULL;
	dma_resv_unlock(attach->dmabuf->resv);
	bo->ttm.base.import_attach = NULL;
	nova_foreign_detach(attach);
}
