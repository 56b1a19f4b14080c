// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu host
 *
 * What makes channels run: the registers of Turing's PFIFO and of its channel RAM, on
 * every chip, for one runlist with 512 channels, one PBDMA and one copy engine::
 *
 *   0x002b00 RUNLIST_BASE_LO  1:0 target, 31:12 address    0x002b04 _HI  address 63:32
 *   0x002b08 RUNLIST_SUBMIT   15:0 entries                 0x002b0c _INFO  15 pending
 *   0x002634 PREEMPT          11:0 id, 25:24 channel, TSG, runlist; 20 pending
 *   0x800000 + 8 c CHANNEL_INST  27:0 block >> 12, 29:28 target, 31 bind
 *   0x800004 + 8 c CHANNEL       0 enable, 10 set it, 11 clear it, 22 PBDMA_FAULTED,
 *                                23 ENG_FAULTED (write 1 to clear), 28 busy
 *   0xbb0090 DOORBELL            the channel
 *
 * A doorbell executes nothing: it notes that somebody rang and wakes the worker, which
 * is nova_swgpu_step() called again and again. Each call takes gpu->lock for one bounded
 * step, so a register access never waits for more than some 64 KiB of copying, and no
 * step uses a translation found before another took the lock.
 *
 * Strict: what a driver must not do with a channel is recorded and then done as far as
 * that is possible.
 */

#include "swgpu.h"
#include "swgpu_walk.h"

#define SWGPU_PCCSR 0x800000u
#define SWGPU_MAX_IDLE_US 8192u

/**
 * swgpu_host_init - make a host without channels
 * @gpu: the GPU
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; swgpu_host_fini() is due in both cases.
 */
int swgpu_host_init(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;

	host->chan = swgpu_port_zalloc(SWGPU_CHANNELS, sizeof(*host->chan));
	host->bounce = swgpu_port_zalloc(2, SWGPU_PAGE);
	if (!host->chan || !host->bounce)
		return -ENOMEM;
	swgpu_host_reset(gpu);
	return 0;
}

/**
 * swgpu_host_fini - free a host
 * @gpu: the GPU, whose worker has ended
 */
void swgpu_host_fini(struct nova_swgpu *gpu)
{
	swgpu_port_free(gpu->host.chan);
	swgpu_port_free(gpu->host.bounce);
}

/**
 * swgpu_host_reset - forget all channels, as after a reset
 * @gpu: the GPU
 *
 * Context: gpu->lock held.
 */
void swgpu_host_reset(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;
	struct swgpu_chan *chan = host->chan;
	u8 *bounce = host->bounce;
	u16 i;

	memset(host, 0, sizeof(*host));
	host->chan = chan;
	host->bounce = bounce;
	host->round = 1;
	for (i = 0; i < SWGPU_CHANNELS; i++)
		chan[i] = (struct swgpu_chan){ .id = i };
}

/**
 * swgpu_host_kick - there may be something to do
 * @gpu: the GPU
 *
 * Context: gpu->lock held.
 */
void swgpu_host_kick(struct nova_swgpu *gpu)
{
	gpu->host.idle_us = 0;
	if (!gpu->cfg.by_hand)
		swgpu_port_kick(gpu);
}

static void swgpu_host_doorbell(struct nova_swgpu *gpu, u32 val)
{
	struct swgpu_host *host = &gpu->host;

	gpu->log.count.doorbells++;
	if (val >= SWGPU_CHANNELS || !host->chan[val].listed) {
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_CHANNEL, val, NOVA_SWGPU_WRITE);
		return;
	}
	if (gpu->inject.doorbell_drop) {
		gpu->inject.doorbell_drop--;
		return;
	}
	host->chan[val].rung = true;
	swgpu_host_kick(gpu);
}

static u32 swgpu_host_chan_read(struct nova_swgpu *gpu, struct swgpu_chan *chan, bool inst)
{
	if (inst)
		return chan->inst;
	return chan->enabled | (u32)chan->pbdma_faulted << 22 | (u32)chan->eng_faulted << 23 |
	       (u32)swgpu_chan_busy(gpu, chan) << 28;
}

static void swgpu_host_chan_write(struct nova_swgpu *gpu, struct swgpu_chan *chan, bool inst,
				  u32 val)
{
	bool set = val & 1u << 10;
	bool clear = val & 1u << 11;

	if (inst) {
		swgpu_chan_bind(gpu, chan, val);
		return;
	}
	if (val & ~0x00c00c00u || (set && clear))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, val, NOVA_SWGPU_WRITE);
	if (set && !chan->bound)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_CHANNEL, val, NOVA_SWGPU_WRITE);
	if (val & 1u << 22)
		chan->pbdma_faulted = false;
	if (val & 1u << 23)
		chan->eng_faulted = false;
	chan->enabled = (chan->enabled || set) && !clear && chan->bound;
	swgpu_host_kick(gpu);
}

static bool swgpu_host_is_chan(u32 off)
{
	return off >= SWGPU_PCCSR && off < SWGPU_PCCSR + SWGPU_CHANNELS * 8;
}

/**
 * swgpu_host_read - read a register if it is the host's
 * @gpu: the GPU
 * @off: BAR0 offset, multiple of 4
 * @val: receives its value
 *
 * Context: gpu->lock held.
 * Return: whether it is.
 */
bool swgpu_host_read(struct nova_swgpu *gpu, u32 off, u32 *val)
{
	struct swgpu_host *host = &gpu->host;

	if (swgpu_host_is_chan(off)) {
		*val = swgpu_host_chan_read(gpu, &host->chan[(off - SWGPU_PCCSR) / 8],
					    !(off & 4));
		return true;
	}
	switch (off) {
	case 0x002b00:
		*val = host->base_lo;
		return true;
	case 0x002b04:
		*val = host->base_hi;
		return true;
	case 0x002b08:
		*val = host->submit;
		return true;
	case 0x002b0c:
		*val = swgpu_runlist_poll(gpu);
		return true;
	case 0x002634:
		*val = swgpu_preempt_poll(gpu);
		return true;
	case 0xbb0090:
		*val = 0;
		return true;
	}
	return swgpu_report_read(gpu, off, val);
}

static void swgpu_host_base(struct nova_swgpu *gpu, u32 *base, u32 val)
{
	if (gpu->host.submit_wait.busy)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_RUNLIST, val, NOVA_SWGPU_WRITE);
	*base = val;
}

/**
 * swgpu_host_write - write a register if it is one of the host's that can be
 * @gpu: the GPU
 * @off: BAR0 offset, multiple of 4
 * @val: the word
 *
 * Context: gpu->lock held.
 * Return: whether it is.
 */
bool swgpu_host_write(struct nova_swgpu *gpu, u32 off, u32 val)
{
	struct swgpu_host *host = &gpu->host;

	if (swgpu_host_is_chan(off)) {
		swgpu_host_chan_write(gpu, &host->chan[(off - SWGPU_PCCSR) / 8], !(off & 4), val);
		return true;
	}
	switch (off) {
	case 0x002b00:
		swgpu_host_base(gpu, &host->base_lo, val);
		return true;
	case 0x002b04:
		swgpu_host_base(gpu, &host->base_hi, val);
		return true;
	case 0x002b08:
		swgpu_runlist_submit(gpu, val);
		return true;
	case 0x002634:
		swgpu_preempt_start(gpu, val);
		return true;
	case 0x002b0c:
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, off, NOVA_SWGPU_WRITE);
		return true;
	case 0xbb0090:
		swgpu_host_doorbell(gpu, val);
		return true;
	}
	return swgpu_report_write(gpu, off, val);
}

static bool swgpu_host_overlap(u64 a, u64 a_len, u64 b, u64 b_len)
{
	return a < b ? b - a < a_len : a - b < b_len;
}

/* Pages of a ring in VRAM that are in the way. */
static unsigned int swgpu_host_ring_uses(struct nova_swgpu *gpu, const struct swgpu_chan *chan,
					 u64 addr, u64 len)
{
	u64 end = chan->ring + (8ull << chan->ring_lg2);
	unsigned int nr = 0;
	struct nova_swgpu_xlate x;
	u64 va;

	for (va = chan->ring & ~4095ull; va < end; va += SWGPU_PAGE) {
		swgpu_walk(gpu, &chan->space, va, false, NULL, &x);
		if (x.result == NOVA_SWGPU_MAPPED && x.aperture == NOVA_SWGPU_VRAM)
			nr += swgpu_host_overlap(x.addr + (va & ((1ull << x.page_shift) - 1)),
						 SWGPU_PAGE, addr, len);
	}
	return nr;
}

/**
 * swgpu_host_uses - do channels still depend on a piece of VRAM?
 * @gpu: the GPU
 * @addr: first byte
 * @len: bytes
 *
 * Context: gpu->lock held.
 * Return: instance blocks and USERDs of bound channels and pages of rings of enabled
 * ones that are there.
 */
unsigned int swgpu_host_uses(struct nova_swgpu *gpu, u64 addr, u64 len)
{
	const struct swgpu_chan *chan;
	unsigned int nr = 0;

	for (chan = gpu->host.chan; chan < gpu->host.chan + SWGPU_CHANNELS; chan++) {
		if (!chan->bound)
			continue;
		nr += swgpu_host_overlap(chan->block, SWGPU_PAGE, addr, len);
		if (chan->userd_aperture == NOVA_SWGPU_VRAM)
			nr += swgpu_host_overlap(chan->userd, 512, addr, len);
		if (chan->enabled)
			nr += swgpu_host_ring_uses(gpu, chan, addr, len);
	}
	return nr;
}

/**
 * nova_swgpu_step - let the channels do a little
 * @gpu: the GPU
 *
 * The worker calls this; a test may, with &nova_swgpu_config.by_hand.
 *
 * Context: any; takes gpu->lock for about as long as copying 64 KiB takes.
 * Return: microseconds after which it should be called again: 0 for at once,
 * %NOVA_SWGPU_NEVER if there is nothing to do before the next register write.
 */
u32 nova_swgpu_step(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;
	enum swgpu_progress progress = SWGPU_IDLE;
	u32 us = 0;

	swgpu_port_lock(&gpu->lock);
	if (!swgpu_port_count(&gpu->inject.gone))
		progress = swgpu_sched_step(gpu);
	if (progress == SWGPU_WAIT) {
		host->idle_us = host->idle_us ? host->idle_us * 2 : 64;
		if (host->idle_us > SWGPU_MAX_IDLE_US)
			host->idle_us = SWGPU_MAX_IDLE_US;
		us = host->idle_us;
	}
	swgpu_port_unlock(&gpu->lock);
	return progress == SWGPU_IDLE ? NOVA_SWGPU_NEVER : us;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_step);
