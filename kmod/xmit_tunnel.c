// SPDX-License-Identifier: GPL-2.0
/*
 * IP in IP: RFC 2003 (4 in 4), RFC 4213 (6 in 4), RFC 2473 (4 and 6 in 6).  The outer
 * headers are made here: the tunnel devices' own helpers expect a device.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dst.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>

#include "route.h"
#include "xmit.h"

unsigned int hg_tunnel_overhead(u8 outer_af)
{
	return outer_af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

/* What the outer header takes over from the inner one. */
struct inner {
	u8	proto;
	u8	dsfield;
	bool	df;
};

static struct inner inner_of(const struct sk_buff *skb, u8 af, unsigned int len, u32 mtu)
{
	if (af == AF_INET)
		return (struct inner) {
			.proto = IPPROTO_IPIP,
			.dsfield = ipv4_get_dsfield(ip_hdr(skb)),
			.df = ip_hdr(skb)->frag_off & htons(IP_DF),
		};
	/* 1280 bytes have to pass whatever the path's MTU: in fragments, then. */
	return (struct inner) {
		.proto = IPPROTO_IPV6,
		.dsfield = ipv6_get_dsfield(ipv6_hdr(skb)),
		.df = skb_is_gso(skb) || len + hg_tunnel_overhead(AF_INET) <= mtu,
	};
}

/* The ECN field is copied: RFC 6040, normal mode. */
static void push_ip4(struct sk_buff *skb, const struct hg_route *route,
		     __be32 daddr, const struct inner *inner)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = inner->dsfield;
	iph->frag_off = inner->df ? htons(IP_DF) : 0;
	iph->ttl = ip4_dst_hoplimit(route->dst);
	iph->protocol = inner->proto;
	iph->saddr = route->saddr.ip;
	iph->daddr = daddr;
	iph->id = 0;
	if (!inner->df)
		ip_select_ident(dev_net(route->dst->dev), skb, NULL);
	/* Of a GSO packet that is larger each segment gets its own. */
	iph->tot_len = htons(skb->len <= IP_MAX_MTU ? skb->len : 0);
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

static void push_ip6(struct sk_buff *skb, const struct hg_route *route,
		     const struct in6_addr *daddr, const struct inner *inner)
{
	struct ipv6hdr *ip6h = skb_push(skb, sizeof(*ip6h));
	unsigned int len;

	skb_reset_network_header(skb);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
	ip6_flow_hdr(ip6h, inner->dsfield, 0);
	len = skb->len - sizeof(*ip6h);
	ip6h->payload_len = len <= IPV6_MAXPLEN ? htons(len) : 0;
	skb->protocol = htons(ETH_P_IPV6);
	ip6h->nexthdr = inner->proto;
	ip6h->hop_limit = ip6_dst_hoplimit(route->dst);
	ip6h->saddr = route->saddr.in6;
	ip6h->daddr = *daddr;
}

bool hg_tunnel_push(struct sk_buff *skb, const struct hg_packet *p,
		    const struct hg_route *route, u8 outer_af,
		    const union nf_inet_addr *daddr, u32 mtu)
{
	unsigned int headroom = LL_RESERVED_SPACE(route->dst->dev) +
				hg_tunnel_overhead(outer_af);
	struct inner inner;

	if (skb_cow_head(skb, headroom))
		return false;
	if (iptunnel_handle_offloads(skb, outer_af == AF_INET ? SKB_GSO_IPXIP4 :
				     SKB_GSO_IPXIP6))
		return false;
	inner = inner_of(skb, p->key.af, skb->len, mtu);
	skb_set_inner_ipproto(skb, inner.proto);
	skb_set_inner_mac_header(skb, skb_inner_network_offset(skb));
	skb->transport_header = skb->network_header;
	if (outer_af == AF_INET)
		push_ip4(skb, route, daddr->ip, &inner);
	else
		push_ip6(skb, route, &daddr->in6, &inner);
	/* Where DF is not set, the outer packet may be sent in fragments. */
	skb->ignore_df = 1;
	return true;
}
