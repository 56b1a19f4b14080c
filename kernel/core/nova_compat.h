/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_COMPAT_H__
#define __NOVA_COMPAT_H__

/*
 * The only bridge between kernels. The sources speak the dialect of 7.2; what
 * the 6.12 LTS lacks is supplied here, by feature wherever one can be tested.
 */

#include <linux/slab.h>
#include <linux/version.h>

#ifndef kzalloc_obj
#define kzalloc_obj(obj, ...)	kzalloc(sizeof(obj), GFP_KERNEL)
#endif

#endif
