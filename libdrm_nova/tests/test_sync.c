// SPDX-License-Identifier: MIT

/**
 * DOC: Test of syncobjs
 *
 * Which request each call makes, for binary syncobjs and timelines, and what it
 * returns. Runs on the fake kernel.
 */

#include <errno.h>

#include "check.h"
#include "fake.h"

static void handles_come_and_go(void)
{
	struct nova_device *dev = fake_open();
	uint32_t handle = 0;
	int fd = -1;

	CHECK_EQ(nova_syncobj_create(dev, true, &handle), 0);
	CHECK_EQ(handle, 8);
	CHECK_EQ(nova_syncobj_export(dev, handle, &fd), 0);
	CHECK_EQ(fd, 78);
	CHECK_EQ(nova_syncobj_import(dev, fd, &handle), 0);
	CHECK_EQ(handle, 9);
	CHECK_EQ(nova_syncobj_destroy(dev, handle), 0);
	CHECK_EQ(fake.syncobj_request, DRM_IOCTL_SYNCOBJ_DESTROY);
	nova_device_close(dev);
}

static void waits_for_all_of_both_kinds(void)
{
	const uint32_t handles[] = { 8, 9 };
	const uint64_t points[] = { 0, 41 };
	struct nova_device *dev = fake_open();

	CHECK_EQ(nova_syncobj_wait(dev, handles, points, 2, 123), 0);
	CHECK_EQ(fake.syncobj_wait.handles, (uintptr_t)handles);
	CHECK_EQ(fake.syncobj_wait.points, (uintptr_t)points);
	CHECK_EQ(fake.syncobj_wait.count_handles, 2);
	CHECK_EQ(fake.syncobj_wait.timeout_nsec, 123);
	CHECK_EQ(fake.syncobj_wait.flags, DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL |
		 DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT);
	nova_device_close(dev);
}

static void the_point_says_which_kind(void)
{
	struct nova_device *dev = fake_open();
	uint64_t point = 0;

	CHECK_EQ(nova_syncobj_signal(dev, 8, 0), 0);
	CHECK_EQ(fake.syncobj_request, DRM_IOCTL_SYNCOBJ_SIGNAL);
	CHECK_EQ(nova_syncobj_signal(dev, 8, 40), 0);
	CHECK_EQ(fake.syncobj_request, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL);
	CHECK_EQ(fake.syncobj_point, 40);
	CHECK_EQ(nova_syncobj_query(dev, 8, &point), 0);
	CHECK_EQ(point, 41);
	CHECK_EQ(nova_sync_wait(8, 0).flags, DRM_NOVA_SYNC_BINARY);
	CHECK_EQ(nova_sync_wait(8, 5).flags, DRM_NOVA_SYNC_TIMELINE);
	CHECK_EQ(nova_sync_wait(8, 5).point, 5);
	CHECK_EQ(nova_sync_signal(8, 0).flags, DRM_NOVA_SYNC_SIGNAL);
	CHECK_EQ(nova_sync_signal(8, 5).flags, DRM_NOVA_SYNC_SIGNAL | DRM_NOVA_SYNC_TIMELINE);
	CHECK_EQ(nova_sync_signal(8, 5).handle, 8);
	nova_device_close(dev);
}

static void errors_leave_results_alone(void)
{
	static const unsigned long requests[] = {
		DRM_IOCTL_SYNCOBJ_CREATE, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD,
		DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, DRM_IOCTL_SYNCOBJ_QUERY,
	};
	struct nova_device *dev = fake_open();
	uint32_t handle = 77;
	uint64_t point = 77;
	unsigned int i;
	int fd = 76;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		fake.fail_request = requests[i];
		fake.fail_errno = EINVAL;
		if (i == 0)
			CHECK_EQ(nova_syncobj_create(dev, false, &handle), -EINVAL);
		else if (i == 1)
			CHECK_EQ(nova_syncobj_export(dev, 8, &fd), -EINVAL);
		else if (i == 2)
			CHECK_EQ(nova_syncobj_import(dev, 3, &handle), -EINVAL);
		else
			CHECK_EQ(nova_syncobj_query(dev, 8, &point), -EINVAL);
	}
	CHECK_EQ(handle, 77);
	CHECK_EQ(point, 77);
	CHECK_EQ(fd, 76);
	nova_device_close(dev);
}

static const struct check_case cases[] = {
	CHECK_CASE(handles_come_and_go),
	CHECK_CASE(waits_for_all_of_both_kinds),
	CHECK_CASE(the_point_says_which_kind),
	CHECK_CASE(errors_leave_results_alone),
};

CHECK_MAIN(cases)
