/* SPDX-License-Identifier: GPL-2.0 */
/* RSTs of our own making, in the name of a conn's client or VIP. */
#ifndef _HG_RST_H
#define _HG_RST_H

#include "hook.h"

struct hg_conn;

/* All under RCU, BH off.  Without memory or route none is sent. */

/* With the numbers that were seen last. */
void hg_rst_client(struct hg_net *ns, struct hg_conn *conn);
void hg_rst_server(struct hg_net *ns, struct hg_conn *conn);

/* To the sender of a packet of the conn, with the numbers of that packet, which is
 * no RST.
 */
void hg_rst_answer(const struct hg_ctx *ctx, struct hg_conn *conn,
		   enum hg_dir dir);

#endif /* _HG_RST_H */
