/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_VM_BO_H__
#define __NOVA_VM_BO_H__

#include "nova_vm.h"

#include <drm/drm_exec.h>

/**
 * struct nova_vm_locks - reservations of everything bound in a VM
 */
struct nova_vm_locks {
	/** @exec: the reservations */
	struct drm_exec exec;
	/** @vm: the VM */
	struct nova_vm *vm;
	/** @turns: how many more objects may be validated at the cost of others of the VM */
	unsigned int turns;
};

int nova_vm_evict_bo(struct drm_gpuvm_bo *vm_bo);
int nova_vm_purge_bo(struct drm_gpuvm_bo *vm_bo);
int nova_vm_restore_bo(struct drm_gpuvm_bo *vm_bo);
int nova_vm_validate_bo(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec);
struct nova_pte_attr nova_vm_attr(u32 flags, u8 pte_kind, const struct nova_backing *backing);

int nova_vm_lock_bound(struct nova_vm *vm, struct nova_vm_locks *locks, bool alone);
void nova_vm_unlock_bound(struct nova_vm_locks *locks);
int nova_vm_reserve_fence(struct drm_exec *exec);

#endif
