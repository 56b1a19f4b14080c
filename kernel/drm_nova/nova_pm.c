// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pm
 *
 * System sleep. VRAM may lose power, so what is in it moves to system memory first.
 * That has to happen while there is still swap to make room with and while user
 * space, whose fences objects may wait for, still runs::
 *
 *	notifier, prepare	wait for every object in VRAM, evict all of them
 *	(processes freeze)
 *	device, suspend		evict what came back in the meantime
 *	...
 *	notifier, post		move back what was in VRAM before
 *
 * An object that does not become idle in time, or for which there is no system
 * memory, makes the sleep fail; what was evicted by then is moved back and the
 * device goes on.
 *
 * Page tables are not saved: the software GPU and s2idle keep VRAM powered. A board
 * that would lose it refuses to sleep, see nova_pci.
 *
 * Locking: the objects' reservations, one at a time.
 */
#include "nova_pm.h"

#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_gem.h"

#include <drm/drm_drv.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_placement.h>

#include <kunit/static_stub.h>

#include <linux/device.h>
#include <linux/dma-resv.h>
#include <linux/jiffies.h>
#include <linux/notifier.h>
#include <linux/suspend.h>

/* How long one object may be busy before the machine stays awake. */
#define NOVA_PM_IDLE_TIMEOUT_MS		2000

/* Move one object back where it was. If there is no room it waits for its next use. */
static void nova_pm_restore_one(struct nova_gem *gem)
{
	struct ttm_operation_ctx ctx = {};
	struct dma_resv *resv = gem->bo.ttm.base.resv;

	dma_resv_lock(resv, NULL);
	if (gem->was_in_vram && nova_bo_is_needed(&gem->bo))
		nova_bo_validate_in(&gem->bo, NOVA_BO_VRAM, &ctx);
	gem->was_in_vram = false;
	dma_resv_unlock(resv);
}

static void nova_pm_restore(struct nova_drm *ndrm)
{
	struct nova_gem *gem = NULL;

	while ((gem = nova_gem_list_next(ndrm, gem)))
		nova_pm_restore_one(gem);
}

/* Note what is in VRAM; busy objects would keep eviction waiting without a limit. */
static int nova_pm_prepare_one(struct nova_gem *gem)
{
	struct dma_resv *resv = gem->bo.ttm.base.resv;
	long left = 1;

	dma_resv_lock(resv, NULL);
	if (nova_bo_in_vram(&gem->bo))
		left = dma_resv_wait_timeout(resv, DMA_RESV_USAGE_BOOKKEEP, false,
					     msecs_to_jiffies(NOVA_PM_IDLE_TIMEOUT_MS));
	if (left > 0)
		gem->was_in_vram = nova_bo_in_vram(&gem->bo);
	dma_resv_unlock(resv);
	return left > 0 ? 0 : -EBUSY;
}

static int nova_pm_evacuate(struct nova_drm *ndrm)
{
	struct nova_gem *gem = NULL;
	int ret = 0;

	while ((gem = nova_gem_list_next(ndrm, gem))) {
		ret = nova_pm_prepare_one(gem);
		if (ret) {
			nova_gem_put(gem);
			break;
		}
	}
	if (!ret)
		ret = nova_ttm_evict(&ndrm->nt, TTM_PL_VRAM);
	if (ret) {
		drm_err(&ndrm->drm, "cannot sleep: %pe\n", ERR_PTR(ret));
		nova_pm_restore(ndrm);
	}
	return ret;
}

static int nova_pm_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct nova_drm *ndrm = container_of(nb, struct nova_drm, pm);
	int ret = 0, idx;

	if (!drm_dev_enter(&ndrm->drm, &idx))
		return NOTIFY_DONE;
	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		ret = nova_pm_evacuate(ndrm);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		nova_pm_restore(ndrm);
		break;
	}
	drm_dev_exit(idx);
	return notifier_from_errno(ret);
}

static void nova_pm_fini(void *data)
{
	unregister_pm_notifier(data);
}

/**
 * nova_pm_init - take part in system sleep
 * @ndrm: the device, its memory manager ready
 *
 * Until the hardware is let go of.
 *
 * Context: process, during probe.
 *
 * Return: 0 or -ENOMEM.
 */
int nova_pm_init(struct nova_drm *ndrm)
{
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(nova_pm_init, ndrm);
	ndrm->pm.notifier_call = nova_pm_notify;
	ret = register_pm_notifier(&ndrm->pm);
	if (ret)
		return ret;
	return devm_add_action_or_reset(ndrm->nd.dev, nova_pm_fini, &ndrm->pm);
}

static int nova_pm_suspend(struct device *dev)
{
	struct nova_drm *ndrm = dev_get_drvdata(dev);

	return nova_ttm_evict(&ndrm->nt, TTM_PL_VRAM);
}

static int nova_pm_resume(struct device *dev)
{
	return 0;
}

/* For platform devices; what a board does beside this is in nova_pci. */
DEFINE_SIMPLE_DEV_PM_OPS(nova_pm_ops, nova_pm_suspend, nova_pm_resume);
