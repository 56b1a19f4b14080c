/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_VMM_H__
#define __NOVA_VMM_H__

#include "nova_cursor.h"
#include "nova_gmmu.h"
#include "nova_pt.h"
#include "nova_tlb.h"
#include "nova_types.h"

#include <linux/align.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/types.h>

struct drm_printer;
struct nova_mm;
struct nova_vmm_pins;
struct nova_vmm_stock;

/** struct nova_vmm_config - how an address space differs from the plain one; zero is plain */
struct nova_vmm_config {
	/** @scratch: what is not mapped reads zero and drops writes instead of faulting */
	bool scratch;
	/** @scope: caches the address space can be in */
	enum nova_tlb_scope scope;
	/** @pool: where tables come from; NULL for the device's own */
	struct nova_pool *pool;
	/** @borrowed: @root and what hangs below it belong to firmware and stay */
	bool borrowed;
	/** @root: root table in VRAM, if @borrowed */
	nova_vram_t root;
};

/** struct nova_vmm_leaf - a word to make others from, see &nova_gmmu_fmt.addr_bits; zero is none */
struct nova_vmm_leaf {
	/** @attr: attributes of the mapping it was made for */
	u64 attr;
	/** @word: word of a leaf at address 0 */
	u64 word;
	/** @aperture: memory that mapping was in */
	enum nova_aperture aperture;
	/** @addr_shr: where an address goes, see &nova_gmmu_fmt.pte_shr */
	u8 addr_shr;
	/** @addr_end: it is good for addresses below */
	u64 addr_end;
};

/**
 * struct nova_vmm - one GPU virtual address space
 */
struct nova_vmm {
	/** @mm: the device's memory management */
	struct nova_mm *mm;
	/** @map_lock: the tree; never held across an allocation (F-2) */
	struct mutex map_lock;
	/** @tree: page tables; @map_lock */
	struct nova_pt_tree tree;
	/** @leaf: made for a small mapping before; @map_lock */
	struct nova_vmm_leaf leaf;
	/** @scope: caches it can be in; constant */
	enum nova_tlb_scope scope;
	/** @error: hardware gave up on an invalidate: 0 or -EIO; sticky, read without a lock */
	int error;
};

/** struct nova_vmm_map - a range to be mapped */
struct nova_vmm_map {
	/** @va: first virtual address, multiple of 4 KiB */
	u64 va;
	/** @len: bytes, multiple of 4 KiB, not 0 */
	u64 len;
	/** @backing: memory to map; unchanged from prepare to commit */
	const struct nova_backing *backing;
	/** @off: first byte of @backing to map, multiple of 4 KiB */
	u64 off;
	/** @attr: leaf attributes; the aperture is taken from @backing */
	struct nova_pte_attr attr;
	/** @max_page_shift: largest page to use, log2 of bytes; 0 for no limit */
	u8 max_page_shift;
};

/** NOVA_VMM_INLINE_PINS - reservations an update holds without allocating */
#define NOVA_VMM_INLINE_PINS 2

/** struct nova_vmm_pin - tables of one level over one range, kept for an update */
struct nova_vmm_pin {
	/** @va: start of the range */
	u64 va;
	/** @end: end of the range */
	u64 end;
	/** @first: table covering @va; it tells the level */
	struct nova_pt *first;
};

/**
 * struct nova_vmm_update - one atomic change of page tables
 *
 * Usage: init; prepare… for each range; then either abort, or the operations in
 * order, flush, finish. Owned by one thread at a time; embed it in the job.
 * Prepared updates of one VM may commit in any order. All zero but for @vmm is
 * an update of nothing.
 */
struct nova_vmm_update {
	/** @vmm: the address space */
	struct nova_vmm *vmm;
	/** @edit: what was changed and what died */
	struct nova_pt_edit edit;
	/** @acked: epoch the invalidate has covered, 0 before nova_vmm_flush() succeeded */
	u64 acked;
	/** @chunks: reservations beyond @pins */
	struct nova_vmm_pins *chunks;
	/** @stock: tables made for this update and not put into the tree, or NULL */
	struct nova_vmm_stock *stock;
	/** @nr_pins: reservations in @pins */
	unsigned int nr_pins;
	/** @pins: the first reservations */
	struct nova_vmm_pin pins[NOVA_VMM_INLINE_PINS];
};

/** struct nova_vmm_stats - a snapshot */
struct nova_vmm_stats {
	/** @tables: page tables in existence */
	u64 tables;
	/** @table_bytes: VRAM they take */
	u64 table_bytes;
};

int nova_vmm_init(struct nova_vmm *vmm, struct nova_mm *mm, const struct nova_vmm_config *config);
void nova_vmm_fini(struct nova_vmm *vmm);

int nova_vmm_check(const struct nova_vmm *vmm, const struct nova_vmm_map *map);

void nova_vmm_update_init(struct nova_vmm_update *upd, struct nova_vmm *vmm);
int nova_vmm_prepare(struct nova_vmm_update *upd, u64 va, u64 len);
int nova_vmm_prepare_map(struct nova_vmm_update *upd, const struct nova_vmm_map *map);
int nova_vmm_prepare_cut(struct nova_vmm_update *upd, u64 va, u64 len);
void nova_vmm_abort(struct nova_vmm_update *upd);

void nova_vmm_map(struct nova_vmm_update *upd, const struct nova_vmm_map *map);
void nova_vmm_unmap(struct nova_vmm_update *upd, u64 va, u64 len);
void nova_vmm_sparse(struct nova_vmm_update *upd, u64 va, u64 len);
int nova_vmm_invalidate(struct nova_vmm *vmm, unsigned int level, bool tighten);
int nova_vmm_flush(struct nova_vmm_update *upd);
void nova_vmm_finish(struct nova_vmm_update *upd);

int nova_vmm_map_now(struct nova_vmm *vmm, const struct nova_vmm_map *map);
int nova_vmm_unmap_now(struct nova_vmm *vmm, u64 va, u64 len);
int nova_vmm_sparse_now(struct nova_vmm *vmm, u64 va, u64 len);

int nova_vmm_walk(struct nova_vmm *vmm, u64 va, struct nova_pt_xlate *x);
int nova_vmm_lookup(struct nova_vmm *vmm, u64 va, struct nova_pt_place *place);
unsigned int nova_vmm_page_shift(struct nova_vmm *vmm, u64 va);
void nova_vmm_stats(struct nova_vmm *vmm, struct nova_vmm_stats *stats);
void nova_vmm_print(struct nova_vmm *vmm, struct drm_printer *p);

/** nova_vmm_pdb - VRAM address of the root table, for instance blocks and engines */
static inline nova_vram_t nova_vmm_pdb(const struct nova_vmm *vmm)
{
	return vmm->tree.root->mem.at.vram;
}

/** nova_vmm_va_bits - width of a virtual address */
static inline unsigned int nova_vmm_va_bits(const struct nova_vmm *vmm)
{
	return vmm->tree.fmt->va_bits;
}

/** nova_vmm_page_sizes - bit n: leaves of 2^n bytes are possible */
static inline u64 nova_vmm_page_sizes(const struct nova_vmm *vmm)
{
	return vmm->tree.page_sizes;
}

/**
 * nova_vmm_check_range - may these addresses be used?
 * @vmm: address space
 * @va: first address
 * @len: bytes
 *
 * Return: 0; -EINVAL if misaligned, empty, wrapping or beyond the address width.
 */
static inline int nova_vmm_check_range(const struct nova_vmm *vmm, u64 va, u64 len)
{
	u64 end;

	if (!len || !IS_ALIGNED(va | len, NOVA_PAGE_SIZE) || check_add_overflow(va, len, &end))
		return -EINVAL;
	return end > vmm->tree.va_end ? -EINVAL : 0;
}

/** nova_vmm_error - 0, or -EIO after an invalidate that was never acknowledged */
static inline int nova_vmm_error(const struct nova_vmm *vmm)
{
	return READ_ONCE(vmm->error);
}

#endif
