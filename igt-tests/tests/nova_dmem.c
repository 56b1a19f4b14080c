// SPDX-License-Identifier: MIT

/**
 * TEST: nova dmem
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: cgroup limits
 * Description: a client whose cgroup may have a part of VRAM only
 */

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_cgroup.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("A client whose cgroup may have a part of VRAM only");

#define LIMIT_OBJECTS 4
#define LIMIT (LIMIT_OBJECTS * NOVA_2M)
#define OBJECTS (3 * LIMIT_OBJECTS)

static char region[192];

static uint64_t charged(void)
{
	uint64_t bytes = ~0ull;

	igt_assert_eq(nova_cgroup_read("dmem.current", region, &bytes), 0);
	return bytes;
}

static unsigned int count_in_vram(int fd, const uint32_t *handles, unsigned int nr)
{
	unsigned int i, here = 0;

	for (i = 0; i < nr; i++)
		here += nova_gem_query(fd, handles[i]).region == DRM_NOVA_REGION_VRAM;
	return here;
}

static void create_all(int client, uint32_t *handles, uint32_t placement)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++) {
		void *ptr;

		handles[i] = nova_gem_create(client, NOVA_2M, placement);
		ptr = nova_gem_mmap(client, handles[i], 0, NOVA_2M);
		nova_fill(ptr, NOVA_2M, i);
		munmap(ptr, NOVA_2M);
		igt_assert(charged() <= LIMIT);
	}
}

static void check_all(int client, const uint32_t *handles)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++) {
		void *ptr = nova_gem_mmap(client, handles[i], 0, NOVA_2M);

		igt_assert_f(nova_check(ptr, NOVA_2M, i), "object %u\n", i);
		munmap(ptr, NOVA_2M);
	}
}

static void close_all(int client, const uint32_t *handles)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++)
		nova_gem_close(client, handles[i]);
}

/**
 * SUBTEST: vram-only
 * Description: objects for VRAM alone, three times the limit: the client makes room among
 *              its own, every word stays what it was
 */
static void run_vram_only(int client)
{
	uint32_t handles[OBJECTS];

	create_all(client, handles, NOVA_VRAM);
	igt_assert_eq(count_in_vram(client, handles, OBJECTS), LIMIT_OBJECTS);
	check_all(client, handles);
	close_all(client, handles);
}

/**
 * SUBTEST: both-regions
 * Description: an object that may be in system memory goes there when the limit is reached
 */
static void run_both_regions(int client)
{
	uint32_t handles[OBJECTS];

	create_all(client, handles, NOVA_VRAM | NOVA_SYSTEM);
	igt_assert_eq(count_in_vram(client, handles, OBJECTS), LIMIT_OBJECTS);
	check_all(client, handles);
	close_all(client, handles);
}

/**
 * SUBTEST: too-large
 * Description: an object for VRAM alone that is larger than the limit is refused with
 *              ENOSPC, one that may be elsewhere is not; neither costs the client what it has
 */
static void run_too_large(int client)
{
	struct drm_nova_gem_create2 create = { .size = 2 * LIMIT, .placement = NOVA_VRAM };
	uint32_t mine = nova_gem_create(client, NOVA_2M, NOVA_VRAM);

	igt_assert_eq(__nova_gem_create2(client, &create), -ENOSPC);
	create = (struct drm_nova_gem_create2) {
		.size = 2 * LIMIT, .placement = NOVA_VRAM | NOVA_SYSTEM,
	};
	igt_assert_eq(__nova_gem_create2(client, &create), 0);
	igt_assert_eq_u32(nova_gem_query(client, create.handle).region,
			  DRM_NOVA_REGION_SYSTEM);
	nova_gem_close(client, create.handle);
	nova_gem_close(client, mine);
}

/* What somebody outside the cgroup has stays where it is. */
static void run_limited(int fd, void (*run)(int client))
{
	uint32_t others[LIMIT_OBJECTS];
	char limit[256];
	unsigned int i;

	snprintf(limit, sizeof(limit), "%s %llu", region, LIMIT);
	igt_require_f(nova_cgroup_create("dmem", "dmem.max", limit),
		      "no cgroup controller for device memory\n");
	for (i = 0; i < LIMIT_OBJECTS; i++)
		others[i] = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	igt_fork(child, 1) {
		int client;

		igt_assert(nova_cgroup_join());
		client = nova_open_again(fd);
		run(client);
		close(client);
	}
	igt_waitchildren();
	igt_assert_eq(count_in_vram(fd, others, LIMIT_OBJECTS), LIMIT_OBJECTS);
	igt_assert_eq_u64(charged(), 0);
	for (i = 0; i < LIMIT_OBJECTS; i++)
		nova_gem_close(fd, others[i]);
	nova_cgroup_destroy();
}

static const struct {
	const char *name;
	void (*run)(int client);
} tests[] = {
	{ "vram-only", run_vram_only },
	{ "both-regions", run_both_regions },
	{ "too-large", run_too_large },
};

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture() {
		char name[64];

		fd = nova_open();
		igt_assert_eq(nova_debug_device(fd, name, sizeof(name)), 0);
		snprintf(region, sizeof(region), "drm/%s/vram0", name);
	}

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		igt_subtest(tests[i].name)
			run_limited(fd, tests[i].run);

	igt_fixture()
		drm_close_driver(fd);
}
