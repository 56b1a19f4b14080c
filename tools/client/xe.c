// SPDX-License-Identifier: MIT

/**
 * DOC: The order of drivers for xe
 *
 * A scratch VM and its queue first, objects private to it that get memory when
 * they are bound, and no bind that the CPU waits for in the call.
 */

#include <stdio.h>

#include "client.h"

static void xe_vm_and_queues(struct client *c)
{
	client_call(c, nova_vm_create(c->dev, DRM_NOVA_VM_SCRATCH, 0, 0, &c->vm), "VM_CREATE");
	client_call(c, nova_vm_heap(c->vm, &c->heap), "heap");
	client_call(c, nova_queue_create(c->vm, DRM_NOVA_QUEUE_CLASS_BIND,
					 DRM_NOVA_QUEUE_PRIORITY_NORMAL, &c->queue), "BIND queue");
	client_call(c, nova_bind_create(c->vm, &c->bind), "batch");
}

/* Internal objects are private to the VM, backed when first bound; one can be shared. */
static void xe_objects(struct client *c)
{
	const struct drm_nova_gem_create2 shared = {
		.size = 2 * HUGE_PAGE, .placement = DRM_NOVA_PLACEMENT_VRAM,
	};
	const struct drm_nova_gem_create2 private = {
		.size = 2 * HUGE_PAGE, .placement = DRM_NOVA_PLACEMENT_SYSTEM,
		.flags = DRM_NOVA_GEM_DEFER, .vm_id = nova_vm_id(c->vm),
		.cpu_caching = DRM_NOVA_CACHING_WC,
	};
	int fd = -1;

	c->vram = client_bo(c, &shared, "shared image");
	c->gart = client_bo(c, &private, "private heap");
	client_refused(c, nova_bo_export(c->gart, &fd), -EPERM, "export of a private object");
}

/* Every bind of such a driver is asynchronous, with fences both ways. */
static void xe_async_binds(struct client *c)
{
	struct drm_nova_sync syncs[2];
	uint32_t timeline = 0;
	uint64_t last = 2;

	c->vram_va = client_va(c, nova_bo_size(c->vram), HUGE_PAGE);
	c->gart_va = client_va(c, nova_bo_size(c->gart), BIG_PAGE);
	client_call(c, nova_syncobj_create(c->dev, false, &timeline), "syncobj");
	syncs[0] = nova_sync_signal(timeline, 1);
	client_call(c, nova_bind_map(c->bind, c->vram, 0, c->vram_va, nova_bo_size(c->vram), 0), "map");
	client_call(c, nova_bind_submit_async(c->bind, c->queue, syncs, 1, NULL), "first bind");
	syncs[0] = nova_sync_wait(timeline, 1);
	syncs[1] = nova_sync_signal(timeline, 2);
	client_call(c, nova_bind_map(c->bind, c->gart, 0, c->gart_va, nova_bo_size(c->gart), 0), "map");
	client_call(c, nova_bind_submit_async(c->bind, NULL, syncs, 2, NULL),
		    "bind on the VM's own queue");
	client_call(c, nova_syncobj_wait(c->dev, &timeline, &last, 1, client_deadline()), "wait");
	client_call(c, nova_syncobj_destroy(c->dev, timeline), "syncobj");
	client_call(c, nova_bo_wait(c->vram, client_deadline()), "GEM_WAIT");
	client_call(c, nova_bo_wait(c->gart, 0), "GEM_WAIT of an idle object");
}

static void xe_no_replace(struct client *c)
{
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .flags = DRM_NOVA_VM_BIND_OP_NOREPLACE,
		.handle = nova_bo_handle(c->vram), .va = c->vram_va + BIG_PAGE, .range = BIG_PAGE,
	};
	uint32_t failed_op = 7;

	client_add(c, &op);
	client_refused(c, nova_bind_submit(c->bind, &failed_op), -EEXIST, "bind over a mapping");
	client_expect(c, failed_op == 0, "the wrong op is blamed");
	nova_bind_reset(c->bind);
}

static void xe_purgeable(struct client *c)
{
	const struct drm_nova_gem_create2 args = {
		.size = HUGE_PAGE, .placement = DRM_NOVA_PLACEMENT_VRAM,
	};
	struct nova_bo *bo = client_bo(c, &args, "cache");
	bool retained = false;

	if (nova_device_has(c->dev, DRM_NOVA_FEATURE_MADVISE)) {
		client_call(c, nova_bo_madvise(bo, DRM_NOVA_MADVISE_DONTNEED, &retained), "DONTNEED");
		client_call(c, nova_bind_map(c->bind, bo, 0, client_va(c, HUGE_PAGE, HUGE_PAGE),
					     HUGE_PAGE, 0), "batch");
		client_refused(c, nova_bind_submit(c->bind, NULL), -EBUSY, "bind of what may go");
		nova_bind_reset(c->bind);
		client_call(c, nova_bo_madvise(bo, DRM_NOVA_MADVISE_WILLNEED, &retained), "WILLNEED");
		client_expect(c, retained, "content went without pressure");
	} else {
		client_refused(c, nova_bo_madvise(bo, DRM_NOVA_MADVISE_DONTNEED, &retained),
			       -EOPNOTSUPP, "GEM_MADVISE without the feature");
		printf("    no MADVISE here\n");
	}
	nova_bo_unref(bo);
}

static void xe_unbind_object(struct client *c)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = nova_bo_handle(c->vram),
	};
	struct drm_nova_vm_range ranges[4];

	client_bind(c, c->vram, client_va(c, nova_bo_size(c->vram), HUGE_PAGE));
	client_add(c, &op);
	client_submit(c);
	client_expect(c, client_ranges(c, c->vram_va, nova_bo_size(c->vram), ranges, 4) == 0,
		      "a mapping of the object is left");
}

const struct step xe_steps[] = {
	{ "enumerate", step_enumerate },
	{ "probe limits", step_limits },
	{ "scratch VM and queues", xe_vm_and_queues },
	{ "private and shared objects", xe_objects },
	{ "asynchronous binds", xe_async_binds },
	{ "bind without replacing", xe_no_replace },
	{ "CPU map and overmap", step_cpu_map },
	{ "copy queue", step_copy_queue },
	{ "purgeable memory", xe_purgeable },
	{ "export and import", step_share },
	{ "unbind an object", xe_unbind_object },
	{ "error poll", step_error_poll },
	{ "teardown", step_teardown },
};

const unsigned int xe_nr_steps = NR(xe_steps);
