/* SPDX-License-Identifier: GPL-2.0 */
/* Virtual services: table, lookup, lifetime. */
#ifndef _HG_SERVICE_H
#define _HG_SERVICE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>

#include "uapi/headgate.h"
#include "pool.h"
#include "stats.h"

struct hg_name;
struct hg_net;
struct netlink_ext_ack;

struct hg_service_key {
	union nf_inet_addr	addr;	/* IPv4: the words after the first are 0 */
	__be16			port;
	u8			proto;
	u8			af;
};

static_assert(sizeof(struct hg_service_key) == 20);

/**
 * struct hg_service - a virtual service
 * @node: in ns->services
 * @key: what it listens to
 * @gone: the generation from which on it is deleted, ULONG_MAX: none; READ_ONCE
 * @pool: its servers and settings; never NULL
 * @ns: its namespace
 * @id: its place in ns->service_ids: the order of creation
 * @cursor: rr: the slot to look at next
 * @sched_lock: BH; the scheduler's table and the servers' idx and pass
 * @leaving_lock: BH; @leaving and @past
 * @leaving: servers removed that still have conns
 * @past: counters of the servers that are gone
 * @relayout: its tables are behind its servers' layouts; upkeep.c's
 * @name: unique in the namespace, or NULL
 * @rcu: frees it
 *
 * Configuration is written under ns->lock.
 */
struct hg_service {
	struct rhash_head	node;
	struct hg_service_key	key;
	unsigned long		gone;
	struct hg_pool __rcu	*pool;
	struct hg_net		*ns;
	u32			id;

	atomic_t		cursor ____cacheline_aligned;

	spinlock_t		sched_lock ____cacheline_aligned;

	spinlock_t		leaving_lock ____cacheline_aligned;
	struct list_head	leaving;
	struct hg_totals	past;
	bool			relayout;
	struct hg_name		*name;
	struct rcu_head		rcu;
};

/* What a netlink request says of a service.  @has tells which fields it named, @tb
 * has the attributes, for extack.
 */
struct hg_service_cfg {
	struct hg_service_key	key;
	struct nlattr		**tb;
	u32			has;
	const char		*name;
	const struct hg_sched	*sched;
	u32			flags;		/* new values of the bits in flags_mask */
	u32			flags_mask;
	struct hg_affinity_conf	affinity;
	u32			on_down;
	u32			slow_start;	/* in jiffies */
	u32			timeouts[__HEADGATE_A_TIMEOUT_MAX]; /* in jiffies */
	u32			timeouts_mask;	/* those that are named */
};

#define HG_SERVICE_HAS_NAME	BIT(0)
#define HG_SERVICE_HAS_SCHED	BIT(1)
#define HG_SERVICE_HAS_FLAGS	BIT(2)
#define HG_SERVICE_HAS_ON_DOWN	BIT(3)
#define HG_SERVICE_HAS_SLOW_START BIT(4)
#define HG_SERVICE_HAS_AFFINITY_TIMEOUT BIT(5)
#define HG_SERVICE_HAS_AFFINITY_PREFIX BIT(6)
#define HG_SERVICE_HAS_AFFINITY_DRAINED BIT(7)

int hg_service_net_init(struct hg_net *ns);	/* the tables of a namespace */
void hg_service_net_uninit(struct hg_net *ns);	/* deletes all services first */

/* Under RCU. */
struct hg_service *hg_service_lookup(struct hg_net *ns,
				     const struct hg_service_key *key);

/* The same for those who hold ns->lock, for as long as they do. */
struct hg_service *hg_service_find(struct hg_net *ns, const struct hg_service_key *key);

/* What a request says, over the settings there are. */
void hg_service_conf_set(struct hg_service_conf *conf, const struct hg_service_cfg *cfg);

/* All of the next are commit.c's, under ns->lock. */

/* One that is in no table yet, with an empty pool that no packet sees; or NULL. */
struct hg_service *hg_service_create(struct hg_net *ns, const struct hg_service_key *key,
				     const struct hg_service_conf *conf);
void hg_service_free(struct hg_service *svc);	/* one that never was in a table */

/* Into the tables, with hooks for the first: 0 or -ENOMEM.  Its pool says from
 * which generation on packets see it.
 */
int hg_service_enter(struct hg_service *svc);

/* Out of the tables.  Packets may have it for a grace period more. */
void hg_service_withdraw(struct hg_service *svc);

/* The same; its servers become orphans, and all of it is freed. */
void hg_service_leave(struct hg_service *svc);

/* The last one left: no more hooks. */
void hg_service_left(struct hg_net *ns);

void hg_service_flush(struct hg_net *ns);	/* all of them, in one generation */

/**
 * hg_service_pool_at() - the pool that is in force
 * @svc: the service
 * @gen: the namespace's generation, read under the present RCU section
 *
 * A pool's prev is freed a grace period after the pool came into force, and from
 * then on no reader has a generation that leads there.
 *
 * Return: the pool, or NULL: at @gen there is no such service yet, or no longer.
 */
static inline struct hg_pool *hg_service_pool_at(const struct hg_service *svc,
						 unsigned long gen)
{
	struct hg_pool *pool = rcu_dereference(svc->pool);

	if (unlikely(READ_ONCE(svc->gone) <= gen))
		return NULL;
	while (pool && unlikely(pool->gen > gen))
		pool = pool->prev;
	return pool;
}

/* The pool, for those who hold ns->lock. */
struct hg_pool *hg_service_pool(const struct hg_service *svc);

/* Sums up counters (past servers' too) and the load of the present servers and
 * of those that are leaving.  Under ns->lock.
 */
void hg_service_sum(struct hg_service *svc, struct hg_totals *sum, u32 *active,
		    u32 *inactive);

#endif /* _HG_SERVICE_H */
