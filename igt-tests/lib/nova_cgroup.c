// SPDX-License-Identifier: MIT

/**
 * DOC: A cgroup with a limit
 *
 * One at a time, in a hierarchy of version 2 that is mounted for it, so that tests
 * need nothing of the machine but a kernel that has the controller.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nova_cgroup.h"

#define ROOT "/tmp/nova-cgroup"
#define GROUP ROOT "/limited"

static bool write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool done = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);

	if (file >= 0)
		close(file);
	errno = 0;
	return done;
}

/**
 * nova_cgroup_create() - make a cgroup with a limit
 * @controller: that of the limit, such as "memory"
 * @file: of the limit, such as "memory.max"
 * @limit: what to write there
 *
 * Return: false, and nothing is left behind, if the kernel or the machine has no
 * such controller.
 */
bool nova_cgroup_create(const char *controller, const char *file, const char *limit)
{
	char text[64];

	mkdir(ROOT, 0700);
	if (mount("none", ROOT, "cgroup2", 0, NULL) && errno != EBUSY) {
		nova_cgroup_destroy();
		return false;
	}
	snprintf(text, sizeof(text), "+%s", controller);
	write_file(ROOT "/cgroup.subtree_control", text);
	mkdir(GROUP, 0700);
	snprintf(text, sizeof(text), GROUP "/%s", file);
	if (write_file(text, limit))
		return true;
	nova_cgroup_destroy();
	return false;
}

/**
 * nova_cgroup_join() - put the calling process into the cgroup
 *
 * Return: false if there is none.
 */
bool nova_cgroup_join(void)
{
	return write_file(GROUP "/cgroup.procs", "0");
}

/**
 * nova_cgroup_read() - one number of the cgroup
 * @file: of the cgroup, with lines "key value"
 * @key: the line
 * @value: filled in
 *
 * Return: 0; -ENOENT if there is no such line.
 */
int nova_cgroup_read(const char *file, const char *key, uint64_t *value)
{
	char path[64], line[256];
	size_t len = strlen(key);
	int ret = -ENOENT;
	FILE *in;

	snprintf(path, sizeof(path), GROUP "/%s", file);
	in = fopen(path, "re");
	while (in && ret && fgets(line, sizeof(line), in)) {
		if (strncmp(line, key, len) || line[len] != ' ')
			continue;
		*value = strtoull(line + len, NULL, 10);
		ret = 0;
	}
	if (in)
		fclose(in);
	return ret;
}

/**
 * nova_cgroup_destroy() - undo nova_cgroup_create()
 *
 * Nobody is in the cgroup any more.
 */
void nova_cgroup_destroy(void)
{
	rmdir(GROUP);
	umount(ROOT);
	rmdir(ROOT);
	errno = 0;
}
