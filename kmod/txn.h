/* SPDX-License-Identifier: GPL-2.0 */
/* Transactions: a socket's open one, and the unnamed one of a single request. */
#ifndef _HG_TXN_H
#define _HG_TXN_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

struct hg_net;
struct hg_terms;
struct netlink_ext_ack;

/**
 * struct hg_txn - a transaction
 * @ns: its namespace
 * @node: in ns->txns; empty: of a single request, see hg_txn_is_single()
 * @portid: the socket's
 * @base: the generation of what was staged against
 * @services: stages by key
 * @stages: stages in order
 * @messages: how many were staged, or refused
 * @failed: number of the first that was refused, 0: none
 * @why: that, and what was said of it: of a text's length
 * @changes: stages and changes of servers: counted in ns->staged
 * @services_more: services there will be more, less services there were
 * @servers_more: the same of servers
 */
struct hg_txn {
	struct hg_net		*ns;
	struct list_head	node;
	u32			portid;
	unsigned long		base;
	struct rb_root		services;
	struct list_head	stages;
	u32			messages;
	u32			failed;
	char			why[80];
	u32			changes;
	s32			services_more;
	s32			servers_more;
};

static inline bool hg_txn_is_single(const struct hg_txn *txn)
{
	return list_empty(&txn->node);
}

int hg_txn_init(void);		/* the notifier of sockets that close */
void hg_txn_uninit(void);
void hg_txn_net_init(struct hg_net *ns);
void hg_txn_net_uninit(struct hg_net *ns);	/* drops them all */

/* All of the next under ns->lock. */
int hg_txn_begin(struct hg_net *ns, u32 portid, struct netlink_ext_ack *extack);

/* The socket's, or NULL. */
struct hg_txn *hg_txn_find(struct hg_net *ns, u32 portid);

/* That of a single request, to be ended by hg_txn_single_end(). */
void hg_txn_single(struct hg_net *ns, struct hg_txn *txn);

/* Puts it in force unless @err, and frees what is left.  Returns @err or a new one. */
int hg_txn_single_end(struct hg_txn *txn, int err, struct netlink_ext_ack *extack);

/* A message is to be staged: 0, or why it cannot be. */
int hg_txn_message(struct hg_txn *txn, struct netlink_ext_ack *extack);

/* The message was refused, as @extack says: nothing more can be staged. */
void hg_txn_fail(struct hg_txn *txn, const struct netlink_ext_ack *extack);

/* What was staged may be put in force: it is what the client's @terms say. */
int hg_txn_check(const struct hg_txn *txn, const struct hg_terms *terms,
		 struct netlink_ext_ack *extack);

/* Frees it.  Not of a single request. */
void hg_txn_drop(struct hg_txn *txn);

/* commit.c: puts all of it in force, or with @dry only finds out whether it could. */
int hg_txn_commit(struct hg_txn *txn, bool dry, struct netlink_ext_ack *extack);

#endif /* _HG_TXN_H */
