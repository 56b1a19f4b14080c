// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: an object leaves a VM under the reservations of both. Whoever reserves all
 * that is bound, which begins with the VM's, so never drops the last that there is of an
 * object's presence. That the object's is held, nova_vm_free_bo() asserts in all tests.
 */
#include "nova_vm.h"

#include "nova_fence.h"
#include "nova_kunit_drm.h"

#include <drm/drm_syncobj.h>

#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/iopoll.h>
#include <linux/list.h>
#include <linux/sizes.h>
#include <linux/stddef.h>

#define VM_TEST_VA		SZ_1G
#define VM_TEST_LEAVE_US	(10 * USEC_PER_SEC)
#define VM_TEST_STAY_US		(200 * USEC_PER_MSEC)

struct vm_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	struct drm_device *drm;
	struct nova_gem *gem;
	struct nova_fence *fence;
	u32 vm_id;
	u32 syncobj;
};

/* Something that a bind can wait for, and that signals when the test says so. */
static void vm_create_sync(struct vm_fixture *f)
{
	struct drm_syncobj *syncobj;
	int ret;

	f->fence = nova_fence_alloc();
	KUNIT_ASSERT_NOT_NULL(f->test, f->fence);
	nova_fence_arm(f->fence, dma_fence_context_alloc(1), 1);
	KUNIT_ASSERT_EQ(f->test, drm_syncobj_create(&syncobj, 0, &f->fence->base), 0);
	ret = drm_syncobj_get_handle(f->nkd->file, syncobj, &f->syncobj);
	drm_syncobj_put(syncobj);
	KUNIT_ASSERT_EQ(f->test, ret, 0);
}

/* A shared object in a VM. */
static void vm_create(struct kunit *test, struct vm_fixture *f)
{
	const struct nova_swgpu_config config = { .chip = "gh100", .vram_size = SZ_64M };
	u32 handle;

	f->test = test;
	f->nkd = nova_kunit_drm_create_bound(test, &config);
	f->drm = &f->nkd->ndrm->drm;
	f->vm_id = nova_kunit_drm_vm(f->nkd, 0);
	f->gem = nova_kunit_drm_gem(f->nkd, SZ_64K, DRM_NOVA_PLACEMENT_SYSTEM, 0, &handle);
	KUNIT_ASSERT_EQ(test, nova_kunit_drm_map(f->nkd, f->vm_id, handle, VM_TEST_VA, SZ_64K), 0);
	vm_create_sync(f);
}

static int vm_unmap_later(struct vm_fixture *f, u64 va)
{
	const struct vm_call {
		struct drm_nova_vm_bind_op op;
		struct drm_nova_sync sync;
	} call = {
		.op = { .op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = va, .range = SZ_64K },
		.sync = { .handle = f->syncobj },
	};
	u64 user = nova_kunit_drm_copy(f->nkd, &call, sizeof(call));
	struct drm_nova_vm_bind args = {
		.vm_id = f->vm_id, .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { user + offsetof(struct vm_call, op), 1, sizeof(call.op) },
		.syncs = { user + offsetof(struct vm_call, sync), 1, sizeof(call.sync) },
	};

	return nova_vm_bind_ioctl(f->drm, &args, f->nkd->file);
}

/* Has the object left every VM in so many microseconds? */
static bool vm_object_leaves(const struct vm_fixture *f, unsigned int us)
{
	bool left;

	return !read_poll_timeout(list_empty, left, left, USEC_PER_MSEC, us, false,
				  &f->gem->bo.ttm.base.gpuva.list);
}

/* What waits for the fence goes on, and gets no further than the VM's reservation. */
static void vm_expect_leaving_waits(struct vm_fixture *f, struct nova_vm *vm)
{
	dma_resv_lock(drm_gpuvm_resv(&vm->base), NULL);
	nova_fence_signal(f->fence, 0);
	KUNIT_EXPECT_FALSE(f->test, vm_object_leaves(f, VM_TEST_STAY_US));
	dma_resv_unlock(drm_gpuvm_resv(&vm->base));
	KUNIT_EXPECT_TRUE(f->test, vm_object_leaves(f, VM_TEST_LEAVE_US));
	nova_fence_put(f->fence);
	nova_vm_put(vm);
}

static void an_unmapped_object_leaves_under_the_vms_reservation(struct kunit *test)
{
	struct vm_fixture f = {};

	vm_create(test, &f);
	KUNIT_ASSERT_EQ(test, vm_unmap_later(&f, VM_TEST_VA), 0);
	vm_expect_leaving_waits(&f, nova_vm_get(f.nkd->file, f.vm_id));
}

/* The VM goes, and has work under way: so it is taken apart by a worker. */
static void a_vm_lets_go_of_objects_under_its_reservation(struct kunit *test)
{
	struct drm_nova_vm_destroy destroy = {};
	struct vm_fixture f = {};
	struct nova_vm *vm;

	vm_create(test, &f);
	KUNIT_ASSERT_EQ(test, vm_unmap_later(&f, VM_TEST_VA + SZ_1M), 0);
	vm = nova_vm_get(f.nkd->file, f.vm_id);
	destroy.vm_id = f.vm_id;
	KUNIT_ASSERT_EQ(test, nova_vm_destroy_ioctl(f.drm, &destroy, f.nkd->file), 0);
	vm_expect_leaving_waits(&f, vm);
}

static struct kunit_case vm_cases[] = {
	KUNIT_CASE(an_unmapped_object_leaves_under_the_vms_reservation),
	KUNIT_CASE(a_vm_lets_go_of_objects_under_its_reservation),
	{}
};

static struct kunit_suite vm_suite = {
	.name = "nova-vm",
	.test_cases = vm_cases,
};

kunit_test_suite(vm_suite);
