// SPDX-License-Identifier: GPL-2.0
#include <linux/inetdevice.h>
#include <linux/jiffies.h>
#include <net/ipv6.h>

#include "affinity.h"
#include "compat.h"
#include "conn.h"
#include "filter.h"
#include "request.h"
#include "server.h"
#include "service.h"

#define HAS(attr) BIT(HEADGATE_A_FILTER_##attr)

/* An address and the family that it needs to be read. */
static int get_address(struct nlattr **tb, const struct nlattr *nest, int type,
		       int family_type, u8 af, const char *whose,
		       union nf_inet_addr *addr, struct netlink_ext_ack *extack)
{
	if (!tb[type])
		return 0;
	if (!tb[family_type])
		return hg_request_missing(nest, family_type,
					  "the family of the filter's address", extack);
	return hg_request_address(tb[type], af, addr, whose, extack);
}

static int get_families(struct nlattr **tb, struct hg_filter *f,
			struct netlink_ext_ack *extack)
{
	int err = 0;

	if (tb[HEADGATE_A_FILTER_FAMILY])
		err = hg_request_family(tb[HEADGATE_A_FILTER_FAMILY], &f->af, extack);
	if (!err && tb[HEADGATE_A_FILTER_SERVER_FAMILY])
		err = hg_request_family(tb[HEADGATE_A_FILTER_SERVER_FAMILY],
					&f->server_af, extack);
	if (!err && tb[HEADGATE_A_FILTER_PROTOCOL])
		err = hg_request_protocol(tb[HEADGATE_A_FILTER_PROTOCOL], &f->proto,
					  extack);
	return err;
}

static int get_addresses(struct nlattr **tb, const struct nlattr *nest,
			 struct hg_filter *f, struct netlink_ext_ack *extack)
{
	int err;

	err = get_address(tb, nest, HEADGATE_A_FILTER_SERVICE_ADDRESS,
			  HEADGATE_A_FILTER_FAMILY, f->af, "service", &f->service,
			  extack);
	if (!err)
		err = get_address(tb, nest, HEADGATE_A_FILTER_SERVER_ADDRESS,
				  HEADGATE_A_FILTER_SERVER_FAMILY, f->server_af,
				  "server", &f->server, extack);
	if (!err)
		err = get_address(tb, nest, HEADGATE_A_FILTER_CLIENT_ADDRESS,
				  HEADGATE_A_FILTER_FAMILY, f->af, "client", &f->client,
				  extack);
	return err;
}

static __be16 get_port(const struct nlattr *attr)
{
	return attr ? htons(nla_get_u16(attr)) : 0;
}

static int get_prefix(const struct nlattr *attr, const struct nlattr *nest,
		      struct hg_filter *f, struct netlink_ext_ack *extack)
{
	u8 most = f->af == AF_INET ? 32 : 128;

	f->prefix = most;
	if (!attr)
		return 0;
	if (!(f->has & HAS(CLIENT_ADDRESS)))
		return hg_request_missing(nest, HEADGATE_A_FILTER_CLIENT_ADDRESS,
					  "the client address that the prefix is of",
					  extack);
	f->prefix = nla_get_u8(attr);
	if (f->prefix <= most)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr, "prefix /%u: IPv%c has %u bits", f->prefix,
				f->af == AF_INET ? '4' : '6', most);
	return -EINVAL;
}

static int get_rest(struct nlattr **tb, struct hg_filter *f,
		    struct netlink_ext_ack *extack)
{
	const struct nlattr *states = tb[HEADGATE_A_FILTER_STATES];
	const struct nlattr *min = tb[HEADGATE_A_FILTER_AGE_MIN];
	const struct nlattr *max = tb[HEADGATE_A_FILTER_AGE_MAX];

	f->states = states ? nla_get_u32(states) : HEADGATE_CONN_STATE_F_ALL;
	if (!f->states) {
		NL_SET_ERR_MSG_ATTR(extack, states, "no state: no conn is in none of them");
		return -EINVAL;
	}
	f->age_min = min ? nla_get_u32(min) : 0;
	f->age_max = max ? nla_get_u32(max) : U32_MAX;
	if (f->age_min > f->age_max) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, max,
					"age of at least %u ms and at most %u ms: no conn has that",
					f->age_min, f->age_max);
		return -EINVAL;
	}
	return 0;
}

int hg_filter_parse(struct nlattr **attrs, struct hg_filter *f,
		    struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[HEADGATE_A_FILTER];
	struct nlattr *tb[HEADGATE_A_FILTER_MAX + 1];
	int err, i;

	memset(f, 0, sizeof(*f));
	if (!nest)
		return 0;
	err = nla_parse_nested(tb, HEADGATE_A_FILTER_MAX, nest, NULL, extack);
	if (err)
		return err;

	for (i = 1; i <= HEADGATE_A_FILTER_MAX; i++)
		if (tb[i])
			f->has |= BIT(i);
	if (tb[HEADGATE_A_FILTER_FLAGS] && !nla_get_u32(tb[HEADGATE_A_FILTER_FLAGS]))
		f->has &= ~HAS(FLAGS);
	f->service_port = get_port(tb[HEADGATE_A_FILTER_SERVICE_PORT]);
	f->server_port = get_port(tb[HEADGATE_A_FILTER_SERVER_PORT]);
	f->client_port = get_port(tb[HEADGATE_A_FILTER_CLIENT_PORT]);
	err = get_families(tb, f, extack);
	if (!err)
		err = get_addresses(tb, nest, f, extack);
	if (!err)
		err = get_prefix(tb[HEADGATE_A_FILTER_CLIENT_PREFIX], nest, f, extack);
	if (!err)
		err = get_rest(tb, f, extack);
	return err;
}

int hg_filter_parse_chosen(struct nlattr **attrs, struct hg_filter *f,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[HEADGATE_A_FILTER];
	int err;

	if (!nest)
		return hg_request_missing(NULL, HEADGATE_A_FILTER, "the filter", extack);
	err = hg_filter_parse(attrs, f, extack);
	if (err)
		return err;
	if (f->has & HAS(FLAGS) && f->has != HAS(FLAGS)) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "a filter for all names nothing else");
		return -EINVAL;
	}
	if (!f->has) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "the filter names nothing: say which, or by its flag all");
		return -EINVAL;
	}
	return 0;
}

static bool same_addr(const union nf_inet_addr *a, const union nf_inet_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool in_prefix(const struct hg_filter *f, const union nf_inet_addr *addr,
		      u8 prefix)
{
	if (f->af == AF_INET)
		return !((addr->ip ^ f->client.ip) & inet_make_mask(prefix));
	return ipv6_prefix_equal(&addr->in6, &f->client.in6, prefix);
}

/* Client and service: @prefix bits of the client. */
static bool match_key(const struct hg_filter *f, const struct hg_key *key, u8 prefix)
{
	if (f->has & HAS(FAMILY) && key->af != f->af)
		return false;
	if (f->has & HAS(PROTOCOL) && key->proto != f->proto)
		return false;
	if (f->has & HAS(SERVICE_ADDRESS) && !same_addr(&key->dst, &f->service))
		return false;
	if (f->has & HAS(SERVICE_PORT) && key->dport != f->service_port)
		return false;
	if (f->has & HAS(CLIENT_ADDRESS) && !in_prefix(f, &key->src, prefix))
		return false;
	return !(f->has & HAS(CLIENT_PORT)) || key->sport == f->client_port;
}

static bool match_server(const struct hg_filter *f, const struct hg_server *server)
{
	if (f->has & HAS(SERVER_FAMILY) && server->af != f->server_af)
		return false;
	if (f->has & HAS(SERVER_ADDRESS) && !same_addr(&server->addr, &f->server))
		return false;
	return !(f->has & HAS(SERVER_PORT)) || server->port == f->server_port;
}

static bool match_age(const struct hg_filter *f, const struct hg_conn *conn)
{
	u64 age = jiffies64_to_msecs((u32)jiffies - conn->born);

	return age >= f->age_min && age <= f->age_max;
}

bool hg_filter_match(const struct hg_conn *conn, const void *filter)
{
	const struct hg_filter *f = filter;

	if (!match_key(f, &conn->orig.key, f->prefix) ||
	    !match_server(f, conn->server))
		return false;
	if (f->has & HAS(STATES) &&
	    !(f->states & BIT(hg_conn_kind(conn, READ_ONCE(conn->word)))))
		return false;
	return !(f->has & (HAS(AGE_MIN) | HAS(AGE_MAX))) || match_age(f, conn);
}

bool hg_filter_match_affinity(const struct hg_affinity *entry, const void *filter)
{
	const struct hg_service *svc = rcu_dereference(entry->server->service);
	const struct hg_filter *f = filter;
	struct hg_key key = { .src = entry->key.client };

	if (!svc)
		return false;
	key.dst = svc->key.addr;
	key.dport = svc->key.port;
	key.proto = svc->key.proto;
	key.af = svc->key.af;
	return match_key(f, &key, min_t(u32, f->prefix, entry->key.prefix)) &&
	       match_server(f, entry->server);
}
