/* SPDX-License-Identifier: MIT */
#ifndef __SWGPU_CHECK_H__
#define __SWGPU_CHECK_H__

/*
 * A test is a function; CHECK() and CHECK_EQ() note a failure and go on. Each file
 * has a table of its tests, and main() prints TAP.
 */

#include <stdio.h>

#include "../swgpu.h"
#include "../swgpu_walk.h"

struct swgpu_test {
	const char *name;
	void (*run)(void);
};

extern const struct swgpu_test swgpu_fmt_tests[];
extern const struct swgpu_test swgpu_walk_tests[];
extern const struct swgpu_test swgpu_tlb_tests[];
extern const struct swgpu_test swgpu_bar_tests[];
extern int swgpu_failed;

#define CHECK(cond) do { \
	if (!(cond)) { \
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
		swgpu_failed++; \
	} \
} while (0)

#define CHECK_EQ(a, b) do { \
	unsigned long long a_ = (a), b_ = (b); \
	if (a_ != b_) { \
		printf("# %s:%d: %s is %#llx, not %#llx\n", __FILE__, __LINE__, #a, a_, b_); \
		swgpu_failed++; \
	} \
} while (0)

/* Fixture of hardware.md 10.7: root and tables down to a small table at 0x204000. */
#define TEST_PAGE 0x123456000ull	/* VRAM page that VA 0 maps */

struct nova_swgpu *test_gpu(const char *chip);
u64 test_root(const struct nova_swgpu *gpu);
void test_put(struct nova_swgpu *gpu, u64 addr, u64 word);
void test_tables(struct nova_swgpu *gpu);
void test_translate(struct nova_swgpu *gpu, u64 va, struct nova_swgpu_xlate *x);
void test_expect_fault(struct nova_swgpu *gpu, unsigned int code, unsigned int why);
void test_expect_quiet(struct nova_swgpu *gpu);
void test_invalidate(struct nova_swgpu *gpu, u32 trigger);

#endif
