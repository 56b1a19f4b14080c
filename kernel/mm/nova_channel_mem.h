/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_CHANNEL_MEM_H__
#define __NOVA_CHANNEL_MEM_H__

#include "nova_channel.h"

#include <linux/sizes.h>
#include <linux/types.h>

/** NOVA_CHANNEL_PUSH_WORDS - words our own pushes of one job may have */
#define NOVA_CHANNEL_PUSH_WORDS	24

/** struct nova_channel_stamp - a semaphore with the GPU's time, as the hardware writes it */
struct nova_channel_stamp {
	/** @payload: number of the job */
	__le64 payload;
	/** @ns: when; 0 if it was not reached */
	__le64 ns;
};

/**
 * struct nova_channel_memory - what a channel shares with the hardware
 */
struct nova_channel_memory {
	/** @userd: GP_PUT, written by us, and GP_GET, by the hardware */
	__le32 userd[SZ_4K / sizeof(__le32)];
	union {
		/** @done: number of the last job that is over */
		__le64 done;
		/** @semaphore_page: it and nothing else */
		u8 semaphore_page[SZ_4K];
	};
	/** @stamps: begin and end of jobs, by slot */
	struct {
		/** @stamps.begin: before the job's own pushes */
		struct nova_channel_stamp begin;
		/** @stamps.end: after them, the engine idle */
		struct nova_channel_stamp end;
	} stamps[NOVA_CHANNEL_JOBS];
	/** @ring: entries */
	__le64 ring[NOVA_CHANNEL_ENTRIES];
	/** @pushes: our own, by slot */
	__le32 pushes[NOVA_CHANNEL_JOBS][NOVA_CHANNEL_PUSH_WORDS];
};

int nova_channel_mem_init(struct nova_channel *ch);

/** nova_channel_va - where the channel finds a part of its memory */
static inline u64 nova_channel_va(const struct nova_channel *ch, const void *p)
{
	return ch->config.va + ((const u8 *)p - (const u8 *)ch->cpu);
}

#endif
