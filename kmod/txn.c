// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions.
 *
 * A socket's messages between BEGIN and COMMIT are staged (stage.c) against the
 * configuration at one generation.  Any change by somebody else moves the
 * generation, and then the transaction can only be dropped: what it points to may
 * be gone.
 */
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "compat.h"
#include "net.h"
#include "request.h"
#include "stage.h"
#include "txn.h"

static void start(struct hg_txn *txn, struct hg_net *ns)
{
	*txn = (struct hg_txn) {
		.ns = ns,
		.base = ns->gen,
		.services = RB_ROOT,
		.stages = LIST_HEAD_INIT(txn->stages),
		.node = LIST_HEAD_INIT(txn->node),
	};
}

static void free_stages(struct hg_txn *txn)
{
	struct hg_stage *stage, *next;

	list_for_each_entry_safe(stage, next, &txn->stages, list)
		hg_stage_free(txn, stage);
	txn->ns->staged -= txn->changes;
}

int hg_txn_begin(struct hg_net *ns, u32 portid, struct netlink_ext_ack *extack)
{
	struct hg_txn *txn;

	lockdep_assert_held(&ns->lock);
	if (hg_txn_find(ns, portid)) {
		NL_SET_ERR_MSG(extack, "this socket has a transaction open already");
		return -EBUSY;
	}
	if (ns->ntxns >= HEADGATE_TRANSACTIONS_MAX) {
		NL_SET_ERR_MSG(extack, "64 transactions are open, the most there can be");
		return -ENOSPC;
	}
	txn = kmalloc(sizeof(*txn), GFP_KERNEL_ACCOUNT);
	if (!txn) {
		hg_request_explain(-ENOMEM, extack);
		return -ENOMEM;
	}
	start(txn, ns);
	txn->portid = portid;
	list_add(&txn->node, &ns->txns);
	WRITE_ONCE(ns->ntxns, ns->ntxns + 1);
	return 0;
}

struct hg_txn *hg_txn_find(struct hg_net *ns, u32 portid)
{
	struct hg_txn *txn;

	lockdep_assert_held(&ns->lock);
	list_for_each_entry(txn, &ns->txns, node) {
		if (txn->portid == portid)
			return txn;
	}
	return NULL;
}

void hg_txn_drop(struct hg_txn *txn)
{
	lockdep_assert_held(&txn->ns->lock);
	free_stages(txn);
	list_del(&txn->node);
	WRITE_ONCE(txn->ns->ntxns, txn->ns->ntxns - 1);
	kfree(txn);
}

void hg_txn_single(struct hg_net *ns, struct hg_txn *txn)
{
	start(txn, ns);
}

int hg_txn_single_end(struct hg_txn *txn, int err, struct netlink_ext_ack *extack)
{
	if (!err)
		err = hg_txn_commit(txn, false, extack);
	free_stages(txn);
	return err;
}

static int check_base(const struct hg_txn *txn, struct netlink_ext_ack *extack)
{
	if (txn->base == txn->ns->gen)
		return 0;
	NL_SET_ERR_MSG_FMT(extack, "the configuration is at generation %u, no longer at %u",
			   (u32)txn->ns->gen, (u32)txn->base);
	return -ESTALE;
}

void hg_txn_fail(struct hg_txn *txn, const struct netlink_ext_ack *extack)
{
	txn->failed = txn->messages;
	scnprintf(txn->why, sizeof(txn->why), "message %u: %s", txn->failed,
		  extack->_msg);
}

int hg_txn_message(struct hg_txn *txn, struct netlink_ext_ack *extack)
{
	int err;

	txn->messages++;
	if (txn->failed) {
		NL_SET_ERR_MSG_FMT(extack,
				   "the transaction has failed: its message %u was refused",
				   txn->failed);
		return -ECANCELED;
	}
	err = check_base(txn, extack);
	if (err)
		hg_txn_fail(txn, extack);
	return err;
}

int hg_txn_check(const struct hg_txn *txn, const struct hg_terms *terms,
		 struct netlink_ext_ack *extack)
{
	const struct nlattr *gen = terms->tb[HEADGATE_A_TRANSACTION_GENERATION];
	int err;

	if (txn->failed) {
		NL_SET_ERR_MSG_FMT(extack, "%s", txn->why);
		return -ECANCELED;
	}
	if (terms->messages != txn->messages) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, terms->tb[HEADGATE_A_TRANSACTION_MESSAGES],
					"of the transaction's %u messages %u came through",
					terms->messages, txn->messages);
		return -ECANCELED;
	}
	if (terms->gen != (u32)txn->ns->gen) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, gen,
					"the configuration is at generation %u, not at %u",
					(u32)txn->ns->gen, terms->gen);
		return -ESTALE;
	}
	err = check_base(txn, extack);
	if (err)
		NL_SET_BAD_ATTR(extack, gen);
	return err;
}

/* A socket closes: its transaction goes. */
static int socket_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct netlink_notify *notify = ptr;
	struct hg_txn *txn;
	struct hg_net *ns;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	ns = hg_net(notify->net);
	/* A commit may hold the lock for long, and every netlink socket that closes comes
	 * by here.  This one has begun none unless all of that is over.
	 */
	if (!READ_ONCE(ns->ntxns))
		return NOTIFY_DONE;
	mutex_lock(&ns->lock);
	txn = hg_txn_find(ns, notify->portid);
	if (txn)
		hg_txn_drop(txn);
	mutex_unlock(&ns->lock);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = {
	.notifier_call = socket_event,
};

int hg_txn_init(void)
{
	return netlink_register_notifier(&socket_notifier);
}

void hg_txn_uninit(void)
{
	netlink_unregister_notifier(&socket_notifier);
}

void hg_txn_net_init(struct hg_net *ns)
{
	INIT_LIST_HEAD(&ns->txns);
}

/* No socket is left in the namespace, but the module may be going. */
void hg_txn_net_uninit(struct hg_net *ns)
{
	struct hg_txn *txn, *next;

	mutex_lock(&ns->lock);
	list_for_each_entry_safe(txn, next, &ns->txns, node)
		hg_txn_drop(txn);
	mutex_unlock(&ns->lock);
}
