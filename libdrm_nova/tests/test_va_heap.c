// SPDX-License-Identifier: MIT

/**
 * DOC: Test of the GPU address heap
 *
 * Edges one by one, then a seeded random load against a bitmap that knows which
 * page is taken: every answer and every refusal must agree with it.
 */

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "nova.h"

#define PAGE 0x1000ull
#define BASE 0x200000ull

static struct nova_va_heap *heap_of(uint64_t pages)
{
	struct nova_va_heap *heap = NULL;

	if (nova_va_heap_create(BASE, pages * PAGE, &heap))
		abort();
	return heap;
}

static void create_refuses_bad_ranges(void)
{
	struct nova_va_heap *heap = NULL;

	CHECK_EQ(nova_va_heap_create(0, PAGE, &heap), -EINVAL);
	CHECK_EQ(nova_va_heap_create(PAGE, 0, &heap), -EINVAL);
	CHECK_EQ(nova_va_heap_create(UINT64_MAX - 1, 4, &heap), -EINVAL);
	CHECK(!heap);
	nova_va_heap_destroy(NULL);
}

static void alloc_takes_lowest_and_aligns(void)
{
	struct nova_va_heap *heap = heap_of(1024);
	uint64_t va = 0;

	CHECK_EQ(nova_va_heap_alloc(heap, PAGE, PAGE, &va), 0);
	CHECK_EQ(va, BASE);
	CHECK_EQ(nova_va_heap_alloc(heap, PAGE, 0x10000, &va), 0);
	CHECK_EQ(va, BASE + 0x10000);
	CHECK_EQ(nova_va_heap_alloc(heap, PAGE, PAGE, &va), 0);
	CHECK_EQ(va, BASE + PAGE);
	CHECK_EQ(nova_va_heap_available(heap), 1021 * PAGE);
	nova_va_heap_destroy(heap);
}

static void alloc_refuses(void)
{
	struct nova_va_heap *heap = heap_of(16);
	uint64_t va = 42;

	CHECK_EQ(nova_va_heap_alloc(heap, 0, PAGE, &va), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc(heap, PAGE, 0, &va), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc(heap, PAGE, 3 * PAGE, &va), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc(heap, 17 * PAGE, PAGE, &va), -ENOSPC);
	CHECK_EQ(nova_va_heap_alloc(heap, UINT64_MAX, PAGE, &va), -ENOSPC);
	CHECK_EQ(nova_va_heap_alloc(heap, PAGE, 1ull << 63, &va), -ENOSPC);
	CHECK_EQ(va, 42);
	nova_va_heap_destroy(heap);
}

static void alloc_at_takes_exactly_that(void)
{
	struct nova_va_heap *heap = heap_of(16);

	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE + 4 * PAGE, 2 * PAGE), 0);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE + 5 * PAGE, PAGE), -ENOSPC);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE + 3 * PAGE, 2 * PAGE), -ENOSPC);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE - PAGE, PAGE), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE + 15 * PAGE, 2 * PAGE), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE, UINT64_MAX), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE, 0), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE, 4 * PAGE), 0);
	CHECK_EQ(nova_va_heap_available(heap), 10 * PAGE);
	nova_va_heap_destroy(heap);
}

static void free_joins_neighbours(void)
{
	struct nova_va_heap *heap = heap_of(3);
	uint64_t va = 0;

	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE, 3 * PAGE), 0);
	CHECK_EQ(nova_va_heap_free(heap, BASE, PAGE), 0);
	CHECK_EQ(nova_va_heap_free(heap, BASE + 2 * PAGE, PAGE), 0);
	CHECK_EQ(nova_va_heap_alloc(heap, 3 * PAGE, PAGE, &va), -ENOSPC);
	CHECK_EQ(nova_va_heap_free(heap, BASE + PAGE, PAGE), 0);
	CHECK_EQ(nova_va_heap_alloc(heap, 3 * PAGE, PAGE, &va), 0);
	CHECK_EQ(va, BASE);
	nova_va_heap_destroy(heap);
}

static void free_refuses_what_is_free(void)
{
	struct nova_va_heap *heap = heap_of(8);

	CHECK_EQ(nova_va_heap_free(heap, BASE, PAGE), -EINVAL);
	CHECK_EQ(nova_va_heap_alloc_at(heap, BASE + PAGE, 2 * PAGE), 0);
	CHECK_EQ(nova_va_heap_free(heap, BASE, 2 * PAGE), -EINVAL);
	CHECK_EQ(nova_va_heap_free(heap, BASE + 2 * PAGE, 2 * PAGE), -EINVAL);
	CHECK_EQ(nova_va_heap_free(heap, BASE + PAGE, 0), -EINVAL);
	CHECK_EQ(nova_va_heap_available(heap), 6 * PAGE);
	CHECK_EQ(nova_va_heap_free(heap, BASE + PAGE, 2 * PAGE), 0);
	CHECK_EQ(nova_va_heap_available(heap), 8 * PAGE);
	nova_va_heap_destroy(heap);
}

#define PAGES 256u

static bool model_is(const bool *taken, unsigned int first, unsigned int nr, bool want)
{
	unsigned int i;

	for (i = first; i < first + nr; i++)
		if (taken[i] != want)
			return false;
	return true;
}

static void model_set(bool *taken, unsigned int first, unsigned int nr, bool value)
{
	unsigned int i;

	for (i = first; i < first + nr; i++)
		taken[i] = value;
}

/* Lowest page where the model has room, or PAGES. */
static unsigned int model_find(const bool *taken, unsigned int nr, unsigned int align)
{
	unsigned int i;

	for (i = 0; i + nr <= PAGES; i += align)
		if (model_is(taken, i, nr, false))
			return i;
	return PAGES;
}

static void step(struct nova_va_heap *heap, bool *taken)
{
	unsigned int nr = 1 + (unsigned int)random() % 24;
	unsigned int first = (unsigned int)random() % (PAGES - nr);
	unsigned int align = 1u << (random() % 4);
	uint64_t va = 0;
	unsigned int want;

	switch (random() % 3) {
	case 0:
		want = model_find(taken, nr, align);
		CHECK_EQ(nova_va_heap_alloc(heap, nr * PAGE, align * PAGE, &va),
			 want < PAGES ? 0 : -ENOSPC);
		if (want == PAGES)
			break;
		CHECK_EQ(va, BASE + want * PAGE);
		model_set(taken, want, nr, true);
		break;
	case 1:
		CHECK_EQ(nova_va_heap_alloc_at(heap, BASE + first * PAGE, nr * PAGE),
			 model_is(taken, first, nr, false) ? 0 : -ENOSPC);
		if (model_is(taken, first, nr, false))
			model_set(taken, first, nr, true);
		break;
	default:
		CHECK_EQ(nova_va_heap_free(heap, BASE + first * PAGE, nr * PAGE),
			 model_is(taken, first, nr, true) ? 0 : -EINVAL);
		if (model_is(taken, first, nr, true))
			model_set(taken, first, nr, false);
	}
}

static void random_load_agrees_with_a_bitmap(void)
{
	struct nova_va_heap *heap = heap_of(PAGES);
	bool taken[PAGES] = { false };
	unsigned int i, left = 0;

	srandom(1);
	for (i = 0; i < 20000 && !check_failed; i++)
		step(heap, taken);
	for (i = 0; i < PAGES; i++)
		left += !taken[i];
	CHECK_EQ(nova_va_heap_available(heap), left * PAGE);
	nova_va_heap_destroy(heap);
}

static void *take_and_give(void *arg)
{
	struct nova_va_heap *heap = arg;
	uint64_t va;
	int i;

	for (i = 0; i < 5000; i++) {
		if (nova_va_heap_alloc(heap, 3 * PAGE, PAGE, &va))
			return heap;
		if (nova_va_heap_free(heap, va, 3 * PAGE))
			return heap;
	}
	return NULL;
}

static void threads_do_not_disturb_each_other(void)
{
	struct nova_va_heap *heap = heap_of(64);
	pthread_t threads[4];
	void *failed;
	int i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, take_and_give, heap))
			abort();
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		CHECK(!failed);
	}
	CHECK_EQ(nova_va_heap_available(heap), 64 * PAGE);
	nova_va_heap_destroy(heap);
}

static const struct check_case cases[] = {
	CHECK_CASE(create_refuses_bad_ranges),
	CHECK_CASE(alloc_takes_lowest_and_aligns),
	CHECK_CASE(alloc_refuses),
	CHECK_CASE(alloc_at_takes_exactly_that),
	CHECK_CASE(free_joins_neighbours),
	CHECK_CASE(free_refuses_what_is_free),
	CHECK_CASE(random_load_agrees_with_a_bitmap),
	CHECK_CASE(threads_do_not_disturb_each_other),
};

CHECK_MAIN(cases)
