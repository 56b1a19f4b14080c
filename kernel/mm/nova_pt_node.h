/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PT_NODE_H__
#define __NOVA_PT_NODE_H__

#include "nova_gmmu.h"
#include "nova_pool.h"

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/types.h>

/**
 * struct nova_pt - one page table and its CPU-side shadow
 *
 * Everything is protected by the tree's lock, except in a table that is not in
 * a tree. What a small change reads and writes comes first, in one line of the
 * CPU's cache.
 */
struct nova_pt {
	/** @lvl: its geometry */
	const struct nova_gmmu_level *lvl;
	/** @mem: its VRAM */
	struct nova_pool_mem mem;
	/** @va: first virtual address it covers */
	u64 va;
	/** @first: if @uniform, what the word of entry 0 is, or would be */
	u64 first;
	/** @stride: if @uniform, difference of one entry's word from the one before */
	u64 stride;
	/** @nr_live: entries that are not empty */
	u16 nr_live;
	/** @level: row of the format's level table */
	u8 level;
	/** @half: which child of the parent's entry, see &nova_gmmu_level.child */
	u8 half;
	/** @linked: the parent's entry in VRAM names it, so its words are all valid */
	bool linked;
	/** @borrowed: firmware's: never freed, never unlinked, foreign entries kept */
	bool borrowed;
	/** @uniform: all leaf and sparse entries continue one progression; @word is not used */
	bool uniform;
	/** @fertile: it has, or had, a child; before that @child is not initialised */
	bool fertile;
	/** @parent: the directory it hangs under; NULL for the root */
	struct nova_pt *parent;
	/** @next: next in an update's list of spare or dead tables */
	struct nova_pt *next;
	/** @word: leaf or sparse word of each entry, unless @uniform; NULL at level 0 */
	u64 *word;
	/** @child: children, &nova_gmmu_level.nr_child an entry, if @fertile */
	struct nova_pt **child;
	/** @table: bit per entry: names linked tables; NULL in page tables */
	unsigned long *table;
	/** @epoch: when it was last unlinked, 0 never; see &nova_pt_tree.epoch */
	u64 epoch;
	/** @pins: outstanding reservations; a pinned table stays in the tree */
	u32 pins;
	/** @idx: the parent's entry */
	u16 idx;
	/** @nr_child: tables below, linked or not */
	u16 nr_child;
	/** @live: bit per entry: not empty: a leaf, sparse or naming tables */
	unsigned long live[];
};

/** nova_pt_span_lg2 - log2 of the bytes one table of this level covers */
static inline unsigned int nova_pt_span_lg2(const struct nova_gmmu_level *lvl)
{
	return lvl->va_hi + 1;
}

/** nova_pt_step_end - end of the entry that covers @va, but at most @end */
static inline u64 nova_pt_step_end(const struct nova_gmmu_level *lvl, u64 va, u64 end)
{
	u64 next = (va | ((1ULL << lvl->va_lo) - 1)) + 1;

	return min(next, end);
}

/** nova_pt_half - which child of an entry leads to tables of level @to */
static inline unsigned int nova_pt_half(const struct nova_gmmu_level *lvl, unsigned int to)
{
	return lvl->nr_child == 2 && lvl->child[0] != to;
}

/** nova_pt_slot - where an entry's child is kept */
static inline unsigned int nova_pt_slot(const struct nova_pt *pt, unsigned int i,
					unsigned int half)
{
	return i * pt->lvl->nr_child + half;
}

/** nova_pt_child - an entry's child, linked or not; NULL if there is none */
static inline struct nova_pt *nova_pt_child(const struct nova_pt *pt, unsigned int i,
					    unsigned int half)
{
	return pt->fertile ? pt->child[nova_pt_slot(pt, i, half)] : NULL;
}

/** nova_pt_covers - does the table span all of [va, end)? */
static inline bool nova_pt_covers(const struct nova_pt *pt, u64 va, u64 end)
{
	return va >= pt->va && end - pt->va <= 1ULL << nova_pt_span_lg2(pt->lvl);
}

/** nova_pt_is - is an entry's bit set? Loads a word, where test_bit() may use a slow instruction */
static inline bool nova_pt_is(const unsigned long *map, unsigned int i)
{
	return map[i / BITS_PER_LONG] >> (i % BITS_PER_LONG) & 1;
}

/** nova_pt_is_live - is an entry not empty? Of a full table only the first line is read */
static inline bool nova_pt_is_live(const struct nova_pt *pt, unsigned int i)
{
	return pt->nr_live == nova_gmmu_nr_entries(pt->lvl) || nova_pt_is(pt->live, i);
}

#endif
