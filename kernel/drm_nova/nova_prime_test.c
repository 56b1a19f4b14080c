// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: an object that is shared, seen by the two kinds of importers there are: one
 * that is told of moves and one that is not. Content is followed from VRAM to the
 * pages that others get.
 */
#include "nova_prime.h"

#include "nova_compat.h"
#include "nova_kunit_drm.h"
#include "nova_vm.h"

#include <drm/drm_prime.h>
#include <drm/ttm/ttm_tt.h>
#include <kunit/device.h>
#include <kunit/test.h>

#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fcntl.h>
#include <linux/highmem.h>
#include <linux/iosys-map.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#define PRIME_SIZE	SZ_64K
#define PRIME_WORD	0x5a5a1234
#define PRIME_BOTH	(DRM_NOVA_PLACEMENT_VRAM | DRM_NOVA_PLACEMENT_SYSTEM)

struct prime_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	struct device *importer;
	struct nova_gem *gem;
	u32 handle;
	struct dma_buf *buf;
	unsigned int moves;
};

static void prime_put_buf(void *buf)
{
	dma_buf_put(buf);
}

static struct prime_fixture *prime_create(struct kunit *test)
{
	const struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = SZ_64M, .bar1_size = SZ_16M,
	};
	struct prime_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->nkd = nova_kunit_drm_create_bound(test, &config);
	f->importer = kunit_device_register(test, "nova-importer");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->importer);
	f->importer->dma_mask = &f->importer->coherent_dma_mask;
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(f->importer, DMA_BIT_MASK(64)), 0);
	return f;
}

/* An object that holds PRIME_WORD. */
static void prime_object(struct prime_fixture *f, u32 placement)
{
	f->gem = nova_kunit_drm_gem(f->nkd, PRIME_SIZE, placement, 0, &f->handle);
	KUNIT_ASSERT_EQ(f->test, put_user(PRIME_WORD, (u32 __user *)
					  nova_kunit_drm_mmap(f->nkd, f->gem)), 0);
}

static struct dma_buf *prime_try_export(struct prime_fixture *f)
{
	return drm_gem_prime_handle_to_dmabuf(&f->nkd->ndrm->drm, f->nkd->file, f->handle,
					      O_CLOEXEC | O_RDWR);
}

static void prime_export(struct prime_fixture *f)
{
	f->buf = prime_try_export(f);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(f->test, f->buf);
	KUNIT_ASSERT_EQ(f->test, kunit_add_action_or_reset(f->test, prime_put_buf, f->buf), 0);
}

static u32 prime_page_word(struct prime_fixture *f)
{
	u32 *page = kmap_local_page(f->gem->bo.ttm.ttm->pages[0]), word = *page;

	kunmap_local(page);
	return word;
}

/* Without the core in between, which warns of an exporter that refuses. */
static int prime_vmap(struct prime_fixture *f)
{
	struct iosys_map map;
	int ret;

	dma_resv_lock(f->buf->resv, NULL);
	ret = f->buf->ops->vmap(f->buf, &map);
	dma_resv_unlock(f->buf->resv);
	return ret;
}

static int prime_validate(struct prime_fixture *f)
{
	struct ttm_operation_ctx ctx = {};
	int ret;

	dma_resv_lock(f->gem->bo.ttm.base.resv, NULL);
	ret = nova_bo_validate_in(&f->gem->bo, NOVA_BO_VRAM, &ctx);
	dma_resv_unlock(f->gem->bo.ttm.base.resv);
	return ret;
}

static void an_importer_brings_the_object_to_system_memory(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;

	prime_object(f, PRIME_BOTH);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_VRAM);
	prime_export(f);
	attach = dma_buf_attach(f->buf, f->importer);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_SYSTEM);
	KUNIT_EXPECT_EQ(test, prime_page_word(f), PRIME_WORD);
	/* Who is not told of moves has it pinned. */
	KUNIT_EXPECT_NE(test, prime_validate(f), 0);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_SYSTEM);
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(f->buf, attach);
	KUNIT_EXPECT_EQ(test, f->gem->bo.ttm.pin_count, 0);
	KUNIT_EXPECT_EQ(test, prime_validate(f), 0);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_VRAM);
}

static void prime_importer_moving(struct dma_buf_attachment *attach)
{
	struct prime_fixture *f = attach->importer_priv;

	f->moves++;
}

static const struct dma_buf_attach_ops prime_importer_ops = {
	.nova_moving = prime_importer_moving,
};

static void an_importer_is_told_of_moves(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;

	prime_object(f, PRIME_BOTH);
	prime_export(f);
	attach = dma_buf_dynamic_attach(f->buf, f->importer, &prime_importer_ops, f);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	KUNIT_EXPECT_EQ(test, f->gem->bo.ttm.pin_count, 0);
	f->moves = 0;
	KUNIT_EXPECT_EQ(test, prime_validate(f), 0);
	KUNIT_EXPECT_EQ(test, f->moves, 1);
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(f->buf, attach);
}

static void vram_alone_is_shared_with_nobody(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);

	prime_object(f, DRM_NOVA_PLACEMENT_VRAM);
	prime_export(f);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(dma_buf_attach(f->buf, f->importer)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, prime_vmap(f), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, nova_gem_region(f->gem), DRM_NOVA_REGION_VRAM);
}

static void what_is_private_or_unwanted_is_not_exported(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);
	u32 vm_id = nova_kunit_drm_vm(f->nkd, 0);

	f->gem = nova_kunit_drm_gem(f->nkd, PRIME_SIZE, PRIME_BOTH, vm_id, &f->handle);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(prime_try_export(f)), -EPERM);
	prime_object(f, PRIME_BOTH);
	KUNIT_ASSERT_EQ(test, nova_kunit_drm_advise(f->nkd, f->handle,
						    DRM_NOVA_MADVISE_DONTNEED), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(prime_try_export(f)), -EBUSY);
	KUNIT_ASSERT_EQ(test, nova_kunit_drm_advise(f->nkd, f->handle,
						    DRM_NOVA_MADVISE_WILLNEED), 0);
	prime_export(f);
	KUNIT_EXPECT_EQ(test, nova_kunit_drm_advise(f->nkd, f->handle,
						    DRM_NOVA_MADVISE_DONTNEED), -EPERM);
}

/* The kernel's own view of a dma-buf: pinned, in system memory, as long as there is one. */
static void a_kernel_map_has_the_content(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);
	struct iosys_map map;

	prime_object(f, PRIME_BOTH);
	prime_export(f);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(f->buf, &map), 0);
	KUNIT_EXPECT_EQ(test, iosys_map_rd(&map, 0, u32), PRIME_WORD);
	KUNIT_EXPECT_NE(test, prime_validate(f), 0);
	dma_buf_vunmap_unlocked(f->buf, &map);
	KUNIT_EXPECT_EQ(test, prime_validate(f), 0);
}

/* VRAM is full of what is being cleared when the object is pushed out to system memory. */
static void prime_push_out(struct prime_fixture *f)
{
	u32 handle;

	KUNIT_ASSERT_EQ(f->test, nova_swgpu_inject(f->nkd->gpu, NOVA_SWGPU_INJECT_CE_SLOW, 50000),
			0);
	for (unsigned int i = 0; i < 64 && nova_gem_region(f->gem) == DRM_NOVA_REGION_VRAM; i++)
		nova_kunit_drm_gem(f->nkd, SZ_4M, DRM_NOVA_PLACEMENT_VRAM, 0, &handle);
	KUNIT_ASSERT_EQ(f->test, nova_gem_region(f->gem), DRM_NOVA_REGION_SYSTEM);
}

static void a_kernel_map_waits_for_a_move(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);
	struct iosys_map map;

	prime_object(f, PRIME_BOTH);
	prime_export(f);
	prime_push_out(f);
	KUNIT_EXPECT_NE(test, prime_page_word(f), PRIME_WORD);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(f->buf, &map), 0);
	KUNIT_EXPECT_EQ(test, iosys_map_rd(&map, 0, u32), PRIME_WORD);
	dma_buf_vunmap_unlocked(f->buf, &map);
}

static void an_own_dma_buf_is_the_object(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);
	struct drm_device *drm = &f->nkd->ndrm->drm;
	struct drm_gem_object *obj;

	prime_object(f, PRIME_BOTH);
	prime_export(f);
	mutex_lock(&drm->object_name_lock);
	obj = nova_prime_import(drm, f->buf);
	mutex_unlock(&drm->object_name_lock);
	KUNIT_EXPECT_PTR_EQ(test, obj, &f->gem->bo.ttm.base);
	drm_gem_object_put(obj);
}

static void after_an_unplug_nothing_new_is_shared(struct kunit *test)
{
	struct prime_fixture *f = prime_create(test);
	struct dma_buf_attachment *attach;

	prime_object(f, PRIME_BOTH);
	prime_export(f);
	attach = dma_buf_attach(f->buf, f->importer);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	f->nkd->ndrm->drm.unplugged = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(dma_buf_map_attachment_unlocked(attach,
									      DMA_BIDIRECTIONAL)),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(dma_buf_attach(f->buf, f->importer)), -ENODEV);
	KUNIT_EXPECT_EQ(test, prime_vmap(f), -ENODEV);
	dma_buf_detach(f->buf, attach);
}

static struct kunit_case prime_cases[] = {
	KUNIT_CASE(an_importer_brings_the_object_to_system_memory),
	KUNIT_CASE(an_importer_is_told_of_moves),
	KUNIT_CASE(vram_alone_is_shared_with_nobody),
	KUNIT_CASE(what_is_private_or_unwanted_is_not_exported),
	KUNIT_CASE(a_kernel_map_has_the_content),
	KUNIT_CASE(a_kernel_map_waits_for_a_move),
	KUNIT_CASE(an_own_dma_buf_is_the_object),
	KUNIT_CASE(after_an_unplug_nothing_new_is_shared),
	{}
};

static struct kunit_suite prime_suite = {
	.name = "nova-prime",
	.test_cases = prime_cases,
};

kunit_test_suite(prime_suite);
