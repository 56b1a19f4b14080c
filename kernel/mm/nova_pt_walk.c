// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_pt_walk
 *
 * Reading page tables: translating one address and dumping everything. The walk
 * and the dump take nothing from the shadow; they decode the words in VRAM, so
 * they also show what firmware wrote and what went wrong. They are bounded by the
 * format's depth, never allocate, and meet corrupt words with an error instead of
 * following them (V-6). Tables that name each other would still make a dump that
 * nobody sees the end of, so it shows no more tables than there can be. The lookup
 * is the quick way, by the shadow.
 *
 * Locking: the caller holds the map lock of a tree that may change.
 */
#include "nova_pt.h"

#include "nova_mem.h"

#include <drm/drm_print.h>

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/string.h>

/* Read and decode the entry of one table that covers @va. */
static int nova_pt_read(const struct nova_gmmu_fmt *fmt, struct nova_mem *mem,
			unsigned int level, u64 table, u64 va, struct nova_pt_xlate *x)
{
	const struct nova_gmmu_level *lvl = &fmt->level[level];

	x->at = nova_vram(table + ((u64)nova_gmmu_index(lvl, va) << lvl->entry_lg2));
	x->level = level;
	x->page_shift = lvl->va_lo;
	x->words[1] = 0;
	if (nova_mem_read(mem, x->at, x->words, 1UL << lvl->entry_lg2))
		return -EUCLEAN;
	fmt->decode(lvl, x->words, &x->entry);
	return x->entry.state == NOVA_GMMU_IS_CORRUPT ? -EUCLEAN : 0;
}

static int nova_pt_child_addr(const struct nova_gmmu_table *table, u64 *addr)
{
	*addr = table->addr;
	return table->aperture == NOVA_APERTURE_VRAM ? 0 : -EOPNOTSUPP;
}

/* At a dual entry: the big table decides unless its entry refers to the small one. */
static int nova_pt_walk_big(const struct nova_gmmu_fmt *fmt, struct nova_mem *mem, u64 va,
			    struct nova_pt_xlate *x, bool *done)
{
	struct nova_gmmu_table small = x->entry.table[1];
	unsigned int level = fmt->level[x->level].child[0];
	u64 addr;
	int ret = nova_pt_child_addr(&x->entry.table[0], &addr);

	if (!ret)
		ret = nova_pt_read(fmt, mem, level, addr, va, x);
	*done = ret || x->entry.state == NOVA_GMMU_IS_LEAF || !small.present ||
		x->entry.empty != NOVA_GMMU_INVALID;
	x->entry.table[1] = small;
	return ret;
}

/**
 * nova_pt_walk - translate an address by the words in VRAM
 * @fmt: format of the tables
 * @mem: access to VRAM
 * @root: the root table
 * @va: virtual address
 * @x: result: the entry that decides, leaf or empty
 *
 * Context: may sleep; never allocates.
 *
 * Return: 0; -EINVAL if @va is beyond the address width; -EUCLEAN if a word is
 * corrupt or leads outside VRAM, with @x at that entry; -EOPNOTSUPP if a table is
 * not in VRAM.
 */
int nova_pt_walk(const struct nova_gmmu_fmt *fmt, struct nova_mem *mem, nova_vram_t root, u64 va,
		 struct nova_pt_xlate *x)
{
	unsigned int level = fmt->nr_levels - 1;
	u64 addr = root.addr;
	bool done = false;
	int ret;

	memset(x, 0, sizeof(*x));
	if (va >> fmt->va_bits)
		return -EINVAL;
	for (;;) {
		const struct nova_gmmu_level *lvl = &fmt->level[level];
		unsigned int half = 0;

		ret = nova_pt_read(fmt, mem, level, addr, va, x);
		if (ret || x->entry.state != NOVA_GMMU_IS_TABLE)
			break;
		if (lvl->nr_child == 2) {
			if (x->entry.table[0].present)
				ret = nova_pt_walk_big(fmt, mem, va, x, &done);
			if (ret || done)
				break;
			half = 1;
		}
		ret = nova_pt_child_addr(&x->entry.table[half], &addr);
		if (ret)
			break;
		level = lvl->child[half];
	}
	if (!ret && x->entry.state == NOVA_GMMU_IS_LEAF)
		x->addr = x->entry.addr | (va & ((1ULL << x->page_shift) - 1));
	return ret;
}

/* Of the tables an entry names, the one that decides about @va. */
static __always_inline struct nova_pt *nova_pt_below(const struct nova_pt *pt, unsigned int i,
						     u64 va)
{
	struct nova_pt *big = nova_pt_child(pt, i, 0), *small;

	if (pt->lvl->nr_child == 1)
		return big;
	small = nova_pt_child(pt, i, 1);
	if (!small || !small->linked)
		return big;
	if (big && big->linked && nova_pt_is(big->live, nova_gmmu_index(big->lvl, va)))
		return big;
	return small;
}

/* The table that decides about @va, and its entry. Inline: it is most of a translation. */
static __always_inline struct nova_pt *nova_pt_find(struct nova_pt_tree *tree, u64 va,
						    unsigned int *i)
{
	struct nova_pt *pt = nova_pt_near(tree, va, va + 1);

	if (!pt->linked)
		pt = tree->root;
	for (;;) {
		*i = nova_gmmu_index(pt->lvl, va);
		if (!pt->lvl->nr_child || !nova_pt_is(pt->table, *i))
			return pt;
		nova_pt_remember(tree, pt);
		pt = nova_pt_below(pt, *i, va);
	}
}

/**
 * nova_pt_lookup - translate an address by the shadow
 * @tree: the tree
 * @va: virtual address, within the format's width
 * @place: result
 *
 * VRAM is read only for a 4 KiB page whose table holds more than one run.
 *
 * Context: map lock.
 */
void nova_pt_lookup(struct nova_pt_tree *tree, u64 va, struct nova_pt_place *place)
{
	unsigned int i;
	struct nova_pt *pt = nova_pt_find(tree, va, &i);
	u64 word;

	place->page_shift = pt->lvl->va_lo;
	place->what = NOVA_PT_HOLE;
	if (!nova_pt_is_live(pt, i))
		return;
	word = nova_pt_word(tree, pt, i);
	place->what = NOVA_PT_SPARSE;
	if (word == tree->fmt->empty[NOVA_GMMU_SPARSE])
		return;
	place->what = NOVA_PT_PAGE;
	place->addr = tree->fmt->addr(word, &place->aperture) |
		      (va & ((1ULL << place->page_shift) - 1));
}

/**
 * nova_pt_page_shift - size of the page or sparse entry at an address
 * @tree: the tree
 * @va: virtual address, within the format's width
 *
 * VRAM is never read.
 *
 * Context: map lock.
 *
 * Return: log2 of bytes; 0 if nothing is mapped there.
 */
unsigned int nova_pt_page_shift(struct nova_pt_tree *tree, u64 va)
{
	unsigned int i;
	struct nova_pt *pt = nova_pt_find(tree, va, &i);

	return nova_pt_is_live(pt, i) ? pt->lvl->va_lo : 0;
}

/* Leaves of one page size, memory and kind. */
struct nova_pt_leaves {
	u64 nr;
	u64 kib;
	u8 page_shift;
	u8 aperture;
	u8 kind;
};

#define NOVA_PT_DUMP_ROWS	32

/* Most tables of firmware's in a dump: who borrowed a root knows of its directories only. */
#define NOVA_PT_DUMP_FOREIGN	4096

/* What a dump is in the middle of. */
struct nova_pt_dump {
	struct nova_pt_tree *tree;
	struct drm_printer *p;
	/* one page of words for each level */
	u64 *buf;
	/* tables that may still be shown; -1: there was another, the dump is over */
	long left;
	/* leaves found so far, by what they are */
	struct nova_pt_leaves leaves[NOVA_PT_DUMP_ROWS];
};

static const char *const nova_aperture_name[] = {
	[NOVA_APERTURE_VRAM] = "vram",
	[NOVA_APERTURE_PEER] = "peer",
	[NOVA_APERTURE_SYS_COH] = "sys-coh",
	[NOVA_APERTURE_SYS_NONCOH] = "sys-noncoh",
};

static const char *const nova_empty_name[] = {
	[NOVA_GMMU_INVALID] = "invalid",
	[NOVA_GMMU_SPARSE] = "sparse",
	[NOVA_GMMU_NO_SMALL] = "invalid, nothing below",
};

static void nova_pt_print_leaf(struct drm_printer *p, const struct nova_gmmu_entry *entry)
{
	const struct nova_pte_attr *attr = &entry->attr;

	drm_printf(p, " -> %s 0x%llx %s kind %u", nova_aperture_name[attr->aperture], entry->addr,
		   attr->read_only ? "ro" : "rw", attr->kind);
	if (attr->aperture == NOVA_APERTURE_PEER)
		drm_printf(p, " peer %u", attr->peer);
	drm_printf(p, "%s%s%s\n", attr->no_atomic ? " no-atomic" : "",
		   attr->privileged ? " privileged" : "", attr->uncached ? " uncached" : "");
}

/* The last row takes what there is no row for. */
static void nova_pt_count_leaves(struct nova_pt_dump *dump, const struct nova_pte_attr *attr,
				 unsigned int page_shift, unsigned int nr)
{
	struct nova_pt_leaves *row = dump->leaves, *last = &dump->leaves[NOVA_PT_DUMP_ROWS - 1];

	while (row < last && row->nr && (row->page_shift != page_shift ||
					 row->aperture != attr->aperture ||
					 row->kind != attr->kind))
		row++;
	if (!row->nr) {
		row->page_shift = page_shift;
		row->aperture = attr->aperture;
		row->kind = attr->kind;
	}
	row->nr += nr;
	row->kib += (u64)nr << (page_shift - 10);
}

static void nova_pt_print_leaves(const struct nova_pt_dump *dump)
{
	u64 sum = 0;

	drm_printf(dump->p, "%12s %-10s %4s %12s %14s\n", "page KiB", "memory", "kind", "pages",
		   "KiB");
	for (unsigned int i = 0; i < NOVA_PT_DUMP_ROWS && dump->leaves[i].nr; i++) {
		const struct nova_pt_leaves *row = &dump->leaves[i];

		drm_printf(dump->p, "%12llu %-10s %#4x %12llu %14llu\n",
			   1ULL << (row->page_shift - 10), nova_aperture_name[row->aperture],
			   row->kind, row->nr, row->kib);
		sum += row->kib;
	}
	drm_printf(dump->p, "%12s %-10s %4s %12s %14llu\n", "all", "", "", "", sum);
}

static void nova_pt_print_entry(struct nova_pt_dump *dump, const struct nova_gmmu_level *lvl,
				u64 va, unsigned int nr, const u64 *words)
{
	struct drm_printer *p = dump->p;
	struct nova_gmmu_entry entry;

	dump->tree->fmt->decode(lvl, words, &entry);
	drm_printf(p, "%*s%-5s 0x%015llx + %u x 2^%u: 0x%016llx",
		   (int)(dump->tree->fmt->va_bits - lvl->va_hi) / 9, "", lvl->name, va, nr,
		   lvl->va_lo, words[0]);
	if (lvl->entry_lg2 > 3)
		drm_printf(p, " 0x%016llx", words[1]);
	switch (entry.state) {
	case NOVA_GMMU_IS_EMPTY:
		drm_printf(p, " %s\n", nova_empty_name[entry.empty]);
		break;
	case NOVA_GMMU_IS_LEAF:
		nova_pt_print_leaf(p, &entry);
		nova_pt_count_leaves(dump, &entry.attr, lvl->va_lo, nr);
		break;
	case NOVA_GMMU_IS_TABLE:
		for (unsigned int half = 0; half < lvl->nr_child; half++)
			if (entry.table[half].present)
				drm_printf(p, " %s 0x%llx",
					   dump->tree->fmt->level[lvl->child[half]].name,
					   entry.table[half].addr);
		drm_puts(p, "\n");
		break;
	case NOVA_GMMU_IS_CORRUPT:
		drm_puts(p, " corrupt\n");
		break;
	}
}

/* Entries from @i on that continue the first: the same, or the next page each time. */
static unsigned int nova_pt_run_length(const struct nova_gmmu_fmt *fmt,
				       const struct nova_gmmu_level *lvl, const u64 *words,
				       unsigned int i)
{
	unsigned int step = 1u << (lvl->entry_lg2 - 3), nr = nova_gmmu_nr_entries(lvl), k;
	const u64 *first = &words[i * step];
	struct nova_gmmu_entry entry;
	u64 stride = 0;

	fmt->decode(lvl, first, &entry);
	if (entry.state == NOVA_GMMU_IS_TABLE)
		return 1;
	if (entry.state == NOVA_GMMU_IS_LEAF)
		stride = nova_gmmu_stride(fmt, lvl->va_lo);
	for (k = 1; i + k < nr; k++)
		if (first[k * step] != first[0] + k * stride ||
		    (step > 1 && first[k * step + 1] != first[1]))
			break;
	return k;
}

static void nova_pt_print_table(struct nova_pt_dump *dump, unsigned int level, u64 table, u64 va)
{
	const struct nova_gmmu_level *lvl = &dump->tree->fmt->level[level];
	unsigned int step = 1u << (lvl->entry_lg2 - 3), nr = nova_gmmu_nr_entries(lvl), i, run;
	u64 *words = dump->buf + level * (NOVA_PAGE_SIZE / sizeof(u64));
	struct nova_gmmu_entry entry;

	if (!dump->left--) {
		drm_puts(dump->p, "more tables than there are: not shown\n");
		return;
	}
	if (nova_mem_read(dump->tree->mem, nova_vram(table), words, (size_t)nr << lvl->entry_lg2)) {
		drm_printf(dump->p, "%s 0x%llx: not readable\n", lvl->name, table);
		return;
	}
	for (i = 0; i < nr && dump->left >= 0; i += run) {
		u64 at = va + ((u64)i << lvl->va_lo);

		run = nova_pt_run_length(dump->tree->fmt, lvl, words, i);
		if (!words[i * step] && (step == 1 || !words[i * step + 1]))
			continue;
		nova_pt_print_entry(dump, lvl, at, run, &words[i * step]);
		dump->tree->fmt->decode(lvl, &words[i * step], &entry);
		for (unsigned int half = 0; half < lvl->nr_child; half++)
			if (entry.state == NOVA_GMMU_IS_TABLE && entry.table[half].present &&
			    entry.table[half].aperture == NOVA_APERTURE_VRAM && dump->left >= 0)
				nova_pt_print_table(dump, lvl->child[half],
						    entry.table[half].addr, at);
	}
}

/**
 * nova_pt_print - dump all tables as they are in VRAM, and count the leaves
 * @tree: the tree
 * @buf: NOVA_PAGE_SIZE bytes for each level of the format
 * @p: where to
 *
 * Context: map lock; may sleep, does not allocate.
 */
void nova_pt_print(struct nova_pt_tree *tree, u64 *buf, struct drm_printer *p)
{
	struct nova_pt_dump dump = { .tree = tree, .p = p, .buf = buf };

	dump.left = atomic_long_read(&tree->nr_tables);
	if (tree->root->borrowed)
		dump.left += NOVA_PT_DUMP_FOREIGN;
	nova_pt_print_table(&dump, tree->fmt->nr_levels - 1, tree->root->mem.at.vram.addr, 0);
	nova_pt_print_leaves(&dump);
}
