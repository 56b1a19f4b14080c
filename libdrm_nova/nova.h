/* SPDX-License-Identifier: MIT */

#ifndef __NOVA_H__
#define __NOVA_H__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drm/nova_drm.h>

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: libdrm_nova
 *
 * One function for each ioctl of nova_drm.h, and helpers for what every client
 * writes again: finding the device, CPU mappings, shared buffers, GPU address
 * allocation, batches of binds.
 *
 * Functions that can fail return 0 or a negative errno; results come back
 * through the last parameters, which are not touched on failure unless said.
 * The errno of an ioctl is passed on as it is: nova_drm.h lists them with the
 * structure of each call. EINTR and EAGAIN are retried inside. Nothing is
 * printed and there is no global state. All functions may be called from any
 * thread; only a struct nova_bind belongs to one thread at a time.
 *
 * Sizes, offsets and addresses are bytes.
 */

struct nova_bind;
struct nova_bo;
struct nova_device;
struct nova_queue;
struct nova_va_heap;
struct nova_vm;

/* Device: nova_device.c */

/**
 * nova_device_open() - open a device node
 * @path: render or primary node, such as /dev/dri/renderD128
 * @dev: returns the device
 *
 * Return: 0; -ENODEV if the node belongs to another driver; -ENOMEM; errno of
 * open().
 */
int nova_device_open(const char *path, struct nova_device **dev);

/**
 * nova_device_open_index() - open the n-th render node of this driver
 * @index: 0 for the node with the lowest minor number, and so on
 * @dev: returns the device
 *
 * Nodes that cannot be opened are passed over.
 *
 * Return: 0; -ENODEV if there are not that many; -ENOMEM.
 */
int nova_device_open_index(unsigned int index, struct nova_device **dev);

/**
 * nova_device_from_fd() - use a node that is open already
 * @fd: file descriptor; it is duplicated and stays the caller's
 * @dev: returns the device, which shares all handles and ids with @fd
 *
 * Return: 0; -ENODEV if @fd belongs to another driver; -ENOMEM; -EMFILE.
 */
int nova_device_from_fd(int fd, struct nova_device **dev);

/**
 * nova_device_close() - close a device
 * @dev: device; its objects, VMs and queues must be gone. NULL is fine.
 */
void nova_device_close(struct nova_device *dev);

/**
 * nova_device_fd() - file descriptor of a device
 * @dev: device
 *
 * For the calls of libdrm, such as those on syncobjs.
 *
 * Return: a file descriptor that belongs to @dev.
 */
int nova_device_fd(const struct nova_device *dev);

/**
 * nova_device_has() - does the device have a feature
 * @dev: device
 * @feature: what to look for; several mean all of them
 *
 * Return: true if it has. The answer was fetched when the device was opened.
 */
bool nova_device_has(const struct nova_device *dev, enum drm_nova_feature feature);

/**
 * nova_device_ioctl() - a DRM ioctl with this library's conventions
 * @dev: device
 * @request: ioctl number
 * @arg: its structure
 *
 * Return: 0 or a negative errno, never -EINTR or -EAGAIN.
 */
int nova_device_ioctl(const struct nova_device *dev, unsigned long request, void *arg);

/**
 * nova_device_getparam() - read one number
 * @dev: device
 * @param: which one
 * @value: returns it
 *
 * Return: 0 or the errno of GETPARAM.
 */
int nova_device_getparam(const struct nova_device *dev, enum drm_nova_param param,
			 uint64_t *value);

/* Information: nova_info.c */

/**
 * nova_info_size() - size of a structure in the running kernel
 * @dev: device
 * @id: which structure
 * @size: returns its size
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_size(const struct nova_device *dev, enum drm_nova_info_id id, uint32_t *size);

/**
 * nova_info() - read one structure, of whatever age
 * @dev: device
 * @id: which structure
 * @size: size of @data as this program knows it
 * @data: returns the structure; what an older kernel does not write is zero
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info(const struct nova_device *dev, enum drm_nova_info_id id, uint32_t size, void *data);

/**
 * nova_info_gpu() - which GPU it is
 * @dev: device
 * @info: returns the structure
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_gpu(const struct nova_device *dev, struct drm_nova_info_gpu *info);

/**
 * nova_info_memory() - the memory regions and how full they are
 * @dev: device
 * @info: returns the structure
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_memory(const struct nova_device *dev, struct drm_nova_info_memory *info);

/**
 * nova_info_va() - the GPU's virtual address space
 * @dev: device
 * @info: returns the structure
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_va(const struct nova_device *dev, struct drm_nova_info_va *info);

/**
 * nova_info_bar1() - the CPU's window to VRAM
 * @dev: device
 * @info: returns the structure
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_bar1(const struct nova_device *dev, struct drm_nova_info_bar1 *info);

/**
 * nova_info_limits() - the largest values the calls accept
 * @dev: device
 * @info: returns the structure
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_limits(const struct nova_device *dev, struct drm_nova_info_limits *info);

/**
 * nova_info_kinds() - the PTE kinds
 * @dev: device
 * @info: returns the structure
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_kinds(const struct nova_device *dev, struct drm_nova_info_kinds *info);

/**
 * nova_info_time() - GPU and CPU clocks read together
 * @dev: device
 * @info: returns the structure
 *
 * Return: 0 or the errno of INFO.
 */
int nova_info_time(const struct nova_device *dev, struct drm_nova_info_time *info);

/* Memory objects: nova_bo.c, nova_bo_map.c */

/**
 * nova_bo_create() - create a memory object
 * @dev: device
 * @args: what to create; its output members are ignored
 * @bo: returns the object with one reference
 *
 * Return: 0, -ENOMEM or the errno of GEM_CREATE2.
 */
int nova_bo_create(struct nova_device *dev, const struct drm_nova_gem_create2 *args,
		   struct nova_bo **bo);

/**
 * nova_bo_import() - memory object of a dma-buf
 * @dev: device
 * @dmabuf_fd: dma-buf; stays the caller's
 * @bo: returns the object; one and the same for one handle, with a reference
 *      more, however often and by whatever way it is imported
 *
 * Return: 0, -ENOMEM or the errno of the import.
 */
int nova_bo_import(struct nova_device *dev, int dmabuf_fd, struct nova_bo **bo);

/**
 * nova_bo_export() - share an object
 * @bo: object
 * @dmabuf_fd: returns a new dma-buf file descriptor, closed on exec
 *
 * Return: 0; -EPERM for an object private to a VM; errno of the export.
 */
int nova_bo_export(const struct nova_bo *bo, int *dmabuf_fd);

/**
 * nova_bo_ref() - take a further reference
 * @bo: object
 *
 * Return: @bo.
 */
struct nova_bo *nova_bo_ref(struct nova_bo *bo);

/**
 * nova_bo_unref() - drop a reference
 * @bo: object, or NULL
 *
 * The last one closes the handle. Binds, mappings and dma-bufs keep the memory.
 */
void nova_bo_unref(struct nova_bo *bo);

/**
 * nova_bo_handle() - GEM handle
 * @bo: object
 *
 * Return: the handle, which belongs to @bo.
 */
uint32_t nova_bo_handle(const struct nova_bo *bo);

/**
 * nova_bo_size() - size as allocated
 * @bo: object
 *
 * Return: bytes.
 */
uint64_t nova_bo_size(const struct nova_bo *bo);

/**
 * nova_bo_query() - where the object is, and all else about it
 * @bo: object
 * @query: returns the structure
 *
 * Return: 0 or the errno of GEM_QUERY.
 */
int nova_bo_query(const struct nova_bo *bo, struct drm_nova_gem_query *query);

/**
 * nova_bo_wait() - wait until an object is idle
 * @bo: object
 * @deadline_ns: CLOCK_MONOTONIC time; 0 only looks
 *
 * Return: 0; -EBUSY not idle and @deadline_ns is 0; -ETIME; errno of GEM_WAIT.
 */
int nova_bo_wait(const struct nova_bo *bo, int64_t deadline_ns);

/**
 * nova_bo_madvise() - say whether content matters
 * @bo: object
 * @advice: whether it does
 * @retained: returns whether the content is still there
 *
 * Return: 0 or the errno of GEM_MADVISE.
 */
int nova_bo_madvise(const struct nova_bo *bo, enum drm_nova_madvise advice, bool *retained);

/**
 * nova_bo_set_label() - name an object for debugging
 * @bo: object
 * @label: printable ASCII; an empty string removes it
 *
 * Return: 0 or the errno of GEM_SET_LABEL.
 */
int nova_bo_set_label(const struct nova_bo *bo, const char *label);

/**
 * nova_bo_map() - map a part of an object for the CPU
 * @bo: object
 * @offset: first byte, page-aligned
 * @len: bytes, not 0
 * @prot: PROT_READ, PROT_WRITE or both
 * @ptr: returns the address
 *
 * Return: 0, the errno of GEM_MMAP_OFFSET or that of mmap().
 */
int nova_bo_map(const struct nova_bo *bo, uint64_t offset, size_t len, int prot, void **ptr);

/**
 * nova_bo_map_at() - map a part of an object over what is at an address
 * @bo: object
 * @offset: first byte, page-aligned
 * @len: bytes, not 0
 * @prot: PROT_READ, PROT_WRITE or both
 * @addr: page-aligned address whose mapping is replaced
 *
 * Return: 0, the errno of GEM_MMAP_OFFSET or that of mmap().
 */
int nova_bo_map_at(const struct nova_bo *bo, uint64_t offset, size_t len, int prot, void *addr);

/**
 * nova_bo_unmap() - end a mapping
 * @ptr: address
 * @len: bytes; may be a part of what was mapped
 *
 * Return: 0 or the errno of munmap().
 */
int nova_bo_unmap(void *ptr, size_t len);

/**
 * nova_bo_overmap() - end a mapping and keep its addresses reserved
 * @ptr: address
 * @len: bytes
 *
 * Return: 0 or the errno of mmap().
 */
int nova_bo_overmap(void *ptr, size_t len);

/* Address spaces: nova_vm.c */

/**
 * nova_vm_create() - create an address space
 * @dev: device
 * @flags: bits of enum drm_nova_vm_create_flags
 * @kernel_start: start of the kernel's reservation
 * @kernel_size: size of it; both 0 let the kernel choose
 * @vm: returns the VM
 *
 * Return: 0, -ENOMEM or the errno of VM_CREATE.
 */
int nova_vm_create(struct nova_device *dev, uint32_t flags, uint64_t kernel_start,
		   uint64_t kernel_size, struct nova_vm **vm);

/**
 * nova_vm_destroy() - destroy an address space
 * @vm: VM, or NULL; it is freed if the call succeeds or the device is gone
 *
 * Return: 0 or the errno of VM_DESTROY; -ENODEV with @vm freed.
 */
int nova_vm_destroy(struct nova_vm *vm);

/**
 * nova_vm_id() - id of a VM
 * @vm: VM
 *
 * Return: the id, which belongs to @vm.
 */
uint32_t nova_vm_id(const struct nova_vm *vm);

/**
 * nova_vm_layout() - usable addresses and the kernel's reservation
 * @vm: VM
 *
 * Return: the answer of VM_CREATE, which lives as long as @vm.
 */
const struct drm_nova_vm_create *nova_vm_layout(const struct nova_vm *vm);

/**
 * nova_vm_heap() - allocator for the usable addresses of a VM
 * @vm: VM; it is not needed afterwards
 * @heap: returns a heap without the kernel's reservation and without address 0
 *
 * Return: 0 or -ENOMEM.
 */
int nova_vm_heap(const struct nova_vm *vm, struct nova_va_heap **heap);

/**
 * nova_vm_bind() - VM_BIND as it is
 * @vm: VM
 * @args: all but vm_id, which is filled in; failed_op returns as the kernel
 *        left it
 *
 * Return: 0 or the errno of VM_BIND.
 */
int nova_vm_bind(const struct nova_vm *vm, struct drm_nova_vm_bind *args);

/**
 * nova_vm_get_state() - is the VM well
 * @vm: VM
 * @faults: returns up to @capacity faults, oldest first; NULL if @capacity is 0
 * @capacity: room at @faults
 * @state: returns the state; faults.count is the number of faults there are
 *
 * Return: 0 or the errno of VM_GET_STATE.
 */
int nova_vm_get_state(const struct nova_vm *vm, struct drm_nova_vm_fault *faults,
		      uint32_t capacity, struct drm_nova_vm_get_state *state);

/**
 * nova_vm_query_ranges() - list mappings
 * @vm: VM
 * @va: first address of interest
 * @range: bytes of interest
 * @ranges: room for drm_nova_array.count elements; its count returns the total
 *
 * Return: 0 or the errno of VM_QUERY_RANGES.
 */
int nova_vm_query_ranges(const struct nova_vm *vm, uint64_t va, uint64_t range,
			 struct drm_nova_array *ranges);

/* Batches of binds: nova_bind.c */

/**
 * nova_bind_create() - an empty batch
 * @vm: VM it will change
 * @bind: returns the batch
 *
 * A batch belongs to one thread at a time.
 *
 * Return: 0 or -ENOMEM.
 */
int nova_bind_create(const struct nova_vm *vm, struct nova_bind **bind);

/**
 * nova_bind_destroy() - free a batch
 * @bind: batch, or NULL; what was not submitted is forgotten
 */
void nova_bind_destroy(struct nova_bind *bind);

/**
 * nova_bind_reset() - forget the ops of a batch, keep its memory
 * @bind: batch
 */
void nova_bind_reset(struct nova_bind *bind);

/**
 * nova_bind_add() - append an op
 * @bind: batch
 * @op: op; one that continues the last in addresses, offsets and everything
 *      else makes that one longer
 *
 * Return: 0 or -ENOMEM.
 */
int nova_bind_add(struct nova_bind *bind, const struct drm_nova_vm_bind_op *op);

/**
 * nova_bind_map() - append a MAP of kind 0
 * @bind: batch
 * @bo: object
 * @offset: first byte within it
 * @va: GPU address
 * @range: bytes
 * @flags: bits of enum drm_nova_vm_bind_op_flags
 *
 * Return: 0 or -ENOMEM.
 */
int nova_bind_map(struct nova_bind *bind, const struct nova_bo *bo, uint64_t offset,
		  uint64_t va, uint64_t range, uint32_t flags);

/**
 * nova_bind_unmap() - append an UNMAP
 * @bind: batch
 * @va: GPU address
 * @range: bytes
 *
 * Return: 0 or -ENOMEM.
 */
int nova_bind_unmap(struct nova_bind *bind, uint64_t va, uint64_t range);

/**
 * nova_bind_ops() - the ops gathered so far
 * @bind: batch
 * @nr: returns their number
 *
 * Return: the ops, valid until the batch changes.
 */
const struct drm_nova_vm_bind_op *nova_bind_ops(const struct nova_bind *bind, uint32_t *nr);

/**
 * nova_bind_submit() - apply a batch and wait for it
 * @bind: batch; empty afterwards if the call succeeds, unchanged if not
 * @failed_op: returns, on failure, the index of the op the error belongs to, or
 *             %DRM_NOVA_VM_BIND_NO_OP; may be NULL
 *
 * All or nothing.
 *
 * Return: 0 or the errno of VM_BIND.
 */
int nova_bind_submit(struct nova_bind *bind, uint32_t *failed_op);

/**
 * nova_bind_submit_split() - apply a batch in as many calls as it needs
 * @bind: batch; on failure the ops not applied are left in it
 * @failed_op: as for nova_bind_submit(), counted in what is left
 *
 * Not atomic: the pieces before the one that failed stay applied.
 *
 * Return: 0 or the errno of VM_BIND.
 */
int nova_bind_submit_split(struct nova_bind *bind, uint32_t *failed_op);

/**
 * nova_bind_submit_async() - hand a batch to a queue
 * @bind: batch; empty afterwards if the call succeeds, unchanged if not
 * @queue: BIND queue of the VM, or NULL for the VM's own
 * @syncs: what to wait for first and to signal afterwards
 * @nr_syncs: number of them
 * @failed_op: as for nova_bind_submit()
 *
 * Return: 0 or the errno of VM_BIND.
 */
int nova_bind_submit_async(struct nova_bind *bind, const struct nova_queue *queue,
			   const struct drm_nova_sync *syncs, uint32_t nr_syncs,
			   uint32_t *failed_op);

/* Queues: nova_queue.c */

/**
 * nova_queue_create() - create a queue
 * @vm: VM it works in
 * @queue_class: what it does
 * @priority: how soon
 * @queue: returns the queue
 *
 * Return: 0, -ENOMEM or the errno of QUEUE_CREATE.
 */
int nova_queue_create(const struct nova_vm *vm, enum drm_nova_queue_class queue_class,
		      enum drm_nova_queue_priority priority, struct nova_queue **queue);

/**
 * nova_queue_destroy() - cancel what runs and destroy the queue
 * @queue: queue, or NULL; it is freed if the call succeeds or the device is gone
 *
 * Return: 0 or the errno of QUEUE_DESTROY; -ENODEV with @queue freed.
 */
int nova_queue_destroy(struct nova_queue *queue);

/**
 * nova_queue_id() - id of a queue
 * @queue: queue
 *
 * Return: the id, which belongs to @queue.
 */
uint32_t nova_queue_id(const struct nova_queue *queue);

/**
 * nova_queue_get_state() - is the queue well
 * @queue: queue
 * @state: returns the structure
 *
 * Return: 0 or the errno of QUEUE_GET_STATE.
 */
int nova_queue_get_state(const struct nova_queue *queue, struct drm_nova_queue_get_state *state);

/**
 * nova_queue_exec() - run commands
 * @queue: queue of another class than BIND
 * @pushes: where the commands are
 * @nr_pushes: number of pushes; with 0 the call only joins
 * @syncs: what to wait for first and to signal afterwards
 * @nr_syncs: number of them
 *
 * Return: 0 or the errno of EXEC.
 */
int nova_queue_exec(const struct nova_queue *queue, const struct drm_nova_exec_push *pushes,
		    uint32_t nr_pushes, const struct drm_nova_sync *syncs, uint32_t nr_syncs);

/* Syncobjs: nova_sync.c */

/**
 * nova_syncobj_create() - create a syncobj
 * @dev: device
 * @signaled: whether it begins with a fence that has signalled
 * @handle: returns its handle
 *
 * Return: 0, -ENOMEM or the errno of the call.
 */
int nova_syncobj_create(const struct nova_device *dev, bool signaled, uint32_t *handle);

/**
 * nova_syncobj_destroy() - destroy a syncobj
 * @dev: device
 * @handle: its handle; fences taken from it live on
 *
 * Return: 0 or the errno of the call.
 */
int nova_syncobj_destroy(const struct nova_device *dev, uint32_t handle);

/**
 * nova_syncobj_wait() - wait until syncobjs have signalled, all of them
 * @dev: device
 * @handles: their handles
 * @points: for each the point to wait for, 0 for a binary syncobj
 * @nr: number of them, not 0
 * @deadline_ns: CLOCK_MONOTONIC time; 0 only looks
 *
 * A fence that is not there yet is waited for, too.
 *
 * Return: 0; -ETIME; errno of the call.
 */
int nova_syncobj_wait(const struct nova_device *dev, const uint32_t *handles,
		      const uint64_t *points, uint32_t nr, int64_t deadline_ns);

/**
 * nova_syncobj_signal() - signal a syncobj now
 * @dev: device
 * @handle: its handle
 * @point: point of its timeline, 0 for a binary syncobj
 *
 * Return: 0 or the errno of the call.
 */
int nova_syncobj_signal(const struct nova_device *dev, uint32_t handle, uint64_t point);

/**
 * nova_syncobj_query() - last point of a timeline that has signalled
 * @dev: device
 * @handle: its handle
 * @point: returns the point
 *
 * Return: 0 or the errno of the call.
 */
int nova_syncobj_query(const struct nova_device *dev, uint32_t handle, uint64_t *point);

/**
 * nova_syncobj_export() - share a syncobj
 * @dev: device
 * @handle: its handle
 * @fd: returns a new file descriptor for nova_syncobj_import(), closed on exec
 *
 * Return: 0 or the errno of the call.
 */
int nova_syncobj_export(const struct nova_device *dev, uint32_t handle, int *fd);

/**
 * nova_syncobj_import() - a further handle to a shared syncobj
 * @dev: device
 * @fd: of nova_syncobj_export(); stays the caller's
 * @handle: returns the handle
 *
 * Return: 0 or the errno of the call.
 */
int nova_syncobj_import(const struct nova_device *dev, int fd, uint32_t *handle);

/**
 * nova_sync_wait() - element of a list of syncs: wait before the work
 * @handle: syncobj
 * @point: point of its timeline, 0 for a binary syncobj
 *
 * Return: the element.
 */
struct drm_nova_sync nova_sync_wait(uint32_t handle, uint64_t point);

/**
 * nova_sync_signal() - element of a list of syncs: signal after the work
 * @handle: syncobj
 * @point: point of its timeline, 0 for a binary syncobj
 *
 * Return: the element.
 */
struct drm_nova_sync nova_sync_signal(uint32_t handle, uint64_t point);

/* GPU addresses: nova_va_heap.c */

/**
 * nova_va_heap_create() - allocator for a range of addresses
 * @start: first address, not 0
 * @size: bytes, not 0
 * @heap: returns the heap, all free
 *
 * Return: 0; -EINVAL if @size is 0, @start is 0 or the range wraps; -ENOMEM.
 */
int nova_va_heap_create(uint64_t start, uint64_t size, struct nova_va_heap **heap);

/**
 * nova_va_heap_destroy() - free a heap
 * @heap: heap, or NULL; what is allocated from it is forgotten
 */
void nova_va_heap_destroy(struct nova_va_heap *heap);

/**
 * nova_va_heap_alloc() - take the lowest range that fits
 * @heap: heap
 * @size: bytes, not 0
 * @align: power of two
 * @va: returns the address
 *
 * Return: 0; -EINVAL; -ENOSPC no hole is large enough; -ENOMEM.
 */
int nova_va_heap_alloc(struct nova_va_heap *heap, uint64_t size, uint64_t align, uint64_t *va);

/**
 * nova_va_heap_alloc_at() - take a given range
 * @heap: heap
 * @va: first address
 * @size: bytes, not 0
 *
 * Return: 0; -EINVAL outside the heap; -ENOSPC a part is taken; -ENOMEM.
 */
int nova_va_heap_alloc_at(struct nova_va_heap *heap, uint64_t va, uint64_t size);

/**
 * nova_va_heap_free() - give a range back
 * @heap: heap
 * @va: first address
 * @size: bytes, not 0; may be a part, or several neighbours, of what was taken
 *
 * Return: 0; -EINVAL outside the heap, or a part is free already; -ENOMEM.
 */
int nova_va_heap_free(struct nova_va_heap *heap, uint64_t va, uint64_t size);

/**
 * nova_va_heap_available() - free bytes
 * @heap: heap
 *
 * Return: bytes in all holes together.
 */
uint64_t nova_va_heap_available(struct nova_va_heap *heap);

#if defined(__cplusplus)
}
#endif

#endif /* __NOVA_H__ */
