// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_poll
 *
 * Finding out that work is done. The seam to the hardware has no interrupts, so
 * while any channel has jobs under way one worker looks: at the semaphore each
 * job ends with, and, where that has not moved, at the host's verdict about the
 * channel. Right after work was submitted or completed it looks without pause for
 * NOVA_POLL_SPIN_US, then sleeps between looks, twice as long each time, up to
 * NOVA_POLL_MAX_US; new work wakes it. Without jobs it is not there at all.
 *
 * Invariant: a channel with jobs is on the busy list, or is the one being looked
 * at and will be put back.
 *
 * Locking: a channel's lock, then &nova_host.busy_lock. Everything a fence depends
 * on happens in here, so nothing is allocated and no reservation is taken.
 *
 * Units: microseconds.
 */
#include "nova_host.h"

#include "nova_channel.h"
#include "nova_device.h"

#include <asm/barrier.h>
#include <linux/dma-fence.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>

#define NOVA_POLL_SPIN_US	20
#define NOVA_POLL_MIN_US	20
#define NOVA_POLL_MAX_US	1000

static struct nova_channel *nova_poll_take(struct nova_host *host)
{
	struct nova_channel *ch;

	guard(spinlock)(&host->busy_lock);
	ch = list_first_entry_or_null(&host->busy, struct nova_channel, busy);
	if (ch)
		list_del_init(&ch->busy);
	host->polling = ch;
	return ch;
}

static void nova_poll_done(struct nova_host *host)
{
	scoped_guard(spinlock, &host->busy_lock)
		host->polling = NULL;
	/*
	 * Pairs with set_current_state() of wait_var_event() in nova_poll_remove(): either
	 * the sleeper is seen here, or he sees that nobody polls.
	 */
	smp_mb();
	wake_up_var(&host->polling);
}

static unsigned int nova_poll_count(struct nova_host *host)
{
	unsigned int nr = 0;
	struct list_head *pos;

	guard(spinlock)(&host->busy_lock);
	list_for_each(pos, &host->busy)
		nr++;
	return nr;
}

/* Look once at every channel that is busy now. */
static bool nova_poll_pass(struct nova_host *host, bool *left)
{
	bool cookie = dma_fence_begin_signalling(), progress = false;
	struct nova_channel *ch;

	*left = false;
	for (unsigned int nr = nova_poll_count(host); nr; nr--) {
		ch = nova_poll_take(host);
		if (!ch)
			break;
		progress |= nova_channel_poll(ch);
		*left |= nova_channel_rearm(ch);
		nova_poll_done(host);
	}
	dma_fence_end_signalling(cookie);
	return progress;
}

static void nova_poll_sleep(struct nova_host *host, unsigned int us)
{
	wait_event_hrtimeout(host->kick, READ_ONCE(host->kicked),
			     ns_to_ktime((u64)us * NSEC_PER_USEC));
}

static void nova_poll_work(struct work_struct *work)
{
	struct nova_host *host = container_of(work, struct nova_host, poll);
	ktime_t calm = ktime_add_us(ktime_get(), NOVA_POLL_SPIN_US);
	unsigned int us = NOVA_POLL_MIN_US;
	bool left = true;

	while (left) {
		bool kicked = xchg(&host->kicked, false);

		if (nova_poll_pass(host, &left) || kicked) {
			calm = ktime_add_us(ktime_get(), NOVA_POLL_SPIN_US);
			us = NOVA_POLL_MIN_US;
		} else if (left && ktime_after(ktime_get(), calm)) {
			nova_poll_sleep(host, us);
			us = min(2 * us, NOVA_POLL_MAX_US);
		}
		cond_resched();
	}
}

/**
 * nova_poll_init - prepare for work
 * @host: the host
 */
void nova_poll_init(struct nova_host *host)
{
	spin_lock_init(&host->busy_lock);
	INIT_LIST_HEAD(&host->busy);
	init_waitqueue_head(&host->kick);
	INIT_WORK(&host->poll, nova_poll_work);
}

/**
 * nova_poll_add - a channel has jobs
 * @host: the host
 * @ch: the channel, its lock held
 *
 * Context: atomic.
 */
void nova_poll_add(struct nova_host *host, struct nova_channel *ch)
{
	lockdep_assert_held(&ch->lock);
	guard(spinlock)(&host->busy_lock);
	if (list_empty(&ch->busy))
		list_add_tail(&ch->busy, &host->busy);
}

/**
 * nova_poll_remove - forget a channel
 * @host: the host
 * @ch: the channel; it is dead and drained, so it is not added again
 *
 * Afterwards the poller does not look at it.
 *
 * Context: sleeps; not from the poller.
 */
void nova_poll_remove(struct nova_host *host, struct nova_channel *ch)
{
	scoped_guard(spinlock, &host->busy_lock)
		list_del_init(&ch->busy);
	wait_var_event(&host->polling, READ_ONCE(host->polling) != ch);
}

/**
 * nova_poll_kick - look soon
 * @host: the host
 *
 * Context: any.
 */
void nova_poll_kick(struct nova_host *host)
{
	WRITE_ONCE(host->kicked, true);
	wake_up(&host->kick);
	queue_work(host->wq, &host->poll);
}
