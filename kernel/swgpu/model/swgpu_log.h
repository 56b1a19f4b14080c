/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_LOG_H__
#define __SWGPU_LOG_H__

#include "../nova_swgpu_types.h"

struct nova_swgpu;

#define SWGPU_LOG_FAULTS 256u
#define SWGPU_LOG_BROKEN 16u
#define SWGPU_LOG_INVALIDATES 256u
#define SWGPU_LOG_UNKNOWN 64u

/** struct swgpu_unknown - a register nobody knows, as it was accessed */
struct swgpu_unknown {
	/** @off: BAR0 offset */
	u32 off;
	/** @reads: times read */
	u32 reads;
	/** @writes: times written */
	u32 writes;
};

/**
 * struct swgpu_log - what tests look at afterwards
 *
 * The rings keep the newest entries; sequence number s is at [s % size].
 */
struct swgpu_log {
	/** @faults: ring of faults */
	struct nova_swgpu_fault faults[SWGPU_LOG_FAULTS];
	/** @broken: the first broken rules, which no later fault pushes out */
	struct nova_swgpu_fault broken[SWGPU_LOG_BROKEN];
	/** @invalidates: ring of TLB commands */
	struct nova_swgpu_invalidate invalidates[SWGPU_LOG_INVALIDATES];
	/** @unknown: registers nobody knows, in order of first access */
	struct swgpu_unknown unknown[SWGPU_LOG_UNKNOWN];
	/** @nr_unknown: entries of @unknown */
	u32 nr_unknown;
	/** @fault_seq: of the newest fault, 0 before the first */
	u64 fault_seq;
	/** @fault_floor: faults up to this one have been cleared */
	u64 fault_floor;
	/** @inval_seq: of the newest TLB command */
	u64 inval_seq;
	/** @inval_floor: TLB commands up to this one have been cleared */
	u64 inval_floor;
	/** @count: counters; vram_pages is filled in when asked */
	struct nova_swgpu_counters count;
};

void swgpu_log_fault(struct nova_swgpu *gpu, const struct nova_swgpu_fault *f);
void swgpu_log_rule(struct nova_swgpu *gpu, enum nova_swgpu_why why, u64 where,
		    enum nova_swgpu_access access);
struct nova_swgpu_invalidate *swgpu_log_invalidate(struct nova_swgpu *gpu);
struct nova_swgpu_invalidate *swgpu_log_invalidate_at(struct nova_swgpu *gpu, u64 seq);
void swgpu_log_unknown(struct nova_swgpu *gpu, u32 off, bool write);
const char *swgpu_log_code_name(unsigned int code);
const char *swgpu_log_why_name(unsigned int why);

#endif
