// SPDX-License-Identifier: GPL-2.0
#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/nf_conntrack.h>

#include "conn.h"
#include "hook.h"
#include "icmp.h"
#include "kill.h"
#include "net.h"
#include "open.h"
#include "proto.h"
#include "server.h"
#include "xmit.h"

/* This host's ports come again sooner than its conns go, and a health check is to reach
 * its very server, others not the one of a check.
 */
static bool is_another_check(const struct hg_ctx *ctx, const struct hg_conn *conn,
			     u32 word)
{
	const struct hg_server *server;

	if (ctx->hook != NF_INET_LOCAL_OUT || !ctx->p.opener)
		return false;
	server = conn->server;
	return hg_checked_server(ctx, rcu_access_pointer(server->service)) !=
	       (word & HG_CONN_CHECK ? server : NULL);
}

/* What this host has sent to its mode local was counted on its way out. */
static bool was_here(const struct hg_ctx *ctx, u32 word)
{
	return hg_word_mode(word) == HEADGATE_MODE_LOCAL &&
	       ctx->hook == NF_INET_LOCAL_IN && ctx->skb->dev->flags & IFF_LOOPBACK;
}

static enum hg_verdict known(struct hg_ctx *ctx, struct hg_node *node)
{
	enum hg_dir dir = node->key.dir;
	struct hg_conn *conn = hg_conn_of(node);
	u32 word = READ_ONCE(conn->word);

	/* A request that is routed on is not for this host. */
	if (dir == HG_DIR_ORIG && (ctx->hook == NF_INET_FORWARD || was_here(ctx, word)))
		return HG_PASS;
	if (dir == HG_DIR_ORIG && (hg_proto_restarts(conn, &ctx->p) ||
				   is_another_check(ctx, conn, word))) {
		hg_conn_reap(ctx->ns, conn);
		return hg_open(ctx);
	}
	if (unlikely(word & HG_CONN_KILLED))
		return hg_kill_packet(ctx, conn, dir);
	if (!hg_proto_packet(ctx->ns, conn, &ctx->p, dir))
		return dir == HG_DIR_ORIG ? hg_open(ctx) : HG_PASS;
	return dir == HG_DIR_ORIG ? hg_xmit(ctx, conn) : hg_xmit_reply(ctx, conn);
}

/* The slow path: makes conns, and does everything odd. */
static enum hg_verdict slow(struct hg_ctx *ctx, u8 af)
{
	struct hg_node *node;

	hg_packet_parse(ctx->skb, af, &ctx->p);
	if (ctx->p.kind == HG_KIND_ICMP)
		return hg_icmp_error(ctx);
	if (ctx->p.kind != HG_KIND_FLOW)
		return HG_PASS;
	node = hg_conn_lookup(ctx->ns, &ctx->p.key);
	if (node)
		return known(ctx, node);
	return ctx->hook == NF_INET_FORWARD ? HG_PASS : hg_open(ctx);
}

/* Not by an initializer: what was read of the packet is written whole anyway. */
static void enter(struct hg_ctx *ctx, struct sk_buff *skb,
		  const struct nf_hook_state *state)
{
	ctx->skb = skb;
	ctx->ns = hg_net(state->net);
	ctx->hook = state->hook;
}

static unsigned int run_slow(struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct hg_ctx ctx;

	enter(&ctx, skb, state);
	switch (slow(&ctx, state->pf)) {
	case HG_PASS:
		return NF_ACCEPT;
	case HG_STOLEN:
		return NF_STOLEN;
	case HG_DROP:
		break;
	}
	return NF_DROP;
}

static unsigned int local_in(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	return skb->pkt_type == PACKET_HOST ? run_slow(skb, state) : NF_ACCEPT;
}

static unsigned int forward(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	/* br_netfilter shows bridged frames here too, which go out by a port.  What came
	 * in by one and is routed is marked as well, but has no such port.
	 */
	return nf_bridge_get_physoutdev(skb) ? NF_ACCEPT : run_slow(skb, state);
}

static unsigned int local_out(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	unsigned int verdict;

	/* From a process: our counters and locks are softirq's. */
	local_bh_disable();
	verdict = run_slow(skb, state);
	local_bh_enable();
	return verdict;
}

/* The answer to a check by direct or tunnel mode comes by us too, other than any client's:
 * the conn has no key for it.  Not inline: a new conn's first packet comes by here, and
 * is not to make room for the key.
 */
static noinline bool answers_check(const struct hg_ctx *ctx)
{
	struct hg_node *node;
	struct hg_key key;

	hg_key_reverse(&key, &ctx->p.key);
	node = hg_conn_lookup(ctx->ns, &key);
	return node && READ_ONCE(hg_conn_of(node)->word) & HG_CONN_CHECK;
}

/* Is the packet of a conn that conntrack is to leave alone?  An opener is not: the
 * firewall sees it as NEW.  The mode local leaves everything to the host's stack.
 */
static bool untracked(struct hg_ctx *ctx, u8 af)
{
	struct hg_node *node;

	hg_packet_parse(ctx->skb, af, &ctx->p);
	if (ctx->p.kind == HG_KIND_ICMP)
		return hg_icmp_ours(ctx);
	if (ctx->p.kind != HG_KIND_FLOW)
		return false;
	if (ctx->p.key.proto == IPPROTO_TCP && ctx->p.opener)
		return false;
	node = hg_conn_lookup(ctx->ns, &ctx->p.key);
	if (!node)
		return unlikely(READ_ONCE(ctx->ns->check_first)) && answers_check(ctx);
	return hg_word_mode(READ_ONCE(hg_conn_of(node)->word)) != HEADGATE_MODE_LOCAL;
}

/* Before conntrack; of no use where there is none. */
static unsigned int mark(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	struct hg_ctx ctx;

	if (!rcu_access_pointer(nf_ct_hook))
		return NF_ACCEPT;
	enter(&ctx, skb, state);
	if (untracked(&ctx, state->pf)) {
		nf_reset_ct(skb);
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	}
	return NF_ACCEPT;
}

static unsigned int mark_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	unsigned int verdict;

	/* As in local_out(). */
	local_bh_disable();
	verdict = mark(priv, skb, state);
	local_bh_enable();
	return verdict;
}

/* After raw (-300) and defragmentation (-400), before conntrack (-200). */
#define PRI_MARK	-299

#define HG_HOOK(fn, family, num, prio)		\
	{					\
		.hook		= fn,		\
		.pf		= family,	\
		.hooknum	= num,		\
		.priority	= prio,		\
	}

#define HG_HOOKS(family)						\
	HG_HOOK(mark, family, NF_INET_PRE_ROUTING, PRI_MARK),		\
	HG_HOOK(mark_out, family, NF_INET_LOCAL_OUT, PRI_MARK),		\
	HG_HOOK(local_in, family, NF_INET_LOCAL_IN, 98),		\
	HG_HOOK(forward, family, NF_INET_FORWARD, 100),			\
	HG_HOOK(local_out, family, NF_INET_LOCAL_OUT, -98)

static const struct nf_hook_ops hooks[] = {
	HG_HOOKS(NFPROTO_IPV4),
	HG_HOOKS(NFPROTO_IPV6),
};

/* Both families at once: a tunnel may join them. */
int hg_hook_net_start(struct hg_net *ns)
{
	int err;

	/* Replies in FORWARD and all of IPv6 come in fragments otherwise. */
	err = nf_defrag_ipv4_enable(ns->net);
	if (err)
		return err;
	err = nf_defrag_ipv6_enable(ns->net);
	if (err)
		goto defrag4;
	err = nf_register_net_hooks(ns->net, hooks, ARRAY_SIZE(hooks));
	if (err)
		goto defrag6;
	ns->hooked = true;
	return 0;

defrag6:
	nf_defrag_ipv6_disable(ns->net);
defrag4:
	nf_defrag_ipv4_disable(ns->net);
	return err;
}

void hg_hook_net_stop(struct hg_net *ns)
{
	if (!ns->hooked)
		return;
	ns->hooked = false;
	nf_unregister_net_hooks(ns->net, hooks, ARRAY_SIZE(hooks));
	nf_defrag_ipv6_disable(ns->net);
	nf_defrag_ipv4_disable(ns->net);
}
