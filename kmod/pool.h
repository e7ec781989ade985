/* SPDX-License-Identifier: GPL-2.0 */
/* The pool: what the packet path reads of a service's servers. */
#ifndef _HG_POOL_H
#define _HG_POOL_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "uapi/headgate.h"
#include "packet.h"

struct hg_sched;
struct hg_server;
struct hg_server_conf;
struct hg_service;

/* @timeout: in jiffies, 0 = no affinity; @prefix: bits of the client that count;
 * @drained: enum headgate_drained.
 */
struct hg_affinity_conf {
	u32	timeout;
	u16	prefix;
	u16	drained;
};

/**
 * struct hg_slot - a server's place in a pool
 * @server: the server
 * @weight: its effective weight in 1/256, 0 = not to be picked; written in place
 *	    by hg_pool_refresh() alone
 * @layout: the weight by which tables are laid out, never changed
 */
struct hg_slot {
	struct hg_server	*server;
	u32			weight;
	u32			layout;
};

/**
 * struct hg_service_conf - a service's settings that a transaction may change
 * @sched: the scheduler
 * @flags: HEADGATE_SERVICE_F_*
 * @affinity: who stays with a server
 * @on_down: enum headgate_on_down
 * @slow_start: in jiffies, 0 = off
 * @timeouts: in jiffies, by headgate_timeout_attr; 0 = the namespace's
 */
struct hg_service_conf {
	const struct hg_sched	*sched;
	u32			flags;
	struct hg_affinity_conf	affinity;
	u32			on_down;
	u32			slow_start;
	u32			timeouts[__HEADGATE_A_TIMEOUT_MAX];
};

/**
 * struct hg_pool - membership in address order with the scheduler's table
 * @gen: the namespace's generation it came with
 * @prev: the pool before, for packets that began before that generation
 * @conf: the service's settings
 * @n: number of slots
 * @n_up: number of slots that have weight
 * @service: whose it is
 * @table: the scheduler's own, made by its build()
 * @up: a bit for each slot that has weight
 * @rcu: frees it
 * @slots: the servers
 *
 * Published by RCU and never changed but for slots[].weight, @up, @n_up and what
 * the scheduler keeps in @table, all of it under the service's sched_lock.
 */
struct hg_pool {
	unsigned long		gen;
	struct hg_pool		*prev;
	struct hg_service_conf	conf;
	u32			n;
	u32			n_up;
	struct hg_service	*service;
	void			*table;
	unsigned long		*up;
	struct rcu_head		rcu;
	struct hg_slot		slots[] __counted_by(n);
};

/* The generation of a pool that no packet sees. */
#define HG_GEN_NEVER	ULONG_MAX

/* Makes a pool of @n slots, which are in address order and have a server and a
 * layout.  Under ns->lock.  NULL: no memory.
 */
struct hg_pool *hg_pool_build(struct hg_service *svc, const struct hg_service_conf *conf,
			      const struct hg_slot *slots, u32 n);

/* Puts it in place of the service's present pool, which it returns: to be freed by
 * hg_pool_free_rcu() when the namespace's generation is @gen.  Until then packets
 * see the old one.  Cannot fail.  Under ns->lock and sched_lock.
 */
struct hg_pool *hg_pool_publish(struct hg_service *svc, struct hg_pool *pool,
				unsigned long gen);

/* Frees a pool that was never published. */
void hg_pool_free(struct hg_pool *pool);

/* Frees a published one after a grace period. */
void hg_pool_free_rcu(struct hg_pool *pool);

/* The slot of the server with that key, or pool->n. */
u32 hg_pool_find(const struct hg_pool *pool, u8 af, const union nf_inet_addr *addr,
		 __be16 port);

/* The slot of a server of the service in any of its pools, or pool->n: it is not in
 * that.
 */
u32 hg_pool_slot_of(const struct hg_pool *pool, const struct hg_server *server);

/* Is it in the pool, which is the service's present one?  Under ns->lock. */
bool hg_pool_has(const struct hg_pool *pool, const struct hg_server *server);

/* Writes a server's fields, and its effective weight into its slot.  Under ns->lock. */
void hg_pool_refresh(struct hg_service *svc, struct hg_server *server,
		     const struct hg_server_conf *conf, u32 ramp);

/* Another pool of the same servers, to be published, whose layouts are those of now.
 * NULL: no memory.  Under ns->lock.
 */
struct hg_pool *hg_pool_relayout(struct hg_service *svc);

/* Where a rotation through @old that was to go on at slot @next goes on in @pool,
 * which follows it: at the first server from there on that is still in.  Under
 * sched_lock, when the servers have their new idx.  pool->n: none is.
 */
u32 hg_pool_moved(const struct hg_pool *pool, const struct hg_pool *old, u32 next);

/* The first slot from @from on, round to the first again, that has weight, or
 * pool->n.  For pickers: BH off, RCU.
 */
u32 hg_pool_next_up(const struct hg_pool *pool, u32 from);

/* A conn came, went or changed between active and inactive.  BH off, RCU. */
void hg_pool_load_changed(struct hg_server *server);

/* The server for a new conn, or NULL when none takes any.  BH off, RCU. */
struct hg_server *hg_pool_pick(struct hg_pool *pool, const struct hg_key *key);

#endif /* _HG_POOL_H */
