// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu walk tests
 *
 * Golden: walks over the literal tables of hardware.md 10.7, on each kind of MMU:
 * v2 without and with 512 MiB pages, v3 without and with 256 GiB pages. And every
 * rule of the walk broken on purpose, to see exactly that fault recorded. Tables are
 * written past MMU and TLB, so an entry is looked at for the first time or after an
 * invalidate.
 */

#include "swgpu_check.h"

static const char *const mmu_chips[] = { "tu102", "ga102", "gh100", "gb202", NULL };

/* Words that differ by version, for a table at the fixtures' places. */
struct words {
	u64 big_table, page_2m, page_512m, marker, ro, priv, no_atomic, big_page;
};

static const struct words words_v2 = {
	.big_table = 0x20512, .page_2m = 0x12340001, .page_512m = 0x12000001, .marker = 0x20,
	.ro = 0x12345641, .priv = 0x12345621, .no_atomic = 0x12345681, .big_page = 0x12345001,
};

static const struct words words_v3 = {
	.big_table = 0x205112, .page_2m = 0x123400081, .page_512m = 0x120000081, .marker = 0x18,
	.ro = 0x1234560a1, .priv = 0x123456091, .no_atomic = 0x1234560c1, .big_page = 0x123450081,
};

static const struct words *words(const struct nova_swgpu *gpu)
{
	return gpu->chip->mmu == 2 ? &words_v2 : &words_v3;
}

static void expect_mapped(struct nova_swgpu *gpu, u64 va, u64 addr, unsigned int shift)
{
	struct nova_swgpu_xlate x;

	swgpu_test_translate(gpu, va, &x);
	CHECK_EQ(x.result, NOVA_SWGPU_MAPPED);
	CHECK_EQ(x.addr, addr);
	CHECK_EQ(x.page_shift, shift);
	swgpu_test_expect_quiet(gpu);
}

static void expect_fault(struct nova_swgpu *gpu, u64 va, unsigned int code, unsigned int why)
{
	struct nova_swgpu_xlate x;

	swgpu_test_translate(gpu, va, &x);
	CHECK_EQ(x.result, NOVA_SWGPU_FAULT);
	CHECK_EQ(x.fault, code);
	swgpu_test_expect_fault(gpu, code, why);
}

static void body_small_page(struct nova_swgpu *gpu)
{
	struct nova_swgpu_counters c;

	expect_mapped(gpu, 0x123, TEST_PAGE + 0x123, 12);
	expect_mapped(gpu, 0xfff, TEST_PAGE + 0xfff, 12);
	expect_fault(gpu, 0x1000, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
	expect_fault(gpu, 0x200000, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_PLAIN);
	nova_swgpu_counters_get(gpu, &c);
	CHECK_EQ(c.faults, 2);
	CHECK_EQ(c.broken_rules, 0);
}

static void body_marker_stops(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x203000, words(gpu)->big_table);
	swgpu_test_put(gpu, 0x205100, words(gpu)->marker);
	swgpu_test_put(gpu, 0x204080, words(gpu)->ro);	/* entry 16: VA 0x10000 */
	expect_fault(gpu, 0x0, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
	expect_mapped(gpu, 0x10000, TEST_PAGE, 12);
}

static void body_big_page(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x203000, words(gpu)->big_table);
	swgpu_test_put(gpu, 0x205108, words(gpu)->big_page);	/* VA 0x10000 */
	expect_mapped(gpu, 0x1abcd, 0x12345abcd, 16);
	expect_mapped(gpu, 0x0, TEST_PAGE, 12);
}

static void body_big_only(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x203000, words(gpu)->big_table);
	swgpu_test_put(gpu, 0x203008, 0);
	swgpu_test_put(gpu, 0x205108, words(gpu)->big_page);
	expect_mapped(gpu, 0x10000, 0x123450000, 16);
	expect_fault(gpu, 0x0, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
}

static void body_2m_page(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x203010, words(gpu)->page_2m);
	expect_mapped(gpu, 0x212345, 0x123412345, 21);
	expect_mapped(gpu, 0x3fffff, 0x1235fffff, 21);
	expect_mapped(gpu, 0x0, TEST_PAGE, 12);
}

static void body_512m_page(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x202008, words(gpu)->page_512m);
	if (!strcmp(gpu->chip->name, "tu102"))
		expect_fault(gpu, 0x20000000, NOVA_SWGPU_CODE_PDE_SIZE, NOVA_SWGPU_WHY_PLAIN);
	else
		expect_mapped(gpu, 0x32345678, 0x132345678, 29);
}

/* A PTE in PD2 is a 256 GiB page on Blackwell, which no VRAM here is big enough for. */
static void body_256g_page(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x201008, gpu->chip->mmu == 2 ? 0x1 : 0x81);
	if (!strcmp(gpu->chip->name, "gb202"))
		expect_fault(gpu, 1ull << 38, NOVA_SWGPU_CODE_REGION,
			     NOVA_SWGPU_WHY_OUT_OF_RANGE);
	else
		expect_fault(gpu, 1ull << 38, NOVA_SWGPU_CODE_PDE_SIZE, NOVA_SWGPU_WHY_PLAIN);
}

static void body_sparse(struct nova_swgpu *gpu)
{
	struct nova_swgpu_xlate x;
	u64 val = ~0ull;

	swgpu_test_put(gpu, 0x203020, 0x8);			/* VA 0x400000, 2 MiB */
	swgpu_test_put(gpu, 0x204008, 0x8);			/* VA 0x1000 */
	swgpu_test_put(gpu, 0x203000, words(gpu)->big_table);
	swgpu_test_put(gpu, 0x205110, 0x8);			/* VA 0x20000, 64 KiB */
	swgpu_test_put(gpu, 0x202010, 0x8);			/* VA 0x40000000, 512 MiB */
	swgpu_test_translate(gpu, 0x5fffff, &x);
	CHECK_EQ(x.result, NOVA_SWGPU_SPARSE);
	CHECK_EQ(x.page_shift, 21);
	swgpu_test_translate(gpu, 0x1000, &x);
	CHECK_EQ(x.result, NOVA_SWGPU_SPARSE);
	swgpu_test_translate(gpu, 0x2ffff, &x);
	CHECK_EQ(x.result, NOVA_SWGPU_SPARSE);
	CHECK_EQ(x.page_shift, 16);
	swgpu_test_translate(gpu, 0x40000000, &x);
	CHECK_EQ(x.result, NOVA_SWGPU_SPARSE);
	CHECK_EQ(nova_swgpu_mem_write(gpu, swgpu_test_root(gpu), false, 0x400000, &val, 8), 0);
	CHECK_EQ(nova_swgpu_mem_read(gpu, swgpu_test_root(gpu), false, 0x400000, &val, 8), 0);
	CHECK_EQ(val, 0);
	swgpu_test_expect_quiet(gpu);
}

static void access_as(struct nova_swgpu *gpu, enum nova_swgpu_access access,
		      enum nova_swgpu_client client, u64 word, unsigned int code)
{
	struct nova_swgpu_xlate x;

	swgpu_test_put(gpu, 0x204000, word);
	swgpu_test_invalidate(gpu, 0x80000001);
	nova_swgpu_translate(gpu, swgpu_test_root(gpu), false, 0, access, client, &x);
	if (code == NOVA_SWGPU_CODE_NONE) {
		CHECK_EQ(x.result, NOVA_SWGPU_MAPPED);
		swgpu_test_expect_quiet(gpu);
	} else {
		CHECK_EQ(x.result, NOVA_SWGPU_FAULT);
		swgpu_test_expect_fault(gpu, code, NOVA_SWGPU_WHY_PLAIN);
	}
}

static void body_attributes(struct nova_swgpu *gpu)
{
	const struct words *w = words(gpu);
	unsigned int none = NOVA_SWGPU_CODE_NONE;

	access_as(gpu, NOVA_SWGPU_READ, NOVA_SWGPU_GPC, w->ro, none);
	access_as(gpu, NOVA_SWGPU_WRITE, NOVA_SWGPU_GPC, w->ro, NOVA_SWGPU_CODE_RO);
	access_as(gpu, NOVA_SWGPU_ATOMIC, NOVA_SWGPU_HUB, w->ro, NOVA_SWGPU_CODE_RO);
	access_as(gpu, NOVA_SWGPU_READ, NOVA_SWGPU_GPC, w->priv, NOVA_SWGPU_CODE_PRIV);
	access_as(gpu, NOVA_SWGPU_WRITE, NOVA_SWGPU_HUB, w->priv, none);
	access_as(gpu, NOVA_SWGPU_WRITE, NOVA_SWGPU_GPC, w->no_atomic, none);
	access_as(gpu, NOVA_SWGPU_ATOMIC, NOVA_SWGPU_GPC, w->no_atomic, NOVA_SWGPU_CODE_ATOMIC);
}

static void body_read_only_write_changes_nothing(struct nova_swgpu *gpu)
{
	u64 val = 1;
	u64 now;

	swgpu_test_put(gpu, TEST_PAGE, 0x1122334455667788);
	swgpu_test_put(gpu, 0x204000, words(gpu)->ro);
	CHECK_ERR(nova_swgpu_mem_write(gpu, swgpu_test_root(gpu), false, 0, &val, 8), -EFAULT);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_RO, NOVA_SWGPU_WHY_PLAIN);
	CHECK_EQ(nova_swgpu_vram_read(gpu, TEST_PAGE, &now, 8), 0);
	CHECK_EQ(now, 0x1122334455667788);
}

static void body_va_limit(struct nova_swgpu *gpu)
{
	u64 top = 1ull << (gpu->chip->mmu == 2 ? 49 : 57);

	expect_fault(gpu, top, NOVA_SWGPU_CODE_VA_LIMIT, NOVA_SWGPU_WHY_PLAIN);
	expect_fault(gpu, ~0ull, NOVA_SWGPU_CODE_VA_LIMIT, NOVA_SWGPU_WHY_PLAIN);
	expect_fault(gpu, top - 1, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_PLAIN);
}

/* hardware.md 1.1 and 2.1, the index examples: which entry of each table is read. */
static void body_indices(struct nova_swgpu *gpu)
{
	static const struct { u64 va, index[5], pt; } want[] = {
		{ 0x0000923456789000, { 1, 72, 418, 179 }, 393 },
		{ 0x0102923456789000, { 1, 5, 72, 418, 179 }, 393 },
	};
	unsigned int n = gpu->chip->mmu - 2;
	struct swgpu_space space = { .pdb = 0x400000 };
	struct swgpu_trace trace = { 0 };
	struct nova_swgpu_xlate x;
	u64 table = 0x400000;
	unsigned int i;

	for (i = 0; i < 4 + n; i++, table += 0x1000) {
		u64 next = table + 0x1000;
		u64 pde = n ? next | 2 : next >> 4 | 2;
		bool dual = i == 3 + n;

		if (dual)
			swgpu_test_put(gpu, table + want[n].index[i] * 16, 0);
		swgpu_test_put(gpu, table + want[n].index[i] * (dual ? 16 : 8) + dual * 8, pde);
	}
	swgpu_test_put(gpu, table + want[n].pt * 8, words(gpu)->ro);
	swgpu_walk(gpu, &space, want[n].va, false, &trace, &x);
	CHECK_EQ(x.result, NOVA_SWGPU_MAPPED);
	CHECK_EQ(x.table, table + want[n].pt * 8);
	CHECK_EQ(trace.nr, 6 + n);			/* the dual entry is two words */
}

static void body_reserved_bits(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;

	swgpu_test_put(gpu, 0x204000, v2 ? 0x12345611 : 0x0010000123456081);
	expect_fault(gpu, 0x0, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_RESERVED);
	swgpu_test_put(gpu, 0x204008, 0x100);			/* invalid but not empty */
	expect_fault(gpu, 0x1000, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_RESERVED);
	swgpu_test_put(gpu, 0x204010, words(gpu)->marker);	/* a marker in a small table */
	expect_fault(gpu, 0x2000, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_RESERVED);
	swgpu_test_put(gpu, 0x202008, v2 ? 0x20382 : 0x203042);
	expect_fault(gpu, 0x20000000, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_RESERVED);
}

static void body_reserved_bits_of_dual(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;

	swgpu_test_put(gpu, 0x203018, v2 ? 0x20412 : 0x204052);	/* VA 0x200000: high word */
	expect_fault(gpu, 0x200000, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_RESERVED);
	swgpu_test_put(gpu, 0x203020, words(gpu)->page_2m);	/* a 2 MiB page has no high word */
	swgpu_test_put(gpu, 0x203028, v2 ? 0x20402 : 0x204012);
	expect_fault(gpu, 0x400000, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_RESERVED);
	swgpu_test_put(gpu, 0x203030, 0x8);			/* sparse, and yet a table */
	swgpu_test_put(gpu, 0x203038, v2 ? 0x20402 : 0x204012);
	expect_fault(gpu, 0x600000, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_RESERVED);
	swgpu_test_put(gpu, 0x203048, 0x8);			/* sparse in the wrong half */
	expect_fault(gpu, 0x800000, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_RESERVED);
}

static void body_misaligned(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;
	struct nova_swgpu_xlate x;

	swgpu_test_put(gpu, 0x203010, v2 ? 0x12345601 : 0x123456081);	/* 2 MiB page */
	expect_fault(gpu, 0x200000, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_MISALIGNED);
	swgpu_test_put(gpu, 0x203000, words(gpu)->big_table);
	swgpu_test_put(gpu, 0x205108, words(gpu)->ro);		/* 64 KiB page */
	expect_fault(gpu, 0x10000, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_MISALIGNED);
	nova_swgpu_translate(gpu, swgpu_test_root(gpu) + 8, false, 0, NOVA_SWGPU_READ,
			     NOVA_SWGPU_GPC, &x);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_MISALIGNED);
}

static void body_out_of_range(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;
	struct nova_swgpu_xlate x;

	swgpu_test_put(gpu, 0x204000, v2 ? 0x40000001 : 0x400000081);	/* page at 16 GiB */
	expect_fault(gpu, 0x0, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	swgpu_test_put(gpu, 0x202008, v2 ? 0x40000002 : 0x400000012);	/* table at 16 GiB */
	expect_fault(gpu, 0x20000000, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	swgpu_test_put(gpu, 0x203018, v2 ? 0x40000002 : 0x400000012);
	expect_fault(gpu, 0x200000, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	swgpu_test_put(gpu, 0x202010, v2 ? 0x7ffffe0c : 0x7ffffe00c);	/* no such sysmem */
	expect_fault(gpu, 0x40000000, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	nova_swgpu_translate(gpu, 16ull << 30, false, 0, NOVA_SWGPU_READ, NOVA_SWGPU_GPC, &x);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
}

/* A page of system memory is known to be missing only when it is accessed. */
static void body_sysmem_page_nowhere(struct nova_swgpu *gpu)
{
	u64 val = 0;

	/* near the top of the system's address space */
	swgpu_test_put(gpu, 0x204000, gpu->chip->mmu == 2 ? 0x000007fffff00005 :
							    0x000ffffffff00085);
	expect_mapped(gpu, 0x0, gpu->chip->mmu == 2 ? 0x7fffff000000 : 0xffffffff00000, 12);
	CHECK_ERR(nova_swgpu_mem_read(gpu, swgpu_test_root(gpu), false, 0, &val, 8), -EFAULT);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	CHECK_ERR(nova_swgpu_mem_write(gpu, swgpu_test_root(gpu), false, 0, &val, 8), -EFAULT);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_OUT_OF_RANGE);
}

/* One page past what a system address can be: 47 bits on v2, 52 on v3. */
static void body_sysmem_width(struct nova_swgpu *gpu)
{
	if (gpu->chip->mmu == 2) {
		swgpu_test_put(gpu, 0x204000, 0x0000080000000005);	/* bit 47 */
		expect_fault(gpu, 0x0, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	} else {
		swgpu_test_put(gpu, 0x204000, 0x0008000000000085);	/* bit 51 is the last */
		expect_mapped(gpu, 0x0, 0x0008000000000000, 12);
	}
}

static void body_both_halves(struct nova_swgpu *gpu)
{
	struct nova_swgpu_xlate x;

	swgpu_test_put(gpu, 0x203000, words(gpu)->big_table);
	swgpu_test_put(gpu, 0x205100, words(gpu)->big_page);
	swgpu_test_translate(gpu, 0x5000, &x);		/* not even the page that clashes */
	CHECK_EQ(x.result, NOVA_SWGPU_MAPPED);
	CHECK_EQ(x.page_shift, 16);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BOTH_HALVES);
	swgpu_test_put(gpu, 0x205108, words(gpu)->big_page);
	swgpu_test_put(gpu, 0x204100, words(gpu)->ro);	/* VA 0x20000: the next 64 KiB */
	expect_mapped(gpu, 0x10000, 0x123450000, 16);
	swgpu_test_put(gpu, 0x205110, words(gpu)->big_page);
	swgpu_test_translate(gpu, 0x2f000, &x);		/* the first of its 16 */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BOTH_HALVES);
	swgpu_test_put(gpu, 0x205118, words(gpu)->big_page);
	swgpu_test_put(gpu, 0x2041f8, words(gpu)->ro);	/* VA 0x3f000 */
	swgpu_test_translate(gpu, 0x30000, &x);		/* the last of its 16 */
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BOTH_HALVES);
	swgpu_test_put(gpu, 0x2051f8, words(gpu)->big_page);
	swgpu_test_put(gpu, 0x204ff8, words(gpu)->ro);	/* VA 0x1ff000, the very last */
	swgpu_test_translate(gpu, 0x1f0000, &x);
	swgpu_test_expect_fault(gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_BOTH_HALVES);
	swgpu_test_translate(gpu, 0x5000, &x);		/* said once, when it was walked */
	swgpu_test_expect_quiet(gpu);
}

static void body_poison(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;

	swgpu_test_put(gpu, 0x202008, v2 ? 0x30002 : 0x300012);	/* a table never written */
	expect_fault(gpu, 0x20000000, NOVA_SWGPU_CODE_POISONED, NOVA_SWGPU_WHY_POISON);
	/* one entry written, another walked */
	swgpu_test_put(gpu, 0x203018, v2 ? 0x30102 : 0x301012);
	swgpu_test_put(gpu, 0x301000, 0);
	expect_fault(gpu, 0x200000, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
	expect_fault(gpu, 0x201000, NOVA_SWGPU_CODE_POISONED, NOVA_SWGPU_WHY_POISON);
}

/* A freed table is poisoned by whoever freed it; walking it again is found out. */
static void body_freed_table(struct nova_swgpu *gpu)
{
	expect_mapped(gpu, 0x0, TEST_PAGE, 12);
	CHECK_EQ(nova_swgpu_vram_poison(gpu, 0x204000, 4096), 0);
	expect_mapped(gpu, 0x0, TEST_PAGE, 12);		/* cached: nothing noticed */
	expect_fault(gpu, 0x1000, NOVA_SWGPU_CODE_POISONED, NOVA_SWGPU_WHY_POISON);
}

static void body_kinds(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;
	u64 kind;

	for (kind = 0; kind < 16; kind++)
		access_as(gpu, NOVA_SWGPU_READ, NOVA_SWGPU_GPC,
			  v2 ? 0x12345601 | kind << 56 : 0x123456081 | kind << 8,
			  kind == 7 || kind == 15 ? NOVA_SWGPU_CODE_KIND : NOVA_SWGPU_CODE_NONE);
	if (v2)
		access_as(gpu, NOVA_SWGPU_READ, NOVA_SWGPU_GPC, 0x1000000012345601,
			  NOVA_SWGPU_CODE_KIND);
}

static void body_peer(struct nova_swgpu *gpu)
{
	swgpu_test_put(gpu, 0x204000,
		       gpu->chip->mmu == 2 ? 0x0000000500000003 : 0x4000001000000083);
	expect_fault(gpu, 0x0, NOVA_SWGPU_CODE_APERTURE, NOVA_SWGPU_WHY_PLAIN);
}

/* Order of the checks, hardware.md 1.6 step 7: privilege, read-only, atomics, kind. */
static void body_check_order(struct nova_swgpu *gpu)
{
	static const unsigned int codes[] = {
		NOVA_SWGPU_CODE_KIND, NOVA_SWGPU_CODE_ATOMIC, NOVA_SWGPU_CODE_RO,
		NOVA_SWGPU_CODE_PRIV,
	};
	/* kind 7; + no atomics; + read-only; + privileged */
	static const u64 v2[] = { 0x0700000012345601, 0x0700000012345681, 0x07000000123456c1,
				  0x07000000123456e1 };
	static const u64 v3[] = { 0x123456781, 0x1234567c1, 0x1234567e1, 0x1234567f1 };
	unsigned int i;

	for (i = 0; i < 4; i++)
		access_as(gpu, NOVA_SWGPU_ATOMIC, NOVA_SWGPU_GPC,
			  gpu->chip->mmu == 2 ? v2[i] : v3[i], codes[i]);
}

#ifndef __KERNEL__	/* a DMA address of our choice */
/* Tables and pages in system memory, reached by DMA address. */
static void body_sysmem(struct nova_swgpu *gpu)
{
	bool v2 = gpu->chip->mmu == 2;
	struct nova_swgpu_xlate x;
	u64 val = 0;

	swgpu_user_sysmem = aligned_alloc(4096, 0x2000);
	swgpu_user_sysmem_base = 0x7ffffe000;
	swgpu_user_sysmem_size = 0x2000;
	memset(swgpu_user_sysmem, 0, 0x2000);
	swgpu_test_put(gpu, 0x203018, v2 ? 0x7ffffe0c : 0x7ffffe00c);	/* small table */
	swgpu_port_st64(swgpu_user_sysmem, v2 ? 0x7fffff0d : 0x7fffff08d);
	swgpu_port_st64(swgpu_user_sysmem + 0x1010, 0xabcdef);
	swgpu_test_translate(gpu, 0x200010, &x);
	CHECK_EQ(x.aperture, NOVA_SWGPU_SYS_COH);
	CHECK_EQ(x.addr, 0x7fffff010);
	CHECK(x.uncached && x.table_sysmem);
	CHECK_EQ(nova_swgpu_mem_read(gpu, swgpu_test_root(gpu), false, 0x200010, &val, 8), 0);
	CHECK_EQ(val, 0xabcdef);
	CHECK_EQ(nova_swgpu_mem_write(gpu, swgpu_test_root(gpu), false, 0x200ffc, &val, 4), 0);
	CHECK_EQ(swgpu_port_ld32(swgpu_user_sysmem + 0x1ffc), 0xabcdef);
	swgpu_test_expect_quiet(gpu);
	free(swgpu_user_sysmem);
	swgpu_user_sysmem = NULL;
}
#endif

#define EACH(name) static void walk_##name(void) { swgpu_test_each(mmu_chips, body_##name); }

EACH(small_page)
EACH(marker_stops)
EACH(big_page)
EACH(big_only)
EACH(2m_page)
EACH(512m_page)
EACH(256g_page)
EACH(sparse)
EACH(attributes)
EACH(read_only_write_changes_nothing)
EACH(va_limit)
EACH(indices)
EACH(reserved_bits)
EACH(reserved_bits_of_dual)
EACH(misaligned)
EACH(out_of_range)
EACH(sysmem_page_nowhere)
EACH(sysmem_width)
EACH(both_halves)
EACH(poison)
EACH(freed_table)
EACH(kinds)
EACH(peer)
EACH(check_order)
#ifndef __KERNEL__
EACH(sysmem)
#endif

#define TEST(name) { "walk_" #name, walk_##name }

const struct swgpu_test swgpu_walk_tests[] = {
	TEST(small_page),
	TEST(marker_stops),
	TEST(big_page),
	TEST(big_only),
	TEST(2m_page),
	TEST(512m_page),
	TEST(256g_page),
	TEST(sparse),
	TEST(attributes),
	TEST(read_only_write_changes_nothing),
	TEST(va_limit),
	TEST(indices),
	TEST(reserved_bits),
	TEST(reserved_bits_of_dual),
	TEST(misaligned),
	TEST(out_of_range),
	TEST(sysmem_page_nowhere),
	TEST(sysmem_width),
	TEST(both_halves),
	TEST(poison),
	TEST(freed_table),
	TEST(kinds),
	TEST(peer),
	TEST(check_order),
#ifndef __KERNEL__
	TEST(sysmem),
#endif
	{ 0 }
};
