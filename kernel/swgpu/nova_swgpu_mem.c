// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu mem
 *
 * The debugfs file "mem": memory through the GPU's eyes. The first write(2) after
 * open is a line that says where to look::
 *
 *   0x<pdb> vram|sysmem         then pread/pwrite at file offset = virtual address
 *                               access memory as a GPC client, through MMU and TLB
 *   0x<pdb> vram|sysmem walk    then each pread at file offset = virtual address
 *                               gives the text of the walk, past the TLB:
 *
 *     PD3  vram 0x200000 0x0000000000020102
 *     …
 *     PT   vram 0x204000 0x0000000012345601
 *     MAPPED vram 0x123456000 page 4096 kind 0x0 rw
 *
 * An access that faults gives EFAULT (or the bytes before it) and a line in
 * "faults". Reading before the line is written is EINVAL. Every open file has its
 * own address space, under its own mutex.
 */

#include "nova_swgpu_dev.h"
#include "model/swgpu_walk.h"

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define NOVA_SWGPU_MEM_LINE 64
#define NOVA_SWGPU_MEM_TEXT 1024

/** struct nova_swgpu_mem - one open file */
struct nova_swgpu_mem {
	struct nova_swgpu *gpu;
	/** @lock: everything below */
	struct mutex lock;
	struct swgpu_space space;
	/** @chosen: the first line has been written */
	bool chosen;
	/** @walk: reads give text */
	bool walk;
	/** @page: bounce buffer, a page */
	u8 *page;
};

static int nova_swgpu_mem_open(struct inode *inode, struct file *file)
{
	struct nova_swgpu_mem *mem = kzalloc(sizeof(*mem), GFP_KERNEL);

	if (!mem)
		return -ENOMEM;
	mem->page = (u8 *)__get_free_page(GFP_KERNEL);
	if (!mem->page) {
		kfree(mem);
		return -ENOMEM;
	}
	mem->gpu = inode->i_private;
	mem->space.client = NOVA_SWGPU_GPC;
	mutex_init(&mem->lock);
	file->private_data = mem;
	return 0;
}

static int nova_swgpu_mem_release(struct inode *inode, struct file *file)
{
	struct nova_swgpu_mem *mem = file->private_data;

	free_page((unsigned long)mem->page);
	mutex_destroy(&mem->lock);
	kfree(mem);
	return 0;
}

/* "0x<pdb> vram|sysmem [walk]" */
static int nova_swgpu_mem_choose(struct nova_swgpu_mem *mem, char *line)
{
	char *pdb = strsep(&line, " ");
	char *aperture = line ? strsep(&line, " ") : NULL;

	if (!aperture || kstrtou64(pdb, 0, &mem->space.pdb))
		return -EINVAL;
	if (strcmp(aperture, "vram") && strcmp(aperture, "sysmem"))
		return -EINVAL;
	if (line && strcmp(line, "walk"))
		return -EINVAL;
	mem->space.sysmem = !strcmp(aperture, "sysmem");
	mem->walk = line;
	mem->chosen = true;
	return 0;
}

static ssize_t nova_swgpu_mem_write_line(struct nova_swgpu_mem *mem, const char __user *buf,
					 size_t len)
{
	char line[NOVA_SWGPU_MEM_LINE];
	int ret;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, buf, len))
		return -EFAULT;
	line[len] = '\0';
	ret = nova_swgpu_mem_choose(mem, strim(line));
	return ret ? ret : len;
}

/* Bytes of one step: to the end of the GPU's page. */
static size_t nova_swgpu_mem_step(u64 va, size_t left)
{
	return min_t(size_t, left, SWGPU_PAGE - (va & (SWGPU_PAGE - 1)));
}

static ssize_t nova_swgpu_mem_fwrite(struct file *file, const char __user *buf, size_t len,
				     loff_t *pos)
{
	struct nova_swgpu_mem *mem = file->private_data;
	size_t done, n;
	int ret = 0;

	guard(mutex)(&mem->lock);
	if (!mem->chosen)
		return nova_swgpu_mem_write_line(mem, buf, len);
	if (mem->walk)
		return -EINVAL;
	for (done = 0; done < len; done += n) {
		n = nova_swgpu_mem_step(*pos + done, len - done);
		ret = copy_from_user(mem->page, buf + done, n) ? -EFAULT :
		      nova_swgpu_mem_write(mem->gpu, mem->space.pdb, mem->space.sysmem,
					   *pos + done, mem->page, n);
		if (ret)
			break;
	}
	*pos += done;
	return done ? done : ret;
}

static size_t nova_swgpu_mem_print(struct nova_swgpu_mem *mem, u64 va, char *text, size_t size)
{
	static const char * const levels[] = { "PT ", "PD0", "PD1", "PD2", "PD3", "PD4" };
	static const char * const apertures[] = { "vram", "peer", "coh", "noncoh" };
	struct swgpu_trace trace = {};
	struct nova_swgpu_xlate x;
	unsigned int i;
	size_t len = 0;

	swgpu_port_lock(&mem->gpu->lock);
	swgpu_walk(mem->gpu, &mem->space, va, false, &trace, &x);
	swgpu_port_unlock(&mem->gpu->lock);

	for (i = 0; i < trace.nr; i++)
		len += scnprintf(text + len, size - len, "%s%s %s %#llx 0x%016llx\n",
				 levels[trace.step[i].level], trace.step[i].big ? "b" : " ",
				 apertures[trace.step[i].aperture], trace.step[i].addr,
				 trace.step[i].word);
	if (x.result == NOVA_SWGPU_MAPPED)
		len += scnprintf(text + len, size - len,
				 "MAPPED %s %#llx page %llu kind %#x %s%s%s%s\n",
				 apertures[x.aperture],
				 x.addr + (va & ((1ull << x.page_shift) - 1)),
				 1ull << x.page_shift, x.kind, x.read_only ? "ro" : "rw",
				 x.privileged ? " priv" : "", x.no_atomic ? " noatomic" : "",
				 x.uncached ? " uncached" : "");
	else if (x.result == NOVA_SWGPU_SPARSE)
		len += scnprintf(text + len, size - len, "SPARSE %llu\n", 1ull << x.page_shift);
	else
		len += scnprintf(text + len, size - len, "FAULT %s %s\n",
				 swgpu_log_code_name(x.fault), swgpu_log_why_name(x.why));
	return len;
}

static ssize_t nova_swgpu_mem_fread(struct file *file, char __user *buf, size_t len,
				    loff_t *pos)
{
	struct nova_swgpu_mem *mem = file->private_data;
	size_t done, n;
	int ret = 0;

	guard(mutex)(&mem->lock);
	if (!mem->chosen)
		return -EINVAL;
	if (mem->walk) {
		n = nova_swgpu_mem_print(mem, *pos, mem->page, NOVA_SWGPU_MEM_TEXT);
		n = min(n, len);
		return copy_to_user(buf, mem->page, n) ? -EFAULT : n;
	}
	for (done = 0; done < len; done += n) {
		n = nova_swgpu_mem_step(*pos + done, len - done);
		ret = nova_swgpu_mem_read(mem->gpu, mem->space.pdb, mem->space.sysmem,
					  *pos + done, mem->page, n);
		if (!ret && copy_to_user(buf + done, mem->page, n))
			ret = -EFAULT;
		if (ret)
			break;
	}
	*pos += done;
	return done ? done : ret;
}

const struct file_operations nova_swgpu_mem_fops = {
	.owner = THIS_MODULE,
	.open = nova_swgpu_mem_open,
	.release = nova_swgpu_mem_release,
	.read = nova_swgpu_mem_fread,
	.write = nova_swgpu_mem_fwrite,
	.llseek = default_llseek,
};
