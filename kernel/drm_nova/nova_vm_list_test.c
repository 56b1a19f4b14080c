// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: the tables in debugfs have every VM that lives. One that has lost its last
 * reference is on the list for a moment more, while the core takes it apart; that moment
 * is made here by taking its references away and giving them back.
 */
#include "nova_vm.h"

#include "nova_kunit_drm.h"

#include <drm/drm_print.h>
#include <kunit/test.h>

#include <linux/refcount.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/string.h>

struct vm_list_fixture {
	struct kunit *test;
	struct nova_kunit_drm *nkd;
	struct seq_file m;
};

static struct vm_list_fixture *vm_list_create(struct kunit *test)
{
	const struct nova_swgpu_config config = {
		.chip = "gh100", .vram_size = SZ_64M,
	};
	struct vm_list_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->nkd = nova_kunit_drm_create(test, &config);
	f->m.size = SZ_64K;
	f->m.buf = kunit_kzalloc(test, f->m.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->m.buf);
	return f;
}

static bool vm_list_has(struct vm_list_fixture *f, u32 vm_id)
{
	char line[32];

	KUNIT_ASSERT_FALSE(f->test, seq_has_overflowed(&f->m));
	f->m.buf[f->m.count] = '\0';
	f->m.count = 0;
	snprintf(line, sizeof(line), "vm %u pid ", vm_id);
	return strstr(f->m.buf, line);
}

static bool vm_list_has_mappings(struct vm_list_fixture *f, u32 vm_id)
{
	nova_vm_list_print_mappings(f->nkd->ndrm, &f->m);
	return vm_list_has(f, vm_id);
}

static bool vm_list_has_tables(struct vm_list_fixture *f, u32 vm_id)
{
	struct drm_printer p = drm_seq_file_printer(&f->m);

	nova_vm_list_print_tables(f->nkd->ndrm, &p);
	return vm_list_has(f, vm_id);
}

static void the_dead_are_passed_over(struct kunit *test)
{
	struct vm_list_fixture *f = vm_list_create(test);
	u32 before = nova_kunit_drm_vm(f->nkd, 0), dying = nova_kunit_drm_vm(f->nkd, 0);
	u32 after = nova_kunit_drm_vm(f->nkd, 0);
	refcount_t *refs = &nova_kunit_drm_find_vm(f->nkd, dying)->base.kref.refcount;
	int was = refcount_read(refs);

	refcount_set(refs, 0);
	KUNIT_EXPECT_FALSE(test, vm_list_has_mappings(f, dying));
	KUNIT_EXPECT_FALSE(test, vm_list_has_tables(f, dying));
	KUNIT_EXPECT_TRUE(test, vm_list_has_mappings(f, before));
	KUNIT_EXPECT_TRUE(test, vm_list_has_mappings(f, after));
	refcount_set(refs, was);
	KUNIT_EXPECT_TRUE(test, vm_list_has_mappings(f, dying));
	KUNIT_EXPECT_TRUE(test, vm_list_has_tables(f, dying));
}

static void looking_leaves_references_as_they_were(struct kunit *test)
{
	struct vm_list_fixture *f = vm_list_create(test);
	u32 vm_id = nova_kunit_drm_vm(f->nkd, 0);
	struct nova_vm *vm = nova_kunit_drm_find_vm(f->nkd, vm_id);
	unsigned int was = kref_read(&vm->base.kref);

	KUNIT_EXPECT_TRUE(test, vm_list_has_mappings(f, vm_id));
	KUNIT_EXPECT_TRUE(test, vm_list_has_tables(f, vm_id));
	KUNIT_EXPECT_EQ(test, kref_read(&vm->base.kref), was);
}

static struct kunit_case vm_list_cases[] = {
	KUNIT_CASE(the_dead_are_passed_over),
	KUNIT_CASE(looking_leaves_references_as_they_were),
	{}
};

static struct kunit_suite vm_list_suite = {
	.name = "nova-vm-list",
	.test_cases = vm_list_cases,
};

kunit_test_suite(vm_list_suite);
