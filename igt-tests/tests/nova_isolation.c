// SPDX-License-Identifier: MIT

/**
 * TEST: nova isolation
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: isolation of clients
 * Description: nothing of one client can be named, mapped or read by another
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <drm.h>

#include "igt.h"
#include "nova_gpu.h"
#include "nova_share.h"

IGT_TEST_DESCRIPTION("Nothing of one client can be named, mapped or read by another");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE NOVA_64K
#define VA (1ull << 33)
#define NOBODY 65534
/* Of the small GPU whose whole memory a test takes */
#define VMS 32
#define TABLES 12
#define PIECE (256 * 1024ull)

static const uint32_t odd_numbers[] = {
	0, 2, 3, 63, 64, 65, 127, 128, 4096, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
};

/* Two clients: the first owns things, the second has nothing but its file. */
struct pair {
	int owner, other;
};

static int try_bind(int fd, uint32_t vm, uint32_t handle)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .va = VA, .range = SIZE,
	};

	return __nova_vm_bind_op(fd, vm, &op);
}

static int try_close(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	return __nova_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

/**
 * SUBTEST: handles
 * Description: a handle of another client, or of nobody, is unknown to every call
 */
static void test_handles(const struct pair *pair)
{
	uint32_t mine = nova_gem_create(pair->owner, SIZE, NOVA_VRAM), i;
	uint32_t vm = nova_vm_create(pair->other);
	struct drm_nova_gem_query query;
	struct drm_nova_gem_info info = {};
	uint64_t offset;
	int dmabuf;

	for (i = 0; i < NR(odd_numbers) + 1; i++) {
		uint32_t handle = i ? odd_numbers[i - 1] : mine;

		info.handle = handle;
		igt_assert_eq(__nova_gem_query(pair->other, handle, &query), -ENOENT);
		igt_assert_eq(__nova_ioctl(pair->other, DRM_IOCTL_NOVA_GEM_INFO, &info), -ENOENT);
		igt_assert_eq(__nova_gem_mmap_offset(pair->other, handle, &offset), -ENOENT);
		igt_assert_eq(__nova_gem_wait(pair->other, handle, 1, 0), -ENOENT);
		igt_assert_eq(__nova_gem_set_label(pair->other, handle, "x", 1), -ENOENT);
		igt_assert_eq(__nova_export(pair->other, handle, &dmabuf), -ENOENT);
		igt_assert_eq(try_bind(pair->other, vm, handle), -ENOENT);
		igt_assert_eq(try_close(pair->other, handle), -EINVAL);
	}
	igt_assert_eq_u64(nova_gem_query(pair->owner, mine).size, SIZE);
	nova_gem_close(pair->owner, mine);
	nova_vm_destroy(pair->other, vm);
}

static int try_queue(int fd, uint32_t vm)
{
	struct drm_nova_queue_create args = { .vm_id = vm, .priority = 1 };

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &args);
}

/**
 * SUBTEST: vm-ids
 * Description: the id of another client's VM, or of nobody's, is unknown to every call
 */
static void test_vm_ids(const struct pair *pair)
{
	uint32_t mine = nova_vm_create(pair->owner), handle, i;

	handle = nova_gem_create(pair->other, SIZE, NOVA_VRAM);
	for (i = 0; i < NR(odd_numbers) + 1; i++) {
		uint32_t vm = i ? odd_numbers[i - 1] : mine;
		struct drm_nova_vm_get_state state = { .vm_id = vm };
		struct drm_nova_vm_query_ranges ranges = {
			.vm_id = vm, .va = VA, .range = SIZE,
		};
		struct drm_nova_gem_create2 create = {
			.size = SIZE, .placement = NOVA_VRAM, .vm_id = vm,
		};

		igt_assert_eq(__nova_vm_destroy(pair->other, vm), -ENOENT);
		igt_assert_eq(try_bind(pair->other, vm, handle), -ENOENT);
		igt_assert_eq(try_queue(pair->other, vm), -ENOENT);
		igt_assert_eq(__nova_ioctl(pair->other, DRM_IOCTL_NOVA_VM_GET_STATE, &state),
			      -ENOENT);
		igt_assert_eq(__nova_ioctl(pair->other, DRM_IOCTL_NOVA_VM_QUERY_RANGES, &ranges),
			      -ENOENT);
		/* 0 means no VM at all. */
		if (vm)
			igt_assert_eq(__nova_gem_create2(pair->other, &create), -ENOENT);
	}
	nova_gem_close(pair->other, handle);
	nova_vm_destroy(pair->owner, mine);
}

/**
 * SUBTEST: queue-ids
 * Description: the id of another client's queue, or of nobody's, is unknown to every call
 */
static void test_queue_ids(const struct pair *pair)
{
	struct drm_nova_queue_create mine = {
		.vm_id = nova_vm_create(pair->owner), .priority = 1,
	};
	uint32_t i;

	igt_assert_eq(__nova_ioctl(pair->owner, DRM_IOCTL_NOVA_QUEUE_CREATE, &mine), 0);
	for (i = 0; i < NR(odd_numbers) + 1; i++) {
		uint32_t id = i ? odd_numbers[i - 1] : mine.queue_id;
		struct drm_nova_queue_destroy destroy = { .queue_id = id };
		struct drm_nova_queue_get_state state = { .queue_id = id };

		igt_assert_eq(__nova_ioctl(pair->other, DRM_IOCTL_NOVA_QUEUE_DESTROY, &destroy),
			      -ENOENT);
		igt_assert_eq(__nova_ioctl(pair->other, DRM_IOCTL_NOVA_QUEUE_GET_STATE, &state),
			      -ENOENT);
	}
}

/**
 * SUBTEST: syncobjs
 * Description: another client's syncobj can be neither waited for nor signalled
 */
static void test_syncobjs(const struct pair *pair)
{
	struct drm_syncobj_create create = { .flags = DRM_SYNCOBJ_CREATE_SIGNALED };
	struct drm_nova_sync sync = {};
	struct drm_nova_vm_bind bind = {
		.vm_id = nova_vm_create(pair->other), .flags = DRM_NOVA_VM_BIND_ASYNC,
		.syncs = { (uintptr_t)&sync, 1, sizeof(sync) },
	};
	struct drm_syncobj_array reset = { .count_handles = 1 };

	igt_assert_eq(__nova_ioctl(pair->owner, DRM_IOCTL_SYNCOBJ_CREATE, &create), 0);
	sync.handle = create.handle;
	reset.handles = (uintptr_t)&create.handle;
	igt_assert_eq(__nova_vm_bind(pair->other, &bind), -ENOENT);
	bind.failed_op = 0;
	sync.flags = DRM_NOVA_SYNC_SIGNAL;
	igt_assert_eq(__nova_vm_bind(pair->other, &bind), -ENOENT);
	igt_assert_eq(__nova_ioctl(pair->other, DRM_IOCTL_SYNCOBJ_RESET, &reset), -ENOENT);
}

/**
 * SUBTEST: addresses
 * Description: the same GPU address in two VMs leads each to its own memory, and an address
 *              that only one has mapped faults in the other
 */
static void test_addresses(const struct pair *pair)
{
	const int fds[] = { pair->owner, pair->other };
	struct nova_eye eyes[2];
	void *ptrs[2];
	uint32_t i;

	for (i = 0; i < 2; i++) {
		uint32_t handle = nova_gem_create(fds[i], SIZE, NOVA_VRAM), vm;

		/* Different ids, so that the right tables are found. */
		vm = nova_vm_create(fds[i]);
		if (i)
			vm = nova_vm_create(fds[i]);
		ptrs[i] = nova_gem_mmap(fds[i], handle, 0, SIZE);
		nova_fill(ptrs[i], SIZE, 40 + i);
		nova_vm_map(fds[i], vm, handle, 0, VA, SIZE);
		nova_vm_map(fds[i], vm, handle, 0, VA + (i + 1) * NOVA_2M, SIZE);
		eyes[i] = nova_eye(fds[i], vm);
	}
	for (i = 0; i < 2; i++) {
		igt_assert(nova_eye_sees(&eyes[i], VA, ptrs[i], SIZE));
		igt_assert(nova_eye_sees(&eyes[i], VA + (i + 1) * NOVA_2M, ptrs[i], SIZE));
		igt_assert(nova_eye_faults(&eyes[i], VA + (2 - i) * NOVA_2M));
		nova_eye_close(&eyes[i]);
		munmap(ptrs[i], SIZE);
	}
}

/**
 * SUBTEST: names
 * Description: global names of objects, which anybody could guess, do not exist, on no node
 */
static void test_names(const struct pair *pair)
{
	uint32_t handle = nova_gem_create(pair->owner, SIZE, NOVA_VRAM);
	struct drm_gem_flink flink = { .handle = handle };
	struct drm_gem_open open_args = { .name = 1 };
	int card = drm_open_driver(DRIVER_ANY);

	igt_assert(__nova_ioctl(pair->owner, DRM_IOCTL_GEM_FLINK, &flink) < 0);
	igt_assert(__nova_ioctl(pair->other, DRM_IOCTL_GEM_OPEN, &open_args) < 0);
	flink.handle = nova_gem_create(card, SIZE, NOVA_VRAM);
	igt_assert_eq(__nova_ioctl(card, DRM_IOCTL_GEM_FLINK, &flink), -EOPNOTSUPP);
	igt_assert_eq(__nova_ioctl(card, DRM_IOCTL_GEM_OPEN, &open_args), -EOPNOTSUPP);
	drm_close_driver(card);
	nova_gem_close(pair->owner, handle);
}

/**
 * SUBTEST: mmap-offsets
 * Description: an offset can be mapped by a file that has a handle, while it has it
 */
static void test_mmap_offsets(const struct pair *pair)
{
	uint32_t handle = nova_gem_create(pair->owner, SIZE, NOVA_SYSTEM);
	off_t offset = (off_t)nova_gem_mmap_offset(pair->owner, handle);
	void *keeper = nova_gem_mmap(pair->owner, handle, 0, SIZE);
	static const uint64_t wild[] = { 0, NOVA_4K, 1ull << 40, 1ull << 50, ~0ull << 12 };
	unsigned int i;

	igt_assert(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, pair->other, offset) == MAP_FAILED);
	igt_assert_eq(errno, EACCES);
	nova_gem_close(pair->owner, handle);
	/* Which it is depends on whether the mapping alone still gives the object a name. */
	igt_assert(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, pair->owner, offset) == MAP_FAILED);
	igt_assert(errno == EACCES || errno == EINVAL);
	for (i = 0; i < NR(wild); i++)
		igt_assert(mmap(NULL, NOVA_4K, PROT_READ, MAP_SHARED, pair->owner,
				(off_t)wild[i]) == MAP_FAILED);
	errno = 0;
	munmap(keeper, SIZE);
}

/**
 * SUBTEST: recycled-memory
 * Description: memory that another client wrote and freed reads zero, to CPU and GPU
 */
static void fill_and_free(int fd, uint32_t placement, unsigned int objects)
{
	uint32_t handles[64];
	void *ptr;

	for (unsigned int i = 0; i < objects; i++) {
		handles[i] = nova_gem_create(fd, NOVA_2M / 4, placement);
		ptr = nova_gem_mmap(fd, handles[i], 0, NOVA_2M / 4);
		nova_fill(ptr, NOVA_2M / 4, i);
		munmap(ptr, NOVA_2M / 4);
	}
	for (unsigned int i = 0; i < objects; i++)
		nova_gem_close(fd, handles[i]);
}

static void test_recycled(const struct pair *pair)
{
	static const uint32_t placements[] = { NOVA_VRAM, NOVA_SYSTEM };
	static const char zeroes[NOVA_2M / 4];
	uint32_t vm = nova_vm_create(pair->other);
	struct nova_eye eye = nova_eye(pair->other, vm);

	for (unsigned int i = 0; i < 2 * 16; i++) {
		uint32_t handle;
		void *ptr;

		if (i % 16 == 0)
			fill_and_free(pair->owner, placements[i / 16], 16);
		handle = nova_gem_create(pair->other, NOVA_2M / 4, placements[i / 16]);
		nova_vm_map(pair->other, vm, handle, 0, VA, NOVA_2M / 4);
		igt_assert(nova_eye_sees(&eye, VA, zeroes, sizeof(zeroes)));
		ptr = nova_gem_mmap(pair->other, handle, 0, NOVA_2M / 4);
		igt_assert(nova_is_zero(ptr, NOVA_2M / 4));
		munmap(ptr, NOVA_2M / 4);
	}
	nova_eye_close(&eye);
	nova_vm_destroy(pair->other, vm);
}

/* Some 4 MiB of page tables, of which those of the first level are told; all are freed again. */
static void build_and_free_tables(int fd, uint64_t *roots)
{
	uint32_t handle = nova_gem_create(fd, NOVA_4K, NOVA_VRAM), vms[VMS];
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	struct nova_pdb pdbs[VMS];

	for (unsigned int i = 0; i < VMS; i++) {
		vms[i] = nova_vm_create(fd);
		/* A GiB apart, so that none is shared */
		for (unsigned int j = 0; j < TABLES; j++)
			nova_vm_map(fd, vms[i], handle, 0, VA + ((uint64_t)j << 30), NOVA_4K);
	}
	igt_assert_eq(nova_debug_pdbs(fd, VMS, vms, pdbs), 0);
	for (unsigned int i = 0; i < VMS; i++) {
		igt_assert(!strcmp(pdbs[i].aperture, "vram"));
		roots[i] = pdbs[i].addr;
		nova_vm_destroy(fd, vms[i]);
	}
	nova_gem_close(fd, handle);
	nova_settle_vram(fd, used + NOVA_2M);
}

static unsigned int roots_in(const uint64_t *roots, uint64_t start, uint64_t size)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < VMS; i++)
		nr += roots[i] >= start && roots[i] - start < size;
	return nr;
}

/*
 * Takes a piece of VRAM, which must read zero; tells where it is. Each is mapped where the last one
 * was, so that no table takes the memory that is looked for.
 */
static uint64_t take_piece(int fd, uint32_t vm, uint64_t size)
{
	struct drm_nova_gem_create2 create = {
		.size = size, .placement = NOVA_VRAM, .flags = DRM_NOVA_GEM_CONTIGUOUS,
	};
	struct nova_walk walk;
	void *ptr;

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	ptr = nova_gem_mmap(fd, create.handle, 0, size);
	igt_assert(nova_is_zero(ptr, size));
	munmap(ptr, size);
	nova_vm_map(fd, vm, create.handle, 0, 16 * VA, size);
	igt_assert_eq(nova_eye_result(fd, vm, 16 * VA, &walk), 0);
	igt_assert_eq(walk.end, NOVA_WALK_MAPPED);
	return walk.addr;
}

/* Takes what is left of VRAM but less than two pieces; how many of the roots were there? */
static unsigned int take_pieces(int fd, uint32_t vm, uint64_t size, const uint64_t *roots)
{
	uint64_t left = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE) -
			nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	unsigned int found = 0;

	for (; left >= 2 * size; left -= size)
		found += roots_in(roots, take_piece(fd, vm, size), size);
	return found;
}

/**
 * SUBTEST: recycled-tables
 * Description: where another client's page tables were, a client that takes all of VRAM reads zero
 */
static void test_recycled_tables(const struct pair *pair)
{
	const struct nova_gpu_config config = { .vram_mb = 64, .bar1_mb = 16 };
	unsigned int found = 0;
	uint64_t roots[VMS];
	struct nova_gpu gpu;
	uint32_t vm;
	int other;

	nova_gpu_create(&gpu, pair->owner, &config);
	other = nova_open_again(gpu.fd);
	build_and_free_tables(gpu.fd, roots);
	vm = nova_vm_create(other);
	nova_vm_map(other, vm, nova_gem_create(other, NOVA_4K, NOVA_SYSTEM), 0, VA, NOVA_4K);
	for (uint64_t size = PIECE; size >= NOVA_4K; size /= 4)
		found += take_pieces(other, vm, size, roots);
	igt_info("%u of %u places read again\n", found, VMS);
	igt_assert(found);
	drm_close_driver(other);
	nova_gpu_destroy(&gpu);
}

/**
 * SUBTEST: tables-out-of-reach
 * Description: no byte of an object is a byte of a page directory or of what firmware keeps
 */
static void test_out_of_reach(const struct pair *pair)
{
	uint64_t usable = nova_getparam(pair->owner, DRM_NOVA_PARAM_VRAM_SIZE);
	uint32_t vm = nova_vm_create(pair->owner), handle;
	struct nova_walk walk;
	struct nova_pdb pdb;

	igt_require(nova_debug_pdb(pair->owner, vm, &pdb) == 0);
	for (unsigned int i = 0; i < 32; i++) {
		handle = nova_gem_create(pair->owner, SIZE, NOVA_VRAM);
		nova_vm_map(pair->owner, vm, handle, 0, VA, SIZE);
		igt_assert_eq(nova_eye_result(pair->owner, vm, VA, &walk), 0);
		igt_assert_eq(walk.end, NOVA_WALK_MAPPED);
		igt_assert(!strcmp(walk.aperture, "vram"));
		igt_assert(walk.addr + SIZE <= usable);
		igt_assert(pdb.addr + NOVA_4K <= walk.addr || walk.addr + SIZE <= pdb.addr);
	}
	nova_vm_destroy(pair->owner, vm);
}

/* Runs a check as nobody, in a child. */
static void as_nobody(void (*check)(const struct pair *pair), const struct pair *pair)
{
	int status;
	pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(2);
		check(pair);
		_exit(0);
	}
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFEXITED(status));
	igt_assert_eq(WEXITSTATUS(status), 0);
}

static void cannot_read_debugfs(const struct pair *pair)
{
	static const char *const files[] = {
		"gem", "gpuvas", "vram_mm", "gtt_mm", "bar1", "pagetables",
	};
	char *text;

	for (unsigned int i = 0; i < NR(files); i++)
		if (nova_debug_read(pair->owner, files[i], &text) != -EACCES)
			_exit(1);
	if (nova_debug_model_read(pair->owner, "faults", &text) != -EACCES)
		_exit(1);
}

/**
 * SUBTEST: debugfs-is-roots
 * Description: nobody but root reads what debugfs says about others
 */
static void test_debugfs(const struct pair *pair)
{
	char *text;

	igt_require(nova_debug_read(pair->owner, "gem", &text) == 0);
	free(text);
	as_nobody(cannot_read_debugfs, pair);
}

static void works_unprivileged(const struct pair *pair)
{
	struct drm_nova_queue_create queue = { .priority = 2 };
	uint32_t handle = nova_gem_create(pair->other, SIZE, NOVA_VRAM);
	uint32_t vm = nova_vm_create(pair->other);
	void *ptr = nova_gem_mmap(pair->other, handle, 0, SIZE);

	nova_fill(ptr, SIZE, 50);
	nova_vm_map(pair->other, vm, handle, 0, VA, SIZE);
	queue.vm_id = vm;
	if (!nova_check(ptr, SIZE, 50) ||
	    __nova_ioctl(pair->other, DRM_IOCTL_NOVA_QUEUE_CREATE, &queue) != -EACCES)
		_exit(1);
	nova_vm_destroy(pair->other, vm);
	nova_gem_close(pair->other, handle);
}

/**
 * SUBTEST: unprivileged
 * Description: all a client needs works without privileges, and what does not is refused
 */
static void test_unprivileged(const struct pair *pair)
{
	as_nobody(works_unprivileged, pair);
}

/**
 * SUBTEST: dmabuf-descriptors
 * Description: an object is imported through a descriptor that was handed over, and numbers
 *              that are none of that give nothing
 */
static void test_descriptors(const struct pair *pair)
{
	uint32_t handle = nova_gem_create(pair->owner, SIZE, NOVA_VRAM), theirs;
	int dmabuf = nova_export(pair->owner, handle), status;
	pid_t pid;

	igt_assert(fcntl(dmabuf, F_GETFD) & FD_CLOEXEC);
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid) {
		/* Without the descriptor its number is worth nothing. */
		close(dmabuf);
		_exit(__nova_import(pair->other, dmabuf, &theirs) != -EBADF ||
		      __nova_import(pair->other, 0, &theirs) != -EINVAL);
	}
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert_eq(status, 0);
	igt_assert_eq(__nova_import(pair->other, pair->owner, &theirs), -EINVAL);
	nova_gem_close(pair->other, nova_import(pair->other, dmabuf));
	close(dmabuf);
	nova_gem_close(pair->owner, handle);
}

static const struct {
	const char *name;
	void (*run)(const struct pair *pair);
} tests[] = {
	{ "handles", test_handles },
	{ "vm-ids", test_vm_ids },
	{ "queue-ids", test_queue_ids },
	{ "syncobjs", test_syncobjs },
	{ "addresses", test_addresses },
	{ "names", test_names },
	{ "mmap-offsets", test_mmap_offsets },
	{ "recycled-memory", test_recycled },
	{ "recycled-tables", test_recycled_tables },
	{ "tables-out-of-reach", test_out_of_reach },
	{ "debugfs-is-roots", test_debugfs },
	{ "unprivileged", test_unprivileged },
	{ "dmabuf-descriptors", test_descriptors },
};

/* Each test has two new clients, who leave everything to the close of their files. */
static void run_with_pair(int fd, unsigned int i)
{
	struct pair pair = { nova_open_again(fd), nova_open_again(fd) };
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);

	tests[i].run(&pair);
	drm_close_driver(pair.owner);
	drm_close_driver(pair.other);
	nova_settle_vram(fd, used + NOVA_2M);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(tests); i++)
		igt_subtest(tests[i].name)
			run_with_pair(fd, i);

	igt_fixture()
		drm_close_driver(fd);
}
