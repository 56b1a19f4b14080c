// SPDX-License-Identifier: MIT

/**
 * DOC: Test of devices and information
 *
 * Which files are accepted, what is retried, and how structures of another age
 * are handled. Runs on the fake kernel.
 */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "fake.h"

static void other_drivers_are_refused(void)
{
	struct nova_device *dev = fake_open();
	struct nova_device *other = NULL;
	int fd = memfd_create("other", MFD_CLOEXEC);

	fake.driver = "nova-drm";
	CHECK_EQ(nova_device_from_fd(fd, &other), -ENODEV);
	fake.driver = "nov";
	CHECK_EQ(nova_device_from_fd(fd, &other), -ENODEV);
	CHECK(!other);
	CHECK_EQ(nova_device_from_fd(-1, &other), -EBADF);
	CHECK_EQ(nova_device_open("/nonexistent", &other), -ENOENT);
	close(fd);
	nova_device_close(dev);
	nova_device_close(NULL);
}

static void callers_file_stays_open(void)
{
	struct nova_device *first = fake_open();
	struct nova_device *second = NULL;
	int fd = nova_device_fd(first);

	CHECK_EQ(nova_device_from_fd(fd, &second), 0);
	CHECK(nova_device_fd(second) != fd);
	nova_device_close(second);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	nova_device_close(first);
}

static void failure_to_learn_features_is_passed_on(void)
{
	struct nova_device *dev = fake_open();
	struct nova_device *other = NULL;

	fake.fail_request = DRM_IOCTL_NOVA_GETPARAM;
	fake.fail_errno = EACCES;
	CHECK_EQ(nova_device_from_fd(nova_device_fd(dev), &other), -EACCES);
	CHECK(!other);
	nova_device_close(dev);
}

static void features_need_every_bit(void)
{
	struct nova_device *dev = fake_open();

	CHECK(nova_device_has(dev, DRM_NOVA_FEATURE_SPARSE));
	CHECK(!nova_device_has(dev, DRM_NOVA_FEATURE_EXEC));
	CHECK(!nova_device_has(dev, (enum drm_nova_feature)(DRM_NOVA_FEATURE_SPARSE |
							    DRM_NOVA_FEATURE_EXEC)));
	nova_device_close(dev);
}

static void interrupted_calls_are_retried(void)
{
	struct nova_device *dev = fake_open();
	uint64_t value = 0;

	fake.features = 0x123;
	fake.interrupts = 5;
	fake.interrupt_errno = EINTR;
	CHECK_EQ(nova_device_getparam(dev, DRM_NOVA_PARAM_FEATURES, &value), 0);
	CHECK_EQ(value, 0x123);
	CHECK_EQ(fake.interrupts, 0);
	fake.interrupts = 5;
	fake.interrupt_errno = EAGAIN;
	CHECK_EQ(nova_device_getparam(dev, DRM_NOVA_PARAM_FEATURES, &value), 0);
	CHECK_EQ(fake.interrupts, 0);
	nova_device_close(dev);
}

static void failed_getparam_leaves_value_alone(void)
{
	struct nova_device *dev = fake_open();
	uint64_t value = 7;

	fake.fail_request = DRM_IOCTL_NOVA_GETPARAM;
	fake.fail_errno = EINVAL;
	CHECK_EQ(nova_device_getparam(dev, 99, &value), -EINVAL);
	CHECK_EQ(value, 7);
	nova_device_close(dev);
}

static void info_of_an_older_kernel_ends_in_zeroes(void)
{
	struct nova_device *dev = fake_open();
	unsigned char data[64];
	uint32_t size = 0;
	int i;

	fake.info_size = 40;
	CHECK_EQ(nova_info_size(dev, DRM_NOVA_INFO_VA, &size), 0);
	CHECK_EQ(size, 40);
	memset(data, 0xee, sizeof(data));
	CHECK_EQ(nova_info(dev, DRM_NOVA_INFO_VA, 48, data), 0);
	for (i = 0; i < 64; i++)
		CHECK_EQ(data[i], i < 40 ? 0xab : i < 48 ? 0 : 0xee);
	nova_device_close(dev);
}

static void info_of_a_newer_kernel_is_cut(void)
{
	struct nova_device *dev = fake_open();
	unsigned char data[64];
	int i;

	memset(data, 0xee, sizeof(data));
	CHECK_EQ(nova_info(dev, DRM_NOVA_INFO_VA, 16, data), 0);
	for (i = 0; i < 64; i++)
		CHECK_EQ(data[i], i < 16 ? 0xab : 0xee);
	nova_device_close(dev);
}

static void every_info_asks_for_its_own_structure(void)
{
	struct nova_device *dev = fake_open();
	struct {
		struct drm_nova_info_gpu gpu;
		struct drm_nova_info_memory memory;
		struct drm_nova_info_va va;
		struct drm_nova_info_bar1 bar1;
		struct drm_nova_info_limits limits;
		struct drm_nova_info_kinds kinds;
		struct drm_nova_info_time time;
	} info;

	memset(&info, 0, sizeof(info));
	CHECK_EQ(nova_info_gpu(dev, &info.gpu), 0);
	CHECK_EQ(nova_info_memory(dev, &info.memory), 0);
	CHECK_EQ(nova_info_va(dev, &info.va), 0);
	CHECK_EQ(nova_info_bar1(dev, &info.bar1), 0);
	CHECK_EQ(nova_info_limits(dev, &info.limits), 0);
	CHECK_EQ(nova_info_kinds(dev, &info.kinds), 0);
	CHECK_EQ(nova_info_time(dev, &info.time), 0);
	CHECK_EQ(info.gpu.gid[15], 0xab);
	CHECK_EQ(info.memory.regions[3].reserved, 0xababababababababull);
	CHECK_EQ(info.va.pad, 0xabababab);
	CHECK_EQ(info.bar1.pad, 0xabababab);
	CHECK_EQ(info.limits.max_bind_ops, 4096);
	CHECK_EQ(info.kinds.attr[255], 0xab);
	CHECK_EQ(info.time.frequency_hz, 0xababababababababull);
	nova_device_close(dev);
}

static const struct check_case cases[] = {
	CHECK_CASE(other_drivers_are_refused),
	CHECK_CASE(callers_file_stays_open),
	CHECK_CASE(failure_to_learn_features_is_passed_on),
	CHECK_CASE(features_need_every_bit),
	CHECK_CASE(interrupted_calls_are_retried),
	CHECK_CASE(failed_getparam_leaves_value_alone),
	CHECK_CASE(info_of_an_older_kernel_ends_in_zeroes),
	CHECK_CASE(info_of_a_newer_kernel_is_cut),
	CHECK_CASE(every_info_asks_for_its_own_structure),
};

CHECK_MAIN(cases)
