// SPDX-License-Identifier: MIT

/**
 * DOC: A kernel made of a table
 *
 * Answers the ioctls of libdrm_nova without a kernel driver. ioctl() defined in
 * the program hides that of the C library from libdrm too. What the library
 * asked is kept in struct fake for the test to look at; what it shall be told
 * is set there beforehand. One thread, one device.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xf86drm.h>

#include "fake.h"

struct fake fake;

static void fake_version_string(char *to, size_t *len, const char *from)
{
	if (to && *len >= strlen(from))
		memcpy(to, from, strlen(from));
	*len = strlen(from);
}

/* libdrm copies all three strings and takes each to be there. */
static int fake_version(struct drm_version *arg)
{
	fake_version_string(arg->name, &arg->name_len, fake.driver);
	fake_version_string(arg->date, &arg->date_len, "0");
	fake_version_string(arg->desc, &arg->desc_len, "fake");
	return 0;
}

static int fake_info(struct drm_nova_info *arg)
{
	struct drm_nova_info_limits limits = { .max_bind_ops = fake.max_bind_ops };
	uint32_t size = arg->size < fake.info_size ? arg->size : fake.info_size;

	if (!arg->data) {
		arg->size = fake.info_size;
		return 0;
	}
	if (arg->id == DRM_NOVA_INFO_LIMITS)
		memcpy((void *)(uintptr_t)arg->data, &limits,
		       size < sizeof(limits) ? size : sizeof(limits));
	else
		memset((void *)(uintptr_t)arg->data, 0xab, size);
	arg->size = size;
	return 0;
}

static int fake_bind(struct drm_nova_vm_bind *arg)
{
	uint32_t nr = arg->ops.count < 8 ? arg->ops.count : 8;
	int ret;

	fake.bind = *arg;
	if (arg->ops.count > fake.max_bind_ops)
		return E2BIG;
	ret = fake.on_bind ? fake.on_bind(arg) : 0;
	if (ret)
		return ret;
	if (nr)
		memcpy(fake.ops, (void *)(uintptr_t)arg->ops.ptr, nr * sizeof(fake.ops[0]));
	fake.bound_ops += arg->ops.count;
	fake.binds++;
	return 0;
}

static int fake_syncobj(unsigned long request, void *arg)
{
	struct drm_syncobj_timeline_array *array = arg;

	fake.syncobj_request = request;
	switch (request) {
	case DRM_IOCTL_SYNCOBJ_CREATE:
		((struct drm_syncobj_create *)arg)->handle = 8;
		return 0;
	case DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT:
		fake.syncobj_wait = *(struct drm_syncobj_timeline_wait *)arg;
		return 0;
	case DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL:
		fake.syncobj_point = *(uint64_t *)(uintptr_t)array->points;
		return 0;
	case DRM_IOCTL_SYNCOBJ_QUERY:
		*(uint64_t *)(uintptr_t)array->points = 41;
		return 0;
	case DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD:
		((struct drm_syncobj_handle *)arg)->fd = 78;
		return 0;
	case DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE:
		((struct drm_syncobj_handle *)arg)->handle = 9;
		return 0;
	case DRM_IOCTL_SYNCOBJ_DESTROY:
	case DRM_IOCTL_SYNCOBJ_SIGNAL:
		return 0;
	}
	return ENOTTY;
}

static int fake_answer(unsigned long request, void *arg)
{
	switch (request) {
	case DRM_IOCTL_VERSION:
		return fake_version(arg);
	case DRM_IOCTL_NOVA_GETPARAM:
		((struct drm_nova_getparam *)arg)->value = fake.features;
		return 0;
	case DRM_IOCTL_NOVA_INFO:
		return fake_info(arg);
	case DRM_IOCTL_NOVA_GEM_CREATE2:
		((struct drm_nova_gem_create2 *)arg)->handle = fake.next_handle;
		((struct drm_nova_gem_create2 *)arg)->size += 0x1000;
		return 0;
	case DRM_IOCTL_NOVA_GEM_INFO:
		((struct drm_nova_gem_info *)arg)->size = 0x7000;
		return 0;
	case DRM_IOCTL_NOVA_GEM_QUERY:
		((struct drm_nova_gem_query *)arg)->region = DRM_NOVA_REGION_VRAM;
		return 0;
	case DRM_IOCTL_NOVA_GEM_MMAP_OFFSET:
		((struct drm_nova_gem_mmap_offset *)arg)->offset = 0x1000;
		return 0;
	case DRM_IOCTL_NOVA_GEM_WAIT:
		fake.wait = *(struct drm_nova_gem_wait *)arg;
		return 0;
	case DRM_IOCTL_NOVA_GEM_MADVISE:
		((struct drm_nova_gem_madvise *)arg)->retained = 1;
		return 0;
	case DRM_IOCTL_NOVA_GEM_SET_LABEL:
		fake.label = *(struct drm_nova_gem_set_label *)arg;
		return 0;
	case DRM_IOCTL_GEM_CLOSE:
		fake.closed++;
		fake.last_closed = ((struct drm_gem_close *)arg)->handle;
		return 0;
	case DRM_IOCTL_PRIME_FD_TO_HANDLE:
		((struct drm_prime_handle *)arg)->handle = fake.next_handle;
		return 0;
	case DRM_IOCTL_PRIME_HANDLE_TO_FD:
		((struct drm_prime_handle *)arg)->fd = 77;
		return 0;
	case DRM_IOCTL_NOVA_VM_CREATE:
		*(struct drm_nova_vm_create *)arg = (struct drm_nova_vm_create){
			.vm_id = 5, .kernel_start = 0x10000000, .kernel_size = 0x200000,
			.va_size = 1ull << 47,
		};
		return 0;
	case DRM_IOCTL_NOVA_VM_BIND:
		return fake_bind(arg);
	case DRM_IOCTL_NOVA_VM_GET_STATE:
		((struct drm_nova_vm_get_state *)arg)->faults.count = 3;
		return 0;
	case DRM_IOCTL_NOVA_VM_QUERY_RANGES:
		((struct drm_nova_vm_query_ranges *)arg)->ranges.count = 9;
		return 0;
	case DRM_IOCTL_NOVA_QUEUE_CREATE:
		((struct drm_nova_queue_create *)arg)->queue_id = 6;
		return 0;
	case DRM_IOCTL_NOVA_QUEUE_GET_STATE:
		((struct drm_nova_queue_get_state *)arg)->state = DRM_NOVA_QUEUE_STATE_GUILTY;
		return 0;
	case DRM_IOCTL_NOVA_EXEC:
		fake.exec = *(struct drm_nova_exec *)arg;
		return 0;
	case DRM_IOCTL_NOVA_VM_DESTROY:
	case DRM_IOCTL_NOVA_QUEUE_DESTROY:
		return 0;
	}
	return fake_syncobj(request, arg);
}

static int fake_errno(unsigned long request, void *arg)
{
	if (fake.interrupts > 0) {
		fake.interrupts--;
		return fake.interrupt_errno;
	}
	fake.calls++;
	if (request == fake.fail_request && fake.fail_after-- <= 0) {
		if (request == DRM_IOCTL_NOVA_VM_BIND && fake.fail_errno != ENODEV)
			((struct drm_nova_vm_bind *)arg)->failed_op = 2;
		return fake.fail_errno;
	}
	return fake_answer(request, arg);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	errno = fake_errno(request, arg);
	return errno ? -1 : 0;
}

struct nova_device *fake_open(void)
{
	int fd = memfd_create("fake", MFD_CLOEXEC);
	struct nova_device *dev;

	fake = (struct fake){
		.driver = "nova",
		.features = DRM_NOVA_FEATURE_VM_BIND | DRM_NOVA_FEATURE_SPARSE,
		.next_handle = 1,
		.max_bind_ops = 4096,
		.info_size = 4096,
	};
	if (fd < 0 || ftruncate(fd, 0x10000) || nova_device_from_fd(fd, &dev))
		abort();
	close(fd);
	return dev;
}
