// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_mem
 *
 * CPU access to VRAM for page tables and for moving objects, whichever way is
 * there. A place in VRAM (&struct nova_mem_at) carries its offset in BAR1 if
 * the kernel has mapped it: then words go through BAR1, which is fast and
 * write-combined; everything else goes through PRAMIN. Tests and benchmarks
 * replace both by plain memory.
 *
 * Order (W-4): nova_mem_order() keeps a table's contents ahead of the entry that
 * connects it. nova_mem_flush() goes before an invalidate: when it returns,
 * earlier writes have reached VRAM, because a read through the same path cannot
 * overtake them.
 *
 * Locking: writers of one page table are serialised by that table's tree; PRAMIN
 * has its lock. &nova_mem.last_window is a hint: any window written lately serves
 * for the read-back. Whoever takes a window away has it forgotten first, and
 * &nova_mem.window_lock keeps it until nobody reads it.
 *
 * Units: bytes; table words are 64 bits.
 */
#include "nova_mem.h"

#include "nova_device.h"
#include "nova_pramin.h"

#include <asm/barrier.h>
#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/prefetch.h>
#include <linux/sizes.h>
#include <linux/string.h>

static void nova_mem_hw_write_run(struct nova_mem *mem, const struct nova_mem_run *run)
{
	unsigned int step = run->pair ? 2 * sizeof(u64) : sizeof(u64);
	struct nova_device *nd = mem->nd;
	u64 off = run->at.window, word = run->first;

	if (off == NOVA_MEM_NO_WINDOW) {
		nova_pramin_write_run(mem->pramin, run);
		return;
	}
	for (unsigned int i = 0; i < run->nr; i++, off += step, word += run->stride) {
		nova_bar1_wr64(nd, off, word);
		if (run->pair)
			nova_bar1_wr64(nd, off + sizeof(u64), 0);
	}
	WRITE_ONCE(mem->last_window, run->at.window);
}

static void nova_mem_hw_write64(struct nova_mem *mem, struct nova_mem_at at, u64 word)
{
	if (at.window == NOVA_MEM_NO_WINDOW) {
		nova_pramin_write64(mem->pramin, at.vram, word);
		return;
	}
	nova_bar1_wr64(mem->nd, at.window, word);
	WRITE_ONCE(mem->last_window, at.window);
}

static u64 nova_mem_hw_read64(struct nova_mem *mem, const struct nova_mem_at *at)
{
	struct nova_device *nd = mem->nd;
	u64 word = ~0ULL;

	if (at->window != NOVA_MEM_NO_WINDOW)
		return nova_bar1_rd64(nd, at->window);
	nova_pramin_read64(mem->pramin, at->vram, &word);
	return word;
}

static void nova_mem_hw_order(struct nova_mem *mem)
{
	/* BAR1 may be write-combined: contents of a table before the entry that names it. */
	wmb();
}

static int nova_mem_hw_flush(struct nova_mem *mem)
{
	/* Out of the write-combining buffers, so that the read below pushes it on. */
	wmb();
	scoped_guard(mutex, &mem->window_lock) {
		u64 window = READ_ONCE(mem->last_window);

		if (window != NOVA_MEM_NO_WINDOW)
			nova_bar1_rd32(mem->nd, window);
	}
	return nova_pramin_barrier(mem->pramin);
}

static const struct nova_mem_ops nova_mem_hw_ops = {
	.write_run = nova_mem_hw_write_run,
	.write64 = nova_mem_hw_write64,
	.read64 = nova_mem_hw_read64,
	.order = nova_mem_hw_order,
	.flush = nova_mem_hw_flush,
};

static u64 *nova_mem_cpu_ptr(struct nova_mem *mem, u64 addr)
{
	return mem->cpu + (addr - mem->cpu_base);
}

/* Words to fetch ahead: tables lie side by side, and the CPU's own prefetch ends with a page. */
#define NOVA_MEM_AHEAD	256

/* Unrolled: the loops are all there is to mapping a large range, and nobody does it for us. */
static void nova_mem_cpu_write_pairs(u64 *p, u64 word, u64 stride, unsigned int nr)
{
	for (; nr >= 4; nr -= 4, p += 8, word += 4 * stride) {
		WRITE_ONCE(p[0], word);
		WRITE_ONCE(p[1], 0);
		WRITE_ONCE(p[2], word + stride);
		WRITE_ONCE(p[3], 0);
		WRITE_ONCE(p[4], word + 2 * stride);
		WRITE_ONCE(p[5], 0);
		WRITE_ONCE(p[6], word + 3 * stride);
		WRITE_ONCE(p[7], 0);
	}
	for (; nr; nr--, p += 2, word += stride) {
		WRITE_ONCE(p[0], word);
		WRITE_ONCE(p[1], 0);
	}
}

static void nova_mem_cpu_write_words(u64 *p, u64 word, u64 stride, unsigned int nr)
{
	for (; nr >= 8; nr -= 8, p += 8, word += 8 * stride) {
		prefetchw(p + NOVA_MEM_AHEAD);
		WRITE_ONCE(p[0], word);
		WRITE_ONCE(p[1], word + stride);
		WRITE_ONCE(p[2], word + 2 * stride);
		WRITE_ONCE(p[3], word + 3 * stride);
		WRITE_ONCE(p[4], word + 4 * stride);
		WRITE_ONCE(p[5], word + 5 * stride);
		WRITE_ONCE(p[6], word + 6 * stride);
		WRITE_ONCE(p[7], word + 7 * stride);
	}
	for (; nr; nr--, p++, word += stride)
		WRITE_ONCE(*p, word);
}

static void nova_mem_cpu_write_run(struct nova_mem *mem, const struct nova_mem_run *run)
{
	u64 *p = nova_mem_cpu_ptr(mem, run->at.vram.addr);

	if (run->pair)
		nova_mem_cpu_write_pairs(p, run->first, run->stride, run->nr);
	else
		nova_mem_cpu_write_words(p, run->first, run->stride, run->nr);
}

static void nova_mem_cpu_write64(struct nova_mem *mem, struct nova_mem_at at, u64 word)
{
	WRITE_ONCE(*nova_mem_cpu_ptr(mem, at.vram.addr), word);
}

static u64 nova_mem_cpu_read64(struct nova_mem *mem, const struct nova_mem_at *at)
{
	return READ_ONCE(*nova_mem_cpu_ptr(mem, at->vram.addr));
}

static void nova_mem_cpu_order(struct nova_mem *mem)
{
	/* Pairs with the address dependency of whoever walks the memory. */
	smp_wmb();
}

static int nova_mem_cpu_flush(struct nova_mem *mem)
{
	nova_mem_cpu_order(mem);
	return 0;
}

static const struct nova_mem_ops nova_mem_cpu_ops = {
	.write_run = nova_mem_cpu_write_run,
	.write64 = nova_mem_cpu_write64,
	.read64 = nova_mem_cpu_read64,
	.order = nova_mem_cpu_order,
	.flush = nova_mem_cpu_flush,
};

/**
 * nova_mem_init - access to a device's VRAM
 * @mem: to be filled; memory is the caller's, there is nothing to undo
 * @nd: the device
 * @pramin: its BAR0 window
 */
void nova_mem_init(struct nova_mem *mem, struct nova_device *nd, struct nova_pramin *pramin)
{
	*mem = (struct nova_mem){
		.ops = &nova_mem_hw_ops,
		.nd = nd,
		.pramin = pramin,
		.last_window = NOVA_MEM_NO_WINDOW,
	};
	mutex_init(&mem->window_lock);
}

/**
 * nova_mem_init_cpu - let plain memory stand for VRAM
 * @mem: to be filled; memory is the caller's, there is nothing to undo
 * @cpu: the memory, 8-byte aligned
 * @base: VRAM address its first byte stands for
 * @size: its bytes
 *
 * For tests and benchmarks of page tables without a device.
 */
void nova_mem_init_cpu(struct nova_mem *mem, void *cpu, u64 base, u64 size)
{
	*mem = (struct nova_mem){
		.ops = &nova_mem_cpu_ops,
		.last_window = NOVA_MEM_NO_WINDOW,
		.cpu = cpu,
		.cpu_base = base,
		.cpu_size = size,
	};
	mutex_init(&mem->window_lock);
}

/**
 * nova_mem_forget - a BAR1 window is about to go
 * @mem: the access
 * @window: its offset in BAR1; nobody writes through it any more
 * @len: its bytes
 * @other: offset of a window that stays, NOVA_MEM_NO_WINDOW if there is none
 *
 * Afterwards nova_mem_flush() does not read it. If it was the one written last,
 * @other takes its place: it may be that of somebody who has yet to flush.
 *
 * Context: may sleep; never allocates.
 */
void nova_mem_forget(struct nova_mem *mem, u64 window, u64 len, u64 other)
{
	u64 last;

	guard(mutex)(&mem->window_lock);
	last = READ_ONCE(mem->last_window);
	/* Writers take no lock; a hint of theirs is as good as @other. */
	if (last - window < len)
		cmpxchg(&mem->last_window, last, other);
}

static int nova_mem_cpu_check(struct nova_mem *mem, u64 addr, u64 len)
{
	u64 end;

	if (check_add_overflow(addr, len, &end) || addr < mem->cpu_base ||
	    end > mem->cpu_base + mem->cpu_size)
		return -EINVAL;
	return 0;
}

/**
 * nova_mem_read - copy out of VRAM
 * @mem: the access
 * @at: address, a multiple of 8
 * @buf: destination
 * @len: bytes, a multiple of 8
 *
 * Context: may sleep; never allocates.
 *
 * Return: 0; -EINVAL if misaligned or outside VRAM; -ENODEV after unplug.
 */
int nova_mem_read(struct nova_mem *mem, nova_vram_t at, void *buf, size_t len)
{
	int ret;

	if (!mem->cpu)
		return nova_pramin_read(mem->pramin, at, buf, len);
	ret = nova_mem_cpu_check(mem, at.addr, len);
	if (!ret)
		memcpy(buf, nova_mem_cpu_ptr(mem, at.addr), len);
	return ret;
}

/**
 * nova_mem_write - copy into VRAM
 * @mem: the access
 * @at: address, a multiple of 8
 * @buf: source
 * @len: bytes, a multiple of 8
 *
 * Context: as nova_mem_read(). The data is on its way when this returns;
 * nova_mem_flush() waits for it.
 *
 * Return: as nova_mem_read().
 */
int nova_mem_write(struct nova_mem *mem, nova_vram_t at, const void *buf, size_t len)
{
	int ret;

	if (!mem->cpu)
		return nova_pramin_write(mem->pramin, at, buf, len);
	ret = nova_mem_cpu_check(mem, at.addr, len);
	if (!ret)
		memcpy(nova_mem_cpu_ptr(mem, at.addr), buf, len);
	return ret;
}

/**
 * nova_mem_zero - clear VRAM
 * @mem: the access
 * @at: address, a multiple of 8
 * @len: bytes, a multiple of 8
 *
 * Context: as nova_mem_write().
 *
 * Return: as nova_mem_read(); after an error part may have been cleared.
 */
int nova_mem_zero(struct nova_mem *mem, nova_vram_t at, u64 len)
{
	int ret = mem->cpu ? nova_mem_cpu_check(mem, at.addr, len) : 0;

	if (ret)
		return ret;
	if (mem->cpu) {
		memset(nova_mem_cpu_ptr(mem, at.addr), 0, len);
		return 0;
	}
	while (len && !ret) {
		size_t piece = min_t(u64, len, SZ_1M);

		ret = nova_pramin_fill(mem->pramin, at, 0, piece);
		at.addr += piece;
		len -= piece;
	}
	return ret;
}
