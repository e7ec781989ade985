// SPDX-License-Identifier: GPL-2.0
/*
 * Events.
 *
 * Those of the configuration are told by whoever holds ns->lock, after the change
 * came into force, and many go into one skb: a commit may have a hundred thousand.
 * Those of conns are told from the packet path, one by one.
 */
#include <linux/ktime.h>
#include <net/genetlink.h>

#include "conn.h"
#include "dump.h"
#include "event.h"
#include "netlink.h"
#include "service.h"

/* Enough for several; none is larger than half of it. */
#define BATCH	NLMSG_DEFAULT_SIZE

/* A conn's has a fixed number of attributes: IPv6's are the longest. */
#define CONN_EVENT_SIZE	512

/* When the module goes, the family goes first, and its groups may be others' then. */
static bool allowed;

/* An EVENT, but for its end. */
static struct nlattr *put_event(struct sk_buff *skb, enum headgate_event type, u32 sequence)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_EVENT);

	if (!nest || nla_put_u32(skb, HEADGATE_A_EVENT_TYPE, type) ||
	    nla_put_u32(skb, HEADGATE_A_EVENT_SEQUENCE, sequence) ||
	    nla_put_u64_64bit(skb, HEADGATE_A_EVENT_TIME, ktime_get_real_ns(),
			      HEADGATE_A_EVENT_PAD))
		return NULL;
	return nest;
}

static int put_config_event(struct sk_buff *skb, struct hg_net *ns, enum headgate_event type)
{
	struct nlattr *nest = put_event(skb, type, ns->config_events);

	if (!nest || nla_put_u32(skb, HEADGATE_A_EVENT_GENERATION, ns->gen))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_object(struct sk_buff *skb, struct hg_service *svc,
		      struct hg_server *server)
{
	if (server)
		return hg_dump_put_server_of(skb, svc, server);
	return svc ? hg_dump_put_service(skb, svc) : 0;
}

/* One message more in the skb, or -EMSGSIZE. */
static int append(struct hg_events *events, enum headgate_event type,
		  struct hg_service *svc, struct hg_server *server)
{
	struct sk_buff *skb = events->skb;
	void *hdr = genlmsg_put(skb, 0, 0, &hg_netlink_family, 0, HEADGATE_CMD_EVENT);

	if (!hdr)
		return -EMSGSIZE;
	if (put_config_event(skb, events->ns, type) || put_object(skb, svc, server)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static void send(struct hg_events *events)
{
	if (events->skb && events->skb->len)
		genlmsg_multicast_netns(&hg_netlink_family, events->ns->net, events->skb, 0,
					HG_EVENT_CONFIG, GFP_KERNEL);
	else
		nlmsg_free(events->skb);
	events->skb = NULL;
}

static int next_skb(struct hg_events *events)
{
	send(events);
	events->skb = nlmsg_new(BATCH, GFP_KERNEL);
	return events->skb ? 0 : -ENOMEM;
}

static void add(struct hg_events *events, enum headgate_event type,
		struct hg_service *svc, struct hg_server *server)
{
	int err = 0;

	lockdep_assert_held(&events->ns->lock);
	if (!events->wanted)
		return;
	events->ns->config_events++;
	if (!events->skb)
		err = next_skb(events);
	if (!err)
		err = append(events, type, svc, server);
	if (err == -EMSGSIZE) {
		err = next_skb(events);
		if (!err)
			err = append(events, type, svc, server);
	}
	if (err)
		genl_set_err(&hg_netlink_family, events->ns->net, 0, HG_EVENT_CONFIG,
			     -ENOBUFS);
}

void hg_events_allow(bool allow)
{
	WRITE_ONCE(allowed, allow);
}

void hg_events_begin(struct hg_events *events, struct hg_net *ns)
{
	events->ns = ns;
	events->skb = NULL;
	events->wanted = READ_ONCE(allowed) &&
			 genl_has_listeners(&hg_netlink_family, ns->net, HG_EVENT_CONFIG);
}

void hg_events_service(struct hg_events *events, enum headgate_event type,
		       struct hg_service *svc)
{
	add(events, type, svc, NULL);
}

void hg_events_server(struct hg_events *events, enum headgate_event type,
		      struct hg_service *svc, struct hg_server *server)
{
	add(events, type, svc, server);
}

void hg_events_end(struct hg_events *events, enum headgate_event type)
{
	add(events, type, NULL, NULL);
	send(events);
}

void hg_event_listen(struct hg_net *ns)
{
	bool listening = READ_ONCE(allowed) &&
			 genl_has_listeners(&hg_netlink_family, ns->net, HG_EVENT_CONN);

	WRITE_ONCE(ns->listening, listening);
	WRITE_ONCE(ns->listen_at, (u32)jiffies);
}

static struct sk_buff *make_conn_event(struct hg_net *ns, enum headgate_event type,
				       const struct hg_conn *conn, u32 word)
{
	struct sk_buff *skb = genlmsg_new(CONN_EVENT_SIZE, GFP_ATOMIC);
	struct nlattr *nest;
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put(skb, 0, 0, &hg_netlink_family, 0, HEADGATE_CMD_EVENT);
	nest = put_event(skb, type, atomic_inc_return(&ns->conn_events));
	if (WARN_ON_ONCE(!hdr || !nest))
		goto free;
	nla_nest_end(skb, nest);
	if (WARN_ON_ONCE(hg_dump_put_conn(skb, conn, word)))
		goto free;
	genlmsg_end(skb, hdr);
	return skb;

free:
	nlmsg_free(skb);
	return NULL;
}

void hg_event_conn(struct hg_net *ns, enum headgate_event type, const struct hg_conn *conn,
		   u32 word)
{
	struct sk_buff *skb;

	/* Kept answers outlive the family by a jiffy. */
	if (!READ_ONCE(allowed))
		return;
	skb = make_conn_event(ns, type, conn, word);
	if (skb)
		genlmsg_multicast_netns(&hg_netlink_family, ns->net, skb, 0, HG_EVENT_CONN,
					GFP_ATOMIC);
	else
		genl_set_err(&hg_netlink_family, ns->net, 0, HG_EVENT_CONN, -ENOBUFS);
}
