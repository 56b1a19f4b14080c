// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: benchmark of VM_BIND
 *
 * The ioctls of a render node as user space calls them, from its file and with arrays in user
 * memory, but without the system call: on User Mode Linux entering the kernel costs more than most
 * of what is measured here. So a row is the work of the kernel alone, copies, lookups, locks,
 * page-table writes to the software GPU and the TLB flush included.
 *
 * The peers are what the goals are stated in: the mapping tree of drm_gpuvm with nothing behind it,
 * the cheapest ioctl of DRM, or the same work at another size.
 *
 * Units: nanoseconds an operation. Locking: none of our own.
 */

#include "nova_bench.h"
#include "nova_pt_peer.h"

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_gpuvm.h>
#include <drm/nova_drm.h>

#include <linux/dma-resv.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define BASE		SZ_8G
#define STRIDE		SZ_8K	/* neighbours do not touch */
#define MAX_OPS		16384
#define FEW_LIVE	10000
#define MANY_LIVE	1000000
#define NR_SINGLE	1000

/* A client of the render node. */
static struct {
	struct file *filp;
	unsigned long arg;	/* user memory: the structure of a call */
	unsigned long ops;	/* user memory: its array */
	struct drm_nova_vm_bind_op *op;	/* what goes there */
	u32 handle, victim;
	u32 vm, few, many;
	u32 syncobj;
} nova_bb;

static long nova_bb_ioctl(unsigned int cmd, const void *args)
{
	if (copy_to_user((void __user *)nova_bb.arg, args, _IOC_SIZE(cmd)))
		return -EFAULT;
	return nova_bb.filp->f_op->unlocked_ioctl(nova_bb.filp, cmd, nova_bb.arg);
}

/* The same, with what the call left in its structure. */
static long nova_bb_call(unsigned int cmd, void *args)
{
	long ret = nova_bb_ioctl(cmd, args);

	if (copy_from_user(args, (void __user *)nova_bb.arg, _IOC_SIZE(cmd)))
		return -EFAULT;
	return ret;
}

static void nova_bb_copy_ops(u32 nr)
{
	if (copy_to_user((void __user *)nova_bb.ops, nova_bb.op, nr * sizeof(*nova_bb.op)))
		pr_err_once("nova-bench: no room for operations\n");
}

/* A call with the first @nr operations; returns how long it took, with their copy done before. */
static u64 nova_bb_bind(u32 vm, u32 nr)
{
	struct drm_nova_vm_bind bind = {
		.vm_id = vm, .ops = { nova_bb.ops, nr, sizeof(*nova_bb.op) },
	};
	u64 t;
	long ret;

	nova_bb_copy_ops(nr);
	t = ktime_get_ns();
	ret = nova_bb_ioctl(DRM_IOCTL_NOVA_VM_BIND, &bind);
	t = ktime_get_ns() - t;
	if (ret)
		pr_err_once("nova-bench: bind fails: %ld\n", ret);
	return t;
}

static void nova_bb_fill_maps(u32 handle, u64 va, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		nova_bb.op[i] = (struct drm_nova_vm_bind_op) {
			.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle,
			.va = va + (u64)i * STRIDE, .range = SZ_4K, .offset = i % 16 * SZ_4K,
		};
}

static u64 nova_bb_map(u32 vm, u32 handle, u64 va, u32 nr)
{
	nova_bb_fill_maps(handle, va, nr);
	return nova_bb_bind(vm, nr);
}

static u64 nova_bb_unmap(u32 vm, u64 va, u32 nr)
{
	nova_bb.op[0] = (struct drm_nova_vm_bind_op) {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = va, .range = (u64)nr * STRIDE,
	};
	return nova_bb_bind(vm, 1);
}

static u64 nova_bb_unmap_bo(u32 vm, u32 handle)
{
	nova_bb.op[0] = (struct drm_nova_vm_bind_op) {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP_BO, .handle = handle,
	};
	return nova_bb_bind(vm, 1);
}

static void nova_bb_emit(struct nova_bench_row *row, const char *name, u64 goal)
{
	row->name = name;
	row->unit = "ns";
	row->nr = NOVA_BENCH_REPS;
	row->goal = goal;
	nova_bench_emit(row);
}

/* As many mappings as a driver's own structure around the tree's. */
struct nova_bb_va {
	struct drm_gpuva base;
	u64 driver;
};

static int nova_bb_tree_map(struct drm_gpuvm *gpuvm, struct drm_gem_object *obj, u64 va)
{
	const struct drm_gpuvm_map_req req = {
		.map = { .va = { .addr = va, .range = SZ_4K }, .gem = { .obj = obj } },
	};
	struct drm_gpuva_ops *ops = drm_gpuvm_sm_map_ops_create(gpuvm, &req);
	struct drm_gpuvm_bo *vm_bo = drm_gpuvm_bo_obtain_locked(gpuvm, obj);
	struct nova_bb_va *new = kzalloc_obj(*new, GFP_KERNEL_ACCOUNT);
	struct drm_gpuva_op *op;

	if (IS_ERR(ops) || IS_ERR(vm_bo) || !new)
		return -ENOMEM;
	drm_gpuva_for_each_op(op, ops) {
		drm_gpuva_init_from_op(&new->base, &op->map);
		if (drm_gpuva_insert(gpuvm, &new->base))
			return -EEXIST;
		drm_gpuva_link(&new->base, vm_bo);
	}
	drm_gpuvm_bo_put(vm_bo);
	drm_gpuva_ops_free(gpuvm, ops);
	return 0;
}

static void nova_bb_tree_clear(struct drm_gpuvm *gpuvm)
{
	struct drm_gpuva *va, *next;

	drm_gpuvm_for_each_va_safe(va, next, gpuvm) {
		drm_gpuva_remove(va);
		drm_gpuva_unlink(va);
		kfree(container_of(va, struct nova_bb_va, base));
	}
}

/* The bare tree: the same places, the object's lock taken once. */
static u64 nova_bb_tree(struct drm_gpuvm *gpuvm, struct drm_gem_object *obj, u32 nr)
{
	int ret = 0;
	u64 t;

	dma_resv_lock(obj->resv, NULL);
	t = ktime_get_ns();
	for (u32 i = 0; i < nr && !ret; i++)
		ret = nova_bb_tree_map(gpuvm, obj, BASE + (u64)i * STRIDE);
	t = ktime_get_ns() - t;
	nova_bb_tree_clear(gpuvm);
	dma_resv_unlock(obj->resv);
	if (ret)
		pr_err_once("nova-bench: the bare tree fails: %d\n", ret);
	return t;
}

static void nova_bb_tree_free(struct drm_gpuvm *gpuvm)
{
	kfree(gpuvm);
}

static int nova_bb_row_maps(void)
{
	static const struct drm_gpuvm_ops ops = { .vm_free = nova_bb_tree_free };
	struct drm_device *drm = ((struct drm_file *)nova_bb.filp->private_data)->minor->dev;
	struct drm_gem_object *root = drm_gpuvm_resv_object_alloc(drm);
	struct drm_gem_object *obj = drm_gpuvm_resv_object_alloc(drm);
	struct drm_gpuvm *gpuvm = kzalloc_obj(*gpuvm);
	struct nova_bench_row row = {};

	if (!root || !obj || !gpuvm)
		return -ENOMEM;
	drm_gpuvm_init(gpuvm, "bench", 0, drm, root, 0, 1ULL << 48, 0, 0, &ops);
	for (u32 i = 0; i < NOVA_BENCH_REPS; i++) {
		row.ours[i] = nova_bb_map(nova_bb.vm, nova_bb.handle, BASE, 4096) * 1000 / 4096;
		nova_bb_unmap(nova_bb.vm, BASE, 4096);
		row.peer[i] = nova_bb_tree(gpuvm, obj, 4096) * 1000 / 4096;
	}
	nova_bb_emit(&row, "map_4096", 333);
	drm_gpuvm_put(gpuvm);
	drm_gem_object_put(obj);
	drm_gem_object_put(root);
	return 0;
}

/* As many operations in calls of @per_call. */
static u64 nova_bb_in_calls(u32 total, u32 per_call)
{
	u64 t = 0;

	for (u32 i = 0; i < total; i += per_call)
		t += nova_bb_map(nova_bb.vm, nova_bb.handle, BASE + (u64)i * STRIDE, per_call);
	nova_bb_unmap(nova_bb.vm, BASE, total);
	return t * 1000 / total;
}

static void nova_bb_row_sizes(void)
{
	struct nova_bench_row row = {};

	for (u32 i = 0; i < NOVA_BENCH_REPS; i++) {
		row.ours[i] = nova_bb_in_calls(10000, 10000);
		row.peer[i] = nova_bb_in_calls(10000, 100);
	}
	nova_bb_emit(&row, "ops_10000_against_100", 833);
}

static void nova_bb_row_offset(void)
{
	struct nova_bench_row row = {};

	for (u32 i = 0; i < NOVA_BENCH_REPS; i++) {
		row.ours[i] = nova_pt_time_offset(SZ_64G);
		row.peer[i] = nova_pt_time_offset(0);
	}
	nova_bb_emit(&row, "offset_64g_against_0", 909);
}

/* 100 operations among what is live already. */
static u64 nova_bb_among(u32 vm)
{
	u64 va = BASE - (u64)SZ_1G, t = 0;

	for (u32 i = 0; i < 10; i++) {
		t += nova_bb_map(vm, nova_bb.handle, va, 100);
		t += nova_bb_unmap(vm, va, 100);
	}
	return t; /* in thousandths of an operation's time: 10 × 100 of them */
}

static void nova_bb_row_live(void)
{
	struct nova_bench_row row = {};

	for (u32 i = 0; i < NOVA_BENCH_REPS; i++) {
		row.ours[i] = nova_bb_among(nova_bb.many);
		row.peer[i] = nova_bb_among(nova_bb.few);
	}
	nova_bb_emit(&row, "live_1m_against_10k", 333);
}

/* All mappings of one object among those of another. */
static u64 nova_bb_one_of_many(u32 vm, u32 own)
{
	nova_bb_map(vm, nova_bb.victim, BASE - (u64)SZ_2G, own);
	return nova_bb_unmap_bo(vm, nova_bb.victim) * 1000 / own;
}

static void nova_bb_row_unmap_bo(void)
{
	struct nova_bench_row among = {}, own = {};

	for (u32 i = 0; i < NOVA_BENCH_REPS; i++) {
		among.ours[i] = nova_bb_one_of_many(nova_bb.many, 1000);
		among.peer[i] = nova_bb_one_of_many(nova_bb.few, 1000);
		own.ours[i] = nova_bb_one_of_many(nova_bb.many, 10000);
		own.peer[i] = nova_bb_one_of_many(nova_bb.many, 1000);
	}
	nova_bb_emit(&among, "unmap_bo_among_1m_against_10k", 333);
	nova_bb_emit(&own, "unmap_bo_10000_own_against_1000", 833);
}

static u64 nova_bb_many_calls(unsigned int cmd, const void *args)
{
	u64 t = ktime_get_ns();
	long ret = 0;

	for (u32 i = 0; i < NR_SINGLE && !ret; i++)
		ret = nova_bb_ioctl(cmd, args);
	if (ret)
		pr_err_once("nova-bench: ioctl %#x fails: %ld\n", cmd, ret);
	return (ktime_get_ns() - t) * 1000 / NR_SINGLE;
}

static void nova_bb_row_join(void)
{
	struct drm_nova_vm_bind join = { .vm_id = nova_bb.vm };
	struct drm_version version = {};
	struct nova_bench_row row = {};

	for (u32 i = 0; i < NOVA_BENCH_REPS; i++) {
		row.ours[i] = nova_bb_many_calls(DRM_IOCTL_NOVA_VM_BIND, &join);
		row.peer[i] = nova_bb_many_calls(DRM_IOCTL_VERSION, &version);
	}
	nova_bb_emit(&row, "join_against_version", 500);
}

/* From the call to the moment a waiter for its fence is back. */
static u64 nova_bb_async(void)
{
	struct drm_nova_sync sync = { nova_bb.syncobj, DRM_NOVA_SYNC_SIGNAL, 0 };
	struct drm_syncobj_wait wait = {
		.handles = nova_bb.ops + SZ_4K + sizeof(sync), .count_handles = 1,
		.timeout_nsec = S64_MAX,
	};
	struct drm_nova_vm_bind bind = {
		.vm_id = nova_bb.vm, .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { nova_bb.ops, 1, sizeof(*nova_bb.op) },
		.syncs = { nova_bb.ops + SZ_4K, 1, sizeof(sync) },
	};
	u64 t;

	nova_bb_copy_ops(1);
	if (copy_to_user((void __user *)nova_bb.ops + SZ_4K, &sync, sizeof(sync)) ||
	    put_user(nova_bb.syncobj, (u32 __user *)wait.handles))
		pr_err_once("nova-bench: no room for syncobjs\n");
	t = ktime_get_ns();
	if (nova_bb_ioctl(DRM_IOCTL_NOVA_VM_BIND, &bind) ||
	    nova_bb_ioctl(DRM_IOCTL_SYNCOBJ_WAIT, &wait))
		pr_err_once("nova-bench: an asynchronous bind fails\n");
	return ktime_get_ns() - t;
}

static void nova_bb_row_async(void)
{
	struct nova_bench_row row = {};

	nova_bb_fill_maps(nova_bb.handle, BASE, 1);
	for (u32 i = 0; i < NOVA_BENCH_REPS; i++)
		for (u32 k = 0; k < NR_SINGLE; k++) {
			row.ours[i] += nova_bb_async();
			row.peer[i] += nova_bb_bind(nova_bb.vm, 1);
		}
	nova_bb_emit(&row, "async_signalled_against_sync", 0);
	nova_bb_unmap(nova_bb.vm, BASE, 1);
}

static void nova_bb_populate(u32 vm, u32 live)
{
	for (u32 i = 0; i < live; i += MAX_OPS) {
		nova_bb_map(vm, nova_bb.handle, BASE + (u64)i * STRIDE, min(live - i, MAX_OPS));
		cond_resched();
	}
}

static u32 nova_bb_gem(void)
{
	struct drm_nova_gem_create2 create = {
		.size = SZ_64K, .placement = DRM_NOVA_PLACEMENT_VRAM,
	};

	return nova_bb_call(DRM_IOCTL_NOVA_GEM_CREATE2, &create) ? 0 : create.handle;
}

static u32 nova_bb_vm(void)
{
	struct drm_nova_vm_create create = {};

	return nova_bb_call(DRM_IOCTL_NOVA_VM_CREATE, &create) ? 0 : create.vm_id;
}

static int nova_bb_client(void)
{
	struct drm_syncobj_create create = {};

	nova_bb.handle = nova_bb_gem();
	nova_bb.victim = nova_bb_gem();
	nova_bb.vm = nova_bb_vm();
	nova_bb.few = nova_bb_vm();
	nova_bb.many = nova_bb_vm();
	if (!nova_bb_call(DRM_IOCTL_SYNCOBJ_CREATE, &create))
		nova_bb.syncobj = create.handle;
	if (!nova_bb.handle || !nova_bb.victim || !nova_bb.many || !nova_bb.syncobj)
		return -ENOMEM;
	nova_bb_populate(nova_bb.few, FEW_LIVE);
	nova_bb_populate(nova_bb.many, MANY_LIVE);
	return 0;
}

/* Our render node: other drivers of the kernel may have come first. */
static struct file *nova_bb_open(void)
{
	for (unsigned int i = 128; i < 136; i++) {
		struct drm_file *file;
		struct file *filp;
		char path[32];

		snprintf(path, sizeof(path), "/dev/dri/renderD%u", i);
		filp = filp_open(path, O_RDWR, 0);
		if (IS_ERR(filp))
			continue;
		file = filp->private_data;
		if (!strcmp(file->minor->dev->driver->name, "nova"))
			return filp;
		filp_close(filp, NULL);
	}
	return NULL;
}

static int nova_bb_init(void)
{
	const size_t room = PAGE_ALIGN(MAX_OPS * sizeof(*nova_bb.op));

	nova_bb.op = kvcalloc(MAX_OPS, sizeof(*nova_bb.op), GFP_KERNEL);
	nova_bb.arg = vm_mmap(NULL, 0, PAGE_SIZE + room, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (!nova_bb.op || IS_ERR_VALUE(nova_bb.arg))
		return -ENOMEM;
	nova_bb.ops = nova_bb.arg + PAGE_SIZE;
	nova_bb.filp = nova_bb_open();
	return nova_bb.filp ? nova_bb_client() : -ENODEV;
}

/**
 * nova_bench_bind() - run the benchmark of VM_BIND
 *
 * Context: of insmod, whose memory holds the arrays; the driver and a device are there.
 *
 * Return: 0 or -errno.
 */
int nova_bench_bind(void)
{
	int ret = nova_bb_init();

	if (!ret)
		ret = nova_bb_row_maps();
	if (!ret) {
		nova_bb_row_sizes();
		nova_bb_row_offset();
		nova_bb_row_live();
		nova_bb_row_unmap_bo();
		nova_bb_row_join();
		nova_bb_row_async();
	}
	if (nova_bb.filp)
		filp_close(nova_bb.filp, NULL);
	kvfree(nova_bb.op);
	return ret;
}
