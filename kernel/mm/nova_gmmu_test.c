// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: words worked out from NVIDIA's published dev_mmu headers, see
 * the identifiers V2-… and V3-… in Documentation/gpu/nova/gmmu.rst. Those marked
 * U there equal constants of NVIDIA's own unit tests.
 * Invariant: what is encoded decodes to the same; decode takes any word.
 */
#include "nova_chip.h"
#include "nova_gmmu.h"

#include <kunit/test.h>

#include <linux/prandom.h>
#include <linux/sizes.h>

#define VRAM	NOVA_APERTURE_VRAM
#define PEER	NOVA_APERTURE_PEER
#define COH	NOVA_APERTURE_SYS_COH
#define NONCOH	NOVA_APERTURE_SYS_NONCOH

struct nova_gmmu_pte_case {
	const char *name;
	const struct nova_gmmu_fmt *fmt;
	struct nova_pte_attr attr;
	u64 addr;
	u64 word;
};

static const struct nova_gmmu_pte_case nova_gmmu_pte_cases[] = {
	{ "V2-01 4K VRAM", &nova_gmmu_v2, {}, 0x123456000, 0x0000000012345601 },
	{ "V2-02 read-only", &nova_gmmu_v2, { .read_only = true }, 0x123456000,
	  0x0000000012345641 },
	{ "V2-03 privileged", &nova_gmmu_v2, { .privileged = true }, 0x123456000,
	  0x0000000012345621 },
	{ "V2-04 no atomics", &nova_gmmu_v2, { .no_atomic = true }, 0x123456000,
	  0x0000000012345681 },
	{ "V2-05 volatile", &nova_gmmu_v2, { .uncached = true }, 0x123456000,
	  0x0000000012345609 },
	{ "V2-06 kind 6", &nova_gmmu_v2, { .kind = 6 }, 0x123456000, 0x0600000012345601 },
	{ "V2-07 64K kind 6", &nova_gmmu_v2, { .kind = 6 }, 0x123450000, 0x0600000012345001 },
	{ "V2-08 2M", &nova_gmmu_v2, {}, 0x123400000, 0x0000000012340001 },
	{ "V2-09 512M", &nova_gmmu_v2, {}, 0x120000000, 0x0000000012000001 },
	{ "V2-10 coherent", &nova_gmmu_v2, { .aperture = COH, .uncached = true }, 0x7fffff000,
	  0x000000007fffff0d },
	{ "V2-11 non-coherent", &nova_gmmu_v2, { .aperture = NONCOH }, 0x7fffff000,
	  0x000000007fffff07 },
	{ "V2-12 peer 2", &nova_gmmu_v2, { .aperture = PEER, .peer = 2 }, 0x1000000000,
	  0x0000000500000003 },
	{ "V2-13 last VRAM page", &nova_gmmu_v2, {}, 0x1ffffff000, 0x00000001ffffff01 },
	{ "V2-U coherent volatile", &nova_gmmu_v2, { .aperture = COH, .uncached = true },
	  0x399999999999000, 0x003999999999990d },
	{ "V2-U coherent cached", &nova_gmmu_v2, { .aperture = COH }, 0x399999999999000,
	  0x0039999999999905 },
	{ "V2-U coherent no atomics", &nova_gmmu_v2, { .aperture = COH, .no_atomic = true },
	  0x399999999999000, 0x0039999999999985 },
	{ "V2-U coherent ro no atomics", &nova_gmmu_v2,
	  { .aperture = COH, .read_only = true, .no_atomic = true },
	  0x399999999999000, 0x00399999999999c5 },
	{ "V2-U VRAM ro no atomics", &nova_gmmu_v2, { .read_only = true, .no_atomic = true },
	  0x1bbbbbb000, 0x00000001bbbbbbc1 },
	{ "V2-U peer 0", &nova_gmmu_v2,
	  { .aperture = PEER, .read_only = true, .no_atomic = true },
	  0x1bbbbbb000, 0x00000001bbbbbbc3 },
	{ "V2-U peer 47 bits", &nova_gmmu_v2,
	  { .aperture = PEER, .read_only = true, .no_atomic = true },
	  0x5bbbbbbbb000, 0x00002dd1bbbbbbc3 },
	{ "V2-U poison", &nova_gmmu_v2,
	  { .uncached = true, .privileged = true, .read_only = true, .no_atomic = true,
	    .kind = 6 }, 0x1bad000000, 0x06000001bad000e9 },
	{ "V3-01 4K VRAM", &nova_gmmu_v3, {}, 0x123456000, 0x0000000123456081 },
	{ "V3-02 no atomics counted", &nova_gmmu_v3, { .no_atomic = true, .counted = true },
	  0x123456000, 0x0000000123456041 },
	{ "V3-03 ro no atomics counted", &nova_gmmu_v3,
	  { .read_only = true, .no_atomic = true, .counted = true },
	  0x123456000, 0x0000000123456061 },
	{ "V3-04 read-only", &nova_gmmu_v3, { .read_only = true }, 0x123456000,
	  0x00000001234560a1 },
	{ "V3-05 privileged", &nova_gmmu_v3, { .privileged = true }, 0x123456000,
	  0x0000000123456091 },
	{ "V3-06 counted", &nova_gmmu_v3, { .counted = true }, 0x123456000,
	  0x0000000123456001 },
	{ "V3-07 64K kind 6", &nova_gmmu_v3, { .kind = 6 }, 0x123450000, 0x0000000123450681 },
	{ "V3-08 2M", &nova_gmmu_v3, {}, 0x123400000, 0x0000000123400081 },
	{ "V3-09 512M", &nova_gmmu_v3, {}, 0x120000000, 0x0000000120000081 },
	{ "V3-10 256G", &nova_gmmu_v3, {}, 0x4000000000, 0x0000004000000081 },
	{ "V3-11 coherent", &nova_gmmu_v3, { .aperture = COH, .uncached = true }, 0x7fffff000,
	  0x00000007fffff08d },
	{ "V3-12 non-coherent", &nova_gmmu_v3, { .aperture = NONCOH }, 0x7fffff000,
	  0x00000007fffff087 },
	{ "V3-13 peer 2", &nova_gmmu_v3, { .aperture = PEER, .peer = 2 }, 0x1000000000,
	  0x4000001000000083 },
	{ "V3-14 last VRAM page", &nova_gmmu_v3, {}, 0xfffffff000, 0x000000fffffff081 },
	{ "V3-U coherent 0x11", &nova_gmmu_v3, { .aperture = COH, .kind = 6, .uncached = true },
	  0x9999999999000, 0x000999999999968d },
	{ "V3-U coherent 0x10", &nova_gmmu_v3, { .aperture = COH, .kind = 6 },
	  0x9999999999000, 0x0009999999999685 },
	{ "V3-U coherent 0x00", &nova_gmmu_v3, { .aperture = COH, .kind = 6, .counted = true },
	  0x9999999999000, 0x0009999999999605 },
	{ "V3-U coherent 0x08", &nova_gmmu_v3,
	  { .aperture = COH, .kind = 6, .counted = true, .no_atomic = true },
	  0x9999999999000, 0x0009999999999645 },
	{ "V3-U coherent 0x0c", &nova_gmmu_v3,
	  { .aperture = COH, .kind = 6, .counted = true, .no_atomic = true, .read_only = true },
	  0x9999999999000, 0x0009999999999665 },
	{ "V3-U VRAM 0x0c", &nova_gmmu_v3,
	  { .kind = 6, .counted = true, .no_atomic = true, .read_only = true },
	  0xbbbbbbb000, 0x000000bbbbbbb661 },
	{ "V3-U peer 1 0x0c", &nova_gmmu_v3,
	  { .aperture = PEER, .peer = 1, .kind = 6, .counted = true, .no_atomic = true,
	    .read_only = true }, 0xbbbbbbb000, 0x200000bbbbbbb663 },
	{ "V3-U poison", &nova_gmmu_v3,
	  { .kind = 6, .uncached = true, .privileged = true, .read_only = true,
	    .no_atomic = true }, 0x2bad000000, 0x0000002bad0006f9 },
	{ "V3-U SMSKED", &nova_gmmu_v3,
	  { .aperture = NONCOH, .kind = 0xf, .uncached = true, .counted = true }, 0,
	  0x0000000000000f0f },
};

KUNIT_ARRAY_PARAM_DESC(nova_gmmu_pte, nova_gmmu_pte_cases, name);

static void pte_is_the_manuals_word(struct kunit *test)
{
	const struct nova_gmmu_pte_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->fmt->pte(&c->attr, c->addr), c->word);
}

struct nova_gmmu_pde_case {
	const char *name;
	const struct nova_gmmu_fmt *fmt;
	struct nova_gmmu_table table[2];
	u64 words[2];
	unsigned int nr;
};

#define TABLE(where, at, ...) \
	{ .present = true, .aperture = (where), .addr = (at), __VA_ARGS__ }
#define UNCACHED .uncached = true
#define NO_ATS .no_ats = true

static const struct nova_gmmu_pde_case nova_gmmu_pde_cases[] = {
	{ "V2-20", &nova_gmmu_v2, { TABLE(VRAM, 0x203000) }, { 0x20302 }, 1 },
	{ "V2-21", &nova_gmmu_v2, { TABLE(VRAM, 0x203000, UNCACHED) }, { 0x2030a }, 1 },
	{ "V2-22", &nova_gmmu_v2, { TABLE(COH, 0x7ffffe000, UNCACHED) }, { 0x7ffffe0c }, 1 },
	{ "V2-23", &nova_gmmu_v2, { TABLE(NONCOH, 0x7ffffe000) }, { 0x7ffffe06 }, 1 },
	{ "V2-30", &nova_gmmu_v2, { {}, TABLE(VRAM, 0x204000) }, { 0, 0x20402 }, 2 },
	{ "V2-31", &nova_gmmu_v2, { TABLE(VRAM, 0x205100) }, { 0x20512, 0 }, 2 },
	{ "V2-32", &nova_gmmu_v2, { TABLE(VRAM, 0x205100), TABLE(VRAM, 0x204000) },
	  { 0x20512, 0x20402 }, 2 },
	{ "V2-U system", &nova_gmmu_v2, { TABLE(COH, 0x399999999999000, UNCACHED) },
	  { 0x003999999999990c }, 1 },
	{ "V2-U VRAM", &nova_gmmu_v2, { TABLE(VRAM, 0x1bbbbbb000, UNCACHED) },
	  { 0x00000001bbbbbb0a }, 1 },
	{ "V2-U no ATS", &nova_gmmu_v2, { TABLE(VRAM, 0x1bbbbbb000, UNCACHED, NO_ATS) },
	  { 0x00000001bbbbbb2a }, 1 },
	{ "V2-U big system small VRAM", &nova_gmmu_v2,
	  { TABLE(COH, 0x399999999999900, UNCACHED), TABLE(VRAM, 0x1bbbbbb000, UNCACHED) },
	  { 0x003999999999999c, 0x00000001bbbbbb0a }, 2 },
	{ "V2-U big VRAM small system", &nova_gmmu_v2,
	  { TABLE(VRAM, 0x1bbbbbbb00, UNCACHED), TABLE(COH, 0x399999999999000, UNCACHED) },
	  { 0x00000001bbbbbbba, 0x003999999999990c }, 2 },
	{ "V3-20", &nova_gmmu_v3, { TABLE(VRAM, 0x203000, NO_ATS) }, { 0x203012 }, 1 },
	{ "V3-21", &nova_gmmu_v3, { TABLE(VRAM, 0x203000) }, { 0x203002 }, 1 },
	{ "V3-22", &nova_gmmu_v3, { TABLE(VRAM, 0x203000, UNCACHED) }, { 0x20300a }, 1 },
	{ "V3-23", &nova_gmmu_v3, { TABLE(COH, 0x7ffffe000, UNCACHED) }, { 0x7ffffe00c }, 1 },
	{ "V3-24", &nova_gmmu_v3, { TABLE(NONCOH, 0x7ffffe000) }, { 0x7ffffe006 }, 1 },
	{ "V3-30", &nova_gmmu_v3, { {}, TABLE(VRAM, 0x204000, NO_ATS) }, { 0, 0x204012 }, 2 },
	{ "V3-31", &nova_gmmu_v3, { {}, TABLE(VRAM, 0x204000) }, { 0, 0x204002 }, 2 },
	{ "V3-32", &nova_gmmu_v3, { TABLE(VRAM, 0x205100, NO_ATS) }, { 0x205112, 0 }, 2 },
	{ "V3-33", &nova_gmmu_v3,
	  { TABLE(VRAM, 0x205100, NO_ATS), TABLE(VRAM, 0x204000, NO_ATS) },
	  { 0x205112, 0x204012 }, 2 },
	{ "V3-U system", &nova_gmmu_v3, { TABLE(COH, 0x9999999999000, UNCACHED) },
	  { 0x000999999999900c }, 1 },
	{ "V3-U VRAM", &nova_gmmu_v3, { TABLE(VRAM, 0xbbbbbbb000, UNCACHED) },
	  { 0x000000bbbbbbb00a }, 1 },
	{ "V3-U big system small VRAM", &nova_gmmu_v3,
	  { TABLE(COH, 0x9999999999900, UNCACHED), TABLE(VRAM, 0xbbbbbbb000, UNCACHED) },
	  { 0x000999999999990c, 0x000000bbbbbbb00a }, 2 },
	{ "V3-U the same without ATS", &nova_gmmu_v3,
	  { TABLE(COH, 0x9999999999900, UNCACHED, NO_ATS),
	    TABLE(VRAM, 0xbbbbbbb000, UNCACHED, NO_ATS) },
	  { 0x000999999999991c, 0x000000bbbbbbb01a }, 2 },
	{ "V3-U big VRAM small system", &nova_gmmu_v3,
	  { TABLE(VRAM, 0xbbbbbbbb00, UNCACHED), TABLE(COH, 0x9999999999000, UNCACHED) },
	  { 0x000000bbbbbbbb0a, 0x000999999999900c }, 2 },
	{ "V3-U that without ATS", &nova_gmmu_v3,
	  { TABLE(VRAM, 0xbbbbbbbb00, UNCACHED, NO_ATS),
	    TABLE(COH, 0x9999999999000, UNCACHED, NO_ATS) },
	  { 0x000000bbbbbbbb1a, 0x000999999999901c }, 2 },
};

KUNIT_ARRAY_PARAM_DESC(nova_gmmu_pde, nova_gmmu_pde_cases, name);

static void pde_is_the_manuals_word(struct kunit *test)
{
	const struct nova_gmmu_pde_case *c = test->param_value;
	u64 words[2] = { 0xdead, 0xbeef };

	c->fmt->pde(words, c->table, c->nr);
	KUNIT_EXPECT_EQ(test, words[0], c->words[0]);
	KUNIT_EXPECT_EQ(test, words[1], c->nr == 2 ? c->words[1] : 0xbeef);
}

static void empty_words_are_the_manuals(struct kunit *test)
{
	/* V2-14, V2-33 and V3-15, V3-34 */
	KUNIT_EXPECT_EQ(test, nova_gmmu_v2.empty[NOVA_GMMU_INVALID], 0x0);
	KUNIT_EXPECT_EQ(test, nova_gmmu_v2.empty[NOVA_GMMU_SPARSE], 0x8);
	KUNIT_EXPECT_EQ(test, nova_gmmu_v2.empty[NOVA_GMMU_NO_SMALL], 0x20);
	KUNIT_EXPECT_EQ(test, nova_gmmu_v3.empty[NOVA_GMMU_INVALID], 0x0);
	KUNIT_EXPECT_EQ(test, nova_gmmu_v3.empty[NOVA_GMMU_SPARSE], 0x8);
	KUNIT_EXPECT_EQ(test, nova_gmmu_v3.empty[NOVA_GMMU_NO_SMALL], 0x18);
}

struct nova_gmmu_index_case {
	const struct nova_gmmu_fmt *fmt;
	u64 va;
	/* PT4K, PT64K, PD0, PD1, … */
	unsigned int index[NOVA_GMMU_MAX_LEVELS];
};

/* The examples of the manuals' tables, and each level's boundary with one page on both sides. */
static const struct nova_gmmu_index_case nova_gmmu_index_cases[] = {
	{ &nova_gmmu_v2, 0x0000923456789000, { 393, 24, 179, 418, 72, 1 } },
	{ &nova_gmmu_v2, 0x1ff000, { 511, 31, 0, 0, 0, 0 } },
	{ &nova_gmmu_v2, 0x200000, { 0, 0, 1, 0, 0, 0 } },
	{ &nova_gmmu_v2, 0x1ffff000, { 511, 31, 255, 0, 0, 0 } },
	{ &nova_gmmu_v2, 0x20000000, { 0, 0, 0, 1, 0, 0 } },
	{ &nova_gmmu_v2, 0x3ffffff000, { 511, 31, 255, 511, 0, 0 } },
	{ &nova_gmmu_v2, 0x4000000000, { 0, 0, 0, 0, 1, 0 } },
	{ &nova_gmmu_v2, 0x7ffffffff000, { 511, 31, 255, 511, 511, 0 } },
	{ &nova_gmmu_v2, 0x800000000000, { 0, 0, 0, 0, 0, 1 } },
	{ &nova_gmmu_v2, 0x1fffffffff000, { 511, 31, 255, 511, 511, 3 } },
	{ &nova_gmmu_v3, 0x0102923456789000, { 393, 24, 179, 418, 72, 5, 1 } },
	{ &nova_gmmu_v3, 0x800000000000, { 0, 0, 0, 0, 0, 1, 0 } },
	{ &nova_gmmu_v3, 0xfffffffffff000, { 511, 31, 255, 511, 511, 511, 0 } },
	{ &nova_gmmu_v3, 0x100000000000000, { 0, 0, 0, 0, 0, 0, 1 } },
	{ &nova_gmmu_v3, 0x1fffffffffff000, { 511, 31, 255, 511, 511, 511, 1 } },
};

static void va_splits_as_the_manuals_say(struct kunit *test)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nova_gmmu_index_cases); i++) {
		const struct nova_gmmu_index_case *c = &nova_gmmu_index_cases[i];

		for (unsigned int l = 0; l < c->fmt->nr_levels; l++)
			KUNIT_EXPECT_EQ_MSG(test, nova_gmmu_index(&c->fmt->level[l], c->va),
					    c->index[l], "va 0x%llx level %u", c->va, l);
	}
}

static void check_refuses_what_does_not_fit(struct kunit *test)
{
	const struct nova_gmmu_fmt *v2 = &nova_gmmu_v2, *v3 = &nova_gmmu_v3;
	struct nova_pte_attr attr = {};

	/* 128 GiB of VRAM in format 2, 1 TiB in format 3: the last page fits, the next not. */
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0x1ffffff000, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0x1ffffff000, SZ_8K), -ERANGE);
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0x2000000000, SZ_4K), -ERANGE);
	KUNIT_EXPECT_EQ(test, v3->check(&attr, 0xfffffff000, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, v3->check(&attr, 0x10000000000, SZ_4K), -ERANGE);
	KUNIT_EXPECT_EQ(test, v2->check(&attr, ~0xfffULL, SZ_8K), -ERANGE);
	KUNIT_EXPECT_EQ(test, v3->check(&attr, ~0xfffULL, SZ_8K), -ERANGE);
	attr.aperture = NOVA_APERTURE_SYS_COH;
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0x3fffffffffff000, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0x400000000000000, SZ_4K), -ERANGE);
	KUNIT_EXPECT_EQ(test, v3->check(&attr, 0xffffffffff000, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, v3->check(&attr, 0x10000000000000, SZ_4K), -ERANGE);
	attr.aperture = NOVA_APERTURE_PEER;
	attr.peer = 7;
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0x1ffffff000, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0x1ffffff000, SZ_8K), -ERANGE);
	KUNIT_EXPECT_EQ(test, v3->check(&attr, 0x1ffffff000, SZ_8K), 0);
	attr.peer = 8;
	KUNIT_EXPECT_EQ(test, v2->check(&attr, 0, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, v3->check(&attr, 0, SZ_4K), -EINVAL);
}

/* What addr_bits promises, for every golden word it speaks about. */
static void an_address_can_be_put_into_the_word_of_another(struct kunit *test)
{
	const struct nova_gmmu_pte_case *c = test->param_value;
	unsigned int bits = c->fmt->addr_bits[c->attr.aperture];
	struct nova_pte_attr attr = c->attr;

	if (!bits) {
		KUNIT_EXPECT_PTR_EQ(test, c->fmt, &nova_gmmu_v2);
		KUNIT_EXPECT_EQ(test, c->attr.aperture, PEER);
		return;
	}
	KUNIT_ASSERT_EQ(test, c->addr >> bits, 0);
	KUNIT_EXPECT_EQ(test, c->fmt->pte(&c->attr, 0) | c->addr >> c->fmt->pte_shr, c->word);
	/* Some of the words have kinds that are refused. */
	attr.kind = 0;
	KUNIT_EXPECT_EQ(test, c->fmt->check(&attr, (1ULL << bits) - SZ_4K, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, c->fmt->check(&attr, (1ULL << bits) - SZ_4K, SZ_8K), -ERANGE);
}

static void check_refuses_kinds_without_tags(struct kunit *test)
{
	for (unsigned int kind = 0; kind < 256; kind++) {
		struct nova_pte_attr attr = { .kind = kind };
		int ret = kind < 7 ? 0 : -EINVAL;

		KUNIT_EXPECT_EQ(test, nova_gmmu_v2.check(&attr, 0, SZ_4K), ret);
		KUNIT_EXPECT_EQ(test, nova_gmmu_v3.check(&attr, 0, SZ_4K), ret);
	}
}

static void decode_undoes_pte(struct kunit *test)
{
	const struct nova_gmmu_pte_case *c = test->param_value;
	struct nova_gmmu_entry entry;

	c->fmt->decode(&c->fmt->level[0], &c->word, &entry);
	KUNIT_ASSERT_EQ(test, entry.state, NOVA_GMMU_IS_LEAF);
	KUNIT_EXPECT_EQ(test, entry.addr, c->addr);
	KUNIT_EXPECT_EQ(test, entry.attr.aperture, c->attr.aperture);
	KUNIT_EXPECT_EQ(test, entry.attr.kind, c->attr.kind);
	KUNIT_EXPECT_EQ(test, entry.attr.peer, c->attr.peer);
	KUNIT_EXPECT_EQ(test, entry.attr.read_only, c->attr.read_only);
	KUNIT_EXPECT_EQ(test, entry.attr.no_atomic, c->attr.no_atomic);
	KUNIT_EXPECT_EQ(test, entry.attr.privileged, c->attr.privileged);
	KUNIT_EXPECT_EQ(test, entry.attr.uncached, c->attr.uncached);
}

static void decode_undoes_pde(struct kunit *test)
{
	const struct nova_gmmu_pde_case *c = test->param_value;
	/* PD0 names two tables, PD1 one. */
	const struct nova_gmmu_level *lvl = &c->fmt->level[c->nr == 2 ? 2 : 3];
	struct nova_gmmu_entry entry;

	c->fmt->decode(lvl, c->words, &entry);
	KUNIT_ASSERT_EQ(test, entry.state, NOVA_GMMU_IS_TABLE);
	for (unsigned int i = 0; i < c->nr; i++) {
		KUNIT_EXPECT_EQ(test, entry.table[i].present, c->table[i].present);
		KUNIT_EXPECT_EQ(test, entry.table[i].addr, c->table[i].addr);
		KUNIT_EXPECT_EQ(test, entry.table[i].aperture, c->table[i].aperture);
		KUNIT_EXPECT_EQ(test, entry.table[i].uncached, c->table[i].uncached);
		KUNIT_EXPECT_EQ(test, entry.table[i].no_ats, c->table[i].no_ats);
	}
}

static void decode_reports_corruption(struct kunit *test)
{
	struct nova_gmmu_entry entry;
	u64 words[2] = { 1, 0 };

	/* A leaf at a level that has none: PD3 in format 2, PD4 in format 3. */
	nova_gmmu_v2.decode(&nova_gmmu_v2.level[5], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
	nova_gmmu_v3.decode(&nova_gmmu_v3.level[6], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
	/* ENCRYPTED, which Turing no longer has; reserved bits 60:52. */
	words[0] = 0x11;
	nova_gmmu_v2.decode(&nova_gmmu_v2.level[0], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
	words[0] = 0x0010000000000001;
	nova_gmmu_v3.decode(&nova_gmmu_v3.level[0], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
	/* A 2 MiB page at an address that is not a multiple of 2 MiB. */
	words[0] = 0x12345601;
	nova_gmmu_v2.decode(&nova_gmmu_v2.level[2], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
	/* The marker "nothing below" in a small table. */
	words[0] = 0x20;
	nova_gmmu_v2.decode(&nova_gmmu_v2.level[0], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
	nova_gmmu_v2.decode(&nova_gmmu_v2.level[1], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.empty, NOVA_GMMU_NO_SMALL);
	/* PCF values from 4 up are reserved in a directory entry. */
	words[0] = 0x203022;
	nova_gmmu_v3.decode(&nova_gmmu_v3.level[3], words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
}

static const struct nova_gmmu_nobody_case {
	const char *name;
	const struct nova_gmmu_fmt *fmt;
	u64 words[2];
	u8 level;
	/* what words that differ in what @name says, and in nothing else, are */
	u64 good[2];
	enum nova_gmmu_state state;
} nova_gmmu_nobody_cases[] = {
	{ "v3_page_beyond_40_bits_of_vram", &nova_gmmu_v3,
	  { 0x0000010000000081 }, 0, { 0x000000fffffff081 }, NOVA_GMMU_IS_LEAF },
	{ "v3_page_beyond_40_bits_in_vram_only", &nova_gmmu_v3,
	  { 0x000fffff00000081 }, 0, { 0x000fffff00000085 }, NOVA_GMMU_IS_LEAF },
	{ "v3_table_beyond_40_bits_of_vram", &nova_gmmu_v3,
	  { 0x0000010000000012 }, 3, { 0x000000fffffff012 }, NOVA_GMMU_IS_TABLE },
	{ "v3_big_table_beyond_40_bits_of_vram", &nova_gmmu_v3,
	  { 0x0000010000000112 }, 2, { 0x000000ff00000112 }, NOVA_GMMU_IS_TABLE },
	{ "v2_upper_word_of_a_huge_page", &nova_gmmu_v2,
	  { 0x20001, 0x8 }, 2, { 0x20001, 0 }, NOVA_GMMU_IS_LEAF },
	{ "v3_upper_word_of_a_huge_page", &nova_gmmu_v3,
	  { 0x200081, 0x203002 }, 2, { 0x200081, 0 }, NOVA_GMMU_IS_LEAF },
	{ "v2_small_table_below_sparse", &nova_gmmu_v2,
	  { 0x8, 0x203002 }, 2, { 0x0, 0x203002 }, NOVA_GMMU_IS_TABLE },
	{ "v3_small_table_below_sparse", &nova_gmmu_v3,
	  { 0x8, 0x203012 }, 2, { 0x0, 0x203012 }, NOVA_GMMU_IS_TABLE },
};

KUNIT_ARRAY_PARAM_DESC(nova_gmmu_nobody, nova_gmmu_nobody_cases, name);

static void decode_reports_what_nobody_writes(struct kunit *test)
{
	const struct nova_gmmu_nobody_case *c = test->param_value;
	struct nova_gmmu_entry entry;

	c->fmt->decode(&c->fmt->level[c->level], c->words, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, NOVA_GMMU_IS_CORRUPT);
	c->fmt->decode(&c->fmt->level[c->level], c->good, &entry);
	KUNIT_EXPECT_EQ(test, entry.state, c->state);
}

/* A word that decodes as a leaf is exactly what encoding the result gives. */
static void decode_takes_any_word(struct kunit *test)
{
	static const struct nova_gmmu_fmt *const fmts[] = { &nova_gmmu_v2, &nova_gmmu_v3 };
	struct rnd_state rnd;
	unsigned int leaves = 0;

	prandom_seed_state(&rnd, 42);
	for (unsigned int n = 0; n < 200000; n++) {
		const struct nova_gmmu_fmt *fmt = fmts[n % 2];
		const struct nova_gmmu_level *lvl = &fmt->level[prandom_u32_state(&rnd) %
								fmt->nr_levels];
		u64 words[2], mask = prandom_u32_state(&rnd) & 1 ? ~0ULL : 0xfffffffffff;
		struct nova_gmmu_entry entry;

		prandom_bytes_state(&rnd, words, sizeof(words));
		words[0] &= mask;
		memset(&entry, 0xff, sizeof(entry));
		fmt->decode(lvl, words, &entry);
		KUNIT_ASSERT_LE(test, (int)entry.state, (int)NOVA_GMMU_IS_CORRUPT);
		KUNIT_ASSERT_LT(test, (int)entry.empty, (int)NOVA_GMMU_NR_EMPTY);
		if (entry.state != NOVA_GMMU_IS_LEAF)
			continue;
		leaves++;
		KUNIT_ASSERT_EQ(test, fmt->pte(&entry.attr, entry.addr), words[0]);
	}
	KUNIT_EXPECT_GT(test, leaves, 1000);
}

static void every_chip_has_a_format(struct kunit *test)
{
	const struct nova_chip *chip;
	unsigned int i;

	for (i = 0; (chip = nova_chip_row(i)); i++) {
		const struct nova_gmmu_fmt *fmt = nova_gmmu_fmt(chip);

		KUNIT_ASSERT_NOT_NULL_MSG(test, fmt, "%s", chip->name);
		KUNIT_EXPECT_EQ(test, fmt->va_bits, nova_chip_arch(chip) == NOVA_ARCH_TURING ||
				nova_chip_arch(chip) == NOVA_ARCH_AMPERE ||
				nova_chip_arch(chip) == NOVA_ARCH_ADA ? 49 : 57);
		/* Each page size of the chip is a leaf of some level. */
		for (unsigned int bit = 0; bit < 64; bit++) {
			bool leaf = false;

			for (unsigned int l = 0; l < fmt->nr_levels; l++)
				leaf |= fmt->level[l].va_lo == bit && fmt->level[l].may_leaf;
			if (chip->family->page_sizes & BIT_ULL(bit))
				KUNIT_EXPECT_TRUE(test, leaf);
		}
	}
	KUNIT_EXPECT_EQ(test, i, 26);
}

static struct kunit_case nova_gmmu_cases[] = {
	KUNIT_CASE_PARAM(pte_is_the_manuals_word, nova_gmmu_pte_gen_params),
	KUNIT_CASE_PARAM(pde_is_the_manuals_word, nova_gmmu_pde_gen_params),
	KUNIT_CASE(empty_words_are_the_manuals),
	KUNIT_CASE(va_splits_as_the_manuals_say),
	KUNIT_CASE(check_refuses_what_does_not_fit),
	KUNIT_CASE(check_refuses_kinds_without_tags),
	KUNIT_CASE_PARAM(an_address_can_be_put_into_the_word_of_another, nova_gmmu_pte_gen_params),
	KUNIT_CASE_PARAM(decode_undoes_pte, nova_gmmu_pte_gen_params),
	KUNIT_CASE_PARAM(decode_undoes_pde, nova_gmmu_pde_gen_params),
	KUNIT_CASE(decode_reports_corruption),
	KUNIT_CASE_PARAM(decode_reports_what_nobody_writes, nova_gmmu_nobody_gen_params),
	KUNIT_CASE_SLOW(decode_takes_any_word),
	KUNIT_CASE(every_chip_has_a_format),
	{}
};

static struct kunit_suite nova_gmmu_suite = {
	.name = "nova-gmmu",
	.test_cases = nova_gmmu_cases,
};

kunit_test_suite(nova_gmmu_suite);
