// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_user
 *
 * Arrays between user space and the kernel (uapi.md §3.2). Elements carry a
 * stride, so that either side may be newer: a shorter element is extended with
 * zeroes, a longer one is accepted as long as the part we do not know is zero.
 *
 * Units: bytes, except counts.
 */
#include "nova_user.h"

#include "nova_compat.h"

#include <drm/nova_drm.h>

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#define NOVA_USER_MAX_STRIDE	256

/**
 * nova_user_stride_check - is the stride of a present array one we accept?
 * @array: input or output, count not 0
 * @min_size: bytes of the first published version of an element
 *
 * Return: 0 or -EINVAL.
 */
int nova_user_stride_check(const struct drm_nova_array *array, u32 min_size)
{
	if (array->stride % 8 || array->stride < min_size || array->stride > NOVA_USER_MAX_STRIDE)
		return -EINVAL;
	return 0;
}

static int nova_user_array_check(const struct drm_nova_array *array,
				 const struct nova_user_elem *elem)
{
	int ret = nova_user_stride_check(array, elem->min_size);

	if (ret)
		return ret;
	return array->count > elem->max_count ? -E2BIG : 0;
}

static int nova_user_elems_copy(void *dst, const struct drm_nova_array *array,
				const struct nova_user_elem *elem)
{
	const void __user *src = u64_to_user_ptr(array->ptr);

	if (array->stride == elem->size)
		return copy_from_user(dst, src, array_size(array->count, elem->size)) ?
		       -EFAULT : 0;
	for (u32 i = 0; i < array->count; i++) {
		int ret = copy_struct_from_user(dst + i * elem->size, elem->size,
						src + i * array->stride, array->stride);

		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nova_user_array_copy - bring an input array into the kernel
 * @array: where user space says it is
 * @elem: what its elements look like
 *
 * The memory is charged to the caller's cgroup.
 *
 * Context: process, may sleep and fault.
 *
 * Return: the elements, @elem->size bytes each, to be kvfree()d; NULL if the
 * array is absent (count 0); ERR_PTR: -EINVAL for a bad stride, -E2BIG for too
 * many elements or an unknown part that is not zero, -EFAULT, -ENOMEM.
 */
void *nova_user_array_copy(const struct drm_nova_array *array, const struct nova_user_elem *elem)
{
	void *elems;
	int ret;

	if (!array->count)
		return NULL;
	ret = nova_user_array_check(array, elem);
	if (ret)
		return ERR_PTR(ret);
	elems = kvmalloc_array(array->count, elem->size, GFP_KERNEL_ACCOUNT);
	if (!elems)
		return ERR_PTR(-ENOMEM);
	ret = nova_user_elems_copy(elems, array, elem);
	if (ret) {
		kvfree(elems);
		return ERR_PTR(ret);
	}
	return elems;
}
