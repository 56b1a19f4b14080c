/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PM_H__
#define __NOVA_PM_H__

#include <linux/pm.h>

struct nova_drm;

int nova_pm_init(struct nova_drm *ndrm);

extern const struct dev_pm_ops nova_pm_ops;

#endif
