// SPDX-License-Identifier: MIT
/*
 * Fuzz target of libdrm_nova's address heap: an input is a heap anywhere in 64 bits, of up to 512
 * units of any power of two, and what is taken and given back, by units or by bytes that mean
 * nothing.
 *
 * One byte a unit says whether it is taken. Every answer and every refusal agrees with those: what
 * is handed out was free, is aligned, is the lowest that fits; what was taken is not handed out
 * again; whatever cannot be is refused and changes nothing. In the end all is given back, the heap
 * says that it is whole, and it is.
 */

#include "nova.h"

#include "fuzz.h"

#include <errno.h>
#include <string.h>

#define UNITS	512u

struct model {
	struct nova_va_heap *heap;
	uint64_t start;
	unsigned int unit_lg2, nr, nr_taken;
	bool taken[UNITS];
};

static bool is_all(const struct model *m, unsigned int first, unsigned int nr, bool taken)
{
	for (; nr; nr--, first++)
		if (m->taken[first] != taken)
			return false;
	return true;
}

static void set(struct model *m, unsigned int first, unsigned int nr, bool taken)
{
	m->nr_taken += taken ? nr : -nr;
	memset(m->taken + first, taken, nr);
}

static uint64_t place(const struct model *m, unsigned int unit)
{
	return m->start + ((uint64_t)unit << m->unit_lg2);
}

/* The lowest place with room, or the end. */
static unsigned int find(const struct model *m, unsigned int nr, uint64_t align)
{
	unsigned int i;

	for (i = 0; i + nr <= m->nr; i++)
		if (!(place(m, i) & (align - 1)) && is_all(m, i, nr, false))
			return i;
	return m->nr;
}

static void alloc(struct model *m, struct fuzz_input *in)
{
	unsigned int nr = 1 + fuzz_below(in, m->nr + 8), sel = fuzz_take(in, 1), want;
	/* Below a unit every unit is aligned; far above it, nearly none. */
	uint64_t align = 1ull << (sel & 0x80 ? sel % 64 : (m->unit_lg2 + sel % 8) % 64);
	uint64_t va = 42;
	int ret;

	if (nr > m->nr / 4 && sel & 0x40)
		nr = 1 + nr % 8;
	ret = nova_va_heap_alloc(m->heap, (uint64_t)nr << m->unit_lg2, align, &va);
	want = find(m, nr, align);
	fuzz_check(ret == (want < m->nr ? 0 : -ENOSPC));
	fuzz_check(va == (ret ? 42 : place(m, want)));
	if (!ret)
		set(m, want, nr, true);
}

static void range(struct model *m, struct fuzz_input *in, bool taking)
{
	unsigned int first = fuzz_below(in, m->nr), nr = 1 + fuzz_take(in, 1) % 32;
	uint64_t va = place(m, first), size = (uint64_t)nr << m->unit_lg2;
	bool inside = nr <= m->nr - first, good = inside && is_all(m, first, nr, !taking);
	int ret;

	if (taking) {
		ret = nova_va_heap_alloc_at(m->heap, va, size);
		fuzz_check(ret == (good ? 0 : inside ? -ENOSPC : -EINVAL));
	} else {
		ret = nova_va_heap_free(m->heap, va, size);
		fuzz_check(ret == (good ? 0 : -EINVAL));
	}
	if (!ret)
		set(m, first, nr, taking);
}

/* Arguments no heap may take, whatever is free. */
static void nonsense(struct model *m, struct fuzz_input *in)
{
	uint64_t end = place(m, m->nr), a = fuzz_take(in, 8), va = 42;
	uint64_t size = end - m->start;

	fuzz_check(nova_va_heap_alloc(m->heap, 0, 1, &va) == -EINVAL);
	fuzz_check(nova_va_heap_alloc(m->heap, size, a | 3, &va) == -EINVAL);
	fuzz_check(nova_va_heap_alloc(m->heap, size + 1 + a % -(size + 1), 1, &va) == -ENOSPC);
	fuzz_check(va == 42);
	a %= m->start;
	fuzz_check(nova_va_heap_alloc_at(m->heap, a, m->start - a + 1) == -EINVAL);
	fuzz_check(nova_va_heap_free(m->heap, a, -a) == -EINVAL);
	fuzz_check(nova_va_heap_alloc_at(m->heap, end, 1) == -EINVAL);
	fuzz_check(nova_va_heap_free(m->heap, end - 1, 2) == -EINVAL);
	fuzz_check(nova_va_heap_free(m->heap, m->start, 0) == -EINVAL);
	fuzz_check(nova_va_heap_alloc_at(m->heap, m->start, ~0ull - fuzz_take(in, 1)) == -EINVAL);
}

static void give_back(struct model *m)
{
	uint64_t va = 0, size = (uint64_t)m->nr << m->unit_lg2;
	unsigned int i, nr;

	for (i = 0; i < m->nr; i += nr) {
		for (nr = 1; i + nr < m->nr && m->taken[i + nr] == m->taken[i]; nr++)
			;
		if (m->taken[i])
			fuzz_check(!nova_va_heap_free(m->heap, place(m, i),
						      (uint64_t)nr << m->unit_lg2));
	}
	fuzz_check(nova_va_heap_available(m->heap) == size);
	fuzz_check(!nova_va_heap_alloc(m->heap, size, 1, &va) && va == m->start);
	fuzz_check(!nova_va_heap_available(m->heap));
}

/* At the bottom, at the top, or anywhere. */
static bool create(struct model *m, struct fuzz_input *in)
{
	uint64_t size, sel = fuzz_take(in, 1), end;
	int ret;

	m->nr = 1 + fuzz_below(in, UNITS);
	/* UNITS of the largest are 2^63 bytes. */
	m->unit_lg2 = fuzz_take(in, 1) % 55;
	size = (uint64_t)m->nr << m->unit_lg2;
	m->start = fuzz_take(in, 8) >> m->unit_lg2 << m->unit_lg2;
	if (sel < 0x60)
		m->start = sel << m->unit_lg2;
	else if (sel < 0xa0)
		m->start = -size - (sel % 2 << m->unit_lg2);
	ret = nova_va_heap_create(m->start, size, &m->heap);
	/* An end of 2^64 is none. */
	fuzz_check(ret == (!m->start || __builtin_add_overflow(m->start, size, &end) ?
			   -EINVAL : 0));
	return !ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	struct model m = { 0 };

	if (!create(&m, &in))
		return 0;
	while (in.len) {
		unsigned int sel = fuzz_take(&in, 1);

		if (sel < 0x50)
			alloc(&m, &in);
		else if (sel < 0xfc)
			range(&m, &in, sel < 0xa0);
		else
			nonsense(&m, &in);
		fuzz_check(nova_va_heap_available(m.heap) ==
			   (uint64_t)(m.nr - m.nr_taken) << m.unit_lg2);
	}
	give_back(&m);
	nova_va_heap_destroy(m.heap);
	return 0;
}
