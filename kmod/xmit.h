/* SPDX-License-Identifier: GPL-2.0 */
/* Sending a conn's packets on their way. */
#ifndef _HG_XMIT_H
#define _HG_XMIT_H

#include "hook.h"

struct hg_conn;
struct hg_route;

/* From the client, to the conn's server, in the conn's mode. */
enum hg_verdict hg_xmit(struct hg_ctx *ctx, struct hg_conn *conn);

/* From the server (NAT): made to come from the VIP, and passed on. */
enum hg_verdict hg_xmit_reply(struct hg_ctx *ctx, struct hg_conn *conn);

/* An ICMP error about a conn's reply, to the conn's server.  With NAT it has been
 * rewritten already.
 */
enum hg_verdict hg_xmit_icmp(struct hg_ctx *ctx, struct hg_conn *conn);

/* Packets of our own making, which ctx->p.key describes and which are used up; past
 * our hooks and conntrack.  Under RCU, BH off.  By a route to where they go...
 */
void hg_xmit_routed(struct hg_ctx *ctx);

/* ... and to the conn's server as if the client had sent it, in the conn's mode.
 * With NAT it bears the server's address already.
 */
void hg_xmit_made(struct hg_ctx *ctx, const struct hg_conn *conn);

/* Tells the sender that its packet is not delivered. */
enum hg_error {
	HG_ERROR_PORT,		/* port unreachable */
	HG_ERROR_HOST,		/* host unreachable */
	HG_ERROR_TTL,		/* time exceeded */
	HG_ERROR_TOO_BIG,	/* fragmentation needed, packet too big */
};

void hg_xmit_error(struct sk_buff *skb, u8 af, enum hg_error error, u32 mtu);

/* xmit_nat.c: gives the packet another destination (@dst) or source, and corrects
 * the checksums.  It must be writable up to and with the transport header.
 */
void hg_nat_rewrite(struct sk_buff *skb, const struct hg_packet *p,
		    const union nf_inet_addr *addr, __be16 port, bool dst);

/* xmit_tunnel.c: bytes that the tunnel adds in front. */
unsigned int hg_tunnel_overhead(u8 outer_af);

/* Puts the packet into one from route->saddr to @daddr; network header and
 * skb->data are the outer ones then.  False: no memory.
 */
bool hg_tunnel_push(struct sk_buff *skb, const struct hg_packet *p,
		    const struct hg_route *route, u8 outer_af,
		    const union nf_inet_addr *daddr, u32 mtu);

#endif /* _HG_XMIT_H */
