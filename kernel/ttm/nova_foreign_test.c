// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_foreign_test
 *
 * Imported objects against an exporter that does as it is told: moves its memory,
 * refuses, or describes it wrongly. The expected addresses are the exporter's own
 * numbers, which are no memory at all: nothing here follows them.
 *
 * Kinds of tests: golden.
 */
#include "nova_foreign.h"

#include "nova_bo.h"
#include "nova_compat.h"
#include "nova_cursor.h"
#include "nova_kunit.h"
#include "nova_ttm.h"

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/ttm/ttm_tt.h>

#include <kunit/test.h>
#include <linux/dma-buf.h>
#include <linux/file.h>
#include <linux/scatterlist.h>

#define PAGES	8u
#define BASE	0x123400000ull

/**
 * struct exporter - one buffer of another driver
 */
struct exporter {
	/** @buf: the dma-buf */
	struct dma_buf *buf;
	/** @base: address of its first page; the others follow with a hole after each */
	u64 base;
	/** @nr: pages its table has */
	unsigned int nr;
	/** @error: what mapping gives instead of a table */
	int error;
	/** @maps: tables handed out and not taken back */
	int maps;
	/** @released: the dma-buf is gone */
	bool released;
};

/** struct foreign - the fixture */
struct foreign {
	/** @drm: stands for the DRM face */
	struct drm_device drm;
	/** @nk: GPU and mechanism */
	struct nova_kunit *nk;
	/** @nt: TTM on it */
	struct nova_ttm nt;
	/** @bo: the object under test */
	struct nova_bo bo;
	/** @exporter: of its memory */
	struct exporter exporter;
	/** @moves: times the DRM face was told that memory goes */
	int moves;
	/** @destroyed: the object is gone */
	bool destroyed;
};

static const struct drm_driver foreign_driver = { .driver_features = DRIVER_GEM, .name = "test" };

static struct sg_table *exporter_map(struct dma_buf_attachment *attach, enum dma_data_direction dir)
{
	struct exporter *exporter = attach->dmabuf->priv;
	struct scatterlist *sg;
	struct sg_table *sgt;
	unsigned int i;

	if (exporter->error)
		return ERR_PTR(exporter->error);
	sgt = kzalloc_obj(*sgt);
	if (!sgt || sg_alloc_table(sgt, exporter->nr, GFP_KERNEL)) {
		kfree(sgt);
		return ERR_PTR(-ENOMEM);
	}
	for_each_sg(sgt->sgl, sg, exporter->nr, i) {
		sg_dma_address(sg) = exporter->base + i * 2 * PAGE_SIZE;
		sg_dma_len(sg) = PAGE_SIZE;
	}
	exporter->maps++;
	return sgt;
}

static void exporter_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			   enum dma_data_direction dir)
{
	struct exporter *exporter = attach->dmabuf->priv;

	exporter->maps--;
	sg_free_table(sgt);
	kfree(sgt);
}

static int exporter_pin(struct dma_buf_attachment *attach)
{
	return 0;
}

static void exporter_unpin(struct dma_buf_attachment *attach)
{
}

static void exporter_release(struct dma_buf *buf)
{
	struct exporter *exporter = buf->priv;

	exporter->released = true;
}

static const struct dma_buf_ops exporter_ops = {
	.map_dma_buf = exporter_map,
	.unmap_dma_buf = exporter_unmap,
	.pin = exporter_pin,
	.unpin = exporter_unpin,
	.release = exporter_release,
};

static struct foreign *to_foreign(struct nova_bo *bo)
{
	return container_of(bo, struct foreign, bo);
}

static int foreign_moving(struct nova_bo *bo)
{
	to_foreign(bo)->moves++;
	return 0;
}

static void foreign_moved(struct nova_bo *bo)
{
}

static const struct nova_ttm_client foreign_client = {
	.moving = foreign_moving,
	.moved = foreign_moved,
};

static void foreign_destroy(struct ttm_buffer_object *tbo)
{
	struct foreign *f = to_foreign(nova_bo(tbo));

	nova_foreign_fini(&f->bo);
	drm_gem_object_release(&tbo->base);
	f->destroyed = true;
}

static void foreign_free(struct drm_gem_object *obj)
{
	nova_ttm_bo_fini(&nova_bo_from_gem(obj)->ttm);
}

static const struct drm_gem_object_funcs foreign_funcs = { .free = foreign_free };

static void foreign_fini_ttm(void *nt)
{
	nova_ttm_fini(nt);
}

static void foreign_export(struct kunit *test, struct foreign *f)
{
	struct dma_buf_export_info info = {
		.exp_name = "test",
		.owner = THIS_MODULE,
		.ops = &exporter_ops,
		.size = PAGES * PAGE_SIZE,
		.priv = &f->exporter,
	};

	f->exporter = (struct exporter){ .base = BASE, .nr = PAGES };
	f->exporter.buf = dma_buf_export(&info);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->exporter.buf);
}

/* An object that is attached and not mapped. */
static struct foreign *foreign_create(struct kunit *test)
{
	static const struct nova_kunit_config config = { .chip = "tu102" };
	struct nova_bo_params params = {
		.size = PAGES * PAGE_SIZE,
		.placement = NOVA_BO_SYSTEM,
		.destroy = foreign_destroy,
	};
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct foreign *f = devm_drm_dev_alloc(nk->nd.dev, &foreign_driver, struct foreign, drm);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f);
	f->nk = nk;
	KUNIT_ASSERT_EQ(test, nova_ttm_init(&f->nt, &nk->mm, &f->drm, &foreign_client), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, foreign_fini_ttm, &f->nt), 0);
	foreign_export(test, f);
	params.attach = nova_foreign_attach(f->exporter.buf, nk->nd.dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, params.attach);
	params.resv = f->exporter.buf->resv;
	f->bo.ttm.base.funcs = &foreign_funcs;
	drm_gem_private_object_init(&f->drm, &f->bo.ttm.base, params.size);
	dma_resv_lock(params.resv, NULL);
	KUNIT_ASSERT_EQ(test, nova_bo_init(&f->bo, &f->nt, &params), 0);
	dma_resv_unlock(params.resv);
	/* TTM moves a new object once, from nowhere to nowhere. */
	f->moves = 0;
	return f;
}

static int foreign_validate(struct foreign *f)
{
	struct ttm_operation_ctx ctx = {};
	int ret;

	dma_resv_lock(f->bo.ttm.base.resv, NULL);
	ret = nova_bo_validate(&f->bo, &ctx);
	dma_resv_unlock(f->bo.ttm.base.resv);
	return ret;
}

static void foreign_exporter_moves(struct foreign *f, u64 to)
{
	dma_resv_lock(f->exporter.buf->resv, NULL);
	nova_dma_buf_moving(f->exporter.buf);
	f->exporter.base = to;
	dma_resv_unlock(f->exporter.buf->resv);
}

/* Lets go of object and buffer, and waits until TTM has. */
static void foreign_put(struct kunit *test, struct foreign *f)
{
	drm_gem_object_put(&f->bo.ttm.base);
	flush_workqueue(f->nt.bdev.wq);
	KUNIT_EXPECT_TRUE(test, f->destroyed);
	KUNIT_EXPECT_EQ(test, f->exporter.maps, 0);
	dma_buf_put(f->exporter.buf);
	flush_delayed_fput();
	KUNIT_EXPECT_TRUE(test, f->exporter.released);
}

static void foreign_expect_pages(struct kunit *test, struct foreign *f, u64 base)
{
	struct nova_backing backing;

	dma_resv_lock(f->bo.ttm.base.resv, NULL);
	nova_bo_backing(&f->bo, &backing);
	KUNIT_EXPECT_EQ(test, backing.aperture, NOVA_APERTURE_SYS_COH);
	KUNIT_EXPECT_EQ(test, backing.size, PAGES * PAGE_SIZE);
	for (unsigned int i = 0; i < PAGES; i++)
		KUNIT_EXPECT_EQ(test, backing.pages[i], base + i * 2 * PAGE_SIZE);
	dma_resv_unlock(f->bo.ttm.base.resv);
}

static void attached_object_has_no_memory_until_validated(struct kunit *test)
{
	struct foreign *f = foreign_create(test);

	KUNIT_EXPECT_TRUE(test, nova_bo_is_imported(&f->bo));
	KUNIT_EXPECT_EQ(test, nova_bo_region(&f->bo), 0);
	KUNIT_EXPECT_EQ(test, f->exporter.maps, 0);
	KUNIT_EXPECT_EQ(test, foreign_validate(f), 0);
	KUNIT_EXPECT_EQ(test, foreign_validate(f), 0);
	KUNIT_EXPECT_EQ(test, f->exporter.maps, 1);
	KUNIT_EXPECT_EQ(test, nova_bo_region(&f->bo), NOVA_BO_SYSTEM);
	foreign_expect_pages(test, f, BASE);
	foreign_put(test, f);
}

static void exporter_moves_and_object_follows(struct kunit *test)
{
	struct foreign *f = foreign_create(test);

	KUNIT_ASSERT_EQ(test, foreign_validate(f), 0);
	foreign_exporter_moves(f, 2 * BASE);
	KUNIT_EXPECT_EQ(test, f->moves, 1);
	KUNIT_EXPECT_EQ(test, f->exporter.maps, 0);
	KUNIT_EXPECT_EQ(test, nova_bo_region(&f->bo), 0);
	KUNIT_ASSERT_EQ(test, foreign_validate(f), 0);
	foreign_expect_pages(test, f, 2 * BASE);
	foreign_put(test, f);
}

static void moves_of_what_is_not_mapped_are_ignored(struct kunit *test)
{
	struct foreign *f = foreign_create(test);

	foreign_exporter_moves(f, 2 * BASE);
	KUNIT_EXPECT_EQ(test, f->moves, 0);
	foreign_put(test, f);
}

static void mapped_object_unmaps_when_it_dies(struct kunit *test)
{
	struct foreign *f = foreign_create(test);

	KUNIT_ASSERT_EQ(test, foreign_validate(f), 0);
	foreign_put(test, f);
}

static const struct foreign_bad {
	const char *name;
	u64 base;
	unsigned int nr;
	int error;
	int expect;
} foreign_bads[] = {
	{ "a page is missing", BASE, PAGES - 1, 0, -EINVAL },
	{ "a page too many", BASE, PAGES + 1, 0, -EINVAL },
	{ "not page aligned", BASE + 0x800, PAGES, 0, -EINVAL },
	{ "the exporter is busy", BASE, PAGES, -EBUSY, -EBUSY },
	{ "the exporter is gone", BASE, PAGES, -ENODEV, -ENODEV },
};

KUNIT_ARRAY_PARAM_DESC(foreign_bad, foreign_bads, name);

static void bad_tables_are_refused_and_given_back(struct kunit *test)
{
	const struct foreign_bad *bad = test->param_value;
	struct foreign *f = foreign_create(test);

	f->exporter.base = bad->base;
	f->exporter.nr = bad->nr;
	f->exporter.error = bad->error;
	KUNIT_EXPECT_EQ(test, foreign_validate(f), bad->expect);
	KUNIT_EXPECT_EQ(test, f->exporter.maps, 0);
	KUNIT_EXPECT_EQ(test, nova_bo_region(&f->bo), 0);
	f->exporter = (struct exporter){ .buf = f->exporter.buf, .base = BASE, .nr = PAGES };
	KUNIT_EXPECT_EQ(test, foreign_validate(f), 0);
	foreign_put(test, f);
}

static struct kunit_case foreign_cases[] = {
	KUNIT_CASE(attached_object_has_no_memory_until_validated),
	KUNIT_CASE(exporter_moves_and_object_follows),
	KUNIT_CASE(moves_of_what_is_not_mapped_are_ignored),
	KUNIT_CASE(mapped_object_unmaps_when_it_dies),
	KUNIT_CASE_PARAM(bad_tables_are_refused_and_given_back, foreign_bad_gen_params),
	{}
};

static struct kunit_suite foreign_suite = {
	.name = "nova-foreign",
	.test_cases = foreign_cases,
};

kunit_test_suite(foreign_suite);
