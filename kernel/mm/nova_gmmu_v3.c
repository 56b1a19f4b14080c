// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gmmu_v3
 *
 * Page-table format VER3: Hopper and Blackwell. 57 bits of virtual address::
 *
 *    56  55    47 46    38 37    29 28    21 20           12 11      0
 *   +---+--------+--------+--------+--------+---------------+---------+
 *   |PD4|  PD3   |  PD2   |  PD1   |  PD0   | PT (4K)       | offset  |
 *   +---+--------+--------+--------+--------+-----+---------+---------+
 *                                           |PT64K| 20:16             |
 *                                           +-----+-------------------+
 *
 * A leaf word, the same in page tables, PD0 (2 MiB), PD1 (512 MiB) and PD2
 * (256 GiB, Blackwell), and a directory word::
 *
 *    63  61 60  52 51             12 11   8 7     3 2   1 0
 *   +------+------+-----------------+------+-------+-----+--+
 *   | PEER |  0   | address (51:12) | KIND |  PCF  | APT | V|
 *   +------+------+-----------------+------+--+----+-----+--+
 *   |      0      | address (51:12) |   0     | PCF| APT | 0|
 *   +-------------+-----------------+---------+----+-----+--+
 *
 * Addresses stand in place. Permissions and caching are one code, PCF; the
 * table below names the codes of a valid leaf as the manual does, one bit for
 * each property. An empty leaf entry is told by its PCF, an empty directory
 * entry by aperture 0 and its PCF.
 *
 * Bits: dev_mmu header of GH100, NV_MMU_VER3_*. Pure functions, nothing locked.
 */
#include "nova_gmmu.h"

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/errno.h>

#define V3_VALID		BIT_ULL(0)
#define V3_APERTURE		GENMASK_ULL(2, 1)
#define V3_PTE_PCF		GENMASK_ULL(7, 3)
#define V3_PDE_PCF		GENMASK_ULL(5, 3)
#define V3_KIND			GENMASK_ULL(11, 8)
#define V3_ADDRESS		GENMASK_ULL(51, 12)
#define V3_ADDRESS_BIG		GENMASK_ULL(51, 8)
#define V3_PEER_ID		GENMASK_ULL(63, 61)

/* PCF of a valid leaf */
#define V3_PCF_UNCACHED		BIT(0)
#define V3_PCF_PRIVILEGE	BIT(1)
#define V3_PCF_READ_ONLY	BIT(2)
#define V3_PCF_NO_ATOMIC	BIT(3)
#define V3_PCF_ACD		BIT(4)	/* access counters disabled */

/* PCF of an empty leaf entry */
#define V3_PCF_SPARSE		1
#define V3_PCF_MAPPING_NOWHERE	2
#define V3_PCF_NO_VALID_4KB	3

/* PCF of a directory entry: one bit each while below 4 */
#define V3_PDE_PCF_UNCACHED	BIT(0)	/* with aperture 0: sparse */
#define V3_PDE_PCF_NO_ATS	BIT(1)
#define V3_PDE_PCF_RESERVED	BIT(2)

/* VIDEO addresses are 40 bits wide although the field has 52. */
#define V3_VID_BITS		40
#define V3_ADDR_BITS		52

static const u8 v3_table_aperture[] = {
	[NOVA_APERTURE_VRAM] = 1,
	[NOVA_APERTURE_SYS_COH] = 2,
	[NOVA_APERTURE_SYS_NONCOH] = 3,
};

static const enum nova_aperture v3_aperture_of_table[] = {
	[1] = NOVA_APERTURE_VRAM,
	[2] = NOVA_APERTURE_SYS_COH,
	[3] = NOVA_APERTURE_SYS_NONCOH,
};

static int nova_gmmu_v3_check(const struct nova_pte_attr *attr, u64 addr, u64 len)
{
	u64 last = addr + len - 1;
	int ret = nova_gmmu_check_kind(attr->kind);

	if (ret)
		return ret;
	if (attr->aperture > NOVA_APERTURE_SYS_NONCOH)
		return -EINVAL;
	if (attr->aperture == NOVA_APERTURE_PEER && attr->peer > FIELD_MAX(V3_PEER_ID))
		return -EINVAL;
	return last < addr || last >> nova_gmmu_v3.addr_bits[attr->aperture] ? -ERANGE : 0;
}

static u64 nova_gmmu_v3_pte(const struct nova_pte_attr *attr, u64 addr)
{
	u64 pcf = attr->counted ? 0 : V3_PCF_ACD;
	u64 word;

	if (attr->uncached)
		pcf |= V3_PCF_UNCACHED;
	if (attr->privileged)
		pcf |= V3_PCF_PRIVILEGE;
	if (attr->read_only)
		pcf |= V3_PCF_READ_ONLY;
	if (attr->no_atomic)
		pcf |= V3_PCF_NO_ATOMIC;
	word = V3_VALID | FIELD_PREP(V3_APERTURE, attr->aperture) |
	       FIELD_PREP(V3_PTE_PCF, pcf) | FIELD_PREP(V3_KIND, attr->kind) | addr;
	if (attr->aperture == NOVA_APERTURE_PEER)
		word |= FIELD_PREP(V3_PEER_ID, attr->peer);
	return word;
}

static u64 nova_gmmu_v3_addr(u64 word, enum nova_aperture *aperture)
{
	*aperture = FIELD_GET(V3_APERTURE, word);
	return word & V3_ADDRESS;
}

static u64 nova_gmmu_v3_half(const struct nova_gmmu_table *table)
{
	u64 pcf = 0;

	if (!table->present)
		return 0;
	if (table->uncached)
		pcf |= V3_PDE_PCF_UNCACHED;
	if (table->no_ats)
		pcf |= V3_PDE_PCF_NO_ATS;
	return FIELD_PREP(V3_APERTURE, v3_table_aperture[table->aperture]) |
	       FIELD_PREP(V3_PDE_PCF, pcf) | table->addr;
}

static void nova_gmmu_v3_pde(u64 *words, const struct nova_gmmu_table *table, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		words[i] = nova_gmmu_v3_half(&table[i]);
}

static void nova_gmmu_v3_decode_empty(const struct nova_gmmu_level *level, u64 word,
				      struct nova_gmmu_entry *entry)
{
	bool big = !level->nr_child && level->va_lo > NOVA_PAGE_SHIFT;
	unsigned int pcf = FIELD_GET(V3_PTE_PCF, word);

	if (word & ~V3_PTE_PCF)
		entry->state = NOVA_GMMU_IS_CORRUPT;
	else if (!pcf)
		entry->empty = NOVA_GMMU_INVALID;
	else if (pcf == V3_PCF_SPARSE || pcf == V3_PCF_MAPPING_NOWHERE)
		entry->empty = NOVA_GMMU_SPARSE;
	else if (pcf == V3_PCF_NO_VALID_4KB && big)
		entry->empty = NOVA_GMMU_NO_SMALL;
	else
		entry->state = NOVA_GMMU_IS_CORRUPT;
}

/* In VRAM nobody uses the field's upper bits; check() refuses them, too. */
static bool nova_gmmu_v3_beyond(enum nova_aperture aperture, u64 addr)
{
	return aperture == NOVA_APERTURE_VRAM && addr >> V3_VID_BITS;
}

static void nova_gmmu_v3_decode_leaf(const struct nova_gmmu_level *level, u64 word,
				     struct nova_gmmu_entry *entry)
{
	u64 used = V3_VALID | V3_APERTURE | V3_PTE_PCF | V3_KIND | V3_ADDRESS;
	struct nova_pte_attr *attr = &entry->attr;
	enum nova_aperture aperture;
	u64 pcf = FIELD_GET(V3_PTE_PCF, word);

	entry->state = NOVA_GMMU_IS_LEAF;
	entry->addr = nova_gmmu_v3_addr(word, &aperture);
	attr->aperture = aperture;
	attr->kind = FIELD_GET(V3_KIND, word);
	attr->uncached = pcf & V3_PCF_UNCACHED;
	attr->privileged = pcf & V3_PCF_PRIVILEGE;
	attr->read_only = pcf & V3_PCF_READ_ONLY;
	attr->no_atomic = pcf & V3_PCF_NO_ATOMIC;
	attr->counted = !(pcf & V3_PCF_ACD);
	if (attr->aperture == NOVA_APERTURE_PEER) {
		used |= V3_PEER_ID;
		attr->peer = FIELD_GET(V3_PEER_ID, word);
	}
	if (word & ~used || entry->addr & ((1ULL << level->va_lo) - 1) ||
	    nova_gmmu_v3_beyond(attr->aperture, entry->addr))
		entry->state = NOVA_GMMU_IS_CORRUPT;
}

/* One half of a directory entry; false if it holds what no driver writes. */
static bool nova_gmmu_v3_decode_half(u64 word, unsigned int align_lg2,
				     struct nova_gmmu_table *table)
{
	u64 addr = V3_ADDRESS_BIG & ~((1ULL << align_lg2) - 1);
	unsigned int aperture = FIELD_GET(V3_APERTURE, word);
	unsigned int pcf = FIELD_GET(V3_PDE_PCF, word);

	if (word & ~(addr | V3_APERTURE | V3_PDE_PCF) || pcf & V3_PDE_PCF_RESERVED)
		return false;
	if (!aperture)
		return !(word & addr) && !(pcf & V3_PDE_PCF_UNCACHED);
	table->present = true;
	table->aperture = v3_aperture_of_table[aperture];
	table->uncached = pcf & V3_PDE_PCF_UNCACHED;
	table->no_ats = pcf & V3_PDE_PCF_NO_ATS;
	table->addr = word & addr;
	return !nova_gmmu_v3_beyond(table->aperture, table->addr);
}

/* Aperture 0 and an odd PCF below 4: sparse, with or without ATS. */
static bool nova_gmmu_v3_pde_sparse(u64 word)
{
	u64 sparse = FIELD_PREP(V3_PDE_PCF, V3_PDE_PCF_UNCACHED);

	return (word & ~FIELD_PREP(V3_PDE_PCF, V3_PDE_PCF_NO_ATS)) == sparse;
}

static void nova_gmmu_v3_decode(const struct nova_gmmu_level *level, const u64 *words,
				struct nova_gmmu_entry *entry)
{
	bool good = true;

	*entry = (struct nova_gmmu_entry){};
	if (words[0] & V3_VALID) {
		nova_gmmu_v3_decode_leaf(level, words[0], entry);
		if (!level->may_leaf || (level->nr_child == 2 && words[1]))
			entry->state = NOVA_GMMU_IS_CORRUPT;
		return;
	}
	if (!level->nr_child) {
		nova_gmmu_v3_decode_empty(level, words[0], entry);
		return;
	}
	for (unsigned int i = 0; i < level->nr_child; i++) {
		unsigned int align = nova_gmmu_v3.level[level->child[i]].align_lg2;

		if (i == 0 && nova_gmmu_v3_pde_sparse(words[0])) {
			entry->empty = NOVA_GMMU_SPARSE;
			continue;
		}
		good &= nova_gmmu_v3_decode_half(words[i], align, &entry->table[i]);
		if (entry->table[i].present)
			entry->state = NOVA_GMMU_IS_TABLE;
	}
	/* Sparse is said of a whole entry: no table in either half. */
	if (!good || (entry->state == NOVA_GMMU_IS_TABLE && entry->empty == NOVA_GMMU_SPARSE))
		entry->state = NOVA_GMMU_IS_CORRUPT;
}

const struct nova_gmmu_fmt nova_gmmu_v3 = {
	.version = 3,
	.va_bits = 57,
	.nr_levels = 7,
	.pte_shr = 0,
	.addr_bits = {
		[NOVA_APERTURE_VRAM] = V3_VID_BITS,
		[NOVA_APERTURE_PEER] = V3_ADDR_BITS,
		[NOVA_APERTURE_SYS_COH] = V3_ADDR_BITS,
		[NOVA_APERTURE_SYS_NONCOH] = V3_ADDR_BITS,
	},
	.table_no_ats = true,
	.empty = {
		[NOVA_GMMU_INVALID] = 0,
		[NOVA_GMMU_SPARSE] = FIELD_PREP_CONST(V3_PTE_PCF, V3_PCF_SPARSE),
		[NOVA_GMMU_NO_SMALL] = FIELD_PREP_CONST(V3_PTE_PCF, V3_PCF_NO_VALID_4KB),
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
		  .nr_child = 1, .child = { 3 }, .may_leaf = true },
		{ .name = "PD3", .va_hi = 55, .va_lo = 47, .entry_lg2 = 3, .align_lg2 = 12,
		  .nr_child = 1, .child = { 4 } },
		{ .name = "PD4", .va_hi = 56, .va_lo = 56, .entry_lg2 = 3, .align_lg2 = 12,
		  .nr_child = 1, .child = { 5 } },
	},
	.check = nova_gmmu_v3_check,
	.pte = nova_gmmu_v3_pte,
	.addr = nova_gmmu_v3_addr,
	.pde = nova_gmmu_v3_pde,
	.decode = nova_gmmu_v3_decode,
};
