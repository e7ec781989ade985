/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family. */
#ifndef _HG_NETLINK_H
#define _HG_NETLINK_H

struct genl_family;
struct genl_info;
struct sk_buff;

extern struct genl_family hg_netlink_family;

int hg_netlink_init(void);
void hg_netlink_uninit(void);

/* Commands that are not about the configuration: netlink_conn.c. */
int hg_netlink_kill_conn(struct sk_buff *skb, struct genl_info *info);
int hg_netlink_flush_affinity(struct sk_buff *skb, struct genl_info *info);
int hg_netlink_sweep(struct sk_buff *skb, struct genl_info *info);

#endif /* _HG_NETLINK_H */
