/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_KUNIT_DRM_H__
#define __NOVA_KUNIT_DRM_H__

#include "nova_drv.h"
#include "nova_gem.h"
#include "nova_swgpu.h"

struct file;
struct kunit;
struct platform_device;

/**
 * struct nova_kunit_drm - the whole driver on a software GPU, and one client of it
 */
struct nova_kunit_drm {
	/** @test: the test it belongs to */
	struct kunit *test;
	/** @gpu: the model */
	struct nova_swgpu *gpu;
	/** @dev: what the driver is bound to, unless @pdev */
	struct device *dev;
	/** @pdev: what the platform bus has bound the driver to */
	struct platform_device *pdev;
	/** @ndrm: the driver's device */
	struct nova_drm *ndrm;
	/** @filp: the client's open render node */
	struct file *filp;
	/** @file: the same as DRM knows it */
	struct drm_file *file;
};

struct nova_kunit_drm *nova_kunit_drm_create(struct kunit *test,
					     const struct nova_swgpu_config *config);
struct nova_kunit_drm *nova_kunit_drm_create_bound(struct kunit *test,
						   const struct nova_swgpu_config *config);
u32 nova_kunit_drm_vm(struct nova_kunit_drm *nkd, u32 flags);
struct nova_gem *nova_kunit_drm_gem(struct nova_kunit_drm *nkd, u64 size, u32 placement,
				    u32 vm_id, u32 *handle);
u64 nova_kunit_drm_user(struct nova_kunit_drm *nkd, size_t size);

#endif
