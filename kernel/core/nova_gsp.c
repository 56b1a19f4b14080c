// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_gsp
 *
 * What the driver has to say to the firmware on the GPU system processor: here is
 * your shared memory, here is the system you are in, now tell me about the
 * memory. Nothing else; loading the firmware is not this driver's business::
 *
 *	driver				GSP
 *	SET_SYSTEM_INFO, SET_REGISTRY
 *	mailbox, doorbell	->
 *				<-	GSP_INIT_DONE
 *	GET_GSP_STATIC_INFO	->
 *				<-	reply with the same number
 *	...
 *	UNLOADING_GUEST_DRIVER	->
 *				<-	reply with the same number, then mailbox
 *
 * Invariant: memory that firmware has been told of and has not let go of is never
 * freed, but lost (&enum nova_gsp_state).
 *
 * Events may arrive at any time and are skipped unless awaited; they do not prolong
 * a wait. A message that does not parse ends the conversation with -EPROTO and one line in the log.
 *
 * Usable VRAM is what firmware neither reserves nor protects and what supports
 * compression and isochronous access.
 *
 * Locking: probe and remove only, one thread. Units: bytes; milliseconds.
 * Source: hardware.md §7.4, §8; message layouts of firmware r570.
 */
#include "nova_gsp.h"

#include "nova_chip.h"
#include "nova_device.h"
#include "nova_regs.h"

#include <kunit/static_stub.h>

#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>

#define GSP_SEND_TIMEOUT_MS	1000
#define GSP_PEER_TIMEOUT_MS	4000
#define GSP_RECV_TIMEOUT_MS	5000

#define GSP_FN_UNLOADING_GUEST_DRIVER	47
#define GSP_FN_GET_GSP_STATIC_INFO	65
#define GSP_FN_CONTINUATION_RECORD	71
#define GSP_FN_SET_SYSTEM_INFO		72
#define GSP_FN_SET_REGISTRY		73
#define GSP_EVENT_INIT_DONE		0x1001

/* GSP_ARGUMENTS_CACHED */
#define GSP_ARGS_SHARED_MEM		0x00
#define GSP_ARGS_PT_ENTRIES		0x08
#define GSP_ARGS_CMD_OFFSET		0x10
#define GSP_ARGS_STAT_OFFSET		0x18
#define GSP_ARGS_DMEM_STACK		0x30

/* UNLOADING_GUEST_DRIVER: all zero, for this is no sleep; and mailbox 0 after it */
#define GSP_UNLOADING_SIZE		8
#define GSP_MAILBOX0_UNLOADED		BIT(31)

/* GspSystemInfo */
#define GSP_SYSTEM_INFO_SIZE		0x3a0
#define GSP_SYSTEM_MAX_USER_VA		0x48
#define GSP_SYSTEM_MIRROR_BASE		0x50
#define GSP_SYSTEM_MIRROR_SIZE		0x54
#define GSP_SYSTEM_HOST_PAGE_SIZE	0x398
#define GSP_MAX_USER_VA			((1ULL << 47) - 4096)
#define GSP_MIRROR_BASE_TU102		0x088000
#define GSP_MIRROR_BASE_GH100		0x092000
#define GSP_MIRROR_SIZE			0x1000

/* GspStaticConfigInfo */
#define GSP_STATIC_INFO_SIZE		0x678
#define GSP_STATIC_GID_LENGTH		0x020
#define GSP_STATIC_GID_DATA		0x024
#define GSP_STATIC_FB_REGIONS		0x158
#define GSP_STATIC_NAME			0x4ec
#define GSP_STATIC_SHORT_NAME		0x52c
#define GSP_STATIC_BAR1_PDE_BASE	0x600

/* NV2080_CTRL_CMD_FB_GET_FB_REGION_FB_REGION_INFO, inside GSP_STATIC_FB_REGIONS */
#define GSP_REGIONS_FIRST		0x08
#define GSP_REGION_SIZE			0x30
#define GSP_REGION_BASE			0x00
#define GSP_REGION_LIMIT		0x08
#define GSP_REGION_RESERVED		0x10
#define GSP_REGION_COMPRESSED		0x1c
#define GSP_REGION_ISO			0x1d
#define GSP_REGION_PROTECTED		0x1e

/**
 * nova_gsp_present - does a GSP run that could answer?
 * @nd: the device
 *
 * Context: any.
 *
 * Return: true if its RISC-V core is active.
 */
bool nova_gsp_present(struct nova_device *nd)
{
	const struct nova_family *family = nd->chip->family;

	return nova_rd32(nd, family->gsp_active_reg) & family->gsp_active_mask;
}

static int nova_gsp_send(struct nova_gsp *gsp, u32 function, const void *payload, u32 len)
{
	unsigned long end = jiffies + msecs_to_jiffies(GSP_SEND_TIMEOUT_MS);
	int ret;

	while ((ret = nova_msgq_send(&gsp->queue, function, payload, len)) == -EAGAIN) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(20, 100);
	}
	return ret;
}

static void nova_gsp_ring(struct nova_gsp *gsp)
{
	nova_wr32(gsp->nd, NV_PGSP_QUEUE_HEAD, 0);
}

/* A payload of any size: what does not fit follows in continuation records. */
static int nova_gsp_call(struct nova_gsp *gsp, u32 function, const void *payload, u32 len)
{
	u32 part = min(len, NOVA_MSGQ_MAX_PAYLOAD);
	int ret = nova_gsp_send(gsp, function, payload, part);

	for (u32 done = part; !ret && done < len; done += part) {
		part = min(len - done, NOVA_MSGQ_MAX_PAYLOAD);
		ret = nova_gsp_send(gsp, GSP_FN_CONTINUATION_RECORD, payload + done, part);
	}
	if (!ret)
		nova_gsp_ring(gsp);
	return ret;
}

static unsigned long nova_gsp_recv_end(void)
{
	return jiffies + msecs_to_jiffies(GSP_RECV_TIMEOUT_MS);
}

/* Skips what nobody waits for, but not for ever: events may come faster than they are skipped. */
static int nova_gsp_await(struct nova_gsp *gsp, u32 function, unsigned long end,
			  struct nova_msgq_msg *msg)
{
	int ret;

	while ((ret = nova_msgq_recv(&gsp->queue, msg)) == -EAGAIN ||
	       (!ret && msg->function != function)) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		if (ret)
			usleep_range(20, 100);
		else
			cond_resched();
	}
	return ret;
}

/* It writes its header while we look, field by field. */
static int nova_gsp_await_peer(struct nova_gsp *gsp)
{
	unsigned long end = jiffies + msecs_to_jiffies(GSP_PEER_TIMEOUT_MS);
	int ret;

	while ((ret = nova_msgq_check_peer(&gsp->queue))) {
		if (time_after(jiffies, end))
			return ret == -EAGAIN ? -ETIMEDOUT : ret;
		usleep_range(20, 100);
	}
	return 0;
}

/* Collects a reply and its continuation records, all in time, into @buf. */
static int nova_gsp_await_reply(struct nova_gsp *gsp, u32 function, void *buf, u32 len)
{
	unsigned long end = nova_gsp_recv_end();
	struct nova_msgq_msg msg;
	int ret = nova_gsp_await(gsp, function, end, &msg);
	u32 done = 0;

	if (!ret && msg.result)
		return -EIO;
	while (!ret) {
		if (!msg.len || msg.len > len - done)
			return -EPROTO;
		memcpy(buf + done, msg.payload, msg.len);
		done += msg.len;
		if (done == len)
			return 0;
		ret = nova_gsp_await(gsp, GSP_FN_CONTINUATION_RECORD, end, &msg);
	}
	return ret;
}

static int nova_gsp_send_system_info(struct nova_gsp *gsp)
{
	bool hopper = nova_chip_arch(gsp->nd->chip) == NOVA_ARCH_HOPPER ||
		      nova_chip_arch(gsp->nd->chip) >= NOVA_ARCH_BLACKWELL_GB10X;
	u8 *info = kzalloc(GSP_SYSTEM_INFO_SIZE, GFP_KERNEL);
	int ret;

	if (!info)
		return -ENOMEM;
	put_unaligned_le64(GSP_MAX_USER_VA, info + GSP_SYSTEM_MAX_USER_VA);
	put_unaligned_le32(hopper ? GSP_MIRROR_BASE_GH100 : GSP_MIRROR_BASE_TU102,
			   info + GSP_SYSTEM_MIRROR_BASE);
	put_unaligned_le32(GSP_MIRROR_SIZE, info + GSP_SYSTEM_MIRROR_SIZE);
	put_unaligned_le64(PAGE_SIZE, info + GSP_SYSTEM_HOST_PAGE_SIZE);
	ret = nova_gsp_send(gsp, GSP_FN_SET_SYSTEM_INFO, info, GSP_SYSTEM_INFO_SIZE);
	kfree(info);
	return ret;
}

/* No key of ours: an empty table, which says how long it is. */
static int nova_gsp_send_registry(struct nova_gsp *gsp)
{
	__le32 table[2] = { cpu_to_le32(sizeof(table)), 0 };

	return nova_gsp_send(gsp, GSP_FN_SET_REGISTRY, table, sizeof(table));
}

static void nova_gsp_fill_args(struct nova_gsp *gsp)
{
	put_unaligned_le64(gsp->shm_dma, gsp->args + GSP_ARGS_SHARED_MEM);
	put_unaligned_le32(NOVA_MSGQ_SHM_SIZE / NOVA_MSGQ_PAGE, gsp->args + GSP_ARGS_PT_ENTRIES);
	put_unaligned_le64(NOVA_MSGQ_CMD, gsp->args + GSP_ARGS_CMD_OFFSET);
	put_unaligned_le64(NOVA_MSGQ_STAT, gsp->args + GSP_ARGS_STAT_OFFSET);
	put_unaligned_le32(1, gsp->args + GSP_ARGS_DMEM_STACK);
	for (u32 i = 0; i < NOVA_MSGQ_SHM_SIZE / NOVA_MSGQ_PAGE; i++)
		put_unaligned_le64(gsp->shm_dma + i * NOVA_MSGQ_PAGE, gsp->shm + i * sizeof(u64));
}

static int nova_gsp_alloc(struct nova_gsp *gsp)
{
	struct device *dev = gsp->nd->dev;
	void *elem = vmalloc(NOVA_MSGQ_MAX_ELEM);

	if (!elem)
		return -ENOMEM;
	gsp->queue.elem = elem;
	gsp->shm = dma_alloc_coherent(dev, NOVA_MSGQ_SHM_SIZE, &gsp->shm_dma, GFP_KERNEL);
	if (gsp->shm)
		gsp->args = dma_alloc_coherent(dev, NOVA_MSGQ_PAGE, &gsp->args_dma, GFP_KERNEL);
	if (!gsp->args) {
		nova_gsp_fini(gsp);
		return -ENOMEM;
	}
	nova_msgq_init(&gsp->queue, gsp->shm, elem);
	return 0;
}

static int nova_gsp_start(struct nova_gsp *gsp)
{
	struct nova_msgq_msg msg;
	int ret;

	nova_gsp_fill_args(gsp);
	ret = nova_gsp_send_system_info(gsp);
	if (ret)
		return ret;
	ret = nova_gsp_send_registry(gsp);
	if (ret)
		return ret;
	gsp->state = NOVA_GSP_TOLD;
	nova_wr32(gsp->nd, NV_PGSP_FALCON_MAILBOX0, lower_32_bits(gsp->args_dma));
	nova_wr32(gsp->nd, NV_PGSP_FALCON_MAILBOX1, upper_32_bits(gsp->args_dma));
	nova_gsp_ring(gsp);
	ret = nova_gsp_await_peer(gsp);
	if (!ret)
		ret = nova_gsp_await(gsp, GSP_EVENT_INIT_DONE, nova_gsp_recv_end(), &msg);
	if (!ret)
		gsp->state = NOVA_GSP_RUNNING;
	return ret;
}

static bool nova_gsp_region_usable(const u8 *r)
{
	return !get_unaligned_le64(r + GSP_REGION_RESERVED) && !r[GSP_REGION_PROTECTED] &&
	       r[GSP_REGION_COMPRESSED] && r[GSP_REGION_ISO];
}

static void nova_gsp_parse_region(struct nova_gsp_info *info, const u8 *r)
{
	u64 base = get_unaligned_le64(r + GSP_REGION_BASE);
	u64 limit = get_unaligned_le64(r + GSP_REGION_LIMIT), end;

	/* The limit is inclusive; a region to the end of all addresses is no VRAM. */
	if (limit < base || check_add_overflow(limit, 1ULL, &end))
		return;
	info->fb_end = max(info->fb_end, end);
	if (nova_gsp_region_usable(r))
		info->regions[info->nr_regions++] = (struct nova_gsp_region) {
			.base = base,
			.size = end - base,
		};
}

static int nova_gsp_parse_regions(struct nova_gsp_info *info, const u8 *regions)
{
	u32 nr = get_unaligned_le32(regions);

	if (nr > NOVA_GSP_MAX_REGIONS)
		return -EPROTO;
	for (u32 i = 0; i < nr; i++)
		nova_gsp_parse_region(info, regions + GSP_REGIONS_FIRST + i * GSP_REGION_SIZE);
	return info->nr_regions ? 0 : -ENODEV;
}

static int nova_gsp_parse(struct nova_gsp_info *info, const u8 *reply)
{
	memset(info, 0, sizeof(*info));
	strscpy(info->name, (const char *)reply + GSP_STATIC_NAME);
	strscpy(info->short_name, (const char *)reply + GSP_STATIC_SHORT_NAME);
	if (get_unaligned_le32(reply + GSP_STATIC_GID_LENGTH) >= sizeof(info->gid))
		memcpy(info->gid, reply + GSP_STATIC_GID_DATA, sizeof(info->gid));
	info->bar1_root = get_unaligned_le64(reply + GSP_STATIC_BAR1_PDE_BASE);
	return nova_gsp_parse_regions(info, reply + GSP_STATIC_FB_REGIONS);
}

static int nova_gsp_get_static_info(struct nova_gsp *gsp, struct nova_gsp_info *info)
{
	u8 *buf = kzalloc(GSP_STATIC_INFO_SIZE, GFP_KERNEL);
	int ret;

	if (!buf)
		return -ENOMEM;
	ret = nova_gsp_call(gsp, GSP_FN_GET_GSP_STATIC_INFO, buf, GSP_STATIC_INFO_SIZE);
	if (!ret)
		ret = nova_gsp_await_reply(gsp, GSP_FN_GET_GSP_STATIC_INFO, buf,
					   GSP_STATIC_INFO_SIZE);
	if (!ret)
		ret = nova_gsp_parse(info, buf);
	kfree(buf);
	return ret;
}

/**
 * nova_gsp_boot - introduce ourselves to the GSP and ask about the memory
 * @gsp: zeroed; nova_gsp_fini() undoes a success
 * @nd: the device; nova_gsp_present() was true
 * @info: filled on success
 *
 * Context: process, may sleep for some seconds if firmware does not answer.
 *
 * Return: 0; -ENOMEM; -ETIMEDOUT if firmware does not answer; -EPROTO if it talks
 * garbage; -EIO if it refuses; -ENODEV if no VRAM is usable.
 */
int nova_gsp_boot(struct nova_gsp *gsp, struct nova_device *nd, struct nova_gsp_info *info)
{
	int ret;

	gsp->nd = nd;
	ret = nova_gsp_alloc(gsp);
	if (ret)
		return ret;
	ret = nova_gsp_start(gsp);
	if (!ret)
		ret = nova_gsp_get_static_info(gsp, info);
	if (!ret)
		return 0;
	dev_err(nd->dev, "no static info from the GSP: %pe\n", ERR_PTR(ret));
	/* Who was silent for so long is not asked to let go either. */
	if (ret == -ETIMEDOUT && gsp->state == NOVA_GSP_RUNNING)
		gsp->state = NOVA_GSP_TOLD;
	nova_gsp_fini(gsp);
	return ret;
}

static int nova_gsp_await_unloaded(struct nova_gsp *gsp)
{
	unsigned long end = nova_gsp_recv_end();

	while (!(nova_rd32(gsp->nd, NV_PGSP_FALCON_MAILBOX0) & GSP_MAILBOX0_UNLOADED)) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(20, 100);
	}
	return 0;
}

static int nova_gsp_say_goodbye(struct nova_gsp *gsp)
{
	static const u8 unloading[GSP_UNLOADING_SIZE];
	struct nova_msgq_msg msg;
	int ret;

	ret = nova_gsp_call(gsp, GSP_FN_UNLOADING_GUEST_DRIVER, unloading, sizeof(unloading));
	if (!ret)
		ret = nova_gsp_await(gsp, GSP_FN_UNLOADING_GUEST_DRIVER, nova_gsp_recv_end(), &msg);
	if (!ret && msg.result)
		ret = -EIO;
	return ret ?: nova_gsp_await_unloaded(gsp);
}

/**
 * nova_gsp_unload - have the GSP let go of the shared memory
 * @gsp: the link, or one that never came up
 *
 * While the hardware still listens, after all else that needs firmware; nothing after
 * nova_device_unplug(). Hardware that was taken away has let go as well. Firmware that
 * does not answer is not asked again.
 *
 * Context: process, may sleep for some seconds if firmware does not answer. Idempotent.
 */
void nova_gsp_unload(struct nova_gsp *gsp)
{
	bool asked = gsp->state == NOVA_GSP_RUNNING;

	if (gsp->state == NOVA_GSP_OFF || nova_device_is_gone(gsp->nd))
		return;
	gsp->state = NOVA_GSP_TOLD;
	if (!nova_device_answers(gsp->nd) || (asked && !nova_gsp_say_goodbye(gsp)))
		gsp->state = NOVA_GSP_OFF;
}

/**
 * nova_gsp_lose - leave the shared memory to the GSP for ever
 * @gsp: the link
 *
 * Context: process.
 */
void nova_gsp_lose(const struct nova_gsp *gsp)
{
	KUNIT_STATIC_STUB_REDIRECT(nova_gsp_lose, gsp);
	dev_warn(gsp->nd->dev, "the GSP has not let go of its queues: %u KiB are lost\n",
		 (NOVA_MSGQ_SHM_SIZE + NOVA_MSGQ_PAGE) / SZ_1K);
}

static void nova_gsp_free(struct nova_gsp *gsp)
{
	if (gsp->args)
		dma_free_coherent(gsp->nd->dev, NOVA_MSGQ_PAGE, gsp->args, gsp->args_dma);
	if (gsp->shm)
		dma_free_coherent(gsp->nd->dev, NOVA_MSGQ_SHM_SIZE, gsp->shm, gsp->shm_dma);
}

/**
 * nova_gsp_fini - give the shared memory back
 * @gsp: the link, or one that never came up
 *
 * Calls nova_gsp_unload() for who has not done so. What the GSP may still write is not
 * freed, and the log says so.
 *
 * Context: process, as nova_gsp_unload().
 */
void nova_gsp_fini(struct nova_gsp *gsp)
{
	nova_gsp_unload(gsp);
	if (gsp->state == NOVA_GSP_OFF)
		nova_gsp_free(gsp);
	else
		nova_gsp_lose(gsp);
	vfree(gsp->queue.elem);
	*gsp = (struct nova_gsp) {};
}
