/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PT_H__
#define __NOVA_PT_H__

#include "nova_gmmu.h"
#include "nova_pool.h"
#include "nova_tlb.h"

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/types.h>

struct drm_printer;

/**
 * struct nova_pt - one page table and its CPU-side shadow
 *
 * Everything is protected by the tree's lock, except in a table that is not in
 * a tree.
 */
struct nova_pt {
	/** @parent: the directory it hangs under; NULL for the root */
	struct nova_pt *parent;
	/** @next: next in an update's list of spare or dead tables */
	struct nova_pt *next;
	/** @lvl: its geometry */
	const struct nova_gmmu_level *lvl;
	/** @mem: its VRAM */
	struct nova_pool_mem mem;
	/** @va: first virtual address it covers */
	u64 va;
	/** @epoch: when it was last unlinked, 0 never; see &nova_pt_tree.epoch */
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
	/** @borrowed: firmware's: never freed, never unlinked, foreign entries kept */
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
	/** @abandoned: the hardware may walk these tables for ever; set before fini only */
	bool abandoned;
	/** @root: always linked */
	struct nova_pt *root;
	/** @last: last directory used, or NULL: where a search may start */
	struct nova_pt *last;
	/**
	 * @epoch: counts changes of the tree, from 1. A table unlinked in epoch e
	 * may be reused once @flushed has reached e.
	 */
	u64 epoch;
	/** @flushed: last epoch covered by an acknowledged invalidate */
	u64 flushed;
	/** @limbo: dead tables waiting for somebody else's invalidate */
	struct nova_pt *limbo;
	/** @nr_tables: tables in existence, spares included; atomic */
	atomic_long_t nr_tables;
	/** @bytes: VRAM of those; atomic */
	atomic_long_t bytes;
};

/** struct nova_pt_edit - what changes to a tree leave behind; zero is nothing */
struct nova_pt_edit {
	/** @gather: to be invalidated */
	struct nova_tlb_gather gather;
	/** @dead: unlinked tables, to be freed after the invalidate */
	struct nova_pt *dead;
	/** @epoch: last epoch these changes belong to */
	u64 epoch;
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
	/** @stride: difference from one page's word to the next; 0 for sparse */
	u64 stride;
	/** @level: table the leaves are in */
	u8 level;
};

/** struct nova_pt_foreign - addresses somebody else's entry covers */
struct nova_pt_foreign {
	/** @va: first address */
	u64 va;
	/** @len: bytes */
	u64 len;
};

/** struct nova_pt_xlate - what a virtual address leads to */
struct nova_pt_xlate {
	/** @entry: the deciding entry, decoded */
	struct nova_gmmu_entry entry;
	/** @addr: byte address of exactly the VA asked for, if the entry is a leaf */
	u64 addr;
	/** @at: VRAM address of the deciding entry */
	nova_vram_t at;
	/** @words: its raw words */
	u64 words[NOVA_GMMU_MAX_WORDS];
	/** @level: its level, a row of the format's table */
	u8 level;
	/** @page_shift: log2 of the bytes it covers */
	u8 page_shift;
	/** @live: somebody mapped this, if only as sparse; from the shadow only */
	bool live;
};

/* Tables and single entries: nova_pt.c */
int nova_pt_tree_init(struct nova_pt_tree *tree);
void nova_pt_tree_fini(struct nova_pt_tree *tree);
struct nova_pt *nova_pt_create(struct nova_pt_tree *tree, unsigned int level);
struct nova_pt *nova_pt_create_borrowed(struct nova_pt_tree *tree, unsigned int level,
					nova_vram_t at);
void nova_pt_destroy(struct nova_pt_tree *tree, struct nova_pt *pt);
void nova_pt_attach(struct nova_pt *parent, unsigned int idx, unsigned int half,
		    struct nova_pt *pt);
void nova_pt_write(struct nova_pt_tree *tree, struct nova_pt *pt, unsigned int i,
		   unsigned int nr, u64 first, u64 stride);
void nova_pt_fill_empty(struct nova_pt_tree *tree, struct nova_pt *pt, unsigned int i,
			unsigned int nr);
void nova_pt_write_tables(struct nova_pt_tree *tree, struct nova_pt *pt, unsigned int i);
void nova_pt_link(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt);
void nova_pt_prune(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt);
void nova_pt_kill(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt);
void nova_pt_reap(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt);

/* Tables of firmware's: nova_pt_borrow.c */
int nova_pt_tree_borrow(struct nova_pt_tree *tree, nova_vram_t root);
void nova_pt_tree_return(struct nova_pt_tree *tree);
bool nova_pt_next_foreign(struct nova_pt_tree *tree, u64 from, struct nova_pt_foreign *found);

/* Reservations: nova_pt_pin.c */
bool nova_pt_missing(struct nova_pt_tree *tree, u64 va, u64 end, unsigned int level,
		     u64 nr[NOVA_GMMU_MAX_LEVELS]);
struct nova_pt *nova_pt_pin(struct nova_pt_tree *tree, u64 va, u64 end, unsigned int level,
			    struct nova_pt **spare);
struct nova_pt *nova_pt_pin_one(struct nova_pt_tree *tree, u64 va, unsigned int level);
void nova_pt_unpin(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end,
		   struct nova_pt *first);

/* Changes: nova_pt_edit.c */
void nova_pt_map(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
		 const struct nova_pt_run *run);
void nova_pt_unmap(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end);
void nova_pt_sparse(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end);

/* Reading: nova_pt_walk.c */
int nova_pt_walk(const struct nova_gmmu_fmt *fmt, struct nova_mem *mem, nova_vram_t root, u64 va,
		 struct nova_pt_xlate *x);
void nova_pt_lookup(struct nova_pt_tree *tree, u64 va, struct nova_pt_xlate *x);
void nova_pt_print(struct nova_pt_tree *tree, u64 *buf, struct drm_printer *p);

/** nova_pt_span_lg2 - log2 of the bytes one table of this level covers */
static inline unsigned int nova_pt_span_lg2(const struct nova_gmmu_level *lvl)
{
	return lvl->va_hi + 1;
}

/** nova_pt_step_end - end of the entry that covers @va, but at most @end */
static inline u64 nova_pt_step_end(const struct nova_gmmu_level *lvl, u64 va, u64 end)
{
	u64 next = (va | ((1ULL << lvl->va_lo) - 1)) + 1;

	return next < end ? next : end;
}

/** nova_pt_half - which child of an entry leads to tables of level @to */
static inline unsigned int nova_pt_half(const struct nova_gmmu_level *lvl, unsigned int to)
{
	return lvl->nr_child == 2 && lvl->child[0] != to;
}

/** nova_pt_child - where an entry's child is kept */
static inline struct nova_pt **nova_pt_child(struct nova_pt *pt, unsigned int i, unsigned int half)
{
	return &pt->child[i * pt->lvl->nr_child + half];
}

/** nova_pt_covers - does the table span all of [va, end)? */
static inline bool nova_pt_covers(const struct nova_pt *pt, u64 va, u64 end)
{
	return va >= pt->va && end - pt->va <= 1ULL << nova_pt_span_lg2(pt->lvl);
}

#endif
