// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_exec
 *
 * Carrying out an EXEC call. As with VM_BIND everything that can fail comes before
 * anything that can be seen::
 *
 *	lock      the VM's reservation and those of shared objects bound in it
 *	validate  objects that were pushed out come back and are mapped again
 *	job       memory, dependencies: the caller's fences, and moves under way
 *	------------------------------------------- nothing fails below
 *	arm       fence onto the VM and every shared object (BOOKKEEP), syncobjs
 *	run       ring entries and doorbell, when the dependencies have signalled
 *	cleanup   memory, in a worker
 *
 * The fence of a job is the one the hardware completes, so nobody waits for the
 * scheduler as well. Between locking and arming nobody can move an object: it is
 * locked; and afterwards its fence is on it.
 *
 * Invariant: fences of a queue are armed, queued and run in one order.
 *
 * When objects do not fit back because those of somebody else are in the way who is
 * doing the same, nova_room_run() lets this call try again alone.
 *
 * Locking: the queue's lock, then the reservations. Running and everything after it
 * allocates nothing; lockdep is told.
 */
#include "nova_exec.h"

#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_fence.h"
#include "nova_queue.h"
#include "nova_room.h"
#include "nova_trace.h"
#include "nova_vm.h"
#include "nova_vm_bo.h"

#include <drm/drm_exec.h>
#include <drm/drm_gem.h>

#include <linux/dma-fence.h>
#include <linux/mutex.h>

static struct nova_exec *to_nova_exec(struct drm_sched_job *job)
{
	return container_of(job, struct nova_exec, job);
}

/* Moves and clears that are under way. */
static int nova_exec_add_moves(struct nova_exec *exec, struct drm_exec *locks)
{
	for (unsigned int i = 0; i < locks->num_objects; i++) {
		int ret = drm_sched_job_add_resv_dependencies(&exec->job, locks->objects[i]->resv,
							      DMA_RESV_USAGE_KERNEL);
		if (ret)
			return ret;
	}
	return 0;
}

static int nova_exec_init_job(struct nova_exec *exec, struct drm_exec *locks)
{
	struct nova_queue *queue = exec->queue;
	u32 credits = nova_channel_credits(&queue->copy->ch, exec->nr);
	int ret = nova_sched_job_init(&exec->job, &queue->entity, credits, exec);

	if (ret)
		return ret;
	ret = nova_syncs_add_waits(&exec->syncs, &exec->job);
	if (!ret)
		ret = nova_exec_add_moves(exec, locks);
	if (ret)
		drm_sched_job_cleanup(&exec->job);
	return ret;
}

/* The job may be over, and freed, when this returns. */
static void nova_exec_submit(struct nova_exec *exec, struct drm_exec *locks)
{
	struct dma_fence *fence = &exec->fence->base;
	struct nova_vm *vm = exec->queue->vm;

	drm_sched_job_arm(&exec->job);
	nova_channel_arm(&exec->queue->copy->ch, exec->fence);
	drm_gpuvm_resv_add_fence(&vm->base, locks, fence, DMA_RESV_USAGE_BOOKKEEP,
				 DMA_RESV_USAGE_BOOKKEEP);
	nova_syncs_signal(&exec->syncs, fence);
	trace_nova_exec_submit(&vm->ndrm->nd, vm->id, vm->pid, exec->queue->copy->id, fence->seqno,
			       exec->nr);
	drm_sched_entity_push_job(&exec->job);
}

static int nova_exec_try(void *arg, bool alone)
{
	struct nova_exec *exec = arg;
	struct nova_vm_locks locks;
	int ret = nova_vm_lock_bound(exec->queue->vm, &locks, alone);

	if (!ret)
		ret = nova_vm_reserve_fence(&locks.exec);
	if (!ret)
		ret = nova_exec_init_job(exec, &locks.exec);
	if (!ret)
		nova_exec_submit(exec, &locks.exec);
	nova_vm_unlock_bound(&locks);
	return ret;
}

/**
 * nova_exec_run - submit a call
 * @exec: checked; consumed
 *
 * Context: process, may sleep and evict; no lock held.
 *
 * Return: 0; -ENOSPC or -ENOMEM if objects do not fit back; -EINTR or
 * -ERESTARTSYS; -EIO or -ENODEV if the hardware gave up. On error nothing was
 * submitted.
 */
int nova_exec_run(struct nova_exec *exec)
{
	struct nova_queue_copy *copy = exec->queue->copy;
	int ret = mutex_lock_interruptible(&copy->lock);

	if (!ret) {
		/* The job's reference may be the last when it is over. */
		kref_get(&copy->queue->kref);
		ret = nova_room_run(&exec->queue->vm->ndrm->nt, nova_exec_try, exec);
		mutex_unlock(&copy->lock);
		nova_queue_put(copy->queue);
	}
	if (ret)
		nova_exec_free(exec);
	return ret;
}

/**
 * nova_exec_free - drop a call and what it refers to
 * @exec: not submitted, or over
 *
 * Context: process, no lock held.
 */
void nova_exec_free(struct nova_exec *exec)
{
	struct nova_queue *queue = exec->queue;

	nova_fence_put(exec->fence);
	nova_syncs_fini(&exec->syncs);
	kvfree(exec->pushes);
	kfree(exec);
	nova_queue_put(queue);
}

static struct dma_fence *nova_exec_job_run(struct drm_sched_job *job)
{
	struct nova_exec *exec = to_nova_exec(job);
	struct dma_fence *fence = dma_fence_get(&exec->fence->base);
	bool cookie = dma_fence_begin_signalling();

	nova_channel_submit(&exec->queue->copy->ch, exec->pushes, exec->nr, exec->fence);
	dma_fence_end_signalling(cookie);
	return fence;
}

static void nova_exec_job_cleanup(struct work_struct *work)
{
	nova_exec_free(container_of(work, struct nova_exec, cleanup));
}

/* The queue may go with its last job, which the scheduler's own worker must not see to. */
static void nova_exec_job_free(struct drm_sched_job *job)
{
	struct nova_exec *exec = to_nova_exec(job);
	struct dma_fence *fence = &exec->fence->base;
	struct nova_vm *vm = exec->queue->vm;

	trace_nova_exec_done(&vm->ndrm->nd, vm->id, vm->pid, exec->queue->copy->id, fence->seqno,
			     fence->error);
	drm_sched_job_cleanup(job);
	INIT_WORK(&exec->cleanup, nova_exec_job_cleanup);
	queue_work(nova_reaper, &exec->cleanup);
}

const struct drm_sched_backend_ops nova_exec_job_ops = {
	.run_job = nova_exec_job_run,
	.free_job = nova_exec_job_free,
};
