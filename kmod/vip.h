/* SPDX-License-Identifier: GPL-2.0 */
/* The IPv6 addresses that services listen at. */
#ifndef _HG_VIP_H
#define _HG_VIP_H

#include <linux/types.h>

struct hg_net;
struct hg_service_key;
struct in6_addr;

int hg_vip_net_init(struct hg_net *ns);
void hg_vip_net_uninit(struct hg_net *ns);

/* A service enters and leaves; under ns->lock.  One of IPv4 is passed over. */
int hg_vip_enter(struct hg_net *ns, const struct hg_service_key *key);
void hg_vip_leave(struct hg_net *ns, const struct hg_service_key *key);

/* Does any service listen there?  Under RCU. */
bool hg_vip_is(struct hg_net *ns, const struct in6_addr *addr);

#endif /* _HG_VIP_H */
