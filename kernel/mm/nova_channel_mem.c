// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_channel_mem
 *
 * The memory of a channel. All of it but the instance block is one piece of coherent
 * system memory, most of it mapped in the address space the channel works in::
 *
 *	page 0     USERD: GP_GET, GP_PUT	physical only
 *	page 1     semaphore: last job done	mapped
 *	page 2     stamps: begin and end of jobs	mapped
 *	page 3-10  ring				mapped read-only
 *	page 11-13 our own pushes		mapped read-only
 *
 * The instance block in VRAM tells the hardware about it, about the page tables, and
 * whether the channel is privileged.
 *
 * Invariant: memory goes back only when the hardware has let go of the channel and no
 * translation to it is left; else it is lost (T-2).
 *
 * Locking: made and given up under &nova_host.life_lock. Units: bytes.
 */
#include "nova_channel_mem.h"

#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_device.h"
#include "nova_mm.h"
#include "nova_vmm.h"

#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/wordpart.h>

/* RAMFC: dev_ram manual, word numbers */
#define NV_RAMFC_USERD_LO		2
#define NV_RAMFC_USERD_TARGET_SYS_COH	2
#define NV_RAMFC_USERD_HI		3
#define NV_RAMFC_SIGNATURE		4
#define NV_RAMFC_SIGNATURE_VALUE	0x0000face
#define NV_RAMFC_GP_BASE		18
#define NV_RAMFC_GP_BASE_HI		19
#define NV_RAMFC_GP_BASE_HI_LIMIT_TU102	GENMASK(20, 16)
#define NV_RAMFC_GP_BASE_HI_LIMIT_GH100	GENMASK(29, 25)
#define NV_RAMFC_HCE_CTRL		57
#define NV_RAMFC_HCE_CTRL_PRIV_MODE	BIT(5)
#define NV_RAMFC_CONFIG			61
#define NV_RAMFC_CONFIG_AUTH_PRIVILEGED	BIT(8)
#define NV_RAMFC_CONFIG_USERD_WRITEBACK	BIT(12)

/* Instance block: dev_ram manual, NV_RAMIN */
#define NV_RAMIN_PAGE_DIR_BASE		(0x200 / 4)
#define NV_RAMIN_USE_VER2_PT_FORMAT	BIT(10)
#define NV_RAMIN_BIG_PAGE_SIZE_64K	BIT(11)
#define NV_RAMIN_WORDS			(NV_RAMIN_PAGE_DIR_BASE + 2)

/* What the hardware may write, and what it only reads. */
#define NOVA_CHANNEL_RW_OFF	offsetof(struct nova_channel_memory, semaphore_page)
#define NOVA_CHANNEL_RO_OFF	offsetof(struct nova_channel_memory, ring)
#define NOVA_CHANNEL_PAGES	(NOVA_CHANNEL_VA_SIZE / SZ_4K)

static_assert(sizeof(struct nova_channel_memory) <= NOVA_CHANNEL_VA_SIZE);
static_assert(NOVA_CHANNEL_RW_OFF == SZ_4K);
static_assert(NOVA_CHANNEL_RO_OFF == 3 * SZ_4K);

static int nova_channel_map_part(struct nova_channel *ch, const dma_addr_t *pages, u64 off,
				 u64 end, bool read_only)
{
	const struct nova_backing backing = {
		.aperture = NOVA_APERTURE_SYS_COH,
		.size = NOVA_CHANNEL_VA_SIZE,
		.pages = pages,
	};
	const struct nova_vmm_map map = {
		.va = ch->config.va + off,
		.len = end - off,
		.backing = &backing,
		.off = off,
		.attr = { .read_only = read_only, .uncached = true },
	};
	int ret = nova_vmm_check(ch->config.vmm, &map);

	return ret ?: nova_vmm_map_now(ch->config.vmm, &map);
}

static int nova_channel_map(struct nova_channel *ch)
{
	dma_addr_t pages[NOVA_CHANNEL_PAGES];
	int ret;

	for (unsigned int i = 0; i < NOVA_CHANNEL_PAGES; i++)
		pages[i] = ch->dma + i * SZ_4K;
	ret = nova_channel_map_part(ch, pages, NOVA_CHANNEL_RW_OFF, NOVA_CHANNEL_RO_OFF, false);
	if (ret)
		return ret;
	return nova_channel_map_part(ch, pages, NOVA_CHANNEL_RO_OFF, NOVA_CHANNEL_VA_SIZE, true);
}

/* Everything at once, so that no edge needs a table. */
static int nova_channel_unmap(struct nova_channel *ch)
{
	struct nova_vmm_update upd;
	int ret;

	nova_vmm_update_init(&upd, ch->config.vmm);
	nova_vmm_unmap(&upd, ch->config.va, NOVA_CHANNEL_VA_SIZE);
	ret = nova_vmm_flush(&upd);
	nova_vmm_finish(&upd);
	return ret;
}

static void nova_channel_fill_ramfc(struct nova_channel *ch, u32 *w)
{
	u64 ring = nova_channel_va(ch, ch->cpu->ring);
	u32 lg2 = ilog2(NOVA_CHANNEL_ENTRIES);

	w[NV_RAMFC_USERD_LO] = lower_32_bits(ch->dma) | NV_RAMFC_USERD_TARGET_SYS_COH;
	w[NV_RAMFC_USERD_HI] = upper_32_bits(ch->dma);
	w[NV_RAMFC_SIGNATURE] = NV_RAMFC_SIGNATURE_VALUE;
	w[NV_RAMFC_GP_BASE] = lower_32_bits(ring);
	w[NV_RAMFC_GP_BASE_HI] = upper_32_bits(ring);
	if (ch->host->mm->nd->chip->family->host_va_bits > 40)
		w[NV_RAMFC_GP_BASE_HI] |= FIELD_PREP(NV_RAMFC_GP_BASE_HI_LIMIT_GH100, lg2);
	else
		w[NV_RAMFC_GP_BASE_HI] |= FIELD_PREP(NV_RAMFC_GP_BASE_HI_LIMIT_TU102, lg2);
	w[NV_RAMFC_CONFIG] = NV_RAMFC_CONFIG_USERD_WRITEBACK;
	if (!ch->config.privileged)
		return;
	w[NV_RAMFC_CONFIG] |= NV_RAMFC_CONFIG_AUTH_PRIVILEGED;
	w[NV_RAMFC_HCE_CTRL] = NV_RAMFC_HCE_CTRL_PRIV_MODE;
}

static int nova_channel_write_inst(struct nova_channel *ch)
{
	struct nova_mem *mem = &ch->host->mm->mem;
	u64 root = nova_vmm_pdb(ch->config.vmm).addr;
	u32 words[NV_RAMIN_WORDS] = {};
	int ret;

	nova_channel_fill_ramfc(ch, words);
	words[NV_RAMIN_PAGE_DIR_BASE] = lower_32_bits(root) | NV_RAMIN_USE_VER2_PT_FORMAT |
					NV_RAMIN_BIG_PAGE_SIZE_64K;
	words[NV_RAMIN_PAGE_DIR_BASE + 1] = upper_32_bits(root);
	ret = nova_mem_zero(mem, ch->inst.at.vram, SZ_4K);
	if (!ret)
		ret = nova_mem_write(mem, ch->inst.at.vram, words, sizeof(words));
	return ret ?: nova_mem_flush(mem);
}

static int nova_channel_alloc(struct nova_channel *ch)
{
	struct nova_mm *mm = ch->host->mm;
	int ret = nova_pool_alloc(&mm->pool, ilog2(SZ_4K), &ch->inst);

	if (ret)
		return ret;
	ch->cpu = dma_alloc_coherent(mm->nd->dev, NOVA_CHANNEL_VA_SIZE, &ch->dma, GFP_KERNEL);
	if (ch->cpu)
		return 0;
	nova_pool_free(&mm->pool, ilog2(SZ_4K), &ch->inst);
	return -ENOMEM;
}

/* What the hardware may use for ever, nobody else may. */
static void nova_channel_free(struct nova_channel *ch, bool lost)
{
	struct nova_mm *mm = ch->host->mm;
	struct nova_channel_memory *cpu;

	scoped_guard(spinlock, &ch->lock) {
		cpu = ch->cpu;
		ch->cpu = NULL;
	}
	if (lost) {
		nova_pool_lose(&mm->pool, ilog2(SZ_4K));
		return;
	}
	dma_free_coherent(mm->nd->dev, NOVA_CHANNEL_VA_SIZE, cpu, ch->dma);
	nova_pool_free(&mm->pool, ilog2(SZ_4K), &ch->inst);
}

/**
 * nova_channel_mem_init - get and set up a channel's memory
 * @ch: its &nova_channel.config is set
 *
 * Context: allocates and sleeps; &nova_host.life_lock held.
 *
 * Return: 0, undone by nova_channel_release(); -ENOMEM; -ENOSPC; -EIO; -ENODEV.
 */
int nova_channel_mem_init(struct nova_channel *ch)
{
	int ret = nova_channel_alloc(ch);

	if (ret)
		return ret;
	ret = nova_channel_map(ch);
	if (!ret)
		ret = nova_channel_write_inst(ch);
	if (ret)
		nova_channel_release(ch);
	return ret;
}

/**
 * nova_channel_release - give up a channel's memory
 * @ch: stopped, or its attaching failed
 *
 * What the hardware may still use is lost instead. Idempotent.
 *
 * Context: sleeps and allocates; &nova_host.life_lock held.
 */
void nova_channel_release(struct nova_channel *ch)
{
	int ret;

	lockdep_assert_held(&ch->host->life_lock);
	if (!ch->cpu)
		return;
	ret = nova_host_detach(ch->host, ch);
	if (ret != -EIO)
		ret = nova_channel_unmap(ch);
	nova_channel_free(ch, ret == -EIO);
}
