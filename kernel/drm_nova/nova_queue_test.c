// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: a queue's life as its file sees it. Whatever is refused leaves the VM
 * without a queue, which is seen by its going when it is destroyed.
 */
#include "nova_queue.h"

#include "nova_kunit_drm.h"
#include "nova_vm.h"

#include <kunit/test.h>

#include <linux/dma-resv.h>
#include <linux/list.h>
#include <linux/sizes.h>

struct queue_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	u32 vm_id;
};

static struct queue_fixture queue_create(struct kunit *test)
{
	const struct nova_swgpu_config config = { .chip = "gh100", .vram_size = SZ_64M };
	struct queue_fixture f = {
		.test = test, .nkd = nova_kunit_drm_create_bound(test, &config),
	};

	f.vm_id = nova_kunit_drm_vm(f.nkd, 0);
	return f;
}

static struct drm_nova_queue_create queue_request(const struct queue_fixture *f, u32 class)
{
	return (struct drm_nova_queue_create) {
		.vm_id = f->vm_id, .queue_class = class,
		.priority = DRM_NOVA_QUEUE_PRIORITY_NORMAL,
	};
}

static int queue_call(const struct queue_fixture *f, struct drm_nova_queue_create *args)
{
	return nova_queue_create_ioctl(&f->nkd->ndrm->drm, args, f->nkd->file);
}

static int queue_destroy(const struct queue_fixture *f, u32 id)
{
	struct drm_nova_queue_destroy args = { .queue_id = id };

	return nova_queue_destroy_ioctl(&f->nkd->ndrm->drm, &args, f->nkd->file);
}

static int queue_destroy_vm(const struct queue_fixture *f)
{
	struct drm_nova_vm_destroy args = { .vm_id = f->vm_id };

	return nova_vm_destroy_ioctl(&f->nkd->ndrm->drm, &args, f->nkd->file);
}

struct queue_bad {
	const char *name;
	struct drm_nova_queue_create args;
	int err;
};

static const struct queue_bad queue_bads[] = {
	{ "flags", { .flags = 1 }, -EINVAL },
	{ "pad", { .pad = 1 }, -EINVAL },
	{ "id", { .queue_id = 1 }, -EINVAL },
	{ "class", { .queue_class = DRM_NOVA_QUEUE_CLASS_GRAPHICS + 1 }, -EINVAL },
	{ "priority", { .priority = DRM_NOVA_QUEUE_PRIORITY_HIGH + 1 }, -EINVAL },
	{ "compute", { .queue_class = DRM_NOVA_QUEUE_CLASS_COMPUTE }, -EOPNOTSUPP },
	{ "graphics", { .queue_class = DRM_NOVA_QUEUE_CLASS_GRAPHICS }, -EOPNOTSUPP },
	{ "vm", { .vm_id = 0x7777 }, -ENOENT },
};

KUNIT_ARRAY_PARAM_DESC(queue_bad, queue_bads, name);

static void bad_requests_make_no_queue(struct kunit *test)
{
	const struct queue_bad *bad = test->param_value;
	struct queue_fixture f = queue_create(test);
	struct drm_nova_queue_create args = bad->args;

	if (!args.vm_id)
		args.vm_id = f.vm_id;
	KUNIT_EXPECT_EQ(test, queue_call(&f, &args), bad->err);
	KUNIT_EXPECT_EQ(test, args.queue_id, bad->args.queue_id);
	KUNIT_EXPECT_EQ(test, queue_destroy_vm(&f), 0);
}

static void a_vm_stays_while_it_has_queues(struct kunit *test)
{
	struct queue_fixture f = queue_create(test);
	u32 bind = nova_kunit_drm_queue(f.nkd, f.vm_id, DRM_NOVA_QUEUE_CLASS_BIND);
	u32 copy = nova_kunit_drm_queue(f.nkd, f.vm_id, DRM_NOVA_QUEUE_CLASS_COPY);

	KUNIT_EXPECT_EQ(test, queue_destroy_vm(&f), -EBUSY);
	KUNIT_EXPECT_EQ(test, queue_destroy(&f, bind), 0);
	KUNIT_EXPECT_EQ(test, queue_destroy_vm(&f), -EBUSY);
	KUNIT_EXPECT_EQ(test, queue_destroy(&f, copy), 0);
	KUNIT_EXPECT_EQ(test, queue_destroy(&f, copy), -ENOENT);
	KUNIT_EXPECT_EQ(test, queue_destroy_vm(&f), 0);
}

static void no_more_queues_than_published(struct kunit *test)
{
	struct queue_fixture f = queue_create(test);
	struct drm_nova_queue_create args;

	for (unsigned int i = 0; i < NOVA_MAX_QUEUES; i++)
		nova_kunit_drm_queue(f.nkd, f.vm_id, DRM_NOVA_QUEUE_CLASS_BIND);
	args = queue_request(&f, DRM_NOVA_QUEUE_CLASS_COPY);
	KUNIT_EXPECT_EQ(test, queue_call(&f, &args), -ENOSPC);
	KUNIT_EXPECT_EQ(test, queue_destroy(&f, 1), 0);
	KUNIT_EXPECT_EQ(test, queue_call(&f, &args), 0);
	KUNIT_EXPECT_EQ(test, queue_call(&f, &args), -EINVAL);
	for (unsigned int i = 1; i <= NOVA_MAX_QUEUES; i++)
		KUNIT_EXPECT_EQ(test, queue_destroy(&f, i), 0);
	KUNIT_EXPECT_EQ(test, queue_destroy_vm(&f), 0);
}

static void a_banned_vm_gets_no_queue(struct kunit *test)
{
	struct queue_fixture f = queue_create(test);
	struct drm_nova_queue_create args = queue_request(&f, DRM_NOVA_QUEUE_CLASS_COPY);

	nova_vm_ban(nova_kunit_drm_find_vm(f.nkd, f.vm_id), -EIO);
	KUNIT_EXPECT_EQ(test, queue_call(&f, &args), -ENOENT);
	args = queue_request(&f, DRM_NOVA_QUEUE_CLASS_BIND);
	KUNIT_EXPECT_EQ(test, queue_call(&f, &args), -ENOENT);
	KUNIT_EXPECT_EQ(test, queue_destroy_vm(&f), 0);
}

static void queries_of_queues_are_checked(struct kunit *test)
{
	struct queue_fixture f = queue_create(test);
	struct drm_device *drm = &f.nkd->ndrm->drm;
	u32 id = nova_kunit_drm_queue(f.nkd, f.vm_id, DRM_NOVA_QUEUE_CLASS_BIND);
	struct drm_nova_queue_get_state state = { .queue_id = id, .pad = 1 };
	struct drm_nova_queue_destroy destroy = { .queue_id = id, .pad = 1 };

	KUNIT_EXPECT_EQ(test, nova_queue_get_state_ioctl(drm, &state, f.nkd->file), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_queue_destroy_ioctl(drm, &destroy, f.nkd->file), -EINVAL);
	state = (struct drm_nova_queue_get_state) { .queue_id = id + 1 };
	KUNIT_EXPECT_EQ(test, nova_queue_get_state_ioctl(drm, &state, f.nkd->file), -ENOENT);
	KUNIT_EXPECT_EQ(test, queue_destroy(&f, id + 1), -ENOENT);
	state = (struct drm_nova_queue_get_state) { .queue_id = id, .state = 7, .error = 7 };
	KUNIT_EXPECT_EQ(test, nova_queue_get_state_ioctl(drm, &state, f.nkd->file), 0);
	KUNIT_EXPECT_EQ(test, state.state, 0);
	KUNIT_EXPECT_EQ(test, state.error, 0);
}

static void queue_bind_and_wait(const struct queue_fixture *f, struct nova_vm *vm)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = SZ_1G, .range = SZ_64K,
	};
	struct drm_nova_vm_bind args = {
		.vm_id = f->vm_id, .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { nova_kunit_drm_copy(f->nkd, &op, sizeof(op)), 1, sizeof(op) },
	};

	KUNIT_ASSERT_EQ(f->test, nova_vm_bind_ioctl(&f->nkd->ndrm->drm, &args, f->nkd->file), 0);
	KUNIT_ASSERT_GT(f->test, dma_resv_wait_timeout(drm_gpuvm_resv(&vm->base),
						       DMA_RESV_USAGE_BOOKKEEP, false, HZ), 0);
}

/* Clients that never wait in a call must not be remembered for ever. */
static void asynchronous_binds_forget_those_that_are_done(struct kunit *test)
{
	struct queue_fixture f = queue_create(test);
	struct nova_vm *vm = nova_kunit_drm_find_vm(f.nkd, f.vm_id);

	for (unsigned int i = 0; i < 10; i++)
		queue_bind_and_wait(&f, vm);
	scoped_guard(mutex, &vm->lock)
		KUNIT_EXPECT_LE(test, list_count_nodes(&vm->pending), 1);
	KUNIT_EXPECT_EQ(test, queue_destroy_vm(&f), 0);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE_PARAM(bad_requests_make_no_queue, queue_bad_gen_params),
	KUNIT_CASE(a_vm_stays_while_it_has_queues),
	KUNIT_CASE(no_more_queues_than_published),
	KUNIT_CASE(a_banned_vm_gets_no_queue),
	KUNIT_CASE(queries_of_queues_are_checked),
	KUNIT_CASE(asynchronous_binds_forget_those_that_are_done),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "nova-queue",
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
