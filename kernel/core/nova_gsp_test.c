// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model tests of the GSP client: it boots against the software GPU's server, which
 * was written from the same tables by other hands, and survives a server that lies.
 * Expected values are what the test told the server to say.
 */
#include "nova_gsp.h"

#include "nova_device.h"
#include "nova_regs.h"
#include "nova_swgpu.h"

#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/platform_data/nova_io.h>
#include <linux/sizes.h>
#include <linux/unaligned.h>
#include <linux/workqueue.h>

#define VRAM_SIZE	SZ_256M

struct gsp_fixture {
	struct nova_swgpu *gpu;
	struct nova_device nd;
	struct nova_gsp gsp;
	struct nova_gsp_info info;
	struct nova_gsp lost[2];
	unsigned int nr_lost;
	struct delayed_work late;
};

/* What is lost to the GSP comes back when there is no GSP any more. */
static void gsp_destroy(void *arg)
{
	struct gsp_fixture *f = arg;

	nova_swgpu_destroy(f->gpu);
	for (unsigned int i = 0; i < f->nr_lost; i++) {
		const struct nova_gsp *gsp = &f->lost[i];

		dma_free_coherent(f->nd.dev, NOVA_MSGQ_PAGE, gsp->args, gsp->args_dma);
		dma_free_coherent(f->nd.dev, NOVA_MSGQ_SHM_SIZE, gsp->shm, gsp->shm_dma);
	}
}

static void gsp_lose_to_test(const struct nova_gsp *gsp)
{
	struct kunit *test = kunit_get_current_test();
	struct gsp_fixture *f = test->priv;

	KUNIT_ASSERT_LT(test, f->nr_lost, ARRAY_SIZE(f->lost));
	f->lost[f->nr_lost++] = *gsp;
}

static struct gsp_fixture *gsp_create(struct kunit *test, const struct nova_swgpu_config *config)
{
	struct gsp_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct device *dev = kunit_device_register(test, "nova-gsp-test");

	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->dma_mask = &dev->coherent_dma_mask;
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(47)), 0);
	f->gpu = nova_swgpu_create(config);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->gpu);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, gsp_destroy, f), 0);
	KUNIT_ASSERT_EQ(test, nova_device_init(&f->nd, dev, nova_swgpu_io(f->gpu)), 0);
	test->priv = f;
	kunit_activate_static_stub(test, nova_gsp_lose, gsp_lose_to_test);
	return f;
}

static int gsp_boot(struct gsp_fixture *f)
{
	int ret = nova_gsp_boot(&f->gsp, &f->nd, &f->info);

	if (!ret)
		nova_gsp_fini(&f->gsp);
	return ret;
}

static const char * const gsp_chips[] = {
	"tu102", "ga100", "ga102", "ad102", "gh100", "gb100", "gb202",
};

static void gsp_chip_desc(const char * const *chip, char *desc)
{
	strscpy(desc, *chip, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(gsp_chip, gsp_chips, gsp_chip_desc);

static void gsp_boots_on_every_chip(struct kunit *test)
{
	struct nova_swgpu_config config = {
		.chip = *(const char * const *)test->param_value,
		.vram_size = VRAM_SIZE, .gsp = true,
	};
	struct gsp_fixture *f = gsp_create(test, &config);

	KUNIT_EXPECT_TRUE(test, nova_gsp_present(&f->nd));
	KUNIT_ASSERT_EQ(test, gsp_boot(f), 0);
	KUNIT_EXPECT_EQ(test, f->info.nr_regions, 1);
	KUNIT_EXPECT_EQ(test, f->info.fb_end, VRAM_SIZE);
	KUNIT_EXPECT_NE(test, f->info.bar1_root, 0);
	KUNIT_EXPECT_NE(test, f->info.name[0], 0);
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(f->gpu), 0);
}

static void gsp_boots_twice(struct kunit *test)
{
	struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = VRAM_SIZE, .gsp = true,
	};
	struct gsp_fixture *f = gsp_create(test, &config);

	KUNIT_EXPECT_EQ(test, gsp_boot(f), 0);
	KUNIT_EXPECT_EQ(test, gsp_boot(f), 0);
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(f->gpu), 0);
}

static void gsp_absent_is_seen(struct kunit *test)
{
	struct nova_swgpu_config config = { .chip = "tu102", .vram_size = VRAM_SIZE };
	struct gsp_fixture *f = gsp_create(test, &config);

	KUNIT_EXPECT_FALSE(test, nova_gsp_present(&f->nd));
}

static const struct gsp_lie {
	const char *name;
	enum nova_swgpu_gsp_fault fault;
	u32 good;	/* messages that are still to be good */
	int err;
} gsp_lies[] = {
	{ "header", NOVA_SWGPU_GSP_BAD_HEADER, 0, -EPROTO },
	{ "checksum_of_event", NOVA_SWGPU_GSP_BAD_CHECKSUM, 0, -EPROTO },
	{ "checksum_of_reply", NOVA_SWGPU_GSP_BAD_CHECKSUM, 1, -EPROTO },
	{ "signature", NOVA_SWGPU_GSP_BAD_SIGNATURE, 1, -EPROTO },
	{ "version", NOVA_SWGPU_GSP_BAD_VERSION, 1, -EPROTO },
	{ "length", NOVA_SWGPU_GSP_BAD_LENGTH, 1, -EPROTO },
	{ "sequence", NOVA_SWGPU_GSP_BAD_SEQUENCE, 1, -EPROTO },
	{ "count", NOVA_SWGPU_GSP_BAD_COUNT, 1, -EPROTO },
	{ "pointer", NOVA_SWGPU_GSP_BAD_POINTER, 1, -EPROTO },
	{ "refusal", NOVA_SWGPU_GSP_ERROR, 1, -EIO },
	{ "number_of_regions", NOVA_SWGPU_GSP_BAD_REGIONS, 0, -EPROTO },
	{ "noise", NOVA_SWGPU_GSP_NOISE, 1, -EPROTO },
	{ "silence", NOVA_SWGPU_GSP_SILENT, 0, -ETIMEDOUT },
	{ "half_a_reply", NOVA_SWGPU_GSP_SHORT, 0, -ETIMEDOUT },
	{ "another_reply", NOVA_SWGPU_GSP_BAD_FUNCTION, 0, -ETIMEDOUT },
};

KUNIT_ARRAY_PARAM_DESC(gsp_lie, gsp_lies, name);

static void gsp_lie_fails_and_the_next_boot_works(struct kunit *test)
{
	const struct gsp_lie *lie = test->param_value;
	struct nova_swgpu_config config = {
		.chip = "tu102", .vram_size = VRAM_SIZE, .gsp = true,
	};
	struct gsp_fixture *f = gsp_create(test, &config);

	KUNIT_ASSERT_EQ(test, nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GSP,
						lie->fault + 256 * lie->good), 0);
	KUNIT_EXPECT_EQ(test, gsp_boot(f), lie->err);
	KUNIT_EXPECT_NULL(test, f->gsp.shm);
	/* Only who has not lied about itself is believed when it says that it lets go. */
	KUNIT_EXPECT_EQ(test, f->nr_lost, lie->fault != NOVA_SWGPU_GSP_BAD_REGIONS);
	KUNIT_ASSERT_EQ(test, nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GSP,
						NOVA_SWGPU_GSP_OK), 0);
	KUNIT_EXPECT_EQ(test, gsp_boot(f), 0);
}

static void gsp_events_in_between_are_skipped(struct kunit *test)
{
	struct nova_swgpu_config config = {
		.chip = "tu102", .vram_size = VRAM_SIZE, .gsp = true,
	};
	struct gsp_fixture *f = gsp_create(test, &config);

	KUNIT_ASSERT_EQ(test, nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GSP,
						NOVA_SWGPU_GSP_CHATTY), 0);
	KUNIT_EXPECT_EQ(test, gsp_boot(f), 0);
}

#define GSP_EVENT_OS_ERROR_LOG	0x1006

/* Messages of the server that are still to come through; then there are events for ever. */
static unsigned int gsp_honest;

static int gsp_recv_endless(struct nova_msgq *q, struct nova_msgq_msg *msg)
{
	struct kunit *test = kunit_get_current_test();
	int ret;

	if (!gsp_honest) {
		usleep_range(20, 100);
		*msg = (struct nova_msgq_msg) { .function = GSP_EVENT_OS_ERROR_LOG };
		return 0;
	}
	kunit_deactivate_static_stub(test, nova_msgq_recv);
	ret = nova_msgq_recv(q, msg);
	kunit_activate_static_stub(test, nova_msgq_recv, gsp_recv_endless);
	gsp_honest -= !ret;
	return ret;
}

static const struct gsp_flood {
	const char *name;
	enum nova_swgpu_gsp_fault fault;
	unsigned int honest;
} gsp_floods[] = {
	{ "instead_of_init_done", NOVA_SWGPU_GSP_OK, 0 },
	{ "amid_a_reply", NOVA_SWGPU_GSP_SHORT, 2 },
};

KUNIT_ARRAY_PARAM_DESC(gsp_flood, gsp_floods, name);

/* There is a message whenever the driver looks, so it never comes to sleep between two. */
static void gsp_endless_events_end_in_a_timeout(struct kunit *test)
{
	const struct gsp_flood *flood = test->param_value;
	struct nova_swgpu_config config = {
		.chip = "tu102", .vram_size = VRAM_SIZE, .gsp = true,
	};
	struct gsp_fixture *f = gsp_create(test, &config);

	KUNIT_ASSERT_EQ(test, nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GSP, flood->fault), 0);
	gsp_honest = flood->honest;
	kunit_activate_static_stub(test, nova_msgq_recv, gsp_recv_endless);
	KUNIT_EXPECT_EQ(test, gsp_boot(f), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, gsp_honest, 0);
	KUNIT_EXPECT_NULL(test, f->gsp.shm);
}

/* What may be used is neither reserved nor protected, and compressible and ISO. */
static void gsp_regions_are_filtered(struct kunit *test)
{
	const struct nova_swgpu_region usable = {
		.base = SZ_1M, .limit = SZ_4M - 1, .compressed = true, .iso = true,
	};
	struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = VRAM_SIZE, .gsp = true, .nr_regions = 7,
	};
	struct gsp_fixture *f;

	for (unsigned int i = 0; i < config.nr_regions; i++) {
		config.regions[i] = usable;
		config.regions[i].base += i * SZ_8M;
		config.regions[i].limit += i * SZ_8M;
	}
	config.regions[0].reserved = 1;
	config.regions[1].is_protected = true;
	config.regions[2].compressed = false;
	config.regions[3].iso = false;
	swap(config.regions[4].base, config.regions[4].limit);
	f = gsp_create(test, &config);
	KUNIT_ASSERT_EQ(test, gsp_boot(f), 0);
	KUNIT_ASSERT_EQ(test, f->info.nr_regions, 2);
	KUNIT_EXPECT_EQ(test, f->info.regions[0].base, 5 * SZ_8M + SZ_1M);
	KUNIT_EXPECT_EQ(test, f->info.regions[0].size, 3 * SZ_1M);
	KUNIT_EXPECT_EQ(test, f->info.regions[1].base, 6 * SZ_8M + SZ_1M);
	KUNIT_EXPECT_EQ(test, f->info.fb_end, 6 * SZ_8M + SZ_4M);
}

static void gsp_no_usable_region_is_enodev(struct kunit *test)
{
	struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = VRAM_SIZE, .gsp = true, .explicit_regions = true,
	};

	KUNIT_EXPECT_EQ(test, gsp_boot(gsp_create(test, &config)), -ENODEV);
}

static u32 gsp_mailbox(struct gsp_fixture *f)
{
	struct nova_io *io = nova_swgpu_io(f->gpu);

	return io->ops->bar0_rd32(io, NV_PGSP_FALCON_MAILBOX0);
}

static struct gsp_fixture *gsp_create_booted(struct kunit *test)
{
	struct nova_swgpu_config config = {
		.chip = "tu102", .vram_size = VRAM_SIZE, .gsp = true,
	};
	struct gsp_fixture *f = gsp_create(test, &config);

	KUNIT_ASSERT_EQ(test, nova_gsp_boot(&f->gsp, &f->nd, &f->info), 0);
	KUNIT_ASSERT_NE(test, gsp_mailbox(f), BIT(31));
	return f;
}

static void gsp_that_lets_go_costs_no_memory(struct kunit *test)
{
	struct gsp_fixture *f = gsp_create_booted(test);

	nova_gsp_unload(&f->gsp);
	KUNIT_EXPECT_EQ(test, gsp_mailbox(f), BIT(31));
	nova_gsp_unload(&f->gsp);
	nova_device_unplug(&f->nd);
	nova_gsp_fini(&f->gsp);
	KUNIT_EXPECT_EQ(test, f->nr_lost, 0);
	KUNIT_EXPECT_NULL(test, f->gsp.shm);
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(f->gpu), 0);
}

static void gsp_that_was_not_asked_keeps_its_memory(struct kunit *test)
{
	struct gsp_fixture *f = gsp_create_booted(test);

	nova_device_unplug(&f->nd);
	nova_gsp_fini(&f->gsp);
	KUNIT_EXPECT_EQ(test, f->nr_lost, 1);
	KUNIT_EXPECT_NULL(test, f->gsp.shm);
}

static void gsp_that_is_silent_keeps_its_memory(struct kunit *test)
{
	struct gsp_fixture *f = gsp_create_booted(test);
	unsigned long asked;

	nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_SILENT);
	nova_gsp_unload(&f->gsp);
	asked = jiffies;
	nova_gsp_fini(&f->gsp);
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, asked + HZ));
	KUNIT_EXPECT_EQ(test, f->nr_lost, 1);
}

static void gsp_that_refuses_keeps_its_memory(struct kunit *test)
{
	struct gsp_fixture *f = gsp_create_booted(test);

	nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_ERROR);
	nova_gsp_fini(&f->gsp);
	KUNIT_EXPECT_EQ(test, f->nr_lost, 1);
}

static void gsp_that_was_taken_away_writes_nothing(struct kunit *test)
{
	struct gsp_fixture *f = gsp_create_booted(test);

	nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GONE, 1);
	nova_gsp_unload(&f->gsp);
	nova_device_unplug(&f->nd);
	nova_gsp_fini(&f->gsp);
	KUNIT_EXPECT_EQ(test, f->nr_lost, 0);
}

#define GSP_STAT_SIZE		0x41004
#define GSP_STAT_MSG_SIZE	0x41008

/* Firmware comes to the field it had not written yet. */
static void gsp_complete_header(struct work_struct *work)
{
	struct gsp_fixture *f = container_of(work, struct gsp_fixture, late.work);
	u8 *shm = f->gsp.shm;

	if (!shm || !get_unaligned_le32(shm + GSP_STAT_SIZE))
		schedule_delayed_work(&f->late, msecs_to_jiffies(50));
	else
		put_unaligned_le32(0x1000, shm + GSP_STAT_MSG_SIZE);
}

static void gsp_header_written_bit_by_bit_is_waited_for(struct kunit *test)
{
	struct nova_swgpu_config config = {
		.chip = "tu102", .vram_size = VRAM_SIZE, .gsp = true,
	};
	struct gsp_fixture *f = gsp_create(test, &config);

	nova_swgpu_inject(f->gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_BAD_HEADER);
	INIT_DELAYED_WORK(&f->late, gsp_complete_header);
	schedule_delayed_work(&f->late, msecs_to_jiffies(50));
	KUNIT_EXPECT_EQ(test, nova_gsp_boot(&f->gsp, &f->nd, &f->info), 0);
	cancel_delayed_work_sync(&f->late);
	nova_gsp_fini(&f->gsp);
	KUNIT_EXPECT_EQ(test, f->nr_lost, 0);
}

static struct kunit_case gsp_cases[] = {
	KUNIT_CASE_PARAM(gsp_boots_on_every_chip, gsp_chip_gen_params),
	KUNIT_CASE(gsp_boots_twice),
	KUNIT_CASE(gsp_absent_is_seen),
	KUNIT_CASE_PARAM_ATTR(gsp_lie_fails_and_the_next_boot_works, gsp_lie_gen_params,
			      {.speed = KUNIT_SPEED_SLOW}),
	KUNIT_CASE(gsp_events_in_between_are_skipped),
	KUNIT_CASE_PARAM_ATTR(gsp_endless_events_end_in_a_timeout, gsp_flood_gen_params,
			      {.speed = KUNIT_SPEED_SLOW}),
	KUNIT_CASE(gsp_regions_are_filtered),
	KUNIT_CASE(gsp_no_usable_region_is_enodev),
	KUNIT_CASE(gsp_that_lets_go_costs_no_memory),
	KUNIT_CASE(gsp_that_was_not_asked_keeps_its_memory),
	KUNIT_CASE_SLOW(gsp_that_is_silent_keeps_its_memory),
	KUNIT_CASE(gsp_that_refuses_keeps_its_memory),
	KUNIT_CASE(gsp_that_was_taken_away_writes_nothing),
	KUNIT_CASE(gsp_header_written_bit_by_bit_is_waited_for),
	{ }
};

static struct kunit_suite gsp_suite = {
	.name = "nova-gsp",
	.test_cases = gsp_cases,
};
kunit_test_suite(gsp_suite);
