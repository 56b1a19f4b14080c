// SPDX-License-Identifier: MIT

/**
 * TEST: nova mmap more
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: CPU mappings
 * Description: moving, forking and debugging of CPU mappings, and what they cost
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Moving, forking and debugging of CPU mappings, and what they cost");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE (2 * NOVA_2M)

/**
 * SUBTEST: mremap-%s
 * Description: a mapping can be moved and made smaller, not larger: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_mremap(int fd, uint32_t handle)
{
	char *ptr = nova_gem_mmap(fd, handle, 0, SIZE / 2), *to;

	nova_fill(ptr, SIZE / 2, 20);
	igt_assert(mremap(ptr, SIZE / 2, SIZE, MREMAP_MAYMOVE) == MAP_FAILED);
	errno = 0;
	to = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(to != MAP_FAILED);
	igt_assert(mremap(ptr, SIZE / 2, SIZE / 2, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	igt_assert(nova_check(to, SIZE / 2, 20));
	igt_assert(mremap(to, SIZE / 2, NOVA_64K, 0) == to);
	igt_assert(nova_check(to, NOVA_64K, 20));
	nova_fill(to, NOVA_64K, 21);
	munmap(to, SIZE);
	ptr = nova_gem_mmap(fd, handle, 0, NOVA_64K);
	igt_assert(nova_check(ptr, NOVA_64K, 21));
	munmap(ptr, NOVA_64K);
}

/**
 * SUBTEST: protection-changes-%s
 * Description: pages of one mapping get and lose rights one by one: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_protection_changes(int fd, uint32_t handle)
{
	static const int prots[] = { PROT_READ, PROT_NONE, PROT_READ | PROT_WRITE };
	char *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	unsigned int i;

	nova_fill(ptr, SIZE, 22);
	for (i = 0; i < 30; i++)
		igt_assert_eq(mprotect(ptr + i * NOVA_4K, NOVA_4K, prots[i % 3]), 0);
	for (i = 0; i < 30; i++)
		igt_assert_eq(mprotect(ptr + i * NOVA_4K, NOVA_4K, PROT_READ | PROT_WRITE), 0);
	igt_assert(nova_check(ptr, SIZE, 22));
	igt_assert_eq(mprotect(ptr, NOVA_4K, PROT_READ | PROT_EXEC), -1);
	errno = 0;
	munmap(ptr, SIZE);
}

/**
 * SUBTEST: dontneed-%s
 * Description: forgetting the pages of a mapping forgets no content: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_dontneed(int fd, uint32_t handle)
{
	void *ptr = nova_gem_mmap(fd, handle, 0, SIZE);

	nova_fill(ptr, SIZE, 23);
	/* Refused for such mappings by some kernels. */
	madvise(ptr, SIZE, MADV_DONTNEED);
	errno = 0;
	igt_assert(nova_check(ptr, SIZE, 23));
	munmap(ptr, SIZE);
}

/**
 * SUBTEST: fork-tree-%s
 * Description: children and their children write their parts of one object: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_fork_tree(int fd, uint32_t handle)
{
	char *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	unsigned int i;

	igt_fork(child, 4) {
		int status;
		pid_t pid = fork();

		igt_assert(pid >= 0);
		nova_fill(ptr + (2 * child + !pid) * NOVA_64K, NOVA_64K, 30 + 2 * child + !pid);
		if (!pid)
			_exit(0);
		igt_assert_eq(waitpid(pid, &status, 0), pid);
		igt_assert_eq(status, 0);
	}
	igt_waitchildren();
	for (i = 0; i < 8; i++)
		igt_assert(nova_check(ptr + i * NOVA_64K, NOVA_64K, 30 + i));
	munmap(ptr, SIZE);
}

/**
 * SUBTEST: debugger-%s
 * Description: what a debugger reads and writes in a mapping is the object: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_debugger(int fd, uint32_t handle)
{
	static const struct {
		uint64_t off, len;
	} parts[] = {
		{ 0, 8 }, { 3, 1 }, { 0xffd, 7 }, { NOVA_64K - 5, 4111 }, { SIZE - 3, 3 },
	};
	char *ptr = nova_gem_mmap(fd, handle, 0, SIZE), *copy = malloc(SIZE), got[8192];
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	unsigned int i;

	igt_assert(mem >= 0 && copy);
	nova_fill(ptr, SIZE, 24);
	memcpy(copy, ptr, SIZE);
	for (i = 0; i < NR(parts); i++) {
		uint64_t off = parts[i].off, len = parts[i].len;

		igt_assert(pread(mem, got, len, (off_t)(uintptr_t)(ptr + off)) == (ssize_t)len);
		igt_assert(!memcmp(got, copy + off, len));
		memset(copy + off, (int)i + 1, len);
		igt_assert(pwrite(mem, copy + off, len, (off_t)(uintptr_t)(ptr + off)) ==
			   (ssize_t)len);
	}
	igt_assert(!memcmp(ptr, copy, SIZE));
	close(mem);
	munmap(ptr, SIZE);
	free(copy);
}

static long minor_faults(void)
{
	struct rusage usage;

	igt_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_minflt;
}

/**
 * SUBTEST: fault-around-%s
 * Description: touching a mapping page by page from its start costs at most a fault for
 *              every four pages: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_fault_around(int fd, uint32_t handle)
{
	volatile char *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	long before = minor_faults(), pages = SIZE / NOVA_4K, i;

	for (i = 0; i < pages; i++)
		ptr[i * NOVA_4K] = 1;
	igt_info("%ld faults for %ld pages\n", minor_faults() - before, pages);
	igt_assert(minor_faults() - before <= pages / 4);
	munmap((void *)ptr, SIZE);
}

/**
 * SUBTEST: fault-around-backwards
 * Description: the same from the end of an object in VRAM
 */
static void test_fault_around_backwards(int fd)
{
	uint32_t handle = nova_gem_create(fd, SIZE, NOVA_VRAM);
	volatile char *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	long before = minor_faults(), pages = SIZE / NOVA_4K, i;

	igt_require(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_BAR_SIZE));
	for (i = pages; i-- > 0;)
		ptr[i * NOVA_4K] = 1;
	igt_assert(minor_faults() - before <= pages / 4);
	munmap((void *)ptr, SIZE);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: many-objects
 * Description: many mapped objects, touched in turn, share a window of any size
 */
static void test_many_objects(int fd)
{
	enum { OBJECTS = 48 };
	uint32_t handles[OBJECTS];
	void *ptrs[OBJECTS];
	unsigned int i, round;

	for (i = 0; i < OBJECTS; i++) {
		handles[i] = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
		ptrs[i] = nova_gem_mmap(fd, handles[i], 0, NOVA_2M);
		nova_fill((char *)ptrs[i] + i * NOVA_4K, NOVA_4K, 100 + i);
	}
	for (round = 0; round < 3; round++)
		for (i = 0; i < OBJECTS; i++)
			igt_assert(nova_check((char *)ptrs[i] + i * NOVA_4K, NOVA_4K, 100 + i));
	for (i = 0; i < OBJECTS; i++) {
		munmap(ptrs[i], NOVA_2M);
		nova_gem_close(fd, handles[i]);
	}
}

/**
 * SUBTEST: deferred-without-room
 * Description: the first touch of an object that finds VRAM full goes on in system memory
 */
static void test_deferred_without_room(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE), .placement = NOVA_VRAM,
		.flags = DRM_NOVA_GEM_CONTIGUOUS | DRM_NOVA_GEM_DEFER,
	};
	void *ptr;

	/* Page tables take some of it, so one block of all of it can never be had. */
	igt_require(create.size <= 256 << 20);
	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	ptr = nova_gem_mmap(fd, create.handle, 0, NOVA_64K);
	nova_fill(ptr, NOVA_64K, 25);
	igt_assert(nova_check(ptr, NOVA_64K, 25));
	igt_assert_eq_u32(nova_gem_query(fd, create.handle).region, DRM_NOVA_REGION_SYSTEM);
	munmap(ptr, NOVA_64K);
	nova_gem_close(fd, create.handle);
}

static const struct {
	const char *name;
	void (*run)(int fd, uint32_t handle);
} tests[] = {
	{ "mremap", test_mremap },
	{ "protection-changes", test_protection_changes },
	{ "dontneed", test_dontneed },
	{ "fork-tree", test_fork_tree },
	{ "debugger", test_debugger },
	{ "fault-around", test_fault_around },
};

static void run_on_fresh_object(int fd, unsigned int i, uint32_t placement)
{
	uint32_t handle = nova_gem_create(fd, SIZE, placement);

	tests[i].run(fd, handle);
	nova_gem_close(fd, handle);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(tests); i++) {
		igt_subtest_f("%s-vram", tests[i].name)
			run_on_fresh_object(fd, i, NOVA_VRAM);
		igt_subtest_f("%s-system", tests[i].name)
			run_on_fresh_object(fd, i, NOVA_SYSTEM);
	}
	igt_subtest("fault-around-backwards")
		test_fault_around_backwards(fd);
	igt_subtest("many-objects")
		test_many_objects(fd);
	igt_subtest("deferred-without-room")
		test_deferred_without_room(fd);

	igt_fixture()
		drm_close_driver(fd);
}
