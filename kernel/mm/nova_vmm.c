// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vmm
 *
 * One GPU virtual address space, and changes of it. It knows ranges, page sizes
 * and the stages of an update; entries are nova_pt's business.
 *
 * A change is made in stages, because with VM_BIND it happens while a fence is
 * waiting for it and nothing there may wait for memory::
 *
 *    nova_vmm_update_init()
 *    nova_vmm_prepare*()  any number  may sleep, allocate and fail
 *    nova_vmm_abort()                 … or else, without failing or allocating:
 *    nova_vmm_map(), _unmap(), _sparse()   in order; overwrite what is there
 *    nova_vmm_flush()                 barrier, one invalidate, acknowledge
 *    nova_vmm_finish()                frees; may sleep; in a worker
 *
 * Preparing reserves tables for the worst case of the range alone, since what is
 * mapped there when the change is made may differ from now: earlier updates may
 * still be waiting. Reservations add up over all updates of an address space, and
 * an abort gives exactly its own back (F-4…F-6). Unmapping whole mappings needs no
 * reservation; cutting one, or making a range sparse, needs one for the edges:
 * nova_vmm_prepare_cut().
 *
 * When the invalidate is not acknowledged the hardware is lost: the address space
 * gets a sticky -EIO, and the VRAM of its tables is never reused (T-2). Callers
 * must keep the mapped memory likewise.
 *
 * Locking: &nova_vmm.map_lock protects the tree; it is a sleeping lock that is
 * never held across an allocation, which lockdep is told at init (F-2, F-3). Order:
 * map_lock, then PRAMIN's lock or the TLB's. Units: bytes.
 */
#include "nova_vmm.h"

#include "nova_compat.h"
#include "nova_mm.h"

#include <drm/drm_print.h>

#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

/* Tell lockdep what is legal before anything else happens: reclaim may wait for these locks. */
static void nova_vmm_prime_lockdep(struct nova_vmm *vmm)
{
	bool cookie;

	if (!IS_ENABLED(CONFIG_LOCKDEP))
		return;
	fs_reclaim_acquire(GFP_KERNEL);
	cookie = dma_fence_begin_signalling();
	mutex_lock(&vmm->map_lock);
	mutex_lock(&vmm->mm->pramin.lock);
	mutex_unlock(&vmm->mm->pramin.lock);
	mutex_lock(&vmm->mm->tlb.lock);
	mutex_unlock(&vmm->mm->tlb.lock);
	mutex_unlock(&vmm->map_lock);
	dma_fence_end_signalling(cookie);
	fs_reclaim_release(GFP_KERNEL);
}

/**
 * nova_vmm_init - make an empty address space
 * @vmm: memory is the caller's
 * @mm: the device's memory management; outlives it
 * @config: how it differs from a plain one
 *
 * Context: allocates and sleeps.
 *
 * Return: 0; -ENOMEM; -ENOSPC if there is no VRAM for the root; -EINVAL if a
 * borrowed table lies outside VRAM or names one above it; -EIO if the hardware is lost
 * already.
 */
int nova_vmm_init(struct nova_vmm *vmm, struct nova_mm *mm, const struct nova_vmm_config *config)
{
	int ret;

	*vmm = (struct nova_vmm){
		.mm = mm,
		.scope = config->scope,
		.tree = {
			.fmt = mm->fmt,
			.mem = &mm->mem,
			.pool = config->pool ?: &mm->pool,
			.page_sizes = mm->page_sizes,
			.scratch = config->scratch,
		},
	};
	if (READ_ONCE(mm->tlb.error))
		return -EIO;
	mutex_init(&vmm->map_lock);
	nova_vmm_prime_lockdep(vmm);
	ret = config->borrowed ? nova_pt_tree_borrow(&vmm->tree, config->root) :
				 nova_pt_tree_init(&vmm->tree);
	if (ret)
		mutex_destroy(&vmm->map_lock);
	return ret;
}

/**
 * nova_vmm_fini - free an address space
 * @vmm: no engine uses it and no update is outstanding
 *
 * Whatever is still mapped is unmapped, but on a borrowed root: there the caller
 * has unmapped what it mapped, and all else stays.
 *
 * Context: sleeps.
 */
void nova_vmm_fini(struct nova_vmm *vmm)
{
	struct nova_vmm_update upd;

	nova_vmm_update_init(&upd, vmm);
	if (vmm->tree.root->borrowed)
		upd.edit.epoch = vmm->tree.epoch++;
	else
		nova_vmm_unmap(&upd, 0, 1ULL << vmm->tree.fmt->va_bits);
	/* Even if nothing was mapped: caches may know empty entries of the root. */
	nova_tlb_gather_add(&upd.edit.gather, 0, 1ULL << vmm->tree.fmt->va_bits,
			    vmm->tree.root->level, true);
	if (nova_vmm_flush(&upd) == -EIO)
		vmm->tree.abandoned = true;
	nova_vmm_finish(&upd);
	while (vmm->tree.limbo) {
		struct nova_pt *pt = vmm->tree.limbo;

		vmm->tree.limbo = pt->next;
		nova_pt_destroy(&vmm->tree, pt);
	}
	if (vmm->tree.root->borrowed)
		nova_pt_tree_return(&vmm->tree);
	else
		nova_pt_tree_fini(&vmm->tree);
	mutex_destroy(&vmm->map_lock);
}

/**
 * nova_vmm_walk - translate an address by the words in VRAM
 * @vmm: address space
 * @va: virtual address
 * @x: result
 *
 * As the hardware does it, but without its caches; reads VRAM, so it is slow. For
 * dumps and checks. Never allocates (V-6).
 *
 * Context: takes the map lock.
 *
 * Return: as nova_pt_walk().
 */
int nova_vmm_walk(struct nova_vmm *vmm, u64 va, struct nova_pt_xlate *x)
{
	int ret;

	mutex_lock(&vmm->map_lock);
	ret = nova_pt_walk(vmm->tree.fmt, vmm->tree.mem, nova_vmm_pdb(vmm), va, x);
	mutex_unlock(&vmm->map_lock);
	return ret;
}

/**
 * nova_vmm_lookup - translate an address by the shadow
 * @vmm: address space
 * @va: virtual address
 * @place: result
 *
 * Reads VRAM only for a 4 KiB page whose table holds more than one run.
 *
 * Context: takes the map lock.
 *
 * Return: 0; -EINVAL if @va is beyond the address width.
 */
int nova_vmm_lookup(struct nova_vmm *vmm, u64 va, struct nova_pt_place *place)
{
	if (va >> vmm->tree.fmt->va_bits)
		return -EINVAL;
	mutex_lock(&vmm->map_lock);
	nova_pt_lookup(&vmm->tree, va, place);
	mutex_unlock(&vmm->map_lock);
	return 0;
}

/**
 * nova_vmm_page_shift - size of the page or sparse entry at an address
 * @vmm: address space
 * @va: virtual address
 *
 * Context: takes the map lock; never reads VRAM.
 *
 * Return: log2 of bytes; 0 if nothing is mapped there.
 */
unsigned int nova_vmm_page_shift(struct nova_vmm *vmm, u64 va)
{
	unsigned int shift;

	if (va >> vmm->tree.fmt->va_bits)
		return 0;
	mutex_lock(&vmm->map_lock);
	shift = nova_pt_page_shift(&vmm->tree, va);
	mutex_unlock(&vmm->map_lock);
	return shift;
}

/**
 * nova_vmm_stats - how much page tables take
 * @vmm: address space
 * @stats: result, a snapshot
 *
 * Context: any.
 */
void nova_vmm_stats(struct nova_vmm *vmm, struct nova_vmm_stats *stats)
{
	stats->tables = atomic_long_read(&vmm->tree.nr_tables);
	stats->table_bytes = atomic_long_read(&vmm->tree.bytes);
}

/**
 * nova_vmm_print - dump the page tables as they are in VRAM
 * @vmm: address space
 * @p: where to
 *
 * A line for each directory entry and for each run of alike leaves: level, virtual
 * address, raw words, meaning.
 *
 * Context: allocates a buffer, then holds the map lock while it reads VRAM.
 */
void nova_vmm_print(struct nova_vmm *vmm, struct drm_printer *p)
{
	u64 *buf = kvmalloc_array(vmm->tree.fmt->nr_levels, NOVA_PAGE_SIZE, GFP_KERNEL);

	if (!buf)
		return;
	drm_printf(p, "root 0x%llx, v%u, %ld tables, %ld bytes%s%s\n", nova_vmm_pdb(vmm).addr,
		   vmm->tree.fmt->version, atomic_long_read(&vmm->tree.nr_tables),
		   atomic_long_read(&vmm->tree.bytes), vmm->tree.scratch ? ", scratch" : "",
		   nova_vmm_error(vmm) ? ", dead" : "");
	mutex_lock(&vmm->map_lock);
	nova_pt_print(&vmm->tree, buf, p);
	mutex_unlock(&vmm->map_lock);
	kvfree(buf);
}
