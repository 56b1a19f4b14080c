// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_probe
 *
 * From a backend's BARs to a registered DRM device, and back. The same two
 * functions serve the platform device of the software GPU and a PCI device.
 *
 * Construction order is device, memory management, TTM, registration; what the
 * DRM device owns is undone backwards by drmm when its last user is gone, and
 * what needs the hardware is undone in nova_drm_remove() before that.
 *
 * The usable part of VRAM is what firmware says. Without firmware it is what the
 * size registers say, less the megabyte at the end that the display workspace
 * occupies by default. A GSP that runs but talks nonsense fails the probe: guessing
 * at memory that firmware may be using would corrupt it.
 *
 * A device outlives its binding as long as a job of it waits for somebody else's fence:
 * none of the files is left that would keep the module. So devices are counted, and the
 * module waits for the last of them.
 *
 * Locking: bind and unbind are serialised by the driver core.
 */
#include "nova_drv.h"

#include "nova_bind_job.h"
#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_gem.h"
#include "nova_pm.h"

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>

#include <linux/atomic.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/mod_devicetable.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#define NOVA_VGA_WORKSPACE_SIZE		SZ_1M

static unsigned int nova_exec_timeout_ms = 10000;
module_param_named(exec_timeout_ms, nova_exec_timeout_ms, uint, 0644);
MODULE_PARM_DESC(exec_timeout_ms, "Longest time one job may take, for devices found from now on");

/* Devices that are not freed yet. */
static atomic_t nova_drm_alive = ATOMIC_INIT(0);

static void nova_drm_freed(struct drm_device *drm, void *data)
{
	if (atomic_dec_and_test(&nova_drm_alive))
		wake_up_var(&nova_drm_alive);
}

/* Before anything else that the device owns, so that it is freed when all of that is. */
static int nova_drm_count(struct nova_drm *ndrm)
{
	atomic_inc(&nova_drm_alive);
	return drmm_add_action_or_reset(&ndrm->drm, nova_drm_freed, NULL);
}

/**
 * nova_drm_wait_freed - wait until there is no device any more
 *
 * To be called when no driver is registered and before nova_reaper is destroyed. Files and
 * dma-bufs keep the module, so what can still be there is work that waits for fences of
 * others, with its VM: this waits for those fences, uninterruptibly.
 *
 * Who frees a device then is a worker of nova_reaper, of which some instructions are left
 * when the count is zero: those, destroying that waits for. DRM itself does not look at its
 * driver behind the driver's own actions.
 *
 * Context: process, while the module is unloaded.
 */
void nova_drm_wait_freed(void)
{
	wait_var_event(&nova_drm_alive, !atomic_read(&nova_drm_alive));
}

static void nova_drm_fini_ttm(struct drm_device *drm, void *data)
{
	nova_ttm_fini(&to_nova_drm(drm)->nt);
}

static void nova_drm_fini_mm(struct drm_device *drm, void *data)
{
	nova_mm_fini(&to_nova_drm(drm)->mm);
}

static void nova_drm_fini_gsp(void *data)
{
	nova_gsp_fini(data);
}

/* What can be known without firmware. */
static int nova_drm_info_from_registers(struct nova_drm *ndrm)
{
	struct nova_gsp_info *info = &ndrm->info;

	if (ndrm->nd.vram_size <= NOVA_VGA_WORKSPACE_SIZE)
		return -ENODEV;
	dev_info(ndrm->nd.dev, "no GSP: VRAM by its size registers, the last MiB kept off\n");
	info->regions[0].size = ndrm->nd.vram_size - NOVA_VGA_WORKSPACE_SIZE;
	info->nr_regions = 1;
	info->fb_end = ndrm->nd.vram_size;
	snprintf(info->name, sizeof(info->name), "NVIDIA %s", ndrm->nd.chip->name);
	strscpy(info->short_name, ndrm->nd.chip->name);
	return 0;
}

/*
 * Released with the binding, not with the DRM device: it is DMA memory of the hardware, which
 * nova_drm_cut_off() has made to let go of it.
 */
static int nova_drm_init_info(struct nova_drm *ndrm)
{
	int ret;

	if (!nova_gsp_present(&ndrm->nd))
		return nova_drm_info_from_registers(ndrm);
	ret = nova_gsp_boot(&ndrm->gsp, &ndrm->nd, &ndrm->info);
	if (ret)
		return ret;
	return devm_add_action_or_reset(ndrm->nd.dev, nova_drm_fini_gsp, &ndrm->gsp);
}

static int nova_drm_init_mm(struct nova_drm *ndrm)
{
	struct nova_mm_region regions[NOVA_GSP_MAX_REGIONS];
	struct nova_mm_config config = {
		.regions = regions,
		.nr_regions = ndrm->info.nr_regions,
		.bar1_borrowed = nova_gsp_present(&ndrm->nd),
		.bar1_root = nova_vram(ndrm->info.bar1_root),
	};
	int ret;

	for (unsigned int i = 0; i < ndrm->info.nr_regions; i++) {
		const struct nova_gsp_region *from = &ndrm->info.regions[i];

		regions[i] = (struct nova_mm_region) { .base = from->base, .size = from->size };
		dev_info(ndrm->nd.dev, "VRAM 0x%llx-0x%llx usable, %llu MiB\n", from->base,
			 from->base + from->size - 1, from->size / SZ_1M);
	}
	ret = nova_mm_init(&ndrm->mm, &ndrm->nd, &config);
	if (ret)
		return ret;
	return drmm_add_action_or_reset(&ndrm->drm, nova_drm_fini_mm, NULL);
}

static void nova_drm_fini_exec(struct drm_device *drm, void *data)
{
	struct nova_drm *ndrm = to_nova_drm(drm);

	nova_mm_set_copy(&ndrm->mm, NULL);
	nova_copy_fini(&ndrm->copy);
	nova_host_fini(&ndrm->host);
}

static int nova_drm_start_host(struct nova_drm *ndrm)
{
	int ret = nova_host_init(&ndrm->host, &ndrm->mm, nova_exec_timeout_ms);

	if (ret)
		return ret;
	ret = nova_copy_init(&ndrm->copy, &ndrm->host);
	if (ret)
		nova_host_fini(&ndrm->host);
	return ret;
}

/*
 * Channels of the software GPU are ours; on a board they belong to firmware, which
 * this driver does not ask for any yet.
 */
static int nova_drm_init_exec(struct nova_drm *ndrm)
{
	int ret;

	if (!dev_is_platform(ndrm->nd.dev))
		return 0;
	ret = nova_drm_start_host(ndrm);
	if (ret) {
		dev_warn(ndrm->nd.dev, "no channels: %d\n", ret);
		return 0;
	}
	ndrm->exec = true;
	nova_mm_set_copy(&ndrm->mm, &ndrm->copy);
	return drmm_add_action_or_reset(&ndrm->drm, nova_drm_fini_exec, NULL);
}

/* While the hardware still listens, so that it lets go of our memory. */
static void nova_drm_stop_exec(struct nova_drm *ndrm)
{
	if (!ndrm->exec)
		return;
	nova_host_remove(&ndrm->host);
	nova_copy_release(&ndrm->copy);
}

static int nova_drm_init_ttm(struct nova_drm *ndrm)
{
	int ret = nova_ttm_init(&ndrm->nt, &ndrm->mm, &ndrm->drm, &nova_gem_ttm_client);

	if (ret)
		return ret;
	return drmm_add_action_or_reset(&ndrm->drm, nova_drm_fini_ttm, NULL);
}

/* From now on a fault finds a page of zeroes (uapi.md §6). */
static void nova_drm_wedged(struct work_struct *work)
{
	struct nova_drm *ndrm = container_of(work, struct nova_drm, wedged);

	unmap_mapping_range(ndrm->drm.anon_inode->i_mapping, 0, 0, 1);
	nova_dev_wedged_event(&ndrm->drm, DRM_WEDGE_RECOVERY_REBIND);
	drm_dev_put(&ndrm->drm);
}

/* The event allocates, and this may be where fences wait to be signalled. */
static void nova_drm_on_wedge(struct nova_device *nd)
{
	struct nova_drm *ndrm = container_of(nd, struct nova_drm, nd);

	drm_dev_get(&ndrm->drm);
	queue_work(nova_reaper, &ndrm->wedged);
}

static int nova_drm_init_device(struct nova_drm *ndrm, struct device *dev, struct nova_io *io)
{
	int ret = nova_device_init(&ndrm->nd, dev, io);

	if (ret)
		return ret;
	ndrm->nd.drm = &ndrm->drm;
	ndrm->nd.on_wedge = nova_drm_on_wedge;
	return dma_set_mask_and_coherent(dev, DMA_BIT_MASK(ndrm->nd.chip->family->dma_bits));
}

static void nova_drm_fini_wq(struct drm_device *drm, void *data)
{
	destroy_workqueue(data);
}

static int nova_drm_init_wq(struct nova_drm *ndrm)
{
	/* Fences signal in here, and reclaim may wait for them. */
	ndrm->bind_wq = alloc_workqueue("nova-bind", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!ndrm->bind_wq)
		return -ENOMEM;
	return drmm_add_action_or_reset(&ndrm->drm, nova_drm_fini_wq, ndrm->bind_wq);
}

static int nova_drm_init_lists(struct nova_drm *ndrm)
{
	init_waitqueue_head(&ndrm->waiters);
	INIT_WORK(&ndrm->wedged, nova_drm_wedged);
	INIT_LIST_HEAD(&ndrm->objects.list);
	INIT_LIST_HEAD(&ndrm->vms.list);
	if (drmm_mutex_init(&ndrm->drm, &ndrm->cut_lock) ||
	    drmm_mutex_init(&ndrm->drm, &ndrm->objects.lock))
		return -ENOMEM;
	return drmm_mutex_init(&ndrm->drm, &ndrm->vms.lock);
}

static int nova_drm_bring_up(struct nova_drm *ndrm, struct device *dev, struct nova_io *io)
{
	int ret;

	ret = nova_drm_count(ndrm) ?: nova_drm_init_lists(ndrm);
	if (ret)
		return ret;
	ret = nova_drm_init_wq(ndrm);
	if (ret)
		return ret;
	ret = nova_drm_init_device(ndrm, dev, io);
	if (ret)
		return ret;
	ret = nova_drm_init_info(ndrm);
	if (ret)
		return ret;
	ret = nova_drm_init_mm(ndrm);
	if (ret)
		return ret;
	ret = nova_drm_init_exec(ndrm);
	if (ret)
		return ret;
	ret = nova_drm_init_ttm(ndrm) ?: nova_pm_init(ndrm);
	if (ret)
		return ret;
	return drm_dev_register(&ndrm->drm, 0);
}

/**
 * nova_drm_cut_off - have the hardware let go of memory, and never touch it again
 * @ndrm: the device, unplugged as far as DRM is concerned, or never registered
 *
 * Engines first, then what they and BAR1 walk, and firmware last, whose BAR1 may be:
 * the hardware is left as it was found.
 *
 * Also for whoever frees what channels use after DRM said that the device is gone,
 * which is before nova_drm_remove() gets to it: the hardware may still be there, and
 * would go on using the memory.
 *
 * Context: process, sleeps. Idempotent, also at the same time.
 */
void nova_drm_cut_off(struct nova_drm *ndrm)
{
	guard(mutex)(&ndrm->cut_lock);
	if (nova_device_is_gone(&ndrm->nd))
		return;
	nova_drm_stop_exec(ndrm);
	nova_mm_disconnect(&ndrm->mm);
	nova_gsp_unload(&ndrm->gsp);
	nova_device_unplug(&ndrm->nd);
}

/**
 * nova_drm_probe - bring up the GPU behind a backend
 * @dev: the hardware binding
 * @io: its BARs; must stay valid until nova_drm_remove() returns
 *
 * Context: process, in a bus probe.
 *
 * Return: the device, owned by @dev; ERR_PTR: -ENODEV if this is no GPU we know,
 * -ENOMEM, -EIO if the hardware does not respond, -ETIMEDOUT.
 */
struct nova_drm *nova_drm_probe(struct device *dev, struct nova_io *io)
{
	struct nova_drm *ndrm = devm_drm_dev_alloc(dev, &nova_drm_driver, struct nova_drm, drm);
	int ret;

	if (IS_ERR(ndrm))
		return ndrm;
	ret = nova_drm_bring_up(ndrm, dev, io);
	if (ret) {
		if (ndrm->nd.io)
			nova_drm_cut_off(ndrm);
		return ERR_PTR(ret);
	}
	drm_info(&ndrm->drm, "%s, GMMU v%u, %llu MiB VRAM, %llu MiB BAR1\n", ndrm->nd.chip->name,
		 ndrm->nd.chip->family->gmmu_version, ndrm->nd.vram_size / SZ_1M,
		 ndrm->nd.bar1_size / SZ_1M);
	return ndrm;
}

/**
 * nova_drm_remove - let go of the hardware
 * @ndrm: the device
 *
 * Afterwards nothing touches the backend; files, mappings and dma-bufs that are
 * still open see a device that is gone, and every fence of ours has signalled.
 *
 * Context: process, in a bus remove.
 */
void nova_drm_remove(struct nova_drm *ndrm)
{
	drm_dev_unplug(&ndrm->drm);
	wake_up_all(&ndrm->waiters);
	nova_drm_stop_exec(ndrm);
	nova_bind_abandon_all(ndrm);
	nova_drm_cut_off(ndrm);
	nova_gem_abandon_all(ndrm);
	nova_ttm_release_lost(&ndrm->nt);
}

static int nova_platform_probe(struct platform_device *pdev)
{
	struct nova_io *io = dev_get_platdata(&pdev->dev);
	struct nova_drm *ndrm;

	if (!io)
		return -ENODEV;
	ndrm = nova_drm_probe(&pdev->dev, io);
	if (IS_ERR(ndrm))
		return PTR_ERR(ndrm);
	platform_set_drvdata(pdev, ndrm);
	return 0;
}

static void nova_platform_remove(struct platform_device *pdev)
{
	nova_drm_remove(platform_get_drvdata(pdev));
}

static const struct platform_device_id nova_platform_ids[] = {
	{ "nova-swgpu" },
	{ }
};
MODULE_DEVICE_TABLE(platform, nova_platform_ids);

static struct platform_driver nova_platform_driver = {
	.driver = { .name = "drm_nova", .pm = pm_sleep_ptr(&nova_pm_ops) },
	.id_table = nova_platform_ids,
	.probe = nova_platform_probe,
	.remove = nova_platform_remove,
};

/**
 * nova_platform_register - offer the driver to software GPUs
 *
 * Return: 0 or the driver core's error.
 */
int nova_platform_register(void)
{
	return platform_driver_register(&nova_platform_driver);
}

/**
 * nova_platform_unregister - unbind every software GPU
 */
void nova_platform_unregister(void)
{
	platform_driver_unregister(&nova_platform_driver);
}
