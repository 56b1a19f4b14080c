// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu log
 *
 * What the software GPU remembers for whoever tests against it: a ring of faults,
 * a ring of TLB commands, the registers it did not know, and counters.
 *
 * A fault is either one the hardware would raise (code says which) or a broken
 * rule of the model (why says which), often both. Sequence numbers count from 1
 * and go on when a log is cleared, so "what happened since" is a comparison. When
 * a ring is full the oldest entry goes; the counter of faults still tells. The
 * first broken rules are kept apart, until the counters are reset.
 *
 * Everything is under gpu->lock.
 */

#include "swgpu.h"

static const char *const swgpu_log_codes[] = {
	[NOVA_SWGPU_CODE_PDE] = "PDE",
	[NOVA_SWGPU_CODE_PDE_SIZE] = "PDE_SIZE",
	[NOVA_SWGPU_CODE_PTE] = "PTE",
	[NOVA_SWGPU_CODE_VA_LIMIT] = "VA_LIMIT_VIOLATION",
	[NOVA_SWGPU_CODE_UNBOUND] = "UNBOUND_INST_BLOCK",
	[NOVA_SWGPU_CODE_PRIV] = "PRIV_VIOLATION",
	[NOVA_SWGPU_CODE_RO] = "RO_VIOLATION",
	[NOVA_SWGPU_CODE_APERTURE] = "UNSUPPORTED_APERTURE",
	[NOVA_SWGPU_CODE_KIND] = "UNSUPPORTED_KIND",
	[NOVA_SWGPU_CODE_REGION] = "REGION_VIOLATION",
	[NOVA_SWGPU_CODE_POISONED] = "POISONED",
	[NOVA_SWGPU_CODE_ATOMIC] = "ATOMIC_VIOLATION",
};

static const char *const swgpu_log_whys[NOVA_SWGPU_WHY_COUNT] = {
	[NOVA_SWGPU_WHY_PLAIN] = "plain",
	[NOVA_SWGPU_WHY_RESERVED] = "reserved-bits",
	[NOVA_SWGPU_WHY_MISALIGNED] = "misaligned",
	[NOVA_SWGPU_WHY_OUT_OF_RANGE] = "out-of-range",
	[NOVA_SWGPU_WHY_BOTH_HALVES] = "both-halves",
	[NOVA_SWGPU_WHY_POISON] = "poison",
	[NOVA_SWGPU_WHY_TABLE_REUSED] = "table-reused",
	[NOVA_SWGPU_WHY_CACHED] = "still-cached",
	[NOVA_SWGPU_WHY_WINDOW_MOVED] = "window-moved",
	[NOVA_SWGPU_WHY_WINDOW_RANGE] = "window-range",
	[NOVA_SWGPU_WHY_BAD_REG] = "bad-register",
	[NOVA_SWGPU_WHY_BAD_INST] = "bad-instance",
	[NOVA_SWGPU_WHY_BAD_INVALIDATE] = "bad-invalidate",
	[NOVA_SWGPU_WHY_NO_MEMORY] = "no-memory",
	[NOVA_SWGPU_WHY_GSP] = "gsp-protocol",
	[NOVA_SWGPU_WHY_CHANNEL] = "channel",
	[NOVA_SWGPU_WHY_RUNLIST] = "runlist",
};

/**
 * swgpu_log_code_name - a fault code for people
 * @code: enum nova_swgpu_code
 *
 * Return: the manual's name; "NONE" where the hardware has no code.
 */
const char *swgpu_log_code_name(unsigned int code)
{
	if (code < ARRAY_SIZE(swgpu_log_codes) && swgpu_log_codes[code])
		return swgpu_log_codes[code];
	return "NONE";
}

/**
 * swgpu_log_why_name - a reason for people
 * @why: enum nova_swgpu_why
 *
 * Return: a word.
 */
const char *swgpu_log_why_name(unsigned int why)
{
	return why < NOVA_SWGPU_WHY_COUNT ? swgpu_log_whys[why] : "?";
}

/**
 * swgpu_log_fault - add a line to the fault log
 * @gpu: the GPU
 * @f: what to add; its seq is ignored
 *
 * Context: gpu->lock held.
 */
void swgpu_log_fault(struct nova_swgpu *gpu, const struct nova_swgpu_fault *f)
{
	struct swgpu_log *log = &gpu->log;
	u64 seq = ++log->fault_seq;

	log->count.faults++;
	log->faults[seq % SWGPU_LOG_FAULTS] = *f;
	log->faults[seq % SWGPU_LOG_FAULTS].seq = seq;
	if (f->why == NOVA_SWGPU_WHY_PLAIN)
		return;
	if (log->count.broken_rules < SWGPU_LOG_BROKEN)
		log->broken[log->count.broken_rules] = log->faults[seq % SWGPU_LOG_FAULTS];
	log->count.broken_rules++;
}

/**
 * swgpu_log_rule - record a broken rule that is not about a translation
 * @gpu: the GPU
 * @why: the rule
 * @where: register offset or physical address
 * @access: what was tried
 *
 * Context: gpu->lock held.
 */
void swgpu_log_rule(struct nova_swgpu *gpu, enum nova_swgpu_why why, u64 where,
		    enum nova_swgpu_access access)
{
	const struct nova_swgpu_fault f = {
		.va = where,
		.code = NOVA_SWGPU_CODE_NONE,
		.why = why,
		.access = access,
		.client = NOVA_SWGPU_HUB,
	};

	swgpu_log_fault(gpu, &f);
}

/**
 * swgpu_log_invalidate - open a line of the invalidate log
 * @gpu: the GPU
 *
 * Context: gpu->lock held.
 * Return: the line, empty but for its sequence number.
 */
struct nova_swgpu_invalidate *swgpu_log_invalidate(struct nova_swgpu *gpu)
{
	struct swgpu_log *log = &gpu->log;
	u64 seq = ++log->inval_seq;
	struct nova_swgpu_invalidate *inv = &log->invalidates[seq % SWGPU_LOG_INVALIDATES];

	*inv = (struct nova_swgpu_invalidate){ .seq = seq };
	return inv;
}

/**
 * swgpu_log_invalidate_at - find a line again
 * @gpu: the GPU
 * @seq: its sequence number
 *
 * Context: gpu->lock held.
 * Return: the line, NULL if it has been overwritten.
 */
struct nova_swgpu_invalidate *swgpu_log_invalidate_at(struct nova_swgpu *gpu, u64 seq)
{
	struct nova_swgpu_invalidate *inv = &gpu->log.invalidates[seq % SWGPU_LOG_INVALIDATES];

	return inv->seq == seq ? inv : NULL;
}

/**
 * swgpu_log_unknown - count an access to a register the chip does not have
 * @gpu: the GPU
 * @off: BAR0 offset
 * @write: or read
 *
 * The first %SWGPU_LOG_UNKNOWN registers are listed one by one.
 *
 * Context: gpu->lock held.
 */
void swgpu_log_unknown(struct nova_swgpu *gpu, u32 off, bool write)
{
	struct swgpu_log *log = &gpu->log;
	u32 i;

	if (write)
		log->count.unknown_writes++;
	else
		log->count.unknown_reads++;
	for (i = 0; i < log->nr_unknown && log->unknown[i].off != off; i++)
		;
	if (i == SWGPU_LOG_UNKNOWN)
		return;
	if (i == log->nr_unknown)
		log->unknown[log->nr_unknown++] = (struct swgpu_unknown){ .off = off };
	if (write)
		log->unknown[i].writes++;
	else
		log->unknown[i].reads++;
}

static unsigned int swgpu_log_kept(u64 seq, u64 floor, unsigned int size)
{
	return min(seq - floor, size);
}

/**
 * nova_swgpu_fault_count - faults in the log
 * @gpu: the GPU
 *
 * Return: how many nova_swgpu_fault_get() can give; at most 256.
 */
unsigned int nova_swgpu_fault_count(struct nova_swgpu *gpu)
{
	unsigned int nr;

	swgpu_port_lock(&gpu->lock);
	nr = swgpu_log_kept(gpu->log.fault_seq, gpu->log.fault_floor, SWGPU_LOG_FAULTS);
	swgpu_port_unlock(&gpu->lock);
	return nr;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_fault_count);

/**
 * nova_swgpu_fault_get - one fault of the log
 * @gpu: the GPU
 * @i: 0 is the oldest kept
 * @f: filled in
 *
 * Return: false if there is no i-th fault.
 */
bool nova_swgpu_fault_get(struct nova_swgpu *gpu, unsigned int i, struct nova_swgpu_fault *f)
{
	struct swgpu_log *log = &gpu->log;
	unsigned int nr;

	swgpu_port_lock(&gpu->lock);
	nr = swgpu_log_kept(log->fault_seq, log->fault_floor, SWGPU_LOG_FAULTS);
	if (i < nr)
		*f = log->faults[(log->fault_seq - nr + 1 + i) % SWGPU_LOG_FAULTS];
	swgpu_port_unlock(&gpu->lock);
	return i < nr;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_fault_get);

/**
 * nova_swgpu_broken_get - one of the first broken rules
 * @gpu: the GPU
 * @i: 0 is the first since the counters were reset
 * @f: filled in
 *
 * Sixteen are kept, however many plain faults the fault log has seen since.
 *
 * Return: false if there is no i-th broken rule.
 */
bool nova_swgpu_broken_get(struct nova_swgpu *gpu, unsigned int i, struct nova_swgpu_fault *f)
{
	struct swgpu_log *log = &gpu->log;
	bool kept;

	swgpu_port_lock(&gpu->lock);
	kept = i < SWGPU_LOG_BROKEN && i < log->count.broken_rules;
	if (kept)
		*f = log->broken[i];
	swgpu_port_unlock(&gpu->lock);
	return kept;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_broken_get);

/**
 * nova_swgpu_fault_clear - empty the fault log
 * @gpu: the GPU
 */
void nova_swgpu_fault_clear(struct nova_swgpu *gpu)
{
	swgpu_port_lock(&gpu->lock);
	gpu->log.fault_floor = gpu->log.fault_seq;
	swgpu_port_unlock(&gpu->lock);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_fault_clear);

/**
 * nova_swgpu_invalidate_count - TLB commands in the log
 * @gpu: the GPU
 *
 * Return: how many nova_swgpu_invalidate_get() can give; at most 256.
 */
unsigned int nova_swgpu_invalidate_count(struct nova_swgpu *gpu)
{
	unsigned int nr;

	swgpu_port_lock(&gpu->lock);
	nr = swgpu_log_kept(gpu->log.inval_seq, gpu->log.inval_floor, SWGPU_LOG_INVALIDATES);
	swgpu_port_unlock(&gpu->lock);
	return nr;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_invalidate_count);

/**
 * nova_swgpu_invalidate_get - one TLB command of the log
 * @gpu: the GPU
 * @i: 0 is the oldest kept
 * @inv: filled in
 *
 * Return: false if there is no i-th command.
 */
bool nova_swgpu_invalidate_get(struct nova_swgpu *gpu, unsigned int i,
			       struct nova_swgpu_invalidate *inv)
{
	struct swgpu_log *log = &gpu->log;
	unsigned int nr;

	swgpu_port_lock(&gpu->lock);
	nr = swgpu_log_kept(log->inval_seq, log->inval_floor, SWGPU_LOG_INVALIDATES);
	if (i < nr)
		*inv = log->invalidates[(log->inval_seq - nr + 1 + i) % SWGPU_LOG_INVALIDATES];
	swgpu_port_unlock(&gpu->lock);
	return i < nr;
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_invalidate_get);

/**
 * nova_swgpu_invalidate_clear - empty the invalidate log
 * @gpu: the GPU
 */
void nova_swgpu_invalidate_clear(struct nova_swgpu *gpu)
{
	swgpu_port_lock(&gpu->lock);
	gpu->log.inval_floor = gpu->log.inval_seq;
	swgpu_port_unlock(&gpu->lock);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_invalidate_clear);

/**
 * nova_swgpu_counters_get - read the counters
 * @gpu: the GPU
 * @c: filled in
 */
void nova_swgpu_counters_get(struct nova_swgpu *gpu, struct nova_swgpu_counters *c)
{
	swgpu_port_lock(&gpu->lock);
	*c = gpu->log.count;
	c->vram_pages = gpu->vram.nr_pages;
	swgpu_port_unlock(&gpu->lock);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_counters_get);

/**
 * nova_swgpu_counters_reset - start counting anew
 * @gpu: the GPU
 *
 * The number of populated VRAM pages is a state, not a count, and stays.
 */
void nova_swgpu_counters_reset(struct nova_swgpu *gpu)
{
	swgpu_port_lock(&gpu->lock);
	gpu->log.count = (struct nova_swgpu_counters){ 0 };
	swgpu_port_unlock(&gpu->lock);
}
EXPORT_SYMBOL_SWGPU(nova_swgpu_counters_reset);
