// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu PRAMIN
 *
 * The 1 MiB of BAR0 at 0x700000 that shows VRAM from (BASE << 16) on, and the
 * register that says where::
 *
 *   0x001700 NV_PBUS_BAR0_WINDOW    23:0 BASE, 25:24 TARGET     Turing … Ada
 *   0x10fd40 NV_XAL_EP_BAR0_WINDOW  21:0 or 22:0 BASE           Hopper, Blackwell
 *
 * The window is one per GPU, so moving it under somebody's hands is a bug that
 * hardware does not report. The model reports it in two cases that a driver with
 * a lock around "move, then access" can never meet: the window moves while another
 * context is inside an access; or a context moves a window that another context
 * has moved and not used yet.
 *
 * Beyond the end of VRAM reads give 0xbad0fb00 and writes vanish, both recorded.
 * Addresses are bytes. gpu->lock is held except in _begin() and _end().
 */

#include "swgpu.h"

/**
 * swgpu_pramin_begin - a context starts accessing the window
 * @gpu: the GPU
 *
 * Context: before taking gpu->lock.
 */
void swgpu_pramin_begin(struct nova_swgpu *gpu)
{
	swgpu_port_inc(&gpu->pramin.users);
}

/**
 * swgpu_pramin_end - and is done
 * @gpu: the GPU
 *
 * Context: after releasing gpu->lock.
 */
void swgpu_pramin_end(struct nova_swgpu *gpu)
{
	swgpu_port_dec(&gpu->pramin.users);
}

/**
 * swgpu_pramin_move - write the window register
 * @gpu: the GPU
 * @val: the word
 */
void swgpu_pramin_move(struct nova_swgpu *gpu, u32 val)
{
	struct swgpu_pramin *pramin = &gpu->pramin;
	unsigned int bits = gpu->chip->window_bits;
	u64 self = swgpu_port_context();

	if (gpu->chip->feat & SWGPU_PBUS_WINDOW)
		bits += 2;			/* TARGET follows BASE */
	if (val >> bits || (val >> 24 & 3) == 1)
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_BAD_REG, val, NOVA_SWGPU_WRITE);
	if (swgpu_port_count(&pramin->users) || (pramin->unused && pramin->owner != self))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_WINDOW_MOVED, val, NOVA_SWGPU_WRITE);
	pramin->window = val;
	pramin->owner = self;
	pramin->unused = true;
}

static u64 swgpu_pramin_addr(struct nova_swgpu *gpu, u32 off, unsigned int *aperture)
{
	struct swgpu_pramin *pramin = &gpu->pramin;
	u64 base = swgpu_bits(pramin->window, gpu->chip->window_bits - 1, 0);

	*aperture = 0;
	if (gpu->chip->feat & SWGPU_PBUS_WINDOW)
		*aperture = swgpu_bits(pramin->window, 25, 24);
	pramin->unused = false;
	return (base << 16) + off;
}

/**
 * swgpu_pramin_read - read a word through the window
 * @gpu: the GPU
 * @off: offset in the window, multiple of 4, below 1 MiB
 *
 * Return: the word.
 */
u32 swgpu_pramin_read(struct nova_swgpu *gpu, u32 off)
{
	unsigned int aperture;
	u64 addr = swgpu_pramin_addr(gpu, off, &aperture);
	u64 val;

	gpu->log.count.pramin_reads++;
	if (swgpu_phys_load(gpu, aperture, addr, 4, &val))
		return val;
	swgpu_log_rule(gpu, NOVA_SWGPU_WHY_WINDOW_RANGE, addr, NOVA_SWGPU_READ);
	return SWGPU_BEYOND;
}

/**
 * swgpu_pramin_write - write a word through the window
 * @gpu: the GPU
 * @off: offset in the window, multiple of 4, below 1 MiB
 * @val: the word
 */
void swgpu_pramin_write(struct nova_swgpu *gpu, u32 off, u32 val)
{
	unsigned int aperture;
	u64 addr = swgpu_pramin_addr(gpu, off, &aperture);

	gpu->log.count.pramin_writes++;
	if (!swgpu_phys_ok(gpu, aperture, addr, 4) ||
	    (!swgpu_phys_store(gpu, aperture, addr, 4, val) && aperture))
		swgpu_log_rule(gpu, NOVA_SWGPU_WHY_WINDOW_RANGE, addr, NOVA_SWGPU_WRITE);
}
