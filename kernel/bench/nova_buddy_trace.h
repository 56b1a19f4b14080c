/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_TRACE_H__
#define __NOVA_BUDDY_TRACE_H__

/*
 * What nova_bench_buddy.c has both allocators do: traces, drawn before any clock runs. DOC: in
 * nova_buddy_trace.c.
 */

#include <linux/types.h>

/** define NOVA_TRACE_SLOTS - allocations that a trace has at a time, at most */
#define NOVA_TRACE_SLOTS	(1u << 20)

/** define NOVA_TRACE_STEPS - steps of a trace, at most */
#define NOVA_TRACE_STEPS	(3u << 20)

/** define NOVA_TRACE_AHEAD - steps behind the last that may be read */
#define NOVA_TRACE_AHEAD	8u

/**
 * struct nova_step - one call
 * @slot: the allocation
 * @lg2: log2 of the bytes it is to get, 0: free it
 * @clear: it is wanted clear, or freed clear
 */
struct nova_step {
	u32 slot;
	u8 lg2;
	bool clear;
};

/**
 * struct nova_load - what a trace is drawn from
 * @pool: bytes of the pool
 * @fill: bytes kept allocated
 * @ops: steps behind the filling
 * @lo: log2 of the smallest size
 * @hi: log2 of the largest
 * @small: draws of which the smallest counts: weight on small sizes
 * @clear: half of the requests want, half of the frees are clear
 */
struct nova_load {
	u64 pool;
	u64 fill;
	unsigned int ops;
	u8 lo, hi;
	u8 small;
	bool clear;
};

/**
 * struct nova_trace - a trace
 * @steps: NOVA_TRACE_STEPS of them
 * @begin: of the first behind the filling
 * @nr: steps that are in use
 */
struct nova_trace {
	struct nova_step *steps;
	unsigned int begin;
	unsigned int nr;
};

int nova_trace_init(struct nova_trace *trace);
void nova_trace_fini(struct nova_trace *trace);
void nova_trace_steady(struct nova_trace *trace, const struct nova_load *load);
void nova_trace_random(struct nova_trace *trace, const struct nova_load *load);
void nova_trace_fixed(struct nova_trace *trace, const struct nova_load *load);
void nova_trace_heap(struct nova_trace *trace, const struct nova_load *load);

#endif
