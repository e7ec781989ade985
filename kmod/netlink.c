// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family and its commands.
 *
 * resv_start_op is 0 and .validate is unset in all ops: everything is strict.
 * A command without a policy takes no attribute.  The family runs its commands
 * in parallel, each under its namespace's own lock: one that is busy does not
 * hold up another namespace, nor another family.
 */
#include <linux/mutex.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat.h"
#include "configure.h"
#include "dump.h"
#include "event.h"
#include "heartbeat.h"
#include "net.h"
#include "netlink.h"
#include "policy.h"
#include "request.h"

static struct hg_net *net_of(struct genl_info *info)
{
	return hg_net(genl_info_net(info));
}

/* The service of that key, or NULL with a text. */
static struct hg_service *find_service(struct hg_net *ns,
				       const struct hg_service_key *key,
				       struct nlattr **attrs,
				       struct netlink_ext_ack *extack)
{
	struct hg_service *svc = hg_service_find(ns, key);

	if (!svc)
		hg_request_no_service(key, attrs, extack);
	return svc;
}

static int get_info(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = net_of(info);

	guard(mutex)(&ns->lock);
	return hg_dump_reply_info(info, ns);
}

static int get_settings(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = net_of(info);

	guard(mutex)(&ns->lock);
	return hg_dump_reply_settings(info, ns);
}

/* The range that would be, with what the request leaves as it is. */
static int check_mark_range(struct hg_net *ns, struct hg_settings_cfg *cfg,
			    struct genl_info *info)
{
	const struct nlattr *first = cfg->tb[HEADGATE_A_SETTINGS_CHECK_MARK_FIRST];
	const struct nlattr *last = cfg->tb[HEADGATE_A_SETTINGS_CHECK_MARK_LAST];

	if (!(cfg->has & HG_SETTINGS_HAS_CHECK_FIRST))
		cfg->check_first = ns->check_first;
	if (!(cfg->has & HG_SETTINGS_HAS_CHECK_LAST))
		cfg->check_last = ns->check_last;

	if (cfg->check_first > cfg->check_last) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, last ?: first,
					"check marks: the first, %u, is over the last, %u",
					cfg->check_first, cfg->check_last);
		return -EINVAL;
	}
	if (!cfg->check_first && cfg->check_last) {
		NL_SET_ERR_MSG_ATTR(info->extack, first ?: last,
				    "check marks from 0: that is every unmarked packet's; 1 is the least");
		return -EINVAL;
	}
	return 0;
}

static void apply_settings(struct hg_net *ns, const struct hg_settings_cfg *cfg)
{
	struct hg_events events;
	int i;

	if (cfg->has & HG_SETTINGS_HAS_CONN_LIMIT)
		WRITE_ONCE(ns->conn_limit, cfg->conn_limit);
	if (cfg->has & HG_SETTINGS_HAS_AFFINITY_LIMIT)
		WRITE_ONCE(ns->affinity_limit, cfg->affinity_limit);
	for (i = 1; i <= HEADGATE_A_TIMEOUT_MAX; i++)
		if (cfg->timeouts[i])
			WRITE_ONCE(ns->timeouts[i], cfg->timeouts[i]);
	WRITE_ONCE(ns->check_first, cfg->check_first);
	WRITE_ONCE(ns->check_last, cfg->check_last);
	hg_net_next_gen(ns);
	hg_events_begin(&events, ns);
	hg_events_end(&events, HEADGATE_EVENT_SETTINGS);
}

static int set_settings(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = net_of(info);
	struct nlattr *tb[HEADGATE_A_SETTINGS_MAX + 1];
	struct hg_settings_cfg cfg;
	int err;

	err = hg_request_settings(info->attrs, tb, &cfg, info->extack);
	if (err || !cfg.has)
		return err;

	guard(mutex)(&ns->lock);
	err = check_mark_range(ns, &cfg, info);
	if (!err)
		apply_settings(ns, &cfg);
	return err;
}

static int get_service(struct sk_buff *skb, struct genl_info *info)
{
	struct hg_net *ns = net_of(info);
	struct hg_service_key key;
	struct hg_service *svc;
	int err;

	err = hg_request_service_key(info->attrs, &key, info->extack);
	if (err)
		return err;

	guard(mutex)(&ns->lock);
	svc = find_service(ns, &key, info->attrs, info->extack);
	return svc ? hg_dump_reply_service(info, svc) : -ENOENT;
}

static int get_server(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[HEADGATE_A_SERVER_MAX + 1];
	struct hg_net *ns = net_of(info);
	struct hg_service_key key;
	struct hg_server_cfg cfg;
	struct hg_server *server;
	struct hg_service *svc;
	int err;

	err = hg_request_service_key(info->attrs, &key, info->extack);
	if (!err)
		err = hg_request_server(info->attrs, &key, tb, &cfg, info->extack);
	if (err)
		return err;

	guard(mutex)(&ns->lock);
	svc = find_service(ns, &key, info->attrs, info->extack);
	if (!svc)
		return -ENOENT;
	server = hg_server_find(svc, cfg.af, &cfg.addr, cfg.port);
	if (server)
		return hg_dump_reply_server(info, svc, server);
	hg_request_no_server(&cfg, info->attrs, info->extack);
	return -ENOENT;
}

/* Dumping all services takes no attribute; the one command's policy is for both.
 * 6.1 gives a dump no extack: what is refused here has no text there.
 */
static int dump_services_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;

	if (!attrs[HEADGATE_A_SERVICE])
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, attrs[HEADGATE_A_SERVICE],
			    "a dump of services lists all: no service in its request");
	return -EINVAL;
}

static int dump_servers_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct hg_net *ns = hg_net(sock_net(cb->skb->sk));
	struct hg_service_key key;
	struct hg_service *svc;
	int err;

	if (attrs[HEADGATE_A_SERVER]) {
		NL_SET_ERR_MSG_ATTR(cb->extack, attrs[HEADGATE_A_SERVER],
				    "a dump of servers lists all: no server in its request");
		return -EINVAL;
	}
	if (!attrs[HEADGATE_A_SERVICE]) {
		hg_dump_servers_from(cb, NULL);
		return 0;
	}

	err = hg_request_service_key(attrs, &key, cb->extack);
	if (err)
		return err;
	guard(mutex)(&ns->lock);
	svc = find_service(ns, &key, attrs, cb->extack);
	if (!svc)
		return -ENOENT;
	hg_dump_servers_from(cb, svc);
	return 0;
}

#define POLICY(what)	.policy = hg_policy_##what, \
			.maxattr = ARRAY_SIZE(hg_policy_##what) - 1

static const struct genl_ops ops[] = {
	{
		.cmd	= HEADGATE_CMD_GET_INFO,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= get_info,
	},
	{
		.cmd	= HEADGATE_CMD_GET_SETTINGS,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= get_settings,
	},
	{
		.cmd	= HEADGATE_CMD_SET_SETTINGS,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= set_settings,
		POLICY(settings),
	},
	{
		.cmd	= HEADGATE_CMD_GET_SERVICE,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= get_service,
		.start	= dump_services_start,
		.dumpit	= hg_dump_services,
		POLICY(service_key),
	},
	{
		.cmd	= HEADGATE_CMD_NEW_SERVICE,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_new_service,
		POLICY(service),
	},
	{
		.cmd	= HEADGATE_CMD_SET_SERVICE,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_set_service,
		POLICY(service),
	},
	{
		.cmd	= HEADGATE_CMD_DEL_SERVICE,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_del_service,
		POLICY(service_key),
	},
	{
		.cmd	= HEADGATE_CMD_GET_SERVER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= get_server,
		.start	= dump_servers_start,
		.dumpit	= hg_dump_servers,
		POLICY(server_key),
	},
	{
		.cmd	= HEADGATE_CMD_NEW_SERVER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_new_server,
		POLICY(server),
	},
	{
		.cmd	= HEADGATE_CMD_SET_SERVER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_set_server,
		POLICY(server),
	},
	{
		.cmd	= HEADGATE_CMD_DEL_SERVER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_del_server,
		POLICY(server_key),
	},
	{
		.cmd	= HEADGATE_CMD_FLUSH,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_flush,
	},
	{
		.cmd	= HEADGATE_CMD_GET_CONN,
		.flags	= GENL_UNS_ADMIN_PERM,
		.start	= hg_dump_conns_start,
		.dumpit	= hg_dump_table,
		.done	= hg_dump_table_done,
		POLICY(filter),
	},
	{
		.cmd	= HEADGATE_CMD_COUNT_CONN,
		.flags	= GENL_UNS_ADMIN_PERM,
		.start	= hg_dump_counts_start,
		.dumpit	= hg_dump_counts,
		.done	= hg_dump_counts_done,
		POLICY(filter),
	},
	{
		.cmd	= HEADGATE_CMD_KILL_CONN,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_netlink_kill_conn,
		POLICY(filter),
	},
	{
		.cmd	= HEADGATE_CMD_SWEEP,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_netlink_sweep,
	},
	{
		.cmd	= HEADGATE_CMD_BEGIN,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_begin,
	},
	{
		.cmd	= HEADGATE_CMD_CHECK,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_check,
		POLICY(transaction),
	},
	{
		.cmd	= HEADGATE_CMD_COMMIT,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_commit,
		POLICY(transaction),
	},
	{
		.cmd	= HEADGATE_CMD_ABORT,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_abort,
	},
	{
		.cmd	= HEADGATE_CMD_RESET_SERVER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_configure_reset_server,
		POLICY(server_key),
	},
	{
		.cmd	= HEADGATE_CMD_GET_AFFINITY,
		.flags	= GENL_UNS_ADMIN_PERM,
		.start	= hg_dump_affinities_start,
		.dumpit	= hg_dump_table,
		.done	= hg_dump_table_done,
		POLICY(affinity_filter),
	},
	{
		.cmd	= HEADGATE_CMD_FLUSH_AFFINITY,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_netlink_flush_affinity,
		POLICY(affinity_filter),
	},
	{
		.cmd	= HEADGATE_CMD_HEARTBEAT,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= hg_netlink_heartbeat,
		POLICY(heartbeat),
	},
};

static const struct genl_multicast_group groups[__HG_EVENT_GROUPS] = {
	[HG_EVENT_CONFIG] = {
		.name	= HEADGATE_GROUP_CONFIG,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
	[HG_EVENT_CONN] = {
		.name	= HEADGATE_GROUP_CONN,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family hg_netlink_family __ro_after_init = {
	.name		= HEADGATE_GENL_NAME,
	.version	= HEADGATE_GENL_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= ops,
	.n_ops		= ARRAY_SIZE(ops),
	.mcgrps		= groups,
	.n_mcgrps	= ARRAY_SIZE(groups),
};

int __init hg_netlink_init(void)
{
	int err = genl_register_family(&hg_netlink_family);

	if (!err)
		hg_events_allow(true);
	return err;
}

void hg_netlink_uninit(void)
{
	hg_events_allow(false);
	synchronize_rcu();	/* those of conns */
	hg_net_wait();		/* and of the configuration */
	genl_unregister_family(&hg_netlink_family);
}
