// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu PBDMA
 *
 * From the words of a pushbuffer to methods, and the methods that the host executes
 * itself. A word is a header or the data of the header before it, which may stand in
 * the segment before::
 *
 *   31:29  1 incrementing, 3 not, 4 immediate, 5 once, 7 end of segment
 *   28:16  data words, or the data itself if immediate
 *   15:13  subchannel      11:0  method >> 2
 *
 * A word of 0 where a header is due does nothing. Methods below 0x100 are the host's, on
 * any subchannel; all others go to the copy engine, which is on subchannel 4::
 *
 *   0x000 SET_OBJECT   0x008 NOP   0x028 … 0x034 MEM_OP_A … D   0x05c … 0x068 SEM_…
 *   0x06c SEM_EXECUTE  0x078 WFI
 *
 * Everything a channel launched is complete before its next method, so WFI has nothing
 * to wait for; a membar orders memory all the same. An unsatisfied acquire does not hold
 * the host: it is looked at again when others have had their turn. gpu->lock is held.
 */

#include "swgpu.h"

#define SWGPU_PUSH_BATCH 64u
/** SWGPU_WORD_COST - what a word of pushbuffer counts, as if so much were copied */
#define SWGPU_WORD_COST 256u

static const struct swgpu_via swgpu_pbdma_host = { .host = true };

/* NV_PPBDMA_METHOD0: address, subchannel, valid */
static u32 swgpu_pbdma_method0(const struct swgpu_chan *chan, u32 method)
{
	return (method & 0xffc) | (u32)chan->push.subch << 16 | 0x80000000;
}

static void swgpu_pbdma_refuse(struct nova_swgpu *gpu, struct swgpu_chan *chan,
			       enum swgpu_error error, u32 method, u32 data)
{
	swgpu_report_error(gpu, chan, error, swgpu_pbdma_method0(chan, method), data);
}

static void swgpu_pbdma_object(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 data)
{
	const struct swgpu_chip *chip = gpu->chip;

	if (chan->push.subch == 4 && data == chip->copy_class)
		chan->object = true;
	else if (chan->push.subch || data != chip->host_class)
		swgpu_pbdma_refuse(gpu, chan, SWGPU_ERROR_DEVICE, 0, data);
}

static bool swgpu_pbdma_invalidate(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 data)
{
	u32 a = chan->host[SWGPU_HOST_MEM_OP_A];
	u32 c = chan->host[SWGPU_HOST_MEM_OP_C];
	struct swgpu_tlb_match match = {
		.pdb = (u64)swgpu_bits(data, 26, 0) << 32 | (c & 0xfffff000),
		.sysmem = swgpu_bits(c, 11, 10) != 0,
		.all_pdb = swgpu_bits(c, 0, 0),
		.hub_only = swgpu_bits(c, 1, 1),
		.level = swgpu_bits(c, 9, 7),
	};

	if (a & ~0x8ffu || chan->host[SWGPU_HOST_MEM_OP_B] || swgpu_bits(c, 4, 2) ||
	    swgpu_bits(c, 6, 5) == 3 || swgpu_bits(c, 11, 10) == 1)
		return false;
	gpu->log.count.invalidates++;
	gpu->log.count.inval_all_pdb += match.all_pdb;
	gpu->log.count.inval_one_pdb += !match.all_pdb;
	gpu->log.count.inval_hub_only += match.hub_only;
	gpu->log.count.inval_dropped += swgpu_tlb_drop(&gpu->tlb, &match);
	return true;
}

static void swgpu_pbdma_mem_op(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 data)
{
	bool ok = false;

	switch (swgpu_bits(data, 31, 27)) {
	case 5:		/* MEMBAR: of the system or of the GPU, there is no difference */
		ok = !(chan->host[SWGPU_HOST_MEM_OP_C] & ~1u) && !(data & 0x07ffffff);
		swgpu_port_mb();
		break;
	case 9:		/* MMU_TLB_INVALIDATE */
		ok = swgpu_pbdma_invalidate(gpu, chan, data);
		break;
	}
	if (!ok)
		swgpu_pbdma_refuse(gpu, chan, SWGPU_ERROR_METHOD, 0x34, data);
}

/** struct swgpu_sem - a semaphore operation, put together */
struct swgpu_sem {
	u64 va, payload;
	/** @size: bytes of the payload */
	unsigned int size;
	/** @op: OPERATION */
	u8 op;
	bool timestamp;
};

static void swgpu_pbdma_sem(const struct nova_swgpu *gpu, const struct swgpu_chan *chan, u32 data,
			    struct swgpu_sem *sem)
{
	sem->va = (u64)chan->host[SWGPU_HOST_SEM_HI] << 32 | chan->host[SWGPU_HOST_SEM_LO];
	sem->size = swgpu_bits(data, 24, 24) ? 8 : 4;
	sem->op = swgpu_bits(data, 2, 0);
	sem->timestamp = swgpu_bits(data, 25, 25);
	sem->payload = chan->host[SWGPU_HOST_PAYLOAD_LO];
	if (sem->size == 8)
		sem->payload |= (u64)chan->host[SWGPU_HOST_PAYLOAD_HI] << 32;
}

static bool swgpu_pbdma_satisfied(const struct swgpu_sem *sem, u64 mem)
{
	u64 mask = sem->size == 8 ? ~0ull : ~0u;

	switch (sem->op) {
	case 0:		/* ACQUIRE */
		return mem == sem->payload;
	case 2:		/* ACQ_STRICT_GEQ */
		return mem >= sem->payload;
	case 3:		/* ACQ_CIRC_GEQ: ahead by less than half the circle */
		return ((mem - sem->payload) & mask) <= mask / 2;
	case 4:		/* ACQ_AND */
		return mem & sem->payload;
	}
	return ~(mem | sem->payload) & mask;	/* 5 ACQ_NOR */
}

/**
 * swgpu_host_acquire - look at the semaphore a channel is waiting for
 * @gpu: the GPU
 * @chan: the channel
 *
 * Context: gpu->lock held.
 * Return: whether it goes on.
 */
enum swgpu_progress swgpu_host_acquire(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	struct swgpu_sem sem;
	u64 mem;

	swgpu_pbdma_sem(gpu, chan, chan->sem, &sem);
	chan->acquiring = false;
	if (!swgpu_span_load_word(gpu, chan, &swgpu_pbdma_host, sem.va, sem.size, &mem))
		return SWGPU_IDLE;
	if (!swgpu_pbdma_satisfied(&sem, mem)) {
		chan->acquiring = true;
		return SWGPU_WAIT;
	}
	swgpu_port_mb();
	gpu->log.count.acquires++;
	return SWGPU_DONE;
}

static void swgpu_pbdma_release(struct nova_swgpu *gpu, struct swgpu_chan *chan,
				const struct swgpu_sem *sem)
{
	if (sem->timestamp && !swgpu_span_store_word(gpu, chan, &swgpu_pbdma_host, sem->va + 8, 8,
						     swgpu_port_ns()))
		return;
	if (swgpu_span_store_word(gpu, chan, &swgpu_pbdma_host, sem->va, sem->size, sem->payload))
		gpu->log.count.releases++;
}

static void swgpu_pbdma_sem_execute(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 data)
{
	struct swgpu_sem sem;
	u64 align;

	swgpu_pbdma_sem(gpu, chan, data, &sem);
	align = sem.timestamp ? 16 : sem.size;
	if (sem.op == 6) {
		swgpu_pbdma_refuse(gpu, chan, SWGPU_ERROR_METHOD, 0x6c, data);
	} else if (sem.op == 7 || sem.va & (align - 1) || data & 0xfcefeff8 ||
		   (sem.timestamp && sem.op != 1)) {
		swgpu_pbdma_refuse(gpu, chan, SWGPU_ERROR_SEMAPHORE, 0x6c, data);
	} else if (sem.op == 1) {
		swgpu_pbdma_release(gpu, chan, &sem);
	} else {
		chan->sem = data;
		chan->acquiring = true;
	}
}

/** struct swgpu_host_reg_row - a host method that is only remembered */
static const struct swgpu_host_method {
	u16 method;
	/** @reg: enum swgpu_host_reg */
	u8 reg;
	/** @privileged: the channel must be */
	bool privileged;
	/** @mask: bits there are; of @wide: on chips with 57-bit addresses */
	u32 mask, wide;
} swgpu_host_methods[] = {
	{ 0x028, SWGPU_HOST_MEM_OP_A, true, ~0u, ~0u },
	{ 0x02c, SWGPU_HOST_MEM_OP_B, true, ~0u, ~0u },
	{ 0x030, SWGPU_HOST_MEM_OP_C, true, ~0u, ~0u },
	{ 0x05c, SWGPU_HOST_SEM_LO, false, ~3u, ~3u },
	{ 0x060, SWGPU_HOST_SEM_HI, false, 0xff, 0x1ffffff },
	{ 0x064, SWGPU_HOST_PAYLOAD_LO, false, ~0u, ~0u },
	{ 0x068, SWGPU_HOST_PAYLOAD_HI, false, ~0u, ~0u },
};

static bool swgpu_pbdma_remember(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 method,
				 u32 data)
{
	bool wide = gpu->chip->feat & SWGPU_HOST_WIDE;
	const struct swgpu_host_method *row;

	for (row = swgpu_host_methods; row->method != method;) {
		if (++row == swgpu_host_methods + ARRAY_SIZE(swgpu_host_methods))
			return false;
	}
	if (row->privileged && !chan->privileged)
		return false;
	if (data & ~(wide ? row->wide : row->mask))
		swgpu_pbdma_refuse(gpu, chan, row->reg == SWGPU_HOST_SEM_LO ?
				   SWGPU_ERROR_SEMAPHORE : SWGPU_ERROR_METHOD, method, data);
	chan->host[row->reg] = data;
	return true;
}

/* A method below 0x100. */
static void swgpu_pbdma_host_method(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 method,
				    u32 data)
{
	switch (method) {
	case 0x000:	/* SET_OBJECT */
		swgpu_pbdma_object(gpu, chan, data);
		return;
	case 0x008:	/* NOP */
	case 0x078:	/* WFI */
		return;
	case 0x034:	/* MEM_OP_D */
		if (!chan->privileged)
			break;
		swgpu_pbdma_mem_op(gpu, chan, data);
		return;
	case 0x06c:
		swgpu_pbdma_sem_execute(gpu, chan, data);
		return;
	}
	if (!swgpu_pbdma_remember(gpu, chan, method, data))
		swgpu_pbdma_refuse(gpu, chan, SWGPU_ERROR_METHOD, method, data);
}

static void swgpu_pbdma_method(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 method,
			       u32 data)
{
	gpu->log.count.methods++;
	if (method < 0x100)
		swgpu_pbdma_host_method(gpu, chan, method, data);
	else if (chan->push.subch != 4 || !chan->object ||
		 !swgpu_ce_method(gpu, chan, method, data))
		swgpu_pbdma_refuse(gpu, chan, SWGPU_ERROR_DEVICE, method, data);
}

/* The header in force has data: one method. */
static void swgpu_pbdma_data(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 data)
{
	struct swgpu_push *push = &chan->push;
	u32 method = push->method;

	push->count--;
	if (push->op == 1 || push->op == 5)
		push->method += 4;
	if (push->op == 5)
		push->op = 3;
	swgpu_pbdma_method(gpu, chan, method, data);
}

static void swgpu_pbdma_header(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 word)
{
	struct swgpu_push *push = &chan->push;
	u32 count = swgpu_bits(word, 28, 16);
	u32 op = swgpu_bits(word, 31, 29);
	u32 last = swgpu_bits(word, 11, 0);

	if (!word)	/* the universal NOP */
		return;
	if (op == 1 && count)
		last += count - 1;
	if (op == 5)
		last += count > 1;
	if (op == 0 || op == 2 || op == 6 || word & 0x1000 || last > 0xfff) {
		swgpu_report_error(gpu, chan, SWGPU_ERROR_PBENTRY, word, 0);
		return;
	}
	if (op == 7) {
		push->left = 0;
		return;
	}
	push->op = op;
	push->subch = swgpu_bits(word, 15, 13);
	push->method = swgpu_bits(word, 11, 0) * 4;
	push->count = op == 4 ? 0 : count;
	if (op == 4)
		swgpu_pbdma_method(gpu, chan, push->method, count);
}

/* Does the channel go on with the next word at once? */
static bool swgpu_pbdma_goes_on(const struct swgpu_chan *chan)
{
	return chan->push.left && !chan->stopped && !chan->launch.active && !chan->acquiring;
}

static void swgpu_pbdma_batch(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost)
{
	struct swgpu_push *push = &chan->push;
	u32 nr = min(push->left, SWGPU_PUSH_BATCH);
	u32 word[SWGPU_PUSH_BATCH];
	u32 i;

	if (!swgpu_span_get(gpu, chan, &swgpu_pbdma_host, push->va, word, nr * 4))
		return;
	for (i = 0; i < nr && swgpu_pbdma_goes_on(chan); i++) {
		push->va += 4;
		push->left--;
		if (push->count)
			swgpu_pbdma_data(gpu, chan, swgpu_port_ld32(&word[i]));
		else
			swgpu_pbdma_header(gpu, chan, swgpu_port_ld32(&word[i]));
	}
	*cost += i * SWGPU_WORD_COST;
}

/**
 * swgpu_push_step - execute some words of the segment
 * @gpu: the GPU
 * @chan: the channel; has words left
 * @cost: grows
 *
 * Context: gpu->lock held.
 */
void swgpu_push_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost)
{
	u32 limit = *cost + SWGPU_STEP;

	while (*cost < limit && swgpu_pbdma_goes_on(chan))
		swgpu_pbdma_batch(gpu, chan, cost);
}
