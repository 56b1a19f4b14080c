// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: what VM_QUERY_RANGES says of mappings that the test has made, piece by
 * piece. Invariant: what is behind the caller's array, and the part of an element
 * that it did not ask for, is not written.
 */
#include "nova_vm.h"

#include "nova_kunit_drm.h"

#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_placement.h>
#include <kunit/test.h>

#include <linux/sizes.h>
#include <linux/uaccess.h>

#define QUERY_VA	SZ_4M
#define QUERY_END	SZ_32M
#define QUERY_MAX	8

struct query_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	u32 vm_id;
	u64 user;
	struct drm_nova_vm_range range[QUERY_MAX];
};

static struct query_fixture *query_create(struct kunit *test)
{
	const struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = SZ_64M, .bar1_size = SZ_16M,
	};
	struct query_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->nkd = nova_kunit_drm_create(test, &config);
	f->vm_id = nova_kunit_drm_vm(f->nkd, 0);
	f->user = nova_kunit_drm_user(f->nkd, PAGE_SIZE);
	return f;
}

static struct drm_nova_vm_query_ranges query_request(const struct query_fixture *f, u32 count)
{
	return (struct drm_nova_vm_query_ranges) {
		.vm_id = f->vm_id, .va = QUERY_VA, .range = QUERY_END - QUERY_VA,
		.ranges = { f->user, count, sizeof(struct drm_nova_vm_range) },
	};
}

static int query_call(const struct query_fixture *f, struct drm_nova_vm_query_ranges *args)
{
	return nova_vm_query_ranges_ioctl(&f->nkd->ndrm->drm, args, f->nkd->file);
}

/* The total; elements that were not filled in are all ones. */
static u32 query(struct query_fixture *f, u32 count)
{
	struct drm_nova_vm_query_ranges args = query_request(f, count);

	memset(f->range, 0xff, sizeof(f->range));
	KUNIT_ASSERT_EQ(f->test, copy_to_user(u64_to_user_ptr(f->user), f->range,
					      sizeof(f->range)), 0);
	KUNIT_ASSERT_EQ(f->test, query_call(f, &args), 0);
	KUNIT_ASSERT_EQ(f->test, copy_from_user(f->range, u64_to_user_ptr(f->user),
						sizeof(f->range)), 0);
	return args.ranges.count;
}

static void query_expect(struct query_fixture *f, unsigned int i,
			 const struct drm_nova_vm_range *want)
{
	const struct drm_nova_vm_range *got = &f->range[i];

	KUNIT_EXPECT_EQ(f->test, got->va, want->va);
	KUNIT_EXPECT_EQ(f->test, got->range, want->range);
	KUNIT_EXPECT_EQ(f->test, got->offset, want->offset);
	KUNIT_EXPECT_EQ(f->test, got->handle, want->handle);
	KUNIT_EXPECT_EQ(f->test, got->flags, want->flags);
	KUNIT_EXPECT_EQ(f->test, got->page_shift, want->page_shift);
	KUNIT_EXPECT_EQ(f->test, got->region, want->region);
	KUNIT_EXPECT_EQ(f->test, got->pad, 0);
}

static void query_map(struct query_fixture *f, const struct drm_nova_vm_bind_op *op)
{
	KUNIT_ASSERT_EQ(f->test, nova_kunit_drm_bind(f->nkd, f->vm_id, op), 0);
}

static void query_map_64k(struct query_fixture *f, u32 handle, u64 va)
{
	KUNIT_ASSERT_EQ(f->test, nova_kunit_drm_map(f->nkd, f->vm_id, handle, va, SZ_64K), 0);
}

static u32 query_object(struct query_fixture *f, u64 size)
{
	u32 handle;

	nova_kunit_drm_gem(f->nkd, size, DRM_NOVA_PLACEMENT_VRAM, 0, &handle);
	return handle;
}

/* 2 MiB in the middle are one page; what is before and after are smaller ones. */
static void a_mapping_is_told_by_its_page_sizes(struct kunit *test)
{
	struct query_fixture *f = query_create(test);
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = query_object(f, SZ_8M),
		.va = QUERY_VA + SZ_2M - SZ_4K, .offset = SZ_2M - SZ_4K, .range = SZ_2M + SZ_64K,
		.flags = DRM_NOVA_VM_BIND_OP_READONLY,
	};
	struct drm_nova_vm_range want = {
		.va = op.va, .range = SZ_4K, .offset = op.offset, .handle = op.handle,
		.flags = op.flags, .page_shift = 12, .region = DRM_NOVA_REGION_VRAM,
	};

	query_map(f, &op);
	KUNIT_EXPECT_EQ(test, query(f, QUERY_MAX), 3);
	query_expect(f, 0, &want);
	want.va += want.range;
	want.offset += want.range;
	want.range = SZ_2M;
	want.page_shift = 21;
	query_expect(f, 1, &want);
	want.va += want.range;
	want.offset += want.range;
	want.range = SZ_64K - SZ_4K;
	want.page_shift = 12;
	query_expect(f, 2, &want);
	KUNIT_EXPECT_EQ(test, f->range[3].va, ~0ull);
}

static void sparse_ranges_and_holes_are_told_apart(struct kunit *test)
{
	struct query_fixture *f = query_create(test);
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = QUERY_VA, .range = SZ_64K,
	};
	struct drm_nova_vm_range want = {
		.va = op.va, .range = op.range, .flags = DRM_NOVA_VM_RANGE_SPARSE,
		.region = DRM_NOVA_REGION_NONE,
	};

	KUNIT_EXPECT_EQ(test, query(f, QUERY_MAX), 0);
	query_map(f, &op);
	op.va = want.va + SZ_1M;
	query_map(f, &op);
	KUNIT_EXPECT_EQ(test, query(f, QUERY_MAX), 2);
	query_expect(f, 0, &want);
	want.va += SZ_1M;
	query_expect(f, 1, &want);
}

/* A handle is the caller's own, and the lowest of several. */
static void closed_handles_are_not_told(struct kunit *test)
{
	struct query_fixture *f = query_create(test);
	u32 handle[2] = { query_object(f, SZ_64K), query_object(f, SZ_64K) }, again;
	struct nova_gem *gem = nova_gem_lookup(f->nkd->file, handle[0]);

	for (u32 i = 0; i < 2; i++)
		query_map_64k(f, handle[i], QUERY_VA + i * SZ_1M);
	query_map_64k(f, handle[0], QUERY_VA + SZ_2M);
	KUNIT_ASSERT_EQ(test, drm_gem_handle_create(f->nkd->file, &gem->bo.ttm.base, &again), 0);
	KUNIT_ASSERT_EQ(test, drm_gem_handle_delete(f->nkd->file, handle[1]), 0);
	KUNIT_EXPECT_EQ(test, query(f, QUERY_MAX), 3);
	KUNIT_EXPECT_EQ(test, f->range[0].handle, handle[0]);
	KUNIT_EXPECT_EQ(test, f->range[1].handle, 0);
	KUNIT_EXPECT_EQ(test, f->range[2].handle, handle[0]);
	KUNIT_ASSERT_EQ(test, drm_gem_handle_delete(f->nkd->file, handle[0]), 0);
	query(f, QUERY_MAX);
	KUNIT_EXPECT_EQ(test, f->range[0].handle, again);
	nova_gem_put(gem);
}

static void what_was_pushed_out_is_marked(struct kunit *test)
{
	struct query_fixture *f = query_create(test);

	query_map_64k(f, query_object(f, SZ_64K), QUERY_VA);
	KUNIT_ASSERT_EQ(test, nova_ttm_evict(&f->nkd->ndrm->nt, TTM_PL_VRAM), 0);
	KUNIT_EXPECT_EQ(test, query(f, QUERY_MAX), 1);
	KUNIT_EXPECT_EQ(test, f->range[0].flags, DRM_NOVA_VM_RANGE_EVICTED);
	KUNIT_EXPECT_EQ(test, f->range[0].region, DRM_NOVA_REGION_SYSTEM);
	KUNIT_EXPECT_EQ(test, f->range[0].page_shift, 0);
}

static void no_more_is_written_than_there_is_room(struct kunit *test)
{
	struct query_fixture *f = query_create(test);
	u32 handle = query_object(f, SZ_64K);

	for (u32 i = 0; i < 3; i++)
		query_map_64k(f, handle, QUERY_VA + i * SZ_1M);
	KUNIT_EXPECT_EQ(test, query(f, 2), 3);
	KUNIT_EXPECT_EQ(test, f->range[1].va, QUERY_VA + SZ_1M);
	KUNIT_EXPECT_EQ(test, f->range[2].va, ~0ull);
	KUNIT_EXPECT_EQ(test, query(f, 0), 3);
	KUNIT_EXPECT_EQ(test, f->range[0].va, ~0ull);
}

static void an_empty_range_has_no_mappings(struct kunit *test)
{
	struct query_fixture *f = query_create(test);
	struct drm_nova_vm_query_ranges args = query_request(f, 2);

	query_map_64k(f, query_object(f, SZ_64K), QUERY_VA);
	args.va = QUERY_VA + SZ_4K;
	args.range = 0;
	KUNIT_ASSERT_EQ(test, query_call(f, &args), 0);
	KUNIT_EXPECT_EQ(test, args.ranges.count, 0);
}

#define QUERY_BAD(name, field, value, err) \
	NOVA_KUNIT_BAD(struct drm_nova_vm_query_ranges, name, field, value, err)

static const struct nova_kunit_bad query_bads[] = {
	QUERY_BAD("flags", flags, 1, -EINVAL),
	QUERY_BAD("range_wraps", range, ~0ull, -EINVAL),
	QUERY_BAD("stride_small", ranges.stride, 32, -EINVAL),
	QUERY_BAD("stride_odd", ranges.stride, 44, -EINVAL),
	QUERY_BAD("stride_large", ranges.stride, 264, -EINVAL),
	QUERY_BAD("vm", vm_id, 0x7777, -ENOENT),
	QUERY_BAD("unwritable", ranges.ptr, 8, -EFAULT),
};

KUNIT_ARRAY_PARAM_DESC(query_bad, query_bads, name);

static void bad_queries_are_refused(struct kunit *test)
{
	const struct nova_kunit_bad *bad = test->param_value;
	struct query_fixture *f = query_create(test);
	struct drm_nova_vm_query_ranges args = query_request(f, 2);

	query_map_64k(f, query_object(f, SZ_64K), QUERY_VA);
	KUNIT_EXPECT_EQ(test, query_call(f, &args), 0);
	args = query_request(f, 2);
	nova_kunit_spoil(&args, bad);
	KUNIT_EXPECT_EQ(test, query_call(f, &args), bad->err);
}

/* Elements of the caller's are longer than ours: what is between them is left alone. */
static void a_wider_stride_is_kept(struct kunit *test)
{
	struct query_fixture *f = query_create(test);
	struct drm_nova_vm_query_ranges args = query_request(f, 2);
	u32 handle = query_object(f, SZ_64K);
	u64 words[2 * 8];

	for (u32 i = 0; i < 2; i++)
		query_map_64k(f, handle, QUERY_VA + i * SZ_1M);
	memset(words, 0xff, sizeof(words));
	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(f->user), words, sizeof(words)), 0);
	args.ranges.stride = 64;
	KUNIT_ASSERT_EQ(test, query_call(f, &args), 0);
	KUNIT_ASSERT_EQ(test, copy_from_user(words, u64_to_user_ptr(f->user), sizeof(words)), 0);
	KUNIT_EXPECT_EQ(test, words[0], QUERY_VA);
	KUNIT_EXPECT_EQ(test, words[5], ~0ull);
	KUNIT_EXPECT_EQ(test, words[7], ~0ull);
	KUNIT_EXPECT_EQ(test, words[8], QUERY_VA + SZ_1M);
	KUNIT_EXPECT_EQ(test, words[13], ~0ull);
}

static struct kunit_case query_cases[] = {
	KUNIT_CASE(a_mapping_is_told_by_its_page_sizes),
	KUNIT_CASE(sparse_ranges_and_holes_are_told_apart),
	KUNIT_CASE(closed_handles_are_not_told),
	KUNIT_CASE(what_was_pushed_out_is_marked),
	KUNIT_CASE(no_more_is_written_than_there_is_room),
	KUNIT_CASE(an_empty_range_has_no_mappings),
	KUNIT_CASE_PARAM(bad_queries_are_refused, query_bad_gen_params),
	KUNIT_CASE(a_wider_stride_is_kept),
	{}
};

static struct kunit_suite query_suite = {
	.name = "nova-vm-query",
	.test_cases = query_cases,
};

kunit_test_suite(query_suite);
