/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PRAMIN_H__
#define __NOVA_PRAMIN_H__

#include "nova_types.h"

#include <linux/mutex.h>
#include <linux/types.h>

struct drm_printer;
struct nova_device;
struct nova_mem_run;

/**
 * struct nova_pramin - the 1 MiB window of BAR0 onto VRAM
 */
struct nova_pramin {
	/** @nd: the device */
	struct nova_device *nd;
	/** @lock: the window's position and the accesses made through it */
	struct mutex lock;
	/** @base: VRAM address at the window's start, or NOVA_PRAMIN_UNKNOWN; @lock */
	u64 base;
	/** @end: first VRAM address that does not exist */
	u64 end;
	/** @moves: times the window was moved; @lock */
	u64 moves;
};

/** NOVA_PRAMIN_UNKNOWN - the window's position must be written before use */
#define NOVA_PRAMIN_UNKNOWN	(~0ULL)

void nova_pramin_init(struct nova_pramin *pramin, struct nova_device *nd);
void nova_pramin_fini(struct nova_pramin *pramin);
void nova_pramin_reset(struct nova_pramin *pramin);

int nova_pramin_read8(struct nova_pramin *pramin, nova_vram_t at, u8 *val);
int nova_pramin_read16(struct nova_pramin *pramin, nova_vram_t at, u16 *val);
int nova_pramin_read32(struct nova_pramin *pramin, nova_vram_t at, u32 *val);
int nova_pramin_read64(struct nova_pramin *pramin, nova_vram_t at, u64 *val);
int nova_pramin_write8(struct nova_pramin *pramin, nova_vram_t at, u8 val);
int nova_pramin_write16(struct nova_pramin *pramin, nova_vram_t at, u16 val);
int nova_pramin_write32(struct nova_pramin *pramin, nova_vram_t at, u32 val);
int nova_pramin_write64(struct nova_pramin *pramin, nova_vram_t at, u64 val);

int nova_pramin_read(struct nova_pramin *pramin, nova_vram_t at, void *buf, size_t len);
int nova_pramin_write(struct nova_pramin *pramin, nova_vram_t at, const void *buf, size_t len);
int nova_pramin_fill(struct nova_pramin *pramin, nova_vram_t at, u64 word, size_t len);

int nova_pramin_write_run(struct nova_pramin *pramin, const struct nova_mem_run *run);
int nova_pramin_barrier(struct nova_pramin *pramin);
void nova_pramin_print(struct nova_pramin *pramin, struct drm_printer *p);

#endif
