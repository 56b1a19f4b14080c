// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_queue
 *
 * Queues that jobs are submitted to: of class BIND, whose jobs edit page tables,
 * and of class COPY, whose jobs run on a channel of the copy engine. A queue keeps
 * its VM alive; VM_DESTROY is refused while one is attached.
 *
 * Invariant: a queue is torn down only when its last job has been freed, because
 * each job holds a reference. A bind job that was accepted is part of the VM's
 * history and is never cancelled: it waits only for work that was submitted before
 * it, so it will run. Destroying a queue does not wait for that. A job of class COPY
 * is cancelled: at once if it is on the channel, else when its turn comes.
 *
 * Locking: a file's queue table has its own lock; a VM counts its queues under
 * the VM's lock.
 */
#include "nova_queue.h"

#include "nova_bind_job.h"
#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_exec.h"
#include "nova_vm.h"

#include <drm/drm_file.h>

#include <linux/capability.h>
#include <linux/nospec.h>

#define NOVA_QUEUE_CREDITS	1024

static const enum drm_sched_priority nova_queue_priorities[] = {
	[DRM_NOVA_QUEUE_PRIORITY_LOW] = DRM_SCHED_PRIORITY_LOW,
	[DRM_NOVA_QUEUE_PRIORITY_NORMAL] = DRM_SCHED_PRIORITY_NORMAL,
	[DRM_NOVA_QUEUE_PRIORITY_HIGH] = DRM_SCHED_PRIORITY_HIGH,
};

/* What runs the jobs of a class. */
struct nova_queue_kind {
	const struct drm_sched_backend_ops *ops;
	const char *name;
	u32 credits;
};

static const struct nova_queue_kind nova_queue_kinds[] = {
	[DRM_NOVA_QUEUE_CLASS_BIND] = { &nova_bind_job_ops, "nova-bind", NOVA_QUEUE_CREDITS },
	[DRM_NOVA_QUEUE_CLASS_COPY] = { &nova_exec_job_ops, "nova-copy", NOVA_CHANNEL_CREDITS },
};

static int nova_queue_init_sched(struct nova_queue *queue, struct nova_drm *ndrm,
				 const struct nova_queue_params *params)
{
	u32 class = array_index_nospec(params->queue_class, ARRAY_SIZE(nova_queue_kinds));
	u32 priority = array_index_nospec(params->priority, ARRAY_SIZE(nova_queue_priorities));
	const struct nova_queue_kind *kind = &nova_queue_kinds[class];
	struct drm_gpu_scheduler *sched = &queue->sched;
	int ret;

	ret = nova_sched_init(sched, kind->ops, ndrm->bind_wq, kind->credits, kind->name,
			      ndrm->nd.dev);
	if (ret)
		return ret;
	ret = drm_sched_entity_init(&queue->entity, nova_queue_priorities[priority], &sched, 1,
				    NULL);
	if (ret)
		drm_sched_fini(sched);
	return ret;
}

static void nova_queue_fini_sched(struct nova_queue *queue)
{
	drm_sched_entity_destroy(&queue->entity);
	drm_sched_fini(&queue->sched);
}

/**
 * nova_queue_create - make a queue
 * @ndrm: the device
 * @vm: its address space; a reference is taken
 * @params: what it is to be
 *
 * Context: process.
 *
 * Return: the queue with one reference; ERR_PTR(-ENOMEM); for class COPY also
 * ERR_PTR of nova_queue_copy_init().
 */
struct nova_queue *nova_queue_create(struct nova_drm *ndrm, struct nova_vm *vm,
				     const struct nova_queue_params *params)
{
	struct nova_queue *queue = kzalloc_obj(*queue, GFP_KERNEL_ACCOUNT);
	int ret;

	if (!queue)
		return ERR_PTR(-ENOMEM);
	kref_init(&queue->kref);
	queue->vm = vm;
	queue->fences = dma_fence_context_alloc(1);
	ret = nova_queue_init_sched(queue, ndrm, params);
	if (ret)
		goto err_free;
	if (params->queue_class == DRM_NOVA_QUEUE_CLASS_COPY)
		ret = nova_queue_copy_init(queue, params->priority);
	if (ret)
		goto err_sched;
	drm_gpuvm_get(&vm->base);
	return queue;

err_sched:
	nova_queue_fini_sched(queue);
err_free:
	kfree(queue);
	return ERR_PTR(ret);
}

static void nova_queue_free(struct kref *kref)
{
	struct nova_queue *queue = container_of(kref, struct nova_queue, kref);

	nova_queue_fini_sched(queue);
	if (queue->copy)
		nova_queue_copy_fini(queue);
	nova_vm_put(queue->vm);
	kfree(queue);
}

/**
 * nova_queue_put - drop a reference
 * @queue: the queue, or NULL
 *
 * Context: process, not a worker of the queue's scheduler.
 */
void nova_queue_put(struct nova_queue *queue)
{
	if (queue)
		kref_put(&queue->kref, nova_queue_free);
}

/**
 * nova_queue_get - queue of an id
 * @file: the caller
 * @id: id in @file
 *
 * Return: the queue with a reference for nova_queue_put(), NULL if unknown.
 */
struct nova_queue *nova_queue_get(struct drm_file *file, u32 id)
{
	struct nova_file *nf = file->driver_priv;
	struct nova_queue *queue;

	if (id > NOVA_MAX_QUEUES)
		return NULL;
	id = array_index_nospec(id, NOVA_MAX_QUEUES + 1);
	xa_lock(&nf->queues);
	queue = xa_load(&nf->queues, id);
	if (queue)
		kref_get(&queue->kref);
	xa_unlock(&nf->queues);
	return queue;
}

static void nova_queue_detach(struct nova_queue *queue)
{
	if (queue->copy)
		nova_queue_copy_kill(queue);
	scoped_guard(mutex, &queue->vm->lock)
		queue->vm->nr_queues--;
	nova_queue_put(queue);
}

/**
 * nova_queue_close_all - destroy what a file leaves behind
 * @nf: the file, which nobody else uses any more
 *
 * Context: process.
 */
void nova_queue_close_all(struct nova_file *nf)
{
	struct nova_queue *queue;
	unsigned long id;

	xa_for_each(&nf->queues, id, queue) {
		xa_erase(&nf->queues, id);
		nova_queue_detach(queue);
	}
}

static int nova_queue_check(const struct nova_drm *ndrm, const struct drm_nova_queue_create *args)
{
	if (args->flags || args->pad || args->queue_id)
		return -EINVAL;
	if (args->queue_class > DRM_NOVA_QUEUE_CLASS_GRAPHICS ||
	    args->priority > DRM_NOVA_QUEUE_PRIORITY_HIGH)
		return -EINVAL;
	if (args->queue_class > DRM_NOVA_QUEUE_CLASS_COPY ||
	    (args->queue_class == DRM_NOVA_QUEUE_CLASS_COPY && !ndrm->exec))
		return -EOPNOTSUPP;
	if (args->priority == DRM_NOVA_QUEUE_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return -EACCES;
	return 0;
}

/* Counts the queue against a VM that is still alive. */
static int nova_queue_attach(struct nova_vm *vm)
{
	guard(mutex)(&vm->lock);
	if (vm->dead || nova_vm_is_banned(vm))
		return -ENOENT;
	vm->nr_queues++;
	return 0;
}

static int nova_queue_publish(struct nova_file *nf, struct nova_queue *queue, u32 *id)
{
	int ret = nova_queue_attach(queue->vm);

	if (ret)
		return ret;
	ret = xa_alloc(&nf->queues, id, queue, XA_LIMIT(1, NOVA_MAX_QUEUES), GFP_KERNEL);
	if (!ret) {
		if (queue->copy)
			WRITE_ONCE(queue->copy->id, *id);
		return 0;
	}
	scoped_guard(mutex, &queue->vm->lock)
		queue->vm->nr_queues--;
	return ret == -EBUSY ? -ENOSPC : ret;
}

/**
 * nova_queue_create_ioctl - DRM_NOVA_QUEUE_CREATE (uapi.md §5.16)
 * @drm: the device
 * @data: struct drm_nova_queue_create
 * @file: the caller
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP for a class that is not built in; -EACCES;
 * -ENOENT; -ENOSPC; -ENOMEM.
 */
int nova_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_queue_create *args = data;
	const struct nova_queue_params params = {
		.queue_class = args->queue_class,
		.priority = args->priority,
	};
	struct nova_queue *queue;
	struct nova_vm *vm;
	u32 id;
	int ret;

	ret = nova_queue_check(to_nova_drm(drm), args);
	if (ret)
		return ret;
	vm = nova_vm_get(file, args->vm_id);
	if (!vm)
		return -ENOENT;
	queue = nova_queue_create(to_nova_drm(drm), vm, &params);
	nova_vm_put(vm);
	if (IS_ERR(queue))
		return PTR_ERR(queue);
	/* From here on another thread may destroy it by guessing the id. */
	kref_get(&queue->kref);
	ret = nova_queue_publish(file->driver_priv, queue, &id);
	if (ret)
		nova_queue_put(queue);
	else
		args->queue_id = id;
	nova_queue_put(queue);
	return ret;
}

/* Exactly one caller gets to take a queue out of its file's table. */
static bool nova_queue_retire(struct nova_file *nf, u32 id, struct nova_queue *queue)
{
	bool mine;

	if (queue->copy)
		nova_queue_copy_kill(queue);
	xa_lock(&nf->queues);
	mine = xa_load(&nf->queues, id) == queue;
	if (mine) {
		__xa_erase(&nf->queues, id);
		if (queue->copy)
			atomic64_add(nova_channel_busy_ns(&queue->copy->ch), &nf->copy_ns);
	}
	xa_unlock(&nf->queues);
	return mine;
}

/**
 * nova_queue_destroy_ioctl - DRM_NOVA_QUEUE_DESTROY (uapi.md §5.16)
 * @drm: the device
 * @data: struct drm_nova_queue_destroy
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT.
 */
int nova_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_queue_destroy *args = data;
	struct nova_queue *queue;
	bool mine;

	if (args->pad)
		return -EINVAL;
	queue = nova_queue_get(file, args->queue_id);
	if (!queue)
		return -ENOENT;
	mine = nova_queue_retire(file->driver_priv, args->queue_id, queue);
	if (mine)
		nova_queue_detach(queue);
	nova_queue_put(queue);
	return mine ? 0 : -ENOENT;
}

/**
 * nova_queue_get_state_ioctl - DRM_NOVA_QUEUE_GET_STATE (uapi.md §5.16)
 * @drm: the device
 * @data: struct drm_nova_queue_get_state
 * @file: the caller
 *
 * A BIND queue has no fault of its own; it stops with its VM, as others do.
 *
 * Return: 0; -EINVAL; -ENOENT.
 */
int nova_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_queue_get_state *args = data;
	struct nova_queue *queue;

	if (args->pad)
		return -EINVAL;
	queue = nova_queue_get(file, args->queue_id);
	if (!queue)
		return -ENOENT;
	args->error = 0;
	args->state = queue->copy ? nova_queue_copy_state(queue, &args->error) : 0;
	if (!args->state && nova_vm_is_banned(queue->vm)) {
		args->state = DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_INNOCENT;
		args->error = READ_ONCE(queue->vm->error);
	}
	nova_queue_put(queue);
	return 0;
}
