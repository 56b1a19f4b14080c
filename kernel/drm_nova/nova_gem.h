/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_GEM_H__
#define __NOVA_GEM_H__

#include "nova_bo.h"
#include "nova_drv.h"

#include <linux/sched.h>

struct dma_buf;
struct dma_buf_attachment;
struct file;
struct vm_area_struct;

/**
 * struct nova_gem - a buffer object as user space knows it
 *
 * Constant after creation, except what TTM moves.
 */
struct nova_gem {
	/** @bo: its memory */
	struct nova_bo bo;
	/** @link: in &nova_drm.objects.list, or empty */
	struct list_head link;
	/** @pid: process that made it, for debugfs */
	pid_t pid;
	/** @comm: its name then */
	char comm[TASK_COMM_LEN];
	/** @private_root: GEM object whose reservation a private object shares, or NULL; owned */
	struct drm_gem_object *private_root;
	/**
	 * @dma_buf: its dma-buf while there is one, however many handles are left;
	 * not counted; the object's reservation
	 */
	struct dma_buf *dma_buf;
	/** @private_vm: id of the VM it is private to, 0 if shareable */
	u32 private_vm;
	/** @was_in_vram: it was when the machine went to sleep; the reservation */
	bool was_in_vram;
	/** @label: name given by user space, or NULL; owned; &nova_drm.objects.lock */
	char *label;
	/** @flags: DRM_NOVA_GEM_* of its creation */
	u32 flags;
	/** @tile_mode: opaque, reported back */
	u32 tile_mode;
	/** @cpu_caching: DRM_NOVA_CACHING_* of its creation */
	u16 cpu_caching;
	/** @pte_kind: default kind, reported back */
	u8 pte_kind;
};

static inline struct nova_gem *to_nova_gem(struct drm_gem_object *obj)
{
	return container_of(nova_bo_from_gem(obj), struct nova_gem, bo);
}

struct nova_gem *nova_gem_lookup(struct drm_file *file, u32 handle);
void nova_gem_put(struct nova_gem *gem);
int nova_gem_mmap_file(struct file *filp, struct vm_area_struct *vma);
void nova_gem_set_label(struct nova_gem *gem, char *label);
u64 nova_gem_mmap_offset(struct nova_gem *gem);
u32 nova_gem_region(const struct nova_gem *gem);
u64 nova_gem_size_limit(struct nova_drm *ndrm, u32 placement);
struct nova_gem *nova_gem_create(struct nova_drm *ndrm, struct drm_file *file,
				 const struct drm_nova_gem_create2 *args);
struct nova_gem *nova_gem_adopt(struct nova_drm *ndrm, struct dma_buf_attachment *attach);
void nova_gem_abandon_all(struct nova_drm *ndrm);

void nova_gem_list_add(struct nova_gem *gem);
void nova_gem_list_remove(struct nova_gem *gem);
struct nova_gem *nova_gem_list_next(struct nova_drm *ndrm, struct nova_gem *gem);
int nova_gem_list_print(struct nova_drm *ndrm, struct drm_printer *p);

extern const struct nova_ttm_client nova_gem_ttm_client;

#endif
