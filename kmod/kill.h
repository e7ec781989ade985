/* SPDX-License-Identifier: GPL-2.0 */
/* Ending conns so that both ends know it. */
#ifndef _HG_KILL_H
#define _HG_KILL_H

#include "hook.h"

struct hg_conn;

/* Ends a conn: both ends of a TCP conn get a RST.  False: it was killed or dead
 * already.  Under RCU, BH off.
 */
bool hg_kill_conn(struct hg_net *ns, struct hg_conn *conn);

/* Kills all conns that @match takes; it is called under RCU, and not for those that
 * are over.  Gives up when the process is being killed.  Process context; returns
 * how many.
 */
u32 hg_kill_all(struct hg_net *ns,
		bool (*match)(const struct hg_conn *conn, const void *arg),
		const void *arg);

/* A packet of a killed conn. */
enum hg_verdict hg_kill_packet(struct hg_ctx *ctx, struct hg_conn *conn,
			       enum hg_dir dir);

#endif /* _HG_KILL_H */
