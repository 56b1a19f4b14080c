// SPDX-License-Identifier: MIT

/**
 * TEST: nova exec copy
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: EXEC on queues of class COPY
 * Description: copies of every shape, order and fences
 */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_scene.h"

IGT_TEST_DESCRIPTION("Copies by the copy engine");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIGNAL DRM_NOVA_SYNC_SIGNAL

#define LINE(from, to, bytes) { .src = (from), .dst = (to), .width = (bytes), .lines = 1 }
#define LINES(from, to, from_pitch, to_pitch, bytes, nr) { .src = (from), .dst = (to), \
	.src_pitch = (from_pitch), .dst_pitch = (to_pitch), .width = (bytes), .lines = (nr) }
#define REMAP(to, nr, how, a, b) { .dst = (to), .width = (nr), .lines = 1, \
	.components = (how), .constant = { (a), (b) } }

static const struct {
	const char *name;
	struct nova_copy2d copy;	/* addresses relative to source and target */
} shapes[] = {
	{ "byte", LINE(0, 0, 1) },
	{ "odd", LINE(3, 5, 4093) },
	{ "page", LINE(0, 0, 4096) },
	{ "across-pages", LINE(4090, 8190, 9000) },
	{ "large", LINE(0, 0, 1 << 20) },
	{ "lines", LINES(16, 48, 512, 768, 300, 50) },
	{ "lines-packed", LINES(0, 1000, 64, 64, 64, 100) },
	{ "lines-spread", LINES(0, 0, 100, 5000, 100, 60) },
	{ "fill-32", REMAP(64, 1000, 0x00030004, 0xdeadbeef, 0) },
	{ "fill-16", REMAP(2, 999, 0x00010004, 0xbeef, 0) },
	{ "fill-8", REMAP(1, 777, 0x00000004, 0x5a, 0) },
	{ "fill-pairs", REMAP(0, 100, 0x01030054, 0x11111111, 0x22222222) },
	{ "swizzle", REMAP(0, 256, 0x03300123, 0, 0) },
};

static const struct {
	const char *name;
	uint32_t src, dst;
} places[] = {
	{ "vram-vram", NOVA_VRAM, NOVA_VRAM },
	{ "vram-sys", NOVA_VRAM, NOVA_SYSTEM },
	{ "sys-vram", NOVA_SYSTEM, NOVA_VRAM },
	{ "sys-sys", NOVA_SYSTEM, NOVA_SYSTEM },
};

/* One component of one element, by the rules of SET_REMAP_COMPONENTS. */
static void model_component(const struct nova_copy2d *c, const uint8_t *src, uint8_t *dst,
			    unsigned int i, unsigned int size)
{
	unsigned int what = c->components >> (4 * i) & 7;

	if (what < 4)
		memcpy(dst + i * size, src + what * size, size);
	else if (what < 6)
		memcpy(dst + i * size, &c->constant[what - 4], size);
}

static void model_line(const struct nova_copy2d *c, const uint8_t *src, uint8_t *dst)
{
	unsigned int size = (c->components >> 16 & 3) + 1;
	unsigned int from = (c->components >> 20 & 3) + 1, to = (c->components >> 24 & 3) + 1;
	unsigned int i, j;

	if (!c->components) {
		memcpy(dst, src, c->width);
		return;
	}
	for (i = 0; i < c->width; i++)
		for (j = 0; j < to; j++)
			model_component(c, src + i * from * size, dst + i * to * size, j, size);
}

static void model_copy(const struct nova_copy2d *c, const uint8_t *src, uint8_t *dst)
{
	unsigned int line;

	for (line = 0; line < c->lines; line++)
		model_line(c, src + c->src + (uint64_t)line * c->src_pitch,
			   dst + c->dst + (uint64_t)line * c->dst_pitch);
}

static void run_shape(struct nova_scene *s, const struct nova_copy2d *shape)
{
	struct nova_copy2d copy = *shape;
	uint8_t *want = malloc(s->size), *src = malloc(s->size);

	igt_assert(want && src);
	memset(s->ptr[1], 0xee, s->size);
	memset(want, 0xee, s->size);
	memcpy(src, s->ptr[0], s->size);
	model_copy(shape, src, want);
	copy.src += NOVA_SCENE_SRC;
	copy.dst += NOVA_SCENE_DST;
	nova_push_copy(&s->engine, &copy);
	igt_assert_eq(nova_engine_run(&s->engine), 0);
	igt_assert(!memcmp(s->ptr[1], want, s->size));
	free(want);
	free(src);
}

/**
 * SUBTEST: copy-%s
 * Description: copies and fills of every shape, %arg[1]
 *
 * arg[1]:
 *
 * @vram-vram: within VRAM
 * @vram-sys:  from VRAM to system memory
 * @sys-vram:  from system memory to VRAM
 * @sys-sys:   within system memory
 */
static void test_copy(int fd, unsigned int place)
{
	struct nova_scene s;
	unsigned int i;

	nova_scene_init(&s, fd, NOVA_2M, places[place].src, places[place].dst);
	for (i = 0; i < NR(shapes); i++) {
		igt_debug("shape %s\n", shapes[i].name);
		run_shape(&s, &shapes[i].copy);
	}
	nova_scene_fini(&s);
}

/**
 * SUBTEST: page-sizes
 * Description: a copy across memory mapped with each page size, and across their seams
 */
static void test_page_sizes(int fd)
{
	static const uint8_t shifts[] = { 12, 16, 21 };
	const struct nova_copy2d seams = LINE(100, 300, 3 * NOVA_2M - 1000);
	struct nova_scene s;
	unsigned int i, j;

	nova_scene_init(&s, fd, 3 * NOVA_2M, NOVA_VRAM, NOVA_VRAM);
	for (i = 0; i < NR(shifts); i++) {
		for (j = 0; j < 3; j++) {
			struct drm_nova_vm_bind_op op = {
				.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = s.handle[j & 1],
				.va = (j & 1 ? NOVA_SCENE_DST : NOVA_SCENE_SRC) + j * NOVA_2M, .range = NOVA_2M,
				.offset = j * NOVA_2M, .max_page_shift = shifts[(i + j) % 3],
			};

			igt_assert_eq(__nova_vm_bind_op(fd, s.vm, &op), 0);
		}
		run_shape(&s, &seams);
	}
	nova_scene_fini(&s);
}

/**
 * SUBTEST: many-pushes
 * Description: as many pushes as one call takes, each a word apart, run in order
 */
static void test_many_pushes(int fd)
{
	uint32_t max = nova_getparam(fd, DRM_NOVA_PARAM_EXEC_PUSH_MAX);
	struct drm_nova_exec_push *pushes;
	struct drm_nova_sync sync = { .flags = SIGNAL };
	struct nova_scene s;
	uint32_t i;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_SYSTEM);
	pushes = calloc(max + 1, sizeof(*pushes));
	sync.handle = s.engine.syncobj;
	/* The same semaphore over and over: the last one stays. */
	for (i = 0; i < 64; i++) {
		s.engine.nr = i * 6;
		nova_push_release(&s.engine, NOVA_SCENE_DST, i);
	}
	for (i = 0; i <= max; i++)
		pushes[i] = (struct drm_nova_exec_push){
			.va = NOVA_SCENE_PUSH + i % 64 * 24, .size = 24,
			.flags = i & 1 ? DRM_NOVA_EXEC_PUSH_NO_PREFETCH : 0,
		};
	igt_assert_eq(__nova_exec(fd, s.engine.queue, pushes, max + 1, &sync, 1), -E2BIG);
	for (i = 0; i < 8; i++)
		igt_assert_eq(__nova_exec(fd, s.engine.queue, pushes, max - i, &sync, 1), 0);
	igt_assert_eq(nova_engine_wait(&s.engine), 0);
	igt_assert_eq(*(uint32_t *)s.ptr[1], (max - 8) % 64);
	free(pushes);
	nova_scene_fini(&s);
}

/**
 * SUBTEST: ring-wraps
 * Description: more work than a ring holds, submitted without waiting
 */
static void test_ring(int fd)
{
	struct nova_scene s;
	unsigned int i;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_SYSTEM);
	nova_push_linear(&s.engine, NOVA_SCENE_SRC, NOVA_SCENE_DST, 4096);
	for (i = 0; i < 3000; i++)
		igt_assert_eq(__nova_engine_exec(&s.engine), 0);
	igt_assert_eq(nova_engine_wait(&s.engine), 0);
	igt_assert(!memcmp(s.ptr[0], s.ptr[1], 4096));
	nova_scene_fini(&s);
}

/**
 * SUBTEST: join
 * Description: a call without pushes signals when what is before it is done
 */
static void test_join(int fd)
{
	struct drm_nova_sync sync = { .flags = SIGNAL };
	struct nova_scene s;

	nova_scene_init(&s, fd, NOVA_2M, NOVA_VRAM, NOVA_VRAM);
	sync.handle = nova_syncobj_create(fd);
	nova_push_linear(&s.engine, NOVA_SCENE_SRC, NOVA_SCENE_DST, NOVA_2M);
	igt_assert_eq(__nova_engine_exec(&s.engine), 0);
	igt_assert_eq(__nova_exec(fd, s.engine.queue, NULL, 0, &sync, 1), 0);
	igt_assert_eq(nova_syncobj_wait(fd, sync.handle, 0, 60), 0);
	igt_assert(!memcmp(s.ptr[0], s.ptr[1], NOVA_2M));
	nova_syncobj_destroy(fd, sync.handle);
	nova_scene_fini(&s);
}

/**
 * SUBTEST: timeline-between-queues
 * Description: two queues pass a buffer back and forth by points of a timeline
 */
static void test_timeline(int fd)
{
	struct nova_engine other;
	uint32_t timeline;
	struct nova_scene s;
	unsigned int i;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_VRAM);
	nova_engine_init(&other, fd, s.vm, NOVA_SCENE_PUSH + NOVA_2M);
	timeline = nova_syncobj_create(fd);
	nova_push_linear(&s.engine, NOVA_SCENE_SRC, NOVA_SCENE_DST, 4096);
	nova_push_linear(&other, NOVA_SCENE_DST, NOVA_SCENE_SRC + 4096, 4096);
	for (i = 1; i <= 40; i++) {
		struct nova_engine *engine = i & 1 ? &s.engine : &other;
		struct drm_nova_exec_push push = { .va = engine->va, .size = engine->nr * 4 };
		struct drm_nova_sync syncs[2] = {
			{ timeline, DRM_NOVA_SYNC_TIMELINE | SIGNAL, i },
			{ timeline, DRM_NOVA_SYNC_TIMELINE, i - 1 },
		};

		igt_assert_eq(__nova_exec(fd, engine->queue, &push, 1, syncs, i > 1 ? 2 : 1), 0);
	}
	igt_assert_eq(nova_syncobj_wait(fd, timeline, 40, 60), 0);
	igt_assert(!memcmp(s.ptr[0], s.ptr[0] + 4096, 4096));
	nova_syncobj_destroy(fd, timeline);
	nova_engine_fini(&other);
	nova_scene_fini(&s);
}

/**
 * SUBTEST: queues-by-semaphore
 * Description: one queue waits for a semaphore that another one releases
 */
static void test_semaphore(int fd)
{
	struct nova_engine other;
	struct nova_scene s;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_SYSTEM);
	nova_engine_init(&other, fd, s.vm, NOVA_SCENE_PUSH + NOVA_2M);
	nova_push_acquire(&s.engine, NOVA_SCENE_DST + 8192, 0x600d);
	nova_push_linear(&s.engine, NOVA_SCENE_SRC, NOVA_SCENE_DST, 4096);
	igt_assert_eq(__nova_engine_exec(&s.engine), 0);
	igt_assert_eq(nova_syncobj_wait(fd, s.engine.syncobj, 0, 0), -ETIME);
	nova_push_release(&other, NOVA_SCENE_DST + 8192, 0x600d);
	igt_assert_eq(nova_engine_run(&other), 0);
	igt_assert_eq(nova_engine_wait(&s.engine), 0);
	igt_assert(!memcmp(s.ptr[0], s.ptr[1], 4096));
	nova_engine_fini(&other);
	nova_scene_fini(&s);
}

/**
 * SUBTEST: destroy-cancels
 * Description: the fence of work that is running when its queue goes signals ECANCELED
 */
static void test_destroy(int fd)
{
	uint32_t queue;
	struct nova_scene s;

	nova_scene_init(&s, fd, NOVA_64K, NOVA_VRAM, NOVA_SYSTEM);
	nova_push_acquire(&s.engine, NOVA_SCENE_DST, 0x600d);
	igt_assert_eq(__nova_engine_exec(&s.engine), 0);
	igt_assert_eq(nova_syncobj_wait(fd, s.engine.syncobj, 0, 0), -ETIME);
	queue = s.engine.queue;
	s.engine.queue = nova_queue_create(fd, s.vm, DRM_NOVA_QUEUE_CLASS_COPY);
	igt_assert_eq(__nova_queue_destroy(fd, queue), 0);
	igt_assert_eq(nova_engine_wait(&s.engine), -ECANCELED);
	igt_assert_eq(__nova_queue_destroy(fd, queue), -ENOENT);
	nova_scene_fini(&s);
}

/**
 * SUBTEST: close-in-flight
 * Description: a file may be closed while its work runs; nothing is left behind
 */
static void test_close(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	unsigned int i, j;

	for (i = 0; i < 4; i++) {
		struct nova_scene s;

		nova_scene_init(&s, nova_open_again(fd), NOVA_2M, NOVA_VRAM, NOVA_VRAM);
		nova_push_linear(&s.engine, NOVA_SCENE_SRC, NOVA_SCENE_DST, NOVA_2M);
		if (i & 1)
			nova_push_acquire(&s.engine, NOVA_SCENE_DST, 0x600d);
		for (j = 0; j < 16; j++)
			igt_assert_eq(__nova_engine_exec(&s.engine), 0);
		munmap(s.ptr[0], s.size);
		munmap(s.ptr[1], s.size);
		munmap((void *)s.engine.words, NOVA_PUSH_WORDS * 4);
		close(s.fd);
	}
	nova_settle_vram(fd, used);
}

static uint64_t engine_ns(int fd)
{
	char path[64], line[128];
	unsigned long long ns = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	igt_assert(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "drm-engine-copy: %llu ns", &ns) == 1)
			break;
	fclose(file);
	return ns;
}

/**
 * SUBTEST: engine-time
 * Description: fdinfo counts time of the copy engine when there was work, and only then
 */
static void test_time(int fd)
{
	uint64_t before, after;
	struct nova_scene s;

	nova_scene_init(&s, fd, NOVA_2M, NOVA_VRAM, NOVA_VRAM);
	before = engine_ns(fd);
	igt_assert_eq_u64(engine_ns(fd), before);
	nova_push_linear(&s.engine, NOVA_SCENE_SRC, NOVA_SCENE_DST, NOVA_2M);
	igt_assert_eq(nova_engine_run(&s.engine), 0);
	after = engine_ns(fd);
	igt_assert(after > before);
	nova_scene_fini(&s);
	igt_assert(engine_ns(fd) >= after);
}

/**
 * SUBTEST: evicted-comes-back
 * Description: objects pushed out of VRAM are back, with their content, when work needs them
 */
static void test_evicted(int fd)
{
	struct nova_scene s;
	unsigned int i;

	nova_scene_init(&s, fd, 4 * NOVA_2M, NOVA_VRAM, NOVA_VRAM);
	for (i = 0; i < 4; i++) {
		memset(s.ptr[1], 0xee, s.size);
		igt_assert_eq(nova_evict(fd, "evict_vram"), 0);
		igt_assert_eq_u32(nova_gem_query(fd, s.handle[0]).region, DRM_NOVA_REGION_SYSTEM);
		nova_push_linear(&s.engine, NOVA_SCENE_SRC, NOVA_SCENE_DST, s.size);
		igt_assert_eq(nova_engine_run(&s.engine), 0);
		igt_assert(!memcmp(s.ptr[0], s.ptr[1], s.size));
	}
	nova_scene_fini(&s);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "page-sizes", test_page_sizes },
	{ "many-pushes", test_many_pushes },
	{ "ring-wraps", test_ring },
	{ "join", test_join },
	{ "timeline-between-queues", test_timeline },
	{ "queues-by-semaphore", test_semaphore },
	{ "destroy-cancels", test_destroy },
	{ "close-in-flight", test_close },
	{ "engine-time", test_time },
	{ "evicted-comes-back", test_evicted },
};

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(places); i++)
		igt_subtest_f("copy-%s", places[i].name)
			test_copy(fd, i);
	for (i = 0; i < NR(tests); i++)
		igt_subtest_f("%s", tests[i].name)
			tests[i].run(fd);

	igt_fixture()
		drm_close_driver(fd);
}
