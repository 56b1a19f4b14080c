/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_VM_H__
#define __NOVA_VM_H__

#include "nova_channel.h"
#include "nova_drv.h"
#include "nova_vm_fault.h"
#include "nova_vmm.h"

#include <drm/drm_gpuvm.h>

#include <linux/bitmap.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

struct nova_queue;
struct seq_file;
struct ww_acquire_ctx;

/* The first 2 MiB stay unmapped, so that a null pointer with an offset faults. */
#define NOVA_VM_START		SZ_2M
#define NOVA_VM_KERNEL_MIN_SIZE	SZ_16M
#define NOVA_VM_KERNEL_ALIGN	SZ_2M
#define NOVA_VM_KERNEL_END	(1ULL << 40)

/* Channels of one VM, NOVA_CHANNEL_VA_SIZE of the kernel's reservation each. */
#define NOVA_VM_CHANNELS	(NOVA_VM_KERNEL_MIN_SIZE / NOVA_CHANNEL_VA_SIZE)

/**
 * struct nova_vm - one GPU address space of a file
 *
 * Refcounted by its drm_gpuvm.
 */
struct nova_vm {
	/** @base: the tree of mappings; changed under @lock and the reservations involved */
	struct drm_gpuvm base;
	/** @vmm: the page tables */
	struct nova_vmm vmm;
	/** @ndrm: the device */
	struct nova_drm *ndrm;
	/** @lock: outermost; serialises changes of @base and @dead */
	struct mutex lock;
	/** @link: in &nova_drm.vms.list */
	struct list_head link;
	/** @id: in its file; constant */
	u32 id;
	/** @pid: of the process that made it, for debugfs */
	pid_t pid;
	/** @queue: its own queue of bind jobs; constant until @dead */
	struct nova_queue *queue;
	/** @pending: struct nova_bind_pending of jobs that may not have run; @lock */
	struct list_head pending;
	/** @nr_queues: queues of user space attached to it; @lock */
	unsigned int nr_queues;
	/** @dead: destroyed by user space, only references are left; @lock */
	bool dead;
	/** @reap: destroys it once its jobs have run */
	struct work_struct reap;
	/** @error: why it is banned, -errno; 0 if it is not; set once, read without a lock */
	int error;
	/** @channels: slots of the kernel's reservation that are in use; @lock */
	DECLARE_BITMAP(channels, NOVA_VM_CHANNELS);
	/** @faults: what its queues stumbled over */
	struct nova_vm_faults faults;
};

/**
 * struct nova_vma - one mapping
 *
 * Constant but for its place in the tree.
 */
struct nova_vma {
	/** @base: range, object and offset; no object means sparse */
	struct drm_gpuva base;
	/** @flags: DRM_NOVA_VM_BIND_OP_* it was made with */
	u32 flags;
	/** @pte_kind: memory kind */
	u8 pte_kind;
	/** @max_page_shift: largest page allowed, 0 for no limit */
	u8 max_page_shift;
};

static inline struct nova_vm *to_nova_vm(struct drm_gpuvm *gpuvm)
{
	return container_of(gpuvm, struct nova_vm, base);
}

static inline struct nova_vma *to_nova_vma(struct drm_gpuva *va)
{
	return container_of(va, struct nova_vma, base);
}

/* Has the hardware failed this VM? It then only lets go of things. */
static inline bool nova_vm_is_banned(const struct nova_vm *vm)
{
	return READ_ONCE(vm->error);
}

unsigned int nova_vm_va_bits(struct nova_drm *ndrm);
u64 nova_vm_va_end(struct nova_drm *ndrm);

struct nova_vm *nova_vm_get(struct drm_file *file, u32 id);
void nova_vm_put(struct nova_vm *vm);
void nova_vm_ban(struct nova_vm *vm, int error);
void nova_vm_close_all(struct nova_file *nf);
void nova_vm_lock_obj(struct nova_vm *vm, struct drm_gem_object *obj, struct ww_acquire_ctx *ctx);
void nova_vm_unlock_obj(struct nova_vm *vm, struct drm_gem_object *obj, struct ww_acquire_ctx *ctx);

void nova_vm_list_print_mappings(struct nova_drm *ndrm, struct seq_file *m);
void nova_vm_list_print_tables(struct nova_drm *ndrm, struct drm_printer *p);

#endif
