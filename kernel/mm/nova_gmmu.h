/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_GMMU_H__
#define __NOVA_GMMU_H__

#include <linux/types.h>

struct nova_chip;

/** NOVA_PAGE_SHIFT - log2 of the GPU's smallest page and of the unit of every range */
#define NOVA_PAGE_SHIFT		12
/** NOVA_PAGE_SIZE - the GPU's smallest page, independent of the CPU's */
#define NOVA_PAGE_SIZE		(1ULL << NOVA_PAGE_SHIFT)
/** NOVA_GMMU_MAX_LEVELS - most levels of any format, small and big tables both counted */
#define NOVA_GMMU_MAX_LEVELS	7
/** NOVA_GMMU_KIND_INVALID - memory kind the hardware refuses; larger ones need compression tags */
#define NOVA_GMMU_KIND_INVALID	0x7
/** NOVA_GMMU_MAX_WORDS - most 64-bit words of one entry: the dual directory's two */
#define NOVA_GMMU_MAX_WORDS	2

/**
 * enum nova_aperture - which memory an address is in
 * @NOVA_APERTURE_VRAM: the GPU's own memory
 * @NOVA_APERTURE_PEER: another GPU's memory
 * @NOVA_APERTURE_SYS_COH: system memory, snooping the CPU's caches
 * @NOVA_APERTURE_SYS_NONCOH: system memory, not snooping
 */
enum nova_aperture {
	NOVA_APERTURE_VRAM,
	NOVA_APERTURE_PEER,
	NOVA_APERTURE_SYS_COH,
	NOVA_APERTURE_SYS_NONCOH,
};

/**
 * enum nova_gmmu_empty - what an entry that maps nothing does to an access
 * @NOVA_GMMU_INVALID: the access faults; in a big table the walk first looks at
 *	the small table and faults only if that maps nothing either
 * @NOVA_GMMU_SPARSE: no fault: reads give zero, writes vanish; in a big table
 *	the small table is not looked at
 * @NOVA_GMMU_NO_SMALL: big tables only: the access faults, the small table is
 *	not looked at
 * @NOVA_GMMU_NR_EMPTY: number of states
 */
enum nova_gmmu_empty {
	NOVA_GMMU_INVALID,
	NOVA_GMMU_SPARSE,
	NOVA_GMMU_NO_SMALL,
	NOVA_GMMU_NR_EMPTY,
};

/**
 * struct nova_pte_attr - what a leaf means, apart from its address
 *
 * Zero is a read-write, cached, pitch-kind page of local VRAM.
 */
struct nova_pte_attr {
	/** @aperture: memory the address is in */
	enum nova_aperture aperture;
	/** @kind: memory kind (hardware.md §1.7), 0 pitch linear */
	u8 kind;
	/** @peer: peer number 0..7, with NOVA_APERTURE_PEER only */
	u8 peer;
	/** @read_only: writes and atomics fault */
	bool read_only;
	/** @no_atomic: atomics fault */
	bool no_atomic;
	/** @privileged: only privileged clients may access */
	bool privileged;
	/** @uncached: bypass the GPU's L2 cache */
	bool uncached;
	/** @counted: accesses are counted; a format without access counters ignores it */
	bool counted;
};

/**
 * struct nova_gmmu_table - one child table as a directory entry names it
 */
struct nova_gmmu_table {
	/** @addr: byte address of the table in @aperture */
	u64 addr;
	/** @aperture: memory the table is in; never NOVA_APERTURE_PEER */
	enum nova_aperture aperture;
	/** @present: false: no such table, the other members are ignored */
	bool present;
	/** @uncached: the table is not kept in the GPU's caches */
	bool uncached;
	/** @no_ats: no address translation service below this entry */
	bool no_ats;
};

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
 * enum nova_gmmu_state - what an entry turned out to be
 * @NOVA_GMMU_IS_EMPTY: maps nothing, see &nova_gmmu_entry.empty
 * @NOVA_GMMU_IS_TABLE: names at least one child table
 * @NOVA_GMMU_IS_LEAF: maps a page
 * @NOVA_GMMU_IS_CORRUPT: no driver writes this: a reserved value or bit, or a
 *	leaf where there can be none
 */
enum nova_gmmu_state {
	NOVA_GMMU_IS_EMPTY,
	NOVA_GMMU_IS_TABLE,
	NOVA_GMMU_IS_LEAF,
	NOVA_GMMU_IS_CORRUPT,
};

/** struct nova_gmmu_entry - an entry's words turned into meaning */
struct nova_gmmu_entry {
	/** @state: which of the other members count */
	enum nova_gmmu_state state;
	/** @empty: how it is empty */
	enum nova_gmmu_empty empty;
	/** @addr: byte address of the page in its aperture */
	u64 addr;
	/** @attr: attributes of the page */
	struct nova_pte_attr attr;
	/** @table: the children, as &nova_gmmu_level.child orders them */
	struct nova_gmmu_table table[2];
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
