// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu inject
 *
 * Injected faults as text, "name value", for the module parameter and debugfs. The
 * value is a number in C notation; what it means stands at enum nova_swgpu_inject::
 *
 *   gone 1   tlb_polls 20   tlb_stuck 1   bind_lost 1   evict 100   bit_flip 0x8001
 *
 * For gsp the value may also be a word, as in "gsp bad-checksum".
 *
 * Locking: the model's own.
 */

#include "nova_swgpu_dev.h"

#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/string.h>

static const char * const nova_swgpu_inject_names[NOVA_SWGPU_INJECT_COUNT] = {
	[NOVA_SWGPU_INJECT_GONE] = "gone",
	[NOVA_SWGPU_INJECT_TLB_POLLS] = "tlb_polls",
	[NOVA_SWGPU_INJECT_TLB_STUCK] = "tlb_stuck",
	[NOVA_SWGPU_INJECT_BIND_POLLS] = "bind_polls",
	[NOVA_SWGPU_INJECT_BIND_LOST] = "bind_lost",
	[NOVA_SWGPU_INJECT_BIND_STUCK] = "bind_stuck",
	[NOVA_SWGPU_INJECT_FLUSH_POLLS] = "flush_polls",
	[NOVA_SWGPU_INJECT_EVICT] = "evict",
	[NOVA_SWGPU_INJECT_BIT_FLIP] = "bit_flip",
	[NOVA_SWGPU_INJECT_NO_MEMORY] = "no_memory",
	[NOVA_SWGPU_INJECT_GSP] = "gsp",
	[NOVA_SWGPU_INJECT_CE_STUCK] = "ce_stuck",
	[NOVA_SWGPU_INJECT_CE_SLOW] = "ce_slow",
	[NOVA_SWGPU_INJECT_DOORBELL_DROP] = "doorbell_drop",
	[NOVA_SWGPU_INJECT_COPY_CORRUPT] = "copy_corrupt",
};

static const char * const nova_swgpu_gsp_names[NOVA_SWGPU_GSP_FAULT_COUNT] = {
	[NOVA_SWGPU_GSP_OK] = "ok",
	[NOVA_SWGPU_GSP_SILENT] = "silent",
	[NOVA_SWGPU_GSP_BAD_HEADER] = "bad-header",
	[NOVA_SWGPU_GSP_BAD_CHECKSUM] = "bad-checksum",
	[NOVA_SWGPU_GSP_BAD_SIGNATURE] = "bad-signature",
	[NOVA_SWGPU_GSP_BAD_VERSION] = "bad-version",
	[NOVA_SWGPU_GSP_BAD_LENGTH] = "bad-length",
	[NOVA_SWGPU_GSP_SHORT] = "short",
	[NOVA_SWGPU_GSP_BAD_SEQUENCE] = "bad-sequence",
	[NOVA_SWGPU_GSP_BAD_COUNT] = "bad-count",
	[NOVA_SWGPU_GSP_BAD_FUNCTION] = "bad-function",
	[NOVA_SWGPU_GSP_ERROR] = "error",
	[NOVA_SWGPU_GSP_BAD_POINTER] = "bad-pointer",
	[NOVA_SWGPU_GSP_BAD_REGIONS] = "bad-regions",
	[NOVA_SWGPU_GSP_NOISE] = "noise",
	[NOVA_SWGPU_GSP_CHATTY] = "chatty",
};

/**
 * nova_swgpu_inject_parse - inject what a text says
 * @gpu: the GPU
 * @text: "name value" or "name:value", white space around allowed
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if it makes no sense; -ENOMEM.
 */
int nova_swgpu_inject_parse(struct nova_swgpu *gpu, const char *text)
{
	char buf[64];
	char *name, *value;
	int what, ret;
	u64 arg;

	if (strscpy(buf, text, sizeof(buf)) < 0)
		return -EINVAL;
	value = strim(buf);
	name = strsep(&value, " :");
	what = match_string(nova_swgpu_inject_names, NOVA_SWGPU_INJECT_COUNT, name);
	if (what < 0 || !value)
		return -EINVAL;
	if (what == NOVA_SWGPU_INJECT_GSP) {
		ret = match_string(nova_swgpu_gsp_names, NOVA_SWGPU_GSP_FAULT_COUNT, value);
		if (ret >= 0)
			return nova_swgpu_inject(gpu, what, ret);
	}
	ret = kstrtou64(value, 0, &arg);
	return ret ? -EINVAL : nova_swgpu_inject(gpu, what, arg);
}

/**
 * nova_swgpu_inject_list - inject all that a text says
 * @gpu: the GPU
 * @text: "name:value,name:value…", may be empty
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if a part makes no sense, those before it injected; -ENOMEM.
 */
int nova_swgpu_inject_list(struct nova_swgpu *gpu, const char *text)
{
	char part[64];
	size_t n;
	int ret = 0;

	for (; *text && !ret; text += n + (text[n] == ',')) {
		n = strcspn(text, ",");
		if (n >= sizeof(part))
			return -EINVAL;
		memcpy(part, text, n);
		part[n] = '\0';
		ret = nova_swgpu_inject_parse(gpu, part);
	}
	return ret;
}

/**
 * nova_swgpu_inject_show - print what is being injected
 * @gpu: the GPU
 * @m: where to
 *
 * One "name value" a line, each of which nova_swgpu_inject_parse() takes.
 */
void nova_swgpu_inject_show(struct nova_swgpu *gpu, struct seq_file *m)
{
	struct swgpu_inject inject;
	bool no_memory;

	swgpu_port_lock(&gpu->lock);
	inject = gpu->inject;
	no_memory = gpu->vram.no_memory;
	swgpu_port_unlock(&gpu->lock);

	seq_printf(m, "gone %d\ntlb_polls %u\ntlb_stuck %d\n", swgpu_port_count(&inject.gone),
		   inject.tlb_polls, inject.tlb_stuck);
	seq_printf(m, "bind_polls %u\nbind_lost %d\nbind_stuck %d\n", inject.bind_polls,
		   inject.bind_lost, inject.bind_stuck);
	seq_printf(m, "flush_polls %u\nevict %u\nno_memory %d\n", inject.flush_polls,
		   inject.evict_one_in, no_memory);
	seq_printf(m, "gsp %s\n", nova_swgpu_gsp_names[inject.gsp]);
	seq_printf(m, "ce_stuck %u\nce_slow %u\ndoorbell_drop %u\ncopy_corrupt %u\n",
		   inject.ce_stuck, inject.ce_slow, inject.doorbell_drop, inject.copy_corrupt);
}
