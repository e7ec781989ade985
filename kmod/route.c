// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "net.h"
#include "route.h"
#include "server.h"

/* Direct: the neighbour to ask for is the server, not the packet's destination,
 * which is the VIP.
 */
static u8 flow_flags(const struct hg_server *server)
{
	return server->mode == HEADGATE_MODE_DIRECT ? FLOWI_FLAG_KNOWN_NH : 0;
}

static struct dst_entry *lookup4(struct hg_net *ns, const struct hg_server *server,
				 struct hg_route *route)
{
	struct flowi4 fl4 = {
		.daddr = server->addr.ip,
		.flowi4_flags = flow_flags(server),
	};
	struct rtable *rt = ip_route_output_key(ns->net, &fl4);

	if (IS_ERR(rt))
		return NULL;
	if (rt->rt_type != RTN_UNICAST && rt->rt_type != RTN_LOCAL) {
		ip_rt_put(rt);
		return NULL;
	}
	route->local = rt->rt_type == RTN_LOCAL;
	route->gateway = rt->rt_uses_gateway;
	route->saddr.ip = fl4.saddr;
	return &rt->dst;
}

static struct dst_entry *lookup6(struct hg_net *ns, const struct hg_server *server,
				 struct hg_route *route)
{
	struct flowi6 fl6 = {
		.daddr = server->addr.in6,
		.flowi6_flags = flow_flags(server),
	};
	struct dst_entry *dst = ip6_route_output(ns->net, NULL, &fl6);
	struct rt6_info *rt = container_of(dst, struct rt6_info, dst);

	if (dst->error)
		goto put;
	route->local = rt->rt6i_flags & RTF_LOCAL;
	route->gateway = rt->rt6i_flags & RTF_GATEWAY;
	route->cookie = rt6_get_cookie(rt);
	if (ipv6_dev_get_saddr(ns->net, ip6_dst_idev(dst)->dev, &fl6.daddr, 0,
			       &route->saddr.in6) &&
	    server->mode == HEADGATE_MODE_TUNNEL)
		goto put;
	return dst;

put:
	dst_release(dst);
	return NULL;
}

static void free_route(struct hg_route *route)
{
	dst_release(route->dst);
	kfree(route);
}

static void free_route_rcu(struct rcu_head *head)
{
	free_route(container_of(head, struct hg_route, rcu));
}

static void replace(struct hg_server *server, struct hg_route *route)
{
	struct hg_route *old;

	old = unrcu_pointer(xchg(&server->route, RCU_INITIALIZER(route)));
	if (old)
		call_rcu(&old->rcu, free_route_rcu);
}

static struct hg_route *resolve(struct hg_net *ns, struct hg_server *server)
{
	struct hg_route *route = kzalloc(sizeof(*route), GFP_ATOMIC);

	if (!route)
		return NULL;
	if (server->af == AF_INET)
		route->dst = lookup4(ns, server, route);
	else
		route->dst = lookup6(ns, server, route);
	if (!route->dst) {
		kfree(route);
		return NULL;
	}
	/* The caller's RCU section keeps it, should another CPU replace it at once. */
	replace(server, route);
	return route;
}

struct hg_route *hg_route_get(struct hg_net *ns, struct hg_server *server)
{
	struct hg_route *route = rcu_dereference(server->route);

	if (likely(route && dst_check(route->dst, route->cookie)))
		return route;
	return resolve(ns, server);
}

void hg_route_drop(struct hg_server *server)
{
	replace(server, NULL);
}

void hg_route_free(struct hg_server *server)
{
	struct hg_route *route = rcu_dereference_protected(server->route, 1);

	if (route)
		free_route(route);
}
