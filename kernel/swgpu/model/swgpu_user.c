// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu in user space
 *
 * The user-space side of what the model core asks of its surroundings, and
 * nova_swgpu_create() for programs that link it. System memory is one buffer of
 * the program at a bus address of its choice; every page allocation can be made to
 * fail from the n-th on. The variables belong to a single-threaded test.
 */

#include "swgpu.h"

_Thread_local u64 swgpu_user_context;	/* what swgpu_port_context() returns */
u8 *swgpu_user_sysmem;			/* system memory, NULL for none */
u64 swgpu_user_sysmem_base;		/* its bus address, multiple of 4 KiB */
u64 swgpu_user_sysmem_size;		/* bytes, multiple of 4 KiB */
long swgpu_user_fail_after = -1;	/* page allocations that still succeed, -1 all */
bool swgpu_user_blocks;			/* pages are had in a row, too */

/* Mapped, so that each page of a block can be given back alone. */
static void *swgpu_user_map(unsigned int nr)
{
	void *p = mmap(NULL, nr * (size_t)SWGPU_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void *swgpu_port_page_alloc(bool may_sleep)
{
	(void)may_sleep;
	if (!swgpu_user_fail_after)
		return NULL;
	if (swgpu_user_fail_after > 0)
		swgpu_user_fail_after--;
	return swgpu_user_blocks ? swgpu_user_map(1) : aligned_alloc(SWGPU_PAGE, SWGPU_PAGE);
}

void *swgpu_port_block_alloc(unsigned int nr)
{
	return swgpu_user_blocks ? swgpu_user_map(nr) : NULL;
}

void swgpu_port_page_free(void *page)
{
	if (swgpu_user_blocks && page)
		munmap(page, SWGPU_PAGE);
	else
		free(page);
}

u8 *swgpu_port_dma_run(u64 addr, u32 *len)
{
	u64 left = swgpu_user_sysmem_base + swgpu_user_sysmem_size - addr;
	u8 *p = swgpu_port_dma_map(addr);

	if (p && *len > left)
		*len = left;
	return p;
}

u8 *swgpu_port_dma_map(u64 addr)
{
	if (!swgpu_user_sysmem || addr < swgpu_user_sysmem_base ||
	    addr - swgpu_user_sysmem_base >= swgpu_user_sysmem_size)
		return NULL;
	return swgpu_user_sysmem + (addr - swgpu_user_sysmem_base);
}

void swgpu_port_dma_unmap(u8 *p)
{
	(void)p;
}

/* Nobody works in the background here: a program calls nova_swgpu_step(). */
void swgpu_port_kick(struct nova_swgpu *gpu)
{
	(void)gpu;
}

u64 swgpu_port_context(void)
{
	return swgpu_user_context;
}

struct nova_swgpu *nova_swgpu_create(const struct nova_swgpu_config *cfg)
{
	struct nova_swgpu *gpu = calloc(1, sizeof(*gpu));

	if (gpu && nova_swgpu_init(gpu, cfg)) {
		free(gpu);
		gpu = NULL;
	}
	return gpu;
}

void nova_swgpu_destroy(struct nova_swgpu *gpu)
{
	nova_swgpu_fini(gpu);
	free(gpu);
}
