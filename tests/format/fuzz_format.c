// SPDX-License-Identifier: MIT
/*
 * Fuzz target of the page-table formats: an input is a row of cases, each of one of these kinds.
 *
 * Pages: a leaf level, attributes and a run of pages, mostly near an address where some field ends.
 * What check() says of them is what the widths of the manuals say, which stand here once more; what
 * it accepts comes back from decode() as it went in, page by page, and the words are what the tree
 * counts on: an arithmetic progression, and the word of address 0 with another address put in.
 *
 * Tables: a directory level and its children; what pde() wrote, decode() names again.
 *
 * Words: anything, or one of the above with some bits turned over or half of it emptied. Whatever decode() says of them
 * is corrupt, or lies within the format's addresses and encodes to just these words. There are two
 * exceptions, words that mean the same: NO_ATS of a child that is not there, and VER3's "mapping
 * nowhere", which is sparse.
 */

#include "nova_gmmu.h"

#include "fuzz.h"

#include "nova_shim.h"

#define KIND_INVALID	7
#define V2_NO_ATS	0x20ull
#define V3_NO_ATS	0x10ull
#define V3_SPARSE	0x08ull
#define V3_NOWHERE	0x10ull

static const struct nova_gmmu_fmt *const fmts[] = { &nova_gmmu_v2, &nova_gmmu_v3 };

/* Bits of an address by format and aperture: VIDEO, PEER, COHERENT, NON_COHERENT. */
static const u8 widths[][4] = {
	{ 25 + 12, 45 + 12, 46 + 12, 46 + 12 },
	{ 40, 52, 52, 52 },
};

static unsigned int width(const struct nova_gmmu_fmt *fmt, unsigned int aperture)
{
	return widths[fmt->version - 2][aperture];
}

/* What is to come of check(). */
static int verdict(const struct nova_gmmu_fmt *fmt, const struct nova_pte_attr *attr, u64 addr,
		   u64 len)
{
	u64 last = addr + len - 1;

	if (attr->kind >= KIND_INVALID || attr->aperture > NOVA_APERTURE_SYS_NONCOH)
		return -EINVAL;
	if (attr->aperture == NOVA_APERTURE_PEER && attr->peer > 7)
		return -EINVAL;
	if (last < addr || last >> width(fmt, attr->aperture))
		return -ERANGE;
	/* VER2 keeps a peer's frame number in two fields, the lower one of 25 bits. */
	if (fmt->version == 2 && attr->aperture == NOVA_APERTURE_PEER && addr >> 37 != last >> 37)
		return -ERANGE;
	return 0;
}

/* Around where a field may end, or anywhere. */
static u64 take_addr(struct fuzz_input *in, unsigned int align_lg2)
{
	static const u8 ends[] = { 0, 12, 21, 32, 37, 38, 40, 46, 47, 49, 52, 57, 58, 63 };
	unsigned int sel = fuzz_take(in, 1);
	u64 addr;

	if (sel < 0x40)
		addr = fuzz_take(in, 8);
	else
		addr = (1ull << ends[sel % ARRAY_SIZE(ends)]) +
		       ((fuzz_take(in, 1) - 128) << align_lg2);
	if (sel >= 0xc0)
		addr += fuzz_take(in, 1) << ends[fuzz_below(in, ARRAY_SIZE(ends))];
	return addr >> align_lg2 << align_lg2;
}

static struct nova_pte_attr take_attr(struct fuzz_input *in)
{
	unsigned int bits = fuzz_take(in, 1), what = fuzz_take(in, 1);

	return (struct nova_pte_attr){
		.aperture = what % 32 ? what % 4 : 4,
		.kind = what & 0x80 ? fuzz_take(in, 1) : bits % 7,
		.peer = what & 0x40 ? fuzz_take(in, 1) : bits & 7,
		.read_only = bits & 0x80,
		.no_atomic = bits & 0x40,
		.privileged = bits & 0x20,
		.uncached = bits & 0x10,
		.counted = bits & 0x08,
	};
}

static void same_attr(const struct nova_gmmu_fmt *fmt, const struct nova_pte_attr *is,
		      const struct nova_pte_attr *was)
{
	fuzz_check(is->aperture == was->aperture && is->kind == was->kind);
	fuzz_check(is->peer == (was->aperture == NOVA_APERTURE_PEER ? was->peer : 0));
	fuzz_check(is->read_only == was->read_only && is->no_atomic == was->no_atomic);
	fuzz_check(is->privileged == was->privileged && is->uncached == was->uncached);
	fuzz_check(is->counted == (fmt->version == 3 && was->counted));
}

/* Page @i of a run that check() took. */
static u64 one_page(const struct nova_gmmu_fmt *fmt, const struct nova_gmmu_level *level,
		    const struct nova_pte_attr *attr, u64 addr, u64 i)
{
	u64 page = addr + (i << level->va_lo), words[2] = { fmt->pte(attr, page), 0 };
	enum nova_aperture aperture;
	struct nova_gmmu_entry entry;

	fmt->decode(level, words, &entry);
	fuzz_check(entry.state == NOVA_GMMU_IS_LEAF && entry.addr == page);
	same_attr(fmt, &entry.attr, attr);
	fuzz_check(fmt->addr(words[0], &aperture) == page && aperture == attr->aperture);
	fuzz_check(words[0] == fmt->pte(attr, addr) + i * nova_gmmu_stride(fmt, level->va_lo));
	if (!((page + (1ull << level->va_lo) - 1) >> fmt->addr_bits[aperture]))
		fuzz_check(words[0] == (fmt->pte(attr, 0) | page >> fmt->pte_shr));
	return words[0];
}

static u64 pages(const struct nova_gmmu_fmt *fmt, struct fuzz_input *in)
{
	const struct nova_gmmu_level *level = &fmt->level[fuzz_below(in, fmt->nr_levels)];
	const struct nova_pte_attr attr = take_attr(in);
	u64 addr = take_addr(in, level->va_lo), nr = 1 + (fuzz_take(in, 1) >> 3);
	int ret;

	if (fuzz_take(in, 1) < 0x20)
		nr = 1 + (fuzz_take(in, 8) >> level->va_lo >> (fuzz_take(in, 1) & 63));
	ret = fmt->check(&attr, addr, nr << level->va_lo);
	fuzz_check(ret == verdict(fmt, &attr, addr, nr << level->va_lo));
	if (ret || !level->may_leaf)
		return 0;
	one_page(fmt, level, &attr, addr, nr - 1);
	one_page(fmt, level, &attr, addr, nr / 2);
	return one_page(fmt, level, &attr, addr, 0);
}

static struct nova_gmmu_table take_table(const struct nova_gmmu_fmt *fmt, struct fuzz_input *in,
					 unsigned int align_lg2)
{
	static const enum nova_aperture apertures[] = {
		NOVA_APERTURE_VRAM, NOVA_APERTURE_SYS_COH, NOVA_APERTURE_SYS_NONCOH,
	};
	unsigned int bits = fuzz_take(in, 1);
	struct nova_gmmu_table table = {
		.aperture = apertures[bits % 3],
		.present = bits & 0xc0,
		.uncached = bits & 0x20,
		/* VER2 has no room for it beside the address of a big table. */
		.no_ats = bits & 0x10 && (fmt->version == 3 || align_lg2 == 12),
	};

	table.addr = take_addr(in, align_lg2) & ((1ull << width(fmt, table.aperture)) - 1);
	return table.present ? table : (struct nova_gmmu_table){};
}

static void same_table(const struct nova_gmmu_table *is, const struct nova_gmmu_table *was)
{
	fuzz_check(is->present == was->present);
	if (!was->present)
		return;
	fuzz_check(is->addr == was->addr && is->aperture == was->aperture);
	fuzz_check(is->uncached == was->uncached && is->no_ats == was->no_ats);
}

static void tables(const struct nova_gmmu_fmt *fmt, struct fuzz_input *in, u64 *words)
{
	const struct nova_gmmu_level *level = &fmt->level[2 + fuzz_below(in, fmt->nr_levels - 2)];
	struct nova_gmmu_table table[2] = {};
	struct nova_gmmu_entry entry;
	bool any = false;
	unsigned int i;

	for (i = 0; i < level->nr_child; i++) {
		table[i] = take_table(fmt, in, fmt->level[level->child[i]].align_lg2);
		any |= table[i].present;
	}
	memset(words, 0xff, 2 * sizeof(*words));
	fmt->pde(words, table, level->nr_child);
	fuzz_check(level->nr_child == 2 || words[1] == ~0ull);
	fmt->decode(level, words, &entry);
	fuzz_check(entry.state == (any ? NOVA_GMMU_IS_TABLE : NOVA_GMMU_IS_EMPTY));
	fuzz_check(any || entry.empty == NOVA_GMMU_INVALID);
	for (i = 0; i < level->nr_child; i++)
		same_table(&entry.table[i], &table[i]);
}

/* A word that says "nothing" in the way @entry tells. */
static bool is_empty_word(const struct nova_gmmu_fmt *fmt, const struct nova_gmmu_level *level,
			  enum nova_gmmu_empty empty, u64 word)
{
	u64 no_ats = fmt->version == 2 ? V2_NO_ATS : V3_NO_ATS;

	if (level->nr_child)
		return (word & ~no_ats) == fmt->empty[empty];
	if (fmt->version == 3 && empty == NOVA_GMMU_SPARSE && word == V3_NOWHERE)
		return true;
	return word == fmt->empty[empty];
}

static void is_leaf(const struct nova_gmmu_fmt *fmt, const struct nova_gmmu_level *level,
		    const u64 *words, const struct nova_gmmu_entry *entry)
{
	u64 size = 1ull << level->va_lo;
	struct nova_pte_attr attr = entry->attr;

	fuzz_check(level->may_leaf && !(entry->addr & (size - 1)));
	fuzz_check(fmt->pte(&entry->attr, entry->addr) == words[0]);
	fuzz_check(level->entry_lg2 == 3 || !words[1]);
	/* Kinds are not the format's: firmware has tags and may use others. */
	attr.kind = 0;
	fuzz_check(!verdict(fmt, &attr, entry->addr, size));
}

static void is_table(const struct nova_gmmu_fmt *fmt, const struct nova_gmmu_level *level,
		     const u64 *words, const struct nova_gmmu_entry *entry)
{
	u64 again[2];
	unsigned int i;

	fuzz_check(entry->table[0].present || entry->table[1].present);
	fmt->pde(again, entry->table, level->nr_child);
	for (i = 0; i < level->nr_child; i++) {
		const struct nova_gmmu_table *table = &entry->table[i];
		unsigned int align_lg2 = fmt->level[level->child[i]].align_lg2;

		if (!table->present) {
			fuzz_check(is_empty_word(fmt, level, NOVA_GMMU_INVALID, words[i]));
			continue;
		}
		fuzz_check(table->aperture != NOVA_APERTURE_PEER && again[i] == words[i]);
		fuzz_check(!(table->addr & ((1ull << align_lg2) - 1)));
		fuzz_check(!(table->addr >> width(fmt, table->aperture)));
	}
}

static void any_words(const struct nova_gmmu_fmt *fmt, struct fuzz_input *in, const u64 *words)
{
	const struct nova_gmmu_level *level = &fmt->level[fuzz_below(in, fmt->nr_levels)];
	struct nova_gmmu_entry entry;

	memset(&entry, 0xff, sizeof(entry));
	fmt->decode(level, words, &entry);
	switch (entry.state) {
	case NOVA_GMMU_IS_LEAF:
		is_leaf(fmt, level, words, &entry);
		break;
	case NOVA_GMMU_IS_TABLE:
		is_table(fmt, level, words, &entry);
		break;
	case NOVA_GMMU_IS_EMPTY:
		fuzz_check(is_empty_word(fmt, level, entry.empty, words[0]));
		fuzz_check(level->nr_child != 2 ||
			   is_empty_word(fmt, level, NOVA_GMMU_INVALID, words[1]));
		/* Only a big table can speak about a small one. */
		fuzz_check(entry.empty != NOVA_GMMU_NO_SMALL || level == &fmt->level[1]);
		break;
	default:
		fuzz_check(entry.state == NOVA_GMMU_IS_CORRUPT);
	}
}

/* Some bits turned over, or one of two words saying nothing. */
static void spoil(const struct nova_gmmu_fmt *fmt, struct fuzz_input *in, u64 *words)
{
	unsigned int sel = fuzz_take(in, 1), nr = sel % 4;

	if (sel & 0x80)
		words[sel >> 6 & 1] = fmt->empty[sel % NOVA_GMMU_NR_EMPTY];
	while (nr--) {
		unsigned int bit = fuzz_take(in, 1) % 128;

		words[bit / 64] ^= BIT_ULL(bit % 64);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };

	while (in.len) {
		unsigned int what = fuzz_take(&in, 1);
		const struct nova_gmmu_fmt *fmt = fmts[what & 1];
		u64 words[2] = {};

		switch (what >> 1 & 3) {
		case 0:
			words[0] = pages(fmt, &in);
			break;
		case 1:
			tables(fmt, &in, words);
			break;
		case 2:
			words[0] = fuzz_take(&in, 8);
			words[1] = what & 0x80 ? fuzz_take(&in, 8) : 0;
			break;
		default:
			words[0] = fuzz_take(&in, 2);
		}
		spoil(fmt, &in, words);
		any_words(fmt, &in, words);
	}
	return 0;
}
