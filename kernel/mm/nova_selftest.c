// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_selftest
 *
 * Checks of a live device that need nothing but the driver itself: does VRAM hold
 * what the PRAMIN window wrote, does BAR1 lead to the same bytes, do page tables
 * say what was mapped, is a window gone when it was dropped? They are what to run
 * first on new silicon. They work on memory of their own, so they may run beside
 * anything; a check that finds no memory is skipped (K-5).
 *
 * Output: TAP, a line a check.
 *
 * Locking: none of its own; each check is a user of the units like any other.
 */
#include "nova_selftest.h"

#include "nova_buddy.h"
#include "nova_copy.h"
#include "nova_mm.h"
#include "nova_vmm.h"

#include <drm/drm_print.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sizes.h>

/* Memory of one check. */
struct nova_selftest {
	struct nova_mm *mm;
	struct nova_buddy_alloc alloc;
	/* its first byte; contiguous */
	u64 addr;
};

static int nova_selftest_bytes(struct nova_selftest *st)
{
	struct nova_pramin *pramin = &st->mm->pramin;
	u32 word = 0;
	u8 byte;

	if (nova_pramin_write32(pramin, nova_vram(st->addr), 0x44332211))
		return -EIO;
	for (unsigned int i = 0; i < sizeof(word); i++)
		if (nova_pramin_read8(pramin, nova_vram(st->addr + i), &byte) ||
		    byte != 0x11 * (i + 1))
			return -EIO;
	if (nova_pramin_write8(pramin, nova_vram(st->addr + 1), 0xab) ||
	    nova_pramin_read32(pramin, nova_vram(st->addr), &word) || word != 0x4433ab11)
		return -EIO;
	return 0;
}

static int nova_selftest_far_apart(struct nova_selftest *st)
{
	struct nova_pramin *pramin = &st->mm->pramin;
	u64 val;

	for (u64 i = 0; i < SZ_64; i += sizeof(val)) {
		nova_vram_t near = nova_vram(st->addr + i), far = nova_vram(st->addr + SZ_2M + i);

		if (nova_pramin_write64(pramin, near, i) || nova_pramin_write64(pramin, far, ~i))
			return -EIO;
		if (nova_pramin_read64(pramin, near, &val) || val != i)
			return -EIO;
		if (nova_pramin_read64(pramin, far, &val) || val != ~i)
			return -EIO;
	}
	return 0;
}

static int nova_selftest_refusals(struct nova_selftest *st)
{
	struct nova_pramin *pramin = &st->mm->pramin;
	u64 v64;
	u32 v32;
	u16 v16;
	u8 v8;

	if (nova_pramin_read8(pramin, nova_vram(pramin->end), &v8) != -EINVAL ||
	    nova_pramin_read16(pramin, nova_vram(st->addr + 1), &v16) != -EINVAL ||
	    nova_pramin_read32(pramin, nova_vram(st->addr + 2), &v32) != -EINVAL ||
	    nova_pramin_read64(pramin, nova_vram(st->addr + 4), &v64) != -EINVAL)
		return -EIO;
	return 0;
}

/* A window on @len bytes at @off of the check's memory. */
static int nova_selftest_window(struct nova_selftest *st, struct nova_bar1_map *map, u64 off,
				u64 len)
{
	const struct nova_extent extent = { .addr = st->addr + off, .len = len };
	const struct nova_backing backing = { .size = len, .extents = &extent, .nr_extents = 1 };

	nova_bar1_map_init(map, NULL);
	return nova_bar1_map_get(&st->mm->bar1, map, &backing, 0, len);
}

static void nova_selftest_close(struct nova_selftest *st, struct nova_bar1_map *map)
{
	nova_bar1_map_put(&st->mm->bar1, map);
	nova_bar1_map_drop(&st->mm->bar1, map);
}

/* Two windows one after the other, in the same place of BAR1 if nobody interferes. */
static int nova_selftest_bar1(struct nova_selftest *st)
{
	struct nova_bar1 *bar1 = &st->mm->bar1;
	int ret = 0;

	for (u32 i = 0; i < 2 && !ret; i++) {
		nova_vram_t at = nova_vram(st->addr + i * SZ_64K + 0x100);
		struct nova_bar1_map map;
		u32 val = 0;

		ret = nova_selftest_window(st, &map, i * SZ_64K, SZ_64K);
		if (ret)
			return ret;
		if (nova_pramin_write32(&st->mm->pramin, at, 0xcafe0000 + i) ||
		    nova_pramin_barrier(&st->mm->pramin) ||
		    nova_bar1_read32(bar1, &map, 0x100, &val) || val != 0xcafe0000 + i)
			ret = -EIO;
		if (!ret && (nova_bar1_write32(bar1, &map, 0x104, ~i) ||
			     nova_bar1_read32(bar1, &map, 0x104, &val) ||
			     nova_pramin_read32(&st->mm->pramin, nova_vram(at.addr + 4), &val) ||
			     val != ~i))
			ret = -EIO;
		nova_selftest_close(st, &map);
	}
	return ret;
}

static int nova_selftest_tables(struct nova_selftest *st)
{
	struct nova_bar1 *bar1 = &st->mm->bar1;
	struct nova_bar1_map map;
	struct nova_pt_xlate x;
	int ret = nova_selftest_window(st, &map, 0, SZ_64K);

	if (ret)
		return ret;
	if (nova_vmm_walk(&bar1->vmm, map.off + SZ_4K, &x) ||
	    x.entry.state != NOVA_GMMU_IS_LEAF || x.addr != st->addr + SZ_4K)
		ret = -EIO;
	nova_selftest_close(st, &map);
	/* What upstream's checks leave out: afterwards nothing is mapped there. */
	if (!ret && (nova_vmm_walk(&bar1->vmm, map.off + SZ_4K, &x) ||
		     x.entry.state != NOVA_GMMU_IS_EMPTY))
		ret = -EIO;
	return ret;
}

static const struct {
	const char *name;
	int (*run)(struct nova_selftest *st);
	bool bar1;
} nova_selftests[] = {
	{ "PRAMIN bytes are little-endian and separate", nova_selftest_bytes, false },
	{ "PRAMIN reaches places 2 MiB apart in turns", nova_selftest_far_apart, false },
	{ "PRAMIN refuses what is misaligned or beyond VRAM", nova_selftest_refusals, false },
	{ "BAR1 and PRAMIN see the same bytes", nova_selftest_bar1, true },
	{ "page tables say what was mapped, and then nothing", nova_selftest_tables, true },
};

static int nova_selftest_one(struct nova_mm *mm, unsigned int i)
{
	const struct nova_buddy_req req = {
		.size = SZ_4M,
		.min_block = SZ_64K,
		.flags = NOVA_BUDDY_CONTIGUOUS,
	};
	struct nova_selftest st = { .mm = mm };
	int ret;

	if (nova_selftests[i].bar1 && !mm->bar1.size)
		return -EOPNOTSUPP;
	ret = nova_buddy_alloc(mm->buddy, &req, &st.alloc);
	if (ret)
		return ret;
	/* Its owner before may have given it up while it is still being read. */
	if (mm->copy)
		nova_copy_wait(mm->copy);
	st.addr = nova_buddy_extents(&st.alloc)->addr;
	ret = nova_selftests[i].run(&st);
	nova_buddy_free(mm->buddy, &st.alloc, false);
	return ret;
}

/**
 * nova_selftest_run - check a live device
 * @mm: its memory management
 * @p: where to report
 *
 * Context: allocates VRAM and sleeps; other users may be active.
 *
 * Return: number of checks that failed; those without memory or BAR1 do not count.
 */
int nova_selftest_run(struct nova_mm *mm, struct drm_printer *p)
{
	int failed = 0;

	drm_printf(p, "1..%zu\n", ARRAY_SIZE(nova_selftests));
	for (unsigned int i = 0; i < ARRAY_SIZE(nova_selftests); i++) {
		int ret = nova_selftest_one(mm, i);
		bool skip = ret == -ENOSPC || ret == -ENOMEM || ret == -EOPNOTSUPP;

		failed += ret && !skip;
		drm_printf(p, "%s %u - %s%s\n", ret && !skip ? "not ok" : "ok", i + 1,
			   nova_selftests[i].name, skip ? " # SKIP" : "");
	}
	return failed;
}
