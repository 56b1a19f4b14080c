// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_debugfs
 *
 * The list of debugfs files (uapi.md §10). Each unit prints itself under its own
 * lock; this file only names them.
 */
#include "nova_debugfs.h"

#include "nova_compat.h"
#include "nova_drv.h"
#include "nova_gem.h"
#include "nova_selftest.h"
#include "nova_vm.h"

#include <drm/drm_debugfs.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_placement.h>

#include <linux/seq_file.h>

static struct nova_drm *nova_debugfs_device(struct seq_file *m)
{
	struct drm_debugfs_entry *entry = m->private;

	return to_nova_drm(entry->dev);
}

static int nova_debugfs_gem(struct seq_file *m, void *unused)
{
	return nova_gem_debugfs_list(m, nova_debugfs_device(m));
}

static int nova_debugfs_gpuvas(struct seq_file *m, void *unused)
{
	return nova_vm_debugfs_gpuvas(m, nova_debugfs_device(m));
}

static int nova_debugfs_pagetables(struct seq_file *m, void *unused)
{
	return nova_vm_debugfs_pagetables(m, nova_debugfs_device(m));
}

static int nova_debugfs_manager(struct seq_file *m, unsigned int mem_type)
{
	struct drm_printer p = drm_seq_file_printer(m);
	struct nova_ttm *nt = &nova_debugfs_device(m)->nt;

	ttm_resource_manager_debug(ttm_manager_type(&nt->bdev, mem_type), &p);
	return 0;
}

static int nova_debugfs_vram_mm(struct seq_file *m, void *unused)
{
	return nova_debugfs_manager(m, TTM_PL_VRAM);
}

static int nova_debugfs_gtt_mm(struct seq_file *m, void *unused)
{
	return nova_debugfs_manager(m, TTM_PL_TT);
}

static int nova_debugfs_bar1(struct seq_file *m, void *unused)
{
	struct drm_printer p = drm_seq_file_printer(m);

	nova_bar1_print(&nova_debugfs_device(m)->mm.bar1, &p);
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
	{ "vram_mm", nova_debugfs_vram_mm },
};

/**
 * nova_debugfs_init - add the driver's debugfs files
 * @minor: the DRM minor
 */
void nova_debugfs_init(struct drm_minor *minor)
{
	drm_debugfs_add_files(minor->dev, nova_debugfs_files, ARRAY_SIZE(nova_debugfs_files));
}
