// SPDX-License-Identifier: MIT

/**
 * DOC: Steps of both orders
 *
 * They expect what the order made before: an address space with a heap and a BIND
 * queue, a shareable object in VRAM and one in system memory, both bound.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"
#include "push.h"

void step_enumerate(struct client *c)
{
	client_call(c, nova_info_gpu(c->dev, &c->gpu), "INFO GPU");
	client_expect(c, c->gpu.name[0] && c->gpu.chipid && c->gpu.vram_size, "the GPU has no name");
	client_call(c, nova_device_getparam(c->dev, DRM_NOVA_PARAM_VRAM_USED, &c->vram_used),
		    "VRAM_USED");
}

void step_limits(struct client *c)
{
	struct drm_nova_info_memory memory;
	struct drm_nova_info_va va;

	client_call(c, nova_info_limits(c->dev, &c->limits), "INFO LIMITS");
	client_call(c, nova_info_kinds(c->dev, &c->kinds), "INFO KINDS");
	client_call(c, nova_info_memory(c->dev, &memory), "INFO MEMORY");
	client_call(c, nova_info_va(c->dev, &va), "INFO VA");
	client_expect(c, c->limits.max_bind_ops >= 4096, "fewer than 4096 ops");
	client_expect(c, c->limits.max_syncs >= 1024, "fewer than 1024 syncs");
	client_expect(c, va.max_vms >= 64, "fewer than 64 VMs");
	client_expect(c, va.vram_page_sizes & HUGE_PAGE, "no 2 MiB pages");
	client_expect(c, memory.num_regions == 2, "not two regions");
	client_expect(c, c->kinds.attr[0] & DRM_NOVA_KIND_VALID, "kind 0 is not valid");
}

void step_cpu_map(struct client *c)
{
	const uint64_t size = nova_bo_size(c->vram);
	char *area = mmap(NULL, size + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t *ptr = client_map(c, c->vram);

	client_expect(c, area != MAP_FAILED, "no addresses");
	client_fill(ptr, size, 1);
	/* A placed map over reserved addresses, then the reservation again. */
	client_call(c, nova_bo_map_at(c->vram, 0, size, PROT_READ | PROT_WRITE, area + PAGE),
		    "mmap at an address");
	client_expect(c, client_filled((uint32_t *)(area + PAGE), size, 1),
		      "two CPU mappings see different memory");
	client_call(c, nova_bo_overmap(area + PAGE, size), "overmap");
	client_call(c, nova_bo_unmap(area, size + 2 * PAGE), "munmap");
	client_expect(c, client_filled(ptr, size, 1), "the first mapping lost its memory");
	client_call(c, nova_bo_unmap(ptr, size), "munmap");
}

void step_share(struct client *c)
{
	struct nova_bo *same = NULL, *theirs = NULL;
	struct nova_device *other = NULL;
	struct drm_nova_gem_query query;
	char link[64], path[64];
	int fd = -1;
	uint32_t *ptr;
	ssize_t len;

	client_call(c, nova_bo_export(c->vram, &fd), "export");
	client_call(c, nova_bo_import(c->dev, fd, &same), "import");
	client_expect(c, same == c->vram, "importing our own buffer gives another object");
	nova_bo_unref(same);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", nova_device_fd(c->dev));
	len = readlink(link, path, sizeof(path) - 1);
	client_expect(c, len > 0, "no path of the node");
	path[len] = '\0';
	client_call(c, nova_device_open(path, &other), "second client");
	client_call(c, nova_bo_import(other, fd, &theirs), "import elsewhere");
	close(fd);
	client_call(c, nova_bo_query(theirs, &query), "GEM_QUERY");
	client_expect(c, query.size == nova_bo_size(c->vram), "the size changed on the way");
	client_expect(c, !(query.state & DRM_NOVA_GEM_STATE_IMPORTED), "not recognised as ours");
	ptr = client_map(c, theirs);
	client_expect(c, client_filled(ptr, query.size, 1), "the content changed on the way");
	client_call(c, nova_bo_unmap(ptr, query.size), "munmap");
	nova_bo_unref(theirs);
	nova_device_close(other);
}

/* A push that copies @c->vram to @c->gart, at @va of @bo. */
static void client_copy_push(const struct client *c, struct nova_bo *bo, uint64_t va,
			     struct drm_nova_exec_push *push)
{
	uint32_t *words = client_map(c, bo);
	uint32_t nr = push_copy(words, c->gpu.chipid, c->gart_va, c->vram_va,
				     (uint32_t)nova_bo_size(c->vram));

	client_expect(c, nr, "no copy engine known for this chip");
	*push = (struct drm_nova_exec_push){ .va = va, .size = nr * 4 };
	client_call(c, nova_bo_unmap(words, nova_bo_size(bo)), "munmap");
}

void step_copy_queue(struct client *c)
{
	const struct drm_nova_gem_create2 args = {
		.size = BIG_PAGE, .placement = DRM_NOVA_PLACEMENT_SYSTEM,
	};
	const uint64_t size = nova_bo_size(c->vram), va = client_va(c, BIG_PAGE, BIG_PAGE);
	struct nova_queue *queue = NULL;
	struct drm_nova_exec_push push;
	struct drm_nova_sync syncs[2];
	struct nova_bo *bo;
	uint32_t timeline = 0, *ptr;
	uint64_t last = 2;
	int ret;

	if (!nova_device_has(c->dev, DRM_NOVA_FEATURE_EXEC)) {
		ret = nova_queue_create(c->vm, DRM_NOVA_QUEUE_CLASS_COPY,
					DRM_NOVA_QUEUE_PRIORITY_NORMAL, &queue);
		client_refused(c, ret, -EOPNOTSUPP, "COPY queue without the feature");
		printf("    no EXEC here\n");
		return;
	}
	client_call(c, nova_queue_create(c->vm, DRM_NOVA_QUEUE_CLASS_COPY,
					 DRM_NOVA_QUEUE_PRIORITY_NORMAL, &queue), "QUEUE_CREATE");
	client_call(c, nova_syncobj_create(c->dev, false, &timeline), "syncobj");
	bo = client_bo(c, &args, "push buffer");
	client_bind(c, bo, va);
	client_copy_push(c, bo, va, &push);
	ptr = client_map(c, c->gart);
	client_fill(ptr, size, 77);
	syncs[0] = nova_sync_signal(timeline, 1);
	client_call(c, nova_queue_exec(queue, &push, 1, syncs, 1), "EXEC");
	/* An empty submission joins: its point comes after the copy. */
	syncs[0] = nova_sync_wait(timeline, 1);
	syncs[1] = nova_sync_signal(timeline, 2);
	client_call(c, nova_queue_exec(queue, NULL, 0, syncs, 2), "empty EXEC");
	client_call(c, nova_syncobj_wait(c->dev, &timeline, &last, 1, client_deadline()),
		    "wait for the copy");
	client_expect(c, client_filled(ptr, size, 1), "the copy is not what was copied");
	client_call(c, nova_bo_unmap(ptr, size), "munmap");
	client_call(c, nova_queue_destroy(queue), "QUEUE_DESTROY");
	client_call(c, nova_syncobj_destroy(c->dev, timeline), "syncobj");
	nova_bo_unref(bo);
	client_call(c, nova_bind_unmap(c->bind, va, BIG_PAGE), "unmap");
	client_submit(c);
}

void step_error_poll(struct client *c)
{
	struct drm_nova_vm_get_state vm;
	struct drm_nova_queue_get_state queue;

	client_call(c, nova_vm_get_state(c->vm, NULL, 0, &vm), "VM_GET_STATE");
	client_expect(c, !vm.state && !vm.error && !vm.fault_total, "the VM is not well");
	client_call(c, nova_queue_get_state(c->queue, &queue), "QUEUE_GET_STATE");
	client_expect(c, !queue.state && !queue.error, "the queue is not well");
}

void step_teardown(struct client *c)
{
	const struct drm_nova_vm_bind_op ops[] = {
		{ .op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = nova_bo_handle(c->vram) },
		{ .op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = nova_bo_handle(c->gart) },
	};
	uint64_t used = 0;
	int tries;

	client_add(c, &ops[0]);
	client_add(c, &ops[1]);
	client_submit(c);
	nova_bo_unref(c->vram);
	nova_bo_unref(c->gart);
	nova_bind_destroy(c->bind);
	nova_va_heap_destroy(c->heap);
	client_refused(c, nova_vm_destroy(c->vm), -EBUSY, "VM_DESTROY with a queue");
	client_call(c, nova_queue_destroy(c->queue), "QUEUE_DESTROY");
	client_call(c, nova_vm_destroy(c->vm), "VM_DESTROY");
	/* Page tables go back in the background, a chunk of them stays for the next VM. */
	for (tries = 0; tries < 100; tries++) {
		client_call(c, nova_device_getparam(c->dev, DRM_NOVA_PARAM_VRAM_USED, &used),
			    "VRAM_USED");
		if (used <= c->vram_used + HUGE_PAGE)
			return;
		usleep(50000);
	}
	client_fail(c, "%" PRIu64 " bytes of VRAM did not come back", used - c->vram_used);
}
