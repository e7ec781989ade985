/* SPDX-License-Identifier: GPL-2.0 */
/* Requests: from netlink attributes to plain structs. */
#ifndef _HG_REQUEST_H
#define _HG_REQUEST_H

#include <net/netlink.h>

#include "server.h"
#include "service.h"

/* What SET_SETTINGS says; @has tells which fields it named, @tb: where. */
struct hg_settings_cfg {
	struct nlattr	**tb;
	u32	has;
	u32	conn_limit;
	u32	affinity_limit;
	u32	check_first;
	u32	check_last;
	u32	timeouts[__HEADGATE_A_TIMEOUT_MAX]; /* in jiffies; 0 = not named */
};

#define HG_SETTINGS_HAS_CONN_LIMIT	BIT(0)
#define HG_SETTINGS_HAS_CHECK_FIRST	BIT(1)
#define HG_SETTINGS_HAS_CHECK_LAST	BIT(2)
#define HG_SETTINGS_HAS_TIMEOUTS	BIT(3)
#define HG_SETTINGS_HAS_AFFINITY_LIMIT	BIT(4)

/* What COMMIT and CHECK say of the transaction; @tb: where. */
struct hg_terms {
	struct nlattr	**tb;
	u32		gen;
	u32		messages;
};

/* All of the next take the top level's attributes, which the family's policies
 * have let through, and check what can be told from them alone.  0 or a negative
 * errno with extack filled in.  What they fill in points into the request, and
 * cfg->tb is @tb.
 */
int hg_request_service_key(struct nlattr **attrs, struct hg_service_key *key,
			   struct netlink_ext_ack *extack);

/* @needs: the HG_SERVICE_HAS_* that may not be left out. */
int hg_request_service(struct nlattr **attrs, u32 needs,
		       struct nlattr *tb[HEADGATE_A_SERVICE_MAX + 1],
		       struct hg_service_cfg *cfg, struct netlink_ext_ack *extack);

/* @svc: the service's key, which a server without family or port shares. */
int hg_request_server(struct nlattr **attrs, const struct hg_service_key *svc,
		      struct nlattr *tb[HEADGATE_A_SERVER_MAX + 1],
		      struct hg_server_cfg *cfg, struct netlink_ext_ack *extack);

int hg_request_settings(struct nlattr **attrs,
			struct nlattr *tb[HEADGATE_A_SETTINGS_MAX + 1],
			struct hg_settings_cfg *cfg, struct netlink_ext_ack *extack);

/* Both of TRANSACTION's attributes, which have to be there. */
int hg_request_transaction(struct nlattr **attrs,
			   struct nlattr *tb[HEADGATE_A_TRANSACTION_MAX + 1],
			   struct hg_terms *terms, struct netlink_ext_ack *extack);

/* Parts of requests, which may be in any nest. */
int hg_request_family(const struct nlattr *attr, u8 *af,
		      struct netlink_ext_ack *extack);
int hg_request_protocol(const struct nlattr *attr, u8 *proto,
			struct netlink_ext_ack *extack);

/* Any address of the family.  @whose: for the text. */
int hg_request_address(const struct nlattr *attr, u8 af, union nf_inet_addr *addr,
		       const char *whose, struct netlink_ext_ack *extack);

/* The same, where it has to be one host's. */
int hg_request_unicast(const struct nlattr *attr, u8 af, union nf_inet_addr *addr,
		       const char *whose, struct netlink_ext_ack *extack);

/* A nest of the top level, which has to be there. */
int hg_request_nest(struct nlattr **attrs, int type, const char *what,
		    struct nlattr **tb, int max, struct netlink_ext_ack *extack);

/* Refuses a request that lacks an attribute, in @nest or (NULL) at the top level. */
int hg_request_missing(const struct nlattr *nest, int type, const char *what,
		       struct netlink_ext_ack *extack);

/* Says of a failure what nobody has said yet: that there was no memory, or that the
 * kernel around us refused.
 */
void hg_request_explain(int err, struct netlink_ext_ack *extack);

/* An address with its port, for %pISpc. */
struct hg_endpoint {
	union {
		struct sockaddr_in	in;
		struct sockaddr_in6	in6;
	};
};

/* Refuses a request for what there is not: a service, or in a service a server. */
void hg_request_no_service(const struct hg_service_key *key, struct nlattr **attrs,
			   struct netlink_ext_ack *extack);
void hg_request_no_server(const struct hg_server_cfg *cfg, struct nlattr **attrs,
			  struct netlink_ext_ack *extack);

void hg_request_endpoint(struct hg_endpoint *ep, u8 af,
			 const union nf_inet_addr *addr, __be16 port);

#endif /* _HG_REQUEST_H */
