// SPDX-License-Identifier: MIT

/**
 * TEST: nova suspend
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: suspend
 * Description: the machine goes to sleep while VRAM is in use
 *
 * The kernel is told to go to s2idle and to come back when processes are frozen:
 * every notifier runs as for a real sleep. Devices are not suspended, because in a
 * virtual machine the root file system would not survive it.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_ioctl.h"
#include "nova_share.h"

IGT_TEST_DESCRIPTION("The machine goes to sleep while VRAM is in use");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE NOVA_2M
#define VA (1ull << 33)
#define OBJECTS 6

/* What of vgem_drm.h is needed here; libdrm does not install it. */
struct vgem_fence_attach {
	uint32_t handle, flags, out_fence, pad;
};

struct vgem_fence_signal {
	uint32_t fence, flags;
};

#define VGEM_FENCE_ATTACH DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define VGEM_FENCE_SIGNAL DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)
#define VGEM_FENCE_WRITE 1u

static void write_or_skip(const char *path, const char *text)
{
	igt_require_f(!access(path, W_OK), "no %s\n", path);
	nova_write_file(path, text);
}

/* Returns what the kernel said: 0, or a negative errno. */
static int sleep_until_frozen(void)
{
	int file, ret;

	write_or_skip("/sys/power/pm_test", "freezer");
	nova_write_file("/sys/module/suspend/parameters/pm_test_delay", "1");
	file = open("/sys/power/state", O_WRONLY);
	igt_require(file >= 0);
	ret = write(file, "freeze", 6) < 0 ? -errno : 0;
	close(file);
	errno = 0;
	nova_write_file("/sys/power/pm_test", "none");
	return ret;
}

struct setup {
	int fd;
	uint32_t vm, handles[OBJECTS];
	void *ptrs[OBJECTS];
	struct nova_eye eye;
};

static uint32_t placement(unsigned int i)
{
	static const uint32_t of[] = { NOVA_VRAM, NOVA_VRAM | NOVA_SYSTEM, NOVA_SYSTEM };

	return of[i % NR(of)];
}

static void setup_init(struct setup *s, int fd)
{
	unsigned int i;

	s->fd = nova_open_again(fd);
	s->vm = nova_vm_create(s->fd);
	s->eye = nova_eye(s->fd, s->vm);
	for (i = 0; i < OBJECTS; i++) {
		s->handles[i] = nova_gem_create(s->fd, SIZE, placement(i));
		s->ptrs[i] = nova_gem_mmap(s->fd, s->handles[i], 0, SIZE);
		nova_fill(s->ptrs[i], SIZE, i);
		nova_vm_map(s->fd, s->vm, s->handles[i], 0, VA + i * SIZE, SIZE);
	}
}

static void setup_check(const struct setup *s)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++) {
		igt_assert(nova_eye_sees(&s->eye, VA + i * SIZE, s->ptrs[i], NOVA_64K));
		igt_assert(nova_check(s->ptrs[i], SIZE, i));
	}
}

static void setup_fini(struct setup *s)
{
	unsigned int i;

	nova_eye_close(&s->eye);
	for (i = 0; i < OBJECTS; i++)
		munmap(s->ptrs[i], SIZE);
	drm_close_driver(s->fd);
}

static unsigned int nr_in_vram(const struct setup *s)
{
	unsigned int i, nr = 0;

	for (i = 0; i < OBJECTS; i++)
		nr += nova_gem_query(s->fd, s->handles[i]).region == DRM_NOVA_REGION_VRAM;
	return nr;
}

/**
 * SUBTEST: evacuated-and-restored
 * Description: everything leaves VRAM before processes freeze and is back, content,
 *              mappings and place, afterwards
 */
static void test_round_trip(int fd)
{
	struct setup s;
	int64_t from, to, bytes;
	unsigned int before, turn;

	setup_init(&s, fd);
	before = nr_in_vram(&s);
	bytes = (int64_t)(before * SIZE);
	for (turn = 0; turn < 2; turn++) {
		from = nova_stat(fd, "moved from vram");
		to = nova_stat(fd, "moved to vram");
		igt_assert_eq(sleep_until_frozen(), 0);
		igt_assert(nova_stat(fd, "moved from vram") - from >= bytes);
		igt_assert(nova_stat(fd, "moved to vram") - to >= bytes);
		igt_assert_eq(nr_in_vram(&s), before);
		setup_check(&s);
	}
	setup_fini(&s);
}

/**
 * SUBTEST: dontneed-is-dropped
 * Description: what is not needed is purged instead of saved
 */
static void test_dontneed(int fd)
{
	uint32_t retained;
	struct setup s;

	setup_init(&s, fd);
	igt_assert_eq(__nova_gem_madvise(s.fd, s.handles[0], DRM_NOVA_MADVISE_DONTNEED,
					 &retained), 0);
	igt_assert_eq(sleep_until_frozen(), 0);
	igt_assert(nova_gem_query(s.fd, s.handles[0]).state & DRM_NOVA_GEM_STATE_PURGED);
	setup_fini(&s);
}

/* A syncobj with a fence that signals when told to, or after ten seconds. */
static uint32_t unsignalled(int fd, const struct nova_peer *vgem,
			    const struct nova_peer_buf *buf, uint32_t *fence)
{
	struct vgem_fence_attach attach = {
		.handle = buf->handle, .flags = VGEM_FENCE_WRITE,
	};
	struct dma_buf_export_sync_file sync = { .flags = DMA_BUF_SYNC_READ, .fd = -1 };
	uint32_t syncobj;

	igt_assert_eq(__nova_ioctl(vgem->fd, VGEM_FENCE_ATTACH, &attach), 0);
	igt_assert_eq(ioctl(buf->dmabuf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &sync), 0);
	igt_assert_eq(drmSyncobjCreate(fd, 0, &syncobj), 0);
	igt_assert_eq(drmSyncobjImportSyncFile(fd, syncobj, sync.fd), 0);
	close(sync.fd);
	*fence = attach.out_fence;
	return syncobj;
}

/**
 * SUBTEST: busy-stays-awake
 * Description: an object whose bind waits for a fence that does not signal makes the
 *              sleep fail, with everything where it was and the device in use
 */
static void test_busy(int fd)
{
	struct nova_peer vgem = nova_peer_open(fd, NOVA_PEER_VGEM);
	struct nova_peer_buf buf = nova_peer_buf(&vgem, NOVA_4K);
	struct vgem_fence_signal signal = {};
	struct drm_nova_vm_bind_op op = { .op = DRM_NOVA_VM_BIND_OP_MAP };
	struct drm_nova_sync wait = {};
	struct drm_nova_vm_bind bind = { .flags = DRM_NOVA_VM_BIND_ASYNC };
	struct setup s;

	setup_init(&s, fd);
	wait.handle = unsignalled(s.fd, &vgem, &buf, &signal.fence);
	op.handle = s.handles[0];
	op.va = VA + 64 * SIZE;
	op.range = SIZE;
	bind.vm_id = s.vm;
	bind.ops = (struct drm_nova_array) { (uintptr_t)&op, 1, sizeof(op) };
	bind.syncs = (struct drm_nova_array) { (uintptr_t)&wait, 1, sizeof(wait) };
	igt_assert_eq(__nova_vm_bind(s.fd, &bind), 0);
	igt_assert_eq(sleep_until_frozen(), -EBUSY);
	igt_assert_eq(nova_gem_query(s.fd, s.handles[0]).region, DRM_NOVA_REGION_VRAM);
	igt_assert_eq(__nova_ioctl(vgem.fd, VGEM_FENCE_SIGNAL, &signal), 0);
	igt_assert_eq(__nova_gem_wait(s.fd, s.handles[0], 0, INT64_MAX), 0);
	igt_assert(nova_eye_sees(&s.eye, op.va, s.ptrs[0], NOVA_64K));
	setup_check(&s);
	igt_assert_eq(sleep_until_frozen(), 0);
	setup_check(&s);
	setup_fini(&s);
	nova_peer_buf_close(&vgem, &buf);
	nova_peer_close(&vgem);
}

int igt_main()
{
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	igt_subtest("evacuated-and-restored")
		test_round_trip(fd);
	igt_subtest("dontneed-is-dropped")
		test_dontneed(fd);
	igt_subtest("busy-stays-awake")
		test_busy(fd);

	igt_fixture()
		drm_close_driver(fd);
}
