// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: random calls of VM_BIND, right ones and wrong ones, synchronous and
 * not, with the n-th allocation failing. A model says for each page of an area what
 * is mapped there, what a call must return and what it must change. After each call
 * the driver's tree and the software GPU's walk of every page must agree with it; so
 * a call that failed has changed nothing. Where memory is may change at any time,
 * and is asked for anew.
 */
#include "nova_bind.h"
#include "nova_kunit.h"
#include "nova_kunit_drm.h"
#include "nova_vm_bo.h"

#include <kunit/test.h>

#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#define BIND_PAGES	64
#define BIND_MAX_OPS	3
#define BIND_MAX_NTH	30

static unsigned int nova_bind_seed;
module_param_named(bind_test_seed, nova_bind_seed, uint, 0400);
MODULE_PARM_DESC(bind_test_seed, "seed of the random binds; 0 for a new one");

/* With KASAN each takes many times as long. */
static unsigned int nova_bind_calls = IS_ENABLED(CONFIG_KASAN) ? 10000 : 100000;
module_param_named(bind_test_calls, nova_bind_calls, uint, 0400);
MODULE_PARM_DESC(bind_test_calls, "random binds of the test, on both chips together");

enum { BIND_VRAM, BIND_SYSTEM, BIND_PRIVATE, BIND_BOS, BIND_SPARSE, BIND_NONE };

static const u32 nova_bind_placements[BIND_BOS] = {
	DRM_NOVA_PLACEMENT_VRAM,
	DRM_NOVA_PLACEMENT_SYSTEM,
	DRM_NOVA_PLACEMENT_VRAM | DRM_NOVA_PLACEMENT_SYSTEM,
};

/* In pages. Only the last can move, and what is copied word by word had better be small. */
static const u8 nova_bind_bo_pages[BIND_BOS] = { 128, 128, 16 };

/* What the model says about a page of the area. */
struct nova_bind_page {
	u8 what;	/* one of the enum */
	u8 bo_page;
	bool read_only;
};

struct nova_bind_area {
	bool scratch;
	u64 base;
	u32 vm_id;
	struct nova_vm *vm;
	u32 handle[BIND_BOS];
	struct nova_gem *gem[BIND_BOS];
	struct nova_bind_page page[BIND_PAGES];
};

struct nova_bind_fuzz {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	struct rnd_state rnd;
	u64 user;
	struct nova_bind_area area[2];
	struct nova_bind_area *at;	/* of the current call */
	struct drm_nova_vm_bind_op op[BIND_MAX_OPS];
	u32 nr;
	struct nova_bind_page after[BIND_PAGES];
	u64 failures, injected;
};

static unsigned int nova_fuzz_random(struct nova_bind_fuzz *f, unsigned int below)
{
	return prandom_u32_state(&f->rnd) % below;
}

static unsigned int nova_fuzz_first(const struct nova_bind_area *area,
				    const struct drm_nova_vm_bind_op *op)
{
	return (op->va - area->base) / SZ_4K;
}

static int nova_fuzz_bo(const struct nova_bind_area *area, u32 handle)
{
	for (int i = 0; i < BIND_BOS; i++)
		if (area->handle[i] == handle)
			return i;
	return -1;
}

/* Spoils an operation in a way that the model can tell by looking at it. */
static void nova_fuzz_spoil(struct nova_bind_fuzz *f, struct drm_nova_vm_bind_op *op)
{
	switch (nova_fuzz_random(f, 4)) {
	case 0:
		op->pad2 = 1;
		break;
	case 1:
		op->flags |= 1u << 30;
		break;
	case 2:
		if (op->handle)
			op->handle = 0x7777;
		break;
	case 3:
		if (op->op == DRM_NOVA_VM_BIND_OP_MAP)
			op->offset = SZ_512K;
		break;
	}
}

/* Half of them where big pages fit, if anywhere. */
static unsigned int nova_fuzz_offset(struct nova_bind_fuzz *f, unsigned int first,
				     unsigned int max)
{
	unsigned int off = nova_fuzz_random(f, max + 1);
	unsigned int fits = (off & ~15u) | (first & 15);

	return fits <= max && nova_fuzz_random(f, 2) ? fits : off;
}

static void nova_fuzz_op(struct nova_bind_fuzz *f, struct drm_nova_vm_bind_op *op)
{
	static const u8 kinds[] = {
		DRM_NOVA_VM_BIND_OP_MAP, DRM_NOVA_VM_BIND_OP_MAP, DRM_NOVA_VM_BIND_OP_MAP,
		DRM_NOVA_VM_BIND_OP_MAP, DRM_NOVA_VM_BIND_OP_UNMAP, DRM_NOVA_VM_BIND_OP_UNMAP,
		DRM_NOVA_VM_BIND_OP_UNMAP_BO, DRM_NOVA_VM_BIND_OP_MAP_SPARSE,
		DRM_NOVA_VM_BIND_OP_MAP_SPARSE, DRM_NOVA_VM_BIND_OP_PREFETCH,
	};
	struct nova_bind_area *area = f->at;
	unsigned int first = nova_fuzz_random(f, BIND_PAGES), bo = nova_fuzz_random(f, BIND_BOS);
	unsigned int nr = 1 + nova_fuzz_random(f, nova_fuzz_random(f, BIND_PAGES - first) + 1);

	*op = (struct drm_nova_vm_bind_op) { .op = kinds[nova_fuzz_random(f, ARRAY_SIZE(kinds))] };
	if (op->op == DRM_NOVA_VM_BIND_OP_MAP) {
		nr = min(nr, nova_bind_bo_pages[bo]);
		op->offset = nova_fuzz_offset(f, first, nova_bind_bo_pages[bo] - nr) * SZ_4K;
	}
	if (op->op == DRM_NOVA_VM_BIND_OP_MAP || op->op == DRM_NOVA_VM_BIND_OP_UNMAP_BO)
		op->handle = area->handle[bo];
	if (op->op != DRM_NOVA_VM_BIND_OP_UNMAP_BO) {
		op->va = area->base + first * SZ_4K;
		op->range = nr * SZ_4K;
	}
	if (op->op == DRM_NOVA_VM_BIND_OP_MAP && !nova_fuzz_random(f, 4))
		op->flags |= DRM_NOVA_VM_BIND_OP_READONLY;
	if ((op->op == DRM_NOVA_VM_BIND_OP_MAP || op->op == DRM_NOVA_VM_BIND_OP_MAP_SPARSE) &&
	    !nova_fuzz_random(f, 8))
		op->flags |= DRM_NOVA_VM_BIND_OP_NOREPLACE;
	if (op->op == DRM_NOVA_VM_BIND_OP_PREFETCH)
		op->region = nova_fuzz_random(f, 2);
	if (!nova_fuzz_random(f, 12))
		nova_fuzz_spoil(f, op);
}

/* The model: what is wrong with an operation by itself, and with what it names. */
static int nova_fuzz_wrong(const struct nova_bind_fuzz *f, const struct drm_nova_vm_bind_op *op,
			   unsigned int stage)
{
	int bo = op->handle ? nova_fuzz_bo(f->at, op->handle) : BIND_NONE;

	switch (stage) {
	case 0:
		return op->pad2 || op->flags >> 30 ? -EINVAL : 0;
	case 1:
		return bo < 0 ? -ENOENT : 0;
	default:
		if (op->op != DRM_NOVA_VM_BIND_OP_MAP)
			return 0;
		return op->offset + op->range > nova_bind_bo_pages[bo] * SZ_4K ? -EINVAL : 0;
	}
}

static int nova_fuzz_apply_page(struct nova_bind_fuzz *f, const struct drm_nova_vm_bind_op *op,
				unsigned int i)
{
	struct nova_bind_page *page = &f->after[nova_fuzz_first(f->at, op) + i];

	if (op->flags & DRM_NOVA_VM_BIND_OP_NOREPLACE && page->what != BIND_NONE)
		return -EEXIST;
	switch (op->op) {
	case DRM_NOVA_VM_BIND_OP_MAP:
		page->what = nova_fuzz_bo(f->at, op->handle);
		page->bo_page = op->offset / SZ_4K + i;
		page->read_only = op->flags & DRM_NOVA_VM_BIND_OP_READONLY;
		break;
	case DRM_NOVA_VM_BIND_OP_UNMAP:
		page->what = BIND_NONE;
		break;
	case DRM_NOVA_VM_BIND_OP_MAP_SPARSE:
		page->what = BIND_SPARSE;
		break;
	case DRM_NOVA_VM_BIND_OP_PREFETCH:
		if (page->what < BIND_BOS &&
		    !(nova_bind_placements[page->what] & BIT(op->region)))
			return -EINVAL;
		break;
	}
	return 0;
}

static int nova_fuzz_apply(struct nova_bind_fuzz *f, const struct drm_nova_vm_bind_op *op)
{
	int ret = 0;

	if (op->op == DRM_NOVA_VM_BIND_OP_UNMAP_BO) {
		for (unsigned int i = 0; i < BIND_PAGES; i++)
			if (f->after[i].what == nova_fuzz_bo(f->at, op->handle))
				f->after[i].what = BIND_NONE;
		return 0;
	}
	for (unsigned int i = 0; i < op->range / SZ_4K && !ret; i++)
		ret = nova_fuzz_apply_page(f, op, i);
	return ret;
}

/* What a call must return, and for which operation; fills @f->after. */
static int nova_fuzz_expect(struct nova_bind_fuzz *f, u32 *failed_op)
{
	memcpy(f->after, f->at->page, sizeof(f->after));
	for (unsigned int stage = 0; stage < 4; stage++)
		for (u32 i = 0; i < f->nr; i++) {
			int ret = stage < 3 ? nova_fuzz_wrong(f, &f->op[i], stage) :
					      nova_fuzz_apply(f, &f->op[i]);

			*failed_op = i;
			if (ret)
				return ret;
		}
	*failed_op = DRM_NOVA_VM_BIND_NO_OP;
	return 0;
}

/* Is there a mapping with @va inside? */
static bool nova_fuzz_cuts(const struct nova_bind_fuzz *f, u64 va)
{
	struct drm_gpuva *gpuva = drm_gpuva_find_first(&f->at->vm->base, va - SZ_4K, SZ_8K);

	return gpuva && gpuva->va.addr < va && gpuva->va.addr + gpuva->va.range > va;
}

/* Nothing but whole mappings are let go: that cannot fail. */
static bool nova_fuzz_only_whole(const struct nova_bind_fuzz *f)
{
	for (u32 i = 0; i < f->nr; i++) {
		const struct drm_nova_vm_bind_op *op = &f->op[i];

		if (op->op == DRM_NOVA_VM_BIND_OP_UNMAP_BO)
			continue;
		if (op->op != DRM_NOVA_VM_BIND_OP_UNMAP || nova_fuzz_cuts(f, op->va) ||
		    nova_fuzz_cuts(f, op->va + op->range))
			return false;
	}
	return true;
}

static int nova_fuzz_ioctl(struct nova_bind_fuzz *f, struct drm_nova_vm_bind *args,
			   unsigned int nth, bool *injected)
{
	int ret;

	current->fail_nth = nth;
	ret = nova_vm_bind_ioctl(&f->nkd->ndrm->drm, args, f->nkd->file);
	*injected = nth && !current->fail_nth;
	current->fail_nth = 0;
	return ret;
}

/* What was left to workers is done before anybody looks. */
static void nova_fuzz_settle(struct nova_bind_fuzz *f)
{
	struct drm_nova_vm_bind join = { .vm_id = f->at->vm_id };

	KUNIT_ASSERT_EQ(f->test, nova_vm_bind_ioctl(&f->nkd->ndrm->drm, &join, f->nkd->file), 0);
	flush_workqueue(nova_reaper);
}

/* A move may leave an object evicted for want of memory: restored before it is used. */
static void nova_fuzz_restore(struct nova_bind_fuzz *f)
{
	for (unsigned int i = 0; i < BIND_BOS; i++) {
		struct drm_gem_object *obj = &f->at->gem[i]->bo.ttm.base;
		struct ttm_operation_ctx ctx = {};
		struct drm_gpuvm_bo *vm_bo;

		dma_resv_lock(obj->resv, NULL);
		KUNIT_ASSERT_EQ(f->test, nova_bo_validate(&f->at->gem[i]->bo, &ctx), 0);
		drm_gem_for_each_gpuvm_bo(vm_bo, obj)
			KUNIT_ASSERT_EQ(f->test, nova_vm_restore_bo(vm_bo), 0);
		dma_resv_unlock(obj->resv);
	}
}

static void nova_fuzz_call(struct nova_bind_fuzz *f)
{
	struct drm_nova_vm_bind args = {
		.vm_id = f->at->vm_id,
		.flags = nova_fuzz_random(f, 8) ? 0 : DRM_NOVA_VM_BIND_ASYNC,
		.ops = { f->user, f->nr, sizeof(f->op[0]) },
	};
	unsigned int nth = nova_fuzz_random(f, 2) ? 1 + nova_fuzz_random(f, BIND_MAX_NTH) : 0;
	bool async = args.flags, injected;
	u32 failed_op;
	int want = nova_fuzz_expect(f, &failed_op);
	bool whole = nova_fuzz_only_whole(f);
	int ret;

	KUNIT_ASSERT_EQ(f->test, 0, copy_to_user(u64_to_user_ptr(f->user), f->op, sizeof(f->op)));
	ret = nova_fuzz_ioctl(f, &args, nth, &injected);
	if (async)
		nova_fuzz_settle(f);
	if (injected)
		nova_fuzz_restore(f);
	f->injected += injected;
	f->failures += !!ret;
	if (!injected || whole || (ret != -ENOMEM && ret != -ENOSPC)) {
		KUNIT_ASSERT_EQ(f->test, ret, want);
		KUNIT_ASSERT_EQ(f->test, args.failed_op, failed_op);
	}
	if (!ret)
		memcpy(f->at->page, f->after, sizeof(f->after));
}

/* Where the objects are now. */
static void nova_fuzz_backing(struct nova_bind_fuzz *f, struct nova_backing backing[BIND_BOS])
{
	for (unsigned int i = 0; i < BIND_BOS; i++) {
		struct nova_bo *bo = &f->at->gem[i]->bo;

		dma_resv_lock(bo->ttm.base.resv, NULL);
		nova_bo_backing(bo, &backing[i]);
		dma_resv_unlock(bo->ttm.base.resv);
	}
}

static void nova_fuzz_check_page(struct nova_bind_fuzz *f, unsigned int i,
				 const struct nova_backing backing[BIND_BOS])
{
	const struct nova_bind_page *page = &f->at->page[i];
	struct nova_swgpu_xlate x;
	struct nova_cursor cur;

	nova_swgpu_walk(f->nkd->gpu, nova_vmm_pdb(&f->at->vm->vmm).addr, false,
			f->at->base + i * SZ_4K, NOVA_SWGPU_READ, NOVA_SWGPU_HUB, &x);
	if (page->what >= BIND_BOS) {
		bool sparse = page->what == BIND_SPARSE || f->at->scratch;

		KUNIT_ASSERT_EQ_MSG(f->test, x.result, sparse ? NOVA_SWGPU_SPARSE :
				    NOVA_SWGPU_FAULT, "page %u", i);
		return;
	}
	nova_cursor_init(&cur, &backing[page->what], page->bo_page * SZ_4K, SZ_4K);
	KUNIT_ASSERT_EQ_MSG(f->test, x.result, NOVA_SWGPU_MAPPED, "page %u", i);
	KUNIT_ASSERT_EQ_MSG(f->test, x.addr, cur.addr, "page %u", i);
	KUNIT_ASSERT_EQ_MSG(f->test, x.read_only, page->read_only, "page %u", i);
}

static void nova_fuzz_check_tables(struct nova_bind_fuzz *f)
{
	struct nova_backing backing[BIND_BOS];

	nova_fuzz_backing(f, backing);
	for (unsigned int i = 0; i < BIND_PAGES; i++)
		nova_fuzz_check_page(f, i, backing);
}

static bool nova_fuzz_same(const struct nova_bind_area *area, const struct drm_gpuva *va,
			   unsigned int i)
{
	const struct nova_bind_page *page = &area->page[i];
	u64 off = area->base + i * SZ_4K - va->va.addr;

	if (!va->gem.obj)
		return page->what == BIND_SPARSE;
	return page->what < BIND_BOS && va->gem.obj == &area->gem[page->what]->bo.ttm.base &&
	       va->gem.offset + off == page->bo_page * SZ_4K;
}

static void nova_fuzz_check_tree(struct nova_bind_fuzz *f)
{
	struct nova_bind_area *area = f->at;
	unsigned int left = 0;
	struct drm_gpuva *va;

	for (unsigned int i = 0; i < BIND_PAGES; i++)
		left += area->page[i].what != BIND_NONE;
	drm_gpuvm_for_each_va_range(va, &area->vm->base, area->base,
				    area->base + BIND_PAGES * SZ_4K) {
		unsigned int i = (va->va.addr - area->base) / SZ_4K;
		unsigned int end = i + va->va.range / SZ_4K;

		KUNIT_ASSERT_LE(f->test, end - i, left);
		left -= end - i;
		for (; i < end; i++)
			KUNIT_ASSERT_TRUE_MSG(f->test, nova_fuzz_same(area, va, i), "page %u", i);
	}
	KUNIT_ASSERT_EQ(f->test, left, 0);
}

static void nova_fuzz_area(struct nova_bind_fuzz *f, struct nova_bind_area *area, bool scratch)
{
	area->scratch = scratch;
	area->base = SZ_8G;
	area->vm_id = nova_kunit_drm_vm(f->nkd, scratch ? DRM_NOVA_VM_SCRATCH : 0);
	area->vm = nova_kunit_drm_find_vm(f->nkd, area->vm_id);
	for (unsigned int i = 0; i < BIND_BOS; i++)
		area->gem[i] = nova_kunit_drm_gem(f->nkd, nova_bind_bo_pages[i] * SZ_4K,
						  nova_bind_placements[i],
						  i == BIND_PRIVATE ? area->vm_id : 0,
						  &area->handle[i]);
	for (unsigned int i = 0; i < BIND_PAGES; i++)
		area->page[i].what = BIND_NONE;
}

static struct nova_bind_fuzz *nova_fuzz_create(struct kunit *test)
{
	const struct nova_swgpu_config config = {
		.chip = ((const struct nova_kunit_chip *)test->param_value)->name,
		.vram_size = SZ_64M,
	};
	struct nova_bind_fuzz *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	unsigned int seed = nova_bind_seed ?: get_random_u32();

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->nkd = nova_kunit_drm_create(test, &config);
	f->user = nova_kunit_drm_user(f->nkd, sizeof(f->op));
	nova_fuzz_area(f, &f->area[0], false);
	nova_fuzz_area(f, &f->area[1], true);
	kunit_info(test, "drm_nova.bind_test_seed=%u\n", seed);
	prandom_seed_state(&f->rnd, seed);
	return f;
}

static void model_and_driver_agree(struct kunit *test)
{
	struct nova_bind_fuzz *f = nova_fuzz_create(test);

	for (unsigned int call = 0; call < nova_bind_calls / 2; call++) {
		f->at = &f->area[nova_fuzz_random(f, 2)];
		f->nr = 1 + nova_fuzz_random(f, BIND_MAX_OPS);
		for (u32 i = 0; i < f->nr; i++)
			nova_fuzz_op(f, &f->op[i]);
		nova_fuzz_call(f);
		nova_fuzz_check_tree(f);
		nova_fuzz_check_tables(f);
		cond_resched();
	}
	kunit_info(test, "%u calls, %llu failed, %llu had an allocation fail\n", nova_bind_calls / 2,
		   f->failures, f->injected);
	KUNIT_EXPECT_GT(test, f->failures, 0);
}

static const struct nova_kunit_chip nova_bind_chips[] = {
	{ .name = "tu102" }, { .name = "gh100" },
};

static void nova_bind_chip_desc(const struct nova_kunit_chip *chip, char *desc)
{
	strscpy(desc, chip->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nova_bind_chip, nova_bind_chips, nova_bind_chip_desc);

static struct kunit_case nova_bind_random_cases[] = {
	KUNIT_CASE_PARAM_ATTR(model_and_driver_agree, nova_bind_chip_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite nova_bind_random_suite = {
	.name = "nova-bind-random",
	.test_cases = nova_bind_random_cases,
};

kunit_test_suite(nova_bind_random_suite);
