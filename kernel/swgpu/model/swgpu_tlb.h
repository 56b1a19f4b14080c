/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_TLB_H__
#define __SWGPU_TLB_H__

#include "../nova_swgpu_types.h"
#include "swgpu_fmt.h"

/** SWGPU_TLB_ENTRIES - entries; one more throws out the oldest */
#define SWGPU_TLB_ENTRIES 8192u
#define SWGPU_TLB_BUCKETS 4096u
/** SWGPU_TLB_MARKS - bits that pages with tables are hashed to */
#define SWGPU_TLB_MARKS 32768u
/** SWGPU_TLB_SHIFTS - one more than the largest coverage of an entry, log2 */
#define SWGPU_TLB_SHIFTS 58

/** struct swgpu_space - an address space as one kind of client uses it */
struct swgpu_space {
	/** @pdb: address of the root table */
	u64 pdb;
	/** @sysmem: the root is in system memory */
	bool sysmem;
	/** @client: enum nova_swgpu_client */
	u8 client;
};

/** struct swgpu_tlb_entry - something remembered about a walk */
struct swgpu_tlb_entry {
	struct swgpu_space space;
	/** @tag: VA >> @shift */
	u64 tag;
	/** @x: how a walk ended, with the address of the start of the page; unless @dir */
	struct nova_swgpu_xlate x;
	/** @word: a directory entry's words, if @dir */
	u64 word[2];
	/** @from: address of the word it came from */
	u64 from;
	/** @next: next of the bucket or free list, index + 1, 0 for none */
	u32 next;
	/** @shift: log2 of the bytes of VA it is about */
	u8 shift;
	/** @level: level of the table it came from, 0 PT … 5 PD4 */
	u8 level;
	/** @from_sysmem: @from is in system memory */
	bool from_sysmem;
	/** @dir: a directory entry with a table below, else the end of a walk */
	bool dir;
	bool used;
};

/** struct swgpu_tlb - everything a GPU has cached */
struct swgpu_tlb {
	struct swgpu_tlb_entry *entry;
	/** @bucket: index + 1 of the first entry */
	u32 *bucket;
	/** @free: index + 1 of the first entry given back; linked by next */
	u32 free;
	/** @high: entries from here on have not been used since the TLB was empty */
	u32 high;
	/** @nr: entries in use */
	u32 nr;
	/** @hand: entry to go next when all are in use */
	u32 hand;
	/** @last: index + 1 of the walk end each client hit last */
	u32 last[2];
	/** @marks: a bit set for each page of VRAM a table may be in; more may be set */
	u32 marks[SWGPU_TLB_MARKS / 32];
	/** @ends: number of walk ends by shift: which shifts are worth a look */
	u32 ends[SWGPU_TLB_SHIFTS];
};

/** struct swgpu_tlb_match - what an invalidate is about */
struct swgpu_tlb_match {
	u64 pdb;
	bool sysmem, all_pdb, hub_only;
	/** @level: CACHE_LEVEL: 0 all, 1 PT, 2 up to PD0, … */
	u8 level;
};

int swgpu_tlb_init(struct swgpu_tlb *tlb);
void swgpu_tlb_fini(struct swgpu_tlb *tlb);
const struct swgpu_tlb_entry *swgpu_tlb_lookup(struct swgpu_tlb *tlb,
					       const struct swgpu_space *space, u64 va);
const struct swgpu_tlb_entry *swgpu_tlb_dir(struct swgpu_tlb *tlb,
					    const struct swgpu_space *space, u64 va,
					    unsigned int shift);
bool swgpu_tlb_insert(struct swgpu_tlb *tlb, const struct swgpu_tlb_entry *e);
bool swgpu_tlb_evict(struct swgpu_tlb *tlb, u64 random);
u32 swgpu_tlb_drop(struct swgpu_tlb *tlb, const struct swgpu_tlb_match *match);
void swgpu_tlb_mark(struct swgpu_tlb *tlb, u64 addr);
bool swgpu_tlb_marked(const struct swgpu_tlb *tlb, u64 addr, u64 len);
unsigned int swgpu_tlb_count(const struct swgpu_tlb *tlb, const struct swgpu_fmt *fmt,
			     u64 addr, u64 len, bool tables_only);

#endif
