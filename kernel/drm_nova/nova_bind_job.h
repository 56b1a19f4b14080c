/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BIND_JOB_H__
#define __NOVA_BIND_JOB_H__

#include <linux/types.h>

struct dma_fence;
struct drm_sched_backend_ops;
struct nova_bind;
struct nova_drm;
struct nova_vm;

extern const struct drm_sched_backend_ops nova_bind_job_ops;

void nova_bind_abandon_all(struct nova_drm *ndrm);
bool nova_bind_vm_busy(struct nova_vm *vm);
void nova_bind_vm_drain(struct nova_vm *vm);
int nova_bind_job_init(struct nova_bind *bind);
void nova_bind_job_abort(struct nova_bind *bind);
struct dma_fence *nova_bind_job_submit(struct nova_bind *bind);
int nova_bind_job_wait(struct nova_drm *ndrm, struct dma_fence *fence);

#endif
