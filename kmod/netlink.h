/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family. */
#ifndef _HG_NETLINK_H
#define _HG_NETLINK_H

struct genl_family;

extern struct genl_family hg_netlink_family;

int hg_netlink_init(void);
void hg_netlink_uninit(void);

#endif /* _HG_NETLINK_H */
