// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that change services and servers, one by one or in transactions.
 *
 * Each is staged: in the transaction that its socket has open, or in one of its own
 * that is committed at once.
 */
#include <net/genetlink.h>

#include "compat.h"
#include "configure.h"
#include "dump.h"
#include "net.h"
#include "request.h"
#include "stage.h"
#include "txn.h"

/* How a command is staged: reads its request, and stages that. */
typedef int (*stage_fn)(struct hg_txn *txn, struct genl_info *info);

/* Runs a command in the transaction that its socket has open, or in one of its own.
 * @type: the attribute it is about, where nobody names another; 0: none.
 */
static int change(struct genl_info *info, int type, stage_fn stage)
{
	struct hg_net *ns = hg_net(genl_info_net(info));
	struct hg_txn single, *txn;
	int err;

	guard(mutex)(&ns->lock);
	txn = hg_txn_find(ns, info->snd_portid);
	if (!txn) {
		hg_txn_single(ns, &single);
		txn = &single;
	}
	err = hg_txn_message(txn, info->extack);
	if (err)
		return err;

	err = stage(txn, info);
	if (txn == &single)
		err = hg_txn_single_end(txn, err, info->extack);
	hg_request_explain(err, info->extack);
	if (err && txn != &single)
		hg_txn_fail(txn, info->extack);
	if (err && type && !info->extack->bad_attr && !info->extack->miss_type)
		NL_SET_BAD_ATTR(info->extack, info->attrs[type]);
	return err;
}

static int new_service(struct hg_txn *txn, struct genl_info *info)
{
	struct nlattr *tb[HEADGATE_A_SERVICE_MAX + 1];
	struct hg_service_cfg cfg;
	int err;

	err = hg_request_service(info->attrs, HG_SERVICE_HAS_SCHED, tb, &cfg,
				 info->extack);
	return err ?: hg_stage_new_service(txn, &cfg, info->extack);
}

int hg_configure_new_service(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, HEADGATE_A_SERVICE, new_service);
}

static int set_service(struct hg_txn *txn, struct genl_info *info)
{
	struct nlattr *tb[HEADGATE_A_SERVICE_MAX + 1];
	struct hg_service_cfg cfg;
	int err;

	err = hg_request_service(info->attrs, 0, tb, &cfg, info->extack);
	return err ?: hg_stage_set_service(txn, &cfg, info->attrs, info->extack);
}

int hg_configure_set_service(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, HEADGATE_A_SERVICE, set_service);
}

static int del_service(struct hg_txn *txn, struct genl_info *info)
{
	struct hg_service_key key;
	int err;

	err = hg_request_service_key(info->attrs, &key, info->extack);
	return err ?: hg_stage_del_service(txn, &key, info->attrs, info->extack);
}

int hg_configure_del_service(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, HEADGATE_A_SERVICE, del_service);
}

static int flush(struct hg_txn *txn, struct genl_info *info)
{
	if (!hg_txn_is_single(txn))
		return hg_stage_flush(txn, info->extack);
	hg_service_flush(txn->ns);	/* a single request's, which cannot fail */
	return 0;
}

int hg_configure_flush(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, 0, flush);
}

typedef int (*stage_server_fn)(struct hg_txn *txn, const struct hg_service_key *key,
			       const struct hg_server_cfg *cfg, struct nlattr **attrs,
			       struct netlink_ext_ack *extack);

/* What the commands for one server have in common. */
static int stage_server(struct hg_txn *txn, struct genl_info *info,
			stage_server_fn stage)
{
	struct nlattr *tb[HEADGATE_A_SERVER_MAX + 1];
	struct hg_service_key key;
	struct hg_server_cfg cfg;
	int err;

	err = hg_request_service_key(info->attrs, &key, info->extack);
	if (!err)
		err = hg_request_server(info->attrs, &key, tb, &cfg, info->extack);
	return err ?: stage(txn, &key, &cfg, info->attrs, info->extack);
}

static int new_server(struct hg_txn *txn, struct genl_info *info)
{
	return stage_server(txn, info, hg_stage_new_server);
}

int hg_configure_new_server(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, HEADGATE_A_SERVER, new_server);
}

static int set_server(struct hg_txn *txn, struct genl_info *info)
{
	return stage_server(txn, info, hg_stage_set_server);
}

int hg_configure_set_server(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, HEADGATE_A_SERVER, set_server);
}

static int del_server(struct hg_txn *txn, struct genl_info *info)
{
	return stage_server(txn, info, hg_stage_del_server);
}

int hg_configure_del_server(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, HEADGATE_A_SERVER, del_server);
}

static int reset_server(struct hg_txn *txn, struct genl_info *info)
{
	return stage_server(txn, info, hg_stage_reset_server);
}

int hg_configure_reset_server(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, HEADGATE_A_SERVER, reset_server);
}

int hg_configure_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = hg_net(genl_info_net(info));

	guard(mutex)(&ns->lock);
	return hg_txn_begin(ns, info->snd_portid, info->extack);
}

/* The socket's, with a text where it has none.  Under ns->lock. */
static struct hg_txn *open_txn(struct hg_net *ns, struct genl_info *info)
{
	struct hg_txn *txn = hg_txn_find(ns, info->snd_portid);

	if (!txn)
		NL_SET_ERR_MSG(info->extack, "this socket has no transaction open");
	return txn;
}

/* COMMIT and CHECK up to where they part. */
static int run(struct hg_txn *txn, bool dry, struct genl_info *info)
{
	struct nlattr *tb[HEADGATE_A_TRANSACTION_MAX + 1];
	struct hg_terms terms;
	int err;

	err = hg_request_transaction(info->attrs, tb, &terms, info->extack);
	if (!err)
		err = hg_txn_check(txn, &terms, info->extack);
	return err ?: hg_txn_commit(txn, dry, info->extack);
}

int hg_configure_check(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = hg_net(genl_info_net(info));
	struct hg_txn *txn;

	guard(mutex)(&ns->lock);
	txn = open_txn(ns, info);
	return txn ? run(txn, true, info) : -ENOENT;
}

int hg_configure_commit(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = hg_net(genl_info_net(info));
	struct hg_txn *txn;
	int err;

	guard(mutex)(&ns->lock);
	txn = open_txn(ns, info);
	if (!txn)
		return -ENOENT;
	err = run(txn, false, info);
	hg_txn_drop(txn);
	if (err)
		return err;
	/* It is done, whether the answer finds memory or not. */
	hg_dump_reply_generation(info, ns);
	return 0;
}

int hg_configure_abort(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = hg_net(genl_info_net(info));
	struct hg_txn *txn;

	guard(mutex)(&ns->lock);
	txn = open_txn(ns, info);
	if (!txn)
		return -ENOENT;
	hg_txn_drop(txn);
	return 0;
}
