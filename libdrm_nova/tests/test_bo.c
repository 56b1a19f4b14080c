// SPDX-License-Identifier: MIT

/**
 * DOC: Test of memory objects and their mappings
 *
 * One object for one handle whatever the order of imports and releases, handles
 * closed exactly once, and mappings of the right part of the right file. Runs
 * on the fake kernel, whose "device" is a memory file.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "fake.h"

static struct nova_bo *bo_create(struct nova_device *dev)
{
	const struct drm_nova_gem_create2 args = {
		.size = 0x3000, .placement = DRM_NOVA_PLACEMENT_VRAM,
		.handle = 99, .mmap_offset = 99,
	};
	struct nova_bo *bo = NULL;

	if (nova_bo_create(dev, &args, &bo))
		abort();
	return bo;
}

static void create_reports_what_the_kernel_made(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo;

	fake.next_handle = 17;
	bo = bo_create(dev);
	CHECK_EQ(nova_bo_handle(bo), 17);
	CHECK_EQ(nova_bo_size(bo), 0x4000);
	nova_bo_unref(bo);
	CHECK_EQ(fake.closed, 1);
	CHECK_EQ(fake.last_closed, 17);
	nova_bo_unref(NULL);
	nova_device_close(dev);
}

static void failed_create_returns_nothing(void)
{
	const struct drm_nova_gem_create2 args = { .size = 1 };
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = NULL;

	fake.fail_request = DRM_IOCTL_NOVA_GEM_CREATE2;
	fake.fail_errno = ENOSPC;
	CHECK_EQ(nova_bo_create(dev, &args, &bo), -ENOSPC);
	CHECK(!bo);
	CHECK_EQ(fake.closed, 0);
	nova_device_close(dev);
}

static void importing_a_known_handle_gives_the_same_object(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = bo_create(dev);
	struct nova_bo *again = NULL;

	CHECK_EQ(nova_bo_import(dev, 3, &again), 0);
	CHECK(again == bo);
	nova_bo_unref(bo);
	CHECK_EQ(fake.closed, 0);
	nova_bo_unref(again);
	CHECK_EQ(fake.closed, 1);
	nova_device_close(dev);
}

static void importing_a_foreign_buffer_asks_its_size(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = NULL;

	fake.next_handle = 5000;
	CHECK_EQ(nova_bo_import(dev, 3, &bo), 0);
	CHECK_EQ(nova_bo_handle(bo), 5000);
	CHECK_EQ(nova_bo_size(bo), 0x7000);
	CHECK(nova_bo_ref(bo) == bo);
	nova_bo_unref(bo);
	nova_bo_unref(bo);
	CHECK_EQ(fake.closed, 1);
	nova_device_close(dev);
}

static void failed_import_closes_its_handle(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = NULL;

	fake.fail_request = DRM_IOCTL_NOVA_GEM_INFO;
	fake.fail_errno = ENOENT;
	CHECK_EQ(nova_bo_import(dev, 3, &bo), -ENOENT);
	CHECK_EQ(fake.closed, 1);
	fake.fail_request = DRM_IOCTL_PRIME_FD_TO_HANDLE;
	fake.fail_errno = EBADF;
	CHECK_EQ(nova_bo_import(dev, 3, &bo), -EBADF);
	CHECK_EQ(fake.closed, 1);
	CHECK(!bo);
	nova_device_close(dev);
}

static void a_reused_handle_is_a_new_object(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = bo_create(dev);

	nova_bo_unref(bo);
	bo = NULL;
	CHECK_EQ(nova_bo_import(dev, 3, &bo), 0);
	CHECK_EQ(nova_bo_size(bo), 0x7000);
	nova_bo_unref(bo);
	nova_device_close(dev);
}

static void export_returns_the_file(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = bo_create(dev);
	int fd = -1;

	CHECK_EQ(nova_bo_export(bo, &fd), 0);
	CHECK_EQ(fd, 77);
	fake.fail_request = DRM_IOCTL_PRIME_HANDLE_TO_FD;
	fake.fail_errno = EPERM;
	CHECK_EQ(nova_bo_export(bo, &fd), -EPERM);
	nova_bo_unref(bo);
	nova_device_close(dev);
}

static void small_calls_pass_their_arguments(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = bo_create(dev);
	struct drm_nova_gem_query query = { 0 };
	bool retained = false;

	CHECK_EQ(nova_bo_query(bo, &query), 0);
	CHECK_EQ(query.region, DRM_NOVA_REGION_VRAM);
	CHECK_EQ(nova_bo_wait(bo, 0), 0);
	CHECK_EQ(fake.wait.flags, DRM_NOVA_GEM_WAIT_NOWAIT);
	CHECK_EQ(nova_bo_wait(bo, 123), 0);
	CHECK_EQ(fake.wait.flags, 0);
	CHECK_EQ(fake.wait.timeout_ns, 123);
	CHECK_EQ(nova_bo_madvise(bo, DRM_NOVA_MADVISE_DONTNEED, &retained), 0);
	CHECK(retained);
	CHECK_EQ(nova_bo_set_label(bo, "abc"), 0);
	CHECK_EQ(fake.label.len, 3);
	nova_bo_unref(bo);
	nova_device_close(dev);
}

/* Is anything mapped there? */
static bool is_mapped(void *at)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t start, end;
	bool found = false;
	char line[512];

	if (!maps)
		abort();
	while (!found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &start, &end) == 2 &&
			(uintptr_t)at >= start && (uintptr_t)at < end;
	fclose(maps);
	return found;
}

/* The fake places objects at 0x1000 of the device file. */
static void maps_show_the_part_asked_for(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = bo_create(dev);
	unsigned char *ptr = NULL;
	void *at;

	CHECK_EQ(pwrite(nova_device_fd(dev), "x", 1, 0x3000), 1);
	CHECK_EQ(nova_bo_map(bo, 0x2000, 0x1000, PROT_READ | PROT_WRITE, (void **)&ptr), 0);
	CHECK_EQ(ptr[0], 'x');
	at = ptr;
	CHECK_EQ(nova_bo_map_at(bo, 0x1000, 0x1000, PROT_READ, at), 0);
	CHECK_EQ(ptr[0], 0);
	CHECK_EQ(nova_bo_overmap(at, 0x1000), 0);
	CHECK(is_mapped(at));
	CHECK_EQ(nova_bo_unmap(at, 0x1000), 0);
	CHECK(!is_mapped(at));
	nova_bo_unref(bo);
	nova_device_close(dev);
}

static void maps_refuse(void)
{
	struct nova_device *dev = fake_open();
	struct nova_bo *bo = bo_create(dev);
	void *ptr = NULL;

	CHECK_EQ(nova_bo_map(bo, 0, 0, PROT_READ, &ptr), -EINVAL);
	CHECK_EQ(nova_bo_map(bo, UINT64_MAX, 0x1000, PROT_READ, &ptr), -EINVAL);
	CHECK_EQ(nova_bo_map(bo, 12, 0x1000, PROT_READ, &ptr), -EINVAL);
	CHECK_EQ(nova_bo_map(bo, nova_bo_size(bo), 0x1000, PROT_READ, &ptr), -EINVAL);
	CHECK_EQ(nova_bo_map(bo, 0x1000, nova_bo_size(bo), PROT_READ, &ptr), -EINVAL);
	CHECK_EQ(nova_bo_map_at(bo, 0, 0x1000, PROT_READ, NULL), -EINVAL);
	CHECK_EQ(nova_bo_unmap((void *)1, 0x1000), -EINVAL);
	CHECK_EQ(nova_bo_overmap((void *)1, 0x1000), -EINVAL);
	fake.fail_request = DRM_IOCTL_NOVA_GEM_MMAP_OFFSET;
	fake.fail_errno = EPERM;
	CHECK_EQ(nova_bo_map(bo, 0, 0x1000, PROT_READ, &ptr), -EPERM);
	CHECK(!ptr);
	nova_bo_unref(bo);
	nova_device_close(dev);
}

static const struct check_case cases[] = {
	CHECK_CASE(create_reports_what_the_kernel_made),
	CHECK_CASE(failed_create_returns_nothing),
	CHECK_CASE(importing_a_known_handle_gives_the_same_object),
	CHECK_CASE(importing_a_foreign_buffer_asks_its_size),
	CHECK_CASE(failed_import_closes_its_handle),
	CHECK_CASE(a_reused_handle_is_a_new_object),
	CHECK_CASE(export_returns_the_file),
	CHECK_CASE(small_calls_pass_their_arguments),
	CHECK_CASE(maps_show_the_part_asked_for),
	CHECK_CASE(maps_refuse),
};

CHECK_MAIN(cases)
