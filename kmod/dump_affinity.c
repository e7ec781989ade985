// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "affinity.h"
#include "dump.h"
#include "filter.h"
#include "net.h"
#include "server.h"
#include "service.h"

int hg_dump_put_affinity_conf(struct sk_buff *skb, const struct hg_affinity_conf *conf)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_SERVICE_AFFINITY);

	if (!nest ||
	    nla_put_u32(skb, HEADGATE_A_AFFINITY_CONF_TIMEOUT,
			jiffies_to_msecs(conf->timeout)) ||
	    nla_put_u8(skb, HEADGATE_A_AFFINITY_CONF_PREFIX, conf->prefix) ||
	    nla_put_u8(skb, HEADGATE_A_AFFINITY_CONF_DRAINED, conf->drained))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_who(struct sk_buff *skb, const struct hg_affinity *entry,
		   const struct hg_service_key *key)
{
	const struct hg_server *server = entry->server;

	if (nla_put_u8(skb, HEADGATE_A_AFFINITY_FAMILY, key->af) ||
	    nla_put_u8(skb, HEADGATE_A_AFFINITY_PROTOCOL, key->proto) ||
	    hg_dump_put_address(skb, HEADGATE_A_AFFINITY_CLIENT_ADDRESS, key->af,
				&entry->key.client) ||
	    nla_put_u8(skb, HEADGATE_A_AFFINITY_CLIENT_PREFIX, entry->key.prefix) ||
	    hg_dump_put_address(skb, HEADGATE_A_AFFINITY_SERVICE_ADDRESS, key->af,
				&key->addr) ||
	    nla_put_u16(skb, HEADGATE_A_AFFINITY_SERVICE_PORT, ntohs(key->port)) ||
	    nla_put_u8(skb, HEADGATE_A_AFFINITY_SERVER_FAMILY, server->af) ||
	    hg_dump_put_address(skb, HEADGATE_A_AFFINITY_SERVER_ADDRESS, server->af,
				&server->addr) ||
	    nla_put_u16(skb, HEADGATE_A_AFFINITY_SERVER_PORT, ntohs(server->port)))
		return -EMSGSIZE;
	return 0;
}

static int put_entry(struct sk_buff *skb, const struct hg_affinity *entry,
		     const struct hg_service_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_AFFINITY);
	u32 conns = hg_affinity_conns(entry);
	u32 timeout = READ_ONCE(entry->timeout);
	s32 left = READ_ONCE(entry->expires) - (u32)jiffies;

	if (conns)
		left = timeout;
	if (!nest || put_who(skb, entry, key) ||
	    nla_put_u32(skb, HEADGATE_A_AFFINITY_TIMEOUT, hg_dump_msecs(timeout)) ||
	    nla_put_u32(skb, HEADGATE_A_AFFINITY_EXPIRES, hg_dump_msecs(max(left, 0))) ||
	    nla_put_u32(skb, HEADGATE_A_AFFINITY_CONNS, conns))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Puts the entry, if it is wanted, unless it is over. */
static int dump_entry(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct hg_filter *filter, void *object)
{
	const struct hg_affinity *entry = object;
	const struct hg_service *svc = rcu_dereference(entry->server->service);
	void *hdr;

	if (!svc || hg_affinity_over(entry) || !hg_filter_match_affinity(entry, filter))
		return 0;
	hdr = hg_dump_begin(skb, cb, HEADGATE_CMD_GET_AFFINITY);
	if (!hdr)
		return -EMSGSIZE;
	return hg_dump_end(skb, cb, hdr, put_entry(skb, entry, &svc->key));
}

int hg_dump_affinities_start(struct netlink_callback *cb)
{
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));

	return hg_dump_table_start(cb, &ns->affinities, dump_entry);
}
