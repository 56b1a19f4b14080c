// SPDX-License-Identifier: MIT

/**
 * DOC: The order of NVK
 *
 * A VM with a range that the kernel keeps, memory of both kinds, binds that are
 * done when the call returns, then sparse images and binds through timelines.
 */

#include "client.h"

#define NR_SYNCS 256
#define NR_OPS 4096

static void nvk_vm(struct client *c)
{
	const uint64_t kernel_start = 1ull << 39, kernel_size = 1ull << 32;
	const struct drm_nova_vm_create *layout;

	client_call(c, nova_vm_create(c->dev, 0, kernel_start, kernel_size, &c->vm), "VM_CREATE");
	layout = nova_vm_layout(c->vm);
	client_expect(c, layout->kernel_start == kernel_start && layout->kernel_size == kernel_size,
		      "the reservation is not where it was asked for");
	client_call(c, nova_queue_create(c->vm, DRM_NOVA_QUEUE_CLASS_BIND,
					 DRM_NOVA_QUEUE_PRIORITY_NORMAL, &c->queue), "BIND queue");
	client_call(c, nova_bind_create(c->vm, &c->bind), "batch");
}

/* The heap leaves the reservation alone; captured addresses are taken back one by one. */
static void nvk_heap(struct client *c)
{
	const uint64_t captured = (1ull << 40) + 5 * HUGE_PAGE;

	client_call(c, nova_vm_heap(c->vm, &c->heap), "heap");
	client_refused(c, nova_va_heap_alloc_at(c->heap, 1ull << 39, HUGE_PAGE), -ENOSPC,
		       "addresses of the kernel");
	client_call(c, nova_va_heap_alloc_at(c->heap, captured, HUGE_PAGE), "captured address");
	client_refused(c, nova_va_heap_alloc_at(c->heap, captured, PAGE), -ENOSPC,
		       "the same address twice");
	client_call(c, nova_va_heap_free(c->heap, captured, HUGE_PAGE), "free");
}

static void nvk_memory(struct client *c)
{
	const struct drm_nova_gem_create2 vram = {
		.size = 4 * HUGE_PAGE, .alignment = HUGE_PAGE, .placement = DRM_NOVA_PLACEMENT_VRAM,
	};
	const struct drm_nova_gem_create2 gart = {
		.size = 4 * HUGE_PAGE, .placement = DRM_NOVA_PLACEMENT_SYSTEM,
	};
	struct drm_nova_gem_query query;

	c->vram = client_bo(c, &vram, "vram memory");
	c->gart = client_bo(c, &gart, "gart memory");
	client_call(c, nova_bo_query(c->vram, &query), "GEM_QUERY");
	client_expect(c, query.region == DRM_NOVA_REGION_VRAM, "VRAM memory is not in VRAM");
	client_expect(c, query.page_shift >= 21, "aligned memory has small pages");
	client_call(c, nova_bo_query(c->gart, &query), "GEM_QUERY");
	client_expect(c, query.region == DRM_NOVA_REGION_SYSTEM, "GART memory is not in SYSTEM");
}

static void nvk_bind_now(struct client *c)
{
	struct drm_nova_vm_range ranges[8];

	c->vram_va = client_va(c, nova_bo_size(c->vram), HUGE_PAGE);
	c->gart_va = client_va(c, nova_bo_size(c->gart), BIG_PAGE);
	client_bind(c, c->vram, c->vram_va);
	client_bind(c, c->gart, c->gart_va);
	client_expect(c, client_ranges(c, c->vram_va, nova_bo_size(c->vram), ranges, 8) == 1,
		      "VRAM memory is not one mapping");
	client_expect(c, ranges[0].va == c->vram_va && ranges[0].range == nova_bo_size(c->vram) &&
		      ranges[0].handle == nova_bo_handle(c->vram) && ranges[0].page_shift >= 21,
		      "VRAM memory is not bound as it was asked for");
}

/* A valid kind besides 0 that ordinary memory may have. */
static uint8_t client_second_kind(const struct client *c)
{
	unsigned int i;

	for (i = 1; i < 256; i++)
		if (c->kinds.attr[i] & DRM_NOVA_KIND_VALID &&
		    !(c->kinds.attr[i] & DRM_NOVA_KIND_COMPRESSED))
			return (uint8_t)i;
	return 0;
}

/* Two planes of one image in one object, each with a kind of its own, inside a sparse range. */
static void nvk_sparse_image(struct client *c)
{
	const uint64_t size = 8 * HUGE_PAGE, va = client_va(c, size, HUGE_PAGE);
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = va, .range = size,
	};
	struct drm_nova_vm_range ranges[16];
	uint8_t kind = client_second_kind(c);
	uint32_t i, nr, sparse = 0, plain = 0, tiled = 0;

	client_expect(c, kind, "only one kind is valid");
	client_add(c, &op);
	client_submit(c);
	op = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = nova_bo_handle(c->vram),
		.va = va + HUGE_PAGE, .range = HUGE_PAGE,
	};
	client_add(c, &op);
	op.va += 2 * HUGE_PAGE;
	op.offset = HUGE_PAGE;
	op.pte_kind = kind;
	client_add(c, &op);
	client_submit(c);
	nr = client_ranges(c, va, size, ranges, 16);
	for (i = 0; i < nr; i++) {
		sparse += !!(ranges[i].flags & DRM_NOVA_VM_RANGE_SPARSE);
		plain += ranges[i].handle && ranges[i].pte_kind == 0;
		tiled += ranges[i].handle && ranges[i].pte_kind == kind;
	}
	client_expect(c, sparse >= 3 && plain == 1 && tiled == 1, "the image is not as bound");
	op = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = va + HUGE_PAGE, .range = HUGE_PAGE,
	};
	client_add(c, &op);
	client_submit(c);
	client_call(c, nova_bind_unmap(c->bind, va, size), "unmap");
	client_submit(c);
	client_expect(c, client_ranges(c, va, size, ranges, 16) == 0, "something is still mapped");
	client_call(c, nova_va_heap_free(c->heap, va, size), "free");
}

static void client_timelines(const struct client *c, uint32_t *handles, bool create)
{
	unsigned int i;

	for (i = 0; i < NR_SYNCS; i++)
		client_call(c, create ? nova_syncobj_create(c->dev, false, &handles[i]) :
			    nova_syncobj_destroy(c->dev, handles[i]), "syncobj");
}

/* 256 points are signalled by one bind, waited for by the next, which signals 256 more. */
static void nvk_async_binds(struct client *c)
{
	const uint64_t va = client_va(c, NR_SYNCS * BIG_PAGE, HUGE_PAGE);
	struct drm_nova_sync syncs[2 * NR_SYNCS];
	uint64_t points[NR_SYNCS], point = 0;
	uint32_t handles[NR_SYNCS], i;

	client_timelines(c, handles, true);
	for (i = 0; i < NR_SYNCS; i++) {
		syncs[i] = nova_sync_signal(handles[i], 1);
		points[i] = 2;
	}
	client_call(c, nova_bind_submit_async(c->bind, c->queue, syncs, NR_SYNCS, NULL),
		    "join that signals 256 points");
	for (i = 0; i < NR_SYNCS; i++) {
		syncs[i] = nova_sync_wait(handles[i], 1);
		syncs[NR_SYNCS + i] = nova_sync_signal(handles[i], 2);
		client_call(c, nova_bind_map(c->bind, c->vram, i % 64 * BIG_PAGE,
					     va + (NR_SYNCS - 1 - i) * BIG_PAGE, BIG_PAGE, 0), "map");
	}
	client_call(c, nova_bind_submit_async(c->bind, c->queue, syncs, 2 * NR_SYNCS, NULL),
		    "bind with 256 waits and 256 signals");
	client_call(c, nova_syncobj_wait(c->dev, handles, points, NR_SYNCS, client_deadline()),
		    "wait for 256 points");
	client_call(c, nova_syncobj_query(c->dev, handles[NR_SYNCS - 1], &point), "query");
	client_expect(c, point == 2, "the timeline is not at its end");
	client_call(c, nova_bind_unmap(c->bind, va, NR_SYNCS * BIG_PAGE), "unmap");
	client_submit(c);
	client_timelines(c, handles, false);
}

/* 4096 neighbours become one operation; 4096 that are none stay and go in one call. */
static void nvk_many_ops(struct client *c)
{
	const uint64_t va = client_va(c, NR_OPS * PAGE, HUGE_PAGE);
	const uint64_t pages = nova_bo_size(c->gart) / PAGE;
	uint32_t nr, i;

	for (i = 0; i < pages; i++)
		client_call(c, nova_bind_map(c->bind, c->gart, i * PAGE, va + i * PAGE, PAGE, 0),
			    "map");
	nova_bind_ops(c->bind, &nr);
	client_expect(c, nr == 1, "neighbours were not joined");
	client_submit(c);
	for (i = 0; i < NR_OPS; i++)
		client_call(c, nova_bind_map(c->bind, c->gart, (NR_OPS - 1 - i) % pages * PAGE,
					     va + i * PAGE, PAGE, 0), "map");
	nova_bind_ops(c->bind, &nr);
	client_expect(c, nr == NR_OPS, "pages that are no neighbours were joined");
	client_submit(c);
	client_call(c, nova_bind_unmap(c->bind, va, NR_OPS * PAGE), "unmap");
	client_submit(c);
}

const struct step nvk_steps[] = {
	{ "enumerate", step_enumerate },
	{ "probe limits", step_limits },
	{ "VM with a reserved range", nvk_vm },
	{ "heap of addresses", nvk_heap },
	{ "VRAM and GART memory", nvk_memory },
	{ "bind now", nvk_bind_now },
	{ "sparse image with two kinds", nvk_sparse_image },
	{ "256 waits and signals", nvk_async_binds },
	{ "4096 operations", nvk_many_ops },
	{ "CPU map and overmap", step_cpu_map },
	{ "export and import", step_share },
	{ "copy queue", step_copy_queue },
	{ "error poll", step_error_poll },
	{ "teardown", step_teardown },
};

const unsigned int nvk_nr_steps = NR(nvk_steps);
