// SPDX-License-Identifier: MIT

/**
 * TEST: nova wedge
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: faulty hardware
 * Description: binds on slow, forgetful and dead hardware, and a new start after it
 */

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"
#include "nova_space.h"

IGT_TEST_DESCRIPTION("Binds on slow, forgetful and dead hardware");

#define SIZE NOVA_64K
#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void inject(int fd, const char *text)
{
	char device[64], path[160];
	int file, put;

	igt_assert_eq(nova_debug_device(fd, device, sizeof(device)), 0);
	snprintf(path, sizeof(path), "/sys/kernel/debug/nova_swgpu/%s/inject", device);
	file = open(path, O_WRONLY);
	igt_require_f(file >= 0, "not a software GPU\n");
	put = write(file, text, strlen(text));
	close(file);
	igt_assert_eq(put, strlen(text));
}

static const struct {
	const char *name;
	const char *on;
	const char *off;
} nuisances[] = {
	{ "slow-tlb", "tlb_polls 50", "tlb_polls 0" },
	{ "slow-flush", "flush_polls 50", "flush_polls 0" },
	{ "evicting-tlb", "evict 3", "evict 0" },
};

/**
 * SUBTEST: %s
 * Description: binds give the same result with %arg[1]
 *
 * arg[1]:
 *
 * @slow-tlb:     invalidates that take their time
 * @slow-flush:   flushes that take their time
 * @evicting-tlb: a TLB that forgets entries at random
 */
static void test_nuisance(int fd, unsigned int i)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	unsigned int round;

	nova_space_init(&space, fd);
	inject(fd, nuisances[i].on);
	srandom(3);
	for (round = 0; round < 20; round++) {
		unsigned int first = (unsigned int)random() % 32, nr = 1 + random() % 32;

		op = round % 3 ? nova_space_map_op(&space, first, nr, round % 2, round) :
				 nova_space_unmap_op(&space, first, nr);
		nova_space_apply(&space, &op);
		nova_space_check(&space);
	}
	inject(fd, nuisances[i].off);
	nova_space_fini(&space);
}

static struct drm_nova_vm_get_state state(int fd, uint32_t vm)
{
	struct drm_nova_vm_get_state args = { .vm_id = vm };

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_VM_GET_STATE, &args), 0);
	return args;
}

/* 16 pages are mapped when an unmap of four of them is what the TLB does not answer to. */
static void mapped_space(struct nova_space *space, int fd)
{
	struct drm_nova_vm_bind_op map;

	nova_space_init(space, fd);
	map = nova_space_map_op(space, 0, 16, 0, 0);
	nova_space_apply(space, &map);
	igt_assert_eq_u32(state(fd, space->vm).state, 0);
}

static void dead_unmap(struct nova_space *space)
{
	struct drm_nova_vm_bind_op unmap = nova_space_unmap_op(space, 0, 4);

	inject(space->fd, "tlb_stuck 1");
	igt_assert_eq(__nova_vm_bind_op(space->fd, space->vm, &unmap), -ENOENT);
}

/**
 * SUBTEST: dead-tlb-bans
 * Description: when an invalidate is never acknowledged the call fails, the VM
 *              is banned, maps give ENOENT, and letting go of things still works
 */
static void test_dead_tlb(int fd)
{
	struct drm_nova_vm_bind_op map;
	struct nova_space space;

	mapped_space(&space, fd);
	dead_unmap(&space);
	igt_assert_eq_u32(state(fd, space.vm).state, DRM_NOVA_VM_STATE_BANNED);
	igt_assert(state(fd, space.vm).error < 0);
	map = nova_space_map_op(&space, 30, 4, 1, 0);
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &map), -ENOENT);
	inject(fd, "tlb_stuck 0");
	igt_assert_eq(__nova_vm_bind_op(fd, space.vm, &map), -ENOENT);
	nova_space_fini(&space);
}

static const struct {
	const char *name;
	uint32_t placement;
} places[] = {
	{ "vram", NOVA_VRAM },
	{ "system", NOVA_SYSTEM },
};

/* Nobody says when the pages are taken away. */
static bool goes_nowhere(const uint8_t *ptr)
{
	unsigned int tries;

	for (tries = 0; tries < 500; tries++) {
		if (!ptr[0] && !ptr[SIZE - 1])
			return true;
		usleep(20000);
	}
	return false;
}

/**
 * SUBTEST: mapped-%s
 * Description: once the hardware is dead the CPU finds zeroes, and may write: %arg[1]
 *
 * arg[1]:
 *
 * @vram:   in VRAM, that it had touched
 * @system: in system memory, that it had touched
 */
static void test_mapped(int fd, uint32_t placement)
{
	uint32_t handle = nova_gem_create(fd, SIZE, placement);
	uint8_t *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	struct nova_space space;

	memset(ptr, 0x5a, SIZE);
	mapped_space(&space, fd);
	igt_assert_eq(ptr[SIZE - 1], 0x5a);
	dead_unmap(&space);
	igt_assert(goes_nowhere(ptr));
	memset(ptr, 0xa5, SIZE);
	inject(fd, "tlb_stuck 0");
	munmap(ptr, SIZE);
	nova_gem_close(fd, handle);
	nova_space_fini(&space);
}

static void write_sysfs(const char *path, const char *text)
{
	int file = open(path, O_WRONLY), put;

	igt_assert_f(file >= 0, "%s\n", path);
	put = write(file, text, strlen(text));
	close(file);
	igt_assert_eq(put, strlen(text));
}

/* Takes the driver off the device and puts it back. Closes @fd; returns a new one. */
static int rebind(int fd)
{
	char device[64];

	igt_assert_eq(nova_debug_device(fd, device, sizeof(device)), 0);
	drm_close_driver(fd);
	write_sysfs("/sys/bus/platform/drivers/drm_nova/unbind", device);
	write_sysfs("/sys/bus/platform/drivers/drm_nova/bind", device);
	return nova_open();
}

/**
 * SUBTEST: rebind-recovers
 * Description: after the driver was taken off the device and put back, it works
 */
static void test_recovered(int fd)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;

	nova_space_init(&space, fd);
	op = nova_space_map_op(&space, 3, 40, 0, 7);
	nova_space_apply(&space, &op);
	nova_space_check(&space);
	nova_space_fini(&space);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(nuisances); i++)
		igt_subtest_f("%s", nuisances[i].name)
			test_nuisance(fd, i);
	igt_subtest("dead-tlb-bans")
		test_dead_tlb(fd);

	igt_fixture()
		fd = rebind(fd);
	igt_subtest("rebind-recovers")
		test_recovered(fd);

	for (i = 0; i < NR(places); i++) {
		igt_subtest_f("mapped-%s", places[i].name)
			test_mapped(fd, places[i].placement);
		igt_fixture()
			fd = rebind(fd);
	}

	igt_fixture()
		drm_close_driver(fd);
}
