// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_kunit_drm
 *
 * The whole driver for a test: probed on a software GPU, its render node opened as
 * user space would, so that the functions behind the ioctls can be called with a
 * real file and, for arrays, real user memory. All of it goes with the test, in the
 * order of a device that is unplugged.
 *
 * Locking: none; a fixture belongs to one test.
 */
#include "nova_kunit_drm.h"

#include "nova_vm.h"

#include <kunit/device.h>
#include <kunit/test.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iopoll.h>
#include <linux/mman.h>
#include <linux/platform_data/nova_io.h>
#include <linux/platform_device.h>
#include <linux/uaccess.h>

/* The thread of the test ends before the mappings in its mm do; then the file is ours alone. */
static void nova_kunit_drm_close(struct nova_kunit_drm *nkd)
{
	long refs;

	KUNIT_EXPECT_EQ(nkd->test, read_poll_timeout(file_count, refs, refs == 1, USEC_PER_MSEC,
						     10 * USEC_PER_SEC, false, nkd->filp), 0);
	__fput_sync(nkd->filp);
}

static void nova_kunit_drm_destroy(void *arg)
{
	struct nova_kunit_drm *nkd = arg;

	if (nkd->filp)
		nova_kunit_drm_close(nkd);
	flush_workqueue(nova_reaper);
	if (nkd->dev) {
		if (!IS_ERR_OR_NULL(nkd->ndrm))
			nova_drm_remove(nkd->ndrm);
		kunit_device_unregister(nkd->test, nkd->dev);
	}
	platform_device_unregister(nkd->pdev);
	nova_swgpu_destroy(nkd->gpu);
}

static void nova_kunit_drm_open(struct nova_kunit_drm *nkd)
{
	struct file *filp;
	char path[32];

	snprintf(path, sizeof(path), "/dev/dri/renderD%d", nkd->ndrm->drm.render->index);
	filp = filp_open(path, O_RDWR, 0);
	/* Suites that are built in run before there is a /dev. */
	if (IS_BUILTIN(CONFIG_DRM_NOVA_MM) && filp == ERR_PTR(-ENOENT))
		kunit_skip(nkd->test, "no %s\n", path);
	KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(nkd->test, filp, "%s\n", path);
	nkd->filp = filp;
	nkd->file = nkd->filp->private_data;
}

/**
 * nova_kunit_drm_create - the driver and a client
 * @test: the test
 * @config: the GPU wanted
 *
 * Asserts success.
 *
 * Return: the fixture.
 */
struct nova_kunit_drm *nova_kunit_drm_create(struct kunit *test,
					     const struct nova_swgpu_config *config)
{
	struct nova_kunit_drm *nkd = kunit_kzalloc(test, sizeof(*nkd), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nkd);
	nkd->test = test;
	nkd->dev = kunit_device_register(test, "nova");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nkd->dev);
	nkd->gpu = nova_swgpu_create(config);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nkd->gpu);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_kunit_drm_destroy, nkd), 0);
	nkd->ndrm = nova_drm_probe(nkd->dev, nova_swgpu_io(nkd->gpu));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nkd->ndrm);
	nova_kunit_drm_open(nkd);
	return nkd;
}

/**
 * nova_kunit_drm_create_bound - a client of the driver as the bus has bound it
 * @test: the test
 * @config: the GPU wanted
 *
 * As nova_kunit_drm_create(), but there are channels. Asserts success.
 *
 * Return: the fixture.
 */
struct nova_kunit_drm *nova_kunit_drm_create_bound(struct kunit *test,
						   const struct nova_swgpu_config *config)
{
	struct nova_kunit_drm *nkd = kunit_kzalloc(test, sizeof(*nkd), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nkd);
	nkd->test = test;
	nkd->gpu = nova_swgpu_create(config);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nkd->gpu);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, nova_kunit_drm_destroy, nkd), 0);
	nkd->pdev = platform_device_register_data(NULL, "nova-swgpu", PLATFORM_DEVID_AUTO,
						  nova_swgpu_io(nkd->gpu), sizeof(struct nova_io));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nkd->pdev);
	nkd->ndrm = platform_get_drvdata(nkd->pdev);
	KUNIT_ASSERT_NOT_NULL(test, nkd->ndrm);
	nova_kunit_drm_open(nkd);
	return nkd;
}

/**
 * nova_kunit_drm_vm - a VM of the client
 * @nkd: the fixture
 * @flags: DRM_NOVA_VM_*
 *
 * Return: its id.
 */
u32 nova_kunit_drm_vm(struct nova_kunit_drm *nkd, u32 flags)
{
	struct drm_nova_vm_create args = { .flags = flags };

	KUNIT_ASSERT_EQ(nkd->test, nova_vm_create_ioctl(&nkd->ndrm->drm, &args, nkd->file), 0);
	return args.vm_id;
}

/**
 * nova_kunit_drm_find_vm - the VM behind an id
 * @nkd: the fixture
 * @vm_id: its id
 *
 * Return: the VM; the client's file keeps it until it is destroyed.
 */
struct nova_vm *nova_kunit_drm_find_vm(struct nova_kunit_drm *nkd, u32 vm_id)
{
	struct nova_vm *vm = nova_vm_get(nkd->file, vm_id);

	KUNIT_ASSERT_NOT_NULL(nkd->test, vm);
	nova_vm_put(vm);
	return vm;
}

/**
 * nova_kunit_drm_gem - an object of the client
 * @nkd: the fixture
 * @size: bytes
 * @placement: DRM_NOVA_PLACEMENT_*
 * @vm_id: VM it is private to, or 0
 * @handle: filled
 *
 * Return: the object; it lives as long as its handle.
 */
struct nova_gem *nova_kunit_drm_gem(struct nova_kunit_drm *nkd, u64 size, u32 placement,
				    u32 vm_id, u32 *handle)
{
	struct drm_nova_gem_create2 args = {
		.size = size, .placement = placement, .vm_id = vm_id,
	};
	struct nova_gem *gem;

	KUNIT_ASSERT_EQ(nkd->test, nova_gem_create2_ioctl(&nkd->ndrm->drm, &args, nkd->file), 0);
	*handle = args.handle;
	gem = nova_gem_lookup(nkd->file, args.handle);
	KUNIT_ASSERT_NOT_NULL(nkd->test, gem);
	nova_gem_put(gem);
	return gem;
}

/* Bytes of a file, or of no file, in the mm of the test until the end of it. */
static unsigned long nova_kunit_drm_area(struct nova_kunit_drm *nkd, struct file *filp,
					 size_t size, unsigned long flags, unsigned long offset)
{
	unsigned long addr = kunit_vm_mmap(nkd->test, filp, 0, size, PROT_READ | PROT_WRITE,
					   flags, offset);

	KUNIT_ASSERT_NE(nkd->test, addr, 0);
	KUNIT_ASSERT_FALSE(nkd->test, IS_ERR_VALUE(addr));
	return addr;
}

/**
 * nova_kunit_drm_user - user memory of the test
 * @nkd: the fixture
 * @size: bytes
 *
 * Return: its address in user space.
 */
u64 nova_kunit_drm_user(struct nova_kunit_drm *nkd, size_t size)
{
	return nova_kunit_drm_area(nkd, NULL, PAGE_ALIGN(size), MAP_ANONYMOUS | MAP_PRIVATE, 0);
}

/**
 * nova_kunit_drm_copy - give the client something to point to
 * @nkd: the fixture
 * @data: what
 * @len: bytes, at most a page
 *
 * Return: its address in user space, good until the next call.
 */
u64 nova_kunit_drm_copy(struct nova_kunit_drm *nkd, const void *data, size_t len)
{
	KUNIT_ASSERT_LE(nkd->test, len, PAGE_SIZE);
	if (!nkd->user)
		nkd->user = nova_kunit_drm_user(nkd, PAGE_SIZE);
	KUNIT_ASSERT_EQ(nkd->test, copy_to_user(u64_to_user_ptr(nkd->user), data, len), 0);
	return nkd->user;
}

/**
 * nova_kunit_drm_bind - a synchronous VM_BIND of one operation
 * @nkd: the fixture
 * @vm_id: the VM
 * @op: the operation
 *
 * Return: what the call returned.
 */
int nova_kunit_drm_bind(struct nova_kunit_drm *nkd, u32 vm_id,
			const struct drm_nova_vm_bind_op *op)
{
	struct drm_nova_vm_bind args = {
		.vm_id = vm_id,
		.ops = { nova_kunit_drm_copy(nkd, op, sizeof(*op)), 1, sizeof(*op) },
	};

	return nova_vm_bind_ioctl(&nkd->ndrm->drm, &args, nkd->file);
}

/**
 * nova_kunit_drm_map - map the beginning of an object
 * @nkd: the fixture
 * @vm_id: the VM
 * @handle: the object
 * @va: where
 * @range: bytes
 *
 * Return: what VM_BIND returned.
 */
int nova_kunit_drm_map(struct nova_kunit_drm *nkd, u32 vm_id, u32 handle, u64 va, u64 range)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .va = va, .range = range,
	};

	return nova_kunit_drm_bind(nkd, vm_id, &op);
}

/**
 * nova_kunit_drm_queue - a queue of the client
 * @nkd: the fixture
 * @vm_id: its VM
 * @queue_class: DRM_NOVA_QUEUE_CLASS_*
 *
 * Return: its id.
 */
u32 nova_kunit_drm_queue(struct nova_kunit_drm *nkd, u32 vm_id, u32 queue_class)
{
	struct drm_nova_queue_create args = {
		.vm_id = vm_id, .queue_class = queue_class,
		.priority = DRM_NOVA_QUEUE_PRIORITY_NORMAL,
	};

	KUNIT_ASSERT_EQ(nkd->test, nova_queue_create_ioctl(&nkd->ndrm->drm, &args, nkd->file), 0);
	KUNIT_ASSERT_NE(nkd->test, args.queue_id, 0);
	return args.queue_id;
}

/**
 * nova_kunit_drm_mmap - map an object as the client would
 * @nkd: the fixture
 * @gem: an object that the client has a handle to
 *
 * Return: where all of it is, until the end of the test.
 */
unsigned long nova_kunit_drm_mmap(struct nova_kunit_drm *nkd, struct nova_gem *gem)
{
	return nova_kunit_drm_area(nkd, nkd->filp, gem->bo.ttm.base.size, MAP_SHARED,
				   nova_gem_mmap_offset(gem));
}

/**
 * nova_kunit_drm_advise - GEM_MADVISE
 * @nkd: the fixture
 * @handle: the object
 * @advice: DRM_NOVA_MADVISE_*
 *
 * Return: what the call returned.
 */
int nova_kunit_drm_advise(struct nova_kunit_drm *nkd, u32 handle, u32 advice)
{
	struct drm_nova_gem_madvise args = { .handle = handle, .advice = advice };

	return nova_gem_madvise_ioctl(&nkd->ndrm->drm, &args, nkd->file);
}
