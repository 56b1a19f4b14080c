/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_QUEUE_H__
#define __NOVA_QUEUE_H__

#include <drm/gpu_scheduler.h>

#include <linux/kref.h>

struct drm_file;
struct nova_drm;
struct nova_file;
struct nova_vm;

/**
 * struct nova_queue - jobs that run one after the other
 *
 * A scheduler of its own with one entity, so that one queue's waits hold up
 * nobody else.
 */
struct nova_queue {
	/** @kref: the file's table, each call under way and each job not yet freed */
	struct kref kref;
	/** @vm: address space, a reference; constant */
	struct nova_vm *vm;
	/** @sched: runs the jobs */
	struct drm_gpu_scheduler sched;
	/** @entity: holds the jobs */
	struct drm_sched_entity entity;
};

struct nova_queue *nova_queue_create(struct nova_drm *ndrm, struct nova_vm *vm,
				     enum drm_sched_priority priority);
struct nova_queue *nova_queue_get(struct drm_file *file, u32 id);
void nova_queue_put(struct nova_queue *queue);
void nova_queue_close_all(struct nova_file *nf);

#endif
