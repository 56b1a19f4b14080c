// SPDX-License-Identifier: MIT

/**
 * TEST: nova prime
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: PRIME
 * Description: sharing objects between clients of one device
 */

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_share.h"

IGT_TEST_DESCRIPTION("Sharing objects between clients of one device");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE NOVA_2M

static const struct {
	const char *name;
	uint32_t placement;
} regions[] = {
	{ "vram", NOVA_VRAM },
	{ "system", NOVA_SYSTEM },
};

/**
 * SUBTEST: same-file-same-handle-%s
 * Description: importing one's own buffer gives the handle one has: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_same_file(int fd, uint32_t handle)
{
	int dmabuf = nova_export(fd, handle);

	igt_assert_eq_u32(nova_import(fd, dmabuf), handle);
	igt_assert(nova_gem_query(fd, handle).state & DRM_NOVA_GEM_STATE_EXPORTED);
	igt_assert(!(nova_gem_query(fd, handle).state & DRM_NOVA_GEM_STATE_IMPORTED));
	close(dmabuf);
}

/**
 * SUBTEST: two-clients-%s
 * Description: two clients of one device share one memory, for CPU and GPU: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_two_clients(int fd, uint32_t handle)
{
	int dmabuf = nova_export(fd, handle), other = nova_open_again(fd);
	uint32_t theirs = nova_import(other, dmabuf);
	void *a = nova_gem_mmap(fd, handle, 0, SIZE), *b = nova_gem_mmap(other, theirs, 0, SIZE);
	uint32_t vm;
	struct nova_eye eye;

	nova_vm_destroy(other, nova_vm_create(other));
	nova_vm_create(other);
	vm = nova_vm_create(other);
	nova_fill(a, SIZE, 60);
	igt_assert(nova_check(b, SIZE, 60));
	nova_vm_map(other, vm, theirs, 0, 1ull << 33, SIZE);
	eye = nova_eye(other, vm);
	igt_assert(nova_eye_sees(&eye, 1ull << 33, a, SIZE));
	nova_eye_close(&eye);
	munmap(a, SIZE);
	munmap(b, SIZE);
	close(dmabuf);
	drm_close_driver(other);
}

/**
 * SUBTEST: outlives-owner-%s
 * Description: the content lives on in the dma-buf after its maker is gone: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_outlives(int fd, uint32_t handle)
{
	int owner = nova_open_again(fd), dmabuf;
	uint32_t theirs = nova_gem_create(owner, SIZE, nova_gem_query(fd, handle).placement);
	void *ptr = nova_gem_mmap(owner, theirs, 0, SIZE);
	uint32_t mine;

	nova_fill(ptr, SIZE, 61);
	munmap(ptr, SIZE);
	dmabuf = nova_export(owner, theirs);
	drm_close_driver(owner);
	mine = nova_import(fd, dmabuf);
	close(dmabuf);
	ptr = nova_gem_mmap(fd, mine, 0, SIZE);
	igt_assert(nova_check(ptr, SIZE, 61));
	munmap(ptr, SIZE);
	nova_gem_close(fd, mine);
}

/**
 * SUBTEST: map-dmabuf-%s
 * Description: mmap of the dma-buf itself shows the object: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_map_dmabuf(int fd, uint32_t handle)
{
	int dmabuf = nova_export(fd, handle);
	void *a = nova_gem_mmap(fd, handle, 0, SIZE);
	void *b = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);

	igt_assert(b != MAP_FAILED);
	nova_fill(a, SIZE, 62);
	igt_assert(nova_check(b, SIZE, 62));
	munmap(a, SIZE);
	munmap(b, SIZE);
	close(dmabuf);
}

static const struct {
	const char *name;
	void (*run)(int fd, uint32_t handle);
} tests[] = {
	{ "same-file-same-handle", test_same_file },
	{ "two-clients", test_two_clients },
	{ "outlives-owner", test_outlives },
	{ "map-dmabuf", test_map_dmabuf },
};

static void run_on_fresh_object(int fd, unsigned int i, uint32_t placement)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	uint32_t handle = nova_gem_create(fd, SIZE, placement);

	tests[i].run(fd, handle);
	nova_gem_close(fd, handle);
	nova_settle_vram(fd, used);
}

/**
 * SUBTEST: bad-private
 * Description: an object private to a VM cannot be exported
 */
static void test_bad_private(int fd)
{
	uint32_t vm = nova_vm_create(fd);
	uint32_t handle = nova_gem_create_private(fd, vm, NOVA_64K, NOVA_VRAM);
	int dmabuf;

	igt_assert_eq(__nova_export(fd, handle, &dmabuf), -EPERM);
	igt_assert(!(nova_gem_query(fd, handle).state & DRM_NOVA_GEM_STATE_EXPORTED));
	nova_gem_close(fd, handle);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: bad-handles
 * Description: unknown handles cannot be exported, other files not imported
 */
static void test_bad_handles(int fd)
{
	struct drm_prime_handle args = { .fd = fd };
	uint32_t next = nova_next_handle(fd);
	int dmabuf;

	igt_assert_eq(__nova_export(fd, 0, &dmabuf), -ENOENT);
	igt_assert_eq(__nova_export(fd, 0x7777, &dmabuf), -ENOENT);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args), -EINVAL);
	args.fd = -1;
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args), -EBADF);
	igt_assert_eq_u32(nova_next_handle(fd), next);
}

int igt_main()
{
	unsigned int i, j;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(tests); i++)
		for (j = 0; j < NR(regions); j++)
			igt_subtest_f("%s-%s", tests[i].name, regions[j].name)
				run_on_fresh_object(fd, i, regions[j].placement);
	igt_subtest("bad-private")
		test_bad_private(fd);
	igt_subtest("bad-handles")
		test_bad_handles(fd);

	igt_fixture()
		drm_close_driver(fd);
}
