// SPDX-License-Identifier: MIT
/*
 * Several threads on one model. With a lock around "move the window, then access",
 * as a driver must have it, nothing is recorded and every thread reads back what it
 * wrote; without, the model notices. The rest hammers BAR1, the TLB and the logs to
 * show that one access is one access.
 */

#include <stdio.h>

#include "../swgpu_check.h"

#define THREADS 4
#define ROUNDS 20000
#define PATIENCE 200

struct thread {
	pthread_t id;
	u64 self;
	struct nova_swgpu *gpu;
	pthread_mutex_t *lock;
};

static atomic_int failed;

void swgpu_check(const struct swgpu_check *c)
{
	if (c->is == c->expected)
		return;
	if (!atomic_fetch_add(&failed, 1))
		printf("# %s:%d: %s is %#llx, not %#llx\n", c->file, c->line, c->text,
		       (unsigned long long)c->is, (unsigned long long)c->expected);
}

void swgpu_check_give_up(void)
{
	abort();
}

u8 *swgpu_test_sysmem_get(size_t size, u64 *dma)
{
	(void)size;
	*dma = 0;
	return NULL;
}

void swgpu_test_sysmem_put(u8 *mem, size_t size)
{
	(void)mem;
	(void)size;
}

/* Each thread has a 64 KiB of VRAM of its own to look at through the window. */
static void *use_window(void *arg)
{
	struct thread *t = arg;
	u32 i;

	swgpu_user_context = t->self;
	for (i = 0; i < ROUNDS; i++) {
		if (t->lock)
			pthread_mutex_lock(t->lock);
		swgpu_bar0_write(t->gpu, 0x1700, (u32)t->self, 4);
		swgpu_bar0_write(t->gpu, 0x700000, i ^ (u32)t->self << 24, 4);
		if (t->lock)
			CHECK_EQ(swgpu_bar0_read(t->gpu, 0x700000, 4), i ^ (u32)t->self << 24);
		if (t->lock)
			pthread_mutex_unlock(t->lock);
	}
	return NULL;
}

/* BAR1 page t->self of the fixture, invalidates in between; everybody sees whole words. */
static void *use_bar1(void *arg)
{
	struct thread *t = arg;
	u64 at = t->self * 0x1000;
	struct nova_swgpu_counters c;
	u64 i;

	for (i = 0; i < ROUNDS; i++) {
		swgpu_bar1_write(t->gpu, at, i << 32 | i, 8);
		CHECK_EQ(swgpu_bar1_read(t->gpu, at, 8), i << 32 | i);
		if (i % 64 == 0)
			swgpu_bar0_read(t->gpu, 0xb830b0, 4);
		if (i % 1024 == 0 && t->self == 1)
			swgpu_test_invalidate(t->gpu, 0x80000003);
		nova_swgpu_counters_get(t->gpu, &c);
	}
	return NULL;
}

static void run(struct nova_swgpu *gpu, pthread_mutex_t *lock, void *(*body)(void *))
{
	struct thread threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++) {
		threads[i] = (struct thread){ .self = i + 1, .gpu = gpu, .lock = lock };
		if (pthread_create(&threads[i].id, NULL, body, &threads[i]))
			abort();
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i].id, NULL);
}

static bool window_moved(struct nova_swgpu *gpu)
{
	struct nova_swgpu_fault f;

	return nova_swgpu_fault_get(gpu, 0, &f) && f.why == NOVA_SWGPU_WHY_WINDOW_MOVED;
}

int main(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");
	u64 i;

	run(gpu, &lock, use_window);
	swgpu_test_expect_quiet(gpu);
	printf("%sok 1 locked window users are left in peace\n", failed ? "not " : "");

	for (i = 0; i < PATIENCE && !window_moved(gpu); i++)
		run(gpu, NULL, use_window);
	CHECK(i < PATIENCE);
	printf("%sok 2 unlocked window users are noticed\n", failed ? "not " : "");
	nova_swgpu_destroy(gpu);

	gpu = swgpu_test_gpu("tu102");
	swgpu_test_tables(gpu);
	for (i = 0; i <= THREADS; i++)
		swgpu_test_put(gpu, 0x204000 + i * 8, (0x1000 + i) << 8 | 1);
	swgpu_test_put(gpu, 0x10200, 0x200c00);
	swgpu_bar0_write(gpu, 0xb80f40, 0x80000010, 4);
	while (swgpu_bar0_read(gpu, 0xb80f50, 4))
		;
	run(gpu, NULL, use_bar1);
	swgpu_test_expect_quiet(gpu);
	printf("%sok 3 BAR1 users see whole words\n1..3\n", failed ? "not " : "");
	nova_swgpu_destroy(gpu);
	return failed != 0;
}
