/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BAR1_H__
#define __NOVA_BAR1_H__

#include "nova_cursor.h"
#include "nova_pool.h"
#include "nova_types.h"
#include "nova_vmm.h"

#include <drm/drm_mm.h>

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct drm_printer;
struct nova_mm;

/**
 * struct nova_bar1 - the aperture through which the CPU reaches GPU virtual memory
 */
struct nova_bar1 {
	/** @mm: the device's memory management */
	struct nova_mm *mm;
	/** @size: bytes of the aperture, 0 if the device has none; constant */
	u64 size;
	/** @pool: its page tables, never mapped in BAR1 themselves */
	struct nova_pool pool;
	/** @vmm: the address space behind it, HUB scope */
	struct nova_vmm vmm;
	/** @inst: instance block, if the root is ours */
	struct nova_pool_mem inst;
	/** @bound: the hardware was pointed at @inst */
	bool bound;
	/** @lock: everything below; may be held across an allocation */
	struct mutex lock;
	/** @foreign: parts of the aperture that firmware uses; constant after init */
	struct list_head foreign;
	/** @foreign_bytes: bytes of those; constant after init */
	u64 foreign_bytes;
	/** @va: who has which part of the aperture; @lock */
	struct drm_mm va;
	/** @idle: mapped windows without users, least recently used first; @lock */
	struct list_head idle;
	/** @closed: no window can be had any more, see nova_bar1_disconnect(); @lock */
	bool closed;
	/** @used: bytes of the aperture given to windows; @lock */
	u64 used;
	/** @peak: largest @used so far; @lock */
	u64 peak;
	/** @maps: windows mapped so far; @lock */
	u64 maps;
	/** @evictions: idle windows removed to make room so far; @lock */
	u64 evictions;
};

/**
 * struct nova_bar1_map - one object's window in BAR1
 *
 * Embedded by its owner, so that it can be lost and found again. Its users are
 * counted: while there is one it stays where it is; without one it stays
 * mapped until room is needed.
 */
struct nova_bar1_map {
	/** @node: its part of the aperture; allocated while mapped; @nova_bar1.lock */
	struct drm_mm_node node;
	/** @idle: place in the LRU list, if mapped and unused; @nova_bar1.lock */
	struct list_head idle;
	/** @users: counted by get and put; @nova_bar1.lock */
	unsigned int users;
	/** @off: BAR1 offset; stable while the caller is a user */
	u64 off;
	/** @size: bytes mapped */
	u64 size;
	/** @account: its owner's sum of @size over mapped windows, or NULL; set after init */
	atomic64_t *account;
	/**
	 * @evict: called before the window goes, to remove the CPU mappings made
	 * of it. Called with &nova_bar1.lock held: it must not take a reservation
	 * lock nor call into this unit. May be NULL.
	 */
	void (*evict)(struct nova_bar1_map *map);
};

/** struct nova_bar1_stats - a snapshot */
struct nova_bar1_stats {
	/** @size: bytes of the aperture */
	u64 size;
	/** @used: bytes given to windows, idle ones included */
	u64 used;
	/** @peak: largest @used so far */
	u64 peak;
	/** @idle: bytes of idle windows */
	u64 idle;
	/** @foreign: bytes firmware uses, not part of @used */
	u64 foreign;
	/** @maps: windows mapped so far */
	u64 maps;
	/** @evictions: idle windows removed to make room so far */
	u64 evictions;
};

int nova_bar1_init(struct nova_bar1 *bar1, struct nova_mm *mm, const nova_vram_t *borrowed);
void nova_bar1_disconnect(struct nova_bar1 *bar1);
void nova_bar1_fini(struct nova_bar1 *bar1);

void nova_bar1_map_init(struct nova_bar1_map *map, void (*evict)(struct nova_bar1_map *map));
int nova_bar1_map_get(struct nova_bar1 *bar1, struct nova_bar1_map *map,
		      const struct nova_backing *backing, u64 off, u64 len);
void nova_bar1_map_put(struct nova_bar1 *bar1, struct nova_bar1_map *map);
void nova_bar1_map_drop(struct nova_bar1 *bar1, struct nova_bar1_map *map);
unsigned int nova_bar1_map_drop_idle(struct nova_bar1 *bar1);

int nova_bar1_read32(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u32 *val);
int nova_bar1_read64(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u64 *val);
int nova_bar1_write32(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u32 val);
int nova_bar1_write64(struct nova_bar1 *bar1, struct nova_bar1_map *map, u64 off, u64 val);
int nova_bar1_pfn(struct nova_bar1 *bar1, u64 off, bool write, unsigned long *pfn);

void nova_bar1_stats(struct nova_bar1 *bar1, struct nova_bar1_stats *stats);
void nova_bar1_print(struct nova_bar1 *bar1, struct drm_printer *p);

#endif
