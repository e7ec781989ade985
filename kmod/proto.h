/* SPDX-License-Identifier: GPL-2.0 */
/* State machines of the transport protocols. */
#ifndef _HG_PROTO_H
#define _HG_PROTO_H

#include <linux/types.h>

#include "packet.h"

struct hg_conn;
struct hg_net;

/* Next TCP state.  @half: only the client's packets are seen (direct, tunnel,
 * local), so the server's part is guessed.
 */
u8 hg_tcp_next(bool half, enum hg_dir dir, enum hg_tcp_event event, u8 state);

/* Does a conn in that TCP state count as active? */
bool hg_tcp_active(u8 state);

/* A packet went by: state, timeout and expiry follow.  False: the conn is dead.
 * Under RCU, BH off.
 */
bool hg_proto_packet(struct hg_net *ns, struct hg_conn *conn,
		     const struct hg_packet *p, enum hg_dir dir);

/* May this opener start anew what has ended but is remembered, or waits in vain? */
bool hg_proto_restarts(const struct hg_conn *conn, const struct hg_packet *p);

#ifdef DEBUG
bool __init hg_proto_selftest(void);
#endif

#endif /* _HG_PROTO_H */
