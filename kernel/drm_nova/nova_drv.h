/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_DRV_H__
#define __NOVA_DRV_H__

#include "nova_ce.h"
#include "nova_copy.h"
#include "nova_device.h"
#include "nova_gsp.h"
#include "nova_host.h"
#include "nova_mm.h"
#include "nova_ttm.h"

#include <drm/drm_device.h>
#include <drm/nova_drm.h>

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

struct drm_file;
struct drm_printer;
struct nova_io;

/* Limits published by DRM_NOVA_INFO_LIMITS and _VA; uapi.md §3.9 sets the floor. */
#define NOVA_MAX_BIND_OPS	16384
#define NOVA_MAX_SYNCS		1024
#define NOVA_MAX_VMS		64
#define NOVA_MAX_QUEUES		64
#define NOVA_MAX_LABEL		255
#define NOVA_MAX_PUSHES		1024
#define NOVA_MAX_PUSH_BYTES	(NOVA_HOST_MAX_PUSH_WORDS * sizeof(u32))

#define NOVA_FEATURES		(DRM_NOVA_FEATURE_VM_BIND | DRM_NOVA_FEATURE_ASYNC_BIND | \
				 DRM_NOVA_FEATURE_SPARSE | DRM_NOVA_FEATURE_MADVISE | \
				 DRM_NOVA_FEATURE_PREFETCH | \
				 DRM_NOVA_FEATURE_RANGE_QUERY)

/* Of the ABI: each feature that is built in added one (uapi.md §1), EXEC wherever it works. */
#define NOVA_VERSION_MINOR	(1 + HWEIGHT32(NOVA_FEATURES | DRM_NOVA_FEATURE_EXEC))

/**
 * struct nova_drm - one GPU as DRM sees it
 *
 * Lives until the last file, mapping and dma-buf are gone, which may be long
 * after the hardware.
 */
struct nova_drm {
	/** @drm: the DRM device */
	struct drm_device drm;
	/** @nd: registers and identity */
	struct nova_device nd;
	/** @gsp: link to firmware, down if there is none */
	struct nova_gsp gsp;
	/** @info: what firmware said, or what the registers allow */
	struct nova_gsp_info info;
	/** @mm: VRAM allocator, page tables, TLB, BAR1 */
	struct nova_mm mm;
	/** @nt: TTM on top of @mm */
	struct nova_ttm nt;
	/** @exec: there are channels: @host and @copy are in use; constant */
	bool exec;
	/** @host: channels */
	struct nova_host host;
	/** @copy: the kernel's own channel */
	struct nova_copy copy;
	/** @cut_lock: one thread at a time takes leave of the hardware */
	struct mutex cut_lock;
	/** @wedged: tells user space that the device is lost */
	struct work_struct wedged;
	/** @bind_wq: hands jobs to page tables and channels */
	struct workqueue_struct *bind_wq;
	/** @waiters: synchronous callers waiting for a job or for the device to go */
	wait_queue_head_t waiters;
	/** @pm: told when the machine goes to sleep */
	struct notifier_block pm;
	/** @objects: every GEM object, for debugfs */
	struct {
		/** @objects.lock: protects @objects.list */
		struct mutex lock;
		/** @objects.list: struct nova_gem.link */
		struct list_head list;
	} objects;
	/** @vms: every VM, for debugfs */
	struct {
		/** @vms.lock: protects @vms.list */
		struct mutex lock;
		/** @vms.list: struct nova_vm.link */
		struct list_head list;
	} vms;
};

/**
 * struct nova_file - one open file
 */
struct nova_file {
	/** @vms: id to struct nova_vm; the xarray's lock protects lookups */
	struct xarray vms;
	/** @queues: id to struct nova_queue; likewise */
	struct xarray queues;
	/** @copy_ns: engine time of its copy queues that are gone */
	atomic64_t copy_ns;
};

static inline struct nova_drm *to_nova_drm(struct drm_device *drm)
{
	return container_of(drm, struct nova_drm, drm);
}

static inline u64 nova_drm_features(const struct nova_drm *ndrm)
{
	return NOVA_FEATURES | (ndrm->exec ? DRM_NOVA_FEATURE_EXEC : 0);
}

struct nova_drm *nova_drm_probe(struct device *dev, struct nova_io *io);
void nova_drm_cut_off(struct nova_drm *ndrm);
void nova_drm_remove(struct nova_drm *ndrm);
void nova_drm_wait_freed(void);
extern const struct drm_driver nova_drm_driver;
/* Frees what outlives its file: jobs and VMs. Shared, as it may drop the last of a device. */
extern struct workqueue_struct *nova_reaper;

void nova_show_fdinfo(struct drm_printer *p, struct drm_file *file);

int nova_platform_register(void);
void nova_platform_unregister(void);
#if IS_ENABLED(CONFIG_PCI)
int nova_pci_register(void);
void nova_pci_unregister(void);
#else
static inline int nova_pci_register(void)
{
	return 0;
}

static inline void nova_pci_unregister(void)
{
}
#endif

/* One function per ioctl; drm_ioctl() hands each a zero-extended kernel copy. */
int nova_getparam_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_create2_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_madvise_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_gem_set_label_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_vm_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_vm_query_ranges_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_queue_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_exec_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int nova_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
