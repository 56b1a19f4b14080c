// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu checks
 *
 * What the unit tests of the model core share: the page tables of hardware.md 10.7
 * as literal words, the ways to use and invalidate them, and what to expect of the
 * fault log. A GPU of a test is its own; nothing is locked::
 *
 *   root … PD0 at 0x203000 -> small table at 0x204000 -> VA 0 is VRAM 0x123456000
 *
 * The rest of the tables, and a page at 0x205000 for another table, is invalid.
 */

#include "swgpu_check.h"

/**
 * swgpu_test_gpu - a GPU for a test
 * @chip: its name
 *
 * With 16 GiB, so that the fixture's page is memory, and BAR1 of 256 MiB.
 *
 * Return: the GPU; the test ends if there is none.
 */
struct nova_swgpu *swgpu_test_gpu(const char *chip)
{
	const struct nova_swgpu_config cfg = {
		.chip = chip, .vram_size = 16ull << 30, .bar1_size = 256ull << 20,
	};
	struct nova_swgpu *gpu = nova_swgpu_create(&cfg);

	if (IS_ERR_OR_NULL(gpu))
		swgpu_check_give_up();
	return gpu;
}

/**
 * swgpu_test_root - where the fixture's tables begin
 * @gpu: the GPU
 *
 * Return: VRAM address of the root.
 */
u64 swgpu_test_root(const struct nova_swgpu *gpu)
{
	return gpu->chip->mmu == 2 ? 0x200000 : 0x1ff000;
}

/**
 * swgpu_test_put - write a word of VRAM, past MMU and TLB
 * @gpu: the GPU
 * @addr: multiple of 8
 * @word: the word
 */
void swgpu_test_put(struct nova_swgpu *gpu, u64 addr, u64 word)
{
	CHECK_EQ(nova_swgpu_vram_write(gpu, addr, &word, sizeof(word)), 0);
}

/**
 * swgpu_test_tables - build the fixture
 * @gpu: the GPU
 */
void swgpu_test_tables(struct nova_swgpu *gpu)
{
	u64 addr;

	for (addr = 0x1ff000; addr < 0x206000; addr += 8)
		swgpu_test_put(gpu, addr, 0);
	if (gpu->chip->mmu == 2) {
		swgpu_test_put(gpu, 0x200000, 0x20102);
		swgpu_test_put(gpu, 0x201000, 0x20202);
		swgpu_test_put(gpu, 0x202000, 0x20302);
		swgpu_test_put(gpu, 0x203008, 0x20402);
		swgpu_test_put(gpu, 0x204000, 0x12345601);
	} else {
		swgpu_test_put(gpu, 0x1ff000, 0x200012);
		swgpu_test_put(gpu, 0x200000, 0x201012);
		swgpu_test_put(gpu, 0x201000, 0x202012);
		swgpu_test_put(gpu, 0x202000, 0x203012);
		swgpu_test_put(gpu, 0x203008, 0x204012);
		swgpu_test_put(gpu, 0x204000, 0x123456081);
	}
}

/**
 * swgpu_test_each - run a test body on several chips, each with the fixture built
 * @chips: names, NULL after the last
 * @body: the test
 */
void swgpu_test_each(const char *const *chips, void (*body)(struct nova_swgpu *gpu))
{
	struct nova_swgpu *gpu;

	for (; *chips; chips++) {
		gpu = swgpu_test_gpu(*chips);
		swgpu_test_tables(gpu);
		body(gpu);
		nova_swgpu_destroy(gpu);
	}
}

/**
 * swgpu_test_translate - read access of a GPC client in the fixture's address space
 * @gpu: the GPU
 * @va: GPU virtual address
 * @x: filled in
 */
void swgpu_test_translate(struct nova_swgpu *gpu, u64 va, struct nova_swgpu_xlate *x)
{
	nova_swgpu_translate(gpu, swgpu_test_root(gpu), false, va, NOVA_SWGPU_READ,
			     NOVA_SWGPU_GPC, x);
}

/**
 * swgpu_test_expect_fault - exactly one fault is in the log, this one; empties the log
 * @gpu: the GPU
 * @code: enum nova_swgpu_code
 * @why: enum nova_swgpu_why
 */
void swgpu_test_expect_fault(struct nova_swgpu *gpu, unsigned int code, unsigned int why)
{
	struct nova_swgpu_fault f = { 0 };

	CHECK_EQ(nova_swgpu_fault_count(gpu), 1);
	CHECK(nova_swgpu_fault_get(gpu, 0, &f));
	CHECK_EQ(f.code, code);
	CHECK_EQ(f.why, why);
	nova_swgpu_fault_clear(gpu);
}

/**
 * swgpu_test_expect_quiet - nothing is in the fault log
 * @gpu: the GPU
 */
void swgpu_test_expect_quiet(struct nova_swgpu *gpu)
{
	CHECK_EQ(nova_swgpu_fault_count(gpu), 0);
}

/**
 * swgpu_test_invalidate - a whole, correct invalidate of the fixture's address space
 * @gpu: the GPU
 * @trigger: but with this command
 */
void swgpu_test_invalidate(struct nova_swgpu *gpu, u32 trigger)
{
	int i;

	swgpu_bar0_write(gpu, 0xb830a0, swgpu_test_root(gpu) >> 8 & 0xfffffff0, 4);
	swgpu_bar0_write(gpu, 0xb830a4, swgpu_test_root(gpu) >> 40, 4);
	swgpu_bar0_write(gpu, 0xb830b0, trigger, 4);
	for (i = 0; i < 100 && swgpu_bar0_read(gpu, 0xb830b0, 4) >> 31; i++)
		;
	CHECK(i < 100);
}
