/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_HOST_H__
#define __NOVA_HOST_H__

#include "nova_buddy.h"

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct nova_channel;
struct nova_mm;

/** NOVA_HOST_CHANNELS - channel ids of the one runlist */
#define NOVA_HOST_CHANNELS	512

/**
 * struct nova_host_entry - what the runlist says about a channel
 */
struct nova_host_entry {
	/** @inst: instance block, VRAM address, multiple of 4 KiB */
	u64 inst;
	/** @userd: bus address of its USERD, multiple of 512 */
	u64 userd;
	/** @timeslice: timeout field of its group */
	u8 timeslice;
};

/**
 * struct nova_host - the part of a GPU that feeds channels to engines
 *
 * One runlist, that of copy engine 0.
 */
struct nova_host {
	/** @mm: the memory side of the device */
	struct nova_mm *mm;
	/** @list_vram: the runlist */
	struct nova_buddy_alloc list_vram;
	/** @list: what is written there; @lock */
	u32 *list;
	/**
	 * @lock: host registers, @channels and @list. Taken where fences wait to
	 * be signalled: nothing is allocated under it.
	 */
	struct mutex lock;
	/** @channels: by id, NULL for a free one; @lock */
	struct nova_channel *channels[NOVA_HOST_CHANNELS];
	/** @life_lock: channels being made and unmade; outside @lock, may allocate */
	struct mutex life_lock;
	/** @all: struct nova_channel.all; @life_lock */
	struct list_head all;
	/** @busy_lock: @busy and @polling; innermost */
	spinlock_t busy_lock;
	/** @busy: channels with jobs under way, struct nova_channel.busy; @busy_lock */
	struct list_head busy;
	/** @polling: channel the poller is looking at, not on @busy; @busy_lock */
	struct nova_channel *polling;
	/** @wq: runs @poll */
	struct workqueue_struct *wq;
	/** @poll: looks for completions and faults while there are jobs */
	struct work_struct poll;
	/** @kick: wakes the poller early */
	wait_queue_head_t kick;
	/** @kicked: work was submitted since the poller last looked */
	bool kicked;
	/** @timeout_ms: longest time the oldest job of a channel may take; constant */
	unsigned int timeout_ms;
};

int nova_host_init(struct nova_host *host, struct nova_mm *mm, unsigned int timeout_ms);
void nova_host_fini(struct nova_host *host);
void nova_host_remove(struct nova_host *host);

int nova_host_attach(struct nova_host *host, struct nova_channel *ch);
int nova_host_detach(struct nova_host *host, struct nova_channel *ch);
u32 nova_host_state(struct nova_host *host, const struct nova_channel *ch);
void nova_host_collect(struct nova_host *host);

/* The poller: nova_poll.c */
void nova_poll_init(struct nova_host *host);
void nova_poll_add(struct nova_host *host, struct nova_channel *ch);
void nova_poll_remove(struct nova_host *host, struct nova_channel *ch);
void nova_poll_kick(struct nova_host *host);

#endif
