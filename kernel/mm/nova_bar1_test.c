// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: BAR1 of the software GPU is its MMU, so a window that reads the right
 * bytes went through instance block, tables and caches. Includes the four self-test
 * scenarios of the nova-core series, each followed by what it leaves out: the access
 * after unmapping.
 */
#include "nova_bar1.h"
#include "nova_buddy.h"
#include "nova_kunit.h"

#include <kunit/test.h>

#include <linux/sizes.h>

struct nova_bar1_case {
	const char *name;
	const char *chip;
	u64 bar1_size;
};

static const struct nova_bar1_case nova_bar1_cases[] = {
	{ "tu102 2M", "tu102", SZ_2M },
	{ "tu102 16M", "tu102", SZ_16M },
	{ "tu102 256M", "tu102", SZ_256M },
	{ "gh100 2M", "gh100", SZ_2M },
	{ "gh100 16M", "gh100", SZ_16M },
	{ "gh100 256M", "gh100", SZ_256M },
};

KUNIT_ARRAY_PARAM_DESC(nova_bar1, nova_bar1_cases, name);

/* BAR1 is all for the test: in a larger one page tables have windows of their own. */
static const struct nova_bar1_case nova_bar1_small_cases[] = {
	{ "tu102 2M", "tu102", SZ_2M },
	{ "gh100 16M", "gh100", SZ_16M },
};

KUNIT_ARRAY_PARAM_DESC(nova_bar1_small, nova_bar1_small_cases, name);

static struct nova_kunit *nova_bar1_test_create(struct kunit *test)
{
	const struct nova_bar1_case *c = test->param_value;
	const struct nova_kunit_config config = { .chip = c->chip, .bar1_size = c->bar1_size };

	return nova_kunit_create(test, &config);
}

/* One contiguous piece of VRAM. */
struct nova_bar1_object {
	struct nova_extent extent;
	struct nova_backing backing;
	struct nova_bar1_map map;
	unsigned int evicted;
};

static void nova_bar1_test_evict(struct nova_bar1_map *map)
{
	container_of(map, struct nova_bar1_object, map)->evicted++;
}

static void nova_bar1_test_object(struct nova_bar1_object *o, u64 addr, u64 len)
{
	o->extent = (struct nova_extent){ .addr = addr, .len = len };
	o->backing = (struct nova_backing){ .size = len, .extents = &o->extent, .nr_extents = 1 };
	o->evicted = 0;
	nova_bar1_map_init(&o->map, nova_bar1_test_evict);
}

static int nova_bar1_test_get(struct nova_kunit *nk, struct nova_bar1_object *o)
{
	return nova_bar1_map_get(&nk->mm.bar1, &o->map, &o->backing, 0, o->extent.len);
}

static void nova_bar1_test_put_and_drop(struct nova_kunit *nk, struct nova_bar1_object *o)
{
	nova_bar1_map_put(&nk->mm.bar1, &o->map);
	nova_bar1_map_drop(&nk->mm.bar1, &o->map);
}

static void pramin_and_bar1_see_the_same_bytes(struct kunit *test)
{
	struct nova_kunit *nk = nova_bar1_test_create(test);
	struct nova_bar1 *bar1 = &nk->mm.bar1;
	struct nova_bar1_object o;
	u64 v64;
	u32 v32;

	nova_bar1_test_object(&o, SZ_64M, SZ_64K);
	KUNIT_ASSERT_EQ(test, nova_pramin_write32(&nk->mm.pramin, nova_vram(SZ_64M + 0x100),
						  0xdeadbeef), 0);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o), 0);
	KUNIT_ASSERT_EQ(test, nova_bar1_read32(bar1, &o.map, 0x100, &v32), 0);
	KUNIT_EXPECT_EQ(test, v32, 0xdeadbeef);
	KUNIT_ASSERT_EQ(test, nova_bar1_write64(bar1, &o.map, SZ_64K - 8, 0x1122334455667788), 0);
	KUNIT_ASSERT_EQ(test, nova_bar1_read64(bar1, &o.map, SZ_64K - 8, &v64), 0);
	KUNIT_EXPECT_EQ(test, v64, 0x1122334455667788);
	KUNIT_ASSERT_EQ(test, nova_pramin_read64(&nk->mm.pramin, nova_vram(SZ_64M + SZ_64K - 8),
						 &v64), 0);
	KUNIT_EXPECT_EQ(test, v64, 0x1122334455667788);
	nova_bar1_test_put_and_drop(nk, &o);
	KUNIT_EXPECT_EQ(test, o.evicted, 1);
	/* After the window has gone its place leads nowhere. */
	KUNIT_EXPECT_EQ(test, nova_bar1_rd32(&nk->nd, o.map.off + 0x100), ~0u);
	KUNIT_EXPECT_GT(test, nova_swgpu_fault_count(nk->gpu), 0);
	nova_swgpu_fault_clear(nk->gpu);
}

static void scattered_memory_is_one_window(struct kunit *test)
{
	struct nova_kunit *nk = nova_bar1_test_create(test);
	const struct nova_buddy_req hole_req = {
		.size = SZ_4K, .mode = NOVA_BUDDY_RANGE,
		.start = SZ_32M + SZ_16K, .end = SZ_32M + SZ_16K + SZ_4K,
	};
	const struct nova_buddy_req req = {
		.size = SZ_32K, .mode = NOVA_BUDDY_RANGE,
		.start = SZ_32M, .end = SZ_32M + SZ_32K + SZ_4K,
	};
	struct nova_buddy_alloc hole = {}, alloc = {};
	const struct nova_buddy_extent *ext;
	struct nova_extent extent[8];
	struct nova_backing backing = { .size = SZ_32K, .extents = extent };
	struct nova_bar1_map map;
	u64 off = 0, val;

	/* A hole at 16 KiB of a range of 36 KiB: 16 + 16 KiB in at least two pieces. */
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(nk->mm.buddy, &hole_req, &hole), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(nk->mm.buddy, &req, &alloc), 0);
	KUNIT_ASSERT_GE(test, alloc.nr, 2);
	nova_buddy_for_each_extent(ext, &alloc) {
		extent[backing.nr_extents++] =
			(struct nova_extent){ .off = off, .addr = ext->addr, .len = ext->len };
		off += ext->len;
	}
	KUNIT_EXPECT_EQ(test, off, SZ_32K);
	nova_bar1_map_init(&map, NULL);
	KUNIT_ASSERT_EQ(test, nova_bar1_map_get(&nk->mm.bar1, &map, &backing, 0, SZ_32K), 0);
	for (off = 0; off < SZ_32K; off += SZ_4K)
		KUNIT_ASSERT_EQ(test, nova_bar1_write64(&nk->mm.bar1, &map, off, ~off), 0);
	for (unsigned int e = 0; e < backing.nr_extents; e++)
		for (u64 i = 0; i < extent[e].len; i += SZ_4K) {
			nova_vram_t at = nova_vram(extent[e].addr + i);

			KUNIT_ASSERT_EQ(test, nova_pramin_read64(&nk->mm.pramin, at, &val), 0);
			KUNIT_EXPECT_EQ(test, val, ~(extent[e].off + i));
		}
	nova_bar1_map_put(&nk->mm.bar1, &map);
	nova_bar1_map_drop(&nk->mm.bar1, &map);
	nova_buddy_free(nk->mm.buddy, &alloc, false);
	nova_buddy_free(nk->mm.buddy, &hole, false);
}

static void accesses_must_lie_wholly_inside(struct kunit *test)
{
	struct nova_kunit *nk = nova_bar1_test_create(test);
	struct nova_bar1 *bar1 = &nk->mm.bar1;
	struct nova_bar1_object o;
	u64 v64 = 77;
	u32 v32 = 77;

	nova_bar1_test_object(&o, SZ_64M, SZ_4K);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o), 0);
	KUNIT_EXPECT_EQ(test, nova_bar1_read64(bar1, &o.map, SZ_4K - 4, &v64), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_read64(bar1, &o.map, SZ_4K, &v64), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_read64(bar1, &o.map, ~7ULL, &v64), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_read64(bar1, &o.map, 4, &v64), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_read32(bar1, &o.map, SZ_4K, &v32), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_read32(bar1, &o.map, 2, &v32), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_write64(bar1, &o.map, SZ_4K - 4, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_write32(bar1, &o.map, SZ_4K, 0), -EINVAL);
	KUNIT_EXPECT_TRUE(test, v32 == 77 && v64 == 77);
	KUNIT_EXPECT_EQ(test, nova_bar1_write32(bar1, &o.map, SZ_4K - 4, 0), 0);
	nova_bar1_test_put_and_drop(nk, &o);
}

static void pressure_evicts_the_longest_idle(struct kunit *test)
{
	const struct nova_bar1_case *c = test->param_value;
	struct nova_kunit *nk = nova_bar1_test_create(test);
	u64 piece = c->bar1_size / 8;
	struct nova_bar1_object *o = kunit_kcalloc(test, 9, sizeof(*o), GFP_KERNEL);
	struct nova_bar1_stats stats;
	u64 val;

	KUNIT_ASSERT_NOT_NULL(test, o);
	for (unsigned int i = 0; i < 9; i++)
		nova_bar1_test_object(&o[i], SZ_32M + i * piece, piece);
	for (unsigned int i = 0; i < 8; i++) {
		KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o[i]), 0);
		KUNIT_ASSERT_EQ(test, nova_bar1_write64(&nk->mm.bar1, &o[i].map, 0, i), 0);
	}
	/* All in use: no room. */
	KUNIT_EXPECT_EQ(test, nova_bar1_test_get(nk, &o[8]), -ENOSPC);
	/* 3 is idle longest, 5 next; 3 is wanted again. */
	nova_bar1_map_put(&nk->mm.bar1, &o[3].map);
	nova_bar1_map_put(&nk->mm.bar1, &o[5].map);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o[3]), 0);
	KUNIT_EXPECT_EQ(test, o[3].evicted, 0);
	nova_bar1_map_put(&nk->mm.bar1, &o[3].map);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o[8]), 0);
	KUNIT_EXPECT_EQ(test, o[5].evicted, 1);
	KUNIT_EXPECT_EQ(test, o[3].evicted, 0);
	/* The evicted one comes back elsewhere with its content. */
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o[5]), 0);
	KUNIT_EXPECT_EQ(test, o[3].evicted, 1);
	KUNIT_ASSERT_EQ(test, nova_bar1_read64(&nk->mm.bar1, &o[5].map, 0, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 5);
	nova_bar1_stats(&nk->mm.bar1, &stats);
	KUNIT_EXPECT_EQ(test, stats.used, c->bar1_size);
	KUNIT_EXPECT_EQ(test, stats.peak, c->bar1_size);
	KUNIT_EXPECT_EQ(test, stats.evictions, 2);
	KUNIT_EXPECT_EQ(test, stats.maps, 10);
	for (unsigned int i = 0; i < 9; i++) {
		if (i != 3)
			nova_bar1_map_put(&nk->mm.bar1, &o[i].map);
		nova_bar1_map_drop(&nk->mm.bar1, &o[i].map);
	}
	nova_bar1_stats(&nk->mm.bar1, &stats);
	KUNIT_EXPECT_EQ(test, stats.used, 0);
}

static void what_can_never_fit_is_told_apart(struct kunit *test)
{
	const struct nova_bar1_case *c = test->param_value;
	struct nova_kunit *nk = nova_bar1_test_create(test);
	struct nova_bar1_object o;

	nova_bar1_test_object(&o, 0, c->bar1_size + SZ_4K);
	KUNIT_EXPECT_EQ(test, nova_bar1_test_get(nk, &o), -E2BIG);
}

static void windows_are_translated_for_mmap(struct kunit *test)
{
	const struct nova_bar1_case *c = test->param_value;
	struct nova_kunit *nk = nova_bar1_test_create(test);
	struct nova_bar1_object o;
	unsigned long pfn = 0, again = 0;

	nova_bar1_test_object(&o, SZ_64M, SZ_8K);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o), 0);
	KUNIT_EXPECT_EQ(test, nova_bar1_pfn(&nk->mm.bar1, o.map.off, true, &pfn), 0);
	KUNIT_EXPECT_EQ(test, nova_bar1_pfn(&nk->mm.bar1, o.map.off + SZ_4K, true, &again), 0);
	KUNIT_EXPECT_NE(test, pfn, again);
	KUNIT_EXPECT_EQ(test, nova_bar1_pfn(&nk->mm.bar1, 1, true, &pfn), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_bar1_pfn(&nk->mm.bar1, c->bar1_size, true, &pfn), -EINVAL);
	nova_bar1_test_put_and_drop(nk, &o);
	KUNIT_EXPECT_EQ(test, nova_bar1_pfn(&nk->mm.bar1, o.map.off, true, &pfn), -EFAULT);
	nova_swgpu_fault_clear(nk->gpu);
}

static void tables_have_windows_only_in_a_large_bar1(struct kunit *test)
{
	const struct nova_bar1_case *c = test->param_value;
	struct nova_kunit *nk = nova_bar1_test_create(test);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_swgpu_counters before, after;
	struct nova_bar1_object o;
	struct nova_vmm_map map = { .va = SZ_1G, .len = SZ_2M, .backing = &o.backing,
				    .max_page_shift = 12 };
	struct nova_swgpu_xlate x;

	nova_bar1_test_object(&o, SZ_64M, SZ_2M);
	nova_swgpu_counters_get(nk->gpu, &before);
	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	nova_swgpu_counters_get(nk->gpu, &after);
	if (c->bar1_size >= SZ_64M)
		KUNIT_EXPECT_GE(test, after.bar1_writes - before.bar1_writes, 512);
	else
		KUNIT_EXPECT_EQ(test, after.bar1_writes, before.bar1_writes);
	nova_kunit_walk(nk, vmm, SZ_1G + SZ_1M, &x);
	KUNIT_EXPECT_EQ(test, x.result, NOVA_SWGPU_MAPPED);
	KUNIT_EXPECT_EQ(test, x.addr, SZ_64M + SZ_1M);
	nova_kunit_check_tree(test, &vmm->tree);
}

static void a_window_for_nothing_leaves_no_table(struct kunit *test)
{
	struct nova_kunit *nk = nova_bar1_test_create(test);
	const struct nova_pt_tree *tree = &nk->mm.bar1.vmm.tree;
	long nr = atomic_long_read(&tree->nr_tables);
	struct nova_bar1_object o;

	nova_bar1_test_object(&o, SZ_64M, SZ_64K);
	nova_device_unplug(&nk->nd);
	KUNIT_EXPECT_EQ(test, nova_bar1_test_get(nk, &o), -ENODEV);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&tree->nr_tables), nr);
}

static void without_bar1_every_window_is_refused(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_bar1_stats stats;
	struct nova_bar1_object o;
	unsigned long pfn;

	nova_bar1_test_object(&o, SZ_64M, SZ_4K);
	KUNIT_EXPECT_EQ(test, nova_bar1_test_get(nk, &o), -ENODEV);
	KUNIT_EXPECT_EQ(test, nova_bar1_pfn(&nk->mm.bar1, 0, false, &pfn), -EINVAL);
	nova_bar1_map_drop(&nk->mm.bar1, &o.map);
	nova_bar1_stats(&nk->mm.bar1, &stats);
	KUNIT_EXPECT_EQ(test, stats.size, 0);
}

static void a_bind_that_never_ends_fails_init(struct kunit *test)
{
	const struct nova_kunit_config config = { .bar1_size = SZ_16M };
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_region usable = { .size = SZ_128M };
	const struct nova_mm_config mm_config = { .regions = &usable, .nr_regions = 1 };

	nova_swgpu_inject(nk->gpu, NOVA_SWGPU_INJECT_BIND_STUCK, 1);
	KUNIT_EXPECT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), -ETIMEDOUT);
}

struct nova_bar1_root_case {
	const char *chip;
	bool v3;
};

static const struct nova_bar1_root_case nova_bar1_root_cases[] = {
	{ "tu102", false },
	{ "gh100", true },
};

static void nova_bar1_root_desc(const struct nova_bar1_root_case *c, char *desc)
{
	strscpy(desc, c->chip, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nova_bar1_root, nova_bar1_root_cases, nova_bar1_root_desc);

#define FW_TABLES	0xff00000ULL	/* above what the driver may use: six tables of 4 KiB */
#define FW_SIZE		0x6000
#define FW_FREE_2M	5		/* places of 2 MiB that it leaves of 16 MiB */

/* Literal words of hardware.md's walk fixtures: root, PD3, PD2, PD1, PD0 and a page at 2 MiB. */
static void nova_bar1_write_firmware(struct nova_kunit *nk, bool v3)
{
	u64 *image = kunit_kzalloc(nk->test, FW_SIZE, GFP_KERNEL);
	unsigned int page = 0;

	KUNIT_ASSERT_NOT_NULL(nk->test, image);
	for (; page < (v3 ? 4 : 3); page++) {
		u64 next = FW_TABLES + (page + 1) * SZ_4K;

		image[page * 512] = v3 ? next | 0x12 : next >> 4 | 0x2;
	}
	/* PD0 entry 1: 2 MiB of VRAM at 4 MiB; entry 4: a small table, foreign as a whole. */
	image[page * 512 + 2] = v3 ? 0x400081 : 0x40001;
	image[page * 512 + 9] = v3 ? (FW_TABLES + 0x5000) | 0x12 : (FW_TABLES + 0x5000) >> 4 | 0x2;
	/* Entry 6: a small table in coherent system memory, which is no hole either (D10). */
	image[page * 512 + 13] = v3 ? 0x7654000 | 0x14 : 0x7654000 >> 4 | 0x4;
	KUNIT_ASSERT_EQ(nk->test, nova_swgpu_vram_write(nk->gpu, FW_TABLES, image, FW_SIZE), 0);
}

static u8 *nova_bar1_read_firmware(struct nova_kunit *nk)
{
	u8 *image = kunit_kmalloc(nk->test, FW_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(nk->test, image);
	KUNIT_ASSERT_EQ(nk->test, nova_swgpu_vram_read(nk->gpu, FW_TABLES, image, FW_SIZE), 0);
	return image;
}

/* The memory side on firmware's root, and what that is before; all of the test's chip. */
static struct nova_kunit *nova_bar1_borrow(struct kunit *test, u64 bar1_size, u8 **before)
{
	const struct nova_bar1_root_case *c = test->param_value;
	const struct nova_kunit_config config = { .chip = c->chip, .bar1_size = bar1_size };
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_region usable = { .size = SZ_128M };
	const struct nova_mm_config mm_config = {
		.regions = &usable, .nr_regions = 1,
		.bar1_borrowed = true, .bar1_root = nova_vram(FW_TABLES),
	};

	nova_bar1_write_firmware(nk, c->v3);
	*before = nova_bar1_read_firmware(nk);
	KUNIT_ASSERT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), 0);
	return nk;
}

static void a_borrowed_root_keeps_every_foreign_byte(struct kunit *test)
{
	const struct nova_bar1_root_case *c = test->param_value;
	u8 *before;
	struct nova_kunit *nk = nova_bar1_borrow(test, SZ_16M, &before);
	struct nova_pt_foreign found;
	struct nova_bar1_object *o = kunit_kcalloc(test, FW_FREE_2M, sizeof(*o), GFP_KERNEL);
	struct nova_swgpu_xlate x;

	KUNIT_ASSERT_NOT_NULL(test, o);
	/* 16 MiB less 2 MiB at each of 2, 8 and 12 MiB: five windows of 2 MiB, not eight. */
	for (unsigned int i = 0; i < FW_FREE_2M; i++) {
		nova_bar1_test_object(&o[i], SZ_32M + i * SZ_2M, SZ_2M);
		KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o[i]), 0);
		KUNIT_EXPECT_NE(test, o[i].map.off, SZ_2M);
		KUNIT_EXPECT_NE(test, o[i].map.off, SZ_8M);
		KUNIT_EXPECT_NE(test, o[i].map.off, SZ_8M + SZ_4M);
		nova_kunit_walk(nk, &nk->mm.bar1.vmm, o[i].map.off, &x);
		KUNIT_EXPECT_EQ(test, x.addr, SZ_32M + i * SZ_2M);
	}
	nova_kunit_walk(nk, &nk->mm.bar1.vmm, SZ_2M + 5, &x);
	KUNIT_EXPECT_EQ(test, x.addr, SZ_4M + 5);
	KUNIT_EXPECT_FALSE(test, nova_pt_next_foreign(&nk->mm.bar1.vmm.tree,
						      BIT_ULL(c->v3 ? 57 : 49), &found));
	for (unsigned int i = 0; i < FW_FREE_2M; i++)
		nova_bar1_test_put_and_drop(nk, &o[i]);
	nova_mm_fini(&nk->mm);
	KUNIT_EXPECT_EQ(test, memcmp(before, nova_bar1_read_firmware(nk), FW_SIZE), 0);
}

/* With a window in use, one idle, and windows of page tables, all below one root. */
static void a_disconnect_takes_every_window_with_it(struct kunit *test)
{
	u8 *before;
	struct nova_kunit *nk = nova_bar1_borrow(test, SZ_256M, &before);
	const struct nova_vmm_config plain = {};
	struct nova_bar1_object used, idle;
	unsigned int invalidates;
	struct nova_vmm vmm;
	unsigned long pfn;

	KUNIT_ASSERT_EQ(test, nova_vmm_init(&vmm, &nk->mm, &plain), 0);
	nova_bar1_test_object(&used, SZ_32M, SZ_2M);
	nova_bar1_test_object(&idle, SZ_64M, SZ_64K);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &used), 0);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &idle), 0);
	nova_bar1_map_put(&nk->mm.bar1, &idle.map);
	KUNIT_ASSERT_GT(test, nk->mm.pool.windowed, 0);

	nova_mm_disconnect(&nk->mm);
	KUNIT_EXPECT_EQ(test, memcmp(before, nova_bar1_read_firmware(nk), FW_SIZE), 0);
	KUNIT_EXPECT_EQ(test, nova_swgpu_assert_not_cached(nk->gpu, SZ_32M, SZ_2M), 0);
	KUNIT_EXPECT_TRUE(test, used.evicted && idle.evicted);
	KUNIT_EXPECT_EQ(test, nova_bar1_test_get(nk, &idle), -ENODEV);
	KUNIT_EXPECT_EQ(test, nova_bar1_pfn(&nk->mm.bar1, used.map.off, true, &pfn), -ENODEV);
	/* Whoever uses a window yet reaches nothing, and the model has nothing to object to. */
	nova_bar1_wr32(&nk->nd, used.map.off, 1);
	KUNIT_EXPECT_EQ(test, nova_bar1_rd32(&nk->nd, used.map.off), ~0u);
	invalidates = nova_swgpu_invalidate_count(nk->gpu);
	nova_mm_disconnect(&nk->mm);
	KUNIT_EXPECT_EQ(test, nova_swgpu_invalidate_count(nk->gpu), invalidates);

	nova_device_unplug(&nk->nd);
	nova_bar1_test_put_and_drop(nk, &used);
	nova_bar1_map_drop(&nk->mm.bar1, &idle.map);
	nova_vmm_fini(&vmm);
	nova_mm_fini(&nk->mm);
	nova_mm_disconnect(&nk->mm);
}

/* Its windows are there all the same for their owners to drop. */
static void a_disconnect_does_not_wait_for_hardware_that_is_lost(struct kunit *test)
{
	const struct nova_kunit_config config = { .bar1_size = SZ_256M };
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_region usable = { .size = SZ_128M };
	const struct nova_mm_config mm_config = { .regions = &usable, .nr_regions = 1 };
	struct nova_bar1_object o;

	KUNIT_ASSERT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), 0);
	nova_bar1_test_object(&o, SZ_32M, SZ_2M);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o), 0);
	nova_swgpu_inject(nk->gpu, NOVA_SWGPU_INJECT_GONE, 1);
	nova_mm_disconnect(&nk->mm);
	KUNIT_EXPECT_FALSE(test, nova_device_is_wedged(&nk->nd));
	nova_device_unplug(&nk->nd);
	nova_bar1_test_put_and_drop(nk, &o);
	nova_mm_fini(&nk->mm);
}

/* One time-out, not one for each window; BAR1 is let go of by other registers. */
static void a_disconnect_survives_dead_caches(struct kunit *test)
{
	const struct nova_kunit_config config = { .bar1_size = SZ_256M };
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_region usable = { .size = SZ_128M };
	const struct nova_mm_config mm_config = { .regions = &usable, .nr_regions = 1 };
	struct nova_bar1_object o[3];

	KUNIT_ASSERT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(o); i++) {
		nova_bar1_test_object(&o[i], SZ_32M + i * SZ_2M, SZ_2M);
		KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o[i]), 0);
	}
	nova_swgpu_inject(nk->gpu, NOVA_SWGPU_INJECT_TLB_STUCK, 1);
	nova_mm_disconnect(&nk->mm);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&nk->nd));
	KUNIT_EXPECT_FALSE(test, nk->mm.bar1.bound);
	nova_device_unplug(&nk->nd);
	for (unsigned int i = 0; i < ARRAY_SIZE(o); i++)
		nova_bar1_test_put_and_drop(nk, &o[i]);
	nova_mm_fini(&nk->mm);
}

static void a_borrowed_root_outside_vram_is_refused(struct kunit *test)
{
	const struct nova_kunit_config config = { .bar1_size = SZ_16M };
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_region usable = { .size = SZ_128M };
	const struct nova_mm_config mm_config = {
		.regions = &usable, .nr_regions = 1,
		.bar1_borrowed = true, .bar1_root = nova_vram(SZ_1G),
	};

	KUNIT_EXPECT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), -EINVAL);
}

/* its page-table entries are gone all the same. */
static void a_forgotten_window_is_reported(struct kunit *test)
{
	const struct nova_kunit_config config = { .bar1_size = SZ_16M };
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_region usable = { .size = SZ_128M };
	const struct nova_mm_config mm_config = { .regions = &usable, .nr_regions = 1 };
	struct nova_bar1_object o;

	KUNIT_ASSERT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), 0);
	nova_bar1_test_object(&o, SZ_64M, SZ_64K);
	KUNIT_ASSERT_EQ(test, nova_bar1_test_get(nk, &o), 0);
	nova_bar1_map_put(&nk->mm.bar1, &o.map);
	kunit_warning_suppress(test) {
		nova_mm_fini(&nk->mm);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_EQ(test, o.evicted, 1);
	KUNIT_EXPECT_FALSE(test, drm_mm_node_allocated(&o.map.node));
}

/* Every entry of each directory names the next: a tree of hundreds of thousands. */
static void a_borrowed_root_in_a_circle_is_refused(struct kunit *test)
{
	const struct nova_bar1_root_case *c = test->param_value;
	const struct nova_kunit_config config = { .chip = c->chip, .bar1_size = SZ_16M };
	struct nova_kunit *nk = nova_kunit_create_device(test, &config);
	const struct nova_mm_region usable = { .size = SZ_128M };
	const struct nova_mm_config mm_config = {
		.regions = &usable, .nr_regions = 1,
		.bar1_borrowed = true, .bar1_root = nova_vram(FW_TABLES),
	};
	u64 word;

	nova_bar1_write_firmware(nk, c->v3);
	for (u64 at = FW_TABLES; at < FW_TABLES + 3 * SZ_4K; at += sizeof(word)) {
		u64 next = (at & ~(SZ_4K - 1ULL)) + SZ_4K;

		word = c->v3 ? next | 0x12 : next >> 4 | 0x2;
		KUNIT_ASSERT_EQ(test, nova_swgpu_vram_write(nk->gpu, at, &word, sizeof(word)), 0);
	}
	KUNIT_EXPECT_EQ(test, nova_mm_init(&nk->mm, &nk->nd, &mm_config), -EINVAL);
}

static struct kunit_case nova_bar1_test_cases[] = {
	KUNIT_CASE_PARAM(pramin_and_bar1_see_the_same_bytes, nova_bar1_gen_params),
	KUNIT_CASE_PARAM(scattered_memory_is_one_window, nova_bar1_gen_params),
	KUNIT_CASE_PARAM(accesses_must_lie_wholly_inside, nova_bar1_gen_params),
	KUNIT_CASE_PARAM(pressure_evicts_the_longest_idle, nova_bar1_small_gen_params),
	KUNIT_CASE_PARAM(what_can_never_fit_is_told_apart, nova_bar1_gen_params),
	KUNIT_CASE_PARAM(windows_are_translated_for_mmap, nova_bar1_gen_params),
	KUNIT_CASE_PARAM(tables_have_windows_only_in_a_large_bar1, nova_bar1_gen_params),
	KUNIT_CASE_PARAM(a_window_for_nothing_leaves_no_table, nova_bar1_gen_params),
	KUNIT_CASE(without_bar1_every_window_is_refused),
	KUNIT_CASE_PARAM(a_borrowed_root_keeps_every_foreign_byte, nova_bar1_root_gen_params),
	KUNIT_CASE_PARAM(a_disconnect_takes_every_window_with_it, nova_bar1_root_gen_params),
	KUNIT_CASE(a_disconnect_does_not_wait_for_hardware_that_is_lost),
	KUNIT_CASE_SLOW(a_disconnect_survives_dead_caches),
	KUNIT_CASE(a_borrowed_root_outside_vram_is_refused),
	KUNIT_CASE(a_forgotten_window_is_reported),
	KUNIT_CASE_PARAM(a_borrowed_root_in_a_circle_is_refused, nova_bar1_root_gen_params),
	KUNIT_CASE_SLOW(a_bind_that_never_ends_fails_init),
	{}
};

static struct kunit_suite nova_bar1_suite = {
	.name = "nova-bar1",
	.test_cases = nova_bar1_test_cases,
};

kunit_test_suite(nova_bar1_suite);
