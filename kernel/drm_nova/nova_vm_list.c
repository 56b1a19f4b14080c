// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vm_list
 *
 * What every VM of a device maps, for debugfs: as user space asked for it, and as
 * the words in VRAM have it. The two agree but for jobs that have not run and for
 * objects that were pushed out.
 *
 * The core's table of mappings names objects by kernel address. Below it each
 * mapping has a line more with the object's number in "gem" and what the core does
 * not know::
 *
 *	first-last address   KiB   bo number offset kind access	label
 *	first-last address   KiB   sparse
 *
 * Locking: the list of VMs has a lock, under which a walk takes a reference; it drops the
 * lock before it looks at the VM and before it lets go of it. A VM without references is
 * on the list for a moment more, when the core has already taken it apart: it is passed
 * over. Units: printed sizes are KiB.
 */
#include "nova_vm.h"

#include "nova_compat.h"
#include "nova_gem.h"

#include <drm/drm_debugfs.h>
#include <drm/drm_print.h>

#include <linux/seq_file.h>

/* The VM after @vm, whose reference is dropped; NULL to begin. NULL at the end. */
static struct nova_vm *nova_vm_list_next(struct nova_drm *ndrm, struct nova_vm *vm)
{
	struct nova_vm *next = NULL;
	struct list_head *pos;

	scoped_guard(mutex, &ndrm->vms.lock) {
		pos = vm ? vm->link.next : ndrm->vms.list.next;
		for (; pos != &ndrm->vms.list; pos = pos->next) {
			next = list_entry(pos, struct nova_vm, link);
			if (kref_get_unless_zero(&next->base.kref))
				break;
			next = NULL;
		}
	}
	if (vm)
		nova_vm_put(vm);
	return next;
}

static void nova_vm_list_print_object(struct nova_drm *ndrm, const struct nova_vma *vma,
				      struct seq_file *m)
{
	const struct nova_gem *gem = to_nova_gem(vma->base.gem.obj);
	u32 flags = vma->flags;

	seq_printf(m, "bo %llu offset 0x%llx kind %#x %s%s%s%s", gem->bo.id, vma->base.gem.offset,
		   vma->pte_kind, flags & DRM_NOVA_VM_BIND_OP_READONLY ? "ro" : "rw",
		   flags & DRM_NOVA_VM_BIND_OP_NO_ATOMIC ? " no-atomic" : "",
		   flags & DRM_NOVA_VM_BIND_OP_UNCACHED ? " uncached" : "",
		   vma->base.vm_bo->evicted ? " evicted" : "");
	guard(mutex)(&ndrm->objects.lock);
	seq_printf(m, " %s\n", gem->label ?: "-");
}

static void nova_vm_list_print_vm(struct nova_vm *vm, struct seq_file *m)
{
	struct drm_gpuva *va;

	guard(mutex)(&vm->lock);
	drm_debugfs_gpuva_info(m, &vm->base);
	seq_puts(m, "\n");
	drm_gpuvm_for_each_va(va, &vm->base) {
		if (va == &vm->base.kernel_alloc_node)
			continue;
		seq_printf(m, "0x%015llx-0x%015llx %12llu KiB ", va->va.addr,
			   va->va.addr + va->va.range - 1, va->va.range / SZ_1K);
		if (va->gem.obj)
			nova_vm_list_print_object(vm->ndrm, to_nova_vma(va), m);
		else
			seq_puts(m, "sparse\n");
	}
	seq_puts(m, "\n");
}

/**
 * nova_vm_list_print_mappings - print the mapping trees of every VM
 * @ndrm: the device
 * @m: where to
 *
 * Context: process; waits for calls that are changing a VM; may free one.
 */
void nova_vm_list_print_mappings(struct nova_drm *ndrm, struct seq_file *m)
{
	struct nova_vm *vm = NULL;

	while ((vm = nova_vm_list_next(ndrm, vm))) {
		seq_printf(m, "vm %u pid %d\n", vm->id, vm->pid);
		nova_vm_list_print_vm(vm, m);
	}
}

/**
 * nova_vm_list_print_tables - print the page tables of BAR1 and of every VM
 * @ndrm: the device
 * @p: where to
 *
 * Context: process; allocates; may free a VM.
 */
void nova_vm_list_print_tables(struct nova_drm *ndrm, struct drm_printer *p)
{
	struct nova_vm *vm = NULL;

	if (ndrm->mm.bar1.size) {
		drm_puts(p, "bar1\n");
		nova_vmm_print(&ndrm->mm.bar1.vmm, p);
		drm_puts(p, "\n");
	}
	while ((vm = nova_vm_list_next(ndrm, vm))) {
		drm_printf(p, "vm %u pid %d pdb 0x%llx vram\n", vm->id, vm->pid,
			   nova_vmm_pdb(&vm->vmm).addr);
		nova_vmm_print(&vm->vmm, p);
		drm_puts(p, "\n");
	}
}
