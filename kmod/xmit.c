// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "compat.h"
#include "conn.h"
#include "net.h"
#include "route.h"
#include "server.h"
#include "xmit.h"

static void error4(struct sk_buff *skb, enum hg_error error, u32 mtu)
{
	switch (error) {
	case HG_ERROR_PORT:
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
		break;
	case HG_ERROR_HOST:
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
		break;
	case HG_ERROR_TTL:
		icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		break;
	case HG_ERROR_TOO_BIG:
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
		break;
	}
}

static void error6(struct sk_buff *skb, enum hg_error error, u32 mtu)
{
	struct net_device *dev = skb->dev;

	/* A local client's packet has no device yet, and icmpv6_send() needs one. */
	if (!dev)
		skb->dev = skb_dst(skb)->dev;
	switch (error) {
	case HG_ERROR_PORT:
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
		break;
	case HG_ERROR_HOST:
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
		break;
	case HG_ERROR_TTL:
		icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
		break;
	case HG_ERROR_TOO_BIG:
		icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
		break;
	}
	skb->dev = dev;
}

void hg_xmit_error(struct sk_buff *skb, u8 af, enum hg_error error, u32 mtu)
{
	if (af == AF_INET)
		error4(skb, error, mtu);
	else
		error6(skb, error, mtu);
}

/* Larger than the way to the server takes, and not to be cut?  As ip_forward() and
 * ip6_forward() see it: a reassembled packet goes by its largest fragment.
 */
static bool too_big4(const struct sk_buff *skb, u32 mtu)
{
	if (skb->len <= mtu || !(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return false;
	if (IPCB(skb)->frag_max_size > mtu)
		return true;
	if (skb->ignore_df)
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

static bool too_big6(const struct sk_buff *skb, u32 mtu)
{
	if (skb->len <= mtu)
		return false;
	if (IP6CB(skb)->frag_max_size)
		return IP6CB(skb)->frag_max_size > mtu;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

/* The largest packet of the client's that fits: what the path takes less what the
 * tunnel adds, and no less than every path must take (RFC 2473, section 7.1; the
 * outer packet is cut then).
 */
static u32 mtu_of(const struct hg_ctx *ctx, const struct hg_server *server,
		  const struct hg_route *route, u8 mode)
{
	u32 mtu = dst_mtu(route->dst), least;

	if (mode != HEADGATE_MODE_TUNNEL)
		return mtu;
	least = ctx->p.key.af == AF_INET ? IPV4_MIN_MTU : IPV6_MIN_MTU;
	return max(least, mtu - hg_tunnel_overhead(server->af));
}

static bool too_big(const struct hg_ctx *ctx, u32 mtu)
{
	return ctx->p.key.af == AF_INET ? too_big4(ctx->skb, mtu) :
					  too_big6(ctx->skb, mtu);
}

static bool forwarded(const struct hg_ctx *ctx)
{
	return ctx->hook == NF_INET_LOCAL_IN;
}

static u8 ttl_of(const struct hg_ctx *ctx)
{
	return ctx->p.key.af == AF_INET ? ip_hdr(ctx->skb)->ttl :
					  ipv6_hdr(ctx->skb)->hop_limit;
}

static void decrease_ttl(struct hg_ctx *ctx)
{
	if (ctx->p.key.af == AF_INET)
		ip_decrease_ttl(ip_hdr(ctx->skb));
	else
		ipv6_hdr(ctx->skb)->hop_limit--;
}

/* Somebody may have changed a local packet since it was read: what the rewrite
 * relies on has to stand as it stood.
 */
static bool unchanged(const struct sk_buff *skb, const struct hg_packet *p)
{
	const __be16 *ports = (const __be16 *)(skb->data + p->thoff);

	if (p->key.af == AF_INET && p->nhoff + ip_hdrlen(skb) != p->thoff)
		return false;
	if (p->kind != HG_KIND_FLOW)
		return true;
	return ports[0] == p->key.sport && ports[1] == p->key.dport;
}

/* From here on the packet may be written to, up to and with the transport header. */
static enum hg_verdict make_writable(struct hg_ctx *ctx)
{
	if (skb_ensure_writable(ctx->skb, ctx->p.thoff + ctx->p.thlen))
		return hg_drop(ctx, HEADGATE_DROP_NO_MEMORY);
	if (!unchanged(ctx->skb, &ctx->p))
		return hg_drop(ctx, HEADGATE_DROP_MALFORMED);
	return HG_PASS;
}

/* conntrack has seen the opener, for the firewall's rules, and is to forget it:
 * nothing of this conn will be tracked.
 */
static void untrack(struct sk_buff *skb)
{
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

/* Makes the packet ready to leave by @dst. */
static void prepare(struct hg_ctx *ctx, struct dst_entry *dst)
{
	struct sk_buff *skb = ctx->skb;

	if (forwarded(ctx)) {
		skb_forward_csum(skb);
		skb_clear_tstamp(skb);
		skb_orphan(skb);
	}
	untrack(skb);
	skb_dst_drop(skb);
	/* The hook's RCU section holds it; whoever queues the packet takes a
	 * reference of its own.
	 */
	skb_dst_set_noref(skb, dst);
}

/* By @route to the server; what NAT changes has been changed.  The packet is being
 * forwarded, whatever it is wrapped in: POST_ROUTING sees it, LOCAL_OUT does not.
 */
static enum hg_verdict send(struct hg_ctx *ctx, const struct hg_server *server,
			    const struct hg_route *route, u8 mode)
{
	if (route->local) {
		untrack(ctx->skb);
		return HG_PASS;
	}
	if (forwarded(ctx))
		decrease_ttl(ctx);
	if (mode == HEADGATE_MODE_TUNNEL &&
	    !hg_tunnel_push(ctx->skb, &ctx->p, route, server->af, &server->addr,
			    dst_mtu(route->dst)))
		return hg_drop(ctx, HEADGATE_DROP_NO_MEMORY);
	prepare(ctx, route->dst);
	dst_output(ctx->ns->net, ctx->skb->sk, ctx->skb);
	return HG_STOLEN;
}

static enum hg_verdict refuse(struct hg_ctx *ctx, enum headgate_drop reason,
			      enum hg_error error, u32 mtu)
{
	hg_xmit_error(ctx->skb, ctx->p.key.af, error, mtu);
	return hg_drop(ctx, reason);
}

/* No way at all, or one that the mode cannot take. */
static bool no_way(const struct hg_route *route, u8 mode, enum headgate_drop *reason)
{
	*reason = HEADGATE_DROP_NO_ROUTE;
	if (!route || (route->local && mode != HEADGATE_MODE_NAT))
		return true;
	*reason = HEADGATE_DROP_NOT_ON_LINK;
	return route->gateway && mode == HEADGATE_MODE_DIRECT;
}

/* Can the packet go this way?  It has not been written to yet, so an ICMP
 * error quotes it as the client sent it.
 */
static enum hg_verdict check_way(struct hg_ctx *ctx, const struct hg_server *server,
				 const struct hg_route *route, u8 mode)
{
	enum headgate_drop reason;
	u32 mtu;

	if (no_way(route, mode, &reason))
		return refuse(ctx, reason, HG_ERROR_HOST, 0);
	if (route->local)
		return HG_PASS;
	if (forwarded(ctx) && ttl_of(ctx) <= 1)
		return refuse(ctx, HEADGATE_DROP_TTL, HG_ERROR_TTL, 0);
	mtu = mtu_of(ctx, server, route, mode);
	if (too_big(ctx, mtu))
		return refuse(ctx, HEADGATE_DROP_TOO_BIG, HG_ERROR_TOO_BIG, mtu);
	return HG_PASS;
}

static void count(struct hg_ctx *ctx, const struct hg_conn *conn, u32 word,
		  enum hg_dir dir)
{
	if (!(word & HG_CONN_CHECK))
		hg_stats_packet(conn->server->counters, dir, ctx->skb, &ctx->p);
}

enum hg_verdict hg_xmit(struct hg_ctx *ctx, struct hg_conn *conn)
{
	struct hg_server *server = conn->server;
	u32 word = READ_ONCE(conn->word);
	u8 mode = hg_word_mode(word);
	enum hg_verdict verdict;
	struct hg_route *route;

	if (mode == HEADGATE_MODE_LOCAL) {
		count(ctx, conn, word, HG_DIR_ORIG);
		return HG_PASS;
	}
	route = hg_route_get(ctx->ns, server);
	verdict = check_way(ctx, server, route, mode);
	if (verdict != HG_PASS)
		return verdict;
	verdict = make_writable(ctx);
	if (verdict != HG_PASS)
		return verdict;
	count(ctx, conn, word, HG_DIR_ORIG);
	if (mode == HEADGATE_MODE_NAT)
		hg_nat_rewrite(ctx->skb, &ctx->p, &server->addr, server->port, true);
	return send(ctx, server, route, mode);
}

enum hg_verdict hg_xmit_reply(struct hg_ctx *ctx, struct hg_conn *conn)
{
	enum hg_verdict verdict = make_writable(ctx);

	if (verdict != HG_PASS)
		return verdict;
	count(ctx, conn, READ_ONCE(conn->word), HG_DIR_REPLY);
	hg_nat_rewrite(ctx->skb, &ctx->p, &conn->orig.key.dst, conn->orig.key.dport,
		       false);
	return HG_PASS;
}

enum hg_verdict hg_xmit_icmp(struct hg_ctx *ctx, struct hg_conn *conn)
{
	struct hg_server *server = conn->server;
	u8 mode = hg_word_mode(READ_ONCE(conn->word));
	enum headgate_drop reason;
	enum hg_verdict verdict;
	struct hg_route *route;

	if (mode == HEADGATE_MODE_LOCAL)
		return HG_PASS;
	/* Nobody is told what becomes of an error: RFC 1122, section 3.2.2. */
	route = hg_route_get(ctx->ns, server);
	if (no_way(route, mode, &reason))
		return hg_drop(ctx, reason);
	if (forwarded(ctx) && ttl_of(ctx) <= 1)
		return hg_drop(ctx, HEADGATE_DROP_TTL);
	verdict = make_writable(ctx);
	if (verdict != HG_PASS)
		return verdict;
	return send(ctx, server, route, mode);
}

static struct dst_entry *lookup4(struct net *net, const struct hg_key *key)
{
	/* From a client as well as from a VIP, which need not be an address of ours. */
	struct flowi4 fl4 = {
		.saddr = key->src.ip,
		.daddr = key->dst.ip,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct dst_entry *lookup6(struct net *net, const struct hg_key *key)
{
	struct flowi6 fl6 = {
		.saddr = key->src.in6,
		.daddr = key->dst.in6,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

void hg_xmit_routed(struct hg_ctx *ctx)
{
	const struct hg_key *key = &ctx->p.key;
	struct net *net = ctx->ns->net;
	struct dst_entry *dst;

	dst = key->af == AF_INET ? lookup4(net, key) : lookup6(net, key);
	if (!dst) {
		kfree_skb(ctx->skb);
		return;
	}
	untrack(ctx->skb);
	skb_dst_set(ctx->skb, dst);
	dst_output(net, NULL, ctx->skb);
}

void hg_xmit_made(struct hg_ctx *ctx, const struct hg_conn *conn)
{
	struct hg_server *server = conn->server;
	u8 mode = hg_word_mode(READ_ONCE(conn->word));
	enum headgate_drop reason;
	struct hg_route *route;

	if (mode == HEADGATE_MODE_LOCAL) {
		hg_xmit_routed(ctx);
		return;
	}
	route = hg_route_get(ctx->ns, server);
	if (no_way(route, mode, &reason) ||
	    (mode == HEADGATE_MODE_TUNNEL &&
	     !hg_tunnel_push(ctx->skb, &ctx->p, route, server->af, &server->addr,
			     dst_mtu(route->dst)))) {
		kfree_skb(ctx->skb);
		return;
	}
	prepare(ctx, route->dst);
	dst_output(ctx->ns->net, NULL, ctx->skb);
}
