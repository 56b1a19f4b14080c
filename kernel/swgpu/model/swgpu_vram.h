/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_VRAM_H__
#define __SWGPU_VRAM_H__

#include "swgpu_port.h"

/** struct swgpu_vram - sparse video memory */
struct swgpu_vram {
	/** @size: bytes, multiple of 1 MiB */
	u64 size;
	/** @chunk: for each 2 MiB its 512 page pointers, NULL if untouched, odd if reserved */
	u8 ***chunk;
	u64 nr_chunks;
	/** @nr_pages: populated */
	u64 nr_pages;
	/** @last_index: page number of @last_page */
	u64 last_index;
	/** @last_page: the page looked up last, NULL for none */
	u8 *last_page;
	/** @spare: two pages allocated where sleeping was allowed; see _prepare() */
	u8 *spare[2];
	/** @no_memory: populate nothing more */
	bool no_memory;
};

int swgpu_vram_init(struct swgpu_vram *vram, u64 size);
void swgpu_vram_fini(struct swgpu_vram *vram);
u64 swgpu_vram_poison(u64 addr);
u8 *swgpu_vram_page(struct swgpu_vram *vram, u64 addr);
u32 swgpu_vram_run(const struct swgpu_vram *vram, u64 addr, u32 len);
u8 *swgpu_vram_populate(struct swgpu_vram *vram, u64 addr);
void swgpu_vram_forget(struct swgpu_vram *vram, u64 addr, u64 len);

#endif
