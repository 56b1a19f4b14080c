// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu report
 *
 * How the host tells the driver that a channel went wrong. An access that the MMU
 * refused is queued here, 65 deep, and shown one by one::
 *
 *   0xb83080 MMU_FAULT_ADDR_LO  31:12 VA              0xb83084 _HI  VA 63:32
 *   0xb83088 MMU_FAULT_INST_LO  8:0 engine, 11:10 aperture, 31:12 instance
 *   0xb8308c MMU_FAULT_INST_HI  instance 63:32
 *   0xb83090 MMU_FAULT_INFO     4:0 type, 14:8 client, 19:16 access, 20 hub, 31 valid
 *   0xb83094 MMU_FAULT_STATUS   write 0x80000000: next
 *
 * Anything else that stops a channel is a bit of the PBDMA's interrupt register; the
 * first one also says which channel and which method, and stays until it is cleared::
 *
 *   0x40108 INTR_0   0x40120 CHANNEL   0x400c0 METHOD0   0x400c4 DATA0
 *
 * When the queue is full the newest fault is dropped, so the first cause is kept.
 * gpu->lock is held. Addresses are bytes.
 */

#include "swgpu.h"

/* NV_PFAULT_CLIENT_HUB_… */
#define SWGPU_CLIENT_CE0 1u
#define SWGPU_CLIENT_HOST 6u

static const struct swgpu_host_fault *swgpu_report_shown(const struct swgpu_host *host)
{
	static const struct swgpu_host_fault none;

	return host->nr_faults ? &host->fault[host->fault_first] : &none;
}

/**
 * swgpu_report_read - read a register if it is one of those above
 * @gpu: the GPU
 * @off: BAR0 offset
 * @val: receives its value
 *
 * Return: whether it is.
 */
bool swgpu_report_read(struct nova_swgpu *gpu, u32 off, u32 *val)
{
	struct swgpu_host *host = &gpu->host;
	const struct swgpu_host_fault *fault = swgpu_report_shown(host);
	const struct {
		u32 off, val;
	} regs[] = {
		{ 0x040108, host->intr }, { 0x040120, host->channel },
		{ 0x0400c0, host->method0 }, { 0x0400c4, host->data0 },
		{ 0xb83080, (u32)fault->va & 0xfffff000 }, { 0xb83084, (u32)(fault->va >> 32) },
		{ 0xb83088, ((u32)fault->block & 0xfffff000) | fault->engine },
		{ 0xb8308c, (u32)(fault->block >> 32) },
		{ 0xb83090, fault->info }, { 0xb83094, host->nr_faults ? 0x80000000 : 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		if (regs[i].off != off)
			continue;
		*val = regs[i].val;
		return true;
	}
	return false;
}

static void swgpu_report_next(struct nova_swgpu *gpu, u32 val)
{
	struct swgpu_host *host = &gpu->host;

	if (val != 0x80000000)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, val, NOVA_SWGPU_WRITE);
	if (!(val & 0x80000000) || !host->nr_faults)
		return;
	host->fault_first = (host->fault_first + 1) % SWGPU_HOST_FAULTS;
	host->nr_faults--;
}

/**
 * swgpu_report_write - write a register if it is one of those above
 * @gpu: the GPU
 * @off: BAR0 offset
 * @val: the word
 *
 * Return: whether it is.
 */
bool swgpu_report_write(struct nova_swgpu *gpu, u32 off, u32 val)
{
	struct swgpu_host *host = &gpu->host;
	u32 old;

	if (!swgpu_report_read(gpu, off, &old))
		return false;
	if (off == 0xb83094) {
		swgpu_report_next(gpu, val);
	} else if (off == 0x040108) {
		host->intr &= ~val;
		if (!host->intr)
			host->channel = 0;
	} else {
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, off, NOVA_SWGPU_WRITE);
	}
	return true;
}

/**
 * swgpu_report_error - stop a channel for what it was told to do
 * @gpu: the GPU
 * @chan: the channel
 * @error: what kind
 * @method: byte offset of the method, 27:16 subchannel; or the word that is wrong
 * @data: the method's
 */
void swgpu_report_error(struct nova_swgpu *gpu, struct swgpu_chan *chan, enum swgpu_error error,
			u32 method, u32 data)
{
	struct swgpu_host *host = &gpu->host;

	if (!host->intr) {
		host->channel = chan->id | 1u << 13;
		host->method0 = method;
		host->data0 = data;
	}
	host->intr |= 1u << error;
	chan->pbdma_faulted = true;
	chan->stopped = true;
	gpu->log.count.chan_errors++;
}

/**
 * swgpu_report_fault - stop a channel for memory it may not access
 * @gpu: the GPU
 * @chan: the channel
 * @via: what kind of access
 * @va: address, virtual or physical
 * @code: enum nova_swgpu_code
 * @access: what was tried
 */
void swgpu_report_fault(struct nova_swgpu *gpu, struct swgpu_chan *chan,
			const struct swgpu_via *via, u64 va, unsigned int code,
			enum nova_swgpu_access access)
{
	struct swgpu_host *host = &gpu->host;
	u32 client = via->host ? SWGPU_CLIENT_HOST : SWGPU_CLIENT_CE0;
	u32 type = access | (via->physical ? 8 : 0);
	const struct swgpu_host_fault fault = {
		.va = va,
		.block = chan->block,
		.engine = via->host ? gpu->chip->eng_host : gpu->chip->eng_ce,
		.info = 0x80000000 | 1u << 20 | type << 16 | client << 8 | code,
	};

	if (host->nr_faults < SWGPU_HOST_FAULTS) {
		host->fault[(host->fault_first + host->nr_faults) % SWGPU_HOST_FAULTS] = fault;
		host->nr_faults++;
	}
	if (via->host)
		chan->pbdma_faulted = true;
	else
		chan->eng_faulted = true;
	chan->stopped = true;
	gpu->log.count.chan_faults++;
}
