// SPDX-License-Identifier: MIT

/**
 * TEST: nova fdinfo
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: fdinfo
 * Functionality: drm-usage-stats
 * Description: what /proc/self/fdinfo says about a client's memory
 */

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("What /proc/self/fdinfo says about a client's memory");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void read_fdinfo(int fd, char *text, size_t len)
{
	char path[64];
	ssize_t got;
	int file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = open(path, O_RDONLY);
	igt_assert(file >= 0);
	got = read(file, text, len - 1);
	close(file);
	igt_assert(got > 0);
	text[got] = '\0';
}

/* Value of a key in bytes, or -1 without such a key. */
static int64_t key(int fd, const char *name)
{
	char text[8192], unit[8] = "";
	const char *line;
	uint64_t value;

	read_fdinfo(fd, text, sizeof(text));
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, strlen(name)) || line[strlen(name)] != ':')
			continue;
		igt_assert(sscanf(line + strlen(name) + 1, "%" SCNu64 " %7s", &value, unit) >= 1);
		if (!strcmp(unit, "KiB"))
			return (int64_t)value << 10;
		return !strcmp(unit, "MiB") ? (int64_t)value << 20 : (int64_t)value;
	}
	return -1;
}

/* Every memory key of one region. */
struct usage {
	int64_t total, shared, resident, active, purgeable;
};

static int64_t region_key(int fd, const char *what, const char *region)
{
	char name[64];
	int64_t value;

	snprintf(name, sizeof(name), "drm-%s-%s", what, region);
	value = key(fd, name);
	igt_assert_f(value >= 0, "no %s\n", name);
	return value;
}

static struct usage usage(int fd, const char *region)
{
	struct usage usage = {
		.total = region_key(fd, "total", region),
		.shared = region_key(fd, "shared", region),
		.resident = region_key(fd, "resident", region),
		.active = region_key(fd, "active", region),
		.purgeable = region_key(fd, "purgeable", region),
	};

	igt_assert(usage.resident <= usage.total);
	igt_assert(usage.active <= usage.resident);
	igt_assert(usage.shared <= usage.total);
	return usage;
}

static const char * const regions[] = { "vram", "gtt", "memory" };

/**
 * SUBTEST: new-client
 * Description: every key is there and a new client uses nothing
 */
static void test_new(int fd)
{
	int client = nova_open_again(fd);
	unsigned int i;

	for (i = 0; i < NR(regions); i++) {
		igt_assert_eq_u64(usage(client, regions[i]).total, 0);
		igt_assert_eq_u64(usage(client, regions[i]).shared, 0);
	}
	igt_assert_eq_u64(key(client, "nova-pagetables"), 0);
	drm_close_driver(client);
}

static int64_t total_everywhere(int fd)
{
	int64_t sum = 0;
	unsigned int i;

	for (i = 0; i < NR(regions); i++)
		sum += usage(fd, regions[i]).total;
	return sum;
}

/**
 * SUBTEST: counted-once
 * Description: each object counts once, where it is, until it is closed
 */
static void test_counted_once(int fd)
{
	int client = nova_open_again(fd);
	uint32_t vram = nova_gem_create(client, 4 * NOVA_2M, NOVA_VRAM);
	uint32_t system = nova_gem_create(client, NOVA_2M, NOVA_SYSTEM);

	igt_assert_eq_u64(usage(client, "vram").total, 4 * NOVA_2M);
	igt_assert_eq_u64(usage(client, "vram").resident, 4 * NOVA_2M);
	igt_assert_eq_u64(total_everywhere(client), 5 * NOVA_2M);
	nova_gem_close(client, vram);
	igt_assert_eq_u64(usage(client, "vram").total, 0);
	igt_assert_eq_u64(total_everywhere(client), NOVA_2M);
	nova_gem_close(client, system);
	igt_assert_eq_u64(total_everywhere(client), 0);
	drm_close_driver(client);
}

/**
 * SUBTEST: deferred-is-not-resident
 * Description: an object without backing counts in total and not in resident
 */
static void test_deferred(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = NOVA_2M, .placement = NOVA_VRAM, .flags = DRM_NOVA_GEM_DEFER,
	};
	int client = nova_open_again(fd);

	igt_assert_eq(__nova_gem_create2(client, &create), 0);
	igt_assert_eq_u64(usage(client, "vram").total, NOVA_2M);
	igt_assert_eq_u64(usage(client, "vram").resident, 0);
	drm_close_driver(client);
}

/**
 * SUBTEST: shared
 * Description: an object two clients have is shared memory of both
 */
static void test_shared(int fd)
{
	int a = nova_open_again(fd), b = nova_open_again(fd);
	struct drm_prime_handle prime = {
		.handle = nova_gem_create(a, NOVA_2M, NOVA_VRAM), .flags = DRM_CLOEXEC,
	};

	igt_assert_eq_u64(usage(a, "vram").shared, 0);
	igt_assert_eq(__nova_ioctl(a, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime), 0);
	igt_assert_eq(__nova_ioctl(b, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime), 0);
	close(prime.fd);
	igt_assert_eq_u64(usage(a, "vram").shared, NOVA_2M);
	igt_assert_eq_u64(usage(b, "vram").shared, NOVA_2M);
	drm_close_driver(a);
	drm_close_driver(b);
}

/**
 * SUBTEST: page-tables
 * Description: page tables are charged to the client whose VM they are for
 */
static void test_page_tables(int fd)
{
	int client = nova_open_again(fd), other = nova_open_again(fd);
	uint32_t vm = nova_vm_create(client);
	uint32_t handle = nova_gem_create(client, NOVA_64K, NOVA_VRAM);
	int64_t before = key(client, "nova-pagetables"), during;

	igt_assert(before > 0);
	nova_vm_map(client, vm, handle, 0, 1ull << 33, NOVA_4K);
	during = key(client, "nova-pagetables");
	igt_assert(during > before);
	igt_assert_eq_u64(key(other, "nova-pagetables"), 0);
	nova_vm_unmap(client, vm, 1ull << 33, NOVA_4K);
	igt_assert(key(client, "nova-pagetables") <= during);
	nova_vm_destroy(client, vm);
	igt_assert_eq_u64(key(client, "nova-pagetables"), 0);
	drm_close_driver(client);
	drm_close_driver(other);
}

/**
 * SUBTEST: bar1-reserved
 * Description: what a client maps of VRAM counts in BAR1 address space, until it goes
 */
static void test_bar1(int fd)
{
	uint64_t window = nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW);
	int client = nova_open_again(fd);
	uint32_t handle = nova_gem_create(client, NOVA_2M, NOVA_VRAM);
	char *ptr = nova_gem_mmap(client, handle, 0, NOVA_2M);

	igt_assert_eq_u64(key(client, "nova-bar1-reserved"), 0);
	ptr[0] = 1;
	ptr[NOVA_2M - 1] = 1;
	igt_assert(!!key(client, "nova-bar1-reserved") == !!window);
	igt_assert((uint64_t)key(client, "nova-bar1-reserved") <= window);
	munmap(ptr, NOVA_2M);
	nova_gem_close(client, handle);
	igt_assert_eq_u64(key(client, "nova-bar1-reserved"), 0);
	drm_close_driver(client);
}

/**
 * SUBTEST: clients-add-up
 * Description: what clients hold alone is no more than the VRAM in use
 */
static void test_add_up(int fd)
{
	int clients[4];
	int64_t sum = 0;
	unsigned int i;

	for (i = 0; i < NR(clients); i++) {
		clients[i] = nova_open_again(fd);
		nova_gem_create(clients[i], (i + 1) * NOVA_2M, NOVA_VRAM);
	}
	for (i = 0; i < NR(clients); i++)
		sum += usage(clients[i], "vram").resident - usage(clients[i], "vram").shared;
	igt_assert_eq_u64(sum, 10 * NOVA_2M);
	igt_assert((uint64_t)sum <= nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED));
	for (i = 0; i < NR(clients); i++)
		drm_close_driver(clients[i]);
}

int igt_main()
{
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	igt_subtest("new-client")
		test_new(fd);
	igt_subtest("counted-once")
		test_counted_once(fd);
	igt_subtest("deferred-is-not-resident")
		test_deferred(fd);
	igt_subtest("shared")
		test_shared(fd);
	igt_subtest("page-tables")
		test_page_tables(fd);
	igt_subtest("bar1-reserved")
		test_bar1(fd);
	igt_subtest("clients-add-up")
		test_add_up(fd);

	igt_fixture()
		drm_close_driver(fd);
}
