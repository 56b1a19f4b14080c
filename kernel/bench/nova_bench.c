// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmarks inside the kernel
 *
 * A module that runs the benchmark named by its parameter while it is loaded and prints each
 * figure as a line of JSON. A row is a trace run by us and by a peer in turns; its figure is the
 * median of the repetitions, with our minimum and maximum beside it. The distribution of single
 * calls is taken in a repetition of its own, because looking at the clock costs as much as a
 * call.
 *
 * Figures are integers in thousandths of their unit: the kernel has no floating point.
 * Locking: none, everything runs in the context of insmod.
 */

#include "nova_bench.h"

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sort.h>
#include <linux/string.h>

static char *run = "";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "benchmark to run");

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "rows to run: those whose names start so");

static const struct {
	const char *name;
	int (*run)(void);
} nova_benches[] = {
	{ "bind", nova_bench_bind },
	{ "buddy", nova_bench_buddy },
	{ "pt", nova_bench_pt },
	{ "swgpu", nova_bench_swgpu },
	{ "ttm", nova_bench_ttm },
};

/**
 * nova_bench_wanted() - whether to run a row
 * @name: its name
 *
 * Return: true unless the module's parameter asks for others.
 */
bool nova_bench_wanted(const char *name)
{
	return !strncmp(name, only, strlen(only));
}

/**
 * nova_bench_random() - next number of a sequence
 * @state: the sequence; any seed but 0
 *
 * Return: 64 bits, of which the upper ones are the better ones.
 */
u64 nova_bench_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dull;
}

/**
 * nova_bench_cycles() - a clock cheap enough for single calls
 *
 * Return: time stamp counter; nanoseconds where there is none.
 */
u64 nova_bench_cycles(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return ktime_get_ns();
#endif
}

/**
 * nova_bench_cycles_to_ns() - convert a difference of nova_bench_cycles()
 * @cycles: the difference
 *
 * Return: nanoseconds.
 */
u64 nova_bench_cycles_to_ns(u64 cycles)
{
	static u64 ns_per_1024;

	if (!ns_per_1024) {
		u64 t0 = ktime_get_ns(), c0 = nova_bench_cycles(), t1;

		do
			t1 = ktime_get_ns();
		while (t1 - t0 < 10 * NSEC_PER_MSEC);
		ns_per_1024 = div64_u64((t1 - t0) << 10, nova_bench_cycles() - c0);
	}
	return cycles * ns_per_1024 >> 10;
}

static unsigned int nova_bench_bucket(u64 ns)
{
	unsigned int lg2 = ns < 16 ? 4 : __fls(ns);

	return ns < 16 ? ns : min_t(u64, (lg2 - 3) * 16 + (ns >> (lg2 - 4)) - 16,
				    NOVA_BENCH_BUCKETS - 1);
}

static u64 nova_bench_bucket_ns(unsigned int bucket)
{
	return bucket < 16 ? bucket : (16ull + bucket % 16) << (bucket / 16 - 1);
}

/**
 * nova_bench_hist_add() - count one call
 * @hist: the histogram
 * @ns: how long it took
 */
void nova_bench_hist_add(struct nova_bench_hist *hist, u64 ns)
{
	hist->nr[nova_bench_bucket(ns)]++;
	hist->total++;
	hist->max = max(hist->max, ns);
}

static u64 nova_bench_percentile(const struct nova_bench_hist *hist, unsigned int percent)
{
	u64 left = div_u64(hist->total * percent, 100);
	unsigned int i;

	for (i = 0; i < NOVA_BENCH_BUCKETS - 1 && hist->nr[i] <= left; i++)
		left -= hist->nr[i];
	return nova_bench_bucket_ns(i);
}

static int nova_bench_cmp(const void *a, const void *b)
{
	const u64 *l = a, *r = b;

	return *l < *r ? -1 : *l > *r;
}

/* One line of JSON in the making. */
struct nova_bench_line {
	char text[512];
	int len;
};

static void nova_bench_number(struct nova_bench_line *line, const char *name, u64 thousandths)
{
	u32 rest;
	u64 whole = div_u64_rem(thousandths, 1000, &rest);

	line->len += scnprintf(line->text + line->len, sizeof(line->text) - line->len,
			       ",\"%s\":%llu.%03u", name, whole, rest);
}

/**
 * nova_bench_emit() - print a row
 * @row: the row; its samples are sorted
 */
void nova_bench_emit(struct nova_bench_row *row)
{
	struct nova_bench_line line = {};
	u64 ours, peer, ratio;

	sort(row->ours, row->nr, sizeof(u64), nova_bench_cmp, NULL);
	sort(row->peer, row->nr, sizeof(u64), nova_bench_cmp, NULL);
	ours = row->ours[row->nr / 2];
	peer = row->peer[row->nr / 2];
	ratio = row->inverse ? div64_u64(ours * 1000, max(peer, 1ull)) :
			       div64_u64(peer * 1000, max(ours, 1ull));
	nova_bench_number(&line, "ours", ours);
	nova_bench_number(&line, "peer", peer);
	nova_bench_number(&line, "ratio", ratio);
	if (row->goal)
		nova_bench_number(&line, "goal", row->goal);
	nova_bench_number(&line, "min", row->ours[0]);
	nova_bench_number(&line, "max", row->ours[row->nr - 1]);
	nova_bench_number(&line, "peer_min", row->peer[0]);
	nova_bench_number(&line, "peer_max", row->peer[row->nr - 1]);
	if (row->hist) {
		nova_bench_number(&line, "p50", nova_bench_percentile(row->hist, 50) * 1000);
		nova_bench_number(&line, "p99", nova_bench_percentile(row->hist, 99) * 1000);
		nova_bench_number(&line, "longest", row->hist->max * 1000);
	}
	pr_info("nova-bench: {\"name\":\"%s\",\"unit\":\"%s\"%s}\n", row->name, row->unit,
		line.text);
}

static int __init nova_bench_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nova_benches); i++)
		if (!strcmp(run, nova_benches[i].name))
			return nova_benches[i].run();
	pr_err("nova-bench: no benchmark %s\n", run);
	return -EINVAL;
}

static void __exit nova_bench_exit(void)
{
}

module_init(nova_bench_init);
module_exit(nova_bench_exit);

MODULE_DESCRIPTION("benchmarks of drm_nova");
MODULE_LICENSE("Dual MIT/GPL");
