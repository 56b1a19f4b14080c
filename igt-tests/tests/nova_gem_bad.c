// SPDX-License-Identifier: MIT

/**
 * TEST: nova gem bad
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: uapi
 * Functionality: GEM_CREATE, GEM_CREATE2, GEM_INFO, GEM_QUERY, GEM_MMAP_OFFSET
 * Description: requests for memory objects that must be refused without a trace
 */

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Requests for memory objects that must be refused without a trace");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* One field of a good request at a time. */

static const struct nova_bad bad_create[] = {
	NOVA_BAD("pad", gem_create, pad, 1, -EINVAL),
	NOVA_BAD("size-zero", gem_create, size, 0, -EINVAL),
	NOVA_BAD("size-huge", gem_create, size, 1ull << 62, -E2BIG),
	NOVA_BAD("size-wraps", gem_create, size, ~0ull, -E2BIG),
};

/**
 * SUBTEST: bad-create-%s
 * Description: GEM_CREATE refuses %arg[1] and leaves nothing behind
 *
 * arg[1]:
 *
 * @pad:        padding that is not zero
 * @size-zero:  size 0
 * @size-huge:  a size no region could hold
 * @size-wraps: a size that cannot be rounded up
 */
static void test_bad_create(int fd, const struct nova_bad *bad)
{
	struct drm_nova_gem_create create = { .size = NOVA_64K };
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	uint32_t next = nova_next_handle(fd);

	nova_poke(&create, bad);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_CREATE, &create), bad->err);
	igt_assert_eq_u32(nova_next_handle(fd), next);
	igt_assert_eq_u64(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED), used);
}

static const struct nova_bad bad_create2[] = {
	NOVA_BAD("size-zero", gem_create2, size, 0, -EINVAL),
	NOVA_BAD("size-huge", gem_create2, size, 1ull << 62, -E2BIG),
	NOVA_BAD("size-wraps", gem_create2, size, ~0ull, -E2BIG),
	NOVA_BAD("alignment-odd", gem_create2, alignment, 0x3000, -EINVAL),
	NOVA_BAD("alignment-small", gem_create2, alignment, 0x800, -EINVAL),
	NOVA_BAD("alignment-large", gem_create2, alignment, 0x400000, -EINVAL),
	NOVA_BAD("alignment-top", gem_create2, alignment, 1ull << 63, -EINVAL),
	NOVA_BAD("placement-none", gem_create2, placement, 0, -EINVAL),
	NOVA_BAD("placement-unknown", gem_create2, placement, 4, -EINVAL),
	NOVA_BAD("placement-known-and-unknown", gem_create2, placement, 0x80000002, -EINVAL),
	NOVA_BAD("flags-unknown", gem_create2, flags, 8, -EINVAL),
	NOVA_BAD("flags-top", gem_create2, flags, 0x80000000, -EINVAL),
	NOVA_BAD("vm-unknown", gem_create2, vm_id, 0x7777, -ENOENT),
	NOVA_BAD("vm-top", gem_create2, vm_id, 0xffffffff, -ENOENT),
	NOVA_BAD("handle-set", gem_create2, handle, 1, -EINVAL),
	NOVA_BAD("caching-unknown", gem_create2, cpu_caching, 3, -EINVAL),
	NOVA_BAD("caching-wb-in-vram", gem_create2, cpu_caching, 1, -EINVAL),
	NOVA_BAD("pad", gem_create2, pad, 1, -EINVAL),
	NOVA_BAD("mmap-offset-set", gem_create2, mmap_offset, 1, -EINVAL),
};

/**
 * SUBTEST: bad-create2-%s
 * Description: GEM_CREATE2 refuses %arg[1] and leaves nothing behind
 *
 * arg[1]:
 *
 * @size-zero:                   size 0
 * @size-huge:                   a size no region could hold
 * @size-wraps:                  a size that cannot be rounded up
 * @alignment-odd:               an alignment that is no power of two
 * @alignment-small:             an alignment below 4 KiB
 * @alignment-large:             an alignment above 2 MiB
 * @alignment-top:               the top bit as alignment
 * @placement-none:              no region
 * @placement-unknown:           an unknown region
 * @placement-known-and-unknown: a known and an unknown region
 * @flags-unknown:               the first unknown flag
 * @flags-top:                   the last flag
 * @vm-unknown:                  a VM that is not there
 * @vm-top:                      the largest id
 * @handle-set:                  an output field that is not zero
 * @caching-unknown:             an unknown caching
 * @caching-wb-in-vram:          write-back with VRAM
 * @pad:                         padding that is not zero
 * @mmap-offset-set:             an output field that is not zero
 */
static void test_bad_create2(int fd, const struct nova_bad *bad)
{
	struct drm_nova_gem_create2 create = { .size = NOVA_64K, .placement = NOVA_VRAM };
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	uint32_t next = nova_next_handle(fd);

	nova_poke(&create, bad);
	igt_assert_eq(__nova_gem_create2(fd, &create), bad->err);
	igt_assert_eq_u32(nova_next_handle(fd), next);
	igt_assert_eq_u64(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED), used);
}

static const struct {
	const char *name;
	struct drm_nova_gem_create2 create;
	int err;
} bad_pairs[] = {
	{ "contiguous-system", { .size = 1, .placement = NOVA_SYSTEM,
				 .flags = DRM_NOVA_GEM_CONTIGUOUS }, -EINVAL },
	{ "contiguous-either", { .size = 1, .placement = NOVA_SYSTEM | NOVA_VRAM,
				 .flags = DRM_NOVA_GEM_CONTIGUOUS }, -EINVAL },
	{ "wb-either", { .size = 1, .placement = NOVA_SYSTEM | NOVA_VRAM,
			 .cpu_caching = DRM_NOVA_CACHING_WB }, -EINVAL },
	{ "size-huge-system", { .size = 1ull << 62, .placement = NOVA_SYSTEM }, -E2BIG },
	{ "size-wraps-system", { .size = ~0ull, .placement = NOVA_SYSTEM }, -E2BIG },
	{ "pad-before-vm", { .size = 1, .placement = NOVA_VRAM, .pad = 1,
			     .vm_id = 0x7777 }, -EINVAL },
	{ "domain-before-vm", { .size = 1, .placement = NOVA_VRAM, .alignment = 3,
				.vm_id = 0x7777 }, -EINVAL },
};

/**
 * SUBTEST: bad-create2-pair-%s
 * Description: GEM_CREATE2 refuses %arg[1]
 *
 * arg[1]:
 *
 * @contiguous-system: one physical block in SYSTEM
 * @contiguous-either: one physical block that may be in SYSTEM
 * @wb-either:         write-back that may be in VRAM
 * @size-huge-system:  a size SYSTEM could not hold
 * @size-wraps-system: a size that cannot be rounded up, in SYSTEM
 * @pad-before-vm:     padding first, then the unknown VM
 * @domain-before-vm:  a bad value first, then the unknown VM
 */
static void test_bad_pair(int fd, unsigned int i)
{
	struct drm_nova_gem_create2 create = bad_pairs[i].create;
	uint32_t next = nova_next_handle(fd);

	igt_assert_eq(__nova_gem_create2(fd, &create), bad_pairs[i].err);
	igt_assert_eq_u32(nova_next_handle(fd), next);
}

/**
 * SUBTEST: vram-too-small
 * Description: an object larger than all VRAM gives E2BIG if it may be nowhere else
 */
static void test_vram_too_small(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE) + NOVA_64K,
		.placement = NOVA_VRAM,
	};

	igt_assert_eq(__nova_gem_create2(fd, &create), -E2BIG);
}

static const struct nova_bad bad_handles[] = {
	{ "zero", 0, 4, 0, -ENOENT },
	{ "unknown", 0, 4, 0x7777, -ENOENT },
	{ "top", 0, 4, 0xffffffff, -ENOENT },
};

static const struct {
	const char *name;
	unsigned long request;
	unsigned int size;
} by_handle[] = {
	{ "info", DRM_IOCTL_NOVA_GEM_INFO, sizeof(struct drm_nova_gem_info) },
	{ "query", DRM_IOCTL_NOVA_GEM_QUERY, sizeof(struct drm_nova_gem_query) },
	{ "mmap-offset", DRM_IOCTL_NOVA_GEM_MMAP_OFFSET,
	  sizeof(struct drm_nova_gem_mmap_offset) },
};

/**
 * SUBTEST: bad-%s-handle-%s
 * Description: GEM call %arg[1] gives ENOENT for a handle that is %arg[2]
 *
 * arg[1]:
 *
 * @info:        GEM_INFO
 * @query:       GEM_QUERY
 * @mmap-offset: GEM_MMAP_OFFSET
 *
 * arg[2]:
 *
 * @zero:    0
 * @unknown: not there
 * @top:     the largest number
 */
static void test_bad_handle(int fd, unsigned int i, const struct nova_bad *bad)
{
	unsigned char args[64] = { 0 };

	igt_assert(by_handle[i].size <= sizeof(args));
	nova_poke(args, bad);
	igt_assert_eq(__nova_ioctl(fd, by_handle[i].request, args), bad->err);
}

/**
 * SUBTEST: bad-info-pad
 * Description: GEM_INFO refuses padding that is not zero
 */
static void test_bad_info_pad(int fd)
{
	struct drm_nova_gem_info info = { .pad = 1 };

	info.handle = nova_gem_create(fd, 1, NOVA_SYSTEM);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_INFO, &info), -EINVAL);
	nova_gem_close(fd, info.handle);
}

/**
 * SUBTEST: bad-mmap-offset-flags
 * Description: GEM_MMAP_OFFSET refuses flags
 */
static void test_bad_mmap_offset_flags(int fd)
{
	struct drm_nova_gem_mmap_offset args = { 0 };
	unsigned int bit;

	args.handle = nova_gem_create(fd, 1, NOVA_SYSTEM);
	for (bit = 0; bit < 32; bit++) {
		args.flags = 1u << bit;
		igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_MMAP_OFFSET, &args), -EINVAL);
	}
	nova_gem_close(fd, args.handle);
}

int igt_main()
{
	unsigned int i, j;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(bad_create); i++)
		igt_subtest_f("bad-create-%s", bad_create[i].name)
			test_bad_create(fd, &bad_create[i]);
	for (i = 0; i < NR(bad_create2); i++)
		igt_subtest_f("bad-create2-%s", bad_create2[i].name)
			test_bad_create2(fd, &bad_create2[i]);
	for (i = 0; i < NR(bad_pairs); i++)
		igt_subtest_f("bad-create2-pair-%s", bad_pairs[i].name)
			test_bad_pair(fd, i);
	igt_subtest("vram-too-small")
		test_vram_too_small(fd);
	for (i = 0; i < NR(by_handle); i++)
		for (j = 0; j < NR(bad_handles); j++)
			igt_subtest_f("bad-%s-handle-%s", by_handle[i].name, bad_handles[j].name)
				test_bad_handle(fd, i, &bad_handles[j]);
	igt_subtest("bad-info-pad")
		test_bad_info_pad(fd);
	igt_subtest("bad-mmap-offset-flags")
		test_bad_mmap_offset_flags(fd);

	igt_fixture()
		drm_close_driver(fd);
}
