// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_blit
 *
 * Moving the content of whole objects by the CPU, for when there is no copy engine
 * or it is busy dying. An object in VRAM is seen through a BAR1 window, a large
 * piece at a time::
 *
 *	VRAM	| extent 0 |   extent 1   | 2 |		scattered
 *	BAR1	[      window     ]			one run of addresses
 *	pages	#################..........		system memory
 *
 * so that copying is nothing but copying. A piece for which there is no window –
 * no BAR1, all of it in use, no room for its tables – goes through PRAMIN, which is
 * slow and always works.
 *
 * Locking: BAR1 and PRAMIN have their own. The caller keeps the memory where it is
 * and holds no lock that a fence's signalling needs.
 * Units: bytes, multiples of 4 KiB.
 */
#include "nova_blit.h"

#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_device.h"
#include "nova_mm.h"

#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

/* Others want BAR1 too. Of two windows, the one before goes when the next one is there. */
#define NOVA_BLIT_BAR1_SHARE	8
#define NOVA_BLIT_MAX_WINDOW	SZ_32M

/* What is handed to the backend at once; the caller cannot be interrupted meanwhile. */
#define NOVA_BLIT_STEP		SZ_2M

/* What to do with one piece of VRAM: copy to or from @pages, or clear if that is NULL. */
struct nova_blit {
	struct nova_mm *mm;
	/* page of the object's first byte, or NULL */
	struct page **pages;
	enum nova_blit_dir dir;
};

/* Bytes from @off on whose pages are next to each other in the kernel's mapping. */
static size_t nova_blit_run(const struct nova_blit *blit, u64 off, u64 len)
{
	struct page **page = blit->pages + (off >> PAGE_SHIFT);
	size_t run = PAGE_SIZE, max = min_t(u64, len, NOVA_BLIT_STEP);

	if (IS_ENABLED(CONFIG_HIGHMEM))
		return run;
	while (run < max && page[run >> PAGE_SHIFT] == page[0] + (run >> PAGE_SHIFT))
		run += PAGE_SIZE;
	return run;
}

static void nova_blit_step(const struct nova_blit *blit, u64 at, struct page *page, size_t len)
{
	void *va = kmap_local_page(page);

	if (blit->dir == NOVA_BLIT_TO_VRAM)
		nova_bar1_write(blit->mm->nd, at, va, len);
	else
		nova_bar1_read(blit->mm->nd, at, va, len);
	kunmap_local(va);
}

/* @at: BAR1 offset of the object's byte @off */
static void nova_blit_window(const struct nova_blit *blit, u64 at, u64 off, u64 len)
{
	u64 end = off + len;
	size_t run;

	for (; off < end; off += run, at += run) {
		if (blit->pages) {
			run = nova_blit_run(blit, off, end - off);
			nova_blit_step(blit, at, blit->pages[off >> PAGE_SHIFT], run);
		} else {
			run = PAGE_SIZE;
			nova_bar1_write(blit->mm->nd, at, empty_zero_page, run);
		}
		cond_resched();
	}
	/* Out of the write-combining buffers and into VRAM. */
	wmb();
	if (len)
		nova_bar1_rd32(blit->mm->nd, at - len);
}

static int nova_blit_pramin_page(const struct nova_blit *blit, u64 addr, struct page *page)
{
	void *va = kmap_local_page(page);
	int ret;

	if (blit->dir == NOVA_BLIT_TO_VRAM)
		ret = nova_mem_write(&blit->mm->mem, nova_vram(addr), va, PAGE_SIZE);
	else
		ret = nova_mem_read(&blit->mm->mem, nova_vram(addr), va, PAGE_SIZE);
	kunmap_local(va);
	return ret;
}

static int nova_blit_pramin(const struct nova_blit *blit, const struct nova_backing *vram, u64 off,
			    u64 len)
{
	struct nova_cursor cur;
	int ret = 0;

	for (nova_cursor_init(&cur, vram, off, len); !ret && cur.len;
	     nova_cursor_next(&cur, blit->pages ? PAGE_SIZE : cur.len)) {
		if (blit->pages)
			ret = nova_blit_pramin_page(blit, cur.addr,
						    blit->pages[cur.off >> PAGE_SHIFT]);
		else
			ret = nova_mem_zero(&blit->mm->mem, nova_vram(cur.addr), cur.len);
		cond_resched();
	}
	return ret;
}

static u64 nova_blit_window_size(const struct nova_bar1 *bar1)
{
	u64 share = rounddown_pow_of_two(bar1->size / NOVA_BLIT_BAR1_SHARE);

	return clamp_t(u64, share, PAGE_SIZE, NOVA_BLIT_MAX_WINDOW);
}

/*
 * One window's worth, through @map. Reaching too little of it through BAR1 only costs time. The
 * window @before is idle, so it makes room if there is no other; it goes after the page tables
 * they share have been used again, which saves making them anew.
 */
static int nova_blit_piece(const struct nova_blit *blit, const struct nova_backing *vram, u64 off,
			   u64 len, struct nova_bar1_map *map, struct nova_bar1_map *before)
{
	struct nova_bar1 *bar1 = &blit->mm->bar1;
	int ret = nova_bar1_map_get(bar1, map, vram, off, len);

	nova_bar1_map_drop(bar1, before);
	if (ret)
		return nova_blit_pramin(blit, vram, off, len);
	nova_blit_window(blit, map->off, off, len);
	nova_bar1_map_put(bar1, map);
	return 0;
}

static int nova_blit_windows(const struct nova_blit *blit, const struct nova_backing *vram,
			     u64 off, u64 len)
{
	struct nova_bar1 *bar1 = &blit->mm->bar1;
	u64 size = nova_blit_window_size(bar1), end = off + len;
	struct nova_bar1_map map[2];
	unsigned int i = 0;
	int ret = 0;

	nova_bar1_map_init(&map[0], NULL);
	nova_bar1_map_init(&map[1], NULL);
	for (; off < end && !ret; off += size, i ^= 1)
		ret = nova_device_is_gone(blit->mm->nd) ? -ENODEV :
			nova_blit_piece(blit, vram, off, min(size, end - off), &map[i], &map[!i]);
	nova_bar1_map_drop(bar1, &map[0]);
	nova_bar1_map_drop(bar1, &map[1]);
	return ret;
}

static int nova_blit_range(const struct nova_blit *blit, const struct nova_backing *vram, u64 off,
			   u64 len)
{
	int ret = -ENODEV;

	if (blit->mm->bar1.size)
		ret = nova_blit_windows(blit, vram, off, len);
	else if (!nova_device_is_gone(blit->mm->nd))
		ret = nova_blit_pramin(blit, vram, off, len);
	/* A window whose removal went wrong may have shown the wrong memory. */
	if (!ret && nova_device_is_wedged(blit->mm->nd))
		ret = -EIO;
	return ret;
}

/**
 * nova_blit_copy - copy an object between VRAM and system pages
 * @mm: the device's memory
 * @vram: the side in VRAM
 * @pages: the other side, a page for each of @vram->size
 * @dir: which way
 *
 * Context: process, may sleep, allocate, and take windows away from others.
 *
 * Return: 0, and the data is where it should be; -ENODEV after unplug; -EIO if the
 * device is wedged.
 */
int nova_blit_copy(struct nova_mm *mm, const struct nova_backing *vram, struct page **pages,
		   enum nova_blit_dir dir)
{
	const struct nova_blit blit = { .mm = mm, .pages = pages, .dir = dir };

	return nova_blit_range(&blit, vram, 0, vram->size);
}

/**
 * nova_blit_zero - clear part of an object in VRAM
 * @mm: the device's memory
 * @vram: the object
 * @off: first byte, multiple of 4 KiB
 * @len: bytes, multiple of 4 KiB
 *
 * Context: as nova_blit_copy().
 *
 * Return: as nova_blit_copy().
 */
int nova_blit_zero(struct nova_mm *mm, const struct nova_backing *vram, u64 off, u64 len)
{
	const struct nova_blit blit = { .mm = mm, .dir = NOVA_BLIT_TO_VRAM };

	return nova_blit_range(&blit, vram, off, len);
}
