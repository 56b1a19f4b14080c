// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmark of page tables
 *
 * Each row is the same work done by both of our formats and by the kernel's page tables for
 * IOMMUs, in turns: io-pgtable-arm (64-bit LPAE, stage 1) and generic_pt (amdv1, x86_64). The
 * figure of the peer is the fastest of them in that row. Ours goes through all stages of an update:
 * check, prepare, commit, flush, finish; tables are plain memory, the invalidate is a stub for all.
 *
 * Physical addresses are off by one page of the size that is wanted, so that nobody can use a
 * larger one. What a peer refuses, overwriting live entries, it does by unmapping first.
 *
 * The invalidate is a stub for all: the peers call their IOTLB's, which does nothing, and so does
 * ours, below its check for dead hardware. Peers take no lock in a map; ours takes its map lock.
 *
 * Units: nanoseconds an entry (or a call). Locking: none of our own.
 */

#include "nova_bench.h"
#include "nova_pt_peer.h"

#include "nova_vmm.h"

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#define BASE		0x40000000ULL
#define NR_SINGLE	65536

/* A sample is the fastest of so many runs: a host that takes the CPU away adds milliseconds. */
#define NR_TRIES	3

/* Pages of the rows that go page by page, in random order. */
static u32 *nova_pt_order;

/* One kind of work. Returns nanoseconds for all of it; untimed parts restore what was before. */
struct nova_pt_work {
	const char *name;
	u64 (*run)(struct nova_pt_peer *p);
	u64 entries;
	u64 goal;	/* thousandths */
};

static u64 nova_pt_map_timed(struct nova_pt_peer *p, u64 va, u64 len, u64 page)
{
	u64 t = ktime_get_ns();

	p->ops->map(p, va, va + page, len, page);
	return ktime_get_ns() - t;
}

static u64 nova_pt_unmap_timed(struct nova_pt_peer *p, u64 va, u64 len, u64 page)
{
	u64 t = ktime_get_ns();

	p->ops->unmap(p, va, len, page);
	return ktime_get_ns() - t;
}

static u64 nova_pt_map_4k(struct nova_pt_peer *p)
{
	u64 ns = nova_pt_map_timed(p, BASE, SZ_1G, SZ_4K);

	p->ops->unmap(p, BASE, SZ_1G, SZ_4K);
	return ns;
}

static u64 nova_pt_unmap_4k(struct nova_pt_peer *p)
{
	p->ops->map(p, BASE, BASE + SZ_4K, SZ_1G, SZ_4K);
	return nova_pt_unmap_timed(p, BASE, SZ_1G, SZ_4K);
}

static u64 nova_pt_map_2m(struct nova_pt_peer *p)
{
	u64 ns = nova_pt_map_timed(p, BASE, 64ULL * SZ_1G, SZ_2M);

	p->ops->unmap(p, BASE, 64ULL * SZ_1G, SZ_2M);
	return ns;
}

static u64 nova_pt_unmap_2m(struct nova_pt_peer *p)
{
	p->ops->map(p, BASE, BASE + SZ_2M, 64ULL * SZ_1G, SZ_2M);
	return nova_pt_unmap_timed(p, BASE, 64ULL * SZ_1G, SZ_2M);
}

static u64 nova_pt_remap_4k(struct nova_pt_peer *p)
{
	u64 t;

	p->ops->map(p, BASE, BASE + SZ_4K, SZ_1G, SZ_4K);
	t = ktime_get_ns();
	if (!p->ops->overwrites)
		p->ops->unmap(p, BASE, SZ_1G, SZ_4K);
	p->ops->map(p, BASE, BASE + SZ_8K + SZ_1G, SZ_1G, SZ_4K);
	t = ktime_get_ns() - t;
	p->ops->unmap(p, BASE, SZ_1G, SZ_4K);
	return t;
}

/* The last page of each 2 MiB stays mapped, so that no row of single pages makes tables. */
static void nova_pt_anchor(struct nova_pt_peer *p, bool map)
{
	for (u64 va = BASE + SZ_2M - SZ_4K; va < BASE + SZ_1G; va += SZ_2M)
		if (map)
			p->ops->map(p, va, SZ_1M + SZ_4K, SZ_4K, SZ_4K);
		else
			p->ops->unmap(p, va, SZ_4K, SZ_4K);
}

/* Page i of those that are not anchors. */
static u64 nova_pt_page(u32 i)
{
	return BASE + (u64)(i / 511) * SZ_2M + (u64)(i % 511) * SZ_4K;
}

static u64 nova_pt_single(struct nova_pt_peer *p, bool random)
{
	u64 t;

	nova_pt_anchor(p, true);
	t = ktime_get_ns();
	for (u32 i = 0; i < NR_SINGLE; i++)
		p->ops->map(p, nova_pt_page(random ? nova_pt_order[i] : i), SZ_1M + SZ_4K, SZ_4K,
			    SZ_4K);
	t = ktime_get_ns() - t;
	for (u32 i = 0; i < NR_SINGLE; i++)
		p->ops->unmap(p, nova_pt_page(random ? nova_pt_order[i] : i), SZ_4K, SZ_4K);
	nova_pt_anchor(p, false);
	return t;
}

static u64 nova_pt_single_seq(struct nova_pt_peer *p)
{
	return nova_pt_single(p, false);
}

static u64 nova_pt_single_rnd(struct nova_pt_peer *p)
{
	return nova_pt_single(p, true);
}

/* Sixteen pages at one of the 31 places of 16 pages in a 2 MiB that leave the anchor alone. */
static u64 nova_pt_batch(u32 i)
{
	return BASE + (u64)(i / 31) * SZ_2M + (u64)(i % 31) * SZ_64K;
}

#define NR_BATCH	(512 * 31)

static u64 nova_pt_batch16_rnd(struct nova_pt_peer *p)
{
	u64 t;

	nova_pt_anchor(p, true);
	t = ktime_get_ns();
	for (u32 i = 0; i < NR_SINGLE; i++)
		if (nova_pt_order[i] < NR_BATCH)
			p->ops->map(p, nova_pt_batch(nova_pt_order[i]), SZ_1M + SZ_4K, SZ_64K,
				    SZ_4K);
	t = ktime_get_ns() - t;
	for (u32 i = 0; i < NR_BATCH; i++)
		p->ops->unmap(p, nova_pt_batch(i), SZ_64K, SZ_4K);
	nova_pt_anchor(p, false);
	return t;
}

static u64 nova_pt_walk_rnd(struct nova_pt_peer *p)
{
	u64 t, sum = 0;

	p->ops->map(p, BASE, BASE + SZ_4K, SZ_1G, SZ_4K);
	t = ktime_get_ns();
	for (u32 i = 0; i < NR_SINGLE; i++)
		sum += p->ops->walk(p, nova_pt_page(nova_pt_order[i]) + 8);
	t = ktime_get_ns() - t;
	for (u32 i = 0; i < NR_SINGLE; i++)
		sum -= nova_pt_page(nova_pt_order[i]) + SZ_4K + 8;
	if (sum)
		pr_err("nova-bench: %s translates wrongly\n", p->name);
	p->ops->unmap(p, BASE, SZ_1G, SZ_4K);
	return t;
}

static const struct nova_pt_work nova_pt_works[] = {
	{ "map_4k_1g", nova_pt_map_4k, SZ_1G / SZ_4K, 1500 },
	{ "unmap_4k_1g", nova_pt_unmap_4k, SZ_1G / SZ_4K, 1200 },
	{ "map_2m_64g", nova_pt_map_2m, 64ULL * SZ_1G / SZ_2M, 1200 },
	{ "unmap_2m_64g", nova_pt_unmap_2m, 64ULL * SZ_1G / SZ_2M, 1200 },
	{ "remap_4k", nova_pt_remap_4k, SZ_1G / SZ_4K, 1000 },
	{ "single_seq", nova_pt_single_seq, NR_SINGLE, 1000 },
	{ "single_rnd", nova_pt_single_rnd, NR_SINGLE, 1000 },
	{ "batch16_rnd", nova_pt_batch16_rnd, NR_BATCH * 16, 1500 },
	{ "walk", nova_pt_walk_rnd, NR_SINGLE, 1500 },
};

static u64 nova_pt_median(const u64 *sample)
{
	u64 sorted[NOVA_BENCH_REPS];

	for (unsigned int i = 0; i < NOVA_BENCH_REPS; i++) {
		unsigned int k = i;

		for (; k && sorted[k - 1] > sample[i]; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = sample[i];
	}
	return sorted[NOVA_BENCH_REPS / 2];
}

static void nova_pt_emit(const struct nova_pt_work *work, const struct nova_pt_peer *ours,
			 const u64 *sample, const u64 *best)
{
	struct nova_bench_row row = { .unit = "ns", .nr = NOVA_BENCH_REPS, .goal = work->goal };
	char name[40];

	snprintf(name, sizeof(name), "%s/%s", work->name, ours->name);
	row.name = name;
	memcpy(row.ours, sample, sizeof(row.ours));
	memcpy(row.peer, best, sizeof(row.peer));
	nova_bench_emit(&row);
}

/* One sample of each party: they run in turns, so each finds the caches as the others left them. */
static void nova_pt_sample(const struct nova_pt_work *work, struct nova_pt_peer *p, u64 *fastest)
{
	memset(fastest, 0xff, NOVA_PT_PEERS * sizeof(*fastest));
	for (unsigned int try = 0; try < NR_TRIES; try++)
		for (unsigned int i = 0; i < NOVA_PT_PEERS; i++) {
			fastest[i] = min(fastest[i], work->run(&p[i]));
			cond_resched();
		}
}

/* As many samples as there are repetitions; then the best peer for each of ours. */
static void nova_pt_row(const struct nova_pt_work *work, struct nova_pt_peer *p)
{
	static u64 sample[NOVA_PT_PEERS][NOVA_BENCH_REPS];
	unsigned int best = NOVA_PT_OURS;
	u64 fastest[NOVA_PT_PEERS];

	for (unsigned int rep = 0; rep < NOVA_BENCH_REPS; rep++) {
		nova_pt_sample(work, p, fastest);
		for (unsigned int i = 0; i < NOVA_PT_PEERS; i++)
			sample[i][rep] = div64_u64(fastest[i] * 1000, work->entries);
	}
	for (unsigned int i = NOVA_PT_OURS; i < NOVA_PT_PEERS; i++)
		if (nova_pt_median(sample[i]) < nova_pt_median(sample[best]))
			best = i;
	for (unsigned int i = 0; i < NOVA_PT_OURS; i++)
		nova_pt_emit(work, &p[i], sample[i], sample[best]);
}

/* A count instead of a time: it is what it is, so one sample stands for all. */
static void nova_pt_count(const char *name, const char *unit, u64 ours, u64 limit)
{
	struct nova_bench_row row = { .name = name, .unit = unit, .nr = NOVA_BENCH_REPS,
				      .goal = 1000 };

	for (unsigned int i = 0; i < NOVA_BENCH_REPS; i++) {
		row.ours[i] = ours * 1000;
		row.peer[i] = limit * 1000;
	}
	nova_bench_emit(&row);
}

static int nova_pt_shuffle(void)
{
	u64 seed = 1;

	nova_pt_order = kvmalloc_array(NR_SINGLE, sizeof(u32), GFP_KERNEL);
	if (!nova_pt_order)
		return -ENOMEM;
	for (u32 i = 0; i < NR_SINGLE; i++) {
		u32 k = (nova_bench_random(&seed) >> 32) * (i + 1) >> 32;

		nova_pt_order[i] = nova_pt_order[k];
		nova_pt_order[k] = i;
	}
	return 0;
}

/**
 * nova_bench_pt() - run the benchmark of page tables
 *
 * Return: 0 or -errno.
 */
int nova_bench_pt(void)
{
	static struct nova_pt_peer peers[NOVA_PT_PEERS];
	int ret = nova_pt_shuffle();

	if (!ret)
		ret = nova_pt_peers_init(peers);
	if (ret)
		goto out;
	for (unsigned int i = 0; i < ARRAY_SIZE(nova_pt_works); i++)
		if (nova_bench_wanted(nova_pt_works[i].name))
			nova_pt_row(&nova_pt_works[i], peers);
	if (nova_bench_wanted("sparse_1t"))
		nova_pt_count("sparse_1t", "writes", nova_pt_count_sparse(), 64);
	if (nova_bench_wanted("pramin_1g"))
		nova_pt_count("pramin_1g", "accesses", nova_pt_count_pramin(), 270000);
	nova_pt_peers_fini(peers);
out:
	kvfree(nova_pt_order);
	return ret;
}
