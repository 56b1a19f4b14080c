/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __LINUX_PLATFORM_DATA_NOVA_IO_H__
#define __LINUX_PLATFORM_DATA_NOVA_IO_H__

#include <linux/types.h>

struct nova_io;

/**
 * struct nova_io_ops - how one backend reaches a GPU's BARs
 *
 * The only seam between the driver and what it drives: silicon behind ioremap()
 * or the software GPU. Offsets are bytes from the start of the BAR and naturally
 * aligned for the access; words are little-endian. Every call may be made from
 * atomic context, never sleeps and never allocates with reclaim. After the
 * device is gone reads return all ones and writes vanish.
 */
struct nova_io_ops {
	/** @bar0_rd32: read a register, or a word of the PRAMIN window */
	u32 (*bar0_rd32)(struct nova_io *io, u32 off);
	/** @bar0_wr32: write a register, or a word of the PRAMIN window */
	void (*bar0_wr32)(struct nova_io *io, u32 off, u32 val);
	/** @bar0_rd64: as @bar0_rd32, two words, low one first */
	u64 (*bar0_rd64)(struct nova_io *io, u32 off);
	/** @bar0_wr64: as @bar0_wr32, two words, low one first */
	void (*bar0_wr64)(struct nova_io *io, u32 off, u64 val);
	/** @bar1_rd32: read through the VRAM aperture; only if bar1_size != 0 */
	u32 (*bar1_rd32)(struct nova_io *io, u64 off);
	/** @bar1_wr32: write through the VRAM aperture */
	void (*bar1_wr32)(struct nova_io *io, u64 off, u32 val);
	/** @bar1_rd64: 64-bit read through the VRAM aperture */
	u64 (*bar1_rd64)(struct nova_io *io, u64 off);
	/** @bar1_wr64: 64-bit write through the VRAM aperture */
	void (*bar1_wr64)(struct nova_io *io, u64 off, u64 val);
	/** @bar1_read: copy out of the aperture; offset and length multiples of 8 */
	void (*bar1_read)(struct nova_io *io, u64 off, void *buf, size_t len);
	/** @bar1_write: copy into the aperture, likewise */
	void (*bar1_write)(struct nova_io *io, u64 off, const void *buf, size_t len);
	/**
	 * @bar1_pfn: page frame a CPU mapping of BAR1 offset @off (a multiple of
	 * 4 KiB) must use. On silicon this is arithmetic. The software GPU
	 * translates @off through the BAR1 page tables and its TLB, as an access
	 * of kind @write would, so the frame is valid until the driver next
	 * invalidates that translation; by then it must have removed its own
	 * CPU mappings. May sleep and allocate: call it from the fault path only.
	 *
	 * Return: 0; -EFAULT if the GPU's tables do not map @off for that access
	 * (a fault is recorded); -ENOMEM; -ENODEV.
	 */
	int (*bar1_pfn)(struct nova_io *io, u64 off, bool write, unsigned long *pfn);
};

/**
 * struct nova_io - one GPU's BARs
 *
 * Platform data of a "nova-swgpu" platform device; embedded and filled by the
 * driver for a PCI device. Constant after probe.
 */
struct nova_io {
	/** @ops: the backend */
	const struct nova_io_ops *ops;
	/** @priv: the backend's own; the driver never looks */
	void *priv;
	/** @bar1_size: bytes of BAR1, 0 if the device has none */
	u64 bar1_size;
};

#endif
