/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_DEVICE_H__
#define __NOVA_DEVICE_H__

#include "nova_compat.h"

#include <drm/drm_print.h>

#include <linux/platform_data/nova_io.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct device;
struct drm_device;
struct nova_chip;

/**
 * struct nova_device - one GPU as the mechanism sees it
 *
 * Everything but @io, @bar1_io, @gone and @wedged is constant after nova_device_init().
 */
struct nova_device {
	/** @dev: the hardware binding, for DMA mapping and messages */
	struct device *dev;
	/** @drm: the DRM device on top, for messages; NULL in unit tests */
	struct drm_device *drm;
	/**
	 * @io: the backend's BARs; nova_device_unplug() replaces it by one that
	 * answers like an empty bus. Use the accessors below, which hold RCU
	 * across the call, so that nobody is inside the backend after unplug.
	 */
	struct nova_io *io;
	/** @bar1_io: the same for BAR1, which nova_device_close_bar1() may replace earlier */
	struct nova_io *bar1_io;
	/** @bar1_size: bytes of BAR1, 0 if there is none */
	u64 bar1_size;
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
	/** @on_wedge: told once, in any context; NULL if nobody cares; constant */
	void (*on_wedge)(struct nova_device *nd);
};

int nova_device_init(struct nova_device *nd, struct device *dev, struct nova_io *io);
void nova_device_close_bar1(struct nova_device *nd);
void nova_device_unplug(struct nova_device *nd);
void nova_device_wedge(struct nova_device *nd, const char *why);
bool nova_device_answers(struct nova_device *nd);

static inline bool nova_device_is_gone(const struct nova_device *nd)
{
	return READ_ONCE(nd->gone);
}

static inline bool nova_device_is_wedged(const struct nova_device *nd)
{
	return READ_ONCE(nd->wedged);
}

/*
 * BAR accessors. Offsets in bytes, naturally aligned; little-endian words. Any
 * context. After unplug reads return all ones and writes vanish.
 */
#define NOVA_IO_READ(name, bar, bar_op, off_t_, val_t)				\
static inline val_t name(struct nova_device *nd, off_t_ off)			\
{										\
	struct nova_io *io;							\
										\
	guard(rcu)();								\
	io = READ_ONCE(nd->bar);						\
	return io->ops->bar_op(io, off);					\
}

#define NOVA_IO_WRITE(name, bar, bar_op, off_t_, val_t)				\
static inline void name(struct nova_device *nd, off_t_ off, val_t val)		\
{										\
	struct nova_io *io;							\
										\
	guard(rcu)();								\
	io = READ_ONCE(nd->bar);						\
	io->ops->bar_op(io, off, val);						\
}

NOVA_IO_READ(nova_rd32, io, bar0_rd32, u32, u32)
NOVA_IO_READ(nova_rd64, io, bar0_rd64, u32, u64)
NOVA_IO_WRITE(nova_wr32, io, bar0_wr32, u32, u32)
NOVA_IO_WRITE(nova_wr64, io, bar0_wr64, u32, u64)
NOVA_IO_READ(nova_bar1_rd32, bar1_io, bar1_rd32, u64, u32)
NOVA_IO_READ(nova_bar1_rd64, bar1_io, bar1_rd64, u64, u64)
NOVA_IO_WRITE(nova_bar1_wr32, bar1_io, bar1_wr32, u64, u32)
NOVA_IO_WRITE(nova_bar1_wr64, bar1_io, bar1_wr64, u64, u64)

void nova_bar1_read(struct nova_device *nd, u64 off, void *buf, size_t len);
void nova_bar1_write(struct nova_device *nd, u64 off, const void *buf, size_t len);
int nova_wait_clear(struct nova_device *nd, u32 reg, u32 mask, unsigned int timeout_us);
int nova_device_bar1_pfn(struct nova_device *nd, u64 off, bool write, unsigned long *pfn);
u64 nova_device_time_ns(struct nova_device *nd);

#endif
