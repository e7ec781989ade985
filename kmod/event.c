// SPDX-License-Identifier: GPL-2.0
/*
 * Events.
 *
 * Those of the configuration are told by whoever holds ns->lock, after the change
 * came into force, and many go into one skb: a commit may have a hundred thousand.
 */
#include <linux/ktime.h>
#include <net/genetlink.h>

#include "dump.h"
#include "event.h"
#include "net.h"
#include "netlink.h"
#include "service.h"

/* Enough for several; none is larger than half of it. */
#define BATCH	NLMSG_DEFAULT_SIZE

/* When the module goes, the family goes first, and its groups may be others' then. */
static bool allowed;

static int put_event(struct sk_buff *skb, struct hg_net *ns, enum headgate_event type)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_EVENT);

	if (!nest || nla_put_u32(skb, HEADGATE_A_EVENT_TYPE, type) ||
	    nla_put_u32(skb, HEADGATE_A_EVENT_SEQUENCE, ns->config_events) ||
	    nla_put_u64_64bit(skb, HEADGATE_A_EVENT_TIME, ktime_get_real_ns(),
			      HEADGATE_A_EVENT_PAD) ||
	    nla_put_u32(skb, HEADGATE_A_EVENT_GENERATION, ns->gen))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_object(struct sk_buff *skb, enum headgate_event type,
		      struct hg_service *svc, struct hg_server *server)
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
	if (put_event(skb, events->ns, type) || put_object(skb, type, svc, server)) {
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
