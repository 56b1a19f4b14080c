/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_EXEC_H__
#define __NOVA_EXEC_H__

#include "nova_sync.h"

#include <drm/gpu_scheduler.h>

#include <linux/workqueue.h>

struct nova_channel_push;
struct nova_fence;
struct nova_queue;

/**
 * struct nova_exec - one EXEC call on its way
 *
 * Owned by the ioctl until it is submitted as a job, then by the queue.
 */
struct nova_exec {
	/** @job: what the scheduler knows */
	struct drm_sched_job job;
	/** @queue: of class COPY; a reference */
	struct nova_queue *queue;
	/** @pushes: what to execute, owned */
	struct nova_channel_push *pushes;
	/** @nr: how many */
	u32 nr;
	/** @fence: signals when it was executed; owned */
	struct nova_fence *fence;
	/** @syncs: fences to wait for and to signal */
	struct nova_syncs syncs;
	/** @cleanup: frees the call after its job */
	struct work_struct cleanup;
};

extern const struct drm_sched_backend_ops nova_exec_job_ops;

void nova_exec_free(struct nova_exec *exec);
int nova_exec_run(struct nova_exec *exec);

#endif
