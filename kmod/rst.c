// SPDX-License-Identifier: GPL-2.0
/*
 * RSTs of our own making.  They go to the wire by dst_output(), past LOCAL_OUT, so
 * that our hooks do not take them for a client's or a server's, and past conntrack.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/tcp.h>

#include "conn.h"
#include "net.h"
#include "rst.h"
#include "xmit.h"

/* What it says.  Without has_ack it bears no acknowledgment. */
struct rst {
	u32	seq;
	u32	ack;
	bool	has_ack;
};

static void put_tcp(struct sk_buff *skb, const struct hg_key *key, const struct rst *rst)
{
	struct tcphdr *th = skb_put_zero(skb, sizeof(*th));

	skb_set_transport_header(skb, skb->len - sizeof(*th));
	th->source = key->sport;
	th->dest = key->dport;
	th->seq = htonl(rst->seq);
	th->ack_seq = htonl(rst->has_ack ? rst->ack : 0);
	th->doff = sizeof(*th) / 4;
	th->rst = 1;
	th->ack = rst->has_ack;
}

static void put_ip4(struct sk_buff *skb, const struct hg_net *ns,
		    const struct hg_key *key)
{
	struct iphdr *iph = skb_put_zero(skb, sizeof(*iph));

	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tot_len = htons(sizeof(*iph) + sizeof(struct tcphdr));
	iph->frag_off = htons(IP_DF);
	iph->ttl = READ_ONCE(ns->net->ipv4.sysctl_ip_default_ttl);
	iph->protocol = IPPROTO_TCP;
	iph->saddr = key->src.ip;
	iph->daddr = key->dst.ip;
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

static void put_ip6(struct sk_buff *skb, const struct hg_net *ns,
		    const struct hg_key *key)
{
	struct ipv6hdr *ip6h = skb_put_zero(skb, sizeof(*ip6h));

	ip6_flow_hdr(ip6h, 0, 0);
	ip6h->payload_len = htons(sizeof(struct tcphdr));
	ip6h->nexthdr = IPPROTO_TCP;
	ip6h->hop_limit = READ_ONCE(ns->net->ipv6.devconf_all->hop_limit);
	ip6h->saddr = key->src.in6;
	ip6h->daddr = key->dst.in6;
	skb->protocol = htons(ETH_P_IPV6);
}

static void put_checksum(struct sk_buff *skb, const struct hg_key *key)
{
	struct tcphdr *th = tcp_hdr(skb);
	__wsum sum = csum_partial(th, sizeof(*th), 0);

	if (key->af == AF_INET)
		th->check = csum_tcpudp_magic(key->src.ip, key->dst.ip, sizeof(*th),
					      IPPROTO_TCP, sum);
	else
		th->check = csum_ipv6_magic(&key->src.in6, &key->dst.in6, sizeof(*th),
					    IPPROTO_TCP, sum);
}

/* With room for a tunnel's headers; NULL: no memory. */
static struct sk_buff *build(const struct hg_net *ns, const struct hg_key *key,
			     const struct rst *rst)
{
	struct sk_buff *skb = alloc_skb(MAX_TCP_HEADER, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_TCP_HEADER - sizeof(struct ipv6hdr) - sizeof(struct tcphdr));
	skb_reset_network_header(skb);
	if (key->af == AF_INET)
		put_ip4(skb, ns, key);
	else
		put_ip6(skb, ns, key);
	put_tcp(skb, key, rst);
	put_checksum(skb, key);
	return skb;
}

static void to_client(struct hg_net *ns, struct hg_conn *conn,
		      const struct rst *rst)
{
	struct hg_ctx ctx = { .ns = ns, .hook = NF_INET_LOCAL_OUT };

	hg_key_reverse(&ctx.p.key, &conn->orig.key);
	ctx.skb = build(ns, &ctx.p.key, rst);
	if (ctx.skb)
		hg_xmit_routed(&ctx);
}

static void to_server(struct hg_net *ns, struct hg_conn *conn,
		      const struct rst *rst)
{
	struct hg_ctx ctx = { .ns = ns, .hook = NF_INET_LOCAL_OUT };

	if (hg_word_mode(READ_ONCE(conn->word)) == HEADGATE_MODE_NAT)
		hg_key_reverse(&ctx.p.key, &hg_conn_nat(conn)->reply.key);
	else
		ctx.p.key = conn->orig.key;
	ctx.skb = build(ns, &ctx.p.key, rst);
	if (ctx.skb)
		hg_xmit_made(&ctx, conn);
}

/* What the client expects next.  NAT knows what the server has sent; else there is
 * what the client acknowledged last, which may lie a little behind.
 */
static u32 client_expects(struct hg_conn *conn)
{
	u32 seq_end = 0;

	if (hg_word_mode(READ_ONCE(conn->word)) == HEADGATE_MODE_NAT)
		seq_end = READ_ONCE(hg_conn_nat(conn)->seq_end);
	return seq_end ?: READ_ONCE(conn->ack);
}

/* A client whose SYN was not answered yet looks at the acknowledgment, any other at
 * the sequence number.
 */
void hg_rst_client(struct hg_net *ns, struct hg_conn *conn)
{
	struct rst rst = {
		.seq = client_expects(conn),
		.ack = READ_ONCE(conn->seq_end),
		.has_ack = true,
	};

	to_client(ns, conn, &rst);
}

/* Without an acknowledgment: one that is not exact would keep a server that waits
 * for the last ACK of the handshake from taking it.
 */
void hg_rst_server(struct hg_net *ns, struct hg_conn *conn)
{
	struct rst rst = { .seq = READ_ONCE(conn->seq_end) };

	to_server(ns, conn, &rst);
}

/* RFC 9293, section 3.10.7.1: as if there were no connection. */
void hg_rst_answer(const struct hg_ctx *ctx, struct hg_conn *conn,
		   enum hg_dir dir)
{
	const struct hg_packet *p = &ctx->p;
	struct rst rst = {
		.seq = p->has_ack ? p->ack : 0,
		.ack = p->seq_end,
		.has_ack = !p->has_ack,
	};

	if (dir == HG_DIR_ORIG)
		to_client(ctx->ns, conn, &rst);
	else
		to_server(ctx->ns, conn, &rst);
}
