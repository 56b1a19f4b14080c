// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: the software GPU caches translations and drops them only when told, so
 * each test has its other half: with the invalidate replaced by nothing the same
 * sequence must make the model see stale translations or object.
 */
#include "nova_kunit.h"
#include "nova_tlb.h"

#include <kunit/test.h>

#include <linux/sizes.h>

#define VA	0x40000000ULL

/* Says it did and does not. */
static int nova_tlb_test_skip(struct nova_tlb *tlb, const struct nova_tlb_req *req)
{
	return 0;
}

static const struct nova_tlb_ops nova_tlb_test_skip_ops = { .invalidate = nova_tlb_test_skip };

struct nova_tlb_case {
	const char *chip;
	bool skip;
	const char *name;
};

static const struct nova_tlb_case nova_tlb_cases[] = {
	{ "tu102", false, "tu102" },
	{ "tu102", true, "tu102 without invalidates" },
	{ "gh100", false, "gh100" },
	{ "gh100", true, "gh100 without invalidates" },
};

KUNIT_ARRAY_PARAM_DESC(nova_tlb, nova_tlb_cases, name);

struct nova_tlb_fixture {
	struct nova_kunit *nk;
	struct nova_vmm *vmm;
	const struct nova_tlb_ops *ops;
	bool skip;
};

static void nova_tlb_test_setup(struct kunit *test, struct nova_tlb_fixture *f)
{
	const struct nova_tlb_case *c = test->param_value;
	const struct nova_kunit_config config = { .chip = c->chip };

	f->nk = nova_kunit_create(test, &config);
	f->vmm = nova_kunit_vmm(f->nk, NULL);
	f->ops = f->nk->mm.tlb.ops;
	f->skip = c->skip;
}

/* From here on, until done, invalidates are lost if the case says so. */
static void nova_tlb_test_begin(struct nova_tlb_fixture *f)
{
	if (f->skip)
		f->nk->mm.tlb.ops = &nova_tlb_test_skip_ops;
}

static void nova_tlb_test_end(struct nova_tlb_fixture *f)
{
	f->nk->mm.tlb.ops = f->ops;
}

static int nova_tlb_test_map(struct nova_tlb_fixture *f, u64 va, u64 addr, u64 len,
			     bool read_only)
{
	struct nova_extent extent = { .addr = addr, .len = len };
	struct nova_backing backing = { .size = len, .extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = va, .len = len, .backing = &backing,
				    .attr.read_only = read_only };

	return nova_vmm_map_now(f->vmm, &map);
}

static bool nova_tlb_test_reads(struct nova_tlb_fixture *f, u64 va, u64 addr)
{
	struct nova_swgpu_xlate x;

	nova_kunit_translate(f->nk, f->vmm, va, NOVA_SWGPU_READ, &x);
	return x.result == NOVA_SWGPU_MAPPED && x.addr == addr;
}

static void mapping_forgets_that_nothing_was_there(struct kunit *test)
{
	struct nova_tlb_fixture f;

	nova_tlb_test_setup(test, &f);
	KUNIT_EXPECT_FALSE(test, nova_tlb_test_reads(&f, VA, SZ_1M));
	KUNIT_ASSERT_TRUE(test, nova_kunit_expect_fault(f.nk, NOVA_SWGPU_CODE_PDE));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	nova_tlb_test_end(&f);
	KUNIT_EXPECT_EQ(test, nova_tlb_test_reads(&f, VA, SZ_1M), !f.skip);
	if (f.skip)
		KUNIT_EXPECT_TRUE(test, nova_kunit_expect_fault(f.nk, NOVA_SWGPU_CODE_PDE));
}

static void unmapping_forgets_the_page(struct kunit *test)
{
	struct nova_tlb_fixture f;

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_8K, false), 0);
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(f.vmm, VA, SZ_4K), 0);
	nova_tlb_test_end(&f);
	KUNIT_EXPECT_EQ(test, nova_tlb_test_reads(&f, VA, SZ_1M), f.skip);
	if (!f.skip)
		KUNIT_EXPECT_TRUE(test, nova_kunit_expect_fault(f.nk, NOVA_SWGPU_CODE_PTE));
}

static void remapping_forgets_the_old_page(struct kunit *test)
{
	struct nova_tlb_fixture f;

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_2M, SZ_4K, false), 0);
	nova_tlb_test_end(&f);
	KUNIT_EXPECT_EQ(test, nova_tlb_test_reads(&f, VA, SZ_2M), !f.skip);
}

static void tightening_forgets_the_permission(struct kunit *test)
{
	struct nova_swgpu_xlate x;
	struct nova_tlb_fixture f;

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, true), 0);
	nova_tlb_test_end(&f);
	nova_kunit_translate(f.nk, f.vmm, VA, NOVA_SWGPU_WRITE, &x);
	KUNIT_EXPECT_EQ(test, x.result, f.skip ? NOVA_SWGPU_MAPPED : NOVA_SWGPU_FAULT);
	if (!f.skip)
		KUNIT_EXPECT_TRUE(test, nova_kunit_expect_fault(f.nk, NOVA_SWGPU_CODE_RO));
}

static void sparse_forgets_the_page(struct kunit *test)
{
	struct nova_tlb_fixture f;

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_2M, SZ_2M, false), 0);
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_2M));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_vmm_sparse_now(f.vmm, VA, SZ_4K), 0);
	nova_tlb_test_end(&f);
	KUNIT_EXPECT_EQ(test, nova_tlb_test_reads(&f, VA, SZ_2M), f.skip);
	KUNIT_EXPECT_TRUE(test, nova_tlb_test_reads(&f, VA + SZ_4K, SZ_2M + SZ_4K));
}

static void freed_tables_are_in_no_cache(struct kunit *test)
{
	struct nova_tlb_fixture f;
	unsigned int cached = 0;
	struct nova_pt *pt;
	u64 table[3];

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	/* The tables below the root, which go when the page does. */
	pt = f.vmm->tree.root;
	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++) {
		pt = nova_pt_child(pt, nova_gmmu_index(pt->lvl, VA), 0);
		table[i] = pt->mem.at.vram.addr;
	}
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(f.vmm, VA, SZ_4K), 0);
	nova_tlb_test_end(&f);
	KUNIT_ASSERT_EQ(test, atomic_long_read(&f.vmm->tree.nr_tables), 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
		cached += nova_swgpu_assert_not_cached(f.nk->gpu, table[i], SZ_4K);
	KUNIT_EXPECT_EQ(test, cached != 0, f.skip);
	if (f.skip)
		KUNIT_EXPECT_TRUE(test, nova_kunit_expect_fault(f.nk, NOVA_SWGPU_CODE_NONE));
}

static void a_huge_page_forgets_the_small_ones(struct kunit *test)
{
	struct nova_tlb_fixture f;

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_2M, SZ_2M, false), 0);
	nova_tlb_test_end(&f);
	KUNIT_EXPECT_EQ(test, nova_tlb_test_reads(&f, VA, SZ_2M), !f.skip);
}

static void big_and_small_pages_forget_each_other(struct kunit *test)
{
	struct nova_tlb_fixture f;

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M + SZ_4K, SZ_64K, false), 0);
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M + SZ_4K));
	nova_tlb_test_begin(&f);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_2M, SZ_64K, false), 0);
	nova_tlb_test_end(&f);
	KUNIT_EXPECT_EQ(test, nova_tlb_test_reads(&f, VA, SZ_2M), !f.skip);
	if (f.skip)
		return;
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M + SZ_4K, SZ_64K, false), 0);
	KUNIT_EXPECT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M + SZ_4K));
}

static void an_address_space_that_ends_is_in_no_cache(struct kunit *test)
{
	struct nova_tlb_fixture f;
	const struct nova_vmm_config plain = {};
	struct nova_vmm vmm;
	u64 root;

	nova_tlb_test_setup(test, &f);
	KUNIT_ASSERT_EQ(test, nova_vmm_init(&vmm, &f.nk->mm, &plain), 0);
	f.vmm = &vmm;
	root = nova_vmm_pdb(&vmm).addr;
	/* Nothing is mapped, and that is what the caches learn. */
	KUNIT_EXPECT_FALSE(test, nova_tlb_test_reads(&f, VA, 0));
	KUNIT_ASSERT_TRUE(test, nova_kunit_expect_fault(f.nk, NOVA_SWGPU_CODE_PDE));
	nova_tlb_test_begin(&f);
	nova_vmm_fini(&vmm);
	nova_tlb_test_end(&f);
	KUNIT_EXPECT_EQ(test, nova_swgpu_assert_not_cached(f.nk->gpu, root, SZ_4K) != 0, f.skip);
	if (f.skip)
		KUNIT_EXPECT_TRUE(test, nova_kunit_expect_fault(f.nk, NOVA_SWGPU_CODE_NONE));
}

static void commands_say_what_changed(struct kunit *test)
{
	const struct nova_kunit_config config = { .chip = "gh100" };
	struct nova_tlb_fixture f = { .nk = nova_kunit_create(test, &config) };
	struct nova_swgpu_invalidate inv;

	f.vmm = nova_kunit_vmm(f.nk, NULL);
	nova_swgpu_invalidate_clear(f.nk->gpu);
	/* New tables up to the root, nothing taken away. */
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	KUNIT_ASSERT_EQ(test, nova_swgpu_invalidate_count(f.nk->gpu), 1);
	nova_swgpu_invalidate_get(f.nk->gpu, 0, &inv);
	KUNIT_EXPECT_EQ(test, inv.pdb, nova_vmm_pdb(f.vmm).addr);
	/* ALL_VA, trigger, CACHE_LEVEL 6: up to PDE4 */
	KUNIT_EXPECT_EQ(test, inv.trigger, 0x86000001);
	/* A second page beside it: the leaf only. */
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA + SZ_4K, SZ_1M, SZ_4K, false), 0);
	nova_swgpu_invalidate_get(f.nk->gpu, 1, &inv);
	KUNIT_EXPECT_EQ(test, inv.trigger, 0x81000001);
	/* Taken away: system barrier and global acknowledge (T-1, D7). */
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(f.vmm, VA, SZ_4K), 0);
	nova_swgpu_invalidate_get(f.nk->gpu, 2, &inv);
	KUNIT_EXPECT_EQ(test, inv.trigger, 0x810000c1);
	/* Nothing changed, nothing done. */
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(f.vmm, VA + SZ_1G, SZ_1G), 0);
	KUNIT_EXPECT_EQ(test, nova_swgpu_invalidate_count(f.nk->gpu), 3);
}

/* Address of the table of 4 KiB pages that covers @va. */
static u64 nova_tlb_test_table(struct nova_tlb_fixture *f, u64 va)
{
	struct nova_pt *pt = f->vmm->tree.root;

	while (pt->level)
		pt = nova_pt_child(pt, nova_gmmu_index(pt->lvl, va), nova_pt_half(pt->lvl, 0));
	return pt->mem.at.vram.addr;
}

/* Whoever lets go of a table last does not know whose invalidate is still to come. */
static void an_invalidate_covers_what_others_have_unlinked(struct kunit *test)
{
	const struct nova_kunit_config config = { .chip = "gh100" };
	struct nova_tlb_fixture f = { .nk = nova_kunit_create(test, &config) };
	struct nova_vmm_update cut, keep, late;
	struct nova_extent extent = { .addr = SZ_1M, .len = SZ_4K };
	struct nova_backing backing = { .size = SZ_4K, .extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = VA + SZ_8K, .len = SZ_4K, .backing = &backing };
	struct nova_swgpu_invalidate inv;
	u64 table;

	f.vmm = nova_kunit_vmm(f.nk, NULL);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA + SZ_1G, SZ_1M, SZ_4K, false), 0);
	KUNIT_ASSERT_TRUE(test, nova_tlb_test_reads(&f, VA, SZ_1M));
	table = nova_tlb_test_table(&f, VA);
	/* The table becomes empty, but somebody has reserved it. */
	nova_vmm_update_init(&keep, f.vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_map(&keep, &map), 0);
	nova_vmm_update_init(&cut, f.vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_cut(&cut, VA, SZ_4K), 0);
	nova_vmm_unmap(&cut, VA, SZ_4K);
	/* Elsewhere, with a table that is there: by itself a matter of the leaf alone. */
	map.va = VA + SZ_1G + SZ_4K;
	nova_vmm_update_init(&late, f.vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_map(&late, &map), 0);
	nova_vmm_map(&late, &map);
	nova_swgpu_invalidate_clear(f.nk->gpu);
	KUNIT_ASSERT_EQ(test, nova_vmm_flush(&late), 0);
	nova_vmm_finish(&late);
	nova_swgpu_invalidate_get(f.nk->gpu, 0, &inv);
	/* System barrier and global acknowledge, CACHE_LEVEL 3: two directories went as well */
	KUNIT_EXPECT_EQ(test, inv.trigger, 0x830000c1);
	nova_vmm_abort(&keep);
	KUNIT_EXPECT_EQ(test, nova_swgpu_assert_not_cached(f.nk->gpu, table, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_flush(&cut), 0);
	nova_vmm_finish(&cut);
}

static void bar_spaces_leave_the_gpc_caches_alone(struct kunit *test)
{
	const struct nova_vmm_config vmm_config = { .scope = NOVA_TLB_HUB };
	const struct nova_kunit_config config = {};
	struct nova_tlb_fixture f = { .nk = nova_kunit_create(test, &config) };
	struct nova_swgpu_invalidate inv;

	f.vmm = nova_kunit_vmm(f.nk, &vmm_config);
	nova_swgpu_invalidate_clear(f.nk->gpu);
	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	nova_swgpu_invalidate_get(f.nk->gpu, 0, &inv);
	KUNIT_EXPECT_EQ(test, inv.trigger, 0x85000005);
}

static void pdb_registers_hold_the_whole_address(struct kunit *test)
{
	/* hardware.md's root examples, the last one above 2^40. */
	static const u64 roots[] = { 0x203456000, 0x1234567000, 0x12034567000 };
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_swgpu_invalidate inv;

	for (unsigned int i = 0; i < ARRAY_SIZE(roots); i++) {
		struct nova_tlb_req req = { .pdb = nova_vram(roots[i]) };

		nova_swgpu_invalidate_clear(nk->gpu);
		KUNIT_ASSERT_EQ(test, nova_tlb_invalidate(&nk->mm.tlb, &req), 0);
		nova_swgpu_invalidate_get(nk->gpu, 0, &inv);
		KUNIT_EXPECT_EQ(test, inv.pdb, roots[i]);
		KUNIT_EXPECT_FALSE(test, inv.pdb_sysmem);
		KUNIT_EXPECT_EQ(test, inv.trigger, 0x80000001);
	}
}

static void slow_hardware_is_waited_for(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_tlb_req req = {};
	struct nova_swgpu_invalidate inv;

	nova_swgpu_inject(nk->gpu, NOVA_SWGPU_INJECT_TLB_POLLS, 1000);
	nova_swgpu_invalidate_clear(nk->gpu);
	KUNIT_EXPECT_EQ(test, nova_tlb_invalidate(&nk->mm.tlb, &req), 0);
	nova_swgpu_invalidate_get(nk->gpu, 0, &inv);
	KUNIT_EXPECT_TRUE(test, inv.done);
}

static void dead_hardware_keeps_what_it_may_reach(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_tlb_fixture f = { .nk = nk, .vmm = vmm };
	const struct nova_vmm_config plain = {};
	struct nova_vmm other;
	u64 used;

	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	used = nk->mm.pool.used;
	nova_swgpu_inject(nk->gpu, NOVA_SWGPU_INJECT_TLB_STUCK, 1);
	KUNIT_EXPECT_EQ(test, nova_vmm_unmap_now(vmm, VA, SZ_4K), -EIO);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&nk->nd));
	KUNIT_EXPECT_EQ(test, nova_vmm_error(vmm), -EIO);
	/* No table came back, and none will (T-2). */
	KUNIT_EXPECT_EQ(test, nk->mm.pool.used, used);
	nova_swgpu_inject(nk->gpu, NOVA_SWGPU_INJECT_TLB_STUCK, 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_unmap_now(vmm, VA, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), -EIO);
	KUNIT_EXPECT_GE(test, nk->mm.pool.used, used);
	KUNIT_EXPECT_EQ(test, nova_vmm_init(&other, &nk->mm, &plain), -EIO);
}

static void unplugged_hardware_reaches_nothing(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_tlb_fixture f = { .nk = nk, .vmm = vmm };

	KUNIT_ASSERT_EQ(test, nova_tlb_test_map(&f, VA, SZ_1M, SZ_4K, false), 0);
	nova_device_unplug(&nk->nd);
	KUNIT_EXPECT_EQ(test, nova_vmm_unmap_now(vmm, VA, SZ_4K), -ENODEV);
	KUNIT_EXPECT_FALSE(test, nova_device_is_wedged(&nk->nd));
	/* So everything is freed. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vmm->tree.nr_tables), 1);
}

static struct kunit_case nova_tlb_test_cases[] = {
	KUNIT_CASE_PARAM(mapping_forgets_that_nothing_was_there, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(unmapping_forgets_the_page, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(remapping_forgets_the_old_page, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(tightening_forgets_the_permission, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(sparse_forgets_the_page, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(freed_tables_are_in_no_cache, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(a_huge_page_forgets_the_small_ones, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(big_and_small_pages_forget_each_other, nova_tlb_gen_params),
	KUNIT_CASE_PARAM(an_address_space_that_ends_is_in_no_cache, nova_tlb_gen_params),
	KUNIT_CASE(commands_say_what_changed),
	KUNIT_CASE(an_invalidate_covers_what_others_have_unlinked),
	KUNIT_CASE(bar_spaces_leave_the_gpc_caches_alone),
	KUNIT_CASE(pdb_registers_hold_the_whole_address),
	KUNIT_CASE(slow_hardware_is_waited_for),
	KUNIT_CASE_SLOW(dead_hardware_keeps_what_it_may_reach),
	KUNIT_CASE(unplugged_hardware_reaches_nothing),
	{}
};

static struct kunit_suite nova_tlb_suite = {
	.name = "nova-tlb",
	.test_cases = nova_tlb_test_cases,
};

kunit_test_suite(nova_tlb_suite);
