/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_DEBUGFS_H__
#define __NOVA_DEBUGFS_H__

struct drm_minor;

void nova_debugfs_init(struct drm_minor *minor);

#endif
