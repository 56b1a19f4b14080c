// SPDX-License-Identifier: MIT

/**
 * TEST: nova gem
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: GEM_CREATE, GEM_CREATE2, GEM_INFO, GEM_QUERY
 * Description: creating memory objects, what they say, what they hold when new
 */

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Creating memory objects, what they say, what they hold when new");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t info_size(int fd, uint32_t handle)
{
	struct drm_nova_gem_info info = { .handle = handle };

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_INFO, &info), 0);
	return info.size;
}

static const struct {
	const char *name;
	uint64_t size;
	uint32_t placement;
	uint64_t want;
} sizes[] = {
	{ "byte-system", 1, NOVA_SYSTEM, 0x1000 },
	{ "page-system", 0x1000, NOVA_SYSTEM, 0x1000 },
	{ "page-and-byte-system", 0x1001, NOVA_SYSTEM, 0x2000 },
	{ "byte-vram", 1, NOVA_VRAM, 0x10000 },
	{ "64k-vram", 0x10000, NOVA_VRAM, 0x10000 },
	{ "64k-and-byte-vram", 0x10001, NOVA_VRAM, 0x20000 },
	{ "odd-either", 0x123456, NOVA_VRAM | NOVA_SYSTEM, 0x130000 },
	{ "2m-vram", 0x200000, NOVA_VRAM, 0x200000 },
	{ "large-vram", 0x1200000, NOVA_VRAM, 0x1200000 },
	{ "large-system", 0x1001000, NOVA_SYSTEM, 0x1001000 },
};

/**
 * SUBTEST: size-%s
 * Description: size %arg[1] is rounded up as published, and every call says so
 *
 * arg[1]:
 *
 * @byte-system:          1 byte in SYSTEM
 * @page-system:          4 KiB in SYSTEM
 * @page-and-byte-system: 4 KiB and a byte in SYSTEM
 * @byte-vram:            1 byte in VRAM
 * @64k-vram:             64 KiB in VRAM
 * @64k-and-byte-vram:    64 KiB and a byte in VRAM
 * @odd-either:           an odd size in either
 * @2m-vram:              2 MiB in VRAM
 * @large-vram:           18 MiB in VRAM
 * @large-system:         16 MiB and a page in SYSTEM
 */
static void test_size(int fd, unsigned int i)
{
	struct drm_nova_gem_create2 create = {
		.size = sizes[i].size, .placement = sizes[i].placement,
	};

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	igt_assert_eq_u64(create.size, sizes[i].want);
	igt_assert_eq_u64(info_size(fd, create.handle), sizes[i].want);
	igt_assert_eq_u64(nova_gem_query(fd, create.handle).size, sizes[i].want);
	nova_gem_close(fd, create.handle);
}

/**
 * SUBTEST: upstream-create
 * Description: GEM_CREATE makes an object for either region, leaves the size
 *              field alone, and GEM_INFO gives the rounded size
 */
static void test_upstream_create(int fd)
{
	struct drm_nova_gem_create create = { .size = 5 };
	struct drm_nova_gem_query query;

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_CREATE, &create), 0);
	igt_assert(create.handle);
	igt_assert_eq_u64(create.size, 5);
	igt_assert_eq_u64(info_size(fd, create.handle), NOVA_64K);
	query = nova_gem_query(fd, create.handle);
	igt_assert_eq_u32(query.placement, NOVA_SYSTEM | NOVA_VRAM);
	igt_assert_eq_u32(query.region, DRM_NOVA_REGION_VRAM);
	igt_assert_eq_u32(query.create_flags, 0);
	nova_gem_close(fd, create.handle);
}

/**
 * SUBTEST: query-echoes-creation
 * Description: GEM_QUERY returns what GEM_CREATE2 was told
 */
static void test_query_echo(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = NOVA_2M, .alignment = NOVA_2M, .placement = NOVA_VRAM,
		.flags = DRM_NOVA_GEM_CONTIGUOUS, .cpu_caching = DRM_NOVA_CACHING_WC,
		.tile_mode = 0xfeedbeef,
	};
	struct drm_nova_gem_query query;

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	query = nova_gem_query(fd, create.handle);
	igt_assert_eq_u32(query.handle, create.handle);
	igt_assert_eq_u32(query.state, DRM_NOVA_GEM_STATE_POPULATED);
	igt_assert_eq_u64(query.size, NOVA_2M);
	igt_assert_eq_u32(query.placement, NOVA_VRAM);
	igt_assert_eq_u32(query.region, DRM_NOVA_REGION_VRAM);
	igt_assert_eq_u32(query.create_flags, DRM_NOVA_GEM_CONTIGUOUS);
	igt_assert_eq_u32(query.tile_mode, 0xfeedbeef);
	igt_assert_eq(query.cpu_caching, DRM_NOVA_CACHING_WC);
	igt_assert_eq(query.pte_kind, 0);
	igt_assert_eq(query.page_shift, 21);
	igt_assert_eq_u32(query.vm_id, 0);
	nova_gem_close(fd, create.handle);
}

/**
 * SUBTEST: query-region
 * Description: an object is in the region it was asked for; both means VRAM
 */
static void test_query_region(int fd)
{
	const uint32_t want[] = {
		[NOVA_SYSTEM] = DRM_NOVA_REGION_SYSTEM,
		[NOVA_VRAM] = DRM_NOVA_REGION_VRAM,
		[NOVA_SYSTEM | NOVA_VRAM] = DRM_NOVA_REGION_VRAM,
	};
	uint32_t placement, handle;

	for (placement = 1; placement < NR(want); placement++) {
		handle = nova_gem_create(fd, NOVA_64K, placement);
		igt_assert_eq_u32(nova_gem_query(fd, handle).region, want[placement]);
		igt_assert_eq_u32(nova_gem_query(fd, handle).placement, placement);
		nova_gem_close(fd, handle);
	}
}

/**
 * SUBTEST: query-kinds
 * Description: every kind INFO calls valid is accepted and reported back
 */
static void test_query_kinds(int fd)
{
	struct drm_nova_info_kinds kinds;
	unsigned int i;

	nova_info(fd, DRM_NOVA_INFO_KINDS, sizeof(kinds), &kinds);
	for (i = 0; i < NR(kinds.attr); i++) {
		struct drm_nova_gem_create2 create = {
			.size = 1, .placement = NOVA_VRAM, .pte_kind = i,
		};

		if (!(kinds.attr[i] & DRM_NOVA_KIND_VALID)) {
			igt_assert_eq(__nova_gem_create2(fd, &create), -EINVAL);
			continue;
		}
		if (kinds.attr[i] & DRM_NOVA_KIND_COMPRESSED)
			continue;
		igt_assert_eq(__nova_gem_create2(fd, &create), 0);
		igt_assert_eq(nova_gem_query(fd, create.handle).pte_kind, i);
		nova_gem_close(fd, create.handle);
	}
}

/**
 * SUBTEST: mmap-offset-agrees
 * Description: three calls give one offset, page-aligned, different per object
 */
static void test_mmap_offset(int fd)
{
	struct drm_nova_gem_create2 a = { .size = 1, .placement = NOVA_VRAM };
	struct drm_nova_gem_create2 b = { .size = 1, .placement = NOVA_SYSTEM };

	igt_assert_eq(__nova_gem_create2(fd, &a), 0);
	igt_assert_eq(__nova_gem_create2(fd, &b), 0);
	igt_assert(a.mmap_offset && a.mmap_offset % NOVA_4K == 0);
	igt_assert(a.mmap_offset != b.mmap_offset);
	igt_assert_eq_u64(nova_gem_mmap_offset(fd, a.handle), a.mmap_offset);
	igt_assert_eq_u64(nova_gem_query(fd, a.handle).mmap_offset, a.mmap_offset);
	nova_gem_close(fd, a.handle);
	nova_gem_close(fd, b.handle);
}

/**
 * SUBTEST: no-cpu-access
 * Description: an object made so has no offset, and asking for one gives EPERM
 */
static void test_no_cpu_access(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = 1, .placement = NOVA_VRAM, .flags = DRM_NOVA_GEM_NO_CPU_ACCESS,
	};
	uint64_t offset;

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	igt_assert_eq_u64(create.mmap_offset, 0);
	igt_assert_eq_u64(nova_gem_query(fd, create.handle).mmap_offset, 0);
	igt_assert_eq(__nova_gem_mmap_offset(fd, create.handle, &offset), -EPERM);
	nova_gem_close(fd, create.handle);
}

/**
 * SUBTEST: defer
 * Description: an object made so has no backing before it is touched
 */
static void test_defer(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = NOVA_2M, .placement = NOVA_VRAM, .flags = DRM_NOVA_GEM_DEFER,
	};
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	struct drm_nova_gem_query query;
	void *ptr;

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	query = nova_gem_query(fd, create.handle);
	igt_assert_eq_u32(query.state, 0);
	igt_assert_eq_u32(query.region, DRM_NOVA_REGION_NONE);
	igt_assert_eq_u64(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED), used);
	ptr = nova_gem_mmap(fd, create.handle, 0, NOVA_64K);
	igt_assert(nova_is_zero(ptr, NOVA_64K));
	query = nova_gem_query(fd, create.handle);
	igt_assert_eq_u32(query.state, DRM_NOVA_GEM_STATE_POPULATED);
	/* Without BAR1 the CPU reaches it in system memory only. */
	igt_assert_eq_u32(query.region, nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW) ?
			  DRM_NOVA_REGION_VRAM : DRM_NOVA_REGION_SYSTEM);
	munmap(ptr, NOVA_64K);
	nova_gem_close(fd, create.handle);
}

/**
 * SUBTEST: alignment
 * Description: an aligned object in VRAM supports GPU pages of its alignment
 */
static void test_alignment(int fd)
{
	unsigned int shift;

	for (shift = 12; shift <= 21; shift++) {
		struct drm_nova_gem_create2 create = {
			.size = NOVA_2M, .placement = NOVA_VRAM, .alignment = 1ull << shift,
		};

		igt_assert_eq(__nova_gem_create2(fd, &create), 0);
		if (shift == 21)
			igt_assert_eq(nova_gem_query(fd, create.handle).page_shift, 21);
		igt_assert(nova_gem_query(fd, create.handle).page_shift >= (shift >= 16 ? 16 : 12));
		nova_gem_close(fd, create.handle);
	}
}

/**
 * SUBTEST: handles-are-private
 * Description: another client's handle is unknown, and closing twice fails
 */
static void test_handles(int fd)
{
	int other = nova_open_again(fd);
	uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	struct drm_gem_close close_args = { .handle = handle };
	struct drm_nova_gem_query query;

	igt_assert_eq(__nova_gem_query(other, handle, &query), -ENOENT);
	igt_assert_eq(__nova_ioctl(other, DRM_IOCTL_GEM_CLOSE, &close_args), -EINVAL);
	nova_gem_close(fd, handle);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &close_args), -EINVAL);
	igt_assert_eq(__nova_gem_query(fd, handle, &query), -ENOENT);
	drm_close_driver(other);
}

static const struct {
	const char *name;
	uint64_t size;
	uint32_t placement;
} fresh[] = {
	{ "vram", NOVA_2M + 5, NOVA_VRAM },
	{ "vram-page", 5, NOVA_VRAM },
	{ "system", NOVA_2M + 5, NOVA_SYSTEM },
	{ "system-page", 5, NOVA_SYSTEM },
};

/**
 * SUBTEST: fresh-is-zero-%s
 * Description: new memory reads zero, the rounded-up tail included: %arg[1]
 *
 * arg[1]:
 *
 * @vram:        2 MiB and a bit in VRAM
 * @vram-page:   a few bytes in VRAM
 * @system:      2 MiB and a bit in SYSTEM
 * @system-page: a few bytes in SYSTEM
 */
static void test_fresh(int fd, unsigned int i)
{
	uint32_t handle = nova_gem_create(fd, fresh[i].size, fresh[i].placement);
	uint64_t size = info_size(fd, handle);
	void *ptr = nova_gem_mmap(fd, handle, 0, size);

	igt_assert(size > fresh[i].size);
	igt_assert(nova_is_zero(ptr, size));
	munmap(ptr, size);
	nova_gem_close(fd, handle);
}

/* A client that leaves a pattern all over some VRAM and goes away. */
static void dirty_vram(int fd, uint64_t size)
{
	int client = nova_open_again(fd);
	uint32_t handle = nova_gem_create(client, size, NOVA_VRAM);
	void *ptr = nova_gem_mmap(client, handle, 0, size);

	nova_fill(ptr, size, 1);
	igt_assert(nova_check(ptr, size, 1));
	munmap(ptr, size);
	drm_close_driver(client);
}

/**
 * SUBTEST: recycled-vram-is-zero
 * Description: VRAM that held another client's data reads zero for the next
 */
static void test_recycled(int fd)
{
	const uint64_t sizes[] = { NOVA_64K, 5 * NOVA_64K, NOVA_2M, 3 * NOVA_2M };
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	unsigned int i;
	uint32_t handle;
	void *ptr;

	for (i = 0; i < NR(sizes); i++) {
		dirty_vram(fd, sizes[i]);
		nova_settle_vram(fd, used);
		handle = nova_gem_create(fd, sizes[i], NOVA_VRAM);
		ptr = nova_gem_mmap(fd, handle, 0, sizes[i]);
		igt_assert(nova_is_zero(ptr, sizes[i]));
		munmap(ptr, sizes[i]);
		nova_gem_close(fd, handle);
	}
}

/**
 * SUBTEST: many-objects
 * Description: a thousand objects have different handles, and closing them
 *              gives all VRAM back
 */
static void test_many(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	uint32_t handles[1000];
	unsigned int i, j;

	for (i = 0; i < NR(handles); i++) {
		handles[i] = nova_gem_create(fd, NOVA_4K, i % 2 ? NOVA_VRAM : NOVA_SYSTEM);
		for (j = 0; j < i; j++)
			igt_assert(handles[i] != handles[j]);
	}
	igt_assert_eq_u64(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED), used + 500 * NOVA_64K);
	for (i = 0; i < NR(handles); i++)
		nova_gem_close(fd, handles[i]);
	nova_settle_vram(fd, used);
}

/**
 * SUBTEST: closed-client-leaves-nothing
 * Description: closing the file without closing its objects gives all VRAM back
 */
static void test_closed_client(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	int client = nova_open_again(fd);
	unsigned int i;

	for (i = 0; i < 20; i++)
		nova_gem_create(client, NOVA_2M, NOVA_VRAM);
	igt_assert(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) >= used + 20 * NOVA_2M);
	drm_close_driver(client);
	nova_settle_vram(fd, used);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(sizes); i++)
		igt_subtest_f("size-%s", sizes[i].name)
			test_size(fd, i);
	igt_subtest("upstream-create")
		test_upstream_create(fd);
	igt_subtest("query-echoes-creation")
		test_query_echo(fd);
	igt_subtest("query-region")
		test_query_region(fd);
	igt_subtest("query-kinds")
		test_query_kinds(fd);
	igt_subtest("mmap-offset-agrees")
		test_mmap_offset(fd);
	igt_subtest("no-cpu-access")
		test_no_cpu_access(fd);
	igt_subtest("defer")
		test_defer(fd);
	igt_subtest("alignment")
		test_alignment(fd);
	igt_subtest("handles-are-private")
		test_handles(fd);
	for (i = 0; i < NR(fresh); i++)
		igt_subtest_f("fresh-is-zero-%s", fresh[i].name)
			test_fresh(fd, i);
	igt_subtest("recycled-vram-is-zero")
		test_recycled(fd);
	igt_subtest("many-objects")
		test_many(fd);
	igt_subtest("closed-client-leaves-nothing")
		test_closed_client(fd);

	igt_fixture()
		drm_close_driver(fd);
}
