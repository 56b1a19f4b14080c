/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_VM_FAULT_H__
#define __NOVA_VM_FAULT_H__

#include <drm/nova_drm.h>

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct nova_channel_stop;
struct nova_vm;

/** NOVA_VM_MAX_FAULTS - faults of a VM that are kept (uapi.md §5.14) */
#define NOVA_VM_MAX_FAULTS	64

/**
 * struct nova_vm_faults - what the queues of a VM stumbled over
 */
struct nova_vm_faults {
	/** @lock: @total and @ring */
	spinlock_t lock;
	/** @total: faults so far */
	u32 total;
	/** @ring: the newest; fault i is at i modulo NOVA_VM_MAX_FAULTS */
	struct drm_nova_vm_fault ring[NOVA_VM_MAX_FAULTS];
	/** @dump: writes the core dump of the first fault */
	struct work_struct dump;
};

void nova_vm_faults_init(struct nova_vm *vm);
void nova_vm_fault_record(struct nova_vm *vm, u32 queue_id, const struct nova_channel_stop *stop);
u32 nova_vm_faults_get(struct nova_vm *vm, struct drm_nova_vm_fault *faults, u32 *total);

/* The core dump: nova_vm_dump.c */
void nova_vm_dump(struct nova_vm *vm);

#endif
