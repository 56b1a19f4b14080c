/* SPDX-License-Identifier: MIT */

#ifndef NOVA_PUSH_H
#define NOVA_PUSH_H

#include "nova_ioctl.h"

#define NOVA_PUSH_WORDS 4096

/**
 * struct nova_engine - a copy queue and a place to write pushes to
 */
struct nova_engine {
	/** @fd: device. */
	int fd;
	/** @vm: VM of the queue. */
	uint32_t vm;
	/** @queue: queue of class COPY. */
	uint32_t queue;
	/** @handle: object with the push, in SYSTEM. */
	uint32_t handle;
	/** @words: its content. */
	volatile uint32_t *words;
	/** @va: where the queue reads it. */
	uint64_t va;
	/** @nr: words written. */
	uint32_t nr;
	/** @copy_class: class of the chip's copy engine. */
	uint32_t copy_class;
	/** @syncobj: signalled by the last nova_engine_exec(). */
	uint32_t syncobj;
};

/**
 * struct nova_copy2d - one launch of the copy engine
 */
struct nova_copy2d {
	/** @src: GPU address. */
	uint64_t src;
	/** @dst: GPU address. */
	uint64_t dst;
	/** @src_pitch: bytes from line to line of the source. */
	uint32_t src_pitch;
	/** @dst_pitch: bytes from line to line of the target. */
	uint32_t dst_pitch;
	/** @width: bytes of a line, or elements with @components. */
	uint32_t width;
	/** @lines: how many. */
	uint32_t lines;
	/** @components: word of SET_REMAP_COMPONENTS, 0 for none. */
	uint32_t components;
	/** @constant: constants A and B. */
	uint32_t constant[2];
	/** @launch: extra bits of LAUNCH_DMA. */
	uint32_t launch;
};

void nova_engine_init(struct nova_engine *engine, int fd, uint32_t vm, uint64_t va);
void nova_engine_fini(struct nova_engine *engine);

void nova_push_start(struct nova_engine *engine);
void nova_push_word(struct nova_engine *engine, uint32_t word);
void nova_push_method(struct nova_engine *engine, uint32_t subchannel, uint32_t method,
		      uint32_t count);
void nova_push_copy(struct nova_engine *engine, const struct nova_copy2d *copy);
void nova_push_linear(struct nova_engine *engine, uint64_t src, uint64_t dst, uint32_t len);
void nova_push_release(struct nova_engine *engine, uint64_t va, uint32_t payload);
void nova_push_acquire(struct nova_engine *engine, uint64_t va, uint32_t payload);

int __nova_exec(int fd, uint32_t queue, const struct drm_nova_exec_push *pushes, uint32_t nr,
		const struct drm_nova_sync *syncs, uint32_t nr_syncs);
int __nova_engine_exec(struct nova_engine *engine);
int nova_engine_wait(struct nova_engine *engine);
int nova_engine_run(struct nova_engine *engine);

int __nova_queue_create(int fd, struct drm_nova_queue_create *create);
uint32_t nova_queue_create(int fd, uint32_t vm, uint32_t queue_class);
int __nova_queue_destroy(int fd, uint32_t queue);
struct drm_nova_queue_get_state nova_queue_state(int fd, uint32_t queue);

uint32_t nova_syncobj_create(int fd);
void nova_syncobj_destroy(int fd, uint32_t handle);
int nova_syncobj_wait(int fd, uint32_t handle, uint64_t point, unsigned int seconds);
int nova_syncobj_export(int fd, uint32_t handle);
int nova_sync_file_error(int sync_file);
int nova_syncobj_error(int fd, uint32_t handle);

int nova_inject(int fd, const char *text);

#endif /* NOVA_PUSH_H */
