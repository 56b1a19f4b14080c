// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: what the driver leaves behind in hardware. A file is closed while the driver
 * is being taken off the device: DRM says that the device is gone before the bus's
 * remove has stopped it, and the software GPU tells whether a channel is still bound,
 * whose memory is then freed. And when the driver has gone, or was never there because
 * its probe failed late, BAR1 is as it was before.
 */
#include "nova_drv.h"
#include "nova_kunit.h"
#include "nova_kunit_drm.h"
#include "nova_pm.h"
#include "nova_regs.h"

#include <kunit/static_stub.h>
#include <kunit/test.h>

#include <linux/device.h>
#include <linux/file.h>
#include <linux/platform_data/nova_io.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

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

/* Firmware of the model begins with a root full of nothing. */
static bool nova_drv_root_is_empty(struct kunit *test, struct nova_swgpu *gpu, u64 root)
{
	u8 *words = kunit_kmalloc(test, SZ_4K, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, words);
	KUNIT_ASSERT_EQ(test, nova_swgpu_vram_read(gpu, root, words, SZ_4K), 0);
	return !memchr_inv(words, 0, SZ_4K);
}

/* An object that the client's CPU has touched, so that it has a window in BAR1. */
static void nova_drv_touch_object(struct nova_kunit_drm *nkd)
{
	struct nova_gem *gem;
	u32 handle;

	gem = nova_kunit_drm_gem(nkd, SZ_2M, DRM_NOVA_PLACEMENT_VRAM, 0, &handle);
	KUNIT_ASSERT_EQ(nkd->test, put_user(1, (u32 __user *)nova_kunit_drm_mmap(nkd, gem)), 0);
	KUNIT_ASSERT_NE(nkd->test, atomic64_read(&gem->bo.bar1_bytes), 0);
}

static void the_root_of_firmware_is_left_as_it_was(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_swgpu_config config = {
		.chip = chip->name, .vram_size = SZ_256M, .bar1_size = SZ_256M, .gsp = true,
	};
	struct nova_kunit_drm *nkd = nova_kunit_drm_create_bound(test, &config);
	u64 root = nkd->ndrm->info.bar1_root;

	nova_kunit_drm_vm(nkd, 0);
	nova_drv_touch_object(nkd);
	KUNIT_EXPECT_FALSE(test, nova_drv_root_is_empty(test, nkd->gpu, root));
	device_release_driver(&nkd->pdev->dev);
	KUNIT_EXPECT_TRUE(test, nova_drv_root_is_empty(test, nkd->gpu, root));
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(nkd->gpu), 0);
}

/* It owns the memory of its queues until it has said that it is done with it. */
static void firmware_is_told_that_the_driver_goes(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_swgpu_config config = {
		.chip = chip->name, .vram_size = SZ_64M, .gsp = true,
	};
	struct nova_kunit_drm *nkd = nova_kunit_drm_create_bound(test, &config);
	struct nova_io *io = nova_swgpu_io(nkd->gpu);

	KUNIT_EXPECT_NE(test, io->ops->bar0_rd32(io, NV_PGSP_FALCON_MAILBOX0), BIT(31));
	device_release_driver(&nkd->pdev->dev);
	KUNIT_EXPECT_EQ(test, io->ops->bar0_rd32(io, NV_PGSP_FALCON_MAILBOX0), BIT(31));
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(nkd->gpu), 0);
}

/* BAR1 has windows of page tables by then: the kernel's own channel needs some. */
static int nova_drv_fail_late(struct nova_drm *ndrm)
{
	struct kunit *test = kunit_get_current_test();
	u64 *root = test->priv;

	*root = ndrm->info.bar1_root;
	KUNIT_EXPECT_GT(test, ndrm->mm.bar1.used, 0);
	return -ENOMEM;
}

static void a_late_failure_leaves_firmware_as_it_was(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_swgpu_config config = {
		.chip = chip->name, .vram_size = SZ_256M, .bar1_size = SZ_256M, .gsp = true,
	};
	struct nova_swgpu *gpu = nova_swgpu_create(&config);
	struct platform_device *pdev;
	struct nova_io *io;
	u64 root = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, gpu);
	io = nova_swgpu_io(gpu);
	test->priv = &root;
	kunit_activate_static_stub(test, nova_pm_init, nova_drv_fail_late);
	pdev = platform_device_register_data(NULL, "nova-swgpu", PLATFORM_DEVID_AUTO,
					     io, sizeof(*io));
	kunit_deactivate_static_stub(test, nova_pm_init);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_EXPECT_NE(test, root, 0);
	KUNIT_EXPECT_TRUE(test, nova_drv_root_is_empty(test, gpu, root));
	KUNIT_EXPECT_EQ(test, io->ops->bar0_rd32(io, NV_PGSP_FALCON_MAILBOX0), BIT(31));
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(gpu), 0);
	platform_device_unregister(pdev);
	nova_swgpu_destroy(gpu);
}

static bool nova_drv_bar1_is_bound(struct nova_kunit_drm *nkd, bool split)
{
	struct nova_io *io = nova_swgpu_io(nkd->gpu);
	u32 reg = split ? NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_GH100 :
			  NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK;

	return io->ops->bar0_rd32(io, reg) & (split ? NV_VF_BAR1_BLOCK_LOW_MODE_VIRTUAL :
						      NV_VF_BAR1_BLOCK_MODE_VIRTUAL);
}

static void without_firmware_bar1_is_let_go_of(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_swgpu_config config = {
		.chip = chip->name, .vram_size = SZ_256M, .bar1_size = SZ_256M,
	};
	struct nova_kunit_drm *nkd = nova_kunit_drm_create_bound(test, &config);
	bool split = !strcmp(chip->name, "gh100");

	nova_drv_touch_object(nkd);
	KUNIT_EXPECT_TRUE(test, nova_drv_bar1_is_bound(nkd, split));
	device_release_driver(&nkd->pdev->dev);
	KUNIT_EXPECT_FALSE(test, nova_drv_bar1_is_bound(nkd, split));
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(nkd->gpu), 0);
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
	KUNIT_CASE_PARAM(the_root_of_firmware_is_left_as_it_was, nova_drv_chip_gen_params),
	KUNIT_CASE_PARAM(firmware_is_told_that_the_driver_goes, nova_drv_chip_gen_params),
	KUNIT_CASE_PARAM(a_late_failure_leaves_firmware_as_it_was, nova_drv_chip_gen_params),
	KUNIT_CASE_PARAM(without_firmware_bar1_is_let_go_of, nova_drv_chip_gen_params),
	{}
};

static struct kunit_suite nova_drv_suite = {
	.name = "nova-drv",
	.test_cases = nova_drv_cases,
};

kunit_test_suite(nova_drv_suite);
