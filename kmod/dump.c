// SPDX-License-Identifier: GPL-2.0
/*
 * Answers: from structs to netlink attributes.
 *
 * A put_*() writes attributes and returns 0 or -EMSGSIZE, and whoever began the
 * message cancels it then.  A dump is called again and again with an empty skb
 * until it leaves one empty; where it stopped is in cb->ctx.
 */
#include <linux/jiffies.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "affinity.h"
#include "compat.h"
#include "conn.h"
#include "dump.h"
#include "heartbeat.h"
#include "name.h"
#include "net.h"
#include "netlink.h"
#include "sched.h"
#include "server.h"
#include "service.h"
#include "stats.h"
#include "version.h"

int hg_dump_put_address(struct sk_buff *skb, int type, u8 af,
			const union nf_inet_addr *addr)
{
	if (af == AF_INET)
		return nla_put_in_addr(skb, type, addr->ip);
	return nla_put_in6_addr(skb, type, &addr->in6);
}

static int put_counters(struct sk_buff *skb, int type,
			const struct hg_totals *sum)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u64_64bit(skb, HEADGATE_A_COUNTERS_CONNS, sum->conns,
			      HEADGATE_A_COUNTERS_PAD) ||
	    nla_put_u64_64bit(skb, HEADGATE_A_COUNTERS_IN_PACKETS,
			      sum->packets[HG_DIR_ORIG],
			      HEADGATE_A_COUNTERS_PAD) ||
	    nla_put_u64_64bit(skb, HEADGATE_A_COUNTERS_IN_BYTES,
			      sum->bytes[HG_DIR_ORIG],
			      HEADGATE_A_COUNTERS_PAD) ||
	    nla_put_u64_64bit(skb, HEADGATE_A_COUNTERS_OUT_PACKETS,
			      sum->packets[HG_DIR_REPLY],
			      HEADGATE_A_COUNTERS_PAD) ||
	    nla_put_u64_64bit(skb, HEADGATE_A_COUNTERS_OUT_BYTES,
			      sum->bytes[HG_DIR_REPLY],
			      HEADGATE_A_COUNTERS_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Those that are not 0. */
static int put_timeouts(struct sk_buff *skb, int type, const u32 *timeouts)
{
	struct nlattr *nest = nla_nest_start(skb, type);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i <= HEADGATE_A_TIMEOUT_MAX; i++)
		if (timeouts[i] && nla_put_u32(skb, i, jiffies_to_msecs(timeouts[i])))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_service_key(struct sk_buff *skb, const struct hg_service_key *key)
{
	if (nla_put_u8(skb, HEADGATE_A_SERVICE_FAMILY, key->af) ||
	    nla_put_u8(skb, HEADGATE_A_SERVICE_PROTOCOL, key->proto) ||
	    hg_dump_put_address(skb, HEADGATE_A_SERVICE_ADDRESS, key->af,
				&key->addr) ||
	    nla_put_u16(skb, HEADGATE_A_SERVICE_PORT, ntohs(key->port)))
		return -EMSGSIZE;
	return 0;
}

static int put_service_sums(struct sk_buff *skb, struct hg_service *svc)
{
	struct hg_totals sum = {};
	u32 active = 0, inactive = 0;

	hg_service_sum(svc, &sum, &active, &inactive);
	if (nla_put_u32(skb, HEADGATE_A_SERVICE_ACTIVE, active) ||
	    nla_put_u32(skb, HEADGATE_A_SERVICE_INACTIVE, inactive))
		return -EMSGSIZE;
	return put_counters(skb, HEADGATE_A_SERVICE_COUNTERS, &sum);
}

int hg_dump_put_service(struct sk_buff *skb, struct hg_service *svc)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_SERVICE);
	const struct hg_pool *pool = hg_service_pool(svc);
	const char *name = hg_name_text(svc->name);

	if (!nest || put_service_key(skb, &svc->key) ||
	    (name[0] && nla_put_string(skb, HEADGATE_A_SERVICE_NAME, name)) ||
	    nla_put_string(skb, HEADGATE_A_SERVICE_SCHEDULER, pool->conf.sched->name) ||
	    nla_put_bitfield32(skb, HEADGATE_A_SERVICE_FLAGS, pool->conf.flags,
			       HEADGATE_SERVICE_F_ALL) ||
	    put_timeouts(skb, HEADGATE_A_SERVICE_TIMEOUTS, pool->conf.timeouts) ||
	    nla_put_u32(skb, HEADGATE_A_SERVICE_SLOW_START,
			jiffies_to_msecs(pool->conf.slow_start)) ||
	    nla_put_u8(skb, HEADGATE_A_SERVICE_ON_DOWN, pool->conf.on_down) ||
	    hg_dump_put_affinity_conf(skb, &pool->conf.affinity) ||
	    nla_put_u32(skb, HEADGATE_A_SERVICE_SERVERS, pool->n) ||
	    put_service_sums(skb, svc))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The mark of health checks to @server, where the range has one for it. */
static int put_check_mark(struct sk_buff *skb, const struct hg_server *server)
{
	const struct hg_net *ns = server->ns;

	if (!ns->check_last || server->check_id == HG_NO_CHECK_ID ||
	    server->check_id > ns->check_last - ns->check_first)
		return 0;
	return nla_put_u32(skb, HEADGATE_A_SERVER_CHECK_MARK,
			   ns->check_first + server->check_id);
}

static int put_server_state(struct sk_buff *skb, const struct hg_server *server)
{
	u64 load = atomic64_read(&server->load);
	u32 active = hg_load_active(load);
	struct hg_totals sum = {};

	hg_stats_add(&sum, server->counters);
	if (nla_put_u32(skb, HEADGATE_A_SERVER_RAMP, server->ramp) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_EFFECTIVE_WEIGHT,
			hg_server_effective(server)) ||
	    put_check_mark(skb, server) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_ACTIVE, active) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_INACTIVE,
			hg_load_total(load) - active))
		return -EMSGSIZE;
	return put_counters(skb, HEADGATE_A_SERVER_COUNTERS, &sum);
}

static u32 status_of(const struct hg_server *server)
{
	return (READ_ONCE(server->overloaded) ? HEADGATE_STATUS_OVERLOADED : 0) |
	       (server->drained ? HEADGATE_STATUS_DRAINED : 0);
}

static int put_drain(struct sk_buff *skb, const struct hg_server_conf *conf)
{
	struct nlattr *nest;
	long left = conf->deadline - jiffies;

	if (!conf->drains)
		return 0;
	nest = nla_nest_start(skb, HEADGATE_A_SERVER_DRAIN);
	if (!nest || nla_put_u8(skb, HEADGATE_A_DRAIN_THEN, conf->then) ||
	    (conf->remove && nla_put_flag(skb, HEADGATE_A_DRAIN_REMOVE)) ||
	    (conf->has_deadline && nla_put_u32(skb, HEADGATE_A_DRAIN_LEFT,
					       jiffies_to_msecs(max(left, 0L)))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_managed(struct sk_buff *skb, const struct hg_server_conf *conf)
{
	if (!conf->managed)
		return 0;
	if (nla_put_flag(skb, HEADGATE_A_SERVER_MANAGED) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_MANAGED_WEIGHT, conf->managed_weight) ||
	    nla_put_u8(skb, HEADGATE_A_SERVER_MANAGED_STATE, conf->managed_state))
		return -EMSGSIZE;
	return 0;
}

static int put_server(struct sk_buff *skb, const struct hg_server *server)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_SERVER);

	if (!nest ||
	    nla_put_u8(skb, HEADGATE_A_SERVER_FAMILY, server->af) ||
	    hg_dump_put_address(skb, HEADGATE_A_SERVER_ADDRESS, server->af,
				&server->addr) ||
	    nla_put_u16(skb, HEADGATE_A_SERVER_PORT, ntohs(server->port)) ||
	    nla_put_u8(skb, HEADGATE_A_SERVER_MODE, server->mode) ||
	    nla_put_u8(skb, HEADGATE_A_SERVER_TUNNEL, server->tunnel) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_WEIGHT, server->conf.weight) ||
	    nla_put_u8(skb, HEADGATE_A_SERVER_ADMIN_STATE, server->conf.admin_state) ||
	    nla_put_bitfield32(skb, HEADGATE_A_SERVER_DOWN, server->conf.down,
			       HEADGATE_DOWN_ALL) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_FACTOR, server->conf.factor) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_UPPER, server->conf.upper) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_LOWER, server->conf.lower) ||
	    put_drain(skb, &server->conf) || put_managed(skb, &server->conf) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_OVERRIDES, server->conf.overrides) ||
	    nla_put_u32(skb, HEADGATE_A_SERVER_STATUS, status_of(server)) ||
	    put_server_state(skb, server))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int hg_dump_put_service_key(struct sk_buff *skb, const struct hg_service_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_SERVICE);

	if (!nest || put_service_key(skb, key))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* A server's message: SERVICE {key} SERVER. */
int hg_dump_put_server_of(struct sk_buff *skb, const struct hg_service *svc,
			  const struct hg_server *server)
{
	return hg_dump_put_service_key(skb, &svc->key) ?: put_server(skb, server);
}

static int put_drop(struct sk_buff *skb, struct hg_net *ns,
		    enum headgate_drop reason)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_INFO_DROP);

	if (!nest || nla_put_u32(skb, HEADGATE_A_DROP_REASON, reason) ||
	    nla_put_string(skb, HEADGATE_A_DROP_NAME, hg_stats_drop_name(reason)) ||
	    nla_put_u64_64bit(skb, HEADGATE_A_DROP_PACKETS,
			      hg_stats_dropped(ns, reason), HEADGATE_A_DROP_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_info(struct sk_buff *skb, struct hg_net *ns)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_INFO);
	const struct hg_sched *sched;
	unsigned int i;

	if (!nest ||
	    nla_put_string(skb, HEADGATE_A_INFO_VERSION, HG_VERSION) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_GENERATION, ns->gen) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_SERVICES, ns->nservices) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_SERVERS, ns->nservers) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_CONNS, atomic_read(&ns->conn_count)) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_CONN_LIMIT, hg_conn_limit(ns)) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_AFFINITIES,
			atomic_read(&ns->affinity_count)) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_AFFINITY_LIMIT, hg_affinity_limit(ns)) ||
	    hg_heartbeat_put(skb, ns))
		return -EMSGSIZE;
	for (i = 0; (sched = hg_sched_nth(i)); i++)
		if (nla_put_string(skb, HEADGATE_A_INFO_SCHEDULER, sched->name))
			return -EMSGSIZE;
	for (i = 0; i < __HEADGATE_DROP_MAX; i++)
		if (put_drop(skb, ns, i))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_generation(struct sk_buff *skb, const struct hg_net *ns)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_INFO);

	if (!nest || nla_put_u32(skb, HEADGATE_A_INFO_GENERATION, ns->gen))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_settings(struct sk_buff *skb, const struct hg_net *ns)
{
	struct nlattr *nest = nla_nest_start(skb, HEADGATE_A_SETTINGS);

	if (!nest ||
	    nla_put_u32(skb, HEADGATE_A_SETTINGS_CONN_LIMIT, ns->conn_limit) ||
	    nla_put_u32(skb, HEADGATE_A_SETTINGS_AFFINITY_LIMIT, ns->affinity_limit) ||
	    nla_put_u32(skb, HEADGATE_A_SETTINGS_CHECK_MARK_FIRST,
			ns->check_first) ||
	    nla_put_u32(skb, HEADGATE_A_SETTINGS_CHECK_MARK_LAST,
			ns->check_last) ||
	    put_timeouts(skb, HEADGATE_A_SETTINGS_TIMEOUTS, ns->timeouts))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* One page holds any answer. */
struct sk_buff *hg_dump_reply_begin(struct genl_info *info, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb) {
		NL_SET_ERR_MSG(info->extack, "the kernel has no memory for the answer");
		return NULL;
	}
	*hdr = genlmsg_put_reply(skb, info, &hg_netlink_family, 0,
				 info->genlhdr->cmd);
	return skb;
}

/* Sends it, or throws it away when @err. */
static int reply_end(struct genl_info *info, struct sk_buff *skb, void *hdr,
		     int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

int hg_dump_reply_info(struct genl_info *info, struct hg_net *ns)
{
	struct sk_buff *skb;
	void *hdr;

	lockdep_assert_held(&ns->lock);
	skb = hg_dump_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	return reply_end(info, skb, hdr, put_info(skb, ns));
}

int hg_dump_reply_generation(struct genl_info *info, struct hg_net *ns)
{
	struct sk_buff *skb;
	void *hdr;

	lockdep_assert_held(&ns->lock);
	skb = hg_dump_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	return reply_end(info, skb, hdr, put_generation(skb, ns));
}

int hg_dump_reply_settings(struct genl_info *info, struct hg_net *ns)
{
	struct sk_buff *skb;
	void *hdr;

	lockdep_assert_held(&ns->lock);
	skb = hg_dump_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	return reply_end(info, skb, hdr, put_settings(skb, ns));
}

int hg_dump_reply_service(struct genl_info *info, struct hg_service *svc)
{
	struct sk_buff *skb;
	void *hdr;

	lockdep_assert_held(&svc->ns->lock);
	skb = hg_dump_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	return reply_end(info, skb, hdr, hg_dump_put_service(skb, svc));
}

int hg_dump_reply_server(struct genl_info *info, struct hg_service *svc,
			 struct hg_server *server)
{
	struct sk_buff *skb;
	void *hdr;

	lockdep_assert_held(&svc->ns->lock);
	skb = hg_dump_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	return reply_end(info, skb, hdr, hg_dump_put_server_of(skb, svc, server));
}

int hg_dump_reply_number(struct genl_info *info, struct sk_buff *skb, void *hdr,
			 int type, u32 number)
{
	return reply_end(info, skb, hdr, nla_put_u32(skb, type, number));
}

void *hg_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &hg_netlink_family, NLM_F_MULTI, cmd);
}

int hg_dump_end(struct sk_buff *skb, struct netlink_callback *cb, void *hdr,
		int err)
{
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	/* Sets NLM_F_DUMP_INTR once and forgets: not on one that is cancelled. */
	genl_dump_check_consistent(cb, hdr);
	genlmsg_end(skb, hdr);
	return 0;
}

/* Where a dump of services or servers goes on. */
struct config_cursor {
	unsigned long	id;	/* of the service */
	u32		slot;	/* in its pool */
	bool		only;	/* no other service than this one */
};

static struct config_cursor *config_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct config_cursor) > sizeof(cb->ctx));
	return (struct config_cursor *)cb->ctx;
}

int hg_dump_services(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));
	struct config_cursor *at = config_cursor(cb);
	struct hg_service *svc;
	unsigned long id;
	void *hdr;

	guard(mutex)(&ns->lock);
	cb->seq = ns->gen;
	xa_for_each_start(&ns->service_ids, id, svc, at->id) {
		at->id = id;
		hdr = hg_dump_begin(skb, cb, HEADGATE_CMD_GET_SERVICE);
		if (!hdr || hg_dump_end(skb, cb, hdr, hg_dump_put_service(skb, svc)))
			return skb->len ?: -EMSGSIZE;
		at->id = id + 1;
	}
	return skb->len;
}

void hg_dump_servers_from(struct netlink_callback *cb,
			  const struct hg_service *only)
{
	struct config_cursor *at = config_cursor(cb);

	memset(at, 0, sizeof(*at));
	if (!only)
		return;
	lockdep_assert_held(&only->ns->lock);
	at->id = only->id;
	at->only = true;
}

static int dump_servers_of(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct hg_service *svc, struct config_cursor *at)
{
	const struct hg_pool *pool = hg_service_pool(svc);
	void *hdr;
	int err;

	for (; at->slot < pool->n; at->slot++) {
		hdr = hg_dump_begin(skb, cb, HEADGATE_CMD_GET_SERVER);
		if (!hdr)
			return -EMSGSIZE;
		err = hg_dump_put_server_of(skb, svc, pool->slots[at->slot].server);
		if (hg_dump_end(skb, cb, hdr, err))
			return -EMSGSIZE;
	}
	return 0;
}

int hg_dump_servers(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));
	struct config_cursor *at = config_cursor(cb);
	struct hg_service *svc;
	unsigned long id;

	guard(mutex)(&ns->lock);
	cb->seq = ns->gen;
	xa_for_each_start(&ns->service_ids, id, svc, at->id) {
		if (id != at->id) {
			if (at->only)
				break;
			at->id = id;
			at->slot = 0;
		}
		if (dump_servers_of(skb, cb, svc, at))
			return skb->len ?: -EMSGSIZE;
		if (at->only)
			break;
	}
	return skb->len;
}
