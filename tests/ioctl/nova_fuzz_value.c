// SPDX-License-Identifier: MIT
/*
 * Values of the grammar's fields. Most are what a program might really pass, so that calls get past
 * their first check; about one in thirty is not. Sizes stay small enough for many clients to share
 * a machine of a few hundred MiB.
 */
#include "nova_fuzz_value.h"

#include <string.h>

#define KIB(n)	((uint64_t)(n) << 10)
#define MIB(n)	((uint64_t)(n) << 20)
#define GIB(n)	((uint64_t)(n) << 30)

static const uint64_t value_sizes[] = {
	KIB(4), KIB(4), KIB(8), KIB(64), KIB(64), KIB(68), MIB(1), MIB(2), MIB(2), MIB(4),
};

static const uint64_t value_odd[] = {
	0, 1, 4095, KIB(4) + 1, MIB(513), GIB(1) << 9, 1ull << 47, 1ull << 48, 1ull << 56, 1ull << 57,
	1ull << 63, ~0ull, ~0ull - 4095, ~0u, 1u << 31,
};

static uint64_t value_pick(struct fuzz_client *c, const uint64_t *from, unsigned int nr)
{
	return from[fuzz_random(&c->rng) % nr];
}

/* One of few places, so that programs meet themselves: 16 MiB of pages, at several scales. */
static uint64_t value_va(struct fuzz_client *c)
{
	uint64_t r = fuzz_random(&c->rng);

	return GIB(1) + MIB(2) * (r & 7) + (r >> 3 & 1 ? KIB(64) * (r >> 4 & 31) : 0) +
	       (r >> 9 & 1 ? KIB(4) * (r >> 10 & 15) : 0);
}

static uint64_t value_id(struct fuzz_client *c, enum fuzz_pool pool)
{
	unsigned int nr = c->nr[pool];

	return nr ? c->id[pool][fuzz_random(&c->rng) % nr] : 0;
}

static uint64_t value_flags(struct fuzz_client *c, uint64_t mask)
{
	uint64_t r = fuzz_random(&c->rng);

	/* None, one, or any */
	return (r & 1) ? 0 : (r & 2) ? mask & (1ull << (r >> 2 & 31)) : mask & r >> 8;
}

static uint64_t value_deadline(struct fuzz_client *c)
{
	return fuzz_random(&c->rng) % 4 ? 0 : 1000000 * (fuzz_random(&c->rng) % 64);
}

static uint64_t value_plain(struct fuzz_client *c, const struct fuzz_field *f)
{
	switch (f->type) {
	case V_ZERO:
		return 0;
	case V_FLAGS:
		return value_flags(c, f->arg);
	case V_BELOW:
		return fuzz_random(&c->rng) % f->arg;
	case V_RANGE:
		return (f->arg >> 32) + fuzz_random(&c->rng) % (uint32_t)f->arg;
	case V_SIZE:
		return value_pick(c, value_sizes, sizeof(value_sizes) / sizeof(value_sizes[0]));
	case V_OFFSET:
		return fuzz_random(&c->rng) % 4 ? 0 : KIB(4) * (fuzz_random(&c->rng) % 32);
	case V_VA:
		return value_va(c);
	case V_SHIFT:
		return fuzz_random(&c->rng) % 2 ? 0 : 12 + fuzz_random(&c->rng) % 18;
	case V_DEADLINE:
		return value_deadline(c);
	case V_ID:
		return value_id(c, f->arg);
	default:
		return 0;
	}
}

/**
 * fuzz_value - a value of a field that is not an array
 * @c: what the client holds; its random numbers are used up
 * @f: the field
 *
 * Return: the value.
 */
uint64_t fuzz_value(struct fuzz_client *c, const struct fuzz_field *f)
{
	uint64_t r = fuzz_random(&c->rng) % 128;

	if (r < 3)
		return value_pick(c, value_odd, sizeof(value_odd) / sizeof(value_odd[0]));
	if (r == 3)
		return fuzz_random(&c->rng);
	return value_plain(c, f);
}

/**
 * fuzz_fill - give a struct its values, arrays aside
 * @c: the client
 * @data: the struct
 * @fields: its fields, ended by one of size 0
 */
void fuzz_fill(struct fuzz_client *c, void *data, const struct fuzz_field *fields)
{
	for (const struct fuzz_field *f = fields; f->size; f++) {
		uint64_t value;

		if (f->type == V_ARRAY || f->type == V_BUFFER)
			continue;
		value = fuzz_value(c, f);
		memcpy((char *)data + f->off, &value, f->size);
	}
}
