// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_tlb
 *
 * Invalidates the GPU's translation caches. Page-table words are cached, empty
 * ones too, so every change of a table is followed by one invalidate, and only
 * its acknowledged completion makes it safe to reuse what was unmapped: order
 * is change, write barrier, invalidate, wait, free.
 *
 * One command at a time: PDB names the address space, the trigger word says what
 * to drop, bit 31 reads as one until the hardware is done. Commands for spaces
 * that only BARs use leave the GPC caches alone. Unmapping and tightening of
 * permissions ask for a system-memory barrier and a global acknowledge, so that
 * accesses already on their way through an old translation are over, too (T-1).
 *
 * Invariant: a command that does not complete within NOVA_TLB_TIMEOUT_US sets
 * &nova_tlb.error for good and wedges the device; from then on every call fails
 * without touching the hardware, and callers keep what they would have freed
 * (T-2).
 *
 * Locking: one mutex from waiting for the previous command to the end of ours.
 * It is taken where fences wait to be signalled: nothing is allocated under it.
 */
#include "nova_tlb.h"

#include "nova_device.h"
#include "nova_regs.h"
#include "nova_trace.h"

#include <drm/drm_print.h>

#include <linux/bitfield.h>
#include <linux/time64.h>

#define NOVA_TLB_TIMEOUT_US	(2 * USEC_PER_SEC)

static u32 nova_tlb_trigger(const struct nova_tlb_req *req)
{
	u32 word = NV_VF_MMU_INVALIDATE_TRIGGER | NV_VF_MMU_INVALIDATE_ALL_VA |
		   FIELD_PREP(NV_VF_MMU_INVALIDATE_CACHE_LEVEL, req->cache_level);

	if (req->scope == NOVA_TLB_HUB)
		word |= NV_VF_MMU_INVALIDATE_HUBTLB_ONLY;
	if (req->ack)
		word |= NV_VF_MMU_INVALIDATE_SYS_MEMBAR |
			FIELD_PREP(NV_VF_MMU_INVALIDATE_ACK, NV_VF_MMU_INVALIDATE_ACK_GLOBALLY);
	return word;
}

/* The hardware did not answer, or is not there. */
static int nova_tlb_failed(struct nova_tlb *tlb, int ret)
{
	if (ret != -ETIMEDOUT)
		return ret;
	WRITE_ONCE(tlb->error, -EIO);
	nova_device_wedge(tlb->nd, "TLB invalidate timed out");
	return -EIO;
}

static int nova_tlb_hw_invalidate(struct nova_tlb *tlb, const struct nova_tlb_req *req)
{
	struct nova_device *nd = tlb->nd;
	int ret;

	guard(mutex)(&tlb->lock);
	/* Whoever had the lock before may have found out. */
	if (tlb->error)
		return tlb->error;
	tlb->count++;
	ret = nova_wait_clear(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_INVALIDATE,
			      NV_VF_MMU_INVALIDATE_TRIGGER, NOVA_TLB_TIMEOUT_US);
	if (ret)
		return nova_tlb_failed(tlb, ret);
	/* The field holds the 4 KiB frame, so the register is address / 256 in its upper bits. */
	nova_wr32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_INVALIDATE_PDB,
		  FIELD_PREP(NV_VF_MMU_INVALIDATE_PDB_ADDR, (req->pdb.addr >> 12) & 0xfffffff));
	nova_wr32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_INVALIDATE_UPPER_PDB,
		  FIELD_PREP(NV_VF_MMU_INVALIDATE_UPPER_PDB_ADDR, req->pdb.addr >> 40));
	nova_wr32(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_INVALIDATE, nova_tlb_trigger(req));
	ret = nova_wait_clear(nd, NV_VIRTUAL_FUNCTION_PRIV_MMU_INVALIDATE,
			      NV_VF_MMU_INVALIDATE_TRIGGER, NOVA_TLB_TIMEOUT_US);
	return ret ? nova_tlb_failed(tlb, ret) : 0;
}

static const struct nova_tlb_ops nova_tlb_hw_ops = {
	.invalidate = nova_tlb_hw_invalidate,
};

/**
 * nova_tlb_init - prepare for invalidates
 * @tlb: memory is the caller's
 * @nd: the device
 *
 * Touches no register. A test may replace &nova_tlb.ops afterwards.
 */
void nova_tlb_init(struct nova_tlb *tlb, struct nova_device *nd)
{
	*tlb = (struct nova_tlb){ .ops = &nova_tlb_hw_ops, .nd = nd };
	mutex_init(&tlb->lock);
}

/**
 * nova_tlb_fini - undo nova_tlb_init()
 * @tlb: not in use any more
 */
void nova_tlb_fini(struct nova_tlb *tlb)
{
	mutex_destroy(&tlb->lock);
}

/**
 * nova_tlb_invalidate - drop cached translations of one address space
 * @tlb: the caches
 * @req: what to drop and whether to wait for accesses under way
 *
 * Earlier table writes must have reached memory: nova_mem_flush(). One or two
 * microseconds when the hardware is well, 4 s at most.
 *
 * Context: may sleep (lock); never allocates; legal while fences wait to be
 * signalled.
 *
 * Return: 0; -EIO if the hardware did not answer, now or earlier: what the old
 * translations reached must never be reused; -ENODEV after unplug: there is no
 * hardware left to reach anything.
 */
int nova_tlb_invalidate(struct nova_tlb *tlb, const struct nova_tlb_req *req)
{
	int ret = READ_ONCE(tlb->error);

	if (!ret)
		ret = tlb->ops->invalidate(tlb, req);
	trace_nova_tlb_invalidate(tlb->nd, req->pdb.addr, req->scope == NOVA_TLB_HUB,
				  req->cache_level, req->ack, ret);
	return ret;
}

/**
 * nova_tlb_print - describe the unit for debugfs
 * @tlb: the caches
 * @p: where to
 *
 * Context: may sleep (lock).
 */
void nova_tlb_print(struct nova_tlb *tlb, struct drm_printer *p)
{
	mutex_lock(&tlb->lock);
	drm_printf(p, "%-24s %12llu\n", "tlb invalidates", tlb->count);
	drm_printf(p, "%-24s %12s\n", "tlb", tlb->error ? "dead" : "alive");
	mutex_unlock(&tlb->lock);
}
