// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: a device behind registers that the test makes up, with the offsets and
 * values of the manuals as literals: boards that must be refused, a clock whose words
 * are read apart, and a bus that is empty after the unplug.
 */
#include "nova_device.h"

#include "nova_chip.h"

#include <kunit/device.h>
#include <kunit/test.h>

#include <linux/platform_data/nova_io.h>
#include <linux/string.h>

struct fake_gpu {
	struct nova_io io;
	struct nova_device nd;
	u32 boot_0;
	u32 boot_42;
	u32 gfw_mask;		/* may its progress be read? */
	u32 gfw_progress;
	u32 vram;
	u32 time_hi;
	u32 time_lo;
	bool carry;		/* between the words, once */
	unsigned int accesses;
	unsigned int wedges;
};

static struct fake_gpu *to_fake(struct nova_io *io)
{
	return container_of(io, struct fake_gpu, io);
}

static u32 fake_rd32(struct nova_io *io, u32 off)
{
	struct fake_gpu *gpu = to_fake(io);

	gpu->accesses++;
	switch (off) {
	case 0x000000:
		return gpu->boot_0;
	case 0x000a00:
		return gpu->boot_42;
	case 0x118128:
		return gpu->gfw_mask;
	case 0x118234:
		return gpu->gfw_progress;
	case 0x100ce0:
		return gpu->vram;
	case 0xbb0080:
		if (gpu->carry) {
			gpu->carry = false;
			gpu->time_hi++;
			gpu->time_lo = 7;
			return 0xfffffffe;
		}
		return gpu->time_lo;
	case 0xbb0084:
		return gpu->time_hi;
	}
	return 0;
}

static void fake_wr32(struct nova_io *io, u32 off, u32 val)
{
	to_fake(io)->accesses++;
}

static u64 fake_rd64(struct nova_io *io, u32 off)
{
	to_fake(io)->accesses++;
	return 0;
}

static void fake_wr64(struct nova_io *io, u32 off, u64 val)
{
	to_fake(io)->accesses++;
}

static u32 fake_bar1_rd32(struct nova_io *io, u64 off)
{
	to_fake(io)->accesses++;
	return 0;
}

static void fake_bar1_wr32(struct nova_io *io, u64 off, u32 val)
{
	to_fake(io)->accesses++;
}

static u64 fake_bar1_rd64(struct nova_io *io, u64 off)
{
	to_fake(io)->accesses++;
	return 0;
}

static void fake_bar1_wr64(struct nova_io *io, u64 off, u64 val)
{
	to_fake(io)->accesses++;
}

static void fake_bar1_read(struct nova_io *io, u64 off, void *buf, size_t len)
{
	to_fake(io)->accesses++;
	memset(buf, 0, len);
}

static void fake_bar1_write(struct nova_io *io, u64 off, const void *buf, size_t len)
{
	to_fake(io)->accesses++;
}

static int fake_bar1_pfn(struct nova_io *io, u64 off, bool write, unsigned long *pfn)
{
	to_fake(io)->accesses++;
	*pfn = 1;
	return 0;
}

static const struct nova_io_ops fake_ops = {
	.bar0_rd32 = fake_rd32, .bar0_wr32 = fake_wr32,
	.bar0_rd64 = fake_rd64, .bar0_wr64 = fake_wr64,
	.bar1_rd32 = fake_bar1_rd32, .bar1_wr32 = fake_bar1_wr32,
	.bar1_rd64 = fake_bar1_rd64, .bar1_wr64 = fake_bar1_wr64,
	.bar1_read = fake_bar1_read, .bar1_write = fake_bar1_write,
	.bar1_pfn = fake_bar1_pfn,
};

static void fake_on_wedge(struct nova_device *nd)
{
	container_of(nd, struct fake_gpu, nd)->wedges++;
}

/* A TU102 with 256 MiB whose firmware has booted. */
static struct fake_gpu *fake_create(struct kunit *test)
{
	struct fake_gpu *gpu = kunit_kzalloc(test, sizeof(*gpu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, gpu);
	gpu->io.ops = &fake_ops;
	gpu->boot_0 = 0x162000a1;
	gpu->boot_42 = 0x162a1000;
	gpu->gfw_mask = 1;
	gpu->gfw_progress = 0xff;
	gpu->vram = 1 << 4 | 8;
	return gpu;
}

static int fake_init(struct kunit *test, struct fake_gpu *gpu)
{
	struct device *dev = kunit_device_register(test, "nova-device-test");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	return nova_device_init(&gpu->nd, dev, &gpu->io);
}

static void a_board_that_is_well_is_taken(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);

	KUNIT_EXPECT_EQ(test, fake_init(test, gpu), 0);
	KUNIT_EXPECT_STREQ(test, gpu->nd.chip->name, "TU102");
	KUNIT_EXPECT_EQ(test, gpu->nd.vram_size, 256ull << 20);
}

static void an_unknown_chip_is_refused(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);

	gpu->boot_0 = ~0u;
	gpu->boot_42 = ~0u;
	KUNIT_EXPECT_EQ(test, fake_init(test, gpu), -ENODEV);
}

static void a_board_without_vram_is_refused(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);

	gpu->vram = 0;
	KUNIT_EXPECT_EQ(test, fake_init(test, gpu), -ENODEV);
}

static void firmware_that_does_not_boot_is_not_waited_for_for_ever(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);

	gpu->gfw_progress = 0xfe;
	KUNIT_EXPECT_EQ(test, fake_init(test, gpu), -ETIMEDOUT);
}

static void progress_that_may_not_be_read_is_none(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);

	gpu->gfw_mask = 0;
	KUNIT_EXPECT_EQ(test, fake_init(test, gpu), -ETIMEDOUT);
}

static void a_carry_does_not_tear_the_clock(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);

	KUNIT_ASSERT_EQ(test, fake_init(test, gpu), 0);
	gpu->time_hi = 4;
	gpu->carry = true;
	KUNIT_EXPECT_EQ(test, nova_device_time_ns(&gpu->nd), 5ull << 32 | 7);
}

static void a_bit_that_stays_set_times_out(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);

	KUNIT_ASSERT_EQ(test, fake_init(test, gpu), 0);
	KUNIT_EXPECT_EQ(test, nova_wait_clear(&gpu->nd, 0x000000, 1, 100), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, nova_wait_clear(&gpu->nd, 0x000000, 2, 100), 0);
}

static void a_wedge_is_told_once(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test), *gone = fake_create(test);

	KUNIT_ASSERT_EQ(test, fake_init(test, gpu), 0);
	gpu->nd.on_wedge = fake_on_wedge;
	nova_device_wedge(&gpu->nd, "by the test");
	nova_device_wedge(&gpu->nd, "again");
	KUNIT_EXPECT_EQ(test, gpu->wedges, 1);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&gpu->nd));
	KUNIT_ASSERT_EQ(test, nova_device_init(&gone->nd, gpu->nd.dev, &gone->io), 0);
	gone->nd.on_wedge = fake_on_wedge;
	nova_device_unplug(&gone->nd);
	nova_device_wedge(&gone->nd, "after the unplug");
	KUNIT_EXPECT_EQ(test, gone->wedges, 0);
}

static void a_closed_bar1_leaves_the_registers(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);
	u64 words[2] = {};
	unsigned long pfn;

	KUNIT_ASSERT_EQ(test, fake_init(test, gpu), 0);
	KUNIT_EXPECT_TRUE(test, nova_device_answers(&gpu->nd));
	nova_device_close_bar1(&gpu->nd);
	gpu->accesses = 0;
	KUNIT_EXPECT_EQ(test, nova_bar1_rd32(&gpu->nd, 0), U32_MAX);
	KUNIT_EXPECT_EQ(test, nova_bar1_rd64(&gpu->nd, 0), U64_MAX);
	nova_bar1_wr32(&gpu->nd, 0, 1);
	nova_bar1_wr64(&gpu->nd, 0, 1);
	nova_bar1_read(&gpu->nd, 0, words, sizeof(words));
	KUNIT_EXPECT_NULL(test, memchr_inv(words, 0xff, sizeof(words)));
	nova_bar1_write(&gpu->nd, 0, words, sizeof(words));
	KUNIT_EXPECT_EQ(test, nova_device_bar1_pfn(&gpu->nd, 0, true, &pfn), -ENODEV);
	KUNIT_EXPECT_EQ(test, gpu->accesses, 0);
	KUNIT_EXPECT_EQ(test, nova_rd32(&gpu->nd, 0), gpu->boot_0);
	KUNIT_EXPECT_TRUE(test, nova_device_answers(&gpu->nd));
	nova_device_unplug(&gpu->nd);
	KUNIT_EXPECT_FALSE(test, nova_device_answers(&gpu->nd));
}

/* As a bus answers that has nothing on it; and the backend is left alone. */
static void after_an_unplug_the_bus_is_empty(struct kunit *test)
{
	struct fake_gpu *gpu = fake_create(test);
	u64 words[2] = {};
	unsigned long pfn;

	KUNIT_ASSERT_EQ(test, fake_init(test, gpu), 0);
	nova_device_unplug(&gpu->nd);
	gpu->accesses = 0;
	KUNIT_EXPECT_EQ(test, nova_rd32(&gpu->nd, 0), U32_MAX);
	KUNIT_EXPECT_EQ(test, nova_rd64(&gpu->nd, 0), U64_MAX);
	KUNIT_EXPECT_EQ(test, nova_bar1_rd32(&gpu->nd, 0), U32_MAX);
	KUNIT_EXPECT_EQ(test, nova_bar1_rd64(&gpu->nd, 0), U64_MAX);
	nova_bar1_read(&gpu->nd, 0, words, sizeof(words));
	KUNIT_EXPECT_NULL(test, memchr_inv(words, 0xff, sizeof(words)));
	nova_wr32(&gpu->nd, 0, 1);
	nova_wr64(&gpu->nd, 0, 1);
	nova_bar1_wr32(&gpu->nd, 0, 1);
	nova_bar1_wr64(&gpu->nd, 0, 1);
	nova_bar1_write(&gpu->nd, 0, words, sizeof(words));
	KUNIT_EXPECT_EQ(test, nova_device_bar1_pfn(&gpu->nd, 0, true, &pfn), -ENODEV);
	KUNIT_EXPECT_EQ(test, nova_wait_clear(&gpu->nd, 0, 1, 1000000), -ENODEV);
	KUNIT_EXPECT_EQ(test, nova_device_time_ns(&gpu->nd), U64_MAX);
	KUNIT_EXPECT_EQ(test, gpu->accesses, 0);
}

static struct kunit_case device_cases[] = {
	KUNIT_CASE(a_board_that_is_well_is_taken),
	KUNIT_CASE(an_unknown_chip_is_refused),
	KUNIT_CASE(a_board_without_vram_is_refused),
	KUNIT_CASE_SLOW(firmware_that_does_not_boot_is_not_waited_for_for_ever),
	KUNIT_CASE_SLOW(progress_that_may_not_be_read_is_none),
	KUNIT_CASE(a_carry_does_not_tear_the_clock),
	KUNIT_CASE(a_bit_that_stays_set_times_out),
	KUNIT_CASE(a_wedge_is_told_once),
	KUNIT_CASE(a_closed_bar1_leaves_the_registers),
	KUNIT_CASE(after_an_unplug_the_bus_is_empty),
	{}
};

static struct kunit_suite device_suite = {
	.name = "nova-device",
	.test_cases = device_cases,
};

kunit_test_suite(device_suite);
