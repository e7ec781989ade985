/* SPDX-License-Identifier: GPL-2.0 */
/* Answers: from structs to netlink attributes. */
#ifndef _HG_DUMP_H
#define _HG_DUMP_H

#include <linux/types.h>

union nf_inet_addr;
struct genl_info;
struct hg_affinity_conf;
struct hg_conn;
struct hg_filter;
struct hg_net;
struct hg_server;
struct hg_service;
struct hg_service_key;
struct netlink_callback;
struct rhashtable;
struct sk_buff;

/* Answer a request with one message.  Under ns->lock. */
int hg_dump_reply_info(struct genl_info *info, struct hg_net *ns);
int hg_dump_reply_generation(struct genl_info *info, struct hg_net *ns);
int hg_dump_reply_settings(struct genl_info *info, struct hg_net *ns);
int hg_dump_reply_service(struct genl_info *info, struct hg_service *svc);
int hg_dump_reply_server(struct genl_info *info, struct hg_service *svc,
			 struct hg_server *server);

/* An answer of one attribute of the top level: begun before what it counts is done, for
 * want of memory would come too late then.  NULL: no memory.
 */
struct sk_buff *hg_dump_reply_begin(struct genl_info *info, void **hdr);
int hg_dump_reply_number(struct genl_info *info, struct sk_buff *skb, void *hdr,
			 int type, u32 number);

/* Callbacks of the dumps. */
int hg_dump_services(struct sk_buff *skb, struct netlink_callback *cb);

/* @only: the one service whose servers are wanted, or NULL.  Under ns->lock. */
void hg_dump_servers_from(struct netlink_callback *cb,
			  const struct hg_service *only);
int hg_dump_servers(struct sk_buff *skb, struct netlink_callback *cb);

int hg_dump_conns_start(struct netlink_callback *cb);
int hg_dump_affinities_start(struct netlink_callback *cb);

/* A dump of a table that packets change.  @one puts what the filter takes: 0 or
 * -EMSGSIZE.  Under RCU.
 */
typedef int (*hg_dump_one_fn)(struct sk_buff *skb, struct netlink_callback *cb,
			      const struct hg_filter *filter, void *object);
int hg_dump_table_start(struct netlink_callback *cb, struct rhashtable *table,
			hg_dump_one_fn one);
int hg_dump_table(struct sk_buff *skb, struct netlink_callback *cb);
int hg_dump_table_done(struct netlink_callback *cb);

int hg_dump_counts_start(struct netlink_callback *cb);
int hg_dump_counts(struct sk_buff *skb, struct netlink_callback *cb);
int hg_dump_counts_done(struct netlink_callback *cb);

/* Begins a message of a dump; NULL: the skb is full. */
void *hg_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);

/* Ends it, or takes it back when @err, and returns that. */
int hg_dump_end(struct sk_buff *skb, struct netlink_callback *cb, void *hdr,
		int err);

/* SERVICE, and SERVICE {key} SERVER: 0 or -EMSGSIZE.  Under ns->lock. */
int hg_dump_put_service(struct sk_buff *skb, struct hg_service *svc);
int hg_dump_put_server_of(struct sk_buff *skb, const struct hg_service *svc,
			  const struct hg_server *server);
/* SERVICE {key} */
int hg_dump_put_service_key(struct sk_buff *skb, const struct hg_service_key *key);

/* CONN: 0 or -EMSGSIZE.  Under RCU. */
int hg_dump_put_conn(struct sk_buff *skb, const struct hg_conn *conn, u32 word);

/* SERVICE {AFFINITY}: 0 or -EMSGSIZE. */
int hg_dump_put_affinity_conf(struct sk_buff *skb, const struct hg_affinity_conf *conf);

/* Jiffies, as what is put: ms that fit. */
u32 hg_dump_msecs(u64 delta);

/* 4 or 16 bytes, as the family says. */
int hg_dump_put_address(struct sk_buff *skb, int type, u8 af,
			const union nf_inet_addr *addr);

#endif /* _HG_DUMP_H */
