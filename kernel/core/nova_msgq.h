/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_MSGQ_H__
#define __NOVA_MSGQ_H__

#include <linux/types.h>

/* Shared memory: a page of DMA addresses, then one queue for each direction. */
#define NOVA_MSGQ_PAGE		0x1000u
#define NOVA_MSGQ_CMD		0x01000u
#define NOVA_MSGQ_STAT		0x41000u
#define NOVA_MSGQ_QUEUE_SIZE	0x40000u
#define NOVA_MSGQ_SHM_SIZE	0x81000u
#define NOVA_MSGQ_NR		63u

/* Most bytes of one element, headers included, and of the payload it can carry. */
#define NOVA_MSGQ_MAX_PAGES	16u
#define NOVA_MSGQ_MAX_ELEM	(NOVA_MSGQ_MAX_PAGES * NOVA_MSGQ_PAGE)
#define NOVA_MSGQ_HEADERS	0x50u
#define NOVA_MSGQ_MAX_PAYLOAD	(NOVA_MSGQ_MAX_ELEM - NOVA_MSGQ_HEADERS)

/**
 * struct nova_msgq - one side's view of a pair of message queues
 *
 * Used by one thread at a time.
 */
struct nova_msgq {
	/** @shm: NOVA_MSGQ_SHM_SIZE bytes shared with the other side */
	void *shm;
	/** @elem: NOVA_MSGQ_MAX_ELEM bytes to build and take apart elements in */
	void *elem;
	/** @write: next entry of the command queue to fill */
	u32 write;
	/** @read: next entry of the status queue to take */
	u32 read;
	/** @tx_seq: elements sent so far */
	u32 tx_seq;
	/** @rx_seq: elements taken so far */
	u32 rx_seq;
};

/**
 * struct nova_msgq_msg - a received element, taken apart
 */
struct nova_msgq_msg {
	/** @function: what it is */
	u32 function;
	/** @result: 0 for success */
	u32 result;
	/** @payload: in &nova_msgq.elem, until the next call */
	const void *payload;
	/** @len: bytes of @payload */
	u32 len;
};

void nova_msgq_init(struct nova_msgq *q, void *shm, void *elem);
int nova_msgq_check_peer(const struct nova_msgq *q);
int nova_msgq_send(struct nova_msgq *q, u32 function, const void *payload, u32 len);
int nova_msgq_recv(struct nova_msgq *q, struct nova_msgq_msg *msg);

#endif
