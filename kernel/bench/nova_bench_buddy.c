// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmark of the buddy allocator
 *
 * Each row is a seeded trace that our allocator and the kernel's gpu_buddy run in turns. A trace
 * depends on the seed and on which calls succeeded, never on addresses, so both get the same load.
 * Filling the pool is not timed, picking slots and drawing numbers is, for both.
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

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/sched.h>
#include <linux/slab.h>

#define GIB	(1ull << 30)
#define MIB	(1ull << 20)
#define MAX_SLOTS	(1u << 20)
#define VICTIMS		8u
#define TIMED_REPS	3

/* What one trace is made of. */
struct trace {
	const char *name;
	u64 pool;		/* bytes */
	u64 fill;		/* bytes kept allocated */
	u64 goal;		/* thousandths */
	unsigned int ops;
	u8 lo, hi;		/* log2 of the smallest and the largest size */
	u8 small;		/* draws of which the smallest counts: weight on small sizes */
	bool clear;		/* half of the requests want, half of the frees are clear */
	bool quality;		/* report 2 MiB blocks */
	enum nova_buddy_mode mode;
	u64 start, end;		/* window */
	unsigned int flags;
	u64 size;		/* fixed size of a request, 0: drawn */
	void (*run)(const struct trace *t, enum nova_pool_kind kind);
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

/* A slot and what it holds, side by side: a random one of them is one line of cache. */
struct live {
	u32 slot;
	u32 pages;		/* 0: nothing */
};

/* One run at a time: the state of it. */
static struct {
	struct nova_pool pool;
	struct nova_pool_slot *slots;
	struct live *live;	/* those in use come first */
	u32 victim[VICTIMS];	/* of them those to be freed next, in a ring */
	u32 turn;
	unsigned int nr_live;
	u64 used;
	u64 seed;
	struct nova_calls *calls;	/* single calls are timed */
	struct result res;
} bench;

static struct nova_bench_hist bench_hist;
static struct nova_calls bench_calls;
static u64 bench_worst[2];

static __always_inline u32 draw(u32 below)
{
	return (nova_bench_random(&bench.seed) >> 32) * below >> 32;
}

static __always_inline int bench_alloc(enum nova_pool_kind kind, const struct nova_buddy_req *req,
				       struct nova_pool_slot *slot)
{
	u64 start;
	int ret;

	if (!bench.calls)
		return nova_pool_alloc(&bench.pool, kind, req, slot);
	start = nova_bench_cycles();
	ret = nova_pool_alloc(&bench.pool, kind, req, slot);
	nova_calls_add(bench.calls, start);
	return ret;
}

static __always_inline void bench_free(enum nova_pool_kind kind, struct nova_pool_slot *slot,
				       bool cleared)
{
	u64 start = bench.calls ? nova_bench_cycles() : 0;

	nova_pool_free(&bench.pool, kind, slot, cleared);
	if (bench.calls)
		nova_calls_add(bench.calls, start);
}

static __always_inline struct nova_buddy_req bench_request(const struct trace *t)
{
	u32 i, lg2 = t->hi - t->lo + 1;

	for (i = 0; i < t->small; i++)
		lg2 = min(lg2, draw(t->hi - t->lo + 1));
	return (struct nova_buddy_req){
		.size = t->size ?: 1ull << (t->lo + lg2),
		.start = t->start,
		.end = t->end,
		.mode = t->mode,
		.flags = t->flags | (t->clear && draw(2) ? NOVA_BUDDY_CLEAR : 0),
	};
}

/*
 * Whom to free is drawn some steps ahead, and his slot is fetched while others are served: who
 * frees memory has his own object at hand, and what it costs to find it is not to be measured.
 */
static __always_inline struct live *bench_victim(void)
{
	u32 *ring = &bench.victim[bench.turn % VICTIMS], i = *ring;

	*ring = draw(bench.nr_live);
	prefetch(&bench.live[*ring]);
	prefetch(&bench.slots[bench.live[bench.victim[(++bench.turn + VICTIMS / 2) % VICTIMS]].slot]);
	return &bench.live[i < bench.nr_live ? i : draw(bench.nr_live)];
}

/* Allocates into the first unused slot; false: the pool said no. */
static __always_inline bool bench_add(enum nova_pool_kind kind, const struct nova_buddy_req *req,
				      bool account)
{
	struct live *live = &bench.live[bench.nr_live];

	if (bench_alloc(kind, req, &bench.slots[live->slot])) {
		bench.res.failed += account;
		return false;
	}
	live->pages = req->size / SZ_4K;
	bench.used += req->size;
	bench.nr_live++;
	return true;
}

static __always_inline void bench_remove(enum nova_pool_kind kind, bool cleared)
{
	struct live *live = bench_victim();

	bench.used -= (u64)live->pages * SZ_4K;
	bench_free(kind, &bench.slots[live->slot], cleared);
	bench.nr_live--;
	swap(*live, bench.live[bench.nr_live]);
}

static void bench_remove_all(enum nova_pool_kind kind)
{
	while (bench.nr_live) {
		struct nova_pool_slot *slot = &bench.slots[bench.live[--bench.nr_live].slot];

		nova_pool_free(&bench.pool, kind, slot, false);
	}
	bench.used = 0;
}

/* Figures of an allocation that cost time to gather: taken in the histogram's repetition. */
static void bench_judge(const struct nova_buddy_req *req)
{
	struct nova_pool_slot *slot = &bench.slots[bench.live[bench.nr_live - 1].slot];

	bench.res.allocs++;
	bench.res.pieces += nova_pool_pieces(&bench.pool, slot);
	if (req->flags & NOVA_BUDDY_CLEAR) {
		bench.res.clear_wanted += req->size;
		bench.res.clear_got += nova_pool_cleared(&bench.pool, slot);
	}
}

/* Keeps the pool filled: frees at random when the next request would be too much. */
static __always_inline void run_steady(const struct trace *t, enum nova_pool_kind kind)
{
	struct nova_buddy_req req = bench_request(t);
	unsigned int i;
	u64 start;

	while (bench.used + req.size <= t->fill && bench.nr_live < MAX_SLOTS &&
	       bench_add(kind, &req, false))
		req = bench_request(t);
	start = ktime_get_ns();
	for (i = 0; i < t->ops; i++) {
		if (bench.nr_live && bench.used + req.size > t->fill) {
			bench_remove(kind, t->clear && draw(2));
			continue;
		}
		if (bench_add(kind, &req, true) && bench.calls)
			bench_judge(&req);
		else if (!bench.calls && bench.nr_live && bench.res.failed > t->ops)
			break;
		req = bench_request(t);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = t->ops;
}

/* One size: fill, free half at random, then one out, one in. */
static __always_inline void run_random(const struct trace *t, enum nova_pool_kind kind)
{
	struct nova_buddy_req req = bench_request(t);
	unsigned int i;
	u64 start;

	while (bench.used < t->fill && bench_add(kind, &req, false))
		;
	for (i = bench.nr_live / 2; i; i--)
		bench_remove(kind, false);
	start = ktime_get_ns();
	for (i = 0; i < t->ops / 2; i++) {
		bench_remove(kind, false);
		if (bench_add(kind, &req, true) && bench.calls)
			bench_judge(&req);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = t->ops;
}

static __always_inline void run_pair(const struct trace *t, enum nova_pool_kind kind)
{
	struct nova_buddy_req req = bench_request(t);
	unsigned int i;
	u64 start;

	start = ktime_get_ns();
	for (i = 0; i < t->ops / 2; i++) {
		bench_alloc(kind, &req, &bench.slots[0]);
		bench_free(kind, &bench.slots[0], false);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = t->ops;
}

/* 4096 in, in that order out, again and again. */
static __always_inline void run_batch(const struct trace *t, enum nova_pool_kind kind)
{
	struct nova_buddy_req req = bench_request(t);
	unsigned int i, k;
	u64 start;

	start = ktime_get_ns();
	for (i = 0; i < t->ops; i += 2 * 4096) {
		for (k = 0; k < 4096; k++)
			bench_alloc(kind, &req, &bench.slots[k]);
		while (k--)
			bench_free(kind, &bench.slots[k], false);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = i;
}

/* A place drawn some steps ago; that it is a random one costs the trace no cache miss either. */
static __always_inline u32 bench_place(u32 nr)
{
	u32 *ring = &bench.victim[bench.turn++ % VICTIMS], k = *ring;

	*ring = draw(nr);
	prefetch(&bench.live[*ring]);
	prefetch(&bench.slots[*ring]);
	return k;
}

/* Takes a place by its address if it is free, frees it if it is not. */
static __always_inline void run_fixed(const struct trace *t, enum nova_pool_kind kind)
{
	struct nova_buddy_req req = bench_request(t);
	u32 nr = div64_u64(t->pool, req.size);
	unsigned int i;
	u64 start;

	start = ktime_get_ns();
	for (i = 0; i < t->ops; i++) {
		u32 k = bench_place(nr);
		struct nova_pool_slot *slot = &bench.slots[k];

		req.start = k * req.size;
		req.end = req.start + req.size;
		if (bench.live[k].pages)
			bench_free(kind, slot, false);
		else if (bench_alloc(kind, &req, slot))
			bench.res.failed++;
		bench.live[k].pages = !bench.live[k].pages;
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = t->ops;
	for (i = 0; i < nr; i++)
		if (bench.live[i].pages)
			nova_pool_free(&bench.pool, kind, &bench.slots[i], false);
}

/* A heap of mixed sizes, fragmented, in which contiguous runs come and go. */
static __always_inline void run_contig(const struct trace *t, enum nova_pool_kind kind)
{
	struct nova_buddy_req req = { .flags = NOVA_BUDDY_CONTIGUOUS, .size = t->size };
	struct nova_buddy_req fill = {};
	struct trace drawn = *t;
	unsigned int i;
	u64 start;

	drawn.size = 0;
	drawn.flags = 0;
	do {
		fill = bench_request(&drawn);
	} while (bench.nr_live < MAX_SLOTS - 4096 && bench_add(kind, &fill, false));
	while (bench.used > t->fill)
		bench_remove(kind, false);
	start = ktime_get_ns();
	for (i = 0; i < t->ops; ) {
		unsigned int nr = 0;

		while (nr < 64 && !bench_alloc(kind, &req, &bench.slots[MAX_SLOTS + nr]))
			nr++;
		bench.res.failed += nr < 64;
		for (i += nr + 1; nr--; i++)
			bench_free(kind, &bench.slots[MAX_SLOTS + nr], false);
	}
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = i;
}

/* Every second block is free; what does not fit anywhere is asked for. */
static __always_inline void run_fail(const struct trace *t, enum nova_pool_kind kind)
{
	struct nova_buddy_req fill = { .size = 1ull << t->lo };
	struct nova_buddy_req req = { .size = t->size, .flags = t->flags, .min_block = t->end };
	unsigned int i, nr = div64_u64(t->pool, fill.size);
	u64 start;

	for (i = 0; i < nr; i++)
		nova_pool_alloc(&bench.pool, kind, &fill, &bench.slots[i]);
	for (i = 0; i < nr; i += 2)
		nova_pool_free(&bench.pool, kind, &bench.slots[i], t->clear && i & 2);
	start = ktime_get_ns();
	for (i = 0; i < t->ops; i++)
		bench.res.failed += bench_alloc(kind, &req, &bench.slots[0]) == -ENOSPC;
	bench.res.ns = ktime_get_ns() - start;
	bench.res.ops = t->ops;
	for (i = 1; i < nr; i += 2)
		nova_pool_free(&bench.pool, kind, &bench.slots[i], t->clear && i & 2);
}

#define TRACE_RUN(name) \
	static void run_##name##_of(const struct trace *t, enum nova_pool_kind kind) \
	{ \
		if (kind == NOVA_POOL_OURS) \
			run_##name(t, NOVA_POOL_OURS); \
		else \
			run_##name(t, NOVA_POOL_PEER); \
	}

TRACE_RUN(steady)
TRACE_RUN(random)
TRACE_RUN(pair)
TRACE_RUN(batch)
TRACE_RUN(fixed)
TRACE_RUN(contig)
TRACE_RUN(fail)

static const struct trace traces[] = {
	{ "pair_4k", 8 * GIB, 0, 40000, 200000, .size = SZ_4K, .run = run_pair_of },
	{ "pair_2m", 192 * GIB, 0, 30000, 200000, .size = SZ_2M, .run = run_pair_of },
	{ "random_4k", 8 * GIB, 2 * GIB, 8000, 1000000, .size = SZ_4K, .quality = true,
	  .run = run_random_of },
	{ "random_64k", 8 * GIB, 8 * GIB, 5000, 1000000, .size = SZ_64K, .quality = true,
	  .run = run_random_of },
	{ "random_2m", 192 * GIB, 192 * GIB, 5000, 1000000, .size = SZ_2M, .quality = true,
	  .run = run_random_of },
	{ "batch_4k", 8 * GIB, 0, 3500, 500000, .size = SZ_4K, .run = run_batch_of },
	{ "mixed_8g", 8 * GIB, 8 * GIB / 10 * 9, 2500, 200000, 12, 28, 1, .quality = true,
	  .run = run_steady_of },
	{ "mixed_192g", 192 * GIB, 192 * GIB / 10 * 9, 3000, 200000, 12, 28, 1, .quality = true,
	  .run = run_steady_of },
	{ "small_8g", 8 * GIB, 8 * GIB / 10 * 9, 5000, 1000000, 12, 19, 2, .quality = true,
	  .run = run_steady_of },
	{ "small_24g", 24 * GIB, 24 * GIB / 10 * 9, 3500, 1000000, 12, 19, 2, .quality = true,
	  .run = run_steady_of },
	{ "topdown_mixed", 8 * GIB, 8 * GIB / 10 * 9, 3000, 200000, 12, 28, 1, .quality = true,
	  .mode = NOVA_BUDDY_TOPDOWN, .run = run_steady_of },
	{ "window", 192 * GIB, 192 * MIB, 150000, 50000, 12, 16, 1, .mode = NOVA_BUDDY_RANGE,
	  .end = 256 * MIB, .run = run_steady_of },
	{ "window_mid", 8 * GIB, 768 * MIB, 600000, 20000, 12, 19, 2, .mode = NOVA_BUDDY_RANGE,
	  .start = 4 * GIB, .end = 5 * GIB, .run = run_steady_of },
	{ "fixed_2m", 192 * GIB, 0, 15000, 200000, .size = SZ_2M, .mode = NOVA_BUDDY_RANGE,
	  .run = run_fixed_of },
	{ "fixed_64k", 8 * GIB, 0, 15000, 200000, .size = SZ_64K, .mode = NOVA_BUDDY_RANGE,
	  .run = run_fixed_of },
	{ "contig_64k", 8 * GIB, 8 * GIB / 10 * 6, 2500, 200000, 12, 24, 1, .size = SZ_64K,
	  .run = run_contig_of },
	{ "contig_192k", 8 * GIB, 8 * GIB / 10 * 6, 5000, 200000, 12, 24, 1, .size = 3 * SZ_64K,
	  .run = run_contig_of },
	{ "contig_fail", 192 * GIB, 0, 190000, 3, 21, .size = 3 * SZ_1M, .end = SZ_4K,
	  .flags = NOVA_BUDDY_CONTIGUOUS, .run = run_fail_of },
	{ "clear_mixed", 8 * GIB, 8 * GIB / 10 * 9, 2000, 200000, 12, 28, 1, .clear = true,
	  .quality = true, .run = run_steady_of },
	{ "clear_small", 8 * GIB, 8 * GIB / 10 * 9, 4000, 1000000, 12, 19, 2, .clear = true,
	  .quality = true, .run = run_steady_of },
	{ "striped_fail", 4 * GIB, 0, 1000000, 3, 12, .size = SZ_2M, .end = SZ_2M, .clear = true,
	  .run = run_fail_of },
};

static u64 bench_striped_fini[2];

static int bench_run(const struct trace *t, enum nova_pool_kind kind, struct nova_calls *calls)
{
	unsigned int i;
	u64 start;
	int ret;

	memset(&bench.res, 0, sizeof(bench.res));
	bench.seed = 0x9e3779b97f4a7c15ull;
	bench.used = 0;
	bench.nr_live = 0;
	bench.turn = 0;
	memset(bench.victim, 0, sizeof(bench.victim));
	bench.calls = calls;
	if (calls)
		calls->nr = 0;
	for (i = 0; i < MAX_SLOTS; i++)
		bench.live[i] = (struct live){ .slot = i };
	ret = nova_pool_init(&bench.pool, kind, t->pool);
	if (ret)
		return ret;
	t->run(t, kind);
	bench.res.free_2m = nova_pool_free_2m(&bench.pool);
	bench_remove_all(kind);
	start = ktime_get_ns();
	nova_pool_fini(&bench.pool, kind);
	bench_striped_fini[kind] = ktime_get_ns() - start;
	cond_resched();
	return 0;
}

/* The repetitions that look at single calls and at what came out. */
static int bench_timed(const struct trace *t, enum nova_pool_kind kind)
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

static int bench_quality(const struct trace *t)
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
	if (t->clear && res[1].clear_wanted)
		nova_report_pair(t->name, ".clear_hits", "percent",
				 div64_u64(res[1].clear_got * 1000, res[1].clear_wanted / 100),
				 div64_u64(res[0].clear_got * 1000,
					   max(res[0].clear_wanted / 100, 1ull)), 1000, true);
	return 0;
}

static int bench_trace(const struct trace *t)
{
	struct nova_bench_row row = { .name = t->name, .unit = "ns/op", .goal = t->goal };
	unsigned int kind;
	int ret;

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
	if (t->run == run_fail_of && t->clear)
		nova_report_pair("fini", "", "us", bench_striped_fini[1], bench_striped_fini[0],
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

	for (i = 0; i < ARRAY_SIZE(traces) && !ret; i++)
		ret = nova_bench_wanted(traces[i].name) ? bench_trace(&traces[i]) : 0;
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
	int ret = -ENOMEM;

	bench.slots = kvcalloc(MAX_SLOTS + 64, sizeof(*bench.slots), GFP_KERNEL);
	bench.live = kvcalloc(MAX_SLOTS, sizeof(*bench.live), GFP_KERNEL);
	bench_calls.least = kvcalloc(NOVA_CALLS, sizeof(*bench_calls.least), GFP_KERNEL);
	if (bench.slots && bench.live && bench_calls.least)
		ret = bench_all();
	kvfree(bench_calls.least);
	kvfree(bench.live);
	kvfree(bench.slots);
	return ret;
}
