// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu device
 *
 * A software GPU as the rest of the kernel sees it: a platform device "nova-swgpu"
 * whose platform data is a struct nova_io, and a debugfs folder of the same name.
 * Its DMA mask is the platform bus's 32 bits until the driver sets its own.
 *
 * The GPU is there before its device and goes after it, so a driver that lets go in
 * its remove() never sees one disappear. Devices are numbered from 0, the lowest
 * free number first.
 *
 * Locking: none of its own; the numbers are an IDA's.
 */

#include "nova_swgpu_device.h"

#include "nova_swgpu_dev.h"

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

/** struct nova_swgpu_device - one of them */
struct nova_swgpu_device {
	struct nova_swgpu *gpu;
	struct platform_device *pdev;
	struct dentry *dir;
};

static DEFINE_IDA(nova_swgpu_ids);
static struct dentry *nova_swgpu_root;

/**
 * nova_swgpu_devices_init - make the folder of all devices
 *
 * Context: may sleep.
 */
void nova_swgpu_devices_init(void)
{
	nova_swgpu_root = debugfs_create_dir("nova_swgpu", NULL);
}

/**
 * nova_swgpu_devices_fini - remove it again
 *
 * Context: may sleep; all devices are gone.
 */
void nova_swgpu_devices_fini(void)
{
	debugfs_remove(nova_swgpu_root);
	ida_destroy(&nova_swgpu_ids);
}

static struct platform_device *nova_swgpu_device_register(struct nova_swgpu *gpu)
{
	struct platform_device *pdev;
	int id = ida_alloc(&nova_swgpu_ids, GFP_KERNEL);

	if (id < 0)
		return ERR_PTR(id);
	pdev = platform_device_register_data(NULL, "nova-swgpu", id, nova_swgpu_io(gpu),
					     sizeof(struct nova_io));
	if (IS_ERR(pdev))
		ida_free(&nova_swgpu_ids, id);
	return pdev;
}

/**
 * nova_swgpu_device_add - make a GPU and show it to the driver
 * @cfg: what to make; copied
 * @inject: faults to inject from the start, as text; may be empty
 *
 * Context: may sleep; the driver's probe runs here.
 * Return: the device; ERR_PTR of -EINVAL for what no GPU can be, or -ENOMEM.
 */
struct nova_swgpu_device *nova_swgpu_device_add(const struct nova_swgpu_config *cfg,
						const char *inject)
{
	struct nova_swgpu_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->gpu = nova_swgpu_create(cfg);
	if (IS_ERR(dev->gpu)) {
		ret = PTR_ERR(dev->gpu);
		goto err_free;
	}
	ret = nova_swgpu_inject_list(dev->gpu, inject);
	if (ret)
		goto err_destroy;
	dev->pdev = nova_swgpu_device_register(dev->gpu);
	if (IS_ERR(dev->pdev)) {
		ret = PTR_ERR(dev->pdev);
		goto err_destroy;
	}
	dev->dir = nova_swgpu_debugfs_add(dev->gpu, nova_swgpu_root, dev_name(&dev->pdev->dev));
	return dev;

err_destroy:
	nova_swgpu_destroy(dev->gpu);
err_free:
	kfree(dev);
	return ERR_PTR(ret);
}

/**
 * nova_swgpu_device_remove - undo nova_swgpu_device_add()
 * @dev: the device
 *
 * Context: may sleep; the driver's remove runs here.
 */
void nova_swgpu_device_remove(struct nova_swgpu_device *dev)
{
	int id = dev->pdev->id;

	debugfs_remove(dev->dir);
	platform_device_unregister(dev->pdev);
	ida_free(&nova_swgpu_ids, id);
	nova_swgpu_destroy(dev->gpu);
	kfree(dev);
}

/**
 * nova_swgpu_device_name - what it is called
 * @dev: the device
 *
 * Return: name of the platform device and of the debugfs folder.
 */
const char *nova_swgpu_device_name(const struct nova_swgpu_device *dev)
{
	return dev_name(&dev->pdev->dev);
}
