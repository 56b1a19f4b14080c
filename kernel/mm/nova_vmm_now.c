// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vmm_now
 *
 * Changes of page tables that nobody waits for with a fence: windows in BAR1, kernel
 * objects, tests. All stages of nova_vmm_update are done at once, in their order, and
 * the result is known on return.
 *
 * A mapping into one page table that exists needs no reservation. Finding the table
 * and writing it are then one holding of the map lock, which is what makes a small
 * change cheap; everything else goes through an update.
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

/*
 * Pages of one size in one table that is there: nothing to reserve, nothing to give back, so
 * all stages are done under one holding of the lock. Returns whether that was the case.
 */
static bool nova_vmm_map_alone(struct nova_vmm *vmm, const struct nova_vmm_map *map, int *ret)
{
	struct nova_vmm_piece piece;
	struct nova_pte_attr attr;
	bool done, replaced;
	struct nova_pt_run run;

	*ret = nova_vmm_check_args(vmm, map);
	if (*ret)
		return true;
	nova_vmm_piece_first(vmm, map, &piece);
	if (piece.end - map->va != map->len)
		return false;
	nova_vmm_attr(map, &attr);
	*ret = vmm->tree.fmt->check(&attr, piece.cur.addr, map->len);
	if (*ret)
		return true;
	nova_vmm_piece_run(vmm->tree.fmt, &attr, &piece, &run);
	mutex_lock(&vmm->map_lock);
	done = nova_pt_map_alone(&vmm->tree, &run, &replaced);
	if (done)
		trace_nova_pte_update(vmm->mm->nd, nova_vmm_pdb(vmm).addr, "map", map->va, map->len,
				      piece.shift);
	mutex_unlock(&vmm->map_lock);
	if (done)
		*ret = nova_vmm_invalidate(vmm, run.level, replaced);
	return done;
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
	int ret;

	return nova_vmm_map_alone(vmm, map, &ret) ? ret : nova_vmm_map_staged(vmm, map);
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
