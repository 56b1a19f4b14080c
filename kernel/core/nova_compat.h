/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_COMPAT_H__
#define __NOVA_COMPAT_H__

/*
 * The only bridge between kernels. The sources speak the dialect of 7.2; what
 * the 6.12 LTS lacks is supplied here. NOVA_HAVE_* come from Kbuild, which looks
 * into the headers it builds against, because distributions backport. Macros, so
 * that this header needs none of the subsystems it bridges.
 */

#include <linux/slab.h>

#ifndef kzalloc_obj
#define nova_gfp(gfp, ...)		gfp
#define kmalloc_obj(obj, ...)		kmalloc(sizeof(obj), nova_gfp(__VA_ARGS__ __VA_OPT__(,) GFP_KERNEL))
#define kzalloc_obj(obj, ...)		kzalloc(sizeof(obj), nova_gfp(__VA_ARGS__ __VA_OPT__(,) GFP_KERNEL))
#endif

/* TTM: the last driver reference of an object */
#ifdef NOVA_HAVE_TTM_BO_FINI
#define nova_ttm_bo_fini(tbo)		ttm_bo_fini(tbo)
#else
#define nova_ttm_bo_fini(tbo)		ttm_bo_put(tbo)
#endif

/* TTM: pages that are out, whichever way they went */
#ifdef NOVA_HAVE_TTM_TT_IS_SWAPPED
#define nova_tt_is_swapped(tt)		ttm_tt_is_swapped(tt)
#else
#define nova_tt_is_swapped(tt)		((tt)->page_flags & TTM_TT_FLAG_SWAPPED)
#endif

/* TTM: flags of a device; before they existed, two booleans */
#ifdef NOVA_HAVE_TTM_ALLOCATION_FLAGS
#define nova_ttm_device_init(bdev, funcs, dev, mapping, offsets) \
	ttm_device_init(bdev, funcs, dev, mapping, offsets, TTM_ALLOCATION_PROPAGATE_ENOSPC)
#else
#define nova_ttm_device_init(bdev, funcs, dev, mapping, offsets) \
	ttm_device_init(bdev, funcs, dev, mapping, offsets, false, false)
#endif

/* cgroups: a region of device memory that can be limited */
#ifdef NOVA_HAVE_CGROUP_DMEM
#define nova_cgroup_region(drm, name, bytes)	drmm_cgroup_register_region(drm, name, bytes)
#define nova_ttm_set_region(man, region)	((void)((man)->cg = (region)))
#else
#define nova_cgroup_region(drm, name, bytes)	((void *)NULL)
#define nova_ttm_set_region(man, region)	((void)(region))
#endif

/* GPUVM: the request struct of split and merge */
#ifdef NOVA_HAVE_GPUVM_MAP_REQ
#define nova_gpuvm_sm_map(gpuvm, priv, m) \
	drm_gpuvm_sm_map(gpuvm, priv, &(const struct drm_gpuvm_map_req) { .map = *(m) })
#define nova_gpuvm_bo_obtain(gpuvm, obj)	drm_gpuvm_bo_obtain_locked(gpuvm, obj)
#else
#define nova_gpuvm_sm_map(gpuvm, priv, m) \
	drm_gpuvm_sm_map(gpuvm, priv, (m)->va.addr, (m)->va.range, (m)->gem.obj, (m)->gem.offset)
#define nova_gpuvm_bo_obtain(gpuvm, obj)	drm_gpuvm_bo_obtain(gpuvm, obj)
#endif

/* Scheduler: arguments of its initialisation, and who a job is accounted to */
#ifdef NOVA_HAVE_SCHED_INIT_ARGS
#define nova_sched_init(sched, sched_ops, wq, credits, sched_name, device) \
	drm_sched_init(sched, &(const struct drm_sched_init_args) { \
		.ops = sched_ops, .submit_wq = wq, .num_rqs = DRM_SCHED_PRIORITY_COUNT, \
		.credit_limit = credits, .timeout = MAX_SCHEDULE_TIMEOUT, \
		.name = sched_name, .dev = device })
#else
#define nova_sched_init(sched, sched_ops, wq, credits, sched_name, device) \
	drm_sched_init(sched, sched_ops, wq, DRM_SCHED_PRIORITY_COUNT, credits, 0, \
		       MAX_SCHEDULE_TIMEOUT, NULL, NULL, sched_name, device)
#endif
#ifdef NOVA_HAVE_SCHED_CLIENT_ID
#define nova_sched_job_init(job, entity, credits, owner) \
	drm_sched_job_init(job, entity, credits, owner, 0)
#else
#define nova_sched_job_init(job, entity, credits, owner) \
	drm_sched_job_init(job, entity, credits, owner)
#endif

/* DRM: telling user space that a device is lost; nothing before 6.15 */
#ifdef NOVA_HAVE_WEDGE_TASK_INFO
#define nova_dev_wedged_event(drm, method)	drm_dev_wedged_event(drm, method, NULL)
#else
#define nova_dev_wedged_event(drm, method)	do { } while (0)
#endif

/* dma-buf: the exporter's word that memory is about to move */
#ifdef NOVA_HAVE_DMA_BUF_INVALIDATE
#define nova_moving			invalidate_mappings
#define nova_dma_buf_moving(buf)	dma_buf_invalidate_mappings(buf)
#else
#define nova_moving			move_notify
#define nova_dma_buf_moving(buf)	dma_buf_move_notify(buf)
#endif

/* DRM: a driver's date, while there was one */
#ifdef NOVA_HAVE_DRM_DRIVER_DATE
#define NOVA_DRIVER_DATE		.date = "20261121",
#else
#define NOVA_DRIVER_DATE
#endif

#endif
