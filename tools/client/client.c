// SPDX-License-Identifier: MIT

/**
 * DOC: What every step needs
 *
 * Calls that must work or must be refused, objects with a label, binds, patterns.
 * Whatever is not as it should be ends the program with order, step and reason.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "client.h"

void client_fail(const struct client *c, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "nova-client: %s: %s: ", c->order, c->step);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

/* A call that must work. */
void client_call(const struct client *c, int ret, const char *what)
{
	if (ret)
		client_fail(c, "%s: %s", what, strerror(-ret));
}

/* A call that must fail in one way. */
void client_refused(const struct client *c, int ret, int want, const char *what)
{
	if (ret != want)
		client_fail(c, "%s: %s instead of %s", what, strerror(-ret), strerror(-want));
}

void client_expect(const struct client *c, bool held, const char *what)
{
	if (!held)
		client_fail(c, "%s", what);
}

int64_t client_deadline(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec + 60) * 1000000000ll + now.tv_nsec;
}

struct nova_bo *client_bo(const struct client *c, const struct drm_nova_gem_create2 *args,
				 const char *label)
{
	struct nova_bo *bo = NULL;

	client_call(c, nova_bo_create(c->dev, args, &bo), label);
	client_call(c, nova_bo_set_label(bo, label), "label");
	return bo;
}

uint64_t client_va(const struct client *c, uint64_t size, uint64_t align)
{
	uint64_t va = 0;

	client_call(c, nova_va_heap_alloc(c->heap, size, align, &va), "address");
	return va;
}

void client_submit(const struct client *c)
{
	uint32_t failed_op = 0;
	int ret = nova_bind_submit(c->bind, &failed_op);

	if (ret)
		client_fail(c, "VM_BIND: %s at op %u", strerror(-ret), failed_op);
}

void client_bind(const struct client *c, struct nova_bo *bo, uint64_t va)
{
	client_call(c, nova_bind_map(c->bind, bo, 0, va, nova_bo_size(bo), 0), "map");
	client_submit(c);
}

void client_add(const struct client *c, const struct drm_nova_vm_bind_op *op)
{
	client_call(c, nova_bind_add(c->bind, op), "batch");
}

void *client_map(const struct client *c, const struct nova_bo *bo)
{
	void *ptr = NULL;

	client_call(c, nova_bo_map(bo, 0, nova_bo_size(bo), PROT_READ | PROT_WRITE, &ptr), "mmap");
	return ptr;
}

void client_fill(uint32_t *words, uint64_t size, uint32_t seed)
{
	uint64_t i;

	for (i = 0; i < size / sizeof(*words); i++)
		words[i] = seed + (uint32_t)i * 2654435761u;
}

bool client_filled(const uint32_t *words, uint64_t size, uint32_t seed)
{
	uint64_t i;

	for (i = 0; i < size / sizeof(*words); i++)
		if (words[i] != seed + (uint32_t)i * 2654435761u)
			return false;
	return true;
}

/* Lists the mappings of a range and returns how many there are, at most @room. */
uint32_t client_ranges(const struct client *c, uint64_t va, uint64_t size,
			      struct drm_nova_vm_range *out, uint32_t room)
{
	struct drm_nova_array array = { (uintptr_t)out, room, sizeof(*out) };

	client_call(c, nova_vm_query_ranges(c->vm, va, size, &array), "VM_QUERY_RANGES");
	client_expect(c, array.count <= room, "more mappings than were made");
	return array.count;
}
