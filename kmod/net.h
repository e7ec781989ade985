/* SPDX-License-Identifier: GPL-2.0 */
/* Headgate's state of one network namespace. */
#ifndef _HG_NET_H
#define _HG_NET_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#include "uapi/headgate.h"
#include "stats.h"
#include "walk.h"

/**
 * struct hg_net - the state of a namespace
 * @conns: the conn table; nodes are struct hg_node
 * @services: services by key
 * @affinities: affinity entries, struct hg_affinity
 * @hooked: the hooks are registered
 * @stop: the namespace is going: no more conns, no more sweeps.  READ_ONCE.
 * @gen: generation, raised by each change; smp_load_acquire() for packets
 * @timeouts: in jiffies, by headgate_timeout_attr; READ_ONCE
 * @conn_limit: most conns; READ_ONCE
 * @affinity_limit: most affinity entries; READ_ONCE
 * @check_first: first check mark; READ_ONCE
 * @check_last: last check mark; READ_ONCE
 * @drops: by reason
 * @net: the namespace
 * @routes_lock: BH; @routes, and the servers' route
 * @routes: servers that have a route
 * @conn_count: conns in the table
 * @affinity_count: affinity entries in theirs
 * @conn_events: how many events of conns there have been for listeners
 * @listen_at: jiffies when @listening was found out
 * @listening: somebody listens to conns; READ_ONCE
 * @lock: all of the configuration
 * @service_ids: services by id, the order of creation
 * @check_ids: servers by check id; read under RCU
 * @tunnels: tunnel servers by address; read under RCU
 * @vips: the services' IPv6 addresses, vip.c's; read under RCU
 * @names: names of services
 * @next_service_id: where to look for a free id
 * @nservices: how many
 * @nservers: how many
 * @txns: open transactions
 * @ntxns: how many
 * @staged: stages and changes of all of them
 * @beat_interval: of the last heartbeat, in ms; 0 = there was none
 * @beat_at: when that was, in 64-bit jiffies
 * @config_events: how many there have been for listeners
 * @watched: servers that ramp or drain
 * @upkeep: looks after them
 * @purge: ends the conns of servers that went down
 * @affinity_purge: ends the affinity entries of those, and of what was changed
 * @sweep: frees expired conns, a slice at a time
 * @sweep_walk: where it stands, while @sweeping
 * @sweep_began: when this pass began
 * @sweeping: a pass is under way; the work's own
 */
struct hg_net {
	struct rhashtable	conns;
	struct rhashtable	services;
	struct rhashtable	affinities;
	bool			stop;
	bool			hooked;
	unsigned long		gen;
	u32			timeouts[__HEADGATE_A_TIMEOUT_MAX];
	u32			conn_limit;
	u32			affinity_limit;
	u32			check_first;
	u32			check_last;
	struct hg_drops __percpu *drops;
	struct net		*net;
	spinlock_t		routes_lock;	/* routes, and the servers' route */
	struct list_head	routes;

	atomic_t		conn_count ____cacheline_aligned;
	atomic_t		affinity_count;
	atomic_t		conn_events;
	u32			listen_at;
	bool			listening;

	struct mutex		lock ____cacheline_aligned;
	struct xarray		service_ids;
	struct rhashtable	names;
	struct xarray		check_ids;
	struct rhltable		tunnels;
	struct rhashtable	vips;
	u32			next_service_id;
	u32			nservices;
	u32			nservers;
	struct list_head	txns;
	u32			ntxns;
	u32			staged;
	u32			beat_interval;
	u64			beat_at;
	u32			config_events;
	struct list_head	watched;
	struct delayed_work	upkeep;
	struct work_struct	purge;
	struct work_struct	affinity_purge;
	struct delayed_work	sweep;
	struct hg_walk		sweep_walk;
	unsigned long		sweep_began;
	bool			sweeping;
};

struct hg_net *hg_net(const struct net *net);

int hg_net_init(void);	/* and the notifiers that look into namespaces */
void hg_net_uninit(void);

/* Whoever holds a namespace's lock now will have given it up. */
void hg_net_wait(void);

/* Raises the generation: the change just published is valid.  Under ns->lock. */
void hg_net_next_gen(struct hg_net *ns);

#endif /* _HG_NET_H */
