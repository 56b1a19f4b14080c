// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gmmu
 *
 * Page-table formats of the GPU's memory management unit. A format is constant
 * data and pure functions: the geometry of its tables, the words of leaves,
 * directory entries and empty entries, and the way back from words to meaning.
 * The tree (nova_pt) knows levels only as rows of that geometry, so another
 * format is another file like nova_gmmu_v2.c and its row in
 * nova_gmmu_formats[].
 *
 * Vocabulary: a *table* holds *entries*; an entry of a page table is a *leaf* or
 * empty; an entry of a *directory* names child tables, or is a leaf (a huge
 * page), or is empty. The last directory is *dual*: each entry names a *big*
 * table (64 KiB pages) and a *small* table (4 KiB pages) for the same 2 MiB. A
 * valid big page hides the small ones below it; an empty big entry says whether
 * the small table is to be looked at.
 *
 * Units: addresses and lengths in bytes, words of 64 bits, little-endian in
 * memory. There is nothing to lock.
 */
#include "nova_gmmu.h"

#include "nova_chip.h"

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>

static const struct nova_gmmu_fmt *const nova_gmmu_formats[] = {
	&nova_gmmu_v2,
	&nova_gmmu_v3,
};

/**
 * nova_gmmu_fmt - the page-table format of a chip
 * @chip: the chip
 *
 * Return: the format, NULL if the driver does not know it.
 */
const struct nova_gmmu_fmt *nova_gmmu_fmt(const struct nova_chip *chip)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nova_gmmu_formats); i++)
		if (nova_gmmu_formats[i]->version == chip->family->gmmu_version)
			return nova_gmmu_formats[i];
	return NULL;
}

/**
 * nova_gmmu_check_kind - may a driver without compression tags use this kind?
 * @kind: memory kind, common to both formats (hardware.md §1.7)
 *
 * Kinds from 8 up are compressible and need tags that firmware manages; 7 is
 * the hardware's own "invalid".
 *
 * Return: 0 or -EINVAL.
 */
int nova_gmmu_check_kind(u8 kind)
{
	return kind < NOVA_GMMU_KIND_INVALID ? 0 : -EINVAL;
}
