// SPDX-License-Identifier: MIT

/**
 * TEST: nova hotunplug
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: hot-unplug, lifetime
 * Description: the device goes while everything is in use, and comes back
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <sys/ioctl.h>

#include <drm.h>

#include "igt.h"
#include "nova_push.h"
#include "nova_share.h"
#include "nova_space.h"
#include "nova_unplug.h"

IGT_TEST_DESCRIPTION("The device goes while everything is in use, and comes back");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE (4 * NOVA_64K)
#define VA (1ull << 33)

static struct nova_plug plug;

/* A file; if a test that failed has left the device out, it is put back first. */
static int open_plugged(void)
{
	int fd = nova_plug_open(&plug);

	if (fd >= 0)
		return fd;
	nova_plug_in(&plug);
	return nova_plug_open(&plug);
}

/* After any test: the device works as if new. */
static void check_device_works(void)
{
	struct drm_nova_vm_bind_op op;
	struct nova_space space;
	int fd = nova_plug_open(&plug);

	igt_assert(fd >= 0);
	nova_space_init(&space, fd);
	op = nova_space_map_op(&space, 3, 40, 0, 7);
	nova_space_apply(&space, &op);
	nova_space_check(&space);
	nova_space_fini(&space);
	close(fd);
}

static void check_gone(int fd)
{
	uint64_t value;

	igt_assert_eq(__nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED, &value), -ENODEV);
}

/* A read and a write anywhere in a mapping do no harm; what is there is not the object. */
static bool is_dummy(volatile uint32_t *ptr)
{
	bool zero = true;

	for (unsigned int i = 0; i < SIZE / 4; i += 1000)
		zero &= !ptr[i];
	ptr[0] = 1;
	ptr[SIZE / 4 - 1] = 1;
	return zero;
}

/**
 * SUBTEST: open-file
 * Description: calls of a file that was open give ENODEV, and closing it is fine
 */
static void test_open_file(int fd)
{
	struct drm_nova_gem_query query;
	uint32_t handle = nova_gem_create(fd, SIZE, NOVA_VRAM), vm = nova_vm_create(fd);
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = VA, .range = SIZE,
	};
	int64_t now = 1;

	nova_plug_out(&plug);
	check_gone(fd);
	igt_assert_eq(__nova_gem_query(fd, handle, &query), -ENODEV);
	igt_assert_eq(__nova_gem_wait(fd, handle, 0, now), -ENODEV);
	igt_assert_eq(__nova_vm_bind_op(fd, vm, &op), -ENODEV);
	igt_assert_eq(__nova_vm_destroy(fd, vm), -ENODEV);
	nova_plug_in(&plug);
	/* The old file does not come back to life. */
	check_gone(fd);
}

static void map_and_unplug(int fd, uint32_t placement, bool touch)
{
	uint32_t handle = nova_gem_create(fd, SIZE, placement);
	void *ptr = nova_gem_mmap(fd, handle, 0, SIZE);
	int status;
	pid_t pid;

	if (touch)
		nova_fill(ptr, SIZE, 90);
	nova_plug_out(&plug);
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		_exit(is_dummy(ptr) ? 0 : 1);
	}
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	/* A page the child wrote is shared with it, so only that it can be read is asked. */
	is_dummy(ptr);
	nova_plug_in(&plug);
	munmap(ptr, SIZE);
}

/**
 * SUBTEST: mapped-vram
 * Description: a mapping of VRAM turns into zeroes that can be written, in a child too
 */
static void test_mapped_vram(int fd)
{
	map_and_unplug(fd, NOVA_VRAM, true);
}

/**
 * SUBTEST: mapped-system
 * Description: a mapping of system memory turns into zeroes that can be written
 */
static void test_mapped_system(int fd)
{
	map_and_unplug(fd, NOVA_SYSTEM, true);
}

/**
 * SUBTEST: mapped-untouched
 * Description: a mapping first touched after the device went reads zero
 */
static void test_mapped_untouched(int fd)
{
	map_and_unplug(fd, NOVA_VRAM, false);
}

/**
 * SUBTEST: dmabuf
 * Description: a dma-buf outlives its device: it can be mapped, shows zeroes, and nobody
 *              can attach to it any more
 */
static void test_dmabuf(int fd)
{
	struct nova_peer peer = nova_peer_open(fd, NOVA_PEER_NOVA);
	uint32_t handle = nova_gem_create(fd, SIZE, NOVA_SYSTEM), theirs;
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW };
	int dmabuf = nova_export(fd, handle);
	void *before = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0), *after;

	igt_assert(before != MAP_FAILED);
	nova_fill(before, SIZE, 91);
	nova_plug_out(&plug);
	igt_assert(is_dummy(before));
	igt_assert_eq(__nova_import(peer.fd, dmabuf, &theirs), -ENODEV);
	after = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);
	igt_assert(after != MAP_FAILED);
	igt_assert(is_dummy(after));
	igt_assert_eq(ioctl(dmabuf, DMA_BUF_IOCTL_SYNC, &sync), 0);
	nova_plug_in(&plug);
	munmap(before, SIZE);
	munmap(after, SIZE);
	close(dmabuf);
	nova_peer_close(&peer);
}

/**
 * SUBTEST: exported-in-use
 * Description: memory that another GPU maps is not given to anyone else when its owner goes:
 *              that GPU reads it, or faults
 */
static void test_exported_in_use(int fd)
{
	struct nova_peer peer = nova_peer_open(fd, NOVA_PEER_NOVA);
	uint32_t handle = nova_gem_create(fd, SIZE, NOVA_SYSTEM);
	void *ptr = nova_gem_mmap(fd, handle, 0, SIZE), *copy = malloc(SIZE);
	int dmabuf = nova_export(fd, handle);
	uint32_t theirs = nova_import(peer.fd, dmabuf), vm = nova_vm_create(peer.fd);
	struct nova_eye eye = nova_eye(peer.fd, vm);

	igt_assert(copy);
	nova_fill(ptr, SIZE, 92);
	nova_fill(copy, SIZE, 92);
	nova_vm_map(peer.fd, vm, theirs, 0, VA, SIZE);
	igt_assert(nova_eye_sees(&eye, VA, copy, SIZE));
	nova_plug_out(&plug);
	igt_assert(nova_eye_faults(&eye, VA) || nova_eye_sees(&eye, VA, copy, SIZE));
	nova_plug_in(&plug);
	nova_eye_close(&eye);
	nova_vm_destroy(peer.fd, vm);
	nova_gem_close(peer.fd, theirs);
	close(dmabuf);
	munmap(ptr, SIZE);
	free(copy);
	nova_peer_close(&peer);
}

/**
 * SUBTEST: imported-%s
 * Description: the device goes while it uses a buffer of %arg[1], who does not notice
 *
 * arg[1]:
 *
 * @vgem:         vgem
 * @udmabuf:      udmabuf
 * @other-device: another GPU
 */
static void test_imported(int fd, enum nova_peer_kind kind)
{
	struct nova_peer peer = nova_peer_open(fd, kind);
	struct nova_peer_buf buf = nova_peer_buf(&peer, SIZE);
	uint32_t handle = nova_import(fd, buf.dmabuf), vm = nova_vm_create(fd);

	nova_vm_map(fd, vm, handle, 0, VA, SIZE);
	nova_fill(buf.ptr, SIZE, 93);
	nova_plug_out(&plug);
	igt_assert(nova_check(buf.ptr, SIZE, 93));
	nova_plug_in(&plug);
	igt_assert(nova_check(buf.ptr, SIZE, 93));
	nova_peer_buf_close(&peer, &buf);
	nova_peer_close(&peer);
}

/**
 * SUBTEST: pending-binds
 * Description: the device goes while binds wait for a fence; unplugging does not wait for
 *              it, nor does closing the file, and theirs signal ENODEV before it
 */
static void test_pending_binds(int fd)
{
	struct nova_peer vgem = nova_peer_open(fd, NOVA_PEER_VGEM);
	struct nova_peer_buf buf = nova_peer_buf(&vgem, SIZE);
	uint32_t fence;
	struct drm_nova_sync syncs[2] = { {}, { .flags = DRM_NOVA_SYNC_SIGNAL } };
	int last;
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .range = SIZE,
		.handle = nova_gem_create(fd, SIZE, NOVA_SYSTEM),
	};
	struct drm_nova_vm_bind bind = {
		.vm_id = nova_vm_create(fd), .flags = DRM_NOVA_VM_BIND_ASYNC,
		.ops = { (uintptr_t)&op, 1, sizeof(op) },
		.syncs = { (uintptr_t)syncs, 2, sizeof(syncs[0]) },
	};

	nova_require_feature(fd, DRM_NOVA_FEATURE_ASYNC_BIND);
	syncs[0].handle = nova_vgem_syncobj(fd, &vgem, &buf, &fence);
	syncs[1].handle = nova_syncobj_create(fd);
	for (op.va = VA; op.va < VA + 8 * SIZE; op.va += SIZE) {
		bind.failed_op = 0;
		igt_assert_eq(__nova_vm_bind(fd, &bind), 0);
	}
	last = nova_syncobj_export(fd, syncs[1].handle);
	nova_plug_out(&plug);
	igt_assert_eq(nova_sync_file_error(last), -ENODEV);
	/* An error if the fence had signalled by itself by now. */
	igt_assert_eq(nova_vgem_signal(&vgem, fence), 0);
	check_gone(fd);
	nova_plug_in(&plug);
	nova_peer_buf_close(&vgem, &buf);
	nova_peer_close(&vgem);
}

/**
 * SUBTEST: pending-execs
 * Description: the device goes while work waits for a fence; its own signals ENODEV before
 *              that one does
 */
static void test_pending_execs(int fd)
{
	struct nova_peer vgem = nova_peer_open(fd, NOVA_PEER_VGEM);
	struct nova_peer_buf buf = nova_peer_buf(&vgem, SIZE);
	struct drm_nova_sync syncs[2] = { {}, { .flags = DRM_NOVA_SYNC_SIGNAL } };
	uint32_t fence, queue, vm = nova_vm_create(fd);
	int files[4];
	unsigned int i;

	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	queue = nova_queue_create(fd, vm, DRM_NOVA_QUEUE_CLASS_COPY);
	syncs[0].handle = nova_vgem_syncobj(fd, &vgem, &buf, &fence);
	syncs[1].handle = nova_syncobj_create(fd);
	for (i = 0; i < NR(files); i++) {
		igt_assert_eq(__nova_exec(fd, queue, NULL, 0, syncs, 2), 0);
		files[i] = nova_syncobj_export(fd, syncs[1].handle);
	}
	nova_plug_out(&plug);
	for (i = 0; i < NR(files); i++)
		igt_assert_eq(nova_sync_file_error(files[i]), -ENODEV);
	/* An error if the fence had signalled by itself by now. */
	igt_assert_eq(nova_vgem_signal(&vgem, fence), 0);
	check_gone(fd);
	nova_plug_in(&plug);
	nova_peer_buf_close(&vgem, &buf);
	nova_peer_close(&vgem);
}

/**
 * SUBTEST: everything
 * Description: files, mappings, dma-bufs and VMs of three processes at once, five times
 */
static void use_everything(int fd)
{
	static const uint32_t placements[] = { NOVA_VRAM, NOVA_SYSTEM, NOVA_VRAM | NOVA_SYSTEM };
	uint32_t vm = nova_vm_create(fd);

	for (unsigned int i = 0; i < NR(placements); i++) {
		uint32_t handle = nova_gem_create(fd, SIZE, placements[i]);
		void *ptr = nova_gem_mmap(fd, handle, 0, SIZE);

		nova_fill(ptr, SIZE, i);
		nova_vm_map(fd, vm, handle, 0, VA + i * SIZE, SIZE);
		nova_export(fd, handle);
	}
}

static void test_everything(int fd)
{
	for (unsigned int round = 0; round < 5; round++) {
		int ready[2], client = nova_plug_open(&plug);
		char bytes[2];

		igt_assert_eq(pipe(ready), 0);
		igt_fork(child, 2) {
			use_everything(nova_plug_open(&plug));
			igt_assert_eq(write(ready[1], bytes, 1), 1);
			/* One may leave before the device does, the other after. */
			usleep(child * 100000);
		}
		use_everything(client);
		for (unsigned int i = 0; i < 2; i++)
			igt_assert_eq(read(ready[0], bytes, 1), 1);
		nova_plug_out(&plug);
		close(client);
		igt_waitchildren();
		nova_plug_in(&plug);
		close(ready[0]);
		close(ready[1]);
	}
	check_gone(fd);
}

/* Runs in a child: the call works, then fails with ENODEV and nothing else. */
static void storm_until_gone(const struct nova_storm *storm, int fd, int ready)
{
	igt_assert_eq(storm->once(fd), 0);
	igt_assert_eq(write(ready, "", 1), 1);
	igt_assert_eq(nova_storm_until_error(storm, fd), -ENODEV);
}

/**
 * SUBTEST: unplug-during-%s
 * Description: the device goes while two processes make one kind of call without pause: %arg[1]
 *
 * arg[1]:
 *
 * @getparam:      GETPARAM
 * @info:          INFO
 * @gem-create:    GEM_CREATE2
 * @gem-query:     GEM_QUERY
 * @gem-wait:      GEM_WAIT
 * @gem-set-label: GEM_SET_LABEL
 * @gem-madvise:   GEM_MADVISE
 * @mmap:          mapping and touching an object
 * @prime:         exporting and importing
 * @vm:            VM_CREATE and VM_DESTROY
 * @vm-bind:       VM_BIND
 * @vm-bind-async: VM_BIND with ASYNC
 * @queue:         QUEUE_CREATE and QUEUE_DESTROY
 * @exec:          EXEC
 * @syncobj:       calls on syncobjs
 * @fdinfo:        reading fdinfo
 */
static void run_unplug_during(const struct nova_storm *storm)
{
	int fds[2] = { open_plugged(), open_plugged() }, ready[2];
	char bytes[2];

	igt_assert_eq(pipe(ready), 0);
	igt_fork(child, 2)
		storm_until_gone(storm, fds[child], ready[1]);
	/* The end of the pipe that children write to is theirs alone, should they fail. */
	close(ready[1]);
	for (unsigned int i = 0; i < 2; i++)
		igt_assert_eq(read(ready[0], bytes, 1), 1);
	usleep(50000);
	nova_plug_out(&plug);
	igt_waitchildren();
	nova_plug_in(&plug);
	close(ready[0]);
	close(fds[0]);
	close(fds[1]);
	check_device_works();
}

struct closer {
	const struct nova_storm *storm;
	int fd;
	int ret;
};

static void *storm_thread(void *arg)
{
	struct closer *closer = arg;

	closer->ret = nova_storm_until_error(closer->storm, closer->fd);
	return NULL;
}

/**
 * SUBTEST: close-during-%s
 * Description: a thread closes the file while another makes one kind of call without pause:
 *              %arg[1]
 *
 * arg[1]:
 *
 * @getparam:      GETPARAM
 * @info:          INFO
 * @gem-create:    GEM_CREATE2
 * @gem-query:     GEM_QUERY
 * @gem-wait:      GEM_WAIT
 * @gem-set-label: GEM_SET_LABEL
 * @gem-madvise:   GEM_MADVISE
 * @mmap:          mapping and touching an object
 * @prime:         exporting and importing
 * @vm:            VM_CREATE and VM_DESTROY
 * @vm-bind:       VM_BIND
 * @vm-bind-async: VM_BIND with ASYNC
 * @queue:         QUEUE_CREATE and QUEUE_DESTROY
 * @exec:          EXEC
 * @syncobj:       calls on syncobjs
 * @fdinfo:        reading fdinfo
 */
static void run_close_during(const struct nova_storm *storm)
{
	int fd = open_plugged();
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);

	for (unsigned int round = 0; round < 5; round++) {
		struct closer closer = { storm, nova_plug_open(&plug), 0 };
		pthread_t thread;

		igt_assert_eq(pthread_create(&thread, NULL, storm_thread, &closer), 0);
		usleep(5000 + 3000 * round);
		close(closer.fd);
		igt_assert_eq(pthread_join(thread, NULL), 0);
		/* The call may just have opened another file, which got the number. */
		if (closer.ret != -ENOTTY)
			igt_assert_eq(closer.ret, -EBADF);
	}
	nova_settle_vram(fd, used + NOVA_2M);
	close(fd);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "open-file", test_open_file },
	{ "mapped-vram", test_mapped_vram },
	{ "mapped-system", test_mapped_system },
	{ "mapped-untouched", test_mapped_untouched },
	{ "dmabuf", test_dmabuf },
	{ "exported-in-use", test_exported_in_use },
	{ "pending-binds", test_pending_binds },
	{ "pending-execs", test_pending_execs },
	{ "everything", test_everything },
};

/* Each test has a file of its own, which dies with it. */
static void run_on_own_file(void (*run)(int fd))
{
	int fd = open_plugged();

	run(fd);
	close(fd);
	check_device_works();
}

int igt_main()
{
	enum nova_peer_kind kind;
	unsigned int i;

	igt_fixture() {
		int fd = nova_open();

		plug = nova_plug(fd);
		drm_close_driver(fd);
	}

	for (i = 0; i < NR(tests); i++)
		igt_subtest_f("%s", tests[i].name)
			run_on_own_file(tests[i].run);
	for (kind = 0; kind < NOVA_PEERS; kind++) {
		igt_subtest_f("imported-%s", nova_peer_names[kind]) {
			int fd = open_plugged();

			test_imported(fd, kind);
			close(fd);
			check_device_works();
		}
	}
	for (i = 0; i < nova_nr_storms; i++)
		igt_subtest_f("unplug-during-%s", nova_storms[i].name)
			run_unplug_during(&nova_storms[i]);
	for (i = 0; i < nova_nr_storms; i++)
		igt_subtest_f("close-during-%s", nova_storms[i].name)
			run_close_during(&nova_storms[i]);
}
