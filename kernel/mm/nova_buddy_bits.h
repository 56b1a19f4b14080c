/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_BITS_H__
#define __NOVA_BUDDY_BITS_H__

/*
 * Private to nova_buddy*.c: runs of ones in a word of 64 units.
 */

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/types.h>

/** nova_buddy_bits() - @nr ones (1 to 64) from bit @first */
static inline u64 nova_buddy_bits(unsigned int first, unsigned int nr)
{
	return (~0ull >> (64 - nr)) << first;
}

/** nova_buddy_span() - 2^@order (0 to 6) ones from bit @first */
static __always_inline u64 nova_buddy_span(unsigned int first, unsigned int order)
{
	static const u64 ones[7] = { 1, 3, 0xf, 0xff, 0xffff, 0xffffffff, ~0ull };

	return ones[order] << first;
}

/** nova_buddy_first_order() - order of the largest aligned block that a range begins with */
static inline unsigned int nova_buddy_first_order(u64 first, u64 end)
{
	unsigned int order = __fls(end - first);

	return first & ((1ull << order) - 1) ? __ffs64(first) : order;
}

/** nova_buddy_in_a_word() - whether a range is of units that share a word */
static inline bool nova_buddy_in_a_word(u64 first, u64 end)
{
	unsigned int shift = __ffs64(first | end) / 6 * 6 + 6;

	return first >> shift == (end - 1) >> shift;
}

/** nova_buddy_starts() - the units that an aligned run of 2^@order (0 to 7) can start at */
static __always_inline u64 nova_buddy_starts(unsigned int order)
{
	static const u64 starts[8] = {
		~0ull, ~0ull / 0x3, ~0ull / 0xf, ~0ull / 0xff, ~0ull / 0xffff, ~0ull / 0xffffffff,
		1, 0,
	};

	return starts[order];
}

/** nova_buddy_pairs() - of the aligned runs of 2^@order (0 to 5) those that make one of the next */
static __always_inline u64 nova_buddy_pairs(u64 runs, unsigned int order)
{
	return runs & (runs >> (1u << order)) & nova_buddy_starts(order + 1);
}

/** nova_buddy_runs() - bit i of @runs[k]: @word holds the aligned run of 2^k units from i */
static __always_inline void nova_buddy_runs(u64 word, u64 runs[8])
{
	/* without a loop: the masks are constants */
	runs[0] = word;
	runs[1] = nova_buddy_pairs(runs[0], 0);
	runs[2] = nova_buddy_pairs(runs[1], 1);
	runs[3] = nova_buddy_pairs(runs[2], 2);
	runs[4] = nova_buddy_pairs(runs[3], 3);
	runs[5] = nova_buddy_pairs(runs[4], 4);
	runs[6] = nova_buddy_pairs(runs[5], 5);
	runs[7] = 0;
}

/** nova_buddy_alone() - of the runs of 2^@order (0 to 6) those in none of the @longer ones */
static __always_inline u64 nova_buddy_alone(u64 runs, u64 longer, unsigned int order)
{
	return runs & ~(longer | longer << ((1u << order) & 63));
}

/**
 * nova_buddy_fold() - where aligned runs are
 * @word: a set of 64 units
 * @order: log2 of their units, 0 to 6
 *
 * One added to what each run holds below its last unit carries into that if all are there.
 *
 * Return: bit i: @word holds the aligned run of 2^@order units from i.
 */
static __always_inline u64 nova_buddy_fold(u64 word, unsigned int order)
{
	u64 first = nova_buddy_starts(order);
	unsigned int to_last = (1u << order) - 1;
	u64 last = first << to_last;

	return (((word & ~last) + first) & word & last) >> to_last;
}

/** nova_buddy_exact() - bit i: a maximal aligned run of 2^@order (0 to 6) of @word starts at i */
static __always_inline u64 nova_buddy_exact(u64 word, unsigned int order)
{
	u64 runs = nova_buddy_fold(word, order);
	u64 longer = runs & (runs >> ((1u << order) & 63)) & nova_buddy_starts(order + 1);

	return nova_buddy_alone(runs, longer, order);
}

/** nova_buddy_orders() - bit k (0 to 6): @word holds a maximal aligned run of 2^k units */
static inline unsigned int nova_buddy_orders(u64 word)
{
	unsigned int orders = 0;
	u64 runs[8];

	nova_buddy_runs(word, runs);
	orders |= (unsigned int)!!nova_buddy_alone(runs[0], runs[1], 0);
	orders |= (unsigned int)!!nova_buddy_alone(runs[1], runs[2], 1) << 1;
	orders |= (unsigned int)!!nova_buddy_alone(runs[2], runs[3], 2) << 2;
	orders |= (unsigned int)!!nova_buddy_alone(runs[3], runs[4], 3) << 3;
	orders |= (unsigned int)!!nova_buddy_alone(runs[4], runs[5], 4) << 4;
	orders |= (unsigned int)!!nova_buddy_alone(runs[5], runs[6], 5) << 5;
	return orders | (unsigned int)runs[6] << 6;
}

/**
 * nova_buddy_merged() - order of the maximal aligned run around a unit
 * @word: a set of 64 units
 * @pos: a unit in it
 *
 * The nearest missing neighbours decide: a run ends below the highest bit in which the position of
 * one of them differs from @pos. Behind the last unit one counts as missing, and far below the
 * first: so nothing depends on whether there is one, which nobody could predict.
 *
 * Return: 0 to 6.
 */
static __always_inline unsigned int nova_buddy_merged(u64 word, unsigned int pos)
{
	u64 below = ~word & ((1ull << pos) - 1), above = ~word & (~0ull << pos);
	u64 prev = (u64)__fls(below << 1 | 1) - 1, next = __ffs64(above >> 1 | 1ull << 63) + 1;

	return __fls(min(pos ^ prev, pos ^ next));
}

#endif
