// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pt_edit
 *
 * Changes of page tables: map, unmap, sparse. All tables that can be needed were
 * reserved before (nova_pt_pin.c), so nothing here allocates, fails or sleeps
 * but for the writer's lock; every table is visited once and entries are written
 * in runs.
 *
 * A huge page or sparse entry of which only a part changes is *split*: the table
 * below is filled with the same translations in smaller pages, linked in its
 * place, and then changed. At every instant of a split the neighbours translate
 * as before. Which table is used follows from the alignment of the cut, so one
 * reserved table for each edge is enough.
 *
 * In the dual directory a 64 KiB page hides the 4 KiB entries below it. Mapping
 * one size therefore ends by removing what the other size has in the range, and
 * mapping small pages into part of a big one first splits that one::
 *
 *      big    [ 64K leaf        ]            [ look below     ]
 *      small  [ .  .  .  .  .  .]    --->    [ a  b  X  d  e f]
 *
 * Locking: the caller holds the map lock. Units: bytes of virtual address, words
 * of entries.
 */
#include "nova_pt.h"

#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/minmax.h>

/* @nr bits from @bit on, at least one, at most to the end of the word */
static unsigned long nova_bits_mask(unsigned int bit, unsigned int nr)
{
	return BITMAP_FIRST_WORD_MASK(bit) & BITMAP_LAST_WORD_MASK(bit + nr);
}

/* Set the bits of @mask; returns how many of its @nr were clear. */
static __always_inline unsigned int nova_bits_set_word(unsigned long *word, unsigned long mask,
						       unsigned int nr)
{
	unsigned long old = *word & mask;

	*word |= mask;
	return old ? nr - hweight_long(old) : nr;
}

static noinline unsigned int nova_bits_set_words(unsigned long *map, unsigned int i,
						 unsigned int nr)
{
	unsigned int changed = 0, end = i + nr, step;

	for (; i < end; i += step) {
		unsigned int bit = i % BITS_PER_LONG;

		step = min(end - i, BITS_PER_LONG - bit);
		changed += nova_bits_set_word(&map[i / BITS_PER_LONG], nova_bits_mask(bit, step),
					      step);
	}
	return changed;
}

/* Set [i, i + nr); returns how many of them were clear. */
static __always_inline unsigned int nova_bits_set(unsigned long *map, unsigned int i,
						  unsigned int nr)
{
	unsigned int bit = i % BITS_PER_LONG;

	if (bit + nr > BITS_PER_LONG)
		return nova_bits_set_words(map, i, nr);
	return nova_bits_set_word(&map[i / BITS_PER_LONG], nova_bits_mask(bit, nr), nr);
}

static void nova_pt_gather(struct nova_pt_edit *edit, const struct nova_pt *pt, unsigned int i,
			   unsigned int nr, bool tighten)
{
	u64 va = pt->va + ((u64)i << pt->lvl->va_lo);

	nova_tlb_gather_add(&edit->gather, va, va + ((u64)nr << pt->lvl->va_lo), pt->level,
			    tighten);
}

/* Entries [i, i + nr) name no tables any more. */
static void nova_pt_kill_tables(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
				struct nova_pt *pt, unsigned int i, unsigned int nr)
{
	unsigned int end = i + nr;

	if (!pt->nr_child)
		return;
	for_each_set_bit_from(i, pt->table, end) {
		__clear_bit(i, pt->table);
		for (unsigned int half = 0; half < pt->lvl->nr_child; half++) {
			struct nova_pt *child = nova_pt_child(pt, i, half);

			if (child && child->linked)
				nova_pt_kill(tree, edit, child);
		}
	}
}

/* Locals only: the compiler cannot know that no word is a pointer of ours. */
static void nova_pt_count_up(u64 *word, unsigned int nr, u64 first, const u64 stride)
{
	for (; nr >= 2; nr -= 2, word += 2, first += 2 * stride) {
		word[0] = first;
		word[1] = first + stride;
	}
	if (nr)
		*word = first;
}

/*
 * The shadow of words about to become live, in a table of @entries. As long as all of them
 * continue one progression its beginning is enough, so a large mapping leaves two numbers a table.
 */
static __always_inline void nova_pt_note(struct nova_pt *pt, unsigned int i,
					 const struct nova_mem_run *run, unsigned int entries)
{
	if (!pt->nr_live || run->nr == entries) {
		pt->uniform = true;
		pt->first = run->first - i * run->stride;
		pt->stride = run->stride;
		return;
	}
	if (pt->uniform && pt->first + i * run->stride == run->first && pt->stride == run->stride)
		return;
	if (pt->uniform && pt->word)
		nova_pt_count_up(pt->word, entries, pt->first, pt->stride);
	pt->uniform = false;
	if (pt->word)
		nova_pt_count_up(pt->word + i, run->nr, run->first, run->stride);
}

/* Write leaves or sparse entries, in VRAM and shadow; returns how many of them were empty. */
static __always_inline unsigned int nova_pt_put(struct nova_pt_tree *tree, struct nova_pt *pt,
						unsigned int i, const struct nova_mem_run *run,
						unsigned int entries)
{
	unsigned int fresh;

	nova_pt_note(pt, i, run, entries);
	fresh = nova_bits_set(pt->live, i, run->nr);
	pt->nr_live += fresh;
	nova_mem_write_run(tree->mem, run);
	return fresh;
}

/* The same in any table; what was there is replaced. */
static void nova_pt_set(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt,
			unsigned int i, const struct nova_pt_run *run)
{
	unsigned int nr = (run->end - run->va) >> pt->lvl->va_lo;
	const struct nova_mem_run words = {
		.at = nova_mem_offset(pt->mem.at, (u64)i << pt->lvl->entry_lg2),
		.first = run->word,
		.stride = run->stride,
		.nr = nr,
		.pair = pt->lvl->entry_lg2 > 3,
	};
	unsigned int fresh = nova_pt_put(tree, pt, i, &words, nova_gmmu_nr_entries(pt->lvl));

	nova_pt_kill_tables(tree, edit, pt, i, nr);
	nova_pt_gather(edit, pt, i, nr, fresh != nr);
}

/* Make the live ones of entries [i, i + nr) empty; empty ones are not touched. */
static void nova_pt_clear(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			  struct nova_pt *pt, unsigned int i, unsigned int nr)
{
	unsigned int end = i + nr, start = i, stop;

	for (; start < end && pt->nr_live; start = stop) {
		start = find_next_bit(pt->live, end, start);
		if (start >= end)
			return;
		stop = find_next_zero_bit(pt->live, end, start);
		nova_pt_fill_empty(tree, pt, start, stop - start);
		bitmap_clear(pt->live, start, stop - start);
		pt->nr_live -= stop - start;
		nova_pt_kill_tables(tree, edit, pt, start, stop - start);
		nova_pt_gather(edit, pt, start, stop - start, true);
	}
}

static bool nova_pt_is_sparse(const struct nova_pt_tree *tree, const struct nova_pt *pt,
			      unsigned int i)
{
	return nova_pt_is(pt->live, i) && !nova_pt_is(pt->table, i) &&
	       nova_pt_word(tree, pt, i) == tree->fmt->empty[NOVA_GMMU_SPARSE];
}

/* Difference of consecutive entries of level @lvl that say the same as one above. */
static u64 nova_pt_split_stride(const struct nova_pt_tree *tree,
				const struct nova_gmmu_level *lvl, u64 word)
{
	if (word == tree->fmt->empty[NOVA_GMMU_SPARSE])
		return 0;
	return nova_gmmu_stride(tree->fmt, lvl->va_lo);
}

/* Give an unlinked table the translations its parent's entry has, but not to [x, y). */
static void nova_pt_fill(struct nova_pt_tree *tree, struct nova_pt *pt, unsigned int x,
			 unsigned int y)
{
	unsigned int nr = nova_gmmu_nr_entries(pt->lvl), i = pt->idx;
	struct nova_pt *parent = pt->parent;
	u64 word, stride;

	if (!nova_pt_is(parent->live, i) || nova_pt_is(parent->table, i)) {
		nova_pt_fill_empty(tree, pt, 0, x);
		nova_pt_fill_empty(tree, pt, y, nr - y);
		return;
	}
	word = nova_pt_word(tree, parent, i);
	stride = nova_pt_split_stride(tree, pt->lvl, word);
	if (x)
		nova_pt_write(tree, pt, 0, x, word, stride);
	if (y < nr)
		nova_pt_write(tree, pt, y, nr - y, word + y * stride, stride);
	pt->uniform = true;
	pt->first = word;
	pt->stride = stride;
	bitmap_set(pt->live, 0, x);
	bitmap_set(pt->live, y, nr - y);
	pt->nr_live = x + nr - y;
}

/* Express one big page in small ones and let it say "look below". */
static void nova_pt_split_big(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			      struct nova_pt *big, unsigned int g)
{
	struct nova_pt *small = nova_pt_child(big->parent, big->idx, 1);
	u64 va = big->va + ((u64)g << big->lvl->va_lo);
	struct nova_pt_run run = {
		.va = va,
		.end = va + (1ULL << big->lvl->va_lo),
		.word = nova_pt_word(tree, big, g),
	};
	bool fresh;

	if (!small) {
		edit->missing = true;
		return;
	}
	run.stride = nova_pt_split_stride(tree, small->lvl, run.word);
	fresh = !small->linked;
	if (fresh)
		nova_pt_fill(tree, small, 0, 0);
	nova_pt_set(tree, edit, small, nova_gmmu_index(small->lvl, va), &run);
	if (fresh)
		nova_pt_link(tree, edit, small);
	nova_pt_clear(tree, edit, big, g, 1);
}

/* Split the big pages that [va, end), inside one dual entry, covers only in part. */
static void nova_pt_cut_big(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			    struct nova_pt *big, u64 va, u64 end)
{
	u64 size = 1ULL << big->lvl->va_lo;
	unsigned int g = nova_gmmu_index(big->lvl, va);

	if (!IS_ALIGNED(va, size) && nova_pt_is(big->live, g))
		nova_pt_split_big(tree, edit, big, g);
	g = nova_gmmu_index(big->lvl, end - 1);
	if (!IS_ALIGNED(end, size) && nova_pt_is(big->live, g))
		nova_pt_split_big(tree, edit, big, g);
}

/* Remove what a page table has in [va, end), which cuts none of its pages. */
static void nova_pt_clear_range(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
				struct nova_pt *pt, u64 va, u64 end)
{
	unsigned int i = nova_gmmu_index(pt->lvl, va);
	unsigned int last = nova_gmmu_index(pt->lvl, end - 1);

	nova_pt_clear(tree, edit, pt, i, last - i + 1);
	nova_pt_prune(tree, edit, pt);
}

static void nova_pt_map_in(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			   struct nova_pt *pt, const struct nova_pt_run *run);

/* Map into one child; around it, keep the dual entry's other child consistent. */
static void nova_pt_map_child(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			      struct nova_pt *child, const struct nova_pt_run *run)
{
	struct nova_pt *parent = child->parent, *other = NULL;
	unsigned int x = 0, y = 0;
	bool fresh;

	if (parent->lvl->nr_child == 2)
		other = nova_pt_child(parent, child->idx, !child->half);
	if (other && other->linked && child->half)
		nova_pt_cut_big(tree, edit, other, run->va, run->end);
	fresh = !child->linked;
	if (fresh && child->level == run->level) {
		x = nova_gmmu_index(child->lvl, run->va);
		y = nova_gmmu_index(child->lvl, run->end - 1) + 1;
	}
	if (fresh)
		nova_pt_fill(tree, child, x, y);
	nova_pt_map_in(tree, edit, child, run);
	if (fresh)
		nova_pt_link(tree, edit, child);
	if (other && other->linked)
		nova_pt_clear_range(tree, edit, other, run->va, run->end);
}

static void nova_pt_map_in(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			   struct nova_pt *pt, const struct nova_pt_run *run)
{
	unsigned int half = nova_pt_half(pt->lvl, run->level);
	struct nova_pt_run part = *run;

	if (pt->level == run->level) {
		nova_pt_set(tree, edit, pt, nova_gmmu_index(pt->lvl, run->va), run);
		return;
	}
	for (; part.va < run->end; part.va = part.end) {
		struct nova_pt *child = nova_pt_child(pt, nova_gmmu_index(pt->lvl, part.va), half);
		u64 nr;

		part.end = nova_pt_step_end(pt->lvl, part.va, run->end);
		if (child)
			nova_pt_map_child(tree, edit, child, &part);
		else
			edit->missing = true;
		nr = (part.end - part.va) >> tree->fmt->level[run->level].va_lo;
		part.word += nr * run->stride;
	}
}

/**
 * nova_pt_map - map consecutive pages of one size
 * @tree: the tree
 * @edit: notes what was changed
 * @run: the pages; tables of their level are pinned over the range
 *
 * Overwrites what is there; huge pages reaching into the range are split.
 *
 * Context: map lock.
 */
void nova_pt_map(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
		 const struct nova_pt_run *run)
{
	struct nova_pt *from = nova_pt_near(tree, run->va, run->end);

	if (!from->linked || from->level < run->level)
		from = tree->root;
	nova_pt_map_in(tree, edit, from, run);
}

/* The table of 4 KiB pages that alone maps @va, if it is there and linked. */
static __always_inline struct nova_pt *nova_pt_small(struct nova_pt_tree *tree, u64 va)
{
	struct nova_pt *pt, *dir, **child;

	if (nova_pt_in_last(tree, va))
		return tree->last;
	dir = nova_pt_hinted(tree, va);
	if (!dir || !dir->fertile)
		return NULL;
	child = &dir->child[(va ^ dir->va) >> tree->small_lg2 << tree->hint_dual];
	pt = child[tree->hint_dual];
	if (!pt || !pt->linked || (tree->hint_dual && child[0] && child[0]->linked))
		return NULL;
	tree->last = pt;
	return pt;
}

/* As nova_pt_put_one() for @nr pages; -ENOENT if the table has not that many from there on. */
static int nova_pt_put_some(struct nova_pt_tree *tree, struct nova_pt *pt, u64 va, u64 word,
			    unsigned int nr)
{
	unsigned int i = (va ^ pt->va) >> NOVA_PAGE_SHIFT;
	const struct nova_mem_run run = {
		.at = nova_mem_offset(pt->mem.at, i * sizeof(u64)),
		.first = word,
		.stride = tree->small_stride,
		.nr = nr,
	};
	unsigned int entries = 1u << (tree->small_lg2 - NOVA_PAGE_SHIFT);

	return nr <= entries - i ? nr - nova_pt_put(tree, pt, i, &run, entries) : -ENOENT;
}

/**
 * nova_pt_map_small - map 4 KiB pages into a table that is there
 * @tree: the tree
 * @va: first virtual address; nothing need be reserved
 * @word: leaf word of the first page; the others follow physically
 * @nr: how many pages, at least 1
 *
 * The common small change: no table is added, none dies. The caches have yet to be
 * told, about entries of level 0. What differs between formats is looked up in the
 * tree alone, so that all there is to wait for is the way down.
 *
 * Context: map lock.
 *
 * Return: how many of the entries were not empty; -ENOENT if the table is not there,
 * or not the only one: then nothing was done.
 */
int nova_pt_map_small(struct nova_pt_tree *tree, u64 va, u64 word, unsigned int nr)
{
	struct nova_pt *pt = nova_pt_small(tree, va);

	if (!pt)
		return -ENOENT;
	return nr == 1 ? nova_pt_put_one(tree, pt, va, word) :
			 nova_pt_put_some(tree, pt, va, word, nr);
}

/* The child in which a cut of entry @i at @va and @end can be expressed. */
static struct nova_pt *nova_pt_cut_child(struct nova_pt *pt, unsigned int i, u64 va, u64 end)
{
	struct nova_pt *child = nova_pt_child(pt, i, pt->lvl->nr_child - 1);

	if (!child && pt->lvl->nr_child == 2) {
		child = nova_pt_child(pt, i, 0);
		if (child && !IS_ALIGNED(va | end, 1ULL << child->lvl->va_lo))
			child = NULL;
	}
	return child;
}

static void nova_pt_unmap_in(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			     struct nova_pt *pt, u64 va, u64 end);

/* A leaf or sparse entry loses a part. */
static void nova_pt_unmap_split(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
				struct nova_pt *pt, u64 va, u64 end)
{
	unsigned int i = nova_gmmu_index(pt->lvl, va);
	struct nova_pt *child = nova_pt_cut_child(pt, i, va, end);

	if (!child) {
		/* Nobody reserved for a cut here: a fault is safer than a stale page. */
		nova_pt_clear(tree, edit, pt, i, 1);
		return;
	}
	nova_pt_fill(tree, child, 0, 0);
	nova_pt_unmap_in(tree, edit, child, va, end);
	nova_pt_link(tree, edit, child);
}

/* Tables below one directory entry lose a part. */
static void nova_pt_unmap_tables(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
				 struct nova_pt *pt, u64 va, u64 end)
{
	unsigned int i = nova_gmmu_index(pt->lvl, va);
	struct nova_pt *big = nova_pt_child(pt, i, 0), *small;
	u64 from, to;

	if (pt->lvl->nr_child == 1) {
		nova_pt_unmap_in(tree, edit, big, va, end);
		return;
	}
	if (big && big->linked) {
		nova_pt_cut_big(tree, edit, big, va, end);
		from = ALIGN(va, 1ULL << big->lvl->va_lo);
		to = ALIGN_DOWN(end, 1ULL << big->lvl->va_lo);
		if (from < to)
			nova_pt_clear_range(tree, edit, big, from, to);
		else
			nova_pt_prune(tree, edit, big);
	}
	small = nova_pt_child(pt, i, 1);
	if (small && small->linked)
		nova_pt_clear_range(tree, edit, small, va, end);
}

static void nova_pt_unmap_in(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			     struct nova_pt *pt, u64 va, u64 end)
{
	u64 size = 1ULL << pt->lvl->va_lo, next;

	for (; va < end && pt->nr_live; va = next) {
		unsigned int i = nova_gmmu_index(pt->lvl, va);

		if (IS_ALIGNED(va, size) && end - va >= size) {
			next = ALIGN_DOWN(end, size);
			nova_pt_clear(tree, edit, pt, i, (next - va) >> pt->lvl->va_lo);
			continue;
		}
		next = nova_pt_step_end(pt->lvl, va, end);
		if (!nova_pt_is(pt->live, i))
			continue;
		if (nova_pt_is(pt->table, i))
			nova_pt_unmap_tables(tree, edit, pt, va, next);
		else
			nova_pt_unmap_split(tree, edit, pt, va, next);
	}
	nova_pt_prune(tree, edit, pt);
}

/**
 * nova_pt_unmap - let a range map nothing
 * @tree: the tree
 * @edit: notes what was changed
 * @va: start of the range, multiple of 4 KiB
 * @end: end of it, above @va
 *
 * Needs tables only where an edge cuts a huge page or sparse entry. If nobody
 * reserved one there, all of that page is unmapped.
 *
 * Context: map lock.
 */
void nova_pt_unmap(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end)
{
	nova_pt_unmap_in(tree, edit, tree->root, va, end);
}

static void nova_pt_sparse_in(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			      struct nova_pt *pt, u64 va, u64 end);

/* Part of one directory entry becomes sparse. */
static void nova_pt_sparse_part(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
				struct nova_pt *pt, u64 va, u64 end)
{
	unsigned int i = nova_gmmu_index(pt->lvl, va);
	struct nova_pt *child = nova_pt_cut_child(pt, i, va, end);
	struct nova_pt_run run = {
		.va = va,
		.end = end,
		.word = tree->fmt->empty[NOVA_GMMU_SPARSE],
	};
	bool fresh;

	if (nova_pt_is_sparse(tree, pt, i))
		return;
	if (!child) {
		edit->missing = true;
		return;
	}
	if (!child->lvl->nr_child) {
		run.level = child->level;
		nova_pt_map_child(tree, edit, child, &run);
		return;
	}
	fresh = !child->linked;
	if (fresh)
		nova_pt_fill(tree, child, 0, 0);
	nova_pt_sparse_in(tree, edit, child, va, end);
	if (fresh)
		nova_pt_link(tree, edit, child);
}

static void nova_pt_sparse_in(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			      struct nova_pt *pt, u64 va, u64 end)
{
	struct nova_pt_run run = { .word = tree->fmt->empty[NOVA_GMMU_SPARSE], .va = va };
	u64 size = 1ULL << pt->lvl->va_lo;

	for (; run.va < end; run.va = run.end) {
		if (IS_ALIGNED(run.va, size) && end - run.va >= size) {
			run.end = ALIGN_DOWN(end, size);
			nova_pt_set(tree, edit, pt, nova_gmmu_index(pt->lvl, run.va), &run);
		} else {
			run.end = nova_pt_step_end(pt->lvl, run.va, end);
			nova_pt_sparse_part(tree, edit, pt, run.va, run.end);
		}
	}
}

/**
 * nova_pt_sparse - let a range read zero and drop writes
 * @tree: the tree
 * @edit: notes what was changed
 * @va: start of the range, multiple of 4 KiB
 * @end: end of it, above @va
 *
 * Written with the coarsest entries that fit; tables at both edges are pinned.
 *
 * Context: map lock.
 */
void nova_pt_sparse(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end)
{
	nova_pt_sparse_in(tree, edit, tree->root, va, end);
}
