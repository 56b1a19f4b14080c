// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu message queues
 *
 * The GSP's side of the two message queues in shared system memory::
 *
 *   0x00000  page table: u64 DMA address of each of the 129 pages
 *   0x01000  command queue: tx header (written by the CPU), rx header at +0x20 (the
 *            CPU's read pointer of the *status* queue), 63 entries from +0x1000
 *   0x41000  status queue: the same, written by the GSP
 *
 * A message is an element of 1 to 16 entries: 0x30 bytes of element header with
 * checksum and sequence number, 0x20 of RPC header, payload. Each side checks that
 * sequence numbers count up by one a message from 0.
 *
 * Strict: whatever the protocol fixes must be exactly so, in the arguments, the
 * queue headers and every element. Anything else is "broken": false or -EINVAL, and
 * the caller stops serving. When sending, a message can be spoilt on request, in
 * the ways enum nova_swgpu_gsp_fault lists.
 *
 * Offsets and lengths are bytes. gpu->lock is held.
 */

#include "swgpu_msgq.h"

#include "swgpu.h"

#define SWGPU_MSGQ_CMD 0x1000u		/* command queue */
#define SWGPU_MSGQ_STAT 0x41000u	/* status queue */
#define SWGPU_MSGQ_SIZE 0x40000u	/* of one queue */
#define SWGPU_MSGQ_ENTRY 0x1000u	/* bytes of an entry, and where the first one is */

#define SWGPU_MSGQ_VERSION 0x03000000u	/* rpc.header_version */
#define SWGPU_MSGQ_SIGNATURE 0x43505256u /* "VRPC" */

/* msgqTxHeader, from offset 0; the write pointer at 0x10 is checked apart. */
static const u32 swgpu_msgq_header[] = {
	0,			/* version */
	SWGPU_MSGQ_SIZE,	/* size */
	SWGPU_MSGQ_ENTRY,	/* msgSize */
	SWGPU_MSGQ_COUNT,	/* msgCount */
	0,			/* writePtr */
	1,			/* flags: SWAP_RX */
	0x20,			/* rxHdrOff */
	SWGPU_MSGQ_ENTRY,	/* entryOff */
};

#define SWGPU_MSGQ_WRITE_PTR 4		/* index of writePtr in it */
#define SWGPU_MSGQ_MSG_SIZE 2		/* index of msgSize in it */

static bool swgpu_msgq_load(struct nova_swgpu *gpu, const struct swgpu_msgq *q, u32 off, u32 *val)
{
	u64 word;

	if (!swgpu_phys_load(gpu, NOVA_SWGPU_SYS_COH, q->page[off >> 12] + (off & 4095), 4, &word))
		return false;
	*val = (u32)word;
	return true;
}

static bool swgpu_msgq_store(struct nova_swgpu *gpu, const struct swgpu_msgq *q, u32 off, u32 val)
{
	return swgpu_phys_store(gpu, NOVA_SWGPU_SYS_COH, q->page[off >> 12] + (off & 4095), 4, val);
}

/* Arguments of a GSP boot: 0x00 shared memory, 0x08 pages, 0x10 and 0x18 queue offsets. */
static bool swgpu_msgq_arguments(struct nova_swgpu *gpu, u64 args, u64 *shared)
{
	u64 pages, cmd, stat, dmem;

	return !(args & 7) &&
	       swgpu_phys_load(gpu, NOVA_SWGPU_SYS_COH, args, 8, shared) &&
	       swgpu_phys_load(gpu, NOVA_SWGPU_SYS_COH, args + 0x08, 4, &pages) &&
	       swgpu_phys_load(gpu, NOVA_SWGPU_SYS_COH, args + 0x10, 8, &cmd) &&
	       swgpu_phys_load(gpu, NOVA_SWGPU_SYS_COH, args + 0x18, 8, &stat) &&
	       swgpu_phys_load(gpu, NOVA_SWGPU_SYS_COH, args + 0x30, 4, &dmem) &&
	       pages == SWGPU_MSGQ_PAGES && cmd == SWGPU_MSGQ_CMD && stat == SWGPU_MSGQ_STAT &&
	       (dmem & 0xff) == 1 && !(*shared & 4095);
}

static bool swgpu_msgq_page_table(struct nova_swgpu *gpu, struct swgpu_msgq *q, u64 shared)
{
	u32 i;

	for (i = 0; i < SWGPU_MSGQ_PAGES; i++) {
		if (!swgpu_phys_load(gpu, NOVA_SWGPU_SYS_COH, shared + i * 8, 8, &q->page[i]) ||
		    q->page[i] & 4095)
			return false;
	}
	return q->page[0] == shared;
}

static bool swgpu_msgq_check_header(struct nova_swgpu *gpu, const struct swgpu_msgq *q)
{
	u32 val, i;

	for (i = 0; i < ARRAY_SIZE(swgpu_msgq_header); i++) {
		if (!swgpu_msgq_load(gpu, q, SWGPU_MSGQ_CMD + i * 4, &val))
			return false;
		if (i == SWGPU_MSGQ_WRITE_PTR ? val >= SWGPU_MSGQ_COUNT :
						val != swgpu_msgq_header[i])
			return false;
	}
	return true;
}

static bool swgpu_msgq_write_header(struct nova_swgpu *gpu, const struct swgpu_msgq *q)
{
	bool spoil = gpu->inject.gsp == NOVA_SWGPU_GSP_BAD_HEADER;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(swgpu_msgq_header); i++) {
		if (!swgpu_msgq_store(gpu, q, SWGPU_MSGQ_STAT + i * 4, swgpu_msgq_header[i] +
				      (spoil && i == SWGPU_MSGQ_MSG_SIZE)))
			return false;
	}
	/* SWAP_RX: our read pointer of commands is in the queue we write. */
	return swgpu_msgq_store(gpu, q, SWGPU_MSGQ_STAT + 0x20, 0);
}

/**
 * swgpu_msgq_attach - find the queues as a booting GSP does
 * @gpu: the GPU
 * @q: filled in
 * @args: DMA address of GSP_ARGUMENTS_CACHED
 *
 * Return: false if anything is not as it must be.
 */
bool swgpu_msgq_attach(struct nova_swgpu *gpu, struct swgpu_msgq *q, u64 args)
{
	u64 shared;

	memset(q, 0, sizeof(*q));
	return swgpu_msgq_arguments(gpu, args, &shared) &&
	       swgpu_msgq_page_table(gpu, q, shared) &&
	       swgpu_msgq_check_header(gpu, q) &&
	       swgpu_msgq_write_header(gpu, q);
}

/**
 * swgpu_msgq_checksum - checksum of an element
 * @element: from its element header on, zero-padded to a multiple of 8
 * @len: bytes
 *
 * Return: the XOR of all 32-bit words; 0 over an element that contains its checksum.
 */
u32 swgpu_msgq_checksum(const u8 *element, u32 len)
{
	u64 sum = 0;
	u32 off;

	for (off = 0; off < len; off += 8)
		sum ^= swgpu_port_ld64(element + off);
	return (u32)(sum >> 32) ^ (u32)sum;
}

/* Copies entry index of the queue at off, to or from buf. */
static bool swgpu_msgq_entry(struct nova_swgpu *gpu, const struct swgpu_msgq *q, u32 off,
			     u32 index, u8 *buf, bool write)
{
	u64 addr = q->page[(off >> 12) + 1 + index % SWGPU_MSGQ_COUNT];

	if (write)
		return swgpu_phys_copy_in(gpu, NOVA_SWGPU_SYS_COH, addr, buf, SWGPU_MSGQ_ENTRY);
	return swgpu_phys_copy_out(gpu, NOVA_SWGPU_SYS_COH, addr, buf, SWGPU_MSGQ_ENTRY);
}

/* Everything about an element that does not depend on its function. */
static bool swgpu_msgq_element_ok(const struct swgpu_msgq *q, u8 *buf, u32 count)
{
	u32 len = 0x30 + swgpu_port_ld32(buf + 0x38);		/* rpc.length */
	u32 i;

	for (i = 0; i < 0x20; i += 4) {				/* authTag, aad */
		if (swgpu_port_ld32(buf + i))
			return false;
	}
	memset(buf + len, 0, -len & 7);
	return !swgpu_msgq_checksum(buf, len) &&
	       swgpu_port_ld32(buf + 0x24) == q->seq_in &&	/* seqNum */
	       swgpu_port_ld32(buf + 0x28) == count &&		/* elemCount */
	       !swgpu_port_ld32(buf + 0x2c) &&			/* pad */
	       swgpu_port_ld32(buf + 0x30) == SWGPU_MSGQ_VERSION &&
	       swgpu_port_ld32(buf + 0x34) == SWGPU_MSGQ_SIGNATURE &&
	       swgpu_port_ld32(buf + 0x40) == 0xffffffff &&	/* rpc_result */
	       swgpu_port_ld32(buf + 0x44) == 0xffffffff &&	/* rpc_result_private */
	       !swgpu_port_ld32(buf + 0x4c);			/* spare */
}

/**
 * swgpu_msgq_receive - take the next command
 * @gpu: the GPU
 * @q: the queues
 * @buf: %SWGPU_MSGQ_MAX bytes; receives the element
 * @msg: filled in; the payload is at @buf + %SWGPU_MSGQ_HEAD
 *
 * Return: 1 for a command, 0 if there is none, -EINVAL for a broken queue or element.
 */
int swgpu_msgq_receive(struct nova_swgpu *gpu, struct swgpu_msgq *q, u8 *buf,
		       struct swgpu_msg *msg)
{
	u32 write, len, count, used, i;

	if (!swgpu_msgq_load(gpu, q, SWGPU_MSGQ_CMD + 0x10, &write) || write >= SWGPU_MSGQ_COUNT)
		return -EINVAL;
	used = (write + SWGPU_MSGQ_COUNT - q->read) % SWGPU_MSGQ_COUNT;
	if (!used)
		return 0;
	if (!swgpu_msgq_entry(gpu, q, SWGPU_MSGQ_CMD, q->read, buf, false))
		return -EINVAL;
	len = swgpu_port_ld32(buf + 0x38);
	if (len < 0x20 || len > SWGPU_MSGQ_MAX - 0x30)
		return -EINVAL;
	count = (0x30 + len + SWGPU_MSGQ_ENTRY - 1) / SWGPU_MSGQ_ENTRY;
	if (count > used)
		return -EINVAL;
	for (i = 1; i < count; i++) {
		if (!swgpu_msgq_entry(gpu, q, SWGPU_MSGQ_CMD, q->read + i,
				      buf + i * SWGPU_MSGQ_ENTRY, false))
			return -EINVAL;
	}
	if (!swgpu_msgq_element_ok(q, buf, count))
		return -EINVAL;
	*msg = (struct swgpu_msg){
		.function = swgpu_port_ld32(buf + 0x3c),
		.sequence = swgpu_port_ld32(buf + 0x48),
		.len = len - 0x20,
	};
	q->seq_in++;
	q->read = (q->read + count) % SWGPU_MSGQ_COUNT;
	return swgpu_msgq_store(gpu, q, SWGPU_MSGQ_STAT + 0x20, q->read) ? 1 : -EINVAL;
}

/* Spoils what the checksum is to cover. */
static void swgpu_msgq_spoil(u8 *buf, u32 len, unsigned int fault)
{
	switch (fault) {
	case NOVA_SWGPU_GSP_BAD_SIGNATURE:
		swgpu_port_st32(buf + 0x34, SWGPU_MSGQ_SIGNATURE ^ 0x20);
		break;
	case NOVA_SWGPU_GSP_BAD_VERSION:
		swgpu_port_st32(buf + 0x30, SWGPU_MSGQ_VERSION + 0x01000000);
		break;
	case NOVA_SWGPU_GSP_BAD_LENGTH:
		swgpu_port_st32(buf + 0x38, len + 0x100000);
		break;
	case NOVA_SWGPU_GSP_BAD_SEQUENCE:
		swgpu_port_st32(buf + 0x24, swgpu_port_ld32(buf + 0x24) + 1);
		break;
	case NOVA_SWGPU_GSP_BAD_COUNT:
		swgpu_port_st32(buf + 0x28, 0);
		break;
	}
}

static void swgpu_msgq_noise(struct nova_swgpu *gpu, u8 *buf, u32 len)
{
	u32 off;

	for (off = 0; off < len; off += 8)
		swgpu_port_st64(buf + off, swgpu_random(gpu));
}

static void swgpu_msgq_fill(struct nova_swgpu *gpu, const struct swgpu_msgq *q, u8 *buf,
			    const struct swgpu_msg *msg, u32 count, unsigned int fault)
{
	u32 len = SWGPU_MSGQ_HEAD + msg->len;

	memset(buf, 0, SWGPU_MSGQ_HEAD);
	memset(buf + len, 0, -len & 7);
	swgpu_port_st32(buf + 0x24, q->seq_out);
	swgpu_port_st32(buf + 0x28, count);
	swgpu_port_st32(buf + 0x30, SWGPU_MSGQ_VERSION);
	swgpu_port_st32(buf + 0x34, SWGPU_MSGQ_SIGNATURE);
	swgpu_port_st32(buf + 0x38, 0x20 + msg->len);
	swgpu_port_st32(buf + 0x3c, msg->function);
	swgpu_port_st32(buf + 0x40, msg->result);
	swgpu_port_st32(buf + 0x48, msg->sequence);
	swgpu_msgq_spoil(buf, len, fault);
	swgpu_port_st32(buf + 0x20, swgpu_msgq_checksum(buf, len) ^
				    (fault == NOVA_SWGPU_GSP_BAD_CHECKSUM));
	if (fault == NOVA_SWGPU_GSP_NOISE)
		swgpu_msgq_noise(gpu, buf, count * SWGPU_MSGQ_ENTRY);
}

/**
 * swgpu_msgq_send - send a message
 * @gpu: the GPU
 * @q: the queues
 * @buf: %SWGPU_MSGQ_MAX bytes with the payload at %SWGPU_MSGQ_HEAD; the rest is
 *       overwritten
 * @msg: header of the message; at most %SWGPU_MSGQ_MAX - %SWGPU_MSGQ_HEAD of payload
 * @fault: enum nova_swgpu_gsp_fault: how to spoil it
 *
 * Return: false if the status queue is full, or the CPU's read pointer makes no sense.
 */
bool swgpu_msgq_send(struct nova_swgpu *gpu, struct swgpu_msgq *q, u8 *buf,
		     const struct swgpu_msg *msg, unsigned int fault)
{
	u32 count = (SWGPU_MSGQ_HEAD + msg->len + SWGPU_MSGQ_ENTRY - 1) / SWGPU_MSGQ_ENTRY;
	u32 read, room, i;

	if (!swgpu_msgq_load(gpu, q, SWGPU_MSGQ_CMD + 0x20, &read) || read >= SWGPU_MSGQ_COUNT)
		return false;
	room = (read + SWGPU_MSGQ_COUNT - q->write - 1) % SWGPU_MSGQ_COUNT;
	if (count > room)
		return false;
	swgpu_msgq_fill(gpu, q, buf, msg, count, fault);
	for (i = 0; i < count; i++) {
		if (!swgpu_msgq_entry(gpu, q, SWGPU_MSGQ_STAT, q->write + i,
				      buf + i * SWGPU_MSGQ_ENTRY, true))
			return false;
	}
	q->seq_out++;
	q->write = (q->write + count) % SWGPU_MSGQ_COUNT;
	gpu->log.count.gsp_messages++;
	swgpu_port_mb();
	return swgpu_msgq_store(gpu, q, SWGPU_MSGQ_STAT + 0x10,
				fault == NOVA_SWGPU_GSP_BAD_POINTER ? 1000 : q->write);
}
