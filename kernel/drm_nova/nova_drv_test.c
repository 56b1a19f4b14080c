// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: a file is closed while the driver is being taken off the device. DRM says
 * that the device is gone before the bus's remove has stopped it; the software GPU
 * tells whether a channel is still bound, whose memory is then freed.
 */
#include "nova_drv.h"
#include "nova_kunit.h"
#include "nova_kunit_drm.h"
#include "nova_regs.h"

#include <kunit/test.h>

#include <linux/file.h>
#include <linux/platform_data/nova_io.h>
#include <linux/sizes.h>

static unsigned int nova_drv_bound_channels(struct nova_kunit_drm *nkd)
{
	struct nova_io *io = nova_swgpu_io(nkd->gpu);
	unsigned int nr = 0;

	for (u32 id = 0; id < NOVA_HOST_CHANNELS; id++)
		nr += !!(io->ops->bar0_rd32(io, NV_PCCSR_CHANNEL_INST(id)) &
			 NV_PCCSR_CHANNEL_INST_BIND);
	return nr;
}

static void a_close_during_an_unplug_stops_channels(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_swgpu_config config = {
		.chip = chip->name, .vram_size = SZ_64M,
	};
	struct nova_kunit_drm *nkd = nova_kunit_drm_create_bound(test, &config);
	struct drm_nova_queue_create queue = {
		.vm_id = nova_kunit_drm_vm(nkd, 0),
		.queue_class = DRM_NOVA_QUEUE_CLASS_COPY,
	};

	KUNIT_ASSERT_EQ(test, nova_queue_create_ioctl(&nkd->ndrm->drm, &queue, nkd->file), 0);
	/* The queue's, and the kernel's own */
	KUNIT_ASSERT_EQ(test, nova_drv_bound_channels(nkd), 2);
	/* As far as drm_dev_unplug() gets before the bus's remove goes on */
	nkd->ndrm->drm.unplugged = true;
	__fput_sync(nkd->filp);
	nkd->filp = NULL;
	KUNIT_EXPECT_EQ(test, nova_drv_bound_channels(nkd), 0);
}

static const struct nova_kunit_chip nova_drv_chips[] = {
	{ .name = "tu102" }, { .name = "gh100" },
};

static void nova_drv_chip_desc(const struct nova_kunit_chip *chip, char *desc)
{
	strscpy(desc, chip->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nova_drv_chip, nova_drv_chips, nova_drv_chip_desc);

static struct kunit_case nova_drv_cases[] = {
	KUNIT_CASE_PARAM(a_close_during_an_unplug_stops_channels, nova_drv_chip_gen_params),
	{}
};

static struct kunit_suite nova_drv_suite = {
	.name = "nova-drv",
	.test_cases = nova_drv_cases,
};

kunit_test_suite(nova_drv_suite);
