// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bar1_map
 *
 * Windows of objects in BAR1. A window has users while somebody needs its place to
 * stay; without users it stays mapped, in a list of idle windows, because it may be
 * wanted again. When the aperture is full idle windows go, least recently used
 * first ::
 *
 *     get: absent -> used     put: used -> idle     get: idle -> used
 *     room needed, or drop: idle -> absent, after the owner's evict() has
 *     removed the CPU's mappings of it
 *
 * Users read and write through a window with these functions, which refuse what is
 * not wholly inside, or map it for a process by page frames.
 *
 * Invariant: a window's page-table entries exist from get until it is absent, or
 * BAR1 is given back; its part of the aperture is given to another one only after
 * the invalidate.
 *
 * Locking: the aperture's mutex, see nova_bar1; accesses take no lock, being a user
 * is enough. Units: bytes.
 */
#include "nova_bar1.h"

#include "nova_device.h"
#include "nova_mm.h"
#include "nova_trace.h"

#include <linux/align.h>
#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/sizes.h>

/**
 * nova_bar1_map_init - prepare a window
 * @map: memory is the owner's, until after nova_bar1_map_drop()
 * @evict: see &nova_bar1_map.evict, may be NULL
 */
void nova_bar1_map_init(struct nova_bar1_map *map, void (*evict)(struct nova_bar1_map *map))
{
	*map = (struct nova_bar1_map){ .evict = evict };
	INIT_LIST_HEAD(&map->idle);
}

/* A whole mapping, or none: needs no reservation and cannot fail but for dead hardware. */
static void nova_bar1_remove(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 len)
{
	struct nova_vmm_update upd;

	nova_vmm_update_init(&upd, &bar1->vmm);
	nova_vmm_unmap(&upd, map->node.start, len);
	nova_vmm_flush(&upd);
	nova_vmm_finish(&upd);
	drm_mm_remove_node(&map->node);
}

/* Remove an idle window. */
static void nova_bar1_evict(struct nova_bar1 *bar1, struct nova_bar1_map *map)
{
	lockdep_assert_held(&bar1->lock);
	if (map->evict)
		map->evict(map);
	list_del_init(&map->idle);
	nova_bar1_remove(bar1, map, map->size);
	bar1->used -= map->size;
	if (map->account)
		atomic64_sub(map->size, map->account);
	trace_nova_bar1_unmap(bar1->mm->nd, map->off, map->size, bar1->used);
}

/* Largest alignment that lets the window use as large pages as its memory allows. */
static u64 nova_bar1_align(u64 len)
{
	return len >= SZ_2M ? SZ_2M : len >= SZ_64K ? SZ_64K : SZ_4K;
}

/* Find room, at the expense of idle windows. */
static int nova_bar1_insert(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 len)
{
	u64 align = nova_bar1_align(len);
	int ret;

	while ((ret = drm_mm_insert_node_in_range(&bar1->va, &map->node, len, align, 0, 0,
						  bar1->size, DRM_MM_INSERT_BEST)) == -ENOSPC) {
		struct nova_bar1_map *victim;

		victim = list_first_entry_or_null(&bar1->idle, struct nova_bar1_map, idle);
		if (victim) {
			trace_nova_bar1_evict(bar1->mm->nd, victim->off, victim->size, bar1->used);
			nova_bar1_evict(bar1, victim);
			bar1->evictions++;
		} else if (align > SZ_4K) {
			align = SZ_4K;
		} else {
			break;
		}
	}
	return ret;
}

static int nova_bar1_map_new(struct nova_bar1 *bar1, struct nova_bar1_map *map,
			     const struct nova_backing *backing, u64 off, u64 len)
{
	struct nova_vmm_map req = { .len = len, .backing = backing, .off = off };
	int ret = nova_bar1_insert(bar1, map, len);

	if (ret)
		return ret;
	req.va = map->node.start;
	ret = nova_vmm_map_now(&bar1->vmm, &req);
	if (ret) {
		/* Hardware that died on the way has left the tables written. */
		nova_bar1_remove(bar1, map, len);
		return ret;
	}
	map->off = req.va;
	map->size = len;
	bar1->used += len;
	if (map->account)
		atomic64_add(len, map->account);
	bar1->peak = max(bar1->peak, bar1->used);
	bar1->maps++;
	trace_nova_bar1_map(bar1->mm->nd, map->off, map->size, bar1->used);
	return 0;
}

/**
 * nova_bar1_map_get - become a user of a window, mapping it if it is absent
 * @bar1: the aperture
 * @map: the window
 * @backing: memory to map, unchanged until the window is dropped
 * @off: first byte of @backing, multiple of 4 KiB
 * @len: bytes, multiple of 4 KiB
 *
 * A window that is still mapped is taken as it is, so @backing, @off and @len must
 * be the same every time until nova_bar1_map_drop().
 *
 * Context: allocates and sleeps; not where a fence waits to be signalled. May call
 * evict() of other windows.
 *
 * Return: 0; -ENODEV without BAR1, or after it was given back; -E2BIG if it can never
 * fit; -ENOSPC if all others are in use; -ENOMEM; -EINVAL, -ERANGE as
 * nova_vmm_check(); -EIO if the hardware is lost.
 */
int nova_bar1_map_get(struct nova_bar1 *bar1, struct nova_bar1_map *map,
		      const struct nova_backing *backing, u64 off, u64 len)
{
	int ret = 0;

	if (!bar1->size)
		return -ENODEV;
	if (len > bar1->size)
		return -E2BIG;
	mutex_lock(&bar1->lock);
	if (bar1->closed)
		ret = -ENODEV;
	else if (!drm_mm_node_allocated(&map->node))
		ret = nova_bar1_map_new(bar1, map, backing, off, len);
	if (!ret) {
		map->users++;
		list_del_init(&map->idle);
	}
	mutex_unlock(&bar1->lock);
	return ret;
}

/**
 * nova_bar1_map_put - stop being a user of a window
 * @bar1: the aperture
 * @map: the window; stays mapped until its room is needed
 *
 * Context: may sleep.
 */
void nova_bar1_map_put(struct nova_bar1 *bar1, struct nova_bar1_map *map)
{
	mutex_lock(&bar1->lock);
	if (!WARN_ON_ONCE(!map->users) && !--map->users)
		list_add_tail(&map->idle, &bar1->idle);
	mutex_unlock(&bar1->lock);
}

/**
 * nova_bar1_map_drop - remove a window
 * @bar1: the aperture
 * @map: the window, without users, perhaps absent; its memory is then the owner's
 *
 * For when the memory behind it moves or goes. evict() is called if the window was
 * there. When this returns nothing reaches the memory through BAR1 any more.
 *
 * Context: as nova_bar1_map_get().
 */
void nova_bar1_map_drop(struct nova_bar1 *bar1, struct nova_bar1_map *map)
{
	mutex_lock(&bar1->lock);
	WARN_ON_ONCE(map->users);
	if (drm_mm_node_allocated(&map->node))
		nova_bar1_evict(bar1, map);
	map->users = 0;
	mutex_unlock(&bar1->lock);
}

/**
 * nova_bar1_map_drop_idle - remove all windows without users
 * @bar1: the aperture
 *
 * Context: as nova_bar1_map_get().
 *
 * Return: how many there were.
 */
unsigned int nova_bar1_map_drop_idle(struct nova_bar1 *bar1)
{
	struct nova_bar1_map *map, *next;
	unsigned int nr = 0;

	mutex_lock(&bar1->lock);
	list_for_each_entry_safe(map, next, &bar1->idle, idle) {
		nova_bar1_evict(bar1, map);
		nr++;
	}
	mutex_unlock(&bar1->lock);
	return nr;
}

static int nova_bar1_check_access(const struct nova_bar1_map *map, u64 off, u64 bytes)
{
	if (off > map->size || bytes > map->size - off || !IS_ALIGNED(off, bytes))
		return -EINVAL;
	return 0;
}

/**
 * nova_bar1_read32 - read a word through a window
 * @bar1: the aperture
 * @map: window the caller is a user of
 * @off: byte offset in the window, a multiple of 4
 * @val: result, unchanged on error
 *
 * Context: any.
 *
 * Return: 0; -EINVAL if misaligned or not wholly inside the window.
 */
int nova_bar1_read32(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u32 *val)
{
	int ret = nova_bar1_check_access(map, off, sizeof(*val));

	if (!ret)
		*val = nova_bar1_rd32(bar1->mm->nd, map->off + off);
	return ret;
}

/**
 * nova_bar1_read64 - read two words through a window
 * @bar1: the aperture
 * @map: window the caller is a user of
 * @off: byte offset in the window, a multiple of 8
 * @val: result, unchanged on error
 *
 * Context: any.
 *
 * Return: as nova_bar1_read32().
 */
int nova_bar1_read64(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u64 *val)
{
	int ret = nova_bar1_check_access(map, off, sizeof(*val));

	if (!ret)
		*val = nova_bar1_rd64(bar1->mm->nd, map->off + off);
	return ret;
}

/**
 * nova_bar1_write32 - write a word through a window
 * @bar1: the aperture
 * @map: window the caller is a user of
 * @off: byte offset in the window, a multiple of 4
 * @val: value
 *
 * Context: any.
 *
 * Return: as nova_bar1_read32().
 */
int nova_bar1_write32(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u32 val)
{
	int ret = nova_bar1_check_access(map, off, sizeof(val));

	if (!ret)
		nova_bar1_wr32(bar1->mm->nd, map->off + off, val);
	return ret;
}

/**
 * nova_bar1_write64 - write two words through a window
 * @bar1: the aperture
 * @map: window the caller is a user of
 * @off: byte offset in the window, a multiple of 8
 * @val: value
 *
 * Context: any.
 *
 * Return: as nova_bar1_read32().
 */
int nova_bar1_write64(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u64 val)
{
	int ret = nova_bar1_check_access(map, off, sizeof(val));

	if (!ret)
		nova_bar1_wr64(bar1->mm->nd, map->off + off, val);
	return ret;
}

/**
 * nova_bar1_pfn - page frame a CPU mapping of BAR1 must use
 * @bar1: the aperture
 * @off: BAR1 offset, multiple of 4 KiB, in a window the caller is a user of
 * @write: for an access of that kind
 * @pfn: result
 *
 * Valid until the window's evict() is called.
 *
 * Context: may sleep and allocate.
 *
 * Return: 0; -EINVAL beyond the aperture; otherwise as &nova_io_ops.bar1_pfn.
 */
int nova_bar1_pfn(struct nova_bar1 *bar1, u64 off, bool write, unsigned long *pfn)
{
	if (off >= bar1->size || !IS_ALIGNED(off, SZ_4K))
		return -EINVAL;
	return nova_device_bar1_pfn(bar1->mm->nd, off, write, pfn);
}
