// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pramin
 *
 * CPU access to any byte of VRAM before, or without, address translation. BAR0
 * holds a window of 1 MiB; a register says which 64 KiB unit of VRAM it starts
 * at::
 *
 *   VRAM address  = (BASE << 16) + offset in the window
 *   BAR0 offset   = 0x700000 + offset in the window
 *
 * The register and the width of BASE differ by generation (&struct nova_family,
 * W-5). The window does not wrap: an access that would cross its end is made
 * after moving the window so that it starts in the access's own 64 KiB unit, and
 * bulk accesses are split (W-3).
 *
 * Invariant: &nova_pramin.base is where the window is, or NOVA_PRAMIN_UNKNOWN;
 * the register is written only when that changes (W-1).
 *
 * Locking: one mutex around moving the window and the accesses made through it.
 * It is taken while fences wait to be signalled, so nothing is allocated under
 * it. Units: bytes; sub-word accesses are made by reading and writing the 32-bit
 * word that holds them, which the same lock makes atomic against each other.
 */
#include "nova_pramin.h"

#include "nova_chip.h"
#include "nova_device.h"
#include "nova_mem.h"
#include "nova_regs.h"

#include <drm/drm_print.h>

#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>

/**
 * nova_pramin_init - prepare the window for use
 * @pramin: the window; memory is the caller's
 * @nd: the device
 *
 * Touches no register.
 *
 * Context: may sleep.
 */
void nova_pramin_init(struct nova_pramin *pramin, struct nova_device *nd)
{
	pramin->nd = nd;
	pramin->end = nd->vram_size;
	pramin->base = NOVA_PRAMIN_UNKNOWN;
	pramin->moves = 0;
	mutex_init(&pramin->lock);
}

/**
 * nova_pramin_fini - undo nova_pramin_init()
 * @pramin: the window, not in use any more
 */
void nova_pramin_fini(struct nova_pramin *pramin)
{
	mutex_destroy(&pramin->lock);
}

/**
 * nova_pramin_reset - forget where the window is
 * @pramin: the window
 *
 * For resume and reset, after which the register holds something else.
 *
 * Context: may sleep.
 */
void nova_pramin_reset(struct nova_pramin *pramin)
{
	mutex_lock(&pramin->lock);
	pramin->base = NOVA_PRAMIN_UNKNOWN;
	mutex_unlock(&pramin->lock);
}

static int nova_pramin_check(const struct nova_pramin *pramin, u64 addr, u64 len,
			     unsigned int align)
{
	const struct nova_family *family = pramin->nd->chip->family;
	u64 end;

	if (!IS_ALIGNED(addr, align) || check_add_overflow(addr, len, &end) || end > pramin->end)
		return -EINVAL;
	if (len && (end - 1) >> NV_PRAMIN_BASE_SHIFT > family->pramin_base_mask)
		return -EINVAL;
	return nova_device_is_gone(pramin->nd) ? -ENODEV : 0;
}

/*
 * BAR0 offset for an access of @len bytes at @addr, the window moved if need
 * be. @len is at most what fits after a move: 1 MiB - 64 KiB.
 */
static u32 nova_pramin_seek(struct nova_pramin *pramin, u64 addr, u64 len)
{
	struct nova_device *nd = pramin->nd;

	lockdep_assert_held(&pramin->lock);
	if (pramin->base == NOVA_PRAMIN_UNKNOWN || addr < pramin->base ||
	    addr + len > pramin->base + NV_PRAMIN_SIZE) {
		pramin->base = ALIGN_DOWN(addr, 1ULL << NV_PRAMIN_BASE_SHIFT);
		pramin->moves++;
		nova_wr32(nd, nd->chip->family->pramin_reg,
			  pramin->base >> NV_PRAMIN_BASE_SHIFT);
	}
	return NV_PRAMIN + (u32)(addr - pramin->base);
}

/* Longest piece of a bulk access starting at @addr that the present window allows. */
static u64 nova_pramin_piece(const struct nova_pramin *pramin, u64 addr, u64 len)
{
	u64 room = NV_PRAMIN_SIZE - (addr & ((1ULL << NV_PRAMIN_BASE_SHIFT) - 1));

	if (pramin->base != NOVA_PRAMIN_UNKNOWN && addr >= pramin->base &&
	    addr < pramin->base + NV_PRAMIN_SIZE)
		room = pramin->base + NV_PRAMIN_SIZE - addr;
	return min(len, room);
}

static int nova_pramin_get(struct nova_pramin *pramin, nova_vram_t at, unsigned int bytes, u64 *val)
{
	struct nova_device *nd = pramin->nd;
	int ret = nova_pramin_check(pramin, at.addr, bytes, bytes);
	unsigned int shift = (at.addr & 3) * BITS_PER_BYTE;
	u32 off;

	if (ret)
		return ret;
	mutex_lock(&pramin->lock);
	off = nova_pramin_seek(pramin, at.addr, bytes);
	if (bytes == sizeof(u64))
		*val = nova_rd64(nd, off);
	else
		*val = nova_rd32(nd, ALIGN_DOWN(off, 4)) >> shift;
	mutex_unlock(&pramin->lock);
	return 0;
}

static int nova_pramin_put(struct nova_pramin *pramin, nova_vram_t at, unsigned int bytes, u64 val)
{
	struct nova_device *nd = pramin->nd;
	int ret = nova_pramin_check(pramin, at.addr, bytes, bytes);
	unsigned int shift = (at.addr & 3) * BITS_PER_BYTE;
	u32 mask, off;

	if (ret)
		return ret;
	mutex_lock(&pramin->lock);
	off = nova_pramin_seek(pramin, at.addr, bytes);
	if (bytes == sizeof(u64)) {
		nova_wr64(nd, off, val);
	} else if (bytes == sizeof(u32)) {
		nova_wr32(nd, off, val);
	} else {
		mask = GENMASK(bytes * BITS_PER_BYTE - 1, 0) << shift;
		off = ALIGN_DOWN(off, 4);
		nova_wr32(nd, off, (nova_rd32(nd, off) & ~mask) | ((u32)val << shift & mask));
	}
	mutex_unlock(&pramin->lock);
	return 0;
}

/**
 * nova_pramin_read8 - read one byte of VRAM
 * @pramin: the window
 * @at: address
 * @val: result, unchanged on error
 *
 * Context: may sleep (lock). Never allocates.
 *
 * Return: 0; -EINVAL if @at is beyond VRAM or what the chip's register can
 * express; -ENODEV after unplug (W-2).
 */
int nova_pramin_read8(struct nova_pramin *pramin, nova_vram_t at, u8 *val)
{
	u64 word;
	int ret = nova_pramin_get(pramin, at, sizeof(*val), &word);

	if (!ret)
		*val = word;
	return ret;
}

/**
 * nova_pramin_read16 - read two bytes of VRAM
 * @pramin: the window
 * @at: address, a multiple of 2
 * @val: result, unchanged on error
 *
 * Context: as nova_pramin_read8().
 *
 * Return: as nova_pramin_read8(), -EINVAL also if @at is misaligned.
 */
int nova_pramin_read16(struct nova_pramin *pramin, nova_vram_t at, u16 *val)
{
	u64 word;
	int ret = nova_pramin_get(pramin, at, sizeof(*val), &word);

	if (!ret)
		*val = word;
	return ret;
}

/**
 * nova_pramin_read32 - read four bytes of VRAM
 * @pramin: the window
 * @at: address, a multiple of 4
 * @val: result, unchanged on error
 *
 * Context: as nova_pramin_read8().
 *
 * Return: as nova_pramin_read16().
 */
int nova_pramin_read32(struct nova_pramin *pramin, nova_vram_t at, u32 *val)
{
	u64 word;
	int ret = nova_pramin_get(pramin, at, sizeof(*val), &word);

	if (!ret)
		*val = word;
	return ret;
}

/**
 * nova_pramin_read64 - read eight bytes of VRAM
 * @pramin: the window
 * @at: address, a multiple of 8
 * @val: result, unchanged on error
 *
 * Context: as nova_pramin_read8().
 *
 * Return: as nova_pramin_read16().
 */
int nova_pramin_read64(struct nova_pramin *pramin, nova_vram_t at, u64 *val)
{
	return nova_pramin_get(pramin, at, sizeof(*val), val);
}

/**
 * nova_pramin_write8 - write one byte of VRAM
 * @pramin: the window
 * @at: address
 * @val: byte
 *
 * Context: as nova_pramin_read8().
 *
 * Return: as nova_pramin_read8().
 */
int nova_pramin_write8(struct nova_pramin *pramin, nova_vram_t at, u8 val)
{
	return nova_pramin_put(pramin, at, sizeof(val), val);
}

/**
 * nova_pramin_write16 - write two bytes of VRAM
 * @pramin: the window
 * @at: address, a multiple of 2
 * @val: value
 *
 * Context: as nova_pramin_read8().
 *
 * Return: as nova_pramin_read16().
 */
int nova_pramin_write16(struct nova_pramin *pramin, nova_vram_t at, u16 val)
{
	return nova_pramin_put(pramin, at, sizeof(val), val);
}

/**
 * nova_pramin_write32 - write four bytes of VRAM
 * @pramin: the window
 * @at: address, a multiple of 4
 * @val: value
 *
 * Context: as nova_pramin_read8().
 *
 * Return: as nova_pramin_read16().
 */
int nova_pramin_write32(struct nova_pramin *pramin, nova_vram_t at, u32 val)
{
	return nova_pramin_put(pramin, at, sizeof(val), val);
}

/**
 * nova_pramin_write64 - write eight bytes of VRAM
 * @pramin: the window
 * @at: address, a multiple of 8
 * @val: value
 *
 * Context: as nova_pramin_read8().
 *
 * Return: as nova_pramin_read16().
 */
int nova_pramin_write64(struct nova_pramin *pramin, nova_vram_t at, u64 val)
{
	return nova_pramin_put(pramin, at, sizeof(val), val);
}

/**
 * nova_pramin_read - copy out of VRAM
 * @pramin: the window
 * @at: address, a multiple of 8
 * @buf: destination
 * @len: bytes, a multiple of 8
 *
 * Context: as nova_pramin_read8(). The lock is dropped at window moves, so a long
 * copy is not atomic.
 *
 * Return: as nova_pramin_read16(); on error nothing was read.
 */
int nova_pramin_read(struct nova_pramin *pramin, nova_vram_t at, void *buf, size_t len)
{
	struct nova_device *nd = pramin->nd;
	int ret = nova_pramin_check(pramin, at.addr, len, sizeof(u64));

	if (ret || !IS_ALIGNED(len, sizeof(u64)))
		return ret ?: -EINVAL;
	while (len) {
		u64 piece, i;
		u32 off;

		mutex_lock(&pramin->lock);
		piece = nova_pramin_piece(pramin, at.addr, len);
		off = nova_pramin_seek(pramin, at.addr, piece);
		for (i = 0; i < piece; i += sizeof(u64))
			put_unaligned_le64(nova_rd64(nd, off + i), buf + i);
		mutex_unlock(&pramin->lock);
		at.addr += piece;
		buf += piece;
		len -= piece;
	}
	return 0;
}

/**
 * nova_pramin_write - copy into VRAM
 * @pramin: the window
 * @at: address, a multiple of 8
 * @buf: source
 * @len: bytes, a multiple of 8
 *
 * Context: as nova_pramin_read().
 *
 * Return: as nova_pramin_read16(); on error nothing was written.
 */
int nova_pramin_write(struct nova_pramin *pramin, nova_vram_t at, const void *buf, size_t len)
{
	struct nova_device *nd = pramin->nd;
	int ret = nova_pramin_check(pramin, at.addr, len, sizeof(u64));

	if (ret || !IS_ALIGNED(len, sizeof(u64)))
		return ret ?: -EINVAL;
	while (len) {
		u64 piece, i;
		u32 off;

		mutex_lock(&pramin->lock);
		piece = nova_pramin_piece(pramin, at.addr, len);
		off = nova_pramin_seek(pramin, at.addr, piece);
		for (i = 0; i < piece; i += sizeof(u64))
			nova_wr64(nd, off + i, get_unaligned_le64(buf + i));
		mutex_unlock(&pramin->lock);
		at.addr += piece;
		buf += piece;
		len -= piece;
	}
	return 0;
}

/**
 * nova_pramin_write_run - write words in arithmetic progression
 * @pramin: the window
 * @run: what and where; the BAR1 window of the place is not looked at
 *
 * One lock and at most one window move per MiB, one access an entry (two if
 * they are pairs).
 *
 * Context: as nova_pramin_read().
 *
 * Return: as nova_pramin_read16(); on error nothing was written.
 */
int nova_pramin_write_run(struct nova_pramin *pramin, const struct nova_mem_run *run)
{
	unsigned int step = run->pair ? 2 * sizeof(u64) : sizeof(u64);
	struct nova_device *nd = pramin->nd;
	u64 addr = run->at.vram.addr, len = (u64)run->nr * step, word = run->first;
	int ret = nova_pramin_check(pramin, addr, len, step);

	if (ret)
		return ret;
	while (len) {
		u64 piece, i;
		u32 off;

		mutex_lock(&pramin->lock);
		piece = nova_pramin_piece(pramin, addr, len);
		off = nova_pramin_seek(pramin, addr, piece);
		for (i = 0; i < piece; i += step, word += run->stride) {
			nova_wr64(nd, off + i, word);
			if (run->pair)
				nova_wr64(nd, off + i + sizeof(u64), 0);
		}
		mutex_unlock(&pramin->lock);
		addr += piece;
		len -= piece;
	}
	return 0;
}

/**
 * nova_pramin_fill - fill VRAM with one word
 * @pramin: the window
 * @at: address, a multiple of 8
 * @word: the word
 * @len: bytes, a multiple of 8
 *
 * Context: as nova_pramin_read().
 *
 * Return: as nova_pramin_read16(); on error nothing was written.
 */
int nova_pramin_fill(struct nova_pramin *pramin, nova_vram_t at, u64 word, size_t len)
{
	struct nova_mem_run run = {
		.at = { .vram = at },
		.first = word,
		.nr = len / sizeof(u64),
	};

	if (!IS_ALIGNED(len, sizeof(u64)) || len / sizeof(u64) > UINT_MAX)
		return -EINVAL;
	return nova_pramin_write_run(pramin, &run);
}

/**
 * nova_pramin_barrier - make earlier writes visible to the GPU
 * @pramin: the window
 *
 * Reads back through the window: writes through BAR0 are posted, a read pushes
 * them out (W-4).
 *
 * Context: as nova_pramin_read8().
 *
 * Return: 0, -ENODEV after unplug.
 */
int nova_pramin_barrier(struct nova_pramin *pramin)
{
	if (nova_device_is_gone(pramin->nd))
		return -ENODEV;
	mutex_lock(&pramin->lock);
	if (pramin->base != NOVA_PRAMIN_UNKNOWN)
		nova_rd32(pramin->nd, NV_PRAMIN);
	mutex_unlock(&pramin->lock);
	return 0;
}

/**
 * nova_pramin_print - describe the window for debugfs
 * @pramin: the window
 * @p: where to
 *
 * Context: may sleep (lock).
 */
void nova_pramin_print(struct nova_pramin *pramin, struct drm_printer *p)
{
	mutex_lock(&pramin->lock);
	if (pramin->base == NOVA_PRAMIN_UNKNOWN)
		drm_printf(p, "%-24s %12s\n", "pramin at", "unknown");
	else
		drm_printf(p, "%-24s %#12llx\n", "pramin at", pramin->base);
	drm_printf(p, "%-24s %12llu\n", "pramin moves", pramin->moves);
	mutex_unlock(&pramin->lock);
}
