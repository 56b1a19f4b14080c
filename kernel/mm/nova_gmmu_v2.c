// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gmmu_v2
 *
 * Page-table format VER2: Turing, Ampere and Ada. 49 bits of virtual address::
 *
 *    48 47 46      38 37      29 28      21 20            12 11       0
 *   +-----+----------+----------+----------+----------------+----------+
 *   | PD3 |   PD2    |   PD1    |   PD0    | PT (4K)        |  offset  |
 *   +-----+----------+----------+----------+------+---------+----------+
 *                                          | PT64K|  20:16            |
 *                                          +------+-------------------+
 *
 * A leaf word, the same in page tables, PD0 (2 MiB) and PD1 (512 MiB, GA100
 * and later)::
 *
 *    63    56 55      36 35  33 32            8  7  6  5  4  3  2  1  0
 *   +--------+----------+------+---------------+--+--+--+--+--+-----+--+
 *   |  KIND  | peer hi  | PEER | address >> 12 |NA|RO|PR| 0|VO| APT | V|
 *   +--------+----------+------+---------------+--+--+--+--+--+-----+--+
 *                 system memory: address >> 12 in 53:8
 *
 * A directory word has no valid bit: bit 0 set makes it a leaf, aperture 0 makes
 * it empty. The big half of the dual entry counts its table's address in units
 * of 256 bytes; because it does so four bits lower, both halves hold address >> 4
 * in place, as every word of this format does.
 *
 * Bits: dev_mmu manual of TU104, NV_MMU_VER2_*. Pure functions, nothing locked.
 */
#include "nova_gmmu.h"

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/errno.h>

#define V2_VALID		BIT_ULL(0)
#define V2_APERTURE		GENMASK_ULL(2, 1)
#define V2_VOL			BIT_ULL(3)
#define V2_PRIVILEGE		BIT_ULL(5)
#define V2_READ_ONLY		BIT_ULL(6)
#define V2_ATOMIC_DISABLE	BIT_ULL(7)
#define V2_ADDRESS_SYS		GENMASK_ULL(53, 8)
#define V2_ADDRESS_VID		GENMASK_ULL(32, 8)
#define V2_ADDRESS_VID_PEER	GENMASK_ULL(35, 33)
#define V2_PEER_ADDRESS_HI	GENMASK_ULL(55, 36)
#define V2_KIND			GENMASK_ULL(63, 56)

#define V2_NO_ATS		BIT_ULL(5)
#define V2_TABLE_SYS		GENMASK_ULL(53, 4)
#define V2_TABLE_VID		GENMASK_ULL(32, 4)

/* Address widths: 25 frame bits of VRAM, 46 of system memory, 45 of a peer. */
#define V2_VID_BITS		37
#define V2_SYS_BITS		58
#define V2_PEER_BITS		57

#define V2_PTE_SHR		4

/* Leaf apertures are numbered as the enum; a table's have 0 for "none". */
static const u8 v2_table_aperture[] = {
	[NOVA_APERTURE_VRAM] = 1,
	[NOVA_APERTURE_SYS_COH] = 2,
	[NOVA_APERTURE_SYS_NONCOH] = 3,
};

static const enum nova_aperture v2_aperture_of_table[] = {
	[1] = NOVA_APERTURE_VRAM,
	[2] = NOVA_APERTURE_SYS_COH,
	[3] = NOVA_APERTURE_SYS_NONCOH,
};

static int nova_gmmu_v2_check(const struct nova_pte_attr *attr, u64 addr, u64 len)
{
	u64 last = addr + len - 1;
	int ret = nova_gmmu_check_kind(attr->kind);

	if (ret)
		return ret;
	switch (attr->aperture) {
	case NOVA_APERTURE_VRAM:
		return last < addr || last >> V2_VID_BITS ? -ERANGE : 0;
	case NOVA_APERTURE_PEER:
		if (attr->peer > FIELD_MAX(V2_ADDRESS_VID_PEER))
			return -EINVAL;
		/* The field is in two parts, so a run must not carry from one to the other. */
		if (last < addr || last >> V2_PEER_BITS || (addr ^ last) >> V2_VID_BITS)
			return -ERANGE;
		return 0;
	case NOVA_APERTURE_SYS_COH:
	case NOVA_APERTURE_SYS_NONCOH:
		return last < addr || last >> V2_SYS_BITS ? -ERANGE : 0;
	}
	return -EINVAL;
}

static u64 nova_gmmu_v2_pte(const struct nova_pte_attr *attr, u64 addr)
{
	u64 word = V2_VALID | FIELD_PREP(V2_APERTURE, attr->aperture) |
		   FIELD_PREP(V2_KIND, attr->kind);

	if (attr->uncached)
		word |= V2_VOL;
	if (attr->privileged)
		word |= V2_PRIVILEGE;
	if (attr->read_only)
		word |= V2_READ_ONLY;
	if (attr->no_atomic)
		word |= V2_ATOMIC_DISABLE;
	if (attr->aperture != NOVA_APERTURE_PEER)
		return word | addr >> V2_PTE_SHR;
	return word | ((addr >> V2_PTE_SHR) & V2_ADDRESS_VID) |
	       FIELD_PREP(V2_ADDRESS_VID_PEER, attr->peer) |
	       FIELD_PREP(V2_PEER_ADDRESS_HI, addr >> V2_VID_BITS);
}

static u64 nova_gmmu_v2_addr(u64 word, enum nova_aperture *aperture)
{
	u64 hi = 0;

	*aperture = FIELD_GET(V2_APERTURE, word);
	if (*aperture >= NOVA_APERTURE_SYS_COH)
		return (word & V2_ADDRESS_SYS) << V2_PTE_SHR;
	if (*aperture == NOVA_APERTURE_PEER)
		hi = FIELD_GET(V2_PEER_ADDRESS_HI, word) << V2_VID_BITS;
	return hi | (word & V2_ADDRESS_VID) << V2_PTE_SHR;
}

static u64 nova_gmmu_v2_half(const struct nova_gmmu_table *table)
{
	u64 word;

	if (!table->present)
		return 0;
	word = FIELD_PREP(V2_APERTURE, v2_table_aperture[table->aperture]) |
	       table->addr >> V2_PTE_SHR;
	if (table->uncached)
		word |= V2_VOL;
	if (table->no_ats)
		word |= V2_NO_ATS;
	return word;
}

static void nova_gmmu_v2_pde(u64 *words, const struct nova_gmmu_table *table, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		words[i] = nova_gmmu_v2_half(&table[i]);
}

static void nova_gmmu_v2_decode_empty(const struct nova_gmmu_level *level, u64 word,
				      struct nova_gmmu_entry *entry)
{
	bool big = !level->nr_child && level->va_lo > NOVA_PAGE_SHIFT;

	if (!word)
		entry->empty = NOVA_GMMU_INVALID;
	else if (word == V2_VOL)
		entry->empty = NOVA_GMMU_SPARSE;
	else if (word == V2_PRIVILEGE && big)
		entry->empty = NOVA_GMMU_NO_SMALL;
	else
		entry->state = NOVA_GMMU_IS_CORRUPT;
}

static void nova_gmmu_v2_decode_leaf(const struct nova_gmmu_level *level, u64 word,
				     struct nova_gmmu_entry *entry)
{
	struct nova_pte_attr *attr = &entry->attr;
	enum nova_aperture aperture;
	u64 used = V2_VALID | V2_APERTURE | V2_VOL | V2_PRIVILEGE | V2_READ_ONLY |
		   V2_ATOMIC_DISABLE | V2_KIND;

	entry->state = NOVA_GMMU_IS_LEAF;
	entry->addr = nova_gmmu_v2_addr(word, &aperture);
	attr->aperture = aperture;
	attr->kind = FIELD_GET(V2_KIND, word);
	attr->uncached = word & V2_VOL;
	attr->privileged = word & V2_PRIVILEGE;
	attr->read_only = word & V2_READ_ONLY;
	attr->no_atomic = word & V2_ATOMIC_DISABLE;
	if (attr->aperture == NOVA_APERTURE_VRAM) {
		used |= V2_ADDRESS_VID;
	} else if (attr->aperture == NOVA_APERTURE_PEER) {
		used |= V2_ADDRESS_VID | V2_ADDRESS_VID_PEER | V2_PEER_ADDRESS_HI;
		attr->peer = FIELD_GET(V2_ADDRESS_VID_PEER, word);
	} else {
		used |= V2_ADDRESS_SYS;
	}
	if (word & ~used || entry->addr & ((1ULL << level->va_lo) - 1))
		entry->state = NOVA_GMMU_IS_CORRUPT;
}

/* One half of a directory entry; false if it holds what no driver writes. */
static bool nova_gmmu_v2_decode_half(u64 word, unsigned int align_lg2,
				     struct nova_gmmu_table *table)
{
	unsigned int aperture = FIELD_GET(V2_APERTURE, word);
	u64 addr = aperture == 1 ? V2_TABLE_VID : V2_TABLE_SYS;

	if (!aperture)
		return !(word & ~V2_NO_ATS);
	table->present = true;
	table->aperture = v2_aperture_of_table[aperture];
	table->uncached = word & V2_VOL;
	table->no_ats = word & V2_NO_ATS;
	/* NO_ATS lies inside the big half's address field, which is 0 there on a 4 KiB table. */
	addr &= ~((1ULL << (align_lg2 - V2_PTE_SHR)) - 1);
	if (addr & V2_NO_ATS)
		table->no_ats = false;
	table->addr = (word & addr) << V2_PTE_SHR;
	addr |= V2_APERTURE | V2_VOL | V2_NO_ATS;
	return !(word & ~addr);
}

static void nova_gmmu_v2_decode(const struct nova_gmmu_level *level, const u64 *words,
				struct nova_gmmu_entry *entry)
{
	bool good = true;

	*entry = (struct nova_gmmu_entry){};
	if (words[0] & V2_VALID) {
		nova_gmmu_v2_decode_leaf(level, words[0], entry);
		if (!level->may_leaf || (level->nr_child == 2 && words[1]))
			entry->state = NOVA_GMMU_IS_CORRUPT;
		return;
	}
	if (!level->nr_child) {
		nova_gmmu_v2_decode_empty(level, words[0], entry);
		return;
	}
	for (unsigned int i = 0; i < level->nr_child; i++) {
		unsigned int align = nova_gmmu_v2.level[level->child[i]].align_lg2;

		if (i == 0 && (words[0] & ~V2_NO_ATS) == V2_VOL) {
			entry->empty = NOVA_GMMU_SPARSE;
			continue;
		}
		good &= nova_gmmu_v2_decode_half(words[i], align, &entry->table[i]);
		if (entry->table[i].present)
			entry->state = NOVA_GMMU_IS_TABLE;
	}
	/* Sparse is said of a whole entry: no table in either half. */
	if (!good || (entry->state == NOVA_GMMU_IS_TABLE && entry->empty == NOVA_GMMU_SPARSE))
		entry->state = NOVA_GMMU_IS_CORRUPT;
}

const struct nova_gmmu_fmt nova_gmmu_v2 = {
	.version = 2,
	.va_bits = 49,
	.nr_levels = 6,
	.pte_shr = V2_PTE_SHR,
	.addr_bits = {
		[NOVA_APERTURE_VRAM] = V2_VID_BITS,
		[NOVA_APERTURE_SYS_COH] = V2_SYS_BITS,
		[NOVA_APERTURE_SYS_NONCOH] = V2_SYS_BITS,
	},
	.table_no_ats = false,
	.empty = {
		[NOVA_GMMU_INVALID] = 0,
		[NOVA_GMMU_SPARSE] = V2_VOL,
		[NOVA_GMMU_NO_SMALL] = V2_PRIVILEGE,
	},
	.level = {
		{ .name = "PT4K", .va_hi = 20, .va_lo = 12, .entry_lg2 = 3, .align_lg2 = 12,
		  .may_leaf = true },
		{ .name = "PT64K", .va_hi = 20, .va_lo = 16, .entry_lg2 = 3, .align_lg2 = 8,
		  .may_leaf = true },
		{ .name = "PD0", .va_hi = 28, .va_lo = 21, .entry_lg2 = 4, .align_lg2 = 12,
		  .nr_child = 2, .child = { 1, 0 }, .may_leaf = true },
		{ .name = "PD1", .va_hi = 37, .va_lo = 29, .entry_lg2 = 3, .align_lg2 = 12,
		  .nr_child = 1, .child = { 2 }, .may_leaf = true },
		{ .name = "PD2", .va_hi = 46, .va_lo = 38, .entry_lg2 = 3, .align_lg2 = 12,
		  .nr_child = 1, .child = { 3 } },
		{ .name = "PD3", .va_hi = 48, .va_lo = 47, .entry_lg2 = 3, .align_lg2 = 12,
		  .nr_child = 1, .child = { 4 } },
	},
	.check = nova_gmmu_v2_check,
	.pte = nova_gmmu_v2_pte,
	.addr = nova_gmmu_v2_addr,
	.pde = nova_gmmu_v2_pde,
	.decode = nova_gmmu_v2_decode,
};
