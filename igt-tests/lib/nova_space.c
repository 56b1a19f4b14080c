// SPDX-License-Identifier: MIT

/**
 * DOC: An address space whose content is known
 *
 * For tests of what VM_BIND means: a small area of a VM, two objects whose
 * pages carry their own name, and an array that says what the GPU must find on
 * each page of the area. Ops are applied to the driver and, by the rules of the
 * interface, to the array; then the software GPU reads every page.
 *
 * Invariant of the tests, not of this file: ops stay within the area.
 */

#include <stdlib.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_space.h"

/* Word at the start of a page; never 0. */
static uint32_t nova_space_word(unsigned int bo, unsigned int page)
{
	return 0x5eed0000u | bo << 12 | page;
}

static uint32_t nova_space_bo(int fd, unsigned int bo)
{
	const uint64_t size = NOVA_SPACE_BO_PAGES * NOVA_4K;
	uint32_t handle = nova_gem_create(fd, size, bo ? NOVA_SYSTEM : NOVA_VRAM);
	volatile uint32_t *ptr = nova_gem_mmap(fd, handle, 0, size);
	unsigned int page;

	for (page = 0; page < NOVA_SPACE_BO_PAGES; page++)
		ptr[page * NOVA_4K / sizeof(*ptr)] = nova_space_word(bo, page);
	munmap((void *)ptr, size);
	return handle;
}

/**
 * nova_space_init() - create the VM and the objects
 * @space: returns all of it; nothing is mapped
 * @fd: device
 */
void nova_space_init(struct nova_space *space, int fd)
{
	struct drm_nova_vm_create vm = { 0 };

	igt_assert_eq(__nova_vm_create(fd, &vm), 0);
	*space = (struct nova_space){ .fd = fd, .vm = vm.vm_id, .base = 1ull << 33 };
	if (vm.kernel_start < 1ull << 34)
		space->base = (vm.kernel_start + vm.kernel_size + (1ull << 33)) & ~(NOVA_2M - 1);
	space->bos[0] = nova_space_bo(fd, 0);
	space->bos[1] = nova_space_bo(fd, 1);
	space->eye = nova_eye(fd, space->vm);
}

/**
 * nova_space_fini() - destroy all of it
 * @space: the space
 */
void nova_space_fini(struct nova_space *space)
{
	nova_eye_close(&space->eye);
	nova_vm_destroy(space->fd, space->vm);
	nova_gem_close(space->fd, space->bos[0]);
	nova_gem_close(space->fd, space->bos[1]);
}

/**
 * nova_space_va() - address of a page of the area
 * @space: the space
 * @page: index
 *
 * Return: GPU address.
 */
uint64_t nova_space_va(const struct nova_space *space, unsigned int page)
{
	return space->base + page * NOVA_4K;
}

/**
 * nova_space_map_op() - a MAP of pages of an object
 * @space: the space
 * @page: first page of the area
 * @nr: pages
 * @bo: which object
 * @bo_page: first page of the object
 *
 * Return: the op.
 */
struct drm_nova_vm_bind_op nova_space_map_op(const struct nova_space *space, unsigned int page,
					     unsigned int nr, unsigned int bo,
					     unsigned int bo_page)
{
	return (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_MAP,
		.handle = space->bos[bo],
		.va = nova_space_va(space, page),
		.range = nr * NOVA_4K,
		.offset = bo_page * NOVA_4K,
	};
}

/**
 * nova_space_unmap_op() - an UNMAP
 * @space: the space
 * @page: first page of the area
 * @nr: pages
 *
 * Return: the op.
 */
struct drm_nova_vm_bind_op nova_space_unmap_op(const struct nova_space *space,
					       unsigned int page, unsigned int nr)
{
	return (struct drm_nova_vm_bind_op){
		.op = DRM_NOVA_VM_BIND_OP_UNMAP,
		.va = nova_space_va(space, page),
		.range = nr * NOVA_4K,
	};
}

/**
 * nova_space_expect() - note what an op does
 * @space: the space
 * @op: a MAP or UNMAP
 */
void nova_space_expect(struct nova_space *space, const struct drm_nova_vm_bind_op *op)
{
	unsigned int first = (op->va - space->base) / NOVA_4K;
	unsigned int bo = op->handle == space->bos[1];
	unsigned int bo_page = op->offset / NOVA_4K;
	unsigned int i;

	igt_assert(first + op->range / NOVA_4K <= NOVA_SPACE_PAGES);
	for (i = 0; i < op->range / NOVA_4K; i++)
		space->want[first + i] = op->op == DRM_NOVA_VM_BIND_OP_MAP ?
					 nova_space_word(bo, bo_page + i) : 0;
}

/**
 * nova_space_apply() - do an op and note what it does
 * @space: the space
 * @op: a MAP or UNMAP
 */
void nova_space_apply(struct nova_space *space, const struct drm_nova_vm_bind_op *op)
{
	igt_assert_eq(__nova_vm_bind_op(space->fd, space->vm, op), 0);
	nova_space_expect(space, op);
}

/**
 * nova_space_check() - does the GPU find what it should
 * @space: the space
 *
 * Fails the test at the first page that is different.
 */
void nova_space_check(const struct nova_space *space)
{
	unsigned int page;
	uint32_t word;
	int ret;

	for (page = 0; page < NOVA_SPACE_PAGES; page++) {
		word = 0;
		ret = nova_eye_read(&space->eye, nova_space_va(space, page), &word, sizeof(word));
		igt_assert_f(ret == (space->want[page] ? 0 : -EFAULT),
			     "page %u: read gives %d, expected word %#x\n", page, ret,
			     space->want[page]);
		igt_assert_f(word == space->want[page], "page %u: %#x, expected %#x\n", page,
			     word, space->want[page]);
	}
}

/**
 * nova_space_tables() - the page tables as text
 * @space: the space
 *
 * Return: text for the caller to free.
 */
char *nova_space_tables(const struct nova_space *space)
{
	char *text;

	igt_assert_eq(nova_debug_tables(space->fd, space->vm, &text), 0);
	return text;
}
