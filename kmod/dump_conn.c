// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "conn.h"
#include "dump.h"
#include "event.h"
#include "filter.h"
#include "net.h"
#include "server.h"

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
			hg_dump_msecs(READ_ONCE(conn->timeout))) ||
	    nla_put_u32(skb, HEADGATE_A_CONN_EXPIRES, hg_dump_msecs(max(left, 0))) ||
	    nla_put_u32(skb, HEADGATE_A_CONN_AGE, hg_dump_msecs(now - conn->born)))
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

/* Puts the conn of its original node, if it is wanted, unless it is over. */
static int dump_conn(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct hg_filter *filter, void *node)
{
	const struct hg_conn *conn = hg_conn_of(node);
	u32 word = READ_ONCE(conn->word);
	void *hdr;

	if (node != &conn->orig)
		return 0;
	if (word & HG_CONN_DEAD || hg_conn_over(conn) || !hg_filter_match(conn, filter))
		return 0;
	hdr = hg_dump_begin(skb, cb, HEADGATE_CMD_GET_CONN);
	if (!hdr)
		return -EMSGSIZE;
	return hg_dump_end(skb, cb, hdr, hg_dump_put_conn(skb, conn, word));
}

int hg_dump_conns_start(struct netlink_callback *cb)
{
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));

	/* Who joined the group before sees each conn, here or there. */
	hg_event_listen(ns);
	return hg_dump_table_start(cb, &ns->conns, dump_conn);
}
