// SPDX-License-Identifier: MIT

/**
 * TEST: nova pages
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_BIND
 * Description: which page sizes binds use, what the entries say, what the tables cost
 */

#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Which page sizes binds use, what the entries say, what the tables cost");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define BASE (1ull << 33)
#define OBJECT (3 * NOVA_2M)

/* A VM and one physical block of VRAM, aligned to 2 MiB. */
struct block {
	int fd;
	uint32_t vm;
	uint32_t handle;
};

static void block_init(struct block *block, int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = OBJECT, .alignment = NOVA_2M, .placement = NOVA_VRAM,
		.flags = DRM_NOVA_GEM_CONTIGUOUS,
	};

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	*block = (struct block){ fd, nova_vm_create(fd), create.handle };
}

static void block_fini(struct block *block)
{
	nova_vm_destroy(block->fd, block->vm);
	nova_gem_close(block->fd, block->handle);
}

static struct nova_walk walk(const struct block *block, uint64_t va)
{
	struct nova_walk result;
	int ret = nova_eye_result(block->fd, block->vm, va, &result);

	igt_require_f(ret != -ENOENT, "no page directory of VM %u in debugfs\n", block->vm);
	igt_assert_eq(ret, 0);
	return result;
}

/* What page the GPU finds at byte @at of a bind of @size at @va from @offset. */
static const struct {
	const char *name;
	uint64_t va, offset, size;
	struct {
		uint64_t at, page;
	} probes[4];
} shapes[] = {
	{ "page", 0, 0, NOVA_4K, { { 0, NOVA_4K } } },
	{ "64k", 0, 0, NOVA_64K, { { 0, NOVA_64K }, { 0xf000, NOVA_64K } } },
	{ "64k-less-a-page", 0, 0, 0xf000, { { 0, NOVA_4K }, { 0xe000, NOVA_4K } } },
	{ "64k-and-a-page", 0, 0, 0x11000, { { 0, NOVA_64K }, { NOVA_64K, NOVA_4K } } },
	{ "2m", 0, 0, NOVA_2M, { { 0, NOVA_2M }, { NOVA_2M - 4, NOVA_2M } } },
	{ "2m-less-a-page", 0, 0, 0x1ff000, { { 0, NOVA_64K }, { 0x1fe000, NOVA_4K } } },
	{ "va-off-page", NOVA_4K, 0, NOVA_2M, { { 0, NOVA_4K }, { NOVA_64K, NOVA_4K } } },
	{ "va-off-64k", NOVA_64K, 0, NOVA_2M, { { 0, NOVA_64K }, { NOVA_64K, NOVA_64K } } },
	{ "both-off-page", NOVA_4K, NOVA_4K, 2 * NOVA_2M,
	  { { 0, NOVA_4K }, { 0xf000, NOVA_64K }, { 0x1ff000, NOVA_2M },
	    { 2 * NOVA_2M - NOVA_4K, NOVA_4K } } },
	{ "both-off-64k", NOVA_64K, NOVA_64K, 2 * NOVA_2M,
	  { { 0, NOVA_64K }, { 0x1f0000, NOVA_2M }, { 2 * NOVA_2M - NOVA_4K, NOVA_64K } } },
};

/**
 * SUBTEST: size-%s
 * Description: the largest page that address, offset and range allow is used: %arg[1]
 *
 * arg[1]:
 *
 * @page:            4 KiB
 * @64k:             64 KiB
 * @64k-less-a-page: a page less than 64 KiB
 * @64k-and-a-page:  a page more than 64 KiB
 * @2m:              2 MiB
 * @2m-less-a-page:  a page less than 2 MiB
 * @va-off-page:     the address a page off
 * @va-off-64k:      the address 64 KiB off
 * @both-off-page:   address and offset a page off
 * @both-off-64k:    address and offset 64 KiB off
 */
static void test_size(int fd, unsigned int i)
{
	const uint64_t va = BASE + shapes[i].va;
	struct block block;
	unsigned int j;

	block_init(&block, fd);
	nova_vm_map(fd, block.vm, block.handle, shapes[i].offset, va, shapes[i].size);
	for (j = 0; j < NR(shapes[i].probes) && shapes[i].probes[j].page; j++) {
		struct nova_walk result = walk(&block, va + shapes[i].probes[j].at);

		igt_assert_eq(result.end, NOVA_WALK_MAPPED);
		igt_assert_eq_u64(result.page, shapes[i].probes[j].page);
	}
	block_fini(&block);
}

/**
 * SUBTEST: max-page-shift
 * Description: no page is larger than the bound, and content stays the same
 */
static void test_max_page_shift(int fd)
{
	const uint8_t shifts[] = { 21, 16, 12, 16, 21, 0 };
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .va = BASE, .range = NOVA_2M,
	};
	struct nova_eye eye;
	struct block block;
	unsigned int i;
	void *ptr;

	block_init(&block, fd);
	op.handle = block.handle;
	ptr = nova_gem_mmap(fd, block.handle, 0, NOVA_2M);
	nova_fill(ptr, NOVA_2M, 40);
	eye = nova_eye(fd, block.vm);
	for (i = 0; i < NR(shifts); i++) {
		op.max_page_shift = shifts[i];
		igt_assert_eq(__nova_vm_bind_op(fd, block.vm, &op), 0);
		igt_assert_eq_u64(walk(&block, BASE).page, 1ull << (shifts[i] ? shifts[i] : 21));
		igt_assert(nova_eye_sees(&eye, BASE, ptr, NOVA_2M));
	}
	nova_eye_close(&eye);
	munmap(ptr, NOVA_2M);
	block_fini(&block);
}

/**
 * SUBTEST: every-vram-size
 * Description: every page size INFO lists for VRAM is a bound that a bind accepts
 */
static void test_every_size(int fd)
{
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .va = BASE, .range = NOVA_2M,
	};
	struct drm_nova_info_va info;
	struct block block;
	unsigned int shift;

	nova_info(fd, DRM_NOVA_INFO_VA, sizeof(info), &info);
	block_init(&block, fd);
	op.handle = block.handle;
	for (shift = 12; shift < 64; shift++) {
		op.max_page_shift = shift;
		igt_assert_eq(__nova_vm_bind_op(fd, block.vm, &op),
			      info.vram_page_sizes >> shift & 1 ? 0 : -EINVAL);
	}
	block_fini(&block);
}

/**
 * SUBTEST: split-large-page
 * Description: unmapping a page of a 2 MiB page leaves all others as they were
 */
static void test_split(int fd)
{
	const uint64_t hole = BASE + 0x123000;
	struct nova_eye eye;
	struct block block;
	char *ptr;

	block_init(&block, fd);
	ptr = nova_gem_mmap(fd, block.handle, 0, NOVA_2M);
	nova_fill(ptr, NOVA_2M, 41);
	nova_vm_map(fd, block.vm, block.handle, 0, BASE, NOVA_2M);
	eye = nova_eye(fd, block.vm);
	igt_assert_eq_u64(walk(&block, hole).page, NOVA_2M);
	nova_vm_unmap(fd, block.vm, hole, NOVA_4K);
	igt_assert(nova_eye_sees(&eye, BASE, ptr, hole - BASE));
	igt_assert(nova_eye_faults(&eye, hole));
	igt_assert(nova_eye_faults(&eye, hole + NOVA_4K - 4));
	igt_assert(nova_eye_sees(&eye, hole + NOVA_4K, ptr + (hole - BASE) + NOVA_4K,
				 BASE + NOVA_2M - hole - NOVA_4K));
	nova_eye_close(&eye);
	munmap(ptr, NOVA_2M);
	block_fini(&block);
}

/**
 * SUBTEST: contiguous-block
 * Description: a contiguous object is one aligned block, and each of its bytes
 *              is at its place in it
 */
static void test_contiguous(int fd)
{
	struct nova_walk first, result;
	struct block block;
	uint64_t off;

	block_init(&block, fd);
	nova_vm_map(fd, block.vm, block.handle, 0, BASE, OBJECT);
	first = walk(&block, BASE);
	igt_assert(!strcmp(first.aperture, "vram"));
	igt_assert_eq_u64(first.addr % NOVA_2M, 0);
	for (off = 0; off < OBJECT; off += 0x37000) {
		result = walk(&block, BASE + off);
		igt_assert_eq(result.end, NOVA_WALK_MAPPED);
		igt_assert_eq_u64(result.addr, first.addr + off);
	}
	block_fini(&block);
}

/**
 * SUBTEST: entry-attributes
 * Description: permission and kind in the entry are those of the op
 */
static void test_attributes(int fd)
{
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .va = BASE, .range = NOVA_2M,
	};
	struct drm_nova_info_kinds kinds;
	struct nova_walk result;
	struct block block;
	unsigned int i;

	nova_info(fd, DRM_NOVA_INFO_KINDS, sizeof(kinds), &kinds);
	block_init(&block, fd);
	op.handle = block.handle;
	for (i = 0; i < NR(kinds.attr); i++) {
		if ((kinds.attr[i] & (DRM_NOVA_KIND_VALID | DRM_NOVA_KIND_COMPRESSED)) !=
		    DRM_NOVA_KIND_VALID)
			continue;
		op.pte_kind = i;
		op.flags = i % 2 ? DRM_NOVA_VM_BIND_OP_READONLY : 0;
		igt_assert_eq(__nova_vm_bind_op(fd, block.vm, &op), 0);
		result = walk(&block, BASE + NOVA_4K);
		igt_assert_eq_u32(result.kind, i);
		igt_assert(!strcmp(result.access, i % 2 ? "ro" : "rw"));
	}
	block_fini(&block);
}

/**
 * SUBTEST: system-pages
 * Description: system memory is reached with pages INFO lists, outside VRAM
 */
static void test_system_pages(int fd)
{
	struct block block = { fd, nova_vm_create(fd), nova_gem_create(fd, OBJECT, NOVA_SYSTEM) };
	struct drm_nova_info_va info;
	struct nova_walk result;
	uint64_t off;

	nova_info(fd, DRM_NOVA_INFO_VA, sizeof(info), &info);
	nova_vm_map(fd, block.vm, block.handle, 0, BASE, OBJECT);
	for (off = 0; off < OBJECT; off += NOVA_64K) {
		result = walk(&block, BASE + off);
		igt_assert_eq(result.end, NOVA_WALK_MAPPED);
		igt_assert(strcmp(result.aperture, "vram"));
		igt_assert(info.sysmem_page_sizes & result.page);
	}
	block_fini(&block);
}

/* Enough binds, each with tables of its own, to see through the driver's chunks. */
#define SCATTERED 1200
#define SCATTER (1ull << 30)

/* Maps or unmaps @size bytes at every SCATTER; returns the growth of used VRAM. */
static int64_t scatter(const struct block *block, uint32_t op, uint64_t size)
{
	struct drm_nova_vm_bind_op *ops = calloc(SCATTERED, sizeof(*ops));
	uint64_t used = nova_getparam(block->fd, DRM_NOVA_PARAM_VRAM_USED);
	unsigned int i;

	igt_assert(ops);
	for (i = 0; i < SCATTERED; i++)
		ops[i] = (struct drm_nova_vm_bind_op){
			.op = op,
			.handle = op == DRM_NOVA_VM_BIND_OP_MAP ? block->handle : 0,
			.va = BASE + i * SCATTER,
			.range = size,
		};
	igt_assert_eq(__nova_vm_bind_ops(block->fd, block->vm, ops, SCATTERED, NULL), 0);
	free(ops);
	return (int64_t)(nova_getparam(block->fd, DRM_NOVA_PARAM_VRAM_USED) - used);
}

/**
 * SUBTEST: tables-return
 * Description: unmapping everything gives the page tables' VRAM back, VM alive
 */
static void test_tables_return(int fd)
{
	struct block block;
	int64_t grown;
	uint64_t used;

	block_init(&block, fd);
	used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	grown = scatter(&block, DRM_NOVA_VM_BIND_OP_MAP, NOVA_4K);
	igt_info("%u scattered pages: %lld KiB of tables\n", SCATTERED, (long long)grown >> 10);
	igt_assert(grown >= SCATTERED * (int64_t)NOVA_4K);
	scatter(&block, DRM_NOVA_VM_BIND_OP_UNMAP, NOVA_4K);
	/* Tables come from chunks of 2 MiB, and one empty chunk is kept. */
	nova_settle_vram(fd, used + NOVA_2M);
	block_fini(&block);
}

/**
 * SUBTEST: tables-few-for-large-pages
 * Description: binds of 2 MiB pages need fewer tables than binds of single pages
 */
static void test_tables_few(int fd)
{
	struct block block;
	int64_t pages, large;
	uint64_t used;

	block_init(&block, fd);
	used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	large = scatter(&block, DRM_NOVA_VM_BIND_OP_MAP, NOVA_2M);
	scatter(&block, DRM_NOVA_VM_BIND_OP_UNMAP, NOVA_2M);
	nova_settle_vram(fd, used + NOVA_2M);
	pages = scatter(&block, DRM_NOVA_VM_BIND_OP_MAP, NOVA_4K);
	igt_info("tables for %u binds: %lld KiB of 2 MiB, %lld KiB of 4 KiB\n", SCATTERED,
		 (long long)large >> 10, (long long)pages >> 10);
	igt_assert(large > 0 && large < pages);
	block_fini(&block);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(shapes); i++)
		igt_subtest_f("size-%s", shapes[i].name)
			test_size(fd, i);
	igt_subtest("max-page-shift")
		test_max_page_shift(fd);
	igt_subtest("every-vram-size")
		test_every_size(fd);
	igt_subtest("split-large-page")
		test_split(fd);
	igt_subtest("contiguous-block")
		test_contiguous(fd);
	igt_subtest("entry-attributes")
		test_attributes(fd);
	igt_subtest("system-pages")
		test_system_pages(fd);
	igt_subtest("tables-return")
		test_tables_return(fd);
	igt_subtest("tables-few-for-large-pages")
		test_tables_few(fd);

	igt_fixture()
		drm_close_driver(fd);
}
