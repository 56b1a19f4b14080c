// SPDX-License-Identifier: MIT

/**
 * DOC: Other drivers to share buffers with
 *
 * A peer is a driver that is not the device under test: vgem, udmabuf, or a second
 * device of our own driver. Each can make a buffer that the CPU sees without the
 * help of the device under test, so that what the GPU reads can be compared with
 * what somebody else wrote. Those with handles can import, too.
 *
 * A test that needs a peer which the machine lacks is skipped.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/udmabuf.h>

#include <drm.h>
#include <drm_mode.h>

#include "igt.h"
#include "nova_share.h"

#define NOVA_PEER_MINORS 64

/* Interface of vgem, whose header few systems install. */
struct vgem_fence_attach {
	uint32_t handle, flags, out_fence, pad;
};

struct vgem_fence_signal {
	uint32_t fence, flags;
};

#define VGEM_FENCE_ATTACH DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define VGEM_FENCE_SIGNAL DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)
#define VGEM_FENCE_WRITE 1

const char *const nova_peer_names[NOVA_PEERS] = {
	[NOVA_PEER_VGEM] = "vgem",
	[NOVA_PEER_UDMABUF] = "udmabuf",
	[NOVA_PEER_NOVA] = "other-device",
};

static bool is_driver(int fd, const char *name)
{
	drmVersionPtr version = drmGetVersion(fd);
	bool same = version && !strcmp(version->name, name);

	drmFreeVersion(version);
	return same;
}

static bool is_same_device(int a, int b)
{
	char names[2][64];

	return !nova_debug_device(a, names[0], sizeof(names[0])) &&
	       !nova_debug_device(b, names[1], sizeof(names[1])) &&
	       !strcmp(names[0], names[1]);
}

/* First node of a driver that is not the device of @not; -1 if there is none. */
static int open_node(const char *fmt, unsigned int first, const char *driver, int not)
{
	char path[64];
	unsigned int i;
	int fd;

	for (i = first; i < first + NOVA_PEER_MINORS; i++) {
		snprintf(path, sizeof(path), fmt, i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_driver(fd, driver) && !is_same_device(fd, not))
			return fd;
		close(fd);
	}
	return -1;
}

/**
 * nova_peer_open() - find another driver
 * @fd: device under test
 * @kind: which driver
 *
 * Skips the test if there is none.
 *
 * Return: the peer.
 */
struct nova_peer nova_peer_open(int fd, enum nova_peer_kind kind)
{
	struct nova_peer peer = { .kind = kind, .fd = -1 };

	switch (kind) {
	case NOVA_PEER_VGEM:
		peer.fd = open_node("/dev/dri/card%u", 0, "vgem", fd);
		break;
	case NOVA_PEER_UDMABUF:
		peer.fd = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
		break;
	case NOVA_PEER_NOVA:
		peer.fd = open_node("/dev/dri/renderD%u", 128, "nova", fd);
		break;
	case NOVA_PEERS:
		break;
	}
	errno = 0;
	igt_require_f(peer.fd >= 0, "no %s\n", nova_peer_names[kind]);
	return peer;
}

void nova_peer_close(struct nova_peer *peer)
{
	close(peer->fd);
	peer->fd = -1;
}

static struct nova_peer_buf buf_of_vgem(const struct nova_peer *peer, uint64_t size)
{
	struct drm_mode_create_dumb dumb = { .width = (uint32_t)(size / NOVA_4K),
					     .height = NOVA_4K / 4, .bpp = 32 };
	struct nova_peer_buf buf = { .size = size };

	igt_assert_eq(__nova_ioctl(peer->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb), 0);
	igt_assert_eq_u64(dumb.size, size);
	buf.handle = dumb.handle;
	buf.dmabuf = nova_export(peer->fd, buf.handle);
	buf.ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, buf.dmabuf, 0);
	return buf;
}

static struct nova_peer_buf buf_of_udmabuf(const struct nova_peer *peer, uint64_t size)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	struct nova_peer_buf buf = { .size = size };
	int memfd = memfd_create("nova-igt", MFD_ALLOW_SEALING | MFD_CLOEXEC);

	igt_assert(memfd >= 0);
	igt_assert_eq(ftruncate(memfd, (off_t)size), 0);
	igt_assert_eq(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	create.memfd = (uint32_t)memfd;
	buf.ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	buf.dmabuf = ioctl(peer->fd, UDMABUF_CREATE, &create);
	igt_assert_f(buf.dmabuf >= 0, "UDMABUF_CREATE: %s\n", strerror(errno));
	close(memfd);
	return buf;
}

static struct nova_peer_buf buf_of_nova(const struct nova_peer *peer, uint64_t size)
{
	struct nova_peer_buf buf = { .size = size };

	buf.handle = nova_gem_create(peer->fd, size, NOVA_VRAM | NOVA_SYSTEM);
	buf.dmabuf = nova_export(peer->fd, buf.handle);
	buf.ptr = nova_gem_mmap(peer->fd, buf.handle, 0, size);
	return buf;
}

/**
 * nova_peer_buf() - a buffer of a peer
 * @peer: the peer
 * @size: bytes, a multiple of 64 KiB
 *
 * Return: the buffer, zero.
 */
struct nova_peer_buf nova_peer_buf(const struct nova_peer *peer, uint64_t size)
{
	struct nova_peer_buf buf = { .dmabuf = -1 };

	switch (peer->kind) {
	case NOVA_PEER_VGEM:
		buf = buf_of_vgem(peer, size);
		break;
	case NOVA_PEER_UDMABUF:
		buf = buf_of_udmabuf(peer, size);
		break;
	case NOVA_PEER_NOVA:
		buf = buf_of_nova(peer, size);
		break;
	case NOVA_PEERS:
		break;
	}
	igt_assert(buf.ptr != MAP_FAILED);
	return buf;
}

/**
 * nova_peer_buf_close() - drop all that this process has of a buffer
 * @peer: the peer
 * @buf: the buffer
 */
void nova_peer_buf_close(const struct nova_peer *peer, struct nova_peer_buf *buf)
{
	munmap(buf->ptr, buf->size);
	close(buf->dmabuf);
	if (buf->handle)
		nova_gem_close(peer->fd, buf->handle);
}

/**
 * nova_vgem_syncobj() - a syncobj that signals when vgem says so, or in ten seconds
 * @fd: device under test
 * @vgem: vgem
 * @buf: a buffer of it, to put the fence on
 * @fence: returns vgem's number of it
 *
 * Return: handle of the syncobj in @fd.
 */
uint32_t nova_vgem_syncobj(int fd, const struct nova_peer *vgem, const struct nova_peer_buf *buf,
			   uint32_t *fence)
{
	struct vgem_fence_attach attach = { .handle = buf->handle, .flags = VGEM_FENCE_WRITE };
	struct dma_buf_export_sync_file file = { .flags = DMA_BUF_SYNC_RW };
	struct drm_syncobj_handle args = {
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
	};
	struct drm_syncobj_create create = {};

	igt_assert_eq(__nova_ioctl(vgem->fd, VGEM_FENCE_ATTACH, &attach), 0);
	*fence = attach.out_fence;
	igt_assert_eq(ioctl(buf->dmabuf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &file), 0);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &create), 0);
	args.fd = file.fd;
	args.handle = create.handle;
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args), 0);
	close(file.fd);
	return create.handle;
}

/**
 * nova_vgem_signal() - signal a fence
 * @vgem: vgem
 * @fence: its number
 *
 * Return: 0; -ETIMEDOUT if it had signalled by itself.
 */
int nova_vgem_signal(const struct nova_peer *vgem, uint32_t fence)
{
	struct vgem_fence_signal args = { .fence = fence };

	return __nova_ioctl(vgem->fd, VGEM_FENCE_SIGNAL, &args);
}

int __nova_export(int fd, uint32_t handle, int *dmabuf)
{
	struct drm_prime_handle args = { .handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR };
	int ret = __nova_ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	*dmabuf = args.fd;
	return ret;
}

int nova_export(int fd, uint32_t handle)
{
	int dmabuf;

	igt_assert_eq(__nova_export(fd, handle, &dmabuf), 0);
	return dmabuf;
}

int __nova_import(int fd, int dmabuf, uint32_t *handle)
{
	struct drm_prime_handle args = { .fd = dmabuf };
	int ret = __nova_ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);

	*handle = args.handle;
	return ret;
}

uint32_t nova_import(int fd, int dmabuf)
{
	uint32_t handle;

	igt_assert_eq(__nova_import(fd, dmabuf, &handle), 0);
	igt_assert_neq(handle, 0);
	return handle;
}
