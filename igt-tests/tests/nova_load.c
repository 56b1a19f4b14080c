// SPDX-License-Identifier: MIT

/**
 * TEST: nova load
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: limits
 * Description: many of everything, and too little of everything
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt.h"
#include "nova_cgroup.h"
#include "nova_share.h"

IGT_TEST_DESCRIPTION("Many of everything, and too little of everything");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define VA (1ull << 33)
#define OPS 4096u

/* Percent of the full load: 10^5 objects, 10^6 mappings. NOVA_LOAD=100 for all of it. */
static unsigned int percent(void)
{
	const char *text = getenv("NOVA_LOAD");
	int value = text ? atoi(text) : 2;

	return value > 0 && value <= 100 ? (unsigned int)value : 2;
}

/**
 * SUBTEST: clients
 * Description: 64 clients at once, each with objects, mappings and a VM
 */
static void one_client(int fd, unsigned int nth)
{
	int client = nova_open_again(fd);
	uint32_t vm = nova_vm_create(client);

	for (unsigned int i = 0; i < 8; i++) {
		uint32_t handle = nova_gem_create(client, NOVA_64K, i % 2 ? NOVA_VRAM : NOVA_SYSTEM);
		void *ptr = nova_gem_mmap(client, handle, 0, NOVA_64K);

		nova_fill(ptr, NOVA_4K, nth * 8 + i);
		nova_vm_map(client, vm, handle, 0, VA + i * NOVA_64K, NOVA_64K);
		igt_assert(nova_check(ptr, NOVA_4K, nth * 8 + i));
	}
	drm_close_driver(client);
}

static void test_clients(int fd)
{
	igt_fork(child, 64)
		one_client(fd, child);
	igt_waitchildren();
}

/**
 * SUBTEST: objects
 * Description: 10^5 objects (a share of them by default) in one file, all gone with it
 */
static void test_objects(int fd)
{
	unsigned int nr = 1000 * percent(), i;
	struct drm_nova_gem_create2 create = {
		.size = NOVA_4K, .placement = NOVA_SYSTEM, .flags = DRM_NOVA_GEM_DEFER,
	};
	int client = nova_open_again(fd);
	uint32_t last = 0;

	for (i = 0; i < nr; i++) {
		create.handle = 0;
		create.mmap_offset = 0;
		igt_assert_eq(__nova_gem_create2(client, &create), 0);
		last = create.handle;
	}
	igt_assert(last >= nr);
	nova_gem_close(client, last);
	igt_assert_eq_u64(nova_gem_query(client, last / 2).size, NOVA_4K);
	drm_close_driver(client);
}

static void fill_ops(struct drm_nova_vm_bind_op *ops, uint32_t handle, unsigned int first)
{
	for (unsigned int i = 0; i < OPS; i++)
		ops[i] = (struct drm_nova_vm_bind_op){
			.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .range = NOVA_4K,
			/* Neighbours in neither, so that each stays a mapping of its own. */
			.va = VA + (uint64_t)(first + i) * 2 * NOVA_4K,
			.offset = (i * 7u % 16) * NOVA_4K,
		};
}

/**
 * SUBTEST: mappings
 * Description: 10^6 mappings (a share of them by default) in one VM, 4096 a call
 */
static void test_mappings(int fd)
{
	unsigned int calls = 10000 * percent() / OPS + 1, i;
	struct drm_nova_vm_bind_op *ops = calloc(OPS, sizeof(*ops));
	int client = nova_open_again(fd);
	uint32_t vm, handle = nova_gem_create(client, NOVA_64K, NOVA_VRAM), failed;
	char *ptr = nova_gem_mmap(client, handle, 0, NOVA_64K);
	struct nova_eye eye;

	igt_assert(ops);
	for (i = 0; i < 5; i++)
		vm = nova_vm_create(client);
	nova_fill(ptr, NOVA_64K, 5);
	for (i = 0; i < calls; i++) {
		fill_ops(ops, handle, i * OPS);
		igt_assert_eq(__nova_vm_bind_ops(client, vm, ops, OPS, &failed), 0);
	}
	eye = nova_eye(client, vm);
	for (i = 0; i < OPS; i += 501)
		igt_assert(nova_eye_sees(&eye, ops[i].va, ptr + ops[i].offset, 64));
	nova_eye_close(&eye);
	nova_vm_unmap(client, vm, VA, (uint64_t)calls * OPS * 2 * NOVA_4K);
	munmap(ptr, NOVA_64K);
	drm_close_driver(client);
	free(ops);
}

/**
 * SUBTEST: fork-storm
 * Description: generations of children that inherit file and mapping and die at once
 */
static void test_fork_storm(int fd)
{
	uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	volatile uint32_t *ptr = nova_gem_mmap(fd, handle, 0, NOVA_64K);
	unsigned int i;
	int ends[2];
	char right;

	igt_assert_eq(pipe(ends), 0);
	for (i = 0; i < 100; i++) {
		pid_t pid = fork();

		igt_assert(pid >= 0);
		if (!pid) {
			ptr[i] = i + 1;
			/* Some leave a grandchild behind that looks once more. */
			if (i % 4 == 0 && !fork()) {
				right = ptr[i] == i + 1;
				_exit(write(ends[1], &right, 1) != 1);
			}
			_exit(0);
		}
		if (i % 8 == 7)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	errno = 0;
	close(ends[1]);
	for (i = 0; read(ends[0], &right, 1) == 1; i++)
		igt_assert_eq(right, 1);
	igt_assert_eq_u32(i, 100 / 4);
	close(ends[0]);
	for (i = 0; i < 100; i++)
		igt_assert_eq_u32(ptr[i], i + 1);
	munmap((void *)ptr, NOVA_64K);
	nova_gem_close(fd, handle);
}

static void send_fd(int sock, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	igt_assert_eq(sendmsg(sock, &msg, 0), 1);
}

static int receive_fd(int sock)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	igt_assert_eq(recvmsg(sock, &msg, 0), 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/**
 * SUBTEST: fd-passing
 * Description: files and dma-bufs work for who receives them over a socket, also after the
 *              sender is gone, and those nobody receives are freed
 */
static void test_fd_passing(int fd)
{
	int socks[2], client, dmabuf;
	uint32_t handle;
	void *ptr;

	igt_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, socks), 0);
	igt_fork(child, 1) {
		client = nova_open_again(fd);
		handle = nova_gem_create(client, NOVA_64K, NOVA_VRAM);
		ptr = nova_gem_mmap(client, handle, 0, NOVA_64K);
		nova_fill(ptr, NOVA_64K, 6);
		send_fd(socks[1], client);
		send_fd(socks[1], nova_export(client, handle));
		for (unsigned int i = 0; i < 50; i++)
			send_fd(socks[1], nova_export(client, handle));
	}
	igt_waitchildren();
	client = receive_fd(socks[0]);
	dmabuf = receive_fd(socks[0]);
	handle = nova_import(client, dmabuf);
	ptr = nova_gem_mmap(client, handle, 0, NOVA_64K);
	igt_assert(nova_check(ptr, NOVA_64K, 6));
	munmap(ptr, NOVA_64K);
	close(dmabuf);
	close(client);
	close(socks[0]);
	close(socks[1]);
}

/**
 * SUBTEST: rlimit-nofile
 * Description: a process out of descriptors gets EMFILE, leaves nothing behind, and goes on
 */
static void test_nofile(int fd)
{
	const struct rlimit limit = { 32, 32 };
	int last = 0, ret = 0, dmabuf;
	uint32_t handle;

	igt_fork(child, 1) {
		handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
		igt_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
		for (unsigned int i = 0; i < 64 && !ret; i++) {
			ret = __nova_export(fd, handle, &dmabuf);
			last = ret ? last : dmabuf;
		}
		igt_assert_eq(ret, -EMFILE);
		close(last);
		dmabuf = nova_export(fd, handle);
		igt_assert_eq_u32(nova_import(fd, dmabuf), handle);
		nova_gem_close(fd, handle);
	}
	igt_waitchildren();
}

/* Makes what the kernel has to remember until it may not any more; how was it refused? */
static int hoard_objects(int client)
{
	struct drm_nova_gem_create2 create;
	int ret;

	do {
		create = (struct drm_nova_gem_create2){
			.size = NOVA_4K, .placement = NOVA_SYSTEM, .flags = DRM_NOVA_GEM_DEFER,
		};
		ret = __nova_gem_create2(client, &create);
	} while (!ret);
	return ret;
}

static int hoard_mappings(int client)
{
	struct drm_nova_vm_bind_op *ops = calloc(OPS, sizeof(*ops));
	uint32_t vm = nova_vm_create(client), handle;
	unsigned int i;
	int ret = 0;

	handle = nova_gem_create(client, NOVA_64K, NOVA_VRAM);
	for (i = 0; i < 64 && !ret; i++) {
		fill_ops(ops, handle, i * OPS);
		ret = __nova_vm_bind_ops(client, vm, ops, OPS, NULL);
	}
	return ret;
}

static const struct {
	const char *name;
	int (*run)(int client);
} hoards[] = {
	{ "memcg-objects", hoard_objects },
	{ "memcg-binds", hoard_mappings },
};

/**
 * SUBTEST: %s
 * Description: a client at the limit of its memory cgroup is refused or killed, in the
 *              middle of %arg[1]; nobody else notices and all of its memory comes back
 *
 * arg[1]:
 *
 * @memcg-objects: making objects
 * @memcg-binds:   a bind of 4096 operations
 */
static void test_memcg(int fd, unsigned int i)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	int status;
	pid_t pid;

	igt_require_f(nova_cgroup_create("memory", "memory.max", "16M"), "no memory cgroups\n");
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid) {
		if (!nova_cgroup_join())
			_exit(3);
		signal(SIGKILL, SIG_DFL);
		_exit(hoards[i].run(nova_open_again(fd)) == -ENOMEM ? 0 : 4);
	}
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_info("%s\n", WIFSIGNALED(status) ? "killed" : "refused");
	igt_assert((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
		   (WIFEXITED(status) && !WEXITSTATUS(status)));
	nova_cgroup_destroy();
	one_client(fd, 0);
	nova_settle_vram(fd, used + NOVA_2M);
}

static const struct {
	const char *name;
	void (*run)(int fd);
} tests[] = {
	{ "clients", test_clients },
	{ "objects", test_objects },
	{ "mappings", test_mappings },
	{ "fork-storm", test_fork_storm },
	{ "fd-passing", test_fd_passing },
	{ "rlimit-nofile", test_nofile },
};

static void run_and_settle(int fd, unsigned int i)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);

	tests[i].run(fd);
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
			run_and_settle(fd, i);
	for (i = 0; i < NR(hoards); i++)
		igt_subtest(hoards[i].name)
			test_memcg(fd, i);

	igt_fixture()
		drm_close_driver(fd);
}
