// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pci
 *
 * The PCI backend of struct nova_io: BAR0 and BAR1 of a board, mapped by
 * ioremap(). The driver binds by vendor and display class and leaves the choice
 * to NV_PMC_BOOT_0, so one entry covers every chip of the table.
 *
 * Nothing in this file has run on silicon. Binding is therefore off unless the
 * module parameter pci=1 asks for it; and the hardware is left as firmware set it
 * up.
 *
 * BAR1 is the first memory resource behind BAR0's slots: resource 2 where BAR0 is
 * 64 bits wide (Hopper and later), resource 1 before.
 */
#include "nova_drv.h"

#include "nova_compat.h"
#include "nova_pm.h"

#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/suspend.h>

static bool nova_pci_enable;
module_param_named(pci, nova_pci_enable, bool, 0444);
MODULE_PARM_DESC(pci, "Bind to NVIDIA PCI devices; untested on silicon (default: no)");

/**
 * struct nova_pci - one board
 */
struct nova_pci {
	/** @io: the seam; its priv points back here */
	struct nova_io io;
	/** @bar0: registers */
	void __iomem *bar0;
	/** @bar1: VRAM aperture, NULL if there is none */
	void __iomem *bar1;
	/** @bar1_start: CPU physical address of BAR1 */
	phys_addr_t bar1_start;
};

static u32 nova_pci_bar0_rd32(struct nova_io *io, u32 off)
{
	return ioread32(((struct nova_pci *)io->priv)->bar0 + off);
}

static void nova_pci_bar0_wr32(struct nova_io *io, u32 off, u32 val)
{
	iowrite32(val, ((struct nova_pci *)io->priv)->bar0 + off);
}

static u64 nova_pci_bar0_rd64(struct nova_io *io, u32 off)
{
	return lo_hi_readq(((struct nova_pci *)io->priv)->bar0 + off);
}

static void nova_pci_bar0_wr64(struct nova_io *io, u32 off, u64 val)
{
	lo_hi_writeq(val, ((struct nova_pci *)io->priv)->bar0 + off);
}

static u32 nova_pci_bar1_rd32(struct nova_io *io, u64 off)
{
	return ioread32(((struct nova_pci *)io->priv)->bar1 + off);
}

static void nova_pci_bar1_wr32(struct nova_io *io, u64 off, u32 val)
{
	iowrite32(val, ((struct nova_pci *)io->priv)->bar1 + off);
}

static u64 nova_pci_bar1_rd64(struct nova_io *io, u64 off)
{
	return readq(((struct nova_pci *)io->priv)->bar1 + off);
}

static void nova_pci_bar1_wr64(struct nova_io *io, u64 off, u64 val)
{
	writeq(val, ((struct nova_pci *)io->priv)->bar1 + off);
}

static void nova_pci_bar1_read(struct nova_io *io, u64 off, void *buf, size_t len)
{
	memcpy_fromio(buf, ((struct nova_pci *)io->priv)->bar1 + off, len);
}

static void nova_pci_bar1_write(struct nova_io *io, u64 off, const void *buf, size_t len)
{
	memcpy_toio(((struct nova_pci *)io->priv)->bar1 + off, buf, len);
}

static int nova_pci_bar1_pfn(struct nova_io *io, u64 off, bool write, unsigned long *pfn)
{
	*pfn = (((struct nova_pci *)io->priv)->bar1_start + off) >> PAGE_SHIFT;
	return 0;
}

static const struct nova_io_ops nova_pci_io_ops = {
	.bar0_rd32 = nova_pci_bar0_rd32,
	.bar0_wr32 = nova_pci_bar0_wr32,
	.bar0_rd64 = nova_pci_bar0_rd64,
	.bar0_wr64 = nova_pci_bar0_wr64,
	.bar1_rd32 = nova_pci_bar1_rd32,
	.bar1_wr32 = nova_pci_bar1_wr32,
	.bar1_rd64 = nova_pci_bar1_rd64,
	.bar1_wr64 = nova_pci_bar1_wr64,
	.bar1_read = nova_pci_bar1_read,
	.bar1_write = nova_pci_bar1_write,
	.bar1_pfn = nova_pci_bar1_pfn,
};

static int nova_pci_bar1_index(struct pci_dev *pdev)
{
	return pci_resource_flags(pdev, 0) & IORESOURCE_MEM_64 ? 2 : 1;
}

static int nova_pci_map_bar1(struct nova_pci *np, struct pci_dev *pdev)
{
	int bar = nova_pci_bar1_index(pdev);

	if (!(pci_resource_flags(pdev, bar) & IORESOURCE_MEM) || !pci_resource_len(pdev, bar))
		return 0;
	np->bar1_start = pci_resource_start(pdev, bar);
	np->bar1 = devm_ioremap_wc(&pdev->dev, np->bar1_start, pci_resource_len(pdev, bar));
	if (!np->bar1)
		return -ENOMEM;
	np->io.bar1_size = pci_resource_len(pdev, bar);
	return 0;
}

static int nova_pci_map(struct nova_pci *np, struct pci_dev *pdev)
{
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;
	pci_set_master(pdev);
	np->bar0 = devm_ioremap(&pdev->dev, pci_resource_start(pdev, 0),
				pci_resource_len(pdev, 0));
	if (!np->bar0)
		return -ENOMEM;
	np->io.ops = &nova_pci_io_ops;
	np->io.priv = np;
	return nova_pci_map_bar1(np, pdev);
}

static int nova_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct nova_drm *ndrm;
	struct nova_pci *np;
	int ret;

	np = devm_kzalloc(&pdev->dev, sizeof(*np), GFP_KERNEL);
	if (!np)
		return -ENOMEM;
	ret = nova_pci_map(np, pdev);
	if (ret)
		return ret;
	ndrm = nova_drm_probe(&pdev->dev, &np->io);
	if (IS_ERR(ndrm))
		return PTR_ERR(ndrm);
	pci_set_drvdata(pdev, ndrm);
	return 0;
}

static void nova_pci_remove(struct pci_dev *pdev)
{
	nova_drm_remove(pci_get_drvdata(pdev));
}

/* Not exported for autoload: a board must not lose its driver to an untested one. */
static const struct pci_device_id nova_pci_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, PCI_ANY_ID),
	  .class = PCI_CLASS_DISPLAY_VGA << 8, .class_mask = 0xffff00 },
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, PCI_ANY_ID),
	  .class = PCI_CLASS_DISPLAY_3D << 8, .class_mask = 0xffff00 },
	{ }
};

/* Nobody here can start a board again that lost its power. */
static int nova_pci_suspend(struct device *dev)
{
	if (pm_suspend_via_firmware())
		return -EOPNOTSUPP;
	return nova_pm_ops.suspend(dev);
}

static int nova_pci_resume(struct device *dev)
{
	return nova_pm_ops.resume(dev);
}

static DEFINE_SIMPLE_DEV_PM_OPS(nova_pci_pm_ops, nova_pci_suspend, nova_pci_resume);

static struct pci_driver nova_pci_driver = {
	.name = "drm_nova",
	.driver.pm = pm_sleep_ptr(&nova_pci_pm_ops),
	.id_table = nova_pci_ids,
	.probe = nova_pci_probe,
	.remove = nova_pci_remove,
};

/**
 * nova_pci_register - offer the driver to boards, if asked to
 *
 * Return: 0 or the driver core's error.
 */
int nova_pci_register(void)
{
	return nova_pci_enable ? pci_register_driver(&nova_pci_driver) : 0;
}

/**
 * nova_pci_unregister - unbind every board
 */
void nova_pci_unregister(void)
{
	if (nova_pci_enable)
		pci_unregister_driver(&nova_pci_driver);
}
