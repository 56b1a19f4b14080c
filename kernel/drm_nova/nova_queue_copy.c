// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_queue_copy
 *
 * What makes a queue one of class COPY: a channel of its own in the VM, the memory
 * of which lies in a slot of the VM's kernel reservation. A queue whose work faults,
 * is refused or takes too long is banned and *guilty*; one that ends because the
 * device did is banned and *innocent*; others never notice.
 *
 * Locking: slots under the VM's lock; the state is written by whoever stops the
 * channel, once, before any of its fences signals.
 */
#include "nova_queue.h"

#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_room.h"
#include "nova_vm.h"

#include <linux/bitmap.h>
#include <linux/nospec.h>

/* Timeout field of a channel's group; more is a larger share of the engine. */
static const u8 nova_queue_timeslices[] = {
	[DRM_NOVA_QUEUE_PRIORITY_LOW] = 64,
	[DRM_NOVA_QUEUE_PRIORITY_NORMAL] = 128,
	[DRM_NOVA_QUEUE_PRIORITY_HIGH] = 255,
};

static const u32 nova_queue_stop_states[] = {
	[NOVA_CHANNEL_CANCELLED] = 0,
	[NOVA_CHANNEL_FAULT] = DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_GUILTY,
	[NOVA_CHANNEL_METHOD] = DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_GUILTY,
	[NOVA_CHANNEL_TIMEOUT] = DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_GUILTY,
	[NOVA_CHANNEL_WEDGED] = DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_INNOCENT,
	[NOVA_CHANNEL_GONE] = DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_INNOCENT,
};

/* Before any fence of it signals: who sees the error finds the reason. */
static void nova_queue_stopped(struct nova_channel *ch, const struct nova_channel_stop *stop)
{
	struct nova_queue_copy *copy = container_of(ch, struct nova_queue_copy, ch);

	if (stop->recorded)
		nova_vm_fault_record(copy->queue->vm, READ_ONCE(copy->id), stop);
	WRITE_ONCE(copy->error, nova_channel_stop_error(stop));
	/* Pairs with nova_queue_copy_state(): who sees the state sees the error. */
	smp_store_release(&copy->state, nova_queue_stop_states[stop->cause]);
}

static int nova_queue_take_slot(struct nova_vm *vm, unsigned int *slot)
{
	guard(mutex)(&vm->lock);
	*slot = find_first_zero_bit(vm->channels, NOVA_VM_CHANNELS);
	if (*slot == NOVA_VM_CHANNELS)
		return -ENOSPC;
	__set_bit(*slot, vm->channels);
	return 0;
}

static void nova_queue_give_slot(struct nova_vm *vm, unsigned int slot)
{
	guard(mutex)(&vm->lock);
	__clear_bit(slot, vm->channels);
}

struct nova_queue_channel {
	struct nova_queue *queue;
	struct nova_channel_config config;
};

static int nova_queue_try_channel(void *arg, bool alone)
{
	const struct nova_queue_channel *of = arg;

	return nova_channel_init(&of->queue->copy->ch, &of->queue->vm->ndrm->host, &of->config);
}

static int nova_queue_init_channel(struct nova_queue *queue, u32 priority)
{
	u32 index = array_index_nospec(priority, ARRAY_SIZE(nova_queue_timeslices));
	struct nova_queue_copy *copy = queue->copy;
	struct nova_vm *vm = queue->vm;
	struct nova_queue_channel of = {
		.queue = queue,
		.config = {
			.vmm = &vm->vmm,
			.va = vm->base.kernel_alloc_node.va.addr +
			      copy->slot * NOVA_CHANNEL_VA_SIZE,
			.timeslice = nova_queue_timeslices[index],
			.stopped = nova_queue_stopped,
		},
	};

	return nova_room_run(&vm->ndrm->nt, nova_queue_try_channel, &of);
}

/**
 * nova_queue_copy_init - give a queue its channel
 * @queue: new; its VM is set
 * @priority: DRM_NOVA_QUEUE_PRIORITY_*
 *
 * Context: process; sleeps.
 *
 * Return: 0; -EINVAL if the VM's kernel reservation is where channels of this chip
 * do not reach; -ENOSPC without VRAM, a channel id or room in the reservation;
 * -ENOMEM; -EIO if the hardware does not answer; -ENODEV.
 */
int nova_queue_copy_init(struct nova_queue *queue, u32 priority)
{
	struct nova_queue_copy *copy = kzalloc_obj(*copy, GFP_KERNEL_ACCOUNT);
	int ret;

	if (!copy)
		return -ENOMEM;
	copy->queue = queue;
	mutex_init(&copy->lock);
	queue->copy = copy;
	ret = nova_queue_take_slot(queue->vm, &copy->slot);
	if (ret)
		goto err_free;
	ret = nova_queue_init_channel(queue, priority);
	if (!ret)
		return 0;
	nova_queue_give_slot(queue->vm, copy->slot);
err_free:
	mutex_destroy(&copy->lock);
	kfree(copy);
	return ret;
}

/**
 * nova_queue_copy_fini - undo nova_queue_copy_init()
 * @queue: all its jobs are freed
 *
 * Context: process; sleeps.
 */
void nova_queue_copy_fini(struct nova_queue *queue)
{
	struct nova_queue_copy *copy = queue->copy;

	nova_channel_fini(&copy->ch);
	nova_queue_give_slot(queue->vm, copy->slot);
	mutex_destroy(&copy->lock);
	kfree(copy);
}

/**
 * nova_queue_copy_kill - cancel what a queue is doing
 * @queue: the queue
 *
 * Context: process; sleeps, but waits for nobody's work.
 */
void nova_queue_copy_kill(struct nova_queue *queue)
{
	const struct nova_channel_stop cancelled = { .cause = NOVA_CHANNEL_CANCELLED };

	nova_channel_kill(&queue->copy->ch, &cancelled);
}

/**
 * nova_queue_copy_state - is a queue well?
 * @queue: the queue
 * @error: set if it is not
 *
 * Return: DRM_NOVA_QUEUE_STATE_*, 0 if it takes work.
 */
u32 nova_queue_copy_state(const struct nova_queue *queue, int *error)
{
	const struct nova_queue_copy *copy = queue->copy;
	/* Pairs with nova_queue_stopped(). */
	u32 state = smp_load_acquire(&copy->state);

	if (state) {
		*error = READ_ONCE(copy->error);
		return state;
	}
	if (!nova_device_is_wedged(&queue->vm->ndrm->nd))
		return 0;
	*error = -EIO;
	return DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_INNOCENT;
}

/**
 * nova_queue_copy_ns - engine time of a file's copy queues
 * @nf: the file
 *
 * Return: nanoseconds; never less than before.
 */
u64 nova_queue_copy_ns(struct nova_file *nf)
{
	struct nova_queue *queue;
	unsigned long id;
	u64 ns;

	xa_lock(&nf->queues);
	ns = atomic64_read(&nf->copy_ns);
	xa_for_each(&nf->queues, id, queue)
		if (queue->copy)
			ns += nova_channel_busy_ns(&queue->copy->ch);
	xa_unlock(&nf->queues);
	return ns;
}
