/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_TYPES_H__
#define __NOVA_TYPES_H__

#include <linux/types.h>

/*
 * A VRAM address and a GPU virtual address are both 64-bit numbers and often
 * equal in tests. Where a call could be given either, the VRAM address is
 * wrapped so that a mix-up does not compile (nova-mm V-1).
 */

/**
 * typedef nova_vram_t - byte address in the GPU's own memory
 *
 * Its one member is the distance from the start of VRAM in bytes; 0 is an
 * address, never "none".
 */
typedef struct {
	u64 addr;
} nova_vram_t;

static inline nova_vram_t nova_vram(u64 addr)
{
	return (nova_vram_t){ .addr = addr };
}

#endif
