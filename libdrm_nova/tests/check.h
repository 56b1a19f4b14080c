/* SPDX-License-Identifier: MIT */

#ifndef __CHECK_H__
#define __CHECK_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The least a unit test needs: cases in a table, results as TAP. A failed check
 * is printed as a comment with both values and fails its case, which goes on.
 */

struct check_case {
	const char *name;
	void (*run)(void);
};

#define CHECK_CASE(fn) { #fn, fn }

static bool check_failed;

#define CHECK(cond) do { \
	if (!(cond)) { \
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
		check_failed = true; \
	} \
} while (0)

#define CHECK_EQ(a, b) do { \
	long long check_a = (long long)(a), check_b = (long long)(b); \
	if (check_a != check_b) { \
		printf("# %s:%d: %s is %#llx, not %#llx\n", __FILE__, __LINE__, #a, \
		       check_a, check_b); \
		check_failed = true; \
	} \
} while (0)

static inline int check_main(const struct check_case *cases, size_t nr)
{
	int status = 0;
	size_t i;

	printf("1..%zu\n", nr);
	for (i = 0; i < nr; i++) {
		check_failed = false;
		cases[i].run();
		printf("%s %zu - %s\n", check_failed ? "not ok" : "ok", i + 1, cases[i].name);
		status |= check_failed;
	}
	return status;
}

#define CHECK_MAIN(cases) \
	int main(void) \
	{ \
		return check_main(cases, sizeof(cases) / sizeof((cases)[0])); \
	}

#endif /* __CHECK_H__ */
