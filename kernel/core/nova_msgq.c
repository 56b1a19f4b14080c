// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_msgq
 *
 * The message queues between the driver and the GPU system processor, as memory:
 * no register, no device, no waiting. nova_gsp rings the doorbell and waits::
 *
 *	0x00000  DMA address of each page, the first being this one
 *	0x01000  command queue:  header, 63 entries of 4 KiB	driver writes
 *	0x41000  status queue:   header, 63 entries of 4 KiB	GSP writes
 *
 * A queue's header page::
 *
 *	0x00 version   0x04 size      0x08 msgSize   0x0c msgCount
 *	0x10 writePtr  0x14 flags     0x18 rxHdrOff  0x1c entryOff
 *	0x20 readPtr of the *other* queue (SWAP_RX), so each side writes its own pages
 *
 * A message is one element of up to 16 entries, wrapping at the end of the queue:
 * 48 bytes of transport header, 32 bytes of RPC header, payload. The XOR of its
 * 64-bit words, folded to 32 bits, is zero.
 *
 * Invariant: one entry of a queue always stays empty. Elements are numbered from
 * 0 in each direction.
 *
 * The other side is not trusted: every length, count and number that it wrote is
 * copied once and checked before use. A malformed element is refused with
 * -EPROTO and left in place; the stream has lost its framing and is over.
 *
 * Source: NVIDIA's open kernel modules, msgq and message_queue_cpu (hardware.md
 * §8.1, §8.2). Locking: the caller's. Units: bytes; entries where so named.
 */
#include "nova_msgq.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <asm/barrier.h>

#include <kunit/static_stub.h>

#define MSGQ_VERSION		0u
#define MSGQ_FLAGS_SWAP_RX	1u
#define MSGQ_RX_OFF		0x20u
#define MSGQ_ENTRY_OFF		0x1000u

#define RPC_HEADER_VERSION	0x03000000u
#define RPC_SIGNATURE		0x43505256u
#define RPC_HEADER_SIZE		0x20u
#define RPC_RESULT_PENDING	0xffffffffu
#define ELEM_HEADER_SIZE	0x30u

/* struct msgq_header - first bytes of a queue; fields as in the drawing above */
struct msgq_header {
	__le32 version;
	__le32 size;
	__le32 msg_size;
	__le32 msg_count;
	__le32 write_ptr;
	__le32 flags;
	__le32 rx_hdr_off;
	__le32 entry_off;
	__le32 other_read_ptr;
};

/* struct msgq_elem - transport and RPC header of an element */
struct msgq_elem {
	u8 auth_tag[16];
	u8 aad[16];
	__le32 checksum;
	__le32 seq;
	__le32 count;
	__le32 pad;
	__le32 header_version;
	__le32 signature;
	__le32 length;
	__le32 function;
	__le32 result;
	__le32 result_private;
	__le32 sequence;
	__le32 spare;
};

static_assert(sizeof(struct msgq_elem) == NOVA_MSGQ_HEADERS);
static_assert(offsetof(struct msgq_elem, header_version) == ELEM_HEADER_SIZE);

static struct msgq_header *msgq_header(const struct nova_msgq *q, u32 queue)
{
	return q->shm + queue;
}

static u32 msgq_load(const __le32 *p)
{
	return le32_to_cpu(READ_ONCE(*p));
}

static void msgq_store(__le32 *p, u32 val)
{
	WRITE_ONCE(*p, cpu_to_le32(val));
}

static u32 msgq_checksum(const void *elem, u32 bytes)
{
	u64 sum = 0;

	for (u32 i = 0; i < bytes; i += sizeof(u64))
		sum ^= get_unaligned_le64(elem + i);
	return upper_32_bits(sum) ^ lower_32_bits(sum);
}

/* Between the linear element and its entries, which wrap at the end of the queue. */
static void msgq_copy(const struct nova_msgq *q, u32 queue, u32 first, u32 bytes, bool out)
{
	for (u32 done = 0; done < bytes; done += NOVA_MSGQ_PAGE) {
		u32 entry = (first + done / NOVA_MSGQ_PAGE) % NOVA_MSGQ_NR;
		u32 len = min(bytes - done, NOVA_MSGQ_PAGE);
		void *shared = q->shm + queue + MSGQ_ENTRY_OFF + entry * NOVA_MSGQ_PAGE;

		if (out)
			memcpy(shared, q->elem + done, len);
		else
			memcpy(q->elem + done, shared, len);
	}
}

/**
 * nova_msgq_init - set up the command queue in zeroed shared memory
 * @q: to fill
 * @shm: NOVA_MSGQ_SHM_SIZE zeroed bytes, not yet known to the other side
 * @elem: NOVA_MSGQ_MAX_ELEM bytes of scratch; both must outlive @q
 */
void nova_msgq_init(struct nova_msgq *q, void *shm, void *elem)
{
	struct msgq_header *cmd;

	*q = (struct nova_msgq) { .shm = shm, .elem = elem };
	cmd = msgq_header(q, NOVA_MSGQ_CMD);
	msgq_store(&cmd->version, MSGQ_VERSION);
	msgq_store(&cmd->size, NOVA_MSGQ_QUEUE_SIZE);
	msgq_store(&cmd->msg_size, NOVA_MSGQ_PAGE);
	msgq_store(&cmd->msg_count, NOVA_MSGQ_NR);
	msgq_store(&cmd->flags, MSGQ_FLAGS_SWAP_RX);
	msgq_store(&cmd->rx_hdr_off, MSGQ_RX_OFF);
	msgq_store(&cmd->entry_off, MSGQ_ENTRY_OFF);
}

/**
 * nova_msgq_check_peer - has the other side set up its queue, and as we expect?
 * @q: the queues
 *
 * Return: 0; -EAGAIN if it has not begun; -EPROTO if its header is not ours, or not
 * yet: it may be writing it.
 */
int nova_msgq_check_peer(const struct nova_msgq *q)
{
	const struct msgq_header *stat = msgq_header(q, NOVA_MSGQ_STAT);

	if (!msgq_load(&stat->size))
		return -EAGAIN;
	if (msgq_load(&stat->version) != MSGQ_VERSION ||
	    msgq_load(&stat->size) != NOVA_MSGQ_QUEUE_SIZE ||
	    msgq_load(&stat->msg_size) != NOVA_MSGQ_PAGE ||
	    msgq_load(&stat->msg_count) != NOVA_MSGQ_NR ||
	    msgq_load(&stat->rx_hdr_off) != MSGQ_RX_OFF ||
	    msgq_load(&stat->entry_off) != MSGQ_ENTRY_OFF)
		return -EPROTO;
	return 0;
}

static void msgq_build(struct nova_msgq *q, u32 function, const void *payload, u32 len)
{
	struct msgq_elem *elem = q->elem;
	u32 bytes = round_up(NOVA_MSGQ_HEADERS + len, 8);

	memset(elem, 0, bytes);
	elem->seq = cpu_to_le32(q->tx_seq);
	elem->count = cpu_to_le32(DIV_ROUND_UP(NOVA_MSGQ_HEADERS + len, NOVA_MSGQ_PAGE));
	elem->header_version = cpu_to_le32(RPC_HEADER_VERSION);
	elem->signature = cpu_to_le32(RPC_SIGNATURE);
	elem->length = cpu_to_le32(RPC_HEADER_SIZE + len);
	elem->function = cpu_to_le32(function);
	elem->result = cpu_to_le32(RPC_RESULT_PENDING);
	elem->result_private = cpu_to_le32(RPC_RESULT_PENDING);
	if (len)
		memcpy(elem + 1, payload, len);
	elem->checksum = cpu_to_le32(msgq_checksum(elem, bytes));
}

/**
 * nova_msgq_send - put one element into the command queue
 * @q: the queues
 * @function: RPC function number
 * @payload: @len bytes, or NULL if @len is 0
 * @len: at most NOVA_MSGQ_MAX_PAYLOAD
 *
 * The other side may look as soon as this returns; ring its doorbell.
 *
 * Return: 0; -EINVAL if @len is too large; -EAGAIN if the queue is full; -EPROTO
 * if the other side's read pointer makes no sense. On error nothing was sent.
 */
int nova_msgq_send(struct nova_msgq *q, u32 function, const void *payload, u32 len)
{
	u32 nr = DIV_ROUND_UP(NOVA_MSGQ_HEADERS + len, NOVA_MSGQ_PAGE);
	u32 read = msgq_load(&msgq_header(q, NOVA_MSGQ_STAT)->other_read_ptr);

	if (len > NOVA_MSGQ_MAX_PAYLOAD)
		return -EINVAL;
	if (read >= NOVA_MSGQ_NR)
		return -EPROTO;
	if ((read + NOVA_MSGQ_NR - q->write - 1) % NOVA_MSGQ_NR < nr)
		return -EAGAIN;
	msgq_build(q, function, payload, len);
	msgq_copy(q, NOVA_MSGQ_CMD, q->write, round_up(NOVA_MSGQ_HEADERS + len, 8), true);
	q->write = (q->write + nr) % NOVA_MSGQ_NR;
	q->tx_seq++;
	dma_wmb();
	msgq_store(&msgq_header(q, NOVA_MSGQ_CMD)->write_ptr, q->write);
	return 0;
}

/* The header's numbers against each other and against what has arrived. */
static int msgq_check_header(const struct nova_msgq *q, const struct msgq_elem *elem, u32 used)
{
	u32 length = le32_to_cpu(elem->length), count = le32_to_cpu(elem->count);

	if (le32_to_cpu(elem->header_version) != RPC_HEADER_VERSION ||
	    le32_to_cpu(elem->signature) != RPC_SIGNATURE)
		return -EPROTO;
	if (length < RPC_HEADER_SIZE || length > NOVA_MSGQ_MAX_ELEM - ELEM_HEADER_SIZE)
		return -EPROTO;
	if (count != DIV_ROUND_UP(ELEM_HEADER_SIZE + length, NOVA_MSGQ_PAGE) || count > used)
		return -EPROTO;
	return le32_to_cpu(elem->seq) == q->rx_seq ? 0 : -EPROTO;
}

static int msgq_fetch(struct nova_msgq *q, u32 used)
{
	struct msgq_elem *elem = q->elem;
	u32 bytes, length;
	int ret;

	msgq_copy(q, NOVA_MSGQ_STAT, q->read, sizeof(*elem), false);
	ret = msgq_check_header(q, elem, used);
	if (ret)
		return ret;
	length = le32_to_cpu(elem->length);
	bytes = ELEM_HEADER_SIZE + length;
	msgq_copy(q, NOVA_MSGQ_STAT, q->read, bytes, false);
	/* It may have changed under us; what was checked is what counts. */
	if (le32_to_cpu(elem->length) != length || msgq_check_header(q, elem, used))
		return -EPROTO;
	memset(q->elem + bytes, 0, round_up(bytes, 8) - bytes);
	return msgq_checksum(elem, round_up(bytes, 8)) ? -EPROTO : 0;
}

/**
 * nova_msgq_recv - take one element out of the status queue
 * @q: the queues
 * @msg: filled; its payload is valid until the next call on @q
 *
 * Return: 0; -EAGAIN if there is none; -EPROTO if it is malformed, in which case
 * it stays and every further call says so again.
 */
int nova_msgq_recv(struct nova_msgq *q, struct nova_msgq_msg *msg)
{
	const struct msgq_elem *elem = q->elem;
	u32 write, used;
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(nova_msgq_recv, q, msg);
	write = msgq_load(&msgq_header(q, NOVA_MSGQ_STAT)->write_ptr);
	used = (write + NOVA_MSGQ_NR - q->read) % NOVA_MSGQ_NR;
	if (write >= NOVA_MSGQ_NR)
		return -EPROTO;
	if (!used)
		return -EAGAIN;
	dma_rmb();
	ret = msgq_fetch(q, used);
	if (ret)
		return ret;
	*msg = (struct nova_msgq_msg) {
		.function = le32_to_cpu(elem->function),
		.result = le32_to_cpu(elem->result),
		.payload = elem + 1,
		.len = le32_to_cpu(elem->length) - RPC_HEADER_SIZE,
	};
	q->read = (q->read + le32_to_cpu(elem->count)) % NOVA_MSGQ_NR;
	q->rx_seq++;
	dma_mb();
	msgq_store(&msgq_header(q, NOVA_MSGQ_CMD)->other_read_ptr, q->read);
	return 0;
}
