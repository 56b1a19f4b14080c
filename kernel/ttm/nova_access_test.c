// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Model: what ptrace() does with a mapping of an object, against what the client
 * sees through the mapping itself.
 */
#include "nova_kunit_drm.h"

#include <kunit/test.h>

#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#define ACCESS_SIZE	SZ_64K

struct access_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	struct nova_gem *gem;
	unsigned long at;
};

static struct access_fixture access_create(struct kunit *test)
{
	const struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = SZ_64M, .bar1_size = SZ_16M,
	};

	return (struct access_fixture) {
		.test = test, .nkd = nova_kunit_drm_create_bound(test, &config),
	};
}

static void access_object(struct access_fixture *f, u32 placement)
{
	u32 handle;

	f->gem = nova_kunit_drm_gem(f->nkd, ACCESS_SIZE, placement, 0, &handle);
	f->at = nova_kunit_drm_mmap(f->nkd, f->gem);
}

static int access_call(struct access_fixture *f, u64 off, void *buf, int len, int write)
{
	struct vm_area_struct *vma;
	int ret;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, f->at);
	ret = vma->vm_ops->access(vma, f->at + off, buf, len, write);
	mmap_read_unlock(current->mm);
	return ret;
}

struct access_place {
	const char *name;
	u32 placement;
};

static const struct access_place access_places[] = {
	{ "vram", DRM_NOVA_PLACEMENT_VRAM },
	{ "system", DRM_NOVA_PLACEMENT_SYSTEM },
};

KUNIT_ARRAY_PARAM_DESC(access_place, access_places, name);

static const struct access_part {
	u32 off;
	u32 len;
} access_parts[] = {
	{ 0, 8 }, { 3, 1 }, { 0xffd, 7 }, { 0x1ffe, 4100 }, { ACCESS_SIZE - 3, 3 },
};

/* The mapping, beside the debugger's way */
static void access_copy_from_map(struct access_fixture *f, u8 *to)
{
	KUNIT_ASSERT_EQ(f->test, copy_from_user(to, (void __user *)f->at, ACCESS_SIZE), 0);
}

static void any_bytes_are_read_and_written(struct kunit *test)
{
	const struct access_place *place = test->param_value;
	struct access_fixture f = access_create(test);
	u8 *want = kunit_kmalloc(test, ACCESS_SIZE, GFP_KERNEL);
	u8 *got = kunit_kmalloc(test, ACCESS_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	access_object(&f, place->placement);
	for (u32 i = 0; i < ACCESS_SIZE; i++)
		want[i] = i * 7 + i / 251;
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)f.at, want, ACCESS_SIZE), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(access_parts); i++) {
		const struct access_part *part = &access_parts[i];

		KUNIT_EXPECT_EQ(test, access_call(&f, part->off, got, part->len, 0), part->len);
		KUNIT_EXPECT_MEMEQ(test, got, want + part->off, part->len);
		memset(want + part->off, 0x60 + i, part->len);
		KUNIT_EXPECT_EQ(test, access_call(&f, part->off, want + part->off, part->len, 1),
				part->len);
	}
	access_copy_from_map(&f, got);
	KUNIT_EXPECT_MEMEQ(test, got, want, ACCESS_SIZE);
}

/* Until the engine, which is at work elsewhere, has cleared it, VRAM has others' bytes. */
static void memory_is_clear_before_it_is_read(struct kunit *test)
{
	struct access_fixture f = access_create(test);
	u32 word = 1, handle;

	KUNIT_ASSERT_EQ(test, nova_swgpu_inject(f.nkd->gpu, NOVA_SWGPU_INJECT_CE_SLOW, 200000), 0);
	nova_kunit_drm_gem(f.nkd, ACCESS_SIZE, DRM_NOVA_PLACEMENT_VRAM, 0, &handle);
	access_object(&f, DRM_NOVA_PLACEMENT_VRAM);
	KUNIT_EXPECT_EQ(test, access_call(&f, ACCESS_SIZE - 4, &word, 4, 0), 4);
	KUNIT_EXPECT_EQ(test, word, 0);
}

static void what_is_not_there_is_refused(struct kunit *test)
{
	struct access_fixture f = access_create(test);
	u32 word = 0;

	access_object(&f, DRM_NOVA_PLACEMENT_VRAM);
	KUNIT_EXPECT_EQ(test, access_call(&f, 0, &word, 0, 0), -EIO);
	KUNIT_EXPECT_EQ(test, access_call(&f, ACCESS_SIZE, &word, 4, 0), -EIO);
	KUNIT_EXPECT_EQ(test, access_call(&f, ACCESS_SIZE - 2, &word, 4, 0), -EIO);
	f.nkd->ndrm->drm.unplugged = true;
	KUNIT_EXPECT_EQ(test, access_call(&f, 0, &word, 4, 0), -EIO);
}

static struct kunit_case access_cases[] = {
	KUNIT_CASE_PARAM(any_bytes_are_read_and_written, access_place_gen_params),
	KUNIT_CASE(memory_is_clear_before_it_is_read),
	KUNIT_CASE(what_is_not_there_is_refused),
	{}
};

static struct kunit_suite access_suite = {
	.name = "nova-access",
	.test_cases = access_cases,
};

kunit_test_suite(access_suite);
