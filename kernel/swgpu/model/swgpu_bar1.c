// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu BAR1
 *
 * The VRAM aperture: what its offsets mean and how that is bound::
 *
 *   0xb80f40 BAR1_BLOCK   27:0 block >> 12, 29:28 target, 31 mode      Turing … Ada
 *   0xb80f50 BIND_STATUS  0 pending, 1 outstanding
 *   0xb80f60 LOW          1:0 status, 9 mode, 11:10 target, 31:12 block   Hopper on
 *   0xb80f64 HIGH         19:0 block bits 51:32; writing it starts the bind
 *
 * In physical mode an offset is a VRAM address. In virtual mode it is a virtual
 * address of the instance block's page tables, accessed as a HUB client with the
 * PTE's attributes. Only the root of the instance block is read, once, when the bind
 * completes (model choice). If the block is bad each access through BAR1 faults as
 * unbound. A refused read gives all ones, a refused
 * write vanishes. A bind does not touch the TLB.
 */

#include "swgpu.h"

static void swgpu_bar1_complete(struct nova_swgpu *gpu)
{
	struct swgpu_bar1 *bar1 = &gpu->bar1;
	bool pair = gpu->chip->feat & SWGPU_BAR1_PAIR;
	u32 low = bar1->low;
	unsigned int target = pair ? swgpu_bits(low, 11, 10) : swgpu_bits(low, 29, 28);
	u64 block = pair ? (u64)bar1->high << 32 | (low & ~0xfffull) :
			   swgpu_bits(low, 27, 0) << 12;

	bar1->wait.busy = false;
	gpu->log.count.binds++;
	if (gpu->inject.bind_lost)
		return;
	if (!(pair ? swgpu_bits(low, 9, 9) : swgpu_bits(low, 31, 31))) {
		bar1->state = SWGPU_BAR1_PHYSICAL;
	} else if (swgpu_mmu_root(gpu, target, block, &bar1->space)) {
		bar1->state = SWGPU_BAR1_VIRTUAL;
	} else {
		bar1->state = SWGPU_BAR1_BROKEN;
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_INST, block, NOVA_SWGPU_READ);
	}
}

/**
 * swgpu_bar1_bind - the bind register, or HIGH of the pair, has been written
 * @gpu: the GPU
 *
 * Context: gpu->lock held.
 */
void swgpu_bar1_bind(struct nova_swgpu *gpu)
{
	struct swgpu_bar1 *bar1 = &gpu->bar1;
	u32 low_zero = gpu->chip->feat & SWGPU_BAR1_PAIR ? 0x1fc : 0x40000000;

	if (bar1->wait.busy || bar1->low & low_zero || bar1->high >> 20)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, bar1->low, NOVA_SWGPU_WRITE);
	bar1->wait = (struct swgpu_wait){ .polls = gpu->inject.bind_polls, .busy = true };
	if (!bar1->wait.polls && !gpu->inject.bind_stuck)
		swgpu_bar1_complete(gpu);
}

/**
 * swgpu_bar1_poll - read the bind's status
 * @gpu: the GPU
 *
 * Context: gpu->lock held.
 * Return: whether the bind is still pending.
 */
bool swgpu_bar1_poll(struct nova_swgpu *gpu)
{
	struct swgpu_wait *wait = &gpu->bar1.wait;
	bool was_busy = wait->busy;

	if (swgpu_wait_poll(wait, gpu->inject.bind_stuck))
		return true;
	if (was_busy)
		swgpu_bar1_complete(gpu);
	return false;
}

/* What a BAR1 offset means now. Faults are recorded. */
static bool swgpu_bar1_translate(struct nova_swgpu *gpu, u64 off, enum nova_swgpu_access access,
				 struct nova_swgpu_xlate *x)
{
	struct swgpu_bar1 *bar1 = &gpu->bar1;

	if (bar1->state == SWGPU_BAR1_VIRTUAL) {
		swgpu_mmu_translate(gpu, &bar1->space, off, access, x);
		return x->result != NOVA_SWGPU_FAULT;
	}
	*x = (struct nova_swgpu_xlate){ .result = NOVA_SWGPU_MAPPED, .addr = off };
	if (bar1->state == SWGPU_BAR1_PHYSICAL && off < gpu->vram.size)
		return true;
	x->result = NOVA_SWGPU_FAULT;
	x->fault = bar1->state == SWGPU_BAR1_BROKEN ? NOVA_SWGPU_CODE_UNBOUND :
						      NOVA_SWGPU_CODE_REGION;
	swgpu_mmu_fault(gpu, &(struct swgpu_space){ .client = NOVA_SWGPU_HUB }, off, access, x);
	return false;
}

/* Inside BAR1 and naturally aligned? */
static bool swgpu_bar1_inside(struct nova_swgpu *gpu, u64 off, unsigned int size,
			      enum nova_swgpu_access access)
{
	if (off < gpu->cfg.bar1_size && !(off & (size - 1)))
		return true;
	swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, off, access);
	return false;
}

/**
 * swgpu_bar1_read - CPU read through BAR1
 * @gpu: the GPU
 * @off: offset in BAR1, multiple of @size
 * @size: 4 or 8
 *
 * Context: any; takes gpu->lock.
 * Return: the word; all ones if refused.
 */
u64 swgpu_bar1_read(struct nova_swgpu *gpu, u64 off, unsigned int size)
{
	u64 val = size == 4 ? ~0u : ~0ull;
	struct nova_swgpu_xlate x;

	if (swgpu_port_count(&gpu->inject.gone))
		return val;
	swgpu_port_lock(&gpu->lock);
	gpu->log.count.bar1_reads++;
	if (swgpu_bar1_inside(gpu, off, size, NOVA_SWGPU_READ) &&
	    swgpu_bar1_translate(gpu, off, NOVA_SWGPU_READ, &x)) {
		if (x.result == NOVA_SWGPU_SPARSE)
			val = 0;
		else if (!swgpu_phys_load(gpu, x.aperture, x.addr, size, &val))
			swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, x.addr, NOVA_SWGPU_READ);
	}
	swgpu_port_unlock(&gpu->lock);
	return val;
}

/**
 * swgpu_bar1_write - CPU write through BAR1
 * @gpu: the GPU
 * @off: offset in BAR1, multiple of @size
 * @val: the word
 * @size: 4 or 8
 *
 * Context: any; takes gpu->lock.
 */
void swgpu_bar1_write(struct nova_swgpu *gpu, u64 off, u64 val, unsigned int size)
{
	struct nova_swgpu_xlate x;

	if (swgpu_port_count(&gpu->inject.gone))
		return;
	swgpu_port_lock(&gpu->lock);
	gpu->log.count.bar1_writes++;
	if (swgpu_bar1_inside(gpu, off, size, NOVA_SWGPU_WRITE) &&
	    swgpu_bar1_translate(gpu, off, NOVA_SWGPU_WRITE, &x) &&
	    x.result == NOVA_SWGPU_MAPPED &&
	    !swgpu_phys_store(gpu, x.aperture, x.addr, size, val) && x.aperture)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, x.addr, NOVA_SWGPU_WRITE);
	swgpu_port_unlock(&gpu->lock);
}

/* Bytes from @off on that one translation answers for, in moderation: the lock is held. */
static size_t swgpu_bar1_reach(u64 off, size_t len, const struct nova_swgpu_xlate *x)
{
	unsigned int shift = x->page_shift < 12 ? 12 : x->page_shift > 21 ? 21 : x->page_shift;
	size_t left = (1ul << shift) - (off & ((1ul << shift) - 1));

	return min(len, left);
}

/* VRAM that exists and that the host has in one piece, @len bytes of it; NULL if there is none. */
static u8 *swgpu_bar1_run(struct nova_swgpu *gpu, const struct nova_swgpu_xlate *x, u64 addr,
			  u32 *len)
{
	return x->aperture == NOVA_SWGPU_VRAM ?
		swgpu_phys_run(gpu, NOVA_SWGPU_VRAM, addr, len, false) : NULL;
}

static bool swgpu_bar1_copy_out(struct nova_swgpu *gpu, const struct nova_swgpu_xlate *x, u8 *buf,
				size_t len)
{
	u64 addr = x->addr;
	u8 *run;
	u32 n;

	for (; len; addr += n, buf += n, len -= n) {
		n = (u32)len;
		run = swgpu_bar1_run(gpu, x, addr, &n);
		if (run) {
			memcpy(buf, run, n);
			continue;
		}
		n = SWGPU_PAGE - (addr & (SWGPU_PAGE - 1));
		n = min(len, n);
		if (!swgpu_phys_copy_out(gpu, x->aperture, addr, buf, n)) {
			swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, addr, NOVA_SWGPU_READ);
			return false;
		}
	}
	return true;
}

static void swgpu_bar1_copy_in(struct nova_swgpu *gpu, const struct nova_swgpu_xlate *x,
			       const u8 *buf, size_t len)
{
	u64 addr = x->addr;
	u8 *run;
	u32 n;

	for (; len; addr += n, buf += n, len -= n) {
		n = (u32)len;
		run = swgpu_bar1_run(gpu, x, addr, &n);
		if (run) {
			memcpy(run, buf, n);
			continue;
		}
		n = SWGPU_PAGE - (addr & (SWGPU_PAGE - 1));
		n = min(len, n);
		if (!swgpu_phys_copy_in(gpu, x->aperture, addr, buf, n) && x->aperture)
			swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, addr, NOVA_SWGPU_WRITE);
	}
}

/* Under one translation, with the lock held; returns how far it went. */
static size_t swgpu_bar1_read_piece(struct nova_swgpu *gpu, u64 off, u8 *buf, size_t len)
{
	struct nova_swgpu_xlate x = { 0 };
	bool ok = swgpu_bar1_inside(gpu, off, 8, NOVA_SWGPU_READ) &&
		  swgpu_bar1_translate(gpu, off, NOVA_SWGPU_READ, &x);

	len = swgpu_bar1_reach(off, len, &x);
	gpu->log.count.bar1_reads += len / 8;
	if (ok && x.result == NOVA_SWGPU_SPARSE)
		memset(buf, 0, len);
	else if (!ok || !swgpu_bar1_copy_out(gpu, &x, buf, len))
		memset(buf, 0xff, len);
	return len;
}

static size_t swgpu_bar1_write_piece(struct nova_swgpu *gpu, u64 off, const u8 *buf, size_t len)
{
	struct nova_swgpu_xlate x = { 0 };
	bool ok = swgpu_bar1_inside(gpu, off, 8, NOVA_SWGPU_WRITE) &&
		  swgpu_bar1_translate(gpu, off, NOVA_SWGPU_WRITE, &x);

	len = swgpu_bar1_reach(off, len, &x);
	gpu->log.count.bar1_writes += len / 8;
	if (ok && x.result == NOVA_SWGPU_MAPPED)
		swgpu_bar1_copy_in(gpu, &x, buf, len);
	return len;
}

/**
 * swgpu_bar1_read_bytes - CPU reads through BAR1, one after the other
 * @gpu: the GPU
 * @off: offset in BAR1, multiple of 8
 * @buf: receives what as many reads of 8 bytes would give
 * @len: bytes, multiple of 8
 *
 * Context: any; takes gpu->lock for each page, but not longer than for 2 MiB.
 */
void swgpu_bar1_read_bytes(struct nova_swgpu *gpu, u64 off, void *buf, size_t len)
{
	u8 *out = buf;
	size_t n;

	for (; len; off += n, out += n, len -= n) {
		if (swgpu_port_count(&gpu->inject.gone)) {
			memset(out, 0xff, len);
			return;
		}
		swgpu_port_lock(&gpu->lock);
		n = swgpu_bar1_read_piece(gpu, off, out, len);
		swgpu_port_unlock(&gpu->lock);
	}
}

/**
 * swgpu_bar1_write_bytes - CPU writes through BAR1, one after the other
 * @gpu: the GPU
 * @off: offset in BAR1, multiple of 8
 * @buf: what to write
 * @len: bytes, multiple of 8
 *
 * Context: as swgpu_bar1_read_bytes().
 */
void swgpu_bar1_write_bytes(struct nova_swgpu *gpu, u64 off, const void *buf, size_t len)
{
	const u8 *in = buf;
	size_t n;

	for (; len && !swgpu_port_count(&gpu->inject.gone); off += n, in += n, len -= n) {
		swgpu_port_lock(&gpu->lock);
		n = swgpu_bar1_write_piece(gpu, off, in, len);
		swgpu_port_unlock(&gpu->lock);
	}
}

/* With the lock held: -ENOMEM is worth another try with spare pages. */
static int swgpu_bar1_frame(struct nova_swgpu *gpu, u64 off, bool write,
			    struct swgpu_frame *frame)
{
	enum nova_swgpu_access access = write ? NOVA_SWGPU_WRITE : NOVA_SWGPU_READ;
	struct nova_swgpu_xlate x;

	if (!swgpu_bar1_inside(gpu, off, SWGPU_PAGE, access) ||
	    !swgpu_bar1_translate(gpu, off, access, &x))
		return -EFAULT;
	if (x.result != NOVA_SWGPU_MAPPED) {	/* no frame reads 0 and swallows writes */
		swgpu_mmu_fault(gpu, &gpu->bar1.space, off, access, &x);
		return -EFAULT;
	}
	*frame = (struct swgpu_frame){ 0 };
	if (x.aperture != NOVA_SWGPU_VRAM) {
		frame->dma = x.addr;
		return 0;
	}
	frame->vram = swgpu_vram_page(&gpu->vram, x.addr);
	if (!frame->vram && gpu->vram.spare[0])
		frame->vram = swgpu_vram_populate(&gpu->vram, x.addr);
	return frame->vram ? 0 : -ENOMEM;
}

/**
 * swgpu_bar1_page - the memory behind one page of BAR1, for a CPU mapping
 * @gpu: the GPU
 * @off: offset in BAR1, multiple of 4 KiB
 * @write: the mapping is to be writable
 * @frame: filled in
 *
 * The translation is an access like any other: recorded if refused, cached if not.
 *
 * Context: sleeps; takes gpu->lock.
 * Return: 0, -EFAULT if the tables do not allow it, -ENOMEM, -ENODEV.
 */
int swgpu_bar1_page(struct nova_swgpu *gpu, u64 off, bool write, struct swgpu_frame *frame)
{
	u8 *spare[2];
	int ret;

	if (swgpu_port_count(&gpu->inject.gone))
		return -ENODEV;
	swgpu_port_lock(&gpu->lock);
	ret = swgpu_bar1_frame(gpu, off, write, frame);
	swgpu_port_unlock(&gpu->lock);
	if (ret != -ENOMEM)
		return ret;

	spare[0] = swgpu_port_page_alloc(true);
	spare[1] = swgpu_port_page_alloc(true);
	swgpu_port_lock(&gpu->lock);
	memcpy(gpu->vram.spare, spare, sizeof(spare));
	ret = swgpu_bar1_frame(gpu, off, write, frame);
	memcpy(spare, gpu->vram.spare, sizeof(spare));
	memset(gpu->vram.spare, 0, sizeof(spare));
	if (ret == -ENOMEM)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_NO_MEMORY, off, NOVA_SWGPU_WRITE);
	swgpu_port_unlock(&gpu->lock);
	swgpu_port_page_free(spare[0]);
	swgpu_port_page_free(spare[1]);
	return ret;
}
