/* SPDX-License-Identifier: MIT */

#ifndef NOVA_SPACE_H
#define NOVA_SPACE_H

#include "nova_ioctl.h"

/* Pages of the area whose content is known, and of each of its two objects. */
#define NOVA_SPACE_PAGES 64
#define NOVA_SPACE_BO_PAGES 128

/**
 * struct nova_space - a VM, two objects, and what should be mapped
 *
 * Object 0 is in VRAM and 1 in SYSTEM. Each of their pages starts with a word
 * that says which page of which object it is.
 */
struct nova_space {
	/** @fd: device. */
	int fd;
	/** @vm: the VM. */
	uint32_t vm;
	/** @base: address of page 0 of the area, a multiple of 2 MiB. */
	uint64_t base;
	/** @bos: handles. */
	uint32_t bos[2];
	/** @eye: the GPU's view of @vm. */
	struct nova_eye eye;
	/** @want: for each page of the area the word the GPU must read, or 0 for a fault. */
	uint32_t want[NOVA_SPACE_PAGES];
};

void nova_space_init(struct nova_space *space, int fd);
void nova_space_fini(struct nova_space *space);

uint64_t nova_space_va(const struct nova_space *space, unsigned int page);
struct drm_nova_vm_bind_op nova_space_map_op(const struct nova_space *space, unsigned int page,
					     unsigned int nr, unsigned int bo,
					     unsigned int bo_page);
struct drm_nova_vm_bind_op nova_space_unmap_op(const struct nova_space *space,
					       unsigned int page, unsigned int nr);
void nova_space_expect(struct nova_space *space, const struct drm_nova_vm_bind_op *op);
void nova_space_apply(struct nova_space *space, const struct drm_nova_vm_bind_op *op);
void nova_space_check(const struct nova_space *space);
char *nova_space_tables(const struct nova_space *space);

#endif /* NOVA_SPACE_H */
