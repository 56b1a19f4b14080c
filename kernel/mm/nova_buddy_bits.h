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

extern const u64 nova_buddy_start_mask[7];

/** nova_buddy_fold() - bit i: @word holds the aligned run of 2^@order (0 to 6) units from i */
static inline u64 nova_buddy_fold(u64 word, unsigned int order)
{
	unsigned int run;

	for (run = 1; run < 1u << order; run *= 2)
		word &= word >> run;
	return word & nova_buddy_start_mask[order];
}

/**
 * nova_buddy_exact() - maximal aligned runs of an order
 * @word: a set of 64 units
 * @order: log2 of their units, 0 to 6
 *
 * All orders are worked out, and two of them used: which is asked for is as good as random.
 *
 * Return: bit i: one starts at unit i.
 */
static inline u64 nova_buddy_exact(u64 word, unsigned int order)
{
	u64 runs[8] = { word };
	unsigned int k;

	for (k = 0; k < 6; k++)
		runs[k + 1] = runs[k] & (runs[k] >> (1u << k)) & nova_buddy_start_mask[k + 1];
	return runs[order] & ~(runs[order + 1] | runs[order + 1] << ((1u << order) & 63));
}

/**
 * nova_buddy_merged() - order of the maximal aligned run around a unit
 * @word: a set of 64 units
 * @pos: a unit in it
 *
 * The nearest missing neighbours decide: a run ends below the highest bit in which the position of
 * one of them differs from @pos.
 *
 * Return: 0 to 6.
 */
static inline unsigned int nova_buddy_merged(u64 word, unsigned int pos)
{
	u64 below = ~word & ((1ull << pos) - 1), above = ~word >> pos;
	u64 differ = below ? pos ^ __fls(below) : 64;

	if (above)
		differ = min(differ, (u64)(pos ^ (pos + __ffs(above))));
	return __fls(differ);
}

#endif
