// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu walk
 *
 * From a root and a virtual address to the end of the walk, word by word as the
 * hardware reads them: directories from the root, then at PD0 the 2 MiB page, the
 * big table, the small table, in this order. The result says what the *tables*
 * say; whether this access may use it is checked by the MMU unit afterwards::
 *
 *   root … PD1 --> PD0 = { big, small }
 *                    |      |      `--> small PT[20:12]: page, sparse, or fault
 *                    |      `--> big PT[20:16]: page, sparse, "nothing below": end
 *                    |                          plain invalid: go to the small PT
 *                    `--> 2 MiB page
 *
 * Strict: reserved bits, misaligned or out-of-range tables and pages, words nobody
 * ever wrote, end the walk with a fault that says why. A big and a small page for
 * the same 64 KiB is reported, but the walk goes on with the big one as hardware
 * would.
 *
 * A walk may start from cached directory entries and leaves those it read in the
 * cache; or it may ignore the cache both ways. Addresses are bytes, gpu->lock is
 * held.
 */

#include "swgpu_walk.h"

/** struct swgpu_walker - a walk under way */
struct swgpu_walker {
	struct nova_swgpu *gpu;
	const struct swgpu_space *space;
	const struct swgpu_fmt *fmt;
	struct swgpu_trace *trace;
	struct nova_swgpu_xlate *x;
	u64 va;
	bool cached;
	/** @aperture: of the table at hand */
	u8 aperture;
	/** @table: address of the table at hand */
	u64 table;
};

/* Always false, so that callers can end the walk and say why in one statement. */
static bool swgpu_walk_fault(struct swgpu_walker *w, u8 code, u8 why)
{
	w->x->result = NOVA_SWGPU_FAULT;
	w->x->fault = code;
	w->x->why = why;
	return false;
}

/* Where we are: whatever the result will be, it covers 1 << shift bytes. */
static void swgpu_walk_at(struct swgpu_walker *w, u64 addr, unsigned int level,
			  unsigned int shift)
{
	w->x->table = addr;
	w->x->table_sysmem = w->aperture;
	w->x->level = level;
	w->x->page_shift = shift;
}

static bool swgpu_walk_read(struct swgpu_walker *w, u64 addr, bool big, u64 *word)
{
	struct swgpu_step *step;

	if (!swgpu_phys_load(w->gpu, w->aperture, addr, 8, word))
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	w->gpu->log.count.table_reads++;
	if (w->trace && w->trace->nr < SWGPU_WALK_STEPS) {
		step = &w->trace->step[w->trace->nr++];
		*step = (struct swgpu_step){ addr, *word, w->x->level, w->aperture, big };
	}
	if (!w->aperture && *word == swgpu_vram_poison(addr))
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_POISONED, NOVA_SWGPU_WHY_POISON);
	return true;
}

/* May the walk go on into this table? Then it does. */
static bool swgpu_walk_enter(struct swgpu_walker *w, const struct swgpu_word *dir, u64 len)
{
	if (!swgpu_phys_ok(w->gpu, dir->aperture, dir->addr, len))
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	w->aperture = dir->aperture;
	w->table = dir->addr;
	return true;
}

static bool swgpu_walk_sparse(struct swgpu_walker *w)
{
	w->x->result = NOVA_SWGPU_SPARSE;
	return false;
}

/* End of the walk at a valid leaf; the checks here do not depend on the access. */
static bool swgpu_walk_leaf(struct swgpu_walker *w, const struct swgpu_word *leaf)
{
	u64 size = 1ull << w->x->page_shift;

	if (leaf->bad)
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_RESERVED);
	if (leaf->aperture == NOVA_SWGPU_PEER)	/* the model has no peers */
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_APERTURE, NOVA_SWGPU_WHY_PLAIN);
	if (leaf->addr & (size - 1))
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_MISALIGNED);
	if (!swgpu_phys_ok(w->gpu, leaf->aperture, leaf->addr, size))
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_REGION, NOVA_SWGPU_WHY_OUT_OF_RANGE);
	w->x->result = NOVA_SWGPU_MAPPED;
	w->x->addr = leaf->addr;
	w->x->aperture = leaf->aperture;
	w->x->kind = leaf->kind;
	w->x->read_only = leaf->read_only;
	w->x->privileged = leaf->privileged;
	w->x->no_atomic = leaf->no_atomic;
	w->x->uncached = leaf->uncached;
	return false;
}

/* What is read from this table, or leads to it, may be remembered. */
static void swgpu_walk_mark(struct swgpu_walker *w, const struct swgpu_word *dir)
{
	if (w->cached && dir->state == SWGPU_VALID && dir->aperture == NOVA_SWGPU_VRAM)
		swgpu_tlb_mark(&w->gpu->tlb, dir->addr);
}

static void swgpu_walk_remember(struct swgpu_walker *w, const struct swgpu_level *level,
				u64 lo, u64 hi)
{
	const struct swgpu_tlb_entry e = {
		.space = *w->space,
		.tag = w->va >> level->lo,
		.word = { lo, hi },
		.from = w->x->table,
		.from_sysmem = w->aperture,
		.shift = level->lo,
		.level = level->id,
		.dir = true,
	};

	if (w->cached && !swgpu_tlb_dir(&w->gpu->tlb, w->space, w->va, level->lo))
		w->gpu->log.count.evictions += swgpu_tlb_insert(&w->gpu->tlb, &e);
}

/* The rule on dual entries: no page of the small table below a valid big page. */
static bool swgpu_walk_both(struct swgpu_walker *w, const struct swgpu_word *small)
{
	u64 addr = small->addr + swgpu_bits(w->va, 20, 16) * 16 * 8;
	struct swgpu_word pte;
	unsigned int i;
	u64 word;

	for (i = 0; small->state == SWGPU_VALID && i < 16; i++) {
		if (!swgpu_phys_load(w->gpu, small->aperture, addr + i * 8, 8, &word))
			return false;
		w->fmt->pte(word, &pte);
		if (pte.state == SWGPU_VALID &&
		    (small->aperture || word != swgpu_vram_poison(addr + i * 8)))
			return true;
	}
	return false;
}

/* Returns whether to go on with the small table. */
static bool swgpu_walk_big(struct swgpu_walker *w, const struct swgpu_word *big,
			   const struct swgpu_word *small)
{
	u64 addr = big->addr + swgpu_bits(w->va, 20, 16) * 8;
	struct swgpu_word pte;
	u64 word;

	if (!swgpu_walk_enter(w, big, 256))
		return false;
	swgpu_walk_at(w, addr, 0, 16);
	if (!swgpu_walk_read(w, addr, true, &word))
		return false;
	w->fmt->pte(word, &pte);
	if (pte.state == SWGPU_VALID) {
		swgpu_walk_leaf(w, &pte);
		if (w->x->result == NOVA_SWGPU_MAPPED && swgpu_walk_both(w, small))
			w->x->why = NOVA_SWGPU_WHY_BOTH_HALVES;
		return false;
	}
	if (pte.bad)
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_RESERVED);
	if (pte.state == SWGPU_SPARSE)
		return swgpu_walk_sparse(w);
	if (pte.state == SWGPU_INVALID && small->state == SWGPU_VALID)
		return true;
	return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
}

static bool swgpu_walk_small(struct swgpu_walker *w, const struct swgpu_word *small)
{
	u64 addr = small->addr + swgpu_bits(w->va, 20, 12) * 8;
	struct swgpu_word pte;
	u64 word;

	if (!swgpu_walk_enter(w, small, 4096))
		return false;
	swgpu_walk_at(w, addr, 0, 12);
	if (!swgpu_walk_read(w, addr, false, &word))
		return false;
	w->fmt->pte(word, &pte);
	if (pte.state == SWGPU_VALID)
		return swgpu_walk_leaf(w, &pte);
	if (pte.bad || pte.state == SWGPU_NO_SMALL)	/* the marker is for big PTEs */
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_RESERVED);
	if (pte.state == SWGPU_SPARSE)
		return swgpu_walk_sparse(w);
	return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PTE, NOVA_SWGPU_WHY_PLAIN);
}

/* PD0: a 2 MiB page, or two tables, or sparse, or nothing. */
static bool swgpu_walk_dual(struct swgpu_walker *w, const struct swgpu_level *level,
			    u64 lo, u64 hi)
{
	struct swgpu_word big, small;

	if (lo & 1) {
		w->fmt->pte(lo, &big);
		big.bad |= hi != 0;
		return swgpu_walk_leaf(w, &big);
	}
	w->fmt->big(lo, &big);
	w->fmt->small(hi, &small);
	/* Sparse is said by the low word alone, with no table in either half. */
	if (big.bad || small.bad || small.state == SWGPU_SPARSE ||
	    (big.state == SWGPU_SPARSE && small.state == SWGPU_VALID))
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_RESERVED);
	if (big.state == SWGPU_SPARSE)
		return swgpu_walk_sparse(w);
	if (big.state == SWGPU_INVALID && small.state == SWGPU_INVALID)
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_PLAIN);
	swgpu_walk_mark(w, &big);
	swgpu_walk_mark(w, &small);
	swgpu_walk_remember(w, level, lo, hi);
	if (big.state == SWGPU_VALID && !swgpu_walk_big(w, &big, &small))
		return false;
	return swgpu_walk_small(w, &small);
}

/* Any directory above PD0. Returns whether to go on in the next level. */
static bool swgpu_walk_single(struct swgpu_walker *w, const struct swgpu_level *level, u64 word)
{
	struct swgpu_word dir;

	if (word & 1) {
		if (!(level->leaf & w->gpu->chip->feat))
			return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PDE_SIZE, NOVA_SWGPU_WHY_PLAIN);
		w->fmt->pte(word, &dir);
		return swgpu_walk_leaf(w, &dir);
	}
	w->fmt->pde(word, &dir);
	if (dir.bad)
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_RESERVED);
	if (dir.state == SWGPU_SPARSE)
		return swgpu_walk_sparse(w);
	if (dir.state == SWGPU_INVALID)
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_PLAIN);
	swgpu_walk_mark(w, &dir);
	swgpu_walk_remember(w, level, word, 0);
	return swgpu_walk_enter(w, &dir, 4096);
}

/* One level, from the table or from the cache. Returns whether to go on below. */
static bool swgpu_walk_level(struct swgpu_walker *w, const struct swgpu_level *level,
			     const struct swgpu_tlb_entry *hit)
{
	bool dual = level->id == 1;
	u64 index = swgpu_bits(w->va, level->hi, level->lo);
	u64 addr = w->table + index * (dual ? 16 : 8);
	u64 lo, hi = 0;

	if (hit) {
		w->aperture = hit->from_sysmem ? NOVA_SWGPU_SYS_COH : NOVA_SWGPU_VRAM;
		swgpu_walk_at(w, hit->from, level->id, level->lo);
		lo = hit->word[0];
		hi = hit->word[1];
	} else {
		swgpu_walk_at(w, addr, level->id, level->lo);
		if (!swgpu_walk_read(w, addr, dual, &lo) ||
		    (dual && !swgpu_walk_read(w, addr + 8, false, &hi)))
			return false;
	}
	return dual ? swgpu_walk_dual(w, level, lo, hi) : swgpu_walk_single(w, level, lo);
}

/* Can the walk begin at all? */
static bool swgpu_walk_begin(struct swgpu_walker *w)
{
	const struct swgpu_word root = {
		.addr = w->space->pdb,
		.aperture = w->space->sysmem ? NOVA_SWGPU_SYS_COH : NOVA_SWGPU_VRAM,
		.state = SWGPU_VALID,
	};

	swgpu_walk_mark(w, &root);
	swgpu_walk_at(w, root.addr, w->fmt->levels[0].id, w->fmt->va_bits);
	if (w->va >> w->fmt->va_bits)
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_VA_LIMIT, NOVA_SWGPU_WHY_PLAIN);
	if (root.addr & 4095)
		return swgpu_walk_fault(w, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_MISALIGNED);
	return swgpu_walk_enter(w, &root, 4096);
}

/**
 * swgpu_walk - walk the page tables
 * @gpu: the GPU
 * @space: root and client
 * @va: GPU virtual address, any
 * @cached: start from cached directory entries and add those read
 * @trace: receives every word looked at, or NULL
 * @x: filled in: the result covers @x->page_shift bits around @va and @x->addr is
 *     the address of the start of the page. %NOVA_SWGPU_WHY_BOTH_HALVES may be set
 *     in a result that is MAPPED.
 *
 * Context: gpu->lock held.
 */
void swgpu_walk(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va, bool cached,
		struct swgpu_trace *trace, struct nova_swgpu_xlate *x)
{
	const struct swgpu_fmt *fmt = gpu->chip->fmt;
	struct swgpu_walker w = {
		.gpu = gpu, .space = space, .fmt = fmt, .trace = trace, .x = x,
		.va = va, .cached = cached,
	};
	const struct swgpu_tlb_entry *hit = NULL;
	struct swgpu_tlb_entry copy;
	unsigned int i = 0;

	*x = (struct nova_swgpu_xlate){ 0 };
	gpu->log.count.walks++;
	if (!swgpu_walk_begin(&w))
		return;
	for (i = fmt->nr_levels; cached && i-- > 0;) {
		hit = swgpu_tlb_dir(&gpu->tlb, space, va, fmt->levels[i].lo);
		if (hit)
			break;
	}
	if (hit)
		copy = *hit;
	for (i = hit ? i : 0; i < fmt->nr_levels; i++) {
		if (!swgpu_walk_level(&w, &fmt->levels[i], hit ? &copy : NULL))
			return;
		hit = NULL;
	}
}
