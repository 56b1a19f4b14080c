/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_REPORT_H__
#define __NOVA_BUDDY_REPORT_H__

/*
 * What nova_bench_buddy.c reports beside the time of a trace.
 *
 * The n-th call of a trace does the same work in each repetition. What counts of it, for both
 * allocators, is the least that it took: the host takes the processor away in one of them, but
 * hardly in all. Percentiles and the longest call are of these.
 */

#include "nova_bench.h"

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

/** define NOVA_CALLS - single calls of a trace that are looked at, at most */
#define NOVA_CALLS	(1u << 22)

/**
 * struct nova_calls - the single calls of a trace
 * @least: ns that each took at least, NOVA_CALLS of them
 * @nr: how many there have been in this repetition
 * @again: they have been timed in an earlier one
 */
struct nova_calls {
	u32 *least;
	unsigned int nr;
	bool again;
};

/** nova_calls_add() - the next call took from @start, of nova_bench_cycles(), until now */
static inline void nova_calls_add(struct nova_calls *calls, u64 start)
{
	u32 ns = nova_bench_cycles_to_ns(nova_bench_cycles() - start);
	u32 *least = &calls->least[calls->nr++ % NOVA_CALLS];

	*least = calls->again ? min(*least, ns) : ns;
}

/** nova_calls_hist() - the distribution of all calls */
static inline void nova_calls_hist(const struct nova_calls *calls, struct nova_bench_hist *hist)
{
	unsigned int i;

	memset(hist, 0, sizeof(*hist));
	for (i = 0; i < min(calls->nr, NOVA_CALLS); i++)
		nova_bench_hist_add(hist, calls->least[i]);
}

/** nova_report_pair() - print one figure, in thousandths, of ours and of the peer */
static inline void nova_report_pair(const char *row_name, const char *what, const char *unit,
				    u64 ours, u64 peer, u64 goal, bool inverse)
{
	struct nova_bench_row row = { .unit = unit, .ours = { ours }, .peer = { peer }, .nr = 1,
				      .goal = goal, .inverse = inverse };
	char name[64];

	snprintf(name, sizeof(name), "%s%s", row_name, what);
	row.name = name;
	nova_bench_emit(&row);
}

#endif
