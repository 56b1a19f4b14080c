// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu configfs
 *
 * Software GPUs that differ from each other, made and removed at run time::
 *
 *   cd /sys/kernel/config/nova_swgpu && mkdir big && cd big
 *   echo gh100 > chip; echo 81920 > vram_mb; echo 0 > bar1_mb
 *   echo 1 > enabled                # the device appears; "device" says its name
 *   echo 0 > enabled; cd ..; rmdir big
 *
 *   chip, vram_mb, bar1_mb, gsp, seed   as the module parameters
 *   regions     FB regions as text; empty for the default ones
 *   inject      faults from the start, as name:value,…
 *   enabled     1 makes the device, 0 removes it
 *   device      name of the platform device, empty while there is none
 *
 * Nothing but "enabled" can be written while the device is there: EBUSY. Removing
 * the folder removes the device. Each folder has a mutex for its configuration.
 */

#include "nova_swgpu_dev.h"
#include "nova_swgpu_device.h"

#include <linux/cleanup.h>
#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

/** struct nova_swgpu_item - one folder */
struct nova_swgpu_item {
	struct config_item item;
	/** @lock: everything below */
	struct mutex lock;
	/** @cfg: what to make; its chip points to @chip */
	struct nova_swgpu_config cfg;
	char chip[16];
	/** @inject: faults from the start, as text */
	char inject[128];
	/** @dev: the device, NULL while there is none */
	struct nova_swgpu_device *dev;
};

static struct nova_swgpu_item *to_nova_swgpu_item(struct config_item *item)
{
	return container_of(item, struct nova_swgpu_item, item);
}

/* One line of text into a buffer of the item. */
static ssize_t nova_swgpu_item_set_text(struct config_item *item, char *to, size_t size,
					const char *page, size_t len)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);
	size_t n = strcspn(page, "\n");

	guard(mutex)(&self->lock);
	if (self->dev)
		return -EBUSY;
	if (n >= size)
		return -EINVAL;
	memcpy(to, page, n);
	to[n] = '\0';
	return len;
}

/* A number, times a unit, into a field of the configuration. */
static ssize_t nova_swgpu_item_set_u64(struct config_item *item, u64 *to, unsigned int shift,
				       const char *page, size_t len)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);
	u64 val;
	int ret;

	guard(mutex)(&self->lock);
	if (self->dev)
		return -EBUSY;
	ret = kstrtou64(page, 0, &val);
	if (ret || val > U64_MAX >> shift)
		return -EINVAL;
	*to = val << shift;
	return len;
}

static ssize_t nova_swgpu_item_chip_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", to_nova_swgpu_item(item)->chip);
}

static ssize_t nova_swgpu_item_chip_store(struct config_item *item, const char *page, size_t len)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);

	if (!swgpu_chip_find(page, strcspn(page, "\n")))
		return -EINVAL;
	return nova_swgpu_item_set_text(item, self->chip, sizeof(self->chip), page, len);
}

static ssize_t nova_swgpu_item_vram_mb_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", to_nova_swgpu_item(item)->cfg.vram_size >> 20);
}

static ssize_t nova_swgpu_item_vram_mb_store(struct config_item *item, const char *page,
					     size_t len)
{
	return nova_swgpu_item_set_u64(item, &to_nova_swgpu_item(item)->cfg.vram_size, 20, page,
				       len);
}

static ssize_t nova_swgpu_item_bar1_mb_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", to_nova_swgpu_item(item)->cfg.bar1_size >> 20);
}

static ssize_t nova_swgpu_item_bar1_mb_store(struct config_item *item, const char *page,
					     size_t len)
{
	return nova_swgpu_item_set_u64(item, &to_nova_swgpu_item(item)->cfg.bar1_size, 20, page,
				       len);
}

static ssize_t nova_swgpu_item_seed_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", to_nova_swgpu_item(item)->cfg.seed);
}

static ssize_t nova_swgpu_item_seed_store(struct config_item *item, const char *page, size_t len)
{
	return nova_swgpu_item_set_u64(item, &to_nova_swgpu_item(item)->cfg.seed, 0, page, len);
}

static ssize_t nova_swgpu_item_gsp_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", to_nova_swgpu_item(item)->cfg.gsp);
}

static ssize_t nova_swgpu_item_gsp_store(struct config_item *item, const char *page, size_t len)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);

	guard(mutex)(&self->lock);
	if (self->dev)
		return -EBUSY;
	return kstrtobool(page, &self->cfg.gsp) ? -EINVAL : len;
}

static ssize_t nova_swgpu_item_regions_show(struct config_item *item, char *page)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);

	guard(mutex)(&self->lock);
	return nova_swgpu_regions_print(&self->cfg, page, PAGE_SIZE);
}

static ssize_t nova_swgpu_item_regions_store(struct config_item *item, const char *page,
					     size_t len)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);
	int ret;

	guard(mutex)(&self->lock);
	if (self->dev)
		return -EBUSY;
	ret = nova_swgpu_regions_parse(&self->cfg, page);
	return ret ? ret : len;
}

static ssize_t nova_swgpu_item_inject_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", to_nova_swgpu_item(item)->inject);
}

static ssize_t nova_swgpu_item_inject_store(struct config_item *item, const char *page,
					    size_t len)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);

	return nova_swgpu_item_set_text(item, self->inject, sizeof(self->inject), page, len);
}

static ssize_t nova_swgpu_item_device_show(struct config_item *item, char *page)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);

	guard(mutex)(&self->lock);
	return sysfs_emit(page, "%s\n", self->dev ? nova_swgpu_device_name(self->dev) : "");
}

static ssize_t nova_swgpu_item_enabled_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", !!to_nova_swgpu_item(item)->dev);
}

static int nova_swgpu_item_enable(struct nova_swgpu_item *self)
{
	struct nova_swgpu_device *dev;

	if (self->dev)
		return 0;
	dev = nova_swgpu_device_add(&self->cfg, self->inject);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	self->dev = dev;
	return 0;
}

static void nova_swgpu_item_disable(struct nova_swgpu_item *self)
{
	if (self->dev)
		nova_swgpu_device_remove(self->dev);
	self->dev = NULL;
}

static ssize_t nova_swgpu_item_enabled_store(struct config_item *item, const char *page,
					     size_t len)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);
	bool on;
	int ret = 0;

	if (kstrtobool(page, &on))
		return -EINVAL;
	guard(mutex)(&self->lock);
	if (on)
		ret = nova_swgpu_item_enable(self);
	else
		nova_swgpu_item_disable(self);
	return ret ? ret : len;
}

CONFIGFS_ATTR(nova_swgpu_item_, chip);
CONFIGFS_ATTR(nova_swgpu_item_, vram_mb);
CONFIGFS_ATTR(nova_swgpu_item_, bar1_mb);
CONFIGFS_ATTR(nova_swgpu_item_, seed);
CONFIGFS_ATTR(nova_swgpu_item_, gsp);
CONFIGFS_ATTR(nova_swgpu_item_, regions);
CONFIGFS_ATTR(nova_swgpu_item_, inject);
CONFIGFS_ATTR(nova_swgpu_item_, enabled);
CONFIGFS_ATTR_RO(nova_swgpu_item_, device);

static struct configfs_attribute *nova_swgpu_item_attrs[] = {
	&nova_swgpu_item_attr_chip,
	&nova_swgpu_item_attr_vram_mb,
	&nova_swgpu_item_attr_bar1_mb,
	&nova_swgpu_item_attr_seed,
	&nova_swgpu_item_attr_gsp,
	&nova_swgpu_item_attr_regions,
	&nova_swgpu_item_attr_inject,
	&nova_swgpu_item_attr_enabled,
	&nova_swgpu_item_attr_device,
	NULL,
};

static void nova_swgpu_item_release(struct config_item *item)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);

	mutex_destroy(&self->lock);
	kfree(self);
}

static struct configfs_item_operations nova_swgpu_item_ops = {
	.release = nova_swgpu_item_release,
};

static const struct config_item_type nova_swgpu_item_type = {
	.ct_item_ops = &nova_swgpu_item_ops,
	.ct_attrs = nova_swgpu_item_attrs,
	.ct_owner = THIS_MODULE,
};

static struct config_item *nova_swgpu_group_make_item(struct config_group *group, const char *name)
{
	struct nova_swgpu_item *self = kzalloc(sizeof(*self), GFP_KERNEL);

	if (!self)
		return ERR_PTR(-ENOMEM);
	mutex_init(&self->lock);
	strscpy(self->chip, "tu102");
	self->cfg = (struct nova_swgpu_config){
		.chip = self->chip, .vram_size = 1ull << 30, .bar1_size = 256ull << 20,
		.seed = 1, .gsp = true,
	};
	config_item_init_type_name(&self->item, name, &nova_swgpu_item_type);
	return &self->item;
}

static void nova_swgpu_group_drop_item(struct config_group *group, struct config_item *item)
{
	struct nova_swgpu_item *self = to_nova_swgpu_item(item);

	scoped_guard(mutex, &self->lock)
		nova_swgpu_item_disable(self);
	config_item_put(item);
}

static struct configfs_group_operations nova_swgpu_group_ops = {
	.make_item = nova_swgpu_group_make_item,
	.drop_item = nova_swgpu_group_drop_item,
};

static const struct config_item_type nova_swgpu_group_type = {
	.ct_group_ops = &nova_swgpu_group_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem nova_swgpu_subsystem = {
	.su_group = {
		.cg_item = {
			.ci_name = "nova_swgpu",
			.ci_type = &nova_swgpu_group_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(nova_swgpu_subsystem.su_mutex),
};

/**
 * nova_swgpu_configfs_init - make the folder of folders
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int nova_swgpu_configfs_init(void)
{
	config_group_init(&nova_swgpu_subsystem.su_group);
	return configfs_register_subsystem(&nova_swgpu_subsystem);
}

/**
 * nova_swgpu_configfs_fini - remove it
 *
 * Context: may sleep; there are no folders in it, as each holds the module.
 */
void nova_swgpu_configfs_fini(void)
{
	configfs_unregister_subsystem(&nova_swgpu_subsystem);
}
