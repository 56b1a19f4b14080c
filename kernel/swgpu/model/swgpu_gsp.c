// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu GSP
 *
 * The firmware side of the GPU System Processor, as far as memory management needs
 * one: it boots, takes what the driver must tell it, says that it is done, and
 * answers what the driver must know::
 *
 *   mailbox 0 and 1 = DMA address of GSP_ARGUMENTS_CACHED, then the doorbell
 *     -> status queue header written
 *   GSP_SET_SYSTEM_INFO (72), SET_REGISTRY (73, with continuation records)
 *     -> BAR1 bound to a root in the firmware's VRAM, GSP_INIT_DONE (0x1001)
 *   GET_GSP_STATIC_INFO (65)       -> the same with FB regions and BAR1's root
 *   UNLOADING_GUEST_DRIVER (47)    -> the same, and bit 31 of mailbox 0
 *   anything else                  -> the same with result 0xff100001
 *
 * Model choices: a real boot goes through a booter and WPR2, which is left out, so
 * the mailbox holds what the bootloader would have been given. A doorbell with an
 * empty mailbox is ignored, as before a boot; writing mailbox 0 puts the GSP back
 * to before the boot. The layout is that of r570. By default the FB is one usable
 * region and a protected one at the top, a sixteenth of VRAM but between 1 and
 * 256 MiB, whose last 64 KiB hold the roots.
 *
 * A driver that breaks the protocol is recorded, and the GSP stops for good: it
 * answers nothing more until it is booted anew. gpu->lock is held throughout.
 */

#include "swgpu_gsp.h"

#include "swgpu.h"

#define SWGPU_GSP_IRQ 0x40u		/* SWGEN0 */

enum swgpu_gsp_function {
	SWGPU_GSP_NOP = 0,
	SWGPU_GSP_UNLOADING_GUEST_DRIVER = 47,
	SWGPU_GSP_GET_GSP_STATIC_INFO = 65,
	SWGPU_GSP_CONTINUATION_RECORD = 71,
	SWGPU_GSP_SET_SYSTEM_INFO = 72,
	SWGPU_GSP_SET_REGISTRY = 73,
	SWGPU_GSP_INIT_DONE = 0x1001,
	SWGPU_GSP_OS_ERROR_LOG = 0x1006,
	SWGPU_GSP_LIBOS_PRINT = 0x100c,
	SWGPU_GSP_POST_NOCAT = 0x1020,
};

#define SWGPU_GSP_BAD_FUNCTION 0xff100001u
#define SWGPU_GSP_NO_MEMORY 0x51u

/* GspStaticConfigInfo, r570 */
#define SWGPU_GSP_INFO_SIZE 0x678u
#define SWGPU_GSP_INFO_REGIONS 0x158u	/* fbRegionInfoParams */
#define SWGPU_GSP_INFO_FB_LENGTH 0x4c8u
#define SWGPU_GSP_INFO_NAME 0x4ecu	/* gpuNameString[64] */
#define SWGPU_GSP_INFO_SHORT_NAME 0x52cu
#define SWGPU_GSP_INFO_BAR1_ROOT 0x600u	/* bar1PdeBase */
#define SWGPU_GSP_INFO_BAR2_ROOT 0x608u	/* bar2PdeBase */

#define SWGPU_GSP_SYSTEM_INFO_SIZE 0x3a0u

/* The driver broke the protocol; where is what it was about. */
static void swgpu_gsp_broken(struct nova_swgpu *gpu, u64 where)
{
	gpu->gsp->state = SWGPU_GSP_STOPPED;
	swgpu_log_rule(gpu, NOVA_SWGPU_WHY_GSP, where, NOVA_SWGPU_READ);
}

static void swgpu_gsp_default_regions(struct nova_swgpu *gpu)
{
	struct nova_swgpu_config *cfg = &gpu->cfg;
	u64 split = cfg->vram_size - gpu->gsp->reserved;

	cfg->nr_regions = 2;
	cfg->regions[0] = (struct nova_swgpu_region){
		.base = 0, .limit = split - 1, .performance = 100, .compressed = true, .iso = true,
	};
	cfg->regions[1] = (struct nova_swgpu_region){
		.base = split, .limit = cfg->vram_size - 1, .reserved = gpu->gsp->reserved,
		.is_protected = true,
	};
}

/**
 * swgpu_gsp_init - give a GPU a GSP
 * @gpu: the GPU, with VRAM
 *
 * Context: may sleep; nobody else uses @gpu yet.
 * Return: 0; -EINVAL if VRAM is below 2 MiB; -ENOMEM.
 */
int swgpu_gsp_init(struct nova_swgpu *gpu)
{
	u64 size = gpu->vram.size;
	u64 reserved = (size / 16) & ~0xfffffull;

	if (size < 2ull << 20)
		return -EINVAL;
	gpu->gsp = swgpu_port_zalloc(1, sizeof(*gpu->gsp));
	if (!gpu->gsp)
		return -ENOMEM;
	if (reserved < 1ull << 20)
		reserved = 1ull << 20;
	if (reserved > 256ull << 20)
		reserved = 256ull << 20;
	gpu->gsp->reserved = reserved;
	gpu->gsp->bar1_root = size - 0x10000;
	gpu->gsp->bar2_root = size - 0xf000;
	if (!gpu->cfg.nr_regions && !gpu->cfg.explicit_regions)
		swgpu_gsp_default_regions(gpu);
	return 0;
}

/**
 * swgpu_gsp_fini - take it away again
 * @gpu: the GPU, with or without one
 */
void swgpu_gsp_fini(struct nova_swgpu *gpu)
{
	swgpu_port_free(gpu->gsp);
	gpu->gsp = NULL;
}

/**
 * swgpu_gsp_reset - mailbox 0 has been written: back to before the boot
 * @gpu: the GPU, with or without a GSP
 */
void swgpu_gsp_reset(struct nova_swgpu *gpu)
{
	if (gpu->gsp)
		gpu->gsp->state = SWGPU_GSP_OFF;
}

/* The injected fault, once the configured number of good messages has gone. */
static unsigned int swgpu_gsp_fault(struct nova_swgpu *gpu)
{
	if (!gpu->inject.gsp_good)
		return gpu->inject.gsp;
	gpu->inject.gsp_good--;
	return NOVA_SWGPU_GSP_OK;
}

static void swgpu_gsp_send(struct nova_swgpu *gpu, const struct swgpu_msg *msg,
			   unsigned int fault)
{
	if (!swgpu_msgq_send(gpu, &gpu->gsp->q, gpu->gsp->out, msg, fault))
		swgpu_gsp_broken(gpu, msg->function);
	else
		gpu->gsp->irq |= SWGPU_GSP_IRQ;
}

/* An event, and what a chatty firmware says before it says what it is asked. */
static void swgpu_gsp_chat(struct nova_swgpu *gpu)
{
	static const struct swgpu_msg events[] = {
		{ .function = SWGPU_GSP_OS_ERROR_LOG, .len = 0x108 },
		{ .function = SWGPU_GSP_LIBOS_PRINT, .len = 13 },
		{ .function = SWGPU_GSP_POST_NOCAT, .len = 0x1800 },	/* two entries */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		memset(gpu->gsp->out + SWGPU_MSGQ_HEAD, 0x55, events[i].len);
		swgpu_gsp_send(gpu, &events[i], NOVA_SWGPU_GSP_OK);
	}
}

static void swgpu_gsp_event(struct nova_swgpu *gpu, u32 function)
{
	const struct swgpu_msg msg = { .function = function };
	unsigned int fault = swgpu_gsp_fault(gpu);

	if (fault == NOVA_SWGPU_GSP_CHATTY)
		swgpu_gsp_chat(gpu);
	swgpu_gsp_send(gpu, &msg, fault);
}

/* Answers cmd with the payload at gsp->out + SWGPU_MSGQ_HEAD, or spoilt on request. */
static void swgpu_gsp_reply(struct nova_swgpu *gpu, const struct swgpu_msg *cmd, u32 result,
			    unsigned int fault)
{
	struct swgpu_msg msg = *cmd;

	msg.result = result;
	if (fault == NOVA_SWGPU_GSP_BAD_FUNCTION)
		msg.function++;
	else if (fault == NOVA_SWGPU_GSP_ERROR)
		msg.result = SWGPU_GSP_NO_MEMORY;
	else if (fault == NOVA_SWGPU_GSP_SHORT)
		msg.len /= 2;
	swgpu_gsp_send(gpu, &msg, fault);
}

/* The element is 0x30 bytes from base on: see hardware.md 7.4. */
static void swgpu_gsp_region(u8 *p, const struct nova_swgpu_region *region)
{
	swgpu_port_st64(p + 0x00, region->base);
	swgpu_port_st64(p + 0x08, region->limit);
	swgpu_port_st64(p + 0x10, region->reserved);
	swgpu_port_st32(p + 0x18, region->performance);
	p[0x1c] = region->compressed;
	p[0x1d] = region->iso;
	p[0x1e] = region->is_protected;
}

static void swgpu_gsp_static_info(struct nova_swgpu *gpu, const struct swgpu_msg *cmd)
{
	u8 *info = gpu->gsp->out + SWGPU_MSGQ_HEAD;
	u8 *regions = info + SWGPU_GSP_INFO_REGIONS;
	unsigned int fault = swgpu_gsp_fault(gpu);
	u32 nr = gpu->cfg.nr_regions;
	u32 i;

	if (fault == NOVA_SWGPU_GSP_CHATTY)
		swgpu_gsp_chat(gpu);
	memset(info, 0, SWGPU_GSP_INFO_SIZE);
	swgpu_port_st32(regions, fault == NOVA_SWGPU_GSP_BAD_REGIONS ? 17 : nr);
	for (i = 0; i < nr; i++)
		swgpu_gsp_region(regions + 8 + i * 0x30, &gpu->cfg.regions[i]);
	swgpu_port_st32(info + SWGPU_GSP_INFO_FB_LENGTH, (u32)(gpu->vram.size >> 20));
	memcpy(info + SWGPU_GSP_INFO_NAME, "Software GPU", 12);
	memcpy(info + SWGPU_GSP_INFO_SHORT_NAME, gpu->chip->name, strlen(gpu->chip->name));
	swgpu_port_st64(info + SWGPU_GSP_INFO_BAR1_ROOT, gpu->gsp->bar1_root);
	swgpu_port_st64(info + SWGPU_GSP_INFO_BAR2_ROOT, gpu->gsp->bar2_root);
	swgpu_gsp_reply(gpu, cmd, 0, fault);
}

/* A root table full of nothing. */
static bool swgpu_gsp_make_root(struct nova_swgpu *gpu, u64 root)
{
	u32 off;

	for (off = 0; off < 4096; off += 8) {
		if (!swgpu_phys_store(gpu, NOVA_SWGPU_VRAM, root + off, 8, 0))
			return false;
	}
	return true;
}

/* All it had to be told has been told: the firmware owns BAR1's root from here on. */
static void swgpu_gsp_init_done(struct nova_swgpu *gpu)
{
	struct swgpu_gsp *gsp = gpu->gsp;

	if (!swgpu_gsp_make_root(gpu, gsp->bar1_root) || !swgpu_gsp_make_root(gpu, gsp->bar2_root))
		return;
	gpu->bar1.space = (struct swgpu_space){ .pdb = gsp->bar1_root, .client = NOVA_SWGPU_HUB };
	gpu->bar1.state = SWGPU_BAR1_VIRTUAL;
	gsp->state = SWGPU_GSP_RUNNING;
	swgpu_gsp_event(gpu, SWGPU_GSP_INIT_DONE);
}

/* One 16-byte entry: name offset, type 1, zero padding, data, length 4 (or 0). */
static bool swgpu_gsp_registry_entry_ok(const u8 *reg, u32 i, u32 names, u32 size)
{
	const u8 *entry = reg + 8 + i * 16;
	u32 name = swgpu_port_ld32(entry);
	u32 len = swgpu_port_ld32(entry + 12);

	return name >= names && name < size && memchr(reg + name, 0, size - name) &&
	       swgpu_port_ld32(entry + 4) == 1 && (len == 4 || len == 0);
}

/* { u32 size, numEntries; entries; names }, len bytes of it. */
static bool swgpu_gsp_registry_ok(const u8 *reg, u32 len)
{
	u32 nr = swgpu_port_ld32(reg + 4);
	u32 i;

	if (swgpu_port_ld32(reg) != len || nr > (len - 8) / 16)
		return false;
	for (i = 0; i < nr; i++) {
		if (!swgpu_gsp_registry_entry_ok(reg, i, 8 + nr * 16, len))
			return false;
	}
	return true;
}

/* A piece of the registry: the command itself, or a continuation of it. */
static bool swgpu_gsp_registry(struct nova_swgpu *gpu, const struct swgpu_msg *cmd)
{
	struct swgpu_gsp *gsp = gpu->gsp;
	u32 total;

	if (cmd->len > SWGPU_GSP_PENDING - gsp->pending_len ||
	    (!gsp->pending_len && cmd->len < 8) || !cmd->len)
		return false;
	memcpy(gsp->pending + gsp->pending_len, gsp->in + SWGPU_MSGQ_HEAD, cmd->len);
	gsp->pending_len += cmd->len;
	total = swgpu_port_ld32(gsp->pending);
	if (gsp->pending_len < total)
		/* only a message that is full may be continued */
		return total <= SWGPU_GSP_PENDING &&
		       SWGPU_MSGQ_HEAD + cmd->len == SWGPU_MSGQ_MAX;
	if (!swgpu_gsp_registry_ok(gsp->pending, gsp->pending_len))
		return false;
	gsp->pending_len = 0;
	swgpu_gsp_init_done(gpu);
	return true;
}

static bool swgpu_gsp_unload(struct nova_swgpu *gpu, const struct swgpu_msg *cmd)
{
	if (cmd->len != 8)
		return false;
	memset(gpu->gsp->out + SWGPU_MSGQ_HEAD, 0, 8);
	swgpu_gsp_reply(gpu, cmd, 0, swgpu_gsp_fault(gpu));
	gpu->gsp->state = SWGPU_GSP_STOPPED;
	gpu->slot[SWGPU_SLOT_MAILBOX0] = 1u << 31;
	return true;
}

static bool swgpu_gsp_all_zero(const u8 *p, u32 len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

static bool swgpu_gsp_running(struct nova_swgpu *gpu, const struct swgpu_msg *cmd)
{
	switch (cmd->function) {
	case SWGPU_GSP_NOP:
		return true;
	case SWGPU_GSP_UNLOADING_GUEST_DRIVER:
		return swgpu_gsp_unload(gpu, cmd);
	case SWGPU_GSP_GET_GSP_STATIC_INFO:
		if (cmd->len != SWGPU_GSP_INFO_SIZE ||
		    !swgpu_gsp_all_zero(gpu->gsp->in + SWGPU_MSGQ_HEAD, cmd->len))
			return false;
		swgpu_gsp_static_info(gpu, cmd);
		return true;
	}
	swgpu_log_rule(gpu, NOVA_SWGPU_WHY_GSP, cmd->function, NOVA_SWGPU_READ);
	memcpy(gpu->gsp->out + SWGPU_MSGQ_HEAD, gpu->gsp->in + SWGPU_MSGQ_HEAD, cmd->len);
	swgpu_gsp_reply(gpu, cmd, SWGPU_GSP_BAD_FUNCTION, swgpu_gsp_fault(gpu));
	return true;
}

/* Each state takes what comes next in a boot and nothing else. */
static bool swgpu_gsp_command(struct nova_swgpu *gpu, const struct swgpu_msg *cmd)
{
	struct swgpu_gsp *gsp = gpu->gsp;

	if (gsp->state == SWGPU_GSP_RUNNING)
		return swgpu_gsp_running(gpu, cmd);
	if (gsp->state == SWGPU_GSP_WANT_REGISTRY)
		return cmd->function == (gsp->pending_len ? SWGPU_GSP_CONTINUATION_RECORD :
							    SWGPU_GSP_SET_REGISTRY) &&
		       swgpu_gsp_registry(gpu, cmd);
	gsp->state = SWGPU_GSP_WANT_REGISTRY;
	return cmd->function == SWGPU_GSP_SET_SYSTEM_INFO &&
	       cmd->len == SWGPU_GSP_SYSTEM_INFO_SIZE;
}

static void swgpu_gsp_serve(struct nova_swgpu *gpu)
{
	struct swgpu_gsp *gsp = gpu->gsp;
	struct swgpu_msg cmd;
	int ret;

	while (gsp->state != SWGPU_GSP_STOPPED) {
		ret = swgpu_msgq_receive(gpu, &gsp->q, gsp->in, &cmd);
		if (!ret)
			return;
		gpu->log.count.gsp_commands++;
		if (ret < 0 || !swgpu_gsp_command(gpu, &cmd))
			swgpu_gsp_broken(gpu, ret < 0 ? gsp->q.read : cmd.function);
	}
}

/**
 * swgpu_gsp_doorbell - the driver rings: boot if need be, and serve what is queued
 * @gpu: the GPU, with or without a GSP
 */
void swgpu_gsp_doorbell(struct nova_swgpu *gpu)
{
	u64 args = (u64)gpu->slot[SWGPU_SLOT_MAILBOX1] << 32 | gpu->slot[SWGPU_SLOT_MAILBOX0];
	struct swgpu_gsp *gsp = gpu->gsp;

	if (!gsp || gsp->state == SWGPU_GSP_STOPPED ||
	    (gpu->inject.gsp == NOVA_SWGPU_GSP_SILENT && !gpu->inject.gsp_good))
		return;
	if (gsp->state == SWGPU_GSP_OFF) {
		if (!args)
			return;
		gsp->pending_len = 0;
		gsp->state = SWGPU_GSP_WANT_INFO;
		if (!swgpu_msgq_attach(gpu, &gsp->q, args)) {
			swgpu_gsp_broken(gpu, args);
			return;
		}
	}
	swgpu_gsp_serve(gpu);
}

/**
 * swgpu_gsp_irqstat - read IRQSTAT
 * @gpu: the GPU, with or without a GSP
 *
 * Return: pending interrupts; SWGEN0, bit 6, after a message.
 */
u32 swgpu_gsp_irqstat(struct nova_swgpu *gpu)
{
	return gpu->gsp ? gpu->gsp->irq : 0;
}

/**
 * swgpu_gsp_irqclear - write IRQSCLR
 * @gpu: the GPU, with or without a GSP
 * @val: interrupts to clear
 */
void swgpu_gsp_irqclear(struct nova_swgpu *gpu, u32 val)
{
	if (gpu->gsp)
		gpu->gsp->irq &= ~val;
}
