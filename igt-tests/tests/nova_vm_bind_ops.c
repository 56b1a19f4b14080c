// SPDX-License-Identifier: MIT

/**
 * TEST: nova vm bind ops
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_BIND
 * Description: every op with every set of flags and every page size
 */

#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Every op with every set of flags and every page size");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define VA (1ull << 33)
#define SIZE (2 * NOVA_2M)
#define FLAG_BITS 5
#define FLAGS (1u << FLAG_BITS)

#define READONLY DRM_NOVA_VM_BIND_OP_READONLY
#define NOREPLACE DRM_NOVA_VM_BIND_OP_NOREPLACE

/* The table of uapi.md §5.12: which flags an op may carry. */
static const struct {
	const char *name;
	uint32_t op;
	uint32_t flags;
} ops[] = {
	{ "map", DRM_NOVA_VM_BIND_OP_MAP, FLAGS - 1 },
	{ "unmap", DRM_NOVA_VM_BIND_OP_UNMAP, 0 },
	{ "unmap-bo", DRM_NOVA_VM_BIND_OP_UNMAP_BO, 0 },
	{ "map-sparse", DRM_NOVA_VM_BIND_OP_MAP_SPARSE, NOREPLACE },
	{ "prefetch", DRM_NOVA_VM_BIND_OP_PREFETCH, 0 },
};

/* Limits of the page size, and whether memory is in one aligned piece. */
static const struct {
	const char *name;
	unsigned int shift;
} sizes[] = {
	{ "any", 0 }, { "4k", 12 }, { "64k", 16 }, { "2m", 21 },
};

static const struct {
	const char *name;
	uint32_t placement;
} regions[] = {
	{ "vram", NOVA_VRAM }, { "system", NOVA_SYSTEM },
};

#define PATTERN 0x600df00du

/* Where it is looked at: inside a page of any size, away from its start. */
#define LOOK (NOVA_2M + 5 * NOVA_4K + 64)

/* A VM, an object with a pattern where it is looked at, and the GPU's view. */
struct scene {
	int fd;
	uint32_t vm, handle;
	struct nova_eye eye;
};

static void scene_init(struct scene *s, int fd, uint32_t placement)
{
	struct drm_nova_gem_create2 create = {
		.size = SIZE, .placement = placement,
		.alignment = placement == NOVA_VRAM ? NOVA_2M : 0,
	};
	uint32_t *ptr;

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	*s = (struct scene){ .fd = fd, .vm = nova_vm_create(fd), .handle = create.handle };
	s->eye = nova_eye(fd, s->vm);
	ptr = nova_gem_mmap(fd, s->handle, 0, SIZE);
	ptr[LOOK / sizeof(*ptr)] = PATTERN;
	munmap(ptr, SIZE);
}

static void scene_fini(struct scene *s)
{
	nova_eye_close(&s->eye);
	nova_vm_destroy(s->fd, s->vm);
	nova_gem_close(s->fd, s->handle);
}

static enum nova_walk_end look(const struct scene *s)
{
	uint32_t word;

	if (nova_eye_read(&s->eye, VA + LOOK, &word, sizeof(word)))
		return NOVA_WALK_FAULT;
	igt_assert(word == PATTERN || !word);
	return word ? NOVA_WALK_MAPPED : NOVA_WALK_SPARSE;
}

static bool writable(const struct scene *s)
{
	const uint32_t word = PATTERN;

	return !nova_eye_write(&s->eye, VA + LOOK, &word, sizeof(word));
}

static struct drm_nova_vm_bind_op any_op(uint32_t op, uint32_t flags, uint32_t handle)
{
	struct drm_nova_vm_bind_op any = { .op = op, .flags = flags };

	if (op == DRM_NOVA_VM_BIND_OP_MAP || op == DRM_NOVA_VM_BIND_OP_UNMAP_BO)
		any.handle = handle;
	if (op != DRM_NOVA_VM_BIND_OP_UNMAP_BO) {
		any.va = VA;
		any.range = SIZE;
	}
	if (op == DRM_NOVA_VM_BIND_OP_PREFETCH)
		any.region = DRM_NOVA_REGION_VRAM;
	return any;
}

/* Where the GPU's walk must end after @op on a range that was @mapped. */
static enum nova_walk_end wanted(uint32_t op, bool mapped)
{
	switch (op) {
	case DRM_NOVA_VM_BIND_OP_MAP:
		return NOVA_WALK_MAPPED;
	case DRM_NOVA_VM_BIND_OP_MAP_SPARSE:
		return NOVA_WALK_SPARSE;
	case DRM_NOVA_VM_BIND_OP_PREFETCH:
		return mapped ? NOVA_WALK_MAPPED : NOVA_WALK_FAULT;
	}
	return NOVA_WALK_FAULT;
}

/* One call where the range is free, or mapped read-write. */
static void check_flags(const struct scene *s, unsigned int i, uint32_t flags, bool mapped)
{
	struct drm_nova_vm_bind_op op = any_op(ops[i].op, flags, s->handle);
	int err = 0;

	nova_vm_unmap(s->fd, s->vm, VA, SIZE);
	if (mapped)
		nova_vm_map(s->fd, s->vm, s->handle, 0, VA, SIZE);
	if (flags & ~ops[i].flags)
		err = -EINVAL;
	else if (flags & NOREPLACE && mapped)
		err = -EEXIST;
	igt_assert_f(__nova_vm_bind_op(s->fd, s->vm, &op) == err, "flags %#x mapped %d\n", flags,
		     mapped);
	igt_assert_eq(look(s), err ? (mapped ? NOVA_WALK_MAPPED : NOVA_WALK_FAULT) :
		      wanted(op.op, mapped));
	if (!err && op.op == DRM_NOVA_VM_BIND_OP_MAP)
		igt_assert_eq(writable(s), !(flags & READONLY));
}

/**
 * SUBTEST: flags-%s
 * Description: with each set of flags, on a free range and on a mapped one, %arg[1]
 *              does what the flags say or refuses them and changes nothing
 *
 * arg[1]:
 *
 * @map:        MAP
 * @unmap:      UNMAP
 * @unmap-bo:   UNMAP_BO
 * @map-sparse: MAP_SPARSE
 * @prefetch:   PREFETCH
 */
static void test_flags(int fd, unsigned int i)
{
	struct scene s;
	uint32_t flags;

	scene_init(&s, fd, NOVA_VRAM);
	for (flags = 0; flags < FLAGS; flags++) {
		check_flags(&s, i, flags, false);
		check_flags(&s, i, flags, true);
	}
	scene_fini(&s);
}

/* Largest page of 2 MiB or less that INFO_VA promises within the limit. */
static uint64_t largest(int fd, unsigned int r, unsigned int limit)
{
	struct drm_nova_info_va info;
	uint64_t possible, page;

	nova_info(fd, DRM_NOVA_INFO_VA, sizeof(info), &info);
	possible = regions[r].placement == NOVA_VRAM ? info.vram_page_sizes :
							info.sysmem_page_sizes;
	for (page = limit ? 1ull << limit : NOVA_2M; page > NOVA_4K && !(possible & page);)
		page >>= 1;
	return page;
}

/**
 * SUBTEST: pages-%s-%s
 * Description: MAP uses the largest page the limit %arg[1] and memory in %arg[2] allow; with
 *              each set of flags it maps, and every op after it removes or replaces that
 *
 * arg[1]:
 *
 * @any: none
 * @4k:  4 KiB
 * @64k: 64 KiB
 * @2m:  2 MiB
 *
 * arg[2]:
 *
 * @vram:   VRAM
 * @system: SYSTEM
 */
static void test_pages(int fd, unsigned int s, unsigned int r)
{
	const uint64_t page = largest(fd, r, sizes[s].shift);
	struct drm_nova_vm_bind_op op;
	struct nova_walk got;
	struct scene scene;
	uint32_t flags;
	unsigned int i;

	scene_init(&scene, fd, regions[r].placement);
	for (flags = 0; flags < FLAGS; flags++) {
		op = any_op(DRM_NOVA_VM_BIND_OP_MAP, flags, scene.handle);
		op.max_page_shift = sizes[s].shift;
		igt_assert_eq(__nova_vm_bind_op(fd, scene.vm, &op), 0);
		igt_assert_eq(look(&scene), NOVA_WALK_MAPPED);
		igt_assert_eq(writable(&scene), !(flags & READONLY));
		if (!flags) {
			igt_assert_eq(nova_eye_result(fd, scene.vm, VA + LOOK, &got), 0);
			/* Pages of SYSTEM need not be consecutive. */
			igt_assert(got.page == page || (regions[r].placement == NOVA_SYSTEM &&
							got.page < page));
		}
		for (i = 1; i < NR(ops); i++) {
			op = any_op(ops[i].op, 0, scene.handle);
			if (op.op == DRM_NOVA_VM_BIND_OP_PREFETCH)
				continue;
			igt_assert_eq(__nova_vm_bind_op(fd, scene.vm, &op), 0);
			igt_assert_eq(look(&scene), wanted(op.op, false));
		}
		nova_vm_unmap(fd, scene.vm, VA, SIZE);
	}
	scene_fini(&scene);
}

/**
 * SUBTEST: page-limits
 * Description: a limit that is no page size of this chip gives EINVAL, each other is taken
 */
static void test_limits(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct drm_nova_info_va info;
	unsigned int shift;
	struct scene s;

	scene_init(&s, fd, NOVA_VRAM);
	op = any_op(DRM_NOVA_VM_BIND_OP_MAP, 0, s.handle);
	nova_info(fd, DRM_NOVA_INFO_VA, sizeof(info), &info);
	for (shift = 0; shift < 256; shift++) {
		bool known = !shift || (shift < 64 && info.vram_page_sizes >> shift & 1);

		op.max_page_shift = shift;
		igt_assert_f(__nova_vm_bind_op(fd, s.vm, &op) == (known ? 0 : -EINVAL),
			     "shift %u\n", shift);
	}
	scene_fini(&s);
}

int igt_main()
{
	unsigned int i, j;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(ops); i++)
		igt_subtest_f("flags-%s", ops[i].name)
			test_flags(fd, i);
	for (i = 0; i < NR(sizes); i++)
		for (j = 0; j < NR(regions); j++)
			igt_subtest_f("pages-%s-%s", sizes[i].name, regions[j].name)
				test_pages(fd, i, j);
	igt_subtest("page-limits")
		test_limits(fd);

	igt_fixture()
		drm_close_driver(fd);
}
