// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu channel tests
 *
 * Channels from bring-up to teardown: registers, instance blocks, runlists, doorbells,
 * and every rule about them broken once. What they execute is other tests'. Golden words
 * and rules; each test has a rig of its own, with up to four channels.
 */

#include "swgpu_rig.h"

static const char *const chan_chips[] = {
	"tu102", "ga100", "ad102", "gh100", "gb100", "gb202", NULL,
};

static const char *const one_of_each[] = { "tu102", "gh100", NULL };

static void expect_rule(struct swgpu_rig *rig, unsigned int why)
{
	swgpu_test_expect_fault(rig->gpu, NOVA_SWGPU_CODE_NONE, why);
}

static void body_release(struct swgpu_rig *rig)
{
	swgpu_rig_release(rig, 0, 0, 0x12345678);
	swgpu_rig_kick(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0x10000001);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0x12345678);
	CHECK_EQ(swgpu_rig_peek(rig, 0x340088), 0x100000001);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 1);
	CHECK_EQ(nova_swgpu_step(rig->gpu), NOVA_SWGPU_NEVER);
	swgpu_test_expect_quiet(rig->gpu);
}

static void doorbell_makes_the_worker_execute(void)
{
	swgpu_rig_each(chan_chips, 1, false, body_release);
}

/* An entry more, and PUT with it, but nobody rings. */
static void body_no_doorbell(struct swgpu_rig *rig)
{
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_go(rig, 0);
	swgpu_rig_release(rig, 0, 0, 2);
	swgpu_rig_entry(rig, 0, RIG_PUSH, rig->words[0] << 10);
	swgpu_rig_poke(rig, 0x340088, 0x200000001);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 1);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 2);
	swgpu_test_expect_quiet(rig->gpu);
}

static void work_without_doorbell_is_not_seen(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_no_doorbell);
}

static void body_wrap(struct swgpu_rig *rig)
{
	u32 i;

	for (i = 1; i <= 40; i++) {
		swgpu_rig_release(rig, 0, 0, i);
		swgpu_rig_go(rig, 0);
		CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), i);
		CHECK_EQ(swgpu_rig_peek(rig, 0x340088) & 0xffffffff, i % 16);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void ring_goes_round(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_wrap);
}

/** struct bad_block - a word of the instance block that makes it unusable */
static const struct bad_block {
	u32 off, val;
} bad_blocks[] = {
	{ 0x10, 0xfacf },		/* SIGNATURE */
	{ 0x08, 0x340100 },		/* USERD not aligned */
	{ 0x08, 0x340001 },		/* USERD target that is none */
	{ 0x08, 0x340003 },		/* USERD not coherent */
	{ 0x0c, 0x10 },			/* USERD beyond VRAM */
	{ 0x0c, 0x100 },		/* USERD_HI of more than 8 bits */
	{ 0x00, 1 }, { 0x14, 1 },	/* GP_PUT, GP_GET not 0 */
	{ 0x48, RIG_RING + 4 },		/* ring not aligned */
	{ 0x4c, 0xffffffff },		/* reserved bits of GP_BASE_HI */
	{ 0x200, 0x200801 },		/* root without a target */
	{ 0x200, 0x200800 },		/* not VER2 */
};

static void body_bad_block(struct swgpu_rig *rig)
{
	const struct bad_block *bad;
	u32 val;

	for (bad = bad_blocks; bad < bad_blocks + ARRAY_SIZE(bad_blocks); bad++) {
		swgpu_rig_block(rig, 0, false);
		val = bad->val;
		nova_swgpu_vram_write(rig->gpu, 0x330000 + bad->off, &val, 4);
		swgpu_rig_wr(rig, 0x800000, 0x80000330);
		expect_rule(rig, NOVA_SWGPU_WHY_BAD_INST);
		CHECK_EQ(swgpu_rig_rd(rig, 0x800000), 0x330);
		swgpu_rig_wr(rig, 0x800004, 0x400);
		expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
		CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0);
		swgpu_rig_block(rig, 0, false);
		nova_swgpu_vram_write(rig->gpu, 0x330000, &(u64){ 0 }, 8);
		nova_swgpu_vram_write(rig->gpu, 0x330014, &(u32){ 0 }, 4);
	}
	swgpu_rig_wr(rig, 0x800000, 0xa0000330);	/* the block in system memory */
	expect_rule(rig, NOVA_SWGPU_WHY_BAD_INST);
	swgpu_rig_wr(rig, 0x800000, 0x80400000);	/* and beyond VRAM */
	expect_rule(rig, NOVA_SWGPU_WHY_BAD_INST);
	swgpu_rig_wr(rig, 0x800000, 0x80000330);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800000), 0x80000330);
	swgpu_test_expect_quiet(rig->gpu);
}

static void bad_instance_blocks_are_not_bound(void)
{
	swgpu_rig_each(one_of_each, 0, false, body_bad_block);
}

static void body_rules(struct swgpu_rig *rig)
{
	swgpu_rig_wr(rig, 0x800000, 0x80000330);	/* bound and enabled and listed */
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_wr(rig, 0x800004, 0x400);
	swgpu_rig_wr(rig, 0x800000, 0);			/* unbind an enabled one */
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_wr(rig, 0x800010, 0x80000332);	/* not listed: bind twice */
	swgpu_test_expect_quiet(rig->gpu);
	swgpu_rig_wr(rig, 0x800010, 0x80000332);
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_wr(rig, 0x800018, 0xc0000333);	/* a bit there is not */
	expect_rule(rig, NOVA_SWGPU_WHY_BAD_REG);
	swgpu_rig_wr(rig, 0x800014, 0x1);		/* ENABLE is read-only */
	expect_rule(rig, NOVA_SWGPU_WHY_BAD_REG);
	swgpu_rig_wr(rig, 0x800014, 0xc00);		/* set and clear */
	expect_rule(rig, NOVA_SWGPU_WHY_BAD_REG);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800014), 0);
	swgpu_rig_wr(rig, 0xbb0090, 512);		/* no such channel */
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_wr(rig, 0xbb0090, 2);			/* not on the runlist */
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_wr(rig, 0xbb0090, 1);
	swgpu_test_expect_quiet(rig->gpu);
}

static void channel_rules_are_recorded(void)
{
	struct swgpu_rig rig;

	swgpu_rig_init(&rig, "ga102");
	swgpu_rig_block(&rig, 2, false);
	swgpu_rig_block(&rig, 3, false);
	swgpu_rig_open(&rig, 2, false);
	body_rules(&rig);
	swgpu_rig_fini(&rig);
}

/* A ring of 16 entries has no entry 16. */
static void body_put(struct swgpu_rig *rig)
{
	rig->put[0] = 16;
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_stopped(rig, 0, 14, 16, 0);
}

static void put_outside_the_ring_is_recorded(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_put);
}

static void body_ring_end(struct swgpu_rig *rig)
{
	bool wide = rig->gpu->chip->mmu == 3;
	u64 base = wide ? 0x09ffffffffffffc0 : 0x000400ffffffffc0;

	swgpu_rig_block(rig, 0, false);
	nova_swgpu_vram_write(rig->gpu, 0x330048, &base, 8);
	swgpu_rig_bind(rig, 0);
	swgpu_rig_submit(rig, 1);
	rig->put[0] = 1;
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	swgpu_rig_stopped(rig, 0, 13, (u32)base, base >> 32);
	swgpu_test_expect_quiet(rig->gpu);
}

static void ring_over_the_end_of_addresses_is_an_error(void)
{
	swgpu_rig_each(one_of_each, 0, false, body_ring_end);
}

/* The order of the contract; then the same channel again. */
static void body_teardown(struct swgpu_rig *rig)
{
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_method(rig, 0, 0, 0x64, 2);
	swgpu_rig_method(rig, 0, 0, 0x6c, 0);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0x10000001);
	swgpu_rig_close(rig, 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800000), 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0);
	swgpu_test_expect_quiet(rig->gpu);
	swgpu_rig_open(rig, 1, false);
	swgpu_rig_release(rig, 0, 0, 3);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 3);
	swgpu_test_expect_quiet(rig->gpu);
}

static void teardown_and_up_again(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_teardown);
}

static void body_busy(struct swgpu_rig *rig)
{
	swgpu_rig_method(rig, 0, 0, 0x5c, RIG_SEM);
	swgpu_rig_method(rig, 0, 0, 0x64, 2);
	swgpu_rig_method(rig, 0, 0, 0x6c, 0);
	swgpu_rig_go(rig, 0);
	swgpu_rig_wr(rig, 0x800004, 0x800);
	swgpu_rig_submit(rig, 0);
	swgpu_rig_wr(rig, 0x800000, 0);
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
}

static void unbinding_a_busy_channel_is_recorded(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_busy);
}

static void body_listed(struct swgpu_rig *rig)
{
	swgpu_rig_wr(rig, 0x800004, 0x800);
	swgpu_rig_wr(rig, 0x800000, 0);
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
	swgpu_rig_submit(rig, 1);			/* now it names one that is not bound */
	expect_rule(rig, NOVA_SWGPU_WHY_RUNLIST);
}

static void unbinding_a_listed_channel_is_recorded(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_listed);
}

/** struct bad_list - two words of the runlist of channels 0 and 1, and how long it is */
static const struct bad_list {
	u32 off, val;
	u32 len;
	/** @nr: times it breaks the rule */
	u32 nr;
} bad_lists[] = {
	{ 0x18, 0x330002, 4, 1 },	/* another channel's instance block */
	{ 0x18, 0x330203, 4, 1 },	/* a channel there is not */
	{ 0x10, 0x340200, 4, 1 },	/* another channel's USERD */
	{ 0x10, 0x340082, 4, 1 },	/* USERD target */
	{ 0x10, 0x340002, 4, 1 },	/* runqueue 1 */
	{ 0x10, 0x340020, 4, 1 },	/* instance target */
	{ 0x14, 1, 4, 1 },		/* USERD_HI */
	{ 0x00, 0x80030003, 4, 2 },	/* a bit there is not: no group, a bare channel */
	{ 0x04, 0, 4, 2 },		/* a group of none */
	{ 0x04, 2, 4, 1 },		/* a group cut short by the next */
	{ 0x08, 0x1000, 4, 2 },		/* a group id too long */
	{ 0x24, 2, 4, 1 },		/* a group cut short by the end */
	{ 0x38, 0x330000, 4, 1 },	/* the same channel twice */
};

static void body_bad_list(struct swgpu_rig *rig)
{
	const struct bad_list *bad;
	u32 val;

	for (bad = bad_lists; bad < bad_lists + ARRAY_SIZE(bad_lists); bad++) {
		swgpu_rig_submit(rig, 2);
		swgpu_test_expect_quiet(rig->gpu);
		val = bad->val;
		nova_swgpu_vram_write(rig->gpu, 0x350000 + bad->off, &val, 4);
		swgpu_rig_wr(rig, 0x2b08, bad->len);
		while (swgpu_rig_rd(rig, 0x2b0c))
			;
		CHECK_EQ(nova_swgpu_fault_count(rig->gpu), bad->nr);
		nova_swgpu_fault_clear(rig->gpu);
	}
}

static void bad_runlists_are_recorded(void)
{
	swgpu_rig_each(one_of_each, 2, false, body_bad_list);
}

static void body_submit(struct swgpu_rig *rig)
{
	swgpu_rig_wr(rig, 0x2b08, 0x10002);		/* OFFSET */
	expect_rule(rig, NOVA_SWGPU_WHY_RUNLIST);
	while (swgpu_rig_rd(rig, 0x2b0c))
		;
	swgpu_rig_wr(rig, 0x2b08, 2);
	swgpu_rig_wr(rig, 0x2b08, 2);			/* while one is pending */
	expect_rule(rig, NOVA_SWGPU_WHY_RUNLIST);
	swgpu_rig_wr(rig, 0x2b00, 0x350000);
	expect_rule(rig, NOVA_SWGPU_WHY_RUNLIST);
	while (swgpu_rig_rd(rig, 0x2b0c))
		;
	swgpu_rig_wr(rig, 0x2b00, 0x350001);		/* no such target */
	swgpu_rig_wr(rig, 0x2b08, 2);
	expect_rule(rig, NOVA_SWGPU_WHY_RUNLIST);
}

static void submits_at_the_wrong_time_are_recorded(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_submit);
}

/* The list in force is the old one until somebody has seen that it is not. */
static void body_submit_polled(struct swgpu_rig *rig)
{
	swgpu_rig_wr(rig, 0x2b08, 0);
	swgpu_rig_wr(rig, 0xbb0090, 0);
	swgpu_test_expect_quiet(rig->gpu);
	CHECK_EQ(swgpu_rig_rd(rig, 0x2b0c), 0x8000);
	CHECK_EQ(swgpu_rig_rd(rig, 0x2b0c), 0);
	swgpu_rig_wr(rig, 0xbb0090, 0);
	expect_rule(rig, NOVA_SWGPU_WHY_CHANNEL);
}

static void submit_takes_effect_when_polled(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_submit_polled);
}

static void body_sysmem(struct swgpu_rig *rig)
{
	u64 userd = rig->dma | 2;
	u64 ring = rig->dma + 0x1000;
	u64 list = rig->dma + 0x2000;
	u64 words[4] = {
		0x180030001, 0x100, userd - 2 + 0x80, 0x330000,
	};

	swgpu_rig_block(rig, 0, false);
	nova_swgpu_vram_write(rig->gpu, 0x330008, &userd, 8);
	swgpu_rig_page(rig, RIG_RING, ring, true, 0);
	memcpy(rig->mem + 0x2000, words, sizeof(words));
	swgpu_rig_bind(rig, 0);
	swgpu_rig_wr(rig, 0x2b00, (u32)list | 2);
	swgpu_rig_wr(rig, 0x2b04, list >> 32);
	swgpu_rig_wr(rig, 0x2b08, 2);
	while (swgpu_rig_rd(rig, 0x2b0c))
		;
	swgpu_rig_release(rig, 0, 0, 7);
	words[0] = RIG_PUSH | (u64)rig->words[0] << 42;
	memcpy(rig->mem + 0x1000, words, 8);
	swgpu_port_st32(rig->mem + 0x8c, 1);
	swgpu_rig_wr(rig, 0xbb0090, 0);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 7);
	CHECK_EQ(swgpu_port_ld32(rig->mem + 0x88), 1);
	swgpu_test_expect_quiet(rig->gpu);
}

static void userd_ring_and_runlist_in_system_memory(void)
{
	swgpu_rig_each(one_of_each, 0, false, body_sysmem);
}

static void body_not_cached(struct swgpu_rig *rig)
{
	static const struct {
		u64 addr;
		u32 len, nr;
	} places[] = {
		{ 0x330000, 8, 1 }, { 0x330ff8, 8, 1 }, { 0x331000, 8, 0 },
		{ 0x340000, 8, 1 }, { 0x340200, 8, 0 }, { 0x300000, 0x1000, 1 },
		{ 0x2ff000, 0x100000, 3 }, { 0x301000, 8, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		CHECK_EQ(nova_swgpu_assert_not_cached(rig->gpu, places[i].addr, places[i].len),
			 places[i].nr);
		CHECK_EQ(nova_swgpu_fault_count(rig->gpu), !!places[i].nr);
		nova_swgpu_fault_clear(rig->gpu);
	}
	swgpu_rig_close(rig, 0);
	swgpu_test_invalidate(rig->gpu, 0x80000001);
	CHECK_EQ(nova_swgpu_assert_not_cached(rig->gpu, 0x2ff000, 0x100000), 0);
	swgpu_test_expect_quiet(rig->gpu);
}

static void memory_of_a_channel_must_not_be_freed(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_not_cached);
}

static void body_gone(struct swgpu_rig *rig)
{
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_kick(rig, 0);
	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_GONE, 1);
	CHECK_EQ(nova_swgpu_step(rig->gpu), NOVA_SWGPU_NEVER);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0xffffffff);
	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_GONE, 0);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800000), 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0x800004), 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
}

static void gone_gpu_has_lost_its_channels(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_gone);
}

static void body_drop(struct swgpu_rig *rig)
{
	nova_swgpu_inject(rig->gpu, NOVA_SWGPU_INJECT_DOORBELL_DROP, 1);
	swgpu_rig_release(rig, 0, 0, 1);
	swgpu_rig_go(rig, 0);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 0);
	swgpu_rig_ring(rig, 0);
	swgpu_rig_run(rig);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_SEM_VRAM), 1);
}

static void doorbells_can_be_dropped(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_drop);
}

static void body_readonly(struct swgpu_rig *rig)
{
	static const u32 offs[] = { 0x40120, 0x400c0, 0x400c4, 0xb83080, 0xb83084, 0xb83088,
				    0xb8308c, 0xb83090, 0x2b0c };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offs); i++) {
		swgpu_rig_wr(rig, offs[i], 0);
		expect_rule(rig, NOVA_SWGPU_WHY_BAD_REG);
	}
	swgpu_rig_wr(rig, 0xb83094, 1);
	expect_rule(rig, NOVA_SWGPU_WHY_BAD_REG);
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83094), 0);
	CHECK_EQ(swgpu_rig_rd(rig, 0xb83090), 0);
}

static void status_registers_are_read_only(void)
{
	swgpu_rig_each(one_of_each, 0, false, body_readonly);
}

const struct swgpu_test swgpu_chan_tests[] = {
	{ "chan_doorbell_makes_the_worker_execute", doorbell_makes_the_worker_execute },
	{ "chan_work_without_doorbell_is_not_seen", work_without_doorbell_is_not_seen },
	{ "chan_ring_goes_round", ring_goes_round },
	{ "chan_bad_instance_blocks_are_not_bound", bad_instance_blocks_are_not_bound },
	{ "chan_rules_are_recorded", channel_rules_are_recorded },
	{ "chan_put_outside_the_ring", put_outside_the_ring_is_recorded },
	{ "chan_ring_over_the_end_of_addresses", ring_over_the_end_of_addresses_is_an_error },
	{ "chan_teardown_and_up_again", teardown_and_up_again },
	{ "chan_unbinding_a_busy_channel", unbinding_a_busy_channel_is_recorded },
	{ "chan_unbinding_a_listed_channel", unbinding_a_listed_channel_is_recorded },
	{ "chan_bad_runlists", bad_runlists_are_recorded },
	{ "chan_submits_at_the_wrong_time", submits_at_the_wrong_time_are_recorded },
	{ "chan_submit_takes_effect_when_polled", submit_takes_effect_when_polled },
	{ "chan_userd_ring_and_runlist_in_sysmem", userd_ring_and_runlist_in_system_memory },
	{ "chan_memory_must_not_be_freed", memory_of_a_channel_must_not_be_freed },
	{ "chan_gone_gpu_has_lost_its_channels", gone_gpu_has_lost_its_channels },
	{ "chan_doorbells_can_be_dropped", doorbells_can_be_dropped },
	{ "chan_status_registers_are_read_only", status_registers_are_read_only },
	{}
};
