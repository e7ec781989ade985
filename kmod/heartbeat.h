/* SPDX-License-Identifier: GPL-2.0 */
/* The sign of life of whoever keeps the servers' health. */
#ifndef _HG_HEARTBEAT_H
#define _HG_HEARTBEAT_H

struct genl_info;
struct hg_net;
struct sk_buff;

int hg_netlink_heartbeat(struct sk_buff *skb, struct genl_info *info);

/* Its part of INFO, under ns->lock. */
int hg_heartbeat_put(struct sk_buff *skb, const struct hg_net *ns);

#endif /* _HG_HEARTBEAT_H */
