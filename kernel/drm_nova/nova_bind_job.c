// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bind_job
 *
 * Binds that wait. The ioctl has changed the mapping tree; the job changes the
 * page tables when its fences have signalled, and signals its own when no unit of
 * the GPU can see the old translations::
 *
 *	ioctl	lock, populate, prepare, edit tree, arm, publish fences, push
 *	run	commit, acknowledged TLB flush			(signals)
 *	cleanup	free tables, mappings, references; prefetch	(a worker)
 *
 * Order. Jobs of one queue run in order. Jobs of different queues of one VM run
 * independently unless they touch overlapping addresses: then the later one waits
 * for the earlier, because the page tables must end up as the tree says. A job
 * only ever waits for work submitted before it, so there are no cycles.
 *
 * The fence is ours, not the scheduler's, so that an unplug can signal those of jobs that
 * wait for others. Such a job does nothing any more when its turn comes.
 *
 * Memory. Until a job has run, its fence is on every object it maps or unmaps, so
 * none of them moves; and it holds the objects it unmaps, so none of them is
 * freed.
 *
 * Locking: a VM's list of unfinished jobs is kept under the VM's lock. Running
 * takes only the page tables' own locks and allocates nothing; lockdep is told.
 */
#include "nova_bind_job.h"

#include "nova_bind.h"
#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_fence.h"
#include "nova_queue.h"
#include "nova_vm_bo.h"

#include <drm/drm_drv.h>

#include <linux/dma-fence.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/wait.h>

/**
 * struct nova_bind_pending - a job that may not have run yet
 */
struct nova_bind_pending {
	/** @link: in &nova_vm.pending */
	struct list_head link;
	/** @start: lowest address it touches */
	u64 start;
	/** @end: first address past what it touches */
	u64 end;
	/** @fence: signals when it has run; a reference */
	struct nova_fence *fence;
};

static struct nova_bind *to_nova_bind(struct drm_sched_job *job)
{
	return container_of(job, struct nova_bind, job);
}

static void nova_bind_pending_free(struct nova_bind_pending *pending)
{
	list_del(&pending->link);
	nova_fence_put(pending->fence);
	kfree(pending);
}

/**
 * nova_bind_vm_busy - has a VM jobs that have not run?
 * @vm: the VM, locked
 *
 * Forgets those that have.
 *
 * Return: true if there are any.
 */
bool nova_bind_vm_busy(struct nova_vm *vm)
{
	struct nova_bind_pending *pending, *next;

	lockdep_assert_held(&vm->lock);
	list_for_each_entry_safe(pending, next, &vm->pending, link)
		if (dma_fence_is_signaled(&pending->fence->base))
			nova_bind_pending_free(pending);
	return !list_empty(&vm->pending);
}

static struct dma_fence *nova_bind_vm_next(struct nova_vm *vm)
{
	struct nova_bind_pending *pending;

	guard(mutex)(&vm->lock);
	list_for_each_entry(pending, &vm->pending, link)
		if (!dma_fence_is_signaled(&pending->fence->base))
			return dma_fence_get(&pending->fence->base);
	return NULL;
}

/**
 * nova_bind_vm_drain - wait for every job of a VM
 * @vm: the VM, dead, so that there will be no more
 *
 * Context: process; uninterruptible; no lock held.
 */
void nova_bind_vm_drain(struct nova_vm *vm)
{
	struct dma_fence *fence;

	while ((fence = nova_bind_vm_next(vm))) {
		dma_fence_wait(fence, false);
		dma_fence_put(fence);
	}
	/* Forget them all. */
	guard(mutex)(&vm->lock);
	nova_bind_vm_busy(vm);
}

static void nova_bind_abandon(struct nova_vm *vm)
{
	struct nova_bind_pending *pending;

	guard(mutex)(&vm->lock);
	list_for_each_entry(pending, &vm->pending, link)
		nova_fence_signal(pending->fence, -ENODEV);
}

/**
 * nova_bind_abandon_all - signal the jobs that will never do anything
 * @ndrm: the device, unplugged, so that none is doing it right now
 *
 * The jobs themselves, which may wait for fences of others, are freed in their turn.
 *
 * Context: process; waits for nobody's work.
 */
void nova_bind_abandon_all(struct nova_drm *ndrm)
{
	struct nova_vm *vm;

	guard(mutex)(&ndrm->vms.lock);
	list_for_each_entry(vm, &ndrm->vms.list, link)
		nova_bind_abandon(vm);
}

/* Those of the same queue come in order anyway. */
static int nova_bind_add_overlaps(struct nova_bind *bind)
{
	struct nova_bind_pending *other;

	list_for_each_entry(other, &bind->vm->pending, link) {
		int ret;

		if (other->start >= bind->pending->end || other->end <= bind->pending->start)
			continue;
		if (other->fence->base.context == bind->queue->fences)
			continue;
		ret = drm_sched_job_add_dependency(&bind->job, dma_fence_get(&other->fence->base));
		if (ret)
			return ret;
	}
	return 0;
}

/* An empty range overlaps nothing: a pure join depends on its queue alone. */
static struct nova_bind_pending *nova_bind_pending_alloc(struct nova_bind *bind)
{
	struct nova_bind_pending *pending = kzalloc_obj(*pending, GFP_KERNEL_ACCOUNT);

	if (!pending)
		return NULL;
	INIT_LIST_HEAD(&pending->link);
	nova_bind_edits_span(bind, &pending->start, &pending->end);
	for (u32 i = 0; i < bind->nr_ops; i++) {
		if (!bind->ops[i].range)
			continue;
		pending->start = min(pending->start, bind->ops[i].va);
		pending->end = max(pending->end, bind->ops[i].va + bind->ops[i].range);
	}
	return pending;
}

/**
 * nova_bind_job_init - everything about a job that can fail
 * @bind: prepared, tree edited, VM locked
 *
 * Return: 0; -ENOMEM, in which case nothing is left to undo. Not to be tried again.
 */
int nova_bind_job_init(struct nova_bind *bind)
{
	int ret = nova_vm_reserve_fence(bind->exec);

	if (ret)
		return ret;
	bind->fence = nova_fence_alloc();
	if (!bind->fence)
		return -ENOMEM;
	bind->pending = nova_bind_pending_alloc(bind);
	if (!bind->pending)
		return -ENOMEM;
	ret = nova_sched_job_init(&bind->job, &bind->queue->entity, 1, bind);
	if (ret) {
		nova_bind_pending_free(bind->pending);
		return ret;
	}
	ret = nova_syncs_add_waits(&bind->syncs, &bind->job);
	if (!ret)
		ret = nova_bind_add_overlaps(bind);
	if (ret)
		nova_bind_job_abort(bind);
	return ret;
}

/**
 * nova_bind_job_abort - undo nova_bind_job_init()
 * @bind: not submitted
 */
void nova_bind_job_abort(struct nova_bind *bind)
{
	drm_sched_job_cleanup(&bind->job);
	nova_bind_pending_free(bind->pending);
}

/**
 * nova_bind_job_submit - hand a job to its queue
 * @bind: job initialised; VM and reservations locked. It belongs to the queue
 *	afterwards and may be gone when this returns.
 *
 * Cannot fail.
 *
 * Return: the fence that signals when it has run, a reference.
 */
struct dma_fence *nova_bind_job_submit(struct nova_bind *bind)
{
	struct dma_fence *fence = &bind->fence->base;

	drm_sched_job_arm(&bind->job);
	nova_fence_arm(bind->fence, bind->queue->fences, ++bind->queue->armed);
	/* One for the list, one for the caller. */
	dma_fence_get(fence);
	dma_fence_get(fence);
	bind->pending->fence = bind->fence;
	list_add_tail(&bind->pending->link, &bind->vm->pending);
	drm_gpuvm_resv_add_fence(&bind->vm->base, bind->exec, fence, DMA_RESV_USAGE_BOOKKEEP,
				 DMA_RESV_USAGE_BOOKKEEP);
	nova_syncs_signal(&bind->syncs, fence);
	kref_get(&bind->queue->kref);
	drm_sched_entity_push_job(&bind->job);
	return fence;
}

/* Not at all once the device is gone: the fence was signalled, and objects have moved on. */
static int nova_bind_job_apply(struct nova_bind *bind)
{
	int idx, ret;

	if (!drm_dev_enter(&bind->vm->ndrm->drm, &idx))
		return -ENODEV;
	nova_bind_commit(bind);
	ret = nova_vmm_flush(&bind->upd);
	drm_dev_exit(idx);
	return ret;
}

static struct dma_fence *nova_bind_job_run(struct drm_sched_job *job)
{
	struct nova_bind *bind = to_nova_bind(job);
	bool cookie = dma_fence_begin_signalling();
	int ret = nova_bind_job_apply(bind);

	/* Who sees the error finds the VM banned. */
	if (ret && ret != -ENODEV)
		nova_vm_ban(bind->vm, ret);
	nova_fence_signal(bind->fence, ret);
	dma_fence_end_signalling(cookie);
	return NULL;
}

static void nova_bind_job_cleanup(struct work_struct *work)
{
	struct nova_bind *bind = container_of(work, struct nova_bind, cleanup);
	struct drm_device *drm = &bind->vm->ndrm->drm;
	struct nova_queue *queue = bind->queue;
	int idx;

	nova_bind_finish(bind);
	if (drm_dev_enter(drm, &idx)) {
		nova_bind_prefetch_run(bind);
		drm_dev_exit(idx);
	}
	nova_bind_free(bind);
	nova_queue_put(queue);
}

/* Takes reservations to drop mappings, which the scheduler's own worker must not. */
static void nova_bind_job_free(struct drm_sched_job *job)
{
	struct nova_bind *bind = to_nova_bind(job);

	drm_sched_job_cleanup(job);
	INIT_WORK(&bind->cleanup, nova_bind_job_cleanup);
	queue_work(nova_reaper, &bind->cleanup);
}

const struct drm_sched_backend_ops nova_bind_job_ops = {
	.run_job = nova_bind_job_run,
	.free_job = nova_bind_job_free,
};

struct nova_bind_waiter {
	struct dma_fence_cb cb;
	struct nova_drm *ndrm;
};

static void nova_bind_wake(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	wake_up_all(&container_of(cb, struct nova_bind_waiter, cb)->ndrm->waiters);
}

/**
 * nova_bind_job_wait - wait for a submitted call as a synchronous caller does
 * @ndrm: the device
 * @fence: the call's
 *
 * The fence may depend on fences of others, so this is done outside of
 * drm_dev_enter(): an unplug ends the wait instead of waiting for it. A killed
 * caller's job completes without it.
 *
 * Context: process; no lock held.
 *
 * Return: 0; -ENOENT if the VM is now banned; -ENODEV if the device is gone;
 * -ERESTARTSYS to a caller that is being killed.
 */
int nova_bind_job_wait(struct nova_drm *ndrm, struct dma_fence *fence)
{
	struct nova_bind_waiter waiter = { .ndrm = ndrm };
	int ret;

	if (!dma_fence_add_callback(fence, &waiter.cb, nova_bind_wake)) {
		ret = wait_event_killable(ndrm->waiters, dma_fence_is_signaled(fence) ||
					  drm_dev_is_unplugged(&ndrm->drm));
		dma_fence_remove_callback(fence, &waiter.cb);
		if (ret)
			return ret;
		if (!dma_fence_is_signaled(fence))
			return -ENODEV;
	}
	if (fence->error == -ENODEV)
		return -ENODEV;
	return fence->error ? -ENOENT : 0;
}
