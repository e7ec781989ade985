// SPDX-License-Identifier: GPL-2.0
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "conn.h"
#include "endpoint.h"
#include "hook.h"
#include "net.h"
#include "pool.h"
#include "sched.h"
#include "server.h"
#include "service.h"

/* A name in use; apart from the service so that a new one can be taken before the
 * old one is given up.
 */
struct hg_name {
	struct rhash_head	node;
	char			text[HEADGATE_NAME_MAX + 1];
	struct rcu_head		rcu;
};

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

static const struct rhashtable_params name_params = {
	.head_offset		= offsetof(struct hg_name, node),
	.key_offset		= offsetof(struct hg_name, text),
	.key_len		= sizeof_field(struct hg_name, text),
	.automatic_shrinking	= true,
};

int hg_service_init(struct hg_net *ns)
{
	int err;

	err = rhashtable_init(&ns->services, &key_params);
	if (err)
		return err;
	err = rhashtable_init(&ns->service_names, &name_params);
	if (err)
		goto keys;
	err = hg_endpoint_net_init(ns);
	if (err)
		goto names;
	xa_init_flags(&ns->service_ids, XA_FLAGS_ALLOC);
	return 0;

names:
	rhashtable_destroy(&ns->service_names);
keys:
	rhashtable_destroy(&ns->services);
	return err;
}

void hg_service_uninit(struct hg_net *ns)
{
	mutex_lock(&ns->lock);
	hg_service_flush(ns);
	mutex_unlock(&ns->lock);
	xa_destroy(&ns->service_ids);
	hg_endpoint_net_uninit(ns);
	rhashtable_destroy(&ns->service_names);
	rhashtable_destroy(&ns->services);
}

struct hg_service *hg_service_lookup(struct hg_net *ns, const struct hg_service_key *key)
{
	return rhashtable_lookup(&ns->services, key, key_params);
}

struct hg_pool *hg_service_pool(const struct hg_service *svc)
{
	return rcu_dereference_protected(svc->pool, lockdep_is_held(&svc->ns->lock));
}

const char *hg_service_name(const struct hg_service *svc)
{
	lockdep_assert_held(&svc->ns->lock);
	return svc->name ? svc->name->text : "";
}

/* Takes a name.  NULL where @cfg has none; an ERR_PTR where another has it. */
static struct hg_name *take_name(struct hg_net *ns, const struct hg_service_cfg *cfg,
				 struct netlink_ext_ack *extack)
{
	struct hg_name *name;
	int err;

	if (!(cfg->has & HG_SERVICE_HAS_NAME))
		return NULL;
	name = kzalloc(sizeof(*name), GFP_KERNEL_ACCOUNT);
	if (!name)
		return ERR_PTR(-ENOMEM);
	strscpy(name->text, cfg->name, sizeof(name->text));
	err = rhashtable_lookup_insert_fast(&ns->service_names, &name->node, name_params);
	if (!err)
		return name;
	kfree(name);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVICE_NAME],
				    "another service has this name");
	return ERR_PTR(err);
}

static void give_name(struct hg_net *ns, struct hg_name *name)
{
	if (!name)
		return;
	rhashtable_remove_fast(&ns->service_names, &name->node, name_params);
	kfree_rcu(name, rcu);
}

static struct hg_service *create(struct hg_net *ns, const struct hg_service_cfg *cfg)
{
	struct hg_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL_ACCOUNT);
	struct hg_pool *pool;

	if (!svc)
		return NULL;
	svc->key = cfg->key;
	svc->ns = ns;
	svc->flags = cfg->flags & cfg->flags_mask;
	spin_lock_init(&svc->sched_lock);
	spin_lock_init(&svc->leaving_lock);
	INIT_LIST_HEAD(&svc->leaving);
	pool = hg_pool_build(svc, cfg->sched, svc->flags, NULL, 0);
	if (!pool) {
		kfree(svc);
		return NULL;
	}
	RCU_INIT_POINTER(svc->pool, pool);
	return svc;
}

static int check_add(struct hg_net *ns, const struct hg_service_cfg *cfg,
		     struct netlink_ext_ack *extack)
{
	if (rhashtable_lookup_fast(&ns->services, &cfg->key, key_params)) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVICE_ADDRESS],
				    "there is a service of this protocol, address and port already");
		return -EEXIST;
	}
	if (ns->nservices >= HEADGATE_SERVICES_MAX) {
		NL_SET_ERR_MSG(extack, "the namespace has 65536 services, the most there can be");
		return -ENOSPC;
	}
	return 0;
}

/* The last step of adding one: into the tables, first of all the hooks. */
static int enter(struct hg_net *ns, struct hg_service *svc)
{
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
	err = rhashtable_insert_fast(&ns->services, &svc->node, key_params);
	if (err)
		goto erase;
	ns->nservices++;
	hg_net_next_gen(ns);
	hg_conn_sweep_start(ns);
	return 0;

erase:
	xa_erase(&ns->service_ids, svc->id);
stop:
	if (!ns->nservices)
		hg_hook_net_stop(ns);
	return err;
}

int hg_service_add(struct hg_net *ns, const struct hg_service_cfg *cfg,
		   struct netlink_ext_ack *extack)
{
	struct hg_service *svc;
	int err;

	lockdep_assert_held(&ns->lock);
	err = check_add(ns, cfg, extack);
	if (err)
		return err;
	svc = create(ns, cfg);
	if (!svc)
		return -ENOMEM;
	svc->name = take_name(ns, cfg, extack);
	if (IS_ERR(svc->name)) {
		err = PTR_ERR(svc->name);
		goto free;
	}
	err = enter(ns, svc);
	if (err)
		goto name;
	return 0;

name:
	give_name(ns, svc->name);
free:
	hg_pool_free(hg_service_pool(svc));
	kfree(svc);
	return err;
}

int hg_service_set(struct hg_service *svc, const struct hg_service_cfg *cfg,
		   struct netlink_ext_ack *extack)
{
	u32 flags = (svc->flags & ~cfg->flags_mask) | (cfg->flags & cfg->flags_mask);
	const struct hg_sched *sched = hg_service_pool(svc)->sched;
	struct hg_pool *pool = NULL;
	struct hg_net *ns = svc->ns;
	struct hg_name *name;
	bool again;

	lockdep_assert_held(&ns->lock);
	if (cfg->has & HG_SERVICE_HAS_SCHED)
		sched = cfg->sched;
	again = sched != hg_service_pool(svc)->sched || flags != svc->flags;
	if (cfg->has & HG_SERVICE_HAS_NAME && !strcmp(cfg->name, hg_service_name(svc)))
		name = NULL;
	else
		name = take_name(ns, cfg, extack);
	if (IS_ERR(name))
		return PTR_ERR(name);
	if (again) {
		pool = hg_server_pool(svc, sched, flags, NULL, NULL);
		if (!pool) {
			give_name(ns, name);
			return -ENOMEM;
		}
	}
	if (name) {
		give_name(ns, svc->name);
		svc->name = name;
	}
	svc->flags = flags;
	hg_net_next_gen(ns);
	if (pool)
		hg_pool_publish(svc, pool, ns->gen);
	return 0;
}

static void free_service_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct hg_service, rcu));
}

/* Out of the tables first: whoever has still found it is gone when the callbacks
 * run that free the pool, the servers and the service.
 */
static void remove(struct hg_service *svc)
{
	struct hg_pool *pool = hg_service_pool(svc);
	struct hg_net *ns = svc->ns;
	u32 i;

	rhashtable_remove_fast(&ns->services, &svc->node, key_params);
	xa_erase(&ns->service_ids, svc->id);
	give_name(ns, svc->name);
	ns->nservices--;
	for (i = 0; i < pool->n; i++)
		hg_server_orphan(svc, pool->slots[i].server);
	hg_server_orphan_leaving(svc);
	hg_pool_free_rcu(pool);
	call_rcu(&svc->rcu, free_service_rcu);
}

static void removed_some(struct hg_net *ns)
{
	hg_net_next_gen(ns);
	if (!ns->nservices)
		hg_hook_net_stop(ns);
	hg_conn_sweep_start(ns);
}

void hg_service_del(struct hg_service *svc)
{
	struct hg_net *ns = svc->ns;

	lockdep_assert_held(&ns->lock);
	remove(svc);
	removed_some(ns);
}

void hg_service_flush(struct hg_net *ns)
{
	struct hg_service *svc;
	unsigned long id;

	lockdep_assert_held(&ns->lock);
	if (!ns->nservices)
		return;
	xa_for_each(&ns->service_ids, id, svc)
		remove(svc);
	removed_some(ns);
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
