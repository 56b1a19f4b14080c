/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PT_TREE_H__
#define __NOVA_PT_TREE_H__

#include "nova_gmmu.h"
#include "nova_mem.h"
#include "nova_pool.h"
#include "nova_pt_node.h"

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

/** NOVA_PT_NR_HINTS - places a tree remembers to start searches from */
#define NOVA_PT_NR_HINTS	8

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
	/** @va_end: end of the virtual addresses; constant after init */
	u64 va_end;
	/** @scratch: what is not mapped is sparse instead of faulting; constant */
	bool scratch;
	/** @abandoned: the hardware may walk these tables for ever; set before fini only */
	bool abandoned;
	/** @root: always linked */
	struct nova_pt *root;
	/** @hint: lowest directories used lately, by the bits of their address above @hint_lg2 */
	struct nova_pt *hint[NOVA_PT_NR_HINTS];
	/**
	 * @last: linked table of 4 KiB pages used last, no big one beside it; NULL after any
	 * link and when it is unlinked
	 */
	struct nova_pt *last;
	/** @small_stride: from the word of a 4 KiB page to that of the next; constant after init */
	u64 small_stride;
	/** @hint_lg2: log2 of the bytes such a directory covers; constant after init */
	u8 hint_lg2;
	/** @hint_level: its level; constant after init */
	u8 hint_level;
	/** @hint_dual: 1 if its entries name a big and a small table, or 0; constant after init */
	u8 hint_dual;
	/** @small_lg2: log2 of the bytes a table of 4 KiB pages covers; constant after init */
	u8 small_lg2;
	/**
	 * @epoch: counts changes of the tree, from 1. A table unlinked in epoch e
	 * may be reused once @flushed has reached e.
	 */
	u64 epoch;
	/** @flushed: tables unlinked in an epoch up to this are covered by an invalidate */
	u64 flushed;
	/** @unlinked: last epoch in which a table was unlinked */
	u64 unlinked;
	/** @unlink_level: highest level of an entry that named a table not covered yet */
	u8 unlink_level;
	/** @limbo: dead tables waiting for somebody else's invalidate */
	struct nova_pt *limbo;
	/** @nr_tables: tables in existence, spares included; atomic */
	atomic_long_t nr_tables;
	/** @bytes: VRAM of those; atomic */
	atomic_long_t bytes;
};

/** nova_pt_word - a live entry's word, if it names no table; VRAM is read at level 0 only */
static inline u64 nova_pt_word(const struct nova_pt_tree *tree, const struct nova_pt *pt,
			       unsigned int i)
{
	struct nova_mem_at at;

	if (pt->uniform)
		return pt->first + i * pt->stride;
	if (pt->word)
		return pt->word[i];
	at = nova_mem_offset(pt->mem.at, (u64)i << pt->lvl->entry_lg2);
	return nova_mem_read64(tree->mem, &at);
}

/** nova_pt_write - write consecutive entries that name no tables; VRAM only, not the shadow */
static inline void nova_pt_write(const struct nova_pt_tree *tree, const struct nova_pt *pt,
				 unsigned int i, unsigned int nr, u64 first, u64 stride)
{
	struct nova_mem_run run = {
		.at = nova_mem_offset(pt->mem.at, (u64)i << pt->lvl->entry_lg2),
		.first = first,
		.stride = stride,
		.nr = nr,
		.pair = pt->lvl->entry_lg2 > 3,
	};

	nova_mem_write_run(tree->mem, &run);
}

/** nova_pt_hinted - the lowest directory that covers @va, if the tree remembers it */
static inline struct nova_pt *nova_pt_hinted(const struct nova_pt_tree *tree, u64 va)
{
	struct nova_pt *pt = tree->hint[(va >> tree->hint_lg2) % NOVA_PT_NR_HINTS];

	return pt && !((va ^ pt->va) >> tree->hint_lg2) ? pt : NULL;
}

/** nova_pt_near - the lowest directory at hand that covers all of [va, end) */
static inline struct nova_pt *nova_pt_near(const struct nova_pt_tree *tree, u64 va, u64 end)
{
	struct nova_pt *pt = nova_pt_hinted(tree, va);

	return pt && pt == nova_pt_hinted(tree, end - 1) ? pt : tree->root;
}

/** nova_pt_hint - where a tree remembers a lowest directory */
static inline struct nova_pt **nova_pt_hint(struct nova_pt_tree *tree, const struct nova_pt *pt)
{
	return &tree->hint[(pt->va >> tree->hint_lg2) % NOVA_PT_NR_HINTS];
}

/** nova_pt_remember - a search came through a directory: start the next one there */
static inline void nova_pt_remember(struct nova_pt_tree *tree, struct nova_pt *pt)
{
	if (pt->level == tree->hint_level)
		*nova_pt_hint(tree, pt) = pt;
}

/** nova_pt_forget - a table leaves the tree */
static inline void nova_pt_forget(struct nova_pt_tree *tree, struct nova_pt *pt)
{
	struct nova_pt **hint = nova_pt_hint(tree, pt);

	if (*hint == pt)
		*hint = NULL;
}

/** nova_pt_in_last - does the table used last hold the leaf of a 4 KiB page? */
static inline bool nova_pt_in_last(const struct nova_pt_tree *tree, u64 va)
{
	return tree->last && !((va ^ tree->last->va) >> tree->small_lg2);
}

/** nova_pt_note_one - the shadow of a leaf, about to become live, of a table without words */
static inline void nova_pt_note_one(struct nova_pt *pt, unsigned int i, u64 word, u64 stride)
{
	if (unlikely(!pt->nr_live)) {
		pt->uniform = true;
		pt->stride = stride;
		pt->first = word - i * stride;
	} else if (pt->uniform && pt->first + i * pt->stride != word) {
		pt->uniform = false;
	}
}

/** nova_pt_put_one - write the leaf of one 4 KiB page; returns whether there was one */
static inline bool nova_pt_put_one(struct nova_pt_tree *tree, struct nova_pt *pt, u64 va, u64 word)
{
	unsigned int i = (va ^ pt->va) >> NOVA_PAGE_SHIFT;
	unsigned long bit = 1UL << i % BITS_PER_LONG, old = pt->live[i / BITS_PER_LONG];

	nova_pt_note_one(pt, i, word, tree->small_stride);
	pt->live[i / BITS_PER_LONG] = old | bit;
	pt->nr_live += !(old & bit);
	nova_mem_write64(tree->mem, nova_mem_offset(pt->mem.at, i * sizeof(u64)), word);
	return old & bit;
}

#endif
