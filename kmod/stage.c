// SPDX-License-Identifier: GPL-2.0
/*
 * Staging.
 *
 * Each message is checked against the configuration as the messages before it leave
 * it: the live one, overlaid by stages (a service each), which hold changes (a
 * server each).  What a message asks for is allocated here; the live configuration
 * is not touched.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "name.h"
#include "net.h"
#include "request.h"
#include "stage.h"
#include "txn.h"

static int account(struct hg_txn *txn, struct netlink_ext_ack *extack)
{
	struct hg_net *ns = txn->ns;

	if (ns->staged >= HEADGATE_STAGED_MAX) {
		NL_SET_ERR_MSG(extack,
			       "1048576 changes are staged in the namespace, the most there can be");
		return -ENOSPC;
	}
	ns->staged++;
	txn->changes++;
	return 0;
}

struct hg_stage *hg_stage_find(const struct hg_txn *txn, const struct hg_service_key *key)
{
	struct rb_node *node = txn->services.rb_node;

	while (node) {
		struct hg_stage *stage = rb_entry(node, struct hg_stage, node);
		int diff = memcmp(key, &stage->svc->key, sizeof(*key));

		if (!diff)
			return stage;
		node = diff < 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static bool stage_less(struct rb_node *a, const struct rb_node *b)
{
	return memcmp(&rb_entry(a, struct hg_stage, node)->svc->key,
		      &rb_entry(b, struct hg_stage, node)->svc->key,
		      sizeof(struct hg_service_key)) < 0;
}

static struct hg_stage *add_stage(struct hg_txn *txn, struct hg_service *svc,
				  struct netlink_ext_ack *extack)
{
	const struct hg_pool *pool = hg_service_pool(svc);
	struct hg_stage *stage;
	int err;

	err = account(txn, extack);
	if (err)
		return ERR_PTR(err);
	stage = kzalloc(sizeof(*stage), GFP_KERNEL_ACCOUNT);
	if (!stage)
		return ERR_PTR(-ENOMEM);
	stage->svc = svc;
	stage->conf = pool->conf;
	stage->n = pool->n;
	stage->message = txn->messages;
	rb_add(&stage->node, &txn->services, stage_less);
	list_add_tail(&stage->list, &txn->stages);
	return stage;
}

static struct hg_service *live_service(struct hg_net *ns, const struct hg_service_key *key)
{
	struct hg_service *svc;

	rcu_read_lock();
	svc = hg_service_lookup(ns, key);
	rcu_read_unlock();
	return svc;	/* stays, as long as ns->lock is held */
}

/* The stage of a service that there is, made when this is the first to name it. */
static struct hg_stage *stage_of(struct hg_txn *txn, const struct hg_service_key *key,
				 struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = hg_stage_find(txn, key);
	struct hg_service *svc;

	if (stage && !stage->is_deleted) {
		stage->message = txn->messages;
		return stage;
	}
	svc = stage ? NULL : live_service(txn->ns, key);
	if (svc)
		return add_stage(txn, svc, extack);
	hg_request_no_service(key, attrs, extack);
	return ERR_PTR(-ENOENT);
}

static void free_change(struct hg_change *change)
{
	if (change->added)
		hg_server_free(change->added);
	kfree(change);
}

static void free_changes(struct hg_stage *stage)
{
	struct hg_change *change, *next;

	rbtree_postorder_for_each_entry_safe(change, next, &stage->changes, node)
		free_change(change);
	stage->changes = RB_ROOT;
}

void hg_stage_free(struct hg_txn *txn, struct hg_stage *stage)
{
	free_changes(stage);
	kfree(stage->name);
	rb_erase(&stage->node, &txn->services);
	list_del(&stage->list);
	if (stage->is_new)
		hg_service_free(stage->svc);
	kfree(stage);
}

/* The service's settings to be. */
static void set_conf(struct hg_stage *stage, const struct hg_service_conf *conf,
		     const struct hg_service_cfg *cfg)
{
	stage->conf = *conf;
	hg_service_conf_set(&stage->conf, cfg);
	stage->is_set = true;
}

static void set_name(struct hg_txn *txn, struct hg_stage *stage, struct hg_name *name,
		     const struct hg_service_cfg *cfg)
{
	kfree(stage->name);
	stage->name = name;
	stage->wants_name = true;
	if (list_empty(&txn->node))
		stage->name_attr = cfg->tb[HEADGATE_A_SERVICE_NAME];
}

/* NULL where the request has no name, or an empty one. */
static struct hg_name *make_name(const struct hg_service_cfg *cfg)
{
	struct hg_name *name;

	if (!(cfg->has & HG_SERVICE_HAS_NAME) || !cfg->name[0])
		return NULL;
	name = hg_name_create(cfg->name);
	return name ?: ERR_PTR(-ENOMEM);
}

static struct hg_stage *make_service(struct hg_txn *txn, const struct hg_service_cfg *cfg,
				     struct netlink_ext_ack *extack)
{
	struct hg_service_conf conf = {};
	struct hg_service *svc;
	struct hg_stage *stage;

	hg_service_conf_set(&conf, cfg);
	svc = hg_service_create(txn->ns, &cfg->key, &conf);
	if (!svc)
		return ERR_PTR(-ENOMEM);
	stage = add_stage(txn, svc, extack);
	if (IS_ERR(stage)) {
		hg_service_free(svc);
		return stage;
	}
	stage->is_new = true;
	return stage;
}

int hg_stage_new_service(struct hg_txn *txn, const struct hg_service_cfg *cfg,
			 struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = hg_stage_find(txn, &cfg->key);
	const struct hg_service_conf none = {};
	struct hg_name *name;

	if (stage ? !stage->is_deleted : !!live_service(txn->ns, &cfg->key)) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVICE_ADDRESS],
				    "there is a service of this protocol, address and port already");
		return -EEXIST;
	}
	if ((s64)txn->ns->nservices + txn->services_more >= HEADGATE_SERVICES_MAX) {
		NL_SET_ERR_MSG(extack, "the namespace has 65536 services, the most there can be");
		return -ENOSPC;
	}
	name = make_name(cfg);
	if (IS_ERR(name))
		return PTR_ERR(name);
	if (!stage)
		stage = make_service(txn, cfg, extack);
	if (IS_ERR(stage)) {
		kfree(name);
		return PTR_ERR(stage);
	}
	stage->is_deleted = false;
	stage->message = txn->messages;
	set_conf(stage, &none, cfg);
	set_name(txn, stage, name, cfg);
	txn->services_more++;
	return 0;
}

int hg_stage_set_service(struct hg_txn *txn, const struct hg_service_cfg *cfg,
			 struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = stage_of(txn, &cfg->key, attrs, extack);
	struct hg_name *name;

	if (IS_ERR(stage))
		return PTR_ERR(stage);
	name = make_name(cfg);
	if (IS_ERR(name))
		return PTR_ERR(name);
	set_conf(stage, &stage->conf, cfg);
	if (cfg->has & HG_SERVICE_HAS_NAME)
		set_name(txn, stage, name, cfg);
	return 0;
}

static void delete(struct hg_txn *txn, struct hg_stage *stage)
{
	txn->services_more--;
	txn->servers_more -= stage->n;
	if (stage->is_new) {
		hg_stage_free(txn, stage);
		return;
	}
	free_changes(stage);
	kfree(stage->name);
	stage->name = NULL;
	stage->wants_name = true;
	stage->is_deleted = true;
	stage->is_fresh = true;
	stage->n = 0;
}

int hg_stage_del_service(struct hg_txn *txn, const struct hg_service_key *key,
			 struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = stage_of(txn, key, attrs, extack);

	if (IS_ERR(stage))
		return PTR_ERR(stage);
	delete(txn, stage);
	return 0;
}

int hg_stage_flush(struct hg_txn *txn, struct netlink_ext_ack *extack)
{
	struct hg_stage *stage, *next;
	struct hg_service *svc;
	unsigned long id;

	list_for_each_entry_safe(stage, next, &txn->stages, list) {
		if (!stage->is_deleted)
			delete(txn, stage);
	}
	xa_for_each(&txn->ns->service_ids, id, svc) {
		if (hg_stage_find(txn, &svc->key))
			continue;
		stage = add_stage(txn, svc, extack);
		if (IS_ERR(stage))
			return PTR_ERR(stage);
		delete(txn, stage);
	}
	return 0;
}

static const struct hg_server *server_of(const struct hg_change *change)
{
	return change->added ?: change->old;
}

static struct hg_change *find_change(const struct hg_stage *stage,
				     const struct hg_server_cfg *cfg)
{
	struct rb_node *node = stage->changes.rb_node;

	while (node) {
		struct hg_change *change = rb_entry(node, struct hg_change, node);
		int diff = hg_server_cmp(cfg->af, &cfg->addr, cfg->port,
					 server_of(change));

		if (!diff)
			return change;
		node = diff < 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static bool change_less(struct rb_node *a, const struct rb_node *b)
{
	const struct hg_server *left = server_of(rb_entry(a, struct hg_change, node));
	const struct hg_server *right = server_of(rb_entry(b, struct hg_change, node));

	return hg_server_cmp(left->af, &left->addr, left->port, right) < 0;
}

/* Of a server of the present pool, of a new one, or of one that takes the place of
 * the other; @stays unless there is a new one.
 */
static struct hg_change *add_change(struct hg_txn *txn, struct hg_stage *stage,
				    struct hg_server *old, struct hg_server *added,
				    struct netlink_ext_ack *extack)
{
	struct hg_change *change;
	int err;

	err = account(txn, extack);
	if (err)
		return ERR_PTR(err);
	change = kzalloc(sizeof(*change), GFP_KERNEL_ACCOUNT);
	if (!change)
		return ERR_PTR(-ENOMEM);
	change->old = old;
	change->added = added;
	change->stays = !added;
	if (old)
		change->conf = old->conf;
	rb_add(&change->node, &stage->changes, change_less);
	return change;
}

/* In the present pool, whatever is staged. */
static struct hg_server *live_server(const struct hg_stage *stage,
				     const struct hg_server_cfg *cfg)
{
	return hg_server_find(stage->svc, cfg->af, &cfg->addr, cfg->port);
}

/* The change of a server that there is, made when this is the first to name it. */
static struct hg_change *change_of(struct hg_txn *txn, struct hg_stage *stage,
				   const struct hg_server_cfg *cfg, struct nlattr **attrs,
				   struct netlink_ext_ack *extack)
{
	struct hg_change *change = find_change(stage, cfg);
	struct hg_server *old;

	if (change && (change->added || change->stays))
		return change;
	old = change || stage->is_fresh ? NULL : live_server(stage, cfg);
	if (old)
		return add_change(txn, stage, old, NULL, extack);
	hg_request_no_server(cfg, attrs, extack);
	return ERR_PTR(-ENOENT);
}

static int check_room(const struct hg_txn *txn, const struct hg_stage *stage,
		      struct netlink_ext_ack *extack)
{
	if (stage->n >= HEADGATE_POOL_MAX) {
		NL_SET_ERR_MSG(extack, "the service has 65535 servers, the most there can be");
		return -ENOSPC;
	}
	if ((s64)txn->ns->nservers + txn->servers_more >= HEADGATE_SERVERS_MAX) {
		NL_SET_ERR_MSG(extack, "the namespace has 262144 servers, the most there can be");
		return -ENOSPC;
	}
	return 0;
}

/* A server as @cfg says, over what @like and @conf say (NULL: the defaults). */
static struct hg_server *make_server(struct hg_stage *stage,
				     const struct hg_server_cfg *cfg,
				     const struct hg_server *like,
				     const struct hg_server_conf *conf,
				     struct netlink_ext_ack *extack)
{
	struct hg_server *server = hg_server_create(stage->svc, cfg, like, conf);
	int err;

	if (!server)
		return ERR_PTR(-ENOMEM);
	err = hg_server_check(&stage->svc->key, server, cfg->tb, extack);
	if (!err)
		return server;
	hg_server_free(server);
	return ERR_PTR(err);
}

int hg_stage_new_server(struct hg_txn *txn, const struct hg_service_key *key,
			const struct hg_server_cfg *cfg, struct nlattr **attrs,
			struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = stage_of(txn, key, attrs, extack);
	struct hg_server *old, *server;
	struct hg_change *change;
	int err;

	if (IS_ERR(stage))
		return PTR_ERR(stage);
	change = find_change(stage, cfg);
	old = live_server(stage, cfg);
	if (change ? change->added || change->stays : old && !stage->is_fresh) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVER_ADDRESS],
				    "the service has this server already");
		return -EEXIST;
	}
	err = check_room(txn, stage, extack);
	if (err)
		return err;
	server = make_server(stage, cfg, NULL, NULL, extack);
	if (IS_ERR(server))
		return PTR_ERR(server);
	if (change)
		change->added = server;
	else
		change = add_change(txn, stage, old, server, extack);
	if (IS_ERR(change)) {
		hg_server_free(server);
		return PTR_ERR(change);
	}
	stage->n++;
	txn->servers_more++;
	return 0;
}

static bool is_other_mode(const struct hg_server *server, const struct hg_server_cfg *cfg)
{
	return (cfg->has & HG_SERVER_HAS_MODE && cfg->mode != server->mode) ||
	       (cfg->has & HG_SERVER_HAS_TUNNEL && cfg->tunnel != server->tunnel);
}

int hg_stage_set_server(struct hg_txn *txn, const struct hg_service_key *key,
			const struct hg_server_cfg *cfg, struct nlattr **attrs,
			struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = stage_of(txn, key, attrs, extack);
	struct hg_server_conf *conf;
	struct hg_change *change;
	struct hg_server *server;

	if (IS_ERR(stage))
		return PTR_ERR(stage);
	change = change_of(txn, stage, cfg, attrs, extack);
	if (IS_ERR(change))
		return PTR_ERR(change);
	conf = change->added ? &change->added->conf : &change->conf;
	if (!is_other_mode(server_of(change), cfg)) {
		hg_server_conf_set(conf, cfg);
		return 0;
	}
	server = make_server(stage, cfg, server_of(change), conf, extack);
	if (IS_ERR(server))
		return PTR_ERR(server);
	if (change->added)
		hg_server_free(change->added);
	change->added = server;
	change->stays = false;
	return 0;
}

int hg_stage_del_server(struct hg_txn *txn, const struct hg_service_key *key,
			const struct hg_server_cfg *cfg, struct nlattr **attrs,
			struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = stage_of(txn, key, attrs, extack);
	struct hg_change *change;

	if (IS_ERR(stage))
		return PTR_ERR(stage);
	change = change_of(txn, stage, cfg, attrs, extack);
	if (IS_ERR(change))
		return PTR_ERR(change);
	stage->n--;
	txn->servers_more--;
	if (!change->old) {
		rb_erase(&change->node, &stage->changes);
		free_change(change);
		return 0;
	}
	if (change->added)
		hg_server_free(change->added);
	change->added = NULL;
	change->stays = false;
	return 0;
}
