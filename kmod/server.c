// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "compat.h"
#include "counters.h"
#include "endpoint.h"
#include "net.h"
#include "pool.h"
#include "server.h"
#include "service.h"

u32 hg_server_weight(const struct hg_server_conf *conf, u32 ramp)
{
	u64 w = (u64)conf->weight << 8;

	if (conf->admin_state != HEADGATE_ADMIN_READY || conf->down)
		return 0;
	if (!w || !conf->factor || !ramp)
		return 0;
	w = div_u64(w * conf->factor * ramp, HEADGATE_FACTOR_MAX * HG_RAMP_FULL);
	return max_t(u32, w, 1);
}

bool hg_server_takes_conns(const struct hg_server_conf *conf)
{
	return hg_server_weight(conf, HG_RAMP_FULL);
}

u32 hg_server_effective(const struct hg_server *server)
{
	return READ_ONCE(server->overloaded) ? 0 : hg_server_weight(&server->conf, server->ramp);
}

/* Each step moves some clients of others. */
#define LAYOUT_STEPS	8

u32 hg_server_layout(const struct hg_server_conf *conf, u32 ramp)
{
	return conf->layout *
	       DIV_ROUND_UP(conf->layout_factor * LAYOUT_STEPS, HEADGATE_FACTOR_MAX) *
	       DIV_ROUND_UP(ramp * LAYOUT_STEPS, HG_RAMP_FULL);
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

struct hg_server *hg_server_find(struct hg_service *svc, u8 af,
				 const union nf_inet_addr *addr, __be16 port)
{
	struct hg_pool *pool = hg_service_pool(svc);
	u32 i = hg_pool_find(pool, af, addr, port);

	return i < pool->n ? pool->slots[i].server : NULL;
}

static bool is_own_address(struct hg_net *ns, u8 af, const union nf_inet_addr *addr)
{
	if (af == AF_INET)
		return inet_addr_type(ns->net, addr->ip) == RTN_LOCAL;
	return ipv6_chk_addr(ns->net, &addr->in6, NULL, 0);
}

int hg_server_check(const struct hg_service_key *svc, const struct hg_server *server,
		    struct nlattr **tb, struct netlink_ext_ack *extack)
{
	bool own = is_own_address(server->ns, server->af, &server->addr);
	u8 mode = server->mode;

	if (server->af != svc->af && mode != HEADGATE_MODE_TUNNEL) {
		NL_SET_ERR_MSG_ATTR(extack, tb[HEADGATE_A_SERVER_ADDRESS],
				    "family differs from the service's: only mode tunnel can do that");
		return -EINVAL;
	}
	if (server->port != svc->port && mode != HEADGATE_MODE_NAT) {
		NL_SET_ERR_MSG_ATTR(extack, tb[HEADGATE_A_SERVER_PORT],
				    "port differs from the service's: only mode nat can do that");
		return -EINVAL;
	}
	if (own && (mode == HEADGATE_MODE_DIRECT || mode == HEADGATE_MODE_TUNNEL)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[HEADGATE_A_SERVER_ADDRESS],
				    "address is the director's own: use mode local or nat");
		return -EINVAL;
	}
	if (!own && mode == HEADGATE_MODE_LOCAL) {
		NL_SET_ERR_MSG_ATTR(extack, tb[HEADGATE_A_SERVER_ADDRESS],
				    "address is not the director's own, as mode local needs");
		return -EINVAL;
	}
	return 0;
}

/* A field of a managed server: the manager's word, unless the admin has overridden it,
 * or the admin's, which overrides.  True: the field is to be what the request says.
 */
static bool takes(struct hg_server_conf *conf, const struct hg_server_cfg *cfg, u8 override)
{
	if (cfg->has & HG_SERVER_HAS_MANAGED)
		return !(conf->overrides & override);
	if (conf->managed)
		conf->overrides |= override;
	return true;
}

static void set_weight(struct hg_server_conf *conf, const struct hg_server_cfg *cfg)
{
	if (cfg->has & HG_SERVER_HAS_MANAGED)
		conf->managed_weight = cfg->weight;
	if (!takes(conf, cfg, HEADGATE_OVERRIDE_WEIGHT))
		return;
	conf->weight = cfg->weight;
	if (cfg->weight)
		conf->layout = cfg->weight;
}

static void set_factor(struct hg_server_conf *conf, u32 factor)
{
	conf->factor = factor;
	if (factor)
		conf->layout_factor = factor;
}

static void set_state(struct hg_server_conf *conf, const struct hg_server_cfg *cfg)
{
	if (cfg->has & HG_SERVER_HAS_MANAGED)
		conf->managed_state = cfg->admin_state;
	if (!takes(conf, cfg, HEADGATE_OVERRIDE_STATE))
		return;
	conf->admin_state = cfg->admin_state;
	conf->drains = cfg->has & HG_SERVER_HAS_DRAIN;
	conf->then = cfg->then;
	conf->remove = cfg->remove;
	conf->has_deadline = cfg->deadline;
	conf->deadline = jiffies + cfg->deadline;
}

void hg_server_conf_set(struct hg_server_conf *conf, const struct hg_server_cfg *cfg)
{
	if (cfg->has & HG_SERVER_HAS_MANAGED && !conf->managed) {
		conf->managed = true;
		conf->managed_weight = conf->weight;
		conf->managed_state = conf->admin_state;
	}
	if (cfg->has & HG_SERVER_HAS_WEIGHT)
		set_weight(conf, cfg);
	if (cfg->has & HG_SERVER_HAS_ADMIN_STATE)
		set_state(conf, cfg);
	if (cfg->has & HG_SERVER_HAS_DOWN)
		conf->down = (conf->down & ~cfg->down_mask) |
			     (cfg->down & cfg->down_mask);
	if (cfg->has & HG_SERVER_HAS_FACTOR)
		set_factor(conf, cfg->factor);
	if (cfg->has & HG_SERVER_HAS_UPPER)
		conf->upper = cfg->upper;
	if (cfg->has & HG_SERVER_HAS_LOWER)
		conf->lower = cfg->lower;
}

static u8 standing_of(const struct hg_server *server)
{
	const struct hg_server_conf *conf = &server->conf;

	if (conf->down || conf->admin_state == HEADGATE_ADMIN_MAINT ||
	    server->past_deadline)
		return HG_STANDING_OUT;
	return hg_server_weight(conf, HG_RAMP_FULL) ? HG_STANDING_IN :
						      HG_STANDING_DRAINED;
}

void hg_server_stand(struct hg_server *server)
{
	WRITE_ONCE(server->standing, standing_of(server));
}

void hg_server_write(struct hg_server *server, const struct hg_server_conf *conf, u32 ramp)
{
	if (!hg_server_takes_conns(&server->conf) || ramp < server->ramp)
		server->ramp_began = jiffies;
	if (!conf->drains || conf->deadline != server->conf.deadline) {
		server->drained = false;
		server->emptied = false;
		server->past_deadline = false;
	}
	server->conf = *conf;
	server->ramp = ramp;
	WRITE_ONCE(server->upper, conf->upper);
	hg_server_stand(server);
}

void hg_server_conf_reset(struct hg_server_conf *conf)
{
	if (conf->managed && conf->managed_weight)
		conf->layout = conf->managed_weight;
	if (conf->managed)
		conf->weight = conf->managed_weight;
	conf->admin_state = conf->managed ? conf->managed_state : HEADGATE_ADMIN_READY;
	conf->drains = false;
	conf->overrides = 0;
	conf->down &= ~HEADGATE_DOWN_ADMIN;
}

int hg_server_conf_check(const struct hg_server_conf *conf, struct nlattr **tb,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[HEADGATE_A_SERVER_LOWER] ?:
				    tb[HEADGATE_A_SERVER_UPPER];

	if (conf->lower <= conf->upper)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
				"the lower threshold, %u, is over the upper one, %u",
				conf->lower, conf->upper);
	return -EINVAL;
}

static const struct hg_server_conf conf_defaults = {
	.weight		= 1,
	.layout		= 1,
	.admin_state	= HEADGATE_ADMIN_READY,
	.factor		= HEADGATE_FACTOR_MAX,
	.layout_factor	= HEADGATE_FACTOR_MAX,
};

struct hg_server *hg_server_create(struct hg_service *svc,
				   const struct hg_server_cfg *cfg,
				   const struct hg_server *like,
				   const struct hg_server_conf *conf)
{
	struct hg_server *server = kzalloc(sizeof(*server), GFP_KERNEL_ACCOUNT);

	if (!server)
		return NULL;
	server->counters = hg_counters_create(&server->block);
	if (!server->counters) {
		kfree(server);
		return NULL;
	}
	server->addr = cfg->addr;
	server->port = cfg->port;
	server->af = cfg->af;
	server->mode = like ? like->mode : HEADGATE_MODE_NAT;
	server->tunnel = like ? like->tunnel : HEADGATE_TUNNEL_IPIP;
	if (cfg->has & HG_SERVER_HAS_MODE)
		server->mode = cfg->mode;
	if (cfg->has & HG_SERVER_HAS_TUNNEL)
		server->tunnel = cfg->tunnel;
	server->ns = svc->ns;
	server->conf = conf ? *conf : conf_defaults;
	hg_server_conf_set(&server->conf, cfg);
	server->upper = server->conf.upper;
	hg_server_stand(server);
	refcount_set(&server->refs, 1);
	server->ramp = HG_RAMP_FULL;
	server->check_id = HG_NO_CHECK_ID;
	INIT_LIST_HEAD(&server->watched);
	INIT_LIST_HEAD(&server->leaving);
	INIT_LIST_HEAD(&server->routes);
	atomic64_set(&server->load, HG_LOAD_REF);
	RCU_INIT_POINTER(server->service, svc);
	return server;
}

/* It has no route: it never had one, or gave it up with the last conn. */
void hg_server_free(struct hg_server *server)
{
	hg_counters_destroy(server->block, server->counters);
	kfree(server);
}

static void free_server_rcu(struct rcu_head *head)
{
	hg_server_free(container_of(head, struct hg_server, rcu));
}

void hg_server_get(struct hg_server *server)
{
	refcount_inc(&server->refs);
}

void hg_server_put(struct hg_server *server)
{
	if (refcount_dec_and_test(&server->refs))
		call_rcu(&server->rcu, free_server_rcu);
}

bool hg_server_has_clients(const struct hg_server *server)
{
	return refcount_read(&server->refs) > 1;
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
			hg_endpoint_del(server);
		}
		spin_unlock(&svc->leaving_lock);
	}
	hg_server_put(server);
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

/* The configuration lets go of it. */
static void leave(struct hg_server *server)
{
	server->ns->nservers--;
	list_del_init(&server->watched);
	hg_endpoint_hide(server);
	call_rcu(&server->rcu, put_config_rcu);
}

void hg_server_remove(struct hg_service *svc, struct hg_server *server)
{
	lockdep_assert_held(&svc->ns->lock);
	WRITE_ONCE(server->flags, server->flags | HG_SERVER_GONE);
	spin_lock_bh(&svc->leaving_lock);
	list_add(&server->leaving, &svc->leaving);
	spin_unlock_bh(&svc->leaving_lock);
	leave(server);
}

static void orphan(struct hg_server *server)
{
	WRITE_ONCE(server->flags, server->flags | HG_SERVER_ORPHAN);
	RCU_INIT_POINTER(server->service, NULL);
	hg_route_drop(server);
	hg_endpoint_del(server);
}

void hg_server_orphan(struct hg_service *svc, struct hg_server *server)
{
	lockdep_assert_held(&svc->ns->lock);
	orphan(server);
	leave(server);
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
