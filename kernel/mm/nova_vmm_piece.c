// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vmm_piece
 *
 * What a mapping asks for, checked and cut into *pieces*. A piece is physically
 * contiguous and has one page size: the largest that virtual address, physical
 * address, contiguous length and the caller's limit allow, or smaller pages up to
 * the next place where larger ones fit::
 *
 *     va        4K      64K        2M               2M       64K  4K
 *         |...|----|==========|################|##########|======|-|
 *
 * The cut depends on the mapping alone, so it is the same when tables are reserved
 * and when they are used, which is what makes the reservation exact.
 *
 * Nothing to lock: a mapping is the caller's and does not change. Units: bytes.
 */
#include "nova_vmm_piece.h"

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/log2.h>

/**
 * nova_vmm_check - can this be mapped at all?
 * @vmm: address space
 * @map: what is to be mapped
 *
 * Context: any. Time grows with the number of contiguous pieces.
 *
 * Return: 0; -EINVAL for a bad range, offset, page size limit, kind or peer;
 * -ERANGE if the chip's page tables cannot hold an address (V-2).
 */
int nova_vmm_check(const struct nova_vmm *vmm, const struct nova_vmm_map *map)
{
	int ret = nova_vmm_check_args(vmm, map);
	struct nova_pte_attr attr;
	struct nova_cursor cur;

	if (ret)
		return ret;
	nova_vmm_attr(map, &attr);
	for (nova_cursor_init(&cur, map->backing, map->off, map->len); cur.len && !ret;
	     nova_cursor_next(&cur, cur.len))
		ret = vmm->tree.fmt->check(&attr, cur.addr, cur.len);
	return ret;
}

static unsigned int nova_vmm_level(const struct nova_vmm *vmm, unsigned int shift)
{
	unsigned int level = 0;

	while (vmm->tree.fmt->level[level].va_lo != shift)
		level++;
	return level;
}

/* Page size at the piece's start, and how far it goes. */
static void nova_vmm_piece_size(const struct nova_vmm *vmm, struct nova_vmm_piece *piece,
				u64 sizes)
{
	u64 addr = piece->cur.addr, len = piece->cur.len, va = piece->va;
	u64 fits = sizes & GENMASK_ULL(ilog2(len), 0), next;

	if (len == NOVA_PAGE_SIZE) {
		piece->shift = NOVA_PAGE_SHIFT;
		piece->level = 0;
		piece->end = va + len;
		return;
	}
	if (va | addr)
		fits &= GENMASK_ULL(__ffs64(va | addr), 0);
	piece->shift = fls64(fits) - 1;
	piece->level = nova_vmm_level(vmm, piece->shift);
	piece->end = va + ALIGN_DOWN(len, 1ULL << piece->shift);
	sizes &= ~GENMASK_ULL(piece->shift, 0);
	if (!sizes)
		return;
	/* A larger page further on? The next size decides: if it does not fit, none does. */
	next = 1ULL << __ffs64(sizes);
	if (!((va ^ addr) & (next - 1)) && ALIGN(va, next) + next <= va + len)
		piece->end = ALIGN(va, next);
}

static u64 nova_vmm_sizes(const struct nova_vmm *vmm, const struct nova_vmm_map *map)
{
	u64 sizes = vmm->tree.page_sizes;

	if (map->max_page_shift && map->max_page_shift < 63)
		sizes &= GENMASK_ULL(map->max_page_shift, 0);
	return sizes;
}

/**
 * nova_vmm_piece_first - begin cutting a mapping into pieces
 * @vmm: address space
 * @map: the mapping; nova_vmm_check_args() accepted it
 * @piece: result
 *
 * Context: any.
 */
void nova_vmm_piece_first(const struct nova_vmm *vmm, const struct nova_vmm_map *map,
			  struct nova_vmm_piece *piece)
{
	nova_cursor_init(&piece->cur, map->backing, map->off, map->len);
	piece->va = map->va;
	nova_vmm_piece_size(vmm, piece, nova_vmm_sizes(vmm, map));
}

/**
 * nova_vmm_piece_next - go on to the piece after
 * @vmm: address space
 * @map: the mapping
 * @piece: the piece, replaced
 *
 * Context: any.
 *
 * Return: whether there is one; if not, &nova_vmm_piece.va is the mapping's end.
 */
bool nova_vmm_piece_next(const struct nova_vmm *vmm, const struct nova_vmm_map *map,
			 struct nova_vmm_piece *piece)
{
	nova_cursor_next(&piece->cur, piece->end - piece->va);
	piece->va = piece->end;
	if (!piece->cur.len)
		return false;
	nova_vmm_piece_size(vmm, piece, nova_vmm_sizes(vmm, map));
	return true;
}
