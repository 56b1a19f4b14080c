// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_sync
 *
 * Syncobjs of asynchronous calls (uapi.md §4): which fences to wait for and where
 * to put the one that signals.
 *
 * Invariant: all waits are collected before any signal is attached, so one call
 * may wait on a syncobj and signal it again; and everything an attachment needs
 * is allocated by nova_syncs_lookup(), so nova_syncs_signal() cannot fail.
 *
 * Locking: none; one thread owns the collection.
 */
#include "nova_sync.h"

#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_user.h"

#include <drm/drm_syncobj.h>
#include <drm/gpu_scheduler.h>

#include <linux/dma-fence-chain.h>
#include <linux/err.h>

/**
 * struct nova_sync - one syncobj of a call
 */
struct nova_sync {
	/** @wait: fence to wait for, a reference; NULL for a signal or once handed on */
	struct dma_fence *wait;
	/** @syncobj: where to signal, a reference; NULL for a wait */
	struct drm_syncobj *syncobj;
	/** @chain: node for a timeline point; NULL for a binary one or once used */
	struct dma_fence_chain *chain;
	/** @point: timeline point */
	u64 point;
};

static int nova_sync_check(const struct drm_nova_sync *elem)
{
	bool timeline;

	if (elem->flags & ~(u32)(DRM_NOVA_SYNC_TYPE_MASK | DRM_NOVA_SYNC_SIGNAL))
		return -EINVAL;
	switch (elem->flags & DRM_NOVA_SYNC_TYPE_MASK) {
	case DRM_NOVA_SYNC_BINARY:
		timeline = false;
		break;
	case DRM_NOVA_SYNC_TIMELINE:
		timeline = true;
		break;
	default:
		return -EINVAL;
	}
	return timeline == !!elem->point ? 0 : -EINVAL;
}

/**
 * nova_syncs_copy - bring the array into the kernel and check each element
 * @syncs: zeroed; to be released by nova_syncs_fini() in any case
 * @array: where user space says it is
 *
 * Return: 0; as nova_user_array_copy(); -EINVAL for a bad element.
 */
int nova_syncs_copy(struct nova_syncs *syncs, const struct drm_nova_array *array)
{
	static const struct nova_user_elem elem = {
		.min_size = sizeof(struct drm_nova_sync),
		.size = sizeof(struct drm_nova_sync),
		.max_count = NOVA_MAX_SYNCS,
	};
	struct drm_nova_sync *elems = nova_user_array_copy(array, &elem);

	if (IS_ERR(elems))
		return PTR_ERR(elems);
	syncs->elems = elems;
	for (u32 i = 0; i < array->count; i++) {
		int ret = nova_sync_check(&elems[i]);

		if (ret)
			return ret;
	}
	syncs->nr = array->count;
	return 0;
}

static int nova_sync_lookup_signal(struct nova_sync *sync, const struct drm_nova_sync *elem,
				   struct drm_file *file)
{
	sync->syncobj = drm_syncobj_find(file, elem->handle);
	if (!sync->syncobj)
		return -ENOENT;
	sync->point = elem->point;
	if (!elem->point)
		return 0;
	sync->chain = dma_fence_chain_alloc();
	return sync->chain ? 0 : -ENOMEM;
}

/* Never waits for a submission: a syncobj without a fence is the caller's mistake. */
static int nova_sync_lookup_wait(struct nova_sync *sync, const struct drm_nova_sync *elem,
				 struct drm_file *file)
{
	struct dma_fence *wait;
	int ret = drm_syncobj_find_fence(file, elem->handle, elem->point, 0, &wait);

	/* On error it may point to a fence whose reference is gone again. */
	if (!ret)
		sync->wait = wait;
	return ret;
}

/**
 * nova_syncs_lookup - find the syncobjs and what they wait for
 * @syncs: copied and checked
 * @file: the caller
 *
 * Return: 0; -ENOENT for an unknown handle; -EINVAL to wait where nothing was
 * submitted; -ENOMEM.
 */
int nova_syncs_lookup(struct nova_syncs *syncs, struct drm_file *file)
{
	if (!syncs->nr)
		return 0;
	syncs->syncs = kvcalloc(syncs->nr, sizeof(*syncs->syncs), GFP_KERNEL_ACCOUNT);
	if (!syncs->syncs)
		return -ENOMEM;
	for (u32 i = 0; i < syncs->nr; i++) {
		const struct drm_nova_sync *elem = &syncs->elems[i];
		int ret;

		if (elem->flags & DRM_NOVA_SYNC_SIGNAL)
			ret = nova_sync_lookup_signal(&syncs->syncs[i], elem, file);
		else
			ret = nova_sync_lookup_wait(&syncs->syncs[i], elem, file);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nova_syncs_add_waits - make a job wait
 * @syncs: looked up
 * @job: initialised, not armed
 *
 * Return: 0 or -ENOMEM.
 */
int nova_syncs_add_waits(struct nova_syncs *syncs, struct drm_sched_job *job)
{
	for (u32 i = 0; i < syncs->nr; i++) {
		/* Takes the reference even if it fails. */
		struct dma_fence *wait = syncs->syncs[i].wait;
		int ret;

		if (!wait)
			continue;
		syncs->syncs[i].wait = NULL;
		ret = drm_sched_job_add_dependency(job, wait);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nova_syncs_signal - attach the fence of a call that can no longer fail
 * @syncs: looked up
 * @fence: what signals when the work is done
 */
void nova_syncs_signal(struct nova_syncs *syncs, struct dma_fence *fence)
{
	for (u32 i = 0; i < syncs->nr; i++) {
		struct nova_sync *sync = &syncs->syncs[i];

		if (!sync->syncobj)
			continue;
		if (sync->chain)
			drm_syncobj_add_point(sync->syncobj, sync->chain, fence, sync->point);
		else
			drm_syncobj_replace_fence(sync->syncobj, fence);
		sync->chain = NULL;
	}
}

/**
 * nova_syncs_fini - drop what is left
 * @syncs: in any state
 */
void nova_syncs_fini(struct nova_syncs *syncs)
{
	for (u32 i = 0; syncs->syncs && i < syncs->nr; i++) {
		struct nova_sync *sync = &syncs->syncs[i];

		dma_fence_put(sync->wait);
		dma_fence_chain_free(sync->chain);
		if (sync->syncobj)
			drm_syncobj_put(sync->syncobj);
	}
	kvfree(syncs->syncs);
	kvfree(syncs->elems);
}
