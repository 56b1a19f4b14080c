// SPDX-License-Identifier: MIT

/**
 * TEST: nova evict
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: eviction
 * Description: more objects than VRAM: what is evicted keeps its content and its mappings
 */

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_ioctl.h"
#include "nova_push.h"

IGT_TEST_DESCRIPTION("More objects than VRAM: what is evicted keeps its content and its mappings");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE NOVA_2M
#define BASE (1ull << 33)
#define BOTH (NOVA_VRAM | NOVA_SYSTEM)
#define VRAM_MB 32
#define MAX_OBJECTS 96

static uint64_t va_of(unsigned int i)
{
	return BASE + i * SIZE;
}

/* Many times what fits, each object filled with a pattern of its own. */
struct crowd {
	int fd;
	uint32_t vm;
	unsigned int nr;
	uint32_t handles[MAX_OBJECTS];
	void *ptrs[MAX_OBJECTS];
	struct nova_eye eye;
};

static void crowd_init(struct crowd *crowd, int fd, unsigned int times, uint32_t placement)
{
	uint64_t vram = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE);
	unsigned int i;

	*crowd = (struct crowd) { .fd = fd, .nr = (unsigned int)(times * vram / SIZE) };
	igt_require_f(crowd->nr <= MAX_OBJECTS, "%u objects\n", crowd->nr);
	crowd->vm = nova_vm_create(fd);
	crowd->eye = nova_eye(fd, crowd->vm);
	for (i = 0; i < crowd->nr; i++) {
		crowd->handles[i] = nova_gem_create(fd, SIZE, placement);
		crowd->ptrs[i] = nova_gem_mmap(fd, crowd->handles[i], 0, SIZE);
		nova_fill(crowd->ptrs[i], SIZE, i);
	}
}

static void crowd_fini(struct crowd *crowd)
{
	unsigned int i;

	nova_eye_close(&crowd->eye);
	for (i = 0; i < crowd->nr; i++) {
		munmap(crowd->ptrs[i], SIZE);
		nova_gem_close(crowd->fd, crowd->handles[i]);
	}
	nova_vm_destroy(crowd->fd, crowd->vm);
}

static void crowd_check(const struct crowd *crowd)
{
	unsigned int i;

	for (i = 0; i < crowd->nr; i++)
		igt_assert_f(nova_check(crowd->ptrs[i], SIZE, i), "object %u\n", i);
}

/**
 * SUBTEST: round-robin-bar1-%s
 * Description: VRAM-only objects of four times the VRAM are bound one after the other;
 *              each is then in VRAM with its content: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_round_robin(int fd)
{
	struct crowd crowd;
	unsigned int turn, i;

	crowd_init(&crowd, fd, 4, NOVA_VRAM);
	for (turn = 0; turn < 2; turn++) {
		for (i = 0; i < crowd.nr; i++) {
			nova_vm_map(fd, crowd.vm, crowd.handles[i], 0, va_of(i), SIZE);
			igt_assert_eq_u32(nova_gem_query(fd, crowd.handles[i]).region,
					  DRM_NOVA_REGION_VRAM);
			igt_assert(nova_eye_sees(&crowd.eye, va_of(i), crowd.ptrs[i], NOVA_64K));
		}
	}
	igt_assert(nova_stat(fd, "moved from vram") >= (int64_t)(crowd.nr * SIZE));
	crowd_check(&crowd);
	crowd_fini(&crowd);
}

/**
 * SUBTEST: both-regions-bar1-%s
 * Description: objects that may be in either region never run out of memory, and all
 *              of them stay mapped at once, wherever they are: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_both(int fd)
{
	struct crowd crowd;
	unsigned int i;

	crowd_init(&crowd, fd, 4, BOTH);
	for (i = 0; i < crowd.nr; i++)
		nova_vm_map(fd, crowd.vm, crowd.handles[i], 0, va_of(i), SIZE);
	crowd_check(&crowd);
	igt_assert_eq(nova_evict(fd, "evict_vram"), 0);
	for (i = 0; i < crowd.nr; i++)
		igt_assert(nova_eye_sees(&crowd.eye, va_of(i), crowd.ptrs[i], NOVA_64K));
	crowd_check(&crowd);
	crowd_fini(&crowd);
}

/**
 * SUBTEST: private-bar1-%s
 * Description: objects private to one VM make room for each other: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_private(int fd)
{
	uint64_t vram = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE);
	unsigned int nr = (unsigned int)(2 * vram / SIZE), i;
	uint32_t vm = nova_vm_create(fd), handles[MAX_OBJECTS];
	struct nova_eye eye = nova_eye(fd, vm);
	static char want[NOVA_64K];

	igt_require(nr <= MAX_OBJECTS);
	for (i = 0; i < nr; i++) {
		void *ptr;

		handles[i] = nova_gem_create_private(fd, vm, SIZE, NOVA_VRAM);
		ptr = nova_gem_mmap(fd, handles[i], 0, NOVA_64K);
		nova_fill(ptr, NOVA_64K, i);
		munmap(ptr, NOVA_64K);
	}
	for (i = 0; i < nr; i++) {
		nova_vm_map(fd, vm, handles[i], 0, va_of(i), SIZE);
		nova_fill(want, NOVA_64K, i);
		igt_assert(nova_eye_sees(&eye, va_of(i), want, NOVA_64K));
	}
	nova_eye_close(&eye);
	for (i = 0; i < nr; i++)
		nova_gem_close(fd, handles[i]);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: unmapped-then-restored-bar1-%s
 * Description: while an object for VRAM alone is out of it the GPU faults on it; its
 *              next bind brings every mapping of it back: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_restored(int fd)
{
	uint32_t vm = nova_vm_create(fd), handle = nova_gem_create(fd, SIZE, NOVA_VRAM);
	void *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	struct nova_eye eye = nova_eye(fd, vm);
	unsigned int i;

	for (i = 0; i < 3; i++)
		nova_vm_map(fd, vm, handle, 0, va_of(i), SIZE);
	nova_fill(ptr, SIZE, 70);
	nova_vm_map(fd, vm, handle, 0, va_of(3), SIZE);
	igt_assert_eq(nova_evict(fd, "evict_vram"), 0);
	igt_assert_eq_u32(nova_gem_query(fd, handle).region, DRM_NOVA_REGION_SYSTEM);
	if (nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW))
		for (i = 0; i < 4; i++)
			igt_assert(nova_eye_faults(&eye, va_of(i)));
	igt_assert(nova_check(ptr, SIZE, 70));
	nova_vm_map(fd, vm, handle, 0, va_of(9), SIZE);
	igt_assert_eq_u32(nova_gem_query(fd, handle).region, DRM_NOVA_REGION_VRAM);
	igt_assert(nova_eye_sees(&eye, va_of(0), ptr, SIZE));
	for (i = 0; i < 4; i++)
		igt_assert(nova_eye_sees(&eye, va_of(i), ptr, NOVA_64K));
	munmap(ptr, SIZE);
	nova_eye_close(&eye);
	nova_gem_close(fd, handle);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: recycled-bar1-%s
 * Description: a client never sees what another left in memory that was evicted and
 *              handed on: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_recycled(int fd)
{
	struct crowd crowd;
	unsigned int i;

	crowd_init(&crowd, fd, 1, NOVA_VRAM);
	for (i = 0; i < 24; i++) {
		int other = nova_open_again(fd);
		uint32_t handle = nova_gem_create(other, SIZE, i % 3 ? NOVA_VRAM : BOTH);
		void *ptr = nova_gem_mmap(other, handle, 0, SIZE);

		igt_assert(nova_is_zero(ptr, SIZE));
		nova_fill(ptr, SIZE, 100 + i);
		munmap(ptr, SIZE);
		close(other);
	}
	crowd_check(&crowd);
	crowd_fini(&crowd);
}

/**
 * SUBTEST: swapped-out-bar1-%s
 * Description: content survives being pushed from VRAM to system pages and out of
 *              those too: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_swapped(int fd)
{
	struct crowd crowd;
	unsigned int i;

	crowd_init(&crowd, fd, 1, BOTH);
	for (i = 0; i < crowd.nr; i++)
		nova_vm_map(fd, crowd.vm, crowd.handles[i], 0, va_of(i), SIZE);
	igt_assert_eq(nova_evict(fd, "evict_vram"), 0);
	igt_assert_eq(nova_evict(fd, "evict_gtt"), 0);
	for (i = 0; i < crowd.nr; i++)
		igt_assert_eq_u32(nova_gem_query(fd, crowd.handles[i]).region,
				  DRM_NOVA_REGION_NONE);
	crowd_check(&crowd);
	crowd_fini(&crowd);
}

/**
 * SUBTEST: lru-bar1-%s
 * Description: using a few objects over and over while others pass by leaves the few
 *              where they are: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_lru(int fd)
{
	struct crowd crowd;
	int64_t moved;
	unsigned int i, hot;

	crowd_init(&crowd, fd, 3, NOVA_VRAM);
	for (hot = 0; hot < 3; hot++)
		nova_vm_map(fd, crowd.vm, crowd.handles[hot], 0, va_of(hot), SIZE);
	moved = nova_stat(fd, "moved to vram");
	for (i = 3; i < crowd.nr; i++) {
		nova_vm_map(fd, crowd.vm, crowd.handles[i], 0, va_of(i), SIZE);
		for (hot = 0; hot < 3; hot++)
			nova_vm_map(fd, crowd.vm, crowd.handles[hot], 0, va_of(hot), SIZE);
	}
	igt_assert(nova_stat(fd, "moved to vram") - moved <= (int64_t)((crowd.nr - 3) * SIZE));
	crowd_fini(&crowd);
}

/*
 * More is bound than fits VRAM: work is refused until less is. Without BAR1 objects for VRAM alone
 * are used from where they are.
 */
static void check_exec_without_room(int fd, bool is_private)
{
	unsigned int nr = (unsigned int)(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE) / SIZE) + 2;
	uint32_t vm = nova_vm_create(fd), queue = nova_queue_create(fd, vm,
								    DRM_NOVA_QUEUE_CLASS_COPY);
	struct drm_nova_sync sync = {
		.handle = nova_syncobj_create(fd), .flags = DRM_NOVA_SYNC_SIGNAL,
	};
	int want = nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW) ? -ENOSPC : 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		uint32_t handle = is_private ? nova_gem_create_private(fd, vm, SIZE, NOVA_VRAM) :
					       nova_gem_create(fd, SIZE, NOVA_VRAM);

		nova_vm_map(fd, vm, handle, 0, va_of(i), SIZE);
		nova_gem_close(fd, handle);
	}
	igt_assert_eq(__nova_exec(fd, queue, NULL, 0, &sync, 1), want);
	igt_assert_eq(nova_syncobj_wait(fd, sync.handle, 0, want ? 0 : 60), want ? -EINVAL : 0);
	nova_vm_unmap(fd, vm, va_of(0), nr / 2 * SIZE);
	igt_assert_eq(__nova_exec(fd, queue, NULL, 0, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait(fd, sync.handle, 0, 60), 0);
	nova_syncobj_destroy(fd, sync.handle);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: exec-without-room-bar1-%s
 * Description: work of a VM that has more bound for VRAM alone than fits is refused and
 *              signals nothing, unless there is no BAR1; with less bound it runs: BAR1 of
 *              %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_exec(int fd)
{
	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	check_exec_without_room(fd, false);
	check_exec_without_room(fd, true);
}

/* One of several processes that want more VRAM than there is, for a while. */
static void stress_client(int fd, unsigned int seconds, unsigned int seed)
{
	enum { KEEP = 24 };
	static const uint64_t sizes[] = { NOVA_64K, 4 * NOVA_64K, SIZE / 2, SIZE };
	time_t end = time(NULL) + seconds;
	struct {
		uint32_t handle, seed;
		uint64_t size;
		void *ptr;
	} objects[KEEP] = {};
	uint32_t vm = nova_vm_create(fd), round = 0;

	srandom(seed);
	while (time(NULL) < end) {
		unsigned int i = (unsigned int)random() % KEEP;

		if (objects[i].ptr) {
			igt_assert(nova_check(objects[i].ptr, objects[i].size, objects[i].seed));
			if (random() % 2) {
				nova_vm_map(fd, vm, objects[i].handle, 0, va_of(i),
					    objects[i].size);
				continue;
			}
			munmap(objects[i].ptr, objects[i].size);
			nova_gem_close(fd, objects[i].handle);
		}
		objects[i].size = sizes[random() % NR(sizes)];
		objects[i].seed = seed << 20 | round++;
		objects[i].handle = nova_gem_create(fd, objects[i].size,
						    random() % 3 ? BOTH : NOVA_VRAM);
		objects[i].ptr = nova_gem_mmap(fd, objects[i].handle, 0, objects[i].size);
		igt_assert(nova_is_zero(objects[i].ptr, objects[i].size));
		nova_fill(objects[i].ptr, objects[i].size, objects[i].seed);
	}
	igt_assert(round);
}

/**
 * SUBTEST: stress-bar1-%s
 * Description: eight processes allocate, map, bind, check and free four times the
 *              VRAM; for three seconds, or NOVA_STRESS_SECONDS: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_stress(int fd)
{
	const char *asked = getenv("NOVA_STRESS_SECONDS");
	unsigned int seconds = asked ? (unsigned int)atoi(asked) : 3;

	igt_fork(child, 8) {
		int client = nova_open_again(fd);

		stress_client(client, seconds, (unsigned int)child + 1);
		close(client);
	}
	igt_waitchildren();
}

/**
 * SUBTEST: quarantine-bar1-%s
 * Description: when the hardware does not acknowledge an invalidate, memory it may
 *              still reach is not handed out again, and nothing new is: BAR1 of %arg[1]
 *
 * arg[1]:
 *
 * @0:   none
 * @2:   2 MiB
 * @16:  16 MiB
 * @256: 256 MiB
 */
static void test_quarantine(int fd)
{
	struct drm_nova_gem_create2 create = { .size = SIZE, .placement = NOVA_VRAM };
	uint32_t vm = nova_vm_create(fd), handles[2];
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = va_of(0), .range = 2 * SIZE,
	};
	uint64_t used;

	handles[0] = nova_gem_create(fd, SIZE, NOVA_VRAM);
	handles[1] = nova_gem_create(fd, SIZE, NOVA_SYSTEM);
	nova_vm_map(fd, vm, handles[0], 0, va_of(0), SIZE);
	nova_vm_map(fd, vm, handles[1], 0, va_of(1), SIZE);
	used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	igt_assert_eq(nova_inject(fd, "tlb_stuck 1"), 0);
	igt_assert_eq(__nova_vm_bind_op(fd, vm, &op), -ENOENT);
	nova_gem_close(fd, handles[0]);
	nova_gem_close(fd, handles[1]);
	nova_vm_destroy(fd, vm);
	igt_assert(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) >= used - SIZE / 2);
	igt_assert_eq(__nova_gem_create2(fd, &create), -ENODEV);
	create.placement = NOVA_SYSTEM;
	igt_assert_eq(__nova_gem_create2(fd, &create), -ENODEV);
	igt_assert_eq(nova_inject(fd, "tlb_stuck 0"), 0);
	igt_assert_eq(__nova_gem_create2(fd, &create), -ENODEV);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "round-robin", test_round_robin },
	{ "both-regions", test_both },
	{ "private", test_private },
	{ "unmapped-then-restored", test_restored },
	{ "recycled", test_recycled },
	{ "swapped-out", test_swapped },
	{ "lru", test_lru },
	{ "exec-without-room", test_exec },
	{ "quarantine", test_quarantine },
	{ "stress", test_stress },
};

static const unsigned int bar1_sizes[] = { 0, 2, 16, 256 };

static void run_on_small_gpu(int fd, unsigned int test, unsigned int bar1_mb)
{
	const struct nova_gpu_config config = { .vram_mb = VRAM_MB, .bar1_mb = bar1_mb };
	struct nova_gpu gpu;

	nova_gpu_create(&gpu, fd, &config);
	tests[test].run(gpu.fd);
	nova_gpu_destroy(&gpu);
}

int igt_main()
{
	unsigned int i, j;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(tests); i++)
		for (j = 0; j < NR(bar1_sizes); j++)
			igt_subtest_f("%s-bar1-%u", tests[i].name, bar1_sizes[j])
				run_on_small_gpu(fd, i, bar1_sizes[j]);

	igt_fixture()
		drm_close_driver(fd);
}
