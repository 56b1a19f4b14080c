// SPDX-License-Identifier: MIT
/*
 * Allocation for the user-space build of the buddy allocator, with a countdown to failure.
 */

#include "nova_shim.h"
#include "nova_shim_fail.h"

long nova_shim_fail_after = -1;
long nova_shim_dma_live;

void *nova_shim_alloc(size_t bytes)
{
	if (nova_shim_fail_after >= 0 && nova_shim_fail_after-- == 0)
		return NULL;
	return malloc(bytes);
}
