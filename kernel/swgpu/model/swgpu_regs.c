// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu registers
 *
 * BAR0: one table of registers, each row with the chip features it needs and what
 * reading and writing do; and the PRAMIN window, 0x700000–0x7fffff, which is not
 * in the table.
 *
 * A register no row has for this chip reads 0, ignores writes, and is counted and
 * listed. Writing a read-only register, an access outside BAR0 and one that is not
 * naturally aligned are recorded. A 64-bit access is two words, the low one first.
 *
 * Also here: the operations that only take a while, FB and L2 flushes. There is no
 * cache in the model that could be flushed, so being asked is all they do.
 *
 * The swgpu_bar0 functions take gpu->lock, everything else wants it held. Rows used most
 * come first.
 */

#include "swgpu.h"
#include "swgpu_gsp.h"

#define SWGPU_BAR0_SIZE 0x1000000u
#define SWGPU_PRAMIN_START 0x700000u
#define SWGPU_PRAMIN_END 0x800000u

/** SWGPU_MAX_TOKENS - flushes a token chip may have outstanding */
#define SWGPU_MAX_TOKENS 140

/** struct swgpu_reg - one register */
struct swgpu_reg {
	u32 off;
	/** @feat: the chip must have all of these */
	u32 feat;
	/** @arg: for @rd and @wr */
	u32 arg;
	/** @rd: NULL for a register that reads 0 */
	u32 (*rd)(struct nova_swgpu *gpu, u32 arg);
	/** @wr: NULL for a read-only register */
	void (*wr)(struct nova_swgpu *gpu, u32 arg, u32 val);
};

static u32 swgpu_rd_value(struct nova_swgpu *gpu, u32 arg)
{
	return arg;
}

static u32 swgpu_rd_slot(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->slot[arg];
}

static void swgpu_wr_slot(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	gpu->slot[arg] = val;
}

static u32 swgpu_rd_time(struct nova_swgpu *gpu, u32 arg)
{
	return swgpu_port_ns() >> arg;
}

static u32 swgpu_rd_boot0(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->chip->boot0;
}

static u32 swgpu_rd_boot42(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->chip->boot42;
}

static u32 swgpu_rd_memory_range(struct nova_swgpu *gpu, u32 arg)
{
	return swgpu_chip_memory_range(gpu->vram.size);
}

/* VRAM size in MiB, in a field that starts at bit arg. */
static u32 swgpu_rd_size(struct nova_swgpu *gpu, u32 arg)
{
	return (u32)(gpu->vram.size >> 20) << arg;
}

static u32 swgpu_rd_window(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->pramin.window;
}

static void swgpu_wr_window(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	swgpu_pramin_move(gpu, val);
}

static u32 swgpu_rd_trigger(struct nova_swgpu *gpu, u32 arg)
{
	return swgpu_inval_poll(gpu);
}

static void swgpu_wr_trigger(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	swgpu_inval_trigger(gpu, val);
}

/* PDB and UPPER_PDB belong to a running command until it is done. */
static void swgpu_wr_pdb(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	if (gpu->inval.wait.busy)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_INVALIDATE, val, NOVA_SWGPU_WRITE);
	if (arg)
		gpu->inval.upper = val;
	else
		gpu->inval.pdb = val;
}

static u32 swgpu_rd_pdb(struct nova_swgpu *gpu, u32 arg)
{
	return arg ? gpu->inval.upper : gpu->inval.pdb;
}

static u32 swgpu_rd_bind_status(struct nova_swgpu *gpu, u32 arg)
{
	return swgpu_bar1_poll(gpu) ? 3 : 0;
}

static u32 swgpu_rd_bar1_block(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->bar1.low;
}

static void swgpu_wr_bar1_block(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	gpu->bar1.low = val;
	swgpu_bar1_bind(gpu);
}

static u32 swgpu_rd_bar1_low(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->bar1.low | (swgpu_bar1_poll(gpu) ? 3 : 0);
}

static void swgpu_wr_bar1_low(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	gpu->bar1.low = val & ~3u;
}

static u32 swgpu_rd_bar1_high(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->bar1.high;
}

static void swgpu_wr_bar1_high(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	gpu->bar1.high = val;
	swgpu_bar1_bind(gpu);
}

/* 1 PENDING is bit 0, OUTSTANDING bit 1. */
static u32 swgpu_rd_flush(struct nova_swgpu *gpu, u32 arg)
{
	return swgpu_wait_poll(&gpu->flush[arg].wait, false) ? 3 : 0;
}

static void swgpu_wr_flush(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	if (val != 1)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, val, NOVA_SWGPU_WRITE);
	gpu->log.count.flushes++;
	gpu->flush[arg].wait.polls = gpu->inject.flush_polls;
	gpu->flush[arg].wait.busy = true;
}

static u32 swgpu_rd_token(struct nova_swgpu *gpu, u32 arg)
{
	struct swgpu_flush *flush = &gpu->flush[arg];

	if (((flush->token - flush->done) & 0x7fffffff) >= SWGPU_MAX_TOKENS)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, arg, NOVA_SWGPU_READ);
	gpu->log.count.flushes++;
	flush->wait.polls = gpu->inject.flush_polls;
	flush->wait.busy = true;
	flush->token = (flush->token + 1) & 0x7fffffff;
	return flush->token;
}

static u32 swgpu_rd_completed(struct nova_swgpu *gpu, u32 arg)
{
	struct swgpu_flush *flush = &gpu->flush[arg];

	if (swgpu_wait_poll(&flush->wait, false))
		return 0x80000000u | flush->done;
	flush->done = flush->token;
	return flush->done;
}

static u32 swgpu_rd_irqstat(struct nova_swgpu *gpu, u32 arg)
{
	return swgpu_gsp_irqstat(gpu);
}

static void swgpu_wr_irqclear(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	swgpu_gsp_irqclear(gpu, val);
}

/* The RISC-V core runs if there is firmware for it to run. */
static u32 swgpu_rd_gsp_active(struct nova_swgpu *gpu, u32 arg)
{
	return gpu->gsp ? arg : 0;
}

/* Where a boot begins; see swgpu_gsp.c. */
static void swgpu_wr_mailbox0(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	gpu->slot[SWGPU_SLOT_MAILBOX0] = val;
	swgpu_gsp_reset(gpu);
}

static void swgpu_wr_doorbell(struct nova_swgpu *gpu, u32 arg, u32 val)
{
	if (val)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, val, NOVA_SWGPU_WRITE);
	swgpu_gsp_doorbell(gpu);
}

#define SWGPU_VALUE(off, feat, val) { off, feat, val, swgpu_rd_value, NULL }
#define SWGPU_SLOT(off, feat, slot) { off, feat, slot, swgpu_rd_slot, swgpu_wr_slot }
#define SWGPU_FLUSH(off, i) { off, SWGPU_FLUSH_REG, i, swgpu_rd_flush, swgpu_wr_flush }
#define SWGPU_TOKEN(off, i) { off, SWGPU_FLUSH_TOKEN, i, swgpu_rd_token, NULL }
#define SWGPU_DONE(off, i) { off, SWGPU_FLUSH_TOKEN, i, swgpu_rd_completed, NULL }

static const struct swgpu_reg swgpu_regs[] = {
	/* NV_PBUS_BAR0_WINDOW, NV_XAL_EP_BAR0_WINDOW */
	{ 0x001700, SWGPU_PBUS_WINDOW, 0, swgpu_rd_window, swgpu_wr_window },
	{ 0x10fd40, SWGPU_EP_WINDOW, 0, swgpu_rd_window, swgpu_wr_window },
	/* NV_VIRTUAL_FUNCTION_PRIV_MMU_INVALIDATE, _PDB, _UPPER_PDB */
	{ 0xb830b0, 0, 0, swgpu_rd_trigger, swgpu_wr_trigger },
	{ 0xb830a0, 0, 0, swgpu_rd_pdb, swgpu_wr_pdb },
	{ 0xb830a4, 0, 1, swgpu_rd_pdb, swgpu_wr_pdb },
	/* NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK, BAR2_BLOCK, BIND_STATUS */
	{ 0xb80f40, SWGPU_BAR1_BLOCK, 0, swgpu_rd_bar1_block, swgpu_wr_bar1_block },
	SWGPU_SLOT(0xb80f48, SWGPU_BAR1_BLOCK, SWGPU_SLOT_BAR2_LOW),
	{ 0xb80f50, SWGPU_BAR1_BLOCK, 0, swgpu_rd_bind_status, NULL },
	/* …_BAR1_BLOCK_LOW_ADDR, _HIGH_ADDR, BAR2 likewise */
	{ 0xb80f60, SWGPU_BAR1_PAIR, 0, swgpu_rd_bar1_low, swgpu_wr_bar1_low },
	{ 0xb80f64, SWGPU_BAR1_PAIR, 0, swgpu_rd_bar1_high, swgpu_wr_bar1_high },
	SWGPU_SLOT(0xb80f70, SWGPU_BAR1_PAIR, SWGPU_SLOT_BAR2_LOW),
	SWGPU_SLOT(0xb80f74, SWGPU_BAR1_PAIR, SWGPU_SLOT_BAR2_HIGH),
	/* NV_UFLUSH_FB_FLUSH, L2 sysmem and peermem invalidate, clean comptags, flush dirty */
	SWGPU_FLUSH(0x070000, 0), SWGPU_FLUSH(0x070004, 1), SWGPU_FLUSH(0x070008, 2),
	SWGPU_FLUSH(0x07000c, 3), SWGPU_FLUSH(0x070010, 4),
	SWGPU_FLUSH(0xb80f00, 5), SWGPU_FLUSH(0xb80f04, 6),
	SWGPU_TOKEN(0x10f800, 0), SWGPU_DONE(0x10f804, 0),
	SWGPU_TOKEN(0xb80f10, 1), SWGPU_DONE(0xb80f14, 1),
	SWGPU_TOKEN(0xb80f18, 2), SWGPU_DONE(0xb80f1c, 2),
	SWGPU_TOKEN(0x10f808, 3), SWGPU_DONE(0x10f80c, 3),
	SWGPU_TOKEN(0x10f810, 4), SWGPU_DONE(0x10f814, 4),
	/* GSP RISC-V core: CORE_SWITCH_RISCV_STATUS (Turing, GA100), CPUCTL (later): active */
	{ 0x111240, SWGPU_RISCV_TU, 0x01, swgpu_rd_gsp_active, NULL },
	{ 0x111388, SWGPU_RISCV_GA, 0x80, swgpu_rd_gsp_active, NULL },
	/* NV_VIRTUAL_FUNCTION_TIME_0, _TIME_1: nanoseconds, low and high word */
	{ 0xbb0080, 0, 0, swgpu_rd_time, NULL },
	{ 0xbb0084, 0, 32, swgpu_rd_time, NULL },
	/* NV_PMC_BOOT_0, NV_PMC_BOOT_42 */
	{ 0x000000, 0, 0, swgpu_rd_boot0, NULL },
	{ 0x000a00, 0, 0, swgpu_rd_boot42, NULL },
	/* GFW boot progress: scratch readable, and done */
	SWGPU_VALUE(0x118128, SWGPU_GFW, 1),
	SWGPU_VALUE(0x118234, SWGPU_GFW, 0xff),
	/* LOCAL_MEMORY_RANGE, USABLE_FB_SIZE_IN_MB, LOCAL_MEMORY_RANGE of GB100 (27:4) */
	{ 0x100ce0, SWGPU_SIZE_RANGE, 0, swgpu_rd_memory_range, NULL },
	{ 0x1183a4, SWGPU_SIZE_MIB, 0, swgpu_rd_size, NULL },
	{ 0x1fa3e0, SWGPU_SIZE_MAG, 4, swgpu_rd_size, NULL },
	/* no VGA workspace; display fused off; no write-protected regions */
	SWGPU_VALUE(0x625f04, 0, 0),
	SWGPU_VALUE(0x021c04, SWGPU_FUSE_TU, 1),
	SWGPU_VALUE(0x820c04, SWGPU_FUSE_GA, 1),
	SWGPU_VALUE(0x1fa81c, 0, 0), SWGPU_VALUE(0x1fa820, 0, 0),
	SWGPU_VALUE(0x1fa824, 0, 0), SWGPU_VALUE(0x1fa828, 0, 0),
	/* the page the GPU reads for a sysmembar */
	SWGPU_SLOT(0x100c10, SWGPU_SYSFLUSH_LO, SWGPU_SLOT_SYSFLUSH_LO),
	SWGPU_SLOT(0x100c40, SWGPU_SYSFLUSH_HI, SWGPU_SLOT_SYSFLUSH_HI),
	SWGPU_SLOT(0x100a34, SWGPU_SYSFLUSH_GH, SWGPU_SLOT_SYSFLUSH_LO),
	SWGPU_SLOT(0x100a38, SWGPU_SYSFLUSH_GH, SWGPU_SLOT_SYSFLUSH_HI),
	SWGPU_SLOT(0x870e50, SWGPU_SYSFLUSH_GB10, SWGPU_SLOT_SYSFLUSH_LO),
	SWGPU_SLOT(0x870e54, SWGPU_SYSFLUSH_GB10, SWGPU_SLOT_SYSFLUSH_HI),
	SWGPU_SLOT(0x8706c0, SWGPU_SYSFLUSH_GB10, SWGPU_SLOT_SYSFLUSH2_LO),
	SWGPU_SLOT(0x8706c4, SWGPU_SYSFLUSH_GB10, SWGPU_SLOT_SYSFLUSH2_HI),
	SWGPU_SLOT(0x8a1d58, SWGPU_SYSFLUSH_GB20, SWGPU_SLOT_SYSFLUSH_LO),
	SWGPU_SLOT(0x8a1d5c, SWGPU_SYSFLUSH_GB20, SWGPU_SLOT_SYSFLUSH_HI),
	/* GSP falcon: IRQSCLR, IRQSTAT, MAILBOX0, MAILBOX1; NV_PGSP_QUEUE_HEAD */
	{ 0x110004, 0, 0, NULL, swgpu_wr_irqclear },
	{ 0x110008, 0, 0, swgpu_rd_irqstat, NULL },
	{ 0x110040, 0, SWGPU_SLOT_MAILBOX0, swgpu_rd_slot, swgpu_wr_mailbox0 },
	SWGPU_SLOT(0x110044, 0, SWGPU_SLOT_MAILBOX1),
	{ 0x110c00, 0, 0, NULL, swgpu_wr_doorbell },
};

static const struct swgpu_reg *swgpu_reg_find(const struct nova_swgpu *gpu, u32 off)
{
	const struct swgpu_reg *reg;

	for (reg = swgpu_regs; reg < swgpu_regs + ARRAY_SIZE(swgpu_regs); reg++) {
		if (reg->off == off && (reg->feat & gpu->chip->feat) == reg->feat)
			return reg;
	}
	return NULL;
}

/**
 * swgpu_reg_read - read a register
 * @gpu: the GPU
 * @off: BAR0 offset, multiple of 4
 *
 * Return: its value; 0 for an unknown one.
 */
u32 swgpu_reg_read(struct nova_swgpu *gpu, u32 off)
{
	const struct swgpu_reg *reg;
	u32 val;

	gpu->log.count.reg_reads++;
	if (swgpu_host_read(gpu, off, &val))
		return val;
	reg = swgpu_reg_find(gpu, off);
	if (!reg) {
		swgpu_log_unknown(gpu, off, false);
		return 0;
	}
	return reg->rd ? reg->rd(gpu, reg->arg) : 0;
}

/**
 * swgpu_reg_write - write a register
 * @gpu: the GPU
 * @off: BAR0 offset, multiple of 4
 * @val: the word
 */
void swgpu_reg_write(struct nova_swgpu *gpu, u32 off, u32 val)
{
	const struct swgpu_reg *reg;

	gpu->log.count.reg_writes++;
	if (swgpu_host_write(gpu, off, val))
		return;
	reg = swgpu_reg_find(gpu, off);
	if (!reg)
		swgpu_log_unknown(gpu, off, true);
	else if (reg->wr)
		reg->wr(gpu, reg->arg, val);
	else
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, off, NOVA_SWGPU_WRITE);
}

static bool swgpu_bar0_is_pramin(u32 off)
{
	return off >= SWGPU_PRAMIN_START && off < SWGPU_PRAMIN_END;
}

static u32 swgpu_bar0_word(struct nova_swgpu *gpu, u32 off)
{
	if (swgpu_bar0_is_pramin(off))
		return swgpu_pramin_read(gpu, off - SWGPU_PRAMIN_START);
	return swgpu_reg_read(gpu, off);
}

static void swgpu_bar0_set_word(struct nova_swgpu *gpu, u32 off, u32 val)
{
	if (swgpu_bar0_is_pramin(off))
		swgpu_pramin_write(gpu, off - SWGPU_PRAMIN_START, val);
	else
		swgpu_reg_write(gpu, off, val);
}

/* Takes the lock for an access inside BAR0; records any other. */
static bool swgpu_bar0_enter(struct nova_swgpu *gpu, u32 off, unsigned int size,
			     enum nova_swgpu_access access)
{
	if (swgpu_bar0_is_pramin(off))
		swgpu_pramin_begin(gpu);
	swgpu_port_lock(&gpu->lock);
	if (off < SWGPU_BAR0_SIZE && !(off & (size - 1)))
		return true;
	swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, off, access);
	return false;
}

static void swgpu_bar0_leave(struct nova_swgpu *gpu, u32 off)
{
	swgpu_port_unlock(&gpu->lock);
	if (swgpu_bar0_is_pramin(off))
		swgpu_pramin_end(gpu);
}

/**
 * swgpu_bar0_read - CPU read of BAR0
 * @gpu: the GPU
 * @off: offset in BAR0, multiple of @size
 * @size: 4 or 8
 *
 * Context: any; takes gpu->lock.
 * Return: the word; all ones from a GPU that is gone, and outside BAR0.
 */
u64 swgpu_bar0_read(struct nova_swgpu *gpu, u32 off, unsigned int size)
{
	u64 val = size == 4 ? ~0u : ~0ull;

	if (swgpu_port_count(&gpu->inject.gone))
		return val;
	if (swgpu_bar0_enter(gpu, off, size, NOVA_SWGPU_READ)) {
		val = swgpu_bar0_word(gpu, off);
		if (size == 8)
			val |= (u64)swgpu_bar0_word(gpu, off + 4) << 32;
	}
	swgpu_bar0_leave(gpu, off);
	return val;
}

/**
 * swgpu_bar0_write - CPU write of BAR0
 * @gpu: the GPU
 * @off: offset in BAR0, multiple of @size
 * @val: the word
 * @size: 4 or 8
 *
 * Context: any; takes gpu->lock.
 */
void swgpu_bar0_write(struct nova_swgpu *gpu, u32 off, u64 val, unsigned int size)
{
	if (swgpu_port_count(&gpu->inject.gone))
		return;
	if (swgpu_bar0_enter(gpu, off, size, NOVA_SWGPU_WRITE)) {
		swgpu_bar0_set_word(gpu, off, (u32)val);
		if (size == 8)
			swgpu_bar0_set_word(gpu, off + 4, (u32)(val >> 32));
	}
	swgpu_bar0_leave(gpu, off);
}
