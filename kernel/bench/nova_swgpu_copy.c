// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmark of the copy engine
 *
 * 16 MiB copied by a launch of the software GPU's copy engine, from the doorbell to its semaphore,
 * against memcpy() of as much memory that has been had in the same pieces, 64 KiB each: memory to
 * memory by physical address, through pages of 2 MiB and of 64 KiB, and to and from system memory
 * through pages of 64 KiB. The channel is stepped here, so what is timed is execution and not how
 * soon a worker gets a CPU.
 *
 * Literal words on a GA102; the ring has 16 entries, one a copy::
 *
 *   VRAM 0x200000 … 0x203000 directories, 0x205000 big tables, 0x206000 small table
 *        0x300000 ring, 0x301000 pushbuffer, 0x302000 semaphore, 0x303000 instance, 0x304000 USERD
 *        0x4000000 first, 0x6000000 second 16 MiB
 *   VA   0x0 4 KiB pages; 0x2000000, 0x4000000 the two, 2 MiB; 0x6000000, 0x8000000, 64 KiB;
 *        0xa000000 system memory, 64 KiB
 */

#include "nova_bench.h"

#include "nova_swgpu.h"

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/platform_data/nova_io.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#define COPY_SIZE SZ_16M
#define COPY_BLOCK SZ_64K
#define COPY_BLOCKS (COPY_SIZE / COPY_BLOCK)
#define COPY_GOAL 900
#define COPY_TRIES 3
#define COPY_A 0x4000000ull
#define COPY_B 0x6000000ull

/** struct copy_bench - one GPU with one channel, and system memory */
static struct copy_bench {
	struct nova_swgpu *gpu;
	/** @sysmem: of the GPU; @from, @to: of the peer */
	void *sysmem[COPY_BLOCKS], *from[COPY_BLOCKS], *to[COPY_BLOCKS];
	/** @nr: entries ever put into the ring; the semaphore's value when they are done */
	u32 nr;
} copy;

/** struct copy_row - one kind of copy */
static const struct copy_row {
	const char *name;
	u64 from, to;
	/** @launch: LAUNCH_DMA */
	u32 launch;
} copy_rows[] = {
	{ "copy_16m_vram_physical", COPY_A, COPY_B, 0x3182 },
	{ "copy_16m_vram_2m_pages", 0x2000000, 0x4000000, 0x182 },
	{ "copy_16m_vram_64k_pages", 0x6000000, 0x8000000, 0x182 },
	{ "copy_16m_vram_to_sysmem", 0x6000000, 0xa000000, 0x182 },
	{ "copy_16m_sysmem_to_vram", 0xa000000, 0x8000000, 0x182 },
};

static void copy_put(u64 addr, u64 word)
{
	nova_swgpu_vram_write(copy.gpu, addr, &word, sizeof(word));
}

static void copy_put32(u64 addr, u32 word)
{
	nova_swgpu_vram_write(copy.gpu, addr, &word, sizeof(word));
}

/* 16 MiB from VA on, in pages of 2 MiB, or of 64 KiB of table memory at @table. */
static void copy_map(u64 va, u64 table, u64 addr)
{
	u64 pd0 = 0x203000 + (va >> 21) * 16;
	unsigned int i, j;

	for (i = 0; i < 8; i++, pd0 += 16) {
		copy_put(pd0, table ? (table + i * 256) >> 4 | 2 : (addr + i * SZ_2M) >> 4 | 1);
		copy_put(pd0 + 8, 0);
		for (j = 0; table && j < 32; j++)
			copy_put(table + i * 256 + j * 8,
				 (addr + i * SZ_2M + j * SZ_64K) >> 4 | 1);
	}
}

static void copy_map_sysmem(u64 va, u64 table)
{
	u64 pd0 = 0x203000 + (va >> 21) * 16;
	unsigned int i;

	for (i = 0; i < 8; i++, pd0 += 16) {
		copy_put(pd0, (table + i * 256) >> 4 | 2);
		copy_put(pd0 + 8, 0);
	}
	for (i = 0; i < COPY_BLOCKS; i++)
		copy_put(table + i * 8, virt_to_phys(copy.sysmem[i]) >> 4 | 5);
}

static void copy_tables(void)
{
	unsigned int i;

	copy_put(0x200000, 0x20102);
	copy_put(0x201000, 0x20202);
	copy_put(0x202000, 0x20302);
	copy_put(0x203000, 0);
	copy_put(0x203008, 0x20602);
	for (i = 0; i < 512; i++)
		copy_put(0x206000 + i * 8, (0x200000 + i * SZ_4K) >> 4 | 1);
	copy_map(0x2000000, 0, COPY_A);
	copy_map(0x4000000, 0, COPY_B);
	copy_map(0x6000000, 0x205000, COPY_A);
	copy_map(0x8000000, 0x205800, COPY_B);
	copy_map_sysmem(0xa000000, 0x207000);
}

/* Ring, USERD, instance block and runlist of channel 0, privileged; then up with it. */
static void copy_channel(void)
{
	struct nova_io *io = nova_swgpu_io(copy.gpu);
	unsigned int i;

	for (i = 0; i < SZ_1K; i += 8)
		copy_put(0x303000 + i, 0);
	copy_put(0x304088, 0);
	copy_put32(0x303008, 0x304000);
	copy_put32(0x303010, 0xface);
	copy_put(0x303048, 0x0004000000100000);		/* ring at VA 0x100000 */
	copy_put32(0x3030e4, 0x20);
	copy_put32(0x3030f4, 0x1100);
	copy_put32(0x303200, 0x200c00);
	io->ops->bar0_wr32(io, 0x800000, 0x80000303);
	io->ops->bar0_wr32(io, 0x800004, 0x400);
	copy_put(0x305000, 0x100000001);
	copy_put(0x305008, 0);
	copy_put(0x305010, 0x304000);
	copy_put(0x305018, 0x303000);
	io->ops->bar0_wr32(io, 0x2b00, 0x305000);
	io->ops->bar0_wr32(io, 0x2b08, 2);
	while (io->ops->bar0_rd32(io, 0x2b0c))
		;
}

static void copy_write(const struct copy_row *row)
{
	const u32 words[] = {
		0x20018000, 0xc7b5,
		0x20048100, 0, row->from, 0, row->to,
		0x20018106, COPY_SIZE,
		0x20038090, 0, 0x102000, copy.nr + 1,
		0x200180c0, row->launch | 8,
	};

	nova_swgpu_vram_write(copy.gpu, 0x301000, words, sizeof(words));
	copy_put(0x300000 + copy.nr % 16 * 8, (u64)ARRAY_SIZE(words) << 42 | 0x101000);
	copy.nr++;
	copy_put32(0x30408c, copy.nr % 16);
}

static u64 copy_ours(const struct copy_row *row)
{
	struct nova_io *io = nova_swgpu_io(copy.gpu);
	u64 start;

	copy_write(row);
	start = ktime_get_ns();
	io->ops->bar0_wr32(io, 0xbb0090, 0);
	while (!nova_swgpu_step(copy.gpu))
		;
	return ktime_get_ns() - start;
}

static u64 copy_peer(void)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(copy.to); i++)
		memcpy(copy.to[i], copy.from[i], COPY_BLOCK);
	return ktime_get_ns() - start;
}

/* Has the semaphore been released, and nothing gone wrong? */
static int copy_check(void)
{
	u32 sem = 0;

	nova_swgpu_vram_read(copy.gpu, 0x302000, &sem, sizeof(sem));
	return sem == copy.nr && !nova_swgpu_fault_count(copy.gpu) ? 0 : -EIO;
}

/* The fastest of some turns: a host that takes the CPU away adds more than a copy takes. */
static void copy_sample(const struct copy_row *row, u64 *ours, u64 *peer)
{
	unsigned int i;

	*ours = U64_MAX;
	*peer = U64_MAX;
	for (i = 0; i < COPY_TRIES; i++) {
		*ours = min(*ours, copy_ours(row));
		*peer = min(*peer, copy_peer());
		cond_resched();
	}
}

static int copy_run(const struct copy_row *row)
{
	struct nova_bench_row figure = { .name = row->name, .unit = "us", .goal = COPY_GOAL };

	copy_ours(row);		/* first touch */
	for (figure.nr = 0; figure.nr < NOVA_BENCH_REPS; figure.nr++)
		copy_sample(row, &figure.ours[figure.nr], &figure.peer[figure.nr]);
	nova_bench_emit(&figure);
	return copy_check();
}

static int copy_alloc(void)
{
	const struct nova_swgpu_config cfg = {
		.chip = "ga102", .vram_size = SZ_256M, .by_hand = true,
	};
	unsigned int i;

	for (i = 0; i < COPY_BLOCKS; i++) {
		copy.sysmem[i] = alloc_pages_exact(COPY_BLOCK, GFP_KERNEL | __GFP_ZERO);
		copy.from[i] = alloc_pages_exact(COPY_BLOCK, GFP_KERNEL | __GFP_ZERO);
		copy.to[i] = alloc_pages_exact(COPY_BLOCK, GFP_KERNEL | __GFP_ZERO);
		if (!copy.sysmem[i] || !copy.from[i] || !copy.to[i])
			return -ENOMEM;
	}
	copy.gpu = nova_swgpu_create(&cfg);
	return PTR_ERR_OR_ZERO(copy.gpu);
}

static void copy_free(void)
{
	unsigned int i;

	if (!IS_ERR_OR_NULL(copy.gpu))
		nova_swgpu_destroy(copy.gpu);
	for (i = 0; i < COPY_BLOCKS; i++) {
		if (copy.sysmem[i])
			free_pages_exact(copy.sysmem[i], COPY_BLOCK);
		if (copy.from[i])
			free_pages_exact(copy.from[i], COPY_BLOCK);
		if (copy.to[i])
			free_pages_exact(copy.to[i], COPY_BLOCK);
	}
}

/**
 * nova_bench_swgpu_copy() - time the copy engine
 *
 * Context: may sleep; one at a time.
 * Return: 0, -ENOMEM, or -EIO if a copy did not end as it should.
 */
int nova_bench_swgpu_copy(void)
{
	unsigned int i;
	int ret;

	ret = copy_alloc();
	if (!ret) {
		copy_tables();
		for (i = 0; i < COPY_SIZE; i += SZ_4K) {	/* what was never written is slow */
			nova_swgpu_vram_write(copy.gpu, COPY_A + i, copy.from[0], SZ_4K);
			nova_swgpu_vram_write(copy.gpu, COPY_B + i, copy.from[0], SZ_4K);
		}
		copy_channel();
	}
	for (i = 0; i < ARRAY_SIZE(copy_rows) && !ret; i++)
		ret = copy_run(&copy_rows[i]);
	copy_free();
	return ret;
}
