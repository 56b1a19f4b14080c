// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu scheduling
 *
 * The runlist, who of it runs, and how running is stopped. A runlist is groups (TSGs) of
 * channels, 16 bytes an entry::
 *
 *   group    word 0: 0 type 1, 19:16 scale, 31:24 timeout   word 1: 7:0 channels
 *            word 2: 11:0 group id
 *   channel  word 0: 0 type 0, 1 runqueue 0, 5:4 instance target, 7:6 USERD target,
 *                    31:8 USERD 31:8                        word 1: USERD 63:32
 *            word 2: 11:0 channel id, 31:12 instance 31:12  word 3: instance 63:32
 *
 * Groups take turns, and in a group its channels. A turn is a GP entry, or 2 MiB copied
 * if it is longer; then a copy is switched out where it stands. Who waits at a semaphore
 * gives its turn away and is asked again when somebody has got something done, or after a
 * while.
 *
 * A channel that has its turn keeps it, enabled or not, on the list or not, until the
 * turn ends or a preempt is done. A submit and a preempt are done when a read of the
 * register first says so, like TLB commands: whoever does not look has not waited.
 *
 * gpu->lock is held.
 */

#include "swgpu.h"

#define SWGPU_PENDING 0x00100000u	/* NV_PFIFO_PREEMPT 20 */
#define SWGPU_RUNLIST_PENDING 0x8000u	/* NV_PFIFO_RUNLIST_SUBMIT_INFO 15 */

/** struct swgpu_list_reader - a runlist being read */
struct swgpu_list_reader {
	u64 addr;
	u8 aperture;
	/** @left: entries; @members: of the group at hand still to come */
	u32 left, members;
};

static void swgpu_runlist_wrong(struct nova_swgpu *gpu, u64 where)
{
	swgpu_log_rule(gpu, NOVA_SWGPU_WHY_RUNLIST, where, NOVA_SWGPU_READ);
}

static void swgpu_runlist_group(struct nova_swgpu *gpu, struct swgpu_list_reader *r,
				const u32 *word)
{
	struct swgpu_host *host = &gpu->host;

	if (r->members || word[0] & 0x00f0fffe || !word[1] || word[1] >> 8 || word[2] >> 12 ||
	    word[3] || host->nr_groups == SWGPU_CHANNELS) {
		swgpu_runlist_wrong(gpu, r->addr);
		return;
	}
	r->members = word[1];
	host->group[host->nr_groups++] = (struct swgpu_group){
		.first = host->nr_list, .tsgid = (u16)word[2],
	};
}

/* Does the entry say of the channel what its binding says? */
static bool swgpu_runlist_same(const struct swgpu_chan *chan, const u32 *word)
{
	u64 block = (u64)word[3] << 32 | (word[2] & 0xfffff000);
	u64 userd = (u64)word[1] << 32 | (word[0] & 0xffffff00);

	return chan->bound && !swgpu_bits(word[0], 1, 1) && !swgpu_bits(word[0], 5, 2) &&
	       swgpu_bits(word[0], 7, 6) == chan->userd_aperture && block == chan->block &&
	       userd == chan->userd;
}

static void swgpu_runlist_channel(struct nova_swgpu *gpu, struct swgpu_list_reader *r,
				  const u32 *word)
{
	struct swgpu_host *host = &gpu->host;
	struct swgpu_chan *chan = &host->chan[swgpu_bits(word[2], 8, 0)];
	bool member = r->members;

	r->members -= member;
	if (!member || word[2] & 0xe00 || chan->listed || !swgpu_runlist_same(chan, word)) {
		swgpu_runlist_wrong(gpu, r->addr);
		return;
	}
	chan->listed = true;
	host->list[host->nr_list++] = chan->id;
	host->group[host->nr_groups - 1].nr++;
}

/* An entry that is wrong is left out. */
static void swgpu_runlist_entry(struct nova_swgpu *gpu, struct swgpu_list_reader *r)
{
	u32 word[4];

	if (!swgpu_phys_copy_out(gpu, r->aperture, r->addr, word, sizeof(word)))
		swgpu_runlist_wrong(gpu, r->addr);
	else if (word[0] & 1)
		swgpu_runlist_group(gpu, r, word);
	else
		swgpu_runlist_channel(gpu, r, word);
	r->addr += 16;
	r->left--;
}

/* The list submitted takes the place of the one before. */
static void swgpu_runlist_take(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;
	struct swgpu_list_reader r = {
		.addr = (u64)host->base_hi << 32 | (host->base_lo & 0xfffff000),
		.aperture = host->base_lo & 3,
		.left = swgpu_bits(host->submit, 15, 0),
	};
	unsigned int i;

	for (i = 0; i < host->nr_list; i++)
		host->chan[host->list[i]].listed = false;
	host->nr_list = 0;
	host->nr_groups = 0;
	host->turn = 0;
	while (r.left)
		swgpu_runlist_entry(gpu, &r);
	if (r.members)
		swgpu_runlist_wrong(gpu, r.addr);
	gpu->log.count.runlists++;
	swgpu_host_kick(gpu);
}

/**
 * swgpu_runlist_submit - write NV_PFIFO_RUNLIST_SUBMIT
 * @gpu: the GPU
 * @val: 15:0 entries, 31:16 offset
 */
void swgpu_runlist_submit(struct nova_swgpu *gpu, u32 val)
{
	struct swgpu_host *host = &gpu->host;

	if (host->submit_wait.busy || val >> 16 || val > 2 * SWGPU_CHANNELS ||
	    (val && (host->base_lo & 0xffc || (host->base_lo & 3) == 1 || host->base_hi >> 8)))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_RUNLIST, val, NOVA_SWGPU_WRITE);
	host->submit = val > 2 * SWGPU_CHANNELS ? 0 : val;
	host->submit_wait = (struct swgpu_wait){ .polls = 1, .busy = true };
}

/**
 * swgpu_runlist_poll - read NV_PFIFO_RUNLIST_SUBMIT_INFO
 * @gpu: the GPU
 *
 * Return: 15 PENDING.
 */
u32 swgpu_runlist_poll(struct nova_swgpu *gpu)
{
	struct swgpu_wait *wait = &gpu->host.submit_wait;
	bool was_busy = wait->busy;

	if (swgpu_wait_poll(wait, false))
		return SWGPU_RUNLIST_PENDING;
	if (was_busy)
		swgpu_runlist_take(gpu);
	return 0;
}

/* Is the channel meant by the preempt? */
static bool swgpu_preempt_means(const struct swgpu_host *host, const struct swgpu_chan *chan)
{
	u32 id = swgpu_bits(host->preempt, 11, 0);
	const struct swgpu_group *group;
	unsigned int i;

	switch (swgpu_bits(host->preempt, 25, 24)) {
	case 0:
		return chan->id == id;
	case 2:
		return id == 0;
	}
	for (group = host->group; group < host->group + host->nr_groups; group++) {
		for (i = 0; group->tsgid == id && i < group->nr; i++) {
			if (host->list[group->first + i] == chan->id)
				return true;
		}
	}
	return false;
}

static bool swgpu_preempt_stuck(struct nova_swgpu *gpu)
{
	struct swgpu_chan *chan;

	for (chan = gpu->host.chan; chan < gpu->host.chan + SWGPU_CHANNELS; chan++) {
		if (chan->launch.active && gpu->inject.ce_stuck == 2 &&
		    swgpu_preempt_means(&gpu->host, chan))
			return true;
	}
	return false;
}

static void swgpu_preempt_take(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;
	struct swgpu_chan *chan;

	for (chan = host->chan; chan < host->chan + SWGPU_CHANNELS; chan++) {
		if (!swgpu_preempt_means(host, chan))
			continue;
		chan->used = false;
		if (host->loaded == chan)
			host->loaded = NULL;
	}
	gpu->log.count.preempts++;
	swgpu_host_kick(gpu);
}

/**
 * swgpu_preempt_start - write NV_PFIFO_PREEMPT
 * @gpu: the GPU
 * @val: 11:0 id, 25:24 type
 */
void swgpu_preempt_start(struct nova_swgpu *gpu, u32 val)
{
	struct swgpu_host *host = &gpu->host;
	u32 type = swgpu_bits(val, 25, 24);

	if (host->preempt_wait.busy || val & 0xfcfff000 || type == 3 ||
	    (type == 0 && swgpu_bits(val, 11, 0) >= SWGPU_CHANNELS))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_CHANNEL, val, NOVA_SWGPU_WRITE);
	host->preempt = val & 0x03000fff;
	host->preempt_wait = (struct swgpu_wait){ .polls = 1, .busy = true };
}

/**
 * swgpu_preempt_poll - read NV_PFIFO_PREEMPT
 * @gpu: the GPU
 *
 * Return: what was written and 20 PENDING.
 */
u32 swgpu_preempt_poll(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;
	bool was_busy = host->preempt_wait.busy;

	if (swgpu_wait_poll(&host->preempt_wait, was_busy && swgpu_preempt_stuck(gpu)))
		return host->preempt | SWGPU_PENDING;
	if (was_busy)
		swgpu_preempt_take(gpu);
	return host->preempt;
}

static bool swgpu_sched_ready(const struct swgpu_host *host, const struct swgpu_chan *chan)
{
	return chan->enabled && !chan->stopped && !chan->pbdma_faulted && !chan->eng_faulted &&
	       (chan->rung || chan->push.entry || chan->get != chan->put);
}

/* The next channel of a group that may run and has not had to wait in this round. */
static struct swgpu_chan *swgpu_sched_group(struct swgpu_host *host, struct swgpu_group *group,
					    bool *waiting)
{
	struct swgpu_chan *chan;
	unsigned int i, at;

	for (i = 0; i < group->nr; i++) {
		at = (group->turn + i) % group->nr;
		chan = &host->chan[host->list[group->first + at]];
		if (!swgpu_sched_ready(host, chan))
			continue;
		if (chan->round != host->round) {
			group->turn = (at + 1) % group->nr;
			return chan;
		}
		*waiting = true;
	}
	return NULL;
}

static struct swgpu_chan *swgpu_sched_pick(struct swgpu_host *host, bool *waiting)
{
	struct swgpu_chan *chan;
	unsigned int i, at;

	for (i = 0; i < host->nr_groups; i++) {
		at = (host->turn + i) % host->nr_groups;
		chan = swgpu_sched_group(host, &host->group[at], waiting);
		if (chan) {
			host->turn = (at + 1) % host->nr_groups;
			return chan;
		}
	}
	return NULL;
}

/* The turn of the loaded channel is over. */
static void swgpu_sched_unload(struct swgpu_host *host, enum swgpu_progress progress)
{
	if (progress == SWGPU_WAIT)
		host->loaded->round = host->round;
	else
		host->round++;
	host->loaded = NULL;
}

static void swgpu_sched_run(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;
	struct swgpu_chan *chan = host->loaded;
	enum swgpu_progress progress;
	bool entry = chan->push.entry;
	u32 cost = 0;

	chan->used = true;
	progress = swgpu_chan_step(gpu, chan, &cost);
	if (progress == SWGPU_DONE)
		host->idle_us = 0;
	host->slice -= min(cost, host->slice);
	if (progress != SWGPU_DONE || !host->slice || (entry && !chan->push.entry))
		swgpu_sched_unload(host, progress);
}

/**
 * swgpu_sched_step - one step of the host
 * @gpu: the GPU
 *
 * Copies about 64 KiB or executes some 256 words, whichever is at hand.
 *
 * Return: what to expect of the next step.
 */
enum swgpu_progress swgpu_sched_step(struct nova_swgpu *gpu)
{
	struct swgpu_host *host = &gpu->host;
	bool waiting = false;

	if (!host->loaded) {
		host->loaded = swgpu_sched_pick(host, &waiting);
		host->slice = SWGPU_SLICE;
	}
	if (host->loaded) {
		swgpu_sched_run(gpu);
		return SWGPU_DONE;
	}
	if (waiting)
		host->round++;
	return waiting ? SWGPU_WAIT : SWGPU_IDLE;
}
