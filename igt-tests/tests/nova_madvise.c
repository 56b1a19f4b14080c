// SPDX-License-Identifier: MIT

/**
 * TEST: nova madvise
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: GEM_MADVISE
 * Description: content that is given up under pressure
 */

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Content that is given up under pressure");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE NOVA_2M
#define VA (1ull << 33)

static uint32_t retained(int fd, uint32_t handle, uint32_t advice)
{
	uint32_t value;

	igt_assert_eq(__nova_gem_madvise(fd, handle, advice, &value), 0);
	return value;
}

static uint32_t dontneed(int fd, uint32_t handle)
{
	return retained(fd, handle, DRM_NOVA_MADVISE_DONTNEED);
}

static uint32_t willneed(int fd, uint32_t handle)
{
	return retained(fd, handle, DRM_NOVA_MADVISE_WILLNEED);
}

/* Whether a touch of memory ends in SIGBUS. */
static bool touch_kills(const volatile char *ptr)
{
	int status;
	pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		_exit(*ptr != 0 ? 1 : 0);
	}
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
}

/* One test body runs on a fresh filled object that is mapped for the CPU and the GPU. */
struct setup {
	int fd;
	uint32_t handle, vm, placement;
	void *ptr;
	struct nova_eye eye;
};

static void purge(const struct setup *s)
{
	igt_assert_eq(nova_evict(s->fd, "evict_vram"), 0);
	igt_assert_eq(nova_evict(s->fd, "evict_gtt"), 0);
}

static uint32_t state(const struct setup *s)
{
	return nova_gem_query(s->fd, s->handle).state;
}

/**
 * SUBTEST: retained-%s
 * Description: without pressure the content is kept, however often advice changes: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 * @both:   object that may be in either
 */
static void test_retained(struct setup *s)
{
	igt_assert_eq(dontneed(s->fd, s->handle), 1);
	igt_assert_eq(dontneed(s->fd, s->handle), 1);
	igt_assert(state(s) & DRM_NOVA_GEM_STATE_DONTNEED);
	igt_assert(state(s) & DRM_NOVA_GEM_STATE_POPULATED);
	igt_assert_eq(willneed(s->fd, s->handle), 1);
	igt_assert_eq(willneed(s->fd, s->handle), 1);
	igt_assert(!(state(s) & (DRM_NOVA_GEM_STATE_DONTNEED | DRM_NOVA_GEM_STATE_PURGED)));
	igt_assert(nova_check(s->ptr, SIZE, 1));
}

/**
 * SUBTEST: purged-%s
 * Description: under pressure the content goes, for good, and the memory with it: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 * @both:   object that may be in either
 */
static void test_purged(struct setup *s)
{
	int64_t purged = nova_stat(s->fd, "purged");

	igt_assert_eq(dontneed(s->fd, s->handle), 1);
	purge(s);
	igt_assert_eq(nova_stat(s->fd, "purged") - purged, SIZE);
	igt_assert(state(s) & DRM_NOVA_GEM_STATE_PURGED);
	igt_assert(!(state(s) & DRM_NOVA_GEM_STATE_POPULATED));
	igt_assert_eq_u32(nova_gem_query(s->fd, s->handle).region, DRM_NOVA_REGION_NONE);
	igt_assert_eq(willneed(s->fd, s->handle), 0);
	igt_assert_eq(dontneed(s->fd, s->handle), 0);
	igt_assert_eq(willneed(s->fd, s->handle), 0);
	igt_assert(state(s) & DRM_NOVA_GEM_STATE_PURGED);
	igt_assert(touch_kills(s->ptr));
}

/**
 * SUBTEST: sigbus-%s
 * Description: a CPU mapping gives SIGBUS while the content is not needed: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 * @both:   object that may be in either
 */
static void test_sigbus(struct setup *s)
{
	igt_assert(!touch_kills(s->ptr));
	dontneed(s->fd, s->handle);
	igt_assert(touch_kills(s->ptr));
	igt_assert(touch_kills((char *)s->ptr + SIZE - 1));
	willneed(s->fd, s->handle);
	igt_assert(!touch_kills(s->ptr));
	igt_assert(nova_check(s->ptr, SIZE, 1));
}

/**
 * SUBTEST: gpu-reads-zero-%s
 * Description: mappings of a purged object read zero for the GPU and drop writes: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 * @both:   object that may be in either
 */
static void test_sparse(struct setup *s)
{
	static char buf[NOVA_64K], zero[NOVA_64K];

	igt_assert_eq(nova_eye_read(&s->eye, VA, buf, sizeof(buf)), 0);
	igt_assert(nova_check(buf, sizeof(buf), 1));
	dontneed(s->fd, s->handle);
	purge(s);
	igt_assert(nova_eye_sees(&s->eye, VA, zero, sizeof(zero)));
	igt_assert(nova_eye_sees(&s->eye, VA + SIZE - NOVA_64K, zero, sizeof(zero)));
	igt_assert_eq(nova_eye_write(&s->eye, VA, buf, NOVA_4K), 0);
	igt_assert(nova_eye_sees(&s->eye, VA, zero, NOVA_4K));
}

/**
 * SUBTEST: refuses-%s
 * Description: what is not needed cannot be mapped, bound or exported, and neither can
 *              what was purged: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 * @both:   object that may be in either
 */
static void check_refused(struct setup *s)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = s->handle, .va = VA + SIZE,
		.range = SIZE,
	};
	struct drm_prime_handle prime = { .handle = s->handle, .flags = DRM_CLOEXEC };
	uint64_t offset;

	igt_assert_eq(__nova_gem_mmap_offset(s->fd, s->handle, &offset), -EBUSY);
	igt_assert_eq(__nova_vm_bind_op(s->fd, s->vm, &op), -EBUSY);
	igt_assert_eq(__nova_ioctl(s->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime), -EBUSY);
}

static void test_refuses(struct setup *s)
{
	dontneed(s->fd, s->handle);
	check_refused(s);
	purge(s);
	check_refused(s);
	nova_vm_unmap(s->fd, s->vm, VA, SIZE);
	igt_assert(nova_eye_faults(&s->eye, VA));
}

/**
 * SUBTEST: fdinfo-%s
 * Description: what is not needed counts as purgeable while it has memory: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 * @both:   object that may be in either
 */
static int64_t purgeable(int fd)
{
	static const char * const keys[] = { "drm-purgeable-vram:", "drm-purgeable-gtt:" };
	char path[64], text[8192];
	int64_t sum = 0;
	unsigned int i;
	FILE *file;
	size_t got;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	igt_assert(file);
	got = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[got] = '\0';
	for (i = 0; i < NR(keys); i++) {
		const char *line = strstr(text, keys[i]);
		long value;
		char unit[8];

		igt_assert(line);
		if (sscanf(line + strlen(keys[i]), "%ld %7s", &value, unit) != 2)
			continue;
		sum += value << (unit[0] == 'M' ? 20 : 10);
	}
	return sum;
}

static void test_fdinfo(struct setup *s)
{
	igt_assert_eq(purgeable(s->fd), 0);
	dontneed(s->fd, s->handle);
	igt_assert_eq(purgeable(s->fd), SIZE);
	willneed(s->fd, s->handle);
	igt_assert_eq(purgeable(s->fd), 0);
	dontneed(s->fd, s->handle);
	purge(s);
	igt_assert_eq(purgeable(s->fd), 0);
}

/**
 * SUBTEST: swapped-%s
 * Description: what is wanted back after it was swapped out, before it was purged,
 *              has its content: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 * @both:   object that may be in either
 */
static void test_swapped(struct setup *s)
{
	purge(s);		/* still needed: only moved */
	dontneed(s->fd, s->handle);
	igt_assert(touch_kills(s->ptr));
	igt_assert_eq(willneed(s->fd, s->handle), 1);
	igt_assert(nova_check(s->ptr, SIZE, 1));
}

static const struct {
	const char *name;
	void (*run)(struct setup *s);
} tests[] = {
	{ "retained", test_retained },
	{ "purged", test_purged },
	{ "sigbus", test_sigbus },
	{ "gpu-reads-zero", test_sparse },
	{ "refuses", test_refuses },
	{ "fdinfo", test_fdinfo },
	{ "swapped", test_swapped },
};

static const struct {
	const char *name;
	uint32_t placement;
} regions[] = {
	{ "vram", NOVA_VRAM },
	{ "system", NOVA_SYSTEM },
	{ "both", NOVA_VRAM | NOVA_SYSTEM },
};

static void run_on_fresh_object(int fd, unsigned int test, uint32_t placement)
{
	struct setup s = { .fd = nova_open_again(fd), .placement = placement };

	s.handle = nova_gem_create(s.fd, SIZE, placement);
	s.vm = nova_vm_create(s.fd);
	s.ptr = nova_gem_mmap(s.fd, s.handle, 0, SIZE);
	nova_fill(s.ptr, SIZE, 1);
	nova_vm_map(s.fd, s.vm, s.handle, 0, VA, SIZE);
	s.eye = nova_eye(s.fd, s.vm);
	tests[test].run(&s);
	munmap(s.ptr, SIZE);
	nova_eye_close(&s.eye);
	drm_close_driver(s.fd);
}

/**
 * SUBTEST: purgeable-first
 * Description: under pressure what is not needed goes before what is older: nothing
 *              needed is moved until all of it is gone
 */
static void test_first(int fd)
{
	const struct nova_gpu_config config = { .vram_mb = 32, .bar1_mb = 16 };
	uint32_t needed, spare[64];
	struct nova_gpu gpu;
	unsigned int nr, i;

	nova_gpu_create(&gpu, fd, &config);
	nr = (unsigned int)(nova_getparam(gpu.fd, DRM_NOVA_PARAM_VRAM_SIZE) / SIZE) - 4;
	igt_assert(nr <= NR(spare));
	needed = nova_gem_create(gpu.fd, SIZE, NOVA_VRAM);
	for (i = 0; i < nr; i++) {
		spare[i] = nova_gem_create(gpu.fd, SIZE, NOVA_VRAM);
		dontneed(gpu.fd, spare[i]);
	}
	for (i = 0; i < nr; i++)
		nova_gem_create(gpu.fd, SIZE, NOVA_VRAM);
	igt_assert_eq_u32(nova_gem_query(gpu.fd, needed).region, DRM_NOVA_REGION_VRAM);
	igt_assert_eq(nova_stat(gpu.fd, "moved from vram"), 0);
	igt_assert(nova_stat(gpu.fd, "purged") > 0);
	igt_assert_eq(willneed(gpu.fd, spare[0]), 0);
	nova_gpu_destroy(&gpu);
}

/**
 * SUBTEST: bad-shared
 * Description: an object that another client has, or that was exported, cannot be
 *              given up
 */
static void test_shared(int fd)
{
	int other = nova_open_again(fd);
	struct drm_prime_handle prime = {
		.handle = nova_gem_create(fd, SIZE, NOVA_VRAM), .flags = DRM_CLOEXEC,
	};
	uint32_t handle = prime.handle, value;

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime), 0);
	igt_assert_eq(__nova_gem_madvise(fd, handle, DRM_NOVA_MADVISE_DONTNEED, &value), -EPERM);
	igt_assert_eq(__nova_ioctl(other, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime), 0);
	close(prime.fd);
	igt_assert_eq(__nova_gem_madvise(fd, handle, DRM_NOVA_MADVISE_DONTNEED, &value), -EPERM);
	igt_assert_eq(__nova_gem_madvise(other, prime.handle, DRM_NOVA_MADVISE_WILLNEED, &value),
		      -EPERM);
	igt_assert(!(nova_gem_query(fd, handle).state & DRM_NOVA_GEM_STATE_DONTNEED));
	drm_close_driver(other);
	nova_gem_close(fd, handle);
}

int igt_main()
{
	unsigned int i, j;
	int fd = -1;

	igt_fixture() {
		fd = nova_open();
		nova_require_feature(fd, DRM_NOVA_FEATURE_MADVISE);
	}

	for (i = 0; i < NR(tests); i++)
		for (j = 0; j < NR(regions); j++)
			igt_subtest_f("%s-%s", tests[i].name, regions[j].name)
				run_on_fresh_object(fd, i, regions[j].placement);
	igt_subtest("purgeable-first")
		test_first(fd);
	igt_subtest("bad-shared")
		test_shared(fd);

	igt_fixture()
		drm_close_driver(fd);
}
