// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: freeing parts of a buddy allocation
 *
 * A part is given in bytes from the start of the allocation, counted through its extents in
 * order. Cutting an allocation may need one more extent, and in a very large pool a node of the
 * tree; both are allocated first, after that nothing can fail.
 *
 * Locking: the allocation is its owner's; the pool's lock is taken for the change. Units: bytes.
 */

#include "nova_buddy.h"
#include "nova_buddy_extent.h"
#include "nova_buddy_open.h"
#include "nova_buddy_pool.h"
#include "nova_buddy_tree.h"

#include <linux/errno.h>
#include <linux/minmax.h>

/* The part of @ext that lies in [*off, *off + *len), both then counted from the next extent. */
static u64 nova_buddy_part_of(const struct nova_buddy_extent *ext, u64 *off, u64 *len, u64 *addr)
{
	u64 nr = *off < ext->len ? min(ext->len - *off, *len) : 0;

	*addr = ext->addr + *off;
	*off -= min(*off, ext->len);
	*len -= nr;
	return nr;
}

static int nova_buddy_part_provide(struct nova_buddy *b, const struct nova_buddy_alloc *alloc,
				   u64 off, u64 len)
{
	const struct nova_buddy_extent *ext;
	u64 addr, nr;
	int ret = 0;

	nova_buddy_for_each_extent(ext, alloc) {
		nr = nova_buddy_part_of(ext, &off, &len, &addr);
		if (nr && !ret)
			ret = nova_buddy_provide_range(b, nova_buddy_chunk(b, addr),
						       nova_buddy_chunk(b, addr + nr - 1) + 1);
	}
	return ret;
}

/* Nothing of it is free, or outside the pool. */
static bool nova_buddy_part_is_taken(struct nova_buddy *b, const struct nova_buddy_alloc *alloc,
				     u64 off, u64 len)
{
	const struct nova_buddy_extent *ext;
	u64 addr, nr, first, chunks;
	bool taken = true;

	spin_lock(&b->lock);
	nova_buddy_settle(b);
	nova_buddy_for_each_extent(ext, alloc) {
		nr = nova_buddy_part_of(ext, &off, &len, &addr);
		if (nr && taken)
			taken = nova_buddy_chunks(b, addr, nr, &first, &chunks) &&
				nova_buddy_none(b, first, first + chunks);
	}
	spin_unlock(&b->lock);
	return taken;
}

/* B-14: what is not allocated is refused before anything has changed. */
static int nova_buddy_part_check(struct nova_buddy *b, const struct nova_buddy_alloc *alloc,
				 u64 off, u64 len)
{
	if (nova_buddy_part_is_taken(b, alloc, off, len))
		return 0;
	nova_buddy_misused(b, "partial free of what is not allocated");
	return -EINVAL;
}

static void nova_buddy_part_release(struct nova_buddy *b, const struct nova_buddy_alloc *alloc,
				    u64 off, u64 len, bool cleared)
{
	const struct nova_buddy_extent *ext;
	u64 addr, nr;

	nova_buddy_for_each_extent(ext, alloc) {
		nr = nova_buddy_part_of(ext, &off, &len, &addr);
		if (nr)
			nova_buddy_release(b, addr, nr, cleared);
	}
}

static void nova_buddy_count_extents(struct nova_buddy *b, const struct nova_buddy_alloc *alloc,
				     int nr)
{
	const struct nova_buddy_extent *ext;

	nova_buddy_for_each_extent(ext, alloc) {
		u64 first = nova_buddy_chunk(b, ext->addr);

		nova_buddy_count_used(b, first, ext->len >> b->chunk_lg2, nr);
	}
}

/**
 * nova_buddy_free_part() - free a part of an allocation
 * @b: the pool it is from
 * @alloc: the allocation; keeps the rest
 * @off: first byte to free, counted through the extents in order; whole chunks
 * @len: bytes to free; whole chunks
 * @cleared: the caller vouches that these bytes are zero
 *
 * Context: may sleep. O(extents + levels).
 *
 * Return: 0; -EINVAL if the part is empty, not of whole chunks or not inside the allocation, and,
 * with a warning (B-14), if not all of it is allocated in this pool; -ENOMEM. On error nothing has
 * changed.
 */
int nova_buddy_free_part(struct nova_buddy *b, struct nova_buddy_alloc *alloc, u64 off, u64 len,
			 bool cleared)
{
	u64 size = nova_buddy_size(alloc);
	int ret;

	if (!len || off >= size || len > size - off ||
	    !nova_buddy_is_chunks(b, off | len))
		return -EINVAL;
	ret = nova_buddy_part_check(b, alloc, off, len);
	if (ret)
		return ret;
	/* a hole inside an extent makes two of it */
	if (nova_buddy_extents_split(alloc, off, len) && nova_buddy_extents_are_full(alloc)) {
		ret = nova_buddy_extents_grow(alloc);
		if (ret)
			return ret;
	}
	ret = nova_buddy_part_provide(b, alloc, off, len);
	if (ret)
		return ret;
	spin_lock(&b->lock);
	nova_buddy_settle(b);
	nova_buddy_count_extents(b, alloc, -1);
	nova_buddy_part_release(b, alloc, off, len, cleared);
	nova_buddy_extents_remove(alloc, off, len);
	nova_buddy_count_extents(b, alloc, 1);
	spin_unlock(&b->lock);
	if (!alloc->nr)
		nova_buddy_extents_fini(alloc);
	return 0;
}

/**
 * nova_buddy_trim() - keep one part of an allocation and free what surrounds it
 * @b: the pool it is from
 * @alloc: the allocation
 * @off: first byte to keep, counted through the extents in order; whole chunks
 * @len: bytes to keep; whole chunks
 * @cleared: the caller vouches that the freed bytes are zero
 *
 * Context: may sleep. O(extents + levels).
 *
 * Return: 0; -EINVAL if the part is empty, not of whole chunks or not inside the allocation, and,
 * with a warning (B-14), if not all of what surrounds it is allocated in this pool; -ENOMEM. On
 * error nothing has changed.
 */
int nova_buddy_trim(struct nova_buddy *b, struct nova_buddy_alloc *alloc, u64 off, u64 len,
		    bool cleared)
{
	u64 behind, size = nova_buddy_size(alloc);
	int ret;

	if (!len || off >= size || len > size - off || !nova_buddy_is_chunks(b, off | len))
		return -EINVAL;
	behind = size - off - len;
	ret = nova_buddy_part_check(b, alloc, 0, off) ?:
	      nova_buddy_part_check(b, alloc, off + len, behind);
	if (ret)
		return ret;
	/* the front needs its nodes before the back is gone */
	if (off) {
		ret = nova_buddy_part_provide(b, alloc, 0, off);
		if (ret)
			return ret;
	}
	ret = behind ? nova_buddy_free_part(b, alloc, off + len, behind, cleared) : 0;
	if (!ret && off)
		ret = nova_buddy_free_part(b, alloc, 0, off, cleared);
	return ret;
}
