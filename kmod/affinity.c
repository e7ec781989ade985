// SPDX-License-Identifier: GPL-2.0
/*
 * Affinity.
 *
 * An entry says which server a client has, a client being an address or the first
 * bits of one.  It is looked up when a conn is opened, never for a packet of a conn.
 *
 * An entry ends when its client has had no conn for the timeout: each conn holds its
 * entry, and the last to end begins the time.  A TCP conn that was never established
 * does not: the entries of a flood of forged SYNs go with their half-open conns.
 *
 * There is no timer.  Whoever meets an entry that is over takes it out of the table;
 * those that nobody meets are met by the sweep.  Out of the table it may still be held
 * by conns.  Its server lives as long as itself, in memory: who takes a server from an
 * entry has to find it in the pool that is in force, which has a hold on its load word.
 */
#include <linux/inetdevice.h>
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "affinity.h"
#include "limit.h"
#include "net.h"
#include "packet.h"
#include "pool.h"
#include "server.h"
#include "service.h"
#include "walk.h"

/* Entries looked at between two chances to reschedule. */
#define STRIDE	2048

static struct kmem_cache *cache __read_mostly;

static const struct rhashtable_params params = {
	.head_offset		= offsetof(struct hg_affinity, node),
	.key_offset		= offsetof(struct hg_affinity, key),
	.key_len		= sizeof(struct hg_affinity_key),
	.automatic_shrinking	= true,
};

int hg_affinity_init(void)
{
	cache = kmem_cache_create("headgate_affinity", sizeof(struct hg_affinity), 0, 0,
				  NULL);
	return cache ? 0 : -ENOMEM;
}

void hg_affinity_uninit(void)
{
	kmem_cache_destroy(cache);
}

u32 hg_affinity_limit(const struct hg_net *ns)
{
	return hg_limit_of(ns, READ_ONCE(ns->affinity_limit));
}

u32 hg_affinity_conns(const struct hg_affinity *entry)
{
	u32 refs = refcount_read(&entry->refs);

	return refs ? refs - 1 : 0;
}

static void free_rcu_cb(struct rcu_head *head)
{
	kmem_cache_free(cache, container_of(head, struct hg_affinity, rcu));
}

static void put(struct hg_affinity *entry)
{
	if (!refcount_dec_and_test(&entry->refs))
		return;
	hg_server_put(entry->server);
	call_rcu(&entry->rcu, free_rcu_cb);
}

void hg_affinity_extend(struct hg_affinity *entry)
{
	WRITE_ONCE(entry->expires, (u32)jiffies + READ_ONCE(entry->timeout));
}

void hg_affinity_get(struct hg_affinity *entry)
{
	refcount_inc(&entry->refs);
}

void hg_affinity_put(struct hg_affinity *entry, bool lasting)
{
	/* Before the reference: see is_idle(). */
	if (lasting)
		hg_affinity_extend(entry);
	put(entry);
}

/* It has no conn, and has had none for its time. */
static bool is_idle(const struct hg_affinity *entry)
{
	if (refcount_read(&entry->refs) > 1)
		return false;
	/* Pairs with the release in put(): the time of the last conn is seen. */
	smp_rmb();
	return (s32)(READ_ONCE(entry->expires) - (u32)jiffies) <= 0;
}

/* Has the server been taken from its clients by its owners' fields? */
static bool is_taken(const struct hg_server *server, const struct hg_service_conf *conf)
{
	switch (READ_ONCE(server->standing)) {
	case HG_STANDING_OUT:
		return true;
	case HG_STANDING_DRAINED:
		return conf->affinity.drained == HEADGATE_DRAINED_LOSE;
	default:
		return false;
	}
}

/* By the service's latest settings, be they in force or about to be. */
bool hg_affinity_over(const struct hg_affinity *entry)
{
	const struct hg_server *server = entry->server;
	const struct hg_service *svc = rcu_dereference(server->service);
	const struct hg_service_conf *conf;

	if (is_idle(entry) || !svc || READ_ONCE(server->flags) & HG_SERVER_GONE)
		return true;
	conf = &rcu_dereference(svc->pool)->conf;
	return !conf->affinity.timeout || conf->affinity.prefix != entry->key.prefix ||
	       is_taken(server, conf);
}

/* Does the server take its client's conns, by the pool that is in force for the packet?
 * An overloaded one does: what the client has there is worth more than the bound.
 */
static bool serves(const struct hg_pool *pool, const struct hg_server *server)
{
	u32 idx = hg_pool_slot_of(pool, server);

	return idx < pool->n &&
	       (READ_ONCE(pool->slots[idx].weight) || !is_taken(server, &pool->conf));
}

/* Out of the table, once: true for the one who did. */
static bool remove(struct hg_net *ns, struct hg_affinity *entry)
{
	if (rhashtable_remove_fast(&ns->affinities, &entry->node, params))
		return false;
	hg_limit_give(ns, &ns->affinity_count);
	put(entry);
	return true;
}

/* For a conn more, unless the entry has gone meanwhile. */
static struct hg_affinity *hold(struct hg_affinity *entry, const struct hg_pool *pool)
{
	if (!refcount_inc_not_zero(&entry->refs))
		return NULL;
	if (READ_ONCE(entry->timeout) != pool->conf.affinity.timeout)
		WRITE_ONCE(entry->timeout, pool->conf.affinity.timeout);
	return entry;
}

static struct hg_affinity *find(struct hg_net *ns, const struct hg_pool *pool,
				const struct hg_affinity_key *key)
{
	struct hg_affinity *entry = rhashtable_lookup(&ns->affinities, key, params);

	if (!entry)
		return NULL;
	if (!is_idle(entry) && serves(pool, entry->server))
		return hold(entry, pool);
	remove(ns, entry);
	return NULL;
}

static struct hg_affinity *create(struct hg_net *ns, const struct hg_pool *pool,
				  const struct hg_affinity_key *key,
				  struct hg_server *server)
{
	struct hg_affinity *entry;

	if (!hg_limit_take(ns, &ns->affinity_count, READ_ONCE(ns->affinity_limit)))
		return NULL;
	entry = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!entry) {
		hg_limit_give(ns, &ns->affinity_count);
		return NULL;
	}
	entry->key = *key;
	entry->server = server;
	hg_server_get(server);
	refcount_set(&entry->refs, 2);	/* the table's and the conn's */
	entry->timeout = pool->conf.affinity.timeout;
	entry->expires = jiffies;
	return entry;
}

/* A new entry, or that of another CPU that was faster: then both go to one server. */
static struct hg_affinity *enter(struct hg_net *ns, const struct hg_pool *pool,
				 const struct hg_affinity_key *key,
				 struct hg_server *server)
{
	struct hg_affinity *entry = create(ns, pool, key, server), *old;

	if (!entry)
		return NULL;
	old = rhashtable_lookup_get_insert_fast(&ns->affinities, &entry->node, params);
	if (!old)
		return entry;
	/* Nobody has seen it. */
	hg_limit_give(ns, &ns->affinity_count);
	hg_server_put(server);
	kmem_cache_free(cache, entry);
	return !IS_ERR(old) && serves(pool, old->server) ? hold(old, pool) : NULL;
}

static void set_key(struct hg_affinity_key *to, const struct hg_pool *pool,
		    const struct hg_key *flow)
{
	u32 prefix = pool->conf.affinity.prefix;

	memset(to, 0, sizeof(*to));
	to->svc = pool->service;
	to->prefix = prefix;
	if (flow->af == AF_INET)
		to->client.ip = flow->src.ip & inet_make_mask(prefix);
	else
		ipv6_addr_prefix(&to->client.in6, &flow->src.in6, prefix);
}

struct hg_server *hg_affinity_pick(struct hg_net *ns, struct hg_pool *pool,
				   const struct hg_key *flow, struct hg_affinity **held)
{
	struct hg_affinity_key key;
	struct hg_server *server;

	set_key(&key, pool, flow);
	*held = find(ns, pool, &key);
	if (*held)
		return (*held)->server;
	server = hg_pool_pick(pool, flow);
	if (server)
		*held = enter(ns, pool, &key, server);
	return *held ? (*held)->server : server;
}

/* A stretch of the table, with what @match takes taken out; returns how many. */
static u32 flush_stretch(struct hg_net *ns, struct hg_walk *walk,
			 bool (*match)(const struct hg_affinity *entry, const void *arg),
			 const void *arg)
{
	struct hg_affinity *entry;
	u32 flushed = 0;

	hg_walk_start(walk);
	local_bh_disable();
	while ((entry = hg_walk_next(walk))) {
		if (hg_affinity_over(entry))
			remove(ns, entry);
		else if (match && match(entry, arg))
			flushed += remove(ns, entry);
	}
	local_bh_enable();
	hg_walk_stop(walk);
	return flushed;
}

u32 hg_affinity_flush(struct hg_net *ns,
		      bool (*match)(const struct hg_affinity *entry, const void *arg),
		      const void *arg)
{
	struct hg_walk walk;
	u32 flushed = 0;

	hg_walk_init(&walk, &ns->affinities, STRIDE);
	while (!walk.end) {
		flushed += flush_stretch(ns, &walk, match, arg);
		cond_resched();
	}
	hg_walk_uninit(&walk);
	return flushed;
}

void hg_affinity_sweep(struct hg_net *ns)
{
	if (atomic_read(&ns->affinity_count))
		hg_affinity_flush(ns, NULL, NULL);
}

static void purge_work(struct work_struct *work)
{
	/* Packets of the configuration before have made their entries by then. */
	synchronize_rcu();
	hg_affinity_sweep(container_of(work, struct hg_net, affinity_purge));
}

void hg_affinity_purge(struct hg_net *ns)
{
	/* hg_affinity_net_stop() comes after stop is set: one of the two is seen. */
	if (!READ_ONCE(ns->stop))
		queue_work(system_unbound_wq, &ns->affinity_purge);
}

int hg_affinity_net_init(struct hg_net *ns)
{
	INIT_WORK(&ns->affinity_purge, purge_work);
	return rhashtable_init(&ns->affinities, &params);
}

void hg_affinity_net_stop(struct hg_net *ns)
{
	cancel_work_sync(&ns->affinity_purge);
}

static bool is_any(const struct hg_affinity *entry, const void *arg)
{
	return true;
}

void hg_affinity_net_uninit(struct hg_net *ns)
{
	while (atomic_read(&ns->affinity_count))
		hg_affinity_flush(ns, is_any, NULL);
	rhashtable_destroy(&ns->affinities);
}
