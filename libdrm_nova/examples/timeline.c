// SPDX-License-Identifier: MIT

/*
 * Binds in order on a timeline: each waits for the point before and signals its
 * own, on a queue of the program's; the CPU starts the chain and waits for its end.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nova.h>

#define BINDS 8
#define PAGE 0x10000ull

static void check(int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-ret));
	exit(EXIT_FAILURE);
}

static int64_t seconds_from_now(int seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec + seconds) * 1000000000ll + now.tv_nsec;
}

int main(void)
{
	const struct drm_nova_gem_create2 args = {
		.size = BINDS * PAGE, .placement = DRM_NOVA_PLACEMENT_SYSTEM,
	};
	const uint64_t va = 1ull << 33, last = BINDS + 1;
	struct nova_device *dev;
	struct nova_queue *queue;
	struct nova_bind *bind;
	struct nova_vm *vm;
	struct nova_bo *bo;
	uint32_t timeline;
	uint64_t i;

	check(nova_device_open_index(0, &dev), "open");
	check(nova_vm_create(dev, 0, 0, 0, &vm), "VM_CREATE");
	check(nova_queue_create(vm, DRM_NOVA_QUEUE_CLASS_BIND, DRM_NOVA_QUEUE_PRIORITY_NORMAL,
				&queue), "QUEUE_CREATE");
	check(nova_bo_create(dev, &args, &bo), "GEM_CREATE2");
	check(nova_bind_create(vm, &bind), "batch");
	check(nova_syncobj_create(dev, false, &timeline), "syncobj");

	check(nova_syncobj_signal(dev, timeline, 1), "signal");
	for (i = 0; i < BINDS; i++) {
		const struct drm_nova_sync syncs[] = {
			nova_sync_wait(timeline, i + 1), nova_sync_signal(timeline, i + 2),
		};

		check(nova_bind_map(bind, bo, i * PAGE, va + i * PAGE, PAGE, 0), "map");
		check(nova_bind_submit_async(bind, queue, syncs, 2, NULL), "VM_BIND");
	}
	check(nova_syncobj_wait(dev, &timeline, &last, 1, seconds_from_now(10)), "wait");
	printf("%d binds done in order\n", BINDS);

	check(nova_syncobj_destroy(dev, timeline), "syncobj");
	nova_bind_destroy(bind);
	nova_bo_unref(bo);
	check(nova_queue_destroy(queue), "QUEUE_DESTROY");
	check(nova_vm_destroy(vm), "VM_DESTROY");
	nova_device_close(dev);
	return EXIT_SUCCESS;
}
