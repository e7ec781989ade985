/* SPDX-License-Identifier: GPL-2.0 */
/* The pool: what the packet path reads of a service's servers. */
#ifndef _HG_POOL_H
#define _HG_POOL_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "packet.h"

struct hg_sched;
struct hg_server;
struct hg_service;

/**
 * struct hg_slot - a server's place in a pool
 * @server: the server
 * @weight: its effective weight in 1/256, 0 = not to be picked; written in place
 *	    by hg_pool_refresh() alone
 */
struct hg_slot {
	struct hg_server	*server;
	u32			weight;
};

/**
 * struct hg_pool - membership in address order with the scheduler's table
 * @gen: the namespace's generation it came with
 * @n: number of slots
 * @n_up: number of slots that have weight
 * @flags: the service's HEADGATE_SERVICE_F_*
 * @sched: the scheduler
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
	u32			gen;
	u32			n;
	u32			n_up;
	u32			flags;
	const struct hg_sched	*sched;
	struct hg_service	*service;
	void			*table;
	unsigned long		*up;
	struct rcu_head		rcu;
	struct hg_slot		slots[] __counted_by(n);
};

/* Makes a pool of @n servers, which are in address order, with the slots'
 * weights of this moment.  Under ns->lock.  NULL: no memory.
 */
struct hg_pool *hg_pool_build(struct hg_service *svc, const struct hg_sched *sched,
			      u32 flags, struct hg_server *const *servers, u32 n);

/* Publishes it in place of the service's present pool, which is freed after a
 * grace period.  Cannot fail.  Under ns->lock.
 */
void hg_pool_publish(struct hg_service *svc, struct hg_pool *pool, u32 gen);

/* Frees a pool that was never published. */
void hg_pool_free(struct hg_pool *pool);

/* Frees a published one after a grace period. */
void hg_pool_free_rcu(struct hg_pool *pool);

/* Writes a server's effective weight into its slot.  Process context. */
void hg_pool_refresh(struct hg_service *svc, struct hg_server *server);

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
