/* SPDX-License-Identifier: GPL-2.0 */
/* Events: what happens, told to whoever listens. */
#ifndef _HG_EVENT_H
#define _HG_EVENT_H

#include <linux/jiffies.h>
#include <linux/types.h>

#include "uapi/headgate.h"
#include "net.h"

struct hg_conn;
struct hg_server;
struct hg_service;
struct sk_buff;

/* The family's multicast groups, by their place in its list. */
enum hg_event_group {
	HG_EVENT_CONFIG,
	HG_EVENT_CONN,

	__HG_EVENT_GROUPS
};

/**
 * struct hg_events - the events of one change of the configuration
 * @ns: the namespace
 * @skb: those not sent yet, or NULL
 * @wanted: somebody listens
 */
struct hg_events {
	struct hg_net	*ns;
	struct sk_buff	*skb;
	bool		wanted;
};

/* The family is registered; false: no more events, from a grace period later on. */
void hg_events_allow(bool allowed);

/* All of the next under ns->lock, when the change is in force.  Without memory for
 * an event, the listeners are told that they lost some.
 */
void hg_events_begin(struct hg_events *events, struct hg_net *ns);
void hg_events_service(struct hg_events *events, enum headgate_event type,
		       struct hg_service *svc);
void hg_events_server(struct hg_events *events, enum headgate_event type,
		      struct hg_service *svc, struct hg_server *server);

/* The last of them, and sends all. */
void hg_events_end(struct hg_events *events, enum headgate_event type);

/* Looks whether somebody listens to conns. */
void hg_event_listen(struct hg_net *ns);

/* Tells of a conn as it is with state word @word.  Under RCU, BH off. */
void hg_event_conn(struct hg_net *ns, enum headgate_event type, const struct hg_conn *conn,
		   u32 word);

/* Does somebody listen to conns?  Each packet that changes one asks, so the answer is
 * kept for a jiffy.
 */
static inline bool hg_event_wanted(struct hg_net *ns)
{
	if (unlikely(READ_ONCE(ns->listen_at) != (u32)jiffies))
		hg_event_listen(ns);
	return unlikely(READ_ONCE(ns->listening));
}

#endif /* _HG_EVENT_H */
