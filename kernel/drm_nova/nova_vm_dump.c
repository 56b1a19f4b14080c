// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vm_dump
 *
 * The core dump of a VM's first fault: text, through devcoredump, for whoever
 * debugs a user-space driver. It names the device and the faults, lists the
 * mappings, and shows the content of those marked DUMPABLE, 32 bytes a line, until
 * NOVA_DUMP_SIZE is full::
 *
 *	nova: core dump of vm 1 pid 42
 *	chip GH100
 *	fault va 0x200000 write unmapped level 3 queue 2
 *	map 0x400000 0x10000 offset 0x0 flags 0x10 kind 0x0
 *	0x400000: 00000000 00000000 ...
 *	end
 *
 * A mapping whose object is in neither place, or a sparse one, has no content. If
 * the last line is not "end" something was left out.
 *
 * Locking: the VM's lock for the tree, then one reservation after the other. In a
 * worker, since it allocates and waits.
 */
#include "nova_vm_fault.h"

#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_gem.h"
#include "nova_vm.h"

#include <drm/drm_print.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/devcoredump.h>
#include <linux/highmem.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define NOVA_DUMP_SIZE		SZ_1M
#define NOVA_DUMP_LINE_WORDS	8
#define NOVA_DUMP_LINE		(NOVA_DUMP_LINE_WORDS * sizeof(u32))

static void nova_dump_fault(struct drm_printer *p, const struct drm_nova_vm_fault *fault)
{
	static const char * const accesses[] = { "read", "write", "atomic" };
	static const char * const reasons[] = { "unmapped", "permission", "kind", "purged" };

	drm_printf(p, "fault va 0x%llx %s %s level %u queue %u\n", fault->va,
		   accesses[fault->access], reasons[fault->reason], fault->level, fault->queue_id);
}

static void nova_dump_faults(struct drm_printer *p, struct nova_vm *vm)
{
	struct drm_nova_vm_fault *faults;
	u32 nr, total;

	faults = kcalloc(NOVA_VM_MAX_FAULTS, sizeof(*faults), GFP_KERNEL);
	if (!faults)
		return;
	nr = nova_vm_faults_get(vm, faults, &total);
	for (u32 i = 0; i < nr; i++)
		nova_dump_fault(p, &faults[i]);
	kfree(faults);
}

static void nova_dump_words(struct drm_printer *p, u64 va, const u32 *w)
{
	drm_printf(p, "0x%llx: %08x %08x %08x %08x %08x %08x %08x %08x\n", va, w[0], w[1], w[2],
		   w[3], w[4], w[5], w[6], w[7]);
}

/* One page of an object, wherever it is; its reservation is held. */
static int nova_dump_read(struct nova_vm *vm, struct nova_bo *bo, u64 off, void *page)
{
	struct ttm_tt *tt = bo->ttm.ttm;
	struct nova_backing backing;
	struct nova_cursor cur;

	if (nova_bo_in_vram(bo)) {
		nova_bo_backing(bo, &backing);
		nova_cursor_init(&cur, &backing, off, PAGE_SIZE);
		return nova_mem_read(&vm->ndrm->mm.mem, nova_vram(cur.addr), page, PAGE_SIZE);
	}
	if (!nova_bo_is_populated(bo) || !tt || !tt->pages || !tt->pages[off >> PAGE_SHIFT])
		return -ENODATA;
	memcpy_from_page(page, tt->pages[off >> PAGE_SHIFT], 0, PAGE_SIZE);
	return 0;
}

/* What moved the object last must be over, or this is what was there before. */
static void nova_dump_content(struct drm_printer *p, const struct drm_print_iterator *iter,
			      struct nova_vm *vm, const struct nova_vma *vma, u32 *page)
{
	struct nova_bo *bo = nova_bo_from_gem(vma->base.gem.obj);

	dma_resv_wait_timeout(bo->ttm.base.resv, DMA_RESV_USAGE_KERNEL, false,
			      MAX_SCHEDULE_TIMEOUT);
	for (u64 at = 0; at < vma->base.va.range && iter->remain > 0; at += PAGE_SIZE) {
		if (nova_dump_read(vm, bo, vma->base.gem.offset + at, page))
			return;
		for (u64 i = 0; i < PAGE_SIZE; i += NOVA_DUMP_LINE)
			nova_dump_words(p, vma->base.va.addr + at + i, page + i / sizeof(u32));
	}
}

static void nova_dump_vma(struct drm_printer *p, const struct drm_print_iterator *iter,
			  struct nova_vm *vm, const struct nova_vma *vma, u32 *page)
{
	struct drm_gem_object *obj = vma->base.gem.obj;

	drm_printf(p, "map 0x%llx 0x%llx offset 0x%llx flags 0x%x kind 0x%x%s\n",
		   vma->base.va.addr, vma->base.va.range, vma->base.gem.offset, vma->flags,
		   vma->pte_kind, obj ? "" : " sparse");
	if (!obj || !(vma->flags & DRM_NOVA_VM_BIND_OP_DUMPABLE))
		return;
	dma_resv_lock(obj->resv, NULL);
	nova_dump_content(p, iter, vm, vma, page);
	dma_resv_unlock(obj->resv);
}

static void nova_dump_maps(struct drm_printer *p, const struct drm_print_iterator *iter,
			   struct nova_vm *vm)
{
	u32 *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	struct drm_gpuva *va;

	if (!page)
		return;
	scoped_guard(mutex, &vm->lock) {
		drm_gpuvm_for_each_va(va, &vm->base) {
			if (iter->remain <= 0)
				break;
			if (va != &vm->base.kernel_alloc_node)
				nova_dump_vma(p, iter, vm, to_nova_vma(va), page);
		}
	}
	kfree(page);
}

/**
 * nova_vm_dump - make a core dump
 * @vm: the VM
 *
 * Context: a worker; allocates and waits.
 */
void nova_vm_dump(struct nova_vm *vm)
{
	char *text = vzalloc(NOVA_DUMP_SIZE);
	struct drm_print_iterator iter = { .data = text, .remain = NOVA_DUMP_SIZE };
	struct drm_printer p = drm_coredump_printer(&iter);

	if (!text)
		return;
	drm_printf(&p, "nova: core dump of vm %u pid %d\nchip %s\n", vm->id, vm->pid,
		   vm->ndrm->nd.chip->name);
	nova_dump_faults(&p, vm);
	nova_dump_maps(&p, &iter, vm);
	drm_printf(&p, "end\n");
	/* Takes the text over. */
	dev_coredumpv(vm->ndrm->nd.dev, text, NOVA_DUMP_SIZE - max_t(ssize_t, iter.remain, 0),
		      GFP_KERNEL);
}
