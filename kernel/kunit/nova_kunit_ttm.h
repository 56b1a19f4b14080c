/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_KUNIT_TTM_H__
#define __NOVA_KUNIT_TTM_H__

#include "nova_bo.h"
#include "nova_kunit.h"
#include "nova_ttm.h"

struct drm_device;

/** struct nova_kunit_ttm - TTM on a software GPU, see nova_kunit_ttm.c */
struct nova_kunit_ttm {
	/** @nk: what is below */
	struct nova_kunit *nk;
	/** @drm: a DRM device for objects to belong to */
	struct drm_device *drm;
	/** @nt: the driver's TTM device */
	struct nova_ttm nt;
	/** @moving: calls of that name so far */
	unsigned int moving;
	/** @purging: likewise */
	unsigned int purging;
	/** @moved: likewise */
	unsigned int moved;
	/** @refuse: what the first two answer */
	int refuse;
};

struct nova_kunit_ttm *nova_kunit_ttm_create(struct kunit *test,
					     const struct nova_kunit_config *config);
struct nova_bo *nova_kunit_bo(struct nova_kunit_ttm *nkt, struct nova_bo_params *params);
void nova_kunit_bo_put(struct nova_bo *bo);

#endif
