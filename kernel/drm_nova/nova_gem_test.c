// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: what a client can do to objects that are not its own.
 */
#include "nova_gem.h"

#include "nova_kunit_drm.h"

#include <drm/drm_gem.h>
#include <kunit/test.h>

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mman.h>
#include <linux/refcount.h>
#include <linux/sizes.h>

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

static struct kunit_case gem_cases[] = {
	KUNIT_CASE(who_has_no_handle_takes_no_reference),
	{}
};

static struct kunit_suite gem_suite = {
	.name = "nova-gem",
	.test_cases = gem_cases,
};

kunit_test_suite(gem_suite);
