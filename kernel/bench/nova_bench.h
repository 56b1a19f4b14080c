/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BENCH_H__
#define __NOVA_BENCH_H__

#include <linux/types.h>

/** define NOVA_BENCH_REPS - interleaved repetitions of each row */
#define NOVA_BENCH_REPS		7

/** define NOVA_BENCH_BUCKETS - of a histogram: 16 for each power of two of nanoseconds */
#define NOVA_BENCH_BUCKETS	(40 * 16)

/**
 * struct nova_bench_hist - how long single calls took
 * @nr: calls in each bucket
 * @total: calls
 * @max: longest, ns
 */
struct nova_bench_hist {
	u32 nr[NOVA_BENCH_BUCKETS];
	u64 total;
	u64 max;
};

/**
 * struct nova_bench_row - one figure
 * @name: unique in the benchmark
 * @unit: what the figures are in
 * @ours: a sample a repetition, in thousandths of @unit
 * @peer: the same for the peer, taken in turns with @ours
 * @nr: samples
 * @goal: peer / ours that is asked for, in thousandths; 0: none
 * @inverse: ours / peer is asked for: more is better
 * @hist: single calls of ours, or NULL
 */
struct nova_bench_row {
	const char *name;
	const char *unit;
	u64 ours[NOVA_BENCH_REPS];
	u64 peer[NOVA_BENCH_REPS];
	unsigned int nr;
	u64 goal;
	bool inverse;
	const struct nova_bench_hist *hist;
};

bool nova_bench_wanted(const char *name);
u64 nova_bench_random(u64 *state);
u64 nova_bench_cycles(void);
u64 nova_bench_cycles_to_ns(u64 cycles);
void nova_bench_hist_add(struct nova_bench_hist *hist, u64 ns);
void nova_bench_emit(struct nova_bench_row *row);

int nova_bench_bind(void);
int nova_bench_buddy(void);
int nova_bench_pt(void);
int nova_bench_swgpu(void);
int nova_bench_swgpu_copy(void);
int nova_bench_ttm(void);

#endif
