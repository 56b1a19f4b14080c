/* SPDX-License-Identifier: MIT */
#ifndef __NOVA_SHIM_H__
#define __NOVA_SHIM_H__

/*
 * The few kernel facilities that the units tested in user space use, for building their unchanged
 * sources. Every <linux/…> name beside this file includes it.
 */

#include <assert.h>
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
typedef u32 __le32;
typedef u64 dma_addr_t;

#define U64_MAX			(~0ull)
#define U32_MAX			(~0u)
#define SZ_4K			0x1000
#undef static_assert
#define static_assert(cond, ...) _Static_assert(cond, #cond)

#define PAGE_SIZE		4096ul
#define BITS_PER_LONG		64
#define BIT(n)			(1ul << (n))
#define BIT_ULL(n)		(1ull << (n))
#define GENMASK(hi, lo)		(~0ul >> (63 - (hi)) & ~0ul << (lo))
#define GENMASK_ULL(hi, lo)	(~0ull >> (63 - (hi)) & ~0ull << (lo))
#define FIELD_PREP(mask, val)	((u64)(val) << __builtin_ctzll(mask) & (mask))
#define FIELD_PREP_CONST(mask, val) FIELD_PREP(mask, val)
#define FIELD_GET(mask, word)	(((word) & (mask)) >> __builtin_ctzll(mask))
#define FIELD_MAX(mask)		((mask) >> __builtin_ctzll(mask))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define prefetch(p)		__builtin_prefetch(p)
#define noinline		__attribute__((noinline))

#define min(a, b)		({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b)		({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })
#define min_t(t, a, b)		({ t _a = (a); t _b = (b); _a < _b ? _a : _b; })
#define max_t(t, a, b)		({ t _a = (a); t _b = (b); _a > _b ? _a : _b; })
#define swap(a, b)		do { __typeof__(a) _t = (a); (a) = (b); (b) = _t; } while (0)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
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
#define vfree(p)		free(p)
#define vmalloc(n)		nova_shim_alloc(n)

typedef struct { int held; } spinlock_t;
#define spin_lock_init(l)	((l)->held = 0)
#define spin_lock(l)		((void)((l)->held++ ? abort() : (void)0))
#define spin_unlock(l)		((void)(--(l)->held ? abort() : (void)0))

struct list_head { struct list_head *next, *prev; };
struct mutex { int held; };
typedef struct { long counter; } atomic_long_t;
#define atomic_long_read(v)	((v)->counter)
#define atomic_long_add(n, v)	((v)->counter += (n))
#define atomic_long_sub(n, v)	((v)->counter -= (n))
#define atomic_long_inc(v)	atomic_long_add(1, v)
#define atomic_long_dec(v)	atomic_long_sub(1, v)

#define ERR_PTR(err)		((void *)(long)(err))
#define PTR_ERR(p)		((long)(p))
#define IS_ERR(p)		((unsigned long)(p) >= -4095ul)
#define struct_size_t(type, member, n) (sizeof(type) + (n) * sizeof(*((type *)0)->member))

#define BITS_TO_LONGS(n)	DIV_ROUND_UP(n, BITS_PER_LONG)
#define __set_bit(i, map)	((void)((map)[(i) / BITS_PER_LONG] |= BIT((i) % BITS_PER_LONG)))
#define __clear_bit(i, map)	((void)((map)[(i) / BITS_PER_LONG] &= ~BIT((i) % BITS_PER_LONG)))
#define bitmap_zero(map, n)	memset(map, 0, BITS_TO_LONGS(n) * sizeof(long))

static inline bool __test_and_set_bit(unsigned int i, unsigned long *map)
{
	bool was = map[i / BITS_PER_LONG] >> i % BITS_PER_LONG & 1;

	__set_bit(i, map);
	return was;
}

static inline unsigned int nova_shim_next_bit(const unsigned long *map, unsigned int n,
					      unsigned int i, bool set)
{
	while (i < n && (map[i / BITS_PER_LONG] >> i % BITS_PER_LONG & 1) != set)
		i++;
	return i;
}

#define for_each_set_bit_from(i, map, n) \
	for (; (i) = nova_shim_next_bit(map, n, i, true), (i) < (n); (i)++)
#define for_each_set_bit(i, map, n) \
	for ((i) = 0; (i) = nova_shim_next_bit(map, n, i, true), (i) < (n); (i)++)
#define for_each_clear_bitrange(i, e, map, n) \
	for ((i) = 0; (i) = nova_shim_next_bit(map, n, i, false), \
	     (e) = nova_shim_next_bit(map, n, i, true), (i) < (n); (i) = (e))

#define sort(base, nr, size, cmp, swp) qsort(base, nr, size, cmp)

/* Memory shared with a device: the other side is the program's, in the same thread. */
#define READ_ONCE(x)		(*(volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))
#define dma_mb()		__sync_synchronize()
#define dma_rmb()		__sync_synchronize()
#define dma_wmb()		__sync_synchronize()
/* Allocations that devices know */
extern long nova_shim_dma_live;

static inline void *nova_shim_dma_alloc(size_t bytes, dma_addr_t *dma)
{
	void *p = kzalloc(bytes, GFP_KERNEL);

	*dma = 0x10000000;
	nova_shim_dma_live += p ? 1 : 0;
	return p;
}

#define dma_alloc_coherent(dev, n, dma, gfp) ((void)(dev), nova_shim_dma_alloc(n, dma))
#define dma_free_coherent(dev, n, p, dma) ((void)(dev), nova_shim_dma_live--, free(p))
#define dev_err(dev, ...)	((void)(dev))
#define dev_warn(dev, ...)	((void)(dev))
#define guard(what)		nova_shim_guard_##what
static inline void nova_shim_guard_rcu(void)
{
}

/* Time, for programs that build what waits: they define both, and what happens meanwhile. */
extern unsigned long jiffies;
void usleep_range(unsigned long min_us, unsigned long max_us);
#define cond_resched()		((void)0)
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define time_after(a, b)	((long)((b) - (a)) < 0)

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
#define cpu_to_le32(x)		(x)
#define le32_to_cpu(x)		(x)
#define lower_32_bits(x)	((u32)(x))
#define upper_32_bits(x)	((u32)((x) >> 32))

static inline u32 get_unaligned_le32(const void *p)
{
	u32 val;

	return *(u32 *)memcpy(&val, p, sizeof(val));
}

static inline u64 get_unaligned_le64(const void *p)
{
	u64 val;

	return *(u64 *)memcpy(&val, p, sizeof(val));
}

#define put_unaligned_le32(val, p) memcpy(p, &(u32){ val }, sizeof(u32))
#define put_unaligned_le64(val, p) memcpy(p, &(u64){ val }, sizeof(u64))

/* Arrays only, as the kernel's with two arguments */
#define strscpy(to, from)	({ \
	size_t _n = strnlen(from, sizeof(to) - 1); \
	memcpy(to, from, _n); \
	(to)[_n] = 0; \
})

#define WARN_ONCE(cond, ...)	((void)(cond))
#define KUNIT_STATIC_STUB_REDIRECT(fn, ...) ((void)0)

#endif
