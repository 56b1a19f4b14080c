/* SPDX-License-Identifier: MIT */

#ifndef NOVA_SCENE_H
#define NOVA_SCENE_H

#include "nova_push.h"

#define NOVA_SCENE_PUSH (1ull << 33)
#define NOVA_SCENE_SRC (2ull << 33)
#define NOVA_SCENE_DST (3ull << 33)

/**
 * struct nova_scene - a VM with a source and a target, and an engine to copy with
 */
struct nova_scene {
	/** @fd: device. */
	int fd;
	/** @vm: the VM. */
	uint32_t vm;
	/** @handle: source at %NOVA_SCENE_SRC and target at %NOVA_SCENE_DST. */
	uint32_t handle[2];
	/** @ptr: what the CPU sees of them. */
	uint8_t *ptr[2];
	/** @size: bytes of each. */
	uint64_t size;
	/** @engine: its pushes are at %NOVA_SCENE_PUSH. */
	struct nova_engine engine;
};

void nova_scene_init(struct nova_scene *s, int fd, uint64_t size, uint32_t src, uint32_t dst);
void nova_scene_fini(struct nova_scene *s);

#endif /* NOVA_SCENE_H */
