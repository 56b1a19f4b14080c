// SPDX-License-Identifier: MIT

/**
 * TEST: nova kunit
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: kunit
 * Functionality: kernel self-tests
 * Description: runs the KUnit suites inside the driver and the software GPU, case by case
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt.h"

IGT_TEST_DESCRIPTION("Runs the KUnit suites inside the driver and the software GPU");

#define KUNIT_ROOT "/sys/kernel/debug/kunit"
#define RESULTS_MAX (1u << 20)

/* Suites of ours, by the beginning of their names. */
static int is_suite(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "nova", 4) || !strncmp(entry->d_name, "swgpu", 5);
}

static int open_file(const char *suite, const char *file, int flags)
{
	char path[512];

	snprintf(path, sizeof(path), KUNIT_ROOT "/%s/%s", suite, file);
	return open(path, flags | O_CLOEXEC);
}

/* Runs a suite and returns what it reports, or NULL if it cannot be run. */
static char *run_suite(const char *suite)
{
	char *text = calloc(1, RESULTS_MAX);
	size_t len = 0;
	ssize_t got;
	int fd = open_file(suite, "run", O_WRONLY);
	bool started = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	fd = open_file(suite, "results", O_RDONLY);
	if (!text || !started || fd < 0) {
		free(text);
		return NULL;
	}
	while ((got = read(fd, text + len, RESULTS_MAX - len - 1)) > 0)
		len += (size_t)got;
	close(fd);
	return text;
}

/*
 * A line of KTAP of a case: "    ok 3 name" with the verdict and, behind a hash,
 * the reason of a skip. Lines of single parameters are indented further.
 */
struct verdict {
	char name[128];
	bool passed;
	bool skipped;
};

static bool parse_line(const char *line, struct verdict *verdict)
{
	const char *end = strchr(line, '\n');
	const char *hash;
	int used = 0;

	if (strncmp(line, "    ", 4) || line[4] == ' ')
		return false;
	line += 4;
	verdict->passed = !strncmp(line, "ok ", 3);
	if (!verdict->passed && strncmp(line, "not ok ", 7))
		return false;
	line += verdict->passed ? 3 : 7;
	if (sscanf(line, "%*u %127s%n", verdict->name, &used) != 1)
		return false;
	hash = strstr(line, "# SKIP");
	verdict->skipped = hash && (!end || hash < end);
	return true;
}

static void report(const char *suite, const char *text)
{
	struct verdict verdict;
	unsigned int nr = 0;
	const char *line;

	for (line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!parse_line(line, &verdict))
			continue;
		nr++;
		igt_dynamic_f("%s-%s", suite, verdict.name) {
			igt_require(!verdict.skipped);
			igt_assert_f(verdict.passed, "%s\n", text);
		}
	}
	igt_assert_f(nr, "suite %s reports no case\n", suite);
}

/**
 * SUBTEST: suites
 * Description: every case of every suite passes, each as a dynamic subtest
 */
static void test_suites(struct dirent **suites, int nr)
{
	char *text;
	int i;

	for (i = 0; i < nr; i++) {
		text = run_suite(suites[i]->d_name);
		igt_assert_f(text, "suite %s cannot be run\n", suites[i]->d_name);
		report(suites[i]->d_name, text);
		free(text);
	}
}

int igt_main()
{
	struct dirent **suites = NULL;
	int nr = -1;

	igt_fixture() {
		nr = scandir(KUNIT_ROOT, &suites, is_suite, alphasort);
		igt_require_f(nr > 0, "the modules were built without their KUnit suites\n");
	}

	igt_subtest_with_dynamic("suites")
		test_suites(suites, nr);
}
