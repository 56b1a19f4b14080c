// SPDX-License-Identifier: MIT
/*
 * The driver of every fuzz target. A target and this are a program:
 *
 *   fuzz_x [SECONDS [SEED]]    inputs for so long (default 5 s, seed 1)
 *   fuzz_x FILE...             replays inputs
 *
 * Where the compiler has libFuzzer (NOVA_LIBFUZZER), that does the work, and its own options are
 * taken as well; here the line above is translated for it. Otherwise inputs are random bytes at
 * first. One that goes a way through the target that none went before (a pair of blocks one after
 * the other, or more often than so far) is kept, and most inputs are kept ones with something
 * changed: bytes, bits, stretches moved or taken from another. The compiler calls
 * __sanitizer_cov_trace_pc() in each block of what it was told to instrument, never in this file.
 *
 * An input that fails is left in PROGRAM.crash in the current directory; one that takes longer
 * than a minute fails.
 */

#include "fuzz.h"

#include <sanitizer/common_interface_defs.h>

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool fuzz_verbose;

/* Are the arguments SECONDS and SEED, rather than files? */
static bool is_run(int argc, char **argv)
{
	char *end;

	if (argc < 2)
		return true;
	strtol(argv[1], &end, 10);
	return !*end;
}

#ifdef NOVA_LIBFUZZER

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char seconds[40], seed[40];
	static char *args[4];

	if (!is_run(*argc, *argv)) {
		fuzz_verbose = true;
		return 0;
	}
	snprintf(seconds, sizeof(seconds), "-max_total_time=%s", *argc > 1 ? (*argv)[1] : "5");
	snprintf(seed, sizeof(seed), "-seed=%s", *argc > 2 ? (*argv)[2] : "1");
	args[0] = (*argv)[0];
	args[1] = seconds;
	args[2] = seed;
	*argc = 3;
	*argv = args;
	return 0;
}

#else

#define INPUT_MAX	4096u
#define CORPUS_MAX	1024u
#define MAP_SIZE	65536u
#define INPUT_SECONDS	60u

struct input {
	size_t len;
	uint8_t data[INPUT_MAX];
};

static struct input corpus[CORPUS_MAX], now;
static unsigned int nr_corpus;
static char crash_name[256];
/* How often each pair of blocks was gone through by this input, and classes of that seen ever. */
static uint8_t hits[MAP_SIZE], seen[MAP_SIZE];
static uintptr_t last_block;

void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
	/* By distance, so that a run can be repeated wherever the program is loaded. */
	uintptr_t pc = (uintptr_t)__builtin_return_address(0) - (uintptr_t)LLVMFuzzerTestOneInput;

	pc = (pc >> 1) * 0x9e3779b1u >> 4;
	hits[(pc ^ last_block) % MAP_SIZE]++;
	last_block = pc >> 1;
}

static uint64_t state;

static size_t draw(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 11) % below;
}

/* 1, 2, 3, 4-7, 8-15, 16-31, 32-127, more: a bit each. */
static uint8_t class_of(uint8_t count)
{
	return (uint8_t)(count < 4 ? 1 << (count - 1) : count < 8 ? 8 : count < 16 ? 16 :
			 count < 32 ? 32 : count < 128 ? 64 : 128);
}

/* Did the last input go a way that none went before? */
static bool is_new(void)
{
	bool found = false;
	size_t i, k;
	uint64_t any;

	for (i = 0; i < MAP_SIZE; i += sizeof(any)) {
		memcpy(&any, hits + i, sizeof(any));
		for (k = i; any && k < i + sizeof(any); k++) {
			uint8_t class = hits[k] ? class_of(hits[k]) : 0;

			found |= (class & ~seen[k]) != 0;
			seen[k] |= class;
		}
	}
	return found;
}

static void keep(void)
{
	corpus[nr_corpus < CORPUS_MAX ? nr_corpus++ : draw(CORPUS_MAX)] = now;
}

static void fresh(void)
{
	size_t i;

	now.len = 1 + draw((size_t)1 << (1 + draw(12)));
	for (i = 0; i < now.len; i++)
		now.data[i] = (uint8_t)draw(256);
}

/* A stretch of a kept input, over what is there or behind it. */
static void cross(void)
{
	const struct input *other = &corpus[draw(nr_corpus)];
	size_t from = draw(other->len), at = draw(now.len + 1);
	size_t len = 1 + draw(other->len - from);

	if (len > INPUT_MAX - at)
		len = INPUT_MAX - at;
	memcpy(now.data + at, other->data + from, len);
	if (now.len < at + len)
		now.len = at + len;
}

static void change(void)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };
	size_t at = draw(now.len), from = draw(now.len), len;

	len = 1 + draw(now.len - (at > from ? at : from));
	switch (draw(6)) {
	case 0:
		now.data[at] = (uint8_t)draw(256);
		break;
	case 1:
		now.data[at] ^= (uint8_t)(1u << draw(8));
		break;
	case 2:
		now.data[at] = edges[draw(sizeof(edges))];
		break;
	case 3:
		memmove(now.data + at, now.data + from, len);
		break;
	case 4:
		now.len = at + 1;
		break;
	default:
		cross();
	}
}

static void next_input(void)
{
	size_t nr;

	if (!nr_corpus || !draw(16)) {
		fresh();
		return;
	}
	now = corpus[draw(nr_corpus)];
	for (nr = 1 + draw(8); nr; nr--)
		change();
}

static void save(void)
{
	FILE *f = fopen(crash_name, "wb");

	if (f && fwrite(now.data, 1, now.len, f) == now.len)
		fprintf(stderr, "the input is in %s\n", crash_name);
	if (f)
		fclose(f);
}

/* The sanitizers end the program themselves; what the target notices is an abort(). */
static void on_signal(int sig)
{
	if (sig == SIGALRM)
		fprintf(stderr, "no end after %u s\n", INPUT_SECONDS);
	save();
	_exit(1);
}

static int run(long seconds, uint64_t seed)
{
	time_t end = time(NULL) + seconds;
	unsigned long nr;

	state = seed | 1;
	__sanitizer_set_death_callback(save);
	signal(SIGABRT, on_signal);
	signal(SIGALRM, on_signal);
	printf("seed %llu\n", (unsigned long long)seed);
	for (nr = 0; time(NULL) < end; nr++) {
		next_input();
		memset(hits, 0, sizeof(hits));
		last_block = 0;
		alarm(INPUT_SECONDS);
		LLVMFuzzerTestOneInput(now.data, now.len);
		if (is_new())
			keep();
	}
	printf("%lu inputs, %u kept\n", nr, nr_corpus);
	return 0;
}

static int replay(const char *name)
{
	static uint8_t buf[1 << 20];
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

int main(int argc, char **argv)
{
	int failed = 0;
	int i;

	snprintf(crash_name, sizeof(crash_name), "%s.crash",
		 strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0]);
	if (is_run(argc, argv))
		return run(argc > 1 ? strtol(argv[1], NULL, 10) : 5,
			   argc > 2 ? strtoull(argv[2], NULL, 0) : 1);
	fuzz_verbose = true;
	for (i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	return failed;
}
#endif
