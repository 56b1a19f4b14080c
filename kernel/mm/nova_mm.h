/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_MM_H__
#define __NOVA_MM_H__

#include "nova_bar1.h"
#include "nova_gmmu.h"
#include "nova_inject.h"
#include "nova_mem.h"
#include "nova_pool.h"
#include "nova_pramin.h"
#include "nova_tlb.h"

#include <linux/types.h>

struct drm_printer;
struct nova_buddy;
struct nova_copy;
struct nova_device;
struct nova_mm_vram;

/** NOVA_MM_MAX_REGIONS - most usable regions a device may report */
#define NOVA_MM_MAX_REGIONS 16

/** struct nova_mm_region - VRAM the driver may use */
struct nova_mm_region {
	/** @base: first byte */
	u64 base;
	/** @size: bytes */
	u64 size;
};

/** struct nova_mm_config - what the caller knows that the registers do not say */
struct nova_mm_config {
	/** @regions: usable VRAM, in any order (G-2) */
	const struct nova_mm_region *regions;
	/** @nr_regions: 1 to NOVA_MM_MAX_REGIONS */
	unsigned int nr_regions;
	/** @bar1_borrowed: firmware has bound BAR1, and @bar1_root is its root table */
	bool bar1_borrowed;
	/** @bar1_root: VRAM address of it */
	nova_vram_t bar1_root;
};

/**
 * struct nova_mm - the memory side of one GPU
 *
 * Owns all parts (G-1). Constant after init but for what the parts lock
 * themselves.
 */
struct nova_mm {
	/** @nd: the device; not owned */
	struct nova_device *nd;
	/** @fmt: page-table format of the chip */
	const struct nova_gmmu_fmt *fmt;
	/** @page_sizes: bit n: pages of 2^n bytes exist */
	u64 page_sizes;
	/** @buddy: VRAM from the first usable byte to the last, holes reserved */
	struct nova_buddy *buddy;
	/** @vram: the buddy and what keeps it out of holes; private to nova_mm.c */
	struct nova_mm_vram *vram;
	/** @inject: requests for VRAM that are to fail */
	struct nova_inject inject;
	/** @usable: bytes of VRAM the buddy may hand out at most */
	u64 usable;
	/** @pramin: BAR0 window */
	struct nova_pramin pramin;
	/** @mem: CPU access to VRAM */
	struct nova_mem mem;
	/** @pool: VRAM for page tables */
	struct nova_pool pool;
	/** @tlb: translation caches */
	struct nova_tlb tlb;
	/** @bar1: CPU aperture */
	struct nova_bar1 bar1;
	/** @copy: copies and clears memory; NULL if there is no engine; nova_mm_set_copy() */
	struct nova_copy *copy;
};

int nova_mm_init(struct nova_mm *mm, struct nova_device *nd, const struct nova_mm_config *config);
void nova_mm_disconnect(struct nova_mm *mm);
void nova_mm_fini(struct nova_mm *mm);
void nova_mm_set_copy(struct nova_mm *mm, struct nova_copy *copy);
void nova_mm_print(struct nova_mm *mm, u64 objects, struct drm_printer *p);

#endif
