// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu format tests
 *
 * Golden: the words of hardware.md 10.1 to 10.6, each read back into its meaning,
 * and words with one bit too many. The expected values are the vectors' own inputs,
 * not computed by anything here. A word's attributes are letters: u uncached,
 * p privileged, r read-only, a no atomics, b bad.
 */

#include "swgpu_check.h"

struct golden {
	const char *id;
	u64 word;
	u64 addr;
	u8 state, aperture, kind;
	/* of: u uncached, p privileged, r read-only, a no atomics, b bad */
	const char *attrs;
};

#define V SWGPU_VALID

static const struct golden v2_pte[] = {
	{ "V2-01", 0x0000000012345601, 0x123456000, V, 0, 0, "" },
	{ "V2-02", 0x0000000012345641, 0x123456000, V, 0, 0, "r" },
	{ "V2-03", 0x0000000012345621, 0x123456000, V, 0, 0, "p" },
	{ "V2-04", 0x0000000012345681, 0x123456000, V, 0, 0, "a" },
	{ "V2-05", 0x0000000012345609, 0x123456000, V, 0, 0, "u" },
	{ "V2-06", 0x0600000012345601, 0x123456000, V, 0, 6, "" },
	{ "V2-07", 0x0600000012345001, 0x123450000, V, 0, 6, "" },
	{ "V2-08", 0x0000000012340001, 0x123400000, V, 0, 0, "" },
	{ "V2-09", 0x0000000012000001, 0x120000000, V, 0, 0, "" },
	{ "V2-10", 0x000000007fffff0d, 0x7fffff000, V, 2, 0, "u" },
	{ "V2-11", 0x000000007fffff07, 0x7fffff000, V, 3, 0, "" },
	{ "V2-12", 0x0000000500000003, 0x1000000000, V, 1, 0, "" },
	{ "V2-13", 0x00000001ffffff01, 0x1ffffff000, V, 0, 0, "" },
	{ "V2-14 invalid", 0x0, 0, SWGPU_INVALID, 0, 0, "" },
	{ "V2-14 sparse", 0x8, 0, SWGPU_SPARSE, 0, 0, "" },
	{ "V2-14 no 4K", 0x20, 0, SWGPU_NO_SMALL, 0, 0, "" },
	{ "10.3 sys VOL", 0x003999999999990d, 0x399999999999000, V, 2, 0, "u" },
	{ "10.3 sys cached", 0x0039999999999905, 0x399999999999000, V, 2, 0, "" },
	{ "10.3 sys AD", 0x0039999999999985, 0x399999999999000, V, 2, 0, "a" },
	{ "10.3 sys RO AD", 0x00399999999999c5, 0x399999999999000, V, 2, 0, "ra" },
	{ "10.3 vid RO AD", 0x00000001bbbbbbc1, 0x1bbbbbb000, V, 0, 0, "ra" },
	{ "10.3 peer RO AD", 0x00000001bbbbbbc3, 0x1bbbbbb000, V, 1, 0, "ra" },
	{ "10.3 peer 47 bits", 0x00002dd1bbbbbbc3, 0x1bbbbbb000, V, 1, 0, "ra" },
	{ "10.3 poison", 0x06000001bad000e9, 0x1bad000000, V, 0, 6, "upra" },
	{ "ENCRYPTED", 0x0000000012345611, 0x123456000, V, 0, 0, "b" },
	{ "peer id on VRAM", 0x0000000212345601, 0x123456000, V, 0, 0, "b" },
	{ "COMPTAGLINE, kind 0", 0x0000001012345601, 0x123456000, V, 0, 0, "b" },
	{ "COMPTAGLINE, kind 8", 0x0800001012345601, 0x123456000, V, 0, 8, "" },
	{ "invalid, dirty", 0x12345600, 0, SWGPU_INVALID, 0, 0, "b" },
	{ 0 }
};

static const struct golden v2_pde[] = {
	{ "V2-20", 0x0000000000020302, 0x203000, V, 0, 0, "" },
	{ "V2-21", 0x000000000002030a, 0x203000, V, 0, 0, "u" },
	{ "V2-22", 0x000000007ffffe0c, 0x7ffffe000, V, 2, 0, "u" },
	{ "V2-23", 0x000000007ffffe06, 0x7ffffe000, V, 3, 0, "" },
	{ "10.3 sys VOL", 0x003999999999990c, 0x399999999999000, V, 2, 0, "u" },
	{ "10.3 vid VOL", 0x00000001bbbbbb0a, 0x1bbbbbb000, V, 0, 0, "u" },
	{ "10.3 vid NO_ATS", 0x00000001bbbbbb2a, 0x1bbbbbb000, V, 0, 0, "u" },
	{ "invalid", 0x0, 0, SWGPU_INVALID, 0, 0, "" },
	{ "sparse", 0x8, 0, SWGPU_SPARSE, 0, 0, "u" },
	{ "bit 4", 0x20312, 0x203000, V, 0, 0, "b" },
	{ "bit 7", 0x20382, 0x203000, V, 0, 0, "b" },
	{ "peer id", 0x200020302, 0x203000, V, 0, 0, "b" },
	{ "bit 63", 0x8000000000020304, 0x203000, V, 2, 0, "b" },
	{ "invalid, dirty", 0x20300, 0, SWGPU_INVALID, 0, 0, "b" },
	{ 0 }
};

static const struct golden v2_big[] = {
	{ "V2-31", 0x0000000000020512, 0x205100, V, 0, 0, "" },
	{ "10.3 big sys", 0x003999999999999c, 0x399999999999900, V, 2, 0, "u" },
	{ "10.3 big vid", 0x00000001bbbbbbba, 0x1bbbbbbb00, V, 0, 0, "u" },
	{ "V2-33", 0x8, 0, SWGPU_SPARSE, 0, 0, "u" },
	{ "peer id", 0x200020512, 0x205100, V, 0, 0, "b" },
	{ 0 }
};

static const struct golden v2_small[] = {
	{ "V2-30", 0x0000000000020402, 0x204000, V, 0, 0, "" },
	{ "10.3 small vid", 0x00000001bbbbbb0a, 0x1bbbbbb000, V, 0, 0, "u" },
	{ "10.3 small sys", 0x003999999999990c, 0x399999999999000, V, 2, 0, "u" },
	{ "bit 68", 0x20412, 0x204000, V, 0, 0, "b" },
	{ "bit 69", 0x20422, 0x204000, V, 0, 0, "b" },
	{ "bit 64", 0x20403, 0x204000, V, 0, 0, "b" },
	{ 0 }
};

static const struct golden v3_pte[] = {
	{ "V3-01", 0x0000000123456081, 0x123456000, V, 0, 0, "" },
	{ "V3-02", 0x0000000123456041, 0x123456000, V, 0, 0, "a" },
	{ "V3-03", 0x0000000123456061, 0x123456000, V, 0, 0, "ra" },
	{ "V3-04", 0x00000001234560a1, 0x123456000, V, 0, 0, "r" },
	{ "V3-05", 0x0000000123456091, 0x123456000, V, 0, 0, "p" },
	{ "V3-06", 0x0000000123456001, 0x123456000, V, 0, 0, "" },
	{ "V3-07", 0x0000000123450681, 0x123450000, V, 0, 6, "" },
	{ "V3-08", 0x0000000123400081, 0x123400000, V, 0, 0, "" },
	{ "V3-09", 0x0000000120000081, 0x120000000, V, 0, 0, "" },
	{ "V3-10", 0x0000004000000081, 0x4000000000, V, 0, 0, "" },
	{ "V3-11", 0x00000007fffff08d, 0x7fffff000, V, 2, 0, "u" },
	{ "V3-12", 0x00000007fffff087, 0x7fffff000, V, 3, 0, "" },
	{ "V3-13", 0x4000001000000083, 0x1000000000, V, 1, 0, "" },
	{ "V3-14", 0x000000fffffff081, 0xfffffff000, V, 0, 0, "" },
	{ "V3-15 invalid", 0x0, 0, SWGPU_INVALID, 0, 0, "" },
	{ "V3-15 sparse", 0x8, 0, SWGPU_SPARSE, 0, 0, "" },
	{ "V3-15 nowhere", 0x10, 0, SWGPU_SPARSE, 0, 0, "" },
	{ "V3-15 no 4K", 0x18, 0, SWGPU_NO_SMALL, 0, 0, "" },
	{ "10.6 sys 0x11", 0x000999999999968d, 0x9999999999000, V, 2, 6, "u" },
	{ "10.6 sys 0x10", 0x0009999999999685, 0x9999999999000, V, 2, 6, "" },
	{ "10.6 sys 0x00", 0x0009999999999605, 0x9999999999000, V, 2, 6, "" },
	{ "10.6 sys 0x08", 0x0009999999999645, 0x9999999999000, V, 2, 6, "a" },
	{ "10.6 sys 0x0c", 0x0009999999999665, 0x9999999999000, V, 2, 6, "ra" },
	{ "10.6 vid 0x0c", 0x000000bbbbbbb661, 0xbbbbbbb000, V, 0, 6, "ra" },
	{ "10.6 peer 0x0c", 0x200000bbbbbbb663, 0xbbbbbbb000, V, 1, 6, "ra" },
	{ "10.6 poison", 0x0000002bad0006f9, 0x2bad000000, V, 0, 6, "upra" },
	{ "10.6 SMSKED", 0x0000000000000f0f, 0, V, 3, 15, "u" },
	{ "bit 52", 0x0010000123456081, 0x123456000, V, 0, 0, "b" },
	{ "peer id on VRAM", 0x2000000123456081, 0x123456000, V, 0, 0, "b" },
	{ "invalid, dirty", 0x123456080, 0, SWGPU_INVALID, 0, 0, "b" },
	{ 0 }
};

static const struct golden v3_pde[] = {
	{ "V3-20", 0x0000000000203012, 0x203000, V, 0, 0, "" },
	{ "V3-21", 0x0000000000203002, 0x203000, V, 0, 0, "" },
	{ "V3-22", 0x000000000020300a, 0x203000, V, 0, 0, "u" },
	{ "V3-23", 0x00000007ffffe00c, 0x7ffffe000, V, 2, 0, "u" },
	{ "V3-24", 0x00000007ffffe006, 0x7ffffe000, V, 3, 0, "" },
	{ "10.6 sys", 0x000999999999900c, 0x9999999999000, V, 2, 0, "u" },
	{ "10.6 vid", 0x000000bbbbbbb00a, 0xbbbbbbb000, V, 0, 0, "u" },
	{ "10.6 PCF 3", 0x000000bbbbbbb01a, 0xbbbbbbb000, V, 0, 0, "u" },
	{ "invalid", 0x0, 0, SWGPU_INVALID, 0, 0, "" },
	{ "invalid, no ATS", 0x10, 0, SWGPU_INVALID, 0, 0, "" },
	{ "sparse", 0x8, 0, SWGPU_SPARSE, 0, 0, "u" },
	{ "sparse, no ATS", 0x18, 0, SWGPU_SPARSE, 0, 0, "u" },
	{ "PCF 4", 0x203022, 0x203000, V, 0, 0, "b" },
	{ "bit 6", 0x203042, 0x203000, V, 0, 0, "b" },
	{ "bit 52", 0x0010000000203012, 0x203000, V, 0, 0, "b" },
	{ 0 }
};

static const struct golden v3_big[] = {
	{ "V3-32", 0x0000000000205112, 0x205100, V, 0, 0, "" },
	{ "10.6 big sys", 0x000999999999990c, 0x9999999999900, V, 2, 0, "u" },
	{ "10.6 big sys PCF 3", 0x000999999999991c, 0x9999999999900, V, 2, 0, "u" },
	{ "10.6 big vid", 0x000000bbbbbbbb0a, 0xbbbbbbbb00, V, 0, 0, "u" },
	{ "10.6 big vid PCF 3", 0x000000bbbbbbbb1a, 0xbbbbbbbb00, V, 0, 0, "u" },
	{ "V3-34", 0x8, 0, SWGPU_SPARSE, 0, 0, "u" },
	{ "bit 7", 0x205192, 0x205100, V, 0, 0, "b" },
	{ 0 }
};

static const struct golden v3_small[] = {
	{ "V3-30", 0x0000000000204012, 0x204000, V, 0, 0, "" },
	{ "V3-31", 0x0000000000204002, 0x204000, V, 0, 0, "" },
	{ "10.6 small vid", 0x000000bbbbbbb00a, 0xbbbbbbb000, V, 0, 0, "u" },
	{ "10.6 small sys", 0x000999999999900c, 0x9999999999000, V, 2, 0, "u" },
	{ "10.6 small sys PCF 3", 0x000999999999901c, 0x9999999999000, V, 2, 0, "u" },
	{ "bit 64", 0x204013, 0x204000, V, 0, 0, "b" },
	{ 0 }
};

/* The failure is to name the vector, not the line. */
#define GOLDEN_EQ(g, a, b) \
	swgpu_check(&(struct swgpu_check){ #a, (g)->id, __LINE__, (a), (b) })

static void test_table(const struct golden *g, void (*read)(u64, struct swgpu_word *))
{
	struct swgpu_word w;

	for (; g->id; g++) {
		read(g->word, &w);
		GOLDEN_EQ(g, w.state, g->state);
		GOLDEN_EQ(g, w.aperture, g->aperture);
		GOLDEN_EQ(g, w.kind, g->kind);
		GOLDEN_EQ(g, w.addr, g->addr);
		GOLDEN_EQ(g, w.uncached, !!strchr(g->attrs, 'u'));
		GOLDEN_EQ(g, w.privileged, !!strchr(g->attrs, 'p'));
		GOLDEN_EQ(g, w.read_only, !!strchr(g->attrs, 'r'));
		GOLDEN_EQ(g, w.no_atomic, !!strchr(g->attrs, 'a'));
		GOLDEN_EQ(g, w.bad, !!strchr(g->attrs, 'b'));
	}
}

static void golden_v2_pte(void)
{
	test_table(v2_pte, swgpu_fmt_v2.pte);
}

static void golden_v2_pde(void)
{
	test_table(v2_pde, swgpu_fmt_v2.pde);
}

static void golden_v2_dual(void)
{
	test_table(v2_big, swgpu_fmt_v2.big);
	test_table(v2_small, swgpu_fmt_v2.small);
}

static void golden_v3_pte(void)
{
	test_table(v3_pte, swgpu_fmt_v3.pte);
}

static void golden_v3_pde(void)
{
	test_table(v3_pde, swgpu_fmt_v3.pde);
}

static void golden_v3_dual(void)
{
	test_table(v3_big, swgpu_fmt_v3.big);
	test_table(v3_small, swgpu_fmt_v3.small);
}

/* Each bit of each kind of word flipped: exactly the bits of the mask are refused. */
static void every_reserved_bit_is_refused(void)
{
	static const struct {
		void (*const *read)(u64 w, struct swgpu_word *out);
		u64 word, reserved;
	} want[] = {
		{ &swgpu_fmt_v2.pte, 0x0000000012345601, 0x00fffffe00000011 },	/* VRAM */
		{ &swgpu_fmt_v2.pte, 0x0000000012345605, 0x00c0000000000011 },	/* sysmem */
		{ &swgpu_fmt_v2.pte, 0x0000000012345603, 0x0000000000000011 },	/* peer */
		{ &swgpu_fmt_v2.pte, 0x0000000000000000, 0xffffffffffffffd6 },	/* invalid */
		{ &swgpu_fmt_v2.pde, 0x0000000000020302, 0xfffffffe000000d1 },
		{ &swgpu_fmt_v2.pde, 0x0000000000020304, 0xffc00000000000d1 },
		{ &swgpu_fmt_v2.pde, 0x0000000000000000, 0xffffffffffffffd1 },
		{ &swgpu_fmt_v2.big, 0x0000000000020512, 0xfffffffe00000001 },
		{ &swgpu_fmt_v2.big, 0x0000000000020514, 0xffc0000000000001 },
		{ &swgpu_fmt_v2.small, 0x0000000000020402, 0xfffffffe000000f1 },
		{ &swgpu_fmt_v2.small, 0x0000000000020404, 0xffc00000000000f1 },
		{ &swgpu_fmt_v3.pte, 0x0000000123456081, 0xfff0000000000001 },
		{ &swgpu_fmt_v3.pte, 0x0000000123456085, 0xfff0000000000001 },
		{ &swgpu_fmt_v3.pte, 0x0000000123456083, 0x1ff0000000000001 },
		{ &swgpu_fmt_v3.pte, 0x0000000000000000, 0xffffffffffffffe6 },
		{ &swgpu_fmt_v3.pde, 0x0000000000203012, 0xfff0000000000fe1 },
		{ &swgpu_fmt_v3.pde, 0x0000000000203014, 0xfff0000000000fe1 },
		{ &swgpu_fmt_v3.pde, 0x0000000000000000, 0xffffffffffffffe1 },
		{ &swgpu_fmt_v3.big, 0x0000000000205112, 0xfff00000000000e1 },
		{ &swgpu_fmt_v3.small, 0x0000000000204012, 0xfff0000000000fe1 },
	};
	struct swgpu_word w;
	u64 refused;
	unsigned int bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		/* flipping an aperture bit makes it another kind of word */
		for (refused = 0, bit = 0; bit < 64; bit++) {
			if (bit == 1 || bit == 2)
				continue;
			(*want[i].read)(want[i].word ^ 1ull << bit, &w);
			refused |= (u64)w.bad << bit;
		}
		CHECK_EQ(refused, want[i].reserved & ~6ull);
	}
}

/* hardware.md 2.5: all 32 PCF values of a valid v3 PTE are five independent bits. */
static void v3_pte_takes_every_pcf(void)
{
	struct swgpu_word w;
	u64 pcf;

	for (pcf = 0; pcf < 32; pcf++) {
		swgpu_fmt_v3.pte(0x123456001ull | pcf << 3, &w);
		CHECK(!w.bad);
		CHECK_EQ(w.uncached, pcf & 1);
		CHECK_EQ(w.privileged, pcf >> 1 & 1);
		CHECK_EQ(w.read_only, pcf >> 2 & 1);
		CHECK_EQ(w.no_atomic, pcf >> 3 & 1);
	}
}

const struct swgpu_test swgpu_fmt_tests[] = {
	{ "golden_v2_pte", golden_v2_pte },
	{ "golden_v2_pde", golden_v2_pde },
	{ "golden_v2_dual", golden_v2_dual },
	{ "golden_v3_pte", golden_v3_pte },
	{ "golden_v3_pde", golden_v3_pde },
	{ "golden_v3_dual", golden_v3_dual },
	{ "every_reserved_bit_is_refused", every_reserved_bit_is_refused },
	{ "v3_pte_takes_every_pcf", v3_pte_takes_every_pcf },
	{ 0 }
};
