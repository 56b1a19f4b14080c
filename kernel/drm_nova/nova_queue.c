// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_queue
 *
 * Queues that jobs are submitted to. Today there is one class, BIND: its jobs
 * edit page tables. A queue keeps its VM alive; VM_DESTROY is refused while one
 * is attached.
 *
 * Invariant: a queue is torn down only when its last job has been freed, because
 * each job holds a reference. A bind job that was accepted is part of the VM's
 * history and is never cancelled: it waits only for work that was submitted before
 * it, so it will run. Destroying a queue does not wait for that.
 *
 * Locking: a file's queue table has its own lock; a VM counts its queues under
 * the VM's lock.
 */
#include "nova_queue.h"

#include "nova_bind_job.h"
#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_vm.h"

#include <drm/drm_file.h>

#include <linux/capability.h>
#include <linux/nospec.h>

#define NOVA_QUEUE_CREDITS	1024

/**
 * nova_queue_create - make a queue
 * @ndrm: the device
 * @vm: its address space; a reference is taken
 * @priority: among the work of one scheduler
 *
 * Context: process.
 *
 * Return: the queue with one reference; ERR_PTR(-ENOMEM).
 */
struct nova_queue *nova_queue_create(struct nova_drm *ndrm, struct nova_vm *vm,
				     enum drm_sched_priority priority)
{
	struct nova_queue *queue = kzalloc_obj(*queue, GFP_KERNEL_ACCOUNT);
	struct drm_gpu_scheduler *sched;
	int ret;

	if (!queue)
		return ERR_PTR(-ENOMEM);
	kref_init(&queue->kref);
	ret = nova_sched_init(&queue->sched, &nova_bind_job_ops, ndrm->bind_wq,
			      NOVA_QUEUE_CREDITS, "nova-bind", ndrm->nd.dev);
	if (ret)
		goto err_free;
	sched = &queue->sched;
	ret = drm_sched_entity_init(&queue->entity, priority, &sched, 1, NULL);
	if (ret)
		goto err_sched;
	queue->vm = vm;
	drm_gpuvm_get(&vm->base);
	return queue;

err_sched:
	drm_sched_fini(&queue->sched);
err_free:
	kfree(queue);
	return ERR_PTR(ret);
}

static void nova_queue_free(struct kref *kref)
{
	struct nova_queue *queue = container_of(kref, struct nova_queue, kref);

	drm_sched_entity_destroy(&queue->entity);
	drm_sched_fini(&queue->sched);
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

static const enum drm_sched_priority nova_queue_priorities[] = {
	[DRM_NOVA_QUEUE_PRIORITY_LOW] = DRM_SCHED_PRIORITY_LOW,
	[DRM_NOVA_QUEUE_PRIORITY_NORMAL] = DRM_SCHED_PRIORITY_NORMAL,
	[DRM_NOVA_QUEUE_PRIORITY_HIGH] = DRM_SCHED_PRIORITY_HIGH,
};

static int nova_queue_check(const struct drm_nova_queue_create *args)
{
	if (args->flags || args->pad || args->queue_id)
		return -EINVAL;
	if (args->queue_class > DRM_NOVA_QUEUE_CLASS_GRAPHICS ||
	    args->priority > DRM_NOVA_QUEUE_PRIORITY_HIGH)
		return -EINVAL;
	if (args->queue_class != DRM_NOVA_QUEUE_CLASS_BIND)
		return -EOPNOTSUPP;
	if (args->priority == DRM_NOVA_QUEUE_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return -EACCES;
	return 0;
}

/* Counts the queue against a VM that is still alive. */
static int nova_queue_attach(struct nova_vm *vm)
{
	guard(mutex)(&vm->lock);
	if (vm->dead || READ_ONCE(vm->banned))
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
	if (!ret)
		return 0;
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
	struct nova_queue *queue;
	struct nova_vm *vm;
	u32 id;
	int ret;

	ret = nova_queue_check(args);
	if (ret)
		return ret;
	vm = nova_vm_get(file, args->vm_id);
	if (!vm)
		return -ENOENT;
	queue = nova_queue_create(to_nova_drm(drm), vm, nova_queue_priorities[args->priority]);
	nova_vm_put(vm);
	if (IS_ERR(queue))
		return PTR_ERR(queue);
	ret = nova_queue_publish(file->driver_priv, queue, &id);
	if (ret)
		nova_queue_put(queue);
	else
		args->queue_id = id;
	return ret;
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
	struct nova_file *nf = file->driver_priv;
	struct nova_queue *queue;

	if (args->pad)
		return -EINVAL;
	queue = xa_erase(&nf->queues, args->queue_id);
	if (!queue)
		return -ENOENT;
	nova_queue_detach(queue);
	return 0;
}

/**
 * nova_queue_get_state_ioctl - DRM_NOVA_QUEUE_GET_STATE (uapi.md §5.16)
 * @drm: the device
 * @data: struct drm_nova_queue_get_state
 * @file: the caller
 *
 * A BIND queue has no fault of its own; it stops with its VM.
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
	args->state = READ_ONCE(queue->vm->banned) ? DRM_NOVA_QUEUE_STATE_BANNED : 0;
	args->error = args->state ? -EIO : 0;
	nova_queue_put(queue);
	return 0;
}
