/* SPDX-License-Identifier: GPL-2.0 */
/* What goes on by itself: slow starts and drains. */
#ifndef _HG_UPKEEP_H
#define _HG_UPKEEP_H

#include <linux/types.h>

struct hg_net;
struct hg_server;
struct hg_service_conf;

void hg_upkeep_net_init(struct hg_net *ns);
void hg_upkeep_net_stop(struct hg_net *ns);

/* Looks after a server from now on, if there is something to look after.  Under
 * ns->lock.
 */
void hg_upkeep_watch(struct hg_server *server);

/* The ramp of a server that has been in service for @age jiffies. */
u32 hg_upkeep_ramp(const struct hg_service_conf *conf, unsigned long age);

/* What becomes of a server's conns from now on: HG_SERVER_RESET, HG_SERVER_RESCHEDULE or
 * 0.  Those it has end as that says, soon.  Under ns->lock.
 */
void hg_upkeep_mark(struct hg_server *server, u8 fate);

#endif /* _HG_UPKEEP_H */
