/* SPDX-License-Identifier: GPL-2.0 */
/* Affinity: clients that stay with their server. */
#ifndef _HG_AFFINITY_H
#define _HG_AFFINITY_H

#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

struct hg_key;
struct hg_net;
struct hg_pool;
struct hg_server;
struct hg_service;

/* All of it is hashed and compared. */
struct hg_affinity_key {
	union nf_inet_addr		client;	/* its first @prefix bits, then 0 */
	const struct hg_service		*svc;	/* compared, never followed */
	u32				prefix;
	u32				pad;	/* 0 */
};

/**
 * struct hg_affinity - the server of a client, or of a network of them
 * @node: in ns->affinities
 * @key: who
 * @server: whose; keeps its memory, does not count there
 * @refs: one for each conn of the client and one while it is in the table
 * @timeout: in jiffies, the service's at the last new conn; READ_ONCE
 * @expires: jiffies, low 32 bits: when it ends if there is no conn; READ_ONCE
 * @rcu: frees it
 *
 * The server never changes: a client gets another one by another entry.
 */
struct hg_affinity {
	struct rhash_head	node;
	struct hg_affinity_key	key;
	struct hg_server	*server;
	refcount_t		refs;
	u32			timeout;
	u32			expires;
	struct rcu_head		rcu;
};

int hg_affinity_init(void);		/* cache */
void hg_affinity_uninit(void);		/* when all callbacks have run */
int hg_affinity_net_init(struct hg_net *ns);
void hg_affinity_net_stop(struct hg_net *ns);
void hg_affinity_net_uninit(struct hg_net *ns);	/* after all conns have ended */

/* hg_pool_pick() for a service with affinity: the client's server, and in @held its
 * entry, to be put; NULL when there is no room for one.  BH off, RCU.
 */
struct hg_server *hg_affinity_pick(struct hg_net *ns, struct hg_pool *pool,
				   const struct hg_key *key, struct hg_affinity **held);

/* A hold for a conn, by who has one. */
void hg_affinity_get(struct hg_affinity *entry);

/* Lets go of it.  @lasting: the conn came to something, so from now on the client has
 * its timeout to come back.  BH off.
 */
void hg_affinity_put(struct hg_affinity *entry, bool lasting);

/* The same, while the conn stays. */
void hg_affinity_extend(struct hg_affinity *entry);

/* It is to go: its time is over, or its server is not for the client any more.  RCU. */
bool hg_affinity_over(const struct hg_affinity *entry);

/* How many conns of the client there are. */
u32 hg_affinity_conns(const struct hg_affinity *entry);

/* Takes those out that are over.  Process context. */
void hg_affinity_sweep(struct hg_net *ns);

/* The same soon: servers or settings have changed. */
void hg_affinity_purge(struct hg_net *ns);

/* Takes out all that @match takes; it is called under RCU, and not for those that are
 * over.  Process context; returns how many.
 */
u32 hg_affinity_flush(struct hg_net *ns,
		      bool (*match)(const struct hg_affinity *entry, const void *arg),
		      const void *arg);

/* The limit that holds: the setting, or less in a user's own namespace. */
u32 hg_affinity_limit(const struct hg_net *ns);

#endif /* _HG_AFFINITY_H */
