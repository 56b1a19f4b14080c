// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Invariant: whichever allocation of a preparation fails, tables, lists or the
 * allocator's own, the page tables are afterwards what they were, word for word.
 * The failures come from the kernel's fault injection: the n-th allocation of this
 * task, for every n. Lockdep: what must not be done while a fence waits is done, and
 * lockdep must say so; that ends its work for this boot, so it is done on request only.
 */
#include "nova_kunit.h"
#include "nova_vmm.h"

#include <drm/drm_print.h>

#include <kunit/test.h>

#include <linux/debug_locks.h>
#include <linux/dma-fence.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#define VA		0x40000000ULL
#define DUMP_SIZE	SZ_64K

static bool nova_lockdep_control;
module_param_named(lockdep_control, nova_lockdep_control, bool, 0444);
MODULE_PARM_DESC(lockdep_control, "break a locking rule in a unit test, to see lockdep object");

#ifdef CONFIG_FAULT_INJECTION
static void nova_fault_arm(unsigned int n)
{
	WRITE_ONCE(current->fail_nth, n);
}

/* Returns whether the failure has happened. */
static bool nova_fault_disarm(void)
{
	bool fired = !READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);
	return fired;
}
#else
static void nova_fault_arm(unsigned int n) { }

static bool nova_fault_disarm(void)
{
	return false;
}
#endif

/* Failslab spares allocations that may wait unless debugfs says otherwise. */
static bool nova_fault_works(void)
{
	void *p;

	nova_fault_arm(1);
	p = kmalloc(32, GFP_KERNEL);
	nova_fault_disarm();
	kfree(p);
	return !p;
}

static void nova_fault_dump(struct nova_vmm *vmm, char *text)
{
	struct drm_print_iterator iter = { .data = text, .remain = DUMP_SIZE - 1 };
	struct drm_printer p = drm_coredump_printer(&iter);

	memset(text, 0, DUMP_SIZE);
	nova_vmm_print(vmm, &p);
}

/* Everything an update can reserve, in more pieces than it has room for in itself. */
static int nova_fault_prepare(struct nova_vmm_update *upd, u64 va)
{
	static const struct nova_extent extents[] = {
		{ .off = 0, .addr = SZ_32M, .len = SZ_2M },
		{ .off = SZ_2M, .addr = SZ_64M + SZ_4K, .len = SZ_64K },
		{ .off = SZ_2M + SZ_64K, .addr = SZ_128M, .len = SZ_64K },
		{ .off = SZ_2M + SZ_128K, .addr = SZ_32M + SZ_4K, .len = SZ_4K },
	};
	static const struct nova_backing backing = {
		.size = SZ_2M + SZ_128K + SZ_4K,
		.extents = extents,
		.nr_extents = ARRAY_SIZE(extents),
	};
	const struct nova_vmm_map map = { .va = va - SZ_2M, .len = backing.size,
					  .backing = &backing };
	int ret = nova_vmm_prepare_map(upd, &map);

	if (!ret)
		ret = nova_vmm_prepare(upd, va + SZ_1G, SZ_4M);
	return ret ?: nova_vmm_prepare_cut(upd, va + SZ_4K, SZ_1G);
}

/* One attempt in which allocation @n fails; returns whether there was one. */
static bool nova_fault_try(struct kunit *test, struct nova_vmm *vmm, unsigned int n, u64 va)
{
	struct nova_vmm_update upd;
	bool fired;
	int ret;

	nova_vmm_update_init(&upd, vmm);
	nova_fault_arm(n);
	ret = nova_fault_prepare(&upd, va);
	fired = nova_fault_disarm();
	/* No memory, no VRAM, or success if something else would do. */
	if (ret && ret != -ENOSPC)
		KUNIT_EXPECT_EQ_MSG(test, ret, -ENOMEM, "allocation %u", n);
	nova_vmm_abort(&upd);
	return fired;
}

static void every_failing_allocation_changes_nothing(struct kunit *test)
{
	const struct nova_kunit_chip *chip = test->param_value;
	const struct nova_kunit_config config = { .chip = chip->name, .bar1_size = SZ_64M };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	char *before = kunit_kzalloc(test, DUMP_SIZE, GFP_KERNEL);
	char *after = kunit_kzalloc(test, DUMP_SIZE, GFP_KERNEL);
	struct nova_extent extent = { .addr = SZ_1M, .len = SZ_8K };
	struct nova_backing backing = { .size = SZ_8K, .extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = VA, .len = SZ_8K, .backing = &backing };
	u64 used;
	unsigned int n;

	KUNIT_ASSERT_TRUE(test, before && after);
	if (!nova_fault_works())
		kunit_skip(test, "fault injection is absent or spares GFP_KERNEL");
	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	nova_fault_dump(vmm, before);
	used = nk->mm.pool.used;
	for (n = 1; nova_fault_try(test, vmm, n, 1ULL << (chip->va_bits - 1)); n++) {
		nova_fault_dump(vmm, after);
		KUNIT_ASSERT_EQ_MSG(test, strcmp(before, after), 0, "allocation %u", n);
		KUNIT_ASSERT_EQ_MSG(test, nk->mm.pool.used, used, "allocation %u", n);
		nova_kunit_check_tree(test, &vmm->tree);
	}
	/* A shadow for each of some fifteen tables, the lists of spares and of reservations. */
	KUNIT_EXPECT_GT(test, n, 15);
}

/* nova-mm F-3: reclaim may wait for a fence, so nobody may wait for reclaim under this lock. */
static void lockdep_objects_to_an_allocation_under_the_map_lock(struct kunit *test)
{
	const struct nova_kunit_config config = {};
	struct nova_vmm *vmm;

	if (!nova_lockdep_control || !IS_ENABLED(CONFIG_PROVE_LOCKING))
		kunit_skip(test, "asked for by drm_nova.lockdep_control=1 alone");
	vmm = nova_kunit_vmm(nova_kunit_create(test, &config), NULL);
	KUNIT_ASSERT_TRUE(test, debug_locks);
	mutex_lock(&vmm->map_lock);
	might_alloc(GFP_KERNEL);
	mutex_unlock(&vmm->map_lock);
	KUNIT_EXPECT_FALSE(test, debug_locks);
}

/* The other half: what a job does between begin and end of signalling is fit for it. */
static void lockdep_lets_a_change_signal_fences(struct kunit *test)
{
	const struct nova_kunit_config config = { .bar1_size = SZ_64M };
	struct nova_kunit *nk = nova_kunit_create(test, &config);
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent = { .addr = SZ_2M, .len = SZ_4M };
	struct nova_backing backing = { .size = SZ_4M, .extents = &extent, .nr_extents = 1 };
	struct nova_vmm_map map = { .va = VA + SZ_2M, .len = SZ_4M, .backing = &backing };
	struct nova_vmm_update upd;
	bool cookie;

	nova_vmm_update_init(&upd, vmm);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_map(&upd, &map), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_cut(&upd, VA, SZ_2M + SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, nova_vmm_prepare_cut(&upd, VA + SZ_4M - SZ_4K, SZ_2M), 0);
	fs_reclaim_acquire(GFP_KERNEL);
	cookie = dma_fence_begin_signalling();
	nova_vmm_map(&upd, &map);
	nova_vmm_sparse(&upd, VA, SZ_2M + SZ_4K);
	nova_vmm_unmap(&upd, VA + SZ_4M - SZ_4K, SZ_2M);
	KUNIT_EXPECT_EQ(test, nova_vmm_flush(&upd), 0);
	dma_fence_end_signalling(cookie);
	fs_reclaim_release(GFP_KERNEL);
	nova_vmm_finish(&upd);
	if (IS_ENABLED(CONFIG_PROVE_LOCKING) && !nova_lockdep_control)
		KUNIT_EXPECT_TRUE(test, debug_locks);
}

/* T-3: caches may still know what was there, so giving the range back is a bug. */
static void a_change_without_a_flush_is_reported(struct kunit *test)
{
	struct nova_kunit *nk = nova_kunit_create(test, &(struct nova_kunit_config){});
	struct nova_vmm *vmm = nova_kunit_vmm(nk, NULL);
	struct nova_extent extent = { .addr = SZ_64M, .len = SZ_64K };
	const struct nova_backing backing = { .size = SZ_64K, .extents = &extent, .nr_extents = 1 };
	const struct nova_vmm_map map = { .va = VA, .len = SZ_64K, .backing = &backing };
	struct nova_vmm_update upd;

	KUNIT_ASSERT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	kunit_warning_suppress(test) {
		nova_vmm_update_init(&upd, vmm);
		nova_vmm_unmap(&upd, VA, SZ_64K);
		nova_vmm_finish(&upd);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	/* The next one that is flushed takes care of the tables that died. */
	KUNIT_EXPECT_EQ(test, nova_vmm_map_now(vmm, &map), 0);
	nova_kunit_check_tree(test, &vmm->tree);
}

static struct kunit_case nova_vmm_fault_cases[] = {
	KUNIT_CASE_PARAM(every_failing_allocation_changes_nothing, nova_kunit_gen_chip),
	KUNIT_CASE(a_change_without_a_flush_is_reported),
	KUNIT_CASE(lockdep_lets_a_change_signal_fences),
	KUNIT_CASE(lockdep_objects_to_an_allocation_under_the_map_lock),
	{}
};

static struct kunit_suite nova_vmm_fault_suite = {
	.name = "nova-vmm-fault",
	.test_cases = nova_vmm_fault_cases,
};

kunit_test_suite(nova_vmm_fault_suite);
