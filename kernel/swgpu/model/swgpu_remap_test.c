// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu remap tests
 *
 * Copies of elements: every component size with every number of components on both
 * sides, every place a component can come from, constant fills, components left alone,
 * lines with pitches, and what is refused. The expected bytes are put together here, one
 * by one. Each test has a rig of its own.
 */

#include "swgpu_rig.h"

static const char *const one_of_each[] = { "tu102", "gh100", NULL };

#define CONST_A 0xa3a2a1a0u
#define CONST_B 0xb3b2b1b0u
#define FROM 0x10u
#define TO 0x10ff0u		/* so that elements cross a page */

/** struct remap - what SET_REMAP_COMPONENTS is to say, in plain numbers */
struct remap {
	u32 size, src, dst;
	u32 select[4];
};

static u32 remap_word(const struct remap *m)
{
	return m->select[0] | m->select[1] << 4 | m->select[2] << 8 | m->select[3] << 12 |
	       (m->size - 1) << 16 | (m->src - 1) << 20 | (m->dst - 1) << 24;
}

static u8 source(u32 off)
{
	return (u8)(off * 7 + off / 251 + 1);
}

static u8 before(u32 off)
{
	return (u8)(off * 5 + 3);
}

/* Byte b of component c of element e. */
static u8 expected(const struct remap *m, u32 e, u32 c, u32 b)
{
	u32 sel = m->select[c];

	if (sel < 4)
		return source((e * m->src + sel) * m->size + b);
	if (sel == 4)
		return (u8)(CONST_A >> b * 8);
	if (sel == 5)
		return (u8)(CONST_B >> b * 8);
	return before((e * m->dst + c) * m->size + b);
}

static void prepare(struct swgpu_rig *rig)
{
	static u8 buf[0x3000];
	u32 i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = source(i);
	CHECK_EQ(nova_swgpu_vram_write(rig->gpu, RIG_DATA_VRAM + FROM, buf, sizeof(buf)), 0);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = before(i);
	CHECK_EQ(nova_swgpu_vram_write(rig->gpu, RIG_DATA_VRAM + TO, buf, sizeof(buf)), 0);
}

static void launch(struct swgpu_rig *rig, const struct remap *m, u32 nr)
{
	swgpu_rig_ce(rig, 0, 0x700, CONST_A);
	swgpu_rig_ce(rig, 0, 0x704, CONST_B);
	swgpu_rig_ce(rig, 0, 0x708, remap_word(m));
	swgpu_rig_copy(rig, 0, RIG_DATA + FROM, RIG_DATA + TO, nr, 0x582);
	swgpu_rig_go(rig, 0);
}

/* nr elements have been remapped, and nothing else; what is it, if not? */
static void check(struct swgpu_rig *rig, const struct remap *m, u32 nr)
{
	static u8 buf[0x3000];
	u32 bytes = nr * m->dst * m->size;
	u32 i, wrong = 0;

	CHECK_EQ(nova_swgpu_vram_read(rig->gpu, RIG_DATA_VRAM + TO, buf, sizeof(buf)), 0);
	for (i = 0; i < bytes; i++)
		wrong += buf[i] != expected(m, i / m->size / m->dst, i / m->size % m->dst,
					    i % m->size);
	for (; i < sizeof(buf); i++)
		wrong += buf[i] != before(i);
	CHECK_EQ((u64)wrong << 32 | remap_word(m), remap_word(m));
}

static void body_shapes(struct swgpu_rig *rig)
{
	static const u32 sizes[] = { 1, 2, 4 };
	struct remap m;
	u32 i, nr, turn = 0;

	for (i = 0; i < 3 * 4 * 4; i++) {
		m = (struct remap){ sizes[i / 16], i / 4 % 4 + 1, i % 4 + 1, { 0 } };
		for (nr = 0; nr < 4; nr++)	/* sources, constants, nothing, in turns */
			m.select[nr] = turn++ % 7 < 4 ? (turn % 7) % m.src : 4 + turn % 3;
		nr = 600 + i;
		prepare(rig);
		launch(rig, &m, nr);
		check(rig, &m, nr);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void every_size_and_count(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_shapes);
}

static void body_selects(struct swgpu_rig *rig)
{
	struct remap m = { 2, 4, 4, { 0 } };
	u32 i;

	for (i = 0; i < 7; i++) {
		m.select[i % 4] = i;
		m.select[(i + 1) % 4] = 6 - i;
		prepare(rig);
		launch(rig, &m, 100);
		check(rig, &m, 100);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void every_place_a_component_comes_from(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_selects);
}

/* A constant fill does not look at the source; nor does it need one in pitch layout. */
static void body_fill(struct swgpu_rig *rig)
{
	static const u32 sizes[] = { 1, 2, 4 };
	struct remap m;
	u32 i;

	for (i = 0; i < 3 * 4; i++) {
		m = (struct remap){ sizes[i / 4], 1, i % 4 + 1, { 4, 5, 4, 5 } };
		prepare(rig);
		swgpu_rig_ce(rig, 0, 0x700, CONST_A);
		swgpu_rig_ce(rig, 0, 0x704, CONST_B);
		swgpu_rig_ce(rig, 0, 0x708, remap_word(&m));
		swgpu_rig_copy(rig, 0, RIG_HOLE, RIG_DATA + TO, 700, 0x502);
		swgpu_rig_go(rig, 0);
		check(rig, &m, 700);
	}
	swgpu_test_expect_quiet(rig->gpu);
}

static void constant_fills_of_every_size(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_fill);
}

/* Three lines of five RGB to BGRx elements. */
static void body_lines(struct swgpu_rig *rig)
{
	const struct remap m = { 1, 3, 4, { 2, 1, 0, 4 } };
	u32 line, e, c, wrong = 0;
	u8 byte;

	prepare(rig);
	swgpu_rig_ce(rig, 0, 0x410, 300);
	swgpu_rig_ce(rig, 0, 0x414, 64);
	swgpu_rig_ce(rig, 0, 0x41c, 3);
	swgpu_rig_ce(rig, 0, 0x700, CONST_A);
	swgpu_rig_ce(rig, 0, 0x708, remap_word(&m));
	swgpu_rig_copy(rig, 0, RIG_DATA + FROM, RIG_DATA + TO, 5, 0x782);
	swgpu_rig_go(rig, 0);
	for (line = 0; line < 3; line++) {
		for (e = 0; e < 16; e++) {
			for (c = 0; c < 4; c++) {
				u32 at = line * 64 + e * 4 + c;
				u8 want = c == 3 ? 0xa0 : source(line * 300 + e * 3 + 2 - c);

				nova_swgpu_vram_read(rig->gpu, RIG_DATA_VRAM + TO + at, &byte, 1);
				wrong += byte != (e < 5 ? want : before(at));
			}
		}
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(rig->gpu->log.count.bytes_copied, 60);
	swgpu_test_expect_quiet(rig->gpu);
}

static void lines_of_elements(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_lines);
}

/* A megabyte, in more than one step, within a 2 MiB page. */
static void body_big(struct swgpu_rig *rig)
{
	u64 i, wrong = 0;

	swgpu_rig_ce(rig, 0, 0x700, 0x55aa1234);
	swgpu_rig_ce(rig, 0, 0x708, 0x00030004);
	swgpu_rig_copy(rig, 0, 0, RIG_BIG + 4, 0x40000, 0x582);
	swgpu_rig_go(rig, 0);
	for (i = 8; i < 0x100000; i += 8)
		wrong += swgpu_rig_peek(rig, RIG_BIG_VRAM + i) != 0x55aa123455aa1234;
	CHECK_EQ(wrong, 0);
	CHECK_EQ((u32)swgpu_rig_peek(rig, RIG_BIG_VRAM),
		 (u32)swgpu_vram_poison(RIG_BIG_VRAM));
	CHECK_EQ((u32)swgpu_rig_peek(rig, RIG_BIG_VRAM + 0x100000), 0x55aa1234);
	CHECK_EQ(rig->gpu->log.count.bytes_copied, 0x100000);
	swgpu_test_expect_quiet(rig->gpu);
}

static void big_fills(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_big);
}

static void body_refused(struct swgpu_rig *rig)
{
	static const struct remap bad[] = {
		{ 3, 1, 1, { 0 } },			/* three bytes */
		{ 1, 1, 1, { 1 } }, { 1, 3, 4, { 0, 1, 2, 3 } },	/* not in the source */
		{ 1, 1, 1, { 7 } },			/* selects nothing there is */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		launch(rig, &bad[i], 1);
		swgpu_rig_stopped(rig, 0, 23, 0x80040300, 0x582);
		swgpu_rig_close(rig, 0);
		swgpu_rig_wr(rig, 0x800004, 0x00400000);
		swgpu_rig_open(rig, 1, false);
	}
	launch(rig, &(struct remap){ 1, 1, 1, { 0, 7, 7, 7 } }, 1);	/* beyond the count */
	CHECK_EQ(swgpu_rig_rd(rig, 0x40108), 0);
	swgpu_test_expect_quiet(rig->gpu);
}

static void remaps_that_are_refused(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_refused);
}

/* The source is read, and the destination written, as far as a fault. */
static void body_faults(struct swgpu_rig *rig)
{
	const struct remap m = { 4, 1, 2, { 0, 5 } };
	u64 val;

	swgpu_rig_ce(rig, 0, 0x704, CONST_B);
	swgpu_rig_ce(rig, 0, 0x708, remap_word(&m));
	swgpu_rig_copy(rig, 0, RIG_DATA, RIG_DATA + 0x7fff8, 4, 0x582);
	swgpu_rig_go(rig, 0);
	swgpu_rig_faulted(rig, 0, RIG_DATA + 0x80000, 0x80110102);
	val = swgpu_rig_peek(rig, RIG_DATA_VRAM + 0x7fff8);
	CHECK_EQ(val >> 32, CONST_B);
}

static void remaps_fault_where_they_are(void)
{
	swgpu_rig_each(one_of_each, 1, false, body_faults);
}

const struct swgpu_test swgpu_remap_tests[] = {
	{ "remap_every_size_and_count", every_size_and_count },
	{ "remap_every_place_a_component_comes_from", every_place_a_component_comes_from },
	{ "remap_constant_fills_of_every_size", constant_fills_of_every_size },
	{ "remap_lines_of_elements", lines_of_elements },
	{ "remap_big_fills", big_fills },
	{ "remap_that_are_refused", remaps_that_are_refused },
	{ "remap_faults_where_it_is", remaps_fault_where_they_are },
	{}
};
