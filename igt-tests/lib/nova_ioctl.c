// SPDX-License-Identifier: MIT

/**
 * DOC: Calls of the nova driver, for tests
 *
 * For each ioctl, __nova_x() returns 0 or a negative errno and nova_x() fails
 * the test instead. Then the few things many tests do: fill and check memory
 * with a pattern that names its place, look at it with the GPU's eyes, and see
 * whether a refused call left anything behind.
 *
 * A pattern word is a hash of a seed and its index, so that a page in the wrong
 * place, an old page or a page of another object never matches.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt.h"
#include "nova_ioctl.h"

/*
 * The driver keeps one chunk of page tables when it has had some, so what is in
 * use before and after a test is comparable only from the second VM on.
 */
static void nova_warm_up(int fd)
{
	uint32_t vm = nova_vm_create(fd);
	uint32_t handle = nova_gem_create(fd, NOVA_64K, NOVA_VRAM);

	nova_vm_map(fd, vm, handle, 0, 1ull << 33, NOVA_64K);
	nova_vm_destroy(fd, vm);
	nova_gem_close(fd, handle);
}

/**
 * nova_open() - open the device the environment selects
 *
 * Skips the test if it belongs to another driver, and makes figures of used
 * memory comparable.
 *
 * Return: file descriptor of a render node.
 */
int nova_open(void)
{
	int fd = drm_open_driver_render(DRIVER_ANY);
	drmVersionPtr version = drmGetVersion(fd);
	bool ours = version && !strcmp(version->name, "nova");

	drmFreeVersion(version);
	igt_require_f(ours, "not a nova device\n");
	nova_warm_up(fd);
	return fd;
}

/**
 * nova_open_again() - a second client on the same device
 * @fd: first client
 *
 * Return: file descriptor of a new DRM file.
 */
int nova_open_again(int fd)
{
	return drm_reopen_driver(fd);
}

/**
 * nova_require_feature() - skip if the device lacks a feature
 * @fd: device
 * @feature: what is needed
 */
void nova_require_feature(int fd, enum drm_nova_feature feature)
{
	igt_require_f(nova_getparam(fd, DRM_NOVA_PARAM_FEATURES) & feature,
		      "device lacks feature %#x\n", feature);
}

/**
 * __nova_ioctl() - any ioctl
 * @fd: device
 * @request: its number
 * @arg: its structure
 *
 * Return: 0 or a negative errno.
 */
int __nova_ioctl(int fd, unsigned long request, void *arg)
{
	int ret = drmIoctl(fd, request, arg) ? -errno : 0;

	errno = 0;
	return ret;
}

int __nova_getparam(int fd, uint64_t param, uint64_t *value)
{
	struct drm_nova_getparam args = { .param = param };
	int ret = __nova_ioctl(fd, DRM_IOCTL_NOVA_GETPARAM, &args);

	*value = args.value;
	return ret;
}

uint64_t nova_getparam(int fd, uint64_t param)
{
	uint64_t value;

	igt_assert_eq(__nova_getparam(fd, param, &value), 0);
	return value;
}

int __nova_info(int fd, uint32_t id, uint32_t *size, void *data)
{
	struct drm_nova_info args = { .id = id, .size = *size, .data = (uintptr_t)data };
	int ret = __nova_ioctl(fd, DRM_IOCTL_NOVA_INFO, &args);

	*size = args.size;
	return ret;
}

/**
 * nova_info() - one structure of INFO, whole
 * @fd: device
 * @id: which
 * @size: its size
 * @data: returns it
 */
void nova_info(int fd, uint32_t id, uint32_t size, void *data)
{
	uint32_t got = size;

	igt_assert_eq(__nova_info(fd, id, &got, data), 0);
	igt_assert_eq_u32(got, size);
}

int __nova_gem_create2(int fd, struct drm_nova_gem_create2 *create)
{
	return __nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_CREATE2, create);
}

uint32_t nova_gem_create_private(int fd, uint32_t vm_id, uint64_t size, uint32_t placement)
{
	struct drm_nova_gem_create2 create = {
		.size = size, .placement = placement, .vm_id = vm_id,
	};

	igt_assert_eq(__nova_gem_create2(fd, &create), 0);
	igt_assert(create.handle);
	return create.handle;
}

uint32_t nova_gem_create(int fd, uint64_t size, uint32_t placement)
{
	return nova_gem_create_private(fd, 0, size, placement);
}

void nova_gem_close(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	igt_assert_eq(__nova_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args), 0);
}

int __nova_gem_query(int fd, uint32_t handle, struct drm_nova_gem_query *query)
{
	*query = (struct drm_nova_gem_query){ .handle = handle };
	return __nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_QUERY, query);
}

struct drm_nova_gem_query nova_gem_query(int fd, uint32_t handle)
{
	struct drm_nova_gem_query query;

	igt_assert_eq(__nova_gem_query(fd, handle, &query), 0);
	return query;
}

int __nova_gem_mmap_offset(int fd, uint32_t handle, uint64_t *offset)
{
	struct drm_nova_gem_mmap_offset args = { .handle = handle };
	int ret = __nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_MMAP_OFFSET, &args);

	*offset = args.offset;
	return ret;
}

uint64_t nova_gem_mmap_offset(int fd, uint32_t handle)
{
	uint64_t offset;

	igt_assert_eq(__nova_gem_mmap_offset(fd, handle, &offset), 0);
	return offset;
}

/**
 * nova_gem_mmap() - map a part of an object for reading and writing
 * @fd: device
 * @handle: the object
 * @offset: first byte
 * @len: bytes
 *
 * Return: the address.
 */
void *nova_gem_mmap(int fd, uint32_t handle, uint64_t offset, uint64_t len)
{
	void *ptr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 (off_t)(nova_gem_mmap_offset(fd, handle) + offset));

	igt_assert_f(ptr != MAP_FAILED, "mmap of %#" PRIx64 " bytes at %#" PRIx64 "\n", len,
		     offset);
	return ptr;
}

int __nova_gem_wait(int fd, uint32_t handle, uint32_t flags, int64_t timeout_ns)
{
	struct drm_nova_gem_wait args = {
		.handle = handle, .flags = flags, .timeout_ns = timeout_ns,
	};

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_WAIT, &args);
}

int __nova_gem_madvise(int fd, uint32_t handle, uint32_t advice, uint32_t *retained)
{
	struct drm_nova_gem_madvise args = { .handle = handle, .advice = advice };
	int ret = __nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_MADVISE, &args);

	*retained = args.retained;
	return ret;
}

int __nova_gem_set_label(int fd, uint32_t handle, const char *label, uint32_t len)
{
	struct drm_nova_gem_set_label args = {
		.handle = handle, .len = len, .text = (uintptr_t)label,
	};

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_GEM_SET_LABEL, &args);
}

int __nova_vm_create(int fd, struct drm_nova_vm_create *create)
{
	return __nova_ioctl(fd, DRM_IOCTL_NOVA_VM_CREATE, create);
}

uint32_t nova_vm_create(int fd)
{
	struct drm_nova_vm_create create = { 0 };

	igt_assert_eq(__nova_vm_create(fd, &create), 0);
	igt_assert(create.vm_id);
	return create.vm_id;
}

int __nova_vm_destroy(int fd, uint32_t vm_id)
{
	struct drm_nova_vm_destroy args = { .vm_id = vm_id };

	return __nova_ioctl(fd, DRM_IOCTL_NOVA_VM_DESTROY, &args);
}

void nova_vm_destroy(int fd, uint32_t vm_id)
{
	igt_assert_eq(__nova_vm_destroy(fd, vm_id), 0);
}

int __nova_vm_bind(int fd, struct drm_nova_vm_bind *bind)
{
	return __nova_ioctl(fd, DRM_IOCTL_NOVA_VM_BIND, bind);
}

/**
 * __nova_vm_bind_ops() - synchronous VM_BIND
 * @fd: device
 * @vm_id: the VM
 * @ops: the ops
 * @nr: how many
 * @failed_op: returns what the kernel left there; may be NULL
 *
 * Return: 0 or a negative errno.
 */
int __nova_vm_bind_ops(int fd, uint32_t vm_id, const struct drm_nova_vm_bind_op *ops,
		       uint32_t nr, uint32_t *failed_op)
{
	struct drm_nova_vm_bind bind = {
		.vm_id = vm_id,
		.ops = { .ptr = (uintptr_t)ops, .count = nr, .stride = sizeof(*ops) },
	};
	int ret = __nova_vm_bind(fd, &bind);

	if (failed_op)
		*failed_op = bind.failed_op;
	return ret;
}

int __nova_vm_bind_op(int fd, uint32_t vm_id, const struct drm_nova_vm_bind_op *op)
{
	return __nova_vm_bind_ops(fd, vm_id, op, 1, NULL);
}

void nova_vm_map(int fd, uint32_t vm_id, uint32_t handle, uint64_t offset, uint64_t va,
		 uint64_t range)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_MAP, .handle = handle, .va = va, .range = range,
		.offset = offset,
	};

	igt_assert_eq(__nova_vm_bind_op(fd, vm_id, &op), 0);
}

void nova_vm_unmap(int fd, uint32_t vm_id, uint64_t va, uint64_t range)
{
	const struct drm_nova_vm_bind_op op = {
		.op = DRM_NOVA_VM_BIND_OP_UNMAP, .va = va, .range = range,
	};

	igt_assert_eq(__nova_vm_bind_op(fd, vm_id, &op), 0);
}

/**
 * nova_poke() - put a bad value into a good request
 * @arg: the request
 * @bad: which value and where
 */
void nova_poke(void *arg, const struct nova_bad *bad)
{
	/* Little-endian, as every machine with such a GPU. */
	memcpy((char *)arg + bad->off, &bad->value, bad->len);
}

/**
 * nova_next_handle() - handle the next object would get
 * @fd: device
 *
 * The kernel gives the lowest free number, so the answer changes if a call has
 * left an object behind.
 *
 * Return: the handle, free again.
 */
uint32_t nova_next_handle(int fd)
{
	uint32_t handle = nova_gem_create(fd, NOVA_4K, NOVA_SYSTEM);

	nova_gem_close(fd, handle);
	return handle;
}

/**
 * nova_settle_vram() - wait until no more VRAM is used than before
 * @fd: device
 * @used: %DRM_NOVA_PARAM_VRAM_USED before
 *
 * Page tables are freed by a worker after the TLB was flushed, so the figure
 * may lag. Fails the test after two seconds.
 */
void nova_settle_vram(int fd, uint64_t used)
{
	int tries = 200;

	while (nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) > used && tries--)
		usleep(10000);
	igt_assert_f(nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED) <= used,
		     "%#" PRIx64 " bytes of VRAM in use, %#" PRIx64 " before\n",
		     nova_getparam(fd, DRM_NOVA_PARAM_VRAM_USED), used);
}

static uint32_t nova_pattern(uint32_t seed, uint32_t i)
{
	uint32_t x = (i + 1) * 0x9e3779b1u ^ seed * 0x85ebca6bu;

	x ^= x >> 16;
	x *= 0x7feb352du;
	return x ^ x >> 15;
}

/**
 * nova_fill() - write a pattern
 * @ptr: where
 * @len: bytes, a multiple of 4
 * @seed: which pattern
 */
void nova_fill(void *ptr, uint64_t len, uint32_t seed)
{
	volatile uint32_t *words = ptr;
	uint32_t i;

	for (i = 0; i < len / sizeof(*words); i++)
		words[i] = nova_pattern(seed, i);
}

/**
 * nova_check() - is the pattern there
 * @ptr: where
 * @len: bytes, a multiple of 4
 * @seed: which pattern
 *
 * Return: true if it is; prints the first difference if not.
 */
bool nova_check(const void *ptr, uint64_t len, uint32_t seed)
{
	const volatile uint32_t *words = ptr;
	uint32_t i, word;

	for (i = 0; i < len / sizeof(*words); i++) {
		word = words[i];
		if (word == nova_pattern(seed, i))
			continue;
		igt_info("at %#zx: %#x, should be %#x\n", i * sizeof(*words), word,
			 nova_pattern(seed, i));
		return false;
	}
	return true;
}

/**
 * nova_is_zero() - is memory all zero
 * @ptr: where
 * @len: bytes, a multiple of 4
 *
 * Return: true if it is; prints the first difference if not.
 */
bool nova_is_zero(const void *ptr, uint64_t len)
{
	const volatile uint32_t *words = ptr;
	uint32_t i, word;

	for (i = 0; i < len / sizeof(*words); i++) {
		word = words[i];
		if (!word)
			continue;
		igt_info("at %#zx: %#x, should be 0\n", i * sizeof(*words), word);
		return false;
	}
	return true;
}

/**
 * nova_eye() - see a VM as the GPU does
 * @fd: device
 * @vm_id: VM of this process
 *
 * Skips the test if the device is no software GPU.
 *
 * Return: the eye.
 */
struct nova_eye nova_eye(int fd, uint32_t vm_id)
{
	struct nova_eye eye = { -1 };
	int ret = nova_eye_open(fd, vm_id, &eye);

	igt_require_f(ret != -ENOENT, "no page directory of VM %u in debugfs\n", vm_id);
	igt_assert_eq(ret, 0);
	return eye;
}

/**
 * nova_eye_sees() - does the GPU read these bytes
 * @eye: the eye
 * @va: GPU address
 * @want: the bytes
 * @len: how many
 *
 * Return: true if it does; prints the first difference if not.
 */
bool nova_eye_sees(const struct nova_eye *eye, uint64_t va, const void *want, uint64_t len)
{
	const unsigned char *bytes = want;
	unsigned char page[NOVA_4K];
	uint64_t done, i;
	int ret;

	for (done = 0; done < len; done += i) {
		uint64_t piece = len - done < sizeof(page) ? len - done : sizeof(page);

		ret = nova_eye_read(eye, va + done, page, piece);
		if (ret)
			igt_info("GPU read at %#" PRIx64 ": %s\n", va + done, strerror(-ret));
		if (ret)
			return false;
		for (i = 0; i < piece; i++) {
			if (page[i] == bytes[done + i])
				continue;
			igt_info("GPU sees %#x at %#" PRIx64 ", should be %#x\n", page[i],
				 va + done + i, bytes[done + i]);
			return false;
		}
	}
	return true;
}

/**
 * nova_eye_faults() - does the GPU fault
 * @eye: the eye
 * @va: GPU address, a multiple of 4
 *
 * Return: true if a read of four bytes there faults.
 */
bool nova_eye_faults(const struct nova_eye *eye, uint64_t va)
{
	uint32_t word;

	return nova_eye_read(eye, va, &word, sizeof(word)) == -EFAULT;
}
