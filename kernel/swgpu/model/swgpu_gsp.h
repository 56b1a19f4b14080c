/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_GSP_H__
#define __SWGPU_GSP_H__

#include "swgpu_msgq.h"

struct nova_swgpu;

/** SWGPU_GSP_PENDING - largest payload put together from continuation records */
#define SWGPU_GSP_PENDING 0x20000u

/** enum swgpu_gsp_state - how far the firmware's life has come */
enum swgpu_gsp_state {
	/** @SWGPU_GSP_OFF: not started: a doorbell with an address in the mailbox starts it */
	SWGPU_GSP_OFF = 0,
	/** @SWGPU_GSP_WANT_INFO: waits for SET_SYSTEM_INFO */
	SWGPU_GSP_WANT_INFO,
	/** @SWGPU_GSP_WANT_REGISTRY: waits for SET_REGISTRY */
	SWGPU_GSP_WANT_REGISTRY,
	/** @SWGPU_GSP_RUNNING: INIT_DONE has been sent */
	SWGPU_GSP_RUNNING,
	/** @SWGPU_GSP_STOPPED: unloaded, or the driver broke the protocol */
	SWGPU_GSP_STOPPED,
};

/** struct swgpu_gsp - the firmware's side of a GPU System Processor */
struct swgpu_gsp {
	/** @state: enum swgpu_gsp_state */
	u8 state;
	/** @irq: IRQSTAT */
	u32 irq;
	/** @bar1_root: VRAM address of the root of BAR1's tables */
	u64 bar1_root;
	/** @bar2_root: VRAM address of the root of BAR2's tables */
	u64 bar2_root;
	/** @reserved: bytes at the top of VRAM that are the firmware's */
	u64 reserved;
	struct swgpu_msgq q;
	/** @pending_len: bytes of a registry that is still being continued, or 0 */
	u32 pending_len;
	/** @in: the element being received */
	u8 in[SWGPU_MSGQ_MAX];
	/** @out: the element being sent */
	u8 out[SWGPU_MSGQ_MAX];
	/** @pending: payload put together */
	u8 pending[SWGPU_GSP_PENDING];
};

int swgpu_gsp_init(struct nova_swgpu *gpu);
void swgpu_gsp_fini(struct nova_swgpu *gpu);
void swgpu_gsp_reset(struct nova_swgpu *gpu);
void swgpu_gsp_doorbell(struct nova_swgpu *gpu);
u32 swgpu_gsp_irqstat(struct nova_swgpu *gpu);
void swgpu_gsp_irqclear(struct nova_swgpu *gpu, u32 val);

#endif
