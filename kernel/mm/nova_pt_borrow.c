// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pt_borrow
 *
 * A tree on a root that belongs to firmware. Firmware has bound BAR1 before
 * the driver comes, tells where the root is, and has entries of its own below it.
 * The directories on the way are read once and become *borrowed* tables of the
 * shadow: linked for ever, never freed, never filled. Their *foreign* entries,
 * whatever is not empty and not a directory to borrow, are live in the shadow and
 * stay as they are, byte for byte; the caller keeps clear of the addresses they
 * cover. What the driver adds are its own tables and entries, which are gone from
 * the borrowed ones when the driver has unmapped everything.
 *
 * Only directories are borrowed, down to the one whose entries cover 2 MiB: an
 * entry of that one that names tables is foreign as a whole, so no table is ever
 * shared page by page.
 *
 * Firmware's words are not trusted: a table outside VRAM is refused, and so are
 * more directories than BAR1 can need, since they must name each other.
 *
 * Locking: as nova_pt.c; borrowing is done before anybody else knows the tree.
 */
#include "nova_pt.h"

#include "nova_compat.h"
#include "nova_mem.h"

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/mm.h>

/* Most directories below a root. The lowest cover 512 MiB each: BAR1 needs 256 of them at most. */
#define NOVA_PT_BORROW_MAX	1024

/* A root being taken over. */
struct nova_pt_borrow {
	struct nova_pt_tree *tree;
	/* one page of words for each level */
	u64 *buf;
	/* directories that may still come */
	unsigned int left;
};

static int nova_pt_borrow_entries(struct nova_pt_borrow *borrow, struct nova_pt *pt);

/* Attach the shadow of a directory of firmware's at entry @i. */
static int nova_pt_borrow_child(struct nova_pt_borrow *borrow, struct nova_pt *pt, unsigned int i,
				const struct nova_gmmu_table *table)
{
	struct nova_pt *child;

	if (!borrow->left--)
		return -EINVAL;
	child = nova_pt_create_borrowed(borrow->tree, pt->lvl->child[0], nova_vram(table->addr));
	if (IS_ERR(child))
		return PTR_ERR(child);
	nova_pt_attach(pt, i, 0, child);
	__set_bit(i, pt->table);
	return nova_pt_borrow_entries(borrow, child);
}

/* Take over what one directory holds. */
static int nova_pt_borrow_entries(struct nova_pt_borrow *borrow, struct nova_pt *pt)
{
	unsigned int step = 1u << (pt->lvl->entry_lg2 - 3), nr = nova_gmmu_nr_entries(pt->lvl);
	u64 *words = borrow->buf + pt->level * (NOVA_PAGE_SIZE / sizeof(u64));
	struct nova_pt_tree *tree = borrow->tree;
	int ret;

	ret = nova_mem_read(tree->mem, pt->mem.at.vram, words, (size_t)nr << pt->lvl->entry_lg2);
	for (unsigned int i = 0; i < nr && !ret; i++) {
		struct nova_gmmu_entry entry;

		tree->fmt->decode(pt->lvl, &words[i * step], &entry);
		if (entry.state == NOVA_GMMU_IS_EMPTY && entry.empty == NOVA_GMMU_INVALID)
			continue;
		__set_bit(i, pt->live);
		pt->nr_live++;
		pt->word[i] = words[i * step];
		/* A directory elsewhere than in VRAM is foreign as a whole (D10). */
		if (entry.state == NOVA_GMMU_IS_TABLE && pt->lvl->nr_child == 1 &&
		    entry.table[0].aperture == NOVA_APERTURE_VRAM)
			ret = nova_pt_borrow_child(borrow, pt, i, &entry.table[0]);
	}
	return ret;
}

static void nova_pt_return_below(struct nova_pt_tree *tree, struct nova_pt *pt)
{
	unsigned int nr = nova_gmmu_nr_entries(pt->lvl), i;

	for (i = 0; i < nr && pt->lvl->nr_child == 1; i++)
		if (nova_pt_child(pt, i, 0))
			nova_pt_return_below(tree, pt->child[i]);
	nova_pt_destroy(tree, pt);
}

/**
 * nova_pt_tree_borrow - make a tree of tables that firmware owns
 * @tree: the tree; its constant members are set, the others zero
 * @root: VRAM address of firmware's root table
 *
 * Context: allocates; reads VRAM.
 *
 * Return: 0; -ENOMEM; -EINVAL if a table lies outside VRAM or directories name each
 * other; -ENODEV after unplug.
 * On error nothing is left behind. VRAM is never written.
 */
int nova_pt_tree_borrow(struct nova_pt_tree *tree, nova_vram_t root)
{
	u64 *buf = kvmalloc_array(tree->fmt->nr_levels, NOVA_PAGE_SIZE, GFP_KERNEL);
	struct nova_pt_borrow borrow = { .tree = tree, .buf = buf, .left = NOVA_PT_BORROW_MAX };
	int ret;

	if (!buf)
		return -ENOMEM;
	nova_pt_tree_start(tree);
	tree->root = nova_pt_create_borrowed(tree, tree->fmt->nr_levels - 1, root);
	if (IS_ERR(tree->root)) {
		ret = PTR_ERR(tree->root);
		tree->root = NULL;
	} else {
		ret = nova_pt_borrow_entries(&borrow, tree->root);
	}
	if (ret)
		nova_pt_tree_return(tree);
	kvfree(buf);
	return ret;
}

/**
 * nova_pt_tree_return - free the shadow of a borrowed tree
 * @tree: the tree; everything the driver mapped was unmapped and flushed
 *
 * Context: may sleep.
 */
void nova_pt_tree_return(struct nova_pt_tree *tree)
{
	if (tree->root)
		nova_pt_return_below(tree, tree->root);
	tree->root = NULL;
}

static bool nova_pt_foreign_in(struct nova_pt *pt, u64 from, struct nova_pt_foreign *found)
{
	unsigned int nr = nova_gmmu_nr_entries(pt->lvl);
	unsigned int i = from > pt->va ? nova_gmmu_index(pt->lvl, from) : 0;

	for_each_set_bit_from(i, pt->live, nr) {
		struct nova_pt *child = pt->lvl->nr_child == 1 ? nova_pt_child(pt, i, 0) : NULL;

		if (child && nova_pt_foreign_in(child, from, found))
			return true;
		if (child)
			continue;
		found->va = pt->va + ((u64)i << pt->lvl->va_lo);
		found->len = 1ULL << pt->lvl->va_lo;
		return true;
	}
	return false;
}

/**
 * nova_pt_next_foreign - find addresses that firmware uses
 * @tree: a borrowed tree in which the driver has mapped nothing yet
 * @from: where to start looking, at an entry's boundary; may be the end of all addresses
 * @found: result: the range of one entry
 *
 * Return: whether there is any at or after @from.
 */
bool nova_pt_next_foreign(struct nova_pt_tree *tree, u64 from, struct nova_pt_foreign *found)
{
	return !(from >> tree->fmt->va_bits) && nova_pt_foreign_in(tree->root, from, found);
}
