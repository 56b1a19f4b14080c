// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: traces of the buddy allocator's benchmark
 *
 * A trace is a list of steps, drawn from a seed as if every request was granted: one that is not
 * leaves its slot empty, and freeing that later does nothing. So both allocators are asked for the
 * same, wherever they place it, and drawing it costs them nothing.
 *
 * Invariant: a slot is freed only after it was filled. Units: bytes. Locking: none, one trace is
 * drawn at a time.
 */

#include "nova_bench.h"
#include "nova_buddy_trace.h"

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

/* While a trace is drawn: the slots, those in use first, and what is in them. */
static struct {
	struct live {
		u32 slot;
		u8 lg2;
	} *live;
	unsigned int nr_live;
	u64 used;
	u64 seed;
} drawn;

static u32 draw(u32 below)
{
	return (nova_bench_random(&drawn.seed) >> 32) * below >> 32;
}

static u8 draw_lg2(const struct nova_load *load)
{
	u32 i, lg2 = load->hi - load->lo;

	for (i = 0; i < load->small; i++)
		lg2 = min(lg2, draw(load->hi - load->lo + 1));
	return load->lo + lg2;
}

static void trace_begin(struct nova_trace *trace)
{
	u32 i;

	drawn.seed = 0x9e3779b97f4a7c15ull;
	drawn.used = 0;
	drawn.nr_live = 0;
	for (i = 0; i < NOVA_TRACE_SLOTS; i++)
		drawn.live[i] = (struct live){ .slot = i };
	memset(trace->steps, 0, NOVA_TRACE_STEPS * sizeof(*trace->steps));
	trace->nr = 0;
	trace->begin = 0;
}

static bool trace_is_full(const struct nova_trace *trace)
{
	return trace->nr >= NOVA_TRACE_STEPS - NOVA_TRACE_AHEAD;
}

static void trace_step(struct nova_trace *trace, struct nova_step step)
{
	if (!trace_is_full(trace))
		trace->steps[trace->nr++] = step;
}

static void trace_alloc(struct nova_trace *trace, u8 lg2, bool clear)
{
	struct live *live = &drawn.live[drawn.nr_live++];

	live->lg2 = lg2;
	drawn.used += 1ull << lg2;
	trace_step(trace, (struct nova_step){ live->slot, lg2, clear });
}

static void trace_free(struct nova_trace *trace, bool clear)
{
	struct live *live = &drawn.live[draw(drawn.nr_live)];

	drawn.used -= 1ull << live->lg2;
	trace_step(trace, (struct nova_step){ live->slot, 0, clear });
	drawn.nr_live--;
	swap(*live, drawn.live[drawn.nr_live]);
}

static bool trace_has_room(u64 limit, u8 lg2)
{
	return drawn.used + (1ull << lg2) <= limit && drawn.nr_live < NOVA_TRACE_SLOTS;
}

/**
 * nova_trace_steady() - a pool that is kept full: what is in the way of the next request is freed
 * @trace: where to
 * @load: sizes, and how full
 */
void nova_trace_steady(struct nova_trace *trace, const struct nova_load *load)
{
	u8 lg2;

	trace_begin(trace);
	while (trace_has_room(load->fill, lg2 = draw_lg2(load)))
		trace_alloc(trace, lg2, load->clear && draw(2));
	trace->begin = trace->nr;
	while (trace->nr - trace->begin < load->ops && !trace_is_full(trace)) {
		while (!trace_has_room(load->fill, lg2))
			trace_free(trace, load->clear && draw(2));
		trace_alloc(trace, lg2, load->clear && draw(2));
		lg2 = draw_lg2(load);
	}
}

/**
 * nova_trace_random() - half full of one size, then one out, one in
 * @trace: where to
 * @load: the size is its smallest
 */
void nova_trace_random(struct nova_trace *trace, const struct nova_load *load)
{
	unsigned int i;

	trace_begin(trace);
	while (trace_has_room(load->fill, load->lo))
		trace_alloc(trace, load->lo, false);
	for (i = drawn.nr_live / 2; i; i--)
		trace_free(trace, false);
	trace->begin = trace->nr;
	for (i = 0; i < load->ops / 2; i++) {
		trace_free(trace, false);
		trace_alloc(trace, load->lo, false);
	}
}

/**
 * nova_trace_fixed() - a place at a time, taken if it is free, freed if not
 * @trace: where to; the slot is the place, in units of the size
 * @load: the size is its smallest
 */
void nova_trace_fixed(struct nova_trace *trace, const struct nova_load *load)
{
	u32 i, k, nr = load->pool >> load->lo;

	trace_begin(trace);
	for (i = 0; i < load->ops; i++) {
		k = draw(nr);
		drawn.live[k].lg2 = drawn.live[k].lg2 ? 0 : load->lo;
		trace_step(trace, (struct nova_step){ k, drawn.live[k].lg2 });
	}
}

/**
 * nova_trace_heap() - a fragmented heap: filled until the next request is too large, then thinned
 * @trace: where to; nothing is behind the filling
 * @load: sizes, and what is left of the filling
 */
void nova_trace_heap(struct nova_trace *trace, const struct nova_load *load)
{
	u8 lg2;

	trace_begin(trace);
	while (trace_has_room(load->pool, lg2 = draw_lg2(load)))
		trace_alloc(trace, lg2, false);
	while (drawn.used > load->fill)
		trace_free(trace, false);
	trace->begin = trace->nr;
}

/**
 * nova_trace_init() - have room for a trace
 * @trace: the trace
 *
 * Return: 0, -ENOMEM; nova_trace_fini() is due either way.
 */
int nova_trace_init(struct nova_trace *trace)
{
	trace->steps = kvcalloc(NOVA_TRACE_STEPS, sizeof(*trace->steps), GFP_KERNEL);
	drawn.live = kvcalloc(NOVA_TRACE_SLOTS, sizeof(*drawn.live), GFP_KERNEL);
	return trace->steps && drawn.live ? 0 : -ENOMEM;
}

/**
 * nova_trace_fini() - free it
 * @trace: the trace
 */
void nova_trace_fini(struct nova_trace *trace)
{
	kvfree(drawn.live);
	kvfree(trace->steps);
}
