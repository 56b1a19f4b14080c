// SPDX-License-Identifier: MIT

/**
 * DOC: Address spaces
 *
 * A struct nova_vm is the id of a VM and what VM_CREATE answered about it. The
 * kernel owns the mappings; nova_bind.c changes them and nova_va_heap.c hands
 * out addresses. A VM does not change after its creation, so it needs no lock.
 */

#include <errno.h>
#include <stdlib.h>

#include "nova_priv.h"

NOVA_EXPORT int nova_vm_create(struct nova_device *dev, uint32_t flags, uint64_t kernel_start,
			       uint64_t kernel_size, struct nova_vm **out)
{
	struct nova_vm *vm = calloc(1, sizeof(*vm));
	int ret;

	if (!vm)
		return -ENOMEM;
	vm->dev = dev;
	vm->layout.flags = flags;
	vm->layout.kernel_start = kernel_start;
	vm->layout.kernel_size = kernel_size;
	ret = nova_device_ioctl(dev, DRM_IOCTL_NOVA_VM_CREATE, &vm->layout);
	if (ret)
		free(vm);
	else
		*out = vm;
	return ret;
}

NOVA_EXPORT int nova_vm_destroy(struct nova_vm *vm)
{
	struct drm_nova_vm_destroy args;
	int ret;

	if (!vm)
		return 0;
	args = (struct drm_nova_vm_destroy){ .vm_id = vm->layout.vm_id };
	ret = nova_device_ioctl(vm->dev, DRM_IOCTL_NOVA_VM_DESTROY, &args);
	if (!ret || ret == -ENODEV)
		free(vm);
	return ret;
}

NOVA_EXPORT uint32_t nova_vm_id(const struct nova_vm *vm)
{
	return vm->layout.vm_id;
}

NOVA_EXPORT const struct drm_nova_vm_create *nova_vm_layout(const struct nova_vm *vm)
{
	return &vm->layout;
}

/* Takes out of @heap what it has of [@start, @end). */
static int nova_vm_heap_exclude(struct nova_va_heap *heap, const struct drm_nova_vm_create *layout)
{
	uint64_t start = layout->kernel_start;
	uint64_t end = start + layout->kernel_size;
	uint64_t va_end = layout->va_start + layout->va_size;

	if (start < layout->va_start)
		start = layout->va_start;
	if (end > va_end)
		end = va_end;
	return start < end ? nova_va_heap_alloc_at(heap, start, end - start) : 0;
}

NOVA_EXPORT int nova_vm_heap(const struct nova_vm *vm, struct nova_va_heap **out)
{
	/* Address 0 would pass for "no address"; the first 2 MiB page is left out. */
	const uint64_t lowest = 2u << 20;
	struct drm_nova_vm_create layout = vm->layout;
	struct nova_va_heap *heap;
	int ret;

	if (layout.va_start == 0 && layout.va_size > lowest) {
		layout.va_start = lowest;
		layout.va_size -= lowest;
	}
	ret = nova_va_heap_create(layout.va_start, layout.va_size, &heap);
	if (ret)
		return ret;
	ret = nova_vm_heap_exclude(heap, &layout);
	if (ret)
		nova_va_heap_destroy(heap);
	else
		*out = heap;
	return ret;
}

NOVA_EXPORT int nova_vm_bind(const struct nova_vm *vm, struct drm_nova_vm_bind *args)
{
	args->vm_id = vm->layout.vm_id;
	return nova_device_ioctl(vm->dev, DRM_IOCTL_NOVA_VM_BIND, args);
}

NOVA_EXPORT int nova_vm_get_state(const struct nova_vm *vm, struct drm_nova_vm_fault *faults,
				  uint32_t capacity, struct drm_nova_vm_get_state *state)
{
	struct drm_nova_vm_get_state args = {
		.vm_id = vm->layout.vm_id,
		.faults = capacity ? NOVA_ARRAY(faults, capacity) : NOVA_NO_ARRAY,
	};
	int ret = nova_device_ioctl(vm->dev, DRM_IOCTL_NOVA_VM_GET_STATE, &args);

	if (!ret)
		*state = args;
	return ret;
}

NOVA_EXPORT int nova_vm_query_ranges(const struct nova_vm *vm, uint64_t va, uint64_t range,
				     struct drm_nova_array *ranges)
{
	struct drm_nova_vm_query_ranges args = {
		.vm_id = vm->layout.vm_id,
		.va = va,
		.range = range,
		.ranges = *ranges,
	};
	int ret = nova_device_ioctl(vm->dev, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &args);

	if (!ret)
		ranges->count = args.ranges.count;
	return ret;
}
