/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_CHANNEL_KUNIT_H__
#define __NOVA_CHANNEL_KUNIT_H__

#include "nova_channel.h"
#include "nova_kunit.h"

#include <linux/types.h>

struct dma_fence;
struct kunit;

/** NOVA_CHANNEL_FIXTURE_LEN - bytes of the source and of the target of copies */
#define NOVA_CHANNEL_FIXTURE_LEN	SZ_16K

/**
 * struct nova_channel_fixture - a host, an address space with something to copy
 *
 * Taken down with the test.
 */
struct nova_channel_fixture {
	/** @nk: the device below */
	struct nova_kunit *nk;
	/** @host: on it */
	struct nova_host host;
	/** @vmm: address space of the channels */
	struct nova_vmm *vmm;
	/** @vram: code, source and target, in that order */
	struct nova_buddy_alloc vram;
	/** @code_va: 64 KiB for pushes, mapped read-only */
	u64 code_va;
	/** @src_va: known bytes */
	u64 src_va;
	/** @dst_va: other bytes */
	u64 dst_va;
	/** @hole_va: nothing is mapped here */
	u64 hole_va;
	/** @code_used: bytes of the pushes so far, in a circle */
	u32 code_used;
	/** @nr: channels made so far */
	unsigned int nr;
	/** @stops: how many channels have stopped */
	unsigned int stops;
	/** @stop: what the last of them said */
	struct nova_channel_stop stop;
};

struct nova_channel_fixture *nova_channel_fixture(struct kunit *test, unsigned int timeout_ms);
struct nova_channel *nova_channel_fixture_add(struct nova_channel_fixture *f);
struct dma_fence *nova_channel_fixture_push(struct nova_channel_fixture *f,
					    struct nova_channel *ch, const u32 *words, u32 nr);
struct dma_fence *nova_channel_fixture_copy(struct nova_channel_fixture *f,
					    struct nova_channel *ch, u64 src, u64 dst);
struct dma_fence *nova_channel_fixture_join(struct nova_channel_fixture *f,
					    struct nova_channel *ch);
int nova_channel_fixture_wait(struct nova_channel_fixture *f, struct dma_fence *fence);
bool nova_channel_fixture_copied(struct nova_channel_fixture *f);

#endif
