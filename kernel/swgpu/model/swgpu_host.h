/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_HOST_H__
#define __SWGPU_HOST_H__

#include "swgpu_chan.h"

#define SWGPU_CHANNELS 512u
/** SWGPU_HOST_FAULTS - MMU faults kept: one in the registers, 64 behind it */
#define SWGPU_HOST_FAULTS 65u
/** SWGPU_SLICE - bytes, or what counts like them, that a channel may use before others */
#define SWGPU_SLICE (2u << 20)
/** SWGPU_STEP - the same, for one holding of the lock */
#define SWGPU_STEP (64u << 10)

/** enum swgpu_error - why a channel was stopped: bit number of NV_PPBDMA_INTR_0 */
enum swgpu_error {
	SWGPU_ERROR_GPFIFO = 13,
	SWGPU_ERROR_GPPTR = 14,
	SWGPU_ERROR_GPENTRY = 15,
	SWGPU_ERROR_PBENTRY = 18,
	SWGPU_ERROR_METHOD = 21,
	SWGPU_ERROR_DEVICE = 23,
	SWGPU_ERROR_SEMAPHORE = 25,
};

/** struct swgpu_host_fault - one MMU fault, as the registers show it */
struct swgpu_host_fault {
	u64 va;
	/** @block: instance block of the channel */
	u64 block;
	/** @info: MMU_FAULT_INFO */
	u32 info;
	/** @engine: engine id */
	u16 engine;
};

/** struct swgpu_group - a TSG of the runlist */
struct swgpu_group {
	/** @first: index of its first channel in the list */
	u16 first;
	/** @nr: channels */
	u16 nr;
	/** @turn: the channel to look at next */
	u16 turn;
	u16 tsgid;
};

/** struct swgpu_host - runlist 0, its PBDMA and its channels */
struct swgpu_host {
	/** @chan: %SWGPU_CHANNELS */
	struct swgpu_chan *chan;
	/** @base_lo: runlist registers as written, with the next two */
	u32 base_lo, base_hi, submit;
	struct swgpu_wait submit_wait;
	/** @preempt: NV_PFIFO_PREEMPT as written */
	u32 preempt;
	struct swgpu_wait preempt_wait;
	/** @list: channels of the runlist in force, group by group */
	u16 list[SWGPU_CHANNELS];
	struct swgpu_group group[SWGPU_CHANNELS];
	u16 nr_list, nr_groups;
	/** @turn: group to look at next */
	u16 turn;
	/** @loaded: the channel whose slice it is, NULL for none */
	struct swgpu_chan *loaded;
	/** @slice: what is left of it */
	u32 slice;
	/** @round: counts slices that got something done */
	u64 round;
	/** @idle_us: how long to wait when all wait; grows */
	u32 idle_us;
	/** @intr: NV_PPBDMA_INTR_0; then what belongs to its first error */
	u32 intr, channel, method0, data0;
	/** @fault: ring of MMU faults */
	struct swgpu_host_fault fault[SWGPU_HOST_FAULTS];
	/** @fault_first: the one shown */
	u32 fault_first;
	/** @nr_faults: in the ring, from there on */
	u32 nr_faults;
	/** @bounce: two pages for copies that are not plain */
	u8 *bounce;
};

int swgpu_host_init(struct nova_swgpu *gpu);
void swgpu_host_fini(struct nova_swgpu *gpu);
void swgpu_host_reset(struct nova_swgpu *gpu);
bool swgpu_host_read(struct nova_swgpu *gpu, u32 off, u32 *val);
bool swgpu_host_write(struct nova_swgpu *gpu, u32 off, u32 val);
void swgpu_host_kick(struct nova_swgpu *gpu);
unsigned int swgpu_host_uses(struct nova_swgpu *gpu, u64 addr, u64 len);

bool swgpu_report_read(struct nova_swgpu *gpu, u32 off, u32 *val);
bool swgpu_report_write(struct nova_swgpu *gpu, u32 off, u32 val);
void swgpu_report_error(struct nova_swgpu *gpu, struct swgpu_chan *chan, enum swgpu_error error,
			u32 method, u32 data);
void swgpu_report_fault(struct nova_swgpu *gpu, struct swgpu_chan *chan,
			const struct swgpu_via *via, u64 va, unsigned int code,
			enum nova_swgpu_access access);

void swgpu_runlist_submit(struct nova_swgpu *gpu, u32 val);
u32 swgpu_runlist_poll(struct nova_swgpu *gpu);
void swgpu_preempt_start(struct nova_swgpu *gpu, u32 val);
u32 swgpu_preempt_poll(struct nova_swgpu *gpu);
enum swgpu_progress swgpu_sched_step(struct nova_swgpu *gpu);

#endif
