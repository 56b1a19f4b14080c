// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_ce
 *
 * The words a channel is fed with: entries of its ring, methods of the host and
 * of the copy engine. Pure functions; they see no device and no lock. Every
 * launch of ours is pitch to pitch, non-pipelined and flushed, so that a
 * semaphore released after it finds the bytes in memory::
 *
 *	method header   31:29 op   28:16 count   15:13 subchannel   11:0 method / 4
 *	ring entry      word 0: va 31:2      word 1: va 39:32, 30:10 dwords
 *	  base (Hopper) word 0: 24:8 va 56:40   word 1: opcode 4, no dwords
 *
 * Subchannel 0 is the host's, 4 the copy engine's.
 *
 * Units: bytes, except counts of words.
 */
#include "nova_ce.h"

#include <linux/bitfield.h>
#include <linux/wordpart.h>

#define NV_SUBCHANNEL_HOST		0
#define NV_SUBCHANNEL_CE		4

/* Method header: dev_pbdma manual, NV_FIFO_DMA */
#define NV_FIFO_DMA_METHOD		GENMASK(11, 0)
#define NV_FIFO_DMA_SUBCHANNEL		GENMASK(15, 13)
#define NV_FIFO_DMA_COUNT		GENMASK(28, 16)
#define NV_FIFO_DMA_OP			GENMASK(31, 29)
#define NV_FIFO_DMA_OP_INCREMENTING	1

/* Ring entry: clc56f.h, GP_ENTRY; the opcode clc86f.h */
#define NV_GP_ENTRY0_GET		GENMASK_ULL(31, 2)
#define NV_GP_ENTRY0_EXTENDED_BASE	GENMASK_ULL(24, 8)
#define NV_GP_ENTRY1_GET_HI		GENMASK_ULL(39, 32)
#define NV_GP_ENTRY1_OPCODE		GENMASK_ULL(39, 32)
#define NV_GP_ENTRY1_OPCODE_SET_EXTENDED_BASE	4
#define NV_GP_ENTRY1_LENGTH		GENMASK_ULL(62, 42)
#define NV_GP_ENTRY1_SYNC_WAIT		BIT_ULL(63)

/* Host methods: clc56f.h */
#define NV_HOST_SET_OBJECT		0x000
#define NV_HOST_SEM_ADDR_LO		0x05c
#define NV_HOST_SEM_EXECUTE_RELEASE	1
#define NV_HOST_SEM_EXECUTE_WFI		BIT(20)
#define NV_HOST_SEM_EXECUTE_64BIT	BIT(24)
#define NV_HOST_SEM_EXECUTE_TIMESTAMP	BIT(25)

/* Copy methods: clc7b5.h */
#define NV_CE_SET_SRC_PHYS_MODE		0x260
#define NV_CE_SET_DST_PHYS_MODE		0x264
#define NV_CE_LAUNCH_DMA		0x300
#define NV_CE_LAUNCH_NON_PIPELINED	2
#define NV_CE_LAUNCH_FLUSH		BIT(2)
#define NV_CE_LAUNCH_SRC_PITCH		BIT(7)
#define NV_CE_LAUNCH_DST_PITCH		BIT(8)
#define NV_CE_LAUNCH_REMAP		BIT(10)
#define NV_CE_LAUNCH_SRC_PHYSICAL	BIT(12)
#define NV_CE_LAUNCH_DST_PHYSICAL	BIT(13)
#define NV_CE_OFFSET_IN_UPPER		0x400
#define NV_CE_OFFSET_OUT_UPPER		0x408
#define NV_CE_LINE_LENGTH_IN		0x418
#define NV_CE_SET_REMAP_CONST_A		0x700
#define NV_CE_REMAP_X			GENMASK(2, 0)
#define NV_CE_REMAP_X_CONST_A		4
#define NV_CE_REMAP_SIZE		GENMASK(17, 16)
#define NV_CE_REMAP_SIZE_FOUR		3

static void nova_pb_word(struct nova_pb *pb, u32 word)
{
	pb->words[pb->nr++] = word;
}

static void nova_pb_method(struct nova_pb *pb, u32 subchannel, u32 method, u32 count)
{
	nova_pb_word(pb, FIELD_PREP(NV_FIFO_DMA_OP, NV_FIFO_DMA_OP_INCREMENTING) |
			 FIELD_PREP(NV_FIFO_DMA_COUNT, count) |
			 FIELD_PREP(NV_FIFO_DMA_SUBCHANNEL, subchannel) |
			 FIELD_PREP(NV_FIFO_DMA_METHOD, method >> 2));
}

/**
 * nova_host_release - write a semaphore
 * @pb: NOVA_HOST_RELEASE_WORDS are added
 * @va: address in the channel's space, a multiple of 8, of 16 with a timestamp
 * @payload: 64 bits to write there
 * @flags: NOVA_HOST_RELEASE_*
 */
void nova_host_release(struct nova_pb *pb, u64 va, u64 payload, unsigned int flags)
{
	u32 execute = NV_HOST_SEM_EXECUTE_RELEASE | NV_HOST_SEM_EXECUTE_64BIT;

	if (flags & NOVA_HOST_RELEASE_WFI)
		execute |= NV_HOST_SEM_EXECUTE_WFI;
	if (flags & NOVA_HOST_RELEASE_TIMESTAMP)
		execute |= NV_HOST_SEM_EXECUTE_TIMESTAMP;
	nova_pb_method(pb, NV_SUBCHANNEL_HOST, NV_HOST_SEM_ADDR_LO, 5);
	nova_pb_word(pb, lower_32_bits(va));
	nova_pb_word(pb, upper_32_bits(va));
	nova_pb_word(pb, lower_32_bits(payload));
	nova_pb_word(pb, upper_32_bits(payload));
	nova_pb_word(pb, execute);
}

/**
 * nova_ce_begin - bind the copy class to its subchannel
 * @pb: NOVA_CE_BEGIN_WORDS are added
 * @copy_class: &nova_family.copy_class
 */
void nova_ce_begin(struct nova_pb *pb, u16 copy_class)
{
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_HOST_SET_OBJECT, 1);
	nova_pb_word(pb, copy_class);
}

static u32 nova_ce_phys_mode(enum nova_ce_target target)
{
	return target == NOVA_CE_SYS_COH ? 1 : 0;
}

static void nova_ce_offset(struct nova_pb *pb, u64 addr)
{
	nova_pb_word(pb, upper_32_bits(addr));
	nova_pb_word(pb, lower_32_bits(addr));
}

static void nova_ce_launch(struct nova_pb *pb, const struct nova_ce_copy *copy, u32 flags)
{
	flags |= NV_CE_LAUNCH_NON_PIPELINED | NV_CE_LAUNCH_FLUSH | NV_CE_LAUNCH_SRC_PITCH |
		 NV_CE_LAUNCH_DST_PITCH;
	if (copy->src_target != NOVA_CE_VIRTUAL)
		flags |= NV_CE_LAUNCH_SRC_PHYSICAL;
	if (copy->dst_target != NOVA_CE_VIRTUAL)
		flags |= NV_CE_LAUNCH_DST_PHYSICAL;
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_CE_LAUNCH_DMA, 1);
	nova_pb_word(pb, flags);
}

/**
 * nova_ce_copy - copy bytes
 * @pb: NOVA_CE_COPY_WORDS are added
 * @copy: what
 */
void nova_ce_copy(struct nova_pb *pb, const struct nova_ce_copy *copy)
{
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_CE_SET_SRC_PHYS_MODE, 2);
	nova_pb_word(pb, nova_ce_phys_mode(copy->src_target));
	nova_pb_word(pb, nova_ce_phys_mode(copy->dst_target));
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_CE_OFFSET_IN_UPPER, 8);
	nova_ce_offset(pb, copy->src);
	nova_ce_offset(pb, copy->dst);
	nova_pb_word(pb, copy->len);
	nova_pb_word(pb, copy->len);
	nova_pb_word(pb, copy->len);
	nova_pb_word(pb, 1);
	nova_ce_launch(pb, copy, 0);
}

/**
 * nova_ce_clear - fill bytes with zeroes
 * @pb: NOVA_CE_CLEAR_WORDS are added
 * @copy: what; its source is ignored
 *
 * A remap of constant A, four bytes at a time.
 */
void nova_ce_clear(struct nova_pb *pb, const struct nova_ce_copy *copy)
{
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_CE_SET_DST_PHYS_MODE, 1);
	nova_pb_word(pb, nova_ce_phys_mode(copy->dst_target));
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_CE_SET_REMAP_CONST_A, 3);
	nova_pb_word(pb, 0);
	nova_pb_word(pb, 0);
	nova_pb_word(pb, FIELD_PREP(NV_CE_REMAP_X, NV_CE_REMAP_X_CONST_A) |
			 FIELD_PREP(NV_CE_REMAP_SIZE, NV_CE_REMAP_SIZE_FOUR));
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_CE_OFFSET_OUT_UPPER, 2);
	nova_ce_offset(pb, copy->dst);
	nova_pb_method(pb, NV_SUBCHANNEL_CE, NV_CE_LINE_LENGTH_IN, 2);
	nova_pb_word(pb, copy->len / sizeof(u32));
	nova_pb_word(pb, 1);
	nova_ce_launch(pb, copy, NV_CE_LAUNCH_REMAP);
}

/**
 * nova_host_gp_entry - a ring entry for a push buffer
 * @va: its address, a multiple of 4; bits above 39 come from the base in force
 * @words: its length, at most NOVA_HOST_MAX_PUSH_WORDS
 * @sync: it is read only when all before it is done
 *
 * Return: the entry, word 0 in the low half.
 */
u64 nova_host_gp_entry(u64 va, u32 words, bool sync)
{
	return (va & (NV_GP_ENTRY0_GET | NV_GP_ENTRY1_GET_HI)) |
	       FIELD_PREP(NV_GP_ENTRY1_LENGTH, words) | (sync ? NV_GP_ENTRY1_SYNC_WAIT : 0);
}

/**
 * nova_host_gp_base - a ring entry that sets address bits 56:40 for those behind it
 * @va: an address with these bits
 *
 * For chips whose channel class is C86F or later.
 *
 * Return: the entry.
 */
u64 nova_host_gp_base(u64 va)
{
	return FIELD_PREP(NV_GP_ENTRY0_EXTENDED_BASE, va >> 40) |
	       FIELD_PREP(NV_GP_ENTRY1_OPCODE, NV_GP_ENTRY1_OPCODE_SET_EXTENDED_BASE);
}
