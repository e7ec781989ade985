/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Headgate: the generic netlink family "headgate", version 1.
 *
 * This file is the protocol's manual; with headgate_attr.h, which it includes, it
 * is all that the kernel module and its clients share.  docs/netlink/headgate.yaml
 * says the same as a YNL specification, and a test compares the two.
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
 *	CONN_LIMIT below the present number of conns ends none of them, nor does an
 *	AFFINITY_LIMIT end entries.
 *
 * GET_SERVICE (do): SERVICE {key} -> SERVICE.  ENOENT when there is none.
 * GET_SERVICE (dump): one SERVICE a message, in the order of creation.
 * NEW_SERVICE (do): SERVICE {key, SCHEDULER, [NAME], [FLAGS], [TIMEOUTS],
 *	[SLOW_START], [ON_DOWN], [AFFINITY]}.
 *	EEXIST: the key or the name is taken.  ENOENT: no such scheduler.
 *	ENOSPC: 65,536 services.
 * SET_SERVICE (do): SERVICE {key, [NAME], [SCHEDULER], [FLAGS], [TIMEOUTS],
 *	[SLOW_START], [ON_DOWN], [AFFINITY]}; what is absent stays, of TIMEOUTS and
 *	AFFINITY each for itself, and an empty NAME takes the name away.  Conns are
 *	not touched, but for those of servers that are down when ON_DOWN changes.
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
 *	[ADMIN_STATE], [DOWN], [FACTOR], [UPPER], [LOWER], [DRAIN], [MANAGED]}.
 *	EEXIST: there already.  ENOSPC: 65,535 servers in the service or 262,144
 *	in the namespace.  EINVAL: by text (families, port, address).
 * SET_SERVER (do): SERVICE {key} SERVER {the same}; what is absent stays.  A new
 *	MODE or TUNNEL makes it another server, whose conns and counters begin at 0; the old
 *	one's conns go on to their end.
 * DEL_SERVER (do): SERVICE {key} SERVER {key}.  No new conns; those it has go
 *	on to their end, without it being listed, unless ON_DOWN says otherwise.
 * RESET_SERVER (do): SERVICE {key} SERVER {key}.  Takes back what the admin did by
 *	hand: WEIGHT and ADMIN_STATE are what they are managed to be (a server
 *	that is not managed: WEIGHT stays, ADMIN_STATE ready), DOWN's admin is 0.
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
 *	A refusal that is about a staged message begins with its number, the first after
 *	BEGIN is 1, and where only COMMIT could find it, with its attribute: "message 17,
 *	service.name: the name web is taken".
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
 * HEARTBEAT (do): HEARTBEAT.  Whoever keeps DOWN and FACTOR up to date says so, and
 *	when it will again; INFO tells how long ago that was.  Nothing else follows.
 * SWEEP (do): frees every expired conn, and affinity entry, now instead of within
 *	the next sweep (2 to 16 s), and answers when that is done.
 *
 * GET_AFFINITY (dump): [FILTER] -> one AFFINITY a message, as GET_CONN does.
 * FLUSH_AFFINITY (do): FILTER, as KILL_CONN has it -> FLUSHED.  Conns are not touched.
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
 *	(DOWN became other than 0, or 0 again), server_gone, server_drained and
 *	server_deadline (of a DRAIN);
 *	nothing for settings (read them), and for commit, which ends the events of
 *	one change.
 * conn: CONN for conn_new (as its first packet leaves it), conn_state (another STATE,
 *	or killed), conn_gone.  Two of one conn from two CPUs may change places, and
 *	one that is killed while its first packet leaves it has no conn_new.
 *	Nothing is built while nobody listens; the first listener hears what
 *	happens a jiffy after it joined, and all that comes after a GET_CONN.
 *
 * FILTERS, AND KILLED CONNS
 *
 * A FILTER takes the conns that are as all of its attributes say; an empty or
 * absent one takes every conn.  Addresses are compared as they are: of a
 * CLIENT_ADDRESS only the first CLIENT_PREFIX bits.  Of affinity entries it takes
 * those with a client in common with CLIENT_ADDRESS/CLIENT_PREFIX; what entries do not
 * have (CLIENT_PORT, STATES, AGE_MIN, AGE_MAX) is refused there.
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
 * down, but at least 1 while all three are over 0.  The schedulers mh and sh, whose
 * clients move with each change of a weight, see FACTOR and RAMP in eighths, rounded up.
 *
 * MANAGED (a flag) says that a request comes from whoever keeps the configuration,
 * such as a daemon with its file: its WEIGHT and ADMIN_STATE become those that the
 * server is managed to have.  A request without it that names WEIGHT or ADMIN_STATE
 * of such a server overrides them: OVERRIDES tells, MANAGED_WEIGHT and MANAGED_STATE
 * go on to say what they are managed to be, and later requests with MANAGED change
 * only those, until RESET_SERVER.
 *
 * STATES OF A SERVER
 *
 * UPPER and LOWER bound its conns, active and inactive: with UPPER or more it is
 * overloaded and takes no new ones until there are fewer than LOWER (0: three
 * quarters of UPPER).  UPPER 0 is no bound.  STATUS tells.
 *
 * DRAIN {[DEADLINE], [THEN], [REMOVE]} sets ADMIN_STATE drain besides, and watches
 * over it: when the last conn has ended and the last client that would come back is
 * forgotten (AFFINITY), or DEADLINE ms after the request, the event server_drained or
 * server_deadline comes, and with THEN reset the conns left at the deadline are killed,
 * soon after the event.  When those are over that a deadline has kept, server_drained
 * comes after all.  REMOVE deletes the server when the first of the two comes.  What
 * becomes of the conns of a server that its drain deletes is THEN's to say, and not
 * ON_DOWN's.  ADMIN_STATE ready or maint ends the drain, drained or not.
 *
 * SLOW_START: a server that comes into service beside others, new or back, begins
 * with a small share that grows for SLOW_START ms to its full one.  RAMP tells.  With
 * the schedulers rr and lc, which ask no more of a weight than whether it is 0, the
 * server has its full share at once.
 *
 * ON_DOWN says what becomes of the conns of a server that goes down or is deleted:
 * keep; reset: they are killed, as by KILL_CONN; reschedule: UDP conns and those
 * half open end, and their next packet opens a new one.  A changed ON_DOWN holds at once
 * for the servers that are down, and no more for those that were deleted before.  In any
 * case a client whose conn is half open at a server that is down, in ADMIN_STATE maint, or
 * deleted is scheduled anew with its next SYN.
 *
 * AFFINITY
 *
 * With AFFINITY {TIMEOUT} over 0 the first conn of a client is scheduled, and all its
 * later ones go to the same server; clients whose addresses have the first PREFIX bits
 * in common are one client.  The entry that says so ends when the client has had no
 * conn for TIMEOUT: conns in their last states, such as TIME_WAIT, count, and a TCP
 * conn that was never established does not begin the time anew.
 *
 * A client loses its server at once when that goes down, into ADMIN_STATE maint, or is
 * deleted, and is scheduled anew with its next conn.  It keeps one that is overloaded,
 * beyond UPPER.  One that drains (ADMIN_STATE drain, WEIGHT or FACTOR 0) it keeps or
 * loses as DRAINED says; keep is the default, since the client's state is on that
 * server until its session has ended.
 *
 * Entries outlast all other changes of servers and settings, but for another PREFIX and
 * TIMEOUT 0, which end those of the service.  A changed TIMEOUT holds for an entry from
 * its next conn on.  Where there is no room for one more (AFFINITY_LIMIT) the conn is
 * scheduled without, and counted (drop reason NO_AFFINITY).
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
#define HEADGATE_AFFINITY_LIMIT_MAX 33554432
#define HEADGATE_TRANSACTIONS_MAX 64	/* open at once in a namespace */
#define HEADGATE_STAGED_MAX	1048576	/* changes staged in a namespace */
#define HEADGATE_THRESHOLD_MAX	67108863
#define HEADGATE_SLOW_START_MAX	3600000	/* ms: one hour */
#define HEADGATE_DEADLINE_MAX	864000000 /* ms: ten days */
#define HEADGATE_HEARTBEAT_MAX	3600000	/* ms: one hour */
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
	HEADGATE_CMD_RESET_SERVER,
	HEADGATE_CMD_GET_AFFINITY,
	HEADGATE_CMD_FLUSH_AFFINITY,
	HEADGATE_CMD_HEARTBEAT,

	__HEADGATE_CMD_MAX
};
#define HEADGATE_CMD_MAX (__HEADGATE_CMD_MAX - 1)

#include "headgate_attr.h"

#endif /* _UAPI_HEADGATE_H */
