// SPDX-License-Identifier: MIT
/*
 * What a program reached in the driver, from KCOV: the addresses of basic blocks inside
 * drm_nova.ko that the calling task went through. A bitmap of all that was ever reached is shared
 * by the workers. Without KCOV nothing counts as new, and the fuzzer runs blind.
 */
#include "nova_fuzz.h"

#include <fcntl.h>
#include <linux/kcov.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define COVER_WORDS	(64 << 10)
/* Modules lie far below this size; addresses are a byte each. */
#define COVER_SPAN	(8 << 20)

struct fuzz_cover {
	/** @start: of the module's text; 0 if it is not known */
	uint64_t start;
	/** @seen: one byte an address */
	uint8_t seen[COVER_SPAN];
};

static uint64_t *cover_trace;

/**
 * fuzz_cover_create - find the module, make the shared bitmap
 *
 * Return: the bitmap, or NULL without memory.
 */
struct fuzz_cover *fuzz_cover_create(void)
{
	struct fuzz_cover *cover = mmap(NULL, sizeof(*cover), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long long start;
	FILE *file;

	if (cover == MAP_FAILED)
		return NULL;
	file = fopen("/sys/module/drm_nova/sections/.text", "re");
	if (file && fscanf(file, "%llx", &start) == 1)
		cover->start = start;
	if (file)
		fclose(file);
	return cover;
}

/**
 * fuzz_cover_attach - trace the calling task from now on
 * @cover: the bitmap
 *
 * Return: whether there is anything to trace with.
 */
bool fuzz_cover_attach(struct fuzz_cover *cover)
{
	int fd = cover->start ? open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return false;
	if (!ioctl(fd, KCOV_INIT_TRACE, COVER_WORDS)) {
		cover_trace = mmap(NULL, COVER_WORDS * sizeof(*cover_trace),
				   PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (cover_trace != MAP_FAILED && !ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
			return true;
	}
	cover_trace = NULL;
	close(fd);
	return false;
}

/** fuzz_cover_begin - forget what was traced */
void fuzz_cover_begin(void)
{
	if (cover_trace)
		__atomic_store_n(&cover_trace[0], 0, __ATOMIC_RELAXED);
}

/**
 * fuzz_cover_end - take what was traced since fuzz_cover_begin()
 * @cover: where to
 *
 * Return: how much of it nobody had reached before.
 */
unsigned int fuzz_cover_end(struct fuzz_cover *cover)
{
	uint64_t nr = cover_trace ? __atomic_load_n(&cover_trace[0], __ATOMIC_RELAXED) : 0;
	unsigned int fresh = 0;

	for (uint64_t i = 1; i <= nr && i < COVER_WORDS; i++) {
		uint64_t at = cover_trace[i] - cover->start;

		if (at < COVER_SPAN && !cover->seen[at] &&
		    !__atomic_exchange_n(&cover->seen[at], 1, __ATOMIC_RELAXED))
			fresh++;
	}
	return fresh;
}

/**
 * fuzz_cover_count - addresses reached by anybody
 * @cover: the bitmap
 *
 * Return: their number.
 */
unsigned int fuzz_cover_count(const struct fuzz_cover *cover)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < COVER_SPAN; i++)
		nr += cover->seen[i];
	return nr;
}
