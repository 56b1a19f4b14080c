// SPDX-License-Identifier: MIT
/*
 * Several threads on one model. With a lock around "move the window, then access",
 * as a driver must have it, nothing is recorded and every thread reads back what it
 * wrote; without, the model notices. The rest hammers BAR1, the TLB and the logs to
 * show that one access is one access.
 */

#include <stdio.h>

#include "../swgpu_rig.h"

#define THREADS 4
#define ROUNDS 20000
#define PATIENCE 200
#define COPIES 300

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
	*dma = 0x10000000;
	return calloc(1, size);
}

void swgpu_test_sysmem_put(u8 *mem, size_t size)
{
	(void)size;
	free(mem);
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

static atomic_int host_done;

/* The worker; a second one must not matter. */
static void *use_host(void *arg)
{
	struct thread *t = arg;

	while (!atomic_load(&host_done)) {
		nova_swgpu_step(t->gpu);
		if (t->self == 1)
			swgpu_test_invalidate(t->gpu, 0x80000003);
	}
	return NULL;
}

/* One copy after the other, each waited for; what is copied is there when that is known. */
static void use_channel(struct swgpu_rig *rig)
{
	u32 i;

	for (i = 1; i <= COPIES; i++) {
		swgpu_rig_poke(rig, RIG_DATA_VRAM + 0x20000, i);
		swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x40000, 0x20008, 0x182);
		swgpu_rig_release(rig, 0, 0, i);
		swgpu_rig_kick(rig, 0);
		while ((u32)swgpu_rig_peek(rig, RIG_SEM_VRAM) != i)
			;
		CHECK_EQ(swgpu_rig_peek(rig, RIG_DATA_VRAM + 0x60000), i);
	}
}

static void run_host(void)
{
	struct thread threads[2];
	struct swgpu_rig rig;
	int i;

	swgpu_rig_init(&rig, "gh100");
	swgpu_rig_open(&rig, 1, false);
	for (i = 0; i < 2; i++) {
		threads[i] = (struct thread){ .self = i, .gpu = rig.gpu };
		if (pthread_create(&threads[i].id, NULL, use_host, &threads[i]))
			abort();
	}
	use_channel(&rig);
	atomic_store(&host_done, 1);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i].id, NULL);
	swgpu_test_expect_quiet(rig.gpu);
	swgpu_rig_fini(&rig);
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
	printf("%sok 3 BAR1 users see whole words\n", failed ? "not " : "");
	nova_swgpu_destroy(gpu);

	run_host();
	printf("%sok 4 a channel executes beside everything else\n1..4\n", failed ? "not " : "");
	return failed != 0;
}
