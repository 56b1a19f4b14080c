// SPDX-License-Identifier: MIT
/*
 * The other side of the message queues, and the judge of what is in them. A queue is a header page
 * and 63 entries of 4 KiB; an element takes up to 16 entries, which go on at the first one after
 * the last.
 */

#include "gsp_peer.h"

#define PAGE		4096u
#define VERSION		0x03000000u
#define SIGNATURE	0x43505256u
#define RPC_HEADER	0x20u
#define ELEM_HEADER	0x30u

u32 gsp_load(const struct gsp_peer *peer, u32 off)
{
	return get_unaligned_le32(peer->shm + off);
}

void gsp_store(struct gsp_peer *peer, u32 off, u32 val)
{
	put_unaligned_le32(val, peer->shm + off);
}

/* version, size, msgSize, msgCount, writePtr, flags, rxHdrOff, entryOff */
static const u32 header[] = { 0, 0x40000, 0x1000, GSP_ENTRIES, 0, 1, 0x20, 0x1000 };

/** gsp_peer_start() - set up the status queue, as firmware does when it boots */
void gsp_peer_start(struct gsp_peer *peer)
{
	for (u32 i = 0; i < ARRAY_SIZE(header); i++)
		gsp_store(peer, GSP_STAT + 4 * i, header[i]);
	gsp_store(peer, GSP_STAT + GSP_WRITE_PTR, peer->write);
}

/** gsp_peer_header_is_good() - is the status queue's header what gsp_peer_start() writes? */
bool gsp_peer_header_is_good(const struct gsp_peer *peer)
{
	for (u32 i = 0; i < ARRAY_SIZE(header); i++)
		if (i != 4 && i != 5 && gsp_load(peer, GSP_STAT + 4 * i) != header[i])
			return false;
	return true;
}

u32 gsp_elem_load(const struct gsp_elem *elem, u32 off)
{
	return get_unaligned_le32(elem->bytes + off);
}

void gsp_elem_store(struct gsp_elem *elem, u32 off, u32 val)
{
	put_unaligned_le32(val, elem->bytes + off);
}

/* Bytes the checksum is about, as far as the element may be believed. */
static u32 summed(const struct gsp_elem *elem)
{
	u64 bytes = (u64)ELEM_HEADER + gsp_elem_load(elem, GSP_LENGTH);

	return min(bytes, (u64)sizeof(elem->bytes));
}

static u32 fold(const struct gsp_elem *elem)
{
	u32 sum = 0, len = summed(elem), i;

	for (i = 0; i + 4 <= len; i += 4)
		sum ^= gsp_elem_load(elem, i);
	for (; i < len; i++)
		sum ^= (u32)elem->bytes[i] << i % 4 * 8;
	return sum;
}

/** gsp_elem_fill() - headers of a well-formed element with @len bytes of payload */
void gsp_elem_fill(struct gsp_elem *elem, u32 seq, u32 function, u32 len)
{
	memset(elem, 0, sizeof(*elem));
	gsp_elem_store(elem, GSP_SEQ, seq);
	gsp_elem_store(elem, GSP_COUNT, (GSP_HEADERS + len + PAGE - 1) / PAGE);
	gsp_elem_store(elem, GSP_VERSION, VERSION);
	gsp_elem_store(elem, GSP_SIGNATURE, SIGNATURE);
	gsp_elem_store(elem, GSP_LENGTH, RPC_HEADER + len);
	gsp_elem_store(elem, GSP_FUNCTION, function);
}

/** gsp_elem_seal() - make the checksum right, whatever the rest is */
void gsp_elem_seal(struct gsp_elem *elem)
{
	gsp_elem_store(elem, GSP_CHECKSUM, 0);
	gsp_elem_store(elem, GSP_CHECKSUM, fold(elem));
}

static u8 *entry(const struct gsp_peer *peer, u32 queue, u32 i)
{
	return peer->shm + queue + PAGE + i % GSP_ENTRIES * PAGE;
}

/**
 * gsp_peer_put() - put an element into the status queue
 *
 * It takes the entries that its payload needs by an honest count, whatever it says of itself, at
 * most what a queue has.
 *
 * Return: false if there is no room.
 */
bool gsp_peer_put(struct gsp_peer *peer, const struct gsp_elem *elem)
{
	u32 read = gsp_load(peer, GSP_CMD + GSP_READ_PTR), nr = (summed(elem) + PAGE - 1) / PAGE;

	if ((read + GSP_ENTRIES - peer->write - 1) % GSP_ENTRIES < nr)
		return false;
	for (u32 i = 0; i < nr; i++)
		memcpy(entry(peer, GSP_STAT, peer->write + i), elem->bytes + i * PAGE, PAGE);
	peer->write = (peer->write + nr) % GSP_ENTRIES;
	peer->tx_seq++;
	gsp_store(peer, GSP_STAT + GSP_WRITE_PTR, peer->write);
	return true;
}

static bool is_well_formed(const struct gsp_elem *elem, u32 used, u32 seq)
{
	u32 length = gsp_elem_load(elem, GSP_LENGTH), count = gsp_elem_load(elem, GSP_COUNT);

	if (gsp_elem_load(elem, GSP_VERSION) != VERSION ||
	    gsp_elem_load(elem, GSP_SIGNATURE) != SIGNATURE ||
	    gsp_elem_load(elem, GSP_SEQ) != seq)
		return false;
	if (length < RPC_HEADER || length > sizeof(elem->bytes) - ELEM_HEADER)
		return false;
	if (count > used || count != (ELEM_HEADER + length + PAGE - 1) / PAGE)
		return false;
	return !fold(elem);
}

/**
 * gsp_judge() - what who takes the next element out of a queue must be told
 * @peer: whose memory it is
 * @queue: GSP_CMD or GSP_STAT
 * @read: next entry to take
 * @seq: the number it must have
 * @elem: returns the element, if there is one
 *
 * Return: 0, -EAGAIN or -EPROTO.
 */
int gsp_judge(const struct gsp_peer *peer, u32 queue, u32 read, u32 seq, struct gsp_elem *elem)
{
	u32 write = gsp_load(peer, queue + GSP_WRITE_PTR);

	if (write >= GSP_ENTRIES)
		return -EPROTO;
	if (write == read)
		return -EAGAIN;
	for (u32 i = 0; i < sizeof(elem->bytes) / PAGE; i++)
		memcpy(elem->bytes + i * PAGE, entry(peer, queue, read + i), PAGE);
	return is_well_formed(elem, (write + GSP_ENTRIES - read) % GSP_ENTRIES, seq) ? 0 : -EPROTO;
}

/** gsp_peer_take() - take a command; the driver must have written a good one */
bool gsp_peer_take(struct gsp_peer *peer, struct gsp_elem *elem)
{
	int ret = gsp_judge(peer, GSP_CMD, peer->read, peer->rx_seq, elem);

	if (ret == -EAGAIN)
		return false;
	fuzz_check(!ret);
	peer->read = (peer->read + gsp_elem_load(elem, GSP_COUNT)) % GSP_ENTRIES;
	peer->rx_seq++;
	gsp_store(peer, GSP_STAT + GSP_READ_PTR, peer->read);
	return true;
}
