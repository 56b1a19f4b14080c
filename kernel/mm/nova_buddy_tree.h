/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_BUDDY_TREE_H__
#define __NOVA_BUDDY_TREE_H__

/*
 * Private to nova_buddy*.c: the bitmap tree. DOC: in nova_buddy_tree.c.
 */

#include "nova_buddy.h"

#include <linux/bitops.h>
#include <linux/log2.h>

/** enum nova_buddy_set - the two sets of chunks a tree keeps, the second a subset of the first */
enum nova_buddy_set {
	NOVA_BUDDY_SET_FREE,
	NOVA_BUDDY_SET_CLEAR,
	NOVA_BUDDY_SETS,
};

#define NOVA_BUDDY_WORD_CLASSES	7	/* class of a full word; classes are order + 1, 0 is none */
#define NOVA_BUDDY_GROUP_LEVEL	2	/* lowest level that is a node: 2^18 chunks */
#define NOVA_BUDDY_GROUP_LEAVES	64
#define NOVA_BUDDY_GROUP_WORDS	(NOVA_BUDDY_GROUP_LEAVES * 64)
#define NOVA_BUDDY_MAX_LEVEL	8

/**
 * struct nova_buddy_leaf - the classes of 64 words, 4096 chunks
 * @plane: bit i of @plane[p] is bit p of the class of word i
 */
struct nova_buddy_leaf {
	u64 plane[3];
};

/**
 * struct nova_buddy_node - the classes of 64 children
 * @parent: node one level up, NULL at the root
 * @child: nodes one level down, entries NULL until populated; NULL at group level
 * @level: one unit (child) is 64^@level chunks
 * @slot: which child of @parent this is
 * @cls: per set, the class of this node as @parent knows it
 * @clear: chunks of the clear set below; meaningful while the class says it is partly clear
 * @ge: per set, bit i of word k: child i holds an aligned run of 2^k chunks; the last word is the
 *      children that are wholly in the set
 * @has: per set, bit i of word c: below child i there is a unit of class c; for the classes whose
 *       units are not children of this node; NULL at group level
 */
struct nova_buddy_node {
	struct nova_buddy_node *parent;
	struct nova_buddy_node **child;
	u8 level;
	u8 slot;
	u8 cls[NOVA_BUDDY_SETS];
	u64 clear;
	u64 *ge[NOVA_BUDDY_SETS];
	u64 *has[NOVA_BUDDY_SETS];
};

/**
 * struct nova_buddy_group - a node of level 2 with its leaves and words
 * @node: the node; its children are @leaf
 * @words: per set, one bit a chunk
 * @leaf: per set, classes of the words
 * @leaf_cls: per set, class of each leaf as @node knows it
 * @leaf_clear: chunks of the clear set in each leaf, as nova_buddy_node.clear
 */
struct nova_buddy_group {
	struct nova_buddy_node node;
	u64 *words[NOVA_BUDDY_SETS];
	u8 leaf_cls[NOVA_BUDDY_SETS][NOVA_BUDDY_GROUP_LEAVES];
	u16 leaf_clear[NOVA_BUDDY_GROUP_LEAVES];
	struct nova_buddy_leaf leaf[NOVA_BUDDY_SETS][NOVA_BUDDY_GROUP_LEAVES];
};

/** struct nova_buddy_view - 64 units of one level, as two words */
struct nova_buddy_view {
	/** @all: units wholly in the set */
	u64 all;
	/** @any: units with at least one chunk in the set */
	u64 any;
};

/** nova_buddy_group() - the group of a node of level NOVA_BUDDY_GROUP_LEVEL */
static inline struct nova_buddy_group *nova_buddy_group(struct nova_buddy_node *node)
{
	return container_of(node, struct nova_buddy_group, node);
}

/** nova_buddy_bits() - @nr ones (1 to 64) from bit @first */
static inline u64 nova_buddy_bits(unsigned int first, unsigned int nr)
{
	return (~0ull >> (64 - nr)) << first;
}

/** nova_buddy_full() - children wholly in the set */
static inline u64 nova_buddy_full(const struct nova_buddy_node *node, enum nova_buddy_set set)
{
	return node->ge[set][6 * node->level];
}

/**
 * nova_buddy_home() - level of the nodes whose children are looked up by class
 * @cls: a class above 0
 *
 * Return: the level; leaves are looked up by their class up to 12, above that whole nodes.
 */
static inline unsigned int nova_buddy_home(unsigned int cls)
{
	return cls <= 12 ? NOVA_BUDDY_GROUP_LEVEL : (cls + 5) / 6;
}

/** nova_buddy_with_class() - children that are, or above their home hold, a unit of a class */
static inline u64 nova_buddy_with_class(const struct nova_buddy_node *node,
					enum nova_buddy_set set, unsigned int cls)
{
	if (node->level > nova_buddy_home(cls))
		return node->has[set][cls];
	return node->ge[set][cls - 1] & ~node->ge[set][cls];
}

/** nova_buddy_leaf_full() - words of a leaf that are wholly in the set */
static inline u64 nova_buddy_leaf_full(const struct nova_buddy_leaf *leaf)
{
	return leaf->plane[0] & leaf->plane[1] & leaf->plane[2];
}

/** nova_buddy_leaf_any() - words of a leaf with at least one chunk in the set */
static inline u64 nova_buddy_leaf_any(const struct nova_buddy_leaf *leaf)
{
	return leaf->plane[0] | leaf->plane[1] | leaf->plane[2];
}

extern const u64 nova_buddy_start_mask[NOVA_BUDDY_WORD_CLASSES];

/** nova_buddy_fold() - bit i: @word holds the aligned run of 2^@order (0 to 6) units from i */
static inline u64 nova_buddy_fold(u64 word, unsigned int order)
{
	unsigned int run;

	for (run = 1; run < 1u << order; run *= 2)
		word &= word >> run;
	return word & nova_buddy_start_mask[order];
}

/* One bit more of the comparison of 64 numbers with one: @ge is that of the bits below. */
static inline u64 nova_buddy_ge_step(u64 plane, u64 ge, bool bit)
{
	return bit ? plane & ge : plane | ge;
}

/** nova_buddy_leaf_ge() - words of a leaf whose class is above @order, 0 to 6 */
static inline u64 nova_buddy_leaf_ge(const struct nova_buddy_leaf *leaf, unsigned int order)
{
	unsigned int cls = order + 1;
	u64 ge = nova_buddy_ge_step(leaf->plane[0], ~0ull, cls & 1);

	ge = nova_buddy_ge_step(leaf->plane[1], ge, cls & 2);
	return nova_buddy_ge_step(leaf->plane[2], ge, cls & 4);
}

unsigned int nova_buddy_word_class(u64 word);
unsigned int nova_buddy_merged(u64 word, unsigned int pos);

struct nova_buddy_node *nova_buddy_node_create(unsigned int level);
void nova_buddy_node_destroy(struct nova_buddy_node *node);
size_t nova_buddy_node_bytes(unsigned int level);
unsigned int nova_buddy_missing(struct nova_buddy *b, u64 first, u64 end, u64 *chunk);
bool nova_buddy_populate(struct nova_buddy *b, u64 chunk, struct nova_buddy_node *node);

void nova_buddy_node_fill(struct nova_buddy_node *node, enum nova_buddy_set set, bool full);
struct nova_buddy_view nova_buddy_view(struct nova_buddy *b, enum nova_buddy_set set,
				       unsigned int level, u64 idx);
bool nova_buddy_all(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end);
bool nova_buddy_none(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end);
bool nova_buddy_mark(struct nova_buddy *b, enum nova_buddy_set set, unsigned int level, u64 idx,
		     u64 mask, bool add);
void nova_buddy_add(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end);
void nova_buddy_del(struct nova_buddy *b, enum nova_buddy_set set, u64 first, u64 end);

#endif
