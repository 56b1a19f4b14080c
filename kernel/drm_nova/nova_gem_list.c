// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gem_list
 *
 * Every GEM object of a device, for those who want to know where memory went. An
 * object is on the list from the moment it could have memory to its end.
 *
 * The printed list has a line for each object and below it one for each piece of
 * VRAM that it occupies, then sums, which are those of the lines above. Each line
 * was true when it was printed: objects come and go meanwhile.
 *
 * Locking: the list's mutex is taken inside reservations, so a walk takes a
 * reference, drops the mutex and only then reserves the object. The reference
 * keeps the object's place in the list.
 *
 * Units: printed sizes are KiB.
 */
#include "nova_gem.h"

#include "nova_compat.h"
#include "nova_trace.h"

#include <drm/drm_gem.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/sizes.h>

/* Sums over the lines printed so far. */
struct nova_gem_sums {
	u64 nr[TTM_PL_VRAM + 1];
	u64 bytes[TTM_PL_VRAM + 1];
};

/**
 * nova_gem_list_add - let an object be seen
 * @gem: the object, initialised by nova_bo_init()
 *
 * Context: process.
 */
void nova_gem_list_add(struct nova_gem *gem)
{
	struct ttm_buffer_object *tbo = &gem->bo.ttm;
	struct nova_drm *ndrm = to_nova_drm(tbo->base.dev);

	gem->pid = task_tgid_nr(current);
	get_task_comm(gem->comm, current);
	scoped_guard(mutex, &ndrm->objects.lock)
		list_add_tail(&gem->link, &ndrm->objects.list);
	trace_nova_bo_create(&ndrm->nd, gem->bo.id, tbo->base.size, gem->bo.placement);
}

/**
 * nova_gem_list_remove - let an object be forgotten
 * @gem: the object, whose last reference is gone; perhaps never added
 *
 * Context: process.
 */
void nova_gem_list_remove(struct nova_gem *gem)
{
	struct ttm_buffer_object *tbo = &gem->bo.ttm;
	struct nova_drm *ndrm = to_nova_drm(tbo->base.dev);

	scoped_guard(mutex, &ndrm->objects.lock) {
		if (list_empty(&gem->link))
			return;
		list_del(&gem->link);
	}
	trace_nova_bo_destroy(&ndrm->nd, gem->bo.id, tbo->base.size, gem->bo.placement);
}

/**
 * nova_gem_list_next - walk the objects of a device
 * @ndrm: the device
 * @gem: the object before, whose reference is dropped; NULL to begin
 *
 * Objects that are made meanwhile may be missed.
 *
 * Context: process, no reservation held.
 *
 * Return: the object with a reference, NULL at the end.
 */
struct nova_gem *nova_gem_list_next(struct nova_drm *ndrm, struct nova_gem *gem)
{
	struct nova_gem *next = NULL;
	struct list_head *pos;

	scoped_guard(mutex, &ndrm->objects.lock) {
		pos = gem ? gem->link.next : ndrm->objects.list.next;
		for (; pos != &ndrm->objects.list; pos = pos->next) {
			next = list_entry(pos, struct nova_gem, link);
			if (kref_get_unless_zero(&next->bo.ttm.base.refcount))
				break;
			next = NULL;
		}
	}
	nova_gem_put(gem);
	return next;
}

static const char *nova_gem_placement_name(const struct nova_bo *bo)
{
	if (bo->placement == NOVA_BO_VRAM)
		return "vram";
	return bo->placement == NOVA_BO_SYSTEM ? "system" : "either";
}

/* Letters for what is unusual about it. */
static const char *nova_gem_flag_letters(const struct nova_gem *gem, char letters[8])
{
	char *c = letters;

	if (gem->flags & DRM_NOVA_GEM_NO_CPU_ACCESS)
		*c++ = 'n';
	if (gem->flags & DRM_NOVA_GEM_CONTIGUOUS)
		*c++ = 'c';
	if (gem->flags & DRM_NOVA_GEM_DEFER)
		*c++ = 'd';
	if (gem->bo.write_combined)
		*c++ = 'w';
	if (gem->dma_buf)
		*c++ = 's';
	if (gem->bo.ttm.base.import_attach)
		*c++ = 'i';
	if (gem->bo.purged)
		*c++ = 'p';
	else if (gem->bo.dontneed)
		*c++ = 'u';
	if (c == letters)
		*c++ = '-';
	*c = '\0';
	return letters;
}

static void nova_gem_print_extents(struct nova_gem *gem, struct drm_printer *p)
{
	struct nova_backing backing;

	nova_bo_backing(&gem->bo, &backing);
	for (unsigned int i = 0; i < backing.nr_extents; i++)
		drm_printf(p, "           at 0x%011llx %12llu\n", backing.extents[i].addr,
			   backing.extents[i].len / SZ_1K);
}

/* With the object reserved. */
static void nova_gem_print(struct nova_gem *gem, struct nova_gem_sums *sums, struct drm_printer *p)
{
	struct drm_gem_object *obj = &gem->bo.ttm.base;
	u8 mem_type = gem->bo.mem_type;
	char letters[8];

	drm_printf(p, "%10llu %-15s %8d %12zu %-6s %-6s %-5s %3u %#4x %4u %7u", gem->bo.id,
		   gem->comm, gem->pid, obj->size / SZ_1K, nova_ttm_name(mem_type),
		   nova_gem_placement_name(&gem->bo), nova_gem_flag_letters(gem, letters),
		   gem->private_vm, gem->pte_kind, kref_read(&obj->refcount), obj->handle_count);
	scoped_guard(mutex, &to_nova_drm(obj->dev)->objects.lock)
		drm_printf(p, " %s\n", gem->label ?: "-");
	if (nova_bo_in_vram(&gem->bo))
		nova_gem_print_extents(gem, p);
	sums->nr[mem_type]++;
	sums->bytes[mem_type] += obj->size;
}

static void nova_gem_print_sums(const struct nova_gem_sums *sums, struct drm_printer *p)
{
	u64 nr = 0, bytes = 0;

	for (u32 i = 0; i < ARRAY_SIZE(sums->nr); i++) {
		drm_printf(p, "%-26s %8llu %12llu KiB\n", nova_ttm_name(i), sums->nr[i],
			   sums->bytes[i] / SZ_1K);
		nr += sums->nr[i];
		bytes += sums->bytes[i];
	}
	drm_printf(p, "%-26s %8llu %12llu KiB\n", "all objects", nr, bytes / SZ_1K);
}

/**
 * nova_gem_list_print - print every object of a device
 * @ndrm: the device
 * @p: where to
 *
 * Context: process; waits for objects that are being moved.
 *
 * Return: 0; -EINTR or -ERESTARTSYS, with the list incomplete.
 */
int nova_gem_list_print(struct nova_drm *ndrm, struct drm_printer *p)
{
	struct nova_gem_sums sums = {};
	struct nova_gem *gem = NULL;

	drm_printf(p, "%10s %-15s %8s %12s %-6s %-6s %-5s %3s %4s %4s %7s %s\n", "id", "process",
		   "pid", "KiB", "is in", "may be", "flags", "vm", "kind", "refs", "handles", "label");
	while ((gem = nova_gem_list_next(ndrm, gem))) {
		int ret = dma_resv_lock_interruptible(gem->bo.ttm.base.resv, NULL);

		if (ret) {
			nova_gem_put(gem);
			return ret;
		}
		nova_gem_print(gem, &sums, p);
		dma_resv_unlock(gem->bo.ttm.base.resv);
	}
	drm_puts(p, "flags: n no CPU access, c contiguous, d deferred, w write-combined, s shared, ");
	drm_puts(p, "i imported\n\n");
	nova_gem_print_sums(&sums, p);
	return 0;
}
