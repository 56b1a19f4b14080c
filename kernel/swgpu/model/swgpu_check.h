/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_CHECK_H__
#define __SWGPU_CHECK_H__

/*
 * Unit tests of the model core that run twice: in user space under sanitizers, and
 * in the kernel as KUnit suites. A test is a function; CHECK() and CHECK_EQ() note a
 * failure and go on. Each file of tests has a table that ends in an empty row.
 */

#include "swgpu.h"
#include "swgpu_walk.h"

#ifdef __KERNEL__
#include <linux/err.h>
#endif

/** struct swgpu_test - one unit test */
struct swgpu_test {
	/** @name: says what is expected */
	const char *name;
	/** @run: does it */
	void (*run)(void);
};

extern const struct swgpu_test swgpu_fmt_tests[];
extern const struct swgpu_test swgpu_walk_tests[];
extern const struct swgpu_test swgpu_tlb_tests[];
extern const struct swgpu_test swgpu_bar_tests[];
extern const struct swgpu_test swgpu_bar1_tests[];
extern const struct swgpu_test swgpu_gsp_tests[];
extern const struct swgpu_test swgpu_chan_tests[];
extern const struct swgpu_test swgpu_push_tests[];
extern const struct swgpu_test swgpu_ce_tests[];
extern const struct swgpu_test swgpu_remap_tests[];
extern const struct swgpu_test swgpu_sched_tests[];

/** struct swgpu_check - one thing checked */
struct swgpu_check {
	const char *text, *file;
	int line;
	u64 is, expected;
};

/* Defined by what runs the tests, not here; the second one ends the test. */
void swgpu_check(const struct swgpu_check *check);
void __noreturn swgpu_check_give_up(void);

/* Likewise: contiguous system memory, page-aligned, and its DMA address. */
u8 *swgpu_test_sysmem_get(size_t size, u64 *dma);
void swgpu_test_sysmem_put(u8 *mem, size_t size);

#define CHECK(cond) \
	swgpu_check(&(struct swgpu_check){ #cond, __FILE__, __LINE__, !!(cond), 1 })
#define CHECK_EQ(a, b) \
	swgpu_check(&(struct swgpu_check){ #a, __FILE__, __LINE__, (a), (b) })
/* For negative error codes: compared as the 32 bits they are. */
#define CHECK_ERR(a, b) CHECK_EQ((u32)(a), (u32)(b))

/** TEST_PAGE - the VRAM page the fixture maps at VA 0 */
#define TEST_PAGE 0x123456000ull

struct nova_swgpu *swgpu_test_gpu(const char *chip);
u64 swgpu_test_root(const struct nova_swgpu *gpu);
void swgpu_test_put(struct nova_swgpu *gpu, u64 addr, u64 word);
void swgpu_test_tables(struct nova_swgpu *gpu);
void swgpu_test_each(const char *const *chips, void (*body)(struct nova_swgpu *gpu));
void swgpu_test_translate(struct nova_swgpu *gpu, u64 va, struct nova_swgpu_xlate *x);
void swgpu_test_expect_fault(struct nova_swgpu *gpu, unsigned int code, unsigned int why);
void swgpu_test_expect_quiet(struct nova_swgpu *gpu);
void swgpu_test_invalidate(struct nova_swgpu *gpu, u32 trigger);

#endif
