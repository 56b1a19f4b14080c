// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: the kernel's page tables as parties of the benchmark
 *
 * io-pgtable-arm as its users drive it: one call a page table, repeated until the range is done.
 * generic_pt through its range operations, with the pages it gives up freed at once, as an IOTLB
 * flush that does nothing would have them freed.
 *
 * Locking: the parties need the caller to serialise, which one thread does.
 */

#include "nova_pt_peer.h"

#include <linux/device.h>
#include <linux/err.h>
#include <linux/generic_pt/iommu.h>
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#define PROT	(IOMMU_READ | IOMMU_WRITE)

/* Declared in a header that stays in drivers/iommu. */
void iommu_put_pages_list(struct iommu_pages_list *list);

static struct device *nova_pt_dev;

static void nova_pt_arm_flush_all(void *cookie)
{
}

static void nova_pt_arm_flush_walk(unsigned long iova, size_t size, size_t granule, void *cookie)
{
}

static void nova_pt_arm_add_page(struct iommu_iotlb_gather *gather, unsigned long iova,
				 size_t granule, void *cookie)
{
}

static const struct iommu_flush_ops nova_pt_arm_flush_ops = {
	.tlb_flush_all = nova_pt_arm_flush_all,
	.tlb_flush_walk = nova_pt_arm_flush_walk,
	.tlb_add_page = nova_pt_arm_add_page,
};

static int nova_pt_arm_init(struct nova_pt_peer *p)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = SZ_4K | SZ_2M | SZ_1G,
		.ias = 48,
		.oas = 48,
		.coherent_walk = true,
		.tlb = &nova_pt_arm_flush_ops,
		.iommu_dev = nova_pt_dev,
	};

	p->priv = alloc_io_pgtable_ops(ARM_64_LPAE_S1, &cfg, NULL);
	return p->priv ? 0 : -ENOMEM;
}

static void nova_pt_arm_fini(struct nova_pt_peer *p)
{
	free_io_pgtable_ops(p->priv);
}

static void nova_pt_arm_map(struct nova_pt_peer *p, u64 va, u64 addr, u64 len, u64 page)
{
	struct io_pgtable_ops *ops = p->priv;

	while (len) {
		size_t done = 0;

		if (ops->map_pages(ops, va, addr, page, len / page, PROT, GFP_KERNEL, &done)) {
			pr_err_once("nova-bench: arm refuses to map\n");
			return;
		}
		va += done;
		addr += done;
		len -= done;
	}
}

static void nova_pt_arm_unmap(struct nova_pt_peer *p, u64 va, u64 len, u64 page)
{
	struct io_pgtable_ops *ops = p->priv;

	while (len) {
		size_t done = ops->unmap_pages(ops, va, page, len / page, NULL);

		if (!done)
			return;
		va += done;
		len -= done;
	}
}

static u64 nova_pt_arm_walk(struct nova_pt_peer *p, u64 va)
{
	struct io_pgtable_ops *ops = p->priv;

	return ops->iova_to_phys(ops, va);
}

static const struct nova_pt_peer_ops nova_pt_arm_ops = {
	.init = nova_pt_arm_init,
	.fini = nova_pt_arm_fini,
	.map = nova_pt_arm_map,
	.unmap = nova_pt_arm_unmap,
	.walk = nova_pt_arm_walk,
};

/* Either format; both begin with struct pt_iommu, which begins with the domain. */
struct nova_pt_generic {
	union {
		struct iommu_domain domain;
		struct pt_iommu iommu;
		struct pt_iommu_amdv1 amdv1;
		struct pt_iommu_x86_64 x86_64;
	};
	/* what growing a level would take; nothing grows here */
	spinlock_t top_lock;
};

static void nova_pt_generic_change_top(struct pt_iommu *iommu, phys_addr_t top, unsigned int level)
{
}

static spinlock_t *nova_pt_generic_top_lock(struct pt_iommu *iommu)
{
	return &container_of(iommu, struct nova_pt_generic, iommu)->top_lock;
}

static const struct pt_iommu_driver_ops nova_pt_generic_driver_ops = {
	.change_top = nova_pt_generic_change_top,
	.get_top_lock = nova_pt_generic_top_lock,
};

static void nova_pt_generic_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	iommu_put_pages_list(&gather->freelist);
}

static const struct iommu_domain_ops nova_pt_generic_domain_ops = {
	.iotlb_sync = nova_pt_generic_sync,
};

static struct nova_pt_generic *nova_pt_generic_create(struct nova_pt_peer *p)
{
	struct nova_pt_generic *g = kzalloc(sizeof(*g), GFP_KERNEL);

	if (!g)
		return NULL;
	spin_lock_init(&g->top_lock);
	g->domain.ops = &nova_pt_generic_domain_ops;
	g->iommu.nid = NUMA_NO_NODE;
	g->iommu.driver_ops = &nova_pt_generic_driver_ops;
	g->iommu.iommu_device = nova_pt_dev;
	p->priv = g;
	return g;
}

static int nova_pt_amdv1_init(struct nova_pt_peer *p)
{
	/* Four levels, as many as the other peers have for these addresses. */
	const struct pt_iommu_amdv1_cfg cfg = {
		.common = {
			.features = BIT(PT_FEAT_DYNAMIC_TOP) | BIT(PT_FEAT_FLUSH_RANGE) |
				    BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES) |
				    BIT(PT_FEAT_AMDV1_FORCE_COHERENCE),
			.hw_max_vasz_lg2 = 64,
			.hw_max_oasz_lg2 = 52,
		},
		.starting_level = 3,
	};
	struct nova_pt_generic *g = nova_pt_generic_create(p);

	return g ? pt_iommu_amdv1_init(&g->amdv1, &cfg, GFP_KERNEL) : -ENOMEM;
}

static int nova_pt_x86_64_init(struct nova_pt_peer *p)
{
	const struct pt_iommu_x86_64_cfg cfg = {
		.common = {
			.features = BIT(PT_FEAT_SIGN_EXTEND) | BIT(PT_FEAT_FLUSH_RANGE),
			.hw_max_vasz_lg2 = 48,
			.hw_max_oasz_lg2 = 52,
		},
		.top_level = 3,
	};
	struct nova_pt_generic *g = nova_pt_generic_create(p);

	return g ? pt_iommu_x86_64_init(&g->x86_64, &cfg, GFP_KERNEL) : -ENOMEM;
}

static void nova_pt_generic_fini(struct nova_pt_peer *p)
{
	struct nova_pt_generic *g = p->priv;

	if (!g)
		return;
	pt_iommu_deinit(&g->iommu);
	kfree(g);
}

static void nova_pt_generic_map(struct nova_pt_peer *p, u64 va, u64 addr, u64 len, u64 page)
{
	struct nova_pt_generic *g = p->priv;
	size_t done = 0;

	if (g->iommu.ops->map_range(&g->iommu, va, addr, len, PROT, GFP_KERNEL, &done))
		pr_err_once("nova-bench: generic_pt refuses to map\n");
}

static void nova_pt_generic_unmap(struct nova_pt_peer *p, u64 va, u64 len, u64 page)
{
	struct nova_pt_generic *g = p->priv;
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	g->iommu.ops->unmap_range(&g->iommu, va, len, &gather);
	iommu_put_pages_list(&gather.freelist);
}

static u64 nova_pt_amdv1_walk(struct nova_pt_peer *p, u64 va)
{
	return pt_iommu_amdv1_iova_to_phys(&((struct nova_pt_generic *)p->priv)->domain, va);
}

static u64 nova_pt_x86_64_walk(struct nova_pt_peer *p, u64 va)
{
	return pt_iommu_x86_64_iova_to_phys(&((struct nova_pt_generic *)p->priv)->domain, va);
}

static const struct nova_pt_peer_ops nova_pt_amdv1_ops = {
	.init = nova_pt_amdv1_init,
	.fini = nova_pt_generic_fini,
	.map = nova_pt_generic_map,
	.unmap = nova_pt_generic_unmap,
	.walk = nova_pt_amdv1_walk,
};

static const struct nova_pt_peer_ops nova_pt_x86_64_ops = {
	.init = nova_pt_x86_64_init,
	.fini = nova_pt_generic_fini,
	.map = nova_pt_generic_map,
	.unmap = nova_pt_generic_unmap,
	.walk = nova_pt_x86_64_walk,
};

static const struct nova_pt_peer nova_pt_parties[NOVA_PT_PEERS] = {
	{ .name = "v2", .ops = &nova_pt_ours_v2 },
	{ .name = "v3", .ops = &nova_pt_ours_v3 },
	{ .name = "io-pgtable-arm", .ops = &nova_pt_arm_ops },
	{ .name = "amdv1", .ops = &nova_pt_amdv1_ops },
	{ .name = "x86_64", .ops = &nova_pt_x86_64_ops },
};

/**
 * nova_pt_peers_init() - empty page tables of every party
 * @peers: NOVA_PT_PEERS elements to fill
 *
 * Return: 0 or -errno, with nothing left behind.
 */
int nova_pt_peers_init(struct nova_pt_peer *peers)
{
	int ret = 0;

	nova_pt_dev = root_device_register("nova-bench");
	if (IS_ERR(nova_pt_dev))
		return PTR_ERR(nova_pt_dev);
	for (unsigned int i = 0; i < NOVA_PT_PEERS; i++) {
		peers[i] = nova_pt_parties[i];
		ret = peers[i].ops->init(&peers[i]);
		if (!ret)
			continue;
		pr_err("nova-bench: %s: %d\n", peers[i].name, ret);
		while (i--)
			peers[i].ops->fini(&peers[i]);
		root_device_unregister(nova_pt_dev);
		break;
	}
	return ret;
}

/**
 * nova_pt_peers_fini() - free them
 * @peers: what nova_pt_peers_init() filled
 */
void nova_pt_peers_fini(struct nova_pt_peer *peers)
{
	for (unsigned int i = 0; i < NOVA_PT_PEERS; i++)
		peers[i].ops->fini(&peers[i]);
	root_device_unregister(nova_pt_dev);
}

MODULE_IMPORT_NS("GENERIC_PT_IOMMU");
