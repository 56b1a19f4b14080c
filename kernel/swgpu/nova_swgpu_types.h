/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_SWGPU_TYPES_H__
#define __NOVA_SWGPU_TYPES_H__

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "model/swgpu_user.h"
#endif

/** enum nova_swgpu_access - what an access does; values of the fault record's access type */
enum nova_swgpu_access {
	NOVA_SWGPU_READ = 0,
	NOVA_SWGPU_WRITE = 1,
	NOVA_SWGPU_ATOMIC = 2,
};

/** enum nova_swgpu_client - who accesses; HUB and GPC have translation caches of their own */
enum nova_swgpu_client {
	/** @NOVA_SWGPU_HUB: the BARs and copy engines; counts as privileged */
	NOVA_SWGPU_HUB = 0,
	/** @NOVA_SWGPU_GPC: shaders; never privileged */
	NOVA_SWGPU_GPC = 1,
};

/** enum nova_swgpu_result - how a translation ended */
enum nova_swgpu_result {
	NOVA_SWGPU_FAULT = 0,
	NOVA_SWGPU_MAPPED,
	/** @NOVA_SWGPU_SPARSE: no fault; reads give 0, writes vanish */
	NOVA_SWGPU_SPARSE,
};

/** enum nova_swgpu_aperture - memory behind a leaf, as the PTE's APERTURE field */
enum nova_swgpu_aperture {
	NOVA_SWGPU_VRAM = 0,
	NOVA_SWGPU_PEER = 1,
	NOVA_SWGPU_SYS_COH = 2,
	NOVA_SWGPU_SYS_NONCOH = 3,
};

/** enum nova_swgpu_code - fault type of the hardware's fault record */
enum nova_swgpu_code {
	NOVA_SWGPU_CODE_PDE = 0x0,
	NOVA_SWGPU_CODE_PDE_SIZE = 0x1,
	NOVA_SWGPU_CODE_PTE = 0x2,
	NOVA_SWGPU_CODE_VA_LIMIT = 0x3,
	NOVA_SWGPU_CODE_UNBOUND = 0x4,
	NOVA_SWGPU_CODE_PRIV = 0x5,
	NOVA_SWGPU_CODE_RO = 0x6,
	NOVA_SWGPU_CODE_APERTURE = 0xa,
	NOVA_SWGPU_CODE_KIND = 0xc,
	NOVA_SWGPU_CODE_REGION = 0xd,
	NOVA_SWGPU_CODE_POISONED = 0xe,
	NOVA_SWGPU_CODE_ATOMIC = 0xf,
	/** @NOVA_SWGPU_CODE_NONE: a broken rule the hardware has no fault type for */
	NOVA_SWGPU_CODE_NONE = 0xff,
};

/** enum nova_swgpu_why - the model's own reason, finer than the code */
enum nova_swgpu_why {
	/** @NOVA_SWGPU_WHY_PLAIN: what a correct driver can meet: the code says all */
	NOVA_SWGPU_WHY_PLAIN = 0,
	/** @NOVA_SWGPU_WHY_RESERVED: a table word has a bit set that must be 0 */
	NOVA_SWGPU_WHY_RESERVED,
	/** @NOVA_SWGPU_WHY_MISALIGNED: table or leaf address not aligned to its size */
	NOVA_SWGPU_WHY_MISALIGNED,
	/** @NOVA_SWGPU_WHY_OUT_OF_RANGE: table or leaf outside VRAM or system memory */
	NOVA_SWGPU_WHY_OUT_OF_RANGE,
	/** @NOVA_SWGPU_WHY_BOTH_HALVES: big and small PTE both valid for one page */
	NOVA_SWGPU_WHY_BOTH_HALVES,
	/** @NOVA_SWGPU_WHY_POISON: a table word nobody ever wrote was walked */
	NOVA_SWGPU_WHY_POISON,
	/** @NOVA_SWGPU_WHY_TABLE_REUSED: data written to a table page still cached */
	NOVA_SWGPU_WHY_TABLE_REUSED,
	/** @NOVA_SWGPU_WHY_CACHED: nova_swgpu_assert_not_cached() found an entry */
	NOVA_SWGPU_WHY_CACHED,
	/** @NOVA_SWGPU_WHY_WINDOW_MOVED: PRAMIN window moved under another user */
	NOVA_SWGPU_WHY_WINDOW_MOVED,
	/** @NOVA_SWGPU_WHY_WINDOW_RANGE: PRAMIN access beyond the end of VRAM */
	NOVA_SWGPU_WHY_WINDOW_RANGE,
	/** @NOVA_SWGPU_WHY_BAD_REG: reserved bits written to a register, or off its BAR */
	NOVA_SWGPU_WHY_BAD_REG,
	/** @NOVA_SWGPU_WHY_BAD_INST: instance block lacks VER2 or 64K, or has no root */
	NOVA_SWGPU_WHY_BAD_INST,
	/** @NOVA_SWGPU_WHY_BAD_INVALIDATE: TLB command malformed, or while one is running */
	NOVA_SWGPU_WHY_BAD_INVALIDATE,
	/** @NOVA_SWGPU_WHY_NO_MEMORY: the model could not populate a VRAM page */
	NOVA_SWGPU_WHY_NO_MEMORY,
	/** @NOVA_SWGPU_WHY_GSP: the driver broke the message-queue protocol */
	NOVA_SWGPU_WHY_GSP,
	/** @NOVA_SWGPU_WHY_CHANNEL: a channel bound, enabled, rung or unbound when it must not be */
	NOVA_SWGPU_WHY_CHANNEL,
	/** @NOVA_SWGPU_WHY_RUNLIST: a runlist that is wrong, or submitted at the wrong time */
	NOVA_SWGPU_WHY_RUNLIST,
	NOVA_SWGPU_WHY_COUNT,
};

/** struct nova_swgpu_xlate - one translation, as the model's MMU sees it */
struct nova_swgpu_xlate {
	/** @addr: byte address in @aperture of exactly the VA asked for, if MAPPED */
	u64 addr;
	/** @table: address of the table word that decided */
	u64 table;
	/** @result: enum nova_swgpu_result */
	u8 result;
	/** @fault: enum nova_swgpu_code, if FAULT */
	u8 fault;
	/** @why: enum nova_swgpu_why; can be set without a FAULT (BOTH_HALVES) */
	u8 why;
	/** @aperture: enum nova_swgpu_aperture, if MAPPED */
	u8 aperture;
	/** @page_shift: log2 of the bytes this result covers: page or empty entry */
	u8 page_shift;
	/** @kind: memory kind, if MAPPED */
	u8 kind;
	/** @level: where it was decided: 0 PT, 1 PD0 … 4 PD3, 5 PD4 */
	u8 level;
	/** @table_sysmem: @table is in system memory */
	bool table_sysmem;
	/** @read_only: leaf attribute */
	bool read_only;
	/** @privileged: leaf attribute */
	bool privileged;
	/** @no_atomic: leaf attribute */
	bool no_atomic;
	/** @uncached: leaf attribute (VOL, or PCF bit 0) */
	bool uncached;
};

/** struct nova_swgpu_fault - one line of the fault log */
struct nova_swgpu_fault {
	/** @seq: counts from 1 and never restarts */
	u64 seq;
	/** @va: GPU virtual address, or the register or physical address concerned */
	u64 va;
	/** @pdb: root of the address space, 0 if none */
	u64 pdb;
	/** @table: address of the word that decided, 0 if none */
	u64 table;
	/** @pdb_sysmem: root is in system memory */
	bool pdb_sysmem;
	/** @code: enum nova_swgpu_code */
	u8 code;
	/** @why: enum nova_swgpu_why */
	u8 why;
	/** @access: enum nova_swgpu_access */
	u8 access;
	/** @client: enum nova_swgpu_client */
	u8 client;
	/** @level: as struct nova_swgpu_xlate.level */
	u8 level;
};

/** struct nova_swgpu_invalidate - one TLB command as the registers held it */
struct nova_swgpu_invalidate {
	/** @seq: counts from 1 and never restarts */
	u64 seq;
	/** @pdb: root address put together from PDB and UPPER_PDB */
	u64 pdb;
	/** @trigger: the word written to the trigger register */
	u32 trigger;
	/** @dropped: cached entries it removed */
	u32 dropped;
	/** @pdb_sysmem: APERTURE bit of PDB */
	bool pdb_sysmem;
	/** @all_pdb: every address space; @pdb is meaningless */
	bool all_pdb;
	/** @hub_only: the GPC caches were left alone */
	bool hub_only;
	/** @membar: SYS_MEMBAR was asked for */
	bool membar;
	/** @ack: 0 none, 1 globally, 2 intranode */
	u8 ack;
	/** @level: CACHE_LEVEL: 0 all, 1 PTE only, 2 up to PDE0, … */
	u8 level;
	/** @done: completed; false while running, and for ever if injected so */
	bool done;
};

/** struct nova_swgpu_counters - what happened since creation or the last reset */
struct nova_swgpu_counters {
	u64 reg_reads, reg_writes, pramin_reads, pramin_writes, bar1_reads, bar1_writes;
	u64 walks, table_reads, tlb_hits, tlb_misses, evictions;
	u64 invalidates, inval_all_pdb, inval_one_pdb, inval_hub_only, inval_dropped;
	u64 faults, broken_rules, unknown_reads, unknown_writes, vram_pages, binds, flushes;
	u64 gsp_commands, gsp_messages;
	u64 doorbells, runlists, preempts, gp_entries, methods, launches, bytes_copied;
	u64 acquires, releases, chan_faults, chan_errors;
};

#endif
