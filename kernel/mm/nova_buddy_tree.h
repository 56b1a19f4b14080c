/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_TREE_H__
#define __NOVA_BUDDY_TREE_H__

/*
 * Private to nova_buddy*.c: the bitmap tree. DOC: in nova_buddy_tree.c.
 */

#include "nova_buddy.h"
#include "nova_buddy_bits.h"

#include <linux/bitops.h>
#include <linux/minmax.h>

/** enum nova_buddy_kind - what is known of the contents of a free unit */
enum nova_buddy_kind {
	NOVA_BUDDY_IS_DIRTY,
	NOVA_BUDDY_IS_CLEAR,
	NOVA_BUDDY_IS_MIXED,
	NOVA_BUDDY_KINDS,
};

/** define NOVA_BUDDY_NOWHERE - no chunk: what is looked for is not there */
#define NOVA_BUDDY_NOWHERE	(~0ull)

#define NOVA_BUDDY_GROUP_LEVEL	2	/* lowest level that is a node: 2^18 chunks */
#define NOVA_BUDDY_GROUP_LEAVES	64
#define NOVA_BUDDY_GROUP_WORDS	(NOVA_BUDDY_GROUP_LEAVES * 64)
#define NOVA_BUDDY_MAX_LEVEL	8
#define NOVA_BUDDY_INDEX	(6 * NOVA_BUDDY_MAX_LEVEL + 6)	/* and room to read six at a time */
#define NOVA_BUDDY_PURE		2	/* kinds that have words of level 0 and an index */

/**
 * struct nova_buddy_leaf - the word of level 1 over 64 words, a cache line a pure kind
 * @row: by pure kind: bit i of the first six: word i holds a maximal block of that order; then the
 *       words that are wholly free; in the row of the dirty kind, last, those that are mixed
 */
struct nova_buddy_leaf {
	u64 row[NOVA_BUDDY_PURE][8];
};

/**
 * struct nova_buddy_node - a word of level 2 or above, and where to look below it
 * @parent: node one level up, NULL at the root
 * @child: nodes one level down, entries NULL until populated; NULL at group level
 * @level: one unit (child) is 64^@level chunks
 * @bit: which child of @parent this is, as a bit
 * @unit: by kind, the children that are wholly free
 * @has: by pure kind, bit i of word m: below child i there is a maximal block of order m; behind
 *       the orders of the level all is 0, and read
 * @blend: bit i of word k: child i is, or below it there is, a word of level k in which there are
 *         units of several kinds
 */
struct nova_buddy_node {
	struct nova_buddy_node *parent;
	struct nova_buddy_node **child;
	unsigned int level;
	u64 bit;
	u64 unit[NOVA_BUDDY_KINDS];
	u64 has[NOVA_BUDDY_PURE][NOVA_BUDDY_INDEX];
	u64 blend[NOVA_BUDDY_MAX_LEVEL];
};

/**
 * struct nova_buddy_ways - where the words of one pure kind are in a group, by their level
 * @word: the first word: 4096 of one bit a chunk, 64 in the leaves, that of the node
 * @below: the index below it; at level 0 words that are 0
 */
struct nova_buddy_ways {
	u64 *word[NOVA_BUDDY_GROUP_LEVEL + 1];
	u64 *below[NOVA_BUDDY_GROUP_LEVEL + 1];
};

/**
 * struct nova_buddy_group - a node of level 2 with its leaves and words
 * @leaf: words of level 1; beside the ways of dirty memory, in a line of cache if that is aligned
 * @way: by pure kind
 * @mixed: by level, the first word of mixed units; at level 0 one that is 0
 * @node: the node; its children are @leaf
 */
struct nova_buddy_group {
	struct nova_buddy_leaf *leaf;
	struct nova_buddy_ways way[NOVA_BUDDY_PURE];
	u64 *mixed[NOVA_BUDDY_GROUP_LEVEL + 1];
	struct nova_buddy_node node;
};

/** struct nova_buddy_place - one word: 64 units of a level */
struct nova_buddy_place {
	/** @node: itself, or the group it is in */
	struct nova_buddy_node *node;
	/** @idx: which leaf or word of the group, else 0 */
	unsigned int idx;
	/** @level: a unit is 64^@level chunks */
	unsigned int level;
};

/** struct nova_buddy_view - 64 units of one level, as two words */
struct nova_buddy_view {
	/** @all: units wholly in the set */
	u64 all;
	/** @any: units with at least one chunk in the set */
	u64 any;
};

/** nova_buddy_group() - the group of a node of level NOVA_BUDDY_GROUP_LEVEL */
static inline struct nova_buddy_group *nova_buddy_group(const struct nova_buddy_node *node)
{
	return container_of((struct nova_buddy_node *)node, struct nova_buddy_group, node);
}

/** nova_buddy_leaf_word() - the units of a kind in a leaf */
static inline u64 *nova_buddy_leaf_word(struct nova_buddy_leaf *leaf, enum nova_buddy_kind kind)
{
	return kind == NOVA_BUDDY_IS_MIXED ? &leaf->row[NOVA_BUDDY_IS_DIRTY][7] :
					     &leaf->row[kind][6];
}

/** nova_buddy_word() - where the units of a kind are kept; the mixed kind has none at level 0 */
static __always_inline u64 *nova_buddy_word(const struct nova_buddy_place *at,
					    enum nova_buddy_kind kind)
{
	struct nova_buddy_group *group;

	if (at->level >= NOVA_BUDDY_GROUP_LEVEL)
		return &at->node->unit[kind];
	group = nova_buddy_group(at->node);
	if (at->level || kind == NOVA_BUDDY_IS_MIXED)
		return nova_buddy_leaf_word(&group->leaf[at->idx], kind);
	return &group->way[kind].word[0][at->idx];
}

/** nova_buddy_union() - the units of a word that are wholly free, whatever their kind */
static __always_inline u64 nova_buddy_union(const struct nova_buddy_place *at)
{
	u64 units = *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) |
		    *nova_buddy_word(at, NOVA_BUDDY_IS_CLEAR);

	return at->level ? units | *nova_buddy_word(at, NOVA_BUDDY_IS_MIXED) : units;
}

/** nova_buddy_at() - the word of a level in which a chunk is; its node is populated */
static inline struct nova_buddy_place nova_buddy_at(const struct nova_buddy *b, unsigned int level,
						    u64 chunk)
{
	struct nova_buddy_place at = { .node = b->root, .level = level };
	unsigned int to = max(level, NOVA_BUDDY_GROUP_LEVEL);

	while (at.node->level > to)
		at.node = at.node->child[chunk >> (6 * at.node->level) & 63];
	if (level < NOVA_BUDDY_GROUP_LEVEL)
		at.idx = chunk >> (6 * level + 6) & ((1u << (12 - 6 * level)) - 1);
	return at;
}

/** nova_buddy_child() - the word below a unit of a word of level 1 or higher */
static inline struct nova_buddy_place nova_buddy_child(const struct nova_buddy_place *at,
						       unsigned int slot)
{
	return (struct nova_buddy_place){
		.node = at->level > NOVA_BUDDY_GROUP_LEVEL ? at->node->child[slot] : at->node,
		.idx = at->level > NOVA_BUDDY_GROUP_LEVEL ? 0 : at->idx * 64 + slot,
		.level = at->level - 1,
	};
}

/** nova_buddy_up() - go to the word above; returns the unit there */
static inline u64 nova_buddy_up(struct nova_buddy_place *at)
{
	u64 bit = BIT_ULL(at->idx % 64);

	if (at->level >= NOVA_BUDDY_GROUP_LEVEL) {
		bit = at->node->bit;
		at->node = at->node->parent;
	}
	at->idx /= 64;
	at->level++;
	return bit;
}

struct nova_buddy_node *nova_buddy_node_create(unsigned int level);
void nova_buddy_node_destroy(struct nova_buddy_node *node);
size_t nova_buddy_node_bytes(unsigned int level);
unsigned int nova_buddy_missing(struct nova_buddy *b, u64 first, u64 end, u64 *chunk);
bool nova_buddy_populate(struct nova_buddy *b, u64 chunk, struct nova_buddy_node *node);

void nova_buddy_tell(struct nova_buddy *b, const struct nova_buddy_place *at, u64 base, u64 known);
void nova_buddy_expose(struct nova_buddy *b, const struct nova_buddy_place *at, u64 chunk);
void nova_buddy_blend(struct nova_buddy *b, struct nova_buddy_place at);
unsigned int nova_buddy_part(struct nova_buddy *b, struct nova_buddy_place at);
unsigned int nova_buddy_take_block(struct nova_buddy *b, unsigned int order, u64 chunk);
void nova_buddy_give(struct nova_buddy *b, enum nova_buddy_kind kind, u64 first, u64 end);
unsigned int nova_buddy_take_range(struct nova_buddy *b, u64 first, u64 end);

struct nova_buddy_view nova_buddy_view(struct nova_buddy *b, unsigned int level, u64 idx);
bool nova_buddy_all(struct nova_buddy *b, u64 first, u64 end);
bool nova_buddy_none(struct nova_buddy *b, u64 first, u64 end);
u64 nova_buddy_piece(struct nova_buddy *b, u64 chunk, enum nova_buddy_kind *kind);

#endif
