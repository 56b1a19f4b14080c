// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_access
 *
 * Reading and writing a mapped object on behalf of another process: ptrace(), that
 * is a debugger, and /proc/PID/mem. No mapping of that process is used or made:
 * VRAM is reached as the kernel always reaches it, system pages through their
 * kernel mapping.
 *
 * VRAM is accessed in words of eight bytes, so a write of less reads the word
 * first; a GPU that writes the rest of that word at the same moment may lose.
 *
 * Locking: takes the object's reservation. Units: bytes.
 */
#include "nova_bo.h"

#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_mm.h"
#include "nova_ttm.h"

#include <drm/drm_drv.h>
#include <drm/drm_vma_manager.h>
#include <drm/ttm/ttm_tt.h>

#include <linux/align.h>
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

/**
 * struct nova_access - one request
 */
struct nova_access {
	/** @bo: the object, reserved */
	struct nova_bo *bo;
	/** @off: first byte that is left to do, in the object */
	u64 off;
	/** @buf: where its copy is or goes */
	void *buf;
	/** @write: to the object */
	bool write;
	/** @bounce: a page for VRAM */
	void *bounce;
};

static void nova_access_copy(const struct nova_access *acc, void *at, u32 len)
{
	if (acc->write)
		memcpy(at, acc->buf, len);
	else
		memcpy(acc->buf, at, len);
}

static int nova_access_vram(const struct nova_access *acc, u32 len)
{
	struct nova_mem *mem = &nova_ttm_from_bdev(acc->bo->ttm.bdev)->mm->mem;
	u64 skip = acc->off % sizeof(u64), words = ALIGN(skip + len, sizeof(u64));
	struct nova_backing backing;
	struct nova_cursor cur;
	nova_vram_t at;
	int ret;

	nova_bo_backing(acc->bo, &backing);
	nova_cursor_init(&cur, &backing, ALIGN_DOWN(acc->off, PAGE_SIZE), PAGE_SIZE);
	at = nova_vram(cur.addr + ALIGN_DOWN(offset_in_page(acc->off), sizeof(u64)));
	ret = nova_mem_read(mem, at, acc->bounce, words);
	if (ret)
		return ret;
	nova_access_copy(acc, acc->bounce + skip, len);
	return acc->write ? nova_mem_write(mem, at, acc->bounce, words) : 0;
}

static int nova_access_system(const struct nova_access *acc, u32 len)
{
	void *va = kmap_local_page(acc->bo->ttm.ttm->pages[acc->off >> PAGE_SHIFT]);

	nova_access_copy(acc, va + offset_in_page(acc->off), len);
	kunmap_local(va);
	return 0;
}

static int nova_access_populate(struct nova_bo *bo)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	int ret = nova_bo_is_populated(bo) ? 0 : nova_bo_validate(bo, &ctx);

	return ret ?: nova_bo_settle(bo, true);
}

/* Bytes done before the first error; the error if there are none. */
static int nova_access_locked(struct nova_access *acc, int len)
{
	int ret = nova_access_populate(acc->bo), done = 0;

	while (!ret && done < len) {
		u32 step = min_t(u32, len - done, PAGE_SIZE - offset_in_page(acc->off));

		switch (nova_bo_region(acc->bo)) {
		case NOVA_BO_VRAM:
			ret = nova_access_vram(acc, step);
			break;
		case NOVA_BO_SYSTEM:
			ret = nova_access_system(acc, step);
			break;
		default:
			ret = -EIO;
		}
		if (!ret)
			done += step;
		acc->off += step;
		acc->buf += step;
	}
	return done ?: ret;
}

static int nova_access_reserve(struct nova_access *acc, int len)
{
	struct dma_resv *resv = acc->bo->ttm.base.resv;
	int ret = dma_resv_lock_interruptible(resv, NULL);

	if (ret)
		return ret;
	ret = nova_access_locked(acc, len);
	dma_resv_unlock(resv);
	return ret;
}

/**
 * nova_bo_access - another process reads or writes a mapped object
 * @vma: the mapping
 * @addr: first address, in @vma
 * @buf: where to or from
 * @len: bytes, not beyond the end of @vma
 * @write: to the object
 *
 * Context: process, mmap lock held, may sleep.
 *
 * Return: bytes done; -EIO if the device is gone or the object was purged; -ENODEV if
 * the device is wedged; -ENOMEM; -ENOSPC; -EINTR; -ERESTARTSYS.
 */
int nova_bo_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len, int write)
{
	struct ttm_buffer_object *tbo = vma->vm_private_data;
	pgoff_t start = vma->vm_pgoff - drm_vma_node_start(&tbo->base.vma_node);
	struct nova_access acc = {
		.bo = nova_bo(tbo),
		.off = ((u64)start << PAGE_SHIFT) + (addr - vma->vm_start),
		.buf = buf,
		.write = write,
	};
	int idx, ret;

	if (len < 1 || acc.off >= tbo->base.size || len > tbo->base.size - acc.off)
		return -EIO;
	if (!drm_dev_enter(tbo->base.dev, &idx))
		return -EIO;
	acc.bounce = (void *)__get_free_page(GFP_KERNEL);
	ret = acc.bounce ? nova_access_reserve(&acc, len) : -ENOMEM;
	free_page((unsigned long)acc.bounce);
	drm_dev_exit(idx);
	return ret;
}
