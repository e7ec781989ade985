// SPDX-License-Identifier: GPL-2.0
#include <linux/math64.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "endpoint.h"
#include "net.h"
#include "pool.h"
#include "sched.h"
#include "server.h"
#include "service.h"

u32 hg_server_effective(const struct hg_server *server)
{
	u64 w = (u64)server->weight << 8;

	if (server->admin_state != HEADGATE_ADMIN_READY || server->down)
		return 0;
	if (!w || !server->factor || !server->ramp)
		return 0;
	w = div_u64(w * server->factor * server->ramp, 1000 * 1000);
	return max_t(u32, w, 1);
}

int hg_server_cmp(u8 af, const union nf_inet_addr *addr, __be16 port,
		  const struct hg_server *b)
{
	int diff;

	if (af != b->af)
		return af < b->af ? -1 : 1;
	diff = memcmp(addr, &b->addr, sizeof(*addr));
	if (diff)
		return diff;
	return (int)ntohs(port) - (int)ntohs(b->port);
}

/* Index of the first server that does not come before the key. */
static u32 lower_bound(const struct hg_pool *pool, u8 af,
		       const union nf_inet_addr *addr, __be16 port)
{
	u32 low = 0, high = pool->n;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (hg_server_cmp(af, addr, port, pool->slots[mid].server) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct hg_server *hg_server_find(struct hg_service *svc, u8 af,
				 const union nf_inet_addr *addr, __be16 port)
{
	struct hg_pool *pool = hg_service_pool(svc);
	u32 i = lower_bound(pool, af, addr, port);

	if (i == pool->n || hg_server_cmp(af, addr, port, pool->slots[i].server))
		return NULL;
	return pool->slots[i].server;
}

static bool is_own_address(struct hg_net *ns, u8 af, const union nf_inet_addr *addr)
{
	if (af == AF_INET)
		return inet_addr_type(ns->net, addr->ip) == RTN_LOCAL;
	return ipv6_chk_addr(ns->net, &addr->in6, NULL, 0);
}

/* What a mode asks of a server's address, family and port. */
static int check_mode(const struct hg_service *svc, const struct hg_server_cfg *cfg,
		      u8 mode, struct netlink_ext_ack *extack)
{
	bool own = is_own_address(svc->ns, cfg->af, &cfg->addr);

	if (cfg->af != svc->key.af && mode != HEADGATE_MODE_TUNNEL) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVER_ADDRESS],
				    "family differs from the service's: only mode tunnel can do that");
		return -EINVAL;
	}
	if (cfg->port != svc->key.port && mode != HEADGATE_MODE_NAT) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVER_PORT],
				    "port differs from the service's: only mode nat can do that");
		return -EINVAL;
	}
	if (own && (mode == HEADGATE_MODE_DIRECT || mode == HEADGATE_MODE_TUNNEL)) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVER_ADDRESS],
				    "address is the director's own: use mode local or nat");
		return -EINVAL;
	}
	if (!own && mode == HEADGATE_MODE_LOCAL) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVER_ADDRESS],
				    "address is not the director's own, as mode local needs");
		return -EINVAL;
	}
	return 0;
}

static void apply_cfg(struct hg_server *server, const struct hg_server_cfg *cfg)
{
	if (cfg->has & HG_SERVER_HAS_MODE)
		WRITE_ONCE(server->mode, cfg->mode);
	if (cfg->has & HG_SERVER_HAS_TUNNEL)
		WRITE_ONCE(server->tunnel, cfg->tunnel);
	if (cfg->has & HG_SERVER_HAS_WEIGHT) {
		server->weight = cfg->weight;
		if (cfg->weight)
			server->last_weight = cfg->weight;
	}
	if (cfg->has & HG_SERVER_HAS_ADMIN_STATE)
		server->admin_state = cfg->admin_state;
	if (cfg->has & HG_SERVER_HAS_DOWN)
		server->down = (server->down & ~cfg->down_mask) |
			       (cfg->down & cfg->down_mask);
	if (cfg->has & HG_SERVER_HAS_FACTOR)
		server->factor = cfg->factor;
}

struct hg_pool *hg_server_pool(struct hg_service *svc, const struct hg_sched *sched,
			       u32 flags, struct hg_server *add,
			       const struct hg_server *del)
{
	struct hg_pool *old = hg_service_pool(svc), *pool;
	u32 at = old->n, n = 0, i;
	struct hg_server **servers;

	if (add)
		at = lower_bound(old, add->af, &add->addr, add->port);
	servers = kvmalloc_array(old->n + 1, sizeof(*servers), GFP_KERNEL_ACCOUNT);
	if (!servers)
		return NULL;
	for (i = 0; i <= old->n; i++) {
		if (add && i == at)
			servers[n++] = add;
		if (i < old->n && old->slots[i].server != del)
			servers[n++] = old->slots[i].server;
	}
	pool = hg_pool_build(svc, sched, flags, servers, n);
	kvfree(servers);
	return pool;
}

/* The same scheduler and flags, other members. */
static struct hg_pool *pool_with(struct hg_service *svc, struct hg_server *add,
				 const struct hg_server *del)
{
	return hg_server_pool(svc, hg_service_pool(svc)->sched, svc->flags, add, del);
}

/* It has no route: it never had one, or gave it up with the last conn. */
static void free_server(struct hg_server *server)
{
	free_percpu(server->counters);
	kfree(server);
}

static struct hg_server *create(struct hg_service *svc, const struct hg_server_cfg *cfg)
{
	struct hg_server *server = kzalloc(sizeof(*server), GFP_KERNEL_ACCOUNT);

	if (!server)
		return NULL;
	server->counters = alloc_percpu_gfp(struct hg_counters, GFP_KERNEL_ACCOUNT);
	if (!server->counters) {
		kfree(server);
		return NULL;
	}
	server->addr = cfg->addr;
	server->port = cfg->port;
	server->af = cfg->af;
	server->ns = svc->ns;
	server->weight = 1;
	server->last_weight = 1;
	server->factor = HEADGATE_FACTOR_MAX;
	server->ramp = 1000;
	server->check_id = HG_NO_CHECK_ID;
	INIT_LIST_HEAD(&server->leaving);
	INIT_LIST_HEAD(&server->routes);
	atomic64_set(&server->load, HG_LOAD_REF);
	RCU_INIT_POINTER(server->service, svc);
	apply_cfg(server, cfg);
	return server;
}

static int check_add(struct hg_service *svc, const struct hg_server_cfg *cfg,
		     struct netlink_ext_ack *extack)
{
	if (hg_server_find(svc, cfg->af, &cfg->addr, cfg->port)) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVER_ADDRESS],
				    "the service has this server already");
		return -EEXIST;
	}
	if (hg_service_pool(svc)->n >= HEADGATE_POOL_MAX) {
		NL_SET_ERR_MSG(extack, "the service has 65535 servers, the most there can be");
		return -ENOSPC;
	}
	if (svc->ns->nservers >= HEADGATE_SERVERS_MAX) {
		NL_SET_ERR_MSG(extack, "the namespace has 262144 servers, the most there can be");
		return -ENOSPC;
	}
	return check_mode(svc, cfg, cfg->has & HG_SERVER_HAS_MODE ? cfg->mode :
			  HEADGATE_MODE_NAT, extack);
}

int hg_server_add(struct hg_service *svc, const struct hg_server_cfg *cfg,
		  struct netlink_ext_ack *extack)
{
	struct hg_net *ns = svc->ns;
	struct hg_server *server;
	struct hg_pool *pool;
	int err;

	lockdep_assert_held(&ns->lock);
	err = check_add(svc, cfg, extack);
	if (err)
		return err;
	server = create(svc, cfg);
	if (!server)
		return -ENOMEM;
	err = hg_endpoint_add(server);
	if (err)
		goto free;
	err = -ENOMEM;
	pool = pool_with(svc, server, NULL);
	if (!pool)
		goto leave;
	ns->nservers++;
	hg_pool_publish(svc, pool, hg_net_next_gen(ns));
	return 0;

leave:
	hg_endpoint_del(server);
	synchronize_rcu();	/* a check's packet may have looked at it */
free:
	free_server(server);
	return err;
}

static int check_set(struct hg_service *svc, struct hg_server *server, u8 mode,
		     u8 tunnel, const struct hg_server_cfg *cfg,
		     struct netlink_ext_ack *extack)
{
	if (mode == server->mode && tunnel == server->tunnel)
		return 0;
	if (hg_load_total(atomic64_read(&server->load))) {
		NL_SET_ERR_MSG_ATTR(extack, cfg->tb[HEADGATE_A_SERVER_MODE],
				    "the server has conns: drain it first, or remove and add it");
		return -EBUSY;
	}
	return check_mode(svc, cfg, mode, extack);
}

/* Schedulers whose table is laid out by weight get a new pool, the others see the
 * new weight in place.
 */
static int apply_weight(struct hg_service *svc, struct hg_server *server,
			const struct hg_server_cfg *cfg)
{
	bool layout = hg_service_pool(svc)->sched->by_weight &&
		      cfg->has & HG_SERVER_HAS_WEIGHT && cfg->weight &&
		      cfg->weight != server->last_weight;
	u32 weight = server->weight, last_weight = server->last_weight;
	struct hg_pool *pool;

	if (!layout) {
		apply_cfg(server, cfg);
		hg_pool_refresh(svc, server);
		hg_net_next_gen(svc->ns);
		return 0;
	}
	server->weight = cfg->weight;
	server->last_weight = cfg->weight;
	pool = pool_with(svc, NULL, NULL);
	if (!pool) {
		server->weight = weight;
		server->last_weight = last_weight;
		return -ENOMEM;
	}
	apply_cfg(server, cfg);
	hg_pool_publish(svc, pool, hg_net_next_gen(svc->ns));
	return 0;
}

int hg_server_set(struct hg_service *svc, struct hg_server *server,
		  const struct hg_server_cfg *cfg, struct netlink_ext_ack *extack)
{
	u8 tunnel = cfg->has & HG_SERVER_HAS_TUNNEL ? cfg->tunnel : server->tunnel;
	u8 mode = cfg->has & HG_SERVER_HAS_MODE ? cfg->mode : server->mode;
	bool was = server->mode == HEADGATE_MODE_TUNNEL;
	bool is = mode == HEADGATE_MODE_TUNNEL;
	int err;

	lockdep_assert_held(&svc->ns->lock);
	err = check_set(svc, server, mode, tunnel, cfg, extack);
	if (err)
		return err;
	if (is && !was) {
		err = hg_endpoint_add_tunnel(server);
		if (err)
			return err;
	}
	err = apply_weight(svc, server, cfg);
	if (is != was && (err ? is : was))
		hg_endpoint_del_tunnel(server);
	if (!err)
		hg_route_drop(server);	/* each mode has its own kind of route */
	return err;
}

static void free_server_rcu(struct rcu_head *head)
{
	free_server(container_of(head, struct hg_server, rcu));
}

/* The load word became 0: nobody will raise it again.  What it counted stays with
 * the service.  An orphan may outlive its namespace: it has left all of that's lists.
 */
static void last_put(struct hg_server *server)
{
	struct hg_service *svc = rcu_dereference(server->service);

	if (svc) {
		spin_lock(&svc->leaving_lock);
		if (!list_empty(&server->leaving)) {
			list_del_init(&server->leaving);
			hg_stats_add(&svc->past, server->counters);
			hg_route_drop(server);
		}
		spin_unlock(&svc->leaving_lock);
	}
	call_rcu(&server->rcu, free_server_rcu);
}

void hg_server_load_add(struct hg_server *server, s64 delta)
{
	if (!atomic64_add_return(delta, &server->load))
		last_put(server);
	else if (delta >= HG_LOAD_TOTAL || delta <= -HG_LOAD_TOTAL)
		hg_pool_load_changed(server);
}

/* No pool that a packet may read has it any more. */
static void put_config_rcu(struct rcu_head *head)
{
	struct hg_server *server = container_of(head, struct hg_server, rcu);

	rcu_read_lock();
	hg_server_load_add(server, -HG_LOAD_REF);
	rcu_read_unlock();
}

static void release(struct hg_server *server)
{
	struct hg_net *ns = server->ns;

	ns->nservers--;
	hg_endpoint_del(server);
	call_rcu(&server->rcu, put_config_rcu);
}

int hg_server_del(struct hg_service *svc, struct hg_server *server,
		  struct netlink_ext_ack *extack)
{
	struct hg_pool *pool;

	lockdep_assert_held(&svc->ns->lock);
	pool = pool_with(svc, NULL, server);
	if (!pool)
		return -ENOMEM;
	spin_lock_bh(&svc->leaving_lock);
	list_add(&server->leaving, &svc->leaving);
	spin_unlock_bh(&svc->leaving_lock);
	hg_pool_publish(svc, pool, hg_net_next_gen(svc->ns));
	release(server);
	return 0;
}

static void orphan(struct hg_server *server)
{
	WRITE_ONCE(server->flags, server->flags | HG_SERVER_ORPHAN);
	RCU_INIT_POINTER(server->service, NULL);
	hg_route_drop(server);
}

void hg_server_orphan(struct hg_service *svc, struct hg_server *server)
{
	lockdep_assert_held(&svc->ns->lock);
	orphan(server);
	release(server);
}

void hg_server_orphan_leaving(struct hg_service *svc)
{
	struct hg_server *server, *next;

	spin_lock_bh(&svc->leaving_lock);
	list_for_each_entry_safe(server, next, &svc->leaving, leaving) {
		list_del_init(&server->leaving);
		orphan(server);
	}
	spin_unlock_bh(&svc->leaving_lock);
}
