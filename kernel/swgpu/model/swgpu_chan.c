// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu channels
 *
 * One channel: what its instance block says, its ring, and which part of the host is at
 * work for it. The block is read once, when the channel is bound (words are 32 bits)::
 *
 *   2, 3    USERD: 1:0 target, 31:9 address; 7:0 address 39:32
 *   4       SIGNATURE 0x0000face
 *   5, 0    GP_GET, GP_PUT: 0
 *   18, 19  GP_BASE: GPU virtual address of the ring, 7:0 its bits 39:32, 20:16 log2 of
 *           its entries; from Hopper on 24:0 its bits 56:32, 29:25 log2 of its entries
 *   57      HCE_CTRL: 5 the copy engine may use physical addresses
 *   61      CONFIG: 8 AUTH_LEVEL privileged
 *   0x200   the page directory
 *
 * An entry of the ring is two words::
 *
 *   0   0 FETCH (ignored), 31:2 pushbuffer VA 31:2
 *   1   7:0 VA 39:32, or the opcode if LENGTH is 0; 9 LEVEL, 30:10 LENGTH words, 31 SYNC
 *
 * PUT, in USERD at 0x8c, is read because somebody rang, and only then. GET, at 0x88, is
 * written when an entry has been executed to its end. gpu->lock is held.
 */

#include "swgpu.h"

#define SWGPU_USERD_GET 0x88
#define SWGPU_USERD_PUT 0x8c

static const struct swgpu_via swgpu_chan_host = { .host = true };

/* What the instance block says, checked; false leaves an unusable channel. */
static bool swgpu_chan_load(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	bool wide = gpu->chip->feat & SWGPU_HOST_WIDE;
	u32 word[64];
	u32 hi;

	if (!swgpu_phys_copy_out(gpu, NOVA_SWGPU_VRAM, chan->block, word, sizeof(word)) ||
	    !swgpu_mmu_root(gpu, NOVA_SWGPU_VRAM, chan->block, &chan->space))
		return false;
	hi = word[19];
	chan->userd_aperture = word[2] & 3;
	chan->userd = (u64)word[3] << 32 | (word[2] & ~0x1ffu);
	chan->ring = (u64)(hi & (wide ? 0x1ffffff : 0xff)) << 32 | word[18];
	chan->base_lo = word[18];
	chan->base_hi = hi;
	chan->ring_lg2 = swgpu_bits(hi, wide ? 29 : 20, wide ? 25 : 16);
	chan->privileged = swgpu_bits(word[61], 8, 8);
	chan->physical = swgpu_bits(word[57], 5, 5);
	if (word[4] != 0xface || word[0] || word[5] || word[2] & 0x1fc || word[3] >> 8 ||
	    chan->ring & 7 || hi & (wide ? 0xc0000000 : 0xffe0ff00))
		return false;
	return (chan->userd_aperture == NOVA_SWGPU_VRAM ||
		chan->userd_aperture == NOVA_SWGPU_SYS_COH) &&
	       swgpu_phys_ok(gpu, chan->userd_aperture, chan->userd, 512);
}

/**
 * swgpu_chan_bind - write NV_PCCSR_CHANNEL_INST
 * @gpu: the GPU
 * @chan: the channel
 * @val: 27:0 instance block >> 12, 29:28 target, 31 bind
 *
 * Context: gpu->lock held.
 */
void swgpu_chan_bind(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 val)
{
	bool bind = val >> 31;
	u16 id = chan->id;

	if (val & 0x40000000)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, val, NOVA_SWGPU_WRITE);
	if (chan->enabled || chan->listed || (bind && chan->bound) ||
	    (chan->used && swgpu_chan_busy(gpu, chan)))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_CHANNEL, val, NOVA_SWGPU_WRITE);
	if (gpu->host.loaded == chan)
		gpu->host.loaded = NULL;
	*chan = (struct swgpu_chan){
		.id = id, .inst = val, .bound = bind, .listed = chan->listed,
		.pbdma_faulted = chan->pbdma_faulted, .eng_faulted = chan->eng_faulted,
		.block = swgpu_bits(val, 27, 0) << 12,
	};
	if (!bind || (swgpu_bits(val, 29, 28) == NOVA_SWGPU_VRAM && swgpu_chan_load(gpu, chan)))
		return;
	chan->bound = false;
	chan->inst &= 0x7fffffff;
	swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_INST, chan->block, NOVA_SWGPU_READ);
}

static u32 swgpu_chan_userd(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 off)
{
	u64 val;

	if (!swgpu_phys_load(gpu, chan->userd_aperture, chan->userd + off, 4, &val))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, chan->userd, NOVA_SWGPU_READ);
	return (u32)val;
}

/**
 * swgpu_chan_busy - is there work that the host has begun or will begin?
 * @gpu: the GPU
 * @chan: the channel
 *
 * Context: gpu->lock held.
 * Return: NV_PCCSR_CHANNEL_BUSY.
 */
bool swgpu_chan_busy(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	if (!chan->bound || chan->stopped)
		return false;
	return chan->push.entry || chan->get != chan->put ||
	       (chan->rung && swgpu_chan_userd(gpu, chan, SWGPU_USERD_PUT) != chan->get);
}

/* An entry has been executed to its end. */
static void swgpu_chan_advance(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	chan->push.entry = false;
	chan->get = (chan->get + 1) & ((1u << chan->ring_lg2) - 1);
	gpu->log.count.gp_entries++;
	swgpu_port_mb();
	if (!swgpu_phys_store(gpu, chan->userd_aperture, chan->userd + SWGPU_USERD_GET, 4,
			      chan->get))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, chan->userd, NOVA_SWGPU_WRITE);
}

/* The ring must not reach the end of the addresses: 40 or 57 bits. */
static bool swgpu_chan_ring_ok(const struct nova_swgpu *gpu, const struct swgpu_chan *chan)
{
	u64 end = 1ull << (gpu->chip->feat & SWGPU_HOST_WIDE ? 57 : 40);

	return chan->ring < end && 8ull << chan->ring_lg2 <= end - chan->ring;
}

/* PUT as the driver has it now; false if that is none. */
static bool swgpu_chan_look(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	u32 put;

	chan->rung = false;
	if (!swgpu_chan_ring_ok(gpu, chan)) {
		swgpu_report_error(gpu, chan, SWGPU_ERROR_GPFIFO, chan->base_lo, chan->base_hi);
		return false;
	}
	put = swgpu_chan_userd(gpu, chan, SWGPU_USERD_PUT);
	if (put >> chan->ring_lg2) {
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_CHANNEL, put, NOVA_SWGPU_READ);
		swgpu_report_error(gpu, chan, SWGPU_ERROR_GPPTR, put, chan->get);
		return false;
	}
	chan->put = put;
	return true;
}

/* LENGTH 0: an operation instead of a segment. False if there is no such operation. */
static bool swgpu_chan_control(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 lo, u32 hi)
{
	switch (swgpu_bits(hi, 7, 0)) {
	case 0:		/* NOP */
		return true;
	case 4:		/* SET_PB_SEGMENT_EXTENDED_BASE */
		chan->base = (u64)swgpu_bits(lo, 24, 8) << 40;
		return gpu->chip->feat & SWGPU_HOST_WIDE && !(lo & 0xfe0000ff);
	}
	return false;
}

static bool swgpu_chan_segment(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 lo, u32 hi)
{
	u64 va = (u64)swgpu_bits(hi, 7, 0) << 32 | (lo & ~3u);

	chan->push.va = chan->base | va;
	chan->push.left = swgpu_bits(hi, 30, 10);
	/* The word behind the segment must have an address, too. */
	return !(lo & 2) && va + chan->push.left * 4ull < 1ull << 40;
}

/* Takes the next entry off the ring. */
static void swgpu_chan_fetch(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	u64 va = chan->ring + chan->get * 8ull;
	u32 lo, hi;
	u64 word;
	bool ok;

	if (!swgpu_span_load_word(gpu, chan, &swgpu_chan_host, va, 8, &word))
		return;
	lo = (u32)word;
	hi = (u32)(word >> 32);
	chan->push.entry = true;
	chan->push.left = 0;
	ok = swgpu_bits(hi, 30, 10) ? swgpu_chan_segment(gpu, chan, lo, hi) :
				      swgpu_chan_control(gpu, chan, lo, hi);
	if (!ok || hi & 0x100)
		swgpu_report_error(gpu, chan, SWGPU_ERROR_GPENTRY, lo, hi);
}

/**
 * swgpu_chan_step - do a little of a channel's work
 * @gpu: the GPU
 * @chan: the channel
 * @cost: grows by the bytes copied, or what counts like them; about %SWGPU_STEP at most
 *
 * Context: gpu->lock held.
 * Return: what came of it.
 */
enum swgpu_progress swgpu_chan_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost)
{
	enum swgpu_progress progress = SWGPU_DONE;

	*cost += 256;
	if (chan->launch.active)
		progress = swgpu_ce_step(gpu, chan, cost);
	else if (chan->acquiring)
		progress = swgpu_host_acquire(gpu, chan);
	else if (chan->push.left)
		swgpu_push_step(gpu, chan, cost);
	else if (chan->push.entry)
		swgpu_chan_advance(gpu, chan);
	else if (chan->get != chan->put)
		swgpu_chan_fetch(gpu, chan);
	else if (!chan->rung || !swgpu_chan_look(gpu, chan) || chan->get == chan->put)
		return SWGPU_IDLE;
	return chan->stopped ? SWGPU_IDLE : progress;
}
