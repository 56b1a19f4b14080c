// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vmm_now
 *
 * Changes of page tables that nobody waits for with a fence: windows in BAR1, kernel
 * objects, tests. All stages of nova_vmm_update are done at once, in their order, and
 * the result is known on return.
 *
 * Small pages of contiguous memory in one page table that exists need no reservation.
 * Finding the table and writing it are then one holding of the map lock, and the word
 * is made from the one of the mapping before if that had the same attributes: this is
 * what makes a small change cheap. Everything else goes through an update.
 *
 * Locking: as nova_vmm_update. Units: bytes.
 */
#include "nova_vmm.h"

#include "nova_mm.h"
#include "nova_trace.h"
#include "nova_vmm_piece.h"

static int nova_vmm_done(struct nova_vmm_update *upd)
{
	int ret = nova_vmm_flush(upd);

	nova_vmm_finish(upd);
	return ret;
}

/* Apart, so that the usual small change does not pay for an update on the stack. */
static noinline int nova_vmm_map_staged(struct nova_vmm *vmm, const struct nova_vmm_map *map)
{
	struct nova_vmm_update upd;
	int ret;

	nova_vmm_update_init(&upd, vmm);
	ret = nova_vmm_prepare_map(&upd, map);
	if (ret) {
		nova_vmm_abort(&upd);
		return ret;
	}
	nova_vmm_map(&upd, map);
	return nova_vmm_done(&upd);
}

/* The same by way of the format, which checks; what can be used again is kept. */
static noinline int nova_vmm_new_leaf(struct nova_vmm *vmm, const struct nova_vmm_map *map,
				      u64 addr, u64 *word)
{
	const struct nova_gmmu_fmt *fmt = vmm->tree.fmt;
	struct nova_pte_attr attr;
	int ret;

	nova_vmm_attr(map, &attr);
	ret = fmt->check(&attr, addr, map->len);
	if (ret)
		return ret;
	*word = fmt->pte(&attr, addr);
	vmm->leaf.attr = map->attr.all;
	vmm->leaf.word = fmt->pte(&attr, 0);
	vmm->leaf.aperture = map->backing->aperture;
	vmm->leaf.addr_bits = fmt->addr_bits[attr.aperture];
	return 0;
}

/* Word of the first page, of memory that is contiguous from @addr. */
static int nova_vmm_leaf_word(struct nova_vmm *vmm, const struct nova_vmm_map *map, u64 addr,
			      u64 *word)
{
	const struct nova_vmm_leaf *leaf = &vmm->leaf;

	if (leaf->attr != map->attr.all || leaf->aperture != map->backing->aperture ||
	    (addr | (addr + map->len - 1)) >> leaf->addr_bits)
		return nova_vmm_new_leaf(vmm, map, addr, word);
	*word = leaf->word | addr >> vmm->tree.fmt->pte_shr;
	return 0;
}

/* All stages for small pages in one table; -ENOENT with nothing done if that is not there. */
static int nova_vmm_map_small(struct nova_vmm *vmm, const struct nova_vmm_map *map, u64 addr)
{
	struct nova_mem_run run = {
		.stride = nova_gmmu_stride(vmm->tree.fmt, NOVA_PAGE_SHIFT),
		.nr = map->len >> NOVA_PAGE_SHIFT,
	};
	int ret;

	mutex_lock(&vmm->map_lock);
	ret = nova_vmm_leaf_word(vmm, map, addr, &run.first);
	if (!ret)
		ret = nova_pt_map_small(&vmm->tree, map->va, &run);
	if (ret >= 0)
		trace_nova_pte_update(vmm->mm->nd, nova_vmm_pdb(vmm).addr, "map", map->va,
				      map->len, NOVA_PAGE_SHIFT);
	mutex_unlock(&vmm->map_lock);
	return ret < 0 ? ret : nova_vmm_invalidate(vmm, 0, ret != run.nr);
}

/**
 * nova_vmm_map_now - map memory, all stages at once
 * @vmm: address space
 * @map: what to map where
 *
 * For kernel mappings and tests. All or nothing (V-12).
 *
 * Context: allocates and sleeps.
 *
 * Return: as nova_vmm_prepare_map() with nothing changed; as nova_vmm_flush().
 */
int nova_vmm_map_now(struct nova_vmm *vmm, const struct nova_vmm_map *map)
{
	int ret = nova_vmm_check_args(vmm, map);
	u64 addr;

	if (ret)
		return ret;
	if (map->len <= 1ULL << vmm->tree.small_lg2 && nova_vmm_addr(map, &addr) &&
	    nova_vmm_is_small(vmm, map->va, addr, map->len))
		ret = nova_vmm_map_small(vmm, map, addr);
	else
		ret = -ENOENT;
	return ret == -ENOENT ? nova_vmm_map_staged(vmm, map) : ret;
}

/**
 * nova_vmm_unmap_now - unmap a range, all stages at once
 * @vmm: address space
 * @va: first address, multiple of 4 KiB
 * @len: bytes, multiple of 4 KiB
 *
 * Context: allocates and sleeps.
 *
 * Return: as nova_vmm_prepare_cut() with nothing changed; as nova_vmm_flush().
 */
int nova_vmm_unmap_now(struct nova_vmm *vmm, u64 va, u64 len)
{
	struct nova_vmm_update upd;
	int ret;

	nova_vmm_update_init(&upd, vmm);
	ret = nova_vmm_prepare_cut(&upd, va, len);
	if (ret) {
		nova_vmm_abort(&upd);
		return ret;
	}
	nova_vmm_unmap(&upd, va, len);
	return nova_vmm_done(&upd);
}

/**
 * nova_vmm_sparse_now - make a range sparse, all stages at once
 * @vmm: address space
 * @va: first address, multiple of 4 KiB
 * @len: bytes, multiple of 4 KiB
 *
 * Context: allocates and sleeps.
 *
 * Return: as nova_vmm_prepare_cut() with nothing changed; as nova_vmm_flush().
 */
int nova_vmm_sparse_now(struct nova_vmm *vmm, u64 va, u64 len)
{
	struct nova_vmm_update upd;
	int ret;

	nova_vmm_update_init(&upd, vmm);
	ret = nova_vmm_prepare_cut(&upd, va, len);
	if (ret) {
		nova_vmm_abort(&upd);
		return ret;
	}
	nova_vmm_sparse(&upd, va, len);
	return nova_vmm_done(&upd);
}
