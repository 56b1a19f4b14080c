// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu copy engine
 *
 * The methods of the copy classes, C5B5 to CAB5, and what LAUNCH_DMA sets going. All
 * but the launch only remember; which bits an operand may have is in one table::
 *
 *   0x300 LAUNCH_DMA
 *     1:0 transfer: 0 none, 1 pipelined, 2 not     2 flush           4:3 semaphore
 *     6:5 interrupt (ignored)    7, 8 source, destination in pitch layout
 *     9 multi-line    10 remap   12, 13 source, destination physical
 *     27 the semaphore's payload has 64 bits (from C7B5 on)
 *
 * The engine refuses what the model does not do: block-linear memory, reductions,
 * prefetch, video protection, copy types, scrubbing, peers, a conditional semaphore. It
 * also refuses physical addresses where the channel must not use them. A refused
 * method stops the channel as an error.
 *
 * A launch is a state in the channel, advanced step by step, and so can be switched
 * out. gpu->lock is held. Addresses and lengths are bytes.
 */

#include "swgpu.h"

/** struct swgpu_ce_row - a method that is only remembered */
static const struct swgpu_ce_row {
	u16 method;
	/** @reg: enum swgpu_ce_reg */
	u8 reg;
	/** @feat: the chip must have it; @lacks: must not */
	u32 feat, lacks;
	/** @mask: bits there are */
	u32 mask;
} swgpu_ce_rows[] = {
	{ 0x240, SWGPU_CE_SEM_UPPER, 0, SWGPU_HOST_WIDE, 0x1ffff },
	{ 0x240, SWGPU_CE_SEM_UPPER, SWGPU_HOST_WIDE, 0, 0x1ffffff },
	{ 0x244, SWGPU_CE_SEM_LOWER, 0, 0, ~0u },
	{ 0x248, SWGPU_CE_PAYLOAD, 0, 0, ~0u },
	{ 0x24c, SWGPU_CE_PAYLOAD_UPPER, SWGPU_CE_PAYLOAD64, 0, ~0u },
	{ 0x260, SWGPU_CE_SRC_PHYS, 0, 0, 3 },
	{ 0x264, SWGPU_CE_DST_PHYS, 0, 0, 3 },
	{ 0x400, SWGPU_CE_IN_UPPER, 0, SWGPU_HOST_WIDE, 0x1ffff },
	{ 0x400, SWGPU_CE_IN_UPPER, SWGPU_HOST_WIDE, 0, 0x1ffffff },
	{ 0x404, SWGPU_CE_IN_LOWER, 0, 0, ~0u },
	{ 0x408, SWGPU_CE_OUT_UPPER, 0, SWGPU_HOST_WIDE, 0x1ffff },
	{ 0x408, SWGPU_CE_OUT_UPPER, SWGPU_HOST_WIDE, 0, 0x1ffffff },
	{ 0x40c, SWGPU_CE_OUT_LOWER, 0, 0, ~0u },
	{ 0x410, SWGPU_CE_PITCH_IN, 0, 0, ~0u },
	{ 0x414, SWGPU_CE_PITCH_OUT, 0, 0, ~0u },
	{ 0x418, SWGPU_CE_LINE_LENGTH, 0, 0, ~0u },
	{ 0x41c, SWGPU_CE_LINE_COUNT, 0, 0, ~0u },
	{ 0x700, SWGPU_CE_CONST_A, 0, 0, ~0u },
	{ 0x704, SWGPU_CE_CONST_B, 0, 0, ~0u },
	{ 0x708, SWGPU_CE_COMPONENTS, 0, 0, 0x03337777 },
};

static u64 swgpu_ce_addr(const struct swgpu_chan *chan, enum swgpu_ce_reg upper)
{
	return (u64)chan->ce[upper] << 32 | chan->ce[upper + 1];
}

/* What LAUNCH_DMA may not have set on this chip. */
static u32 swgpu_ce_reserved(const struct swgpu_chip *chip)
{
	u32 bits = 0xf1880000;		/* 31:28, 24, 23 VPR or scrub, 19 REDUCTION_ENABLE */

	bits |= 0x00400000;		/* 22 VPR_MODE */
	if (chip->feat & SWGPU_HOST_WIDE)
		bits |= 0x00300000;	/* 21:20 COPY_TYPE; before, the L2 is bypassed */
	if (!(chip->feat & SWGPU_CE_PAYLOAD64))
		bits |= 0x08000000;
	return bits;
}

static bool swgpu_ce_components(struct swgpu_launch *launch, u32 val)
{
	struct swgpu_remap *map = &launch->map;
	unsigned int i;

	*map = (struct swgpu_remap){
		.size = swgpu_bits(val, 17, 16) + 1,
		.nr_src = swgpu_bits(val, 21, 20) + 1,
		.nr_dst = swgpu_bits(val, 25, 24) + 1,
	};
	for (i = 0; i < map->nr_dst; i++) {
		map->select[i] = swgpu_bits(val, i * 4 + 2, i * 4);
		if (map->select[i] < 4 && map->select[i] >= map->nr_src)
			return false;
		map->reads |= map->select[i] < 4;
		map->skips |= map->select[i] == 6;
		if (map->select[i] == 7)
			return false;
	}
	return map->size != 3;
}

static bool swgpu_ce_via(const struct swgpu_chan *chan, bool physical, u32 mode,
			 struct swgpu_via *via)
{
	static const u8 aperture[] = {
		NOVA_SWGPU_VRAM, NOVA_SWGPU_SYS_COH, NOVA_SWGPU_SYS_NONCOH, NOVA_SWGPU_PEER,
	};

	*via = (struct swgpu_via){ .physical = physical, .aperture = aperture[mode] };
	return !physical || (chan->physical && via->aperture != NOVA_SWGPU_PEER);
}

/* Whether data moves, and if so from where to where. False if it cannot. */
static bool swgpu_ce_transfer(struct swgpu_chan *chan, u32 cmd)
{
	struct swgpu_launch *launch = &chan->launch;
	bool multi = swgpu_bits(cmd, 9, 9);
	bool reads = true;

	if (swgpu_bits(cmd, 1, 0) == 0)
		return true;
	if (swgpu_bits(cmd, 1, 0) == 3)
		return false;
	launch->remap = swgpu_bits(cmd, 10, 10);
	if (launch->remap) {
		if (!swgpu_ce_components(launch, chan->ce[SWGPU_CE_COMPONENTS]))
			return false;
		reads = launch->map.reads;
	}
	launch->in = swgpu_ce_addr(chan, SWGPU_CE_IN_UPPER);
	launch->out = swgpu_ce_addr(chan, SWGPU_CE_OUT_UPPER);
	launch->nr = chan->ce[SWGPU_CE_LINE_LENGTH];
	launch->lines = multi ? chan->ce[SWGPU_CE_LINE_COUNT] : 1;
	if (!launch->nr || !launch->lines)
		launch->nr = launch->lines = 0;
	if (reads && (!swgpu_bits(cmd, 7, 7) ||
		      !swgpu_ce_via(chan, swgpu_bits(cmd, 12, 12), chan->ce[SWGPU_CE_SRC_PHYS],
				    &launch->src)))
		return false;
	return swgpu_bits(cmd, 8, 8) &&
	       swgpu_ce_via(chan, swgpu_bits(cmd, 13, 13), chan->ce[SWGPU_CE_DST_PHYS],
			    &launch->dst);
}

/* Is the semaphore of the launch one? */
static bool swgpu_ce_sem_ok(const struct swgpu_chan *chan, u32 cmd)
{
	u64 align = swgpu_bits(cmd, 4, 3) == 2 ? 16 : swgpu_bits(cmd, 27, 27) ? 8 : 4;

	if (swgpu_bits(cmd, 4, 3) == 0)
		return true;
	return swgpu_bits(cmd, 4, 3) != 3 &&
	       !(swgpu_ce_addr(chan, SWGPU_CE_SEM_UPPER) & (align - 1));
}

static bool swgpu_ce_launch(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 cmd)
{
	struct swgpu_launch *launch = &chan->launch;

	*launch = (struct swgpu_launch){ .cmd = cmd };
	if (cmd & swgpu_ce_reserved(gpu->chip) || !swgpu_ce_sem_ok(chan, cmd) ||
	    !swgpu_ce_transfer(chan, cmd))
		return false;
	launch->active = true;
	if (gpu->inject.ce_slow)
		launch->ready = swgpu_port_ns() + gpu->inject.ce_slow * 1000ull;
	gpu->log.count.launches++;
	return true;
}

/**
 * swgpu_ce_method - a method for the copy engine
 * @gpu: the GPU
 * @chan: whose
 * @method: byte offset, from 0x100 on
 * @data: its operand
 *
 * Context: gpu->lock held.
 * Return: false if the engine refuses it.
 */
bool swgpu_ce_method(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 method, u32 data)
{
	u32 feat = gpu->chip->feat;
	const struct swgpu_ce_row *row;

	if (method == 0x300)
		return swgpu_ce_launch(gpu, chan, data);
	if (method == 0x100)		/* NOP */
		return true;
	for (row = swgpu_ce_rows; row < swgpu_ce_rows + ARRAY_SIZE(swgpu_ce_rows); row++) {
		if (row->method != method || (feat & row->feat) != row->feat || feat & row->lacks)
			continue;
		chan->ce[row->reg] = data;
		return !(data & ~row->mask);
	}
	return false;
}

static bool swgpu_ce_release(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	static const struct swgpu_via via = { 0 };
	u32 cmd = chan->launch.cmd;
	u64 va = swgpu_ce_addr(chan, SWGPU_CE_SEM_UPPER);
	unsigned int size = swgpu_bits(cmd, 27, 27) ? 8 : 4;
	u64 val = chan->ce[SWGPU_CE_PAYLOAD];

	if (swgpu_bits(cmd, 4, 3) == 0)
		return true;
	if (size == 8)
		val |= (u64)chan->ce[SWGPU_CE_PAYLOAD_UPPER] << 32;
	if (swgpu_bits(cmd, 4, 3) == 2 &&
	    !swgpu_span_store_word(gpu, chan, &via, va + 8, 8, swgpu_port_ns()))
		return false;
	if (!swgpu_span_store_word(gpu, chan, &via, va, size, val))
		return false;
	gpu->log.count.releases++;
	return true;
}

/* One bit of the first line is not what it should be. */
static bool swgpu_ce_corrupt(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	struct swgpu_launch *launch = &chan->launch;
	u64 addr = swgpu_ce_addr(chan, SWGPU_CE_OUT_UPPER);
	u8 byte;

	gpu->inject.copy_corrupt--;
	addr += swgpu_random(gpu) % launch->nr;
	if (!swgpu_span_get(gpu, chan, &launch->dst, addr, &byte, 1))
		return false;
	byte ^= 1u << swgpu_random(gpu) % 8;
	return swgpu_span_put(gpu, chan, &launch->dst, addr, &byte, 1);
}

/* The copying is done and it is time: the end of the launch. */
static void swgpu_ce_complete(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	if (gpu->inject.copy_corrupt && chan->launch.nr && !swgpu_ce_corrupt(gpu, chan))
		return;
	if (swgpu_ce_release(gpu, chan))
		chan->launch.active = false;
}

/**
 * swgpu_ce_step - do a little of a launch
 * @gpu: the GPU
 * @chan: whose
 * @cost: grows by the bytes copied
 *
 * Context: gpu->lock held.
 * Return: what came of it.
 */
enum swgpu_progress swgpu_ce_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost)
{
	struct swgpu_launch *launch = &chan->launch;

	if (launch->lines) {
		if (launch->remap)
			swgpu_remap_step(gpu, chan, cost);
		else
			swgpu_copy_step(gpu, chan, cost);
		return SWGPU_DONE;
	}
	if (gpu->inject.ce_stuck || (launch->ready && swgpu_port_ns() < launch->ready))
		return SWGPU_WAIT;
	swgpu_ce_complete(gpu, chan);
	return SWGPU_DONE;
}
