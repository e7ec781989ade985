// SPDX-License-Identifier: GPL-2.0
#include <linux/bits.h>

#include "conn.h"
#include "net.h"
#include "proto.h"
#include "server.h"

/*
 * The TCP tables of ip_vs, drawn in docs/state-machines.md.  A row for each event,
 * a column for each state, in the order of enum headgate_tcp_state.
 */
#define NO HEADGATE_TCP_NONE
#define ES HEADGATE_TCP_ESTABLISHED
#define SS HEADGATE_TCP_SYN_SENT
#define SR HEADGATE_TCP_SYN_RECV
#define FW HEADGATE_TCP_FIN_WAIT
#define TW HEADGATE_TCP_TIME_WAIT
#define CL HEADGATE_TCP_CLOSE
#define CW HEADGATE_TCP_CLOSE_WAIT
#define LA HEADGATE_TCP_LAST_ACK
#define LI HEADGATE_TCP_LISTEN
#define SA HEADGATE_TCP_SYNACK

typedef u8 tcp_table[HG_TCP_ODD][__HEADGATE_TCP_MAX];

/* NAT, from the client. */
static const tcp_table input = {
	/*		 NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
	[HG_TCP_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
	[HG_TCP_FIN] = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW },
	[HG_TCP_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
	[HG_TCP_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR },
};

/* NAT, from the server. */
static const tcp_table output = {
	/*		 NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
	[HG_TCP_SYN] = { SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR },
	[HG_TCP_FIN] = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
	[HG_TCP_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
	[HG_TCP_RST] = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
};

/* The half connection: the client's packets are all there is to see. */
static const tcp_table half_input = {
	/*		 NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
	[HG_TCP_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
	[HG_TCP_FIN] = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
	[HG_TCP_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
	[HG_TCP_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
};

u8 hg_tcp_next(bool half, enum hg_dir dir, enum hg_tcp_event event, u8 state)
{
	if (event == HG_TCP_ODD)
		return HEADGATE_TCP_CLOSE;
	if (dir == HG_DIR_REPLY)
		return output[event][state];
	return half ? half_input[event][state] : input[event][state];
}

bool hg_tcp_active(u8 state)
{
	return BIT(state) & (BIT(ES) | BIT(SS) | BIT(SR) | BIT(SA));
}

#undef NO
#undef ES
#undef SS
#undef SR
#undef FW
#undef TW
#undef CL
#undef CW
#undef LA
#undef LI
#undef SA

/* A packet that comes again or late, and a keepalive probe, are behind by less. */
#define SEQ_LATE	BIT(24)

/* Notes how far one end has come: a RST with a number behind that is taken by nobody.
 * What is far behind is another count: a conn's new one, or the right one after a
 * number that somebody made up.
 */
static void note_seq(u32 *seq, u32 now, bool is_first)
{
	u32 last = READ_ONCE(*seq);

	if (is_first || !last || last - now > SEQ_LATE)
		WRITE_ONCE(*seq, now);
}

static void note(struct hg_conn *conn, const struct hg_packet *p, enum hg_dir dir, u8 state)
{
	bool is_first = p->event == HG_TCP_SYN && state != HEADGATE_TCP_ESTABLISHED;

	if (dir == HG_DIR_REPLY) {
		note_seq(&hg_conn_nat(conn)->seq_end, p->seq_end, is_first);
		return;
	}
	note_seq(&conn->seq_end, p->seq_end, is_first);
	if (p->has_ack)
		note_seq(&conn->ack, p->ack, is_first);
}

static bool tcp_packet(struct hg_net *ns, struct hg_conn *conn,
		       const struct hg_packet *p, enum hg_dir dir, u32 word)
{
	bool half = hg_word_mode(word) != HEADGATE_MODE_NAT;
	u8 state = hg_word_state(word);
	u8 next = hg_tcp_next(half, dir, p->event, state);

	note(conn, p, dir, state);
	if (next == state) {
		hg_conn_touch(conn);
		return true;
	}
	return hg_conn_move(ns, conn, next, hg_tcp_active(next),
			    next == HEADGATE_TCP_ESTABLISHED,
			    HEADGATE_A_TIMEOUT_TCP_NONE + next);
}

/* One state.  It is taken for established with the second packet, whoever sent it. */
static bool udp_packet(struct hg_net *ns, struct hg_conn *conn, u32 word)
{
	bool first = READ_ONCE(conn->timeout) == 0;

	if (first || !(word & HG_CONN_ASSURED))
		return hg_conn_move(ns, conn, 0, false, !first, HEADGATE_A_TIMEOUT_UDP);
	hg_conn_touch(conn);
	return true;
}

bool hg_proto_packet(struct hg_net *ns, struct hg_conn *conn,
		     const struct hg_packet *p, enum hg_dir dir)
{
	u32 word = READ_ONCE(conn->word);

	if (word & HG_CONN_DEAD)
		return false;
	if (p->key.proto == IPPROTO_TCP)
		return tcp_packet(ns, conn, p, dir, word);
	return udp_packet(ns, conn, word);
}

/* Half open at a server that takes no conns: nobody may ever answer there.  A check's
 * is to find out just that.
 */
static bool is_stuck(const struct hg_conn *conn, u32 word)
{
	const struct hg_server *server = conn->server;

	return !(word & (HG_CONN_ASSURED | HG_CONN_CHECK)) &&
	       (READ_ONCE(server->standing) == HG_STANDING_OUT ||
		READ_ONCE(server->flags) & HG_SERVER_GONE);
}

bool hg_proto_restarts(const struct hg_conn *conn, const struct hg_packet *p)
{
	u32 word = READ_ONCE(conn->word);
	u8 state = hg_word_state(word);

	return p->key.proto == IPPROTO_TCP && p->opener &&
	       (word & HG_CONN_KILLED || state == HEADGATE_TCP_TIME_WAIT ||
		state == HEADGATE_TCP_CLOSE || is_stuck(conn, word));
}

#ifdef DEBUG
#include "selftest/proto.c"
#endif
