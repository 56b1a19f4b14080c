// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_device
 *
 * One GPU: who it is, how its registers are reached and whether it still
 * answers. Identification reads the boot registers, waits for the firmware the
 * board runs by itself (to Ada) and takes the size of VRAM.
 *
 * Invariant: after nova_device_init() every access is legal, for as long as the
 * struct lives. Unplug swaps the backend for one that answers like an empty bus
 * and waits for accesses under way, so the real backend may be freed afterwards.
 * BAR1 can be cut off before, to take its translations away in peace. The two state
 * bits only ever go from false to true and are hints read without a lock: they save
 * work, they do not protect.
 *
 * Units: register offsets and sizes in bytes, time in microseconds unless the
 * name says otherwise.
 */
#include "nova_device.h"

#include "nova_chip.h"
#include "nova_regs.h"

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/string.h>

#define NOVA_GFW_BOOT_TIMEOUT_MS	4000

static u32 nova_gone_bar0_rd32(struct nova_io *io, u32 off)
{
	return ~0u;
}

static u64 nova_gone_bar0_rd64(struct nova_io *io, u32 off)
{
	return ~0ull;
}

static u32 nova_gone_bar1_rd32(struct nova_io *io, u64 off)
{
	return ~0u;
}

static u64 nova_gone_bar1_rd64(struct nova_io *io, u64 off)
{
	return ~0ull;
}

static void nova_gone_bar0_wr32(struct nova_io *io, u32 off, u32 val) { }
static void nova_gone_bar0_wr64(struct nova_io *io, u32 off, u64 val) { }
static void nova_gone_bar1_wr32(struct nova_io *io, u64 off, u32 val) { }
static void nova_gone_bar1_wr64(struct nova_io *io, u64 off, u64 val) { }

static void nova_gone_bar1_read(struct nova_io *io, u64 off, void *buf, size_t len)
{
	memset(buf, 0xff, len);
}

static void nova_gone_bar1_write(struct nova_io *io, u64 off, const void *buf, size_t len) { }

static int nova_gone_bar1_pfn(struct nova_io *io, u64 off, bool write, unsigned long *pfn)
{
	return -ENODEV;
}

static const struct nova_io_ops nova_gone_ops = {
	.bar0_rd32 = nova_gone_bar0_rd32,
	.bar0_wr32 = nova_gone_bar0_wr32,
	.bar0_rd64 = nova_gone_bar0_rd64,
	.bar0_wr64 = nova_gone_bar0_wr64,
	.bar1_rd32 = nova_gone_bar1_rd32,
	.bar1_wr32 = nova_gone_bar1_wr32,
	.bar1_rd64 = nova_gone_bar1_rd64,
	.bar1_wr64 = nova_gone_bar1_wr64,
	.bar1_read = nova_gone_bar1_read,
	.bar1_write = nova_gone_bar1_write,
	.bar1_pfn = nova_gone_bar1_pfn,
};

/* What is left when the device is gone; carries no state, so one serves all. */
static struct nova_io nova_gone_io = { .ops = &nova_gone_ops };

static bool nova_gfw_boot_done(struct nova_device *nd)
{
	u32 mask = nova_rd32(nd, NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_PRIV_LEVEL_MASK);
	u32 progress;

	if (!(mask & NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_READ))
		return false;
	progress = nova_rd32(nd, NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_0);
	return FIELD_GET(NV_PGC6_GFW_BOOT_PROGRESS, progress) ==
	       NV_PGC6_GFW_BOOT_PROGRESS_COMPLETED;
}

static int nova_wait_gfw_boot(struct nova_device *nd)
{
	unsigned long end = jiffies + msecs_to_jiffies(NOVA_GFW_BOOT_TIMEOUT_MS);

	if (!nd->chip->family->gfw_boot_scratch)
		return 0;
	while (!nova_gfw_boot_done(nd)) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(1000, 2000);
	}
	return 0;
}

/**
 * nova_device_init - identify the GPU behind a backend
 * @nd: zeroed device to fill
 * @dev: the hardware binding; must outlive @nd
 * @io: the backend's BARs; must outlive @nd
 *
 * Context: process, may sleep up to four seconds for the board's firmware.
 *
 * Return: 0; -ENODEV if the chip is unknown, absent or reports no VRAM;
 * -ETIMEDOUT if its firmware does not come up.
 */
int nova_device_init(struct nova_device *nd, struct device *dev, struct nova_io *io)
{
	u32 boot_0, boot_42;
	int ret;

	nd->dev = dev;
	nd->io = io;
	nd->bar1_io = io;
	nd->bar1_size = io->bar1_size;
	boot_0 = nova_rd32(nd, NV_PMC_BOOT_0);
	boot_42 = nova_rd32(nd, NV_PMC_BOOT_42);
	nd->chip = nova_chip_find(boot_0, boot_42);
	if (!nd->chip) {
		dev_err(dev, "unknown GPU: boot_0 %08x boot_42 %08x\n", boot_0, boot_42);
		return -ENODEV;
	}
	ret = nova_wait_gfw_boot(nd);
	if (ret) {
		dev_err(dev, "%s: firmware boot did not complete\n", nd->chip->name);
		return ret;
	}
	nd->vram_size = nd->chip->family->vram_size(nd);
	if (!nd->vram_size) {
		dev_err(dev, "%s: no VRAM\n", nd->chip->name);
		return -ENODEV;
	}
	return 0;
}

/**
 * nova_device_close_bar1 - cut the device off from BAR1 alone
 * @nd: the device
 *
 * Afterwards no access is inside the backend through BAR1 and none will start, with
 * the exception nova_device_unplug() makes, so that what is mapped there may be taken
 * away from whoever is still using it. Registers are reached as before.
 *
 * Context: process, may sleep. Idempotent.
 */
void nova_device_close_bar1(struct nova_device *nd)
{
	WRITE_ONCE(nd->bar1_io, &nova_gone_io);
	synchronize_rcu();
}

/**
 * nova_device_unplug - cut the device off from its hardware
 * @nd: the device
 *
 * Afterwards no access is inside the backend and none will start, except a
 * nova_device_bar1_pfn() whose caller did not hold a drm_dev_enter() section.
 *
 * Context: process, may sleep. Idempotent.
 */
void nova_device_unplug(struct nova_device *nd)
{
	WRITE_ONCE(nd->gone, true);
	WRITE_ONCE(nd->io, &nova_gone_io);
	WRITE_ONCE(nd->bar1_io, &nova_gone_io);
	synchronize_rcu();
}

/**
 * nova_bar1_read - copy out of BAR1
 * @nd: the device
 * @off: offset in BAR1, multiple of 8
 * @buf: destination
 * @len: bytes, multiple of 8; a page or a few, as preemption may wait for it
 *
 * Context: any.
 */
void nova_bar1_read(struct nova_device *nd, u64 off, void *buf, size_t len)
{
	struct nova_io *io;

	guard(rcu)();
	io = READ_ONCE(nd->bar1_io);
	io->ops->bar1_read(io, off, buf, len);
}

/**
 * nova_bar1_write - copy into BAR1
 * @nd: the device
 * @off: offset in BAR1, multiple of 8
 * @buf: source
 * @len: bytes, as nova_bar1_read()
 *
 * Context: any. A read of the same place waits until the data is in VRAM.
 */
void nova_bar1_write(struct nova_device *nd, u64 off, const void *buf, size_t len)
{
	struct nova_io *io;

	guard(rcu)();
	io = READ_ONCE(nd->bar1_io);
	io->ops->bar1_write(io, off, buf, len);
}

/**
 * nova_device_bar1_pfn - page frame for a CPU mapping of BAR1
 * @nd: the device
 * @off: BAR1 offset, multiple of 4 KiB
 * @write: the mapping will be written
 * @pfn: filled on success
 *
 * Context: process, may sleep; inside a drm_dev_enter() section.
 *
 * Return: 0; -EFAULT if BAR1's page tables do not map @off that way; -ENOMEM;
 * -ENODEV after BAR1 was closed.
 */
int nova_device_bar1_pfn(struct nova_device *nd, u64 off, bool write, unsigned long *pfn)
{
	struct nova_io *io = READ_ONCE(nd->bar1_io);

	return io->ops->bar1_pfn(io, off, write, pfn);
}

/**
 * nova_device_wedge - note that the hardware stopped answering, or lost content of memory
 * @nd: the device
 * @why: one phrase for the log
 *
 * Says so once. Memory the hardware may still reach must not be reused after
 * this (nova-mm T-2).
 *
 * Context: any that may print; does not sleep.
 */
void nova_device_wedge(struct nova_device *nd, const char *why)
{
	if (xchg(&nd->wedged, true) || nova_device_is_gone(nd))
		return;
	dev_err(nd->dev, "wedged: %s\n", why);
	if (nd->on_wedge)
		nd->on_wedge(nd);
}

/**
 * nova_device_answers - is there anything on the bus?
 * @nd: the device
 *
 * Context: any.
 *
 * Return: false if the hardware was taken away, so that it reaches no memory either,
 * and after nova_device_unplug().
 */
bool nova_device_answers(struct nova_device *nd)
{
	return nova_rd32(nd, NV_PMC_BOOT_0) != U32_MAX;
}

/**
 * nova_wait_clear - poll until bits of a register read zero
 * @nd: the device
 * @reg: BAR0 offset
 * @mask: bits to wait for
 * @timeout_us: limit in microseconds
 *
 * Spins: the operations polled this way take one or two microseconds.
 *
 * Context: any; does not sleep.
 *
 * Return: 0; -ENODEV after unplug; -ETIMEDOUT.
 */
int nova_wait_clear(struct nova_device *nd, u32 reg, u32 mask, unsigned int timeout_us)
{
	ktime_t end = ktime_add_us(ktime_get(), timeout_us);

	for (;;) {
		bool late = ktime_after(ktime_get(), end);

		if (nova_device_is_gone(nd))
			return -ENODEV;
		if (!(nova_rd32(nd, reg) & mask))
			return 0;
		if (late)
			return -ETIMEDOUT;
		cpu_relax();
	}
}

/**
 * nova_device_time_ns - the GPU's own clock
 * @nd: the device
 *
 * Reads the high word on both sides of the low one, so a carry cannot tear it.
 *
 * Context: any.
 *
 * Return: nanoseconds since an arbitrary start.
 */
u64 nova_device_time_ns(struct nova_device *nd)
{
	u32 hi = nova_rd32(nd, NV_VIRTUAL_FUNCTION_TIME_1), again, lo;

	for (;;) {
		lo = nova_rd32(nd, NV_VIRTUAL_FUNCTION_TIME_0);
		again = nova_rd32(nd, NV_VIRTUAL_FUNCTION_TIME_1);
		if (again == hi || nova_device_is_gone(nd))
			return (u64)hi << 32 | lo;
		hi = again;
	}
}
