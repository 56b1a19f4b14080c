// SPDX-License-Identifier: MIT

/**
 * TEST: nova gem use
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: GEM_WAIT, GEM_SET_LABEL, GEM_MADVISE
 * Description: waiting for objects, naming them, giving up their content
 */

#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Waiting for objects, naming them, giving up their content");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* Calls without a feature bit of their own may be absent all the same. */
static void require_present(int ret)
{
	igt_require_f(ret != -EOPNOTSUPP, "not built in\n");
}

/**
 * SUBTEST: wait-idle
 * Description: an idle object is idle for every deadline, past ones too
 */
static void test_wait_idle(int fd, uint32_t handle)
{
	const int64_t deadlines[] = { 0, 1, now_ns(), now_ns() + 1000000000, INT64_MAX };
	unsigned int i;

	/* Until it has been cleared it is not. */
	igt_assert_eq(__nova_gem_wait(fd, handle, 0, INT64_MAX), 0);
	for (i = 0; i < NR(deadlines); i++) {
		igt_assert_eq(__nova_gem_wait(fd, handle, 0, deadlines[i]), 0);
		igt_assert_eq(__nova_gem_wait(fd, handle, DRM_NOVA_GEM_WAIT_NOWAIT,
					      deadlines[i]), 0);
	}
}

/**
 * SUBTEST: wait-after-bind
 * Description: a bind has finished when its ioctl returns, so objects are idle
 */
static void test_wait_bound(int fd, uint32_t handle)
{
	uint32_t vm = nova_vm_create(fd);

	nova_vm_map(fd, vm, handle, 0, 1ull << 33, NOVA_64K);
	igt_assert_eq(__nova_gem_wait(fd, handle, 0, now_ns() + 1000000000), 0);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: wait-bad
 * Description: GEM_WAIT refuses unknown flags, negative deadlines, unknown handles
 */
static void test_wait_bad(int fd, uint32_t handle)
{
	unsigned int bit;

	for (bit = 1; bit < 32; bit++)
		igt_assert_eq(__nova_gem_wait(fd, handle, 1u << bit, 0), -EINVAL);
	igt_assert_eq(__nova_gem_wait(fd, handle, 0, -1), -EINVAL);
	igt_assert_eq(__nova_gem_wait(fd, handle, 0, INT64_MIN), -EINVAL);
	igt_assert_eq(__nova_gem_wait(fd, handle, DRM_NOVA_GEM_WAIT_NOWAIT, -1), -EINVAL);
	igt_assert_eq(__nova_gem_wait(fd, 0, 0, 0), -ENOENT);
	igt_assert_eq(__nova_gem_wait(fd, 0x7777, 0, 0), -ENOENT);
}

/**
 * SUBTEST: label
 * Description: a label can be set, shows in debugfs, and can be removed
 */
static void test_label(int fd, uint32_t handle)
{
	const char *label = "igt ~label! 42";
	char *text;

	igt_assert_eq(__nova_gem_set_label(fd, handle, label, strlen(label)), 0);
	igt_assert_eq(nova_debug_read(fd, "gem", &text), 0);
	igt_assert(strstr(text, label));
	free(text);
	igt_assert_eq(__nova_gem_set_label(fd, handle, NULL, 0), 0);
	igt_assert_eq(nova_debug_read(fd, "gem", &text), 0);
	igt_assert(!strstr(text, label));
	free(text);
}

/**
 * SUBTEST: label-bad
 * Description: GEM_SET_LABEL refuses long labels, control and non-ASCII
 *              characters, unreadable memory and unknown handles
 */
static void test_label_bad(int fd, uint32_t handle)
{
	char text[257];
	int c;

	memset(text, 'x', sizeof(text));
	igt_assert_eq(__nova_gem_set_label(fd, handle, text, 255), 0);
	igt_assert_eq(__nova_gem_set_label(fd, handle, text, 256), -E2BIG);
	igt_assert_eq(__nova_gem_set_label(fd, handle, text, UINT_MAX), -E2BIG);
	for (c = 0; c < 256; c++) {
		text[7] = (char)c;
		igt_assert_eq(__nova_gem_set_label(fd, handle, text, 20),
			      c >= 0x20 && c < 0x7f ? 0 : -EINVAL);
	}
	igt_assert_eq(__nova_gem_set_label(fd, handle, (void *)8, 4), -EFAULT);
	igt_assert_eq(__nova_gem_set_label(fd, 0, "abc", 3), -ENOENT);
	igt_assert_eq(__nova_gem_set_label(fd, 0x7777, "abc", 3), -ENOENT);
}

static int madvise_retained(int fd, uint32_t handle, uint32_t advice)
{
	uint32_t retained;

	igt_assert_eq(__nova_gem_madvise(fd, handle, advice, &retained), 0);
	return retained;
}

/**
 * SUBTEST: madvise
 * Description: an object not needed cannot be mapped, bound or exported until it is again
 */
static void test_madvise(int fd, uint32_t handle)
{
	uint32_t vm = nova_vm_create(fd);
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .va = 1ull << 33,
		.range = NOVA_64K,
	};
	uint64_t offset;
	void *ptr = nova_gem_mmap(fd, handle, 0, NOVA_64K);

	nova_fill(ptr, NOVA_64K, 50);
	munmap(ptr, NOVA_64K);
	igt_assert_eq(madvise_retained(fd, handle, DRM_NOVA_MADVISE_DONTNEED), 1);
	igt_assert_eq(madvise_retained(fd, handle, DRM_NOVA_MADVISE_DONTNEED), 1);
	igt_assert(nova_gem_query(fd, handle).state & DRM_NOVA_GEM_STATE_DONTNEED);
	igt_assert_eq(__nova_gem_mmap_offset(fd, handle, &offset), -EBUSY);
	igt_assert_eq(__nova_vm_bind_op(fd, vm, &op), -EBUSY);
	igt_assert_eq(madvise_retained(fd, handle, DRM_NOVA_MADVISE_WILLNEED), 1);
	igt_assert(!(nova_gem_query(fd, handle).state & DRM_NOVA_GEM_STATE_DONTNEED));
	ptr = nova_gem_mmap(fd, handle, 0, NOVA_64K);
	igt_assert(nova_check(ptr, NOVA_64K, 50));
	munmap(ptr, NOVA_64K);
	igt_assert_eq(__nova_vm_bind_op(fd, vm, &op), 0);
	nova_vm_destroy(fd, vm);
}

static const struct nova_bad bad_madvise[] = {
	NOVA_BAD("handle-zero", gem_madvise, handle, 0, -ENOENT),
	NOVA_BAD("handle-unknown", gem_madvise, handle, 0x7777, -ENOENT),
	NOVA_BAD("advice", gem_madvise, advice, 2, -EINVAL),
	NOVA_BAD("retained-set", gem_madvise, retained, 1, -EINVAL),
	NOVA_BAD("pad", gem_madvise, pad, 1, -EINVAL),
};

/**
 * SUBTEST: madvise-bad
 * Description: GEM_MADVISE refuses every bad field
 */
static void test_madvise_bad(int fd, uint32_t handle)
{
	unsigned int i;

	for (i = 0; i < NR(bad_madvise); i++) {
		struct drm_nova_gem_madvise args = { .handle = handle };

		nova_poke(&args, &bad_madvise[i]);
		igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_MADVISE, &args),
			      bad_madvise[i].err);
	}
}

int igt_main()
{
	uint32_t handle = 0;
	int fd = -1;

	igt_fixture() {
		fd = nova_open();
		handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	}

	igt_subtest_group() {
		igt_fixture()
			require_present(__nova_gem_wait(fd, handle, 0, 0));
		igt_subtest("wait-idle")
			test_wait_idle(fd, handle);
		igt_subtest("wait-after-bind")
			test_wait_bound(fd, handle);
		igt_subtest("wait-bad")
			test_wait_bad(fd, handle);
	}
	igt_subtest_group() {
		igt_fixture()
			require_present(__nova_gem_set_label(fd, handle, NULL, 0));
		igt_subtest("label")
			test_label(fd, handle);
		igt_subtest("label-bad")
			test_label_bad(fd, handle);
	}
	igt_subtest_group() {
		igt_fixture()
			nova_require_feature(fd, DRM_NOVA_FEATURE_MADVISE);
		igt_subtest("madvise")
			test_madvise(fd, handle);
		igt_subtest("madvise-bad")
			test_madvise_bad(fd, handle);
	}

	igt_fixture() {
		nova_gem_close(fd, handle);
		drm_close_driver(fd);
	}
}
