/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_FENCE_H__
#define __NOVA_FENCE_H__

#include <linux/dma-fence.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/spinlock.h>

/**
 * struct nova_fence - completion of one job on a channel, or of a bind
 *
 * Allocated before the job is committed to, because nothing may allocate
 * afterwards; a fence proper only once nova_fence_arm() has made it one.
 */
struct nova_fence {
	/** @base: the fence; all zero before it is armed */
	struct dma_fence base;
	/** @lock: the fence's own, since it may outlive its channel */
	spinlock_t lock;
	/** @link: in &nova_channel.armed_jobs, then in its jobs; the channel's lock */
	struct list_head link;
	/** @slot: of the channel's stamps and pushes; the channel's lock */
	unsigned int slot;
	/** @submitted: when the job was handed to the hardware; likewise */
	ktime_t submitted;
};

struct nova_fence *nova_fence_alloc(void);
void nova_fence_arm(struct nova_fence *fence, u64 context, u64 seqno);
void nova_fence_put(struct nova_fence *fence);
void nova_fence_signal(struct nova_fence *fence, int error);

#endif
