// SPDX-License-Identifier: GPL-2.0
/*
 * Killing conns.  The RSTs sent at once bear the numbers that were seen last, and
 * an end whose own have moved on since does not take them: it says so by an ACK
 * (RFC 5961), or goes on as if nothing were.  So the conn is remembered as killed for
 * a while, and whatever comes of it is answered by a RST with the numbers of that
 * very packet, which its sender has to take.
 *
 * RSTs are passed on.  The servers of direct and tunnel conns ask the client and not
 * us: its RST is what ends them.  Those of mode local get ours by way of the loopback
 * device, and so through our own hook.
 */
#include <linux/sched/signal.h>

#include "conn.h"
#include "kill.h"
#include "net.h"
#include "rst.h"
#include "walk.h"
#include "xmit.h"

/* Of a stretch with BH off: conns looked at, and killed, two packets each. */
#define STRIDE	2048
#define KILLS	64

bool hg_kill_conn(struct hg_net *ns, struct hg_conn *conn)
{
	if (conn->orig.key.proto != IPPROTO_TCP)
		return hg_conn_reap(ns, conn);
	if (!hg_conn_kill(ns, conn))
		return false;
	hg_rst_client(ns, conn);
	hg_rst_server(ns, conn);
	return true;
}

static u32 kill_stretch(struct hg_net *ns, struct hg_walk *walk,
			bool (*match)(const struct hg_conn *conn, const void *arg),
			const void *arg)
{
	struct hg_conn *conn;
	u32 killed = 0;

	hg_walk_start(walk);
	local_bh_disable();
	while (killed < KILLS && (conn = hg_walk_next_conn(walk)))
		if (!hg_conn_over(conn) && match(conn, arg))
			killed += hg_kill_conn(ns, conn);
	/* What is killed already is not killed again. */
	if (killed == KILLS)
		hg_walk_rewind(walk);
	local_bh_enable();
	hg_walk_stop(walk);
	return killed;
}

u32 hg_kill_all(struct hg_net *ns,
		bool (*match)(const struct hg_conn *conn, const void *arg),
		const void *arg)
{
	struct hg_walk walk;
	u32 killed = 0;

	hg_walk_init(&walk, &ns->conns, STRIDE);
	while (!walk.end && !fatal_signal_pending(current)) {
		killed += kill_stretch(ns, &walk, match, arg);
		cond_resched();
	}
	hg_walk_uninit(&walk);
	return killed;
}

enum hg_verdict hg_kill_packet(struct hg_ctx *ctx, struct hg_conn *conn,
			       enum hg_dir dir)
{
	if (ctx->p.event == HG_TCP_RST)
		return dir == HG_DIR_ORIG ? hg_xmit(ctx, conn) :
					    hg_xmit_reply(ctx, conn);
	hg_rst_answer(ctx, conn, dir);
	return hg_drop(ctx, HEADGATE_DROP_KILLED);
}
