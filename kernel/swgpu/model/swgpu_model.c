// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu model
 *
 * A software GPU as a whole: made from a configuration, taken apart, and made to
 * misbehave. The parts are the other files of this folder; they share struct
 * nova_swgpu and its one lock::
 *
 *   BAR0 -> registers, PRAMIN -.                    .-> VRAM (sparse)
 *   BAR1 ---------------------> MMU (TLB, walk) ----+-> system memory (DMA)
 *   host, copy engine ---------+                    `-> log of faults
 *   tests, GPC ---------------'
 *
 * Locking: gpu->lock, a spinlock in the kernel, is held for the length of one
 * access, one register or one step of a longer copy. It is not taken from
 * interrupts. Nothing sleeps under it. What takes a while is done after it has been
 * asked for a number of times, not after a time.
 *
 * Sizes and addresses are bytes.
 */

#include "swgpu.h"
#include "swgpu_gsp.h"

#define SWGPU_DEFAULT_VRAM (256ull << 20)
#define SWGPU_DEFAULT_POLLS 1

/**
 * swgpu_random - the next number of the GPU's own generator
 * @gpu: the GPU
 *
 * Context: gpu->lock held.
 * Return: a number; the sequence follows from the configured seed.
 */
u64 swgpu_random(struct nova_swgpu *gpu)
{
	gpu->rng ^= gpu->rng << 13;
	gpu->rng ^= gpu->rng >> 7;
	gpu->rng ^= gpu->rng << 17;
	return gpu->rng;
}

/**
 * swgpu_wait_poll - ask whether something that takes a while is done
 * @wait: the something
 * @stuck: it shall never be
 *
 * Return: whether it is still busy.
 */
bool swgpu_wait_poll(struct swgpu_wait *wait, bool stuck)
{
	if (!wait->busy)
		return false;
	if (stuck)
		return true;
	if (wait->polls) {
		wait->polls--;
		return true;
	}
	wait->busy = false;
	return false;
}

static bool swgpu_model_bar1_ok(u64 bar1_size, u64 vram_size)
{
	if (!bar1_size || bar1_size == vram_size)
		return true;
	return bar1_size >= 1ull << 20 && bar1_size <= 1ull << 40 && !(bar1_size & (bar1_size - 1));
}

/**
 * nova_swgpu_init - make a software GPU
 * @gpu: zeroed memory
 * @cfg: what to make; copied
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for an unknown chip or a size it cannot have; -ENOMEM.
 */
int nova_swgpu_init(struct nova_swgpu *gpu, const struct nova_swgpu_config *cfg)
{
	int ret;

	gpu->cfg = *cfg;
	gpu->chip = cfg->chip ? swgpu_chip_find(cfg->chip, strlen(cfg->chip)) : NULL;
	if (!gpu->cfg.vram_size)
		gpu->cfg.vram_size = SWGPU_DEFAULT_VRAM;
	if (!gpu->chip || !swgpu_chip_size_ok(gpu->chip, gpu->cfg.vram_size) ||
	    !swgpu_model_bar1_ok(gpu->cfg.bar1_size, gpu->cfg.vram_size) ||
	    cfg->nr_regions > NOVA_SWGPU_MAX_REGIONS)
		return -EINVAL;

	gpu->inject.tlb_polls = cfg->tlb_polls ? cfg->tlb_polls : SWGPU_DEFAULT_POLLS;
	gpu->inject.bind_polls = cfg->bind_polls ? cfg->bind_polls : SWGPU_DEFAULT_POLLS;
	gpu->inject.flush_polls = cfg->flush_polls ? cfg->flush_polls : SWGPU_DEFAULT_POLLS;
	gpu->inject.evict_one_in = cfg->evict_one_in;
	gpu->rng = cfg->seed ? cfg->seed : 1;
	swgpu_port_lock_init(&gpu->lock);

	ret = swgpu_vram_init(&gpu->vram, gpu->cfg.vram_size);
	if (!ret)
		ret = swgpu_tlb_init(&gpu->tlb);
	if (!ret)
		ret = swgpu_host_init(gpu);
	if (!ret && cfg->gsp)
		ret = swgpu_gsp_init(gpu);
	if (ret)
		nova_swgpu_fini(gpu);
	return ret;
}

/**
 * nova_swgpu_fini - take a software GPU apart
 * @gpu: as nova_swgpu_init() left it; nobody accesses it or maps its memory any more
 */
void nova_swgpu_fini(struct nova_swgpu *gpu)
{
	swgpu_gsp_fini(gpu);
	swgpu_host_fini(gpu);
	swgpu_tlb_fini(&gpu->tlb);
	swgpu_vram_fini(&gpu->vram);
}

static int swgpu_model_flip(struct nova_swgpu *gpu, u64 bit)
{
	u64 addr = bit / 8;
	u8 *page;

	if (addr >= gpu->vram.size)
		return -EINVAL;
	page = swgpu_vram_populate(&gpu->vram, addr);
	if (!page)
		return -ENOMEM;
	page[addr & 4095] ^= 1u << bit % 8;
	return 0;
}

/* Faults that are no more than a number somebody looks at when the time comes. */
static const size_t swgpu_model_knobs[NOVA_SWGPU_INJECT_COUNT] = {
	[NOVA_SWGPU_INJECT_TLB_POLLS] = offsetof(struct nova_swgpu, inject.tlb_polls),
	[NOVA_SWGPU_INJECT_TLB_STUCK] = offsetof(struct nova_swgpu, inject.tlb_stuck),
	[NOVA_SWGPU_INJECT_BIND_POLLS] = offsetof(struct nova_swgpu, inject.bind_polls),
	[NOVA_SWGPU_INJECT_BIND_LOST] = offsetof(struct nova_swgpu, inject.bind_lost),
	[NOVA_SWGPU_INJECT_BIND_STUCK] = offsetof(struct nova_swgpu, inject.bind_stuck),
	[NOVA_SWGPU_INJECT_FLUSH_POLLS] = offsetof(struct nova_swgpu, inject.flush_polls),
	[NOVA_SWGPU_INJECT_EVICT] = offsetof(struct nova_swgpu, inject.evict_one_in),
	[NOVA_SWGPU_INJECT_CE_STUCK] = offsetof(struct nova_swgpu, inject.ce_stuck),
	[NOVA_SWGPU_INJECT_CE_SLOW] = offsetof(struct nova_swgpu, inject.ce_slow),
	[NOVA_SWGPU_INJECT_DOORBELL_DROP] = offsetof(struct nova_swgpu, inject.doorbell_drop),
	[NOVA_SWGPU_INJECT_COPY_CORRUPT] = offsetof(struct nova_swgpu, inject.copy_corrupt),
};

static int swgpu_model_inject_gsp(struct nova_swgpu *gpu, u64 arg)
{
	if (!gpu->gsp || (u8)arg >= NOVA_SWGPU_GSP_FAULT_COUNT || arg >> 32)
		return -EINVAL;
	gpu->inject.gsp = (u8)arg;
	gpu->inject.gsp_good = (u32)arg >> 8;
	return 0;
}

static int swgpu_model_inject(struct nova_swgpu *gpu, enum nova_swgpu_inject what, u64 arg)
{
	switch (what) {
	case NOVA_SWGPU_INJECT_GONE:
		swgpu_port_set(&gpu->inject.gone, !!arg);
		if (arg)
			swgpu_host_reset(gpu);
		return 0;
	case NOVA_SWGPU_INJECT_BIT_FLIP:
		return swgpu_model_flip(gpu, arg);
	case NOVA_SWGPU_INJECT_NO_MEMORY:
		gpu->vram.no_memory = arg;
		return 0;
	case NOVA_SWGPU_INJECT_GSP:
		return swgpu_model_inject_gsp(gpu, arg);
	default:
		break;
	}
	if (what >= NOVA_SWGPU_INJECT_COUNT || arg > ~0u)
		return -EINVAL;
	*(u32 *)((u8 *)gpu + swgpu_model_knobs[what]) = (u32)arg;
	return 0;
}

/**
 * nova_swgpu_inject - make a GPU misbehave, or stop it from doing so
 * @gpu: the GPU
 * @what: how
 * @arg: as @what says
 *
 * Return: 0; -EINVAL for an argument out of range; -ENOMEM.
 */
int nova_swgpu_inject(struct nova_swgpu *gpu, enum nova_swgpu_inject what, u64 arg)
{
	int ret;

	swgpu_port_lock(&gpu->lock);
	ret = swgpu_model_inject(gpu, what, arg);
	swgpu_port_unlock(&gpu->lock);
	return ret;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_inject);
