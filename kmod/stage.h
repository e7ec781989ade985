/* SPDX-License-Identifier: GPL-2.0 */
/* What a transaction is to change: checked and kept, until commit.c puts it in force. */
#ifndef _HG_STAGE_H
#define _HG_STAGE_H

#include <linux/list.h>
#include <linux/rbtree.h>

#include "server.h"
#include "service.h"

struct hg_name;
struct hg_net;
struct hg_txn;

/**
 * struct hg_change - what becomes of one server of a staged service
 * @node: in stage->changes, by address
 * @old: the server of that address in the present pool, or NULL
 * @added: the one that takes its place, made here, or NULL
 * @stays: @old stays, with @conf
 * @entered: @added is in the tables of endpoints; commit.c's
 * @event: what is told of @old; commit.c's
 * @conf: what @old's settings become
 * @ramp: and its ramp; commit.c's
 *
 * Neither @added nor @stays: the server is removed.
 */
struct hg_change {
	struct rb_node		node;
	struct hg_server	*old;
	struct hg_server	*added;
	bool			stays;
	bool			entered;
	enum headgate_event	event;
	struct hg_server_conf	conf;
	u32			ramp;
};

/* What the server will be: @added's, or @conf. */
static inline struct hg_server_conf *hg_change_conf(struct hg_change *change)
{
	return change->added ? &change->added->conf : &change->conf;
}

/**
 * struct hg_stage - what becomes of one service
 * @node: in txn->services, by key
 * @list: in txn->stages, in the order of the messages
 * @svc: the service
 * @message: number of the message that was the last to name it
 * @is_new: @svc is made here
 * @entered: and is in the tables; commit.c's
 * @is_deleted: it is to go
 * @is_fresh: its present servers go, but for what @changes says
 * @is_set: a message named @conf or @name
 * @conf: its settings to be
 * @wants_name: @name holds, be it NULL for none
 * @name: its name to be; in no table before the commit
 * @taken: that, or the same name in the table, which its owner gives up; commit.c's
 * @name_attr: the name in the request; outside of transactions only
 * @n: number of servers to be
 * @changes: of its servers
 * @pool: the pool to be; commit.c's
 * @before: the pool before; commit.c's
 */
struct hg_stage {
	struct rb_node		node;
	struct list_head	list;
	struct hg_service	*svc;
	u32			message;
	bool			is_new;
	bool			entered;
	bool			is_deleted;
	bool			is_fresh;
	bool			is_set;
	bool			wants_name;
	struct hg_service_conf	conf;
	struct hg_name		*name;
	struct hg_name		*taken;
	const struct nlattr	*name_attr;
	u32			n;
	struct rb_root		changes;
	struct hg_pool		*pool;
	struct hg_pool		*before;
};

/* All of the next under ns->lock, with the attributes of the request for extack.  0
 * or a negative errno with extack filled in; on failure nothing is staged.
 */
int hg_stage_new_service(struct hg_txn *txn, const struct hg_service_cfg *cfg,
			 struct netlink_ext_ack *extack);
int hg_stage_set_service(struct hg_txn *txn, const struct hg_service_cfg *cfg,
			 struct nlattr **attrs, struct netlink_ext_ack *extack);
int hg_stage_del_service(struct hg_txn *txn, const struct hg_service_key *key,
			 struct nlattr **attrs, struct netlink_ext_ack *extack);
int hg_stage_flush(struct hg_txn *txn, struct netlink_ext_ack *extack);
int hg_stage_new_server(struct hg_txn *txn, const struct hg_service_key *key,
			const struct hg_server_cfg *cfg, struct nlattr **attrs,
			struct netlink_ext_ack *extack);
int hg_stage_set_server(struct hg_txn *txn, const struct hg_service_key *key,
			const struct hg_server_cfg *cfg, struct nlattr **attrs,
			struct netlink_ext_ack *extack);
int hg_stage_del_server(struct hg_txn *txn, const struct hg_service_key *key,
			const struct hg_server_cfg *cfg, struct nlattr **attrs,
			struct netlink_ext_ack *extack);
int hg_stage_reset_server(struct hg_txn *txn, const struct hg_service_key *key,
			  const struct hg_server_cfg *cfg, struct nlattr **attrs,
			  struct netlink_ext_ack *extack);

/* The same without a request: deletes a server of the present pool. */
int hg_stage_remove_server(struct hg_txn *txn, struct hg_service *svc,
			   struct hg_server *server);

/* The stage of a service, or NULL. */
struct hg_stage *hg_stage_find(const struct hg_txn *txn, const struct hg_service_key *key);

/* For the staging of servers: the stage of a service that there is, made when this is
 * the first to name it, or an ERR_PTR with a text; and to count one change more.
 */
struct hg_stage *hg_stage_of(struct hg_txn *txn, const struct hg_service_key *key,
			     struct nlattr **attrs, struct netlink_ext_ack *extack);
struct hg_stage *hg_stage_add(struct hg_txn *txn, struct hg_service *svc,
			      struct netlink_ext_ack *extack);
int hg_stage_count(struct hg_txn *txn, struct netlink_ext_ack *extack);

/* The changes in address order. */
static inline struct hg_change *hg_change_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct hg_change, node);
}

static inline struct hg_change *hg_change_first(const struct hg_stage *stage)
{
	return hg_change_of(rb_first(&stage->changes));
}

static inline struct hg_change *hg_change_next(struct hg_change *change)
{
	return hg_change_of(rb_next(&change->node));
}

#define for_each_change(change, stage)			\
	for (change = hg_change_first(stage); change; change = hg_change_next(change))

void hg_stage_free_changes(struct hg_stage *stage);

/* For commit.c: the ramps that the changes leave servers with, and then the pool to
 * be, as stage->pool.  0 or -ENOMEM.
 */
void hg_stage_set_ramps(struct hg_stage *stage);
int hg_stage_build_pool(struct hg_stage *stage);

/* Frees a stage with all that it made and did not hand on. */
void hg_stage_free(struct hg_txn *txn, struct hg_stage *stage);

#endif /* _HG_STAGE_H */
