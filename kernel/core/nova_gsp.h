/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_GSP_H__
#define __NOVA_GSP_H__

#include "nova_msgq.h"

#include <linux/types.h>

struct nova_device;

/** NOVA_GSP_MAX_REGIONS - most framebuffer regions firmware reports */
#define NOVA_GSP_MAX_REGIONS	16

/** struct nova_gsp_region - a part of VRAM the driver may use */
struct nova_gsp_region {
	/** @base: first byte */
	u64 base;
	/** @size: bytes, not 0 */
	u64 size;
};

/** struct nova_gsp_info - what firmware says about the GPU */
struct nova_gsp_info {
	/** @regions: usable VRAM, in firmware's order */
	struct nova_gsp_region regions[NOVA_GSP_MAX_REGIONS];
	/** @nr_regions: how many */
	unsigned int nr_regions;
	/** @fb_end: first byte past every region, usable or not */
	u64 fb_end;
	/** @bar1_root: VRAM address of the root of BAR1's page tables */
	u64 bar1_root;
	/** @name: product name */
	char name[64];
	/** @short_name: chip name */
	char short_name[64];
	/** @gid: unique id, zero if firmware has none */
	u8 gid[16];
};

/**
 * enum nova_gsp_state - what firmware knows of us
 * @NOVA_GSP_OFF: nothing: the shared memory is ours alone
 * @NOVA_GSP_TOLD: where the shared memory is; it may write there for ever
 * @NOVA_GSP_RUNNING: the same, and it talks
 */
enum nova_gsp_state {
	NOVA_GSP_OFF,
	NOVA_GSP_TOLD,
	NOVA_GSP_RUNNING,
};

/**
 * struct nova_gsp - the link to the GPU system processor
 */
struct nova_gsp {
	/** @nd: the device */
	struct nova_device *nd;
	/** @state: whose the shared memory is */
	enum nova_gsp_state state;
	/** @shm: the shared memory of @queue; NULL without a GSP */
	void *shm;
	/** @shm_dma: its DMA address */
	dma_addr_t shm_dma;
	/** @args: boot arguments, one page */
	void *args;
	/** @args_dma: their DMA address */
	dma_addr_t args_dma;
	/** @queue: the message queues */
	struct nova_msgq queue;
};

bool nova_gsp_present(struct nova_device *nd);
int nova_gsp_boot(struct nova_gsp *gsp, struct nova_device *nd, struct nova_gsp_info *info);
void nova_gsp_unload(struct nova_gsp *gsp);
void nova_gsp_lose(const struct nova_gsp *gsp);
void nova_gsp_fini(struct nova_gsp *gsp);

#endif
