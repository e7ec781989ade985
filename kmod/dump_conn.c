// SPDX-License-Identifier: GPL-2.0
/*
 * The dump of conns.
 *
 * The table is walked while packets change it.  A walk that stops within a
 * bucket finds its place again by counting, so a conn that goes meanwhile would
 * make it step over another.  We therefore stop at the border of buckets: what
 * the skb cannot hold of a bucket is taken back, and the bucket is begun anew in
 * the next skb.  Only one that no skb holds whole is resumed by counting.
 *
 * A resize is told by -EAGAIN: the walk begins again in the new table, and
 * cb->seq moves, so that the next message says NLM_F_DUMP_INTR.
 */
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat.h"
#include "conn.h"
#include "dump.h"
#include "net.h"
#include "server.h"

/* Nodes looked at between two chances to reschedule. */
#define STRIDE	4096

/* Where the present bucket began, and what is to be put back to begin it anew. */
struct bucket {
	unsigned int	slot;
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
	       (word & HG_CONN_CHECK ? HEADGATE_CONN_F_CHECK : 0);
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

static int put_conn(struct sk_buff *skb, const struct hg_conn *conn, u32 word)
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

/* Puts the conn of a node, once, unless it is over. */
static int dump_node(struct sk_buff *skb, struct netlink_callback *cb,
		     struct hg_node *node)
{
	struct hg_conn *conn;
	void *hdr;
	u32 word;

	if (node->key.dir != HG_DIR_ORIG)
		return 0;
	conn = hg_conn_of(node);
	word = READ_ONCE(conn->word);
	if (word & HG_CONN_DEAD || hg_conn_over(conn))
		return 0;

	hdr = hg_dump_begin(skb, cb, HEADGATE_CMD_GET_CONN);
	if (!hdr)
		return -EMSGSIZE;
	return hg_dump_end(skb, cb, hdr, put_conn(skb, conn, word));
}

/* Takes back what the skb holds of the present bucket; the walk meets it again. */
static void rewind_bucket(struct sk_buff *skb, struct netlink_callback *cb,
			  struct rhashtable_iter *iter, const struct bucket *at)
{
	nlmsg_trim(skb, skb->data + at->len);
	cb->prev_seq = at->prev_seq;
	iter->p = NULL;
	iter->skip = 0;
}

/* The skb is full at the node that the walk returned last. */
static void rewind_full(struct sk_buff *skb, struct netlink_callback *cb,
			struct rhashtable_iter *iter, const struct bucket *at)
{
	if (at->len) {
		rewind_bucket(skb, cb, iter, at);
		return;
	}
	/* The bucket fills the skb alone: go on at this very node. */
	iter->p = NULL;
	iter->skip--;
}

/* Walks a stretch.  0: the end; -EAGAIN: there is more; -EMSGSIZE: skb full. */
static int dump_stretch(struct sk_buff *skb, struct netlink_callback *cb,
			struct rhashtable_iter *iter)
{
	struct bucket at = { .slot = UINT_MAX };
	struct hg_node *node;
	int n = 0, err = 0;

	if (rhashtable_walk_start_check(iter))
		cb->seq++;
	while ((node = rhashtable_walk_next(iter))) {
		if (IS_ERR(node)) {	/* another table */
			cb->seq++;
			at.slot = UINT_MAX;
			continue;
		}
		if (iter->slot != at.slot) {
			at = (struct bucket){ iter->slot, skb->len, cb->prev_seq };
			if (n > STRIDE) {
				rewind_bucket(skb, cb, iter, &at);
				err = -EAGAIN;
				break;
			}
		}
		n++;
		err = dump_node(skb, cb, node);
		if (err) {
			rewind_full(skb, cb, iter, &at);
			break;
		}
	}
	rhashtable_walk_stop(iter);
	return err;
}

static struct rhashtable_iter **iter_of(struct netlink_callback *cb)
{
	return (struct rhashtable_iter **)cb->ctx;
}

int hg_dump_conns_start(struct netlink_callback *cb)
{
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));
	struct rhashtable_iter *iter;

	iter = kzalloc(sizeof(*iter), GFP_KERNEL_ACCOUNT);
	if (!iter)
		return -ENOMEM;
	rhashtable_walk_enter(&ns->conns, iter);
	*iter_of(cb) = iter;
	cb->seq = 1;	/* 0 would be no sequence at all */
	return 0;
}

int hg_dump_conns(struct sk_buff *skb, struct netlink_callback *cb)
{
	int err;

	do {
		err = dump_stretch(skb, cb, *iter_of(cb));
		cond_resched();
	} while (err == -EAGAIN);
	return skb->len ?: err;
}

int hg_dump_conns_done(struct netlink_callback *cb)
{
	rhashtable_walk_exit(*iter_of(cb));
	kfree(*iter_of(cb));
	return 0;
}
