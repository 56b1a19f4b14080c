// SPDX-License-Identifier: MIT

/**
 * DOC: Queues
 *
 * A struct nova_queue is the id of a queue. The kernel orders the work of one
 * queue; between queues only syncobjs do. libdrm has the calls on syncobjs. A
 * queue does not change after its creation, so it needs no lock.
 */

#include <errno.h>
#include <stdlib.h>

#include "nova_priv.h"

/**
 * struct nova_queue - one queue
 */
struct nova_queue {
	/** @dev: device, not counted. */
	const struct nova_device *dev;
	/** @id: id of the queue. */
	uint32_t id;
};

NOVA_EXPORT int nova_queue_create(const struct nova_vm *vm, enum drm_nova_queue_class queue_class,
				  enum drm_nova_queue_priority priority, struct nova_queue **out)
{
	struct drm_nova_queue_create args = {
		.vm_id = vm->layout.vm_id,
		.queue_class = queue_class,
		.priority = priority,
	};
	struct nova_queue *queue = malloc(sizeof(*queue));
	int ret;

	if (!queue)
		return -ENOMEM;
	ret = nova_device_ioctl(vm->dev, DRM_IOCTL_NOVA_QUEUE_CREATE, &args);
	if (ret) {
		free(queue);
		return ret;
	}
	*queue = (struct nova_queue){ .dev = vm->dev, .id = args.queue_id };
	*out = queue;
	return 0;
}

NOVA_EXPORT int nova_queue_destroy(struct nova_queue *queue)
{
	struct drm_nova_queue_destroy args;
	int ret;

	if (!queue)
		return 0;
	args = (struct drm_nova_queue_destroy){ .queue_id = queue->id };
	ret = nova_device_ioctl(queue->dev, DRM_IOCTL_NOVA_QUEUE_DESTROY, &args);
	if (!ret || ret == -ENODEV)
		free(queue);
	return ret;
}

NOVA_EXPORT uint32_t nova_queue_id(const struct nova_queue *queue)
{
	return queue->id;
}

NOVA_EXPORT int nova_queue_get_state(const struct nova_queue *queue,
				     struct drm_nova_queue_get_state *state)
{
	struct drm_nova_queue_get_state args = { .queue_id = queue->id };
	int ret = nova_device_ioctl(queue->dev, DRM_IOCTL_NOVA_QUEUE_GET_STATE, &args);

	if (!ret)
		*state = args;
	return ret;
}

NOVA_EXPORT int nova_queue_exec(const struct nova_queue *queue,
				const struct drm_nova_exec_push *pushes, uint32_t nr_pushes,
				const struct drm_nova_sync *syncs, uint32_t nr_syncs)
{
	struct drm_nova_exec args = {
		.queue_id = queue->id,
		.pushes = NOVA_ARRAY(pushes, nr_pushes),
		.syncs = NOVA_ARRAY(syncs, nr_syncs),
	};

	return nova_device_ioctl(queue->dev, DRM_IOCTL_NOVA_EXEC, &args);
}
