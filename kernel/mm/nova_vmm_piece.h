/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_VMM_PIECE_H__
#define __NOVA_VMM_PIECE_H__

#include "nova_cursor.h"
#include "nova_gmmu.h"
#include "nova_pt.h"
#include "nova_vmm.h"

#include <linux/types.h>

/** struct nova_vmm_piece - part of a mapping that has one page size and is contiguous */
struct nova_vmm_piece {
	/** @cur: where its memory is */
	struct nova_cursor cur;
	/** @va: first virtual address */
	u64 va;
	/** @end: end of it */
	u64 end;
	/** @level: level of the tables its leaves are in */
	unsigned int level;
	/** @shift: log2 of the bytes of its pages */
	unsigned int shift;
};

void nova_vmm_piece_first(const struct nova_vmm *vmm, const struct nova_vmm_map *map,
			  struct nova_vmm_piece *piece);
int nova_vmm_map_quick(struct nova_vmm *vmm, const struct nova_vmm_map *map);
bool nova_vmm_piece_next(const struct nova_vmm *vmm, const struct nova_vmm_map *map,
			 struct nova_vmm_piece *piece);

/** nova_vmm_check_args - check all of a mapping but what its memory decides: 0 or -EINVAL */
static inline int nova_vmm_check_args(const struct nova_vmm *vmm, const struct nova_vmm_map *map)
{
	if (!IS_ALIGNED(map->off, NOVA_PAGE_SIZE) || map->off > map->backing->size ||
	    map->len > map->backing->size - map->off)
		return -EINVAL;
	if (map->max_page_shift && map->max_page_shift < NOVA_PAGE_SHIFT)
		return -EINVAL;
	return nova_vmm_check_range(vmm, map->va, map->len);
}

/** nova_vmm_addr - where a mapping's memory is, if one extent holds all of it or it is one page */
static inline bool nova_vmm_addr(const struct nova_vmm_map *map, u64 *addr)
{
	const struct nova_backing *backing = map->backing;

	if (!backing->extents)
		*addr = backing->pages[map->off >> NOVA_PAGE_SHIFT];
	else if (backing->nr_extents == 1)
		*addr = backing->extents->addr + map->off;
	return backing->extents ? backing->nr_extents == 1 : map->len == NOVA_PAGE_SIZE;
}

/** nova_vmm_is_small - does [addr, addr + len) take 4 KiB pages alone at @va, and one table? */
static inline bool nova_vmm_is_small(const struct nova_vmm *vmm, u64 va, u64 addr, u64 len)
{
	u64 larger = vmm->tree.page_sizes & ~NOVA_PAGE_SIZE, next = larger & -larger;

	if (len == NOVA_PAGE_SIZE)
		return true;
	return len <= 1ULL << vmm->tree.small_lg2 && (len < next || (va ^ addr) & (next - 1));
}

/** nova_vmm_quick_addr - where its memory is, of a mapping for which both hold */
static inline bool nova_vmm_quick_addr(const struct nova_vmm *vmm, const struct nova_vmm_map *map,
				       u64 *addr)
{
	return nova_vmm_addr(map, addr) && nova_vmm_is_small(vmm, map->va, *addr, map->len);
}

/** nova_vmm_attr - attributes of the leaves: coherent system memory is not kept in the GPU's L2 */
static inline void nova_vmm_attr(const struct nova_vmm_map *map, struct nova_pte_attr *attr)
{
	*attr = map->attr;
	attr->aperture = map->backing->aperture;
	attr->uncached |= attr->aperture == NOVA_APERTURE_SYS_COH;
}

/** nova_vmm_piece_run - a piece in words of entries; the format accepted the attributes */
static inline void nova_vmm_piece_run(const struct nova_gmmu_fmt *fmt,
				      const struct nova_pte_attr *attr,
				      const struct nova_vmm_piece *piece, struct nova_pt_run *run)
{
	run->va = piece->va;
	run->end = piece->end;
	run->word = fmt->pte(attr, piece->cur.addr);
	run->stride = nova_gmmu_stride(fmt, piece->shift);
	run->level = piece->level;
}

#endif
