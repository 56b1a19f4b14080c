/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_CHAN_H__
#define __SWGPU_CHAN_H__

#include "../nova_swgpu_types.h"
#include "swgpu_tlb.h"

struct nova_swgpu;

/** enum swgpu_progress - what came of a step of the host */
enum swgpu_progress {
	/** @SWGPU_IDLE: nothing to do until somebody rings */
	SWGPU_IDLE = 0,
	/** @SWGPU_WAIT: only unsatisfied acquires and unfinished launches: look again later */
	SWGPU_WAIT,
	/** @SWGPU_DONE: something was done and there may be more */
	SWGPU_DONE,
};

/** enum swgpu_ce_reg - what methods of the copy class leave behind */
enum swgpu_ce_reg {
	SWGPU_CE_SEM_UPPER, SWGPU_CE_SEM_LOWER, SWGPU_CE_PAYLOAD, SWGPU_CE_PAYLOAD_UPPER,
	SWGPU_CE_SRC_PHYS, SWGPU_CE_DST_PHYS,
	SWGPU_CE_IN_UPPER, SWGPU_CE_IN_LOWER, SWGPU_CE_OUT_UPPER, SWGPU_CE_OUT_LOWER,
	SWGPU_CE_PITCH_IN, SWGPU_CE_PITCH_OUT, SWGPU_CE_LINE_LENGTH, SWGPU_CE_LINE_COUNT,
	SWGPU_CE_CONST_A, SWGPU_CE_CONST_B, SWGPU_CE_COMPONENTS,
	SWGPU_NR_CE_REGS,
};

/** enum swgpu_host_reg - what host methods leave behind */
enum swgpu_host_reg {
	SWGPU_HOST_MEM_OP_A, SWGPU_HOST_MEM_OP_B, SWGPU_HOST_MEM_OP_C,
	SWGPU_HOST_SEM_LO, SWGPU_HOST_SEM_HI, SWGPU_HOST_PAYLOAD_LO, SWGPU_HOST_PAYLOAD_HI,
	SWGPU_NR_HOST_REGS,
};

/** struct swgpu_via - how an address of a channel is meant */
struct swgpu_via {
	/** @physical: no MMU; else in the channel's address space */
	bool physical;
	/** @aperture: memory of a physical address, as a leaf says it */
	u8 aperture;
	/** @host: the host accesses, else the copy engine */
	bool host;
};

/** struct swgpu_span - contiguous memory behind an address */
struct swgpu_span {
	u64 addr;
	/** @len: bytes, at least 1 */
	u64 len;
	/** @aperture: as a leaf says it */
	u8 aperture;
	/** @sparse: none: reads give 0, writes vanish */
	bool sparse;
};

/** struct swgpu_remap - SET_REMAP_COMPONENTS taken apart */
struct swgpu_remap {
	/** @select: for each component of the destination, 0–3, 4 A, 5 B, 6 none */
	u8 select[4];
	/** @size: bytes of a component */
	u8 size;
	/** @nr_src: components of a source element */
	u8 nr_src;
	/** @nr_dst: components of a destination element */
	u8 nr_dst;
	/** @reads: a component of the source is selected */
	bool reads;
	/** @skips: a component of the destination is not written */
	bool skips;
};

/** struct swgpu_launch - a LAUNCH_DMA under way */
struct swgpu_launch {
	/** @active: there is one */
	bool active;
	/** @remap: elements, not bytes; see @map */
	bool remap;
	/** @cmd: the method's data */
	u32 cmd;
	struct swgpu_via src, dst;
	/** @in: address of the current line of the source */
	u64 in;
	/** @out: address of the current line of the destination */
	u64 out;
	/** @nr: bytes or elements of a line */
	u64 nr;
	/** @at: of them done in the current line */
	u64 at;
	/** @lines: still to do, with the current one */
	u64 lines;
	struct swgpu_remap map;
	/** @ready: not complete before this time, ns */
	u64 ready;
};

/** struct swgpu_push - the pushbuffer segment being executed */
struct swgpu_push {
	/** @va: of the next word */
	u64 va;
	/** @left: words */
	u32 left;
	/** @entry: a GP entry has been fetched and is not done */
	bool entry;
	/** @op: of the header in force */
	u8 op;
	/** @subch: of the header in force */
	u8 subch;
	/** @method: byte offset of the next method */
	u16 method;
	/** @count: data words it still takes */
	u16 count;
};

/** struct swgpu_chan - one channel */
struct swgpu_chan {
	/** @inst: NV_PCCSR_CHANNEL_INST as written */
	u32 inst;
	/** @id: its number */
	u16 id;
	/** @bound: to an instance block that is one */
	bool bound;
	bool enabled;
	/** @listed: on the runlist in force */
	bool listed;
	/** @pbdma_faulted: status bit, as the next one, until cleared */
	bool pbdma_faulted, eng_faulted;
	/** @stopped: by a fault or an error; executes nothing until bound again */
	bool stopped;
	/** @used: something executed since the last preempt */
	bool used;
	/** @rung: a doorbell since PUT was read */
	bool rung;
	/** @acquiring: at an unsatisfied acquire */
	bool acquiring;
	/** @privileged: CONFIG AUTH_LEVEL: the host executes all methods */
	bool privileged;
	/** @physical: HCE_CTRL PRIV_MODE: the engine takes physical addresses */
	bool physical;
	/** @object: the copy class has been set */
	bool object;
	/** @round: of the host, when it last had to wait */
	u64 round;
	struct swgpu_space space;
	/** @block: VRAM address of the instance block */
	u64 block;
	/** @userd: address of USERD */
	u64 userd;
	/** @userd_aperture: of @userd, as a leaf says it */
	u8 userd_aperture;
	/** @base_lo: GP_BASE, then GP_BASE_HI, as they are in the block */
	u32 base_lo, base_hi;
	/** @ring: GPU virtual address of the ring */
	u64 ring;
	/** @ring_lg2: log2 of its entries */
	u8 ring_lg2;
	/** @get: next entry to fetch */
	u32 get;
	/** @put: end of the entries known of */
	u32 put;
	/** @base: bits 56:40 of pushbuffer addresses */
	u64 base;
	struct swgpu_push push;
	struct swgpu_launch launch;
	/** @sem: SEM_EXECUTE of the acquire under way */
	u32 sem;
	u32 host[SWGPU_NR_HOST_REGS];
	u32 ce[SWGPU_NR_CE_REGS];
};

void swgpu_chan_bind(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 val);
bool swgpu_chan_busy(struct nova_swgpu *gpu, struct swgpu_chan *chan);
enum swgpu_progress swgpu_chan_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost);

bool swgpu_span(struct nova_swgpu *gpu, struct swgpu_chan *chan, const struct swgpu_via *via,
		u64 addr, enum nova_swgpu_access access, struct swgpu_span *span);
bool swgpu_span_lost(struct nova_swgpu *gpu, struct swgpu_chan *chan,
		     const struct swgpu_via *via, const struct swgpu_span *span, u64 va,
		     enum nova_swgpu_access access);
bool swgpu_span_get(struct nova_swgpu *gpu, struct swgpu_chan *chan, const struct swgpu_via *via,
		    u64 addr, void *buf, u32 len);
bool swgpu_span_put(struct nova_swgpu *gpu, struct swgpu_chan *chan, const struct swgpu_via *via,
		    u64 addr, const void *buf, u32 len);
bool swgpu_span_load_word(struct nova_swgpu *gpu, struct swgpu_chan *chan,
			  const struct swgpu_via *via, u64 addr, unsigned int size, u64 *val);
bool swgpu_span_store_word(struct nova_swgpu *gpu, struct swgpu_chan *chan,
			   const struct swgpu_via *via, u64 addr, unsigned int size, u64 val);

void swgpu_push_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost);
enum swgpu_progress swgpu_host_acquire(struct nova_swgpu *gpu, struct swgpu_chan *chan);
bool swgpu_ce_method(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 method, u32 data);
enum swgpu_progress swgpu_ce_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost);
void swgpu_copy_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost);
void swgpu_remap_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost);

#endif
