/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The attributes of the family and their values; a part of headgate.h, which has the
 * manual.
 */
#ifndef _UAPI_HEADGATE_ATTR_H
#define _UAPI_HEADGATE_ATTR_H

/* The schedulers there are, in the order they are listed in. */
#define HEADGATE_SCHEDULERS(each) each(rr) each(wrr) each(lc) each(wlc) each(sh) each(mh)

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
	HEADGATE_A_AFFINITY,		/* nest, headgate_affinity_attr */
	HEADGATE_A_FLUSHED,		/* u32 ro: affinity entries that were flushed */
	HEADGATE_A_HEARTBEAT,		/* u32 ms, 1..HEADGATE_HEARTBEAT_MAX: the next comes within */

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
	HEADGATE_EVENT_SERVER_DRAINED,
	HEADGATE_EVENT_SERVER_DEADLINE,
	HEADGATE_EVENT_CONN_NEW,
	HEADGATE_EVENT_CONN_STATE,
	HEADGATE_EVENT_CONN_GONE,

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
	HEADGATE_A_INFO_AFFINITIES,	/* u32: entries in the table, expired ones too */
	HEADGATE_A_INFO_AFFINITY_LIMIT,	/* u32: the limit that holds here, see below */
	HEADGATE_A_INFO_HEARTBEAT,	/* u32 ms: as the last HEARTBEAT said; absent: never one */
	HEADGATE_A_INFO_HEARTBEAT_AGE,	/* u32 ms: since then, at most U32_MAX */

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
	HEADGATE_DROP_MALFORMED,	/* changed by its sender, on this host, after it was read */
	HEADGATE_DROP_CT_NAT,		/* not dropped: conntrack translates it already, left alone */
	HEADGATE_DROP_KILLED,		/* of a killed conn; its sender got a RST */
	HEADGATE_DROP_NO_AFFINITY,	/* not dropped: no room for an affinity entry, scheduled without */

	__HEADGATE_DROP_MAX
};

/*
 * CONN_LIMIT and AFFINITY_LIMIT are what was set; in a namespace that belongs to a
 * user namespace other than the initial one, the module's parameter userns_conns
 * bounds conns and affinity entries of all such namespaces together besides.
 * INFO_CONN_LIMIT and INFO_AFFINITY_LIMIT are the smaller of the two.
 */
enum headgate_settings_attr {
	HEADGATE_A_SETTINGS_UNSPEC,
	HEADGATE_A_SETTINGS_CONN_LIMIT,	/* u32, 1..HEADGATE_CONN_LIMIT_MAX */
	HEADGATE_A_SETTINGS_CHECK_MARK_FIRST, /* u32, 1 or more; 0 with LAST 0 = no check marks */
	HEADGATE_A_SETTINGS_CHECK_MARK_LAST, /* u32, >= FIRST */
	HEADGATE_A_SETTINGS_TIMEOUTS,	/* nest, headgate_timeout_attr */
	HEADGATE_A_SETTINGS_AFFINITY_LIMIT, /* u32, 1..HEADGATE_AFFINITY_LIMIT_MAX */

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
	HEADGATE_SERVICE_F_MANAGED = 1 << 1, /* of whoever keeps the configuration; only told */
};
#define HEADGATE_SERVICE_F_ALL	0x3

/* What becomes of the conns of a server that goes down or is deleted. */
enum headgate_on_down {
	HEADGATE_ON_DOWN_KEEP,
	HEADGATE_ON_DOWN_RESET,
	HEADGATE_ON_DOWN_RESCHEDULE,

	__HEADGATE_ON_DOWN_MAX
};

/* What becomes of a drained server's clients. */
enum headgate_drained {
	HEADGATE_DRAINED_KEEP,		/* they go on opening conns there */
	HEADGATE_DRAINED_LOSE,		/* their next conn goes to another server */

	__HEADGATE_DRAINED_MAX
};

enum headgate_affinity_conf_attr {
	HEADGATE_A_AFFINITY_CONF_UNSPEC,
	HEADGATE_A_AFFINITY_CONF_TIMEOUT, /* u32 ms, 0..HEADGATE_TIMEOUT_MAX; 0 = no affinity [0] */
	HEADGATE_A_AFFINITY_CONF_PREFIX, /* u8, 1..128, IPv4 up to 32 [all of the address] */
	HEADGATE_A_AFFINITY_CONF_DRAINED, /* u8, headgate_drained [keep] */

	__HEADGATE_A_AFFINITY_CONF_MAX
};
#define HEADGATE_A_AFFINITY_CONF_MAX (__HEADGATE_A_AFFINITY_CONF_MAX - 1)

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
	HEADGATE_A_SERVICE_TIMEOUTS,	/* nest, headgate_timeout_attr; 0 there: the namespace's [0] */
	HEADGATE_A_SERVICE_SLOW_START,	/* u32 ms, 0..HEADGATE_SLOW_START_MAX [0] */
	HEADGATE_A_SERVICE_ON_DOWN,	/* u8, headgate_on_down [keep] */
	HEADGATE_A_SERVICE_AFFINITY,	/* nest, headgate_affinity_conf_attr */

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

/* What a DRAIN does with the conns left at its deadline. */
enum headgate_then {
	HEADGATE_THEN_KEEP,
	HEADGATE_THEN_RESET,

	__HEADGATE_THEN_MAX
};

enum headgate_drain_attr {
	HEADGATE_A_DRAIN_UNSPEC,
	HEADGATE_A_DRAIN_DEADLINE,	/* u32 ms, 0..HEADGATE_DEADLINE_MAX; 0 = none [0] */
	HEADGATE_A_DRAIN_THEN,		/* u8, headgate_then [keep] */
	HEADGATE_A_DRAIN_REMOVE,	/* flag: delete the server at the end */
	HEADGATE_A_DRAIN_LEFT,		/* u32 ro ms: to the deadline; absent: there is none */

	__HEADGATE_A_DRAIN_MAX
};
#define HEADGATE_A_DRAIN_MAX (__HEADGATE_A_DRAIN_MAX - 1)

enum headgate_overrides {
	HEADGATE_OVERRIDE_WEIGHT	= 1 << 0,
	HEADGATE_OVERRIDE_STATE		= 1 << 1,
};

enum headgate_status {
	HEADGATE_STATUS_OVERLOADED	= 1 << 0, /* UPPER was reached, LOWER not yet */
	HEADGATE_STATUS_DRAINED		= 1 << 1, /* the DRAIN is over */
};

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
	HEADGATE_A_SERVER_UPPER,	/* u32, 0..HEADGATE_THRESHOLD_MAX; 0 = none [0] */
	HEADGATE_A_SERVER_LOWER,	/* u32, 0..HEADGATE_THRESHOLD_MAX, up to UPPER; 0 = 3/4 of it [0] */
	HEADGATE_A_SERVER_DRAIN,	/* nest, headgate_drain_attr */
	HEADGATE_A_SERVER_MANAGED,	/* flag */
	HEADGATE_A_SERVER_MANAGED_WEIGHT, /* u32 ro; with MANAGED */
	HEADGATE_A_SERVER_MANAGED_STATE, /* u8 ro, headgate_admin_state; with MANAGED */
	HEADGATE_A_SERVER_OVERRIDES,	/* u32 ro, headgate_overrides */
	HEADGATE_A_SERVER_STATUS,	/* u32 ro, headgate_status */

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

/* An entry: the server of all clients in a network. */
enum headgate_affinity_attr {		/* all ro */
	HEADGATE_A_AFFINITY_UNSPEC,
	HEADGATE_A_AFFINITY_FAMILY,	/* u8: of client and service */
	HEADGATE_A_AFFINITY_PROTOCOL,	/* u8 */
	HEADGATE_A_AFFINITY_CLIENT_ADDRESS, /* its first PREFIX bits, then 0 */
	HEADGATE_A_AFFINITY_CLIENT_PREFIX, /* u8 */
	HEADGATE_A_AFFINITY_SERVICE_ADDRESS,
	HEADGATE_A_AFFINITY_SERVICE_PORT, /* u16 */
	HEADGATE_A_AFFINITY_SERVER_FAMILY, /* u8 */
	HEADGATE_A_AFFINITY_SERVER_ADDRESS,
	HEADGATE_A_AFFINITY_SERVER_PORT, /* u16 */
	HEADGATE_A_AFFINITY_TIMEOUT,	/* u32 ms: how long it lasts without conns */
	HEADGATE_A_AFFINITY_EXPIRES,	/* u32 ms: what is left of that; TIMEOUT while it has CONNS */
	HEADGATE_A_AFFINITY_CONNS,	/* u32: conns of these clients */

	__HEADGATE_A_AFFINITY_MAX
};
#define HEADGATE_A_AFFINITY_MAX (__HEADGATE_A_AFFINITY_MAX - 1)

/* What a filter tells apart: 1 << headgate_tcp_state, and these. */
enum headgate_conn_states {
	HEADGATE_CONN_STATE_F_UDP	= 1 << 11, /* every UDP conn */
	HEADGATE_CONN_STATE_F_KILLED	= 1 << 12, /* whatever its state was */
};
#define HEADGATE_CONN_STATE_F_ALL	0x1fff

enum headgate_filter_flags {
	HEADGATE_FILTER_F_ALL	= 1 << 0, /* all are meant: for KILL_CONN and FLUSH_AFFINITY */
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

#endif /* _UAPI_HEADGATE_ATTR_H */
