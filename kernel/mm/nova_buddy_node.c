// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nodes of the buddy allocator's tree
 *
 * Metadata comes in groups of 2^18 chunks (1 GiB of 4 KiB chunks): two bitmaps of 32 KiB and 9
 * KiB of index, 73 KiB in all, and a node of 1.5 KiB per 64 groups. Pools of up to
 * NOVA_BUDDY_EAGER groups get all of it at init, so that allocating never needs memory for the
 * tree; larger ones, which would cost more than 70 MB before the first use, get a group when a
 * boundary between used and free first falls into it. Nothing is given back before fini: what
 * freeing needs is there because allocating needed it.
 *
 * Invariant: a missing child is wholly free or wholly used, as its parent says.
 * Locking: nodes are created without a lock and linked under nova_buddy.lock.
 */

#include "nova_buddy_tree.h"

#include <linux/mm.h>
#include <linux/slab.h>

#include <kunit/static_stub.h>

#define NOVA_BUDDY_WORDS_BYTES	(NOVA_BUDDY_GROUP_WORDS * sizeof(u64))
#define NOVA_BUDDY_LEAVES_BYTES	(NOVA_BUDDY_GROUP_LEAVES * sizeof(struct nova_buddy_leaf))

/**
 * nova_buddy_node_bytes() - memory a node takes
 * @level: its level
 *
 * Return: bytes, with the words below a group.
 */
size_t nova_buddy_node_bytes(unsigned int level)
{
	if (level == NOVA_BUDDY_GROUP_LEVEL)
		return sizeof(struct nova_buddy_group) + NOVA_BUDDY_LEAVES_BYTES +
		       NOVA_BUDDY_PURE * NOVA_BUDDY_WORDS_BYTES;
	return sizeof(struct nova_buddy_node) + 64 * sizeof(struct nova_buddy_node *);
}

static void nova_buddy_group_destroy(struct nova_buddy_group *group)
{
	kvfree(group->way[NOVA_BUDDY_IS_DIRTY].word[0]);
	kvfree(group->way[NOVA_BUDDY_IS_CLEAR].word[0]);
	kfree(group->leaf);
	kfree(group);
}

/* What a level has not is looked for where nothing is ever set: behind the orders of the node. */
static void nova_buddy_group_wire(struct nova_buddy_group *group)
{
	u64 *none = &group->node.has[0][6 * NOVA_BUDDY_GROUP_LEVEL];
	unsigned int kind;

	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++) {
		struct nova_buddy_ways *way = &group->way[kind];

		way->word[1] = nova_buddy_leaf_word(group->leaf, kind);
		way->word[2] = &group->node.unit[kind];
		way->below[0] = none;
		way->below[1] = group->leaf->row[kind];
		way->below[2] = group->node.has[kind];
	}
	group->mixed[0] = none;
	group->mixed[1] = nova_buddy_leaf_word(group->leaf, NOVA_BUDDY_IS_MIXED);
	group->mixed[2] = &group->node.unit[NOVA_BUDDY_IS_MIXED];
}

static struct nova_buddy_node *nova_buddy_group_create(void)
{
	struct nova_buddy_group *group;
	unsigned int kind;

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return NULL;
	group->node.level = NOVA_BUDDY_GROUP_LEVEL;
	group->leaf = kzalloc(NOVA_BUDDY_LEAVES_BYTES, GFP_KERNEL);
	if (!group->leaf)
		goto err;
	for (kind = 0; kind < NOVA_BUDDY_PURE; kind++) {
		group->way[kind].word[0] = kvzalloc(NOVA_BUDDY_WORDS_BYTES, GFP_KERNEL);
		if (!group->way[kind].word[0])
			goto err;
	}
	nova_buddy_group_wire(group);
	return &group->node;

err:
	nova_buddy_group_destroy(group);
	return NULL;
}

/**
 * nova_buddy_node_create() - make an empty node
 * @level: NOVA_BUDDY_GROUP_LEVEL to NOVA_BUDDY_MAX_LEVEL
 *
 * Context: may sleep.
 *
 * Return: a node that is in no tree yet, or NULL without memory.
 */
struct nova_buddy_node *nova_buddy_node_create(unsigned int level)
{
	const size_t child = 64 * sizeof(struct nova_buddy_node *);
	struct nova_buddy_node *node;

	KUNIT_STATIC_STUB_REDIRECT(nova_buddy_node_create, level);
	if (level == NOVA_BUDDY_GROUP_LEVEL)
		return nova_buddy_group_create();
	node = kzalloc(sizeof(*node) + child, GFP_KERNEL);
	if (!node)
		return NULL;
	node->child = (struct nova_buddy_node **)(node + 1);
	node->level = level;
	return node;
}

/**
 * nova_buddy_node_destroy() - free a node and all below
 * @node: the node, or NULL
 *
 * Context: may sleep.
 */
void nova_buddy_node_destroy(struct nova_buddy_node *node)
{
	unsigned int i;

	if (!node)
		return;
	if (node->level == NOVA_BUDDY_GROUP_LEVEL) {
		nova_buddy_group_destroy(nova_buddy_group(node));
		return;
	}
	for (i = 0; i < 64; i++)
		nova_buddy_node_destroy(node->child[i]);
	kfree(node);
}

/*
 * Walks towards the node in which a boundary at @pos falls, seen from @chunk beside it. Returns
 * the level of the first node missing on the way, 0 if none is.
 */
static unsigned int nova_buddy_missing_at(struct nova_buddy *b, u64 chunk, u64 pos)
{
	struct nova_buddy_node *node = b->root;
	unsigned int level = pos ? __ffs64(pos) / 6 : NOVA_BUDDY_MAX_LEVEL;

	while (node->level > level && node->level > NOVA_BUDDY_GROUP_LEVEL) {
		unsigned int slot = chunk >> (6 * node->level) & 63;

		if (!node->child[slot])
			return node->level - 1;
		node = node->child[slot];
	}
	return 0;
}

/**
 * nova_buddy_missing() - find a node that must exist before a range changes sets
 * @b: the pool
 * @first: first chunk of the range
 * @end: behind its last chunk
 * @chunk: set to a chunk below the missing node
 *
 * Context: nova_buddy.lock held.
 *
 * Return: level of the missing node, or 0 if all are there.
 */
unsigned int nova_buddy_missing(struct nova_buddy *b, u64 first, u64 end, u64 *chunk)
{
	unsigned int level = nova_buddy_missing_at(b, first, first);

	*chunk = first;
	if (level)
		return level;
	*chunk = end - 1;
	return nova_buddy_missing_at(b, end - 1, end);
}

/**
 * nova_buddy_populate() - link a node into the tree
 * @b: the pool
 * @chunk: a chunk below the new node
 * @node: the node; its parent is populated
 *
 * Context: nova_buddy.lock held.
 *
 * Return: false if somebody else was first and @node is still the caller's.
 */
bool nova_buddy_populate(struct nova_buddy *b, u64 chunk, struct nova_buddy_node *node)
{
	struct nova_buddy_node *parent = b->root;
	unsigned int slot;

	while (parent->level > node->level + 1)
		parent = parent->child[chunk >> (6 * parent->level) & 63];
	slot = chunk >> (6 * parent->level) & 63;
	if (parent->child[slot])
		return false;
	node->parent = parent;
	node->bit = BIT_ULL(slot);
	parent->child[slot] = node;
	b->metadata += nova_buddy_node_bytes(node->level);
	return true;
}
