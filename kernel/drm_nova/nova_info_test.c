// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Golden: what GETPARAM and INFO say of a software GPU whose size and chip the test
 * has chosen; sizes of payloads are the numbers of uapi.md §5.4. Invariant: no byte
 * behind what was asked for is written, and figures of memory add up.
 */
#include "nova_drv.h"

#include "nova_kunit_drm.h"

#include <kunit/test.h>

#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define INFO_VRAM	SZ_64M
#define INFO_USABLE	(INFO_VRAM - SZ_1M)	/* without firmware */
#define INFO_BAR1	SZ_16M
#define INFO_ROOM	512		/* more than any payload */
#define INFO_POISON	0xa5

struct info_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	u64 user;
};

static struct info_fixture info_create(struct kunit *test, bool bound)
{
	const struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = INFO_VRAM, .bar1_size = INFO_BAR1,
	};
	struct info_fixture f = {
		.test = test,
		.nkd = bound ? nova_kunit_drm_create_bound(test, &config) :
			       nova_kunit_drm_create(test, &config),
	};

	f.user = nova_kunit_drm_user(f.nkd, INFO_ROOM);
	return f;
}

static int info_call(const struct info_fixture *f, u32 id, u64 data, u32 *size)
{
	struct drm_nova_info args = { .id = id, .size = *size, .data = data };
	int ret = nova_info_ioctl(&f->nkd->ndrm->drm, &args, f->nkd->file);

	*size = args.size;
	return ret;
}

/* Asks for @size bytes into poisoned memory, and gets all of it back. */
static u32 info_read(const struct info_fixture *f, u32 id, u32 size, u8 buf[INFO_ROOM])
{
	memset(buf, INFO_POISON, INFO_ROOM);
	KUNIT_ASSERT_EQ(f->test, copy_to_user(u64_to_user_ptr(f->user), buf, INFO_ROOM), 0);
	KUNIT_EXPECT_EQ(f->test, info_call(f, id, f->user, &size), 0);
	KUNIT_ASSERT_EQ(f->test, copy_from_user(buf, u64_to_user_ptr(f->user), INFO_ROOM), 0);
	return size;
}

static void info_get(const struct info_fixture *f, u32 id, u32 size, void *info)
{
	u8 buf[INFO_ROOM];

	KUNIT_ASSERT_EQ(f->test, info_read(f, id, size, buf), size);
	memcpy(info, buf, size);
}

static const struct info_size {
	const char *name;
	u32 id;
	u32 size;
} info_sizes[] = {
	{ "gpu", DRM_NOVA_INFO_GPU, 160 },
	{ "memory", DRM_NOVA_INFO_MEMORY, 200 },
	{ "va", DRM_NOVA_INFO_VA, 56 },
	{ "bar1", DRM_NOVA_INFO_BAR1, 48 },
	{ "limits", DRM_NOVA_INFO_LIMITS, 32 },
	{ "kinds", DRM_NOVA_INFO_KINDS, 264 },
	{ "time", DRM_NOVA_INFO_TIME, 32 },
};

KUNIT_ARRAY_PARAM_DESC(info_size, info_sizes, name);

/* Bytes that are written of @id when there is room for @room. */
static void info_expect_written(const struct info_fixture *f, u32 id, u32 room, u32 written)
{
	u8 buf[INFO_ROOM];

	KUNIT_EXPECT_EQ(f->test, info_read(f, id, room, buf), written);
	KUNIT_EXPECT_NULL(f->test, memchr_inv(buf + written, INFO_POISON, INFO_ROOM - written));
}

static void no_more_is_written_than_there_is_room(struct kunit *test)
{
	const struct info_size *row = test->param_value;
	struct info_fixture f = info_create(test, false);
	u32 size = 0;

	KUNIT_EXPECT_EQ(test, info_call(&f, row->id, 0, &size), 0);
	KUNIT_EXPECT_EQ(test, size, row->size);
	info_expect_written(&f, row->id, INFO_ROOM, row->size);
	info_expect_written(&f, row->id, row->size, row->size);
	info_expect_written(&f, row->id, row->size - 5, row->size - 5);
	info_expect_written(&f, row->id, 0, 0);
	size = row->size;
	KUNIT_EXPECT_EQ(test, info_call(&f, row->id, 8, &size), -EFAULT);
}

static void unknown_ids_are_refused(struct kunit *test)
{
	static const u64 ids[] = { 1, 0xff, 0x106, 0x107, U32_MAX };
	struct info_fixture f = info_create(test, false);

	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		struct drm_nova_getparam param = { .param = ids[i] + 0x1000 };
		u32 size = 8;

		if (ids[i] == 1)
			param.param = 0;
		KUNIT_EXPECT_EQ(test, info_call(&f, ids[i], f.user, &size), -EINVAL);
		KUNIT_EXPECT_EQ(test, nova_getparam_ioctl(&f.nkd->ndrm->drm, &param, f.nkd->file),
				-EINVAL);
	}
}

static u64 info_param(const struct info_fixture *f, u64 param)
{
	/* What was there before is not looked at. */
	struct drm_nova_getparam args = { .param = param, .value = ~0ull };

	KUNIT_EXPECT_EQ(f->test, nova_getparam_ioctl(&f->nkd->ndrm->drm, &args, f->nkd->file), 0);
	return args.value;
}

static void params_describe_the_gpu(struct kunit *test)
{
	struct info_fixture f = info_create(test, true);
	u64 used = info_param(&f, DRM_NOVA_PARAM_VRAM_USED), now;
	u32 handle;

	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_VRAM_BAR_SIZE), INFO_BAR1);
	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_FEATURES), 0x7f);
	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_VRAM_SIZE), INFO_USABLE);
	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_EXEC_PUSH_MAX), 1024);
	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_CHIPSET_ID), 0x180);
	KUNIT_EXPECT_GT(test, info_param(&f, DRM_NOVA_PARAM_BAR1_WINDOW), 0);
	KUNIT_EXPECT_LE(test, info_param(&f, DRM_NOVA_PARAM_BAR1_WINDOW), INFO_BAR1);
	now = info_param(&f, DRM_NOVA_PARAM_TIMESTAMP_NS);
	KUNIT_EXPECT_GE(test, info_param(&f, DRM_NOVA_PARAM_TIMESTAMP_NS), now);
	KUNIT_EXPECT_GT(test, used, 0);
	nova_kunit_drm_gem(f.nkd, SZ_1M, DRM_NOVA_PLACEMENT_VRAM, 0, &handle);
	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_VRAM_USED), used + SZ_1M);
}

static void without_channels_there_are_no_pushes(struct kunit *test)
{
	struct info_fixture f = info_create(test, false);
	struct drm_nova_info_limits limits;

	info_get(&f, DRM_NOVA_INFO_LIMITS, sizeof(limits), &limits);
	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_FEATURES), 0x77);
	KUNIT_EXPECT_EQ(test, info_param(&f, DRM_NOVA_PARAM_EXEC_PUSH_MAX), 0);
	KUNIT_EXPECT_EQ(test, limits.max_pushes, 0);
	KUNIT_EXPECT_EQ(test, limits.max_push_bytes, 0);
	KUNIT_EXPECT_GE(test, limits.max_bind_ops, 4096);
	KUNIT_EXPECT_GE(test, limits.max_syncs, 1024);
	KUNIT_EXPECT_EQ(test, limits.max_label, 255);
}

static void limits_hold_what_is_promised(struct kunit *test)
{
	struct info_fixture f = info_create(test, true);
	struct drm_nova_info_limits limits;

	info_get(&f, DRM_NOVA_INFO_LIMITS, sizeof(limits), &limits);
	KUNIT_EXPECT_EQ(test, limits.max_pushes, info_param(&f, DRM_NOVA_PARAM_EXEC_PUSH_MAX));
	KUNIT_EXPECT_GT(test, limits.max_push_bytes, 0);
	KUNIT_EXPECT_GE(test, limits.max_bo_size, INFO_USABLE);
}

static void info_expect_region(const struct info_fixture *f,
			       const struct drm_nova_memory_region *region, u32 instance)
{
	KUNIT_EXPECT_EQ(f->test, region->mem_class, instance);
	KUNIT_EXPECT_EQ(f->test, region->instance, instance);
	KUNIT_EXPECT_LE(f->test, region->used, region->total);
	KUNIT_EXPECT_LE(f->test, region->largest_free, region->total - region->used);
	KUNIT_EXPECT_EQ(f->test, region->cpu_mappable, region->total);
	KUNIT_EXPECT_EQ(f->test, region->reserved, 0);
}

static void regions_add_up_and_follow_what_is_made(struct kunit *test)
{
	struct info_fixture f = info_create(test, false);
	struct drm_nova_info_memory before, after;
	u32 handle;

	info_get(&f, DRM_NOVA_INFO_MEMORY, sizeof(before), &before);
	nova_kunit_drm_gem(f.nkd, SZ_2M, DRM_NOVA_PLACEMENT_VRAM, 0, &handle);
	nova_kunit_drm_gem(f.nkd, SZ_1M, DRM_NOVA_PLACEMENT_SYSTEM, 0, &handle);
	info_get(&f, DRM_NOVA_INFO_MEMORY, sizeof(after), &after);
	KUNIT_EXPECT_EQ(test, after.num_regions, 2);
	KUNIT_EXPECT_EQ(test, after.region_stride, 48);
	for (u32 i = 0; i < 2; i++)
		info_expect_region(&f, &after.regions[i], i);
	KUNIT_EXPECT_EQ(test, after.regions[1].total, INFO_USABLE);
	KUNIT_EXPECT_EQ(test, after.regions[1].used, before.regions[1].used + SZ_2M);
	KUNIT_EXPECT_EQ(test, after.regions[0].used, before.regions[0].used + SZ_1M);
	KUNIT_EXPECT_NULL(test, memchr_inv(&after.regions[2], 0, 2 * sizeof(after.regions[2])));
}

static void structs_describe_the_gpu(struct kunit *test)
{
	struct info_fixture f = info_create(test, false);
	struct drm_nova_info_gpu gpu;
	struct drm_nova_info_va va;
	struct drm_nova_info_bar1 bar1;
	struct drm_nova_info_time time;

	info_get(&f, DRM_NOVA_INFO_GPU, sizeof(gpu), &gpu);
	KUNIT_EXPECT_EQ(test, gpu.chipid, 0x180);
	KUNIT_EXPECT_EQ(test, gpu.architecture, 0x18);
	KUNIT_EXPECT_EQ(test, gpu.vram_size, INFO_USABLE);
	KUNIT_EXPECT_EQ(test, gpu.name[sizeof(gpu.name) - 1], 0);
	info_get(&f, DRM_NOVA_INFO_VA, sizeof(va), &va);
	KUNIT_EXPECT_EQ(test, va.gmmu_version, 3);
	KUNIT_EXPECT_EQ(test, va.va_bits, 57);
	KUNIT_EXPECT_TRUE(test, va.vram_page_sizes & SZ_4K && va.vram_page_sizes & SZ_2M);
	KUNIT_EXPECT_LE(test, va.va_start + va.va_size, 1ull << 57);
	info_get(&f, DRM_NOVA_INFO_BAR1, sizeof(bar1), &bar1);
	KUNIT_EXPECT_EQ(test, bar1.pci_size, INFO_BAR1);
	KUNIT_EXPECT_LE(test, bar1.reserved_now, bar1.reserved_peak);
	KUNIT_EXPECT_LE(test, bar1.reserved_peak, bar1.window_size);
	info_get(&f, DRM_NOVA_INFO_TIME, sizeof(time), &time);
	KUNIT_EXPECT_EQ(test, time.frequency_hz, NSEC_PER_SEC);
	KUNIT_EXPECT_LT(test, time.delta_ns, NSEC_PER_SEC);
}

static void kinds_are_counted(struct kunit *test)
{
	struct info_fixture f = info_create(test, false);
	struct drm_nova_info_kinds kinds;
	u32 valid = 0;

	info_get(&f, DRM_NOVA_INFO_KINDS, sizeof(kinds), &kinds);
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds.attr); i++)
		valid += kinds.attr[i] & DRM_NOVA_KIND_VALID;
	KUNIT_EXPECT_EQ(test, kinds.num_kinds, valid);
	KUNIT_EXPECT_EQ(test, kinds.attr[0], DRM_NOVA_KIND_VALID);
}

static struct kunit_case info_cases[] = {
	KUNIT_CASE_PARAM(no_more_is_written_than_there_is_room, info_size_gen_params),
	KUNIT_CASE(unknown_ids_are_refused),
	KUNIT_CASE(params_describe_the_gpu),
	KUNIT_CASE(without_channels_there_are_no_pushes),
	KUNIT_CASE(limits_hold_what_is_promised),
	KUNIT_CASE(regions_add_up_and_follow_what_is_made),
	KUNIT_CASE(structs_describe_the_gpu),
	KUNIT_CASE(kinds_are_counted),
	{}
};

static struct kunit_suite info_suite = {
	.name = "nova-info",
	.test_cases = info_cases,
};

kunit_test_suite(info_suite);
