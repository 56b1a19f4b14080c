// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: every instant of a change. A writer that looks through the software GPU's
 * MMU after each access sees every page as it was before or as it will be, never
 * anything else, whichever page sizes replace each other (V-4, and the order of
 * nova_pt_edit.c). Model: huge pages across the boundary of every table that can
 * hold them.
 */
#include "nova_kunit.h"
#include "nova_vmm.h"

#include <kunit/test.h>

#include <linux/sizes.h>

#define VA	(SZ_1G + SZ_512M)
#define OLD	SZ_512M
#define NEW	SZ_1G

/* What a step leaves in a range that is otherwise mapped to OLD + distance from VA. */
enum nova_order_to {
	TO_NONE,
	TO_SPARSE,
	TO_NEW,
};

struct nova_order_case {
	const char *name;
	/* largest pages before; bytes mapped before */
	u8 old_shift;
	u32 old_len;
	/* what is done to which part, with pages of what size */
	enum nova_order_to to;
	u32 off;
	u32 len;
	u8 new_shift;
};

static const struct nova_order_case nova_order_cases[] = {
	{ "4k becomes 64k", 12, SZ_2M, TO_NEW, SZ_64K, SZ_128K, 16 },
	{ "64k becomes 4k", 16, SZ_2M, TO_NEW, SZ_64K, SZ_128K, 12 },
	{ "64k is cut by 4k", 16, SZ_2M, TO_NEW, SZ_64K + SZ_4K, SZ_128K, 12 },
	{ "4k becomes 2m", 12, SZ_2M, TO_NEW, 0, SZ_2M, 21 },
	{ "64k becomes 2m", 16, SZ_2M, TO_NEW, 0, SZ_2M, 21 },
	{ "2m becomes 4k", 21, SZ_4M, TO_NEW, SZ_2M, SZ_2M, 12 },
	{ "2m is cut by 4k", 21, SZ_4M, TO_NEW, SZ_64K + SZ_4K, SZ_8K, 12 },
	{ "2m is cut by 64k", 21, SZ_4M, TO_NEW, SZ_64K, SZ_128K, 16 },
	{ "2m loses 4k", 21, SZ_4M, TO_NONE, SZ_2M + SZ_64K, SZ_4K, 0 },
	{ "2m loses 64k", 21, SZ_4M, TO_NONE, SZ_2M + SZ_64K, SZ_64K, 0 },
	{ "64k loses 4k", 16, SZ_2M, TO_NONE, SZ_64K + SZ_8K, SZ_4K, 0 },
	{ "all is lost", 12, SZ_4M, TO_NONE, 0, SZ_4M, 0 },
	{ "2m becomes sparse in part", 21, SZ_4M, TO_SPARSE, SZ_4K, SZ_2M, 0 },
	{ "4k becomes sparse", 12, SZ_4M, TO_SPARSE, 0, SZ_2M + SZ_64K, 0 },
	{ "512m is cut by 4k", 29, SZ_512M, TO_NEW, SZ_4M + SZ_4K, SZ_4K, 12 },
	{ "512m loses 2m", 29, SZ_512M, TO_NONE, SZ_4M, SZ_2M, 0 },
};

KUNIT_ARRAY_PARAM_DESC(nova_order, nova_order_cases, name);

/* The test the writer looks for; one at a time. */
static struct nova_order {
	struct nova_kunit *nk;
	struct nova_vmm *vmm;
	const struct nova_order_case *c;
	const struct nova_mem_ops *ops;
	unsigned int looks;
	unsigned int strange;
	/* the first strange look; the writer holds a lock under which nothing may be printed */
	unsigned int look;
	u64 off;
	struct nova_swgpu_xlate x;
} nova_order;

static bool nova_order_is_new(const struct nova_order_case *c, u64 off,
			      const struct nova_swgpu_xlate *x)
{
	if (off < c->off || off >= (u64)c->off + c->len)
		return false;
	switch (c->to) {
	case TO_NONE:
		return x->result == NOVA_SWGPU_FAULT;
	case TO_SPARSE:
		return x->result == NOVA_SWGPU_SPARSE;
	case TO_NEW:
		return x->result == NOVA_SWGPU_MAPPED && x->addr == NEW + off;
	}
	return false;
}

/* Around the edges of what changes, and far from it, a page is old or new. */
static void nova_order_look(struct nova_order *o)
{
	const struct nova_order_case *c = o->c;
	const u64 offs[] = {
		0, c->off - SZ_64K, c->off - SZ_4K, c->off, c->off + SZ_4K,
		c->off + c->len / 2, c->off + c->len - SZ_4K, (u64)c->off + c->len,
		(u64)c->off + c->len + SZ_64K, c->old_len - SZ_4K,
	};
	struct nova_swgpu_xlate x;

	o->looks++;
	for (unsigned int i = 0; i < ARRAY_SIZE(offs); i++) {
		if (offs[i] >= c->old_len)
			continue;
		nova_kunit_walk(o->nk, o->vmm, VA + offs[i], &x);
		if (x.result == NOVA_SWGPU_MAPPED && x.addr == OLD + offs[i])
			continue;
		if (nova_order_is_new(c, offs[i], &x))
			continue;
		if (o->strange++)
			continue;
		o->look = o->looks;
		o->off = offs[i];
		o->x = x;
	}
}

/*
 * A huge page in a dual directory gives way to tables in two words, the one that makes it a leaf
 * last (V-4). Between them the model is stricter than anybody says hardware is: it wants the other
 * word of a leaf to be zero.
 */
static bool nova_order_between_words(struct nova_mem_at at)
{
	__le64 low = 0;

	if (!(at.vram.addr & sizeof(u64)))
		return false;
	nova_swgpu_vram_read(nova_order.nk->gpu, at.vram.addr - sizeof(u64), &low, sizeof(low));
	return le64_to_cpu(low) & 1;
}

static void nova_order_write_run(struct nova_mem *mem, const struct nova_mem_run *run)
{
	nova_order.ops->write_run(mem, run);
	nova_order_look(&nova_order);
}

static void nova_order_write64(struct nova_mem *mem, struct nova_mem_at at, u64 word)
{
	nova_order.ops->write64(mem, at, word);
	if (!nova_order_between_words(at))
		nova_order_look(&nova_order);
}

static int nova_order_map(struct nova_vmm *vmm, u64 off, u64 addr, u64 len, u8 shift)
{
	struct nova_extent extent = { .addr = addr, .len = len };
	struct nova_backing backing = { .size = len, .extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = VA + off, .len = len, .backing = &backing,
				    .max_page_shift = shift };

	return nova_vmm_map_now(vmm, &map);
}

static int nova_order_do(struct nova_vmm *vmm, const struct nova_order_case *c)
{
	switch (c->to) {
	case TO_NONE:
		return nova_vmm_unmap_now(vmm, VA + c->off, c->len);
	case TO_SPARSE:
		return nova_vmm_sparse_now(vmm, VA + c->off, c->len);
	case TO_NEW:
		return nova_order_map(vmm, c->off, NEW + c->off, c->len, c->new_shift);
	}
	return -EINVAL;
}

static void nova_order_run(struct kunit *test, const char *chip)
{
	const struct nova_kunit_config config = { .chip = chip, .vram_size = 4ULL * SZ_1G };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	const struct nova_order_case *c = test->param_value;
	struct nova_mem_ops spy;

	KUNIT_ASSERT_EQ(test, nova_order_map(vmm, 0, OLD, c->old_len, c->old_shift), 0);
	nova_order = (struct nova_order){ .nk = nk, .vmm = vmm, .c = c, .ops = nk->mm.mem.ops };
	spy = *nk->mm.mem.ops;
	spy.write_run = nova_order_write_run;
	spy.write64 = nova_order_write64;
	nk->mm.mem.ops = &spy;
	KUNIT_EXPECT_EQ(test, nova_order_do(vmm, c), 0);
	nk->mm.mem.ops = nova_order.ops;
	KUNIT_EXPECT_GT(test, nova_order.looks, 0);
	KUNIT_EXPECT_EQ_MSG(test, nova_order.strange, 0,
			    "%s: look %u of %u: off 0x%llx result %u why %u addr 0x%llx", chip,
			    nova_order.look, nova_order.looks, nova_order.off, nova_order.x.result,
			    nova_order.x.why, nova_order.x.addr);
	/* The end: everything new is there. */
	for (u64 off = c->off; off < (u64)c->off + c->len; off += SZ_64K) {
		struct nova_swgpu_xlate x;

		nova_kunit_walk(nk, vmm, VA + off, &x);
		KUNIT_ASSERT_TRUE_MSG(test, nova_order_is_new(c, off, &x), "off 0x%llx", off);
	}
	nova_kunit_check_tree(test, &vmm->tree);
}

static void at_every_write_a_page_is_old_or_new_on_v2(struct kunit *test)
{
	nova_order_run(test, "ga102");
}

static void at_every_write_a_page_is_old_or_new_on_v3(struct kunit *test)
{
	nova_order_run(test, "gh100");
}

/* What the spy above would say of a driver that unmaps first. */
static void the_look_finds_a_hole(struct kunit *test)
{
	const struct nova_kunit_config config = { .chip = "ga102", .vram_size = 4ULL * SZ_1G };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	const struct nova_order_case *c = &nova_order_cases[1];

	KUNIT_ASSERT_EQ(test, nova_order_map(vmm, 0, OLD, c->old_len, c->old_shift), 0);
	nova_order = (struct nova_order){ .nk = nk, .vmm = vmm, .c = c, .ops = nk->mm.mem.ops };
	nova_order_look(&nova_order);
	KUNIT_EXPECT_EQ(test, nova_order.strange, 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, VA + c->off, c->len), 0);
	nova_order_look(&nova_order);
	KUNIT_EXPECT_GT(test, nova_order.strange, 0);
}

struct nova_straddle_case {
	const char *name;
	const char *chip;
	u8 shift;
	/* log2 of the address where tables of one more level change */
	u8 boundary;
};

static const struct nova_straddle_case nova_straddle_cases[] = {
	{ "2m at 512m", "tu102", 21, 29 },
	{ "2m at 256g", "tu102", 21, 38 },
	{ "2m at 128t", "gh100", 21, 47 },
	{ "2m at the top", "gh100", 21, 56 },
	{ "512m at 256g on v2", "ga102", 29, 38 },
	{ "512m at 128t on v2", "ga102", 29, 47 },
	{ "512m at 256g on v3", "gh100", 29, 38 },
	{ "512m at the top", "gh100", 29, 56 },
	{ "256g at 128t", "gb100", 38, 47 },
	{ "256g at the top", "gb100", 38, 56 },
};

KUNIT_ARRAY_PARAM_DESC(nova_straddle, nova_straddle_cases, name);

/* Two huge pages, one on each side; then a page is cut out where they meet, and all goes. */
static void huge_pages_straddle_their_tables(struct kunit *test)
{
	const struct nova_straddle_case *c = test->param_value;
	const struct nova_kunit_config config = { .chip = c->chip };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	u64 size = 1ULL << c->shift, va = (1ULL << c->boundary) - size, addr = 4 * size;
	struct nova_extent extent = { .addr = addr, .len = 2 * size };
	struct nova_backing backing = { .aperture = NOVA_APERTURE_SYS_NONCOH, .size = 2 * size,
					.extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = va, .len = 2 * size, .backing = &backing };
	struct nova_swgpu_xlate x;

	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	for (u64 off = 0; off < 2 * size; off += size / 2) {
		nova_kunit_walk(nk, vmm, va + off + 3, &x);
		KUNIT_EXPECT_EQ(test, x.addr, addr + off + 3);
		KUNIT_EXPECT_EQ(test, x.page_shift, c->shift);
	}
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, va + size - SZ_4K, SZ_8K), 0);
	nova_kunit_walk(nk, vmm, va + size - SZ_8K, &x);
	KUNIT_EXPECT_EQ(test, x.addr, addr + size - SZ_8K);
	nova_kunit_walk(nk, vmm, va + size - SZ_4K, &x);
	KUNIT_EXPECT_EQ(test, x.result, NOVA_SWGPU_FAULT);
	nova_kunit_walk(nk, vmm, va + size, &x);
	KUNIT_EXPECT_EQ(test, x.result, NOVA_SWGPU_FAULT);
	nova_kunit_walk(nk, vmm, va + size + SZ_4K, &x);
	KUNIT_EXPECT_EQ(test, x.addr, addr + size + SZ_4K);
	nova_kunit_check_tree(test, &vmm->tree);
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, va, 2 * size), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&vmm->tree.nr_tables), 1);
}

static struct kunit_case nova_order_kunit_cases[] = {
	KUNIT_CASE_PARAM(at_every_write_a_page_is_old_or_new_on_v2, nova_order_gen_params),
	KUNIT_CASE_PARAM(at_every_write_a_page_is_old_or_new_on_v3, nova_order_gen_params),
	KUNIT_CASE(the_look_finds_a_hole),
	KUNIT_CASE_PARAM(huge_pages_straddle_their_tables, nova_straddle_gen_params),
	{}
};

static struct kunit_suite nova_order_suite = {
	.name = "nova-vmm-order",
	.test_cases = nova_order_kunit_cases,
};

kunit_test_suite(nova_order_suite);
