// SPDX-License-Identifier: MIT

/**
 * TEST: nova prime peer
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: PRIME
 * Description: sharing objects with other drivers and other devices
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/dma-buf.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_share.h"
#include "nova_sync.h"

IGT_TEST_DESCRIPTION("Sharing objects with other drivers and other devices");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE NOVA_2M
#define VA (1ull << 33)

/* A file of the device under test with a VM, so that all of it can be thrown away. */
struct client {
	int fd;
	uint32_t vm;
	struct nova_eye eye;
};

static struct client client_open(int fd)
{
	static uint32_t last = 2;
	struct client client = { .fd = nova_open_again(fd) };

	/* Ids of VMs are a file's own; one that no other file has finds the right tables. */
	last++;
	do
		client.vm = nova_vm_create(client.fd);
	while (client.vm < last);
	client.eye = nova_eye(client.fd, client.vm);
	return client;
}

static void client_close(struct client *client)
{
	nova_eye_close(&client->eye);
	drm_close_driver(client->fd);
}

static bool gpu_reads(const struct client *client, const void *want)
{
	return nova_eye_sees(&client->eye, VA, want, SIZE);
}

/**
 * SUBTEST: import-%s
 * Description: a buffer of %arg[1] becomes an object in SYSTEM that cannot be mapped,
 *              can be bound, and is the same memory for GPU and CPU
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static void test_import(int fd, const struct nova_peer *peer)
{
	struct nova_peer_buf buf = nova_peer_buf(peer, SIZE);
	struct client client = client_open(fd);
	uint32_t handle = nova_import(client.fd, buf.dmabuf), word = 0x600dcafe;
	struct drm_nova_gem_query query = nova_gem_query(client.fd, handle);
	uint64_t offset;

	igt_assert_eq_u32(query.state, DRM_NOVA_GEM_STATE_IMPORTED |
				       DRM_NOVA_GEM_STATE_POPULATED);
	igt_assert_eq_u64(query.size, SIZE);
	igt_assert_eq_u32(query.placement, NOVA_SYSTEM);
	igt_assert_eq_u32(query.region, DRM_NOVA_REGION_SYSTEM);
	igt_assert(!query.create_flags && !query.tile_mode && !query.pte_kind &&
		   !query.mmap_offset && !query.vm_id);
	igt_assert_eq(__nova_gem_mmap_offset(client.fd, handle, &offset), -EPERM);
	nova_vm_map(client.fd, client.vm, handle, 0, VA, SIZE);
	nova_fill(buf.ptr, SIZE, 70 + peer->kind);
	igt_assert(gpu_reads(&client, buf.ptr));
	igt_assert_eq(nova_eye_write(&client.eye, VA + 0x12340, &word, sizeof(word)), 0);
	igt_assert_eq_u32(*(volatile uint32_t *)((char *)buf.ptr + 0x12340), word);
	client_close(&client);
	nova_peer_buf_close(peer, &buf);
}

/**
 * SUBTEST: import-parts-%s
 * Description: any part of a buffer of %arg[1] can be bound anywhere
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static void test_import_parts(int fd, const struct nova_peer *peer)
{
	struct nova_peer_buf buf = nova_peer_buf(peer, SIZE);
	struct client client = client_open(fd);
	uint32_t handle = nova_import(client.fd, buf.dmabuf);
	uint64_t page;

	nova_fill(buf.ptr, SIZE, 75);
	/* Every page, last first. */
	for (page = 0; page < 64; page++)
		nova_vm_map(client.fd, client.vm, handle, page * NOVA_4K,
			    VA + (63 - page) * NOVA_4K, NOVA_4K);
	for (page = 0; page < 64; page++)
		igt_assert(nova_eye_sees(&client.eye, VA + (63 - page) * NOVA_4K,
					 (char *)buf.ptr + page * NOVA_4K, NOVA_4K));
	client_close(&client);
	nova_peer_buf_close(peer, &buf);
}

/**
 * SUBTEST: import-twice-%s
 * Description: one file has one handle for a buffer of %arg[1], two files have their own
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static void test_import_twice(int fd, const struct nova_peer *peer)
{
	struct nova_peer_buf buf = nova_peer_buf(peer, SIZE);
	struct client a = client_open(fd);
	int other = nova_open_again(fd);
	uint32_t handle = nova_import(a.fd, buf.dmabuf), theirs;

	igt_assert_eq_u32(nova_import(a.fd, buf.dmabuf), handle);
	theirs = nova_import(other, buf.dmabuf);
	nova_vm_map(a.fd, a.vm, handle, 0, VA, SIZE);
	nova_gem_close(other, theirs);
	drm_close_driver(other);
	nova_fill(buf.ptr, SIZE, 76);
	igt_assert(gpu_reads(&a, buf.ptr));
	client_close(&a);
	nova_peer_buf_close(peer, &buf);
}

/**
 * SUBTEST: import-outlives-%s
 * Description: an imported buffer of %arg[1] stays after everyone else let go of it, and
 *              a mapping keeps it after the handle is closed
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static void test_import_outlives(int fd, const struct nova_peer *peer)
{
	struct nova_peer_buf buf = nova_peer_buf(peer, SIZE);
	struct client client = client_open(fd);
	uint32_t handle = nova_import(client.fd, buf.dmabuf);
	void *copy = malloc(SIZE);

	igt_assert(copy);
	nova_fill(copy, SIZE, 77);
	memcpy(buf.ptr, copy, SIZE);
	nova_peer_buf_close(peer, &buf);
	nova_vm_map(client.fd, client.vm, handle, 0, VA, SIZE);
	igt_assert(gpu_reads(&client, copy));
	nova_gem_close(client.fd, handle);
	igt_assert(gpu_reads(&client, copy));
	client_close(&client);
	free(copy);
}

/**
 * SUBTEST: re-export-%s
 * Description: exporting an imported buffer of %arg[1] gives the exporter's own dma-buf
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static void test_re_export(int fd, const struct nova_peer *peer)
{
	struct nova_peer_buf buf = nova_peer_buf(peer, SIZE);
	uint32_t handle = nova_import(fd, buf.dmabuf);
	int again = nova_export(fd, handle);
	struct stat a, b;

	igt_assert_eq(fstat(buf.dmabuf, &a), 0);
	igt_assert_eq(fstat(again, &b), 0);
	igt_assert(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	igt_assert_eq_u32(nova_import(fd, again), handle);
	if (buf.handle)
		igt_assert_eq_u32(nova_import(peer->fd, again), buf.handle);
	igt_assert(!(nova_gem_query(fd, handle).state & DRM_NOVA_GEM_STATE_EXPORTED));
	close(again);
	nova_gem_close(fd, handle);
	nova_peer_buf_close(peer, &buf);
}

/**
 * SUBTEST: import-bad-%s
 * Description: kinds other than 0, ranges beyond the end and prefetch to VRAM are refused
 *              for a buffer of %arg[1]
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static void test_import_bad(int fd, const struct nova_peer *peer)
{
	static const struct {
		uint64_t offset, range;
		uint8_t kind;
	} bad[] = {
		{ 0, NOVA_64K, 6 }, { 0, SIZE + NOVA_4K, 0 }, { SIZE, NOVA_4K, 0 },
	};
	struct nova_peer_buf buf = nova_peer_buf(peer, SIZE);
	uint32_t handle = nova_import(fd, buf.dmabuf), vm = nova_vm_create(fd);
	unsigned int i;

	for (i = 0; i < NR(bad); i++) {
		const struct drm_nova_vm_bind_op op = {
			.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .va = VA,
			.range = bad[i].range, .offset = bad[i].offset, .pte_kind = bad[i].kind,
		};

		igt_assert_eq(__nova_vm_bind_op(fd, vm, &op), -EINVAL);
	}
	nova_vm_destroy(fd, vm);
	nova_gem_close(fd, handle);
	nova_peer_buf_close(peer, &buf);
}

/**
 * SUBTEST: import-fenced-%s
 * Description: a fence that somebody put on a buffer of %arg[1] is seen by GEM_WAIT; that it is
 *              waited for is seen with vgem, which can hold one back
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static int signalled_sync_file(int fd)
{
	struct drm_syncobj_create create = { .flags = DRM_SYNCOBJ_CREATE_SIGNALED };
	struct drm_syncobj_handle args = { .flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE };
	struct drm_syncobj_destroy destroy = {};

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &create), 0);
	args.handle = destroy.handle = create.handle;
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args), 0);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy), 0);
	return args.fd;
}

static void expect_held_back(int fd, uint32_t handle, const struct nova_peer *vgem,
			     const struct nova_peer_buf *buf)
{
	uint32_t fence, syncobj = nova_vgem_syncobj(fd, vgem, buf, &fence);

	igt_assert_eq(__nova_gem_wait(fd, handle, DRM_NOVA_GEM_WAIT_NOWAIT, 0), -EBUSY);
	igt_assert_eq(nova_vgem_signal(vgem, fence), 0);
	igt_assert_eq(__nova_gem_wait(fd, handle, DRM_NOVA_GEM_WAIT_NOWAIT, 0), 0);
	nova_syncobj_destroy(fd, syncobj);
}

static void test_import_fenced(int fd, const struct nova_peer *peer)
{
	struct nova_peer_buf buf = nova_peer_buf(peer, SIZE);
	uint32_t handle = nova_import(fd, buf.dmabuf);
	struct dma_buf_import_sync_file in = { .flags = DMA_BUF_SYNC_WRITE };
	struct dma_buf_export_sync_file out = { .flags = DMA_BUF_SYNC_RW, .fd = -1 };
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW };

	in.fd = signalled_sync_file(fd);
	igt_assert_eq(ioctl(buf.dmabuf, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &in), 0);
	igt_assert_eq(ioctl(buf.dmabuf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &out), 0);
	igt_assert(out.fd >= 0);
	igt_assert_eq(__nova_gem_wait(fd, handle, DRM_NOVA_GEM_WAIT_NOWAIT, 0), 0);
	igt_assert_eq(ioctl(buf.dmabuf, DMA_BUF_IOCTL_SYNC, &sync), 0);
	sync.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW;
	igt_assert_eq(ioctl(buf.dmabuf, DMA_BUF_IOCTL_SYNC, &sync), 0);
	if (peer->kind == NOVA_PEER_VGEM)
		expect_held_back(fd, handle, peer, &buf);
	close(in.fd);
	close(out.fd);
	nova_gem_close(fd, handle);
	nova_peer_buf_close(peer, &buf);
}

/* What the importing peer has is the exporter's memory: seen by its GPU, if it is one. */
static void check_peer_sees(const struct nova_peer *peer, uint32_t theirs, const void *want)
{
	struct client client = { .fd = peer->fd };

	if (peer->kind != NOVA_PEER_NOVA)
		return;
	client.vm = nova_vm_create(client.fd);
	client.eye = nova_eye(client.fd, client.vm);
	nova_vm_map(client.fd, client.vm, theirs, 0, VA, SIZE);
	igt_assert(gpu_reads(&client, want));
	nova_eye_close(&client.eye);
	nova_vm_destroy(client.fd, client.vm);
}

/**
 * SUBTEST: export-to-%s
 * Description: %arg[1] imports an object that may live in both regions: it moves to SYSTEM
 *              if need be, with its content, stays mapped for the CPU and bound for the GPU
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @other-device: another GPU
 */
static void test_export(int fd, const struct nova_peer *peer)
{
	struct client client = client_open(fd);
	uint32_t handle = nova_gem_create(client.fd, SIZE, NOVA_VRAM | NOVA_SYSTEM), theirs;
	void *ptr = nova_gem_mmap(client.fd, handle, 0, SIZE);
	int dmabuf = nova_export(client.fd, handle);

	igt_assert_eq_u32(nova_gem_query(client.fd, handle).region, DRM_NOVA_REGION_VRAM);
	nova_fill(ptr, SIZE, 80);
	nova_vm_map(client.fd, client.vm, handle, 0, VA, SIZE);
	theirs = nova_import(peer->fd, dmabuf);
	/* vgem of later kernels attaches, and maps when it has a use for the memory: never. */
	if (peer->kind != NOVA_PEER_VGEM)
		igt_assert_eq_u32(nova_gem_query(client.fd, handle).region,
				  DRM_NOVA_REGION_SYSTEM);
	igt_assert(nova_check(ptr, SIZE, 80));
	igt_assert(gpu_reads(&client, ptr));
	nova_fill(ptr, SIZE, 81);
	igt_assert(gpu_reads(&client, ptr));
	check_peer_sees(peer, theirs, ptr);
	nova_gem_close(peer->fd, theirs);
	close(dmabuf);
	munmap(ptr, SIZE);
	client_close(&client);
}

/**
 * SUBTEST: export-outlives-%s
 * Description: what %arg[1] imported is there after the exporting file is gone, and comes
 *              back to the device as the same memory
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @other-device: another GPU
 */
static void test_export_outlives(int fd, const struct nova_peer *peer)
{
	int owner = nova_open_again(fd), dmabuf;
	uint32_t handle = nova_gem_create(owner, SIZE, NOVA_SYSTEM), theirs, mine;
	void *ptr = nova_gem_mmap(owner, handle, 0, SIZE);

	dmabuf = nova_export(owner, handle);
	theirs = nova_import(peer->fd, dmabuf);
	nova_fill(ptr, SIZE, 82);
	munmap(ptr, SIZE);
	close(dmabuf);
	drm_close_driver(owner);
	dmabuf = nova_export(peer->fd, theirs);
	mine = nova_import(fd, dmabuf);
	igt_assert(!(nova_gem_query(fd, mine).state & DRM_NOVA_GEM_STATE_IMPORTED));
	ptr = nova_gem_mmap(fd, mine, 0, SIZE);
	igt_assert(nova_check(ptr, SIZE, 82));
	munmap(ptr, SIZE);
	nova_gem_close(fd, mine);
	close(dmabuf);
	nova_gem_close(peer->fd, theirs);
}

/**
 * SUBTEST: export-vram-only-%s
 * Description: an object for VRAM alone cannot be attached to by %arg[1]: EOPNOTSUPP, and
 *              nothing happens to it
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @other-device: another GPU
 */
static void test_export_vram_only(int fd, const struct nova_peer *peer)
{
	uint32_t handle = nova_gem_create(fd, SIZE, NOVA_VRAM), theirs;
	void *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	int dmabuf = nova_export(fd, handle);

	igt_require_f(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_BAR_SIZE), "no BAR1\n");
	nova_fill(ptr, SIZE, 83);
	igt_assert_eq(__nova_import(peer->fd, dmabuf, &theirs), -EOPNOTSUPP);
	igt_assert_eq_u32(nova_gem_query(fd, handle).region, DRM_NOVA_REGION_VRAM);
	igt_assert(nova_check(ptr, SIZE, 83));
	close(dmabuf);
	munmap(ptr, SIZE);
	nova_gem_close(fd, handle);
}

/* Bytes of system memory that the GPU of @fd may reach */
static uint64_t gtt_used(int fd)
{
	uint64_t kib;
	char *text;

	igt_assert_eq(nova_debug_read(fd, "evict_gtt", &text), 0);
	igt_assert_eq(sscanf(text, "%*s %" SCNu64 " KiB", &kib), 1);
	free(text);
	return kib * 1024;
}

/**
 * SUBTEST: follows-moves
 * Description: when the exporter moves a buffer, the importing GPU never reads the old
 *              memory, and after its next bind it reads the new
 */
static void test_follows(int fd)
{
	struct nova_peer peer = nova_peer_open(fd, NOVA_PEER_NOVA);
	struct nova_peer_buf buf = nova_peer_buf(&peer, SIZE);
	struct client client = client_open(fd);
	uint32_t handle = nova_import(client.fd, buf.dmabuf);
	uint64_t before;

	nova_fill(buf.ptr, SIZE, 85);
	nova_vm_map(client.fd, client.vm, handle, 0, VA, SIZE);
	igt_assert(gpu_reads(&client, buf.ptr));
	before = gtt_used(peer.fd);
	igt_assert_eq(nova_evict(peer.fd, "evict_gtt"), 0);
	igt_require_f(gtt_used(peer.fd) + SIZE <= before,
		      "this kernel pins what an importer has mapped\n");
	igt_assert(nova_eye_faults(&client.eye, VA) || gpu_reads(&client, buf.ptr));
	nova_vm_map(client.fd, client.vm, handle, 0, VA, SIZE);
	igt_assert(nova_check(buf.ptr, SIZE, 85));
	igt_assert(gpu_reads(&client, buf.ptr));
	client_close(&client);
	nova_peer_buf_close(&peer, &buf);
	nova_peer_close(&peer);
}

/**
 * SUBTEST: no-peer-to-peer
 * Description: the device does not claim that VRAM can be reached by its peers
 */
static void test_no_p2p(int fd)
{
	igt_assert(!(nova_getparam(fd, DRM_NOVA_PARAM_FEATURES) & DRM_NOVA_FEATURE_P2P_EXPORT));
}

struct peer_test {
	const char *name;
	void (*run)(int fd, const struct nova_peer *peer);
	/* a bit per enum nova_peer_kind */
	unsigned int peers;
};

#define EXPORTERS (1u << NOVA_PEER_VGEM | 1u << NOVA_PEER_UDMABUF | 1u << NOVA_PEER_NOVA)
#define IMPORTERS (1u << NOVA_PEER_VGEM | 1u << NOVA_PEER_NOVA)

static const struct peer_test tests[] = {
	{ "import", test_import, EXPORTERS },
	{ "import-parts", test_import_parts, EXPORTERS },
	{ "import-twice", test_import_twice, EXPORTERS },
	{ "import-outlives", test_import_outlives, EXPORTERS },
	{ "re-export", test_re_export, EXPORTERS },
	{ "import-bad", test_import_bad, EXPORTERS },
	{ "import-fenced", test_import_fenced, EXPORTERS },
	{ "export-to", test_export, IMPORTERS },
	{ "export-outlives", test_export_outlives, IMPORTERS },
	{ "export-vram-only", test_export_vram_only, IMPORTERS },
};

static void run_with_peer(int fd, const struct peer_test *test, enum nova_peer_kind kind)
{
	struct nova_peer peer = nova_peer_open(fd, kind);
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);

	test->run(fd, &peer);
	nova_settle_vram(fd, used);
	nova_peer_close(&peer);
}

int igt_main()
{
	enum nova_peer_kind kind;
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(tests); i++)
		for (kind = 0; kind < NOVA_PEERS; kind++)
			if (tests[i].peers & 1u << kind)
				igt_subtest_f("%s-%s", tests[i].name, nova_peer_names[kind])
					run_with_peer(fd, &tests[i], kind);
	igt_subtest("follows-moves")
		test_follows(fd);
	igt_subtest("no-peer-to-peer")
		test_no_p2p(fd);

	igt_fixture()
		drm_close_driver(fd);
}
