// SPDX-License-Identifier: MIT
/*
 * Fuzz target: bytes become pushbuffers, ring entries, instance blocks, runlists and the
 * registers of the host. Nothing of it may crash the model, make it touch memory it does
 * not own, or keep it busy: a step is bounded whatever it executes.
 */

#include "fuzz.h"

#include "../swgpu_rig.h"

#define STEPS_MAX 400
/* A step copies 64 KiB at most; under sanitizers and on a loaded machine that takes a while. */
#define STEP_NS_MAX 2000000000ull

static const u32 regs[] = {
	0x2b00, 0x2b04, 0x2b08, 0x2b0c, 0x2634, 0x800000, 0x800004, 0x800008, 0x80000c,
	0x40108, 0x40120, 0xb83090, 0xb83094, 0xbb0090, 0xb830b0, 0xb830a0,
};

/** struct method - one of the host or the copy engine, and operands it may well have */
static const struct method {
	u16 method;
	/** @bytes: of a random operand, if @operand is not taken */
	u8 bytes;
	u32 operand[6];
} methods[] = {
	{ 0x008, 1, { 0 } }, { 0x078, 1, { 0 } }, { 0x000, 2, { 0xc46f, 0xc7b5 } },
	{ 0x028, 4, { 0, 0x800 } }, { 0x02c, 4, { 0 } }, { 0x030, 4, { 0, 1, 0x200002 } },
	{ 0x034, 4, { 0x48000000, 0x28000000 } },
	{ 0x05c, 4, { RIG_SEM, RIG_SEM + 16, RIG_SEM + 8, RIG_DATA, RIG_HOLE, RIG_SPARSE } },
	{ 0x060, 1, { 0 } }, { 0x064, 4, { 0, 1, 2 } }, { 0x068, 4, { 0, 1 } },
	{ 0x06c, 4, { 1, 0x00100001, 0x01000001, 0x02000001, 0, 3 } },
	{ 0x240, 1, { 0 } }, { 0x244, 4, { RIG_SEM, RIG_SEM + 16, RIG_SEM + 32 } },
	{ 0x248, 4, { 0, 1, 2 } }, { 0x24c, 4, { 0 } },
	{ 0x260, 1, { 0, 1, 2 } }, { 0x264, 1, { 0, 1, 2 } },
	{ 0x400, 1, { 0 } }, { 0x408, 1, { 0 } },
	{ 0x404, 4, { RIG_DATA, RIG_DATA + 0x3f7, RIG_BIG, RIG_SPARSE, RIG_BIG + 1, RIG_PUSH } },
	{ 0x40c, 4, { RIG_DATA, RIG_DATA + 0x3f7, RIG_BIG, RIG_SPARSE, RIG_BIG + 1, RIG_PUSH } },
	{ 0x410, 2, { 0, 1, 0x1000 } }, { 0x414, 2, { 0, 1, 0x1000 } },
	{ 0x418, 2, { 1, 8, 0x1000, 0x40000 } }, { 0x41c, 1, { 1, 8, 0xffffffff } },
	{ 0x700, 4, { 0, 0x11223344 } }, { 0x704, 4, { 0, 0x55667788 } },
	{ 0x708, 4, { 0x00030004, 0x03333210, 0x02126546, 0x03000000, 0x01110104, 0x00330006 } },
	{ 0x300, 4, { 0x182, 0x18e, 0x186, 0x382, 0x582, 0x782 } },
	{ 0x300, 4, { 0x3182, 0x3582, 0x196, 0x0800018a, 0x2382, 0x8 } },
	{ 0x300, 4, { 0x582, 0x782, 0x582, 0x782, 0x58e, 0x78e } },
};

/* Words of registers and tables. */
static const u32 operands[] = {
	0, 1, 2, 3, 4, 8, 0x1000, 0xffffffff, RIG_PUSH, RIG_RING, RIG_BIG_VRAM, 0x202000,
	0x204000, 0x80000330, 0x80000331, 0x400, 0x800, 0x00c00000, 0x350000, 0x01000100,
};

static u32 operand(struct fuzz_input *in)
{
	u32 sel = fuzz_take(in, 1);

	if (sel < 0xd0)
		return operands[sel % ARRAY_SIZE(operands)];
	return sel < 0xe8 ? fuzz_take(in, 1) << sel % 25 : fuzz_take(in, 4);
}

static void word(struct swgpu_rig *rig, struct fuzz_input *in, u32 chid)
{
	const struct method *m = &methods[fuzz_take(in, 1) % ARRAY_SIZE(methods)];
	u32 sel = fuzz_take(in, 1);
	u32 data = m->operand[sel % 6];

	if (rig->words[chid] > 0xf00)
		return;
	if (sel == 0xff)
		swgpu_rig_word(rig, chid, fuzz_take(in, 4));
	if (sel > 0xf8)
		data = fuzz_take(in, m->bytes);
	swgpu_rig_method(rig, chid, m->method < 0x100 && m->method ? 0 : 4, m->method, data);
}

/* Channels that were stopped, or were taken away, come back. */
static void revive(struct swgpu_rig *rig, bool privileged)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		swgpu_rig_close(rig, i);
		swgpu_rig_wr(rig, 0x800004 + i * 8, 0x00c00000);
	}
	swgpu_rig_open(rig, 2, privileged);
	for (i = 0; i < 2; i++)
		swgpu_rig_kick(rig, i);
}

static void poke(struct swgpu_rig *rig, struct fuzz_input *in)
{
	static const u64 places[] = { 0x330000, 0x340000, 0x350000, 0x204000, 0x203000, 0x300000 };
	u64 addr = places[fuzz_take(in, 1) % ARRAY_SIZE(places)] + fuzz_take(in, 1) * 8;

	swgpu_rig_poke(rig, addr, fuzz_take(in, 1) & 1 ? fuzz_take(in, 8) : operand(in));
}

static void step(struct swgpu_rig *rig, struct fuzz_input *in, bool privileged)
{
	u64 start;
	u32 a;

	switch (fuzz_take(in, 1) % 16) {
	case 0 ... 8:
		word(rig, in, fuzz_take(in, 1) % 2);
		break;
	case 9:
		if (rig->gpu->host.chan[0].stopped || rig->gpu->host.chan[1].stopped)
			revive(rig, privileged);
		swgpu_rig_kick(rig, fuzz_take(in, 1) % 2);
		break;
	case 10:
		a = fuzz_take(in, 1) % 2;
		swgpu_rig_entry(rig, a, operand(in), fuzz_take(in, 4));
		swgpu_rig_ring(rig, a);
		break;
	case 11:
		if (!(fuzz_take(in, 1) & 7))
			swgpu_rig_wr(rig, regs[fuzz_take(in, 1) % ARRAY_SIZE(regs)], operand(in));
		break;
	case 12:
		swgpu_rig_rd(rig, regs[fuzz_take(in, 1) % ARRAY_SIZE(regs)]);
		break;
	case 13:
		if (!(fuzz_take(in, 1) & 7))
			poke(rig, in);
		break;
	case 14:
		a = NOVA_SWGPU_INJECT_CE_STUCK + fuzz_take(in, 1) % 4;
		nova_swgpu_inject(rig->gpu, a, fuzz_take(in, 1) % 3);
		nova_swgpu_assert_not_cached(rig->gpu, operand(in), fuzz_take(in, 2));
		break;
	default:
		for (a = fuzz_take(in, 1) % 32; a; a--) {
			start = swgpu_port_ns();
			nova_swgpu_step(rig->gpu);
			if (swgpu_port_ns() - start > STEP_NS_MAX)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	u32 how = fuzz_take(&in, 1);
	struct swgpu_rig rig;
	u32 i;

	swgpu_rig_init(&rig, swgpu_chip_at(how % 7)->name);
	swgpu_rig_open(&rig, 2, how & 0x80);
	while (in.len)
		step(&rig, &in, how & 0x80);
	for (i = 0; i < 2; i++)
		swgpu_rig_ring(&rig, i);
	for (i = 0; i < STEPS_MAX && nova_swgpu_step(rig.gpu) != NOVA_SWGPU_NEVER; i++)
		;
	swgpu_rig_fini(&rig);
	return 0;
}

/* Registers are written at random, so bringing up and tearing down need not go well. */
void swgpu_check(const struct swgpu_check *c)
{
	(void)c;
}

void swgpu_check_give_up(void)
{
	abort();
}
