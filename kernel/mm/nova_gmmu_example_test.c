// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The worked example of Documentation/gpu/nova/porting.rst: a page-table format that no GPU has,
 * put under the driver's own tree. Golden: the words it must leave in VRAM. Invariant: whatever
 * was mapped is found again, by the shadow and by decoding what is in VRAM.
 *
 * The markers in comments are where the page cuts its examples out.
 */
#include "nova_kunit.h"
#include "nova_pt.h"

#include <kunit/test.h>

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/sizes.h>

/* [words] */
#define EX_VALID	BIT_ULL(0)
#define EX_SPARSE	BIT_ULL(1)
#define EX_READ_ONLY	BIT_ULL(2)
#define EX_TABLE	BIT_ULL(3)
#define EX_ADDRESS	GENMASK_ULL(47, 12)

static int ex_check(const struct nova_pte_attr *attr, u64 addr, u64 len)
{
	if (attr->aperture != NOVA_APERTURE_VRAM || attr->kind)
		return -EINVAL;
	return (addr + len - 1) >> 48 ? -ERANGE : 0;
}

static u64 ex_pte(const struct nova_pte_attr *attr, u64 addr)
{
	return EX_VALID | addr | (attr->read_only ? EX_READ_ONLY : 0);
}

static u64 ex_addr(u64 word, enum nova_aperture *aperture)
{
	*aperture = NOVA_APERTURE_VRAM;
	return word & EX_ADDRESS;
}

static void ex_pde(u64 *words, const struct nova_gmmu_table *table, unsigned int nr)
{
	words[0] = table->present ? EX_TABLE | table->addr : 0;
}

/* [end] */

/* [decode] */
static void ex_decode(const struct nova_gmmu_level *level, const u64 *words,
		      struct nova_gmmu_entry *entry)
{
	u64 word = words[0];

	*entry = (struct nova_gmmu_entry){ .addr = word & EX_ADDRESS };
	if (word == EX_SPARSE) {
		entry->empty = NOVA_GMMU_SPARSE;
	} else if ((word & ~(EX_ADDRESS | EX_READ_ONLY)) == EX_VALID && level->may_leaf &&
		   !(entry->addr & (BIT_ULL(level->va_lo) - 1))) {
		entry->state = NOVA_GMMU_IS_LEAF;
		entry->attr.read_only = word & EX_READ_ONLY;
	} else if ((word & ~EX_ADDRESS) == EX_TABLE && level->nr_child) {
		entry->state = NOVA_GMMU_IS_TABLE;
		entry->table[0].present = true;
		entry->table[0].addr = entry->addr;
	} else if (word) {
		entry->state = NOVA_GMMU_IS_CORRUPT;
	}
}

/* [end] */

/* [geometry] */
static const struct nova_gmmu_fmt ex_fmt = {
	.version = 99,
	.va_bits = 39,
	.nr_levels = 3,
	.empty = { [NOVA_GMMU_SPARSE] = EX_SPARSE },
	.level = {
		{ .name = "PT", .va_hi = 20, .va_lo = 12, .entry_lg2 = 3, .align_lg2 = 12,
		  .may_leaf = true },
		{ .name = "PD0", .va_hi = 29, .va_lo = 21, .entry_lg2 = 3, .align_lg2 = 12,
		  .nr_child = 1, .child = { 0 }, .may_leaf = true },
		{ .name = "PD1", .va_hi = 38, .va_lo = 30, .entry_lg2 = 3, .align_lg2 = 12,
		  .nr_child = 1, .child = { 1 } },
	},
	.check = ex_check,
	.pte = ex_pte,
	.addr = ex_addr,
	.pde = ex_pde,
	.decode = ex_decode,
};

/* [end] */

static struct nova_vmm *ex_vmm(struct kunit *test)
{
	struct nova_kunit *nk = nova_kunit_create(test, &(struct nova_kunit_config){});

	nk->mm.fmt = &ex_fmt;
	nk->mm.page_sizes = SZ_4K | SZ_2M;
	return nova_kunit_vmm(nk, NULL);
}

static int ex_map(struct nova_vmm *vmm, u64 va, u64 addr, u64 len)
{
	struct nova_extent extent = { .addr = addr, .len = len };
	struct nova_backing backing = { .size = len, .extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = va, .len = len, .backing = &backing };

	return nova_vmm_map_now(vmm, &map);
}

static void ex_expect(struct kunit *test, struct nova_vmm *vmm, u64 va, u64 word, u8 shift)
{
	enum nova_pt_what what = word == EX_SPARSE ? NOVA_PT_SPARSE :
				 word ? NOVA_PT_PAGE : NOVA_PT_HOLE;
	struct nova_pt_place shadow;
	struct nova_pt_xlate vram;

	KUNIT_ASSERT_EQ(test, nova_vmm_walk(vmm, va, &vram), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_lookup(vmm, va, &shadow), 0);
	KUNIT_EXPECT_EQ(test, vram.words[0], word);
	KUNIT_EXPECT_EQ(test, shadow.what, what);
	if (what == NOVA_PT_PAGE)
		KUNIT_EXPECT_EQ(test, shadow.addr, vram.addr);
	KUNIT_EXPECT_EQ(test, vram.page_shift, shift);
	KUNIT_EXPECT_EQ(test, shadow.page_shift, shift);
}

static void words_are_where_the_geometry_says(struct kunit *test)
{
	struct nova_vmm *vmm = ex_vmm(test);
	u64 va = SZ_1G + SZ_2M - SZ_4K;

	/* The last small page of one table, a page of 2 MiB, the first small page of the next. */
	KUNIT_ASSERT_EQ(test, ex_map(vmm, va, SZ_16M - SZ_4K, SZ_2M + SZ_8K), 0);
	ex_expect(test, vmm, va, 0xfff001, 12);
	ex_expect(test, vmm, va + SZ_4K, 0x1000001, 21);
	ex_expect(test, vmm, va + SZ_4K + SZ_2M, 0x1200001, 12);
	ex_expect(test, vmm, va + SZ_8K + SZ_2M, 0, 12);
	KUNIT_ASSERT_EQ(test, nova_vmm_sparse_now(vmm, va + SZ_4K, SZ_2M), 0);
	ex_expect(test, vmm, va + SZ_4K, 0x2, 21);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, va, SZ_2M + SZ_8K), 0);
	ex_expect(test, vmm, va, 0, 30);
}

static void huge_pages_are_cut(struct kunit *test)
{
	struct nova_vmm *vmm = ex_vmm(test);

	KUNIT_ASSERT_EQ(test, ex_map(vmm, 0, SZ_32M, SZ_2M), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, SZ_64K, SZ_4K), 0);
	ex_expect(test, vmm, SZ_64K - SZ_4K, 0x200f001, 12);
	ex_expect(test, vmm, SZ_64K, 0, 12);
	ex_expect(test, vmm, SZ_64K + SZ_4K, 0x2011001, 12);
}

static void limits_are_the_formats(struct kunit *test)
{
	struct nova_vmm *vmm = ex_vmm(test);
	struct nova_pte_attr sys = { .aperture = NOVA_APERTURE_SYS_COH };

	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, BIT_ULL(39) - SZ_4K, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, BIT_ULL(39) - SZ_4K, SZ_8K), -EINVAL);
	KUNIT_EXPECT_EQ(test, ex_fmt.check(&sys, 0, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, ex_fmt.check(&(struct nova_pte_attr){}, BIT_ULL(48), SZ_4K), -ERANGE);
}

static struct kunit_case ex_cases[] = {
	KUNIT_CASE(words_are_where_the_geometry_says),
	KUNIT_CASE(huge_pages_are_cut),
	KUNIT_CASE(limits_are_the_formats),
	{ }
};

static struct kunit_suite ex_suite = {
	.name = "nova-gmmu-example",
	.test_cases = ex_cases,
};
kunit_test_suite(ex_suite);
