/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_SWGPU_DEV_H__
#define __NOVA_SWGPU_DEV_H__

#include "model/swgpu.h"

#include <linux/platform_data/nova_io.h>
#include <linux/workqueue.h>

struct dentry;
struct device;
struct seq_file;

/** struct nova_swgpu_dev - a software GPU as the kernel has it */
struct nova_swgpu_dev {
	/** @gpu: the model */
	struct nova_swgpu gpu;
	/** @io: how the driver reaches it */
	struct nova_io io;
	/** @wq: for @work alone */
	struct workqueue_struct *wq;
	/** @work: executes the channels */
	struct delayed_work work;
	/** @stopping: @work is to end; written once */
	bool stopping;
};

int nova_swgpu_work_init(struct nova_swgpu_dev *dev);
void nova_swgpu_work_fini(struct nova_swgpu_dev *dev);

int nova_swgpu_inject_parse(struct nova_swgpu *gpu, const char *text);
int nova_swgpu_inject_list(struct nova_swgpu *gpu, const char *text);
int nova_swgpu_regions_parse(struct nova_swgpu_config *cfg, const char *text);
int nova_swgpu_regions_print(const struct nova_swgpu_config *cfg, char *buf, size_t size);
void nova_swgpu_inject_show(struct nova_swgpu *gpu, struct seq_file *m);
struct dentry *nova_swgpu_debugfs_add(struct nova_swgpu *gpu, struct dentry *parent,
				      const char *name);

extern const struct file_operations nova_swgpu_mem_fops;

#endif
