// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: single blocks of the buddy allocator
 *
 * The index, and what nearly every call wants of it: one block. If a block of order k leaves a
 * maximal block of order m, one of order m goes and one each of k to m - 1 comes; if it merges to
 * one of order m, one each of k to m - 1 goes and one of m comes. Only these orders are looked at,
 * and the number of maximal blocks changes by three additions, however far the block is split or
 * merged.
 *
 * Blocks are taken here while nothing is clear; nova_buddy_take_block() and nova_buddy_join() do
 * the same for words in which there are several kinds, of which each has an index.
 *
 * Invariant: an order is in the index of a word if and only if the word holds a maximal block of
 * it, and in that of a node if it is below. Locking: nova_buddy.lock held by the caller. Units:
 * chunks from nova_buddy.origin.
 */

#include "nova_buddy_quick.h"

#include "nova_buddy_find.h"

/* Below child @slot of @node there is, or is no longer, a block of @order. */
static noinline void nova_buddy_index_up(struct nova_buddy *b, struct nova_buddy_node *node,
					 unsigned int slot, enum nova_buddy_kind kind,
					 unsigned int order, bool there)
{
	for (; node; node = node->parent) {
		u64 *has = &node->has[kind][order], was = *has;

		*has = there ? was | BIT_ULL(slot) : was & ~BIT_ULL(slot);
		/* its siblings decide what is seen from further up */
		if (there ? was : *has)
			return;
		slot = node->slot;
	}
	if (there)
		b->present[kind] |= BIT_ULL(order);
	else
		b->present[kind] &= ~BIT_ULL(order);
}

/* Four clear words share a bit. */
static noinline void nova_buddy_index_clear_word(struct nova_buddy *b,
						 const struct nova_buddy_place *at,
						 unsigned int order, bool there)
{
	struct nova_buddy_group *group = nova_buddy_group(at->node);
	const u64 *quad = &group->words[NOVA_BUDDY_IS_CLEAR][at->idx & ~(NOVA_BUDDY_QUAD - 1u)];
	u16 *has = &group->clear_has[at->idx / 64][order], was = *has;
	u16 bit = BIT(at->idx % 64 / NOVA_BUDDY_QUAD);
	unsigned int i;

	for (i = 0; i < NOVA_BUDDY_QUAD && !there; i++)
		there = quad[i] && nova_buddy_orders(quad[i]) >> order & 1;
	*has = there ? was | bit : was & ~bit;
	if (there ? !was : was && !*has)
		nova_buddy_index_up(b, at->node, at->idx / 64, NOVA_BUDDY_IS_CLEAR, order, there);
}

/* Where the index of a word is: its orders follow one another. */
struct nova_buddy_entry {
	u64 *has;		/* NULL: clear words, that share theirs */
	u64 bit;
	struct nova_buddy_node *up;	/* where to go on when a word of it becomes, or was, 0 */
	unsigned int slot;
	unsigned int base;	/* order of a unit */
};

static __always_inline struct nova_buddy_entry
nova_buddy_entry(struct nova_buddy *b, const struct nova_buddy_place *at, enum nova_buddy_kind kind)
{
	struct nova_buddy_node *node = at->node, *up = node->parent;
	struct nova_buddy_leaf *leaf;

	if (!at->level) {
		leaf = &nova_buddy_group(node)->leaf[at->idx / 64];
		return (struct nova_buddy_entry){
			.has = kind == NOVA_BUDDY_IS_DIRTY ? leaf->has : NULL,
			.bit = BIT_ULL(at->idx % 64), .up = node, .slot = at->idx / 64,
		};
	}
	if (at->level < NOVA_BUDDY_GROUP_LEVEL)
		return (struct nova_buddy_entry){
			.has = &node->has[kind][6], .bit = BIT_ULL(at->idx), .base = 6,
			.up = up, .slot = node->slot,
		};
	return (struct nova_buddy_entry){
		.has = up ? &up->has[kind][6 * at->level] : b->top[kind],
		.bit = BIT_ULL(node->slot), .base = 6 * at->level,
		.up = up ? up->parent : NULL, .slot = up ? up->slot : 0,
	};
}

static __always_inline void nova_buddy_index_one(struct nova_buddy *b,
						 const struct nova_buddy_entry *entry,
						 const struct nova_buddy_place *at,
						 enum nova_buddy_kind kind, unsigned int order,
						 bool there)
{
	u64 was, now;

	if (!entry->has) {
		nova_buddy_index_clear_word(b, at, order, there);
		return;
	}
	was = entry->has[order];
	now = there ? was | entry->bit : was & ~entry->bit;
	entry->has[order] = now;
	if (!was != !now)
		nova_buddy_index_up(b, entry->up, entry->slot, kind, entry->base + order, there);
}

/**
 * nova_buddy_change() - bring the index up to date
 * @b: the pool
 * @at: a word that has changed
 * @kind: whose units; mixed: units of any kind, if they are not of one
 * @from: units before
 * @to: units now
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_change(struct nova_buddy *b, const struct nova_buddy_place *at,
		       enum nova_buddy_kind kind, u64 from, u64 to)
{
	const struct nova_buddy_entry entry = nova_buddy_entry(b, at, kind);
	unsigned int were = nova_buddy_orders(from), are = nova_buddy_orders(to);
	/* a full word is a unit of the next level, if there is one */
	unsigned int changed = (were ^ are) & (at->level < b->root->level ? 0x3f : 0x7f), k;

	for (; changed; changed &= changed - 1) {
		k = __ffs(changed);
		nova_buddy_index_one(b, &entry, at, kind, k, are >> k & 1);
	}
}

/* Orders @lo to @hi - 1 lose a block each, which may have been the last; one of order @hi comes. */
static __always_inline void nova_buddy_quick_merge(struct nova_buddy *b,
						   const struct nova_buddy_place *at,
						   enum nova_buddy_kind kind, u64 word,
						   unsigned int lo, unsigned int hi)
{
	const struct nova_buddy_entry entry = nova_buddy_entry(b, at, kind);
	unsigned int gone = lo < hi ? (BIT(hi) - BIT(lo)) & ~nova_buddy_orders(word) : 0;

	for (; gone; gone &= gone - 1)
		nova_buddy_index_one(b, &entry, at, kind, __ffs(gone), false);
	if (hi < 6 || at->level == b->root->level)
		nova_buddy_index_one(b, &entry, at, kind, hi, true);
}

/* One of order @hi goes, the @last of them; orders @lo to @hi - 1 gain a block each. */
static __always_inline void nova_buddy_quick_part(struct nova_buddy *b,
						  const struct nova_buddy_place *at,
						  enum nova_buddy_kind kind, unsigned int lo,
						  unsigned int hi, bool last)
{
	const struct nova_buddy_entry entry = nova_buddy_entry(b, at, kind);

	if (last)
		nova_buddy_index_one(b, &entry, at, kind, hi, false);
	for (; lo < hi; lo++)
		nova_buddy_index_one(b, &entry, at, kind, lo, true);
}

/**
 * nova_buddy_index_join() - bring the index up to date after a block has joined its word
 * @b: the pool
 * @at: the word, or the one above whose unit it has become
 * @kind: dirty or clear
 * @word: the units, with the block
 * @pos: first unit of the block
 * @lo: log2 of its units
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_index_join(struct nova_buddy *b, const struct nova_buddy_place *at,
			   enum nova_buddy_kind kind, u64 word, unsigned int pos, unsigned int lo)
{
	nova_buddy_quick_merge(b, at, kind, word, lo, nova_buddy_merged(word, pos));
}

/**
 * nova_buddy_index_leave() - bring the index up to date after a block has left its word
 * @b: the pool
 * @at: the word
 * @kind: dirty or clear
 * @word: the units, with the block
 * @pos: first unit of the block
 * @lo: log2 of its units
 *
 * Context: nova_buddy.lock held. O(levels).
 */
void nova_buddy_index_leave(struct nova_buddy *b, const struct nova_buddy_place *at,
			    enum nova_buddy_kind kind, u64 word, unsigned int pos, unsigned int lo)
{
	unsigned int hi = nova_buddy_merged(word, pos);
	u64 exact = nova_buddy_exact(word, hi);

	nova_buddy_quick_part(b, at, kind, lo, hi, !(exact & (exact - 1)));
}

/* To the word with the first maximal block of order @m, which is there; returns its first chunk. */
static __always_inline u64 nova_buddy_quick_find(const struct nova_buddy *b,
						 struct nova_buddy_place *at, unsigned int m)
{
	const struct nova_buddy_node *node = b->root;
	unsigned int slot;
	u64 base = 0;

	while (node->level > NOVA_BUDDY_GROUP_LEVEL && 6u * node->level > m) {
		slot = __ffs64(node->has[NOVA_BUDDY_IS_DIRTY][m]);
		base += (u64)slot << (6 * node->level);
		node = node->child[slot];
	}
	*at = (struct nova_buddy_place){ (struct nova_buddy_node *)node, 0, node->level };
	if (6u * node->level <= m)
		return base;
	at->level = 1;
	at->idx = __ffs64(node->has[NOVA_BUDDY_IS_DIRTY][m]);
	base += (u64)at->idx << 12;
	if (m >= 6)
		return base;
	slot = __ffs64(nova_buddy_group(node)->leaf[at->idx].has[m]);
	at->level = 0;
	at->idx = at->idx * 64 + slot;
	return base + slot * 64;
}

/* A unit of @at goes down to the level of @order, all of it but the block at @chunk. */
static void nova_buddy_quick_split(struct nova_buddy *b, struct nova_buddy_place at,
				   unsigned int order, u64 chunk)
{
	struct nova_buddy_entry entry;
	unsigned int level, lo;
	u64 mask;

	for (level = at.level; level-- > order / 6; ) {
		lo = level == order / 6 ? order % 6 : 0;
		mask = nova_buddy_bits(chunk >> (6 * level) & 63, 1u << lo);
		at = nova_buddy_at(b, level, chunk);
		*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) = ~mask;
		entry = nova_buddy_entry(b, &at, NOVA_BUDDY_IS_DIRTY);
		for (; lo < 6; lo++)
			nova_buddy_index_one(b, &entry, &at, NOVA_BUDDY_IS_DIRTY, lo, true);
	}
}

/* The block at @chunk leaves the maximal one of order @m around it, the @last such in its word. */
static __always_inline void nova_buddy_quick_remove(struct nova_buddy *b,
						    const struct nova_buddy_place *at,
						    unsigned int order, u64 chunk, unsigned int m,
						    bool last)
{
	unsigned int shift = 6 * at->level, lo = order > shift ? order - shift : 0;

	*nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY) &=
		~nova_buddy_bits(chunk >> shift & 63, 1u << lo);
	nova_buddy_quick_part(b, at, NOVA_BUDDY_IS_DIRTY, lo, m - shift, last);
	if (order < shift)
		nova_buddy_quick_split(b, *at, order, chunk);
	nova_buddy_count_merge(b, order, m, -1);
}

/**
 * nova_buddy_quick_take() - take the smallest maximal block that fits, or its first part
 * @b: the pool, in which nothing is clear
 * @order: log2 of its chunks
 * @chunk: set to its first chunk
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if there is none, or if a node is missing.
 */
bool nova_buddy_quick_take(struct nova_buddy *b, unsigned int order, u64 *chunk)
{
	u64 orders = b->present[NOVA_BUDDY_IS_DIRTY] >> order, exact, missing;
	struct nova_buddy_place at;
	unsigned int m, shift;

	if (!orders)
		return false;
	m = order + __ffs64(orders);
	*chunk = nova_buddy_quick_find(b, &at, m);
	shift = 6 * at.level;
	exact = nova_buddy_exact(*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY), m - shift);
	*chunk += (u64)__ffs64(exact) << shift;
	if (b->lazy && nova_buddy_missing(b, *chunk, *chunk + (1ull << order), &missing))
		return false;
	nova_buddy_quick_remove(b, &at, order, *chunk, m, !(exact & (exact - 1)));
	return true;
}

/**
 * nova_buddy_quick_take_at() - take a block by its address
 * @b: the pool, in which nothing is clear
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned; the nodes on both boundaries are populated
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if it is not wholly free.
 */
bool nova_buddy_quick_take_at(struct nova_buddy *b, unsigned int order, u64 chunk)
{
	unsigned int level = min_t(unsigned int, order / 6, b->root->level), m;
	struct nova_buddy_place at = nova_buddy_at(b, level, chunk);
	u64 mask = nova_buddy_bits(chunk >> (6 * level) & 63, 1u << (order - 6 * level)), units;

	for (;;) {
		units = *nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY);
		if (units & mask || at.level == b->root->level)
			break;
		mask = nova_buddy_up(&at);
	}
	if (mask & ~units)
		return false;
	m = nova_buddy_merged(units, __ffs64(mask));
	units = nova_buddy_exact(units, m);
	nova_buddy_quick_remove(b, &at, order, chunk, m + 6 * at.level, !(units & (units - 1)));
	return true;
}

/**
 * nova_buddy_quick_rest() - give back the upper part of a block whose lower part stays taken
 * @b: the pool, in which nothing is clear
 * @first: first chunk
 * @end: end of the block, from which nothing else has been given back
 *
 * None of the blocks can merge, because what would make a pair with it is taken.
 *
 * Context: nova_buddy.lock held. O(levels) a block, of which there is one of an order at most.
 */
void nova_buddy_quick_rest(struct nova_buddy *b, u64 first, u64 end)
{
	unsigned int order, level;
	struct nova_buddy_entry entry;
	struct nova_buddy_place at;

	for (; first < end; first += 1ull << order) {
		order = nova_buddy_first_order(first, end);
		level = min_t(unsigned int, order / 6, b->root->level);
		at = nova_buddy_at(b, level, first);
		*nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY) |=
			nova_buddy_bits(first >> (6 * level) & 63, 1u << (order - 6 * level));
		entry = nova_buddy_entry(b, &at, NOVA_BUDDY_IS_DIRTY);
		nova_buddy_index_one(b, &entry, &at, NOVA_BUDDY_IS_DIRTY, order - 6 * level, true);
		nova_buddy_count_merge(b, order, order, 1);
	}
}

/* Nothing of the units of @at, which is at @level, is free; nor are they as a part of more. */
static __always_inline bool nova_buddy_quick_at(const struct nova_buddy *b, unsigned int level,
						u64 chunk, struct nova_buddy_place *at)
{
	unsigned int to = max_t(unsigned int, level, NOVA_BUDDY_GROUP_LEVEL), slot;
	struct nova_buddy_node *node = b->root;
	struct nova_buddy_leaf *leaf;

	for (; node->level > to; node = node->child[slot]) {
		slot = chunk >> (6 * node->level) & 63;
		if ((node->unit[NOVA_BUDDY_IS_DIRTY] | node->unit[NOVA_BUDDY_IS_CLEAR]) >> slot & 1)
			return false;
	}
	*at = (struct nova_buddy_place){ .node = node, .level = level };
	if (level >= NOVA_BUDDY_GROUP_LEVEL)
		return true;
	slot = chunk >> 12 & 63;
	at->idx = slot;
	if ((node->unit[NOVA_BUDDY_IS_DIRTY] | node->unit[NOVA_BUDDY_IS_CLEAR]) >> slot & 1)
		return false;
	if (level)
		return true;
	leaf = &nova_buddy_group(node)->leaf[slot];
	slot = chunk >> 6 & 63;
	at->idx = at->idx * 64 + slot;
	return !((leaf->unit[NOVA_BUDDY_IS_DIRTY] | leaf->unit[NOVA_BUDDY_IS_CLEAR]) >> slot & 1);
}

/**
 * nova_buddy_quick_is_taken() - find the word of some units, of which nothing is free
 * @b: the pool
 * @level: level of the units
 * @chunk: a chunk among the 64 units; their node is populated
 * @mask: the units
 * @at: set to the word
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false if any of it is free, at this level, below, or as a part of a unit above.
 */
bool nova_buddy_quick_is_taken(const struct nova_buddy *b, unsigned int level, u64 chunk, u64 mask,
			       struct nova_buddy_place *at)
{
	u64 units;

	if (!nova_buddy_quick_at(b, level, chunk, at))
		return false;
	units = b->clear ? nova_buddy_union(at) : *nova_buddy_word(at, NOVA_BUDDY_IS_DIRTY);
	return !(units & mask || (level && nova_buddy_below(b, at, mask)));
}

/**
 * nova_buddy_quick_give() - give a block back
 * @b: the pool
 * @kind: dirty or clear
 * @order: log2 of its chunks
 * @chunk: its first chunk, aligned
 *
 * Context: nova_buddy.lock held. O(levels).
 *
 * Return: false, and nothing changed, if any of it was free.
 */
bool nova_buddy_quick_give(struct nova_buddy *b, enum nova_buddy_kind kind, unsigned int order,
			   u64 chunk)
{
	unsigned int level = min_t(unsigned int, order / 6, b->root->level), merged;
	unsigned int lo = order - 6 * level, pos = chunk >> (6 * level) & 63;
	u64 mask = nova_buddy_bits(pos, 1u << lo), *word;
	struct nova_buddy_place at;

	if (!nova_buddy_quick_is_taken(b, level, chunk, mask, &at))
		return false;
	if (b->clear || kind == NOVA_BUDDY_IS_CLEAR) {
		nova_buddy_join(b, at, kind, order, pos);
		return true;
	}
	for (;;) {
		word = nova_buddy_word(&at, NOVA_BUDDY_IS_DIRTY);
		*word |= mask;
		merged = nova_buddy_merged(*word, pos);
		nova_buddy_quick_merge(b, &at, NOVA_BUDDY_IS_DIRTY, *word, lo, merged);
		if (merged < 6 || at.level == b->root->level)
			break;
		*word = 0;
		mask = nova_buddy_up(&at);
		pos = __ffs64(mask);
		lo = 0;
	}
	nova_buddy_count_merge(b, order, merged + 6 * at.level, 1);
	return true;
}
