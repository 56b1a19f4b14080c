// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: boot register values and page sizes from the published tables, as
 * literals.
 */
#include "nova_chip.h"

#include <kunit/test.h>

static const struct chip_golden {
	const char *name;
	u32 boot_0, boot_42;
	u16 id;
	u8 gmmu;
	u64 page_sizes;
	u32 pramin_reg;
	u16 host_class, copy_class;
} chip_goldens[] = {
	{ "TU102", 0x162000a1, 0x162a1000, 0x162, 2, 0x211000, 0x1700, 0xc46f, 0xc5b5 },
	{ "GA100", 0x170000a1, 0x170a1000, 0x170, 2, 0x20211000, 0x1700, 0xc56f, 0xc6b5 },
	{ "GA102", 0x172000a1, 0x172a1000, 0x172, 2, 0x20211000, 0x1700, 0xc56f, 0xc7b5 },
	{ "GH100", 0x180000a1, 0x180a1000, 0x180, 3, 0x20211000, 0x10fd40, 0xc86f, 0xc8b5 },
	{ "AD102", 0x192000a1, 0x192a1000, 0x192, 2, 0x20211000, 0x1700, 0xc56f, 0xc7b5 },
	{ "GB100", 0x1a0000a1, 0x1a0a1000, 0x1a0, 3, 0x4020211000, 0x10fd40, 0xc96f, 0xc9b5 },
	{ "GB202", 0x1b2000a1, 0x1b2a1000, 0x1b2, 3, 0x4020211000, 0x10fd40, 0xca6f, 0xcab5 },
};

KUNIT_ARRAY_PARAM_DESC(chip_golden, chip_goldens, name);

static void chip_is_identified(struct kunit *test)
{
	const struct chip_golden *g = test->param_value;
	const struct nova_chip *chip = nova_chip_find(g->boot_0, g->boot_42);

	KUNIT_ASSERT_NOT_NULL(test, chip);
	KUNIT_EXPECT_STREQ(test, chip->name, g->name);
	KUNIT_EXPECT_EQ(test, chip->id, g->id);
	KUNIT_EXPECT_EQ(test, chip->family->gmmu_version, g->gmmu);
	KUNIT_EXPECT_EQ(test, chip->family->page_sizes, g->page_sizes);
	KUNIT_EXPECT_EQ(test, chip->family->pramin_reg, g->pramin_reg);
	KUNIT_EXPECT_EQ(test, chip->family->host_class, g->host_class);
	KUNIT_EXPECT_EQ(test, chip->family->copy_class, g->copy_class);
	KUNIT_EXPECT_EQ(test, chip->family->host_va_bits, g->gmmu == 2 ? 40 : 57);
}

static void chip_unknown_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, nova_chip_find(0xffffffff, 0xffffffff));
	/* A GPU from before BOOT_42: architecture 4, bit 8 clear. */
	KUNIT_EXPECT_NULL(test, nova_chip_find(0x04300000, 0x162a1000));
	KUNIT_EXPECT_NULL(test, nova_chip_find(0x16f000a1, 0x16fa1000));
	KUNIT_EXPECT_NULL(test, nova_chip_find(0x162000a1, 0));
}

static void chip_rows_are_complete_and_unique(struct kunit *test)
{
	const struct nova_chip *chip;
	unsigned int nr = 0;

	for (; (chip = nova_chip_row(nr)); nr++) {
		u32 boot_42 = (u32)chip->id << 20;

		KUNIT_EXPECT_PTR_EQ(test, nova_chip_find(0x162000a1, boot_42), chip);
		KUNIT_EXPECT_NOT_NULL(test, chip->family->vram_size);
		KUNIT_EXPECT_NE(test, chip->family->pramin_base_mask, 0);
	}
	KUNIT_EXPECT_EQ(test, nr, 26);
}

static struct kunit_case chip_cases[] = {
	KUNIT_CASE_PARAM(chip_is_identified, chip_golden_gen_params),
	KUNIT_CASE(chip_unknown_is_refused),
	KUNIT_CASE(chip_rows_are_complete_and_unique),
	{ }
};

static struct kunit_suite chip_suite = {
	.name = "nova-chip",
	.test_cases = chip_cases,
};
kunit_test_suite(chip_suite);
