/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_H__
#define __SWGPU_H__

/*
 * The model core's insides. Everything here is called with gpu->lock held except
 * nova_swgpu_init() and _fini(), and sleeps nowhere.
 */

#include "../nova_swgpu.h"
#include "swgpu_chip.h"
#include "swgpu_fmt.h"
#include "swgpu_log.h"
#include "swgpu_port.h"
#include "swgpu_tlb.h"
#include "swgpu_vram.h"

/** SWGPU_BEYOND - what PRAMIN reads past the end of VRAM (model choice) */
#define SWGPU_BEYOND 0xbad0fb00u

struct swgpu_gsp;

/** struct swgpu_wait - something that reads busy a number of times, then is done */
struct swgpu_wait {
	/** @polls: reads that will still say busy */
	u32 polls;
	/** @busy: under way */
	bool busy;
};

#include "swgpu_host.h"

/** struct swgpu_pramin - the window of BAR0 onto VRAM */
struct swgpu_pramin {
	/** @window: the window register as written */
	u32 window;
	/** @unused: written and nothing accessed through it since */
	bool unused;
	/** @owner: context that wrote @window last */
	u64 owner;
	/** @users: contexts inside a data access right now; not under the lock */
	swgpu_count_t users;
};

/** enum swgpu_bar1_state - what BAR1 offsets mean */
enum swgpu_bar1_state {
	SWGPU_BAR1_PHYSICAL = 0,
	SWGPU_BAR1_VIRTUAL,
	/** @SWGPU_BAR1_BROKEN: bound to a bad instance block: every access faults */
	SWGPU_BAR1_BROKEN,
};

/** struct swgpu_bar1 - the VRAM aperture's binding */
struct swgpu_bar1 {
	/** @low: BAR1_BLOCK, or LOW of the pair */
	u32 low;
	/** @high: HIGH of the pair */
	u32 high;
	struct swgpu_wait wait;
	/** @state: enum swgpu_bar1_state in force */
	u8 state;
	/** @space: address space in force, if VIRTUAL */
	struct swgpu_space space;
};

/** struct swgpu_inval - the TLB command registers */
struct swgpu_inval {
	u32 pdb, upper, trigger;
	/** @seq: of the running or last command, in the invalidate log */
	u64 seq;
	struct swgpu_wait wait;
};

/** SWGPU_NR_FLUSH - flush operations: FB, sysmem, peermem, comptags, dirty */
#define SWGPU_NR_FLUSH 7

/** struct swgpu_flush - one flush operation */
struct swgpu_flush {
	struct swgpu_wait wait;
	/** @token: handed out last */
	u32 token;
	/** @done: completed last */
	u32 done;
};

/** enum swgpu_slot - registers that only remember */
enum swgpu_slot {
	SWGPU_SLOT_BAR2_LOW, SWGPU_SLOT_BAR2_HIGH,
	SWGPU_SLOT_SYSFLUSH_LO, SWGPU_SLOT_SYSFLUSH_HI,
	SWGPU_SLOT_SYSFLUSH2_LO, SWGPU_SLOT_SYSFLUSH2_HI,
	SWGPU_SLOT_MAILBOX0, SWGPU_SLOT_MAILBOX1,
	SWGPU_NR_SLOTS,
};

/** struct swgpu_inject - faults switched on, each as NOVA_SWGPU_INJECT_… says */
struct swgpu_inject {
	u32 tlb_polls, bind_polls, flush_polls, evict_one_in;
	/** @tlb_stuck: 0 or 1, as the next two */
	u32 tlb_stuck, bind_lost, bind_stuck;
	/** @gone: 0 or 1; read without the lock, so that a GPU that is gone costs nothing */
	swgpu_count_t gone;
	/** @gsp: enum nova_swgpu_gsp_fault */
	u8 gsp;
	/** @gsp_good: messages that are still to be good before @gsp sets in */
	u32 gsp_good;
	/** @ce_stuck: 0, 1 or 2 */
	u32 ce_stuck;
	u32 ce_slow, doorbell_drop, copy_corrupt;
};

/** struct swgpu_frame - the 4 KiB of memory behind a BAR1 offset */
struct swgpu_frame {
	/** @vram: host address of the VRAM page, NULL for system memory */
	u8 *vram;
	/** @dma: DMA address of the system-memory page */
	u64 dma;
};

/** struct nova_swgpu - one software GPU */
struct nova_swgpu {
	/** @lock: everything below but where said otherwise */
	swgpu_lock_t lock;
	const struct swgpu_chip *chip;
	struct nova_swgpu_config cfg;
	struct swgpu_inject inject;
	struct swgpu_vram vram;
	struct swgpu_tlb tlb;
	struct swgpu_log log;
	struct swgpu_pramin pramin;
	struct swgpu_bar1 bar1;
	struct swgpu_inval inval;
	struct swgpu_flush flush[SWGPU_NR_FLUSH];
	u32 slot[SWGPU_NR_SLOTS];
	struct swgpu_host host;
	/** @gsp: message-queue server; NULL without one */
	struct swgpu_gsp *gsp;
	/** @rng: state of the random generator, never 0 */
	u64 rng;
};

int nova_swgpu_init(struct nova_swgpu *gpu, const struct nova_swgpu_config *cfg);
void nova_swgpu_fini(struct nova_swgpu *gpu);
u64 swgpu_random(struct nova_swgpu *gpu);
bool swgpu_wait_poll(struct swgpu_wait *wait, bool stuck);

/* BAR accesses: these take the lock themselves. size is 4 or 8. */
u64 swgpu_bar0_read(struct nova_swgpu *gpu, u32 off, unsigned int size);
void swgpu_bar0_write(struct nova_swgpu *gpu, u32 off, u64 val, unsigned int size);
u64 swgpu_bar1_read(struct nova_swgpu *gpu, u64 off, unsigned int size);
void swgpu_bar1_write(struct nova_swgpu *gpu, u64 off, u64 val, unsigned int size);
void swgpu_bar1_read_bytes(struct nova_swgpu *gpu, u64 off, void *buf, size_t len);
void swgpu_bar1_write_bytes(struct nova_swgpu *gpu, u64 off, const void *buf, size_t len);
int swgpu_bar1_page(struct nova_swgpu *gpu, u64 off, bool write, struct swgpu_frame *frame);

u32 swgpu_reg_read(struct nova_swgpu *gpu, u32 off);
void swgpu_reg_write(struct nova_swgpu *gpu, u32 off, u32 val);

void swgpu_pramin_begin(struct nova_swgpu *gpu);
void swgpu_pramin_end(struct nova_swgpu *gpu);
u32 swgpu_pramin_read(struct nova_swgpu *gpu, u32 off);
void swgpu_pramin_write(struct nova_swgpu *gpu, u32 off, u32 val);
void swgpu_pramin_move(struct nova_swgpu *gpu, u32 val);

void swgpu_bar1_bind(struct nova_swgpu *gpu);
bool swgpu_bar1_poll(struct nova_swgpu *gpu);

void swgpu_inval_trigger(struct nova_swgpu *gpu, u32 val);
u32 swgpu_inval_poll(struct nova_swgpu *gpu);

bool swgpu_phys_ok(const struct nova_swgpu *gpu, unsigned int aperture, u64 addr, u64 len);
bool swgpu_phys_load(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
		     unsigned int size, u64 *val);
bool swgpu_phys_store(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
		      unsigned int size, u64 val);
bool swgpu_phys_copy_out(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
			 void *buf, size_t len);
bool swgpu_phys_copy_in(struct nova_swgpu *gpu, unsigned int aperture, u64 addr,
			const void *buf, size_t len);

bool swgpu_mmu_root(struct nova_swgpu *gpu, unsigned int aperture, u64 block,
		    struct swgpu_space *space);
u8 *swgpu_phys_run(struct nova_swgpu *gpu, unsigned int aperture, u64 addr, u32 *len,
		   bool write);
void swgpu_phys_run_end(unsigned int aperture, u8 *p);

void swgpu_mmu_translate(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va,
			 enum nova_swgpu_access access, struct nova_swgpu_xlate *x);
void swgpu_mmu_check(const struct swgpu_space *space, enum nova_swgpu_access access,
		     struct nova_swgpu_xlate *x);
void swgpu_mmu_fault(struct nova_swgpu *gpu, const struct swgpu_space *space, u64 va,
		     enum nova_swgpu_access access, const struct nova_swgpu_xlate *x);

#endif
