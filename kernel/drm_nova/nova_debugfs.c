// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_debugfs
 *
 * The list of debugfs files (uapi.md §10). Each unit prints itself under its own
 * lock; this file only names them::
 *
 *	gem		every object: whose, how large, where, and its pieces of VRAM
 *	gpuvas		the mappings of every VM, in the core's format and with names
 *	pagetables	the page tables of BAR1 and of every VM, as they are in VRAM
 *	vram_mm		VRAM: sums, blocks by size, and the map of what is free
 *	gtt_mm		system pages the GPU can reach
 *	bar1		who has which part of the CPU's aperture
 *	stats		where VRAM went, and what the parts counted
 *	selftest	reading it checks the page tables in VRAM
 *	evict_vram	reading it tells what could go; writing to it pushes it out
 *	evict_gtt	likewise for system pages the GPU can reach
 *
 * All but the last two and selftest only look. Sizes are KiB unless a unit is
 * printed. Lines of sums name first what is added up, then its parts, indented.
 */
#include "nova_debugfs.h"

#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_gem.h"
#include "nova_selftest.h"
#include "nova_vm.h"

#include <drm/drm_debugfs.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>

static struct nova_drm *nova_debugfs_device(struct seq_file *m)
{
	struct drm_debugfs_entry *entry = m->private;

	return to_nova_drm(entry->dev);
}

static int nova_debugfs_gem(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);

	return nova_gem_list_print(nova_debugfs_device(m), &p);
}

static int nova_debugfs_gpuvas(struct seq_file *m, void *unused)
{
	nova_vm_list_print_mappings(nova_debugfs_device(m), m);
	return 0;
}

static int nova_debugfs_pagetables(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);

	nova_vm_list_print_tables(nova_debugfs_device(m), &p);
	return 0;
}

static int nova_debugfs_vram_mm(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);

	nova_vram_mgr_print(&nova_debugfs_device(m)->nt.vram, &p);
	return 0;
}

static int nova_debugfs_gtt_mm(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);

	nova_ttm_print_gtt(&nova_debugfs_device(m)->nt, &p);
	return 0;
}

static int nova_debugfs_bar1(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);

	nova_bar1_print(&nova_debugfs_device(m)->mm.bar1, &p);
	return 0;
}

static const char *nova_debugfs_state(const struct nova_device *nd)
{
	if (nova_device_is_gone(nd))
		return "gone";
	return nova_device_is_wedged(nd) ? "wedged" : "alive";
}

static unsigned int nova_debugfs_nr_vms(struct nova_drm *ndrm)
{
	guard(mutex)(&ndrm->vms.lock);
	return list_count_nodes(&ndrm->vms.list);
}

static int nova_debugfs_stats(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);
	struct nova_drm *ndrm = nova_debugfs_device(m);

	drm_printf(&p, "%-24s %12s\n", "device", dev_name(ndrm->nd.dev));
	drm_printf(&p, "%-24s %12s\n", "chip", ndrm->nd.chip->name);
	drm_printf(&p, "%-24s %12u\n", "page table version", ndrm->mm.fmt->version);
	drm_printf(&p, "%-24s %12s\n", "hardware", nova_debugfs_state(&ndrm->nd));
	drm_printf(&p, "%-24s %12u\n", "vms", nova_debugfs_nr_vms(ndrm));
	nova_mm_print(&ndrm->mm, nova_ttm_used(&ndrm->nt, TTM_PL_VRAM), &p);
	nova_ttm_print(&ndrm->nt, &p);
	return 0;
}

/* Reading it runs the checks. */
static int nova_debugfs_selftest(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);

	nova_selftest_run(&nova_debugfs_device(m)->mm, &p);
	return 0;
}

static const struct drm_debugfs_info nova_debugfs_files[] = {
	{ "bar1", nova_debugfs_bar1 },
	{ "gem", nova_debugfs_gem },
	{ "gpuvas", nova_debugfs_gpuvas },
	{ "gtt_mm", nova_debugfs_gtt_mm },
	{ "pagetables", nova_debugfs_pagetables },
	{ "selftest", nova_debugfs_selftest },
	{ "stats", nova_debugfs_stats },
	{ "vram_mm", nova_debugfs_vram_mm },
};

static int nova_debugfs_show_evictable(struct seq_file *m, unsigned int mem_type)
{
	struct nova_drm *ndrm = m->private;

	seq_printf(m, "%-24s %12llu KiB\n", nova_ttm_name(mem_type),
		   nova_ttm_used(&ndrm->nt, mem_type) / SZ_1K);
	return 0;
}

static ssize_t nova_debugfs_evict(struct file *filp, unsigned int mem_type, size_t len)
{
	struct seq_file *m = filp->private_data;
	struct nova_drm *ndrm = m->private;
	int idx, ret;

	if (!drm_dev_enter(&ndrm->drm, &idx))
		return -ENODEV;
	ret = nova_ttm_evict(&ndrm->nt, mem_type);
	drm_dev_exit(idx);
	return ret ?: len;
}

static int nova_evict_vram_show(struct seq_file *m, void *unused)
{
	return nova_debugfs_show_evictable(m, TTM_PL_VRAM);
}

static ssize_t nova_evict_vram_write(struct file *filp, const char __user *buf, size_t len,
				     loff_t *pos)
{
	return nova_debugfs_evict(filp, TTM_PL_VRAM, len);
}
DEFINE_SHOW_STORE_ATTRIBUTE(nova_evict_vram);

static int nova_evict_gtt_show(struct seq_file *m, void *unused)
{
	return nova_debugfs_show_evictable(m, TTM_PL_TT);
}

static ssize_t nova_evict_gtt_write(struct file *filp, const char __user *buf, size_t len,
				    loff_t *pos)
{
	return nova_debugfs_evict(filp, TTM_PL_TT, len);
}
DEFINE_SHOW_STORE_ATTRIBUTE(nova_evict_gtt);

/**
 * nova_debugfs_init - add the driver's debugfs files
 * @minor: the DRM minor
 */
void nova_debugfs_init(struct drm_minor *minor)
{
	struct nova_drm *ndrm = to_nova_drm(minor->dev);

	drm_debugfs_add_files(minor->dev, nova_debugfs_files, ARRAY_SIZE(nova_debugfs_files));
	debugfs_create_file("evict_vram", 0600, minor->debugfs_root, ndrm, &nova_evict_vram_fops);
	debugfs_create_file("evict_gtt", 0600, minor->debugfs_root, ndrm, &nova_evict_gtt_fops);
	nova_inject_debugfs(&ndrm->mm.inject, minor->debugfs_root);
}
