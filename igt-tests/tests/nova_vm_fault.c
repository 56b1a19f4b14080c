// SPDX-License-Identifier: MIT

/**
 * TEST: nova vm fault
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: faults of queues
 * Description: the queue whose work faults is banned and reported, everybody else goes on
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_push.h"

IGT_TEST_DESCRIPTION("Faults of queues");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define VA_PUSH (1ull << 33)
#define VA_RW (2ull << 33)
#define VA_RO (3ull << 33)
#define VA_HOLE (5ull << 33)
#define GUILTY (DRM_NOVA_QUEUE_STATE_BANNED | DRM_NOVA_QUEUE_STATE_GUILTY)
#define DUMPS "/sys/class/devcoredump"

/* A VM with an object mapped twice: read-write and read-only. */
struct scene {
	int fd;
	uint32_t vm, handle;
	uint32_t *ptr;
	struct nova_engine engine;
};

static void scene_init_vm(struct scene *s, int fd, uint32_t vm_flags)
{
	struct drm_nova_vm_create create = { .flags = vm_flags };
	struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .range = NOVA_64K,
		.flags = DRM_NOVA_VM_BIND_OP_DUMPABLE,
	};

	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	igt_assert_eq(__nova_vm_create(fd, &create), 0);
	*s = (struct scene){ .fd = fd, .vm = create.vm_id };
	s->handle = op.handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	s->ptr = nova_gem_mmap(fd, s->handle, 0, NOVA_64K);
	nova_fill(s->ptr, NOVA_64K, 3);
	op.va = VA_RW;
	igt_assert_eq(__nova_vm_bind_op(fd, s->vm, &op), 0);
	op.va = VA_RO;
	op.flags = DRM_NOVA_VM_BIND_OP_READONLY;
	igt_assert_eq(__nova_vm_bind_op(fd, s->vm, &op), 0);
	nova_engine_init(&s->engine, fd, s->vm, VA_PUSH);
}

static void scene_init(struct scene *s, int fd)
{
	scene_init_vm(s, fd, 0);
}

static void scene_fini(struct scene *s)
{
	nova_engine_fini(&s->engine);
	munmap(s->ptr, NOVA_64K);
	nova_gem_close(s->fd, s->handle);
	nova_vm_destroy(s->fd, s->vm);
}

/* A banned queue is replaced, so that the scene can go on. */
static void new_queue(struct scene *s)
{
	igt_assert_eq(__nova_queue_destroy(s->fd, s->engine.queue), 0);
	s->engine.queue = nova_queue_create(s->fd, s->vm, DRM_NOVA_QUEUE_CLASS_COPY);
}

/* Returns how many are kept. */
static uint32_t get_faults(const struct scene *s, struct drm_nova_vm_fault *faults, uint32_t room,
			   uint32_t *total)
{
	struct drm_nova_vm_get_state args = {
		.vm_id = s->vm, .faults = { (uintptr_t)faults, room, sizeof(*faults) },
	};

	igt_assert_eq(__nova_ioctl(s->fd, DRM_IOCTL_NOVA_VM_GET_STATE, &args), 0);
	igt_assert_eq_u32(args.state, 0);
	igt_assert_eq(args.error, 0);
	*total = args.fault_total;
	return args.faults.count;
}

static const struct {
	const char *name;
	uint64_t src, dst;
	uint64_t va;
	uint32_t access, reason;
} kinds[] = {
	{ "read-unmapped", VA_HOLE + NOVA_4K, VA_RW, VA_HOLE + NOVA_4K,
	  DRM_NOVA_FAULT_READ, DRM_NOVA_FAULT_UNMAPPED },
	{ "write-unmapped", VA_RW, VA_HOLE, VA_HOLE,
	  DRM_NOVA_FAULT_WRITE, DRM_NOVA_FAULT_UNMAPPED },
	{ "write-read-only", VA_RW, VA_RO, VA_RO,
	  DRM_NOVA_FAULT_WRITE, DRM_NOVA_FAULT_PERMISSION },
	{ "read-past-the-end", VA_RW + NOVA_64K - 16, VA_RW, VA_RW + NOVA_64K,
	  DRM_NOVA_FAULT_READ, DRM_NOVA_FAULT_UNMAPPED },
};

/**
 * SUBTEST: %s
 * Description: the queue is banned and guilty, the fault is reported: %arg[1]
 *
 * arg[1]:
 *
 * @read-unmapped:     a read of nothing
 * @write-unmapped:    a write to nothing
 * @write-read-only:   a write to a read-only mapping
 * @read-past-the-end: a read that leaves its mapping
 */
static void test_kind(int fd, unsigned int i)
{
	struct drm_nova_vm_fault fault = { 0 };
	struct drm_nova_queue_get_state state;
	struct scene s;
	uint32_t total;

	scene_init(&s, fd);
	igt_assert_eq_u32(get_faults(&s, NULL, 0, &total), 0);
	igt_assert_eq_u32(total, 0);
	nova_push_linear(&s.engine, kinds[i].src, kinds[i].dst, 256);
	igt_assert_eq(nova_engine_run(&s.engine), -EFAULT);
	state = nova_queue_state(fd, s.engine.queue);
	igt_assert_eq_u32(state.state, GUILTY);
	igt_assert_eq(state.error, -EFAULT);
	igt_assert_eq(__nova_engine_exec(&s.engine), -ECANCELED);
	igt_assert_eq_u32(get_faults(&s, &fault, 1, &total), 1);
	igt_assert_eq_u32(total, 1);
	igt_assert_eq_u64(fault.va, kinds[i].va);
	igt_assert_eq_u32(fault.queue_id, s.engine.queue);
	igt_assert_eq_u32(fault.access, kinds[i].access);
	igt_assert_eq_u32(fault.reason, kinds[i].reason);
	igt_assert(fault.time_ns);
	scene_fini(&s);
}

/**
 * SUBTEST: push-unmapped
 * Description: a push that cannot be read bans the queue
 */
static void test_push(int fd)
{
	const struct drm_nova_exec_push push = { VA_HOLE, 64, 0 };
	struct drm_nova_sync sync = { .flags = DRM_NOVA_SYNC_SIGNAL };
	struct scene s;
	uint32_t total;

	scene_init(&s, fd);
	sync.handle = s.engine.syncobj;
	igt_assert_eq(__nova_exec(fd, s.engine.queue, &push, 1, &sync, 1), 0);
	igt_assert_eq(nova_engine_wait(&s.engine), -EFAULT);
	igt_assert_eq_u32(nova_queue_state(fd, s.engine.queue).state, GUILTY);
	igt_assert_eq_u32(get_faults(&s, NULL, 0, &total), 1);
	scene_fini(&s);
}

static const struct {
	const char *name;
	uint32_t words[2];
} methods[] = {
	{ "bad-header", { 0xe0000000 | 0x1fff, 0 } },
	{ "bad-host-method", { 0x20010000 | 0xffc >> 2, 1 } },
	{ "bad-copy-method", { 0x20018000 | 0xffc >> 2, 1 } },
	{ "physical-source", { 0x200180c0, 0x00001186 } },
	{ "host-tlb-invalidate", { 0x2001000d, 9u << 27 } },
};

/**
 * SUBTEST: method-%s
 * Description: what host or engine refuse bans the queue, without a fault: %arg[1]
 *
 * arg[1]:
 *
 * @bad-header:          a method header of no known kind
 * @bad-host-method:     a method the host does not have
 * @bad-copy-method:     a method the copy engine does not have
 * @physical-source:     a physical address in work of a user
 * @host-tlb-invalidate: an invalidate in work of a user
 */
static void test_method(int fd, unsigned int i)
{
	struct drm_nova_queue_get_state state;
	struct scene s;
	uint32_t total;

	scene_init(&s, fd);
	nova_push_word(&s.engine, methods[i].words[0]);
	nova_push_word(&s.engine, methods[i].words[1]);
	igt_assert_eq(nova_engine_run(&s.engine), -EINVAL);
	state = nova_queue_state(fd, s.engine.queue);
	igt_assert_eq_u32(state.state, GUILTY);
	igt_assert_eq(state.error, -EINVAL);
	get_faults(&s, NULL, 0, &total);
	igt_assert_eq_u32(total, 0);
	scene_fini(&s);
}

/**
 * SUBTEST: others-go-on
 * Description: queues of the same VM and of another client are not touched by a fault
 */
static void test_others(int fd)
{
	struct nova_engine same;
	struct scene s, other;

	scene_init(&s, fd);
	nova_engine_init(&same, fd, s.vm, VA_PUSH + NOVA_2M);
	scene_init(&other, nova_open_again(fd));
	nova_push_linear(&s.engine, VA_HOLE, VA_RW, 4096);
	nova_push_linear(&same, VA_RW, VA_RW + 8192, 4096);
	nova_push_linear(&other.engine, VA_RW, VA_RW + 8192, 4096);
	igt_assert_eq(__nova_engine_exec(&s.engine), 0);
	igt_assert_eq(nova_engine_run(&same), 0);
	igt_assert_eq(nova_engine_run(&other.engine), 0);
	igt_assert_eq(nova_engine_wait(&s.engine), -EFAULT);
	igt_assert_eq_u32(nova_queue_state(fd, same.queue).state, 0);
	igt_assert_eq_u32(nova_queue_state(other.fd, other.engine.queue).state, 0);
	igt_assert(!memcmp(s.ptr, s.ptr + 2048, 4096));
	igt_assert(!memcmp(other.ptr, other.ptr + 2048, 4096));
	nova_engine_fini(&same);
	scene_fini(&s);
	scene_fini(&other);
	close(other.fd);
}

/**
 * SUBTEST: what-follows-is-cancelled
 * Description: work behind a fault on the same queue never runs and signals ECANCELED
 */
static void test_follows(int fd)
{
	struct drm_nova_sync sync = { .flags = DRM_NOVA_SYNC_SIGNAL };
	struct drm_nova_exec_push push = { VA_PUSH, 0, 0 };
	struct scene s;
	unsigned int i;

	scene_init(&s, fd);
	nova_push_linear(&s.engine, VA_HOLE, VA_RW, 4096);
	push.size = s.engine.nr * 4;
	igt_assert_eq(__nova_engine_exec(&s.engine), 0);
	for (i = 0; i < 32; i++) {
		int ret;

		sync.handle = nova_syncobj_create(fd);
		ret = __nova_exec(fd, s.engine.queue, &push, 1, &sync, 1);
		igt_assert(!ret || ret == -ECANCELED);
		if (!ret) {
			igt_assert_eq(nova_syncobj_wait(fd, sync.handle, 0, 60), 0);
			igt_assert_eq(nova_syncobj_error(fd, sync.handle), -ECANCELED);
		}
		nova_syncobj_destroy(fd, sync.handle);
	}
	igt_assert_eq(nova_engine_wait(&s.engine), -EFAULT);
	scene_fini(&s);
}

/**
 * SUBTEST: scratch-does-not-fault
 * Description: in a VM with SCRATCH what is not mapped reads zero and drops writes
 */
static void test_scratch(int fd)
{
	struct scene s;
	uint32_t total;

	scene_init_vm(&s, fd, DRM_NOVA_VM_SCRATCH);
	nova_push_linear(&s.engine, VA_RW, VA_HOLE, 4096);
	nova_push_linear(&s.engine, VA_HOLE, VA_RW + 4096, 4096);
	igt_assert_eq(nova_engine_run(&s.engine), 0);
	igt_assert(nova_is_zero(s.ptr + 1024, 4096));
	igt_assert_eq_u32(get_faults(&s, NULL, 0, &total), 0);
	igt_assert_eq_u32(total, 0);
	scene_fini(&s);
}

/**
 * SUBTEST: newest-64-are-kept
 * Description: all faults are counted, the newest 64 are there, in order
 */
static void test_many(int fd)
{
	struct drm_nova_vm_fault faults[80] = { 0 };
	struct scene s;
	uint32_t total;
	unsigned int i;

	scene_init(&s, fd);
	for (i = 0; i < 70; i++) {
		nova_push_linear(&s.engine, VA_HOLE + i * NOVA_4K, VA_RW, 64);
		igt_assert_eq(nova_engine_run(&s.engine), -EFAULT);
		new_queue(&s);
	}
	igt_assert_eq_u32(get_faults(&s, faults, NR(faults), &total), 64);
	igt_assert_eq_u32(total, 70);
	for (i = 0; i < 64; i++) {
		igt_assert_eq_u64(faults[i].va, VA_HOLE + (i + 6) * NOVA_4K);
		igt_assert(!i || faults[i].time_ns >= faults[i - 1].time_ns);
	}
	igt_assert(!faults[64].time_ns);
	scene_fini(&s);
}

/**
 * SUBTEST: stuck-work-is-stopped
 * Description: work the engine never finishes is stopped after the timeout, its queue
 *              is banned, and a new queue works
 */
static void test_stuck(int fd)
{
	struct drm_nova_queue_get_state state;
	struct scene s;

	scene_init(&s, fd);
	igt_require_f(!nova_inject(fd, "ce_stuck 1"), "not a software GPU\n");
	nova_push_linear(&s.engine, VA_RW, VA_RW + 8192, 4096);
	igt_assert_eq(nova_engine_run(&s.engine), -ETIME);
	igt_assert_eq(nova_inject(fd, "ce_stuck 0"), 0);
	state = nova_queue_state(fd, s.engine.queue);
	igt_assert_eq_u32(state.state, GUILTY);
	igt_assert_eq(state.error, -ETIME);
	new_queue(&s);
	nova_push_linear(&s.engine, VA_RW, VA_RW + 8192, 4096);
	igt_assert_eq(nova_engine_run(&s.engine), 0);
	igt_assert(!memcmp(s.ptr, s.ptr + 2048, 4096));
	scene_fini(&s);
}

/**
 * SUBTEST: lost-doorbell
 * Description: work is done even if the GPU did not hear the doorbell
 */
static void test_doorbell(int fd)
{
	struct scene s;

	scene_init(&s, fd);
	igt_require_f(!nova_inject(fd, "doorbell_drop 3"), "not a software GPU\n");
	nova_push_linear(&s.engine, VA_RW, VA_RW + 8192, 4096);
	igt_assert_eq(nova_engine_run(&s.engine), 0);
	igt_assert(!memcmp(s.ptr, s.ptr + 2048, 4096));
	scene_fini(&s);
}

/* The kernel deletes a dump some time after it was asked to, and by itself when it is old. */
static void delete_dump(const char *path, int file)
{
	unsigned int i;

	if (write(file, "0", 1) < 0)
		igt_assert_eq(errno, ENODEV);
	for (i = 0; i < 200 && !access(path, F_OK); i++)
		usleep(10000);
	errno = 0;
}

/* Reads and removes the oldest core dump; NULL if there is none. */
static char *take_dump(void)
{
	DIR *dir = opendir(DUMPS);
	struct dirent *entry;
	char path[320], *text = NULL;
	size_t len = 0;
	ssize_t got = 1;
	int file;

	if (!dir)
		return NULL;
	do {
		entry = readdir(dir);
	} while (entry && strncmp(entry->d_name, "devcd", 5));
	if (entry) {
		snprintf(path, sizeof(path), DUMPS "/%s/data", entry->d_name);
		file = open(path, O_RDWR);
		text = calloc(1, (1 << 20) + 1);
		for (; text && got > 0 && len < 1 << 20; len += got > 0 ? got : 0)
			got = read(file, text + len, (1 << 20) - len);
		delete_dump(path, file);
		close(file);
	}
	closedir(dir);
	return text;
}

static char *wait_dump(void)
{
	char *text = NULL;
	unsigned int i;

	for (i = 0; i < 200 && !text; i++) {
		text = take_dump();
		if (!text)
			usleep(50000);
	}
	return text;
}

/**
 * SUBTEST: coredump
 * Description: the first fault of a VM makes a core dump with its ranges and the
 *              content marked for it, and the second does not
 */
static void test_dump(int fd)
{
	char *text, line[128];
	struct scene s;

	igt_require_f(!access(DUMPS, R_OK) || !access("/sys/class/devcoredump/disabled", F_OK),
		      "no devcoredump\n");
	while ((text = take_dump()))
		free(text);
	scene_init(&s, fd);
	nova_push_linear(&s.engine, VA_HOLE, VA_RW, 64);
	igt_assert_eq(nova_engine_run(&s.engine), -EFAULT);
	text = wait_dump();
	igt_assert(text);
	snprintf(line, sizeof(line), "fault va 0x%llx read unmapped", VA_HOLE);
	igt_assert(strstr(text, line));
	snprintf(line, sizeof(line), "map 0x%llx 0x10000 ", VA_RO);
	igt_assert(strstr(text, line));
	snprintf(line, sizeof(line), "0x%llx: %08x %08x", VA_RW + 0x100, s.ptr[64], s.ptr[65]);
	igt_assert(strstr(text, line));
	snprintf(line, sizeof(line), "0x%llx: ", VA_RO + 0x100);
	igt_assert(!strstr(text, line));
	igt_assert(!strcmp(text + strlen(text) - 4, "end\n"));
	free(text);
	new_queue(&s);
	nova_push_linear(&s.engine, VA_HOLE, VA_RW, 64);
	igt_assert_eq(nova_engine_run(&s.engine), -EFAULT);
	usleep(200000);
	igt_assert(!take_dump());
	scene_fini(&s);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "push-unmapped", test_push },
	{ "others-go-on", test_others },
	{ "what-follows-is-cancelled", test_follows },
	{ "scratch-does-not-fault", test_scratch },
	{ "newest-64-are-kept", test_many },
	{ "stuck-work-is-stopped", test_stuck },
	{ "lost-doorbell", test_doorbell },
	{ "coredump", test_dump },
};

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	for (i = 0; i < NR(kinds); i++)
		igt_subtest_f("%s", kinds[i].name)
			test_kind(fd, i);
	for (i = 0; i < NR(methods); i++)
		igt_subtest_f("method-%s", methods[i].name)
			test_method(fd, i);
	for (i = 0; i < NR(tests); i++)
		igt_subtest_f("%s", tests[i].name)
			tests[i].run(fd);

	igt_fixture()
		drm_close_driver(fd);
}
