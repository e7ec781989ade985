// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: from netlink attributes to plain structs.
 *
 * Types, sizes and plain ranges were checked by the policies in netlink.c, of
 * nested attributes too, so nests are parsed here without one.  Here is what a
 * policy cannot say, each refusal with a text for the admin; what depends on the
 * present state is left to service.c and server.c.
 *
 * A text has 79 bytes.
 */
#include <linux/ctype.h>
#include <linux/inet.h>
#include <net/ipv6.h>

#include "compat.h"
#include "request.h"
#include "sched.h"

int hg_request_missing(const struct nlattr *nest, int type, const char *what,
		       struct netlink_ext_ack *extack)
{
	NL_SET_ERR_ATTR_MISS(extack, nest, type);
	NL_SET_ERR_MSG_ATTR_FMT(extack, nest, "missing: %s", what);
	return -EINVAL;
}

/* Parses a nest of the top level, which has to be there. */
int hg_request_nest(struct nlattr **attrs, int type, const char *what,
		    struct nlattr **tb, int max, struct netlink_ext_ack *extack)
{
	if (!attrs[type])
		return hg_request_missing(NULL, type, what, extack);
	return nla_parse_nested(tb, max, attrs[type], NULL, extack);
}

/* A string that ends where the attribute ends. */
static int check_end(const struct nlattr *attr, const char *what,
		     struct netlink_ext_ack *extack)
{
	if (strlen(nla_data(attr)) + 1 != nla_len(attr)) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
					"%s goes on after its NUL", what);
		return -EINVAL;
	}
	return 0;
}

int hg_request_family(const struct nlattr *attr, u8 *af,
		      struct netlink_ext_ack *extack)
{
	*af = nla_get_u8(attr);
	if (*af == AF_INET || *af == AF_INET6)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
				"family %u is neither IPv4 (%u) nor IPv6 (%u)",
				*af, AF_INET, AF_INET6);
	return -EINVAL;
}

/* What keeps an address from being one host's, or NULL. */
static const char *ipv4_fault(__be32 addr)
{
	if (ipv4_is_zeronet(addr))
		return "an unspecified";
	if (ipv4_is_loopback(addr))
		return "a loopback";
	if (ipv4_is_multicast(addr))
		return "a multicast";
	if (ipv4_is_lbcast(addr))
		return "the broadcast";
	return NULL;
}

static const char *ipv6_fault(const struct in6_addr *addr)
{
	if (ipv6_addr_any(addr))
		return "an unspecified";
	if (ipv6_addr_loopback(addr))
		return "a loopback";
	if (ipv6_addr_is_multicast(addr))
		return "a multicast";
	if (ipv6_addr_v4mapped(addr))
		return "an IPv4-mapped";
	if (ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL)
		return "a link-local";	/* which says nothing without its link */
	return NULL;
}

int hg_request_address(const struct nlattr *attr, u8 af, union nf_inet_addr *addr,
		       const char *whose, struct netlink_ext_ack *extack)
{
	int want = af == AF_INET ? sizeof(addr->in) : sizeof(addr->in6);

	if (nla_len(attr) != want) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
					"address of the %s: IPv%c has %d bytes, not %d",
					whose, af == AF_INET ? '4' : '6', want,
					nla_len(attr));
		return -EINVAL;
	}

	memset(addr, 0, sizeof(*addr));
	memcpy(addr, nla_data(attr), want);
	return 0;
}

/* One host's.  @whose: "VIP" or "server". */
int hg_request_unicast(const struct nlattr *attr, u8 af, union nf_inet_addr *addr,
		       const char *whose, struct netlink_ext_ack *extack)
{
	struct hg_endpoint ep;
	const char *fault;
	int err;

	err = hg_request_address(attr, af, addr, whose, extack);
	if (err)
		return err;
	hg_request_endpoint(&ep, af, addr, 0);
	/* Nothing of that family may be asked for then: its tables do not exist. */
	if (af == AF_INET6 && !ipv6_mod_enabled()) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
					"%s %pISc: this kernel runs without IPv6 (ipv6.disable=1)",
					whose, &ep);
		return -EAFNOSUPPORT;
	}
	fault = af == AF_INET ? ipv4_fault(addr->ip) : ipv6_fault(&addr->in6);
	if (!fault)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr, "%s %pISc is %s address", whose, &ep,
				fault);
	return -EINVAL;
}

int hg_request_protocol(const struct nlattr *attr, u8 *proto,
			struct netlink_ext_ack *extack)
{
	*proto = nla_get_u8(attr);
	if (*proto == IPPROTO_TCP || *proto == IPPROTO_UDP)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
				"protocol %u is neither TCP (%u) nor UDP (%u)",
				*proto, IPPROTO_TCP, IPPROTO_UDP);
	return -EINVAL;
}

static const struct {
	int		type;
	const char	*what;
} service_key_parts[] = {
	{ HEADGATE_A_SERVICE_FAMILY,	"the service's family" },
	{ HEADGATE_A_SERVICE_PROTOCOL,	"the service's protocol" },
	{ HEADGATE_A_SERVICE_ADDRESS,	"the service's address" },
	{ HEADGATE_A_SERVICE_PORT,	"the service's port" },
};

static int get_service_key(struct nlattr **tb, const struct nlattr *nest,
			   struct hg_service_key *key,
			   struct netlink_ext_ack *extack)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(service_key_parts); i++)
		if (!tb[service_key_parts[i].type])
			return hg_request_missing(nest, service_key_parts[i].type,
					      service_key_parts[i].what, extack);

	memset(key, 0, sizeof(*key));
	err = hg_request_family(tb[HEADGATE_A_SERVICE_FAMILY], &key->af, extack);
	if (!err)
		err = hg_request_protocol(tb[HEADGATE_A_SERVICE_PROTOCOL], &key->proto,
					  extack);
	if (!err)
		err = hg_request_unicast(tb[HEADGATE_A_SERVICE_ADDRESS], key->af,
					 &key->addr, "VIP", extack);
	key->port = htons(nla_get_u16(tb[HEADGATE_A_SERVICE_PORT]));
	return err;
}

int hg_request_service_key(struct nlattr **attrs, struct hg_service_key *key,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[HEADGATE_A_SERVICE_MAX + 1];
	int err;

	err = hg_request_nest(attrs, HEADGATE_A_SERVICE, "the service", tb,
			      HEADGATE_A_SERVICE_MAX, extack);
	if (err)
		return err;
	return get_service_key(tb, attrs[HEADGATE_A_SERVICE], key, extack);
}

static int get_name(const struct nlattr *attr, struct hg_service_cfg *cfg,
		    struct netlink_ext_ack *extack)
{
	char shown[8];
	const char *c;
	int err;

	err = check_end(attr, "the name", extack);
	if (err)
		return err;

	cfg->name = nla_data(attr);
	for (c = cfg->name; *c; c++) {
		if (isascii(*c) && (isalnum(*c) || strchr("._-", *c)))
			continue;
		snprintf(shown, sizeof(shown),
			 isascii(*c) && isprint(*c) ? "\"%c\"" : "0x%02x", (u8)*c);
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
					"%s in a name: A-Z a-z 0-9 . _ - are allowed",
					shown);
		return -EINVAL;
	}
	cfg->has |= HG_SERVICE_HAS_NAME;
	return 0;
}

/* Lists those there are, as far as they fit. */
static void list_schedulers(char *buf, size_t size)
{
	const struct hg_sched *sched;
	size_t len = 0;
	unsigned int i;

	buf[0] = '\0';
	for (i = 0; (sched = hg_sched_nth(i)); i++) {
		if (len + strlen(sched->name) + 2 > size)
			return;
		len += scnprintf(buf + len, size - len, " %s", sched->name);
	}
}

static int get_scheduler(const struct nlattr *attr, struct hg_service_cfg *cfg,
			 struct netlink_ext_ack *extack)
{
	const char *name = nla_data(attr);
	char known[40];
	int err;

	err = check_end(attr, "the scheduler's name", extack);
	if (err)
		return err;
	if (!name[0]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the scheduler's name is empty");
		return -EINVAL;
	}

	cfg->sched = hg_sched_find(name);
	if (!cfg->sched) {
		list_schedulers(known, sizeof(known));
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
					"no scheduler \"%.15s\"; there are:%s",
					name, known);
		return -ENOENT;
	}
	cfg->has |= HG_SERVICE_HAS_SCHED;
	return 0;
}

/* A service's own may be 0, and the policies' range therefore begins there. */
static int check_timeout(const struct nlattr *attr, const char *zero,
			 struct netlink_ext_ack *extack)
{
	u32 ms = nla_get_u32(attr);

	if (!ms || ms >= HEADGATE_TIMEOUT_MIN)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr, "a timeout of %u ms: %u is the least, 0 %s", ms,
				HEADGATE_TIMEOUT_MIN, zero);
	return -ERANGE;
}

/* Those that a nest names, in jiffies.  The policies see to the bounds, but for what a
 * service's own may be: 0 too, which gives one back to the namespace.
 */
static int get_timeouts(const struct nlattr *nest, u32 *timeouts, u32 *mask,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[HEADGATE_A_TIMEOUT_MAX + 1];
	int err, i;

	err = nla_parse_nested(tb, HEADGATE_A_TIMEOUT_MAX, nest, NULL, extack);
	if (err)
		return err;
	for (i = 1; i <= HEADGATE_A_TIMEOUT_MAX; i++) {
		if (!tb[i])
			continue;
		err = check_timeout(tb[i], "the namespace's", extack);
		if (err)
			return err;
		timeouts[i] = msecs_to_jiffies(nla_get_u32(tb[i]));
		*mask |= BIT(i);
	}
	return 0;
}

static int get_affinity_prefix(const struct nlattr *attr, struct hg_service_cfg *cfg,
			       struct netlink_ext_ack *extack)
{
	u8 prefix = nla_get_u8(attr);

	if (cfg->key.af == AF_INET && prefix > 32) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr, "prefix /%u: IPv4 has 32 bits", prefix);
		return -EINVAL;
	}
	cfg->affinity.prefix = prefix;
	cfg->has |= HG_SERVICE_HAS_AFFINITY_PREFIX;
	return 0;
}

static int get_affinity(const struct nlattr *nest, struct hg_service_cfg *cfg,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[HEADGATE_A_AFFINITY_CONF_MAX + 1], *attr;
	int err;

	err = nla_parse_nested(tb, HEADGATE_A_AFFINITY_CONF_MAX, nest, NULL, extack);
	if (err)
		return err;
	attr = tb[HEADGATE_A_AFFINITY_CONF_TIMEOUT];
	if (attr) {
		err = check_timeout(attr, "none", extack);
		if (err)
			return err;
		cfg->affinity.timeout = msecs_to_jiffies(nla_get_u32(attr));
		cfg->has |= HG_SERVICE_HAS_AFFINITY_TIMEOUT;
	}
	attr = tb[HEADGATE_A_AFFINITY_CONF_DRAINED];
	if (attr) {
		cfg->affinity.drained = nla_get_u8(attr);
		cfg->has |= HG_SERVICE_HAS_AFFINITY_DRAINED;
	}
	attr = tb[HEADGATE_A_AFFINITY_CONF_PREFIX];
	return attr ? get_affinity_prefix(attr, cfg, extack) : 0;
}

int hg_request_service(struct nlattr **attrs, u32 needs,
		       struct nlattr *tb[HEADGATE_A_SERVICE_MAX + 1],
		       struct hg_service_cfg *cfg, struct netlink_ext_ack *extack)
{
	struct nla_bitfield32 bits;
	int err;

	err = hg_request_nest(attrs, HEADGATE_A_SERVICE, "the service", tb,
			      HEADGATE_A_SERVICE_MAX, extack);
	if (err)
		return err;

	memset(cfg, 0, sizeof(*cfg));
	cfg->tb = tb;
	err = get_service_key(tb, attrs[HEADGATE_A_SERVICE], &cfg->key, extack);
	if (!err && tb[HEADGATE_A_SERVICE_NAME])
		err = get_name(tb[HEADGATE_A_SERVICE_NAME], cfg, extack);
	if (!err && tb[HEADGATE_A_SERVICE_SCHEDULER])
		err = get_scheduler(tb[HEADGATE_A_SERVICE_SCHEDULER], cfg, extack);
	if (err)
		return err;

	if (tb[HEADGATE_A_SERVICE_FLAGS]) {
		bits = nla_get_bitfield32(tb[HEADGATE_A_SERVICE_FLAGS]);
		cfg->flags = bits.value;
		cfg->flags_mask = bits.selector;
		cfg->has |= HG_SERVICE_HAS_FLAGS;
	}
	if (tb[HEADGATE_A_SERVICE_ON_DOWN]) {
		cfg->on_down = nla_get_u8(tb[HEADGATE_A_SERVICE_ON_DOWN]);
		cfg->has |= HG_SERVICE_HAS_ON_DOWN;
	}
	if (tb[HEADGATE_A_SERVICE_SLOW_START]) {
		cfg->slow_start =
			msecs_to_jiffies(nla_get_u32(tb[HEADGATE_A_SERVICE_SLOW_START]));
		cfg->has |= HG_SERVICE_HAS_SLOW_START;
	}
	if (tb[HEADGATE_A_SERVICE_TIMEOUTS]) {
		err = get_timeouts(tb[HEADGATE_A_SERVICE_TIMEOUTS], cfg->timeouts,
				   &cfg->timeouts_mask, extack);
		if (err)
			return err;
	}
	if (tb[HEADGATE_A_SERVICE_AFFINITY]) {
		err = get_affinity(tb[HEADGATE_A_SERVICE_AFFINITY], cfg, extack);
		if (err)
			return err;
	}
	if (needs & ~cfg->has & HG_SERVICE_HAS_SCHED)
		return hg_request_missing(attrs[HEADGATE_A_SERVICE],
				      HEADGATE_A_SERVICE_SCHEDULER,
				      "the service's scheduler", extack);
	return 0;
}

int hg_request_settings(struct nlattr **attrs,
			struct nlattr *tb[HEADGATE_A_SETTINGS_MAX + 1],
			struct hg_settings_cfg *cfg, struct netlink_ext_ack *extack)
{
	u32 timeouts = 0;
	int err;

	err = hg_request_nest(attrs, HEADGATE_A_SETTINGS, "the settings", tb,
			      HEADGATE_A_SETTINGS_MAX, extack);
	if (err)
		return err;

	memset(cfg, 0, sizeof(*cfg));
	cfg->tb = tb;
	if (tb[HEADGATE_A_SETTINGS_CONN_LIMIT]) {
		cfg->conn_limit = nla_get_u32(tb[HEADGATE_A_SETTINGS_CONN_LIMIT]);
		cfg->has |= HG_SETTINGS_HAS_CONN_LIMIT;
	}
	if (tb[HEADGATE_A_SETTINGS_AFFINITY_LIMIT]) {
		cfg->affinity_limit = nla_get_u32(tb[HEADGATE_A_SETTINGS_AFFINITY_LIMIT]);
		cfg->has |= HG_SETTINGS_HAS_AFFINITY_LIMIT;
	}
	if (tb[HEADGATE_A_SETTINGS_CHECK_MARK_FIRST]) {
		cfg->check_first =
			nla_get_u32(tb[HEADGATE_A_SETTINGS_CHECK_MARK_FIRST]);
		cfg->has |= HG_SETTINGS_HAS_CHECK_FIRST;
	}
	if (tb[HEADGATE_A_SETTINGS_CHECK_MARK_LAST]) {
		cfg->check_last =
			nla_get_u32(tb[HEADGATE_A_SETTINGS_CHECK_MARK_LAST]);
		cfg->has |= HG_SETTINGS_HAS_CHECK_LAST;
	}
	if (tb[HEADGATE_A_SETTINGS_TIMEOUTS])
		err = get_timeouts(tb[HEADGATE_A_SETTINGS_TIMEOUTS], cfg->timeouts,
				   &timeouts, extack);
	if (timeouts)
		cfg->has |= HG_SETTINGS_HAS_TIMEOUTS;
	return err;
}

int hg_request_transaction(struct nlattr **attrs,
			   struct nlattr *tb[HEADGATE_A_TRANSACTION_MAX + 1],
			   struct hg_terms *terms, struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[HEADGATE_A_TRANSACTION];
	int err;

	err = hg_request_nest(attrs, HEADGATE_A_TRANSACTION, "the transaction", tb,
			      HEADGATE_A_TRANSACTION_MAX, extack);
	if (err)
		return err;
	if (!tb[HEADGATE_A_TRANSACTION_GENERATION])
		return hg_request_missing(nest, HEADGATE_A_TRANSACTION_GENERATION,
				      "the generation it is based on", extack);
	if (!tb[HEADGATE_A_TRANSACTION_MESSAGES])
		return hg_request_missing(nest, HEADGATE_A_TRANSACTION_MESSAGES,
				      "the number of its messages", extack);
	terms->tb = tb;
	terms->gen = nla_get_u32(tb[HEADGATE_A_TRANSACTION_GENERATION]);
	terms->messages = nla_get_u32(tb[HEADGATE_A_TRANSACTION_MESSAGES]);
	return 0;
}

void hg_request_explain(int err, struct netlink_ext_ack *extack)
{
	if (!err || !extack || extack->_msg)
		return;
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "the kernel has no memory for it");
	else
		NL_SET_ERR_MSG_FMT(extack, "the kernel refused it with error %d", -err);
}

void hg_request_no_service(const struct hg_service_key *key, struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	struct hg_endpoint ep;

	hg_request_endpoint(&ep, key->af, &key->addr, key->port);
	NL_SET_ERR_MSG_ATTR_FMT(extack, attrs[HEADGATE_A_SERVICE],
				"no service %s://%pISpc",
				key->proto == IPPROTO_TCP ? "tcp" : "udp", &ep);
}

void hg_request_endpoint(struct hg_endpoint *ep, u8 af,
			 const union nf_inet_addr *addr, __be16 port)
{
	memset(ep, 0, sizeof(*ep));
	if (af == AF_INET) {
		ep->in.sin_family = AF_INET;
		ep->in.sin_addr = addr->in;
		ep->in.sin_port = port;
	} else {
		ep->in6.sin6_family = AF_INET6;
		ep->in6.sin6_addr = addr->in6;
		ep->in6.sin6_port = port;
	}
}
