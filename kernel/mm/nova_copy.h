/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_COPY_H__
#define __NOVA_COPY_H__

#include "nova_channel.h"
#include "nova_cursor.h"
#include "nova_vmm.h"

#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct dma_fence;
struct nova_host;

/** NOVA_COPY_BATCHES - pieces of work that may be under way at once */
#define NOVA_COPY_BATCHES	8

/**
 * NOVA_COPY_JOB_BYTES - what one piece of work copies or clears at most
 *
 * A job that takes too long is taken for a stuck engine. This much is done in time at
 * 1.6 MB/s, which is what is left of a software GPU to one channel among hundreds.
 */
#define NOVA_COPY_JOB_BYTES	SZ_16M

/**
 * struct nova_copy - the kernel's own way to copy and clear memory by the engine
 *
 * A privileged channel with physical addresses, so it needs no page tables for
 * what it copies. All work is done in the order it was asked for.
 */
struct nova_copy {
	/** @vmm: address space of @ch, with nothing but its memory */
	struct nova_vmm vmm;
	/** @ch: the channel */
	struct nova_channel ch;
	/** @lock: everything below; held while waiting for a free batch */
	struct mutex lock;
	/** @cpu: methods of the batches */
	u32 *cpu;
	/** @dma: their bus address */
	dma_addr_t dma;
	/** @fence: when the last use of each batch is over, or NULL */
	struct dma_fence *fence[NOVA_COPY_BATCHES];
	/** @next: batch to use next */
	unsigned int next;
	/** @last: when all work so far is over, or NULL */
	struct dma_fence *last;
	/** @bytes: copied and cleared so far */
	u64 bytes;
};

/**
 * struct nova_copy_req - memory to copy or clear
 */
struct nova_copy_req {
	/** @src: where from; NULL to clear */
	const struct nova_backing *src;
	/** @dst: where to; VRAM or coherent system memory, as @src */
	const struct nova_backing *dst;
	/** @off: first byte of both, multiple of 4 KiB */
	u64 off;
	/** @len: bytes, multiple of 4 KiB, not 0 */
	u64 len;
};

int nova_copy_init(struct nova_copy *copy, struct nova_host *host);
void nova_copy_fini(struct nova_copy *copy);
void nova_copy_release(struct nova_copy *copy);
struct dma_fence *nova_copy_run(struct nova_copy *copy, const struct nova_copy_req *req);
int nova_copy_wait(struct nova_copy *copy);

#endif
