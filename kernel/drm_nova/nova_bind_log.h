/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BIND_LOG_H__
#define __NOVA_BIND_LOG_H__

#include <linux/list.h>
#include <linux/types.h>

struct drm_gpuvm_bo;
struct nova_vma;

enum nova_bind_edit_kind { NOVA_BIND_INSERTED, NOVA_BIND_REMOVED };

/**
 * struct nova_bind_edit - one change of the mapping tree
 */
struct nova_bind_edit {
	/** @vma: the mapping; freed with the edit if it did not end up in the tree */
	struct nova_vma *vma;
	/**
	 * @vm_bo: its object in the VM, NULL for sparse. A reference if the mapping was
	 * removed; one that is in the tree has one of its own.
	 */
	struct drm_gpuvm_bo *vm_bo;
	/** @op: index of the operation that did it */
	u32 op;
	/** @kind: what was done */
	enum nova_bind_edit_kind kind;
};

/** NOVA_BIND_FEW_EDITS - edits that a log has without allocating */
#define NOVA_BIND_FEW_EDITS 4

/**
 * struct nova_bind_chunk - some edits, one after the other
 */
struct nova_bind_chunk {
	/** @link: in &nova_bind_log.chunks */
	struct list_head link;
	/** @nr: how many there are */
	u32 nr;
	/** @max: how many there is room for */
	u32 max;
	/** @edit: the edits; in the log or behind the chunk */
	struct nova_bind_edit *edit;
};

/**
 * struct nova_bind_log - the edits of a call, in the order they were made
 */
struct nova_bind_log {
	/** @chunks: struct nova_bind_chunk.link; @first, then those allocated */
	struct list_head chunks;
	/** @first: always there */
	struct nova_bind_chunk first;
	/** @few: edits of @first */
	struct nova_bind_edit few[NOVA_BIND_FEW_EDITS];
};

/**
 * struct nova_bind_log_pos - how far a walk has come; zero for its begin
 */
struct nova_bind_log_pos {
	/** @chunk: where, or NULL */
	const struct nova_bind_chunk *chunk;
	/** @i: next edit of it */
	u32 i;
};

void nova_bind_log_init(struct nova_bind_log *log);
struct nova_bind_edit *nova_bind_log_add(struct nova_bind_log *log);
struct nova_bind_edit *nova_bind_log_last(struct nova_bind_log *log);
struct nova_bind_edit *nova_bind_log_pop(struct nova_bind_log *log);
struct nova_bind_edit *nova_bind_log_next(const struct nova_bind_log *log,
					  struct nova_bind_log_pos *pos);
void nova_bind_log_clear(struct nova_bind_log *log);

#endif
