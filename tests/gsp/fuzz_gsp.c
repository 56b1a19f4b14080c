// SPDX-License-Identifier: MIT
/*
 * Fuzz target of the GSP client: nova_gsp_boot() from its first allocation to the parsed answer,
 * and the goodbye of nova_gsp_fini(), with firmware that the input plays. Time passes only while the
 * driver sleeps; each time, and when the doorbell rings, firmware does its next step.
 *
 * Derived from the bytes: what firmware has to say about the GPU (names, id, regions); into how
 * many records it cuts the answer; events in between; which allocation fails, mostly none; and, in
 * one of two inputs, lies: elements with a changed field, right or wrong checksum, other functions,
 * results and lengths, words written anywhere in the shared memory, silence, events for ever.
 *
 * An honest conversation gives just what firmware said. Any other ends within bounded time and
 * gives a documented error or an answer within its bounds. Afterwards no memory is left but what
 * firmware was told of, is there to write to, and has not let go of.
 */

#include "nova_gsp.h"

#include "nova_chip.h"
#include "nova_device.h"
#include "nova_shim_fail.h"

#include "gsp_peer.h"

#define FN_UNLOADING		47u
#define FN_STATIC_INFO		65u
#define FN_CONTINUATION		71u
#define EVENT_INIT_DONE		0x1001u
#define ARGS_SHM		0x10000000u

/* Of the answer: its size, and where things are in it */
#define INFO_SIZE		0x678u
#define INFO_GID_LENGTH		0x020u
#define INFO_GID		0x024u
#define INFO_REGIONS		0x158u
#define INFO_REGION(i)		(0x160u + (i) * 0x30u)
#define INFO_NAME		0x4ecu
#define INFO_SHORT_NAME		0x52cu
#define INFO_BAR1_ROOT		0x600u

/* A second for room to send, four for the peer, five each for event, answer, goodbye, and slack */
#define MS_MAX			(1000 + 4 * 1250 + 4250 + 4 * 5250ul)

struct region {
	u64 base, limit, reserved;
	bool compressed, iso, is_protected;
};

/* Firmware; one at a time */
static struct {
	struct gsp_peer peer;
	struct gsp_elem elem;
	struct fuzz_input in;
	/* the answer, and what a liar tells behind it */
	u8 info[INFO_SIZE + 256];
	struct region regions[16];
	u32 nr_regions;
	/* bytes of the answer that are told */
	u32 done;
	bool started, said_init, asked, leaving, honest, chatty;
	/* the device is there; what firmware was told of */
	bool there;
	void *shm, *args;
} fw;

unsigned long jiffies;

static void say(u32 function, const void *payload, u32 len)
{
	gsp_elem_fill(&fw.elem, fw.peer.tx_seq, function, len);
	memcpy(fw.elem.bytes + GSP_HEADERS, payload, len);
	gsp_elem_seal(&fw.elem);
	gsp_peer_put(&fw.peer, &fw.elem);
}

static void say_event(void)
{
	say(0x1002 + fuzz_below(&fw.in, 64), fw.info, fuzz_take(&fw.in, 1));
}

static void say_record(void)
{
	u32 sel = fuzz_take(&fw.in, 1), left = INFO_SIZE - fw.done;
	u32 len = sel < 0xa0 ? left : 1 + (sel + fuzz_take(&fw.in, 2)) % left;

	if (!fw.honest && sel < 0x20)
		len = left + sel * 8;
	say(fw.done ? FN_CONTINUATION : FN_STATIC_INFO, fw.info + fw.done, len);
	fw.done = min(fw.done + len, INFO_SIZE);
}

static void lie_of_element(void)
{
	static const u32 functions[] = {
		FN_STATIC_INFO, FN_CONTINUATION, EVENT_INIT_DONE, FN_UNLOADING,
	};
	u32 sel = fuzz_take(&fw.in, 1), off = GSP_CHECKSUM + fuzz_below(&fw.in, 12) * 4;
	u32 len = sel & 0x40 ? fuzz_take(&fw.in, 2) % (GSP_MAX_PAYLOAD + 1) : fuzz_take(&fw.in, 1);

	gsp_elem_fill(&fw.elem, fw.peer.tx_seq, functions[sel % 4], len);
	memcpy(fw.elem.bytes + GSP_HEADERS, fw.info, min(len, INFO_SIZE));
	if (sel & 0x20)
		gsp_elem_store(&fw.elem, off, fuzz_take(&fw.in, 1));
	gsp_elem_seal(&fw.elem);
	if (sel & 0x80)
		gsp_elem_store(&fw.elem, off, fuzz_take(&fw.in, 4));
	gsp_peer_put(&fw.peer, &fw.elem);
}

static void lie(void)
{
	u32 sel = fuzz_take(&fw.in, 1), off;

	fw.honest = false;
	switch (sel % 8) {
	case 0 ... 3:
		lie_of_element();
		break;
	case 4:
		off = (sel & 0x80 ? GSP_CMD : GSP_STAT) + fuzz_below(&fw.in, 9) * 4;
		gsp_store(&fw.peer, off, fuzz_take(&fw.in, sel & 0x40 ? 1 : 4));
		break;
	case 5:
		off = fuzz_take(&fw.in, 3) % (GSP_SHM_SIZE / 4) * 4;
		gsp_store(&fw.peer, off, fuzz_take(&fw.in, 4));
		break;
	case 6:
		fw.info[fuzz_below(&fw.in, INFO_SIZE)] = fuzz_take(&fw.in, 1);
		break;
	default:
		fw.chatty = true;
	}
}

/* What the driver has sent so far; garbage of ours may be in between. */
static void listen(void)
{
	struct gsp_elem *elem = &fw.elem;

	if (!fw.honest)
		return;
	while (gsp_peer_take(&fw.peer, elem)) {
		fw.asked |= gsp_elem_load(elem, GSP_FUNCTION) == FN_STATIC_INFO;
		fw.leaving |= gsp_elem_load(elem, GSP_FUNCTION) == FN_UNLOADING;
	}
}

static void say_next(void)
{
	if (!fw.started) {
		gsp_peer_start(&fw.peer);
		fw.started = true;
	} else if (!fw.said_init) {
		say(EVENT_INIT_DONE, fw.info, fuzz_take(&fw.in, 1));
		fw.said_init = true;
	} else if (fw.leaving) {
		say(FN_UNLOADING, fw.info, 8);
		fw.leaving = false;
	} else if (fw.asked || !fw.honest) {
		if (fw.done < INFO_SIZE)
			say_record();
	}
}

static void firmware_step(void)
{
	u32 sel = fuzz_take(&fw.in, 1), i;

	if (!fw.peer.shm)
		return;
	listen();
	if (fw.chatty)
		for (i = 0; i < 62; i++)
			say(0x1003, fw.info, 0);
	else if (sel < 0xd0 || (fw.honest && sel >= 0xf0))
		say_next();
	else if (sel < 0xe0)
		say_event();
	else if (sel >= 0xf0)
		lie();
}

void usleep_range(unsigned long min_us, unsigned long max_us)
{
	fuzz_check(min_us && min_us <= max_us);
	/* Who has nothing more to say lets time pass quickly. */
	jiffies += fw.in.len && !fw.chatty ? 1 : 250;
	fuzz_check(jiffies < MS_MAX);
	firmware_step();
}

/* The doorbell is where the driver tells of its memory, in the mailboxes before it rings. */
static void reg_write(struct nova_io *io, u32 off, u32 val)
{
	struct nova_gsp *gsp = io->priv;

	fw.peer.shm = gsp->shm;
	fw.shm = gsp->shm;
	fw.args = gsp->args;
	if (!fw.honest || fuzz_take(&fw.in, 1) & 1)
		firmware_step();
}

static u32 reg_read(struct nova_io *io, u32 off)
{
	return ~0u;
}

bool nova_device_answers(struct nova_device *nd)
{
	return fw.there;
}

static void take_region(struct region *r, u8 *to)
{
	u32 sel = fuzz_take(&fw.in, 1);

	*r = (struct region){ .compressed = true, .iso = true };
	r->base = fuzz_take(&fw.in, sel & 1 ? 2 : 8) << (sel & 1 ? 20 : 0);
	r->limit = r->base + (fuzz_take(&fw.in, 2) << 16) + 0xffff;
	if (sel > 0xe0)
		r->limit = sel > 0xf0 ? ~0ull : fuzz_take(&fw.in, 8);
	if (!(sel & 0x0c))
		r->reserved = fuzz_take(&fw.in, 1);
	if (!(sel & 0x30))
		r->is_protected = sel & 2;
	if (sel % 16 == 3)
		r->compressed = false;
	if (sel % 16 == 7)
		r->iso = false;
	put_unaligned_le64(r->base, to);
	put_unaligned_le64(r->limit, to + 0x08);
	put_unaligned_le64(r->reserved, to + 0x10);
	to[0x1c] = r->compressed;
	to[0x1d] = r->iso;
	to[0x1e] = r->is_protected;
}

static void take_info(void)
{
	u32 sel = fuzz_take(&fw.in, 1), i;

	for (i = 0; i < INFO_SIZE; i++)
		fw.info[i] = (u8)(sel + i * 5);
	fw.nr_regions = sel < 0x10 ? 16 + sel : sel % 17;
	if (sel == 0xff)
		fw.nr_regions = fuzz_take(&fw.in, 4);
	put_unaligned_le32(fw.nr_regions, fw.info + INFO_REGIONS);
	for (i = 0; i < 16; i++)
		take_region(&fw.regions[i], fw.info + INFO_REGION(i));
	put_unaligned_le32(fuzz_take(&fw.in, 1) & 0x1f, fw.info + INFO_GID_LENGTH);
	if (fuzz_take(&fw.in, 1) & 1)
		memset(fw.info + INFO_NAME, 'N', 64);
	fw.info[INFO_SHORT_NAME + fuzz_take(&fw.in, 1) % 64] = 0;
}

/* What an honest conversation must come to. */
static int verdict(struct nova_gsp_info *want)
{
	const u8 *info = fw.info;

	*want = (struct nova_gsp_info){ .bar1_root = get_unaligned_le64(info + INFO_BAR1_ROOT) };
	snprintf(want->name, sizeof(want->name), "%.63s", info + INFO_NAME);
	snprintf(want->short_name, sizeof(want->short_name), "%.63s", info + INFO_SHORT_NAME);
	if (get_unaligned_le32(info + INFO_GID_LENGTH) >= 16)
		memcpy(want->gid, info + INFO_GID, 16);
	if (fw.nr_regions > 16)
		return -EPROTO;
	for (u32 i = 0; i < fw.nr_regions; i++) {
		const struct region *r = &fw.regions[i];

		if (r->limit < r->base || r->limit == ~0ull)
			continue;
		want->fb_end = max(want->fb_end, r->limit + 1);
		if (r->reserved || r->is_protected || !r->compressed || !r->iso)
			continue;
		want->regions[want->nr_regions].base = r->base;
		want->regions[want->nr_regions++].size = r->limit + 1 - r->base;
	}
	return want->nr_regions ? 0 : -ENODEV;
}

static void is_documented(int ret)
{
	fuzz_check(ret == -ENOMEM || ret == -ETIMEDOUT || ret == -EPROTO || ret == -EIO ||
		   ret == -ENODEV);
}

static void is_bounded(const struct nova_gsp_info *info)
{
	fuzz_check(info->nr_regions >= 1 && info->nr_regions <= NOVA_GSP_MAX_REGIONS);
	fuzz_check(memchr(info->name, 0, sizeof(info->name)));
	fuzz_check(memchr(info->short_name, 0, sizeof(info->short_name)));
	for (u32 i = 0; i < info->nr_regions; i++) {
		const struct nova_gsp_region *r = &info->regions[i];

		fuzz_check(r->size && r->base <= info->fb_end &&
			   r->size <= info->fb_end - r->base);
	}
}

/* What was lost to firmware, which now ends. */
static void end_firmware(void)
{
	if (!nova_shim_dma_live)
		return;
	fuzz_check(nova_shim_dma_live == 2 && fw.shm && fw.args && fw.there);
	free(fw.shm);
	free(fw.args);
	nova_shim_dma_live = 0;
}

static void boot(struct nova_device *nd, struct nova_gsp *gsp, bool no_memory)
{
	struct nova_gsp_info info, want;
	int ret = nova_gsp_boot(gsp, nd, &info), honest = verdict(&want);

	if (ret && !no_memory && fw.honest) {
		/* It may have had no more to say. */
		fuzz_check(ret == honest || (ret == -ETIMEDOUT && fw.done < INFO_SIZE));
	} else if (ret) {
		is_documented(ret);
	} else {
		is_bounded(&info);
		fuzz_check(!fw.honest || (!honest && !memcmp(&info, &want, sizeof(info))));
		nova_gsp_fini(gsp);
	}
	fuzz_check(!gsp->shm && !gsp->args && !gsp->queue.elem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct nova_io_ops ops = { .bar0_rd32 = reg_read, .bar0_wr32 = reg_write };
	static const struct nova_family family = { .gsp_active_mask = 1 };
	const struct nova_chip chips[] = {
		{ .id = 0x162, .family = &family }, { .id = 0x180, .family = &family },
	};
	struct nova_gsp gsp = {};
	struct nova_io io = { .ops = &ops, .priv = &gsp };
	struct nova_device nd = { .io = &io };
	u32 how;

	memset(&fw, 0, sizeof(fw));
	fw.in = (struct fuzz_input){ data, len };
	how = fuzz_take(&fw.in, 1);
	nd.chip = &chips[how & 1];
	fw.honest = how & 2;
	fw.there = how & 4;
	jiffies = 1000;
	nova_shim_fail_after = how >= 0xf0 ? how & 7 : -1;
	take_info();
	boot(&nd, &gsp, nova_shim_fail_after != -1);
	nova_shim_fail_after = -1;
	end_firmware();
	return 0;
}
