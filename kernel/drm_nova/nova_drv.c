// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_drv
 *
 * The DRM driver: files and the ioctl table. The device behind it comes from
 * nova_probe.
 *
 * Unloading the module waits until every device has been freed, hence for fences of
 * others that jobs wait for.
 *
 * Ioctls run inside a drm_dev_enter() section, so that no handler can be between
 * two register accesses while the hardware is taken away; a file closed after that
 * finds the backend already cut off. No section is held while waiting for somebody
 * else's fence: that would hold up the unplug.
 *
 * Locking: a file's VM table has its own lock. See nova_vm for the rest.
 */
#include "nova_drv.h"

#include "nova_compat.h"
#include "nova_debugfs.h"
#include "nova_gem.h"
#include "nova_prime.h"
#include "nova_queue.h"
#include "nova_vm.h"

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>

#include <linux/module.h>

static int nova_open(struct drm_device *drm, struct drm_file *file)
{
	struct nova_file *nf = kzalloc_obj(*nf);

	if (!nf)
		return -ENOMEM;
	xa_init_flags(&nf->vms, XA_FLAGS_ALLOC1);
	xa_init_flags(&nf->queues, XA_FLAGS_ALLOC1);
	file->driver_priv = nf;
	return 0;
}

static void nova_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct nova_file *nf = file->driver_priv;
	bool gone;
	int idx;

	gone = !drm_dev_enter(drm, &idx);
	if (gone)
		nova_drm_cut_off(to_nova_drm(drm));
	nova_queue_close_all(nf);
	nova_vm_close_all(nf);
	xa_destroy(&nf->queues);
	xa_destroy(&nf->vms);
	kfree(nf);
	if (!gone)
		drm_dev_exit(idx);
}

/* May wait for fences of others: left alone by an unplug, or ends its section before. */
static bool nova_ioctl_waits(unsigned int nr)
{
	switch (nr) {
	case DRM_COMMAND_BASE + DRM_NOVA_GEM_WAIT:
	case DRM_COMMAND_BASE + DRM_NOVA_VM_BIND:
	case DRM_IOCTL_NR(DRM_IOCTL_SYNCOBJ_WAIT):
	case DRM_IOCTL_NR(DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT):
	case DRM_IOCTL_NR(DRM_IOCTL_SYNCOBJ_TRANSFER):
		return true;
	}
	return false;
}

/* Names of objects that any file could guess: sharing is by descriptors only. */
static bool nova_ioctl_names(unsigned int nr)
{
	return nr == DRM_IOCTL_NR(DRM_IOCTL_GEM_FLINK) || nr == DRM_IOCTL_NR(DRM_IOCTL_GEM_OPEN);
}

static long nova_ioctl_by(long (*call)(struct file *, unsigned int, unsigned long),
			  struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct drm_file *file = filp->private_data;
	struct drm_device *drm = file->minor->dev;
	long ret;
	int idx;

	if (nova_ioctl_names(DRM_IOCTL_NR(cmd)))
		return -EOPNOTSUPP;
	if (nova_ioctl_waits(DRM_IOCTL_NR(cmd)))
		return call(filp, cmd, arg);
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	ret = call(filp, cmd, arg);
	drm_dev_exit(idx);
	return ret;
}

static long nova_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return nova_ioctl_by(drm_ioctl, filp, cmd, arg);
}

/* Our own structs are the same for 32-bit programs; some of the core's are not. */
#ifdef CONFIG_COMPAT
static long nova_compat_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return nova_ioctl_by(drm_compat_ioctl, filp, cmd, arg);
}
#else
#define nova_compat_ioctl	NULL
#endif

static const struct file_operations nova_fops = {
	.owner = THIS_MODULE,
	.open = drm_open,
	.release = drm_release,
	.unlocked_ioctl = nova_ioctl,
	.compat_ioctl = nova_compat_ioctl,
	.mmap = nova_gem_mmap_file,
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.show_fdinfo = drm_show_fdinfo,
	.fop_flags = FOP_UNSIGNED_OFFSET,
};

static const struct drm_ioctl_desc nova_ioctls[] = {
	DRM_IOCTL_DEF_DRV(NOVA_GETPARAM, nova_getparam_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_CREATE, nova_gem_create_ioctl, DRM_AUTH | DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_INFO, nova_gem_info_ioctl, DRM_AUTH | DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_INFO, nova_info_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_CREATE2, nova_gem_create2_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_QUERY, nova_gem_query_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_MMAP_OFFSET, nova_gem_mmap_offset_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_WAIT, nova_gem_wait_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_MADVISE, nova_gem_madvise_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_GEM_SET_LABEL, nova_gem_set_label_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_VM_CREATE, nova_vm_create_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_VM_DESTROY, nova_vm_destroy_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_VM_BIND, nova_vm_bind_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_VM_GET_STATE, nova_vm_get_state_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_VM_QUERY_RANGES, nova_vm_query_ranges_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_QUEUE_CREATE, nova_queue_create_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_QUEUE_DESTROY, nova_queue_destroy_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_QUEUE_GET_STATE, nova_queue_get_state_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(NOVA_EXEC, nova_exec_ioctl, DRM_RENDER_ALLOW),
};

const struct drm_driver nova_drm_driver = {
	.driver_features = DRIVER_GEM | DRIVER_GEM_GPUVA | DRIVER_RENDER | DRIVER_SYNCOBJ |
			   DRIVER_SYNCOBJ_TIMELINE,
	.open = nova_open,
	.postclose = nova_postclose,
	.ioctls = nova_ioctls,
	.num_ioctls = ARRAY_SIZE(nova_ioctls),
	.fops = &nova_fops,
	.gem_prime_import = nova_prime_import,
	.show_fdinfo = nova_show_fdinfo,
	.debugfs_init = nova_debugfs_init,
	.name = "nova",
	.desc = "NVIDIA GPU memory management",
	NOVA_DRIVER_DATE
	.major = 0,
	.minor = NOVA_VERSION_MINOR,
	.patchlevel = 0,
};

struct workqueue_struct *nova_reaper;

/* Only when no device is left: jobs of one that is gone may yet need both it and the module. */
static void nova_destroy_reaper(void)
{
	nova_drm_wait_freed();
	destroy_workqueue(nova_reaper);
}

static int __init nova_init(void)
{
	int ret;

	nova_reaper = alloc_workqueue("nova-reaper", WQ_UNBOUND, 0);
	if (!nova_reaper)
		return -ENOMEM;
	ret = nova_platform_register();
	if (ret)
		goto err_reaper;
	ret = nova_pci_register();
	if (ret)
		goto err_platform;
	return 0;

err_platform:
	nova_platform_unregister();
err_reaper:
	nova_destroy_reaper();
	return ret;
}

static void __exit nova_exit(void)
{
	nova_pci_unregister();
	nova_platform_unregister();
	nova_destroy_reaper();
}

module_init(nova_init);
module_exit(nova_exit);

MODULE_DESCRIPTION("DRM driver for the memory side of NVIDIA GPUs");
MODULE_LICENSE("Dual MIT/GPL");
