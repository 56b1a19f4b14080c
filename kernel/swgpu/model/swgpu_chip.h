/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_CHIP_H__
#define __SWGPU_CHIP_H__

#include "swgpu_port.h"

struct swgpu_fmt;

/**
 * enum swgpu_feat - which variant of each register block a chip has
 *
 * A row of the register table exists on a chip that has all the row's features.
 */
enum swgpu_feat {
	/** @SWGPU_PBUS_WINDOW: PRAMIN base in NV_PBUS_BAR0_WINDOW, with a TARGET field */
	SWGPU_PBUS_WINDOW = 1 << 0,
	/** @SWGPU_EP_WINDOW: PRAMIN base in NV_XAL_EP_BAR0_WINDOW */
	SWGPU_EP_WINDOW = 1 << 1,
	/** @SWGPU_BAR1_BLOCK: one bind register and BIND_STATUS */
	SWGPU_BAR1_BLOCK = 1 << 2,
	/** @SWGPU_BAR1_PAIR: LOW and HIGH bind registers */
	SWGPU_BAR1_PAIR = 1 << 3,
	/** @SWGPU_SIZE_RANGE: VRAM size as SCALE and MAG at 0x100CE0 */
	SWGPU_SIZE_RANGE = 1 << 4,
	/** @SWGPU_SIZE_MIB: VRAM size in MiB at 0x1183A4 */
	SWGPU_SIZE_MIB = 1 << 5,
	/** @SWGPU_SIZE_MAG: VRAM size also at 0x1FA3E0 */
	SWGPU_SIZE_MAG = 1 << 6,
	/** @SWGPU_FLUSH_REG: flushes are started by writing 1 */
	SWGPU_FLUSH_REG = 1 << 7,
	/** @SWGPU_FLUSH_TOKEN: flushes are started by reading a token */
	SWGPU_FLUSH_TOKEN = 1 << 8,
	/** @SWGPU_GFW: boot status is to be polled */
	SWGPU_GFW = 1 << 9,
	/** @SWGPU_SYSFLUSH_LO: sysmem flush page at 0x100C10 */
	SWGPU_SYSFLUSH_LO = 1 << 10,
	/** @SWGPU_SYSFLUSH_HI: and its upper half at 0x100C40 */
	SWGPU_SYSFLUSH_HI = 1 << 11,
	/** @SWGPU_SYSFLUSH_GH: sysmem flush page at 0x100A34/38 */
	SWGPU_SYSFLUSH_GH = 1 << 12,
	/** @SWGPU_SYSFLUSH_GB10: in HSHUB0, two pairs */
	SWGPU_SYSFLUSH_GB10 = 1 << 13,
	/** @SWGPU_SYSFLUSH_GB20: in FBHUB0 */
	SWGPU_SYSFLUSH_GB20 = 1 << 14,
	/** @SWGPU_SCOPE: INVALIDATE 16:15 is INVAL_SCOPE outside cancels */
	SWGPU_SCOPE = 1 << 15,
	/** @SWGPU_FUSE_TU: display fuse at 0x021C04 */
	SWGPU_FUSE_TU = 1 << 16,
	/** @SWGPU_FUSE_GA: display fuse at 0x820C04 */
	SWGPU_FUSE_GA = 1 << 17,
	/** @SWGPU_RISCV_TU: state of the GSP's RISC-V core at 0x111240 */
	SWGPU_RISCV_TU = 1 << 20,
	/** @SWGPU_RISCV_GA: state of the GSP's RISC-V core at 0x111388 */
	SWGPU_RISCV_GA = 1 << 21,
	/** @SWGPU_CE_PAYLOAD64: copy semaphores may have 64-bit payloads (C7B5 on) */
	SWGPU_CE_PAYLOAD64 = 1 << 22,
	/** @SWGPU_HOST_WIDE: 57-bit addresses in host and copy methods (C86F, C8B5 on) */
	SWGPU_HOST_WIDE = 1 << 23,
	/** @SWGPU_LEAF_512M: PD1 may hold a PTE */
	SWGPU_LEAF_512M = 1 << 18,
	/** @SWGPU_LEAF_256G: PD2 may hold a PTE */
	SWGPU_LEAF_256G = 1 << 19,
};

/** struct swgpu_chip - all the model knows about one chip */
struct swgpu_chip {
	/** @name: in lower case, as given by users */
	const char *name;
	/** @boot0: PMC_BOOT_0 */
	u32 boot0;
	/** @boot42: PMC_BOOT_42 */
	u32 boot42;
	/** @feat: set of enum swgpu_feat */
	u32 feat;
	/** @mmu: page-table version, 2 or 3 */
	u8 mmu;
	/** @window_bits: width of the PRAMIN BASE field, from bit 0 */
	u8 window_bits;
	/** @sysmem_bits: width of a system-memory address */
	u8 sysmem_bits;
	/** @host_class: class of a channel; @copy_class: of its copy engine */
	u16 host_class, copy_class;
	/** @eng_host: the host's MMU engine id; @eng_ce: the copy engine's */
	u16 eng_host, eng_ce;
	/** @fmt: reader of @mmu's table words */
	const struct swgpu_fmt *fmt;
};

const struct swgpu_chip *swgpu_chip_find(const char *name, size_t len);
const struct swgpu_chip *swgpu_chip_at(unsigned int i);
bool swgpu_chip_size_ok(const struct swgpu_chip *chip, u64 vram_size);
u32 swgpu_chip_memory_range(u64 vram_size);

#endif
