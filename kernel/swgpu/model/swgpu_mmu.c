// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu MMU
 *
 * What an access goes through: TLB, else walk, then the checks that depend on who
 * accesses and how, then memory. Also the two kinds of memory themselves: VRAM by
 * address, system memory by DMA address.
 *
 * Order of the checks (model choice where the hardware is silent): privilege,
 * read-only, atomics, kind; what depends on the tables alone has been checked by
 * the walk. HUB clients are privileged. A refused access is in the fault log, once
 * for every try; what the cache says is never compared with the tables, so a stale
 * entry gives the old page, as on silicon.
 *
 * What an instance block says of its address space is in two words::
 *
 *   0x200  1:0 target, 2 vol, 5:4 replay, 10 VER2, 11 64K, 31:12 root 31:12
 *   0x204  root bits 63:32
 *
 * All functions want gpu->lock unless their names start with nova. Addresses and lengths
 * are bytes. The page behind VRAM or DMA addresses is 4 KiB.
 */

#include "swgpu.h"
#include "swgpu_walk.h"

/**
 * swgpu_phys_ok - does an aperture have this range?
 * @gpu: the GPU
 * @aperture: as a leaf says it
 * @addr: first byte
 * @len: bytes
 *
 * For system memory only the width is checked: what is behind a DMA address shows
 * when it is accessed.
 *
 * Return: whether it has.
 */
bool swgpu_phys_ok(const struct nova_swgpu *gpu, unsigned int aperture, u64 addr, u64 len)
{
	u64 size = 1ull << gpu->chip->sysmem_bits;

	if (aperture == NOVA_SWGPU_VRAM)
		size = gpu->vram.size;
	return addr < size && len <= size - addr;
}

/* The bytes at an address in system memory: from a DMA address to its page's end. */
static u8 *swgpu_phys_map(const struct nova_swgpu *gpu, unsigned int aperture, u64 addr, u64 len)
{
	if (aperture < NOVA_SWGPU_SYS_COH || !swgpu_phys_ok(gpu, aperture, addr, len))
		return NULL;
	return swgpu_port_dma_map(addr);
}

/**
 * swgpu_phys_load - read a word of memory
 * @gpu: the GPU
 * @aperture: as a leaf says it
 * @addr: multiple of @size
 * @size: 4 or 8
 * @val: receives the word
 *
 * Return: false if there is no such memory; @val is all ones then.
 */
bool swgpu_phys_load(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
		     unsigned int size, u64 *val)
{
	u8 *p;

	*val = size == 4 ? ~0u : ~0ull;
	if (aperture == NOVA_SWGPU_VRAM) {
		if (!swgpu_phys_ok(gpu, aperture, addr, size))
			return false;
		p = swgpu_vram_page(&gpu->vram, addr);
		if (p)
			*val = size == 4 ? swgpu_port_ld32(p + (addr & 4095)) :
					   swgpu_port_ld64(p + (addr & 4095));
		else if (size == 4)
			*val = (u32)(swgpu_vram_poison(addr & ~7ull) >> (addr & 4) * 8);
		else
			*val = swgpu_vram_poison(addr);
		return true;
	}
	p = swgpu_phys_map(gpu, aperture, addr, size);
	if (!p)
		return false;
	*val = size == 4 ? swgpu_port_ld32(p) : swgpu_port_ld64(p);
	swgpu_port_dma_unmap(p);
	return true;
}

/* The page to write to; one that cannot be had is recorded. */
static u8 *swgpu_phys_populate(struct nova_swgpu *gpu, u64 addr)
{
	u8 *p = swgpu_vram_populate(&gpu->vram, addr);

	if (!p)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_NO_MEMORY, addr, NOVA_SWGPU_WRITE);
	return p;
}

/**
 * swgpu_mmu_root - the address space of an instance block
 * @gpu: the GPU
 * @aperture: of the block, as a leaf says it
 * @block: its address
 * @space: filled in, for HUB clients
 *
 * Return: false unless it is a version-2-or-later root with 64K big pages.
 */
bool swgpu_mmu_root(struct nova_swgpu *gpu, unsigned int aperture, u64 block,
		    struct swgpu_space *space)
{
	u64 lo, hi;

	if (aperture == NOVA_SWGPU_PEER ||
	    !swgpu_phys_load(gpu, aperture, block + 0x200, 4, &lo) ||
	    !swgpu_phys_load(gpu, aperture, block + 0x204, 4, &hi))
		return false;
	if (swgpu_bits(lo, 1, 0) == 1 ||	/* PAGE_DIR_BASE_TARGET invalid */
	    !swgpu_bits(lo, 10, 10) ||		/* USE_VER2_PT_FORMAT */
	    !swgpu_bits(lo, 11, 11) ||		/* BIG_PAGE_SIZE 64K */
	    swgpu_bits(lo, 3, 3) || swgpu_bits(lo, 9, 6))
		return false;
	*space = (struct swgpu_space){
		.pdb = hi << 32 | (lo & ~0xfffull),
		.sysmem = swgpu_bits(lo, 1, 0) != 0,
		.client = NOVA_SWGPU_HUB,
	};
	return true;
}

/**
 * swgpu_phys_store - write a word of memory
 * @gpu: the GPU
 * @aperture: as a leaf says it
 * @addr: multiple of @size
 * @size: 4 or 8
 * @val: the word
 *
 * Return: false if there is no such memory, or none to populate it (recorded).
 */
bool swgpu_phys_store(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
		      unsigned int size, u64 val)
{
	bool vram = aperture == NOVA_SWGPU_VRAM;
	u8 *map = NULL;
	u8 *p;

	if (vram) {
		if (!swgpu_phys_ok(gpu, aperture, addr, size))
			return false;
		p = swgpu_phys_populate(gpu, addr);
		p = p ? p + (addr & 4095) : NULL;
	} else {
		map = swgpu_phys_map(gpu, aperture, addr, size);
		p = map;
	}
	if (!p)
		return false;
	if (size == 4)
		swgpu_port_st32(p, (u32)val);
	else
		swgpu_port_st64(p, val);
	if (map)
		swgpu_port_dma_unmap(map);
	return true;
}

static u8 *swgpu_phys_vram_run(struct nova_swgpu *gpu, u64 addr, u32 *len, bool write)
{
	u8 *p = write ? swgpu_phys_populate(gpu, addr) : swgpu_vram_page(&gpu->vram, addr);

	if (!p)
		return NULL;
	*len = swgpu_vram_run(&gpu->vram, addr, *len);
	return p + (addr & 4095);
}

/**
 * swgpu_phys_run - memory as the host has it
 * @gpu: the GPU
 * @aperture: as a leaf says it
 * @addr: first byte
 * @len: bytes wanted; comes back as those that are in one piece
 * @write: VRAM nobody has written is made to exist
 *
 * Return: where it is, for swgpu_phys_run_end(); NULL if there is none, or, when
 * reading VRAM, if nobody has written it.
 */
u8 *swgpu_phys_run(struct nova_swgpu *gpu, unsigned int aperture, u64 addr, u32 *len,
		   bool write)
{
	if (!swgpu_phys_ok(gpu, aperture, addr, *len))
		return NULL;
	if (aperture == NOVA_SWGPU_VRAM)
		return swgpu_phys_vram_run(gpu, addr, len, write);
	return aperture < NOVA_SWGPU_SYS_COH ? NULL : swgpu_port_dma_run(addr, len);
}

/**
 * swgpu_phys_run_end - done with it; of two, the one begun last ends first
 * @aperture: as it was begun
 * @p: what swgpu_phys_run() gave, or NULL
 */
void swgpu_phys_run_end(unsigned int aperture, u8 *p)
{
	if (p && aperture != NOVA_SWGPU_VRAM)
		swgpu_port_dma_unmap(p);
}

/**
 * swgpu_phys_copy_out - read bytes of memory
 * @gpu: the GPU
 * @aperture: as a leaf says it
 * @addr: first byte
 * @buf: receives them
 * @len: bytes, within one 4 KiB page
 *
 * Return: false if there is no such memory.
 */
bool swgpu_phys_copy_out(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
			 void *buf, size_t len)
{
	u64 word;
	u8 *out = buf;
	size_t i;
	u8 *p;

	if (aperture != NOVA_SWGPU_VRAM) {
		p = swgpu_phys_map(gpu, aperture, addr, len);
		if (!p)
			return false;
		memcpy(buf, p, len);
		swgpu_port_dma_unmap(p);
		return true;
	}
	if (!swgpu_phys_ok(gpu, aperture, addr, len))
		return false;
	p = swgpu_vram_page(&gpu->vram, addr);
	if (p) {
		memcpy(buf, p + (addr & 4095), len);
		return true;
	}
	for (i = 0; i < len; i++) {
		word = swgpu_vram_poison((addr + i) & ~7ull);
		out[i] = (u8)(word >> ((addr + i) & 7) * 8);
	}
	return true;
}

/**
 * swgpu_phys_copy_in - write bytes of memory
 * @gpu: the GPU
 * @aperture: as a leaf says it
 * @addr: first byte
 * @buf: the bytes
 * @len: bytes, within one 4 KiB page
 *
 * Return: false if there is no such memory, or none to populate it (recorded).
 */
bool swgpu_phys_copy_in(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
			const void *buf, size_t len)
{
	u8 *p;

	if (aperture != NOVA_SWGPU_VRAM) {
		p = swgpu_phys_map(gpu, aperture, addr, len);
		if (!p)
			return false;
		memcpy(p, buf, len);
		swgpu_port_dma_unmap(p);
		return true;
	}
	if (!swgpu_phys_ok(gpu, aperture, addr, len))
		return false;
	p = swgpu_phys_populate(gpu, addr);
	if (!p)
		return false;
	memcpy(p + (addr & 4095), buf, len);
	return true;
}

/**
 * swgpu_mmu_fault - record a refused access
 * @gpu: the GPU
 * @space: root and client
 * @va: GPU virtual address
 * @access: what was tried
 * @x: the result that refused it, or one that only broke a rule
 */
void swgpu_mmu_fault(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va,
		     enum nova_swgpu_access access, const struct nova_swgpu_xlate *x)
{
	const struct nova_swgpu_fault f = {
		.va = va,
		.pdb = space->pdb,
		.pdb_sysmem = space->sysmem,
		.table = x->table,
		.code = x->result == NOVA_SWGPU_FAULT ? x->fault : NOVA_SWGPU_CODE_NONE,
		.why = x->why,
		.access = access,
		.client = space->client,
		.level = x->level,
	};

	swgpu_log_fault(gpu, &f);
}

/**
 * swgpu_mmu_check - may this access use this translation?
 * @space: root and client
 * @access: what is tried
 * @x: turned into a fault if not; only a MAPPED one can be
 */
void swgpu_mmu_check(const struct swgpu_space *space, enum nova_swgpu_access access,
		     struct nova_swgpu_xlate *x)
{
	unsigned int code = NOVA_SWGPU_CODE_NONE;

	if (x->result != NOVA_SWGPU_MAPPED)
		return;
	if (x->privileged && space->client != NOVA_SWGPU_HUB)
		code = NOVA_SWGPU_CODE_PRIV;
	else if (x->read_only && access != NOVA_SWGPU_READ)
		code = NOVA_SWGPU_CODE_RO;
	else if (x->no_atomic && access == NOVA_SWGPU_ATOMIC)
		code = NOVA_SWGPU_CODE_ATOMIC;
	else if (x->kind == 0x7 || x->kind >= 0xf)	/* INVALID, SMSKED_MESSAGE */
		code = NOVA_SWGPU_CODE_KIND;
	if (code == NOVA_SWGPU_CODE_NONE)
		return;
	x->result = NOVA_SWGPU_FAULT;
	x->fault = code;
}

/* A miss: walk, and keep the end of the walk unless it depends on more than the tables. */
static void swgpu_mmu_miss(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va,
			   enum nova_swgpu_access access, struct nova_swgpu_xlate *x)
{
	struct swgpu_tlb_entry e = { .space = *space };

	gpu->log.count.tlb_misses++;
	swgpu_walk(gpu, space, va, true, NULL, x);
	if (x->why == NOVA_SWGPU_WHY_BOTH_HALVES) {
		swgpu_mmu_fault(gpu, space, va, access, x);
		x->why = NOVA_SWGPU_WHY_PLAIN;
	}
	if (x->page_shift >= gpu->chip->fmt->va_bits)
		return;
	e.tag = va >> x->page_shift;
	e.shift = x->page_shift;
	e.level = x->level;
	e.from = x->table;
	e.from_sysmem = x->table_sysmem;
	e.x = *x;
	gpu->log.count.evictions += swgpu_tlb_insert(&gpu->tlb, &e);
}

/**
 * swgpu_mmu_translate - translate as hardware does, through the TLB
 * @gpu: the GPU
 * @space: root and client
 * @va: GPU virtual address, any
 * @access: what is tried; a refused one is recorded
 * @x: filled in; @x->addr is for exactly @va
 */
void swgpu_mmu_translate(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va,
			 enum nova_swgpu_access access, struct nova_swgpu_xlate *x)
{
	const struct swgpu_tlb_entry *e;
	u32 one_in = gpu->inject.evict_one_in;

	if (one_in && swgpu_random(gpu) % one_in == 0)
		gpu->log.count.evictions += swgpu_tlb_evict(&gpu->tlb, swgpu_random(gpu));
	e = swgpu_tlb_lookup(&gpu->tlb, space, va);
	if (e) {
		gpu->log.count.tlb_hits++;
		*x = e->x;
	} else {
		swgpu_mmu_miss(gpu, space, va, access, x);
	}
	x->addr += va & ((1ull << x->page_shift) - 1);
	swgpu_mmu_check(space, access, x);
	if (x->result == NOVA_SWGPU_FAULT)
		swgpu_mmu_fault(gpu, space, va, access, x);
}
