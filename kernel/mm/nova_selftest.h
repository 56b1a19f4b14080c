/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_SELFTEST_H__
#define __NOVA_SELFTEST_H__

struct drm_printer;
struct nova_mm;

int nova_selftest_run(struct nova_mm *mm, struct drm_printer *p);

#endif
