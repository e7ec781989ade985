// SPDX-License-Identifier: GPL-2.0
/* Part of packet.c: packets as bytes, and what is to be read of them. */

struct packet_case {
	const char	*what;
	u8		af;
	u8		len;
	u8		kind;
	bool		opener;
	u8		event;
	u16		thoff;
	u16		sport;
	u8		bytes[80];
};

#define IP4(ihl, frag, proto)						\
	0x40 | (ihl), 0, 0, 60, 0, 1, (frag) >> 8, (frag) & 0xff, 64,	\
	proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2
#define IP6(next)							\
	0x60, 0, 0, 0, 0, 20, next, 64,					\
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,		\
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define TCP(doff, flags)						\
	4, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, (doff) << 4, flags, 1, 0, 0, 0, 0, 0
#define UDP	4, 0, 0, 53, 0, 8, 0, 0
#define FIN	0x01
#define SYN	0x02
#define RST	0x04
#define ACK	0x10

static const struct packet_case packet_cases[] __initconst = {
	{ "SYN", AF_INET, 40, HG_KIND_FLOW, true, HG_TCP_SYN, 20, 1024,
	  { IP4(5, 0, 6), TCP(5, SYN) } },
	{ "SYN+ACK opens nothing", AF_INET, 40, HG_KIND_FLOW, false, HG_TCP_SYN, 20, 1024,
	  { IP4(5, 0, 6), TCP(5, SYN | ACK) } },
	{ "RST before SYN", AF_INET, 40, HG_KIND_FLOW, false, HG_TCP_RST, 20, 1024,
	  { IP4(5, 0, 6), TCP(5, SYN | RST) } },
	{ "FIN before ACK", AF_INET, 40, HG_KIND_FLOW, false, HG_TCP_FIN, 20, 1024,
	  { IP4(5, 0, 6), TCP(5, FIN | ACK) } },
	{ "no flags", AF_INET, 40, HG_KIND_FLOW, false, HG_TCP_ODD, 20, 1024,
	  { IP4(5, 0, 6), TCP(5, 0) } },
	{ "IP options", AF_INET, 44, HG_KIND_FLOW, true, HG_TCP_SYN, 24, 1024,
	  { IP4(6, 0, 6), 1, 1, 1, 0, TCP(5, SYN) } },
	{ "DF is no fragment", AF_INET, 40, HG_KIND_FLOW, true, HG_TCP_SYN, 20, 1024,
	  { IP4(5, 0x4000, 6), TCP(5, SYN) } },
	{ "first fragment", AF_INET, 40, HG_KIND_FRAG, false, 0, 20, 0,
	  { IP4(5, 0x2000, 6), TCP(5, SYN) } },
	{ "later fragment", AF_INET, 40, HG_KIND_FRAG, false, 0, 20, 0,
	  { IP4(5, 0x0001, 6), TCP(5, SYN) } },
	{ "ihl under 5", AF_INET, 40, HG_KIND_ODD, false, 0, 0, 0,
	  { IP4(4, 0, 6), TCP(5, SYN) } },
	{ "version 5", AF_INET, 40, HG_KIND_ODD, false, 0, 0, 0,
	  { 0x55, 0 } },
	{ "TCP cut short", AF_INET, 39, HG_KIND_ODD, false, 0, 20, 0,
	  { IP4(5, 0, 6), TCP(5, SYN) } },
	{ "data offset under 5", AF_INET, 40, HG_KIND_ODD, false, 0, 20, 0,
	  { IP4(5, 0, 6), TCP(4, SYN) } },
	{ "IP cut short", AF_INET, 19, HG_KIND_ODD, false, 0, 0, 0,
	  { IP4(5, 0, 6) } },
	{ "UDP", AF_INET, 28, HG_KIND_FLOW, true, 0, 20, 1024,
	  { IP4(5, 0, 17), UDP } },
	{ "UDP cut short", AF_INET, 27, HG_KIND_ODD, false, 0, 20, 0,
	  { IP4(5, 0, 17), UDP } },
	{ "ICMP echo", AF_INET, 28, HG_KIND_ODD, false, 0, 20, 0,
	  { IP4(5, 0, 1), 8, 0 } },
	{ "ICMP unreachable", AF_INET, 28, HG_KIND_ICMP, false, 0, 20, 0,
	  { IP4(5, 0, 1), 3, 3 } },
	{ "GRE", AF_INET, 40, HG_KIND_ODD, false, 0, 20, 0,
	  { IP4(5, 0, 47) } },
	{ "IPv6 SYN", AF_INET6, 60, HG_KIND_FLOW, true, HG_TCP_SYN, 40, 1024,
	  { IP6(6), TCP(5, SYN) } },
	{ "IPv6 cut short", AF_INET6, 39, HG_KIND_ODD, false, 0, 0, 0,
	  { IP6(6) } },
	{ "hop-by-hop before UDP", AF_INET6, 56, HG_KIND_FLOW, true, 0, 48, 1024,
	  { IP6(0), 17, 0, 1, 4, 0, 0, 0, 0, UDP } },
	{ "destination options, 16 bytes", AF_INET6, 64, HG_KIND_FLOW, true, 0, 56, 1024,
	  { IP6(60), 17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UDP } },
	{ "options that end past the packet", AF_INET6, 56, HG_KIND_ODD, false, 0, 0, 0,
	  { IP6(60), 17, 9, 1, 4 } },
	{ "IPv6 first fragment", AF_INET6, 68, HG_KIND_FRAG, false, 0, 48, 0,
	  { IP6(44), 6, 0, 0, 1, 0, 0, 0, 7, TCP(5, SYN) } },
	{ "IPv6 later fragment", AF_INET6, 68, HG_KIND_FRAG, false, 0, 0, 0,
	  { IP6(44), 6, 0, 0, 8, 0, 0, 0, 7, TCP(5, SYN) } },
	{ "no next header", AF_INET6, 40, HG_KIND_ODD, false, 0, 40, 0,
	  { IP6(59) } },
	{ "ICMPv6 too big", AF_INET6, 48, HG_KIND_ICMP, false, 0, 40, 0,
	  { IP6(58), 2, 0 } },
	{ "ICMPv6 neighbour", AF_INET6, 48, HG_KIND_ODD, false, 0, 40, 0,
	  { IP6(58), 135, 0 } },
};

#undef FIN
#undef SYN
#undef RST
#undef ACK

static bool __init as_told(const struct packet_case *c, const struct hg_packet *p)
{
	if (p->kind != c->kind || p->opener != c->opener)
		return false;
	if (c->kind == HG_KIND_FLOW && (p->event != c->event ||
					ntohs(p->key.sport) != c->sport))
		return false;
	return !c->thoff || p->thoff == c->thoff;
}

/* All of it in the head; or all but the IP header in a page, and that is in the
 * head wherever there are hooks.
 */
static bool __init check_case(const struct packet_case *c, bool paged)
{
	unsigned int iplen = c->af == AF_INET ? 20 : 40;
	unsigned int head = paged && iplen < c->len ? iplen : c->len;
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	struct hg_packet p;
	bool ok = false;

	if (!skb || !page)
		goto out;
	skb_reset_network_header(skb);
	skb_put_data(skb, c->bytes, head);
	if (head < c->len) {
		memcpy(page_address(page), c->bytes + head, c->len - head);
		skb_add_rx_frag(skb, 0, page, 0, c->len - head, PAGE_SIZE);
		page = NULL;
	}
	hg_packet_parse(skb, c->af, &p);
	ok = as_told(c, &p);
	if (!ok)
		pr_err("packet %s%s: kind %u opener %d event %u thoff %u sport %u\n",
		       c->what, paged ? " (paged)" : "", p.kind, p.opener, p.event,
		       p.thoff, ntohs(p.key.sport));
out:
	if (page)
		__free_page(page);
	kfree_skb(skb);
	return ok;
}

bool __init hg_packet_selftest(void)
{
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(packet_cases); i++) {
		ok &= check_case(&packet_cases[i], false);
		ok &= check_case(&packet_cases[i], true);
	}
	pr_info("packet self-tests: %s\n", ok ? "pass" : "FAIL");
	return ok;
}
