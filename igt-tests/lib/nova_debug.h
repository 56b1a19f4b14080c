/* SPDX-License-Identifier: MIT */

#ifndef NOVA_DEBUG_H
#define NOVA_DEBUG_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct nova_eye - sees memory as a software GPU sees it
 */
struct nova_eye {
	/** @fd: the model's file, set to one page-directory base. */
	int fd;
};

/**
 * struct nova_pdb - where the page directory of a VM is
 */
struct nova_pdb {
	/** @addr: physical address. */
	uint64_t addr;
	/** @aperture: memory it is in, such as "vram". */
	char aperture[16];
};

/**
 * enum nova_walk_end - how the GPU's walk ends
 */
enum nova_walk_end {
	/** @NOVA_WALK_FAULT: the GPU would fault. */
	NOVA_WALK_FAULT,
	/** @NOVA_WALK_MAPPED: there is memory. */
	NOVA_WALK_MAPPED,
	/** @NOVA_WALK_SPARSE: reads give zero, writes vanish. */
	NOVA_WALK_SPARSE,
};

/**
 * struct nova_walk - result of the GPU's walk for one address
 */
struct nova_walk {
	/** @end: how it ends; all below only if that is %NOVA_WALK_MAPPED. */
	enum nova_walk_end end;
	/** @aperture: memory it leads to: "vram", "coh" and so on. */
	char aperture[16];
	/** @addr: physical address. */
	uint64_t addr;
	/** @page: page size in bytes. */
	uint64_t page;
	/** @kind: PTE kind. */
	uint32_t kind;
	/** @access: "rw" or "ro". */
	char access[8];
};

int nova_debug_device(int drm_fd, char *name, size_t len);
int nova_debug_read(int drm_fd, const char *file, char **text);
int nova_debug_write(int drm_fd, const char *file, const char *text);
int nova_debug_value(const char *text, const char *key, uint64_t *value);
int nova_debug_tables(int drm_fd, uint32_t vm_id, char **text);
int nova_debug_pdbs(int drm_fd, unsigned int nr, const uint32_t *vm_ids, struct nova_pdb *pdbs);
int nova_debug_pdb(int drm_fd, uint32_t vm_id, struct nova_pdb *pdb);
int nova_debug_model_read(int drm_fd, const char *file, char **text);

int nova_eye_open(int drm_fd, uint32_t vm_id, struct nova_eye *eye);
void nova_eye_close(struct nova_eye *eye);
int nova_eye_read(const struct nova_eye *eye, uint64_t va, void *buf, size_t len);
int nova_eye_write(const struct nova_eye *eye, uint64_t va, const void *buf, size_t len);
int nova_eye_walk(int drm_fd, uint32_t vm_id, uint64_t va, char **text);
int nova_eye_result(int drm_fd, uint32_t vm_id, uint64_t va, struct nova_walk *result);

#endif /* NOVA_DEBUG_H */
