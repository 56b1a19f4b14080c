// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu io
 *
 * The software GPU behind struct nova_io: each operation is one access to a BAR of
 * the model, and a CPU mapping of BAR1 gets the frame of the VRAM or system-memory
 * page the model's MMU finds.
 *
 * A frame given out belongs to the GPU and lives as long as it does. The driver
 * must have removed its CPU mappings before the device goes, as it must before it
 * invalidates the translation.
 *
 * Locking: the model's own. Offsets and sizes are bytes.
 */

#include "nova_swgpu_dev.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/slab.h>

static_assert(PAGE_SIZE == SWGPU_PAGE, "a VRAM page must be a page of the host");

static u32 nova_swgpu_bar0_rd32(struct nova_io *io, u32 off)
{
	return swgpu_bar0_read(io->priv, off, 4);
}

static void nova_swgpu_bar0_wr32(struct nova_io *io, u32 off, u32 val)
{
	swgpu_bar0_write(io->priv, off, val, 4);
}

static u64 nova_swgpu_bar0_rd64(struct nova_io *io, u32 off)
{
	return swgpu_bar0_read(io->priv, off, 8);
}

static void nova_swgpu_bar0_wr64(struct nova_io *io, u32 off, u64 val)
{
	swgpu_bar0_write(io->priv, off, val, 8);
}

static u32 nova_swgpu_bar1_rd32(struct nova_io *io, u64 off)
{
	return swgpu_bar1_read(io->priv, off, 4);
}

static void nova_swgpu_bar1_wr32(struct nova_io *io, u64 off, u32 val)
{
	swgpu_bar1_write(io->priv, off, val, 4);
}

static u64 nova_swgpu_bar1_rd64(struct nova_io *io, u64 off)
{
	return swgpu_bar1_read(io->priv, off, 8);
}

static void nova_swgpu_bar1_wr64(struct nova_io *io, u64 off, u64 val)
{
	swgpu_bar1_write(io->priv, off, val, 8);
}

static void nova_swgpu_bar1_read(struct nova_io *io, u64 off, void *buf, size_t len)
{
	swgpu_bar1_read_bytes(io->priv, off, buf, len);
}

static void nova_swgpu_bar1_write(struct nova_io *io, u64 off, const void *buf, size_t len)
{
	swgpu_bar1_write_bytes(io->priv, off, buf, len);
}

static int nova_swgpu_bar1_pfn(struct nova_io *io, u64 off, bool write, unsigned long *pfn)
{
	struct swgpu_frame frame;
	int ret;

	ret = swgpu_bar1_page(io->priv, off, write, &frame);
	if (ret)
		return ret;
	*pfn = frame.vram ? page_to_pfn(virt_to_page(frame.vram)) : PHYS_PFN(frame.dma);
	return pfn_valid(*pfn) ? 0 : -EFAULT;
}

static const struct nova_io_ops nova_swgpu_io_ops = {
	.bar0_rd32 = nova_swgpu_bar0_rd32,
	.bar0_wr32 = nova_swgpu_bar0_wr32,
	.bar0_rd64 = nova_swgpu_bar0_rd64,
	.bar0_wr64 = nova_swgpu_bar0_wr64,
	.bar1_rd32 = nova_swgpu_bar1_rd32,
	.bar1_wr32 = nova_swgpu_bar1_wr32,
	.bar1_rd64 = nova_swgpu_bar1_rd64,
	.bar1_wr64 = nova_swgpu_bar1_wr64,
	.bar1_read = nova_swgpu_bar1_read,
	.bar1_write = nova_swgpu_bar1_write,
	.bar1_pfn = nova_swgpu_bar1_pfn,
};

/**
 * nova_swgpu_create - make a software GPU
 * @cfg: what to make; copied
 *
 * Context: may sleep.
 * Return: the GPU; ERR_PTR of -EINVAL for an unknown chip or a size it cannot have,
 * or -ENOMEM.
 */
struct nova_swgpu *nova_swgpu_create(const struct nova_swgpu_config *cfg)
{
	struct nova_swgpu_dev *dev = kvzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	ret = nova_swgpu_init(&dev->gpu, cfg);
	if (ret)
		goto err_free;
	ret = nova_swgpu_work_init(dev);
	if (ret)
		goto err_fini;
	dev->io = (struct nova_io){
		.ops = &nova_swgpu_io_ops,
		.priv = &dev->gpu,
		.bar1_size = cfg->bar1_size,
	};
	return &dev->gpu;

err_fini:
	nova_swgpu_fini(&dev->gpu);
err_free:
	kvfree(dev);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_create);

/**
 * nova_swgpu_destroy - undo nova_swgpu_create()
 * @gpu: the GPU; nobody accesses it or maps its memory any more
 *
 * Context: may sleep.
 */
void nova_swgpu_destroy(struct nova_swgpu *gpu)
{
	struct nova_swgpu_dev *dev = container_of(gpu, struct nova_swgpu_dev, gpu);

	nova_swgpu_work_fini(dev);
	nova_swgpu_fini(gpu);
	kvfree(dev);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_destroy);

/**
 * nova_swgpu_io - the GPU as the driver sees it
 * @gpu: the GPU
 *
 * Return: its BARs, valid until nova_swgpu_destroy(); may be copied.
 */
struct nova_io *nova_swgpu_io(struct nova_swgpu *gpu)
{
	return &container_of(gpu, struct nova_swgpu_dev, gpu)->io;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_io);
