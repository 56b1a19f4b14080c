// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: what a touch by the CPU costs
 *
 * A 64 MiB object of ours, in VRAM and behind BAR1, is mapped into the process that loads the
 * module and touched for the first time; so is a shmem object, which is what vgem maps. Each
 * repetition has a mapping of its own, so that no page is there; the memory is.
 *
 * * first_touch: a page of a sequential walk;
 * * lone_touch: the same with 64 KiB from touch to touch, so that each touch is a fault and what
 *   ours maps around it is never used;
 * * faults: of ours in the sequential walk, against one a page.
 *
 * The process that loads the module is on its own; no locking.
 */

#include "nova_touch.h"

#include "nova_bench.h"

#include "nova_bo.h"

#include <drm/drm_gem.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_vma_manager.h>
#include <drm/ttm/ttm_bo.h>

#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#define TOUCH_SIZE	SZ_64M
#define TOUCH_LONE	SZ_64K

/* struct touch - one walk: thousandths of a nanosecond a touch, and faults */
struct touch {
	u64 ns;
	u64 faults;
};

static int touch_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct drm_gem_object *obj = filp->private_data;

	return drm_gem_mmap_obj(obj, obj->size, vma);
}

static const struct file_operations touch_fops = {
	.mmap = touch_mmap,
};

static int touch_ours_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	int ret = ttm_bo_mmap_obj(vma, &nova_bo_from_gem(obj)->ttm);

	/* TTM took a reference of its own. */
	if (!ret)
		drm_gem_object_put(obj);
	return ret;
}

static void touch_ours_free(struct drm_gem_object *obj)
{
}

static const struct drm_gem_object_funcs touch_ours_funcs = {
	.free = touch_ours_free,
	.mmap = touch_ours_mmap,
	.vm_ops = &nova_bo_vm_ops,
};

static int touch_walk(unsigned long at, u64 stride, struct touch *t)
{
	unsigned long faults = current->min_flt;
	u64 start = ktime_get_ns();

	for (u64 off = 0; off < TOUCH_SIZE; off += stride)
		if (put_user(1, (u32 __user *)(at + off)))
			return -EFAULT;
	t->ns = div64_u64((ktime_get_ns() - start) * 1000, TOUCH_SIZE / stride);
	t->faults = current->min_flt - faults;
	return 0;
}

static int touch_mapping(struct drm_gem_object *obj, u64 stride, struct touch *t)
{
	struct file *filp = anon_inode_getfile("[nova-touch]", &touch_fops, obj, O_RDWR);
	unsigned long at;
	int ret;

	if (IS_ERR(filp))
		return PTR_ERR(filp);
	at = vm_mmap(filp, 0, TOUCH_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		     drm_vma_node_offset_addr(&obj->vma_node));
	fput(filp);
	if (IS_ERR_VALUE(at))
		return at;
	ret = touch_walk(at, stride, t);
	return vm_munmap(at, TOUCH_SIZE) ?: ret;
}

static int touch_pair(struct drm_gem_object *ours, struct drm_gem_object *peer, u64 stride,
		      struct touch *t)
{
	return touch_mapping(ours, stride, &t[0]) ?: touch_mapping(peer, stride, &t[1]);
}

static int touch_rows(struct drm_gem_object *ours, struct drm_gem_object *peer)
{
	struct nova_bench_row first = { .name = "first_touch", .unit = "ns", .goal = 800 };
	struct nova_bench_row lone = { .name = "lone_touch", .unit = "ns" };
	struct nova_bench_row faults = { .name = "faults_64m", .unit = "faults", .goal = 4000 };
	struct touch t[2];
	int ret = touch_pair(ours, peer, PAGE_SIZE, t);

	for (unsigned int i = 0; !ret && i < NOVA_BENCH_REPS; i++) {
		ret = touch_pair(ours, peer, PAGE_SIZE, t);
		first.ours[first.nr] = t[0].ns;
		first.peer[first.nr++] = t[1].ns;
		faults.ours[faults.nr] = t[0].faults * 1000;
		faults.peer[faults.nr++] = TOUCH_SIZE / PAGE_SIZE * 1000;
		ret = ret ?: touch_pair(ours, peer, TOUCH_LONE, t);
		lone.ours[lone.nr] = t[0].ns;
		lone.peer[lone.nr++] = t[1].ns;
	}
	if (ret)
		return ret;
	nova_bench_emit(&first);
	nova_bench_emit(&lone);
	nova_bench_emit(&faults);
	return 0;
}

static int touch_against_shmem(struct drm_gem_object *ours)
{
	struct drm_gem_shmem_object *shmem = drm_gem_shmem_create(ours->dev, TOUCH_SIZE);
	int ret;

	if (IS_ERR(shmem))
		return PTR_ERR(shmem);
	ret = drm_gem_create_mmap_offset(&shmem->base) ?: touch_rows(ours, &shmem->base);
	drm_gem_object_put(&shmem->base);
	return ret;
}

/**
 * nova_touch_rows() - time first touches
 * @bo: 64 MiB in VRAM, not reserved
 *
 * Context: may sleep; maps memory into the current process for a while.
 * Return: 0 or an error.
 */
int nova_touch_rows(struct nova_bo *bo)
{
	bo->ttm.base.funcs = &touch_ours_funcs;
	return touch_against_shmem(&bo->ttm.base);
}
