// SPDX-License-Identifier: MIT
/*
 * Fuzz target: bytes become register, memory and message traffic. Nothing a driver
 * can do may crash the model, make it read what it does not own, or hang it.
 */

#include "fuzz.h"

#include "../swgpu_gsp_client.h"

#define MEM_BASE 0x10000000ull
#define MEM_SIZE 0x90000u

/* Registers worth hitting; the rest of BAR0 is hit by chance. */
static const u32 regs[] = {
	0x001700, 0x10fd40, 0xb830b0, 0xb830a0, 0xb830a4, 0xb80f40, 0xb80f50, 0xb80f60,
	0xb80f64, 0x070000, 0x10f800, 0x10f804, 0x110040, 0x110044, 0x110c00, 0x110008,
	0x110004, 0x100ce0, 0x1183a4, 0x000000, 0x000a00, 0x70fffc, 0x700000, 0x700200,
};

/* Addresses that tables and windows are likely to be at. */
static const u64 places[] = {
	0, 0x1ff000, 0x200000, 0x201000, 0x202000, 0x203000, 0x204000, 0x205100, 0x10200,
	MEM_BASE, MEM_BASE + 0x1000, MEM_BASE + 0x81000, 0xfff0000, 0xfffff8,
};

static u64 place(struct fuzz_input *in)
{
	u64 sel = fuzz_take(in, 1);

	if (sel < 0xc0)
		return places[sel % ARRAY_SIZE(places)] + fuzz_take(in, 1) * 8;
	return fuzz_take(in, 8);
}

static u32 reg(struct fuzz_input *in)
{
	u64 sel = fuzz_take(in, 1);

	return sel < 0xe0 ? regs[sel % ARRAY_SIZE(regs)] : (u32)fuzz_take(in, 4);
}

/* A table word: mostly one that leads somewhere, in either format. */
static u64 word(struct fuzz_input *in)
{
	u64 addr = place(in);
	u64 low = fuzz_take(in, 1);

	switch (fuzz_take(in, 1) % 4) {
	case 0:
		return addr >> 4 | low;
	case 1:
		return addr | low;
	case 2:
		return low;
	}
	return fuzz_take(in, 8);
}

static void step(struct nova_swgpu *gpu, struct fuzz_input *in)
{
	static u8 buf[3 * 4096];
	struct nova_swgpu_xlate x;
	struct swgpu_frame frame;
	u64 a;

	switch (fuzz_take(in, 1) % 14) {
	case 0:
		swgpu_bar0_read(gpu, reg(in), fuzz_take(in, 1) & 1 ? 8 : 4);
		break;
	case 1:
		swgpu_bar0_write(gpu, reg(in), fuzz_take(in, 4), 4);
		break;
	case 2:
		a = place(in);
		swgpu_bar0_write(gpu, reg(in), a >> 8 | (fuzz_take(in, 1) & 3), 4);
		break;
	case 3:
		swgpu_bar1_read(gpu, place(in), fuzz_take(in, 1) & 1 ? 8 : 4);
		break;
	case 4:
		a = place(in);
		swgpu_bar1_write(gpu, a, word(in), 8);
		break;
	case 5:
		swgpu_bar1_page(gpu, place(in) & ~4095ull, fuzz_take(in, 1) & 1, &frame);
		break;
	case 6:
	case 7:
		a = word(in);
		nova_swgpu_vram_write(gpu, place(in), &a, 8);
		break;
	case 8:
		a = place(in);
		nova_swgpu_translate(gpu, a, fuzz_take(in, 1) & 1, fuzz_take(in, 8) >> (fuzz_take(in, 1) & 63),
				     fuzz_take(in, 1) % 3, fuzz_take(in, 1) & 1, &x);
		break;
	case 9:
		a = place(in);
		nova_swgpu_walk(gpu, a, fuzz_take(in, 1) & 1, fuzz_take(in, 8) >> (fuzz_take(in, 1) & 63),
				fuzz_take(in, 1) % 3, fuzz_take(in, 1) & 1, &x);
		break;
	case 10:
		a = place(in);
		nova_swgpu_mem_write(gpu, a, fuzz_take(in, 1) & 1, fuzz_take(in, 8) >> (fuzz_take(in, 1) & 63),
				     buf, fuzz_take(in, 2) % sizeof(buf));
		break;
	case 11:
		a = place(in);
		nova_swgpu_mem_read(gpu, a, fuzz_take(in, 1) & 1, fuzz_take(in, 8) >> (fuzz_take(in, 1) & 63),
				    buf, fuzz_take(in, 2) % sizeof(buf));
		break;
	case 12:
		a = fuzz_take(in, 1) % (NOVA_SWGPU_INJECT_COUNT + 1);
		if (a != NOVA_SWGPU_INJECT_GONE)
			nova_swgpu_inject(gpu, a, fuzz_take(in, 2));
		nova_swgpu_assert_not_cached(gpu, place(in), fuzz_take(in, 2));
		nova_swgpu_vram_poison(gpu, place(in) & ~7ull, fuzz_take(in, 2) & ~7ull);
		break;
	case 13:	/* a word of system memory: queues, messages, tables */
		a = fuzz_take(in, 3) % (MEM_SIZE / 4) * 4;
		swgpu_port_st32(swgpu_user_sysmem + a, (u32)fuzz_take(in, 4));
		break;
	}
}

/* Queues as a driver would lay them out, started; from there on the input writes them. */
static void start_gsp(struct nova_swgpu *gpu)
{
	struct swgpu_client c = { .gpu = gpu, .mem = swgpu_user_sysmem, .dma = MEM_BASE };

	swgpu_client_prepare(&c);
	swgpu_client_queue_start(&c);
	swgpu_client_boot(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	u64 how = fuzz_take(&in, 1);
	const struct nova_swgpu_config cfg = {
		.chip = swgpu_chip_at(how % 7)->name, .bar1_size = 64ull << 20, .gsp = how & 0x80,
	};
	struct nova_swgpu *gpu = nova_swgpu_create(&cfg);
	u64 dma;
	u8 *mem = swgpu_test_sysmem_get(MEM_SIZE, &dma);

	if (!gpu || !mem || dma != MEM_BASE)
		abort();
	swgpu_test_tables(gpu);
	if (how & 0x40)
		start_gsp(gpu);
	while (in.len)
		step(gpu, &in);
	nova_swgpu_destroy(gpu);
	swgpu_test_sysmem_put(mem, MEM_SIZE);
	return 0;
}

void swgpu_check(const struct swgpu_check *c)
{
	if (c->is != c->expected)
		abort();
}

void swgpu_check_give_up(void)
{
	abort();
}
