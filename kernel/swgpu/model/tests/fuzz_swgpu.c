// SPDX-License-Identifier: MIT
/*
 * Fuzz target: bytes become register, memory and message traffic. Nothing a driver
 * can do may crash the model, make it read what it does not own, or hang it.
 *
 * With -DSWGPU_LIBFUZZER it is a libFuzzer target. Without, it is a program:
 *
 *   fuzz_swgpu [SECONDS [SEED]]    random inputs for so long (default 5 s)
 *   fuzz_swgpu FILE...             replays inputs
 */

#include <stdio.h>
#include <time.h>

#include "../swgpu_gsp_client.h"

#define MEM_BASE 0x10000000ull
#define MEM_SIZE 0x90000u
#define INPUT_MAX 4096u

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

struct input {
	const u8 *data;
	size_t len;
};

static u64 take(struct input *in, unsigned int bytes)
{
	u64 val = 0;

	while (bytes-- && in->len) {
		val = val << 8 | *in->data++;
		in->len--;
	}
	return val;
}

static u64 place(struct input *in)
{
	u64 sel = take(in, 1);

	if (sel < 0xc0)
		return places[sel % ARRAY_SIZE(places)] + take(in, 1) * 8;
	return take(in, 8);
}

static u32 reg(struct input *in)
{
	u64 sel = take(in, 1);

	return sel < 0xe0 ? regs[sel % ARRAY_SIZE(regs)] : (u32)take(in, 4);
}

/* A table word: mostly one that leads somewhere, in either format. */
static u64 word(struct input *in)
{
	u64 addr = place(in);
	u64 low = take(in, 1);

	switch (take(in, 1) % 4) {
	case 0:
		return addr >> 4 | low;
	case 1:
		return addr | low;
	case 2:
		return low;
	}
	return take(in, 8);
}

static void step(struct nova_swgpu *gpu, struct input *in)
{
	static u8 buf[3 * 4096];
	struct nova_swgpu_xlate x;
	struct swgpu_frame frame;
	u64 a;

	switch (take(in, 1) % 14) {
	case 0:
		swgpu_bar0_read(gpu, reg(in), take(in, 1) & 1 ? 8 : 4);
		break;
	case 1:
		swgpu_bar0_write(gpu, reg(in), take(in, 4), 4);
		break;
	case 2:
		a = place(in);
		swgpu_bar0_write(gpu, reg(in), a >> 8 | (take(in, 1) & 3), 4);
		break;
	case 3:
		swgpu_bar1_read(gpu, place(in), take(in, 1) & 1 ? 8 : 4);
		break;
	case 4:
		a = place(in);
		swgpu_bar1_write(gpu, a, word(in), 8);
		break;
	case 5:
		swgpu_bar1_page(gpu, place(in) & ~4095ull, take(in, 1) & 1, &frame);
		break;
	case 6:
	case 7:
		a = word(in);
		nova_swgpu_vram_write(gpu, place(in), &a, 8);
		break;
	case 8:
		a = place(in);
		nova_swgpu_translate(gpu, a, take(in, 1) & 1, take(in, 8) >> (take(in, 1) & 63),
				     take(in, 1) % 3, take(in, 1) & 1, &x);
		break;
	case 9:
		a = place(in);
		nova_swgpu_walk(gpu, a, take(in, 1) & 1, take(in, 8) >> (take(in, 1) & 63),
				take(in, 1) % 3, take(in, 1) & 1, &x);
		break;
	case 10:
		a = place(in);
		nova_swgpu_mem_write(gpu, a, take(in, 1) & 1, take(in, 8) >> (take(in, 1) & 63),
				     buf, take(in, 2) % sizeof(buf));
		break;
	case 11:
		a = place(in);
		nova_swgpu_mem_read(gpu, a, take(in, 1) & 1, take(in, 8) >> (take(in, 1) & 63),
				    buf, take(in, 2) % sizeof(buf));
		break;
	case 12:
		a = take(in, 1) % (NOVA_SWGPU_INJECT_COUNT + 1);
		if (a != NOVA_SWGPU_INJECT_GONE)
			nova_swgpu_inject(gpu, a, take(in, 2));
		nova_swgpu_assert_not_cached(gpu, place(in), take(in, 2));
		nova_swgpu_vram_poison(gpu, place(in) & ~7ull, take(in, 2) & ~7ull);
		break;
	case 13:	/* a word of system memory: queues, messages, tables */
		a = take(in, 3) % (MEM_SIZE / 4) * 4;
		swgpu_port_st32(swgpu_user_sysmem + a, (u32)take(in, 4));
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

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct input in = { data, len };
	u64 how = take(&in, 1);
	const struct nova_swgpu_config cfg = {
		.chip = swgpu_chip_at(how % 7)->name, .bar1_size = 64ull << 20, .gsp = how & 0x80,
	};
	struct nova_swgpu *gpu = nova_swgpu_create(&cfg);

	swgpu_user_sysmem = calloc(1, MEM_SIZE);
	swgpu_user_sysmem_base = MEM_BASE;
	swgpu_user_sysmem_size = MEM_SIZE;
	if (!gpu || !swgpu_user_sysmem)
		abort();
	swgpu_test_tables(gpu);
	if (how & 0x40)
		start_gsp(gpu);
	while (in.len)
		step(gpu, &in);
	nova_swgpu_destroy(gpu);
	free(swgpu_user_sysmem);
	swgpu_user_sysmem = NULL;
	return 0;
}

void swgpu_check(const struct swgpu_check *c)
{
	if (c->is != c->expected)
		abort();
}

u8 *swgpu_test_sysmem_get(size_t size, u64 *dma)
{
	*dma = MEM_BASE;
	return size <= MEM_SIZE ? swgpu_user_sysmem : NULL;
}

void swgpu_test_sysmem_put(u8 *mem, size_t size)
{
	(void)mem;
	(void)size;
}

void swgpu_check_give_up(void)
{
	abort();
}

#ifndef SWGPU_LIBFUZZER
static int replay(const char *name)
{
	static u8 buf[1 << 20];
	FILE *f = fopen(name, "rb");
	size_t len;

	if (!f) {
		perror(name);
		return 1;
	}
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	LLVMFuzzerTestOneInput(buf, len);
	return 0;
}

static u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int run(long seconds, u64 seed)
{
	u64 state = seed | 1;
	time_t end = time(NULL) + seconds;
	static u8 buf[INPUT_MAX];
	unsigned long nr = 0;
	size_t i, len;

	printf("seed %llu\n", (unsigned long long)seed);
	for (; time(NULL) < end; nr++) {
		len = next_random(&state) % INPUT_MAX;
		for (i = 0; i < len; i++)
			buf[i] = (u8)(next_random(&state) >> 32);
		LLVMFuzzerTestOneInput(buf, len);
	}
	printf("%lu inputs\n", nr);
	return 0;
}

int main(int argc, char **argv)
{
	char *end;
	long seconds = argc > 1 ? strtol(argv[1], &end, 10) : 5;
	int failed = 0;
	int i;

	if (argc <= 1 || !*end)
		return run(seconds, argc > 2 ? strtoull(argv[2], NULL, 0) : 1);
	for (i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	return failed;
}
#endif
