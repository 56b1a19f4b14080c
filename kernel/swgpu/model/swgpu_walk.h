/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_WALK_H__
#define __SWGPU_WALK_H__

#include "swgpu.h"

#define SWGPU_WALK_STEPS 8

/** struct swgpu_step - one table word a walk looked at */
struct swgpu_step {
	u64 addr;
	u64 word;
	/** @level: of the table: 0 PT, 1 PD0 … */
	u8 level;
	/** @aperture: memory the table is in, as a leaf says it */
	u8 aperture;
	/** @big: big table, or low half of a dual entry */
	bool big;
};

/** struct swgpu_trace - the words of one walk, in order */
struct swgpu_trace {
	unsigned int nr;
	struct swgpu_step step[SWGPU_WALK_STEPS];
};

void swgpu_walk(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va, bool cached,
		struct swgpu_trace *trace, struct nova_swgpu_xlate *x);

#endif
