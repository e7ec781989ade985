// SPDX-License-Identifier: GPL-2.0
/* Requests, what they say of a server. */
#include <linux/jiffies.h>
#include <net/netlink.h>

#include "compat.h"
#include "request.h"

static int get_server_key(struct nlattr **tb, const struct nlattr *nest,
			  const struct hg_service_key *svc,
			  struct hg_server_cfg *cfg,
			  struct netlink_ext_ack *extack)
{
	int err;

	cfg->af = svc->af;
	if (tb[HEADGATE_A_SERVER_FAMILY]) {
		err = hg_request_family(tb[HEADGATE_A_SERVER_FAMILY], &cfg->af, extack);
		if (err)
			return err;
	}
	cfg->port = svc->port;
	if (tb[HEADGATE_A_SERVER_PORT])
		cfg->port = htons(nla_get_u16(tb[HEADGATE_A_SERVER_PORT]));

	if (!tb[HEADGATE_A_SERVER_ADDRESS])
		return hg_request_missing(nest, HEADGATE_A_SERVER_ADDRESS,
				      "the server's address", extack);
	return hg_request_unicast(tb[HEADGATE_A_SERVER_ADDRESS], cfg->af, &cfg->addr,
				  "server", extack);
}

/* The rest of a server, over the defaults. */
static void get_server_settings(struct nlattr **tb, struct hg_server_cfg *cfg)
{
	struct nla_bitfield32 bits;

	cfg->weight = 1;
	cfg->factor = HEADGATE_FACTOR_MAX;
	if (tb[HEADGATE_A_SERVER_MODE]) {
		cfg->mode = nla_get_u8(tb[HEADGATE_A_SERVER_MODE]);
		cfg->has |= HG_SERVER_HAS_MODE;
	}
	if (tb[HEADGATE_A_SERVER_TUNNEL]) {
		cfg->tunnel = nla_get_u8(tb[HEADGATE_A_SERVER_TUNNEL]);
		cfg->has |= HG_SERVER_HAS_TUNNEL;
	}
	if (tb[HEADGATE_A_SERVER_WEIGHT]) {
		cfg->weight = nla_get_u32(tb[HEADGATE_A_SERVER_WEIGHT]);
		cfg->has |= HG_SERVER_HAS_WEIGHT;
	}
	if (tb[HEADGATE_A_SERVER_ADMIN_STATE]) {
		cfg->admin_state = nla_get_u8(tb[HEADGATE_A_SERVER_ADMIN_STATE]);
		cfg->has |= HG_SERVER_HAS_ADMIN_STATE;
	}
	if (tb[HEADGATE_A_SERVER_DOWN]) {
		bits = nla_get_bitfield32(tb[HEADGATE_A_SERVER_DOWN]);
		cfg->down = bits.value;
		cfg->down_mask = bits.selector;
		cfg->has |= HG_SERVER_HAS_DOWN;
	}
	if (tb[HEADGATE_A_SERVER_FACTOR]) {
		cfg->factor = nla_get_u32(tb[HEADGATE_A_SERVER_FACTOR]);
		cfg->has |= HG_SERVER_HAS_FACTOR;
	}
	if (tb[HEADGATE_A_SERVER_UPPER]) {
		cfg->upper = nla_get_u32(tb[HEADGATE_A_SERVER_UPPER]);
		cfg->has |= HG_SERVER_HAS_UPPER;
	}
	if (tb[HEADGATE_A_SERVER_LOWER]) {
		cfg->lower = nla_get_u32(tb[HEADGATE_A_SERVER_LOWER]);
		cfg->has |= HG_SERVER_HAS_LOWER;
	}
	if (tb[HEADGATE_A_SERVER_MANAGED])
		cfg->has |= HG_SERVER_HAS_MANAGED;
}

static int get_drain(struct nlattr **tb, struct hg_server_cfg *cfg,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = tb[HEADGATE_A_SERVER_DRAIN];
	struct nlattr *drain[HEADGATE_A_DRAIN_MAX + 1];
	int err;

	if (!nest)
		return 0;
	err = nla_parse_nested(drain, HEADGATE_A_DRAIN_MAX, nest, NULL, extack);
	if (err)
		return err;
	if (cfg->has & HG_SERVER_HAS_ADMIN_STATE &&
	    cfg->admin_state != HEADGATE_ADMIN_DRAIN) {
		NL_SET_ERR_MSG_ATTR(extack, tb[HEADGATE_A_SERVER_ADMIN_STATE],
				    "a drain beside an admin state that is not drain");
		return -EINVAL;
	}
	if (drain[HEADGATE_A_DRAIN_DEADLINE])
		cfg->deadline =
			msecs_to_jiffies(nla_get_u32(drain[HEADGATE_A_DRAIN_DEADLINE]));
	if (drain[HEADGATE_A_DRAIN_THEN])
		cfg->then = nla_get_u8(drain[HEADGATE_A_DRAIN_THEN]);
	cfg->remove = drain[HEADGATE_A_DRAIN_REMOVE];
	cfg->admin_state = HEADGATE_ADMIN_DRAIN;
	cfg->has |= HG_SERVER_HAS_ADMIN_STATE | HG_SERVER_HAS_DRAIN;
	return 0;
}

int hg_request_server(struct nlattr **attrs, const struct hg_service_key *svc,
		      struct nlattr *tb[HEADGATE_A_SERVER_MAX + 1],
		      struct hg_server_cfg *cfg, struct netlink_ext_ack *extack)
{
	int err;

	err = hg_request_nest(attrs, HEADGATE_A_SERVER, "the server", tb,
			      HEADGATE_A_SERVER_MAX, extack);
	if (err)
		return err;

	memset(cfg, 0, sizeof(*cfg));
	cfg->tb = tb;
	err = get_server_key(tb, attrs[HEADGATE_A_SERVER], svc, cfg, extack);
	if (err)
		return err;
	get_server_settings(tb, cfg);
	return get_drain(tb, cfg, extack);
}

void hg_request_no_server(const struct hg_server_cfg *cfg, struct nlattr **attrs,
			  struct netlink_ext_ack *extack)
{
	struct hg_endpoint ep;

	hg_request_endpoint(&ep, cfg->af, &cfg->addr, cfg->port);
	NL_SET_ERR_MSG_ATTR_FMT(extack, attrs[HEADGATE_A_SERVER],
				"no server %pISpc in this service", &ep);
}
