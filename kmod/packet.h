/* SPDX-License-Identifier: GPL-2.0 */
/* Reading a packet: addresses, ports, flags.  Nothing here writes to one. */
#ifndef _HG_PACKET_H
#define _HG_PACKET_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/types.h>

enum hg_dir {
	HG_DIR_ORIG,	/* client -> VIP */
	HG_DIR_REPLY,	/* server -> client, NAT only */
};

/**
 * struct hg_key - a packet's 5-tuple, and the key of the conn table
 * @src: source address; for IPv4 the words after the first are 0
 * @dst: destination address, the same
 * @sport: source port
 * @dport: destination port
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @af: AF_INET or AF_INET6
 * @dir: which of a conn's two keys this is; not part of the comparison
 * @pad: 0
 */
struct hg_key {
	union nf_inet_addr	src;
	union nf_inet_addr	dst;
	__be16			sport;
	__be16			dport;
	u8			proto;
	u8			af;
	u8			dir;
	u8			pad;
};

static_assert(sizeof(struct hg_key) == 40);

/* The bytes of a key that tell one flow from another. */
#define HG_KEY_LEN	offsetof(struct hg_key, dir)

/* What kind of packet it is, for the decision lists of hook.c. */
enum hg_kind {
	HG_KIND_ODD,	/* not for us: other protocols, broken headers */
	HG_KIND_FRAG,	/* a fragment that nobody has reassembled */
	HG_KIND_ICMP,	/* an ICMP or ICMPv6 error; the key is not set */
	HG_KIND_FLOW,	/* TCP or UDP with a whole header: the key is set */
};

/* TCP flags as one event: the first that holds, in this order (ip_vs). */
enum hg_tcp_event {
	HG_TCP_SYN,
	HG_TCP_FIN,
	HG_TCP_ACK,
	HG_TCP_RST,
	HG_TCP_ODD,	/* none of them */
};

/**
 * struct hg_packet - what was read of a packet, once
 * @key: the 5-tuple, when @kind is HG_KIND_FLOW
 * @nhoff: offset of the IP header from skb->data
 * @thoff: offset of the transport header from skb->data, past all options and
 *	   extension headers
 * @kind: what it is
 * @event: TCP: the flags as an event
 * @opener: may open a conn: a TCP SYN without ACK, RST and FIN, or UDP
 * @thlen: least length of the transport header: 20, 8; for ICMP 8
 * @has_ack: TCP: @ack says something
 * @ack: TCP: what the sender expects next
 * @seq_end: TCP: what the sender will send next; of a GSO packet, after all of it
 */
struct hg_packet {
	struct hg_key	key;
	u16		nhoff;
	u16		thoff;
	u8		kind;
	u8		event;
	bool		opener;
	u8		thlen;
	bool		has_ack;
	u32		ack;
	u32		seq_end;
};

/* Parses the packet at skb->data; skb is not changed but for pulled headers. */
void hg_packet_parse(struct sk_buff *skb, u8 af, struct hg_packet *p);

/* Parses the packet that an ICMP error quotes: at @nhoff, 8 bytes of transport
 * header are enough.  False: not TCP or UDP, a later fragment, or too short.
 */
bool hg_packet_parse_quoted(struct sk_buff *skb, u8 af, unsigned int nhoff,
			    struct hg_packet *p);

/* The key of the opposite direction. */
void hg_key_reverse(struct hg_key *to, const struct hg_key *from);

#ifdef DEBUG
bool __init hg_packet_selftest(void);
#endif

#endif /* _HG_PACKET_H */
