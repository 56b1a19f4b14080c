// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_window
 *
 * CPU maps of buffer objects. System pages are mapped directly. VRAM is reached
 * through BAR1, which may be much smaller than the object: the object is cut into
 * aligned chunks, a fault gives the chunk it hits a BAR1 window, and windows that
 * no fault is using are recycled, least recently used first. Recycling removes the
 * CPU's page-table entries first, so the next access faults again::
 *
 *	object	|  chunk 0  |  chunk 1  |  chunk 2  |..
 *	             |                       |
 *	BAR1	[ window ]..............[ window ]
 *
 * Without BAR1 the object moves to system memory when the CPU touches it. When the
 * hardware is gone or dead, all of an object is one page that goes nowhere, the sink: it
 * is zeroed whenever a touch maps it, and freed with the object, which its maps keep.
 *
 * Invariant: a CPU page-table entry into BAR1 exists only while its window does.
 *
 * Faults fill in the pages around them as well, so that touching an object from
 * either end costs a fault a block. Page-table entries of 2 MiB are not used: VRAM of
 * the software GPU is single pages of the host, and the offset of an object in the
 * device file, which the kernel aligns addresses by, is a multiple of 4 KiB only.
 *
 * Locking: the object's reservation protects its table of windows; BAR1's lock
 * protects the windows themselves and is taken inside it. Recycling happens
 * under BAR1's lock alone, so it must not look at the table.
 *
 * Units: bytes; pgoff_t counts pages.
 */
#include "nova_bo.h"

#include "nova_bar1.h"
#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_mm.h"
#include "nova_trace.h"
#include "nova_ttm.h"

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_vma_manager.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>

/* One object must leave room for others, however small BAR1 is. */
#define NOVA_WINDOW_MAX_SIZE	SZ_2M
#define NOVA_WINDOW_SHARE	8

/* Filled in by one fault. */
#define NOVA_WINDOW_AROUND	SZ_64K

/**
 * struct nova_bo_window - one chunk of an object in BAR1
 */
struct nova_bo_window {
	/** @map: the BAR1 side; may be lost and found again */
	struct nova_bar1_map map;
	/** @bo: the object; constant */
	struct nova_bo *bo;
	/** @off: first byte of the chunk within the object; constant */
	u64 off;
	/** @len: bytes of the chunk; constant */
	u64 len;
};

static void nova_window_evict(struct nova_bar1_map *map)
{
	struct nova_bo_window *w = container_of(map, struct nova_bo_window, map);
	struct ttm_buffer_object *tbo = &w->bo->ttm;

	unmap_mapping_range(tbo->bdev->dev_mapping,
			    drm_vma_node_offset_addr(&tbo->base.vma_node) + w->off, w->len, 1);
}

static u64 nova_window_size(const struct nova_bar1 *bar1)
{
	u64 share = rounddown_pow_of_two(bar1->size / NOVA_WINDOW_SHARE);

	return clamp_t(u64, share, PAGE_SIZE, NOVA_WINDOW_MAX_SIZE);
}

static struct nova_bo_window *nova_window_obtain(struct nova_bo *bo, struct nova_bar1 *bar1,
						 u64 off)
{
	u64 size = nova_window_size(bar1), chunk = off / size;
	struct nova_bo_window *w = xa_load(&bo->windows, chunk);

	if (w)
		return w;
	w = kzalloc_obj(*w);
	if (!w)
		return NULL;
	nova_bar1_map_init(&w->map, nova_window_evict);
	w->map.account = &bo->bar1_bytes;
	w->bo = bo;
	w->off = chunk * size;
	w->len = min(size, bo->ttm.base.size - w->off);
	if (xa_err(xa_store(&bo->windows, chunk, w, GFP_KERNEL))) {
		kfree(w);
		return NULL;
	}
	return w;
}

/**
 * nova_bo_drop_windows - take an object out of BAR1
 * @bo: the object, reserved, or given up by its last user
 *
 * Afterwards neither the CPU nor BAR1 refers to its VRAM.
 *
 * Context: process, may sleep.
 */
void nova_bo_drop_windows(struct nova_bo *bo)
{
	struct nova_bar1 *bar1 = &nova_ttm_from_bdev(bo->ttm.bdev)->mm->bar1;
	struct nova_bo_window *w;
	unsigned long chunk;

	if (xa_empty(&bo->windows))
		return;
	xa_for_each(&bo->windows, chunk, w) {
		nova_bar1_map_drop(bar1, &w->map);
		kfree(w);
	}
	xa_destroy(&bo->windows);
}

static pgoff_t nova_fault_page(const struct vm_fault *vmf, const struct nova_bo *bo)
{
	return vmf->pgoff - drm_vma_node_start(&bo->ttm.base.vma_node);
}

/**
 * nova_bo_free_sink - free the page that CPU maps had when the hardware was gone
 * @bo: the object, that nobody maps any more
 */
void nova_bo_free_sink(struct nova_bo *bo)
{
	if (bo->sink)
		__free_page(bo->sink);
}

/* One an object, however often it is mapped: charged to a client, as it may make many. */
static struct page *nova_bo_sink(struct nova_bo *bo)
{
	if (!bo->sink)
		bo->sink = alloc_page(GFP_KERNEL_ACCOUNT);
	if (bo->sink)
		clear_highpage(bo->sink);
	return bo->sink;
}

/* What one fault fills in: addresses in the mapping. */
struct nova_fault_block {
	unsigned long start;
	unsigned long end;
};

/* As much of the block around a touch as is mapped, and in [@start, @end) of the object. */
static struct nova_fault_block nova_fault_block(const struct vm_fault *vmf,
						const struct nova_bo *bo, u64 start, u64 end)
{
	u64 off = (u64)nova_fault_page(vmf, bo) << PAGE_SHIFT;
	u64 block = round_down(off, NOVA_WINDOW_AROUND), before = off - max(block, start);
	u64 after = min(block + NOVA_WINDOW_AROUND, end) - off;
	const struct vm_area_struct *vma = vmf->vma;

	return (struct nova_fault_block) {
		.start = vmf->address - min(before, vmf->address - vma->vm_start),
		.end = vmf->address + min(after, vma->vm_end - vmf->address),
	};
}

/* The device is gone or dead: programs keep running on a page that goes nowhere. */
static vm_fault_t nova_fault_gone(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct nova_bo *bo = nova_bo(vma->vm_private_data);
	struct nova_fault_block block = nova_fault_block(vmf, bo, 0, bo->ttm.base.size);
	struct page *sink = nova_bo_sink(bo);
	vm_fault_t fault = VM_FAULT_NOPAGE;

	if (!sink)
		return VM_FAULT_OOM;
	for (unsigned long at = block.start; at < block.end && fault == VM_FAULT_NOPAGE;
	     at += PAGE_SIZE)
		fault = vmf_insert_pfn_prot(vma, at, page_to_pfn(sink), vma->vm_page_prot);
	return fault;
}

static vm_fault_t nova_fault_errno(struct vm_fault *vmf, int ret)
{
	switch (ret) {
	case -ENOMEM:
		return VM_FAULT_OOM;
	case -ENODEV:
	case -EIO:
		return nova_fault_gone(vmf);
	case -EFAULT:
		return VM_FAULT_SIGBUS;
	}
	/* Interrupted, or every window is in use by another fault right now. */
	return VM_FAULT_NOPAGE;
}

/* One page of a window the caller is a user of, @at an address in the mapping. */
static vm_fault_t nova_fault_insert(struct vm_fault *vmf, struct nova_bar1 *bar1,
				    const struct nova_bo_window *w, unsigned long at)
{
	pgprot_t prot = pgprot_decrypted(pgprot_writecombine(vmf->vma->vm_page_prot));
	u64 off = ((u64)nova_fault_page(vmf, w->bo) << PAGE_SHIFT) + at - vmf->address;
	unsigned long pfn;
	int ret;

	ret = nova_bar1_pfn(bar1, w->map.off + off - w->off, vmf->vma->vm_flags & VM_WRITE, &pfn);
	if (ret)
		return nova_fault_errno(vmf, ret);
	return vmf_insert_pfn_prot(vmf->vma, at, pfn, prot);
}

/* The page that was touched, then its neighbours, whose errors are theirs alone. */
static vm_fault_t nova_fault_around(struct vm_fault *vmf, struct nova_bar1 *bar1,
				    const struct nova_bo_window *w)
{
	struct nova_fault_block block = nova_fault_block(vmf, w->bo, w->off, w->off + w->len);
	vm_fault_t fault = nova_fault_insert(vmf, bar1, w, vmf->address);

	if (fault != VM_FAULT_NOPAGE)
		return fault;
	for (unsigned long at = block.start; at < block.end; at += PAGE_SIZE)
		if (at != vmf->address &&
		    nova_fault_insert(vmf, bar1, w, at) != VM_FAULT_NOPAGE)
			break;
	return VM_FAULT_NOPAGE;
}

static vm_fault_t nova_fault_vram(struct vm_fault *vmf, struct nova_bo *bo)
{
	struct nova_bar1 *bar1 = &nova_ttm_from_bdev(bo->ttm.bdev)->mm->bar1;
	u64 off = (u64)nova_fault_page(vmf, bo) << PAGE_SHIFT;
	struct nova_backing backing;
	struct nova_bo_window *w;
	vm_fault_t fault;
	int ret;

	w = nova_window_obtain(bo, bar1, off);
	if (!w)
		return VM_FAULT_OOM;
	nova_bo_backing(bo, &backing);
	ret = nova_bar1_map_get(bar1, &w->map, &backing, w->off, w->len);
	if (ret)
		return nova_fault_errno(vmf, ret);
	fault = nova_fault_around(vmf, bar1, w);
	nova_bar1_map_put(bar1, &w->map);
	return fault;
}

/* Give a deferred object memory; without BAR1, memory the CPU can reach. */
static int nova_fault_populate(struct nova_bo *bo)
{
	struct nova_bar1 *bar1 = &nova_ttm_from_bdev(bo->ttm.bdev)->mm->bar1;
	struct ttm_operation_ctx ctx = { .interruptible = true };
	int ret;

	if (!bar1->size && (nova_bo_in_vram(bo) || !nova_bo_is_populated(bo)))
		return nova_bo_validate_in(bo, NOVA_BO_SYSTEM, &ctx);
	if (nova_bo_is_populated(bo))
		return 0;
	ret = nova_bo_validate(bo, &ctx);
	/* As if it had been in VRAM and was pushed out. */
	return ret == -ENOSPC ? nova_bo_validate_in(bo, NOVA_BO_SYSTEM, &ctx) : ret;
}

static vm_fault_t nova_fault_reserved(struct vm_fault *vmf, struct nova_bo *bo)
{
	int ret;

	if (nova_fault_page(vmf, bo) >= bo->ttm.base.size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	if (!nova_bo_is_needed(bo))
		return VM_FAULT_SIGBUS;
	ret = nova_fault_populate(bo);
	if (ret)
		return nova_fault_errno(vmf, ret);
	ret = nova_bo_settle(bo, true);
	if (ret)
		return nova_fault_errno(vmf, ret);
	if (nova_bo_in_vram(bo))
		return nova_fault_vram(vmf, bo);
	return ttm_bo_vm_fault_reserved(vmf, vmf->vma->vm_page_prot, TTM_BO_VM_NUM_PREFAULT);
}

/* A page of an object as long as the hardware is there and answers, else one that goes nowhere. */
static vm_fault_t nova_fault_alive(struct vm_fault *vmf, struct nova_bo *bo,
				   const struct nova_device *nd)
{
	struct ttm_buffer_object *tbo = &bo->ttm;
	vm_fault_t fault;
	int idx;

	if (nova_device_is_wedged(nd) || !drm_dev_enter(tbo->base.dev, &idx))
		return nova_fault_gone(vmf);
	fault = nova_fault_reserved(vmf, bo);
	/* Whoever declared the hardware dead meanwhile may not have seen this page. */
	if (nova_device_is_wedged(nd))
		drm_vma_node_unmap(&tbo->base.vma_node, tbo->bdev->dev_mapping);
	drm_dev_exit(idx);
	return fault;
}

/**
 * nova_bo_fault - the CPU touched a mapped object
 * @vmf: the fault
 *
 * Context: mmap lock held; takes the object's reservation.
 *
 * Return: VM_FAULT_*; SIGBUS only beyond the object and for content that was advised
 * away (uapi.md §6).
 */
vm_fault_t nova_bo_fault(struct vm_fault *vmf)
{
	struct ttm_buffer_object *tbo = vmf->vma->vm_private_data;
	const struct nova_device *nd = nova_ttm_from_bdev(tbo->bdev)->mm->nd;
	vm_fault_t fault = ttm_bo_vm_reserve(tbo, vmf);

	if (fault)
		return fault;
	fault = nova_fault_alive(vmf, nova_bo(tbo), nd);
	trace_nova_bo_fault(nd, nova_bo(tbo)->id,
			    (u64)nova_fault_page(vmf, nova_bo(tbo)) << PAGE_SHIFT,
			    vmf->flags & FAULT_FLAG_WRITE, fault);
	if (fault == VM_FAULT_RETRY && !(vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
		return fault;
	dma_resv_unlock(tbo->base.resv);
	return fault;
}

const struct vm_operations_struct nova_bo_vm_ops = {
	.fault = nova_bo_fault,
	.open = ttm_bo_vm_open,
	.close = ttm_bo_vm_close,
	.access = nova_bo_access,
};
