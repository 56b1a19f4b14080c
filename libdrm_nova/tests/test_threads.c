// SPDX-License-Identifier: MIT

/**
 * DOC: Test with several threads
 *
 * Threads import the same few buffers, take and drop references, create objects,
 * and allocate addresses, all on one device. A kernel of a few lines checks what
 * matters: no handle is closed twice, none is used after it was closed, and none
 * is left open at the end. Its words are atomic, and a race detector is told to
 * leave them alone, so that it orders nothing between the threads and only the
 * library's own locks do.
 */

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xf86drm.h>

#if __has_include(<valgrind/helgrind.h>)
#include <valgrind/helgrind.h>
#else
#define VALGRIND_HG_DISABLE_CHECKING(start, len) ((void)0)
#endif

#include "check.h"
#include "nova.h"

#define THREADS 4
#define ROUNDS 300
#define SHARED 4
#define HANDLES 4096

/* Handles below SHARED + 1 are those of dma-bufs, the others are of new objects. */
static struct {
	atomic_int open[HANDLES];
	atomic_uint next;
	atomic_int errors;
} kernel;

static int kernel_version(struct drm_version *arg)
{
	char *texts[] = { arg->name, arg->date, arg->desc };
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (texts[i])
			memcpy(texts[i], "nova", 4);
	arg->name_len = 4;
	arg->date_len = 4;
	arg->desc_len = 4;
	return 0;
}

static int kernel_answer(unsigned long request, void *arg)
{
	struct drm_prime_handle *prime = arg;
	uint32_t handle;

	switch (request) {
	case DRM_IOCTL_VERSION:
		return kernel_version(arg);
	case DRM_IOCTL_NOVA_GETPARAM:
		return 0;
	case DRM_IOCTL_PRIME_FD_TO_HANDLE:
		prime->handle = (uint32_t)prime->fd;
		atomic_store_explicit(&kernel.open[prime->handle], 1, memory_order_relaxed);
		return 0;
	case DRM_IOCTL_NOVA_GEM_INFO:
		handle = ((struct drm_nova_gem_info *)arg)->handle;
		return atomic_load_explicit(&kernel.open[handle], memory_order_relaxed) ? 0 : ENOENT;
	case DRM_IOCTL_NOVA_GEM_CREATE2:
		handle = atomic_fetch_add_explicit(&kernel.next, 1, memory_order_relaxed);
		atomic_store_explicit(&kernel.open[handle], 1, memory_order_relaxed);
		((struct drm_nova_gem_create2 *)arg)->handle = handle;
		return 0;
	case DRM_IOCTL_GEM_CLOSE:
		handle = ((struct drm_gem_close *)arg)->handle;
		return atomic_exchange_explicit(&kernel.open[handle], 0, memory_order_relaxed) ?
		       0 : EINVAL;
	}
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	errno = kernel_answer(request, arg);
	if (errno)
		atomic_fetch_add_explicit(&kernel.errors, 1, memory_order_relaxed);
	return errno ? -1 : 0;
}

struct worker {
	struct nova_device *dev;
	struct nova_va_heap *heap;
	unsigned int seed;
	unsigned int failed;
};

static void worker_share(struct worker *w, int fd)
{
	struct nova_bo *bo, *again;

	if (nova_bo_import(w->dev, fd, &bo)) {
		w->failed++;
		return;
	}
	w->failed += nova_bo_handle(bo) != (uint32_t)fd;
	if (nova_bo_import(w->dev, fd, &again) == 0) {
		w->failed += again != bo;
		nova_bo_unref(again);
	}
	nova_bo_unref(nova_bo_ref(bo));
	nova_bo_unref(bo);
}

static void worker_create(struct worker *w)
{
	const struct drm_nova_gem_create2 args = { .size = 0x1000, .placement = 1 };
	struct nova_bo *bo;
	uint64_t va;

	if (nova_bo_create(w->dev, &args, &bo)) {
		w->failed++;
		return;
	}
	if (nova_va_heap_alloc(w->heap, 0x3000, 0x1000, &va) == 0)
		w->failed += nova_va_heap_free(w->heap, va, 0x3000) != 0;
	nova_bo_unref(bo);
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		w->seed = w->seed * 1103515245u + 12345u;
		worker_share(w, 1 + (int)(w->seed >> 16) % SHARED);
		worker_create(w);
	}
	return NULL;
}

static void objects_survive_threads(void)
{
	struct worker workers[THREADS] = { 0 };
	pthread_t threads[THREADS];
	struct nova_va_heap *heap = NULL;
	struct nova_device *dev = NULL;
	int i, fd = memfd_create("threads", MFD_CLOEXEC), left = 0;

	VALGRIND_HG_DISABLE_CHECKING(&kernel, sizeof(kernel));
	kernel.next = SHARED + 1;
	if (fd < 0 || nova_device_from_fd(fd, &dev) ||
	    nova_va_heap_create(0x1000, 0x1000000, &heap))
		abort();
	for (i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .dev = dev, .heap = heap, .seed = (unsigned int)i };
		if (pthread_create(&threads[i], NULL, worker_run, &workers[i]))
			abort();
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CHECK_EQ(workers[i].failed, 0);
	}
	for (i = 0; i < HANDLES; i++)
		left += kernel.open[i];
	CHECK_EQ(left, 0);
	CHECK_EQ(kernel.errors, 0);
	CHECK_EQ(nova_va_heap_available(heap), 0x1000000);
	nova_va_heap_destroy(heap);
	nova_device_close(dev);
	close(fd);
}

static const struct check_case cases[] = {
	CHECK_CASE(objects_survive_threads),
};

CHECK_MAIN(cases)
