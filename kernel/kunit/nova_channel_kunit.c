// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_channel_kunit
 *
 * What tests of channels share: a software GPU whose host the driver runs, and an
 * address space with known memory in it::
 *
 *	4 MiB	code, read-only	| 64 KiB
 *	6 MiB	source		| 16 KiB
 *	8 MiB	target		| 16 KiB
 *	10 MiB	nothing
 *	1 GiB	memory of channels
 *
 * Locking: none; a fixture belongs to one test.
 */
#include "nova_channel_kunit.h"

#include "nova_ce.h"
#include "nova_chip.h"
#include "nova_fence.h"

#include <kunit/test.h>

#include <linux/dma-mapping.h>
#include <linux/string.h>

#define CODE_LEN	SZ_64K
#define SLOT_LEN	256
#define WAIT_JIFFIES	(20 * HZ)

static void nova_channel_fixture_fini(void *arg)
{
	nova_host_fini(&((struct nova_channel_fixture *)arg)->host);
}

static void nova_channel_fixture_free(void *arg)
{
	struct nova_channel_fixture *f = arg;

	nova_buddy_free(f->nk->mm.buddy, &f->vram, false);
}

static u64 nova_channel_fixture_vram(struct nova_channel_fixture *f)
{
	return nova_buddy_extents(&f->vram)->addr;
}

static void nova_channel_fixture_map(struct nova_channel_fixture *f, u64 va, u64 off, u64 len,
				     bool read_only)
{
	const struct nova_extent ext = { .addr = nova_channel_fixture_vram(f) + off, .len = len };
	const struct nova_backing backing = {
		.aperture = NOVA_APERTURE_VRAM, .size = len, .extents = &ext, .nr_extents = 1,
	};
	const struct nova_vmm_map map = {
		.va = va, .len = len, .backing = &backing, .attr = { .read_only = read_only },
	};

	KUNIT_ASSERT_EQ(f->nk->test, nova_vmm_map_now(f->vmm, &map), 0);
}

static void nova_channel_fixture_fill(struct nova_channel_fixture *f)
{
	u32 *words = kunit_kmalloc(f->nk->test, NOVA_CHANNEL_FIXTURE_LEN, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(f->nk->test, words);
	for (u32 i = 0; i < NOVA_CHANNEL_FIXTURE_LEN / sizeof(*words); i++)
		words[i] = 0x5eed0000 ^ (i * 2654435761u);
	nova_swgpu_vram_write(f->nk->gpu, nova_channel_fixture_vram(f) + CODE_LEN, words,
			      NOVA_CHANNEL_FIXTURE_LEN);
}

/**
 * nova_channel_fixture - a host and an address space for a test
 * @test: the test, whose parameter is a &struct nova_kunit_chip
 * @timeout_ms: as nova_host_init()
 *
 * Asserts success.
 *
 * Return: the fixture.
 */
struct nova_channel_fixture *nova_channel_fixture(struct kunit *test, unsigned int timeout_ms)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name, .bar1_size = SZ_16M };
	const struct nova_buddy_req req = {
		.size = CODE_LEN + 2 * NOVA_CHANNEL_FIXTURE_LEN,
		.min_block = SZ_64K,
		.flags = NOVA_BUDDY_CONTIGUOUS,
	};
	struct nova_channel_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct device *dev;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->nk = nova_kunit_create(test, &config);
	dev = f->nk->nd.dev;
	dev->dma_mask = &dev->coherent_dma_mask;
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(47)), 0);
	KUNIT_ASSERT_EQ(test, nova_buddy_alloc(f->nk->mm.buddy, &req, &f->vram), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_channel_fixture_free, f), 0);
	f->vmm = nova_kunit_vmm(f->nk, NULL);
	KUNIT_ASSERT_EQ(test, nova_host_init(&f->host, &f->nk->mm, timeout_ms), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_channel_fixture_fini, f), 0);
	f->code_va = SZ_4M;
	f->src_va = SZ_4M + SZ_2M;
	f->dst_va = SZ_8M;
	f->hole_va = SZ_8M + SZ_2M;
	nova_channel_fixture_map(f, f->code_va, 0, CODE_LEN, true);
	nova_channel_fixture_map(f, f->src_va, CODE_LEN, NOVA_CHANNEL_FIXTURE_LEN, false);
	nova_channel_fixture_map(f, f->dst_va, CODE_LEN + NOVA_CHANNEL_FIXTURE_LEN,
				 NOVA_CHANNEL_FIXTURE_LEN, false);
	nova_channel_fixture_fill(f);
	return f;
}

/* A channel and whom to tell of its end. */
struct nova_channel_of_fixture {
	struct nova_channel ch;
	struct nova_channel_fixture *f;
};

static void nova_channel_fixture_stopped(struct nova_channel *ch,
					 const struct nova_channel_stop *stop)
{
	struct nova_channel_of_fixture *of = container_of(ch, struct nova_channel_of_fixture, ch);

	of->f->stops++;
	of->f->stop = *stop;
}

static void nova_channel_fixture_remove(void *arg)
{
	nova_channel_fini(arg);
}

/**
 * nova_channel_fixture_add - a channel
 * @f: the fixture
 *
 * Asserts success.
 *
 * Return: the channel, freed with the test.
 */
struct nova_channel *nova_channel_fixture_add(struct nova_channel_fixture *f)
{
	const struct nova_channel_config config = {
		.vmm = f->vmm,
		.va = SZ_1G + f->nr++ * NOVA_CHANNEL_VA_SIZE,
		.timeslice = 128,
		.stopped = nova_channel_fixture_stopped,
	};
	struct kunit *test = f->nk->test;
	struct nova_channel_of_fixture *of = kunit_kzalloc(test, sizeof(*of), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, of);
	of->f = f;
	KUNIT_ASSERT_EQ(test, nova_channel_init(&of->ch, &f->host, &config), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_channel_fixture_remove,
							&of->ch), 0);
	return &of->ch;
}

/**
 * nova_channel_fixture_push - submit methods
 * @f: the fixture
 * @ch: where to
 * @words: the methods
 * @nr: at most 64
 *
 * Return: the fence, a reference.
 */
struct dma_fence *nova_channel_fixture_push(struct nova_channel_fixture *f,
					    struct nova_channel *ch, const u32 *words, u32 nr)
{
	const struct nova_channel_push push = { .va = f->code_va + f->code_used, .words = nr };
	struct nova_fence *fence = nova_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(f->nk->test, fence);
	KUNIT_ASSERT_LE(f->nk->test, nr, SLOT_LEN / sizeof(u32));
	nova_swgpu_vram_write(f->nk->gpu, nova_channel_fixture_vram(f) + f->code_used, words,
			      nr * sizeof(*words));
	f->code_used = (f->code_used + SLOT_LEN) % CODE_LEN;
	nova_channel_arm(ch, fence);
	nova_channel_submit(ch, &push, 1, fence);
	return &fence->base;
}

/**
 * nova_channel_fixture_copy - submit a copy of NOVA_CHANNEL_FIXTURE_LEN bytes
 * @f: the fixture
 * @ch: where to
 * @src: virtual address
 * @dst: virtual address
 *
 * Return: the fence, a reference.
 */
struct dma_fence *nova_channel_fixture_copy(struct nova_channel_fixture *f,
					    struct nova_channel *ch, u64 src, u64 dst)
{
	const struct nova_ce_copy copy = {
		.src = src, .dst = dst, .len = NOVA_CHANNEL_FIXTURE_LEN,
	};
	u32 words[NOVA_CE_BEGIN_WORDS + NOVA_CE_COPY_WORDS];
	struct nova_pb pb = { .words = words };

	nova_ce_begin(&pb, f->nk->nd.chip->family->copy_class);
	nova_ce_copy(&pb, &copy);
	return nova_channel_fixture_push(f, ch, words, pb.nr);
}

/**
 * nova_channel_fixture_join - submit a job without pushes
 * @f: the fixture
 * @ch: where to
 *
 * Return: the fence, a reference.
 */
struct dma_fence *nova_channel_fixture_join(struct nova_channel_fixture *f,
					    struct nova_channel *ch)
{
	struct nova_fence *fence = nova_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(f->nk->test, fence);
	nova_channel_arm(ch, fence);
	nova_channel_submit(ch, NULL, 0, fence);
	return &fence->base;
}

/**
 * nova_channel_fixture_wait - wait for a job and let go of it
 * @f: the fixture
 * @fence: the reference is dropped
 *
 * Return: 0, or the error of the job; -ETIMEDOUT if it is never signalled.
 */
int nova_channel_fixture_wait(struct nova_channel_fixture *f, struct dma_fence *fence)
{
	long left = dma_fence_wait_timeout(fence, false, WAIT_JIFFIES);
	int ret = left > 0 ? fence->error : -ETIMEDOUT;

	dma_fence_put(fence);
	return ret;
}

/**
 * nova_channel_fixture_copied - does the target hold what the source does?
 * @f: the fixture
 *
 * Looks at VRAM as the model has it.
 *
 * Return: whether it does.
 */
bool nova_channel_fixture_copied(struct nova_channel_fixture *f)
{
	u8 *bytes = kunit_kzalloc(f->nk->test, 2 * NOVA_CHANNEL_FIXTURE_LEN, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(f->nk->test, bytes);
	nova_swgpu_vram_read(f->nk->gpu, nova_channel_fixture_vram(f) + CODE_LEN, bytes,
			     2 * NOVA_CHANNEL_FIXTURE_LEN);
	return !memcmp(bytes, bytes + NOVA_CHANNEL_FIXTURE_LEN, NOVA_CHANNEL_FIXTURE_LEN);
}
