// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_kind
 *
 * PTE kinds as user space may use them. Turing and later have four useful bits
 * with the same meaning in both page-table formats. The compressible kinds need
 * compression tags that firmware manages, so they are not valid here.
 *
 * Source: dev_mmu manual, NV_MMU_PTE_KIND.
 */
#include "nova_kind.h"

#include <drm/nova_drm.h>

#include <linux/errno.h>
#include <linux/nospec.h>

static const u8 nova_kind_attrs[NOVA_NUM_KINDS] = {
	[0x0] = DRM_NOVA_KIND_VALID,	/* PITCH */
	[0x1] = DRM_NOVA_KIND_VALID,	/* Z16 */
	[0x2] = DRM_NOVA_KIND_VALID,	/* S8 */
	[0x3] = DRM_NOVA_KIND_VALID,	/* S8Z24 */
	[0x4] = DRM_NOVA_KIND_VALID,	/* ZF32_X24S8 */
	[0x5] = DRM_NOVA_KIND_VALID,	/* Z24S8 */
	[0x6] = DRM_NOVA_KIND_VALID,	/* GENERIC_MEMORY */
};

/**
 * nova_kind_attr - attributes of a kind
 * @kind: hardware kind
 *
 * Return: DRM_NOVA_KIND_* bits; 0 for a kind that does not exist.
 */
u8 nova_kind_attr(u8 kind)
{
	if (kind >= NOVA_NUM_KINDS)
		return 0;
	return nova_kind_attrs[array_index_nospec(kind, NOVA_NUM_KINDS)];
}

/**
 * nova_kind_check - may user space use this kind?
 * @kind: hardware kind
 *
 * Return: 0 or -EINVAL.
 */
int nova_kind_check(u8 kind)
{
	return nova_kind_attr(kind) & DRM_NOVA_KIND_VALID ? 0 : -EINVAL;
}
