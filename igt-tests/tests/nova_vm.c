// SPDX-License-Identifier: MIT

/**
 * TEST: nova vm
 * Category: Core
 * Mega feature: General Core features
 * Sub-category: memory
 * Functionality: VM_CREATE, VM_DESTROY
 * Description: life of GPU address spaces, the kernel's reservation, who may bind what
 */

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_ioctl.h"

IGT_TEST_DESCRIPTION("Life of GPU address spaces, the kernel's reservation, who may bind what");

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static struct drm_nova_info_va va_info(int fd)
{
	struct drm_nova_info_va info;

	nova_info(fd, DRM_NOVA_INFO_VA, sizeof(info), &info);
	return info;
}

static void check_layout(int fd, const struct drm_nova_vm_create *vm)
{
	struct drm_nova_info_va info = va_info(fd);

	igt_assert(vm->vm_id);
	igt_assert(vm->va_start >= info.va_start);
	igt_assert(vm->va_size && vm->va_start + vm->va_size <= info.va_start + info.va_size);
	igt_assert(vm->kernel_size >= info.kernel_min_size);
	igt_assert_eq_u64(vm->kernel_start % NOVA_2M, 0);
	igt_assert_eq_u64(vm->kernel_size % NOVA_2M, 0);
	igt_assert(vm->kernel_start + vm->kernel_size <= 1ull << info.va_bits);
}

/**
 * SUBTEST: create-destroy
 * Description: the kernel chooses a layout that makes sense; an id lives until destroyed
 */
static void test_create_destroy(int fd)
{
	struct drm_nova_vm_create vm = { 0 };

	igt_assert_eq(__nova_vm_create(fd, &vm), 0);
	igt_info("usable %#llx + %#llx, kernel %#llx + %#llx\n",
		 (unsigned long long)vm.va_start, (unsigned long long)vm.va_size,
		 (unsigned long long)vm.kernel_start, (unsigned long long)vm.kernel_size);
	check_layout(fd, &vm);
	nova_vm_destroy(fd, vm.vm_id);
	igt_assert_eq(__nova_vm_destroy(fd, vm.vm_id), -ENOENT);
}

static int try_map(int fd, uint32_t vm_id, uint32_t handle, uint64_t va, uint64_t range)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .va = va, .range = range,
	};

	return __nova_vm_bind_op(fd, vm_id, &op);
}

/* Binds touch @start and @size from all sides: only those outside may work. */
static void check_reservation(int fd, uint32_t vm_id, uint64_t start, uint64_t size)
{
	uint32_t handle = nova_gem_create(fd, 2 * NOVA_64K, NOVA_VRAM);
	uint64_t end = start + size;

	igt_assert_eq(try_map(fd, vm_id, handle, start, NOVA_4K), -EINVAL);
	igt_assert_eq(try_map(fd, vm_id, handle, end - NOVA_4K, NOVA_4K), -EINVAL);
	igt_assert_eq(try_map(fd, vm_id, handle, start - NOVA_4K, 2 * NOVA_4K), -EINVAL);
	igt_assert_eq(try_map(fd, vm_id, handle, end - NOVA_4K, 2 * NOVA_4K), -EINVAL);
	igt_assert_eq(try_map(fd, vm_id, handle, start - NOVA_64K, NOVA_64K), 0);
	igt_assert_eq(try_map(fd, vm_id, handle, end, NOVA_64K), 0);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: kernel-reservation
 * Description: a reservation the caller places is granted as it is, and binds
 *              up to its edges work but none that touches it
 */
static void test_reservation(int fd)
{
	struct drm_nova_info_va info = va_info(fd);
	const uint64_t size = info.kernel_min_size > NOVA_2M ? info.kernel_min_size : NOVA_2M;
	const uint64_t starts[] = {
		1ull << 32, (1ull << 38) - NOVA_2M, 1ull << (info.va_bits - 1),
	};
	unsigned int i;

	for (i = 0; i < NR(starts); i++) {
		struct drm_nova_vm_create vm = {
			.kernel_start = starts[i], .kernel_size = size,
		};

		igt_assert_eq(__nova_vm_create(fd, &vm), 0);
		igt_assert_eq_u64(vm.kernel_start, starts[i]);
		igt_assert_eq_u64(vm.kernel_size, size);
		check_layout(fd, &vm);
		check_reservation(fd, vm.vm_id, starts[i], size);
		nova_vm_destroy(fd, vm.vm_id);
	}
}

/**
 * SUBTEST: usable-span-is-usable
 * Description: the first and the last page of the span can be bound, those
 *              outside it cannot
 */
static void test_span(int fd)
{
	struct drm_nova_vm_create vm = { .kernel_start = 1ull << 40, .kernel_size = NOVA_2M };
	uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
	struct drm_nova_info_va info = va_info(fd);
	uint64_t end;

	if (vm.kernel_size < info.kernel_min_size)
		vm.kernel_size = info.kernel_min_size;
	igt_assert_eq(__nova_vm_create(fd, &vm), 0);
	end = vm.va_start + vm.va_size;
	igt_assert_eq(try_map(fd, vm.vm_id, handle, vm.va_start, NOVA_4K), 0);
	igt_assert_eq(try_map(fd, vm.vm_id, handle, end - NOVA_4K, NOVA_4K), 0);
	igt_assert_eq(try_map(fd, vm.vm_id, handle, end, NOVA_4K), -EINVAL);
	igt_assert_eq(try_map(fd, vm.vm_id, handle, end - NOVA_4K, 2 * NOVA_4K), -EINVAL);
	if (vm.va_start)
		igt_assert_eq(try_map(fd, vm.vm_id, handle, vm.va_start - NOVA_4K, NOVA_4K),
			      -EINVAL);
	nova_vm_destroy(fd, vm.vm_id);
	nova_gem_close(fd, handle);
}

/**
 * SUBTEST: most-vms
 * Description: a file can have max_vms address spaces and not one more, and a
 *              destroyed one makes room
 */
static void test_most_vms(int fd)
{
	uint32_t max = va_info(fd).max_vms, i;
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	struct drm_nova_vm_create vm = { 0 };
	int client = nova_open_again(fd);
	uint32_t last = 0;

	igt_require_f(max <= 4096, "%u VMs are too many to try\n", max);
	for (i = 0; i < max; i++) {
		uint32_t id = nova_vm_create(client);

		igt_assert(id != last);
		last = id;
	}
	/* Nothing was written that would be in the way of another try. */
	igt_assert_eq(__nova_vm_create(client, &vm), -ENOSPC);
	igt_assert_eq(__nova_vm_create(client, &vm), -ENOSPC);
	nova_vm_destroy(fd, nova_vm_create(fd));
	nova_vm_destroy(client, last);
	nova_vm_create(client);
	drm_close_driver(client);
	nova_settle_vram(fd, used);
}

/**
 * SUBTEST: ids-are-private
 * Description: another client's VM is unknown to every call that names one
 */
static void test_private_ids(int fd)
{
	int other = nova_open_again(fd);
	uint32_t vm = nova_vm_create(fd);
	uint32_t handle = nova_gem_create(other, NOVA_64K, NOVA_VRAM);
	struct drm_nova_gem_create2 create = {
		.size = 1, .placement = NOVA_VRAM, .vm_id = vm,
	};

	igt_assert_eq(__nova_vm_destroy(other, vm), -ENOENT);
	igt_assert_eq(try_map(other, vm, handle, 1ull << 33, NOVA_64K), -ENOENT);
	igt_assert_eq(__nova_gem_create2(other, &create), -ENOENT);
	nova_vm_destroy(fd, vm);
	drm_close_driver(other);
}

/**
 * SUBTEST: destroy-with-mappings
 * Description: mappings vanish with their VM, and the memory with its last owner
 */
static void test_destroy_mapped(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	uint32_t vm = nova_vm_create(fd);
	unsigned int i;

	for (i = 0; i < 32; i++) {
		uint32_t handle = nova_gem_create(fd, NOVA_2M, NOVA_VRAM);

		nova_vm_map(fd, vm, handle, 0, (1ull << 33) + i * (1ull << 30), NOVA_2M);
		nova_gem_close(fd, handle);
	}
	igt_assert(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) >= used + 32 * NOVA_2M);
	nova_vm_destroy(fd, vm);
	nova_settle_vram(fd, used);
}

/**
 * SUBTEST: closed-file-leaves-nothing
 * Description: closing the file frees its VMs, mappings and objects
 */
static void test_closed_file(int fd)
{
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	int client = nova_open_again(fd);
	uint32_t vm = nova_vm_create(client);
	uint32_t handle = nova_gem_create(client, 4 * NOVA_2M, NOVA_VRAM);

	nova_vm_map(client, vm, handle, 0, 1ull << 33, 4 * NOVA_2M);
	drm_close_driver(client);
	nova_settle_vram(fd, used);
}

/**
 * SUBTEST: vms-are-separate
 * Description: one address in two VMs leads to two objects
 */
static void test_separate(int fd)
{
	const uint64_t va = 1ull << 33;
	uint32_t vms[2], handles[2];
	struct nova_eye eyes[2];
	void *ptrs[2];
	int i;

	for (i = 0; i < 2; i++) {
		vms[i] = nova_vm_create(fd);
		handles[i] = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);
		ptrs[i] = nova_gem_mmap(fd, handles[i], 0, NOVA_64K);
		nova_fill(ptrs[i], NOVA_64K, i);
		nova_vm_map(fd, vms[i], handles[i], 0, va, NOVA_64K);
		eyes[i] = nova_eye(fd, vms[i]);
	}
	for (i = 0; i < 2; i++)
		igt_assert(nova_eye_sees(&eyes[i], va, ptrs[i], NOVA_64K));
	nova_vm_unmap(fd, vms[0], va, NOVA_64K);
	igt_assert(nova_eye_faults(&eyes[0], va));
	igt_assert(nova_eye_sees(&eyes[1], va, ptrs[1], NOVA_64K));
	for (i = 0; i < 2; i++) {
		nova_eye_close(&eyes[i]);
		nova_vm_destroy(fd, vms[i]);
		munmap(ptrs[i], NOVA_64K);
		nova_gem_close(fd, handles[i]);
	}
}

/**
 * SUBTEST: private-objects
 * Description: a private object binds in its own VM only, cannot be exported,
 *              and says whose it is
 */
static void test_private_objects(int fd)
{
	uint32_t own = nova_vm_create(fd), other = nova_vm_create(fd);
	uint32_t handle = nova_gem_create_private(fd, own, NOVA_64K, NOVA_VRAM);
	struct drm_nova_gem_query query = nova_gem_query(fd, handle);
	struct drm_prime_handle prime = { .handle = handle, .flags = DRM_CLOEXEC };

	igt_assert_eq_u32(query.vm_id, own);
	igt_assert(query.state & DRM_NOVA_GEM_STATE_PRIVATE);
	igt_assert_eq(try_map(fd, own, handle, 1ull << 33, NOVA_64K), 0);
	igt_assert_eq(try_map(fd, other, handle, 1ull << 33, NOVA_64K), -EPERM);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime), -EPERM);
	nova_vm_destroy(fd, own);
	igt_assert_eq(try_map(fd, other, handle, 1ull << 33, NOVA_64K), -EPERM);
	nova_vm_destroy(fd, other);
	nova_gem_close(fd, handle);
}

static const struct nova_bad bad_create[] = {
	NOVA_BAD("flags-unknown", vm_create, flags, 2, -EINVAL),
	NOVA_BAD("flags-top", vm_create, flags, 0x80000000, -EINVAL),
	NOVA_BAD("id-set", vm_create, vm_id, 1, -EINVAL),
	NOVA_BAD("start-unaligned", vm_create, kernel_start, (1ull << 32) + NOVA_4K, -EINVAL),
	NOVA_BAD("start-outside", vm_create, kernel_start, 1ull << 58, -EINVAL),
	NOVA_BAD("start-wraps", vm_create, kernel_start, ~(NOVA_2M - 1), -EINVAL),
	NOVA_BAD("size-zero", vm_create, kernel_size, 0, -EINVAL),
	NOVA_BAD("size-small", vm_create, kernel_size, NOVA_4K, -EINVAL),
	NOVA_BAD("size-unaligned", vm_create, kernel_size, (1ull << 30) + NOVA_4K, -EINVAL),
	NOVA_BAD("size-outside", vm_create, kernel_size, 1ull << 58, -EINVAL),
	NOVA_BAD("size-wraps", vm_create, kernel_size, ~(NOVA_2M - 1), -EINVAL),
	NOVA_BAD("va-start-set", vm_create, va_start, 1, -EINVAL),
	NOVA_BAD("va-size-set", vm_create, va_size, 1, -EINVAL),
};

/**
 * SUBTEST: bad-create-%s
 * Description: VM_CREATE refuses %arg[1] and leaves nothing behind
 *
 * arg[1]:
 *
 * @flags-unknown:   the first unknown flag
 * @flags-top:       the last flag
 * @id-set:          an output field that is not zero
 * @start-unaligned: a reservation at no multiple of 2 MiB
 * @start-outside:   a reservation beyond the address space
 * @start-wraps:     a reservation that ends beyond 2^64
 * @size-zero:       a start without a size
 * @size-small:      a reservation smaller than the least
 * @size-unaligned:  a reservation of no multiple of 2 MiB
 * @size-outside:    a reservation that ends beyond the address space
 * @size-wraps:      a reservation whose end wraps
 * @va-start-set:    an output field that is not zero
 * @va-size-set:     an output field that is not zero
 */
static void test_bad_create(int fd, const struct nova_bad *bad)
{
	struct drm_nova_info_va info = va_info(fd);
	struct drm_nova_vm_create vm = {
		.kernel_start = 1ull << 32,
		.kernel_size = info.kernel_min_size > NOVA_2M ? info.kernel_min_size : NOVA_2M,
	};
	uint64_t used = nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED);
	uint32_t next;

	next = nova_vm_create(fd);
	nova_vm_destroy(fd, next);
	nova_settle_vram(fd, used);
	nova_poke(&vm, bad);
	igt_assert_eq(__nova_vm_create(fd, &vm), bad->err);
	igt_assert(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) <= used);
	/* Nobody has the id that was next. */
	igt_assert_eq_u32(nova_vm_create(fd), next);
	nova_vm_destroy(fd, next);
}

static const struct nova_bad bad_destroy[] = {
	NOVA_BAD("id-zero", vm_destroy, vm_id, 0, -ENOENT),
	NOVA_BAD("id-unknown", vm_destroy, vm_id, 0x7777, -ENOENT),
	NOVA_BAD("id-top", vm_destroy, vm_id, 0xffffffff, -ENOENT),
	NOVA_BAD("pad", vm_destroy, pad, 1, -EINVAL),
};

/**
 * SUBTEST: bad-destroy-%s
 * Description: VM_DESTROY refuses %arg[1] and destroys nothing
 *
 * arg[1]:
 *
 * @id-zero:    id 0
 * @id-unknown: an id that is not there
 * @id-top:     the largest id
 * @pad:        padding that is not zero
 */
static void test_bad_destroy(int fd, const struct nova_bad *bad)
{
	struct drm_nova_vm_destroy args = { .vm_id = nova_vm_create(fd) };
	uint32_t vm = args.vm_id;

	nova_poke(&args, bad);
	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_NOVA_VM_DESTROY, &args), bad->err);
	nova_vm_destroy(fd, vm);
}

/**
 * SUBTEST: absent-scratch
 * Description: without sparse support a scratch VM gives EOPNOTSUPP
 */
static void test_absent_scratch(int fd)
{
	struct drm_nova_vm_create vm = { .flags = DRM_NOVA_VM_SCRATCH };

	igt_require(!(nova_getparam(fd, DRM_NOVA_PARAM_FEATURES) & DRM_NOVA_FEATURE_SPARSE));
	igt_assert_eq(__nova_vm_create(fd, &vm), -EOPNOTSUPP);
}

int igt_main()
{
	unsigned int i;
	int fd = -1;

	igt_fixture()
		fd = nova_open();

	igt_subtest("create-destroy")
		test_create_destroy(fd);
	igt_subtest("kernel-reservation")
		test_reservation(fd);
	igt_subtest("usable-span-is-usable")
		test_span(fd);
	igt_subtest("most-vms")
		test_most_vms(fd);
	igt_subtest("ids-are-private")
		test_private_ids(fd);
	igt_subtest("destroy-with-mappings")
		test_destroy_mapped(fd);
	igt_subtest("closed-file-leaves-nothing")
		test_closed_file(fd);
	igt_subtest("vms-are-separate")
		test_separate(fd);
	igt_subtest("private-objects")
		test_private_objects(fd);
	for (i = 0; i < NR(bad_create); i++)
		igt_subtest_f("bad-create-%s", bad_create[i].name)
			test_bad_create(fd, &bad_create[i]);
	for (i = 0; i < NR(bad_destroy); i++)
		igt_subtest_f("bad-destroy-%s", bad_destroy[i].name)
			test_bad_destroy(fd, &bad_destroy[i]);
	igt_subtest("absent-scratch")
		test_absent_scratch(fd);

	igt_fixture()
		drm_close_driver(fd);
}
