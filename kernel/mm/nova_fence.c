// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_fence
 *
 * Completion fences of jobs: the one that user space and the rest of the kernel wait on
 * is the one the completion signals, without another in between. So it can also be
 * signalled when there will be none, because the device is gone.
 *
 * Invariant: fences of one channel, or of one queue of binds, are armed in the order
 * their jobs are submitted in and signalled in that order, those that are cancelled
 * included.
 *
 * Locking: each fence carries its lock.
 */
#include "nova_fence.h"

#include "nova_compat.h"

#include <linux/cleanup.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static const char *nova_fence_driver_name(struct dma_fence *fence)
{
	return "nova";
}

static const char *nova_fence_timeline_name(struct dma_fence *fence)
{
	return "channel";
}

static const struct dma_fence_ops nova_fence_ops = {
	.get_driver_name = nova_fence_driver_name,
	.get_timeline_name = nova_fence_timeline_name,
};

/**
 * nova_fence_alloc - memory for a fence
 *
 * Context: may sleep.
 *
 * Return: the fence, not armed, for nova_fence_put(); NULL without memory.
 */
struct nova_fence *nova_fence_alloc(void)
{
	struct nova_fence *fence = kzalloc_obj(*fence, GFP_KERNEL_ACCOUNT);

	if (!fence)
		return NULL;
	spin_lock_init(&fence->lock);
	INIT_LIST_HEAD(&fence->link);
	return fence;
}

/**
 * nova_fence_arm - make it a fence that others may wait for
 * @fence: not armed
 * @context: of the channel
 * @seqno: larger than those armed before in @context
 *
 * Afterwards it must be signalled at some time.
 */
void nova_fence_arm(struct nova_fence *fence, u64 context, u64 seqno)
{
	dma_fence_init(&fence->base, &nova_fence_ops, &fence->lock, context, seqno);
}

/**
 * nova_fence_put - drop a reference, or the memory if it was never armed
 * @fence: the fence, or NULL
 */
void nova_fence_put(struct nova_fence *fence)
{
	if (fence && fence->base.context)
		dma_fence_put(&fence->base);
	else
		kfree(fence);
}

/**
 * nova_fence_signal - the job is over
 * @fence: armed; nothing happens if it has been signalled
 * @error: why it did not do its work, 0 if it did
 *
 * Context: any; of several callers the first is heard.
 */
void nova_fence_signal(struct nova_fence *fence, int error)
{
	guard(spinlock_irqsave)(&fence->lock);
	if (dma_fence_is_signaled_locked(&fence->base))
		return;
	if (error)
		dma_fence_set_error(&fence->base, error);
	dma_fence_signal_locked(&fence->base);
}
