// SPDX-License-Identifier: MIT
/*
 * Fuzz target of libdrm_nova's batches: an input is a row of ops, added to a batch and submitted now
 * and then: at once, asynchronously, or in pieces of as many as the kernel takes. Most ops go on
 * where the last one ended, some of those with one member changed; sizes and addresses are mostly
 * pages of a small address space, some are not aligned, empty, or anything in 64 bits.
 *
 * The kernel is the fake of the library's tests; this program judges each VM_BIND as the interface
 * says, on an address space that is an array of pages. The same ops, none merged, give the array
 * that the submitted ones must give, or the same error, which names the op that the failing one
 * became a part of; on failure nothing happened and the batch holds what was not applied. Cut where
 * the calls were, the ops of a batch are the calls, and none is missing that could have been
 * merged.
 */

#include "fake.h"

#include "fuzz.h"

#include <errno.h>
#include <string.h>

#define PAGE	0x1000ull
#define BASE	0x40000000ull
#define PAGES	64u
#define CALLS	256u
#define NR_BOS	2u

/* What is mapped at a page */
struct page {
	uint32_t op, flags, handle, kind, max_page_shift, region;
	uint64_t offset;
};

struct space {
	struct page page[PAGES];
};

typedef struct drm_nova_vm_bind_op op_t;

static struct space kernel;

static struct {
	struct nova_device *dev;
	struct nova_vm *vm;
	struct nova_bo *bo[NR_BOS];
	struct nova_bind *bind;
	/* since the batch was empty */
	op_t calls[CALLS];
	uint32_t nr_calls;
} lib;

static bool is_ranged(uint32_t op)
{
	return op != DRM_NOVA_VM_BIND_OP_UNMAP_BO;
}

static bool has_offset(uint32_t op)
{
	return op == DRM_NOVA_VM_BIND_OP_MAP || op == DRM_NOVA_VM_BIND_OP_MAP_USERPTR;
}

static int check_range(const op_t *op)
{
	uint64_t end;

	if (!op->range || (op->va | op->range | op->offset) % PAGE)
		return EINVAL;
	if (__builtin_add_overflow(op->va, op->range, &end) || op->va < BASE ||
	    end > BASE + PAGES * PAGE)
		return EINVAL;
	if (has_offset(op->op) ? __builtin_add_overflow(op->offset, op->range, &end) :
				 op->offset != 0)
		return EINVAL;
	return 0;
}

static int check_op(const op_t *op)
{
	if (!op->op || op->op > DRM_NOVA_VM_BIND_OP_MAP_USERPTR || op->pad || op->pad2)
		return EINVAL;
	return is_ranged(op->op) ? check_range(op) : op->va || op->range || op->offset ? EINVAL : 0;
}

static void unmap_bo(struct space *s, uint32_t handle)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		if (s->page[i].op == DRM_NOVA_VM_BIND_OP_MAP && s->page[i].handle == handle)
			s->page[i] = (struct page){ 0 };
}

static int apply_page(struct page *page, const op_t *op, uint64_t done)
{
	if (op->flags & DRM_NOVA_VM_BIND_OP_NOREPLACE && page->op)
		return EEXIST;
	if (op->op == DRM_NOVA_VM_BIND_OP_PREFETCH) {
		page->region = page->op ? op->region : 0;
		return 0;
	}
	*page = (struct page){ 0 };
	if (op->op == DRM_NOVA_VM_BIND_OP_UNMAP)
		return 0;
	page->op = op->op;
	page->flags = op->flags;
	page->handle = op->handle;
	page->kind = op->pte_kind;
	page->max_page_shift = op->max_page_shift;
	page->region = op->region;
	page->offset = has_offset(op->op) ? op->offset + done : 0;
	return 0;
}

/* One good op, as the interface describes it. */
static int apply(struct space *s, const op_t *op)
{
	uint64_t done;
	int ret = 0;

	if (!is_ranged(op->op)) {
		unmap_bo(s, op->handle);
		return 0;
	}
	for (done = 0; !ret && done < op->range; done += PAGE)
		ret = apply_page(&s->page[(op->va - BASE + done) / PAGE], op, done);
	return ret;
}

/* What is wrong in itself is told first. All or nothing; which op failed. */
static int apply_all(struct space *s, const op_t *ops, uint32_t nr, uint32_t *failed_op)
{
	struct space work = *s;
	uint32_t i;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++)
		ret = check_op(&ops[i]);
	if (!ret)
		for (i = 0; i < nr && !ret; i++)
			ret = apply(&work, &ops[i]);
	if (ret)
		*failed_op = i - 1;
	else
		*s = work;
	return ret;
}

static int on_bind(struct drm_nova_vm_bind *args)
{
	const op_t *ops = (const op_t *)(uintptr_t)args->ops.ptr;

	fuzz_check(args->ops.stride == sizeof(op_t) || !args->ops.count);
	fuzz_check(args->vm_id == nova_vm_id(lib.vm) && !args->failed_op);
	return apply_all(&kernel, ops, args->ops.count, &args->failed_op);
}

/* Where the next op must be to go on: false if there is no such place. */
static bool follow(const op_t *last, op_t *next)
{
	*next = *last;
	return is_ranged(last->op) && !__builtin_add_overflow(last->va, last->range, &next->va) &&
	       (!has_offset(last->op) ||
		!__builtin_add_overflow(last->offset, last->range, &next->offset));
}

/* Two calls that mean nothing else than one op of both ranges. */
static bool is_pair(const op_t *last, const op_t *next)
{
	op_t want;

	if (!follow(last, &want) || check_op(last) || check_op(next))
		return false;
	want.range = next->range;
	return !memcmp(&want, next, sizeof(want));
}

/*
 * The ops of the batch, cut where the calls were, are the calls. Returns for call @nr the op it
 * is in.
 */
static uint32_t cut(uint32_t nr)
{
	const op_t *ops;
	uint32_t nr_ops, i = 0, found = 0, call;
	op_t rest = { 0 };
	bool within = false;

	ops = nova_bind_ops(lib.bind, &nr_ops);
	for (call = 0; call < lib.nr_calls; call++) {
		const op_t *is = &lib.calls[call];
		op_t piece;

		if (!within) {
			fuzz_check(i < nr_ops);
			fuzz_check(!call || !is_pair(is - 1, is));
			rest = ops[i++];
		}
		if (call == nr)
			found = i - 1;
		piece = rest;
		piece.range = is->range;
		fuzz_check(is->range <= rest.range && !memcmp(&piece, is, sizeof(piece)));
		within = is->range < rest.range;
		if (within) {
			fuzz_check(is->range && follow(is, &piece));
			piece.range = rest.range - is->range;
			rest = piece;
		}
	}
	fuzz_check(!within && i == nr_ops);
	return found;
}

static void same_space(const struct space *want)
{
	fuzz_check(!memcmp(want, &kernel, sizeof(kernel)));
}

/* One VM_BIND, or an asynchronous one. */
static void submit(bool async)
{
	struct drm_nova_sync sync = nova_sync_signal(3, 0);
	struct space want = kernel;
	uint32_t failed = 0, failed_op = 77, nr_ops;
	int want_ret = apply_all(&want, lib.calls, lib.nr_calls, &failed);
	int ret;

	nova_bind_ops(lib.bind, &nr_ops);
	if (nr_ops > fake.max_bind_ops)
		want_ret = E2BIG;
	ret = async ? nova_bind_submit_async(lib.bind, NULL, &sync, 1, &failed_op) :
		      nova_bind_submit(lib.bind, &failed_op);
	fuzz_check(ret == -want_ret);
	fuzz_check(!async == !(fake.bind.flags & DRM_NOVA_VM_BIND_ASYNC));
	if (ret && ret != -E2BIG)
		fuzz_check(failed_op == cut(failed));
	if (ret)
		cut(0);
	else
		same_space(&want);
	nova_bind_ops(lib.bind, &nr_ops);
	fuzz_check(ret || !nr_ops);
	nova_bind_reset(lib.bind);
	lib.nr_calls = 0;
}

/* As many VM_BINDs as it takes: each is all or nothing. */
static void submit_split(void)
{
	const op_t *ops;
	uint32_t nr_ops, nr_left, failed_op = 77, want_failed = 77, done, nr;
	struct space want = kernel, single = kernel;
	op_t copy[CALLS];
	int ret, want_ret = 0;

	ops = nova_bind_ops(lib.bind, &nr_ops);
	memcpy(copy, ops ? ops : copy, nr_ops * sizeof(*copy));
	for (done = 0; done < nr_ops && !want_ret; done += nr) {
		nr = nr_ops - done < fake.max_bind_ops ? nr_ops - done : fake.max_bind_ops;
		want_ret = apply_all(&want, copy + done, nr, &want_failed);
		if (want_ret)
			break;
	}
	ret = nova_bind_submit_split(lib.bind, &failed_op);
	fuzz_check(ret == -want_ret && failed_op == want_failed);
	same_space(&want);
	ops = nova_bind_ops(lib.bind, &nr_left);
	fuzz_check(nr_left == nr_ops - done);
	fuzz_check(!nr_left || !memcmp(ops, copy + done, nr_left * sizeof(*ops)));
	if (!ret) {
		fuzz_check(!apply_all(&single, lib.calls, lib.nr_calls, &failed_op));
		same_space(&single);
	}
	nova_bind_reset(lib.bind);
	lib.nr_calls = 0;
}

static uint64_t take_size(struct fuzz_input *in)
{
	unsigned int sel = fuzz_take(in, 1);

	if (sel < 0xe0)
		return (1 + sel % 8) * PAGE;
	return sel < 0xf0 ? fuzz_take(in, 2) : sel < 0xf8 ? 0 : fuzz_take(in, 8);
}

/* Around an end of the 64 bits, or in the small address space. */
static uint64_t take_va(struct fuzz_input *in)
{
	unsigned int sel = fuzz_take(in, 1);

	return sel < 0xf0 ? BASE + sel % PAGES * PAGE : -(fuzz_take(in, 2) * 0x10);
}

static op_t take_op(struct fuzz_input *in)
{
	unsigned int sel = fuzz_take(in, 1);
	op_t op = {
		.op = sel % 7,
		.flags = sel & 0xe0 ? 0 : fuzz_take(in, 1) & 0x1f,
	};

	if (op.op == DRM_NOVA_VM_BIND_OP_MAP || op.op == DRM_NOVA_VM_BIND_OP_UNMAP_BO)
		op.handle = 1 + sel % 3;
	if (op.op == DRM_NOVA_VM_BIND_OP_PREFETCH)
		op.region = sel >> 7;
	if (op.op == DRM_NOVA_VM_BIND_OP_UNMAP_BO && sel != 0xff)
		return op;
	op.va = take_va(in);
	op.range = take_size(in);
	if (has_offset(op.op))
		op.offset = sel & 0x80 ? take_size(in) : take_va(in);
	return op;
}

static void change_member(struct fuzz_input *in, op_t *op)
{
	unsigned int sel = fuzz_take(in, 1), by = fuzz_take(in, 1);

	switch (sel % 10) {
	case 0:
		op->op = by % 7;
		break;
	case 1:
		op->flags ^= 1u << by % 5;
		break;
	case 2:
		op->handle ^= by % 4;
		break;
	case 3:
		op->pte_kind = by % 7;
		break;
	case 4:
		op->max_page_shift = by % 22;
		break;
	case 5:
		op->va += (by % 5 - 2) * PAGE;
		break;
	case 6:
		op->offset += (by % 5 - 2) * PAGE;
		break;
	case 7:
		op->region = by % 2;
		break;
	case 8:
		op->pad = by % 2;
		break;
	default:
		op->range = by << (sel & 0x10 ? 12 : 3);
	}
}

static void add(struct fuzz_input *in)
{
	unsigned int sel = fuzz_take(in, 1);
	op_t op;

	if (lib.nr_calls == CALLS)
		return;
	if (sel < 0x60 || !lib.nr_calls || !follow(&lib.calls[lib.nr_calls - 1], &op))
		op = take_op(in);
	else
		op.range = take_size(in);
	if (sel >= 0xe0)
		change_member(in, &op);
	if (sel & 1 && op.op == DRM_NOVA_VM_BIND_OP_UNMAP) {
		op = (op_t){ .op = op.op, .va = op.va, .range = op.range };
		fuzz_check(!nova_bind_unmap(lib.bind, op.va, op.range));
	} else if (sel & 1 && op.op == DRM_NOVA_VM_BIND_OP_MAP) {
		op = (op_t){
			.op = op.op, .flags = op.flags, .handle = 1 + op.handle % NR_BOS,
			.va = op.va, .range = op.range, .offset = op.offset,
		};
		fuzz_check(!nova_bind_map(lib.bind, lib.bo[op.handle - 1], op.offset, op.va,
					  op.range, op.flags));
	} else {
		fuzz_check(!nova_bind_add(lib.bind, &op));
	}
	lib.calls[lib.nr_calls++] = op;
}

static void start(void)
{
	const struct drm_nova_gem_create2 args = { .size = 0x100000, .placement = 1 };
	unsigned int i;

	memset(&kernel, 0, sizeof(kernel));
	memset(&lib, 0, sizeof(lib));
	lib.dev = fake_open();
	fake.on_bind = on_bind;
	for (i = 0; i < NR_BOS; i++) {
		fake.next_handle = 1 + i;
		fuzz_check(!nova_bo_create(lib.dev, &args, &lib.bo[i]));
	}
	fuzz_check(!nova_vm_create(lib.dev, 0, 0, 0, &lib.vm));
	fuzz_check(!nova_bind_create(lib.vm, &lib.bind));
}

static void end(void)
{
	unsigned int i;

	nova_bind_destroy(lib.bind);
	fuzz_check(!nova_vm_destroy(lib.vm));
	for (i = 0; i < NR_BOS; i++)
		nova_bo_unref(lib.bo[i]);
	nova_device_close(lib.dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };

	start();
	while (in.len) {
		unsigned int sel = fuzz_take(&in, 1);

		if (sel < 0xd0) {
			add(&in);
			continue;
		}
		cut(0);
		fake.max_bind_ops = sel & 1 ? 1 + sel % 8 : 4096;
		fake.interrupts = sel & 2;
		fake.interrupt_errno = EINTR;
		if (sel < 0xe8)
			submit(sel & 4);
		else
			submit_split();
	}
	cut(0);
	end();
	return 0;
}
