/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_RIG_H__
#define __SWGPU_RIG_H__

#include "swgpu_check.h"

/*
 * Where a test of the host has things. A channel's own are at @chid times the stride.
 *
 *   VRAM 0x330000 instance blocks, 4 KiB     0x340000 USERDs, 512 bytes
 *        0x350000 runlist
 *   VA   0x010000 -> VRAM 0x300000  rings, 4 KiB        0x020000 -> 0x310000 pushbuffers, 16 KiB
 *        0x060000 -> VRAM 0x360000  semaphores, 4 KiB   0x080000 -> 0x400000 data, 512 KiB
 *        0x200000 -> VRAM 0x800000  a page of 2 MiB     0x400000 nothing, 0x600000 sparse
 */
#define RIG_RING 0x10000u
#define RIG_PUSH 0x20000u
#define RIG_SEM 0x60000u
#define RIG_DATA 0x80000u
#define RIG_BIG 0x200000u
#define RIG_HOLE 0x400000u
#define RIG_SPARSE 0x600000u

#define RIG_SEM_VRAM 0x360000u
#define RIG_DATA_VRAM 0x400000u
#define RIG_BIG_VRAM 0x800000u

/** struct swgpu_rig - a GPU whose channels a test drives, step by step */
struct swgpu_rig {
	struct nova_swgpu *gpu;
	/** @put: of each channel's ring; @words: written to its pushbuffer */
	u32 put[4], words[4];
	/** @nr: channels on the runlist */
	u32 nr;
	/** @mem: system memory; @dma: its address */
	u8 *mem;
	u64 dma;
};

/** RIG_SYSMEM - bytes of a rig's system memory */
#define RIG_SYSMEM 0x20000u

void swgpu_rig_init(struct swgpu_rig *rig, const char *chip);
void swgpu_rig_fini(struct swgpu_rig *rig);
u32 swgpu_rig_rd(struct swgpu_rig *rig, u32 off);
void swgpu_rig_wr(struct swgpu_rig *rig, u32 off, u32 val);
u64 swgpu_rig_peek(struct swgpu_rig *rig, u64 addr);
void swgpu_rig_poke(struct swgpu_rig *rig, u64 addr, u64 val);
void swgpu_rig_page(struct swgpu_rig *rig, u32 va, u64 addr, bool sysmem, u32 attr);
void swgpu_rig_block(struct swgpu_rig *rig, u32 chid, bool privileged);
void swgpu_rig_bind(struct swgpu_rig *rig, u32 chid);
void swgpu_rig_submit(struct swgpu_rig *rig, u32 nr);
void swgpu_rig_open(struct swgpu_rig *rig, u32 nr, bool privileged);
void swgpu_rig_close(struct swgpu_rig *rig, u32 chid);
void swgpu_rig_each(const char *const *chips, u32 nr, bool privileged,
		    void (*body)(struct swgpu_rig *rig));
void swgpu_rig_preempt(struct swgpu_rig *rig, u32 chid);
void swgpu_rig_word(struct swgpu_rig *rig, u32 chid, u32 word);
void swgpu_rig_method(struct swgpu_rig *rig, u32 chid, u32 subch, u32 method, u32 data);
void swgpu_rig_ce(struct swgpu_rig *rig, u32 chid, u32 method, u32 data);
void swgpu_rig_copy(struct swgpu_rig *rig, u32 chid, u64 from, u64 to, u32 len, u32 launch);
void swgpu_rig_release(struct swgpu_rig *rig, u32 chid, u32 slot, u32 val);
void swgpu_rig_entry(struct swgpu_rig *rig, u32 chid, u32 lo, u32 hi);
void swgpu_rig_ring(struct swgpu_rig *rig, u32 chid);
void swgpu_rig_go(struct swgpu_rig *rig, u32 chid);
void swgpu_rig_run(struct swgpu_rig *rig);
void swgpu_rig_kick(struct swgpu_rig *rig, u32 chid);
void swgpu_rig_stopped(struct swgpu_rig *rig, u32 chid, unsigned int error, u32 method, u32 data);
void swgpu_rig_faulted(struct swgpu_rig *rig, u32 chid, u64 va, u32 info);
void swgpu_rig_fill(struct swgpu_rig *rig, u64 addr, u32 len, u32 seed);
bool swgpu_rig_same(struct swgpu_rig *rig, u64 a, u64 b, u32 len);

#endif
