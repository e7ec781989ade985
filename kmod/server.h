/* SPDX-License-Identifier: GPL-2.0 */
/* Real servers: weight, load, lifetime. */
#ifndef _HG_SERVER_H
#define _HG_SERVER_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

#include "uapi/headgate.h"
#include "route.h"
#include "stats.h"

struct hg_block;
struct hg_net;
struct hg_service;
struct hg_service_key;
struct netlink_ext_ack;

/*
 * The load word, one atomic for all: conns active (bits 38..63), conns in all
 * (12..37), other references (0..11).  A server is freed a grace period after
 * the word became 0.  The configuration holds one of the other references and
 * gives it back a grace period after the server left its pool, so that a packet
 * that picked it from the old pool still finds a word over 0 to add to.  Health
 * checks' conns take the rest: they are counted nowhere.
 */
#define HG_LOAD_REF		1LL
#define HG_LOAD_TOTAL		(1LL << 12)
#define HG_LOAD_ACTIVE		(1LL << 38)
#define HG_LOAD_REFS_MAX	4000	/* of 4095: CPUs that race stay below */

static inline u32 hg_load_refs(u64 load)
{
	return load & 0xfff;
}

static inline u32 hg_load_total(u64 load)
{
	return load >> 12 & 0x3ffffff;
}

static inline u32 hg_load_active(u64 load)
{
	return load >> 38;
}

/* server->flags */
#define HG_SERVER_ORPHAN	BIT(0)	/* its service was deleted: its conns end */
#define HG_SERVER_RESET		BIT(1)	/* down, deleted, past a deadline: its conns are killed */
#define HG_SERVER_RESCHEDULE	BIT(2)	/* down or deleted: those that may be opened anew end */
#define HG_SERVER_GONE		BIT(3)	/* it has left its pool */

/* What its owners' fields say to those who have had it: affinity's clients. */
enum hg_standing {
	HG_STANDING_IN,		/* it takes conns, were it not for an overload */
	HG_STANDING_DRAINED,	/* no new clients: drain, weight or factor 0 */
	HG_STANDING_OUT,	/* down, or in maintenance */
};

/**
 * struct hg_server_conf - what the owners of a server's fields say
 * @weight: admin weight
 * @layout: the last weight over 0, which lays out the tables of mh and sh
 * @down: HEADGATE_DOWN_*
 * @factor: 0..1000, the daemon's
 * @layout_factor: the last factor over 0, which lays them out too
 * @upper: most conns, 0 = no bound
 * @lower: fewer than these end an overload, 0 = 3/4 of @upper
 * @managed_weight: the weight it is managed to have
 * @managed_state: and the admin state
 * @managed: by somebody's configuration
 * @overrides: HEADGATE_OVERRIDE_*
 * @admin_state: enum headgate_admin_state
 * @drains: a DRAIN watches over it
 * @then: enum headgate_then, at the deadline
 * @remove: delete it at the end of the drain
 * @has_deadline: @deadline holds
 * @deadline: in jiffies
 */
struct hg_server_conf {
	u32		weight;
	u32		layout;
	u32		down;
	u32		factor;
	u32		layout_factor;
	u32		upper;
	u32		lower;
	u32		managed_weight;
	u8		managed_state;
	bool		managed;
	u8		overrides;
	u8		admin_state;
	bool		drains;
	u8		then;
	bool		remove;
	bool		has_deadline;
	unsigned long	deadline;
};

/**
 * struct hg_server - a real server of one service
 * @addr: its address
 * @port: its port
 * @af: its family; differs from the service's with tunnels only
 * @mode: enum headgate_mode; another mode is another server
 * @tunnel: enum headgate_tunnel; the same
 * @flags: HG_SERVER_*
 * @idx: its slot in the service's present pool; written under the service's
 *	 sched_lock
 * @route: the way to it
 * @counters: per CPU, a place in @block
 * @service: NULL once the service is deleted
 * @load: the load word, above
 * @ns: its namespace
 * @block: what @counters is part of
 * @upper: conf.upper, for each conn
 * @overloaded: it had @upper conns and has too many still; under sched_lock
 * @standing: by @conf, enum hg_standing; READ_ONCE
 * @conf: what its owners say of it
 * @ramp: 0..1000, the kernel's
 * @ramp_began: when it came into service, in jiffies
 * @drained: the drain of @conf is over
 * @past_deadline: and its deadline was
 * @emptied: and there was the event that no conn is left
 * @is_shown: and checks may find it there; endpoint.c's
 * @check_id: its place in the range of check marks, or HG_NO_CHECK_ID
 * @watched: in ns->watched while it ramps or drains
 * @leaving: in service->leaving from when it was removed to its last conn
 * @routes: in ns->routes while it has a route
 * @no_route: it is going, and gets none any more; under ns->routes_lock
 * @tunnel_node: in ns->tunnels, by address, while it is configured as a tunnel
 * @refs: on its memory: one for all of @load, one for each affinity entry
 * @rcu: gives back the configuration's reference, and later frees it
 *
 * Configuration is written under ns->lock; @conf and @ramp, once the server is in a
 * pool, under sched_lock too.
 */
struct hg_server {
	/* read for each packet */
	union nf_inet_addr		addr;
	__be16				port;
	u8				af;
	u8				mode;
	u8				tunnel;
	u8				flags;
	u32				idx;
	struct hg_route __rcu		*route;
	struct hg_counters __percpu	*counters;
	struct hg_service __rcu		*service;

	/* written for each conn */
	atomic64_t			load ____cacheline_aligned;
	u32				upper;
	bool				overloaded;
	u8				standing;

	/* configuration */
	struct hg_net			*ns ____cacheline_aligned;
	struct hg_block			*block;
	struct hg_server_conf		conf;
	u32				ramp;
	unsigned long			ramp_began;
	bool				drained;
	bool				past_deadline;
	bool				emptied;
	bool				is_shown;
	u32				check_id;
	struct list_head		watched;
	struct list_head		leaving;
	struct list_head		routes;
	bool				no_route;
	struct rhlist_head		tunnel_node;
	refcount_t			refs;
	struct rcu_head			rcu;
};

#define HG_NO_CHECK_ID	U32_MAX

/* What a netlink request says of a server.  @has tells which fields it named, @tb
 * has the attributes, for extack.
 */
struct hg_server_cfg {
	union nf_inet_addr	addr;
	__be16			port;
	u8			af;
	struct nlattr		**tb;
	u32			has;
	u8			mode;
	u8			tunnel;
	u32			weight;
	u32			admin_state;
	u32			down;		/* new values of the bits in down_mask */
	u32			down_mask;
	u32			factor;
	u32			upper;
	u32			lower;
	u32			deadline;	/* in jiffies from now, 0 = none */
	u8			then;
	bool			remove;
};

#define HG_SERVER_HAS_MODE		BIT(0)
#define HG_SERVER_HAS_TUNNEL		BIT(1)
#define HG_SERVER_HAS_WEIGHT		BIT(2)
#define HG_SERVER_HAS_ADMIN_STATE	BIT(3)
#define HG_SERVER_HAS_DOWN		BIT(4)
#define HG_SERVER_HAS_FACTOR		BIT(5)
#define HG_SERVER_HAS_UPPER		BIT(6)
#define HG_SERVER_HAS_LOWER		BIT(7)
#define HG_SERVER_HAS_DRAIN		BIT(8)
#define HG_SERVER_HAS_MANAGED		BIT(9)

/* In the service's present pool, or NULL.  Under ns->lock. */
struct hg_server *hg_server_find(struct hg_service *svc, u8 af,
				 const union nf_inet_addr *addr, __be16 port);

/* What a request says, over what there is. */
void hg_server_conf_set(struct hg_server_conf *conf, const struct hg_server_cfg *cfg);

/* Makes it a server's own.  Under ns->lock and sched_lock. */
void hg_server_write(struct hg_server *server, const struct hg_server_conf *conf,
		     u32 ramp);

/* Its drain is over, and is what removes it. */
static inline bool hg_server_drain_removes(const struct hg_server *server)
{
	return server->drained && server->conf.remove;
}

/* Its standing anew, after @past_deadline was set.  Under ns->lock. */
void hg_server_stand(struct hg_server *server);

/* What RESET_SERVER does. */
void hg_server_conf_reset(struct hg_server_conf *conf);

/* Whether the fields go together: 0 or -EINVAL, with a text. */
int hg_server_conf_check(const struct hg_server_conf *conf, struct nlattr **tb,
			 struct netlink_ext_ack *extack);

/* One that is in no table yet: as @cfg says, over @like's mode and @conf, or (NULL)
 * the defaults.  NULL: no memory.
 */
struct hg_server *hg_server_create(struct hg_service *svc,
				   const struct hg_server_cfg *cfg,
				   const struct hg_server *like,
				   const struct hg_server_conf *conf);
void hg_server_free(struct hg_server *server);	/* one that never was in a table */

/* Whether its mode allows its address, family and port: 0 or -EINVAL, with a text. */
int hg_server_check(const struct hg_service_key *svc, const struct hg_server *server,
		    struct nlattr **tb, struct netlink_ext_ack *extack);

/* For commit.c: it has left the service's pool, and its conns go on to their end.
 * Under ns->lock.
 */
void hg_server_remove(struct hg_service *svc, struct hg_server *server);

/* For service.c, when a service is deleted: lets go of a server of its last pool,
 * and of all that were removed and still have conns.  Their conns end.
 */
void hg_server_orphan(struct hg_service *svc, struct hg_server *server);
void hg_server_orphan_leaving(struct hg_service *svc);

/* Weight in 1/256 by its owners' fields and the ramp, overload apart. */
u32 hg_server_weight(const struct hg_server_conf *conf, u32 ramp);

/* Effective weight in 1/256 of a weight: 0 = takes no new conns.  Under ns->lock or
 * sched_lock.
 */
u32 hg_server_effective(const struct hg_server *server);

/* Whether it is in service, overload apart. */
bool hg_server_takes_conns(const struct hg_server_conf *conf);

/* The weight that lays out the tables of mh and sh, by eighths of factor and ramp. */
u32 hg_server_layout(const struct hg_server_conf *conf, u32 ramp);

#define HG_RAMP_FULL	1000

/* Order of servers in a pool: by family, address, port. */
int hg_server_cmp(u8 af, const union nf_inet_addr *addr, __be16 port,
		  const struct hg_server *b);

/* Holds on to its memory, and to nothing else of it.  Get: of one that the load word
 * keeps alive.
 */
void hg_server_get(struct hg_server *server);
void hg_server_put(struct hg_server *server);

/* Some client would come back to it: there are affinity entries. */
bool hg_server_has_clients(const struct hg_server *server);

/* Adds to (or takes from) the load word and tells the scheduler.  BH off, RCU. */
void hg_server_load_add(struct hg_server *server, s64 delta);

#endif /* _HG_SERVER_H */
