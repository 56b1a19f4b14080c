// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: whatever list of regions firmware reports, no byte outside them is
 * ever handed out, and everything is given back.
 */
#include "nova_buddy.h"
#include "nova_kunit.h"

#include <kunit/test.h>

#include <linux/sizes.h>

struct nova_mm_case {
	const char *name;
	struct nova_mm_region regions[4];
	unsigned int nr;
	int ret;
	u64 usable;
};

static const struct nova_mm_case nova_mm_test_regions[] = {
	{ "one", { { 0, SZ_64M } }, 1, 0, SZ_64M },
	{ "not from 0", { { SZ_16M, SZ_64M } }, 1, 0, SZ_64M },
	{ "unsorted with holes", { { SZ_128M, SZ_32M }, { SZ_1M, SZ_32M }, { SZ_64M, SZ_16M } }, 3,
	  0, SZ_64M + SZ_16M },
	{ "touching", { { SZ_32M, SZ_32M }, { 0, SZ_32M } }, 2, 0, SZ_64M },
	{ "odd edges", { { 0x1234, SZ_64M } }, 1, 0, SZ_64M - SZ_4K },
	{ "one too small to hold a page", { { 0x1001, 0x1000 }, { SZ_32M, SZ_32M } }, 2, 0, SZ_32M },
	{ "empty one", { { SZ_1M, 0 }, { SZ_32M, SZ_32M } }, 2, 0, SZ_32M },
	{ "none", {}, 0, -ENODEV, 0 },
	{ "only empty", { { SZ_1M, 0 } }, 1, -ENODEV, 0 },
	{ "overlapping", { { 0, SZ_32M }, { SZ_16M, SZ_32M } }, 2, -EINVAL, 0 },
	{ "twice the same", { { 0, SZ_32M }, { 0, SZ_32M } }, 2, -EINVAL, 0 },
	{ "wrapping", { { SZ_1M, U64_MAX } }, 1, -EINVAL, 0 },
	{ "beyond VRAM", { { 0, SZ_256M + SZ_4K } }, 1, -EINVAL, 0 },
};

KUNIT_ARRAY_PARAM_DESC(nova_mm, nova_mm_test_regions, name);

static bool nova_mm_test_inside(const struct nova_mm_case *c, u64 addr, u64 len)
{
	for (unsigned int i = 0; i < c->nr; i++)
		if (addr >= c->regions[i].base &&
		    addr + len <= c->regions[i].base + c->regions[i].size)
			return true;
	return false;
}

/* A run of free memory may span touching regions, so it is looked at by pages. */
static void nova_mm_test_take_all(struct kunit *test, struct nova_mm *mm,
				  const struct nova_mm_case *c)
{
	struct nova_buddy_alloc alloc = {};
	struct nova_buddy_req req = { .size = nova_buddy_avail(mm->buddy) };
	const struct nova_buddy_extent *ext;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(mm->buddy, &req, &alloc), 0);
	nova_buddy_for_each_extent(ext, &alloc)
		for (u64 off = 0; off < ext->len; off += SZ_4K)
			KUNIT_ASSERT_TRUE(test, nova_mm_test_inside(c, ext->addr + off, SZ_4K));
	nova_buddy_free(mm->buddy, &alloc, false);
}

static void only_usable_memory_is_handed_out(struct kunit *test)
{
	const struct nova_mm_case *c = test->param_value;
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_config mm_config = { .regions = c->regions, .nr_regions = c->nr };
	const struct nova_vmm_config plain = {};
	struct nova_vmm vmm;

	KUNIT_ASSERT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), c->ret);
	if (c->ret)
		return;
	KUNIT_EXPECT_EQ(test, nk->mm.usable, c->usable);
	KUNIT_EXPECT_EQ(test, nova_buddy_avail(nk->mm.buddy), c->usable);
	nova_mm_test_take_all(test, &nk->mm, c);
	/* Page tables come from there, too, and from the top (G-4). */
	KUNIT_ASSERT_EQ(test, nova_vmm_init(&vmm, &nk->mm, &plain), 0);
	KUNIT_EXPECT_TRUE(test, nova_mm_test_inside(c, nova_vmm_pdb(&vmm).addr, SZ_4K));
	nova_vmm_fini(&vmm);
	nova_mm_fini(&nk->mm);
}

static void too_many_regions_are_refused(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	struct nova_mm_region regions[NOVA_MM_MAX_REGIONS + 1];
	struct nova_mm_config mm_config = { .regions = regions, .nr_regions = ARRAY_SIZE(regions) };

	for (unsigned int i = 0; i < ARRAY_SIZE(regions); i++)
		regions[i] = (struct nova_mm_region){ .base = i * SZ_8M, .size = SZ_4M };
	KUNIT_EXPECT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), -EINVAL);
	mm_config.nr_regions--;
	KUNIT_EXPECT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), 0);
	KUNIT_EXPECT_EQ(test, nk->mm.usable, NOVA_MM_MAX_REGIONS * SZ_4M);
	nova_mm_fini(&nk->mm);
}

/* With no chunk of 2 MiB left tables still come, from smaller pieces, until VRAM ends. */
static void tables_are_made_of_what_is_left(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_buddy_alloc all = {}, page = {};
	struct nova_buddy_req req = { .size = nova_buddy_avail(nk->mm.buddy) };
	const struct nova_vmm_config plain = {};
	struct nova_vmm vmm;
	u64 addr;

	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(nk->mm.buddy, &req, &all), 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_init(&vmm, &nk->mm, &plain), -ENOSPC);
	addr = nova_buddy_extents(&all)->addr + SZ_32M;
	KUNIT_ASSERT_EQ(test, nova_buddy_free_part(nk->mm.buddy, &all, SZ_32M, SZ_4K, false), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_init(&vmm, &nk->mm, &plain), 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_pdb(&vmm).addr, addr);
	nova_vmm_fini(&vmm);
	nova_buddy_free(nk->mm.buddy, &all, false);
	nova_buddy_free(nk->mm.buddy, &page, false);
}

static struct kunit_case nova_mm_cases[] = {
	KUNIT_CASE_PARAM(only_usable_memory_is_handed_out, nova_mm_gen_params),
	KUNIT_CASE(too_many_regions_are_refused),
	KUNIT_CASE(tables_are_made_of_what_is_left),
	{}
};

static struct kunit_suite nova_mm_suite = {
	.name = "nova-mm",
	.test_cases = nova_mm_cases,
};

kunit_test_suite(nova_mm_suite);
