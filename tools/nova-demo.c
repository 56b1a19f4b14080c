// SPDX-License-Identifier: MIT

/**
 * DOC: nova-demo
 *
 * Shows on a software GPU that memory management works from the ioctl down to
 * the words in the page tables: what the CPU writes to an object the GPU finds
 * at the bound address by its own walk, and the other way round; after the
 * unbind the GPU faults. Once for VRAM, through BAR1, and once for system
 * memory.
 *
 * Every figure printed is measured here. A check that fails is printed as such
 * and makes the exit status 1. Needs root, since the GPU's view is in debugfs.
 *
 * Usage: nova-demo [NODE...]; without a node, every render node of the driver.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "nova.h"
#include "nova_debug.h"

#define DEMO_SIZE (4u << 20)
#define DEMO_GPU_WRITE 4096u
#define DEMO_COLUMN 22

/**
 * struct demo - one device being shown
 */
struct demo {
	/** @dev: the device. */
	struct nova_device *dev;
	/** @vm: an address space of it. */
	struct nova_vm *vm;
	/** @heap: its free addresses. */
	struct nova_va_heap *heap;
	/** @failed: checks that did not hold. */
	unsigned int failed;
};

static const struct demo_region {
	const char *name;
	uint32_t placement;
	const char *path;
} demo_regions[] = {
	{ "VRAM", DRM_NOVA_PLACEMENT_VRAM, "through BAR1" },
	{ "SYSTEM", DRM_NOVA_PLACEMENT_SYSTEM, "directly" },
};

static void demo_line(const char *title, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void demo_line(const char *title, const char *fmt, ...)
{
	va_list args;

	printf("  %-*s", DEMO_COLUMN, title);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

/* Prints one check with its verdict and counts it if it failed. */
static bool demo_check(struct demo *demo, bool held, const char *title, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static bool demo_check(struct demo *demo, bool held, const char *title, const char *fmt, ...)
{
	char text[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	demo_line(title, "%-58s %s", text, held ? "ok" : "FAILED");
	demo->failed += !held;
	return held;
}

/* Prints why a call failed, if it did. */
static bool demo_call(struct demo *demo, int ret, const char *what)
{
	return ret == 0 || demo_check(demo, false, what, "%s", strerror(-ret));
}

/* Bytes with the largest unit that loses nothing worth reading. */
static const char *demo_bytes(uint64_t bytes, char *text, size_t len)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes;
	unsigned int i = 0;

	while (value >= 1024 && i < sizeof(units) / sizeof(units[0]) - 1) {
		value /= 1024;
		i++;
	}
	snprintf(text, len, value == (double)(uint64_t)value ? "%.0f %s" : "%.1f %s", value,
		 units[i]);
	return text;
}

#define DEMO_BYTES(bytes) demo_bytes(bytes, (char[32]){ 0 }, 32)

/* Page sizes as a list, smallest first. */
static const char *demo_page_sizes(uint64_t sizes, char *text, size_t len)
{
	size_t used = 0;
	unsigned int shift;

	text[0] = '\0';
	for (shift = 0; shift < 64 && used < len; shift++)
		if (sizes >> shift & 1)
			used += (size_t)snprintf(text + used, len - used, "%s%s", used ? ", " : "",
						 DEMO_BYTES(1ull << shift));
	return text;
}

static bool demo_show_gpu(struct demo *demo, const char *node)
{
	char device[64] = "?", sizes[128];
	struct drm_nova_info_memory memory;
	struct drm_nova_info_bar1 bar1;
	struct drm_nova_info_gpu gpu;
	struct drm_nova_info_va va;

	nova_debug_device(nova_device_fd(demo->dev), device, sizeof(device));
	printf("%s  %s\n", node, device);
	if (!demo_call(demo, nova_info_gpu(demo->dev, &gpu), "INFO GPU") ||
	    !demo_call(demo, nova_info_va(demo->dev, &va), "INFO VA") ||
	    !demo_call(demo, nova_info_memory(demo->dev, &memory), "INFO MEMORY") ||
	    !demo_call(demo, nova_info_bar1(demo->dev, &bar1), "INFO BAR1"))
		return false;
	demo_line("chip", "%.64s, chipset 0x%x", (const char *)gpu.name, gpu.chipid);
	demo_line("MMU", "version %u, %u-bit addresses", va.gmmu_version, va.va_bits);
	demo_line("pages in VRAM", "%s", demo_page_sizes(va.vram_page_sizes, sizes, sizeof(sizes)));
	demo_line("VRAM", "%s, %s in use, largest free block %s", DEMO_BYTES(gpu.vram_size),
		  DEMO_BYTES(memory.regions[DRM_NOVA_REGION_VRAM].used),
		  DEMO_BYTES(memory.regions[DRM_NOVA_REGION_VRAM].largest_free));
	demo_line("BAR1", "%s, of which %s are a window for the CPU", DEMO_BYTES(bar1.pci_size),
		  DEMO_BYTES(bar1.window_size));
	return true;
}

static bool demo_make_vm(struct demo *demo)
{
	struct nova_pdb pdb;
	int ret;

	if (!demo_call(demo, nova_vm_create(demo->dev, 0, 0, 0, &demo->vm), "VM_CREATE") ||
	    !demo_call(demo, nova_vm_heap(demo->vm, &demo->heap), "address heap"))
		return false;
	ret = nova_debug_pdb(nova_device_fd(demo->dev), nova_vm_id(demo->vm), &pdb);
	if (!demo_call(demo, ret, "debugfs pagetables"))
		return false;
	demo_line("address space", "%s, page directory at %s 0x%" PRIx64,
		  DEMO_BYTES(nova_vm_layout(demo->vm)->va_size), pdb.aperture, pdb.addr);
	return true;
}

static void demo_fill(uint32_t *words, size_t len, uint32_t seed)
{
	size_t i;

	for (i = 0; i < len / sizeof(*words); i++) {
		seed = seed * 1664525u + 1013904223u;
		words[i] = seed;
	}
}

static size_t demo_differences(const unsigned char *a, const unsigned char *b, size_t len)
{
	size_t i, nr = 0;

	for (i = 0; i < len; i++)
		nr += a[i] != b[i];
	return nr;
}

/* The GPU's walk for one address, indented. */
static void demo_show_walk(struct demo *demo, uint64_t va)
{
	char *text, *line, *rest;
	int ret = nova_eye_walk(nova_device_fd(demo->dev), nova_vm_id(demo->vm), va, &text);

	if (!demo_call(demo, ret, "walk"))
		return;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		demo_line(line == text ? "the GPU's walk" : "", "%s", line);
	free(text);
}

/* The newest line of the model's fault log. */
static void demo_show_fault(struct demo *demo)
{
	char *text, *line, *rest, *last = NULL;
	int ret = nova_debug_model_read(nova_device_fd(demo->dev), "faults", &text);

	if (!demo_call(demo, ret, "fault log"))
		return;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		last = line;
	if (demo_check(demo, last, "the GPU's fault log", "%s", last ? "has it:" : "is empty"))
		demo_line("", "%s", last);
	free(text);
}

static void demo_cpu_to_gpu(struct demo *demo, const struct nova_eye *eye, uint64_t va,
			    const unsigned char *want)
{
	unsigned char *seen = malloc(DEMO_SIZE);
	size_t wrong;
	int ret;

	if (!demo_call(demo, seen ? 0 : -ENOMEM, "memory"))
		return;
	ret = nova_eye_read(eye, va, seen, DEMO_SIZE);
	if (demo_call(demo, ret, "GPU reads")) {
		wrong = demo_differences(seen, want, DEMO_SIZE);
		demo_check(demo, !wrong, "GPU reads", "%u bytes at 0x%" PRIx64 ", %zu differ",
			   DEMO_SIZE, va, wrong);
	}
	free(seen);
}

static void demo_gpu_to_cpu(struct demo *demo, const struct nova_eye *eye, uint64_t va,
			    unsigned char *want, const unsigned char *cpu)
{
	const uint32_t off = DEMO_SIZE / 2 - DEMO_GPU_WRITE / 2;
	size_t wrong;

	demo_fill((uint32_t *)(want + off), DEMO_GPU_WRITE, 2);
	if (!demo_call(demo, nova_eye_write(eye, va + off, want + off, DEMO_GPU_WRITE),
		       "GPU writes"))
		return;
	wrong = demo_differences(cpu, want, DEMO_SIZE);
	demo_check(demo, !wrong, "GPU writes, CPU reads", "%u bytes at 0x%" PRIx64 ", %zu differ",
		   DEMO_GPU_WRITE, va + off, wrong);
}

static void demo_unbind(struct demo *demo, struct nova_bind *bind, const struct nova_eye *eye,
			uint64_t va)
{
	uint32_t word;
	int ret = nova_bind_unmap(bind, va, DEMO_SIZE);

	if (!ret)
		ret = nova_bind_submit(bind, NULL);
	if (!demo_call(demo, ret, "unbind"))
		return;
	ret = nova_eye_read(eye, va, &word, sizeof(word));
	demo_check(demo, ret == -EFAULT, "after the unbind", "GPU read at 0x%" PRIx64 ": %s", va,
		   ret ? strerror(-ret) : "no fault");
	demo_show_fault(demo);
}

/* An object is bound at @va and mapped at @cpu: look at it from both sides. */
static void demo_look(struct demo *demo, struct nova_bind *bind, uint64_t va, unsigned char *cpu)
{
	unsigned char *want = malloc(DEMO_SIZE);
	struct nova_eye eye;
	int ret;

	if (!demo_call(demo, want ? 0 : -ENOMEM, "memory"))
		return;
	demo_fill((uint32_t *)want, DEMO_SIZE, 1);
	memcpy(cpu, want, DEMO_SIZE);
	ret = nova_eye_open(nova_device_fd(demo->dev), nova_vm_id(demo->vm), &eye);
	if (demo_call(demo, ret, "debugfs mem")) {
		demo_cpu_to_gpu(demo, &eye, va, want);
		demo_show_walk(demo, va);
		demo_gpu_to_cpu(demo, &eye, va, want, cpu);
		demo_unbind(demo, bind, &eye, va);
		nova_eye_close(&eye);
	}
	free(want);
}

static void demo_bind(struct demo *demo, const struct nova_bo *bo, unsigned char *cpu)
{
	struct nova_bind *bind;
	uint64_t va;
	int ret;

	if (!demo_call(demo, nova_bind_create(demo->vm, &bind), "bind batch"))
		return;
	ret = nova_va_heap_alloc(demo->heap, DEMO_SIZE, DEMO_SIZE, &va);
	if (!ret)
		ret = nova_bind_map(bind, bo, 0, va, DEMO_SIZE, 0);
	if (!ret)
		ret = nova_bind_submit(bind, NULL);
	if (demo_call(demo, ret, "bind"))
		demo_look(demo, bind, va, cpu);
	nova_bind_destroy(bind);
}

static void demo_region(struct demo *demo, const struct demo_region *region)
{
	const struct drm_nova_gem_create2 args = {
		.size = DEMO_SIZE, .placement = region->placement,
	};
	struct nova_bo *bo;
	void *cpu;
	int ret = nova_bo_create(demo->dev, &args, &bo);

	if (!demo_call(demo, ret, "GEM_CREATE2"))
		return;
	printf("\n  %s object, %s, mapped by the CPU %s\n", region->name,
	       DEMO_BYTES(nova_bo_size(bo)), region->path);
	ret = nova_bo_map(bo, 0, DEMO_SIZE, PROT_READ | PROT_WRITE, &cpu);
	if (demo_call(demo, ret, "mmap")) {
		demo_bind(demo, bo, cpu);
		nova_bo_unmap(cpu, DEMO_SIZE);
	}
	nova_bo_unref(bo);
}

/* Shows a device and closes it. Returns whether every check held. */
static bool demo_run(struct nova_device *dev, const char *node)
{
	struct demo demo = { .dev = dev };
	unsigned int i;

	if (demo_show_gpu(&demo, node) && demo_make_vm(&demo))
		for (i = 0; i < sizeof(demo_regions) / sizeof(demo_regions[0]); i++)
			demo_region(&demo, &demo_regions[i]);
	nova_va_heap_destroy(demo.heap);
	demo_call(&demo, nova_vm_destroy(demo.vm), "VM_DESTROY");
	nova_device_close(dev);
	printf("\n  %s\n", demo.failed ? "some checks FAILED" : "all checks held");
	return !demo.failed;
}

static bool demo_nodes(int nr, char **nodes)
{
	struct nova_device *dev;
	bool held = true;
	int i, ret;

	for (i = 0; i < nr; i++) {
		ret = nova_device_open(nodes[i], &dev);
		if (ret)
			fprintf(stderr, "nova-demo: %s: %s\n", nodes[i], strerror(-ret));
		held = !ret && demo_run(dev, nodes[i]) && held;
	}
	return held;
}

static bool demo_all_nodes(void)
{
	struct nova_device *dev;
	unsigned int i;
	bool held = true;
	char name[32];

	for (i = 0; nova_device_open_index(i, &dev) == 0; i++) {
		snprintf(name, sizeof(name), "GPU %u", i);
		held = demo_run(dev, name) && held;
	}
	if (!i)
		fprintf(stderr, "nova-demo: no render node of the nova driver\n");
	return i && held;
}

int main(int argc, char **argv)
{
	const bool held = argc > 1 ? demo_nodes(argc - 1, argv + 1) : demo_all_nodes();

	return held ? EXIT_SUCCESS : EXIT_FAILURE;
}
