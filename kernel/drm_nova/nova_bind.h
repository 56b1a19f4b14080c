/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BIND_H__
#define __NOVA_BIND_H__

#include "nova_bind_log.h"
#include "nova_cursor.h"
#include "nova_sync.h"
#include "nova_vm.h"

#include <drm/drm_exec.h>
#include <drm/gpu_scheduler.h>

#include <linux/list.h>
#include <linux/workqueue.h>

struct dma_fence;
struct nova_bind_pending;
struct nova_fence;
struct nova_gem;
struct nova_queue;

/**
 * struct nova_bind_op - one operation of a call, checked
 */
struct nova_bind_op {
	/** @type: DRM_NOVA_VM_BIND_OP_* */
	u32 type;
	/** @flags: DRM_NOVA_VM_BIND_OP_* flags */
	u32 flags;
	/** @va: first virtual address; multiple of 4 KiB */
	u64 va;
	/** @range: bytes; multiple of 4 KiB */
	u64 range;
	/** @offset: first byte of @gem; multiple of 4 KiB */
	u64 offset;
	/** @gem: the object, a reference; NULL if the operation has none */
	struct nova_gem *gem;
	/** @pte_kind: memory kind */
	u8 pte_kind;
	/** @max_page_shift: largest page allowed, 0 for no limit */
	u8 max_page_shift;
	/** @region: DRM_NOVA_REGION_* to prefetch to */
	u8 region;
	/** @cuts: it leaves parts of mappings behind; set by nova_bind_edit_tree() */
	bool cuts;
	/** @backing: where @gem lives while its reservation is held */
	struct nova_backing backing;
};

/**
 * struct nova_bind - one VM_BIND call on its way
 *
 * Owned by the ioctl until it is submitted as a job, then by the queue.
 */
struct nova_bind {
	/** @job: what the scheduler knows, if the call becomes a job */
	struct drm_sched_job job;
	/** @vm: the address space, a reference */
	struct nova_vm *vm;
	/**
	 * @queue: where the call belongs in order; NULL for the VM's own. Kept
	 * alive by the ioctl; a job holds a reference of its own.
	 */
	struct nova_queue *queue;
	/** @async: return before it has happened */
	bool async;
	/** @committed: the page tables were changed */
	bool committed;
	/** @ops: the operations, owned */
	struct nova_bind_op *ops;
	/** @nr_ops: how many */
	u32 nr_ops;
	/** @failed_op: operation that an error belongs to, else DRM_NOVA_VM_BIND_NO_OP */
	u32 failed_op;
	/** @exec: reservations of everything touched, while the ioctl holds them */
	struct drm_exec *exec;
	/** @edits: what was done to the mapping tree */
	struct nova_bind_log edits;
	/** @wishes: struct nova_bind_wish, what to prefetch */
	struct list_head wishes;
	/** @upd: the page-table side */
	struct nova_vmm_update upd;
	/** @syncs: fences to wait for and to signal */
	struct nova_syncs syncs;
	/** @fence: signals when the job has run; owned; NULL if the call is no job */
	struct nova_fence *fence;
	/** @pending: the job's place among the VM's unfinished ones */
	struct nova_bind_pending *pending;
	/** @cleanup: frees the call after its job has run */
	struct work_struct cleanup;
};

struct nova_bind *nova_bind_alloc(struct nova_vm *vm, u32 nr_ops);
void nova_bind_free(struct nova_bind *bind);
int nova_bind_run(struct nova_bind *bind, u32 *failed_op, struct dma_fence **fence);
void nova_bind_commit(struct nova_bind *bind);
void nova_bind_finish(struct nova_bind *bind);

int nova_bind_edit_tree(struct nova_bind *bind);
int nova_bind_step_map(struct drm_gpuva_op *base, void *priv);
int nova_bind_step_remap(struct drm_gpuva_op *base, void *priv);
int nova_bind_step_unmap(struct drm_gpuva_op *base, void *priv);
void nova_bind_edits_undo(struct nova_bind *bind);
void nova_bind_edits_free(struct nova_bind *bind);
void nova_bind_edits_span(const struct nova_bind *bind, u64 *start, u64 *end);
void nova_bind_edits_unmap(struct nova_bind *bind, u32 op, struct nova_bind_log_pos *pos);

int nova_bind_prefetch_note(struct nova_bind *bind, const struct nova_bind_op *op);
void nova_bind_prefetch_run(struct nova_bind *bind);
void nova_bind_prefetch_fini(struct nova_bind *bind);

#endif
