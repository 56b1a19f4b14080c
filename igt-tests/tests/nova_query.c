// SPDX-License-Identifier: MIT

/**
 * TEST: nova query
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: uapi
 * Functionality: GETPARAM and INFO
 * Description: what the driver says about itself, the GPU and its memory
 */

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "igt.h"
#include "nova_ioctl.h"
#include "nova_abi_check.h"

IGT_TEST_DESCRIPTION("What the nova driver says about itself, the GPU and its memory");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/**
 * SUBTEST: abi
 * Description: command numbers, sizes and offsets are the published literals,
 *              and every command carries the size of its structure
 */
static void test_abi(void)
{
	static const struct {
		const char *name;
		unsigned int cmd;
		unsigned int size;
	} rows[] = {
#define ROW(name, type, cmd) { #name, cmd, sizeof(struct drm_nova_##type) },
		NOVA_ABI_IOCTLS(ROW)
#undef ROW
	};
	unsigned int i;

	for (i = 0; i < NR(rows); i++)
		igt_assert_f(_IOC_SIZE(rows[i].cmd) == rows[i].size, "%s\n", rows[i].name);
}

/**
 * SUBTEST: version
 * Description: the driver is "nova", no older than what brought each of its features
 */
static void test_version(int fd)
{
	uint64_t features = nova_getparam(fd, DRM_NOVA_PARAM_FEATURES);
	drmVersionPtr version = drmGetVersion(fd);

	igt_assert(version);
	igt_assert(!strcmp(version->name, "nova"));
	igt_assert(version->version_major > 0 ||
		   (version->version_minor >= 8 &&
		    version->version_minor > __builtin_popcountll(features)));
	drmFreeVersion(version);
}

/**
 * SUBTEST: getparam-value-ignored
 * Description: GETPARAM does not look at what is in "value" on entry
 */
static void test_value_ignored(int fd)
{
	struct drm_nova_getparam args = { DRM_NOVA_PARAM_VRAM_SIZE, ~0ull };

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GETPARAM, &args), 0);
	igt_assert_eq_u64(args.value, nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE));
}

/**
 * SUBTEST: getparam-features
 * Description: VM_BIND is there, and no bit this suite does not know
 */
static void test_features(int fd)
{
	uint64_t features = nova_getparam(fd, DRM_NOVA_PARAM_FEATURES);

	igt_info("features %#" PRIx64 "\n", features);
	igt_assert(features & DRM_NOVA_FEATURE_VM_BIND);
	igt_assert_eq_u64(features & ~0x3ffull, 0);
}

/**
 * SUBTEST: getparam-vram
 * Description: 0 < VRAM used <= VRAM size, in whole pages
 */
static void test_vram(int fd)
{
	uint64_t size = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE);
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);

	igt_info("VRAM %" PRIu64 " KiB, used %" PRIu64 " KiB\n", size >> 10, used >> 10);
	igt_assert(used > 0 && used <= size);
	igt_assert_eq_u64(size % NOVA_4K, 0);
	igt_assert_eq_u64(used % NOVA_4K, 0);
}

/**
 * SUBTEST: getparam-vram-used-follows
 * Description: VRAM used grows by an object's size and returns when it is closed
 */
static void test_vram_used(int fd)
{
	const uint64_t size = 4 * NOVA_2M;
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	uint32_t handle = nova_gem_create(fd, size, NOVA_VRAM);

	igt_assert_eq_u64(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED), used + size);
	nova_gem_close(fd, handle);
	nova_settle_vram(fd, used);
	igt_assert_eq_u64(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED), used);
}

/**
 * SUBTEST: getparam-bar1
 * Description: the usable window is not larger than the BAR
 */
static void test_bar1(int fd)
{
	uint64_t bar = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_BAR_SIZE);
	uint64_t window = nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW);

	igt_info("BAR1 %" PRIu64 " KiB, window %" PRIu64 " KiB\n", bar >> 10, window >> 10);
	igt_assert(window <= bar);
	igt_assert_eq_u64(bar & (bar - 1), 0);
}

/**
 * SUBTEST: getparam-timestamp
 * Description: the GPU timer does not run backwards
 */
static void test_timestamp(int fd)
{
	uint64_t last = 0, now;
	int i;

	for (i = 0; i < 100; i++) {
		now = nova_getparam(fd, DRM_NOVA_PARAM_TIMESTAMP_NS);
		igt_assert(now >= last);
		last = now;
	}
	igt_assert(last);
}

/**
 * SUBTEST: getparam-push-max
 * Description: GETPARAM and INFO agree on the number of pushes
 */
static void test_push_max(int fd)
{
	struct drm_nova_info_limits limits;

	nova_info(fd, DRM_NOVA_INFO_LIMITS, sizeof(limits), &limits);
	igt_assert_eq_u64(nova_getparam(fd, DRM_NOVA_PARAM_EXEC_PUSH_MAX), limits.max_pushes);
}

static const struct nova_bad bad_params[] = {
	NOVA_BAD("zero", getparam, param, 0, -EINVAL),
	NOVA_BAD("upstream-next", getparam, param, 2, -EINVAL),
	NOVA_BAD("below-ours", getparam, param, 0xfff, -EINVAL),
	NOVA_BAD("above-ours", getparam, param, 0x1007, -EINVAL),
	NOVA_BAD("high-half", getparam, param, 1ull << 32 | 1, -EINVAL),
	NOVA_BAD("all-ones", getparam, param, ~0ull, -EINVAL),
};

/**
 * SUBTEST: bad-getparam-%s
 * Description: GETPARAM refuses an unknown param: %arg[1]
 *
 * arg[1]:
 *
 * @zero:          0
 * @upstream-next: 2
 * @below-ours:    0xfff
 * @above-ours:    0x1007
 * @high-half:     a known number with a bit above 32
 * @all-ones:      ~0
 */
static void test_bad_param(int fd, const struct nova_bad *bad)
{
	struct drm_nova_getparam args = { .param = DRM_NOVA_PARAM_VRAM_SIZE };

	nova_poke(&args, bad);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_GETPARAM, &args), bad->err);
}

/* Every structure of INFO with the size published for it. */
static const struct {
	const char *name;
	uint32_t id;
	uint32_t size;
} infos[] = {
	{ "gpu", 0x0, 160 },
	{ "memory", 0x100, 200 },
	{ "va", 0x101, 56 },
	{ "bar1", 0x102, 48 },
	{ "limits", 0x103, 32 },
	{ "kinds", 0x104, 264 },
	{ "time", 0x105, 32 },
};

#define INFO_MAX 264

/**
 * SUBTEST: info-size-%s
 * Description: INFO without data gives the size of %arg[1] and writes nothing
 *
 * arg[1]:
 *
 * @gpu:    struct drm_nova_info_gpu
 * @memory: struct drm_nova_info_memory
 * @va:     struct drm_nova_info_va
 * @bar1:   struct drm_nova_info_bar1
 * @limits: struct drm_nova_info_limits
 * @kinds:  struct drm_nova_info_kinds
 * @time:   struct drm_nova_info_time
 */
static void test_info_size(int fd, uint32_t id, uint32_t size)
{
	uint32_t got = 7;

	igt_assert_eq(__nova_info(fd, id, &got, NULL), 0);
	igt_assert_eq_u32(got, size);
}

/**
 * SUBTEST: info-window-%s
 * Description: INFO writes min(room, full size) bytes of %arg[1] and no more
 *
 * arg[1]:
 *
 * @gpu:    struct drm_nova_info_gpu
 * @memory: struct drm_nova_info_memory
 * @va:     struct drm_nova_info_va
 * @bar1:   struct drm_nova_info_bar1
 * @limits: struct drm_nova_info_limits
 * @kinds:  struct drm_nova_info_kinds
 * @time:   struct drm_nova_info_time
 */
static void test_info_window(int fd, uint32_t id, uint32_t size)
{
	const uint32_t rooms[] = { 0, 1, 7, size - 1, size, size + 1, size + 100 };
	unsigned char data[INFO_MAX + 200];
	uint32_t i, j, got;

	for (i = 0; i < NR(rooms); i++) {
		memset(data, 0xee, sizeof(data));
		got = rooms[i];
		igt_assert_eq(__nova_info(fd, id, &got, data), 0);
		igt_assert_eq_u32(got, rooms[i] < size ? rooms[i] : size);
		for (j = got; j < sizeof(data); j++)
			igt_assert_f(data[j] == 0xee, "byte %u of %u changed\n", j, got);
	}
}

/**
 * SUBTEST: info-gpu
 * Description: names end and are not empty, numbers agree with GETPARAM
 */
static void test_info_gpu(int fd)
{
	struct drm_nova_info_gpu gpu;

	nova_info(fd, DRM_NOVA_INFO_GPU, sizeof(gpu), &gpu);
	igt_assert(memchr(gpu.name, 0, sizeof(gpu.name)));
	igt_assert(memchr(gpu.short_name, 0, sizeof(gpu.short_name)));
	igt_assert(gpu.name[0] && gpu.short_name[0]);
	igt_info("%s (%s), architecture %#x, chipset %#x\n", gpu.name, gpu.short_name,
		 gpu.architecture, gpu.chipid);
	igt_assert_eq_u64(gpu.chipid, nova_getparam(fd, DRM_NOVA_PARAM_CHIPSET_ID));
	igt_assert_eq_u64(gpu.vram_size, nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE));
	igt_assert(gpu.architecture >= 0x16 && gpu.architecture <= 0x1b);
}

static void check_region(const struct drm_nova_memory_region *region)
{
	igt_assert(region->used <= region->total);
	igt_assert(region->largest_free <= region->total - region->used);
	igt_assert_eq_u64(region->cpu_mappable, region->total);
	igt_assert_eq_u64(region->reserved, 0);
	igt_assert(region->total);
	igt_assert_eq_u32(region->min_page_size, NOVA_4K);
}

/**
 * SUBTEST: info-memory
 * Description: two regions, SYSTEM and VRAM, whose figures add up
 */
static void test_info_memory(int fd)
{
	static const struct drm_nova_memory_region none;
	struct drm_nova_info_memory memory;
	uint32_t i;

	nova_info(fd, DRM_NOVA_INFO_MEMORY, sizeof(memory), &memory);
	igt_assert_eq_u32(memory.num_regions, 2);
	igt_assert_eq_u32(memory.region_stride, 48);
	for (i = 0; i < 2; i++) {
		igt_assert_eq(memory.regions[i].mem_class, i);
		igt_assert_eq(memory.regions[i].instance, i);
		check_region(&memory.regions[i]);
	}
	igt_assert_eq_u64(memory.regions[1].total, nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE));
	for (; i < DRM_NOVA_MEMORY_REGIONS; i++)
		igt_assert(!memcmp(&memory.regions[i], &none, sizeof(none)));
}

/**
 * SUBTEST: info-va
 * Description: width and page sizes of the address space are those of the MMU's version
 */
static void test_info_va(int fd)
{
	struct drm_nova_info_va va;

	nova_info(fd, DRM_NOVA_INFO_VA, sizeof(va), &va);
	igt_info("GMMU v%u, %u bits\n", va.gmmu_version, va.va_bits);
	igt_assert(va.gmmu_version == 2 || va.gmmu_version == 3);
	igt_assert_eq_u32(va.va_bits, va.gmmu_version == 2 ? 49 : 57);
	igt_assert(va.va_start + va.va_size <= 1ull << va.va_bits);
	igt_assert(va.vram_page_sizes & NOVA_4K);
	igt_assert(va.vram_page_sizes & NOVA_64K);
	igt_assert(va.vram_page_sizes & NOVA_2M);
	igt_assert(va.sysmem_page_sizes & NOVA_4K);
	igt_assert_eq_u64(va.kernel_min_size % NOVA_2M, 0);
	igt_assert(va.max_vms >= 64);
	igt_assert_eq_u32(va.pad, 0);
}

/**
 * SUBTEST: info-bar1
 * Description: figures of the CPU window add up and agree with GETPARAM
 */
static void test_info_bar1(int fd)
{
	struct drm_nova_info_bar1 bar1;

	nova_info(fd, DRM_NOVA_INFO_BAR1, sizeof(bar1), &bar1);
	igt_assert_eq_u64(bar1.pci_size, nova_getparam(fd, DRM_NOVA_PARAM_VRAM_BAR_SIZE));
	igt_assert_eq_u64(bar1.window_size, nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW));
	igt_assert(bar1.reserved_now <= bar1.reserved_peak);
	igt_assert(bar1.reserved_peak <= bar1.window_size);
	igt_assert_eq_u32(bar1.granule % NOVA_4K, 0);
	igt_assert_eq_u32(bar1.pad, 0);
}

/**
 * SUBTEST: info-limits
 * Description: limits are not below what callers are promised
 */
static void test_info_limits(int fd)
{
	uint64_t features = nova_getparam(fd, DRM_NOVA_PARAM_FEATURES);
	struct drm_nova_info_limits limits;

	nova_info(fd, DRM_NOVA_INFO_LIMITS, sizeof(limits), &limits);
	igt_assert(limits.max_bind_ops >= 4096);
	igt_assert(limits.max_syncs >= 1024);
	igt_assert(limits.max_pushes >= 1024 || !(features & DRM_NOVA_FEATURE_EXEC));
	igt_assert_eq_u32(limits.max_label, 255);
	igt_assert(limits.max_bo_size >= nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE) / 2);
}

/**
 * SUBTEST: info-kinds
 * Description: kind 0 is plain, the count is right, no attribute without validity
 */
static void test_info_kinds(int fd)
{
	struct drm_nova_info_kinds kinds;
	uint32_t i, valid = 0;

	nova_info(fd, DRM_NOVA_INFO_KINDS, sizeof(kinds), &kinds);
	for (i = 0; i < 256; i++) {
		valid += kinds.attr[i] & DRM_NOVA_KIND_VALID;
		igt_assert(!kinds.attr[i] || kinds.attr[i] & DRM_NOVA_KIND_VALID);
		igt_assert(!(kinds.attr[i] & 0xf0));
	}
	igt_assert_eq(kinds.attr[0], DRM_NOVA_KIND_VALID);
	igt_assert_eq_u32(kinds.num_kinds, valid);
	igt_assert_eq_u32(kinds.pad, 0);
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/**
 * SUBTEST: info-time
 * Description: the CPU time lies between two readings of our own, the GPU's advances
 */
static void test_info_time(int fd)
{
	struct drm_nova_info_time first, second;
	uint64_t before = monotonic_ns();

	nova_info(fd, DRM_NOVA_INFO_TIME, sizeof(first), &first);
	nova_info(fd, DRM_NOVA_INFO_TIME, sizeof(second), &second);
	igt_assert(first.cpu_ns >= before && second.cpu_ns >= first.cpu_ns);
	igt_assert(second.cpu_ns + second.delta_ns / 2 <= monotonic_ns());
	igt_assert(second.gpu_ns >= first.gpu_ns);
	igt_assert(first.gpu_ns && first.frequency_hz);
}

/**
 * SUBTEST: bad-info-id
 * Description: INFO refuses unknown ids, with data and without
 */
static void test_bad_info_id(int fd)
{
	const uint32_t ids[] = { 0x1, 0xff, 0x106, 0x80000000, ~0u };
	unsigned char data[INFO_MAX];
	uint32_t i, size;

	for (i = 0; i < NR(ids); i++) {
		size = sizeof(data);
		igt_assert_eq(__nova_info(fd, ids[i], &size, data), -EINVAL);
		igt_assert_eq(__nova_info(fd, ids[i], &size, NULL), -EINVAL);
	}
}

/**
 * SUBTEST: bad-info-pointer
 * Description: INFO gives EFAULT where it cannot write
 */
static void test_bad_info_pointer(int fd)
{
	void *rdonly = mmap(NULL, NOVA_4K, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t size = 56;

	igt_assert(rdonly != MAP_FAILED);
	igt_assert_eq(__nova_info(fd, DRM_NOVA_INFO_VA, &size, (void *)8), -EFAULT);
	size = 56;
	igt_assert_eq(__nova_info(fd, DRM_NOVA_INFO_VA, &size, rdonly), -EFAULT);
	munmap(rdonly, NOVA_4K);
}

/**
 * SUBTEST: bad-argument-pointer
 * Description: every ioctl gives EFAULT for an unreadable structure
 */
static void test_bad_argument(int fd)
{
#define ROW(name, type, cmd) cmd,
	const unsigned int cmds[] = { NOVA_ABI_IOCTLS(ROW) };
#undef ROW
	unsigned int i;

	for (i = 0; i < NR(cmds); i++)
		igt_assert_eq(__nova_ioctl(fd, cmds[i], (void *)8), -EFAULT);
}

/* Calls behind a feature bit. A request of zeroes names an object that cannot be there. */
static const struct {
	const char *name;
	uint32_t feature;
	unsigned long request;
} optional[] = {
	{ "madvise", DRM_NOVA_FEATURE_MADVISE, DRM_IOCTL_NOVA_GEM_MADVISE },
	{ "query-ranges", DRM_NOVA_FEATURE_RANGE_QUERY, DRM_IOCTL_NOVA_VM_QUERY_RANGES },
	{ "queue-create", DRM_NOVA_FEATURE_ASYNC_BIND | DRM_NOVA_FEATURE_EXEC,
	  DRM_IOCTL_NOVA_QUEUE_CREATE },
	{ "queue-destroy", DRM_NOVA_FEATURE_ASYNC_BIND | DRM_NOVA_FEATURE_EXEC,
	  DRM_IOCTL_NOVA_QUEUE_DESTROY },
	{ "queue-get-state", DRM_NOVA_FEATURE_ASYNC_BIND | DRM_NOVA_FEATURE_EXEC,
	  DRM_IOCTL_NOVA_QUEUE_GET_STATE },
	{ "exec", DRM_NOVA_FEATURE_EXEC, DRM_IOCTL_NOVA_EXEC },
};

/**
 * SUBTEST: optional-%s
 * Description: a call gives EOPNOTSUPP if and only if its feature bit is clear: %arg[1]
 *
 * arg[1]:
 *
 * @madvise:         GEM_MADVISE
 * @query-ranges:    VM_QUERY_RANGES
 * @queue-create:    QUEUE_CREATE
 * @queue-destroy:   QUEUE_DESTROY
 * @queue-get-state: QUEUE_GET_STATE
 * @exec:            EXEC
 */
static void test_optional(int fd, unsigned int i)
{
	uint64_t present = nova_getparam(fd, DRM_NOVA_PARAM_FEATURES) & optional[i].feature;
	unsigned char args[64] = { 0 };

	igt_assert_eq(__nova_ioctl(fd, optional[i].request, args),
		      present ? -ENOENT : -EOPNOTSUPP);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "version", test_version },
	{ "getparam-value-ignored", test_value_ignored },
	{ "getparam-features", test_features },
	{ "getparam-vram", test_vram },
	{ "getparam-vram-used-follows", test_vram_used },
	{ "getparam-bar1", test_bar1 },
	{ "getparam-timestamp", test_timestamp },
	{ "getparam-push-max", test_push_max },
	{ "info-gpu", test_info_gpu },
	{ "info-memory", test_info_memory },
	{ "info-va", test_info_va },
	{ "info-bar1", test_info_bar1 },
	{ "info-limits", test_info_limits },
	{ "info-kinds", test_info_kinds },
	{ "info-time", test_info_time },
	{ "bad-info-id", test_bad_info_id },
	{ "bad-info-pointer", test_bad_info_pointer },
	{ "bad-argument-pointer", test_bad_argument },
};

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	igt_subtest("abi")
		test_abi();
	for (i = 0; i < NR(tests); i++)
		igt_subtest_f("%s", tests[i].name)
			tests[i].run(fd);
	for (i = 0; i < NR(bad_params); i++)
		igt_subtest_f("bad-getparam-%s", bad_params[i].name)
			test_bad_param(fd, &bad_params[i]);
	for (i = 0; i < NR(infos); i++) {
		igt_subtest_f("info-size-%s", infos[i].name)
			test_info_size(fd, infos[i].id, infos[i].size);
		igt_subtest_f("info-window-%s", infos[i].name)
			test_info_window(fd, infos[i].id, infos[i].size);
	}
	for (i = 0; i < NR(optional); i++)
		igt_subtest_f("optional-%s", optional[i].name)
			test_optional(fd, i);

	igt_fixture()
		drm_close_driver(fd);
}
