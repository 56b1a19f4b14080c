/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_CHANNEL_H__
#define __NOVA_CHANNEL_H__

#include "nova_host.h"
#include "nova_pool.h"

#include <linux/list.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct nova_channel;
struct nova_channel_memory;
struct nova_fence;
struct nova_vmm;

/** NOVA_CHANNEL_VA_SIZE - addresses a channel needs for its own memory; also their alignment */
#define NOVA_CHANNEL_VA_SIZE	SZ_64K
/** NOVA_CHANNEL_ENTRIES - entries of a ring */
#define NOVA_CHANNEL_ENTRIES	4096
/** NOVA_CHANNEL_JOBS - jobs that may be under way at once, at most one less */
#define NOVA_CHANNEL_JOBS	128
/** NOVA_CHANNEL_MIN_CREDITS - what the smallest job takes of NOVA_CHANNEL_CREDITS */
#define NOVA_CHANNEL_MIN_CREDITS	(NOVA_CHANNEL_ENTRIES / NOVA_CHANNEL_JOBS)
/** NOVA_CHANNEL_CREDITS - ring entries that may be in use; one job's share stays free */
#define NOVA_CHANNEL_CREDITS	(NOVA_CHANNEL_ENTRIES - NOVA_CHANNEL_MIN_CREDITS)

/** struct nova_channel_push - methods for a channel to execute */
struct nova_channel_push {
	/** @va: address in the channel's space, a multiple of 4 */
	u64 va;
	/** @words: how many, 1 … NOVA_HOST_MAX_PUSH_WORDS */
	u32 words;
	/** @sync: do not read it before its turn */
	bool sync;
};

/**
 * enum nova_channel_cause - why a channel was stopped
 * @NOVA_CHANNEL_CANCELLED: its owner wanted that
 * @NOVA_CHANNEL_FAULT: an access of its work faulted
 * @NOVA_CHANNEL_METHOD: host or engine refused its work
 * @NOVA_CHANNEL_TIMEOUT: its work took too long
 * @NOVA_CHANNEL_WEDGED: the device stopped answering
 * @NOVA_CHANNEL_GONE: the device was unplugged
 */
enum nova_channel_cause {
	NOVA_CHANNEL_CANCELLED,
	NOVA_CHANNEL_FAULT,
	NOVA_CHANNEL_METHOD,
	NOVA_CHANNEL_TIMEOUT,
	NOVA_CHANNEL_WEDGED,
	NOVA_CHANNEL_GONE,
};

/**
 * struct nova_channel_stop - what is known about the end of a channel
 */
struct nova_channel_stop {
	/** @cause: why */
	enum nova_channel_cause cause;
	/** @recorded: for FAULT: @va, @type and @access are known */
	bool recorded;
	/** @va: page that was accessed */
	u64 va;
	/** @type: fault type (hardware.md §5.6) */
	u8 type;
	/** @access: access type (hardware.md §5.6) */
	u8 access;
	/** @method: for METHOD: header of what was refused, 0 if unknown */
	u32 method;
	/** @data: and its data */
	u32 data;
};

int nova_channel_stop_error(const struct nova_channel_stop *stop);

/**
 * struct nova_channel_config - what channel to make
 */
struct nova_channel_config {
	/** @vmm: address space it works in; outlives it */
	struct nova_vmm *vmm;
	/** @va: NOVA_CHANNEL_VA_SIZE addresses of @vmm for its own memory; a multiple of that */
	u64 va;
	/** @privileged: physical addresses are allowed */
	bool privileged;
	/** @timeslice: timeout field of its group in the runlist */
	u8 timeslice;
	/** @timeout_ms: longest time its oldest job may take; 0 for &nova_host.timeout_ms */
	unsigned int timeout_ms;
	/**
	 * @stopped: called once when the channel is stopped, before its jobs are
	 * signalled. The hardware does not touch it any more, unless it is
	 * wedged. Process context; must not allocate nor wait for fences. May be
	 * NULL.
	 */
	void (*stopped)(struct nova_channel *ch, const struct nova_channel_stop *stop);
};

/**
 * struct nova_channel - a ring of work for an engine
 */
struct nova_channel {
	/** @host: feeds it; constant */
	struct nova_host *host;
	/** @config: how it was made; constant */
	struct nova_channel_config config;
	/** @all: in &nova_host.all */
	struct list_head all;
	/** @id: at the host; its lock */
	u32 id;
	/** @entry: its row of the runlist; constant once attached */
	struct nova_host_entry entry;
	/** @inst: instance block in VRAM */
	struct nova_pool_mem inst;
	/** @cpu: ring, pushes and semaphores as the CPU sees them; NULL once released */
	struct nova_channel_memory *cpu;
	/** @dma: their bus address */
	dma_addr_t dma;
	/** @attached: the hardware may touch it; &nova_host.lock */
	bool attached;
	/** @stop: fault found while collecting records; &nova_host.lock */
	struct nova_channel_stop stop;
	/** @context: of its fences; constant */
	u64 context;
	/** @armed: last fence made; the owner serialises */
	u64 armed;

	/** @lock: everything below */
	spinlock_t lock;
	/** @busy: in &nova_host.busy; that one's busy_lock */
	struct list_head busy;
	/** @armed_jobs: struct nova_fence.link of those armed and not submitted, oldest first */
	struct list_head armed_jobs;
	/** @jobs: struct nova_fence.link of those submitted, oldest first */
	struct list_head jobs;
	/** @dead: takes no more work */
	bool dead;
	/** @drained: @dead and all its jobs are signalled */
	bool drained;
	/** @late_error: what jobs are signalled with that come when it is @drained */
	int late_error;
	/** @put: next ring entry to write */
	u32 put;
	/** @slot: next stamp and push slot to use */
	unsigned int slot;
	/** @base: address bits 56:40 in force at @put */
	u64 base;
	/** @since: when the oldest job became that, or was last seen to */
	ktime_t since;
	/** @rung: when the doorbell was last rung */
	ktime_t rung;
	/** @busy_ns: time the engine spent on its jobs */
	u64 busy_ns;
};

int nova_channel_init(struct nova_channel *ch, struct nova_host *host,
		      const struct nova_channel_config *config);
void nova_channel_fini(struct nova_channel *ch);
void nova_channel_release(struct nova_channel *ch);

u32 nova_channel_credits(const struct nova_channel *ch, u32 nr_pushes);
bool nova_channel_reaches(const struct nova_host *host, u64 va, u64 len);
void nova_channel_arm(struct nova_channel *ch, struct nova_fence *fence);
void nova_channel_submit(struct nova_channel *ch, const struct nova_channel_push *pushes, u32 nr,
			 struct nova_fence *fence);
void nova_channel_abandon(struct nova_channel *ch);
void nova_channel_kill(struct nova_channel *ch, const struct nova_channel_stop *stop);
u64 nova_channel_busy_ns(struct nova_channel *ch);

/* For the poller */
bool nova_channel_poll(struct nova_channel *ch);
bool nova_channel_rearm(struct nova_channel *ch);

#endif
