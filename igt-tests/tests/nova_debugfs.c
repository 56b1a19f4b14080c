// SPDX-License-Identifier: MIT

/**
 * TEST: nova debugfs
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: debugfs
 * Functionality: introspection
 * Description: what the driver's debugfs files say adds up and agrees, at rest and under load
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("What the driver's debugfs files say adds up and agrees");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define KIB 1024ull

static char *read_file(int fd, const char *file)
{
	char *text;

	igt_assert_f(nova_debug_read(fd, file, &text) == 0, "cannot read %s\n", file);
	return text;
}

/* A number of one of the files, by the key of its line. */
static uint64_t value(const char *text, const char *key)
{
	uint64_t number;

	igt_assert_f(nova_debug_value(text, key, &number) == 0, "no \"%s\" in\n%s", key, text);
	return number;
}

static uint64_t file_value(int fd, const char *file, const char *key)
{
	char *text = read_file(fd, file);
	uint64_t number = value(text, key);

	free(text);
	return number;
}

static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line && line[1] ? line + 1 : NULL;
}

/* What the lines of "gem" add up to. */
struct gem_sums {
	uint64_t nr;
	uint64_t kib;
	uint64_t vram_kib;
	uint64_t extent_kib;
};

/* Parses "gem"; a line of an unknown form fails the test. */
static struct gem_sums sum_gem(const char *text)
{
	uint64_t id, last_id = 0, kib, addr, left = 0;
	struct gem_sums sums = { 0 };
	const char *line = next_line(text);
	char comm[32], where[16];
	int pid;

	for (; line && strncmp(line, "flags:", 6); line = next_line(line)) {
		if (sscanf(line, " at 0x%" SCNx64 " %" SCNu64, &addr, &kib) == 2) {
			igt_assert(kib && kib <= left);
			sums.extent_kib += kib;
			left -= kib;
			continue;
		}
		igt_assert_f(sscanf(line, "%" SCNu64 " %15[^\n] ", &id, comm) == 2, "%s", line);
		igt_assert_f(sscanf(line + 27, "%d %" SCNu64 " %15s", &pid, &kib, where) == 3, "%s",
			     line);
		igt_assert_f(!left, "extents of the object before %" PRIu64 " are short\n", id);
		igt_assert(id != last_id);
		last_id = id;
		sums.nr++;
		sums.kib += kib;
		left = strcmp(where, "vram") ? 0 : kib;
		sums.vram_kib += left;
	}
	igt_assert(line);
	igt_assert_eq_u64(left, 0);
	return sums;
}

/* Second number of a line of sums, which is "name  objects  size KiB". */
static uint64_t second_value(const char *text, const char *key)
{
	char pattern[64];
	const char *line;
	uint64_t nr, kib;

	snprintf(pattern, sizeof(pattern), "\n%s ", key);
	line = strstr(text, pattern);
	igt_assert_f(line && sscanf(line + strlen(pattern), " %" SCNu64 " %" SCNu64, &nr, &kib) == 2,
		     "no sums of \"%s\"\n", key);
	return kib;
}

/**
 * SUBTEST: gem
 * Description: each object has a line, its pieces of VRAM are its size, and the sums are right
 */
static void test_gem(int fd)
{
	struct drm_nova_gem_create2 deferred = {
		.size = 3 * NOVA_2M, .placement = NOVA_VRAM, .flags = DRM_NOVA_GEM_DEFER,
	};
	uint32_t vram = nova_gem_create(fd, 5 * NOVA_2M, NOVA_VRAM);
	uint32_t system = nova_gem_create(fd, NOVA_2M, NOVA_SYSTEM);
	char *text = read_file(fd, "gem"), *after;
	struct gem_sums sums = sum_gem(text);

	igt_assert_eq(__nova_gem_create2(fd, &deferred), 0);
	igt_assert_eq_u64(sums.extent_kib, sums.vram_kib);
	igt_assert_eq_u64(value(text, "all objects"), sums.nr);
	igt_assert_eq_u64(second_value(text, "all objects"), sums.kib);
	igt_assert_eq_u64(second_value(text, "vram"), sums.vram_kib);
	igt_assert_eq_u64(second_value(text, "vram") + second_value(text, "gtt") +
			  second_value(text, "memory"), sums.kib);
	after = read_file(fd, "gem");
	igt_assert_eq_u64(second_value(after, "memory"), second_value(text, "memory") +
			  deferred.size / KIB);
	free(text);
	nova_gem_close(fd, vram);
	nova_gem_close(fd, system);
	nova_gem_close(fd, deferred.handle);
	text = read_file(fd, "gem");
	igt_assert_eq_u64(second_value(text, "all objects"), sums.kib - 6 * NOVA_2M / KIB);
	free(after);
	free(text);
}

/* One range of VRAM, and whether it is free. */
struct span {
	uint64_t start;
	uint64_t kib;
};

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Appends every line of @text that @pattern matches. */
static unsigned int add_spans(const char *text, const char *pattern, struct span *spans,
			      unsigned int nr, unsigned int room)
{
	const char *line;
	struct span span;

	for (line = text; line; line = next_line(line)) {
		if (sscanf(line, pattern, &span.start, &span.kib) != 2)
			continue;
		igt_assert(nr < room);
		spans[nr++] = span;
	}
	return nr;
}

/**
 * SUBTEST: vram-mm
 * Description: used and free are the total; the table and the map of what is free say the same
 */
static void test_vram_mm(int fd)
{
	char *text = read_file(fd, "vram_mm");
	const unsigned int room = 65536;
	struct span *spans = calloc(room, sizeof(*spans));
	uint64_t sum = 0, block, nr, kib, pieces, used, free_kib = 0, used_kib = 0;
	const char *line;
	unsigned int i, count;

	igt_assert_eq_u64(value(text, "total"), value(text, "used") + value(text, "free"));
	igt_assert(value(text, "largest free block") <= value(text, "longest free run"));
	igt_assert(value(text, "longest free run") <= value(text, "free"));
	for (line = text; line; line = next_line(line)) {
		if (sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &block,
			   &nr, &kib, &pieces, &used) != 5)
			continue;
		igt_assert_eq_u64(block * nr, kib);
		igt_assert_eq_u64(block * pieces, used);
		free_kib += kib;
		used_kib += used;
	}
	igt_assert_eq_u64(free_kib, value(text, "free"));
	igt_assert_eq_u64(used_kib, value(text, "used"));
	count = add_spans(text, "free 0x%" SCNx64 "-%*x %" SCNu64, spans, 0, room);
	for (i = 0; i < count; i++) {
		igt_assert(!i || spans[i].start > spans[i - 1].start + spans[i - 1].kib * KIB);
		sum += spans[i].kib;
	}
	igt_assert_eq_u64(sum, value(text, "free"));
	free(spans);
	free(text);
}

/**
 * SUBTEST: vram-has-one-owner
 * Description: no byte of VRAM is in two objects, or in one and free
 */
static void test_one_owner(int fd)
{
	const unsigned int room = 65536;
	struct span *spans = calloc(room, sizeof(*spans));
	uint32_t handles[16];
	char *gem, *vram;
	unsigned int i, nr;

	for (i = 0; i < NR(handles); i++)
		handles[i] = nova_gem_create(fd, (i + 1) * NOVA_64K, NOVA_VRAM);
	for (i = 0; i < NR(handles); i += 2)
		nova_gem_close(fd, handles[i]);
	gem = read_file(fd, "gem");
	vram = read_file(fd, "vram_mm");
	nr = add_spans(gem, " at 0x%" SCNx64 " %" SCNu64, spans, 0, room);
	nr = add_spans(vram, "free 0x%" SCNx64 "-%*x %" SCNu64, spans, nr, room);
	qsort(spans, nr, sizeof(*spans), compare_spans);
	for (i = 1; i < nr; i++)
		igt_assert_f(spans[i].start >= spans[i - 1].start + spans[i - 1].kib * KIB,
			     "%#" PRIx64 " is in two ranges\n", spans[i].start);
	for (i = 1; i < NR(handles); i += 2)
		nova_gem_close(fd, handles[i]);
	free(spans);
	free(gem);
	free(vram);
}

/* Memory of closed objects is free when the engine has done what they were made with. */
static void settle_objects(int fd)
{
	bool same = false;
	unsigned int i;

	for (i = 0; i < 200 && !same; i++) {
		char *text = read_file(fd, "stats"), *gem = read_file(fd, "gem");

		same = value(text, "  objects") == second_value(gem, "vram");
		free(text);
		free(gem);
		if (!same)
			usleep(10000);
	}
}

/**
 * SUBTEST: stats
 * Description: the parts of VRAM add up, and objects are those of "gem"
 */
static void test_stats(int fd)
{
	static const char * const parts[] = {
		"  free", "  objects", "  page tables", "  page tables of bar1", "  not usable",
		"  other",
	};
	uint32_t vm = nova_vm_create(fd), handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	char *text, *gem;
	uint64_t sum = 0;
	unsigned int i;

	nova_vm_map(fd, vm, handle, 0, 1ull << 33, NOVA_2M);
	settle_objects(fd);
	text = read_file(fd, "stats");
	gem = read_file(fd, "gem");
	for (i = 0; i < NR(parts); i++)
		sum += value(text, parts[i]);
	igt_assert_eq_u64(sum, value(text, "vram"));
	igt_assert_eq_u64(value(text, "  objects"), second_value(gem, "vram"));
	igt_assert_eq_u64(value(text, "  free"), file_value(fd, "vram_mm", "free"));
	igt_assert(value(text, "vms") >= 1);
	igt_assert(value(text, "page tables in use") >= NOVA_4K);
	igt_assert(value(text, "  page tables") * KIB >= value(text, "page tables in use"));
	igt_assert_eq_u64(value(text, "page tables lost"), 0);
	nova_vm_destroy(fd, vm);
	nova_gem_close(fd, handle);
	free(text);
	free(gem);
}

/**
 * SUBTEST: gtt-mm
 * Description: used and free are the total, and an object in SYSTEM is used
 */
static void test_gtt_mm(int fd)
{
	uint64_t before = file_value(fd, "gtt_mm", "used");
	uint32_t handle = nova_gem_create(fd, NOVA_2M, NOVA_SYSTEM);
	char *text = read_file(fd, "gtt_mm");

	igt_assert_eq_u64(value(text, "total"), value(text, "used") + value(text, "free"));
	igt_assert_eq_u64(value(text, "used"), before + NOVA_2M / KIB);
	nova_gem_close(fd, handle);
	free(text);
}

/**
 * SUBTEST: bar1
 * Description: the parts of BAR1 add up, and its windows are listed
 */
static void test_bar1(int fd)
{
	uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	volatile uint32_t *ptr = nova_gem_mmap(fd, handle, 0, NOVA_64K);
	uint64_t start, kib, windows = 0;
	const char *line;
	char *text;

	ptr[0] = 1;
	text = read_file(fd, "bar1");
	igt_assert_eq_u64(value(text, "total"), value(text, "windows in use") +
			  value(text, "windows idle") + value(text, "firmware") +
			  value(text, "free"));
	for (line = text; line; line = next_line(line))
		if (sscanf(line, "0x%" SCNx64 "-%*x %" SCNu64 " KiB window", &start, &kib) == 2 &&
		    strstr(line, "window") < strchr(line, '\n'))
			windows += strncmp(strstr(line, "KiB ") + 4, "window", 6) ? 0 : kib;
	igt_assert_eq_u64(windows, value(text, "windows in use") + value(text, "windows idle"));
	if (value(text, "total"))
		igt_assert(windows);
	munmap((void *)ptr, NOVA_64K);
	nova_gem_close(fd, handle);
	free(text);
}

/**
 * SUBTEST: selftest
 * Description: the driver's own checks of PRAMIN, BAR1 and page tables pass, beside a user
 */
static void test_selftest(int fd)
{
	uint32_t vm = nova_vm_create(fd), handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	char *text;

	nova_vm_map(fd, vm, handle, 0, 1ull << 33, NOVA_2M);
	text = read_file(fd, "selftest");
	igt_assert(strstr(text, "1.."));
	igt_assert(strstr(text, "\nok 1 - "));
	igt_assert(!strstr(text, "not ok"));
	free(text);
	nova_vm_destroy(fd, vm);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: pagetables
 * Description: the leaves of a VM add up to what is bound, whatever the page sizes
 */
static void test_pagetables(int fd)
{
	uint32_t vm = nova_vm_create(fd), handle = nova_gem_create(fd, 4 * NOVA_2M, NOVA_VRAM);
	const uint64_t va = 1ull << 33, range = 3 * NOVA_2M + 5 * NOVA_64K + 7 * NOVA_4K;
	uint64_t page, kind, pages, kib, sum = 0;
	const char *line;
	char *text;

	nova_vm_map(fd, vm, handle, NOVA_4K, va + NOVA_4K, range);
	igt_assert_eq(nova_debug_tables(fd, vm, &text), 0);
	for (line = text; line; line = next_line(line)) {
		if (sscanf(line, "%" SCNu64 " vram %" SCNx64 " %" SCNu64 " %" SCNu64, &page, &kind,
			   &pages, &kib) != 4)
			continue;
		igt_assert_eq_u64(page * pages, kib);
		sum += kib;
	}
	igt_assert_eq_u64(sum, range / KIB);
	free(text);
	nova_vm_unmap(fd, vm, va + NOVA_4K, range);
	nova_vm_destroy(fd, vm);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: gpuvas
 * Description: a mapping shows under its VM with address and size
 */
static void test_gpuvas(int fd)
{
	uint32_t vm = nova_vm_create(fd), handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	char want[128], *text;

	snprintf(want, sizeof(want), "vm %u pid %d\n", vm, getpid());
	nova_vm_map(fd, vm, handle, 0, 0x234560000, NOVA_64K);
	text = read_file(fd, "gpuvas");
	igt_assert_f(strstr(text, want), "no \"%s\"", want);
	snprintf(want, sizeof(want), "0x%015llx-0x%015llx %12llu KiB bo ", 0x234560000ull,
		 0x234560000ull + NOVA_64K - 1, NOVA_64K / KIB);
	igt_assert_f(strstr(text, want), "no \"%s\"", want);
	free(text);
	nova_vm_destroy(fd, vm);
	nova_gem_close(fd, handle);
}

static const struct {
	const char *name;
	uint32_t placement;
	const char *from;
} evicts[] = {
	{ "evict_vram", NOVA_VRAM, "vram" },
	{ "evict_gtt", NOVA_SYSTEM, "gtt" },
};

/**
 * SUBTEST: %s
 * Description: writing to %arg[1] empties the region; content and CPU mappings live on
 *
 * arg[1]:
 *
 * @evict_vram: VRAM
 * @evict_gtt:  system pages the GPU can reach
 */
static void test_evict(int fd, unsigned int i)
{
	uint32_t handle = nova_gem_create(fd, NOVA_2M, evicts[i].placement);
	uint32_t *ptr = nova_gem_mmap(fd, handle, 0, NOVA_2M);

	nova_fill(ptr, NOVA_2M, 11 + i);
	igt_assert(file_value(fd, evicts[i].name, evicts[i].from) >= NOVA_2M / KIB);
	igt_assert_eq(nova_debug_write(fd, evicts[i].name, "1"), 0);
	igt_assert_eq_u64(file_value(fd, evicts[i].name, evicts[i].from), 0);
	igt_assert(nova_check(ptr, NOVA_2M, 11 + i));
	munmap(ptr, NOVA_2M);
	nova_gem_close(fd, handle);
}

static void client_load(int fd, unsigned int seed)
{
	uint32_t vm = nova_vm_create(fd), handle;
	unsigned int round;
	uint32_t *ptr;

	srandom(seed);
	for (round = 0; round < 60; round++) {
		uint64_t size = (1 + random() % 64) * NOVA_64K;

		handle = nova_gem_create(fd, size, random() % 2 ? NOVA_VRAM : NOVA_SYSTEM);
		nova_vm_map(fd, vm, handle, 0, (1ull << 33) + random() % 64 * NOVA_64K, size);
		ptr = nova_gem_mmap(fd, handle, 0, size);
		ptr[random() % (size / 4)] = round;
		munmap(ptr, size);
		if (random() % 4)
			nova_gem_close(fd, handle);
	}
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: under-load
 * Description: every file can be read again and again while clients work and memory is evicted
 */
static void test_under_load(int fd)
{
	static const char * const files[] = {
		"bar1", "gem", "gpuvas", "gtt_mm", "pagetables", "stats", "vram_mm", "evict_vram",
		"evict_gtt",
	};

	igt_fork(child, 4) {
		int client = nova_open_again(fd);
		unsigned int round, i;
		char *gem;

		if (child < 2) {
			client_load(client, child);
		} else {
			for (round = 0; round < 25; round++) {
				for (i = 0; i < NR(files); i++)
					free(read_file(client, files[i]));
				gem = read_file(client, "gem");
				sum_gem(gem);
				free(gem);
				if (round % 8 == 1)
					igt_assert_eq(nova_debug_write(client, "evict_vram", "1"), 0);
			}
		}
		drm_close_driver(client);
	}
	igt_waitchildren();
}

int igt_main()
{
	int fd = -1;
	unsigned int i;

	igt_fixture()
		fd = nova_open();

	igt_subtest("gem")
		test_gem(fd);
	igt_subtest("vram-mm")
		test_vram_mm(fd);
	igt_subtest("vram-has-one-owner")
		test_one_owner(fd);
	igt_subtest("stats")
		test_stats(fd);
	igt_subtest("gtt-mm")
		test_gtt_mm(fd);
	igt_subtest("bar1")
		test_bar1(fd);
	igt_subtest("selftest")
		test_selftest(fd);
	igt_subtest("pagetables")
		test_pagetables(fd);
	igt_subtest("gpuvas")
		test_gpuvas(fd);
	for (i = 0; i < NR(evicts); i++)
		igt_subtest(evicts[i].name)
			test_evict(fd, i);
	igt_subtest("under-load")
		test_under_load(fd);

	igt_fixture()
		drm_close_driver(fd);
}
