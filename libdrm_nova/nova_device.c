// SPDX-License-Identifier: MIT

/**
 * DOC: Device
 *
 * Owns the file descriptor and, for nova_bo.c, the table of known handles.
 *
 * Invariant: the file belongs to a driver that calls itself "nova", and the
 * feature bits are those it had when it was opened.
 *
 * Nodes are found by their name in /dev/dri and asked for their driver, since
 * the enumeration of libdrm takes two platform devices with the same driver for
 * one. Everything here but closing may run in several threads at once.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>

#include "nova_priv.h"

#define NOVA_DRI_DIR "/dev/dri"
#define NOVA_DRIVER_NAME "nova"

static bool nova_device_is_ours(int fd)
{
	drmVersionPtr version = drmGetVersion(fd);
	bool ours;

	if (!version)
		return false;
	ours = strcmp(version->name, NOVA_DRIVER_NAME) == 0;
	drmFreeVersion(version);
	return ours;
}

/* Takes @fd over, also on failure. */
static int nova_device_create(int fd, struct nova_device **out)
{
	struct nova_device *dev;
	int ret = -ENODEV;

	if (!nova_device_is_ours(fd))
		goto err_close;
	ret = -ENOMEM;
	dev = calloc(1, sizeof(*dev));
	if (!dev)
		goto err_close;
	dev->fd = fd;
	ret = nova_device_getparam(dev, DRM_NOVA_PARAM_FEATURES, &dev->features);
	if (ret)
		goto err_free;
	ret = -pthread_mutex_init(&dev->lock, NULL);
	if (ret)
		goto err_free;
	*out = dev;
	return 0;

err_free:
	free(dev);
err_close:
	close(fd);
	return ret;
}

NOVA_EXPORT int nova_device_open(const char *path, struct nova_device **dev)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : nova_device_create(fd, dev);
}

NOVA_EXPORT int nova_device_from_fd(int fd, struct nova_device **dev)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return own < 0 ? -errno : nova_device_create(own, dev);
}

static int nova_device_is_render_node(const struct dirent *entry)
{
	return strncmp(entry->d_name, "renderD", strlen("renderD")) == 0;
}

NOVA_EXPORT int nova_device_open_index(unsigned int index, struct nova_device **dev)
{
	struct dirent **nodes;
	char path[sizeof(NOVA_DRI_DIR) + sizeof(nodes[0]->d_name)];
	int nr = scandir(NOVA_DRI_DIR, &nodes, nova_device_is_render_node, versionsort);
	int ret = -ENODEV;
	struct nova_device *found = NULL;
	int i;

	if (nr < 0)
		return errno == ENOMEM ? -ENOMEM : -ENODEV;
	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", NOVA_DRI_DIR, nodes[i]->d_name);
		free(nodes[i]);
		if (ret == 0 || nova_device_open(path, &found))
			continue;
		if (index-- == 0) {
			*dev = found;
			ret = 0;
		} else {
			nova_device_close(found);
		}
	}
	free(nodes);
	return ret;
}

NOVA_EXPORT void nova_device_close(struct nova_device *dev)
{
	if (!dev)
		return;
	pthread_mutex_destroy(&dev->lock);
	close(dev->fd);
	free(dev->bos);
	free(dev);
}

NOVA_EXPORT int nova_device_fd(const struct nova_device *dev)
{
	return dev->fd;
}

NOVA_EXPORT bool nova_device_has(const struct nova_device *dev, enum drm_nova_feature feature)
{
	return (dev->features & feature) == feature;
}

NOVA_EXPORT int nova_device_ioctl(const struct nova_device *dev, unsigned long request, void *arg)
{
	return drmIoctl(dev->fd, request, arg) ? -errno : 0;
}

NOVA_EXPORT int nova_device_getparam(const struct nova_device *dev, enum drm_nova_param param,
				     uint64_t *value)
{
	struct drm_nova_getparam args = { .param = param };
	int ret = nova_device_ioctl(dev, DRM_IOCTL_NOVA_GETPARAM, &args);

	if (!ret)
		*value = args.value;
	return ret;
}
