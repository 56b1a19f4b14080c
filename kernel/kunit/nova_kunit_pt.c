// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_kunit_pt
 *
 * Checks a tree of page tables against the invariants nova_pt.c states: counts
 * equal what they count, linking goes from the root down without gaps, what is
 * not linked is not live, and the shadow says what is in VRAM.
 *
 * Locking: the tree must be at rest.
 */
#include "nova_kunit.h"

#include "nova_mem.h"
#include "nova_pt.h"

#include <kunit/test.h>

#include <linux/bitmap.h>

static void nova_kunit_check_words(struct kunit *test, struct nova_pt_tree *tree,
				   const struct nova_pt *pt)
{
	unsigned int nr = nova_gmmu_nr_entries(pt->lvl), i;

	if (!pt->word && !pt->uniform)
		return;
	for_each_set_bit(i, pt->live, nr) {
		struct nova_mem_at at = nova_mem_offset(pt->mem.at, (u64)i << pt->lvl->entry_lg2);

		if (pt->table && test_bit(i, pt->table))
			continue;
		KUNIT_ASSERT_EQ_MSG(test, nova_mem_read64(tree->mem, &at),
				    nova_pt_word(tree, pt, i),
				    "level %u va 0x%llx entry %u", pt->level, pt->va, i);
	}
}

static void nova_kunit_check_children(struct kunit *test, struct nova_pt_tree *tree,
				      struct nova_pt *pt);

static void nova_kunit_check_pt(struct kunit *test, struct nova_pt_tree *tree, struct nova_pt *pt)
{
	unsigned int nr = nova_gmmu_nr_entries(pt->lvl);

	KUNIT_ASSERT_EQ(test, pt->nr_live, bitmap_weight(pt->live, nr));
	if (!pt->linked)
		KUNIT_ASSERT_EQ(test, pt->nr_live, 0);
	if (pt->linked && pt != tree->root)
		KUNIT_ASSERT_GT(test, pt->nr_live, 0);
	if (pt->linked)
		nova_kunit_check_words(test, tree, pt);
	if (pt->child)
		nova_kunit_check_children(test, tree, pt);
}

static void nova_kunit_check_children(struct kunit *test, struct nova_pt_tree *tree,
				      struct nova_pt *pt)
{
	unsigned int nr = nova_gmmu_nr_entries(pt->lvl), children = 0;

	for (unsigned int i = 0; i < nr; i++) {
		bool linked = false;

		for (unsigned int half = 0; half < pt->lvl->nr_child; half++) {
			struct nova_pt *child = nova_pt_child(pt, i, half);

			if (!child)
				continue;
			children++;
			linked |= child->linked;
			KUNIT_ASSERT_PTR_EQ(test, child->parent, pt);
			KUNIT_ASSERT_EQ(test, child->level, pt->lvl->child[half]);
			/* Attached for no reason would be a leak. */
			KUNIT_ASSERT_TRUE(test, child->linked || child->pins || child->nr_child);
			nova_kunit_check_pt(test, tree, child);
		}
		KUNIT_ASSERT_EQ(test, linked, test_bit(i, pt->table));
		if (linked)
			KUNIT_ASSERT_TRUE(test, pt->linked && test_bit(i, pt->live));
	}
	KUNIT_ASSERT_EQ(test, pt->nr_child, children);
}

/**
 * nova_kunit_check_tree - assert the invariants of nova_pt.c
 * @test: the test
 * @tree: page tables at rest
 */
void nova_kunit_check_tree(struct kunit *test, struct nova_pt_tree *tree)
{
	KUNIT_ASSERT_TRUE(test, tree->root->linked);
	nova_kunit_check_pt(test, tree, tree->root);
}
