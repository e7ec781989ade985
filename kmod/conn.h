/* SPDX-License-Identifier: GPL-2.0 */
/* The connection table. */
#ifndef _HG_CONN_H
#define _HG_CONN_H

#include <linux/atomic.h>
#include <linux/rhashtable-types.h>

#include "uapi/headgate.h"
#include "packet.h"

struct hg_affinity;
struct hg_net;
struct hg_server;

/* A conn's entry in the table; a NAT conn has two. */
struct hg_node {
	struct rhash_head	rhash;
	struct hg_key		key;
};

/*
 * The state word: state (bits 0..7), mode (8..15), flags (16..31).  It changes by
 * cmpxchg alone, so that each change of state, and the end, has one winner.
 */
#define HG_CONN_DEAD	BIT(16)	/* out of the table or about to be; set once */
#define HG_CONN_ACTIVE	BIT(17)	/* counted in its server's active conns */
#define HG_CONN_ASSURED	BIT(18)	/* was established; never evicted */
#define HG_CONN_CHECK	BIT(19)	/* a health check's: uncounted */
#define HG_CONN_KILLED	BIT(20)	/* by kill.c: its packets are answered by RSTs */

static inline u8 hg_word_state(u32 word)
{
	return word & 0xff;
}

static inline u8 hg_word_mode(u32 word)
{
	return word >> 8 & 0xff;
}

/**
 * struct hg_conn - a tracked connection, and all of one that is not NAT
 * @orig: client -> VIP
 * @server: where it goes; the load word holds it
 * @expires: jiffies, low 32 bits; a packet moves it only by a second or more
 * @word: the state word
 * @timeout: jiffies granted in this state; 0: no packet has set it yet
 * @born: jiffies, low 32 bits
 * @seq_end: TCP: what the client will send next
 * @ack: TCP: what the client expects next, as far as it said
 * @affinity: the entry of its client, held until it ends, or NULL
 * @rcu: frees it
 *
 * Alive under RCU.  Nobody refers to a conn across a grace period: there is no
 * reference count, no lock and no timer.
 */
struct hg_conn {
	struct hg_node		orig;
	struct hg_server	*server;
	u32			expires;
	u32			word;

	u32			timeout;
	u32			born;
	u32			seq_end;
	u32			ack;
	struct hg_affinity	*affinity;
	struct rcu_head		rcu;
};

/**
 * struct hg_conn_nat - a NAT conn
 * @conn: what every conn has
 * @reply: server -> client; not the original's key turned around
 * @seq_end: TCP: what the server will send next; 0: it has sent nothing
 */
struct hg_conn_nat {
	struct hg_conn		conn;
	struct hg_node		reply ____cacheline_aligned;
	u32			seq_end;
};

static inline struct hg_conn *hg_conn_of(struct hg_node *node)
{
	if (node->key.dir == HG_DIR_REPLY)
		return &container_of(node, struct hg_conn_nat, reply)->conn;
	return container_of(node, struct hg_conn, orig);
}

static inline struct hg_conn_nat *hg_conn_nat(struct hg_conn *conn)
{
	return container_of(conn, struct hg_conn_nat, conn);
}

/* In what state it is for filters and counts: the bit of headgate_conn_states, and
 * the attribute of headgate_counts_attr less one.
 */
static inline unsigned int hg_conn_kind(const struct hg_conn *conn, u32 word)
{
	if (word & HG_CONN_KILLED)
		return HEADGATE_A_COUNTS_KILLED - 1;
	if (conn->orig.key.proto == IPPROTO_UDP)
		return HEADGATE_A_COUNTS_UDP - 1;
	return hg_word_state(word);
}

int hg_conn_init(void);			/* caches */
void hg_conn_uninit(void);
int hg_conn_table_init(struct hg_net *ns);	/* for sweep.c */
int hg_conn_net_init(struct hg_net *ns);
void hg_conn_net_stop(struct hg_net *ns);	/* no more sweeps */
void hg_conn_net_uninit(struct hg_net *ns);	/* ends all conns; no packet comes any more */

/* The conn of a packet and, in its node, the direction.  Under RCU.  An expired
 * one, or one whose service is gone, is reaped on the way and not returned.
 */
struct hg_node *hg_conn_lookup(struct hg_net *ns, const struct hg_key *key);

/* Makes a conn to @server and counts it there.  Under RCU, BH off.  On failure an
 * ERR_PTR: -EEXIST the reply flow is another conn's, -ENOSPC the limit, -ENOMEM.
 * Where another CPU was faster, its conn.
 */
struct hg_conn *hg_conn_new(struct hg_net *ns, const struct hg_key *key,
			    struct hg_server *server);

/* The same for a health check. */
struct hg_conn *hg_conn_new_check(struct hg_net *ns, const struct hg_key *key,
				  struct hg_server *server);

/* The same for a client of that entry: the conn gets a hold of its own on it. */
struct hg_conn *hg_conn_new_affine(struct hg_net *ns, const struct hg_key *key,
				   struct hg_server *server,
				   struct hg_affinity *affinity);

/* New state and timeout, active or not, by enum headgate_timeout_attr.  False: it
 * is dead.  Under RCU, BH off.
 */
bool hg_conn_move(struct hg_net *ns, struct hg_conn *conn, u8 state, bool active,
		  bool assured, unsigned int timeout);

/* Puts off the end of a conn that is in use. */
void hg_conn_touch(struct hg_conn *conn);

/* Marks it killed, for 10 s, and inactive.  False: it is killed or dead already.
 * BH off, RCU.
 */
bool hg_conn_kill(struct hg_net *ns, struct hg_conn *conn);

/* Ends it, once: true for the one who did.  BH off, RCU. */
bool hg_conn_reap(struct hg_net *ns, struct hg_conn *conn);

/* Frees all expired conns, of deleted services too, and affinity entries, now.  Process
 * context.
 */
void hg_conn_sweep(struct hg_net *ns);

/* There is something to sweep from now on; at once. */
void hg_conn_sweep_start(struct hg_net *ns);

/* It is to go: idle for its time, or its service was deleted. */
bool hg_conn_over(const struct hg_conn *conn);

/* The limit that holds: the setting, or less in a user's own namespace. */
u32 hg_conn_limit(const struct hg_net *ns);

#ifdef DEBUG
bool __init hg_conn_selftest(void);
#endif

#endif /* _HG_CONN_H */
