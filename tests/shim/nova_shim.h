/* SPDX-License-Identifier: MIT */
#ifndef __NOVA_SHIM_H__
#define __NOVA_SHIM_H__

/*
 * The few kernel facilities that the buddy allocator uses, for building the unchanged sources in
 * user space. Every <linux/…> name beside this file includes it.
 */

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long u64;
typedef long long s64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

#define U64_MAX			(~0ull)
#define U32_MAX			(~0u)
#define SZ_4K			0x1000
#define BIT(n)			(1ul << (n))
#define BIT_ULL(n)		(1ull << (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define noinline		__attribute__((noinline))

#define min(a, b)		({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b)		({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })
#define min_t(t, a, b)		({ t _a = (a); t _b = (b); _a < _b ? _a : _b; })
#define max_t(t, a, b)		({ t _a = (a); t _b = (b); _a > _b ? _a : _b; })
#define swap(a, b)		do { __typeof__(a) _t = (a); (a) = (b); (b) = _t; } while (0)
#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)
#define round_down(x, y)	((x) & ~((__typeof__(x))((y) - 1)))
#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)

#define __ffs(x)		((unsigned long)__builtin_ctzll(x))
#define __ffs64(x)		((unsigned long)__builtin_ctzll(x))
#define __fls(x)		((unsigned long)(63 - __builtin_clzll(x)))
#define ilog2(x)		((int)(63 - __builtin_clzll(x)))
#define hweight64(x)		((unsigned long)__builtin_popcountll(x))
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))

#define GFP_KERNEL		0
void *nova_shim_alloc(size_t bytes);
#define kmalloc(n, gfp)		nova_shim_alloc(n)
#define kvmalloc(n, gfp)	nova_shim_alloc(n)
#define kvmalloc_array(n, m, gfp) nova_shim_alloc((size_t)(n) * (m))
#define kvzalloc(n, gfp)	kzalloc(n, gfp)
#define kzalloc(n, gfp)		({ void *_p = nova_shim_alloc(n); _p ? memset(_p, 0, n) : _p; })
#define kfree(p)		free(p)
#define kvfree(p)		free(p)

typedef struct { int held; } spinlock_t;
#define spin_lock_init(l)	((l)->held = 0)
#define spin_lock(l)		((void)((l)->held++ ? abort() : (void)0))
#define spin_unlock(l)		((void)(--(l)->held ? abort() : (void)0))

#define sort(base, nr, size, cmp, swp) qsort(base, nr, size, cmp)

#define WARN_ONCE(cond, ...)	((void)(cond))
#define KUNIT_STATIC_STUB_REDIRECT(fn, ...) ((void)0)

#endif
