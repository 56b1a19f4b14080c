/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_KIND_H__
#define __NOVA_KIND_H__

#include <linux/types.h>

#define NOVA_NUM_KINDS		7

u8 nova_kind_attr(u8 kind);
int nova_kind_check(u8 kind);

#endif
