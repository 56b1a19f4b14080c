// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: beginning and end of a buddy allocator's pool
 *
 * The tree spans the smallest aligned power of 64 chunks that holds the pool, in absolute
 * addresses: a block aligned in the tree is aligned in memory, whatever the base (B-5). What the
 * tree covers outside the pool is simply never free.
 *
 * Locking: nobody else knows the pool yet, or any more. Units: bytes outside, chunks inside.
 */

#include "nova_buddy.h"
#include "nova_buddy_extent.h"
#include "nova_buddy_open.h"
#include "nova_buddy_pool.h"
#include "nova_buddy_tree.h"

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/string.h>

#define NOVA_BUDDY_EAGER 1024	/* groups: pools of fewer have all of them from the beginning */

/**
 * nova_buddy_provide_node() - make a node that a pass has missed
 * @b: the pool
 * @level: level of the node
 * @chunk: a chunk below it
 *
 * Context: may sleep; without the lock.
 *
 * Return: 0 or -ENOMEM.
 */
int nova_buddy_provide_node(struct nova_buddy *b, unsigned int level, u64 chunk)
{
	struct nova_buddy_node *node = nova_buddy_node_create(level);
	bool used;

	if (!node)
		return -ENOMEM;
	spin_lock(&b->lock);
	used = nova_buddy_populate(b, chunk, node);
	spin_unlock(&b->lock);
	if (!used)
		nova_buddy_node_destroy(node);
	return 0;
}

/**
 * nova_buddy_provide_range() - make the nodes that changing a range needs
 * @b: the pool
 * @first: first chunk
 * @end: behind the last chunk
 *
 * Context: may sleep; without the lock.
 *
 * Return: 0 or -ENOMEM.
 */
int nova_buddy_provide_range(struct nova_buddy *b, u64 first, u64 end)
{
	unsigned int level;
	u64 chunk;
	int ret;

	for (;;) {
		spin_lock(&b->lock);
		level = nova_buddy_missing(b, first, end, &chunk);
		spin_unlock(&b->lock);
		if (!level)
			return 0;
		ret = nova_buddy_provide_node(b, level, chunk);
		if (ret)
			return ret;
	}
}

static int nova_buddy_provide_all(struct nova_buddy *b)
{
	const u64 span = 64ull * NOVA_BUDDY_GROUP_WORDS;
	u64 chunk;
	int ret;

	b->lazy = (b->end - b->first) / span >= NOVA_BUDDY_EAGER;
	if (b->lazy)
		return 0;
	for (chunk = round_down(b->first, span); chunk < b->end; chunk += span) {
		ret = nova_buddy_provide_range(b, chunk, chunk + 1);
		if (ret)
			return ret;
	}
	return 0;
}

static int nova_buddy_init_tree(struct nova_buddy *b, u64 base, u64 size)
{
	unsigned int level = NOVA_BUDDY_GROUP_LEVEL;
	u64 first = base >> b->chunk_lg2, last = (base + (size - 1)) >> b->chunk_lg2;

	while (first >> (6 * level + 6) != last >> (6 * level + 6))
		level++;
	b->origin = first >> (6 * level + 6) << (6 * level + 6) << b->chunk_lg2;
	b->first = nova_buddy_chunk(b, base);
	b->end = b->first + (size >> b->chunk_lg2);
	b->low = base - b->origin;
	b->high = b->low + (size - 1);
	b->root = nova_buddy_node_create(level);
	if (!b->root)
		return -ENOMEM;
	b->metadata = nova_buddy_node_bytes(level);
	return 0;
}

/* Afterwards there is no address in the pool. */
static void nova_buddy_fini_tree(struct nova_buddy *b)
{
	nova_buddy_node_destroy(b->root);
	b->root = NULL;
	b->first = 0;
	b->end = 0;
}

/**
 * nova_buddy_init() - make a pool with everything free and dirty
 * @b: the pool; what it held before is overwritten
 * @cfg: what it manages; not kept
 *
 * Context: may sleep. O(metadata): 73 KiB per 2^18 chunks up to 2^28 chunks, O(levels) above.
 *
 * Return: 0; -EINVAL for a chunk size that is no power of two or below 4 KiB, a size below that, a
 * base that is no multiple of it, or a range that leaves 64 bits (B-4); -ENOMEM.
 */
int nova_buddy_init(struct nova_buddy *b, const struct nova_buddy_cfg *cfg)
{
	u64 size = round_down(cfg->size, cfg->chunk_size ?: 1), last;
	int ret;

	memset(b, 0, sizeof(*b));
	if (cfg->chunk_size < SZ_4K || !is_power_of_2(cfg->chunk_size) || !size ||
	    cfg->base_offset & (cfg->chunk_size - 1) ||
	    check_add_overflow(cfg->base_offset, size - 1, &last))
		return -EINVAL;
	spin_lock_init(&b->lock);
	b->chunk_lg2 = ilog2(cfg->chunk_size);
	b->chunk_bytes = cfg->chunk_size;
	b->lost = cfg->size - size;
	ret = nova_buddy_init_tree(b, cfg->base_offset, size);
	if (!ret)
		ret = nova_buddy_provide_range(b, b->first, b->end);
	if (!ret)
		ret = nova_buddy_provide_all(b);
	if (ret) {
		nova_buddy_fini_tree(b);
		return ret;
	}
	spin_lock(&b->lock);
	nova_buddy_give(b, NOVA_BUDDY_IS_DIRTY, b->first, b->end);
	spin_unlock(&b->lock);
	return 0;
}

/**
 * nova_buddy_fini() - end a pool
 * @b: the pool; nobody uses it any more; a pool never initialised is left alone
 *
 * Warns if something is still allocated; such allocations may still be passed to
 * nova_buddy_free(), which ignores them with a warning (B-14).
 *
 * Context: may sleep. O(groups).
 */
void nova_buddy_fini(struct nova_buddy *b)
{
	if (!b->root)
		return;
	nova_buddy_settle(b);
	if (nova_buddy_left(b) != b->end - b->first)
		nova_buddy_misused(b, "fini with memory allocated");
	nova_buddy_fini_tree(b);
}
