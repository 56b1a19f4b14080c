// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu module
 *
 * One software GPU, one platform device "nova-swgpu" and one debugfs folder for
 * each chip named on the command line:
 *
 *   modprobe nova_swgpu chip=tu102,gh100 vram_mb=8192 bar1_mb=256
 *
 * The platform data of a device is a struct nova_io. Its DMA mask is the platform
 * bus's 32 bits until the driver sets its own. Devices appear in the order named
 * and go in reverse; a GPU outlives its device, so a driver that lets go in its
 * remove() never sees one disappear.
 *
 * Parameters are read once, at load. Sizes are MiB. No locking: init and exit are
 * the only users of the table of devices.
 */

#include "nova_swgpu_dev.h"

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#define NOVA_SWGPU_MAX_DEVICES 16

static char *nova_swgpu_chip[NOVA_SWGPU_MAX_DEVICES] = { "tu102" };
static int nova_swgpu_nr = 1;
module_param_array_named(chip, nova_swgpu_chip, charp, &nova_swgpu_nr, 0444);
MODULE_PARM_DESC(chip, "Chips to make, one device each: tu102 ga100 ga102 ad102 gh100 gb100 gb202");

static uint nova_swgpu_vram_mb = 1024;
module_param_named(vram_mb, nova_swgpu_vram_mb, uint, 0444);
MODULE_PARM_DESC(vram_mb, "VRAM of each device in MiB (default 1024)");

static uint nova_swgpu_bar1_mb = 256;
module_param_named(bar1_mb, nova_swgpu_bar1_mb, uint, 0444);
MODULE_PARM_DESC(bar1_mb, "BAR1 of each device in MiB: a power of two, vram_mb, or 0 (default 256)");

static bool nova_swgpu_gsp = true;
module_param_named(gsp, nova_swgpu_gsp, bool, 0444);
MODULE_PARM_DESC(gsp, "Boot a GSP message-queue server in each device (default on)");

static ulong nova_swgpu_seed = 1;
module_param_named(seed, nova_swgpu_seed, ulong, 0444);
MODULE_PARM_DESC(seed, "Seed of random evictions and garbage (default 1)");

static char *nova_swgpu_faults[NOVA_SWGPU_INJECT_COUNT];
static int nova_swgpu_nr_faults;
module_param_array_named(inject, nova_swgpu_faults, charp, &nova_swgpu_nr_faults, 0444);
MODULE_PARM_DESC(inject, "Faults to inject from the start, as name:value, names as in debugfs");

/** struct nova_swgpu_slot - one device of the command line */
struct nova_swgpu_slot {
	struct nova_swgpu *gpu;
	struct platform_device *pdev;
	struct dentry *dir;
};

static struct nova_swgpu_slot nova_swgpu_slots[NOVA_SWGPU_MAX_DEVICES];
static struct dentry *nova_swgpu_root;

static int nova_swgpu_slot_inject(struct nova_swgpu *gpu)
{
	int ret = 0;
	int i;

	for (i = 0; i < nova_swgpu_nr_faults && !ret; i++)
		ret = nova_swgpu_inject_parse(gpu, nova_swgpu_faults[i]);
	return ret;
}

static int nova_swgpu_slot_init(struct nova_swgpu_slot *slot, int id)
{
	const struct nova_swgpu_config cfg = {
		.chip = nova_swgpu_chip[id],
		.vram_size = (u64)nova_swgpu_vram_mb << 20,
		.bar1_size = (u64)nova_swgpu_bar1_mb << 20,
		.seed = nova_swgpu_seed + id,
		.gsp = nova_swgpu_gsp,
	};
	int ret;

	slot->gpu = nova_swgpu_create(&cfg);
	if (IS_ERR(slot->gpu))
		return PTR_ERR(slot->gpu);
	ret = nova_swgpu_slot_inject(slot->gpu);
	if (ret)
		goto err_destroy;
	slot->pdev = platform_device_register_data(NULL, "nova-swgpu", id,
						   nova_swgpu_io(slot->gpu),
						   sizeof(struct nova_io));
	if (IS_ERR(slot->pdev)) {
		ret = PTR_ERR(slot->pdev);
		goto err_destroy;
	}
	slot->dir = nova_swgpu_debugfs_add(slot->gpu, nova_swgpu_root,
					   dev_name(&slot->pdev->dev));
	return 0;

err_destroy:
	nova_swgpu_destroy(slot->gpu);
	return ret;
}

static void nova_swgpu_slot_fini(struct nova_swgpu_slot *slot)
{
	debugfs_remove(slot->dir);
	platform_device_unregister(slot->pdev);
	nova_swgpu_destroy(slot->gpu);
}

static int __init nova_swgpu_module_init(void)
{
	int ret;
	int i;

	nova_swgpu_root = debugfs_create_dir("nova_swgpu", NULL);
	for (i = 0; i < nova_swgpu_nr; i++) {
		ret = nova_swgpu_slot_init(&nova_swgpu_slots[i], i);
		if (ret)
			goto err_slots;
	}
	return 0;

err_slots:
	while (i--)
		nova_swgpu_slot_fini(&nova_swgpu_slots[i]);
	debugfs_remove(nova_swgpu_root);
	return ret;
}
module_init(nova_swgpu_module_init);

static void __exit nova_swgpu_module_exit(void)
{
	int i = nova_swgpu_nr;

	while (i--)
		nova_swgpu_slot_fini(&nova_swgpu_slots[i]);
	debugfs_remove(nova_swgpu_root);
}
module_exit(nova_swgpu_module_exit);

MODULE_DESCRIPTION("Software model of an NVIDIA GPU's memory side");
MODULE_AUTHOR("The drm_nova authors");
MODULE_LICENSE("Dual MIT/GPL");
