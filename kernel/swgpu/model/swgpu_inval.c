// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu invalidate
 *
 * The TLB command registers, NV_VIRTUAL_FUNCTION_PRIV_MMU_INVALIDATE…::
 *
 *   0xb830a0 _PDB        1 aperture, 31:4 root address bits 39:12
 *   0xb830a4 _UPPER_PDB  19:0 root address bits 59:40
 *   0xb830b0             0 all_va | 1 all_pdb | 2 hubtlb_only | 5:3 replay |
 *                        6 sys_membar | 8:7 ack | 16:15 scope (GA100 on) |
 *                        26:24 cache_level | 31 trigger
 *
 * A command takes effect when a read of the trigger first says "done", not when it
 * is written: whoever does not wait has not invalidated. It is in the log from
 * the write on. A command that asks for what this window cannot do (no ALL_VA,
 * replay and cancel, sizes), has reserved bits set, or comes while another is
 * running is recorded and, but for the last case, drops nothing.
 *
 * gpu->lock is held.
 */

#include "swgpu.h"

#define SWGPU_INVAL_TRIGGER 0x80000000u	/* 31 */

static bool swgpu_inval_ok(const struct nova_swgpu *gpu, u32 val)
{
	/* 30 SKIPPED is status; 29:27, 23 PROP_FLUSH, 22 USE_SIZE, 21 USE_PASID,
	 * 20 CANCEL_CLIENT_TYPE, 19:17 and 14:9 cancel ids, 5:3 REPLAY
	 */
	u32 zero = 0x78fe7e38;

	if (!(gpu->chip->feat & SWGPU_SCOPE))
		zero |= 0x00018000;			/* 16:15 */
	if (val & zero || !(val & 1))
		return false;
	if (swgpu_bits(val, 8, 7) == 3 || swgpu_bits(val, 16, 15) == 3)
		return false;
	if (swgpu_bits(val, 1, 1))			/* ALL_PDB: the rest is ignored */
		return true;
	return !(gpu->inval.pdb & 0xd) && !(gpu->inval.upper >> 20);
}

static void swgpu_inval_count(struct nova_swgpu *gpu, const struct nova_swgpu_invalidate *inv)
{
	struct nova_swgpu_counters *count = &gpu->log.count;

	count->invalidates++;
	count->inval_all_pdb += inv->all_pdb;
	count->inval_one_pdb += !inv->all_pdb;
	count->inval_hub_only += inv->hub_only;
}

/* The running command is done: now, and only now, entries go. */
static void swgpu_inval_complete(struct nova_swgpu *gpu)
{
	struct nova_swgpu_invalidate *inv = swgpu_log_invalidate_at(gpu, gpu->inval.seq);
	u32 val = gpu->inval.trigger;
	const struct swgpu_tlb_match match = {
		.pdb = (u64)swgpu_bits(gpu->inval.upper, 19, 0) << 40 |
		       (u64)swgpu_bits(gpu->inval.pdb, 31, 4) << 12,
		.sysmem = swgpu_bits(gpu->inval.pdb, 1, 1),
		.all_pdb = swgpu_bits(val, 1, 1),
		.hub_only = swgpu_bits(val, 2, 2),
		.level = swgpu_bits(val, 26, 24),
	};

	gpu->inval.wait.busy = false;
	/* INVAL_SCOPE 1 is link TLBs only; the model has no links. */
	if (swgpu_inval_ok(gpu, val) && swgpu_bits(val, 16, 15) != 1)
		inv->dropped = swgpu_tlb_drop(&gpu->tlb, &match);
	inv->done = true;
	gpu->log.count.inval_dropped += inv->dropped;
}

/**
 * swgpu_inval_trigger - write the command register
 * @gpu: the GPU
 * @val: the word
 */
void swgpu_inval_trigger(struct nova_swgpu *gpu, u32 val)
{
	struct swgpu_inval *inval = &gpu->inval;
	struct nova_swgpu_invalidate *inv;

	if (!(val & SWGPU_INVAL_TRIGGER) || inval->wait.busy || !swgpu_inval_ok(gpu, val))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_INVALIDATE, val, NOVA_SWGPU_WRITE);
	if (!(val & SWGPU_INVAL_TRIGGER))
		return;

	inv = swgpu_log_invalidate(gpu);
	inv->trigger = val;
	inv->pdb = (u64)swgpu_bits(inval->upper, 19, 0) << 40 |
		   (u64)swgpu_bits(inval->pdb, 31, 4) << 12;
	inv->pdb_sysmem = swgpu_bits(inval->pdb, 1, 1);
	inv->all_pdb = swgpu_bits(val, 1, 1);
	inv->hub_only = swgpu_bits(val, 2, 2);
	inv->membar = swgpu_bits(val, 6, 6);
	inv->ack = swgpu_bits(val, 8, 7);
	inv->level = swgpu_bits(val, 26, 24);
	swgpu_inval_count(gpu, inv);

	inval->seq = inv->seq;
	inval->trigger = val;
	inval->wait = (struct swgpu_wait){ .polls = gpu->inject.tlb_polls, .busy = true };
	if (!inval->wait.polls && !gpu->inject.tlb_stuck)
		swgpu_inval_complete(gpu);
}

/**
 * swgpu_inval_poll - read the command register
 * @gpu: the GPU
 *
 * Return: the last command, bit 31 set while it is running.
 */
u32 swgpu_inval_poll(struct nova_swgpu *gpu)
{
	struct swgpu_inval *inval = &gpu->inval;
	bool was_busy = inval->wait.busy;

	if (swgpu_wait_poll(&inval->wait, gpu->inject.tlb_stuck))
		return inval->trigger;
	if (was_busy)
		swgpu_inval_complete(gpu);
	return inval->trigger & ~SWGPU_INVAL_TRIGGER;
}
