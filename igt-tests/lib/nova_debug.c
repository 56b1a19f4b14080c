// SPDX-License-Identifier: MIT

/**
 * DOC: Seeing what the GPU sees
 *
 * Finds the debugfs files of the driver and of the software GPU behind a DRM
 * file descriptor, and reads and writes GPU virtual addresses with the model's
 * own walk of the page tables. The way there: the driver prints the page
 * directory of each VM in "pagetables"; the model takes it as the first line
 * written to its "mem" file; offsets in that file are then GPU addresses, and
 * an access the GPU would fault on fails with EFAULT.
 *
 * Needs root and debugfs. Nothing here asserts or prints: all calls return 0 or
 * a negative errno, so that tests and tools can share the file. Texts returned
 * are for the caller to free.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "nova_debug.h"

#define NOVA_DEBUG_ROOT "/sys/kernel/debug"
#define NOVA_DEBUG_PATH 256

static int nova_debug_path(char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int nova_debug_path(char *path, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(path, NOVA_DEBUG_PATH, fmt, args);
	va_end(args);
	return len < 0 || len >= NOVA_DEBUG_PATH ? -ENAMETOOLONG : 0;
}

static int nova_debug_minor(int drm_fd, unsigned int *minor_nr)
{
	struct stat st;

	if (fstat(drm_fd, &st))
		return -errno;
	if (!S_ISCHR(st.st_mode))
		return -ENOTTY;
	*minor_nr = minor(st.st_rdev);
	return 0;
}

/* Reads a file to its end into a string. Its size is not known beforehand. */
static int nova_debug_slurp(int fd, char **text)
{
	size_t len = 0, room = 4096;
	char *buf = malloc(room);
	char *more;
	ssize_t got;

	while (buf) {
		got = read(fd, buf + len, room - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got < 0)
				break;
			buf[len] = '\0';
			*text = buf;
			return 0;
		}
		len += (size_t)got;
		if (room - len > 1)
			continue;
		room *= 2;
		more = realloc(buf, room);
		if (!more)
			errno = ENOMEM;
		if (!more)
			break;
		buf = more;
	}
	free(buf);
	return -errno;
}

static int nova_debug_slurp_path(const char *path, char **text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = nova_debug_slurp(fd, text);
	close(fd);
	return ret;
}

/**
 * nova_debug_device() - name of the device behind a DRM file
 * @drm_fd: DRM file
 * @name: returns the name on its bus, such as "nova-swgpu.0"
 * @len: room at @name
 *
 * Return: 0, -ENAMETOOLONG or errno of sysfs.
 */
int nova_debug_device(int drm_fd, char *name, size_t len)
{
	char path[NOVA_DEBUG_PATH], target[NOVA_DEBUG_PATH];
	const char *base;
	unsigned int minor_nr;
	ssize_t got;
	int ret = nova_debug_minor(drm_fd, &minor_nr);

	if (ret)
		return ret;
	ret = nova_debug_path(path, "/sys/dev/char/226:%u/device", minor_nr);
	if (ret)
		return ret;
	got = readlink(path, target, sizeof(target) - 1);
	if (got < 0)
		return -errno;
	target[got] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (strlen(base) >= len)
		return -ENAMETOOLONG;
	strcpy(name, base);
	return 0;
}

/**
 * nova_debug_read() - read one of the driver's debugfs files
 * @drm_fd: DRM file
 * @file: name of the file
 * @text: returns the content
 *
 * Return: 0 or a negative errno; -ENOENT if there is no such file.
 */
int nova_debug_read(int drm_fd, const char *file, char **text)
{
	char path[NOVA_DEBUG_PATH];
	unsigned int minor_nr;
	int ret = nova_debug_minor(drm_fd, &minor_nr);

	if (!ret)
		ret = nova_debug_path(path, NOVA_DEBUG_ROOT "/dri/%u/%s", minor_nr, file);
	return ret ? ret : nova_debug_slurp_path(path, text);
}

/**
 * nova_debug_write() - write to one of the driver's debugfs files
 * @drm_fd: DRM file
 * @file: name of the file
 * @text: what to write
 *
 * Return: 0 or a negative errno; -ENOENT if there is no such file.
 */
int nova_debug_write(int drm_fd, const char *file, const char *text)
{
	char path[NOVA_DEBUG_PATH];
	unsigned int minor_nr;
	int fd, ret = nova_debug_minor(drm_fd, &minor_nr);

	if (!ret)
		ret = nova_debug_path(path, NOVA_DEBUG_ROOT "/dri/%u/%s", minor_nr, file);
	if (ret)
		return ret;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Start of the next line, or NULL at the end. */
static char *nova_debug_next_line(char *line)
{
	line = strchr(line, '\n');
	return line && line[1] ? line + 1 : NULL;
}

/**
 * nova_debug_value() - number behind a key at the start of a line
 * @text: text of a debugfs file
 * @key: key, with the spaces the line begins with
 * @value: returns the number
 *
 * Return: 0; -ENOENT if no line has the key and a number.
 */
int nova_debug_value(const char *text, const char *key, uint64_t *value)
{
	const size_t len = strlen(key);
	const char *line;

	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) && line[len] == ' ' &&
		    sscanf(line + len, " %" SCNu64, value) == 1)
			return 0;
	}
	return -ENOENT;
}

static bool nova_debug_is_vm(const char *line, uint32_t vm_id, struct nova_pdb *pdb)
{
	unsigned int id;
	int pid;

	return sscanf(line, "vm %u pid %d pdb %" SCNx64 " %15s", &id, &pid, &pdb->addr,
		      pdb->aperture) == 4 && id == vm_id && pid == getpid();
}

/* The first line of one VM, NULL without it. */
static char *nova_debug_find(char *text, uint32_t vm_id, struct nova_pdb *pdb)
{
	while (text && !nova_debug_is_vm(text, vm_id, pdb))
		text = nova_debug_next_line(text);
	return text;
}

/* Finds the lines of one VM and cuts @text to them. */
static int nova_debug_cut(char *text, uint32_t vm_id)
{
	struct nova_pdb pdb;
	char *line = nova_debug_find(text, vm_id, &pdb), *end;

	if (!line)
		return -ENOENT;
	end = nova_debug_next_line(line);
	while (end && strncmp(end, "vm ", 3))
		end = nova_debug_next_line(end);
	if (end)
		*end = '\0';
	memmove(text, line, strlen(line) + 1);
	return 0;
}

/**
 * nova_debug_tables() - page tables of a VM of this process, as text
 * @drm_fd: DRM file
 * @vm_id: the VM; ids are per file, so keep them different within a process
 * @text: returns the lines about the VM
 *
 * Return: 0 or a negative errno; -ENOENT without such a VM.
 */
int nova_debug_tables(int drm_fd, uint32_t vm_id, char **text)
{
	int ret = nova_debug_read(drm_fd, "pagetables", text);

	if (ret)
		return ret;
	ret = nova_debug_cut(*text, vm_id);
	if (ret)
		free(*text);
	return ret;
}

/**
 * nova_debug_pdbs() - page directories of several VMs of this process
 * @drm_fd: DRM file
 * @nr: how many
 * @vm_ids: the VMs
 * @pdbs: returns where they are
 *
 * All of them cost as much as one: the kernel walks all tables of the device.
 *
 * Return: 0 or a negative errno; -ENOENT without one of the VMs.
 */
int nova_debug_pdbs(int drm_fd, unsigned int nr, const uint32_t *vm_ids, struct nova_pdb *pdbs)
{
	char *text;
	int ret = nova_debug_read(drm_fd, "pagetables", &text);

	if (ret)
		return ret;
	for (unsigned int i = 0; i < nr && !ret; i++)
		ret = nova_debug_find(text, vm_ids[i], &pdbs[i]) ? 0 : -ENOENT;
	free(text);
	return ret;
}

/**
 * nova_debug_pdb() - page directory of a VM of this process
 * @drm_fd: DRM file
 * @vm_id: the VM
 * @pdb: returns where it is
 *
 * Return: as nova_debug_pdbs().
 */
int nova_debug_pdb(int drm_fd, uint32_t vm_id, struct nova_pdb *pdb)
{
	return nova_debug_pdbs(drm_fd, 1, &vm_id, pdb);
}

static int nova_debug_model_path(int drm_fd, const char *file, char *path)
{
	char device[64];
	int ret = nova_debug_device(drm_fd, device, sizeof(device));

	return ret ? ret : nova_debug_path(path, NOVA_DEBUG_ROOT "/nova_swgpu/%s/%s", device, file);
}

/**
 * nova_debug_model_read() - read one of the software GPU's debugfs files
 * @drm_fd: DRM file
 * @file: name of the file
 * @text: returns the content
 *
 * Return: 0 or a negative errno; -ENOENT if the device is no software GPU.
 */
int nova_debug_model_read(int drm_fd, const char *file, char **text)
{
	char path[NOVA_DEBUG_PATH];
	int ret = nova_debug_model_path(drm_fd, file, path);

	return ret ? ret : nova_debug_slurp_path(path, text);
}

/* Opens the model's memory file and tells it which page directory to use. */
static int nova_eye_select(int drm_fd, uint32_t vm_id, const char *mode, struct nova_eye *eye)
{
	char path[NOVA_DEBUG_PATH], line[64];
	struct nova_pdb pdb;
	int len, ret = nova_debug_pdb(drm_fd, vm_id, &pdb);

	if (!ret)
		ret = nova_debug_model_path(drm_fd, "mem", path);
	if (ret)
		return ret;
	eye->fd = open(path, O_RDWR | O_CLOEXEC);
	if (eye->fd < 0)
		return -errno;
	len = snprintf(line, sizeof(line), "0x%" PRIx64 " %s%s\n", pdb.addr, pdb.aperture, mode);
	if (write(eye->fd, line, (size_t)len) != len) {
		ret = errno ? -errno : -EIO;
		close(eye->fd);
	}
	return ret;
}

/**
 * nova_eye_open() - see a VM as the GPU does
 * @drm_fd: DRM file
 * @vm_id: VM of this process
 * @eye: returns the eye
 *
 * Return: 0 or a negative errno; -ENOENT if the device is no software GPU.
 */
int nova_eye_open(int drm_fd, uint32_t vm_id, struct nova_eye *eye)
{
	return nova_eye_select(drm_fd, vm_id, "", eye);
}

/**
 * nova_eye_close() - look away
 * @eye: the eye
 */
void nova_eye_close(struct nova_eye *eye)
{
	close(eye->fd);
}

/**
 * nova_eye_read() - read as the GPU
 * @eye: the eye
 * @va: GPU address
 * @buf: returns the bytes
 * @len: how many
 *
 * Return: 0; -EFAULT if the GPU faults at any of them.
 */
int nova_eye_read(const struct nova_eye *eye, uint64_t va, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t got = pread(eye->fd, (char *)buf + done, len - done, (off_t)(va + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		done += (size_t)got;
	}
	return 0;
}

/**
 * nova_eye_write() - write as the GPU
 * @eye: the eye
 * @va: GPU address
 * @buf: the bytes
 * @len: how many
 *
 * Return: 0; -EFAULT if the GPU faults at any of them.
 */
int nova_eye_write(const struct nova_eye *eye, uint64_t va, const void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t put = pwrite(eye->fd, (const char *)buf + done, len - done,
				     (off_t)(va + done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put ? -errno : -EIO;
		done += (size_t)put;
	}
	return 0;
}

/**
 * nova_eye_walk() - the GPU's walk of the page tables, as text
 * @drm_fd: DRM file
 * @vm_id: VM of this process
 * @va: GPU address
 * @text: returns the walk, a line for each entry read and one for the result
 *
 * Return: 0 or a negative errno.
 */
int nova_eye_walk(int drm_fd, uint32_t vm_id, uint64_t va, char **text)
{
	char buf[2048];
	struct nova_eye eye;
	ssize_t got;
	int ret = nova_eye_select(drm_fd, vm_id, " walk", &eye);

	if (ret)
		return ret;
	got = pread(eye.fd, buf, sizeof(buf) - 1, (off_t)va);
	ret = got < 0 ? -errno : 0;
	nova_eye_close(&eye);
	if (ret)
		return ret;
	buf[got] = '\0';
	*text = strdup(buf);
	return *text ? 0 : -ENOMEM;
}

/**
 * nova_eye_result() - where the GPU's walk ends
 * @drm_fd: DRM file
 * @vm_id: VM of this process
 * @va: GPU address
 * @result: returns it
 *
 * Return: 0 or a negative errno; -EPROTO if the model prints something unknown.
 */
int nova_eye_result(int drm_fd, uint32_t vm_id, uint64_t va, struct nova_walk *result)
{
	char *text, *line;
	int ret = nova_eye_walk(drm_fd, vm_id, va, &text);

	if (ret)
		return ret;
	*result = (struct nova_walk){ .end = NOVA_WALK_FAULT };
	line = strstr(text, "MAPPED ");
	if (line && sscanf(line, "MAPPED %15s %" SCNx64 " page %" SCNu64 " kind %" SCNx32 " %7s",
			   result->aperture, &result->addr, &result->page, &result->kind,
			   result->access) == 5)
		result->end = NOVA_WALK_MAPPED;
	else if (strstr(text, "SPARSE "))
		result->end = NOVA_WALK_SPARSE;
	else if (!strstr(text, "FAULT "))
		ret = -EPROTO;
	free(text);
	return ret;
}
