// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_kunit
 *
 * What the driver's unit tests share: a software GPU with the driver's mechanism
 * on top, taken down in order when the test ends, and a look at addresses through
 * the model's own MMU, which is where expected translations come from. The model
 * is strict; whatever it objects to during a test and the test did not announce is
 * a failure of that test.
 *
 * Locking: none; a fixture belongs to one test.
 */
#include "nova_kunit.h"

#include <kunit/device.h>
#include <kunit/test.h>

#include <linux/sizes.h>
#include <linux/string.h>

#define NOVA_KUNIT_VRAM		SZ_256M

/* Firmware keeps the top of VRAM; the model does not mind, the driver is told. */
#define NOVA_KUNIT_RESERVED	SZ_1M

const struct nova_kunit_chip nova_kunit_chips[] = {
	{ .name = "tu102", .root_span = 47, .va_bits = 49, .huge = 21 },
	{ .name = "ga102", .root_span = 47, .va_bits = 49, .huge = 29 },
	{ .name = "gh100", .root_span = 56, .va_bits = 57, .huge = 29 },
	{ .name = "gb100", .root_span = 56, .va_bits = 57, .huge = 38 },
};

const unsigned int nova_kunit_nr_chips = ARRAY_SIZE(nova_kunit_chips);

/**
 * nova_kunit_gen_chip - KUnit parameter generator over &nova_kunit_chips
 * @test: the test
 * @prev: parameter before, NULL at first
 * @desc: receives the chip's name
 *
 * Return: next parameter, NULL at the end.
 */
const void *nova_kunit_gen_chip(struct kunit *test, const void *prev, char *desc)
{
	const struct nova_kunit_chip *chip = prev ? (const struct nova_kunit_chip *)prev + 1 :
						    nova_kunit_chips;

	if (chip == nova_kunit_chips + nova_kunit_nr_chips)
		return NULL;
	strscpy(desc, chip->name, KUNIT_PARAM_DESC_SIZE);
	return chip;
}

static void nova_kunit_report_faults(struct nova_kunit *nk)
{
	struct nova_swgpu_fault f;

	for (unsigned int i = 0; nova_swgpu_fault_get(nk->gpu, i, &f); i++)
		KUNIT_FAIL(nk->test,
			   "the model objects: code %u why %u va 0x%llx table 0x%llx level %u\n",
			   f.code, f.why, f.va, f.table, f.level);
}

static void nova_kunit_destroy_gpu(void *arg)
{
	struct nova_kunit *nk = arg;

	nova_kunit_report_faults(nk);
	nova_swgpu_destroy(nk->gpu);
}

/**
 * nova_kunit_create_device - a software GPU and the driver's device, no more
 * @test: the test
 * @config: the GPU wanted
 *
 * Asserts success.
 *
 * Return: the fixture; its mm is not initialised.
 */
struct nova_kunit *nova_kunit_create_device(struct kunit *test,
					    const struct nova_kunit_config *config)
{
	struct nova_kunit *nk = kunit_kzalloc(test, sizeof(*nk), GFP_KERNEL);
	struct nova_swgpu_config cfg = {
		.chip = config->chip ?: "tu102",
		.vram_size = config->vram_size ?: NOVA_KUNIT_VRAM,
		.bar1_size = config->bar1_size,
	};
	struct device *dev;

	KUNIT_ASSERT_NOT_NULL(test, nk);
	dev = kunit_device_register(test, "nova");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	nk->test = test;
	nk->gpu = nova_swgpu_create(&cfg);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nk->gpu);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_kunit_destroy_gpu, nk), 0);
	KUNIT_ASSERT_EQ(test, nova_device_init(&nk->nd, dev, nova_swgpu_io(nk->gpu)), 0);
	return nk;
}

static void nova_kunit_fini_mm(void *arg)
{
	nova_mm_fini(&((struct nova_kunit *)arg)->mm);
}

/**
 * nova_kunit_create - a software GPU and the driver's memory management on it
 * @test: the test
 * @config: the GPU wanted
 *
 * Asserts success.
 *
 * Return: the fixture.
 */
struct nova_kunit *nova_kunit_create(struct kunit *test, const struct nova_kunit_config *config)
{
	struct nova_kunit *nk = nova_kunit_create_device(test, config);
	struct nova_mm_region usable = { .size = nk->nd.vram_size - NOVA_KUNIT_RESERVED };
	struct nova_mm_config mm_config = { .regions = &usable, .nr_regions = 1 };

	KUNIT_ASSERT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_kunit_fini_mm, nk), 0);
	return nk;
}

static void nova_kunit_fini_vmm(void *arg)
{
	nova_vmm_fini(arg);
}

/**
 * nova_kunit_vmm - an address space for a test
 * @nk: the fixture
 * @config: its configuration, NULL for a plain one
 *
 * Asserts success.
 *
 * Return: the address space, freed with the test.
 */
struct nova_vmm *nova_kunit_vmm(struct nova_kunit *nk, const struct nova_vmm_config *config)
{
	const struct nova_vmm_config plain = {};
	struct nova_vmm *vmm = kunit_kzalloc(nk->test, sizeof(*vmm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(nk->test, vmm);
	KUNIT_ASSERT_EQ(nk->test, nova_vmm_init(vmm, &nk->mm, config ?: &plain), 0);
	KUNIT_ASSERT_EQ(nk->test, kunit_add_action_or_reset(nk->test, nova_kunit_fini_vmm, vmm), 0);
	return vmm;
}

/**
 * nova_kunit_expect_fault - was this recorded, and nothing else?
 * @nk: the fixture
 * @code: fault type
 *
 * Empties the record if so.
 *
 * Return: whether there is at least one fault and all have this code.
 */
bool nova_kunit_expect_fault(struct nova_kunit *nk, enum nova_swgpu_code code)
{
	struct nova_swgpu_fault f;
	unsigned int i;

	for (i = 0; nova_swgpu_fault_get(nk->gpu, i, &f); i++)
		if (f.code != code)
			return false;
	if (i)
		nova_swgpu_fault_clear(nk->gpu);
	return i;
}

/**
 * nova_kunit_walk - where an address leads by the words in VRAM, according to the model
 * @nk: the fixture
 * @vmm: address space
 * @va: virtual address
 * @x: result
 *
 * Neither fills nor uses the model's caches and records no fault, except for words
 * that break a rule.
 */
void nova_kunit_walk(struct nova_kunit *nk, struct nova_vmm *vmm, u64 va,
		     struct nova_swgpu_xlate *x)
{
	nova_swgpu_walk(nk->gpu, nova_vmm_pdb(vmm).addr, false, va, NOVA_SWGPU_READ,
			NOVA_SWGPU_HUB, x);
}

/**
 * nova_kunit_translate - where an access goes, according to the model with its caches
 * @nk: the fixture
 * @vmm: address space
 * @va: virtual address
 * @access: kind of access
 * @x: result
 *
 * A shader's access, as if it were made: a fault is recorded.
 */
void nova_kunit_translate(struct nova_kunit *nk, struct nova_vmm *vmm, u64 va,
			  enum nova_swgpu_access access, struct nova_swgpu_xlate *x)
{
	nova_swgpu_translate(nk->gpu, nova_vmm_pdb(vmm).addr, false, va, access, NOVA_SWGPU_GPC, x);
}
