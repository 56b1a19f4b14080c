// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu format v3
 *
 * Reader of version-3 table words (NV_MMU_VER3_PDE, _DUAL_PDE, _PTE). Pure: takes
 * a word, gives its meaning, knows no memory and no lock. Each number is a bit
 * position of the manual::
 *
 *   PDE  | 0 is_pte | 2:1 aperture | 5:3 pcf | 51:12 address in place |
 *   dual low: the big half, 51:8 address in place; dual high: the small half
 *   PTE  | 0 valid | 2:1 aperture | 7:3 pcf | 11:8 kind | 51:12 address |
 *        | 63:61 peer id |
 *
 * PCF of a directory: 0 and 2 cached, 1 and 3 uncached, or sparse where there is
 * no table; bit 1 is about ATS only. PCF of a valid leaf is five independent bits:
 * uncached, privileged, read-only, no atomics, access counters off. PCF of an
 * invalid leaf: 0 invalid, 1 sparse, 2 nowhere, 3 no valid 4 KiB page below.
 *
 * Strict: whatever the manual leaves at 0 must be 0, and a word without a table or
 * page may hold nothing but its PCF. Model choice: "nowhere" behaves as sparse.
 */

#include "swgpu_fmt.h"

#include "swgpu_chip.h"

/* Common to PDE and both dual halves; lo is where the address field starts. */
static void swgpu_fmt_v3_dir(u64 w, unsigned int lo, struct swgpu_word *out)
{
	unsigned int aperture = swgpu_bits(w, 2, 1);	/* NV_MMU_VER3_PDE_APERTURE */
	unsigned int pcf = swgpu_bits(w, 5, 3);		/* NV_MMU_VER3_PDE_PCF */

	*out = (struct swgpu_word){ .uncached = pcf & 1 };
	out->bad = pcf > 3 || swgpu_bits(w, 0, 0);
	if (!aperture) {				/* APERTURE_INVALID */
		out->state = pcf & 1 ? SWGPU_SPARSE : SWGPU_INVALID;
		out->bad |= w >> 6 != 0;
		return;
	}
	out->state = SWGPU_VALID;
	out->aperture = aperture == 1 ? 0 : aperture;	/* VIDEO_MEMORY is 0 in a leaf */
	out->addr = swgpu_bits(w, 51, lo) << lo;	/* ADDRESS, ADDRESS_BIG */
	out->bad |= swgpu_bits(w, lo - 1, 6) || swgpu_bits(w, 63, 52);
}

static void swgpu_fmt_v3_pde(u64 w, struct swgpu_word *out)
{
	swgpu_fmt_v3_dir(w, 12, out);
}

static void swgpu_fmt_v3_big(u64 w, struct swgpu_word *out)
{
	swgpu_fmt_v3_dir(w, 8, out);
}

/* By PCF, with VALID=0. */
static const u8 swgpu_fmt_v3_invalid[4] = {
	SWGPU_INVALID, SWGPU_SPARSE, SWGPU_SPARSE, SWGPU_NO_SMALL,
};

static void swgpu_fmt_v3_pte(u64 w, struct swgpu_word *out)
{
	unsigned int pcf = swgpu_bits(w, 7, 3);		/* NV_MMU_VER3_PTE_PCF */

	*out = (struct swgpu_word){ 0 };
	if (!swgpu_bits(w, 0, 0)) {			/* NV_MMU_VER3_PTE_VALID */
		out->state = swgpu_fmt_v3_invalid[pcf & 3];
		out->bad = w & ~0x18ull;
		return;
	}
	out->state = SWGPU_VALID;
	out->aperture = swgpu_bits(w, 2, 1);		/* _APERTURE */
	out->uncached = pcf & 0x01;
	out->privileged = pcf & 0x02;
	out->read_only = pcf & 0x04;
	out->no_atomic = pcf & 0x08;
	out->kind = swgpu_bits(w, 11, 8);		/* _KIND */
	out->addr = swgpu_bits(w, 51, 12) << 12;	/* _ADDRESS */
	out->bad = swgpu_bits(w, 60, 52);
	if (out->aperture != 1)
		out->bad |= swgpu_bits(w, 63, 61);	/* _PEER_ID */
}

/* 57 bits, PD4 PD3 PD2 PD1 PD0. */
static const struct swgpu_level swgpu_fmt_v3_levels[] = {
	{ .hi = 56, .lo = 56, .id = 5 },
	{ .hi = 55, .lo = 47, .id = 4 },
	{ .hi = 46, .lo = 38, .id = 3, .leaf = SWGPU_LEAF_256G },
	{ .hi = 37, .lo = 29, .id = 2, .leaf = SWGPU_LEAF_512M },
	{ .hi = 28, .lo = 21, .id = 1, .leaf = ~0u },
};

const struct swgpu_fmt swgpu_fmt_v3 = {
	.levels = swgpu_fmt_v3_levels,
	.nr_levels = ARRAY_SIZE(swgpu_fmt_v3_levels),
	.va_bits = 57,
	.pte = swgpu_fmt_v3_pte,
	.pde = swgpu_fmt_v3_pde,
	.big = swgpu_fmt_v3_big,
	.small = swgpu_fmt_v3_pde,
};
