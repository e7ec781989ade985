// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "packet.h"

/* Everything is copied out: a local process may rewrite a packet that it sends
 * while we look at it, so no field is read twice.
 */

static enum hg_tcp_event tcp_event(const struct tcphdr *th)
{
	if (th->rst)
		return HG_TCP_RST;
	if (th->syn)
		return HG_TCP_SYN;
	if (th->fin)
		return HG_TCP_FIN;
	if (th->ack)
		return HG_TCP_ACK;
	return HG_TCP_ODD;
}

static bool parse_tcp(const struct sk_buff *skb, struct hg_packet *p)
{
	const struct tcphdr *th;
	struct tcphdr buf;
	unsigned int data;

	th = skb_header_pointer(skb, p->thoff, sizeof(buf), &buf);
	if (!th || th->doff < sizeof(*th) / 4)
		return false;
	data = p->thoff + th->doff * 4;
	if (data > skb->len)
		return false;
	p->key.sport = th->source;
	p->key.dport = th->dest;
	p->event = tcp_event(th);
	p->opener = p->event == HG_TCP_SYN && !th->ack && !th->fin;
	p->thlen = sizeof(*th);
	p->has_ack = th->ack;
	p->ack = ntohl(th->ack_seq);
	p->seq_end = ntohl(th->seq) + skb->len - data + th->syn + th->fin;
	return true;
}

static bool parse_udp(const struct sk_buff *skb, struct hg_packet *p)
{
	const struct udphdr *uh;
	struct udphdr buf;

	uh = skb_header_pointer(skb, p->thoff, sizeof(buf), &buf);
	if (!uh)
		return false;
	p->key.sport = uh->source;
	p->key.dport = uh->dest;
	p->opener = true;
	p->thlen = sizeof(*uh);
	return true;
}

static bool is_icmp4_error(const struct sk_buff *skb, const struct hg_packet *p)
{
	const struct icmphdr *ih;
	struct icmphdr buf;

	ih = skb_header_pointer(skb, p->thoff, sizeof(buf), &buf);
	return ih && (ih->type == ICMP_DEST_UNREACH ||
		      ih->type == ICMP_SOURCE_QUENCH ||
		      ih->type == ICMP_TIME_EXCEEDED ||
		      ih->type == ICMP_PARAMETERPROB);
}

static bool is_icmp6_error(const struct sk_buff *skb, const struct hg_packet *p)
{
	const struct icmp6hdr *ih;
	struct icmp6hdr buf;

	ih = skb_header_pointer(skb, p->thoff, sizeof(buf), &buf);
	return ih && !(ih->icmp6_type & ICMPV6_INFOMSG_MASK);
}

static enum hg_kind parse_transport(const struct sk_buff *skb, struct hg_packet *p)
{
	bool ok = false;

	switch (p->key.proto) {
	case IPPROTO_TCP:
		ok = parse_tcp(skb, p);
		break;
	case IPPROTO_UDP:
		ok = parse_udp(skb, p);
		break;
	case IPPROTO_ICMP:
		p->thlen = sizeof(struct icmphdr);
		if (p->key.af == AF_INET && is_icmp4_error(skb, p))
			return HG_KIND_ICMP;
		break;
	case IPPROTO_ICMPV6:
		p->thlen = sizeof(struct icmp6hdr);
		if (p->key.af == AF_INET6 && is_icmp6_error(skb, p))
			return HG_KIND_ICMP;
		break;
	}
	return ok ? HG_KIND_FLOW : HG_KIND_ODD;
}

enum frag {
	FRAG_NONE,
	FRAG_FIRST,	/* with the transport header */
	FRAG_LATER,
};

static __always_inline bool parse_ip4(const struct sk_buff *skb, struct hg_packet *p,
				      enum frag *frag)
{
	const struct iphdr *iph;
	struct iphdr buf;
	unsigned int ihl;

	iph = skb_header_pointer(skb, p->nhoff, sizeof(buf), &buf);
	if (!iph || iph->version != 4)
		return false;
	ihl = iph->ihl * 4;
	if (ihl < sizeof(*iph))
		return false;
	p->key.src.ip = iph->saddr;
	p->key.dst.ip = iph->daddr;
	p->key.proto = iph->protocol;
	p->thoff = p->nhoff + ihl;
	if (iph->frag_off & htons(IP_OFFSET))
		*frag = FRAG_LATER;
	else if (iph->frag_off & htons(IP_MF))
		*frag = FRAG_FIRST;
	return true;
}

static bool parse_ip6(const struct sk_buff *skb, struct hg_packet *p, enum frag *frag)
{
	unsigned int thoff = p->nhoff;
	const struct ipv6hdr *ip6h;
	unsigned short fragoff = 0;
	struct ipv6hdr buf;
	int flags = 0;
	int proto;

	ip6h = skb_header_pointer(skb, p->nhoff, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return false;
	p->key.src.in6 = ip6h->saddr;
	p->key.dst.in6 = ip6h->daddr;
	proto = ip6h->nexthdr;
	if (proto == IPPROTO_TCP || proto == IPPROTO_UDP) {
		thoff += sizeof(*ip6h);
	} else {
		proto = ipv6_find_hdr(skb, &thoff, -1, &fragoff, &flags);
		if (proto < 0 || thoff > U16_MAX)
			return false;
	}
	p->key.proto = proto;
	p->thoff = thoff;
	if (fragoff)
		*frag = FRAG_LATER;
	else if (flags & IP6_FH_F_FRAG)
		*frag = FRAG_FIRST;
	return true;
}

/* Inline, as the one before: each packet comes by here in each hook. */
static __always_inline bool parse_ip(const struct sk_buff *skb, u8 af, unsigned int nhoff,
				     struct hg_packet *p, enum frag *frag)
{
	*frag = FRAG_NONE;
	memset(p, 0, sizeof(*p));
	if (nhoff > U16_MAX - MAX_HEADER)
		return false;
	p->nhoff = nhoff;
	p->key.af = af;
	return af == AF_INET ? parse_ip4(skb, p, frag) : parse_ip6(skb, p, frag);
}

void hg_packet_parse(struct sk_buff *skb, u8 af, struct hg_packet *p)
{
	enum frag frag;

	if (!parse_ip(skb, af, skb_network_offset(skb), p, &frag))
		p->kind = HG_KIND_ODD;
	else if (frag != FRAG_NONE)
		p->kind = HG_KIND_FRAG;
	else
		p->kind = parse_transport(skb, p);
}

bool hg_packet_parse_quoted(struct sk_buff *skb, u8 af, unsigned int nhoff,
			    struct hg_packet *p)
{
	const __be16 *ports;
	__be16 buf[4];
	enum frag frag;

	if (!parse_ip(skb, af, nhoff, p, &frag))
		return false;
	if (p->key.proto != IPPROTO_TCP && p->key.proto != IPPROTO_UDP)
		return false;
	if (frag == FRAG_LATER)
		return false;
	ports = skb_header_pointer(skb, p->thoff, sizeof(buf), buf);
	if (!ports)
		return false;
	p->key.sport = ports[0];
	p->key.dport = ports[1];
	p->thlen = sizeof(buf);
	p->kind = HG_KIND_FLOW;
	return true;
}

void hg_key_reverse(struct hg_key *to, const struct hg_key *from)
{
	*to = *from;
	to->src = from->dst;
	to->dst = from->src;
	to->sport = from->dport;
	to->dport = from->sport;
}

#ifdef DEBUG
#include "selftest/packet.c"
#endif
