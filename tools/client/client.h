/* SPDX-License-Identifier: MIT */

#ifndef CLIENT_H
#define CLIENT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "nova.h"

#define PAGE 0x1000ull
#define BIG_PAGE 0x10000ull
#define HUGE_PAGE 0x200000ull
#define NR(array) (sizeof(array) / sizeof((array)[0]))

/**
 * struct client - what the steps of one order share
 */
struct client {
	/** @order: name of the order. */
	const char *order;
	/** @step: name of the step that runs. */
	const char *step;
	/** @dev: device. */
	struct nova_device *dev;
	/** @gpu: what it is. */
	struct drm_nova_info_gpu gpu;
	/** @limits: what it accepts. */
	struct drm_nova_info_limits limits;
	/** @kinds: its memory kinds. */
	struct drm_nova_info_kinds kinds;
	/** @vram_used: VRAM in use before anything was made. */
	uint64_t vram_used;
	/** @vm: address space. */
	struct nova_vm *vm;
	/** @heap: its free addresses. */
	struct nova_va_heap *heap;
	/** @queue: BIND queue. */
	struct nova_queue *queue;
	/** @bind: batch for all binds. */
	struct nova_bind *bind;
	/** @vram: object in VRAM. */
	struct nova_bo *vram;
	/** @gart: object in system memory. */
	struct nova_bo *gart;
	/** @vram_va: where @vram is bound. */
	uint64_t vram_va;
	/** @gart_va: where @gart is bound. */
	uint64_t gart_va;
};

/**
 * struct step - one step of an order
 */
struct step {
	/** @name: what it does. */
	const char *name;
	/** @run: does it, or ends the program. */
	void (*run)(struct client *c);
};

extern const struct step nvk_steps[];
extern const unsigned int nvk_nr_steps;
extern const struct step xe_steps[];
extern const unsigned int xe_nr_steps;

void client_fail(const struct client *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void client_call(const struct client *c, int ret, const char *what);
void client_refused(const struct client *c, int ret, int want, const char *what);
void client_expect(const struct client *c, bool held, const char *what);
int64_t client_deadline(void);
struct nova_bo *client_bo(const struct client *c, const struct drm_nova_gem_create2 *args,
		   const char *label);
uint64_t client_va(const struct client *c, uint64_t size, uint64_t align);
void client_submit(const struct client *c);
void client_bind(const struct client *c, struct nova_bo *bo, uint64_t va);
void client_add(const struct client *c, const struct drm_nova_vm_bind_op *op);
void *client_map(const struct client *c, const struct nova_bo *bo);
void client_fill(uint32_t *words, uint64_t size, uint32_t seed);
bool client_filled(const uint32_t *words, uint64_t size, uint32_t seed);
uint32_t client_ranges(const struct client *c, uint64_t va, uint64_t size,
		   struct drm_nova_vm_range *out, uint32_t room);
void step_enumerate(struct client *c);
void step_limits(struct client *c);
void step_cpu_map(struct client *c);
void step_share(struct client *c);
void step_copy_queue(struct client *c);
void step_error_poll(struct client *c);
void step_teardown(struct client *c);

#endif /* CLIENT_H */
