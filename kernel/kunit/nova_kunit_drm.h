/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_KUNIT_DRM_H__
#define __NOVA_KUNIT_DRM_H__

#include "nova_drv.h"
#include "nova_gem.h"
#include "nova_swgpu.h"

#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

struct file;
struct kunit;
struct nova_vm;
struct platform_device;

/**
 * struct nova_kunit_drm - the whole driver on a software GPU, and one client of it
 */
struct nova_kunit_drm {
	/** @test: the test it belongs to */
	struct kunit *test;
	/** @gpu: the model */
	struct nova_swgpu *gpu;
	/** @dev: what the driver is bound to, unless @pdev */
	struct device *dev;
	/** @pdev: what the platform bus has bound the driver to */
	struct platform_device *pdev;
	/** @ndrm: the driver's device */
	struct nova_drm *ndrm;
	/** @filp: the client's open render node */
	struct file *filp;
	/** @file: the same as DRM knows it */
	struct drm_file *file;
	/** @user: a page of the client's for the arrays of its calls, 0 before the first */
	u64 user;
};

/**
 * struct nova_kunit_bad - a value that makes a call fail
 */
struct nova_kunit_bad {
	/** @name: what is wrong */
	const char *name;
	/** @off: where the field is in the arguments, bytes */
	unsigned int off;
	/** @len: bytes of the field */
	unsigned int len;
	/** @value: what to put there */
	u64 value;
	/** @err: how the call fails */
	int err;
};

/** NOVA_KUNIT_BAD() - initializer of a struct nova_kunit_bad for a @field of @type */
#define NOVA_KUNIT_BAD(type, name, field, value, err) \
	{ name, offsetof(type, field), sizeof_field(type, field), value, err }

/** nova_kunit_spoil() - put the bad value into otherwise good arguments */
static inline void nova_kunit_spoil(void *args, const struct nova_kunit_bad *bad)
{
	memcpy(args + bad->off, &bad->value, bad->len);
}

struct nova_kunit_drm *nova_kunit_drm_create(struct kunit *test,
					     const struct nova_swgpu_config *config);
struct nova_kunit_drm *nova_kunit_drm_create_bound(struct kunit *test,
						   const struct nova_swgpu_config *config);
u32 nova_kunit_drm_vm(struct nova_kunit_drm *nkd, u32 flags);
struct nova_vm *nova_kunit_drm_find_vm(struct nova_kunit_drm *nkd, u32 vm_id);
struct nova_gem *nova_kunit_drm_gem(struct nova_kunit_drm *nkd, u64 size, u32 placement,
				    u32 vm_id, u32 *handle);
u64 nova_kunit_drm_user(struct nova_kunit_drm *nkd, size_t size);
u64 nova_kunit_drm_copy(struct nova_kunit_drm *nkd, const void *data, size_t len);
int nova_kunit_drm_bind(struct nova_kunit_drm *nkd, u32 vm_id,
			const struct drm_nova_vm_bind_op *op);
int nova_kunit_drm_map(struct nova_kunit_drm *nkd, u32 vm_id, u32 handle, u64 va, u64 range);
unsigned long nova_kunit_drm_mmap(struct nova_kunit_drm *nkd, struct nova_gem *gem);
int nova_kunit_drm_advise(struct nova_kunit_drm *nkd, u32 handle, u32 advice);
u32 nova_kunit_drm_queue(struct nova_kunit_drm *nkd, u32 vm_id, u32 queue_class);

#endif
