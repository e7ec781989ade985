// SPDX-License-Identifier: GPL-2.0
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "net.h"
#include "route.h"
#include "server.h"
#include "service.h"
#include "vip.h"

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

/* The first address of the device that no service listens at. */
static bool other_saddr6(struct hg_net *ns, struct inet6_dev *idev, struct in6_addr *saddr)
{
	struct inet6_ifaddr *ifa;
	bool found = false;

	read_lock_bh(&idev->lock);
	list_for_each_entry(ifa, &idev->addr_list, if_list) {
		if (ifa->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) ||
		    ifa->scope & IFA_LINK || hg_vip_is(ns, &ifa->addr))
			continue;
		*saddr = ifa->addr;
		found = true;
		break;
	}
	read_unlock_bh(&idev->lock);
	return found;
}

static bool is_own_vip6(const struct hg_server *server, const struct in6_addr *addr)
{
	const struct hg_service *svc = rcu_dereference(server->service);

	return svc && svc->key.af == AF_INET6 && ipv6_addr_equal(addr, &svc->key.addr.in6);
}

/* Source of a tunnel's outer header.  No VIP, though source address selection (RFC 6724)
 * likes to take one: the server is likely to have it too, and drops a packet from it.
 * Another service's has to do where there is nothing else.
 */
static bool tunnel_saddr6(struct hg_net *ns, const struct hg_server *server,
			  struct inet6_dev *idev, struct in6_addr *saddr)
{
	if (ipv6_dev_get_saddr(ns->net, idev->dev, &server->addr.in6, 0, saddr))
		return false;
	return !hg_vip_is(ns, saddr) || other_saddr6(ns, idev, saddr) ||
	       !is_own_vip6(server, saddr);
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
	if (server->mode == HEADGATE_MODE_TUNNEL &&
	    !tunnel_saddr6(ns, server, ip6_dst_idev(dst), &route->saddr.in6))
		goto put;
	return dst;

put:
	dst_release(dst);
	return NULL;
}

static void free_route_rcu(struct rcu_head *head)
{
	struct hg_route *route = container_of(head, struct hg_route, rcu);

	dst_release(route->dst);
	kfree(route);
}

/* Under ns->routes_lock. */
static void replace(struct hg_server *server, struct hg_route *route)
{
	struct hg_route *old = rcu_replace_pointer(server->route, route,
		lockdep_is_held(&server->ns->routes_lock));

	if (old)
		call_rcu(&old->rcu, free_route_rcu);
}

/* Keeps a route with its server, where nothing that is going would wait for it. */
static bool keep(struct hg_net *ns, struct hg_server *server, struct hg_route *route)
{
	bool ok;

	spin_lock_bh(&ns->routes_lock);
	ok = !server->no_route &&
	     READ_ONCE(route->dst->dev->reg_state) == NETREG_REGISTERED;
	if (ok) {
		replace(server, route);
		if (list_empty(&server->routes))
			list_add(&server->routes, &ns->routes);
	}
	spin_unlock_bh(&ns->routes_lock);
	return ok;
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
	/* For this packet in any case: the caller's RCU section keeps it. */
	if (!keep(ns, server, route))
		call_rcu(&route->rcu, free_route_rcu);
	return route;
}

struct hg_route *hg_route_get(struct hg_net *ns, struct hg_server *server)
{
	struct hg_route *route = rcu_dereference(server->route);

	if (likely(route && dst_check(route->dst, route->cookie)))
		return route;
	return resolve(ns, server);
}

static void drop_locked(struct hg_server *server)
{
	list_del_init(&server->routes);
	replace(server, NULL);
}

void hg_route_drop(struct hg_server *server)
{
	struct hg_net *ns = server->ns;

	spin_lock_bh(&ns->routes_lock);
	server->no_route = true;
	drop_locked(server);
	spin_unlock_bh(&ns->routes_lock);
}

static int device_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct hg_net *ns = hg_net(dev_net(dev));
	struct hg_server *server, *next;

	/* A namespace that could not be set up loses its devices without having us. */
	if ((event != NETDEV_DOWN && event != NETDEV_UNREGISTER) || !ns)
		return NOTIFY_DONE;
	spin_lock_bh(&ns->routes_lock);
	list_for_each_entry_safe(server, next, &ns->routes, routes)
		drop_locked(server);
	spin_unlock_bh(&ns->routes_lock);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

int hg_route_init(void)
{
	return register_netdevice_notifier(&device_notifier);
}

void hg_route_uninit(void)
{
	unregister_netdevice_notifier(&device_notifier);
}

void hg_route_net_init(struct hg_net *ns)
{
	spin_lock_init(&ns->routes_lock);
	INIT_LIST_HEAD(&ns->routes);
}
