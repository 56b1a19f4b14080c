// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu chips
 *
 * One row a chip: the two identification words, which variant of every register
 * block it has, the page-table version, three field widths, classes and engine ids. Nothing else in
 * the model asks which chip it is::
 *
 *   PMC_BOOT_0   28:24 architecture, 23:20 implementation, 7:4 major, 3:0 minor
 *   PMC_BOOT_42  29:24 architecture, 23:20 implementation, 19:16 major, 15:12 minor
 *
 * All rows are revision A1. Sizes are bytes unless a name says MiB. The table is
 * constant, so there is nothing to lock.
 *
 * Model choice: the GB202 PRAMIN BASE field, unpublished, is as wide as GB100's.
 */

#include "swgpu_chip.h"

#include "swgpu_fmt.h"

#define SWGPU_TURING_REGS (SWGPU_PBUS_WINDOW | SWGPU_BAR1_BLOCK | SWGPU_FLUSH_REG | SWGPU_GFW | \
			   SWGPU_SYSFLUSH_LO)
#define SWGPU_AMPERE_REGS (SWGPU_TURING_REGS | SWGPU_SYSFLUSH_HI | SWGPU_SCOPE | SWGPU_FUSE_GA | \
			   SWGPU_LEAF_512M)
#define SWGPU_HOPPER_REGS (SWGPU_EP_WINDOW | SWGPU_BAR1_PAIR | SWGPU_FLUSH_TOKEN | SWGPU_SCOPE | \
			   SWGPU_SIZE_MIB | SWGPU_FUSE_GA | SWGPU_LEAF_512M | SWGPU_RISCV_GA | \
			   SWGPU_CE_PAYLOAD64 | SWGPU_HOST_WIDE)

static const struct swgpu_chip swgpu_chips[] = {
	{
		.name = "tu102", .boot0 = 0x162000a1, .boot42 = 0x162a1000,
		.feat = SWGPU_TURING_REGS | SWGPU_SIZE_RANGE | SWGPU_FUSE_TU | SWGPU_RISCV_TU,
		.mmu = 2, .window_bits = 24, .sysmem_bits = 47, .fmt = &swgpu_fmt_v2,
		.host_class = 0xc46f, .copy_class = 0xc5b5, .eng_host = 0x20, .eng_ce = 0x0f,
	}, {
		.name = "ga100", .boot0 = 0x170000a1, .boot42 = 0x170a1000,
		.feat = SWGPU_AMPERE_REGS | SWGPU_SIZE_RANGE | SWGPU_RISCV_TU,
		.mmu = 2, .window_bits = 24, .sysmem_bits = 47, .fmt = &swgpu_fmt_v2,
		.host_class = 0xc56f, .copy_class = 0xc6b5, .eng_host = 0x20, .eng_ce = 0x0f,
	}, {
		.name = "ga102", .boot0 = 0x172000a1, .boot42 = 0x172a1000,
		.feat = SWGPU_AMPERE_REGS | SWGPU_SIZE_MIB | SWGPU_RISCV_GA | SWGPU_CE_PAYLOAD64,
		.mmu = 2, .window_bits = 24, .sysmem_bits = 47, .fmt = &swgpu_fmt_v2,
		.host_class = 0xc56f, .copy_class = 0xc7b5, .eng_host = 0x20, .eng_ce = 0x0f,
	}, {
		.name = "ad102", .boot0 = 0x192000a1, .boot42 = 0x192a1000,
		.feat = SWGPU_AMPERE_REGS | SWGPU_SIZE_MIB | SWGPU_RISCV_GA | SWGPU_CE_PAYLOAD64,
		.mmu = 2, .window_bits = 24, .sysmem_bits = 47, .fmt = &swgpu_fmt_v2,
		.host_class = 0xc56f, .copy_class = 0xc7b5, .eng_host = 0x20, .eng_ce = 0x0f,
	}, {
		.name = "gh100", .boot0 = 0x180000a1, .boot42 = 0x180a1000,
		.feat = SWGPU_HOPPER_REGS | SWGPU_SYSFLUSH_GH,
		.mmu = 3, .window_bits = 22, .sysmem_bits = 52, .fmt = &swgpu_fmt_v3,
		.host_class = 0xc86f, .copy_class = 0xc8b5, .eng_host = 0x40, .eng_ce = 0x2b,
	}, {
		.name = "gb100", .boot0 = 0x1a0000a1, .boot42 = 0x1a0a1000,
		.feat = SWGPU_HOPPER_REGS | SWGPU_SYSFLUSH_GB10 | SWGPU_SIZE_MAG | SWGPU_LEAF_256G,
		.mmu = 3, .window_bits = 23, .sysmem_bits = 52, .fmt = &swgpu_fmt_v3,
		.host_class = 0xc96f, .copy_class = 0xc9b5, .eng_host = 0x55, .eng_ce = 0x41,
	}, {
		.name = "gb202", .boot0 = 0x1b2000a1, .boot42 = 0x1b2a1000,
		.feat = SWGPU_HOPPER_REGS | SWGPU_SYSFLUSH_GB20 | SWGPU_LEAF_256G,
		.mmu = 3, .window_bits = 23, .sysmem_bits = 52, .fmt = &swgpu_fmt_v3,
		.host_class = 0xca6f, .copy_class = 0xcab5, .eng_host = 0x55, .eng_ce = 0x41,
	},
};

/**
 * swgpu_chip_at - the i-th chip of the table
 * @i: 0 …
 *
 * Return: the row, NULL past the end.
 */
const struct swgpu_chip *swgpu_chip_at(unsigned int i)
{
	return i < ARRAY_SIZE(swgpu_chips) ? &swgpu_chips[i] : NULL;
}

/**
 * swgpu_chip_find - look a chip up by name
 * @name: as in the table, need not be terminated
 * @len: bytes of @name
 *
 * Return: the row, NULL if there is none.
 */
const struct swgpu_chip *swgpu_chip_find(const char *name, size_t len)
{
	const struct swgpu_chip *chip;
	unsigned int i;

	for (i = 0; (chip = swgpu_chip_at(i)); i++) {
		if (strlen(chip->name) == len && !memcmp(chip->name, name, len))
			return chip;
	}
	return NULL;
}

/**
 * swgpu_chip_memory_range - a VRAM size as LOCAL_MEMORY_RANGE says it
 * @vram_size: bytes
 *
 * MAG 9:4 << SCALE 3:0 is the size in MiB; ECC, bit 30, is off. As real boards
 * do, the smallest SCALE that leaves MAG its six bits is taken.
 *
 * Return: the register value, 0 if the size cannot be said.
 */
u32 swgpu_chip_memory_range(u64 vram_size)
{
	u64 mag = vram_size >> 20;
	u32 scale;

	for (scale = 0; mag > 63 && !(mag & 1) && scale < 15; scale++)
		mag >>= 1;
	return mag > 63 ? 0 : (u32)mag << 4 | scale;
}

/**
 * swgpu_chip_size_ok - can a chip have this much VRAM?
 * @chip: the chip
 * @vram_size: bytes
 *
 * A multiple of 1 MiB that the size register can say and whose last byte the
 * PRAMIN window and a video address reach: 37 bits on version 2, where leaves
 * hold no more, and never over 1 TiB.
 *
 * Return: whether it can.
 */
bool swgpu_chip_size_ok(const struct swgpu_chip *chip, u64 vram_size)
{
	unsigned int bits = chip->mmu == 2 ? 37 : chip->window_bits + 16;

	if (!vram_size || vram_size & 0xfffff || vram_size > 1ull << bits || bits > 40)
		return false;
	return !(chip->feat & SWGPU_SIZE_RANGE) || swgpu_chip_memory_range(vram_size);
}
