// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bar1
 *
 * The CPU's aperture onto GPU memory. An access at offset x of BAR1 is an access
 * at GPU virtual address x of the address space BAR1 is bound to, so BAR1 is
 * managed as an address space like any other, whose caches are the HUB's only
 * . An *instance block* in VRAM tells the hardware the root table.
 *
 * The aperture may be missing, smaller than VRAM or as large. Who has which
 * part of it is told by a drm_mm; objects' parts are windows (nova_bar1_map.c).
 *
 * When firmware has bound BAR1 its root is borrowed (nova_pt_borrow), windows keep
 * away from the addresses it uses, and the binding is not touched. Either way the
 * hardware is left as it was found while it still listens (nova_bar1_disconnect()).
 *
 * Locking: one mutex, held across allocations and around evict(); never taken
 * where a fence waits to be signalled. Under it come the locks of the address
 * space. Units: bytes.
 */
#include "nova_bar1.h"

#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_device.h"
#include "nova_mm.h"
#include "nova_regs.h"

#include <drm/drm_print.h>

#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/sizes.h>
#include <linux/time64.h>

#define NOVA_BAR1_BIND_TIMEOUT_US	(2 * USEC_PER_SEC)

/* Instance block: dev_ram manual, NV_RAMIN; 32-bit words at byte offsets. */
#define NV_RAMIN_PAGE_DIR_BASE_LO		0x200
#define NV_RAMIN_PAGE_DIR_BASE_TARGET		GENMASK(1, 0)
#define NV_RAMIN_PAGE_DIR_BASE_TARGET_VRAM	0
#define NV_RAMIN_USE_VER2_PT_FORMAT		BIT(10)
#define NV_RAMIN_BIG_PAGE_SIZE_64K		BIT(11)
#define NV_RAMIN_PAGE_DIR_BASE_ADDR_LO		GENMASK(31, 12)
#define NV_RAMIN_ADR_LIMIT_LO			0x208

/* Tables of BAR1 are written while the device's pool waits for a window of its own. */
static struct lock_class_key nova_bar1_pool_key;

static int nova_bar1_write_inst(struct nova_bar1 *bar1)
{
	struct nova_mem *mem = &bar1->mm->mem;
	u64 at = bar1->inst.at.vram.addr, root = nova_vmm_pdb(&bar1->vmm).addr;
	u64 words[2] = {
		root | NV_RAMIN_USE_VER2_PT_FORMAT | NV_RAMIN_BIG_PAGE_SIZE_64K |
			FIELD_PREP(NV_RAMIN_PAGE_DIR_BASE_TARGET,
				   NV_RAMIN_PAGE_DIR_BASE_TARGET_VRAM),
		(1ULL << nova_vmm_va_bits(&bar1->vmm)) - 1,
	};
	int ret;

	static_assert(NV_RAMIN_ADR_LIMIT_LO == NV_RAMIN_PAGE_DIR_BASE_LO + sizeof(u64));
	ret = nova_mem_zero(mem, nova_vram(at), SZ_4K);
	if (!ret)
		ret = nova_mem_write(mem, nova_vram(at + NV_RAMIN_PAGE_DIR_BASE_LO), words,
				     sizeof(words));
	return ret ?: nova_mem_flush(mem);
}

static int nova_bar1_write_block_tu102(struct nova_device *nd, u64 inst, bool bind)
{
	u32 word = FIELD_PREP(NV_VF_BAR1_BLOCK_PTR, inst >> 12);

	nova_wr32(nd, NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK,
		  bind ? word | NV_VF_BAR1_BLOCK_MODE_VIRTUAL : 0);
	return nova_wait_clear(nd, NV_VIRTUAL_FUNCTION_PRIV_FUNC_BIND_STATUS,
			       NV_VF_BIND_STATUS_BAR1_BUSY, NOVA_BAR1_BIND_TIMEOUT_US);
}

/* Writing HIGH starts the bind. */
static int nova_bar1_write_block_gh100(struct nova_device *nd, u64 inst, bool bind)
{
	u32 low = lower_32_bits(inst) & NV_VF_BAR1_BLOCK_LOW_PTR;

	nova_wr32(nd, NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_GH100,
		  bind ? low | NV_VF_BAR1_BLOCK_LOW_MODE_VIRTUAL : 0);
	nova_wr32(nd, NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_HIGH_GH100,
		  bind ? upper_32_bits(inst) : 0);
	return nova_wait_clear(nd, NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_GH100,
			       NV_VF_BAR1_BLOCK_LOW_BUSY, NOVA_BAR1_BIND_TIMEOUT_US);
}

static int nova_bar1_write_block(struct nova_bar1 *bar1, bool bind)
{
	struct nova_device *nd = bar1->mm->nd;
	u64 inst = bar1->inst.at.vram.addr;

	if (nd->chip->family->bar1_block_split)
		return nova_bar1_write_block_gh100(nd, inst, bind);
	return nova_bar1_write_block_tu102(nd, inst, bind);
}

static int nova_bar1_bind(struct nova_bar1 *bar1)
{
	int ret = nova_pool_alloc(&bar1->pool, ilog2(SZ_4K), &bar1->inst);

	if (ret)
		return ret;
	ret = nova_bar1_write_inst(bar1);
	if (!ret)
		ret = nova_bar1_write_block(bar1, true);
	if (ret)
		nova_pool_free(&bar1->pool, ilog2(SZ_4K), &bar1->inst);
	bar1->bound = !ret;
	return ret;
}

static void nova_bar1_unbind(struct nova_bar1 *bar1)
{
	if (nova_bar1_write_block(bar1, false) == -ETIMEDOUT) {
		/* The hardware may read the block for ever. */
		nova_device_wedge(bar1->mm->nd, "BAR1 unbind timed out");
		nova_pool_lose(&bar1->pool, ilog2(SZ_4K));
	} else {
		nova_pool_free(&bar1->pool, ilog2(SZ_4K), &bar1->inst);
	}
	bar1->bound = false;
}

/* Colour of nodes in &nova_bar1.va that are no windows. */
#define NOVA_BAR1_FOREIGN	1

/* Part of the aperture that firmware uses. Constant after init. */
struct nova_bar1_foreign {
	struct list_head link;
	struct drm_mm_node node;
};

static void nova_bar1_free_foreign(struct nova_bar1 *bar1)
{
	struct nova_bar1_foreign *f, *next;

	list_for_each_entry_safe(f, next, &bar1->foreign, link) {
		drm_mm_remove_node(&f->node);
		kfree(f);
	}
}

/* Keep windows away from what firmware has mapped. */
static int nova_bar1_reserve_foreign(struct nova_bar1 *bar1)
{
	struct nova_pt_foreign found = {};

	while (nova_pt_next_foreign(&bar1->vmm.tree, found.va + found.len, &found) &&
	       found.va < bar1->size) {
		struct nova_bar1_foreign *f = kzalloc_obj(*f);
		int ret;

		if (!f)
			return -ENOMEM;
		f->node.start = found.va;
		f->node.size = min(found.len, bar1->size - found.va);
		f->node.color = NOVA_BAR1_FOREIGN;
		ret = drm_mm_reserve_node(&bar1->va, &f->node);
		if (ret) {
			kfree(f);
			return ret;
		}
		list_add(&f->link, &bar1->foreign);
		bar1->foreign_bytes += f->node.size;
	}
	return 0;
}

/* Point the hardware at our tables, or keep clear of firmware's in its own. */
static int nova_bar1_connect(struct nova_bar1 *bar1)
{
	int ret;

	if (!bar1->vmm.tree.root->borrowed)
		return nova_bar1_bind(bar1);
	ret = nova_bar1_reserve_foreign(bar1);
	if (ret)
		nova_bar1_free_foreign(bar1);
	return ret;
}

/**
 * nova_bar1_init - take BAR1 into use
 * @bar1: memory is the caller's
 * @mm: the device's memory management; the parts below BAR1 are ready
 * @borrowed: root table if firmware has bound BAR1 already, else NULL
 *
 * Without BAR1 the unit exists with size 0 and refuses every window.
 *
 * Context: allocates and sleeps.
 *
 * Return: 0; -ENOMEM; -ENOSPC if there is no VRAM for tables; -EINVAL if a table
 * of firmware's lies outside VRAM or names one above it; -ETIMEDOUT if the
 * hardware does not bind; -ENODEV after unplug.
 */
int nova_bar1_init(struct nova_bar1 *bar1, struct nova_mm *mm, const nova_vram_t *borrowed)
{
	struct nova_vmm_config config = { .scope = NOVA_TLB_HUB, .pool = &bar1->pool };
	int ret;

	*bar1 = (struct nova_bar1){ .mm = mm, .size = mm->nd->bar1_size };
	mutex_init(&bar1->lock);
	INIT_LIST_HEAD(&bar1->idle);
	INIT_LIST_HEAD(&bar1->foreign);
	if (!bar1->size)
		return 0;
	if (borrowed) {
		config.borrowed = true;
		config.root = *borrowed;
	}
	nova_pool_init(&bar1->pool, mm->buddy, ilog2(SZ_64K));
	bar1->pool.nd = mm->nd;
	lockdep_set_class(&bar1->pool.lock, &nova_bar1_pool_key);
	ret = nova_vmm_init(&bar1->vmm, mm, &config);
	if (ret)
		goto err_pool;
	drm_mm_init(&bar1->va, 0, bar1->size);
	ret = nova_bar1_connect(bar1);
	if (ret)
		goto err_vmm;
	return 0;

err_vmm:
	drm_mm_takedown(&bar1->va);
	nova_vmm_fini(&bar1->vmm);
err_pool:
	nova_pool_fini(&bar1->pool);
	mutex_destroy(&bar1->lock);
	return ret;
}

/* Take every window out of the page tables, in use or not; its owner still has to drop it. */
static void nova_bar1_clear(struct nova_bar1 *bar1)
{
	struct nova_vmm_update upd;
	struct drm_mm_node *node;

	nova_vmm_update_init(&upd, &bar1->vmm);
	drm_mm_for_each_node(node, &bar1->va) {
		struct nova_bar1_map *map = container_of(node, struct nova_bar1_map, node);

		if (node->color == NOVA_BAR1_FOREIGN)
			continue;
		if (map->evict)
			map->evict(map);
		nova_vmm_unmap(&upd, node->start, node->size);
	}
	nova_vmm_flush(&upd);
	nova_vmm_finish(&upd);
}

/**
 * nova_bar1_disconnect - leave BAR1 in hardware as it was found
 * @bar1: the aperture
 *
 * While the hardware still answers, before nova_device_unplug(): of a borrowed root
 * every byte is as firmware left it, on a root of ours BAR1 is bound no longer.
 *
 * Accesses through BAR1 are cut off first and vanish from then on, so it does not
 * matter whether windows are in use: they map nothing, there are no new ones, and
 * their owners drop them as ever. Everything else reaches VRAM through PRAMIN.
 *
 * If the hardware does not take it the device is wedged. Idempotent.
 *
 * Context: sleeps; calls evict() of windows.
 */
void nova_bar1_disconnect(struct nova_bar1 *bar1)
{
	if (!bar1->size)
		return;
	guard(mutex)(&bar1->lock);
	if (bar1->closed)
		return;
	bar1->closed = true;
	nova_mem_flush(&bar1->mm->mem);
	nova_device_close_bar1(bar1->mm->nd);
	nova_bar1_clear(bar1);
	if (bar1->bound)
		nova_bar1_unbind(bar1);
}

/**
 * nova_bar1_fini - give BAR1 back
 * @bar1: no window has users any more
 *
 * Windows their owners forgot to drop are removed and reported.
 *
 * Context: sleeps.
 */
void nova_bar1_fini(struct nova_bar1 *bar1)
{
	if (bar1->size) {
		WARN_ON_ONCE(nova_bar1_map_drop_idle(bar1));
		nova_bar1_free_foreign(bar1);
		drm_mm_takedown(&bar1->va);
		if (bar1->bound)
			nova_bar1_unbind(bar1);
		nova_vmm_fini(&bar1->vmm);
		nova_pool_fini(&bar1->pool);
	}
	mutex_destroy(&bar1->lock);
}

/**
 * nova_bar1_stats - how the aperture is used
 * @bar1: the aperture
 * @stats: result, a snapshot
 *
 * Context: may sleep.
 */
void nova_bar1_stats(struct nova_bar1 *bar1, struct nova_bar1_stats *stats)
{
	struct nova_bar1_map *map;

	*stats = (struct nova_bar1_stats){ .size = bar1->size };
	mutex_lock(&bar1->lock);
	stats->used = bar1->used;
	stats->peak = bar1->peak;
	stats->maps = bar1->maps;
	stats->evictions = bar1->evictions;
	stats->foreign = bar1->foreign_bytes;
	list_for_each_entry(map, &bar1->idle, idle)
		stats->idle += map->size;
	mutex_unlock(&bar1->lock);
}

static void nova_bar1_print_node(const struct drm_mm_node *node, struct drm_printer *p)
{
	drm_printf(p, "0x%010llx-0x%010llx %12llu KiB ", node->start, node->start + node->size - 1,
		   node->size / SZ_1K);
	if (node->color == NOVA_BAR1_FOREIGN)
		drm_puts(p, "firmware\n");
	else
		drm_printf(p, "window, %u users\n",
			   container_of(node, const struct nova_bar1_map, node)->users);
}

/**
 * nova_bar1_print - describe the aperture for debugfs
 * @bar1: the aperture
 * @p: where to
 *
 * Sums, then who has which part of it. Its page tables are the caller's to print.
 *
 * Context: may sleep.
 */
void nova_bar1_print(struct nova_bar1 *bar1, struct drm_printer *p)
{
	struct nova_bar1_stats stats;
	struct drm_mm_node *node;

	nova_bar1_stats(bar1, &stats);
	drm_printf(p, "%-24s %12llu KiB\n", "total", stats.size / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "windows in use", (stats.used - stats.idle) / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "windows idle", stats.idle / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "firmware", stats.foreign / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "free",
		   (stats.size - stats.used - stats.foreign) / SZ_1K);
	drm_printf(p, "%-24s %12llu KiB\n", "most windows ever", stats.peak / SZ_1K);
	drm_printf(p, "%-24s %12llu\n", "windows made", stats.maps);
	drm_printf(p, "%-24s %12llu\n\n", "windows evicted", stats.evictions);
	if (!bar1->size)
		return;
	mutex_lock(&bar1->lock);
	drm_mm_for_each_node(node, &bar1->va)
		nova_bar1_print_node(node, p);
	mutex_unlock(&bar1->lock);
}
