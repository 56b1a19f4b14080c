// SPDX-License-Identifier: MIT

/**
 * TEST: nova compat
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: uapi
 * Functionality: 32-bit programs
 * Description: the calls as a 32-bit program makes them
 */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("The calls as a 32-bit program makes them");

/* Numbers of the system calls of i386. */
#define I386_GETPID 20
#define I386_IOCTL 54

/* Of i386: struct drm_version, where pointers and sizes have 32 bits. */
struct version32 {
	int32_t major, minor, patchlevel;
	uint32_t name_len, name;
	uint32_t date_len, date;
	uint32_t desc_len, desc;
};

#define IOCTL_VERSION32 DRM_IOWR(0x00, struct version32)

/* Arguments, and what they point to, where 32 bits reach. */
struct low {
	struct version32 version;
	struct drm_nova_info info;
	struct drm_nova_info_limits limits;
	struct drm_nova_gem_create2 create;
	struct drm_nova_vm_create vm;
	struct drm_nova_vm_bind bind;
	struct drm_nova_vm_bind_op op;
	struct drm_gem_flink flink;
	char name[16];
};

static uint32_t low_address(const void *ptr)
{
	igt_assert((uintptr_t)ptr <= UINT32_MAX);
	return (uintptr_t)ptr;
}

#ifdef __x86_64__
#define LOW MAP_32BIT

/* A system call through the gate of 32-bit programs, which is open to others too. */
static long call32(long nr, long first, long second, long third)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a"(ret)
		     : "a"(nr), "b"(first), "c"(second), "d"(third)
		     : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)ret;
}
#else
#define LOW 0

static long call32(long nr, long first, long second, long third)
{
	return -ENOSYS;
}
#endif

static int ioctl32(int fd, unsigned long request, void *arg)
{
	return call32(I386_IOCTL, fd, request, low_address(arg));
}

/* Where the kernel knows no 32-bit programs, the gate is closed: a signal. */
static bool has_call32(void)
{
	int status;
	pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid)
		_exit(call32(I386_GETPID, 0, 0, 0) != getpid());
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/**
 * SUBTEST: core-structs
 * Description: VERSION, whose struct has other sizes for 32 bits, gives the same answer
 */
static void test_core_structs(int fd, struct low *low)
{
	char name[sizeof(low->name)] = "";
	struct drm_version version = { .name_len = sizeof(name) - 1, .name = name };

	low->version.name_len = sizeof(low->name) - 1;
	low->version.name = low_address(low->name);
	igt_assert_eq(ioctl32(fd, IOCTL_VERSION32, &low->version), 0);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_VERSION, &version), 0);
	igt_assert_eq(low->version.major, version.version_major);
	igt_assert_eq(low->version.minor, version.version_minor);
	igt_assert_eq_u32(low->version.name_len, strlen("nova"));
	igt_assert_eq(strcmp(low->name, "nova"), 0);
	igt_assert_eq(strcmp(name, "nova"), 0);
}

/**
 * SUBTEST: own-structs
 * Description: a struct with a pointer in it means the same to both kinds of programs
 */
static void test_own_structs(int fd, struct low *low)
{
	struct drm_nova_info_limits limits;

	low->info = (struct drm_nova_info){
		.id = DRM_NOVA_INFO_LIMITS, .size = sizeof(limits),
		.data = low_address(&low->limits),
	};
	igt_assert_eq(ioctl32(fd, DRM_IOCTL_NOVA_INFO, &low->info), 0);
	nova_info(fd, DRM_NOVA_INFO_LIMITS, sizeof(limits), &limits);
	igt_assert_eq(memcmp(&low->limits, &limits, sizeof(limits)), 0);
}

/**
 * SUBTEST: bind
 * Description: an object and a VM made and bound by a 32-bit program are there for the other
 */
static void test_bind(int fd, struct low *low)
{
	struct drm_nova_vm_bind_op unmap = {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = NOVA_2M, .range = NOVA_64K,
	};

	low->create = (struct drm_nova_gem_create2){ .size = NOVA_64K, .placement = NOVA_VRAM };
	igt_assert_eq(ioctl32(fd, DRM_IOCTL_NOVA_GEM_CREATE2, &low->create), 0);
	igt_assert(nova_gem_query(fd, low->create.handle).size == NOVA_64K);
	igt_assert_eq(ioctl32(fd, DRM_IOCTL_NOVA_VM_CREATE, &low->vm), 0);
	low->op = (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = low->create.handle,
		.va = NOVA_2M, .range = NOVA_64K,
	};
	low->bind = (struct drm_nova_vm_bind){
		.vm_id = low->vm.vm_id, .ops = { low_address(&low->op), 1, sizeof(low->op) },
	};
	igt_assert_eq(ioctl32(fd, DRM_IOCTL_NOVA_VM_BIND, &low->bind), 0);
	igt_assert_eq(__nova_vm_bind_op(fd, low->vm.vm_id, &unmap), 0);
	nova_vm_destroy(fd, low->vm.vm_id);
	nova_gem_close(fd, low->create.handle);
}

/**
 * SUBTEST: no-names
 * Description: names of objects, which could be guessed, are refused to both
 */
static void test_no_names(int fd, struct low *low)
{
	low->flink.handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	igt_assert_eq(ioctl32(fd, DRM_IOCTL_GEM_FLINK, &low->flink), -EOPNOTSUPP);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_GEM_FLINK, &low->flink), -EOPNOTSUPP);
	nova_gem_close(fd, low->flink.handle);
}

static const struct {
	const char *name;
	void (*run)(int fd, struct low *low);
} tests[] = {
	{ "core-structs", test_core_structs },
	{ "own-structs", test_own_structs },
	{ "bind", test_bind },
	{ "no-names", test_no_names },
};

int igt_main()
{
	struct low *low = NULL;
	unsigned int i;
	int fd = -1;

	igt_fixture() {
		fd = nova_open();
		igt_require_f(has_call32(), "this kernel runs no 32-bit programs\n");
		low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | LOW, -1, 0);
		igt_assert(low != MAP_FAILED);
	}

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		igt_subtest_f("%s", tests[i].name)
			tests[i].run(fd, low);

	igt_fixture() {
		munmap(low, sizeof(*low));
		drm_close_driver(fd);
	}
}
