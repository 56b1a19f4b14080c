// SPDX-License-Identifier: MIT

/*
 * The shortest useful program: a VRAM object, filled by the CPU, at a GPU address.
 * Every call may fail; here any failure ends the program.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <nova.h>

static void check(int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-ret));
	exit(EXIT_FAILURE);
}

int main(void)
{
	const struct drm_nova_gem_create2 args = {
		.size = 1 << 20, .placement = DRM_NOVA_PLACEMENT_VRAM,
	};
	struct nova_device *dev;
	struct nova_va_heap *heap;
	struct nova_bind *bind;
	struct nova_vm *vm;
	struct nova_bo *bo;
	uint64_t va;
	void *ptr;

	check(nova_device_open_index(0, &dev), "open");
	check(nova_vm_create(dev, 0, 0, 0, &vm), "VM_CREATE");
	check(nova_vm_heap(vm, &heap), "heap");
	check(nova_bo_create(dev, &args, &bo), "GEM_CREATE2");

	check(nova_bo_map(bo, 0, nova_bo_size(bo), PROT_READ | PROT_WRITE, &ptr), "mmap");
	memset(ptr, 0x5a, nova_bo_size(bo));

	check(nova_va_heap_alloc(heap, nova_bo_size(bo), 2 << 20, &va), "address");
	check(nova_bind_create(vm, &bind), "batch");
	check(nova_bind_map(bind, bo, 0, va, nova_bo_size(bo), 0), "map");
	check(nova_bind_submit(bind, NULL), "VM_BIND");
	printf("%llu bytes at GPU address %#llx\n", (unsigned long long)nova_bo_size(bo),
	       (unsigned long long)va);

	nova_bind_destroy(bind);
	nova_bo_unmap(ptr, nova_bo_size(bo));
	nova_bo_unref(bo);
	nova_va_heap_destroy(heap);
	check(nova_vm_destroy(vm), "VM_DESTROY");
	nova_device_close(dev);
	return EXIT_SUCCESS;
}
