// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: extent lists of the buddy allocator
 *
 * An allocation is its list of extents, owned by the caller and readable without a lock once it
 * has been handed out (B-1). One extent lives in the object, more in an array that grows
 * eightfold, so that a pass which had to be repeated for a longer list costs little in sum.
 *
 * While it is being built a list is in the order in which blocks were found, and a block that is
 * clear in parts is several entries, so that undoing the pass restores what was known of it.
 * Sorting the list at the end joins these, and neighbours of the same kind.
 *
 * Invariant: no two extents overlap. Locking: the list's owner.
 * Units: bytes, absolute addresses.
 */

#include "nova_buddy_extent.h"

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include <kunit/static_stub.h>

#define NOVA_BUDDY_EXTENTS_GROWTH	8

/**
 * nova_buddy_extents_grow() - make room for more extents
 * @alloc: the list
 *
 * Context: may sleep.
 *
 * Return: 0 or -ENOMEM, and the list is unchanged.
 */
int nova_buddy_extents_grow(struct nova_buddy_alloc *alloc)
{
	unsigned int cap = (alloc->cap ?: NOVA_BUDDY_INLINE) * NOVA_BUDDY_EXTENTS_GROWTH;
	struct nova_buddy_extent *heap;

	KUNIT_STATIC_STUB_REDIRECT(nova_buddy_extents_grow, alloc);
	heap = kvmalloc_array(cap, sizeof(*heap), GFP_KERNEL);
	if (!heap)
		return -ENOMEM;
	memcpy(heap, nova_buddy_extents_array(alloc), alloc->nr * sizeof(*heap));
	if (alloc->cap)
		kvfree(alloc->heap);
	alloc->heap = heap;
	alloc->cap = cap;
	return 0;
}

/**
 * nova_buddy_extents_fini() - empty a list and free its memory
 * @alloc: the list; a valid empty one afterwards
 *
 * Context: may sleep if there are more than NOVA_BUDDY_INLINE extents.
 */
void nova_buddy_extents_fini(struct nova_buddy_alloc *alloc)
{
	if (alloc->cap)
		kvfree(alloc->heap);
	alloc->nr = 0;
	alloc->cap = 0;
}

/**
 * nova_buddy_extents_push() - append an extent
 * @alloc: the list; not full
 * @addr: first byte
 * @len: bytes
 * @cleared: the bytes are known to be zero
 *
 * Context: any.
 */
void nova_buddy_extents_push(struct nova_buddy_alloc *alloc, u64 addr, u64 len,
			     bool cleared)
{
	struct nova_buddy_extent *ext = &nova_buddy_extents_array(alloc)[alloc->nr++];

	ext->addr = addr;
	ext->len = len;
	ext->cleared = cleared;
}

static int nova_buddy_extents_cmp(const void *a, const void *b)
{
	const struct nova_buddy_extent *l = a, *r = b;

	return l->addr < r->addr ? -1 : l->addr > r->addr;
}

static void nova_buddy_extents_reverse(struct nova_buddy_extent *ext, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr / 2; i++)
		swap(ext[i], ext[nr - 1 - i]);
}

/**
 * nova_buddy_extents_sort() - order by address and join neighbours
 * @alloc: the list
 *
 * Lists that ascend or descend already, as most do, cost one look.
 *
 * Context: any.
 */
void nova_buddy_extents_sort(struct nova_buddy_alloc *alloc)
{
	struct nova_buddy_extent *ext = nova_buddy_extents_array(alloc);
	unsigned int i, kept = 0, rising = 1, falling = 1;

	for (i = 1; i < alloc->nr; i++) {
		rising += ext[i - 1].addr < ext[i].addr;
		falling += ext[i - 1].addr > ext[i].addr;
	}
	if (rising < alloc->nr && falling == alloc->nr)
		nova_buddy_extents_reverse(ext, alloc->nr);
	else if (rising < alloc->nr)
		sort(ext, alloc->nr, sizeof(*ext), nova_buddy_extents_cmp, NULL);
	for (i = 1; i < alloc->nr; i++) {
		bool join = ext[i].len & NOVA_BUDDY_LEN_JOIN;

		ext[i].len &= ~NOVA_BUDDY_LEN_JOIN;
		if (ext[kept].addr + ext[kept].len == ext[i].addr &&
		    (join || ext[kept].cleared == ext[i].cleared)) {
			ext[kept].len += ext[i].len;
			ext[kept].cleared &= ext[i].cleared;
		} else {
			ext[++kept] = ext[i];
		}
	}
	if (alloc->nr)
		alloc->nr = kept + 1;
}

/**
 * nova_buddy_extents_split() - whether removing a part needs one more extent
 * @alloc: the list
 * @off: first byte of the part, counted through the extents in order
 * @len: its bytes
 *
 * Context: any.
 *
 * Return: true if the part lies strictly inside one extent.
 */
bool nova_buddy_extents_split(const struct nova_buddy_alloc *alloc, u64 off, u64 len)
{
	const struct nova_buddy_extent *ext;

	nova_buddy_for_each_extent(ext, alloc) {
		if (off < ext->len)
			return off && len < ext->len - off;
		off -= ext->len;
	}
	return false;
}

static void nova_buddy_extents_hole(struct nova_buddy_alloc *alloc, unsigned int i, u64 off,
				    u64 len)
{
	struct nova_buddy_extent *ext = nova_buddy_extents_array(alloc) + i;

	memmove(ext + 1, ext, (alloc->nr - i) * sizeof(*ext));
	alloc->nr++;
	ext[0].len = off;
	ext[1].addr += off + len;
	ext[1].len -= off + len;
}

/**
 * nova_buddy_extents_remove() - take a part out of a list
 * @alloc: the list; not full if nova_buddy_extents_split() says so
 * @off: first byte of the part, counted through the extents in order
 * @len: its bytes, all inside the list
 *
 * Context: any.
 */
void nova_buddy_extents_remove(struct nova_buddy_alloc *alloc, u64 off, u64 len)
{
	struct nova_buddy_extent *ext = nova_buddy_extents_array(alloc);
	unsigned int i, kept = 0;

	for (i = 0; i < alloc->nr; i++) {
		struct nova_buddy_extent cur = ext[i];
		u64 nr = off < cur.len ? min(cur.len - off, len) : 0;

		if (nr && off && nr < cur.len - off) {
			nova_buddy_extents_hole(alloc, i, off, nr);
			return;
		}
		if (nr && !off)
			cur.addr += nr;
		off = nr ? 0 : off - min(off, cur.len);
		cur.len -= nr;
		len -= nr;
		if (cur.len)
			ext[kept++] = cur;
	}
	alloc->nr = kept;
}
