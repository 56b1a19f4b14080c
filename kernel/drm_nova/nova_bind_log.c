// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_bind_log
 *
 * Where the edits of a call are kept. A call of one operation needs no memory for it,
 * one of thousands needs a page for each 169, and walks them as an array::
 *
 *	chunks -> first            -> chunk                -> chunk
 *	          4 edits, inline     a page, full            a page, being filled
 *
 * Invariant: chunks before the last are full; the last is empty only if it is the
 * first.
 *
 * Locking: the caller's.
 */
#include "nova_bind_log.h"

#include "nova_compat.h"

#include <linux/slab.h>

#define NOVA_BIND_EDITS_A_CHUNK	((PAGE_SIZE - sizeof(struct nova_bind_chunk)) / \
				 sizeof(struct nova_bind_edit))

/**
 * nova_bind_log_init - make an empty log
 * @log: memory is the caller's, and does not move
 */
void nova_bind_log_init(struct nova_bind_log *log)
{
	INIT_LIST_HEAD(&log->chunks);
	log->first.nr = 0;
	log->first.max = NOVA_BIND_FEW_EDITS;
	log->first.edit = log->few;
	list_add(&log->first.link, &log->chunks);
}

static struct nova_bind_chunk *nova_bind_log_tail(struct nova_bind_log *log)
{
	return list_last_entry(&log->chunks, struct nova_bind_chunk, link);
}

static struct nova_bind_chunk *nova_bind_log_grow(struct nova_bind_log *log)
{
	struct nova_bind_chunk *chunk = kmalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);

	if (!chunk)
		return NULL;
	chunk->nr = 0;
	chunk->max = NOVA_BIND_EDITS_A_CHUNK;
	chunk->edit = (struct nova_bind_edit *)(chunk + 1);
	list_add_tail(&chunk->link, &log->chunks);
	return chunk;
}

/**
 * nova_bind_log_add - room for one edit more
 * @log: the log
 *
 * Context: process; allocates.
 *
 * Return: the edit, to be filled; NULL without memory.
 */
struct nova_bind_edit *nova_bind_log_add(struct nova_bind_log *log)
{
	struct nova_bind_chunk *chunk = nova_bind_log_tail(log);

	if (chunk->nr == chunk->max)
		chunk = nova_bind_log_grow(log);
	return chunk ? &chunk->edit[chunk->nr++] : NULL;
}

/**
 * nova_bind_log_last - the edit made last
 * @log: the log
 *
 * Return: the edit, or NULL.
 */
struct nova_bind_edit *nova_bind_log_last(struct nova_bind_log *log)
{
	struct nova_bind_chunk *chunk = nova_bind_log_tail(log);

	return chunk->nr ? &chunk->edit[chunk->nr - 1] : NULL;
}

/* Empties the last chunk; returns the one before it, which the log now ends with. */
static struct nova_bind_chunk *nova_bind_log_shrink(struct nova_bind_log *log,
						    struct nova_bind_chunk *chunk)
{
	struct nova_bind_chunk *prev = list_prev_entry(chunk, link);

	chunk->nr = 0;
	if (chunk == &log->first)
		return chunk;
	list_del(&chunk->link);
	kfree(chunk);
	return prev;
}

/**
 * nova_bind_log_pop - take the edit made last out of the log
 * @log: the log
 *
 * Return: the edit, valid until the log is changed; NULL if it is empty.
 */
struct nova_bind_edit *nova_bind_log_pop(struct nova_bind_log *log)
{
	struct nova_bind_chunk *chunk = nova_bind_log_tail(log);

	if (!chunk->nr)
		chunk = nova_bind_log_shrink(log, chunk);
	return chunk->nr ? &chunk->edit[--chunk->nr] : NULL;
}

/**
 * nova_bind_log_next - walk the edits in order
 * @log: the log; does not change meanwhile
 * @pos: how far the walk has come; advanced
 *
 * Context: any.
 *
 * Return: the next edit; NULL at the end.
 */
struct nova_bind_edit *nova_bind_log_next(const struct nova_bind_log *log,
					  struct nova_bind_log_pos *pos)
{
	if (!pos->chunk)
		pos->chunk = &log->first;
	if (pos->i == pos->chunk->nr) {
		if (list_is_last(&pos->chunk->link, &log->chunks))
			return NULL;
		pos->chunk = list_next_entry(pos->chunk, link);
		pos->i = 0;
	}
	return &pos->chunk->edit[pos->i++];
}

/**
 * nova_bind_log_clear - forget all edits
 * @log: the log; empty afterwards
 */
void nova_bind_log_clear(struct nova_bind_log *log)
{
	struct nova_bind_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &log->chunks, link)
		nova_bind_log_shrink(log, chunk);
}
