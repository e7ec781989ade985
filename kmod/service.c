// SPDX-License-Identifier: GPL-2.0
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "conn.h"
#include "endpoint.h"
#include "event.h"
#include "hook.h"
#include "name.h"
#include "net.h"
#include "pool.h"
#include "sched.h"
#include "server.h"
#include "service.h"
#include "vip.h"

/* Every new conn looks here: two words for IPv4, and no calls to compare. */
static u32 key_hash(const void *data, u32 len, u32 seed)
{
	const struct hg_service_key *key = data;
	u32 rest = (__force u32)key->port << 16 | key->proto << 8 | key->af;

	if (key->af == AF_INET)
		return jhash_2words((__force u32)key->addr.ip, rest, seed);
	return jhash2(key->addr.all, ARRAY_SIZE(key->addr.all), seed ^ rest);
}

static u32 service_hash(const void *data, u32 len, u32 seed)
{
	const struct hg_service *svc = data;

	return key_hash(&svc->key, len, seed);
}

static int service_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct hg_service_key *a = arg->key;
	const struct hg_service_key *b = &((const struct hg_service *)obj)->key;

	return (a->addr.all[0] ^ b->addr.all[0]) | (a->addr.all[1] ^ b->addr.all[1]) |
	       (a->addr.all[2] ^ b->addr.all[2]) | (a->addr.all[3] ^ b->addr.all[3]) |
	       (a->port != b->port) | (a->proto != b->proto) | (a->af != b->af);
}

static const struct rhashtable_params key_params = {
	.hashfn			= key_hash,
	.obj_hashfn		= service_hash,
	.obj_cmpfn		= service_cmp,
	.head_offset		= offsetof(struct hg_service, node),
	.key_offset		= offsetof(struct hg_service, key),
	.key_len		= sizeof(struct hg_service_key),
	.automatic_shrinking	= true,
};

int hg_service_net_init(struct hg_net *ns)
{
	int err;

	err = rhashtable_init(&ns->services, &key_params);
	if (err)
		return err;
	err = hg_name_net_init(ns);
	if (err)
		goto keys;
	err = hg_endpoint_net_init(ns);
	if (err)
		goto names;
	err = hg_vip_net_init(ns);
	if (err)
		goto endpoints;
	xa_init_flags(&ns->service_ids, XA_FLAGS_ALLOC);
	return 0;

endpoints:
	hg_endpoint_net_uninit(ns);
names:
	hg_name_net_uninit(ns);
keys:
	rhashtable_destroy(&ns->services);
	return err;
}

void hg_service_net_uninit(struct hg_net *ns)
{
	mutex_lock(&ns->lock);
	hg_service_flush(ns);
	mutex_unlock(&ns->lock);
	xa_destroy(&ns->service_ids);
	hg_vip_net_uninit(ns);
	hg_endpoint_net_uninit(ns);
	hg_name_net_uninit(ns);
	rhashtable_destroy(&ns->services);
}

struct hg_service *hg_service_lookup(struct hg_net *ns, const struct hg_service_key *key)
{
	return rhashtable_lookup(&ns->services, key, key_params);
}

struct hg_service *hg_service_find(struct hg_net *ns, const struct hg_service_key *key)
{
	struct hg_service *svc;

	lockdep_assert_held(&ns->lock);
	rcu_read_lock();
	svc = hg_service_lookup(ns, key);
	rcu_read_unlock();
	return svc;
}

struct hg_pool *hg_service_pool(const struct hg_service *svc)
{
	return rcu_dereference_protected(svc->pool, lockdep_is_held(&svc->ns->lock));
}

static void set_affinity(struct hg_affinity_conf *conf, const struct hg_service_cfg *cfg)
{
	if (cfg->has & HG_SERVICE_HAS_AFFINITY_TIMEOUT)
		conf->timeout = cfg->affinity.timeout;
	if (cfg->has & HG_SERVICE_HAS_AFFINITY_PREFIX)
		conf->prefix = cfg->affinity.prefix;
	else if (!conf->prefix)
		conf->prefix = cfg->key.af == AF_INET ? 32 : 128;
	if (cfg->has & HG_SERVICE_HAS_AFFINITY_DRAINED)
		conf->drained = cfg->affinity.drained;
}

void hg_service_conf_set(struct hg_service_conf *conf, const struct hg_service_cfg *cfg)
{
	int i;

	if (cfg->has & HG_SERVICE_HAS_SCHED)
		conf->sched = cfg->sched;
	if (cfg->has & HG_SERVICE_HAS_FLAGS)
		conf->flags = (conf->flags & ~cfg->flags_mask) |
			      (cfg->flags & cfg->flags_mask);
	set_affinity(&conf->affinity, cfg);
	if (cfg->has & HG_SERVICE_HAS_ON_DOWN)
		conf->on_down = cfg->on_down;
	if (cfg->has & HG_SERVICE_HAS_SLOW_START)
		conf->slow_start = cfg->slow_start;
	for (i = 1; i <= HEADGATE_A_TIMEOUT_MAX; i++) {
		if (cfg->timeouts_mask & BIT(i))
			conf->timeouts[i] = cfg->timeouts[i];
	}
}

struct hg_service *hg_service_create(struct hg_net *ns, const struct hg_service_key *key,
				     const struct hg_service_conf *conf)
{
	struct hg_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL_ACCOUNT);
	struct hg_pool *pool;

	if (!svc)
		return NULL;
	svc->key = *key;
	svc->ns = ns;
	svc->gone = ULONG_MAX;
	spin_lock_init(&svc->sched_lock);
	spin_lock_init(&svc->leaving_lock);
	INIT_LIST_HEAD(&svc->leaving);
	pool = hg_pool_build(svc, conf, NULL, 0);
	if (!pool) {
		kfree(svc);
		return NULL;
	}
	RCU_INIT_POINTER(svc->pool, pool);
	return svc;
}

void hg_service_free(struct hg_service *svc)
{
	hg_pool_free(hg_service_pool(svc));
	kfree(svc);
}

int hg_service_enter(struct hg_service *svc)
{
	struct hg_net *ns = svc->ns;
	int err;

	if (!ns->nservices) {
		err = hg_hook_net_start(ns);
		if (err)
			return err;
	}
	err = xa_alloc_cyclic(&ns->service_ids, &svc->id, svc, xa_limit_31b,
			      &ns->next_service_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto stop;
	err = hg_vip_enter(ns, &svc->key);
	if (err)
		goto erase;
	err = rhashtable_insert_fast(&ns->services, &svc->node, key_params);
	if (err)
		goto leave;
	ns->nservices++;
	return 0;

leave:
	hg_vip_leave(ns, &svc->key);
erase:
	xa_erase(&ns->service_ids, svc->id);
stop:
	hg_service_left(ns);
	return err;
}

static void free_service_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct hg_service, rcu));
}

void hg_service_withdraw(struct hg_service *svc)
{
	struct hg_net *ns = svc->ns;

	rhashtable_remove_fast(&ns->services, &svc->node, key_params);
	hg_vip_leave(ns, &svc->key);
	xa_erase(&ns->service_ids, svc->id);
	ns->nservices--;
}

/* Out of the tables first: whoever has still found it is gone when the callbacks
 * run that free the pool, the servers and the service.
 */
void hg_service_leave(struct hg_service *svc)
{
	struct hg_pool *pool = hg_service_pool(svc);
	u32 i;

	hg_service_withdraw(svc);
	for (i = 0; i < pool->n; i++)
		hg_server_orphan(svc, pool->slots[i].server);
	hg_server_orphan_leaving(svc);
	hg_pool_free_rcu(pool);
	call_rcu(&svc->rcu, free_service_rcu);
}

void hg_service_left(struct hg_net *ns)
{
	if (!ns->nservices)
		hg_hook_net_stop(ns);
}

void hg_service_flush(struct hg_net *ns)
{
	struct hg_events events;
	struct hg_service *svc;
	unsigned long id;

	lockdep_assert_held(&ns->lock);
	if (!ns->nservices)
		return;
	xa_for_each(&ns->service_ids, id, svc)
		WRITE_ONCE(svc->gone, ns->gen + 1);
	hg_net_next_gen(ns);
	hg_events_begin(&events, ns);
	xa_for_each(&ns->service_ids, id, svc) {
		hg_events_service(&events, HEADGATE_EVENT_SERVICE_GONE, svc);
		if (svc->name)
			hg_name_leave(ns, svc->name);
		kfree(svc->name);
		hg_service_leave(svc);
	}
	hg_events_end(&events, HEADGATE_EVENT_COMMIT);
	hg_service_left(ns);
	hg_conn_sweep_start(ns);
}

static void sum_server(struct hg_server *server, struct hg_totals *sum, u32 *active,
		       u32 *total)
{
	u64 load = atomic64_read(&server->load);

	hg_stats_add(sum, server->counters);
	*active += hg_load_active(load);
	*total += hg_load_total(load);
}

void hg_service_sum(struct hg_service *svc, struct hg_totals *sum, u32 *active,
		    u32 *inactive)
{
	struct hg_pool *pool = hg_service_pool(svc);
	struct hg_server *server;
	u32 total = 0, i;

	*active = 0;
	spin_lock_bh(&svc->leaving_lock);
	*sum = svc->past;
	list_for_each_entry(server, &svc->leaving, leaving)
		sum_server(server, sum, active, &total);
	spin_unlock_bh(&svc->leaving_lock);
	for (i = 0; i < pool->n; i++)
		sum_server(pool->slots[i].server, sum, active, &total);
	*inactive = total > *active ? total - *active : 0;
}
