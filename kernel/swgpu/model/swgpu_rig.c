// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu rig
 *
 * What tests of the host share: a GPU that executes nothing but in nova_swgpu_step(),
 * tables and channels at fixed places, and the words of rings, pushbuffers and runlists,
 * all literal. A rig is one test's own; nothing is locked. Addresses are bytes.
 */

#include "swgpu_rig.h"

/**
 * swgpu_rig_rd - read a register
 * @rig: the rig
 * @off: BAR0 offset
 *
 * Return: its value.
 */
u32 swgpu_rig_rd(struct swgpu_rig *rig, u32 off)
{
	return (u32)swgpu_bar0_read(rig->gpu, off, 4);
}

/**
 * swgpu_rig_wr - write a register
 * @rig: the rig
 * @off: BAR0 offset
 * @val: the word
 */
void swgpu_rig_wr(struct swgpu_rig *rig, u32 off, u32 val)
{
	swgpu_bar0_write(rig->gpu, off, val, 4);
}

/**
 * swgpu_rig_peek - read a word of VRAM behind the GPU's back
 * @rig: the rig
 * @addr: of it
 *
 * Return: 64 bits.
 */
u64 swgpu_rig_peek(struct swgpu_rig *rig, u64 addr)
{
	u64 val = 0;

	CHECK_EQ(nova_swgpu_vram_read(rig->gpu, addr, &val, 8), 0);
	return val;
}

/**
 * swgpu_rig_poke - write a word of VRAM behind the GPU's back
 * @rig: the rig
 * @addr: of it
 * @val: 64 bits
 */
void swgpu_rig_poke(struct swgpu_rig *rig, u64 addr, u64 val)
{
	CHECK_EQ(nova_swgpu_vram_write(rig->gpu, addr, &val, 8), 0);
}

static void rig_poke32(struct swgpu_rig *rig, u64 addr, u32 val)
{
	CHECK_EQ(nova_swgpu_vram_write(rig->gpu, addr, &val, 4), 0);
}

/**
 * swgpu_rig_page - map 4 KiB
 * @rig: the rig
 * @va: where, below 2 MiB
 * @addr: what
 * @sysmem: @addr is a DMA address, else a VRAM address
 * @attr: 0, or more bits of the entry
 */
void swgpu_rig_page(struct swgpu_rig *rig, u32 va, u64 addr, bool sysmem, u32 attr)
{
	u64 pte = addr >> 4 | 1 | (sysmem ? 4 : 0);

	if (rig->gpu->chip->mmu == 3)
		pte = addr | 0x81 | (sysmem ? 4 : 0);
	swgpu_rig_poke(rig, 0x204000 + va / 4096 * 8, pte | attr);
}

static void rig_range(struct swgpu_rig *rig, u32 va, u64 addr, u32 len)
{
	u32 off;

	for (off = 0; off < len; off += 4096)
		swgpu_rig_page(rig, va + off, addr + off, false, 0);
}

/* The fixture's tables, and what the header shows. PD0 is at 0x203000. */
static void rig_tables(struct swgpu_rig *rig)
{
	bool v3 = rig->gpu->chip->mmu == 3;

	swgpu_test_tables(rig->gpu);
	rig_range(rig, RIG_RING, 0x300000, 0x4000);
	rig_range(rig, RIG_PUSH, 0x310000, 0x10000);
	rig_range(rig, RIG_SEM, RIG_SEM_VRAM, 0x4000);
	rig_range(rig, RIG_DATA, RIG_DATA_VRAM, 0x80000);
	swgpu_rig_poke(rig, 0x203010, v3 ? 0x800081 : 0x80001);
	swgpu_rig_poke(rig, 0x203030, 0x8);
}

/**
 * swgpu_rig_init - build a rig without channels
 * @rig: overwritten
 * @chip: of the GPU
 */
void swgpu_rig_init(struct swgpu_rig *rig, const char *chip)
{
	const struct nova_swgpu_config cfg = {
		.chip = chip, .vram_size = 16ull << 30, .by_hand = true,
	};
	u32 i;

	*rig = (struct swgpu_rig){ .gpu = nova_swgpu_create(&cfg) };
	if (IS_ERR_OR_NULL(rig->gpu))
		swgpu_check_give_up();
	rig->mem = swgpu_test_sysmem_get(RIG_SYSMEM, &rig->dma);
	if (!rig->mem)
		swgpu_check_give_up();
	memset(rig->mem, 0, RIG_SYSMEM);
	rig_tables(rig);
	for (i = 0; i < 0x4000; i += 8) {
		swgpu_rig_poke(rig, RIG_SEM_VRAM + i, 0);
		swgpu_rig_poke(rig, 0x330000 + i, 0);
	}
	for (i = 0; i < 0x800; i += 8)
		swgpu_rig_poke(rig, 0x340000 + i, 0);
}

/**
 * swgpu_rig_fini - take it apart
 * @rig: the rig
 */
void swgpu_rig_fini(struct swgpu_rig *rig)
{
	nova_swgpu_destroy(rig->gpu);
	swgpu_test_sysmem_put(rig->mem, RIG_SYSMEM);
}

/**
 * swgpu_rig_block - write a channel's instance block and start its ring anew
 * @rig: the rig
 * @chid: the channel, 0–3
 * @privileged: of host and copy engine
 *
 * The ring has 16 entries.
 */
void swgpu_rig_block(struct swgpu_rig *rig, u32 chid, bool privileged)
{
	bool wide = rig->gpu->chip->mmu == 3;
	u64 block = 0x330000 + chid * 0x1000;

	rig_poke32(rig, block + 4 * 2, 0x340000 + chid * 0x200);
	rig_poke32(rig, block + 4 * 3, 0);
	rig_poke32(rig, block + 4 * 4, 0xface);
	rig_poke32(rig, block + 4 * 18, RIG_RING + chid * 0x1000);
	rig_poke32(rig, block + 4 * 19, wide ? 0x08000000 : 0x00040000);
	rig_poke32(rig, block + 4 * 57, privileged ? 0x20 : 0);
	rig_poke32(rig, block + 4 * 61, privileged ? 0x1100 : 0x1000);
	rig_poke32(rig, block + 0x200, (u32)swgpu_test_root(rig->gpu) | 0xc00);
	rig_poke32(rig, block + 0x204, 0);
	swgpu_rig_poke(rig, 0x340088 + chid * 0x200, 0);
	rig->put[chid] = 0;
	rig->words[chid] = 0;
}

/**
 * swgpu_rig_bind - bind and enable a channel
 * @rig: the rig
 * @chid: the channel, 0–3
 */
void swgpu_rig_bind(struct swgpu_rig *rig, u32 chid)
{
	swgpu_rig_wr(rig, 0x800000 + chid * 8, 0x80000330 + chid);
	swgpu_rig_wr(rig, 0x800004 + chid * 8, 0x400);
}

/**
 * swgpu_rig_submit - have the first channels on the runlist, each in a group of its own
 * @rig: the rig
 * @nr: how many, up to 4
 */
void swgpu_rig_submit(struct swgpu_rig *rig, u32 nr)
{
	u64 at = 0x350000;
	u32 i;

	for (i = 0; i < nr; i++, at += 32) {
		swgpu_rig_poke(rig, at, 0x0000000180030001);	/* TSG of 1 */
		swgpu_rig_poke(rig, at + 8, 0x100 + i);
		swgpu_rig_poke(rig, at + 16, 0x340000 + i * 0x200);
		swgpu_rig_poke(rig, at + 24, 0x330000 + i * 0x1000 + i);
	}
	swgpu_rig_wr(rig, 0x2b00, 0x350000);
	swgpu_rig_wr(rig, 0x2b04, 0);
	swgpu_rig_wr(rig, 0x2b08, nr * 2);
	for (i = 0; i < 10 && swgpu_rig_rd(rig, 0x2b0c) & 0x8000; i++)
		;
	CHECK_EQ(i, 1);
	rig->nr = nr;
}

/**
 * swgpu_rig_open - bring channels up from nothing
 * @rig: the rig
 * @nr: how many, up to 4
 * @privileged: all of them
 *
 * Each has the copy class set as soon as it executes its first entry.
 */
void swgpu_rig_open(struct swgpu_rig *rig, u32 nr, bool privileged)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		swgpu_rig_block(rig, i, privileged);
		swgpu_rig_bind(rig, i);
		swgpu_rig_method(rig, i, 4, 0, rig->gpu->chip->copy_class);
	}
	swgpu_rig_submit(rig, nr);
}

/**
 * swgpu_rig_preempt - get a channel off the host
 * @rig: the rig
 * @chid: the channel
 */
void swgpu_rig_preempt(struct swgpu_rig *rig, u32 chid)
{
	int i;

	swgpu_rig_wr(rig, 0x2634, chid);
	for (i = 0; i < 10 && swgpu_rig_rd(rig, 0x2634) & 0x100000; i++)
		;
	CHECK_EQ(i, 1);
}

/**
 * swgpu_rig_close - tear down, in order; the runlist is empty afterwards
 * @rig: the rig
 * @chid: the channel
 */
void swgpu_rig_close(struct swgpu_rig *rig, u32 chid)
{
	swgpu_rig_wr(rig, 0x800004 + chid * 8, 0x800);
	swgpu_rig_preempt(rig, chid);
	swgpu_rig_submit(rig, 0);
	swgpu_rig_wr(rig, 0x800000 + chid * 8, 0);
}

/**
 * swgpu_rig_each - run a test body on several chips, each a rig of its own
 * @chips: names, NULL after the last
 * @nr: channels to bring up
 * @privileged: all of them
 * @body: the test
 */
void swgpu_rig_each(const char *const *chips, u32 nr, bool privileged,
		    void (*body)(struct swgpu_rig *rig))
{
	struct swgpu_rig rig;

	for (; *chips; chips++) {
		swgpu_rig_init(&rig, *chips);
		swgpu_rig_open(&rig, nr, privileged);
		body(&rig);
		swgpu_rig_fini(&rig);
	}
}

/**
 * swgpu_rig_word - add a word to a channel's pushbuffer
 * @rig: the rig
 * @chid: the channel
 * @word: the word
 */
void swgpu_rig_word(struct swgpu_rig *rig, u32 chid, u32 word)
{
	rig_poke32(rig, 0x310000 + chid * 0x4000 + rig->words[chid]++ * 4, word);
}

/**
 * swgpu_rig_method - add a method
 * @rig: the rig
 * @chid: the channel
 * @subch: subchannel
 * @method: byte offset
 * @data: operand
 */
void swgpu_rig_method(struct swgpu_rig *rig, u32 chid, u32 subch, u32 method, u32 data)
{
	swgpu_rig_word(rig, chid, 0x20010000 | subch << 13 | method / 4);
	swgpu_rig_word(rig, chid, data);
}

/**
 * swgpu_rig_ce - add a method of the copy engine
 * @rig: the rig
 * @chid: the channel
 * @method: byte offset
 * @data: operand
 */
void swgpu_rig_ce(struct swgpu_rig *rig, u32 chid, u32 method, u32 data)
{
	swgpu_rig_method(rig, chid, 4, method, data);
}

/**
 * swgpu_rig_copy - add a copy of one line
 * @rig: the rig
 * @chid: the channel
 * @from: address
 * @to: address
 * @len: bytes, or elements
 * @launch: data of LAUNCH_DMA, as 0x182
 */
void swgpu_rig_copy(struct swgpu_rig *rig, u32 chid, u64 from, u64 to, u32 len, u32 launch)
{
	swgpu_rig_ce(rig, chid, 0x400, (u32)(from >> 32));
	swgpu_rig_ce(rig, chid, 0x404, (u32)from);
	swgpu_rig_ce(rig, chid, 0x408, (u32)(to >> 32));
	swgpu_rig_ce(rig, chid, 0x40c, (u32)to);
	swgpu_rig_ce(rig, chid, 0x418, len);
	swgpu_rig_ce(rig, chid, 0x300, launch);
}

/**
 * swgpu_rig_release - add a release of a semaphore by the host
 * @rig: the rig
 * @chid: the channel
 * @slot: which 16 bytes of the semaphores
 * @val: 32-bit payload
 */
void swgpu_rig_release(struct swgpu_rig *rig, u32 chid, u32 slot, u32 val)
{
	swgpu_rig_word(rig, chid, 0x20050017);	/* five methods from 0x5c */
	swgpu_rig_word(rig, chid, RIG_SEM + slot * 16);
	swgpu_rig_word(rig, chid, 0);
	swgpu_rig_word(rig, chid, val);
	swgpu_rig_word(rig, chid, 0);
	swgpu_rig_word(rig, chid, 0x00100001);
}

/**
 * swgpu_rig_entry - add an entry to a channel's ring
 * @rig: the rig
 * @chid: the channel
 * @lo: word 0
 * @hi: word 1
 */
void swgpu_rig_entry(struct swgpu_rig *rig, u32 chid, u32 lo, u32 hi)
{
	swgpu_rig_poke(rig, 0x300000 + chid * 0x1000 + rig->put[chid] * 8, (u64)hi << 32 | lo);
	rig->put[chid] = (rig->put[chid] + 1) % 16;
}

/**
 * swgpu_rig_ring - tell the GPU of all entries
 * @rig: the rig
 * @chid: the channel
 */
void swgpu_rig_ring(struct swgpu_rig *rig, u32 chid)
{
	rig_poke32(rig, 0x34008c + chid * 0x200, rig->put[chid]);
	swgpu_rig_wr(rig, 0xbb0090, chid);
}

/**
 * swgpu_rig_kick - make the pushbuffer written so far an entry and tell the GPU
 * @rig: the rig
 * @chid: the channel
 *
 * What is added afterwards begins at the pushbuffer's start again.
 */
void swgpu_rig_kick(struct swgpu_rig *rig, u32 chid)
{
	swgpu_rig_entry(rig, chid, RIG_PUSH + chid * 0x4000, rig->words[chid] << 10);
	rig->words[chid] = 0;
	swgpu_rig_ring(rig, chid);
}

/**
 * swgpu_rig_run - execute until there is nothing to do but to wait
 * @rig: the rig
 */
void swgpu_rig_run(struct swgpu_rig *rig)
{
	int i;

	for (i = 0; i < 100000 && !nova_swgpu_step(rig->gpu); i++)
		;
	CHECK(i < 100000);
}

/**
 * swgpu_rig_go - kick and run
 * @rig: the rig
 * @chid: the channel
 */
void swgpu_rig_go(struct swgpu_rig *rig, u32 chid)
{
	swgpu_rig_kick(rig, chid);
	swgpu_rig_run(rig);
}

/**
 * swgpu_rig_stopped - the channel was stopped by this error; clears it
 * @rig: the rig
 * @chid: the channel
 * @error: bit of INTR_0
 * @method: METHOD0
 * @data: DATA0
 */
void swgpu_rig_stopped(struct swgpu_rig *rig, u32 chid, unsigned int error, u32 method, u32 data)
{
	CHECK_EQ(swgpu_rig_rd(rig, 0x40108), 1u << error);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40120), 0x2000 | chid);
	CHECK_EQ(swgpu_rig_rd(rig, 0x400c0), method);
	CHECK_EQ(swgpu_rig_rd(rig, 0x400c4), data);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004 + chid * 8), 0x00400001);
	swgpu_rig_wr(rig, 0x40108, 0xffffffff);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40108), 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x40120), 0);
}

/**
 * swgpu_rig_faulted - the channel was stopped by this fault; consumes it
 * @rig: the rig
 * @chid: the channel
 * @va: page of the address
 * @info: MMU_FAULT_INFO
 */
void swgpu_rig_faulted(struct swgpu_rig *rig, u32 chid, u64 va, u32 info)
{
	bool host = (info >> 8 & 0x7f) == 6;
	const struct swgpu_chip *chip = rig->gpu->chip;

	CHECK_EQ(swgpu_rig_rd(rig, 0xb83080), (u32)va);
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83084), (u32)(va >> 32));
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83088),
		 (0x330000 + chid * 0x1000) | (host ? chip->eng_host : chip->eng_ce));
	CHECK_EQ(swgpu_rig_rd(rig, 0xb8308c), 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83090), info);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004 + chid * 8), host ? 0x00400001 : 0x00800001);
	swgpu_rig_wr(rig, 0xb83094, 0x80000000);
}

/**
 * swgpu_rig_fill - fill VRAM with a pattern
 * @rig: the rig
 * @addr: first byte, multiple of 8
 * @len: bytes, multiple of 8
 * @seed: of the pattern
 */
void swgpu_rig_fill(struct swgpu_rig *rig, u64 addr, u32 len, u32 seed)
{
	u32 i;

	for (i = 0; i < len; i += 8)
		swgpu_rig_poke(rig, addr + i, (i + 1) * 0x9e3779b97f4a7c15ull + seed);
}

/**
 * swgpu_rig_same - is VRAM the same in two places?
 * @rig: the rig
 * @a: one, multiple of 8
 * @b: the other, multiple of 8
 * @len: bytes, multiple of 8
 *
 * Return: whether it is.
 */
bool swgpu_rig_same(struct swgpu_rig *rig, u64 a, u64 b, u32 len)
{
	u32 i;

	for (i = 0; i < len; i += 8) {
		if (swgpu_rig_peek(rig, a + i) != swgpu_rig_peek(rig, b + i))
			return false;
	}
	return true;
}
