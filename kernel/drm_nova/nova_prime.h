/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PRIME_H__
#define __NOVA_PRIME_H__

struct dma_buf;
struct drm_device;
struct drm_gem_object;
struct nova_gem;

struct dma_buf *nova_prime_export(struct drm_gem_object *obj, int flags);
struct drm_gem_object *nova_prime_import(struct drm_device *drm, struct dma_buf *buf);
void nova_prime_moving(struct nova_gem *gem);

#endif
