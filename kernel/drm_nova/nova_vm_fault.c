// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vm_fault
 *
 * Faults of a VM's queues, as VM_GET_STATE reports them (uapi.md §5.14). A fault
 * stops the queue it happened in, so there is one for each queue that was stopped
 * that way; the newest 64 are kept. The first one of a VM also makes a core dump.
 *
 * Faults are recorded where fences wait to be signalled: nothing is allocated, and
 * the dump, which allocates a lot, is left to a worker.
 *
 * Locking: a spinlock of their own.
 */
#include "nova_vm_fault.h"

#include "nova_channel.h"
#include "nova_compat.h"
#include "nova_vm.h"

#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/string.h>

/* Fault types of the hardware: dev_fault manual; all others mean there is nothing mapped. */
static const u8 nova_vm_fault_reasons[] = {
	[0x5] = DRM_NOVA_FAULT_PERMISSION,	/* PRIV_VIOLATION */
	[0x6] = DRM_NOVA_FAULT_PERMISSION,	/* RO_VIOLATION */
	[0x7] = DRM_NOVA_FAULT_PERMISSION,	/* WO_VIOLATION */
	[0x8] = DRM_NOVA_FAULT_KIND,		/* PITCH_MASK_VIOLATION */
	[0xb] = DRM_NOVA_FAULT_KIND,		/* COMPRESSION_FAILURE */
	[0xc] = DRM_NOVA_FAULT_KIND,		/* UNSUPPORTED_KIND */
	[0xf] = DRM_NOVA_FAULT_PERMISSION,	/* ATOMIC_VIOLATION */
};

/* Access types of the hardware; a prefetch counts as a read. */
static const u8 nova_vm_fault_accesses[] = {
	[0x0] = DRM_NOVA_FAULT_READ,
	[0x1] = DRM_NOVA_FAULT_WRITE,
	[0x2] = DRM_NOVA_FAULT_ATOMIC,
	[0x3] = DRM_NOVA_FAULT_READ,
};

static void nova_vm_dump_work(struct work_struct *work)
{
	struct nova_vm *vm = container_of(work, struct nova_vm, faults.dump);

	nova_vm_dump(vm);
	nova_vm_put(vm);
}

/**
 * nova_vm_faults_init - no faults yet
 * @vm: the VM
 */
void nova_vm_faults_init(struct nova_vm *vm)
{
	spin_lock_init(&vm->faults.lock);
	INIT_WORK(&vm->faults.dump, nova_vm_dump_work);
}

/* The hardware does not say where its walk ended; another walk of the same words does. */
static u32 nova_vm_fault_level(struct nova_vm *vm, u64 va)
{
	struct nova_pt_xlate x;

	return nova_vmm_walk(&vm->vmm, va, &x) ? 0 : x.level;
}

static void nova_vm_fault_fill(struct nova_vm *vm, struct drm_nova_vm_fault *fault,
			       const struct nova_channel_stop *stop)
{
	fault->va = stop->va;
	fault->time_ns = ktime_get_ns();
	fault->level = nova_vm_fault_level(vm, stop->va);
	if (stop->access < ARRAY_SIZE(nova_vm_fault_accesses))
		fault->access = nova_vm_fault_accesses[stop->access];
	if (stop->type < ARRAY_SIZE(nova_vm_fault_reasons))
		fault->reason = nova_vm_fault_reasons[stop->type];
}

/**
 * nova_vm_fault_record - note a fault
 * @vm: the VM
 * @queue_id: queue that was stopped by it
 * @stop: what the hardware said
 *
 * Context: process; allocates nothing; legal while fences wait to be signalled.
 */
void nova_vm_fault_record(struct nova_vm *vm, u32 queue_id, const struct nova_channel_stop *stop)
{
	struct drm_nova_vm_fault fault = { .queue_id = queue_id };
	bool first;

	nova_vm_fault_fill(vm, &fault, stop);
	scoped_guard(spinlock, &vm->faults.lock) {
		first = !vm->faults.total;
		vm->faults.ring[vm->faults.total++ % NOVA_VM_MAX_FAULTS] = fault;
	}
	if (!first)
		return;
	drm_gpuvm_get(&vm->base);
	queue_work(nova_reaper, &vm->faults.dump);
}

/**
 * nova_vm_faults_get - faults that are kept
 * @vm: the VM
 * @faults: room for NOVA_VM_MAX_FAULTS; filled, oldest first
 * @total: set to how many there were in all
 *
 * Return: how many were filled in.
 */
u32 nova_vm_faults_get(struct nova_vm *vm, struct drm_nova_vm_fault *faults, u32 *total)
{
	u32 nr;

	guard(spinlock)(&vm->faults.lock);
	*total = vm->faults.total;
	nr = min_t(u32, *total, NOVA_VM_MAX_FAULTS);
	for (u32 i = 0; i < nr; i++)
		faults[i] = vm->faults.ring[(*total - nr + i) % NOVA_VM_MAX_FAULTS];
	return nr;
}
