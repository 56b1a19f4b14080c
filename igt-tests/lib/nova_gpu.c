// SPDX-License-Identifier: MIT

/**
 * DOC: A software GPU of the test's own
 *
 * Tests of memory that is short want a device with little of it, and of several
 * kinds in one run. Such a device is made through configfs beside the one that the
 * environment selects, and is of the same chip. A test that needs one is skipped
 * where configfs is missing.
 *
 * Also here: what only debugfs can do to a device, namely forced eviction.
 */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_ioctl.h"

#define CONFIGFS "/sys/kernel/config"

/**
 * nova_write_file() - write a text to a file of sysfs, debugfs or configfs
 * @path: the file
 * @text: what to write; one write(2)
 */
void nova_write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t put;

	igt_assert_f(file >= 0, "%s\n", path);
	put = write(file, text, strlen(text));
	close(file);
	igt_assert_f(put == (ssize_t)strlen(text), "%s does not take \"%s\"\n", path, text);
}

static void nova_gpu_set(const struct nova_gpu *gpu, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", gpu->folder, name);
	nova_write_file(path, text);
}

static void nova_gpu_set_number(const struct nova_gpu *gpu, const char *name, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	nova_gpu_set(gpu, name, text);
}

static void nova_gpu_set_chip(const struct nova_gpu *gpu, int like)
{
	struct drm_nova_info_gpu info = {};
	char *c;

	nova_info(like, DRM_NOVA_INFO_GPU, sizeof(info), &info);
	for (c = (char *)info.short_name; *c; c++)
		*c = (char)tolower(*c);
	nova_gpu_set(gpu, "chip", (char *)info.short_name);
}

static void nova_gpu_read_device(struct nova_gpu *gpu)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/device", gpu->folder);
	file = fopen(path, "re");
	igt_assert(file && fscanf(file, "%63s", gpu->device) == 1);
	fclose(file);
}

/* The render node of a device on the platform bus. */
static int nova_gpu_open(const char *device)
{
	char path[160];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/drm", device);
	dir = opendir(path);
	igt_assert_f(dir, "%s has no driver\n", device);
	while (fd < 0 && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "renderD", 7))
			continue;
		snprintf(path, sizeof(path), "/dev/dri/%.60s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	closedir(dir);
	igt_assert(fd >= 0);
	return fd;
}

/**
 * nova_gpu_create() - make a software GPU
 * @gpu: returns it
 * @like: device whose chip it gets
 * @config: its size
 *
 * Skips the test if software GPUs cannot be made at run time.
 */
void nova_gpu_create(struct nova_gpu *gpu, int like, const struct nova_gpu_config *config)
{
	if (access(CONFIGFS "/nova_swgpu", F_OK))
		mount("configfs", CONFIGFS, "configfs", 0, NULL);
	igt_require_f(!access(CONFIGFS "/nova_swgpu", F_OK), "no configfs of software GPUs\n");
	snprintf(gpu->folder, sizeof(gpu->folder), CONFIGFS "/nova_swgpu/igt-%d", getpid());
	if (!access(gpu->folder, F_OK))		/* left by a subtest that failed */
		igt_assert_eq(rmdir(gpu->folder), 0);
	igt_assert_eq(mkdir(gpu->folder, 0700), 0);
	nova_gpu_set_chip(gpu, like);
	nova_gpu_set_number(gpu, "vram_mb", config->vram_mb);
	nova_gpu_set_number(gpu, "bar1_mb", config->bar1_mb);
	nova_gpu_set(gpu, "enabled", "1");
	nova_gpu_read_device(gpu);
	gpu->fd = nova_gpu_open(gpu->device);
}

/**
 * nova_gpu_destroy() - take a software GPU away
 * @gpu: the GPU; nobody else has its file open
 */
void nova_gpu_destroy(struct nova_gpu *gpu)
{
	close(gpu->fd);
	nova_gpu_set(gpu, "enabled", "0");
	igt_assert_eq(rmdir(gpu->folder), 0);
}

/**
 * nova_evict() - push everything out of a kind of memory
 * @fd: device
 * @file: "evict_vram" or "evict_gtt"
 *
 * Return: 0 or the driver's negative errno.
 */
int nova_evict(int fd, const char *file)
{
	return nova_debug_write(fd, file, "1");
}

/**
 * nova_stat() - an amount of memory in the debugfs file "stats"
 * @fd: device
 * @name: its name
 *
 * Return: bytes.
 */
int64_t nova_stat(int fd, const char *name)
{
	char *text, *line;
	int64_t value;

	igt_assert_eq(nova_debug_read(fd, "stats", &text), 0);
	line = strstr(text, name);
	igt_assert_f(line && sscanf(line + strlen(name), "%" SCNd64 " KiB", &value) == 1,
		     "no %s in stats\n", name);
	free(text);
	return value * 1024;
}
