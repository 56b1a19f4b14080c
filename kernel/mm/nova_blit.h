/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BLIT_H__
#define __NOVA_BLIT_H__

#include <linux/types.h>

struct nova_backing;
struct nova_mm;
struct page;

/**
 * enum nova_blit_dir - which way
 * @NOVA_BLIT_TO_VRAM: from system pages to VRAM
 * @NOVA_BLIT_FROM_VRAM: from VRAM to system pages
 */
enum nova_blit_dir {
	NOVA_BLIT_TO_VRAM,
	NOVA_BLIT_FROM_VRAM,
};

int nova_blit_copy(struct nova_mm *mm, const struct nova_backing *vram, struct page **pages,
		   enum nova_blit_dir dir);
int nova_blit_zero(struct nova_mm *mm, const struct nova_backing *vram, u64 off, u64 len);

#endif
