// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_info
 *
 * What user space may ask about the device: GETPARAM for single values, INFO for
 * structs that grow at their end. Each is a table row naming a function that
 * fills a zeroed buffer, so no kernel byte leaks and an unknown id has no row.
 *
 * Values are snapshots; nothing is locked across two of them.
 */
#include "nova_drv.h"

#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_gem.h"
#include "nova_kind.h"
#include "nova_vm.h"

#include <drm/drm_file.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static u64 nova_vram_used(struct nova_drm *ndrm)
{
	struct nova_buddy_stats stats;

	nova_buddy_stats(ndrm->mm.buddy, &stats);
	return stats.total - stats.avail;
}

static int nova_param_value(struct nova_drm *ndrm, u64 param, u64 *value)
{
	switch (param) {
	case DRM_NOVA_PARAM_VRAM_BAR_SIZE:
		*value = ndrm->nd.bar1_size;
		return 0;
	case DRM_NOVA_PARAM_FEATURES:
		*value = nova_drm_features(ndrm);
		return 0;
	case DRM_NOVA_PARAM_VRAM_SIZE:
		*value = nova_ttm_total(&ndrm->nt, TTM_PL_VRAM);
		return 0;
	case DRM_NOVA_PARAM_VRAM_USED:
		*value = nova_vram_used(ndrm);
		return 0;
	case DRM_NOVA_PARAM_BAR1_WINDOW:
		*value = ndrm->mm.bar1.size;
		return 0;
	case DRM_NOVA_PARAM_TIMESTAMP_NS:
		*value = nova_device_time_ns(&ndrm->nd);
		return 0;
	case DRM_NOVA_PARAM_EXEC_PUSH_MAX:
		*value = ndrm->exec ? NOVA_MAX_PUSHES : 0;
		return 0;
	case DRM_NOVA_PARAM_CHIPSET_ID:
		*value = ndrm->nd.chip->id;
		return 0;
	}
	return -EINVAL;
}

/**
 * nova_getparam_ioctl - DRM_NOVA_GETPARAM (uapi.md §5.1)
 * @drm: the device
 * @data: struct drm_nova_getparam
 * @file: the caller
 *
 * Return: 0; -EINVAL for an unknown parameter.
 */
int nova_getparam_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_getparam *args = data;

	return nova_param_value(to_nova_drm(drm), args->param, &args->value);
}

static void nova_info_gpu(struct nova_drm *ndrm, void *data)
{
	struct drm_nova_info_gpu *info = data;

	info->architecture = nova_chip_arch(ndrm->nd.chip);
	info->chipid = ndrm->nd.chip->id;
	info->vram_size = nova_ttm_total(&ndrm->nt, TTM_PL_VRAM);
	strscpy(info->name, ndrm->info.name);
	strscpy(info->short_name, ndrm->info.short_name);
	memcpy(info->gid, ndrm->info.gid, sizeof(info->gid));
}

static void nova_info_region_system(struct nova_drm *ndrm, struct drm_nova_memory_region *region)
{
	region->mem_class = DRM_NOVA_REGION_SYSTEM;
	region->instance = DRM_NOVA_REGION_SYSTEM;
	region->min_page_size = SZ_4K;
	region->total = nova_ttm_total(&ndrm->nt, TTM_PL_TT);
	region->used = min(nova_ttm_used(&ndrm->nt, TTM_PL_TT), region->total);
	region->largest_free = region->total - region->used;
	region->cpu_mappable = region->total;
}

static void nova_info_region_vram(struct nova_drm *ndrm, struct drm_nova_memory_region *region)
{
	struct nova_buddy_stats stats;

	nova_buddy_stats(ndrm->mm.buddy, &stats);
	region->mem_class = DRM_NOVA_REGION_VRAM;
	region->instance = DRM_NOVA_REGION_VRAM;
	region->min_page_size = SZ_4K;
	region->total = stats.total;
	region->used = stats.total - stats.avail;
	region->largest_free = stats.largest_free;
	region->cpu_mappable = stats.total;
}

static void nova_info_memory(struct nova_drm *ndrm, void *data)
{
	struct drm_nova_info_memory *info = data;

	info->num_regions = 2;
	info->region_stride = sizeof(info->regions[0]);
	nova_info_region_system(ndrm, &info->regions[DRM_NOVA_REGION_SYSTEM]);
	nova_info_region_vram(ndrm, &info->regions[DRM_NOVA_REGION_VRAM]);
}

static void nova_info_va(struct nova_drm *ndrm, void *data)
{
	const struct nova_family *family = ndrm->nd.chip->family;
	struct drm_nova_info_va *info = data;

	info->va_bits = nova_vm_va_bits(ndrm);
	info->va_start = NOVA_VM_START;
	info->va_size = nova_vm_va_end(ndrm) - NOVA_VM_START;
	info->kernel_min_size = NOVA_VM_KERNEL_MIN_SIZE;
	info->vram_page_sizes = family->page_sizes;
	info->sysmem_page_sizes = family->page_sizes;
	info->gmmu_version = family->gmmu_version;
	info->max_vms = NOVA_MAX_VMS;
}

static void nova_info_bar1(struct nova_drm *ndrm, void *data)
{
	struct drm_nova_info_bar1 *info = data;
	struct nova_bar1_stats stats;

	nova_bar1_stats(&ndrm->mm.bar1, &stats);
	info->pci_size = ndrm->nd.bar1_size;
	info->window_size = stats.size;
	info->reserved_now = stats.used;
	info->reserved_peak = stats.peak;
	info->evictions = stats.evictions;
	info->granule = SZ_4K;
}

static void nova_info_limits(struct nova_drm *ndrm, void *data)
{
	struct drm_nova_info_limits *info = data;

	info->max_bind_ops = NOVA_MAX_BIND_OPS;
	info->max_syncs = NOVA_MAX_SYNCS;
	if (ndrm->exec) {
		info->max_pushes = NOVA_MAX_PUSHES;
		info->max_push_bytes = NOVA_MAX_PUSH_BYTES;
	}
	info->max_queues = NOVA_MAX_QUEUES;
	info->max_label = NOVA_MAX_LABEL;
	info->max_bo_size = nova_gem_size_limit(ndrm, NOVA_BO_VRAM | NOVA_BO_SYSTEM);
}

static void nova_info_kinds(struct nova_drm *ndrm, void *data)
{
	struct drm_nova_info_kinds *info = data;

	info->num_kinds = NOVA_NUM_KINDS;
	for (unsigned int i = 0; i < ARRAY_SIZE(info->attr); i++)
		info->attr[i] = nova_kind_attr(i);
}

static void nova_info_time(struct nova_drm *ndrm, void *data)
{
	struct drm_nova_info_time *info = data;
	u64 before = ktime_get_ns(), after;

	info->gpu_ns = nova_device_time_ns(&ndrm->nd);
	after = ktime_get_ns();
	info->delta_ns = after - before;
	info->cpu_ns = before + info->delta_ns / 2;
	info->frequency_hz = NSEC_PER_SEC;
}

/* Largest payload; keeps the reply on the stack. */
union nova_info_reply {
	struct drm_nova_info_gpu gpu;
	struct drm_nova_info_memory memory;
	struct drm_nova_info_va va;
	struct drm_nova_info_bar1 bar1;
	struct drm_nova_info_limits limits;
	struct drm_nova_info_kinds kinds;
	struct drm_nova_info_time time;
};

static const struct nova_info_row {
	u32 id;
	u32 size;
	void (*fill)(struct nova_drm *ndrm, void *data);
} nova_info_rows[] = {
	{ DRM_NOVA_INFO_GPU, sizeof(struct drm_nova_info_gpu), nova_info_gpu },
	{ DRM_NOVA_INFO_MEMORY, sizeof(struct drm_nova_info_memory), nova_info_memory },
	{ DRM_NOVA_INFO_VA, sizeof(struct drm_nova_info_va), nova_info_va },
	{ DRM_NOVA_INFO_BAR1, sizeof(struct drm_nova_info_bar1), nova_info_bar1 },
	{ DRM_NOVA_INFO_LIMITS, sizeof(struct drm_nova_info_limits), nova_info_limits },
	{ DRM_NOVA_INFO_KINDS, sizeof(struct drm_nova_info_kinds), nova_info_kinds },
	{ DRM_NOVA_INFO_TIME, sizeof(struct drm_nova_info_time), nova_info_time },
};

static const struct nova_info_row *nova_info_find(u32 id)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nova_info_rows); i++)
		if (nova_info_rows[i].id == id)
			return &nova_info_rows[i];
	return NULL;
}

/**
 * nova_info_ioctl - DRM_NOVA_INFO (uapi.md §5.4)
 * @drm: the device
 * @data: struct drm_nova_info
 * @file: the caller
 *
 * Return: 0; -EINVAL for an unknown id; -EFAULT.
 */
int nova_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_info *args = data;
	const struct nova_info_row *row = nova_info_find(args->id);
	union nova_info_reply reply;
	u32 size;

	if (!row)
		return -EINVAL;
	if (!args->data) {
		args->size = row->size;
		return 0;
	}
	memset(&reply, 0, sizeof(reply));
	row->fill(to_nova_drm(drm), &reply);
	size = min(args->size, row->size);
	if (copy_to_user(u64_to_user_ptr(args->data), &reply, size))
		return -EFAULT;
	args->size = size;
	return 0;
}
