// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests of the message queues: golden (checksums computed from the published
 * layout) and refusal of every malformed element. The other side is played by the
 * test, which moves an element from the command queue to the status queue and
 * then bends one word of it; offsets are literal.
 */
#include "nova_msgq.h"

#include <kunit/test.h>

#include <linux/errno.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>

#define CMD_ENTRIES	0x2000
#define STAT_ENTRIES	0x42000
#define ENTRY		0x1000
#define CMD_WRITE	0x1010
#define CMD_READ	0x41020
#define STAT_WRITE	0x41010
#define STAT_READ	0x1020

struct msgq_fixture {
	struct nova_msgq q;
	u8 *shm;
	u8 *payload;
};

static int msgq_test_init(struct kunit *test)
{
	struct msgq_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	void *elem = kunit_kzalloc(test, NOVA_MSGQ_MAX_ELEM, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_ASSERT_NOT_NULL(test, elem);
	f->payload = kunit_kzalloc(test, NOVA_MSGQ_MAX_PAYLOAD, GFP_KERNEL);
	f->shm = vzalloc(NOVA_MSGQ_SHM_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, f->payload);
	KUNIT_ASSERT_NOT_NULL(test, f->shm);
	nova_msgq_init(&f->q, f->shm, elem);
	test->priv = f;
	return 0;
}

static void msgq_test_exit(struct kunit *test)
{
	struct msgq_fixture *f = test->priv;

	if (f)
		vfree(f->shm);
}

static u32 msgq_peek(struct msgq_fixture *f, u32 off)
{
	return get_unaligned_le32(f->shm + off);
}

static void msgq_poke(struct msgq_fixture *f, u32 off, u32 val)
{
	put_unaligned_le32(val, f->shm + off);
}

/* Play the other side: everything sent so far comes back as received. */
static void msgq_loop_back(struct msgq_fixture *f)
{
	memcpy(f->shm + STAT_ENTRIES, f->shm + CMD_ENTRIES, 63 * ENTRY);
	msgq_poke(f, STAT_WRITE, msgq_peek(f, CMD_WRITE));
}

static void msgq_header_is_the_published_one(struct kunit *test)
{
	static const u32 want[] = { 0, 0x40000, 0x1000, 63, 0, 1, 0x20, 0x1000 };
	struct msgq_fixture *f = test->priv;

	for (u32 i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ(test, msgq_peek(f, 0x1000 + 4 * i), want[i]);
}

static const struct msgq_golden {
	const char *name;
	u32 seq, function, payload, length, count, checksum;
} msgq_goldens[] = {
	{ "nop", 0, 0, 0, 0x20, 1, 0x40505277 },
	{ "static_info_first", 0, 65, 0x678, 0x698, 1, 0x4050548e },
	{ "static_info_third", 2, 65, 0x678, 0x698, 1, 0x4050548c },
	{ "static_info_r535", 2, 65, 0x878, 0x898, 1, 0x40505a8c },
};

KUNIT_ARRAY_PARAM_DESC(msgq_golden, msgq_goldens, name);

static void msgq_checksum_is_golden(struct kunit *test)
{
	const struct msgq_golden *g = test->param_value;
	struct msgq_fixture *f = test->priv;
	u32 at = CMD_ENTRIES + g->seq * ENTRY;

	for (u32 i = 0; i < g->seq; i++)
		KUNIT_ASSERT_EQ(test, nova_msgq_send(&f->q, 0, NULL, 0), 0);
	KUNIT_ASSERT_EQ(test, nova_msgq_send(&f->q, g->function, f->payload, g->payload), 0);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x20), g->checksum);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x24), g->seq);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x28), g->count);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x30), 0x03000000);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x34), 0x43505256);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x38), g->length);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x3c), g->function);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, at + 0x40), 0xffffffff);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, CMD_WRITE), g->seq + 1);
}

static void msgq_payload_survives_wrap(struct kunit *test)
{
	struct msgq_fixture *f = test->priv;
	struct nova_msgq_msg msg;

	for (u32 i = 0; i < NOVA_MSGQ_MAX_PAYLOAD; i++)
		f->payload[i] = i * 7 + (i >> 8);
	/* Sixteen entries each, taken at once: the fourth wraps from 48 to 1. */
	for (u32 i = 0; i < 5; i++) {
		KUNIT_ASSERT_EQ(test, nova_msgq_send(&f->q, 100 + i, f->payload,
						     NOVA_MSGQ_MAX_PAYLOAD), 0);
		msgq_loop_back(f);
		KUNIT_ASSERT_EQ(test, nova_msgq_recv(&f->q, &msg), 0);
		msgq_poke(f, CMD_READ, msgq_peek(f, CMD_WRITE));
		KUNIT_EXPECT_EQ(test, msg.function, 100 + i);
		KUNIT_EXPECT_EQ(test, msg.len, NOVA_MSGQ_MAX_PAYLOAD);
		KUNIT_EXPECT_MEMEQ(test, msg.payload, f->payload, NOVA_MSGQ_MAX_PAYLOAD);
	}
	KUNIT_EXPECT_EQ(test, msgq_peek(f, STAT_READ), 80 % 63);
}

static void msgq_full_queue_keeps_one_entry(struct kunit *test)
{
	struct msgq_fixture *f = test->priv;

	for (u32 i = 0; i < 62; i++)
		KUNIT_ASSERT_EQ(test, nova_msgq_send(&f->q, 0, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, nova_msgq_send(&f->q, 0, NULL, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, CMD_WRITE), 62);
	msgq_poke(f, CMD_READ, 1);
	KUNIT_EXPECT_EQ(test, nova_msgq_send(&f->q, 0, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, CMD_WRITE), 0);
}

static void msgq_send_refuses_nonsense(struct kunit *test)
{
	struct msgq_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, nova_msgq_send(&f->q, 0, f->payload, NOVA_MSGQ_MAX_PAYLOAD + 1),
			-EINVAL);
	msgq_poke(f, CMD_READ, 63);
	KUNIT_EXPECT_EQ(test, nova_msgq_send(&f->q, 0, NULL, 0), -EPROTO);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, CMD_WRITE), 0);
}

static const struct msgq_bend {
	const char *name;
	u32 off, val;
} msgq_bends[] = {
	{ "checksum", STAT_ENTRIES + 0x20, 0x12345678 },
	{ "sequence", STAT_ENTRIES + 0x24, 1 },
	{ "count_zero", STAT_ENTRIES + 0x28, 0 },
	{ "count_too_large", STAT_ENTRIES + 0x28, 2 },
	{ "header_version", STAT_ENTRIES + 0x30, 0x02000000 },
	{ "signature", STAT_ENTRIES + 0x34, 0x43505257 },
	{ "length_below_header", STAT_ENTRIES + 0x38, 0x1f },
	{ "length_beyond_count", STAT_ENTRIES + 0x38, 0x1000 },
	{ "length_enormous", STAT_ENTRIES + 0x38, 0xffffffff },
	{ "function_not_checksummed", STAT_ENTRIES + 0x3c, 66 },
	{ "payload_bit", STAT_ENTRIES + 0x50, 1 },
	{ "write_pointer", STAT_WRITE, 63 },
};

KUNIT_ARRAY_PARAM_DESC(msgq_bend, msgq_bends, name);

static void msgq_refuses_malformed(struct kunit *test)
{
	const struct msgq_bend *bend = test->param_value;
	struct msgq_fixture *f = test->priv;
	struct nova_msgq_msg msg;

	KUNIT_ASSERT_EQ(test, nova_msgq_send(&f->q, 65, f->payload, 0x40), 0);
	msgq_loop_back(f);
	KUNIT_ASSERT_NE(test, msgq_peek(f, bend->off), bend->val);
	msgq_poke(f, bend->off, bend->val);
	KUNIT_EXPECT_EQ(test, nova_msgq_recv(&f->q, &msg), -EPROTO);
	KUNIT_EXPECT_EQ(test, nova_msgq_recv(&f->q, &msg), -EPROTO);
	KUNIT_EXPECT_EQ(test, msgq_peek(f, STAT_READ), 0);
}

static void msgq_empty_queue_says_so(struct kunit *test)
{
	struct msgq_fixture *f = test->priv;
	struct nova_msgq_msg msg;

	KUNIT_EXPECT_EQ(test, nova_msgq_recv(&f->q, &msg), -EAGAIN);
}

static void msgq_peer_header_is_checked(struct kunit *test)
{
	struct msgq_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, nova_msgq_check_peer(&f->q), -EAGAIN);
	memcpy(f->shm + 0x41000, f->shm + 0x1000, 0x20);
	KUNIT_EXPECT_EQ(test, nova_msgq_check_peer(&f->q), 0);
	for (u32 off = 0; off < 0x20; off += 4) {
		u32 good = msgq_peek(f, 0x41000 + off);

		if (off == 0x10 || off == 0x14)	/* write pointer and flags may differ */
			continue;
		msgq_poke(f, 0x41000 + off, good + 8);
		KUNIT_EXPECT_EQ_MSG(test, nova_msgq_check_peer(&f->q), -EPROTO, "at %x", off);
		msgq_poke(f, 0x41000 + off, good);
	}
}

static struct kunit_case msgq_cases[] = {
	KUNIT_CASE(msgq_header_is_the_published_one),
	KUNIT_CASE_PARAM(msgq_checksum_is_golden, msgq_golden_gen_params),
	KUNIT_CASE(msgq_payload_survives_wrap),
	KUNIT_CASE(msgq_full_queue_keeps_one_entry),
	KUNIT_CASE(msgq_send_refuses_nonsense),
	KUNIT_CASE_PARAM(msgq_refuses_malformed, msgq_bend_gen_params),
	KUNIT_CASE(msgq_empty_queue_says_so),
	KUNIT_CASE(msgq_peer_header_is_checked),
	{ }
};

static struct kunit_suite msgq_suite = {
	.name = "nova-gsp-msgq",
	.init = msgq_test_init,
	.exit = msgq_test_exit,
	.test_cases = msgq_cases,
};
kunit_test_suite(msgq_suite);
