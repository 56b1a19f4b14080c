// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_kunit_ttm
 *
 * TTM on a software GPU, for tests: a DRM device that is never registered, the
 * driver's TTM device on the mechanism of struct nova_kunit, and objects that are
 * nothing but memory. What the DRM face would do when memory moves is counted.
 *
 * Everything goes with the test; an object that is still there then is a leak, and
 * TTM complains about it.
 */
#include "nova_kunit_ttm.h"

#include "nova_compat.h"

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/ttm/ttm_bo.h>

#include <kunit/device.h>
#include <kunit/resource.h>
#include <kunit/test.h>

#include <linux/dma-mapping.h>

static const struct drm_driver nova_kunit_driver = {
	.driver_features = DRIVER_GEM,
	.name = "nova-kunit",
	.desc = "nova-kunit",
	NOVA_DRIVER_DATE
};

static struct nova_kunit_ttm *nova_kunit_ttm_of(struct nova_bo *bo)
{
	return container_of(nova_ttm_from_bdev(bo->ttm.bdev), struct nova_kunit_ttm, nt);
}

static int nova_kunit_moving(struct nova_bo *bo)
{
	struct nova_kunit_ttm *nkt = nova_kunit_ttm_of(bo);

	nkt->moving++;
	return nkt->refuse;
}

static int nova_kunit_purging(struct nova_bo *bo)
{
	nova_kunit_ttm_of(bo)->purging++;
	return nova_kunit_ttm_of(bo)->refuse;
}

static void nova_kunit_moved(struct nova_bo *bo)
{
	nova_kunit_ttm_of(bo)->moved++;
}

static const struct nova_ttm_client nova_kunit_client = {
	.moving = nova_kunit_moving,
	.purging = nova_kunit_purging,
	.moved = nova_kunit_moved,
};

static void nova_kunit_put_drm(void *arg)
{
	drm_dev_put(arg);
}

static void nova_kunit_fini_ttm(void *arg)
{
	nova_ttm_fini(arg);
}

/**
 * nova_kunit_ttm_create - TTM on a software GPU
 * @test: the test
 * @config: the GPU wanted
 *
 * Asserts success.
 *
 * Return: the fixture.
 */
struct nova_kunit_ttm *nova_kunit_ttm_create(struct kunit *test,
					     const struct nova_kunit_config *config)
{
	struct nova_kunit_ttm *nkt = kunit_kzalloc(test, sizeof(*nkt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nkt);
	nkt->nk = nova_kunit_create(test, config);
	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(nkt->nk->nd.dev, DMA_BIT_MASK(47)), 0);
	nkt->drm = drm_dev_alloc(&nova_kunit_driver, nkt->nk->nd.dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nkt->drm);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_kunit_put_drm, nkt->drm), 0);
	KUNIT_ASSERT_EQ(test, nova_ttm_init(&nkt->nt, &nkt->nk->mm, nkt->drm, &nova_kunit_client),
			0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_kunit_fini_ttm, &nkt->nt), 0);
	return nkt;
}

static void nova_kunit_bo_destroy(struct ttm_buffer_object *tbo)
{
	drm_gem_object_release(&tbo->base);
	kfree(nova_bo(tbo));
}

/**
 * nova_kunit_bo - an object without memory
 * @nkt: the fixture
 * @params: what nova_bo_init() is told; its destroy is filled in here
 *
 * Asserts success.
 *
 * Return: the object, reserved, for nova_kunit_bo_put().
 */
struct nova_bo *nova_kunit_bo(struct nova_kunit_ttm *nkt, struct nova_bo_params *params)
{
	struct kunit *test = nkt->nk->test;
	struct nova_bo *bo = kzalloc_obj(*bo);

	KUNIT_ASSERT_NOT_NULL(test, bo);
	params->destroy = nova_kunit_bo_destroy;
	drm_gem_private_object_init(nkt->drm, &bo->ttm.base, params->size);
	KUNIT_ASSERT_EQ(test, nova_bo_init(bo, &nkt->nt, params), 0);
	return bo;
}

/**
 * nova_kunit_bo_put - free an object
 * @bo: the object, reserved
 */
void nova_kunit_bo_put(struct nova_bo *bo)
{
	dma_resv_unlock(bo->ttm.base.resv);
	nova_ttm_bo_fini(&bo->ttm);
}
