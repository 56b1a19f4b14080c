/* SPDX-License-Identifier: MIT */

#ifndef __NOVA_PRIV_H__
#define __NOVA_PRIV_H__

#include <pthread.h>
#include <stdint.h>

#include "nova.h"

/* Marks the functions of nova.h; everything else stays inside the library. */
#define NOVA_EXPORT __attribute__((visibility("default")))

/**
 * struct nova_device - an open device
 */
struct nova_device {
	/** @fd: the library's own file descriptor. */
	int fd;
	/** @features: bits of enum drm_nova_feature, fixed while it is open. */
	uint64_t features;
	/**
	 * @lock: protects @bos, the count in each of them, and the moment
	 * between learning a handle and finding its object.
	 */
	pthread_mutex_t lock;
	/** @bos: objects by handle, NULL where the library knows none. */
	struct nova_bo **bos;
	/** @nr_bos: length of @bos. */
	uint32_t nr_bos;
};

/**
 * struct nova_bo - one GEM handle
 */
struct nova_bo {
	/** @dev: device, not counted. */
	struct nova_device *dev;
	/** @size: bytes as allocated. */
	uint64_t size;
	/** @handle: GEM handle, closed with the last reference. */
	uint32_t handle;
	/** @refs: references, under &nova_device.lock. */
	uint32_t refs;
};

/**
 * struct nova_vm - one address space
 */
struct nova_vm {
	/** @dev: device, not counted. */
	struct nova_device *dev;
	/** @layout: answer of VM_CREATE. */
	struct drm_nova_vm_create layout;
};

/* The array that says "absent". */
#define NOVA_NO_ARRAY ((struct drm_nova_array){ 0 })

/* An input array of @nr_ elements at @ptr_. */
#define NOVA_ARRAY(ptr_, nr_) ((struct drm_nova_array){ \
	.ptr = (uintptr_t)(ptr_), .count = (nr_), .stride = sizeof(*(ptr_)) })

#endif /* __NOVA_PRIV_H__ */
