// SPDX-License-Identifier: MIT

/**
 * TEST: nova race
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_BIND, EXEC, eviction
 * Description: two processes bind, unmap, copy and evict each other; every copy is checked
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_sync.h"

IGT_TEST_DESCRIPTION("Two processes bind, unmap, copy and evict each other; every copy is checked");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define BOTH (NOVA_VRAM | NOVA_SYSTEM)
#define PROCESSES 2
#define LANES 2
#define OBJECTS 6
#define SLOTS 3
#define SIZE NOVA_2M
#define BLOCK NOVA_64K
#define BLOCKS (SIZE / BLOCK)
/* Steps submitted before a lane is waited for, each with its own part of the place for pushes. */
#define DEPTH 12
#define STEP_WORDS 128
#define SMALL_VRAM_MB 32
#define LARGE_VRAM_MB 256

/* What an object is and what each block of it must hold, once all that was submitted is done. */
struct object {
	uint32_t handle;
	uint8_t *ptr;
	uint32_t seeds[BLOCKS];
};

/*
 * One line of work of a process: a queue that binds and one that copies, in turns by the points of
 * a timeline, and objects that nobody else touches. Lanes of one process share a VM and otherwise
 * run as they like.
 */
struct lane {
	struct nova_engine engine;
	uint32_t bind_queue, timeline, placement, is_private;
	uint64_t point, va;
	unsigned int steps;
	struct object objects[OBJECTS];
	int slots[SLOTS];	/* which object is mapped in each, or -1 */
};

static uint32_t next_seed;

/* A thread that destroys whatever has a low id. */
struct guess {
	int fd;
	bool stop;
	unsigned int hits;
};

static unsigned int below(unsigned int end)
{
	return (unsigned int)random() % end;
}

static void object_create(struct lane *lane, struct object *o)
{
	int fd = lane->engine.fd;
	unsigned int i;

	o->handle = lane->is_private ?
		nova_gem_create_private(fd, lane->engine.vm, SIZE, lane->placement) :
		nova_gem_create(fd, SIZE, lane->placement);
	o->ptr = nova_gem_mmap(fd, o->handle, 0, SIZE);
	for (i = 0; i < BLOCKS; i++) {
		o->seeds[i] = next_seed++;
		nova_fill(o->ptr + i * BLOCK, BLOCK, o->seeds[i]);
	}
}

static void object_destroy(struct lane *lane, struct object *o)
{
	munmap(o->ptr, SIZE);
	nova_gem_close(lane->engine.fd, o->handle);
}

static void lane_init(struct lane *lane, int fd, uint32_t vm, unsigned int nr, uint32_t placement,
		      bool is_private)
{
	unsigned int i;

	*lane = (struct lane){
		.placement = placement, .is_private = is_private, .va = (nr + 4ull) << 33,
	};
	nova_engine_init(&lane->engine, fd, vm, (nr + 1ull) << 33);
	lane->bind_queue = nova_queue_create(fd, vm, DRM_NOVA_QUEUE_CLASS_BIND);
	lane->timeline = nova_syncobj_create(fd);
	for (i = 0; i < OBJECTS; i++)
		object_create(lane, &lane->objects[i]);
	for (i = 0; i < SLOTS; i++)
		lane->slots[i] = -1;
}

/* The turn of the next step: behind the one before, before the one to come. */
static unsigned int lane_turn(struct lane *lane, struct drm_nova_sync *syncs)
{
	syncs[0] = (struct drm_nova_sync){
		lane->timeline, DRM_NOVA_SYNC_TIMELINE | DRM_NOVA_SYNC_SIGNAL, lane->point + 1,
	};
	syncs[1] = (struct drm_nova_sync){
		lane->timeline, DRM_NOVA_SYNC_TIMELINE, lane->point,
	};
	lane->steps++;
	return lane->point++ ? 2 : 1;
}

static void lane_wait(struct lane *lane)
{
	lane->steps = 0;
	if (lane->point)
		igt_assert_eq(nova_syncobj_wait(lane->engine.fd, lane->timeline, lane->point, 120),
			      0);
}

static void lane_bind(struct lane *lane, const struct drm_nova_vm_bind_op *op)
{
	struct drm_nova_sync syncs[2];
	unsigned int nr;

	/* Now, which must not come before the copies that use what is there. */
	if (!below(6)) {
		lane_wait(lane);
		igt_assert_eq(__nova_vm_bind_op(lane->engine.fd, lane->engine.vm, op), 0);
		return;
	}
	nr = lane_turn(lane, syncs);
	igt_assert_eq(__nova_vm_bind_async(lane->engine.fd, lane->engine.vm, lane->bind_queue, op,
					   syncs, nr), 0);
}

static uint64_t slot_va(const struct lane *lane, unsigned int slot)
{
	return lane->va + slot * SIZE;
}

static bool is_mapped(const struct lane *lane, unsigned int object)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (lane->slots[i] == (int)object)
			return true;
	return false;
}

static void step_map(struct lane *lane)
{
	unsigned int slot = below(SLOTS), object = below(OBJECTS);
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = lane->objects[object].handle,
		.va = slot_va(lane, slot), .range = SIZE,
		.max_page_shift = below(2) ? 16 : 0,
	};

	lane_bind(lane, &op);
	lane->slots[slot] = (int)object;
}

static void step_unmap(struct lane *lane)
{
	unsigned int slot = below(SLOTS);
	const struct drm_nova_vm_bind_op op = {
		.op = below(2) ? DRM_NOVA_VM_BIND_OP_UNMAP : DRM_NOVA_VM_BIND_OP_MAP_SPARSE,
		.va = slot_va(lane, slot), .range = SIZE,
	};

	lane_bind(lane, &op);
	lane->slots[slot] = -1;
}

/* Some blocks from here to there, among what is mapped. */
static void push_copies(struct lane *lane)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		unsigned int from = below(SLOTS), to = below(SLOTS);
		unsigned int src = below(BLOCKS), dst = below(BLOCKS);

		if (lane->slots[from] < 0 || lane->slots[to] < 0)
			continue;
		if (lane->slots[from] == lane->slots[to] && src == dst)
			continue;
		nova_push_linear(&lane->engine, slot_va(lane, from) + src * BLOCK,
				 slot_va(lane, to) + dst * BLOCK, BLOCK);
		lane->objects[lane->slots[to]].seeds[dst] =
			lane->objects[lane->slots[from]].seeds[src];
	}
}

static void step_copy(struct lane *lane)
{
	struct nova_engine *engine = &lane->engine;
	uint32_t first = lane->steps * STEP_WORDS;
	struct drm_nova_exec_push push = { .va = engine->va + first * 4 };
	struct drm_nova_sync syncs[2];
	unsigned int nr;

	engine->nr = first;
	nova_push_method(engine, 4, 0, 1);
	nova_push_word(engine, engine->copy_class);
	push_copies(lane);
	igt_assert(engine->nr <= first + STEP_WORDS);
	push.size = (engine->nr - first) * 4;
	nr = lane_turn(lane, syncs);
	igt_assert_eq(__nova_exec(engine->fd, engine->queue, &push, 1, syncs, nr), 0);
}

static void lane_check(struct lane *lane, unsigned int object)
{
	const struct object *o = &lane->objects[object];
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		igt_assert_f(nova_check(o->ptr + i * BLOCK, BLOCK, o->seeds[i]),
			     "object %u, block %u\n", object, i);
}

/* All that was submitted is done and as it should be; an object makes way for a new one. */
static void step_check(struct lane *lane)
{
	unsigned int object = below(OBJECTS);

	lane_wait(lane);
	igt_assert_eq_u32(nova_queue_state(lane->engine.fd, lane->engine.queue).state, 0);
	lane_check(lane, object);
	if (is_mapped(lane, object) || below(3))
		return;
	object_destroy(lane, &lane->objects[object]);
	object_create(lane, &lane->objects[object]);
}

static void lane_step(struct lane *lane)
{
	unsigned int what = below(10);

	if (lane->steps == DEPTH || !what)
		step_check(lane);
	else if (what < 3)
		step_map(lane);
	else if (what < 4)
		step_unmap(lane);
	else
		step_copy(lane);
}

static void lane_fini(struct lane *lane)
{
	int fd = lane->engine.fd;
	unsigned int i;

	lane_wait(lane);
	for (i = 0; i < OBJECTS; i++) {
		lane_check(lane, i);
		object_destroy(lane, &lane->objects[i]);
	}
	nova_syncobj_destroy(fd, lane->timeline);
	igt_assert_eq(__nova_queue_destroy(fd, lane->bind_queue), 0);
	nova_engine_fini(&lane->engine);
}

static time_t race_seconds(void)
{
	const char *asked = getenv("NOVA_RACE_SECONDS");

	return asked ? atoi(asked) : 5;
}

static const struct {
	const char *name;
	uint32_t placement, vram_mb;
	bool is_private;
} kinds[] = {
	{ "roomy", NOVA_VRAM, LARGE_VRAM_MB, false },
	{ "oversubscribed", NOVA_VRAM, SMALL_VRAM_MB, false },
	{ "private", NOVA_VRAM, SMALL_VRAM_MB, true },
	{ "both-regions", BOTH, SMALL_VRAM_MB, false },
};

/* Each process is a client of its own and draws from its own seed. */
static void run_processes(int fd, unsigned int kind, void (*process)(int fd, unsigned int kind))
{
	const struct nova_gpu_config config = { .vram_mb = kinds[kind].vram_mb, .bar1_mb = 16 };
	struct nova_gpu gpu;

	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	nova_gpu_create(&gpu, fd, &config);
	igt_fork(child, PROCESSES) {
		int client = nova_open_again(gpu.fd);

		srandom((unsigned int)child + 1);
		next_seed = ((uint32_t)child + 1) << 24;
		process(client, kind);
		close(client);
	}
	igt_waitchildren();
	nova_gpu_destroy(&gpu);
}

static void copy_process(int fd, unsigned int kind)
{
	time_t end = time(NULL) + race_seconds();
	uint32_t vm = nova_vm_create(fd);
	struct lane lanes[LANES];
	unsigned int i;

	for (i = 0; i < LANES; i++)
		lane_init(&lanes[i], fd, vm, i, kinds[kind].placement, kinds[kind].is_private);
	while (time(NULL) < end)
		lane_step(&lanes[below(LANES)]);
	for (i = 0; i < LANES; i++)
		lane_fini(&lanes[i]);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: copies-%s
 * Description: two processes with two queues that bind and two that copy each, for five
 *              seconds, or NOVA_RACE_SECONDS; every block copied is where it should be:
 *              %arg[1]
 *
 * arg[1]:
 *
 * @roomy:          all objects fit VRAM
 * @oversubscribed: objects for VRAM alone, more than fit, so that each use evicts others
 * @private:        such objects, private to their VM
 * @both-regions:   objects that may be evicted to where they are used from there
 */
static void test_copies(int fd, unsigned int kind)
{
	run_processes(fd, kind, copy_process);
}

/* More than half of VRAM, all of it wanted by each call; nothing is copied but by eviction. */
static void contest_process(int fd, unsigned int kind)
{
	uint64_t vram = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE), va = 1ull << 33, end;
	uint32_t vm = nova_vm_create(fd), queue = nova_queue_create(fd, vm,
								    DRM_NOVA_QUEUE_CLASS_COPY);
	time_t until = time(NULL) + race_seconds();

	for (end = va + vram * 5 / 8; va + SIZE <= end; va += SIZE) {
		uint32_t handle = kinds[kind].is_private ?
			nova_gem_create_private(fd, vm, SIZE, kinds[kind].placement) :
			nova_gem_create(fd, SIZE, kinds[kind].placement);

		nova_vm_map(fd, vm, handle, 0, va, SIZE);
		nova_gem_close(fd, handle);
	}
	while (time(NULL) < until)
		igt_assert_eq(__nova_exec(fd, queue, NULL, 0, NULL, 0), 0);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: contest-%s
 * Description: two processes whose calls need what the other's have; who is in the way of
 *              whom is not an error, for five seconds or NOVA_RACE_SECONDS: %arg[1]
 *
 * arg[1]:
 *
 * @oversubscribed: objects for VRAM alone
 * @private:        such objects, private to their VM
 * @both-regions:   objects that need not be in VRAM
 */
static void test_contest(int fd, unsigned int kind)
{
	run_processes(fd, kind, contest_process);
}

static void *guess_ids(void *arg)
{
	struct guess *guess = arg;

	while (!__atomic_load_n(&guess->stop, __ATOMIC_RELAXED))
		for (uint32_t id = 1; id < 4; id++)
			guess->hits += !__nova_queue_destroy(guess->fd, id);
	return NULL;
}

/**
 * SUBTEST: guessed-ids
 * Description: another thread destroys queues that it has not been told of yet, while the
 *              call that makes them is under way
 */
static void test_guessed_ids(int fd)
{
	static const uint32_t classes[] = { DRM_NOVA_QUEUE_CLASS_BIND, DRM_NOVA_QUEUE_CLASS_COPY };
	struct guess guess = { .fd = nova_open_again(fd) };
	uint32_t vm = nova_vm_create(guess.fd);
	time_t end = time(NULL) + race_seconds();
	pthread_t thread;

	igt_assert_eq(pthread_create(&thread, NULL, guess_ids, &guess), 0);
	for (unsigned int i = 0; time(NULL) < end; i++) {
		uint32_t queue = nova_queue_create(guess.fd, vm, classes[i % 2]);
		int ret = __nova_queue_destroy(guess.fd, queue);

		igt_assert(!ret || ret == -ENOENT);
	}
	__atomic_store_n(&guess.stop, true, __ATOMIC_RELAXED);
	igt_assert_eq(pthread_join(thread, NULL), 0);
	igt_info("%u guessed\n", guess.hits);
	nova_vm_destroy(guess.fd, vm);
	close(guess.fd);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(kinds); i++)
		igt_subtest_f("copies-%s", kinds[i].name)
			test_copies(fd, i);
	for (i = 1; i < NR(kinds); i++)
		igt_subtest_f("contest-%s", kinds[i].name)
			test_contest(fd, i);
	igt_subtest("guessed-ids")
		test_guessed_ids(fd);

	igt_fixture()
		drm_close_driver(fd);
}
