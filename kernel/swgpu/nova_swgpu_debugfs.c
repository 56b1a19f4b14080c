// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu debugfs
 *
 * /sys/kernel/debug/nova_swgpu/<device>/, for tests and people::
 *
 *   chip          name, MMU version, sizes, what BAR1 is bound to
 *   counters      one "name value" a line; writing anything starts anew
 *   faults        the fault log, one line each; writing anything empties it
 *   broken        the first sixteen broken rules, as lines of faults
 *   invalidates   TLB commands, one line each; writing anything empties it
 *   channels      one line for each channel that is bound: state, GET, PUT, what it is at
 *   unknown_regs  registers accessed that the chip does not have
 *   inject        faults that are on; write "name value" (or name:value)
 *   mem           memory as the GPU sees it; see its own file
 *
 * Lines are snapshots: a log may move on between two of them. Root only. The
 * files go before the GPU does, so they may use it freely.
 */

#include "nova_swgpu_dev.h"

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/string_choices.h>
#include <linux/uaccess.h>

static int nova_swgpu_chip_show(struct seq_file *m, void *unused)
{
	static const char * const states[] = { "physical", "virtual", "broken" };
	struct nova_swgpu *gpu = m->private;
	struct swgpu_bar1 bar1;

	swgpu_port_lock(&gpu->lock);
	bar1 = gpu->bar1;
	swgpu_port_unlock(&gpu->lock);

	seq_printf(m, "chip %s\nmmu v%u\nvram %llu\nbar1 %llu\n", gpu->chip->name, gpu->chip->mmu,
		   gpu->cfg.vram_size, gpu->cfg.bar1_size);
	seq_printf(m, "bar1_mode %s\n", states[bar1.state]);
	if (bar1.state == SWGPU_BAR1_VIRTUAL)
		seq_printf(m, "bar1_pdb %#llx %s\n", bar1.space.pdb,
			   bar1.space.sysmem ? "sysmem" : "vram");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nova_swgpu_chip);

#define NOVA_SWGPU_COUNTER(name) { #name, offsetof(struct nova_swgpu_counters, name) }

static const struct {
	const char *name;
	size_t off;
} nova_swgpu_counter_list[] = {
	NOVA_SWGPU_COUNTER(reg_reads), NOVA_SWGPU_COUNTER(reg_writes),
	NOVA_SWGPU_COUNTER(pramin_reads), NOVA_SWGPU_COUNTER(pramin_writes),
	NOVA_SWGPU_COUNTER(bar1_reads), NOVA_SWGPU_COUNTER(bar1_writes),
	NOVA_SWGPU_COUNTER(walks), NOVA_SWGPU_COUNTER(table_reads),
	NOVA_SWGPU_COUNTER(tlb_hits), NOVA_SWGPU_COUNTER(tlb_misses),
	NOVA_SWGPU_COUNTER(evictions), NOVA_SWGPU_COUNTER(invalidates),
	NOVA_SWGPU_COUNTER(inval_all_pdb), NOVA_SWGPU_COUNTER(inval_one_pdb),
	NOVA_SWGPU_COUNTER(inval_hub_only), NOVA_SWGPU_COUNTER(inval_dropped),
	NOVA_SWGPU_COUNTER(faults), NOVA_SWGPU_COUNTER(broken_rules),
	NOVA_SWGPU_COUNTER(unknown_reads),
	NOVA_SWGPU_COUNTER(unknown_writes), NOVA_SWGPU_COUNTER(vram_pages),
	NOVA_SWGPU_COUNTER(binds), NOVA_SWGPU_COUNTER(flushes),
	NOVA_SWGPU_COUNTER(gsp_commands), NOVA_SWGPU_COUNTER(gsp_messages),
	NOVA_SWGPU_COUNTER(doorbells), NOVA_SWGPU_COUNTER(runlists),
	NOVA_SWGPU_COUNTER(preempts), NOVA_SWGPU_COUNTER(gp_entries),
	NOVA_SWGPU_COUNTER(methods), NOVA_SWGPU_COUNTER(launches),
	NOVA_SWGPU_COUNTER(bytes_copied), NOVA_SWGPU_COUNTER(acquires),
	NOVA_SWGPU_COUNTER(releases), NOVA_SWGPU_COUNTER(chan_faults),
	NOVA_SWGPU_COUNTER(chan_errors),
};

static_assert(ARRAY_SIZE(nova_swgpu_counter_list) * sizeof(u64) ==
	      sizeof(struct nova_swgpu_counters));

static int nova_swgpu_counters_show(struct seq_file *m, void *unused)
{
	struct nova_swgpu_counters c;
	unsigned int i;

	nova_swgpu_counters_get(m->private, &c);
	for (i = 0; i < ARRAY_SIZE(nova_swgpu_counter_list); i++)
		seq_printf(m, "%s %llu\n", nova_swgpu_counter_list[i].name,
			   *(u64 *)((u8 *)&c + nova_swgpu_counter_list[i].off));
	return 0;
}

static void nova_swgpu_print_fault(struct seq_file *m, const struct nova_swgpu_fault *f)
{
	static const char * const accesses[] = { "read", "write", "atomic" };

	seq_printf(m, "%llu va %#llx %s %s %s level %u %s pdb %#llx %s table %#llx\n",
		   f->seq, f->va, accesses[f->access], swgpu_log_code_name(f->code),
		   swgpu_log_why_name(f->why), f->level,
		   f->client == NOVA_SWGPU_HUB ? "hub" : "gpc", f->pdb,
		   f->pdb_sysmem ? "sysmem" : "vram", f->table);
}

static int nova_swgpu_faults_show(struct seq_file *m, void *unused)
{
	struct nova_swgpu_fault f;
	unsigned int i;

	for (i = 0; nova_swgpu_fault_get(m->private, i, &f); i++)
		nova_swgpu_print_fault(m, &f);
	return 0;
}

static int nova_swgpu_broken_show(struct seq_file *m, void *unused)
{
	struct nova_swgpu_fault f;
	unsigned int i;

	for (i = 0; nova_swgpu_broken_get(m->private, i, &f); i++)
		nova_swgpu_print_fault(m, &f);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nova_swgpu_broken);

static int nova_swgpu_invalidates_show(struct seq_file *m, void *unused)
{
	struct nova_swgpu_invalidate inv;
	unsigned int i;

	for (i = 0; nova_swgpu_invalidate_get(m->private, i, &inv); i++)
		seq_printf(m, "%llu trigger %#x pdb %#llx %s%s%s%s ack %u level %u dropped %u %s\n",
			   inv.seq, inv.trigger, inv.pdb, inv.pdb_sysmem ? "sysmem" : "vram",
			   inv.all_pdb ? " all-pdb" : "", inv.hub_only ? " hub-only" : "",
			   inv.membar ? " membar" : "", inv.ack, inv.level, inv.dropped,
			   inv.done ? "done" : "running");
	return 0;
}

static int nova_swgpu_unknown_regs_show(struct seq_file *m, void *unused)
{
	struct nova_swgpu *gpu = m->private;
	struct swgpu_unknown reg;
	u32 i;

	for (i = 0; i < SWGPU_LOG_UNKNOWN; i++) {
		swgpu_port_lock(&gpu->lock);
		reg = gpu->log.unknown[i];
		swgpu_port_unlock(&gpu->lock);
		if (reg.reads || reg.writes)
			seq_printf(m, "%#08x reads %u writes %u\n", reg.off, reg.reads,
				   reg.writes);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nova_swgpu_unknown_regs);

/* What a channel is in the middle of. */
static const char *nova_swgpu_chan_at(const struct swgpu_chan *chan)
{
	if (chan->stopped)
		return "stopped";
	if (chan->launch.active)
		return "copy";
	if (chan->acquiring)
		return "acquire";
	if (chan->push.entry)
		return "pushbuffer";
	return chan->get != chan->put || chan->rung ? "ring" : "idle";
}

static int nova_swgpu_channels_show(struct seq_file *m, void *unused)
{
	struct nova_swgpu *gpu = m->private;
	struct swgpu_chan chan;
	unsigned int i;

	for (i = 0; i < SWGPU_CHANNELS; i++) {
		swgpu_port_lock(&gpu->lock);
		chan = gpu->host.chan[i];
		swgpu_port_unlock(&gpu->lock);
		if (!chan.bound)
			continue;
		seq_printf(m, "%u inst %#llx pdb %#llx %s%s%s%s%s get %u put %u push %#llx %s\n",
			   i, chan.block, chan.space.pdb, str_enabled_disabled(chan.enabled),
			   chan.listed ? " listed" : "",
			   chan.privileged || chan.physical ? " privileged" : "",
			   chan.pbdma_faulted ? " pbdma-faulted" : "",
			   chan.eng_faulted ? " eng-faulted" : "", chan.get, chan.put,
			   chan.push.va, nova_swgpu_chan_at(&chan));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nova_swgpu_channels);

static int nova_swgpu_inject_file_show(struct seq_file *m, void *unused)
{
	nova_swgpu_inject_show(m->private, m);
	return 0;
}

static ssize_t nova_swgpu_counters_write(struct file *file, const char __user *buf, size_t len,
					 loff_t *pos)
{
	nova_swgpu_counters_reset(((struct seq_file *)file->private_data)->private);
	return len;
}

static ssize_t nova_swgpu_faults_write(struct file *file, const char __user *buf, size_t len,
				       loff_t *pos)
{
	nova_swgpu_fault_clear(((struct seq_file *)file->private_data)->private);
	return len;
}

static ssize_t nova_swgpu_invalidates_write(struct file *file, const char __user *buf,
					    size_t len, loff_t *pos)
{
	nova_swgpu_invalidate_clear(((struct seq_file *)file->private_data)->private);
	return len;
}

static ssize_t nova_swgpu_inject_file_write(struct file *file, const char __user *buf,
					    size_t len, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	char text[64];
	int ret;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	ret = nova_swgpu_inject_parse(m->private, text);
	return ret ? ret : len;
}

DEFINE_SHOW_STORE_ATTRIBUTE(nova_swgpu_counters);
DEFINE_SHOW_STORE_ATTRIBUTE(nova_swgpu_faults);
DEFINE_SHOW_STORE_ATTRIBUTE(nova_swgpu_invalidates);
DEFINE_SHOW_STORE_ATTRIBUTE(nova_swgpu_inject_file);

static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} nova_swgpu_files[] = {
	{ "chip", 0400, &nova_swgpu_chip_fops },
	{ "counters", 0600, &nova_swgpu_counters_fops },
	{ "faults", 0600, &nova_swgpu_faults_fops },
	{ "broken", 0400, &nova_swgpu_broken_fops },
	{ "invalidates", 0600, &nova_swgpu_invalidates_fops },
	{ "channels", 0400, &nova_swgpu_channels_fops },
	{ "unknown_regs", 0400, &nova_swgpu_unknown_regs_fops },
	{ "inject", 0600, &nova_swgpu_inject_file_fops },
	{ "mem", 0600, &nova_swgpu_mem_fops },
};

/**
 * nova_swgpu_debugfs_add - make a GPU's folder
 * @gpu: the GPU
 * @parent: folder of the module
 * @name: of the platform device
 *
 * Context: may sleep.
 * Return: the folder, to be removed with debugfs_remove() before the GPU goes; an
 * ERR_PTR, as good as a folder, if there is no debugfs.
 */
struct dentry *nova_swgpu_debugfs_add(struct nova_swgpu *gpu, struct dentry *parent,
				      const char *name)
{
	struct dentry *dir = debugfs_create_dir(name, parent);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nova_swgpu_files); i++)
		debugfs_create_file(nova_swgpu_files[i].name, nova_swgpu_files[i].mode, dir, gpu,
				    nova_swgpu_files[i].fops);
	return dir;
}
