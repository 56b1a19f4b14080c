// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_channel
 *
 * One channel: a ring of entries that name push buffers, and what tells us how far
 * the hardware has come. What it is made of is nova_channel_mem's; this unit runs it.
 *
 * A job is a push of ours that notes the time, the pushes of the user, and another
 * of ours that waits for the engine, notes the time and releases the job's number
 * to the semaphore. A job without pushes has the last only. What the work itself
 * can write of this are the semaphore and the stamps: it can lie about its own
 * progress, which lets its own fences signal early, and no more; memory is
 * protected by the page tables and the ring by being read-only.
 *
 * The end. Whoever stops a channel first makes it dead, so that no doorbell is rung
 * any more, then takes it from the host, then tells the owner, and then signals
 * what is left in order. Jobs that arrive meanwhile queue up behind those.
 *
 * Invariant: fences are signalled in the order of submission. Ring, stamps and
 * pushes always have room for a job, because its submitter holds credits for it.
 *
 * Locking: &nova_channel.lock, a spinlock under which fences are signalled.
 * Nothing from nova_channel_submit() on allocates.
 *
 * Units: ring positions count entries, pushes count words, else bytes.
 */
#include "nova_channel.h"

#include "nova_ce.h"
#include "nova_channel_mem.h"
#include "nova_chip.h"
#include "nova_compat.h"
#include "nova_device.h"
#include "nova_fence.h"
#include "nova_mm.h"
#include "nova_regs.h"

#include <asm/barrier.h>
#include <linux/ktime.h>

/* A doorbell may be lost; without progress it is rung again. */
#define NOVA_CHANNEL_RING_MS	20

/* Words of our pushes: the first ends behind the beginning's stamp. */
#define NOVA_CHANNEL_BEGIN_WORDS	NOVA_HOST_RELEASE_WORDS
#define NOVA_CHANNEL_END_WORDS		(2 * NOVA_HOST_RELEASE_WORDS)
static_assert(NOVA_CHANNEL_BEGIN_WORDS + NOVA_CHANNEL_END_WORDS <= NOVA_CHANNEL_PUSH_WORDS);

/* USERD: dev_ram manual, NV_RAMUSERD */
#define NV_RAMUSERD_GP_PUT		(0x8c / 4)

/**
 * nova_channel_reaches - can a ring name these addresses?
 * @host: the host
 * @va: first address
 * @len: bytes, not 0
 *
 * Before Hopper a ring entry has 40 bits of address.
 *
 * Return: true if it can.
 */
bool nova_channel_reaches(const struct nova_host *host, u64 va, u64 len)
{
	u64 end = 1ULL << host->mm->nd->chip->family->host_va_bits;

	return va < end && len <= end - va;
}

/**
 * nova_channel_stop_error - what to tell those who ask why a channel ended
 * @stop: why
 *
 * Return: -errno.
 */
int nova_channel_stop_error(const struct nova_channel_stop *stop)
{
	static const int errors[] = {
		[NOVA_CHANNEL_CANCELLED] = -ECANCELED,
		[NOVA_CHANNEL_FAULT] = -EFAULT,
		[NOVA_CHANNEL_METHOD] = -EINVAL,
		[NOVA_CHANNEL_TIMEOUT] = -ETIME,
		[NOVA_CHANNEL_WEDGED] = -EIO,
		[NOVA_CHANNEL_GONE] = -ENODEV,
	};

	return errors[stop->cause];
}

static void nova_channel_set_up(struct nova_channel *ch, struct nova_host *host,
				const struct nova_channel_config *config)
{
	*ch = (struct nova_channel) {
		.host = host,
		.config = *config,
		.context = dma_fence_context_alloc(1),
	};
	spin_lock_init(&ch->lock);
	INIT_LIST_HEAD(&ch->busy);
	INIT_LIST_HEAD(&ch->armed_jobs);
	INIT_LIST_HEAD(&ch->jobs);
}

static int nova_channel_bring_up(struct nova_channel *ch)
{
	int ret = nova_channel_mem_init(ch);

	if (ret)
		return ret;
	ch->entry = (struct nova_host_entry) {
		.inst = ch->inst.at.vram.addr,
		.userd = ch->dma,
		.timeslice = ch->config.timeslice,
	};
	ret = nova_host_attach(ch->host, ch);
	if (ret)
		nova_channel_release(ch);
	return ret;
}

/**
 * nova_channel_init - make a channel
 * @ch: memory is the caller's
 * @host: runs it; outlives it
 * @config: what it is to be
 *
 * Context: allocates and sleeps.
 *
 * Return: 0; -EINVAL if the host cannot reach @config->va; -ENOSPC without VRAM or
 * a free id; -ENOMEM; -EIO if the hardware does not answer; -ENODEV.
 */
int nova_channel_init(struct nova_channel *ch, struct nova_host *host,
		      const struct nova_channel_config *config)
{
	int ret;

	if (!IS_ALIGNED(config->va, NOVA_CHANNEL_VA_SIZE) ||
	    !nova_channel_reaches(host, config->va, NOVA_CHANNEL_VA_SIZE))
		return -EINVAL;
	if (nova_device_is_gone(host->mm->nd))
		return -ENODEV;
	nova_channel_set_up(ch, host, config);
	guard(mutex)(&host->life_lock);
	ret = nova_channel_bring_up(ch);
	if (!ret)
		list_add_tail(&ch->all, &host->all);
	return ret;
}

/**
 * nova_channel_fini - undo nova_channel_init()
 * @ch: nobody submits to it any more; its jobs, if any, are cancelled
 *
 * Context: allocates and sleeps.
 */
void nova_channel_fini(struct nova_channel *ch)
{
	const struct nova_channel_stop cancelled = { .cause = NOVA_CHANNEL_CANCELLED };
	struct nova_host *host = ch->host;

	nova_channel_kill(ch, &cancelled);
	nova_poll_remove(host, ch);
	guard(mutex)(&host->life_lock);
	list_del(&ch->all);
	nova_channel_release(ch);
}

/**
 * nova_channel_credits - what a job takes of NOVA_CHANNEL_CREDITS
 * @ch: the channel
 * @nr_pushes: pushes of the job
 *
 * Whoever submits sees to it that the jobs whose fences are not signalled hold no
 * more than that together.
 *
 * Return: credits, NOVA_CHANNEL_MIN_CREDITS or more.
 */
u32 nova_channel_credits(const struct nova_channel *ch, u32 nr_pushes)
{
	u32 entries = nr_pushes + 2;

	if (ch->host->mm->nd->chip->family->host_va_bits > 40)
		entries *= 2;
	return max_t(u32, entries, NOVA_CHANNEL_MIN_CREDITS);
}

/**
 * nova_channel_arm - give a job its place
 * @ch: the channel
 * @fence: of the job; becomes a fence. It must be submitted.
 *
 * Context: the caller serialises arming and keeps its order when it submits.
 */
void nova_channel_arm(struct nova_channel *ch, struct nova_fence *fence)
{
	nova_fence_arm(fence, ch->context, ++ch->armed);
	guard(spinlock)(&ch->lock);
	list_add_tail(&fence->link, &ch->armed_jobs);
}

static void nova_channel_put_entry(struct nova_channel *ch, u64 entry)
{
	WRITE_ONCE(ch->cpu->ring[ch->put], cpu_to_le64(entry));
	ch->put = (ch->put + 1) % NOVA_CHANNEL_ENTRIES;
}

static void nova_channel_put_push(struct nova_channel *ch, const struct nova_channel_push *push)
{
	if (push->va >> 40 != ch->base) {
		ch->base = push->va >> 40;
		nova_channel_put_entry(ch, nova_host_gp_base(push->va));
	}
	nova_channel_put_entry(ch, nova_host_gp_entry(push->va, push->words, push->sync));
}

static void nova_channel_put_words(struct nova_channel *ch, const struct nova_pb *pb, __le32 *to)
{
	const struct nova_channel_push push = { .va = nova_channel_va(ch, to), .words = pb->nr };

	for (u32 i = 0; i < pb->nr; i++)
		WRITE_ONCE(to[i], cpu_to_le32(pb->words[i]));
	nova_channel_put_push(ch, &push);
}

static void nova_channel_put_begin(struct nova_channel *ch, const struct nova_fence *fence)
{
	u32 words[NOVA_CHANNEL_BEGIN_WORDS];
	struct nova_pb pb = { .words = words };

	nova_host_release(&pb, nova_channel_va(ch, &ch->cpu->stamps[fence->slot].begin),
			  fence->base.seqno, NOVA_HOST_RELEASE_TIMESTAMP);
	nova_channel_put_words(ch, &pb, ch->cpu->pushes[fence->slot]);
}

static void nova_channel_put_end(struct nova_channel *ch, const struct nova_fence *fence)
{
	u32 words[NOVA_CHANNEL_END_WORDS];
	struct nova_pb pb = { .words = words };

	nova_host_release(&pb, nova_channel_va(ch, &ch->cpu->stamps[fence->slot].end),
			  fence->base.seqno, NOVA_HOST_RELEASE_TIMESTAMP | NOVA_HOST_RELEASE_WFI);
	nova_host_release(&pb, nova_channel_va(ch, &ch->cpu->done), fence->base.seqno, 0);
	nova_channel_put_words(ch, &pb,
			       ch->cpu->pushes[fence->slot] + NOVA_CHANNEL_BEGIN_WORDS);
}

static void nova_channel_ring(struct nova_channel *ch)
{
	/* The ring before the index that covers it … */
	dma_wmb();
	WRITE_ONCE(ch->cpu->userd[NV_RAMUSERD_GP_PUT], cpu_to_le32(ch->put));
	/* … and the index before the doorbell. */
	wmb();
	nova_wr32(ch->host->mm->nd, NV_VIRTUAL_FUNCTION_DOORBELL, ch->id);
	ch->rung = ktime_get();
}

static void nova_channel_put_job(struct nova_channel *ch, const struct nova_channel_push *pushes,
				 u32 nr, struct nova_fence *fence)
{
	fence->submitted = ktime_get();
	fence->slot = ch->slot;
	ch->slot = (ch->slot + 1) % NOVA_CHANNEL_JOBS;
	ch->cpu->stamps[fence->slot].begin.ns = 0;
	ch->cpu->stamps[fence->slot].end.ns = 0;
	if (nr)
		nova_channel_put_begin(ch, fence);
	for (u32 i = 0; i < nr; i++)
		nova_channel_put_push(ch, &pushes[i]);
	nova_channel_put_end(ch, fence);
	nova_channel_ring(ch);
}

/**
 * nova_channel_submit - hand a job to the hardware
 * @ch: the channel
 * @pushes: what to execute
 * @nr: how many; 0 for a job that is done when those before it are
 * @fence: armed, the oldest one not submitted; signalled when the job is done.
 *	With -ECANCELED or -ENODEV if the channel was stopped before, -EIO if the
 *	device is wedged.
 *
 * Cannot fail. The caller holds nova_channel_credits() until the fence signals.
 *
 * Context: process; does not sleep, allocates nothing.
 */
void nova_channel_submit(struct nova_channel *ch, const struct nova_channel_push *pushes, u32 nr,
			 struct nova_fence *fence)
{
	spin_lock(&ch->lock);
	list_del_init(&fence->link);
	if (ch->drained || (!nr && !ch->dead && list_empty(&ch->jobs))) {
		nova_fence_signal(fence, ch->drained ? ch->late_error : 0);
		spin_unlock(&ch->lock);
		return;
	}
	dma_fence_get(&fence->base);
	if (list_empty(&ch->jobs))
		ch->since = ktime_get();
	list_add_tail(&fence->link, &ch->jobs);
	if (!ch->dead) {
		/* What it waited for may never have been done; the poller ends it. */
		if (!nova_device_is_wedged(ch->host->mm->nd))
			nova_channel_put_job(ch, pushes, nr, fence);
		nova_poll_add(ch->host, ch);
	}
	spin_unlock(&ch->lock);
	nova_poll_kick(ch->host);
}

static void nova_channel_end_job(struct nova_channel *ch, struct nova_fence *fence, int error)
{
	list_del_init(&fence->link);
	nova_fence_signal(fence, error);
	dma_fence_put(&fence->base);
	ch->since = ktime_get();
}

/* Users can write stamps: what makes no sense counts nothing. */
static void nova_channel_account(struct nova_channel *ch, const struct nova_fence *fence)
{
	u64 begin = le64_to_cpu(READ_ONCE(ch->cpu->stamps[fence->slot].begin.ns));
	u64 end = le64_to_cpu(READ_ONCE(ch->cpu->stamps[fence->slot].end.ns));
	u64 wall = ktime_to_ns(ktime_sub(ktime_get(), fence->submitted));

	if (begin && begin < end && end - begin <= wall)
		ch->busy_ns += end - begin;
}

/* Signal what the semaphore says is done. */
static bool nova_channel_reap(struct nova_channel *ch)
{
	u64 done = le64_to_cpu(READ_ONCE(ch->cpu->done));
	struct nova_fence *fence, *next;
	bool progress = false;

	lockdep_assert_held(&ch->lock);
	list_for_each_entry_safe(fence, next, &ch->jobs, link) {
		if (fence->base.seqno > done)
			break;
		nova_channel_account(ch, fence);
		nova_channel_end_job(ch, fence, 0);
		progress = true;
	}
	return progress;
}

/* The oldest job is to blame for @error; those behind it never ran. */
static void nova_channel_cancel_jobs(struct nova_channel *ch, int error)
{
	int late_error = error == -ENODEV ? error : -ECANCELED;
	struct nova_fence *fence, *next;

	guard(spinlock)(&ch->lock);
	if (ch->cpu)
		nova_channel_reap(ch);
	list_for_each_entry_safe(fence, next, &ch->jobs, link) {
		nova_channel_end_job(ch, fence, error);
		error = late_error;
	}
	ch->late_error = late_error;
	ch->drained = true;
}

static bool nova_channel_die(struct nova_channel *ch)
{
	guard(spinlock)(&ch->lock);
	if (ch->dead)
		return false;
	ch->dead = true;
	return true;
}

/**
 * nova_channel_kill - stop a channel
 * @ch: the channel
 * @stop: why; only the first one to stop it is heard
 *
 * Its jobs are signalled: those that are done as usual, the oldest other one with
 * the error of @stop, the rest with -ECANCELED, or -ENODEV if the device is gone. If
 * someone else is stopping it already, that may still be under way on return.
 *
 * Context: sleeps; allocates nothing; legal while fences wait to be signalled.
 */
void nova_channel_kill(struct nova_channel *ch, const struct nova_channel_stop *stop)
{
	if (!nova_channel_die(ch))
		return;
	nova_host_detach(ch->host, ch);
	if (ch->config.stopped)
		ch->config.stopped(ch, stop);
	nova_channel_cancel_jobs(ch, nova_channel_stop_error(stop));
}

/**
 * nova_channel_abandon - stop a channel for good, because the device goes
 * @ch: the channel
 *
 * As nova_channel_kill(); and jobs that are armed and were not submitted, because they
 * wait for the fences of others, are signalled with -ENODEV. They may be submitted later.
 *
 * Context: sleeps; allocates nothing.
 */
void nova_channel_abandon(struct nova_channel *ch)
{
	const struct nova_channel_stop gone = { .cause = NOVA_CHANNEL_GONE };
	struct nova_fence *fence;

	nova_channel_kill(ch, &gone);
	guard(spinlock)(&ch->lock);
	list_for_each_entry(fence, &ch->armed_jobs, link)
		nova_fence_signal(fence, -ENODEV);
}

/* Is there a reason to stop it? */
static bool nova_channel_diagnose(struct nova_channel *ch, struct nova_channel_stop *stop)
{
	unsigned int timeout_ms = ch->config.timeout_ms ?: ch->host->timeout_ms;
	struct nova_device *nd = ch->host->mm->nd;
	u32 state;

	*stop = (struct nova_channel_stop) {};
	if (nova_device_is_gone(nd) || nova_device_is_wedged(nd)) {
		stop->cause = nova_device_is_gone(nd) ? NOVA_CHANNEL_GONE : NOVA_CHANNEL_WEDGED;
		return true;
	}
	state = nova_host_state(ch->host, ch);
	if (state) {
		nova_host_collect(ch->host);
		scoped_guard(mutex, &ch->host->lock)
			*stop = ch->stop;
		if (!stop->cause)
			stop->cause = state & NV_PCCSR_CHANNEL_ENG_FAULTED ? NOVA_CHANNEL_FAULT :
									    NOVA_CHANNEL_METHOD;
		return true;
	}
	stop->cause = NOVA_CHANNEL_TIMEOUT;
	return ktime_after(ktime_get(), ktime_add_ms(READ_ONCE(ch->since), timeout_ms));
}

/* Without progress for a while: perhaps the doorbell was not heard. */
static void nova_channel_ring_again(struct nova_channel *ch)
{
	guard(spinlock)(&ch->lock);
	if (!ch->dead && ktime_after(ktime_get(), ktime_add_ms(ch->rung, NOVA_CHANNEL_RING_MS)))
		nova_channel_ring(ch);
}

/**
 * nova_channel_poll - see how far a channel has come
 * @ch: the channel
 *
 * Context: the poller.
 *
 * Return: true if a job was signalled.
 */
bool nova_channel_poll(struct nova_channel *ch)
{
	struct nova_channel_stop stop;
	bool progress = false, left;

	scoped_guard(spinlock, &ch->lock) {
		if (!ch->dead)
			progress = nova_channel_reap(ch);
		left = !ch->dead && !list_empty(&ch->jobs);
	}
	if (progress || !left)
		return progress;
	if (nova_channel_diagnose(ch, &stop))
		nova_channel_kill(ch, &stop);
	else
		nova_channel_ring_again(ch);
	return false;
}

/**
 * nova_channel_rearm - put a channel back on the poller's list if it has jobs
 * @ch: the channel
 *
 * Context: the poller.
 *
 * Return: true if it has.
 */
bool nova_channel_rearm(struct nova_channel *ch)
{
	guard(spinlock)(&ch->lock);
	if (ch->dead || list_empty(&ch->jobs))
		return false;
	nova_poll_add(ch->host, ch);
	return true;
}

/**
 * nova_channel_busy_ns - engine time a channel's finished jobs have taken
 * @ch: the channel
 *
 * Return: nanoseconds.
 */
u64 nova_channel_busy_ns(struct nova_channel *ch)
{
	guard(spinlock)(&ch->lock);
	return ch->busy_ns;
}
