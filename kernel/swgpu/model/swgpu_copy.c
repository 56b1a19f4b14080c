// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu copies
 *
 * The work of a launch: lines of bytes, or of elements taken apart and put together
 * again. Both go on from where the launch stands and stop after about 64 KiB, when
 * gpu->lock is to be released; whatever was translated is translated again then.
 *
 * A plain copy translates once for each run that is contiguous on both sides, and copies
 * as much at once as is in one piece in the memory of the machine the model runs on. A
 * remap goes through a buffer, a page of elements at a time: component i of a destination
 * element is a component of the source element, one of two constants, whose low bytes
 * count, or is left alone. If no component comes from the source, the source is not
 * looked at.
 *
 * Lines are handled in order, low addresses first; nothing else is promised for source
 * and destination that overlap. Addresses are bytes; lengths are bytes, or elements.
 */

#include "swgpu.h"

/** SWGPU_PIECE_COST - what a piece counts beside its bytes */
#define SWGPU_PIECE_COST 256u

static u32 swgpu_copy_min(u64 a, u64 b)
{
	return min(a, b);
}

/* So much of the line is done. */
static void swgpu_copy_advance(struct swgpu_chan *chan, u64 nr)
{
	struct swgpu_launch *launch = &chan->launch;

	launch->at += nr;
	if (launch->at < launch->nr)
		return;
	launch->at = 0;
	launch->lines--;
	launch->in += chan->ce[SWGPU_CE_PITCH_IN];
	launch->out += chan->ce[SWGPU_CE_PITCH_OUT];
}

/* Bytes of a run of the destination from the source; how many are done, 0 if none can be. */
static u32 swgpu_copy_fill(struct nova_swgpu *gpu, u8 *to, const struct swgpu_span *src, u32 off,
			   u32 len)
{
	u64 addr = src->addr + off;
	u8 *from;

	if (src->sparse) {
		memset(to, 0, len);
		return len;
	}
	from = swgpu_phys_run(gpu, src->aperture, addr, &len, false);
	if (!from) {	/* poison, or nothing at all */
		len = swgpu_copy_min(len, SWGPU_PAGE - (addr & 4095));
		return swgpu_phys_copy_out(gpu, src->aperture, addr, to, len) ? len : 0;
	}
	if (from < to + len && to < from + len)
		memmove(to, from, len);
	else
		memcpy(to, from, len);
	swgpu_phys_run_end(src->aperture, from);
	return len;
}

/* The span that turns out not to be memory, NULL if all went well. */
static const struct swgpu_span *swgpu_copy_spans(struct nova_swgpu *gpu,
						 const struct swgpu_span *dst,
						 const struct swgpu_span *src, u32 len)
{
	u32 off, n;
	u8 *to;

	for (off = 0; off < len && !dst->sparse; off += n) {
		n = len - off;
		to = swgpu_phys_run(gpu, dst->aperture, dst->addr + off, &n, true);
		if (!to)
			return dst;
		n = swgpu_copy_fill(gpu, to, src, off, n);
		swgpu_phys_run_end(dst->aperture, to);
		if (!n)
			return src;
	}
	return NULL;
}

/* The next run that is contiguous on both sides; 0 if an access is refused. */
static u32 swgpu_copy_run(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 limit)
{
	struct swgpu_launch *launch = &chan->launch;
	struct swgpu_span src = { .len = swgpu_copy_min(launch->nr - launch->at, limit) };
	const struct swgpu_span *lost;
	struct swgpu_span dst;

	if (!swgpu_span(gpu, chan, &launch->src, launch->in + launch->at, NOVA_SWGPU_READ, &src))
		return 0;
	dst.len = src.len;
	if (!swgpu_span(gpu, chan, &launch->dst, launch->out + launch->at, NOVA_SWGPU_WRITE,
			&dst))
		return 0;
	lost = swgpu_copy_spans(gpu, &dst, &src, dst.len);
	if (!lost)
		return dst.len;
	if (lost == &dst)
		swgpu_span_lost(gpu, chan, &launch->dst, lost, launch->out + launch->at,
				NOVA_SWGPU_WRITE);
	else
		swgpu_span_lost(gpu, chan, &launch->src, lost, launch->in + launch->at,
				NOVA_SWGPU_READ);
	return 0;
}

/**
 * swgpu_copy_step - do some of a plain copy
 * @gpu: the GPU
 * @chan: whose launch has lines left
 * @cost: grows by the bytes copied
 *
 * Context: gpu->lock held.
 */
void swgpu_copy_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost)
{
	u32 limit = *cost + SWGPU_STEP;
	u32 len;

	while (chan->launch.lines && *cost < limit) {
		len = swgpu_copy_run(gpu, chan, limit - *cost);
		if (!len)
			return;
		gpu->log.count.bytes_copied += len;
		swgpu_copy_advance(chan, len);
		*cost += len + SWGPU_PIECE_COST;
	}
}

static void swgpu_remap_element(const struct swgpu_chan *chan, const u8 *in, u8 *out)
{
	const struct swgpu_remap *map = &chan->launch.map;
	unsigned int i, sel;
	u32 val;

	for (i = 0; i < map->nr_dst; i++, out += map->size) {
		sel = map->select[i];
		if (sel < 4) {
			memcpy(out, in + sel * map->size, map->size);
		} else {
			val = chan->ce[sel == 4 ? SWGPU_CE_CONST_A : SWGPU_CE_CONST_B];
			memcpy(out, &val, map->size);
		}
	}
}

/* Elements with components that are to be left alone: the others one by one. */
static bool swgpu_remap_scatter(struct nova_swgpu *gpu, struct swgpu_chan *chan, u64 addr,
				const u8 *out, u32 nr)
{
	const struct swgpu_remap *map = &chan->launch.map;
	u32 i;

	for (i = 0; i < nr * map->nr_dst; i++) {
		if (map->select[i % map->nr_dst] != 6 &&
		    !swgpu_span_put(gpu, chan, &chan->launch.dst, addr + i * map->size,
				    out + i * map->size, map->size))
			return false;
	}
	return true;
}

/* The next elements of the line, a page of them at most; 0 if an access is refused. */
static u32 swgpu_remap_run(struct nova_swgpu *gpu, struct swgpu_chan *chan)
{
	struct swgpu_launch *launch = &chan->launch;
	const struct swgpu_remap *map = &launch->map;
	u32 src = map->size * map->nr_src;
	u32 dst = map->size * map->nr_dst;
	u8 *in = gpu->host.bounce;
	u8 *out = in + SWGPU_PAGE;
	u64 addr = launch->out + launch->at * dst;
	u32 nr, i;

	nr = swgpu_copy_min(launch->nr - launch->at, SWGPU_PAGE / max(src, dst));
	if (map->reads && !swgpu_span_get(gpu, chan, &launch->src, launch->in + launch->at * src,
					  in, nr * src))
		return 0;
	for (i = 0; i < nr; i++)
		swgpu_remap_element(chan, in + i * src, out + i * dst);
	if (map->skips ? !swgpu_remap_scatter(gpu, chan, addr, out, nr) :
			 !swgpu_span_put(gpu, chan, &launch->dst, addr, out, nr * dst))
		return 0;
	gpu->log.count.bytes_copied += nr * dst;
	return nr;
}

/**
 * swgpu_remap_step - do some of a copy of elements
 * @gpu: the GPU
 * @chan: whose launch has lines left
 * @cost: grows by the bytes written
 *
 * Context: gpu->lock held.
 */
void swgpu_remap_step(struct nova_swgpu *gpu, struct swgpu_chan *chan, u32 *cost)
{
	u32 limit = *cost + SWGPU_STEP;
	u32 nr;

	while (chan->launch.lines && *cost < limit) {
		nr = swgpu_remap_run(gpu, chan);
		if (!nr)
			return;
		swgpu_copy_advance(chan, nr);
		*cost += nr * (chan->launch.map.skips ? 256 : 16) + SWGPU_PIECE_COST;
	}
}
