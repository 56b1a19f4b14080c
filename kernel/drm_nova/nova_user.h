/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_USER_H__
#define __NOVA_USER_H__

#include <linux/types.h>

struct drm_nova_array;

/**
 * struct nova_user_elem - what one kind of array element looks like
 */
struct nova_user_elem {
	/** @min_size: bytes of the first published version */
	u32 min_size;
	/** @size: bytes this kernel knows */
	u32 size;
	/** @max_count: limit published by DRM_NOVA_INFO_LIMITS */
	u32 max_count;
};

int nova_user_stride_check(const struct drm_nova_array *array, u32 min_size);
void *nova_user_array_copy(const struct drm_nova_array *array, const struct nova_user_elem *elem);

#endif
