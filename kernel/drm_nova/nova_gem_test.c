// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: what a client can do to objects that are not its own, or that are larger
 * than any machine has memory for. The managers of the fixture are told that they have it.
 */
#include "nova_gem.h"

#include "nova_kunit_drm.h"

#include <drm/drm_gem.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_resource.h>
#include <kunit/test.h>

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mman.h>
#include <linux/refcount.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#define GEM_HUGE	(1ULL << 40)

static struct nova_kunit_drm *gem_create(struct kunit *test)
{
	const struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = SZ_64M,
	};

	return nova_kunit_drm_create(test, &config);
}

/* A reference more, if only for a moment, and the count stays where it cannot be now. */
static void who_has_no_handle_takes_no_reference(struct kunit *test)
{
	struct nova_kunit_drm *nkd = gem_create(test);
	struct file *stranger = dentry_open(&nkd->filp->f_path, O_RDWR, current_cred());
	unsigned long addr;
	struct nova_gem *gem;
	refcount_t *refs;
	u32 handle;
	int was;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stranger);
	gem = nova_kunit_drm_gem(nkd, SZ_64K, DRM_NOVA_PLACEMENT_SYSTEM, 0, &handle);
	refs = &gem->bo.ttm.base.refcount.refcount;
	was = refcount_read(refs);
	refcount_set(refs, INT_MAX);
	addr = kunit_vm_mmap(test, stranger, 0, SZ_64K, PROT_READ | PROT_WRITE, MAP_SHARED,
			     nova_gem_mmap_offset(gem));
	KUNIT_EXPECT_EQ(test, refcount_read(refs), INT_MAX);
	refcount_set(refs, was);
	KUNIT_EXPECT_EQ(test, (long)addr, -EACCES);
	__fput_sync(stranger);
}

/* @bytes that a manager is from now on said to have. */
static void gem_pretend(struct nova_kunit_drm *nkd, unsigned int mem_type, u64 bytes)
{
	ttm_manager_type(&nkd->ndrm->nt.bdev, mem_type)->size =
		mem_type == TTM_PL_TT ? bytes >> PAGE_SHIFT : bytes;
}

static u64 gem_max_bo_size(struct nova_kunit_drm *nkd)
{
	struct drm_nova_info_limits limits = {};
	struct drm_nova_info args = {
		.id = DRM_NOVA_INFO_LIMITS, .size = sizeof(limits),
		.data = nova_kunit_drm_user(nkd, sizeof(limits)),
	};

	KUNIT_ASSERT_EQ(nkd->test, nova_info_ioctl(&nkd->ndrm->drm, &args, nkd->file), 0);
	KUNIT_ASSERT_EQ(nkd->test, copy_from_user(&limits, u64_to_user_ptr(args.data),
						  sizeof(limits)), 0);
	return limits.max_bo_size;
}

static int gem_create_deferred(struct nova_kunit_drm *nkd, u64 size, u32 placement)
{
	struct drm_nova_gem_create2 args = {
		.size = size, .placement = placement, .flags = DRM_NOVA_GEM_DEFER,
	};

	return nova_gem_create2_ioctl(&nkd->ndrm->drm, &args, nkd->file);
}

static const struct gem_place {
	const char *name;
	unsigned int mem_type;
	u32 placement;
} gem_places[] = {
	{ "vram", TTM_PL_VRAM, DRM_NOVA_PLACEMENT_VRAM },
	{ "system", TTM_PL_TT, DRM_NOVA_PLACEMENT_SYSTEM },
};

KUNIT_ARRAY_PARAM_DESC(gem_place, gem_places, name);

/* TTM's array of an object, 16 bytes a page, may have 2 GiB and no more. */
static void no_object_is_too_large_for_its_array(struct kunit *test)
{
	const struct gem_place *place = test->param_value;
	struct nova_kunit_drm *nkd = gem_create(test);
	u64 limit;

	gem_pretend(nkd, place->mem_type, GEM_HUGE);
	limit = gem_max_bo_size(nkd);
	KUNIT_EXPECT_EQ(test, limit, GEM_HUGE / 2 - SZ_64K);
	KUNIT_EXPECT_LE(test, (limit >> PAGE_SHIFT) * 16, INT_MAX);
	KUNIT_EXPECT_EQ(test, nova_gem_size_limit(nkd->ndrm, place->placement), limit);
	KUNIT_EXPECT_EQ(test, gem_create_deferred(nkd, limit + 1, place->placement), -E2BIG);
	KUNIT_EXPECT_EQ(test, gem_create_deferred(nkd, GEM_HUGE / 2, place->placement), -E2BIG);
}

static struct kunit_case gem_cases[] = {
	KUNIT_CASE(who_has_no_handle_takes_no_reference),
	KUNIT_CASE_PARAM(no_object_is_too_large_for_its_array, gem_place_gen_params),
	{}
};

static struct kunit_suite gem_suite = {
	.name = "nova-gem",
	.test_cases = gem_cases,
};

kunit_test_suite(gem_suite);
