/* SPDX-License-Identifier: MIT */
#ifndef __GSP_PEER_H__
#define __GSP_PEER_H__

#include "fuzz.h"

#include "nova_shim.h"

/*
 * The other side of the message queues, written from the published layout and not from the
 * driver: what firmware would put there, and what of it is well-formed.
 */

#define GSP_SHM_SIZE	0x81000u
#define GSP_CMD		0x01000u
#define GSP_STAT	0x41000u
#define GSP_ENTRIES	63u
#define GSP_HEADERS	0x50u
#define GSP_MAX_PAYLOAD	(16 * 4096u - GSP_HEADERS)

/* Offsets in a queue's header */
#define GSP_WRITE_PTR	0x10u
#define GSP_READ_PTR	0x20u

/* Offsets in an element */
#define GSP_CHECKSUM	0x20u
#define GSP_SEQ		0x24u
#define GSP_COUNT	0x28u
#define GSP_VERSION	0x30u
#define GSP_SIGNATURE	0x34u
#define GSP_LENGTH	0x38u
#define GSP_FUNCTION	0x3cu
#define GSP_RESULT	0x40u

/** struct gsp_peer - firmware, as far as the queues go */
struct gsp_peer {
	/** @shm: GSP_SHM_SIZE bytes */
	u8 *shm;
	/** @write: next entry of the status queue to fill */
	u32 write;
	/** @tx_seq: elements put so far */
	u32 tx_seq;
	/** @read: next entry of the command queue to take */
	u32 read;
	/** @rx_seq: elements taken so far */
	u32 rx_seq;
};

/** struct gsp_elem - an element, linear */
struct gsp_elem {
	/** @bytes: headers and payload */
	u8 bytes[16 * 4096];
};

u32 gsp_load(const struct gsp_peer *peer, u32 off);
void gsp_store(struct gsp_peer *peer, u32 off, u32 val);
void gsp_peer_start(struct gsp_peer *peer);
bool gsp_peer_header_is_good(const struct gsp_peer *peer);
void gsp_elem_fill(struct gsp_elem *elem, u32 seq, u32 function, u32 len);
void gsp_elem_seal(struct gsp_elem *elem);
u32 gsp_elem_load(const struct gsp_elem *elem, u32 off);
void gsp_elem_store(struct gsp_elem *elem, u32 off, u32 val);
bool gsp_peer_put(struct gsp_peer *peer, const struct gsp_elem *elem);
int gsp_judge(const struct gsp_peer *peer, u32 queue, u32 read, u32 seq, struct gsp_elem *elem);
bool gsp_peer_take(struct gsp_peer *peer, struct gsp_elem *elem);

#endif
