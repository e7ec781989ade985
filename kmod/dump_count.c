// SPDX-License-Identifier: GPL-2.0
/*
 * Counts of conns by server and state.  All is counted when the dump starts; its
 * memory is bounded by the number of servers, which the admin set.
 */
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/sched/signal.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat.h"
#include "conn.h"
#include "dump.h"
#include "filter.h"
#include "net.h"
#include "request.h"
#include "server.h"
#include "service.h"
#include "walk.h"

/* Nodes looked at between two chances to reschedule. */
#define STRIDE	4096

/* A server, by what it is known by: it may be gone when it is told of. */
struct who {
	struct hg_service_key	service;
	union nf_inet_addr	addr;
	__be16			port;
	u8			af;
};

struct count {
	struct rhash_head	node;
	struct list_head	list;
	struct who		who;
	u32			conns[HEADGATE_A_COUNTS_MAX];	/* by hg_conn_kind() */
};

/* @list has them all, in the order of their first conns; @next is to be told of. */
struct counts {
	struct rhashtable	table;
	struct list_head	list;
	struct list_head	*next;
	struct hg_filter	filter;
};

static const struct rhashtable_params count_params = {
	.head_offset		= offsetof(struct count, node),
	.key_offset		= offsetof(struct count, who),
	.key_len		= sizeof(struct who),
	.automatic_shrinking	= false,
};

static struct count *new_count(struct counts *counts, const struct who *who)
{
	struct count *count;

	count = kzalloc(sizeof(*count), GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN);
	if (!count)
		return NULL;
	count->who = *who;
	if (rhashtable_insert_fast(&counts->table, &count->node, count_params)) {
		kfree(count);
		return NULL;
	}
	list_add_tail(&count->list, &counts->list);
	return count;
}

/* Under RCU. */
static int count_conn(struct counts *counts, const struct hg_conn *conn)
{
	const struct hg_server *server = conn->server;
	const struct hg_service *svc = rcu_dereference(server->service);
	u32 word = READ_ONCE(conn->word);
	struct count *count;
	struct who who;

	if (word & HG_CONN_DEAD || !svc || hg_conn_over(conn) ||
	    !hg_filter_match(conn, &counts->filter))
		return 0;
	memset(&who, 0, sizeof(who));
	who.service = svc->key;
	who.addr = server->addr;
	who.port = server->port;
	who.af = server->af;
	count = rhashtable_lookup_fast(&counts->table, &who, count_params);
	if (!count)
		count = new_count(counts, &who);
	if (!count)
		return -ENOMEM;
	count->conns[hg_conn_kind(conn, word)]++;
	return 0;
}

static int count_stretch(struct counts *counts, struct hg_walk *walk)
{
	struct hg_conn *conn;
	int err = 0;

	hg_walk_start(walk);
	while (!err && (conn = hg_walk_next_conn(walk)))
		err = count_conn(counts, conn);
	hg_walk_stop(walk);
	return err;
}

/* @moved: the table was resized meanwhile. */
static int count_all(struct hg_net *ns, struct counts *counts, bool *moved)
{
	struct hg_walk walk;
	int err = 0;

	hg_walk_init(&walk, &ns->conns, STRIDE);
	while (!err && !walk.end) {
		err = fatal_signal_pending(current) ? -EINTR :
						      count_stretch(counts, &walk);
		cond_resched();
	}
	*moved = walk.moves;
	hg_walk_uninit(&walk);
	return err;
}

static void destroy(struct counts *counts)
{
	struct count *count, *next;

	rhashtable_destroy(&counts->table);
	list_for_each_entry_safe(count, next, &counts->list, list) {
		kfree(count);
		cond_resched();
	}
	kfree(counts);
}

static struct counts *create(void)
{
	struct counts *counts = kzalloc(sizeof(*counts), GFP_KERNEL_ACCOUNT);

	if (!counts)
		return NULL;
	INIT_LIST_HEAD(&counts->list);
	if (!rhashtable_init(&counts->table, &count_params))
		return counts;
	kfree(counts);
	return NULL;
}

static struct counts **counts_of(struct netlink_callback *cb)
{
	return (struct counts **)cb->ctx;
}

int hg_dump_counts_start(struct netlink_callback *cb)
{
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));
	struct counts *counts = create();
	bool moved;
	int err;

	if (!counts) {
		hg_request_explain(-ENOMEM, cb->extack);
		return -ENOMEM;
	}
	err = hg_filter_parse(genl_info_dump(cb)->attrs, &counts->filter, cb->extack);
	if (!err)
		err = count_all(ns, counts, &moved);
	if (err) {
		hg_request_explain(err, cb->extack);
		destroy(counts);
		return err;
	}
	counts->next = counts->list.next;
	*counts_of(cb) = counts;
	/* Two numbers that differ make the first message say NLM_F_DUMP_INTR. */
	cb->prev_seq = 1;
	cb->seq = moved ? 2 : 1;
	return 0;
}

static int put_server_key(struct sk_buff *skb, const struct who *who)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_SERVER);

	if (!nest || nla_put_u8(skb, HEADGATE_A_SERVER_FAMILY, who->af) ||
	    hg_dump_put_address(skb, HEADGATE_A_SERVER_ADDRESS, who->af, &who->addr) ||
	    nla_put_u16(skb, HEADGATE_A_SERVER_PORT, ntohs(who->port)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_count(struct sk_buff *skb, const struct count *count)
{
	struct nlattr *nest;
	int i;

	if (hg_dump_put_service_key(skb, &count->who.service) ||
	    put_server_key(skb, &count->who))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, HEADGATE_A_COUNTS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < HEADGATE_A_COUNTS_MAX; i++)
		if (count->conns[i] && nla_put_u32(skb, i + 1, count->conns[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int hg_dump_counts(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct counts *counts = *counts_of(cb);
	void *hdr;
	int err;

	for (; counts->next != &counts->list; counts->next = counts->next->next) {
		hdr = hg_dump_begin(skb, cb, HEADGATE_CMD_COUNT_CONN);
		if (!hdr)
			return skb->len ?: -EMSGSIZE;
		err = put_count(skb, list_entry(counts->next, struct count, list));
		if (hg_dump_end(skb, cb, hdr, err))
			return skb->len ?: -EMSGSIZE;
	}
	return skb->len;
}

int hg_dump_counts_done(struct netlink_callback *cb)
{
	destroy(*counts_of(cb));
	return 0;
}
