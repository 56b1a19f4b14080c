// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model tests of the GSP client: it boots against the software GPU's server, which
 * was written from the same tables by other hands, and survives a server that lies.
 * Expected values are what the test told the server to say.
 */
#include "nova_gsp.h"

#include "nova_device.h"
#include "nova_swgpu.h"

#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/sizes.h>

#define VRAM_SIZE	SZ_256M

struct gsp_fixture {
	struct nova_swgpu *gpu;
	struct nova_device nd;
	struct nova_gsp gsp;
	struct nova_gsp_info info;
};

static void gsp_destroy(void *gpu)
{
	nova_swgpu_destroy(gpu);
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
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, gsp_destroy, f->gpu), 0);
	KUNIT_ASSERT_EQ(test, nova_device_init(&f->nd, dev, nova_swgpu_io(f->gpu)), 0);
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
	{ }
};

static struct kunit_suite gsp_suite = {
	.name = "nova-gsp",
	.test_cases = gsp_cases,
};
kunit_test_suite(gsp_suite);
