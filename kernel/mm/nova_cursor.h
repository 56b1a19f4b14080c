/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_CURSOR_H__
#define __NOVA_CURSOR_H__

#include "nova_gmmu.h"

#include <linux/types.h>

/** struct nova_extent - one physically contiguous piece of an object */
struct nova_extent {
	/** @off: first byte within the object */
	u64 off;
	/** @addr: first byte in the aperture */
	u64 addr;
	/** @len: bytes */
	u64 len;
};

/**
 * struct nova_backing - the memory of an object as page tables see it
 *
 * Either @extents or @pages is set. Owned by the caller, who keeps it unchanged
 * while any cursor or any call that was given it runs. All numbers are multiples
 * of NOVA_PAGE_SIZE.
 */
struct nova_backing {
	/** @aperture: memory all of it is in */
	enum nova_aperture aperture;
	/** @size: bytes of the object */
	u64 size;
	/** @extents: sorted by @off, starting at 0, without holes, covering @size */
	const struct nova_extent *extents;
	/** @nr_extents: elements of @extents */
	unsigned int nr_extents;
	/** @pages: DMA address of each NOVA_PAGE_SIZE of the object, if @extents is NULL */
	const dma_addr_t *pages;
};

/**
 * struct nova_cursor - a position in a backing
 *
 * Read @addr and @len, then advance; done when @len is 0.
 */
struct nova_cursor {
	/** @addr: address at the position */
	u64 addr;
	/** @len: contiguous bytes from @addr, clipped to the range asked for; 0 at its end */
	u64 len;
	/** @backing: what is walked */
	const struct nova_backing *backing;
	/** @off: the position, in bytes of the object */
	u64 off;
	/** @end: end of the range, in bytes of the object */
	u64 end;
	/** @i: current extent */
	unsigned int i;
};

void nova_cursor_init(struct nova_cursor *cur, const struct nova_backing *backing,
		      u64 off, u64 len);
void nova_cursor_next(struct nova_cursor *cur, u64 bytes);

#endif
