// SPDX-License-Identifier: MIT
/*
 * Fuzz target of the message queues, without a device: a row of steps of both sides. The driver
 * sends payloads of any length and receives; the peer takes commands and puts elements, good ones,
 * ones with a field or some payload changed before the checksum was made, or after, ones that are
 * only partly there, and writes anything anywhere in the shared memory.
 *
 * Whatever lies there, the driver's answer to a receive is the judge's (gsp_peer.c), a message it
 * accepts is what lies in the entries, and it has moved on by just these. What it sends is well-
 * formed and carries the payload; what it refuses, it refuses for the documented reason.
 */

#include "nova_msgq.h"

#include "gsp_peer.h"

struct queues {
	struct nova_msgq q;
	struct gsp_peer peer;
	struct gsp_elem elem;
	u8 payload[GSP_MAX_PAYLOAD];
	/* the peer never lied: everything must work */
	bool honest;
};

static void receive(struct queues *qs)
{
	struct nova_msgq_msg msg;
	int want = gsp_judge(&qs->peer, GSP_STAT, qs->q.read, qs->q.rx_seq, &qs->elem);
	u32 read = qs->q.read, seq = qs->q.rx_seq;
	int ret = nova_msgq_recv(&qs->q, &msg);

	fuzz_check(ret == want);
	fuzz_check(!qs->honest || ret == 0 || ret == -EAGAIN);
	if (ret) {
		fuzz_check(qs->q.read == read && qs->q.rx_seq == seq);
		return;
	}
	fuzz_check(msg.len <= GSP_MAX_PAYLOAD);
	fuzz_check(msg.len + 0x20 == gsp_elem_load(&qs->elem, GSP_LENGTH));
	fuzz_check(msg.function == gsp_elem_load(&qs->elem, GSP_FUNCTION));
	fuzz_check(msg.result == gsp_elem_load(&qs->elem, GSP_RESULT));
	fuzz_check(!memcmp(msg.payload, qs->elem.bytes + GSP_HEADERS, msg.len));
	read = (read + gsp_elem_load(&qs->elem, GSP_COUNT)) % GSP_ENTRIES;
	fuzz_check(qs->q.read == read && qs->q.rx_seq == seq + 1);
	fuzz_check(gsp_load(&qs->peer, GSP_CMD + GSP_READ_PTR) == read);
}

static u32 take_len(struct fuzz_input *in)
{
	unsigned int sel = fuzz_take(in, 1);

	if (sel < 0x80)
		return fuzz_take(in, 1);
	if (sel < 0xc0)		/* around where another entry is needed */
		return (sel % 16 + 1) * 4096 - GSP_HEADERS + fuzz_take(in, 1) % 16 - 8;
	return sel < 0xf0 ? fuzz_take(in, 2) : fuzz_take(in, 4);
}

static int send_verdict(struct queues *qs, u32 len)
{
	u32 read = gsp_load(&qs->peer, GSP_STAT + GSP_READ_PTR), used;

	if (len > GSP_MAX_PAYLOAD)
		return -EINVAL;
	if (read >= GSP_ENTRIES)
		return -EPROTO;
	used = (qs->q.write + GSP_ENTRIES - read) % GSP_ENTRIES;
	return used + (GSP_HEADERS + len + 4095) / 4096 < GSP_ENTRIES ? 0 : -EAGAIN;
}

static void send(struct queues *qs, struct fuzz_input *in)
{
	u32 len = take_len(in), function = fuzz_take(in, 1), read = qs->q.write;
	u32 seq = qs->q.tx_seq, i;
	int ret, want = send_verdict(qs, len);

	for (i = 0; i < len && i < sizeof(qs->payload); i += 61)
		qs->payload[i] = (u8)(i * 7 + function + seq);
	ret = nova_msgq_send(&qs->q, function, len ? qs->payload : NULL, len);
	fuzz_check(ret == want);
	if (ret) {
		fuzz_check(qs->q.write == read && qs->q.tx_seq == seq);
		return;
	}
	fuzz_check(!gsp_judge(&qs->peer, GSP_CMD, read, seq, &qs->elem));
	fuzz_check(gsp_elem_load(&qs->elem, GSP_LENGTH) == len + 0x20);
	fuzz_check(gsp_elem_load(&qs->elem, GSP_FUNCTION) == function);
	fuzz_check(!memcmp(qs->elem.bytes + GSP_HEADERS, qs->payload, len));
}

/* A field, or a word of the payload. */
static void bend(struct queues *qs, struct fuzz_input *in)
{
	u32 off = GSP_CHECKSUM + fuzz_below(in, 20) * 4, sel = fuzz_take(in, 1);
	u32 val = gsp_elem_load(&qs->elem, off);

	val = sel < 0x80 ? val + sel % 8 - 4 : sel < 0xc0 ? val ^ 1u << sel % 32 : fuzz_take(in, 4);
	gsp_elem_store(&qs->elem, off, val);
	qs->honest = false;
}

/* Of the entries that were put, the last ones are not there yet; or there are more. */
static void move_write(struct queues *qs, int nr)
{
	qs->peer.write = (qs->peer.write + GSP_ENTRIES + nr) % GSP_ENTRIES;
	gsp_store(&qs->peer, GSP_STAT + GSP_WRITE_PTR, qs->peer.write);
	qs->honest = false;
}

static void put(struct queues *qs, struct fuzz_input *in)
{
	unsigned int how = fuzz_take(in, 1);
	u32 len = take_len(in) % (GSP_MAX_PAYLOAD + 1), i;

	gsp_elem_fill(&qs->elem, qs->peer.tx_seq, fuzz_take(in, 1), len);
	gsp_elem_store(&qs->elem, GSP_RESULT, how & 0x20 ? fuzz_take(in, 4) : 0);
	for (i = 0; i < len; i += 97)
		qs->elem.bytes[GSP_HEADERS + i] = (u8)(i + how);
	if (how % 16 == 1)
		bend(qs, in);
	if (how % 16 == 4) {	/* longer than any may be, and consistent in that */
		len = 0x10000 + (fuzz_take(in, 2) << 2);
		gsp_elem_store(&qs->elem, GSP_LENGTH, len);
		gsp_elem_store(&qs->elem, GSP_COUNT, (0x30 + len + 4095) / 4096);
	}
	gsp_elem_seal(&qs->elem);
	if (how % 16 == 2)
		bend(qs, in);
	gsp_peer_put(&qs->peer, &qs->elem);
	if (how % 16 == 3)
		move_write(qs, -(int)(how >> 4));
	if (how % 16 == 4)
		move_write(qs, how >> 2);
}

/* Pointers and headers, an element's start, or anywhere. */
static void poke(struct queues *qs, struct fuzz_input *in)
{
	unsigned int sel = fuzz_take(in, 1);
	u32 off;

	if (sel < 0x60)
		off = (sel & 1 ? GSP_CMD : GSP_STAT) + fuzz_below(in, 9) * 4;
	else if (sel < 0xc0)
		off = GSP_STAT + 4096 + qs->q.read * 4096 + fuzz_below(in, 24) * 4;
	else
		off = fuzz_take(in, 3) % (GSP_SHM_SIZE / 4) * 4;
	if (sel < 0x20)		/* a pointer, around where it ends */
		gsp_store(&qs->peer, sel & 1 ? GSP_STAT + GSP_READ_PTR : GSP_STAT + GSP_WRITE_PTR,
			  GSP_ENTRIES - 4 + sel / 2 % 8);
	else
		gsp_store(&qs->peer, off, sel & 2 ? fuzz_take(in, 1) : fuzz_take(in, 4));
	qs->honest = false;
}

static void step(struct queues *qs, struct fuzz_input *in)
{
	unsigned int sel = fuzz_take(in, 1);
	int ret;

	switch (sel % 8) {
	case 0 ... 1:
		send(qs, in);
		break;
	case 2:
		if (qs->honest && qs->q.write != qs->peer.read)
			fuzz_check(gsp_peer_take(&qs->peer, &qs->elem));
		break;
	case 3 ... 4:
		put(qs, in);
		break;
	case 5 ... 6:
		receive(qs);
		break;
	default:
		ret = nova_msgq_check_peer(&qs->q);
		fuzz_check(ret == (!gsp_load(&qs->peer, GSP_STAT + 4) ? -EAGAIN :
				   gsp_peer_header_is_good(&qs->peer) ? 0 : -EPROTO));
		if (sel >= 0xe0)
			poke(qs, in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct queues qs;
	struct fuzz_input in = { data, len };
	/* Each its own, so that what is read or written past them is seen. */
	void *elem = malloc(NOVA_MSGQ_MAX_ELEM);

	qs.peer = (struct gsp_peer){ .shm = calloc(1, GSP_SHM_SIZE) };
	fuzz_check(elem && qs.peer.shm);
	qs.honest = true;
	nova_msgq_init(&qs.q, qs.peer.shm, elem);
	if (fuzz_take(&in, 1) & 7)
		gsp_peer_start(&qs.peer);
	while (in.len)
		step(&qs, &in);
	free(elem);
	free(qs.peer.shm);
	return 0;
}
