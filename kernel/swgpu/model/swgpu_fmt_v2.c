// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu format v2
 *
 * Reader of version-2 table words (NV_MMU_VER2_PDE, _DUAL_PDE, _PTE). Pure: takes
 * a word, gives its meaning, knows no memory and no lock. Each number is a bit
 * position of the manual::
 *
 *   PDE  | 0 is_pte | 2:1 aperture | 3 vol | 5 no_ats | 53:8 addr >> 12 |
 *   dual low: the big half, 53:4 addr >> 8; dual high: the small half, as PDE
 *   PTE  | 0 valid | 2:1 aperture | 3 vol | 5 priv | 6 ro | 7 no atomics |
 *        | 53:8 addr >> 12 (VRAM: 32:8, peer id 35:33) | 63:56 kind |
 *
 * All address fields of a directory hold addr >> 4 in place, so the address is
 * the field's bits shifted left by 4. Directory and leaf apertures differ: 0 is
 * "invalid" in a directory and VRAM in a leaf, 1 is VRAM in a directory and a
 * peer in a leaf; the reader reports the leaf's numbers for both.
 *
 * Strict: whatever the manual leaves at 0 must be 0. Compression tags, 55:36, may
 * be set only with a compressible kind; an invalid word may only be one of the
 * published invalid encodings.
 */

#include "swgpu_fmt.h"

#include "swgpu_chip.h"

/* Common to PDE and both dual halves; lo is where the address field starts. */
static void swgpu_fmt_v2_dir(u64 w, unsigned int lo, struct swgpu_word *out)
{
	unsigned int aperture = swgpu_bits(w, 2, 1);	/* NV_MMU_VER2_PDE_APERTURE */
	bool vol = swgpu_bits(w, 3, 3);			/* NV_MMU_VER2_PDE_VOL */

	*out = (struct swgpu_word){ .uncached = vol };
	if (!aperture) {				/* APERTURE_INVALID */
		out->state = vol ? SWGPU_SPARSE : SWGPU_INVALID;
		out->bad = w & ~0x28ull;		/* VOL, NO_ATS */
		return;
	}
	out->state = SWGPU_VALID;
	if (aperture == 1) {				/* APERTURE_VIDEO_MEMORY */
		out->aperture = 0;
		out->addr = swgpu_bits(w, 32, lo) << (lo + 4);	/* ADDRESS_VID */
		out->bad = swgpu_bits(w, 63, 33);	/* no peers for tables */
	} else {					/* SYSTEM_COHERENT, _NON_COHERENT */
		out->aperture = aperture;
		out->addr = swgpu_bits(w, 53, lo) << (lo + 4);	/* ADDRESS_SYS */
		out->bad = swgpu_bits(w, 63, 54);
	}
}

static void swgpu_fmt_v2_pde(u64 w, struct swgpu_word *out)
{
	swgpu_fmt_v2_dir(w, 8, out);
	out->bad |= swgpu_bits(w, 0, 0) || swgpu_bits(w, 4, 4) || swgpu_bits(w, 7, 6);
}

static void swgpu_fmt_v2_big(u64 w, struct swgpu_word *out)
{
	swgpu_fmt_v2_dir(w, 4, out);			/* ADDRESS_BIG, shift 8 */
	out->bad |= swgpu_bits(w, 0, 0);
}

static void swgpu_fmt_v2_small(u64 w, struct swgpu_word *out)
{
	swgpu_fmt_v2_dir(w, 8, out);
	out->bad |= swgpu_bits(w, 0, 0) || swgpu_bits(w, 7, 4);	/* 71:68 */
}

/* Published encodings with VALID=0: nothing, sparse (VOL), nothing below (PRIVILEGE). */
static void swgpu_fmt_v2_invalid(u64 w, struct swgpu_word *out)
{
	if (swgpu_bits(w, 3, 3))
		out->state = SWGPU_SPARSE;
	else if (swgpu_bits(w, 5, 5))
		out->state = SWGPU_NO_SMALL;
	out->bad = w != 0 && w != 0x8 && w != 0x20;
}

static void swgpu_fmt_v2_pte(u64 w, struct swgpu_word *out)
{
	bool video;

	*out = (struct swgpu_word){ 0 };
	if (!swgpu_bits(w, 0, 0)) {			/* NV_MMU_VER2_PTE_VALID */
		swgpu_fmt_v2_invalid(w, out);
		return;
	}
	out->state = SWGPU_VALID;
	out->aperture = swgpu_bits(w, 2, 1);		/* NV_MMU_VER2_PTE_APERTURE */
	out->uncached = swgpu_bits(w, 3, 3);		/* _VOL */
	out->bad = swgpu_bits(w, 4, 4);			/* _ENCRYPTED, GP100 only */
	out->privileged = swgpu_bits(w, 5, 5);		/* _PRIVILEGE */
	out->read_only = swgpu_bits(w, 6, 6);		/* _READ_ONLY */
	out->no_atomic = swgpu_bits(w, 7, 7);		/* _ATOMIC_DISABLE */
	out->kind = swgpu_bits(w, 63, 56);		/* _KIND */

	video = out->aperture < 2;
	out->addr = swgpu_bits(w, video ? 32 : 53, 8) << 12;	/* _ADDRESS_VID, _SYS */
	if (!out->aperture)
		out->bad |= swgpu_bits(w, 35, 33);	/* _ADDRESS_VID_PEER */
	if (out->aperture != 1 && (out->kind < 8 || out->kind > 14))
		out->bad |= swgpu_bits(w, 55, video ? 36 : 54);	/* _COMPTAGLINE */
}

/* 49 bits, PD3 PD2 PD1 PD0; PD1 holds 512 MiB pages from GA100 on. */
static const struct swgpu_level swgpu_fmt_v2_levels[] = {
	{ .hi = 48, .lo = 47, .id = 4 },
	{ .hi = 46, .lo = 38, .id = 3 },
	{ .hi = 37, .lo = 29, .id = 2, .leaf = SWGPU_LEAF_512M },
	{ .hi = 28, .lo = 21, .id = 1, .leaf = ~0u },
};

const struct swgpu_fmt swgpu_fmt_v2 = {
	.levels = swgpu_fmt_v2_levels,
	.nr_levels = ARRAY_SIZE(swgpu_fmt_v2_levels),
	.va_bits = 49,
	.pte = swgpu_fmt_v2_pte,
	.pde = swgpu_fmt_v2_pde,
	.big = swgpu_fmt_v2_big,
	.small = swgpu_fmt_v2_small,
};
