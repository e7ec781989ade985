// SPDX-License-Identifier: GPL-2.0
/*
 * An ICMP error quotes the packet it is about, as that was where the error arose,
 * and travels against it.  So the quoted packet's key turned around is that of a
 * packet travelling with the error, and finds the conn: by its original key, when
 * the quoted packet was a reply (the error goes to the server); by its reply key,
 * when it was a NAT request (the error goes to the client).
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/icmp.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "conn.h"
#include "endpoint.h"
#include "icmp.h"
#include "net.h"
#include "server.h"
#include "xmit.h"

/* ICMP and ICMPv6 alike: what is quoted comes after 8 bytes. */
#define ICMP_LEN	8

static struct hg_node *find(struct hg_ctx *ctx, struct hg_packet *quoted)
{
	struct hg_key key;

	if (!hg_packet_parse_quoted(ctx->skb, ctx->p.key.af, ctx->p.thoff + ICMP_LEN,
				    quoted))
		return NULL;
	hg_key_reverse(&key, &quoted->key);
	return hg_conn_lookup(ctx->ns, &key);
}

static __sum16 checksum(const struct hg_ctx *ctx)
{
	unsigned int len = ctx->skb->len - ctx->p.thoff;
	__wsum sum = skb_checksum(ctx->skb, ctx->p.thoff, len, 0);
	const struct ipv6hdr *ip6h;

	if (ctx->p.key.af == AF_INET)
		return csum_fold(sum);
	ip6h = ipv6_hdr(ctx->skb);
	return csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len, IPPROTO_ICMPV6, sum);
}

/* Before it is translated, lest a broken error be made into a good one. */
static bool checksum_ok(const struct hg_ctx *ctx)
{
	return skb_csum_unnecessary(ctx->skb) ||
	       ctx->skb->ip_summed == CHECKSUM_PARTIAL || !checksum(ctx);
}

static void replace_addr(union nf_inet_addr *field, const union nf_inet_addr *addr,
			 u8 af, __sum16 *check)
{
	unsigned int i, words = af == AF_INET ? 1 : 4;

	for (i = 0; i < words; i++) {
		if (check)
			csum_replace4(check, (__force __be32)field->all[i],
				      (__force __be32)addr->all[i]);
		field->all[i] = addr->all[i];
	}
}

/* The transport checksum that is quoted, where the quotation reaches so far. */
static __sum16 *quoted_check(struct sk_buff *skb, const struct hg_packet *quoted,
			     unsigned int writable)
{
	void *th = skb->data + quoted->thoff;
	struct udphdr *uh = th;

	if (quoted->key.proto == IPPROTO_UDP)
		return uh->check ? &uh->check : NULL;
	if (writable < quoted->thoff + offsetofend(struct tcphdr, check))
		return NULL;
	return &((struct tcphdr *)th)->check;
}

/* Makes the quoted packet what its sender knows: another source or destination. */
static void rewrite_quoted(struct sk_buff *skb, const struct hg_packet *quoted,
			   unsigned int writable, const union nf_inet_addr *addr,
			   __be16 port, bool dst)
{
	__sum16 *check = quoted_check(skb, quoted, writable);
	__be16 *ports = (__be16 *)(skb->data + quoted->thoff);
	void *nh = skb->data + quoted->nhoff;
	struct ipv6hdr *ip6h = nh;
	struct iphdr *iph = nh;
	void *field;

	if (check)
		csum_replace2(check, ports[dst], port);
	ports[dst] = port;
	if (quoted->key.af == AF_INET) {
		__be32 old = dst ? iph->daddr : iph->saddr;

		csum_replace4(&iph->check, old, addr->ip);
		field = dst ? &iph->daddr : &iph->saddr;
	} else {
		field = dst ? &ip6h->daddr : &ip6h->saddr;
	}
	replace_addr(field, addr, quoted->key.af, check);
}

static void rewrite_outer(struct sk_buff *skb, u8 af, const union nf_inet_addr *addr,
			  bool dst)
{
	struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct iphdr *iph = ip_hdr(skb);

	if (af == AF_INET)
		replace_addr(dst ? (void *)&iph->daddr : (void *)&iph->saddr, addr, af,
			     &iph->check);
	else
		replace_addr(dst ? (void *)&ip6h->daddr : (void *)&ip6h->saddr, addr, af,
			     NULL);
}

/* Computed anew: the rewritten parts lie anywhere in what it covers. */
static void finish_checksum(struct hg_ctx *ctx)
{
	__sum16 *check = (__sum16 *)(skb_network_header(ctx->skb) + ctx->p.thoff + 2);

	BUILD_BUG_ON(offsetof(struct icmphdr, checksum) != 2);
	BUILD_BUG_ON(offsetof(struct icmp6hdr, icmp6_cksum) != 2);
	*check = 0;
	*check = checksum(ctx);
	ctx->skb->ip_summed = CHECKSUM_NONE;
}

static enum hg_verdict translate(struct hg_ctx *ctx, const struct hg_packet *quoted,
				 const union nf_inet_addr *addr, __be16 port, bool dst)
{
	unsigned int writable = min_t(unsigned int, ctx->skb->len,
				      quoted->thoff + sizeof(struct tcphdr));

	if (skb_ensure_writable(ctx->skb, writable))
		return hg_drop(ctx, HEADGATE_DROP_NO_MEMORY);
	rewrite_quoted(ctx->skb, quoted, writable, addr, port, dst);
	rewrite_outer(ctx->skb, ctx->p.key.af, addr, !dst);
	finish_checksum(ctx);
	return HG_PASS;
}

/* About a reply: to the server.  With direct and tunnel the server sent the quoted
 * packet as it is.
 */
static enum hg_verdict to_server(struct hg_ctx *ctx, struct hg_conn *conn,
				 const struct hg_packet *quoted)
{
	const struct hg_server *server = conn->server;
	enum hg_verdict verdict = HG_PASS;

	if (ctx->hook == NF_INET_FORWARD)
		return HG_PASS;
	if (hg_word_mode(READ_ONCE(conn->word)) == HEADGATE_MODE_NAT)
		verdict = translate(ctx, quoted, &server->addr, server->port, false);
	return verdict == HG_PASS ? hg_xmit_icmp(ctx, conn) : verdict;
}

/* About a NAT request: to the client, who knows only the VIP. */
static enum hg_verdict to_client(struct hg_ctx *ctx, const struct hg_conn *conn,
				 const struct hg_packet *quoted)
{
	return translate(ctx, quoted, &conn->orig.key.dst, conn->orig.key.dport, true);
}

/**
 * struct outer - our own tunnel packet that an error quotes
 * @inner_af: family of the client's packet in it
 * @inner_off: where that begins, counted from skb->data
 * @server: the tunnel's far end
 * @mtu: what the error asks for; 0 of a router that does not say (RFC 1191)
 * @too_big: it is about the size
 */
struct outer {
	union nf_inet_addr	server;
	unsigned int		inner_off;
	u32			mtu;
	u8			inner_af;
	bool			too_big;
};

static bool inner_family(u8 proto, struct outer *o)
{
	o->inner_af = proto == IPPROTO_IPIP ? AF_INET : AF_INET6;
	return proto == IPPROTO_IPIP || proto == IPPROTO_IPV6;
}

static bool parse_outer4(const struct hg_ctx *ctx, struct outer *o)
{
	unsigned int off = ctx->p.thoff + ICMP_LEN;
	const struct icmphdr *ih;
	const struct iphdr *iph;
	struct icmphdr ibuf;
	struct iphdr buf;

	ih = skb_header_pointer(ctx->skb, ctx->p.thoff, sizeof(ibuf), &ibuf);
	iph = skb_header_pointer(ctx->skb, off, sizeof(buf), &buf);
	if (!ih || !iph || iph->version != 4 || iph->ihl != 5)
		return false;
	o->server.ip = iph->daddr;
	o->inner_off = off + sizeof(*iph);
	o->too_big = ih->type == ICMP_DEST_UNREACH && ih->code == ICMP_FRAG_NEEDED;
	o->mtu = ntohs(ih->un.frag.mtu);
	/* We sent it: the error comes to where it came from. */
	return iph->saddr == ctx->p.key.dst.ip && inner_family(iph->protocol, o);
}

static bool parse_outer6(const struct hg_ctx *ctx, struct outer *o)
{
	unsigned int off = ctx->p.thoff + ICMP_LEN;
	const struct icmp6hdr *ih;
	const struct ipv6hdr *ip6h;
	struct icmp6hdr ibuf;
	struct ipv6hdr buf;

	ih = skb_header_pointer(ctx->skb, ctx->p.thoff, sizeof(ibuf), &ibuf);
	ip6h = skb_header_pointer(ctx->skb, off, sizeof(buf), &buf);
	if (!ih || !ip6h || ip6h->version != 6)
		return false;
	o->server.in6 = ip6h->daddr;
	o->inner_off = off + sizeof(*ip6h);
	o->too_big = ih->icmp6_type == ICMPV6_PKT_TOOBIG;
	o->mtu = ntohl(ih->icmp6_mtu);
	return ipv6_addr_equal(&ip6h->saddr, &ctx->p.key.dst.in6) &&
	       inner_family(ip6h->nexthdr, o);
}

static bool parse_outer(const struct hg_ctx *ctx, struct outer *o)
{
	bool ok;

	if (ctx->hook != NF_INET_LOCAL_IN && ctx->hook != NF_INET_PRE_ROUTING)
		return false;
	memset(o, 0, sizeof(*o));
	ok = ctx->p.key.af == AF_INET ? parse_outer4(ctx, o) : parse_outer6(ctx, o);
	return ok && hg_endpoint_is_tunnel(ctx->ns, ctx->p.key.af, &o->server);
}

/* Is the quoted inner packet, as far as it is there, one of a tunnel conn to that
 * very server?  Only then its client is told.
 */
static bool inner_is_ours(struct hg_ctx *ctx, const struct outer *o)
{
	const struct hg_server *server;
	struct hg_packet inner;
	struct hg_node *node;

	if (!hg_packet_parse_quoted(ctx->skb, o->inner_af, o->inner_off, &inner))
		return false;
	node = hg_conn_lookup(ctx->ns, &inner.key);
	if (!node || node->key.dir != HG_DIR_ORIG)
		return false;
	server = hg_conn_of(node)->server;
	return server->af == ctx->p.key.af &&
	       !memcmp(&server->addr, &o->server, sizeof(o->server));
}

/* The routing code wants the quoted packet at skb->data. */
static void update_pmtu(struct hg_ctx *ctx, u32 mtu)
{
	struct net *net = ctx->ns->net;

	if (ctx->p.key.af == AF_INET)
		ipv4_update_pmtu(ctx->skb, net, mtu, 0, IPPROTO_IPIP);
	else
		ip6_update_pmtu(ctx->skb, net, htonl(mtu), 0, 0,
				sock_net_uid(net, NULL));
}

/* The ICMP code answers a packet that has come in by a route of its own family.  Of
 * the error's family it has one; of the other it is given the way back to the client
 * (IPv4), or none (IPv6), where the device tells the namespace.
 */
static bool reroute(struct hg_ctx *ctx, const struct outer *o)
{
	struct sk_buff *skb = ctx->skb;
	struct rtable *rt;

	if (o->inner_af == AF_INET) {
		struct flowi4 fl4 = {
			.daddr = ip_hdr(skb)->saddr,
		};

		rt = ip_route_output_key(ctx->ns->net, &fl4);
		if (IS_ERR(rt))
			return false;
		skb_dst_drop(skb);
		skb_dst_set(skb, &rt->dst);
		skb->protocol = htons(ETH_P_IP);
	} else {
		skb_dst_drop(skb);
		skb->protocol = htons(ETH_P_IPV6);
	}
	return true;
}

/* No path's MTU is taken for smaller than that (net.ipv4.route.min_pmtu, as it is when
 * nobody has changed it; RFC 8200, section 5): else one made-up error would cut all
 * packets small.
 */
#define MIN_PMTU4	552
#define MIN_PMTU6	IPV6_MIN_MTU

static u32 inner_mtu(u8 outer_af, const struct outer *o)
{
	u32 mtu = max_t(u32, o->mtu, outer_af == AF_INET ? MIN_PMTU4 : MIN_PMTU6);

	mtu -= hg_tunnel_overhead(outer_af);
	return o->inner_af == AF_INET ? mtu : max_t(u32, mtu, IPV6_MIN_MTU);
}

/* The client behind our tunnel packet hears of it now when the error quotes enough;
 * else its next large packet is answered by us.
 */
static void tell_client(struct hg_ctx *ctx, const struct outer *o)
{
	u32 mtu = inner_mtu(ctx->p.key.af, o);
	struct sk_buff *skb = ctx->skb;

	if (o->inner_af != ctx->p.key.af && !reroute(ctx, o))
		return;
	if (o->inner_af == AF_INET) {
		memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	} else {
		memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
		IP6CB(skb)->iif = skb->dev->ifindex;
	}
	hg_xmit_error(skb, o->inner_af, o->too_big ? HG_ERROR_TOO_BIG : HG_ERROR_HOST, mtu);
}

static enum hg_verdict about_tunnel(struct hg_ctx *ctx, const struct outer *o)
{
	unsigned int quoted = ctx->p.thoff + ICMP_LEN;
	bool tell = inner_is_ours(ctx, o);
	unsigned int linear = o->inner_off;
	struct sk_buff *skb = ctx->skb;

	/* The ICMP code reads the header in place. */
	if (tell)
		linear += o->inner_af == AF_INET ? sizeof(struct iphdr) :
						   sizeof(struct ipv6hdr);
	if (!pskb_may_pull(skb, linear))
		return hg_drop(ctx, HEADGATE_DROP_NO_MEMORY);
	if (o->too_big) {
		__skb_pull(skb, quoted);
		skb_reset_network_header(skb);
		update_pmtu(ctx, o->mtu);
		__skb_push(skb, quoted);
		skb_reset_network_header(skb);
	}
	if (tell) {
		__skb_pull(skb, o->inner_off);
		skb_reset_network_header(skb);
		tell_client(ctx, o);
	}
	/* No one else on this host sent the packet it quotes. */
	consume_skb(skb);
	return HG_STOLEN;
}

enum hg_verdict hg_icmp_error(struct hg_ctx *ctx)
{
	struct hg_packet quoted;
	struct hg_conn *conn;
	struct hg_node *node;
	struct outer o;

	if (parse_outer(ctx, &o))
		return checksum_ok(ctx) ? about_tunnel(ctx, &o) : HG_PASS;
	node = find(ctx, &quoted);
	if (!node || !checksum_ok(ctx))
		return HG_PASS;
	conn = hg_conn_of(node);
	if (node->key.dir == HG_DIR_ORIG)
		return to_server(ctx, conn, &quoted);
	return to_client(ctx, conn, &quoted);
}

bool hg_icmp_ours(struct hg_ctx *ctx)
{
	struct hg_packet quoted;
	struct hg_node *node;
	struct outer o;

	if (parse_outer(ctx, &o))
		return true;
	node = find(ctx, &quoted);
	return node && hg_word_mode(READ_ONCE(hg_conn_of(node)->word)) !=
		       HEADGATE_MODE_LOCAL;
}
