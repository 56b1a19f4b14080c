// SPDX-License-Identifier: MIT
/*
 * Fuzz target of the buddy allocator: a byte stream is a pool and what is done to it, as
 * nova_buddy_model.c reads it. The model checks every answer. A replay tells each operation.
 */

#include "fuzz.h"
#include "nova_buddy_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	model_run(data, len, fuzz_verbose);
	return 0;
}
