/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_MEM_H__
#define __NOVA_MEM_H__

#include "nova_types.h"

#include <linux/mutex.h>
#include <linux/types.h>

struct nova_device;
struct nova_mem;
struct nova_pramin;

/** NOVA_MEM_NO_WINDOW - not reachable through BAR1 */
#define NOVA_MEM_NO_WINDOW	(~0ULL)

/**
 * struct nova_mem_at - a place in VRAM and the fastest way to it
 */
struct nova_mem_at {
	/** @vram: byte address */
	nova_vram_t vram;
	/** @window: its offset in BAR1, or NOVA_MEM_NO_WINDOW */
	u64 window;
};

/**
 * struct nova_mem_run - entries in arithmetic progression
 *
 * One call of the writer, however many entries.
 */
struct nova_mem_run {
	/** @at: the first entry */
	struct nova_mem_at at;
	/** @first: first word */
	u64 first;
	/** @stride: difference from one entry's word to the next */
	u64 stride;
	/** @nr: entries */
	unsigned int nr;
	/** @pair: entries of 16 bytes, the second word 0 */
	bool pair;
};

/**
 * struct nova_mem_ops - one way to VRAM
 *
 * Nothing here fails: a device that is gone swallows writes and reads as ones,
 * and whoever must know finds out from the invalidate that follows.
 */
struct nova_mem_ops {
	/** @write_run: write consecutive entries */
	void (*write_run)(struct nova_mem *mem, const struct nova_mem_run *run);
	/** @write64: write one word */
	void (*write64)(struct nova_mem *mem, struct nova_mem_at at, u64 word);
	/** @read64: read one word; slow on silicon */
	u64 (*read64)(struct nova_mem *mem, const struct nova_mem_at *at);
	/** @order: writes before are seen by the GPU before writes after */
	void (*order)(struct nova_mem *mem);
	/** @flush: writes before have reached VRAM; 0, -ENODEV, -EIO */
	int (*flush)(struct nova_mem *mem);
};

/**
 * struct nova_mem - CPU access to VRAM, however it is done
 */
struct nova_mem {
	/** @ops: the way taken; constant */
	const struct nova_mem_ops *ops;
	/** @nd: the device; NULL for the memory-backed writer */
	struct nova_device *nd;
	/** @pramin: fallback when a place has no BAR1 window */
	struct nova_pramin *pramin;
	/** @last_window: BAR1 offset of the last write through BAR1, for the read-back */
	u64 last_window;
	/** @window_lock: held to read what @last_window names, and to forget that */
	struct mutex window_lock;
	/** @cpu: memory-backed writer only: stands for VRAM address @cpu_base */
	void *cpu;
	/** @cpu_base: VRAM address of @cpu[0] */
	u64 cpu_base;
	/** @cpu_size: bytes of @cpu */
	u64 cpu_size;
};

void nova_mem_init(struct nova_mem *mem, struct nova_device *nd, struct nova_pramin *pramin);
void nova_mem_init_cpu(struct nova_mem *mem, void *cpu, u64 base, u64 size);

void nova_mem_forget(struct nova_mem *mem, u64 window, u64 len, u64 other);
int nova_mem_read(struct nova_mem *mem, nova_vram_t at, void *buf, size_t len);
int nova_mem_write(struct nova_mem *mem, nova_vram_t at, const void *buf, size_t len);
int nova_mem_zero(struct nova_mem *mem, nova_vram_t at, u64 len);

static inline struct nova_mem_at nova_mem_offset(struct nova_mem_at at, u64 off)
{
	at.vram.addr += off;
	if (at.window != NOVA_MEM_NO_WINDOW)
		at.window += off;
	return at;
}

static inline void nova_mem_write_run(struct nova_mem *mem, const struct nova_mem_run *run)
{
	mem->ops->write_run(mem, run);
}

static inline void nova_mem_write64(struct nova_mem *mem, struct nova_mem_at at, u64 word)
{
	mem->ops->write64(mem, at, word);
}

static inline u64 nova_mem_read64(struct nova_mem *mem, const struct nova_mem_at *at)
{
	return mem->ops->read64(mem, at);
}

static inline void nova_mem_order(struct nova_mem *mem)
{
	mem->ops->order(mem);
}

static inline int nova_mem_flush(struct nova_mem *mem)
{
	return mem->ops->flush(mem);
}

#endif
