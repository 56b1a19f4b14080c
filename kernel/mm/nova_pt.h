/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PT_H__
#define __NOVA_PT_H__

#include "nova_gmmu.h"
#include "nova_pool.h"
#include "nova_tlb.h"

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct nova_pt - one page table and its CPU-side shadow
 *
 * Everything is protected by the tree's lock, except in a table that is not in
 * a tree.
 */
struct nova_pt {
	/** @parent: the directory it hangs under; NULL for the root */
	struct nova_pt *parent;
	/** @node: place in an update's list of spare or dead tables */
	struct list_head node;
	/** @lvl: its geometry */
	const struct nova_gmmu_level *lvl;
	/** @mem: its VRAM */
	struct nova_pool_mem mem;
	/** @va: first virtual address it covers */
	u64 va;
	/** @epoch: when it was last unlinked, see &nova_pt_tree.epoch */
	u64 epoch;
	/** @pins: outstanding reservations; a pinned table stays in the tree */
	u32 pins;
	/** @idx: the parent's entry */
	u16 idx;
	/** @nr_live: entries that are not empty */
	u16 nr_live;
	/** @nr_child: tables below, linked or not */
	u16 nr_child;
	/** @level: row of the format's level table */
	u8 level;
	/** @half: which child of the parent's entry, see &nova_gmmu_level.child */
	u8 half;
	/** @linked: the parent's entry in VRAM names it, so its words are all valid */
	bool linked;
	/** @borrowed: firmware's: never freed, never zeroed, foreign entries kept */
	bool borrowed;
	/** @word: leaf or sparse word of each entry; NULL at level 0 */
	u64 *word;
	/** @child: children, &nova_gmmu_level.nr_child an entry; NULL in page tables */
	struct nova_pt **child;
	/** @table: bit per entry: names linked tables; NULL in page tables */
	unsigned long *table;
	/** @live: bit per entry: not empty: a leaf, sparse or naming tables */
	unsigned long live[];
};

/**
 * struct nova_pt_tree - the page tables of one address space
 */
struct nova_pt_tree {
	/** @fmt: format; constant */
	const struct nova_gmmu_fmt *fmt;
	/** @mem: writer; constant */
	struct nova_mem *mem;
	/** @pool: VRAM for tables; constant */
	struct nova_pool *pool;
	/** @page_sizes: bit n: leaves of 2^n bytes are allowed; constant */
	u64 page_sizes;
	/** @scratch: what is not mapped is sparse instead of faulting; constant */
	bool scratch;
	/** @root: always linked */
	struct nova_pt *root;
	/** @last: directory of 2 MiB entries visited last, or NULL */
	struct nova_pt *last;
	/**
	 * @epoch: number of the next flush. A table unlinked in epoch e may be
	 * reused once @flushed has reached e.
	 */
	u64 epoch;
	/** @flushed: last epoch whose invalidate was acknowledged, 0 before the first */
	u64 flushed;
	/** @limbo: dead tables waiting for somebody else's flush */
	struct list_head limbo;
	/** @nr_tables: tables in existence, spares included */
	u64 nr_tables;
	/** @bytes: VRAM of those */
	u64 bytes;
};

/** struct nova_pt_edit - what a change to a tree leaves behind */
struct nova_pt_edit {
	/** @gather: to be invalidated */
	struct nova_tlb_gather gather;
	/** @dead: unlinked tables, to be freed after the invalidate */
	struct list_head dead;
	/** @missing: a table was needed that nobody had reserved: a bug of the caller */
	bool missing;
};

/** struct nova_pt_run - pages to map: equal size, consecutive, physically too */
struct nova_pt_run {
	/** @va: first virtual address, a multiple of the page size */
	u64 va;
	/** @end: end of the range, likewise */
	u64 end;
	/** @word: leaf word of the first page */
	u64 word;
	/** @level: table the leaves are in */
	u8 level;
};

int nova_pt_tree_init(struct nova_pt_tree *tree);
int nova_pt_tree_borrow(struct nova_pt_tree *tree, nova_vram_t root);
void nova_pt_tree_fini(struct nova_pt_tree *tree);

struct nova_pt *nova_pt_create(struct nova_pt_tree *tree, unsigned int level);
void nova_pt_destroy(struct nova_pt_tree *tree, struct nova_pt *pt);

unsigned int nova_pt_missing(struct nova_pt_tree *tree, u64 va, u64 end, unsigned int level,
			     unsigned int nr[NOVA_GMMU_MAX_LEVELS]);
u64 nova_pt_pin(struct nova_pt_tree *tree, u64 va, u64 end, unsigned int level,
		struct list_head *spare, struct nova_pt **first);
void nova_pt_unpin(struct nova_pt_tree *tree, u64 va, u64 end, unsigned int level,
		   struct nova_pt *first, struct nova_pt_edit *edit);

void nova_pt_map(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
		 const struct nova_pt_run *run);
void nova_pt_clear(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end,
		   enum nova_gmmu_empty to);

#endif
