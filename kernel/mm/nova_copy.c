// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_copy
 *
 * Memory moved by the copy engine for the kernel itself. A request is cut into
 * runs that are contiguous on both sides, one launch a run, and the methods of as
 * many launches as fit go into a batch, which is one job of the channel::
 *
 *	batch	| class | copy | copy | copy | ...
 *	            one for each run of either side
 *
 * Addresses are physical, which takes a privileged channel; its address space holds
 * nothing but its own memory and the batches.
 *
 * Invariant: jobs run in the order of the requests, so memory that one request
 * reads may be the target of the next without waiting in between. Whoever lets
 * memory go that a request still reads must see that its next user either goes
 * through here, too, or waits: nova_copy_wait().
 *
 * The end. If the channel dies under its work, what was to be cleared is not and what
 * was to be copied is lost; and of those who wait for it nobody asks how it ended.
 * So the device is wedged before the fences signal: then nobody sees the memory, nor
 * is it used again. So that this takes an engine that is broken, and not one that is
 * slow or that others keep busy, a job is at most NOVA_COPY_JOB_BYTES and has
 * NOVA_COPY_GRACE_MS longer than those of users, who are stopped first if it is them
 * who hold it up. Requests that come later are refused.
 *
 * Locking: one mutex. Under it a request may wait for a batch to become free, which
 * the poller sees to without taking any lock of ours. Units: bytes.
 */
#include "nova_copy.h"

#include "nova_ce.h"
#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_device.h"
#include "nova_fence.h"
#include "nova_mm.h"

#include <linux/dma-fence.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#define NOVA_COPY_BATCH_SIZE	SZ_32K
#define NOVA_COPY_BATCH_WORDS	(NOVA_COPY_BATCH_SIZE / sizeof(u32))
#define NOVA_COPY_SIZE		(NOVA_COPY_BATCHES * NOVA_COPY_BATCH_SIZE)
#define NOVA_COPY_PAGES		(NOVA_COPY_SIZE / SZ_4K)
#define NOVA_COPY_MAX_WORDS	max(NOVA_CE_COPY_WORDS, NOVA_CE_CLEAR_WORDS)

/* Its address space is its own; anywhere a ring can name will do. */
#define NOVA_COPY_CHANNEL_VA	SZ_2M
#define NOVA_COPY_BATCH_VA	SZ_4M

#define NOVA_COPY_TIMESLICE	128

/* How much longer than a user's a job may take */
#define NOVA_COPY_GRACE_MS	10000U

/* The channel has room for all batches at once, however small they are. */
static_assert(NOVA_COPY_BATCHES * NOVA_CHANNEL_MIN_CREDITS <= NOVA_CHANNEL_CREDITS);

/* A launch is cut where its job has to end, so it is not too long either. */
static_assert(NOVA_COPY_JOB_BYTES <= NOVA_CE_MAX_LEN);

static int nova_copy_map_batches(struct nova_copy *copy)
{
	dma_addr_t pages[NOVA_COPY_PAGES];
	const struct nova_backing backing = {
		.aperture = NOVA_APERTURE_SYS_COH,
		.size = NOVA_COPY_SIZE,
		.pages = pages,
	};
	const struct nova_vmm_map map = {
		.va = NOVA_COPY_BATCH_VA,
		.len = NOVA_COPY_SIZE,
		.backing = &backing,
		.attr = { .read_only = true, .uncached = true },
	};
	int ret;

	for (unsigned int i = 0; i < NOVA_COPY_PAGES; i++)
		pages[i] = copy->dma + i * SZ_4K;
	ret = nova_vmm_check(&copy->vmm, &map);
	return ret ?: nova_vmm_map_now(&copy->vmm, &map);
}

static int nova_copy_init_batches(struct nova_copy *copy, struct device *dev)
{
	int ret;

	copy->cpu = dma_alloc_coherent(dev, NOVA_COPY_SIZE, &copy->dma, GFP_KERNEL);
	if (!copy->cpu)
		return -ENOMEM;
	ret = nova_copy_map_batches(copy);
	if (ret)
		dma_free_coherent(dev, NOVA_COPY_SIZE, copy->cpu, copy->dma);
	return ret;
}

/* Before any fence of it signals: who then looks at the memory finds the device wedged. */
static void nova_copy_stopped(struct nova_channel *ch, const struct nova_channel_stop *stop)
{
	static const char * const why[] = {
		[NOVA_CHANNEL_FAULT] = "a copy of the kernel's faulted",
		[NOVA_CHANNEL_METHOD] = "a copy of the kernel's was refused",
		[NOVA_CHANNEL_TIMEOUT] = "a copy of the kernel's did not end",
	};

	if (stop->cause < ARRAY_SIZE(why) && why[stop->cause])
		nova_device_wedge(ch->host->mm->nd, why[stop->cause]);
}

static unsigned int nova_copy_timeout_ms(const struct nova_host *host)
{
	return min(host->timeout_ms, UINT_MAX - NOVA_COPY_GRACE_MS) + NOVA_COPY_GRACE_MS;
}

/**
 * nova_copy_init - make the kernel's copy channel
 * @copy: zeroed; memory is the caller's
 * @host: runs it; outlives it
 *
 * Context: allocates and sleeps.
 *
 * Return: 0; -ENOMEM; -ENOSPC; -EIO if the hardware does not answer; -ENODEV.
 */
int nova_copy_init(struct nova_copy *copy, struct nova_host *host)
{
	const struct nova_channel_config config = {
		.vmm = &copy->vmm,
		.va = NOVA_COPY_CHANNEL_VA,
		.privileged = true,
		.timeslice = NOVA_COPY_TIMESLICE,
		.timeout_ms = nova_copy_timeout_ms(host),
		.stopped = nova_copy_stopped,
	};
	const struct nova_vmm_config plain = {};
	struct device *dev = host->mm->nd->dev;
	int ret = nova_vmm_init(&copy->vmm, host->mm, &plain);

	if (ret)
		return ret;
	mutex_init(&copy->lock);
	ret = nova_copy_init_batches(copy, dev);
	if (ret)
		goto err_vmm;
	ret = nova_channel_init(&copy->ch, host, &config);
	if (!ret)
		return 0;
	dma_free_coherent(dev, NOVA_COPY_SIZE, copy->cpu, copy->dma);
err_vmm:
	mutex_destroy(&copy->lock);
	nova_vmm_fini(&copy->vmm);
	return ret;
}

/**
 * nova_copy_release - give up memory the device knows
 * @copy: its channel was stopped
 *
 * Requests are refused from then on. Idempotent.
 *
 * Context: sleeps.
 */
void nova_copy_release(struct nova_copy *copy)
{
	struct nova_device *nd = copy->ch.host->mm->nd;

	guard(mutex)(&copy->lock);
	/* A channel that could not be taken from the host may read them for ever. */
	if (copy->cpu && !copy->ch.attached)
		dma_free_coherent(nd->dev, NOVA_COPY_SIZE, copy->cpu, copy->dma);
	copy->cpu = NULL;
}

/**
 * nova_copy_fini - undo nova_copy_init()
 * @copy: nobody uses it any more
 *
 * Context: sleeps; waits for work under way.
 */
void nova_copy_fini(struct nova_copy *copy)
{
	nova_copy_wait(copy);
	nova_channel_fini(&copy->ch);
	nova_copy_release(copy);
	for (unsigned int i = 0; i < NOVA_COPY_BATCHES; i++)
		dma_fence_put(copy->fence[i]);
	dma_fence_put(copy->last);
	mutex_destroy(&copy->lock);
	nova_vmm_fini(&copy->vmm);
}

static enum nova_ce_target nova_copy_target(const struct nova_backing *backing)
{
	return backing->aperture == NOVA_APERTURE_VRAM ? NOVA_CE_VRAM : NOVA_CE_SYS_COH;
}

/* Where a request has got to. */
struct nova_copy_walk {
	const struct nova_copy_req *req;
	struct nova_cursor src;
	struct nova_cursor dst;
};

static void nova_copy_walk_init(struct nova_copy_walk *walk, const struct nova_copy_req *req)
{
	*walk = (struct nova_copy_walk) { .req = req };
	nova_cursor_init(&walk->dst, req->dst, req->off, req->len);
	if (req->src)
		nova_cursor_init(&walk->src, req->src, req->off, req->len);
}

/* One launch: what is contiguous on both sides, at most @room bytes. */
static void nova_copy_put_run(struct nova_copy_walk *walk, struct nova_pb *pb, u64 room)
{
	struct nova_ce_copy run = {
		.dst = walk->dst.addr,
		.dst_target = nova_copy_target(walk->req->dst),
		.len = min(walk->dst.len, room),
	};

	if (walk->req->src) {
		run.src = walk->src.addr;
		run.src_target = nova_copy_target(walk->req->src);
		run.len = min_t(u64, run.len, walk->src.len);
		nova_ce_copy(pb, &run);
		nova_cursor_next(&walk->src, run.len);
	} else {
		nova_ce_clear(pb, &run);
	}
	nova_cursor_next(&walk->dst, run.len);
}

static void nova_copy_put_runs(struct nova_copy *copy, struct nova_copy_walk *walk,
			       struct nova_pb *pb)
{
	u64 before = walk->dst.off, end = before + NOVA_COPY_JOB_BYTES;

	nova_ce_begin(pb, copy->vmm.mm->nd->chip->family->copy_class);
	while (walk->dst.len && walk->dst.off < end &&
	       pb->nr + NOVA_COPY_MAX_WORDS <= NOVA_COPY_BATCH_WORDS)
		nova_copy_put_run(walk, pb, end - walk->dst.off);
	copy->bytes += walk->dst.off - before;
}

static int nova_copy_wait_batch(struct nova_copy *copy)
{
	if (copy->fence[copy->next])
		dma_fence_wait(copy->fence[copy->next], false);
	/* Unplugged meanwhile, or something failed. */
	return !copy->cpu || READ_ONCE(copy->ch.dead) ||
	       nova_device_is_wedged(copy->vmm.mm->nd) ? -EIO : 0;
}

static int nova_copy_batch(struct nova_copy *copy, struct nova_copy_walk *walk)
{
	unsigned int i = copy->next;
	struct nova_channel_push push = { .va = NOVA_COPY_BATCH_VA + i * NOVA_COPY_BATCH_SIZE };
	struct nova_fence *fence;
	struct nova_pb pb;
	int ret = nova_copy_wait_batch(copy);

	if (ret)
		return ret;
	fence = nova_fence_alloc();
	if (!fence)
		return -ENOMEM;
	pb = (struct nova_pb) { .words = copy->cpu + i * NOVA_COPY_BATCH_WORDS };
	nova_copy_put_runs(copy, walk, &pb);
	push.words = pb.nr;
	nova_channel_arm(&copy->ch, fence);
	nova_channel_submit(&copy->ch, &push, 1, fence);
	dma_fence_put(copy->fence[i]);
	copy->fence[i] = &fence->base;
	dma_fence_put(copy->last);
	copy->last = dma_fence_get(&fence->base);
	copy->next = (i + 1) % NOVA_COPY_BATCHES;
	return 0;
}

/**
 * nova_copy_run - copy or clear memory
 * @copy: the engine
 * @req: what; both sides stay where they are until the fence signals
 *
 * Work begins at once; the caller has seen to it that both sides may be touched.
 *
 * Context: allocates and sleeps.
 *
 * Return: the fence that signals when it is done, a reference, with an error only if
 * the device is wedged or goes; ERR_PTR(-EIO) if it was or did before,
 * ERR_PTR(-ENOMEM): part of the work may have been done, or be under way still.
 */
struct dma_fence *nova_copy_run(struct nova_copy *copy, const struct nova_copy_req *req)
{
	struct nova_copy_walk walk;

	nova_copy_walk_init(&walk, req);
	guard(mutex)(&copy->lock);
	while (walk.dst.len) {
		int ret = nova_copy_batch(copy, &walk);

		if (ret)
			return ERR_PTR(ret);
	}
	return dma_fence_get(copy->last);
}

/**
 * nova_copy_wait - wait until nothing is under way
 * @copy: the engine
 *
 * Context: sleeps; uninterruptible, but bounded by the channel's timeout.
 *
 * Return: 0; the error of the last request.
 */
int nova_copy_wait(struct nova_copy *copy)
{
	struct dma_fence *last;
	int ret;

	scoped_guard(mutex, &copy->lock)
		last = dma_fence_get(copy->last);
	if (!last)
		return 0;
	dma_fence_wait(last, false);
	ret = last->error;
	dma_fence_put(last);
	return ret;
}
