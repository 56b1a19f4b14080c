// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu work
 *
 * What executes the channels of a software GPU: one work item on a queue of its own,
 * which calls nova_swgpu_step() until there is nothing to do. A doorbell queues it; so
 * does whatever else may let a channel go on. While channels wait for semaphores it
 * looks again later and later, after 64 us at first and after 8 ms in the end.
 *
 * Between two steps no lock is held and the scheduler is asked, so a pushbuffer
 * without end costs others no more than their share of a CPU. As fences of a driver's
 * reclaim may depend on it, the queue has a rescuer.
 *
 * Locking: the work item never runs twice at once; the rest is the model's.
 */

#include "nova_swgpu_dev.h"

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

/** NOVA_SWGPU_SLEEP_US - up to here the worker sleeps, else it is queued again */
#define NOVA_SWGPU_SLEEP_US 1000

static void nova_swgpu_work(struct work_struct *work)
{
	struct nova_swgpu_dev *dev = container_of(to_delayed_work(work), struct nova_swgpu_dev,
						  work);
	u32 us;

	for (;;) {
		us = nova_swgpu_step(&dev->gpu);
		if (READ_ONCE(dev->stopping) || us > NOVA_SWGPU_SLEEP_US)
			break;
		if (us)
			usleep_range(us, us + us / 4);
		else
			cond_resched();
	}
	if (us != NOVA_SWGPU_NEVER && !READ_ONCE(dev->stopping))
		queue_delayed_work(dev->wq, &dev->work, usecs_to_jiffies(us));
}

/**
 * nova_swgpu_work_init - get ready to execute
 * @dev: the device, whose GPU is complete
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int nova_swgpu_work_init(struct nova_swgpu_dev *dev)
{
	INIT_DELAYED_WORK(&dev->work, nova_swgpu_work);
	dev->wq = alloc_workqueue("nova_swgpu", WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return dev->wq ? 0 : -ENOMEM;
}

/**
 * nova_swgpu_work_fini - stop executing
 * @dev: the device, which nobody accesses any more
 *
 * Context: sleeps for as long as a step takes.
 */
void nova_swgpu_work_fini(struct nova_swgpu_dev *dev)
{
	WRITE_ONCE(dev->stopping, true);
	cancel_delayed_work_sync(&dev->work);
	destroy_workqueue(dev->wq);
}

/**
 * swgpu_port_kick - have the channels executed
 * @gpu: the GPU
 *
 * Context: atomic, gpu->lock held.
 */
void swgpu_port_kick(struct nova_swgpu *gpu)
{
	struct nova_swgpu_dev *dev = container_of(gpu, struct nova_swgpu_dev, gpu);

	mod_delayed_work(dev->wq, &dev->work, 0);
}
