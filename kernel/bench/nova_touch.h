/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_TOUCH_H__
#define __NOVA_TOUCH_H__

struct nova_bo;

int nova_touch_rows(struct nova_bo *bo);

#endif
