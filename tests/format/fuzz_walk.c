// SPDX-License-Identifier: MIT
/*
 * Fuzz target of the walk and the dump: an input is some pages of VRAM with tables in them that no
 * driver wrote, and addresses to translate.
 *
 * The first pages are one table of each level, root first, mostly linked by their entries 0. Each
 * step fills a run of entries of one page with directory entries that name pages of the same memory
 * (or others, or each other, or themselves), pages, empty entries, or anything; between those,
 * addresses are translated, and the dump is made in the end. Memory is handed out through
 * nova_mem_read(), which stands for the way to VRAM and refuses what that does: everything not
 * aligned, and everything outside.
 *
 * The walk must say what a second walk says that is written here from the manual's rules, and name
 * the entry it read; the dump must end, though tables may be in a circle: it reads no more tables
 * than the tree has. Some inputs are also borrowed as a root of firmware's: that is refused where a
 * table is not all inside, or directories are in a circle; else what is told to be foreign is every
 * entry that is neither empty nor a directory, in order.
 */

#include "nova_mem.h"
#include "nova_pt.h"

#include <drm/drm_print.h>

#include "fuzz.h"

#include <stdarg.h>

#define PAGES		24u
#define WORDS		512u
#define STEPS		200u
#define BORROW_MAX	1024u

static const struct nova_gmmu_fmt *const fmts[] = { &nova_gmmu_v2, &nova_gmmu_v3 };
static const u64 bases[] = { 0, 0x1000, 0x7fe00000, 0x1ffff00000 };

struct vram {
	struct nova_mem mem;
	u64 base;
	unsigned long reads;
	u64 words[PAGES][WORDS];
};

struct drm_printer {
	unsigned long lines;
};

static bool is_inside(const struct vram *vram, u64 addr, u64 len)
{
	return addr >= vram->base && addr - vram->base <= sizeof(vram->words) - len &&
	       !(addr % sizeof(u64));
}

int nova_mem_read(struct nova_mem *mem, nova_vram_t at, void *buf, size_t len)
{
	struct vram *vram = container_of(mem, struct vram, mem);

	fuzz_check(len && len <= sizeof(vram->words[0]) && len % sizeof(u64) == 0);
	vram->reads++;
	if (!is_inside(vram, at.addr, len))
		return -EINVAL;
	memcpy(buf, (u8 *)vram->words + (at.addr - vram->base), len);
	return 0;
}

void drm_printf(struct drm_printer *p, const char *fmt, ...)
{
	char line[400];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	fuzz_check(len >= 0 && (size_t)len < sizeof(line));
	p->lines += strchr(line, '\n') != NULL;
	if (fuzz_verbose)
		fputs(line, stdout);
}

void drm_puts(struct drm_printer *p, const char *str)
{
	drm_printf(p, "%s", str);
}

/* Read and decode an entry as the format says; an errno of nova_pt_walk() if that cannot be. */
static int look(const struct nova_gmmu_fmt *fmt, const struct vram *vram, unsigned int level,
		const struct nova_gmmu_table *table, u64 va, struct nova_pt_xlate *x)
{
	const struct nova_gmmu_level *l = &fmt->level[level];
	u64 i = va >> l->va_lo & ((2ull << (l->va_hi - l->va_lo)) - 1);
	u64 size = 1ull << l->entry_lg2;

	if (table->aperture != NOVA_APERTURE_VRAM)
		return -EOPNOTSUPP;
	x->level = level;
	x->page_shift = l->va_lo;
	x->at.addr = table->addr + i * size;
	if (!is_inside(vram, x->at.addr, size))
		return -EUCLEAN;
	memcpy(x->words, (const u8 *)vram->words + (x->at.addr - vram->base), size);
	fmt->decode(l, x->words, &x->entry);
	return x->entry.state == NOVA_GMMU_IS_CORRUPT ? -EUCLEAN : 0;
}

/* The manual's walk: at the lowest directory the big table is asked first. */
static int walk(const struct nova_gmmu_fmt *fmt, const struct vram *vram, u64 root, u64 va,
		struct nova_pt_xlate *x)
{
	struct nova_gmmu_table table = { .addr = root, .present = true }, small;
	unsigned int level = fmt->nr_levels - 1;
	int ret;

	while (level > 2) {
		ret = look(fmt, vram, level, &table, va, x);
		if (ret || x->entry.state != NOVA_GMMU_IS_TABLE)
			return ret;
		table = x->entry.table[0];
		level--;
	}
	ret = look(fmt, vram, 2, &table, va, x);
	if (ret || x->entry.state != NOVA_GMMU_IS_TABLE)
		return ret;
	table = x->entry.table[0];
	small = x->entry.table[1];
	if (table.present) {
		ret = look(fmt, vram, 1, &table, va, x);
		if (ret || x->entry.state == NOVA_GMMU_IS_LEAF || !small.present ||
		    x->entry.empty != NOVA_GMMU_INVALID)
			return ret;
	}
	return look(fmt, vram, 0, &small, va, x);
}

static void both_walk(const struct nova_gmmu_fmt *fmt, struct vram *vram, u64 root, u64 va)
{
	struct nova_pt_xlate is, want = {};
	int ret = nova_pt_walk(fmt, &vram->mem, nova_vram(root), va, &is);

	if (va >> fmt->va_bits) {
		fuzz_check(ret == -EINVAL);
		return;
	}
	fuzz_check(ret == walk(fmt, vram, root, va, &want));
	if (ret == -EOPNOTSUPP)
		return;
	fuzz_check(is.at.addr == want.at.addr && is.level == want.level);
	fuzz_check(is.page_shift == want.page_shift);
	if (ret)
		return;
	fuzz_check(is.words[0] == want.words[0] && is.entry.state == want.entry.state);
	fuzz_check(is.entry.empty == want.entry.empty);
	if (is.entry.state == NOVA_GMMU_IS_LEAF)
		fuzz_check(is.addr == want.entry.addr + va % (1ull << want.page_shift));
	else
		fuzz_check(is.entry.state == NOVA_GMMU_IS_EMPTY && !is.addr);
}

/* Mostly a page of ours, aligned for what it is to be. */
static u64 take_place(struct fuzz_input *in, const struct vram *vram, unsigned int align_lg2)
{
	unsigned int sel = fuzz_take(in, 1);
	u64 addr = vram->base + fuzz_below(in, PAGES) * 0x1000ull;

	if (sel > 0xf8)
		return fuzz_take(in, 5) >> align_lg2 << align_lg2 & 0x1fffffffff;
	return align_lg2 < 12 ? addr + (sel % 16) * 0x100 : addr;
}

static struct nova_gmmu_table take_table(struct fuzz_input *in, const struct vram *vram,
					 unsigned int align_lg2)
{
	unsigned int sel = fuzz_take(in, 1);

	return (struct nova_gmmu_table){
		.addr = take_place(in, vram, align_lg2),
		.aperture = sel == 0xff ? NOVA_APERTURE_SYS_COH : NOVA_APERTURE_VRAM,
		.present = sel & 7,
	};
}

/* A leaf of a level, or one of another size and so perhaps at no address for this one. */
static u64 take_leaf(struct fuzz_input *in, const struct nova_gmmu_fmt *fmt, unsigned int shift)
{
	unsigned int bits = fuzz_take(in, 1);
	struct nova_pte_attr attr = {
		.aperture = bits % 4, .kind = bits >> 4 & 3, .read_only = bits & 0x80,
	};

	return fmt->pte(&attr, fuzz_take(in, 2) << shift & 0x1fffffffff);
}

static void take_entry(struct fuzz_input *in, const struct nova_gmmu_fmt *fmt,
		       const struct vram *vram, unsigned int level, u64 *words)
{
	const struct nova_gmmu_level *l = &fmt->level[level];
	struct nova_gmmu_table table[2];
	unsigned int sel = fuzz_take(in, 1);

	words[0] = fmt->empty[sel % NOVA_GMMU_NR_EMPTY];
	words[1] = 0;
	if (sel < 0xa0 && l->nr_child) {
		table[0] = take_table(in, vram, fmt->level[l->child[0]].align_lg2);
		table[1] = take_table(in, vram, 12);
		fmt->pde(words, table, l->nr_child);
	} else if (sel < 0xd0) {
		words[0] = take_leaf(in, fmt, l->va_lo);
	} else if (sel > 0xf0) {
		words[0] = fuzz_take(in, 8);
		words[1] = fuzz_take(in, 8);
	}
}

static unsigned int page_of(const struct nova_gmmu_fmt *fmt, unsigned int level)
{
	return fmt->nr_levels - 1 - level;
}

static struct nova_gmmu_table table_of(const struct nova_gmmu_fmt *fmt, const struct vram *vram,
				       unsigned int level)
{
	return (struct nova_gmmu_table){
		.addr = vram->base + page_of(fmt, level) * 0x1000, .present = true,
	};
}

/* Entry 0 of each directory names the table of the next level; that of the lowest both. */
static void link_levels(const struct nova_gmmu_fmt *fmt, struct vram *vram)
{
	for (unsigned int level = fmt->nr_levels - 1; level > 1; level--) {
		const struct nova_gmmu_level *l = &fmt->level[level];
		struct nova_gmmu_table table[] = {
			table_of(fmt, vram, l->child[0]), table_of(fmt, vram, l->child[1]),
		};

		fmt->pde(vram->words[page_of(fmt, level)], table, l->nr_child);
	}
}

/* Entries from one on, all the same or as pages in a row. */
static void fill(struct fuzz_input *in, const struct nova_gmmu_fmt *fmt, struct vram *vram)
{
	unsigned int level = fuzz_below(in, fmt->nr_levels), sel = fuzz_take(in, 1);
	unsigned int page = sel & 0x20 ? page_of(fmt, level) : fuzz_below(in, PAGES);
	unsigned int step = 1u << (fmt->level[level].entry_lg2 - 3);
	unsigned int i = fuzz_take(in, 1) & 0x80 ? 0 : fuzz_below(in, WORDS / step);
	unsigned int nr = sel & 0x80 ? 1 + fuzz_below(in, WORDS / step) : 1;
	u64 words[2];

	take_entry(in, fmt, vram, level, words);
	for (; nr && i < WORDS / step; nr--, i++) {
		memcpy(&vram->words[page][i * step], words, step * sizeof(u64));
		if (sel & 0x40)
			words[0] += nova_gmmu_stride(fmt, fmt->level[level].va_lo);
	}
}

static u64 take_va(struct fuzz_input *in, const struct nova_gmmu_fmt *fmt)
{
	unsigned int sel = fuzz_take(in, 1);

	if (sel < 0x60)		/* below the first entry of the lowest directory, mostly */
		return fuzz_take(in, 3) >> (sel & 3);
	if (sel < 0xc0)
		return fuzz_take(in, 1) << (12 + sel % 44) & ((1ull << fmt->va_bits) - 1);
	return fuzz_take(in, 8) >> (sel & 15);
}

static void dump(const struct nova_gmmu_fmt *fmt, struct vram *vram, u64 root, long nr_tables)
{
	struct nova_pt *pt = calloc(1, sizeof(*pt));
	u64 *buf = malloc(fmt->nr_levels * NOVA_PAGE_SIZE);
	struct nova_pt_tree tree = {
		.fmt = fmt, .mem = &vram->mem, .root = pt, .nr_tables = { nr_tables },
	};
	struct drm_printer p = {};

	fuzz_check(pt && buf);
	pt->mem.at.vram = nova_vram(root);
	vram->reads = 0;
	nova_pt_print(&tree, buf, &p);
	fuzz_check(vram->reads <= (unsigned long)nr_tables);
	/* A line an entry, one for what is left out, and what was counted. */
	fuzz_check(p.lines <= vram->reads * (WORDS + 1) + 36);
	free(buf);
	free(pt);
}

/* No table of a borrowed root is the driver's. */
int nova_pool_alloc(struct nova_pool *pool, unsigned int size_lg2, struct nova_pool_mem *out)
{
	abort();
}

void nova_pool_free(struct nova_pool *pool, unsigned int size_lg2, const struct nova_pool_mem *mem)
{
	abort();
}

void nova_pool_lose(struct nova_pool *pool, unsigned int size_lg2)
{
	abort();
}

/* What a borrowed directory's entry is: 0 empty, 1 a directory to borrow too, 2 foreign. */
static unsigned int what_is(const struct nova_gmmu_fmt *fmt, const struct vram *vram,
			    unsigned int level, const struct nova_gmmu_table *table, u64 va,
			    struct nova_pt_xlate *x)
{
	if (look(fmt, vram, level, table, va, x))
		return 2;
	if (x->entry.state == NOVA_GMMU_IS_EMPTY && x->entry.empty == NOVA_GMMU_INVALID)
		return 0;
	return x->entry.state == NOVA_GMMU_IS_TABLE && fmt->level[level].nr_child == 1 &&
	       x->entry.table[0].aperture == NOVA_APERTURE_VRAM ? 1 : 2;
}

/* Can this table be borrowed with all below? */
static bool may_borrow(const struct nova_gmmu_fmt *fmt, const struct vram *vram,
		       unsigned int level, const struct nova_gmmu_table *table, unsigned int *left)
{
	const struct nova_gmmu_level *l = &fmt->level[level];
	u64 nr = 2ull << (l->va_hi - l->va_lo), i;
	struct nova_pt_xlate x;

	if (!is_inside(vram, table->addr, nr << l->entry_lg2))
		return false;
	for (i = 0; i < nr; i++) {
		if (what_is(fmt, vram, level, table, i << l->va_lo, &x) != 1)
			continue;
		if (!(*left)-- || !may_borrow(fmt, vram, level - 1, &x.entry.table[0], left))
			return false;
	}
	return true;
}

/* The first foreign entry that ends above an address. */
static bool foreign(const struct nova_gmmu_fmt *fmt, const struct vram *vram, unsigned int level,
		    const struct nova_gmmu_table *table, u64 va, u64 from,
		    struct nova_pt_foreign *found)
{
	const struct nova_gmmu_level *l = &fmt->level[level];
	u64 nr = 2ull << (l->va_hi - l->va_lo), len = 1ull << l->va_lo, i;
	struct nova_pt_xlate x;
	unsigned int what;

	for (i = from > va ? (from - va) / len : 0; i < nr; i++) {
		what = what_is(fmt, vram, level, table, i * len, &x);
		*found = (struct nova_pt_foreign){ .va = va + i * len, .len = len };
		if (what == 2)
			return true;
		if (what == 1 && foreign(fmt, vram, level - 1, &x.entry.table[0], va + i * len,
					 from, found))
			return true;
	}
	return false;
}

static void borrow(const struct nova_gmmu_fmt *fmt, struct vram *vram, u64 root)
{
	const struct nova_gmmu_table table = { .addr = root, .present = true };
	struct nova_pt_tree tree = { .fmt = fmt, .mem = &vram->mem };
	struct nova_pt_foreign is, want = {};
	unsigned int level = fmt->nr_levels - 1, left = BORROW_MAX, i;
	int ret = nova_pt_tree_borrow(&tree, nova_vram(root));
	u64 from = 0;
	bool any = true;

	fuzz_check(ret == (may_borrow(fmt, vram, level, &table, &left) ? 0 : -EINVAL));
	for (i = 0; !ret && any && i < 32; i++) {
		any = nova_pt_next_foreign(&tree, from, &is);
		fuzz_check(any == foreign(fmt, vram, level, &table, 0, from, &want));
		fuzz_check(!any || (is.va == want.va && is.len == want.len));
		from = is.va + is.len;
	}
	if (!ret)
		nova_pt_tree_return(&tree);
	fuzz_check(!tree.root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	unsigned int how = fuzz_take(&in, 1), steps;
	const struct nova_gmmu_fmt *fmt = fmts[how & 1];
	struct vram *vram = calloc(1, sizeof(*vram));
	u64 root;

	fuzz_check(vram);
	vram->base = bases[how >> 1 & 3];
	root = vram->base;
	if (how & 0xf0)
		link_levels(fmt, vram);
	for (steps = 0; in.len && steps < STEPS; steps++) {
		if (fuzz_take(&in, 1) & 3)
			fill(&in, fmt, vram);
		else
			both_walk(fmt, vram, root, take_va(&in, fmt));
	}
	both_walk(fmt, vram, root, 0);
	dump(fmt, vram, root, 1 + how / 8);
	if (!(how & 0x0c))
		borrow(fmt, vram, root);
	free(vram);
	return 0;
}
