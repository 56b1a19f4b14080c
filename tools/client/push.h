/* SPDX-License-Identifier: MIT */

#ifndef CLIENT_PUSH_H
#define CLIENT_PUSH_H

/*
 * Commands for a copy engine, by NVIDIA's published class headers (open-gpu-doc,
 * classes/dma-copy and classes/host): a header word with the method and the number
 * of data words, then the data.
 */

#include <stdint.h>

#define PUSH_COPY_WORDS 13

/* Class of a chip's copy engine; 0 if the chip is not known. */
static inline uint32_t push_copy_class(uint32_t chipid)
{
	if (chipid == 0x170)
		return 0xc6b5;
	switch (chipid & ~0xfu) {
	case 0x160:
		return 0xc5b5;
	case 0x170:
	case 0x190:
		return 0xc7b5;
	case 0x180:
		return 0xc8b5;
	case 0x1a0:
		return 0xc9b5;
	case 0x1b0:
		return 0xcab5;
	}
	return 0;
}

/* Header of @nr ascending methods from @method, for the copy engine's subchannel. */
static inline uint32_t push_header(uint32_t method, uint32_t nr)
{
	return 1u << 29 | nr << 16 | 4u << 13 | method >> 2;
}

/* Copies @size bytes, one line. Returns the number of words, 0 without a copy engine. */
static inline uint32_t push_copy(uint32_t *words, uint32_t chipid, uint64_t dst, uint64_t src,
				      uint32_t size)
{
	const uint32_t copy_class = push_copy_class(chipid);

	if (!copy_class)
		return 0;
	words[0] = push_header(0x000, 1); /* SET_OBJECT */
	words[1] = copy_class;
	words[2] = push_header(0x400, 8); /* OFFSET_IN_UPPER ... LINE_COUNT */
	words[3] = (uint32_t)(src >> 32);
	words[4] = (uint32_t)src;
	words[5] = (uint32_t)(dst >> 32);
	words[6] = (uint32_t)dst;
	words[7] = size;
	words[8] = size;
	words[9] = size;
	words[10] = 1;
	words[11] = push_header(0x300, 1); /* LAUNCH_DMA: not pipelined, flush, pitch */
	words[12] = 0x186;
	return PUSH_COPY_WORDS;
}

#endif /* CLIENT_PUSH_H */
