/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_GSP_CLIENT_H__
#define __SWGPU_GSP_CLIENT_H__

#include "swgpu_check.h"
#include "swgpu_gsp.h"

/** SWGPU_CLIENT_SIZE - bytes of a client's memory */
#define SWGPU_CLIENT_SIZE 0x82000
/** SWGPU_CLIENT_ARGS - offset of the boot arguments in it */
#define SWGPU_CLIENT_ARGS 0x81000
/** SWGPU_CLIENT_REGISTRY - bytes of the client's registry, of one entry */
#define SWGPU_CLIENT_REGISTRY 35

/** struct swgpu_client - a driver's side of the queues */
struct swgpu_client {
	struct nova_swgpu *gpu;
	/** @mem: the memory, at DMA address @dma */
	u8 *mem;
	u64 dma;
	/** @write: next command entry */
	u32 write;
	/** @read: next status entry */
	u32 read;
	/** @seq: of the next command */
	u32 seq;
};

extern const u8 swgpu_client_registry[SWGPU_CLIENT_REGISTRY];

void swgpu_client_put(struct swgpu_client *c, u32 off, u32 val);
u32 swgpu_client_get(struct swgpu_client *c, u32 off);
void swgpu_client_prepare(struct swgpu_client *c);
void swgpu_client_init(struct swgpu_client *c, const struct nova_swgpu_config *cfg);
void swgpu_client_fini(struct swgpu_client *c);
void swgpu_client_ring(struct swgpu_client *c);
void swgpu_client_boot(struct swgpu_client *c);
u32 swgpu_client_entry(u32 queue, u32 index);
u32 swgpu_client_xor(const u8 *p, u32 len);
void swgpu_client_checksum(struct swgpu_client *c, u32 at);
u32 swgpu_client_write(struct swgpu_client *c, u32 function, const void *payload, u32 len);
void swgpu_client_send(struct swgpu_client *c, u32 function, const void *payload, u32 len);
u32 swgpu_client_receive(struct swgpu_client *c);
void swgpu_client_queue_start(struct swgpu_client *c);
void swgpu_client_start(struct swgpu_client *c);

#endif
