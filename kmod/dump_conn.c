// SPDX-License-Identifier: GPL-2.0
/*
 * The dump of conns.  A stretch of the walk ends at the border of buckets, so what
 * the skb cannot hold of a bucket is taken back, and the bucket is begun anew in the
 * next skb.  Only one that no skb holds whole is resumed within.
 *
 * cb->seq follows the table: after a resize the next message says NLM_F_DUMP_INTR.
 */
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat.h"
#include "conn.h"
#include "dump.h"
#include "event.h"
#include "filter.h"
#include "net.h"
#include "server.h"
#include "walk.h"

/* Nodes looked at between two chances to reschedule. */
#define STRIDE	4096

struct dump {
	struct hg_walk		walk;
	struct hg_filter	filter;
};

/* Where the present bucket began, and what is to be put back to begin it anew. */
struct begun {
	u32		bucket;
	unsigned int	len;		/* of the skb */
	unsigned int	prev_seq;	/* of the callback */
};

static u32 to_msecs(u32 delta)
{
	return min_t(u64, jiffies64_to_msecs(delta), U32_MAX);
}

static u32 flags_of(u32 word)
{
	return (word & HG_CONN_ACTIVE ? HEADGATE_CONN_F_ACTIVE : 0) |
	       (word & HG_CONN_ASSURED ? HEADGATE_CONN_F_ASSURED : 0) |
	       (word & HG_CONN_CHECK ? HEADGATE_CONN_F_CHECK : 0) |
	       (word & HG_CONN_KILLED ? HEADGATE_CONN_F_KILLED : 0);
}

static int put_times(struct sk_buff *skb, const struct hg_conn *conn)
{
	u32 now = jiffies;
	s32 left = READ_ONCE(conn->expires) - now;

	if (nla_put_u32(skb, HEADGATE_A_CONN_TIMEOUT,
			to_msecs(READ_ONCE(conn->timeout))) ||
	    nla_put_u32(skb, HEADGATE_A_CONN_EXPIRES, to_msecs(max(left, 0))) ||
	    nla_put_u32(skb, HEADGATE_A_CONN_AGE, to_msecs(now - conn->born)))
		return -EMSGSIZE;
	return 0;
}

static int put_conn_server(struct sk_buff *skb, const struct hg_server *server)
{
	if (nla_put_u8(skb, HEADGATE_A_CONN_SERVER_FAMILY, server->af) ||
	    hg_dump_put_address(skb, HEADGATE_A_CONN_SERVER_ADDRESS, server->af,
				&server->addr) ||
	    nla_put_u16(skb, HEADGATE_A_CONN_SERVER_PORT, ntohs(server->port)))
		return -EMSGSIZE;
	return 0;
}

int hg_dump_put_conn(struct sk_buff *skb, const struct hg_conn *conn, u32 word)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_CONN);
	const struct hg_key *key = &conn->orig.key;

	if (!nest || nla_put_u8(skb, HEADGATE_A_CONN_FAMILY, key->af) ||
	    nla_put_u8(skb, HEADGATE_A_CONN_PROTOCOL, key->proto) ||
	    hg_dump_put_address(skb, HEADGATE_A_CONN_CLIENT_ADDRESS, key->af,
				&key->src) ||
	    nla_put_u16(skb, HEADGATE_A_CONN_CLIENT_PORT, ntohs(key->sport)) ||
	    hg_dump_put_address(skb, HEADGATE_A_CONN_SERVICE_ADDRESS, key->af,
				&key->dst) ||
	    nla_put_u16(skb, HEADGATE_A_CONN_SERVICE_PORT, ntohs(key->dport)) ||
	    put_conn_server(skb, conn->server) ||
	    nla_put_u8(skb, HEADGATE_A_CONN_MODE, hg_word_mode(word)) ||
	    nla_put_u8(skb, HEADGATE_A_CONN_STATE, hg_word_state(word)) ||
	    nla_put_u32(skb, HEADGATE_A_CONN_FLAGS, flags_of(word)) ||
	    put_times(skb, conn))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Puts the conn, if it is wanted, unless it is over. */
static int dump_conn(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct hg_filter *filter, const struct hg_conn *conn)
{
	u32 word = READ_ONCE(conn->word);
	void *hdr;

	if (word & HG_CONN_DEAD || hg_conn_over(conn) || !hg_filter_match(conn, filter))
		return 0;
	hdr = hg_dump_begin(skb, cb, HEADGATE_CMD_GET_CONN);
	if (!hdr)
		return -EMSGSIZE;
	return hg_dump_end(skb, cb, hdr, hg_dump_put_conn(skb, conn, word));
}

/* The skb is full at the conn that the walk met last. */
static void rewind_full(struct sk_buff *skb, struct netlink_callback *cb,
			struct hg_walk *walk, const struct begun *at)
{
	if (!at->len) {	/* the bucket fills it alone */
		hg_walk_back(walk);
		return;
	}
	/* The walk meets it again. */
	nlmsg_trim(skb, skb->data + at->len);
	cb->prev_seq = at->prev_seq;
	hg_walk_rewind(walk);
}

/* Walks a stretch.  0, or -EMSGSIZE: the skb is full. */
static int dump_stretch(struct sk_buff *skb, struct netlink_callback *cb,
			struct dump *dump)
{
	struct hg_walk *walk = &dump->walk;
	struct begun at = {};
	struct hg_conn *conn;
	int err = 0;

	hg_walk_start(walk);
	while (!err && (conn = hg_walk_next(walk))) {
		if (walk->bucket != at.bucket)
			at = (struct begun){ walk->bucket, skb->len, cb->prev_seq };
		cb->seq = 1 + walk->moves;
		err = dump_conn(skb, cb, &dump->filter, conn);
		if (err)
			rewind_full(skb, cb, walk, &at);
	}
	hg_walk_stop(walk);
	cb->seq = 1 + walk->moves;	/* 0 would be no sequence at all */
	return err;
}

static struct dump **dump_of(struct netlink_callback *cb)
{
	return (struct dump **)cb->ctx;
}

int hg_dump_conns_start(struct netlink_callback *cb)
{
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));
	struct dump *dump;
	int err;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump)
		return -ENOMEM;
	err = hg_filter_parse(genl_info_dump(cb)->attrs, &dump->filter, cb->extack);
	if (err) {
		kfree(dump);
		return err;
	}
	/* Who joined the group before sees each conn, here or there. */
	hg_event_listen(ns);
	hg_walk_init(&dump->walk, ns, STRIDE);
	*dump_of(cb) = dump;
	return 0;
}

int hg_dump_conns(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *dump = *dump_of(cb);
	int err = 0;

	/* A filter may take few of a million. */
	while (!err && !dump->walk.end) {
		err = fatal_signal_pending(current) ? -EINTR :
						      dump_stretch(skb, cb, dump);
		cond_resched();
	}
	return skb->len ?: err;
}

int hg_dump_conns_done(struct netlink_callback *cb)
{
	hg_walk_uninit(&(*dump_of(cb))->walk);
	kfree(*dump_of(cb));
	return 0;
}
