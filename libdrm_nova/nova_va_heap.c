// SPDX-License-Identifier: MIT

/**
 * DOC: GPU addresses
 *
 * Hands out ranges of GPU addresses. What is free is kept as holes in an array
 * sorted by address; what is taken is not kept at all, so a range may be given
 * back in other pieces than it was taken in.
 *
 * Invariant: holes are not empty, ascend, and do not touch each other; they lie
 * within [start, end). Room for one more hole than there are is always there
 * before a hole is split, so nothing fails halfway.
 *
 * One mutex guards a heap. A search looks at every hole below the answer; with
 * the thousands of holes a client can have that is some microseconds.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nova_priv.h"

/* First capacity of the array of holes; it doubles from there. */
#define NOVA_VA_HEAP_MIN 16u

struct nova_va_hole {
	uint64_t start;
	uint64_t end;
};

/**
 * struct nova_va_heap - free ranges of GPU addresses
 */
struct nova_va_heap {
	/** @start: first address. */
	uint64_t start;
	/** @end: address behind the last. */
	uint64_t end;
	/** @lock: protects all below. */
	pthread_mutex_t lock;
	/** @holes: free ranges. */
	struct nova_va_hole *holes;
	/** @nr: number of holes. */
	size_t nr;
	/** @capacity: holes there is room for. */
	size_t capacity;
};

static int nova_va_heap_reserve(struct nova_va_heap *heap)
{
	size_t capacity = heap->capacity ? heap->capacity * 2 : NOVA_VA_HEAP_MIN;
	struct nova_va_hole *holes;

	if (heap->nr < heap->capacity)
		return 0;
	holes = realloc(heap->holes, capacity * sizeof(*holes));
	if (!holes)
		return -ENOMEM;
	heap->holes = holes;
	heap->capacity = capacity;
	return 0;
}

NOVA_EXPORT int nova_va_heap_create(uint64_t start, uint64_t size, struct nova_va_heap **out)
{
	struct nova_va_heap *heap;
	uint64_t end;
	int ret;

	if (!start || !size || __builtin_add_overflow(start, size, &end))
		return -EINVAL;
	heap = calloc(1, sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	ret = nova_va_heap_reserve(heap);
	if (!ret)
		ret = -pthread_mutex_init(&heap->lock, NULL);
	if (ret) {
		free(heap->holes);
		free(heap);
		return ret;
	}
	heap->start = start;
	heap->end = end;
	heap->holes[heap->nr++] = (struct nova_va_hole){ start, end };
	*out = heap;
	return 0;
}

NOVA_EXPORT void nova_va_heap_destroy(struct nova_va_heap *heap)
{
	if (!heap)
		return;
	pthread_mutex_destroy(&heap->lock);
	free(heap->holes);
	free(heap);
}

/* Index of the first hole that ends above @va, or the number of holes. */
static size_t nova_va_heap_find(const struct nova_va_heap *heap, uint64_t va)
{
	size_t first = 0, end = heap->nr;

	while (first < end) {
		size_t mid = first + (end - first) / 2;

		if (heap->holes[mid].end > va)
			end = mid;
		else
			first = mid + 1;
	}
	return first;
}

static void nova_va_heap_insert(struct nova_va_heap *heap, size_t i, struct nova_va_hole hole)
{
	memmove(heap->holes + i + 1, heap->holes + i, (heap->nr - i) * sizeof(hole));
	heap->holes[i] = hole;
	heap->nr++;
}

static void nova_va_heap_remove(struct nova_va_heap *heap, size_t i)
{
	heap->nr--;
	memmove(heap->holes + i, heap->holes + i + 1, (heap->nr - i) * sizeof(*heap->holes));
}

/* Takes [@start, @end) out of hole @i, which contains it. */
static int nova_va_heap_take(struct nova_va_heap *heap, size_t i, uint64_t start, uint64_t end)
{
	struct nova_va_hole *hole = &heap->holes[i];
	struct nova_va_hole rest = { end, hole->end };

	if (hole->start == start && hole->end == end) {
		nova_va_heap_remove(heap, i);
	} else if (hole->start == start) {
		hole->start = end;
	} else if (hole->end == end) {
		hole->end = start;
	} else {
		if (nova_va_heap_reserve(heap))
			return -ENOMEM;
		heap->holes[i].end = start;
		nova_va_heap_insert(heap, i + 1, rest);
	}
	return 0;
}

/* Lowest aligned address in @hole with room for @size. */
static bool nova_va_hole_fits(const struct nova_va_hole *hole, uint64_t size, uint64_t align,
			      uint64_t *va)
{
	uint64_t start;

	if (__builtin_add_overflow(hole->start, align - 1, &start))
		return false;
	start &= ~(align - 1);
	if (start >= hole->end || size > hole->end - start)
		return false;
	*va = start;
	return true;
}

NOVA_EXPORT int nova_va_heap_alloc(struct nova_va_heap *heap, uint64_t size, uint64_t align,
				   uint64_t *va)
{
	uint64_t start;
	int ret = -ENOSPC;
	size_t i;

	if (!size || !align || (align & (align - 1)))
		return -EINVAL;
	pthread_mutex_lock(&heap->lock);
	for (i = 0; i < heap->nr; i++) {
		if (!nova_va_hole_fits(&heap->holes[i], size, align, &start))
			continue;
		ret = nova_va_heap_take(heap, i, start, start + size);
		if (!ret)
			*va = start;
		break;
	}
	pthread_mutex_unlock(&heap->lock);
	return ret;
}

/* End of [@va, @va + @size), or 0 if that is not a part of the heap. */
static uint64_t nova_va_heap_end(const struct nova_va_heap *heap, uint64_t va, uint64_t size)
{
	uint64_t end;

	if (!size || va < heap->start || __builtin_add_overflow(va, size, &end) || end > heap->end)
		return 0;
	return end;
}

NOVA_EXPORT int nova_va_heap_alloc_at(struct nova_va_heap *heap, uint64_t va, uint64_t size)
{
	uint64_t end = nova_va_heap_end(heap, va, size);
	int ret = -ENOSPC;
	size_t i;

	if (!end)
		return -EINVAL;
	pthread_mutex_lock(&heap->lock);
	i = nova_va_heap_find(heap, va);
	if (i < heap->nr && heap->holes[i].start <= va && heap->holes[i].end >= end)
		ret = nova_va_heap_take(heap, i, va, end);
	pthread_mutex_unlock(&heap->lock);
	return ret;
}

/* Adds [@start, @end) as hole @i or to its neighbours. */
static int nova_va_heap_give(struct nova_va_heap *heap, size_t i, uint64_t start, uint64_t end)
{
	bool below = i > 0 && heap->holes[i - 1].end == start;
	bool above = i < heap->nr && heap->holes[i].start == end;

	if (below && above) {
		heap->holes[i - 1].end = heap->holes[i].end;
		nova_va_heap_remove(heap, i);
	} else if (below) {
		heap->holes[i - 1].end = end;
	} else if (above) {
		heap->holes[i].start = start;
	} else {
		if (nova_va_heap_reserve(heap))
			return -ENOMEM;
		nova_va_heap_insert(heap, i, (struct nova_va_hole){ start, end });
	}
	return 0;
}

NOVA_EXPORT int nova_va_heap_free(struct nova_va_heap *heap, uint64_t va, uint64_t size)
{
	uint64_t end = nova_va_heap_end(heap, va, size);
	int ret = -EINVAL;
	size_t i;

	if (!end)
		return -EINVAL;
	pthread_mutex_lock(&heap->lock);
	i = nova_va_heap_find(heap, va);
	if (i == heap->nr || heap->holes[i].start >= end)
		ret = nova_va_heap_give(heap, i, va, end);
	pthread_mutex_unlock(&heap->lock);
	return ret;
}

NOVA_EXPORT uint64_t nova_va_heap_available(struct nova_va_heap *heap)
{
	uint64_t sum = 0;
	size_t i;

	pthread_mutex_lock(&heap->lock);
	for (i = 0; i < heap->nr; i++)
		sum += heap->holes[i].end - heap->holes[i].start;
	pthread_mutex_unlock(&heap->lock);
	return sum;
}
