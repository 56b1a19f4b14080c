/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_QUEUE_H__
#define __NOVA_QUEUE_H__

#include "nova_channel.h"

#include <drm/gpu_scheduler.h>

#include <linux/kref.h>
#include <linux/mutex.h>

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
	/** @fences: context of the fences of binds; constant */
	u64 fences;
	/** @armed: last fence of a bind made; the VM's lock */
	u64 armed;
	/** @copy: what a queue of class COPY has besides, NULL for others; constant */
	struct nova_queue_copy *copy;
};

/**
 * struct nova_queue_copy - a queue of class COPY
 */
struct nova_queue_copy {
	/** @queue: whose it is */
	struct nova_queue *queue;
	/** @ch: the channel its jobs run on */
	struct nova_channel ch;
	/** @lock: one EXEC at a time, so that jobs are armed in the order they are queued */
	struct mutex lock;
	/** @slot: its part of the VM's kernel reservation */
	unsigned int slot;
	/** @id: of the queue in its file, 0 before it has one */
	u32 id;
	/**
	 * @state: DRM_NOVA_QUEUE_STATE_* from being stopped; written once, after
	 * @error; read without a lock
	 */
	u32 state;
	/** @error: -errno that goes with @state */
	int error;
};

/* Parameters of a queue, checked. */
struct nova_queue_params {
	/** @queue_class: DRM_NOVA_QUEUE_CLASS_* that is built in */
	u32 queue_class;
	/** @priority: DRM_NOVA_QUEUE_PRIORITY_* */
	u32 priority;
};

struct nova_queue *nova_queue_create(struct nova_drm *ndrm, struct nova_vm *vm,
				     const struct nova_queue_params *params);
struct nova_queue *nova_queue_get(struct drm_file *file, u32 id);
void nova_queue_put(struct nova_queue *queue);
void nova_queue_close_all(struct nova_file *nf);

/* Class COPY: nova_queue_copy.c */
int nova_queue_copy_init(struct nova_queue *queue, u32 priority);
void nova_queue_copy_fini(struct nova_queue *queue);
void nova_queue_copy_kill(struct nova_queue *queue);
u32 nova_queue_copy_state(const struct nova_queue *queue, int *error);
u64 nova_queue_copy_ns(struct nova_file *nf);

#endif
