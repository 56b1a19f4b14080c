// SPDX-License-Identifier: MIT
/* Runs all unit tests of the model core; the shared fixtures are here too. */

#include "swgpu_check.h"

int swgpu_failed;

/* 16 GiB so that the fixtures' 0x123456000 is memory; BAR1 of 256 MiB. */
struct nova_swgpu *test_gpu(const char *chip)
{
	const struct nova_swgpu_config cfg = {
		.chip = chip, .vram_size = 16ull << 30, .bar1_size = 256ull << 20,
	};
	struct nova_swgpu *gpu = nova_swgpu_create(&cfg);

	if (!gpu)
		abort();
	return gpu;
}

u64 test_root(const struct nova_swgpu *gpu)
{
	return gpu->chip->mmu == 2 ? 0x200000 : 0x1ff000;
}

void test_put(struct nova_swgpu *gpu, u64 addr, u64 word)
{
	CHECK_EQ(nova_swgpu_vram_write(gpu, addr, &word, sizeof(word)), 0);
}

/* Words as printed in hardware.md 10.7; all else in the tables is invalid. */
void test_tables(struct nova_swgpu *gpu)
{
	u64 addr;

	for (addr = 0x1ff000; addr < 0x206000; addr += 8)
		test_put(gpu, addr, 0);
	if (gpu->chip->mmu == 2) {
		test_put(gpu, 0x200000, 0x20102);
		test_put(gpu, 0x201000, 0x20202);
		test_put(gpu, 0x202000, 0x20302);
		test_put(gpu, 0x203008, 0x20402);
		test_put(gpu, 0x204000, 0x12345601);
	} else {
		test_put(gpu, 0x1ff000, 0x200012);
		test_put(gpu, 0x200000, 0x201012);
		test_put(gpu, 0x201000, 0x202012);
		test_put(gpu, 0x202000, 0x203012);
		test_put(gpu, 0x203008, 0x204012);
		test_put(gpu, 0x204000, 0x123456081);
	}
}

void test_translate(struct nova_swgpu *gpu, u64 va, struct nova_swgpu_xlate *x)
{
	nova_swgpu_translate(gpu, test_root(gpu), false, va, NOVA_SWGPU_READ, NOVA_SWGPU_GPC, x);
}

/* Exactly one fault, this one; then the log is empty again. */
void test_expect_fault(struct nova_swgpu *gpu, unsigned int code, unsigned int why)
{
	struct nova_swgpu_fault f = { 0 };

	CHECK_EQ(nova_swgpu_fault_count(gpu), 1);
	CHECK(nova_swgpu_fault_get(gpu, 0, &f));
	CHECK_EQ(f.code, code);
	CHECK_EQ(f.why, why);
	nova_swgpu_fault_clear(gpu);
}

void test_expect_quiet(struct nova_swgpu *gpu)
{
	struct nova_swgpu_fault f;
	unsigned int i;

	CHECK_EQ(nova_swgpu_fault_count(gpu), 0);
	for (i = 0; nova_swgpu_fault_get(gpu, i, &f); i++)
		printf("# fault va %#llx code %s why %s\n", (unsigned long long)f.va,
		       swgpu_log_code_name(f.code), swgpu_log_why_name(f.why));
}

/* A whole, correct invalidate of the fixture's address space, but for the command. */
void test_invalidate(struct nova_swgpu *gpu, u32 trigger)
{
	int i;

	swgpu_bar0_write(gpu, 0xb830a0, test_root(gpu) >> 8 & 0xfffffff0, 4);
	swgpu_bar0_write(gpu, 0xb830a4, test_root(gpu) >> 40, 4);
	swgpu_bar0_write(gpu, 0xb830b0, trigger, 4);
	for (i = 0; i < 100 && swgpu_bar0_read(gpu, 0xb830b0, 4) >> 31; i++)
		;
	CHECK(i < 100);
}

static const struct swgpu_test *const suites[] = {
	swgpu_fmt_tests, swgpu_walk_tests, swgpu_tlb_tests, swgpu_bar_tests,
};

int main(void)
{
	const struct swgpu_test *test;
	int failed = 0;
	int nr = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		for (test = suites[i]; test->name; test++) {
			swgpu_failed = 0;
			test->run();
			failed += swgpu_failed != 0;
			printf("%sok %d %s\n", swgpu_failed ? "not " : "", ++nr, test->name);
		}
	}
	printf("1..%d\n", nr);
	return failed != 0;
}
