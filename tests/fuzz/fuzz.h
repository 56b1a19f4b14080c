/* SPDX-License-Identifier: MIT */
#ifndef __FUZZ_H__
#define __FUZZ_H__

/*
 * What every fuzz target needs. A target defines LLVMFuzzerTestOneInput() and derives from the
 * bytes, with fuzz_take(), what it does; how inputs come about is fuzz_main.c's business, or
 * libFuzzer's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** struct fuzz_input - what is left of an input */
struct fuzz_input {
	/** @data: next byte */
	const uint8_t *data;
	/** @len: bytes left */
	size_t len;
};

/** fuzz_verbose - an input is being replayed: a target may tell what it does */
extern bool fuzz_verbose;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/** fuzz_take - the next @bytes bytes as a number; an input at its end goes on with nothing */
static inline uint64_t fuzz_take(struct fuzz_input *in, unsigned int bytes)
{
	uint64_t val = 0;

	while (bytes-- && in->len) {
		val = val << 8 | *in->data++;
		in->len--;
	}
	return val;
}

/** fuzz_below - a number below @end, from two bytes */
static inline unsigned int fuzz_below(struct fuzz_input *in, unsigned int end)
{
	return (unsigned int)fuzz_take(in, 2) % end;
}

/** fuzz_check - a property: if it does not hold, the target has found something */
#define fuzz_check(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "%s:%d: %s: does not hold: %s\n", __FILE__, __LINE__, \
			__func__, #cond); \
		abort(); \
	} \
} while (0)

#endif
