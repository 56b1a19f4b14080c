// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_cursor
 *
 * Walks the memory of an object in physically contiguous runs. Mapping code asks
 * "where is byte x, and for how long does it go on?" and never where the object
 * lives. A position is found by binary search, so starting deep inside an object
 * costs no more than starting at its beginning; neighbouring extents or pages
 * that happen to touch are handed out as one run.
 *
 * Units: bytes, all multiples of NOVA_PAGE_SIZE. A cursor is the caller's own;
 * nothing is locked and nothing allocated.
 */
#include "nova_cursor.h"

#include <linux/minmax.h>

static unsigned int nova_cursor_find(const struct nova_backing *backing, u64 off)
{
	unsigned int lo = 0, hi = backing->nr_extents;

	while (hi - lo > 1) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (backing->extents[mid].off <= off)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static void nova_cursor_load_extent(struct nova_cursor *cur)
{
	const struct nova_extent *ext = &cur->backing->extents[cur->i];
	u64 want = cur->end - cur->off;

	cur->addr = ext->addr + (cur->off - ext->off);
	cur->len = ext->off + ext->len - cur->off;
	while (cur->len < want && ext[1].addr == ext->addr + ext->len) {
		ext++;
		cur->i++;
		cur->len += ext->len;
	}
	cur->len = min(cur->len, want);
}

static void nova_cursor_load_pages(struct nova_cursor *cur)
{
	const dma_addr_t *page = &cur->backing->pages[cur->off >> NOVA_PAGE_SHIFT];
	u64 want = cur->end - cur->off;
	u64 len = NOVA_PAGE_SIZE;

	cur->addr = page[0];
	while (len < want && page[len >> NOVA_PAGE_SHIFT] == cur->addr + len)
		len += NOVA_PAGE_SIZE;
	cur->len = len;
}

static void nova_cursor_load(struct nova_cursor *cur)
{
	if (cur->off >= cur->end)
		cur->len = 0;
	else if (cur->backing->extents)
		nova_cursor_load_extent(cur);
	else
		nova_cursor_load_pages(cur);
}

/**
 * nova_cursor_init - start walking part of an object
 * @cur: the cursor
 * @backing: the object's memory
 * @off: first byte, a multiple of NOVA_PAGE_SIZE
 * @len: bytes, likewise; [@off, @off + @len) lies inside the object
 *
 * Cost: logarithmic in the number of extents, independent of @off.
 *
 * Context: any.
 */
void nova_cursor_init(struct nova_cursor *cur, const struct nova_backing *backing,
		      u64 off, u64 len)
{
	cur->backing = backing;
	cur->off = off;
	cur->end = off + len;
	cur->i = backing->extents ? nova_cursor_find(backing, off) : 0;
	nova_cursor_load(cur);
}

/**
 * nova_cursor_next - advance
 * @cur: the cursor
 * @bytes: how far, a multiple of NOVA_PAGE_SIZE, at most &nova_cursor.len
 *
 * Context: any.
 */
void nova_cursor_next(struct nova_cursor *cur, u64 bytes)
{
	cur->off += bytes;
	if (bytes < cur->len) {
		cur->addr += bytes;
		cur->len -= bytes;
		return;
	}
	if (cur->off < cur->end && cur->backing->extents)
		while (cur->backing->extents[cur->i].off +
		       cur->backing->extents[cur->i].len <= cur->off)
			cur->i++;
	nova_cursor_load(cur);
}
