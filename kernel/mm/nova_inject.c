// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_inject
 *
 * VRAM that runs out when a test says so. The kernel lets its own allocations fail
 * by failslab and its like; what the driver hands out itself, objects' memory and
 * page tables, fails by the same rules and knobs: a directory "fault_inject" in the
 * device's debugfs with probability, interval, times and so on, and a step of
 * /proc/self/fail-nth. On kernels without fault injection all of this is nothing.
 *
 * What fails is -ENOSPC, before anything is taken.
 *
 * Locking: none; the attributes are the kernel's.
 */
#include "nova_inject.h"

#ifdef CONFIG_FAULT_INJECTION
/**
 * nova_inject_init - nothing fails yet
 * @inject: to fill
 */
void nova_inject_init(struct nova_inject *inject)
{
	inject->no_vram = (struct fault_attr)FAULT_ATTR_INITIALIZER;
	ratelimit_state_init(&inject->no_vram.ratelimit_state, 0, 0);
	inject->no_vram.verbose = 0;
}

/**
 * nova_inject_no_vram - is this request to fail?
 * @inject: the device's, NULL for one without
 * @size: bytes asked for
 *
 * Context: process.
 *
 * Return: true if it is.
 */
bool nova_inject_no_vram(struct nova_inject *inject, u64 size)
{
	return inject && should_fail(&inject->no_vram, size);
}
#endif

#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS
/**
 * nova_inject_debugfs - offer the knobs
 * @inject: the device's
 * @root: the device's directory
 */
void nova_inject_debugfs(struct nova_inject *inject, struct dentry *root)
{
	fault_create_debugfs_attr("fault_inject", root, &inject->no_vram);
}
#endif
