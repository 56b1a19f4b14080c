// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu channel tests
 *
 * Channels from bring-up to teardown, without much of what they execute: registers,
 * instance blocks, runlists, doorbells, preemption, turns, and every rule about them
 * broken once. Golden words and rules; each test has a rig of its own.
 */

#include "swgpu_rig.h"

static const char *const chan_chips[] = { "tu102", "ga100", "ad102", "gh100", "gb100", "gb202" };

static void each(void (*body)(struct swgpu_rig *rig), u32 nr, bool privileged)
{
	struct swgpu_rig rig;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(chan_chips); i++) {
		swgpu_rig_init(&rig, chan_chips[i]);
		swgpu_rig_open(&rig, nr, privileged);
		body(&rig);
		swgpu_rig_fini(&rig);
	}
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
	each(body_release, 1, false);
}

static void body_copy(struct swgpu_rig *rig)
{
	swgpu_rig_fill(rig, RIG_DATA_VRAM, 0x3000, 1);
	swgpu_rig_fill(rig, RIG_DATA_VRAM + 0x8000, 0x4000, 2);
	swgpu_rig_copy(rig, 0, RIG_DATA + 0x10, RIG_DATA + 0x8020, 0x2000, 0x182);
	swgpu_rig_go(rig, 0);
	CHECK(swgpu_rig_same(rig, RIG_DATA_VRAM + 0x10, RIG_DATA_VRAM + 0x8020, 0x2000));
	CHECK_EQ(swgpu_rig_peek(rig, RIG_DATA_VRAM + 0x8018),
		 (0x18 + 1) * 0x9e3779b97f4a7c15ull + 2);
	CHECK_EQ(swgpu_rig_peek(rig, RIG_DATA_VRAM + 0xa020),
		 (0x2020 + 1) * 0x9e3779b97f4a7c15ull + 2);
	swgpu_test_expect_quiet(rig->gpu);
}

static void virtual_copy_of_odd_pages(void)
{
	each(body_copy, 1, false);
}

const struct swgpu_test swgpu_chan_tests[] = {
	{ "chan_doorbell_makes_the_worker_execute", doorbell_makes_the_worker_execute },
	{ "chan_virtual_copy_of_odd_pages", virtual_copy_of_odd_pages },
	{}
};
