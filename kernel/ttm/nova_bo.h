/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BO_H__
#define __NOVA_BO_H__

#include <drm/ttm/ttm_bo.h>

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/xarray.h>

struct dma_buf_attachment;
struct nova_backing;
struct nova_ttm;
struct page;
struct sg_table;
struct ttm_operation_ctx;
struct vm_area_struct;
struct vm_fault;

#define NOVA_BO_SYSTEM		BIT(0)
#define NOVA_BO_VRAM		BIT(1)

/* TTM evicts lower priorities first: what nobody needs goes before what is old. */
#define NOVA_BO_PRIORITY_DONTNEED	0
#define NOVA_BO_PRIORITY_NORMAL		1

/**
 * struct nova_bo - a buffer object as TTM moves it
 *
 * The object's reservation lock protects everything that is not constant.
 */
struct nova_bo {
	/** @ttm: TTM's object; its base is the GEM object */
	struct ttm_buffer_object ttm;
	/** @id: of this object alone, ever, on its device; not 0; constant */
	u64 id;
	/** @placement: regions allowed, NOVA_BO_*; constant */
	u32 placement;
	/** @contiguous: one physical block, VRAM only; constant */
	bool contiguous;
	/** @write_combined: CPU maps of system pages are write-combined; constant */
	bool write_combined;
	/**
	 * @mem_type: TTM_PL_* of the memory it has, TTM_PL_SYSTEM for none. A copy
	 * of what ttm.resource says, for those who may be told yesterday's truth:
	 * written with the reservation held, read without a lock.
	 */
	u8 mem_type;
	/** @sgt: exporter's memory, if the object is imported and mapped, else NULL */
	struct sg_table *sgt;
	/** @windows: BAR1 windows of CPU maps: number of a chunk to struct nova_bo_window */
	struct xarray windows;
	/** @bar1_bytes: BAR1 address space that @windows have now; read without a lock */
	atomic64_t bar1_bytes;
	/**
	 * @sink: a page that goes nowhere, for CPU maps when the hardware is gone or
	 * dead; NULL before the first touch, then constant
	 */
	struct page *sink;
	/**
	 * @dontneed: the content may be given up under pressure. Written with the
	 * reservation held; read without one it is a hint.
	 */
	bool dontneed;
	/** @purged: the content was given up, for good; likewise */
	bool purged;
};

static inline struct nova_bo *nova_bo(struct ttm_buffer_object *tbo)
{
	return container_of(tbo, struct nova_bo, ttm);
}

static inline struct nova_bo *nova_bo_from_gem(struct drm_gem_object *gem)
{
	return container_of(gem, struct nova_bo, ttm.base);
}

/**
 * struct nova_bo_params - what nova_bo_init() needs to know
 */
struct nova_bo_params {
	/** @size: bytes, multiple of 4 KiB */
	u64 size;
	/** @alignment: physical alignment and block size in VRAM, bytes, 0 for 4 KiB */
	u64 alignment;
	/** @placement: non-empty mask of NOVA_BO_* */
	u32 placement;
	/** @contiguous: one block; needs NOVA_BO_VRAM alone */
	bool contiguous;
	/** @write_combined: CPU maps of system pages are write-combined */
	bool write_combined;
	/** @eager: take VRAM at once if it is allowed and there is some */
	bool eager;
	/** @hidden: nobody can map it, or find it by a guess; not with @attach */
	bool hidden;
	/** @resv: reservation to share, held by the caller; NULL for its own */
	struct dma_resv *resv;
	/** @attach: exporter's buffer if the object is imported, else NULL; @resv is its */
	struct dma_buf_attachment *attach;
	/** @destroy: frees the object; called once, also when nova_bo_init() fails */
	void (*destroy)(struct ttm_buffer_object *tbo);
};

int nova_bo_init(struct nova_bo *bo, struct nova_ttm *nt, const struct nova_bo_params *params);
int nova_bo_validate(struct nova_bo *bo, struct ttm_operation_ctx *ctx);
int nova_bo_validate_in(struct nova_bo *bo, u32 regions, struct ttm_operation_ctx *ctx);
int nova_bo_settle(struct nova_bo *bo, bool interruptible);
void nova_bo_backing(struct nova_bo *bo, struct nova_backing *backing);
u32 nova_bo_region(const struct nova_bo *bo);
bool nova_bo_advise(struct nova_bo *bo, bool needed);
int nova_bo_pin_system(struct nova_bo *bo);
void nova_bo_abandon(struct nova_bo *bo);

/**
 * nova_bo_is_imported - does the memory belong to another driver?
 * @bo: the object
 *
 * Context: any.
 *
 * Return: true if it does.
 */
static inline bool nova_bo_is_imported(const struct nova_bo *bo)
{
	return bo->ttm.type == ttm_bo_type_sg;
}

/**
 * nova_bo_in_vram - does the object live in VRAM?
 * @bo: the object, reserved
 *
 * Return: true if it does.
 */
static inline bool nova_bo_in_vram(const struct nova_bo *bo)
{
	return nova_bo_region(bo) == NOVA_BO_VRAM;
}

/**
 * nova_bo_is_populated - does the object have memory the GPU can reach?
 * @bo: the object, reserved
 *
 * Return: true if it does.
 */
static inline bool nova_bo_is_populated(const struct nova_bo *bo)
{
	return nova_bo_region(bo);
}

/**
 * nova_bo_is_needed - does the object's content matter?
 * @bo: the object; without its reservation the answer is a hint
 *
 * Return: false if it was advised away or purged.
 */
static inline bool nova_bo_is_needed(const struct nova_bo *bo)
{
	return !READ_ONCE(bo->dontneed) && !READ_ONCE(bo->purged);
}

vm_fault_t nova_bo_fault(struct vm_fault *vmf);
int nova_bo_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len, int write);
void nova_bo_drop_windows(struct nova_bo *bo);
void nova_bo_free_sink(struct nova_bo *bo);
extern const struct vm_operations_struct nova_bo_vm_ops;

int nova_bo_move(struct ttm_buffer_object *tbo, bool evict, struct ttm_operation_ctx *ctx,
		 struct ttm_resource *new, struct ttm_place *hop);
void nova_bo_swap_notify(struct ttm_buffer_object *tbo);

#endif
