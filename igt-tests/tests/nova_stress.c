// SPDX-License-Identifier: MIT

/**
 * TEST: nova stress
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_BIND, GEM, mmap, debugfs
 * Description: several clients at once, each checking its own memory all the time
 */

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"
#include "nova_space.h"

IGT_TEST_DESCRIPTION("Several clients at once, each checking its own memory all the time");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define CLIENTS 4

/* Random binds of known pages, looked at by the GPU. */
static void client_binds(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	unsigned int round;

	nova_space_init(&space, fd);
	for (round = 0; round < 40; round++) {
		unsigned int first = (unsigned int)random() % 32, nr = 1 + random() % 32;

		op = random() % 3 ? nova_space_map_op(&space, first, nr, round % 2, round) :
				    nova_space_unmap_op(&space, first, nr);
		nova_space_apply(&space, &op);
		if (round % 4 == 0)
			nova_space_check(&space);
	}
	nova_space_check(&space);
	nova_space_fini(&space);
}

/* Objects come, are filled through the CPU, are checked, and go. */
static void client_objects(int fd)
{
	unsigned int round;

	for (round = 0; round < 40; round++) {
		uint64_t size = (1 + (uint64_t)random() % 16) * NOVA_64K;
		uint32_t handle = nova_gem_create(fd, size, round % 3 ? NOVA_VRAM : NOVA_SYSTEM);
		void *ptr = nova_gem_mmap(fd, handle, 0, size);

		igt_assert(nova_is_zero(ptr, size));
		nova_fill(ptr, size, round);
		igt_assert(nova_check(ptr, size, round));
		if (round % 2)
			nova_gem_close(fd, handle);
		munmap(ptr, size);
		if (!(round % 2))
			nova_gem_close(fd, handle);
	}
}

/* VMs come and go with mappings in them. */
static void client_vms(int fd)
{
	uint32_t handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM), vm;
	unsigned int round, i;

	for (round = 0; round < 20; round++) {
		vm = nova_vm_create(fd);
		for (i = 0; i < 16; i++)
			nova_vm_map(fd, vm, handle, 0, (1ull << 33) + i * (1ull << 29), NOVA_2M);
		nova_vm_destroy(fd, vm);
	}
	nova_gem_close(fd, handle);
}

/* Everything debugfs has to say, again and again. */
static void client_reads_debugfs(int fd)
{
	static const char * const files[] = {
		"gem", "gpuvas", "vram_mm", "gtt_mm", "bar1", "pagetables",
	};
	unsigned int round, i;
	char *text;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < NR(files); i++) {
			igt_assert_f(!nova_debug_read(fd, files[i], &text), "%s\n", files[i]);
			free(text);
		}
	}
}

static const struct {
	const char *name;
	void (*clients[CLIENTS])(int fd);
} tests[] = {
	{ "binds", { client_binds, client_binds, client_binds, client_binds } },
	{ "objects", { client_objects, client_objects, client_objects, client_objects } },
	{ "vms", { client_vms, client_vms, client_binds, client_binds } },
	{ "everything", { client_binds, client_objects, client_vms, client_reads_debugfs } },
};

/**
 * SUBTEST: %s
 * Description: four clients at once: %arg[1]; all VRAM is back afterwards
 *
 * arg[1]:
 *
 * @binds:      random binds
 * @objects:    objects that come and go
 * @vms:        VMs that come and go beside random binds
 * @everything: one of each and a reader of debugfs
 */
static void test_clients(int fd, unsigned int i)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);

	igt_fork(child, CLIENTS) {
		int client = nova_open_again(fd);

		srandom(child);
		tests[i].clients[child](client);
		drm_close_driver(client);
	}
	igt_waitchildren();
	/* Tables come from chunks of 2 MiB, and one empty chunk is kept. */
	nova_settle_vram(fd, used + NOVA_2M);
}

/* Starts a client that binds and unbinds, and kills it after a while. */
static void run_and_kill(int fd, unsigned int delay_us)
{
	int status;
	pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid) {
		int client = nova_open_again(fd);

		for (;;)
			client_binds(client);
	}
	usleep(delay_us);
	igt_assert_eq(kill(pid, SIGKILL), 0);
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/**
 * SUBTEST: killed
 * Description: clients killed at any moment leave no memory behind
 */
static void test_killed(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	unsigned int round;

	for (round = 0; round < 20; round++)
		run_and_kill(fd, 3000 + 7000 * round);
	nova_settle_vram(fd, used + NOVA_2M);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(tests); i++)
		igt_subtest_f("%s", tests[i].name)
			test_clients(fd, i);
	igt_subtest("killed")
		test_killed(fd);

	igt_fixture()
		drm_close_driver(fd);
}
