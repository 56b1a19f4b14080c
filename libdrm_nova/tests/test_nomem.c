// SPDX-License-Identifier: MIT

/**
 * DOC: Test without memory
 *
 * Every allocation of the library fails once: what was asked for fails with
 * -ENOMEM, no handle stays open, and afterwards everything works. Linked with
 * --wrap for the three functions, so that the fake kernel and libdrm have
 * memory.
 */

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "fake.h"

static int countdown = -1;

static bool out_of_memory(void)
{
	return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

void *__wrap_malloc(size_t size)
{
	return out_of_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return out_of_memory() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
	return out_of_memory() ? NULL : __real_realloc(ptr, size);
}

/* Everything that allocates, in one go; undone in any case. */
static int use_everything(struct nova_device *dev)
{
	const struct drm_nova_gem_create2 args = { .size = 0x1000, .placement = 1 };
	struct nova_device *second = NULL;
	struct nova_va_heap *heap = NULL;
	struct nova_queue *queue = NULL;
	struct nova_bind *bind = NULL;
	struct nova_bo *bo = NULL, *import = NULL;
	struct nova_vm *vm = NULL;
	uint64_t va;
	int ret, i;

	fake.next_handle = 100;
	ret = nova_device_from_fd(nova_device_fd(dev), &second);
	ret = ret ? ret : nova_bo_create(dev, &args, &bo);
	fake.next_handle = 101;
	ret = ret ? ret : nova_bo_import(dev, 3, &import);
	ret = ret ? ret : nova_vm_create(dev, 0, 0, 0, &vm);
	ret = ret ? ret : nova_queue_create(vm, DRM_NOVA_QUEUE_CLASS_BIND, 0, &queue);
	ret = ret ? ret : nova_vm_heap(vm, &heap);
	ret = ret ? ret : nova_bind_create(vm, &bind);
	for (i = 0; !ret && i < 20; i++)
		ret = nova_bind_unmap(bind, (uint64_t)i << 20, 0x1000);
	for (i = 0; !ret && i < 20; i++)
		ret = nova_va_heap_alloc_at(heap, 0x40000000 + ((uint64_t)i << 20), 0x1000);
	ret = ret ? ret : nova_va_heap_alloc(heap, 0x1000, 0x20000000, &va);
	nova_bind_destroy(bind);
	nova_va_heap_destroy(heap);
	nova_queue_destroy(queue);
	nova_vm_destroy(vm);
	nova_bo_unref(import);
	nova_bo_unref(bo);
	nova_device_close(second);
	return ret;
}

static void every_allocation_may_fail(void)
{
	struct nova_device *dev;
	int n, ret = -1;

	for (n = 0; ret; n++) {
		dev = fake_open();
		countdown = n;
		ret = use_everything(dev);
		CHECK(ret == -ENOMEM || countdown >= 0);
		countdown = -1;
		fake.closed = 0;
		CHECK_EQ(use_everything(dev), 0);
		CHECK_EQ(fake.closed, 2);
		nova_device_close(dev);
	}
	CHECK(n > 10);
}

static void a_hole_that_cannot_be_kept_is_not_made(void)
{
	struct nova_va_heap *heap = NULL;
	int i, ret = 0;

	CHECK_EQ(nova_va_heap_create(0x1000, 0x1000000, &heap), 0);
	CHECK_EQ(nova_va_heap_alloc_at(heap, 0x1000, 0x1000000), 0);
	countdown = 0;
	for (i = 0; i < 100 && !ret; i++)
		ret = nova_va_heap_free(heap, 0x1000 + 0x2000 * (uint64_t)i, 0x1000);
	countdown = -1;
	CHECK_EQ(ret, -ENOMEM);
	CHECK_EQ(nova_va_heap_available(heap), 0x1000 * (i - 1));
	nova_va_heap_destroy(heap);
}

static const struct check_case cases[] = {
	CHECK_CASE(every_allocation_may_fail),
	CHECK_CASE(a_hole_that_cannot_be_kept_is_not_made),
};

CHECK_MAIN(cases)
