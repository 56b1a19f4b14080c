// SPDX-License-Identifier: MIT
/* Runs all unit tests of the model core in user space and prints TAP. */

#include <stdio.h>

#include "../swgpu_check.h"

static int failed_checks;

void swgpu_check(const struct swgpu_check *c)
{
	if (c->is == c->expected)
		return;
	failed_checks++;
	printf("# %s:%d: %s is %#llx, not %#llx\n", c->file, c->line, c->text,
	       (unsigned long long)c->is, (unsigned long long)c->expected);
}

void swgpu_check_give_up(void)
{
	printf("Bail out! no GPU\n");
	exit(1);
}

static const struct swgpu_test *const suites[] = {
	swgpu_fmt_tests, swgpu_walk_tests, swgpu_tlb_tests, swgpu_bar_tests,
	swgpu_bar1_tests, swgpu_gsp_tests, swgpu_chan_tests, swgpu_push_tests,
	swgpu_ce_tests, swgpu_remap_tests, swgpu_sched_tests,
};

static int run(const struct swgpu_test *test, const char *how, int *nr)
{
	int failed = 0;

	for (; test->name; test++) {
		failed_checks = 0;
		test->run();
		failed += failed_checks != 0;
		printf("%sok %d %s%s\n", failed_checks ? "not " : "", ++*nr, test->name, how);
	}
	return failed;
}

int main(void)
{
	int failed = 0;
	int nr = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		failed += run(suites[i], "", &nr);
	swgpu_user_blocks = true;	/* as the kernel has VRAM */
	failed += run(swgpu_ce_tests, "_in_blocks", &nr);
	printf("1..%d\n", nr);
	return failed != 0;
}
