// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: the words of hardware.md §9.2 to §9.4, as literals.
 */
#include "nova_ce.h"

#include <kunit/test.h>

static void ring_entry_is_golden(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nova_host_gp_entry(0x123456000, 16, false), 0x0000400123456000);
	KUNIT_EXPECT_EQ(test, nova_host_gp_entry(0xfffffffffc, 1, false), 0x000004fffffffffc);
	/* All 21 bits of the length, and no bit of an address beyond 40. */
	KUNIT_EXPECT_EQ(test, nova_host_gp_entry(0x1ffff0000001000, 0x1fffff, false),
			0x7ffffc0000001000);
	KUNIT_EXPECT_EQ(test, nova_host_gp_entry(0x123456000, 16, true), 0x8000400123456000);
}

static void base_entry_is_golden(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nova_host_gp_base(0), 0x0000000400000000);
	KUNIT_EXPECT_EQ(test, nova_host_gp_base(0x1ffffffffff000), 0x00000004001fff00);
	KUNIT_EXPECT_EQ(test, nova_host_gp_base(0x1000000000000ff), 0x0000000401000000);
}

static void semaphore_release_is_golden(struct kunit *test)
{
	static const u32 want[] = {
		0x20050017, 0x23456010, 0x00000001, 0x9abcdef0, 0x12345678, 0x01000001,
		0x20050017, 0x23456010, 0x00000001, 0x00000007, 0x00000000, 0x03100001,
	};
	u32 words[2 * NOVA_HOST_RELEASE_WORDS] = {};
	struct nova_pb pb = { .words = words };

	nova_host_release(&pb, 0x123456010, 0x123456789abcdef0, 0);
	nova_host_release(&pb, 0x123456010, 7,
			  NOVA_HOST_RELEASE_WFI | NOVA_HOST_RELEASE_TIMESTAMP);
	KUNIT_ASSERT_EQ(test, pb.nr, ARRAY_SIZE(want));
	KUNIT_EXPECT_MEMEQ(test, words, want, sizeof(want));
}

static void copy_class_is_bound(struct kunit *test)
{
	u32 words[NOVA_CE_BEGIN_WORDS] = {};
	struct nova_pb pb = { .words = words };

	nova_ce_begin(&pb, 0xc7b5);
	KUNIT_ASSERT_EQ(test, pb.nr, 2);
	KUNIT_EXPECT_EQ(test, words[0], 0x20018000);
	KUNIT_EXPECT_EQ(test, words[1], 0x0000c7b5);
}

struct nova_ce_case {
	const char *name;
	struct nova_ce_copy copy;
	u32 modes[2];
	u32 launch;
};

static const struct nova_ce_case nova_ce_test_copies[] = {
	{ "virtual", { 0x123456789a, 0x1fedcba98, NOVA_CE_VIRTUAL, NOVA_CE_VIRTUAL, 0x1001 },
	  { 0, 0 }, 0x00000186 },
	{ "vram to vram", { 0x123456789a, 0x1fedcba98, NOVA_CE_VRAM, NOVA_CE_VRAM, 0x1001 },
	  { 0, 0 }, 0x00003186 },
	{ "vram to system", { 0x123456789a, 0x1fedcba98, NOVA_CE_VRAM, NOVA_CE_SYS_COH, 0x1001 },
	  { 0, 1 }, 0x00003186 },
	{ "system to vram", { 0x123456789a, 0x1fedcba98, NOVA_CE_SYS_COH, NOVA_CE_VRAM, 0x1001 },
	  { 1, 0 }, 0x00003186 },
	{ "virtual to vram", { 0x123456789a, 0x1fedcba98, NOVA_CE_VIRTUAL, NOVA_CE_VRAM, 0x1001 },
	  { 0, 0 }, 0x00002186 },
};

KUNIT_ARRAY_PARAM_DESC(nova_ce_copy, nova_ce_test_copies, name);

static void copy_is_golden(struct kunit *test)
{
	const struct nova_ce_case *c = test->param_value;
	const u32 want[] = {
		0x20028098, c->modes[0], c->modes[1],
		0x20088100, 0x00000012, 0x3456789a, 0x00000001, 0xfedcba98,
		0x1001, 0x1001, 0x1001, 1,
		0x200180c0, c->launch,
	};
	u32 words[NOVA_CE_COPY_WORDS] = {};
	struct nova_pb pb = { .words = words };

	nova_ce_copy(&pb, &c->copy);
	KUNIT_ASSERT_EQ(test, pb.nr, ARRAY_SIZE(want));
	KUNIT_EXPECT_MEMEQ(test, words, want, sizeof(want));
}

static void clear_is_golden(struct kunit *test)
{
	static const u32 want[] = {
		0x20018099, 0,
		0x200381c0, 0, 0, 0x00030004,
		0x20028102, 0x00000012, 0x34567000,
		0x20028106, 0x00000400, 1,
		0x200180c0, 0x00002586,
	};
	const struct nova_ce_copy copy = {
		.dst = 0x1234567000, .dst_target = NOVA_CE_VRAM, .len = 0x1000,
	};
	u32 words[NOVA_CE_CLEAR_WORDS] = {};
	struct nova_pb pb = { .words = words };

	nova_ce_clear(&pb, &copy);
	KUNIT_ASSERT_EQ(test, pb.nr, ARRAY_SIZE(want));
	KUNIT_EXPECT_MEMEQ(test, words, want, sizeof(want));
}

static struct kunit_case nova_ce_cases[] = {
	KUNIT_CASE(ring_entry_is_golden),
	KUNIT_CASE(base_entry_is_golden),
	KUNIT_CASE(semaphore_release_is_golden),
	KUNIT_CASE(copy_class_is_bound),
	KUNIT_CASE_PARAM(copy_is_golden, nova_ce_copy_gen_params),
	KUNIT_CASE(clear_is_golden),
	{}
};

static struct kunit_suite nova_ce_suite = {
	.name = "nova-ce",
	.test_cases = nova_ce_cases,
};

kunit_test_suite(nova_ce_suite);
