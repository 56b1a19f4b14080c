// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bind_prefetch
 *
 * PREFETCH of VM_BIND: move what is mapped in a range to a region (uapi.md §5.12).
 * It is a hint. While the tree is edited each object in the range is noted, as the
 * operations before it in the call left it; that is also where an object that is
 * not allowed in the region fails the call. The moving comes after everything
 * else, when the call can no longer fail and its page tables are in place: so a
 * call that fails has moved nothing, and TTM moves an object whose mappings in the
 * tree are those in the page tables::
 *
 *	edit	note the objects, refuse those that are not allowed
 *	commit, flush, finish
 *	move	in the caller's context, or after the job in its worker
 *
 * An object that is busy, or for which there is no room, stays where it is.
 *
 * Locking: noting wants the VM's lock; moving takes one reservation after the
 * other and wants none held.
 */
#include "nova_bind.h"

#include "nova_compat.h"
#include "nova_gem.h"

#include <linux/dma-resv.h>
#include <linux/list.h>
#include <linux/slab.h>

/**
 * struct nova_bind_wish - an object that should move
 */
struct nova_bind_wish {
	/** @link: in &nova_bind.wishes */
	struct list_head link;
	/** @gem: the object, a reference */
	struct nova_gem *gem;
	/** @region: where to, NOVA_BO_* */
	u32 region;
};

/* Neighbouring mappings often are of one object. */
static bool nova_bind_wish_again(const struct nova_bind *bind, const struct nova_gem *gem,
				 u32 region)
{
	const struct nova_bind_wish *last;

	if (list_empty(&bind->wishes))
		return false;
	last = list_last_entry(&bind->wishes, struct nova_bind_wish, link);
	return last->gem == gem && last->region == region;
}

static int nova_bind_wish(struct nova_bind *bind, struct nova_gem *gem, u32 region)
{
	struct nova_bind_wish *wish;

	if (!(gem->bo.placement & region))
		return -EINVAL;
	if (nova_bind_wish_again(bind, gem, region))
		return 0;
	wish = kmalloc_obj(*wish, GFP_KERNEL_ACCOUNT);
	if (!wish)
		return -ENOMEM;
	drm_gem_object_get(&gem->bo.ttm.base);
	wish->gem = gem;
	wish->region = region;
	list_add_tail(&wish->link, &bind->wishes);
	return 0;
}

/**
 * nova_bind_prefetch_note - note what a PREFETCH would move
 * @bind: the call; VM locked, tree edited up to @op
 * @op: the operation
 *
 * Return: 0; -EINVAL if an object in the range is not allowed in the region;
 * -ENOMEM. What was noted is dropped with the call.
 */
int nova_bind_prefetch_note(struct nova_bind *bind, const struct nova_bind_op *op)
{
	struct drm_gpuvm *gpuvm = &bind->vm->base;
	struct drm_gpuva *va;

	drm_gpuvm_for_each_va_range(va, gpuvm, op->va, op->va + op->range) {
		int ret = 0;

		if (va->gem.obj)
			ret = nova_bind_wish(bind, to_nova_gem(va->gem.obj), BIT(op->region));
		if (ret)
			return ret;
	}
	return 0;
}

static void nova_bind_move(struct nova_bind_wish *wish)
{
	struct ttm_operation_ctx ctx = { .no_wait_gpu = true };
	struct dma_resv *resv = wish->gem->bo.ttm.base.resv;

	dma_resv_lock(resv, NULL);
	/* A hint: the object keeps its memory if this fails. */
	nova_bo_validate_in(&wish->gem->bo, wish->region, &ctx);
	dma_resv_unlock(resv);
}

/**
 * nova_bind_prefetch_run - move what was noted, where that is possible
 * @bind: the call, carried out
 *
 * Context: process, may sleep and evict; no lock held.
 */
void nova_bind_prefetch_run(struct nova_bind *bind)
{
	struct nova_bind_wish *wish;

	list_for_each_entry(wish, &bind->wishes, link)
		nova_bind_move(wish);
}

/**
 * nova_bind_prefetch_fini - forget what was noted
 * @bind: the call
 *
 * Context: process; may drop the last reference to an object.
 */
void nova_bind_prefetch_fini(struct nova_bind *bind)
{
	struct nova_bind_wish *wish, *next;

	list_for_each_entry_safe(wish, next, &bind->wishes, link) {
		nova_gem_put(wish->gem);
		kfree(wish);
	}
}
