/* SPDX-License-Identifier: GPL-2.0 */
/* The addresses that services listen at. */
#ifndef _HG_VIP_H
#define _HG_VIP_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct hg_net;

int hg_vip_net_init(struct hg_net *ns);
void hg_vip_net_uninit(struct hg_net *ns);

/* A service of that address enters and leaves; under ns->lock. */
int hg_vip_enter(struct hg_net *ns, u8 af, const union nf_inet_addr *addr);
void hg_vip_leave(struct hg_net *ns, u8 af, const union nf_inet_addr *addr);

/* Does any service listen there?  Under RCU. */
bool hg_vip_is(struct hg_net *ns, u8 af, const union nf_inet_addr *addr);

#endif /* _HG_VIP_H */
