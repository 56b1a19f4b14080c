/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_CE_H__
#define __NOVA_CE_H__

#include <linux/bits.h>
#include <linux/types.h>

/** NOVA_CE_MAX_LEN - bytes one launch moves at most; keeps every count in 32 bits */
#define NOVA_CE_MAX_LEN		BIT(30)
/** NOVA_CE_BEGIN_WORDS - words of nova_ce_begin() */
#define NOVA_CE_BEGIN_WORDS	2
/** NOVA_CE_COPY_WORDS - words of nova_ce_copy() */
#define NOVA_CE_COPY_WORDS	14
/** NOVA_CE_CLEAR_WORDS - words of nova_ce_clear() */
#define NOVA_CE_CLEAR_WORDS	14
/** NOVA_HOST_MAX_PUSH_WORDS - words a ring entry can name */
#define NOVA_HOST_MAX_PUSH_WORDS	(BIT(21) - 1)
/** NOVA_HOST_RELEASE_WORDS - words of nova_host_release() */
#define NOVA_HOST_RELEASE_WORDS	6

/**
 * enum nova_ce_target - what a copy engine's address means
 * @NOVA_CE_VIRTUAL: virtual address of the channel
 * @NOVA_CE_VRAM: byte of local VRAM; privileged channels only
 * @NOVA_CE_SYS_COH: bus address, coherent; privileged channels only
 */
enum nova_ce_target {
	NOVA_CE_VIRTUAL,
	NOVA_CE_VRAM,
	NOVA_CE_SYS_COH,
};

/**
 * struct nova_pb - methods being written
 *
 * The caller sees to it that there is room.
 */
struct nova_pb {
	/** @words: where they go */
	u32 *words;
	/** @nr: words written */
	u32 nr;
};

/**
 * struct nova_ce_copy - one linear copy
 */
struct nova_ce_copy {
	/** @src: first byte to read */
	u64 src;
	/** @dst: first byte to write */
	u64 dst;
	/** @src_target: what @src means */
	enum nova_ce_target src_target;
	/** @dst_target: what @dst means */
	enum nova_ce_target dst_target;
	/** @len: bytes, 1 … NOVA_CE_MAX_LEN; for a clear a multiple of 4 */
	u32 len;
};

/** NOVA_HOST_RELEASE_WFI - nova_host_release(): engines become idle before */
#define NOVA_HOST_RELEASE_WFI		BIT(0)
/** NOVA_HOST_RELEASE_TIMESTAMP - nova_host_release(): the GPU's time goes 8 bytes behind */
#define NOVA_HOST_RELEASE_TIMESTAMP	BIT(1)

void nova_host_release(struct nova_pb *pb, u64 va, u64 payload, unsigned int flags);
void nova_ce_begin(struct nova_pb *pb, u16 copy_class);
void nova_ce_copy(struct nova_pb *pb, const struct nova_ce_copy *copy);
void nova_ce_clear(struct nova_pb *pb, const struct nova_ce_copy *copy);

u64 nova_host_gp_entry(u64 va, u32 words, bool sync);
u64 nova_host_gp_base(u64 va);

#endif
