// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu hooks
 *
 * The GPU seen from inside, for tests: translate and access as an engine does, walk
 * without leaving a trace, reach VRAM behind the MMU's back, and ask what is still
 * cached.
 *
 * Every function takes gpu->lock itself, for one page at a time where it copies;
 * none sleeps. Addresses and lengths are bytes. An address space is its root, a
 * physical address, and whether that is in system memory.
 */

#include "swgpu.h"
#include "swgpu_walk.h"

/**
 * nova_swgpu_translate - translate as an access would
 * @gpu: the GPU
 * @pdb: root of the page tables
 * @pdb_sysmem: @pdb is a DMA address, else a VRAM address
 * @va: GPU virtual address, any
 * @access: what is tried
 * @client: who tries
 * @x: filled in
 *
 * Goes through the TLB, fills it, and records a fault.
 */
void nova_swgpu_translate(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
			  enum nova_swgpu_access access, enum nova_swgpu_client client,
			  struct nova_swgpu_xlate *x)
{
	const struct swgpu_space space = { .pdb = pdb, .sysmem = pdb_sysmem, .client = client };

	swgpu_port_lock(&gpu->lock);
	swgpu_mmu_translate(gpu, &space, va, access, x);
	swgpu_port_unlock(&gpu->lock);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_translate);

/**
 * nova_swgpu_walk - what the tables say now
 * @gpu: the GPU
 * @pdb: root of the page tables
 * @pdb_sysmem: @pdb is a DMA address, else a VRAM address
 * @va: GPU virtual address, any
 * @access: what would be tried
 * @client: who would try
 * @x: filled in
 *
 * Neither looks at the TLB nor changes it, and records nothing.
 */
void nova_swgpu_walk(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
		     enum nova_swgpu_access access, enum nova_swgpu_client client,
		     struct nova_swgpu_xlate *x)
{
	const struct swgpu_space space = { .pdb = pdb, .sysmem = pdb_sysmem, .client = client };

	swgpu_port_lock(&gpu->lock);
	swgpu_walk(gpu, &space, va, false, NULL, x);
	x->addr += va & ((1ull << x->page_shift) - 1);
	swgpu_mmu_check(&space, access, x);
	swgpu_port_unlock(&gpu->lock);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_walk);

/* Engines do not write page tables: data going to one is a page used twice. */
static void swgpu_hooks_check_reuse(struct nova_swgpu *gpu, const struct swgpu_space *space,
				    u64 va, struct nova_swgpu_xlate *x, size_t len)
{
	if (x->aperture != NOVA_SWGPU_VRAM ||
	    !swgpu_tlb_count(&gpu->tlb, gpu->chip->fmt, x->addr, len, true))
		return;
	x->why = NOVA_SWGPU_WHY_TABLE_REUSED;
	swgpu_mmu_fault(gpu, space, va, NOVA_SWGPU_WRITE, x);
}

/* One access within a page: @in is written, or @out read. */
static int swgpu_hooks_access(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va,
			      const u8 *in, u8 *out, size_t len)
{
	struct nova_swgpu_xlate x;
	bool ok;

	swgpu_mmu_translate(gpu, space, va, in ? NOVA_SWGPU_WRITE : NOVA_SWGPU_READ, &x);
	if (x.result == NOVA_SWGPU_FAULT)
		return -EFAULT;
	if (x.result == NOVA_SWGPU_SPARSE) {
		if (out)
			memset(out, 0, len);
		return 0;
	}
	if (in) {
		swgpu_hooks_check_reuse(gpu, space, va, &x, len);
		ok = swgpu_phys_copy_in(gpu, x.aperture, x.addr, in, len);
	} else {
		ok = swgpu_phys_copy_out(gpu, x.aperture, x.addr, out, len);
	}
	if (!ok && x.aperture != NOVA_SWGPU_VRAM)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, x.addr,
			       in ? NOVA_SWGPU_WRITE : NOVA_SWGPU_READ);
	return ok ? 0 : -EFAULT;
}

static int swgpu_hooks_copy(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va,
			    const u8 *in, u8 *out, size_t len)
{
	size_t done, n;
	int ret = 0;

	for (done = 0; done < len && !ret; done += n) {
		n = SWGPU_PAGE - ((va + done) & 4095);
		if (n > len - done)
			n = len - done;
		if (swgpu_port_count(&gpu->inject.gone))
			return -ENODEV;
		swgpu_port_lock(&gpu->lock);
		ret = swgpu_hooks_access(gpu, space, va + done, in ? in + done : NULL,
					 out ? out + done : NULL, n);
		swgpu_port_unlock(&gpu->lock);
	}
	return ret;
}

/**
 * nova_swgpu_mem_read - read virtual memory as a GPC client
 * @gpu: the GPU
 * @pdb: root of the page tables
 * @pdb_sysmem: @pdb is a DMA address, else a VRAM address
 * @va: first byte
 * @buf: receives the bytes; those before a fault are valid
 * @len: bytes
 *
 * Return: 0; -EFAULT if a page may not be read (recorded); -ENODEV if the GPU is gone.
 */
int nova_swgpu_mem_read(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
			void *buf, size_t len)
{
	const struct swgpu_space space = {
		.pdb = pdb, .sysmem = pdb_sysmem, .client = NOVA_SWGPU_GPC,
	};

	return swgpu_hooks_copy(gpu, &space, va, NULL, buf, len);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_mem_read);

/**
 * nova_swgpu_mem_write - write virtual memory as a GPC client
 * @gpu: the GPU
 * @pdb: root of the page tables
 * @pdb_sysmem: @pdb is a DMA address, else a VRAM address
 * @va: first byte
 * @buf: the bytes; pages before a fault are written
 * @len: bytes
 *
 * Return: 0; -EFAULT if a page may not be written (recorded); -ENODEV if the GPU is gone.
 */
int nova_swgpu_mem_write(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
			 const void *buf, size_t len)
{
	const struct swgpu_space space = {
		.pdb = pdb, .sysmem = pdb_sysmem, .client = NOVA_SWGPU_GPC,
	};

	return swgpu_hooks_copy(gpu, &space, va, buf, NULL, len);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_mem_write);

static int swgpu_hooks_vram(struct nova_swgpu *gpu, u64 addr, const u8 *in, u8 *out, size_t len)
{
	size_t done, n;
	bool ok = true;

	if (len > gpu->vram.size || addr > gpu->vram.size - len)
		return -EINVAL;
	for (done = 0; done < len && ok; done += n) {
		n = SWGPU_PAGE - ((addr + done) & 4095);
		if (n > len - done)
			n = len - done;
		swgpu_port_lock(&gpu->lock);
		if (in)
			ok = swgpu_phys_copy_in(gpu, 0, addr + done, in + done, n);
		else
			ok = swgpu_phys_copy_out(gpu, 0, addr + done, out + done, n);
		swgpu_port_unlock(&gpu->lock);
	}
	return ok ? 0 : -ENOMEM;
}

/**
 * nova_swgpu_vram_read - read VRAM without any MMU
 * @gpu: the GPU, which may be gone
 * @addr: first byte
 * @buf: receives the bytes
 * @len: bytes
 *
 * Return: 0; -EINVAL beyond the end of VRAM.
 */
int nova_swgpu_vram_read(struct nova_swgpu *gpu, u64 addr, void *buf, size_t len)
{
	return swgpu_hooks_vram(gpu, addr, NULL, buf, len);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_vram_read);

/**
 * nova_swgpu_vram_write - write VRAM without any MMU
 * @gpu: the GPU, which may be gone
 * @addr: first byte
 * @buf: the bytes
 * @len: bytes
 *
 * Return: 0; -EINVAL beyond the end of VRAM; -ENOMEM.
 */
int nova_swgpu_vram_write(struct nova_swgpu *gpu, u64 addr, const void *buf, size_t len)
{
	return swgpu_hooks_vram(gpu, addr, buf, NULL, len);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_vram_write);

/**
 * nova_swgpu_vram_poison - make VRAM fresh, as if it had never been written
 * @gpu: the GPU
 * @addr: first byte, multiple of 8
 * @len: bytes, multiple of 8
 *
 * For memory a test knows to be free: a table walked there is found out.
 *
 * Return: 0; -EINVAL beyond the end of VRAM or misaligned.
 */
int nova_swgpu_vram_poison(struct nova_swgpu *gpu, u64 addr, u64 len)
{
	if (len > gpu->vram.size || addr > gpu->vram.size - len || (addr | len) & 7)
		return -EINVAL;
	swgpu_port_lock(&gpu->lock);
	swgpu_vram_forget(&gpu->vram, addr, len);
	swgpu_port_unlock(&gpu->lock);
	return 0;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_vram_poison);

/**
 * nova_swgpu_assert_not_cached - does the GPU still depend on a piece of VRAM?
 * @gpu: the GPU
 * @addr: first byte
 * @len: bytes
 *
 * To be asked when the driver frees memory: as long as a cached entry came from it,
 * leads to a table in it or maps it, or a channel has its instance block, USERD or ring
 * there, it must not be reused. If so, that is recorded.
 *
 * Return: number of such entries and pages, 0 if all is well.
 */
unsigned int nova_swgpu_assert_not_cached(struct nova_swgpu *gpu, u64 addr, u64 len)
{
	unsigned int nr;

	swgpu_port_lock(&gpu->lock);
	nr = swgpu_tlb_count(&gpu->tlb, gpu->chip->fmt, addr, len, false) +
	     swgpu_host_uses(gpu, addr, len);
	if (nr)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_CACHED, addr, NOVA_SWGPU_READ);
	swgpu_port_unlock(&gpu->lock);
	return nr;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_assert_not_cached);
