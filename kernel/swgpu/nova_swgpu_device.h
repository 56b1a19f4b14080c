/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_SWGPU_DEVICE_H__
#define __NOVA_SWGPU_DEVICE_H__

#include <linux/kconfig.h>

struct nova_swgpu_config;
struct nova_swgpu_device;

void nova_swgpu_devices_init(void);
void nova_swgpu_devices_fini(void);
struct nova_swgpu_device *nova_swgpu_device_add(const struct nova_swgpu_config *cfg,
						const char *inject);
void nova_swgpu_device_remove(struct nova_swgpu_device *dev);
const char *nova_swgpu_device_name(const struct nova_swgpu_device *dev);

#if IS_ENABLED(CONFIG_CONFIGFS_FS)
int nova_swgpu_configfs_init(void);
void nova_swgpu_configfs_fini(void);
#else
static inline int nova_swgpu_configfs_init(void)
{
	return 0;
}

static inline void nova_swgpu_configfs_fini(void)
{
}
#endif

#endif
