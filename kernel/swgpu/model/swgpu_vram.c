// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu VRAM
 *
 * Video memory that costs nothing until it is written. Addresses are bytes from 0;
 * a page is 4 KiB and a real page of the host, so that user space can map it::
 *
 *   chunk[addr >> 21] -> page[addr >> 12 & 511] -> 4096 bytes
 *
 * Fresh memory is never zero: it reads as a pattern of odd 32-bit words that
 * depends on the address, whether or not the page exists. A page is created by
 * the first write to it, filled with the pattern, and stays until the GPU goes.
 * Nothing is created by reading. Where the surroundings can, the 16 pages of 64 KiB are
 * reserved together, so that a copy finds them in one piece; a pointer to a page that
 * is only reserved is odd.
 *
 * Everything is under gpu->lock, so pages come from the non-sleeping pool unless
 * the caller has left one in @spare beforehand.
 */

#include "swgpu_vram.h"

#define SWGPU_VRAM_FANOUT 512u		/* page pointers in a chunk */
#define SWGPU_VRAM_GROUP 16u		/* pages reserved together */
#define SWGPU_VRAM_CHUNK (SWGPU_VRAM_FANOUT * (u64)SWGPU_PAGE)

static_assert(SWGPU_VRAM_FANOUT * sizeof(u8 *) <= SWGPU_PAGE, "a chunk is one page");

/**
 * swgpu_vram_poison - what fresh memory holds
 * @addr: multiple of 8
 *
 * Both halves are odd, hence never 0, and differ from address to address.
 *
 * Return: the 64-bit word.
 */
u64 swgpu_vram_poison(u64 addr)
{
	u32 lo = (u32)(addr >> 2) * 0x9e3779b1u ^ (u32)(addr >> 32);

	return ((u64)~lo << 32 | lo) | 0x0000000100000001ull;
}

static bool swgpu_vram_reserved(const u8 *page)
{
	return (size_t)page & 1;
}

static u8 *swgpu_vram_real(u8 *page)
{
	return page - ((size_t)page & 1);
}

static void swgpu_vram_fill(u8 *page, u64 addr, unsigned int first, unsigned int end)
{
	unsigned int off;

	for (off = first; off < end; off += 8)
		swgpu_port_st64(page + off, swgpu_vram_poison((addr & ~4095ull) + off));
}

/**
 * swgpu_vram_init - make video memory
 * @vram: zeroed
 * @size: bytes, multiple of 1 MiB
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int swgpu_vram_init(struct swgpu_vram *vram, u64 size)
{
	vram->size = size;
	vram->nr_chunks = (size + SWGPU_VRAM_CHUNK - 1) / SWGPU_VRAM_CHUNK;
	vram->chunk = swgpu_port_zalloc(vram->nr_chunks, sizeof(*vram->chunk));
	return vram->chunk ? 0 : -ENOMEM;
}

/**
 * swgpu_vram_fini - give all of it back
 * @vram: as swgpu_vram_init() left it, or zeroed
 */
void swgpu_vram_fini(struct swgpu_vram *vram)
{
	unsigned int j;
	u64 i;

	for (i = 0; vram->chunk && i < vram->nr_chunks; i++) {
		if (!vram->chunk[i])
			continue;
		for (j = 0; j < SWGPU_VRAM_FANOUT; j++) {
			if (vram->chunk[i][j])
				swgpu_port_page_free(swgpu_vram_real(vram->chunk[i][j]));
		}
		swgpu_port_page_free(vram->chunk[i]);
	}
	swgpu_port_free(vram->chunk);
	vram->chunk = NULL;
}

/**
 * swgpu_vram_page - the page at an address, if it exists
 * @vram: video memory
 * @addr: below vram->size
 *
 * Return: start of the page, NULL if nothing was ever written there.
 */
u8 *swgpu_vram_page(struct swgpu_vram *vram, u64 addr)
{
	u64 index = addr >> 12;
	u8 **pages;

	if (vram->last_page && vram->last_index == index)
		return vram->last_page;
	pages = vram->chunk[addr / SWGPU_VRAM_CHUNK];
	if (!pages || !pages[index % SWGPU_VRAM_FANOUT] ||
	    swgpu_vram_reserved(pages[index % SWGPU_VRAM_FANOUT]))
		return NULL;
	vram->last_index = index;
	vram->last_page = pages[index % SWGPU_VRAM_FANOUT];
	return vram->last_page;
}

/**
 * swgpu_vram_run - how far memory goes on in one piece
 * @vram: video memory
 * @addr: below vram->size, of a page that exists
 * @len: bytes wanted, at least those to the end of the page
 *
 * Return: bytes from @addr on that exist and lie behind each other, within 2 MiB.
 */
u32 swgpu_vram_run(const struct swgpu_vram *vram, u64 addr, u32 len)
{
	u8 *const *page = vram->chunk[addr / SWGPU_VRAM_CHUNK] +
			  (addr >> 12) % SWGPU_VRAM_FANOUT;
	u64 left = SWGPU_VRAM_CHUNK - addr % SWGPU_VRAM_CHUNK;
	u32 run = SWGPU_PAGE - (addr & 4095);
	unsigned int i;

	len = len < left ? len : (u32)left;
	for (i = 1; run < len && page[i] == page[0] + i * SWGPU_PAGE; i++)
		run += SWGPU_PAGE;
	return min(run, len);
}

/* The first page of 64 KiB: all 16 together, if that can be. */
static void swgpu_vram_reserve(u8 **pages, unsigned int index)
{
	unsigned int first = index & ~(SWGPU_VRAM_GROUP - 1);
	unsigned int i;
	u8 *block;

	for (i = 0; i < SWGPU_VRAM_GROUP; i++) {
		if (pages[first + i])
			return;
	}
	block = swgpu_port_block_alloc(SWGPU_VRAM_GROUP);
	for (i = 0; block && i < SWGPU_VRAM_GROUP; i++)
		pages[first + i] = block + i * SWGPU_PAGE + 1;
}

static u8 *swgpu_vram_take(struct swgpu_vram *vram)
{
	unsigned int i;
	u8 *page;

	if (vram->no_memory)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(vram->spare); i++) {
		page = vram->spare[i];
		vram->spare[i] = NULL;
		if (page)
			return page;
	}
	return swgpu_port_page_alloc(false);
}

/**
 * swgpu_vram_populate - the page at an address, made if need be
 * @vram: video memory
 * @addr: below vram->size
 *
 * Return: start of the page, NULL if there is no memory.
 */
u8 *swgpu_vram_populate(struct swgpu_vram *vram, u64 addr)
{
	u8 ***chunk = &vram->chunk[addr / SWGPU_VRAM_CHUNK];
	unsigned int index = (addr >> 12) % SWGPU_VRAM_FANOUT;
	u8 *page = swgpu_vram_page(vram, addr);

	if (page)
		return page;
	if (!*chunk) {
		*chunk = (u8 **)swgpu_vram_take(vram);
		if (!*chunk)
			return NULL;
		memset(*chunk, 0, SWGPU_PAGE);
	}
	if (vram->no_memory)
		return NULL;
	swgpu_vram_reserve(*chunk, index);
	page = (*chunk)[index] ? swgpu_vram_real((*chunk)[index]) : swgpu_vram_take(vram);
	if (!page)
		return NULL;
	swgpu_vram_fill(page, addr, 0, SWGPU_PAGE);
	(*chunk)[index] = page;
	vram->nr_pages++;
	return page;
}

/**
 * swgpu_vram_forget - make memory fresh again
 * @vram: video memory
 * @addr: first byte, multiple of 8
 * @len: bytes, multiple of 8, all below vram->size
 *
 * Pages keep existing, as user space may have them mapped.
 */
void swgpu_vram_forget(struct swgpu_vram *vram, u64 addr, u64 len)
{
	u64 end = addr + len;
	u64 next;
	u8 *page;

	for (; addr < end; addr = next) {
		next = (addr & ~4095ull) + SWGPU_PAGE;
		if (next > end)
			next = end;
		page = swgpu_vram_page(vram, addr);
		if (page)
			swgpu_vram_fill(page, addr, addr & 4095, (addr & 4095) + next - addr);
	}
}
