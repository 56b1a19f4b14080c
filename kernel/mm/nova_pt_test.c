// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: the words the driver leaves in VRAM for hardware.md's walk fixtures.
 * Model: walking any garbage ends, and where it does not call a word corrupt it
 * says what the software GPU says. Invariant: the dump names what is there.
 */
#include "nova_kunit.h"
#include "nova_pt.h"

#include <drm/drm_print.h>

#include <kunit/test.h>

#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/string.h>

#define VA	0x40000000ULL

static int nova_pt_test_map(struct nova_vmm *vmm, u64 va, u64 addr, u64 len, u8 max_shift)
{
	struct nova_extent extent = { .addr = addr, .len = len };
	struct nova_backing backing = { .size = len, .extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = va, .len = len, .backing = &backing,
				    .max_page_shift = max_shift };

	return nova_vmm_map_now(vmm, &map);
}

static u64 nova_pt_test_word(struct nova_kunit *nk, u64 addr)
{
	__le64 word = 0;

	KUNIT_EXPECT_EQ(nk->test, nova_swgpu_vram_read(nk->gpu, addr, &word, sizeof(word)), 0);
	return le64_to_cpu(word);
}

/* The word a directory entry must hold to name a table, written out by hand. */
static u64 nova_pt_test_pde(const struct nova_kunit_chip *chip, u64 table)
{
	return chip->va_bits == 49 ? table >> 12 << 8 | 0x2 : table | 0x12;
}

static void tables_hold_the_words_of_the_manual(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name, .vram_size = 8ULL * SZ_1G };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	bool v2 = chip->va_bits == 49;
	struct nova_pt *pt, *big;

	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, 0, 0x123456000, SZ_4K, 0), 0);
	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, SZ_2M, 0x123400000, SZ_2M, 0), 0);
	for (pt = vmm->tree.root; pt->lvl->nr_child == 1; pt = pt->child[0])
		KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr),
				nova_pt_test_pde(chip, pt->child[0]->mem.at.vram.addr));
	/* PD0: entry 0 names a small table alone, entry 1 is a page of 2 MiB. */
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr), 0);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr + 8),
			nova_pt_test_pde(chip, pt->child[1]->mem.at.vram.addr));
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr + 16),
			v2 ? 0x12340001 : 0x123400081);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr + 24), 0);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->child[1]->mem.at.vram.addr),
			v2 ? 0x12345601 : 0x123456081);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->child[1]->mem.at.vram.addr + 8), 0);
	/* With a big page beside it: empty big entries refer to the small table … */
	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, SZ_64K, 0x123450000, SZ_64K, 0), 0);
	big = pt->child[0];
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, big->mem.at.vram.addr), 0);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, big->mem.at.vram.addr + 8),
			v2 ? 0x12345001 : 0x123450081);
	/* … and, when that has gone, say that nothing is below. */
	KUNIT_ASSERT_EQ(test, nova_vmm_unmap_now(vmm, 0, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, big->mem.at.vram.addr), v2 ? 0x20 : 0x18);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr + 8), 0);
	/* Sparse: the whole entry. */
	KUNIT_ASSERT_EQ(test, nova_vmm_sparse_now(vmm, SZ_4M, SZ_2M), 0);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr + 32), 0x8);
	KUNIT_EXPECT_EQ(test, nova_pt_test_word(nk, pt->mem.at.vram.addr + 40), 0);
}

static void both_walks_agree_with_the_model(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_pt_place quick;
	struct nova_pt_xlate slow;
	struct nova_swgpu_xlate x;

	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, VA, SZ_16M, SZ_2M + SZ_64K + SZ_8K, 0), 0);
	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, VA + SZ_1M, SZ_32M, SZ_4K, 0), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_sparse_now(vmm, VA + SZ_8M, SZ_64K), 0);
	for (u64 va = VA - SZ_64K; va < VA + SZ_16M; va += SZ_4K) {
		nova_kunit_walk(nk, vmm, va, &x);
		KUNIT_ASSERT_EQ(test, nova_vmm_walk(vmm, va, &slow), 0);
		KUNIT_ASSERT_EQ(test, nova_vmm_lookup(vmm, va, &quick), 0);
		KUNIT_ASSERT_EQ(test, slow.entry.state == NOVA_GMMU_IS_LEAF,
				x.result == NOVA_SWGPU_MAPPED);
		KUNIT_ASSERT_EQ(test, quick.what, x.result == NOVA_SWGPU_MAPPED ? NOVA_PT_PAGE :
				x.result == NOVA_SWGPU_SPARSE ? NOVA_PT_SPARSE : NOVA_PT_HOLE);
		KUNIT_ASSERT_EQ(test, slow.entry.state == NOVA_GMMU_IS_EMPTY &&
				slow.entry.empty == NOVA_GMMU_SPARSE,
				x.result == NOVA_SWGPU_SPARSE);
		if (x.result != NOVA_SWGPU_MAPPED)
			continue;
		KUNIT_ASSERT_EQ(test, slow.addr, x.addr);
		KUNIT_ASSERT_EQ(test, quick.addr, x.addr);
		KUNIT_ASSERT_EQ(test, slow.page_shift, x.page_shift);
		KUNIT_ASSERT_EQ(test, quick.page_shift, x.page_shift);
	}
	KUNIT_EXPECT_EQ(test, nova_vmm_walk(vmm, 1ULL << chip->va_bits, &slow), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_vmm_lookup(vmm, 1ULL << chip->va_bits, &quick), -EINVAL);
}

/* One or a few bits of one word on the path are changed, then put right again. */
static void corrupt_tables_end_a_walk(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	unsigned int corrupt = 0;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 3);
	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, 0, SZ_16M, SZ_4K, 0), 0);
	for (unsigned int n = 0; n < 2000; n++) {
		struct nova_pt *pt = vmm->tree.root;
		unsigned int depth = prandom_u32_state(&rnd) % (vmm->tree.fmt->nr_levels - 1);
		struct nova_pt_xlate x;
		u64 at, good, bad;
		int ret;

		while (depth-- && pt->lvl->nr_child == 1)
			pt = pt->child[0];
		at = pt->mem.at.vram.addr + (pt->lvl->nr_child == 2 ? 8 : 0);
		good = nova_pt_test_word(nk, at);
		bad = n % 2 ? good ^ BIT_ULL(prandom_u32_state(&rnd) % 64) :
			      (u64)prandom_u32_state(&rnd) << 32 | prandom_u32_state(&rnd);
		nova_swgpu_vram_write(nk->gpu, at, &bad, sizeof(bad));
		ret = nova_vmm_walk(vmm, 0, &x);
		KUNIT_ASSERT_TRUE_MSG(test, ret == 0 || ret == -EUCLEAN || ret == -EOPNOTSUPP,
				      "%d for 0x%llx", ret, bad);
		corrupt += ret != 0;
		nova_swgpu_vram_write(nk->gpu, at, &good, sizeof(good));
	}
	KUNIT_EXPECT_GT(test, corrupt, 500);
	/* Words of firmware's are read by PRAMIN; those beyond VRAM were never touched. */
	nova_swgpu_fault_clear(nk->gpu);
}

/* A directory word naming a table in system memory is a table, though not one to follow (D10). */
static void tables_in_system_memory_are_not_followed(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	u64 root = nova_vmm_pdb(vmm).addr, good, bad;
	struct nova_pt_xlate x;

	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, 0, SZ_1M, SZ_4K, 0), 0);
	good = nova_pt_test_word(nk, root);
	/* hardware.md: aperture 2 in bits 2:1, and the address in place of the VRAM one. */
	bad = chip->va_bits == 49 ? 0x123456000ULL >> 12 << 8 | 0x4 : 0x123456000ULL | 0x14;
	nova_swgpu_vram_write(nk->gpu, root, &bad, sizeof(bad));
	KUNIT_EXPECT_EQ(test, nova_vmm_walk(vmm, 0, &x), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, x.entry.state, NOVA_GMMU_IS_TABLE);
	KUNIT_EXPECT_EQ(test, x.entry.table[0].aperture, NOVA_APERTURE_SYS_COH);
	KUNIT_EXPECT_EQ(test, x.entry.table[0].addr, 0x123456000);
	nova_swgpu_vram_write(nk->gpu, root, &good, sizeof(good));
	KUNIT_EXPECT_EQ(test, nova_vmm_walk(vmm, 0, &x), 0);
}

/* All entries of a directory name the one table that is there. */
static void a_dump_shows_no_more_tables_than_there_are(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	char *text = kunit_kzalloc(test, SZ_64K, GFP_KERNEL);
	struct drm_print_iterator iter = { .data = text, .remain = SZ_64K - 1 };
	struct drm_printer p = drm_coredump_printer(&iter);
	u64 at, word, none = 0;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, 0, SZ_1M, SZ_4K, 0), 0);
	at = vmm->tree.root->child[0]->mem.at.vram.addr;
	word = nova_pt_test_word(nk, at);
	for (unsigned int i = 1; i < 512; i++)
		nova_swgpu_vram_write(nk->gpu, at + i * sizeof(word), &word, sizeof(word));
	nova_vmm_print(vmm, &p);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "more tables than there are"));
	KUNIT_EXPECT_LT(test, strlen(text), SZ_4K);
	for (unsigned int i = 1; i < 512; i++)
		nova_swgpu_vram_write(nk->gpu, at + i * sizeof(none), &none, sizeof(none));
}

static void the_dump_names_levels_words_and_meaning(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	char *text = kunit_kzalloc(test, SZ_64K, GFP_KERNEL);
	struct drm_print_iterator iter = { .data = text, .remain = SZ_64K - 1 };
	struct drm_printer p = drm_coredump_printer(&iter);
	bool v2 = chip->va_bits == 49;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, VA, 0x123000, SZ_64K, 12), 0);
	KUNIT_ASSERT_EQ(test, nova_pt_test_map(vmm, VA + SZ_2M, SZ_4M, 3 * SZ_2M, 21), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_sparse_now(vmm, VA + SZ_16M, SZ_2M), 0);
	nova_vmm_print(vmm, &p);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, v2 ? "PD3 " : "PD4 "));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, v2 ?
		"PT4K  0x000000040000000 + 16 x 2^12: 0x0000000000012301 -> vram 0x123000 rw" :
		"PT4K  0x000000040000000 + 16 x 2^12: 0x0000000000123081 -> vram 0x123000 rw"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, v2 ?
		"PD0   0x000000040200000 + 3 x 2^21: 0x0000000000040001 0x0000000000000000 -> vram" :
		"PD0   0x000000040200000 + 3 x 2^21: 0x0000000000400081 0x0000000000000000 -> vram"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text,
		"PD0   0x000000041000000 + 1 x 2^21: 0x0000000000000008 0x0000000000000000 sparse"));
}

static struct kunit_case nova_pt_cases[] = {
	KUNIT_CASE_PARAM(tables_hold_the_words_of_the_manual, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(both_walks_agree_with_the_model, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(corrupt_tables_end_a_walk, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(tables_in_system_memory_are_not_followed, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_dump_shows_no_more_tables_than_there_are, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(the_dump_names_levels_words_and_meaning, nova_kunit_gen_chip),
	{}
};

static struct kunit_suite nova_pt_suite = {
	.name = "nova-pt",
	.test_cases = nova_pt_cases,
};

kunit_test_suite(nova_pt_suite);
