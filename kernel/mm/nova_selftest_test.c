// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The self-tests pass on a sound device and fail on a broken one: each case breaks
 * one thing they are for.
 */
#include "nova_chip.h"
#include "nova_kunit.h"
#include "nova_selftest.h"

#include <drm/drm_print.h>

#include <kunit/test.h>

#include <linux/sizes.h>

static char nova_selftest_text[SZ_4K];

static struct nova_kunit *nova_selftest_test_create(struct kunit *test, u64 bar1_size)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name, .bar1_size = bar1_size };

	return nova_kunit_create(test, &config);
}

static int nova_selftest_test_run(struct nova_kunit *nk)
{
	struct drm_print_iterator iter = {
		.data = nova_selftest_text, .remain = sizeof(nova_selftest_text) - 1,
	};
	struct drm_printer p = drm_coredump_printer(&iter);

	memset(nova_selftest_text, 0, sizeof(nova_selftest_text));
	return nova_selftest_run(&nk->mm, &p);
}

static void a_sound_device_passes(struct kunit *test)
{
	struct nova_kunit *nk = nova_selftest_test_create(test, SZ_16M);

	KUNIT_EXPECT_EQ(test, nova_selftest_test_run(nk), 0);
	KUNIT_EXPECT_NULL(test, strstr(nova_selftest_text, "not ok"));
	KUNIT_EXPECT_NULL(test, strstr(nova_selftest_text, "SKIP"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(nova_selftest_text, "ok 5 - "));
}

static void without_bar1_its_checks_are_skipped(struct kunit *test)
{
	struct nova_kunit *nk = nova_selftest_test_create(test, 0);

	KUNIT_EXPECT_EQ(test, nova_selftest_test_run(nk), 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(nova_selftest_text, "ok 4 - BAR1 and PRAMIN see the "
					   "same bytes # SKIP"));
}

static int nova_selftest_test_no_invalidate(struct nova_tlb *tlb, const struct nova_tlb_req *req)
{
	return 0;
}

static void lost_invalidates_are_found(struct kunit *test)
{
	static const struct nova_tlb_ops skip = { .invalidate = nova_selftest_test_no_invalidate };
	struct nova_kunit *nk = nova_selftest_test_create(test, SZ_16M);
	const struct nova_tlb_ops *ops = nk->mm.tlb.ops;

	nk->mm.tlb.ops = &skip;
	KUNIT_EXPECT_EQ(test, nova_selftest_test_run(nk), 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(nova_selftest_text, "not ok 4"));
	nk->mm.tlb.ops = ops;
	nova_swgpu_fault_clear(nk->gpu);
}

static void a_window_elsewhere_is_found(struct kunit *test)
{
	struct nova_kunit *nk = nova_selftest_test_create(test, SZ_16M);
	const struct nova_chip *chip = nk->nd.chip;
	struct nova_chip broken = *chip;
	struct nova_family family = *chip->family;
	u64 val;

	/* A driver that moves the window by a register the chip does not have. */
	KUNIT_ASSERT_EQ(test, nova_pramin_read64(&nk->mm.pramin, nova_vram(SZ_64M), &val), 0);
	family.pramin_reg = family.pramin_reg == 0x1700 ? 0x10fd40 : 0x1700;
	broken.family = &family;
	nk->nd.chip = &broken;
	KUNIT_EXPECT_GT(test, nova_selftest_test_run(nk), 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(nova_selftest_text, "not ok 2"));
	nk->nd.chip = chip;
	nova_pramin_reset(&nk->mm.pramin);
	nova_swgpu_fault_clear(nk->gpu);
}

static struct kunit_case nova_selftest_cases[] = {
	KUNIT_CASE_PARAM(a_sound_device_passes, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(without_bar1_its_checks_are_skipped, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(lost_invalidates_are_found, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_window_elsewhere_is_found, nova_kunit_gen_chip),
	{}
};

static struct kunit_suite nova_selftest_suite = {
	.name = "nova-selftest",
	.test_cases = nova_selftest_cases,
};

kunit_test_suite(nova_selftest_suite);
