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

int hg_stage_count(struct hg_txn *txn, struct netlink_ext_ack *extack)
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

/* Servers mostly come after their service: the newest stage is looked at first. */
struct hg_stage *hg_stage_find(const struct hg_txn *txn, const struct hg_service_key *key)
{
	struct rb_node *node = txn->services.rb_node;
	struct hg_stage *stage;
	int diff;

	if (!node)
		return NULL;
	stage = list_last_entry(&txn->stages, struct hg_stage, list);
	if (!memcmp(key, &stage->svc->key, sizeof(*key)))
		return stage;
	while (node) {
		stage = rb_entry(node, struct hg_stage, node);
		diff = memcmp(key, &stage->svc->key, sizeof(*key));
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

struct hg_stage *hg_stage_add(struct hg_txn *txn, struct hg_service *svc,
			      struct netlink_ext_ack *extack)
{
	const struct hg_pool *pool = hg_service_pool(svc);
	struct hg_stage *stage;
	int err;

	err = hg_stage_count(txn, extack);
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

/* The stage of a service that there is, made when this is the first to name it. */
struct hg_stage *hg_stage_of(struct hg_txn *txn, const struct hg_service_key *key,
			     struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = hg_stage_find(txn, key);
	struct hg_service *svc;

	if (stage && !stage->is_deleted) {
		stage->message = txn->messages;
		return stage;
	}
	svc = stage ? NULL : hg_service_find(txn->ns, key);
	if (svc)
		return hg_stage_add(txn, svc, extack);
	hg_request_no_service(key, attrs, extack);
	return ERR_PTR(-ENOENT);
}

void hg_stage_free(struct hg_txn *txn, struct hg_stage *stage)
{
	hg_stage_free_changes(stage);
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
	if (hg_txn_is_single(txn))
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
	stage = hg_stage_add(txn, svc, extack);
	if (IS_ERR(stage)) {
		hg_service_free(svc);
		return stage;
	}
	stage->is_new = true;
	return stage;
}

int hg_stage_new_service(struct hg_txn *txn, const struct hg_service_cfg *cfg,
			 struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = hg_stage_find(txn, &cfg->key);
	const struct hg_service_conf none = {};
	struct hg_name *name;

	if (stage ? !stage->is_deleted : !!hg_service_find(txn->ns, &cfg->key)) {
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
	struct hg_stage *stage = hg_stage_of(txn, &cfg->key, attrs, extack);
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
	hg_stage_free_changes(stage);
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
	struct hg_stage *stage = hg_stage_of(txn, key, attrs, extack);

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
		stage = hg_stage_add(txn, svc, extack);
		if (IS_ERR(stage))
			return PTR_ERR(stage);
		delete(txn, stage);
	}
	return 0;
}
