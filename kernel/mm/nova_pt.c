// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pt
 *
 * The page tables of one address space: a tree of tables in VRAM with a shadow
 * on the CPU's side, so that nothing is ever read back. Levels are rows of the
 * format's geometry; this unit knows no bit of an entry.
 *
 * An entry is *empty*, *live* as a leaf or as sparse, or live as a directory
 * entry naming *linked* tables. Independently of that a table may hang in the
 * tree without being linked: it was reserved for a change that has not happened
 * yet, holds garbage and is known to the CPU only::
 *
 *        in VRAM:   entry ---> table          linked
 *        shadow:    child ---> table          attached, perhaps not linked
 *
 * Changes come in three stages. *Reserve* (nova_pt_pin.c) attaches all tables a
 * range of addresses can need and pins them. *Edit* (nova_pt_edit.c) allocates
 * nothing and cannot fail: it fills tables, links them, unlinks those that became
 * empty. *Free*: a table that is not pinned, not live and has no children leaves
 * the tree for an update's list of dead tables and is freed after the invalidate
 * that follows its unlinking. Order on the wire is always: contents of a new
 * table, write barrier, the entry that names it.
 *
 * The dual directory's two tables are two children. An empty entry of the big
 * one says "look at the small table" exactly while the small one is linked, see
 * nova_pt_empty_word().
 *
 * Invariants: &nova_pt.nr_live counts &nova_pt.live; a linked table's parent is
 * linked and has its &nova_pt.table bit set; an unlinked table is not live.
 *
 * Locking: the caller holds the address space's map lock for everything in a
 * tree, and holds no lock to create or destroy tables outside one.
 */
#include "nova_pt.h"

#include "nova_compat.h"
#include "nova_mem.h"

#include <kunit/static_stub.h>

#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

/* The shadow alone: header and bits zeroed; children and words are not. */
static struct nova_pt *nova_pt_alloc(struct nova_pt_tree *tree, unsigned int level)
{
	const struct nova_gmmu_level *lvl = &tree->fmt->level[level];
	unsigned int nr = nova_gmmu_nr_entries(lvl), slots = nr * lvl->nr_child;
	size_t table = struct_size_t(struct nova_pt, live, BITS_TO_LONGS(nr));
	size_t child = table + (slots ? BITS_TO_LONGS(nr) * sizeof(long) : 0);
	size_t word = child + slots * sizeof(struct nova_pt *);
	struct nova_pt *pt = kvmalloc(word + (level ? nr * sizeof(u64) : 0), GFP_KERNEL);

	if (!pt)
		return NULL;
	memset(pt, 0, child);
	pt->lvl = lvl;
	pt->level = level;
	if (slots) {
		pt->table = (void *)pt + table;
		pt->child = (void *)pt + child;
	}
	if (level)
		pt->word = (void *)pt + word;
	return pt;
}

/**
 * nova_pt_create - make a table that is in no tree
 * @tree: address space it is for
 * @level: its level
 *
 * Its VRAM is not written.
 *
 * Context: allocates, takes the pool's lock; the map lock must not be held.
 *
 * Return: the table; ERR_PTR of -ENOMEM, or -ENOSPC if VRAM for tables ran out.
 */
struct nova_pt *nova_pt_create(struct nova_pt_tree *tree, unsigned int level)
{
	struct nova_pt *pt;
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(nova_pt_create, tree, level);
	pt = nova_pt_alloc(tree, level);
	if (!pt)
		return ERR_PTR(-ENOMEM);
	ret = nova_pool_alloc(tree->pool, pt->lvl->align_lg2, &pt->mem);
	if (ret) {
		kvfree(pt);
		return ERR_PTR(ret);
	}
	atomic_long_inc(&tree->nr_tables);
	atomic_long_add(1L << pt->lvl->align_lg2, &tree->bytes);
	return pt;
}

/**
 * nova_pt_create_borrowed - shadow of a table that firmware owns
 * @tree: address space it is in
 * @level: its level
 * @at: where it is
 *
 * Its entries are the caller's to take over. It is linked and stays so.
 *
 * Context: allocates; the map lock must not be held.
 *
 * Return: the table; ERR_PTR of -ENOMEM.
 */
struct nova_pt *nova_pt_create_borrowed(struct nova_pt_tree *tree, unsigned int level,
					nova_vram_t at)
{
	struct nova_pt *pt = nova_pt_alloc(tree, level);

	if (!pt)
		return ERR_PTR(-ENOMEM);
	pt->mem.at = (struct nova_mem_at){ .vram = at, .window = NOVA_MEM_NO_WINDOW };
	pt->borrowed = true;
	pt->linked = true;
	return pt;
}

/**
 * nova_pt_destroy - free a table that is in no tree
 * @tree: address space it was for
 * @pt: the table; no translation cache knows it any more, unless the tree was
 *	abandoned: then its VRAM is not used again
 *
 * Context: may sleep, takes the pool's lock; the map lock must not be held.
 */
void nova_pt_destroy(struct nova_pt_tree *tree, struct nova_pt *pt)
{
	if (pt->borrowed) {
		kvfree(pt);
		return;
	}
	atomic_long_dec(&tree->nr_tables);
	atomic_long_sub(1L << pt->lvl->align_lg2, &tree->bytes);
	if (tree->abandoned)
		nova_pool_lose(tree->pool, pt->lvl->align_lg2);
	else
		nova_pool_free(tree->pool, pt->lvl->align_lg2, &pt->mem);
	kvfree(pt);
}

/**
 * nova_pt_attach - hang a table into the tree without linking it
 * @parent: directory
 * @idx: its entry
 * @half: which child of the entry
 * @pt: the table, in no tree so far
 *
 * Context: map lock.
 */
void nova_pt_attach(struct nova_pt *parent, unsigned int idx, unsigned int half,
		    struct nova_pt *pt)
{
	pt->parent = parent;
	pt->idx = idx;
	pt->half = half;
	pt->va = parent->va + ((u64)idx << parent->lvl->va_lo);
	/* A directory of huge pages never pays for this. */
	if (!parent->fertile)
		memset(parent->child, 0, sizeof(pt) * nova_gmmu_nr_entries(parent->lvl) *
					 parent->lvl->nr_child);
	parent->fertile = true;
	parent->child[nova_pt_slot(parent, idx, half)] = pt;
	parent->nr_child++;
}

/*
 * What an empty entry says. The only place that decides between INVALID and
 * NO_SMALL: a big table refers to the small one exactly while that is linked.
 */
static u64 nova_pt_empty_word(struct nova_pt_tree *tree, struct nova_pt *pt)
{
	enum nova_gmmu_empty empty = tree->scratch ? NOVA_GMMU_SPARSE : NOVA_GMMU_INVALID;

	if (pt->level && !pt->lvl->nr_child) {
		struct nova_pt *small = nova_pt_child(pt->parent, pt->idx, 1);

		if (small && small->linked)
			empty = NOVA_GMMU_INVALID;
		else if (!tree->scratch)
			empty = NOVA_GMMU_NO_SMALL;
	}
	return tree->fmt->empty[empty];
}

/**
 * nova_pt_fill_empty - write consecutive entries as empty
 * @tree: the tree
 * @pt: table
 * @i: first entry
 * @nr: how many, may be 0
 *
 * VRAM only; the shadow is the caller's.
 *
 * Context: map lock.
 */
void nova_pt_fill_empty(struct nova_pt_tree *tree, struct nova_pt *pt, unsigned int i,
			unsigned int nr)
{
	if (nr)
		nova_pt_write(tree, pt, i, nr, nova_pt_empty_word(tree, pt), 0);
}

/**
 * nova_pt_write_tables - write a directory entry from its linked children
 * @tree: the tree
 * @pt: directory
 * @i: entry
 *
 * With no linked child the entry becomes empty. The low word of a dual entry
 * decides whether it is a leaf, so it goes last: until then the old leaf holds,
 * and from then on both halves are right (V-4).
 *
 * Context: map lock.
 */
void nova_pt_write_tables(struct nova_pt_tree *tree, struct nova_pt *pt, unsigned int i)
{
	struct nova_gmmu_table table[NOVA_GMMU_MAX_WORDS] = {};
	struct nova_mem_at at = nova_mem_offset(pt->mem.at, (u64)i << pt->lvl->entry_lg2);
	u64 words[NOVA_GMMU_MAX_WORDS] = {};
	unsigned int nr = pt->lvl->nr_child;

	for (unsigned int half = 0; half < nr; half++) {
		struct nova_pt *child = nova_pt_child(pt, i, half);

		if (!child || !child->linked)
			continue;
		table[half].present = true;
		table[half].addr = child->mem.at.vram.addr;
		table[half].aperture = NOVA_APERTURE_VRAM;
		table[half].no_ats = tree->fmt->table_no_ats;
	}
	if (nova_pt_is(pt->table, i))
		tree->fmt->pde(words, table, nr);
	else
		words[0] = nova_pt_empty_word(tree, pt);
	while (nr--) {
		nova_mem_write64(tree->mem, nova_mem_offset(at, nr * sizeof(u64)), words[nr]);
		if (nr && pt->linked)
			nova_mem_order(tree->mem);
	}
}

/* The small table was linked or unlinked: empty big entries change their meaning. */
static void nova_pt_refresh_big(struct nova_pt_tree *tree, struct nova_pt *small)
{
	struct nova_pt *big = small->half ? nova_pt_child(small->parent, small->idx, 0) : NULL;
	unsigned int start, end, nr;

	if (!big || !big->linked)
		return;
	nr = nova_gmmu_nr_entries(big->lvl);
	for_each_clear_bitrange(start, end, big->live, nr)
		nova_pt_fill_empty(tree, big, start, end - start);
}

/**
 * nova_pt_link - let the parent's entry name a table
 * @tree: the tree
 * @edit: change this is part of
 * @pt: table; all its words are valid in VRAM or on their way there
 *
 * Context: map lock.
 */
void nova_pt_link(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt)
{
	struct nova_pt *parent = pt->parent;
	u64 size = 1ULL << parent->lvl->va_lo;

	bool replaces = nova_pt_is(parent->live, pt->idx) && !nova_pt_is(parent->table, pt->idx);

	pt->linked = true;
	tree->last = NULL;
	nova_pt_refresh_big(tree, pt);
	/* While nothing leads to the parent its words may arrive in any order. */
	if (parent->linked)
		nova_mem_order(tree->mem);
	if (!__test_and_set_bit(pt->idx, parent->live))
		parent->nr_live++;
	__set_bit(pt->idx, parent->table);
	nova_pt_write_tables(tree, parent, pt->idx);
	nova_tlb_gather_add(&edit->gather, pt->va, pt->va + size, parent->level, replaces);
}

static bool nova_pt_other_half_linked(struct nova_pt *pt)
{
	struct nova_pt *other;

	if (pt->parent->lvl->nr_child < 2)
		return false;
	other = nova_pt_child(pt->parent, pt->idx, !pt->half);
	return other && other->linked;
}

/* No entry names the table any more. */
static void nova_pt_unreachable(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
				struct nova_pt *pt)
{
	pt->linked = false;
	pt->epoch = tree->epoch;
	tree->unlinked = tree->epoch;
	tree->unlink_level = max(tree->unlink_level, pt->parent->level);
	edit->unlinked = true;
	if (tree->last == pt)
		tree->last = NULL;
}

static void nova_pt_unlink(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			   struct nova_pt *pt)
{
	struct nova_pt *parent = pt->parent;
	u64 size = 1ULL << parent->lvl->va_lo;

	nova_pt_unreachable(tree, edit, pt);
	nova_pt_refresh_big(tree, pt);
	if (!nova_pt_other_half_linked(pt)) {
		__clear_bit(pt->idx, parent->live);
		__clear_bit(pt->idx, parent->table);
		parent->nr_live--;
	}
	nova_pt_write_tables(tree, parent, pt->idx);
	nova_tlb_gather_add(&edit->gather, pt->va, pt->va + size, parent->level, true);
}

/* Nothing needs the table: take it out of the tree. */
static bool nova_pt_detach(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			   struct nova_pt *pt)
{
	if (pt->linked || pt->pins || pt->nr_child || pt == tree->root)
		return false;
	pt->parent->child[nova_pt_slot(pt->parent, pt->idx, pt->half)] = NULL;
	pt->parent->nr_child--;
	nova_pt_forget(tree, pt);
	pt->next = edit->dead;
	edit->dead = pt;
	return true;
}

/**
 * nova_pt_reap - take tables nobody needs out of the tree
 * @tree: the tree
 * @edit: receives them as dead tables
 * @pt: where to begin; then its parents
 *
 * Context: map lock.
 */
void nova_pt_reap(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt)
{
	while (nova_pt_detach(tree, edit, pt))
		pt = pt->parent;
}

/**
 * nova_pt_prune - unlink tables that have become empty
 * @tree: the tree
 * @edit: change this is part of
 * @pt: where to begin; then its parents
 *
 * Context: map lock.
 */
void nova_pt_prune(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt)
{
	while (pt != tree->root && pt->linked && !pt->nr_live && !pt->borrowed) {
		struct nova_pt *parent = pt->parent;

		nova_pt_unlink(tree, edit, pt);
		nova_pt_reap(tree, edit, pt);
		pt = parent;
	}
}

/**
 * nova_pt_kill - a table's entry was overwritten: it and all below are unlinked
 * @tree: the tree
 * @edit: change this is part of
 * @pt: table; its parent's entry and shadow bits are already something else
 *
 * Context: map lock.
 */
void nova_pt_kill(struct nova_pt_tree *tree, struct nova_pt_edit *edit, struct nova_pt *pt)
{
	unsigned int nr = nova_gmmu_nr_entries(pt->lvl), i;

	if (pt->lvl->nr_child) {
		for_each_set_bit(i, pt->table, nr)
			for (unsigned int half = 0; half < pt->lvl->nr_child; half++) {
				struct nova_pt *child = nova_pt_child(pt, i, half);

				if (child && child->linked)
					nova_pt_kill(tree, edit, child);
			}
		bitmap_zero(pt->table, nr);
	}
	bitmap_zero(pt->live, nr);
	pt->nr_live = 0;
	nova_pt_unreachable(tree, edit, pt);
	nova_pt_detach(tree, edit, pt);
}

/**
 * nova_pt_tree_start - set what changes as the tree does
 * @tree: the tree; its constant members are set, the others zero
 */
void nova_pt_tree_start(struct nova_pt_tree *tree)
{
	const struct nova_gmmu_level *lvl = tree->fmt->level;

	tree->epoch = 1;
	tree->va_end = 1ULL << tree->fmt->va_bits;
	while (!lvl[tree->hint_level].nr_child)
		tree->hint_level++;
	tree->hint_lg2 = nova_pt_span_lg2(&lvl[tree->hint_level]);
	tree->hint_dual = lvl[tree->hint_level].nr_child - 1;
	tree->small_lg2 = nova_pt_span_lg2(&lvl[0]);
	tree->small_stride = nova_gmmu_stride(tree->fmt, lvl[0].va_lo);
}

/**
 * nova_pt_tree_init - make the root
 * @tree: the tree; its constant members are set, the others zero
 *
 * Context: allocates.
 *
 * Return: 0; -ENOMEM; -ENOSPC.
 */
int nova_pt_tree_init(struct nova_pt_tree *tree)
{
	struct nova_pt *root = nova_pt_create(tree, tree->fmt->nr_levels - 1);

	if (IS_ERR(root))
		return PTR_ERR(root);
	tree->root = root;
	nova_pt_tree_start(tree);
	root->linked = true;
	nova_pt_fill_empty(tree, root, 0, nova_gmmu_nr_entries(root->lvl));
	return 0;
}

/**
 * nova_pt_tree_fini - free the root
 * @tree: the tree; nothing is mapped and nothing is reserved in it
 *
 * Context: may sleep.
 */
void nova_pt_tree_fini(struct nova_pt_tree *tree)
{
	if (tree->root)
		nova_pt_destroy(tree, tree->root);
	tree->root = NULL;
}
