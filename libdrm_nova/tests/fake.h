/* SPDX-License-Identifier: MIT */

#ifndef __FAKE_H__
#define __FAKE_H__

#include <stdint.h>

#include <drm.h>

#include "nova.h"

/**
 * struct fake - a kernel made of a table
 *
 * The program's own ioctl() takes the place of the C library's, so everything
 * above it, libdrm included, is the real thing.
 */
struct fake {
	/** @driver: name the driver gives. */
	const char *driver;
	/** @features: answer of GETPARAM FEATURES. */
	uint64_t features;
	/** @interrupts: calls still to be answered with @interrupt_errno. */
	int interrupts;
	/** @interrupt_errno: EINTR or EAGAIN. */
	int interrupt_errno;
	/** @fail_request: request that fails, or 0. */
	unsigned long fail_request;
	/** @fail_errno: with what. */
	int fail_errno;
	/** @fail_after: requests of that number that work before. */
	int fail_after;
	/** @next_handle: handle of the next object. */
	uint32_t next_handle;
	/** @max_bind_ops: limit reported and enforced. */
	uint32_t max_bind_ops;
	/** @info_size: bytes the kernel knows of each INFO structure. */
	uint32_t info_size;
	/** @calls: nova and GEM ioctls that got as far as an answer. */
	unsigned int calls;
	/** @closed: objects closed. */
	unsigned int closed;
	/** @last_closed: handle closed last. */
	uint32_t last_closed;
	/** @bind: last VM_BIND. */
	struct drm_nova_vm_bind bind;
	/** @ops: its first ops. */
	struct drm_nova_vm_bind_op ops[8];
	/**
	 * @on_bind: judges a VM_BIND within the limit, if set: 0, or an errno
	 * with failed_op filled in.
	 */
	int (*on_bind)(struct drm_nova_vm_bind *args);
	/** @bound_ops: ops of all VM_BINDs that worked. */
	uint32_t bound_ops;
	/** @binds: VM_BINDs that worked. */
	unsigned int binds;
	/** @exec: last EXEC. */
	struct drm_nova_exec exec;
	/** @wait: last GEM_WAIT. */
	struct drm_nova_gem_wait wait;
	/** @label: last GEM_SET_LABEL. */
	struct drm_nova_gem_set_label label;
	/** @syncobj_request: last request on syncobjs. */
	unsigned long syncobj_request;
	/** @syncobj_wait: last wait for syncobjs. */
	struct drm_syncobj_timeline_wait syncobj_wait;
	/** @syncobj_point: last point signalled. */
	uint64_t syncobj_point;
};

extern struct fake fake;

/**
 * fake_open() - reset the fake and open a device on it
 *
 * Return: the device; the program ends if that fails.
 */
struct nova_device *fake_open(void);

#endif /* __FAKE_H__ */
