/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_SWGPU_H__
#define __NOVA_SWGPU_H__

/*
 * What tests may ask of a software GPU beside driving it through struct nova_io.
 * Exported by nova_swgpu.ko in KUnit builds only. Every function may be called
 * from any context and concurrently unless its kernel-doc says otherwise.
 */

#include "nova_swgpu_types.h"

struct nova_io;
struct nova_swgpu;

/** NOVA_SWGPU_MAX_REGIONS - entries of the FB region list in GSP static info */
#define NOVA_SWGPU_MAX_REGIONS 16

/** NOVA_SWGPU_NEVER - what nova_swgpu_step() returns when there is nothing to do */
#define NOVA_SWGPU_NEVER (~0u)

/** struct nova_swgpu_region - one FB region the GSP reports */
struct nova_swgpu_region {
	/** @base: first byte */
	u64 base;
	/** @limit: last byte, inclusive */
	u64 limit;
	/** @reserved: bytes the firmware keeps for itself */
	u64 reserved;
	/** @performance: higher is better */
	u32 performance;
	/** @compressed: supportCompressed */
	bool compressed;
	/** @iso: supportISO */
	bool iso;
	/** @is_protected: bProtected */
	bool is_protected;
};

/**
 * struct nova_swgpu_config - what to build
 *
 * Zero means the default for everything but @chip and @bar1_size.
 */
struct nova_swgpu_config {
	/** @chip: tu102, ga100, ga102, ad102, gh100, gb100 or gb202 */
	const char *chip;
	/** @vram_size: bytes, multiple of 1 MiB the size register can say; default 256 MiB */
	u64 vram_size;
	/** @bar1_size: bytes, power of two or equal to @vram_size; 0 for no BAR1 */
	u64 bar1_size;
	/** @seed: of random eviction and injected garbage */
	u64 seed;
	/** @tlb_polls: times the trigger reads busy before the command takes effect */
	u32 tlb_polls;
	/** @bind_polls: times a BAR bind reads pending before it takes effect */
	u32 bind_polls;
	/** @flush_polls: times a flush reads outstanding */
	u32 flush_polls;
	/** @evict_one_in: on average every n-th TLB lookup evicts an entry; 0 never */
	u32 evict_one_in;
	/** @gsp: boot a GSP server; without it the doorbell is dead and BAR1 is physical */
	bool gsp;
	/** @by_hand: channels run in nova_swgpu_step() and nowhere else, for tests */
	bool by_hand;
	/** @explicit_regions: @regions is used even if @nr_regions is 0 */
	bool explicit_regions;
	/** @nr_regions: valid entries of @regions; 0 for the default pair */
	u32 nr_regions;
	/** @regions: reported in this order, unchecked: a test may tell lies */
	struct nova_swgpu_region regions[NOVA_SWGPU_MAX_REGIONS];
};

/** enum nova_swgpu_inject - faults to switch on; the argument is in brackets */
enum nova_swgpu_inject {
	/** @NOVA_SWGPU_INJECT_GONE: all reads are ones, writes vanish (0 or 1) */
	NOVA_SWGPU_INJECT_GONE,
	/** @NOVA_SWGPU_INJECT_TLB_POLLS: polls until an invalidate is done (count) */
	NOVA_SWGPU_INJECT_TLB_POLLS,
	/** @NOVA_SWGPU_INJECT_TLB_STUCK: invalidates never complete (0 or 1) */
	NOVA_SWGPU_INJECT_TLB_STUCK,
	/** @NOVA_SWGPU_INJECT_BIND_POLLS: polls until a BAR1 bind is done (count) */
	NOVA_SWGPU_INJECT_BIND_POLLS,
	/** @NOVA_SWGPU_INJECT_BIND_LOST: binds complete but have no effect (0 or 1) */
	NOVA_SWGPU_INJECT_BIND_LOST,
	/** @NOVA_SWGPU_INJECT_BIND_STUCK: binds stay pending (0 or 1) */
	NOVA_SWGPU_INJECT_BIND_STUCK,
	/** @NOVA_SWGPU_INJECT_FLUSH_POLLS: polls until a flush is done (count) */
	NOVA_SWGPU_INJECT_FLUSH_POLLS,
	/** @NOVA_SWGPU_INJECT_EVICT: evict at random (one in n lookups, 0 never) */
	NOVA_SWGPU_INJECT_EVICT,
	/** @NOVA_SWGPU_INJECT_BIT_FLIP: flip one bit of VRAM now (byte address * 8 + bit) */
	NOVA_SWGPU_INJECT_BIT_FLIP,
	/** @NOVA_SWGPU_INJECT_NO_MEMORY: no further VRAM page can be populated (0 or 1) */
	NOVA_SWGPU_INJECT_NO_MEMORY,
	/**
	 * @NOVA_SWGPU_INJECT_GSP: misbehaviour of the GSP (enum nova_swgpu_gsp_fault,
	 * plus 256 times the number of messages that are still to be good)
	 */
	NOVA_SWGPU_INJECT_GSP,
	/**
	 * @NOVA_SWGPU_INJECT_CE_STUCK: launches never complete (1); and the channel
	 * cannot be preempted either (2); 0 ends both
	 */
	NOVA_SWGPU_INJECT_CE_STUCK,
	/** @NOVA_SWGPU_INJECT_CE_SLOW: no launch completes earlier (microseconds) */
	NOVA_SWGPU_INJECT_CE_SLOW,
	/** @NOVA_SWGPU_INJECT_DOORBELL_DROP: so many doorbells are not heard (count) */
	NOVA_SWGPU_INJECT_DOORBELL_DROP,
	/** @NOVA_SWGPU_INJECT_COPY_CORRUPT: so many copies write one bit wrong (count) */
	NOVA_SWGPU_INJECT_COPY_CORRUPT,
	NOVA_SWGPU_INJECT_COUNT,
};

/**
 * enum nova_swgpu_gsp_fault - how the GSP goes wrong, until set to OK
 * @NOVA_SWGPU_GSP_OK: behave
 * @NOVA_SWGPU_GSP_FAULT_COUNT: number of faults
 *
 * What is not about the header, an answer's payload or its function spoils every
 * message, GSP_INIT_DONE too.
 */
enum nova_swgpu_gsp_fault {
	NOVA_SWGPU_GSP_OK = 0,
	/** @NOVA_SWGPU_GSP_SILENT: nothing is read, nothing is answered */
	NOVA_SWGPU_GSP_SILENT,
	/** @NOVA_SWGPU_GSP_BAD_HEADER: status queue header with a wrong msgSize */
	NOVA_SWGPU_GSP_BAD_HEADER,
	/** @NOVA_SWGPU_GSP_BAD_CHECKSUM: checkSum off by one bit */
	NOVA_SWGPU_GSP_BAD_CHECKSUM,
	/** @NOVA_SWGPU_GSP_BAD_SIGNATURE: not "VRPC" */
	NOVA_SWGPU_GSP_BAD_SIGNATURE,
	/** @NOVA_SWGPU_GSP_BAD_VERSION: unknown header_version */
	NOVA_SWGPU_GSP_BAD_VERSION,
	/** @NOVA_SWGPU_GSP_BAD_LENGTH: rpc.length longer than the element's pages */
	NOVA_SWGPU_GSP_BAD_LENGTH,
	/** @NOVA_SWGPU_GSP_SHORT: a consistent reply with half the payload */
	NOVA_SWGPU_GSP_SHORT,
	/** @NOVA_SWGPU_GSP_BAD_SEQUENCE: seqNum skips one */
	NOVA_SWGPU_GSP_BAD_SEQUENCE,
	/** @NOVA_SWGPU_GSP_BAD_COUNT: elemCount 0 */
	NOVA_SWGPU_GSP_BAD_COUNT,
	/** @NOVA_SWGPU_GSP_BAD_FUNCTION: reply to another function */
	NOVA_SWGPU_GSP_BAD_FUNCTION,
	/** @NOVA_SWGPU_GSP_ERROR: rpc_result 0x51 */
	NOVA_SWGPU_GSP_ERROR,
	/** @NOVA_SWGPU_GSP_BAD_POINTER: writePtr beyond the queue */
	NOVA_SWGPU_GSP_BAD_POINTER,
	/** @NOVA_SWGPU_GSP_BAD_REGIONS: numFBRegions 17 */
	NOVA_SWGPU_GSP_BAD_REGIONS,
	/** @NOVA_SWGPU_GSP_NOISE: the whole element is random bytes */
	NOVA_SWGPU_GSP_NOISE,
	/** @NOVA_SWGPU_GSP_CHATTY: correct, with unsolicited events before each reply */
	NOVA_SWGPU_GSP_CHATTY,
	NOVA_SWGPU_GSP_FAULT_COUNT,
};

struct nova_swgpu *nova_swgpu_create(const struct nova_swgpu_config *cfg);
void nova_swgpu_destroy(struct nova_swgpu *gpu);
struct nova_io *nova_swgpu_io(struct nova_swgpu *gpu);

void nova_swgpu_translate(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
			  enum nova_swgpu_access access, enum nova_swgpu_client client,
			  struct nova_swgpu_xlate *x);
void nova_swgpu_walk(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
		     enum nova_swgpu_access access, enum nova_swgpu_client client,
		     struct nova_swgpu_xlate *x);
int nova_swgpu_mem_read(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
			void *buf, size_t len);
int nova_swgpu_mem_write(struct nova_swgpu *gpu, u64 pdb, bool pdb_sysmem, u64 va,
			 const void *buf, size_t len);
int nova_swgpu_vram_read(struct nova_swgpu *gpu, u64 addr, void *buf, size_t len);
int nova_swgpu_vram_write(struct nova_swgpu *gpu, u64 addr, const void *buf, size_t len);
int nova_swgpu_vram_poison(struct nova_swgpu *gpu, u64 addr, u64 len);

unsigned int nova_swgpu_assert_not_cached(struct nova_swgpu *gpu, u64 addr, u64 len);
u32 nova_swgpu_step(struct nova_swgpu *gpu);
int nova_swgpu_inject(struct nova_swgpu *gpu, enum nova_swgpu_inject what, u64 arg);

unsigned int nova_swgpu_fault_count(struct nova_swgpu *gpu);
bool nova_swgpu_fault_get(struct nova_swgpu *gpu, unsigned int i, struct nova_swgpu_fault *f);
bool nova_swgpu_broken_get(struct nova_swgpu *gpu, unsigned int i, struct nova_swgpu_fault *f);
void nova_swgpu_fault_clear(struct nova_swgpu *gpu);
unsigned int nova_swgpu_invalidate_count(struct nova_swgpu *gpu);
bool nova_swgpu_invalidate_get(struct nova_swgpu *gpu, unsigned int i,
			       struct nova_swgpu_invalidate *inv);
void nova_swgpu_invalidate_clear(struct nova_swgpu *gpu);
void nova_swgpu_counters_get(struct nova_swgpu *gpu, struct nova_swgpu_counters *c);
void nova_swgpu_counters_reset(struct nova_swgpu *gpu);

#endif
