// SPDX-License-Identifier: MIT
/* System memory of programs with one GPU: one buffer, at a fixed bus address. */

#include "../swgpu_check.h"

u8 *swgpu_test_sysmem_get(size_t size, u64 *dma)
{
	swgpu_user_sysmem = aligned_alloc(SWGPU_PAGE, size);
	swgpu_user_sysmem_base = 0x10000000;
	swgpu_user_sysmem_size = size;
	*dma = swgpu_user_sysmem_base;
	if (swgpu_user_sysmem)
		memset(swgpu_user_sysmem, 0, size);
	return swgpu_user_sysmem;
}

void swgpu_test_sysmem_put(u8 *mem, size_t size)
{
	(void)size;
	free(mem);
	swgpu_user_sysmem = NULL;
}
