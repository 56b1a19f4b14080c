/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PT_H__
#define __NOVA_PT_H__

#include "nova_gmmu.h"
#include "nova_pt_tree.h"
#include "nova_tlb.h"

#include <linux/types.h>

struct drm_printer;

/** struct nova_pt_edit - what changes to a tree leave behind; zero is nothing */
struct nova_pt_edit {
	/** @gather: to be invalidated */
	struct nova_tlb_gather gather;
	/** @dead: unlinked tables, to be freed after the invalidate */
	struct nova_pt *dead;
	/** @epoch: last epoch these changes belong to */
	u64 epoch;
	/** @unlinked: a table left the tree's reachable part; it may not be in @dead */
	bool unlinked;
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

/** struct nova_pt_xlate - what a virtual address leads to, according to VRAM */
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
};

/**
 * enum nova_pt_what - what is mapped at an address
 * @NOVA_PT_HOLE: nothing: a fault, or sparse where the whole address space is
 * @NOVA_PT_SPARSE: somebody asked for reads of zero
 * @NOVA_PT_PAGE: memory
 */
enum nova_pt_what {
	NOVA_PT_HOLE,
	NOVA_PT_SPARSE,
	NOVA_PT_PAGE,
};

/** struct nova_pt_place - what a virtual address leads to, according to the shadow */
struct nova_pt_place {
	/** @addr: byte address of exactly the VA asked for, if @what is a page */
	u64 addr;
	/** @aperture: memory it is in, likewise */
	enum nova_aperture aperture;
	/** @what: which it is */
	enum nova_pt_what what;
	/** @page_shift: log2 of the bytes the deciding entry covers */
	u8 page_shift;
};

/* Tables and single entries: nova_pt.c */
void nova_pt_tree_start(struct nova_pt_tree *tree);
int nova_pt_tree_init(struct nova_pt_tree *tree);
void nova_pt_tree_fini(struct nova_pt_tree *tree);
struct nova_pt *nova_pt_create(struct nova_pt_tree *tree, unsigned int level);
struct nova_pt *nova_pt_create_borrowed(struct nova_pt_tree *tree, unsigned int level,
					nova_vram_t at);
void nova_pt_destroy(struct nova_pt_tree *tree, struct nova_pt *pt);
void nova_pt_attach(struct nova_pt *parent, unsigned int idx, unsigned int half,
		    struct nova_pt *pt);
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
int nova_pt_map_small(struct nova_pt_tree *tree, u64 va, u64 word, unsigned int nr);
void nova_pt_unmap(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end);
void nova_pt_sparse(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end);

/* Reading: nova_pt_walk.c */
int nova_pt_walk(const struct nova_gmmu_fmt *fmt, struct nova_mem *mem, nova_vram_t root, u64 va,
		 struct nova_pt_xlate *x);
void nova_pt_lookup(struct nova_pt_tree *tree, u64 va, struct nova_pt_place *place);
unsigned int nova_pt_page_shift(struct nova_pt_tree *tree, u64 va);
void nova_pt_print(struct nova_pt_tree *tree, u64 *buf, struct drm_printer *p);

#endif
