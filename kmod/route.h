/* SPDX-License-Identifier: GPL-2.0 */
/* The way to a server: a route looked up once, kept under RCU, checked each time. */
#ifndef _HG_ROUTE_H
#define _HG_ROUTE_H

#include <linux/netfilter.h>
#include <net/dst.h>

struct hg_net;
struct hg_server;

/**
 * struct hg_route - a server's route, immutable
 * @dst: holds a reference, and by it (IPv6) one on the device
 * @cookie: what dst_check() wants to see (IPv6)
 * @local: the address is the director's own
 * @gateway: the way leads through one
 * @saddr: source address for a tunnel's outer header
 * @rcu: frees it
 *
 * A device that goes would wait for us for ever.  So all servers with a route are
 * in ns->routes, each event of a device going lets go of all routes (they are
 * found again with the next packet), and none is kept by a device that is going.
 */
struct hg_route {
	struct dst_entry	*dst;
	u32			cookie;
	bool			local;
	bool			gateway;
	union nf_inet_addr	saddr;
	struct rcu_head		rcu;
};

/* The valid route of @server, looked up again where the kept one is no longer
 * good.  Under RCU, BH off.  NULL: there is none.
 */
struct hg_route *hg_route_get(struct hg_net *ns, struct hg_server *server);

/* The server is going: lets go of the kept route, and none is kept any more.  A packet
 * that comes still has one of its own.
 */
void hg_route_drop(struct hg_server *server);

int hg_route_init(void);		/* the notifier of devices */
void hg_route_uninit(void);
void hg_route_net_init(struct hg_net *ns);

#endif /* _HG_ROUTE_H */
