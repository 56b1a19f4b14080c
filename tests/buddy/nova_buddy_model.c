// SPDX-License-Identifier: MIT
/*
 * Random test of the buddy allocator against a plain bitmap.
 *
 * One byte a chunk says used, free or free and zero; every answer of the allocator is judged by
 * scanning it, every operation, or burst of requests of one size, is followed by
 * nova_buddy_verify(). The operations come from a byte stream, so that the same code serves as a
 * seeded stress test, as a fuzz target and, for a stream that failed, as its own reproducer.
 *
 * A chunk of the model may be many of the pool's, for large orders; or the model is of a window of
 * a pool so large that it gets its metadata in pieces, the rest of which is taken at the beginning.
 */

#include "nova_buddy_model.h"

#include "nova_buddy.h"

#include "nova_shim.h"
#include "nova_shim_fail.h"

#define MODEL_ALLOCS	64
#define MODEL_CHUNKS	2048
#define MODEL_BURST	128
#define MODEL_STREAK	16	/* requests of one size after which the lowest address is served */

enum { USED, DIRTY, ZERO };

struct model {
	struct nova_buddy b;
	u64 base, chunk, nr;	/* chunk: what the model counts in, maybe many of the pool's */
	unsigned int scaled;	/* log2 of the pool's chunks in one of the model */
	bool vouch;		/* memory is sometimes freed as zero */
	u64 misuse;		/* frees that were to be refused */
	struct nova_buddy_alloc before, behind;	/* the window */
	u8 state[MODEL_CHUNKS];
	struct nova_buddy_alloc alloc[MODEL_ALLOCS];
	const u8 *data, *end;
	bool trace;
};

#define CHECK(m, cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: %s\n", __func__, __LINE__, #cond); \
			abort(); \
		} \
	} while (0)

static unsigned int take(struct model *m, unsigned int below)
{
	unsigned int v = 0, i;

	for (i = 0; i < 2; i++)
		v = v << 8 | (m->data < m->end ? *m->data++ : 0);
	return below ? v % below : 0;
}

static u64 chunk_of(const struct model *m, u64 addr)
{
	return (addr - m->base) / m->chunk;
}

/* Longest run the model could give to an aligned contiguous request of @nr chunks, or not. */
static bool model_has_run(const struct model *m, u64 nr, u64 align, u64 first, u64 end)
{
	u64 i, run = 0;

	/* from the top: run is the number of free chunks from i on */
	for (i = end; i-- > first; ) {
		run = m->state[i] == USED ? 0 : run + 1;
		if (run >= nr && !((m->base / m->chunk + i) % align))
			return true;
	}
	return false;
}

/* Whether extents that start aligned can add up to @nr chunks. */
static bool model_has_blocks(const struct model *m, u64 nr, u64 align, u64 first, u64 end)
{
	u64 start = align - 1 - (m->base / m->chunk + first + align - 1) % align + first;
	u64 whole = 0, tail = nr % align, tails = 0, i, k;

	for (i = start; i < end; i += align) {
		for (k = 0; k < align && i + k < end && m->state[i + k] != USED; k++)
			;
		whole += k == align;
		tails += tail && k >= tail;
	}
	/* a place for the tail that is also a whole block serves only once */
	return whole >= nr / align && (!tail || tails > nr / align);
}

static void model_judge_failure(struct model *m, const struct nova_buddy_req *req, u64 nr,
				int ret)
{
	u64 align = (req->min_block ?: m->chunk) / m->chunk;
	u64 first = req->mode == NOVA_BUDDY_RANGE ? chunk_of(m, req->start) : 0;
	u64 end = req->mode == NOVA_BUDDY_RANGE ? min(chunk_of(m, req->end), m->nr) : m->nr;

	CHECK(m, ret == -ENOSPC || ret == -EINVAL || (ret == -ENOMEM && nova_shim_fail_after < 0));
	if (ret != -ENOSPC)
		return;
	if (req->flags & NOVA_BUDDY_CONTIGUOUS)
		CHECK(m, !model_has_run(m, nr, align, first, end));
	else
		CHECK(m, !model_has_blocks(m, nr, align, first, end));
}

static void model_judge_extents(struct model *m, const struct nova_buddy_req *req,
				const struct nova_buddy_alloc *out, u64 nr)
{
	u64 min_block = req->min_block ?: m->chunk, sum = 0, last = 0, i;
	const struct nova_buddy_extent *ext;
	unsigned int seen = 0, odd = 0;

	nova_buddy_for_each_extent(ext, out) {
		bool zero = true;

		CHECK(m, ext->addr >= m->base && ext->len && ext->len <= m->nr * m->chunk &&
			 ext->addr - m->base <= m->nr * m->chunk - ext->len);
		CHECK(m, !(ext->addr % min_block) && (!seen || ext->addr >= last));
		CHECK(m, req->mode != NOVA_BUDDY_RANGE ||
			 (ext->addr >= req->start && ext->addr + ext->len <= req->end));
		odd += ext->len % min_block != 0;
		for (i = chunk_of(m, ext->addr); i < chunk_of(m, ext->addr + ext->len); i++) {
			CHECK(m, m->state[i] != USED);
			zero &= m->state[i] == ZERO;
			m->state[i] = USED;
		}
		CHECK(m, ext->cleared == zero || (zero && out->nr > 1));
		CHECK(m, !ext->cleared || zero);
		last = ext->addr + ext->len;
		sum += ext->len;
		seen++;
	}
	CHECK(m, seen == out->nr && sum == nova_buddy_size(out) && sum == nr * m->chunk && odd <= 1);
	CHECK(m, !(req->flags & NOVA_BUDDY_CONTIGUOUS) || seen == 1);
}

static void model_alloc(struct model *m, struct nova_buddy_alloc *out)
{
	struct nova_buddy_req req = { .mode = take(m, 3), .flags = take(m, 8) };
	u64 nr, min_block;
	int ret;

	req.size = m->chunk * (take(m, 4) ? 1 + take(m, 40) : 1ull << take(m, 11));
	min_block = m->chunk << (take(m, 3) ? take(m, 4) : take(m, 10));
	req.min_block = take(m, 4) ? min_block : m->scaled ? m->chunk : 0;
	if (req.mode == NOVA_BUDDY_RANGE) {
		req.start = m->base + m->chunk * take(m, m->nr);
		req.end = req.start + m->chunk * (1 + take(m, m->nr));
		if (!take(m, 4))
			req.end = req.start + req.size;
	}
	nr = req.size / m->chunk;
	min_block = req.min_block ?: m->chunk;
	if (req.flags & NOVA_BUDDY_TRIM_DISABLE)
		nr = round_up(req.size, min_block) / m->chunk;
	nova_shim_fail_after = take(m, 16) ? -1 : take(m, 3);
	ret = nova_buddy_alloc(&m->b, &req, out);
	if (m->trace)
		printf("alloc size %#llx min %#llx [%#llx, %#llx) mode %d flags %u: %d, nr %u\n",
		       req.size, req.min_block, req.start, req.end, req.mode, req.flags, ret, out->nr);
	if (ret) {
		CHECK(m, !out->nr && !nova_buddy_size(out));
		model_judge_failure(m, &req, nr, ret);
	} else {
		model_judge_extents(m, &req, out, nr);
	}
	nova_shim_fail_after = -1;
}

/* Marks bytes [off, off + len) of @alloc free. */
static void model_free(struct model *m, const struct nova_buddy_alloc *alloc, u64 off, u64 len,
		       bool zero)
{
	const struct nova_buddy_extent *ext;
	u64 at = 0, i;

	nova_buddy_for_each_extent(ext, alloc) {
		for (i = 0; i < ext->len; i += m->chunk, at += m->chunk)
			if (at >= off && at < off + len)
				m->state[chunk_of(m, ext->addr + i)] = zero ? ZERO : DIRTY;
	}
}

static void model_cut(struct model *m, struct nova_buddy_alloc *alloc, bool trim)
{
	u64 chunks = nova_buddy_size(alloc) / m->chunk;
	u64 off = m->chunk * take(m, chunks), len = m->chunk * (1 + take(m, chunks));
	u64 size = nova_buddy_size(alloc);
	bool zero = take(m, 2) && m->vouch;
	struct nova_buddy_alloc before = *alloc, copy = {};
	bool good = len <= size - off;
	int ret;

	if (alloc->cap) {
		copy.heap = malloc(alloc->nr * sizeof(*copy.heap));
		memcpy(copy.heap, alloc->heap, alloc->nr * sizeof(*copy.heap));
		before.heap = copy.heap;
	}
	nova_shim_fail_after = take(m, 4) ? -1 : 0;
	ret = trim ? nova_buddy_trim(&m->b, alloc, off, len, zero) :
		     nova_buddy_free_part(&m->b, alloc, off, len, zero);
	if (m->trace)
		printf("%s %#llx+%#llx of %#llx: %d\n", trim ? "trim" : "part", off, len, size, ret);
	CHECK(m, good ? !ret || (ret == -ENOMEM && nova_shim_fail_after < 0) : ret == -EINVAL);
	nova_shim_fail_after = -1;
	if (!ret && trim) {
		model_free(m, &before, 0, off, zero);
		model_free(m, &before, off + len, size - off - len, zero);
	} else if (!ret) {
		model_free(m, &before, off, len, zero);
	}
	CHECK(m, nova_buddy_size(alloc) == (ret ? size : trim ? len : size - len));
	free(copy.heap);
}

static void model_compare(struct model *m)
{
	struct nova_buddy_stats stats;
	u64 i, avail = 0, zero = 0, run = 0, best = 0;

	for (i = 0; i < m->nr; i++) {
		avail += m->state[i] != USED;
		zero += m->state[i] == ZERO;
		run = m->state[i] == USED ? 0 : run + 1;
		best = max(best, run);
	}
	nova_buddy_stats(&m->b, &stats);
	CHECK(m, stats.avail == avail * m->chunk && stats.clear == zero * m->chunk);
	CHECK(m, stats.largest_free <= best * m->chunk && stats.misuse == m->misuse);
	CHECK(m, nova_buddy_largest_run(&m->b) == best * m->chunk);
	CHECK(m, !nova_buddy_verify(&m->b));
}

/* The lowest aligned place of @nr chunks. */
static u64 model_lowest(const struct model *m, u64 nr)
{
	u64 i, k;

	for (i = 0; i + nr <= m->nr; i++) {
		for (k = 0; k < nr && m->state[i + k] != USED; k++)
			;
		if (k == nr && !((m->base / m->chunk + i) % nr))
			return m->base + i * m->chunk;
	}
	return U64_MAX;
}

/* A request of a burst; true: there was room. */
static bool model_burst_alloc(struct model *m, const struct nova_buddy_req *req,
			      struct nova_buddy_alloc *out, unsigned int same)
{
	u64 lowest = model_lowest(m, req->size / m->chunk);
	int ret = nova_buddy_alloc(&m->b, req, out);

	if (ret) {
		model_judge_failure(m, req, req->size / m->chunk, ret);
		return false;
	}
	CHECK(m, same < MODEL_STREAK || m->b.clear || m->b.lazy ||
		 nova_buddy_extents(out)->addr == lowest || lowest == U64_MAX);
	model_judge_extents(m, req, out, req->size / m->chunk);
	return true;
}

static void model_burst_free(struct model *m, struct nova_buddy_alloc *alloc)
{
	model_free(m, alloc, 0, nova_buddy_size(alloc), false);
	nova_buddy_free(&m->b, alloc, false);
}

/* One size again and again, and nothing in between that would look at the whole pool. */
static void model_burst(struct model *m)
{
	struct nova_buddy_req req = { .size = m->chunk << take(m, 7) };
	struct nova_buddy_alloc held[MODEL_BURST];
	unsigned int steps, same = 0, nr = 0, i;
	bool down = false;

	for (steps = 64 + take(m, 448); steps && m->data < m->end; steps--) {
		down ^= !take(m, 64);
		if (down && nr) {
			i = take(m, 16) ? nr - 1 : take(m, nr);
			model_burst_free(m, &held[i]);
			held[i] = held[--nr];
		} else if (nr < MODEL_BURST) {
			nr += model_burst_alloc(m, &req, &held[nr], same++);
		}
	}
	if (m->trace)
		printf("burst of %#llx: %u requests\n", req.size, same);
	while (nr)
		model_burst_free(m, &held[--nr]);
}

/* Frees what is not allocated, or not all of it: the same twice, or what a unit or a part is of. */
static void model_misuse(struct model *m)
{
	unsigned int shift = take(m, 12), i = take(m, m->nr);
	u64 nr = 1ull << shift, first = round_down(m->base / m->chunk + i, nr) - m->base / m->chunk;
	struct nova_buddy_alloc alloc = { .nr = 1 };
	bool zero = take(m, 2) && m->vouch, used = true;
	u64 k;

	if (!take(m, 4))
		nr = 1 + take(m, nr);
	if (first >= m->nr || nr > m->nr - first)
		return;
	for (k = first; k < first + nr; k++)
		used &= m->state[k] == USED;
	if (used)
		return;
	alloc.local[0] = (struct nova_buddy_extent){
		.addr = m->base + first * m->chunk, .len = nr * m->chunk,
	};
	if (m->trace)
		printf("misuse %#llx+%#llx\n", alloc.local[0].addr, alloc.local[0].len);
	if (take(m, 2))
		nova_buddy_free(&m->b, &alloc, zero);
	else
		CHECK(m, nova_buddy_free_part(&m->b, &alloc, 0, nr * m->chunk, zero) == -EINVAL);
	m->misuse++;
}

static void model_step(struct model *m)
{
	struct nova_buddy_alloc *alloc = &m->alloc[take(m, MODEL_ALLOCS)];
	unsigned int op = take(m, 16);
	bool zero = take(m, 2) && m->vouch;
	u64 i;

	if (op == 15 && !take(m, 64)) {
		nova_buddy_forget_clear(&m->b);
		for (i = 0; i < m->nr; i++)
			m->state[i] = m->state[i] == ZERO ? DIRTY : m->state[i];
	} else if (op == 14 && !take(m, 8)) {
		model_burst(m);
	} else if (op == 13 && !take(m, 4)) {
		model_misuse(m);
	} else if (!alloc->nr) {
		model_alloc(m, alloc);
	} else if (op < 4) {
		model_cut(m, alloc, op & 1);
	} else {
		if (m->trace)
			printf("free %#llx, zero %d\n", nova_buddy_size(alloc), zero);
		model_free(m, alloc, 0, nova_buddy_size(alloc), zero);
		nova_buddy_free(&m->b, alloc, zero);
	}
}

static void model_init(struct model *m)
{
	const u64 behind = m->scaled || take(m, 4) ? 0 : m->chunk << 29;
	const u64 end = m->base + m->nr * m->chunk;
	struct nova_buddy_cfg cfg = {
		.base_offset = behind ? 0 : m->base,
		.size = behind ? end + behind : m->nr * m->chunk + take(m, 4096),
		.chunk_size = m->scaled ? m->chunk >> m->scaled : m->chunk,
	};

	if (m->trace)
		printf("pool %#llx+%#llx, %llu chunks of %#llx at %#llx\n", cfg.base_offset,
		       cfg.size, m->nr, m->chunk, m->base);
	CHECK(m, !nova_buddy_init(&m->b, &cfg));
	if (!behind)
		return;
	CHECK(m, m->b.lazy);
	CHECK(m, !m->base || !nova_buddy_reserve(&m->b, 0, m->base, &m->before));
	CHECK(m, !nova_buddy_reserve(&m->b, end, behind, &m->behind));
}

/**
 * model_run() - do what a byte stream says
 * @data: the stream: pool geometry, then operations
 * @size: its bytes
 * @trace: print each operation
 *
 * Aborts at the first disagreement.
 *
 * Return: number of operations done.
 */
unsigned long model_run(const u8 *data, size_t size, bool trace)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned long ops = 0;
	unsigned int i;

	m->data = data;
	m->end = data + size;
	m->trace = trace;
	m->chunk = 4096ull << take(m, 3) * 4;
	m->scaled = take(m, 3) ? 0 : 1 + take(m, 20);
	m->vouch = take(m, 2);
	m->chunk <<= m->scaled;
	m->nr = 1 + take(m, take(m, 2) ? 200 : MODEL_CHUNKS);
	m->base = take(m, 3) ? m->chunk * take(m, 0xffff) :
			       round_up((take(m, 4) + 1ull) << 40, m->chunk);
	if (!take(m, 4))
		m->base -= m->chunk * min(m->base / m->chunk, take(m, 64));
	for (i = 0; i < m->nr; i++)
		m->state[i] = DIRTY;
	model_init(m);
	model_compare(m);
	for (; m->data < m->end; ops++) {
		model_step(m);
		model_compare(m);
	}
	for (i = 0; i < MODEL_ALLOCS; i++)
		nova_buddy_free(&m->b, &m->alloc[i], false);
	CHECK(m, !nova_buddy_verify(&m->b) && nova_buddy_avail(&m->b) == m->nr * m->chunk);
	nova_buddy_free(&m->b, &m->before, false);
	nova_buddy_free(&m->b, &m->behind, false);
	CHECK(m, !nova_buddy_verify(&m->b));
	nova_buddy_fini(&m->b);
	free(m);
	return ops;
}
