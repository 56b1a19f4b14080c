/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_FOREIGN_H__
#define __NOVA_FOREIGN_H__

struct device;
struct dma_buf;
struct dma_buf_attachment;
struct nova_bo;
struct ttm_operation_ctx;

struct dma_buf_attachment *nova_foreign_attach(struct dma_buf *buf, struct device *dev);
void nova_foreign_detach(struct dma_buf_attachment *attach);
int nova_foreign_map(struct nova_bo *bo, struct ttm_operation_ctx *ctx);
void nova_foreign_unmap(struct nova_bo *bo);
void nova_foreign_fini(struct nova_bo *bo);

#endif
