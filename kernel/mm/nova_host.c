// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_host
 *
 * The host schedules channels: it reads the *runlist*, picks channels in turn,
 * fetches what their rings name and hands methods to the engine. This unit owns
 * channel ids, the runlist, and the registers of both; nova_channel owns what is
 * in a channel's memory, nova_poll finds out what became of its work.
 *
 * A channel is a group of one. In the runlist, two entries of 16 bytes each::
 *
 *	group    1 | scale 19:16 | timeout 31:24   length 1   id   0
 *	channel  USERD 31:8 | targets              USERD hi   inst 31:12 | id   inst hi
 *
 * Up: bind the instance block, enable, submit the runlist with it. Down: disable,
 * preempt, submit the runlist without it, unbind; after that the hardware touches
 * nothing of the channel. The list in VRAM is rewritten only when the host has
 * taken the one before.
 *
 * Invariant: a channel is in the list submitted last if and only if it is
 * attached. If the host does not answer within NOVA_HOST_TIMEOUT_MS the device is
 * wedged, and memory of channels it may still look at is never reused (T-2).
 *
 * Locking: &nova_host.lock, taken where fences wait to be signalled: nothing is
 * allocated under it, and lockdep is told so. Units: bytes.
 */
#include "nova_host.h"

#include "nova_channel.h"
#include "nova_compat.h"
#include "nova_device.h"
#include "nova_mm.h"
#include "nova_regs.h"

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/wordpart.h>

#define NOVA_HOST_TIMEOUT_MS	2000
#define NOVA_HOST_RUNLIST	0
#define NOVA_HOST_PBDMA		0

/* Faults the hardware keeps: the one shown and 64 behind it. */
#define NOVA_HOST_MAX_FAULTS	65

/* Runlist entries: dev_ram manual, NV_RAMRL */
#define NV_RAMRL_WORDS			4
#define NV_RAMRL_GROUP			BIT(0)
#define NV_RAMRL_GROUP_SCALE		GENMASK(19, 16)
#define NV_RAMRL_GROUP_SCALE_3		3
#define NV_RAMRL_GROUP_TIMEOUT		GENMASK(31, 24)
#define NV_RAMRL_USERD_TARGET		GENMASK(7, 6)
#define NV_RAMRL_USERD_TARGET_SYS_COH	2
#define NV_RAMRL_USERD_LO		GENMASK(31, 8)
#define NV_RAMRL_INST_LO		GENMASK(31, 12)
#define NV_RAMRL_CHID			GENMASK(11, 0)

#define NOVA_HOST_CHANNEL_WORDS		(2 * NV_RAMRL_WORDS)
#define NOVA_HOST_LIST_BYTES		(NOVA_HOST_CHANNELS * NOVA_HOST_CHANNEL_WORDS * sizeof(u32))

/* Like nova_wait_clear(), but may take milliseconds, so it sleeps. */
static int nova_host_wait(struct nova_host *host, u32 reg, u32 mask)
{
	struct nova_device *nd = host->mm->nd;
	ktime_t end = ktime_add_ms(ktime_get(), NOVA_HOST_TIMEOUT_MS);
	unsigned int delay_us = 1;

	for (;;) {
		bool late = ktime_after(ktime_get(), end);

		if (nova_device_is_gone(nd))
			return -ENODEV;
		if (!(nova_rd32(nd, reg) & mask))
			return 0;
		if (late)
			return -ETIMEDOUT;
		usleep_range(delay_us, 2 * delay_us);
		delay_us = min(2 * delay_us, 500u);
	}
}

static unsigned int nova_host_fill_list(struct nova_host *host)
{
	u32 *w = host->list;

	for (u32 id = 0; id < NOVA_HOST_CHANNELS; id++) {
		const struct nova_channel *ch = host->channels[id];

		if (!ch || !ch->attached)
			continue;
		w[0] = NV_RAMRL_GROUP | FIELD_PREP(NV_RAMRL_GROUP_SCALE, NV_RAMRL_GROUP_SCALE_3) |
		       FIELD_PREP(NV_RAMRL_GROUP_TIMEOUT, ch->entry.timeslice);
		w[1] = 1;
		w[2] = FIELD_PREP(NV_RAMRL_CHID, id);
		w[3] = 0;
		w[4] = (lower_32_bits(ch->entry.userd) & NV_RAMRL_USERD_LO) |
		       FIELD_PREP(NV_RAMRL_USERD_TARGET, NV_RAMRL_USERD_TARGET_SYS_COH);
		w[5] = upper_32_bits(ch->entry.userd);
		w[6] = (lower_32_bits(ch->entry.inst) & NV_RAMRL_INST_LO) |
		       FIELD_PREP(NV_RAMRL_CHID, id);
		w[7] = upper_32_bits(ch->entry.inst);
		w += NOVA_HOST_CHANNEL_WORDS;
	}
	return (w - host->list) / NV_RAMRL_WORDS;
}

static int nova_host_write_list(struct nova_host *host, u64 at, unsigned int nr)
{
	int ret = 0;

	if (nr)
		ret = nova_mem_write(&host->mm->mem, nova_vram(at), host->list,
				     nr * NV_RAMRL_WORDS * sizeof(u32));
	return ret ?: nova_mem_flush(&host->mm->mem);
}

/* Give the host the list of attached channels, and wait until it has it. */
static int nova_host_submit_list(struct nova_host *host)
{
	struct nova_device *nd = host->mm->nd;
	u64 at = nova_buddy_extents(&host->list_vram)->addr;
	unsigned int nr = nova_host_fill_list(host);
	int ret;

	lockdep_assert_held(&host->lock);
	ret = nova_host_write_list(host, at, nr);
	if (ret)
		return ret;
	nova_wr32(nd, NV_PFIFO_RUNLIST_BASE_LO(NOVA_HOST_RUNLIST),
		  lower_32_bits(at) & NV_PFIFO_RUNLIST_BASE_LO_PTR);
	nova_wr32(nd, NV_PFIFO_RUNLIST_BASE_HI(NOVA_HOST_RUNLIST), upper_32_bits(at));
	nova_wr32(nd, NV_PFIFO_RUNLIST_SUBMIT(NOVA_HOST_RUNLIST),
		  FIELD_PREP(NV_PFIFO_RUNLIST_SUBMIT_LENGTH, nr));
	return nova_host_wait(host, NV_PFIFO_RUNLIST_SUBMIT_INFO(NOVA_HOST_RUNLIST),
			      NV_PFIFO_RUNLIST_SUBMIT_INFO_PENDING);
}

static int nova_host_preempt(struct nova_host *host, u32 id)
{
	nova_wr32(host->mm->nd, NV_PFIFO_PREEMPT,
		  FIELD_PREP(NV_PFIFO_PREEMPT_ID, id) |
		  FIELD_PREP(NV_PFIFO_PREEMPT_TYPE, NV_PFIFO_PREEMPT_TYPE_CHANNEL));
	return nova_host_wait(host, NV_PFIFO_PREEMPT, NV_PFIFO_PREEMPT_PENDING);
}

/* The host is lost, or the whole device has gone. */
static int nova_host_verdict(struct nova_host *host, int ret, const char *why)
{
	if (ret == -ETIMEDOUT) {
		nova_device_wedge(host->mm->nd, why);
		return -EIO;
	}
	return ret;
}

static int nova_host_find_id(const struct nova_host *host)
{
	for (u32 id = 0; id < NOVA_HOST_CHANNELS; id++)
		if (!host->channels[id])
			return id;
	return -ENOSPC;
}

static int nova_host_bind(struct nova_host *host, struct nova_channel *ch)
{
	struct nova_device *nd = host->mm->nd;

	nova_wr32(nd, NV_PCCSR_CHANNEL_INST(ch->id),
		  FIELD_PREP(NV_PCCSR_CHANNEL_INST_PTR, ch->entry.inst >> 12) |
		  NV_PCCSR_CHANNEL_INST_BIND);
	if (!(nova_rd32(nd, NV_PCCSR_CHANNEL_INST(ch->id)) & NV_PCCSR_CHANNEL_INST_BIND))
		return -EIO;
	nova_wr32(nd, NV_PCCSR_CHANNEL(ch->id), NV_PCCSR_CHANNEL_ENABLE_SET);
	ch->attached = true;
	return nova_host_submit_list(host);
}

static void nova_host_unbind_id(struct nova_device *nd, u32 id)
{
	nova_wr32(nd, NV_PCCSR_CHANNEL(id),
		  NV_PCCSR_CHANNEL_PBDMA_FAULTED | NV_PCCSR_CHANNEL_ENG_FAULTED);
	nova_wr32(nd, NV_PCCSR_CHANNEL_INST(id), 0);
}

static void nova_host_unbind(struct nova_host *host, struct nova_channel *ch)
{
	nova_host_unbind_id(host->mm->nd, ch->id);
	ch->attached = false;
	host->channels[ch->id] = NULL;
}

/**
 * nova_host_attach - let the host run a channel
 * @host: the host
 * @ch: its memory is ready and its &nova_channel.entry filled; gets an id
 *
 * Context: may sleep; never allocates.
 *
 * Return: 0; -ENOSPC if all ids are taken; -EIO if the host refuses the
 * instance block or does not answer; -ENODEV after unplug. While
 * &nova_channel.attached is set the hardware may look at the channel's memory.
 */
int nova_host_attach(struct nova_host *host, struct nova_channel *ch)
{
	int ret;

	guard(mutex)(&host->lock);
	if (nova_device_is_wedged(host->mm->nd))
		return -EIO;
	ret = nova_host_find_id(host);
	if (ret < 0)
		return ret;
	ch->id = ret;
	host->channels[ch->id] = ch;
	ret = nova_host_bind(host, ch);
	if (ret == -ETIMEDOUT)
		return nova_host_verdict(host, ret, "runlist submit timed out");
	if (ret) {
		nova_wr32(host->mm->nd, NV_PCCSR_CHANNEL(ch->id), NV_PCCSR_CHANNEL_ENABLE_CLR);
		nova_host_unbind(host, ch);
	}
	return ret;
}

static int nova_host_stop(struct nova_host *host, struct nova_channel *ch)
{
	struct nova_device *nd = host->mm->nd;
	int ret;

	if (nova_device_is_wedged(nd) && !nova_device_is_gone(nd))
		return -EIO;
	nova_wr32(nd, NV_PCCSR_CHANNEL(ch->id), NV_PCCSR_CHANNEL_ENABLE_CLR);
	ret = nova_host_verdict(host, nova_host_preempt(host, ch->id), "preempt timed out");
	if (ret == -EIO)
		return ret;
	ch->attached = false;
	ret = nova_host_verdict(host, nova_host_submit_list(host), "runlist submit timed out");
	ch->attached = ret == -EIO;
	if (ret == -EIO)
		return ret;
	nova_host_unbind(host, ch);
	return 0;
}

/**
 * nova_host_detach - take a channel away from the host
 * @host: the host; forgets the channel in any case
 * @ch: attached, or already detached; no doorbell of it is rung any more
 *
 * Context: may sleep; never allocates; legal while fences wait to be signalled.
 *
 * Return: 0 when the hardware touches nothing of the channel any more, also
 * because there is none after unplug; -EIO if it may do so for ever.
 */
int nova_host_detach(struct nova_host *host, struct nova_channel *ch)
{
	int ret;

	guard(mutex)(&host->lock);
	if (!ch->attached)
		return 0;
	ret = nova_host_stop(host, ch);
	/* Its owner frees it, and hardware that is lost gets no other channel. */
	if (ret)
		host->channels[ch->id] = NULL;
	return ret;
}

/**
 * nova_host_state - what the host says about a channel
 * @host: the host
 * @ch: the channel, attached
 *
 * Context: any.
 *
 * Return: NV_PCCSR_CHANNEL_PBDMA_FAULTED, NV_PCCSR_CHANNEL_ENG_FAULTED or 0.
 */
u32 nova_host_state(struct nova_host *host, const struct nova_channel *ch)
{
	u32 state = nova_rd32(host->mm->nd, NV_PCCSR_CHANNEL(ch->id));

	if (nova_device_is_gone(host->mm->nd))
		return 0;
	return state & (NV_PCCSR_CHANNEL_PBDMA_FAULTED | NV_PCCSR_CHANNEL_ENG_FAULTED);
}

static struct nova_channel *nova_host_find_inst(struct nova_host *host, u64 inst)
{
	for (u32 id = 0; id < NOVA_HOST_CHANNELS; id++)
		if (host->channels[id] && host->channels[id]->entry.inst == inst)
			return host->channels[id];
	return NULL;
}

static void nova_host_take_fault(struct nova_host *host, u32 info)
{
	struct nova_device *nd = host->mm->nd;
	u64 inst, va;
	struct nova_channel *ch;

	inst = nova_rd32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_FAULT_INST_LO) &
	       NV_VF_MMU_FAULT_INST_LO_ADDR;
	inst |= (u64)nova_rd32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_FAULT_INST_HI) << 32;
	va = nova_rd32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_FAULT_ADDR_LO) &
	     NV_VF_MMU_FAULT_ADDR_LO_ADDR;
	va |= (u64)nova_rd32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_FAULT_ADDR_HI) << 32;
	ch = nova_host_find_inst(host, inst);
	if (!ch || ch->stop.recorded)
		return;
	ch->stop = (struct nova_channel_stop) {
		.cause = NOVA_CHANNEL_FAULT,
		.recorded = true,
		.va = va,
		.type = FIELD_GET(NV_VF_MMU_FAULT_INFO_TYPE, info),
		.access = FIELD_GET(NV_VF_MMU_FAULT_INFO_ACCESS, info),
	};
}

static void nova_host_take_refusal(struct nova_host *host)
{
	struct nova_device *nd = host->mm->nd;
	u32 intr = nova_rd32(nd, NV_PPBDMA_INTR_0(NOVA_HOST_PBDMA));
	u32 word = nova_rd32(nd, NV_PPBDMA_CHANNEL(NOVA_HOST_PBDMA));
	u32 id = FIELD_GET(NV_PPBDMA_CHANNEL_CHID, word);

	if (!intr || nova_device_is_gone(nd))
		return;
	if ((word & NV_PPBDMA_CHANNEL_VALID) && id < NOVA_HOST_CHANNELS && host->channels[id] &&
	    !host->channels[id]->stop.recorded)
		host->channels[id]->stop = (struct nova_channel_stop) {
			.cause = NOVA_CHANNEL_METHOD,
			.method = nova_rd32(nd, NV_PPBDMA_METHOD0(NOVA_HOST_PBDMA)),
			.data = nova_rd32(nd, NV_PPBDMA_DATA0(NOVA_HOST_PBDMA)),
		};
	nova_wr32(nd, NV_PPBDMA_INTR_0(NOVA_HOST_PBDMA), intr);
}

/**
 * nova_host_collect - empty the hardware's records of what went wrong
 * @host: the host
 *
 * Each goes to &nova_channel.stop of the channel it is about, the first one only;
 * records about nobody are dropped.
 *
 * Context: may sleep; never allocates.
 */
void nova_host_collect(struct nova_host *host)
{
	struct nova_device *nd = host->mm->nd;

	guard(mutex)(&host->lock);
	for (unsigned int i = 0; i < NOVA_HOST_MAX_FAULTS; i++) {
		u32 info = nova_rd32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_FAULT_INFO);

		if (!(info & NV_VF_MMU_FAULT_INFO_VALID) || nova_device_is_gone(nd))
			break;
		nova_host_take_fault(host, info);
		nova_wr32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_FAULT_STATUS,
			  NV_VF_MMU_FAULT_STATUS_VALID_CLEAR);
	}
	nova_host_take_refusal(host);
}

static void nova_host_prime_lockdep(struct nova_host *host)
{
	bool cookie;

	if (!IS_ENABLED(CONFIG_LOCKDEP))
		return;
	fs_reclaim_acquire(GFP_KERNEL);
	cookie = dma_fence_begin_signalling();
	mutex_lock(&host->lock);
	mutex_lock(&host->mm->pramin.lock);
	mutex_unlock(&host->mm->pramin.lock);
	mutex_unlock(&host->lock);
	dma_fence_end_signalling(cookie);
	fs_reclaim_release(GFP_KERNEL);
}

static int nova_host_init_list(struct nova_host *host)
{
	const struct nova_buddy_req req = {
		.size = NOVA_HOST_LIST_BYTES,
		.min_block = SZ_4K,
		.mode = NOVA_BUDDY_TOPDOWN,
		.flags = NOVA_BUDDY_CONTIGUOUS,
	};
	int ret;

	host->list = kvzalloc(NOVA_HOST_LIST_BYTES, GFP_KERNEL);
	if (!host->list)
		return -ENOMEM;
	ret = nova_buddy_alloc(host->mm->buddy, &req, &host->list_vram);
	if (ret)
		kvfree(host->list);
	return ret;
}

static bool nova_host_is_bound(struct nova_host *host, u32 id)
{
	return nova_rd32(host->mm->nd, NV_PCCSR_CHANNEL_INST(id)) & NV_PCCSR_CHANNEL_INST_BIND;
}

/* The host takes one preemption and one runlist at a time, whoever asked for them. */
static int nova_host_wait_idle(struct nova_host *host)
{
	return nova_host_wait(host, NV_PFIFO_PREEMPT, NV_PFIFO_PREEMPT_PENDING) ?:
	       nova_host_wait(host, NV_PFIFO_RUNLIST_SUBMIT_INFO(NOVA_HOST_RUNLIST),
			      NV_PFIFO_RUNLIST_SUBMIT_INFO_PENDING);
}

/* An earlier driver that lost the device may have left channels, and waits, behind. */
static int nova_host_reset(struct nova_host *host)
{
	struct nova_device *nd = host->mm->nd;
	int ret;

	nova_host_collect(host);
	guard(mutex)(&host->lock);
	ret = nova_host_wait_idle(host);
	for (u32 id = 0; !ret && id < NOVA_HOST_CHANNELS; id++) {
		if (!nova_host_is_bound(host, id))
			continue;
		nova_wr32(nd, NV_PCCSR_CHANNEL(id), NV_PCCSR_CHANNEL_ENABLE_CLR);
		ret = nova_host_preempt(host, id);
	}
	if (!ret)
		ret = nova_host_submit_list(host);
	for (u32 id = 0; !ret && id < NOVA_HOST_CHANNELS; id++)
		if (nova_host_is_bound(host, id))
			nova_host_unbind_id(nd, id);
	return ret;
}

static void nova_host_fini_list(struct nova_host *host)
{
	nova_buddy_free(host->mm->buddy, &host->list_vram, false);
	kvfree(host->list);
}

/**
 * nova_host_init - take the host into use
 * @host: zeroed; memory is the caller's
 * @mm: the memory side of the device; outlives it
 * @timeout_ms: longest time the oldest job of a channel may take
 *
 * Context: allocates and sleeps.
 *
 * Return: 0; -ENOMEM; -ENOSPC without VRAM for the runlist; -ETIMEDOUT if the
 * host does not take an empty list; -ENODEV.
 */
int nova_host_init(struct nova_host *host, struct nova_mm *mm, unsigned int timeout_ms)
{
	int ret;

	host->mm = mm;
	host->timeout_ms = timeout_ms;
	mutex_init(&host->lock);
	mutex_init(&host->life_lock);
	INIT_LIST_HEAD(&host->all);
	nova_host_prime_lockdep(host);
	ret = nova_host_init_list(host);
	if (ret)
		goto err_locks;
	host->wq = alloc_workqueue("nova-poll", WQ_UNBOUND | WQ_MEM_RECLAIM | WQ_HIGHPRI, 0);
	if (!host->wq) {
		ret = -ENOMEM;
		goto err_list;
	}
	nova_poll_init(host);
	ret = nova_host_reset(host);
	if (!ret)
		return 0;
	destroy_workqueue(host->wq);
err_list:
	nova_host_fini_list(host);
err_locks:
	mutex_destroy(&host->life_lock);
	mutex_destroy(&host->lock);
	return ret;
}

/**
 * nova_host_fini - undo nova_host_init()
 * @host: every channel is gone, and nova_mm_fini() is next
 *
 * Context: sleeps.
 */
void nova_host_fini(struct nova_host *host)
{
	destroy_workqueue(host->wq);
	/* Also if the host may read it for ever: nobody gets memory from this buddy any more. */
	nova_host_fini_list(host);
	mutex_destroy(&host->life_lock);
	mutex_destroy(&host->lock);
}

/**
 * nova_host_remove - stop everything because the hardware is about to go
 * @host: the host
 *
 * Afterwards the channels have no memory the hardware knows and accept no work;
 * their owners give them up when they like.
 *
 * Context: sleeps and allocates; while the hardware is still there.
 */
void nova_host_remove(struct nova_host *host)
{
	struct nova_channel *ch;

	guard(mutex)(&host->life_lock);
	/* The kernel's own is the first; work that waits for it must find its channel dead. */
	list_for_each_entry_reverse(ch, &host->all, all) {
		nova_channel_abandon(ch);
		nova_channel_release(ch);
	}
}
