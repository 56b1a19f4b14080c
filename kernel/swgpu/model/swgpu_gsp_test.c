// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu GSP tests
 *
 * A small client boots the model's GSP and asks it. Then every rule of the protocol
 * is broken on purpose: the GSP must record it and fall silent. Golden: checksums,
 * offsets of static info. The last tests make the GSP misbehave on request, and look
 * at the element to see that it does.
 */

#include "swgpu_gsp_client.h"

static const struct nova_swgpu_config gsp_config = {
	.chip = "ga102", .vram_size = 1ull << 30, .bar1_size = 256ull << 20, .gsp = true,
};

/* The GSP must have recorded one broken rule, and answer nothing any more. */
static void expect_stopped(struct swgpu_client *c)
{
	swgpu_test_expect_fault(c->gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);
	CHECK_EQ(swgpu_client_receive(c), 0);
	swgpu_client_ring(c);
	CHECK_EQ(swgpu_client_receive(c), 0);
	swgpu_test_expect_quiet(c->gpu);
}

/* hardware.md 8.2 */
static void golden_checksums(void)
{
	static const struct { u32 seq, function, payload, sum; } want[] = {
		{ 0, 0, 0, 0x40505277 },
		{ 0, 65, 0x678, 0x4050548e },
		{ 2, 65, 0x678, 0x4050548c },
		{ 2, 65, 0x878, 0x40505a8c },
	};
	struct swgpu_client c;
	size_t i;
	u32 at;

	swgpu_client_init(&c, &gsp_config);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		c.write = 0;
		c.seq = want[i].seq;
		at = swgpu_client_write(&c, want[i].function, NULL, want[i].payload);
		CHECK_EQ(swgpu_client_get(&c, at + 0x20), want[i].sum);
		swgpu_client_put(&c, at + 0x20, 0);
		CHECK_EQ(swgpu_msgq_checksum(c.mem + at, 0x50 + want[i].payload), want[i].sum);
	}
	swgpu_client_fini(&c);
}

static void boots_and_answers(void)
{
	static const u32 header[] = { 0, 0x40000, 0x1000, 63, 1, 1, 0x20, 0x1000 };
	struct swgpu_client c;
	u32 at, i;

	swgpu_client_init(&c, &gsp_config);
	swgpu_client_queue_start(&c);
	swgpu_client_ring(&c);			/* nobody there yet */
	CHECK_EQ(swgpu_client_get(&c, 0x41004), 0);
	swgpu_client_boot(&c);
	for (i = 0; i < 8; i++)
		CHECK_EQ(swgpu_client_get(&c, 0x41000 + i * 4), header[i]);
	CHECK_EQ(swgpu_client_get(&c, 0x41020), 2);	/* both commands read */
	at = swgpu_client_receive(&c);
	CHECK_EQ(swgpu_client_get(&c, at + 0x24), 0);
	CHECK_EQ(swgpu_client_get(&c, at + 0x28), 1);
	CHECK_EQ(swgpu_client_get(&c, at + 0x30), 0x03000000);
	CHECK_EQ(swgpu_client_get(&c, at + 0x34), 0x43505256);
	CHECK_EQ(swgpu_client_get(&c, at + 0x38), 0x20);
	CHECK_EQ(swgpu_client_get(&c, at + 0x3c), 0x1001);
	CHECK_EQ(swgpu_bar0_read(c.gpu, 0x110008, 4), 0x40);
	swgpu_bar0_write(c.gpu, 0x110004, 0x40, 4);
	CHECK_EQ(swgpu_bar0_read(c.gpu, 0x110008, 4), 0);

	swgpu_client_send(&c, 65, NULL, 0x678);
	at = swgpu_client_receive(&c);
	CHECK_EQ(swgpu_client_get(&c, at + 0x24), 1);
	CHECK_EQ(swgpu_client_get(&c, at + 0x38), 0x698);
	CHECK_EQ(swgpu_client_get(&c, at + 0x3c), 65);
	CHECK_EQ(swgpu_client_get(&c, at + 0x40), 0);
	swgpu_test_expect_quiet(c.gpu);
	swgpu_client_fini(&c);
}

/* Offsets of hardware.md 7.4, r570. 1 GiB: 64 MiB of it are the firmware's. */
static void static_info(void)
{
	struct swgpu_client c;
	u8 *info;

	swgpu_client_init(&c, &gsp_config);
	swgpu_client_start(&c);
	swgpu_client_send(&c, 65, NULL, 0x678);
	info = c.mem + swgpu_client_receive(&c) + 0x50;
	CHECK_EQ(swgpu_port_ld32(info + 0x158), 2);
	CHECK_EQ(swgpu_port_ld64(info + 0x160), 0);
	CHECK_EQ(swgpu_port_ld64(info + 0x168), 0x3bffffff);
	CHECK_EQ(swgpu_port_ld64(info + 0x170), 0);
	CHECK_EQ(swgpu_port_ld32(info + 0x17c), 0x00000101);	/* comp, iso, not protected */
	CHECK_EQ(swgpu_port_ld64(info + 0x190), 0x3c000000);
	CHECK_EQ(swgpu_port_ld64(info + 0x198), 0x3fffffff);
	CHECK_EQ(swgpu_port_ld64(info + 0x1a0), 0x04000000);
	CHECK_EQ(swgpu_port_ld32(info + 0x1ac), 0x00010000);
	CHECK_EQ(swgpu_port_ld32(info + 0x4c8), 1024);
	CHECK(!memcmp(info + 0x52c, "ga102", 6));
	CHECK_EQ(swgpu_port_ld64(info + 0x600), 0x3fff0000);
	CHECK_EQ(swgpu_port_ld64(info + 0x608), 0x3fff1000);
	swgpu_client_fini(&c);
}

/* The firmware's root is empty and in force: BAR1 faults in it until entries are made. */
static void bar1_is_bound_to_the_firmware_root(void)
{
	struct nova_swgpu_fault f;
	struct swgpu_client c;

	swgpu_client_init(&c, &gsp_config);
	swgpu_client_start(&c);
	CHECK_EQ(swgpu_bar1_read(c.gpu, 0, 4), 0xffffffff);
	CHECK(nova_swgpu_fault_get(c.gpu, 0, &f));
	CHECK_EQ(f.pdb, 0x3fff0000);
	swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_PDE, NOVA_SWGPU_WHY_PLAIN);
	swgpu_client_fini(&c);
}

static void regions_are_told_as_configured(void)
{
	struct nova_swgpu_config cfg = gsp_config;
	struct swgpu_client c;
	u8 *info;
	u32 i;

	cfg.nr_regions = 16;
	for (i = 0; i < 16; i++)
		cfg.regions[i] = (struct nova_swgpu_region){
			.base = 0x1000 * (16 - i), .limit = i, .reserved = i, .performance = i,
			.compressed = i & 1, .iso = i & 2, .is_protected = i & 4,
		};
	swgpu_client_init(&c, &cfg);
	swgpu_client_start(&c);
	swgpu_client_send(&c, 65, NULL, 0x678);
	info = c.mem + swgpu_client_receive(&c) + 0x50;
	CHECK_EQ(swgpu_port_ld32(info + 0x158), 16);
	CHECK_EQ(swgpu_port_ld64(info + 0x160 + 15 * 0x30), 0x1000);
	CHECK_EQ(swgpu_port_ld64(info + 0x168 + 15 * 0x30), 15);
	CHECK_EQ(swgpu_port_ld32(info + 0x178 + 15 * 0x30), 15);
	CHECK_EQ(swgpu_port_ld32(info + 0x17c + 15 * 0x30), 0x00010101);
	swgpu_client_fini(&c);

	cfg.nr_regions = 0;
	cfg.explicit_regions = true;
	swgpu_client_init(&c, &cfg);
	swgpu_client_start(&c);
	swgpu_client_send(&c, 65, NULL, 0x678);
	CHECK_EQ(swgpu_client_get(&c, swgpu_client_receive(&c) + 0x50 + 0x158), 0);
	swgpu_client_fini(&c);
	cfg.nr_regions = 17;
	CHECK(IS_ERR_OR_NULL(nova_swgpu_create(&cfg)));
}

static void bad_boot_is_recorded(void)
{
	static const struct { u32 off, val; } bad[] = {
		{ SWGPU_CLIENT_ARGS + 0x00, 0x123 },		/* shared memory misaligned */
		{ SWGPU_CLIENT_ARGS + 0x08, 128 },		/* pages */
		{ SWGPU_CLIENT_ARGS + 0x10, 0x2000 },		/* command offset */
		{ SWGPU_CLIENT_ARGS + 0x18, 0x40000 },	/* status offset */
		{ SWGPU_CLIENT_ARGS + 0x30, 0 },		/* bDmemStack */
		{ 0x0000, 0x1000 },			/* entry 0 is not this page */
		{ 0x0040, 0x10 },			/* entry 8 misaligned */
		{ 0x1000, 1 },				/* version */
		{ 0x1004, 0x41000 },			/* size */
		{ 0x1008, 0x800 },			/* msgSize */
		{ 0x100c, 64 },				/* msgCount */
		{ 0x1010, 63 },				/* writePtr */
		{ 0x1014, 0 },				/* flags */
		{ 0x1018, 0x40 },			/* rxHdrOff */
		{ 0x101c, 0x2000 },			/* entryOff */
	};
	struct swgpu_client c;
	size_t i;

	swgpu_client_init(&c, &gsp_config);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_client_prepare(&c);
		swgpu_client_queue_start(&c);
		swgpu_client_put(&c, bad[i].off, bad[i].val);
		swgpu_client_boot(&c);
		swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);
		CHECK_EQ(swgpu_client_get(&c, 0x41010), 0);
	}
	swgpu_client_prepare(&c);			/* and it can still be booted properly */
	swgpu_client_start(&c);
	swgpu_test_expect_quiet(c.gpu);
	swgpu_client_fini(&c);
}

static void bad_elements_stop_the_queue(void)
{
	static const struct { u32 off, val; bool keep_sum; } bad[] = {
		{ 0x00, 1 },			/* authTag */
		{ 0x1c, 1 },			/* aad */
		{ 0x20, 0x12345678, true },	/* checkSum */
		{ 0x24, 3 },			/* seqNum: 2 is due */
		{ 0x28, 2 },			/* elemCount */
		{ 0x2c, 1 },			/* pad */
		{ 0x30, 0x02000000 },		/* header_version */
		{ 0x34, 0x43505257 },		/* signature */
		{ 0x38, 0x1f, true },		/* length below its own header */
		{ 0x38, 0x1000, true },		/* two entries, but one is there */
		{ 0x38, 0xffffffff, true },
		{ 0x40, 0 },			/* rpc_result of a request */
		{ 0x44, 0 },			/* rpc_result_private */
		{ 0x4c, 1 },			/* spare */
		{ 0x50, 1 },			/* payload of GET_GSP_STATIC_INFO: not zero */
	};
	struct swgpu_client c;
	size_t i;
	u32 at;

	swgpu_client_init(&c, &gsp_config);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_client_prepare(&c);
		swgpu_client_start(&c);
		at = swgpu_client_write(&c, 65, NULL, 0x678);
		swgpu_client_put(&c, at + bad[i].off, bad[i].val);
		if (!bad[i].keep_sum)
			swgpu_client_checksum(&c, at);
		swgpu_client_ring(&c);
		expect_stopped(&c);
	}
	swgpu_client_prepare(&c);
	swgpu_client_start(&c);
	swgpu_client_put(&c, 0x1010, 63);			/* writePtr out of range */
	swgpu_client_ring(&c);
	expect_stopped(&c);
	swgpu_client_fini(&c);
}

static void commands_out_of_order_stop_the_queue(void)
{
	static const struct { u32 function, len; } first[] = {
		{ 65, 0x678 }, { 73, SWGPU_CLIENT_REGISTRY }, { 72, 0x298 }, { 71, 0x100 },
	};
	struct swgpu_client c;
	size_t i;

	swgpu_client_init(&c, &gsp_config);
	for (i = 0; i < ARRAY_SIZE(first); i++) {
		swgpu_client_prepare(&c);
		swgpu_client_write(&c, first[i].function, NULL, first[i].len);
		swgpu_client_boot(&c);
		expect_stopped(&c);
	}
	swgpu_client_prepare(&c);
	swgpu_client_write(&c, 72, NULL, 0x3a0);
	swgpu_client_write(&c, 65, NULL, 0x678);	/* before SET_REGISTRY */
	swgpu_client_boot(&c);
	expect_stopped(&c);
	swgpu_client_fini(&c);
}

static void bad_registries_stop_the_queue(void)
{
	static const struct { u32 off; u8 val; } bad[] = {
		{ 0, 34 },		/* size: shorter than the payload */
		{ 0, 36 },		/* longer, but the message was not full */
		{ 4, 2 },		/* more entries than there is room for */
		{ 8, 23 },		/* name inside the entries */
		{ 8, 35 },		/* name past the end */
		{ 12, 2 },		/* type */
		{ 20, 8 },		/* length of a dword */
		{ 34, 'x' },		/* name without end */
	};
	u8 reg[SWGPU_CLIENT_REGISTRY];
	struct swgpu_client c;
	size_t i;

	swgpu_client_init(&c, &gsp_config);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		swgpu_client_prepare(&c);
		memcpy(reg, swgpu_client_registry, sizeof(reg));
		reg[bad[i].off] = bad[i].val;
		swgpu_client_write(&c, 72, NULL, 0x3a0);
		swgpu_client_write(&c, 73, reg, sizeof(reg));
		swgpu_client_boot(&c);
		expect_stopped(&c);
	}
	swgpu_client_fini(&c);
}

/* A registry of 66000 bytes: one full message of 16 entries and a continuation. */
static void registry_may_be_continued(void)
{
	const u32 total = 66000, first = 0x10000 - 0x50;
	u8 *big = swgpu_port_zalloc(1, total);
	struct swgpu_client c;
	u32 at;

	if (!big)
		swgpu_check_give_up();
	memset(big, 'a', total);
	memcpy(big, swgpu_client_registry, 24);
	swgpu_port_st32(big, total);
	big[total - 1] = 0;
	swgpu_client_init(&c, &gsp_config);
	swgpu_client_write(&c, 72, NULL, 0x3a0);
	swgpu_client_write(&c, 73, big, first);
	swgpu_client_boot(&c);
	CHECK_EQ(swgpu_client_receive(&c), 0);
	swgpu_client_send(&c, 71, big + first, total - first);
	at = swgpu_client_receive(&c);
	CHECK(at && swgpu_client_get(&c, at + 0x3c) == 0x1001);
	swgpu_test_expect_quiet(c.gpu);
	swgpu_client_fini(&c);
	swgpu_port_free(big);
}

static void unknown_functions_are_refused(void)
{
	struct swgpu_client c;
	u32 at;

	swgpu_client_init(&c, &gsp_config);
	swgpu_client_start(&c);
	swgpu_client_send(&c, 70, "abcdefgh", 8);
	at = swgpu_client_receive(&c);
	CHECK_EQ(swgpu_client_get(&c, at + 0x3c), 70);
	CHECK_EQ(swgpu_client_get(&c, at + 0x40), 0xff100001);
	swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);
	swgpu_client_send(&c, 0, NULL, 0);		/* NOP: no reply */
	CHECK_EQ(swgpu_client_receive(&c), 0);
	swgpu_client_send(&c, 65, NULL, 0x678);	/* and it goes on */
	CHECK(swgpu_client_receive(&c));
	swgpu_test_expect_quiet(c.gpu);
	swgpu_client_fini(&c);
}

static void unload_and_boot_again(void)
{
	struct swgpu_client c;
	u32 at;

	swgpu_client_init(&c, &gsp_config);
	swgpu_client_start(&c);
	swgpu_client_send(&c, 47, NULL, 8);
	at = swgpu_client_receive(&c);
	CHECK_EQ(swgpu_client_get(&c, at + 0x3c), 47);
	CHECK_EQ(swgpu_client_get(&c, at + 0x40), 0);
	CHECK_EQ(swgpu_bar0_read(c.gpu, 0x110040, 4), 0x80000000);
	swgpu_client_send(&c, 65, NULL, 0x678);
	CHECK_EQ(swgpu_client_receive(&c), 0);
	swgpu_client_prepare(&c);
	swgpu_client_start(&c);
	swgpu_test_expect_quiet(c.gpu);
	swgpu_client_fini(&c);
}

/* Nobody reads: at 62 messages the queue is full, the next one is one too many. */
static void full_status_queue_stops_it(void)
{
	struct swgpu_client c;
	int i;

	swgpu_client_init(&c, &gsp_config);
	swgpu_client_start(&c);
	for (i = 0; i < 62; i++)
		swgpu_client_send(&c, 65, NULL, 0x678);
	swgpu_test_expect_quiet(c.gpu);
	swgpu_client_send(&c, 65, NULL, 0x678);
	swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);
	swgpu_client_fini(&c);
}

/* A read pointer that is none, and pages that are not there. */
static void bad_memory_stops_the_queue(void)
{
	struct swgpu_client c;

	swgpu_client_init(&c, &gsp_config);
	swgpu_client_queue_start(&c);
	swgpu_client_put(&c, 0x1020, 63);		/* our read pointer of messages */
	swgpu_client_boot(&c);
	swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);

	swgpu_client_prepare(&c);
	swgpu_client_queue_start(&c);
	swgpu_client_put(&c, 0x42 * 8, 0);		/* page of the first status entry */
	swgpu_client_put(&c, 0x42 * 8 + 4, 0x40000);
	swgpu_client_boot(&c);
	swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);

	swgpu_client_prepare(&c);
	swgpu_client_queue_start(&c);
	swgpu_client_put(&c, 2 * 8, 0);			/* page of the first command */
	swgpu_client_put(&c, 2 * 8 + 4, 0x40000);
	swgpu_client_boot(&c);
	swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);

	swgpu_client_prepare(&c);
	swgpu_client_put(&c, 0x41 * 8, 0);		/* page of the status header */
	swgpu_client_put(&c, 0x41 * 8 + 4, 0x40000);
	swgpu_client_boot(&c);
	swgpu_test_expect_fault(c.gpu, NOVA_SWGPU_CODE_NONE, NOVA_SWGPU_WHY_GSP);
	swgpu_client_fini(&c);
}

/* The firmware's part: a sixteenth of VRAM, whole MiB, between 1 and 256 of them. */
static void reserved_part_of_vram(void)
{
	static const struct { u32 vram_mb, usable_mb; } want[] = {
		{ 2, 1 }, { 16, 15 }, { 47, 45 }, { 1024, 960 }, { 8192, 7936 },
	};
	struct nova_swgpu_config cfg = gsp_config;
	struct swgpu_client c;
	u8 *info;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		cfg.vram_size = (u64)want[i].vram_mb << 20;
		swgpu_client_init(&c, &cfg);
		swgpu_client_start(&c);
		swgpu_client_send(&c, 65, NULL, 0x678);
		info = c.mem + swgpu_client_receive(&c) + 0x50;
		CHECK_EQ(swgpu_port_ld64(info + 0x168), ((u64)want[i].usable_mb << 20) - 1);
		CHECK_EQ(swgpu_port_ld64(info + 0x198), cfg.vram_size - 1);
		swgpu_client_fini(&c);
	}
	cfg.vram_size = 1ull << 20;
	CHECK(IS_ERR_OR_NULL(nova_swgpu_create(&cfg)));
}

/* No memory for the roots: no INIT_DONE, and the reason is in the log. */
static void no_memory_for_the_roots(void)
{
	struct nova_swgpu_fault f = { 0 };
	struct swgpu_client c;

	swgpu_client_init(&c, &gsp_config);
	nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_NO_MEMORY, 1);
	swgpu_client_queue_start(&c);
	swgpu_client_boot(&c);
	CHECK_EQ(swgpu_client_receive(&c), 0);
	CHECK(nova_swgpu_fault_get(c.gpu, 0, &f));
	CHECK_EQ(f.why, NOVA_SWGPU_WHY_NO_MEMORY);
	swgpu_client_fini(&c);
}

/* What each injected fault does to the answer: offset of the element, and its value. */
static void injected_faults_spoil_the_answer(void)
{
	static const struct { u32 fault, off, val; } want[] = {
		{ NOVA_SWGPU_GSP_OK, 0x3c, 65 },
		{ NOVA_SWGPU_GSP_BAD_SIGNATURE, 0x34, 0x43505276 },
		{ NOVA_SWGPU_GSP_BAD_VERSION, 0x30, 0x04000000 },
		{ NOVA_SWGPU_GSP_BAD_LENGTH, 0x38, 0x1006c8 },
		{ NOVA_SWGPU_GSP_SHORT, 0x38, 0x20 + 0x33c },
		{ NOVA_SWGPU_GSP_BAD_SEQUENCE, 0x24, 2 },
		{ NOVA_SWGPU_GSP_BAD_COUNT, 0x28, 0 },
		{ NOVA_SWGPU_GSP_BAD_FUNCTION, 0x3c, 66 },
		{ NOVA_SWGPU_GSP_ERROR, 0x40, 0x51 },
		{ NOVA_SWGPU_GSP_BAD_REGIONS, 0x50 + 0x158, 17 },
	};
	struct swgpu_client c;
	size_t i;

	swgpu_client_init(&c, &gsp_config);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK_EQ(nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_GSP, want[i].fault | 1 << 8),
			 0);
		swgpu_client_prepare(&c);
		swgpu_client_start(&c);		/* the one that is to be good */
		swgpu_client_send(&c, 65, NULL, 0x678);
		CHECK_EQ(swgpu_client_get(&c, swgpu_client_entry(0x41000, 1) + want[i].off),
			 want[i].val);
	}
	swgpu_test_expect_quiet(c.gpu);
	swgpu_client_fini(&c);
}

static void injected_faults_beyond_the_answer(void)
{
	static const struct { u32 fault, len; } sums[] = {
		{ NOVA_SWGPU_GSP_BAD_CHECKSUM, 0x50 }, { NOVA_SWGPU_GSP_NOISE, 0x1000 },
	};
	struct swgpu_client c;
	size_t i;

	swgpu_client_init(&c, &gsp_config);
	nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_SILENT);
	swgpu_client_queue_start(&c);
	swgpu_client_boot(&c);
	CHECK_EQ(swgpu_client_get(&c, 0x41004), 0);

	nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_BAD_HEADER);
	swgpu_client_boot(&c);
	CHECK_EQ(swgpu_client_get(&c, 0x41008), 0x1001);

	nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_BAD_POINTER);
	swgpu_client_prepare(&c);
	swgpu_client_queue_start(&c);
	swgpu_client_boot(&c);
	CHECK_EQ(swgpu_client_get(&c, 0x41010), 1000);

	for (i = 0; i < ARRAY_SIZE(sums); i++) {
		nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_GSP, sums[i].fault);
		swgpu_client_prepare(&c);
		swgpu_client_queue_start(&c);
		swgpu_client_boot(&c);
		CHECK(swgpu_client_xor(c.mem + swgpu_client_entry(0x41000, 0), sums[i].len));
	}

	swgpu_client_fini(&c);
}

static void chatty_firmware_says_more(void)
{
	struct swgpu_client c;
	u32 at;

	swgpu_client_init(&c, &gsp_config);
	nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_CHATTY);
	swgpu_client_prepare(&c);
	swgpu_client_queue_start(&c);
	swgpu_client_boot(&c);
	CHECK_EQ(swgpu_client_get(&c, swgpu_client_receive(&c) + 0x3c), 0x1006);
	CHECK_EQ(swgpu_client_get(&c, swgpu_client_receive(&c) + 0x3c), 0x100c);
	at = swgpu_client_receive(&c);
	CHECK_EQ(swgpu_client_get(&c, at + 0x3c), 0x1020);
	CHECK_EQ(swgpu_client_get(&c, at + 0x28), 2);
	CHECK_EQ(swgpu_client_get(&c, swgpu_client_receive(&c) + 0x3c), 0x1001);
	CHECK_EQ(swgpu_client_receive(&c), 0);
	swgpu_test_expect_quiet(c.gpu);
	CHECK_ERR(nova_swgpu_inject(c.gpu, NOVA_SWGPU_INJECT_GSP, NOVA_SWGPU_GSP_FAULT_COUNT),
		  -EINVAL);
	swgpu_client_fini(&c);
}

#define TEST(name) { "gsp_" #name, name }

const struct swgpu_test swgpu_gsp_tests[] = {
	TEST(golden_checksums),
	TEST(boots_and_answers),
	TEST(static_info),
	TEST(bar1_is_bound_to_the_firmware_root),
	TEST(regions_are_told_as_configured),
	TEST(bad_boot_is_recorded),
	TEST(bad_elements_stop_the_queue),
	TEST(commands_out_of_order_stop_the_queue),
	TEST(bad_registries_stop_the_queue),
	TEST(registry_may_be_continued),
	TEST(unknown_functions_are_refused),
	TEST(unload_and_boot_again),
	TEST(full_status_queue_stops_it),
	TEST(bad_memory_stops_the_queue),
	TEST(reserved_part_of_vram),
	TEST(no_memory_for_the_roots),
	TEST(injected_faults_spoil_the_answer),
	TEST(injected_faults_beyond_the_answer),
	TEST(chatty_firmware_says_more),
	{ 0 }
};
