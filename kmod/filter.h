/* SPDX-License-Identifier: GPL-2.0 */
/* Which conns, or affinity entries, a request is about. */
#ifndef _HG_FILTER_H
#define _HG_FILTER_H

#include <net/netlink.h>

#include "uapi/headgate.h"

struct hg_affinity;
struct hg_conn;

/**
 * struct hg_filter - what a conn has to be like
 * @has: a bit for each headgate_filter_attr that was named
 * @states: headgate_conn_states
 * @age_min: ms
 * @age_max: ms
 * @af: of client and service
 * @proto: IPPROTO_*
 * @server_af: of the server
 * @prefix: bits of @client that count
 * @service: address
 * @server: address
 * @client: address
 * @service_port: port
 * @server_port: port
 * @client_port: port
 */
struct hg_filter {
	u32			has;
	u32			states;
	u32			age_min;
	u32			age_max;
	u8			af;
	u8			proto;
	u8			server_af;
	u8			prefix;
	union nf_inet_addr	service;
	union nf_inet_addr	server;
	union nf_inet_addr	client;
	__be16			service_port;
	__be16			server_port;
	__be16			client_port;
};

/* Reads the FILTER of the top level's attributes; absent, it takes every conn. */
int hg_filter_parse(struct nlattr **attrs, struct hg_filter *filter,
		    struct netlink_ext_ack *extack);

/* The same, where it has to say which or that all are meant. */
int hg_filter_parse_chosen(struct nlattr **attrs, struct hg_filter *filter,
			   struct netlink_ext_ack *extack);

/* Does it take the conn?  @filter is a struct hg_filter: for hg_kill_all(). */
bool hg_filter_match(const struct hg_conn *conn, const void *filter);

/* The same of an entry, under RCU; for hg_affinity_flush(). */
bool hg_filter_match_affinity(const struct hg_affinity *entry, const void *filter);

#endif /* _HG_FILTER_H */
