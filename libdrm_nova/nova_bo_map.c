// SPDX-License-Identifier: MIT

/**
 * DOC: CPU mappings
 *
 * Addresses at which the CPU sees an object. They are the caller's: the library
 * keeps no list of them, a part of one can be unmapped or mapped over, and they
 * stay valid after the object's handle is closed.
 *
 * An overmap puts inaccessible anonymous memory where a mapping was, in one
 * step, so that no other thread can be given the addresses in between. That is
 * what a Vulkan placed map does when it ends.
 */

#include <errno.h>
#include <sys/mman.h>

#include "nova_priv.h"

static int nova_bo_mmap(const struct nova_bo *bo, uint64_t offset, size_t len, int prot,
			void **addr)
{
	struct drm_nova_gem_mmap_offset args = { .handle = bo->handle };
	int flags = MAP_SHARED | (*addr ? MAP_FIXED : 0);
	void *ptr;
	int ret;

	/* What follows in the file may be another object. */
	if (offset > bo->size || len > bo->size - offset)
		return -EINVAL;
	ret = nova_device_ioctl(bo->dev, DRM_IOCTL_NOVA_GEM_MMAP_OFFSET, &args);
	if (ret)
		return ret;
	ptr = mmap(*addr, len, prot, flags, bo->dev->fd, (off_t)(args.offset + offset));
	if (ptr == MAP_FAILED)
		return -errno;
	*addr = ptr;
	return 0;
}

NOVA_EXPORT int nova_bo_map(const struct nova_bo *bo, uint64_t offset, size_t len, int prot,
			    void **ptr)
{
	void *addr = NULL;
	int ret = nova_bo_mmap(bo, offset, len, prot, &addr);

	if (!ret)
		*ptr = addr;
	return ret;
}

NOVA_EXPORT int nova_bo_map_at(const struct nova_bo *bo, uint64_t offset, size_t len, int prot,
			       void *addr)
{
	return addr ? nova_bo_mmap(bo, offset, len, prot, &addr) : -EINVAL;
}

NOVA_EXPORT int nova_bo_unmap(void *ptr, size_t len)
{
	return munmap(ptr, len) ? -errno : 0;
}

NOVA_EXPORT int nova_bo_overmap(void *ptr, size_t len)
{
	void *addr = mmap(ptr, len, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

	return addr == MAP_FAILED ? -errno : 0;
}
