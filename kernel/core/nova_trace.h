/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM nova

#if !defined(__NOVA_TRACE_H__) || defined(TRACE_HEADER_MULTI_READ)
#define __NOVA_TRACE_H__

/*
 * One event for each operation or run of entries, never for each entry. All print values:
 * the device by name, objects by &nova_bo.id, VMs by the id and process of their file, sizes
 * in bytes, addresses in hexadecimal. Unit tests run without a device, which prints as "-".
 */

#include "nova_device.h"

#include <linux/device.h>
#include <linux/tracepoint.h>

#ifndef __NOVA_TRACE_DEVICE__
#define __NOVA_TRACE_DEVICE__
static inline const char *nova_trace_device(const struct nova_device *nd)
{
	return nd && nd->dev ? dev_name(nd->dev) : "-";
}
#endif

DECLARE_EVENT_CLASS(nova_bo,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 size, u32 placement),
	TP_ARGS(nd, id, size, placement),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, id)
		__field(u64, size)
		__field(u32, placement)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->id = id;
		__entry->size = size;
		__entry->placement = placement;
	),
	TP_printk("%s bo %llu size %llu placement %#x", __get_str(dev), __entry->id,
		  __entry->size, __entry->placement)
);

DEFINE_EVENT(nova_bo, nova_bo_create,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 size, u32 placement),
	TP_ARGS(nd, id, size, placement)
);

DEFINE_EVENT(nova_bo, nova_bo_destroy,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 size, u32 placement),
	TP_ARGS(nd, id, size, placement)
);

TRACE_EVENT(nova_bo_move,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 size, const char *from, const char *to,
		 bool evict),
	TP_ARGS(nd, id, size, from, to, evict),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__string(from, from)
		__string(to, to)
		__field(u64, id)
		__field(u64, size)
		__field(bool, evict)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(from);
		__assign_str(to);
		__entry->id = id;
		__entry->size = size;
		__entry->evict = evict;
	),
	TP_printk("%s bo %llu size %llu %s -> %s%s", __get_str(dev), __entry->id, __entry->size,
		  __get_str(from), __get_str(to), __entry->evict ? " evict" : "")
);

TRACE_EVENT(nova_bo_fault,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 off, bool write, unsigned int fault),
	TP_ARGS(nd, id, off, write, fault),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, id)
		__field(u64, off)
		__field(bool, write)
		__field(unsigned int, fault)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->id = id;
		__entry->off = off;
		__entry->write = write;
		__entry->fault = fault;
	),
	TP_printk("%s bo %llu offset %#llx %s fault %#x", __get_str(dev), __entry->id,
		  __entry->off, __entry->write ? "write" : "read", __entry->fault)
);

/* Id 0 is memory for page tables. */
DECLARE_EVENT_CLASS(nova_vram,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 addr, u64 size, unsigned int nr),
	TP_ARGS(nd, id, addr, size, nr),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, id)
		__field(u64, addr)
		__field(u64, size)
		__field(unsigned int, nr)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->id = id;
		__entry->addr = addr;
		__entry->size = size;
		__entry->nr = nr;
	),
	TP_printk("%s bo %llu vram %#llx size %llu extents %u", __get_str(dev), __entry->id,
		  __entry->addr, __entry->size, __entry->nr)
);

DEFINE_EVENT(nova_vram, nova_vram_alloc,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 addr, u64 size, unsigned int nr),
	TP_ARGS(nd, id, addr, size, nr)
);

DEFINE_EVENT(nova_vram, nova_vram_free,
	TP_PROTO(const struct nova_device *nd, u64 id, u64 addr, u64 size, unsigned int nr),
	TP_ARGS(nd, id, addr, size, nr)
);

DECLARE_EVENT_CLASS(nova_bar1,
	TP_PROTO(const struct nova_device *nd, u64 off, u64 size, u64 used),
	TP_ARGS(nd, off, size, used),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, off)
		__field(u64, size)
		__field(u64, used)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->off = off;
		__entry->size = size;
		__entry->used = used;
	),
	TP_printk("%s bar1 %#llx size %llu used %llu", __get_str(dev), __entry->off,
		  __entry->size, __entry->used)
);

DEFINE_EVENT(nova_bar1, nova_bar1_map,
	TP_PROTO(const struct nova_device *nd, u64 off, u64 size, u64 used),
	TP_ARGS(nd, off, size, used)
);

DEFINE_EVENT(nova_bar1, nova_bar1_unmap,
	TP_PROTO(const struct nova_device *nd, u64 off, u64 size, u64 used),
	TP_ARGS(nd, off, size, used)
);

/* Room was needed: precedes the unmap of the window that goes. */
DEFINE_EVENT(nova_bar1, nova_bar1_evict,
	TP_PROTO(const struct nova_device *nd, u64 off, u64 size, u64 used),
	TP_ARGS(nd, off, size, used)
);

DECLARE_EVENT_CLASS(nova_vm,
	TP_PROTO(const struct nova_device *nd, u32 vm, int pid, u64 pdb),
	TP_ARGS(nd, vm, pid, pdb),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u32, vm)
		__field(int, pid)
		__field(u64, pdb)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->vm = vm;
		__entry->pid = pid;
		__entry->pdb = pdb;
	),
	TP_printk("%s vm %u of %d pdb %#llx", __get_str(dev), __entry->vm, __entry->pid,
		  __entry->pdb)
);

DEFINE_EVENT(nova_vm, nova_vm_create,
	TP_PROTO(const struct nova_device *nd, u32 vm, int pid, u64 pdb),
	TP_ARGS(nd, vm, pid, pdb)
);

DEFINE_EVENT(nova_vm, nova_vm_destroy,
	TP_PROTO(const struct nova_device *nd, u32 vm, int pid, u64 pdb),
	TP_ARGS(nd, vm, pid, pdb)
);

DEFINE_EVENT(nova_vm, nova_vm_ban,
	TP_PROTO(const struct nova_device *nd, u32 vm, int pid, u64 pdb),
	TP_ARGS(nd, vm, pid, pdb)
);

/* Which operation: DRM_NOVA_VM_BIND_OP_*. Id 0 is no object. */
TRACE_EVENT(nova_bind_op,
	TP_PROTO(const struct nova_device *nd, u32 vm, int pid, u32 op, u64 va, u64 range, u64 id,
		 u64 off, u32 flags, u8 kind),
	TP_ARGS(nd, vm, pid, op, va, range, id, off, flags, kind),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, va)
		__field(u64, range)
		__field(u64, id)
		__field(u64, off)
		__field(u32, vm)
		__field(int, pid)
		__field(u32, op)
		__field(u32, flags)
		__field(u8, kind)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->va = va;
		__entry->range = range;
		__entry->id = id;
		__entry->off = off;
		__entry->vm = vm;
		__entry->pid = pid;
		__entry->op = op;
		__entry->flags = flags;
		__entry->kind = kind;
	),
	TP_printk("%s vm %u of %d %s va %#llx range %llu bo %llu offset %#llx flags %#x kind %#x",
		  __get_str(dev), __entry->vm, __entry->pid,
		  __print_symbolic(__entry->op, { 1, "map" }, { 2, "unmap" }, { 3, "unmap-bo" },
				   { 4, "map-sparse" }, { 5, "prefetch" }, { 6, "map-userptr" }),
		  __entry->va, __entry->range, __entry->id, __entry->off, __entry->flags,
		  __entry->kind)
);

/* A job of a COPY queue, by its number on the queue's channel. */
TRACE_EVENT(nova_exec_submit,
	TP_PROTO(const struct nova_device *nd, u32 vm, int pid, u32 queue, u64 seqno, u32 pushes),
	TP_ARGS(nd, vm, pid, queue, seqno, pushes),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, seqno)
		__field(u32, vm)
		__field(int, pid)
		__field(u32, queue)
		__field(u32, pushes)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->seqno = seqno;
		__entry->vm = vm;
		__entry->pid = pid;
		__entry->queue = queue;
		__entry->pushes = pushes;
	),
	TP_printk("%s vm %u of %d queue %u job %llu pushes %u", __get_str(dev), __entry->vm,
		  __entry->pid, __entry->queue, __entry->seqno, __entry->pushes)
);

TRACE_EVENT(nova_exec_done,
	TP_PROTO(const struct nova_device *nd, u32 vm, int pid, u32 queue, u64 seqno, int error),
	TP_ARGS(nd, vm, pid, queue, seqno, error),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, seqno)
		__field(u32, vm)
		__field(int, pid)
		__field(u32, queue)
		__field(int, error)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->seqno = seqno;
		__entry->vm = vm;
		__entry->pid = pid;
		__entry->queue = queue;
		__entry->error = error;
	),
	TP_printk("%s vm %u of %d queue %u job %llu error %d", __get_str(dev), __entry->vm,
		  __entry->pid, __entry->queue, __entry->seqno, __entry->error)
);

/* A run of alike entries; shift 0: whatever sizes were there. */
TRACE_EVENT(nova_pte_update,
	TP_PROTO(const struct nova_device *nd, u64 pdb, const char *what, u64 va, u64 len,
		 unsigned int shift),
	TP_ARGS(nd, pdb, what, va, len, shift),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__string(what, what)
		__field(u64, pdb)
		__field(u64, va)
		__field(u64, len)
		__field(unsigned int, shift)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(what);
		__entry->pdb = pdb;
		__entry->va = va;
		__entry->len = len;
		__entry->shift = shift;
	),
	TP_printk("%s pdb %#llx %s va %#llx len %llu page 2^%u", __get_str(dev), __entry->pdb,
		  __get_str(what), __entry->va, __entry->len, __entry->shift)
);

TRACE_EVENT(nova_tlb_invalidate,
	TP_PROTO(const struct nova_device *nd, u64 pdb, bool hub_only, u8 level, bool ack, int ret),
	TP_ARGS(nd, pdb, hub_only, level, ack, ret),
	TP_STRUCT__entry(
		__string(dev, nova_trace_device(nd))
		__field(u64, pdb)
		__field(bool, hub_only)
		__field(u8, level)
		__field(bool, ack)
		__field(int, ret)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->pdb = pdb;
		__entry->hub_only = hub_only;
		__entry->level = level;
		__entry->ack = ack;
		__entry->ret = ret;
	),
	TP_printk("%s pdb %#llx %s level %u%s ret %d", __get_str(dev), __entry->pdb,
		  __entry->hub_only ? "hub" : "all", __entry->level, __entry->ack ? " ack" : "",
		  __entry->ret)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE nova_trace
#include <trace/define_trace.h>
