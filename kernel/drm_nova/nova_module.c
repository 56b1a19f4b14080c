// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Copyright the drm_nova authors
 */

/**
 * DOC: the driver's module
 *
 * drm_nova.ko is one module of several layers (core, mm, ttm, drm_nova), each
 * with its units. What concerns the module as a whole, and no unit, is said
 * here once: its licence, its description and the symbol namespaces that it
 * uses.
 *
 * In a kernel with CONFIG_DRM_NOVA_KUNIT_TEST the suites of all units are part
 * of the module, run while it is loaded, and reach the software GPU through
 * hooks that nova_swgpu.ko exports for them alone. That module must then be
 * loaded first. In any other kernel the two share no symbol and may come in
 * either order.
 */

#include <linux/module.h>

MODULE_AUTHOR("The drm_nova authors");
MODULE_DESCRIPTION("NVIDIA GPU memory management");
MODULE_LICENSE("Dual MIT/GPL");
