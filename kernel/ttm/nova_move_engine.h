/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_MOVE_ENGINE_H__
#define __NOVA_MOVE_ENGINE_H__

#include <linux/types.h>

struct dma_fence;
struct nova_ttm;
struct ttm_buffer_object;
struct ttm_operation_ctx;
struct ttm_resource;

int nova_move_engine_wait(struct nova_ttm *nt, struct ttm_buffer_object *tbo,
			  const struct ttm_operation_ctx *ctx);
struct dma_fence *nova_move_engine_start(struct nova_ttm *nt, struct ttm_buffer_object *tbo,
					 u32 from, struct ttm_resource *new);
int nova_move_engine_finish(struct nova_ttm *nt, struct ttm_buffer_object *tbo, bool evict,
			    struct ttm_resource *new, struct dma_fence *fence);

#endif
