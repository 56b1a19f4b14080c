// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_vmm_update
 *
 * The stages of a change of page tables, see nova_vmm. A reservation is a *pin*: a
 * range and the level of the tables kept for it. The first pins of an update live
 * inside it, so that a small change allocates nothing but tables.
 *
 * Locking: the map lock is taken for each step and dropped for every allocation.
 */
#include "nova_vmm.h"

#include "nova_compat.h"
#include "nova_mm.h"
#include "nova_trace.h"
#include "nova_vmm_piece.h"

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>

#define NOVA_VMM_PINS_A_CHUNK	62

/* Reservations an update could not keep inline. Owned by the update. */
struct nova_vmm_pins {
	struct nova_vmm_pins *next;
	unsigned int nr;
	struct nova_vmm_pin pin[NOVA_VMM_PINS_A_CHUNK];
};

/* Tables an update has made and not yet put into the tree. Owned by the update. */
struct nova_vmm_stock {
	/* used from the front, so that neighbours in VRAM become neighbours in the tree */
	struct nova_pt *spare[NOVA_GMMU_MAX_LEVELS];
	/* where the next one is added, if @spare is not empty */
	struct nova_pt **tail[NOVA_GMMU_MAX_LEVELS];
	u32 nr[NOVA_GMMU_MAX_LEVELS];
};

/**
 * nova_vmm_update_init - begin a change
 * @upd: memory is the caller's
 * @vmm: address space to change
 *
 * Context: any.
 */
void nova_vmm_update_init(struct nova_vmm_update *upd, struct nova_vmm *vmm)
{
	/* Pins are written before they are counted. */
	memset(upd, 0, offsetof(struct nova_vmm_update, pins));
	upd->vmm = vmm;
}

static struct nova_vmm_pin *nova_vmm_new_pin(struct nova_vmm_update *upd)
{
	struct nova_vmm_pins *chunk = upd->chunks;

	if (upd->nr_pins < NOVA_VMM_INLINE_PINS)
		return &upd->pins[upd->nr_pins];
	if (!chunk || chunk->nr == NOVA_VMM_PINS_A_CHUNK) {
		chunk = kzalloc_obj(*chunk);
		if (!chunk)
			return NULL;
		chunk->next = upd->chunks;
		upd->chunks = chunk;
	}
	return &chunk->pin[chunk->nr];
}

static void nova_vmm_pin_done(struct nova_vmm_update *upd)
{
	if (upd->nr_pins < NOVA_VMM_INLINE_PINS)
		upd->nr_pins++;
	else
		upd->chunks->nr++;
}

/* What was reserved last, if anything. */
static const struct nova_vmm_pin *nova_vmm_last_pin(const struct nova_vmm_update *upd)
{
	if (upd->chunks && upd->chunks->nr)
		return &upd->chunks->pin[upd->chunks->nr - 1];
	return upd->nr_pins ? &upd->pins[upd->nr_pins - 1] : NULL;
}

/*
 * Neighbours share tables: is the one that is needed kept for this change already? What says so is
 * constant as long as it is.
 */
static bool nova_vmm_has_pin(const struct nova_vmm_update *upd, u64 va, u64 end, unsigned int level)
{
	const struct nova_vmm_pin *last = nova_vmm_last_pin(upd);

	return last && last->first->level == level && nova_pt_covers(last->first, va, end);
}

static void nova_vmm_add_spare(struct nova_vmm_stock *stock, struct nova_pt *pt)
{
	if (!stock->nr[pt->level])
		stock->tail[pt->level] = &stock->spare[pt->level];
	*stock->tail[pt->level] = pt;
	stock->tail[pt->level] = &pt->next;
	pt->next = NULL;
	stock->nr[pt->level]++;
}

/* Make spares, up to @nr of each level. */
static int nova_vmm_make_spares(struct nova_vmm_update *upd, const u64 *nr)
{
	struct nova_pt_tree *tree = &upd->vmm->tree;

	if (!upd->stock)
		upd->stock = kzalloc_obj(*upd->stock);
	if (!upd->stock)
		return -ENOMEM;
	for (unsigned int level = 0; level < tree->fmt->nr_levels; level++)
		while (upd->stock->nr[level] < nr[level]) {
			struct nova_pt *pt = nova_pt_create(tree, level);

			if (IS_ERR(pt))
				return PTR_ERR(pt);
			nova_vmm_add_spare(upd->stock, pt);
		}
	return 0;
}

/* Attach and pin if the spares suffice; @nr tells how many are needed otherwise. */
static struct nova_pt *nova_vmm_try_pin(struct nova_vmm_update *upd, u64 va, u64 end,
					unsigned int level, u64 nr[NOVA_GMMU_MAX_LEVELS])
{
	struct nova_pt_tree *tree = &upd->vmm->tree;
	struct nova_vmm_stock *stock = upd->stock;
	unsigned int i;

	if (!nova_pt_missing(tree, va, end, level, nr))
		return nova_pt_pin(tree, va, end, level, NULL);
	if (!stock)
		return NULL;
	for (i = 0; i < tree->fmt->nr_levels; i++)
		if (nr[i] > stock->nr[i])
			return NULL;
	for (i = 0; i < tree->fmt->nr_levels; i++)
		stock->nr[i] -= nr[i];
	return nova_pt_pin(tree, va, end, level, stock->spare);
}

/* Reserve all tables of @level over a range. */
static int nova_vmm_pin(struct nova_vmm_update *upd, u64 va, u64 end, unsigned int level)
{
	struct nova_pt_tree *tree = &upd->vmm->tree;
	unsigned int span = nova_pt_span_lg2(&tree->fmt->level[level]);
	struct nova_pt *first = NULL;
	struct nova_vmm_pin *pin;
	int ret = 0;

	if (nova_vmm_has_pin(upd, va, end, level))
		return 0;
	pin = nova_vmm_new_pin(upd);
	if (!pin)
		return -ENOMEM;
	mutex_lock(&upd->vmm->map_lock);
	if (va >> span == (end - 1) >> span)
		first = nova_pt_pin_one(tree, va, level);
	while (!first && !ret) {
		u64 nr[NOVA_GMMU_MAX_LEVELS] = {};

		first = nova_vmm_try_pin(upd, va, end, level, nr);
		if (first)
			break;
		mutex_unlock(&upd->vmm->map_lock);
		ret = nova_vmm_make_spares(upd, nr);
		mutex_lock(&upd->vmm->map_lock);
	}
	mutex_unlock(&upd->vmm->map_lock);
	if (ret)
		return ret;
	*pin = (struct nova_vmm_pin){ .va = va, .end = end, .first = first };
	nova_vmm_pin_done(upd);
	return 0;
}

/**
 * nova_vmm_prepare - reserve for anything that may happen to a range
 * @upd: the change
 * @va: first address, multiple of 4 KiB
 * @len: bytes, multiple of 4 KiB
 *
 * Any later operation of this update inside the range finds its tables, whatever
 * backing it has (F-4). Costs up to 4352 bytes of VRAM for each 2 MiB until
 * nova_vmm_finish(); nova_vmm_prepare_map() is cheaper where the backing is known.
 *
 * Context: allocates and sleeps; no lock of this unit may be held.
 *
 * Return: 0; -EINVAL for a bad range; -ENOMEM; -ENOSPC if there is no VRAM for
 * tables. After an error only nova_vmm_abort() is legal.
 */
int nova_vmm_prepare(struct nova_vmm_update *upd, u64 va, u64 len)
{
	const struct nova_gmmu_fmt *fmt = upd->vmm->tree.fmt;
	int ret = nova_vmm_check_range(upd->vmm, va, len);

	for (unsigned int level = 0; level < fmt->nr_levels && !ret; level++)
		if (!fmt->level[level].nr_child)
			ret = nova_vmm_pin(upd, va, va + len, level);
	return ret;
}

/**
 * nova_vmm_prepare_map - check a mapping and reserve what it needs
 * @upd: the change
 * @map: exactly what nova_vmm_map() will be given; the backing stays as it is
 *
 * Context: as nova_vmm_prepare().
 *
 * Return: as nova_vmm_prepare(), and what nova_vmm_check() returns.
 */
int nova_vmm_prepare_map(struct nova_vmm_update *upd, const struct nova_vmm_map *map)
{
	const struct nova_gmmu_fmt *fmt = upd->vmm->tree.fmt;
	int ret = nova_vmm_check_args(upd->vmm, map);
	struct nova_vmm_piece piece;
	struct nova_pte_attr attr;
	bool more = true;

	if (ret)
		return ret;
	nova_vmm_attr(map, &attr);
	nova_vmm_piece_first(upd->vmm, map, &piece);
	while (more) {
		unsigned int level = piece.level;
		u64 start = piece.va;

		/* Neighbouring pieces of one level are one reservation. */
		do {
			ret = fmt->check(&attr, piece.cur.addr, piece.end - piece.va);
			if (ret)
				return ret;
			more = nova_vmm_piece_next(upd->vmm, map, &piece);
		} while (more && piece.level == level);
		ret = nova_vmm_pin(upd, start, piece.va, level);
		if (ret)
			return ret;
	}
	return 0;
}

/* Reserve one table if it is there already; 1 if so, 0 if not, -ENOMEM. */
static int nova_vmm_pin_existing(struct nova_vmm_update *upd, u64 va, unsigned int level)
{
	struct nova_vmm_pin *pin = nova_vmm_new_pin(upd);
	struct nova_pt *first;

	if (!pin)
		return -ENOMEM;
	mutex_lock(&upd->vmm->map_lock);
	first = nova_pt_pin_one(&upd->vmm->tree, va, level);
	mutex_unlock(&upd->vmm->map_lock);
	if (!first)
		return 0;
	*pin = (struct nova_vmm_pin){ .va = va, .end = va + 1, .first = first };
	nova_vmm_pin_done(upd);
	return 1;
}

/* Reserve the tables in which a cut at @va can be expressed, whatever is mapped. */
static int nova_vmm_pin_edge(struct nova_vmm_update *upd, u64 va)
{
	const struct nova_gmmu_fmt *fmt = upd->vmm->tree.fmt;
	unsigned int level = fmt->nr_levels - 1;
	int ret = 0;

	while (!IS_ALIGNED(va, 1ULL << fmt->level[level].va_lo)) {
		const struct nova_gmmu_level *lvl = &fmt->level[level];

		level = lvl->child[0];
		if (lvl->nr_child == 2 && !IS_ALIGNED(va, 1ULL << fmt->level[level].va_lo))
			level = lvl->child[1];
	}
	if (level == fmt->nr_levels - 1)
		return 0;
	/* Small pages can express any cut, so what was mapped with them needs no big table. */
	if (level && !fmt->level[level].nr_child)
		ret = nova_vmm_pin_existing(upd, va, 0);
	return ret ? min(ret, 0) : nova_vmm_pin(upd, va, va + 1, level);
}

/**
 * nova_vmm_prepare_cut - reserve for a range whose edges may cut mappings
 * @upd: the change
 * @va: first address, multiple of 4 KiB
 * @len: bytes, multiple of 4 KiB
 *
 * Needed before nova_vmm_sparse(), and before nova_vmm_unmap() unless the range
 * consists of whole mappings. At most one table of each level for each edge.
 *
 * Context: as nova_vmm_prepare().
 *
 * Return: as nova_vmm_prepare().
 */
int nova_vmm_prepare_cut(struct nova_vmm_update *upd, u64 va, u64 len)
{
	int ret = nova_vmm_check_range(upd->vmm, va, len);

	if (!ret)
		ret = nova_vmm_pin_edge(upd, va);
	if (!ret)
		ret = nova_vmm_pin_edge(upd, va + len);
	return ret;
}

static void nova_vmm_trace(const struct nova_vmm_update *upd, const char *what, u64 va, u64 len,
			   unsigned int shift)
{
	trace_nova_pte_update(upd->vmm->mm->nd, nova_vmm_pdb(upd->vmm).addr, what, va, len, shift);
}

/* What was changed under the map lock is covered by nova_vmm_flush() from here on. */
static void nova_vmm_unlock_changed(struct nova_vmm_update *upd)
{
	upd->edit.epoch = upd->vmm->tree.epoch++;
	mutex_unlock(&upd->vmm->map_lock);
}

static noinline void nova_vmm_map_pieces(struct nova_vmm_update *upd,
					 const struct nova_vmm_map *map)
{
	struct nova_vmm_piece piece;
	struct nova_pte_attr attr;
	struct nova_pt_run run;

	nova_vmm_attr(map, &attr);
	nova_vmm_piece_first(upd->vmm, map, &piece);
	do {
		nova_vmm_piece_run(upd->vmm->tree.fmt, &attr, &piece, &run);
		nova_pt_map(&upd->vmm->tree, &upd->edit, &run);
		nova_vmm_trace(upd, "map", run.va, run.end - run.va, piece.shift);
	} while (nova_vmm_piece_next(upd->vmm, map, &piece));
}

/**
 * nova_vmm_map - map memory
 * @upd: the change; the range was prepared
 * @map: what to map where
 *
 * Replaces whatever is mapped there. Visible to the GPU at the latest after
 * nova_vmm_flush().
 *
 * Context: takes the map lock; never allocates; legal while fences wait to be
 * signalled.
 */
void nova_vmm_map(struct nova_vmm_update *upd, const struct nova_vmm_map *map)
{
	int overwritten;

	mutex_lock(&upd->vmm->map_lock);
	overwritten = nova_vmm_map_quick(upd->vmm, map);
	if (overwritten < 0) {
		nova_vmm_map_pieces(upd, map);
	} else {
		nova_tlb_gather_add(&upd->edit.gather, map->va, map->va + map->len, 0,
				    overwritten);
		nova_vmm_trace(upd, "map", map->va, map->len, NOVA_PAGE_SHIFT);
	}
	nova_vmm_unlock_changed(upd);
}

/**
 * nova_vmm_unmap - let a range map nothing
 * @upd: the change
 * @va: first address
 * @len: bytes; a range nova_vmm_check_range() accepts
 *
 * If an edge cuts a huge page and nova_vmm_prepare_cut() was not called, the whole
 * page goes.
 *
 * Context: as nova_vmm_map().
 */
void nova_vmm_unmap(struct nova_vmm_update *upd, u64 va, u64 len)
{
	mutex_lock(&upd->vmm->map_lock);
	nova_pt_unmap(&upd->vmm->tree, &upd->edit, va, va + len);
	nova_vmm_trace(upd, "unmap", va, len, 0);
	nova_vmm_unlock_changed(upd);
}

/**
 * nova_vmm_sparse - let a range read zero and drop writes
 * @upd: the change; nova_vmm_prepare_cut() was called for the range
 * @va: first address
 * @len: bytes; a range nova_vmm_check_range() accepts
 *
 * Writes the coarsest entries that fit: the cost depends on the depth of the
 * tables and on what was mapped, not on @len.
 *
 * Context: as nova_vmm_map().
 */
void nova_vmm_sparse(struct nova_vmm_update *upd, u64 va, u64 len)
{
	mutex_lock(&upd->vmm->map_lock);
	nova_pt_sparse(&upd->vmm->tree, &upd->edit, va, va + len);
	nova_vmm_trace(upd, "sparse", va, len, 0);
	nova_vmm_unlock_changed(upd);
}

/*
 * Once this update's invalidate is over, tables that others have unlinked before may be freed
 * with it: whoever lets go of them last does not know what is still to come. So it must be
 * enough for those, too.
 */
static void nova_vmm_cover_unlinked(struct nova_vmm *vmm, unsigned int *level, bool *tighten)
{
	struct nova_pt_tree *tree = &vmm->tree;

	guard(mutex)(&vmm->map_lock);
	if (tree->unlinked <= tree->flushed)
		return;
	*level = max_t(unsigned int, *level, tree->unlink_level);
	*tighten = true;
}

/**
 * nova_vmm_flush - make an update take effect
 * @upd: the change, all operations done
 *
 * Barrier, one invalidate, and if anything was taken away the acknowledge that no
 * access is under way through it any more. Nothing changed, nothing done.
 *
 * Context: may sleep; never allocates; legal while fences wait to be signalled.
 *
 * Return: 0; -EIO if the hardware does not answer, now and for ever: memory that
 * was unmapped must not be reused; -ENODEV after unplug: it may be.
 */
int nova_vmm_flush(struct nova_vmm_update *upd)
{
	const struct nova_tlb_gather *gather = &upd->edit.gather;
	unsigned int level = gather->level;
	bool tighten = gather->tighten;
	int ret;

	WARN_ON_ONCE(upd->edit.missing);
	if (!gather->nr)
		return nova_vmm_error(upd->vmm);
	nova_vmm_cover_unlinked(upd->vmm, &level, &tighten);
	ret = nova_vmm_invalidate(upd->vmm, level, tighten);
	if (ret != -EIO)
		upd->acked = upd->edit.epoch;
	return ret;
}

/* Dead tables an invalidate has covered; the others wait in limbo. */
static struct nova_pt *nova_vmm_sort_dead(struct nova_pt_tree *tree, struct nova_pt *dead,
					  struct nova_pt *safe)
{
	while (dead) {
		struct nova_pt *pt = dead, **list = pt->epoch <= tree->flushed ? &safe :
										 &tree->limbo;

		dead = pt->next;
		pt->next = *list;
		*list = pt;
	}
	return safe;
}

static void nova_vmm_unpin(struct nova_vmm_update *upd, const struct nova_vmm_pin *pin,
			   unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		nova_pt_unpin(&upd->vmm->tree, &upd->edit, pin[i].va, pin[i].end, pin[i].first);
}

/* Give reservations back; returns tables that may be freed. */
static struct nova_pt *nova_vmm_release(struct nova_vmm_update *upd)
{
	struct nova_pt_tree *tree = &upd->vmm->tree;
	struct nova_pt *limbo, *safe = NULL;

	mutex_lock(&upd->vmm->map_lock);
	nova_vmm_unpin(upd, upd->pins, upd->nr_pins);
	for (struct nova_vmm_pins *chunk = upd->chunks; chunk; chunk = chunk->next)
		nova_vmm_unpin(upd, chunk->pin, chunk->nr);
	if (upd->acked > tree->flushed) {
		tree->flushed = upd->acked;
		if (tree->unlinked <= tree->flushed)
			tree->unlink_level = 0;
		limbo = tree->limbo;
		tree->limbo = NULL;
		safe = nova_vmm_sort_dead(tree, limbo, safe);
	}
	safe = nova_vmm_sort_dead(tree, upd->edit.dead, safe);
	mutex_unlock(&upd->vmm->map_lock);
	return safe;
}

static void nova_vmm_destroy_list(struct nova_pt_tree *tree, struct nova_pt *list)
{
	while (list) {
		struct nova_pt *pt = list;

		list = pt->next;
		nova_pt_destroy(tree, pt);
	}
}

/**
 * nova_vmm_finish - free what an update leaves behind
 * @upd: the change, after nova_vmm_flush(); afterwards its memory is the caller's
 *
 * Tables the invalidate did not cover are kept for a later one, for ever if the
 * hardware is lost.
 *
 * Context: may sleep and takes locks under which memory is allocated: not where a
 * fence waits to be signalled.
 */
void nova_vmm_finish(struct nova_vmm_update *upd)
{
	struct nova_pt_tree *tree = &upd->vmm->tree;
	struct nova_vmm_pins *chunk;

	/* A range given back with changes that no cache was told about (T-3). */
	WARN_ON_ONCE(upd->edit.gather.nr && !upd->acked && !nova_vmm_error(upd->vmm));
	/* A flush with nothing unlinked is news only to tables that wait for one. */
	if (upd->nr_pins || upd->edit.dead || upd->edit.unlinked || READ_ONCE(tree->limbo))
		nova_vmm_destroy_list(tree, nova_vmm_release(upd));
	for (unsigned int i = 0; upd->stock && i < tree->fmt->nr_levels; i++)
		nova_vmm_destroy_list(tree, upd->stock->spare[i]);
	kfree(upd->stock);
	while ((chunk = upd->chunks)) {
		upd->chunks = chunk->next;
		kfree(chunk);
	}
}

/**
 * nova_vmm_abort - give up a change that was only prepared
 * @upd: the change; afterwards its memory is the caller's
 *
 * Context: as nova_vmm_finish().
 */
void nova_vmm_abort(struct nova_vmm_update *upd)
{
	WARN_ON_ONCE(upd->edit.gather.nr);
	nova_vmm_finish(upd);
}
