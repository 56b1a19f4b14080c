/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_MSGQ_H__
#define __SWGPU_MSGQ_H__

#include "swgpu_port.h"

struct nova_swgpu;

/** SWGPU_MSGQ_PAGES - pages of the shared memory, and entries of its page table */
#define SWGPU_MSGQ_PAGES 129u
/** SWGPU_MSGQ_COUNT - entries of a queue, one of which is always empty */
#define SWGPU_MSGQ_COUNT 63u
/** SWGPU_MSGQ_MAX - bytes of the largest element: 16 entries */
#define SWGPU_MSGQ_MAX 0x10000u
/** SWGPU_MSGQ_HEAD - bytes before the payload: element header 0x30, RPC header 0x20 */
#define SWGPU_MSGQ_HEAD 0x50u

/** struct swgpu_msgq - both queues, as the GSP sees them */
struct swgpu_msgq {
	/** @page: DMA address of each page of the shared memory */
	u64 page[SWGPU_MSGQ_PAGES];
	/** @read: next command entry to read */
	u32 read;
	/** @write: next status entry to write */
	u32 write;
	/** @seq_in: sequence number the next command must have */
	u32 seq_in;
	/** @seq_out: sequence number of the next message */
	u32 seq_out;
};

/** struct swgpu_msg - one message, without the element header */
struct swgpu_msg {
	u32 function;
	u32 result;
	/** @sequence: RPC sequence number, echoed in a reply */
	u32 sequence;
	/** @len: bytes of payload */
	u32 len;
};

bool swgpu_msgq_attach(struct nova_swgpu *gpu, struct swgpu_msgq *q, u64 args);
int swgpu_msgq_receive(struct nova_swgpu *gpu, struct swgpu_msgq *q, u8 *buf,
		       struct swgpu_msg *msg);
bool swgpu_msgq_send(struct nova_swgpu *gpu, struct swgpu_msgq *q, u8 *buf,
		     const struct swgpu_msg *msg, unsigned int fault);
u32 swgpu_msgq_checksum(const u8 *element, u32 len);

#endif
