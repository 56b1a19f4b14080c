/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_CHIP_H__
#define __NOVA_CHIP_H__

#include <linux/types.h>

struct nova_device;

/**
 * enum nova_arch - architecture codes of NV_PMC_BOOT_42
 * @NOVA_ARCH_TURING: TU10x
 * @NOVA_ARCH_AMPERE: GA10x
 * @NOVA_ARCH_HOPPER: GH100
 * @NOVA_ARCH_ADA: AD10x
 * @NOVA_ARCH_BLACKWELL_GB10X: data-centre Blackwell
 * @NOVA_ARCH_BLACKWELL_GB20X: consumer Blackwell
 */
enum nova_arch {
	NOVA_ARCH_TURING = 0x16,
	NOVA_ARCH_AMPERE = 0x17,
	NOVA_ARCH_HOPPER = 0x18,
	NOVA_ARCH_ADA = 0x19,
	NOVA_ARCH_BLACKWELL_GB10X = 0x1a,
	NOVA_ARCH_BLACKWELL_GB20X = 0x1b,
};

/**
 * struct nova_family - what a group of chips has in common on the memory side
 *
 * One row per difference in the manuals; a chip points at its row. Nothing else
 * in the driver asks for a chip id.
 */
struct nova_family {
	/** @gmmu_version: page-table format, 2 or 3 */
	u8 gmmu_version;
	/** @dma_bits: width of a system memory address the GPU can emit */
	u8 dma_bits;
	/** @page_sizes: bit n set: the MMU has pages of 2^n bytes */
	u64 page_sizes;
	/** @pramin_reg: register holding the PRAMIN base */
	u32 pramin_reg;
	/** @pramin_base_mask: bits of @pramin_reg that hold VRAM address >> 16 */
	u32 pramin_base_mask;
	/** @bar1_block_split: BAR1 is bound by a LOW/HIGH pair (Hopper and later) */
	bool bar1_block_split;
	/** @gfw_boot_scratch: boot progress is readable in secure scratch (to Ada) */
	bool gfw_boot_scratch;
	/** @host_class: class of a channel */
	u16 host_class;
	/** @copy_class: class of the copy engine */
	u16 copy_class;
	/** @host_va_bits: width of an address in a channel's ring and semaphores */
	u8 host_va_bits;
	/** @gsp_active_reg: register telling whether the GSP's RISC-V core runs */
	u32 gsp_active_reg;
	/** @gsp_active_mask: its bit in @gsp_active_reg */
	u32 gsp_active_mask;
	/** @vram_size: bytes of VRAM according to the registers, 0 if unreadable */
	u64 (*vram_size)(struct nova_device *nd);
};

/**
 * struct nova_chip - one GPU
 */
struct nova_chip {
	/** @id: architecture << 4 | implementation */
	u16 id;
	/** @name: as in the manuals, upper case */
	const char *name;
	/** @family: its memory side */
	const struct nova_family *family;
};

const struct nova_chip *nova_chip_find(u32 boot_0, u32 boot_42);
const struct nova_chip *nova_chip_row(unsigned int i);

static inline enum nova_arch nova_chip_arch(const struct nova_chip *chip)
{
	return chip->id >> 4;
}

#endif
