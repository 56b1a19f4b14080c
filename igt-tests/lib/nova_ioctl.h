/* SPDX-License-Identifier: MIT */

#ifndef NOVA_IOCTL_H
#define NOVA_IOCTL_H

#include <stdbool.h>
#include <stdint.h>

#include <drm/nova_drm.h>

#include "nova_debug.h"

#define NOVA_4K 0x1000ull
#define NOVA_64K 0x10000ull
#define NOVA_2M 0x200000ull

#define NOVA_SYSTEM DRM_NOVA_PLACEMENT_SYSTEM
#define NOVA_VRAM DRM_NOVA_PLACEMENT_VRAM

int nova_open(void);
int nova_open_again(int fd);
void nova_require_feature(int fd, enum drm_nova_feature feature);

int __nova_ioctl(int fd, unsigned long request, void *arg);

int __nova_getparam(int fd, uint64_t param, uint64_t *value);
uint64_t nova_getparam(int fd, uint64_t param);
int __nova_info(int fd, uint32_t id, uint32_t *size, void *data);
void nova_info(int fd, uint32_t id, uint32_t size, void *data);

int __nova_gem_create2(int fd, struct drm_nova_gem_create2 *create);
uint32_t nova_gem_create(int fd, uint64_t size, uint32_t placement);
uint32_t nova_gem_create_private(int fd, uint32_t vm_id, uint64_t size, uint32_t placement);
void nova_gem_close(int fd, uint32_t handle);
int __nova_gem_query(int fd, uint32_t handle, struct drm_nova_gem_query *query);
struct drm_nova_gem_query nova_gem_query(int fd, uint32_t handle);
int __nova_gem_mmap_offset(int fd, uint32_t handle, uint64_t *offset);
uint64_t nova_gem_mmap_offset(int fd, uint32_t handle);
void *nova_gem_mmap(int fd, uint32_t handle, uint64_t offset, uint64_t len);
int __nova_gem_wait(int fd, uint32_t handle, uint32_t flags, int64_t timeout_ns);
int __nova_gem_madvise(int fd, uint32_t handle, uint32_t advice, uint32_t *retained);
int __nova_gem_set_label(int fd, uint32_t handle, const char *label, uint32_t len);

int __nova_vm_create(int fd, struct drm_nova_vm_create *create);
uint32_t nova_vm_create(int fd);
int __nova_vm_destroy(int fd, uint32_t vm_id);
void nova_vm_destroy(int fd, uint32_t vm_id);
int __nova_vm_bind(int fd, struct drm_nova_vm_bind *bind);
int __nova_vm_bind_ops(int fd, uint32_t vm_id, const struct drm_nova_vm_bind_op *ops,
		       uint32_t nr, uint32_t *failed_op);
int __nova_vm_bind_op(int fd, uint32_t vm_id, const struct drm_nova_vm_bind_op *op);
void nova_vm_map(int fd, uint32_t vm_id, uint32_t handle, uint64_t offset, uint64_t va,
		 uint64_t range);
void nova_vm_unmap(int fd, uint32_t vm_id, uint64_t va, uint64_t range);

/* Fields of requests, for tables of bad input. */

/**
 * struct nova_bad - one rejected value of one field
 */
struct nova_bad {
	/** @name: end of the subtest's name. */
	const char *name;
	/** @off: offset of the field in the structure. */
	unsigned int off;
	/** @len: bytes of the field. */
	unsigned int len;
	/** @value: what is written there. */
	uint64_t value;
	/** @err: errno the call must give. */
	int err;
};

#define NOVA_BAD(name, type, field, value, err) \
	{ name, offsetof(struct drm_nova_##type, field), \
	  sizeof(((struct drm_nova_##type *)0)->field), value, err }

void nova_poke(void *arg, const struct nova_bad *bad);

uint32_t nova_next_handle(int fd);
void nova_settle_vram(int fd, uint64_t used);

void nova_fill(void *ptr, uint64_t len, uint32_t seed);
bool nova_check(const void *ptr, uint64_t len, uint32_t seed);
bool nova_is_zero(const void *ptr, uint64_t len);

struct nova_eye nova_eye(int fd, uint32_t vm_id);
bool nova_eye_sees(const struct nova_eye *eye, uint64_t va, const void *want, uint64_t len);
bool nova_eye_faults(const struct nova_eye *eye, uint64_t va);

#endif /* NOVA_IOCTL_H */
