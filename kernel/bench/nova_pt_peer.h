/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_PT_PEER_H__
#define __NOVA_PT_PEER_H__

#include <linux/types.h>

struct nova_pt_peer;

/** struct nova_pt_peer_ops - page tables under test; addresses are right, nothing fails */
struct nova_pt_peer_ops {
	/** @overwrites: mapping over live entries is allowed */
	bool overwrites;
	/** @init: make empty page tables */
	int (*init)(struct nova_pt_peer *p);
	/** @fini: free them */
	void (*fini)(struct nova_pt_peer *p);
	/** @map: map [va, va + len) to addr with pages of one size */
	void (*map)(struct nova_pt_peer *p, u64 va, u64 addr, u64 len, u64 page);
	/** @unmap: the reverse */
	void (*unmap)(struct nova_pt_peer *p, u64 va, u64 len, u64 page);
	/** @walk: translate */
	u64 (*walk)(struct nova_pt_peer *p, u64 va);
};

/** struct nova_pt_peer - one party */
struct nova_pt_peer {
	/** @name: in the table */
	const char *name;
	/** @ops: what it does */
	const struct nova_pt_peer_ops *ops;
	/** @priv: its own */
	void *priv;
};

/** define NOVA_PT_OURS - the first of the parties are our formats */
#define NOVA_PT_OURS	2
/** define NOVA_PT_PEERS - all parties */
#define NOVA_PT_PEERS	5

extern const struct nova_pt_peer_ops nova_pt_ours_v2, nova_pt_ours_v3;

int nova_pt_peers_init(struct nova_pt_peer *peers);
void nova_pt_peers_fini(struct nova_pt_peer *peers);
u64 nova_pt_count_sparse(void);
u64 nova_pt_time_offset(u64 off);
u64 nova_pt_count_pramin(void);

#endif
