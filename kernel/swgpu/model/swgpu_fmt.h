/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_FMT_H__
#define __SWGPU_FMT_H__

#include "swgpu_port.h"

/** enum swgpu_state - what a table word says */
enum swgpu_state {
	/** @SWGPU_INVALID: nothing here; in a big PTE: look at the small table */
	SWGPU_INVALID = 0,
	/** @SWGPU_VALID: a table (in a directory) or a page */
	SWGPU_VALID,
	SWGPU_SPARSE,
	/** @SWGPU_NO_SMALL: big PTE only: nothing here and do not look below */
	SWGPU_NO_SMALL,
};

/** struct swgpu_word - one table word, read */
struct swgpu_word {
	/** @addr: of the table or page, if VALID */
	u64 addr;
	/** @state: enum swgpu_state */
	u8 state;
	/** @aperture: as a PTE says it: 0 VRAM, 1 peer, 2 coherent, 3 non-coherent */
	u8 aperture;
	u8 kind;
	/** @bad: a bit is set that the format says must be 0 */
	bool bad;
	bool read_only, privileged, no_atomic, uncached;
};

/** struct swgpu_level - one directory level, root first */
struct swgpu_level {
	/** @hi: highest VA bit that indexes it */
	u8 hi;
	/** @lo: lowest VA bit that indexes it */
	u8 lo;
	/** @id: 1 PD0 … 5 PD4 */
	u8 id;
	/** @leaf: enum swgpu_feat a chip needs for a PTE here; 0 never, ~0 always */
	u32 leaf;
};

/**
 * struct swgpu_fmt - how one page-table version is read
 *
 * The last level is the dual one, 16 bytes an entry; all others have 8. Below it
 * the small table is indexed by VA 20:12 and the big one by VA 20:16.
 */
struct swgpu_fmt {
	/** @levels: root first, PD0 last */
	const struct swgpu_level *levels;
	/** @nr_levels: entries of @levels */
	u8 nr_levels;
	/** @va_bits: width of a virtual address */
	u8 va_bits;
	/** @pte: read a leaf */
	void (*pte)(u64 w, struct swgpu_word *out);
	/** @pde: read an entry of a single directory */
	void (*pde)(u64 w, struct swgpu_word *out);
	/** @big: read the low word of a dual entry */
	void (*big)(u64 w, struct swgpu_word *out);
	/** @small: read the high word of a dual entry */
	void (*small)(u64 w, struct swgpu_word *out);
};

extern const struct swgpu_fmt swgpu_fmt_v2;
extern const struct swgpu_fmt swgpu_fmt_v3;

#endif
