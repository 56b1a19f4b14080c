// SPDX-License-Identifier: MIT

/**
 * DOC: A place to copy in
 *
 * One source, one target, and a queue that copies from one to the other.
 */

#include <string.h>
#include <sys/mman.h>

#include "igt.h"
#include "nova_scene.h"

/**
 * nova_scene_init() - make a source and a target and map both
 * @s: returns them; the source holds pattern 7, the target 0xee everywhere
 * @fd: device
 * @size: bytes of each
 * @src: placement of the source
 * @dst: placement of the target
 *
 * Skips the test where queues cannot execute.
 */
void nova_scene_init(struct nova_scene *s, int fd, uint64_t size, uint32_t src, uint32_t dst)
{
	nova_require_feature(fd, DRM_NOVA_FEATURE_EXEC);
	*s = (struct nova_scene){ .fd = fd, .vm = nova_vm_create(fd), .size = size };
	s->handle[0] = nova_gem_create(fd, size, src);
	s->handle[1] = nova_gem_create(fd, size, dst);
	s->ptr[0] = nova_gem_mmap(fd, s->handle[0], 0, size);
	s->ptr[1] = nova_gem_mmap(fd, s->handle[1], 0, size);
	nova_fill(s->ptr[0], size, 7);
	memset(s->ptr[1], 0xee, size);
	nova_vm_map(fd, s->vm, s->handle[0], 0, NOVA_SCENE_SRC, size);
	nova_vm_map(fd, s->vm, s->handle[1], 0, NOVA_SCENE_DST, size);
	nova_engine_init(&s->engine, fd, s->vm, NOVA_SCENE_PUSH);
}

/**
 * nova_scene_fini() - take all of it apart
 * @s: the scene
 */
void nova_scene_fini(struct nova_scene *s)
{
	unsigned int i;

	nova_engine_fini(&s->engine);
	for (i = 0; i < 2; i++) {
		munmap(s->ptr[i], s->size);
		nova_gem_close(s->fd, s->handle[i]);
	}
	nova_vm_destroy(s->fd, s->vm);
}
