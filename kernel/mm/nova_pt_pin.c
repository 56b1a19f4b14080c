// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pt_pin
 *
 * Reservation of page tables. To *pin* tables of one level over a range means
 * that each of them is attached to the tree, with all its parents, and stays so
 * until it is unpinned: a change can then be made without looking for memory.
 * Pins count, so any number of prepared changes may share tables, in any order
 * and with any of them cancelled (F-4…F-6). Only the lowest tables carry a count;
 * a directory stays because it has children.
 *
 * Pinning is done in two looks under the map lock with the allocation between
 * them and outside it: count what is missing; if the spares at hand are enough,
 * put them in, else drop the lock, make more, look again.
 *
 * Locking: the caller holds the map lock. Units: bytes of virtual address.
 */
#include "nova_pt.h"

#include <linux/stddef.h>

static u64 nova_pt_tables_in(const struct nova_gmmu_level *lvl, u64 va, u64 end)
{
	unsigned int lg2 = nova_pt_span_lg2(lvl);

	return ((end - 1) >> lg2) - (va >> lg2) + 1;
}

/* No table of level @from exists over [va, end): count it and all on the way to @level. */
static void nova_pt_missing_below(struct nova_pt_tree *tree, u64 va, u64 end,
				  unsigned int from, unsigned int level, u64 *nr)
{
	for (;;) {
		const struct nova_gmmu_level *lvl = &tree->fmt->level[from];

		nr[from] += nova_pt_tables_in(lvl, va, end);
		if (from == level)
			return;
		from = lvl->child[nova_pt_half(lvl, level)];
	}
}

static bool nova_pt_missing_in(struct nova_pt_tree *tree, struct nova_pt *pt, u64 va, u64 end,
			       unsigned int level, u64 *nr)
{
	unsigned int half = nova_pt_half(pt->lvl, level);
	bool missing = false;
	u64 next;

	if (pt->level == level)
		return false;
	for (; va < end; va = next) {
		struct nova_pt *child = nova_pt_child(pt, nova_gmmu_index(pt->lvl, va), half);

		next = nova_pt_step_end(pt->lvl, va, end);
		if (child) {
			missing |= nova_pt_missing_in(tree, child, va, next, level, nr);
		} else {
			nova_pt_missing_below(tree, va, next, pt->lvl->child[half], level, nr);
			missing = true;
		}
	}
	return missing;
}

/**
 * nova_pt_missing - count the tables a reservation would have to add
 * @tree: the tree
 * @va: start of the range
 * @end: end of the range, above @va
 * @level: level to be pinned
 * @nr: number for each level is added here
 *
 * Context: map lock.
 *
 * Return: whether any is missing.
 */
bool nova_pt_missing(struct nova_pt_tree *tree, u64 va, u64 end, unsigned int level,
		     u64 nr[NOVA_GMMU_MAX_LEVELS])
{
	return nova_pt_missing_in(tree, tree->root, va, end, level, nr);
}

static struct nova_pt *nova_pt_take(struct nova_pt **list)
{
	struct nova_pt *pt = *list;

	*list = pt->next;
	return pt;
}

static void nova_pt_pin_in(struct nova_pt *pt, u64 va, u64 end, unsigned int level,
			   struct nova_pt **spare, struct nova_pt **first)
{
	unsigned int half = nova_pt_half(pt->lvl, level);
	u64 next;

	if (pt->level == level) {
		pt->pins++;
		if (!*first)
			*first = pt;
		return;
	}
	for (; va < end; va = next) {
		unsigned int i = nova_gmmu_index(pt->lvl, va);
		struct nova_pt *child = nova_pt_child(pt, i, half);

		next = nova_pt_step_end(pt->lvl, va, end);
		if (!child) {
			child = nova_pt_take(&spare[pt->lvl->child[half]]);
			nova_pt_attach(pt, i, half, child);
		}
		nova_pt_pin_in(child, va, next, level, spare, first);
	}
}

/**
 * nova_pt_pin - reserve tables
 * @tree: the tree
 * @va: start of the range
 * @end: end of the range, above @va
 * @level: level of the tables to pin
 * @spare: tables to add, a list for each level, at least as many as
 *	nova_pt_missing() counted under this holding of the lock
 *
 * Context: map lock.
 *
 * Return: the table covering @va.
 */
struct nova_pt *nova_pt_pin(struct nova_pt_tree *tree, u64 va, u64 end, unsigned int level,
			    struct nova_pt **spare)
{
	struct nova_pt *first = NULL;

	nova_pt_pin_in(tree->root, va, end, level, spare, &first);
	return first;
}

/**
 * nova_pt_pin_one - reserve one table if it is already there
 * @tree: the tree
 * @va: an address it covers
 * @level: its level
 *
 * The fast path of a small reservation.
 *
 * Context: map lock.
 *
 * Return: the table, pinned; NULL if it or a parent is missing.
 */
struct nova_pt *nova_pt_pin_one(struct nova_pt_tree *tree, u64 va, unsigned int level)
{
	struct nova_pt *pt = nova_pt_near(tree, va, va + 1);

	if (pt->level < level)
		pt = tree->root;
	while (pt && pt->level != level) {
		nova_pt_remember(tree, pt);
		pt = nova_pt_child(pt, nova_gmmu_index(pt->lvl, va), nova_pt_half(pt->lvl, level));
	}
	if (pt)
		pt->pins++;
	return pt;
}

static void nova_pt_unpin_in(struct nova_pt_tree *tree, struct nova_pt_edit *edit,
			     struct nova_pt *pt, u64 va, u64 end, unsigned int level)
{
	unsigned int half = nova_pt_half(pt->lvl, level);
	u64 next;

	if (pt->level == level) {
		pt->pins--;
		return;
	}
	for (; va < end; va = next) {
		struct nova_pt *child = nova_pt_child(pt, nova_gmmu_index(pt->lvl, va), half);

		next = nova_pt_step_end(pt->lvl, va, end);
		nova_pt_unpin_in(tree, edit, child, va, next, level);
		/* Takes @pt along with its last child, when this loop has nothing left to do. */
		if (child->level == level)
			nova_pt_reap(tree, edit, child);
	}
}

/**
 * nova_pt_unpin - give a reservation back
 * @tree: the tree
 * @edit: receives tables nobody needs any more
 * @va: start of the range that was pinned
 * @end: end of it
 * @first: what pinning returned
 *
 * Context: map lock.
 */
void nova_pt_unpin(struct nova_pt_tree *tree, struct nova_pt_edit *edit, u64 va, u64 end,
		   struct nova_pt *first)
{
	if (!nova_pt_covers(first, va, end)) {
		nova_pt_unpin_in(tree, edit, tree->root, va, end, first->level);
		return;
	}
	first->pins--;
	nova_pt_reap(tree, edit, first);
}
