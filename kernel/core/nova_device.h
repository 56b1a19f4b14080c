/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_DEVICE_H__
#define __NOVA_DEVICE_H__

#include "nova_compat.h"

#include <drm/drm_print.h>

#include <linux/platform_data/nova_io.h>
#include <linux/types.h>

struct device;
struct drm_device;
struct nova_chip;

/**
 * struct nova_device - one GPU as the mechanism sees it
 *
 * Everything but @gone and @wedged is constant after nova_device_init().
 */
struct nova_device {
	/** @dev: the hardware binding, for DMA mapping and messages */
	struct device *dev;
	/** @drm: the DRM device on top, for messages; NULL in unit tests */
	struct drm_device *drm;
	/** @io: the backend's BARs */
	struct nova_io *io;
	/** @chip: what was found behind BAR0 */
	const struct nova_chip *chip;
	/** @vram_size: bytes of VRAM according to the chip's registers */
	u64 vram_size;
	/**
	 * @gone: the hardware was unplugged; set once by nova_device_unplug(),
	 * read without a lock. Mechanism then returns -ENODEV or does nothing.
	 */
	bool gone;
	/**
	 * @wedged: the hardware stopped answering; set once by
	 * nova_device_wedge(), read without a lock.
	 */
	bool wedged;
};

int nova_device_init(struct nova_device *nd, struct device *dev, struct nova_io *io);
void nova_device_unplug(struct nova_device *nd);
void nova_device_wedge(struct nova_device *nd, const char *why);

static inline bool nova_device_is_gone(const struct nova_device *nd)
{
	return READ_ONCE(nd->gone);
}

static inline bool nova_device_is_wedged(const struct nova_device *nd)
{
	return READ_ONCE(nd->wedged);
}

static inline u32 nova_rd32(struct nova_device *nd, u32 reg)
{
	return nd->io->ops->bar0_rd32(nd->io, reg);
}

static inline void nova_wr32(struct nova_device *nd, u32 reg, u32 val)
{
	nd->io->ops->bar0_wr32(nd->io, reg, val);
}

int nova_wait_clear(struct nova_device *nd, u32 reg, u32 mask, unsigned int timeout_us);
u64 nova_device_time_ns(struct nova_device *nd);

#endif
