/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_INJECT_H__
#define __NOVA_INJECT_H__

#include <linux/fault-inject.h>
#include <linux/types.h>

struct dentry;

/**
 * struct nova_inject - requests for VRAM that are to fail
 */
struct nova_inject {
	/** @no_vram: which; the kernel's own attributes, in debugfs; nothing without them */
	struct fault_attr no_vram;
};

#ifdef CONFIG_FAULT_INJECTION
void nova_inject_init(struct nova_inject *inject);
bool nova_inject_no_vram(struct nova_inject *inject, u64 size);
#else
static inline void nova_inject_init(struct nova_inject *inject)
{
}

static inline bool nova_inject_no_vram(struct nova_inject *inject, u64 size)
{
	return false;
}
#endif

#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS
void nova_inject_debugfs(struct nova_inject *inject, struct dentry *root);
#else
static inline void nova_inject_debugfs(struct nova_inject *inject, struct dentry *root)
{
}
#endif

#endif
