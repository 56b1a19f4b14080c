/* SPDX-License-Identifier: MIT */

#ifndef NOVA_GPU_H
#define NOVA_GPU_H

#include <stdint.h>

/**
 * struct nova_gpu_config - the software GPU a test wants
 */
struct nova_gpu_config {
	/** @vram_mb: MiB of VRAM, of which firmware keeps some. */
	unsigned int vram_mb;
	/** @bar1_mb: MiB of BAR1, 0 for none. */
	unsigned int bar1_mb;
};

/**
 * struct nova_gpu - a software GPU of the test's own
 */
struct nova_gpu {
	/** @folder: of its configuration. */
	char folder[64];
	/** @device: name on its bus. */
	char device[64];
	/** @fd: render node. */
	int fd;
};

void nova_gpu_create(struct nova_gpu *gpu, int like, const struct nova_gpu_config *config);
void nova_gpu_destroy(struct nova_gpu *gpu);
void nova_write_file(const char *path, const char *text);

int nova_evict(int fd, const char *file);
int64_t nova_stat(int fd, const char *name);

#endif /* NOVA_GPU_H */
