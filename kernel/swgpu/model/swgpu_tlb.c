// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu TLB
 *
 * What the GPU remembers of walks, and forgets only when told. Two things are
 * kept, in one hash::
 *
 *   ends         how a walk ended: a page with its attributes, sparse, or *a fault*,
 *                for all the VA the deciding entry covers
 *   directories  the words of an entry that leads to a table (both halves of a
 *                dual one), by level
 *
 * The key is (root, its aperture, client, coverage, VA >> coverage). HUB and GPC
 * entries are apart. Invariant: an entry is what the tables said when an access
 * last missed; writing a table changes nothing here. An entry belongs to the level
 * of the table its word is in, which is what CACHE_LEVEL compares; so a 2 MiB page
 * belongs to PD0 (model choice).
 *
 * A lookup of an end is one comparison when a client stays on its page, else one
 * probe for each coverage in use, smallest first. Pages with tables are marked besides,
 * so that a write elsewhere, which is the rule, costs no look at all entries. When all entries are in use the
 * oldest goes. Everything is under gpu->lock; addresses are bytes.
 */

#include "swgpu_tlb.h"

/**
 * swgpu_tlb_init - make an empty TLB
 * @tlb: zeroed
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; swgpu_tlb_fini() is due in both cases.
 */
int swgpu_tlb_init(struct swgpu_tlb *tlb)
{
	tlb->entry = swgpu_port_zalloc(SWGPU_TLB_ENTRIES, sizeof(*tlb->entry));
	tlb->bucket = swgpu_port_zalloc(SWGPU_TLB_BUCKETS, sizeof(*tlb->bucket));
	return tlb->entry && tlb->bucket ? 0 : -ENOMEM;
}

/**
 * swgpu_tlb_fini - free a TLB
 * @tlb: as swgpu_tlb_init() left it, or zeroed
 */
void swgpu_tlb_fini(struct swgpu_tlb *tlb)
{
	swgpu_port_free(tlb->entry);
	swgpu_port_free(tlb->bucket);
}

static u32 *swgpu_tlb_bucket(struct swgpu_tlb *tlb, const struct swgpu_space *space, u64 tag,
			     unsigned int shift)
{
	u64 key = (tag ^ space->pdb >> 12) + shift * 0x9e37u + space->client * 0x51u;

	return &tlb->bucket[(key * 0x9e3779b97f4a7c15ull >> 32) % SWGPU_TLB_BUCKETS];
}

static bool swgpu_tlb_is(const struct swgpu_tlb_entry *e, const struct swgpu_space *space, u64 va,
			 unsigned int shift, bool dir)
{
	return e->tag == va >> shift && e->shift == shift && e->dir == dir &&
	       e->space.pdb == space->pdb && e->space.sysmem == space->sysmem &&
	       e->space.client == space->client;
}

static u32 swgpu_tlb_find(struct swgpu_tlb *tlb, const struct swgpu_space *space, u64 va,
			  unsigned int shift, bool dir)
{
	u32 i = *swgpu_tlb_bucket(tlb, space, va >> shift, shift);

	while (i && !swgpu_tlb_is(&tlb->entry[i - 1], space, va, shift, dir))
		i = tlb->entry[i - 1].next;
	return i;
}

/**
 * swgpu_tlb_lookup - has the end of this walk been seen?
 * @tlb: the TLB
 * @space: address space and client
 * @va: GPU virtual address
 *
 * Return: the entry with the smallest coverage, NULL for a miss. Valid until the
 * next change of the TLB.
 */
const struct swgpu_tlb_entry *swgpu_tlb_lookup(struct swgpu_tlb *tlb,
					       const struct swgpu_space *space, u64 va)
{
	u32 i = tlb->last[space->client];
	unsigned int shift;

	if (i && swgpu_tlb_is(&tlb->entry[i - 1], space, va, tlb->entry[i - 1].shift, false))
		return &tlb->entry[i - 1];
	for (shift = 12; shift < SWGPU_TLB_SHIFTS; shift++) {
		if (!tlb->ends[shift])
			continue;
		i = swgpu_tlb_find(tlb, space, va, shift, false);
		if (i) {
			tlb->last[space->client] = i;
			return &tlb->entry[i - 1];
		}
	}
	return NULL;
}

/**
 * swgpu_tlb_dir - has this directory entry been seen?
 * @tlb: the TLB
 * @space: address space and client
 * @va: GPU virtual address
 * @shift: log2 of what the entry covers
 *
 * Return: the entry, NULL for a miss. Valid until the next change of the TLB.
 */
const struct swgpu_tlb_entry *swgpu_tlb_dir(struct swgpu_tlb *tlb,
					    const struct swgpu_space *space, u64 va,
					    unsigned int shift)
{
	u32 i = swgpu_tlb_find(tlb, space, va, shift, true);

	return i ? &tlb->entry[i - 1] : NULL;
}

static void swgpu_tlb_remove(struct swgpu_tlb *tlb, u32 index)
{
	struct swgpu_tlb_entry *e = &tlb->entry[index];
	u32 *link = swgpu_tlb_bucket(tlb, &e->space, e->tag, e->shift);

	while (*link != index + 1)
		link = &tlb->entry[*link - 1].next;
	*link = e->next;
	if (!e->dir)
		tlb->ends[e->shift]--;
	if (tlb->last[e->space.client] == index + 1)
		tlb->last[e->space.client] = 0;
	e->used = false;
	e->next = tlb->free;
	tlb->free = index + 1;
	if (!--tlb->nr) {
		tlb->free = 0;
		tlb->high = 0;
		memset(tlb->marks, 0, sizeof(tlb->marks));
	}
}

/* An unused entry; low ones first, as dropping looks at all below high. */
static u32 swgpu_tlb_take(struct swgpu_tlb *tlb)
{
	u32 index;

	if (tlb->nr == SWGPU_TLB_ENTRIES) {
		swgpu_tlb_remove(tlb, tlb->hand);
		tlb->hand = (tlb->hand + 1) % SWGPU_TLB_ENTRIES;
	}
	index = tlb->free ? tlb->free - 1 : tlb->high++;
	if (tlb->free)
		tlb->free = tlb->entry[index].next;
	tlb->nr++;
	return index;
}

/**
 * swgpu_tlb_insert - remember
 * @tlb: the TLB
 * @e: what; next and used are ignored. Must not be there already.
 *
 * Return: whether another entry had to go.
 */
bool swgpu_tlb_insert(struct swgpu_tlb *tlb, const struct swgpu_tlb_entry *e)
{
	u32 *bucket = swgpu_tlb_bucket(tlb, &e->space, e->tag, e->shift);
	bool full = tlb->nr == SWGPU_TLB_ENTRIES;
	u32 index = swgpu_tlb_take(tlb);

	tlb->entry[index] = *e;
	tlb->entry[index].used = true;
	tlb->entry[index].next = *bucket;
	*bucket = index + 1;
	if (!e->dir)
		tlb->ends[e->shift]++;
	return full;
}

/**
 * swgpu_tlb_evict - forget one entry for no reason
 * @tlb: the TLB
 * @random: picks it among those that may be in use
 *
 * Return: whether the pick was in use.
 */
bool swgpu_tlb_evict(struct swgpu_tlb *tlb, u64 random)
{
	u32 index;

	if (!tlb->high)
		return false;
	index = random % tlb->high;
	if (!tlb->entry[index].used)
		return false;
	swgpu_tlb_remove(tlb, index);
	return true;
}

static bool swgpu_tlb_matches(const struct swgpu_tlb_entry *e, const struct swgpu_tlb_match *match)
{
	if (match->hub_only && e->space.client != NOVA_SWGPU_HUB)
		return false;
	if (match->level && e->level >= match->level)
		return false;
	return match->all_pdb ||
	       (e->space.pdb == match->pdb && e->space.sysmem == match->sysmem);
}

/**
 * swgpu_tlb_drop - forget what an invalidate names
 * @tlb: the TLB
 * @match: scope of the invalidate
 *
 * Return: entries forgotten.
 */
u32 swgpu_tlb_drop(struct swgpu_tlb *tlb, const struct swgpu_tlb_match *match)
{
	u32 high = tlb->high;
	u32 nr = 0;
	u32 i;

	for (i = 0; i < high; i++) {
		if (!tlb->entry[i].used || !swgpu_tlb_matches(&tlb->entry[i], match))
			continue;
		swgpu_tlb_remove(tlb, i);
		nr++;
	}
	return nr;
}

static u32 swgpu_tlb_mark_of(u64 addr)
{
	return ((addr >> 12) * 0x9e3779b97f4a7c15ull >> 32) % SWGPU_TLB_MARKS;
}

/**
 * swgpu_tlb_mark - there is a table here
 * @tlb: the TLB, into which something that came from it or leads to it goes next
 * @addr: of the table, in VRAM
 */
void swgpu_tlb_mark(struct swgpu_tlb *tlb, u64 addr)
{
	u32 bit = swgpu_tlb_mark_of(addr);

	tlb->marks[bit / 32] |= 1u << bit % 32;
}

/**
 * swgpu_tlb_marked - is it worth asking swgpu_tlb_count() about tables?
 * @tlb: the TLB
 * @addr: first byte in VRAM
 * @len: bytes, not many pages
 *
 * Return: false if nothing cached came from there or leads there.
 */
bool swgpu_tlb_marked(const struct swgpu_tlb *tlb, u64 addr, u64 len)
{
	u64 end = addr + len;
	u32 bit;

	for (addr &= ~4095ull; addr < end; addr += 4096) {
		bit = swgpu_tlb_mark_of(addr);
		if (tlb->marks[bit / 32] & 1u << bit % 32)
			return true;
	}
	return false;
}

static bool swgpu_tlb_overlap(u64 a, u64 a_len, u64 b, u64 b_len)
{
	return a < b ? b - a < a_len : a - b < b_len;
}

/* Does a cached directory entry lead to a table in VRAM [addr, addr + len)? */
static bool swgpu_tlb_leads_to(const struct swgpu_tlb_entry *e, const struct swgpu_fmt *fmt,
			       u64 addr, u64 len)
{
	struct swgpu_word child;

	if (e->level != 1) {
		fmt->pde(e->word[0], &child);
		return !child.aperture && swgpu_tlb_overlap(child.addr, 4096, addr, len);
	}
	fmt->big(e->word[0], &child);
	if (child.state == SWGPU_VALID && !child.aperture &&
	    swgpu_tlb_overlap(child.addr, 256, addr, len))
		return true;
	fmt->small(e->word[1], &child);
	return child.state == SWGPU_VALID && !child.aperture &&
	       swgpu_tlb_overlap(child.addr, 4096, addr, len);
}

/**
 * swgpu_tlb_count - how much still depends on a piece of VRAM?
 * @tlb: the TLB
 * @fmt: format of the tables
 * @addr: first byte
 * @len: bytes
 * @tables_only: leave out pages mapped there
 *
 * Return: entries that came from it, lead to it as a table, or map it.
 */
unsigned int swgpu_tlb_count(const struct swgpu_tlb *tlb, const struct swgpu_fmt *fmt,
			     u64 addr, u64 len, bool tables_only)
{
	const struct swgpu_tlb_entry *e;
	unsigned int nr = 0;
	u64 words;

	for (e = tlb->entry; e < tlb->entry + tlb->high; e++) {
		if (!e->used)
			continue;
		words = e->dir && e->level == 1 ? 16 : 8;
		if (!e->from_sysmem && swgpu_tlb_overlap(e->from, words, addr, len))
			nr++;
		else if (e->dir)
			nr += swgpu_tlb_leads_to(e, fmt, addr, len);
		else if (!tables_only && e->x.result == NOVA_SWGPU_MAPPED && !e->x.aperture)
			nr += swgpu_tlb_overlap(e->x.addr, 1ull << e->shift, addr, len);
	}
	return nr;
}
