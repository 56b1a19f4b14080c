/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_SYNC_H__
#define __NOVA_SYNC_H__

#include <linux/types.h>

struct dma_fence;
struct drm_file;
struct drm_nova_array;
struct drm_nova_sync;
struct drm_sched_job;
struct nova_sync;

/**
 * struct nova_syncs - the syncobjs of one call
 */
struct nova_syncs {
	/** @elems: what user space gave, checked, until looked up */
	struct drm_nova_sync *elems;
	/** @syncs: the same looked up; owned */
	struct nova_sync *syncs;
	/** @nr: how many of either */
	u32 nr;
};

int nova_syncs_copy(struct nova_syncs *syncs, const struct drm_nova_array *array);
int nova_syncs_lookup(struct nova_syncs *syncs, struct drm_file *file);
int nova_syncs_add_waits(struct nova_syncs *syncs, struct drm_sched_job *job);
void nova_syncs_signal(struct nova_syncs *syncs, struct dma_fence *fence);
void nova_syncs_fini(struct nova_syncs *syncs);

#endif
