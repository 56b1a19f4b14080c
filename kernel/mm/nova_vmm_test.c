// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: what the driver does is looked at through the software GPU's MMU, by its
 * walk where only tables matter and by its translation where caches matter.
 * Invariant: what fails or is given up leaves no trace; tables are freed.
 */
#include "nova_kunit.h"
#include "nova_vmm.h"

#include <kunit/static_stub.h>
#include <kunit/test.h>

#include <linux/sizes.h>

#define VA	0x40000000ULL

static struct nova_backing nova_vmm_test_vram(struct nova_extent *extent, u64 addr, u64 len)
{
	*extent = (struct nova_extent){ .addr = addr, .len = len };
	return (struct nova_backing){
		.aperture = NOVA_APERTURE_VRAM,
		.size = len,
		.extents = extent,
		.nr_extents = 1,
	};
}

/* Map contiguous VRAM with plain attributes. */
static int nova_vmm_test_map(struct nova_vmm *vmm, u64 va, u64 addr, u64 len)
{
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, addr, len);
	struct nova_vmm_map map = { .va = va, .len = len, .backing = &backing };

	return nova_vmm_map_now(vmm, &map);
}

static void nova_vmm_test_expect(struct nova_kunit *nk, struct nova_vmm *vmm, u64 va, u64 addr,
				 unsigned int page_shift)
{
	struct nova_swgpu_xlate x;

	nova_kunit_walk(nk, vmm, va, &x);
	KUNIT_EXPECT_EQ_MSG(nk->test, x.result, NOVA_SWGPU_MAPPED, "va 0x%llx", va);
	KUNIT_EXPECT_EQ_MSG(nk->test, x.addr, addr, "va 0x%llx", va);
	KUNIT_EXPECT_EQ_MSG(nk->test, x.page_shift, page_shift, "va 0x%llx", va);
	KUNIT_EXPECT_EQ_MSG(nk->test, nova_vmm_page_shift(vmm, va), page_shift, "va 0x%llx", va);
}

static void nova_vmm_test_expect_none(struct nova_kunit *nk, struct nova_vmm *vmm, u64 va)
{
	struct nova_swgpu_xlate x;

	nova_kunit_walk(nk, vmm, va, &x);
	KUNIT_EXPECT_EQ_MSG(nk->test, x.result, NOVA_SWGPU_FAULT, "va 0x%llx", va);
	KUNIT_EXPECT_EQ(nk->test, nova_vmm_page_shift(vmm, va), 0);
}

static struct nova_kunit *nova_vmm_test_create(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	/* Room for a page of 512 MiB; VRAM that nobody touches costs nothing. */
	const struct nova_kunit_config config = { .chip = chip->name, .vram_size = 4ULL * SZ_1G };

	return nova_kunit_create(test, &config);
}

static void each_page_size_is_used_where_it_fits(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	const struct nova_kunit_chip *chip = test->param_value;
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	unsigned int huge = min(chip->huge, 29);
	u64 start = SZ_1G + SZ_512M - SZ_2M - SZ_64K - SZ_4K, end = 2ULL * SZ_1G + SZ_64K + SZ_4K;

	/* VA = physical address, so that only position and length decide. */
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, start, start, end - start), 0);
	nova_vmm_test_expect(nk, vmm, start, start, 12);
	nova_vmm_test_expect(nk, vmm, start + SZ_4K, start + SZ_4K, 16);
	nova_vmm_test_expect(nk, vmm, start + SZ_4K + SZ_64K + 5, start + SZ_4K + SZ_64K + 5, 21);
	nova_vmm_test_expect(nk, vmm, SZ_1G + SZ_512M, SZ_1G + SZ_512M, huge);
	nova_vmm_test_expect(nk, vmm, 2ULL * SZ_1G - 1, 2ULL * SZ_1G - 1, huge);
	nova_vmm_test_expect(nk, vmm, 2ULL * SZ_1G, 2ULL * SZ_1G, 16);
	nova_vmm_test_expect(nk, vmm, end - 1, end - 1, 12);
	nova_vmm_test_expect_none(nk, vmm, start - 1);
	nova_vmm_test_expect_none(nk, vmm, end);
}

static void limit_and_misalignment_degrade_the_page_size(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	static const u8 limits[] = { 12, 16, 21 };

	for (unsigned int i = 0; i < ARRAY_SIZE(limits); i++) {
		struct nova_extent extent;
		struct nova_backing backing = nova_vmm_test_vram(&extent, SZ_512M, SZ_2M);
		struct nova_vmm_map map = { .va = VA, .len = SZ_2M, .backing = &backing,
					    .max_page_shift = limits[i] };

		KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
		nova_vmm_test_expect(nk, vmm, VA + 0x12345, SZ_512M + 0x12345, limits[i]);
	}
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_512M + SZ_4K, SZ_2M), 0);
	nova_vmm_test_expect(nk, vmm, VA + SZ_1M, SZ_512M + SZ_4K + SZ_1M, 12);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_512M + SZ_64K, SZ_2M), 0);
	nova_vmm_test_expect(nk, vmm, VA + SZ_1M, SZ_512M + SZ_64K + SZ_1M, 16);
}

static void cutting_a_huge_page_keeps_its_neighbours(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	const struct nova_kunit_chip *chip = test->param_value;
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	u64 hole = SZ_1G + 37 * SZ_2M + 5 * SZ_64K + 3 * SZ_4K;

	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, SZ_1G, SZ_1G, SZ_512M), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, hole, SZ_4K), 0);
	nova_vmm_test_expect_none(nk, vmm, hole);
	nova_vmm_test_expect(nk, vmm, hole - 1, hole - 1, 12);
	nova_vmm_test_expect(nk, vmm, hole + SZ_4K, hole + SZ_4K, 12);
	nova_vmm_test_expect(nk, vmm, SZ_1G, SZ_1G, 21);
	nova_vmm_test_expect(nk, vmm, SZ_1G + SZ_512M - 1, SZ_1G + SZ_512M - 1, 21);
	/* And back again: one large page replaces all of it. */
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, SZ_1G, SZ_1G, SZ_512M), 0);
	nova_vmm_test_expect(nk, vmm, hole, hole, min(chip->huge, 29));
	nova_kunit_check_tree(test, &vmm->tree);
}

static void the_largest_page_is_256g_on_blackwell(struct kunit *test)
{
	const struct nova_kunit_config config = { .chip = "gb100", .vram_size = SZ_1G };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent = { .addr = 1ULL << 38, .len = 1ULL << 38 };
	struct nova_backing backing = {
		.aperture = NOVA_APERTURE_SYS_NONCOH, .size = 1ULL << 38,
		.extents = &extent, .nr_extents = 1,
	};
	struct nova_vmm_map map = { .va = 1ULL << 39, .len = 1ULL << 38, .backing = &backing };
	u64 hole = (1ULL << 39) + SZ_1G;

	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	nova_vmm_test_expect(nk, vmm, (1ULL << 39) + 7, (1ULL << 38) + 7, 38);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, hole, SZ_2M), 0);
	nova_vmm_test_expect_none(nk, vmm, hole);
	nova_vmm_test_expect(nk, vmm, hole + SZ_2M, (1ULL << 38) + SZ_1G + SZ_2M, 21);
	nova_vmm_test_expect(nk, vmm, 1ULL << 39, 1ULL << 38, 29);
}

static void attributes_reach_the_hardware(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, SZ_512M, SZ_64K);
	struct nova_vmm_map map = { .va = VA, .len = SZ_64K, .backing = &backing };
	struct nova_swgpu_xlate x;

	map.attr = (struct nova_pte_attr){ .read_only = true, .no_atomic = true, .kind = 6,
					   .uncached = true };
	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	nova_kunit_translate(nk, vmm, VA, NOVA_SWGPU_READ, &x);
	KUNIT_EXPECT_EQ(test, x.result, NOVA_SWGPU_MAPPED);
	KUNIT_EXPECT_TRUE(test, x.read_only && x.no_atomic && x.uncached && !x.privileged);
	KUNIT_EXPECT_EQ(test, x.kind, 6);
	nova_kunit_translate(nk, vmm, VA, NOVA_SWGPU_WRITE, &x);
	KUNIT_EXPECT_TRUE(test, nova_kunit_expect_fault(nk, NOVA_SWGPU_CODE_RO));
	map.attr = (struct nova_pte_attr){ .privileged = true };
	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	nova_kunit_translate(nk, vmm, VA, NOVA_SWGPU_READ, &x);
	KUNIT_EXPECT_TRUE(test, nova_kunit_expect_fault(nk, NOVA_SWGPU_CODE_PRIV));
	/* Coherent system memory is uncached without being asked. */
	map.attr = (struct nova_pte_attr){};
	backing.aperture = NOVA_APERTURE_SYS_COH;
	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	nova_kunit_walk(nk, vmm, VA, &x);
	KUNIT_EXPECT_EQ(test, x.aperture, NOVA_SWGPU_SYS_COH);
	KUNIT_EXPECT_TRUE(test, x.uncached);
}

/* Small pages of one table, one call each: no word is made from another's. */
static void small_mappings_in_turns_keep_their_attributes(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	const struct nova_kunit_chip *chip = test->param_value;
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, 0, SZ_4K);
	struct nova_vmm_map map = { .len = SZ_4K, .backing = &backing };
	struct nova_swgpu_xlate x;

	for (unsigned int i = 0; i < 64; i++) {
		map.va = VA + i * SZ_4K;
		map.attr = (struct nova_pte_attr){ .read_only = i & 1, .kind = i & 2 };
		extent.addr = SZ_1M + i * SZ_8K;
		backing.aperture = i & 4 ? NOVA_APERTURE_SYS_COH : NOVA_APERTURE_VRAM;
		KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	}
	for (unsigned int i = 0; i < 64; i++) {
		nova_kunit_walk(nk, vmm, VA + i * SZ_4K, &x);
		KUNIT_EXPECT_EQ(test, x.addr, SZ_1M + i * SZ_8K);
		KUNIT_EXPECT_EQ(test, x.read_only, i & 1);
		KUNIT_EXPECT_EQ(test, x.kind, i & 2);
		KUNIT_EXPECT_EQ(test, x.aperture, i & 4 ? NOVA_SWGPU_SYS_COH : NOVA_SWGPU_VRAM);
	}
	/* The last attributes again, with an address too large for them (V-2). */
	map.va = VA;
	extent.addr = chip->va_bits == 49 ? 1ULL << 58 : 1ULL << 52;
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), -ERANGE);
	nova_vmm_test_expect(nk, vmm, VA, SZ_1M, 12);
}

/* Small, big, small again in one 2 MiB: the quick way may not forget what hides what. */
static void small_pages_over_a_big_one_are_seen(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);

	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_1M, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_4K, SZ_1M, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_64K, SZ_2M, SZ_64K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_64K + SZ_4K, SZ_4M, SZ_4K), 0);
	nova_vmm_test_expect(nk, vmm, VA + SZ_64K, SZ_2M, 12);
	nova_vmm_test_expect(nk, vmm, VA + SZ_64K + SZ_4K, SZ_4M, 12);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, VA, SZ_2M), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_4K, SZ_4M, SZ_4K), 0);
	nova_vmm_test_expect(nk, vmm, VA + SZ_4K, SZ_4M, 12);
	nova_vmm_test_expect_none(nk, vmm, VA + SZ_64K);
	nova_kunit_check_tree(test, &vmm->tree);
}

/* Once because it became empty, once because a huge page took its place. */
static void the_table_used_last_is_linked_again(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_vmm_update keeps;

	nova_vmm_update_init(&keeps, vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare(&keeps, VA, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_1M, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_4K, SZ_1M, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, VA, SZ_8K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_4K, SZ_2M, SZ_4K), 0);
	nova_vmm_test_expect(nk, vmm, VA + SZ_4K, SZ_2M, 12);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_8K, SZ_1M, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_4M, SZ_2M), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_4K, SZ_1M, SZ_4K), 0);
	nova_vmm_test_expect(nk, vmm, VA + SZ_4K, SZ_1M, 12);
	nova_vmm_test_expect(nk, vmm, VA + SZ_8K, SZ_4M + SZ_8K, 12);
	nova_vmm_abort(&keeps);
	nova_kunit_check_tree(test, &vmm->tree);
}

static void scratch_makes_holes_sparse(struct kunit *test)
{
	const struct nova_vmm_config config = { .scratch = true };
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, &config);
	const struct nova_kunit_chip *chip = test->param_value;
	/* Beside small pages, big pages, both in one 2 MiB, in other tables, in the last page. */
	const u64 holes[] = { VA + SZ_4K, VA + SZ_2M + SZ_64K, VA + 2 * SZ_2M + SZ_64K,
			      VA + SZ_512M, (1ULL << chip->va_bits) - SZ_4K };
	struct nova_swgpu_xlate x;

	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_1M, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_2M, SZ_1M, SZ_64K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + 2 * SZ_2M, SZ_1M, SZ_64K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + 2 * SZ_2M + SZ_1M, SZ_1M, SZ_4K), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(holes); i++) {
		nova_kunit_walk(nk, vmm, holes[i], &x);
		KUNIT_EXPECT_EQ_MSG(test, x.result, NOVA_SWGPU_SPARSE, "hole %u", i);
		KUNIT_EXPECT_EQ(test, nova_vmm_page_shift(vmm, holes[i]), 0);
	}
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, VA, SZ_512M), 0);
	nova_kunit_walk(nk, vmm, VA, &x);
	KUNIT_EXPECT_EQ(test, x.result, NOVA_SWGPU_SPARSE);
}

static void bad_ranges_are_refused(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	const struct nova_kunit_chip *chip = test->param_value;
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	u64 top = 1ULL << chip->va_bits;

	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, 0, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, top - SZ_4K, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, 0, top), 0);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, 1, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, 0, SZ_4K + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, top - SZ_4K, SZ_8K), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, top, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_check_range(vmm, ~0xfffULL, SZ_8K), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_unmap_now(vmm, top, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_sparse_now(vmm, top, SZ_4K), -EINVAL);
	/* The last page of the address space can be mapped. */
	KUNIT_EXPECT_EQ(test, nova_vmm_test_map(vmm, top - SZ_4K, SZ_1M, SZ_4K), 0);
	nova_vmm_test_expect(nk, vmm, top - 1, SZ_1M + SZ_4K - 1, 12);
}

static void bad_mappings_are_refused(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	const struct nova_kunit_chip *chip = test->param_value;
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, SZ_1M, SZ_64K);
	const struct nova_vmm_map good = { .va = VA, .len = SZ_64K, .backing = &backing };
	struct nova_vmm_map map = good;

	KUNIT_EXPECT_EQ(test, nova_vmm_check(vmm, &map), 0);
	map.off = SZ_4K;
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), -EINVAL);
	map.len = SZ_4K;
	KUNIT_EXPECT_EQ(test, nova_vmm_check(vmm, &map), 0);
	map.off = 1;
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), -EINVAL);
	map.off = ~0xfffULL;
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), -EINVAL);
	map = good;
	map.max_page_shift = 11;
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), -EINVAL);
	map = good;
	map.attr.kind = 7;
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), -EINVAL);
	map = good;
	/* One page too far for the format (V-2, D11). */
	extent.addr = (chip->va_bits == 49 ? 1ULL << 37 : 1ULL << 40) - SZ_64K + SZ_4K;
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), -ERANGE);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vmm->tree.nr_tables), 1);
}

/* Allocations of tables until one fails; 0 is the next one. */
static unsigned int nova_vmm_test_countdown;

static struct nova_pt *nova_vmm_test_create_failing(struct nova_pt_tree *tree, unsigned int level)
{
	struct kunit *test = kunit_get_current_test();
	struct nova_pt *pt;

	if (!nova_vmm_test_countdown--)
		return ERR_PTR(-ENOSPC);
	kunit_deactivate_static_stub(test, nova_pt_create);
	pt = nova_pt_create(tree, level);
	kunit_activate_static_stub(test, nova_pt_create, nova_vmm_test_create_failing);
	return pt;
}

/* One update with everything in it, at a place where all levels change their tables. */
static int nova_vmm_test_prepare_all(struct nova_vmm_update *upd, u64 va,
				     const struct nova_backing *backing)
{
	struct nova_vmm_map map = { .va = va - SZ_2M - SZ_64K - SZ_4K, .len = backing->size,
				    .backing = backing };
	int ret = nova_vmm_prepare(upd, va - SZ_4K, SZ_8K);

	if (!ret)
		ret = nova_vmm_prepare_map(upd, &map);
	return ret ?: nova_vmm_prepare_cut(upd, va + SZ_4K, SZ_1G);
}

static void every_failing_allocation_leaves_no_trace(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	const struct nova_kunit_chip *chip = test->param_value;
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	u64 va = 1ULL << (chip->va_bits - 1), used;
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, SZ_512M - SZ_64K - SZ_4K,
							 2 * SZ_2M);
	struct nova_vmm_update upd;
	unsigned int n;
	int ret;

	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_1M, SZ_4K), 0);
	used = nk->mm.pool.used;
	for (n = 0;; n++) {
		nova_vmm_test_countdown = n;
		kunit_activate_static_stub(test, nova_pt_create, nova_vmm_test_create_failing);
		nova_vmm_update_init(&upd, vmm);
		ret = nova_vmm_test_prepare_all(&upd, va, &backing);
		kunit_deactivate_static_stub(test, nova_pt_create);
		if (ret)
			KUNIT_ASSERT_EQ(test, ret, -ENOSPC);
		nova_vmm_abort(&upd);
		KUNIT_ASSERT_EQ_MSG(test, nk->mm.pool.used, used, "failure %u", n);
		nova_kunit_check_tree(test, &vmm->tree);
		if (!ret)
			break;
	}
	/* Two paths below the root, D2: four directories and a table each, and more. */
	KUNIT_EXPECT_GT(test, n, 10);
	nova_vmm_test_expect(nk, vmm, VA, SZ_1M, 12);
}

static void prepared_updates_commit_in_any_order(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, SZ_1M, SZ_4K);
	struct nova_vmm_map map[4];
	struct nova_vmm_update upd[4];
	static const unsigned int order[] = { 2, 0, 3, 1 };

	/* All in the same small table; the second is given up (F-5, F-6, D1, D4). */
	for (unsigned int i = 0; i < 4; i++) {
		map[i] = (struct nova_vmm_map){ .va = VA + i * SZ_4K, .len = SZ_4K,
						.backing = &backing };
		nova_vmm_update_init(&upd[i], vmm);
		KUNIT_ASSERT_EQ(test, nova_vmm_prepare_map(&upd[i], &map[i]), 0);
	}
	for (unsigned int k = 0; k < 4; k++) {
		unsigned int i = order[k];

		if (i == 0) {
			nova_vmm_abort(&upd[i]);
			continue;
		}
		nova_vmm_map(&upd[i], &map[i]);
		KUNIT_ASSERT_EQ(test, nova_vmm_flush(&upd[i]), 0);
		nova_vmm_finish(&upd[i]);
		nova_vmm_test_expect(nk, vmm, map[i].va, SZ_1M, 12);
	}
	nova_vmm_test_expect_none(nk, vmm, VA);
	nova_kunit_check_tree(test, &vmm->tree);
}

static void a_reservation_survives_what_others_unmap(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, SZ_1M, SZ_4K);
	struct nova_vmm_map map = { .va = VA, .len = SZ_4K, .backing = &backing };
	struct nova_vmm_update upd;

	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_4K, SZ_1M, SZ_4K), 0);
	nova_vmm_update_init(&upd, vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_map(&upd, &map), 0);
	/* The table becomes empty, then a huge page takes its place, then that is cut. */
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, VA, SZ_2M), 0);
	nova_kunit_check_tree(test, &vmm->tree);
	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_512M, SZ_2M), 0);
	nova_vmm_test_expect(nk, vmm, VA, SZ_512M, 21);
	nova_vmm_map(&upd, &map);
	KUNIT_ASSERT_EQ(test, nova_vmm_flush(&upd), 0);
	nova_vmm_finish(&upd);
	nova_vmm_test_expect(nk, vmm, VA, SZ_1M, 12);
	nova_vmm_test_expect(nk, vmm, VA + SZ_4K, SZ_512M + SZ_4K, 12);
	nova_kunit_check_tree(test, &vmm->tree);
}

static void a_table_waits_for_the_flush_that_follows_its_unlinking(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent;
	struct nova_backing backing = nova_vmm_test_vram(&extent, SZ_1M, SZ_4K);
	struct nova_vmm_map map = { .va = VA, .len = SZ_4K, .backing = &backing };
	struct nova_vmm_update prepared, unmap;
	u64 used;

	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	used = nk->mm.pool.used;
	nova_vmm_update_init(&prepared, vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_map(&prepared, &map), 0);
	nova_vmm_update_init(&unmap, vmm);
	nova_vmm_unmap(&unmap, VA, SZ_4K);
	/* Gives up the last reservation while the caches still know the tables. */
	nova_vmm_abort(&prepared);
	KUNIT_EXPECT_EQ(test, nk->mm.pool.used, used);
	KUNIT_EXPECT_EQ(test, nova_vmm_flush(&unmap), 0);
	nova_vmm_finish(&unmap);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vmm->tree.nr_tables), 1);
	nova_kunit_check_tree(test, &vmm->tree);
}

static void unmapping_whole_mappings_needs_no_memory(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_vmm_update upd;
	u64 len = SZ_512M + SZ_2M + SZ_64K + SZ_4K;

	KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA, SZ_1G, len), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_sparse_now(vmm, VA + SZ_1G, len), 0);
	nova_vmm_test_countdown = 0;
	kunit_activate_static_stub(test, nova_pt_create, nova_vmm_test_create_failing);
	nova_vmm_update_init(&upd, vmm);
	nova_vmm_unmap(&upd, VA, len);
	nova_vmm_unmap(&upd, VA + SZ_1G, len);
	KUNIT_EXPECT_EQ(test, nova_vmm_flush(&upd), 0);
	nova_vmm_finish(&upd);
	kunit_deactivate_static_stub(test, nova_pt_create);
	nova_vmm_test_expect_none(nk, vmm, VA);
	nova_vmm_test_expect_none(nk, vmm, VA + SZ_1G);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vmm->tree.nr_tables), 1);
}

/* An unmap whose edges are where tables are already asks for no others. */
static void cutting_where_tables_exist_needs_no_memory(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	static const u64 lens[] = { SZ_4K, SZ_64K, SZ_64K + SZ_4K, SZ_2M };

	for (unsigned int i = 0; i < ARRAY_SIZE(lens); i++) {
		/* Physical misalignment makes all of it small pages. */
		KUNIT_ASSERT_EQ(test, nova_vmm_test_map(vmm, VA + SZ_2M + SZ_64K, SZ_1M + SZ_4K,
							lens[i]), 0);
		nova_vmm_test_countdown = 0;
		kunit_activate_static_stub(test, nova_pt_create, nova_vmm_test_create_failing);
		KUNIT_EXPECT_EQ(test, nova_vmm_unmap_now(vmm, VA + SZ_2M + SZ_64K, lens[i]), 0);
		kunit_deactivate_static_stub(test, nova_pt_create);
		nova_vmm_test_expect_none(nk, vmm, VA + SZ_2M + SZ_64K);
	}
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vmm->tree.nr_tables), 1);
}

static void sparse_is_cheap_however_large(struct kunit *test)
{
	struct nova_kunit *nk = nova_vmm_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_swgpu_counters before, after;
	struct nova_swgpu_xlate x;
	struct nova_vmm_update upd;

	nova_vmm_update_init(&upd, vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_cut(&upd, 1ULL << 40, 1ULL << 40), 0);
	nova_vmm_sparse(&upd, 1ULL << 40, 1ULL << 40);
	KUNIT_ASSERT_EQ(test, nova_vmm_flush(&upd), 0);
	nova_vmm_finish(&upd);
	nova_kunit_walk(nk, vmm, (1ULL << 41) - 1, &x);
	KUNIT_EXPECT_EQ(test, x.result, NOVA_SWGPU_SPARSE);
	/* A second TiB finds its tables: four entries of 256 GiB. */
	nova_swgpu_counters_get(nk->gpu, &before);
	KUNIT_ASSERT_EQ(test, nova_vmm_sparse_now(vmm, 1ULL << 42, 1ULL << 40), 0);
	nova_swgpu_counters_get(nk->gpu, &after);
	KUNIT_EXPECT_LE(test, after.pramin_writes - before.pramin_writes, 64);
	nova_kunit_walk(nk, vmm, (1ULL << 42) - 1, &x);
	KUNIT_EXPECT_EQ(test, x.result, NOVA_SWGPU_FAULT);
}

static struct kunit_case nova_vmm_cases[] = {
	KUNIT_CASE_PARAM(each_page_size_is_used_where_it_fits, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(limit_and_misalignment_degrade_the_page_size, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(cutting_a_huge_page_keeps_its_neighbours, nova_kunit_gen_chip),
	KUNIT_CASE(the_largest_page_is_256g_on_blackwell),
	KUNIT_CASE_PARAM(attributes_reach_the_hardware, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(small_mappings_in_turns_keep_their_attributes, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(small_pages_over_a_big_one_are_seen, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(the_table_used_last_is_linked_again, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(scratch_makes_holes_sparse, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(bad_ranges_are_refused, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(bad_mappings_are_refused, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(every_failing_allocation_leaves_no_trace, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(prepared_updates_commit_in_any_order, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_reservation_survives_what_others_unmap, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_table_waits_for_the_flush_that_follows_its_unlinking,
			 nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(unmapping_whole_mappings_needs_no_memory, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(cutting_where_tables_exist_needs_no_memory, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(sparse_is_cheap_however_large, nova_kunit_gen_chip),
	{}
};

static struct kunit_suite nova_vmm_suite = {
	.name = "nova-vmm",
	.test_cases = nova_vmm_cases,
};

kunit_test_suite(nova_vmm_suite);
