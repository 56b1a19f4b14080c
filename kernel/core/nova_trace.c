// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_trace
 *
 * The tracepoints of system "nova": what happened to which memory, in the order
 * it happened. The life of an object in events::
 *
 *	nova_bo_create, nova_vram_alloc, nova_bo_move	  memory for it
 *	nova_bind_op, nova_pte_update, nova_tlb_invalidate  GPU mapping
 *	nova_exec_submit, nova_exec_done		  work on it
 *	nova_bar1_map, nova_bo_fault			  CPU mapping
 *	nova_bar1_evict, nova_bar1_unmap		  BAR1 was needed elsewhere
 *	nova_bo_move evict, nova_vram_free		  VRAM was needed elsewhere
 *	nova_bo_destroy					  nobody has it any more
 *
 * What is got is recorded after the fact and what is given up before it, with the
 * locks of the unit held: in the buffer no memory has two owners at a time.
 * Switched off, an event costs a jump that is not taken.
 *
 * Events carry numbers and names, no pointers: &nova_bo.id is never used again for
 * another object of the device. Units: bytes.
 */
#define CREATE_TRACE_POINTS
#include "nova_trace.h"
