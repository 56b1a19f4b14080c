// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: swgpu GSP client
 *
 * A small driver's side of the GSP message queues, for the tests and the fuzz
 * target: written from hardware.md 8 with its own literals, so that it and the
 * model's GSP check each other. It knows nothing of wrapping commands.
 *
 * The client's memory is the shared memory, 0x81000 bytes, then a page of boot
 * arguments. Offsets are bytes from its start. A client belongs to one test.
 */

#include "swgpu_gsp_client.h"

/**
 * swgpu_client_put - write a word of the client's memory
 * @c: the client
 * @off: multiple of 4
 * @val: the word
 */
void swgpu_client_put(struct swgpu_client *c, u32 off, u32 val)
{
	swgpu_port_st32(c->mem + off, val);
}

/**
 * swgpu_client_get - read a word of the client's memory
 * @c: the client
 * @off: multiple of 4
 *
 * Return: the word.
 */
u32 swgpu_client_get(struct swgpu_client *c, u32 off)
{
	return swgpu_port_ld32(c->mem + off);
}

/**
 * swgpu_client_prepare - lay out the shared memory and the boot arguments, nothing queued
 * @c: the client
 */
void swgpu_client_prepare(struct swgpu_client *c)
{
	static const u32 header[] = { 0, 0x40000, 0x1000, 63, 0, 1, 0x20, 0x1000 };
	u32 i;

	memset(c->mem, 0, SWGPU_CLIENT_SIZE);
	for (i = 0; i < 129; i++)
		swgpu_port_st64(c->mem + i * 8, c->dma + i * 0x1000);
	for (i = 0; i < 8; i++)
		swgpu_client_put(c, 0x1000 + i * 4, header[i]);
	swgpu_port_st64(c->mem + SWGPU_CLIENT_ARGS, c->dma);
	swgpu_client_put(c, SWGPU_CLIENT_ARGS + 0x08, 129);
	swgpu_port_st64(c->mem + SWGPU_CLIENT_ARGS + 0x10, 0x1000);
	swgpu_port_st64(c->mem + SWGPU_CLIENT_ARGS + 0x18, 0x41000);
	swgpu_client_put(c, SWGPU_CLIENT_ARGS + 0x30, 1);
	c->write = 0;
	c->read = 0;
	c->seq = 0;
}

/**
 * swgpu_client_init - make a GPU, and memory to talk to its GSP
 * @c: filled in
 * @cfg: of the GPU
 */
void swgpu_client_init(struct swgpu_client *c, const struct nova_swgpu_config *cfg)
{
	c->gpu = nova_swgpu_create(cfg);
	c->mem = swgpu_test_sysmem_get(SWGPU_CLIENT_SIZE, &c->dma);
	if (IS_ERR_OR_NULL(c->gpu) || !c->mem)
		swgpu_check_give_up();
	swgpu_client_prepare(c);
}

/**
 * swgpu_client_fini - undo swgpu_client_init()
 * @c: the client
 */
void swgpu_client_fini(struct swgpu_client *c)
{
	nova_swgpu_destroy(c->gpu);
	swgpu_test_sysmem_put(c->mem, SWGPU_CLIENT_SIZE);
}

/**
 * swgpu_client_ring - ring the doorbell
 * @c: the client
 */
void swgpu_client_ring(struct swgpu_client *c)
{
	swgpu_bar0_write(c->gpu, 0x110c00, 0, 4);
}

/**
 * swgpu_client_boot - give the GSP its arguments and ring
 * @c: the client
 */
void swgpu_client_boot(struct swgpu_client *c)
{
	u64 args = c->dma + SWGPU_CLIENT_ARGS;

	swgpu_bar0_write(c->gpu, 0x110040, (u32)args, 4);
	swgpu_bar0_write(c->gpu, 0x110044, args >> 32, 4);
	swgpu_client_ring(c);
}

/**
 * swgpu_client_entry - where an entry is
 * @queue: 0x1000 commands, 0x41000 status
 * @index: any; taken modulo 63
 *
 * Return: offset in the client's memory.
 */
u32 swgpu_client_entry(u32 queue, u32 index)
{
	return queue + 0x1000 + index % 63 * 0x1000;
}

/**
 * swgpu_client_xor - XOR of words
 * @p: bytes
 * @len: multiple of 4
 *
 * Return: the XOR.
 */
u32 swgpu_client_xor(const u8 *p, u32 len)
{
	u32 sum = 0;
	u32 off;

	for (off = 0; off < len; off += 4)
		sum ^= swgpu_port_ld32(p + off);
	return sum;
}

/* Over a whole element, whose length is in its RPC header. */
static u32 swgpu_client_sum(struct swgpu_client *c, u32 at)
{
	return swgpu_client_xor(c->mem + at, (0x30 + swgpu_client_get(c, at + 0x38) + 7) & ~7u);
}

/**
 * swgpu_client_checksum - put the right checksum on an element
 * @c: the client
 * @at: where the element is
 */
void swgpu_client_checksum(struct swgpu_client *c, u32 at)
{
	swgpu_client_put(c, at + 0x20, 0);
	swgpu_client_put(c, at + 0x20, swgpu_client_sum(c, at));
}

/**
 * swgpu_client_write - queue a command
 * @c: the client
 * @function: RPC function
 * @payload: bytes, NULL for zeros
 * @len: of @payload; the command must not wrap
 *
 * Return: where the element is.
 */
u32 swgpu_client_write(struct swgpu_client *c, u32 function, const void *payload, u32 len)
{
	u32 at = swgpu_client_entry(0x1000, c->write);
	u32 count = (0x50 + len + 0xfff) / 0x1000;

	memset(c->mem + at, 0, count * 0x1000);
	swgpu_client_put(c, at + 0x24, c->seq++);
	swgpu_client_put(c, at + 0x28, count);
	swgpu_client_put(c, at + 0x30, 0x03000000);
	swgpu_client_put(c, at + 0x34, 0x43505256);
	swgpu_client_put(c, at + 0x38, 0x20 + len);
	swgpu_client_put(c, at + 0x3c, function);
	swgpu_client_put(c, at + 0x40, 0xffffffff);
	swgpu_client_put(c, at + 0x44, 0xffffffff);
	if (payload)
		memcpy(c->mem + at + 0x50, payload, len);
	swgpu_client_checksum(c, at);
	c->write = (c->write + count) % 63;
	swgpu_client_put(c, 0x1010, c->write);
	return at;
}

/**
 * swgpu_client_send - queue a command and ring
 * @c: the client
 * @function: RPC function
 * @payload: bytes, NULL for zeros
 * @len: of @payload; the command must not wrap
 */
void swgpu_client_send(struct swgpu_client *c, u32 function, const void *payload, u32 len)
{
	swgpu_client_write(c, function, payload, len);
	swgpu_client_ring(c);
}

/**
 * swgpu_client_receive - take the next message, checking its checksum
 * @c: the client
 *
 * Return: where the element is, 0 if there is none.
 */
u32 swgpu_client_receive(struct swgpu_client *c)
{
	u32 at = swgpu_client_entry(0x41000, c->read);

	if (swgpu_client_get(c, 0x41010) == c->read)
		return 0;
	CHECK_EQ(swgpu_client_sum(c, at), 0);
	c->read = (c->read + swgpu_client_get(c, at + 0x28)) % 63;
	swgpu_client_put(c, 0x1020, c->read);
	return at;
}

const u8 swgpu_client_registry[SWGPU_CLIENT_REGISTRY] = {
	35, 0, 0, 0, 1, 0, 0, 0,			/* size, one entry */
	24, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0,	/* name at 24, dword, 7, 4 bytes */
	'R', 'M', 'S', 'o', 'm', 'e', 'K', 'e', 'y', '1', 0,
};

/**
 * swgpu_client_queue_start - queue SET_SYSTEM_INFO and SET_REGISTRY
 * @c: the client
 */
void swgpu_client_queue_start(struct swgpu_client *c)
{
	swgpu_client_write(c, 72, NULL, 0x3a0);
	swgpu_client_write(c, 73, swgpu_client_registry, SWGPU_CLIENT_REGISTRY);
}

/**
 * swgpu_client_start - boot, up to and including GSP_INIT_DONE
 * @c: the client
 */
void swgpu_client_start(struct swgpu_client *c)
{
	u32 at;

	swgpu_client_queue_start(c);
	swgpu_client_boot(c);
	at = swgpu_client_receive(c);
	CHECK(at && swgpu_client_get(c, at + 0x3c) == 0x1001);
}
