/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_KUNIT_H__
#define __NOVA_KUNIT_H__

#include "nova_device.h"
#include "nova_mm.h"
#include "nova_swgpu.h"
#include "nova_vmm.h"

#include <linux/types.h>

struct kunit;

/** struct nova_kunit_config - the GPU a test wants; zero for the default */
struct nova_kunit_config {
	/** @chip: as nova_swgpu_config.chip; default tu102 */
	const char *chip;
	/** @vram_size: bytes; default 256 MiB */
	u64 vram_size;
	/** @bar1_size: bytes; 0 for no BAR1 */
	u64 bar1_size;
};

/**
 * struct nova_kunit - a software GPU and the driver's mechanism on top of it
 *
 * Made by nova_kunit_create(); taken down with the test. Any fault the model has
 * recorded by then, and that the test did not take away with
 * nova_kunit_expect_fault(), fails the test.
 */
struct nova_kunit {
	/** @test: the test it belongs to */
	struct kunit *test;
	/** @gpu: the model */
	struct nova_swgpu *gpu;
	/** @nd: the driver's device on it */
	struct nova_device nd;
	/** @mm: the driver's memory management on that */
	struct nova_mm mm;
};

/** struct nova_kunit_chip - a test parameter: one chip of each kind of page table */
struct nova_kunit_chip {
	/** @name: of the chip, and of the parameter */
	const char *name;
	/** @root_span: log2 of the bytes an entry of the root covers */
	u8 root_span;
	/** @va_bits: width of a virtual address */
	u8 va_bits;
	/** @huge: log2 of the bytes of the largest page */
	u8 huge;
};

extern const struct nova_kunit_chip nova_kunit_chips[];
extern const unsigned int nova_kunit_nr_chips;

const void *nova_kunit_gen_chip(struct kunit *test, const void *prev, char *desc);
struct nova_kunit *nova_kunit_create(struct kunit *test, const struct nova_kunit_config *config);
struct nova_kunit *nova_kunit_create_device(struct kunit *test,
					    const struct nova_kunit_config *config);
struct nova_vmm *nova_kunit_vmm(struct nova_kunit *nk, const struct nova_vmm_config *config);
bool nova_kunit_expect_fault(struct nova_kunit *nk, enum nova_swgpu_code code);
void nova_kunit_walk(struct nova_kunit *nk, struct nova_vmm *vmm, u64 va,
		     struct nova_swgpu_xlate *x);
void nova_kunit_translate(struct nova_kunit *nk, struct nova_vmm *vmm, u64 va,
			  enum nova_swgpu_access access, struct nova_swgpu_xlate *x);

/* Page tables against their invariants: nova_kunit_pt.c */
void nova_kunit_check_tree(struct kunit *test, struct nova_pt_tree *tree);

#endif
