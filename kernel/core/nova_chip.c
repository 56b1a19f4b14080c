// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_chip
 *
 * Which GPUs there are and how their memory sides differ. A chip is identified
 * by NV_PMC_BOOT_42 alone; NV_PMC_BOOT_0 only rules out chips so old that
 * BOOT_42 does not exist. Every difference between chips that the driver cares
 * about is a member of struct nova_family, so supporting a chip is one row here.
 *
 * The tables are constant; there is nothing to lock.
 */
#include "nova_chip.h"

#include "nova_device.h"
#include "nova_regs.h"

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/sizes.h>

#define NOVA_PAGES_TO_2M	(SZ_4K | SZ_64K | SZ_2M)
#define NOVA_PAGES_TO_512M	(NOVA_PAGES_TO_2M | SZ_512M)
#define NOVA_PAGES_TO_256G	(NOVA_PAGES_TO_512M | BIT_ULL(38))

/* MAG << SCALE MiB; with ECC one sixteenth holds the code. */
static u64 nova_vram_size_tu102(struct nova_device *nd)
{
	u32 range = nova_rd32(nd, NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE);
	u64 mag = FIELD_GET(NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE_MAG, range);
	u64 size = (mag << FIELD_GET(NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE_SCALE, range)) * SZ_1M;

	if (range & NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE_ECC)
		size = size / 16 * 15;
	return size;
}

static u64 nova_vram_size_ga102(struct nova_device *nd)
{
	return (u64)nova_rd32(nd, NV_USABLE_FB_SIZE_IN_MB_GA102) * SZ_1M;
}

/* Turing, Ampere, Ada */
#define NOVA_FAMILY_GMMU_V2				\
	.gmmu_version = 2,				\
	.dma_bits = 47,					\
	.host_va_bits = 40,				\
	.pramin_reg = NV_PBUS_BAR0_WINDOW,		\
	.pramin_base_mask = GENMASK(23, 0),		\
	.gfw_boot_scratch = true

/* Hopper, Blackwell */
#define NOVA_FAMILY_GMMU_V3				\
	.gmmu_version = 3,				\
	.dma_bits = 52,					\
	.host_va_bits = 57,				\
	.pramin_reg = NV_XAL_EP_BAR0_WINDOW_GH100,	\
	.bar1_block_split = true

#define NOVA_FAMILY_GSP_TU102				\
	.gsp_active_reg = NV_PGSP_RISCV_CORE_SWITCH_RISCV_STATUS_TU102,	\
	.gsp_active_mask = NV_PGSP_RISCV_STATUS_ACTIVE_STAT_TU102

#define NOVA_FAMILY_GSP_GA102				\
	.gsp_active_reg = NV_PGSP_RISCV_CPUCTL_GA102,	\
	.gsp_active_mask = NV_PGSP_RISCV_CPUCTL_ACTIVE_STAT_GA102

static const struct nova_family nova_family_tu102 = {
	NOVA_FAMILY_GMMU_V2,
	NOVA_FAMILY_GSP_TU102,
	.host_class = 0xc46f,
	.copy_class = 0xc5b5,
	.page_sizes = NOVA_PAGES_TO_2M,
	.vram_size = nova_vram_size_tu102,
};

static const struct nova_family nova_family_ga100 = {
	NOVA_FAMILY_GMMU_V2,
	NOVA_FAMILY_GSP_TU102,
	.host_class = 0xc56f,
	.copy_class = 0xc6b5,
	.page_sizes = NOVA_PAGES_TO_512M,
	.vram_size = nova_vram_size_tu102,
};

static const struct nova_family nova_family_ga102 = {
	NOVA_FAMILY_GMMU_V2,
	NOVA_FAMILY_GSP_GA102,
	.host_class = 0xc56f,
	.copy_class = 0xc7b5,
	.page_sizes = NOVA_PAGES_TO_512M,
	.vram_size = nova_vram_size_ga102,
};

static const struct nova_family nova_family_gh100 = {
	NOVA_FAMILY_GMMU_V3,
	NOVA_FAMILY_GSP_GA102,
	.host_class = 0xc86f,
	.copy_class = 0xc8b5,
	.page_sizes = NOVA_PAGES_TO_512M,
	.pramin_base_mask = GENMASK(21, 0),
	.vram_size = nova_vram_size_ga102,
};

static const struct nova_family nova_family_gb100 = {
	NOVA_FAMILY_GMMU_V3,
	NOVA_FAMILY_GSP_GA102,
	.host_class = 0xc96f,
	.copy_class = 0xc9b5,
	.page_sizes = NOVA_PAGES_TO_256G,
	.pramin_base_mask = GENMASK(22, 0),
	.vram_size = nova_vram_size_ga102,
};

static const struct nova_family nova_family_gb202 = {
	NOVA_FAMILY_GMMU_V3,
	NOVA_FAMILY_GSP_GA102,
	.host_class = 0xca6f,
	.copy_class = 0xcab5,
	.page_sizes = NOVA_PAGES_TO_256G,
	.pramin_base_mask = GENMASK(22, 0),
	.vram_size = nova_vram_size_ga102,
};

static const struct nova_chip nova_chips[] = {
	{ 0x162, "TU102", &nova_family_tu102 },
	{ 0x164, "TU104", &nova_family_tu102 },
	{ 0x166, "TU106", &nova_family_tu102 },
	{ 0x167, "TU117", &nova_family_tu102 },
	{ 0x168, "TU116", &nova_family_tu102 },
	{ 0x170, "GA100", &nova_family_ga100 },
	{ 0x172, "GA102", &nova_family_ga102 },
	{ 0x173, "GA103", &nova_family_ga102 },
	{ 0x174, "GA104", &nova_family_ga102 },
	{ 0x176, "GA106", &nova_family_ga102 },
	{ 0x177, "GA107", &nova_family_ga102 },
	{ 0x180, "GH100", &nova_family_gh100 },
	{ 0x192, "AD102", &nova_family_ga102 },
	{ 0x193, "AD103", &nova_family_ga102 },
	{ 0x194, "AD104", &nova_family_ga102 },
	{ 0x196, "AD106", &nova_family_ga102 },
	{ 0x197, "AD107", &nova_family_ga102 },
	{ 0x1a0, "GB100", &nova_family_gb100 },
	{ 0x1a2, "GB102", &nova_family_gb100 },
	{ 0x1a3, "GB110", &nova_family_gb100 },
	{ 0x1a4, "GB112", &nova_family_gb100 },
	{ 0x1b2, "GB202", &nova_family_gb202 },
	{ 0x1b3, "GB203", &nova_family_gb202 },
	{ 0x1b5, "GB205", &nova_family_gb202 },
	{ 0x1b6, "GB206", &nova_family_gb202 },
	{ 0x1b7, "GB207", &nova_family_gb202 },
};

/* Before Fermi there is no BOOT_42: bit 8 clear and a small architecture code. */
static bool nova_chip_has_boot_42(u32 boot_0)
{
	return (boot_0 & NV_PMC_BOOT_0_ARCHITECTURE_MSB) ||
	       FIELD_GET(NV_PMC_BOOT_0_ARCHITECTURE, boot_0) >= 0xc;
}

/**
 * nova_chip_row - the i-th chip of the table
 * @i: index from 0
 *
 * Return: the row, NULL past the end.
 */
const struct nova_chip *nova_chip_row(unsigned int i)
{
	return i < ARRAY_SIZE(nova_chips) ? &nova_chips[i] : NULL;
}

/**
 * nova_chip_find - identify a GPU from its boot registers
 * @boot_0: value of NV_PMC_BOOT_0
 * @boot_42: value of NV_PMC_BOOT_42
 *
 * Source: dev_boot manual, hardware revision fields.
 *
 * Return: the chip, NULL if this driver does not know it.
 */
const struct nova_chip *nova_chip_find(u32 boot_0, u32 boot_42)
{
	u32 id = FIELD_GET(NV_PMC_BOOT_42_ARCHITECTURE, boot_42) << 4 |
		 FIELD_GET(NV_PMC_BOOT_42_IMPLEMENTATION, boot_42);

	if (boot_0 == ~0u || !nova_chip_has_boot_42(boot_0))
		return NULL;
	for (unsigned int i = 0; i < ARRAY_SIZE(nova_chips); i++)
		if (nova_chips[i].id == id)
			return &nova_chips[i];
	return NULL;
}
