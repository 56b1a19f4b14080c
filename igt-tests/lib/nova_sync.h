/* SPDX-License-Identifier: MIT */

#ifndef NOVA_SYNC_H
#define NOVA_SYNC_H

#include "nova_push.h"

int nova_syncobj_wait_until(int fd, uint32_t handle, uint64_t point, int64_t timeout_ns);
uint32_t nova_syncobj_import(int fd, int sync_file);
int64_t nova_deadline(unsigned int ms);

int nova_sw_timeline(void);
int nova_sw_fence(int timeline, uint32_t value);
void nova_sw_signal(int timeline, uint32_t steps);

int __nova_vm_bind_async(int fd, uint32_t vm_id, uint32_t queue_id,
			 const struct drm_nova_vm_bind_op *op, const struct drm_nova_sync *syncs,
			 unsigned int nr_syncs);

#endif /* NOVA_SYNC_H */
