// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: our page tables as a party of the benchmark
 *
 * An address space whose tables are plain memory and whose invalidates do nothing: the same code as
 * on hardware from the check of a mapping to the release of its tables, but for the last few
 * instructions of the writer. The counts run the real writer through PRAMIN against registers that
 * only count.
 *
 * Locking: none of our own.
 */

#include "nova_pt_peer.h"

#include "nova_chip.h"
#include "nova_device.h"
#include "nova_mm.h"

#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

/* Stands for the VRAM of page tables. */
#define TABLES_SIZE	(8ULL * SZ_1M)

struct nova_pt_ours {
	struct nova_device nd;
	struct nova_mm mm;
	struct nova_vmm vmm;
	void *tables;
};

static int nova_pt_no_invalidate(struct nova_tlb *tlb, const struct nova_tlb_req *req)
{
	return 0;
}

static const struct nova_tlb_ops nova_pt_tlb_ops = { .invalidate = nova_pt_no_invalidate };

static void nova_pt_ours_fini(struct nova_pt_peer *p)
{
	struct nova_pt_ours *o = p->priv;

	nova_vmm_fini(&o->vmm);
	nova_pool_fini(&o->mm.pool);
	nova_tlb_fini(&o->mm.tlb);
	nova_pramin_fini(&o->mm.pramin);
	kvfree(o->tables);
	kfree(o);
}

/* All but the way tables are written, which differs between times and counts. */
static struct nova_pt_ours *nova_pt_ours_create(const struct nova_gmmu_fmt *fmt)
{
	struct nova_pt_ours *o = kzalloc_obj(*o);

	if (!o)
		return NULL;
	o->nd.vram_size = TABLES_SIZE;
	o->mm.nd = &o->nd;
	o->mm.fmt = fmt;
	o->mm.page_sizes = SZ_4K | SZ_64K | SZ_2M;
	nova_pool_init_span(&o->mm.pool, 0, TABLES_SIZE);
	nova_pramin_init(&o->mm.pramin, &o->nd);
	nova_tlb_init(&o->mm.tlb, NULL);
	o->mm.tlb.ops = &nova_pt_tlb_ops;
	return o;
}

static int nova_pt_ours_init(struct nova_pt_peer *p, const struct nova_gmmu_fmt *fmt)
{
	const struct nova_vmm_config config = {};
	struct nova_pt_ours *o = nova_pt_ours_create(fmt);
	int ret;

	if (!o)
		return -ENOMEM;
	o->tables = kvzalloc(TABLES_SIZE, GFP_KERNEL);
	if (!o->tables) {
		kfree(o);
		return -ENOMEM;
	}
	nova_mem_init_cpu(&o->mm.mem, o->tables, 0, TABLES_SIZE);
	ret = nova_vmm_init(&o->vmm, &o->mm, &config);
	if (ret) {
		kvfree(o->tables);
		kfree(o);
		return ret;
	}
	p->priv = o;
	return 0;
}

static int nova_pt_ours_init_v2(struct nova_pt_peer *p)
{
	return nova_pt_ours_init(p, &nova_gmmu_v2);
}

static int nova_pt_ours_init_v3(struct nova_pt_peer *p)
{
	return nova_pt_ours_init(p, &nova_gmmu_v3);
}

static void nova_pt_ours_map(struct nova_pt_peer *p, u64 va, u64 addr, u64 len, u64 page)
{
	struct nova_pt_ours *o = p->priv;
	const struct nova_extent extent = { .addr = addr, .len = len };
	const struct nova_backing backing = {
		.aperture = NOVA_APERTURE_SYS_NONCOH,
		.size = len,
		.extents = &extent,
		.nr_extents = 1,
	};
	const struct nova_vmm_map map = { .va = va, .len = len, .backing = &backing };

	if (nova_vmm_map_now(&o->vmm, &map))
		pr_err_once("nova-bench: mapping failed\n");
}

/* Whole mappings, as UNMAP_BO and the end of an object do it. */
static void nova_pt_ours_unmap(struct nova_pt_peer *p, u64 va, u64 len, u64 page)
{
	struct nova_pt_ours *o = p->priv;
	struct nova_vmm_update upd;

	nova_vmm_update_init(&upd, &o->vmm);
	nova_vmm_unmap(&upd, va, len);
	nova_vmm_flush(&upd);
	nova_vmm_finish(&upd);
}

static u64 nova_pt_ours_walk(struct nova_pt_peer *p, u64 va)
{
	struct nova_pt_ours *o = p->priv;
	struct nova_pt_place place = {};

	nova_vmm_lookup(&o->vmm, va, &place);
	return place.addr;
}

const struct nova_pt_peer_ops nova_pt_ours_v2 = {
	.overwrites = true,
	.init = nova_pt_ours_init_v2,
	.fini = nova_pt_ours_fini,
	.map = nova_pt_ours_map,
	.unmap = nova_pt_ours_unmap,
	.walk = nova_pt_ours_walk,
};

const struct nova_pt_peer_ops nova_pt_ours_v3 = {
	.overwrites = true,
	.init = nova_pt_ours_init_v3,
	.fini = nova_pt_ours_fini,
	.map = nova_pt_ours_map,
	.unmap = nova_pt_ours_unmap,
	.walk = nova_pt_ours_walk,
};

/* Registers that count: every call is one access. */
static u64 nova_pt_accesses;

static u32 nova_pt_count_rd32(struct nova_io *io, u32 off)
{
	nova_pt_accesses++;
	return 0;
}

static void nova_pt_count_wr32(struct nova_io *io, u32 off, u32 val)
{
	nova_pt_accesses++;
}

static void nova_pt_count_wr64(struct nova_io *io, u32 off, u64 val)
{
	nova_pt_accesses++;
}

static const struct nova_io_ops nova_pt_count_ops = {
	.bar0_rd32 = nova_pt_count_rd32,
	.bar0_wr32 = nova_pt_count_wr32,
	.bar0_wr64 = nova_pt_count_wr64,
};

/* An address space written through PRAMIN; returns the accesses that @work makes. */
static u64 nova_pt_count_through_pramin(int (*work)(struct nova_vmm *vmm))
{
	static struct nova_io io = { .ops = &nova_pt_count_ops };
	const struct nova_vmm_config config = {};
	struct nova_pt_ours *o = nova_pt_ours_create(&nova_gmmu_v3);
	struct nova_pt_peer p = { .priv = o };
	u64 count = U64_MAX / 1000;

	if (!o)
		return count;
	o->nd.io = &io;
	o->nd.chip = nova_chip_row(0);
	nova_mem_init(&o->mm.mem, &o->nd, &o->mm.pramin);
	if (nova_vmm_init(&o->vmm, &o->mm, &config)) {
		kfree(o);
		return count;
	}
	nova_pt_accesses = 0;
	if (!work(&o->vmm))
		count = nova_pt_accesses;
	nova_pt_ours_fini(&p);
	return count;
}

static int nova_pt_map_1g(struct nova_vmm *vmm)
{
	const struct nova_extent extent = { .addr = SZ_4K, .len = SZ_1G };
	const struct nova_backing backing = {
		.aperture = NOVA_APERTURE_SYS_NONCOH,
		.size = SZ_1G,
		.extents = &extent,
		.nr_extents = 1,
	};
	const struct nova_vmm_map map = { .va = SZ_1G, .len = SZ_1G, .backing = &backing };

	return nova_vmm_map_now(vmm, &map);
}

/**
 * nova_pt_count_pramin() - accesses to map 1 GiB of 4 KiB pages without BAR1
 *
 * Return: register and window accesses; an impossible number on failure.
 */
u64 nova_pt_count_pramin(void)
{
	return nova_pt_count_through_pramin(nova_pt_map_1g);
}

static int nova_pt_sparse_1t(struct nova_vmm *vmm)
{
	int ret = nova_vmm_sparse_now(vmm, 1ULL << 40, 1ULL << 40);

	/* The tables above the range exist by now: what counts is a TiB among others. */
	nova_pt_accesses = 0;
	return ret ?: nova_vmm_sparse_now(vmm, 1ULL << 41, 1ULL << 40);
}

/**
 * nova_pt_count_sparse() - writes to make 1 TiB sparse
 *
 * Return: register and window accesses, which includes those of the barrier; an impossible number
 * on failure.
 */
u64 nova_pt_count_sparse(void)
{
	return nova_pt_count_through_pramin(nova_pt_sparse_1t);
}

#define OFFSET_EXTENTS	(66ULL * SZ_1G / SZ_2M)
#define OFFSET_ROUNDS	2000

/* Nowhere two pieces that follow each other: what comes before an offset cannot be skipped. */
static struct nova_extent *nova_pt_scattered(void)
{
	struct nova_extent *ext = kvmalloc_array(OFFSET_EXTENTS, sizeof(*ext), GFP_KERNEL);

	for (u64 i = 0; ext && i < OFFSET_EXTENTS; i++)
		ext[i] = (struct nova_extent) {
			.off = i * SZ_2M, .addr = (i ^ 1) * SZ_4M + SZ_4K, .len = SZ_2M,
		};
	return ext;
}

/**
 * nova_pt_time_offset() - time to map and unmap 64 KiB of an object in 66 GiB of scattered memory
 * @off: where in the object
 *
 * From the check of the mapping to the release of its tables; memory of that size cannot be had for
 * a real object here, and nothing above this looks at the offset.
 *
 * Return: thousandths of a nanosecond for one of them; an impossible number on failure.
 */
u64 nova_pt_time_offset(u64 off)
{
	struct nova_backing backing = {
		.aperture = NOVA_APERTURE_SYS_NONCOH,
		.size = OFFSET_EXTENTS * SZ_2M,
		.extents = nova_pt_scattered(),
		.nr_extents = OFFSET_EXTENTS,
	};
	const struct nova_vmm_map map = {
		.va = SZ_1G, .len = SZ_64K, .backing = &backing, .off = off,
	};
	struct nova_pt_peer p = {};
	u64 t = U64_MAX / 1000;

	if (backing.extents && !nova_pt_ours_init_v3(&p)) {
		t = ktime_get_ns();
		for (u32 i = 0; i < OFFSET_ROUNDS; i++) {
			if (nova_vmm_map_now(&((struct nova_pt_ours *)p.priv)->vmm, &map))
				pr_err_once("nova-bench: mapping failed\n");
			nova_pt_ours_unmap(&p, map.va, map.len, SZ_4K);
		}
		t = (ktime_get_ns() - t) * 1000 / OFFSET_ROUNDS;
		nova_pt_ours_fini(&p);
	}
	kvfree(backing.extents);
	return t;
}
