/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Headgate: the generic netlink family "headgate", version 1.
 *
 * This file is the protocol's manual and the only file that the kernel module
 * and its clients share.  docs/netlink/headgate.yaml says the same as a YNL
 * specification, and a test compares the two.
 *
 * GENERAL
 *
 * Everything is per network namespace: a socket talks about the namespace it
 * was opened in.  Every command, the reading ones included, needs
 * CAP_NET_ADMIN in the user namespace that owns the network namespace.
 *
 * Validation is strict: an unknown command, an unknown attribute, an attribute
 * that has no place in a command, one of the wrong size or out of its range is
 * refused, and a read-only one ("ro" below) in a request too.  Each refusal
 * carries an extended acknowledgement (NETLINK_EXT_ACK): a text and the offset
 * of the attribute at fault.  (Linux 6.1 has no text for a refused dump.)  A
 * refused request has changed nothing.
 *
 * Integers are in host byte order, ports included.  Addresses are 4 or 16
 * bytes in network byte order, as their FAMILY says (AF_INET or AF_INET6).
 * Times are milliseconds, counters are 64 bit and never go backwards.  Text is
 * NUL-terminated.
 *
 * Every change of services, servers or settings raises the namespace's
 * generation by one.  Dumps of services and servers carry it in the header's
 * sequence check: NLM_F_DUMP_INTR says that it moved between two messages of
 * one dump, and that the dump should be repeated.
 *
 * COMMANDS
 *
 * GET_INFO (do): answers INFO: version, generation, totals, schedulers, drops.
 *
 * GET_SETTINGS (do): answers SETTINGS.
 * SET_SETTINGS (do): SETTINGS with any of its attributes; the rest stays.  A
 *	changed timeout holds for a conn from its next change of state on; a
 *	CONN_LIMIT below the present number of conns ends none of them.
 *
 * GET_SERVICE (do): SERVICE {key} -> SERVICE.  ENOENT when there is none.
 * GET_SERVICE (dump): one SERVICE a message, in the order of creation.
 * NEW_SERVICE (do): SERVICE {key, SCHEDULER, [NAME], [FLAGS]}.
 *	EEXIST: the key or the name is taken.  ENOENT: no such scheduler.
 *	ENOSPC: 65,536 services.
 * SET_SERVICE (do): SERVICE {key, [NAME], [SCHEDULER], [FLAGS]}; what is absent
 *	stays, and an empty NAME takes the name away.  Conns are not touched.
 * DEL_SERVICE (do): SERVICE {key}.  Ends the service's conns: a later packet of
 *	theirs meets the director as if there had never been a service.
 * FLUSH (do): deletes every service of the namespace in one generation.
 *
 * A service's key is FAMILY, PROTOCOL, ADDRESS, PORT.
 *
 * GET_SERVER (do): SERVICE {key} SERVER {key} -> SERVICE {key} SERVER.
 * GET_SERVER (dump): without SERVICE the servers of all services, with SERVICE
 *	{key} those of one; SERVICE {key} SERVER a message, in address order.
 * NEW_SERVER (do): SERVICE {key} SERVER {key, [MODE], [TUNNEL], [WEIGHT],
 *	[ADMIN_STATE], [DOWN], [FACTOR]}.
 *	EEXIST: there already.  ENOSPC: 65,535 servers in the service or 262,144
 *	in the namespace.  EINVAL: by text (families, port, address).
 * SET_SERVER (do): SERVICE {key} SERVER {key, [WEIGHT], [ADMIN_STATE], [DOWN],
 *	[FACTOR], [MODE], [TUNNEL]}; what is absent stays.  A new MODE or TUNNEL
 *	makes it another server, whose conns and counters begin at 0; the old
 *	one's conns go on to their end.
 * DEL_SERVER (do): SERVICE {key} SERVER {key}.  No new conns; those it has go
 *	on to their end, without it being listed.
 *
 * A server's key is FAMILY, ADDRESS, PORT.  In a request FAMILY and PORT may be
 * left out and are then the service's.  A port other than the service's needs
 * MODE nat; a family other than the service's needs MODE tunnel.
 *
 * TRANSACTIONS
 *
 * BEGIN (do): opens a transaction for this socket, which has none yet (EBUSY).
 *	From now on this socket's NEW, SET and DEL of services and servers and its
 *	FLUSH are staged: checked at once, against the configuration as they leave
 *	it, but done by COMMIT.  What reads still reads what is in force.  ENOSPC:
 *	the namespace has 64 transactions open.
 * CHECK (do): TRANSACTION {GENERATION, MESSAGES}: all that COMMIT does but for
 *	the change itself.  The transaction stays open.
 * COMMIT (do): TRANSACTION {GENERATION, MESSAGES}: puts all of it in force at one
 *	moment: each packet sees the configuration before or the one after.
 *	Answers INFO {GENERATION}: the new one, which is the old one when nothing
 *	was staged.  The transaction is over, committed or refused:
 *	ESTALE: the configuration is not at GENERATION (any more): read it again.
 *	ECANCELED: a staged message was refused, or there were not MESSAGES of them.
 *	Other refusals tell the message by its number, the first after BEGIN is 1.
 * ABORT (do): drops the transaction.  So does closing the socket.
 *
 * A message that is refused poisons its transaction: all that can follow is CHECK
 * and COMMIT, which say so, and ABORT.  MESSAGES counts what was sent to be staged,
 * so that one that was refused before the transaction saw it is missed.
 *
 * GENERATION is what the configuration was when the client read it (INFO, or the
 * answer of the COMMIT before).  Two changes in one transaction are one: a DEL and
 * a NEW of a server make it another server, as a new MODE does; a DEL and a NEW of a
 * service replace its settings and all its servers.  ENOSPC: 1,048,576 staged
 * changes in the namespace.
 *
 * CONNS
 *
 * GET_CONN (dump): [FILTER] -> one CONN a message.  The table moves while it is
 *	read: a conn that lives through the whole dump is listed at least once.
 *	NLM_F_DUMP_INTR: the table was resized meanwhile, and conns may be
 *	listed twice.
 * COUNT_CONN (dump): [FILTER] -> SERVICE {key} SERVER {key} COUNTS, a message for
 *	each server that has such conns, removed servers too, in no order.  All is
 *	counted before the first message.  NLM_F_DUMP_INTR as with GET_CONN.
 * KILL_CONN (do): FILTER -> KILLED.  FILTER has to name something, or to carry the
 *	flag ALL and nothing else (EINVAL).  A conn that is opened meanwhile may be
 *	missed.
 * SWEEP (do): frees every expired conn now instead of within the next sweep
 *	(2 to 16 s), and answers when that is done.
 *
 * EVENTS
 *
 * Two multicast groups tell what happens: HEADGATE_GROUP_CONFIG each change of the
 * configuration, HEADGATE_GROUP_CONN what becomes of conns.  To join one needs
 * CAP_NET_ADMIN as the commands do.  A message is a command EVENT: EVENT {TYPE,
 * SEQUENCE, TIME, ...} and what it is about, as it stands after the change, or
 * before its end.
 *
 * SEQUENCE counts the group's events.  A listener that is too slow loses some: its
 * socket says ENOBUFS, and the next SEQUENCE is further on.  It should dump what it
 * follows anew.
 *
 * config: EVENT {.., GENERATION} and
 *	SERVICE for TYPE service_new, service_set, service_gone (whose servers go
 *	without a word);
 *	SERVICE {key} SERVER for server_new, server_set, server_down and server_up
 *	(DOWN became other than 0, or 0 again), server_gone;
 *	nothing for settings (read them), and for commit, which ends the events of
 *	one change.
 *
 * FILTERS, AND KILLED CONNS
 *
 * A FILTER takes the conns that are as all of its attributes say; an empty or
 * absent one takes every conn.  Addresses are compared as they are: of a
 * CLIENT_ADDRESS only the first CLIENT_PREFIX bits.
 *
 * A TCP conn that is killed gets a RST to its client, as from the VIP, and one to
 * its server, as from the client.  For 10 seconds the conn is killed then, whatever
 * its STATE was: each packet of either side is answered by a RST made of that very
 * packet, which is one that its sender accepts, and goes no further (drop reason
 * KILLED); a RST is passed on.  A SYN of the client opens a new conn at once.  An
 * UDP conn just ends.
 *
 * WEIGHT, AND WHO OWNS IT
 *
 * The admin owns WEIGHT (0..65535; 0 = drain: no new conns, the old ones live
 * on) and ADMIN_STATE.  DOWN holds a bit for each party that may mask a server:
 * it is down while any is set, and each owner sets and clears its own bit only.
 * FACTOR (0..1000 = health x load, in 1/1000) is the daemon's.  RAMP (1/1000) is
 * the kernel's.  EFFECTIVE_WEIGHT, in 1/256 of a weight, is 0 unless ADMIN_STATE
 * is ready and DOWN is 0, and WEIGHT * FACTOR/1000 * RAMP/1000 then, rounded
 * down, but at least 1 while all three are over 0.
 *
 * HEALTH CHECKS
 *
 * A packet that a program on the director sends to a service with a socket mark
 * (SO_MARK) in [CHECK_MARK_FIRST, CHECK_MARK_LAST] goes to the one server whose
 * CHECK_MARK it is, whatever the server's state, in the server's mode, and is
 * counted nowhere.  In the modes direct and tunnel the socket has to be bound to
 * an address that is not the VIP, and the interface that the answers come in by
 * needs accept_local=1.
 */
#ifndef _UAPI_HEADGATE_H
#define _UAPI_HEADGATE_H

#define HEADGATE_GENL_NAME	"headgate"
#define HEADGATE_GENL_VERSION	1
#define HEADGATE_GROUP_CONFIG	"config"	/* multicast groups, see EVENTS */
#define HEADGATE_GROUP_CONN	"conn"

#define HEADGATE_NAME_MAX	63	/* bytes of a service's name */
#define HEADGATE_SCHED_MAX	15	/* bytes of a scheduler's name */
#define HEADGATE_WEIGHT_MAX	65535
#define HEADGATE_FACTOR_MAX	1000
#define HEADGATE_SERVICES_MAX	65536	/* services of a namespace */
#define HEADGATE_SERVERS_MAX	262144	/* servers of a namespace */
#define HEADGATE_POOL_MAX	65535	/* servers of a service */
#define HEADGATE_CONN_LIMIT_MAX	33554432
#define HEADGATE_TRANSACTIONS_MAX 64	/* open at once in a namespace */
#define HEADGATE_STAGED_MAX	1048576	/* changes staged in a namespace */
#define HEADGATE_TIMEOUT_MIN	100	/* ms */
#define HEADGATE_TIMEOUT_MAX	864000000 /* ms: ten days */

enum headgate_cmd {
	HEADGATE_CMD_UNSPEC,
	HEADGATE_CMD_GET_INFO,
	HEADGATE_CMD_GET_SETTINGS,
	HEADGATE_CMD_SET_SETTINGS,
	HEADGATE_CMD_GET_SERVICE,
	HEADGATE_CMD_NEW_SERVICE,
	HEADGATE_CMD_SET_SERVICE,
	HEADGATE_CMD_DEL_SERVICE,
	HEADGATE_CMD_GET_SERVER,
	HEADGATE_CMD_NEW_SERVER,
	HEADGATE_CMD_SET_SERVER,
	HEADGATE_CMD_DEL_SERVER,
	HEADGATE_CMD_FLUSH,
	HEADGATE_CMD_GET_CONN,
	HEADGATE_CMD_SWEEP,
	HEADGATE_CMD_BEGIN,
	HEADGATE_CMD_CHECK,
	HEADGATE_CMD_COMMIT,
	HEADGATE_CMD_ABORT,
	HEADGATE_CMD_EVENT,		/* only ever from the kernel */
	HEADGATE_CMD_COUNT_CONN,
	HEADGATE_CMD_KILL_CONN,

	__HEADGATE_CMD_MAX
};
#define HEADGATE_CMD_MAX (__HEADGATE_CMD_MAX - 1)

/* The top level of every message. */
enum headgate_attr {
	HEADGATE_A_UNSPEC,
	HEADGATE_A_INFO,		/* nest, headgate_info_attr */
	HEADGATE_A_SETTINGS,		/* nest, headgate_settings_attr */
	HEADGATE_A_SERVICE,		/* nest, headgate_service_attr */
	HEADGATE_A_SERVER,		/* nest, headgate_server_attr */
	HEADGATE_A_CONN,		/* nest, headgate_conn_attr */
	HEADGATE_A_TRANSACTION,		/* nest, headgate_transaction_attr */
	HEADGATE_A_EVENT,		/* nest, headgate_event_attr */
	HEADGATE_A_FILTER,		/* nest, headgate_filter_attr */
	HEADGATE_A_COUNTS,		/* nest, headgate_counts_attr */
	HEADGATE_A_KILLED,		/* u32 ro: conns that were killed */

	__HEADGATE_A_MAX
};
#define HEADGATE_A_MAX (__HEADGATE_A_MAX - 1)

enum headgate_transaction_attr {
	HEADGATE_A_TRANSACTION_UNSPEC,
	HEADGATE_A_TRANSACTION_GENERATION, /* u32: of the configuration it is based on */
	HEADGATE_A_TRANSACTION_MESSAGES, /* u32: sent to be staged since BEGIN */

	__HEADGATE_A_TRANSACTION_MAX
};
#define HEADGATE_A_TRANSACTION_MAX (__HEADGATE_A_TRANSACTION_MAX - 1)

enum headgate_event {
	HEADGATE_EVENT_COMMIT,
	HEADGATE_EVENT_SETTINGS,
	HEADGATE_EVENT_SERVICE_NEW,
	HEADGATE_EVENT_SERVICE_SET,
	HEADGATE_EVENT_SERVICE_GONE,
	HEADGATE_EVENT_SERVER_NEW,
	HEADGATE_EVENT_SERVER_SET,
	HEADGATE_EVENT_SERVER_DOWN,
	HEADGATE_EVENT_SERVER_UP,
	HEADGATE_EVENT_SERVER_GONE,

	__HEADGATE_EVENT_MAX
};

enum headgate_event_attr {		/* all ro */
	HEADGATE_A_EVENT_UNSPEC,
	HEADGATE_A_EVENT_PAD,
	HEADGATE_A_EVENT_TYPE,		/* u32, enum headgate_event */
	HEADGATE_A_EVENT_SEQUENCE,	/* u32: of the group in this namespace, from 1 */
	HEADGATE_A_EVENT_TIME,		/* u64: ns since 1970, UTC */
	HEADGATE_A_EVENT_GENERATION,	/* u32: config only */

	__HEADGATE_A_EVENT_MAX
};
#define HEADGATE_A_EVENT_MAX (__HEADGATE_A_EVENT_MAX - 1)

enum headgate_info_attr {		/* all ro */
	HEADGATE_A_INFO_UNSPEC,
	HEADGATE_A_INFO_VERSION,	/* string: the module's version */
	HEADGATE_A_INFO_GENERATION,	/* u32 */
	HEADGATE_A_INFO_SERVICES,	/* u32 */
	HEADGATE_A_INFO_SERVERS,	/* u32 */
	HEADGATE_A_INFO_CONNS,		/* u32: in the table, expired ones too */
	HEADGATE_A_INFO_CONN_LIMIT,	/* u32: the limit that holds here, see below */
	HEADGATE_A_INFO_SCHEDULER,	/* string, repeated: those there are */
	HEADGATE_A_INFO_DROP,		/* nest headgate_drop_attr, repeated */

	__HEADGATE_A_INFO_MAX
};
#define HEADGATE_A_INFO_MAX (__HEADGATE_A_INFO_MAX - 1)

enum headgate_drop_attr {		/* all ro */
	HEADGATE_A_DROP_UNSPEC,
	HEADGATE_A_DROP_PAD,
	HEADGATE_A_DROP_REASON,		/* u32, enum headgate_drop */
	HEADGATE_A_DROP_NAME,		/* string: the reason in lower case */
	HEADGATE_A_DROP_PACKETS,	/* u64 */

	__HEADGATE_A_DROP_MAX
};
#define HEADGATE_A_DROP_MAX (__HEADGATE_A_DROP_MAX - 1)

/* Why packets went no further, and what was passed by though it looked like ours. */
enum headgate_drop {
	HEADGATE_DROP_NO_SERVER,	/* no server of the service takes conns; the client got an ICMP error */
	HEADGATE_DROP_NO_CONN,		/* for a service, of no conn and opening none: left to the director's stack */
	HEADGATE_DROP_LIMIT,		/* conn limit, and nothing half-open near by to evict */
	HEADGATE_DROP_COLLISION,	/* NAT: every server had this reply flow in use */
	HEADGATE_DROP_NO_MEMORY,
	HEADGATE_DROP_NO_ROUTE,		/* no route to the server, or one that is not allowed */
	HEADGATE_DROP_NOT_ON_LINK,	/* direct: the server is behind a gateway */
	HEADGATE_DROP_LOCAL_CLIENT,	/* a client on the director and a direct or tunnel server */
	HEADGATE_DROP_TTL,		/* TTL or hop limit used up; time exceeded was sent */
	HEADGATE_DROP_TOO_BIG,		/* larger than the path's MTU; the client was told */
	HEADGATE_DROP_MALFORMED,	/* changed under our hands, or not as long as it says */
	HEADGATE_DROP_CT_NAT,		/* not dropped: conntrack translates it already, left alone */
	HEADGATE_DROP_KILLED,		/* of a killed conn; its sender got a RST */

	__HEADGATE_DROP_MAX
};

/*
 * CONN_LIMIT is what was set; in a namespace that belongs to a user namespace
 * other than the initial one, the module's parameter userns_conns bounds all
 * such namespaces together besides.  INFO_CONN_LIMIT is the smaller of the two.
 */
enum headgate_settings_attr {
	HEADGATE_A_SETTINGS_UNSPEC,
	HEADGATE_A_SETTINGS_CONN_LIMIT,	/* u32, 1..HEADGATE_CONN_LIMIT_MAX */
	HEADGATE_A_SETTINGS_CHECK_MARK_FIRST, /* u32, 1 or more; 0 with LAST 0 = no check marks */
	HEADGATE_A_SETTINGS_CHECK_MARK_LAST, /* u32, >= FIRST */
	HEADGATE_A_SETTINGS_TIMEOUTS,	/* nest, headgate_timeout_attr */

	__HEADGATE_A_SETTINGS_MAX
};
#define HEADGATE_A_SETTINGS_MAX (__HEADGATE_A_SETTINGS_MAX - 1)

/*
 * Idle time after which a conn in that state expires: u32 ms,
 * HEADGATE_TIMEOUT_MIN..HEADGATE_TIMEOUT_MAX.  Defaults in brackets, in seconds.
 */
enum headgate_timeout_attr {
	HEADGATE_A_TIMEOUT_UNSPEC,
	HEADGATE_A_TIMEOUT_TCP_NONE,		/* [2] */
	HEADGATE_A_TIMEOUT_TCP_ESTABLISHED,	/* [900] */
	HEADGATE_A_TIMEOUT_TCP_SYN_SENT,	/* [120] */
	HEADGATE_A_TIMEOUT_TCP_SYN_RECV,	/* [60] */
	HEADGATE_A_TIMEOUT_TCP_FIN_WAIT,	/* [120] */
	HEADGATE_A_TIMEOUT_TCP_TIME_WAIT,	/* [120] */
	HEADGATE_A_TIMEOUT_TCP_CLOSE,		/* [10] */
	HEADGATE_A_TIMEOUT_TCP_CLOSE_WAIT,	/* [60] */
	HEADGATE_A_TIMEOUT_TCP_LAST_ACK,	/* [30] */
	HEADGATE_A_TIMEOUT_TCP_LISTEN,		/* [120] */
	HEADGATE_A_TIMEOUT_TCP_SYNACK,		/* [120] */
	HEADGATE_A_TIMEOUT_UDP,			/* [300] */

	__HEADGATE_A_TIMEOUT_MAX
};
#define HEADGATE_A_TIMEOUT_MAX (__HEADGATE_A_TIMEOUT_MAX - 1)

/* TCP states; with the same numbers the first timeouts less one. */
enum headgate_tcp_state {
	HEADGATE_TCP_NONE,
	HEADGATE_TCP_ESTABLISHED,
	HEADGATE_TCP_SYN_SENT,
	HEADGATE_TCP_SYN_RECV,
	HEADGATE_TCP_FIN_WAIT,
	HEADGATE_TCP_TIME_WAIT,
	HEADGATE_TCP_CLOSE,
	HEADGATE_TCP_CLOSE_WAIT,
	HEADGATE_TCP_LAST_ACK,
	HEADGATE_TCP_LISTEN,
	HEADGATE_TCP_SYNACK,

	__HEADGATE_TCP_MAX
};

enum headgate_service_flags {
	HEADGATE_SERVICE_F_HASH_PORT = 1 << 0, /* sh, mh: hash the client's port too */
};
#define HEADGATE_SERVICE_F_ALL	HEADGATE_SERVICE_F_HASH_PORT

enum headgate_service_attr {
	HEADGATE_A_SERVICE_UNSPEC,
	HEADGATE_A_SERVICE_FAMILY,	/* u8: AF_INET, AF_INET6 */
	HEADGATE_A_SERVICE_PROTOCOL,	/* u8: IPPROTO_TCP, IPPROTO_UDP */
	HEADGATE_A_SERVICE_ADDRESS,	/* the VIP: unicast, not loopback */
	HEADGATE_A_SERVICE_PORT,	/* u16, 1..65535 */
	HEADGATE_A_SERVICE_NAME,	/* string, 0..HEADGATE_NAME_MAX of A-Z a-z 0-9 . _ - */
	HEADGATE_A_SERVICE_SCHEDULER,	/* string, 1..HEADGATE_SCHED_MAX */
	HEADGATE_A_SERVICE_FLAGS,	/* bitfield32, headgate_service_flags */
	HEADGATE_A_SERVICE_SERVERS,	/* u32 ro */
	HEADGATE_A_SERVICE_ACTIVE,	/* u32 ro: conns in a state where data flows */
	HEADGATE_A_SERVICE_INACTIVE,	/* u32 ro: conns in any other state */
	HEADGATE_A_SERVICE_COUNTERS,	/* nest ro: sum over its servers, past ones too */

	__HEADGATE_A_SERVICE_MAX
};
#define HEADGATE_A_SERVICE_MAX (__HEADGATE_A_SERVICE_MAX - 1)

enum headgate_mode {
	HEADGATE_MODE_NAT,	/* both directions through the director, addresses rewritten */
	HEADGATE_MODE_DIRECT,	/* VS/DR: only the MAC address changes */
	HEADGATE_MODE_TUNNEL,	/* VS/TUN: into another IP packet, see TUNNEL */
	HEADGATE_MODE_LOCAL,	/* to the director's own stack, unchanged */

	__HEADGATE_MODE_MAX
};

enum headgate_tunnel {
	HEADGATE_TUNNEL_IPIP,	/* RFC 2003, 2473, 4213: IP in IP, any family in any */

	__HEADGATE_TUNNEL_MAX
};

enum headgate_admin_state {
	HEADGATE_ADMIN_READY,
	HEADGATE_ADMIN_DRAIN,	/* no new conns, the old ones live on */
	HEADGATE_ADMIN_MAINT,	/* taken out by the admin */

	__HEADGATE_ADMIN_MAX
};

enum headgate_down {
	HEADGATE_DOWN_ADMIN	= 1 << 0,
	HEADGATE_DOWN_CHECK	= 1 << 1,
	HEADGATE_DOWN_AGENT	= 1 << 2,
	HEADGATE_DOWN_OUTLIER	= 1 << 3,
};
#define HEADGATE_DOWN_ALL	0xf

enum headgate_server_attr {
	HEADGATE_A_SERVER_UNSPEC,
	HEADGATE_A_SERVER_FAMILY,	/* u8 */
	HEADGATE_A_SERVER_ADDRESS,	/* unicast, not loopback */
	HEADGATE_A_SERVER_PORT,		/* u16, 1..65535 */
	HEADGATE_A_SERVER_MODE,		/* u8, headgate_mode [nat] */
	HEADGATE_A_SERVER_TUNNEL,	/* u8, headgate_tunnel [ipip] */
	HEADGATE_A_SERVER_WEIGHT,	/* u32, 0..HEADGATE_WEIGHT_MAX [1] */
	HEADGATE_A_SERVER_ADMIN_STATE,	/* u8, headgate_admin_state [ready] */
	HEADGATE_A_SERVER_DOWN,		/* bitfield32, headgate_down [0] */
	HEADGATE_A_SERVER_FACTOR,	/* u32, 0..HEADGATE_FACTOR_MAX [1000] */
	HEADGATE_A_SERVER_RAMP,		/* u32 ro, in 1/1000 */
	HEADGATE_A_SERVER_EFFECTIVE_WEIGHT, /* u32 ro, in 1/256 of a weight */
	HEADGATE_A_SERVER_CHECK_MARK,	/* u32 ro; absent: none left in the range */
	HEADGATE_A_SERVER_ACTIVE,	/* u32 ro */
	HEADGATE_A_SERVER_INACTIVE,	/* u32 ro */
	HEADGATE_A_SERVER_COUNTERS,	/* nest ro, headgate_counters_attr */

	__HEADGATE_A_SERVER_MAX
};
#define HEADGATE_A_SERVER_MAX (__HEADGATE_A_SERVER_MAX - 1)

/*
 * Packets are segments on the wire (a GSO packet counts as its segments), bytes
 * are IP bytes on the wire.  "In" is from the client, as it came; "out" is the
 * server's answer, seen in the mode nat only.
 */
enum headgate_counters_attr {		/* all ro */
	HEADGATE_A_COUNTERS_UNSPEC,
	HEADGATE_A_COUNTERS_PAD,
	HEADGATE_A_COUNTERS_CONNS,	/* u64: conns there have been */
	HEADGATE_A_COUNTERS_IN_PACKETS,	/* u64 */
	HEADGATE_A_COUNTERS_IN_BYTES,	/* u64 */
	HEADGATE_A_COUNTERS_OUT_PACKETS, /* u64 */
	HEADGATE_A_COUNTERS_OUT_BYTES,	/* u64 */

	__HEADGATE_A_COUNTERS_MAX
};
#define HEADGATE_A_COUNTERS_MAX (__HEADGATE_A_COUNTERS_MAX - 1)

enum headgate_conn_flags {
	HEADGATE_CONN_F_ACTIVE	= 1 << 0, /* counted among its server's active conns */
	HEADGATE_CONN_F_ASSURED	= 1 << 1, /* was established; UDP: more than one packet seen */
	HEADGATE_CONN_F_CHECK	= 1 << 2, /* a health check's, counted nowhere */
	HEADGATE_CONN_F_KILLED	= 1 << 3, /* killed; STATE is what it was before */
};

enum headgate_conn_attr {		/* all ro */
	HEADGATE_A_CONN_UNSPEC,
	HEADGATE_A_CONN_FAMILY,		/* u8: of client and service */
	HEADGATE_A_CONN_PROTOCOL,	/* u8 */
	HEADGATE_A_CONN_CLIENT_ADDRESS,
	HEADGATE_A_CONN_CLIENT_PORT,	/* u16 */
	HEADGATE_A_CONN_SERVICE_ADDRESS,
	HEADGATE_A_CONN_SERVICE_PORT,	/* u16 */
	HEADGATE_A_CONN_SERVER_FAMILY,	/* u8 */
	HEADGATE_A_CONN_SERVER_ADDRESS,
	HEADGATE_A_CONN_SERVER_PORT,	/* u16 */
	HEADGATE_A_CONN_MODE,		/* u8, headgate_mode */
	HEADGATE_A_CONN_STATE,		/* u8: headgate_tcp_state; 0 for UDP */
	HEADGATE_A_CONN_FLAGS,		/* u32, headgate_conn_flags */
	HEADGATE_A_CONN_TIMEOUT,	/* u32 ms: idle time granted in this state */
	HEADGATE_A_CONN_EXPIRES,	/* u32 ms: what is left of it, good to a second */
	HEADGATE_A_CONN_AGE,		/* u32 ms; counted modulo 2^32 jiffies */

	__HEADGATE_A_CONN_MAX
};
#define HEADGATE_A_CONN_MAX (__HEADGATE_A_CONN_MAX - 1)

/* What a filter tells apart: 1 << headgate_tcp_state, and these. */
enum headgate_conn_states {
	HEADGATE_CONN_STATE_F_UDP	= 1 << 11, /* every UDP conn */
	HEADGATE_CONN_STATE_F_KILLED	= 1 << 12, /* whatever its state was */
};
#define HEADGATE_CONN_STATE_F_ALL	0x1fff

enum headgate_filter_flags {
	HEADGATE_FILTER_F_ALL	= 1 << 0, /* every conn is meant: for KILL_CONN */
};

enum headgate_filter_attr {
	HEADGATE_A_FILTER_UNSPEC,
	HEADGATE_A_FILTER_FLAGS,	/* u32, headgate_filter_flags */
	HEADGATE_A_FILTER_FAMILY,	/* u8: of client and service */
	HEADGATE_A_FILTER_PROTOCOL,	/* u8 */
	HEADGATE_A_FILTER_SERVICE_ADDRESS, /* needs FAMILY */
	HEADGATE_A_FILTER_SERVICE_PORT,	/* u16, 1..65535 */
	HEADGATE_A_FILTER_SERVER_FAMILY, /* u8 */
	HEADGATE_A_FILTER_SERVER_ADDRESS, /* needs SERVER_FAMILY */
	HEADGATE_A_FILTER_SERVER_PORT,	/* u16, 1..65535 */
	HEADGATE_A_FILTER_CLIENT_ADDRESS, /* needs FAMILY */
	HEADGATE_A_FILTER_CLIENT_PREFIX, /* u8, 0..128 [all of CLIENT_ADDRESS] */
	HEADGATE_A_FILTER_CLIENT_PORT,	/* u16, 1..65535 */
	HEADGATE_A_FILTER_STATES,	/* u32, headgate_conn_states: one of those set */
	HEADGATE_A_FILTER_AGE_MIN,	/* u32 ms */
	HEADGATE_A_FILTER_AGE_MAX,	/* u32 ms, AGE_MIN or more */

	__HEADGATE_A_FILTER_MAX
};
#define HEADGATE_A_FILTER_MAX (__HEADGATE_A_FILTER_MAX - 1)

/* How many conns are in that state; 0 is left out. */
enum headgate_counts_attr {		/* all ro */
	HEADGATE_A_COUNTS_UNSPEC,
	HEADGATE_A_COUNTS_TCP_NONE,	/* u32 */
	HEADGATE_A_COUNTS_TCP_ESTABLISHED, /* u32 */
	HEADGATE_A_COUNTS_TCP_SYN_SENT,	/* u32 */
	HEADGATE_A_COUNTS_TCP_SYN_RECV,	/* u32 */
	HEADGATE_A_COUNTS_TCP_FIN_WAIT,	/* u32 */
	HEADGATE_A_COUNTS_TCP_TIME_WAIT, /* u32 */
	HEADGATE_A_COUNTS_TCP_CLOSE,	/* u32 */
	HEADGATE_A_COUNTS_TCP_CLOSE_WAIT, /* u32 */
	HEADGATE_A_COUNTS_TCP_LAST_ACK,	/* u32 */
	HEADGATE_A_COUNTS_TCP_LISTEN,	/* u32 */
	HEADGATE_A_COUNTS_TCP_SYNACK,	/* u32 */
	HEADGATE_A_COUNTS_UDP,		/* u32 */
	HEADGATE_A_COUNTS_KILLED,	/* u32 */

	__HEADGATE_A_COUNTS_MAX
};
#define HEADGATE_A_COUNTS_MAX (__HEADGATE_A_COUNTS_MAX - 1)

#endif /* _UAPI_HEADGATE_H */
