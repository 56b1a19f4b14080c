// SPDX-License-Identifier: MIT

/**
 * TEST: nova trace
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: trace
 * Functionality: introspection
 * Description: the events of system "nova" tell what happened, in order, with the right numbers
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("The events of system \"nova\" tell what happened, in order");

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define TRACE_ROOT "/sys/kernel/tracing"
#define TRACE_TEXT (1u << 20)

/* Writes @text to a file of tracefs. Returns whether that worked. */
static bool trace_write(const char *file, const char *text)
{
	char path[128];
	bool done;
	int fd;

	snprintf(path, sizeof(path), TRACE_ROOT "/%s", file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* Empties the buffer and switches the events of the driver on. */
static void trace_start(void)
{
	igt_assert(trace_write("trace", "\n"));
	igt_assert(trace_write("events/nova/enable", "1"));
}

/* What was recorded so far. */
static char *trace_read(void)
{
	char *text = malloc(TRACE_TEXT);
	size_t len = 0;
	ssize_t got;
	int fd;

	igt_assert(text);
	fd = open(TRACE_ROOT "/trace", O_RDONLY | O_CLOEXEC);
	igt_assert(fd >= 0);
	while ((got = read(fd, text + len, TRACE_TEXT - len - 1)) > 0)
		len += (size_t)got;
	close(fd);
	text[len] = '\0';
	return text;
}

/* Switches the events off and returns what was recorded. */
static char *trace_stop(void)
{
	igt_assert(trace_write("events/nova/enable", "0"));
	return trace_read();
}

/*
 * The first line at or behind @from that has all of @want, words separated by
 * "|", in that order. Fails the test without one; returns the line after it.
 */
static const char *expect(const char *from, const char *want)
{
	char copy[256], *word, *rest;
	const char *line, *at, *end;

	for (line = from; line && *line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		snprintf(copy, sizeof(copy), "%s", want);
		at = line;
		for (word = strtok_r(copy, "|", &rest); word && at; word = strtok_r(NULL, "|", &rest)) {
			at = strstr(at, word);
			if (at && end && at > end)
				at = NULL;
		}
		if (at)
			return end ? end + 1 : "";
	}
	igt_assert_f(false, "no event \"%s\" in\n%.4000s", want, from);
	return NULL;
}

static void expect_none(const char *text, const char *name)
{
	igt_assert_f(!strstr(text, name), "unexpected %s in\n%.4000s", name, text);
}

/**
 * SUBTEST: object
 * Description: creation, memory, a CPU touch and the end of an object, in this order
 */
static void test_object(int fd)
{
	struct drm_nova_gem_create2 create = {
		.size = 3 * NOVA_64K,
		.placement = NOVA_VRAM,
		.flags = DRM_NOVA_GEM_DEFER,
	};
	uint32_t handle, *ptr;
	const char *at;
	char *text;

	trace_start();
	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	handle = create.handle;
	ptr = nova_gem_mmap(fd, handle, 0, 3 * NOVA_64K);
	ptr[NOVA_64K / 4] = 1;
	munmap(ptr, 3 * NOVA_64K);
	nova_gem_close(fd, handle);
	text = trace_stop();
	at = expect(text, "nova_bo_create:|size 196608 placement 0x2");
	at = expect(at, "nova_vram_alloc:|size 196608");
	at = expect(at, "nova_bo_move:|size 196608 memory -> vram");
	if (nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW)) {
		at = expect(at, "nova_bar1_map:");
		at = expect(at, "nova_bo_fault:|offset 0x10000 write");
		at = expect(at, "nova_bar1_unmap:");
		expect(at, "nova_bo_destroy:|size 196608");
		expect(text, "nova_vram_free:|size 196608");
	}
	free(text);
}

/**
 * SUBTEST: vm
 * Description: a VM's birth and end carry its id and the process
 */
static void test_vm(int fd)
{
	char want[96];
	const char *at;
	uint32_t vm;
	char *text;

	trace_start();
	vm = nova_vm_create(fd);
	nova_vm_destroy(fd, vm);
	text = trace_stop();
	snprintf(want, sizeof(want), "nova_vm_create:|vm %u of %d pdb 0x", vm, getpid());
	at = expect(text, want);
	snprintf(want, sizeof(want), "nova_vm_destroy:|vm %u of %d pdb 0x", vm, getpid());
	expect(at, want);
	expect_none(text, "nova_vm_ban");
	free(text);
}

/**
 * SUBTEST: bind
 * Description: each operation, its runs of entries and the one invalidate of the call
 */
static void test_bind(int fd)
{
	uint32_t vm = nova_vm_create(fd), handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	const struct drm_nova_vm_bind_op ops[] = {
		{ .op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .va = 0x240000000,
		  .range = NOVA_64K, .offset = NOVA_64K, .flags = DRM_NOVA_VM_BIND_OP_READONLY },
		{ .op = DRM_NOVA_VM_BIND_OP_MAP_SPARSE, .va = 0x250000000, .range = NOVA_2M },
		{ .op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = 0x240000000, .range = NOVA_64K },
	};
	uint32_t failed_op;
	const char *at;
	char *text;

	trace_start();
	igt_assert_eq(__nova_vm_bind_ops(fd, vm, ops, NR(ops), &failed_op), 0);
	text = trace_stop();
	at = expect(text, "nova_bind_op:|map va 0x240000000 range 65536|offset 0x10000 flags 0x1");
	at = expect(at, "nova_pte_update:|map va 0x240000000 len 65536 page 2^16");
	at = expect(at, "nova_bind_op:|map-sparse va 0x250000000 range 2097152 bo 0");
	at = expect(at, "nova_pte_update:|sparse va 0x250000000 len 2097152");
	at = expect(at, "nova_bind_op:|unmap va 0x240000000");
	at = expect(at, "nova_pte_update:|unmap va 0x240000000 len 65536");
	at = expect(at, "nova_tlb_invalidate:|all level|ack ret 0");
	expect_none(at, "nova_tlb_invalidate");
	free(text);
	nova_vm_destroy(fd, vm);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: exec
 * Description: a job is recorded when it is submitted and, with its error, when it is over
 */
static void test_exec(int fd)
{
	struct drm_nova_queue_create queue = { .queue_class = DRM_NOVA_QUEUE_CLASS_COPY };
	struct drm_nova_queue_destroy destroy = { 0 };
	struct drm_nova_exec exec = { 0 };
	char *text = NULL, want[96];
	const char *at;
	int tries;

	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	queue.vm_id = nova_vm_create(fd);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_CREATE, &queue), 0);
	exec.queue_id = queue.queue_id;
	trace_start();
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_EXEC, &exec), 0);
	for (tries = 0; tries < 500; tries++) {
		free(text);
		text = trace_read();
		if (strstr(text, "nova_exec_done"))
			break;
		usleep(10000);
	}
	free(text);
	text = trace_stop();
	snprintf(want, sizeof(want), "nova_exec_submit:|vm %u of %d queue %u|pushes 0",
		 queue.vm_id, getpid(), queue.queue_id);
	at = expect(text, want);
	snprintf(want, sizeof(want), "nova_exec_done:|vm %u of %d queue %u|error 0", queue.vm_id,
		 getpid(), queue.queue_id);
	expect(at, want);
	free(text);
	destroy.queue_id = queue.queue_id;
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_QUEUE_DESTROY, &destroy), 0);
	nova_vm_destroy(fd, queue.vm_id);
}

/**
 * SUBTEST: eviction
 * Description: an object pushed out of VRAM moves with "evict" and gives its VRAM back
 */
static void test_eviction(int fd)
{
	uint32_t handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);
	char *text;

	trace_start();
	igt_assert_eq(nova_debug_write(fd, "evict_vram", "1"), 0);
	text = trace_stop();
	expect(text, "nova_bo_move:|size 2097152 vram -> gtt evict");
	expect(text, "nova_vram_free:|size 2097152");
	free(text);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: bar1-eviction
 * Description: touching more VRAM than BAR1 has room for evicts windows before it maps new ones
 */
static void test_bar1_eviction(int fd)
{
	const uint64_t window = nova_getparam(fd, DRM_NOVA_PARAM_BAR1_WINDOW);
	const uint64_t size = window + 4 * NOVA_2M;
	uint32_t handle, *ptr;
	uint64_t off;
	const char *at;
	char *text;

	igt_require_f(window && window <= 64 * NOVA_2M, "BAR1 of %" PRIu64 " bytes\n", window);
	igt_require(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_SIZE) > 2 * size);
	handle = nova_gem_create(fd, size, NOVA_VRAM);
	ptr = nova_gem_mmap(fd, handle, 0, size);
	trace_start();
	for (off = 0; off < size; off += NOVA_64K)
		ptr[off / 4] = 1;
	text = trace_stop();
	at = expect(text, "nova_bar1_evict:");
	at = expect(at, "nova_bar1_unmap:");
	expect(at, "nova_bar1_map:");
	free(text);
	munmap(ptr, size);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: off
 * Description: nothing is recorded while the events are off
 */
static void test_off(int fd)
{
	char *text;

	trace_start();
	free(trace_stop());
	igt_assert(trace_write("trace", "\n"));
	nova_vm_destroy(fd, nova_vm_create(fd));
	text = trace_stop();
	expect_none(text, "nova_");
	free(text);
}

int igt_main()
{
	int fd = -1;

	igt_fixture() {
		fd = nova_open();
		igt_require_f(!access(TRACE_ROOT "/events/nova/enable", W_OK),
			      "this kernel has no tracefs or no events\n");
	}

	igt_subtest("object")
		test_object(fd);
	igt_subtest("vm")
		test_vm(fd);
	igt_subtest("bind")
		test_bind(fd);
	igt_subtest("exec")
		test_exec(fd);
	igt_subtest("eviction")
		test_eviction(fd);
	igt_subtest("bar1-eviction")
		test_bar1_eviction(fd);
	igt_subtest("off")
		test_off(fd);

	igt_fixture()
		drm_close_driver(fd);
}
