// SPDX-License-Identifier: MIT

/**
 * TEST: nova mmap
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: CPU mappings
 * Description: CPU mappings of VRAM through BAR1 and of SYSTEM memory
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("CPU mappings of VRAM through BAR1 and of SYSTEM memory");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE (2 * NOVA_2M)

static const struct {
	const char *name;
	uint32_t placement;
} regions[] = {
	{ "vram", NOVA_VRAM },
	{ "system", NOVA_SYSTEM },
};

/* One test body runs on a fresh object of either region. */
struct mmap_test {
	const char *name;
	void (*run)(int fd, uint32_t handle);
};

/**
 * SUBTEST: write-read-%s
 * Description: a mapping of the whole object holds what was written: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_write_read(int fd, uint32_t handle)
{
	void *ptr = nova_gem_mmap(fd, handle, 0, SIZE);

	nova_fill(ptr, SIZE, 1);
	igt_assert(nova_check(ptr, SIZE, 1));
	munmap(ptr, SIZE);
}

/**
 * SUBTEST: access-widths-%s
 * Description: bytes, half-words and words land where they belong: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_access_widths(int fd, uint32_t handle)
{
	unsigned char *ptr = nova_gem_mmap(fd, handle, 0, NOVA_4K);
	const unsigned char want[16] = { 0x11, 0, 0x33, 0x22, 0x77, 0x66, 0x55, 0x44,
					 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88 };

	*(volatile uint8_t *)ptr = 0x11;
	*(volatile uint16_t *)(ptr + 2) = 0x2233;
	*(volatile uint32_t *)(ptr + 4) = 0x44556677;
	*(volatile uint64_t *)(ptr + 8) = 0x8899aabbccddeeffull;
	igt_assert(!memcmp(ptr, want, sizeof(want)));
	munmap(ptr, NOVA_4K);
}

/**
 * SUBTEST: sub-ranges-%s
 * Description: mappings of parts show just those parts: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_sub_ranges(int fd, uint32_t handle)
{
	static const struct {
		uint64_t offset, len;
	} parts[] = {
		{ 0, NOVA_4K }, { NOVA_4K, NOVA_4K }, { SIZE - NOVA_4K, NOVA_4K },
		{ 0xf000, 0x2000 }, { NOVA_64K, NOVA_64K }, { 0x1ff000, 0x2000 },
		{ 0x3000, 0x123000 }, { NOVA_2M, NOVA_2M }, { 0, SIZE },
	};
	char *whole = nova_gem_mmap(fd, handle, 0, SIZE);
	unsigned int i;

	nova_fill(whole, SIZE, 2);
	for (i = 0; i < NR(parts); i++) {
		void *part = nova_gem_mmap(fd, handle, parts[i].offset, parts[i].len);

		igt_assert(!memcmp(part, whole + parts[i].offset, parts[i].len));
		munmap(part, parts[i].len);
	}
	munmap(whole, SIZE);
}

/**
 * SUBTEST: two-mappings-%s
 * Description: what one mapping writes another reads: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_two_mappings(int fd, uint32_t handle)
{
	char *a = nova_gem_mmap(fd, handle, 0, SIZE);
	char *b = nova_gem_mmap(fd, handle, 0, SIZE);

	igt_assert(a != b);
	nova_fill(a, SIZE, 3);
	igt_assert(nova_check(b, SIZE, 3));
	nova_fill(b, SIZE, 4);
	igt_assert(nova_check(a, SIZE, 4));
	munmap(a, SIZE);
	igt_assert(nova_check(b, SIZE, 4));
	munmap(b, SIZE);
}

/**
 * SUBTEST: partial-unmap-%s
 * Description: a hole in a mapping leaves both sides as they were: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_partial_unmap(int fd, uint32_t handle)
{
	const uint64_t hole = 0x10000, end = 0x13000;
	char *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	char *ref = malloc(SIZE);
	unsigned char in_core;

	igt_assert(ref);
	nova_fill(ptr, SIZE, 5);
	memcpy(ref, ptr, SIZE);
	igt_assert_eq(munmap(ptr + hole, end - hole), 0);
	igt_assert(!memcmp(ptr, ref, hole));
	igt_assert(!memcmp(ptr + end, ref + end, SIZE - end));
	igt_assert_eq(mincore(ptr + hole, NOVA_4K, &in_core), -1);
	munmap(ptr, SIZE);
	free(ref);
}

/* Runs a check in a child and passes its verdict on. */
static bool in_child(bool (*check)(void *), void *arg)
{
	int status;
	pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid) {
		/* A bad access is a verdict here, not a crash for libigt to report. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		_exit(check(arg) ? 0 : 1);
	}
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool child_reads_and_writes(void *ptr)
{
	if (!nova_check(ptr, SIZE, 6))
		return false;
	nova_fill(ptr, SIZE, 7);
	return true;
}

/**
 * SUBTEST: fork-%s
 * Description: a child inherits the mapping and shares its content: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_fork(int fd, uint32_t handle)
{
	void *ptr = nova_gem_mmap(fd, handle, 0, SIZE);

	nova_fill(ptr, SIZE, 6);
	igt_assert(in_child(child_reads_and_writes, ptr));
	igt_assert(nova_check(ptr, SIZE, 7));
	munmap(ptr, SIZE);
}

/**
 * SUBTEST: outlives-handle-%s
 * Description: a mapping stays valid after the handle is closed: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_outlives_handle(int fd, uint32_t handle)
{
	uint32_t own = nova_gem_create(fd, SIZE, nova_gem_query(fd, handle).placement);
	void *ptr = nova_gem_mmap(fd, own, 0, SIZE);
	void *other;

	nova_fill(ptr, SIZE / 2, 8);
	nova_gem_close(fd, own);
	other = nova_gem_mmap(fd, handle, 0, SIZE);
	nova_fill(other, SIZE, 9);
	igt_assert(nova_check(ptr, SIZE / 2, 8));
	igt_assert(nova_is_zero((char *)ptr + SIZE / 2, SIZE / 2));
	munmap(other, SIZE);
	munmap(ptr, SIZE);
}

/**
 * SUBTEST: fixed-and-overmapped-%s
 * Description: MAP_FIXED over anonymous memory and the other way round: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_fixed(int fd, uint32_t handle)
{
	uint64_t offset = nova_gem_mmap_offset(fd, handle);
	char *area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = area + NOVA_64K;

	igt_assert(area != MAP_FAILED);
	memset(area, 0xaa, SIZE);
	igt_assert(mmap(at, NOVA_64K, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			(off_t)offset) == at);
	nova_fill(at, NOVA_64K, 10);
	igt_assert(nova_check(at, NOVA_64K, 10));
	igt_assert_eq((unsigned char)at[-1], 0xaa);
	igt_assert_eq((unsigned char)at[NOVA_64K], 0xaa);
	igt_assert(mmap(at, NOVA_4K, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			0) == at);
	igt_assert(nova_is_zero(at, NOVA_4K));
	munmap(area, SIZE);
	at = nova_gem_mmap(fd, handle, 0, NOVA_64K);
	igt_assert(nova_check(at, NOVA_64K, 10));
	munmap(at, NOVA_64K);
}

/**
 * SUBTEST: protection-%s
 * Description: a read-only mapping reads and cannot be written: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static bool child_writes(void *ptr)
{
	*(volatile uint32_t *)ptr = 1;
	return true;
}

static void test_protection(int fd, uint32_t handle)
{
	uint64_t offset = nova_gem_mmap_offset(fd, handle);
	void *rw = nova_gem_mmap(fd, handle, 0, NOVA_64K);
	void *ro = mmap(NULL, NOVA_64K, PROT_READ, MAP_SHARED, fd, (off_t)offset);

	igt_assert(ro != MAP_FAILED);
	nova_fill(rw, NOVA_64K, 11);
	igt_assert(nova_check(ro, NOVA_64K, 11));
	igt_assert(in_child(child_writes, rw));
	igt_assert(!in_child(child_writes, ro));
	igt_assert_eq(mprotect(ro, NOVA_64K, PROT_READ | PROT_WRITE), 0);
	igt_assert(in_child(child_writes, ro));
	munmap(ro, NOVA_64K);
	munmap(rw, NOVA_64K);
}

/**
 * SUBTEST: bad-private-%s
 * Description: a private writable mapping gives EINVAL: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_bad_private(int fd, uint32_t handle)
{
	uint64_t offset = nova_gem_mmap_offset(fd, handle);

	igt_assert(mmap(NULL, NOVA_4K, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
			(off_t)offset) == MAP_FAILED);
	igt_assert_eq(errno, EINVAL);
}

/**
 * SUBTEST: bad-exec-%s
 * Description: an executable mapping gives EPERM: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_bad_exec(int fd, uint32_t handle)
{
	uint64_t offset = nova_gem_mmap_offset(fd, handle);
	void *ptr = nova_gem_mmap(fd, handle, 0, NOVA_4K);

	igt_assert(mmap(NULL, NOVA_4K, PROT_READ | PROT_EXEC, MAP_SHARED, fd,
			(off_t)offset) == MAP_FAILED);
	igt_assert_eq(errno, EPERM);
	igt_assert_eq(mprotect(ptr, NOVA_4K, PROT_READ | PROT_EXEC), -1);
	munmap(ptr, NOVA_4K);
}

/**
 * SUBTEST: bad-beyond-end-%s
 * Description: no mapping reaches beyond the object: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_bad_beyond(int fd, uint32_t handle)
{
	uint64_t offset = nova_gem_mmap_offset(fd, handle);

	igt_assert(mmap(NULL, SIZE + NOVA_4K, PROT_READ, MAP_SHARED, fd,
			(off_t)offset) == MAP_FAILED);
	igt_assert(mmap(NULL, 2 * NOVA_4K, PROT_READ, MAP_SHARED, fd,
			(off_t)(offset + SIZE - NOVA_4K)) == MAP_FAILED);
	errno = 0;
}

/**
 * SUBTEST: bad-other-client-%s
 * Description: another client cannot map through an offset it was not given: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_bad_other_client(int fd, uint32_t handle)
{
	uint64_t offset = nova_gem_mmap_offset(fd, handle);
	int other = nova_open_again(fd);

	igt_assert(mmap(NULL, NOVA_4K, PROT_READ, MAP_SHARED, other,
			(off_t)offset) == MAP_FAILED);
	igt_assert_eq(errno, EACCES);
	drm_close_driver(other);
}

static const struct mmap_test tests[] = {
	{ "write-read", test_write_read },
	{ "access-widths", test_access_widths },
	{ "sub-ranges", test_sub_ranges },
	{ "two-mappings", test_two_mappings },
	{ "partial-unmap", test_partial_unmap },
	{ "fork", test_fork },
	{ "outlives-handle", test_outlives_handle },
	{ "fixed-and-overmapped", test_fixed },
	{ "protection", test_protection },
	{ "bad-private", test_bad_private },
	{ "bad-exec", test_bad_exec },
	{ "bad-beyond-end", test_bad_beyond },
	{ "bad-other-client", test_bad_other_client },
};

static void run_on_fresh_object(int fd, const struct mmap_test *test, uint32_t placement)
{
	uint32_t handle = nova_gem_create(fd, SIZE, placement);

	test->run(fd, handle);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: window-returns
 * Description: unmapping gives all of the BAR1 window back
 */
static void test_window_returns(int fd)
{
	struct drm_nova_info_bar1 before, during, after;
	uint32_t handle = nova_gem_create(fd, SIZE, NOVA_VRAM);
	void *ptr;

	nova_info(fd, DRM_NOVA_INFO_BAR1, sizeof(before), &before);
	igt_require(before.window_size);
	ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	nova_fill(ptr, SIZE, 12);
	nova_info(fd, DRM_NOVA_INFO_BAR1, sizeof(during), &during);
	igt_assert(during.reserved_now > before.reserved_now ||
		   during.evictions > before.evictions);
	munmap(ptr, SIZE);
	nova_gem_close(fd, handle);
	nova_info(fd, DRM_NOVA_INFO_BAR1, sizeof(after), &after);
	igt_assert(after.reserved_now <= before.reserved_now);
}

/**
 * SUBTEST: larger-than-window
 * Description: an object larger than the BAR1 window can be mapped and used whole
 */
static void test_larger_than_window(int fd)
{
	uint64_t window = nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW);
	uint64_t size = window + 2 * NOVA_2M, off;
	uint32_t handle;
	char *ptr;

	igt_require_f(window && window <= 32 << 20, "window of %#" PRIx64 " bytes\n", window);
	igt_require(size < nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE) / 2);
	handle = nova_gem_create(fd, size, NOVA_VRAM);
	ptr = nova_gem_mmap(fd, handle, 0, size);
	for (off = 0; off < size; off += NOVA_64K)
		nova_fill(ptr + off, NOVA_4K, (uint32_t)(off >> 16));
	for (off = 0; off < size; off += NOVA_64K)
		igt_assert(nova_check(ptr + off, NOVA_4K, (uint32_t)(off >> 16)));
	munmap(ptr, size);
	nova_gem_close(fd, handle);
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
				run_on_fresh_object(fd, &tests[i], regions[j].placement);
	igt_subtest("window-returns")
		test_window_returns(fd);
	igt_subtest("larger-than-window")
		test_larger_than_window(fd);

	igt_fixture()
		drm_close_driver(fd);
}
