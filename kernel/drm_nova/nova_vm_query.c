// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vm_query
 *
 * Questions about a VM: its state, and what is mapped where.
 *
 * A range is a maximal piece of one mapping that the page tables hold at one
 * page size, so a mapping with small edges and large pages inside is reported in
 * pieces. Handles are the caller's own: an object it has no handle to is 0. DRM
 * knows the object of a handle but not the handles of an object, so the objects
 * found are sorted and the file's handles are gone through once.
 *
 * Locking: the VM's lock for the tree, dropped before anything is copied out, so
 * that a fault on the output array cannot deadlock with a bind.
 */
#include "nova_vm.h"

#include "nova_compat.h"
#include "nova_gem.h"
#include "nova_user.h"

#include <drm/drm_file.h>
#include <drm/drm_gem.h>

#include <linux/bsearch.h>
#include <linux/idr.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

/* Count 0 asks for the total alone; the rest of the array is then ignored. */
static int nova_vm_check_array(const struct drm_nova_array *array, u32 size)
{
	return array->count ? nova_user_stride_check(array, size) : 0;
}

static int nova_vm_copy_faults(struct nova_vm *vm, struct drm_nova_vm_get_state *args)
{
	struct drm_nova_array *array = &args->faults;
	u32 nr, size = min_t(u32, array->stride, sizeof(struct drm_nova_vm_fault));
	struct drm_nova_vm_fault *faults;
	int ret = 0;

	faults = kcalloc(NOVA_VM_MAX_FAULTS, sizeof(*faults), GFP_KERNEL_ACCOUNT);
	if (!faults)
		return -ENOMEM;
	nr = nova_vm_faults_get(vm, faults, &args->fault_total);
	for (u32 i = 0; !ret && i < min(nr, array->count); i++)
		if (copy_to_user(u64_to_user_ptr(array->ptr) + (u64)i * array->stride, &faults[i],
				 size))
			ret = -EFAULT;
	array->count = nr;
	kfree(faults);
	return ret;
}

/**
 * nova_vm_get_state_ioctl - DRM_NOVA_VM_GET_STATE (uapi.md §5.14)
 * @drm: the device
 * @data: struct drm_nova_vm_get_state
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT; -EFAULT; -ENOMEM.
 */
int nova_vm_get_state_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_vm_get_state *args = data;
	struct nova_vm *vm;
	int ret;

	ret = nova_vm_check_array(&args->faults, sizeof(struct drm_nova_vm_fault));
	if (ret)
		return ret;
	vm = nova_vm_get(file, args->vm_id);
	if (!vm)
		return -ENOENT;
	args->error = READ_ONCE(vm->error);
	args->state = args->error ? DRM_NOVA_VM_STATE_BANNED : 0;
	ret = nova_vm_copy_faults(vm, args);
	nova_vm_put(vm);
	return ret;
}

struct nova_vm_name;

/**
 * struct nova_vm_list - ranges being collected
 */
struct nova_vm_list {
	/** @out: room for @max elements, or NULL */
	struct drm_nova_vm_range *out;
	/** @max: elements of @out */
	u32 max;
	/** @nr: elements found so far, possibly more than @max */
	u32 nr;
	/** @names: the objects mapped, by address, and their handles; owned */
	struct nova_vm_name *names;
	/** @nr_names: how many */
	u32 nr_names;
};

static struct drm_nova_vm_range *nova_vm_list_next(struct nova_vm_list *list)
{
	u32 i = list->nr++;

	return i < list->max ? &list->out[i] : NULL;
}

/* An object that is mapped, and the caller's handle to it; 0 for none. */
struct nova_vm_name {
	const struct drm_gem_object *obj;
	u32 handle;
};

static int nova_vm_name_cmp(const void *a, const void *b)
{
	const struct nova_vm_name *l = a, *r = b;

	return l->obj < r->obj ? -1 : l->obj > r->obj;
}

static struct nova_vm_name *nova_vm_name_find(const struct nova_vm_list *list,
					      const struct drm_gem_object *obj)
{
	const struct nova_vm_name key = { .obj = obj };

	return bsearch(&key, list->names, list->nr_names, sizeof(key), nova_vm_name_cmp);
}

static void nova_vm_names_sort(struct nova_vm_list *list)
{
	u32 nr = 0;

	sort(list->names, list->nr_names, sizeof(*list->names), nova_vm_name_cmp, NULL);
	for (u32 i = 0; i < list->nr_names; i++)
		if (!nr || list->names[nr - 1].obj != list->names[i].obj)
			list->names[nr++] = list->names[i];
	list->nr_names = nr;
}

/* Of several handles of one object the lowest. */
static void nova_vm_names_fill(struct nova_vm_list *list, struct drm_file *file)
{
	struct drm_gem_object *obj;
	int handle;

	guard(spinlock)(&file->table_lock);
	idr_for_each_entry(&file->object_idr, obj, handle) {
		struct nova_vm_name *name = nova_vm_name_find(list, obj);

		if (name && !name->handle)
			name->handle = handle;
	}
}

static void nova_vm_describe(struct drm_nova_vm_range *range, const struct nova_vma *vma,
			     const struct nova_vm_list *list)
{
	struct drm_gem_object *obj = vma->base.gem.obj;
	const struct nova_vm_name *name;

	*range = (struct drm_nova_vm_range) {
		.flags = vma->flags,
		.pte_kind = vma->pte_kind,
		.region = DRM_NOVA_REGION_NONE,
	};
	if (!obj) {
		range->flags |= DRM_NOVA_VM_RANGE_SPARSE;
		return;
	}
	name = list->names ? nova_vm_name_find(list, obj) : NULL;
	range->handle = name ? name->handle : 0;
	if (vma->base.vm_bo->evicted)
		range->flags |= DRM_NOVA_VM_RANGE_EVICTED;
	range->region = nova_gem_region(to_nova_gem(obj));
}

/* Length of the piece at @va whose pages all have the size of the first; sparse is one. */
static u64 nova_vm_piece(struct nova_vm *vm, const struct nova_vma *vma, u64 va, u64 end,
			 unsigned int *shift)
{
	u64 at = va;

	*shift = vma->base.gem.obj ? nova_vmm_page_shift(&vm->vmm, va) : 0;
	if (!*shift)
		return end - va;
	do {
		at = (at | ((1ULL << *shift) - 1)) + 1;
	} while (at < end && nova_vmm_page_shift(&vm->vmm, at) == *shift);
	return min(at, end) - va;
}

static void nova_vm_list_vma(struct nova_vm *vm, struct nova_vm_list *list,
			     const struct nova_vma *vma)
{
	u64 start = vma->base.va.addr, end = start + vma->base.va.range;
	struct drm_nova_vm_range about;
	unsigned int shift;

	nova_vm_describe(&about, vma, list);
	for (u64 va = start, len; va < end; va += len) {
		struct drm_nova_vm_range *range = nova_vm_list_next(list);

		len = nova_vm_piece(vm, vma, va, end, &shift);
		if (!range)
			continue;
		*range = about;
		range->va = va;
		range->range = len;
		range->offset = vma->base.gem.obj ? vma->base.gem.offset + (va - start) : 0;
		range->page_shift = shift;
	}
}

static void nova_vm_list_all(struct nova_vm *vm, const struct drm_nova_vm_query_ranges *args,
			     struct nova_vm_list *list)
{
	struct drm_gpuva *va;

	drm_gpuvm_for_each_va_range(va, &vm->base, args->va, args->va + args->range)
		if (va != &vm->base.kernel_alloc_node)
			nova_vm_list_vma(vm, list, to_nova_vma(va));
}

/* The objects of the mappings there is room for: each has one element or more. */
static int nova_vm_list_names(struct nova_vm *vm, const struct drm_nova_vm_query_ranges *args,
			      struct nova_vm_list *list, struct drm_file *file)
{
	struct drm_gpuva *va;
	u32 left = list->max;

	list->names = kvcalloc(left, sizeof(*list->names), GFP_KERNEL_ACCOUNT);
	if (!list->names)
		return -ENOMEM;
	drm_gpuvm_for_each_va_range(va, &vm->base, args->va, args->va + args->range) {
		if (va->gem.obj)
			list->names[list->nr_names++].obj = va->gem.obj;
		/* The kernel's reservation has neither object nor element. */
		if (va != &vm->base.kernel_alloc_node && !--left)
			break;
	}
	nova_vm_names_sort(list);
	nova_vm_names_fill(list, file);
	return 0;
}

/* Count first: the room is bounded by what exists, not by what is asked for. */
static int nova_vm_list_make(struct nova_vm *vm, const struct drm_nova_vm_query_ranges *args,
			     struct nova_vm_list *list, struct drm_file *file)
{
	int ret;

	/* To DRM's tree an empty range is one that may lie inside a mapping. */
	if (!args->range)
		return 0;
	guard(mutex)(&vm->lock);
	nova_vm_list_all(vm, args, list);
	list->max = min(list->nr, args->ranges.count);
	if (!list->max)
		return 0;
	list->out = kvcalloc(list->max, sizeof(*list->out), GFP_KERNEL_ACCOUNT);
	if (!list->out)
		return -ENOMEM;
	ret = nova_vm_list_names(vm, args, list, file);
	if (ret)
		return ret;
	list->nr = 0;
	nova_vm_list_all(vm, args, list);
	return 0;
}

static int nova_vm_list_copy(const struct nova_vm_list *list, const struct drm_nova_array *array)
{
	u32 size = min_t(u32, array->stride, sizeof(*list->out));

	for (u32 i = 0; i < min(list->nr, list->max); i++)
		if (copy_to_user(u64_to_user_ptr(array->ptr) + (u64)i * array->stride,
				 &list->out[i], size))
			return -EFAULT;
	return 0;
}

static int nova_vm_query(struct nova_vm *vm, struct drm_nova_vm_query_ranges *args,
			 struct drm_file *file)
{
	struct nova_vm_list list = {};
	int ret;

	ret = nova_vm_list_make(vm, args, &list, file);
	if (!ret)
		ret = nova_vm_list_copy(&list, &args->ranges);
	if (!ret)
		args->ranges.count = list.nr;
	kvfree(list.names);
	kvfree(list.out);
	return ret;
}

/**
 * nova_vm_query_ranges_ioctl - DRM_NOVA_VM_QUERY_RANGES (uapi.md §5.15)
 * @drm: the device
 * @data: struct drm_nova_vm_query_ranges
 * @file: the caller
 *
 * Return: 0; -EINVAL; -ENOENT; -ENOMEM; -EFAULT.
 */
int nova_vm_query_ranges_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_nova_vm_query_ranges *args = data;
	struct nova_vm *vm;
	u64 end;
	int ret;

	if (args->flags || check_add_overflow(args->va, args->range, &end))
		return -EINVAL;
	ret = nova_vm_check_array(&args->ranges, sizeof(struct drm_nova_vm_range));
	if (ret)
		return ret;
	vm = nova_vm_get(file, args->vm_id);
	if (!vm)
		return -ENOENT;
	ret = nova_vm_query(vm, args, file);
	nova_vm_put(vm);
	return ret;
}
