/* SPDX-License-Identifier: MIT */
#ifndef NOVA_FUZZ_VALUE_H
#define NOVA_FUZZ_VALUE_H

#include "nova_fuzz.h"

/** enum fuzz_type - what a field holds; the comment says what fuzz_field.arg is */
enum fuzz_type {
	V_ZERO,		/* padding, reserved, or written by the kernel */
	V_FLAGS,	/* bits that exist */
	V_BELOW,	/* first number that is too large */
	V_RANGE,	/* RANGE(first, count) */
	V_SIZE,
	V_OFFSET,
	V_VA,
	V_SHIFT,
	V_DEADLINE,
	V_ID,		/* enum fuzz_pool */
	V_BUFFER,	/* 64-bit pointer to memory of the client */
	V_ARRAY,	/* struct drm_nova_array; index of the elements' table */
};

#define RANGE(first, count)	((uint64_t)(first) << 32 | (count))

/** struct fuzz_field - a member of a struct; little-endian hosts only */
struct fuzz_field {
	uint16_t off;
	uint8_t size;
	uint8_t type;
	uint64_t arg;
};

uint64_t fuzz_value(struct fuzz_client *c, const struct fuzz_field *f);
void fuzz_fill(struct fuzz_client *c, void *data, const struct fuzz_field *fields);

#endif
