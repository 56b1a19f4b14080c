// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu tests
 *
 * The unit tests of the model core as KUnit suites, one parameter a test, and tests
 * of what only the kernel has: struct nova_io, page frames, system memory by DMA
 * address, and configuration by text. Golden and rule tests; see the files they are
 * in. A test's GPU is its own, in @priv; it is not a device, so no driver sees it.
 */

#include "nova_swgpu_dev.h"
#include "model/swgpu_rig.h"

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>

void swgpu_check(const struct swgpu_check *c)
{
	if (c->is != c->expected)
		KUNIT_FAIL(kunit_get_current_test(), "%s:%d: %s is %#llx, not %#llx", c->file,
			   c->line, c->text, c->is, c->expected);
}

void swgpu_check_give_up(void)
{
	KUNIT_FAIL_AND_ABORT(kunit_get_current_test(), "no GPU");
}

u8 *swgpu_test_sysmem_get(size_t size, u64 *dma)
{
	u8 *mem = alloc_pages_exact(size, GFP_KERNEL);

	*dma = mem ? virt_to_phys(mem) : 0;
	return mem;
}

void swgpu_test_sysmem_put(u8 *mem, size_t size)
{
	free_pages_exact(mem, size);
}

static void nova_swgpu_run(struct kunit *test)
{
	const struct swgpu_test *param = test->param_value;

	param->run();
}

static const void *nova_swgpu_next(const struct swgpu_test *table, const void *prev, char *desc)
{
	const struct swgpu_test *test = prev ? (const struct swgpu_test *)prev + 1 : table;

	if (!test->name)
		return NULL;
	strscpy(desc, test->name, KUNIT_PARAM_DESC_SIZE);
	return test;
}

#define NOVA_SWGPU_SUITE(unit) \
	static const void *nova_swgpu_gen_##unit(struct kunit *test, const void *prev, char *desc) \
	{ \
		return nova_swgpu_next(swgpu_##unit##_tests, prev, desc); \
	} \
	static struct kunit_case nova_swgpu_##unit##_cases[] = { \
		KUNIT_CASE_PARAM(nova_swgpu_run, nova_swgpu_gen_##unit), \
		{} \
	}; \
	static struct kunit_suite nova_swgpu_##unit##_suite = { \
		.name = "nova-swgpu-" #unit, \
		.test_cases = nova_swgpu_##unit##_cases, \
	}

NOVA_SWGPU_SUITE(fmt);
NOVA_SWGPU_SUITE(walk);
NOVA_SWGPU_SUITE(tlb);
NOVA_SWGPU_SUITE(bar);
NOVA_SWGPU_SUITE(bar1);
NOVA_SWGPU_SUITE(gsp);
NOVA_SWGPU_SUITE(chan);
NOVA_SWGPU_SUITE(push);
NOVA_SWGPU_SUITE(ce);
NOVA_SWGPU_SUITE(remap);
NOVA_SWGPU_SUITE(sched);

static int nova_swgpu_io_test_init(struct kunit *test)
{
	struct nova_swgpu *gpu = swgpu_test_gpu("tu102");

	test->priv = gpu;
	swgpu_test_tables(gpu);
	return 0;
}

static void nova_swgpu_io_test_exit(struct kunit *test)
{
	nova_swgpu_destroy(test->priv);
}

/* BAR1 bound to the fixture's root by an instance block at 0x10000. */
static void nova_swgpu_io_test_bind(struct kunit *test)
{
	struct nova_io *io = nova_swgpu_io(test->priv);
	int i;

	swgpu_test_put(test->priv, 0x10200, 0x200c00);
	io->ops->bar0_wr32(io, 0xb80f40, 0x80000010);
	for (i = 0; i < 10 && io->ops->bar0_rd32(io, 0xb80f50); i++)
		;
	KUNIT_ASSERT_LT(test, i, 10);
}

static void io_reaches_registers_pramin_and_bar1(struct kunit *test)
{
	struct nova_io *io = nova_swgpu_io(test->priv);

	KUNIT_EXPECT_EQ(test, io->bar1_size, 256ull << 20);
	KUNIT_EXPECT_EQ(test, io->ops->bar0_rd32(io, 0), 0x162000a1);
	nova_swgpu_io_test_bind(test);
	io->ops->bar1_wr64(io, 0x20, 0x1122334455667788);
	io->ops->bar1_wr32(io, 0x24, 0xaabbccdd);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_rd64(io, 0x20), 0xaabbccdd55667788);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_rd32(io, 0x20), 0x55667788);
	io->ops->bar0_wr32(io, 0x1700, 0x12345);
	KUNIT_EXPECT_EQ(test, io->ops->bar0_rd64(io, 0x706020), 0xaabbccdd55667788);
	io->ops->bar0_wr64(io, 0x706020, 7);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_rd64(io, 0x20), 7);
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(test->priv), 0);
}

static void pfn_is_the_page_behind_bar1(struct kunit *test)
{
	struct nova_io *io = nova_swgpu_io(test->priv);
	unsigned long pfn;
	u64 *page;

	nova_swgpu_io_test_bind(test);
	KUNIT_ASSERT_EQ(test, io->ops->bar1_pfn(io, 0, true, &pfn), 0);
	page = page_address(pfn_to_page(pfn));
	page[4] = 0x1234567890;
	KUNIT_EXPECT_EQ(test, io->ops->bar1_rd64(io, 0x20), 0x1234567890);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_pfn(io, 0x1000, false, &pfn), -EFAULT);
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(test->priv), 1);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_pfn(io, 0x800, false, &pfn), -EFAULT);
	nova_swgpu_inject(test->priv, NOVA_SWGPU_INJECT_GONE, 1);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_pfn(io, 0, true, &pfn), -ENODEV);
}

/* A table and a page in system memory, by their bus addresses. */
static void sysmem_is_reached_by_dma_address(struct kunit *test)
{
	struct nova_io *io = nova_swgpu_io(test->priv);
	unsigned long pfn;
	u64 dma, val;
	u64 *page;

	page = kunit_kzalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_TRUE(test, PAGE_ALIGNED(page));
	dma = virt_to_phys(page);
	swgpu_test_put(test->priv, 0x203018, dma >> 4 | 0xc);			/* coherent, VOL */
	page[0] = (dma + PAGE_SIZE) >> 4 | 0xd;
	page[PAGE_SIZE / 8 + 2] = 0xfeed;
	nova_swgpu_io_test_bind(test);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_rd64(io, 0x200010), 0xfeed);
	io->ops->bar1_wr64(io, 0x200018, 0xbeef);
	KUNIT_EXPECT_EQ(test, page[PAGE_SIZE / 8 + 3], 0xbeef);
	KUNIT_EXPECT_EQ(test, io->ops->bar1_pfn(io, 0x200000, true, &pfn), 0);
	KUNIT_EXPECT_EQ(test, pfn, page_to_pfn(virt_to_page(page)) + 1);
	KUNIT_EXPECT_EQ(test, nova_swgpu_mem_read(test->priv, 0x200000, false, 0x200010, &val, 8),
			0);
	KUNIT_EXPECT_EQ(test, val, 0xfeed);
	KUNIT_EXPECT_EQ(test, nova_swgpu_fault_count(test->priv), 0);
}

static void inject_reads_text(struct kunit *test)
{
	struct nova_swgpu *gpu = test->priv;
	struct nova_io *io = nova_swgpu_io(gpu);

	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_parse(gpu, "tlb_polls 0x20\n"), 0);
	KUNIT_EXPECT_EQ(test, gpu->inject.tlb_polls, 0x20);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_parse(gpu, "gone:1"), 0);
	KUNIT_EXPECT_EQ(test, io->ops->bar0_rd32(io, 0), 0xffffffff);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_parse(gpu, "gone 0"), 0);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_parse(gpu, "gone"), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_parse(gpu, "gone yes"), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_parse(gpu, "there 1"), -EINVAL);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_parse(gpu, ""), -EINVAL);
}

static void inject_reads_lists(struct kunit *test)
{
	struct nova_swgpu *gpu = test->priv;

	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_list(gpu, ""), 0);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_list(gpu, "evict:7,bind_polls:9"), 0);
	KUNIT_EXPECT_EQ(test, gpu->inject.evict_one_in, 7);
	KUNIT_EXPECT_EQ(test, gpu->inject.bind_polls, 9);
	KUNIT_EXPECT_EQ(test, nova_swgpu_inject_list(gpu, "evict:8,,"), -EINVAL);
	KUNIT_EXPECT_EQ(test, gpu->inject.evict_one_in, 8);
}

static void regions_read_and_print_text(struct kunit *test)
{
	static const char text[] = "0x0-0x3fff:ci\n0x8000-0x4000:\n0x4000-0x7fff:pr\n";
	static const char * const bad[] = {
		"0-1", "0-1:x", "0:c", "-1:c", "a-b:c", "0-1:c 2", "none 0-1:c",
	};
	struct nova_swgpu_config *cfg = kunit_kzalloc(test, sizeof(*cfg), GFP_KERNEL);
	char *buf = kunit_kzalloc(test, 1024, GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, cfg);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, nova_swgpu_regions_parse(cfg, text), 0);
	KUNIT_EXPECT_EQ(test, cfg->nr_regions, 3);
	KUNIT_EXPECT_EQ(test, cfg->regions[0].limit, 0x3fff);
	KUNIT_EXPECT_TRUE(test, cfg->regions[0].compressed && cfg->regions[0].iso);
	KUNIT_EXPECT_EQ(test, cfg->regions[1].limit, 0x4000);
	KUNIT_EXPECT_EQ(test, cfg->regions[2].reserved, 0x4000);
	KUNIT_EXPECT_TRUE(test, cfg->regions[2].is_protected);
	nova_swgpu_regions_print(cfg, buf, 1024);
	KUNIT_EXPECT_STREQ(test, buf, text);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, nova_swgpu_regions_parse(cfg, bad[i]), -EINVAL);
	KUNIT_EXPECT_EQ(test, cfg->nr_regions, 3);
	KUNIT_EXPECT_EQ(test, nova_swgpu_regions_parse(cfg, "none\n"), 0);
	KUNIT_EXPECT_TRUE(test, cfg->explicit_regions && !cfg->nr_regions);
	KUNIT_EXPECT_EQ(test, nova_swgpu_regions_parse(cfg, ""), 0);
	KUNIT_EXPECT_FALSE(test, cfg->explicit_regions);
	memset(buf, 0, 1024);
	for (i = 0; i < 17; i++)
		strcat(buf, "0-1:c,");
	KUNIT_EXPECT_EQ(test, nova_swgpu_regions_parse(cfg, buf), -EINVAL);
	buf[6 * 16] = '\0';
	KUNIT_EXPECT_EQ(test, nova_swgpu_regions_parse(cfg, buf), 0);
	KUNIT_EXPECT_EQ(test, cfg->nr_regions, 16);
}

/* For two seconds at most. */
static bool nova_swgpu_test_wait(struct swgpu_rig *rig, u64 addr, u64 val)
{
	int i;

	for (i = 0; i < 2000 && swgpu_rig_peek(rig, addr) != val; i++)
		usleep_range(1000, 2000);
	return i < 2000;
}

/* Nobody steps: the work item does, also when an acquire is satisfied behind its back. */
static void worker_executes(struct kunit *test)
{
	struct swgpu_rig rig;

	swgpu_rig_init(&rig, "tu102");
	rig.gpu->cfg.by_hand = false;
	swgpu_rig_open(&rig, 1, false);
	swgpu_rig_release(&rig, 0, 0, 1);
	swgpu_rig_method(&rig, 0, 0, 0x6c, 0);		/* acquire: goes through */
	swgpu_rig_method(&rig, 0, 0, 0x64, 2);
	swgpu_rig_method(&rig, 0, 0, 0x6c, 0);		/* waits for a 2 */
	swgpu_rig_release(&rig, 0, 1, 3);
	swgpu_rig_kick(&rig, 0);
	KUNIT_EXPECT_TRUE(test, nova_swgpu_test_wait(&rig, RIG_SEM_VRAM, 1));
	usleep_range(20000, 30000);
	KUNIT_EXPECT_EQ(test, swgpu_rig_peek(&rig, RIG_SEM_VRAM + 16), 0);
	swgpu_rig_poke(&rig, RIG_SEM_VRAM, 2);
	KUNIT_EXPECT_TRUE(test, nova_swgpu_test_wait(&rig, RIG_SEM_VRAM + 16, 3));
	swgpu_rig_fini(&rig);
}

/* A GPU goes while its channel has no end of work: an acquire, and a copy for an hour. */
static void worker_ends_with_its_gpu(struct kunit *test)
{
	struct swgpu_rig rig;

	swgpu_rig_init(&rig, "gh100");
	rig.gpu->cfg.by_hand = false;
	swgpu_rig_open(&rig, 2, false);
	swgpu_rig_release(&rig, 0, 0, 1);
	swgpu_rig_method(&rig, 0, 0, 0x64, 2);
	swgpu_rig_method(&rig, 0, 0, 0x6c, 0);
	swgpu_rig_kick(&rig, 0);
	swgpu_rig_ce(&rig, 1, 0x41c, 0xffffffff);
	swgpu_rig_copy(&rig, 1, RIG_DATA, RIG_DATA + 0x40000, 0x40000, 0x382);
	swgpu_rig_kick(&rig, 1);
	KUNIT_EXPECT_TRUE(test, nova_swgpu_test_wait(&rig, RIG_SEM_VRAM, 1));
	KUNIT_EXPECT_EQ(test, swgpu_rig_rd(&rig, 0x80000c), 0x10000001);
	swgpu_rig_fini(&rig);
}

static struct kunit_case nova_swgpu_worker_cases[] = {
	KUNIT_CASE(worker_executes),
	KUNIT_CASE(worker_ends_with_its_gpu),
	{}
};

static struct kunit_suite nova_swgpu_worker_suite = {
	.name = "nova-swgpu-worker",
	.test_cases = nova_swgpu_worker_cases,
};

static struct kunit_case nova_swgpu_io_cases[] = {
	KUNIT_CASE(io_reaches_registers_pramin_and_bar1),
	KUNIT_CASE(pfn_is_the_page_behind_bar1),
	KUNIT_CASE(sysmem_is_reached_by_dma_address),
	KUNIT_CASE(inject_reads_text),
	KUNIT_CASE(inject_reads_lists),
	KUNIT_CASE(regions_read_and_print_text),
	{}
};

static struct kunit_suite nova_swgpu_io_suite = {
	.name = "nova-swgpu-io",
	.init = nova_swgpu_io_test_init,
	.exit = nova_swgpu_io_test_exit,
	.test_cases = nova_swgpu_io_cases,
};

kunit_test_suites(&nova_swgpu_fmt_suite, &nova_swgpu_walk_suite, &nova_swgpu_tlb_suite,
		  &nova_swgpu_bar_suite, &nova_swgpu_bar1_suite, &nova_swgpu_gsp_suite,
		  &nova_swgpu_chan_suite, &nova_swgpu_push_suite, &nova_swgpu_ce_suite,
		  &nova_swgpu_remap_suite, &nova_swgpu_sched_suite,
		  &nova_swgpu_worker_suite, &nova_swgpu_io_suite);
