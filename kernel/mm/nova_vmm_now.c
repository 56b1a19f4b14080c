// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vmm_now
 *
 * Changes of page tables that nobody waits for with a fence: windows in BAR1, kernel
 * objects, tests. All stages of nova_vmm_update are done at once, in their order, and
 * the result is known on return.
 *
 * Small pages of contiguous memory in one page table that exists need no reservation.
 * Finding the table and writing it are then one holding of the map lock, the table is
 * the one used last if that covers the page, and the word is made from the one of the
 * mapping before if that had the same attributes: this is what makes a small change
 * cheap. Everything else goes through an update.
 *
 * Locking: as nova_vmm_update. Units: bytes.
 */
#include "nova_vmm.h"

#include "nova_mm.h"
#include "nova_trace.h"
#include "nova_vmm_piece.h"

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

/* Inside a small change, where a call more would be felt. */
static __always_inline int __nova_vmm_invalidate(struct nova_vmm *vmm, unsigned int level,
						 bool tighten)
{
	struct nova_tlb_req req = {
		.pdb = nova_vmm_pdb(vmm),
		.scope = vmm->scope,
		.cache_level = max(level, 1u),
		.ack = tighten,
	};
	int ret = nova_vmm_error(vmm);

	if (ret)
		return ret;
	ret = nova_mem_flush(vmm->tree.mem);
	if (!ret)
		ret = nova_tlb_invalidate(&vmm->mm->tlb, &req);
	if (ret == -EIO)
		WRITE_ONCE(vmm->error, ret);
	return ret;
}

/**
 * nova_vmm_invalidate - barrier and invalidate
 * @vmm: address space
 * @level: highest format level whose entries were changed
 * @tighten: something that was allowed is not any more
 *
 * Context: as nova_vmm_flush().
 *
 * Return: as nova_vmm_flush().
 */
int nova_vmm_invalidate(struct nova_vmm *vmm, unsigned int level, bool tighten)
{
	return __nova_vmm_invalidate(vmm, level, tighten);
}

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
	vmm->leaf.addr_end = 1ULL << fmt->addr_bits[attr.aperture];
	vmm->leaf.addr_shr = fmt->pte_shr;
	return 0;
}

/* Word of the first page, of memory that is contiguous from @addr. */
static int nova_vmm_leaf_word(struct nova_vmm *vmm, const struct nova_vmm_map *map, u64 addr,
			      u64 *word)
{
	const struct nova_vmm_leaf *leaf = &vmm->leaf;

	if (unlikely(leaf->attr != map->attr.all || leaf->aperture != map->backing->aperture ||
		     addr >= leaf->addr_end || map->len > leaf->addr_end - addr))
		return nova_vmm_new_leaf(vmm, map, addr, word);
	*word = leaf->word | addr >> leaf->addr_shr;
	return 0;
}

/* Small pages from @addr on, into the table that is there: as nova_pt_map_small(). */
static __always_inline int nova_vmm_put_small(struct nova_vmm *vmm,
					      const struct nova_vmm_map *map, u64 addr)
{
	u64 word;
	int ret = nova_vmm_leaf_word(vmm, map, addr, &word);

	if (unlikely(ret))
		return ret;
	if (likely(map->len == NOVA_PAGE_SIZE && nova_pt_in_last(&vmm->tree, map->va)))
		return nova_pt_put_one(&vmm->tree, vmm->tree.last, map->va, word);
	return nova_pt_map_small(&vmm->tree, map->va, word, map->len >> NOVA_PAGE_SHIFT);
}

/**
 * nova_vmm_map_quick - map small pages of contiguous memory in one table that is there
 * @vmm: address space
 * @map: what to map where; nova_vmm_check() accepted it
 *
 * The caches have yet to be told, about entries of level 0.
 *
 * Context: map lock.
 *
 * Return: how many of the entries were not empty; -ENOENT with nothing done if it is not
 * that simple.
 */
int nova_vmm_map_quick(struct nova_vmm *vmm, const struct nova_vmm_map *map)
{
	u64 addr;

	lockdep_assert_held(&vmm->map_lock);
	if (!nova_vmm_quick_addr(vmm, map, &addr))
		return -ENOENT;
	return nova_vmm_put_small(vmm, map, addr);
}

/* All stages in a line for small pages of one table; staged if that is not there. */
static int nova_vmm_map_small(struct nova_vmm *vmm, const struct nova_vmm_map *map, u64 addr)
{
	int ret;

	mutex_lock(&vmm->map_lock);
	ret = nova_vmm_put_small(vmm, map, addr);
	if (likely(ret >= 0))
		trace_nova_pte_update(vmm->mm->nd, nova_vmm_pdb(vmm).addr, "map", map->va,
				      map->len, NOVA_PAGE_SHIFT);
	mutex_unlock(&vmm->map_lock);
	if (unlikely(ret < 0))
		return ret == -ENOENT ? nova_vmm_map_staged(vmm, map) : ret;
	return __nova_vmm_invalidate(vmm, 0, ret);
}

/**
 * nova_vmm_map_now - map memory, all stages at once
 * @vmm: address space
 * @map: what to map where
 *
 * For kernel mappings and tests. All or nothing (V-12), but when the caches could not be
 * told: then the mapping is in the tables, and the caller's to unmap.
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
	if (nova_vmm_quick_addr(vmm, map, &addr))
		return nova_vmm_map_small(vmm, map, addr);
	return nova_vmm_map_staged(vmm, map);
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
