// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: EXEC and the queues it goes to, called as the ioctls are. What a job did
 * is read through the page tables as the software GPU walks them; how it ended is
 * read from the fence in a syncobj. Each bad call is a good one with one thing wrong,
 * and afterwards the syncobj that it named still has no fence.
 */
#include "nova_ce.h"
#include "nova_chip.h"
#include "nova_fence.h"
#include "nova_kunit.h"
#include "nova_kunit_drm.h"
#include "nova_queue.h"
#include "nova_vm.h"
#include "nova_vm_bo.h"

#include <drm/drm_syncobj.h>
#include <drm/ttm/ttm_placement.h>
#include <kunit/test.h>

#include <linux/delay.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#define EXEC_PUSH	SZ_4M		/* VRAM | SYSTEM: methods */
#define EXEC_SRC	SZ_8M		/* VRAM */
#define EXEC_DST	SZ_16M		/* SYSTEM */
#define EXEC_HOLE	SZ_32M		/* nothing */
#define EXEC_LEN	SZ_64K
#define EXEC_WAIT	(20 * HZ)

struct exec_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	u32 vm_id;
	struct nova_vm *vm;
	struct nova_gem *src;
	u32 queue;
	u32 bind_queue;
	u32 syncobj;
	struct drm_syncobj *done;
	u32 push_bytes;
};

static void exec_put_syncobj(void *syncobj)
{
	drm_syncobj_put(syncobj);
}

static void exec_create_syncobj(struct exec_fixture *f)
{
	KUNIT_ASSERT_EQ(f->test, drm_syncobj_create(&f->done, 0, NULL), 0);
	KUNIT_ASSERT_EQ(f->test, kunit_add_action_or_reset(f->test, exec_put_syncobj, f->done), 0);
	KUNIT_ASSERT_EQ(f->test, drm_syncobj_get_handle(f->nkd->file, f->done, &f->syncobj), 0);
}

static struct nova_gem *exec_map(struct exec_fixture *f, u32 placement, u64 va)
{
	u32 handle;
	struct nova_gem *gem = nova_kunit_drm_gem(f->nkd, EXEC_LEN, placement, 0, &handle);

	KUNIT_ASSERT_EQ(f->test, nova_kunit_drm_map(f->nkd, f->vm_id, handle, va, EXEC_LEN), 0);
	return gem;
}

static void exec_gpu_write(struct exec_fixture *f, u64 va, const void *buf, size_t len)
{
	KUNIT_ASSERT_EQ(f->test, nova_swgpu_mem_write(f->nkd->gpu,
						      nova_vmm_pdb(&f->vm->vmm).addr, false,
						      va, buf, len), 0);
}

static u32 exec_gpu_word(struct exec_fixture *f, u64 va)
{
	u32 word = 0;

	KUNIT_EXPECT_EQ(f->test, nova_swgpu_mem_read(f->nkd->gpu,
						     nova_vmm_pdb(&f->vm->vmm).addr, false, va,
						     &word, sizeof(word)), 0);
	return word;
}

/* The push copies from @src to EXEC_DST. */
static void exec_write_push(struct exec_fixture *f, u64 src)
{
	const struct nova_ce_copy copy = { .src = src, .dst = EXEC_DST, .len = EXEC_LEN };
	u32 words[NOVA_CE_BEGIN_WORDS + NOVA_CE_COPY_WORDS];
	struct nova_pb pb = { .words = words };

	nova_ce_begin(&pb, f->nkd->ndrm->nd.chip->family->copy_class);
	nova_ce_copy(&pb, &copy);
	f->push_bytes = pb.nr * sizeof(u32);
	exec_gpu_write(f, EXEC_PUSH, words, f->push_bytes);
}

static struct exec_fixture *exec_create(struct kunit *test, const struct nova_kunit_chip *chip)
{
	const struct nova_swgpu_config config = {
		.chip = chip->name, .vram_size = SZ_64M, .bar1_size = SZ_16M,
	};
	struct exec_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	const u32 words[] = { 0x600d0000, 0x600d0001 };

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->nkd = nova_kunit_drm_create_bound(test, &config);
	f->vm_id = nova_kunit_drm_vm(f->nkd, 0);
	f->vm = nova_kunit_drm_find_vm(f->nkd, f->vm_id);
	exec_map(f, DRM_NOVA_PLACEMENT_SYSTEM, EXEC_PUSH);
	f->src = exec_map(f, DRM_NOVA_PLACEMENT_VRAM, EXEC_SRC);
	exec_map(f, DRM_NOVA_PLACEMENT_SYSTEM, EXEC_DST);
	exec_gpu_write(f, EXEC_SRC, &words[0], sizeof(u32));
	exec_gpu_write(f, EXEC_SRC + EXEC_LEN - sizeof(u32), &words[1], sizeof(u32));
	exec_write_push(f, EXEC_SRC);
	f->queue = nova_kunit_drm_queue(f->nkd, f->vm_id, DRM_NOVA_QUEUE_CLASS_COPY);
	f->bind_queue = nova_kunit_drm_queue(f->nkd, f->vm_id, DRM_NOVA_QUEUE_CLASS_BIND);
	exec_create_syncobj(f);
	return f;
}

/* A call as user space has it: its arrays lie behind each other. */
struct exec_call {
	struct drm_nova_exec_push push;
	struct drm_nova_sync sync;
	struct drm_nova_sync then;
	struct drm_nova_exec args;
};

static struct exec_call exec_call(struct exec_fixture *f)
{
	return (struct exec_call) {
		.push = { .va = EXEC_PUSH, .size = f->push_bytes },
		.sync = { .handle = f->syncobj, .flags = DRM_NOVA_SYNC_SIGNAL },
		.args = {
			.queue_id = f->queue,
			.pushes = { .count = 1, .stride = sizeof(struct drm_nova_exec_push) },
			.syncs = { .count = 1, .stride = sizeof(struct drm_nova_sync) },
		},
	};
}

static int exec_submit(struct exec_fixture *f, struct exec_call *call)
{
	u64 user = nova_kunit_drm_copy(f->nkd, call, sizeof(*call));

	if (!call->args.pushes.ptr)
		call->args.pushes.ptr = user + offsetof(struct exec_call, push);
	if (!call->args.syncs.ptr)
		call->args.syncs.ptr = user + offsetof(struct exec_call, sync);
	return nova_exec_ioctl(&f->nkd->ndrm->drm, &call->args, f->nkd->file);
}

/* How the last job that was submitted ends; the syncobj is empty again. */
static int exec_wait(struct exec_fixture *f)
{
	struct dma_fence *fence = drm_syncobj_fence_get(f->done);
	int ret;

	KUNIT_ASSERT_NOT_NULL(f->test, fence);
	drm_syncobj_replace_fence(f->done, NULL);
	ret = dma_fence_wait_timeout(fence, false, EXEC_WAIT) > 0 ? fence->error : -ETIMEDOUT;
	dma_fence_put(fence);
	return ret;
}

static int exec_run(struct exec_fixture *f)
{
	struct exec_call call = exec_call(f);

	KUNIT_ASSERT_EQ(f->test, exec_submit(f, &call), 0);
	return exec_wait(f);
}

static bool exec_signalled_nothing(struct exec_fixture *f)
{
	struct dma_fence *fence = drm_syncobj_fence_get(f->done);

	dma_fence_put(fence);
	return !fence;
}

static struct drm_nova_queue_get_state exec_state(struct exec_fixture *f, u32 queue)
{
	struct drm_nova_queue_get_state args = { .queue_id = queue };

	KUNIT_EXPECT_EQ(f->test, nova_queue_get_state_ioctl(&f->nkd->ndrm->drm, &args,
							    f->nkd->file), 0);
	return args;
}

static int exec_destroy_queue(struct exec_fixture *f, u32 queue)
{
	struct drm_nova_queue_destroy args = { .queue_id = queue };

	return nova_queue_destroy_ioctl(&f->nkd->ndrm->drm, &args, f->nkd->file);
}

static void exec_inject(struct exec_fixture *f, enum nova_swgpu_inject what, u64 arg)
{
	KUNIT_ASSERT_EQ(f->test, nova_swgpu_inject(f->nkd->gpu, what, arg), 0);
}

static void work_is_done_and_its_fence_signals(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);

	KUNIT_EXPECT_NE(test, exec_gpu_word(f, EXEC_DST), 0x600d0000);
	KUNIT_EXPECT_EQ(test, exec_run(f), 0);
	KUNIT_EXPECT_EQ(test, exec_gpu_word(f, EXEC_DST), 0x600d0000);
	KUNIT_EXPECT_EQ(test, exec_gpu_word(f, EXEC_DST + EXEC_LEN - 4), 0x600d0001);
	KUNIT_EXPECT_EQ(test, exec_state(f, f->queue).state, 0);
}

static void a_join_without_pushes_signals(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	struct exec_call call = exec_call(f);

	call.args.pushes.count = 0;
	KUNIT_ASSERT_EQ(test, exec_submit(f, &call), 0);
	KUNIT_EXPECT_EQ(test, exec_wait(f), 0);
	KUNIT_EXPECT_NE(test, exec_gpu_word(f, EXEC_DST), 0x600d0000);
}

/* One field of a good call, and what the call must then return. */
#define EXEC_BAD(name, field, value, err) \
	NOVA_KUNIT_BAD(struct exec_call, name, field, value, err)

static const struct nova_kunit_bad exec_bads[] = {
	EXEC_BAD("flags", args.flags, 1, -EINVAL),
	EXEC_BAD("push_flags", push.flags, 2, -EINVAL),
	EXEC_BAD("push_address_between_words", push.va, EXEC_PUSH + 2, -EINVAL),
	EXEC_BAD("push_size_between_words", push.size, 6, -EINVAL),
	EXEC_BAD("push_empty", push.size, 0, -EINVAL),
	EXEC_BAD("push_too_large", push.size, NOVA_MAX_PUSH_BYTES + 4, -EINVAL),
	EXEC_BAD("push_out_of_reach", push.va, 1ull << 63, -EINVAL),
	EXEC_BAD("push_wraps", push.va, -4ull, -EINVAL),
	EXEC_BAD("push_stride_too_small", args.pushes.stride, 8, -EINVAL),
	EXEC_BAD("push_stride_odd", args.pushes.stride, 20, -EINVAL),
	EXEC_BAD("pushes_too_many", args.pushes.count, NOVA_MAX_PUSHES + 1, -E2BIG),
	EXEC_BAD("pushes_unreadable", args.pushes.ptr, 8, -EFAULT),
	EXEC_BAD("syncs_too_many", args.syncs.count, NOVA_MAX_SYNCS + 1, -E2BIG),
	EXEC_BAD("syncs_unreadable", args.syncs.ptr, 8, -EFAULT),
	EXEC_BAD("sync_type", sync.flags, DRM_NOVA_SYNC_SIGNAL | 2, -EINVAL),
	EXEC_BAD("sync_flags", sync.flags, DRM_NOVA_SYNC_SIGNAL | 0x100, -EINVAL),
	EXEC_BAD("binary_sync_with_a_point", sync.point, 1, -EINVAL),
	EXEC_BAD("timeline_sync_without_a_point", sync.flags,
		 DRM_NOVA_SYNC_SIGNAL | DRM_NOVA_SYNC_TIMELINE, -EINVAL),
	EXEC_BAD("sync_waits_for_nothing", sync.flags, 0, -EINVAL),
	EXEC_BAD("sync_unknown", sync.handle, 0x7777, -ENOENT),
	EXEC_BAD("queue_unknown", args.queue_id, 0x7777, -ENOENT),
	EXEC_BAD("queue_zero", args.queue_id, 0, -ENOENT),
};

KUNIT_ARRAY_PARAM_DESC(exec_bad, exec_bads, name);

static const struct nova_kunit_chip exec_any_chip = { .name = "tu102" };

static void bad_calls_submit_nothing(struct kunit *test)
{
	const struct nova_kunit_bad *bad = test->param_value;
	struct exec_fixture *f = exec_create(test, &exec_any_chip);
	struct exec_call call = exec_call(f);

	nova_kunit_spoil(&call, bad);
	KUNIT_EXPECT_EQ(test, exec_submit(f, &call), bad->err);
	KUNIT_EXPECT_TRUE(test, exec_signalled_nothing(f));
	KUNIT_EXPECT_EQ(test, exec_run(f), 0);
}

static void a_bind_queue_executes_nothing(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	struct exec_call call = exec_call(f);

	call.args.queue_id = f->bind_queue;
	KUNIT_EXPECT_EQ(test, exec_submit(f, &call), -EINVAL);
	KUNIT_EXPECT_TRUE(test, exec_signalled_nothing(f));
}

/* DRM may leave a fence behind that it has let go of. */
static void waiting_for_a_later_point_drops_no_reference(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	struct exec_call call = exec_call(f);
	struct dma_fence *fence;
	unsigned int refs;

	call.sync.flags |= DRM_NOVA_SYNC_TIMELINE;
	call.sync.point = 5;
	KUNIT_ASSERT_EQ(test, exec_submit(f, &call), 0);
	fence = drm_syncobj_fence_get(f->done);
	refs = kref_read(&fence->refcount);
	call.sync.flags = DRM_NOVA_SYNC_TIMELINE;
	call.sync.point = 6;
	KUNIT_EXPECT_EQ(test, exec_submit(f, &call), -EINVAL);
	KUNIT_ASSERT_EQ(test, kref_read(&fence->refcount), refs);
	dma_fence_put(fence);
	KUNIT_EXPECT_EQ(test, exec_wait(f), 0);
}

/* A slow copy signals a point; a join on another queue waits for it and signals the syncobj. */
static u32 exec_submit_two(struct exec_fixture *f)
{
	u32 other = nova_kunit_drm_queue(f->nkd, f->vm_id, DRM_NOVA_QUEUE_CLASS_COPY);
	struct exec_call call = exec_call(f);

	exec_inject(f, NOVA_SWGPU_INJECT_CE_SLOW, 50000);
	call.sync.flags |= DRM_NOVA_SYNC_TIMELINE;
	call.sync.point = 5;
	KUNIT_ASSERT_EQ(f->test, exec_submit(f, &call), 0);
	call = exec_call(f);
	call.args.queue_id = other;
	call.args.pushes.count = 0;
	call.args.syncs.count = 2;
	call.then = call.sync;
	call.sync.flags = DRM_NOVA_SYNC_TIMELINE;
	call.sync.point = 5;
	KUNIT_ASSERT_EQ(f->test, exec_submit(f, &call), 0);
	return other;
}

static void one_syncobj_orders_two_queues(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);

	exec_submit_two(f);
	KUNIT_EXPECT_EQ(test, exec_wait(f), 0);
	KUNIT_EXPECT_EQ(test, exec_gpu_word(f, EXEC_DST + EXEC_LEN - 4), 0x600d0001);
}

static void destroying_a_queue_cancels_what_waits(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	u32 other = exec_submit_two(f);

	KUNIT_EXPECT_EQ(test, exec_destroy_queue(f, other), 0);
	KUNIT_EXPECT_EQ(test, exec_wait(f), -ECANCELED);
	KUNIT_EXPECT_EQ(test, exec_state(f, f->queue).state, 0);
}

/* What was pushed out of VRAM is back, and mapped again, when the job runs. */
static void evicted_objects_are_back_before_the_job(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);

	KUNIT_ASSERT_EQ(test, nova_ttm_evict(&f->nkd->ndrm->nt, TTM_PL_VRAM), 0);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->src), DRM_NOVA_REGION_SYSTEM);
	KUNIT_EXPECT_EQ(test, exec_run(f), 0);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->src), DRM_NOVA_REGION_VRAM);
	KUNIT_EXPECT_EQ(test, exec_gpu_word(f, EXEC_DST + EXEC_LEN - 4), 0x600d0001);
}

/* Whoever maps it sooner, lets a job that lies about its end see whose memory it was. */
static void what_moves_is_mapped_when_it_has_arrived(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	struct nova_gem *gem = exec_map(f, DRM_NOVA_PLACEMENT_VRAM | DRM_NOVA_PLACEMENT_SYSTEM,
					EXEC_HOLE);
	unsigned int i;
	u32 handle;

	KUNIT_ASSERT_EQ(test, nova_gem_region(gem), DRM_NOVA_REGION_VRAM);
	exec_inject(f, NOVA_SWGPU_INJECT_CE_SLOW, 20000);
	for (i = 0; i < 16 && nova_gem_region(gem) == DRM_NOVA_REGION_VRAM; i++)
		nova_kunit_drm_gem(f->nkd, SZ_4M, DRM_NOVA_PLACEMENT_VRAM, 0, &handle);
	KUNIT_EXPECT_EQ(test, nova_gem_region(gem), DRM_NOVA_REGION_SYSTEM);
	KUNIT_EXPECT_TRUE(test, dma_resv_test_signaled(gem->bo.ttm.base.resv,
						       DMA_RESV_USAGE_KERNEL));
	exec_inject(f, NOVA_SWGPU_INJECT_CE_SLOW, 0);
}

#define EXEC_MOVES	8

/* As the fence of a move into or out of VRAM, each of which may come from another context. */
static struct nova_fence *exec_add_fence(struct exec_fixture *f)
{
	struct nova_fence *fence = nova_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(f->test, fence);
	nova_fence_arm(fence, dma_fence_context_alloc(1), 1);
	dma_resv_add_fence(drm_gpuvm_resv(&f->vm->base), &fence->base, DMA_RESV_USAGE_KERNEL);
	return fence;
}

static void exec_submit_behind(struct exec_fixture *f, unsigned int moves)
{
	struct nova_fence *fences[EXEC_MOVES + 1];
	struct nova_vm_locks locks;
	unsigned int i;

	KUNIT_ASSERT_EQ(f->test, nova_vm_lock_bound(f->vm, &locks, false), 0);
	for (i = 0; i < moves; i++) {
		KUNIT_ASSERT_EQ(f->test,
				dma_resv_reserve_fences(drm_gpuvm_resv(&f->vm->base), 1), 0);
		fences[i] = exec_add_fence(f);
	}
	KUNIT_ASSERT_EQ(f->test, nova_vm_reserve_fence(&locks.exec), 0);
	fences[i] = exec_add_fence(f);
	nova_vm_unlock_bound(&locks);
	for (i = 0; i <= moves; i++) {
		nova_fence_signal(fences[i], 0);
		nova_fence_put(fences[i]);
	}
}

/* However many there are: a reservation that has no room for a job's fence is a kernel bug. */
static void a_job_has_room_behind_moves(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	unsigned int moves;

	for (moves = 0; moves <= EXEC_MOVES; moves++)
		exec_submit_behind(f, moves);
}

static void exec_expect_fault(struct exec_fixture *f, u64 va)
{
	struct drm_nova_vm_fault fault[2] = {};
	struct drm_nova_vm_get_state args = {
		.vm_id = f->vm_id,
		.faults = { nova_kunit_drm_copy(f->nkd, fault, sizeof(fault)), 2, sizeof(*fault) },
	};

	KUNIT_EXPECT_EQ(f->test, nova_vm_get_state_ioctl(&f->nkd->ndrm->drm, &args,
							 f->nkd->file), 0);
	KUNIT_EXPECT_EQ(f->test, args.state, 0);
	KUNIT_EXPECT_EQ(f->test, args.fault_total, 1);
	KUNIT_EXPECT_EQ(f->test, args.faults.count, 1);
	KUNIT_ASSERT_EQ(f->test, copy_from_user(fault, u64_to_user_ptr(args.faults.ptr),
						sizeof(fault)), 0);
	KUNIT_EXPECT_EQ(f->test, fault[0].va, va);
	KUNIT_EXPECT_EQ(f->test, fault[0].queue_id, f->queue);
	KUNIT_EXPECT_EQ(f->test, fault[0].access, DRM_NOVA_FAULT_READ);
	KUNIT_EXPECT_EQ(f->test, fault[0].reason, DRM_NOVA_FAULT_UNMAPPED);
	KUNIT_EXPECT_EQ(f->test, fault[1].va, 0);
}

static void a_fault_bans_the_queue_and_no_other(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	u32 other = nova_kunit_drm_queue(f->nkd, f->vm_id, DRM_NOVA_QUEUE_CLASS_COPY);
	struct exec_call call = exec_call(f);

	exec_write_push(f, EXEC_HOLE);
	KUNIT_EXPECT_EQ(test, exec_run(f), -EFAULT);
	KUNIT_EXPECT_EQ(test, exec_state(f, f->queue).state,
			DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_GUILTY);
	KUNIT_EXPECT_EQ(test, exec_state(f, f->queue).error, -EFAULT);
	KUNIT_EXPECT_EQ(test, exec_submit(f, &call), -ECANCELED);
	KUNIT_EXPECT_TRUE(test, exec_signalled_nothing(f));
	exec_expect_fault(f, EXEC_HOLE);
	KUNIT_EXPECT_EQ(test, exec_state(f, other).state, 0);
	exec_write_push(f, EXEC_SRC);
	f->queue = other;
	KUNIT_EXPECT_EQ(test, exec_run(f), 0);
}

static void destroying_a_queue_cancels_its_work(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	struct exec_call call = exec_call(f);

	exec_inject(f, NOVA_SWGPU_INJECT_CE_STUCK, 1);
	KUNIT_ASSERT_EQ(test, exec_submit(f, &call), 0);
	KUNIT_EXPECT_EQ(test, exec_destroy_queue(f, f->queue), 0);
	KUNIT_EXPECT_EQ(test, exec_wait(f), -ECANCELED);
	exec_inject(f, NOVA_SWGPU_INJECT_CE_STUCK, 0);
	f->queue = nova_kunit_drm_queue(f->nkd, f->vm_id, DRM_NOVA_QUEUE_CLASS_COPY);
	KUNIT_EXPECT_EQ(test, exec_run(f), 0);
}

/* Until the engine has begun to execute. */
static void exec_wait_begun(struct exec_fixture *f)
{
	struct nova_swgpu_counters c = {};

	for (unsigned int ms = 0; !c.launches && ms < 1000; ms++) {
		usleep_range(500, 1000);
		nova_swgpu_counters_get(f->nkd->gpu, &c);
	}
	KUNIT_ASSERT_NE(f->test, c.launches, 0);
}

/* The engine lets go of nothing: that is the end of the device, not of the caller. */
static void a_wedge_makes_every_queue_innocent(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	u32 other = nova_kunit_drm_queue(f->nkd, f->vm_id, DRM_NOVA_QUEUE_CLASS_COPY);
	struct exec_call call = exec_call(f);

	exec_inject(f, NOVA_SWGPU_INJECT_CE_STUCK, 2);
	nova_swgpu_counters_reset(f->nkd->gpu);
	KUNIT_ASSERT_EQ(test, exec_submit(f, &call), 0);
	exec_wait_begun(f);
	KUNIT_EXPECT_EQ(test, exec_destroy_queue(f, f->queue), 0);
	KUNIT_EXPECT_EQ(test, exec_wait(f), -ECANCELED);
	KUNIT_EXPECT_TRUE(test, nova_device_is_wedged(&f->nkd->ndrm->nd));
	KUNIT_EXPECT_EQ(test, exec_state(f, other).state,
			DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_INNOCENT);
	KUNIT_EXPECT_EQ(test, exec_state(f, other).error, -EIO);
	call.args.queue_id = other;
	KUNIT_EXPECT_EQ(test, exec_submit(f, &call), -ECANCELED);
	KUNIT_EXPECT_TRUE(test, exec_signalled_nothing(f));
}

/* A VM whose page tables could not be changed: its queues stop with it. */
static void a_banned_vm_executes_nothing(struct kunit *test)
{
	struct exec_fixture *f = exec_create(test, test->param_value);
	struct exec_call call = exec_call(f);

	nova_vm_ban(f->vm, -EIO);
	KUNIT_EXPECT_EQ(test, exec_submit(f, &call), -ENOENT);
	KUNIT_EXPECT_TRUE(test, exec_signalled_nothing(f));
	KUNIT_EXPECT_EQ(test, exec_state(f, f->bind_queue).state,
			DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_INNOCENT);
	KUNIT_EXPECT_EQ(test, exec_state(f, f->bind_queue).error, -EIO);
}

static void without_channels_there_is_no_exec(struct kunit *test)
{
	const struct nova_swgpu_config config = { .chip = "tu102", .vram_size = SZ_64M };
	struct nova_kunit_drm *nkd = nova_kunit_drm_create(test, &config);
	struct drm_nova_exec args = {};
	struct drm_nova_queue_create queue = {
		.vm_id = nova_kunit_drm_vm(nkd, 0), .queue_class = DRM_NOVA_QUEUE_CLASS_COPY,
	};

	KUNIT_EXPECT_EQ(test, nova_exec_ioctl(&nkd->ndrm->drm, &args, nkd->file), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, nova_queue_create_ioctl(&nkd->ndrm->drm, &queue, nkd->file),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, queue.queue_id, 0);
}

static struct kunit_case exec_cases[] = {
	KUNIT_CASE_PARAM(work_is_done_and_its_fence_signals, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_join_without_pushes_signals, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(bad_calls_submit_nothing, exec_bad_gen_params),
	KUNIT_CASE_PARAM(a_bind_queue_executes_nothing, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(waiting_for_a_later_point_drops_no_reference, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(one_syncobj_orders_two_queues, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(destroying_a_queue_cancels_what_waits, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(evicted_objects_are_back_before_the_job, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(what_moves_is_mapped_when_it_has_arrived, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_job_has_room_behind_moves, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_fault_bans_the_queue_and_no_other, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(destroying_a_queue_cancels_its_work, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_wedge_makes_every_queue_innocent, nova_kunit_gen_chip),
	KUNIT_CASE_PARAM(a_banned_vm_executes_nothing, nova_kunit_gen_chip),
	KUNIT_CASE(without_channels_there_is_no_exec),
	{}
};

static struct kunit_suite exec_suite = {
	.name = "nova-exec",
	.test_cases = exec_cases,
};

kunit_test_suite(exec_suite);
