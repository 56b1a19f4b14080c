// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_kind
 *
 * PTE kinds as user space may use them. Turing and later have four useful bits
 * with the same meaning in both page-table formats. The compressible kinds need
 * compression tags that firmware manages; they are known and refused.
 *
 * Source: dev_mmu manual, NV_MMU_PTE_KIND.
 */
#include "nova_kind.h"

#include <drm/nova_drm.h>

#include <linux/errno.h>

#define NOVA_KIND_PLAIN		DRM_NOVA_KIND_VALID
#define NOVA_KIND_COMPRESSIBLE	(DRM_NOVA_KIND_COMPRESSED | DRM_NOVA_KIND_VRAM_ONLY)

static const u8 nova_kind_attrs[NOVA_NUM_KINDS] = {
	[0x0] = NOVA_KIND_PLAIN,		/* PITCH */
	[0x1] = NOVA_KIND_PLAIN,		/* Z16 */
	[0x2] = NOVA_KIND_PLAIN,		/* S8 */
	[0x3] = NOVA_KIND_PLAIN,		/* S8Z24 */
	[0x4] = NOVA_KIND_PLAIN,		/* ZF32_X24S8 */
	[0x5] = NOVA_KIND_PLAIN,		/* Z24S8 */
	[0x6] = NOVA_KIND_PLAIN,		/* GENERIC_MEMORY */
	[0x8] = NOVA_KIND_COMPRESSIBLE,		/* GENERIC_MEMORY_COMPRESSIBLE */
	[0x9] = NOVA_KIND_COMPRESSIBLE,		/* GENERIC_MEMORY_COMPRESSIBLE_DISABLE_PLC */
	[0xa] = NOVA_KIND_COMPRESSIBLE,		/* S8_COMPRESSIBLE_DISABLE_PLC */
	[0xb] = NOVA_KIND_COMPRESSIBLE,		/* Z16_COMPRESSIBLE_DISABLE_PLC */
	[0xc] = NOVA_KIND_COMPRESSIBLE,		/* S8Z24_COMPRESSIBLE_DISABLE_PLC */
	[0xd] = NOVA_KIND_COMPRESSIBLE,		/* ZF32_X24S8_COMPRESSIBLE_DISABLE_PLC */
	[0xe] = NOVA_KIND_COMPRESSIBLE,		/* Z24S8_COMPRESSIBLE_DISABLE_PLC */
};

/**
 * nova_kind_attr - attributes of a kind
 * @kind: hardware kind
 *
 * Return: DRM_NOVA_KIND_* bits; 0 for a kind that does not exist.
 */
u8 nova_kind_attr(u8 kind)
{
	return kind < NOVA_NUM_KINDS ? nova_kind_attrs[kind] : 0;
}

/**
 * nova_kind_check - may user space use this kind?
 * @kind: hardware kind
 *
 * Return: 0; -EOPNOTSUPP for a compressed kind; -EINVAL if there is no such kind.
 */
int nova_kind_check(u8 kind)
{
	u8 attr = nova_kind_attr(kind);

	if (attr & DRM_NOVA_KIND_VALID)
		return 0;
	return attr & DRM_NOVA_KIND_COMPRESSED ? -EOPNOTSUPP : -EINVAL;
}
