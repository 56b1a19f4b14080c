// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmark of the software GPU
 *
 * What a CPU mapping of BAR1 costs on the model: the frames that bar1_pfn() gives for 64 MiB,
 * mapped at once as a fault handler would map them one by one, against as much plain memory mapped
 * the same way. After the first touch both are nothing but memory, so they must be equally fast;
 * the first touch itself goes through page tables and TLB of the model, and its row has no goal.
 *
 * BAR1 is bound to tables written here as literal version-2 words: 32 pages of 2 MiB from VRAM
 * 0x4000000 on. Copies go through one buffer of 4 MiB. Times are nanoseconds.
 */

#include "nova_bench.h"

#include "nova_swgpu.h"

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/platform_data/nova_io.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define SWGPU_BENCH_SIZE SZ_64M
#define SWGPU_BENCH_PAGES (SWGPU_BENCH_SIZE / PAGE_SIZE)
#define SWGPU_BENCH_BUFFER SZ_4M
#define SWGPU_BENCH_GOAL 833	/* within 1.2 times */

/** struct swgpu_bench - both memories */
static struct swgpu_bench {
	struct nova_swgpu *gpu;
	/** @pages: of ours, then of the peer */
	struct page **pages[2];
	/** @map: kernel mapping of @pages */
	void *map[2];
	u8 *buffer;
} bench;

static int bench_put(u64 addr, u64 word)
{
	return nova_swgpu_vram_write(bench.gpu, addr, &word, sizeof(word));
}

/* root 0x200000, PD2, PD1, PD0 at 0x203000; instance block at 0x10000 */
static int bench_bind(void)
{
	struct nova_io *io = nova_swgpu_io(bench.gpu);
	unsigned int i;
	int ret;

	ret = bench_put(0x200000, 0x20102) ?: bench_put(0x201000, 0x20202) ?:
	      bench_put(0x202000, 0x20302) ?: bench_put(0x10200, 0x200c00);
	for (i = 0; i < SWGPU_BENCH_SIZE / SZ_2M && !ret; i++)
		ret = bench_put(0x203000 + i * 16, (0x4000000ull + i * SZ_2M) >> 4 | 1) ?:
		      bench_put(0x203008 + i * 16, 0);
	io->ops->bar0_wr32(io, 0xb80f40, 0x80000010);
	while (!ret && io->ops->bar0_rd32(io, 0xb80f50) & 3)
		;
	return ret;
}

static int bench_frame(unsigned int i)
{
	struct nova_io *io = nova_swgpu_io(bench.gpu);
	unsigned long pfn;
	int ret;

	ret = io->ops->bar1_pfn(io, (u64)i << PAGE_SHIFT, true, &pfn);
	if (!ret)
		bench.pages[0][i] = pfn_to_page(pfn);
	return ret;
}

/* First touch of both, page by page in turns. */
static int bench_touch(void)
{
	struct nova_bench_row row = { .name = "first_touch", .unit = "ns/page", .nr = 1 };
	u64 t0, t1, t2;
	unsigned int i;
	int ret;

	for (i = 0; i < SWGPU_BENCH_PAGES; i++) {
		t0 = ktime_get_ns();
		ret = bench_frame(i);
		t1 = ktime_get_ns();
		bench.pages[1][i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		t2 = ktime_get_ns();
		if (ret || !bench.pages[1][i])
			return ret ?: -ENOMEM;
		row.ours[0] += t1 - t0;
		row.peer[0] += t2 - t1;
	}
	row.ours[0] = div_u64(row.ours[0] * 1000, SWGPU_BENCH_PAGES);
	row.peer[0] = div_u64(row.peer[0] * 1000, SWGPU_BENCH_PAGES);
	nova_bench_emit(&row);
	return 0;
}

static u64 bench_copy(unsigned int kind, bool write)
{
	u64 start = ktime_get_ns();
	size_t off;

	for (off = 0; off < SWGPU_BENCH_SIZE; off += SWGPU_BENCH_BUFFER) {
		if (write)
			memcpy(bench.map[kind] + off, bench.buffer, SWGPU_BENCH_BUFFER);
		else
			memcpy(bench.buffer, bench.map[kind] + off, SWGPU_BENCH_BUFFER);
	}
	return ktime_get_ns() - start;
}

static void bench_memcpy(const char *name, bool write)
{
	struct nova_bench_row row = { .name = name, .unit = "us", .goal = SWGPU_BENCH_GOAL };

	for (row.nr = 0; row.nr < NOVA_BENCH_REPS; row.nr++) {
		row.ours[row.nr] = bench_copy(0, write);
		row.peer[row.nr] = bench_copy(1, write);
	}
	nova_bench_emit(&row);
}

static int bench_alloc(void)
{
	const struct nova_swgpu_config cfg = {
		.chip = "ga102", .vram_size = SZ_256M, .bar1_size = SZ_128M,
	};
	unsigned int kind;

	bench.gpu = nova_swgpu_create(&cfg);
	if (IS_ERR(bench.gpu))
		return PTR_ERR(bench.gpu);
	for (kind = 0; kind < 2; kind++)
		bench.pages[kind] = kvcalloc(SWGPU_BENCH_PAGES, sizeof(struct page *), GFP_KERNEL);
	bench.buffer = alloc_pages_exact(SWGPU_BENCH_BUFFER, GFP_KERNEL | __GFP_ZERO);
	return bench.pages[0] && bench.pages[1] && bench.buffer ? 0 : -ENOMEM;
}

static int bench_map(void)
{
	unsigned int kind;

	for (kind = 0; kind < 2; kind++) {
		bench.map[kind] = vmap(bench.pages[kind], SWGPU_BENCH_PAGES, VM_MAP, PAGE_KERNEL);
		if (!bench.map[kind])
			return -ENOMEM;
		bench_copy(kind, true);		/* the host's first touch */
	}
	return 0;
}

static void bench_free(void)
{
	unsigned int kind, i;

	for (kind = 0; kind < 2; kind++)
		vunmap(bench.map[kind]);
	for (i = 0; bench.pages[1] && i < SWGPU_BENCH_PAGES && bench.pages[1][i]; i++)
		__free_page(bench.pages[1][i]);
	for (kind = 0; kind < 2; kind++)
		kvfree(bench.pages[kind]);
	if (bench.buffer)
		free_pages_exact(bench.buffer, SWGPU_BENCH_BUFFER);
	if (!IS_ERR(bench.gpu))
		nova_swgpu_destroy(bench.gpu);
}

/**
 * nova_bench_swgpu() - run the benchmark of the software GPU
 *
 * Context: may sleep; one at a time.
 * Return: 0, -ENOMEM or -EIO.
 */
int nova_bench_swgpu(void)
{
	int ret;

	ret = bench_alloc() ?: bench_bind() ?: bench_touch() ?: bench_map();
	if (!ret) {
		bench_memcpy("memcpy_64m_from_bar1", false);
		bench_memcpy("memcpy_64m_to_bar1", true);
	}
	bench_free();
	return ret ?: nova_bench_swgpu_copy();
}
