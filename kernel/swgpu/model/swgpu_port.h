/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_PORT_H__
#define __SWGPU_PORT_H__

/*
 * All the model core asks of its surroundings:
 *
 *   swgpu_lock_t, swgpu_count_t   a lock and an atomic number
 *   zalloc, free                  sizeable zeroed memory, not under the lock
 *   page_alloc, page_free         4 KiB pages; may_sleep false under the lock
 *   block_alloc                   as many such pages in a row, or NULL; under the lock
 *   dma_map, dma_unmap            the page behind a DMA address, or NULL
 *   dma_run                       as dma_map, as far as it is in one piece
 *   ns                            a clock that only goes forward
 *   context                       who is calling: differs between tasks
 *   kick                          have nova_swgpu_step() called; under the lock
 *   ld32 … st64                   little-endian words, naturally aligned
 *   EXPORT_SYMBOL_SWGPU           a function the driver's tests may call
 *
 * User space has the same in swgpu_user.h.
 */

#ifdef __KERNEL__

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kconfig.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>

#ifdef CONFIG_DRM_NOVA_KUNIT_TEST
#define EXPORT_SYMBOL_SWGPU(fn) EXPORT_SYMBOL_GPL(fn)
#else
#define EXPORT_SYMBOL_SWGPU(fn) static_assert(true)
#endif

typedef spinlock_t swgpu_lock_t;
typedef atomic_t swgpu_count_t;

#define swgpu_port_lock_init(l) spin_lock_init(l)
#define swgpu_port_lock(l) spin_lock(l)
#define swgpu_port_unlock(l) spin_unlock(l)
#define swgpu_port_inc(c) atomic_inc(c)
#define swgpu_port_dec(c) atomic_dec(c)
#define swgpu_port_count(c) atomic_read(c)
#define swgpu_port_set(c, val) atomic_set(c, val)
#define swgpu_port_mb() smp_mb()
#define swgpu_port_ns() ktime_get_ns()

static inline void *swgpu_port_zalloc(size_t n, size_t size)
{
	return kvcalloc(n, size, GFP_KERNEL);
}

static inline void swgpu_port_free(void *p)
{
	kvfree(p);
}

/* What fails because a test wants its caller's allocations to fail is not the GPU's memory. */
#ifdef CONFIG_FAULT_INJECTION
#define swgpu_port_fail_nth current->fail_nth
#else
#define swgpu_port_fail_nth (*(unsigned int[]){ 0 })
#endif

static inline void *swgpu_port_page_alloc(bool may_sleep)
{
	unsigned int fail_nth = swgpu_port_fail_nth;
	void *page;

	swgpu_port_fail_nth = 0;
	page = (void *)__get_free_page((may_sleep ? GFP_KERNEL : GFP_ATOMIC) | __GFP_NOWARN);
	swgpu_port_fail_nth = fail_nth;
	return page;
}

static inline void swgpu_port_page_free(void *page)
{
	free_page((unsigned long)page);
}

static inline void *swgpu_port_block_alloc(unsigned int nr)
{
	unsigned int order = get_order(nr * PAGE_SIZE);
	struct page *page = alloc_pages(GFP_NOWAIT | __GFP_NOWARN | __GFP_NORETRY, order);

	if (!page)
		return NULL;
	split_page(page, order);
	return page_address(page);
}

static inline u8 *swgpu_port_dma_map(u64 addr)
{
	if (addr >> PAGE_SHIFT > ULONG_MAX || !pfn_valid(addr >> PAGE_SHIFT))
		return NULL;
	return (u8 *)kmap_local_page(pfn_to_page(addr >> PAGE_SHIFT)) + offset_in_page(addr);
}

static inline void swgpu_port_dma_unmap(u8 *p)
{
	kunmap_local(p);
}

static inline u8 *swgpu_port_dma_run(u64 addr, u32 *len)
{
	u32 run = PAGE_SIZE - offset_in_page(addr);
	u8 *p = swgpu_port_dma_map(addr);

	while (!IS_ENABLED(CONFIG_HIGHMEM) && p && run < *len && pfn_valid(PHYS_PFN(addr + run)))
		run += PAGE_SIZE;
	*len = min(*len, run);
	return p;
}

static inline u64 swgpu_port_context(void)
{
	return (unsigned long)current;
}

static inline u32 swgpu_port_ld32(const void *p)
{
	return le32_to_cpu(READ_ONCE(*(const __le32 *)p));
}

static inline void swgpu_port_st32(void *p, u32 val)
{
	WRITE_ONCE(*(__le32 *)p, cpu_to_le32(val));
}

static inline u64 swgpu_port_ld64(const void *p)
{
	return le64_to_cpu(READ_ONCE(*(const __le64 *)p));
}

static inline void swgpu_port_st64(void *p, u64 val)
{
	WRITE_ONCE(*(__le64 *)p, cpu_to_le64(val));
}

#else
#include "swgpu_user.h"
#endif

struct nova_swgpu;

void swgpu_port_kick(struct nova_swgpu *gpu);

/** SWGPU_PAGE - bytes of a VRAM page as the model stores it */
#define SWGPU_PAGE 4096u

/* Bits hi:lo of a word, as manuals write them. */
static inline u64 swgpu_bits(u64 w, unsigned int hi, unsigned int lo)
{
	return (w >> lo) & (~0ull >> (63 - (hi - lo)));
}

#endif
