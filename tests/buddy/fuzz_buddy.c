// SPDX-License-Identifier: MIT
/*
 * Fuzz target of the buddy allocator: a byte stream is a pool and what is done to it.
 *
 * LLVMFuzzerTestOneInput() is what libFuzzer calls if the program is linked with it
 * (-DNOVA_LIBFUZZER -fsanitize=fuzzer). Without, main() takes a number of seconds and does its own
 * mutating: it keeps a corpus of streams that did the most operations for their length, changes
 * bytes, copies stretches and crosses streams. A stream that fails is left in fuzz_buddy.crash,
 * which the program replays when it is given as an argument that is no number.
 */

#include "nova_buddy_model.h"

#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	model_run(data, size, false);
	return 0;
}

#ifndef NOVA_LIBFUZZER

#define STREAM	4096
#define CORPUS	64
#define CRASH	"fuzz_buddy.crash"

static u64 seed = 0x9e3779b97f4a7c15ull;

static u64 draw(u64 below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % below;
}

static void mutate(u8 *data, u8 (*corpus)[STREAM])
{
	unsigned int n = 1 + draw(16);
	size_t at, len, from;

	while (n--) {
		at = draw(STREAM);
		len = 1 + draw(min(STREAM - at, (size_t)256));
		from = draw(STREAM - len + 1);
		switch (draw(4)) {
		case 0:
			data[at] = draw(256);
			break;
		case 1:
			data[at] ^= 1u << draw(8);
			break;
		case 2:
			memmove(data + at, data + from, len);
			break;
		default:
			memcpy(data + at, corpus[draw(CORPUS)] + from, len);
		}
	}
}

static void save(const u8 *data)
{
	FILE *file = fopen(CRASH, "w");

	if (!file || fwrite(data, STREAM, 1, file) != 1 || fclose(file))
		exit(1);
}

static int fuzz(unsigned long seconds)
{
	static u8 corpus[CORPUS][STREAM], data[STREAM];
	unsigned long best[CORPUS] = {}, runs, total = 0;
	time_t end = time(NULL) + seconds;
	unsigned int i, k;

	for (i = 0; i < CORPUS; i++)
		for (k = 0; k < STREAM; k++)
			corpus[i][k] = draw(256);
	for (runs = 0; time(NULL) < end; runs++) {
		unsigned long ops;

		k = draw(CORPUS);
		memcpy(data, corpus[k], STREAM);
		mutate(data, corpus);
		save(data);
		ops = model_run(data, STREAM, false);
		total += ops;
		if (ops >= best[k]) {
			best[k] = ops;
			memcpy(corpus[k], data, STREAM);
		}
	}
	remove(CRASH);
	printf("fuzz_buddy: %lu streams, %lu operations\n", runs, total);
	return 0;
}

static int replay(const char *name)
{
	static u8 data[1 << 20];
	FILE *file = fopen(name, "r");
	size_t size;

	if (!file)
		return 1;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	model_run(data, size, true);
	return 0;
}

int main(int argc, char **argv)
{
	char *rest = "";
	unsigned long seconds = argc > 1 ? strtoul(argv[1], &rest, 10) : 10;

	return *rest ? replay(argv[1]) : fuzz(seconds);
}

#endif
