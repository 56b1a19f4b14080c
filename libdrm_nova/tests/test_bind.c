// SPDX-License-Identifier: MIT

/**
 * DOC: Test of address spaces, batches and queues
 *
 * Which ops of a batch merge and which must not, what a batch holds after
 * success and failure, and that calls carry the right ids and arrays. Runs on
 * the fake kernel.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fake.h"

static struct nova_device *dev;
static struct nova_vm *vm;
static struct nova_bo *bo;
static struct nova_bind *bind;

static void setup(void)
{
	const struct drm_nova_gem_create2 args = { .size = 0x100000, .placement = 1 };

	dev = fake_open();
	if (nova_vm_create(dev, 0, 0, 0, &vm) || nova_bo_create(dev, &args, &bo) ||
	    nova_bind_create(vm, &bind))
		abort();
}

static void teardown(void)
{
	nova_bind_destroy(bind);
	nova_bo_unref(bo);
	CHECK_EQ(nova_vm_destroy(vm), 0);
	nova_device_close(dev);
}

static uint32_t nr_ops(void)
{
	uint32_t nr;

	nova_bind_ops(bind, &nr);
	return nr;
}

static void pages_in_a_row_become_one_op(void)
{
	const struct drm_nova_vm_bind_op *ops;
	uint32_t nr;
	int i;

	setup();
	for (i = 0; i < 100; i++)
		CHECK_EQ(nova_bind_map(bind, bo, i * 0x1000, 0x400000 + i * 0x1000, 0x1000, 0), 0);
	ops = nova_bind_ops(bind, &nr);
	CHECK_EQ(nr, 1);
	CHECK_EQ(ops[0].va, 0x400000);
	CHECK_EQ(ops[0].offset, 0);
	CHECK_EQ(ops[0].range, 100 * 0x1000);
	for (i = 0; i < 100; i++)
		CHECK_EQ(nova_bind_unmap(bind, 0x400000 + i * 0x1000, 0x1000), 0);
	CHECK_EQ(nr_ops(), 2);
	teardown();
}

/* Each row differs from the op before it, or from its continuation, in one thing. */
static const struct {
	const char *what;
	struct drm_nova_vm_bind_op op;
	bool merges;
} followers[] = {
	{ "continuation", { 1, 0, 1, 3, 0, 0, 0x3000, 0x2000, 0x5000, 0, 0 }, true },
	{ "other op", { 4, 0, 1, 3, 0, 0, 0x3000, 0x2000, 0x5000, 0, 0 }, false },
	{ "other flags", { 1, 1, 1, 3, 0, 0, 0x3000, 0x2000, 0x5000, 0, 0 }, false },
	{ "other object", { 1, 0, 2, 3, 0, 0, 0x3000, 0x2000, 0x5000, 0, 0 }, false },
	{ "other kind", { 1, 0, 1, 4, 0, 0, 0x3000, 0x2000, 0x5000, 0, 0 }, false },
	{ "other page size", { 1, 0, 1, 3, 16, 0, 0x3000, 0x2000, 0x5000, 0, 0 }, false },
	{ "gap in addresses", { 1, 0, 1, 3, 0, 0, 0x4000, 0x2000, 0x5000, 0, 0 }, false },
	{ "overlap in addresses", { 1, 0, 1, 3, 0, 0, 0x2000, 0x2000, 0x5000, 0, 0 }, false },
	{ "gap in the object", { 1, 0, 1, 3, 0, 0, 0x3000, 0x2000, 0x6000, 0, 0 }, false },
	{ "bad pad", { 1, 0, 1, 3, 0, 1, 0x3000, 0x2000, 0x5000, 0, 0 }, false },
	{ "bad region", { 1, 0, 1, 3, 0, 0, 0x3000, 0x2000, 0x5000, 1, 0 }, false },
	{ "nothing", { 1, 0, 1, 3, 0, 0, 0x3000, 0, 0x5000, 0, 0 }, false },
	{ "part of a page", { 1, 0, 1, 3, 0, 0, 0x3000, 0x1800, 0x5000, 0, 0 }, false },
	{ "range that wraps", { 1, 0, 1, 3, 0, 0, 0x3000, UINT64_MAX, 0x5000, 0, 0 }, false },
};

static void only_true_continuations_merge(void)
{
	const struct drm_nova_vm_bind_op first = {
		.op = 1, .handle = 1, .pte_kind = 3, .va = 0x1000, .range = 0x2000,
		.offset = 0x3000,
	};
	size_t i;

	setup();
	for (i = 0; i < sizeof(followers) / sizeof(followers[0]); i++) {
		nova_bind_reset(bind);
		CHECK_EQ(nova_bind_add(bind, &first), 0);
		CHECK_EQ(nova_bind_add(bind, &followers[i].op), 0);
		if (nr_ops() != (followers[i].merges ? 1 : 2))
			printf("# %s\n", followers[i].what);
		CHECK_EQ(nr_ops(), followers[i].merges ? 1 : 2);
	}
	teardown();
}

/* Merged, each of these would be an op that the kernel takes, or another one that it does not. */
static void what_the_kernel_refuses_stays_alone(void)
{
	static const uint64_t firsts[][2] = {
		{ 0x1000, 0 }, { 0x1000, 0x1800 }, { 0x1800, 0x800 }, { -0x2000ull, 0x1000 },
	};
	size_t i;

	setup();
	for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		uint64_t va = firsts[i][0], range = firsts[i][1];

		nova_bind_reset(bind);
		CHECK_EQ(nova_bind_unmap(bind, va, range), 0);
		CHECK_EQ(nova_bind_unmap(bind, va + range, 0x2000 - range % 0x1000), 0);
		CHECK_EQ(nr_ops(), 2);
	}
	teardown();
}

static void whole_object_unmaps_never_merge(void)
{
	const struct drm_nova_vm_bind_op op = { .op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = 1 };

	setup();
	CHECK_EQ(nova_bind_add(bind, &op), 0);
	CHECK_EQ(nova_bind_add(bind, &op), 0);
	CHECK_EQ(nr_ops(), 2);
	teardown();
}

static void merging_looks_at_the_last_op_only(void)
{
	setup();
	CHECK_EQ(nova_bind_map(bind, bo, 0, 0x400000, 0x1000, 0), 0);
	CHECK_EQ(nova_bind_unmap(bind, 0x400000, 0x2000), 0);
	CHECK_EQ(nova_bind_map(bind, bo, 0x1000, 0x401000, 0x1000, 0), 0);
	CHECK_EQ(nr_ops(), 3);
	teardown();
}

static void submit_carries_the_batch_and_empties_it(void)
{
	setup();
	CHECK_EQ(nova_bind_map(bind, bo, 0x2000, 0x400000, 0x1000, 1), 0);
	CHECK_EQ(nova_bind_unmap(bind, 0x800000, 0x1000), 0);
	CHECK_EQ(nova_bind_submit(bind, NULL), 0);
	CHECK_EQ(fake.bind.vm_id, 5);
	CHECK_EQ(fake.bind.flags, 0);
	CHECK_EQ(fake.bind.ops.count, 2);
	CHECK_EQ(fake.bind.ops.stride, 48);
	CHECK_EQ(fake.bind.syncs.count, 0);
	CHECK_EQ(fake.ops[0].op, DRM_NOVA_VM_BIND_OP_MAP);
	CHECK_EQ(fake.ops[0].handle, nova_bo_handle(bo));
	CHECK_EQ(fake.ops[0].offset, 0x2000);
	CHECK_EQ(fake.ops[1].op, DRM_NOVA_VM_BIND_OP_UNMAP);
	CHECK_EQ(nr_ops(), 0);
	teardown();
}

/* A batch of one op whose call fails from here on; which op is to blame? */
static uint32_t submit_failing(int error)
{
	uint32_t failed_op = 0;

	setup();
	CHECK_EQ(nova_bind_map(bind, bo, 0, 0x400000, 0x1000, 0), 0);
	fake.fail_request = DRM_IOCTL_NOVA_VM_BIND;
	fake.fail_errno = error;
	CHECK_EQ(nova_bind_submit(bind, &failed_op), -error);
	return failed_op;
}

static void failed_submit_keeps_the_batch(void)
{
	CHECK_EQ(submit_failing(EEXIST), 2);
	CHECK_EQ(nr_ops(), 1);
	CHECK_EQ(nova_bind_submit_async(bind, NULL, NULL, 0, NULL), -EEXIST);
	CHECK_EQ(nr_ops(), 1);
	fake.fail_request = 0;
	CHECK_EQ(nova_bind_submit(bind, NULL), 0);
	teardown();
}

static void a_device_that_is_gone_blames_no_op(void)
{
	CHECK_EQ(submit_failing(ENODEV), DRM_NOVA_VM_BIND_NO_OP);
	fake.fail_request = 0;
	teardown();
}

static void add_separate_ops(int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		CHECK_EQ(nova_bind_unmap(bind, 0x400000 + i * 0x2000ull, 0x1000), 0);
}

static void split_submits_pieces_of_the_limit(void)
{
	setup();
	fake.max_bind_ops = 30;
	add_separate_ops(100);
	CHECK_EQ(nova_bind_submit(bind, NULL), -E2BIG);
	CHECK_EQ(nr_ops(), 100);
	CHECK_EQ(nova_bind_submit_split(bind, NULL), 0);
	CHECK_EQ(fake.binds, 4);
	CHECK_EQ(fake.bound_ops, 100);
	CHECK_EQ(nr_ops(), 0);
	CHECK_EQ(nova_bind_submit_split(bind, NULL), 0);
	CHECK_EQ(fake.binds, 5);
	teardown();
}

static void failed_split_leaves_the_rest(void)
{
	const struct drm_nova_vm_bind_op *ops;
	uint32_t failed_op = 0, nr;

	setup();
	fake.max_bind_ops = 30;
	add_separate_ops(100);
	fake.fail_request = DRM_IOCTL_NOVA_VM_BIND;
	fake.fail_errno = ENOSPC;
	fake.fail_after = 2;
	CHECK_EQ(nova_bind_submit_split(bind, &failed_op), -ENOSPC);
	CHECK_EQ(failed_op, 2);
	ops = nova_bind_ops(bind, &nr);
	CHECK_EQ(nr, 40);
	CHECK_EQ(ops[0].va, 0x400000 + 60 * 0x2000);
	fake.fail_request = DRM_IOCTL_NOVA_INFO;
	fake.fail_after = 0;
	CHECK_EQ(nova_bind_submit_split(bind, &failed_op), -ENOSPC);
	CHECK_EQ(failed_op, DRM_NOVA_VM_BIND_NO_OP);
	CHECK_EQ(nr_ops(), 40);
	teardown();
}

static void async_carries_queue_and_syncs(void)
{
	const struct drm_nova_sync syncs[2] = { { .handle = 1 }, { .handle = 2 } };
	struct nova_queue *queue = NULL;

	setup();
	CHECK_EQ(nova_queue_create(vm, DRM_NOVA_QUEUE_CLASS_BIND,
				   DRM_NOVA_QUEUE_PRIORITY_NORMAL, &queue), 0);
	CHECK_EQ(nova_bind_submit_async(bind, queue, syncs, 2, NULL), 0);
	CHECK_EQ(fake.bind.flags, DRM_NOVA_VM_BIND_ASYNC);
	CHECK_EQ(fake.bind.queue_id, 6);
	CHECK_EQ(fake.bind.ops.count, 0);
	CHECK_EQ(fake.bind.syncs.count, 2);
	CHECK_EQ(fake.bind.syncs.stride, 16);
	CHECK_EQ(nova_queue_destroy(queue), 0);
	teardown();
}

static void queues_pass_their_arguments(void)
{
	const struct drm_nova_exec_push pushes[3] = { { .va = 4, .size = 4 } };
	struct drm_nova_queue_get_state state = { 0 };
	struct nova_queue *queue = NULL;

	setup();
	fake.fail_request = DRM_IOCTL_NOVA_QUEUE_CREATE;
	fake.fail_errno = EOPNOTSUPP;
	CHECK_EQ(nova_queue_create(vm, DRM_NOVA_QUEUE_CLASS_COPY, 1, &queue), -EOPNOTSUPP);
	CHECK(!queue);
	fake.fail_request = DRM_IOCTL_NOVA_QUEUE_DESTROY;
	fake.fail_errno = ENOENT;
	CHECK_EQ(nova_queue_create(vm, DRM_NOVA_QUEUE_CLASS_COPY, 1, &queue), 0);
	CHECK_EQ(nova_queue_exec(queue, pushes, 3, NULL, 0), 0);
	CHECK_EQ(fake.exec.queue_id, 6);
	CHECK_EQ(fake.exec.pushes.count, 3);
	CHECK_EQ(fake.exec.pushes.stride, 16);
	CHECK_EQ(fake.exec.syncs.count, 0);
	CHECK_EQ(nova_queue_get_state(queue, &state), 0);
	CHECK_EQ(state.state, DRM_NOVA_QUEUE_STATE_GUILTY);
	CHECK_EQ(nova_queue_destroy(queue), -ENOENT);
	fake.fail_request = 0;
	CHECK_EQ(nova_queue_destroy(queue), 0);
	CHECK_EQ(nova_queue_destroy(NULL), 0);
	teardown();
}

/* Nobody can destroy them any more: that nothing leaks is for the sanitizers to see. */
static void a_device_that_is_gone_frees_what_is_destroyed(void)
{
	struct nova_queue *queue = NULL;
	struct nova_vm *other = NULL;

	setup();
	CHECK_EQ(nova_vm_create(dev, 0, 0, 0, &other), 0);
	CHECK_EQ(nova_queue_create(other, DRM_NOVA_QUEUE_CLASS_COPY, 1, &queue), 0);
	fake.fail_request = DRM_IOCTL_NOVA_QUEUE_DESTROY;
	fake.fail_errno = ENODEV;
	CHECK_EQ(nova_queue_destroy(queue), -ENODEV);
	fake.fail_request = DRM_IOCTL_NOVA_VM_DESTROY;
	CHECK_EQ(nova_vm_destroy(other), -ENODEV);
	fake.fail_request = 0;
	teardown();
}

static void vms_pass_their_arguments(void)
{
	struct drm_nova_vm_fault faults[4];
	struct drm_nova_vm_get_state state = { 0 };
	struct drm_nova_array ranges = { 0 };

	setup();
	CHECK_EQ(nova_vm_id(vm), 5);
	CHECK_EQ(nova_vm_layout(vm)->kernel_start, 0x10000000);
	CHECK_EQ(nova_vm_get_state(vm, faults, 4, &state), 0);
	CHECK_EQ(state.faults.stride, 32);
	CHECK_EQ(state.faults.count, 3);
	CHECK_EQ(nova_vm_get_state(vm, NULL, 0, &state), 0);
	CHECK_EQ(nova_vm_query_ranges(vm, 0, 0x1000, &ranges), 0);
	CHECK_EQ(ranges.count, 9);
	fake.fail_request = DRM_IOCTL_NOVA_VM_DESTROY;
	fake.fail_errno = EBUSY;
	CHECK_EQ(nova_vm_destroy(vm), -EBUSY);
	fake.fail_request = 0;
	CHECK_EQ(nova_vm_destroy(NULL), 0);
	teardown();
}

static void vm_heap_leaves_out_the_reservation_and_zero(void)
{
	struct nova_va_heap *heap = NULL;
	uint64_t va = 0;

	setup();
	CHECK_EQ(nova_vm_heap(vm, &heap), 0);
	CHECK_EQ(nova_va_heap_available(heap), (1ull << 47) - 0x200000 - 0x200000);
	CHECK_EQ(nova_va_heap_alloc_at(heap, 0x10000000, 0x1000), -ENOSPC);
	CHECK_EQ(nova_va_heap_alloc_at(heap, 0x10200000, 0x1000), 0);
	CHECK_EQ(nova_va_heap_alloc(heap, 0x1000, 0x1000, &va), 0);
	CHECK_EQ(va, 0x200000);
	nova_va_heap_destroy(heap);
	teardown();
}

static const struct check_case cases[] = {
	CHECK_CASE(pages_in_a_row_become_one_op),
	CHECK_CASE(only_true_continuations_merge),
	CHECK_CASE(what_the_kernel_refuses_stays_alone),
	CHECK_CASE(whole_object_unmaps_never_merge),
	CHECK_CASE(merging_looks_at_the_last_op_only),
	CHECK_CASE(submit_carries_the_batch_and_empties_it),
	CHECK_CASE(failed_submit_keeps_the_batch),
	CHECK_CASE(a_device_that_is_gone_blames_no_op),
	CHECK_CASE(split_submits_pieces_of_the_limit),
	CHECK_CASE(failed_split_leaves_the_rest),
	CHECK_CASE(async_carries_queue_and_syncs),
	CHECK_CASE(queues_pass_their_arguments),
	CHECK_CASE(a_device_that_is_gone_frees_what_is_destroyed),
	CHECK_CASE(vms_pass_their_arguments),
	CHECK_CASE(vm_heap_leaves_out_the_reservation_and_zero),
};

CHECK_MAIN(cases)
