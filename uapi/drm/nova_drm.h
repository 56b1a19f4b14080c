/* SPDX-License-Identifier: MIT */

#ifndef __NOVA_DRM_H__
#define __NOVA_DRM_H__

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: Overview
 *
 * The interface of the ``nova`` DRM driver to user space: GPU memory objects,
 * GPU address spaces bound explicitly with VM_BIND, and queues. Ioctls 0x00 to
 * 0x03 have the names, numbers and layouts of the upstream driver; everything
 * else starts at 0x20, parameters at 0x1000 and info ids at 0x100.
 *
 * **Features.** User space looks at %DRM_NOVA_PARAM_FEATURES before it uses
 * anything a bit of enum drm_nova_feature stands for. The DRM core drops the
 * tail of a structure that is longer than the kernel's, so trying an ioctl does
 * not tell whether a field was seen. What a clear bit stands for fails with
 * EOPNOTSUPP.
 *
 * **Version.** %DRM_IOCTL_VERSION says 0.n. 0.1 has GETPARAM, INFO and the GEM calls
 * without features; each feature built into the driver adds one, whether the device at
 * hand has it or not. With those up to %DRM_NOVA_FEATURE_RANGE_QUERY it is 0.8. This is
 * for people: programs look at features.
 *
 * **Layout.** Types have a fixed width, members are naturally aligned, padding
 * is explicit and must be zero. 32-bit and 64-bit programs see one layout.
 * Structures grow at their end only.
 *
 * **Units.** Addresses, sizes, offsets and ranges are bytes. Times are
 * nanoseconds. A shift is the base-2 logarithm of bytes.
 *
 * **Marks.** "Out" is written by the kernel and ignored on entry. "Out, zero on
 * entry" must be zero on entry. Members without a mark are inputs.
 */

/**
 * DOC: Errors
 *
 * Every call checks in this order, so one bad member gives one error: unknown
 * flags, padding and "zero on entry" members (EINVAL); single values (EINVAL);
 * arrays (EINVAL, E2BIG, EFAULT); lookup of ids and handles (ENOENT); relations
 * between objects (EPERM, EBUSY, EINVAL); resources (ENOMEM, ENOSPC). A call
 * that fails leaves no trace: no id, handle, mapping or fence exists that did
 * not exist before.
 *
 * ============ ============================================================
 * EINVAL       the caller broke a rule it could have checked beforehand
 * ENOENT       handle, id or syncobj unknown in this file; or VM banned
 * EPERM        the object's own rules forbid it (private, no CPU access)
 * EACCES       a privilege is missing
 * EBUSY        VM has queues; object is DONTNEED; NOWAIT and not idle
 * EEXIST       NOREPLACE met an existing mapping
 * E2BIG        count, length or size over a published limit, or an array
 *              element with an unknown non-zero tail
 * ENOSPC       VRAM or a fixed-size GPU resource is exhausted
 * ENOMEM       system memory is exhausted
 * ETIME        the deadline of a wait has passed
 * ECANCELED    the queue is banned or was destroyed
 * EOPNOTSUPP   a feature this header knows and this device lacks
 * EFAULT       a user pointer cannot be read or written
 * EINTR        interrupted before anything changed: issue it again
 * ENODEV       the device is gone
 * ============ ============================================================
 */

#define DRM_NOVA_GETPARAM		0x00
#define DRM_NOVA_GEM_CREATE		0x01
#define DRM_NOVA_GEM_INFO		0x02
#define DRM_NOVA_INFO			0x03

#define DRM_NOVA_GEM_CREATE2		0x20
#define DRM_NOVA_GEM_QUERY		0x21
#define DRM_NOVA_GEM_MMAP_OFFSET	0x22
#define DRM_NOVA_GEM_WAIT		0x23
#define DRM_NOVA_GEM_MADVISE		0x24
#define DRM_NOVA_GEM_SET_LABEL		0x25
#define DRM_NOVA_VM_CREATE		0x28
#define DRM_NOVA_VM_DESTROY		0x29
#define DRM_NOVA_VM_BIND		0x2a
#define DRM_NOVA_VM_GET_STATE		0x2b
#define DRM_NOVA_VM_QUERY_RANGES	0x2c
#define DRM_NOVA_QUEUE_CREATE		0x30
#define DRM_NOVA_QUEUE_DESTROY		0x31
#define DRM_NOVA_QUEUE_GET_STATE	0x32
#define DRM_NOVA_EXEC			0x33

/* Parameters, features and elements shared by several calls. */

/*
 * NOVA_GETPARAM_VRAM_BAR_SIZE: length in bytes of the PCI BAR that shows VRAM.
 * The name is upstream's.
 */
#define NOVA_GETPARAM_VRAM_BAR_SIZE	0x1

/**
 * enum drm_nova_param - what struct drm_nova_getparam can ask for
 */
enum drm_nova_param {
	/** @DRM_NOVA_PARAM_VRAM_BAR_SIZE: length of PCI BAR1 in bytes. */
	DRM_NOVA_PARAM_VRAM_BAR_SIZE = NOVA_GETPARAM_VRAM_BAR_SIZE,
	/** @DRM_NOVA_PARAM_FEATURES: bits of enum drm_nova_feature. */
	DRM_NOVA_PARAM_FEATURES = 0x1000,
	/** @DRM_NOVA_PARAM_VRAM_SIZE: usable VRAM in bytes, carve-outs excluded. */
	DRM_NOVA_PARAM_VRAM_SIZE = 0x1001,
	/**
	 * @DRM_NOVA_PARAM_VRAM_USED: VRAM in bytes allocated by everyone, the
	 * kernel included. Above 0 and at most %DRM_NOVA_PARAM_VRAM_SIZE.
	 */
	DRM_NOVA_PARAM_VRAM_USED = 0x1002,
	/** @DRM_NOVA_PARAM_BAR1_WINDOW: bytes of BAR1 usable for CPU mappings. */
	DRM_NOVA_PARAM_BAR1_WINDOW = 0x1003,
	/** @DRM_NOVA_PARAM_TIMESTAMP_NS: GPU timer in nanoseconds. */
	DRM_NOVA_PARAM_TIMESTAMP_NS = 0x1004,
	/** @DRM_NOVA_PARAM_EXEC_PUSH_MAX: pushes accepted by one EXEC. */
	DRM_NOVA_PARAM_EXEC_PUSH_MAX = 0x1005,
	/** @DRM_NOVA_PARAM_CHIPSET_ID: chipset number, such as 0x172. */
	DRM_NOVA_PARAM_CHIPSET_ID = 0x1006,
};

/**
 * enum drm_nova_feature - bits of %DRM_NOVA_PARAM_FEATURES
 */
enum drm_nova_feature {
	/** @DRM_NOVA_FEATURE_VM_BIND: VMs and synchronous VM_BIND. */
	DRM_NOVA_FEATURE_VM_BIND = 1 << 0,
	/** @DRM_NOVA_FEATURE_ASYNC_BIND: %DRM_NOVA_VM_BIND_ASYNC and BIND queues. */
	DRM_NOVA_FEATURE_ASYNC_BIND = 1 << 1,
	/** @DRM_NOVA_FEATURE_SPARSE: MAP_SPARSE and %DRM_NOVA_VM_SCRATCH. */
	DRM_NOVA_FEATURE_SPARSE = 1 << 2,
	/** @DRM_NOVA_FEATURE_EXEC: EXEC and queues of other classes than BIND. */
	DRM_NOVA_FEATURE_EXEC = 1 << 3,
	/** @DRM_NOVA_FEATURE_MADVISE: GEM_MADVISE. */
	DRM_NOVA_FEATURE_MADVISE = 1 << 4,
	/** @DRM_NOVA_FEATURE_PREFETCH: VM_BIND op PREFETCH. */
	DRM_NOVA_FEATURE_PREFETCH = 1 << 5,
	/** @DRM_NOVA_FEATURE_RANGE_QUERY: VM_QUERY_RANGES. */
	DRM_NOVA_FEATURE_RANGE_QUERY = 1 << 6,
	/** @DRM_NOVA_FEATURE_COMPRESSION: kinds with %DRM_NOVA_KIND_COMPRESSED. */
	DRM_NOVA_FEATURE_COMPRESSION = 1 << 7,
	/** @DRM_NOVA_FEATURE_P2P_EXPORT: VRAM can be shared peer to peer. */
	DRM_NOVA_FEATURE_P2P_EXPORT = 1 << 8,
	/** @DRM_NOVA_FEATURE_USERPTR: VM_BIND op MAP_USERPTR. */
	DRM_NOVA_FEATURE_USERPTR = 1 << 9,
};

/**
 * enum drm_nova_region - where memory can be
 */
enum drm_nova_region {
	/** @DRM_NOVA_REGION_SYSTEM: system memory, reached with DMA addresses. */
	DRM_NOVA_REGION_SYSTEM = 0,
	/** @DRM_NOVA_REGION_VRAM: the GPU's own memory. */
	DRM_NOVA_REGION_VRAM = 1,
};

/* In struct drm_nova_gem_query: the object has no backing at the moment. */
#define DRM_NOVA_REGION_NONE		(~0U)

/**
 * enum drm_nova_placement - set of regions an object may be in
 */
enum drm_nova_placement {
	/** @DRM_NOVA_PLACEMENT_SYSTEM: allows %DRM_NOVA_REGION_SYSTEM. */
	DRM_NOVA_PLACEMENT_SYSTEM = 1 << DRM_NOVA_REGION_SYSTEM,
	/** @DRM_NOVA_PLACEMENT_VRAM: allows %DRM_NOVA_REGION_VRAM. */
	DRM_NOVA_PLACEMENT_VRAM = 1 << DRM_NOVA_REGION_VRAM,
};

/**
 * enum drm_nova_caching - how the CPU maps an object
 */
enum drm_nova_caching {
	/** @DRM_NOVA_CACHING_AUTO: write-combined in VRAM, write-back in SYSTEM. */
	DRM_NOVA_CACHING_AUTO = 0,
	/** @DRM_NOVA_CACHING_WB: write-back; not with VRAM in the placement. */
	DRM_NOVA_CACHING_WB = 1,
	/** @DRM_NOVA_CACHING_WC: write-combined in either region. */
	DRM_NOVA_CACHING_WC = 2,
};

/**
 * struct drm_nova_array - an array in user memory whose elements may grow
 *
 * As input, a stride that is no multiple of 8, below the first published size
 * of the element or above 256 gives EINVAL; a count above the limit in struct
 * drm_nova_info_limits gives E2BIG before anything is read; unreadable memory
 * gives EFAULT. A short element is extended with zeroes; one that is longer
 * than the kernel's and not zero in the part unknown to it gives E2BIG.
 *
 * As output, min(capacity, total) elements are written, and a total above the
 * capacity is no error but a hint to come back with more room.
 */
struct drm_nova_array {
	/** @ptr: user address of the first element. */
	__u64 ptr;
	/**
	 * @count: number of elements; 0 means there is no array and @ptr and
	 * @stride are ignored. Of an output array: capacity on entry, total
	 * on return.
	 */
	__u32 count;
	/** @stride: bytes from one element to the next. */
	__u32 stride;
};

/**
 * enum drm_nova_sync_flags - type and direction of struct drm_nova_sync
 */
enum drm_nova_sync_flags {
	/** @DRM_NOVA_SYNC_BINARY: binary syncobj; point is 0. */
	DRM_NOVA_SYNC_BINARY = 0,
	/** @DRM_NOVA_SYNC_TIMELINE: timeline syncobj; point is not 0. */
	DRM_NOVA_SYNC_TIMELINE = 1,
	/** @DRM_NOVA_SYNC_TYPE_MASK: the bits that hold the type. */
	DRM_NOVA_SYNC_TYPE_MASK = 0xff,
	/** @DRM_NOVA_SYNC_SIGNAL: signal after the work; clear: wait before it. */
	DRM_NOVA_SYNC_SIGNAL = 1U << 31,
};

/**
 * struct drm_nova_sync - one syncobj to wait for or to signal
 *
 * A wait needs a fence that is attached, or a point that is submitted, already;
 * otherwise EINVAL. All waits of an array are collected before any signal of it
 * is attached, so one syncobj can be both. An unknown handle gives ENOENT.
 */
struct drm_nova_sync {
	/** @handle: syncobj handle. */
	__u32 handle;
	/** @flags: a type and bits of enum drm_nova_sync_flags. */
	__u32 flags;
	/** @point: timeline point; 0 for a binary syncobj. */
	__u64 point;
};

/* Upstream's calls. */

/**
 * struct drm_nova_getparam - read one number (0x00)
 *
 * Errors: EINVAL unknown @param.
 */
struct drm_nova_getparam {
	/** @param: a value of enum drm_nova_param. */
	__u64 param;
	/** @value: out: the value. */
	__u64 value;
};

/**
 * struct drm_nova_gem_create - create a memory object the short way (0x01)
 *
 * As struct drm_nova_gem_create2 with both regions allowed and all else zero.
 *
 * Errors: EINVAL @pad not zero or @size zero; E2BIG; ENOMEM.
 */
struct drm_nova_gem_create {
	/** @handle: out: handle of the new object. */
	__u32 handle;
	/** @pad: must be zero. */
	__u32 pad;
	/** @size: bytes wanted; not rewritten, GEM_INFO gives the rounded size. */
	__u64 size;
};

/**
 * struct drm_nova_gem_info - size of an object, imported ones included (0x02)
 *
 * Errors: EINVAL @pad not zero; ENOENT unknown @handle.
 */
struct drm_nova_gem_info {
	/** @handle: handle of the object. */
	__u32 handle;
	/** @pad: must be zero. */
	__u32 pad;
	/** @size: out: size in bytes as allocated. */
	__u64 size;
};

/**
 * enum drm_nova_info_id - what struct drm_nova_info can ask for
 */
enum drm_nova_info_id {
	/** @DRM_NOVA_INFO_GPU: struct drm_nova_info_gpu. */
	DRM_NOVA_INFO_GPU = 0x0,
	/** @DRM_NOVA_INFO_MEMORY: struct drm_nova_info_memory. */
	DRM_NOVA_INFO_MEMORY = 0x100,
	/** @DRM_NOVA_INFO_VA: struct drm_nova_info_va. */
	DRM_NOVA_INFO_VA = 0x101,
	/** @DRM_NOVA_INFO_BAR1: struct drm_nova_info_bar1. */
	DRM_NOVA_INFO_BAR1 = 0x102,
	/** @DRM_NOVA_INFO_LIMITS: struct drm_nova_info_limits. */
	DRM_NOVA_INFO_LIMITS = 0x103,
	/** @DRM_NOVA_INFO_KINDS: struct drm_nova_info_kinds. */
	DRM_NOVA_INFO_KINDS = 0x104,
	/** @DRM_NOVA_INFO_TIME: struct drm_nova_info_time. */
	DRM_NOVA_INFO_TIME = 0x105,
};

/**
 * struct drm_nova_info - read one structure (0x03)
 *
 * With @data zero only @size is answered. Otherwise min(@size, full size) bytes
 * are written and @size returns that number.
 *
 * Errors: EINVAL unknown @id; EFAULT @data cannot be written.
 */
struct drm_nova_info {
	/** @id: a value of enum drm_nova_info_id. */
	__u32 id;
	/** @size: room at @data on entry; on return bytes written, or full size. */
	__u32 size;
	/** @data: user address of the structure, or 0. */
	__u64 data;
};

/**
 * struct drm_nova_info_gpu - which GPU this is
 */
struct drm_nova_info_gpu {
	/** @architecture: architecture number of the boot register. */
	__u32 architecture;
	/** @chipid: chipset number, as %DRM_NOVA_PARAM_CHIPSET_ID. */
	__u32 chipid;
	/** @vram_size: usable VRAM in bytes. */
	__u64 vram_size;
	/** @name: name for people, NUL-terminated. */
	__u8 name[64];
	/** @short_name: short name for people, NUL-terminated. */
	__u8 short_name[64];
	/** @gid: globally unique id of the board; zeroes if it has none. */
	__u8 gid[16];
};

/**
 * struct drm_nova_memory_region - one region in struct drm_nova_info_memory
 *
 * Holds always: @used <= @total, @largest_free <= @total - @used, and
 * @cpu_mappable == @total, since BAR1 is a paged window.
 */
struct drm_nova_memory_region {
	/** @mem_class: kind of memory, a value of enum drm_nova_region. */
	__u16 mem_class;
	/** @instance: bit number of the region in a placement. */
	__u16 instance;
	/** @min_page_size: granularity of allocation in bytes. */
	__u32 min_page_size;
	/** @total: bytes in the region. */
	__u64 total;
	/** @used: bytes allocated by everyone. */
	__u64 used;
	/** @largest_free: largest contiguous free block in bytes. */
	__u64 largest_free;
	/** @cpu_mappable: bytes the CPU can map. */
	__u64 cpu_mappable;
	/** @reserved: out: zero. */
	__u64 reserved;
};

/* Room for regions in struct drm_nova_info_memory. */
#define DRM_NOVA_MEMORY_REGIONS		4

/**
 * struct drm_nova_info_memory - the regions and how full they are
 */
struct drm_nova_info_memory {
	/** @num_regions: entries of @regions in use. */
	__u32 num_regions;
	/** @region_stride: bytes from one region to the next. */
	__u32 region_stride;
	/** @regions: the regions; unused ones are zero. */
	struct drm_nova_memory_region regions[DRM_NOVA_MEMORY_REGIONS];
};

/**
 * struct drm_nova_info_va - the GPU's virtual address space
 */
struct drm_nova_info_va {
	/** @va_start: first address of a VM. */
	__u64 va_start;
	/** @va_size: bytes in a VM, the kernel's reservation included. */
	__u64 va_size;
	/** @kernel_min_size: least kernel reservation VM_CREATE accepts. */
	__u64 kernel_min_size;
	/** @vram_page_sizes: bit n: 2^n bytes is a page size for VRAM. */
	__u64 vram_page_sizes;
	/** @sysmem_page_sizes: bit n: 2^n bytes is a page size for SYSTEM. */
	__u64 sysmem_page_sizes;
	/** @va_bits: bits of a GPU virtual address. */
	__u32 va_bits;
	/** @gmmu_version: page-table format, 2 or 3. */
	__u32 gmmu_version;
	/** @max_vms: VMs one file may have. */
	__u32 max_vms;
	/** @pad: out: zero. */
	__u32 pad;
};

/**
 * struct drm_nova_info_bar1 - the CPU's window to VRAM
 *
 * "Reserved" counts address space of the window, not bytes of objects.
 */
struct drm_nova_info_bar1 {
	/** @pci_size: length of PCI BAR1 in bytes. */
	__u64 pci_size;
	/** @window_size: bytes of it usable for CPU mappings. */
	__u64 window_size;
	/** @reserved_now: bytes of the window in use. */
	__u64 reserved_now;
	/** @reserved_peak: highest @reserved_now seen. */
	__u64 reserved_peak;
	/** @evictions: mappings taken out of the window to make room. */
	__u64 evictions;
	/** @granule: bytes by which the window is handed out. */
	__u32 granule;
	/** @pad: out: zero. */
	__u32 pad;
};

/**
 * struct drm_nova_info_limits - the largest values the calls accept
 */
struct drm_nova_info_limits {
	/** @max_bind_ops: ops in one VM_BIND; at least 4096. */
	__u32 max_bind_ops;
	/** @max_syncs: syncs in one call; at least 1024. */
	__u32 max_syncs;
	/** @max_pushes: pushes in one EXEC; at least 1024 where EXEC works. */
	__u32 max_pushes;
	/** @max_push_bytes: bytes in one push. */
	__u32 max_push_bytes;
	/** @max_queues: queues one file may have. */
	__u32 max_queues;
	/** @max_label: characters in a label. */
	__u32 max_label;
	/** @max_bo_size: bytes in the largest object any region could hold. */
	__u64 max_bo_size;
};

/**
 * enum drm_nova_kind_attr - attributes of a PTE kind
 */
enum drm_nova_kind_attr {
	/** @DRM_NOVA_KIND_VALID: the kind can be used. */
	DRM_NOVA_KIND_VALID = 1 << 0,
	/** @DRM_NOVA_KIND_COMPRESSED: compressed; needs VRAM-only placement. */
	DRM_NOVA_KIND_COMPRESSED = 1 << 1,
	/** @DRM_NOVA_KIND_NEEDS_64K: va, range and offset in units of 64 KiB. */
	DRM_NOVA_KIND_NEEDS_64K = 1 << 2,
	/** @DRM_NOVA_KIND_VRAM_ONLY: needs VRAM-only placement. */
	DRM_NOVA_KIND_VRAM_ONLY = 1 << 3,
};

/**
 * struct drm_nova_info_kinds - which PTE kinds exist
 *
 * Kind 0 is pitch-linear and always valid.
 */
struct drm_nova_info_kinds {
	/** @num_kinds: kinds with %DRM_NOVA_KIND_VALID. */
	__u32 num_kinds;
	/** @pad: out: zero. */
	__u32 pad;
	/** @attr: for each kind, bits of enum drm_nova_kind_attr. */
	__u8 attr[256];
};

/**
 * struct drm_nova_info_time - GPU and CPU clocks read together
 */
struct drm_nova_info_time {
	/** @gpu_ns: GPU timer in nanoseconds. */
	__u64 gpu_ns;
	/** @cpu_ns: CLOCK_MONOTONIC in nanoseconds. */
	__u64 cpu_ns;
	/** @delta_ns: time the sampling took. */
	__u64 delta_ns;
	/** @frequency_hz: ticks of the GPU timer in a second. */
	__u64 frequency_hz;
};

/* Memory objects. */

/**
 * enum drm_nova_gem_create_flags - how an object may be used
 */
enum drm_nova_gem_create_flags {
	/** @DRM_NOVA_GEM_NO_CPU_ACCESS: the CPU never maps it. */
	DRM_NOVA_GEM_NO_CPU_ACCESS = 1 << 0,
	/** @DRM_NOVA_GEM_CONTIGUOUS: one physical block; VRAM only. */
	DRM_NOVA_GEM_CONTIGUOUS = 1 << 1,
	/** @DRM_NOVA_GEM_DEFER: no backing until the first bind or fault. */
	DRM_NOVA_GEM_DEFER = 1 << 2,
};

/**
 * struct drm_nova_gem_create2 - create a memory object (0x20)
 *
 * New memory reads zero, the tail added by rounding up included.
 *
 * Errors: EINVAL a member is out of its domain, CONTIGUOUS with SYSTEM, or
 * write-back caching with VRAM; E2BIG no allowed region could ever hold @size;
 * ENOENT unknown @vm_id; ENOSPC VRAM-only and no room could be made; ENOMEM.
 * With both regions allowed ENOSPC does not happen. With DEFER the last two
 * come from the bind or fault instead.
 */
struct drm_nova_gem_create2 {
	/**
	 * @size: bytes wanted, not 0; returns them rounded up to 64 KiB if VRAM
	 * is allowed and to 4 KiB if not.
	 */
	__u64 size;
	/**
	 * @alignment: 0, or a power of two from 4 KiB to 2 MiB: least alignment
	 * and size of the physical blocks in VRAM.
	 */
	__u64 alignment;
	/**
	 * @placement: bits of enum drm_nova_placement, at least one. With both,
	 * VRAM is tried first.
	 */
	__u32 placement;
	/** @flags: bits of enum drm_nova_gem_create_flags. */
	__u32 flags;
	/**
	 * @vm_id: 0, or the only VM the object can be bound in. Such a private
	 * object shares the VM's reservation lock and cannot be exported.
	 */
	__u32 vm_id;
	/** @handle: out, zero on entry: handle of the new object. */
	__u32 handle;
	/** @cpu_caching: a value of enum drm_nova_caching. */
	__u16 cpu_caching;
	/** @pte_kind: valid kind that GEM_QUERY reports; binds choose their own. */
	__u8 pte_kind;
	/** @pad: must be zero. */
	__u8 pad;
	/** @tile_mode: any value; GEM_QUERY reports it. */
	__u32 tile_mode;
	/**
	 * @mmap_offset: out, zero on entry: offset for mmap() on the device, 0
	 * with NO_CPU_ACCESS.
	 */
	__u64 mmap_offset;
};

/**
 * enum drm_nova_gem_state - bits of drm_nova_gem_query.state
 */
enum drm_nova_gem_state {
	/** @DRM_NOVA_GEM_STATE_IMPORTED: another device's buffer. */
	DRM_NOVA_GEM_STATE_IMPORTED = 1 << 0,
	/** @DRM_NOVA_GEM_STATE_EXPORTED: has a dma-buf. */
	DRM_NOVA_GEM_STATE_EXPORTED = 1 << 1,
	/** @DRM_NOVA_GEM_STATE_PRIVATE: belongs to one VM. */
	DRM_NOVA_GEM_STATE_PRIVATE = 1 << 2,
	/** @DRM_NOVA_GEM_STATE_DONTNEED: may be purged. */
	DRM_NOVA_GEM_STATE_DONTNEED = 1 << 3,
	/** @DRM_NOVA_GEM_STATE_PURGED: was purged; the content is lost. */
	DRM_NOVA_GEM_STATE_PURGED = 1 << 4,
	/** @DRM_NOVA_GEM_STATE_POPULATED: has backing at the moment. */
	DRM_NOVA_GEM_STATE_POPULATED = 1 << 5,
};

/**
 * struct drm_nova_gem_query - all about an object, at the moment (0x21)
 *
 * Errors: ENOENT unknown @handle.
 */
struct drm_nova_gem_query {
	/** @handle: handle of the object. */
	__u32 handle;
	/** @state: out: bits of enum drm_nova_gem_state. */
	__u32 state;
	/** @size: out: bytes as allocated. */
	__u64 size;
	/** @placement: out: regions allowed. */
	__u32 placement;
	/** @region: out: where it is, or %DRM_NOVA_REGION_NONE. */
	__u32 region;
	/** @create_flags: out: flags of its creation; 0 for a foreign import. */
	__u32 create_flags;
	/** @tile_mode: out: as created; 0 for a foreign import. */
	__u32 tile_mode;
	/** @mmap_offset: out: offset for mmap(), or 0 if it cannot be mapped. */
	__u64 mmap_offset;
	/** @cpu_caching: out: as created. */
	__u16 cpu_caching;
	/** @pte_kind: out: as created; 0 for a foreign import. */
	__u8 pte_kind;
	/** @page_shift: out: largest GPU page all of the backing allows. */
	__u8 page_shift;
	/** @vm_id: out: the VM of a private object, or 0. */
	__u32 vm_id;
};

/**
 * struct drm_nova_gem_mmap_offset - where mmap() finds an object (0x22)
 *
 * Errors: EINVAL @flags not zero; ENOENT unknown @handle; EPERM created with
 * NO_CPU_ACCESS or imported; EBUSY DONTNEED or purged.
 */
struct drm_nova_gem_mmap_offset {
	/** @handle: handle of the object. */
	__u32 handle;
	/** @flags: must be zero. */
	__u32 flags;
	/** @offset: out: offset for mmap() on the device. */
	__u64 offset;
};

/**
 * enum drm_nova_gem_wait_flags - how to wait for an object
 */
enum drm_nova_gem_wait_flags {
	/** @DRM_NOVA_GEM_WAIT_NOWAIT: look, do not wait. */
	DRM_NOVA_GEM_WAIT_NOWAIT = 1 << 0,
};

/**
 * struct drm_nova_gem_wait - wait until an object is idle (0x23)
 *
 * Waits for every fence on the object. A private object has its VM's fences.
 * Errors of the fences are not reported here.
 *
 * Errors: EINVAL unknown flag or negative timeout; ENOENT unknown @handle;
 * EBUSY NOWAIT and not idle; ETIME @timeout_ns passed.
 */
struct drm_nova_gem_wait {
	/** @handle: handle of the object. */
	__u32 handle;
	/** @flags: bits of enum drm_nova_gem_wait_flags. */
	__u32 flags;
	/** @timeout_ns: absolute time by CLOCK_MONOTONIC. */
	__s64 timeout_ns;
};

/**
 * enum drm_nova_madvise - whether content matters
 */
enum drm_nova_madvise {
	/** @DRM_NOVA_MADVISE_WILLNEED: keep it. */
	DRM_NOVA_MADVISE_WILLNEED = 0,
	/** @DRM_NOVA_MADVISE_DONTNEED: it may be dropped under pressure. */
	DRM_NOVA_MADVISE_DONTNEED = 1,
};

/**
 * struct drm_nova_gem_madvise - say whether content matters (0x24)
 *
 * A purged object stays purged.
 *
 * Errors: EINVAL; ENOENT unknown @handle; EPERM exported, imported or with more
 * than one handle.
 */
struct drm_nova_gem_madvise {
	/** @handle: handle of the object. */
	__u32 handle;
	/** @advice: a value of enum drm_nova_madvise. */
	__u32 advice;
	/** @retained: out, zero on entry: 1 if the content is still there. */
	__u32 retained;
	/** @pad: must be zero. */
	__u32 pad;
};

/**
 * struct drm_nova_gem_set_label - name an object for debugging (0x25)
 *
 * Errors: E2BIG @len above drm_nova_info_limits.max_label; EFAULT; EINVAL a
 * byte outside printable ASCII; ENOENT unknown @handle; ENOMEM.
 */
struct drm_nova_gem_set_label {
	/** @handle: handle of the object. */
	__u32 handle;
	/** @len: characters at @text; 0 removes the label. */
	__u32 len;
	/** @text: user address of the characters; no NUL is needed. */
	__u64 text;
};

/* Address spaces. */

/**
 * enum drm_nova_vm_create_flags - properties of a VM
 */
enum drm_nova_vm_create_flags {
	/**
	 * @DRM_NOVA_VM_SCRATCH: where nothing is mapped, reads give zero and
	 * writes vanish instead of faulting.
	 */
	DRM_NOVA_VM_SCRATCH = 1 << 0,
};

/**
 * struct drm_nova_vm_create - create an address space (0x28)
 *
 * A range is reserved for the kernel, which binds must not touch. With
 * @kernel_start and @kernel_size both 0 the kernel chooses and returns it.
 *
 * Errors: EINVAL unknown flag, or a reservation that is no multiple of 2 MiB,
 * outside the address space or below drm_nova_info_va.kernel_min_size; ENOSPC
 * the file has drm_nova_info_va.max_vms already, or no VRAM for page tables;
 * ENOMEM; EOPNOTSUPP SCRATCH without %DRM_NOVA_FEATURE_SPARSE.
 */
struct drm_nova_vm_create {
	/** @flags: bits of enum drm_nova_vm_create_flags. */
	__u32 flags;
	/** @vm_id: out, zero on entry: id of the new VM. */
	__u32 vm_id;
	/** @kernel_start: first address of the reservation; in and out. */
	__u64 kernel_start;
	/** @kernel_size: bytes of the reservation; in and out. */
	__u64 kernel_size;
	/** @va_start: out, zero on entry: first usable address. */
	__u64 va_start;
	/**
	 * @va_size: out, zero on entry: usable bytes. The reservation lies
	 * inside or beside them.
	 */
	__u64 va_size;
};

/**
 * struct drm_nova_vm_destroy - destroy an address space (0x29)
 *
 * Binds under way finish first, then all mappings vanish.
 *
 * Errors: EINVAL @pad not zero; ENOENT unknown @vm_id; EBUSY it has queues.
 */
struct drm_nova_vm_destroy {
	/** @vm_id: the VM. */
	__u32 vm_id;
	/** @pad: must be zero. */
	__u32 pad;
};

/**
 * enum drm_nova_vm_bind_op_type - what one op of VM_BIND does
 */
enum drm_nova_vm_bind_op_type {
	/**
	 * @DRM_NOVA_VM_BIND_OP_MAP: map a part of an object, over whatever is
	 * there. Must be zero: region.
	 */
	DRM_NOVA_VM_BIND_OP_MAP = 1,
	/**
	 * @DRM_NOVA_VM_BIND_OP_UNMAP: remove whatever is mapped in va and
	 * range, if anything. All else must be zero.
	 */
	DRM_NOVA_VM_BIND_OP_UNMAP = 2,
	/**
	 * @DRM_NOVA_VM_BIND_OP_UNMAP_BO: remove every mapping of an object from
	 * this VM. All but handle must be zero.
	 */
	DRM_NOVA_VM_BIND_OP_UNMAP_BO = 3,
	/**
	 * @DRM_NOVA_VM_BIND_OP_MAP_SPARSE: reads give zero, writes vanish. Must
	 * be zero: handle, offset, pte_kind, region.
	 */
	DRM_NOVA_VM_BIND_OP_MAP_SPARSE = 4,
	/**
	 * @DRM_NOVA_VM_BIND_OP_PREFETCH: move what is mapped to a region if
	 * there is room. Must be zero: handle, offset, pte_kind.
	 */
	DRM_NOVA_VM_BIND_OP_PREFETCH = 5,
	/**
	 * @DRM_NOVA_VM_BIND_OP_MAP_USERPTR: map memory of this process; offset
	 * is its address. Must be zero: handle, pte_kind, region.
	 */
	DRM_NOVA_VM_BIND_OP_MAP_USERPTR = 6,
};

/**
 * enum drm_nova_vm_bind_op_flags - how an op maps
 */
enum drm_nova_vm_bind_op_flags {
	/** @DRM_NOVA_VM_BIND_OP_READONLY: MAP, MAP_USERPTR: GPU writes fault. */
	DRM_NOVA_VM_BIND_OP_READONLY = 1 << 0,
	/** @DRM_NOVA_VM_BIND_OP_NOREPLACE: MAP, MAP_SPARSE: EEXIST on overlap. */
	DRM_NOVA_VM_BIND_OP_NOREPLACE = 1 << 1,
	/** @DRM_NOVA_VM_BIND_OP_NO_ATOMIC: MAP: GPU atomics fault. */
	DRM_NOVA_VM_BIND_OP_NO_ATOMIC = 1 << 2,
	/** @DRM_NOVA_VM_BIND_OP_UNCACHED: MAP: bypass the GPU's L2 cache. */
	DRM_NOVA_VM_BIND_OP_UNCACHED = 1 << 3,
	/** @DRM_NOVA_VM_BIND_OP_DUMPABLE: MAP: content goes to core dumps. */
	DRM_NOVA_VM_BIND_OP_DUMPABLE = 1 << 4,
};

/**
 * struct drm_nova_vm_bind_op - one change of a VM
 *
 * @va, @range and @offset are multiples of 4 KiB. [@va, @va + @range) lies in
 * the usable span and does not touch the kernel's reservation.
 */
struct drm_nova_vm_bind_op {
	/** @op: a value of enum drm_nova_vm_bind_op_type. */
	__u32 op;
	/** @flags: bits of enum drm_nova_vm_bind_op_flags. */
	__u32 flags;
	/** @handle: handle of the object. */
	__u32 handle;
	/** @pte_kind: PTE kind of the mapping. */
	__u8 pte_kind;
	/** @max_page_shift: MAP: 0, or upper bound of the page size used. */
	__u8 max_page_shift;
	/** @pad: must be zero. */
	__u16 pad;
	/** @va: GPU address. */
	__u64 va;
	/** @range: bytes, not 0 where it is needed. */
	__u64 range;
	/** @offset: MAP: first byte within the object. */
	__u64 offset;
	/** @region: PREFETCH: a value of enum drm_nova_region. */
	__u32 region;
	/** @pad2: must be zero. */
	__u32 pad2;
};

/**
 * enum drm_nova_vm_bind_flags - how a VM_BIND call works
 */
enum drm_nova_vm_bind_flags {
	/** @DRM_NOVA_VM_BIND_ASYNC: return at once; needs the feature bit. */
	DRM_NOVA_VM_BIND_ASYNC = 1 << 0,
};

/* In drm_nova_vm_bind.failed_op: the error belongs to no single op. */
#define DRM_NOVA_VM_BIND_NO_OP		(~0U)

/**
 * struct drm_nova_vm_bind - change a VM, all or nothing (0x2a)
 *
 * Ops apply in the order of the array; calls on one queue in the order they
 * were made. Any error leaves the VM and all syncobjs as they were. Without
 * ASYNC the call returns when page tables and TLB are updated, and takes no
 * syncs. No ops: wait for, or join, earlier work of the queue.
 *
 * Errors: EINVAL a member or a relation between members; E2BIG too many ops or
 * syncs; EFAULT; ENOENT unknown VM, queue, object or syncobj, or the VM is
 * banned; EPERM an object private to another VM; EBUSY a DONTNEED object;
 * EEXIST NOREPLACE; ENOSPC, ENOMEM; EOPNOTSUPP an absent feature.
 */
struct drm_nova_vm_bind {
	/** @vm_id: the VM. */
	__u32 vm_id;
	/** @flags: bits of enum drm_nova_vm_bind_flags. */
	__u32 flags;
	/** @queue_id: 0 for the VM's own bind queue, or a BIND queue of it. */
	__u32 queue_id;
	/**
	 * @failed_op: out, zero on entry: on error, index of the op it belongs
	 * to, or %DRM_NOVA_VM_BIND_NO_OP.
	 */
	__u32 failed_op;
	/** @ops: struct drm_nova_vm_bind_op. */
	struct drm_nova_array ops;
	/** @syncs: struct drm_nova_sync; ASYNC only. */
	struct drm_nova_array syncs;
};

/**
 * enum drm_nova_vm_state - bits of drm_nova_vm_get_state.state
 */
enum drm_nova_vm_state {
	/** @DRM_NOVA_VM_STATE_BANNED: only unmaps and queries still work. */
	DRM_NOVA_VM_STATE_BANNED = 1 << 0,
};

/**
 * enum drm_nova_fault_access - what the GPU tried
 */
enum drm_nova_fault_access {
	/** @DRM_NOVA_FAULT_READ: a read. */
	DRM_NOVA_FAULT_READ = 0,
	/** @DRM_NOVA_FAULT_WRITE: a write. */
	DRM_NOVA_FAULT_WRITE = 1,
	/** @DRM_NOVA_FAULT_ATOMIC: an atomic operation. */
	DRM_NOVA_FAULT_ATOMIC = 2,
};

/**
 * enum drm_nova_fault_reason - why the GPU could not
 */
enum drm_nova_fault_reason {
	/** @DRM_NOVA_FAULT_UNMAPPED: nothing is mapped there. */
	DRM_NOVA_FAULT_UNMAPPED = 0,
	/** @DRM_NOVA_FAULT_PERMISSION: the mapping forbids that access. */
	DRM_NOVA_FAULT_PERMISSION = 1,
	/** @DRM_NOVA_FAULT_KIND: the access does not suit the PTE kind. */
	DRM_NOVA_FAULT_KIND = 2,
	/** @DRM_NOVA_FAULT_PURGED: the object was purged. */
	DRM_NOVA_FAULT_PURGED = 3,
};

/**
 * struct drm_nova_vm_fault - one fault of the GPU
 */
struct drm_nova_vm_fault {
	/** @va: GPU address. */
	__u64 va;
	/** @time_ns: CLOCK_MONOTONIC time. */
	__u64 time_ns;
	/** @queue_id: queue whose work faulted, 0 if unknown. */
	__u32 queue_id;
	/** @access: a value of enum drm_nova_fault_access. */
	__u32 access;
	/** @reason: a value of enum drm_nova_fault_reason. */
	__u32 reason;
	/** @level: page-table level at which the walk ended, 0 for 4 KiB pages. */
	__u32 level;
};

/**
 * struct drm_nova_vm_get_state - is a VM well, and what faulted (0x2b)
 *
 * The newest 64 faults are kept.
 *
 * Errors: EINVAL stride of @faults; ENOENT unknown @vm_id; EFAULT.
 */
struct drm_nova_vm_get_state {
	/** @vm_id: the VM, banned or not. */
	__u32 vm_id;
	/** @state: out: bits of enum drm_nova_vm_state. */
	__u32 state;
	/** @error: out: first fatal error as a negative errno, or 0. */
	__s32 error;
	/** @fault_total: out: faults ever seen. */
	__u32 fault_total;
	/** @faults: struct drm_nova_vm_fault, output array, oldest first. */
	struct drm_nova_array faults;
};

/**
 * enum drm_nova_vm_range_flags - further bits of drm_nova_vm_range.flags
 *
 * They stand beside those of enum drm_nova_vm_bind_op_flags.
 */
enum drm_nova_vm_range_flags {
	/** @DRM_NOVA_VM_RANGE_EVICTED: the backing is away at the moment. */
	DRM_NOVA_VM_RANGE_EVICTED = 1U << 30,
	/** @DRM_NOVA_VM_RANGE_SPARSE: a sparse mapping. */
	DRM_NOVA_VM_RANGE_SPARSE = 1U << 31,
};

/**
 * struct drm_nova_vm_range - one stretch of a mapping with one page size
 */
struct drm_nova_vm_range {
	/** @va: GPU address. */
	__u64 va;
	/** @range: bytes. */
	__u64 range;
	/** @offset: first byte within the object. */
	__u64 offset;
	/** @handle: the object, or 0 if this file has no handle to it. */
	__u32 handle;
	/** @flags: bits of both enums of flags. */
	__u32 flags;
	/** @pte_kind: PTE kind. */
	__u8 pte_kind;
	/** @page_shift: page size. */
	__u8 page_shift;
	/** @pad: out: zero. */
	__u16 pad;
	/** @region: where the backing is, or %DRM_NOVA_REGION_NONE. */
	__u32 region;
};

/**
 * struct drm_nova_vm_query_ranges - list mappings by address (0x2c)
 *
 * A mapping is listed in pieces of one page size each, all of it if a byte of it
 * is in the window.
 *
 * Errors: EINVAL @flags not zero, stride, or the window wraps; ENOENT unknown
 * @vm_id; EFAULT; ENOMEM; EOPNOTSUPP.
 */
struct drm_nova_vm_query_ranges {
	/** @vm_id: the VM. */
	__u32 vm_id;
	/** @flags: must be zero. */
	__u32 flags;
	/** @va: first address of interest. */
	__u64 va;
	/** @range: bytes of interest. */
	__u64 range;
	/** @ranges: struct drm_nova_vm_range, output array. */
	struct drm_nova_array ranges;
};

/* Queues. */

/**
 * enum drm_nova_queue_class - what a queue does
 */
enum drm_nova_queue_class {
	/** @DRM_NOVA_QUEUE_CLASS_BIND: VM_BIND. */
	DRM_NOVA_QUEUE_CLASS_BIND = 0,
	/** @DRM_NOVA_QUEUE_CLASS_COPY: copy engine. */
	DRM_NOVA_QUEUE_CLASS_COPY = 1,
	/** @DRM_NOVA_QUEUE_CLASS_COMPUTE: compute. */
	DRM_NOVA_QUEUE_CLASS_COMPUTE = 2,
	/** @DRM_NOVA_QUEUE_CLASS_GRAPHICS: graphics. */
	DRM_NOVA_QUEUE_CLASS_GRAPHICS = 3,
};

/**
 * enum drm_nova_queue_priority - how soon a queue is served
 */
enum drm_nova_queue_priority {
	/** @DRM_NOVA_QUEUE_PRIORITY_LOW: after the others. */
	DRM_NOVA_QUEUE_PRIORITY_LOW = 0,
	/** @DRM_NOVA_QUEUE_PRIORITY_NORMAL: as most. */
	DRM_NOVA_QUEUE_PRIORITY_NORMAL = 1,
	/** @DRM_NOVA_QUEUE_PRIORITY_HIGH: first; needs CAP_SYS_NICE. */
	DRM_NOVA_QUEUE_PRIORITY_HIGH = 2,
};

/**
 * struct drm_nova_queue_create - create a queue (0x30)
 *
 * Errors: EINVAL; ENOENT unknown @vm_id or the VM is banned; EACCES priority;
 * ENOSPC the file has drm_nova_info_limits.max_queues already; EOPNOTSUPP the
 * device lacks @queue_class; ENOMEM.
 */
struct drm_nova_queue_create {
	/** @vm_id: VM the queue works in. */
	__u32 vm_id;
	/** @queue_class: a value of enum drm_nova_queue_class. */
	__u32 queue_class;
	/** @flags: must be zero. */
	__u32 flags;
	/** @priority: a value of enum drm_nova_queue_priority. */
	__u32 priority;
	/** @queue_id: out, zero on entry: id of the new queue. */
	__u32 queue_id;
	/** @pad: must be zero. */
	__u32 pad;
};

/**
 * struct drm_nova_queue_destroy - destroy a queue (0x31)
 *
 * Running work is cancelled; its fences signal ECANCELED.
 *
 * Errors: EINVAL @pad not zero; ENOENT unknown @queue_id.
 */
struct drm_nova_queue_destroy {
	/** @queue_id: the queue. */
	__u32 queue_id;
	/** @pad: must be zero. */
	__u32 pad;
};

/**
 * enum drm_nova_queue_state - bits of drm_nova_queue_get_state.state
 */
enum drm_nova_queue_state {
	/** @DRM_NOVA_QUEUE_STATE_BANNED: takes no more work. */
	DRM_NOVA_QUEUE_STATE_BANNED = 1 << 0,
	/** @DRM_NOVA_QUEUE_STATE_GUILTY: its own job faulted. */
	DRM_NOVA_QUEUE_STATE_GUILTY = 1 << 1,
	/** @DRM_NOVA_QUEUE_STATE_INNOCENT: another's job faulted. */
	DRM_NOVA_QUEUE_STATE_INNOCENT = 1 << 2,
};

/**
 * struct drm_nova_queue_get_state - is a queue well (0x32)
 *
 * Errors: EINVAL @pad not zero; ENOENT unknown @queue_id.
 */
struct drm_nova_queue_get_state {
	/** @queue_id: the queue. */
	__u32 queue_id;
	/** @state: out: bits of enum drm_nova_queue_state. */
	__u32 state;
	/** @error: out: first fatal error as a negative errno, or 0. */
	__s32 error;
	/** @pad: must be zero. */
	__u32 pad;
};

/**
 * enum drm_nova_exec_push_flags - how a push is read
 */
enum drm_nova_exec_push_flags {
	/** @DRM_NOVA_EXEC_PUSH_NO_PREFETCH: read it only when its turn comes. */
	DRM_NOVA_EXEC_PUSH_NO_PREFETCH = 1 << 0,
};

/**
 * struct drm_nova_exec_push - one stretch of commands
 */
struct drm_nova_exec_push {
	/** @va: GPU address, a multiple of 4. */
	__u64 va;
	/** @size: bytes, a multiple of 4, at most max_push_bytes, not 0. */
	__u32 size;
	/** @flags: bits of enum drm_nova_exec_push_flags. */
	__u32 flags;
};

/**
 * struct drm_nova_exec - run commands (0x33)
 *
 * No pushes: join, as in VM_BIND.
 *
 * Errors: EINVAL, also for a BIND queue; E2BIG; EFAULT; ENOENT unknown queue or
 * syncobj, or the VM is banned; ECANCELED the queue is banned; ENOSPC, ENOMEM
 * evicted objects do not fit back; EOPNOTSUPP.
 */
struct drm_nova_exec {
	/** @queue_id: the queue. */
	__u32 queue_id;
	/** @flags: must be zero. */
	__u32 flags;
	/** @pushes: struct drm_nova_exec_push. */
	struct drm_nova_array pushes;
	/** @syncs: struct drm_nova_sync. */
	struct drm_nova_array syncs;
};

/* An enum, as upstream has it, so that Rust's bindgen can resolve the values. */
enum {
	DRM_IOCTL_NOVA_GETPARAM		= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GETPARAM,
						   struct drm_nova_getparam),
	DRM_IOCTL_NOVA_GEM_CREATE	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_CREATE,
						   struct drm_nova_gem_create),
	DRM_IOCTL_NOVA_GEM_INFO		= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_INFO,
						   struct drm_nova_gem_info),
	DRM_IOCTL_NOVA_INFO		= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_INFO,
						   struct drm_nova_info),
	DRM_IOCTL_NOVA_GEM_CREATE2	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_CREATE2,
						   struct drm_nova_gem_create2),
	DRM_IOCTL_NOVA_GEM_QUERY	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_QUERY,
						   struct drm_nova_gem_query),
	DRM_IOCTL_NOVA_GEM_MMAP_OFFSET	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_MMAP_OFFSET,
						   struct drm_nova_gem_mmap_offset),
	DRM_IOCTL_NOVA_GEM_WAIT		= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_WAIT,
						   struct drm_nova_gem_wait),
	DRM_IOCTL_NOVA_GEM_MADVISE	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_MADVISE,
						   struct drm_nova_gem_madvise),
	DRM_IOCTL_NOVA_GEM_SET_LABEL	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GEM_SET_LABEL,
						   struct drm_nova_gem_set_label),
	DRM_IOCTL_NOVA_VM_CREATE	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_VM_CREATE,
						   struct drm_nova_vm_create),
	DRM_IOCTL_NOVA_VM_DESTROY	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_VM_DESTROY,
						   struct drm_nova_vm_destroy),
	DRM_IOCTL_NOVA_VM_BIND		= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_VM_BIND,
						   struct drm_nova_vm_bind),
	DRM_IOCTL_NOVA_VM_GET_STATE	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_VM_GET_STATE,
						   struct drm_nova_vm_get_state),
	DRM_IOCTL_NOVA_VM_QUERY_RANGES	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_VM_QUERY_RANGES,
						   struct drm_nova_vm_query_ranges),
	DRM_IOCTL_NOVA_QUEUE_CREATE	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_QUEUE_CREATE,
						   struct drm_nova_queue_create),
	DRM_IOCTL_NOVA_QUEUE_DESTROY	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_QUEUE_DESTROY,
						   struct drm_nova_queue_destroy),
	DRM_IOCTL_NOVA_QUEUE_GET_STATE	= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_QUEUE_GET_STATE,
						   struct drm_nova_queue_get_state),
	DRM_IOCTL_NOVA_EXEC		= DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_EXEC,
						   struct drm_nova_exec),
};

#if defined(__cplusplus)
}
#endif

#endif /* __NOVA_DRM_H__ */
