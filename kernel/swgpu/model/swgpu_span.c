// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu spans
 *
 * Memory as a channel reaches it: an address, virtual in its address space or physical
 * where that is allowed, becomes a run of contiguous memory, as long as the page or the
 * aperture is. Reading and writing bytes goes span by span and, since the host keeps its
 * memory so, by 4 KiB inside a span.
 *
 * An access that is refused stops the channel and is reported; the bytes before it have
 * been read or written. What a channel may do has been decided before it comes here.
 *
 * A span is valid until gpu->lock is released, and that is what makes an invalidate
 * that has been acknowledged final. Addresses and lengths are bytes.
 */

#include "swgpu.h"

/* Engines do not write page tables: data going to one is a page used twice. */
static void swgpu_span_check_reuse(struct nova_swgpu *gpu, const struct swgpu_chan *chan, u64 va,
				   const struct swgpu_span *span)
{
	const struct nova_swgpu_xlate x = {
		.result = NOVA_SWGPU_MAPPED, .why = NOVA_SWGPU_WHY_TABLE_REUSED,
	};

	if (span->aperture == NOVA_SWGPU_VRAM && !span->sparse &&
	    swgpu_tlb_marked(&gpu->tlb, span->addr, span->len) &&
	    swgpu_tlb_count(&gpu->tlb, gpu->chip->fmt, span->addr, span->len, true))
		swgpu_mmu_fault(gpu, &chan->space, va, NOVA_SWGPU_WRITE, &x);
}

static bool swgpu_span_virtual(struct nova_swgpu *gpu, struct swgpu_chan *chan, u64 va,
			       enum nova_swgpu_access access, struct swgpu_span *span)
{
	struct nova_swgpu_xlate x;
	u64 page, left;

	swgpu_mmu_translate(gpu, &chan->space, va, access, &x);
	if (x.result == NOVA_SWGPU_FAULT) {
		span->addr = x.fault;
		return false;
	}
	page = 1ull << x.page_shift;
	left = page - (va & (page - 1));
	span->addr = x.addr;
	span->aperture = x.aperture;
	span->sparse = x.result == NOVA_SWGPU_SPARSE;
	if (span->len > left)
		span->len = left;
	return true;
}

static bool swgpu_span_physical(struct nova_swgpu *gpu, const struct swgpu_via *via, u64 addr,
				enum nova_swgpu_access access, struct swgpu_span *span)
{
	if (!swgpu_phys_ok(gpu, via->aperture, addr, span->len)) {
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, addr, access);
		span->addr = NOVA_SWGPU_CODE_REGION;
		return false;
	}
	span->addr = addr;
	span->aperture = via->aperture;
	span->sparse = false;
	return true;
}

/**
 * swgpu_span - the memory behind an address
 * @gpu: the GPU
 * @chan: whose access it is; stopped if it is refused
 * @via: what the address means
 * @addr: first byte
 * @access: what is to be done
 * @span: @span->len is what is wanted and comes back as what there is of it
 *
 * Return: false if the access is refused.
 */
bool swgpu_span(struct nova_swgpu *gpu, struct swgpu_chan *chan, const struct swgpu_via *via,
		u64 addr, enum nova_swgpu_access access, struct swgpu_span *span)
{
	bool ok = via->physical ? swgpu_span_physical(gpu, via, addr, access, span) :
				  swgpu_span_virtual(gpu, chan, addr, access, span);

	if (!ok)
		swgpu_report_fault(gpu, chan, via, addr, span->addr, access);
	else if (access != NOVA_SWGPU_READ)
		swgpu_span_check_reuse(gpu, chan, addr, span);
	return ok;
}

/* Bytes of a span up to the end of the host's page, at most len. */
static u32 swgpu_span_piece(u64 addr, u32 len)
{
	u32 left = SWGPU_PAGE - (addr & (SWGPU_PAGE - 1));

	return min(len, left);
}

/**
 * swgpu_span_lost - there was no memory where there must be some
 * @gpu: the GPU
 * @chan: whose access it was; stopped
 * @via: what the address meant
 * @span: the memory: a DMA address with nothing behind, or VRAM the model cannot have
 * @va: the address
 * @access: what was to be done
 *
 * Return: false.
 */
bool swgpu_span_lost(struct nova_swgpu *gpu, struct swgpu_chan *chan,
		     const struct swgpu_via *via, const struct swgpu_span *span, u64 va,
		     enum nova_swgpu_access access)
{
	if (span->aperture != NOVA_SWGPU_VRAM)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_OUT_OF_RANGE, span->addr, access);
	swgpu_report_fault(gpu, chan, via, va, NOVA_SWGPU_CODE_REGION, access);
	return false;
}

static bool swgpu_span_load(struct nova_swgpu *gpu, const struct swgpu_span *span, u32 off,
			    u8 *buf, u32 len)
{
	if (span->sparse) {
		memset(buf, 0, len);
		return true;
	}
	return swgpu_phys_copy_out(gpu, span->aperture, span->addr + off, buf, len);
}

static bool swgpu_span_store(struct nova_swgpu *gpu, const struct swgpu_span *span, u32 off,
			     const u8 *buf, u32 len)
{
	if (span->sparse)
		return true;
	return swgpu_phys_copy_in(gpu, span->aperture, span->addr + off, buf, len);
}

/**
 * swgpu_span_get - read bytes
 * @gpu: the GPU
 * @chan: whose access it is
 * @via: what the address means
 * @addr: first byte
 * @buf: receives them
 * @len: bytes
 *
 * Return: false if a part is refused; @chan has been stopped then.
 */
bool swgpu_span_get(struct nova_swgpu *gpu, struct swgpu_chan *chan, const struct swgpu_via *via,
		    u64 addr, void *buf, u32 len)
{
	struct swgpu_span span = { 0 };
	u32 done, at, n;

	for (done = 0; done < len; done += span.len) {
		span.len = len - done;
		if (!swgpu_span(gpu, chan, via, addr + done, NOVA_SWGPU_READ, &span))
			return false;
		for (at = 0; at < span.len; at += n) {
			n = swgpu_span_piece(span.addr + at, span.len - at);
			if (!swgpu_span_load(gpu, &span, at, (u8 *)buf + done + at, n))
				return swgpu_span_lost(gpu, chan, via, &span, addr + done + at,
						       NOVA_SWGPU_READ);
		}
	}
	return true;
}

/**
 * swgpu_span_put - write bytes
 * @gpu: the GPU
 * @chan: whose access it is
 * @via: what the address means
 * @addr: first byte
 * @buf: the bytes
 * @len: bytes
 *
 * Return: false if a part is refused; @chan has been stopped then.
 */
bool swgpu_span_put(struct nova_swgpu *gpu, struct swgpu_chan *chan, const struct swgpu_via *via,
		    u64 addr, const void *buf, u32 len)
{
	struct swgpu_span span = { 0 };
	u32 done, at, n;

	for (done = 0; done < len; done += span.len) {
		span.len = len - done;
		if (!swgpu_span(gpu, chan, via, addr + done, NOVA_SWGPU_WRITE, &span))
			return false;
		for (at = 0; at < span.len; at += n) {
			n = swgpu_span_piece(span.addr + at, span.len - at);
			if (!swgpu_span_store(gpu, &span, at, (const u8 *)buf + done + at, n))
				return swgpu_span_lost(gpu, chan, via, &span, addr + done + at,
						       NOVA_SWGPU_WRITE);
		}
	}
	return true;
}

/**
 * swgpu_span_load_word - read a word in one piece
 * @gpu: the GPU
 * @chan: whose access it is
 * @via: what the address means
 * @addr: multiple of @size
 * @size: 4 or 8
 * @val: receives it
 *
 * Return: false if it is refused; @chan has been stopped then.
 */
bool swgpu_span_load_word(struct nova_swgpu *gpu, struct swgpu_chan *chan,
			  const struct swgpu_via *via, u64 addr, unsigned int size, u64 *val)
{
	struct swgpu_span span = { .len = size };

	*val = 0;
	if (!swgpu_span(gpu, chan, via, addr, NOVA_SWGPU_READ, &span))
		return false;
	if (span.sparse || swgpu_phys_load(gpu, span.aperture, span.addr, size, val))
		return true;
	return swgpu_span_lost(gpu, chan, via, &span, addr, NOVA_SWGPU_READ);
}

/**
 * swgpu_span_store_word - write a word in one piece, after all that was written before
 * @gpu: the GPU
 * @chan: whose access it is
 * @via: what the address means
 * @addr: multiple of @size
 * @size: 4 or 8
 * @val: the word
 *
 * Return: false if it is refused; @chan has been stopped then.
 */
bool swgpu_span_store_word(struct nova_swgpu *gpu, struct swgpu_chan *chan,
			   const struct swgpu_via *via, u64 addr, unsigned int size, u64 val)
{
	struct swgpu_span span = { .len = size };

	if (!swgpu_span(gpu, chan, via, addr, NOVA_SWGPU_WRITE, &span))
		return false;
	swgpu_port_mb();
	if (span.sparse || swgpu_phys_store(gpu, span.aperture, span.addr, size, val))
		return true;
	return swgpu_span_lost(gpu, chan, via, &span, addr, NOVA_SWGPU_WRITE);
}
