// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_exec_ioctl
 *
 * DRM_NOVA_EXEC: from user memory to a checked call (uapi.md §5.16). What is in the
 * pushes is for the hardware to judge; here only their addresses are.
 *
 * Locking: none; nova_exec_run() takes what it needs.
 */
#include "nova_exec.h"

#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_fence.h"
#include "nova_queue.h"
#include "nova_user.h"
#include "nova_vm.h"

#include <drm/drm_file.h>

#include <linux/align.h>

static int nova_exec_check_push(const struct nova_drm *ndrm, const struct drm_nova_exec_push *push)
{
	if (push->flags & ~DRM_NOVA_EXEC_PUSH_NO_PREFETCH)
		return -EINVAL;
	if (!IS_ALIGNED(push->va | push->size, sizeof(u32)) || !push->size ||
	    push->size > NOVA_MAX_PUSH_BYTES)
		return -EINVAL;
	return nova_channel_reaches(&ndrm->host, push->va, push->size) ? 0 : -EINVAL;
}

/* NULL for none. */
static struct nova_channel_push *nova_exec_copy_pushes(const struct nova_drm *ndrm,
						       const struct drm_nova_array *array)
{
	static const struct nova_user_elem elem = {
		.min_size = sizeof(struct drm_nova_exec_push),
		.size = sizeof(struct drm_nova_exec_push),
		.max_count = NOVA_MAX_PUSHES,
	};
	struct drm_nova_exec_push *from = nova_user_array_copy(array, &elem);
	struct nova_channel_push *pushes;
	int ret = 0;

	if (IS_ERR_OR_NULL(from))
		return ERR_CAST(from);
	for (u32 i = 0; !ret && i < array->count; i++)
		ret = nova_exec_check_push(ndrm, &from[i]);
	pushes = ret ? NULL : kvcalloc(array->count, sizeof(*pushes), GFP_KERNEL_ACCOUNT);
	for (u32 i = 0; pushes && i < array->count; i++)
		pushes[i] = (struct nova_channel_push) {
			.va = from[i].va,
			.words = from[i].size / sizeof(u32),
			.sync = from[i].flags & DRM_NOVA_EXEC_PUSH_NO_PREFETCH,
		};
	kvfree(from);
	if (ret)
		return ERR_PTR(ret);
	return pushes ?: ERR_PTR(-ENOMEM);
}

/* Arrays and their elements, in that order of checks. */
static int nova_exec_copy(struct nova_exec *exec, const struct nova_drm *ndrm,
			  const struct drm_nova_exec *args)
{
	struct nova_channel_push *pushes = nova_exec_copy_pushes(ndrm, &args->pushes);

	if (IS_ERR(pushes))
		return PTR_ERR(pushes);
	exec->pushes = pushes;
	exec->nr = args->pushes.count;
	return nova_syncs_copy(&exec->syncs, &args->syncs);
}

/* What the objects found mean for each other. */
static int nova_exec_check_queue(const struct nova_queue *queue)
{
	int error;

	if (!queue->copy)
		return -EINVAL;
	if (nova_vm_is_banned(queue->vm))
		return -ENOENT;
	return nova_queue_copy_state(queue, &error) ? -ECANCELED : 0;
}

static int nova_exec_fill(struct nova_exec *exec, struct drm_file *file,
			  const struct drm_nova_exec *args)
{
	int ret = nova_exec_copy(exec, to_nova_drm(file->minor->dev), args);

	if (ret)
		return ret;
	exec->queue = nova_queue_get(file, args->queue_id);
	if (!exec->queue)
		return -ENOENT;
	ret = nova_syncs_lookup(&exec->syncs, file);
	if (!ret)
		ret = nova_exec_check_queue(exec->queue);
	if (ret)
		return ret;
	exec->fence = nova_fence_alloc();
	return exec->fence ? 0 : -ENOMEM;
}

/**
 * nova_exec_ioctl - DRM_NOVA_EXEC (uapi.md §5.16)
 * @drm: the device
 * @data: struct drm_nova_exec
 * @file: the caller
 *
 * Return: 0; -EOPNOTSUPP without channels; -EINVAL, -E2BIG, -EFAULT, -ENOENT,
 * -ECANCELED; as nova_exec_run(). On error nothing was submitted.
 */
int nova_exec_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_nova_exec *args = data;
	struct nova_exec *exec;
	int ret;

	if (!to_nova_drm(drm)->exec)
		return -EOPNOTSUPP;
	if (args->flags)
		return -EINVAL;
	exec = kzalloc_obj(*exec, GFP_KERNEL_ACCOUNT);
	if (!exec)
		return -ENOMEM;
	ret = nova_exec_fill(exec, file, args);
	if (!ret)
		return nova_exec_run(exec);
	nova_exec_free(exec);
	return ret;
}
