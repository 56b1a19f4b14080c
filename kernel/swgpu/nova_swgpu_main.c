// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu module
 *
 * Makes one software GPU for each chip named on the command line::
 *
 *   modprobe nova_swgpu chip=tu102,gh100 vram_mb=8192 bar1_mb=256
 *
 * Each is a platform device "nova-swgpu", in the order named, with a folder in
 * debugfs. All share the other parameters; GPUs that differ are made in configfs,
 * with "chip=none" if there are to be no others.
 *
 * Parameters are read once, at load. Sizes are MiB. No locking: init and exit are
 * the only users of the table of devices.
 */

#include "nova_swgpu_dev.h"
#include "nova_swgpu_device.h"

#include <linux/err.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/string.h>

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
MODULE_PARM_DESC(bar1_mb, "BAR1 of each device in MiB: power of two, vram_mb, or 0 (default 256)");

static bool nova_swgpu_gsp = true;
module_param_named(gsp, nova_swgpu_gsp, bool, 0444);
MODULE_PARM_DESC(gsp, "Boot a GSP message-queue server in each device (default on)");

static char *nova_swgpu_regions = "";
module_param_named(regions, nova_swgpu_regions, charp, 0444);
MODULE_PARM_DESC(regions, "FB regions the GSP reports, as base-limit:flags,… or none");

static ulong nova_swgpu_seed = 1;
module_param_named(seed, nova_swgpu_seed, ulong, 0444);
MODULE_PARM_DESC(seed, "Seed of random evictions and noise (default 1)");

static char *nova_swgpu_faults = "";
module_param_named(inject, nova_swgpu_faults, charp, 0444);
MODULE_PARM_DESC(inject, "Faults to inject from the start, as name:value,… with names as in debugfs");

static struct nova_swgpu_device *nova_swgpu_devices[NOVA_SWGPU_MAX_DEVICES];

static struct nova_swgpu_device *nova_swgpu_module_add(int i)
{
	struct nova_swgpu_config cfg = {
		.chip = nova_swgpu_chip[i],
		.vram_size = (u64)nova_swgpu_vram_mb << 20,
		.bar1_size = (u64)nova_swgpu_bar1_mb << 20,
		.seed = nova_swgpu_seed + i,
		.gsp = nova_swgpu_gsp,
	};
	int ret;

	ret = nova_swgpu_regions_parse(&cfg, nova_swgpu_regions);
	return ret ? ERR_PTR(ret) : nova_swgpu_device_add(&cfg, nova_swgpu_faults);
}

static int __init nova_swgpu_module_init(void)
{
	int ret;
	int i;

	if (nova_swgpu_nr == 1 && !strcmp(nova_swgpu_chip[0], "none"))
		nova_swgpu_nr = 0;
	nova_swgpu_devices_init();
	for (i = 0; i < nova_swgpu_nr; i++) {
		nova_swgpu_devices[i] = nova_swgpu_module_add(i);
		ret = PTR_ERR_OR_ZERO(nova_swgpu_devices[i]);
		if (ret)
			goto err_devices;
	}
	ret = nova_swgpu_configfs_init();
	if (!ret)
		return 0;

err_devices:
	while (i--)
		nova_swgpu_device_remove(nova_swgpu_devices[i]);
	nova_swgpu_devices_fini();
	return ret;
}
module_init(nova_swgpu_module_init);

static void __exit nova_swgpu_module_exit(void)
{
	int i = nova_swgpu_nr;

	nova_swgpu_configfs_fini();
	while (i--)
		nova_swgpu_device_remove(nova_swgpu_devices[i]);
	nova_swgpu_devices_fini();
}
module_exit(nova_swgpu_module_exit);

MODULE_DESCRIPTION("Software model of an NVIDIA GPU's memory side");
MODULE_AUTHOR("The drm_nova authors");
MODULE_LICENSE("Dual MIT/GPL");
