/* SPDX-License-Identifier: MIT */

#ifndef NOVA_SHARE_H
#define NOVA_SHARE_H

#include "nova_ioctl.h"

/**
 * enum nova_peer_kind - other drivers that share buffers
 */
enum nova_peer_kind {
	/** @NOVA_PEER_VGEM: a DRM driver without a device: exports and imports. */
	NOVA_PEER_VGEM,
	/** @NOVA_PEER_UDMABUF: memory of a memfd: exports only. */
	NOVA_PEER_UDMABUF,
	/** @NOVA_PEER_NOVA: a second device of our driver: exports and imports. */
	NOVA_PEER_NOVA,
	/** @NOVA_PEERS: how many. */
	NOVA_PEERS,
};

/**
 * struct nova_peer - an open device of another driver
 */
struct nova_peer {
	/** @kind: which. */
	enum nova_peer_kind kind;
	/** @fd: its file. */
	int fd;
};

/**
 * struct nova_peer_buf - a buffer of another driver
 */
struct nova_peer_buf {
	/** @dmabuf: the dma-buf. */
	int dmabuf;
	/** @handle: handle in the peer's file, 0 if there are none. */
	uint32_t handle;
	/** @ptr: what the CPU sees. */
	void *ptr;
	/** @size: bytes. */
	uint64_t size;
};

extern const char *const nova_peer_names[NOVA_PEERS];

struct nova_peer nova_peer_open(int fd, enum nova_peer_kind kind);
void nova_peer_close(struct nova_peer *peer);
struct nova_peer_buf nova_peer_buf(const struct nova_peer *peer, uint64_t size);
void nova_peer_buf_close(const struct nova_peer *peer, struct nova_peer_buf *buf);

uint32_t nova_vgem_syncobj(int fd, const struct nova_peer *vgem, const struct nova_peer_buf *buf,
			   uint32_t *fence);
int nova_vgem_signal(const struct nova_peer *vgem, uint32_t fence);

int __nova_export(int fd, uint32_t handle, int *dmabuf);
int nova_export(int fd, uint32_t handle);
int __nova_import(int fd, int dmabuf, uint32_t *handle);
uint32_t nova_import(int fd, int dmabuf);

#endif /* NOVA_SHARE_H */
