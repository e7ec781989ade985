// SPDX-License-Identifier: GPL-2.0
/* Staging, of servers. */
#include <linux/slab.h>

#include "compat.h"
#include "net.h"
#include "request.h"
#include "stage.h"
#include "txn.h"

static void free_change(struct hg_change *change)
{
	if (change->added)
		hg_server_free(change->added);
	kfree(change);
}

void hg_stage_free_changes(struct hg_stage *stage)
{
	struct hg_change *change, *next;

	rbtree_postorder_for_each_entry_safe(change, next, &stage->changes, node)
		free_change(change);
	stage->changes = RB_ROOT;
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

	err = hg_stage_count(txn, extack);
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

/* The change of a server that there is, made when this is the first to name it; and in
 * @at its service's stage.
 */
static struct hg_change *change_of(struct hg_txn *txn, const struct hg_service_key *key,
				   const struct hg_server_cfg *cfg, struct nlattr **attrs,
				   struct netlink_ext_ack *extack, struct hg_stage **at)
{
	struct hg_stage *stage = hg_stage_of(txn, key, attrs, extack);
	struct hg_change *change;
	struct hg_server *old;

	if (IS_ERR(stage))
		return ERR_CAST(stage);
	*at = stage;
	change = find_change(stage, cfg);
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
		err = hg_server_conf_check(&server->conf, cfg->tb, extack);
	if (!err)
		return server;
	hg_server_free(server);
	return ERR_PTR(err);
}

int hg_stage_new_server(struct hg_txn *txn, const struct hg_service_key *key,
			const struct hg_server_cfg *cfg, struct nlattr **attrs,
			struct netlink_ext_ack *extack)
{
	struct hg_stage *stage = hg_stage_of(txn, key, attrs, extack);
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
	struct hg_server_conf *conf, set;
	struct hg_change *change;
	struct hg_server *server;
	struct hg_stage *stage;
	int err;

	change = change_of(txn, key, cfg, attrs, extack, &stage);
	if (IS_ERR(change))
		return PTR_ERR(change);
	conf = hg_change_conf(change);
	if (!is_other_mode(server_of(change), cfg)) {
		set = *conf;
		hg_server_conf_set(&set, cfg);
		err = hg_server_conf_check(&set, cfg->tb, extack);
		if (!err)
			*conf = set;
		return err;
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
	struct hg_change *change;
	struct hg_stage *stage;

	change = change_of(txn, key, cfg, attrs, extack, &stage);
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

int hg_stage_reset_server(struct hg_txn *txn, const struct hg_service_key *key,
			  const struct hg_server_cfg *cfg, struct nlattr **attrs,
			  struct netlink_ext_ack *extack)
{
	struct hg_change *change;
	struct hg_stage *stage;

	change = change_of(txn, key, cfg, attrs, extack, &stage);
	if (IS_ERR(change))
		return PTR_ERR(change);
	hg_server_conf_reset(hg_change_conf(change));
	return 0;
}

int hg_stage_remove_server(struct hg_txn *txn, struct hg_service *svc,
			   struct hg_server *server)
{
	struct hg_stage *stage = hg_stage_add(txn, svc, NULL);
	struct hg_change *change;

	if (IS_ERR(stage))
		return PTR_ERR(stage);
	change = add_change(txn, stage, server, NULL, NULL);
	if (IS_ERR(change))
		return PTR_ERR(change);
	change->stays = false;
	stage->n--;
	txn->servers_more--;
	return 0;
}
