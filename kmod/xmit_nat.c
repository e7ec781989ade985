// SPDX-License-Identifier: GPL-2.0
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/udp.h>

#include "xmit.h"

/* Where the transport checksum is; NULL: the packet has none to correct. */
static __sum16 *transport_check(struct sk_buff *skb, const struct hg_packet *p)
{
	void *th = skb->data + p->thoff;
	struct udphdr *uh = th;

	if (p->key.proto == IPPROTO_TCP)
		return &((struct tcphdr *)th)->check;
	/* 0 is "no checksum", unless the hardware is still to compute one. */
	if (!uh->check && skb->ip_summed != CHECKSUM_PARTIAL)
		return NULL;
	return &uh->check;
}

static void rewrite_ip4(struct sk_buff *skb, const struct hg_packet *p,
			__sum16 *check, __be32 addr, bool dst)
{
	struct iphdr *iph = (struct iphdr *)(skb->data + p->nhoff);
	__be32 *field = dst ? &iph->daddr : &iph->saddr;

	if (check)
		inet_proto_csum_replace4(check, skb, *field, addr, true);
	csum_replace4(&iph->check, *field, addr);
	*field = addr;
}

static void rewrite_ip6(struct sk_buff *skb, const struct hg_packet *p,
			__sum16 *check, const struct in6_addr *addr, bool dst)
{
	struct ipv6hdr *ip6h = (struct ipv6hdr *)(skb->data + p->nhoff);
	struct in6_addr *field = dst ? &ip6h->daddr : &ip6h->saddr;

	if (check)
		inet_proto_csum_replace16(check, skb, field->s6_addr32,
					  addr->s6_addr32, true);
	*field = *addr;
}

void hg_nat_rewrite(struct sk_buff *skb, const struct hg_packet *p,
		    const union nf_inet_addr *addr, __be16 port, bool dst)
{
	__be16 *ports = (__be16 *)(skb->data + p->thoff);
	__be16 *field = dst ? &ports[1] : &ports[0];
	__sum16 *check = transport_check(skb, p);

	if (p->key.af == AF_INET)
		rewrite_ip4(skb, p, check, addr->ip, dst);
	else
		rewrite_ip6(skb, p, check, &addr->in6, dst);
	if (*field == port && p->key.proto == IPPROTO_TCP)
		return;
	if (check)
		inet_proto_csum_replace2(check, skb, *field, port, false);
	*field = port;
	/* A UDP checksum that comes out as 0 would say "none". */
	if (check && !*check && p->key.proto == IPPROTO_UDP)
		*check = CSUM_MANGLED_0;
}
