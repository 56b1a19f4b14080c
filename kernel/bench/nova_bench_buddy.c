// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmark of the buddy allocator
 *
 * Each row is a load that our allocator and the kernel's gpu_buddy serve in turns. Most are traces
 * of nova_buddy_trace.c, drawn beforehand: what is timed is the calls and the list they come from.
 * Filling the pool is not timed.
 *
 * Quality of a row: how many calls failed, how many pieces an allocation came in, how many aligned
 * 2 MiB blocks were left whole at the end, and how much of what was wanted clear was clear.
 *
 * Single calls are timed in repetitions of their own, see nova_buddy_report.h.
 *
 * Units: bytes, nanoseconds. Locking: each pool's own, see nova_buddy_pools.h.
 */

#include "nova_buddy_pools.h"
#include "nova_buddy_report.h"
#include "nova_buddy_trace.h"

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#define GIB	(1ull << 30)
#define MIB	(1ull << 20)
#define RUNS	64u
#define NR_SLOTS	(NOVA_TRACE_SLOTS + RUNS)
#define TIMED_REPS	3

/* What one row is made of. */
struct row {
	const char *name;
	struct nova_load load;
	u64 goal;		/* thousandths */
	void (*draw)(struct nova_trace *trace, const struct nova_load *load);
	void (*run)(const struct row *t, enum nova_pool_kind kind);
	bool quality;		/* report 2 MiB blocks */
	bool exact;		/* a slot is a place */
	enum nova_buddy_mode mode;
	u64 start, end;		/* window */
	u64 size;		/* of what is asked for when the trace is played, bytes */
	u64 min_block;
	unsigned int flags;
};

/* What a run of it gave. */
struct result {
	u64 ns;			/* timed part */
	u64 ops;		/* calls in it */
	u64 failed;
	u64 pieces;
	u64 allocs;
	u64 free_2m;
	u64 clear_wanted;	/* bytes */
	u64 clear_got;
};

/* One run at a time: the state of it. */
static struct {
	struct nova_pool pool;
	struct nova_pool_slot *slots;
	struct nova_trace trace;
	struct nova_calls *calls;	/* single calls are timed */
	struct result res;
} bench;

static struct nova_bench_hist bench_hist;
static struct nova_calls bench_calls;
static u64 bench_worst[2];

/* @calls: bench.calls */
static __always_inline int bench_alloc(struct nova_calls *calls, enum nova_pool_kind kind,
				       const struct nova_buddy_req *req,
				       struct nova_pool_slot *slot)
{
	u64 start;
	int ret;

	if (!calls)
		return nova_pool_alloc(&bench.pool, kind, req, slot);
	start = nova_bench_cycles();
	ret = nova_pool_alloc(&bench.pool, kind, req, slot);
	nova_calls_add(calls, start);
	return ret;
}

static __always_inline void bench_free(struct nova_calls *calls, enum nova_pool_kind kind,
				       struct nova_pool_slot *slot, bool cleared)
{
	u64 start = calls ? nova_bench_cycles() : 0;

	nova_pool_free(&bench.pool, kind, slot, cleared);
	if (calls)
		nova_calls_add(calls, start);
}

/* Figures of an allocation that cost time to gather: not while the row is timed. */
static noinline void bench_judge(const struct nova_buddy_req *req, struct nova_pool_slot *slot)
{
	bench.res.allocs++;
	bench.res.pieces += nova_pool_pieces(&bench.pool, slot);
	if (req->flags & NOVA_BUDDY_CLEAR) {
		bench.res.clear_wanted += req->size;
		bench.res.clear_got += nova_pool_cleared(&bench.pool, slot);
	}
}

/*
 * The slots are fetched some steps ahead: who frees memory has his own object at hand, and what it
 * costs to find it is not to be measured.
 */
static __always_inline void bench_play(const struct row *t, enum nova_pool_kind kind,
				       const struct nova_step *step, const struct nova_step *end)
{
	struct nova_buddy_req req = { .mode = t->mode, .start = t->start, .end = t->end };
	struct nova_pool_slot *const slots = bench.slots;
	struct nova_calls *const calls = bench.calls;
	const bool exact = t->exact;

	for (; step < end; step++) {
		struct nova_pool_slot *slot = &slots[step->slot];

		prefetch(&slots[step[NOVA_TRACE_AHEAD].slot]);
		if (!step->lg2) {
			bench_free(calls, kind, slot, step->clear);
			continue;
		}
		req.size = 1ull << step->lg2;
		req.flags = step->clear ? NOVA_BUDDY_CLEAR : 0;
		if (exact) {
			req.start = (u64)step->slot << step->lg2;
			req.end = req.start + req.size;
		}
		if (bench_alloc(calls, kind, &req, slot))
			bench.res.failed++;
		else if (calls)
			bench_judge(&req, slot);
	}
}

/* Fills as the trace does, and judges and times what follows. */
static __always_inline void run_trace(const struct row *t, enum nova_pool_kind kind)
{
	const struct nova_trace *trace = &bench.trace;
	const struct nova_step *begin = trace->steps + trace->begin;
	u64 start;

	bench_play(t, kind, trace->steps, begin);
	memset(&bench.res, 0, sizeof(bench.res));
	if (bench.calls)
		bench.calls->nr = 0;
	start = ktime_get_ns();
	bench_play(t, kind, begin, trace->steps + trace->nr);
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = trace->nr - trace->begin;
}

static __always_inline void run_pair(const struct row *t, enum nova_pool_kind kind)
{
	const struct nova_buddy_req req = { .size = t->size };
	unsigned int i;
	u64 start;

	start = ktime_get_ns();
	for (i = 0; i < t->load.ops / 2; i++) {
		bench_alloc(bench.calls, kind, &req, &bench.slots[0]);
		bench_free(bench.calls, kind, &bench.slots[0], false);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = t->load.ops;
}

/* 4096 in, and backwards out, again and again. */
static __always_inline void run_batch(const struct row *t, enum nova_pool_kind kind)
{
	const struct nova_buddy_req req = { .size = t->size };
	unsigned int i, k;
	u64 start;

	start = ktime_get_ns();
	for (i = 0; i < t->load.ops; i += 2 * 4096) {
		for (k = 0; k < 4096; k++)
			bench_alloc(bench.calls, kind, &req, &bench.slots[k]);
		while (k--)
			bench_free(bench.calls, kind, &bench.slots[k], false);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = i;
}

/* A heap of mixed sizes, fragmented, in which contiguous runs come and go. */
static __always_inline void run_contig(const struct row *t, enum nova_pool_kind kind)
{
	const struct nova_buddy_req req = { .flags = NOVA_BUDDY_CONTIGUOUS, .size = t->size };
	struct nova_pool_slot *slots = bench.slots + NOVA_TRACE_SLOTS;
	unsigned int i;
	u64 start;

	bench_play(t, kind, bench.trace.steps, bench.trace.steps + bench.trace.nr);
	start = ktime_get_ns();
	for (i = 0; i < t->load.ops; ) {
		unsigned int nr = 0;

		while (nr < RUNS && !bench_alloc(bench.calls, kind, &req, &slots[nr]))
			nr++;
		bench.res.failed += nr < RUNS;
		for (i += nr + (nr < RUNS); nr--; i++)
			bench_free(bench.calls, kind, &slots[nr], false);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = i;
}

/* Every second block is free; what does not fit anywhere is asked for. */
static __always_inline void run_fail(const struct row *t, enum nova_pool_kind kind)
{
	const struct nova_buddy_req fill = { .size = 1ull << t->load.lo };
	const struct nova_buddy_req req = {
		.size = t->size, .flags = t->flags, .min_block = t->min_block,
	};
	unsigned int i, nr = t->load.pool >> t->load.lo;
	u64 start;

	for (i = 0; i < nr; i++)
		nova_pool_alloc(&bench.pool, kind, &fill, &bench.slots[i]);
	for (i = 0; i < nr; i += 2)
		nova_pool_free(&bench.pool, kind, &bench.slots[i], t->load.clear && i & 2);
	start = ktime_get_ns();
	for (i = 0; i < t->load.ops; i++)
		bench.res.failed += bench_alloc(bench.calls, kind, &req,
						&bench.slots[0]) == -ENOSPC;
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = t->load.ops;
}

#define RUN_BOTH(name) \
	static void run_##name##_of(const struct row *t, enum nova_pool_kind kind) \
	{ \
		if (kind == NOVA_POOL_OURS) \
			run_##name(t, NOVA_POOL_OURS); \
		else \
			run_##name(t, NOVA_POOL_PEER); \
	}

RUN_BOTH(trace)
RUN_BOTH(pair)
RUN_BOTH(batch)
RUN_BOTH(contig)
RUN_BOTH(fail)

/* pool, how much of it is kept allocated, steps, log2 of the smallest and largest size, draws */
static const struct row rows[] = {
	{ "pair_4k", { 8 * GIB, 0, 200000 }, 40000, .run = run_pair_of, .size = SZ_4K },
	{ "pair_2m", { 192 * GIB, 0, 200000 }, 30000, .run = run_pair_of, .size = SZ_2M },
	{ "random_4k", { 8 * GIB, 2 * GIB, 1000000, 12 }, 8000, nova_trace_random, run_trace_of,
	  .quality = true },
	{ "random_64k", { 8 * GIB, 8 * GIB, 1000000, 16 }, 5000, nova_trace_random, run_trace_of,
	  .quality = true },
	{ "random_2m", { 192 * GIB, 192 * GIB, 1000000, 21 }, 5000, nova_trace_random,
	  run_trace_of, .quality = true },
	{ "batch_4k", { 8 * GIB, 0, 500000 }, 3500, .run = run_batch_of, .size = SZ_4K },
	{ "mixed_8g", { 8 * GIB, 8 * GIB / 10 * 9, 200000, 12, 28, 1 }, 2500, nova_trace_steady,
	  run_trace_of, .quality = true },
	{ "mixed_192g", { 192 * GIB, 192 * GIB / 10 * 9, 200000, 12, 28, 1 }, 3000,
	  nova_trace_steady, run_trace_of, .quality = true },
	{ "small_8g", { 8 * GIB, 8 * GIB / 10 * 9, 1000000, 12, 19, 2 }, 5000, nova_trace_steady,
	  run_trace_of, .quality = true },
	{ "small_24g", { 24 * GIB, 24 * GIB / 10 * 9, 1000000, 12, 19, 2 }, 3500,
	  nova_trace_steady, run_trace_of, .quality = true },
	{ "topdown_mixed", { 8 * GIB, 8 * GIB / 10 * 9, 200000, 12, 28, 1 }, 3000,
	  nova_trace_steady, run_trace_of, .quality = true, .mode = NOVA_BUDDY_TOPDOWN },
	{ "window", { 192 * GIB, 192 * MIB, 50000, 12, 16, 1 }, 150000, nova_trace_steady,
	  run_trace_of, .mode = NOVA_BUDDY_RANGE, .end = 256 * MIB },
	{ "window_mid", { 8 * GIB, 768 * MIB, 20000, 12, 19, 2 }, 600000, nova_trace_steady,
	  run_trace_of, .mode = NOVA_BUDDY_RANGE, .start = 4 * GIB, .end = 5 * GIB },
	{ "fixed_2m", { 192 * GIB, 0, 200000, 21 }, 15000, nova_trace_fixed, run_trace_of,
	  .mode = NOVA_BUDDY_RANGE, .exact = true },
	{ "fixed_64k", { 8 * GIB, 0, 200000, 16 }, 15000, nova_trace_fixed, run_trace_of,
	  .mode = NOVA_BUDDY_RANGE, .exact = true },
	{ "contig_64k", { 8 * GIB, 8 * GIB / 10 * 6, 200000, 12, 24, 1 }, 2500, nova_trace_heap,
	  run_contig_of, .size = SZ_64K },
	{ "contig_192k", { 8 * GIB, 8 * GIB / 10 * 6, 200000, 12, 24, 1 }, 5000, nova_trace_heap,
	  run_contig_of, .size = 3 * SZ_64K },
	{ "contig_fail", { 192 * GIB, 0, 3, 21 }, 190000, .run = run_fail_of, .size = 3 * SZ_1M,
	  .min_block = SZ_4K, .flags = NOVA_BUDDY_CONTIGUOUS },
	{ "clear_mixed", { 8 * GIB, 8 * GIB / 10 * 9, 200000, 12, 28, 1, true }, 2000,
	  nova_trace_steady, run_trace_of, .quality = true },
	{ "clear_small", { 8 * GIB, 8 * GIB / 10 * 9, 1000000, 12, 19, 2, true }, 4000,
	  nova_trace_steady, run_trace_of, .quality = true },
	{ "striped_fail", { 4 * GIB, 0, 3, 12, .clear = true }, 1000000, .run = run_fail_of,
	  .size = SZ_2M, .min_block = SZ_2M },
};

static u64 bench_fini[2];

/* The slots are made for one of the two, and emptied when the pool is. */
static void bench_remove_all(enum nova_pool_kind kind)
{
	unsigned int i;

	for (i = 0; i < NR_SLOTS; i++)
		nova_pool_free(&bench.pool, kind, &bench.slots[i], false);
}

static int bench_run(const struct row *t, enum nova_pool_kind kind, struct nova_calls *calls)
{
	unsigned int i;
	u64 start;
	int ret;

	memset(&bench.res, 0, sizeof(bench.res));
	bench.calls = calls;
	if (calls)
		calls->nr = 0;
	for (i = 0; i < NR_SLOTS; i++)
		nova_pool_slot_init(&bench.slots[i], kind);
	ret = nova_pool_init(&bench.pool, kind, t->load.pool);
	if (ret)
		return ret;
	t->run(t, kind);
	bench.res.free_2m = nova_pool_free_2m(&bench.pool);
	bench_remove_all(kind);
	start = ktime_get_ns();
	nova_pool_fini(&bench.pool, kind);
	bench_fini[kind] = ktime_get_ns() - start;
	cond_resched();
	return 0;
}

/* The repetitions that look at single calls and at what came out. */
static int bench_timed(const struct row *t, enum nova_pool_kind kind)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < TIMED_REPS && !ret; i++) {
		bench_calls.again = i;
		ret = bench_run(t, kind, &bench_calls);
	}
	nova_calls_hist(&bench_calls, &bench_hist);
	bench_worst[kind] = max(bench_worst[kind], bench_hist.max);
	return ret;
}

static int bench_quality(const struct row *t)
{
	struct result res[2];
	unsigned int kind;
	int ret;

	for (kind = 0; kind < 2; kind++) {
		ret = bench_timed(t, kind);
		if (ret)
			return ret;
		res[kind] = bench.res;
	}
	if (res[1].allocs)
		nova_report_pair(t->name, ".pieces", "per alloc",
				 div64_u64(res[1].pieces * 1000, res[1].allocs),
				 div64_u64(res[0].pieces * 1000, max(res[0].allocs, 1ull)), 1000,
				 false);
	if (t->run != run_fail_of)
		nova_report_pair(t->name, ".failed", "calls", res[1].failed * 1000 + 1,
				 res[0].failed * 1000 + 1, 1000, false);
	if (t->quality)
		nova_report_pair(t->name, ".free_2m", "blocks", res[1].free_2m * 1000 + 1,
				 res[0].free_2m * 1000 + 1,
				 !strcmp(t->name, "random_64k") ? 2000 : 1000, true);
	if (t->load.clear && res[1].clear_wanted)
		nova_report_pair(t->name, ".clear_hits", "percent",
				 div64_u64(res[1].clear_got * 1000, res[1].clear_wanted / 100),
				 div64_u64(res[0].clear_got * 1000,
					   max(res[0].clear_wanted / 100, 1ull)), 1000, true);
	return 0;
}

static int bench_row(const struct row *t)
{
	struct nova_bench_row row = { .name = t->name, .unit = "ns/op", .goal = t->goal };
	unsigned int kind;
	int ret;

	if (t->draw)
		t->draw(&bench.trace, &t->load);
	for (row.nr = 0; row.nr < NOVA_BENCH_REPS; row.nr++) {
		for (kind = 0; kind < 2; kind++) {
			ret = bench_run(t, kind, NULL);
			if (ret)
				return ret;
			(kind == NOVA_POOL_OURS ? row.ours : row.peer)[row.nr] =
				div64_u64(bench.res.ns * 1000, bench.res.ops);
		}
	}
	ret = bench_quality(t);
	if (ret)
		return ret;
	row.hist = &bench_hist;
	nova_bench_emit(&row);
	if (t->run == run_fail_of && t->load.clear)
		nova_report_pair("fini", "", "us", bench_fini[1], bench_fini[0],
				 60000, false);
	return 0;
}

static int bench_init_time(void)
{
	struct nova_bench_row row = { .name = "init_192g", .unit = "us", .nr = NOVA_BENCH_REPS };
	unsigned int i, kind;
	int ret;

	for (i = 0; i < NOVA_BENCH_REPS; i++) {
		for (kind = 0; kind < 2; kind++) {
			u64 start = ktime_get_ns();

			ret = nova_pool_init(&bench.pool, kind, 192 * GIB);
			(kind == NOVA_POOL_OURS ? row.ours : row.peer)[i] = ktime_get_ns() - start;
			if (ret)
				return ret;
			nova_pool_fini(&bench.pool, kind);
		}
	}
	nova_bench_emit(&row);
	return 0;
}

/* Objects of 4 KiB in 1 GiB: a peer's block each, and one for every split that led to it. */
static int bench_metadata(void)
{
	const u64 objects = GIB / SZ_4K;
	struct nova_buddy_stats stats;
	int ret = nova_pool_init(&bench.pool, NOVA_POOL_OURS, GIB);

	if (ret)
		return ret;
	nova_buddy_stats(&bench.pool.ours, &stats);
	nova_pool_fini(&bench.pool, NOVA_POOL_OURS);
	nova_report_pair("metadata", "", "bytes/GiB", stats.metadata * 1000,
			 (2 * objects - 1) * sizeof(struct gpu_buddy_block) * 1000, 600000, false);
	return 0;
}

static int bench_all(void)
{
	unsigned int i;
	int ret = bench_init_time();

	for (i = 0; i < ARRAY_SIZE(rows) && !ret; i++)
		ret = nova_bench_wanted(rows[i].name) ? bench_row(&rows[i]) : 0;
	if (ret)
		return ret;
	nova_report_pair("worst", "", "us", bench_worst[1], bench_worst[0], 1000000, false);
	return bench_metadata();
}

/**
 * nova_bench_buddy() - run every row of the buddy allocator
 *
 * Context: may sleep, for about a minute.
 *
 * Return: 0, -ENOMEM.
 */
int nova_bench_buddy(void)
{
	int ret = nova_trace_init(&bench.trace);

	bench.slots = kvcalloc(NR_SLOTS, sizeof(*bench.slots), GFP_KERNEL);
	bench_calls.least = kvcalloc(NOVA_CALLS, sizeof(*bench_calls.least), GFP_KERNEL);
	if (!ret)
		ret = bench.slots && bench_calls.least ? bench_all() : -ENOMEM;
	kvfree(bench_calls.least);
	kvfree(bench.slots);
	nova_trace_fini(&bench.trace);
	return ret;
}
