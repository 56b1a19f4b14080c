/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __SWGPU_USER_H__
#define __SWGPU_USER_H__

/*
 * The user-space side of swgpu_port.h: just enough of the kernel's plain types
 * and calls for the model core, its unit tests and its fuzz target.
 */

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define IS_ERR_OR_NULL(p) (!(p))
#define __noreturn __attribute__((__noreturn__))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian hosts only");

typedef pthread_mutex_t swgpu_lock_t;
typedef atomic_int swgpu_count_t;

#define EXPORT_SYMBOL_SWGPU(fn) static_assert(true, "")

#define swgpu_port_lock_init(l) pthread_mutex_init(l, NULL)
#define swgpu_port_lock(l) pthread_mutex_lock(l)
#define swgpu_port_unlock(l) pthread_mutex_unlock(l)
#define swgpu_port_inc(c) atomic_fetch_add(c, 1)
#define swgpu_port_dec(c) atomic_fetch_sub(c, 1)
#define swgpu_port_count(c) atomic_load(c)
#define swgpu_port_set(c, val) atomic_store(c, val)
#define swgpu_port_mb() atomic_thread_fence(memory_order_seq_cst)

static inline u64 swgpu_port_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline void *swgpu_port_zalloc(size_t n, size_t size)
{
	return calloc(n, size);
}

static inline void swgpu_port_free(void *p)
{
	free(p);
}

static inline u32 swgpu_port_ld32(const void *p)
{
	u32 val;

	memcpy(&val, p, sizeof(val));
	return val;
}

static inline void swgpu_port_st32(void *p, u32 val)
{
	memcpy(p, &val, sizeof(val));
}

static inline u64 swgpu_port_ld64(const void *p)
{
	u64 val;

	memcpy(&val, p, sizeof(val));
	return val;
}

static inline void swgpu_port_st64(void *p, u64 val)
{
	memcpy(p, &val, sizeof(val));
}

/* Defined in swgpu_user.c; the variables are a test's to set. */
extern _Thread_local u64 swgpu_user_context;
extern u8 *swgpu_user_sysmem;
extern u64 swgpu_user_sysmem_base, swgpu_user_sysmem_size;
extern long swgpu_user_fail_after;
extern bool swgpu_user_blocks;

void *swgpu_port_page_alloc(bool may_sleep);
void swgpu_port_page_free(void *page);
void *swgpu_port_block_alloc(unsigned int nr);
u8 *swgpu_port_dma_map(u64 addr);
u8 *swgpu_port_dma_run(u64 addr, u32 *len);
void swgpu_port_dma_unmap(u8 *p);
u64 swgpu_port_context(void);

#endif
