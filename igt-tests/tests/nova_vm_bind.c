// SPDX-License-Identifier: MIT

/**
 * TEST: nova vm bind
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_BIND
 * Description: what synchronous binds do, seen through the GPU's own walk of its page tables
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"
#include "nova_space.h"

IGT_TEST_DESCRIPTION("What synchronous binds do, seen through the GPU's own walk");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* A bind of @size bytes from @offset of an object, at @va beside @base. */
static const struct {
	const char *name;
	uint64_t base;
	uint64_t va;
	uint64_t size;
	uint64_t offset;
} shapes[] = {
	{ "4k", 1ull << 33, 0, NOVA_4K, 0 },
	{ "4k-odd-page", 1ull << 33, 5 * NOVA_4K, NOVA_4K, 3 * NOVA_4K },
	{ "64k", 1ull << 33, 0, NOVA_64K, 0 },
	{ "64k-va-off", 1ull << 33, NOVA_4K, NOVA_64K, 0 },
	{ "64k-object-off", 1ull << 33, 0, NOVA_64K, NOVA_4K },
	{ "64k-both-off", 1ull << 33, 3 * NOVA_4K, NOVA_64K, 3 * NOVA_4K },
	{ "ragged", 1ull << 33, 0xd000, 0x47000, 0xd000 },
	{ "2m", 1ull << 33, 0, NOVA_2M, 0 },
	{ "2m-va-off-64k", 1ull << 33, NOVA_64K, NOVA_2M, 0 },
	{ "2m-va-off-4k", 1ull << 33, NOVA_4K, NOVA_2M, 0 },
	{ "2m-object-off", 1ull << 33, 0, NOVA_2M, 0x11000 },
	{ "4m-ragged", 1ull << 33, 0x1ff000, 0x202000, 0x1ff000 },
	{ "across-512m", 1ull << 33, (512ull << 20) - NOVA_64K, 2 * NOVA_64K, 0 },
	{ "across-256g", 1ull << 38, -NOVA_64K, 2 * NOVA_64K, 0 },
	{ "across-128t", 1ull << 47, -NOVA_2M, 2 * NOVA_2M, 0 },
};

#define OBJECT (3 * NOVA_2M)

static const struct {
	const char *name;
	uint32_t placement;
} regions[] = {
	{ "vram", NOVA_VRAM },
	{ "system", NOVA_SYSTEM },
};

static void check_mapped(const struct nova_eye *eye, uint64_t va, const char *want, uint64_t size)
{
	igt_assert(nova_eye_sees(eye, va, want, size));
	igt_assert(nova_eye_faults(eye, va - NOVA_4K));
	igt_assert(nova_eye_faults(eye, va - 4));
	igt_assert(nova_eye_faults(eye, va + size));
}

static void check_unmapped(const struct nova_eye *eye, uint64_t va, uint64_t size)
{
	uint64_t off;

	for (off = 0; off < size; off += NOVA_4K)
		igt_assert(nova_eye_faults(eye, va + off));
}

/**
 * SUBTEST: cpu-to-gpu-%s-%s
 * Description: the GPU reads at the bound address what the CPU wrote, faults
 *              beside it, and faults everywhere after the unbind: %arg[1] in %arg[2]
 *
 * arg[1]:
 *
 * @4k:             one page
 * @4k-odd-page:    one page at odd places
 * @64k:            64 KiB, aligned
 * @64k-va-off:     64 KiB at an odd page
 * @64k-object-off: 64 KiB from an odd page
 * @64k-both-off:   64 KiB from and to the same odd page
 * @ragged:         some pages, 64 KiB blocks among them
 * @2m:             2 MiB, aligned
 * @2m-va-off-64k:  2 MiB at an odd 64 KiB
 * @2m-va-off-4k:   2 MiB at an odd page
 * @2m-object-off:  2 MiB from an odd page
 * @4m-ragged:      a page, 2 MiB and a page
 * @across-512m:    both sides of a 512 MiB boundary
 * @across-256g:    both sides of a 256 GiB boundary
 * @across-128t:    both sides of a 128 TiB boundary
 *
 * arg[2]:
 *
 * @vram:   VRAM
 * @system: SYSTEM
 */
static void test_cpu_to_gpu(int fd, unsigned int i, uint32_t placement)
{
	const uint64_t va = shapes[i].base + shapes[i].va;
	struct drm_nova_vm_create vm = { .kernel_start = 1ull << 46 };
	uint32_t handle = nova_gem_create(fd, OBJECT, placement);
	char *ptr = nova_gem_mmap(fd, handle, 0, OBJECT);
	char *want = malloc(OBJECT);
	struct drm_nova_info_va info;
	struct nova_eye eye;

	nova_info(fd, DRM_NOVA_INFO_VA, sizeof(info), &info);
	vm.kernel_size = info.kernel_min_size > NOVA_2M ? info.kernel_min_size : NOVA_2M;
	igt_assert_eq(__nova_vm_create(fd, &vm), 0);
	eye = nova_eye(fd, vm.vm_id);
	igt_assert(want);
	nova_fill(want, OBJECT, i);
	memcpy(ptr, want, OBJECT);
	nova_vm_map(fd, vm.vm_id, handle, shapes[i].offset, va, shapes[i].size);
	check_mapped(&eye, va, want + shapes[i].offset, shapes[i].size);
	nova_vm_unmap(fd, vm.vm_id, va, shapes[i].size);
	check_unmapped(&eye, va, shapes[i].size);
	igt_assert(!memcmp(ptr, want, OBJECT));
	nova_eye_close(&eye);
	nova_vm_destroy(fd, vm.vm_id);
	munmap(ptr, OBJECT);
	nova_gem_close(fd, handle);
	free(want);
}

/**
 * SUBTEST: gpu-to-cpu-%s
 * Description: the CPU reads what the GPU wrote, and nothing else has changed: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   object in VRAM
 * @system: object in SYSTEM
 */
static void test_gpu_to_cpu(int fd, uint32_t placement)
{
	const uint64_t va = 1ull << 33, off = 0x1e000, len = 0x5000;
	uint32_t vm = nova_vm_create(fd);
	uint32_t handle = nova_gem_create(fd, NOVA_2M, placement);
	char *ptr = nova_gem_mmap(fd, handle, 0, NOVA_2M);
	struct nova_eye eye = nova_eye(fd, vm);
	char *data = malloc(len);

	igt_assert(data);
	nova_fill(data, len, 20);
	nova_vm_map(fd, vm, handle, 0, va, NOVA_2M);
	igt_assert_eq(nova_eye_write(&eye, va + off, data, len), 0);
	igt_assert(!memcmp(ptr + off, data, len));
	igt_assert(nova_is_zero(ptr, off));
	igt_assert(nova_is_zero(ptr + off + len, NOVA_2M - off - len));
	free(data);
	nova_eye_close(&eye);
	nova_vm_destroy(fd, vm);
	munmap(ptr, NOVA_2M);
	nova_gem_close(fd, handle);
}

/* One change of an area whose pages 16 to 47 show object 0 from its page 8 on. */
static const struct {
	const char *name;
	bool map;
	unsigned int page;
	unsigned int nr;
} changes[] = {
	{ "map-exactly", true, 16, 32 },
	{ "map-left", true, 16, 5 },
	{ "map-right", true, 40, 8 },
	{ "map-middle", true, 20, 9 },
	{ "map-over-left-edge", true, 10, 10 },
	{ "map-over-right-edge", true, 40, 20 },
	{ "map-around", true, 3, 60 },
	{ "map-beside-left", true, 8, 8 },
	{ "map-beside-right", true, 48, 8 },
	{ "unmap-exactly", false, 16, 32 },
	{ "unmap-left", false, 16, 1 },
	{ "unmap-right", false, 47, 1 },
	{ "unmap-middle", false, 30, 3 },
	{ "unmap-over-left-edge", false, 0, 20 },
	{ "unmap-over-right-edge", false, 33, 31 },
	{ "unmap-around", false, 0, 64 },
	{ "unmap-nothing", false, 0, 16 },
};

/**
 * SUBTEST: change-%s
 * Description: a bind replaces what it covers, and what is left of the old
 *              mapping keeps its place in the object: %arg[1]
 *
 * arg[1]:
 *
 * @map-exactly:           the same range
 * @map-left:              the beginning
 * @map-right:             the end
 * @map-middle:            a part in the middle
 * @map-over-left-edge:    the beginning and what is before it
 * @map-over-right-edge:   the end and what is behind it
 * @map-around:            all of it and both sides
 * @map-beside-left:       what is before it
 * @map-beside-right:      what is behind it
 * @unmap-exactly:         unmap the same range
 * @unmap-left:            unmap the first page
 * @unmap-right:           unmap the last page
 * @unmap-middle:          unmap a part in the middle
 * @unmap-over-left-edge:  unmap the beginning and what is before it
 * @unmap-over-right-edge: unmap the end and what is behind it
 * @unmap-around:          unmap all of it and both sides
 * @unmap-nothing:         unmap where nothing is
 */
static void test_change(int fd, unsigned int i)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	unsigned int bo;

	for (bo = 0; bo < 2; bo++) {
		nova_space_init(&space, fd);
		op = nova_space_map_op(&space, 16, 32, bo, 8);
		nova_space_apply(&space, &op);
		nova_space_check(&space);
		op = changes[i].map ?
		     nova_space_map_op(&space, changes[i].page, changes[i].nr, !bo, 50) :
		     nova_space_unmap_op(&space, changes[i].page, changes[i].nr);
		nova_space_apply(&space, &op);
		nova_space_check(&space);
		nova_space_fini(&space);
	}
}

/**
 * SUBTEST: order-within-call
 * Description: ops of one call apply in the order of the array
 */
static void test_order(int fd)
{
	struct drm_nova_vm_bind_op ops[6];
	struct nova_space space;
	unsigned int i;

	nova_space_init(&space, fd);
	ops[0] = nova_space_map_op(&space, 0, 40, 0, 0);
	ops[1] = nova_space_unmap_op(&space, 10, 20);
	ops[2] = nova_space_map_op(&space, 15, 10, 1, 7);
	ops[3] = nova_space_map_op(&space, 18, 2, 0, 99);
	ops[4] = nova_space_unmap_op(&space, 39, 20);
	ops[5] = nova_space_map_op(&space, 0, 1, 1, 127);
	igt_assert_eq(__nova_vm_bind_ops(fd, space.vm, ops, NR(ops), NULL), 0);
	for (i = 0; i < NR(ops); i++)
		nova_space_expect(&space, &ops[i]);
	nova_space_check(&space);
	nova_space_fini(&space);
}

static struct drm_nova_vm_bind_op random_op(const struct nova_space *space)
{
	unsigned int first = (unsigned int)random() % NOVA_SPACE_PAGES;
	unsigned int nr = 1 + (unsigned int)random() % (NOVA_SPACE_PAGES - first);

	if (random() % 3 == 0)
		return nova_space_unmap_op(space, first, nr);
	return nova_space_map_op(space, first, nr, random() % 2,
				 (unsigned int)random() % (NOVA_SPACE_BO_PAGES - nr + 1));
}

/**
 * SUBTEST: random-changes
 * Description: after any sequence of calls the GPU finds what the rules say
 */
static void test_random(int fd)
{
	struct drm_nova_vm_bind_op ops[8];
	struct nova_space space;
	unsigned int round, i, nr;

	srandom(2);
	nova_space_init(&space, fd);
	for (round = 0; round < 60; round++) {
		nr = 1 + (unsigned int)random() % NR(ops);
		for (i = 0; i < nr; i++)
			ops[i] = random_op(&space);
		igt_assert_eq(__nova_vm_bind_ops(fd, space.vm, ops, nr, NULL), 0);
		for (i = 0; i < nr; i++)
			nova_space_expect(&space, &ops[i]);
		nova_space_check(&space);
	}
	nova_space_fini(&space);
}

/**
 * SUBTEST: many-ops
 * Description: 4096 scattered single-page ops in one call
 */
static void test_many_ops(int fd)
{
	struct drm_nova_vm_bind_op *ops = calloc(4096, sizeof(*ops));
	struct nova_space space;
	unsigned int i;
	uint32_t word;

	igt_assert(ops);
	nova_space_init(&space, fd);
	for (i = 0; i < 4096; i++) {
		ops[i] = nova_space_map_op(&space, 0, 1, i % 2, i % NOVA_SPACE_BO_PAGES);
		ops[i].va += i * 3 * NOVA_4K;
	}
	igt_assert_eq(__nova_vm_bind_ops(fd, space.vm, ops, 4096, NULL), 0);
	for (i = 0; i < 4096; i += 97) {
		igt_assert_eq(nova_eye_read(&space.eye, ops[i].va, &word, sizeof(word)), 0);
		igt_assert_eq_u32(word & 0xffff, (i % 2) << 12 | i % NOVA_SPACE_BO_PAGES);
		igt_assert(nova_eye_faults(&space.eye, ops[i].va + NOVA_4K));
	}
	nova_space_fini(&space);
	free(ops);
}

/**
 * SUBTEST: one-object-many-places
 * Description: one object at several addresses of two VMs is one memory
 */
static void test_many_places(int fd)
{
	const uint64_t vas[] = { 1ull << 33, (1ull << 33) + NOVA_2M + NOVA_4K, 1ull << 39 };
	uint32_t vms[2] = { nova_vm_create(fd), nova_vm_create(fd) };
	uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	void *ptr = nova_gem_mmap(fd, handle, 0, NOVA_64K);
	struct nova_eye eyes[2];
	unsigned int i, j;
	uint32_t word = 0;

	for (i = 0; i < 2; i++) {
		for (j = 0; j < NR(vas); j++)
			nova_vm_map(fd, vms[i], handle, 0, vas[j], NOVA_64K);
		eyes[i] = nova_eye(fd, vms[i]);
	}
	nova_fill(ptr, NOVA_64K, 30);
	for (i = 0; i < 2; i++)
		for (j = 0; j < NR(vas); j++)
			igt_assert(nova_eye_sees(&eyes[i], vas[j], ptr, NOVA_64K));
	igt_assert_eq(nova_eye_write(&eyes[0], vas[1] + 8, &word, sizeof(word)), 0);
	igt_assert(nova_eye_sees(&eyes[1], vas[2], ptr, NOVA_64K));
	for (i = 0; i < 2; i++) {
		nova_eye_close(&eyes[i]);
		nova_vm_destroy(fd, vms[i]);
	}
	munmap(ptr, NOVA_64K);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: close-keeps-mapping
 * Description: closing the handle does not unmap, unmapping frees the memory
 */
static void test_close_keeps(int fd)
{
	const uint64_t va = 1ull << 33;
	uint32_t vm = nova_vm_create(fd);
	uint64_t used;
	uint32_t handle;
	struct nova_eye eye = nova_eye(fd, vm);
	char *want = malloc(NOVA_2M);
	void *ptr;

	igt_assert(want);
	nova_fill(want, NOVA_2M, 31);
	used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	ptr = nova_gem_mmap(fd, handle, 0, NOVA_2M);
	memcpy(ptr, want, NOVA_2M);
	munmap(ptr, NOVA_2M);
	nova_vm_map(fd, vm, handle, 0, va, NOVA_2M);
	nova_gem_close(fd, handle);
	igt_assert(nova_eye_sees(&eye, va, want, NOVA_2M));
	nova_vm_unmap(fd, vm, va, NOVA_2M);
	igt_assert(nova_eye_faults(&eye, va));
	nova_settle_vram(fd, used);
	nova_eye_close(&eye);
	nova_vm_destroy(fd, vm);
	free(want);
}

/**
 * SUBTEST: readonly
 * Description: the GPU reads a read-only mapping, faults when it writes, and
 *              the same memory can be written through another mapping
 */
static void test_readonly(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	uint32_t word = 0x12345678;
	unsigned int bo;

	nova_space_init(&space, fd);
	for (bo = 0; bo < 2; bo++) {
		op = nova_space_map_op(&space, bo * 20, 16, bo, 0);
		op.flags = DRM_NOVA_VM_BIND_OP_READONLY;
		nova_space_apply(&space, &op);
		igt_assert_eq(nova_eye_write(&space.eye, op.va + 64, &word, sizeof(word)), -EFAULT);
		nova_space_check(&space);
		op.va = nova_space_va(&space, 60);
		op.range = NOVA_4K;
		op.flags = 0;
		nova_space_apply(&space, &op);
		igt_assert_eq(nova_eye_write(&space.eye, op.va + 64, &word, sizeof(word)), 0);
		igt_assert(nova_eye_sees(&space.eye, nova_space_va(&space, bo * 20) + 64, &word,
					 sizeof(word)));
	}
	nova_space_check(&space);
	nova_space_fini(&space);
}

/**
 * SUBTEST: readonly-survives-split
 * Description: what is left of a read-only mapping is read-only
 */
static void test_readonly_split(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	uint32_t word = 1;

	nova_space_init(&space, fd);
	op = nova_space_map_op(&space, 0, 48, 0, 0);
	op.flags = DRM_NOVA_VM_BIND_OP_READONLY;
	nova_space_apply(&space, &op);
	op = nova_space_map_op(&space, 20, 3, 1, 0);
	nova_space_apply(&space, &op);
	nova_space_check(&space);
	igt_assert_eq(nova_eye_write(&space.eye, nova_space_va(&space, 19) + 8, &word, 4), -EFAULT);
	igt_assert_eq(nova_eye_write(&space.eye, nova_space_va(&space, 23) + 8, &word, 4), -EFAULT);
	igt_assert_eq(nova_eye_write(&space.eye, nova_space_va(&space, 20) + 8, &word, 4), 0);
	nova_space_fini(&space);
}

/**
 * SUBTEST: noreplace
 * Description: NOREPLACE maps into holes only: any overlap gives EEXIST, names
 *              the op and changes nothing
 */
static void test_noreplace(int fd)
{
	static const struct {
		unsigned int page, nr;
		int err;
	} tries[] = {
		{ 0, 16, 0 }, { 10, 10, -EEXIST }, { 20, 2, -EEXIST }, { 31, 1, -EEXIST },
		{ 15, 18, -EEXIST }, { 31, 8, -EEXIST }, { 32, 8, 0 },
	};
	struct drm_nova_vm_bind_op ops[2];
	struct nova_space space;
	uint32_t failed_op;
	unsigned int i;

	nova_space_init(&space, fd);
	ops[0] = nova_space_map_op(&space, 16, 16, 0, 0);
	nova_space_apply(&space, &ops[0]);
	for (i = 0; i < NR(tries); i++) {
		ops[0] = nova_space_map_op(&space, 50 + i, 1, 1, i);
		ops[1] = nova_space_map_op(&space, tries[i].page, tries[i].nr, 1, 40);
		ops[1].flags = DRM_NOVA_VM_BIND_OP_NOREPLACE;
		igt_assert_eq(__nova_vm_bind_ops(fd, space.vm, ops, 2, &failed_op), tries[i].err);
		if (tries[i].err)
			igt_assert_eq_u32(failed_op, 1);
		if (!tries[i].err) {
			nova_space_expect(&space, &ops[0]);
			nova_space_expect(&space, &ops[1]);
		}
		nova_space_check(&space);
	}
	nova_space_fini(&space);
}

/**
 * SUBTEST: hint-flags
 * Description: NO_ATOMIC, UNCACHED and DUMPABLE change nothing about plain reads and writes
 */
static void test_hint_flags(int fd)
{
	const uint32_t flags[] = {
		DRM_NOVA_VM_BIND_OP_NO_ATOMIC, DRM_NOVA_VM_BIND_OP_UNCACHED,
		DRM_NOVA_VM_BIND_OP_DUMPABLE,
	};
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	unsigned int i;

	nova_space_init(&space, fd);
	for (i = 0; i < NR(flags); i++) {
		op = nova_space_map_op(&space, i * 20, 16, i % 2, i);
		op.flags = flags[i];
		nova_space_apply(&space, &op);
	}
	nova_space_check(&space);
	nova_space_fini(&space);
}

/**
 * SUBTEST: unmap-bo
 * Description: UNMAP_BO removes every mapping of an object from one VM, and
 *              nothing else
 */
static void test_unmap_bo(int fd)
{
	struct drm_nova_vm_bind_op op, unmap_bo = { .op = DRM_NOVA_VM_BIND_OP_UNMAP_BO };
	struct nova_space space;
	unsigned int i;

	nova_space_init(&space, fd);
	for (i = 0; i < 6; i++) {
		op = nova_space_map_op(&space, i * 10, 8, i % 2, i);
		nova_space_apply(&space, &op);
	}
	unmap_bo.handle = space.bos[0];
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &unmap_bo), 0);
	for (i = 0; i < 6; i += 2) {
		op = nova_space_unmap_op(&space, i * 10, 8);
		nova_space_expect(&space, &op);
	}
	nova_space_check(&space);
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &unmap_bo), 0);
	nova_space_check(&space);
	nova_space_fini(&space);
}

/**
 * SUBTEST: no-ops
 * Description: a call without ops succeeds and changes nothing
 */
static void test_no_ops(int fd)
{
	uint32_t vm = nova_vm_create(fd), failed_op;

	igt_assert_eq(__nova_vm_bind_ops(fd, vm, NULL, 0, &failed_op), 0);
	nova_vm_destroy(fd, vm);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "order-within-call", test_order },
	{ "random-changes", test_random },
	{ "many-ops", test_many_ops },
	{ "one-object-many-places", test_many_places },
	{ "close-keeps-mapping", test_close_keeps },
	{ "readonly", test_readonly },
	{ "readonly-survives-split", test_readonly_split },
	{ "noreplace", test_noreplace },
	{ "hint-flags", test_hint_flags },
	{ "unmap-bo", test_unmap_bo },
	{ "no-ops", test_no_ops },
};

int igt_main()
{
	unsigned int i, j;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(shapes); i++)
		for (j = 0; j < NR(regions); j++)
			igt_subtest_f("cpu-to-gpu-%s-%s", shapes[i].name, regions[j].name)
				test_cpu_to_gpu(fd, i, regions[j].placement);
	for (j = 0; j < NR(regions); j++)
		igt_subtest_f("gpu-to-cpu-%s", regions[j].name)
			test_gpu_to_cpu(fd, regions[j].placement);
	for (i = 0; i < NR(changes); i++)
		igt_subtest_f("change-%s", changes[i].name)
			test_change(fd, i);
	for (i = 0; i < NR(tests); i++)
		igt_subtest_f("%s", tests[i].name)
			tests[i].run(fd);

	igt_fixture()
		drm_close_driver(fd);
}
