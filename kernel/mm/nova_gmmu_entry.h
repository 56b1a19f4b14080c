/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_GMMU_ENTRY_H__
#define __NOVA_GMMU_ENTRY_H__

#include <linux/build_bug.h>
#include <linux/types.h>

/** NOVA_GMMU_KIND_INVALID - memory kind the hardware refuses; larger ones need compression tags */
#define NOVA_GMMU_KIND_INVALID	0x7

/**
 * enum nova_aperture - which memory an address is in
 * @NOVA_APERTURE_VRAM: the GPU's own memory
 * @NOVA_APERTURE_PEER: another GPU's memory
 * @NOVA_APERTURE_SYS_COH: system memory, snooping the CPU's caches
 * @NOVA_APERTURE_SYS_NONCOH: system memory, not snooping
 * @NOVA_NR_APERTURES: number of them
 */
enum nova_aperture {
	NOVA_APERTURE_VRAM,
	NOVA_APERTURE_PEER,
	NOVA_APERTURE_SYS_COH,
	NOVA_APERTURE_SYS_NONCOH,
	NOVA_NR_APERTURES,
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
	union {
		struct {
			/** @aperture: memory the address is in, an enum nova_aperture */
			u8 aperture;
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
			/** @counted: accesses are counted; ignored by a format without counters */
			bool counted;
		};
		/** @all: all of the above, to compare at once */
		u64 all;
	};
};

static_assert(sizeof(struct nova_pte_attr) == sizeof(u64));

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

#endif
