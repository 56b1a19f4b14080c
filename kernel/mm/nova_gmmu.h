/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_GMMU_H__
#define __NOVA_GMMU_H__

#include "nova_gmmu_entry.h"

#include <linux/types.h>

struct nova_chip;

/** NOVA_PAGE_SHIFT - log2 of the GPU's smallest page and of the unit of every range */
#define NOVA_PAGE_SHIFT		12
/** NOVA_PAGE_SIZE - the GPU's smallest page, independent of the CPU's */
#define NOVA_PAGE_SIZE		(1ULL << NOVA_PAGE_SHIFT)
/** NOVA_GMMU_MAX_LEVELS - most levels of any format, small and big tables both counted */
#define NOVA_GMMU_MAX_LEVELS	7
/** NOVA_GMMU_MAX_WORDS - most 64-bit words of one entry: the dual directory's two */
#define NOVA_GMMU_MAX_WORDS	2

/**
 * struct nova_gmmu_level - geometry of one kind of table
 *
 * Row 0 is always the 4 KiB table; the root is the last row.
 */
struct nova_gmmu_level {
	/** @name: the manual's, for dumps */
	const char *name;
	/** @va_hi: highest VA bit that indexes a table of this level */
	u8 va_hi;
	/** @va_lo: lowest; one entry covers 2^va_lo bytes */
	u8 va_lo;
	/** @entry_lg2: log2 of the bytes of an entry: 3, or 4 for the dual directory */
	u8 entry_lg2;
	/** @align_lg2: log2 of a table's alignment and of the bytes it is given */
	u8 align_lg2;
	/** @nr_child: tables an entry can name: 0 for a page table, 1, or 2 */
	u8 nr_child;
	/** @child: level of each: [0] big pages and [1] small ones if there are two */
	u8 child[2];
	/** @may_leaf: an entry may map a page of 2^va_lo bytes, if the chip has that size */
	bool may_leaf;
};

/**
 * struct nova_gmmu_fmt - one page-table format
 *
 * Constant data and pure functions: no device, no memory, no lock, no log.
 */
struct nova_gmmu_fmt {
	/** @version: 2 or 3, as user space is told */
	u8 version;
	/** @va_bits: width of a GPU virtual address */
	u8 va_bits;
	/** @nr_levels: rows of @level; the root is the last */
	u8 nr_levels;
	/**
	 * @pte_shr: a leaf stores (address >> pte_shr) in place, so the words of
	 * consecutive pages of 2^n bytes differ by 2^(n - pte_shr)
	 */
	u8 pte_shr;
	/**
	 * @addr_bits: for each aperture: where a leaf's address ends below 2^addr_bits,
	 * attributes that @check took once are good again and the word of @pte is that
	 * of address 0 with (address >> pte_shr) put in; 0: not so
	 */
	u8 addr_bits[NOVA_NR_APERTURES];
	/** @table_no_ats: directory entries are written with address translation service off */
	bool table_no_ats;
	/** @empty: word of an empty entry; of a dual entry the low word, the high is 0 */
	u64 empty[NOVA_GMMU_NR_EMPTY];
	/** @level: geometry, leaf first */
	struct nova_gmmu_level level[NOVA_GMMU_MAX_LEVELS];
	/**
	 * @check: can pages [addr, addr + len) with these attributes be encoded?
	 * Returns 0; -ERANGE if an address has bits the format cannot hold (V-2);
	 * -EINVAL if a kind is invalid, compressible or too large, or the peer
	 * number does not fit the aperture.
	 */
	int (*check)(const struct nova_pte_attr *attr, u64 addr, u64 len);
	/** @pte: word of a leaf; @check has accepted the arguments */
	u64 (*pte)(const struct nova_pte_attr *attr, u64 addr);
	/** @addr: the way back: byte address in a leaf's word, and the aperture it is in */
	u64 (*addr)(u64 word, enum nova_aperture *aperture);
	/**
	 * @pde: words of a directory entry naming @nr children (1 or 2); all words
	 * of the entry are written, an absent child's half as invalid (V-4)
	 */
	void (*pde)(u64 *words, const struct nova_gmmu_table *table, unsigned int nr);
	/** @decode: meaning of an entry of @level; total over all inputs */
	void (*decode)(const struct nova_gmmu_level *level, const u64 *words,
		       struct nova_gmmu_entry *entry);
};

extern const struct nova_gmmu_fmt nova_gmmu_v2;
extern const struct nova_gmmu_fmt nova_gmmu_v3;

const struct nova_gmmu_fmt *nova_gmmu_fmt(const struct nova_chip *chip);
int nova_gmmu_check_kind(u8 kind);

/** nova_gmmu_nr_entries - entries of a table of this level */
static inline unsigned int nova_gmmu_nr_entries(const struct nova_gmmu_level *level)
{
	return 1u << (level->va_hi - level->va_lo + 1);
}

/** nova_gmmu_index - which entry of a table of this level covers a virtual address */
static inline unsigned int nova_gmmu_index(const struct nova_gmmu_level *level, u64 va)
{
	return (va >> level->va_lo) & (nova_gmmu_nr_entries(level) - 1);
}

/** nova_gmmu_stride - difference of the words of consecutive pages of 2^shift bytes */
static inline u64 nova_gmmu_stride(const struct nova_gmmu_fmt *fmt, unsigned int shift)
{
	return 1ULL << (shift - fmt->pte_shr);
}

#endif
