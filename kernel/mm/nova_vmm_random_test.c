// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model and invariant: random changes around every level boundary of every format.
 * After each step the software GPU walks every page of the arena and must see what
 * a plain array says, and the tree's own invariants hold. The seed is fixed.
 */
#include "nova_kunit.h"
#include "nova_vmm.h"

#include <kunit/test.h>

#include <linux/math.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>

/* The arena: 8 MiB with the boundary in its middle, in units of 4 KiB. */
#define ARENA_PAGES	2048
#define ARENA_STEPS	60

/* Content of one page of the reference: an address, or one of these. */
#define REF_NONE	~0ULL
#define REF_SPARSE	(~0ULL - 1)

struct nova_arena {
	struct kunit *test;
	struct nova_kunit *nk;
	struct nova_vmm *vmm;
	struct rnd_state rnd;
	u64 base;
	u64 ref[ARENA_PAGES];
	struct nova_extent extent[64];
	struct nova_backing backing;
};

static unsigned int nova_arena_random(struct nova_arena *a, unsigned int below)
{
	return prandom_u32_state(&a->rnd) % below;
}

/* A range of pages; often aligned to a big or huge page, often tiny. */
static void nova_arena_range(struct nova_arena *a, unsigned int *first, unsigned int *nr)
{
	static const unsigned int aligns[] = { 1, 1, 16, 16, 512 };
	unsigned int align = aligns[nova_arena_random(a, ARRAY_SIZE(aligns))];
	unsigned int start, end;

	start = rounddown(nova_arena_random(a, ARENA_PAGES), align);
	if (nova_arena_random(a, 3))
		end = start + align * (1 + nova_arena_random(a, 4));
	else
		end = rounddown(start + 1 + nova_arena_random(a, ARENA_PAGES), align) + align;
	*first = start;
	*nr = min(end, ARENA_PAGES) - start;
}

/* Memory in one to a few pieces whose alignment suits 4K, 64K or 2M pages. */
static void nova_arena_backing(struct nova_arena *a, unsigned int nr)
{
	static const u64 aligns[] = { SZ_4K, SZ_64K, SZ_2M, SZ_2M };
	unsigned int pieces = 0, done = 0;

	while (done < nr) {
		u64 align = aligns[nova_arena_random(a, ARRAY_SIZE(aligns))];
		unsigned int len = 1 + nova_arena_random(a, nr);
		u64 addr = (u64)nova_arena_random(a, SZ_64M / SZ_4K) * SZ_4K;

		if (pieces == ARRAY_SIZE(a->extent) - 1 || nova_arena_random(a, 2))
			len = nr;
		len = min(len, nr - done);
		a->extent[pieces++] = (struct nova_extent){
			.off = (u64)done * SZ_4K,
			.addr = rounddown(addr, align),
			.len = (u64)len * SZ_4K,
		};
		done += len;
	}
	a->backing = (struct nova_backing){
		.aperture = NOVA_APERTURE_VRAM,
		.size = (u64)nr * SZ_4K,
		.extents = a->extent,
		.nr_extents = pieces,
	};
}

static void nova_arena_set_ref(struct nova_arena *a, unsigned int first, unsigned int nr, u64 val)
{
	for (unsigned int i = 0; i < nr; i++)
		a->ref[first + i] = val;
}

static void nova_arena_map(struct nova_arena *a, unsigned int first, unsigned int nr)
{
	static const u8 limits[] = { 0, 0, 0, 12, 16, 21 };
	struct nova_vmm_map map = {
		.va = a->base + (u64)first * SZ_4K,
		.len = (u64)nr * SZ_4K,
		.backing = &a->backing,
		.max_page_shift = limits[nova_arena_random(a, ARRAY_SIZE(limits))],
	};

	nova_arena_backing(a, nr);
	KUNIT_ASSERT_EQ(a->test, nova_vmm_map_now(a->vmm, &map), 0);
	for (unsigned int e = 0, i = first; e < a->backing.nr_extents; e++)
		for (u64 off = 0; off < a->extent[e].len; off += SZ_4K)
			a->ref[i++] = a->extent[e].addr + off;
}

/* As map, but with everything reserved for the range alone and nothing known. */
static void nova_arena_map_worst(struct nova_arena *a, unsigned int first, unsigned int nr)
{
	struct nova_vmm_map map = {
		.va = a->base + (u64)first * SZ_4K,
		.len = (u64)nr * SZ_4K,
		.backing = &a->backing,
		.max_page_shift = 16,
	};
	struct nova_vmm_update upd;

	nova_vmm_update_init(&upd, a->vmm);
	KUNIT_ASSERT_EQ(a->test, nova_vmm_prepare(&upd, map.va, map.len), 0);
	nova_arena_backing(a, nr);
	nova_vmm_map(&upd, &map);
	KUNIT_ASSERT_EQ(a->test, nova_vmm_flush(&upd), 0);
	nova_vmm_finish(&upd);
	for (unsigned int e = 0, i = first; e < a->backing.nr_extents; e++)
		for (u64 off = 0; off < a->extent[e].len; off += SZ_4K)
			a->ref[i++] = a->extent[e].addr + off;
}

static void nova_arena_step(struct nova_arena *a)
{
	unsigned int first, nr;
	u64 va, len;

	nova_arena_range(a, &first, &nr);
	va = a->base + (u64)first * SZ_4K;
	len = (u64)nr * SZ_4K;
	switch (nova_arena_random(a, 8)) {
	case 0:
	case 1:
		KUNIT_ASSERT_EQ(a->test, nova_vmm_unmap_now(a->vmm, va, len), 0);
		nova_arena_set_ref(a, first, nr, REF_NONE);
		break;
	case 2:
		KUNIT_ASSERT_EQ(a->test, nova_vmm_sparse_now(a->vmm, va, len), 0);
		nova_arena_set_ref(a, first, nr, REF_SPARSE);
		break;
	case 3:
		nova_arena_map_worst(a, first, nr);
		break;
	default:
		nova_arena_map(a, first, nr);
	}
}

static void nova_arena_check(struct nova_arena *a, unsigned int step)
{
	struct nova_swgpu_xlate x;

	for (unsigned int i = 0; i < ARENA_PAGES; i++) {
		u64 va = a->base + (u64)i * SZ_4K, seen;

		nova_kunit_walk(a->nk, a->vmm, va, &x);
		seen = x.result == NOVA_SWGPU_MAPPED ? x.addr :
		       x.result == NOVA_SWGPU_SPARSE ? REF_SPARSE : REF_NONE;
		KUNIT_ASSERT_EQ_MSG(a->test, seen, a->ref[i], "step %u va 0x%llx why %u", step,
				    va, x.why);
		KUNIT_ASSERT_EQ_MSG(a->test, x.why, NOVA_SWGPU_WHY_PLAIN, "step %u va 0x%llx",
				    step, va);
	}
	nova_kunit_check_tree(a->test, &a->vmm->tree);
}

static void nova_arena_run(struct nova_arena *a, u64 boundary)
{
	unsigned int i;

	a->base = boundary - ARENA_PAGES / 2 * SZ_4K;
	nova_arena_set_ref(a, 0, ARENA_PAGES, REF_NONE);
	for (i = 0; i < ARENA_STEPS; i++) {
		nova_arena_step(a);
		nova_arena_check(a, i);
	}
	KUNIT_ASSERT_EQ(a->test, nova_vmm_unmap_now(a->vmm, a->base, ARENA_PAGES * SZ_4K), 0);
	nova_arena_set_ref(a, 0, ARENA_PAGES, REF_NONE);
	nova_arena_check(a, i);
	/* All tables but the root are gone (V-10, D14). */
	KUNIT_ASSERT_EQ(a->test, atomic_long_read(&a->vmm->tree.nr_tables), 1);
}

static void random_changes_equal_the_reference(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name };
	/* Where one more level changes its table. */
	const u64 boundaries[] = {
		4 * SZ_2M, SZ_512M, 1ULL << 38, 1ULL << 47, 1ULL << (chip->va_bits - 1),
	};
	struct nova_arena *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	a->test = test;
	a->nk = nova_kunit_create(test, &config);
	a->vmm = nova_kunit_vmm(a->nk, NULL);
	prandom_seed_state(&a->rnd, 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(boundaries); i++)
		nova_arena_run(a, boundaries[i]);
}

static struct kunit_case nova_vmm_random_cases[] = {
	KUNIT_CASE_PARAM_ATTR(random_changes_equal_the_reference, nova_kunit_gen_chip,
			      { .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite nova_vmm_random_suite = {
	.name = "nova-vmm-random",
	.test_cases = nova_vmm_random_cases,
};

kunit_test_suite(nova_vmm_random_suite);
